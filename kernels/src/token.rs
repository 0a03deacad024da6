//! The traits that a body of mathematics is written over: once, for every instruction set and for the recorder.
//!
//! A *token* stands for one float width on one instruction set. It is passed by value: a zero-sized proof that the
//! instructions may be used, or a reference to a recorder. The *values* it works on (floats `F`, integers `I` of the
//! same width, masks `M`) are `Copy` and carry operators, so a body reads like arithmetic. Tokens with many lanes, with
//! one lane and with none (the recorder) differ only behind these traits.
//!
//! Everything a vector token reaches must be `#[inline(always)]`, without closures or iterators: a function that is
//! not inlined into the kernel is compiled without the kernel's target features, and is tens of times slower.

use core::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Not, Sub};

/// Floats: IEEE arithmetic, one rounding per operator.
pub trait FloatOps:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
}
impl<T: Copy + Add<Output = T> + Sub<Output = T> + Mul<Output = T> + Div<Output = T>> FloatOps for T {}

/// Integers: wrapping sum and difference, and the bitwise operators. (The product is a method of the token: AVX2 has
/// none for 64 bits.)
pub trait IntegerOps:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
{
}
impl<T> IntegerOps for T where
    T: Copy + Add<Output = T> + Sub<Output = T> + BitAnd<Output = T> + BitOr<Output = T> + BitXor<Output = T>
{
}

/// Masks: one truth value per lane, whatever its representation.
pub trait MaskOps:
    Copy + BitAnd<Output = Self> + BitOr<Output = Self> + BitXor<Output = Self> + Not<Output = Self>
{
}
impl<T: Copy + BitAnd<Output = T> + BitOr<Output = T> + BitXor<Output = T> + Not<Output = T>> MaskOps for T {}

/// One float width, with the integers and masks that go with it lane for lane.
#[allow(clippy::wrong_self_convention)] // the token is the self of every operation; `from_int` converts its operand
pub trait Token: Copy {
    /// Floats of [`BITS`](Token::BITS) bits.
    type F: FloatOps;
    /// Integers of as many bits.
    type I: IntegerOps;
    /// Truth values.
    type M: MaskOps;
    /// 64 or 32. Bodies may branch on it: the branch folds away.
    const BITS: u32;
    /// Whether [`mul_add`](Token::mul_add) rounds once.
    const FMA: bool;

    /// A float constant, rounded to the width.
    fn lit(self, value: f64) -> Self::F;
    /// An integer constant, truncated to the width.
    fn int(self, value: i64) -> Self::I;
    /// `a * b + c`: one rounding if [`FMA`](Token::FMA), two otherwise.
    fn mul_add(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F;
    /// The square root, correctly rounded.
    fn sqrt(self, a: Self::F) -> Self::F;
    /// The bits of a float.
    fn bits(self, a: Self::F) -> Self::I;
    /// The float of these bits.
    fn float(self, a: Self::I) -> Self::F;
    /// Conversion, one rounding to nearest even.
    fn from_int(self, a: Self::I) -> Self::F;
    /// Conversion, truncating. Unspecified, but no trap, for NaN and where the result does not fit.
    fn to_int(self, a: Self::F) -> Self::I;
    /// `a << n`, `n` below the width.
    fn shl(self, a: Self::I, n: u32) -> Self::I;
    /// Logical `a >> n`, `n` below the width.
    fn shr(self, a: Self::I, n: u32) -> Self::I;
    /// `a << n` with `n` of each lane in `0..BITS`; unspecified, but no trap, for other `n`.
    fn shl_by(self, a: Self::I, n: Self::I) -> Self::I;
    /// Logical `a >> n` with `n` of each lane in `0..BITS`; unspecified, but no trap, for other `n`.
    fn shr_by(self, a: Self::I, n: Self::I) -> Self::I;
    /// The wrapping product.
    fn imul(self, a: Self::I, b: Self::I) -> Self::I;
    /// The truncated quotient, total: `x / 0 = 0` and `MIN / -1 = MIN`.
    fn idiv(self, a: Self::I, b: Self::I) -> Self::I;
    /// `a < b`, false if either is NaN.
    fn lt(self, a: Self::F, b: Self::F) -> Self::M;
    /// `a <= b`, false if either is NaN.
    fn le(self, a: Self::F, b: Self::F) -> Self::M;
    /// `a == b`, false if either is NaN.
    fn eq(self, a: Self::F, b: Self::F) -> Self::M;
    /// Signed `a < b`.
    fn ilt(self, a: Self::I, b: Self::I) -> Self::M;
    /// `a == b`.
    fn ieq(self, a: Self::I, b: Self::I) -> Self::M;
    /// `a` where `m`, else `b`.
    fn select(self, m: Self::M, a: Self::F, b: Self::F) -> Self::F;
    /// `a` where `m`, else `b`.
    fn iselect(self, m: Self::M, a: Self::I, b: Self::I) -> Self::I;
    /// Lanes of `m` get `body(x)`, the others keep `y`.
    ///
    /// For lanes so rare that a vector does better to leave them to a scalar loop out of line. Values pass as integers
    /// so that nothing between can touch their bits.
    fn rare<const A: usize, const R: usize, B: Rare<A, R>>(
        self,
        body: B,
        m: Self::M,
        x: [Self::I; A],
        y: [Self::I; R],
    ) -> [Self::I; R];

    /// A float constant of each width.
    #[inline(always)]
    fn pick(self, c64: f64, c32: f64) -> Self::F {
        self.lit(if Self::BITS == 64 { c64 } else { c32 })
    }

    /// An integer constant of each width.
    #[inline(always)]
    fn ipick(self, c64: i64, c32: i64) -> Self::I {
        self.int(if Self::BITS == 64 { c64 } else { c32 })
    }

    // The rest have bodies, all exact, so that a token may put an instruction in their place and change no bit.

    /// Arithmetic `a >> n`, `n` below the width.
    #[inline(always)]
    fn sar(self, a: Self::I, n: u32) -> Self::I {
        let sign = self.int(1 << (Self::BITS - 1 - n));
        (self.shr(a, n) ^ sign) - sign
    }

    /// Arithmetic `a >> n` with `n` of each lane in `0..BITS`.
    #[inline(always)]
    fn sar_by(self, a: Self::I, n: Self::I) -> Self::I {
        let flip = self.sar(a, Self::BITS - 1);
        self.shr_by(a ^ flip, n) ^ flip
    }

    /// The lesser integer.
    #[inline(always)]
    fn imin(self, a: Self::I, b: Self::I) -> Self::I {
        self.iselect(self.ilt(b, a), b, a)
    }

    /// The greater integer.
    #[inline(always)]
    fn imax(self, a: Self::I, b: Self::I) -> Self::I {
        self.iselect(self.ilt(a, b), b, a)
    }

    /// The sign bit alone.
    #[inline(always)]
    fn sign(self, a: Self::F) -> Self::I {
        self.bits(a) & self.ipick(i64::MIN, i32::MIN as i64)
    }

    /// The magnitude (of a NaN too).
    #[inline(always)]
    fn abs(self, a: Self::F) -> Self::F {
        self.float(self.bits(a) & self.ipick(i64::MAX, i32::MAX as i64))
    }

    /// The other sign (of a NaN too).
    #[inline(always)]
    fn neg(self, a: Self::F) -> Self::F {
        self.float(self.bits(a) ^ self.ipick(i64::MIN, i32::MIN as i64))
    }

    /// `if a < b { a } else { b }`, as x86's MIN: `pmin(limit, x)` keeps a NaN `x`.
    #[inline(always)]
    fn pmin(self, a: Self::F, b: Self::F) -> Self::F {
        self.select(self.lt(a, b), a, b)
    }

    /// `if b < a { a } else { b }`, as x86's MAX: `pmax(limit, x)` keeps a NaN `x`.
    #[inline(always)]
    fn pmax(self, a: Self::F, b: Self::F) -> Self::F {
        self.select(self.lt(b, a), a, b)
    }

    /// IEEE 754-2019 minimum: NaN propagates, -0 < +0.
    #[inline(always)]
    fn minimum(self, a: Self::F, b: Self::F) -> Self::F {
        // Equal values differ at most in the sign of zero, which is what OR joins.
        let least = self.select(self.eq(a, b), self.float(self.bits(a) | self.bits(b)), self.pmin(a, b));
        self.select(self.eq(a, a), least, a)
    }

    /// IEEE 754-2019 maximum: NaN propagates, -0 < +0.
    #[inline(always)]
    fn maximum(self, a: Self::F, b: Self::F) -> Self::F {
        let greatest = self.select(self.eq(a, b), self.float(self.bits(a) & self.bits(b)), self.pmax(a, b));
        self.select(self.eq(a, a), greatest, a)
    }

    /// To the nearest integer, halves to even. Keeps the sign of zero.
    #[inline(always)]
    fn round(self, x: Self::F) -> Self::F {
        by_sums::round(self, x)
    }

    /// The greatest integer not above `x`. Keeps the sign of zero.
    #[inline(always)]
    fn floor(self, x: Self::F) -> Self::F {
        by_sums::floor(self, x, self.round(x))
    }

    /// The least integer not below `x`. Keeps the sign of zero.
    #[inline(always)]
    fn ceil(self, x: Self::F) -> Self::F {
        self.neg(self.floor(self.neg(x)))
    }

    /// The integer part. Keeps the sign of zero.
    #[inline(always)]
    fn trunc(self, x: Self::F) -> Self::F {
        by_sums::trunc(self, x, self.floor(self.abs(x)))
    }

    /// A positive finite `x` as `(e, m)`: `x = 2^e m`, `m` in `[low, 2 low)`, for a constant `low` in `(1/2, 1]`.
    /// Unspecified, but no trap, for other `x`.
    #[inline(always)]
    fn split_exponent(self, x: Self::F, low: Self::F) -> (Self::F, Self::F) {
        let mantissa = if Self::BITS == 64 { 52 } else { 23 };
        // Subnormals are scaled up first, by 2^54 (2^25).
        let subnormal = self.lt(x, self.pick(f64::MIN_POSITIVE, f32::MIN_POSITIVE as f64));
        let scaled = self.select(subnormal, x * self.pick(18014398509481984.0, 33554432.0), x);
        let bias =
            self.select(subnormal, self.pick(-54.0 - 1023.0, -25.0 - 127.0), self.pick(-1023.0, -127.0));
        let low = self.bits(low);
        let bits = self.bits(scaled) + (self.bits(self.lit(1.0)) - low);
        // A small integer ORed into the bits of 2^52 is that integer added: cheaper than a conversion everywhere.
        let base = self.pick(4503599627370496.0, 8388608.0);
        let exponent = (self.float(self.shr(bits, mantissa) | self.bits(base)) - base) + bias;
        let fraction = bits & self.ipick((1 << 52) - 1, (1 << 23) - 1);
        (exponent, self.float(fraction + low))
    }

    /// A logarithm at the edges: `y` for positive finite `x`, -infinity for zeros, `x` for +infinity and NaN, NaN for
    /// negative `x`.
    #[inline(always)]
    fn log_edges(self, x: Self::F, y: Self::F) -> Self::F {
        let y = self.select(self.lt(x, self.lit(f64::INFINITY)), y, x);
        let (zero, pole) = (self.lit(0.0), self.lit(f64::NEG_INFINITY));
        self.select(self.le(x, zero), self.select(self.eq(x, zero), pole, self.lit(f64::NAN)), y)
    }

    /// `y * 2^n`, rounded at most once. `n` is an integer with |n| < 4096 (512 for 32 bits), and `t` the sum of `n`
    /// and 1.5 * 2^52 (1.5 * 2^23), whose low bits hold it.
    #[inline(always)]
    fn scale(self, y: Self::F, n: Self::F, t: Self::F) -> Self::F {
        let _ = n;
        // Two powers of two, each in range, that multiply to 2^n: the first product is exact.
        let (offset, field, bias, mantissa) =
            if Self::BITS == 64 { (4096, 0x1fff, 1023 - 2048, 52) } else { (512, 0x3ff, 127 - 256, 23) };
        let n = (self.bits(t) + self.int(offset)) & self.int(field);
        let first = self.shr(n, 1);
        let (first, second) = (first + self.int(bias), (n - first) + self.int(bias));
        y * self.float(self.shl(first, mantissa)) * self.float(self.shl(second, mantissa))
    }
}

/// What only the bodies of rare lanes may use: one lane and the recorder have it, vectors do not.
pub trait SlowToken: Token {
    /// `words[i]`, truncated to the width; `i` must be an index.
    fn table(self, words: &'static [u64], i: Self::I) -> Self::I;
    /// The (high, low) words of the unsigned product.
    fn mul_wide(self, a: Self::I, b: Self::I) -> (Self::I, Self::I);
    /// A bounded loop: `next` is applied while `go_on` holds, at most [`limit`](Repeat::limit) times.
    fn repeat<const N: usize, B: Repeat<N>>(self, body: B, state: [Self::I; N]) -> [Self::I; N];
}

/// The body of rare lanes: of `A` words it makes `R`.
pub trait Rare<const A: usize, const R: usize>: Copy + 'static {
    /// One lane's results.
    fn body<S: SlowToken>(s: S, x: [S::I; A]) -> [S::I; R];
}

/// The body of a bounded loop over `N` words.
pub trait Repeat<const N: usize>: Copy + 'static {
    /// No more turns than this for the width of `S`; more than any argument needs.
    fn limit<S: SlowToken>() -> u32;
    /// Whether there is another turn.
    fn go_on<S: SlowToken>(s: S, state: [S::I; N]) -> S::M;
    /// One turn.
    fn next<S: SlowToken>(s: S, state: [S::I; N]) -> [S::I; N];
}

/// Tokens that run here: lanes, loads and stores. Pointers may be unaligned.
pub trait NativeToken: Token {
    /// Values per vector; divides [`STEP`](crate::STEP).
    const LANES: usize;
    /// The float type in memory.
    type Float: Copy;
    /// The integer type in memory.
    type Integer: Copy;

    /// The token.
    ///
    /// # Safety
    /// The processor has the token's instructions.
    unsafe fn token() -> Self;
    /// # Safety
    /// `LANES` floats can be read at `p`.
    unsafe fn load(self, p: *const Self::Float) -> Self::F;
    /// # Safety
    /// `LANES` floats can be written at `p`.
    unsafe fn store(self, p: *mut Self::Float, value: Self::F);
    /// # Safety
    /// One float can be read at `p`.
    unsafe fn splat(self, p: *const Self::Float) -> Self::F;
    /// # Safety
    /// `LANES` integers can be read at `p`.
    unsafe fn load_int(self, p: *const Self::Integer) -> Self::I;
    /// # Safety
    /// `LANES` integers can be written at `p`.
    unsafe fn store_int(self, p: *mut Self::Integer, value: Self::I);
    /// # Safety
    /// One integer can be read at `p`.
    unsafe fn splat_int(self, p: *const Self::Integer) -> Self::I;
    /// Bytes, false where 0.
    ///
    /// # Safety
    /// `LANES` bytes can be read at `p`.
    unsafe fn load_mask(self, p: *const u8) -> Self::M;
    /// Bytes 0 and 1: in tiles a mask takes one byte per element whatever the width, so that widths never meet.
    ///
    /// # Safety
    /// `LANES` bytes can be written at `p`.
    unsafe fn store_mask(self, p: *mut u8, m: Self::M);
    /// One bit per lane, lane 0 lowest.
    fn mask_bits(self, m: Self::M) -> u32;
}

/// `from_int` for 64 bits where no instruction does it: the halves become exact floats, and their sum rounds once.
#[inline(always)]
pub(crate) fn float_of_halves<S: Token>(s: S, a: S::I) -> S::F {
    // 0x453… is 2^84 and 0x433… is 2^52: their low 32 bits weigh 2^32 and 1. The sign bit is flipped into an excess of
    // 2^63, which the subtraction takes out along with both bases.
    let high = s.float(s.shr(a, 32) ^ s.int(0x4530_0000_8000_0000));
    let low = s.float((a & s.int(0xffff_ffff)) | s.int(0x4330_0000_0000_0000));
    (high - s.float(s.int(0x4530_0000_8010_0000))) + low
}

/// `to_int` for 64 bits where no instruction does it: the halves are read from the bits of shifted sums.
#[inline(always)]
pub(crate) fn int_of_halves<S: Token>(s: S, a: S::F) -> S::I {
    let whole = s.trunc(a);
    let high = s.floor(whole * s.lit(1.0 / 4294967296.0));
    let low = whole - high * s.lit(4294967296.0); // exact, in 0..2^32
    let base = s.lit(6755399441055744.0); // 1.5 * 2^52
    let high = s.bits(high + base) - s.bits(base);
    let low = s.bits(low + s.lit(4503599627370496.0)) & s.int(0xffff_ffff);
    s.shl(high, 32) | low
}

/// Rounding to integers where no instruction does it, or none that is to be trusted.
pub(crate) mod by_sums {
    use super::Token;

    /// To the nearest integer, halves to even.
    #[inline(always)]
    pub(crate) fn round<S: Token>(s: S, x: S::F) -> S::F {
        // Adding 2^52 (2^23) leaves no room for a fraction: the addition itself rounds.
        let (magnitude, unit) = (s.abs(x), s.pick(4503599627370496.0, 8388608.0));
        let rounded = s.float(s.bits((magnitude + unit) - unit) | s.sign(x));
        s.select(s.lt(magnitude, unit), rounded, x)
    }

    /// Down, of what the nearest integer is.
    #[inline(always)]
    pub(crate) fn floor<S: Token>(s: S, x: S::F, nearest: S::F) -> S::F {
        s.select(s.lt(x, nearest), nearest - s.lit(1.0), nearest)
    }

    /// The integer part, of what the magnitude is rounded down to.
    #[inline(always)]
    pub(crate) fn trunc<S: Token>(s: S, x: S::F, magnitude: S::F) -> S::F {
        s.float(s.bits(magnitude) | s.sign(x))
    }
}
