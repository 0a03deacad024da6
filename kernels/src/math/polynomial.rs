//! What the transcendental bodies share: polynomials, exact products, and the constants of float formats.

use crate::token::Token;

/// A polynomial by Horner's rule, coefficients from the constant up: of each width its own.
#[inline(always)]
pub fn polynomial<S: Token>(s: S, x: S::F, c64: &[f64], c32: &[f64]) -> S::F {
    let coefficients = if S::BITS == 64 { c64 } else { c32 };
    let mut i = coefficients.len() - 1;
    let mut sum = s.lit(coefficients[i]);
    while i > 0 {
        i -= 1;
        sum = s.mul_add(sum, x, s.lit(coefficients[i]));
    }
    sum
}

/// The same in blocks of four terms, by the fourth power of `x`. Horner's steps wait for each other, and a long
/// polynomial takes its time by their latency; here a quarter of them do. The constant is added last, so that the
/// rounding errors are Horner's.
#[inline(always)]
pub fn block_polynomial<S: Token>(s: S, x: S::F, square: S::F, c64: &[f64], c32: &[f64]) -> S::F {
    let c = if S::BITS == 64 { c64 } else { c32 };
    let fourth = square * square;
    let mut first = 1 + (c.len() - 2) / 4 * 4;
    let mut sum = block(s, x, square, c, first);
    while first > 1 {
        first -= 4;
        sum = s.mul_add(sum, fourth, block(s, x, square, c, first));
    }
    s.mul_add(sum, x, s.lit(c[0]))
}

/// Up to four terms, those from `first` on, as a cubic.
#[inline(always)]
fn block<S: Token>(s: S, x: S::F, square: S::F, c: &[f64], first: usize) -> S::F {
    let constant = s.lit(c[first]);
    let terms = c.len() - first;
    if terms == 1 {
        return constant;
    }
    let low = s.mul_add(s.lit(c[first + 1]), x, constant);
    if terms == 2 {
        return low;
    }
    let quadratic = s.lit(c[first + 2]);
    let high = if terms == 3 { quadratic } else { s.mul_add(s.lit(c[first + 3]), x, quadratic) };
    s.mul_add(high, square, low)
}

/// Horner's rule, never fused: for bodies whose error was analysed without, and which give the same bits everywhere.
#[inline(always)]
pub fn strict_polynomial<S: Token>(s: S, x: S::F, c64: &[f64], c32: &[f64]) -> S::F {
    let coefficients = if S::BITS == 64 { c64 } else { c32 };
    let mut i = coefficients.len() - 1;
    let mut sum = s.lit(coefficients[i]);
    while i > 0 {
        i -= 1;
        sum = s.lit(coefficients[i]) + x * sum;
    }
    sum
}

/// `(p, e)` with `a * b = p + e` exactly, short of overflow and underflow. Without FMA it is Dekker's product (1971).
#[inline(always)]
pub fn exact_product<S: Token>(s: S, a: S::F, b: S::F) -> (S::F, S::F) {
    let p = a * b;
    if S::FMA {
        return (p, s.mul_add(a, b, s.neg(p)));
    }
    let splitter = s.pick(134217729.0, 4097.0); // 2^27 + 1, 2^12 + 1
    let (ca, cb) = (a * splitter, b * splitter);
    let (a_high, b_high) = (ca - (ca - a), cb - (cb - b));
    let (a_low, b_low) = (a - a_high, b - b_high);
    (p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low)
}

/// 1.5 * 2^52 (2^23): a sum with it is rounded to an integer, which its low bits hold.
#[inline(always)]
pub fn shifter<S: Token>(s: S) -> S::F {
    s.pick(6755399441055744.0, 12582912.0)
}

/// Bits of the mantissa field.
pub const fn mantissa_bits<S: Token>() -> u32 {
    if S::BITS == 64 { 52 } else { 23 }
}

/// The mask of the mantissa field.
#[inline(always)]
pub fn mantissa_mask<S: Token>(s: S) -> S::I {
    s.ipick((1 << 52) - 1, (1 << 23) - 1)
}

/// A positive finite `x` as `2^exponent * mantissa`, the mantissa in `[low, 2 low)` where `low` has the bits
/// `low_bits`. Subnormals are scaled up first.
#[inline(always)]
pub fn split_exponent<S: Token>(s: S, x: S::F, low_bits: S::I) -> (S::F, S::F) {
    let subnormal = s.lt(x, s.pick(f64::MIN_POSITIVE, f32::MIN_POSITIVE as f64));
    let scaled = s.select(subnormal, x * s.pick(18014398509481984.0, 33554432.0), x); // 2^54, 2^25
    let bias = s.select(subnormal, s.pick(-54.0 - 1023.0, -25.0 - 127.0), s.pick(-1023.0, -127.0));
    let bits = s.bits(scaled) + (s.bits(s.lit(1.0)) - low_bits);
    // A small integer ORed into the bits of 2^52 is that integer added: cheaper than a conversion everywhere.
    let base = s.pick(4503599627370496.0, 8388608.0);
    let exponent = (s.float(s.shr(bits, mantissa_bits::<S>()) | s.bits(base)) - base) + bias;
    (exponent, s.float((bits & mantissa_mask(s)) + low_bits))
}
