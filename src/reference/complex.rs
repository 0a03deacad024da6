//! Complex numbers, by the formulas of the rules: sums and products part by part, quotients by Smith's method.
//!
//! The functions are defined by their parts' kernels and by rotations of them, and are asked of the scalar oracle.

use num_complex::Complex;
use num_traits::Float;
use numfuse_kernels::Op;

use super::elementwise;
use crate::dtype::{DType, Scalar};
use crate::error::Result;

/// What an operation gives before it has a width.
enum Answer<T> {
    Number(Complex<T>),
    Real(T),
    Truth(bool),
}
use Answer::{Number, Real, Truth};

/// A complex number of two real ones.
pub(super) fn of_parts(re: Scalar, im: Scalar) -> Scalar {
    match (re, im) {
        (Scalar::F32(re), Scalar::F32(im)) => Scalar::C64(Complex::new(re, im)),
        (Scalar::F64(re), Scalar::F64(im)) => Scalar::C128(Complex::new(re, im)),
        _ => unreachable!("inference gives `complex` two floats of one width"),
    }
}

/// One element of an operation on complex numbers; `None` for an operation that is not defined for them.
pub(super) fn apply(op: Op, dtype: DType, operands: &[Scalar], fma: bool) -> Result<Option<Scalar>> {
    let _ = dtype;
    match *operands {
        [Scalar::C64(a), ref rest @ ..] => {
            let b = if let Some(Scalar::C64(b)) = rest.first() { *b } else { a };
            let part = |op: Op, x: f32, y: f32| -> Result<f32> {
                let operands = [Scalar::F32(x), Scalar::F32(y)];
                match elementwise::apply(op, DType::F32, &operands[..op.info().arity()], fma)? {
                    Scalar::F32(value) => Ok(value),
                    _ => unreachable!("parts are of the type of parts"),
                }
            };
            Ok(numbers(op, a, b, &part)?.map(|answer| match answer {
                Number(z) => Scalar::C64(z),
                Real(x) => Scalar::F32(x),
                Truth(t) => Scalar::Bool(t),
            }))
        }
        [Scalar::C128(a), ref rest @ ..] => {
            let b = if let Some(Scalar::C128(b)) = rest.first() { *b } else { a };
            let part = |op: Op, x: f64, y: f64| -> Result<f64> {
                let operands = [Scalar::F64(x), Scalar::F64(y)];
                match elementwise::apply(op, DType::F64, &operands[..op.info().arity()], fma)? {
                    Scalar::F64(value) => Ok(value),
                    _ => unreachable!("parts are of the type of parts"),
                }
            };
            Ok(numbers(op, a, b, &part)?.map(|answer| match answer {
                Number(z) => Scalar::C128(z),
                Real(x) => Scalar::F64(x),
                Truth(t) => Scalar::Bool(t),
            }))
        }
        _ => Ok(None),
    }
}

fn numbers<T: Float>(
    op: Op,
    a: Complex<T>,
    b: Complex<T>,
    part: &dyn Fn(Op, T, T) -> Result<T>,
) -> Result<Option<Answer<T>>> {
    let real = |re: T| Complex::new(re, T::zero());
    Ok(Some(match op {
        Op::Add => Number(Complex::new(a.re + b.re, a.im + b.im)),
        Op::Sub => Number(Complex::new(a.re - b.re, a.im - b.im)),
        Op::Mul => Number(product(a, b)),
        Op::Square => Number(product(a, a)),
        Op::Div => Number(quotient(a, b)),
        Op::Reciprocal => Number(quotient(real(T::one()), a)),
        Op::Neg => Number(Complex::new(-a.re, -a.im)),
        Op::Conj => Number(Complex::new(a.re, -a.im)),
        Op::Copy => Number(a),
        Op::OnesLike => Number(real(T::one())),
        Op::Finite => {
            let finite =
                |x: T| if x.is_nan() { T::zero() } else { x.max(T::min_value()).min(T::max_value()) };
            Number(Complex::new(finite(a.re), finite(a.im)))
        }
        Op::Real => Real(a.re),
        Op::Imag => Real(a.im),
        Op::Abs2 => Real(a.re * a.re + a.im * a.im),
        Op::IsNan => Truth(a.re.is_nan() || a.im.is_nan()),
        Op::IsInf => Truth(a.re.is_infinite() || a.im.is_infinite()),
        Op::IsFinite => Truth(a.re.is_finite() && a.im.is_finite()),
        Op::Eq => Truth(a.re == b.re && a.im == b.im),
        Op::Ne => Truth(a.re != b.re || a.im != b.im),
        Op::Lt => Truth(by_real_part(a, b) || (a.re == b.re && a.im < b.im)),
        Op::Le => Truth(by_real_part(a, b) || (a.re == b.re && a.im <= b.im)),
        _ => {
            let _ = part;
            return Ok(None);
        }
    }))
}

fn by_real_part<T: Float>(a: Complex<T>, b: Complex<T>) -> bool {
    a.re < b.re && !a.im.is_nan() && !b.im.is_nan()
}

fn product<T: Float>(a: Complex<T>, b: Complex<T>) -> Complex<T> {
    Complex::new(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re)
}

fn quotient<T: Float>(a: Complex<T>, b: Complex<T>) -> Complex<T> {
    if b.re == T::zero() && b.im == T::zero() {
        return Complex::new(a.re / b.re.abs(), a.im / b.re.abs());
    }
    if b.im.abs() <= b.re.abs() {
        let ratio = b.im / b.re;
        let scale = T::one() / (b.re + b.im * ratio);
        Complex::new((a.re + a.im * ratio) * scale, (a.im - a.re * ratio) * scale)
    } else {
        let ratio = b.re / b.im;
        let scale = T::one() / (b.im + b.re * ratio);
        Complex::new((a.im + a.re * ratio) * scale, (a.im * ratio - a.re) * scale)
    }
}
