//! Integers: everything wraps, nothing traps. Python's signs for `//` and `%`; a zero divisor gives 0.

use super::unsigned;
use crate::token::{Rare, Repeat, SlowToken, Token};

/// `a + b`, wrapping.
#[inline(always)]
pub fn add<S: Token>(_: S, a: S::I, b: S::I) -> S::I {
    a + b
}

/// `a - b`, wrapping.
#[inline(always)]
pub fn sub<S: Token>(_: S, a: S::I, b: S::I) -> S::I {
    a - b
}

/// `a * b`, wrapping.
#[inline(always)]
pub fn mul<S: Token>(s: S, a: S::I, b: S::I) -> S::I {
    s.imul(a, b)
}

/// `a * b + c`, wrapping.
#[inline(always)]
pub fn mul_then_add<S: Token>(s: S, a: S::I, b: S::I, c: S::I) -> S::I {
    s.imul(a, b) + c
}

/// `a * b - c`, wrapping.
#[inline(always)]
pub fn mul_then_sub<S: Token>(s: S, a: S::I, b: S::I, c: S::I) -> S::I {
    s.imul(a, b) - c
}

/// `c - a * b`, wrapping.
#[inline(always)]
pub fn sub_product<S: Token>(s: S, a: S::I, b: S::I, c: S::I) -> S::I {
    c - s.imul(a, b)
}

/// `-a`, wrapping.
#[inline(always)]
pub fn neg<S: Token>(s: S, a: S::I) -> S::I {
    s.int(0) - a
}

/// `|a|`, wrapping: MIN stays MIN.
#[inline(always)]
pub fn abs<S: Token>(s: S, a: S::I) -> S::I {
    let flip = s.sar(a, S::BITS - 1);
    (a ^ flip) - flip
}

/// `!a`.
#[inline(always)]
pub fn not<S: Token>(s: S, a: S::I) -> S::I {
    a ^ s.int(-1)
}

/// `a & b`.
#[inline(always)]
pub fn and<S: Token>(_: S, a: S::I, b: S::I) -> S::I {
    a & b
}

/// `a | b`.
#[inline(always)]
pub fn or<S: Token>(_: S, a: S::I, b: S::I) -> S::I {
    a | b
}

/// `a ^ b`.
#[inline(always)]
pub fn xor<S: Token>(_: S, a: S::I, b: S::I) -> S::I {
    a ^ b
}

/// Whether `n` is a count of bits that can be shifted out: neither negative nor the width or more.
#[inline(always)]
fn is_count<S: Token>(s: S, n: S::I) -> S::M {
    s.ieq(n & s.int(!(S::BITS as i64 - 1)), s.int(0))
}

/// `a << n`; 0 for a count that is negative or the width or more.
#[inline(always)]
pub fn shl<S: Token>(s: S, a: S::I, n: S::I) -> S::I {
    s.iselect(is_count(s, n), s.shl_by(a, n), s.int(0))
}

/// Arithmetic `a >> n`; the sign alone, 0 or -1, for a count that is negative or the width or more.
#[inline(always)]
pub fn shr<S: Token>(s: S, a: S::I, n: S::I) -> S::I {
    s.sar_by(a, s.iselect(is_count(s, n), n, s.int(S::BITS as i64 - 1)))
}

/// `a == b`.
#[inline(always)]
pub fn eq<S: Token>(s: S, a: S::I, b: S::I) -> S::M {
    s.ieq(a, b)
}

/// `a != b`.
#[inline(always)]
pub fn ne<S: Token>(s: S, a: S::I, b: S::I) -> S::M {
    !s.ieq(a, b)
}

/// `a < b`.
#[inline(always)]
pub fn lt<S: Token>(s: S, a: S::I, b: S::I) -> S::M {
    s.ilt(a, b)
}

/// `a <= b`.
#[inline(always)]
pub fn le<S: Token>(s: S, a: S::I, b: S::I) -> S::M {
    !s.ilt(b, a)
}

/// `a` where `m`, else `b`.
#[inline(always)]
pub fn choose<S: Token>(s: S, m: S::M, a: S::I, b: S::I) -> S::I {
    s.iselect(m, a, b)
}

/// The lesser.
#[inline(always)]
pub fn minimum<S: Token>(s: S, a: S::I, b: S::I) -> S::I {
    s.imin(a, b)
}

/// The greater.
#[inline(always)]
pub fn maximum<S: Token>(s: S, a: S::I, b: S::I) -> S::I {
    s.imax(a, b)
}

/// The truncated quotient and its remainder, and whether flooring differs: a remainder of the other sign.
#[inline(always)]
fn divide<S: Token>(s: S, a: S::I, b: S::I) -> (S::I, S::I, S::M) {
    let quotient = s.idiv(a, b);
    let remainder = a - s.imul(quotient, b);
    let inexact = !s.ieq(remainder, s.int(0));
    (quotient, remainder, inexact & s.ilt(remainder ^ b, s.int(0)))
}

/// The quotient, rounded down; `x // 0 = 0`, and `MIN // -1` wraps to MIN.
#[inline(always)]
pub fn floor_div<S: Token>(s: S, a: S::I, b: S::I) -> S::I {
    let (quotient, _, below) = divide(s, a, b);
    let floored = s.iselect(below, quotient - s.int(1), quotient);
    s.iselect(s.ieq(b, s.int(0)), s.int(0), floored)
}

/// The remainder with the divisor's sign; `x % 0 = 0`.
#[inline(always)]
pub fn remainder<S: Token>(s: S, a: S::I, b: S::I) -> S::I {
    let (_, remainder, below) = divide(s, a, b);
    let floored = s.iselect(below, remainder + b, remainder);
    s.iselect(s.ieq(b, s.int(0)), s.int(0), floored)
}

/// C's remainder, with the dividend's sign; a zero divisor gives 0.
#[inline(always)]
pub fn fmod<S: Token>(s: S, a: S::I, b: S::I) -> S::I {
    let (_, remainder, _) = divide(s, a, b);
    s.iselect(s.ieq(b, s.int(0)), s.int(0), remainder)
}

/// -1, 0 or 1.
#[inline(always)]
pub fn sign<S: Token>(s: S, a: S::I) -> S::I {
    s.imax(s.int(-1), s.imin(a, s.int(1)))
}

/// The number of bits set in |a|.
#[inline(always)]
pub fn bit_count<S: Token>(s: S, a: S::I) -> S::I {
    unsigned::bit_count(s, abs(s, a))
}

/// 0.
#[inline(always)]
pub fn zero<S: Token>(s: S, _: S::I) -> S::I {
    s.int(0)
}

/// 1.
#[inline(always)]
pub fn one<S: Token>(s: S, _: S::I) -> S::I {
    s.int(1)
}

/// `a * a`, wrapping.
#[inline(always)]
pub fn square<S: Token>(s: S, a: S::I) -> S::I {
    s.imul(a, a)
}

/// Exponents below 2 to this take as many squarings in vectors; others are rare.
const VECTOR_SQUARINGS: u32 = 4;

/// Repeated squaring. State: the product so far, the base squared so often, and the exponent's remaining bits.
#[derive(Clone, Copy)]
struct Squarings;

impl Repeat<3> for Squarings {
    #[inline(always)]
    fn limit<S: SlowToken>() -> u32 {
        S::BITS
    }
    #[inline(always)]
    fn go_on<S: SlowToken>(s: S, [_, _, exponent]: [S::I; 3]) -> S::M {
        !s.ieq(exponent, s.int(0))
    }
    #[inline(always)]
    fn next<S: SlowToken>(s: S, [product, base, exponent]: [S::I; 3]) -> [S::I; 3] {
        squaring(s, product, base, exponent)
    }
}

/// One turn of repeated squaring.
#[inline(always)]
fn squaring<S: Token>(s: S, product: S::I, base: S::I, exponent: S::I) -> [S::I; 3] {
    let odd = s.ieq(exponent & s.int(1), s.int(1));
    [s.iselect(odd, s.imul(product, base), product), s.imul(base, base), s.shr(exponent, 1)]
}

/// The rest of a power whose exponent was not used up: [product, base, exponent] → [product].
#[derive(Clone, Copy)]
struct LongPower;

impl Rare<3, 1> for LongPower {
    #[inline(always)]
    fn body<S: SlowToken>(s: S, x: [S::I; 3]) -> [S::I; 1] {
        let [product, _, _] = s.repeat(Squarings, x);
        [product]
    }
}

/// `a` to the power of `b`, wrapping. The value for a negative `b` is unspecified: the caller reports it.
#[inline(always)]
pub fn power<S: Token>(s: S, a: S::I, b: S::I) -> S::I {
    let mut state = [s.int(1), a, b];
    let mut turn = 0;
    while turn < VECTOR_SQUARINGS {
        state = squaring(s, state[0], state[1], state[2]);
        turn += 1;
    }
    let unfinished = !s.ieq(state[2], s.int(0));
    s.rare(LongPower, unfinished, state, [state[0]])[0]
}

/// `1 / x` without its fraction: x itself for 1 and -1, otherwise 0.
#[inline(always)]
pub fn reciprocal<S: Token>(s: S, x: S::I) -> S::I {
    let (one, minus_one) = (s.int(1), s.int(-1));
    s.iselect(s.ieq(x, one) | s.ieq(x, minus_one), x, s.int(0))
}
