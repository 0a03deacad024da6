//! Hyperbolic functions. With |x| = n ln 2 + r, both e^x and e^-x are powers of two times the even and odd parts of e^r,
//! so that none of them takes a division, save the tangent's quotient.

use super::{
    exponential::{Reduced, expm1_less_rest, fused_exp_of_rest, reduce_ln2, reduce_ln2_late},
    polynomial::{
        inverse_power_of_two, mantissa_bits, ordered_sum, parity_polynomial, polynomial, quotient, shifter,
    },
};
use crate::token::Token;

/// (cosh(r) - 1) / r^2 by r^2, for |r| <= ln(2)/2: minimax fits.
const COSH64: [f64; 5] =
    [0.5, 0.04166666666660285, 0.0013888888927244068, 2.4801508126034635e-05, 2.7625404866662956e-07];
const COSH32: [f64; 3] = [0.5, 0.04166645929, 0.00139354053];
/// (sinh(r) - r) / r^3 by r^2, for |r| <= 0.45.
const SINH64: [f64; 5] = [
    0.16666666666666802,
    0.00833333333323846,
    0.00019841270056777542,
    2.7557105611180233e-06,
    2.5148193917741828e-08,
];
const SINH32: [f64; 3] = [0.1666666716, 0.008333207108, 0.0001994878548];
/// (tanh(x) - x) / x^3 by x^2, for |x| <= 1.
const TANH32: [f64; 7] = [
    -0.3333329558,
    0.1333234459,
    -0.05387979746,
    0.02148664929,
    -0.007946094498,
    0.00230135629,
    -0.0003584497899,
];

/// cosh(r) - 1, and sinh(r) - r.
#[inline(always)]
fn even_and_odd<S: Token>(s: S, reduced: Reduced<S>) -> (S::F, S::F) {
    let r = reduced.r;
    let square = r * r;
    let even = square * polynomial(s, square, &COSH64, &COSH32);
    let cube = square * r;
    let odd = polynomial(s, square, &SINH64, &SINH32);
    (even, reduced.with_tail(cube * odd))
}

/// 4^-n, for an n >= 0 of a reduction; no less than 2^-80 (2^-40), beside which sinh and cosh are the same.
#[inline(always)]
fn inverse_square<S: Token>(s: S, reduced: Reduced<S>) -> S::F {
    let w = inverse_power_of_two(s, s.pmin(reduced.t, shifter(s) + s.pick(40.0, 20.0)));
    w * w
}

/// |x|, or a limit beyond which sinh and cosh are infinite; NaN passes, by the order of operands.
#[inline(always)]
fn clamped<S: Token>(s: S, x: S::F) -> S::F {
    s.pmin(s.pick(711.0, 90.0), s.abs(x))
}

/// Half of 2^n times `y`, for the n >= 0 of a reduction that may be one more than exponents go.
#[inline(always)]
fn halved_power<S: Token>(s: S, y: S::F, reduced: Reduced<S>) -> S::F {
    let quarter = s.shl(s.bits(reduced.t) + s.ipick(1023 - 2, 127 - 2), mantissa_bits::<S>());
    (y * s.float(quarter)) * s.lit(2.0)
}

/// The hyperbolic sine of `x`: half of 2^n times (1 - w) cosh(r) + (1 + w) sinh(r), with w = 4^-n.
#[inline(always)]
pub fn sinh<S: Token>(s: S, x: S::F) -> S::F {
    let magnitude = clamped(s, x);
    let (reduced, near) = reduce_ln2_late(s, magnitude, magnitude);
    let (even, odd) = even_and_odd(s, reduced);
    let w = inverse_square(s, reduced);
    let one = s.lit(1.0);
    let (minus, minus_lost) = ordered_sum(s, one, s.neg(w));
    let (sum, lost) = ordered_sum(s, minus, reduced.r);
    let rest = s.mul_add(minus, even, s.mul_add(one + w, odd, lost + minus_lost));
    let y = halved_power(s, sum + s.mul_add(w, reduced.r, rest), reduced);
    let y = s.select(near, magnitude + odd, y);
    s.float(s.bits(y) | s.sign(x))
}

/// The hyperbolic cosine of `x`: half of 2^n times (1 + w) cosh(r) + (1 - w) sinh(r).
#[inline(always)]
pub fn cosh<S: Token>(s: S, x: S::F) -> S::F {
    let reduced = reduce_ln2(s, clamped(s, x));
    let (even, odd) = even_and_odd(s, reduced);
    let w = inverse_square(s, reduced);
    let one = s.lit(1.0);
    let (plus, plus_lost) = ordered_sum(s, one, w);
    let (sum, lost) = ordered_sum(s, plus, reduced.r);
    let rest = s.mul_add(plus, even, s.mul_add(one - w, odd, lost + plus_lost));
    halved_power(s, sum + s.mul_add(w, s.neg(reduced.r), rest), reduced)
}

/// The hyperbolic tangent of `x`: (e^2|x| - 1) / (e^2|x| + 1), both sides divided by 2^n.
#[inline(always)]
pub fn tanh<S: Token>(s: S, x: S::F) -> S::F {
    if S::FMA && S::BITS == 32 {
        return single_tanh(s, x);
    }
    // From here on it is 1. The order of operands lets NaN pass.
    let magnitude = s.pmin(s.pick(19.25, 9.25), s.abs(x));
    let doubled = magnitude + magnitude;
    let (reduced, _) = reduce_ln2_late(s, doubled, doubled);
    let one = s.lit(1.0);
    let w = inverse_power_of_two(s, reduced.t);
    // 1 + r, less w and plus w, in two words each; w is no greater than the sum, since r >= 0 where n is 0.
    let (sum, lost) = ordered_sum(s, one, reduced.r);
    let rest = expm1_less_rest(s, reduced, lost);
    let (numerator, numerator_lost) = ordered_sum(s, sum, s.neg(w));
    let (denominator, denominator_lost) = ordered_sum(s, sum, w);
    // The numerator's second word may be half of it, and would be rounded at that size.
    let above = ordered_sum(s, numerator, numerator_lost + rest);
    let below = (denominator, denominator_lost + rest);
    let (q, q_low) = quotient(s, above, below, one / (below.0 + below.1));
    s.float(s.bits(q + q_low) | s.sign(x))
}

/// The same of singles with FMA: a polynomial up to 1, and 1 - 2 / (e^2|x| + 1) beyond, where that takes less than a
/// quarter off, and one word will do.
#[inline(always)]
fn single_tanh<S: Token>(s: S, x: S::F) -> S::F {
    let (one, magnitude) = (s.lit(1.0), s.abs(x));
    let square = magnitude * magnitude;
    let p = parity_polynomial(s, square, square * square, &TANH32, &TANH32);
    let small = s.mul_add(magnitude * square, p, magnitude);
    // From 9.25 on it is 1. The order of operands lets NaN pass.
    let limited = s.pmin(s.lit(9.25), magnitude);
    let reduced = reduce_ln2(s, limited + limited);
    // Both sides of the quotient are divided by 2^n.
    let w = inverse_power_of_two(s, reduced.t);
    let below = fused_exp_of_rest(s, reduced.r, one + w);
    let large = s.mul_add(s.neg(w + w), one / below, one);
    let y = s.select(s.lt(magnitude, one), small, large);
    s.float(s.bits(y) | s.sign(x))
}
