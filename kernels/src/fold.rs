//! Reductions, in the one order that every executor keeps.
//!
//! Element i of a row belongs to lane i mod [`LANES`] within its block of [`BLOCK`]; the lanes of a block are combined
//! 16-8-4-2-1, the blocks pairwise by index; outer axes go in runs of [`RUN`] rows, then pairwise. A sum is then the
//! same for every instruction set, tile and number of threads, and more accurate than a running one. The kernels here
//! do the lanes and their combination; blocks and runs are the caller's.

use crate::{
    math::{basic, integer, logic, unsigned},
    ops::ValueKind,
    row::{Bytes, Float, Integer, Kind},
    scalar::Scalar,
    token::{MaskOps, NativeToken, Token},
};
use core::marker::PhantomData;

/// Accumulators per block.
pub const LANES: usize = 32;
/// Elements per block.
pub const BLOCK: usize = 4096;
/// Rows per run of a reduction over outer axes.
pub const RUN: usize = 128;

/// The kernels of one reduction of one type. They hold for any `n` and any alignment.
#[derive(Clone, Copy)]
pub struct FoldKernels {
    /// The element that changes nothing: its bytes, then zeros.
    pub identity: [u8; 16],
    /// `(n, lanes, src)`: combines element i of `src` into accumulator i mod [`LANES`] of the [`LANES`] at `lanes`,
    /// in ascending order of i. Accumulators without an element stay as they are.
    pub lanes: unsafe fn(n: usize, lanes: *mut u8, src: *const u8),
    /// `(lanes)`: combines lane l with l + 16, then 8, 4, 2 and 1, into lane 0.
    pub finish: unsafe fn(lanes: *mut u8),
    /// `(n, dst, src)`: `dst[i] = combine(dst[i], src[i])`.
    pub merge: unsafe fn(n: usize, dst: *mut u8, src: *const u8),
}

/// How two accumulators over floats or integers combine.
pub(crate) trait Combine: 'static {
    type K: Kind;
    fn combine<S: Token>(
        s: S,
        a: <Self::K as Kind>::V<S>,
        b: <Self::K as Kind>::V<S>,
    ) -> <Self::K as Kind>::V<S>;
    fn identity(bits: u32) -> [u8; 16];
}

/// How two truth values combine.
pub(crate) trait MaskCombine: 'static {
    fn combine<M: MaskOps>(a: M, b: M) -> M;
    const IDENTITY: u8;
}

/// What asks for a reduction as a type.
pub(crate) trait FoldVisitor {
    fn value<C: Combine>(self) -> FoldKernels;
    fn mask<C: MaskCombine>(self) -> FoldKernels;
}

/// The table of reductions: a body and an identity (of 64 and of 32 bits) per kind of value. `widened` ones are not
/// defined for narrow integers, which become i64 first.
macro_rules! for_each_reduction {
    ($then:ident) => {
        $then! {
            Sum { doc: "The sum; integers wrap. Its identity is -0.0, so that a sum of -0.0 keeps its sign.",
                widened: true, float: [basic::add, -0.0], int: [integer::add, 0, 0], uint: [integer::add, 0, 0], bool: [] }
            Prod { doc: "The product; integers wrap.",
                widened: true, float: [basic::mul, 1.0], int: [integer::mul, 1, 1], uint: [integer::mul, 1, 1], bool: [] }
            Min { doc: "The least; NaN if any is, -0 below +0.",
                widened: false, float: [basic::minimum, f64::INFINITY], int: [integer::minimum, i64::MAX, i32::MAX], uint: [unsigned::minimum, -1, -1], bool: [logic::and, 1] }
            Max { doc: "The greatest; NaN if any is, +0 above -0.",
                widened: false, float: [basic::maximum, f64::NEG_INFINITY], int: [integer::maximum, i64::MIN, i32::MIN], uint: [unsigned::maximum, 0, 0], bool: [logic::or, 0] }
            Any { doc: "Whether any is true.",
                widened: false, float: [], int: [], uint: [], bool: [logic::or, 0] }
            All { doc: "Whether all are true.",
                widened: false, float: [], int: [], uint: [], bool: [logic::and, 1] }
        }
    };
}

macro_rules! combine_floats {
    ($Fold:ident, []) => {};
    ($Fold:ident, [$body:path, $identity:expr]) => {
        pub(crate) struct $Fold;
        impl Combine for $Fold {
            type K = Float;
            #[inline(always)]
            fn combine<S: Token>(s: S, a: S::F, b: S::F) -> S::F {
                $body(s, a, b)
            }
            fn identity(bits: u32) -> [u8; 16] {
                let value: f64 = $identity;
                if bits == 64 { padded(value.to_ne_bytes()) } else { padded((value as f32).to_ne_bytes()) }
            }
        }
    };
}

macro_rules! combine_integers {
    ($Fold:ident, []) => {};
    ($Fold:ident, [$body:path, $long:expr, $int:expr]) => {
        pub(crate) struct $Fold;
        impl Combine for $Fold {
            type K = Integer;
            #[inline(always)]
            fn combine<S: Token>(s: S, a: S::I, b: S::I) -> S::I {
                $body(s, a, b)
            }
            fn identity(bits: u32) -> [u8; 16] {
                let (long, int): (i64, i32) = ($long, $int);
                if bits == 64 { padded(long.to_ne_bytes()) } else { padded(int.to_ne_bytes()) }
            }
        }
    };
}

macro_rules! combine_masks {
    ($Fold:ident, []) => {};
    ($Fold:ident, [$body:path, $identity:expr]) => {
        pub(crate) struct $Fold;
        impl MaskCombine for $Fold {
            #[inline(always)]
            fn combine<M: MaskOps>(a: M, b: M) -> M {
                $body(a, b)
            }
            const IDENTITY: u8 = $identity;
        }
    };
}

macro_rules! visit {
    ($visitor:ident.$method:ident, $Combine:ty, []) => {
        None
    };
    ($visitor:ident.$method:ident, $Combine:ty, [$($row:tt)+]) => {
        Some($visitor.$method::<$Combine>())
    };
}

macro_rules! define {
    ($($Fold:ident { doc: $doc:literal, widened: $widened:literal, float: $float:tt, int: $int:tt, uint: $uint:tt, bool: $bool:tt })*) => {
        /// A reduction.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fold {
            $(#[doc = $doc] $Fold,)*
        }

        impl Fold {
            /// Every reduction.
            pub const ALL: &'static [Fold] = &[$(Fold::$Fold),*];

            /// Whether narrow integers become i64 first.
            pub(crate) const fn widens(self) -> bool {
                match self {
                    $(Fold::$Fold => $widened),*
                }
            }

            /// Calls the visitor with the reduction as a type; `None` where it has no body over this kind of value.
            pub(crate) fn visit<V: FoldVisitor>(self, kind: ValueKind, visitor: V) -> Option<FoldKernels> {
                match (self, kind) {
                    $((Fold::$Fold, ValueKind::Float) => visit!(visitor.value, floats::$Fold, $float),)*
                    $((Fold::$Fold, ValueKind::Integer) => visit!(visitor.value, integers::$Fold, $int),)*
                    $((Fold::$Fold, ValueKind::Unsigned) => visit!(visitor.value, unsigned_integers::$Fold, $uint),)*
                    $((Fold::$Fold, ValueKind::Bool) => visit!(visitor.mask, masks::$Fold, $bool),)*
                }
            }
        }

        mod floats {
            use super::*;
            $(combine_floats!($Fold, $float);)*
        }
        mod integers {
            use super::*;
            $(combine_integers!($Fold, $int);)*
        }
        mod unsigned_integers {
            use super::*;
            $(combine_integers!($Fold, $uint);)*
        }
        mod masks {
            use super::*;
            $(combine_masks!($Fold, $bool);)*
        }
    };
}

for_each_reduction!(define);

/// An element's bytes, then zeros.
pub(crate) const fn padded<const SIZE: usize>(bytes: [u8; SIZE]) -> [u8; 16] {
    let (mut all, mut i) = ([0; 16], 0);
    while i < SIZE {
        all[i] = bytes[i];
        i += 1;
    }
    all
}

/// The three loops of a reduction.
pub(crate) trait Lanes {
    /// # Safety
    /// `n` elements can be read at `src`, 32 read and written at `lanes`.
    unsafe fn lanes(n: usize, lanes: *mut u8, src: *const u8);
    /// # Safety
    /// 32 elements can be read and written at `lanes`.
    unsafe fn finish(lanes: *mut u8);
    /// # Safety
    /// `n` elements can be read at `src` and `dst`, and written at `dst`.
    unsafe fn merge(n: usize, dst: *mut u8, src: *const u8);
}

/// Lanes in `V` vectors of the token `S`: `V * S::LANES` is [`LANES`].
pub(crate) struct Vectors<S, C, const V: usize>(PhantomData<(S, C)>);

impl<S: NativeToken, C: Combine, const V: usize> Lanes for Vectors<S, C, V>
where
    Scalar<S::Float, false>: NativeToken,
{
    #[inline(always)]
    unsafe fn lanes(n: usize, lanes: *mut u8, src: *const u8) {
        const { assert!(V * S::LANES == LANES) }
        // SAFETY: the caller's promises.
        unsafe {
            let s = S::token();
            let mut accumulators = [C::K::load(s, lanes, 0); V];
            let mut k = 1;
            while k < V {
                accumulators[k] = C::K::load(s, lanes, k * S::LANES);
                k += 1;
            }
            let mut i = 0;
            while i + LANES <= n {
                let mut k = 0;
                while k < V {
                    accumulators[k] = C::combine(s, accumulators[k], C::K::load(s, src, i + k * S::LANES));
                    k += 1;
                }
                i += LANES;
            }
            let mut k = 0;
            while k < V {
                C::K::store(s, lanes, k * S::LANES, accumulators[k]);
                k += 1;
            }
            let mut lane = 0;
            while i < n {
                combine_one::<S, C>(lanes, lane, src, i);
                i += 1;
                lane += 1;
            }
        }
    }

    #[inline(always)]
    unsafe fn finish(lanes: *mut u8) {
        let mut half = LANES / 2;
        while half > 0 {
            let mut lane = 0;
            while lane < half {
                // SAFETY: the caller's promises; lane + half < LANES.
                unsafe { combine_one::<S, C>(lanes, lane, lanes, lane + half) };
                lane += 1;
            }
            half /= 2;
        }
    }

    #[inline(always)]
    unsafe fn merge(n: usize, dst: *mut u8, src: *const u8) {
        // SAFETY: the caller's promises.
        unsafe {
            let s = S::token();
            let mut i = 0;
            while i + S::LANES <= n {
                C::K::store(s, dst, i, C::combine(s, C::K::load(s, dst, i), C::K::load(s, src, i)));
                i += S::LANES;
            }
            while i < n {
                combine_one::<S, C>(dst, i, src, i);
                i += 1;
            }
        }
    }
}

/// `dst[i] = combine(dst[i], src[j])`. The scalar token gives a vector's bits: combining is exact or rounds once.
///
/// # Safety
/// The elements exist.
#[inline(always)]
unsafe fn combine_one<S: NativeToken, C: Combine>(dst: *mut u8, i: usize, src: *const u8, j: usize)
where
    Scalar<S::Float, false>: NativeToken,
{
    // SAFETY: the caller's promise.
    unsafe {
        let s = Scalar::<S::Float, false>::token();
        C::K::store(s, dst, i, C::combine(s, C::K::load(s, dst, i), C::K::load(s, src, j)));
    }
}

/// Lanes of truth values: 32 bytes.
pub(crate) struct ByteLanes<C>(PhantomData<C>);

impl<C: MaskCombine> Lanes for ByteLanes<C> {
    #[inline(always)]
    unsafe fn lanes(n: usize, lanes: *mut u8, src: *const u8) {
        // SAFETY: the caller's promises.
        unsafe {
            let mut accumulators = Bytes::<{ LANES / 8 }>::load(lanes);
            let mut i = 0;
            while i + LANES <= n {
                accumulators = C::combine(accumulators, Bytes::load(src.add(i)));
                i += LANES;
            }
            accumulators.store(lanes);
            let mut lane = 0;
            while i < n {
                *lanes.add(lane) = C::combine(*lanes.add(lane) != 0, *src.add(i) != 0) as u8;
                i += 1;
                lane += 1;
            }
        }
    }

    #[inline(always)]
    unsafe fn finish(lanes: *mut u8) {
        let mut half = LANES / 2;
        while half > 0 {
            // SAFETY: the caller's promises; merging `half` bytes reads and writes below LANES.
            unsafe { Self::merge(half, lanes, lanes.add(half)) };
            half /= 2;
        }
    }

    #[inline(always)]
    unsafe fn merge(n: usize, dst: *mut u8, src: *const u8) {
        let mut i = 0;
        while i < n {
            // SAFETY: the caller's promises.
            unsafe { *dst.add(i) = C::combine(*dst.add(i) != 0, *src.add(i) != 0) as u8 };
            i += 1;
        }
    }
}
