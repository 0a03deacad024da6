//! The product of complex numbers: the one reduction of them whose parts do not go their own ways.
//!
//! Elements are pairs of floats, the real part first, as complex numbers lie in memory. Plain loops, the same on every
//! instruction set: two roundings in each sum of products, never fused.

use crate::{
    Compute,
    fold::{FoldKernels, LANES, Rows, padded},
    scalar::Scalar,
    token::{NativeToken, Token},
};

/// The kernels of the product of complex numbers with parts of this type; `None` where that is no float.
///
/// ```
/// use numfuse_kernels::{Compute, product_of_pairs};
/// let product = product_of_pairs(Compute::F64).unwrap();
/// let mut one = [0.0, 1.0]; // i
/// // SAFETY: one pair each.
/// unsafe { (product.merge)(1, one.as_mut_ptr().cast(), [0.0f64, 1.0].as_ptr().cast()) };
/// assert_eq!(one, [-1.0, 0.0]);
/// ```
pub fn product_of_pairs(compute: Compute) -> Option<FoldKernels> {
    match compute {
        Compute::F64 => Some(kernels::<Scalar<f64, false>>(padded(1.0f64.to_ne_bytes()))),
        Compute::F32 => Some(kernels::<Scalar<f32, false>>(padded(1.0f32.to_ne_bytes()))),
        Compute::Bool | Compute::I32 | Compute::I64 | Compute::U64 => None,
    }
}

fn kernels<S: NativeToken>(identity: [u8; 16]) -> FoldKernels {
    FoldKernels {
        identity,
        parts: 1,
        lanes: lanes::<S>,
        finish: finish::<S>,
        merge: merge::<S>,
        absorb: absorb::<S>,
        export: None,
    }
}

/// Whether a pair is 1 + 0j, with a positive zero.
#[inline(always)]
fn is_one<S: Token>(s: S, [re, im]: [S::F; 2]) -> S::M {
    s.eq(re, s.lit(1.0)) & s.ieq(s.bits(im), s.int(0))
}

/// The product of two pairs.
#[inline(always)]
pub(crate) fn product<S: Token>(s: S, [a, b]: [S::F; 2], [c, d]: [S::F; 2]) -> [S::F; 2] {
    // the formula makes no number of an infinity times the identity, which empty lanes hold
    let (left_is_one, right_is_one) = (is_one(s, [a, b]), is_one(s, [c, d]));
    let re = s.select(left_is_one, c, a * c - b * d);
    let im = s.select(left_is_one, d, a * d + b * c);
    [s.select(right_is_one, a, re), s.select(right_is_one, b, im)]
}

/// # Safety
/// Pair `i` at `dst` can be read and written, pair `j` at `src` read; the token is of one lane.
#[inline(always)]
unsafe fn combine<S: NativeToken>(dst: *mut u8, i: usize, src: *const u8, j: usize) {
    // SAFETY: the caller's promise; a token's pointers may be unaligned, and every processor has one lane.
    unsafe {
        let s = S::token();
        let (at, from) = (dst.cast::<S::Float>().add(2 * i), src.cast::<S::Float>().add(2 * j));
        let left = [s.load(at), s.load(at.add(1))];
        let [re, im] = product(s, left, [s.load(from), s.load(from.add(1))]);
        s.store(at, re);
        s.store(at.add(1), im);
    }
}

unsafe fn lanes<S: NativeToken>(n: usize, lanes: *mut u8, src: *const u8) {
    let mut i = 0;
    while i < n {
        // a lane's elements lie LANES apart: a stretch of so many is merged, which vectors do well
        let count = LANES.min(n - i);
        // SAFETY: the caller's promises for the kernels of a fold.
        unsafe { merge::<S>(count, lanes, src.cast::<S::Float>().add(2 * i).cast()) };
        i += count;
    }
}

unsafe fn finish<S: NativeToken>(lanes: *mut u8) {
    let mut half = LANES / 2;
    while half > 0 {
        let mut lane = 0;
        while lane < half {
            // SAFETY: the caller's promise; lane + half < LANES.
            unsafe { combine::<S>(lanes, lane, lanes, lane + half) };
            lane += 1;
        }
        half /= 2;
    }
}

unsafe fn merge<S: NativeToken>(n: usize, dst: *mut u8, src: *const u8) {
    let mut i = 0;
    while i < n {
        // SAFETY: the caller's promises.
        unsafe { combine::<S>(dst, i, src, i) };
        i += 1;
    }
}

unsafe fn absorb<S: NativeToken>(rows: Rows, accumulators: *mut u8, src: *const u8) {
    let mut row = src;
    for _ in 0..rows.count {
        // SAFETY: the caller's promises.
        unsafe { merge::<S>(rows.columns, accumulators, row) };
        row = row.wrapping_offset(rows.stride);
    }
}
