//! One command buffer, recorded, submitted and recorded again; with the descriptor sets that it uses.

use std::ptr;
use std::sync::Arc;

use ash::vk;

use super::capability::MOST_BINDINGS;
use super::connection::Connection;
use super::pipelines::Pipeline;
use crate::error::Result;

/// Descriptor sets of one pool: as many as small batches need.
const SETS: u32 = 32;

/// Pools that a recorder keeps when it is reused; a batch of thousands of dispatches gives the rest back.
const KEPT_POOLS: usize = 4;

/// A command buffer with a pool of its own, so that threads record without each other.
pub(super) struct Recorder {
    connection: Arc<Connection>,
    pool: vk::CommandPool,
    commands: vk::CommandBuffer,
    sets: Vec<SetPool>,
    /// Kept alive until the commands are done.
    pipelines: Vec<Arc<Pipeline>>,
}

struct SetPool {
    handle: vk::DescriptorPool,
    sets_left: u32,
    buffers_left: u32,
}

impl Recorder {
    pub(super) fn new(connection: &Arc<Connection>, family: u32) -> Result<Self> {
        let info = vk::CommandPoolCreateInfo::default()
            .flags(vk::CommandPoolCreateFlags::TRANSIENT)
            .queue_family_index(family);
        let functions = &connection.functions().v1_0;
        let device = connection.handle();
        let mut pool = vk::CommandPool::null();
        // SAFETY: the information is complete.
        let result = unsafe { (functions.create_command_pool)(device, &info, ptr::null(), &mut pool) };
        connection.check(result, "creating a command pool")?;
        let mut recorder = Self {
            connection: connection.clone(),
            pool,
            commands: vk::CommandBuffer::null(),
            sets: Vec::new(),
            pipelines: Vec::new(),
        };
        let info = vk::CommandBufferAllocateInfo::default().command_pool(pool).command_buffer_count(1);
        // SAFETY: one command buffer is asked for, and one is written.
        let result = unsafe { (functions.allocate_command_buffers)(device, &info, &mut recorder.commands) };
        connection.check(result, "creating a command buffer")?;
        Ok(recorder)
    }

    pub(super) fn commands(&self) -> vk::CommandBuffer {
        self.commands
    }

    /// Begins, after everything that was submitted before.
    pub(super) fn begin(&mut self) -> Result<()> {
        let info = vk::CommandBufferBeginInfo::default().flags(vk::CommandBufferUsageFlags::ONE_TIME_SUBMIT);
        // SAFETY: the commands are new, or were reset.
        let result = unsafe { (self.connection.functions().v1_0.begin_command_buffer)(self.commands, &info) };
        self.connection.check(result, "recording")?;
        let host = (vk::PipelineStageFlags::HOST, vk::AccessFlags::HOST_WRITE);
        self.barrier(DEVICE_STAGES | host.0, DEVICE_WRITES | host.1, DEVICE_STAGES, DEVICE_ACCESSES);
        Ok(())
    }

    pub(super) fn end(&self) -> Result<()> {
        // SAFETY: the commands are being recorded.
        let result = unsafe { (self.connection.functions().v1_0.end_command_buffer)(self.commands) };
        self.connection.check(result, "recording")
    }

    /// What follows sees what dispatches and copies before wrote.
    pub(super) fn order(&self) {
        self.barrier(DEVICE_STAGES, DEVICE_WRITES, DEVICE_STAGES, DEVICE_ACCESSES);
    }

    /// The host sees what copies before wrote, once it has waited.
    pub(super) fn order_host(&self) {
        let host = (vk::PipelineStageFlags::HOST, vk::AccessFlags::HOST_READ);
        self.barrier(vk::PipelineStageFlags::TRANSFER, vk::AccessFlags::TRANSFER_WRITE, host.0, host.1);
    }

    fn barrier(
        &self,
        from: vk::PipelineStageFlags,
        written: vk::AccessFlags,
        to: vk::PipelineStageFlags,
        accessed: vk::AccessFlags,
    ) {
        let barrier = vk::MemoryBarrier::default().src_access_mask(written).dst_access_mask(accessed);
        let none = vk::DependencyFlags::empty();
        let command = self.connection.functions().v1_0.cmd_pipeline_barrier;
        // SAFETY: one memory barrier is passed, and neither of the other kinds.
        unsafe { command(self.commands, from, to, none, 1, &barrier, 0, ptr::null(), 0, ptr::null()) };
    }

    pub(super) fn copy(&self, from: vk::Buffer, to: vk::Buffer, region: vk::BufferCopy) {
        // SAFETY: the caller keeps both buffers, and the region within them.
        unsafe { (self.connection.functions().v1_0.cmd_copy_buffer)(self.commands, from, to, 1, &region) };
    }

    /// Keeps the pipeline until the commands are done.
    pub(super) fn keep(&mut self, pipeline: &Arc<Pipeline>) {
        if !self.pipelines.iter().any(|kept| Arc::ptr_eq(kept, pipeline)) {
            self.pipelines.push(pipeline.clone());
        }
    }

    /// A new descriptor set of `buffers` storage buffers.
    pub(super) fn set(&mut self, layout: vk::DescriptorSetLayout, buffers: u32) -> Result<vk::DescriptorSet> {
        let room = |pool: &&mut SetPool| pool.sets_left > 0 && pool.buffers_left >= buffers;
        if self.sets.iter_mut().rev().find(room).is_none() {
            self.sets.push(SetPool::new(&self.connection)?);
        }
        let mut set = vk::DescriptorSet::null();
        if let Some(pool) = self.sets.iter_mut().rev().find(room) {
            let layouts = [layout];
            let info =
                vk::DescriptorSetAllocateInfo::default().descriptor_pool(pool.handle).set_layouts(&layouts);
            let allocate = self.connection.functions().v1_0.allocate_descriptor_sets;
            // SAFETY: one set is asked for, and one is written; the pool has room.
            let result = unsafe { allocate(self.connection.handle(), &info, &mut set) };
            self.connection.check(result, "allocating a descriptor set")?;
            pool.sets_left -= 1;
            pool.buffers_left -= buffers;
        }
        Ok(set)
    }

    /// Forgets what was recorded.
    ///
    /// # Safety
    ///
    /// The commands are done, or were never submitted.
    pub(super) unsafe fn reset(&mut self) -> Result<()> {
        self.pipelines.clear();
        let functions = &self.connection.functions().v1_0;
        let device = self.connection.handle();
        for pool in self.sets.drain(self.sets.len().min(KEPT_POOLS)..) {
            // SAFETY: no set of the pool is in use.
            unsafe { (functions.destroy_descriptor_pool)(device, pool.handle, ptr::null()) };
        }
        for pool in &mut self.sets {
            if pool.sets_left < SETS {
                let none = vk::DescriptorPoolResetFlags::empty();
                // SAFETY: no set of the pool is in use.
                let result = unsafe { (functions.reset_descriptor_pool)(device, pool.handle, none) };
                self.connection.check(result, "reusing descriptor sets")?;
                (pool.sets_left, pool.buffers_left) = (SETS, SETS_BUFFERS);
            }
        }
        let none = vk::CommandPoolResetFlags::empty();
        // SAFETY: the commands are not in use.
        let result = unsafe { (functions.reset_command_pool)(device, self.pool, none) };
        self.connection.check(result, "reusing a command buffer")
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let functions = &self.connection.functions().v1_0;
        let device = self.connection.handle();
        // SAFETY: recorders are dropped when their commands are done or were never submitted.
        unsafe {
            for pool in &self.sets {
                (functions.destroy_descriptor_pool)(device, pool.handle, ptr::null());
            }
            (functions.destroy_command_pool)(device, self.pool, ptr::null());
        }
    }
}

/// Storage buffers of one pool: full sets are rare, but the largest fits.
const SETS_BUFFERS: u32 = SETS * 8;
const _: () = assert!(SETS_BUFFERS >= MOST_BINDINGS);

impl SetPool {
    fn new(connection: &Connection) -> Result<Self> {
        let sizes = [vk::DescriptorPoolSize {
            ty: vk::DescriptorType::STORAGE_BUFFER,
            descriptor_count: SETS_BUFFERS,
        }];
        let info = vk::DescriptorPoolCreateInfo::default().max_sets(SETS).pool_sizes(&sizes);
        let mut handle = vk::DescriptorPool::null();
        let create = connection.functions().v1_0.create_descriptor_pool;
        // SAFETY: the information is complete.
        let result = unsafe { create(connection.handle(), &info, ptr::null(), &mut handle) };
        connection.check(result, "creating a pool of descriptor sets")?;
        Ok(Self { handle, sets_left: SETS, buffers_left: SETS_BUFFERS })
    }
}

const DEVICE_STAGES: vk::PipelineStageFlags = vk::PipelineStageFlags::from_raw(
    vk::PipelineStageFlags::COMPUTE_SHADER.as_raw() | vk::PipelineStageFlags::TRANSFER.as_raw(),
);
const DEVICE_WRITES: vk::AccessFlags = vk::AccessFlags::from_raw(
    vk::AccessFlags::SHADER_WRITE.as_raw() | vk::AccessFlags::TRANSFER_WRITE.as_raw(),
);
const DEVICE_ACCESSES: vk::AccessFlags = vk::AccessFlags::from_raw(
    DEVICE_WRITES.as_raw() | vk::AccessFlags::SHADER_READ.as_raw() | vk::AccessFlags::TRANSFER_READ.as_raw(),
);
