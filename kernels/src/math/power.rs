//! x to the power of y, after fdlibm's e_pow.c and its float version: log2(x) in two words, times y in two words,
//! then 2 to that power. It uses no fused multiply-add, so every token gives the same bits.

use super::polynomial::{shifter, strict_polynomial};
use crate::token::{Rare, SlowToken, Token};

/// `a` to the power of `b`, as C99's pow.
#[inline(always)]
pub fn pow<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let result = positive(s, s.abs(x), y);
    let (zero, infinity) = (s.lit(0.0), s.lit(f64::INFINITY));
    let ordinary = s.lt(zero, x) & s.lt(x, infinity) & s.lt(s.abs(y), infinity);
    let [result] = s.rare(Special, !ordinary, [s.bits(x), s.bits(y), s.bits(result)], [s.bits(result)]);
    s.float(result)
}

/// [x, y, |x|^y] → [x^y] where x <= 0, or either is infinite or NaN.
#[derive(Clone, Copy)]
struct Special;

impl Rare<3, 1> for Special {
    #[inline(always)]
    fn body<S: SlowToken>(s: S, [x, y, r]: [S::I; 3]) -> [S::I; 1] {
        let (x, y, r) = (s.float(x), s.float(y), s.float(r));
        let (zero, one, infinity) = (s.lit(0.0), s.lit(1.0), s.lit(f64::INFINITY));
        let (ax, ay) = (s.abs(x), s.abs(y));
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
/// fdlibm's P1 to P5: the remainder of e^z.
const EXP64: [f64; 5] = [
    1.66666666666666019037e-01,
    -2.77777777770155933842e-03,
    6.61375632143793436117e-05,
    -1.65339022054652515390e-06,
    4.13813679705723846039e-08,
];
const EXP32: [f64; 5] =
    [1.6666667163e-01, -2.7777778450e-03, 6.6137559770e-05, -1.6533901999e-06, 4.1381369442e-08];

/// The upper half of a float's bits: products of two such are exact.
#[inline(always)]
fn head<S: Token>(s: S, v: S::F) -> S::F {
    s.float(s.bits(v) & s.ipick(!0xffff_ffff, 0xffff_f000))
}

/// x to the power of y for x finite and positive, y finite.
#[inline(always)]
fn positive<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let (high, low) = log2(s, x);
    // Beyond 2^70 (2^40) the result is 0, 1 or infinite, and products would overflow.
    let limit = s.pick(1.1805916207174113e21, 1.099511627776e12);
    let y = s.pmax(s.neg(limit), s.pmin(limit, y));
    let y_high = head(s, y);
    let product_low = (y - y_high) * high + y * low;
    exp2(s, y_high * high, product_low)
}

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

/// 2 to the power of high + low.
#[inline(always)]
fn exp2<S: Token>(s: S, high: S::F, low: S::F) -> S::F {
    let one = s.lit(1.0);
    let sum = low + high;
    // Past the range of exponents only the direction matters, and the scaling below overflows or underflows.
    let limit = s.pick(1100.0, 200.0);
    let beyond = s.lt(limit, s.abs(sum));
    let high = s.select(beyond, s.pmax(s.neg(limit), s.pmin(limit, sum)), high);
    let low = s.select(beyond, s.lit(0.0), low);
    let t = (low + high) + shifter(s);
    let n = t - shifter(s);
    let high = high - n;
    let sum = head(s, low + high);
    let u = sum * s.pick(6.93147182464599609375e-01, 6.93145752e-01);
    let v = (low - (sum - high)) * s.pick(core::f64::consts::LN_2, 6.9314718246e-01)
        + sum * s.pick(-1.90465429995776804525e-09, 1.42860654e-06);
    let z = u + v;
    let w = v - (z - u);
    let square = z * z;
    let c = z - square * strict_polynomial(s, square, &EXP64, &EXP32);
    let r = (z * c) / (c - s.lit(2.0)) - (w + z * w);
    // e^z = 1 + z - r. fdlibm's 1 - (r - z) rounds r - z at the size of z, which costs singles more than an ulp in
    // all; with the sum's error carried along only r's own roundings are left.
    let sum = one + z;
    let lost = z - (sum - one);
    s.scale(sum + (lost - r), n, t)
}
