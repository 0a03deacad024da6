//! Random expressions and inputs for them, as proptest strategies.
//!
//! Expressions are texts over a fixed pool of names, each of a fixed type, so that text and inputs are chosen apart.
//! Operations are those of the op table: a new row is in them by itself. Most expressions are well typed; those that
//! are not are answered by an error, which is an answer to compare as well.

#![allow(dead_code, unused_imports)] // each test uses its own part

mod expressions;
pub mod inputs;
mod programs;

pub use expressions::expression;
pub use inputs::{Pool, pool};
pub use programs::{loops, nests, steps};

use numfuse::DType;

/// The names of array inputs, with their types.
pub const ARRAYS: [(&str, DType); 20] = [
    ("x", DType::F64),
    ("y", DType::F64),
    ("u", DType::F32),
    ("v", DType::F32),
    ("k", DType::I64),
    ("l", DType::I64),
    ("i", DType::I32),
    ("j", DType::I32),
    ("m", DType::Bool),
    ("n", DType::Bool),
    ("byte", DType::I8),
    ("short", DType::I16),
    ("octet", DType::U8),
    ("word", DType::U16),
    ("double_word", DType::U32),
    ("quad_word", DType::U64),
    ("half", DType::F16),
    ("brain", DType::BF16),
    ("z", DType::C128),
    ("w", DType::C64),
];

/// The names of weak numbers.
pub const NUMBERS: [&str; 2] = ["p", "q"];

/// Whether the bits of an expression's value may depend on the memory order of its inputs' axes: sums of floats do.
pub fn depends_on_memory_order(text: &str) -> bool {
    ["sum", "prod", "mean", "var", "std", "norm"].iter().any(|name| text.contains(name))
}
