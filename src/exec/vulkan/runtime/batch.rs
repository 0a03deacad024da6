//! Dispatches that the device runs one after the other.

use std::ptr;
use std::sync::Arc;

use ash::vk;
use smallvec::SmallVec;
use vulkano::VulkanObject;

use super::device::Gpu;
use super::memory::Memory;
use super::pipelines::Pipeline;
use super::recorder::Recorder;
use crate::error::{Error, ErrorKind, Result};

/// Dispatches, recorded and then submitted at once. What is not submitted does not happen.
pub(crate) struct Batch {
    gpu: Arc<Gpu>,
    /// None until the first command, and after [`submit`](Self::submit).
    recorder: Option<Recorder>,
    /// Held until the batch is in the queue: what is submitted later may use the same memory again.
    memory: Vec<Arc<Memory>>,
    bound: vk::Pipeline,
}

impl Batch {
    pub(super) fn new(gpu: Arc<Gpu>) -> Self {
        Self { gpu, recorder: None, memory: Vec::new(), bound: vk::Pipeline::null() }
    }

    /// Runs `groups` workgroups of a pipeline, after what the batch holds so far. The first of `buffers` are
    /// bound; those beyond what the pipeline binds are ones it reaches by address.
    pub(crate) fn dispatch(
        &mut self,
        pipeline: &Arc<Pipeline>,
        buffers: &[&Arc<Memory>],
        push: &[u8],
        groups: u32,
    ) -> Result<()> {
        let layout = pipeline.layout();
        self.check(pipeline, buffers, push, groups)?;
        if groups == 0 {
            return Ok(());
        }
        let recorder = self.next(buffers)?;
        recorder.keep(pipeline);
        let set = match layout.buffers {
            0 => None,
            count => Some(recorder.set(pipeline.set_layout(), count)?),
        };
        let commands = recorder.commands();
        let connection = self.gpu.connection();
        let functions = &connection.functions().v1_0;
        let compute = vk::PipelineBindPoint::COMPUTE;
        // SAFETY: the commands are being recorded; the arguments were checked against the layout, and what they
        // name is kept.
        unsafe {
            if self.bound != pipeline.handle() {
                (functions.cmd_bind_pipeline)(commands, compute, pipeline.handle());
                self.bound = pipeline.handle();
            }
            if let Some(set) = set {
                write_set(&self.gpu, set, &buffers[..layout.buffers as usize]);
                let (bind, layout) = (functions.cmd_bind_descriptor_sets, pipeline.pipeline_layout());
                bind(commands, compute, layout, 0, 1, &set, 0, ptr::null());
            }
            if layout.push_bytes > 0 {
                let (stage, data) = (vk::ShaderStageFlags::COMPUTE, push.as_ptr().cast());
                let write = functions.cmd_push_constants;
                write(commands, pipeline.pipeline_layout(), stage, 0, layout.push_bytes, data);
            }
            (functions.cmd_dispatch)(commands, groups, 1, 1);
        }
        Ok(())
    }

    fn check(&self, pipeline: &Pipeline, buffers: &[&Arc<Memory>], push: &[u8], groups: u32) -> Result<()> {
        let layout = pipeline.layout();
        let abilities = self.gpu.abilities();
        let internal = |what: String| Err(Error::new(ErrorKind::Internal, what));
        if !pipeline.belongs_to(self.gpu.connection()) {
            return internal("a pipeline belongs to another device than the batch".to_owned());
        }
        if buffers.len() < layout.buffers as usize || push.len() != layout.push_bytes as usize {
            return internal(format!(
                "a pipeline of {layout:?} was given {} buffers and {} bytes",
                buffers.len(),
                push.len()
            ));
        }
        if groups > abilities.groups {
            return internal(format!("{groups} workgroups are more than {}", abilities.groups));
        }
        match buffers[..layout.buffers as usize].iter().find(|memory| memory.bytes() > abilities.range) {
            Some(memory) => {
                let (name, bytes, range) = (&self.gpu.found().name, memory.bytes(), abilities.range);
                let message = format!("{name} binds {range} bytes of an array, and one has {bytes}");
                Err(Error::new(ErrorKind::Limit, message).with_help("evaluate in smaller parts"))
            }
            None => Ok(()),
        }
    }

    /// Writes a word over the whole of `memory`, rounded up to words.
    pub(crate) fn fill(&mut self, memory: &Arc<Memory>, word: u32) -> Result<()> {
        let commands = self.next(&[memory])?.commands();
        let (buffer, bytes) = (memory.buffer().handle(), memory.bytes().next_multiple_of(4));
        // SAFETY: the commands are being recorded; the memory is kept, and has whole words.
        unsafe { (self.gpu.connection().functions().v1_0.cmd_fill_buffer)(commands, buffer, 0, bytes, word) };
        Ok(())
    }

    /// Copies the whole of `from` to `to`, which is as large.
    pub(crate) fn copy(&mut self, from: &Arc<Memory>, to: &Arc<Memory>) -> Result<()> {
        let bytes = from.bytes().min(to.bytes());
        let (source, target) = (from.buffer().handle(), to.buffer().handle());
        let commands = self.next(&[from, to])?.commands();
        let region = vk::BufferCopy { src_offset: 0, dst_offset: 0, size: bytes };
        let copy = self.gpu.connection().functions().v1_0.cmd_copy_buffer;
        // SAFETY: the commands are being recorded; both are kept, and have the bytes.
        unsafe { copy(commands, source, target, 1, &region) };
        Ok(())
    }

    /// The recorder, ready for a command that depends on all before it and uses `memory`.
    fn next(&mut self, memory: &[&Arc<Memory>]) -> Result<&mut Recorder> {
        self.gpu.connection().alive()?;
        if memory.iter().any(|memory| !Arc::ptr_eq(memory.gpu(), &self.gpu)) {
            let message = "memory belongs to another device than the batch";
            return Err(Error::new(ErrorKind::Internal, message));
        }
        self.memory.extend(memory.iter().map(|&memory| memory.clone()));
        match &mut self.recorder {
            Some(recorder) => {
                recorder.order();
                Ok(recorder)
            }
            none => Ok(none.insert(self.gpu.queue().recorder()?)),
        }
    }

    /// Hands everything to the device, and does not wait for it.
    pub(crate) fn submit(self) -> Result<()> {
        self.hand_over().map(drop)
    }

    /// Hands everything to the device, and waits until it lags behind by no more than so many batches.
    pub(crate) fn submit_behind(self, most: u64) -> Result<()> {
        let gpu = self.gpu.clone();
        match self.hand_over()? {
            Some(number) => gpu.queue().wait(number.saturating_sub(most)),
            None => Ok(()),
        }
    }

    /// The number of the submission, if there is anything to submit.
    fn hand_over(mut self) -> Result<Option<u64>> {
        match self.recorder.take() {
            Some(recorder) => self.gpu.queue().submit(recorder).map(Some),
            None => self.gpu.connection().alive().map(|()| None),
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if let Some(recorder) = self.recorder.take() {
            self.gpu.queue().give_back(recorder);
        }
    }
}

fn write_set(gpu: &Gpu, set: vk::DescriptorSet, buffers: &[&Arc<Memory>]) {
    let infos: SmallVec<[vk::DescriptorBufferInfo; 8]> = buffers
        .iter()
        .map(|memory| vk::DescriptorBufferInfo {
            buffer: memory.buffer().handle(),
            offset: 0,
            // Whole words: narrower elements are written as parts of them, and every block ends with one.
            range: memory.bytes().next_multiple_of(16).min(gpu.abilities().range.max(16)),
        })
        .collect();
    let write = vk::WriteDescriptorSet::default()
        .dst_set(set)
        .descriptor_type(vk::DescriptorType::STORAGE_BUFFER)
        .buffer_info(&infos);
    let connection = gpu.connection();
    let update = connection.functions().v1_0.update_descriptor_sets;
    // SAFETY: the set is new, and has as many bindings from 0 on, which one write goes through.
    unsafe { update(connection.handle(), 1, &write, 0, ptr::null()) };
}
