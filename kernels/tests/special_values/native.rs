//! Rows that are what Rust's own operators are: IEEE's operations, comparisons, roundings, choices.

/// The row's result by other means, where it has so simple a meaning. Of f32, rounded: one operation of f64 on f32 loses
/// nothing by that.
pub fn native(name: &str) -> Option<fn([f64; 3]) -> f64> {
    Some(match name {
        "add" => |[x, y, _]| x + y,
        "subtract" => |[x, y, _]| x - y,
        "multiply" => |[x, y, _]| x * y,
        "divide" => |[x, y, _]| x / y,
        "negative" => |[x, ..]| -x,
        "absolute" => |[x, ..]| x.abs(),
        "abs2" => |[x, ..]| x * x,
        "fma" => |[x, y, z]| x.mul_add(y, z),
        "copy" | "real" | "conjugate" => |[x, ..]| x,
        "imag" => |_| 0.0,
        "ones_like" => |_| 1.0,
        "angle" => |[x, ..]| if x.is_nan() { x } else { truth(x.is_sign_negative()) * std::f64::consts::PI },
        "heaviside" => |[x, y, _]| if x == 0.0 { y } else { x.signum().clamp(0.0, 1.0) },
        "fractional" => {
            |[x, ..]| if x.is_infinite() { 0f64.copysign(x) } else { (x - x.trunc()).copysign(x) }
        }
        "floor" => |[x, ..]| x.floor(),
        "ceil" => |[x, ..]| x.ceil(),
        "trunc" => |[x, ..]| x.trunc(),
        "rint" | "round" => |[x, ..]| x.round_ties_even(),
        "copysign" => |[x, y, _]| x.copysign(y),
        "sign" => |[x, ..]| if x == 0.0 { 0.0 } else { x.signum() },
        "minimum" => |[x, y, _]| if x.is_nan() || y.is_nan() { f64::NAN } else { lesser(x, y) },
        "maximum" => |[x, y, _]| if x.is_nan() || y.is_nan() { f64::NAN } else { -lesser(-x, -y) },
        "fmin" => |[x, y, _]| number_of(x, y).unwrap_or_else(|| lesser(x, y)),
        "fmax" => |[x, y, _]| number_of(x, y).unwrap_or_else(|| -lesser(-x, -y)),
        "where" => |[x, y, z]| if x != 0.0 { y } else { z },
        "equal" => |[x, y, _]| truth(x == y),
        "not_equal" => |[x, y, _]| truth(x != y),
        "less" => |[x, y, _]| truth(x < y),
        "less_equal" => |[x, y, _]| truth(x <= y),
        "isnan" => |[x, ..]| truth(x.is_nan()),
        "isinf" => |[x, ..]| truth(x.is_infinite()),
        "isfinite" => |[x, ..]| truth(x.is_finite()),
        "signbit" => |[x, ..]| truth(x.is_sign_negative()),
        _ => return None,
    })
}

fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

/// Of numbers, with -0 below +0.
fn lesser(x: f64, y: f64) -> f64 {
    if x.total_cmp(&y).is_le() { x } else { y }
}

/// The other, if either is NaN.
fn number_of(x: f64, y: f64) -> Option<f64> {
    if x.is_nan() {
        Some(y)
    } else if y.is_nan() {
        Some(x)
    } else {
        None
    }
}
