//! Numbers that have a kind and no width yet.

use std::fmt;

use num_complex::Complex;
use num_traits::NumCast;

use super::element::{complex, to_bf16, to_f16};
use super::{DType, Kind, Scalar};

/// A literal number: a kind and a value, no width yet. Integers are wider than `i64` until their sign is folded.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Literal {
    /// `True`, `False`.
    Bool(bool),
    /// `2`, `-9223372036854775808`.
    Int(i128),
    /// `2.5`, `pi`.
    Float(f64),
    /// `1j`, and what arithmetic makes of it.
    Complex(Complex<f64>),
}

impl Literal {
    /// The number that an element is; `None` of 16-bit and complex ones, which no shape depends on.
    pub(crate) fn of(value: Scalar) -> Option<Literal> {
        Some(match value {
            Scalar::Bool(v) => Literal::Bool(v),
            Scalar::I8(v) => Literal::Int(v.into()),
            Scalar::I16(v) => Literal::Int(v.into()),
            Scalar::I32(v) => Literal::Int(v.into()),
            Scalar::I64(v) => Literal::Int(v.into()),
            Scalar::U8(v) => Literal::Int(v.into()),
            Scalar::U16(v) => Literal::Int(v.into()),
            Scalar::U32(v) => Literal::Int(v.into()),
            Scalar::U64(v) => Literal::Int(v.into()),
            Scalar::F32(v) => Literal::Float(v.into()),
            Scalar::F64(v) => Literal::Float(v),
            Scalar::F16(_) | Scalar::BF16(_) | Scalar::C64(_) | Scalar::C128(_) => return None,
        })
    }

    /// What promotion sees of it.
    pub const fn kind(self) -> Kind {
        match self {
            Literal::Bool(_) => Kind::Bool,
            Literal::Int(_) => Kind::Int,
            Literal::Float(_) => Kind::Float,
            Literal::Complex(_) => Kind::Complex,
        }
    }

    /// The type it has when it meets no array: its kind's, and u64 for an integer beyond i64.
    pub fn default_dtype(self) -> DType {
        match self.kind().default_dtype() {
            DType::I64 if !self.fits(DType::I64) && self.fits(DType::U64) => DType::U64,
            dtype => dtype,
        }
    }

    /// Whether an integer literal lies in the range of an integer type. Other numbers fit what they meet.
    pub fn fits(self, dtype: DType) -> bool {
        match (self, dtype.range()) {
            (Literal::Int(v), Some((least, greatest))) => (least..=greatest).contains(&v),
            _ => true,
        }
    }

    /// Its value in `dtype`: floats round once, integers must [fit](Self::fits). `None` for a type that does not hold
    /// its kind: a real type of a complex number.
    pub fn to_scalar(self, dtype: DType) -> Option<Scalar> {
        match self {
            Literal::Bool(v) => scalar_of(v as u8, v.into(), dtype),
            Literal::Int(v) => scalar_of(v, v as f64, dtype),
            Literal::Float(v) => scalar_of(v, v, dtype),
            Literal::Complex(v) => match dtype {
                DType::C64 => Some(Scalar::C64(Complex::new(v.re as f32, v.im as f32))),
                DType::C128 => Some(Scalar::C128(v)),
                _ => None,
            },
        }
    }

    /// Its value; of a complex number the real part.
    pub(crate) fn as_f64(self) -> f64 {
        match self {
            Literal::Bool(v) => v as u8 as f64,
            Literal::Int(v) => v as f64,
            Literal::Float(v) => v,
            Literal::Complex(v) => v.re,
        }
    }

    /// Its value as a complex number.
    pub(crate) fn as_complex(self) -> Complex<f64> {
        match self {
            Literal::Complex(v) => v,
            _ => Complex::new(self.as_f64(), 0.0),
        }
    }

    /// Kind and bits, for hash-consing.
    pub(crate) fn key(self) -> (Kind, u128) {
        match self {
            Literal::Bool(v) => (Kind::Bool, v.into()),
            Literal::Int(v) => (Kind::Int, v as u128),
            Literal::Float(v) => (Kind::Float, v.to_bits().into()),
            Literal::Complex(v) => (Kind::Complex, ((v.re.to_bits() as u128) << 64) | v.im.to_bits() as u128),
        }
    }
}

fn scalar_of<T: num_traits::ToPrimitive + Copy>(value: T, wide: f64, dtype: DType) -> Option<Scalar> {
    Some(match dtype {
        DType::Bool => Scalar::Bool(wide != 0.0),
        DType::I8 => Scalar::I8(NumCast::from(value)?),
        DType::I16 => Scalar::I16(NumCast::from(value)?),
        DType::I32 => Scalar::I32(NumCast::from(value)?),
        DType::I64 => Scalar::I64(NumCast::from(value)?),
        DType::U8 => Scalar::U8(NumCast::from(value)?),
        DType::U16 => Scalar::U16(NumCast::from(value)?),
        DType::U32 => Scalar::U32(NumCast::from(value)?),
        DType::U64 => Scalar::U64(NumCast::from(value)?),
        // an integer of more than 53 bits is infinite in the one, and rounds alike in the other unless it is a tie
        DType::F16 => Scalar::F16(to_f16(wide)),
        DType::BF16 => Scalar::BF16(to_bf16(wide)),
        DType::F32 => Scalar::F32(NumCast::from(value)?),
        DType::F64 => Scalar::F64(NumCast::from(value)?),
        DType::C64 => Scalar::C64(Complex::new(NumCast::from(value)?, 0.0)),
        DType::C128 => Scalar::C128(Complex::new(NumCast::from(value)?, 0.0)),
        DType::Bytes(_) => return None,
    })
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Bool(v) => f.write_str(if *v { "True" } else { "False" }),
            Literal::Int(v) => v.fmt(f),
            Literal::Float(v) if *v == std::f64::consts::PI => f.write_str("pi"),
            Literal::Float(v) => write!(f, "{v:?}"),
            Literal::Complex(v) if v.re.to_bits() == 0 => write!(f, "{:?}j", v.im),
            Literal::Complex(v) => complex(f, v),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_round_once() {
        assert_eq!(Literal::Float(0.1).to_scalar(DType::F32), Some(Scalar::F32(0.1)));
        // 2^24 + 1 + 2^-30: through f64 first it would round to even twice
        assert_eq!(Literal::Int(16_777_217).to_scalar(DType::F32), Some(Scalar::F32(16_777_216.0)));
        assert_eq!(Literal::Int(1 << 40).to_scalar(DType::I32), None);
        assert_eq!(Literal::Float(1e300).to_scalar(DType::F32), Some(Scalar::F32(f32::INFINITY)));
        assert_eq!(Literal::Int(-1).to_scalar(DType::U8), None);
        assert_eq!(Literal::Int(u64::MAX.into()).default_dtype(), DType::U64);
        assert_eq!(Literal::Complex(Complex::I).to_scalar(DType::F64), None);
    }
}
