//! Stage 5: execution. A plan, bound to arrays, runs on a device.

mod bind;
pub(crate) mod cpu;
mod options;

pub use options::{Options, Resolved};
