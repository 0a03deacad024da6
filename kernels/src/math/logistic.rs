//! The logistic function, its inverse and its integral, and logarithms of sums of exponentials.

use super::{
    exponential::{LN_2_FACTOR, Reduced, exp_of_rest, reduce_ln2_exactly},
    logarithm::{LOG2_E_FACTOR, log_of_two, log1p_of_two},
    polynomial::{exact_sum, ordered_sum, power_of_two, quotient, shifter, times},
};
use crate::token::Token;
use core::f64::consts::{LN_2, LOG2_E};

/// An exponential of a negative number: its mantissa in two words, and as it is, but no less than 2^-100.
struct Decay<S: Token> {
    reduced: Reduced<S>,
    mantissa: (S::F, S::F),
    value: (S::F, S::F),
}

/// e^(x + low) for x <= 0, `low` within a rounding of `x`.
#[inline(always)]
fn decay<S: Token>(s: S, x: S::F, low: Option<S::F>) -> Decay<S> {
    let reduced = reduce_ln2_exactly(s, s.pmax(s.pick(-746.0, -104.0), x));
    let (first, second) = exp_of_rest(s, reduced);
    let second = match low {
        Some(low) => s.mul_add(first + second, low, second),
        None => second,
    };
    let (high, low) = ordered_sum(s, first, second);
    let power = power_of_two(s, s.pmax(shifter(s) - s.lit(100.0), reduced.t));
    Decay { reduced, mantissa: (high, low), value: (high * power, low * power) }
}

/// The logistic function of `x`, 1 / (1 + e^-x); for negative x, e^x / (1 + e^x).
#[inline(always)]
pub fn expit<S: Token>(s: S, x: S::F) -> S::F {
    let (zero, one) = (s.lit(0.0), s.lit(1.0));
    let e = decay(s, s.neg(s.abs(x)), None);
    let (below, below_low) = ordered_sum(s, one, e.value.0);
    let negative = s.lt(x, zero);
    let above = (s.select(negative, e.mantissa.0, one), s.select(negative, e.mantissa.1, zero));
    let (q, q_low) = quotient(s, above, (below, below_low + e.value.1), one / below);
    let n = s.select(negative, e.reduced.n, zero);
    let t = s.select(negative, e.reduced.t, shifter(s));
    s.scale(q + q_low, n, t)
}

/// log(p / (1 - p)), the inverse of the logistic function.
#[inline(always)]
pub fn logit<S: Token>(s: S, p: S::F) -> S::F {
    let one = s.lit(1.0);
    let below = ordered_sum(s, one, s.neg(p));
    let (q, q_low) = quotient(s, (p, s.lit(0.0)), below, one / below.0);
    let (sum, rest) = log_of_two(s, q, q_low);
    s.log_edges(q, sum + rest)
}

/// log(1 + e^(x + low)) for x <= 0, `low` within a rounding of `x`.
struct Log1pExp<S: Token> {
    /// In two words, for x >= -60.
    sum: S::F,
    rest: S::F,
    /// For lesser x: e^x itself, down to the subnormals.
    small: S::F,
    is_small: S::M,
}

#[inline(always)]
fn log1p_exp<S: Token>(s: S, x: S::F, low: Option<S::F>) -> Log1pExp<S> {
    let e = decay(s, x, low);
    let (_, sum, rest) = log1p_of_two(s, e.value.0, Some(e.value.1));
    let small = s.scale(e.mantissa.0 + e.mantissa.1, e.reduced.n, e.reduced.t);
    Log1pExp { sum, rest, small, is_small: s.lt(x, s.lit(-60.0)) }
}

/// `m` and that logarithm.
#[inline(always)]
fn plus<S: Token>(s: S, m: S::F, log: Log1pExp<S>) -> S::F {
    let (total, lost) = exact_sum(s, m, log.sum);
    s.select(log.is_small, m + log.small, total + (lost + log.rest))
}

/// log(1 + e^x).
#[inline(always)]
pub fn softplus<S: Token>(s: S, x: S::F) -> S::F {
    let y = plus(s, s.pmax(x, s.lit(0.0)), log1p_exp(s, s.neg(s.abs(x)), None));
    // Far up it is x itself, infinity and NaN too.
    s.select(s.lt(x, s.lit(40.0)), y, x)
}

/// The greater of two, and how far the other is below, in two words: up to where that no longer matters.
#[inline(always)]
fn greater_and_distance<S: Token>(s: S, a: S::F, b: S::F) -> (S::F, S::F, S::F) {
    let (greater, lesser) = (s.maximum(a, b), s.minimum(a, b));
    let (d, low) = exact_sum(s, lesser, s.neg(greater));
    let (zero, limit) = (s.lit(0.0), s.lit(-1200.0));
    let (near, same) = (s.lt(limit, d), s.eq(a, b)); // infinities too are the same
    let d = s.select(near, d, limit);
    (greater, s.select(same, zero, d), s.select(near, low, zero))
}

/// log(e^a + e^b).
#[inline(always)]
pub fn logaddexp<S: Token>(s: S, a: S::F, b: S::F) -> S::F {
    let (greater, d, low) = greater_and_distance(s, a, b);
    let y = plus(s, greater, log1p_exp(s, d, Some(low)));
    s.select(s.lt(s.abs(greater), s.lit(f64::INFINITY)), y, greater)
}

/// log2(2^a + 2^b), by way of e.
#[inline(always)]
pub fn logaddexp2<S: Token>(s: S, a: S::F, b: S::F) -> S::F {
    let (greater, d, low) = greater_and_distance(s, a, b);
    let (scaled, scaled_low) = times(s, d, &LN_2_FACTOR);
    let (scaled, scaled_low) = ordered_sum(s, scaled, s.mul_add(low, s.lit(LN_2), scaled_low));
    let log = log1p_exp(s, scaled, Some(scaled_low));
    let log2_e = s.lit(LOG2_E);
    let (sum, sum_low) = times(s, log.sum, &LOG2_E_FACTOR);
    let rest = s.mul_add(log.rest, log2_e, sum_low);
    let y = plus(s, greater, Log1pExp { sum, rest, small: log.small * log2_e, ..log });
    let y = s.select(s.eq(a, b), greater + s.lit(1.0), y);
    s.select(s.lt(s.abs(greater), s.lit(f64::INFINITY)), y, greater)
}
