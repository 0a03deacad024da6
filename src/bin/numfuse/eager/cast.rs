//! Conversions by `mapv` and Rust's `as`, which saturates as they do.

use numfuse::half::{bf16, f16};
use numfuse::{Complex, DType};

use super::Array;
use super::apply::Apply;

/// The elements as another type; `None` for a type that is no number.
pub(super) fn cast<'r>(of: &Array<'_>, to: DType) -> Option<Array<'r>> {
    macro_rules! cast_number {
        ($array:ident, $zero:literal) => {
            match to {
                DType::Bool => bool::array($array.mapv(|v| v != $zero)),
                DType::I8 => i8::array($array.mapv(|v| v as i8)),
                DType::I16 => i16::array($array.mapv(|v| v as i16)),
                DType::I32 => i32::array($array.mapv(|v| v as i32)),
                DType::I64 => i64::array($array.mapv(|v| v as i64)),
                DType::U8 => u8::array($array.mapv(|v| v as u8)),
                DType::U16 => u16::array($array.mapv(|v| v as u16)),
                DType::U32 => u32::array($array.mapv(|v| v as u32)),
                DType::U64 => u64::array($array.mapv(|v| v as u64)),
                DType::F16 => f16::array($array.mapv(|v| f16::from_f64(v as f64))),
                DType::BF16 => bf16::array($array.mapv(|v| bf16::from_f64(v as f64))),
                DType::F32 => f32::array($array.mapv(|v| v as f32)),
                DType::F64 => f64::array($array.mapv(|v| v as f64)),
                DType::C64 => Complex::<f32>::array($array.mapv(|v| Complex::new(v as f32, 0.0))),
                DType::C128 => Complex::<f64>::array($array.mapv(|v| Complex::new(v as f64, 0.0))),
                _ => return None,
            }
        };
    }
    macro_rules! cast_complex {
        ($array:ident, $part:ident) => {
            match to {
                DType::Bool => bool::array($array.mapv(|v| v != Complex::default())),
                DType::C64 => Complex::<f32>::array($array.mapv(|v| Complex::new(v.re as f32, v.im as f32))),
                DType::C128 => Complex::<f64>::array($array.mapv(|v| Complex::new(v.re.into(), v.im.into()))),
                _ => return cast(&$part::array($array.mapv(|v| v.re)), to),
            }
        };
    }
    Some(match of {
        Array::Bool(array) => return cast(&i8::array(array.mapv(i8::from)), to),
        Array::I8(array) => cast_number!(array, 0),
        Array::I16(array) => cast_number!(array, 0),
        Array::I32(array) => cast_number!(array, 0),
        Array::I64(array) => cast_number!(array, 0),
        Array::U8(array) => cast_number!(array, 0),
        Array::U16(array) => cast_number!(array, 0),
        Array::U32(array) => cast_number!(array, 0),
        Array::U64(array) => cast_number!(array, 0),
        Array::F16(array) => return cast(&f32::array(array.mapv(f32::from)), to),
        Array::BF16(array) => return cast(&f32::array(array.mapv(f32::from)), to),
        Array::F32(array) => cast_number!(array, 0.0),
        Array::F64(array) => cast_number!(array, 0.0),
        Array::C64(array) => cast_complex!(array, f32),
        Array::C128(array) => cast_complex!(array, f64),
    })
}
