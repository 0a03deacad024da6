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
