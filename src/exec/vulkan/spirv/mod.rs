//! Shaders: a loop becomes a SPIR-V module.
//!
//! [`body`] writes what the loop computes for an element, [`elements`] how one is read and written; around them stand [`map`], [`rows`], [`columns`], [`running`] and
//! [`product`], one for each way in which a loop walks its axes, and [`tree`] for what reductions leave to be merged. The
//! operations themselves are [recordings](numfuse_kernels::record) of the bodies that the processor runs: no function
//! is written twice. [`module`] and [`control`] know SPIR-V, [`arguments`] what a shader is told and reaches.

mod arguments;
mod body;
mod columns;
mod control;
mod elements;
mod folds;
mod levels;
mod map;
mod module;
mod product;
mod recording;
mod repeat;
mod rows;
mod running;
mod tree;
mod turns;
mod wide;

pub(super) use arguments::{Argument, Buffer, Group, Reaching, Shader};
pub(super) use body::has_loops;
pub(super) use columns::columns;
pub(super) use folds::{recording, stored};
pub(super) use map::{SIDE_BY_SIDE, map, wide};
pub(super) use module::Type;
pub(super) use product::product;
pub(super) use rows::rows;
pub(super) use running::running;
pub(super) use tree::{Merging, nothing, tree};
pub(super) use turns::{Counting, Turns};
