//! The exponential: x = n ln 2 + r, a polynomial for e^r, and 2^n by the exponent.

use super::polynomial::{polynomial, shifter};
use crate::token::Token;

/// (e^r - 1 - r) / r^2 for |r| <= ln(2)/2: minimax fits, weighted for the relative error of e^r.
pub(super) const EXP64: [f64; 10] = [
    0.50000000000000102217,
    0.1666666666666667453,
    0.041666666666522013176,
    0.0083333333333222072959,
    0.0013888888947815288738,
    0.0001984126988659099934,
    0.000024801487331539524323,
    2.7557242336680357124e-6,
    2.763265387721658587e-7,
    2.5110049895858716253e-8,
];
pub(super) const EXP32: [f64; 5] = [
    0.50000000950640157288,
    0.16666518838995027615,
    0.041666206152075016856,
    0.0083688894875217292199,
    0.0013950470425496775428,
];

/// e to the power of `x`.
#[inline(always)]
pub fn exp<S: Token>(s: S, x: S::F) -> S::F {
    // Beyond these the result is 0 or infinite; the order of operands lets NaN pass.
    let clamped = s.pmax(s.pick(-746.0, -104.0), s.pmin(s.pick(709.8, 88.8), x));
    let t = s.mul_add(clamped, s.lit(core::f64::consts::LOG2_E), shifter(s));
    let n = t - shifter(s);
    // ln 2 in two parts. Fused, the first may be ln 2 rounded; otherwise n times it must be exact: fdlibm's and
    // Cephes's shorter ones.
    let (high, low) = if S::FMA {
        (
            s.pick(core::f64::consts::LN_2, 0.6931471824645996),
            s.pick(2.3190468138462996e-17, -1.9046542121259336e-09),
        )
    } else {
        (s.pick(6.93147180369123816490e-01, 0.693359375), s.pick(1.90821492927058770002e-10, -2.12194440e-4))
    };
    let first = s.mul_add(n, s.neg(high), clamped);
    let second = n * low;
    let r = first - second;
    let tail = (first - r) - second; // what r's rounding lost
    let p = polynomial(s, r, &EXP64, &EXP32);
    s.scale((r + s.mul_add(r * r, p, tail)) + s.lit(1.0), n, t)
}
