//! Types narrower than the one computed in: integers wrapped, floats rounded to what they would be in memory, and their
//! bits there.

use super::polynomial::constant_power_of_two;
use crate::token::Token;

/// The low `bits` bits, extended by the highest of them.
#[inline(always)]
fn wrap_signed<S: Token>(s: S, x: S::I, bits: u32) -> S::I {
    s.sar(s.shl(x, S::BITS - bits), S::BITS - bits)
}

/// As an i8.
#[inline(always)]
pub fn wrap_i8<S: Token>(s: S, x: S::I) -> S::I {
    wrap_signed(s, x, 8)
}

/// As an i16.
#[inline(always)]
pub fn wrap_i16<S: Token>(s: S, x: S::I) -> S::I {
    wrap_signed(s, x, 16)
}

/// As a u8.
#[inline(always)]
pub fn wrap_u8<S: Token>(s: S, x: S::I) -> S::I {
    x & s.int(0xff)
}

/// As a u16.
#[inline(always)]
pub fn wrap_u16<S: Token>(s: S, x: S::I) -> S::I {
    x & s.int(0xffff)
}

/// As a u32: of 32 bits all.
#[inline(always)]
pub fn wrap_u32<S: Token>(s: S, x: S::I) -> S::I {
    x & s.int(0xffff_ffff)
}

/// To the nearest of the floats with `precision` bits and least exponent `least`, halves to even, not minding how
/// large it is. `beyond` is a power of two out of range that the sum below leaves finite.
#[inline(always)]
fn round_magnitude<S: Token>(s: S, magnitude: S::F, precision: u32, least: i64, beyond: f64) -> S::F {
    let (places, bias) = if S::BITS == 64 { (52, 1023) } else { (23, 127) };
    // A sum with 2^places times the last place to keep has no room below that place: the addition itself rounds.
    let magnitude = s.pmin(s.lit(beyond), magnitude);
    let exponent_mask = s.ipick(0x7ff << 52, 0xff << 23);
    let power = s.imax(s.bits(magnitude) & exponent_mask, s.int((least + bias) << places));
    let shift = s.float(power + s.int(((places - precision + 1) as i64) << places));
    (magnitude + shift) - shift
}

/// To the nearest binary16, once: its 11 bits, subnormals and infinities.
#[inline(always)]
pub fn round_f16<S: Token>(s: S, x: S::F) -> S::F {
    let rounded = round_magnitude(s, s.abs(x), 11, -14, 131072.0);
    let infinite = s.le(s.lit(65536.0), rounded);
    let rounded = s.select(infinite, s.lit(f64::INFINITY), rounded);
    s.select(s.eq(x, x), s.float(s.bits(rounded) | s.sign(x)), x)
}

/// To the nearest bfloat16, once: its 8 bits, subnormals and infinities.
#[inline(always)]
pub fn round_bf16<S: Token>(s: S, x: S::F) -> S::F {
    let rounded = if S::BITS == 64 {
        let rounded = round_magnitude(s, s.abs(x), 8, -126, 680564733841876926926749214863536422912.0); // 2^129
        let infinite = s.le(s.lit(340282366920938463463374607431768211456.0), rounded); // 2^128
        s.float(s.bits(s.select(infinite, s.lit(f64::INFINITY), rounded)) | s.sign(x))
    } else {
        // The upper half of a binary32. The carry of rounding runs through the exponent, up to infinity.
        let bits = s.bits(x);
        let odd = s.shr(bits, 16) & s.int(1);
        s.float((bits + s.int(0x7fff) + odd) & s.int(0xffff_0000))
    };
    s.select(s.eq(x, x), rounded, x)
}

/// The bits of infinity of a binary32.
const INFINITY: i64 = 0x7f80_0000;

/// The value of a binary16's bits, on tokens of 32 bits.
#[inline(always)]
pub fn widen_f16<S: Token>(s: S, bits: S::I) -> S::F {
    // Exponent and mantissa in the place of a single's are 2^-112 of the value: the product is exact, of subnormals too.
    let magnitude = s.shl(bits & s.int(0x7fff), 13);
    let value = s.bits(s.float(magnitude) * s.lit(constant_power_of_two(112)));
    let special = s.iselect(s.ilt(magnitude, s.int(0x7c00 << 13)), s.int(0), s.int(INFINITY));
    s.float(value | special | s.shl(bits & s.int(0x8000), 16))
}

/// The bits of a value that a binary16 has, on tokens of 32 bits.
#[inline(always)]
pub fn narrow_f16<S: Token>(s: S, x: S::F) -> S::I {
    let (bits, infinity) = (s.bits(x), s.int(INFINITY));
    let magnitude = bits & s.int(0x7fff_ffff);
    let scaled = s.shr(s.bits(s.float(magnitude) * s.lit(constant_power_of_two(-112))), 13);
    let special = s.iselect(s.ilt(infinity, magnitude), s.int(0x7e00), s.int(0x7c00));
    s.iselect(s.ilt(magnitude, infinity), scaled, special) | (s.shr(bits, 16) & s.int(0x8000))
}

/// The value of a bfloat16's bits, on tokens of 32 bits.
#[inline(always)]
pub fn widen_bf16<S: Token>(s: S, bits: S::I) -> S::F {
    s.float(s.shl(bits, 16))
}

/// The bits of a value that a bfloat16 has, on tokens of 32 bits.
#[inline(always)]
pub fn narrow_bf16<S: Token>(s: S, x: S::F) -> S::I {
    let bits = s.bits(x);
    // a NaN may have its bits in the half that goes
    let is_nan = s.ilt(s.int(INFINITY), bits & s.int(0x7fff_ffff));
    s.shr(bits, 16) | s.iselect(is_nan, s.int(0x40), s.int(0))
}
