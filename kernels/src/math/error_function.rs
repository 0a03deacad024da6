//! The error function, its complement and the normal distribution function.
//!
//! Near 0 an odd polynomial. Farther out erf(x) is 1 - e^-q(x), where a few bits of q are enough; the complement, whose
//! last bit counts however small it gets, is e^-x^2 times a function that varies little, in a variable that maps all of
//! the axis to a short interval (Shepherd and Laframboise, 1981).

use super::{
    exponential::{EXP32, EXP64},
    polynomial::{block_polynomial, exact_product, mantissa_bits, polynomial, shifter},
    two_words::{Two, exp_of_two, ordered_sum, remainder_of},
};
use crate::token::Token;
use core::f64::consts::{FRAC_2_SQRT_PI, LN_2, LOG2_E};

/// erf(x) / x - 1 in x^2, for |x| <= 1: minimax fits, relative errors 2^-55.9 and 2^-29.5.
const ERF64: [f64; 12] = [
    0.12837916709551256,
    -0.37612638903183465,
    0.11283791670943022,
    -0.026866170642999797,
    0.005223977605538874,
    -0.000854832591162645,
    0.00012055293250900274,
    -1.4924708789541292e-05,
    1.6447112990643041e-06,
    -1.6206313343630333e-07,
    1.37114468299295e-08,
    -7.781016142478912e-10,
];
const ERF32: [f64; 7] = [
    0.12837916612625122,
    -0.3761262893676758,
    0.11283618211746216,
    -0.02685512602329254,
    0.005190733354538679,
    -0.0008030750905163586,
    7.920309872133657e-05,
];
/// The same for |x| <= 0.28: relative errors 2^-54.3 and 2^-29.2, a fifth of that as errors of erfc.
const NEAR64: [f64; 7] = [
    0.12837916709551253,
    -0.3761263890317934,
    0.11283791670094323,
    -0.026866169998811324,
    0.005223954296721163,
    -0.0008543981328690515,
    0.00011651768391692224,
];
const NEAR32: [f64; 4] =
    [0.12837916612625122, -0.37612584233283997, 0.11280053853988647, -0.026075312867760658];
/// -log(erfc(x)) in x - 1, for 1 <= x <= 6 (4): fits whose errors, as errors of erf, are 2^-57 and 2^-26.9.
const Q64: [f64; 18] = [
    1.8496055099332482,
    2.6389675142347824,
    0.8431072563591867,
    0.04156109802856082,
    -0.010033825208768022,
    0.0019779013720078865,
    -0.00023731698036972448,
    -2.629500530927214e-05,
    2.71966849225364e-05,
    -9.668491901096295e-06,
    2.129260533079922e-06,
    -2.0297407372473248e-07,
    -5.893799457213574e-08,
    3.372923170109523e-08,
    -8.605393618555916e-09,
    1.3338641928936207e-09,
    -1.208249110945387e-10,
    4.933552619104537e-12,
];
const Q32: [f64; 7] = [
    1.8496055603027344,
    2.638963460922241,
    0.8431581854820251,
    0.04133601114153862,
    -0.009603849612176418,
    0.001610338338650763,
    -0.000128286425024271,
];
/// e^x^2 erfc(x) / w in w - [`MIDDLE`], with w = 1 / (x + [`SHIFT`]), for 0.28 <= x <= 27.5 (10.5): minimax fits, relative
/// errors 2^-60.3 and 2^-27.5. The middle was chosen so that rounding the constant costs nothing.
const SCALED64: [f64; 22] = [
    1.0314020925476692,
    7.008411497804608,
    42.81771654927189,
    233.69375595598018,
    1127.9666674408143,
    4738.109651576885,
    16860.271962663184,
    48281.515167677506,
    98071.39022211866,
    74069.43432002592,
    -345891.40789023787,
    -1436377.9590325279,
    -1270649.6934469424,
    7535971.265108857,
    25005229.290411584,
    -16417673.37114557,
    -239074450.57820377,
    -154082871.70239058,
    2060940988.9760077,
    1896585415.7121098,
    -16099756592.850172,
    11273847022.891432,
];
const SCALED32: [f64; 10] = [
    1.0518741607666016,
    4.011087417602539,
    11.313394546508789,
    21.36844253540039,
    17.79364776611328,
    -26.032197952270508,
    -74.946533203125,
    36.94449996948242,
    237.6490478515625,
    -198.0292205810547,
];
const MIDDLE: (f64, f64) = (0.11627197265625, 0.199462890625);
const SHIFT: (f64, f64) = (4.0, 2.5);
/// The same times 2^-130 (2^-60): what is then left of 2^n is a normal power of two for the smallest result too.
const LOWERED64: [f64; 22] = times(SCALED64, LOWERING.0);
const LOWERED32: [f64; 10] = times(SCALED32, LOWERING.1);
const LOWERING: (f64, f64) = (7.346839692639297e-40, 8.673617379884035e-19);

const fn times<const N: usize>(mut coefficients: [f64; N], factor: f64) -> [f64; N] {
    let mut i = 0;
    while i < N {
        coefficients[i] *= factor;
        i += 1;
    }
    coefficients
}

/// The error function.
#[inline(always)]
pub fn erf<S: Token>(s: S, x: S::F) -> S::F {
    let (magnitude, one) = (s.abs(x), s.lit(1.0));
    let square = x * x;
    let near = s.mul_add(magnitude, polynomial(s, square, &ERF64, &ERF32), magnitude);
    // Beyond the clamp the result rounds to 1. The order of operands lets NaN pass.
    let clamped = s.pmin(s.pick(6.0, 4.0), magnitude);
    let q = block_polynomial(s, clamped - one, (clamped - one) * (clamped - one), &Q64, &Q32);
    let t = s.mul_add(q, s.lit(-LOG2_E), shifter(s));
    let r = s.mul_add(t - shifter(s), s.lit(-LN_2), s.neg(q));
    let e = one + s.mul_add(r * r, block_polynomial(s, r, r * r, &EXP64, &EXP32), r);
    let power = s.float(s.shl(s.bits(t) + s.ipick(1023, 127), mantissa_bits::<S>()));
    let far = s.mul_add(s.neg(e), power, one);
    let result = s.select(s.lt(magnitude, one), near, far);
    s.float(s.bits(result) | s.sign(x))
}

/// The complement of the error function, 1 - erf(x).
#[inline(always)]
pub fn erfc<S: Token>(s: S, x: S::F) -> S::F {
    // Beyond the clamp the result is 0 (2). The order of operands lets NaN pass.
    let magnitude = s.pmin(s.pick(28.0, 11.0), s.abs(x));
    let (square, square_low) = exact_product(s, magnitude, magnitude);
    let (e, e_low, _, t) = exp_of_two(s, (s.neg(square), s.neg(square_low)));
    let y = product_with_scaled(s, magnitude, None, (e, e_low)) * remaining_power(s, t, 0);
    let y = s.select(s.lt(x, s.lit(0.0)), s.lit(2.0) - y, y);
    s.select(s.lt(s.abs(x), s.lit(NEAR)), near_one(s, (x, s.lit(0.0))), y)
}

/// The normal distribution function: erfc(-x / sqrt(2)) / 2.
#[inline(always)]
pub fn ndtr<S: Token>(s: S, x: S::F) -> S::F {
    let (one, root) = (s.lit(1.0), s.lit(core::f64::consts::FRAC_1_SQRT_2));
    // Beyond the clamp the result is 0 or 1; the order of operands lets NaN pass.
    let magnitude = s.pmin(s.pick(39.0, 15.5), s.abs(x));
    let (high, low) = exact_product(s, magnitude, root);
    let low = s.mul_add(magnitude, s.pick(-4.833646656726457e-17, 1.210161710447897e-08), low);
    let (square, square_low) = exact_product(s, high, high);
    let square_low = s.mul_add(high + high, low, square_low);
    let (e, e_low, _, t) = exp_of_two(s, (s.neg(square), s.neg(square_low)));
    let y = product_with_scaled(s, high, Some(low), (e, e_low)) * remaining_power(s, t, 1);
    let y = s.select(s.lt(s.lit(0.0), x), one - y, y);
    let sign = s.sign(x) ^ s.sign(s.lit(-1.0));
    let argument = (s.float(s.bits(high) ^ sign), s.float(s.bits(low) ^ sign));
    s.select(s.lt(high, s.lit(NEAR)), near_one(s, argument) * s.lit(0.5), y)
}

/// Up to this magnitude 1 - erf(x) is computed as that, which is exact at 0.
const NEAR: f64 = 0.28;

/// erfc(x + low) for small x.
#[inline(always)]
fn near_one<S: Token>(s: S, (x, low): Two<S>) -> S::F {
    let square = x * x;
    let (difference, difference_low) = ordered_sum(s, s.lit(1.0), s.neg(x));
    let series = s.mul_add(x, polynomial(s, square, &NEAR64, &NEAR32), low);
    difference + (difference_low - series)
}

/// 2^n over [`LOWERING`], halved so many times; `t` as from [`exp_of_two`]. Always normal, so that results round once.
#[inline(always)]
fn remaining_power<S: Token>(s: S, t: S::F, halvings: i64) -> S::F {
    let bias = s.ipick(1023 + 130 - halvings, 127 + 60 - halvings);
    s.float(s.shl(s.bits(t) + bias, mantissa_bits::<S>()))
}

/// e^x^2 erfc(x) times [`LOWERING`], for x + low >= 0, times a value in two words.
#[inline(always)]
fn product_with_scaled<S: Token>(s: S, x: S::F, low: Option<S::F>, (e, e_low): Two<S>) -> S::F {
    let shift = s.pick(SHIFT.0, SHIFT.1);
    // Exact for x above the shift too, which is a multiple of its last place.
    let (denominator, denominator_low) = ordered_sum(s, shift, x);
    let w = s.lit(1.0) / denominator;
    // The last sum of the polynomial in two words, and so is the product.
    let rest = w - s.pick(MIDDLE.0, MIDDLE.1);
    let series = block_polynomial(s, rest, rest * rest, &LOWERED64[1..], &LOWERED32[1..]);
    let (f, f_low) = ordered_sum(s, s.pick(LOWERED64[0], LOWERED32[0]), rest * series);
    let (g, g_low) = exact_product(s, w, f);
    // w is that of an argument slightly off: by delta, and the derivative of e^x^2 erfc(x) is 2 x times that
    // less 2 / sqrt(pi).
    let delta = s.mul_add(s.neg(denominator), remainder_of(s, w, denominator, s.lit(1.0)), denominator_low);
    let delta = if let Some(low) = low { delta + low } else { delta };
    let slope = s.mul_add(x + x, g, s.pick(-FRAC_2_SQRT_PI * LOWERING.0, -FRAC_2_SQRT_PI * LOWERING.1));
    let correction = s.mul_add(w, f_low, s.mul_add(delta, slope, g_low));
    let lower = s.mul_add(g, e_low, correction * e);
    if S::FMA {
        return s.mul_add(g, e, lower);
    }
    let (y, y_low) = exact_product(s, g, e);
    y + (lower + y_low)
}
