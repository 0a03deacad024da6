//! Array expressions, evaluated in one fused pass.

#![warn(missing_docs)]

#[allow(dead_code, unused_imports)]
pub mod error;
#[allow(dead_code)] // nothing builds on it yet
mod syntax;

pub use syntax::Limits;
