//! The Rust types of elements.

use std::fmt;

use half::{bf16, f16};
use num_complex::Complex;

use super::DType;

/// Hands the Rust type and the [`DType`] of every type of numbers to a macro: `bool => Bool, i8 => I8, …` after its own
/// arguments.
macro_rules! for_each_element {
    ($then:ident $(, $($given:tt)*)?) => {
        $then! {
            $($($given)*;)?
            bool => Bool, i8 => I8, i16 => I16, i32 => I32, i64 => I64, u8 => U8, u16 => U16, u32 => U32, u64 => U64,
            half::f16 => F16, half::bf16 => BF16, f32 => F32, f64 => F64,
            num_complex::Complex<f32> => C64, num_complex::Complex<f64> => C128
        }
    };
}
pub(crate) use for_each_element;

macro_rules! scalar {
    ($($rust:ty => $dtype:ident),*) => {
        /// One number of any type.
        #[derive(Clone, Copy, PartialEq, Debug)]
        #[allow(missing_docs)] // a variant is its type's
        #[non_exhaustive]
        pub enum Scalar {
            $($dtype($rust),)*
        }

        impl Scalar {
            /// Its type.
            pub const fn dtype(self) -> DType {
                match self {
                    $(Scalar::$dtype(_) => DType::$dtype,)*
                }
            }

            /// Its bytes in the machine's order, first ones first.
            pub fn to_bytes(self) -> [u8; 16] {
                let mut bytes = [0; 16];
                match self {
                    $(Scalar::$dtype(value) => value.write(&mut bytes),)*
                }
                bytes
            }

            /// The inverse of [`to_bytes`](Self::to_bytes); `None` for byte strings.
            pub fn from_bytes(dtype: DType, bytes: [u8; 16]) -> Option<Scalar> {
                Some(match dtype {
                    $(DType::$dtype => Scalar::$dtype(<$rust>::read(&bytes)),)*
                    DType::Bytes(_) => return None,
                })
            }
        }

        $(
            impl sealed::Sealed for $rust {}
            impl Stored for $rust {
                const DTYPE: DType = DType::$dtype;
            }
            impl Element for $rust {
                fn to_scalar(self) -> Scalar {
                    Scalar::$dtype(self)
                }
                fn from_scalar(scalar: Scalar) -> Option<Self> {
                    match scalar {
                        Scalar::$dtype(value) => Some(value),
                        _ => None,
                    }
                }
            }
        )*
    };
}
for_each_element!(scalar);

impl Scalar {
    /// Equal type and bits, which hash-consing asks for: 0.0 is not -0.0, and a NaN is itself.
    pub fn same(self, other: Scalar) -> bool {
        self.dtype() == other.dtype() && self.to_bytes() == other.to_bytes()
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Bool(v) => f.write_str(if *v { "True" } else { "False" }),
            Scalar::I8(v) => v.fmt(f),
            Scalar::I16(v) => v.fmt(f),
            Scalar::I32(v) => v.fmt(f),
            Scalar::I64(v) => v.fmt(f),
            Scalar::U8(v) => v.fmt(f),
            Scalar::U16(v) => v.fmt(f),
            Scalar::U32(v) => v.fmt(f),
            Scalar::U64(v) => v.fmt(f),
            Scalar::F16(v) => write!(f, "{v:?}"),
            Scalar::BF16(v) => write!(f, "{v:?}"),
            Scalar::F32(v) => write!(f, "{v:?}"),
            Scalar::F64(v) => write!(f, "{v:?}"),
            Scalar::C64(v) => complex(f, v),
            Scalar::C128(v) => complex(f, v),
        }
    }
}

/// The nearest `f16`, halves to even. (The crate's own conversion goes by way of `f32`, and rounds twice.)
pub(crate) fn to_f16(value: f64) -> f16 {
    f16::from_f64(rounded(value, 10, -14))
}

/// The nearest `bf16`, halves to even.
pub(crate) fn to_bf16(value: f64) -> bf16 {
    bf16::from_f64(rounded(value, 7, -126))
}

/// The nearest number with so many bits behind the leading one, which weighs at least 2^least.
fn rounded(value: f64, bits: i32, least: i32) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let exponent = ((value.to_bits() >> 52 & 0x7ff) as i32 - 1023).max(least);
    // powers of two within the range of normal numbers: of anything smaller nothing remains
    let unit = 2f64.powi(exponent - bits);
    (value / unit).round_ties_even() * unit
}

/// As Python prints them: `(1.5-2j)`.
pub(super) fn complex<T: num_traits::Float + fmt::Debug>(
    f: &mut fmt::Formatter<'_>,
    value: &Complex<T>,
) -> fmt::Result {
    let plus = if value.im.is_sign_negative() && !value.im.is_nan() { "" } else { "+" };
    write!(f, "({:?}{plus}{:?}j)", value.re, value.im)
}

mod sealed {
    pub trait Sealed {}
}

/// A Rust type whose elements lie in memory as a [`DType`]'s do. Sealed: its layout is what the executors read.
pub trait Stored: sealed::Sealed + Copy + Send + Sync + 'static {
    /// The dtype of an array of these.
    const DTYPE: DType;
}

/// A Rust number that an array may hold.
pub trait Element: Stored + Default + fmt::Debug + PartialEq {
    /// This element as a [`Scalar`].
    fn to_scalar(self) -> Scalar;
    /// A scalar of exactly this type; `None` for another type.
    fn from_scalar(scalar: Scalar) -> Option<Self>;
}

impl<const N: usize> sealed::Sealed for [u8; N] {}
/// A byte string of a fixed width, as in NumPy's `S` arrays: zeros at its end do not count.
impl<const N: usize> Stored for [u8; N] {
    const DTYPE: DType = DType::Bytes(N as u32);
}

/// An element's bytes, first ones first.
trait Raw: Sized {
    fn write(self, bytes: &mut [u8; 16]);
    fn read(bytes: &[u8; 16]) -> Self;
}

macro_rules! raw {
    ($($rust:ident $size:literal)*) => { $(
        impl Raw for $rust {
            fn write(self, bytes: &mut [u8; 16]) {
                bytes[..$size].copy_from_slice(&self.to_ne_bytes());
            }
            fn read(bytes: &[u8; 16]) -> Self {
                let mut own = [0; $size];
                own.copy_from_slice(&bytes[..$size]);
                Self::from_ne_bytes(own)
            }
        }
    )* };
}
raw!(i8 1 i16 2 i32 4 i64 8 u8 1 u16 2 u32 4 u64 8 f16 2 bf16 2 f32 4 f64 8);

impl Raw for bool {
    fn write(self, bytes: &mut [u8; 16]) {
        bytes[0] = self.into();
    }
    fn read(bytes: &[u8; 16]) -> Self {
        bytes[0] != 0
    }
}

macro_rules! raw_complex {
    ($($part:ident $size:literal)*) => { $(
        impl Raw for Complex<$part> {
            fn write(self, bytes: &mut [u8; 16]) {
                bytes[..$size].copy_from_slice(&self.re.to_ne_bytes());
                bytes[$size..2 * $size].copy_from_slice(&self.im.to_ne_bytes());
            }
            fn read(bytes: &[u8; 16]) -> Self {
                let mut parts = [[0; $size]; 2];
                parts[0].copy_from_slice(&bytes[..$size]);
                parts[1].copy_from_slice(&bytes[$size..2 * $size]);
                Complex::new($part::from_ne_bytes(parts[0]), $part::from_ne_bytes(parts[1]))
            }
        }
    )* };
}
raw_complex!(f32 4 f64 8);
