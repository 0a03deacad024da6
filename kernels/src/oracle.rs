//! Kernels of one lane: what every instruction set is tested against, bit for bit.

use crate::{
    Compute,
    kernel::{Kernel, value_kind},
    op::Typing,
    ops::{Op, Visitor},
    row::{MaskRow, Row, sweep},
    scalar::Scalar,
    token::NativeToken,
};
use core::marker::PhantomData;

/// The scalar kernel of an operation: any `n`, no splats.
///
/// With `fma` it gives the bits of instruction sets that fuse ([`Isa::has_fma`](crate::Isa::has_fma)), also on a
/// processor that cannot, if slowly; without, the *strict* bits of the portable set.
pub fn oracle(op: Op, compute: Compute, fma: bool) -> Option<Kernel> {
    if fma && fuses() {
        by_type::<true, true>(op, compute)
    } else if fma {
        by_type::<true, false>(op, compute)
    } else {
        by_type::<false, false>(op, compute)
    }
}

/// Whether the processor multiplies and adds in one instruction.
fn fuses() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("fma") && is_x86_feature_detected!("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

/// The oracle of a row of floats that stands in no table.
pub(crate) fn oracle_of_row<R: Row>(compute: Compute, fma: bool) -> Option<Kernel> {
    let kernel: [Kernel; 3] = match compute {
        Compute::F64 => {
            [fused::<Scalar<f64, true>, R>, plain::<Scalar<f64, true>, R>, plain::<Scalar<f64, false>, R>]
        }
        Compute::F32 => {
            [fused::<Scalar<f32, true>, R>, plain::<Scalar<f32, true>, R>, plain::<Scalar<f32, false>, R>]
        }
        Compute::Bool | Compute::I32 | Compute::I64 | Compute::U64 => return None,
    };
    Some(kernel[if fma && fuses() { 0 } else { 1 + usize::from(!fma) }])
}

fn by_type<const FMA: bool, const HARDWARE: bool>(op: Op, compute: Compute) -> Option<Kernel> {
    match compute {
        Compute::F64 | Compute::I64 | Compute::U64 => {
            op.visit(value_kind(compute), OneLane::<Scalar<f64, FMA>, HARDWARE>(PhantomData))
        }
        Compute::F32 | Compute::I32 | Compute::Bool => {
            op.visit(value_kind(compute), OneLane::<Scalar<f32, FMA>, HARDWARE>(PhantomData))
        }
    }
}

/// Rows on the scalar token `S`, compiled with FMA instructions if `HARDWARE`.
struct OneLane<S, const HARDWARE: bool>(PhantomData<S>);

impl<S: NativeToken, const HARDWARE: bool> Visitor for OneLane<S, HARDWARE> {
    type Output = Kernel;
    fn value<R: Row>(self) -> Kernel {
        if HARDWARE { fused::<S, R> } else { plain::<S, R> }
    }
    fn mask<R: MaskRow>(self) -> Kernel {
        truth::<R>
    }
}

unsafe fn plain<S: NativeToken, R: Row>(n: usize, dst: *mut u8, a: *const u8, b: *const u8, c: *const u8) {
    // SAFETY: the caller's promises.
    unsafe { sweep::<S, R>(0, n, dst, a, b, c) }
}

#[cfg_attr(target_arch = "x86_64", target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt"))]
unsafe fn fused<S: NativeToken, R: Row>(n: usize, dst: *mut u8, a: *const u8, b: *const u8, c: *const u8) {
    // SAFETY: the caller's promises.
    unsafe { sweep::<S, R>(0, n, dst, a, b, c) }
}

unsafe fn truth<R: MaskRow>(n: usize, dst: *mut u8, a: *const u8, b: *const u8, c: *const u8) {
    let mut i = 0;
    while i < n {
        // SAFETY: the caller's promises; operands the row does not have are not read.
        unsafe {
            let x = *a.add(i) != 0;
            let y = R::ARITY > 1 && *b.add(i) != 0;
            let z = R::ARITY > 2 && *c.add(i) != 0;
            *dst.add(i) = R::apply(x, y, z) as u8;
        }
        i += 1;
    }
}

/// One f64 operation on the strict scalar, for folding constants: no bit of it depends on the platform's libm or on
/// what the machine has. `None` where the operation does not make an f64 of two.
///
/// ```
/// use numfuse_kernels::{Op, strict_f64};
/// assert_eq!(strict_f64(Op::Rem, -7.0, 2.5), Some(0.5));
/// assert_eq!(strict_f64(Op::Lt, 1.0, 2.0), None);
/// ```
pub fn strict_f64(op: Op, a: f64, b: f64) -> Option<f64> {
    let of_floats = !matches!(op.info().typing, Typing::Comparison | Typing::Predicate | Typing::Scale);
    let kernel = oracle(op, Compute::F64, false).filter(|_| of_floats && op.info().arity() == 2)?;
    let mut result = 0.0f64;
    // SAFETY: a kernel of two f64 operands and an f64 result, run on one element each.
    unsafe {
        kernel(1, (&raw mut result).cast(), (&raw const a).cast(), (&raw const b).cast(), core::ptr::null());
    }
    Some(result)
}
