//! Results: arrays of a type known at run time, and the Rust types that take them.

use std::fmt;

use ndarray::{Array, Array1, ArrayD, ArrayRef, Dimension, IxDyn};

use crate::dtype::{DType, Element, Scalar, for_each_element};
use crate::error::{Error, ErrorKind, Result};
use crate::exec::cpu::ResultLayout;
use crate::exec::cpu::memory::fresh;
use crate::input::{Extents, Input, Strides};

macro_rules! values {
    ($($rust:ty => $variant:ident),*) => {
        /// An array whose type is known at run time.
        ///
        /// ```
        /// use numfuse::{Input, Program, Value};
        /// let value: Value = Program::compile("x > 1")?.run([("x", Input::from(&[0.5, 1.5]))])?;
        /// assert_eq!((value.dtype().name(), value.shape()), ("bool", &[2usize][..]));
        /// # Ok::<(), numfuse::Error>(())
        /// ```
        #[derive(Clone, PartialEq, Debug)]
        #[allow(missing_docs)] // a variant is its type's
        #[non_exhaustive]
        pub enum Value {
            $($variant(ArrayD<$rust>),)*
        }

        impl Value {
            /// The type of its elements.
            pub fn dtype(&self) -> DType {
                match self {
                    $(Value::$variant(_) => DType::$variant,)*
                }
            }

            /// Its extents, outermost axis first.
            pub fn shape(&self) -> &[usize] {
                match self {
                    $(Value::$variant(array) => array.shape(),)*
                }
            }

            /// The element of a 0-d array.
            pub fn as_scalar(&self) -> Option<Scalar> {
                if !self.shape().is_empty() {
                    return None;
                }
                match self {
                    $(Value::$variant(array) => array.first().map(|element| element.to_scalar()),)*
                }
            }
        }

        /// A result is an input of the next program.
        impl<'a> From<&'a Value> for Input<'a> {
            fn from(value: &'a Value) -> Self {
                match value {
                    $(Value::$variant(array) => Input::from(array),)*
                }
            }
        }

        /// A result's memory takes another result of its type and shape.
        impl<'a> From<&'a mut Value> for OutputView<'a> {
            fn from(value: &'a mut Value) -> Self {
                match value {
                    $(Value::$variant(array) => OutputView::of_array(array),)*
                }
            }
        }

        impl fmt::Display for Value {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Value::$variant(array) => array.fmt(f),)*
                }
            }
        }

        /// Memory for a result, written by the executor before it becomes a [`Value`].
        pub(crate) enum Memory {
            $($variant(Vec<$rust>),)*
        }

        impl Memory {
            /// Uninitialised memory for `layout`, whose bytes have been counted.
            pub(crate) fn new(dtype: DType, layout: &ResultLayout) -> Result<Memory> {
                let count = layout.shape.iter().product();
                let refused = |why| {
                    let message = format!("there is no memory for a result {dtype}{:?}", layout.shape);
                    Error::new(ErrorKind::Limit, message).with_source(why)
                };
                Ok(match dtype {
                    $(DType::$variant => Memory::$variant(fresh(count).map_err(refused)?),)*
                    DType::Bytes(_) => {
                        return Err(Error::new(ErrorKind::Internal, "inference lets no byte string be a result"));
                    }
                })
            }

            pub(crate) fn start(&mut self) -> *mut u8 {
                match self {
                    $(Memory::$variant(memory) => memory.as_mut_ptr().cast(),)*
                }
            }

            /// The array, once it is written.
            ///
            /// # Safety
            /// Every element of `layout` is written.
            pub(crate) unsafe fn into_value(self, layout: &ResultLayout) -> Value {
                // SAFETY: as the caller vouches.
                unsafe {
                    match self {
                        $(Memory::$variant(memory) => Value::$variant(array(memory, layout)),)*
                    }
                }
            }
        }

        $(
            impl<D: Dimension> From<Array<$rust, D>> for Value {
                fn from(array: Array<$rust, D>) -> Self {
                    Value::$variant(array.into_dyn())
                }
            }
            /// As the array of this type and rank, or an error that names both.
            impl<D: Dimension> TryFrom<Value> for Array<$rust, D> {
                type Error = Error;
                fn try_from(value: Value) -> Result<Self> {
                    check_output::<Self>(&|| "the result".to_owned(), value.dtype(), value.shape())?;
                    let internal = || Error::new(ErrorKind::Internal, "a checked result did not fit");
                    Self::take(value).ok_or_else(internal)
                }
            }
            impl sealed::Sealed for $rust {}
            impl Output for $rust {
                const DTYPE: Option<DType> = Some(DType::$variant);
                const RANK: Option<usize> = Some(0);
                fn take(value: Value) -> Option<Self> {
                    match value {
                        Value::$variant(array) => array.first().copied(),
                        _ => None,
                    }
                }
            }
            impl<D: Dimension> sealed::Sealed for Array<$rust, D> {}
            impl<D: Dimension> Output for Array<$rust, D> {
                const DTYPE: Option<DType> = Some(DType::$variant);
                const RANK: Option<usize> = D::NDIM;
                fn take(value: Value) -> Option<Self> {
                    match value {
                        Value::$variant(array) => array.into_dimensionality().ok(),
                        _ => None,
                    }
                }
            }
        )*
    };
}
for_each_element!(values);

impl Value {
    /// A copy of an input's elements, in the memory order that its axes have.
    pub(crate) fn copy_of(input: &Input<'_>) -> Result<Value> {
        super::program::Program::compile("x")?.run_ordered(&[input])
    }
}

/// # Safety
/// Every element is written.
unsafe fn array<T: Element>(mut memory: Vec<T>, layout: &ResultLayout) -> ArrayD<T> {
    let count: usize = layout.shape.iter().product();
    // SAFETY: `count` elements were reserved, and the caller vouches that they are written.
    unsafe { memory.set_len(count) };
    if layout.shape.len() == 1 {
        return Array1::from_vec(memory).into_dyn(); // no general machinery: small calls feel it
    }
    if in_order(layout, size_of::<T>()) {
        return of_shape(&layout.shape, memory);
    }
    // the axes as they lie in memory, outermost first; axes of one element have no stride
    let along = |axis: usize| if layout.shape[axis] <= 1 { isize::MAX } else { layout.strides[axis] };
    let mut order: Vec<usize> = (0..layout.shape.len()).collect();
    order.sort_by_key(|axis| std::cmp::Reverse(along(*axis)));
    let shape: Vec<usize> = order.iter().map(|axis| layout.shape[*axis]).collect();
    let mut place = vec![0; order.len()];
    for (k, axis) in order.iter().enumerate() {
        place[*axis] = k;
    }
    of_shape(&shape, memory).permuted_axes(IxDyn(&place))
}

fn of_shape<T: Element>(shape: &[usize], memory: Vec<T>) -> ArrayD<T> {
    ArrayD::from_shape_vec(IxDyn(shape), memory).expect("as many elements as the shape has")
}

/// Whether the last axis is innermost, and so on.
fn in_order(layout: &ResultLayout, size: usize) -> bool {
    let mut step = size as isize;
    for (extent, stride) in layout.shape.iter().zip(&layout.strides).rev() {
        if *extent > 1 && *stride != step {
            return false;
        }
        step *= *extent as isize;
    }
    true
}

/// A type that takes a program's result: `Array<T, D>`, a number for a 0-d result, or a [`Value`].
/// Sealed: the executor writes its memory.
pub trait Output: Sized + sealed::Sealed {
    /// The dtype it takes, or any.
    #[doc(hidden)]
    const DTYPE: Option<DType>;
    /// The number of axes it takes, or any.
    #[doc(hidden)]
    const RANK: Option<usize>;
    /// Takes a result of that type and rank.
    #[doc(hidden)]
    fn take(value: Value) -> Option<Self>;
}

mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for Value {}
impl Output for Value {
    const DTYPE: Option<DType> = None;
    const RANK: Option<usize> = None;
    fn take(value: Value) -> Option<Self> {
        Some(value)
    }
}

/// What takes all results of a program: an [`Output`] for the only one, a tuple of up to eight of them for as many, or
/// `Vec<Value>` for any number. Sealed, like `Output`.
pub trait Outputs: Sized + sealed::Sealed {
    /// How many results it takes, or any number.
    #[doc(hidden)]
    const COUNT: Option<usize>;
    /// Whether it takes a k-th result of this type and shape; `which` is what a message calls it.
    #[doc(hidden)]
    fn check(k: usize, which: &dyn Fn() -> String, dtype: DType, shape: &[usize]) -> Result<()>;
    /// Takes as many results, which have been checked.
    #[doc(hidden)]
    fn take_all(values: &mut dyn Iterator<Item = Value>) -> Option<Self>;
}

impl<R: Output> Outputs for R {
    const COUNT: Option<usize> = Some(1);
    fn check(_: usize, which: &dyn Fn() -> String, dtype: DType, shape: &[usize]) -> Result<()> {
        check_output::<R>(which, dtype, shape)
    }
    fn take_all(values: &mut dyn Iterator<Item = Value>) -> Option<Self> {
        R::take(values.next()?)
    }
}

impl sealed::Sealed for Vec<Value> {}
impl Outputs for Vec<Value> {
    const COUNT: Option<usize> = None;
    fn check(_: usize, _: &dyn Fn() -> String, _: DType, _: &[usize]) -> Result<()> {
        Ok(())
    }
    fn take_all(values: &mut dyn Iterator<Item = Value>) -> Option<Self> {
        Some(values.collect())
    }
}

macro_rules! tuples {
    ($($count:literal: $($R:ident $k:tt),*;)*) => { $(
        impl<$($R: Output),*> sealed::Sealed for ($($R,)*) {}
        impl<$($R: Output),*> Outputs for ($($R,)*) {
            const COUNT: Option<usize> = Some($count);
            fn check(k: usize, which: &dyn Fn() -> String, dtype: DType, shape: &[usize]) -> Result<()> {
                match k {
                    $($k => check_output::<$R>(which, dtype, shape),)*
                    _ => Ok(()),
                }
            }
            fn take_all(values: &mut dyn Iterator<Item = Value>) -> Option<Self> {
                Some(($($R::take(values.next()?)?,)*))
            }
        }
    )* };
}
tuples! {
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
    7: A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
}

/// Whether a result of this type and rank fits `R`.
pub(crate) fn check_output<R: Output>(
    which: &dyn Fn() -> String,
    dtype: DType,
    shape: &[usize],
) -> Result<()> {
    let wanted = match (R::DTYPE, R::RANK) {
        (Some(wanted), _) if wanted != dtype => format!("{wanted}"),
        (_, Some(rank)) if rank != shape.len() => match rank {
            0 => "one number".to_owned(),
            1 => "1 axis".to_owned(),
            rank => format!("{rank} axes"),
        },
        _ => return Ok(()),
    };
    let given = if shape.is_empty() { dtype.to_string() } else { format!("{dtype}{shape:?}") };
    let message = format!("{} is {given}, not {wanted} as asked for", which());
    let help = if R::DTYPE.is_some_and(|wanted| wanted != dtype) {
        format!("ask for {dtype}, or convert in the expression: `{wanted}(…)`")
    } else {
        "ask for an array of that many axes, or an `ArrayD`".to_owned()
    };
    Err(Error::new(ErrorKind::Output, message).with_help(help))
}

/// An array that a program writes its result to, borrowed for `'a`: any strides.
///
/// Made `from` a mutable reference to an `ndarray` array or view, a slice, a vector, a fixed-size array or a [`Value`].
#[derive(Debug)]
pub struct OutputView<'a> {
    pub(crate) start: *mut u8,
    pub(crate) dtype: DType,
    pub(crate) shape: Extents,
    pub(crate) strides: Strides,
    borrow: std::marker::PhantomData<&'a mut [u8]>,
}

impl<'a> OutputView<'a> {
    /// Memory that `ndarray` does not hold, as a mapped file. `strides` are in bytes.
    ///
    /// # Safety
    /// For `'a`, every element of this shape and these strides, counted from `start`, is writable, and nobody else
    /// reads or writes it.
    #[cfg(all(feature = "npy", target_os = "linux"))]
    pub(crate) unsafe fn from_raw(start: *mut u8, dtype: DType, shape: &[usize], strides: &[isize]) -> Self {
        OutputView {
            start,
            dtype,
            shape: shape.into(),
            strides: strides.into(),
            borrow: std::marker::PhantomData,
        }
    }

    /// Copies every element to an output of the same type and shape.
    ///
    /// # Safety
    /// Every element is written, and the two do not overlap.
    pub(super) unsafe fn copy_to(&self, other: &OutputView<'_>) {
        let count: usize = self.shape.iter().product();
        let mut index: Extents = smallvec::smallvec![0; self.shape.len()];
        let (mut from, mut to) = (self.start, other.start);
        for _ in 0..count {
            // SAFETY: `index` is within the shape, whose elements both views reach; the caller vouches for the rest.
            unsafe { to.copy_from_nonoverlapping(from, self.dtype.size()) };
            for axis in (0..index.len()).rev() {
                let (extent, steps) = (self.shape[axis], [self.strides[axis], other.strides[axis]]);
                index[axis] += 1;
                if index[axis] < extent {
                    from = from.wrapping_offset(steps[0]);
                    to = to.wrapping_offset(steps[1]);
                    break;
                }
                index[axis] = 0;
                // an axis of one element may have any stride
                let back = |step: isize| step.wrapping_mul(1 - extent as isize);
                from = from.wrapping_offset(back(steps[0]));
                to = to.wrapping_offset(back(steps[1]));
            }
        }
    }

    fn of_array<T: Element, D: Dimension>(array: &'a mut ArrayRef<T, D>) -> OutputView<'a> {
        OutputView {
            start: array.as_mut_ptr().cast(),
            dtype: T::DTYPE,
            shape: Extents::from_slice(array.shape()),
            strides: crate::input::byte_strides::<T>(array.strides()),
            borrow: std::marker::PhantomData,
        }
    }
}

impl<'a, T: Element, S: ndarray::DataMut<Elem = T>, D: Dimension> From<&'a mut ndarray::ArrayBase<S, D>>
    for OutputView<'a>
{
    fn from(array: &'a mut ndarray::ArrayBase<S, D>) -> Self {
        OutputView::of_array(array)
    }
}

impl<'a, T: Element> From<&'a mut Vec<T>> for OutputView<'a> {
    fn from(vector: &'a mut Vec<T>) -> Self {
        OutputView::from(vector.as_mut_slice())
    }
}

impl<'a, T: Element, const N: usize> From<&'a mut [T; N]> for OutputView<'a> {
    fn from(array: &'a mut [T; N]) -> Self {
        OutputView::from(array.as_mut_slice())
    }
}

impl<'a, T: Element> From<&'a mut [T]> for OutputView<'a> {
    fn from(slice: &'a mut [T]) -> Self {
        OutputView {
            start: slice.as_mut_ptr().cast(),
            dtype: T::DTYPE,
            shape: Extents::from_slice(&[slice.len()]),
            strides: Strides::from_slice(&[size_of::<T>() as isize]),
            borrow: std::marker::PhantomData,
        }
    }
}
