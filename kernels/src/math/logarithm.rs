//! The natural logarithm, after fdlibm's e_log.c (Sun, 1993): x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), and
//! log(1 + f) from the odd series of q = f / (2 + f).

use super::polynomial::{polynomial, split_exponent};
use crate::token::Token;

/// fdlibm's Lg1 to Lg7, and those of its float version in FreeBSD's e_logf.c.
const LOG64: [f64; 7] = [
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
];
const LOG32: [f64; 4] = [0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841];

/// The natural logarithm of `x`.
#[inline(always)]
pub fn log<S: Token>(s: S, x: S::F) -> S::F {
    let (k, mantissa) = split_exponent(s, x, s.ipick(0x3fe6_a09e_667f_3bcd, 0x3f35_04f3)); // bits of sqrt(1/2)
    let f = mantissa - s.lit(1.0);
    let q = f / (f + s.lit(2.0));
    let z = q * q;
    let series = z * polynomial(s, z, &LOG64, &LOG32);
    let half_square = f * f * s.lit(0.5);
    // ln 2 in two parts: k times the first is exact.
    let (high, low) = (
        s.pick(6.93147180369123816490e-01, 6.9313812256e-01),
        s.pick(1.90821492927058770002e-10, 9.0580006145e-06),
    );
    let correction = half_square - s.mul_add(q, half_square + series, k * low);
    let y = s.mul_add(k, high, f - correction);
    let (zero, infinity) = (s.lit(0.0), s.lit(f64::INFINITY));
    let y = s.select(s.eq(x, infinity), infinity, y);
    let y = s.select(s.eq(x, zero), s.lit(f64::NEG_INFINITY), y);
    s.select(s.lt(x, zero), s.lit(f64::NAN), s.select(s.eq(x, x), y, x))
}
