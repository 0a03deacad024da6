//! Inverse hyperbolic functions: logarithms of arguments in two words.

use super::{
    logarithm::{log_of_two, log1p_of_two},
    polynomial::{exact_product, exact_sum, ordered_sum, polynomial, quotient},
};
use crate::token::Token;
use core::f64::consts::LN_2;

/// (arcsinh(x) - x) / x^3 by x^2, for |x| <= 1/2: minimax fits.
const ARCSINH64: [f64; 12] = [
    -0.1666666666666661,
    0.07499999999984416,
    -0.04464285712783157,
    0.03038194371639689,
    -0.022372138358406426,
    0.01735238695938045,
    -0.013960232319076074,
    0.01151298458327086,
    -0.009534144807056767,
    0.007465605338027474,
    -0.004747519158164401,
    0.0017180868297016188,
];
const ARCSINH32: [f64; 5] = [-0.1666664332, 0.07498652488, -0.0443845205, 0.02816913836, -0.0132375462];

/// From here on the 1 beside x^2 is lost, and the logarithm is that of 2 |x|.
#[inline(always)]
fn far<S: Token>(s: S) -> S::F {
    s.pick(1073741824.0, 32768.0) // 2^30, 2^15
}

/// The square root of `v + low` in two words, for `low` within a rounding of `v`.
#[inline(always)]
fn root_of_two<S: Token>(s: S, v: S::F, low: S::F) -> (S::F, S::F) {
    let root = s.sqrt(v);
    let (square, square_low) = exact_product(s, root, root);
    let rest = ((v - square) - square_low) + low;
    // The limit keeps 0 from being divided by 0.
    (root, rest * (s.lit(0.5) / s.pmax(s.pick(f64::MIN_POSITIVE, f32::MIN_POSITIVE as f64), root)))
}

/// The inverse hyperbolic sine of `x`: of |x|, log(|x| + sqrt(x^2 + 1)), and a polynomial up to 1/2.
#[inline(always)]
pub fn arcsinh<S: Token>(s: S, x: S::F) -> S::F {
    let magnitude = s.abs(x);
    let is_far = s.lt(far(s), magnitude);
    let (zero, one) = (s.lit(0.0), s.lit(1.0));
    let (square, square_low) = exact_product(s, magnitude, magnitude);
    let (v, v_low) = exact_sum(s, one, square);
    let (root, root_low) = root_of_two(s, v, v_low + square_low);
    let (u, u_low) = ordered_sum(s, root, magnitude);
    let u = s.select(is_far, magnitude, u);
    let u_low = s.select(is_far, zero, u_low + root_low);
    let (sum, rest) = log_of_two(s, u, u_low);
    let doubled = s.select(is_far, s.lit(LN_2), zero);
    let large = s.log_edges(u, sum + (rest + doubled));
    let small = polynomial(s, square, &ARCSINH64, &ARCSINH32);
    let small = s.mul_add(magnitude * square, small, magnitude);
    let y = s.select(s.lt(magnitude, s.lit(0.5)), small, large);
    s.float(s.bits(y) | s.sign(x))
}

/// The inverse hyperbolic cosine of `x`: with t = x - 1, log1p(t + sqrt(t (t + 2))).
#[inline(always)]
pub fn arccosh<S: Token>(s: S, x: S::F) -> S::F {
    let (zero, one) = (s.lit(0.0), s.lit(1.0));
    let is_far = s.lt(far(s), x);
    let t = x - one;
    let (square, square_low) = exact_product(s, t, t);
    let (v, v_low) = exact_sum(s, t + t, square);
    let (root, root_low) = root_of_two(s, v, v_low + square_low);
    let (w, w_low) = ordered_sum(s, root, t);
    let w = s.select(is_far, t, w);
    let w_low = s.select(is_far, zero, w_low + root_low);
    let (u, sum, rest) = log1p_of_two(s, w, Some(w_low));
    let doubled = s.select(is_far, s.lit(LN_2), zero);
    let y = s.log_edges(u, sum + (rest + doubled));
    s.select(s.lt(x, one), s.lit(f64::NAN), y)
}

/// The inverse hyperbolic tangent of `x`: of |x|, half of log1p(2 |x| / (1 - |x|)).
#[inline(always)]
pub fn arctanh<S: Token>(s: S, x: S::F) -> S::F {
    let magnitude = s.abs(x);
    let one = s.lit(1.0);
    let (below, below_low) = ordered_sum(s, one, s.neg(magnitude));
    let above = (magnitude + magnitude, s.lit(0.0));
    let (w, w_low) = quotient(s, above, (below, below_low), one / below);
    let (u, sum, rest) = log1p_of_two(s, w, Some(w_low));
    let y = s.log_edges(u, sum + rest) * s.lit(0.5);
    s.float(s.bits(y) | s.sign(x))
}
