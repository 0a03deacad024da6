//! Vectors from `wide`: SSE2, NEON, wasm or whatever else the build targets, chosen when the crate is compiled.
//!
//! `mul_add` is a product and a sum on every build, so that this token always gives the strict bits.

use crate::{
    rare::rare_of_vector,
    token::{NativeToken, Rare, Token, float_of_halves},
};
use wide::{f32x8, f64x4, i32x8, i64x4, u32x8, u64x4};

/// Four `f64` at a time.
#[derive(Clone, Copy)]
pub struct PortableF64(());

/// Eight `f32` at a time.
#[derive(Clone, Copy)]
pub struct PortableF32(());

macro_rules! portable {
    ($Token:ident, $F:ident, $I:ident, $U:ident, $Float:ident, $Integer:ident, $lanes:literal, $bits:literal,
     $from_int:path, $to_int:path) => {
        impl $Token {
            /// The token. Safe: the build's own target features are all it needs.
            pub const fn new() -> Self {
                $Token(())
            }
        }

        impl Default for $Token {
            fn default() -> Self {
                Self::new()
            }
        }

        impl Token for $Token {
            type F = $F;
            type I = $I;
            type M = $I; // all bits of a lane, or none
            const BITS: u32 = $bits;
            const FMA: bool = false;

            #[inline(always)]
            fn lit(self, value: f64) -> $F {
                $F::splat(value as $Float)
            }
            #[inline(always)]
            fn int(self, value: i64) -> $I {
                $I::splat(value as $Integer)
            }
            #[inline(always)]
            fn mul_add(self, a: $F, b: $F, c: $F) -> $F {
                a * b + c
            }
            #[inline(always)]
            fn sqrt(self, a: $F) -> $F {
                a.sqrt()
            }
            #[inline(always)]
            fn bits(self, a: $F) -> $I {
                $I::from_ne_bytes(a.to_ne_bytes())
            }
            #[inline(always)]
            fn float(self, a: $I) -> $F {
                $F::from_ne_bytes(a.to_ne_bytes())
            }
            #[inline(always)]
            fn from_int(self, a: $I) -> $F {
                $from_int(self, a)
            }
            #[inline(always)]
            fn to_int(self, a: $F) -> $I {
                $to_int(self, a)
            }
            #[inline(always)]
            fn shl(self, a: $I, n: u32) -> $I {
                a << n
            }
            #[inline(always)]
            fn shr(self, a: $I, n: u32) -> $I {
                let shifted = $U::from_ne_bytes(a.to_ne_bytes()) >> n;
                $I::from_ne_bytes(shifted.to_ne_bytes())
            }
            #[inline(always)]
            fn shl_by(self, a: $I, n: $I) -> $I {
                let (mut a, n) = (a.to_array(), n.to_array());
                let mut i = 0;
                while i < $lanes {
                    a[i] = a[i].wrapping_shl(n[i] as u32);
                    i += 1;
                }
                $I::new(a)
            }
            #[inline(always)]
            fn shr_by(self, a: $I, n: $I) -> $I {
                let (mut a, n) = ($U::from_ne_bytes(a.to_ne_bytes()).to_array(), n.to_array());
                let mut i = 0;
                while i < $lanes {
                    a[i] = a[i].wrapping_shr(n[i] as u32);
                    i += 1;
                }
                $I::from_ne_bytes($U::new(a).to_ne_bytes())
            }
            #[inline(always)]
            fn imul(self, a: $I, b: $I) -> $I {
                a * b
            }
            #[inline(always)]
            fn idiv(self, a: $I, b: $I) -> $I {
                let (mut a, b) = (a.to_array(), b.to_array());
                let mut i = 0;
                while i < $lanes {
                    a[i] = if b[i] == 0 { 0 } else { a[i].wrapping_div(b[i]) };
                    i += 1;
                }
                $I::new(a)
            }
            #[inline(always)]
            fn lt(self, a: $F, b: $F) -> $I {
                self.bits(a.simd_lt(b))
            }
            #[inline(always)]
            fn le(self, a: $F, b: $F) -> $I {
                self.bits(a.simd_le(b))
            }
            #[inline(always)]
            fn eq(self, a: $F, b: $F) -> $I {
                self.bits(a.simd_eq(b))
            }
            #[inline(always)]
            fn ilt(self, a: $I, b: $I) -> $I {
                b.simd_gt(a)
            }
            #[inline(always)]
            fn ieq(self, a: $I, b: $I) -> $I {
                a.simd_eq(b)
            }
            #[inline(always)]
            fn select(self, m: $I, a: $F, b: $F) -> $F {
                self.float(m.bitselect(self.bits(a), self.bits(b)))
            }
            #[inline(always)]
            fn iselect(self, m: $I, a: $I, b: $I) -> $I {
                m.bitselect(a, b)
            }
            #[inline(always)]
            fn rare<const A: usize, const R: usize, B: Rare<A, R>>(
                self,
                body: B,
                m: $I,
                x: [$I; A],
                y: [$I; R],
            ) -> [$I; R] {
                rare_of_vector::<Self, false, A, R, B>(self, body, m, x, y)
            }
        }

        impl NativeToken for $Token {
            const LANES: usize = $lanes;
            type Float = $Float;
            type Integer = $Integer;

            #[inline(always)]
            unsafe fn token() -> Self {
                Self::new()
            }
            #[inline(always)]
            unsafe fn load(self, p: *const $Float) -> $F {
                // SAFETY: the caller's promise.
                $F::new(unsafe { p.cast::<[$Float; $lanes]>().read_unaligned() })
            }
            #[inline(always)]
            unsafe fn store(self, p: *mut $Float, value: $F) {
                // SAFETY: the caller's promise.
                unsafe { p.cast::<[$Float; $lanes]>().write_unaligned(value.to_array()) }
            }
            #[inline(always)]
            unsafe fn splat(self, p: *const $Float) -> $F {
                // SAFETY: the caller's promise.
                $F::splat(unsafe { p.read_unaligned() })
            }
            #[inline(always)]
            unsafe fn load_int(self, p: *const $Integer) -> $I {
                // SAFETY: the caller's promise.
                $I::new(unsafe { p.cast::<[$Integer; $lanes]>().read_unaligned() })
            }
            #[inline(always)]
            unsafe fn store_int(self, p: *mut $Integer, value: $I) {
                // SAFETY: the caller's promise.
                unsafe { p.cast::<[$Integer; $lanes]>().write_unaligned(value.to_array()) }
            }
            #[inline(always)]
            unsafe fn splat_int(self, p: *const $Integer) -> $I {
                // SAFETY: the caller's promise.
                $I::splat(unsafe { p.read_unaligned() })
            }
            #[inline(always)]
            unsafe fn load_mask(self, p: *const u8) -> $I {
                // SAFETY: the caller's promise.
                let bytes = unsafe { p.cast::<[u8; $lanes]>().read_unaligned() };
                let mut lanes = [0; $lanes];
                let mut i = 0;
                while i < $lanes {
                    lanes[i] = -((bytes[i] != 0) as $Integer);
                    i += 1;
                }
                $I::new(lanes)
            }
            #[inline(always)]
            unsafe fn store_mask(self, p: *mut u8, m: $I) {
                // Four bits at a time to four bytes: the product puts bit k at 8 k, and seven other places.
                let bits = self.mask_bits(m);
                let mut bytes = [0; $lanes];
                let mut i = 0;
                while i < $lanes {
                    let four = ((bits >> i & 0xf) * 0x0020_4081 & 0x0101_0101).to_le_bytes();
                    (bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]) =
                        (four[0], four[1], four[2], four[3]);
                    i += 4;
                }
                // SAFETY: the caller's promise.
                unsafe { p.cast::<[u8; $lanes]>().write_unaligned(bytes) }
            }
            #[inline(always)]
            fn mask_bits(self, m: $I) -> u32 {
                m.to_bitmask() as u32
            }
        }
    };
}

/// Floats to 64-bit integers, truncating: lane by lane, as few targets have the instruction.
#[inline(always)]
fn longs_of_doubles(_: PortableF64, a: f64x4) -> i64x4 {
    let (a, mut longs) = (a.to_array(), [0; 4]);
    let mut i = 0;
    while i < 4 {
        longs[i] = a[i] as i64;
        i += 1;
    }
    i64x4::new(longs)
}

/// 32-bit integers to floats: every target has the instruction.
#[inline(always)]
fn singles_of_ints(_: PortableF32, a: i32x8) -> f32x8 {
    f32x8::from_i32x8(a)
}

/// Floats to 32-bit integers, truncating.
#[inline(always)]
fn ints_of_singles(_: PortableF32, a: f32x8) -> i32x8 {
    a.fast_trunc_int()
}

portable!(PortableF64, f64x4, i64x4, u64x4, f64, i64, 4, 64, float_of_halves, longs_of_doubles);
portable!(PortableF32, f32x8, i32x8, u32x8, f32, i32, 8, 32, singles_of_ints, ints_of_singles);
