//! The tokens of x86-64: thin newtypes over `core::arch`, chosen at run time, so that no build needs special flags.
//!
//! Every intrinsic below is called under one argument: a value of these types is made only by way of its token, and a
//! token is made only by `NativeToken::token`, whose caller promises the instructions.

mod avx2;
mod avx512;

use crate::token::Token;
pub use avx2::{Avx2F32, Avx2F64};
pub use avx512::{Avx512F32, Avx512F64};

/// A vector of one kind of value, with the operators that instructions give it.
macro_rules! vector {
    ($(#[$doc:meta])* $Vector:ident($Inner:ty): $($Trait:ident $method:ident $intrinsic:path),*) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        #[repr(transparent)]
        pub struct $Vector(pub(super) $Inner);

        $(impl core::ops::$Trait for $Vector {
            type Output = $Vector;
            #[inline(always)]
            fn $method(self, other: $Vector) -> $Vector {
                // SAFETY: the value's token vouches for the instruction.
                unsafe { $Vector($intrinsic(self.0, other.0)) }
            }
        })*
    };
}

/// Methods of a token that are one expression of intrinsics each.
macro_rules! instructions {
    ($($name:ident($self:ident $(, $arg:ident: $Arg:ty)*) -> $Result:ty { $body:expr })*) => {
        $(#[inline(always)]
        fn $name($self $(, $arg: $Arg)*) -> $Result {
            // SAFETY: the token vouches for the instructions.
            #[allow(unused_unsafe)]
            unsafe { $body }
        })*
    };
}

/// Loads, stores and splats: one instruction each.
macro_rules! memory {
    ($Float:ty, $Integer:ty, $F:ident, $I:ident, $Inner:ty,
     $load:path, $store:path, $set1:path, $iset1:path) => {
        type Float = $Float;
        type Integer = $Integer;

        #[inline(always)]
        unsafe fn load(self, p: *const $Float) -> $F {
            // SAFETY: the caller's promise, and the token's.
            unsafe { $F($load(p)) }
        }
        #[inline(always)]
        unsafe fn store(self, p: *mut $Float, value: $F) {
            // SAFETY: the caller's promise, and the token's.
            unsafe { $store(p, value.0) }
        }
        #[inline(always)]
        unsafe fn splat(self, p: *const $Float) -> $F {
            // SAFETY: the caller's promise, and the token's.
            unsafe { $F($set1(p.read_unaligned())) }
        }
        #[inline(always)]
        unsafe fn load_int(self, p: *const $Integer) -> $I {
            // SAFETY: the caller's promise, and the token's.
            unsafe { $I(p.cast::<$Inner>().read_unaligned()) }
        }
        #[inline(always)]
        unsafe fn store_int(self, p: *mut $Integer, value: $I) {
            // SAFETY: the caller's promise, and the token's.
            unsafe { p.cast::<$Inner>().write_unaligned(value.0) }
        }
        #[inline(always)]
        unsafe fn splat_int(self, p: *const $Integer) -> $I {
            // SAFETY: the caller's promise, and the token's.
            unsafe { $I($iset1(p.read_unaligned())) }
        }
    };
}

pub(crate) use {instructions, memory, vector};

/// `rare` for tokens that fuse.
macro_rules! fused_rare {
    ($I:ty, $M:ty) => {
        #[inline(always)]
        fn rare<const A: usize, const R: usize, B: Rare<A, R>>(
            self,
            body: B,
            m: $M,
            x: [$I; A],
            y: [$I; R],
        ) -> [$I; R] {
            rare_of_vector::<Self, true, A, R, B>(self, body, m, x, y)
        }
    };
}

/// Lane by lane: no vector division of 64-bit integers exists.
macro_rules! divide_lanes {
    ($a:expr, $b:expr, $Inner:ty, $lanes:literal) => {{
        let mut a = core::mem::transmute::<$Inner, [i64; $lanes]>($a);
        let b = core::mem::transmute::<$Inner, [i64; $lanes]>($b);
        let mut i = 0;
        while i < $lanes {
            a[i] = if b[i] == 0 { 0 } else { a[i].wrapping_div(b[i]) };
            i += 1;
        }
        core::mem::transmute::<[i64; $lanes], $Inner>(a)
    }};
}

pub(crate) use {divide_lanes, fused_rare};

/// IEEE 754-2019 minimum from x86's MIN, which gives its second operand for two zeros and for NaN: both orders agree
/// but in those cases, and there OR joins the signs of zeros and keeps a NaN. (VRANGE orders zeros but drops NaN; with
/// its correction it takes twice as long.)
#[inline(always)]
fn minimum_of_pmin<S: Token>(s: S, a: S::F, b: S::F) -> S::F {
    s.float(s.bits(s.pmin(a, b)) | s.bits(s.pmin(b, a)))
}

/// IEEE 754-2019 maximum from x86's MAX. OR keeps a NaN here too, but joins zeros to -0: subtracting the bits in which
/// the two orders differ makes +0 of it, and changes nothing else. (The sequence V8 uses for WebAssembly.)
#[inline(always)]
fn maximum_of_pmax<S: Token>(s: S, a: S::F, b: S::F) -> S::F {
    let (p, q) = (s.bits(s.pmax(a, b)), s.bits(s.pmax(b, a)));
    s.float(p | q) - s.float(p ^ q)
}
