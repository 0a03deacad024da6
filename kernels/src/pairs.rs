//! The product of complex numbers: the one reduction of them whose parts do not go their own ways.
//!
//! Elements are pairs of floats, the real part first, as complex numbers lie in memory. Plain loops, the same on every
//! instruction set: two roundings in each sum of products, never fused.

use crate::{
    Compute,
    fold::{FoldKernels, LANES, Rows, padded},
};
use core::ops::{Add, Mul, Sub};

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
        Compute::F64 => Some(kernels::<f64>(padded(1.0f64.to_ne_bytes()))),
        Compute::F32 => Some(kernels::<f32>(padded(1.0f32.to_ne_bytes()))),
        Compute::Bool | Compute::I32 | Compute::I64 | Compute::U64 => None,
    }
}

fn kernels<T: Part>(identity: [u8; 16]) -> FoldKernels {
    FoldKernels {
        identity,
        parts: 1,
        lanes: lanes::<T>,
        finish: finish::<T>,
        merge: merge::<T>,
        absorb: absorb::<T>,
        export: None,
    }
}

trait Part: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {
    /// Whether a pair is 1 + 0j, with a positive zero.
    fn is_one(pair: [Self; 2]) -> bool;
}

macro_rules! parts {
    ($($Float:ident)*) => { $(
        impl Part for $Float {
            #[inline(always)]
            fn is_one([re, im]: [$Float; 2]) -> bool {
                re == 1.0 && im.to_bits() == 0
            }
        }
    )* };
}
parts!(f64 f32);

#[inline(always)]
fn product<T: Part>([a, b]: [T; 2], [c, d]: [T; 2]) -> [T; 2] {
    // the formula makes no number of an infinity times the identity, which empty lanes hold
    if T::is_one([c, d]) {
        [a, b]
    } else if T::is_one([a, b]) {
        [c, d]
    } else {
        [a * c - b * d, a * d + b * c]
    }
}

/// # Safety
/// Pair `i` at `dst` can be read and written, pair `j` at `src` read.
#[inline(always)]
unsafe fn combine<T: Part>(dst: *mut u8, i: usize, src: *const u8, j: usize) {
    // SAFETY: the caller's promise; pointers may be unaligned.
    unsafe {
        let at = dst.cast::<[T; 2]>().add(i);
        at.write_unaligned(product(at.read_unaligned(), src.cast::<[T; 2]>().add(j).read_unaligned()));
    }
}

unsafe fn lanes<T: Part>(n: usize, lanes: *mut u8, src: *const u8) {
    let mut i = 0;
    while i < n {
        // SAFETY: the caller's promises for the kernels of a fold.
        unsafe { combine::<T>(lanes, i % LANES, src, i) };
        i += 1;
    }
}

unsafe fn finish<T: Part>(lanes: *mut u8) {
    let mut half = LANES / 2;
    while half > 0 {
        let mut lane = 0;
        while lane < half {
            // SAFETY: the caller's promise; lane + half < LANES.
            unsafe { combine::<T>(lanes, lane, lanes, lane + half) };
            lane += 1;
        }
        half /= 2;
    }
}

unsafe fn merge<T: Part>(n: usize, dst: *mut u8, src: *const u8) {
    let mut i = 0;
    while i < n {
        // SAFETY: the caller's promises.
        unsafe { combine::<T>(dst, i, src, i) };
        i += 1;
    }
}

unsafe fn absorb<T: Part>(rows: Rows, accumulators: *mut u8, src: *const u8) {
    let mut row = src;
    for _ in 0..rows.count {
        // SAFETY: the caller's promises.
        unsafe { merge::<T>(rows.columns, accumulators, row) };
        row = row.wrapping_offset(rows.stride);
    }
}
