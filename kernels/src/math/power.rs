//! x to the power of y: the exponential of y log(x), which is carried in two words. With FMA two words cost little;
//! without, the logarithm is that of fdlibm's e_pow.c and its float version, which gets by with few exact products.

use super::{
    exponential::{exp_of_two, exp2_of_two},
    logarithm::ln2,
    polynomial::{exact_product, head, ordered_sum, parity_polynomial, strict_polynomial},
};
use crate::token::{Rare, SlowToken, Token};

/// `x` to the power of `y`, as C99's pow.
#[inline(always)]
pub fn pow<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let (result, product) = positive(s, x, y);
    // The bits of positive finite values are those of integers from 1 to infinity's, less 1: one comparison, once
    // they are moved to the least integer. Infinite or NaN y make such products.
    let least = s.ipick(i64::MIN, i32::MIN as i64);
    let positive = s.ilt(s.bits(x) + (least - s.int(1)), s.bits(s.lit(f64::INFINITY)) + (least - s.int(1)));
    let ordinary = positive & s.lt(s.abs(product), beyond(s));
    let [result] = s.rare(Special, !ordinary, [s.bits(x), s.bits(y)], [s.bits(result)]);
    s.float(result)
}

/// x to the power of y for x positive and finite, where that is in range; and a logarithm of it: the natural one if
/// fused, else to base 2.
#[inline(always)]
fn positive<S: Token>(s: S, x: S::F, y: S::F) -> (S::F, S::F) {
    if S::FMA {
        let (high, low) = fused_log(s, x);
        let product = y * high;
        let product_low = s.mul_add(y, low, s.mul_add(y, high, s.neg(product)));
        (exp_of_two(s, product, product_low), product)
    } else {
        let (high, low) = log2(s, x);
        let y_high = head(s, y);
        let (product, product_low) = ordered_sum(s, y_high * high, (y - y_high) * high + y * low);
        (exp2_of_two(s, product, product_low), product)
    }
}

/// Past the range of exponents: such a logarithm's power is 0 or infinite.
#[inline(always)]
fn beyond<S: Token>(s: S) -> S::F {
    if S::FMA { s.pick(750.0, 110.0) } else { s.pick(1100.0, 200.0) }
}

/// [x, y] → [x^y] where x <= 0, either is infinite or NaN, or the result is out of range.
#[derive(Clone, Copy)]
struct Special;

impl Rare<2, 1> for Special {
    #[inline(always)]
    fn body<S: SlowToken>(s: S, [x, y]: [S::I; 2]) -> [S::I; 1] {
        let (x, y) = (s.float(x), s.float(y));
        let (ax, ay) = (s.abs(x), s.abs(y));
        let (zero, one, infinity) = (s.lit(0.0), s.lit(1.0), s.lit(f64::INFINITY));
        let (r, product) = positive(s, ax, y);
        let r = s.select(s.le(beyond(s), product), infinity, r);
        let r = s.select(s.le(product, s.neg(beyond(s))), zero, r);
        let integer = s.eq(s.floor(y), y);
        let half = y * s.lit(0.5);
        let odd = integer & !s.eq(s.floor(half), half) & s.lt(ay, s.pick(9007199254740992.0, 16777216.0));
        let up = s.lt(zero, y);
        let of_infinity = s.select(s.eq(ax, infinity), s.select(up, infinity, zero), r);
        let r = s.select(s.eq(ax, zero), s.select(up, zero, infinity), of_infinity);
        let grows = s.lt(one, ax) & up | s.lt(ax, one) & !up;
        let to_infinity = s.select(s.eq(ax, one), one, s.select(grows, infinity, zero));
        let r = s.select(s.eq(ay, infinity), to_infinity, r);
        let negative = !s.ieq(s.sign(x), s.int(0));
        let r = s.select(negative & odd, s.neg(r), r);
        let r = s.select(s.lt(x, zero) & !integer & s.lt(ax, infinity), s.lit(f64::NAN), r);
        let r = s.select(s.eq(x, x) & s.eq(y, y), r, x + y);
        [s.bits(s.select(s.eq(y, zero) | s.eq(x, one), one, r))]
    }
}

/// (2 artanh(a / 2) / a - 1 - a^2 / 12) / a^4 by a^2, for |a| <= 0.3432: minimax fits.
const ARTANH64: [f64; 8] = [
    0.012499999999999994,
    0.0022321428571441576,
    0.0004340277776857505,
    8.877841246832627e-05,
    1.8779976382530356e-05,
    4.069923654391646e-06,
    8.907049244736846e-07,
    2.2869945742910077e-07,
];
const ARTANH32: [f64; 3] = [0.01250004768125, 0.0022302409640625, 0.000457418034765625];

/// log(x) in two words, within 2^-65 (2^-36) of it: k ln 2 and 2 artanh(a / 2), with x = 2^k (1 + f) and
/// a = f / (1 + f / 2).
#[inline(always)]
fn fused_log<S: Token>(s: S, x: S::F) -> (S::F, S::F) {
    let (one, half) = (s.lit(1.0), s.lit(0.5));
    let (k, m) = s.split_exponent(x, s.lit(core::f64::consts::FRAC_1_SQRT_2));
    let f = m - one;
    let d = s.mul_add(m, half, half);
    let d_low = s.mul_add(m, half, half - d);
    let inverse = one / d;
    let a = f * inverse;
    let minus_a = s.neg(a);
    let a_low = s.mul_add(minus_a, d_low, s.mul_add(minus_a, d, f)) * inverse;
    // The logarithm is a (1 + w), with z = a^2 and w = z / 12 + z^2 p(z).
    let (z, z_low) = exact_product(s, a, a);
    let p = parity_polynomial(s, z, z * z, &ARTANH64, &ARTANH32);
    let twelfth = s.lit(1.0 / 12.0);
    let twelfth_low = s.pick(4.625929269271485e-18, -2.4835269396561444e-09);
    let w = z * twelfth;
    let w_low = s.mul_add(z, twelfth, s.neg(w));
    let w_low = s.mul_add(z, s.mul_add(z, p, twelfth_low), s.mul_add(z_low, twelfth, w_low));
    let (b, b_low) = exact_product(s, a, w);
    let b_low = s.mul_add(a, w_low, b_low);
    // What is missing of a counts with the derivative, 1 + z / 4 and so on.
    let low = s.mul_add(a_low, s.mul_add(z, s.lit(0.25), one), b_low);
    let (high_ln2, low_ln2) = ln2(s);
    let first = s.mul_add(k, high_ln2, a);
    let first_lost = s.mul_add(k, high_ln2, s.neg(first)) + a;
    let (sum, lost) = ordered_sum(s, first, b);
    ordered_sum(s, sum, s.mul_add(k, low_ln2, first_lost + lost) + low)
}

/// fdlibm's L1 to L6: log2 of (1 + s) / (1 - s), beyond the terms in s and s^3 / 3.
const LOG64: [f64; 6] = [
    5.99999999999994648725e-01,
    4.28571428578550184252e-01,
    3.33333329818377432918e-01,
    2.72728123808534006489e-01,
    2.30660745775561754067e-01,
    2.06975017800338417784e-01,
];
const LOG32: [f64; 6] = [
    6.0000002384e-01,
    4.2857143283e-01,
    3.3333334327e-01,
    2.7272811532e-01,
    2.3066075146e-01,
    2.0697501302e-01,
];
/// log2(x) as (high, low), high short enough for an exact product.
#[inline(always)]
fn log2<S: Token>(s: S, x: S::F) -> (S::F, S::F) {
    let one = s.lit(1.0);
    // Mantissa in [sqrt(3)/2, sqrt(3)); above sqrt(3/2) it is compared with 1.5, otherwise with 1.
    let (n, mantissa) = s.split_exponent(x, s.pick(0.8660254037844386, 0.8660254));
    let upper = s.lt(s.lit(1.224744871391589), mantissa);
    let base = s.select(upper, s.lit(1.5), one);
    let log_base_high = s.select(upper, s.pick(5.84962487220764160156e-01, 5.84960938e-01), s.lit(0.0));
    let log_base_low = s.select(upper, s.pick(1.35003920212974897128e-08, 1.56322085e-06), s.lit(0.0));
    // ss = (mantissa - base) / (mantissa + base), in two words.
    let u = mantissa - base;
    let v = one / (mantissa + base);
    let ss = u * v;
    let s_high = head(s, ss);
    let sum_high = head(s, mantissa + base);
    let sum_low = mantissa - (sum_high - base);
    let s_low = v * ((u - s_high * sum_high) - s_high * sum_low);
    // log(mantissa / base) = 2 ss + 2/3 ss^3 + …, the terms up to the cube in two words.
    let square = ss * ss;
    let r = square * square * strict_polynomial(s, square, &LOG64, &LOG32) + s_low * (s_high + ss);
    let square = s_high * s_high;
    let three = s.lit(3.0);
    let t_high = head(s, three + square + r);
    let t_low = r - ((t_high - three) - square);
    let u = s_high * t_high;
    let v = s_low * t_high + t_low * ss;
    let p_high = head(s, u + v);
    let p_low = v - (p_high - u);
    // times 2 / (3 ln 2), also in two words
    let z_high = s.pick(9.61796700954437255859e-01, 9.6191406250e-01) * p_high;
    let z_low = s.pick(-7.02846165095275826516e-09, -1.1736857402e-04) * p_high
        + p_low * s.pick(9.61796693925975554329e-01, 9.6179670095e-01)
        + log_base_low;
    let high = head(s, ((z_high + z_low) + log_base_high) + n);
    (high, z_low - (((high - n) - log_base_high) - z_high))
}
