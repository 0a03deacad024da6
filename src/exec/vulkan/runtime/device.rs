//! An open device.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use vulkano::device::physical::PhysicalDevice;
use vulkano::device::{Device, DeviceCreateInfo, QueueCreateInfo};
use vulkano::instance::debug::DebugUtilsMessenger;

use super::batch::Batch;
use super::cache::CacheFile;
use super::capability;
use super::config::Config;
use super::connection::Connection;
use super::discovery::{self, Found};
use super::lock;
use super::memory::{self, Memory, MemoryUse, Pool, Refused};
use super::pipelines::{Bindings, Pipeline, Pipelines};
use super::queue::Queue;
use super::staging::{Direction, Staging};
use crate::error::{Error, ErrorKind, Result};
use crate::exec::vulkan::abilities::Abilities;

/// Bytes of a staging buffer: long enough that submitting costs nothing beside copying, short enough for caches.
const STAGING_BYTES: usize = 4 << 20;

/// An open device, used by any number of threads.
///
/// Fields are dropped in this order: what the device may still use goes after the queue, which waits.
pub(crate) struct Gpu {
    id: u64,
    found: Found,
    abilities: Abilities,
    /// Bytes of the largest allocation.
    largest: u64,
    queue: Queue,
    pipelines: Pipelines,
    pool: Pool,
    /// Held while memory is freed, so that others who need it wait for it rather than fail.
    trimming: Mutex<()>,
    uploads: Staging,
    downloads: Staging,
    connection: Arc<Connection>,
    messages: Arc<Mutex<Vec<String>>>,
    /// How its arithmetic differs from IEEE 754, in words.
    deviations: Vec<String>,
    _messenger: Option<DebugUtilsMessenger>,
}

impl Gpu {
    /// Opens the device at an index of [`devices`](super::devices).
    pub(crate) fn open(index: usize, config: Config) -> Result<Arc<Self>> {
        let library = std::env::var_os("NUMFUSE_VULKAN_LIBRARY");
        let missing = |count| {
            let message = format!("there is no device {index}: {count} were found");
            Error::new(ErrorKind::Device, message)
        };
        let watched =
            discovery::instance(library.as_deref(), config.validation)?.ok_or_else(|| missing(0))?;
        let physical = discovery::physical_devices(&watched.instance)?;
        let physical = physical.get(index).ok_or_else(|| missing(physical.len()))?;
        let found = discovery::found(physical);
        if let Err(why) = &found.usable {
            let message = format!("{} cannot be used: {why}", found.name);
            return Err(Error::new(ErrorKind::Device, message));
        }
        let abilities = capability::abilities(physical, &config.forced);
        let (connection, queue) = connect(physical, &abilities, &config)?;
        let forced = &config.forced;
        let at_most = |has: u64, forced: Option<u64>| forced.map_or(has, |forced| forced.min(has));
        let properties = physical.properties();
        let largest = properties
            .max_memory_allocation_size
            .unwrap_or(u64::MAX)
            .min(properties.max_buffer_size.unwrap_or(u64::MAX));
        // whole elements, the widest of which have 16 bytes
        let staging_bytes = forced.staging_bytes.unwrap_or(STAGING_BYTES).max(1).next_multiple_of(16) as u64;
        let allocator = memory::allocator(&connection);
        let budget = at_most(found.memory, forced.memory);
        static OPENED: AtomicU64 = AtomicU64::new(1);
        Ok(Arc::new(Self {
            id: OPENED.fetch_add(1, Ordering::Relaxed),
            largest: at_most(largest, forced.allocation),
            queue: Queue::new(&connection, queue)?,
            pipelines: Pipelines::new(&connection, CacheFile::of(&config.cache, properties))?,
            pool: Pool::new(allocator.clone(), budget, abilities.addresses, abilities.software),
            trimming: Mutex::new(()),
            uploads: Staging::new(&allocator, Direction::Up, staging_bytes),
            downloads: Staging::new(&allocator, Direction::Down, staging_bytes),
            found,
            abilities,
            connection,
            messages: watched.messages,
            deviations: Vec::new(),
            _messenger: watched.messenger,
        }))
    }

    /// Unique in the process.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// What it is.
    pub(crate) fn found(&self) -> &Found {
        &self.found
    }

    /// What it can do, less what the configuration forbids.
    pub(crate) fn abilities(&self) -> &Abilities {
        &self.abilities
    }

    /// Whether it was not lost.
    pub(crate) fn is_alive(&self) -> bool {
        self.connection.alive().is_ok()
    }

    /// How its arithmetic differs from IEEE 754, as far as results show it.
    pub(crate) fn deviations(&self) -> &[String] {
        &self.deviations
    }

    /// Takes note of what a test of its arithmetic has found: which f32 operations shaders shall correct.
    pub(crate) fn note(&mut self, corrects_division: bool, corrects_sqrt: bool, deviations: Vec<String>) {
        self.abilities.corrects_division |= corrects_division;
        self.abilities.corrects_sqrt |= corrects_sqrt;
        self.deviations = deviations;
    }

    /// Memory of at least one byte, with any contents.
    pub(crate) fn allocate(self: &Arc<Self>, bytes: u64) -> Result<Arc<Memory>> {
        self.connection.alive()?;
        let bytes = bytes.max(1);
        let size = memory::size_class(bytes);
        let block = match self.pool.take(size) {
            Some(block) => block,
            None => self.new_block(bytes, size)?,
        };
        Ok(Memory::new(self.clone(), bytes, block))
    }

    /// Refuses an array of more bytes than the device allocates at once.
    pub(crate) fn can_hold(&self, bytes: u64) -> Result<()> {
        if memory::size_class(bytes) <= self.largest {
            return Ok(());
        }
        let (name, largest) = (&self.found.name, self.largest);
        let message = format!("{name} allocates at most {largest} bytes at once, and an array needs {bytes}");
        Err(Error::new(ErrorKind::Limit, message).with_help("evaluate in smaller parts"))
    }

    fn new_block(&self, bytes: u64, size: u64) -> Result<memory::Block> {
        self.can_hold(bytes)?;
        // Sizes that do not come again would fill the pool for good.
        if self.pool.usage().pooled > self.pool.budget() / 4 {
            self.trim()?;
        }
        match self.pool.create(&self.connection, size) {
            Ok(block) => return Ok(block),
            Err(Refused::Failed(error)) => return Err(error),
            Err(Refused::Exhausted) => self.trim()?,
        }
        self.pool.create(&self.connection, size).map_err(|refused| match refused {
            Refused::Failed(error) => error,
            Refused::Exhausted => {
                let (held, heap) = (self.pool.usage().held, self.pool.budget());
                let name = &self.found.name;
                let message =
                    format!("{name} has no memory left for {bytes} bytes: {held} of {heap} are in use");
                Error::new(ErrorKind::Limit, message)
                    .with_help("drop arrays on the device, or evaluate in smaller parts")
            }
        })
    }

    /// The pipeline of a SPIR-V module with the entry point `main`.
    pub(crate) fn pipeline(&self, words: &[u32], layout: Bindings) -> Result<Arc<Pipeline>> {
        let Abilities { bindings, push_bytes, .. } = self.abilities;
        if layout.buffers > bindings || layout.push_bytes > push_bytes || !layout.push_bytes.is_multiple_of(4)
        {
            let message = format!("{layout:?} is more than {} has", self.found.name);
            return Err(Error::new(ErrorKind::Internal, message));
        }
        self.pipelines.get(words, layout)
    }

    /// An empty batch.
    pub(crate) fn batch(self: &Arc<Self>) -> Batch {
        Batch::new(self.clone())
    }

    /// Waits for everything that was submitted.
    pub(crate) fn synchronize(&self) -> Result<()> {
        self.queue.synchronize()
    }

    /// Frees the memory that nobody holds, after waiting for what may use it.
    pub(crate) fn trim(&self) -> Result<()> {
        let _trimming = lock(&self.trimming);
        // Taken first: what is dropped while this waits may belong to later submissions.
        let blocks = self.pool.drain();
        match self.queue.synchronize() {
            Ok(()) => self.pool.freed(blocks),
            Err(error) => {
                self.pool.refill(blocks);
                return Err(error);
            }
        }
        let done = self.queue.done()?;
        self.uploads.trim(done);
        self.downloads.trim(done);
        Ok(())
    }

    /// The memory that is held, and kept.
    pub(crate) fn memory_use(&self) -> MemoryUse {
        self.pool.usage()
    }

    /// What the validation layer has said so far.
    pub(crate) fn messages(&self) -> Vec<String> {
        lock(&self.messages).clone()
    }

    /// Pipelines that are kept in memory.
    pub(crate) fn pipelines(&self) -> usize {
        self.pipelines.count()
    }

    /// The messages themselves, to see those of closing.
    #[cfg(test)]
    pub(super) fn message_store(&self) -> Arc<Mutex<Vec<String>>> {
        self.messages.clone()
    }

    pub(super) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    pub(super) fn queue(&self) -> &Queue {
        &self.queue
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }

    pub(super) fn uploads(&self) -> &Staging {
        &self.uploads
    }

    pub(super) fn downloads(&self) -> &Staging {
        &self.downloads
    }
}

fn connect(
    physical: &Arc<PhysicalDevice>,
    abilities: &Abilities,
    config: &Config,
) -> Result<(Arc<Connection>, Arc<vulkano::device::Queue>)> {
    let name = &physical.properties().device_name;
    let refused = |why: String| Error::new(ErrorKind::Device, format!("{name} cannot be opened: {why}"));
    let queue_family_index =
        discovery::queue_family(physical).ok_or_else(|| refused("it does not compute".to_owned()))?;
    let info = DeviceCreateInfo {
        queue_create_infos: vec![QueueCreateInfo { queue_family_index, ..Default::default() }],
        enabled_features: capability::features(abilities, config).intersection(physical.supported_features()),
        enabled_extensions: capability::extensions(physical),
        ..Default::default()
    };
    let (device, mut queues) =
        Device::new(physical.clone(), info).map_err(|error| refused(discovery::sentence(error)))?;
    let queue = queues.next().ok_or_else(|| refused("it gives no queue".to_owned()))?;
    Ok((Connection::new(device, name.clone()), queue))
}
