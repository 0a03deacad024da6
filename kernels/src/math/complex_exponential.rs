//! Parts of the complex exponential, hyperbolic sine, cosine and tangent, each of a number's two parts. (Those of sine,
//! cosine and tangent are the same of the number times i.)
//!
//! Special values and signs of zeros are those of C99's annex G.

use super::{
    basic::{is_finite, is_inf},
    exponential::exp,
    parts::{copy_sign, copy_sign_of_number},
    polynomial::{constant_power_of_two, polynomial},
    trigonometry::{cos, sin},
};
use crate::token::Token;

/// e^x in three factors, for products that come back from beyond the range of exponents: no step of `t * before * e *
/// after` overflows or vanishes unless the whole does, if `t` is a sine or a cosine. Where the mask does not hold, e^x
/// is `e` alone.
#[inline(always)]
fn exponential_factors<S: Token>(s: S, x: S::F) -> (S::F, S::F, S::F, S::M) {
    // e^x = 2^k e^(x - K), K the float next to k ln 2 and k = 1551 (202). The difference is exact, and e^K / 2^k, which
    // is 1 - 8e-15 (1 + 1e-6), is part of the first factor.
    let large = s.lt(s.pick(700.0, 87.0), x);
    let moved = s.pmin(s.pick(1500.0, 200.0), x) - s.pick(1075.0712770484752, 140.01573181152344);
    let (before, after) = (
        s.pick(6.668014432879803e240, 5.192303807984804e33), // 2^800, 2^112
        s.pick(constant_power_of_two(751), constant_power_of_two(90)),
    );
    let one = s.lit(1.0);
    let e = exp(s, s.select(large, moved, x));
    (e, s.select(large, before, one), s.select(large, after, one), large)
}

/// `t e^x` for a sine or cosine `t`.
#[inline(always)]
fn times_exponential<S: Token>(s: S, x: S::F, t: S::F) -> S::F {
    let (e, before, after, _) = exponential_factors(s, x);
    t * before * e * after
}

/// Whether `x` is infinite and `y` has no sine.
#[inline(always)]
fn infinite_and_undirected<S: Token>(s: S, x: S::F, y: S::F) -> S::M {
    is_inf(s, x) & !is_finite(s, y)
}

/// The real part of the exponential.
#[inline(always)]
pub fn exp_real<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let part = times_exponential(s, x, cos(s, y));
    let limit = s.select(s.lt(x, s.lit(0.0)), s.lit(0.0), x);
    s.select(infinite_and_undirected(s, x, y), limit, part)
}

/// The imaginary part of the exponential.
#[inline(always)]
pub fn exp_imag<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let (zero, part) = (s.lit(0.0), times_exponential(s, x, sin(s, y)));
    let vanishes = infinite_and_undirected(s, x, y) & s.lt(x, zero);
    s.select(s.eq(y, zero), y, s.select(vanishes, zero, part))
}

/// (sinh(x) / x - 1) / x^2 in x^2, for |x| <= 1: Chebyshev fits, relative errors 2^-61 and 2^-32.
const SINH64: [f64; 7] = [
    0.16666666666666666,
    0.008333333333333299,
    0.00019841269841324198,
    2.7557319191381816e-06,
    2.5052117695907823e-08,
    1.6057679623801638e-10,
    7.746178593018827e-13,
];
const SINH32: [f64; 4] =
    [0.1666666716337204, 0.008333339355885983, 0.00019838102161884308, 2.806280235745362e-06];

/// The hyperbolic sine of `x`, where `e` is e^|x| and `inverse` its reciprocal (0 where it does not matter).
#[inline(always)]
fn sinh_of<S: Token>(s: S, x: S::F, e: S::F, inverse: S::F) -> S::F {
    let square = x * x;
    let near_zero = s.mul_add(x * square, polynomial(s, square, &SINH64, &SINH32), x);
    let elsewhere = copy_sign(s, (e - inverse) * s.lit(0.5), x);
    s.select(s.le(s.abs(x), s.lit(1.0)), near_zero, elsewhere)
}

/// `sinh(x) t` for a sine or cosine `t`.
#[inline(always)]
fn times_sinh<S: Token>(s: S, x: S::F, t: S::F) -> S::F {
    let (e, before, after, large) = exponential_factors(s, s.abs(x));
    let inverse = s.select(large, s.lit(0.0), s.lit(1.0) / e);
    t * before * sinh_of(s, x, e, inverse) * after
}

/// `cosh(x) t` for a sine or cosine `t`.
#[inline(always)]
fn times_cosh<S: Token>(s: S, x: S::F, t: S::F) -> S::F {
    let (e, before, after, large) = exponential_factors(s, s.abs(x));
    let inverse = s.select(large, s.lit(0.0), s.lit(1.0) / e);
    t * before * ((e + inverse) * s.lit(0.5)) * after
}

/// The real part of the hyperbolic sine.
#[inline(always)]
pub fn sinh_real<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let part = times_sinh(s, x, cos(s, y));
    let keeps = !is_finite(s, y) & (is_inf(s, x) | s.eq(x, s.lit(0.0)));
    s.select(keeps, x, part)
}

/// The imaginary part of the hyperbolic sine.
#[inline(always)]
pub fn sinh_imag<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    s.select(s.eq(y, s.lit(0.0)), y, times_cosh(s, x, sin(s, y)))
}

/// The real part of the hyperbolic cosine.
#[inline(always)]
pub fn cosh_real<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let part = times_cosh(s, x, cos(s, y));
    s.select(infinite_and_undirected(s, x, y), s.abs(x), part)
}

/// The imaginary part of the hyperbolic cosine.
#[inline(always)]
pub fn cosh_imag<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let zero = s.lit(0.0);
    let part = times_sinh(s, x, sin(s, y));
    let vanishes = s.eq(y, zero) | (s.eq(x, zero) & !is_finite(s, y));
    let turned = s.float(s.bits(y) ^ s.sign(s.select(s.eq(x, x), x, zero)));
    s.select(vanishes, copy_sign_of_number(s, zero, turned), part)
}

/// What both parts of the hyperbolic tangent are made of: sinh(x), cosh(x), e^-|x|, and whether |x| is so large that
/// only that matters.
#[inline(always)]
fn hyperbolic_of<S: Token>(s: S, x: S::F) -> (S::F, S::F, S::F, S::M) {
    let magnitude = s.pmin(s.pick(700.0, 87.0), s.abs(x));
    let (half, e) = (s.lit(0.5), exp(s, magnitude));
    let inverse = s.lit(1.0) / e;
    let large = s.lt(s.pick(22.0, 10.0), magnitude);
    (sinh_of(s, x, e, inverse), (e + inverse) * half, inverse, large)
}

/// The real part of the hyperbolic tangent: sinh(x) cosh(x) over the positive sinh(x)^2 + cos(y)^2.
#[inline(always)]
pub fn tanh_real<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let (sine, cosine, _, large) = hyperbolic_of(s, x);
    let c = cos(s, y);
    let part = sine * cosine / s.mul_add(sine, sine, c * c);
    let part = s.select(s.eq(x, s.lit(0.0)), x, part);
    let limit = copy_sign(s, s.lit(1.0), x);
    // NaN comes of a finite x and a y that has no cosine.
    let limit = s.select(is_inf(s, x), limit, s.mul_add(c, s.lit(0.0), limit));
    s.select(large, limit, part)
}

/// The imaginary part of the hyperbolic tangent: sin(y) cos(y) over sinh(x)^2 + cos(y)^2.
#[inline(always)]
pub fn tanh_imag<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let (sine, _, inverse, large) = hyperbolic_of(s, x);
    let (c, twice) = (cos(s, y), inverse + inverse);
    let product = sin(s, y) * c;
    let part = product / s.mul_add(sine, sine, c * c);
    let part = s.select(large, product * twice * twice, part);
    let part = s.select(infinite_and_undirected(s, x, y), copy_sign_of_number(s, s.lit(0.0), y), part);
    s.select(s.eq(y, s.lit(0.0)), y, part)
}
