//! `a * b + c` with one rounding on every token: the instruction where there is one, elsewhere error-free
//! transformations, and whole numbers for what is too large or too small for those.

use super::{
    polynomial::{exact_product, mantissa_bits, mantissa_mask},
    two_words::exact_sum,
    unsigned,
};
use crate::token::{Rare, SlowToken, Token};

/// `a * b + c`, rounded once.
#[inline(always)]
pub fn fma<S: Token>(s: S, a: S::F, b: S::F, c: S::F) -> S::F {
    if S::FMA {
        return s.mul_add(a, b, c);
    }
    let (zero, product) = (s.lit(0.0), s.abs(a * b));
    let (low, high) = (s.pick(1e-289, 1e-24), s.pick(1e290, 1e34));
    // What is split must not overflow, and what is lost of products must be a float.
    let moderate = s.lt(low, product)
        & s.lt(product, high)
        & s.lt(s.abs(a), high)
        & s.lt(s.abs(b), high)
        & s.lt(s.abs(c), high);
    let by_zero = s.eq(a, zero) | s.eq(b, zero);
    let sum = s.select(by_zero, a * b + c, transformed(s, a, b, c));
    let extreme = !(moderate | by_zero);
    let [sum] = s.rare(WholeNumbers, extreme, [s.bits(a), s.bits(b), s.bits(c)], [s.bits(sum)]);
    s.float(sum)
}

/// Boldo and Melquiond (Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd, IEEE
/// Trans. Computers 57, 2008): the lesser parts, rounded to odd, leave the last sum only one way to round.
#[inline(always)]
fn transformed<S: Token>(s: S, a: S::F, b: S::F, c: S::F) -> S::F {
    let (product, product_error) = exact_product(s, a, b);
    let (sum, sum_error) = exact_sum(s, c, product_error);
    let (high, low) = exact_sum(s, product, sum);
    let (rest, error) = exact_sum(s, sum_error, low);
    let (bits, one, zero) = (s.bits(rest), s.int(1), s.int(0));
    let even = s.ieq(bits & one, zero) & !s.eq(error, s.lit(0.0));
    let outward = s.ieq(s.sign(rest), s.sign(error));
    let odd = s.iselect(even, s.iselect(outward, bits + one, bits - one), bits);
    high + s.float(odd)
}

/// [a, b, c] → [a * b + c] for any three but a zero `a` or `b`.
#[derive(Clone, Copy)]
struct WholeNumbers;

impl Rare<3, 1> for WholeNumbers {
    #[inline(always)]
    fn body<S: SlowToken>(s: S, [a, b, c]: [S::I; 3]) -> [S::I; 1] {
        let (zero, infinity) = (s.int(0), s.lit(f64::INFINITY));
        let (a_exponent, a_mantissa) = normal_mantissa(s, a);
        let (b_exponent, b_mantissa) = normal_mantissa(s, b);
        let (c_exponent, c_mantissa) = normal_mantissa(s, c);
        let exponent = a_exponent + b_exponent;
        // Product and c as two words each, of one exponent: c goes up as far as there is room, then the product
        // down. What falls out below is kept as a sticky bit, far below the last place of the result.
        let above = s.iselect(s.ieq(c_mantissa, zero), zero, c_exponent - exponent);
        let room = s.int(2 * S::BITS as i64 - mantissa_bits::<S>() as i64 - 3);
        let up = s.imax(zero, s.imin(above, room));
        let down = s.imax(zero, above - up);
        let addend = shift_right(s, shift_left(s, c_mantissa, up), s.imax(zero, zero - above));
        let product = shift_right(s, s.mul_wide(a_mantissa, b_mantissa), down);
        let (a, b, c) = (s.float(a), s.float(b), s.float(c));
        let product_sign = s.sign(a) ^ s.sign(b);
        let (sum, sign) = signed_sum(s, product, product_sign, addend, s.sign(c));
        let sum = s.float(s.bits(rounded(s, sum, exponent + down)) | sign);
        let finite = s.lt(s.abs(a), infinity) & s.lt(s.abs(b), infinity);
        let sum = s.select(s.lt(s.abs(c), infinity), sum, c);
        [s.bits(s.select(finite, sum, a * b + c))]
    }
}

/// A finite float's magnitude as an integer with its highest mantissa bit set (0 for 0), and the exponent of its unit.
#[inline(always)]
fn normal_mantissa<S: SlowToken>(s: S, bits: S::I) -> (S::I, S::I) {
    let places = mantissa_bits::<S>();
    let magnitude = s.abs(s.float(bits));
    let subnormal = s.lt(magnitude, s.pick(f64::MIN_POSITIVE, f32::MIN_POSITIVE as f64));
    let normal = s.bits(s.select(subnormal, magnitude * s.pick(18014398509481984.0, 33554432.0), magnitude));
    let unit = s.iselect(subnormal, s.ipick(-1075 - 54, -150 - 25), s.ipick(-1075, -150));
    let mantissa = (normal & mantissa_mask(s)) | s.shl(s.int(1), places);
    (s.shr(normal, places) + unit, s.iselect(s.eq(magnitude, s.lit(0.0)), s.int(0), mantissa))
}

/// A word times 2^n as (high, low) words.
#[inline(always)]
fn shift_left<S: SlowToken>(s: S, word: S::I, n: S::I) -> (S::I, S::I) {
    let width = s.int(S::BITS as i64);
    let within = s.ilt(n, width);
    let carried = s.shr(s.shr_by(word, width - s.int(1) - n), 1); // by width - n, which may be the width
    let high = s.iselect(within, carried, s.shl_by(word, n - width));
    (high, s.iselect(within, s.shl_by(word, n), s.int(0)))
}

/// (high, low) words over 2^n, any bits lost kept as a set lowest bit.
#[inline(always)]
fn shift_right<S: SlowToken>(s: S, (high, low): (S::I, S::I), n: S::I) -> (S::I, S::I) {
    let (zero, one, width) = (s.int(0), s.int(1), s.int(S::BITS as i64));
    let within = s.ilt(n, width);
    let gone = !s.ilt(n, width + width);
    let shift = s.iselect(within, n, n - width);
    let (upper, lower) = (s.iselect(within, high, zero), s.iselect(within, low, high));
    let lost = (lower & (s.shl_by(one, shift) - one)) | s.iselect(within, zero, low);
    let lost = s.iselect(gone, high | low, lost);
    let carried = s.shl(s.shl_by(upper, width - one - shift), 1);
    let lower = s.iselect(gone, zero, s.shr_by(lower, shift) | carried);
    (s.iselect(gone, zero, s.shr_by(upper, shift)), lower | s.iselect(s.ieq(lost, zero), zero, one))
}

/// The magnitude and the sign bit of the sum of two numbers; +0 where they cancel.
#[inline(always)]
fn signed_sum<S: SlowToken>(
    s: S,
    (a_high, a_low): (S::I, S::I),
    a_sign: S::I,
    (b_high, b_low): (S::I, S::I),
    b_sign: S::I,
) -> ((S::I, S::I), S::I) {
    let (zero, one) = (s.int(0), s.int(1));
    let same_sign = s.ieq(a_sign, b_sign);
    let low = a_low + b_low;
    let high = a_high + b_high + s.iselect(unsigned::lt(s, low, a_low), one, zero);
    let low_difference = a_low - b_low;
    let difference = a_high - b_high - s.iselect(unsigned::lt(s, a_low, b_low), one, zero);
    let negative = s.ilt(difference, zero);
    let negated = zero - difference - s.iselect(s.ieq(low_difference, zero), zero, one);
    let low = s.iselect(same_sign, low, s.iselect(negative, zero - low_difference, low_difference));
    let high = s.iselect(same_sign, high, s.iselect(negative, negated, difference));
    let sign = s.iselect(same_sign | !negative, a_sign, b_sign);
    ((high, low), s.iselect(s.ieq(high | low, zero), zero, sign))
}

/// How many bits a word without a sign takes.
#[inline(always)]
fn bit_length<S: SlowToken>(s: S, word: S::I) -> S::I {
    // Without the second highest bit the conversion to a float cannot round up to the next power of two.
    let field = s.shr(s.bits(s.from_int(word & (s.shr(word, 1) ^ s.int(-1)))), mantissa_bits::<S>());
    let length = s.imax(s.int(0), field - s.ipick(1022, 126));
    s.iselect(s.ilt(word, s.int(0)), s.int(S::BITS as i64), length)
}

/// `2^exponent` times two words below half their range, rounded to the nearest float, halves to even.
#[inline(always)]
fn rounded<S: SlowToken>(s: S, (high, low): (S::I, S::I), exponent: S::I) -> S::F {
    let (zero, one, width) = (s.int(0), s.int(1), S::BITS as i64);
    let places = mantissa_bits::<S>();
    let length = s.iselect(s.ieq(high, zero), bit_length(s, low), s.int(width) + bit_length(s, high));
    let excess = s.imax(zero, length - s.int(width - 2));
    let (_, word) = shift_right(s, (high, low), excess);
    let (length, exponent) = (length - excess, exponent + excess);
    // Bits below the mantissa's last place, or below that of subnormals.
    let least = s.ipick(-1074, -149);
    let drop = s.imax(length - s.int(places as i64 + 1), least - exponent);
    let drop = s.imax(zero, s.imin(drop, s.int(width - 1)));
    let quotient = s.shr_by(word, drop);
    let (rest, half) = (word - s.shl_by(quotient, drop), s.shr(s.shl_by(one, drop), 1));
    let odd = s.ieq(quotient & one, one) & s.ilt(zero, drop);
    let up = s.ilt(half, rest) | (s.ieq(half, rest) & odd);
    let quotient = s.from_int(s.iselect(up, quotient + one, quotient));
    // Two powers of two whose product may be out of range: the first product is exact, and so is the second but for
    // overflow.
    let (exponent, bias) = (s.imax(least, exponent + drop), s.ipick(1023, 127));
    let half = s.sar(exponent, 1);
    quotient * s.float(s.shl(half + bias, places)) * s.float(s.shl(exponent - half + bias, places))
}
