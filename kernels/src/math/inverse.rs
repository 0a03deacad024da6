//! The inverse trigonometric functions: one square root or one division brings the argument near 0, a polynomial does
//! the rest, and what the root or the quotient lost is carried along in a second word.

use super::{
    polynomial::polynomial,
    two_words::{Two, ordered_sum, remainder_of, rough_reciprocal, sign_where},
};
use crate::token::{Rare, SlowToken, Token};
use core::f64::consts::{FRAC_PI_2, PI};

/// (arcsin(r) / r - 1) / r^2 in r^2, for |r| <= 1/2: minimax fits, relative errors 2^-59.8 and 2^-31.7.
const ARCSIN64: [f64; 13] = [
    0.16666666666666763,
    0.07499999999970211,
    0.044642857175126865,
    0.0303819426847113,
    0.022372215601840398,
    0.017351601503301565,
    0.013980941311173308,
    0.011397960698174815,
    0.010785408136727827,
    0.003687526738979707,
    0.02175211008415549,
    -0.021060643486787288,
    0.03266621568682681,
];
const ARCSIN32: [f64; 6] = [
    0.16666659712791443,
    0.0750051811337471,
    0.04451465234160423,
    0.03182468190789223,
    0.014380932785570621,
    0.03759032115340233,
];
/// (arctan(t) / t - 1) / t^2 in t^2, for |t| <= tan(pi/8): minimax fits, relative errors 2^-59.4 and 2^-30.4.
const ARCTAN64: [f64; 11] = [
    -0.333333333333332,
    0.19999999999953744,
    -0.14285714280208875,
    0.11111110783968972,
    -0.090908977700886,
    0.0769206040073517,
    -0.0666310580902969,
    0.05847899680272533,
    -0.050393410117060014,
    0.03806523126377931,
    -0.017907682387090555,
];
const ARCTAN32: [f64; 5] =
    [-0.33333316445350647, 0.1999853104352951, -0.1424446702003479, 0.1059977188706398, -0.06091569364070892];

/// What pi's multiples lose when rounded, as a part of them.
#[inline(always)]
fn lost_of_pi<S: Token>(s: S) -> S::F {
    s.pick(3.8981718325193755e-17, -2.782753437848454e-08)
}

/// The arc sine of a magnitude, as `base - head - tail` where it is above 1/2 (the mask), as `head + tail` elsewhere.
///
/// Above, arcsin(x) = pi/2 - 2 arcsin(sqrt((1 - x) / 2)): both differences are exact, and the square root's error is
/// its remainder over twice the root.
#[inline(always)]
fn arc_of_sine<S: Token>(s: S, x: S::F) -> (Two<S>, S::M) {
    let half = s.lit(0.5);
    let outer = s.lt(half, x);
    let z = s.select(outer, (s.lit(1.0) - x) * half, x * x);
    let root = s.sqrt(z);
    let root_error = remainder_of(s, root, root, z) * rough_reciprocal(s, root);
    let head = s.select(outer, root + root, x);
    let series = head * (z * polynomial(s, z, &ARCSIN64, &ARCSIN32));
    ((head, s.select(outer, series + root_error, series)), outer)
}

/// The arc sine, in radians.
#[inline(always)]
pub fn arcsin<S: Token>(s: S, x: S::F) -> S::F {
    let ((head, tail), outer) = arc_of_sine(s, s.abs(x));
    let sign = sign_where(s, outer);
    let base = s.select(outer, s.lit(FRAC_PI_2), s.lit(0.0));
    let y = sum_with_base(s, base, sign, (head, tail));
    s.float(s.bits(y) | s.sign(x))
}

/// The arc cosine, in radians.
#[inline(always)]
pub fn arccos<S: Token>(s: S, x: S::F) -> S::F {
    let ((head, tail), outer) = arc_of_sine(s, s.abs(x));
    // pi/2 - arcsin(x), and for x near 1 or -1 what the outer form makes of it: 0 + … or pi - ….
    let sign = s.sign(x) ^ sign_where(s, !outer);
    let far = s.select(s.lt(x, s.lit(0.0)), s.lit(PI), s.lit(0.0));
    let base = s.select(outer, far, s.lit(FRAC_PI_2));
    sum_with_base(s, base, sign, (head, tail))
}

/// A multiple of pi/4 in two words plus a smaller angle in two words, whose sign is flipped by `sign`.
#[inline(always)]
fn sum_with_base<S: Token>(s: S, base: S::F, sign: S::I, (head, tail): Two<S>) -> S::F {
    let (head, tail) = (s.float(s.bits(head) ^ sign), s.float(s.bits(tail) ^ sign));
    let (high, low) = ordered_sum(s, base, head);
    high + (low + s.mul_add(base, lost_of_pi(s), tail))
}

/// The arc tangent, in radians.
#[inline(always)]
pub fn arctan<S: Token>(s: S, x: S::F) -> S::F {
    let one = s.lit(1.0);
    // From some 2^55 on it is pi/2, and infinity would make NaN of remainders. The order of operands lets NaN pass.
    let magnitude = s.pmin(s.pick(1e30, 1e15), s.abs(x));
    let steep = s.lt(one, magnitude);
    let (angle, past_eighth) = arc_of_ratio(s, s.pmin(one, magnitude), s.pmax(one, magnitude));
    let base = s.select(steep, s.lit(FRAC_PI_2), s.lit(0.0));
    let base = s.select(past_eighth, s.lit(FRAC_PI_2 / 2.0), base);
    let y = sum_with_base(s, base, sign_where(s, steep), angle);
    s.float(s.bits(y) | s.sign(x))
}

/// arctan(b / a) for 0 <= b <= a, less pi/4 where b / a is above tan(pi/8) (the mask): arctan of (b - a) / (b + a).
#[inline(always)]
fn arc_of_ratio<S: Token>(s: S, b: S::F, a: S::F) -> (Two<S>, S::M) {
    let zero = s.lit(0.0);
    let past_eighth = s.lt(a * s.lit(0.41421356237309503), b);
    let (difference, difference_error) = ordered_sum(s, s.neg(a), b);
    let (sum, sum_error) = ordered_sum(s, a, b);
    let numerator = s.select(past_eighth, difference, b);
    let denominator = s.select(past_eighth, sum, a);
    let t = numerator / denominator;
    let lost = s.select(past_eighth, s.mul_add(s.neg(t), sum_error, difference_error), zero);
    let error = (remainder_of(s, t, denominator, numerator) + lost) * rough_reciprocal(s, denominator);
    let z = t * t;
    ((t, s.mul_add(t, z * polynomial(s, z, &ARCTAN64, &ARCTAN32), error)), past_eighth)
}

/// The angle of the point (x, y), in radians.
#[inline(always)]
pub fn arctan2<S: Token>(s: S, y: S::F, x: S::F) -> S::F {
    let (ay, ax, zero) = (s.abs(y), s.abs(x), s.lit(0.0));
    let steep = s.lt(ax, ay);
    let (b, a) = (s.pmin(ax, ay), s.pmax(ax, ay));
    // Within these, sums and products neither overflow nor lose bits below. The origin is common enough to stay here.
    let (least, greatest) = (s.pick(1e-270, 1e-20), s.pick(1e270, 1e30));
    let moderate = (s.le(least, a) & s.le(a, greatest) | s.eq(a, zero)) & s.eq(x, x);
    let [b, a] = s.rare(ExtremeSides, !moderate, [s.bits(ay), s.bits(ax)], [s.bits(b), s.bits(a)]);
    let (b, a) = (s.float(b), s.pmax(s.float(a), least));
    let ((t, rest), past_eighth) = arc_of_ratio(s, b, a);
    // A tiny quotient is as good as its arc, and its remainder may have underflowed.
    let tiny = s.lt(s.abs(t), s.pick(9.313225746154785e-10, 6.103515625e-5));
    let rest = s.select(tiny, zero, rest);
    // Octants: arctan(b / a), pi/2 less that where steep, pi less that where x is negative. pi/4 in singles is shorter
    // by three bits, so that its multiples are exact, as those in doubles are anyway.
    let quarter = s.pick(FRAC_PI_2 / 2.0, 0.785398006439209);
    let first = s.select(past_eighth, quarter, zero);
    let right_angle = quarter + quarter;
    let second = s.select(steep, right_angle - first, first);
    let behind = !s.ieq(s.sign(x), s.int(0));
    let base = s.select(behind, (right_angle + right_angle) - second, second);
    let sign = sign_where(s, steep) ^ s.sign(x);
    let (head, tail) = (s.float(s.bits(t) ^ sign), s.float(s.bits(rest) ^ sign));
    let (high, low) = ordered_sum(s, base, head);
    let lost = s.pick(3.8981718325193755e-17, 1.9984547711910888e-07);
    let result = high + (low + s.mul_add(base, lost, tail));
    s.float(s.bits(result) ^ s.sign(y))
}

/// [|y|, |x|] → [b, a], the lesser and the greater in the same ratio and of moderate size; where one is extreme,
/// infinite or NaN.
#[derive(Clone, Copy)]
struct ExtremeSides;

impl Rare<2, 2> for ExtremeSides {
    #[inline(always)]
    fn body<S: SlowToken>(s: S, [y, x]: [S::I; 2]) -> [S::I; 2] {
        let (y, x) = (s.float(y), s.float(x));
        let (b, a) = (s.pmin(y, x), s.pmax(y, x));
        let (zero, one, infinity) = (s.lit(0.0), s.lit(1.0), s.lit(f64::INFINITY));
        // Powers of two: 2^-200, 2^500; 2^-40, 2^90.
        let down = s.pick(6.223015277861142e-61, 9.094947017729282e-13);
        let up = s.pick(3.273390607896142e150, 1.2379400392853803e27);
        let factor = s.select(s.lt(one, a), down, up);
        let infinite = s.eq(a, infinity);
        let b_scaled = s.select(infinite, s.select(s.eq(b, infinity), one, zero), b * factor);
        let a_scaled = s.select(infinite, one, a * factor);
        let ordered = s.eq(x, x) & s.eq(y, y);
        [s.bits(s.select(ordered, b_scaled, s.lit(f64::NAN))), s.bits(s.select(ordered, a_scaled, one))]
    }
}
