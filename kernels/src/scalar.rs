//! One lane: the oracle of every instruction set, and what runs the rare lanes of vectors.

use crate::token::{NativeToken, Rare, Repeat, SlowToken, Token};
use core::{marker::PhantomData, num::Wrapping};

/// One `T` at a time. With `FMA` it fuses, as AVX2 and AVX-512 do; without, it gives the *strict* bits of the portable
/// vectors and of a GPU.
#[derive(Clone, Copy)]
pub struct Scalar<T, const FMA: bool>(PhantomData<T>);

impl<T, const FMA: bool> Scalar<T, FMA> {
    /// The token. Safe: without FMA instructions, `mul_add` is slow but right.
    pub const fn new() -> Self {
        Scalar(PhantomData)
    }
}

impl<T, const FMA: bool> Default for Scalar<T, FMA> {
    fn default() -> Self {
        Self::new()
    }
}

macro_rules! scalar {
    ($Float:ident, $Integer:ident, $Unsigned:ident, $Wide:ident, $bits:literal) => {
        impl<const FUSE: bool> Token for Scalar<$Float, FUSE> {
            type F = $Float;
            type I = Wrapping<$Integer>;
            type M = bool;
            const BITS: u32 = $bits;
            const FMA: bool = FUSE;

            #[inline(always)]
            fn lit(self, value: f64) -> $Float {
                value as $Float
            }
            #[inline(always)]
            fn int(self, value: i64) -> Self::I {
                Wrapping(value as $Integer)
            }
            #[inline(always)]
            fn mul_add(self, a: $Float, b: $Float, c: $Float) -> $Float {
                if FUSE { a.mul_add(b, c) } else { a * b + c }
            }
            #[inline(always)]
            fn sqrt(self, a: $Float) -> $Float {
                a.sqrt()
            }
            #[inline(always)]
            fn bits(self, a: $Float) -> Self::I {
                Wrapping(a.to_bits() as $Integer)
            }
            #[inline(always)]
            fn float(self, a: Self::I) -> $Float {
                $Float::from_bits(a.0 as $Unsigned)
            }
            #[inline(always)]
            fn from_int(self, a: Self::I) -> $Float {
                a.0 as $Float
            }
            #[inline(always)]
            fn to_int(self, a: $Float) -> Self::I {
                Wrapping(a as $Integer)
            }
            #[inline(always)]
            fn shl(self, a: Self::I, n: u32) -> Self::I {
                Wrapping(a.0.wrapping_shl(n))
            }
            #[inline(always)]
            fn shr(self, a: Self::I, n: u32) -> Self::I {
                Wrapping((a.0 as $Unsigned).wrapping_shr(n) as $Integer)
            }
            #[inline(always)]
            fn shl_by(self, a: Self::I, n: Self::I) -> Self::I {
                self.shl(a, n.0 as u32)
            }
            #[inline(always)]
            fn shr_by(self, a: Self::I, n: Self::I) -> Self::I {
                self.shr(a, n.0 as u32)
            }
            #[inline(always)]
            fn imul(self, a: Self::I, b: Self::I) -> Self::I {
                a * b
            }
            #[inline(always)]
            fn idiv(self, a: Self::I, b: Self::I) -> Self::I {
                Wrapping(if b.0 == 0 { 0 } else { a.0.wrapping_div(b.0) })
            }
            #[inline(always)]
            fn lt(self, a: $Float, b: $Float) -> bool {
                a < b
            }
            #[inline(always)]
            fn le(self, a: $Float, b: $Float) -> bool {
                a <= b
            }
            #[inline(always)]
            fn eq(self, a: $Float, b: $Float) -> bool {
                a == b
            }
            #[inline(always)]
            fn ilt(self, a: Self::I, b: Self::I) -> bool {
                a < b
            }
            #[inline(always)]
            fn ieq(self, a: Self::I, b: Self::I) -> bool {
                a == b
            }
            #[inline(always)]
            fn select(self, m: bool, a: $Float, b: $Float) -> $Float {
                if m { a } else { b }
            }
            #[inline(always)]
            fn iselect(self, m: bool, a: Self::I, b: Self::I) -> Self::I {
                if m { a } else { b }
            }
            #[inline(always)]
            fn rare<const A: usize, const R: usize, B: Rare<A, R>>(
                self,
                _: B,
                m: bool,
                x: [Self::I; A],
                y: [Self::I; R],
            ) -> [Self::I; R] {
                if m { B::body(self, x) } else { y }
            }
        }

        impl<const FUSE: bool> SlowToken for Scalar<$Float, FUSE> {
            #[inline(always)]
            fn table(self, words: &'static [u64], i: Self::I) -> Self::I {
                Wrapping(words[i.0 as usize] as $Integer)
            }
            #[inline(always)]
            fn mul_wide(self, a: Self::I, b: Self::I) -> (Self::I, Self::I) {
                let product = (a.0 as $Unsigned as $Wide) * (b.0 as $Unsigned as $Wide);
                (Wrapping((product >> $bits) as $Integer), Wrapping(product as $Integer))
            }
            #[inline(always)]
            fn repeat<const N: usize, B: Repeat<N>>(self, _: B, mut state: [Self::I; N]) -> [Self::I; N] {
                let mut turns = 0;
                while turns < B::limit::<Self>() && B::go_on(self, state) {
                    state = B::next(self, state);
                    turns += 1;
                }
                state
            }
        }

        impl<const FUSE: bool> NativeToken for Scalar<$Float, FUSE> {
            const LANES: usize = 1;
            type Float = $Float;
            type Integer = $Integer;

            #[inline(always)]
            unsafe fn token() -> Self {
                Self::new()
            }
            #[inline(always)]
            unsafe fn load(self, p: *const $Float) -> $Float {
                // SAFETY: the caller's promise.
                unsafe { p.read_unaligned() }
            }
            #[inline(always)]
            unsafe fn store(self, p: *mut $Float, value: $Float) {
                // SAFETY: the caller's promise.
                unsafe { p.write_unaligned(value) }
            }
            #[inline(always)]
            unsafe fn splat(self, p: *const $Float) -> $Float {
                // SAFETY: the caller's promise.
                unsafe { p.read_unaligned() }
            }
            #[inline(always)]
            unsafe fn load_int(self, p: *const $Integer) -> Self::I {
                // SAFETY: the caller's promise.
                Wrapping(unsafe { p.read_unaligned() })
            }
            #[inline(always)]
            unsafe fn store_int(self, p: *mut $Integer, value: Self::I) {
                // SAFETY: the caller's promise.
                unsafe { p.write_unaligned(value.0) }
            }
            #[inline(always)]
            unsafe fn splat_int(self, p: *const $Integer) -> Self::I {
                // SAFETY: the caller's promise.
                Wrapping(unsafe { p.read_unaligned() })
            }
            #[inline(always)]
            unsafe fn load_mask(self, p: *const u8) -> bool {
                // SAFETY: the caller's promise.
                unsafe { *p != 0 }
            }
            #[inline(always)]
            unsafe fn store_mask(self, p: *mut u8, m: bool) {
                // SAFETY: the caller's promise.
                unsafe { *p = m as u8 }
            }
            #[inline(always)]
            fn mask_bits(self, m: bool) -> u32 {
                m as u32
            }
        }
    };
}

scalar!(f64, i64, u64, u128, 64);
scalar!(f32, i32, u32, u64, 32);
