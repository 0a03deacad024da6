//! The memory of a device, pooled by size: what a dropped array leaves is the next one's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use vulkano::buffer::{AllocateBufferError, Buffer, BufferCreateInfo, BufferMemory, BufferUsage};
use vulkano::memory::DeviceAlignment;
use vulkano::memory::MemoryPropertyFlags;
use vulkano::memory::allocator::{
    AllocationCreateInfo, DeviceLayout, GenericMemoryAllocatorCreateInfo, MemoryAllocatorError,
    MemoryTypeFilter, StandardMemoryAllocator,
};
use vulkano::{Validated, VulkanError};

use super::connection::Connection;
use super::device::Gpu;
use super::lock;
use crate::error::{Error, ErrorKind};
use crate::exec::cpu::memory::advise;

const MEBIBYTE: u64 = 1 << 20;

/// Small buffers share allocations of this size, for drivers allow only a few thousand; larger ones than half of
/// it get their own, which trimming gives back.
const SHARED_ALLOCATION: u64 = 16 * MEBIBYTE;

/// Bytes of a device, of which a program holds a part.
pub(crate) struct Memory {
    bytes: u64,
    /// None only while it is dropped.
    block: Option<Block>,
    gpu: Arc<Gpu>,
}

impl Memory {
    pub(super) fn new(gpu: Arc<Gpu>, bytes: u64, block: Block) -> Arc<Self> {
        Arc::new(Self { bytes, block: Some(block), gpu })
    }

    /// The bytes that were asked for.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Where it begins for shaders, 0 on a device without addresses.
    pub(crate) fn address(&self) -> u64 {
        self.block.as_ref().map_or(0, |block| block.address)
    }

    /// The device that it is on.
    pub(crate) fn gpu(&self) -> &Arc<Gpu> {
        &self.gpu
    }

    pub(super) fn buffer(&self) -> &Buffer {
        match &self.block {
            Some(block) => &block.buffer,
            None => unreachable!("the block is taken by drop only"),
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Some(block) = self.block.take() {
            self.gpu.pool().give_back(block);
        }
    }
}

/// What the memory of a device is used for, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct MemoryUse {
    /// By arrays.
    pub(crate) held: u64,
    /// By nobody, and kept for the next.
    pub(crate) pooled: u64,
}

/// A buffer of one of the pool's sizes.
pub(super) struct Block {
    buffer: Arc<Buffer>,
    size: u64,
    address: u64,
}

/// Why no block was made.
pub(super) enum Refused {
    /// No memory is left.
    Exhausted,
    /// Something else, which freeing would not help.
    Failed(Error),
}

/// The blocks that nobody holds, and the count of all.
pub(super) struct Pool {
    allocator: Arc<StandardMemoryAllocator>,
    budget: u64,
    addresses: bool,
    /// Whether the device is software: its memory is the machine's, and huge pages are for the asking.
    software: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    free: BTreeMap<u64, Vec<Block>>,
    usage: MemoryUse,
}

impl Pool {
    pub(super) fn new(
        allocator: Arc<StandardMemoryAllocator>,
        budget: u64,
        addresses: bool,
        software: bool,
    ) -> Self {
        Self { allocator, budget, addresses, software, state: Mutex::default() }
    }

    pub(super) fn budget(&self) -> u64 {
        self.budget
    }

    pub(super) fn usage(&self) -> MemoryUse {
        lock(&self.state).usage
    }

    /// A free block of at least `size`, which is a size of the pool, and at most a quarter more.
    pub(super) fn take(&self, size: u64) -> Option<Block> {
        let mut state = lock(&self.state);
        let (&size, blocks) = state.free.range_mut(size..=size.saturating_add(size / 4)).next()?;
        let block = blocks.pop();
        if blocks.is_empty() {
            state.free.remove(&size);
        }
        let block = block?;
        state.usage.pooled -= block.size;
        state.usage.held += block.size;
        Some(block)
    }

    /// A new block.
    pub(super) fn create(&self, connection: &Connection, size: u64) -> std::result::Result<Block, Refused> {
        {
            let usage = &mut lock(&self.state).usage;
            if usage.held.saturating_add(usage.pooled).saturating_add(size) > self.budget {
                return Err(Refused::Exhausted);
            }
            usage.held += size;
        }
        self.new_block(connection, size).inspect_err(|_| lock(&self.state).usage.held -= size)
    }

    fn new_block(&self, connection: &Connection, size: u64) -> std::result::Result<Block, Refused> {
        let mut usage = BufferUsage::STORAGE_BUFFER | BufferUsage::TRANSFER_SRC | BufferUsage::TRANSFER_DST;
        if self.addresses {
            usage |= BufferUsage::SHADER_DEVICE_ADDRESS;
        }
        // Never the host's memory in place of the device's own: a shader would crawl instead of failing.
        let filter = MemoryTypeFilter {
            required_flags: MemoryPropertyFlags::DEVICE_LOCAL,
            ..MemoryTypeFilter::default()
        };
        let filter = match self.software {
            true => filter | MemoryTypeFilter::HOST_RANDOM_ACCESS,
            false => filter,
        };
        let buffer = new_buffer(&self.allocator, connection, usage, filter, size)?;
        if self.software
            && let BufferMemory::Normal(memory) = buffer.memory()
            && let Some(Ok(mapped)) = memory.mapped_slice(..)
        {
            // SAFETY: the block's memory, which nobody has touched; on a device that is software it is ordinary
            // memory of this process.
            unsafe { advise(mapped.as_ptr().cast(), mapped.len()) };
        }
        let address = if self.addresses {
            let address = buffer.device_address();
            address
                .map_err(|error| Refused::Failed(Error::new(ErrorKind::Internal, error.to_string())))?
                .get()
        } else {
            0
        };
        Ok(Block { buffer, size, address })
    }

    fn give_back(&self, block: Block) {
        let mut state = lock(&self.state);
        state.usage.held -= block.size;
        state.usage.pooled += block.size;
        state.free.entry(block.size).or_default().push(block);
    }

    /// Takes all free blocks out; they still count until [`freed`](Self::freed).
    pub(super) fn drain(&self) -> BTreeMap<u64, Vec<Block>> {
        std::mem::take(&mut lock(&self.state).free)
    }

    /// Frees blocks, which the device must be done with.
    pub(super) fn freed(&self, blocks: BTreeMap<u64, Vec<Block>>) {
        let bytes: u64 = blocks.values().flatten().map(|block| block.size).sum();
        drop(blocks);
        lock(&self.state).usage.pooled -= bytes;
    }

    /// Puts back what [`drain`](Self::drain) took.
    pub(super) fn refill(&self, blocks: BTreeMap<u64, Vec<Block>>) {
        let mut state = lock(&self.state);
        for (size, blocks) in blocks {
            state.free.entry(size).or_default().extend(blocks);
        }
    }
}

/// A buffer in memory of a kind.
pub(super) fn new_buffer(
    allocator: &Arc<StandardMemoryAllocator>,
    connection: &Connection,
    usage: BufferUsage,
    memory_type_filter: MemoryTypeFilter,
    size: u64,
) -> std::result::Result<Arc<Buffer>, Refused> {
    let Some(layout) = DeviceLayout::from_size_alignment(size, DeviceAlignment::MIN.as_devicesize()) else {
        return Err(Refused::Exhausted);
    };
    let info = BufferCreateInfo { usage, ..Default::default() };
    let place = AllocationCreateInfo { memory_type_filter, ..Default::default() };
    Buffer::new(allocator.clone(), info, place, layout).map_err(|error| match error {
        Validated::Error(
            AllocateBufferError::CreateBuffer(error)
            | AllocateBufferError::BindMemory(error)
            | AllocateBufferError::AllocateMemory(MemoryAllocatorError::AllocateDeviceMemory(
                Validated::Error(error),
            )),
        ) => match error {
            VulkanError::OutOfDeviceMemory | VulkanError::OutOfHostMemory | VulkanError::TooManyObjects => {
                Refused::Exhausted
            }
            other => Refused::Failed(connection.error(other, "allocating")),
        },
        // A request beyond the heap, or beyond what the driver allocates at once.
        Validated::Error(AllocateBufferError::AllocateMemory(_)) | Validated::ValidationError(_) => {
            Refused::Exhausted
        }
    })
}

/// The allocator behind a pool and its staging buffers.
pub(super) fn allocator(connection: &Connection) -> Arc<StandardMemoryAllocator> {
    let device = connection.device();
    let memory = device.physical_device().memory_properties();
    let unsuited = MemoryPropertyFlags::LAZILY_ALLOCATED
        | MemoryPropertyFlags::PROTECTED
        | MemoryPropertyFlags::DEVICE_COHERENT
        | MemoryPropertyFlags::RDMA_CAPABLE;
    let block_sizes = vec![SHARED_ALLOCATION; memory.memory_types.len()];
    let memory_type_bits = memory.memory_types.iter().enumerate().fold(0, |bits, (index, memory_type)| {
        bits | u32::from(!memory_type.property_flags.intersects(unsuited)) << index
    });
    let info = GenericMemoryAllocatorCreateInfo {
        block_sizes: &block_sizes,
        memory_type_bits,
        ..Default::default()
    };
    Arc::new(StandardMemoryAllocator::new(device.clone(), info))
}

/// The size of the pool for `bytes`: quarter steps between powers of two, from 256 bytes on, and mebibytes beyond
/// 64 of them.
pub(super) fn size_class(bytes: u64) -> u64 {
    let bytes = bytes.max(256);
    let step = if bytes > 64 * MEBIBYTE { MEBIBYTE } else { (1 << bytes.ilog2()) / 4 };
    bytes.checked_next_multiple_of(step).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_waste_little() {
        for (bytes, size) in [(0, 256), (256, 256), (257, 320), (511, 512), (1025, 1280), (1 << 20, 1 << 20)]
        {
            assert_eq!(size_class(bytes), size, "{bytes}");
        }
        let large = 100 * MEBIBYTE + 1;
        assert_eq!(size_class(large), 101 * MEBIBYTE);
        for bytes in (1..5000).chain([1 << 33, u64::MAX]) {
            let size = size_class(bytes);
            assert!(size >= bytes && size <= bytes.max(256).saturating_add(bytes / 4), "{bytes}: {size}");
            assert_eq!(size_class(size), size);
        }
    }
}
