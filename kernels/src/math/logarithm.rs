//! Logarithms: x = 2^k (1 + f) with 1 + f in [0.677, 1.354), and a polynomial for log(1 + f). It is long (degree
//! 20 for doubles), but takes no longer than the division that a shorter series in f / (2 + f) would begin with, and
//! what is added to f after a rounding, in sums like 1 + x, can be put in at the end.

use super::polynomial::{Factor, head, inverse_power_of_two, ordered_sum, parity_polynomial, shifter, times};
use crate::token::Token;

/// (log(1 + f) - f) / f^2 for 0.6767578125 <= 1 + f <= 1.353515625: minimax fits, weighted for the relative error.
const LOG64: [f64; 20] = [
    -0.5,
    0.33333333333333826,
    -0.2500000000001015,
    0.19999999999789086,
    -0.16666666663852045,
    0.14285714314431525,
    -0.12500000294485564,
    0.11111109272240564,
    -0.09999984075119953,
    0.09090973405383934,
    -0.0833383703726664,
    0.07691007038486718,
    -0.07133030857005374,
    0.06681693236326679,
    -0.06369323848643065,
    0.05795842362050574,
    -0.04685482018231097,
    0.05338253946049989,
    -0.08383185089845964,
    0.06261684783532571,
];
const LOG32: [f64; 9] = [
    -0.5,
    0.3333322704,
    -0.2500018477,
    0.2000971437,
    -0.1666059196,
    0.140187934,
    -0.1249119788,
    0.1391090006,
    -0.114268899,
];
/// (log2(1 + f) - f / ln 2) / f^2.
const LOG2_64: [f64; 20] = [
    -0.7213475204444814,
    0.48089834696299805,
    -0.36067376022251213,
    0.28853900817401157,
    -0.24044917342552322,
    0.20609929203302074,
    -0.180336885298157,
    0.16029941979344892,
    -0.14426924158272983,
    0.13115508389904462,
    -0.1202325500323935,
    0.1109570044212082,
    -0.1028986984278402,
    0.09640092863763827,
    -0.09196333597360441,
    0.08361840211544803,
    -0.06727127997429265,
    0.07686525621883253,
    -0.12156057571686923,
    0.09084301249693501,
];
const LOG2_32: [f64; 9] = [
    -0.7213475,
    0.48089662,
    -0.36067867,
    0.28868768,
    -0.24030393,
    0.20213394,
    -0.18075332,
    0.20114122,
    -0.1629886,
];
/// (log10(1 + f) - f / ln 10) / f^2.
const LOG10_64: [f64; 20] = [
    -0.2171472409516258,
    0.14476482730108703,
    -0.10857362047589462,
    0.08685889637951213,
    -0.07238241363369312,
    0.06204206898704982,
    -0.054286811799360075,
    0.048254933645360626,
    -0.04342936916809502,
    0.03948161433743849,
    -0.03619360401492082,
    0.033401386559804645,
    -0.030975594741562047,
    0.02901957112979201,
    -0.027683722629379383,
    0.025171647226242357,
    -0.020250673118971784,
    0.023138747746265956,
    -0.0365933795809602,
    0.027346471658055333,
];
const LOG10_32: [f64; 9] = [
    -0.21714723,
    0.1447643,
    -0.108575165,
    0.08690376,
    -0.07233878,
    0.060848262,
    -0.054412168,
    0.06054951,
    -0.049064495,
];

/// 1 / ln 2.
pub const LOG2_E_FACTOR: Factor = Factor {
    whole: [core::f64::consts::LOG2_E, 1.4426950216293335],
    rest: [2.0355273740931033e-17, 1.925963033500011e-08],
    short: [1.4426950407214463, 1.44287109375],
    short_rest: [1.6751713164886512e-10, -0.00017605285393074155],
};
/// 1 / ln 10.
const LOG10_E_FACTOR: Factor = Factor {
    whole: [core::f64::consts::LOG10_E, 0.4342944920063019],
    rest: [1.098319650216765e-17, -1.0103049952192578e-08],
    short: [0.4342944818781689, 0.434326171875],
    short_rest: [2.5082946711645275e-11, -3.168997136526741e-05],
};

/// ln 2 in two parts, fdlibm's: the first times an exponent is exact.
#[inline(always)]
pub fn ln2<S: Token>(s: S) -> (S::F, S::F) {
    (
        s.pick(6.93147180369123816490e-01, 6.9313812256e-01),
        s.pick(1.90821492927058770002e-10, 9.0580006145e-06),
    )
}

/// A positive finite `x` as (k, f). Somewhat less than sqrt(1/2) is where 1 + f begins because rounding errors are those
/// of f^2, which stays below 1/8 so, and logarithms of a half or less in magnitude are not those of the largest f.
#[inline(always)]
fn split<S: Token>(s: S, x: S::F) -> (S::F, S::F) {
    let (k, mantissa) = s.split_exponent(x, s.lit(0.6767578125));
    (k, mantissa - s.lit(1.0))
}

/// The natural logarithm of `x`.
#[inline(always)]
pub fn log<S: Token>(s: S, x: S::F) -> S::F {
    let (k, f) = split(s, x);
    let (high, low) = ln2(s);
    let square = f * f;
    let p = parity_polynomial(s, f, square, &LOG64, &LOG32);
    // Where the rounded ln 2 times k is exact, what it lacks is a fifteenth of a single's last place.
    if S::FMA && S::BITS == 32 {
        let ln2 = s.lit(core::f64::consts::LN_2);
        return s.log_edges(x, s.mul_add(k, ln2, s.mul_add(square, p, f)));
    }
    let small = f + s.mul_add(square, p, k * low);
    // The sum rounds when the rounding before was a small one, and is exact where that was not: for k = 1 and -1.
    s.log_edges(x, s.mul_add(k, high, small))
}

/// `rest` and, without FMA, what `p` times the `square` of f lacks by that square's rounding: with the other roundings
/// it could make more than an ulp of a single.
#[inline(always)]
fn with_lost_square<S: Token>(s: S, f: S::F, square: S::F, p: S::F, rest: S::F) -> S::F {
    if S::FMA {
        return rest;
    }
    let high = head(s, f);
    rest + p * ((high * high - square) + (f - high) * (f + high))
}

/// The base-2 logarithm of `x`, exact for powers of two.
#[inline(always)]
pub fn log2<S: Token>(s: S, x: S::F) -> S::F {
    let (k, f) = split(s, x);
    let (linear, linear_low) = times(s, f, &LOG2_E_FACTOR);
    let (sum, lost) = ordered_sum(s, k, linear);
    let square = f * f;
    let p = parity_polynomial(s, f, square, &LOG2_64, &LOG2_32);
    let rest = with_lost_square(s, f, square, p, lost + linear_low);
    s.log_edges(x, sum + s.mul_add(square, p, rest))
}

/// The base-10 logarithm of `x`, exact for powers of ten.
#[inline(always)]
pub fn log10<S: Token>(s: S, x: S::F) -> S::F {
    let (k, f) = split(s, x);
    let (linear, linear_low) = times(s, f, &LOG10_E_FACTOR);
    // log10(2) in two parts: k times the first is exact.
    let high = s.pick(0.3010299956640665, 0.301025390625);
    let low = s.pick(-8.532344317057107e-14, 4.605039066518657e-06);
    let square = f * f;
    let p = parity_polynomial(s, f, square, &LOG10_64, &LOG10_32);
    let small = linear + s.mul_add(square, p, s.mul_add(k, low, linear_low));
    s.log_edges(x, s.mul_add(k, high, small))
}

/// log(2^k (1 + f + g)) in two words, the second up to a quarter of the first, for `g` within a rounding of f.
#[inline(always)]
fn of_parts<S: Token>(s: S, k: S::F, f: S::F, g: Option<S::F>) -> (S::F, S::F) {
    let (high, low) = ln2(s);
    let square = f * f;
    let p = parity_polynomial(s, f, square, &LOG64, &LOG32);
    let sum = s.mul_add(k, high, f);
    let lost = s.mul_add(k, high, s.neg(sum)) + f;
    // g / (1 + f), as near as it matters
    let lost = match g {
        Some(g) => s.mul_add(g, (square - f) + s.lit(1.0), lost),
        None => lost,
    };
    let rest = with_lost_square(s, f, square, p, s.mul_add(k, low, lost));
    (sum, s.mul_add(square, p, rest))
}

/// `low` 2^-k where `near`, which is false for |k| > 1000; else 0.
#[inline(always)]
fn scaled_back<S: Token>(s: S, low: S::F, k: S::F, near: S::M) -> S::F {
    s.select(near, low * inverse_power_of_two(s, shifter(s) + k), s.lit(0.0))
}

/// The logarithm of `x + low` in two words, for `low` within a rounding of a positive finite `x`.
#[inline(always)]
pub fn log_of_two<S: Token>(s: S, x: S::F, low: S::F) -> (S::F, S::F) {
    let (k, f) = split(s, x);
    of_parts(s, k, f, Some(scaled_back(s, low, k, s.lt(s.abs(k), s.lit(64.0)))))
}

/// 1 + x, rounded, and the logarithm of 1 + x + low in two words, for `low` within a rounding of `x`, 1 + x positive
/// and finite.
#[inline(always)]
pub fn log1p_of_two<S: Token>(s: S, x: S::F, low: Option<S::F>) -> (S::F, S::F, S::F) {
    let one = s.lit(1.0);
    let u = one + x;
    let lost = x - (u - one); // exact until it is too little to matter
    let (k, f) = split(s, u);
    // Where k is 0 all of x is f: what the sum lost would be more than a rounding of a small x.
    let direct = s.eq(k, s.lit(0.0));
    let near = s.lt(k, s.lit(64.0));
    let f = s.select(direct, x, f);
    let g = match low {
        Some(low) => s.select(direct, low, scaled_back(s, lost + low, k, near)),
        None => scaled_back(s, lost, k, near & !direct),
    };
    let (sum, rest) = of_parts(s, k, f, Some(g));
    (u, sum, rest)
}

/// The natural logarithm of `1 + x`.
#[inline(always)]
pub fn log1p<S: Token>(s: S, x: S::F) -> S::F {
    let (u, sum, rest) = log1p_of_two(s, x, None);
    let y = s.log_edges(u, sum + rest);
    s.float(s.bits(y) | s.sign(x)) // of -0 too, whose sign the sums lose
}

/// `x` times a logarithm, given by what it is of and in two words; 0 where `x` is, unless the logarithm is of NaN.
#[inline(always)]
fn scaled_log<S: Token>(s: S, x: S::F, of: S::F, (sum, rest): (S::F, S::F)) -> S::F {
    let zero = s.lit(0.0);
    let rounded = x * s.log_edges(of, sum + rest);
    // Fused, the second word makes up for the first rounding; beside an infinity there is none to make up for.
    let y = if S::FMA {
        let finite = s.lt(s.abs(rounded), s.lit(f64::INFINITY));
        s.select(finite, s.mul_add(x, sum, x * rest), rounded)
    } else {
        rounded
    };
    s.select(s.eq(x, zero) & s.eq(of, of), zero, y)
}

/// `x` log(`y`), 0 where `x` is.
#[inline(always)]
pub fn xlogy<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let (k, f) = split(s, y);
    scaled_log(s, x, y, of_parts(s, k, f, None))
}

/// `x` log(1 + `y`), 0 where `x` is.
#[inline(always)]
pub fn xlog1py<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let (u, sum, rest) = log1p_of_two(s, y, None);
    scaled_log(s, x, u, (sum, rest))
}
