//! Integers without a sign: what they do not share with the signed ones. Everything wraps, nothing traps.

use crate::token::Token;

/// The bits with the order of signed integers turned into that of unsigned ones.
#[inline(always)]
fn biased<S: Token>(s: S, a: S::I) -> S::I {
    a ^ s.ipick(i64::MIN, i32::MIN as i64)
}

/// `a` itself.
#[inline(always)]
pub fn same<S: Token>(_: S, a: S::I) -> S::I {
    a
}

/// `a < b`.
#[inline(always)]
pub fn lt<S: Token>(s: S, a: S::I, b: S::I) -> S::M {
    s.ilt(biased(s, a), biased(s, b))
}

/// `a <= b`.
#[inline(always)]
pub fn le<S: Token>(s: S, a: S::I, b: S::I) -> S::M {
    !lt(s, b, a)
}

/// The lesser.
#[inline(always)]
pub fn minimum<S: Token>(s: S, a: S::I, b: S::I) -> S::I {
    s.iselect(lt(s, b, a), b, a)
}

/// The greater.
#[inline(always)]
pub fn maximum<S: Token>(s: S, a: S::I, b: S::I) -> S::I {
    s.iselect(lt(s, a, b), b, a)
}

/// `a >> n`; 0 for a count of the width or more.
#[inline(always)]
pub fn shr<S: Token>(s: S, a: S::I, n: S::I) -> S::I {
    let is_count = s.ieq(n & s.int(!(S::BITS as i64 - 1)), s.int(0));
    s.iselect(is_count, s.shr_by(a, n), s.int(0))
}

/// The quotient, rounded down; `x // 0 = 0`.
#[inline(always)]
pub fn floor_div<S: Token>(s: S, a: S::I, b: S::I) -> S::I {
    // Half the dividend is a signed number, and twice its quotient right or one too few. A divisor that is none goes
    // into any dividend at most once.
    let (zero, one) = (s.int(0), s.int(1));
    let half = s.idiv(s.shr(a, 1), b);
    let most = half + half;
    let most = most + s.iselect(le(s, b, a - s.imul(most, b)), one, zero);
    let once = s.iselect(le(s, b, a), one, zero);
    s.iselect(s.ieq(b, zero), zero, s.iselect(s.ilt(b, zero), once, most))
}

/// The remainder; `x % 0 = 0`.
#[inline(always)]
pub fn remainder<S: Token>(s: S, a: S::I, b: S::I) -> S::I {
    let rest = a - s.imul(floor_div(s, a, b), b);
    s.iselect(s.ieq(b, s.int(0)), s.int(0), rest)
}

/// 0 or 1.
#[inline(always)]
pub fn sign<S: Token>(s: S, a: S::I) -> S::I {
    s.iselect(s.ieq(a, s.int(0)), s.int(0), s.int(1))
}

/// The number of bits set: sums of pairs, of fours, of bytes, side by side in the word.
#[inline(always)]
pub fn bit_count<S: Token>(s: S, a: S::I) -> S::I {
    let (pairs, fours) = (s.int(0x3333_3333_3333_3333), s.int(0x0f0f_0f0f_0f0f_0f0f));
    let a = a - (s.shr(a, 1) & s.int(0x5555_5555_5555_5555));
    let a = (a & pairs) + (s.shr(a, 2) & pairs);
    let mut sum = (a + s.shr(a, 4)) & fours;
    let mut places = 8;
    while places < S::BITS {
        sum = sum + s.shr(sum, places);
        places *= 2;
    }
    sum & s.int(0x7f)
}

/// `1 / x` without its fraction: 1 for 1, otherwise 0.
#[inline(always)]
pub fn reciprocal<S: Token>(s: S, x: S::I) -> S::I {
    s.iselect(s.ieq(x, s.int(1)), x, s.int(0))
}

/// The upper half of `a * b`, of the four products of the operands' halves.
#[inline(always)]
pub fn high_product<S: Token>(s: S, a: S::I, b: S::I) -> S::I {
    let (half, low) = (S::BITS / 2, s.ipick(0xffff_ffff, 0xffff));
    let (a_low, a_high) = (a & low, s.shr(a, half));
    let (b_low, b_high) = (b & low, s.shr(b, half));
    // what the lower half carries: neither sum passes the width
    let middle = s.imul(a_high, b_low) + s.shr(s.imul(a_low, b_low), half);
    let carried = s.imul(a_low, b_high) + (middle & low);
    s.imul(a_high, b_high) + s.shr(middle, half) + s.shr(carried, half)
}
