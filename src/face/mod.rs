//! The public face: programs, lazy arrays, and how arrays go in and come out.

pub(crate) mod binding;
pub(crate) mod device;
pub(crate) mod device_array;
pub(crate) mod explain;
pub(crate) mod functions;
pub(crate) mod inputs;
pub(crate) mod lazy;
mod macros;
pub(crate) mod ops;
pub(crate) mod program;
#[cfg(feature = "vulkan")]
mod self_test;
pub(crate) mod several;
pub(crate) mod value;
