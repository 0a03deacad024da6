//! Running sums and products along a row, one element after the other as NumPy's `cumsum` and `cumprod`.
//!
//! Each result needs the one before it, so there is nothing for vectors to do that would keep the order: one loop
//! serves every instruction set, at the latency of an addition. (Along an outer axis a scan is the operation's own
//! kernel, of a row of results and the next row of elements.)

use crate::{
    Compute,
    fold::{Combine, Fold, floats, integers, unsigned_integers},
    row::Kind,
    scalar::Scalar,
    token::NativeToken,
};

/// `(n, carry, dst, src)`: `dst[i] = carry op src[0] op … op src[i]`, from left to right, for `n` elements; the last one
/// is left at `carry`. Before a row's first element the carry is the [`identity`](crate::FoldKernels::identity) of the
/// fold. Any alignment; `dst` may be `src`.
///
/// # Safety
/// `n` elements can be read at `src` and written at `dst`, one read and written at `carry`.
pub type Scan = unsafe fn(n: usize, carry: *mut u8, dst: *mut u8, src: *const u8);

/// The scan of a reduction; `None` but for sums and products of 64-bit integers and floats. Sums of complex numbers are
/// those of their parts.
///
/// ```
/// use numfuse_kernels::{Compute, Fold, scan};
/// let sums = scan(Fold::Sum, Compute::I64).unwrap();
/// let (mut carry, mut row) = (0i64, [1i64, 2, 3, 4]);
/// let at = row.as_mut_ptr().cast::<u8>();
/// // SAFETY: four elements, in place.
/// unsafe { sums(4, (&raw mut carry).cast(), at, at) };
/// assert_eq!((row, carry), ([1, 3, 6, 10], 10));
/// ```
pub fn scan(fold: Fold, compute: Compute) -> Option<Scan> {
    type F64 = Scalar<f64, false>;
    type F32 = Scalar<f32, false>;
    Some(match (fold, compute) {
        (Fold::Sum, Compute::F64) => row::<F64, floats::Sum>,
        (Fold::Sum, Compute::F32) => row::<F32, floats::Sum>,
        (Fold::Sum, Compute::I64) => row::<F64, integers::Sum>,
        (Fold::Sum, Compute::U64) => row::<F64, unsigned_integers::Sum>,
        (Fold::Prod, Compute::F64) => row::<F64, floats::Prod>,
        (Fold::Prod, Compute::F32) => row::<F32, floats::Prod>,
        (Fold::Prod, Compute::I64) => row::<F64, integers::Prod>,
        (Fold::Prod, Compute::U64) => row::<F64, unsigned_integers::Prod>,
        (Fold::Sum | Fold::Prod, Compute::Bool | Compute::I32) => return None,
        (Fold::Min | Fold::Max | Fold::Any | Fold::All | Fold::Moments, _) => return None,
    })
}

unsafe fn row<S: NativeToken, C: Combine>(n: usize, carry: *mut u8, dst: *mut u8, src: *const u8) {
    // SAFETY: the caller's promises; the token is of one lane, which every processor has.
    unsafe {
        let s = S::token();
        let mut total = C::K::load(s, carry, 0);
        for i in 0..n {
            total = C::combine(s, total, C::K::load(s, src, i));
            C::K::store(s, dst, i, total);
        }
        C::K::store(s, carry, 0, total);
    }
}
