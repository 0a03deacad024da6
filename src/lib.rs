//! Array expressions, evaluated in one fused pass.

pub mod error;
mod syntax;
