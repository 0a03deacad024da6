//! What a program reads: arrays of any rank, strides and layout, and scalars, as one type.

use std::marker::PhantomData;

use ndarray::{ArrayBase, ArrayRef, Data, Dimension, RawData};
use num_complex::Complex;
use smallvec::SmallVec;

use crate::dtype::{DType, Element, Literal, Scalar, Stored};
use crate::infer::Weak;

/// Extents of the axes, outermost first.
pub(crate) type Extents = SmallVec<[usize; 4]>;
/// Bytes from an element to the next along each axis.
pub(crate) type Strides = SmallVec<[isize; 4]>;

/// `ndarray`'s strides, which count elements, in bytes.
#[inline]
pub(crate) fn byte_strides<T>(strides: &[isize]) -> Strides {
    let mut bytes = Strides::from_slice(strides);
    for stride in &mut bytes {
        // an axis of one element may have any stride: nobody follows it
        *stride = stride.wrapping_mul(size_of::<T>() as isize);
    }
    bytes
}

/// An array or a scalar that a program reads, borrowed for `'a`.
///
/// Made `from` a reference to any `ndarray` array or view (any rank, any strides, empty or 0-d), a slice, or a
/// number. A bare number is *weak*: beside an `f32` array it is an `f32`, as a Python number is in NumPy. An array,
/// a 0-d one too, and [`Input::scalar`] are of their own type.
///
/// ```
/// use ndarray::array;
/// use numfuse::{DType, Input};
/// let x = array![[1.0f32, 2.0], [3.0, 4.0]];
/// let input = Input::from(x.t()); // a view: nothing is copied
/// assert_eq!((input.dtype(), input.shape()), (DType::F32, &[2usize, 2][..]));
/// ```
#[derive(Clone, Debug)]
pub struct Input<'a> {
    pub(crate) place: Source,
    pub(crate) dtype: DType,
    pub(crate) weak: Option<Weak>,
    pub(crate) swapped: bool,
    pub(crate) shape: Extents,
    pub(crate) strides: Strides,
    borrow: PhantomData<&'a [u8]>,
}

/// Where an input's elements are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    /// In the caller's memory; the address is that of index 0 along every axis.
    Memory(*const u8),
    /// In the input itself.
    Own([u8; 16]),
    /// Nowhere: only its type and shape are known.
    Nowhere,
}

// SAFETY: an `Input` only reads, and only for a lifetime in which the memory is borrowed; the element types are Sync.
unsafe impl Send for Input<'_> {}
// SAFETY: as above.
unsafe impl Sync for Input<'_> {}

impl<'a> Input<'a> {
    /// The type of its elements.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// Its extents, outermost axis first; none for a scalar.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// A number of its own type: an `f64` one makes the expression `f64`, beside `f32` arrays too.
    pub fn scalar<T: Element>(value: T) -> Input<'static> {
        Input::own(value.to_scalar(), None)
    }

    /// A number that takes the type of what it meets.
    pub fn weak(value: Literal) -> Option<Input<'static>> {
        let scalar = value.to_scalar(value.default_dtype())?;
        let weak = Weak::of(value);
        Some(Input::own(scalar, Some(weak)))
    }

    fn own(value: Scalar, weak: Option<Weak>) -> Input<'static> {
        Input {
            place: Source::Own(value.to_bytes()),
            dtype: value.dtype(),
            weak,
            swapped: false,
            shape: Extents::new(),
            strides: Strides::new(),
            borrow: PhantomData,
        }
    }

    /// An array in memory that `ndarray` cannot express: unaligned, or of the other byte order, as a mapped file may
    /// be. `strides` are in bytes.
    ///
    /// # Safety
    /// For `'a`, every element of this shape and these strides, counted from `start`, is readable and not written
    /// to; an element of type bool is 0 or 1. `shape` and `strides` are of one length.
    pub unsafe fn from_raw(
        start: *const u8,
        dtype: DType,
        shape: &[usize],
        strides: &[isize],
        swapped: bool,
    ) -> Input<'a> {
        Input { swapped: swapped && dtype.size() > 1, ..Input::described(start, dtype, shape, strides) }
    }

    /// Whether this is the same memory, seen the same way.
    pub(crate) fn is_same_array(&self, other: &Input<'_>) -> bool {
        let same_place = match (&self.place, &other.place) {
            (Source::Memory(a), Source::Memory(b)) => a == b,
            (Source::Own(a), Source::Own(b)) => a == b,
            _ => false,
        };
        same_place
            && (self.dtype, self.weak, self.swapped) == (other.dtype, other.weak, other.swapped)
            && self.shape == other.shape
            && self.strides == other.strides
    }

    /// A number in place of a 0-d array.
    #[cfg(feature = "vulkan")]
    pub(crate) fn as_number(&self) -> Option<Input<'a>> {
        match self.place {
            Source::Own(_) => Some(self.clone()),
            Source::Memory(_) => self.number().map(|number| Input::own(number, None)),
            Source::Nowhere => None,
        }
    }

    /// Whether it is a number of its own, no array.
    #[cfg(feature = "vulkan")]
    pub(crate) fn is_number(&self) -> bool {
        matches!(self.place, Source::Own(_))
    }

    /// The number that it is, if it is one and is there.
    pub(crate) fn number(&self) -> Option<Scalar> {
        if !self.shape.is_empty() {
            return None;
        }
        let mut bytes = [0u8; 16];
        let size = self.dtype.size();
        match self.place {
            Source::Own(own) => bytes = own,
            Source::Nowhere => return None,
            // SAFETY: a 0-d array has one element, readable for as long as the input lives.
            Source::Memory(start) if size <= bytes.len() => unsafe {
                bytes.as_mut_ptr().copy_from_nonoverlapping(start, size);
            },
            Source::Memory(_) => return None,
        }
        if self.swapped {
            // of a complex number, each part by itself
            bytes[..size].chunks_mut(self.dtype.part_size()).for_each(<[u8]>::reverse);
        }
        Scalar::from_bytes(self.dtype, bytes)
    }

    /// Its first elements along every axis, `most` at most.
    pub(crate) fn corner(&self, most: usize) -> Input<'a> {
        let mut corner = self.clone();
        corner.shape.iter_mut().for_each(|extent| *extent = most.min(*extent));
        corner
    }

    /// An array of which only type, shape and strides are known.
    pub(crate) fn imagined(dtype: DType, shape: &[usize], strides: &[isize]) -> Input<'static> {
        Input { place: Source::Nowhere, ..Input::described(std::ptr::null(), dtype, shape, strides) }
    }

    /// An array whose memory somebody else answers for.
    pub(crate) fn described(
        start: *const u8,
        dtype: DType,
        shape: &[usize],
        strides: &[isize],
    ) -> Input<'static> {
        Input {
            place: Source::Memory(start),
            dtype,
            weak: None,
            swapped: false,
            shape: Extents::from_slice(shape),
            strides: Strides::from_slice(strides),
            borrow: PhantomData,
        }
    }

    #[inline]
    fn of_array<T: Stored, D: Dimension>(array: &'a ArrayRef<T, D>) -> Input<'a> {
        Input {
            place: Source::Memory(array.as_ptr().cast()),
            dtype: T::DTYPE,
            weak: None,
            swapped: false,
            shape: Extents::from_slice(array.shape()),
            strides: byte_strides::<T>(array.strides()),
            borrow: PhantomData,
        }
    }
}

impl<'a, T: Stored, S: Data + RawData<Elem = T>, D: Dimension> From<&'a ArrayBase<S, D>> for Input<'a> {
    fn from(array: &'a ArrayBase<S, D>) -> Self {
        Input::of_array(array)
    }
}

impl<'a, T: Stored, D: Dimension> From<&'a ArrayRef<T, D>> for Input<'a> {
    fn from(array: &'a ArrayRef<T, D>) -> Self {
        Input::of_array(array)
    }
}

impl<'a, T: Stored, D: Dimension> From<ndarray::ArrayView<'a, T, D>> for Input<'a> {
    fn from(view: ndarray::ArrayView<'a, T, D>) -> Self {
        let input = Input::of_array(&view);
        // the view is consumed, its borrow of the elements lives on
        Input { borrow: PhantomData, ..input.detached() }
    }
}

impl Input<'_> {
    fn detached<'b>(&self) -> Input<'b> {
        Input { borrow: PhantomData, shape: self.shape.clone(), strides: self.strides.clone(), ..*self }
    }
}

impl<'a, T: Stored> From<&'a [T]> for Input<'a> {
    fn from(slice: &'a [T]) -> Self {
        Input {
            place: Source::Memory(slice.as_ptr().cast()),
            dtype: T::DTYPE,
            weak: None,
            swapped: false,
            shape: Extents::from_slice(&[slice.len()]),
            strides: Strides::from_slice(&[size_of::<T>() as isize]),
            borrow: PhantomData,
        }
    }
}

impl<'a, T: Stored> From<&'a Vec<T>> for Input<'a> {
    fn from(vector: &'a Vec<T>) -> Self {
        Input::from(vector.as_slice())
    }
}

impl<'a, T: Stored, const N: usize> From<&'a [T; N]> for Input<'a> {
    fn from(array: &'a [T; N]) -> Self {
        Input::from(array.as_slice())
    }
}

impl<'a> From<&Input<'a>> for Input<'a> {
    fn from(input: &Input<'a>) -> Self {
        input.clone()
    }
}

/// Numbers as weak inputs, by value and by reference.
macro_rules! weak_numbers {
    ($($rust:ty => $literal:ident as $wide:ty),*) => { $(
        impl From<$rust> for Input<'_> {
            fn from(value: $rust) -> Self {
                let literal = Literal::$literal(<$wide>::from(value));
                // a narrow number is held as the default type of its kind, exactly
                let scalar = literal.to_scalar(literal.default_dtype());
                Input::own(scalar.unwrap_or_else(|| value.to_scalar()), Some(Weak::of(literal)))
            }
        }
        impl From<&$rust> for Input<'_> {
            fn from(value: &$rust) -> Self {
                Input::from(*value)
            }
        }
    )* };
}
weak_numbers!(
    bool => Bool as bool, i8 => Int as i128, i16 => Int as i128, i32 => Int as i128, i64 => Int as i128,
    u8 => Int as i128, u16 => Int as i128, u32 => Int as i128, u64 => Int as i128,
    f32 => Float as f64, f64 => Float as f64, Complex<f64> => Complex as Complex<f64>
);
