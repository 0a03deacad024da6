//! What the transcendental bodies share: polynomials, exact sums and products, and the constants of float formats.

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

/// The same of four terms or more, by even and odd powers: no more operations than by Horner's rule, but half as many
/// wait for each other. The constant is added last, so that the rounding errors are Horner's.
#[inline(always)]
pub fn parity_polynomial<S: Token>(s: S, x: S::F, square: S::F, c64: &[f64], c32: &[f64]) -> S::F {
    let c = if S::BITS == 64 { c64 } else { c32 };
    let mut i = c.len() - 2;
    let (mut ahead, mut behind) = (s.lit(c[i + 1]), s.lit(c[i]));
    while i > 2 {
        ahead = s.mul_add(ahead, square, s.lit(c[i - 1]));
        behind = s.mul_add(behind, square, s.lit(c[i - 2]));
        i -= 2;
    }
    let rest = if i == 2 {
        // one more term before the constant
        s.mul_add(behind, x, s.mul_add(ahead, square, s.lit(c[1])))
    } else {
        s.mul_add(ahead, x, behind)
    };
    s.mul_add(rest, x, s.lit(c[0]))
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

/// `(t, e)` with `a + b = t + e` exactly, for `|a| >= |b|` or `a` zero (Dekker 1971).
#[inline(always)]
pub fn ordered_sum<S: Token>(_: S, a: S::F, b: S::F) -> (S::F, S::F) {
    let t = a + b;
    (t, (a - t) + b)
}

/// `(t, e)` with `a + b = t + e` exactly, for any two (Knuth, The Art of Computer Programming, 4.2.2).
#[inline(always)]
pub fn exact_sum<S: Token>(_: S, a: S::F, b: S::F) -> (S::F, S::F) {
    let t = a + b;
    let b_part = t - a;
    (t, (a - (t - b_part)) + (b - b_part))
}

/// `(n + e) / (d + c)` in two words, `c` and `e` small beside `d` and `n`, for `inverse` the rounded `1 / (d + c)`.
#[inline(always)]
pub fn quotient<S: Token>(s: S, (n, e): (S::F, S::F), (d, c): (S::F, S::F), inverse: S::F) -> (S::F, S::F) {
    let q = n * inverse;
    let rest = if S::FMA {
        let minus_q = s.neg(q);
        s.mul_add(minus_q, d, n) + s.mul_add(minus_q, c, e)
    } else {
        let (product, product_error) = exact_product(s, q, d);
        ((n - product) - product_error) + (e - q * c)
    };
    (q, rest * inverse)
}

/// A real number to multiply with, as parts of both widths.
pub struct Factor {
    /// Rounded.
    pub whole: [f64; 2],
    /// What that lacks.
    pub rest: [f64; 2],
    /// So short that its product with half a float is exact: for products without FMA.
    pub short: [f64; 2],
    /// What that lacks.
    pub short_rest: [f64; 2],
}

/// `x` times a factor in two words, the second smaller by at least 20 (11) bits.
#[inline(always)]
pub fn times<S: Token>(s: S, x: S::F, factor: &Factor) -> (S::F, S::F) {
    let Factor { whole, rest, short, short_rest } = factor;
    if S::FMA {
        let whole = s.pick(whole[0], whole[1]);
        let p = x * whole;
        (p, s.mul_add(x, s.pick(rest[0], rest[1]), s.mul_add(x, whole, s.neg(p))))
    } else {
        let (high, short) = (head(s, x), s.pick(short[0], short[1]));
        (high * short, (x - high) * short + x * s.pick(short_rest[0], short_rest[1]))
    }
}

/// The upper part of a float's bits, 21 (12) of its mantissa: products of two such are exact.
#[inline(always)]
pub fn head<S: Token>(s: S, v: S::F) -> S::F {
    s.float(s.bits(v) & s.ipick(!0xffff_ffff, 0xffff_f000))
}

/// 1.5 * 2^52 (2^23): a sum with it is rounded to an integer, which its low bits hold.
#[inline(always)]
pub fn shifter<S: Token>(s: S) -> S::F {
    s.pick(6755399441055744.0, 12582912.0)
}

/// 2^n, for constants.
pub const fn constant_power_of_two(n: i32) -> f64 {
    f64::from_bits(((1023 + n) as u64) << 52)
}

/// 2^n where `t` is the sum of `n` and the [`shifter`], and 2^n normal.
#[inline(always)]
pub fn power_of_two<S: Token>(s: S, t: S::F) -> S::F {
    s.float(s.shl(s.bits(t) + s.ipick(1023, 127), mantissa_bits::<S>()))
}

/// 2^-n where `t` is the sum of `n` and the [`shifter`], and 2^-n normal.
#[inline(always)]
pub fn inverse_power_of_two<S: Token>(s: S, t: S::F) -> S::F {
    s.float(s.shl(s.ipick(1023, 127) - s.bits(t), mantissa_bits::<S>()))
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
