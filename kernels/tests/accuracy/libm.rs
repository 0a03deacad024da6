//! The C library's functions in double precision, by canonical name: a reference for singles that is quick enough for
//! all of them. Their own errors, some units in a double's last place, are 2^-26 of a single's; [`against_mpfr`] checks it.

use crate::{
    arguments::arguments,
    check::{Judge, Worst},
    rows::rows,
};
use numfuse_kernels::Compute;
use std::f64::consts::{FRAC_1_SQRT_2, PI};

unsafe extern "C" {
    safe fn acosh(x: f64) -> f64;
    safe fn asinh(x: f64) -> f64;
    safe fn atanh(x: f64) -> f64;
    safe fn erf(x: f64) -> f64;
    safe fn erfc(x: f64) -> f64;
    safe fn tgamma(x: f64) -> f64;
    /// Unlike `lgamma` it writes no global variable.
    fn lgamma_r(x: f64, sign: *mut i32) -> f64;
}

/// The function of one single with this name, for arguments that are singles.
pub fn double(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "arccos" => f64::acos,
        "arccosh" => |x| acosh(x),
        "arcsin" => f64::asin,
        "arcsinh" => |x| asinh(x),
        "arctan" => f64::atan,
        "arctanh" => |x| atanh(x),
        "cbrt" => f64::cbrt,
        "cos" => f64::cos,
        "cosh" => f64::cosh,
        "degrees" => |x| x * (180.0 / PI),
        "erf" => |x| erf(x),
        "erfc" => |x| erfc(x),
        "exp" => f64::exp,
        "exp10" => |x| 10f64.powf(x),
        "exp2" => f64::exp2,
        "expit" => |x| 1.0 / (1.0 + (-x).exp()),
        "expm1" => f64::exp_m1,
        "gamma" => gamma,
        "lgamma" => lgamma,
        "log" => f64::ln,
        "log10" => f64::log10,
        "log1p" => f64::ln_1p,
        "log2" => f64::log2,
        "logit" => logit,
        "ndtr" => |x| 0.5 * erfc(-x * FRAC_1_SQRT_2),
        "radians" => |x| x * (PI / 180.0),
        "sin" => f64::sin,
        "sinc" => sinc,
        "sinh" => f64::sinh,
        "softplus" => |x| (-x.abs()).exp().ln_1p() + if x > 0.0 { x } else { 0.0 },
        "tan" => f64::tan,
        "tanh" => f64::tanh,
        _ => return None,
    })
}

/// Poles at the negative integers have no sign.
fn gamma(x: f64) -> f64 {
    if x == f64::NEG_INFINITY || x < 0.0 && x.trunc() == x { f64::NAN } else { tgamma(x) }
}

fn lgamma(x: f64) -> f64 {
    let mut sign = 0;
    // SAFETY: the sign is written.
    unsafe { lgamma_r(x, &mut sign) }
}

fn logit(x: f64) -> f64 {
    // 1 - x and x - (1 - x) are exact where they matter: a single has 29 bits less.
    if x > 0.25 && x < 0.75 { ((x - (1.0 - x)) / (1.0 - x)).ln_1p() } else { x.ln() - (-x).ln_1p() }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let whole = x.round_ties_even();
    let sign = if whole % 2.0 == 0.0 { 1.0 } else { -1.0 };
    sign * (PI * (x - whole)).sin() / (PI * x)
}

/// The doubles of every row that states a bound, on `n` singles beside the hard ones. In units of a single's last place:
/// a thousandth is finer than any row states its bound.
pub fn against_mpfr(n: usize) {
    for row in rows().into_iter().filter(|row| row.bound.is_some() && row.op.info().arity() == 1) {
        let name = row.op.to_string();
        let function =
            double(&name).unwrap_or_else(|| panic!("`double` in tests/accuracy/libm.rs lacks {name}"));
        let mut worst = Worst::default();
        for point in arguments(&name, 1, Compute::F32, n, 99) {
            let double = function(point[0]);
            let got = if double.abs() >= 2f64.powi(128) { f64::INFINITY.copysign(double) } else { double };
            worst.see(Judge::new(row, Compute::F32, point).error(got), got, &point[..1]);
        }
        println!("{name}: {worst}");
        assert!(worst.ulps < 1e-3, "the C library's {name}: {worst}");
    }
}
