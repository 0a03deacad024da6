//! Array expressions, evaluated in one fused pass.

mod arena;
mod dtype;
pub mod error;
mod graph;
mod infer;
mod lower;
mod names;
mod plan;
mod simplify;
mod syntax;

pub use dtype::{DType, Element, Literal, Scalar};
pub use error::{Error, ErrorKind, Result};
