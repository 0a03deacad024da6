//! The error of a result, in units in the last place.

use crate::mpfr::Real;
use numfuse_kernels::Compute;

/// A binary float format.
#[derive(Clone, Copy)]
pub struct Format {
    /// Bits of a normal mantissa.
    precision: i64,
    /// Exponents of the least normal and of the greatest values.
    least: i64,
    greatest: i64,
}

impl Format {
    pub fn of(compute: Compute) -> Format {
        match compute {
            Compute::F64 => Format { precision: 53, least: -1022, greatest: 1023 },
            Compute::F32 => Format { precision: 24, least: -126, greatest: 127 },
            Compute::Bool | Compute::I32 | Compute::I64 | Compute::U64 => {
                unreachable!("errors are of floats")
            }
        }
    }

    /// |got - exact| in units of the last place that the format has at `exact`, or at 2^`floor` if that is more.
    ///
    /// Subnormals have the place of the least normal value. Infinity stands for the first power of two out of range,
    /// and is right for all beyond. NaN is right for NaN only.
    pub fn error(self, got: f64, exact: &Real, floor: Option<i64>) -> f64 {
        if got.is_nan() || exact.nan_p() {
            return if got.is_nan() && exact.nan_p() { 0.0 } else { f64::INFINITY };
        }
        let exponent = exact.exponent();
        let beyond = exact.inf_p() || exponent.is_some_and(|e| e > self.greatest);
        if got.is_infinite() && beyond && exact.signbit() == (got < 0.0) {
            return 0.0;
        }
        let magnitude = exponent.map_or(self.least, |e| e.max(floor.unwrap_or(e)));
        let place = magnitude.clamp(self.least, self.greatest) - (self.precision - 1);
        let got = if got.is_infinite() {
            Real::new(1f64.copysign(got), 53).scaled(self.greatest + 1)
        } else {
            Real::new(got, 53)
        };
        got.sub(exact).abs().scaled(-place).to_f64()
    }
}

/// The same of a single against a double, which is exact enough, and quick. A wrong sign is an infinite error; that of a
/// zero counts if it is known.
pub fn single_error(got: f64, want: f64, floor: Option<i64>, signed_zeros: bool) -> f64 {
    if got == want {
        let same_sign = got.is_sign_negative() == want.is_sign_negative();
        return if same_sign || !signed_zeros { 0.0 } else { f64::INFINITY };
    }
    if got.is_nan() || want.is_nan() {
        return if got.is_nan() && want.is_nan() { 0.0 } else { f64::INFINITY };
    }
    let beyond = 2f64.powi(128);
    if got.is_infinite() && want.abs() >= beyond && (got < 0.0) == (want < 0.0) {
        return 0.0;
    }
    if floor.is_none() && got.is_sign_negative() != want.is_sign_negative() {
        return f64::INFINITY;
    }
    let got = if got.is_infinite() { beyond.copysign(got) } else { got };
    let exponent = (want.to_bits() >> 52 & 0x7ff) as i64 - 1023;
    let place = exponent.max(floor.unwrap_or(exponent)).clamp(-126, 127) - 23;
    (got - want).abs() / f64::from_bits(((place + 1023) as u64) << 52)
}
