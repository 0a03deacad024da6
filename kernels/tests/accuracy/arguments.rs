//! The arguments on which rows are compared with their references.

use crate::{
    mpfr::Real,
    points::{Random, SPECIALS, ranges},
};
use numfuse_kernels::Compute;
use std::f64::consts::{E, FRAC_PI_4, PI, SQRT_2};

/// Values next to which functions start, end, switch, vanish or meet a whole number, beside [`SPECIALS`].
const TURNS: [f64; 48] = [
    // halves, which round to even
    1.5,
    2.5,
    4.5,
    5.5,
    0.25,
    0.75,
    1.25,
    3.5,
    4.0,
    5.0,
    6.0,
    8.0,
    10.0,
    16.0,
    20.0,
    100.0,
    1000.0,
    E,
    PI,
    SQRT_2,
    FRAC_PI_4,
    // where exp, expm1, exp2, exp10, sinh and cosh overflow, and 1 / gamma
    88.72283935546875,
    128.0,
    1024.0,
    38.531839444989586,
    308.25471555991675,
    89.41598629223294,
    710.4758600739439,
    171.62437695630272,
    35.040095,
    // where exp, exp2, exp10, erfc and ndtr become subnormal and vanish
    -87.33654475055310,
    -103.97207708399179,
    -708.3964185322641,
    -745.1332191019411,
    -149.0,
    -1074.0,
    -45.154499349597179,
    -323.60724533877976,
    9.194549560546875,
    10.054370880126953,
    26.543258430632299,
    27.226017111108362,
    // the double next to a multiple of pi/2 (6381956970095103 * 2^797), the next best of singles and doubles
    // (Muller, Elementary Functions, table 11.1; Kahan, "Minimizing q*m - n"), and 10^22 of Ng's ARGUMENT REDUCTION
    5.319372648326541e255,
    16367173.0 * 4722366482869645213696.0,
    6411027962775774.0 / 140737488355328.0,
    1e22,
    // the gamma function's least value, and a zero of its logarithm
    1.4616321449683623,
    -2.4570247382208006,
];

/// The arguments of one row and type: turning points with their neighbours, then `n` drawn.
pub fn arguments(name: &str, arity: usize, compute: Compute, n: usize, seed: u64) -> Vec<[f64; 3]> {
    let mut all = match arity {
        1 => turns(compute).into_iter().map(|x| [x; 3]).collect::<Vec<_>>(),
        2 => pairs(compute),
        _ => triples(compute),
    };
    if ["sin", "cos", "tan"].contains(&name) {
        all.extend(near_right_angles(compute).into_iter().map(|x| [x; 3]));
    }
    let (mut random, ranges) = (Random(seed), ranges(name, compute));
    all.extend((0..n).map(|i| ranges[i % ranges.len()].map(|range| range.draw(compute, &mut random))));
    if name.starts_with("Complex") {
        // what infinities and NaN give is no matter of precision, but of C's Annex G
        all.retain(|[x, y, _]| x.is_finite() && y.is_finite());
    }
    if name == "ldexp" {
        // the second operand is an integer of the type's width
        let least = if compute == Compute::F32 { i32::MIN as f64 } else { i64::MIN as f64 };
        for [_, n, _] in &mut all {
            *n = if n.is_nan() { 0.0 } else { n.trunc().clamp(least, -least / 2.0) };
        }
    }
    all
}

/// Specials and turning points of both signs, each with two neighbours on either side.
fn turns(compute: Compute) -> Vec<f64> {
    let signed = TURNS.iter().flat_map(|&x| [x, -x]);
    SPECIALS
        .iter()
        .copied()
        .chain(signed)
        .flat_map(|x| (-2..=2).map(move |by| neighbour(x, by, compute)))
        .collect()
}

/// The value `by` places along the format's line.
fn neighbour(x: f64, by: i64, compute: Compute) -> f64 {
    if compute == Compute::F32 {
        f32::from_bits((x as f32).to_bits().wrapping_add_signed(by as i32)) as f64
    } else {
        f64::from_bits(x.to_bits().wrapping_add_signed(by))
    }
}

/// All pairs of specials.
fn pairs(compute: Compute) -> Vec<[f64; 3]> {
    let of_type = |x: f64| if compute == Compute::F32 { x as f32 as f64 } else { x };
    SPECIALS.iter().flat_map(|&x| SPECIALS.map(|y| [of_type(x), of_type(y), 0.0])).collect()
}

/// Pairs of specials with some third each: all triples would be too many.
fn triples(compute: Compute) -> Vec<[f64; 3]> {
    let mut all = pairs(compute);
    let thirds: Vec<f64> = all.iter().map(|&[x, ..]| x).collect();
    for (i, triple) in all.iter_mut().enumerate() {
        triple[2] = thirds[i * 7919 % thirds.len()];
    }
    all
}

/// For every exponent, the values nearest to a multiple of pi/2.
///
/// A mantissa m at exponent e is one if m * (2^e / (pi/2)) is nearly whole: the best m are denominators of the continued
/// fraction of that factor's fractional part (Kahan; Muller, Elementary Functions, section 11.3.2).
fn near_right_angles(compute: Compute) -> Vec<f64> {
    let (digits, top) = if compute == Compute::F32 { (24, 104) } else { (53, 971) };
    let precision = 1200;
    let turns = Real::new(2.0, precision).div(&Real::pi(precision));
    let mut all = vec![];
    for exponent in -digits..=top {
        let mut fraction = [0u64; 2];
        let mut rest = turns.scaled(exponent).fmod(&Real::new(1.0, precision));
        for word in &mut fraction {
            for _ in 0..4 {
                // sixteen bits at a time: a double holds them and more
                let shifted = rest.scaled(16);
                rest = shifted.fmod(&Real::new(1.0, precision));
                *word = *word << 16 | shifted.sub(&rest).to_f64() as u64;
            }
        }
        let fraction = ((fraction[0] as u128) << 64 | fraction[1] as u128) >> 1;
        let (mut great, mut small) = (1u128 << 127, fraction);
        let (mut before, mut denominator) = (0u128, 1u128);
        while small != 0 && denominator < 1 << digits {
            // the last few denominators that fit are the closest; a multiple of 2 has them at other exponents
            if denominator >= 1 << (digits - 8) {
                all.push(denominator as f64 * 2f64.powi(exponent as i32));
            }
            (before, denominator) = (denominator, great / small * denominator + before);
            (great, small) = (small, great % small);
        }
    }
    all
}

#[test]
fn the_hardest_angle_is_among_the_points() {
    // the double closest to a multiple of pi/2, and the single
    assert!(near_right_angles(Compute::F64).contains(&5.319372648326541e255));
    assert!(near_right_angles(Compute::F32).contains(&(16367173.0 * 4722366482869645213696.0)));
}
