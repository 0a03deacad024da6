//! Types of elements: NumPy's names and promotion.
//!
//! A [`DType`] says what an array stores. What a tile computes with is a kernel's [`Compute`], which a narrow type is
//! widened to when it is loaded: [`DType::compute`] and [`DType::storage`] are the two sides of that. The Rust types
//! that hold elements are in [`element`], numbers without a width in [`literal`].

mod element;
mod literal;

use std::fmt;
use std::str::FromStr;

use numfuse_kernels::{Compute, Storage};

use crate::error::{Error, ErrorKind, Result};
use crate::names::shortened;
pub use element::{Element, Scalar, Stored};
pub(crate) use element::{for_each_element, to_bf16, to_f16};
pub use literal::Literal;

/// The type of an array's elements.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum DType {
    /// `bool`: one byte, 0 or 1.
    Bool,
    /// `i8`: NumPy's `int8`. Like every integer type, it wraps after every operation.
    I8,
    /// `i16`: NumPy's `int16`.
    I16,
    /// `i32`: NumPy's `int32`.
    I32,
    /// `i64`: NumPy's `int64`.
    I64,
    /// `u8`: NumPy's `uint8`.
    U8,
    /// `u16`: NumPy's `uint16`.
    U16,
    /// `u32`: NumPy's `uint32`.
    U32,
    /// `u64`: NumPy's `uint64`.
    U64,
    /// `f16`: NumPy's `float16`, IEEE binary16. Computed as `f32`: only a conversion stores one.
    F16,
    /// `bf16`: the upper half of an `f32`. Computed as `f32`: only a conversion stores one.
    BF16,
    /// `f32`: NumPy's `float32`.
    F32,
    /// `f64`: NumPy's `float64`.
    F64,
    /// `c64`: NumPy's `complex64`, two `f32`.
    C64,
    /// `c128`: NumPy's `complex128`, two `f64`.
    C128,
    /// NumPy's fixed-width byte strings, `S6`: zeros at the end do not count. They are compared and searched, no more.
    Bytes(u32),
}

/// What promotion looks at first; a weak value has a kind and no width.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// Truth values.
    Bool,
    /// Integers, with a sign or without.
    Int,
    /// Floating point.
    Float,
    /// Complex numbers.
    Complex,
    /// Byte strings.
    Bytes,
}

impl DType {
    /// Every type of numbers, in the order of promotion within each kind.
    pub const ALL: [DType; 15] = [
        DType::Bool,
        DType::I8,
        DType::I16,
        DType::I32,
        DType::I64,
        DType::U8,
        DType::U16,
        DType::U32,
        DType::U64,
        DType::F16,
        DType::BF16,
        DType::F32,
        DType::F64,
        DType::C64,
        DType::C128,
    ];

    /// The type of a name, `f64` or NumPy's `float64`.
    pub fn from_name(name: &str) -> Option<DType> {
        Some(match name {
            "bool" => DType::Bool,
            "i8" | "int8" => DType::I8,
            "i16" | "int16" => DType::I16,
            "i32" | "int32" => DType::I32,
            "i64" | "int64" => DType::I64,
            "u8" | "uint8" => DType::U8,
            "u16" | "uint16" => DType::U16,
            "u32" | "uint32" => DType::U32,
            "u64" | "uint64" => DType::U64,
            "f16" | "float16" => DType::F16,
            "bf16" | "bfloat16" => DType::BF16,
            "f32" | "float32" => DType::F32,
            "f64" | "float64" => DType::F64,
            "c64" | "complex64" => DType::C64,
            "c128" | "complex128" => DType::C128,
            _ => return None,
        })
    }

    /// The name in expressions, without a byte string's length: `f64`.
    pub const fn name(self) -> &'static str {
        match self {
            DType::Bool => "bool",
            DType::I8 => "i8",
            DType::I16 => "i16",
            DType::I32 => "i32",
            DType::I64 => "i64",
            DType::U8 => "u8",
            DType::U16 => "u16",
            DType::U32 => "u32",
            DType::U64 => "u64",
            DType::F16 => "f16",
            DType::BF16 => "bf16",
            DType::F32 => "f32",
            DType::F64 => "f64",
            DType::C64 => "c64",
            DType::C128 => "c128",
            DType::Bytes(_) => "S",
        }
    }

    /// Bytes of one element.
    pub const fn size(self) -> usize {
        match self {
            DType::Bool | DType::I8 | DType::U8 => 1,
            DType::I16 | DType::U16 | DType::F16 | DType::BF16 => 2,
            DType::I32 | DType::U32 | DType::F32 => 4,
            DType::I64 | DType::U64 | DType::F64 | DType::C64 => 8,
            DType::C128 => 16,
            DType::Bytes(length) => length as usize,
        }
    }

    /// Bytes whose order is turned together: of a complex number a part's, of a byte string one.
    pub(crate) const fn part_size(self) -> usize {
        match self {
            DType::C64 => 4,
            DType::C128 => 8,
            DType::Bytes(_) => 1,
            _ => self.size(),
        }
    }

    /// What a tile of these elements, or of a plane of them, computes with.
    pub(crate) const fn compute(self) -> Compute {
        match self {
            // of a byte string there is what a comparison makes of it
            DType::Bool | DType::Bytes(_) => Compute::Bool,
            DType::I8 | DType::I16 | DType::U8 | DType::U16 | DType::I32 => Compute::I32,
            DType::U32 | DType::I64 => Compute::I64,
            DType::U64 => Compute::U64,
            DType::F16 | DType::BF16 | DType::F32 | DType::C64 => Compute::F32,
            DType::F64 | DType::C128 => Compute::F64,
        }
    }

    /// The type that has [`compute`](Self::compute)'s values and no others: what its operations are done in.
    pub(crate) const fn computed(self) -> DType {
        match self.compute() {
            Compute::Bool => DType::Bool,
            Compute::I32 => DType::I32,
            Compute::I64 => DType::I64,
            Compute::U64 => DType::U64,
            Compute::F32 => DType::F32,
            Compute::F64 => DType::F64,
        }
    }

    /// How its elements lie in memory, where that is not how they lie in a tile.
    pub(crate) const fn storage(self) -> Option<Storage> {
        Some(match self {
            DType::I8 => Storage::I8,
            DType::I16 => Storage::I16,
            DType::U8 => Storage::U8,
            DType::U16 => Storage::U16,
            DType::U32 => Storage::U32,
            DType::F16 => Storage::F16,
            DType::BF16 => Storage::BF16,
            _ => return None,
        })
    }

    /// Truth values, integers, floats, complex numbers or byte strings.
    pub const fn kind(self) -> Kind {
        match self {
            DType::Bool => Kind::Bool,
            DType::I8 | DType::I16 | DType::I32 | DType::I64 => Kind::Int,
            DType::U8 | DType::U16 | DType::U32 | DType::U64 => Kind::Int,
            DType::F16 | DType::BF16 | DType::F32 | DType::F64 => Kind::Float,
            DType::C64 | DType::C128 => Kind::Complex,
            DType::Bytes(_) => Kind::Bytes,
        }
    }

    /// Whether it is an integer type without a sign.
    pub const fn is_unsigned(self) -> bool {
        matches!(self, DType::U8 | DType::U16 | DType::U32 | DType::U64)
    }

    /// The type of a complex number's parts; any other type is its own.
    pub const fn real(self) -> DType {
        match self {
            DType::C64 => DType::F32,
            DType::C128 => DType::F64,
            _ => self,
        }
    }

    /// The float type that holds what functions make of these elements: NumPy's, with `f32` for its `float16`.
    /// Complex types stay.
    pub const fn float(self) -> DType {
        match self {
            DType::Bool | DType::I8 | DType::U8 | DType::I16 | DType::U16 => DType::F32,
            DType::F16 | DType::BF16 | DType::F32 => DType::F32,
            DType::I32 | DType::U32 | DType::I64 | DType::U64 | DType::F64 => DType::F64,
            DType::C64 | DType::C128 | DType::Bytes(_) => self,
        }
    }

    /// The complex type whose parts hold these elements as floats.
    pub(crate) const fn complex(self) -> DType {
        match self.float() {
            DType::F32 | DType::C64 => DType::C64,
            _ => DType::C128,
        }
    }

    /// NumPy 2's common type of two arrays. The 16-bit floats take part as `f32`, which they are computed as; byte
    /// strings have a common type with byte strings only, and keep theirs otherwise.
    ///
    /// ```
    /// use numfuse::DType;
    /// assert_eq!(DType::I32.promote(DType::F32), DType::F64); // 24 bits do not hold an i32
    /// assert_eq!(DType::U32.promote(DType::I32), DType::I64);
    /// ```
    pub fn promote(self, other: DType) -> DType {
        let (low, high) = if self.kind() <= other.kind() { (self, other) } else { (other, self) };
        match (low.kind(), high.kind()) {
            (_, Kind::Bytes) => match (low, high) {
                (DType::Bytes(a), DType::Bytes(b)) => DType::Bytes(a.max(b)),
                _ => high,
            },
            (Kind::Int, Kind::Int) => low.promote_integers(high),
            (Kind::Bool, Kind::Bool | Kind::Int) => high,
            (Kind::Bool | Kind::Int | Kind::Float, Kind::Complex) => match (low, high) {
                // a truth value fits any float
                (DType::Bool, _) => high,
                _ => low.complex().max(high),
            },
            (Kind::Bool, Kind::Float) => high.float(),
            (Kind::Int | Kind::Float, Kind::Float) => low.float().max(high.float()),
            _ => low.max(high),
        }
    }

    fn promote_integers(self, other: DType) -> DType {
        if self.is_unsigned() == other.is_unsigned() {
            return if self.size() >= other.size() { self } else { other };
        }
        let (signed, unsigned) = if self.is_unsigned() { (other, self) } else { (self, other) };
        if signed.size() > unsigned.size() {
            return signed;
        }
        match unsigned {
            DType::U8 => DType::I16,
            DType::U16 => DType::I32,
            DType::U32 => DType::I64,
            _ => DType::F64,
        }
    }

    /// The least and the greatest value of an integer type.
    pub(crate) const fn range(self) -> Option<(i128, i128)> {
        Some(match self {
            DType::I8 => (i8::MIN as i128, i8::MAX as i128),
            DType::I16 => (i16::MIN as i128, i16::MAX as i128),
            DType::I32 => (i32::MIN as i128, i32::MAX as i128),
            DType::I64 => (i64::MIN as i128, i64::MAX as i128),
            DType::U8 => (0, u8::MAX as i128),
            DType::U16 => (0, u16::MAX as i128),
            DType::U32 => (0, u32::MAX as i128),
            DType::U64 => (0, u64::MAX as i128),
            _ => return None,
        })
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DType::Bytes(length) => write!(f, "S{length}"),
            _ => f.write_str(self.name()),
        }
    }
}

impl FromStr for DType {
    type Err = Error;

    /// Reads what `Display` writes, and NumPy's names: `f64`, `float64`, `S6`.
    fn from_str(name: &str) -> Result<DType> {
        let bytes = || name.strip_prefix('S')?.parse().ok().map(DType::Bytes);
        DType::from_name(name).or_else(bytes).ok_or_else(|| {
            let message = format!("`{}` is no type; one is `f64`, `u8` or `S6`", shortened(name));
            Error::new(ErrorKind::Input, message)
        })
    }
}

impl Kind {
    /// The type of a weak value that meets no array: what Python's `bool`, `int`, `float` and `complex` become.
    pub const fn default_dtype(self) -> DType {
        match self {
            Kind::Bool => DType::Bool,
            Kind::Int => DType::I64,
            Kind::Float => DType::F64,
            Kind::Complex => DType::C128,
            Kind::Bytes => DType::Bytes(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promotion_is_numpys() {
        use DType::*;
        let types = [Bool, I8, I16, I32, I64, U8, U16, U32, U64, F32, F64, C64, C128];
        // numpy.promote_types, row by row
        let table = [
            [Bool, I8, I16, I32, I64, U8, U16, U32, U64, F32, F64, C64, C128],
            [I8, I8, I16, I32, I64, I16, I32, I64, F64, F32, F64, C64, C128],
            [I16, I16, I16, I32, I64, I16, I32, I64, F64, F32, F64, C64, C128],
            [I32, I32, I32, I32, I64, I32, I32, I64, F64, F64, F64, C128, C128],
            [I64, I64, I64, I64, I64, I64, I64, I64, F64, F64, F64, C128, C128],
            [U8, I16, I16, I32, I64, U8, U16, U32, U64, F32, F64, C64, C128],
            [U16, I32, I32, I32, I64, U16, U16, U32, U64, F32, F64, C64, C128],
            [U32, I64, I64, I64, I64, U32, U32, U32, U64, F64, F64, C128, C128],
            [U64, F64, F64, F64, F64, U64, U64, U64, U64, F64, F64, C128, C128],
            [F32, F32, F32, F64, F64, F32, F32, F64, F64, F32, F64, C64, C128],
            [F64, F64, F64, F64, F64, F64, F64, F64, F64, F64, F64, C128, C128],
            [C64, C64, C64, C128, C128, C64, C64, C128, C128, C64, C128, C64, C128],
            [C128; 13],
        ];
        for (i, a) in types.into_iter().enumerate() {
            for (j, b) in types.into_iter().enumerate() {
                assert_eq!(a.promote(b), table[i][j], "{a} with {b}");
            }
        }
        // where NumPy answers float16, the answer is f32
        for half in [F16, BF16] {
            for other in types {
                assert_eq!(half.promote(other), F32.promote(other), "{half} with {other}");
            }
        }
        assert_eq!(Bytes(3).promote(Bytes(6)), Bytes(6));
    }

    #[test]
    fn names_are_read_back() {
        for dtype in DType::ALL {
            assert_eq!(DType::from_name(dtype.name()), Some(dtype));
            assert_eq!(dtype.to_string().parse::<DType>().unwrap(), dtype);
        }
        assert_eq!("S12".parse::<DType>().unwrap(), DType::Bytes(12));
        assert!("S-1".parse::<DType>().is_err() && "f8".parse::<DType>().is_err());
    }
}
