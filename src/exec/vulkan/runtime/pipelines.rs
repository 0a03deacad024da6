//! Compiled shaders, kept by their words for the process and in a file for the next.

use std::collections::HashMap;
use std::ffi::c_void;
use std::hash::{BuildHasher, RandomState};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ash::vk;

use super::cache::CacheFile;
use super::connection::Connection;
use super::lock;
use crate::error::{Error, ErrorKind, Result};

/// Pipelines beyond which those are forgotten that nobody holds.
const MOST_PIPELINES: usize = 1024;

/// How often new pipelines are written to the file, so that a process that never closes its device keeps most.
const SAVE_EVERY: Duration = Duration::from_secs(5);

const MAGIC: u32 = 0x0723_0203;

/// What a shader is bound to: set 0, storage buffers from binding 0 on, and push constants.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Bindings {
    /// Storage buffers.
    pub(crate) buffers: u32,
    /// Bytes of push constants, a multiple of 4.
    pub(crate) push_bytes: u32,
}

/// A compiled shader.
pub(crate) struct Pipeline {
    connection: Arc<Connection>,
    words: Box<[u32]>,
    layout: Bindings,
    set_layout: vk::DescriptorSetLayout,
    pipeline_layout: vk::PipelineLayout,
    handle: vk::Pipeline,
}

impl Pipeline {
    pub(super) fn layout(&self) -> Bindings {
        self.layout
    }

    pub(super) fn set_layout(&self) -> vk::DescriptorSetLayout {
        self.set_layout
    }

    pub(super) fn pipeline_layout(&self) -> vk::PipelineLayout {
        self.pipeline_layout
    }

    pub(super) fn handle(&self) -> vk::Pipeline {
        self.handle
    }

    pub(super) fn belongs_to(&self, connection: &Arc<Connection>) -> bool {
        Arc::ptr_eq(&self.connection, connection)
    }

    fn compile(
        connection: &Arc<Connection>,
        cache: vk::PipelineCache,
        words: &[u32],
        layout: Bindings,
    ) -> Result<Self> {
        let mut pipeline = Self {
            connection: connection.clone(),
            words: words.into(),
            layout,
            set_layout: vk::DescriptorSetLayout::null(),
            pipeline_layout: vk::PipelineLayout::null(),
            handle: vk::Pipeline::null(),
        };
        pipeline.lay_out()?;
        pipeline.build(cache)?;
        Ok(pipeline)
    }

    fn lay_out(&mut self) -> Result<()> {
        let bindings: Vec<_> = (0..self.layout.buffers)
            .map(|binding| {
                vk::DescriptorSetLayoutBinding::default()
                    .binding(binding)
                    .descriptor_type(vk::DescriptorType::STORAGE_BUFFER)
                    .descriptor_count(1)
                    .stage_flags(vk::ShaderStageFlags::COMPUTE)
            })
            .collect();
        let device = self.connection.handle();
        let functions = &self.connection.functions().v1_0;
        let info = vk::DescriptorSetLayoutCreateInfo::default().bindings(&bindings);
        let create = functions.create_descriptor_set_layout;
        // SAFETY: the information is complete.
        let result = unsafe { create(device, &info, ptr::null(), &mut self.set_layout) };
        self.connection.check(result, "laying out a pipeline")?;
        let sets = [self.set_layout];
        let range = [vk::PushConstantRange {
            stage_flags: vk::ShaderStageFlags::COMPUTE,
            offset: 0,
            size: self.layout.push_bytes,
        }];
        let ranges = if self.layout.push_bytes > 0 { &range[..] } else { &[] };
        let info = vk::PipelineLayoutCreateInfo::default().set_layouts(&sets).push_constant_ranges(ranges);
        let create = functions.create_pipeline_layout;
        // SAFETY: the information is complete.
        let result = unsafe { create(device, &info, ptr::null(), &mut self.pipeline_layout) };
        self.connection.check(result, "laying out a pipeline")
    }

    fn build(&mut self, cache: vk::PipelineCache) -> Result<()> {
        let device = self.connection.handle();
        let functions = &self.connection.functions().v1_0;
        let info = vk::ShaderModuleCreateInfo::default().code(&self.words);
        let mut module = vk::ShaderModule::null();
        // SAFETY: the words are a valid module, for this library wrote them.
        let result = unsafe { (functions.create_shader_module)(device, &info, ptr::null(), &mut module) };
        self.connection.check(result, "reading a shader")?;
        let stage = vk::PipelineShaderStageCreateInfo::default()
            .stage(vk::ShaderStageFlags::COMPUTE)
            .module(module)
            .name(c"main");
        let info = vk::ComputePipelineCreateInfo::default().stage(stage).layout(self.pipeline_layout);
        // SAFETY: one pipeline is asked for, and one is written; the module is no longer needed then.
        let result = unsafe {
            let create = functions.create_compute_pipelines;
            let result = create(device, cache, 1, &info, ptr::null(), &mut self.handle);
            (functions.destroy_shader_module)(device, module, ptr::null());
            result
        };
        self.connection.check(result, "compiling a shader")
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        let device = self.connection.handle();
        let functions = &self.connection.functions().v1_0;
        // SAFETY: recorders hold the pipelines that the device uses; null handles are ignored.
        unsafe {
            (functions.destroy_pipeline)(device, self.handle, ptr::null());
            (functions.destroy_pipeline_layout)(device, self.pipeline_layout, ptr::null());
            (functions.destroy_descriptor_set_layout)(device, self.set_layout, ptr::null());
        }
    }
}

/// The pipelines of a device.
pub(super) struct Pipelines {
    connection: Arc<Connection>,
    cache: vk::PipelineCache,
    file: Option<CacheFile>,
    hasher: RandomState,
    known: Mutex<HashMap<u64, Vec<Arc<Pipeline>>>>,
    /// Whether something was compiled that the file may lack.
    unsaved: AtomicBool,
    saved_at: Mutex<Instant>,
}

impl Pipelines {
    pub(super) fn new(connection: &Arc<Connection>, file: Option<CacheFile>) -> Result<Self> {
        let data = file.as_ref().and_then(CacheFile::read).unwrap_or_default();
        let cache = match pipeline_cache(connection, &data) {
            Ok(cache) => cache,
            // The driver refuses what it wrote: begin anew.
            Err(_) if !data.is_empty() => pipeline_cache(connection, &[])?,
            Err(error) => return Err(error),
        };
        Ok(Self {
            connection: connection.clone(),
            cache,
            file,
            hasher: RandomState::new(),
            known: Mutex::default(),
            unsaved: AtomicBool::new(false),
            saved_at: Mutex::new(Instant::now()),
        })
    }

    /// The pipeline of these words, compiled where it is not known.
    pub(super) fn get(&self, words: &[u32], layout: Bindings) -> Result<Arc<Pipeline>> {
        self.connection.alive()?;
        let hash = self.hasher.hash_one((words, layout));
        if let Some(pipeline) = find(&lock(&self.known), hash, words, layout) {
            return Ok(pipeline);
        }
        if words.first() != Some(&MAGIC) {
            return Err(Error::new(ErrorKind::Internal, "what should be a shader is none"));
        }
        // Without the lock: threads compile side by side, at worst the same twice.
        let pipeline = Arc::new(Pipeline::compile(&self.connection, self.cache, words, layout)?);
        self.unsaved.store(true, Ordering::Relaxed);
        let pipeline = {
            let mut known = lock(&self.known);
            if let Some(other) = find(&known, hash, words, layout) {
                return Ok(other);
            }
            if known.values().map(Vec::len).sum::<usize>() >= MOST_PIPELINES {
                known.retain(|_, pipelines| {
                    pipelines.retain(|pipeline| Arc::strong_count(pipeline) > 1);
                    !pipelines.is_empty()
                });
            }
            known.entry(hash).or_default().push(pipeline.clone());
            pipeline
        };
        self.save_now_and_then();
        Ok(pipeline)
    }

    pub(super) fn count(&self) -> usize {
        lock(&self.known).values().map(Vec::len).sum()
    }

    fn save_now_and_then(&self) {
        if let Ok(mut saved_at) = self.saved_at.try_lock()
            && saved_at.elapsed() >= SAVE_EVERY
        {
            self.save();
            *saved_at = Instant::now();
        }
    }

    /// Writes the file, with what another process wrote meanwhile. Failing to is no failure: it costs time later.
    pub(super) fn save(&self) {
        let Some(file) = &self.file else { return };
        if self.connection.alive().is_err() || !self.unsaved.swap(false, Ordering::Relaxed) {
            return;
        }
        if let Some(other) = file.read()
            && let Ok(other) = pipeline_cache(&self.connection, &other)
        {
            let functions = &self.connection.functions().v1_0;
            let device = self.connection.handle();
            // SAFETY: both are caches of this device; merging reads the other one and locks ours.
            unsafe {
                let _ = (functions.merge_pipeline_caches)(device, self.cache, 1, &other);
                (functions.destroy_pipeline_cache)(device, other, ptr::null());
            }
        }
        if let Some(data) = self.data() {
            file.write(&data);
        }
    }

    fn data(&self) -> Option<Vec<u8>> {
        let get = self.connection.functions().v1_0.get_pipeline_cache_data;
        let device = self.connection.handle();
        let mut bytes = 0;
        // SAFETY: without a place for the data, only its size is written.
        let result = unsafe { get(device, self.cache, &mut bytes, ptr::null_mut()) };
        if result != vk::Result::SUCCESS {
            return None;
        }
        let mut data = vec![0_u8; bytes];
        // SAFETY: there are as many bytes as said. Where it has grown meanwhile, a valid part is written.
        let result = unsafe { get(device, self.cache, &mut bytes, data.as_mut_ptr().cast::<c_void>()) };
        data.truncate(bytes);
        matches!(result, vk::Result::SUCCESS | vk::Result::INCOMPLETE).then_some(data)
    }
}

impl Drop for Pipelines {
    fn drop(&mut self) {
        self.save();
        let destroy = self.connection.functions().v1_0.destroy_pipeline_cache;
        // SAFETY: pipelines do not depend on the cache that they were made with.
        unsafe { destroy(self.connection.handle(), self.cache, ptr::null()) };
    }
}

fn find(
    known: &HashMap<u64, Vec<Arc<Pipeline>>>,
    hash: u64,
    words: &[u32],
    layout: Bindings,
) -> Option<Arc<Pipeline>> {
    let mut pipelines = known.get(&hash)?.iter();
    pipelines.find(|pipeline| pipeline.layout == layout && *pipeline.words == *words).cloned()
}

fn pipeline_cache(connection: &Connection, data: &[u8]) -> Result<vk::PipelineCache> {
    let info = vk::PipelineCacheCreateInfo::default().initial_data(data);
    let mut cache = vk::PipelineCache::null();
    let create = connection.functions().v1_0.create_pipeline_cache;
    // SAFETY: the data are empty, or what the driver wrote, which the file's checksum shows.
    let result = unsafe { create(connection.handle(), &info, ptr::null(), &mut cache) };
    connection.check(result, "creating a pipeline cache")?;
    Ok(cache)
}
