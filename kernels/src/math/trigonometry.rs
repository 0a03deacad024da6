//! Sine, cosine and tangent: the angle less a multiple of pi/2, then polynomials for [-pi/4, pi/4]: fdlibm's for sine
//! and cosine; the tangent is made of that of half the angle.
//!
//! Up to a limit the multiple is subtracted in parts (Cody and Waite); beyond, the angle is multiplied by as many bits
//! of 2/pi as matter (Payne and Hanek, 1983), in integers, for the rare lanes that need it.

use super::{
    polynomial::{block_polynomial, exact_product, mantissa_bits, mantissa_mask, polynomial, shifter},
    two_words::{Two, ordered_sum, remainder_of},
};
use crate::token::{Rare, SlowToken, Token};
use core::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// The sine of `x` radians.
#[inline(always)]
pub fn sin<S: Token>(s: S, x: S::F) -> S::F {
    let (angle, quadrant) = reduce(s, x);
    let y = in_quadrant(s, angle, quadrant);
    s.select(s.eq(x, s.lit(0.0)), x, y) // -0 stays
}

/// The cosine of `x` radians.
#[inline(always)]
pub fn cos<S: Token>(s: S, x: S::F) -> S::F {
    let (angle, quadrant) = reduce(s, x);
    in_quadrant(s, angle, quadrant + s.int(1))
}

/// (2 tan(r / 2) / r - 1) / r^2 in r^2, for |r| <= pi/4: minimax fits, relative errors 2^-58.7 and 2^-28.8.
const TAN64: [f64; 9] = [
    0.08333333333333377,
    0.008333333333305059,
    0.0008432539688810748,
    8.54276827766454e-05,
    8.655545316962683e-06,
    8.768295463324588e-07,
    8.92078299267328e-08,
    8.529919572285013e-09,
    1.2545745868754174e-09,
];
const TAN32: [f64; 4] =
    [0.08333323150873184, 0.00833493284881115, 0.0008355279569514096, 9.986339864553884e-05];

/// The tangent of `x` radians.
#[inline(always)]
pub fn tan<S: Token>(s: S, x: S::F) -> S::F {
    let ((r, c), quadrant) = reduce(s, x);
    let one = s.lit(1.0);
    // w = 2 tan(r / 2), in two words; tan(r) = w / (1 - w^2 / 4), and every other quadrant has -1 over that. The
    // division is of 1, so that its result also serves to divide the remainder, in which all errors meet.
    let z = r * r;
    let series = z * block_polynomial(s, z, z * z, &TAN64, &TAN32);
    let lower = s.mul_add(s.neg(r), series, s.neg(c));
    let w = r - lower;
    let w_low = (r - w) - lower;
    let (square, square_error) = exact_product(s, w, w);
    let square_error = s.mul_add(w + w, w_low, square_error);
    let quarter = s.lit(-0.25);
    let rest = s.mul_add(square, quarter, one);
    let rest_low = s.mul_add(square_error, quarter, s.mul_add(square, quarter, one - rest));
    let even = s.ieq(quadrant & s.int(1), s.int(0));
    let (numerator, numerator_low) = (s.select(even, w, rest), s.select(even, w_low, rest_low));
    let (denominator, denominator_low) = (s.select(even, rest, w), s.select(even, rest_low, w_low));
    let reciprocal = one / denominator;
    let quotient = numerator * reciprocal;
    let remainder = s.neg(remainder_of(s, quotient, denominator, numerator));
    let remainder = s.mul_add(quotient, denominator_low, remainder) - numerator_low;
    let y = s.mul_add(s.neg(remainder), reciprocal, quotient);
    let y = s.float(s.bits(y) ^ s.shl(quadrant & s.int(1), S::BITS - 1));
    s.select(s.eq(x, s.lit(0.0)), x, y) // -0 stays
}

/// `x` as n pi/2 + angle, |angle| <= pi/4: the angle, and an integer whose low two bits are n's.
#[inline(always)]
fn reduce<S: Token>(s: S, x: S::F) -> (Two<S>, S::I) {
    let t = s.mul_add(x, s.lit(FRAC_2_PI), shifter(s));
    let n = t - shifter(s);
    let (high, low) = if S::FMA { reduce_fused(s, x, n) } else { reduce_strict(s, x, n) };
    // The largest n for which the parts of pi/2 leave enough bits next to any multiple.
    let limit = if S::FMA { s.pick(1e8, 1e4) } else { s.pick(8e5, 4e3) };
    let [high, low, n] =
        s.rare(HugeAngle, !s.le(s.abs(x), limit), [s.bits(x)], [s.bits(high), s.bits(low), s.bits(t)]);
    ((s.float(high), s.float(low)), n)
}

/// x - n pi/2 with pi/2 in three words, each product fused.
#[inline(always)]
fn reduce_fused<S: Token>(s: S, x: S::F, n: S::F) -> Two<S> {
    let second = s.pick(6.123233995736766e-17, -4.371138828673793e-08);
    let third = s.pick(-1.4973849048591698e-33, -1.7151244994428829e-15);
    let first = s.mul_add(n, s.neg(s.lit(FRAC_PI_2)), x); // exact
    let w = n * second;
    let w_error = s.mul_add(n, second, s.neg(w));
    let high = first - w;
    let low = ((first - high) - w) - w_error;
    (high, s.mul_add(n, s.neg(third), low))
}

/// x - n pi/2 with pi/2 in parts so short (fdlibm's 33 bits, or 12) that n times a part is exact, and a last word.
#[inline(always)]
fn reduce_strict<S: Token>(s: S, x: S::F, n: S::F) -> Two<S> {
    let first = s.pick(1.57079632673412561417e+00, 1.57080078125);
    let second = s.pick(6.07710050630396597660e-11, -4.4535845518112182617e-6);
    let third = s.pick(2.02226624871116645580e-21, -8.7061380327213555574e-10);
    let last = s.pick(8.47842766036889956997e-32, 6.2233719696699885127e-14);
    let a = x - n * first; // exact
    let (w, v) = (n * second, n * third); // exact
    let b = a - w;
    let b_error = (a - b) - w;
    let c = b - v;
    let c_error = (b - c) - v;
    // Subtracted, so that -0 stays.
    let rest = n * last - (b_error + c_error);
    let high = c - rest;
    (high, (c - high) - rest)
}

/// fdlibm's S1 to S6 and C1 to C6 (k_sin.c, k_cos.c), and Cephes's (sinf.c) for single precision.
const SIN_CUBE: f64 = -1.66666666666666324348e-01;
const SIN64: [f64; 5] = [
    8.33333333332248946124e-03,
    -1.98412698298579493134e-04,
    2.75573137070700676789e-06,
    -2.50507602534068634195e-08,
    1.58969099521155010221e-10,
];
const COS64: [f64; 6] = [
    4.16666666666666019037e-02,
    -1.38888888888741095749e-03,
    2.48015872894767294178e-05,
    -2.75573143513906633035e-07,
    2.08757232129817482790e-09,
    -1.13596475577881948265e-11,
];
const SIN32: [f64; 3] = [-1.6666654611E-1, 8.3321608736E-3, -1.9515295891E-4];
const COS32: [f64; 3] = [4.166664568298827E-002, -1.388731625493765E-003, 2.443315711809948E-005];

/// The sine of the angle for an even quadrant, its cosine for an odd one; negated in quadrants 2 and 3.
#[inline(always)]
fn in_quadrant<S: Token>(s: S, (r, c): Two<S>, quadrant: S::I) -> S::F {
    let (one, minus_half) = (s.lit(1.0), s.lit(-0.5));
    let z = r * r;
    let w = s.mul_add(z, minus_half, one);
    let w_error = s.mul_add(z, minus_half, one - w);
    let cube = z * r;
    // Sums run so that the sine of -0 is r less a positive 0.
    let (sine, cosine) = if S::BITS == 64 {
        let p = polynomial(s, z, &SIN64, &[0.0]);
        let q = polynomial(s, z, &COS64, &[0.0]);
        let lower = s.mul_add(z, s.mul_add(s.neg(cube), p, s.lit(0.5) * c), s.neg(c));
        let sine = r - s.mul_add(cube, s.lit(-SIN_CUBE), lower);
        (sine, w + s.mul_add(z * z, q, s.mul_add(s.neg(r), c, w_error)))
    } else {
        let p = polynomial(s, z, &[0.0], &SIN32);
        let q = polynomial(s, z, &[0.0], &COS32);
        let sine = r - (s.mul_add(s.neg(cube), p, s.neg(c)) + s.lit(0.0));
        (sine, w + s.mul_add(z * z, q, s.mul_add(s.neg(r), c, w_error)))
    };
    let even = s.ieq(quadrant & s.int(1), s.int(0));
    let y = s.select(even, sine, cosine);
    s.float(s.bits(y) ^ s.shl(quadrant & s.int(2), S::BITS - 2))
}

/// The bits of 2/pi (fdlibm, k_rem_pio2.c), after a word of zeros: for the largest exponent, and three words more.
static TWO_OVER_PI64: [u64; 20] = [
    0,
    0xa2f9_836e_4e44_1529,
    0xfc27_57d1_f534_ddc0,
    0xdb62_9599_3c43_9041,
    0xfe51_63ab_debb_c561,
    0xb724_6e3a_424d_d2e0,
    0x0649_2eea_09d1_921c,
    0xfe1d_eb1c_b129_a73e,
    0xe882_35f5_2ebb_4484,
    0xe99c_7026_b45f_7e41,
    0x3991_d639_8353_39f4,
    0x9c84_5f8b_bdf9_283b,
    0x1ff8_97ff_de05_980f,
    0xef2f_118b_5a0a_6d1f,
    0x6d36_7ecf_27cb_09b7,
    0x4f46_3f66_9e5f_ea2d,
    0x7527_bac7_ebe5_f17b,
    0x3d07_39f7_8a52_92ea,
    0x6bfb_5fb1_1f8d_5d08,
    0x5603_3046_fc7b_6bab,
];
static TWO_OVER_PI32: [u64; 9] = [
    0,
    0xa2f9_836e,
    0x4e44_1529,
    0xfc27_57d1,
    0xf534_ddc0,
    0xdb62_9599,
    0x3c43_9041,
    0xfe51_63ab,
    0xdebb_c561,
];

/// [x] → [high, low, n]: a large angle reduced, with x = n pi/2 + high + low.
#[derive(Clone, Copy)]
struct HugeAngle;

impl Rare<1, 3> for HugeAngle {
    #[inline(always)]
    fn body<S: SlowToken>(s: S, [x]: [S::I; 1]) -> [S::I; 3] {
        let sign = x & s.ipick(i64::MIN, i32::MIN as i64);
        let (zero, one) = (s.int(0), s.int(1));
        let [p0, p1] = product_mod_4(s, x);
        // The upper two bits are the quadrant. A fraction of a half or more counts down from the next one.
        let past_half = s.ilt(s.shl(p0, 2), zero);
        let quadrant = s.shr(p0, S::BITS - 2) + s.iselect(past_half, one, zero);
        let flip = s.iselect(past_half, s.int(-1), zero); // ones' complement: off by the last of 126 (62) bits
        let below_quadrant = s.ipick(i64::MAX >> 1, (i32::MAX >> 1) as i64);
        let (high, low) = fraction_times_half_pi(s, [(p0 ^ flip) & below_quadrant, p1 ^ flip]);
        let flipped = flip & s.ipick(i64::MIN, i32::MIN as i64);
        let high = s.bits(high) ^ (sign ^ flipped);
        let low = s.bits(low) ^ (sign ^ flipped);
        let quadrant = s.iselect(s.ieq(sign, zero), quadrant, zero - quadrant);
        let finite = s.lt(s.abs(s.float(x)), s.lit(f64::INFINITY));
        [s.iselect(finite, high, s.bits(s.lit(f64::NAN))), low, quadrant]
    }
}

/// |x| 2/pi mod 4 in two words, the binary point after the second bit. No double is nearer to a multiple of pi/2 than
/// 2^-61 (no single than 2^-30; Muller, table 11.1), so that more than a mantissa of bits is left in every case.
#[inline(always)]
fn product_mod_4<S: SlowToken>(s: S, x: S::I) -> [S::I; 2] {
    let bias = if S::BITS == 64 { 1075 } else { 150 };
    let exponent = s.shr(x, mantissa_bits::<S>()) & s.ipick(0x7ff, 0xff);
    let mantissa = (x & mantissa_mask(s)) | s.shl(s.int(1), mantissa_bits::<S>());
    // The first bit of 2/pi that matters: those before it make multiples of 4.
    let at = exponent - s.int(bias + 2 - S::BITS as i64);
    let index = s.shr(at, S::BITS.trailing_zeros());
    let shift = at & s.int(S::BITS as i64 - 1);
    let w0 = word_of_two_over_pi(s, index, shift);
    let w1 = word_of_two_over_pi(s, index + s.int(1), shift);
    let w2 = word_of_two_over_pi(s, index + s.int(2), shift);
    let (high2, _) = s.mul_wide(mantissa, w2);
    let (high1, low1) = s.mul_wide(mantissa, w1);
    let p1 = low1 + high2;
    // unsigned p1 < low1: a carry
    let top = s.shl(s.int(1), S::BITS - 1);
    let carry = s.iselect(s.ilt(p1 ^ top, low1 ^ top), s.int(1), s.int(0));
    [s.imul(mantissa, w0) + high1 + carry, p1]
}

/// A word of 2/pi from a place within two words of the table.
#[inline(always)]
fn word_of_two_over_pi<S: SlowToken>(s: S, index: S::I, shift: S::I) -> S::I {
    let words: &'static [u64] = if S::BITS == 64 { &TWO_OVER_PI64 } else { &TWO_OVER_PI32 };
    let (high, low) = (s.table(words, index), s.table(words, index + s.int(1)));
    // In two shifts, since a shift by the whole width is none.
    s.shl_by(high, shift) | s.shr_by(s.shr(low, 1), s.int(S::BITS as i64 - 1) - shift)
}

/// A fraction in two words, the first with two bits before the point, times pi/2: in two floats.
#[inline(always)]
fn fraction_times_half_pi<S: SlowToken>(s: S, [first, second]: [S::I; 2]) -> Two<S> {
    let quarter = S::BITS / 4;
    // Three quarters of a word are an exact float: so much, as much again, and the rest.
    let half_mask = s.ipick(0xffff_ffff, 0xffff);
    let quarter_mask = s.ipick(0xffff, 0xff);
    let middle = s.shl(first & quarter_mask, 2 * quarter) | s.shr(second, 2 * quarter);
    let high = s.from_int(s.shr(first, quarter)) * s.lit(place(3 * quarter));
    let middle = s.from_int(middle) * s.lit(place(6 * quarter));
    let low = s.from_int(second & half_mask) * s.lit(place(8 * quarter));
    let (middle, low) = ordered_sum(s, middle, low);
    let (sum, error) = ordered_sum(s, high, middle);
    let error = error + low;
    let (product, product_error) = exact_product(s, sum, s.lit(FRAC_PI_2));
    let half_pi_error = s.pick(6.123233995736766e-17, -4.371139000186243e-08);
    let rest = s.mul_add(sum, half_pi_error, s.mul_add(error, s.lit(FRAC_PI_2), product_error));
    ordered_sum(s, product, rest)
}

/// The weight of a unit so many places after the start of a fraction's first word.
#[inline(always)]
fn place(places: u32) -> f64 {
    2.0f64.powi(2 - places as i32)
}
