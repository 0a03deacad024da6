//! Bounds on programs whose text comes from strangers: on the text, and on what it makes a machine do.

use std::time::Duration;

/// How large the text of a program may be, and how much it may do.
///
/// Exceeding a limit is an error of the kind [`Limit`](crate::error::ErrorKind::Limit), found before the work that the
/// limit bounds is done; `time`, and `turns` where only data tell, while it is. Formulas never meet the defaults. To
/// change one, start from them:
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
    /// Turns that an element takes in all loops, those of nested loops multiplied, and steps on whole arrays;
    /// 10,000,000 by default.
    pub turns: u64,
    /// Elements of an array that the program computes, or that it runs over to reduce it; 2^36 by default.
    pub elements: u64,
    /// How long a run may take; by default as long as it takes. It ends within milliseconds, a product of large matrices
    /// after some 50 ms, a graphics device when it has done what it was given: tens of milliseconds of work, seconds where
    /// its loops over elements are long.
    pub time: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            source_bytes: 1 << 20,
            nesting: 256,
            nodes: 1_000_000,
            calls: 64,
            turns: 10_000_000,
            elements: 1 << 36,
            time: None,
        }
    }
}
