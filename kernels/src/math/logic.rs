//! Truth values, over anything with `& | ^ !`: masks of tokens, or bytes 0 and 1.

use crate::token::MaskOps;

/// `!a`.
#[inline(always)]
pub fn not<M: MaskOps>(a: M) -> M {
    !a
}

/// `a & b`: also the product and the minimum.
#[inline(always)]
pub fn and<M: MaskOps>(a: M, b: M) -> M {
    a & b
}

/// `a | b`: also the sum and the maximum.
#[inline(always)]
pub fn or<M: MaskOps>(a: M, b: M) -> M {
    a | b
}

/// `a ^ b`: also `a != b`.
#[inline(always)]
pub fn xor<M: MaskOps>(a: M, b: M) -> M {
    a ^ b
}

/// `a == b`.
#[inline(always)]
pub fn eq<M: MaskOps>(a: M, b: M) -> M {
    !(a ^ b)
}

/// `a < b`: false before true.
#[inline(always)]
pub fn lt<M: MaskOps>(a: M, b: M) -> M {
    !a & b
}

/// `a <= b`.
#[inline(always)]
pub fn le<M: MaskOps>(a: M, b: M) -> M {
    !a | b
}

/// `a` where `m`, else `b`.
#[inline(always)]
pub fn choose<M: MaskOps>(m: M, a: M, b: M) -> M {
    (m & a) | (!m & b)
}

/// `a` itself.
#[inline(always)]
pub fn same<M: MaskOps>(a: M) -> M {
    a
}

/// False.
#[inline(always)]
pub fn zero<M: MaskOps>(a: M) -> M {
    a & !a
}

/// True.
#[inline(always)]
pub fn one<M: MaskOps>(a: M) -> M {
    a | !a
}
