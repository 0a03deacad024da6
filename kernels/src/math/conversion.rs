//! Conversions between floats and integers, total and rounded once, out of operations that every device does alike: what
//! an instruction makes of an integer with more bits than its float has, or of a float out of range, differs.

use super::polynomial::shifter;
use crate::token::Token;

/// The integer part; saturates, and NaN gives 0.
#[inline(always)]
pub fn saturating_int<S: Token>(s: S, x: S::F) -> S::I {
    let limit = s.pick(9223372036854775808.0, 2147483648.0);
    let (least, greatest) = (s.ipick(i64::MIN, i32::MIN as i64), s.ipick(i64::MAX, i32::MAX as i64));
    let within = s.iselect(s.lt(x, s.neg(limit)), least, s.to_int(x));
    let within = s.iselect(s.le(limit, x), greatest, within);
    s.iselect(s.eq(x, x), within, s.int(0))
}

/// An f64's integer part as an i32, saturating, 0 for NaN, in the low half of the result: clamped as a float, then read
/// from the low bits of a shifted sum. On tokens of 64 bits.
#[inline(always)]
pub fn saturating_low_half<S: Token>(s: S, x: S::F) -> S::I {
    let number = s.select(s.eq(x, x), x, s.lit(0.0));
    let clamped = s.pmax(s.pmin(number, s.lit(i32::MAX as f64)), s.lit(i32::MIN as f64));
    s.bits(s.trunc(clamped) + shifter(s))
}

/// The nearest f64 of an integer without a sign, on tokens of 64 bits: the halves become exact floats, and their sum
/// rounds once.
#[inline(always)]
pub fn double_of_unsigned<S: Token>(s: S, a: S::I) -> S::F {
    // 0x453… is 2^84 and 0x433… is 2^52: their low 32 bits weigh 2^32 and 1.
    let high = s.float(s.shr(a, 32) | s.int(0x4530_0000_0000_0000));
    let low = s.float((a & s.int(0xffff_ffff)) | s.int(0x4330_0000_0000_0000));
    (high - s.float(s.int(0x4530_0000_0010_0000))) + low
}

/// A 64-bit integer without a sign, cut for [`single_of_cut`]: two numbers of 24 bits, and whether what they make is to
/// be scaled by 2^16.
///
/// From 2^48 on, the low 16 bits count only in that they are not all 0. The number without them has 33 bits or more, so
/// the one that stands for them lies below the 24 bits of an f32 and the bit that decides the rounding, and changes no
/// rounding but that of what is no tie.
#[inline(always)]
pub fn cut<S: Token>(s: S, a: S::I) -> (S::I, S::I, S::M) {
    let (zero, one) = (s.int(0), s.int(1));
    let large = !s.ieq(s.shr(a, 48), zero);
    let lost = s.iselect(s.ieq(a & s.int(0xffff), zero), zero, one);
    let kept = s.iselect(large, s.shr(a, 16) | lost, a);
    (s.shr(kept, 24), kept & s.int(0xff_ffff), large)
}

/// The nearest f32 of an integer that was [`cut`]: both parts are floats exactly, and their sum is the one rounding.
#[inline(always)]
pub fn single_of_cut<S: Token>(s: S, high: S::I, low: S::I, large: S::M) -> S::F {
    let sum = s.from_int(high) * s.lit(16777216.0) + s.from_int(low);
    sum * s.select(large, s.lit(65536.0), s.lit(1.0))
}

/// How a float's bits are laid out: bits of the mantissa field, and the exponent field of 1.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    places: u32,
    bias: i64,
}

impl Layout {
    /// That of f32.
    pub const SINGLE: Layout = Layout { places: 23, bias: 127 };
    /// That of f64.
    pub const DOUBLE: Layout = Layout { places: 52, bias: 1023 };

    /// The bits of 2^n.
    const fn power(self, n: i64) -> i64 {
        (self.bias + n) << self.places
    }

    /// The bits of the magnitude, and whether the float is NaN.
    #[inline(always)]
    fn magnitude<S: Token>(self, s: S, bits: S::I) -> (S::I, S::M) {
        let infinity = self.power(self.bias + 1);
        let magnitude = bits & s.int(infinity | ((1 << self.places) - 1));
        (magnitude, s.ilt(s.int(infinity), magnitude))
    }

    /// The integer part of a magnitude below 2^64.
    #[inline(always)]
    fn whole<S: Token>(self, s: S, magnitude: S::I) -> S::I {
        let leading = 1 << self.places;
        let mantissa = (magnitude & s.int(leading - 1)) | s.int(leading);
        let left = s.shr(magnitude, self.places) - s.int(self.bias + self.places as i64);
        let (zero, most) = (s.int(0), s.int(63));
        // (Of the two counts one may be out of range: its result is not taken.)
        let down = s.shr_by(mantissa, s.imin(zero - left, most));
        s.iselect(s.ilt(left, zero), down, s.shl_by(mantissa, left))
    }
}

/// The integer part of the float of these bits (sign-extended, if they are 32), as an i64: saturates, and NaN gives 0. On
/// tokens of 64 bits; no float is touched, so that it needs no doubles.
#[inline(always)]
pub fn signed_of_bits<S: Token>(s: S, bits: S::I, of: Layout) -> S::I {
    let (magnitude, is_nan) = of.magnitude(s, bits);
    let flip = s.sar(bits, 63);
    let fits = s.ilt(magnitude, s.int(of.power(63)));
    let within = (of.whole(s, magnitude) ^ flip) - flip;
    s.iselect(is_nan, s.int(0), s.iselect(fits, within, s.int(i64::MAX) ^ flip))
}

/// The same without a sign: negative numbers give 0 too.
#[inline(always)]
pub fn unsigned_of_bits<S: Token>(s: S, bits: S::I, of: Layout) -> S::I {
    let (magnitude, is_nan) = of.magnitude(s, bits);
    let (zero, greatest) = (s.int(0), s.int(-1));
    let within = s.iselect(s.ilt(magnitude, s.int(of.power(64))), of.whole(s, magnitude), greatest);
    s.iselect(is_nan | s.ilt(bits, zero), zero, within)
}

/// Whether a float is not zero, NaN included: by its bits, so that a device's treatment of subnormals does not matter.
#[inline(always)]
pub fn is_true<S: Token>(s: S, x: S::F) -> S::M {
    !s.ieq(s.bits(s.abs(x)), s.int(0))
}
