//! The hyperbolic tangent: a rational function near 0, 1 - 2 / (e^2x + 1) elsewhere.

use super::{
    exponential::exp,
    polynomial::{exact_product, polynomial},
};
use crate::token::Token;

/// Cephes's tanh.c (Moshier, 1984): (tanh(x) - x) / x^3 = P(x^2) / Q(x^2) for |x| < 0.625.
const NUMERATOR: [f64; 3] =
    [-1.61468768441708447952E3, -9.92877231001918586564E1, -9.64399179425052238628E-1];
const DENOMINATOR: [f64; 4] =
    [4.84406305325125486048E3, 2.23548839060100448583E3, 1.12811678491632931402E2, 1.0];
/// Cephes's tanhf.c: the same in single precision, a polynomial.
const TANH32: [f64; 5] =
    [-3.33332819422E-1, 1.33314422036E-1, -5.37397155531E-2, 2.06390887954E-2, -5.70498872745E-3];

/// The hyperbolic tangent of `x`.
#[inline(always)]
pub fn tanh<S: Token>(s: S, x: S::F) -> S::F {
    let (magnitude, sign, one, two) = (s.abs(x), s.sign(x), s.lit(1.0), s.lit(2.0));
    let square = x * x;
    let small = s.lt(magnitude, s.lit(0.625));
    let e = exp(s, magnitude + magnitude);
    let e1 = e + one;
    // One division serves both sides, as a division costs more than the selects.
    let (numerator, denominator) = if S::BITS == 64 {
        (
            s.select(small, square * polynomial(s, square, &NUMERATOR, &[0.0]), two),
            s.select(small, polynomial(s, square, &DENOMINATOR, &[0.0]), e1),
        )
    } else {
        (two, e1)
    };
    let quotient = numerator / denominator;
    let large = s.select(s.lt(s.lit(20.0), magnitude), one, one_minus(s, quotient, e, e1));
    let near_zero = if S::BITS == 64 {
        s.mul_add(x, quotient, x)
    } else {
        s.mul_add(x * square, polynomial(s, square, &[0.0], &TANH32), x)
    };
    let result = s.select(small, near_zero, s.select(s.eq(x, x), large, x));
    s.float(s.bits(result) | sign) // of -0 too, whose sign the sum above loses
}

/// 1 - 2 / (e + 1), with `quotient` the rounded 2 / `e1` and `e1` the rounded e + 1: both errors are carried along,
/// since near 0.625 the difference magnifies them.
#[inline(always)]
fn one_minus<S: Token>(s: S, quotient: S::F, e: S::F, e1: S::F) -> S::F {
    let (one, two) = (s.lit(1.0), s.lit(2.0));
    let lost = e - (e1 - one);
    let (product, product_error) = exact_product(s, quotient, e1);
    let remainder = ((two - product) - product_error) - quotient * lost;
    let correction = remainder * (quotient * s.lit(0.5)); // divided by e + 1 = 2 / quotient
    let difference = one - quotient;
    let difference_error = (one - difference) - quotient;
    difference + (difference_error - correction)
}
