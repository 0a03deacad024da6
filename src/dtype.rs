//! Types of elements: NumPy's names and promotion, and the Rust types that hold them.
//!
//! A [`DType`] says what an array stores. What a tile computes with is a kernel's [`Compute`]; the two are one
//! to one for the types of today, and part where a type is only stored (16-bit floats, narrow integers).

use std::fmt;

use num_traits::NumCast;
use numfuse_kernels::Compute;

/// The type of an array's elements.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum DType {
    /// `bool`: one byte, 0 or 1.
    Bool,
    /// `i32`: NumPy's `int32`.
    I32,
    /// `i64`: NumPy's `int64`.
    I64,
    /// `f32`: NumPy's `float32`.
    F32,
    /// `f64`: NumPy's `float64`.
    F64,
}

/// What promotion looks at first; a weak value has a kind and no width.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// Truth values.
    Bool,
    /// Signed integers.
    Int,
    /// Floating point.
    Float,
}

impl DType {
    /// Every type, in the order of promotion.
    pub const ALL: [DType; 5] = [DType::Bool, DType::I32, DType::I64, DType::F32, DType::F64];

    /// The name in expressions and messages: `f64`.
    pub const fn name(self) -> &'static str {
        match self {
            DType::Bool => "bool",
            DType::I32 => "i32",
            DType::I64 => "i64",
            DType::F32 => "f32",
            DType::F64 => "f64",
        }
    }

    /// The type of a name, `f64` or NumPy's `float64`.
    pub fn from_name(name: &str) -> Option<DType> {
        Some(match name {
            "bool" => DType::Bool,
            "i32" | "int32" => DType::I32,
            "i64" | "int64" => DType::I64,
            "f32" | "float32" => DType::F32,
            "f64" | "float64" => DType::F64,
            _ => return None,
        })
    }

    /// Bytes of one element.
    pub const fn size(self) -> usize {
        self.compute().size()
    }

    /// What a tile of these elements computes with.
    pub(crate) const fn compute(self) -> Compute {
        match self {
            DType::Bool => Compute::Bool,
            DType::I32 => Compute::I32,
            DType::I64 => Compute::I64,
            DType::F32 => Compute::F32,
            DType::F64 => Compute::F64,
        }
    }

    /// Truth values, integers or floats.
    pub const fn kind(self) -> Kind {
        match self {
            DType::Bool => Kind::Bool,
            DType::I32 | DType::I64 => Kind::Int,
            DType::F32 | DType::F64 => Kind::Float,
        }
    }

    /// NumPy 2's common type of two arrays.
    ///
    /// ```
    /// use numfuse::DType;
    /// assert_eq!(DType::I32.promote(DType::F32), DType::F64); // 24 bits do not hold an i32
    /// ```
    pub fn promote(self, other: DType) -> DType {
        let (low, high) = if self <= other { (self, other) } else { (other, self) };
        match (low, high) {
            (DType::I32 | DType::I64, DType::F32) => DType::F64,
            _ => high,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Kind {
    /// The type of a weak value that meets no array: what Python's `bool`, `int` and `float` become.
    pub const fn default_dtype(self) -> DType {
        match self {
            Kind::Bool => DType::Bool,
            Kind::Int => DType::I64,
            Kind::Float => DType::F64,
        }
    }
}

/// One element of any type.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Scalar {
    /// A truth value.
    Bool(bool),
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// A 32-bit float.
    F32(f32),
    /// A 64-bit float.
    F64(f64),
}

impl Scalar {
    /// Its type.
    pub const fn dtype(self) -> DType {
        match self {
            Scalar::Bool(_) => DType::Bool,
            Scalar::I32(_) => DType::I32,
            Scalar::I64(_) => DType::I64,
            Scalar::F32(_) => DType::F32,
            Scalar::F64(_) => DType::F64,
        }
    }

    /// Its bytes in the machine's order, first ones first.
    pub fn to_bytes(self) -> [u8; 8] {
        let mut bytes = [0; 8];
        match self {
            Scalar::Bool(v) => bytes[0] = v.into(),
            Scalar::I32(v) => bytes[..4].copy_from_slice(&v.to_ne_bytes()),
            Scalar::I64(v) => bytes = v.to_ne_bytes(),
            Scalar::F32(v) => bytes[..4].copy_from_slice(&v.to_ne_bytes()),
            Scalar::F64(v) => bytes = v.to_ne_bytes(),
        }
        bytes
    }

    /// The inverse of [`to_bytes`](Self::to_bytes).
    pub fn from_bytes(dtype: DType, bytes: [u8; 8]) -> Scalar {
        let half = [bytes[0], bytes[1], bytes[2], bytes[3]];
        match dtype {
            DType::Bool => Scalar::Bool(bytes[0] != 0),
            DType::I32 => Scalar::I32(i32::from_ne_bytes(half)),
            DType::I64 => Scalar::I64(i64::from_ne_bytes(bytes)),
            DType::F32 => Scalar::F32(f32::from_ne_bytes(half)),
            DType::F64 => Scalar::F64(f64::from_ne_bytes(bytes)),
        }
    }

    /// Equal type and bits, which hash-consing asks for: 0.0 is not -0.0, and a NaN is itself.
    pub fn same(self, other: Scalar) -> bool {
        self.dtype() == other.dtype() && self.to_bytes() == other.to_bytes()
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Bool(v) => f.write_str(if *v { "True" } else { "False" }),
            Scalar::I32(v) => v.fmt(f),
            Scalar::I64(v) => v.fmt(f),
            Scalar::F32(v) => write!(f, "{v:?}"),
            Scalar::F64(v) => write!(f, "{v:?}"),
        }
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A Rust type that an array may hold. Sealed: its layout is what the kernels read.
pub trait Element: sealed::Sealed + Copy + Default + fmt::Debug + PartialEq + Send + Sync + 'static {
    /// The dtype of an array of these.
    const DTYPE: DType;
    /// This element as a [`Scalar`].
    fn to_scalar(self) -> Scalar;
    /// A scalar of exactly this type; `None` for another type.
    fn from_scalar(scalar: Scalar) -> Option<Self>;
}

macro_rules! elements {
    ($($rust:ident $dtype:ident),*) => { $(
        impl sealed::Sealed for $rust {}
        impl Element for $rust {
            const DTYPE: DType = DType::$dtype;
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
    )* };
}
elements!(bool Bool, i32 I32, i64 I64, f32 F32, f64 F64);

/// A literal number: a kind and a value, no width yet. Integers are wider than `i64` until their sign is folded.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Literal {
    /// `True`, `False`.
    Bool(bool),
    /// `2`, `-9223372036854775808`.
    Int(i128),
    /// `2.5`, `pi`.
    Float(f64),
}

impl Literal {
    /// What promotion sees of it.
    pub const fn kind(self) -> Kind {
        match self {
            Literal::Bool(_) => Kind::Bool,
            Literal::Int(_) => Kind::Int,
            Literal::Float(_) => Kind::Float,
        }
    }

    /// Whether an integer literal lies in the range of an integer type. Floats and truth values fit what they meet.
    pub fn fits(self, dtype: DType) -> bool {
        match (self, dtype) {
            (Literal::Int(v), DType::I32) => i32::try_from(v).is_ok(),
            (Literal::Int(v), DType::I64) => i64::try_from(v).is_ok(),
            _ => true,
        }
    }

    /// Its value in `dtype`: floats round once, integers must [fit](Self::fits).
    pub fn to_scalar(self, dtype: DType) -> Option<Scalar> {
        match self {
            Literal::Bool(v) => scalar_of(v as u8, dtype),
            Literal::Int(v) => scalar_of(v, dtype),
            Literal::Float(v) => scalar_of(v, dtype),
        }
    }

    pub(crate) fn as_f64(self) -> f64 {
        match self {
            Literal::Bool(v) => v as u8 as f64,
            Literal::Int(v) => v as f64,
            Literal::Float(v) => v,
        }
    }

    /// Kind and bits, for hash-consing.
    pub(crate) fn key(self) -> (Kind, u128) {
        match self {
            Literal::Bool(v) => (Kind::Bool, v.into()),
            Literal::Int(v) => (Kind::Int, v as u128),
            Literal::Float(v) => (Kind::Float, v.to_bits().into()),
        }
    }
}

fn scalar_of<T: num_traits::ToPrimitive + Copy>(value: T, dtype: DType) -> Option<Scalar> {
    Some(match dtype {
        DType::Bool => Scalar::Bool(value.to_f64()? != 0.0),
        DType::I32 => Scalar::I32(NumCast::from(value)?),
        DType::I64 => Scalar::I64(NumCast::from(value)?),
        DType::F32 => Scalar::F32(NumCast::from(value)?),
        DType::F64 => Scalar::F64(NumCast::from(value)?),
    })
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Bool(v) => f.write_str(if *v { "True" } else { "False" }),
            Literal::Int(v) => v.fmt(f),
            Literal::Float(v) if *v == std::f64::consts::PI => f.write_str("pi"),
            Literal::Float(v) => write!(f, "{v:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promotion_is_numpys() {
        use DType::*;
        // numpy.promote_types, row by row
        let table = [
            [Bool, I32, I64, F32, F64],
            [I32, I32, I64, F64, F64],
            [I64, I64, I64, F64, F64],
            [F32, F64, F64, F32, F64],
            [F64, F64, F64, F64, F64],
        ];
        for (i, a) in DType::ALL.into_iter().enumerate() {
            for (j, b) in DType::ALL.into_iter().enumerate() {
                assert_eq!(a.promote(b), table[i][j], "{a} with {b}");
            }
        }
    }

    #[test]
    fn literals_round_once() {
        assert_eq!(Literal::Float(0.1).to_scalar(DType::F32), Some(Scalar::F32(0.1)));
        // 2^24 + 1 + 2^-30: through f64 first it would round to even twice
        assert_eq!(Literal::Int(16_777_217).to_scalar(DType::F32), Some(Scalar::F32(16_777_216.0)));
        assert_eq!(Literal::Int(1 << 40).to_scalar(DType::I32), None);
        assert_eq!(Literal::Float(1e300).to_scalar(DType::F32), Some(Scalar::F32(f32::INFINITY)));
    }
}
