//! Graphics cards: a plan's loops become compute shaders.
//!
//! [`nest`] binds a loop to extents and strides, [`spirv`] writes its shaders, [`schedule`] says which of them run over
//! what, [`run`] goes through them, [`steps`] again and again, and [`dispatch`] records and submits. [`arrays`] are the
//! device's; [`runtime`] is everything that knows Vulkan: devices, memory, queues, pipelines.

mod abilities;
mod arrays;
mod dispatch;
mod nest;
mod run;
mod runtime;
mod schedule;
mod spirv;
mod steps;

pub(crate) use arrays::Resident;
pub(crate) use run::{Operand, Prepared};
pub use runtime::{CacheAt, Config, Forced, Validation};
pub(crate) use runtime::{Found, Gpu, Kind, devices};
