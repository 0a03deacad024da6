//! IEEE arithmetic, comparisons and classification of floats: each exact or rounded once.

use crate::token::Token;

/// `a + b`.
#[inline(always)]
pub fn add<S: Token>(_: S, a: S::F, b: S::F) -> S::F {
    a + b
}

/// `a - b`.
#[inline(always)]
pub fn sub<S: Token>(_: S, a: S::F, b: S::F) -> S::F {
    a - b
}

/// `a * b`.
#[inline(always)]
pub fn mul<S: Token>(_: S, a: S::F, b: S::F) -> S::F {
    a * b
}

/// `a / b`.
#[inline(always)]
pub fn div<S: Token>(_: S, a: S::F, b: S::F) -> S::F {
    a / b
}

/// `(a * b) + c`, two roundings on every token: what the two operations give one after the other.
#[inline(always)]
pub fn mul_then_add<S: Token>(_: S, a: S::F, b: S::F, c: S::F) -> S::F {
    a * b + c
}

/// `(a * b) - c`, two roundings.
#[inline(always)]
pub fn mul_then_sub<S: Token>(_: S, a: S::F, b: S::F, c: S::F) -> S::F {
    a * b - c
}

/// `c - (a * b)`, two roundings.
#[inline(always)]
pub fn sub_product<S: Token>(_: S, a: S::F, b: S::F, c: S::F) -> S::F {
    c - a * b
}

/// `(a * a) + (b * b)`, three roundings.
#[inline(always)]
pub fn add_squares<S: Token>(_: S, a: S::F, b: S::F) -> S::F {
    a * a + b * b
}

/// `(a * a) - (b * b)`, three roundings.
#[inline(always)]
pub fn sub_squares<S: Token>(_: S, a: S::F, b: S::F) -> S::F {
    a * a - b * b
}

/// `-a`.
#[inline(always)]
pub fn neg<S: Token>(s: S, a: S::F) -> S::F {
    s.neg(a)
}

/// `|a|`.
#[inline(always)]
pub fn abs<S: Token>(s: S, a: S::F) -> S::F {
    s.abs(a)
}

/// The square root.
#[inline(always)]
pub fn sqrt<S: Token>(s: S, a: S::F) -> S::F {
    s.sqrt(a)
}

/// IEEE 754-2019 minimum.
#[inline(always)]
pub fn minimum<S: Token>(s: S, a: S::F, b: S::F) -> S::F {
    s.minimum(a, b)
}

/// IEEE 754-2019 maximum.
#[inline(always)]
pub fn maximum<S: Token>(s: S, a: S::F, b: S::F) -> S::F {
    s.maximum(a, b)
}

/// `a == b`.
#[inline(always)]
pub fn eq<S: Token>(s: S, a: S::F, b: S::F) -> S::M {
    s.eq(a, b)
}

/// `a != b`, true for NaN.
#[inline(always)]
pub fn ne<S: Token>(s: S, a: S::F, b: S::F) -> S::M {
    !s.eq(a, b)
}

/// `a < b`.
#[inline(always)]
pub fn lt<S: Token>(s: S, a: S::F, b: S::F) -> S::M {
    s.lt(a, b)
}

/// `a <= b`.
#[inline(always)]
pub fn le<S: Token>(s: S, a: S::F, b: S::F) -> S::M {
    s.le(a, b)
}

/// `a` where `m`, else `b`.
#[inline(always)]
pub fn choose<S: Token>(s: S, m: S::M, a: S::F, b: S::F) -> S::F {
    s.select(m, a, b)
}

/// The bits of |a|, and those of infinity. Classification is done on bits, so that it holds where a device's float
/// comparisons are lax about NaN.
#[inline(always)]
fn magnitude_and_infinity<S: Token>(s: S, a: S::F) -> (S::I, S::I) {
    (s.bits(a) & s.ipick(i64::MAX, i32::MAX as i64), s.bits(s.lit(f64::INFINITY)))
}

/// Whether `a` is NaN.
#[inline(always)]
pub fn is_nan<S: Token>(s: S, a: S::F) -> S::M {
    let (magnitude, infinity) = magnitude_and_infinity(s, a);
    s.ilt(infinity, magnitude)
}

/// Whether `a` is infinite.
#[inline(always)]
pub fn is_inf<S: Token>(s: S, a: S::F) -> S::M {
    let (magnitude, infinity) = magnitude_and_infinity(s, a);
    s.ieq(infinity, magnitude)
}

/// Whether `a` is neither infinite nor NaN.
#[inline(always)]
pub fn is_finite<S: Token>(s: S, a: S::F) -> S::M {
    let (magnitude, infinity) = magnitude_and_infinity(s, a);
    s.ilt(magnitude, infinity)
}

/// IEEE 754-2019 minimumNumber: the lesser, -0 < +0; NaN only if both are.
#[inline(always)]
pub fn minimum_number<S: Token>(s: S, a: S::F, b: S::F) -> S::F {
    s.minimum(s.select(s.eq(a, a), a, b), s.select(s.eq(b, b), b, a))
}

/// IEEE 754-2019 maximumNumber: the greater, -0 < +0; NaN only if both are.
#[inline(always)]
pub fn maximum_number<S: Token>(s: S, a: S::F, b: S::F) -> S::F {
    s.maximum(s.select(s.eq(a, a), a, b), s.select(s.eq(b, b), b, a))
}

/// `a` itself.
#[inline(always)]
pub fn same<S: Token>(_: S, a: S::F) -> S::F {
    a
}

/// 0.
#[inline(always)]
pub fn zero<S: Token>(s: S, _: S::F) -> S::F {
    s.lit(0.0)
}

/// 1.
#[inline(always)]
pub fn one<S: Token>(s: S, _: S::F) -> S::F {
    s.lit(1.0)
}

/// `a * a`.
#[inline(always)]
pub fn square<S: Token>(_: S, a: S::F) -> S::F {
    a * a
}

/// `x` with 0 for NaN and the greatest numbers for the infinities.
#[inline(always)]
pub fn finite<S: Token>(s: S, x: S::F) -> S::F {
    let greatest = s.pick(f64::MAX, f32::MAX as f64);
    let bounded = s.pmax(s.pmin(x, greatest), s.neg(greatest));
    s.select(s.eq(x, x), bounded, s.lit(0.0))
}

/// `1 / x`.
#[inline(always)]
pub fn reciprocal<S: Token>(s: S, x: S::F) -> S::F {
    s.lit(1.0) / x
}
