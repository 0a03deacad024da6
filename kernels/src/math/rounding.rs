//! Rounding to integers. Exact; the sign of zero and NaN are kept.

use crate::token::Token;

/// The greatest integer not above `x`.
#[inline(always)]
pub fn floor<S: Token>(s: S, x: S::F) -> S::F {
    s.floor(x)
}

/// The least integer not below `x`.
#[inline(always)]
pub fn ceil<S: Token>(s: S, x: S::F) -> S::F {
    s.ceil(x)
}

/// The integer part.
#[inline(always)]
pub fn trunc<S: Token>(s: S, x: S::F) -> S::F {
    s.trunc(x)
}

/// The nearest integer, halves to even.
#[inline(always)]
pub fn round<S: Token>(s: S, x: S::F) -> S::F {
    s.round(x)
}
