//! The parts of complex functions: real formulas that lose nothing in as many bits as their arguments ask for.

use crate::mpfr::Real;

/// A part of a function of `x + iy`, both finite, by the name of its row.
pub fn part(row: &str) -> Option<fn(f64, f64) -> Real> {
    Some(match row {
        "ComplexSqrtReal" => |x, y| sqrt(x, y)[0].abs(),
        "ComplexSqrtImag" => |x, y| signed(&sqrt(x, y)[1], y),
        "ComplexLogReal" => |x, y| real(x, x, y).sqr().add(&real(y, x, y).sqr()).log().times(0.5),
        "ComplexExpReal" => |x, y| exponent(x).exp().mul(&plain(y).cos()),
        "ComplexExpImag" => |x, y| exponent(x).exp().mul(&plain(y).sin()),
        "ComplexSinhReal" => |x, y| exponent(x).sinh().mul(&plain(y).cos()),
        "ComplexSinhImag" => |x, y| exponent(x).cosh().mul(&plain(y).sin()),
        "ComplexCoshReal" => |x, y| exponent(x).cosh().mul(&plain(y).cos()),
        "ComplexCoshImag" => |x, y| exponent(x).sinh().mul(&plain(y).sin()),
        "ComplexTanhReal" => |x, y| {
            let [re, _] = tanh(x, y);
            re
        },
        "ComplexTanhImag" => |x, y| {
            let [_, im] = tanh(x, y);
            im
        },
        // |z + i| and |z - i| make those of asinh as |z + 1| and |z - 1| make those of acos
        "ComplexArcSinhReal" => |x, y| signed(&ellipse(y, x)[0].acosh(), x),
        "ComplexArcSinhImag" => |x, y| ellipse(y, x)[1].asin(),
        "ComplexArcCosReal" => |x, y| ellipse(x, y)[1].acos(),
        "ComplexArcCosImag" => |x, y| signed(&ellipse(x, y)[0].acosh(), -y),
        "ComplexArcTanhReal" => |x, y| signed(&arctanh_real(x.abs(), y), x),
        "ComplexArcTanhImag" => arctanh_imag,
        _ => return None,
    })
}

/// For formulas without cancellation.
fn plain(x: f64) -> Real {
    Real::new(x, 192)
}

/// An argument of exponentials: beyond these the results are out of range all the same, and remain within MPFR's.
fn exponent(x: f64) -> Real {
    plain(x.clamp(-20_000.0, 20_000.0))
}

/// With bits enough for a sum of 1 and squares of the arguments, or for what is left of it.
fn real(value: f64, x: f64, y: f64) -> Real {
    let bits = |v: f64| if v == 0.0 { 0.0 } else { v.abs().log2().abs() };
    Real::new(value, 320 + 2 * (bits(x) + bits(y)) as u32)
}

fn signed(magnitude: &Real, like: f64) -> Real {
    if like.is_sign_negative() { magnitude.abs().neg() } else { magnitude.abs() }
}

/// Magnitudes of both parts: the greater from a sum, the lesser by division.
fn sqrt(x: f64, y: f64) -> [Real; 2] {
    let (re, im) = (plain(x.abs()), plain(y.abs()));
    if x == 0.0 && y == 0.0 {
        return [re, im];
    }
    let greater = re.hypot(&im).add(&re).times(0.5).sqrt();
    let lesser = im.div(&greater).times(0.5);
    if x >= 0.0 { [greater, lesser] } else { [lesser, greater] }
}

/// sinh(x) cosh(x) and sin(y) cos(y) over sinh(x)^2 + cos(y)^2.
fn tanh(x: f64, y: f64) -> [Real; 2] {
    let (x, y) = (exponent(x), plain(y));
    let below = x.sinh().sqr().add(&y.cos().sqr());
    [x.sinh().mul(&x.cosh()).div(&below), y.sin().mul(&y.cos()).div(&below)]
}

/// Half the sum of the distances of `x + iy` from 1 and from -1, and `x` over that.
fn ellipse(x: f64, y: f64) -> [Real; 2] {
    let [from_1, from_minus_1] = [-1.0, 1.0].map(|by| real(x, x, y).plus(by).hypot(&real(y, x, y)));
    let half = from_1.add(&from_minus_1).times(0.5);
    let ratio = real(x, x, y).div(&half);
    [half, ratio]
}

/// log1p(4x / ((1 - x)^2 + y^2)) / 4, for positive `x`.
fn arctanh_real(x: f64, y: f64) -> Real {
    let from_1 = real(-x, x, y).plus(1.0).sqr().add(&real(y, x, y).sqr());
    real(4.0, x, y).times(x).div(&from_1).log1p().times(0.25)
}

/// The angle of (1 - x)(1 + x) - y^2 + 2iy, halved.
fn arctanh_imag(x: f64, y: f64) -> Real {
    let across = real(-x, x, y).plus(1.0).mul(&real(x, x, y).plus(1.0)).sub(&real(y, x, y).sqr());
    real(2.0, x, y).times(y).atan2(&across).times(0.5)
}
