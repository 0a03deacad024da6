//! Bounds on the text of an expression, for programs whose expressions come from strangers.

/// How large the text of an expression may be.
///
/// Exceeding a limit is an error of the kind [`Limit`](crate::error::ErrorKind::Limit), found before the work
/// that the limit bounds is done. To change one, start from the defaults:
///
/// ```
/// let mut limits = numfuse::Limits::default();
/// limits.nesting = 32;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of the text; 1 MiB by default, at most 4 GiB.
    pub source_bytes: usize,
    /// Levels of brackets and blocks inside each other; 256 by default. Parsing uses stack in proportion to it: where a thread's
    /// stack is too small for the brackets of a text, that is an error of the same kind.
    pub nesting: usize,
    /// Operands, operators and calls, those of functions once for each use; 1,000,000 by default.
    pub nodes: usize,
    /// Functions of the program's own that call each other, innermost first; 64 by default.
    pub calls: usize,
    /// Turns of loops and steps, those of nested loops multiplied; 10,000,000 by default.
    pub turns: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { source_bytes: 1 << 20, nesting: 256, nodes: 1_000_000, calls: 64, turns: 10_000_000 }
    }
}
