//! Conversions between the types of tiles.
//!
//! Most are plain loops over chunks of a fixed length, which compilers turn into one converting instruction per
//! vector. Saturating conversions to integers are not among those for 64 bits, so these go through the tokens.

use crate::{
    STEP,
    math::conversion::{saturating_int, saturating_low_half},
    token::NativeToken,
};
use core::marker::PhantomData;

/// A bool in memory: its byte.
#[derive(Clone, Copy, Default)]
#[repr(transparent)]
pub(crate) struct Truth(u8);

/// Conversion of one element.
pub(crate) trait CastTo<U> {
    fn cast(self) -> U;
}

macro_rules! casts {
    ($($T:ident => $($U:ident)*;)*) => {
        $($(impl CastTo<$U> for $T {
            #[inline(always)]
            fn cast(self) -> $U {
                self as $U
            }
        })*
        impl CastTo<Truth> for $T {
            #[inline(always)]
            fn cast(self) -> Truth {
                Truth((self != 0 as $T) as u8)
            }
        }
        impl CastTo<$T> for Truth {
            #[inline(always)]
            fn cast(self) -> $T {
                (self.0 != 0) as u8 as $T
            }
        })*
    };
}
casts! {
    i32 => i32 i64 u64 f32 f64;
    i64 => i32 i64 u64 f32 f64;
    u64 => i32 i64 u64 f32 f64;
    f32 => u64 f32 f64;
    f64 => u64 f32 f64;
}
impl CastTo<Truth> for Truth {
    #[inline(always)]
    fn cast(self) -> Truth {
        self
    }
}

/// The loop of a conversion, given the tokens of an instruction set.
pub(crate) trait Conversion {
    /// # Safety
    /// [`STEP`] elements can be read at `src` and written at `dst`; the processor has the tokens' instructions.
    unsafe fn step<S64, S32>(dst: *mut u8, src: *const u8)
    where
        S64: NativeToken<Float = f64, Integer = i64>,
        S32: NativeToken<Float = f32, Integer = i32>;
    /// Bytes per element of the source and the destination.
    const SIZES: (usize, usize);
}

/// # Safety
/// As [`Kernel`](crate::Kernel).
#[inline(always)]
pub(crate) unsafe fn sweep<S64, S32, V: Conversion>(n: usize, dst: *mut u8, src: *const u8)
where
    S64: NativeToken<Float = f64, Integer = i64>,
    S32: NativeToken<Float = f32, Integer = i32>,
{
    let mut i = 0;
    while i < n {
        // SAFETY: the caller's promises; `n` is a multiple of STEP.
        unsafe { V::step::<S64, S32>(dst.add(i * V::SIZES.1), src.add(i * V::SIZES.0)) }
        i += STEP;
    }
}

/// Element by element.
pub(crate) struct Plain<T, U>(PhantomData<(T, U)>);

impl<T: Copy + CastTo<U>, U: Copy + Default> Conversion for Plain<T, U> {
    const SIZES: (usize, usize) = (size_of::<T>(), size_of::<U>());

    #[inline(always)]
    unsafe fn step<S64, S32>(dst: *mut u8, src: *const u8)
    where
        S64: NativeToken<Float = f64, Integer = i64>,
        S32: NativeToken<Float = f32, Integer = i32>,
    {
        // SAFETY: the caller's promises. A whole step is read before any of it is written, so that vectors need no
        // proof that source and destination are apart.
        unsafe {
            let from = src.cast::<[T; STEP]>().read_unaligned();
            let mut to = [U::default(); STEP];
            let mut i = 0;
            while i < STEP {
                to[i] = from[i].cast();
                i += 1;
            }
            dst.cast::<[U; STEP]>().write_unaligned(to);
        }
    }
}

/// What a token converts between its floats and integers.
macro_rules! by_token {
    ($(#[$doc:meta])* $Name:ident, $S:ident, $size:literal, |$s:ident, $src:ident, $dst:ident, $i:ident| $vector:expr) => {
        $(#[$doc])*
        pub(crate) struct $Name;

        impl Conversion for $Name {
            const SIZES: (usize, usize) = ($size, $size);

            #[inline(always)]
            unsafe fn step<S64, S32>($dst: *mut u8, $src: *const u8)
            where
                S64: NativeToken<Float = f64, Integer = i64>,
                S32: NativeToken<Float = f32, Integer = i32>,
            {
                // SAFETY: the caller's promises.
                unsafe {
                    let $s = $S::token();
                    let mut $i = 0;
                    while $i < STEP {
                        $vector;
                        $i += $S::LANES;
                    }
                }
            }
        }
    };
}

by_token!(
    /// f64 to i64.
    DoubleToLong, S64, 8, |s, src, dst, i| {
        s.store_int(dst.cast::<i64>().add(i), saturating_int(s, s.load(src.cast::<f64>().add(i))))
    }
);
by_token!(
    /// i64 to f64.
    LongToDouble, S64, 8, |s, src, dst, i| {
        s.store(dst.cast::<f64>().add(i), s.from_int(s.load_int(src.cast::<i64>().add(i))))
    }
);
by_token!(
    /// f32 to i32.
    SingleToInt, S32, 4, |s, src, dst, i| {
        s.store_int(dst.cast::<i32>().add(i), saturating_int(s, s.load(src.cast::<f32>().add(i))))
    }
);

/// f32 to i64, by way of f64, which is exact.
pub(crate) struct SingleToLong;

impl Conversion for SingleToLong {
    const SIZES: (usize, usize) = (4, 8);

    #[inline(always)]
    unsafe fn step<S64, S32>(dst: *mut u8, src: *const u8)
    where
        S64: NativeToken<Float = f64, Integer = i64>,
        S32: NativeToken<Float = f32, Integer = i32>,
    {
        let mut doubles = [0.0f64; STEP];
        // SAFETY: the caller's promises.
        unsafe {
            Plain::<f32, f64>::step::<S64, S32>(doubles.as_mut_ptr().cast(), src);
            DoubleToLong::step::<S64, S32>(dst, doubles.as_ptr().cast());
        }
    }
}

/// f64 to i32. (The saturating casts of Rust take five times as long in vectors.)
pub(crate) struct DoubleToInt;

impl Conversion for DoubleToInt {
    const SIZES: (usize, usize) = (8, 4);

    #[inline(always)]
    unsafe fn step<S64, S32>(dst: *mut u8, src: *const u8)
    where
        S64: NativeToken<Float = f64, Integer = i64>,
        S32: NativeToken<Float = f32, Integer = i32>,
    {
        let mut longs = [0i64; STEP];
        // SAFETY: the caller's promises; the narrowing takes the low bits of each.
        unsafe {
            let s = S64::token();
            let mut i = 0;
            while i < STEP {
                let x = s.load(src.cast::<f64>().add(i));
                s.store_int(longs.as_mut_ptr().add(i), saturating_low_half(s, x));
                i += S64::LANES;
            }
            Plain::<i64, i32>::step::<S64, S32>(dst, longs.as_ptr().cast());
        }
    }
}

/// The conversion between two types, as an argument of the function `$converter`.
macro_rules! choose {
    ($from:expr, $to:expr, $converter:ident) => {{
        use crate::convert::{
            DoubleToInt, DoubleToLong, LongToDouble, Plain, SingleToInt, SingleToLong, Truth,
        };
        match ($from, $to) {
            (Compute::Bool, Compute::Bool) => $converter::<Plain<Truth, Truth>>,
            (Compute::Bool, Compute::I32) => $converter::<Plain<Truth, i32>>,
            (Compute::Bool, Compute::I64) => $converter::<Plain<Truth, i64>>,
            (Compute::Bool, Compute::U64) => $converter::<Plain<Truth, u64>>,
            (Compute::Bool, Compute::F32) => $converter::<Plain<Truth, f32>>,
            (Compute::Bool, Compute::F64) => $converter::<Plain<Truth, f64>>,
            (Compute::I32, Compute::Bool) => $converter::<Plain<i32, Truth>>,
            (Compute::I32, Compute::I32) => $converter::<Plain<i32, i32>>,
            (Compute::I32, Compute::I64) => $converter::<Plain<i32, i64>>,
            (Compute::I32, Compute::U64) => $converter::<Plain<i32, u64>>,
            (Compute::I32, Compute::F32) => $converter::<Plain<i32, f32>>,
            (Compute::I32, Compute::F64) => $converter::<Plain<i32, f64>>,
            (Compute::I64, Compute::Bool) => $converter::<Plain<i64, Truth>>,
            (Compute::I64, Compute::I32) => $converter::<Plain<i64, i32>>,
            (Compute::I64, Compute::I64) => $converter::<Plain<i64, i64>>,
            (Compute::I64, Compute::U64) => $converter::<Plain<i64, u64>>,
            (Compute::I64, Compute::F32) => $converter::<Plain<i64, f32>>,
            (Compute::I64, Compute::F64) => $converter::<LongToDouble>,
            (Compute::U64, Compute::Bool) => $converter::<Plain<u64, Truth>>,
            (Compute::U64, Compute::I32) => $converter::<Plain<u64, i32>>,
            (Compute::U64, Compute::I64) => $converter::<Plain<u64, i64>>,
            (Compute::U64, Compute::U64) => $converter::<Plain<u64, u64>>,
            (Compute::U64, Compute::F32) => $converter::<Plain<u64, f32>>,
            (Compute::U64, Compute::F64) => $converter::<Plain<u64, f64>>,
            (Compute::F32, Compute::Bool) => $converter::<Plain<f32, Truth>>,
            (Compute::F32, Compute::I32) => $converter::<SingleToInt>,
            (Compute::F32, Compute::I64) => $converter::<SingleToLong>,
            (Compute::F32, Compute::U64) => $converter::<Plain<f32, u64>>,
            (Compute::F32, Compute::F32) => $converter::<Plain<f32, f32>>,
            (Compute::F32, Compute::F64) => $converter::<Plain<f32, f64>>,
            (Compute::F64, Compute::Bool) => $converter::<Plain<f64, Truth>>,
            (Compute::F64, Compute::I32) => $converter::<DoubleToInt>,
            (Compute::F64, Compute::I64) => $converter::<DoubleToLong>,
            (Compute::F64, Compute::U64) => $converter::<Plain<f64, u64>>,
            (Compute::F64, Compute::F32) => $converter::<Plain<f64, f32>>,
            (Compute::F64, Compute::F64) => $converter::<Plain<f64, f64>>,
        }
    }};
}
pub(crate) use choose;
