//! The greatest common divisor and the least common multiple: Euclid's algorithm, unsigned, lane by lane.
//!
//! Signed integers go by their magnitudes, as in NumPy: that of the least integer is a number without a sign, and a
//! result that does not fit wraps.

use super::{integer, unsigned};
use crate::token::{Rare, Repeat, SlowToken, Token};

/// One division after another. State: two numbers below half the range, the second the next divisor.
#[derive(Clone, Copy)]
struct Divisions;

impl Repeat<2> for Divisions {
    #[inline(always)]
    fn limit<S: SlowToken>() -> u32 {
        // consecutive Fibonacci numbers take the most
        if S::BITS == 64 { 92 } else { 46 }
    }
    #[inline(always)]
    fn go_on<S: SlowToken>(s: S, [_, divisor]: [S::I; 2]) -> S::M {
        !s.ieq(divisor, s.int(0))
    }
    #[inline(always)]
    fn next<S: SlowToken>(s: S, [dividend, divisor]: [S::I; 2]) -> [S::I; 2] {
        [divisor, dividend - s.imul(s.idiv(dividend, divisor), divisor)]
    }
}

/// [a, b] → [gcd(a, b)] of numbers that are not 0.
#[derive(Clone, Copy)]
struct Euclid;

impl Rare<2, 1> for Euclid {
    #[inline(always)]
    fn body<S: SlowToken>(s: S, [a, b]: [S::I; 2]) -> [S::I; 1] {
        // From the greater by the lesser, two unsigned steps leave both in the range of signed division.
        let (greater, lesser) = (unsigned::maximum(s, a, b), unsigned::minimum(s, a, b));
        let first = unsigned::remainder(s, greater, lesser);
        let second = unsigned::remainder(s, lesser, first);
        let [divisor, _] = s.repeat(Divisions, [first, second]);
        [s.iselect(s.ieq(first, s.int(0)), lesser, divisor)]
    }
}

/// The greatest common divisor of numbers without a sign; that of 0 and `a` is `a`.
#[inline(always)]
pub fn gcd_unsigned<S: Token>(s: S, a: S::I, b: S::I) -> S::I {
    let zero = s.int(0);
    let rare = !(s.ieq(a, zero) | s.ieq(b, zero));
    s.rare(Euclid, rare, [a, b], [a | b])[0]
}

/// The least common multiple of numbers without a sign, wrapping; that of 0 and any is 0.
#[inline(always)]
pub fn lcm_unsigned<S: Token>(s: S, a: S::I, b: S::I) -> S::I {
    s.imul(unsigned::floor_div(s, a, gcd_unsigned(s, a, b)), b)
}

/// The greatest common divisor of the magnitudes, wrapping.
#[inline(always)]
pub fn gcd<S: Token>(s: S, a: S::I, b: S::I) -> S::I {
    gcd_unsigned(s, integer::abs(s, a), integer::abs(s, b))
}

/// The least common multiple of the magnitudes, wrapping.
#[inline(always)]
pub fn lcm<S: Token>(s: S, a: S::I, b: S::I) -> S::I {
    lcm_unsigned(s, integer::abs(s, a), integer::abs(s, b))
}
