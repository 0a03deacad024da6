//! The loops of reductions: lanes, their end, and accumulators of columns. All of them take a group of columns down
//! some rows, for the lanes of a block are 32 columns.

use crate::{
    fold::{Combine, LANES, MaskCombine, Rows},
    row::{Bytes, Kind},
    scalar::Scalar,
    token::NativeToken,
};
use core::marker::PhantomData;

/// The loops of a reduction, as [`FoldKernels`](crate::FoldKernels) describes them.
pub(crate) trait Lanes {
    /// # Safety
    /// `n` elements can be read at `src`, 32 accumulators read and written at `lanes`.
    unsafe fn lanes(n: usize, lanes: *mut u8, src: *const u8);
    /// # Safety
    /// 32 accumulators can be read and written at `lanes`.
    unsafe fn finish(lanes: *mut u8);
    /// # Safety
    /// `n` accumulators can be read at `src` and `dst`, and written at `dst`.
    unsafe fn merge(n: usize, dst: *mut u8, src: *const u8);
    /// # Safety
    /// The rows can be read from `src` on, an accumulator for each column read and written at `accumulators`.
    unsafe fn absorb(rows: Rows, accumulators: *mut u8, src: *const u8);
}

/// What takes rows into a few columns at once.
pub(crate) trait Columns {
    /// Takes the rows into the accumulators of `W` vectors of columns, the first one at `first`.
    ///
    /// # Safety
    /// As for [`Lanes::absorb`]; the columns are some of the rows'.
    unsafe fn columns<S: NativeToken, const W: usize>(
        s: S,
        rows: Rows,
        first: usize,
        accumulators: *mut u8,
        src: *const u8,
    );
}

/// The rows of a block, one for each element of a lane.
pub(crate) const fn rows_of_block(n: usize, size: usize) -> Rows {
    Rows { count: n / LANES, columns: LANES, stride: (LANES * size) as isize, apart: LANES }
}

/// [`Lanes::lanes`], with the lanes in `V` vectors.
///
/// # Safety
/// As for [`Lanes::lanes`].
#[inline(always)]
pub(crate) unsafe fn sweep_lanes<S: NativeToken, C: Columns, const V: usize>(
    n: usize,
    lanes: *mut u8,
    src: *const u8,
) where
    Scalar<S::Float, false>: NativeToken,
{
    const { assert!(V * S::LANES == LANES) }
    let rows = rows_of_block(n, size_of::<S::Float>());
    // SAFETY: the caller's promises.
    unsafe {
        C::columns::<S, V>(S::token(), rows, 0, lanes, src);
        let rest = Rows { count: 1, columns: n % LANES, ..rows };
        sweep_columns::<S, C>(rest, lanes, src.add(rows.count * rows.stride as usize));
    }
}

/// [`Lanes::absorb`]: four vectors of columns at a time, then one, then single columns. The scalar token gives a
/// vector's bits: combining is exact, or each of its operations rounds once.
///
/// # Safety
/// As for [`Lanes::absorb`].
#[inline(always)]
pub(crate) unsafe fn sweep_columns<S: NativeToken, C: Columns>(
    rows: Rows,
    accumulators: *mut u8,
    src: *const u8,
) where
    Scalar<S::Float, false>: NativeToken,
{
    // SAFETY: the caller's promises; every group of columns is within the rows'.
    unsafe {
        let (s, one) = (S::token(), Scalar::<S::Float, false>::token());
        let (n, mut i) = (rows.columns, 0);
        while i + 4 * S::LANES <= n {
            C::columns::<S, 4>(s, rows, i, accumulators, src);
            i += 4 * S::LANES;
        }
        while i + S::LANES <= n {
            C::columns::<S, 1>(s, rows, i, accumulators, src);
            i += S::LANES;
        }
        while i + 4 <= n {
            C::columns::<_, 4>(one, rows, i, accumulators, src);
            i += 4;
        }
        match n - i {
            3 => C::columns::<_, 3>(one, rows, i, accumulators, src),
            2 => C::columns::<_, 2>(one, rows, i, accumulators, src),
            1 => C::columns::<_, 1>(one, rows, i, accumulators, src),
            _ => {}
        }
    }
}

/// Lanes in `V` vectors of the token `S`: `V * S::LANES` is [`LANES`].
pub(crate) struct Vectors<S, C, const V: usize>(PhantomData<(S, C)>);

impl<S, C: Combine, const V: usize> Columns for Vectors<S, C, V> {
    #[inline(always)]
    unsafe fn columns<T: NativeToken, const W: usize>(
        s: T,
        rows: Rows,
        first: usize,
        accumulators: *mut u8,
        src: *const u8,
    ) {
        // SAFETY: the caller's promises.
        unsafe {
            let mut totals = [C::K::load(s, accumulators, first); W];
            let mut k = 1;
            while k < W {
                totals[k] = C::K::load(s, accumulators, first + k * T::LANES);
                k += 1;
            }
            let (mut row, mut left) = (src, rows.count);
            while left > 0 {
                let mut k = 0;
                while k < W {
                    totals[k] = C::combine(s, totals[k], C::K::load(s, row, first + k * T::LANES));
                    k += 1;
                }
                row = row.wrapping_offset(rows.stride);
                left -= 1;
            }
            let mut k = 0;
            while k < W {
                C::K::store(s, accumulators, first + k * T::LANES, totals[k]);
                k += 1;
            }
        }
    }
}

impl<S: NativeToken, C: Combine, const V: usize> Lanes for Vectors<S, C, V>
where
    Scalar<S::Float, false>: NativeToken,
{
    #[inline(always)]
    unsafe fn lanes(n: usize, lanes: *mut u8, src: *const u8) {
        // SAFETY: the caller's promises.
        unsafe { sweep_lanes::<S, Self, V>(n, lanes, src) }
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

    #[inline(always)]
    unsafe fn absorb(rows: Rows, accumulators: *mut u8, src: *const u8) {
        // SAFETY: the caller's promises.
        unsafe { sweep_columns::<S, Self>(rows, accumulators, src) }
    }
}

/// `dst[i] = combine(dst[i], src[j])`.
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

impl<C: MaskCombine> ByteLanes<C> {
    /// Takes the rows into `8 * WORDS` columns, the first one at `first`.
    ///
    /// # Safety
    /// As for [`Lanes::absorb`]; the columns are some of the rows'.
    #[inline(always)]
    unsafe fn columns<const WORDS: usize>(rows: Rows, first: usize, accumulators: *mut u8, src: *const u8) {
        // SAFETY: the caller's promises.
        unsafe {
            let mut totals = Bytes::<WORDS>::load(accumulators.add(first));
            let (mut row, mut left) = (src, rows.count);
            while left > 0 {
                totals = C::combine(totals, Bytes::load(row.add(first)));
                row = row.wrapping_offset(rows.stride);
                left -= 1;
            }
            totals.store(accumulators.add(first));
        }
    }
}

impl<C: MaskCombine> Lanes for ByteLanes<C> {
    #[inline(always)]
    unsafe fn lanes(n: usize, lanes: *mut u8, src: *const u8) {
        let rows = rows_of_block(n, 1);
        // SAFETY: the caller's promises.
        unsafe {
            Self::columns::<{ LANES / 8 }>(rows, 0, lanes, src);
            Self::merge(n % LANES, lanes, src.add(rows.count * LANES));
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

    #[inline(always)]
    unsafe fn absorb(rows: Rows, accumulators: *mut u8, src: *const u8) {
        // SAFETY: the caller's promises; every group of columns is within the rows'.
        unsafe {
            let (n, mut i) = (rows.columns, 0);
            while i + 32 <= n {
                Self::columns::<4>(rows, i, accumulators, src);
                i += 32;
            }
            while i + 8 <= n {
                Self::columns::<1>(rows, i, accumulators, src);
                i += 8;
            }
            let (mut row, mut left) = (src, rows.count);
            while left > 0 && i < n {
                Self::merge(n - i, accumulators.add(i), row.add(i));
                row = row.wrapping_offset(rows.stride);
                left -= 1;
            }
        }
    }
}
