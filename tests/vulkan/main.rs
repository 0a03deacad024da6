//! Programs on graphics cards: their shaders, what happens at a device's limits, accuracy, validation, subgroup widths,
//! missing drivers, memory, threads, inputs of every layout and type.
//!
//! That a card gives the answers of the other executors is tested with those: `conformance`, `differential`, `rows`,
//! `reductions`, `layouts` and their like run on it too.

mod absent;
mod accuracy;
#[path = "../agreement/mod.rs"]
mod agreement;
mod child;
#[path = "../engine/mod.rs"]
mod engine;
mod errors;
mod inputs;
mod limits;
mod loops;
mod memory;
mod pipelines;
mod programs;
mod several;
mod shaders;
mod sharing;
mod steps;
mod stopped;
#[path = "../stored/mod.rs"]
mod stored;
mod structure;
mod validation;
mod widths;
