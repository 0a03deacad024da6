//! Text to syntax tree.
//!
//! Takes the text of a program, statements of expressions, and promises a tree of the language's grammar, within the
//! [`Limits`]. It knows no function names, no types and no shapes: what `sin`, `x.real` or `'abc'` mean is left to the
//! stages that follow.
//!
//! - [`scan`] looks over characters and brackets, without recursion, and finds where lines end statements;
//! - [`parse`] runs the grammar (`grammar/numfuse.pest`), [`build`] makes the [`ast`] of its tokens, and [`blocks`] its
//!   [`statement`]s;
//! - [`diagnose`] finds words for what the grammar refuses;
//! - [`print`] writes a tree as text again.

mod ast;
mod blocks;
mod build;
mod diagnose;
mod limits;
mod literal;
mod operators;
mod parse;
mod print;
mod scan;
mod statement;
#[cfg(test)]
mod tests;

pub(crate) use ast::{
    Ast, BinaryOp, CompareOp, Computed, Expr, ExprId, Keyword, List, LogicalOp, Nodes, Span, UnaryOp,
};
pub use limits::Limits;
pub(crate) use parse::parse;
pub(crate) use statement::{Form, Parameter};
