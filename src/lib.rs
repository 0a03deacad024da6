#![doc = include_str!("../README.md")]
//!
//! # The code, from text to result
//!
//! Data flows one way, each stage in a folder or file of its own, with a type of its own:
//!
//! ```text
//! text ─ syntax ▶ Ast ─┐
//!                      ├▶ graph: Graph ─ infer ▶ TypedGraph ─ simplify, lower ▶ TypedGraph ─ plan ▶ Plan ─ exec ▶ arrays
//! lazy arrays (face) ──┘
//! ```
//!
//! | where | what |
//! |---|---|
//! | `grammar/`, `syntax` | text to a flat syntax tree; knows no function names |
//! | `graph` | the one expression graph that both fronts build: hash-consed, untyped; views, reductions, contractions, and functions composed of others |
//! | `infer` | NumPy's types, broadcasting, powers; every error about them |
//! | `simplify`, `lower` | exact rewrites; what no kernel knows becomes what kernels know |
//! | `plan` | which loops, what each reads, computes and writes; what is stored |
//! | `exec/bind` | what every device does alike with extents and strides: layouts, and the order of reductions |
//! | `exec/cpu` | a plan bound to strides: schedules, tapes over tiles, reductions, threads |
//! | `exec/vulkan` | the same on a graphics card: loops as SPIR-V, dispatches, arrays that stay there |
//! | `input` | what a program reads: arrays of any layout, and numbers |
//! | `face` | `Program`, `Lazy`, `Device`, results, `explain`, the list of functions: `binding` is the whole way from graph to schedule in one function |
//! | `kernels/` | crate of its own: the table of operations, their mathematics, SIMD |
//!
//! `reference` is a second, naive executor that the tests compare everything with. Where the code departs from
//! common practice the module says why. Four departures concern several stages:
//!
//! - *Extents are names* ([`Signature`](internals::Signature)): equal extents of a call share a name, so a plan serves
//!   every size, and a change of size costs a lookup. Where a shape follows from extents (slices, windows), it serves one.
//! - *Byte order is bound late*: a plan does not know it; a schedule copies foreign elements into tiles.
//! - *Addresses, not slices*: a shader binds its arrays; where they are more, or larger, than the device lets it bind,
//!   it is given addresses (`bufferDeviceAddress`) instead. Slices of arrays would have needed a second way to walk each
//!   kind of loop, and copies where a view crosses them.
//! - *Forms ahead of their use*: the graph and the plan can already say elementwise loops (regions, blocks). Inference
//!   refuses what no executor runs yet.

#![warn(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]

#[forbid(unsafe_code)]
mod arena;
#[forbid(unsafe_code)]
mod dtype;
#[forbid(unsafe_code)]
mod error;
mod exec;
mod face;
#[forbid(unsafe_code)]
mod graph;
#[forbid(unsafe_code)]
mod infer;
mod input;
#[forbid(unsafe_code)]
mod lower;
#[forbid(unsafe_code)]
mod names;
#[cfg(feature = "npy")]
pub mod npy;
#[forbid(unsafe_code)]
mod plan;
mod reference;
#[forbid(unsafe_code)]
mod simplify;
#[forbid(unsafe_code)]
mod syntax;

pub use dtype::{DType, Element, Kind, Literal, Scalar, Stored};
pub use error::{Error, ErrorKind, Result};
pub use exec::{Cancel, Options, Resolved};
pub use face::device::{Device, DeviceInfo, DeviceMemory};
pub use face::device_array::{DeviceArray, DeviceInput, DeviceInputs};
pub use face::explain::{ArrayType, Explanation, Figures};
pub use face::functions::{Accuracy, Function, FunctionGroup, Parameter, functions};
pub use face::inputs::Inputs;
pub use face::lazy::{Lazy, LazyReduction};
pub use face::ops::{Ops, OwnFunction};
pub use face::program::Program;
pub use face::several::LazyResults;
pub use face::value::{Output, OutputView, Outputs, Value};
pub use graph::{Axes, Border, Reduction, ScalarFunction};
pub use half;
pub use input::Input;
pub use ndarray;
pub use num_complex::Complex;
pub use numfuse_kernels::{Bound, Isa};
pub use syntax::Limits;

/// For functions of one's own that are vectorised: [`Ops::register_kernel`].
pub mod kernel {
    pub use numfuse_kernels::token::{FloatOps, IntegerOps, MaskOps, Token};
    pub use numfuse_kernels::{Body, math};
}

/// What the tests, benches and fuzzing look at: the stages one by one. No part of the API.
#[doc(hidden)]
pub mod internals {
    pub use crate::graph::{Axes, Builder, Graph, Node, NodeId, Reduction, Region, RegionId, RegionKind};
    pub use crate::infer::{
        AxisSet, CheckInfo, Dim, InputType, Signature, TypedGraph, TypedId, TypedNode, TypedOp, Weak, infer,
    };
    pub use numfuse_kernels::{Op, Typing};

    pub use crate::lower::lower;
    pub use crate::plan::{Access, Body, Buffer, Def, Inst, Loop, Place, Plan, Plane, Value, plan};
    pub use crate::reference::{Array, evaluate, interpret, interpret_lowered, signature};
    pub use crate::simplify::{Rule, rules, simplify};

    /// What a program computes.
    pub fn graph(program: &crate::Program) -> &Graph {
        program.graph()
    }

    /// The program that computes a graph.
    pub fn program(graph: Graph) -> crate::Program {
        crate::Program::of_graph(graph)
    }

    /// An input's first elements along every axis, `most` at most.
    pub fn corner<'a>(input: &crate::Input<'a>, most: usize) -> crate::Input<'a> {
        input.corner(most)
    }

    /// What only tests ask of graphics cards.
    #[cfg(feature = "vulkan")]
    pub mod vulkan {
        pub use crate::exec::vulkan::{CacheAt, Config, Forced, Validation};

        use crate::{Device, DeviceInputs, Program, Result};

        /// The `index`-th device that Vulkan reaches, with settings of a test's.
        ///
        /// # Errors
        /// As [`Device::by_index`].
        pub fn open(index: usize, config: Config) -> Result<Device> {
            Device::open_with(index, config)
        }

        /// What the validation layer has said of a device that was opened with it.
        pub fn messages(device: &Device) -> Vec<String> {
            device.messages()
        }

        /// A copy that the device makes without a shader.
        ///
        /// # Errors
        /// As [`Device::upload`].
        pub fn copy(array: &crate::DeviceArray) -> Result<crate::DeviceArray> {
            array.copied()
        }

        /// How many compiled shaders a device keeps.
        pub fn pipelines(device: &Device) -> usize {
            device.pipelines()
        }

        /// The SPIR-V modules that a program runs for these inputs, in their order.
        ///
        /// # Errors
        /// As [`Program::run_on`].
        pub fn shaders<'a>(
            program: &Program,
            device: &Device,
            inputs: impl DeviceInputs<'a>,
        ) -> Result<Vec<Vec<u32>>> {
            program.shaders_on(device, inputs)
        }
    }
}
