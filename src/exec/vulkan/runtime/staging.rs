//! Buffers that both the host and the device see, through which arrays come and go.

use std::ptr::NonNull;
use std::sync::{Arc, Mutex};

use vulkano::VulkanObject;
use vulkano::buffer::{Buffer, BufferUsage, Subbuffer};
use vulkano::memory::MemoryPropertyFlags;
use vulkano::memory::allocator::{MemoryTypeFilter, StandardMemoryAllocator};

use super::connection::Connection;
use super::lock;
use super::memory::{Refused, new_buffer};
use super::queue::Queue;
use crate::error::{Error, ErrorKind, Result};

/// Buffers in turn: one that is copied, one that is filled, one to spare.
pub(super) const SLOTS: usize = 3;

/// Where bytes go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Direction {
    /// To the device.
    Up,
    /// To the host.
    Down,
}

/// The staging buffers of one direction. Nobody holds its lock while it fills, reads or waits, so a callback
/// may itself transfer.
pub(super) struct Staging {
    allocator: Arc<StandardMemoryAllocator>,
    direction: Direction,
    slot_bytes: u64,
    slots: Mutex<Vec<Slot>>,
}

/// A staging buffer.
struct Slot {
    buffer: Arc<Buffer>,
    host: NonNull<u8>,
    /// From here on the buffer is unused.
    filled: u64,
    /// The last submission that uses it.
    used_by: u64,
}

// SAFETY: the pointer is to memory that the buffer owns and keeps mapped, and a slot has one user at a time.
unsafe impl Send for Slot {}

impl Staging {
    pub(super) fn new(
        allocator: &Arc<StandardMemoryAllocator>,
        direction: Direction,
        slot_bytes: u64,
    ) -> Self {
        Self { allocator: allocator.clone(), direction, slot_bytes, slots: Mutex::default() }
    }

    /// Room for `bytes`, or for as many as a buffer has.
    pub(super) fn lease(&self, connection: &Connection, queue: &Queue, bytes: u64) -> Result<Lease<'_>> {
        let bytes = bytes.min(self.slot_bytes);
        let slot = match self.free_slot(queue, bytes)? {
            Some(slot) => slot,
            None => self.new_slot(connection)?,
        };
        let offset = slot.filled;
        Ok(Lease { staging: self, slot: Some(slot), offset, bytes })
    }

    fn free_slot(&self, queue: &Queue, bytes: u64) -> Result<Option<Slot>> {
        let oldest = {
            let mut slots = lock(&self.slots);
            let fits = |slot: &Slot| slot.filled + bytes <= self.slot_bytes;
            if let Some(at) = slots.iter().position(fits) {
                return Ok(Some(slots.swap_remove(at)));
            }
            let oldest = (0..slots.len()).min_by_key(|&at| slots[at].used_by);
            match oldest {
                Some(at) if slots.len() >= SLOTS || slots[at].used_by <= queue.done()? => {
                    Some(slots.swap_remove(at))
                }
                Some(_) | None => None,
            }
        };
        let Some(mut slot) = oldest else { return Ok(None) };
        match queue.wait(slot.used_by) {
            Ok(()) => {
                slot.filled = 0;
                Ok(Some(slot))
            }
            Err(error) => {
                lock(&self.slots).push(slot);
                Err(error)
            }
        }
    }

    fn new_slot(&self, connection: &Connection) -> Result<Slot> {
        let visible = MemoryPropertyFlags::HOST_VISIBLE | MemoryPropertyFlags::HOST_COHERENT;
        let cached = MemoryPropertyFlags::HOST_CACHED;
        // Coherent, so that nothing needs flushing; reading uncached memory would be a hundred times slower.
        let (usage, preferred_flags, not_preferred_flags) = match self.direction {
            Direction::Up => {
                (BufferUsage::TRANSFER_SRC, MemoryPropertyFlags::empty(), MemoryPropertyFlags::DEVICE_LOCAL)
            }
            Direction::Down => (BufferUsage::TRANSFER_DST, cached, MemoryPropertyFlags::DEVICE_LOCAL),
        };
        let filter = MemoryTypeFilter { required_flags: visible, preferred_flags, not_preferred_flags };
        let buffer = new_buffer(&self.allocator, connection, usage, filter, self.slot_bytes);
        let buffer = buffer.map_err(|refused| match refused {
            Refused::Exhausted => Error::new(
                ErrorKind::Limit,
                format!("no memory is left for the {} bytes that transfers go through", self.slot_bytes),
            ),
            Refused::Failed(error) => error,
        })?;
        let host = Subbuffer::new(buffer.clone()).mapped_slice().map_err(|error| {
            Error::new(ErrorKind::Device, format!("{} maps no memory: {error}", connection.name()))
        })?;
        Ok(Slot { buffer, host: host.cast(), filled: 0, used_by: 0 })
    }

    /// Gives a slot back; extra ones, which threads at once made, are freed when they are no longer used.
    fn give_back(&self, slot: Slot) {
        lock(&self.slots).push(slot);
    }

    /// Frees the buffers, which the device must be done with, above the usual number of them.
    pub(super) fn trim(&self, done: u64) {
        let mut slots = lock(&self.slots);
        let mut extra = slots.len().saturating_sub(SLOTS);
        slots.retain(|slot| {
            let free = extra > 0 && slot.used_by <= done;
            extra -= usize::from(free);
            !free
        });
    }
}

/// Part of a staging buffer in the hands of one transfer.
pub(super) struct Lease<'a> {
    staging: &'a Staging,
    /// None only while it is dropped.
    slot: Option<Slot>,
    offset: u64,
    bytes: u64,
}

impl Lease<'_> {
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    pub(super) fn handle(&self) -> ash::vk::Buffer {
        self.slot().buffer.handle()
    }

    /// The bytes, for the host to fill.
    pub(super) fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: the part is within the buffer, no submission under way uses it, and the lease is its only user.
        // All of it was written before or is fresh from the driver: bytes have no invalid values.
        unsafe { std::slice::from_raw_parts_mut(self.start(), self.bytes as usize) }
    }

    /// The bytes, for the host to read when the device is done.
    pub(super) fn as_slice(&self) -> &[u8] {
        // SAFETY: as above; the caller has waited.
        unsafe { std::slice::from_raw_parts(self.start(), self.bytes as usize) }
    }

    /// Notes that a submission uses the bytes.
    pub(super) fn used_by(&mut self, number: u64) {
        let end = self.offset + self.bytes;
        if let Some(slot) = &mut self.slot {
            slot.filled = end.next_multiple_of(16);
            slot.used_by = number;
        }
    }

    /// Notes that the host has read the bytes.
    pub(super) fn read(&mut self) {
        if let Some(slot) = &mut self.slot {
            slot.filled = self.offset;
        }
    }

    fn start(&self) -> *mut u8 {
        // SAFETY: the offset is within the buffer.
        unsafe { self.slot().host.as_ptr().add(self.offset as usize) }
    }

    fn slot(&self) -> &Slot {
        match &self.slot {
            Some(slot) => slot,
            None => unreachable!("the slot is taken by drop only"),
        }
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            self.staging.give_back(slot);
        }
    }
}
