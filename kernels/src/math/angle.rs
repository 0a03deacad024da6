//! Angles in other units: degrees, and half turns for the normalised sinc.

use super::{
    polynomial::{exact_product, polynomial},
    two_words::{Two, ordered_sum, remainder_of, rough_reciprocal, sign_where},
};
use crate::token::Token;

/// Radians as degrees. One product, as NumPy's: the factor's own error leaves the sum of both below an ulp.
#[inline(always)]
pub fn degrees<S: Token>(s: S, x: S::F) -> S::F {
    x * s.lit(57.29577951308232)
}

/// Degrees as radians.
#[inline(always)]
pub fn radians<S: Token>(s: S, x: S::F) -> S::F {
    x * s.lit(0.017453292519943295)
}

/// sin(pi f) / (pi f), in f^2 from its square on, for |f| <= 1/2: minimax fits, relative errors 2^-61 and 2^-34.
const SINC64: [f64; 7] = [
    0.8117424252833494,
    -0.19075182412178718,
    0.026147847809769132,
    -0.002346080929197539,
    0.000148427992655554,
    -6.972455903699198e-06,
    2.4537269768494273e-07,
];
const SINC32: [f64; 4] =
    [0.81174236536026, -0.19074982404708862, 0.02612622268497944, -0.0022511102724820375];

/// sin(pi f) / (pi f) for |f| <= 1/2, in two words: 1 - pi^2/6 f^2 + ….
#[inline(always)]
pub fn sinc_of_fraction<S: Token>(s: S, f: S::F) -> Two<S> {
    let (sixth, sixth_low) =
        (s.pick(1.6449340668482264, 1.644934058189392), s.pick(3.040672350398476e-17, 8.658834538266547e-09));
    let (z, z_low) = exact_product(s, f, f);
    let (p, p_low) = exact_product(s, z, sixth);
    let p_low = s.mul_add(z, sixth_low, s.mul_add(z_low, sixth, p_low));
    let (high, low) = ordered_sum(s, s.lit(1.0), s.neg(p));
    ordered_sum(s, high, (low - p_low) + z * z * polynomial(s, z, &SINC64, &SINC32))
}

/// sin(pi x) / (pi x), and 1 at 0.
#[inline(always)]
pub fn sinc<S: Token>(s: S, x: S::F) -> S::F {
    let x = s.abs(x);
    let n = s.round(x);
    let f = x - n; // exact
    let (head, tail) = sinc_of_fraction(s, f);
    // sin(pi x) = ±sin(pi f), so sinc(x) = ±(f / x) sinc(f).
    let near = s.eq(n, s.lit(0.0));
    // Beyond 2^53 (2^24) all floats are integers, and their products might overflow.
    let divisor = s.pmin(s.pick(9007199254740992.0, 16777216.0), x);
    let (f, x) = (s.select(near, s.lit(1.0), f), s.select(near, s.lit(1.0), divisor));
    let ratio = f / x;
    let y = ratio * head;
    let lost = remainder_of(s, ratio, head, y); // less what y's rounding gained
    let ratio_low = remainder_of(s, ratio, x, f) * rough_reciprocal(s, x);
    let y = y + (s.mul_add(ratio, tail, ratio_low * head) - lost);
    let half = n * s.lit(0.5);
    let odd = !s.eq(s.floor(half), half);
    // Adding 0 makes +0 of the -0 at odd integers.
    s.float(s.bits(y) ^ sign_where(s, odd)) + s.lit(0.0)
}
