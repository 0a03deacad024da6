//! Types that arrays store and no kernel computes with: widened when they are loaded, narrowed when they are stored.

use crate::{Compute, STEP, convert::Conversion, math::storage, scalar::Scalar, token::NativeToken};
use core::{marker::PhantomData, num::Wrapping};

/// A type of elements in memory that tiles hold as another, wider one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Storage {
    /// Signed 8-bit integers.
    I8,
    /// Signed 16-bit integers.
    I16,
    /// Unsigned 8-bit integers.
    U8,
    /// Unsigned 16-bit integers.
    U16,
    /// Unsigned 32-bit integers.
    U32,
    /// IEEE binary16.
    F16,
    /// The upper half of an IEEE binary32.
    BF16,
}

impl Storage {
    /// Every storage type.
    pub const ALL: [Storage; 7] =
        [Storage::I8, Storage::I16, Storage::U8, Storage::U16, Storage::U32, Storage::F16, Storage::BF16];

    /// Bytes per element in memory.
    pub const fn size(self) -> usize {
        match self {
            Storage::I8 | Storage::U8 => 1,
            Storage::I16 | Storage::U16 | Storage::F16 | Storage::BF16 => 2,
            Storage::U32 => 4,
        }
    }

    /// The type that tiles hold its elements as.
    pub const fn compute(self) -> Compute {
        match self {
            Storage::I8 | Storage::I16 | Storage::U8 | Storage::U16 => Compute::I32,
            Storage::U32 => Compute::I64,
            Storage::F16 | Storage::BF16 => Compute::F32,
        }
    }
}

/// An element in memory, and what it is in a tile.
pub(crate) trait Narrow: Copy + Default {
    type Wide: Copy + Default;
    fn widen(self) -> Self::Wide;
    /// Of a value that this type has.
    fn narrow(wide: Self::Wide) -> Self;
}

macro_rules! integers {
    ($($narrow:ident $wide:ident),*) => { $(
        impl Narrow for $narrow {
            type Wide = $wide;
            #[inline(always)]
            fn widen(self) -> $wide {
                self as $wide
            }
            #[inline(always)]
            fn narrow(wide: $wide) -> $narrow {
                wide as $narrow
            }
        }
    )* };
}
integers!(i8 i32, i16 i32, u8 i32, u16 i32, u32 i64);

/// The bits of an IEEE binary16.
#[derive(Clone, Copy, Default)]
#[repr(transparent)]
pub(crate) struct Half(u16);

impl Narrow for Half {
    type Wide = f32;
    #[inline(always)]
    fn widen(self) -> f32 {
        storage::widen_f16(Scalar::<f32, false>::new(), Wrapping(self.0 as i32))
    }
    #[inline(always)]
    fn narrow(wide: f32) -> Half {
        Half(storage::narrow_f16(Scalar::<f32, false>::new(), wide).0 as u16)
    }
}

/// The bits of a bfloat16.
#[derive(Clone, Copy, Default)]
#[repr(transparent)]
pub(crate) struct Brain(u16);

impl Narrow for Brain {
    type Wide = f32;
    #[inline(always)]
    fn widen(self) -> f32 {
        storage::widen_bf16(Scalar::<f32, false>::new(), Wrapping(self.0 as i32))
    }
    #[inline(always)]
    fn narrow(wide: f32) -> Brain {
        Brain(storage::narrow_bf16(Scalar::<f32, false>::new(), wide).0 as u16)
    }
}

/// Memory to tile.
pub(crate) struct Load<T>(PhantomData<T>);

impl<T: Narrow> Conversion for Load<T> {
    const SIZES: (usize, usize) = (size_of::<T>(), size_of::<T::Wide>());

    #[inline(always)]
    unsafe fn step<S64, S32>(dst: *mut u8, src: *const u8)
    where
        S64: NativeToken<Float = f64, Integer = i64>,
        S32: NativeToken<Float = f32, Integer = i32>,
    {
        // SAFETY: the caller's promises. A whole step is read before any of it is written, so that vectors need no
        // proof that source and destination are apart.
        unsafe {
            let from = src.cast::<[T; STEP]>().read_unaligned();
            let mut to = [T::Wide::default(); STEP];
            let mut i = 0;
            while i < STEP {
                to[i] = from[i].widen();
                i += 1;
            }
            dst.cast::<[T::Wide; STEP]>().write_unaligned(to);
        }
    }
}

/// Tile to memory.
pub(crate) struct Store<T>(PhantomData<T>);

impl<T: Narrow> Conversion for Store<T> {
    const SIZES: (usize, usize) = (size_of::<T::Wide>(), size_of::<T>());

    #[inline(always)]
    unsafe fn step<S64, S32>(dst: *mut u8, src: *const u8)
    where
        S64: NativeToken<Float = f64, Integer = i64>,
        S32: NativeToken<Float = f32, Integer = i32>,
    {
        // SAFETY: as for `Load`.
        unsafe {
            let from = src.cast::<[T::Wide; STEP]>().read_unaligned();
            let mut to = [T::default(); STEP];
            let mut i = 0;
            while i < STEP {
                to[i] = T::narrow(from[i]);
                i += 1;
            }
            dst.cast::<[T; STEP]>().write_unaligned(to);
        }
    }
}

/// The conversion of a storage type, `Load` or `Store`, as an argument of the function `$converter`.
macro_rules! choose {
    ($storage:expr, $converter:ident, $Direction:ident) => {{
        use crate::storage::{Brain, Half, $Direction};
        match $storage {
            Storage::I8 => $converter::<$Direction<i8>>,
            Storage::I16 => $converter::<$Direction<i16>>,
            Storage::U8 => $converter::<$Direction<u8>>,
            Storage::U16 => $converter::<$Direction<u16>>,
            Storage::U32 => $converter::<$Direction<u32>>,
            Storage::F16 => $converter::<$Direction<Half>>,
            Storage::BF16 => $converter::<$Direction<Brain>>,
        }
    }};
}
pub(crate) use choose;
