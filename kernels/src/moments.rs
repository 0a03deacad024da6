//! Moments: the mean and the sum of squared deviations from it, in one stable pass.
//!
//! An accumulator is a count n, a mean m and a sum of squares M, each a float of the elements' type. It takes in an
//! element x by Welford's recurrence (Technometrics 4, 1962), and merges with another by the formula of Chan, Golub and
//! LeVeque (Compstat 1982):
//!
//! ```text
//! n += 1                          n = na + nb
//! d = x - m                       d = mb - ma
//! m += d (1/n)                    m = ma + d (nb/n)
//! M += d (x - m)                  M = (Ma + Mb) + d (d (na (nb/n)))
//! ```
//!
//! Every operation rounds by itself, never a product and a sum together: the bits are the same with FMA and without.
//! `1/n` is rounded before it is multiplied, as one division serves all lanes: it moves m by less than an ulp of d,
//! which is no more than the rounding of m itself.
//!
//! Equal elements have an M of exactly 0; a NaN or an infinity among them makes M a NaN; so do finite ones further
//! apart than the greatest float. Counts of f32 are exact up to 2^24 for one accumulator, and rounded beyond.

use crate::{
    fold::{LANES, Rows},
    lanes::{Columns, Lanes, sweep_columns, sweep_lanes},
    scalar::Scalar,
    token::{NativeToken, Token},
};
use core::marker::PhantomData;

/// Moments with lanes in `V` vectors of the token `S`.
pub(crate) struct Moments<S, const V: usize>(PhantomData<S>);

/// Accumulators in a vector.
#[derive(Clone, Copy)]
pub(crate) struct State<F> {
    pub(crate) count: F,
    pub(crate) mean: F,
    pub(crate) squares: F,
}

/// The count with one element more, and its reciprocal.
#[inline(always)]
fn counted<S: Token>(s: S, count: S::F) -> (S::F, S::F) {
    let count = count + s.lit(1.0);
    (count, s.lit(1.0) / count)
}

/// The accumulator with `x`, but for its count; `reciprocal` is that of the count with it.
#[inline(always)]
fn moved<S: Token>(_: S, state: State<S::F>, x: S::F, reciprocal: S::F) -> State<S::F> {
    let delta = x - state.mean;
    let mean = state.mean + delta * reciprocal;
    State { count: state.count, mean, squares: state.squares + delta * (x - mean) }
}

/// The accumulator with `x`.
pub(crate) fn absorbed<S: Token>(s: S, state: State<S::F>, x: S::F) -> State<S::F> {
    let (count, reciprocal) = counted(s, state.count);
    moved(s, State { count, ..state }, x, reciprocal)
}

/// The mean and the sum of squares, as results.
#[inline(always)]
pub(crate) fn result<S: Token>(s: S, State { mean, squares, .. }: State<S::F>) -> [S::F; 2] {
    // no sum of squares is negative, but where a deviation has overflowed
    [mean, s.select(s.lt(squares, s.lit(0.0)), s.lit(f64::NAN), squares)]
}

#[inline(always)]
pub(crate) fn merged<S: Token>(s: S, a: State<S::F>, b: State<S::F>) -> State<S::F> {
    let (zero, one) = (s.lit(0.0), s.lit(1.0));
    let count = a.count + b.count;
    // two empty ones merge to an empty one
    let weight = b.count / s.pmax(count, one);
    let delta = b.mean - a.mean;
    // nothing changes nothing, not even an infinity
    let mean = s.select(s.eq(b.count, zero), a.mean, a.mean + delta * weight);
    State { count, mean, squares: (a.squares + b.squares) + delta * (delta * (a.count * weight)) }
}

/// # Safety
/// A vector of accumulators can be read from element `i` of each part at `p`.
#[inline(always)]
unsafe fn load<S: NativeToken>(s: S, p: *const u8, apart: usize, i: usize) -> State<S::F> {
    // SAFETY: the caller's promise.
    unsafe {
        let p = p.cast::<S::Float>().add(i);
        State { count: s.load(p), mean: s.load(p.add(apart)), squares: s.load(p.add(2 * apart)) }
    }
}

/// # Safety
/// A vector of accumulators can be written from element `i` of each part at `p`.
#[inline(always)]
unsafe fn store<S: NativeToken>(s: S, p: *mut u8, apart: usize, i: usize, state: State<S::F>) {
    // SAFETY: the caller's promise.
    unsafe {
        let p = p.cast::<S::Float>().add(i);
        s.store(p, state.count);
        s.store(p.add(apart), state.mean);
        s.store(p.add(2 * apart), state.squares);
    }
}

/// `dst[i] = merged(dst[i], src[i])` for `n` accumulators whose parts are `apart` elements from each other.
///
/// # Safety
/// They can be read, and those at `dst` written.
#[inline(always)]
unsafe fn merge<S: NativeToken>(n: usize, apart: usize, dst: *mut u8, src: *const u8)
where
    Scalar<S::Float, false>: NativeToken,
{
    // SAFETY: the caller's promises.
    unsafe {
        let (s, one) = (S::token(), Scalar::<S::Float, false>::token());
        let mut i = 0;
        while i + S::LANES <= n {
            store(s, dst, apart, i, merged(s, load(s, dst, apart, i), load(s, src, apart, i)));
            i += S::LANES;
        }
        while i < n {
            store(one, dst, apart, i, merged(one, load(one, dst, apart, i), load(one, src, apart, i)));
            i += 1;
        }
    }
}

impl<S, const V: usize> Columns for Moments<S, V> {
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
            let mut states = [load(s, accumulators, rows.apart, first); W];
            let mut k = 1;
            while k < W {
                states[k] = load(s, accumulators, rows.apart, first + k * T::LANES);
                k += 1;
            }
            // all have the same
            let mut count = states[0].count;
            let (mut row, mut left) = (src, rows.count);
            while left > 0 {
                let reciprocal;
                (count, reciprocal) = counted(s, count);
                let mut k = 0;
                while k < W {
                    let x = s.load(row.cast::<T::Float>().add(first + k * T::LANES));
                    states[k] = moved(s, states[k], x, reciprocal);
                    k += 1;
                }
                row = row.wrapping_offset(rows.stride);
                left -= 1;
            }
            let mut k = 0;
            while k < W {
                let state = State { count, ..states[k] };
                store(s, accumulators, rows.apart, first + k * T::LANES, state);
                k += 1;
            }
        }
    }
}

impl<S: NativeToken, const V: usize> Lanes for Moments<S, V>
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
        // SAFETY: the caller's promises; merging `half` accumulators reaches less than LANES of each part.
        unsafe {
            let mut half = LANES / 2;
            while half > 0 {
                merge::<S>(half, LANES, lanes, lanes.cast::<S::Float>().add(half).cast());
                half /= 2;
            }
            // the parts of lane 0 move together: as bytes, which have no alignment
            let size = size_of::<S::Float>();
            lanes.add(size).copy_from(lanes.add(LANES * size), size);
            lanes.add(2 * size).copy_from(lanes.add(2 * LANES * size), size);
        }
    }

    #[inline(always)]
    unsafe fn merge(n: usize, dst: *mut u8, src: *const u8) {
        // SAFETY: the caller's promises.
        unsafe { merge::<S>(n, n, dst, src) }
    }

    #[inline(always)]
    unsafe fn absorb(rows: Rows, accumulators: *mut u8, src: *const u8) {
        // SAFETY: the caller's promises.
        unsafe { sweep_columns::<S, Self>(rows, accumulators, src) }
    }
}

/// The means and sums of squares of `n` accumulators whose parts are `apart` elements from each other, as pairs.
///
/// # Safety
/// The accumulators can be read at `src`, `n` pairs written at `dst`.
pub(crate) unsafe fn pairs<S: NativeToken>(n: usize, apart: usize, dst: *mut u8, src: *const u8) {
    let dst = dst.cast::<S::Float>();
    let mut i = 0;
    while i < n {
        // SAFETY: the caller's promises; the token is of one lane, which every processor has.
        unsafe {
            let s = S::token();
            let [mean, squares] = result(s, load(s, src, apart, i));
            s.store(dst.add(2 * i), mean);
            s.store(dst.add(2 * i + 1), squares);
        }
        i += 1;
    }
}
