//! What each function is: one line, over MPFR.

use crate::{complex, mpfr::Real, native::native};
use numfuse_kernels::Compute;

/// Bits of a reference: enough for an error of 2^-70 ulp of a double.
const PRECISION: u32 = 128;
/// Where a formula subtracts what may nearly cancel. Two doubles' worth of bits may vanish.
const CANCELLING: u32 = 384;
/// Sums and products of doubles are exact.
const EXACT: u32 = 4608;

/// An independent way to a row's result, by its arguments.
#[derive(Clone, Copy)]
pub enum Reference {
    /// A function of MPFR, with MPFR's (C's) special values and signs of zero.
    Unary(fn(&Real) -> Real),
    /// The same of two arguments.
    Binary(fn(&Real, &Real) -> Real),
    /// Composed of several; a zero has no sign.
    Formula(fn([f64; 3]) -> Real),
    /// Rounded once: the bits are known.
    Exact(fn([f64; 3]) -> Real),
    /// A part of a complex function, of finite numbers; a zero has no sign.
    Part(fn(f64, f64) -> Real),
    /// What Rust's own operators do.
    Native(fn([f64; 3]) -> f64),
    /// The bits, by other means.
    Bits(fn(Compute, [f64; 3]) -> f64),
}

impl Reference {
    /// Whether a zero's sign is known.
    pub fn signs_zeros(self) -> bool {
        !matches!(self, Reference::Formula(_) | Reference::Part(_))
    }

    /// The result, so exactly that its errors do not count.
    pub fn exact(self, compute: Compute, point: [f64; 3]) -> Real {
        let [x, y, _] = point;
        match self {
            Reference::Unary(f) => f(&real(x)),
            Reference::Binary(f) => f(&real(x), &real(y)),
            Reference::Formula(f) | Reference::Exact(f) => f(point),
            Reference::Part(f) => f(x, y),
            Reference::Native(f) => real(f(point)),
            Reference::Bits(f) => real(f(compute, point)),
        }
    }
}

/// The reference of the function with this canonical name; the third line of a new row.
pub fn reference(name: &str) -> Option<Reference> {
    use Reference::{Binary, Bits, Exact, Formula, Native, Part, Unary};
    Some(match name {
        "add" => Exact(|[x, y, _]| Real::new(x, EXACT).plus(y)),
        "subtract" => Exact(|[x, y, _]| Real::new(x, EXACT).plus(-y)),
        "multiply" => Exact(|[x, y, _]| real(x).times(y)),
        "divide" => Exact(|[x, y, _]| real(x).div(&real(y))),
        "fmod" => Exact(|[x, y, _]| real(x).fmod(&real(y))),
        "fma" => Exact(|[x, y, z]| Real::new(x, EXACT).fma(&real(y), &real(z))),
        "sqrt" => Exact(|[x, ..]| real(x).sqrt()),
        "square" => Exact(|[x, ..]| real(x).sqr()),
        "reciprocal" => Exact(|[x, ..]| real(x).reciprocal()),
        "ldexp" => Exact(|[x, n, _]| real(x).scaled(n as i64)),
        "nextafter" => Bits(next_after),
        "spacing" => Bits(spacing),
        "cbrt" => Unary(Real::cbrt),
        "exp" => Unary(Real::exp),
        "exp2" => Unary(Real::exp2),
        "exp10" => Unary(Real::exp10),
        "expm1" => Unary(Real::expm1),
        "log" => Unary(Real::log),
        "log2" => Unary(Real::log2),
        "log10" => Unary(Real::log10),
        "log1p" => Unary(Real::log1p),
        "sin" => Unary(Real::sin),
        "cos" => Unary(Real::cos),
        "tan" => Unary(Real::tan),
        "arcsin" => Unary(Real::asin),
        "arccos" => Unary(Real::acos),
        "arctan" => Unary(Real::atan),
        "sinh" => Unary(Real::sinh),
        "cosh" => Unary(Real::cosh),
        "tanh" => Unary(Real::tanh),
        "arcsinh" => Unary(Real::asinh),
        "arccosh" => Unary(Real::acosh),
        "arctanh" => Unary(Real::atanh),
        "erf" => Unary(Real::erf),
        "erfc" => Unary(Real::erfc),
        "gamma" => Unary(Real::gamma),
        "lgamma" => Unary(Real::lgamma),
        "power" => Binary(Real::pow),
        "hypot" => Binary(Real::hypot),
        "arctan2" => Binary(Real::atan2),
        "degrees" => Formula(|[x, ..]| real(x).times(180.0).div(&Real::pi(PRECISION))),
        "radians" => Formula(|[x, ..]| real(x).mul(&Real::pi(PRECISION)).div(&real(180.0))),
        "sinc" => Formula(|[x, ..]| sinc(x)),
        "ndtr" => Formula(|[x, ..]| real(-x).div(&real(2.0).sqrt()).erfc().times(0.5)),
        "expit" => Formula(|[x, ..]| real(-x).exp().plus(1.0).reciprocal()),
        "logit" => Formula(|[x, ..]| logit(x)),
        "softplus" => Formula(|[x, ..]| real(-x.abs()).exp().log1p().plus(x.max(0.0))),
        "logaddexp" => Formula(|[x, y, _]| log_of_sum(x, y, Real::exp, Real::log)),
        "logaddexp2" => Formula(|[x, y, _]| log_of_sum(x, y, Real::exp2, Real::log2)),
        "xlogy" => {
            Formula(|[x, y, _]| if x == 0.0 && !y.is_nan() { real(0.0) } else { real(y).log().times(x) })
        }
        "xlog1py" => {
            Formula(|[x, y, _]| if x == 0.0 && !y.is_nan() { real(0.0) } else { real(y).log1p().times(x) })
        }
        _ => match complex::part(name) {
            Some(part) => Part(part),
            None => Native(native(name)?),
        },
    })
}

fn real(x: f64) -> Real {
    Real::new(x, PRECISION)
}

/// sin(pi x) / (pi x). The nearest integer is taken off before pi comes in.
fn sinc(x: f64) -> Real {
    if x == 0.0 {
        return real(1.0);
    }
    let whole = x.round_ties_even();
    let sign = if whole % 2.0 == 0.0 { 1.0 } else { -1.0 };
    let pi = Real::pi(PRECISION);
    pi.times(x - whole).sin().times(sign).div(&pi.times(x))
}

/// log(x / (1 - x)).
fn logit(x: f64) -> Real {
    let (x, rest) = (Real::new(x, CANCELLING), Real::new(-x, CANCELLING).plus(1.0));
    // Near 1/2 the quotient is near 1: x - (1 - x) is exact there.
    let near = x.compare(&real(0.25)).is_gt() && x.compare(&real(0.75)).is_lt();
    if near { x.sub(&rest).div(&rest).log1p() } else { x.log().sub(&x.neg().log1p()) }
}

/// The logarithm of a sum of two exponentials, all in one base.
fn log_of_sum(x: f64, y: f64, exp: fn(&Real) -> Real, log: fn(&Real) -> Real) -> Real {
    if x == y {
        return log(&Real::new(2.0, CANCELLING)).plus(x); // infinities too
    }
    let (great, small) = if x > y { (x, y) } else { (y, x) };
    let difference = Real::new(small, CANCELLING).plus(-great);
    // log1p in any base: log(1 + d) = log1p(d) / ln(base), and ln(base) = 1 / log(e).
    let scale = log(&Real::new(1.0, CANCELLING).exp());
    exp(&difference).log1p().mul(&scale).plus(great)
}

unsafe extern "C" {
    fn nextafter(x: f64, y: f64) -> f64;
    fn nextafterf(x: f32, y: f32) -> f32;
}

fn next_after(compute: Compute, [x, y, _]: [f64; 3]) -> f64 {
    // SAFETY: functions of C's library, without conditions.
    unsafe { if compute == Compute::F32 { nextafterf(x as f32, y as f32) as f64 } else { nextafter(x, y) } }
}

/// NumPy's: the distance to the next value away from zero, with the sign of `x`; positive at both zeros.
fn spacing(compute: Compute, [x, ..]: [f64; 3]) -> f64 {
    let away = if x < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    if x.is_finite() { next_after(compute, [x, away, 0.0]) - x } else { f64::NAN }
}

/// The exponent whose last place counts where a result is smaller: where no way to the result keeps its own.
pub fn least_place(name: &str, [x, y, _]: [f64; 3]) -> Option<i64> {
    match name {
        // log|gamma| has a zero between any two poles: what is promised there is the absolute error.
        "lgamma" if x < 0.0 => Some(0),
        // The greater argument may cancel all of the logarithm that is added to it.
        "logaddexp" | "logaddexp2" => Real::new(x.max(y), PRECISION).exponent(),
        _ => None,
    }
}
