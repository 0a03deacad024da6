//! Elementwise operations by `ndarray`'s operators and `mapv`.

use ndarray::ArrayD;
use numfuse::half::{bf16, f16};
use numfuse::{Complex, Element};
use numfuse_kernels::Op;

use super::{Array, Held, as_number, owned};

/// The operation on one or two arrays of one type; `None` where `ndarray` has none.
pub(super) fn apply<'r>(op: Op, a: &Array<'_>, b: Option<&Array<'_>>) -> Option<Array<'r>> {
    macro_rules! of_one_type {
        ($($variant:ident)*) => {
            match (a, b) {
                $((Array::$variant(a), None) => Apply::unary(op, a),)*
                $((Array::$variant(a), Some(Array::$variant(b))) => Apply::binary(op, a, b),)*
                (_, Some(_)) => None,
            }
        };
    }
    of_one_type!(Bool I8 I16 I32 I64 U8 U16 U32 U64 F16 BF16 F32 F64 C64 C128)
}

/// An element type's operations.
pub(super) trait Apply: Element {
    fn array<'r>(array: ArrayD<Self>) -> Array<'r>;
    fn unary<'r>(op: Op, a: &Held<'_, Self>) -> Option<Array<'r>>;
    fn binary<'r>(op: Op, a: &Held<'_, Self>, b: &Held<'_, Self>) -> Option<Array<'r>>;
}

/// The table's name of an operation. By name a function that the table gains is found, or is `None`, without a line
/// here.
fn name(op: Op) -> &'static str {
    op.info().names.first().copied().unwrap_or(if op == Op::Round { "round" } else { "" })
}

/// An operator of `ndarray`, on arrays or with a number on one side: an array without axes is a number to its user.
macro_rules! operator {
    ($a:ident $operator:tt $b:ident) => {
        match (as_number($a), as_number($b)) {
            (_, Some(b)) => $a $operator b,
            (Some(a), None) => a $operator $b,
            (None, None) => $a $operator $b,
        }
    };
}

/// A function of two values through `mapv`, where one of them is a number.
fn with_number<'r, T: Element, R: Apply>(
    f: impl Fn(T, T) -> R,
    a: &Held<'_, T>,
    b: &Held<'_, T>,
) -> Option<Array<'r>> {
    match (as_number(a), as_number(b)) {
        (_, Some(b)) => Some(R::array(a.mapv(|a| f(a, b)))),
        (Some(a), None) => Some(R::array(b.mapv(|b| f(a, b)))),
        (None, None) => None,
    }
}

fn comparison<'r, T: Apply + PartialOrd>(op: Op, a: &Held<'_, T>, b: &Held<'_, T>) -> Option<Array<'r>> {
    match op {
        Op::Eq => with_number(|a, b| a == b, a, b),
        Op::Ne => with_number(|a, b| a != b, a, b),
        Op::Lt => with_number(|a, b| a < b, a, b),
        Op::Le => with_number(|a, b| a <= b, a, b),
        _ => None,
    }
}

impl Apply for bool {
    fn array<'r>(array: ArrayD<bool>) -> Array<'r> {
        Array::Bool(owned(array))
    }

    fn unary<'r>(op: Op, a: &Held<'_, bool>) -> Option<Array<'r>> {
        (op == Op::Not).then(|| bool::array(!a))
    }

    fn binary<'r>(op: Op, a: &Held<'_, bool>, b: &Held<'_, bool>) -> Option<Array<'r>> {
        Some(bool::array(match op {
            Op::And | Op::Mul => operator!(a & b),
            Op::Or | Op::Add => operator!(a | b),
            Op::Xor | Op::Ne => operator!(a ^ b),
            _ => return comparison(op, a, b),
        }))
    }
}

macro_rules! integers {
    ($($integer:ident $variant:ident $abs:expr),*) => { $(
        impl Apply for $integer {
            fn array<'r>(array: ArrayD<$integer>) -> Array<'r> {
                Array::$variant(owned(array))
            }

            fn unary<'r>(op: Op, a: &Held<'_, $integer>) -> Option<Array<'r>> {
                let abs: Option<fn($integer) -> $integer> = $abs;
                Some($integer::array(match op {
                    Op::Neg => a.mapv($integer::wrapping_neg),
                    Op::Abs => a.mapv(abs?),
                    Op::Not => !a,
                    Op::Copy | Op::Real | Op::Conj => a.to_owned().into_owned(),
                    _ => return None,
                }))
            }

            fn binary<'r>(op: Op, a: &Held<'_, $integer>, b: &Held<'_, $integer>) -> Option<Array<'r>> {
                Some($integer::array(match op {
                    // an operator of Rust may panic in a build that is not optimised
                    Op::Add | Op::Sub | Op::Mul if cfg!(debug_assertions) => return None,
                    Op::Add => operator!(a + b),
                    Op::Sub => operator!(a - b),
                    Op::Mul => operator!(a * b),
                    Op::And => operator!(a & b),
                    Op::Or => operator!(a | b),
                    Op::Xor => operator!(a ^ b),
                    Op::Minimum | Op::Fmin => return with_number($integer::min, a, b),
                    Op::Maximum | Op::Fmax => return with_number($integer::max, a, b),
                    _ => return comparison(op, a, b),
                }))
            }
        }
    )* };
}
integers! {
    i8 I8 Some(i8::wrapping_abs), i16 I16 Some(i16::wrapping_abs), i32 I32 Some(i32::wrapping_abs),
    i64 I64 Some(i64::wrapping_abs), u8 U8 None, u16 U16 None, u32 U32 None, u64 U64 None
}

/// `ndarray` has no operators for them.
macro_rules! halves {
    ($($half:ident $variant:ident),*) => { $(
        impl Apply for $half {
            fn array<'r>(array: ArrayD<$half>) -> Array<'r> {
                Array::$variant(owned(array))
            }
            fn unary<'r>(_: Op, _: &Held<'_, $half>) -> Option<Array<'r>> {
                None
            }
            fn binary<'r>(_: Op, _: &Held<'_, $half>, _: &Held<'_, $half>) -> Option<Array<'r>> {
                None
            }
        }
    )* };
}
halves!(f16 F16, bf16 BF16);

macro_rules! floats {
    ($($float:ident $variant:ident),*) => { $(
        impl Apply for $float {
            fn array<'r>(array: ArrayD<$float>) -> Array<'r> {
                Array::$variant(owned(array))
            }

            fn unary<'r>(op: Op, a: &Held<'_, $float>) -> Option<Array<'r>> {
                let function: fn($float) -> $float = match name(op) {
                    "negative" => return Some($float::array(-a)),
                    "copy" | "real" | "conjugate" => return Some($float::array(a.to_owned().into_owned())),
                    "absolute" => $float::abs,
                    "sqrt" => $float::sqrt,
                    "cbrt" => $float::cbrt,
                    "square" | "abs2" => |x| x * x,
                    "reciprocal" => $float::recip,
                    "floor" => $float::floor,
                    "ceil" => $float::ceil,
                    "trunc" => $float::trunc,
                    "round" | "rint" => $float::round_ties_even,
                    "degrees" => $float::to_degrees,
                    "radians" => $float::to_radians,
                    "exp" => $float::exp,
                    "exp2" => $float::exp2,
                    "expm1" => $float::exp_m1,
                    "log" => $float::ln,
                    "log2" => $float::log2,
                    "log10" => $float::log10,
                    "log1p" => $float::ln_1p,
                    "sin" => $float::sin,
                    "cos" => $float::cos,
                    "tan" => $float::tan,
                    "arcsin" => $float::asin,
                    "arccos" => $float::acos,
                    "arctan" => $float::atan,
                    "sinh" => $float::sinh,
                    "cosh" => $float::cosh,
                    "tanh" => $float::tanh,
                    "arcsinh" => $float::asinh,
                    "arccosh" => $float::acosh,
                    "arctanh" => $float::atanh,
                    "isnan" => return Some(bool::array(a.mapv($float::is_nan))),
                    "isinf" => return Some(bool::array(a.mapv($float::is_infinite))),
                    "isfinite" => return Some(bool::array(a.mapv($float::is_finite))),
                    _ => return None,
                };
                Some($float::array(a.mapv(function)))
            }

            fn binary<'r>(op: Op, a: &Held<'_, $float>, b: &Held<'_, $float>) -> Option<Array<'r>> {
                Some($float::array(match name(op) {
                    "add" => operator!(a + b),
                    "subtract" => operator!(a - b),
                    "multiply" => operator!(a * b),
                    "divide" => operator!(a / b),
                    "fmod" => operator!(a % b),
                    "power" => return with_number($float::powf, a, b),
                    "minimum" | "fmin" => return with_number($float::min, a, b),
                    "maximum" | "fmax" => return with_number($float::max, a, b),
                    "arctan2" => return with_number($float::atan2, a, b),
                    "hypot" => return with_number($float::hypot, a, b),
                    "copysign" => return with_number($float::copysign, a, b),
                    _ => return comparison(op, a, b),
                }))
            }
        }
    )* };
}
floats!(f32 F32, f64 F64);

macro_rules! complex_numbers {
    ($($part:ident $variant:ident),*) => { $(
        impl Apply for Complex<$part> {
            fn array<'r>(array: ArrayD<Self>) -> Array<'r> {
                Array::$variant(owned(array))
            }

            fn unary<'r>(op: Op, a: &Held<'_, Self>) -> Option<Array<'r>> {
                let function: fn(Self) -> Self = match name(op) {
                    "negative" => return Some(Self::array(-a)),
                    "absolute" => return Some($part::array(a.mapv(Self::norm))),
                    "abs2" => return Some($part::array(a.mapv(|z| z.norm_sqr()))),
                    "angle" => return Some($part::array(a.mapv(Self::arg))),
                    "real" => return Some($part::array(a.mapv(|z| z.re))),
                    "imag" => return Some($part::array(a.mapv(|z| z.im))),
                    "copy" => |z| z,
                    "conjugate" => |z| z.conj(),
                    "square" => |z| z * z,
                    "reciprocal" => Self::finv,
                    "sqrt" => Self::sqrt,
                    "exp" => Self::exp,
                    "exp2" => Self::exp2,
                    "log" => Self::ln,
                    "log2" => Self::log2,
                    "log10" => Self::log10,
                    "sin" => Self::sin,
                    "cos" => Self::cos,
                    "tan" => Self::tan,
                    "arcsin" => Self::asin,
                    "arccos" => Self::acos,
                    "arctan" => Self::atan,
                    "sinh" => Self::sinh,
                    "cosh" => Self::cosh,
                    "tanh" => Self::tanh,
                    "arcsinh" => Self::asinh,
                    "arccosh" => Self::acosh,
                    "arctanh" => Self::atanh,
                    "isnan" => return Some(bool::array(a.mapv(|z| z.is_nan()))),
                    "isinf" => return Some(bool::array(a.mapv(|z| z.is_infinite()))),
                    "isfinite" => return Some(bool::array(a.mapv(|z| z.is_finite()))),
                    _ => return None,
                };
                Some(Self::array(a.mapv(function)))
            }

            fn binary<'r>(op: Op, a: &Held<'_, Self>, b: &Held<'_, Self>) -> Option<Array<'r>> {
                Some(Self::array(match op {
                    Op::Add => operator!(a + b),
                    Op::Sub => operator!(a - b),
                    Op::Mul => operator!(a * b),
                    Op::Div => operator!(a / b),
                    Op::Pow => return with_number(|a, b| a.powc(b), a, b),
                    Op::Eq => return with_number(|a, b| a == b, a, b),
                    Op::Ne => return with_number(|a, b| a != b, a, b),
                    _ => return None,
                }))
            }
        }
    )* };
}
complex_numbers!(f32 C64, f64 C128);
