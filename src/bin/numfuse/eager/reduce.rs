//! Reductions by `ndarray`'s own methods, and by its folds where it has none.

use ndarray::{ArrayD, Axis, arr0};
use numfuse::internals::{AxisSet, Reduction};
use numfuse::{Complex, Kind, Stored};

use super::apply::Apply;
use super::{Array, Held};

/// The reduction of an array; `None` where the type has none.
pub(super) fn reduce<'r>(kind: Reduction, of: &Array<'_>, axes: AxisSet, keep: bool) -> Option<Array<'r>> {
    match of {
        Array::Bool(of) => {
            let (start, step): (bool, fn(&bool, &bool) -> bool) = match kind {
                Reduction::Any | Reduction::Max => (false, |any, v| any | v),
                Reduction::All | Reduction::Min => (true, |all, v| all & v),
                Reduction::Sum | Reduction::Prod | Reduction::Mean | Reduction::Moments => return None,
            };
            Some(bool::array(fold(of, axes, keep, start, step)))
        }
        Array::I8(of) => i8::reduced(kind, of, axes, keep),
        Array::I16(of) => i16::reduced(kind, of, axes, keep),
        Array::I32(of) => i32::reduced(kind, of, axes, keep),
        Array::I64(of) => i64::reduced(kind, of, axes, keep),
        Array::U8(of) => u8::reduced(kind, of, axes, keep),
        Array::U16(of) => u16::reduced(kind, of, axes, keep),
        Array::U32(of) => u32::reduced(kind, of, axes, keep),
        Array::U64(of) => u64::reduced(kind, of, axes, keep),
        Array::F16(_) | Array::BF16(_) => None,
        Array::F32(of) => f32::reduced(kind, of, axes, keep),
        Array::F64(of) => f64::reduced(kind, of, axes, keep),
        Array::C64(of) => Complex::<f32>::reduced(kind, of, axes, keep),
        Array::C128(of) => Complex::<f64>::reduced(kind, of, axes, keep),
    }
}

trait Reduced: Apply {
    fn reduced<'r>(kind: Reduction, of: &Held<'_, Self>, axes: AxisSet, keep: bool) -> Option<Array<'r>>;
}

macro_rules! reduced {
    ($($number:ident $least:expr, $greatest:expr;)*) => { $(
        impl Reduced for $number {
            fn reduced<'r>(kind: Reduction, of: &Held<'_, $number>, axes: AxisSet, keep: bool) -> Option<Array<'r>> {
                Some($number::array(match kind {
                    Reduction::Sum => by_axes(of, axes, keep, |a| a.sum(), |a, axis| a.sum_axis(axis)),
                    // it may overflow, which panics in a build that is not optimised
                    Reduction::Prod if cfg!(debug_assertions) && $number::DTYPE.kind() == Kind::Int => return None,
                    Reduction::Prod => by_axes(of, axes, keep, |a| a.product(), |a, axis| a.product_axis(axis)),
                    Reduction::Min => fold(of, axes, keep, $greatest, |a, b| if b < a { *b } else { *a }),
                    Reduction::Max => fold(of, axes, keep, $least, |a, b| if b > a { *b } else { *a }),
                    Reduction::Mean => {
                        let count: usize = axes.iter().map(|axis| of.len_of(Axis(axis))).product();
                        by_axes(of, axes, keep, |a| a.sum(), |a, axis| a.sum_axis(axis)) / (count as $number)
                    }
                    Reduction::Any | Reduction::All => return None, // of truth values only
                    Reduction::Moments => return None,
                }))
            }
        }
    )* };
}
reduced! {
    i8 i8::MIN, i8::MAX;
    i16 i16::MIN, i16::MAX;
    i32 i32::MIN, i32::MAX;
    i64 i64::MIN, i64::MAX;
    u8 u8::MIN, u8::MAX;
    u16 u16::MIN, u16::MAX;
    u32 u32::MIN, u32::MAX;
    u64 u64::MIN, u64::MAX;
    f32 f32::NEG_INFINITY, f32::INFINITY;
    f64 f64::NEG_INFINITY, f64::INFINITY;
}

macro_rules! reduced_complex {
    ($($part:ident),*) => { $(
        impl Reduced for Complex<$part> {
            fn reduced<'r>(kind: Reduction, of: &Held<'_, Self>, axes: AxisSet, keep: bool) -> Option<Array<'r>> {
                Some(Self::array(match kind {
                    Reduction::Sum => by_axes(of, axes, keep, |a| a.sum(), |a, axis| a.sum_axis(axis)),
                    Reduction::Prod => by_axes(of, axes, keep, |a| a.product(), |a, axis| a.product_axis(axis)),
                    Reduction::Mean => {
                        let count: usize = axes.iter().map(|axis| of.len_of(Axis(axis))).product();
                        let sum = by_axes(of, axes, keep, |a| a.sum(), |a, axis| a.sum_axis(axis));
                        sum / Complex::new(count as $part, 0.0)
                    }
                    // complex numbers have no order
                    Reduction::Min | Reduction::Max | Reduction::Any | Reduction::All => return None,
                    Reduction::Moments => return None,
                }))
            }
        }
    )* };
}
reduced_complex!(f32, f64);

fn fold<T: Apply>(
    of: &Held<'_, T>,
    axes: AxisSet,
    keep: bool,
    start: T,
    step: impl Fn(&T, &T) -> T,
) -> ArrayD<T> {
    let all = |a: &Held<'_, T>| a.fold(start, |folded, v| step(&folded, v));
    by_axes(of, axes, keep, all, |a, axis| a.fold_axis(axis, start, |folded, v| step(folded, v)))
}

/// All of an array at once, or one axis after the other.
fn by_axes<T: Apply>(
    of: &Held<'_, T>,
    axes: AxisSet,
    keep: bool,
    all: impl Fn(&Held<'_, T>) -> T,
    one: impl Fn(&Held<'_, T>, Axis) -> ArrayD<T>,
) -> ArrayD<T> {
    let reduced: Vec<usize> = axes.iter().take_while(|axis| *axis < of.ndim()).collect();
    let mut result = match reduced.split_last() {
        _ if reduced.len() == of.ndim() => arr0(all(of)).into_dyn(),
        None => of.to_owned(),
        Some((last, before)) => {
            let first = one(of, Axis(*last));
            before.iter().rev().fold(first, |array, axis| one(&array.into(), Axis(*axis)))
        }
    };
    for axis in reduced.into_iter().filter(|_| keep) {
        result = result.insert_axis(Axis(axis));
    }
    result
}
