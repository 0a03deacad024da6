//! Array expressions, evaluated in one fused pass.

#![warn(missing_docs)]

mod arena;
mod dtype;
mod error;
mod exec;
mod face;
mod graph;
mod infer;
mod lower;
mod names;
#[cfg(feature = "npy")]
pub mod npy;
mod plan;
mod simplify;
mod syntax;

pub use dtype::{DType, Element, Literal, Scalar};
pub use error::{Error, ErrorKind, Result};
pub use exec::Options;
pub use face::input::Input;
pub use numfuse_kernels::Isa;
pub use syntax::Limits;
