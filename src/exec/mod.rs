//! Stage 5: execution. A plan, bound to arrays, runs on a device.

mod bind;
pub(crate) mod cpu;
mod options;
mod stop;
#[cfg(feature = "vulkan")]
pub(crate) mod vulkan;

pub use options::{Options, Resolved};
pub use stop::Cancel;
pub(crate) use stop::Stop;
