//! Parts of complex functions, each of a number's two parts: the square root, the logarithm, and the moduli they need.
//!
//! Special values, signs of zeros and branch cuts are those of C99's annex G.

use super::{
    basic::is_inf,
    logarithm::log,
    parts::copy_sign_of_number,
    polynomial::{constant_power_of_two, exact_product, mantissa_bits},
    two_words::exact_sum,
};
use crate::token::Token;
use core::f64::consts::LN_2;

/// The greater and the lesser magnitude of two parts.
#[inline(always)]
pub(super) fn by_magnitude<S: Token>(s: S, x: S::F, y: S::F) -> (S::F, S::F) {
    let (x, y) = (s.abs(x), s.abs(y));
    (s.pmax(x, y), s.pmin(x, y))
}

/// Whether either is infinite: a complex infinity, even beside a NaN.
#[inline(always)]
pub(super) fn either_infinite<S: Token>(s: S, x: S::F, y: S::F) -> S::M {
    is_inf(s, x) | is_inf(s, y)
}

/// `sqrt((|z| + |x|) / 2)` and `|y|` over twice that: both parts of the square root, by the sign of x the one or the
/// other. After Kahan (Branch cuts for complex elementary functions, 1987): a sum of magnitudes, of numbers scaled by
/// an even power of two so that no square overflows or vanishes.
#[inline(always)]
fn parts_of_root<S: Token>(s: S, x: S::F, y: S::F) -> (S::F, S::F) {
    let places = mantissa_bits::<S>();
    let (x, y) = (s.abs(x), s.abs(y));
    let (bias, one, zero) = (s.ipick(1023, 127), s.int(1), s.int(0));
    let field = s.imax(one, s.imin(s.shr(s.bits(s.pmax(x, y)), places), bias + bias));
    let half = s.sar(field - bias, 1);
    let scale = s.float(s.shl(bias - half - half, places));
    let (up, down) = (s.float(s.shl(bias + half, places)), s.float(s.shl(bias - half, places)));
    let (a, b) = (x * scale, y * scale);
    let modulus = s.sqrt(s.mul_add(a, a, b * b));
    let root = s.sqrt((modulus + a) * s.lit(0.5));
    // y itself over large roots, and y scaled over small ones, so that no quotient is subnormal before its time.
    let small = s.ilt(half, zero);
    let other = s.select(small, b, y) / (root + root) * s.select(small, up, down);
    let origin = s.ieq(s.bits(x) | s.bits(y), zero);
    (root * up, s.select(origin, y, other))
}

/// The real part of the square root.
#[inline(always)]
pub fn sqrt_real<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let (root, other) = parts_of_root(s, x, y);
    let negative = s.ilt(s.bits(x), s.int(0));
    let infinity = s.lit(f64::INFINITY);
    // An infinite x leaves NaN beside a NaN alone.
    let infinite = s.select(negative, s.abs(y * s.lit(0.0)), infinity);
    let part = s.select(is_inf(s, x), infinite, s.select(negative, other, root));
    s.select(is_inf(s, y), infinity, part)
}

/// The imaginary part of the square root.
#[inline(always)]
pub fn sqrt_imag<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let (root, other) = parts_of_root(s, x, y);
    let negative = s.ilt(s.bits(x), s.int(0));
    let infinity = s.lit(f64::INFINITY);
    let infinite = s.select(negative, infinity, s.abs(y * s.lit(0.0)));
    let part = s.select(is_inf(s, x), infinite, s.select(negative, root, other));
    copy_sign_of_number(s, s.select(is_inf(s, y), infinity, part), y)
}

/// `log(u + c)` for a `c` that is lost in the sum.
#[inline(always)]
pub(super) fn log_of_sum<S: Token>(s: S, u: S::F, c: S::F) -> S::F {
    let y = log(s, u);
    s.select(s.lt(s.lit(0.0), u) & s.lt(u, s.lit(f64::INFINITY)), y + c / u, y)
}

/// `log(1 + v)` for `v >= 0`.
#[inline(always)]
pub(super) fn log_of_one_plus<S: Token>(s: S, v: S::F) -> S::F {
    let (u, lost) = exact_sum(s, s.lit(1.0), v);
    log_of_sum(s, u, lost)
}

/// `x^2 + y^2` as `1 + d`, `d` in two words and nearly exact: for a modulus near 1.
#[inline(always)]
fn square_less_one<S: Token>(s: S, greater: S::F, lesser: S::F) -> (S::F, S::F) {
    let (a, a_low) = exact_product(s, greater, greater);
    let (b, b_low) = exact_product(s, lesser, lesser);
    let (a, a_lost) = exact_sum(s, s.lit(-1.0), a);
    let (sum, lost) = exact_sum(s, a, b);
    let (low, low_lost) = exact_sum(s, a_low, b_low);
    let (low, more_lost) = exact_sum(s, low, lost + a_lost);
    let (sum, lost) = exact_sum(s, sum, low);
    (sum, lost + (low_lost + more_lost))
}

/// The real part of the logarithm: `log|z|`, from `|z|^2`, of numbers scaled so that it neither overflows nor vanishes.
#[inline(always)]
pub fn log_real<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let (greater, lesser) = by_magnitude(s, x, y);
    let (one, zero) = (s.lit(1.0), s.lit(0.0));
    let huge = s.lt(s.pick(constant_power_of_two(500), constant_power_of_two(60)), greater);
    let tiny = s.lt(greater, s.pick(constant_power_of_two(-400), constant_power_of_two(-50)));
    let down = s.pick(constant_power_of_two(-600), constant_power_of_two(-80));
    let up = s.pick(constant_power_of_two(600), constant_power_of_two(100));
    let scale = s.select(huge, down, s.select(tiny, up, one));
    let shift = s.select(tiny, s.pick(-600.0 * LN_2, -100.0 * LN_2), zero);
    let shift = s.select(huge, s.pick(600.0 * LN_2, 80.0 * LN_2), shift);
    let (a, b) = (greater * scale, lesser * scale);
    let square = s.mul_add(a, a, b * b);
    let (d, d_low) = square_less_one(s, a, b);
    let (near_square, lost) = exact_sum(s, one, d);
    let near = s.lt(s.lit(0.5), square) & s.lt(square, s.lit(3.0));
    let twice = log_of_sum(s, s.select(near, near_square, square), s.select(near, lost + d_low, zero));
    let part = s.mul_add(s.lit(0.5), twice, shift);
    let part = s.select(s.eq(x, x) & s.eq(y, y), part, x + y);
    s.select(either_infinite(s, x, y), s.lit(f64::INFINITY), part)
}
