//! Arithmetic in two words: a value as the sum of two floats, the second what the rounding of the first lost.

use super::{
    exponential::{EXP32, EXP64},
    polynomial::{block_polynomial, exact_product, mantissa_bits, mantissa_mask, polynomial, shifter},
};
use crate::token::Token;

/// log((1 + q) / (1 - q)) less 2 q + 2/3 q^3, over q^5, in q^2, for |q| <= 0.1716: minimax fits, errors below 2^-66 and 2^-44.
const LOG64: [f64; 7] = [
    0.4000000000000226,
    0.2857142857009726,
    0.22222222520286444,
    0.1818178433880209,
    0.1538675850587649,
    0.13256792864853467,
    0.1319654067458491,
];
const LOG32: [f64; 4] = [0.3999999761581421, 0.2857196629047394, 0.22180333733558655, 0.1954234391450882];

/// A value in two words, high and low.
pub type Two<S> = (<S as Token>::F, <S as Token>::F);

/// `a + b` exactly, where |a| >= |b| or a is 0 (Dekker, 1971).
#[inline(always)]
pub fn ordered_sum<S: Token>(_: S, a: S::F, b: S::F) -> Two<S> {
    let sum = a + b;
    (sum, (a - sum) + b)
}

/// `a + b` exactly, whichever is greater (Knuth's TwoSum).
#[inline(always)]
pub fn exact_sum<S: Token>(_: S, a: S::F, b: S::F) -> Two<S> {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}

/// `c - a * b`, the product exact: the remainder of a quotient or a root, which is a float itself.
#[inline(always)]
pub fn remainder_of<S: Token>(s: S, a: S::F, b: S::F, c: S::F) -> S::F {
    if S::FMA {
        return s.mul_add(s.neg(a), b, c);
    }
    let (product, error) = exact_product(s, a, b);
    (c - product) - error
}

/// 1 / x to one part in twenty, by the bits alone: an exponent's complement is the reciprocal's, and the mantissa's is
/// near it. Enough for what corrects a last place. `x` is positive and normal.
#[inline(always)]
pub fn rough_reciprocal<S: Token>(s: S, x: S::F) -> S::F {
    s.float(s.ipick(0x7fde_6238_22fc_16e6, 0x7ef3_11c7) - s.bits(x))
}

/// A condition's sign bit: set where `m`.
#[inline(always)]
pub fn sign_where<S: Token>(s: S, m: S::M) -> S::I {
    s.iselect(m, s.ipick(i64::MIN, i32::MIN as i64), s.int(0))
}

/// e^(high + low) as `(mantissa, the rest of it, n, t)`, near 1 and to be scaled by 2^n; the rest is up to 1/16, and `t` is
/// [`Token::scale`]'s. |low| is small beside 1, and |high| at most some thousands (hundreds for 32 bits).
#[inline(always)]
pub fn exp_of_two<S: Token>(s: S, (high, low): Two<S>) -> (S::F, S::F, S::F, S::F) {
    let one = s.lit(1.0);
    let t = s.mul_add(high, s.lit(core::f64::consts::LOG2_E), shifter(s));
    let n = t - shifter(s);
    // ln 2 in two parts, as in exp: n times the first is exact.
    let (first, second) = if S::FMA {
        (
            s.pick(core::f64::consts::LN_2, 0.6931471824645996),
            s.pick(2.3190468138462996e-17, -1.9046542121259336e-09),
        )
    } else {
        (s.pick(6.93147180369123816490e-01, 0.693359375), s.pick(1.90821492927058770002e-10, -2.12194440e-4))
    };
    let rest = s.mul_add(n, s.neg(first), high);
    // Fused, what r's rounding loses is not worth keeping.
    let (r, r_low) = if S::FMA {
        (s.mul_add(n, s.neg(second), rest), low)
    } else {
        let product = n * second;
        let r = rest - product;
        (r, ((rest - r) - product) + low)
    };
    let series = r * r * block_polynomial(s, r, r * r, &EXP64, &EXP32);
    let (sum, sum_low) = ordered_sum(s, one, r);
    // The low word is not always small beside the result's last place: it is worth a factor of its own.
    let lower = sum_low + s.mul_add(sum + series, r_low, series);
    (sum, lower, n, t)
}

/// The sum of two values in two words, of any sizes.
#[inline(always)]
pub fn sum_of_two<S: Token>(_: S, (a, a_low): Two<S>, (b, b_low): Two<S>) -> Two<S> {
    let sum = a + b;
    let part = sum - a;
    (sum, ((a - (sum - part)) + (b - part)) + (a_low + b_low))
}

/// The product of two values in two words, to about twice a word's bits.
#[inline(always)]
pub fn product_of_two<S: Token>(s: S, (a, a_low): Two<S>, (b, b_low): Two<S>) -> Two<S> {
    let (product, error) = exact_product(s, a, b);
    (product, s.mul_add(a, b_low, s.mul_add(a_low, b, error)))
}

/// The quotient of two values in two words, rounded.
#[inline(always)]
pub fn quotient_of_two<S: Token>(s: S, (a, a_low): Two<S>, (b, b_low): Two<S>) -> S::F {
    let reciprocal = s.lit(1.0) / b;
    let quotient = a * reciprocal;
    let rest = remainder_of(s, quotient, b, a) + (a_low - quotient * b_low);
    s.mul_add(rest, reciprocal, quotient)
}

/// The natural logarithm of a positive normal value in two words, in two words: its error is below 2^-64 (2^-33) beside
/// the greater of itself and 1, and as small relative to it near 1.
#[inline(always)]
pub fn log_of_two<S: Token>(s: S, (x, x_low): Two<S>) -> Two<S> {
    let one = s.lit(1.0);
    // x = 2^n m, with m from sqrt(1/2) to sqrt(2).
    let least = s.ipick(0x3fe6_a09e_667f_3bcd, 0x3f35_04f3);
    let bits = s.bits(x) + (s.bits(one) - least);
    let exponent = s.shr(bits, mantissa_bits::<S>());
    // A small integer ORed into the bits of 2^52 is that integer added.
    let base = s.pick(4503599627370496.0, 8388608.0);
    let n = (s.float(exponent | s.bits(base)) - base) - s.pick(1023.0, 127.0);
    let m = s.float((bits & mantissa_mask(s)) + least);
    // (2^-1024 is not a normal number; it is 0 here, as is any second word that it meets.)
    let inverse = s.imax(s.ipick(2046, 254) - exponent, s.int(0));
    let m_low = x_low * s.float(s.shl(inverse, mantissa_bits::<S>()));
    // q = (m - 1) / (m + 1), in two words.
    let f = m - one;
    let (d, d_low) = ordered_sum(s, one, m);
    let reciprocal = one / d;
    let q = f * reciprocal;
    let q_low = (remainder_of(s, q, d, f) + (m_low - q * (d_low + m_low))) * reciprocal;
    // 2 q + q^3 (2/3 + …), the factor and the cube in two words, too.
    let (square, square_low) = exact_product(s, q, q);
    let square_low = s.mul_add(q + q, q_low, square_low);
    let cube = product_of_two(s, (square, square_low), (q, q_low));
    let series = square * polynomial(s, square, &LOG64, &LOG32);
    let (third, third_low) = ordered_sum(s, s.pick(0.6666666666666666, 0.6666666865348816), series);
    let third_low = third_low + s.pick(3.700743415417188e-17, -1.9868215517249155e-08);
    let (term, term_low) = product_of_two(s, cube, (third, third_low));
    // n ln 2 in two parts, the first exact.
    let first = n * s.pick(6.93147180369123816490e-01, 0.693359375);
    let (sum, sum_low) = ordered_sum(s, first, q + q);
    let (total, total_low) = ordered_sum(s, sum, term);
    let low = (sum_low + total_low) + ((q_low + q_low) + term_low);
    (total, s.mul_add(n, s.pick(1.9082149292705877e-10, -0.00021219444005469057), low))
}
