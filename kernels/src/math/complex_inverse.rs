//! Parts of the complex inverse hyperbolic sine and tangent and of the inverse cosine, each of a number's two parts. (The
//! other inverse functions are these of the number times i, or of their result.)
//!
//! After Hull, Fairgrieve and Tang (Implementing the complex arcsine and arccosine functions using exception handling, ACM
//! TOMS 23, 1997): with r and s the distances to -1 and 1, a = (r + s) / 2, every difference that could cancel is written
//! as a sum. Special values, signs of zeros and branch cuts are those of C99's annex G.

use super::{
    basic::{is_inf, is_nan},
    complex::{by_magnitude, either_infinite, log_of_one_plus},
    inverse::arctan2,
    parts::copy_sign_of_number,
    polynomial::constant_power_of_two,
};
use crate::token::Token;
use core::f64::consts::{FRAC_PI_2, LN_2};

/// The sizes that arcsin and arccos of `x + iy` are made of, for `x, y >= 0` below the root of the greatest float.
struct Ellipse<S: Token> {
    /// The half axis a.
    axis: S::F,
    /// Where x < 1, 2 (a - 1) is `near * y^2` and 2 (a - x) is `far`; where x > 1 it is the other way round; at 1 both
    /// are `far`. (Twice, as half a subnormal y would lose its last bit.)
    near: S::F,
    far: S::F,
}

#[inline(always)]
fn ellipse<S: Token>(s: S, x: S::F, y: S::F) -> Ellipse<S> {
    let (half, one) = (s.lit(0.5), s.lit(1.0));
    let (right, left) = (x + one, s.abs(x - one));
    let square = y * y;
    let r = s.sqrt(s.mul_add(right, right, square));
    // Next to 1, y^2 may vanish, but only beside a distance that does not; at 1 that is 0.
    let distance = s.sqrt(s.mul_add(left, left, square));
    let distance = s.select(s.eq(left, s.lit(0.0)), y, distance);
    let (r_sum, s_sum) = (r + right, distance + left);
    let inverse = one / r_sum;
    Ellipse {
        axis: (r + distance) * half,
        near: inverse + one / s_sum,
        far: s.mul_add(y, y * inverse, s_sum),
    }
}

/// Above this, squares overflow, and arcsin and arccos are logarithm and argument of the number itself.
#[inline(always)]
fn is_vast<S: Token>(s: S, x: S::F, y: S::F) -> S::M {
    let (greater, _) = by_magnitude(s, x, y);
    s.lt(s.pick(constant_power_of_two(500), constant_power_of_two(60)), greater) | either_infinite(s, x, y)
}

/// `log(a + sqrt(a^2 - 1))`, the magnitude of arccosh's real part, for `x, y >= 0`.
#[inline(always)]
fn logarithmic_part<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let (half, one) = (s.lit(0.5), s.lit(1.0));
    let Ellipse { axis, near, far } = ellipse(s, x, y);
    let inner = s.lt(x, one);
    // Inside, y is factored out, as its square may vanish.
    let less_one = s.select(inner, y * (y * near), far) * half;
    let root = s.sqrt(s.select(inner, near, far) * ((axis + one) * half));
    let sum = less_one + s.select(inner, y * root, root);
    // Beyond, it is log(2 |z|): of |z| scaled down for its squares, and up again to where 1 beside it does not matter.
    let vast = is_vast(s, x, y);
    let down = s.select(vast, s.pick(constant_power_of_two(-600), constant_power_of_two(-80)), one);
    let (a, b) = (x * down, y * down);
    let modulus =
        s.sqrt(s.mul_add(a, a, b * b)) * s.pick(constant_power_of_two(300), constant_power_of_two(70));
    let part = log_of_one_plus(s, s.select(vast, modulus, sum));
    let part = s.select(vast, part + s.pick(301.0 * LN_2, 11.0 * LN_2), part);
    let part = s.select(is_nan(s, x) | is_nan(s, y), x + y, part);
    s.select(either_infinite(s, x, y), s.lit(f64::INFINITY), part)
}

/// `sqrt(a^2 - x^2)`, with x the legs of arcsin's angle, for `x, y >= 0`.
#[inline(always)]
fn opposite_leg<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let one = s.lit(1.0);
    let Ellipse { axis, near, far } = ellipse(s, x, y);
    let outer = s.lt(one, x);
    let root = s.sqrt(s.select(outer, near, far) * ((axis + x) * s.lit(0.5)));
    let leg = s.select(outer, y * root, root);
    let leg = s.select(is_vast(s, x, y), y, leg);
    // Beside 0 any leg will do: the angle is known even if y is not.
    s.select(s.eq(x, s.lit(0.0)) & is_nan(s, y), one, leg)
}

/// The real part of the inverse hyperbolic sine.
#[inline(always)]
pub fn arcsinh_real<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    copy_sign_of_number(s, logarithmic_part(s, s.abs(y), s.abs(x)), x)
}

/// The imaginary part of the inverse hyperbolic sine.
#[inline(always)]
pub fn arcsinh_imag<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    arctan2(s, y, opposite_leg(s, s.abs(y), s.abs(x)))
}

/// The real part of the inverse cosine.
#[inline(always)]
pub fn arccos_real<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    arctan2(s, opposite_leg(s, s.abs(x), s.abs(y)), x)
}

/// The imaginary part of the inverse cosine.
#[inline(always)]
pub fn arccos_imag<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    copy_sign_of_number(s, logarithmic_part(s, s.abs(x), s.abs(y)), s.neg(y))
}

/// The real part of the inverse hyperbolic tangent: log(1 + 4x / |z - 1|^2) / 4.
#[inline(always)]
pub fn arctanh_real<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let (a, b, one) = (s.abs(x), s.abs(y), s.lit(1.0));
    // Of a vast number only x / |z|^2 is left.
    let scale =
        s.select(is_vast(s, a, b), s.pick(constant_power_of_two(-600), constant_power_of_two(-80)), one);
    let (distance, height) = ((a - one) * scale, b * scale);
    let quotient = a * scale * s.lit(4.0) / s.mul_add(distance, distance, height * height) * scale;
    // Straight above 1 the square vanishes before its logarithm is of any size: there it is log(2 / y) / 2.
    let pole = s.eq(a, one) & s.lt(b, s.pick(constant_power_of_two(-400), constant_power_of_two(-50)));
    let down = s.pick(constant_power_of_two(-99), constant_power_of_two(-23)); // of 2 / y, which may overflow
    let part = log_of_one_plus(s, s.select(pole, down / b, quotient));
    let at_pole = s.mul_add(part, s.lit(0.5), s.pick(50.0 * LN_2, 12.0 * LN_2));
    let part = s.select(pole, at_pole, part * s.lit(0.25));
    let vanishes = either_infinite(s, x, y) | s.eq(x, s.lit(0.0));
    copy_sign_of_number(s, s.select(vanishes, s.lit(0.0), part), x)
}

/// The imaginary part of the inverse hyperbolic tangent: half the angle of ((1 - x) (1 + x) - y^2, 2y).
#[inline(always)]
pub fn arctanh_imag<S: Token>(s: S, x: S::F, y: S::F) -> S::F {
    let (a, b, one) = (s.abs(x), s.abs(y), s.lit(1.0));
    let adjacent = s.mul_add(s.neg(b), b, (one - a) * (one + a)) * s.lit(0.5);
    let part = arctan2(s, b, adjacent) * s.lit(0.5);
    let known = is_inf(s, b) | (s.eq(a, a) & s.eq(b, b));
    let limit = s.select(known, s.lit(FRAC_PI_2), s.lit(f64::NAN));
    copy_sign_of_number(s, s.select(is_vast(s, a, b), limit, part), y)
}
