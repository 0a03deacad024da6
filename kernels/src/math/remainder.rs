//! `%` and `//` of floats, as NumPy defines them (npy_divmod in npy_math_internal.h.src), over an exact fmod.

use super::polynomial::{exact_product, mantissa_bits, mantissa_mask};
use crate::token::{Rare, Repeat, SlowToken, Token};

/// The remainder with the divisor's sign. A zero has that sign too; `x % 0` is NaN.
#[inline(always)]
pub fn remainder<S: Token>(s: S, a: S::F, b: S::F) -> S::F {
    let (truncated, adjust) = truncated_remainder(s, a, b);
    let signed_zero = s.float(s.sign(b));
    let floored = s.select(adjust, truncated + b, truncated);
    s.select(s.eq(truncated, s.lit(0.0)), signed_zero, floored)
}

/// The quotient rounded down. A zero has the quotient's sign; `x // 0` is `x / 0`.
#[inline(always)]
pub fn floor_div<S: Token>(s: S, a: S::F, b: S::F) -> S::F {
    let (truncated, adjust) = truncated_remainder(s, a, b);
    let zero = s.lit(0.0);
    let quotient = a / b;
    let exact = (a - truncated) / b; // an integer but for the roundings of these two
    let exact = s.select(adjust, exact - s.lit(1.0), exact);
    let floored = s.floor(exact);
    let nearest = s.select(s.lt(s.lit(0.5), exact - floored), floored + s.lit(1.0), floored);
    let nearest = s.select(s.eq(exact, zero), s.float(s.sign(quotient)), nearest);
    s.select(s.eq(b, zero), quotient, nearest)
}

/// fmod, and whether flooring differs: a remainder of the other sign.
#[inline(always)]
fn truncated_remainder<S: Token>(s: S, a: S::F, b: S::F) -> (S::F, S::M) {
    let zero = s.lit(0.0);
    let truncated = fmod(s, a, b);
    (truncated, !s.eq(truncated, zero) & (s.lt(b, zero) ^ s.lt(truncated, zero)))
}

/// C's fmod: `x - n y` exactly, n the integer part of x / y; with the sign of `x`.
#[inline(always)]
pub fn fmod<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let (magnitude, divisor) = (s.abs(x), s.abs(y));
    let quotient = magnitude / divisor;
    // The rounded quotient is below the next integer or has become it: n is right or one too many, and
    // magnitude - n divisor, a multiple of the divisor's last place not above the divisor, is a float.
    let n = s.trunc(quotient);
    let rest = if S::FMA {
        s.mul_add(s.neg(n), divisor, magnitude)
    } else {
        let (product, error) = exact_product(s, n, divisor);
        (magnitude - product) - error
    };
    let rest = s.select(s.lt(rest, s.lit(0.0)), rest + divisor, rest);
    let rest = s.select(s.lt(magnitude, divisor), magnitude, rest);
    // Good while n is an integer that a float holds; unfused, while the product's halves do not overflow.
    let moderate = s.lt(quotient, s.pick(4503599627370496.0, 8388608.0));
    let moderate = if S::FMA { moderate } else { moderate & s.lt(magnitude, s.pick(1e298, 1e34)) };
    let [rest] = s.rare(LongDivision, !moderate, [s.bits(magnitude), s.bits(divisor)], [s.bits(rest)]);
    s.float(rest | s.sign(x))
}

/// Bits of quotient per turn: the width less a sign and a mantissa.
const fn quotient_bits<S: Token>() -> u32 {
    if S::BITS == 64 { 10 } else { 7 }
}

/// [|x|, |y|] → [|x| mod |y|], for any two: long division of the mantissas as integers.
#[derive(Clone, Copy)]
struct LongDivision;

impl Rare<2, 1> for LongDivision {
    #[inline(always)]
    fn body<S: SlowToken>(s: S, [x, y]: [S::I; 2]) -> [S::I; 1] {
        let (x_exponent, dividend) = integer_mantissa(s, x);
        let (y_exponent, divisor) = integer_mantissa(s, y);
        let first = modulo(s, dividend, divisor);
        let [rest, _, _] = s.repeat(DivisionTurns, [first, divisor, x_exponent - y_exponent]);
        // rest * 2^(exponent of y), by exact products: first down to [0, 2), then by a normal power of two.
        let unit = s.float(s.shl(y_exponent, mantissa_bits::<S>()));
        let rest = s.from_int(rest) * s.pick(1.0 / 4503599627370496.0, 1.0 / 8388608.0) * unit;
        let (x, y) = (s.float(x), s.float(y));
        let rest = s.select(s.lt(x, y), x, rest);
        let defined = s.lt(x, s.lit(f64::INFINITY)) & s.lt(s.lit(0.0), y);
        [s.bits(s.select(defined, rest, s.lit(f64::NAN)))]
    }
}

/// The exponent field, at least 1, and the mantissa with its hidden bit.
#[inline(always)]
fn integer_mantissa<S: SlowToken>(s: S, bits: S::I) -> (S::I, S::I) {
    let field = s.shr(bits, mantissa_bits::<S>());
    let fraction = bits & mantissa_mask(s);
    let subnormal = s.ieq(field, s.int(0));
    let hidden = s.shl(s.int(1), mantissa_bits::<S>());
    (s.iselect(subnormal, s.int(1), field), s.iselect(subnormal, fraction, fraction | hidden))
}

#[inline(always)]
fn modulo<S: SlowToken>(s: S, a: S::I, b: S::I) -> S::I {
    a - s.imul(s.idiv(a, b), b)
}

/// State: the rest so far, the divisor, and the binary places to go. Each turn brings down a few of them.
#[derive(Clone, Copy)]
struct DivisionTurns;

impl Repeat<3> for DivisionTurns {
    #[inline(always)]
    fn limit<S: SlowToken>() -> u32 {
        // the greatest difference of exponents, by the bits of a turn
        (if S::BITS == 64 { 2046u32 } else { 254 }).div_ceil(quotient_bits::<S>())
    }
    #[inline(always)]
    fn go_on<S: SlowToken>(s: S, [rest, _, places]: [S::I; 3]) -> S::M {
        s.ilt(s.int(0), places) & !s.ieq(rest, s.int(0))
    }
    #[inline(always)]
    fn next<S: SlowToken>(s: S, [rest, divisor, places]: [S::I; 3]) -> [S::I; 3] {
        let turn = s.imin(places, s.int(quotient_bits::<S>() as i64));
        [modulo(s, s.shl_by(rest, turn), divisor), divisor, places - turn]
    }
}
