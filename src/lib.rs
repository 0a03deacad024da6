//! Array expressions, evaluated in one fused pass.

mod arena;
mod dtype;
pub mod error;
mod face;
mod graph;
mod infer;
mod lower;
mod names;
mod exec;
mod plan;
mod reference;
mod simplify;
mod syntax;

pub use dtype::{DType, Element, Literal, Scalar};
pub use exec::Options;
pub use face::input::Input;
pub use numfuse_kernels::Isa;
pub use error::{Error, ErrorKind, Result};

/// What tests, benchmarks and fuzzing look at. No part of the interface: it changes without notice.
#[doc(hidden)]
pub mod internals {
    pub use numfuse_kernels::{Op, Typing};

    pub use crate::reference::{Array, evaluate, interpret, interpret_lowered, signature};
}
