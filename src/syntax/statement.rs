//! Statements: what a program does with its expressions, in the order of the text.
//!
//! They lie in one row. A statement with a block opens it, [`Form::End`] closes it, and what stands between belongs to
//! it: the row is walked with a stack of one's own, however deep blocks nest. The nodes of the tree lie in the order of
//! the statements they belong to, so that a statement's are a range.

use super::ast::{BinaryOp, Computed, ExprId, Keyword, List, Span};

/// One statement, or an end of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Statement {
    pub(crate) form: Form,
    /// Its head, without the block.
    pub(crate) span: Span,
    /// One past the last node of it.
    pub(super) nodes_end: u32,
    /// Where the block that it opens ends; itself, if it opens none.
    pub(super) end: u32,
}

/// What a statement says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    /// `a`, `a, b`, `u = a`, `u = a, v = b`: all of them named or none.
    Values(List<Computed>),
    /// `n += 1`.
    Update { name: Span, op: BinaryOp, value: ExprId },
    /// `def f(a, b=2)`, and what follows up to its end: the last of it is the value.
    Define { name: Span, params: List<Parameter>, has_block: bool },
    /// `repeat bound {`.
    Repeat { bound: ExprId },
    /// `for name in start..stop {`.
    For { name: Span, start: ExprId, stop: ExprId },
    /// `while condition`, right behind a `repeat` or `for`; a part of its head.
    While { condition: ExprId },
    /// `if condition {`; with `is_chained`, right behind an `else`, whose end is its own.
    If { condition: ExprId, is_chained: bool },
    /// `} else {`, inside of an `if`.
    Else,
    /// `break`, `break if condition`.
    Break { condition: Option<ExprId> },
    /// `steps bound {`; without a block, `steps(bound, u = …)`, whose values are one statement.
    Steps { bound: ExprId, has_block: bool },
    /// The end of a block.
    End,
}

/// A parameter of a function, and what it is where a call does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parameter {
    pub(crate) name: Span,
    pub(crate) default: Option<ExprId>,
}

impl From<Keyword> for Parameter {
    fn from(keyword: Keyword) -> Self {
        Parameter { name: keyword.name, default: Some(keyword.value) }
    }
}

impl From<Keyword> for Computed {
    fn from(keyword: Keyword) -> Self {
        Computed { name: Some(keyword.name), value: keyword.value }
    }
}

impl Form {
    /// Whether it opens a block.
    pub(crate) fn opens(self) -> bool {
        match self {
            Form::Define { .. } | Form::Repeat { .. } | Form::For { .. } | Form::If { .. } => true,
            Form::Steps { .. } => true,
            Form::Values(_) | Form::Update { .. } | Form::While { .. } | Form::Else => false,
            Form::Break { .. } | Form::End => false,
        }
    }
}
