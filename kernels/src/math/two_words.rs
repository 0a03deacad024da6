//! Arithmetic in two words: a value as the sum of two floats, the second what the rounding of the first lost.

use super::polynomial::exact_product;
use crate::token::Token;

/// A value in two words, high and low.
pub type Two<S> = (<S as Token>::F, <S as Token>::F);

/// `a + b` exactly, where |a| >= |b| or a is 0 (Dekker, 1971).
#[inline(always)]
pub fn ordered_sum<S: Token>(_: S, a: S::F, b: S::F) -> Two<S> {
    let sum = a + b;
    (sum, (a - sum) + b)
}

/// `c - a * b`, the product exact: the remainder of a quotient or a root, which is a float itself.
#[inline(always)]
pub fn remainder_of<S: Token>(s: S, a: S::F, b: S::F, c: S::F) -> S::F {
    if S::FMA {
        return s.mul_add(s.neg(a), b, c);
    }
    let (product, error) = exact_product(s, a, b);
    (c - product) - error
}

/// 1 / x to one part in twenty, by the bits alone: an exponent's complement is the reciprocal's, and the mantissa's is
/// near it. Enough for what corrects a last place. `x` is positive and normal.
#[inline(always)]
pub fn rough_reciprocal<S: Token>(s: S, x: S::F) -> S::F {
    s.float(s.ipick(0x7fde_6238_22fc_16e6, 0x7ef3_11c7) - s.bits(x))
}

/// A condition's sign bit: set where `m`.
#[inline(always)]
pub fn sign_where<S: Token>(s: S, m: S::M) -> S::I {
    s.iselect(m, s.ipick(i64::MIN, i32::MIN as i64), s.int(0))
}
