//! Copies between the host and the device, overlapped: the host fills or reads one staging buffer while the
//! device copies another.

use std::collections::VecDeque;
use std::sync::Arc;

use ash::vk;
use vulkano::VulkanObject;

use super::device::Gpu;
use super::memory::Memory;
use super::staging::{Lease, SLOTS};
use crate::error::{Error, ErrorKind, Result};

impl Gpu {
    /// Copies `bytes` to the device. `fill` writes all of each part that it is given, which begins at an offset;
    /// parts come in order. Returns when everything is submitted: what is submitted later sees it.
    pub(crate) fn upload(
        self: &Arc<Self>,
        to: &Arc<Memory>,
        bytes: u64,
        fill: &mut dyn FnMut(u64, &mut [u8]),
    ) -> Result<()> {
        self.check_transfer(to, bytes)?;
        let mut offset = 0;
        while offset < bytes {
            let mut lease = self.uploads().lease(self.connection(), self.queue(), bytes - offset)?;
            fill(offset, lease.as_mut_slice());
            let recorder = self.queue().recorder()?;
            let region =
                vk::BufferCopy { src_offset: lease.offset(), dst_offset: offset, size: lease.bytes() };
            recorder.copy(lease.handle(), to.buffer().handle(), region);
            lease.used_by(self.queue().submit(recorder)?);
            offset += lease.bytes();
        }
        Ok(())
    }

    /// Copies `bytes` to the host, after everything submitted so far. `take` reads the parts in order, each with
    /// its offset.
    pub(crate) fn download(
        self: &Arc<Self>,
        from: &Arc<Memory>,
        bytes: u64,
        take: &mut dyn FnMut(u64, &[u8]),
    ) -> Result<()> {
        self.check_transfer(from, bytes)?;
        let mut under_way: VecDeque<(u64, Lease<'_>, u64)> = VecDeque::with_capacity(SLOTS);
        let (mut asked, mut taken) = (0, 0);
        while taken < bytes {
            while asked < bytes && under_way.len() < SLOTS {
                let (lease, number) = self.fetch(from, asked, bytes - asked)?;
                let offset = asked;
                asked += lease.bytes();
                under_way.push_back((offset, lease, number));
            }
            if let Some((offset, mut lease, number)) = under_way.pop_front() {
                self.queue().wait(number)?;
                take(offset, lease.as_slice());
                lease.read();
                taken += lease.bytes();
            }
        }
        Ok(())
    }

    fn fetch(&self, from: &Memory, offset: u64, bytes: u64) -> Result<(Lease<'_>, u64)> {
        let mut lease = self.downloads().lease(self.connection(), self.queue(), bytes)?;
        let recorder = self.queue().recorder()?;
        let region = vk::BufferCopy { src_offset: offset, dst_offset: lease.offset(), size: lease.bytes() };
        recorder.copy(from.buffer().handle(), lease.handle(), region);
        recorder.order_host();
        let number = self.queue().submit(recorder)?;
        lease.used_by(number);
        Ok((lease, number))
    }

    fn check_transfer(&self, memory: &Memory, bytes: u64) -> Result<()> {
        self.connection().alive()?;
        if !std::ptr::eq(&**memory.gpu(), self) {
            return Err(Error::new(
                ErrorKind::Internal,
                "memory belongs to another device than the transfer",
            ));
        }
        if bytes > memory.bytes() {
            let message = format!("a transfer of {bytes} bytes exceeds the {} of its memory", memory.bytes());
            return Err(Error::new(ErrorKind::Internal, message));
        }
        Ok(())
    }
}
