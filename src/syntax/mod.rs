//! Text to syntax tree.
//!
//! Takes the text of one expression and promises a tree of the language's grammar, within the [`Limits`]. It knows
//! no function names, no types and no shapes: what `sin`, `x.real` or `'abc'` mean is left to the stages that follow.

mod ast;
mod limits;

pub use limits::Limits;
