//! Elementwise operations by `ndarray`'s operators and `mapv`.

use ndarray::ArrayD;
use numfuse::Element;
use numfuse_kernels::Op;

use super::{Array, Held, as_number, owned};

/// The operation on one or two arrays of one type; `None` where `ndarray` has none.
pub(super) fn apply<'r>(op: Op, a: &Array<'_>, b: Option<&Array<'_>>) -> Option<Array<'r>> {
    match (a, b) {
        (Array::Bool(a), None) => bool::unary(op, a),
        (Array::I32(a), None) => i32::unary(op, a),
        (Array::I64(a), None) => i64::unary(op, a),
        (Array::F32(a), None) => f32::unary(op, a),
        (Array::F64(a), None) => f64::unary(op, a),
        (Array::Bool(a), Some(Array::Bool(b))) => bool::binary(op, a, b),
        (Array::I32(a), Some(Array::I32(b))) => i32::binary(op, a, b),
        (Array::I64(a), Some(Array::I64(b))) => i64::binary(op, a, b),
        (Array::F32(a), Some(Array::F32(b))) => f32::binary(op, a, b),
        (Array::F64(a), Some(Array::F64(b))) => f64::binary(op, a, b),
        (_, Some(_)) => None,
    }
}

/// An element type's operations.
pub(super) trait Apply: Element + PartialOrd {
    fn array<'r>(array: ArrayD<Self>) -> Array<'r>;
    fn unary<'r>(op: Op, a: &Held<'_, Self>) -> Option<Array<'r>>;
    fn binary<'r>(op: Op, a: &Held<'_, Self>, b: &Held<'_, Self>) -> Option<Array<'r>>;
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

fn comparison<'r, T: Apply>(op: Op, a: &Held<'_, T>, b: &Held<'_, T>) -> Option<Array<'r>> {
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
    ($($integer:ident $variant:ident),*) => { $(
        impl Apply for $integer {
            fn array<'r>(array: ArrayD<$integer>) -> Array<'r> {
                Array::$variant(owned(array))
            }

            fn unary<'r>(op: Op, a: &Held<'_, $integer>) -> Option<Array<'r>> {
                Some($integer::array(match op {
                    Op::Neg => a.mapv($integer::wrapping_neg),
                    Op::Abs => a.mapv($integer::wrapping_abs),
                    Op::Not => !a,
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
                    Op::Minimum => return with_number($integer::min, a, b),
                    Op::Maximum => return with_number($integer::max, a, b),
                    _ => return comparison(op, a, b),
                }))
            }
        }
    )* };
}
integers!(i32 I32, i64 I64);

macro_rules! floats {
    ($($float:ident $variant:ident),*) => { $(
        impl Apply for $float {
            fn array<'r>(array: ArrayD<$float>) -> Array<'r> {
                Array::$variant(owned(array))
            }

            fn unary<'r>(op: Op, a: &Held<'_, $float>) -> Option<Array<'r>> {
                // by name: a function that the table gains is found, or is `None`, without a line here
                let function: fn($float) -> $float = match *op.info().names.first()? {
                    "negative" => return Some($float::array(-a)),
                    "absolute" => $float::abs,
                    "sqrt" => $float::sqrt,
                    "cbrt" => $float::cbrt,
                    "square" => |x| x * x,
                    "reciprocal" => $float::recip,
                    "floor" => $float::floor,
                    "ceil" => $float::ceil,
                    "trunc" => $float::trunc,
                    "round" => $float::round_ties_even,
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
                Some($float::array(match *op.info().names.first()? {
                    "add" => operator!(a + b),
                    "subtract" => operator!(a - b),
                    "multiply" => operator!(a * b),
                    "divide" => operator!(a / b),
                    "power" => return with_number($float::powf, a, b),
                    "minimum" => return with_number($float::min, a, b),
                    "maximum" => return with_number($float::max, a, b),
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
