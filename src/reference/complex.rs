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
pub(super) fn apply(op: Op, operands: &[Scalar], fma: bool) -> Result<Option<Scalar>> {
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

fn numbers<T: Float>(op: Op, a: Complex<T>, b: Complex<T>, part: Part<'_, T>) -> Result<Option<Answer<T>>> {
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
        Op::Abs => Real(part(Op::Hypot, a.re, a.im)?),
        Op::Angle => Real(part(Op::ArcTan2, a.im, a.re)?),
        Op::Sign => Number(sign(a, part(Op::Hypot, a.re, a.im)?)),
        Op::Pow => Number(power(a, b, part)?),
        _ => match function(op, a, part)? {
            Some(value) => Number(value),
            None => return Ok(None),
        },
    }))
}

/// What gives a part of a function, or a real function.
type Part<'a, T> = &'a dyn Fn(Op, T, T) -> Result<T>;

/// The analytic functions, by the kernels of their parts.
fn function<T: Float>(op: Op, z: Complex<T>, part: Part<'_, T>) -> Result<Option<Complex<T>>> {
    use Op::{
        ArcCos, ArcCosh, ArcSin, ArcSinh, ArcTan, ArcTan2, ArcTanh, ComplexArcCosImag, ComplexArcCosReal,
        ComplexArcSinhImag, ComplexArcSinhReal, ComplexArcTanhImag, ComplexArcTanhReal, ComplexCoshImag,
        ComplexCoshReal, ComplexExpImag, ComplexExpReal, ComplexLogReal, ComplexSinhImag, ComplexSinhReal,
        ComplexSqrtImag, ComplexSqrtReal, ComplexTanhImag, ComplexTanhReal, Cos, Cosh, Exp, Exp2, Expm1,
        Hypot, Log, Log1p, Log2, Log10, Sin, Sinh, Sqrt, Tan, Tanh,
    };
    let of = |re, im, z: Complex<T>| -> Result<Complex<T>> {
        Ok(Complex::new(part(re, z.re, z.im)?, part(im, z.re, z.im)?))
    };
    // -i f(iz)
    let rotated = |re, im| -> Result<Complex<T>> {
        let value = of(re, im, Complex::new(-z.im, z.re))?;
        Ok(Complex::new(value.im, -value.re))
    };
    let constant = |value: f64| T::from(value).unwrap_or_else(T::nan);
    Ok(Some(match op {
        Sqrt => of(ComplexSqrtReal, ComplexSqrtImag, z)?,
        Exp => of(ComplexExpReal, ComplexExpImag, z)?,
        Exp2 => {
            let scale = constant(std::f64::consts::LN_2);
            of(ComplexExpReal, ComplexExpImag, Complex::new(z.re * scale, z.im * scale))?
        }
        Expm1 => {
            let sine = part(Sin, z.im * constant(0.5), z.im)?;
            let square = sine * sine;
            let product = part(Expm1, z.re, z.re)? * part(Cos, z.im, z.im)?;
            Complex::new(product - (square + square), part(ComplexExpImag, z.re, z.im)?)
        }
        Log => log(z, part)?,
        Log2 | Log10 => {
            let scale = if op == Log2 { std::f64::consts::LOG2_E } else { std::f64::consts::LOG10_E };
            let log = log(z, part)?;
            Complex::new(log.re * constant(scale), log.im * constant(scale))
        }
        Log1p => {
            let shifted = z.re + T::one();
            let excess = z.re * (z.re + constant(2.0)) + z.im * z.im;
            let near = part(Hypot, z.re, z.im)? < constant(0.5);
            let re = match near {
                true => part(Log1p, excess, excess)? * constant(0.5),
                false => part(ComplexLogReal, shifted, z.im)?,
            };
            Complex::new(re, part(ArcTan2, z.im, shifted)?)
        }
        Sinh => of(ComplexSinhReal, ComplexSinhImag, z)?,
        Cosh => of(ComplexCoshReal, ComplexCoshImag, z)?,
        Tanh => of(ComplexTanhReal, ComplexTanhImag, z)?,
        ArcSinh => of(ComplexArcSinhReal, ComplexArcSinhImag, z)?,
        ArcTanh => of(ComplexArcTanhReal, ComplexArcTanhImag, z)?,
        ArcCos => of(ComplexArcCosReal, ComplexArcCosImag, z)?,
        Sin => rotated(ComplexSinhReal, ComplexSinhImag)?,
        Tan => rotated(ComplexTanhReal, ComplexTanhImag)?,
        ArcSin => rotated(ComplexArcSinhReal, ComplexArcSinhImag)?,
        ArcTan => rotated(ComplexArcTanhReal, ComplexArcTanhImag)?,
        Cos => of(ComplexCoshReal, ComplexCoshImag, Complex::new(-z.im, z.re))?,
        ArcCosh => {
            let angle = of(ComplexArcCosReal, ComplexArcCosImag, z)?;
            match z.im.is_sign_negative() {
                true => Complex::new(angle.im, -angle.re),
                false => Complex::new(-angle.im, angle.re),
            }
        }
        _ => return Ok(None),
    }))
}

fn log<T: Float>(z: Complex<T>, part: Part<'_, T>) -> Result<Complex<T>> {
    Ok(Complex::new(part(Op::ComplexLogReal, z.re, z.im)?, part(Op::ArcTan2, z.im, z.re)?))
}

/// z / |z|; of an infinite part alone its direction; of zero zero.
fn sign<T: Float>(z: Complex<T>, modulus: T) -> Complex<T> {
    let (x, y) = (z.re.is_infinite(), z.im.is_infinite());
    let unit = |is_infinite: bool, part: T| match is_infinite {
        true if part.is_sign_negative() => -T::one(),
        true => T::one(),
        false => T::zero(),
    };
    if x != y && !z.re.is_nan() && !z.im.is_nan() {
        Complex::new(unit(x, z.re), unit(y, z.im))
    } else if modulus == T::zero() {
        Complex::new(T::zero(), T::zero())
    } else {
        Complex::new(z.re / modulus, z.im / modulus)
    }
}

/// exp(b log a), by modulus and angle. Small whole exponents that are literals are products, which is not seen here:
/// they come as [`whole_power`].
fn power<T: Float>(a: Complex<T>, b: Complex<T>, part: Part<'_, T>) -> Result<Complex<T>> {
    let (zero, one) = (T::zero(), T::one());
    if b.re == zero && b.im == zero {
        return Ok(Complex::new(one, zero));
    }
    let modulus = part(Op::Hypot, a.re, a.im)?;
    if modulus == zero {
        return Ok(match b.re > zero {
            true => Complex::new(zero, zero),
            false => Complex::new(T::nan(), T::nan()),
        });
    }
    let log = log(a, part)?;
    let shrunk = -(b.im * log.im);
    let radius = part(Op::Pow, modulus, b.re)? * part(Op::Exp, shrunk, shrunk)?;
    let turn = b.re * log.im + b.im * log.re;
    Ok(Complex::new(radius * part(Op::Cos, turn, turn)?, radius * part(Op::Sin, turn, turn)?))
}

/// Repeated squaring, and one over it.
pub(super) fn whole_power(a: Scalar, n: i32) -> Scalar {
    fn of<T: Float>(a: Complex<T>, n: i32) -> Complex<T> {
        let one = Complex::new(T::one(), T::zero());
        let (mut product, mut square, mut left) = (None, a, n.unsigned_abs());
        while left > 0 {
            if left % 2 == 1 {
                product = Some(product.map_or(square, |p| self::product(p, square)));
            }
            left /= 2;
            if left > 0 {
                square = self::product(square, square);
            }
        }
        match product {
            None => one,
            Some(product) if n > 0 => product,
            Some(_) if a.re == T::zero() && a.im == T::zero() => Complex::new(T::nan(), T::nan()),
            Some(product) => quotient(one, product),
        }
    }
    match a {
        Scalar::C64(a) => Scalar::C64(of(a, n)),
        Scalar::C128(a) => Scalar::C128(of(a, n)),
        _ => unreachable!("complex numbers only"),
    }
}

/// The whole exponent below 100 that a literal is, if it is one.
pub(super) fn whole_exponent(b: Scalar) -> Option<i32> {
    let (re, im) = match b {
        Scalar::C64(b) => (f64::from(b.re), f64::from(b.im)),
        Scalar::C128(b) => (b.re, b.im),
        _ => return None,
    };
    (im == 0.0 && re.fract() == 0.0 && re.abs() < 100.0).then_some(re as i32)
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
