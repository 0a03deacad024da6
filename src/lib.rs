//! Array expressions, evaluated in one fused pass.

#![warn(missing_docs)]

#[allow(dead_code)] // the stages that build on it follow
pub mod error;
#[allow(dead_code, unused_imports)] // the stages that build on it follow
mod syntax;

pub use syntax::Limits;
