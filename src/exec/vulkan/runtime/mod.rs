//! The Vulkan runtime: finds devices, owns their memory, and runs shaders on them.
//!
//! It takes SPIR-V words and bytes, and knows nothing of plans, arrays or types. [`devices`] lists what there is,
//! [`Gpu::open`] opens one; [`Memory`] is a pooled buffer, a [`Batch`] a list of dispatches that the device runs
//! in order.
//!
//! Everything goes through one queue, and every command buffer begins with a barrier against all that was
//! submitted before. So the order of submission is the order of effects: memory that is dropped may be handed
//! out again at once, and only what the host does itself (reading, reusing a staging buffer, freeing) waits.
//!
//! `vulkano` opens the library and owns the instance, the device and the memory. Commands are recorded and
//! submitted through the raw functions: vulkano's own tracking doubles what a small dispatch takes, and cannot
//! know that the queue already orders everything.
//!
//! What the unsafe blocks of this module rely on: handles belong to one [`Connection`], which outlives them;
//! commands name memory that a batch, a transfer or the pool keeps until it was submitted; the pool frees
//! memory only after the queue is done with it.

mod batch;
mod cache;
mod capability;
mod config;
mod connection;
mod device;
mod discovery;
mod memory;
mod pipelines;
mod queue;
mod recorder;
mod staging;
mod transfer;

#[cfg(test)]
mod tests;

pub(crate) use batch::Batch;
pub use config::{CacheAt, Config, Forced, Validation};
pub(crate) use device::Gpu;
pub(crate) use discovery::{Found, Kind, devices};
pub(crate) use memory::Memory;
pub(crate) use pipelines::{Bindings, Pipeline};

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, whether or not a thread panicked with the lock: nothing here is left half done across a call that may.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
