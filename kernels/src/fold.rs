//! Reductions, in the one order that every executor keeps.
//!
//! Element i of a row belongs to lane i mod [`LANES`] of its stretch of 512; the stretches of a block of [`BLOCK`] are
//! combined pairwise by index, lane by lane, then the block's lanes 16-8-4-2-1, and blocks pairwise; outer axes go in
//! runs of [`RUN`] rows, then pairwise. A sum is then the same for every instruction set, tile and number of threads,
//! and as accurate as NumPy's. The kernels do the lanes and their combination; stretches, blocks and runs are the
//! caller's. Here are the reductions; their loops are in
//! [`lanes`](crate::lanes), those of moments in [`moments`](crate::moments).

use crate::{
    math::{basic, integer, logic, unsigned},
    ops::ValueKind,
    row::{Float, Integer, Kind},
    token::{MaskOps, Token},
};

/// Accumulators per stretch, and per block once its stretches are combined.
pub const LANES: usize = 32;
/// Elements per block.
pub const BLOCK: usize = 4096;
/// Rows per run of a reduction over outer axes.
pub const RUN: usize = 128;

/// The kernels of one reduction of one type. They hold for any `n` and any alignment.
///
/// An accumulator is one element, but for [`Fold::Moments`], whose accumulators have three *parts* of an element's
/// size. Several accumulators lie as planes: the first parts of all, then the second parts, then the third. So a single
/// one is its parts in a row.
#[derive(Clone, Copy)]
pub struct FoldKernels {
    /// What each part of an accumulator holds that has taken in nothing: its bytes, then zeros.
    pub identity: [u8; 16],
    /// Parts of an accumulator.
    pub parts: usize,
    /// `(n, lanes, src)`: takes element i of `src` into accumulator i mod [`LANES`] of the [`LANES`] at `lanes`,
    /// in ascending order of i. Accumulators without an element stay as they are. A call with an `n` that is no
    /// multiple of [`LANES`] is the last before `finish`.
    pub lanes: unsafe fn(n: usize, lanes: *mut u8, src: *const u8),
    /// `(lanes)`: merges lane l with l + 16, then 8, 4, 2 and 1, into a single accumulator at `lanes`.
    pub finish: unsafe fn(lanes: *mut u8),
    /// `(n, dst, src)`: `dst[i] = merge(dst[i], src[i])`, of `n` accumulators each.
    pub merge: unsafe fn(n: usize, dst: *mut u8, src: *const u8),
    /// `(rows, accumulators, src)`: takes element i of each row into accumulator i, row after row. The accumulators
    /// have taken in equally many elements.
    pub absorb: unsafe fn(rows: Rows, accumulators: *mut u8, src: *const u8),
    /// `(n, apart, dst, src)`: the results of `n` accumulators whose parts are `apart` elements from each other;
    /// `None` where an accumulator is its result. Moments become pairs: the mean, then the sum of squared deviations.
    pub export: Option<unsafe fn(n: usize, apart: usize, dst: *mut u8, src: *const u8)>,
}

/// Rows of elements that accumulators, one for each column, take in.
///
/// Accumulators stay in registers over the rows, so many rows cost less than as many calls; but memory is read a
/// group of columns at a time, top to bottom, which is for what lies in a cache or has few columns.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    /// How many rows.
    pub count: usize,
    /// Elements of each, one after the other.
    pub columns: usize,
    /// Bytes from one row to the next.
    pub stride: isize,
    /// Elements from one part of an accumulator to the next: as many as accumulators lie together, of which these may
    /// be some.
    pub apart: usize,
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
    type Output;
    fn value<C: Combine>(self) -> Self::Output;
    fn mask<C: MaskCombine>(self) -> Self::Output;
    fn moments(self) -> Self::Output;
}

/// The table of reductions: a body and an identity (of 64 and of 32 bits) per kind of value, or `moments`, which are
/// no such thing. `widened` ones are not defined for narrow integers, which become i64 first.
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
            Moments { doc: "The mean and the sum of squared deviations from it, of which variances are made.",
                widened: true, float: moments, int: [], uint: [], bool: [] }
        }
    };
}

macro_rules! combine_floats {
    ($Fold:ident, []) => {};
    ($Fold:ident, moments) => {};
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
    ($visitor:ident.$method:ident, $Combine:ty, moments) => {
        Some($visitor.moments())
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
            pub(crate) fn visit<V: FoldVisitor>(self, kind: ValueKind, visitor: V) -> Option<V::Output> {
                match (self, kind) {
                    $((Fold::$Fold, ValueKind::Float) => visit!(visitor.value, floats::$Fold, $float),)*
                    $((Fold::$Fold, ValueKind::Integer) => visit!(visitor.value, integers::$Fold, $int),)*
                    $((Fold::$Fold, ValueKind::Unsigned) => visit!(visitor.value, unsigned_integers::$Fold, $uint),)*
                    $((Fold::$Fold, ValueKind::Bool) => visit!(visitor.mask, masks::$Fold, $bool),)*
                }
            }
        }

        pub(crate) mod floats {
            use super::*;
            $(combine_floats!($Fold, $float);)*
        }
        pub(crate) mod integers {
            use super::*;
            $(combine_integers!($Fold, $int);)*
        }
        pub(crate) mod unsigned_integers {
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
