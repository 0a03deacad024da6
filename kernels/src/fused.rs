//! Sums of an operation's results, without storing those: `sum(abs(x))`, `sum(x*y)` and `sum(where(m, x, 0))` are the
//! commonest reductions, and the store and load of a tile is most of what they cost.
//!
//! The operation's own body is applied to a vector and combined with the accumulators at once, each with a rounding of
//! its own: the bits are those of the operation's kernel followed by the fold's.

use crate::{
    fold::{Combine, Fold, LANES, floats::Sum},
    ops::{
        Op,
        float_rows::{Abs, Mul, Square, Where},
    },
    row::{Kind, Row, Shape},
    scalar::Scalar,
    token::NativeToken,
};
use core::marker::PhantomData;

/// The loops of a fold over an operation's results. Operands are as a [`Kernel`](crate::Kernel) has them, but there may
/// be any number of elements.
#[derive(Clone, Copy)]
pub struct FusedKernels {
    /// `(n, lanes, a, b, c)`: as [`FoldKernels::lanes`](crate::FoldKernels::lanes), of the results of `n` operands.
    pub lanes: unsafe fn(n: usize, lanes: *mut u8, a: *const u8, b: *const u8, c: *const u8),
    /// `(n, accumulators, a, b, c)`: as [`FoldKernels::absorb`](crate::FoldKernels::absorb) of one row of results.
    pub absorb: unsafe fn(n: usize, accumulators: *mut u8, a: *const u8, b: *const u8, c: *const u8),
}

/// What gives an instruction set's kernels a fused loop.
pub(crate) trait FusedVisitor {
    fn fused<F: FusedLanes>(self) -> FusedKernels;
}

/// Calls the visitor with the loops as a type; `None` for what is not fused.
pub(crate) fn visit<S: NativeToken, const V: usize>(
    fold: Fold,
    op: Op,
    splats: u8,
    visitor: impl FusedVisitor,
) -> Option<FusedKernels>
where
    Scalar<S::Float, false>: NativeToken,
{
    Some(match (fold, op, splats) {
        (Fold::Sum, Op::Abs, 0) => visitor.fused::<Fused<S, Abs, Sum, V, 0>>(),
        (Fold::Sum, Op::Square, 0) => visitor.fused::<Fused<S, Square, Sum, V, 0>>(),
        (Fold::Sum, Op::Mul, 0) => visitor.fused::<Fused<S, Mul, Sum, V, 0>>(),
        (Fold::Sum, Op::Mul, 1) => visitor.fused::<Fused<S, Mul, Sum, V, 1>>(),
        (Fold::Sum, Op::Mul, 2) => visitor.fused::<Fused<S, Mul, Sum, V, 2>>(),
        (Fold::Sum, Op::Where, 0) => visitor.fused::<Fused<S, Where, Sum, V, 0>>(),
        (Fold::Sum, Op::Where, 2) => visitor.fused::<Fused<S, Where, Sum, V, 2>>(),
        (Fold::Sum, Op::Where, 4) => visitor.fused::<Fused<S, Where, Sum, V, 4>>(),
        _ => return None,
    })
}

/// The two loops.
pub(crate) trait FusedLanes {
    /// # Safety
    /// `n` elements of every operand can be read, one of a splat; 32 accumulators can be read and written.
    unsafe fn lanes(n: usize, lanes: *mut u8, operands: [*const u8; 3]);
    /// # Safety
    /// As for [`lanes`](Self::lanes), with `n` accumulators.
    unsafe fn absorb(n: usize, accumulators: *mut u8, operands: [*const u8; 3]);
}

/// Results of `R` folded by `C`, with lanes in `V` vectors of the token `S`.
pub(crate) struct Fused<S, R, C, const V: usize, const SPLATS: u8>(PhantomData<(S, R, C)>);

type Operand1<R> = <<R as Row>::Shape as Shape>::A;
type Operand2<R> = <<R as Row>::Shape as Shape>::B;
type Operand3<R> = <<R as Row>::Shape as Shape>::C;

impl<S, R: Row, C: Combine, const V: usize, const SPLATS: u8> Fused<S, R, C, V, SPLATS>
where
    R::Shape: Shape<R = C::K>,
{
    /// Takes `count` groups of results, [`LANES`] apart, into `W` vectors of accumulators; the first result is that
    /// of the operands' element `at`.
    ///
    /// # Safety
    /// The operands' elements can be read, the accumulators read and written.
    #[inline(always)]
    unsafe fn groups<T: NativeToken, const W: usize>(
        s: T,
        count: usize,
        at: usize,
        accumulators: *mut u8,
        [a, b, c]: [*const u8; 3],
    ) {
        // SAFETY: the caller's promises.
        unsafe {
            let (splat_a, splat_b, splat_c) = (SPLATS & 1 != 0, SPLATS & 2 != 0, SPLATS & 4 != 0);
            let a0 = if splat_a { Operand1::<R>::splat(s, a) } else { Operand1::<R>::blank(s) };
            let b0 = if splat_b { Operand2::<R>::splat(s, b) } else { Operand2::<R>::blank(s) };
            let c0 = if splat_c { Operand3::<R>::splat(s, c) } else { Operand3::<R>::blank(s) };
            let mut totals = [C::K::load(s, accumulators, 0); W];
            let mut k = 1;
            while k < W {
                totals[k] = C::K::load(s, accumulators, k * T::LANES);
                k += 1;
            }
            let mut group = 0;
            while group < count {
                let mut k = 0;
                while k < W {
                    let i = at + group * LANES + k * T::LANES;
                    let x = if splat_a { a0 } else { Operand1::<R>::load(s, a, i) };
                    let y = if splat_b { b0 } else { Operand2::<R>::load(s, b, i) };
                    let z = if splat_c { c0 } else { Operand3::<R>::load(s, c, i) };
                    totals[k] = C::combine(s, totals[k], R::apply(s, x, y, z));
                    k += 1;
                }
                group += 1;
            }
            let mut k = 0;
            while k < W {
                C::K::store(s, accumulators, k * T::LANES, totals[k]);
                k += 1;
            }
        }
    }
}

impl<S: NativeToken, R: Row, C: Combine, const V: usize, const SPLATS: u8> FusedLanes
    for Fused<S, R, C, V, SPLATS>
where
    R::Shape: Shape<R = C::K>,
    Scalar<S::Float, false>: NativeToken,
{
    #[inline(always)]
    unsafe fn lanes(n: usize, lanes: *mut u8, operands: [*const u8; 3]) {
        const { assert!(V * S::LANES == LANES) }
        // SAFETY: the caller's promises.
        unsafe {
            let (s, one) = (S::token(), Scalar::<S::Float, false>::token());
            Self::groups::<S, V>(s, n / LANES, 0, lanes, operands);
            let (mut i, mut lane) = (n / LANES * LANES, lanes);
            while i < n {
                Self::groups::<_, 1>(one, 1, i, lane, operands);
                i += 1;
                lane = lane.add(size_of::<S::Float>());
            }
        }
    }

    #[inline(always)]
    unsafe fn absorb(n: usize, accumulators: *mut u8, operands: [*const u8; 3]) {
        // SAFETY: the caller's promises.
        unsafe {
            let (s, one) = (S::token(), Scalar::<S::Float, false>::token());
            let mut i = 0;
            while i + 4 * S::LANES <= n {
                let into = accumulators.add(i * size_of::<S::Float>());
                Self::groups::<S, 4>(s, 1, i, into, operands);
                i += 4 * S::LANES;
            }
            while i < n {
                let into = accumulators.add(i * size_of::<S::Float>());
                if i + S::LANES <= n {
                    Self::groups::<S, 1>(s, 1, i, into, operands);
                    i += S::LANES;
                } else {
                    Self::groups::<_, 1>(one, 1, i, into, operands);
                    i += 1;
                }
            }
        }
    }
}
