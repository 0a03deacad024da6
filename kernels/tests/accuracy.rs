//! Every float row within the bound that the table states, fused and strict, against arbitrary precision.

mod points;

use astro_float::{BigFloat, Consts, RoundingMode, Sign};
use numfuse_kernels::{Bound, Compute, Op, oracle};
use points::{Random, SPECIALS, floats, singles};

/// Bits of the reference: enough for an error of a thousandth of an ulp next to any zero of a function.
const PRECISION: usize = 192;
/// Not rounded: correct rounding never ends where a power is exact.
const ROUNDING: RoundingMode = RoundingMode::None;

/// A float, exactly. (`BigFloat::from_f64` takes subnormals for half of what they are.)
fn big(x: f64) -> BigFloat {
    let mut scaled = BigFloat::from_f64(x * 2f64.powi(if x.is_subnormal() { 64 } else { 0 }), PRECISION);
    if x.is_subnormal() {
        scaled.set_exponent(scaled.exponent().unwrap() - 64);
    }
    scaled
}

/// The function itself. The third line of a new row.
fn reference(op: Op, x: f64, y: f64, consts: &mut Consts) -> BigFloat {
    let (big_x, big_y) = (big(x), big(y));
    match op {
        Op::Exp => big_x.exp(PRECISION, ROUNDING, consts),
        Op::Log => big_x.ln(PRECISION, ROUNDING, consts),
        Op::Sin => big_x.sin(PRECISION, ROUNDING, consts),
        Op::Cos => big_x.cos(PRECISION, ROUNDING, consts),
        Op::Tanh => big_x.tanh(PRECISION, ROUNDING, consts),
        Op::Pow => {
            let magnitude = big_x.abs().pow(&big_y, PRECISION, ROUNDING, consts);
            if x < 0.0 && y % 2.0 != 0.0 { magnitude.neg() } else { magnitude }
        }
        _ => panic!("{op:?} states a bound, and no reference is given for it here"),
    }
}

/// What the function gives for sure, where arbitrary precision has nothing to say: C's annex F.
fn special(op: Op, x: f64, y: f64) -> Option<f64> {
    let (nan, infinity) = (f64::NAN, f64::INFINITY);
    match op {
        Op::Exp if x.is_nan() => Some(nan),
        Op::Exp if x > 710.0 => Some(infinity),
        Op::Exp if x < -746.0 => Some(0.0),
        Op::Log if x == 0.0 => Some(-infinity),
        Op::Log if x.is_nan() || x < 0.0 => Some(nan),
        Op::Log if x == infinity => Some(infinity),
        Op::Log if x == 1.0 => Some(0.0),
        Op::Sin | Op::Cos if !x.is_finite() => Some(nan),
        Op::Sin | Op::Tanh if x == 0.0 => Some(x),
        Op::Exp | Op::Cos if x == 0.0 => Some(1.0),
        Op::Tanh if x.is_nan() => Some(nan),
        Op::Tanh if x.abs() > 40.0 => Some(1f64.copysign(x)),
        Op::Pow => special_power(x, y),
        _ => None,
    }
}

fn special_power(x: f64, y: f64) -> Option<f64> {
    let odd = y.trunc() == y && (y * 0.5).trunc() != y * 0.5 && y.abs() < 9007199254740992.0;
    let sign = if x.is_sign_negative() && odd { -1.0 } else { 1.0 };
    if y == 0.0 || x == 1.0 {
        Some(1.0)
    } else if x.is_nan() || y.is_nan() || (x < 0.0 && x.is_finite() && y.is_finite() && y.trunc() != y) {
        Some(f64::NAN)
    } else if y.is_infinite() {
        Some(if x.abs() == 1.0 {
            1.0
        } else if (x.abs() > 1.0) == (y > 0.0) {
            f64::INFINITY
        } else {
            0.0
        })
    } else if x == 0.0 || x.is_infinite() {
        Some(if (x == 0.0) == (y > 0.0) { 0.0 * sign } else { f64::INFINITY * sign })
    } else {
        let exponent = y * x.abs().log2();
        if exponent > 1100.0 {
            Some(f64::INFINITY * sign)
        } else if exponent < -1200.0 {
            Some(0.0 * sign)
        } else {
            None
        }
    }
}

/// A float format: bits of precision and the least normal exponent.
#[derive(Clone, Copy)]
struct Format {
    precision: i32,
    least: i32,
    greatest: i32,
}
const DOUBLE: Format = Format { precision: 53, least: -1022, greatest: 1023 };
const SINGLE: Format = Format { precision: 24, least: -126, greatest: 127 };

/// |got - exact| in units of the exact result's last place. Infinity counts as the first value out of range, and is
/// right for any beyond.
fn ulps(got: f64, exact: &BigFloat, format: Format) -> f64 {
    if got.is_nan() {
        return f64::INFINITY;
    }
    if got.is_infinite() && exact.exponent().unwrap() - 1 > format.greatest {
        return 0.0;
    }
    let got = if got.is_infinite() {
        let mut first_beyond = BigFloat::from_f64(1f64.copysign(got), PRECISION);
        first_beyond.set_exponent(format.greatest + 2);
        first_beyond
    } else {
        big(got)
    };
    let error = got.sub(exact, PRECISION, ROUNDING);
    if error.is_zero() {
        return 0.0;
    }
    // An exponent e here means a mantissa in [1/2, 1) times 2^e.
    let place = (exact.exponent().unwrap() - 1).clamp(format.least, format.greatest) - (format.precision - 1);
    let (words, _, _, exponent, _) = error.as_raw_parts().unwrap();
    let leading = *words.last().unwrap() as f64 / 2f64.powi(64);
    leading * 2f64.powi((exponent - place).clamp(-1000, 1000))
}

/// The largest error over the points, and the point.
struct Worst {
    ulps: f64,
    at: String,
}

/// One set of bits of an operation on the points of one type.
fn results(op: Op, compute: Compute, fma: bool, x: &[f64], y: &[f64]) -> Vec<f64> {
    let kernel = oracle(op, compute, fma).unwrap();
    let n = x.len();
    match compute {
        Compute::F64 => {
            let mut out = vec![0f64; n];
            // SAFETY: n elements each.
            unsafe {
                kernel(n, out.as_mut_ptr().cast(), x.as_ptr().cast(), y.as_ptr().cast(), std::ptr::null())
            };
            out
        }
        Compute::F32 => {
            let singles = |v: &[f64]| v.iter().map(|&v| v as f32).collect::<Vec<f32>>();
            let (x, y, mut out) = (singles(x), singles(y), vec![0f32; n]);
            // SAFETY: n elements each.
            unsafe {
                kernel(n, out.as_mut_ptr().cast(), x.as_ptr().cast(), y.as_ptr().cast(), std::ptr::null())
            };
            out.into_iter().map(f64::from).collect()
        }
        Compute::Bool | Compute::I32 | Compute::I64 | Compute::U64 => unreachable!("bounds are of floats"),
    }
}

fn check(op: Op, bound: Bound, compute: Compute, n: usize, seed: u64) {
    let mut random = Random(seed);
    let pairs = SPECIALS.len() * SPECIALS.len();
    let unary = op.info().arity() == 1;
    // One operand has all specials in the first few points, not all pairs.
    let keep = |i: usize| !unary || i < SPECIALS.len() || i >= pairs;
    let points = |k: usize, random: &mut Random| -> Vec<f64> {
        let all: Vec<f64> = if compute == Compute::F64 {
            floats(op, k, pairs + n, random)
        } else {
            singles(op, k, pairs + n, random).into_iter().map(f64::from).collect()
        };
        all.into_iter().enumerate().filter(|&(i, _)| keep(i)).map(|(_, v)| v).collect()
    };
    let x = points(0, &mut random);
    let y = if unary { vec![0.0; x.len()] } else { points(1, &mut random) };
    let got = [false, true].map(|fma| results(op, compute, fma, &x, &y));
    let format = if compute == Compute::F64 { DOUBLE } else { SINGLE };
    let mut consts = Consts::new().unwrap();
    let mut worst = [(); 2].map(|_| Worst { ulps: 0.0, at: String::new() });
    for i in 0..x.len() {
        if let Some(want) = special(op, x[i], y[i]) {
            for got in &got {
                let right = got[i].to_bits() == want.to_bits() || got[i].is_nan() && want.is_nan();
                assert!(right, "{op:?} {compute} of {:e}, {:e} is {:e}, not {want:e}", x[i], y[i], got[i]);
            }
            continue;
        }
        let exact = reference(op, x[i], y[i], &mut consts);
        assert!(!exact.is_nan(), "no reference for {op:?} of {:e}, {:e}", x[i], y[i]);
        for (got, worst) in got.iter().zip(&mut worst) {
            let error =
                if exact.is_zero() { got[i].abs() * f64::INFINITY } else { ulps(got[i], &exact, format) };
            if error > worst.ulps || error.is_nan() {
                *worst = Worst { ulps: error, at: format!("{:e}, {:e} gives {:e}", x[i], y[i], got[i]) };
            }
            if exact.sign() == Some(Sign::Neg) {
                assert!(
                    got[i].is_sign_negative(),
                    "{op:?} {compute} of {:e}, {:e}: the sign of {:e}",
                    x[i],
                    y[i],
                    got[i]
                );
            }
        }
    }
    let [strict, fused] = worst;
    println!(
        "{op:?} {compute}: fused {:.3} ulp at {}; strict {:.3} ulp at {}",
        fused.ulps, fused.at, strict.ulps, strict.at
    );
    assert!(fused.ulps <= bound.fma, "{op:?} {compute}, fused: {} ulp at {}", fused.ulps, fused.at);
    assert!(strict.ulps <= bound.strict, "{op:?} {compute}, strict: {} ulp at {}", strict.ulps, strict.at);
}

fn check_all(n: usize, seed: u64) {
    for &op in Op::ALL {
        let Some(bound) = op.info().bound else { continue };
        for compute in [Compute::F64, Compute::F32] {
            check(op, bound, compute, n, seed);
        }
    }
}

#[test]
fn within_the_stated_bounds() {
    check_all(4_000, 2024);
}

#[test]
#[ignore = "minutes: a hundred times as many points"]
fn within_the_stated_bounds_at_length() {
    check_all(400_000, 77);
}

/// The function in double precision: good to 2^-28 of a single's ulp, and fast enough for every single there is.
fn double(op: Op, x: f64) -> f64 {
    match op {
        Op::Exp => x.exp(),
        Op::Log => x.ln(),
        Op::Sin => x.sin(),
        Op::Cos => x.cos(),
        Op::Tanh => x.tanh(),
        _ => panic!("{op:?} states a bound, and no double is given for it here"),
    }
}

/// The error of a single against a double.
fn single_ulps(got: f64, want: f64) -> f64 {
    if want.is_nan() || got.is_nan() {
        return if want.is_nan() && got.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if got.is_infinite() {
        let beyond = want.abs() >= 2f64.powi(128) - 2f64.powi(103) && (want > 0.0) == (got > 0.0);
        return if beyond { 0.0 } else { f64::INFINITY };
    }
    let exponent = ((want.to_bits() >> 52 & 0x7ff) as i32 - 1023).clamp(SINGLE.least, SINGLE.greatest);
    (got - want).abs() / 2f64.powi(exponent - 23)
}

/// The largest error of a unary function over every n-th single, by the bits.
fn worst_single(op: Op, fma: bool, stride: u32) -> Worst {
    let mut worst = Worst { ulps: 0.0, at: String::new() };
    let mut bits: Vec<u32> = vec![];
    let mut next = 0u64;
    while next <= u32::MAX as u64 {
        bits.clear();
        while bits.len() < 1 << 16 && next <= u32::MAX as u64 {
            bits.push(next as u32);
            next += stride as u64;
        }
        let x: Vec<f64> = bits.iter().map(|&b| f32::from_bits(b) as f64).collect();
        for (&x, got) in x.iter().zip(results(op, Compute::F32, fma, &x, &x)) {
            let want = double(op, x);
            let error = single_ulps(got, want);
            if error > worst.ulps {
                worst = Worst { ulps: error, at: format!("{x:e} gives {got:e}, not {want:e}") };
            }
        }
    }
    worst
}

#[test]
#[ignore = "half an hour: every single there is, of every unary function (NUMFUSE_STRIDE=n: every n-th)"]
fn every_single() {
    let stride = std::env::var("NUMFUSE_STRIDE").map_or(1, |n| n.parse().unwrap());
    for &op in Op::ALL.iter().filter(|op| op.info().arity() == 1) {
        let Some(bound) = op.info().bound else { continue };
        let [fused, strict] = std::thread::scope(|scope| {
            [true, false]
                .map(|fma| scope.spawn(move || worst_single(op, fma, stride)))
                .map(|t| t.join().unwrap())
        });
        println!(
            "{op:?}: fused {:.3} ulp at {}; strict {:.3} ulp at {}",
            fused.ulps, fused.at, strict.ulps, strict.at
        );
        assert!(fused.ulps <= bound.fma && strict.ulps <= bound.strict, "{op:?}: {} {}", fused.at, strict.at);
    }
}

#[test]
#[ignore = "a minute: tens of millions of powers in single precision"]
fn powers_of_singles() {
    let mut random = Random(17);
    let mut worst = Worst { ulps: 0.0, at: String::new() };
    for _ in 0..300 {
        let x = singles(Op::Pow, 0, 1 << 17, &mut random).into_iter().map(f64::from).collect::<Vec<f64>>();
        let y = singles(Op::Pow, 1, 1 << 17, &mut random).into_iter().map(f64::from).collect::<Vec<f64>>();
        for (i, got) in results(Op::Pow, Compute::F32, false, &x, &y).into_iter().enumerate() {
            let error = single_ulps(got, x[i].powf(y[i]));
            if error > worst.ulps {
                worst = Worst { ulps: error, at: format!("{:e}, {:e} gives {got:e}", x[i], y[i]) };
            }
        }
    }
    println!("{:.3} ulp at {}", worst.ulps, worst.at);
    assert!(worst.ulps <= Op::Pow.info().bound.unwrap().strict, "{} ulp at {}", worst.ulps, worst.at);
}
