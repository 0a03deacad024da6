//! The gamma function and its logarithm.
//!
//! From 5.5 on, Stirling's formula with the logarithm in two words; below, the argument is moved there by the
//! recurrence (gamma), or to within 1/2 of 2, where a polynomial vanishes with the function (lgamma). Negative arguments
//! are reflected, as rare lanes.

use super::{
    angle::sinc_of_fraction,
    polynomial::{exact_product, polynomial, shifter},
    two_words::{Two, exp_of_two, log_of_two, ordered_sum, product_of_two, quotient_of_two, sum_of_two},
};
use crate::token::{Rare, SlowToken, Token};

/// log(gamma(2 + y)) less its first two terms, (1 - Euler's constant) y and (zeta(2) - 1) / 2 y^2, over y^3, for
/// |y| <= 1/2: minimax fits, errors 2^-59 and 2^-29 of the whole.
const NEAR_TWO64: [f64; 17] = [
    -0.06735230105319813,
    0.020580808427782746,
    -0.007385551028668017,
    0.0028905103309268564,
    -0.0011927539120325736,
    0.0005096695177460027,
    -0.00022315474975709946,
    9.945764563424117e-05,
    -4.492636523359195e-05,
    2.050578482445202e-05,
    -9.438349332214353e-06,
    4.383923457823038e-06,
    -2.0453934919823754e-06,
    9.217403502578605e-07,
    -4.292779755547821e-07,
    2.7722568779429797e-07,
    -1.351350805704369e-07,
];
const NEAR_TWO32: [f64; 7] = [
    -0.0673522874712944,
    0.020581243559718132,
    -0.007386118173599243,
    0.0028815348632633686,
    -0.001185980043374002,
    0.0005646596546284854,
    -0.0002538877888582647,
];
/// What Stirling's formula for log(gamma(b)) lacks, times b, in 1 / b^2, for b >= 5.5: minimax fits, errors 2^-57 and
/// 2^-32.6.
const STIRLING64: [f64; 7] = [
    0.08333333333333276,
    -0.0027777777771138784,
    0.0007936505712225435,
    -0.0005952050519985076,
    0.0008391997672873636,
    -0.0018092053452592502,
    0.0039040005683227755,
];
const STIRLING32: [f64; 3] = [0.0833333283662796, -0.0027768677100539207, 0.0007512950687669218];

/// Arguments from here to [`greatest`] are ordinary; the others, negative ones too, are rare.
const LEAST: f64 = 8.673617379884035e-19; // 2^-60

/// Below this, products with it in two words do not overflow.
#[inline(always)]
fn greatest<S: Token>(s: S) -> S::F {
    s.pick(1e270, 1e30)
}

/// log(gamma(b)) by Stirling's formula, in two words, for b >= 5.5 in two words.
#[inline(always)]
fn stirling<S: Token>(s: S, (b, b_low): Two<S>) -> Two<S> {
    let reciprocal = s.lit(1.0) / b;
    let (log, log_low) = log_of_two(s, (b, s.lit(0.0)));
    let (factor, factor_low) = ordered_sum(s, b, s.lit(-0.5));
    let (product, product_low) = exact_product(s, factor, log);
    let (difference, difference_low) = ordered_sum(s, product, s.neg(b));
    // log(2 pi) / 2
    let (sum, sum_low) = ordered_sum(s, difference, s.pick(0.9189385332046728, 0.9189385175704956));
    let series = reciprocal * polynomial(s, reciprocal * reciprocal, &STIRLING64, &STIRLING32);
    // The second word's part, by the derivative log(b) - 1 / (2 b).
    let of_low = b_low * s.mul_add(reciprocal, s.lit(-0.5), log);
    let constant_low = s.pick(-3.8782941580672414e-17, 1.563417661998301e-08);
    let product_low = s.mul_add(factor_low, log, product_low);
    let low = s.mul_add(factor, log_low, product_low) + (difference_low + (sum_low + constant_low));
    ordered_sum(s, sum, low + (of_low + series))
}

/// The gamma function as a quotient times a power of two.
struct Quotient<S: Token> {
    numerator: Two<S>,
    denominator: Two<S>,
    n: S::F,
}

/// gamma(a) for ordinary a.
#[inline(always)]
fn gamma_quotient<S: Token>(s: S, a: S::F) -> Quotient<S> {
    let (one, zero) = (s.lit(1.0), s.lit(0.0));
    // Beyond this the result overflows, and its reciprocal vanishes.
    let a = s.pmin(s.pick(200.0, 45.0), a);
    let whole = s.round(a);
    let fraction = a - whole;
    let six = s.lit(6.0);
    let small = s.lt(whole, six);
    // gamma(a) = gamma(6 + fraction) / (a (a + 1) …): up to six factors, in two words each.
    let mut product = (s.select(small, a, one), zero);
    let mut j = 1;
    while j < 6 {
        let next = whole + s.lit(j as f64);
        let (factor, factor_low) = ordered_sum(s, next, fraction);
        let active = s.lt(next, six);
        let factor = (s.select(active, factor, one), s.select(active, factor_low, zero));
        product = product_of_two(s, product, factor);
        j += 1;
    }
    let (moved, moved_low) = ordered_sum(s, six, fraction);
    let b = (s.select(small, moved, a), s.select(small, moved_low, zero));
    let (mantissa, rest, n, _) = exp_of_two(s, stirling(s, b));
    Quotient { numerator: ordered_sum(s, mantissa, rest), denominator: product, n }
}

/// The gamma function.
#[inline(always)]
pub fn gamma<S: Token>(s: S, x: S::F) -> S::F {
    let Quotient { numerator, denominator, n } = gamma_quotient(s, x);
    let y = s.scale(quotient_of_two(s, numerator, denominator), n, n + shifter(s));
    let [y] = s.rare(ReflectedGamma, !s.le(s.lit(LEAST), x), [s.bits(x)], [s.bits(y)]);
    s.float(y)
}

/// [x] → [gamma(x)], where x is tiny, negative or NaN: gamma(-a) = -pi / (a sin(pi a) gamma(a)).
#[derive(Clone, Copy)]
struct ReflectedGamma;

impl Rare<1, 1> for ReflectedGamma {
    #[inline(always)]
    fn body<S: SlowToken>(s: S, [x]: [S::I; 1]) -> [S::I; 1] {
        let x = s.float(x);
        let (zero, one, a) = (s.lit(0.0), s.lit(1.0), s.abs(x));
        let tiny = s.lt(a, s.lit(LEAST));
        let whole = s.round(a);
        let fraction = a - whole;
        // sin(pi a) / pi, but for its sign.
        let sine = product_of_two(s, (s.abs(fraction), zero), sinc_of_fraction(s, fraction));
        let Quotient { numerator, denominator, n } = gamma_quotient(s, s.select(tiny, one, a));
        // a as it is may overflow in the product; the result has long vanished then.
        let clamped = s.pmin(s.pick(200.0, 45.0), a);
        let product = product_of_two(s, product_of_two(s, numerator, sine), (clamped, zero));
        let y = quotient_of_two(s, denominator, product);
        let y = s.scale(y, s.neg(n), shifter(s) - n);
        let half = whole * s.lit(0.5);
        let odd = !s.eq(s.floor(half), half);
        let positive = odd ^ s.lt(fraction, zero);
        let y = s.select(positive, y, s.neg(y));
        let y = s.select(s.eq(fraction, zero), s.lit(f64::NAN), y); // a pole, or infinity
        [s.bits(s.select(tiny, one / x, s.select(s.eq(x, x), y, x)))]
    }
}

/// log(gamma(a)) for ordinary a.
#[inline(always)]
fn ordinary_lgamma<S: Token>(s: S, a: S::F) -> Two<S> {
    let (zero, one, two) = (s.lit(0.0), s.lit(1.0), s.lit(2.0));
    let whole = s.round(a);
    let y = a - whole;
    let large = s.le(s.lit(5.5), a); // which rounds to 6, one factor too many
    let below = s.lt(whole, two);
    // gamma(a) = gamma(2 + y) (2 + y) (3 + y) … (a - 1), or over a (a + 1) below 3/2.
    let mut product = (s.select(below, a, one), zero);
    let (next, next_low) = ordered_sum(s, one, a);
    let at_zero = s.eq(whole, zero);
    product = product_of_two(s, product, (s.select(at_zero, next, one), s.select(at_zero, next_low, zero)));
    let mut j = 1;
    while j < 4 {
        let factor = a - s.lit(j as f64);
        let factor = s.select(s.lt(s.lit(j as f64 + 1.5), whole), factor, one);
        product = product_of_two(s, product, (factor, zero));
        j += 1;
    }
    let product = (s.select(large, one, product.0), s.select(large, zero, product.1));
    let (log, log_low) = log_of_two(s, product);
    let (log, log_low) = (s.select(below, s.neg(log), log), s.select(below, s.neg(log_low), log_low));
    // The polynomial's first two terms in two words each, as they nearly cancel.
    let slope = (
        s.pick(0.42278433509846713, 0.42278432846069336),
        s.pick(4.942915152430645e-18, 6.637773886097875e-09),
    );
    let first = product_of_two(s, slope, (y, zero));
    let series = y * polynomial(s, y, &NEAR_TWO64, &NEAR_TWO32);
    let (curve, curve_low) = ordered_sum(s, s.pick(0.3224670334241132, 0.32246702909469604), series);
    let curve = (curve, curve_low + s.pick(1.520336175199238e-17, 4.329417173314333e-09));
    let second = product_of_two(s, exact_product(s, y, y), curve);
    let near = sum_of_two(s, sum_of_two(s, first, second), (log, log_low));
    let far = stirling(s, (s.select(large, a, s.lit(6.0)), zero));
    (s.select(large, far.0, near.0), s.select(large, far.1, near.1))
}

/// The logarithm of the gamma function's magnitude.
#[inline(always)]
pub fn lgamma<S: Token>(s: S, x: S::F) -> S::F {
    let (high, low) = ordinary_lgamma(s, x);
    let ordinary = s.le(s.lit(LEAST), x) & s.le(x, greatest(s));
    let [y] = s.rare(ExtremeLgamma, !ordinary, [s.bits(x)], [s.bits(high + low)]);
    s.float(y)
}

/// [x] → [log|gamma(x)|], where x is tiny, huge, negative or NaN: by reflection.
#[derive(Clone, Copy)]
struct ExtremeLgamma;

impl Rare<1, 1> for ExtremeLgamma {
    #[inline(always)]
    fn body<S: SlowToken>(s: S, [x]: [S::I; 1]) -> [S::I; 1] {
        let x = s.float(x);
        let (zero, one, infinity) = (s.lit(0.0), s.lit(1.0), s.lit(f64::INFINITY));
        let a = s.abs(x);
        // log(a), of subnormals too: scaled by 2^100 (2^50), whose logarithm is subtracted again.
        let (up, log_up) = (
            s.pick(1.2676506002282294e30, 1.125899906842624e15),
            s.pick(69.31471805599453, 34.657359027997266),
        );
        let tiny = s.lt(a, s.lit(LEAST));
        let (log, log_low) = log_of_two(s, (s.select(tiny, a * up, a), zero));
        let of_tiny = s.neg((log - log_up) + log_low);
        let huge = s.lt(greatest(s), a);
        let of_huge = a * ((log - one) + log_low);
        // log|gamma(-a)| = -log(a |sin(pi a) / pi|) - log(gamma(a))
        let moderate = s.select(tiny | huge, one, a);
        let fraction = moderate - s.round(moderate);
        let sine = product_of_two(s, (s.abs(fraction), zero), sinc_of_fraction(s, fraction));
        let (log, log_low) = log_of_two(s, product_of_two(s, sine, (moderate, zero)));
        let (sum, sum_low) = sum_of_two(s, (log, log_low), ordinary_lgamma(s, moderate));
        let reflected = s.neg(sum + sum_low);
        let reflected = s.select(s.eq(fraction, zero), infinity, reflected);
        let reflected = s.select(huge, infinity, reflected); // all of them are integers
        let y = s.select(s.lt(x, zero), reflected, of_huge);
        let y = s.select(tiny, of_tiny, y);
        let y = s.select(s.eq(a, zero) | s.eq(a, infinity), infinity, y);
        [s.bits(s.select(s.eq(x, x), y, x))]
    }
}
