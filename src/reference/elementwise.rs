//! Operations on one element, written on Rust's own numbers: nothing here is shared with the kernels.
//!
//! Integers are computed in 128 bits, where no operand of 64 overflows, and cut to their width at the end: that
//! is what wrapping means. Operations that this file does not know are those defined by their kernel's bits.

use num_complex::Complex;
use num_traits::Float;
use numfuse_kernels::Op;

use super::complex;
use super::memory::by_oracle;
use crate::dtype::{DType, Scalar, to_bf16, to_f16};
use crate::error::{Error, ErrorKind, Result};

/// What an operation gives before it has a type.
enum Answer<T> {
    Number(T),
    Truth(bool),
}
use Answer::{Number, Truth};

/// One element of an operation whose result has type `dtype`.
pub(super) fn apply(op: Op, dtype: DType, operands: &[Scalar], fma: bool) -> Result<Scalar> {
    let value = operands[operands.len().min(2) - 1]; // past the condition of `where`
    let native = match *operands {
        [Scalar::Bool(condition), yes, no] if op == Op::Where => Some(if condition { yes } else { no }),
        [Scalar::Bool(a)] => truths(op, a, a),
        [Scalar::Bool(a), Scalar::Bool(b)] => truths(op, a, b),
        [Scalar::F32(a)] if matches!(op, Op::Round | Op::Rint) => Some(Scalar::F32(a.round_ties_even())),
        [Scalar::F64(a)] if matches!(op, Op::Round | Op::Rint) => Some(Scalar::F64(a.round_ties_even())),
        [Scalar::F32(a), ref rest @ ..] => {
            let at = |k: usize| if let Some(Scalar::F32(v)) = rest.get(k) { *v } else { a };
            floats(op, a, at(0), at(1)).map(|answer| match answer {
                Number(value) => Scalar::F32(value),
                Truth(value) => Scalar::Bool(value),
            })
        }
        [Scalar::F64(a), ref rest @ ..] => {
            let at = |k: usize| if let Some(Scalar::F64(v)) = rest.get(k) { *v } else { a };
            floats(op, a, at(0), at(1)).map(|answer| match answer {
                Number(value) => Scalar::F64(value),
                Truth(value) => Scalar::Bool(value),
            })
        }
        [Scalar::C64(_) | Scalar::C128(_), ..] => complex::apply(op, operands, fma)?,
        _ => whole(operands, 0).and_then(|a| {
            let (b, c) = (whole(operands, 1).unwrap_or(a), whole(operands, 2).unwrap_or(a));
            let bits = 8 * value.dtype().size() as u32;
            integers(op, bits, a, b, c).map(|answer| match answer {
                Number(value) => convert_integer(value, dtype),
                Truth(value) => Scalar::Bool(value),
            })
        }),
    };
    let native = match (op, dtype) {
        (Op::Complex, _) => Some(complex::of_parts(operands[0], operands[1])),
        _ => native,
    };
    native.or_else(|| by_oracle(op, dtype, operands, fma)).ok_or_else(|| {
        let operand = operands[0].dtype();
        Error::new(ErrorKind::Unsupported, format!("`{op}` is not computed on {operand}"))
    })
}

/// An integer operand in 128 bits.
fn whole(operands: &[Scalar], k: usize) -> Option<i128> {
    Some(match *operands.get(k)? {
        Scalar::I8(value) => value.into(),
        Scalar::I16(value) => value.into(),
        Scalar::I32(value) => value.into(),
        Scalar::I64(value) => value.into(),
        Scalar::U8(value) => value.into(),
        Scalar::U16(value) => value.into(),
        Scalar::U32(value) => value.into(),
        Scalar::U64(value) => value.into(),
        _ => return None,
    })
}

fn truths(op: Op, a: bool, b: bool) -> Option<Scalar> {
    Some(Scalar::Bool(match op {
        Op::Add | Op::Or | Op::Maximum => a | b,
        Op::Mul | Op::And | Op::Minimum => a & b,
        Op::Xor | Op::Ne => a != b,
        Op::Eq => a == b,
        Op::Lt => !a & b,
        Op::Le => !a | b,
        Op::Not => !a,
        Op::Fmax => a | b,
        Op::Fmin => a & b,
        Op::Copy | Op::Real => a,
        Op::Imag => false,
        Op::OnesLike => true,
        _ => return None,
    }))
}

fn integers(op: Op, bits: u32, a: i128, b: i128, c: i128) -> Option<Answer<i128>> {
    Some(Number(match op {
        Op::Add => a + b,
        Op::Sub => a - b,
        // of two u64 it may be beyond 128 bits, of which the low ones count
        Op::Mul => a.wrapping_mul(b),
        Op::MulAdd => a.wrapping_mul(b).wrapping_add(c),
        Op::MulSub => a.wrapping_mul(b).wrapping_sub(c),
        Op::NegMulAdd => c.wrapping_sub(a.wrapping_mul(b)),
        Op::Square | Op::Abs2 => a.wrapping_mul(a),
        Op::Reciprocal if a == 0 => 0,
        Op::Reciprocal => 1 / a,
        Op::Sign => a.signum(),
        Op::Fmod if b == 0 => 0,
        Op::Fmod => a % b,
        Op::Gcd => divisor(a, b),
        Op::Lcm if a == 0 || b == 0 => 0,
        Op::Lcm => (a / divisor(a, b)).wrapping_mul(b).wrapping_abs(),
        Op::BitCount => a.unsigned_abs().count_ones().into(),
        Op::Copy | Op::Real | Op::Conj => a,
        Op::Imag => 0,
        Op::OnesLike => 1,
        Op::FloorDiv => floor_divide(a, b),
        Op::Rem if b == 0 => 0,
        Op::Rem => a - floor_divide(a, b) * b,
        Op::Pow => power(a, b),
        Op::Neg => -a,
        Op::Abs => a.abs(),
        Op::Not => !a,
        Op::And => a & b,
        Op::Or => a | b,
        Op::Xor => a ^ b,
        Op::Shl if (0..bits.into()).contains(&b) => a << b,
        Op::Shl => 0,
        Op::Shr if (0..bits.into()).contains(&b) => a >> b,
        Op::Shr => a >> 127,
        Op::Minimum | Op::Fmin => a.min(b),
        Op::Maximum | Op::Fmax => a.max(b),
        Op::Eq => return Some(Truth(a == b)),
        Op::Ne => return Some(Truth(a != b)),
        Op::Lt => return Some(Truth(a < b)),
        Op::Le => return Some(Truth(a <= b)),
        _ => return None,
    }))
}

/// The greatest common divisor, by Euclid.
fn divisor(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Rounded down; by zero it is 0.
fn floor_divide(a: i128, b: i128) -> i128 {
    if b == 0 {
        return 0;
    }
    let (quotient, remainder) = (a / b, a % b);
    if remainder != 0 && (remainder < 0) != (b < 0) { quotient - 1 } else { quotient }
}

/// The low 64 bits of `a` to the power of `b`; for a negative `b`, of which a check tells, 0.
fn power(a: i128, b: i128) -> i128 {
    let (mut product, mut square, mut exponent) = (i128::from(b >= 0), a, b.max(0));
    while exponent > 0 {
        if exponent % 2 == 1 {
            product = product.wrapping_mul(square) as i64 as i128;
        }
        square = square.wrapping_mul(square) as i64 as i128;
        exponent /= 2;
    }
    product
}

fn floats<T: Float>(op: Op, a: T, b: T, c: T) -> Option<Answer<T>> {
    Some(Number(match op {
        Op::Add => a + b,
        Op::Sub => a - b,
        Op::Mul => a * b,
        Op::Div => a / b,
        // two roundings: Rust never contracts
        Op::MulAdd => a * b + c,
        Op::MulSub => a * b - c,
        Op::NegMulAdd => c - a * b,
        Op::AddSquares => a * a + b * b,
        Op::SubSquares => a * a - b * b,
        Op::Neg => -a,
        Op::Abs => a.abs(),
        Op::Sqrt => a.sqrt(),
        Op::Square | Op::Abs2 => a * a,
        Op::Reciprocal => T::one() / a,
        Op::Copy | Op::Real | Op::Conj => a,
        Op::Imag => T::zero(),
        Op::OnesLike => T::one(),
        Op::SignBit => return Some(Truth(a.is_sign_negative())),
        Op::CopySign => a.abs() * if b.is_sign_negative() { -T::one() } else { T::one() },
        Op::Finite if a.is_nan() => T::zero(),
        Op::Finite => a.max(T::min_value()).min(T::max_value()),
        Op::Fmin if a.is_nan() => b,
        Op::Fmin if b.is_nan() => a,
        Op::Fmin => minimum(a, b),
        Op::Fmax if a.is_nan() => b,
        Op::Fmax if b.is_nan() => a,
        Op::Fmax => -minimum(-a, -b),
        Op::Floor => a.floor(),
        Op::Ceil => a.ceil(),
        Op::Trunc => a.trunc(),
        Op::Minimum => minimum(a, b),
        Op::Maximum => -minimum(-a, -b),
        Op::Eq => return Some(Truth(a == b)),
        Op::Ne => return Some(Truth(a != b)),
        Op::Lt => return Some(Truth(a < b)),
        Op::Le => return Some(Truth(a <= b)),
        Op::IsNan => return Some(Truth(a.is_nan())),
        Op::IsInf => return Some(Truth(a.is_infinite())),
        Op::IsFinite => return Some(Truth(a.is_finite())),
        _ => return None,
    }))
}

/// IEEE 754-2019 minimum: NaN if either is, and -0 below +0.
fn minimum<T: Float>(a: T, b: T) -> T {
    if a.is_nan() || b.is_nan() {
        T::nan()
    } else if a == b {
        if a.is_sign_negative() { a } else { b }
    } else if a < b {
        a
    } else {
        b
    }
}

/// The element in another type. Floats to integers: the integer part, saturating, NaN to 0; between integers the
/// low bits; to truth, whether it is not 0; of complex numbers the real part.
pub(super) fn convert(value: Scalar, dtype: DType) -> Scalar {
    if let Some(integer) = whole(&[value], 0) {
        return convert_integer(integer, dtype);
    }
    let (re, im) = match value {
        Scalar::Bool(value) => return convert_integer(value.into(), dtype),
        Scalar::C64(value) => (f64::from(value.re), f64::from(value.im)),
        Scalar::C128(value) => (value.re, value.im),
        Scalar::F16(value) => (value.to_f64(), 0.0),
        Scalar::BF16(value) => (value.to_f64(), 0.0),
        Scalar::F32(value) => (value.into(), 0.0),
        Scalar::F64(value) => (value, 0.0),
        _ => unreachable!("integers have returned above"),
    };
    match dtype {
        DType::Bool => Scalar::Bool(re != 0.0 || im != 0.0),
        DType::F16 => Scalar::F16(to_f16(re)),
        DType::BF16 => Scalar::BF16(to_bf16(re)),
        DType::F32 => Scalar::F32(re as f32),
        DType::F64 => Scalar::F64(re),
        DType::C64 => Scalar::C64(Complex::new(re as f32, im as f32)),
        DType::C128 => Scalar::C128(Complex::new(re, im)),
        _ => {
            let (least, greatest) = dtype.range().expect("the other types are integers");
            // Rust's `as` saturates, and makes 0 of NaN
            convert_integer((re as i128).clamp(least, greatest), dtype)
        }
    }
}

/// An integer in another type: the low bits of it, or the nearest float.
pub(super) fn convert_integer(value: i128, dtype: DType) -> Scalar {
    match dtype {
        DType::Bool => Scalar::Bool(value != 0),
        DType::I8 => Scalar::I8(value as i8),
        DType::I16 => Scalar::I16(value as i16),
        DType::I32 => Scalar::I32(value as i32),
        DType::I64 => Scalar::I64(value as i64),
        DType::U8 => Scalar::U8(value as u8),
        DType::U16 => Scalar::U16(value as u16),
        DType::U32 => Scalar::U32(value as u32),
        DType::U64 => Scalar::U64(value as u64),
        DType::F16 => Scalar::F16(to_f16(value as f64)),
        DType::BF16 => Scalar::BF16(to_bf16(value as f64)),
        DType::F32 => Scalar::F32(value as f32),
        DType::F64 => Scalar::F64(value as f64),
        DType::C64 => Scalar::C64(Complex::new(value as f32, 0.0)),
        DType::C128 => Scalar::C128(Complex::new(value as f64, 0.0)),
        DType::Bytes(_) => unreachable!("inference refuses to make byte strings of numbers"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(op: Op, operands: &[Scalar]) -> Scalar {
        apply(op, operands[0].dtype(), operands, false).unwrap()
    }

    #[test]
    fn integers_wrap_and_divide_as_pythons() {
        let long = |op, a, b| of(op, &[Scalar::I64(a), Scalar::I64(b)]);
        assert_eq!(long(Op::FloorDiv, i64::MIN, -1), Scalar::I64(i64::MIN));
        assert_eq!(long(Op::Rem, i64::MIN, -1), Scalar::I64(0));
        assert_eq!(long(Op::FloorDiv, -7, 2), Scalar::I64(-4));
        assert_eq!(long(Op::Rem, -7, 2), Scalar::I64(1));
        assert_eq!(long(Op::Rem, 7, -2), Scalar::I64(-1));
        assert_eq!((long(Op::FloorDiv, 7, 0), long(Op::Rem, 7, 0)), (Scalar::I64(0), Scalar::I64(0)));
        assert_eq!(long(Op::Pow, 3, 41), Scalar::I64(3i64.wrapping_pow(41)));
        assert_eq!(long(Op::Pow, -2, i64::MAX), Scalar::I64(0));
        assert_eq!(long(Op::Shl, 1, 64), Scalar::I64(0));
        assert_eq!(long(Op::Shr, -5, -1), Scalar::I64(-1));
        let int = |op, a, b| of(op, &[Scalar::I32(a), Scalar::I32(b)]);
        assert_eq!(int(Op::Mul, i32::MAX, i32::MAX), Scalar::I32(1));
        assert_eq!(int(Op::Shl, 1, 32), Scalar::I32(0));
        assert_eq!(of(Op::Abs, &[Scalar::I32(i32::MIN)]), Scalar::I32(i32::MIN));
    }

    #[test]
    fn the_lesser_of_zeros_is_negative_and_nan_wins() {
        let float = |op, a: f64, b: f64| match of(op, &[Scalar::F64(a), Scalar::F64(b)]) {
            Scalar::F64(value) => value,
            other => panic!("{other}"),
        };
        for (a, b) in [(0.0, -0.0), (-0.0, 0.0)] {
            assert!(float(Op::Minimum, a, b).is_sign_negative());
            assert!(float(Op::Maximum, a, b).is_sign_positive());
        }
        for op in [Op::Minimum, Op::Maximum] {
            assert!(float(op, f64::NAN, 1.0).is_nan() && float(op, 1.0, f64::NAN).is_nan());
        }
        assert_eq!(float(Op::Maximum, -1.0, 2.0), 2.0);
        assert_eq!(of(Op::Round, &[Scalar::F32(2.5)]), Scalar::F32(2.0));
    }

    #[test]
    fn conversions_saturate() {
        assert_eq!(convert(Scalar::F64(1e300), DType::I64), Scalar::I64(i64::MAX));
        assert_eq!(convert(Scalar::F32(f32::NAN), DType::I32), Scalar::I32(0));
        assert_eq!(convert(Scalar::F32(f32::NAN), DType::Bool), Scalar::Bool(true));
        assert_eq!(convert(Scalar::I64(1 << 32), DType::I32), Scalar::I32(0));
        assert_eq!(convert(Scalar::I64(1 << 32), DType::Bool), Scalar::Bool(true));
        // rounded once: by way of f64 it would be a tie, and even
        assert_eq!(convert(Scalar::I64((1 << 60) + (1 << 36) + 1), DType::F32), Scalar::F32(1.152_921_6e18));
    }
}
