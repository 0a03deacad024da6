//! Division and square root of f32 out of ones that are some last places off, as devices have them: Vulkan allows 2.5
//! ulp for a division, and a reciprocal of 2 ulp more for a root.
//!
//! The device's operation is used once, on mantissas scaled to `[1, 4)`, and gives an integer `Q` of 25 bits: 24 of the
//! result and the one that decides its rounding. Its remainder `V - Q Y`, or `V - Q^2`, has many bits on both sides, but
//! is itself less than 2^31, so wrapping products of 32 bits give it exactly. From the remainder follow the right `Q` and
//! whether anything lies below it, and the rounding is a matter of bits, subnormal or not. So the results are IEEE's,
//! correctly rounded, wherever the device's are less than 8 ulp off; no other float operation has to round at all, and
//! none sees a subnormal. (Residuals in floats, by Dekker's products, need scaling against underflow, leave ties nearly
//! decided, and round subnormal results twice.)

use crate::token::Token;

/// How far `Q` may be off: the sum of the steps below and one, halved. A unit is half an ulp.
const REACH: i64 = 16;
/// The steps that bring `Q` into place from [`REACH`] below the device's.
const STEPS: [i64; 5] = [16, 8, 4, 2, 1];
/// The bits of infinity, and a NaN's.
const INFINITY: i64 = 0x7f80_0000;
const NAN: i64 = 0x7fc0_0000;
/// The leading bit of a mantissa.
const LEADING: i64 = 1 << 23;

/// A positive finite float of these bits as `(m, e)`: it is `m 2^(e - 150)`, m of 24 bits. The exponents of subnormals
/// reach down to -22.
#[inline(always)]
fn parts<S: Token>(s: S, magnitude: S::I) -> (S::I, S::I) {
    let subnormal = s.ilt(magnitude, s.int(LEADING));
    // a subnormal counts units of 2^-149: as an integer it is a normal float
    let normal = s.iselect(subnormal, s.bits(s.from_int(magnitude)), magnitude);
    let exponent = s.shr(normal, 23) - s.iselect(subnormal, s.int(149), s.int(0));
    ((normal & s.int(LEADING - 1)) | s.int(LEADING), exponent)
}

/// Fields that make of a mantissa a float in `[1, 2)` or `[2, 4)`: its leading bit adds one.
const ONE: i64 = 126 << 23;
const TWO: i64 = 127 << 23;

/// The bits of `Q 2^(field - 151)`, Q of 25 bits, rounded to nearest even; `rest` where something lies below Q. The
/// field is the result's, where that is normal.
#[inline(always)]
fn rounded<S: Token>(s: S, q: S::I, rest: S::M, field: S::I) -> S::I {
    let (zero, one) = (s.int(0), s.int(1));
    // subnormals keep fewer bits: none is left of 26
    let shift = s.imax(zero, s.imin(one - field, s.int(26)));
    let kept = s.shr_by(q, shift);
    let rest = rest | !s.ieq(s.shl_by(kept, shift), q);
    let below = s.iselect(rest, one, zero);
    let up = kept & (s.shr(kept, 1) | below) & one;
    // the leading bit adds one to the field, as does a carry, up to infinity
    let bits = s.shl(s.imax(field, one) - one, 23) + s.shr(kept, 1) + up;
    s.iselect(s.ilt(s.int(254), field), s.int(INFINITY), bits)
}

/// `a / b`, correctly rounded.
#[inline(always)]
pub fn division<S: Token>(s: S, a: S::F, b: S::F) -> S::F {
    let (zero, infinity) = (s.int(0), s.int(INFINITY));
    let (x, y) = (s.bits(s.abs(a)), s.bits(s.abs(b)));
    let ((m, e), (n, f)) = (parts(s, x), parts(s, y));
    // V / Y is in [1, 2) times 2^24: V is m or 2m, shifted by 24
    let less = s.ilt(m, n);
    let estimate = s.float(m + s.iselect(less, s.int(TWO), s.int(ONE))) / s.float(n + s.int(ONE));
    let mut q = s.to_int(estimate * s.lit(16777216.0)) - s.int(REACH);
    let dividend = s.shl(m, 24);
    let mut rest = s.iselect(less, dividend + dividend, dividend) - s.imul(q, n);
    let mut k = 0;
    while k < STEPS.len() {
        let next = rest - s.imul(n, s.int(STEPS[k]));
        let fits = !s.ilt(next, zero);
        rest = s.iselect(fits, next, rest);
        q = s.iselect(fits, q + s.int(STEPS[k]), q);
        k += 1;
    }
    let field = (e - f) + s.iselect(less, s.int(126), s.int(127));
    let quotient = rounded(s, q, !s.ieq(rest, zero), field);
    let (a_zero, b_zero) = (s.ieq(x, zero), s.ieq(y, zero));
    let (a_infinite, b_infinite) = (s.ieq(x, infinity), s.ieq(y, infinity));
    let quotient = s.iselect(a_zero | b_infinite, zero, quotient);
    let quotient = s.iselect(a_infinite | b_zero, infinity, quotient);
    let is_nan = s.ilt(infinity, x) | s.ilt(infinity, y) | (a_zero & b_zero) | (a_infinite & b_infinite);
    s.float(s.iselect(is_nan, s.int(NAN), quotient | (s.sign(a) ^ s.sign(b))))
}

/// The square root, correctly rounded.
#[inline(always)]
pub fn sqrt<S: Token>(s: S, a: S::F) -> S::F {
    let zero = s.int(0);
    let bits = s.bits(a);
    let magnitude = s.bits(s.abs(a));
    let (m, e) = parts(s, magnitude);
    // The exponent of V = m 2^25 or m 2^26 is even: its root is in [1, 2) times 2^24.
    let even = s.ieq(e & s.int(1), zero);
    let root = s.sqrt(s.float(m + s.iselect(even, s.int(TWO), s.int(ONE))));
    let mut q = s.to_int(root * s.lit(16777216.0)) - s.int(REACH);
    let radicand = s.shl(m, 25);
    let mut rest = s.iselect(even, radicand + radicand, radicand) - s.imul(q, q);
    let mut k = 0;
    while k < STEPS.len() {
        // (q + step)^2 = q^2 + step (2q + step)
        let next = rest - s.imul(q + q + s.int(STEPS[k]), s.int(STEPS[k]));
        let fits = !s.ilt(next, zero);
        rest = s.iselect(fits, next, rest);
        q = s.iselect(fits, q + s.int(STEPS[k]), q);
        k += 1;
    }
    let positive = rounded(s, q, !s.ieq(rest, zero), s.shr(e + s.int(127), 1));
    // zeros, infinity and NaN are their own roots; other negative numbers have none
    let itself = s.ieq(magnitude, zero) | !s.ilt(magnitude, s.int(INFINITY));
    let none = s.ilt(bits, zero) & !s.ieq(magnitude, zero);
    s.float(s.iselect(none, s.int(NAN), s.iselect(itself, bits, positive)))
}
