//! The parts of floats: sign, exponent, fraction, neighbours, and what is made of them. All exact, most on bits.

use super::polynomial::{mantissa_bits, mantissa_mask};
use crate::token::Token;

/// -1, 0 or 1 by the sign of `x`. Either zero gives +0, NaN stays.
#[inline(always)]
pub fn sign<S: Token>(s: S, x: S::F) -> S::F {
    let zero = s.lit(0.0);
    let one = s.float(s.bits(s.lit(1.0)) | s.sign(x));
    s.select(s.lt(zero, s.abs(x)), one, s.select(s.eq(x, zero), zero, x))
}

/// Whether the sign bit is set, of a NaN too.
#[inline(always)]
pub fn sign_bit<S: Token>(s: S, x: S::F) -> S::M {
    s.ilt(s.bits(x), s.int(0))
}

/// |x| with the sign of `y`.
#[inline(always)]
pub fn copy_sign<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    s.float(s.bits(s.abs(x)) | s.sign(y))
}

/// |x| with the sign of `y`, and a plus where `y` is NaN, whose sign nobody promises.
#[inline(always)]
pub fn copy_sign_of_number<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    copy_sign(s, x, s.select(s.eq(y, y), y, s.lit(0.0)))
}

/// The next float from `x` towards `y`; `y` itself where they are equal, which settles the sign of zero.
#[inline(always)]
pub fn next_after<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let (zero, one) = (s.lit(0.0), s.int(1));
    let bits = s.bits(x);
    // Bits count magnitudes: one more is one further from zero.
    let outward = !(s.lt(x, y) ^ s.lt(zero, x));
    let stepped = s.iselect(outward, bits + one, bits - one);
    let stepped = s.float(s.iselect(s.eq(x, zero), s.sign(y) | one, stepped));
    s.select(s.eq(x, y), y, s.select(s.eq(x, x) & s.eq(y, y), stepped, x + y))
}

/// The distance to the next float further from zero, with the sign of `x`; of either zero the least float, of
/// infinities NaN.
#[inline(always)]
pub fn spacing<S: Token>(s: S, x: S::F) -> S::F {
    let magnitude = s.abs(x);
    let next = s.float(s.bits(magnitude) + s.int(1)); // after infinity comes a NaN
    let distance = s.bits(next - magnitude);
    s.select(s.eq(x, s.lit(0.0)), s.float(distance), s.float(distance | s.sign(x)))
}

/// `x * 2^n` for any `n`, rounded once where it becomes subnormal.
#[inline(always)]
pub fn scale_by_power<S: Token>(s: S, x: S::F, n: S::I) -> S::F {
    let (places, bias) = (mantissa_bits::<S>(), s.ipick(1023, 127));
    let (magnitude, infinity) = (s.abs(x), s.lit(f64::INFINITY));
    // The exponent field that the result has if it is normal, of a magnitude made normal first.
    let subnormal = s.lt(magnitude, s.pick(f64::MIN_POSITIVE, f32::MIN_POSITIVE as f64));
    let normal = s.bits(s.select(subnormal, magnitude * s.pick(18014398509481984.0, 33554432.0), magnitude)); // 2^54, 2^25
    let limit = s.ipick(4400, 600); // beyond it nothing is left of any float
    let n = s.imax(s.int(0) - limit, s.imin(limit, n));
    let field = s.shr(normal, places) + n - s.iselect(subnormal, s.ipick(54, 25), s.int(0));
    // A subnormal result is a normal float times a power of two: that product is its one rounding.
    let low = s.ilt(field, s.int(1));
    let (deep, least) = (s.ipick(64, 32), s.int(1));
    let placed = s.imax(least, s.imin(s.iselect(low, field + deep, field), bias + bias));
    let scaled = s.float(s.shl(placed, places) | (normal & mantissa_mask(s)));
    let factor = s.float(s.shl(s.iselect(low, bias - deep, bias), places));
    let scaled = s.select(s.ilt(bias + bias, field), infinity, scaled * factor);
    let passes = s.eq(x, s.lit(0.0)) | !s.lt(magnitude, infinity);
    s.select(passes, x, s.float(s.bits(scaled) | s.sign(x)))
}

/// 0 below zero, 1 above, `at_zero` for either zero; NaN stays.
#[inline(always)]
pub fn heaviside<S: Token>(s: S, x: S::F, at_zero: S::F) -> S::F {
    let zero = s.lit(0.0);
    let step = s.select(s.lt(x, zero), zero, s.select(s.lt(zero, x), s.lit(1.0), x));
    s.select(s.eq(x, zero), at_zero, step)
}

/// What `trunc` leaves of `x`, with its sign; of infinities zero.
#[inline(always)]
pub fn fractional<S: Token>(s: S, x: S::F) -> S::F {
    let (zero, infinity) = (s.lit(0.0), s.lit(f64::INFINITY));
    let rest = s.select(s.eq(s.abs(x), infinity), zero, x - s.trunc(x));
    s.float(s.bits(rest) | s.sign(x))
}

/// The argument of the complex number `x + 0i`: arctan2(+0, x).
#[inline(always)]
pub fn angle<S: Token>(s: S, x: S::F) -> S::F {
    let pi = s.lit(core::f64::consts::PI);
    let turned = s.select(sign_bit(s, x), pi, s.lit(0.0));
    s.select(s.eq(x, x), turned, x)
}
