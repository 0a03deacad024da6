//! Roots: of a cube, and of a sum of squares.

use super::polynomial::{exact_product, ordered_sum, polynomial, power_of_two, shifter};
use crate::token::{Rare, SlowToken, Token};

/// m^(-1/3) for 0.707 <= m <= 1.415, within 2^-17.4 and 2^-14.7: minimax fits.
const INVERSE_CUBE_ROOT64: [f64; 6] = [
    1.9991698877404964,
    -2.4859163536241975,
    2.7922047813754522,
    -1.8981276490478567,
    0.7007371342281709,
    -0.10806395435540177,
];
const INVERSE_CUBE_ROOT32: [f64; 5] =
    [1.874522177155897, -1.861843278983135, 1.5613233540652303, -0.7023976603322101, 0.1283719997066293];

/// The cube root of `x`. With |x| = 2^(3 j + i) m, the root of 2^i m is taken from a rough inverse one, z: q = 2^i m z^2
/// is near it, and what q lacks follows from e = 1 - q z by the series of (1 - e)^(-2/3).
#[inline(always)]
pub fn cbrt<S: Token>(s: S, x: S::F) -> S::F {
    let (zero, one) = (s.lit(0.0), s.lit(1.0));
    let magnitude = s.abs(x);
    let (k, m) = s.split_exponent(magnitude, s.lit(core::f64::consts::FRAC_1_SQRT_2));
    let t = s.mul_add(k, s.lit(1.0 / 3.0), shifter(s));
    let i = k - s.lit(3.0) * (t - shifter(s)); // -1, 0 or 1
    let (below, above) = (s.lt(i, zero), s.lt(zero, i));
    let third = s.select(below, s.lit(1.259921049894873), s.lit(1.0)); // 2^(-i/3)
    let third = s.select(above, s.lit(0.7937005259840998), third);
    let m_scaled = s.select(below, m * s.lit(0.5), s.select(above, m + m, m));
    let z = third * polynomial(s, m, &INVERSE_CUBE_ROOT64, &INVERSE_CUBE_ROOT32);
    let (zz, zz_low) = exact_product(s, z, z);
    let (q, q_low) = exact_product(s, m_scaled, zz);
    let q_low = s.mul_add(m_scaled, zz_low, q_low);
    let e = if S::FMA {
        s.mul_add(s.neg(q), z, one)
    } else {
        let (product, product_low) = exact_product(s, q, z);
        (one - product) - product_low
    };
    // (1 - e)^(-2/3) = 1 + e series. What q was rounded by is in e as well, so that a third of it is left to add.
    let series = polynomial(s, e, &[2.0 / 3.0, 5.0 / 9.0, 40.0 / 81.0], &[2.0 / 3.0, 5.0 / 9.0]);
    let root = q + s.mul_add(q * e, series, q_low * s.lit(1.0 / 3.0));
    let root = root * power_of_two(s, t);
    let ordinary = s.lt(zero, magnitude) & s.lt(magnitude, s.lit(f64::INFINITY));
    s.select(ordinary, s.float(s.bits(root) | s.sign(x)), x)
}

/// The square root of `a^2 + b^2`.
#[inline(always)]
pub fn hypot<S: Token>(s: S, a: S::F, b: S::F) -> S::F {
    if !S::FMA {
        return scaled_hypot(s, a, b);
    }
    let (bb, bb_low) = exact_product(s, b, b);
    let sum = s.mul_add(a, a, bb);
    let root = root_of_sum(s, sum, bb_low);
    // Zeros are too common to be rare.
    let zero = s.lit(0.0);
    let direct = s.lt(s.pick(1e-270, 1e-28), sum) & s.lt(sum, s.pick(1e300, 1e37));
    let direct = direct | s.eq(a, zero) & s.eq(b, zero);
    let [root] = s.rare(Scaled, !direct, [s.bits(a), s.bits(b)], [s.bits(root)]);
    s.float(root)
}

/// [a, b] → [hypot(a, b)], where squares may overflow or underflow.
#[derive(Clone, Copy)]
struct Scaled;

impl Rare<2, 1> for Scaled {
    #[inline(always)]
    fn body<S: SlowToken>(s: S, [a, b]: [S::I; 2]) -> [S::I; 1] {
        [s.bits(scaled_hypot(s, s.float(a), s.float(b)))]
    }
}

/// The same, the operands first scaled by the larger one's exponent. C99: infinite if either is, even beside NaN.
#[inline(always)]
fn scaled_hypot<S: Token>(s: S, a: S::F, b: S::F) -> S::F {
    let (a, b) = (s.abs(a), s.abs(b));
    // In this order of operands a NaN is one of the two, whichever it was.
    let (larger, smaller) = (s.pmax(a, b), s.pmin(b, a));
    // A power of two near the larger, neither so small nor so large that its inverse is not normal.
    let least = s.pick(4.450147717014403e-308, 2.350988701644575e-38);
    let greatest = s.pick(2.247116418577895e+307, 4.253529586511731e+37);
    let near = s.pmin(greatest, s.pmax(least, larger));
    let infinity = s.lit(f64::INFINITY);
    let unit = s.bits(near) & s.bits(infinity);
    let inverse = s.float(s.ipick(2046 << 52, 254 << 23) - unit);
    let (x, y) = (larger * inverse, smaller * inverse);
    let (yy, yy_low) = exact_product(s, y, y);
    let (xx, xx_low) = exact_product(s, x, x);
    let (sum, sum_low) = ordered_sum(s, xx, yy);
    let root = root_of_sum(s, sum, sum_low + (xx_low + yy_low)) * s.float(unit);
    s.select(s.eq(larger, infinity) | s.eq(smaller, infinity), infinity, root)
}

/// The square root of `sum + low`, for `low` within a few roundings of a `sum` that is normal or 0.
#[inline(always)]
fn root_of_sum<S: Token>(s: S, sum: S::F, low: S::F) -> S::F {
    if !S::FMA {
        let root = s.sqrt(sum);
        let (square, square_low) = exact_product(s, root, root);
        let rest = ((sum - square) - square_low) + low;
        // Next to zero the limit keeps 0 from being divided by 0.
        return root + rest * (s.lit(0.5) / s.pmax(root, s.pick(1e-100, 1e-30)));
    }
    // The square root instruction takes longer than all of this. The inverse root is first guessed from half the
    // exponent, within 3.5 %; (1 - e)^(-1/2), with a term fitted to such e, makes that 1.4e-5, its series 1e-15. The
    // rest of the root doubles the digits.
    let guess = s.float(s.ipick(0x5fe6_eb50_c7b5_37a9, 0x5f37_59df) - s.shr(s.bits(sum), 1));
    let guess = refined_inverse_root(s, sum, guess, 0.50117);
    let guess = if S::BITS == 64 { refined_inverse_root(s, sum, guess, 0.5) } else { guess };
    let root = sum * guess;
    let rest = s.mul_add(s.neg(root), root, sum) + low;
    s.mul_add(rest, guess * s.lit(0.5), root)
}

/// An inverse square root of `x`, of one with few digits: times 1 + e slope + 3/8 e^2.
#[inline(always)]
fn refined_inverse_root<S: Token>(s: S, x: S::F, guess: S::F, slope: f64) -> S::F {
    let e = s.mul_add(s.neg(x * guess), guess, s.lit(1.0));
    s.mul_add(guess * e, s.mul_add(e, s.lit(0.375), s.lit(slope)), guess)
}
