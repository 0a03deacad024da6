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
pub use face::explain::{ArrayType, Explanation, Figures};
pub use face::input::Input;
pub use face::lazy::Lazy;
pub use face::program::{Inputs, Program};
pub use face::value::{Output, OutputView, Value};
pub use graph::Reduction;
pub use ndarray;
pub use numfuse_kernels::Isa;
pub use syntax::Limits;

/// What the tests, benches and fuzzing look at: the stages one by one. No part of the API.
#[doc(hidden)]
pub mod internals {
    pub use crate::graph::{Axes, Builder, Graph, Node, NodeId, Reduction, Region, RegionId};
    pub use crate::infer::{
        AxisSet, CheckInfo, Dim, InputType, Signature, TypedGraph, TypedId, TypedNode, TypedOp, Weak, infer,
    };
    pub use crate::lower::lower;
    pub use crate::plan::{Access, Body, Buffer, Def, Inst, Loop, Place, Plan, Plane, Value, plan};
    pub use crate::simplify::{Rule, rules, simplify};

    /// What a program computes.
    pub fn graph(program: &crate::Program) -> &Graph {
        program.graph()
    }
}
