//! Exponentials: the argument less a multiple n of what doubles the result, a polynomial for the rest r, and 2^n by the
//! exponent.

use super::polynomial::{Factor, inverse_power_of_two, ordered_sum, parity_polynomial, shifter, times};
use crate::token::Token;
use core::f64::consts::{LN_2, LOG2_10, LOG2_E};

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
/// The same for |r| <= 0.45, weighted for the relative error of e^r - 1.
const EXPM1_64: [f64; 11] = [
    0.5,
    0.16666666666666788,
    0.04166666666666546,
    0.008333333333244356,
    0.001388888888932392,
    0.00019841270048892183,
    2.4801586804285127e-05,
    2.7557109914133143e-06,
    2.755751345266801e-07,
    2.5147367880517127e-08,
    2.0880074942272522e-09,
];
const EXPM1_32: [f64; 6] =
    [0.5, 0.1666666418, 0.04166614264, 0.008333577774, 0.001396371052, 0.0001981266541];
/// (2^r - 1 - r ln 2) / r^2 for |r| <= 1/2.
const EXP2_64: [f64; 10] = [
    0.24022650695910122,
    0.05550410866482074,
    0.00961812910759699,
    0.0013333558146685948,
    0.00015403530454057712,
    1.5252733547009021e-05,
    1.3215436613690504e-06,
    1.0178184608779637e-07,
    7.073578517756436e-09,
    4.4363084185978793e-10,
];
const EXP2_32: [f64; 5] = [0.2402264774, 0.0555036217, 0.009618526325, 0.001339016133, 0.0001532118622];
/// (10^r - 1 - r ln 10) / r^2 for |r| <= log10(2)/2.
const EXP10_64: [f64; 10] = [
    2.6509490552392045,
    2.0346785922934454,
    1.1712551489084295,
    0.5393829292060065,
    0.20699584951272942,
    0.06808936392625413,
    0.019597620188642167,
    0.005013977425382345,
    0.001157555126071595,
    0.00024116487317361133,
];
const EXP10_32: [f64; 5] = [2.650948763, 2.034660816, 1.171303511, 0.5416731238, 0.205889076];

/// ln 2.
pub const LN_2_FACTOR: Factor = Factor {
    whole: [LN_2, 0.6931471824645996],
    rest: [2.3190468138462996e-17, -1.9046542121259336e-09],
    short: [0.6931471806019545, 0.693115234375],
    short_rest: [-4.2009150726810846e-11, 3.194618329871446e-05],
};
/// ln 10.
const LN_10_FACTOR: Factor = Factor {
    whole: [core::f64::consts::LN_10, 2.3025851249694824],
    rest: [-2.1707562233822494e-16, -3.1975435632602967e-08],
    short: [2.302585093304515, 2.302734375],
    short_rest: [-3.10469200930739e-10, -0.00014928200107533485],
};

/// An argument as n periods and a rest.
#[derive(Clone, Copy)]
pub struct Reduced<S: Token> {
    /// The number of periods.
    pub n: S::F,
    /// Its sum with the [`shifter`].
    pub t: S::F,
    /// The rest, at most half a period.
    pub r: S::F,
    /// What rounding lost of the rest, where that is made up for: always without FMA, whose roundings are more.
    pub tail: Option<S::F>,
}

impl<S: Token> Reduced<S> {
    /// `low`, and the tail if there is one.
    #[inline(always)]
    pub fn with_tail(self, low: S::F) -> S::F {
        match self.tail {
            Some(tail) => low + tail,
            None => low,
        }
    }
}

/// `x` less n times a period, which is given in two parts. Fused, the first part may be the period rounded; otherwise n
/// times it must be exact.
#[inline(always)]
fn reduce<S: Token>(s: S, x: S::F, t: S::F, high: S::F, low: S::F) -> Reduced<S> {
    let n = t - shifter(s);
    let first = s.mul_add(n, s.neg(high), x);
    if S::FMA {
        return Reduced { n, t, r: s.mul_add(n, s.neg(low), first), tail: None };
    }
    let second = n * low;
    let r = first - second;
    Reduced { n, t, r, tail: Some((first - r) - second) }
}

/// Without FMA the parts of ln 2 are fdlibm's and Cephes's.
#[inline(always)]
fn reduce_with<S: Token>(s: S, x: S::F, t: S::F) -> Reduced<S> {
    let (high, low) = if S::FMA {
        (s.pick(LN_2, 0.6931471824645996), s.pick(2.3190468138462996e-17, -1.9046542121259336e-09))
    } else {
        (s.pick(6.93147180369123816490e-01, 0.693359375), s.pick(1.90821492927058770002e-10, -2.12194440e-4))
    };
    reduce(s, x, t, high, low)
}

/// `x` less n ln 2, for |x| < 1200 (180).
#[inline(always)]
pub fn reduce_ln2<S: Token>(s: S, x: S::F) -> Reduced<S> {
    reduce_with(s, x, s.mul_add(x, s.lit(LOG2_E), shifter(s)))
}

/// The same with what rounding lost, fused too.
#[inline(always)]
pub fn reduce_ln2_exactly<S: Token>(s: S, x: S::F) -> Reduced<S> {
    let reduced = reduce_ln2(s, x);
    if !S::FMA {
        return reduced;
    }
    let first = s.mul_add(reduced.n, s.neg(s.pick(LN_2, 0.6931471824645996)), x);
    let low = s.pick(2.3190468138462996e-17, -1.9046542121259336e-09);
    Reduced { tail: Some(s.mul_add(reduced.n, s.neg(low), first - reduced.r)), ..reduced }
}

/// The same, but n is 0 as long as the `magnitude` of x is less than 0.45: for functions that vanish with x, where the rounding of r for the
/// first n would count double. For the next n, |r| < 1/4.
#[inline(always)]
pub fn reduce_ln2_late<S: Token>(s: S, x: S::F, magnitude: S::F) -> (Reduced<S>, S::M) {
    let near = s.lt(magnitude, s.lit(0.45));
    let t = s.select(near, shifter(s), s.mul_add(x, s.lit(LOG2_E), shifter(s)));
    (reduce_with(s, x, t), near)
}

/// e^r = first + second, the second at most a fifth of the first.
#[inline(always)]
pub fn exp_of_rest<S: Token>(s: S, reduced: Reduced<S>) -> (S::F, S::F) {
    let r = reduced.r;
    let square = r * r;
    let p = parity_polynomial(s, r, square, &EXP64, &EXP32);
    let (sum, lost) = ordered_sum(s, s.lit(1.0), r);
    (sum, s.mul_add(square, p, reduced.with_tail(lost)))
}

/// (e^r - 1 - r) + more.
#[inline(always)]
pub fn expm1_less_rest<S: Token>(s: S, reduced: Reduced<S>, more: S::F) -> S::F {
    let square = reduced.r * reduced.r;
    let p = parity_polynomial(s, reduced.r, square, &EXPM1_64, &EXPM1_32);
    s.mul_add(square, p, reduced.with_tail(more))
}

/// `x` where its exponential is neither 0 nor infinite, else a limit beyond; NaN passes, by the order of operands.
#[inline(always)]
pub fn clamp_exponent<S: Token>(s: S, x: S::F, low: S::F, high: S::F) -> S::F {
    s.pmax(low, s.pmin(high, x))
}

/// e^r - 1 + `one` with FMA: r (1 + r p(r)) and that have the roundings of their two sums alone.
#[inline(always)]
pub fn fused_exp_of_rest<S: Token>(s: S, r: S::F, one: S::F) -> S::F {
    let p = parity_polynomial(s, r, r * r, &EXP64, &EXP32);
    s.mul_add(r, s.mul_add(r, p, s.lit(1.0)), one)
}

/// e to the power of `x`.
#[inline(always)]
pub fn exp<S: Token>(s: S, x: S::F) -> S::F {
    let reduced = reduce_ln2(s, clamp_exponent(s, x, s.pick(-746.0, -104.0), s.pick(709.8, 88.8)));
    let y = if S::FMA {
        fused_exp_of_rest(s, reduced.r, s.lit(1.0))
    } else {
        let (first, second) = exp_of_rest(s, reduced);
        first + second
    };
    s.scale(y, reduced.n, reduced.t)
}

/// e to the power of `x + low`, fused, for `low` within a rounding of an `x` whose exponential is next to the range of
/// exponents at most.
#[inline(always)]
pub fn exp_of_two<S: Token>(s: S, x: S::F, low: S::F) -> S::F {
    let t = s.mul_add(x, s.lit(LOG2_E), shifter(s));
    let n = t - shifter(s);
    let first = s.mul_add(n, s.neg(s.pick(LN_2, 0.6931471824645996)), x); // exact
    let low = s.mul_add(n, s.neg(s.pick(2.3190468138462996e-17, -1.9046542121259336e-09)), low);
    s.scale(fused_exp_of_rest(s, first + low, s.lit(1.0)), n, t)
}

/// 2^n times (1 + r factor + r^2 p(r)), the linear term in two words.
#[inline(always)]
fn raise<S: Token>(s: S, reduced: Reduced<S>, factor: &Factor, p: S::F, square: S::F) -> S::F {
    let (linear, linear_low) = times(s, reduced.r, factor);
    let linear_low = match reduced.tail {
        Some(tail) => s.mul_add(tail, s.pick(factor.whole[0], factor.whole[1]), linear_low),
        None => linear_low,
    };
    let (sum, lost) = ordered_sum(s, s.lit(1.0), linear);
    s.scale(sum + s.mul_add(square, p, lost + linear_low), reduced.n, reduced.t)
}

/// 2 to the power of `x`. Whole powers are exact: their rest is 0.
#[inline(always)]
pub fn exp2<S: Token>(s: S, x: S::F) -> S::F {
    let x = clamp_exponent(s, x, s.pick(-1080.0, -160.0), s.pick(1025.0, 129.0));
    let t = x + shifter(s);
    let n = t - shifter(s);
    let r = x - n; // exact
    let square = r * r;
    let p = parity_polynomial(s, r, square, &EXP2_64, &EXP2_32);
    let reduced = Reduced { n, t, r, tail: None };
    if !S::FMA {
        return raise(s, reduced, &LN_2_FACTOR, p, square);
    }
    let Factor { whole, rest, .. } = LN_2_FACTOR;
    let y = s.mul_add(square, p, r * s.pick(rest[0], rest[1]));
    s.scale(s.mul_add(r, s.pick(whole[0], whole[1]), y) + s.lit(1.0), n, t)
}

/// 2 to the power of `x + low`, for `low` within a rounding of an `x` whose power is next to the range of exponents at
/// most.
#[inline(always)]
pub fn exp2_of_two<S: Token>(s: S, x: S::F, low: S::F) -> S::F {
    let t = x + shifter(s);
    let n = t - shifter(s);
    let (r, tail) = ordered_sum(s, x - n, low);
    let square = r * r;
    let p = parity_polynomial(s, r, square, &EXP2_64, &EXP2_32);
    raise(s, Reduced { n, t, r, tail: Some(tail) }, &LN_2_FACTOR, p, square)
}

/// 10 to the power of `x`.
#[inline(always)]
pub fn exp10<S: Token>(s: S, x: S::F) -> S::F {
    let x = clamp_exponent(s, x, s.pick(-324.0, -45.5), s.pick(309.0, 39.0));
    let (high, low) = if S::FMA {
        (
            s.pick(core::f64::consts::LOG10_2, 0.3010300099849701),
            s.pick(-2.8037281277851704e-18, -1.432098883924482e-08),
        )
    } else {
        (s.pick(0.3010299956640665, 0.301025390625), s.pick(-8.532344317057107e-14, 4.605039066518657e-06))
    };
    let reduced = reduce(s, x, s.mul_add(x, s.lit(LOG2_10), shifter(s)), high, low);
    let square = reduced.r * reduced.r;
    let p = parity_polynomial(s, reduced.r, square, &EXP10_64, &EXP10_32);
    raise(s, reduced, &LN_10_FACTOR, p, square)
}

/// e to the power of `x`, less 1: 2^n ((1 - 2^-n) + r + (e^r - 1 - r)).
#[inline(always)]
pub fn expm1<S: Token>(s: S, x: S::F) -> S::F {
    let clamped = clamp_exponent(s, x, s.pick(-40.0, -20.0), s.pick(709.8, 88.8));
    let (reduced, _) = reduce_ln2_late(s, clamped, s.abs(x));
    // Past 2^64 the 1 is lost anyway, and the exponent of 2^-n stays in range.
    let w = inverse_power_of_two(s, s.pmin(reduced.t, shifter(s) + s.lit(64.0)));
    let (whole, whole_lost) = ordered_sum(s, s.lit(1.0), s.neg(w));
    let (sum, lost) = ordered_sum(s, whole, reduced.r);
    let y = sum + expm1_less_rest(s, reduced, lost + whole_lost);
    let y = s.scale(y, reduced.n, reduced.t);
    s.float(s.bits(y) | s.sign(x)) // of -0 too, whose sign the sums lose
}
