//! Tables of monomorphic kernels, one per instruction set: one thin function per row, type and form of splats.

use crate::{
    Compute, Isa,
    fold::{Fold, FoldKernels},
    ops::{Op, ValueKind},
    random,
    row::Row,
    storage::Storage,
    sums::{SumOfRows, Term},
};

/// Elements are handled in steps of this many, the lanes of the widest vector: kernels have no tails.
pub const STEP: usize = 16;

/// A loop over `n` elements: `dst[i] = op(a[i], b[i], c[i])`.
///
/// `n` is a multiple of [`STEP`]. Pointers may be unaligned. `dst` may equal `a`, `b` or `c` where their elements have
/// the same size, and overlaps nothing otherwise. Operands that the operation does not have are ignored, and may
/// dangle. An operand marked as a splat points at one element.
///
/// # Safety
/// The processor has the instruction set that the kernel was taken for; `dst` is valid for writes of `n` elements of
/// the result's type, and each operand for reads of `n` elements (one for a splat) of its own.
pub type Kernel = unsafe fn(n: usize, dst: *mut u8, a: *const u8, b: *const u8, c: *const u8);

/// The kernel of an operation on values of type `compute`: the type of `a` and `b` for [`Op::Where`], of the operands
/// for comparisons and predicates, whose results are bool.
///
/// Bit k of `splats` says that operand k points at one element, used for all `n`. For operations of two and three
/// operands every combination exists but that of all operands; others have 0 only. `None` where the operation has no
/// body for the type, or the form does not exist.
///
/// ```
/// use numfuse_kernels::{Compute, Isa, Op, kernel};
/// let (a, b) = ([1.5f64; 32], 2.0f64);
/// let mut sum = [0.0f64; 32];
/// let add = kernel(Isa::detect(), Op::Add, Compute::F64, 0b10).unwrap();
/// // SAFETY: 32 elements are read and written; `b` is a splat; the instruction set was detected.
/// unsafe { add(32, sum.as_mut_ptr().cast(), a.as_ptr().cast(), (&raw const b).cast(), std::ptr::null()) };
/// assert_eq!(sum, [3.5; 32]);
/// ```
pub fn kernel(isa: Isa, op: Op, compute: Compute, splats: u8) -> Option<Kernel> {
    let forms = match isa {
        // the lanes of a vector cannot share a block of random words, neighbours can
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 | Isa::Avx2 if (op, compute) == (Op::RandomBits, Compute::U64) => {
            return random::with_mulx(splats);
        }
        Isa::Portable if (op, compute) == (Op::RandomBits, Compute::U64) => return random::plain(splats),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => avx512::forms(op, compute),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => avx2::forms(op, compute),
        #[cfg(not(target_arch = "x86_64"))]
        Isa::Avx512 | Isa::Avx2 => None,
        Isa::Portable => portable::forms(op, compute),
    };
    *forms?.get(splats as usize)?
}

/// The forms of a row of floats that stands in no table.
pub(crate) fn forms_of_row<R: Row>(isa: Isa, compute: Compute) -> Option<&'static [Option<Kernel>; 8]> {
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => avx512::forms_of_row::<R>(compute),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => avx2::forms_of_row::<R>(compute),
        #[cfg(not(target_arch = "x86_64"))]
        Isa::Avx512 | Isa::Avx2 => None,
        Isa::Portable => portable::forms_of_row::<R>(compute),
    }
}

/// The kernel that converts `n` elements (a multiple of [`STEP`]) at its operand `a` to another type. `from` differs
/// from `to`.
///
/// Floats to integers: the integer part, saturating, 0 for NaN. To bool: whether it is not 0 (NaN is true). Integers
/// to floats: rounded once. Between integers: the low bits. In a build for another family of processors, the portable
/// kernel.
///
/// ```
/// use numfuse_kernels::{Compute, Isa, convert};
/// let (from, mut to) = ([2.75f64; 32], [0i32; 32]);
/// let kernel = convert(Isa::detect(), Compute::F64, Compute::I32);
/// // SAFETY: 32 elements are read and written; the instruction set was detected.
/// unsafe { kernel(32, to.as_mut_ptr().cast(), from.as_ptr().cast(), std::ptr::null(), std::ptr::null()) };
/// assert_eq!(to, [2; 32]);
/// ```
pub fn convert(isa: Isa, from: Compute, to: Compute) -> Kernel {
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => avx512::convert(from, to),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => avx2::convert(from, to),
        #[cfg(not(target_arch = "x86_64"))]
        Isa::Avx512 | Isa::Avx2 => portable::convert(from, to),
        Isa::Portable => portable::convert(from, to),
    }
}

/// The kernel that brings `n` elements (a multiple of [`STEP`]) at its operand `a` from memory into a tile of their
/// [`Storage::compute`] type. In a build for another family of processors, the portable kernel.
///
/// ```
/// use numfuse_kernels::{Isa, Storage, load};
/// let (from, mut to) = ([200u8; 32], [0i32; 32]);
/// let kernel = load(Isa::detect(), Storage::U8);
/// // SAFETY: 32 elements are read and written; the instruction set was detected.
/// unsafe { kernel(32, to.as_mut_ptr().cast(), from.as_ptr().cast(), std::ptr::null(), std::ptr::null()) };
/// assert_eq!(to, [200; 32]);
/// ```
pub fn load(isa: Isa, storage: Storage) -> Kernel {
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => avx512::load(storage),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => avx2::load(storage),
        #[cfg(not(target_arch = "x86_64"))]
        Isa::Avx512 | Isa::Avx2 => portable::load(storage),
        Isa::Portable => portable::load(storage),
    }
}

/// The inverse of [`load()`], for tiles that hold values of the storage type.
pub fn store(isa: Isa, storage: Storage) -> Kernel {
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => avx512::store(storage),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => avx2::store(storage),
        #[cfg(not(target_arch = "x86_64"))]
        Isa::Avx512 | Isa::Avx2 => portable::store(storage),
        Isa::Portable => portable::store(storage),
    }
}

/// The kernels of a reduction; `None` where it is not defined for the type (narrow integers and bool are widened
/// before they are summed).
///
/// ```
/// use numfuse_kernels::{Compute, Fold, Isa, LANES, fold};
/// let sum = fold(Isa::detect(), Fold::Sum, Compute::F64).unwrap();
/// let values: Vec<f64> = (1..=100).map(f64::from).collect();
/// let mut lanes = [0.0f64; LANES]; // the identity is -0.0, which `sum.identity` holds
/// // SAFETY: 100 values are read into 32 lanes; the instruction set was detected.
/// unsafe {
///     (sum.lanes)(values.len(), lanes.as_mut_ptr().cast(), values.as_ptr().cast());
///     (sum.finish)(lanes.as_mut_ptr().cast());
/// }
/// assert_eq!(lanes[0], 5050.0);
/// ```
pub fn fold(isa: Isa, fold: Fold, compute: Compute) -> Option<FoldKernels> {
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => avx512::fold(fold, compute),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => avx2::fold(fold, compute),
        #[cfg(not(target_arch = "x86_64"))]
        Isa::Avx512 | Isa::Avx2 => None,
        Isa::Portable => portable::fold(fold, compute),
    }
}

/// The sum over rows of a term of floats; `None` for other types.
///
/// ```
/// use numfuse_kernels::{Compute, Isa, STEP, Term, sum_of_rows};
/// let distances = sum_of_rows(Isa::detect(), Term::Distance, Compute::F64).unwrap();
/// let (a, b) = ([[1.0f64; STEP], [5.0; STEP]], [3.0f64, 4.0]);
/// let (mut sums, row) = ([0.0f64; STEP], size_of::<[f64; STEP]>() as isize);
/// // SAFETY: two rows of a step, two numbers, a step of sums; the instruction set was detected.
/// unsafe {
///     let sums = sums.as_mut_ptr().cast();
///     distances(STEP, sums, true, a.as_ptr().cast(), b.as_ptr().cast(), &[[0, 0], [row, 8]]);
/// }
/// assert_eq!(sums, [3.0; STEP]); // |1 - 3| + |5 - 4|
/// ```
pub fn sum_of_rows(isa: Isa, term: Term, compute: Compute) -> Option<SumOfRows> {
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => avx512::sum_of_rows(term, compute),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => avx2::sum_of_rows(term, compute),
        #[cfg(not(target_arch = "x86_64"))]
        Isa::Avx512 | Isa::Avx2 => None,
        Isa::Portable => portable::sum_of_rows(term, compute),
    }
}

/// The kind of body that serves a type.
pub(crate) const fn value_kind(compute: Compute) -> ValueKind {
    match compute {
        Compute::Bool => ValueKind::Bool,
        Compute::I32 | Compute::I64 => ValueKind::Integer,
        Compute::U64 => ValueKind::Unsigned,
        Compute::F32 | Compute::F64 => ValueKind::Float,
    }
}

/// The kernels of one instruction set. Target features are given in the text of a function, so each set has functions
/// of its own; everything generic is inlined into them.
macro_rules! instruction_set {
    ($set:ident, $Token64:ty, $Token32:ty $(, #[$features:meta])?) => {
        mod $set {
            use super::{Compute, Fold, FoldKernels, Kernel, Op, Storage, SumOfRows, Term, value_kind};
            use crate::{
                convert::{self as conversions, Conversion},
                fold::{Combine, FoldVisitor, LANES, MaskCombine, Rows, padded},
                lanes::{ByteLanes, Lanes, Vectors},
                moments::{Moments, pairs},
                ops::Visitor,
                row::{MaskRow, Row, Shape, shares_loop, sweep, sweep_mask},
                scalar::Scalar,
                storage as stored,
                sums::{self, TermBody},
                token::NativeToken,
            };
            use core::marker::PhantomData;

            $(#[$features])?
            unsafe fn direct<S: NativeToken, R: Row, const SPLATS: u8>(
                n: usize, dst: *mut u8, a: *const u8, b: *const u8, c: *const u8,
            ) {
                // SAFETY: the caller's promises.
                unsafe { sweep::<S, R>(SPLATS, n, dst, a, b, c) }
            }

            $(#[$features])?
            #[inline(never)]
            unsafe fn shared<S: NativeToken, R: Row>(
                splats: u8, n: usize, dst: *mut u8, a: *const u8, b: *const u8, c: *const u8,
            ) {
                // SAFETY: the caller's promises.
                unsafe { sweep::<S, R>(splats, n, dst, a, b, c) }
            }

            unsafe fn form_of_shared<S: NativeToken, R: Row, const SPLATS: u8>(
                n: usize, dst: *mut u8, a: *const u8, b: *const u8, c: *const u8,
            ) {
                // SAFETY: the caller's promises.
                unsafe { shared::<S, R>(SPLATS, n, dst, a, b, c) }
            }

            $(#[$features])?
            unsafe fn mask<R: MaskRow, const SPLATS: u8>(
                n: usize, dst: *mut u8, a: *const u8, b: *const u8, c: *const u8,
            ) {
                // SAFETY: the caller's promises.
                unsafe { sweep_mask::<R, SPLATS>(n, dst, a, b, c) }
            }

            const fn form<S: NativeToken, R: Row, const SPLATS: u8>() -> Option<Kernel> {
                Some(if shares_loop::<R>() { form_of_shared::<S, R, SPLATS> } else { direct::<S, R, SPLATS> })
            }

            /// The forms of a row, by splats. A constant, because only functions that its value holds are compiled.
            struct Forms<S, R>(PhantomData<(S, R)>);

            impl<S: NativeToken, R: Row> Forms<S, R> {
                const TABLE: [Option<Kernel>; 8] = match <R::Shape as Shape>::ARITY {
                    1 => [form::<S, R, 0>(), None, None, None, None, None, None, None],
                    2 => [form::<S, R, 0>(), form::<S, R, 1>(), form::<S, R, 2>(), None, None, None, None, None],
                    _ => [
                        form::<S, R, 0>(), form::<S, R, 1>(), form::<S, R, 2>(), form::<S, R, 3>(),
                        form::<S, R, 4>(), form::<S, R, 5>(), form::<S, R, 6>(), None,
                    ],
                };
            }

            struct MaskForms<R>(PhantomData<R>);

            impl<R: MaskRow> MaskForms<R> {
                const TABLE: [Option<Kernel>; 8] = match R::ARITY {
                    1 => [Some(mask::<R, 0>), None, None, None, None, None, None, None],
                    2 => [Some(mask::<R, 0>), Some(mask::<R, 1>), Some(mask::<R, 2>), None, None, None, None, None],
                    _ => [
                        Some(mask::<R, 0>), Some(mask::<R, 1>), Some(mask::<R, 2>), Some(mask::<R, 3>),
                        Some(mask::<R, 4>), Some(mask::<R, 5>), Some(mask::<R, 6>), None,
                    ],
                };
            }

            struct FormsOf<S>(PhantomData<S>);

            impl<S: NativeToken> Visitor for FormsOf<S> {
                type Output = &'static [Option<Kernel>; 8];
                fn value<R: Row>(self) -> Self::Output {
                    &Forms::<S, R>::TABLE
                }
                fn mask<R: MaskRow>(self) -> Self::Output {
                    &MaskForms::<R>::TABLE
                }
            }

            pub(super) fn forms(op: Op, compute: Compute) -> Option<&'static [Option<Kernel>; 8]> {
                match compute {
                    Compute::F64 | Compute::I64 | Compute::U64 => op.visit(value_kind(compute), FormsOf::<$Token64>(PhantomData)),
                    Compute::F32 | Compute::I32 | Compute::Bool => {
                        op.visit(value_kind(compute), FormsOf::<$Token32>(PhantomData))
                    }
                }
            }

            pub(super) fn forms_of_row<R: Row>(compute: Compute) -> Option<&'static [Option<Kernel>; 8]> {
                match compute {
                    Compute::F64 => Some(FormsOf::<$Token64>(PhantomData).value::<R>()),
                    Compute::F32 => Some(FormsOf::<$Token32>(PhantomData).value::<R>()),
                    Compute::Bool | Compute::I32 | Compute::I64 | Compute::U64 => None,
                }
            }

            $(#[$features])?
            unsafe fn converter<V: Conversion>(
                n: usize, dst: *mut u8, a: *const u8, _: *const u8, _: *const u8,
            ) {
                // SAFETY: the caller's promises.
                unsafe { conversions::sweep::<$Token64, $Token32, V>(n, dst, a) }
            }

            pub(super) fn convert(from: Compute, to: Compute) -> Kernel {
                conversions::choose!(from, to, converter)
            }

            pub(super) fn load(storage: Storage) -> Kernel {
                stored::choose!(storage, converter, Load)
            }

            pub(super) fn store(storage: Storage) -> Kernel {
                stored::choose!(storage, converter, Store)
            }

            $(#[$features])?
            unsafe fn fold_lanes<F: Lanes>(n: usize, lanes: *mut u8, src: *const u8) {
                // SAFETY: the caller's promises.
                unsafe { F::lanes(n, lanes, src) }
            }

            $(#[$features])?
            unsafe fn fold_finish<F: Lanes>(lanes: *mut u8) {
                // SAFETY: the caller's promises.
                unsafe { F::finish(lanes) }
            }

            $(#[$features])?
            unsafe fn fold_merge<F: Lanes>(n: usize, dst: *mut u8, src: *const u8) {
                // SAFETY: the caller's promises.
                unsafe { F::merge(n, dst, src) }
            }

            $(#[$features])?
            unsafe fn fold_absorb<F: Lanes>(rows: Rows, accumulators: *mut u8, src: *const u8) {
                // SAFETY: the caller's promises.
                unsafe { F::absorb(rows, accumulators, src) }
            }

            /// All but what a reduction's results are made of.
            fn kernels<F: Lanes>(identity: [u8; 16]) -> FoldKernels {
                FoldKernels {
                    identity,
                    parts: 1,
                    lanes: fold_lanes::<F>,
                    finish: fold_finish::<F>,
                    merge: fold_merge::<F>,
                    absorb: fold_absorb::<F>,
                    export: None,
                }
            }

            struct FoldOf<S, const VECTORS: usize>(PhantomData<S>);

            impl<S: NativeToken, const VECTORS: usize> FoldVisitor for FoldOf<S, VECTORS>
            where
                Scalar<S::Float, false>: NativeToken,
            {
                type Output = FoldKernels;
                fn value<C: Combine>(self) -> FoldKernels {
                    kernels::<Vectors<S, C, VECTORS>>(C::identity(S::BITS))
                }
                fn mask<C: MaskCombine>(self) -> FoldKernels {
                    kernels::<ByteLanes<C>>(padded([C::IDENTITY]))
                }
                fn moments(self) -> FoldKernels {
                    let kernels = kernels::<Moments<S, VECTORS>>([0; 16]);
                    FoldKernels { parts: 3, export: Some(pairs::<Scalar<S::Float, false>>), ..kernels }
                }
            }

            const VECTORS64: usize = LANES / <$Token64>::LANES;
            const VECTORS32: usize = LANES / <$Token32>::LANES;

            $(#[$features])?
            unsafe fn rows<S: NativeToken, T: TermBody>(
                n: usize, sums: *mut u8, begins: bool, a: *const u8, b: *const u8, rows: &[[isize; 2]],
            ) {
                // SAFETY: the caller's promises.
                unsafe { sums::sum::<S, T>(n, sums, begins, a, b, rows) }
            }

            pub(super) fn sum_of_rows(term: Term, compute: Compute) -> Option<SumOfRows> {
                Some(match (term, compute) {
                    (Term::Element, Compute::F64) => rows::<$Token64, sums::Element>,
                    (Term::Magnitude, Compute::F64) => rows::<$Token64, sums::Magnitude>,
                    (Term::Product, Compute::F64) => rows::<$Token64, sums::Product>,
                    (Term::Distance, Compute::F64) => rows::<$Token64, sums::Distance>,
                    (Term::Square, Compute::F64) => rows::<$Token64, sums::Square>,
                    (Term::Element, Compute::F32) => rows::<$Token32, sums::Element>,
                    (Term::Magnitude, Compute::F32) => rows::<$Token32, sums::Magnitude>,
                    (Term::Product, Compute::F32) => rows::<$Token32, sums::Product>,
                    (Term::Distance, Compute::F32) => rows::<$Token32, sums::Distance>,
                    (Term::Square, Compute::F32) => rows::<$Token32, sums::Square>,
                    (_, Compute::Bool | Compute::I32 | Compute::I64 | Compute::U64) => return None,
                })
            }

            pub(super) fn fold(fold: Fold, compute: Compute) -> Option<FoldKernels> {
                match compute {
                    Compute::I32 if fold.widens() => None,
                    Compute::F64 | Compute::I64 | Compute::U64 => {
                        fold.visit(value_kind(compute), FoldOf::<$Token64, VECTORS64>(PhantomData))
                    }
                    Compute::F32 | Compute::I32 | Compute::Bool => {
                        fold.visit(value_kind(compute), FoldOf::<$Token32, VECTORS32>(PhantomData))
                    }
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
instruction_set!(
    avx512,
    crate::x86::Avx512F64,
    crate::x86::Avx512F32,
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd,avx2,fma,bmi1,bmi2,lzcnt")]
);
#[cfg(target_arch = "x86_64")]
instruction_set!(
    avx2,
    crate::x86::Avx2F64,
    crate::x86::Avx2F32,
    #[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt")]
);
instruction_set!(portable, crate::portable::PortableF64, crate::portable::PortableF32);
