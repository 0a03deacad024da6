//! The float rows that are exact or rounded once, each said a second way: by the standard library, or in integers.

mod points;

use numfuse_kernels::{Compute, Op, oracle};
use points::{Random, floats, integers, singles};

/// A float format: bits of precision, the exponent of the last place of subnormals, the least power of two too large.
struct Format {
    precision: i64,
    least: i64,
    beyond: i64,
}
const DOUBLE: Format = Format { precision: 53, least: -1074, beyond: 1024 };
const SINGLE: Format = Format { precision: 24, least: -149, beyond: 128 };
const HALF: Format = Format { precision: 11, least: -24, beyond: 16 };
const BRAIN: Format = Format { precision: 8, least: -133, beyond: 128 };

/// |x| times 2^n rounded to the nearest value of a format, halves to even, in integers; with the sign of `x`.
fn nearest(x: f64, n: i64, format: &Format) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let (field, fraction) = ((x.to_bits() >> 52 & 0x7ff) as i64, x.to_bits() & ((1 << 52) - 1));
    let mantissa = if field == 0 { fraction } else { fraction | 1 << 52 };
    let unit = field.max(1) - 1075 + n.clamp(-10_000, 10_000);
    let length = 64 - mantissa.leading_zeros() as i64;
    let place = (unit + length - format.precision).max(format.least);
    let (quotient, place) = if place <= unit {
        (mantissa, unit)
    } else if place - unit > 63 {
        (0, format.least)
    } else {
        let (drop, floor) = (place - unit, mantissa >> (place - unit));
        let (rest, half) = (mantissa - (floor << drop), 1 << (drop - 1));
        (floor + (rest > half || rest == half && floor & 1 == 1) as u64, place)
    };
    let magnitude = if quotient != 0 && 64 - quotient.leading_zeros() as i64 + place > format.beyond {
        f64::INFINITY
    } else {
        let half = (place / 2) as i32; // two powers, each in range
        quotient as f64 * 2f64.powi(half) * 2f64.powi(place as i32 - half)
    };
    magnitude.copysign(x)
}

macro_rules! check {
    ($name:ident, $T:ident, $Exponent:ident, $COMPUTE:ident, $points:path, $FORMAT:ident) => {
        mod $name {
            use super::*;

            /// What the operation gives of floats.
            fn meaning(op: Op, a: $T, b: $T, c: $T) -> Option<$T> {
                let (outward, least) =
                    (|x: $T| if x > 0.0 { x.next_up() } else { x.next_down() }, $T::from_bits(1));
                Some(match op {
                    Op::Fma => a.mul_add(b, c),
                    Op::Fmod => a % b,
                    Op::Sign if a == 0.0 => 0.0,
                    Op::Sign => a.signum(),
                    Op::CopySign => a.copysign(b),
                    Op::NextAfter if a.is_nan() || b.is_nan() => $T::NAN,
                    Op::NextAfter if a == b => b,
                    Op::NextAfter if a == 0.0 => least.copysign(b),
                    Op::NextAfter if a < b => a.next_up(),
                    Op::NextAfter => a.next_down(),
                    Op::Spacing if !a.is_finite() => $T::NAN,
                    Op::Spacing if a == 0.0 => least,
                    Op::Spacing => outward(a) - a,
                    Op::Heaviside if a.is_nan() => a,
                    Op::Heaviside if a == 0.0 => b,
                    Op::Heaviside => (a > 0.0) as u8 as $T,
                    Op::Fmin | Op::Fmax if a.is_nan() => b,
                    Op::Fmin | Op::Fmax if b.is_nan() => a,
                    // The total order puts -0 below +0.
                    Op::Fmin => std::cmp::min_by(a, b, $T::total_cmp),
                    Op::Fmax => std::cmp::max_by(a, b, $T::total_cmp),
                    Op::Fractional if a.is_infinite() => (0.0 as $T).copysign(a),
                    Op::Fractional => a.fract().copysign(a),
                    Op::Copy | Op::Real | Op::Conj => a,
                    Op::OnesLike => 1.0,
                    Op::Imag => 0.0,
                    Op::Angle if a.is_nan() => a,
                    Op::Angle => (0.0 as $T).atan2(a),
                    Op::Abs2 => a * a,
                    Op::RoundF16 => nearest(a as f64, 0, &HALF) as $T,
                    Op::RoundBf16 => nearest(a as f64, 0, &BRAIN) as $T,
                    _ => return None,
                })
            }

            fn assert_same(op: Op, fma: bool, arguments: &dyn std::fmt::Debug, got: $T, want: $T) {
                let right = got.to_bits() == want.to_bits() || got.is_nan() && want.is_nan();
                assert!(right, "{op:?} of {arguments:?}, fused {fma}: {got:e}, not {want:e}");
            }

            /// The oracle's results.
            fn run<B>(op: Op, fma: bool, a: &[$T], b: &[B], c: &[$T]) -> Vec<$T> {
                let (kernel, mut got) = (oracle(op, Compute::$COMPUTE, fma).unwrap(), vec![0.25; a.len()]);
                // SAFETY: as many elements each.
                unsafe {
                    kernel(
                        a.len(),
                        got.as_mut_ptr().cast(),
                        a.as_ptr().cast(),
                        b.as_ptr().cast(),
                        c.as_ptr().cast(),
                    )
                };
                got
            }

            fn compare(op: Op, a: &[$T], b: &[$T], c: &[$T]) {
                for fma in [false, true] {
                    let got = run(op, fma, a, b, c);
                    for i in 0..a.len() {
                        let want = meaning(op, a[i], b[i], c[i]).expect("asked before");
                        assert_same(op, fma, &(a[i], b[i], c[i]), got[i], want);
                    }
                }
            }

            #[test]
            fn as_the_standard_library_says() {
                let (mut random, mut count) = (Random(7), 0);
                for &op in Op::ALL.iter().filter(|&&op| meaning(op, 1.0, 1.0, 1.0).is_some()) {
                    let [a, b, c] = [0, 1, 2].map(|k| $points(op, k, 20_000, &mut random));
                    compare(op, &a, &b, &c);
                    count += 1;
                }
                assert_eq!(count, 19);
            }

            /// Sums that cancel, nearly cancel, or lie next to a half of a last place, at every exponent there is.
            #[test]
            fn fused_sums_where_it_matters() {
                let mut random = Random(11);
                let (mut a, mut b, mut c) = (vec![], vec![], vec![]);
                let exponent =
                    |random: &mut Random| random.uniform($FORMAT.least as f64, $FORMAT.beyond as f64);
                for i in 0..400_000 {
                    let power = |e: f64| (2f64.powf(e / 2.0) as $T) * (2f64.powf(e / 2.0) as $T);
                    let [e, sum, other] = [(); 3].map(|_| exponent(&mut random));
                    let short = |random: &mut Random, x: $T| {
                        // a few bits of mantissa only, so that halves come up
                        let keep = random.bits() % 20;
                        $T::from_bits(x.to_bits() >> keep << keep)
                    };
                    let x = short(&mut random, power(e));
                    let y = short(&mut random, power(if i % 3 == 0 { other } else { sum - e }));
                    let near = -(x * y);
                    let z = match i % 8 {
                        0 | 1 => near,
                        2 => near.next_up(),
                        3 => near.next_down(),
                        4 => near * power((random.bits() % 130) as f64 - 65.0),
                        5 => power((random.bits() % 130) as f64 - 65.0).copysign(x) * y,
                        6 => $T::from_bits(random.bits() as _),
                        _ => 0.0,
                    };
                    let flip = |random: &mut Random, x: $T| if random.bits() & 1 == 0 { x } else { -x };
                    a.push(flip(&mut random, x));
                    b.push(flip(&mut random, y));
                    c.push(z);
                }
                compare(Op::Fma, &a, &b, &c);
            }

            #[test]
            fn scaled_by_powers_of_two() {
                let mut random = Random(23);
                let a: Vec<$T> = $points(Op::Ldexp, 0, 60_000, &mut random);
                let wide = integers(1, a.len(), &mut random);
                let near = |(i, v): (usize, i64)| if i % 4 == 0 { v } else { v % (3 * $FORMAT.beyond) };
                let n: Vec<$Exponent> =
                    wide.into_iter().enumerate().map(near).map(|v| v as $Exponent).collect();
                for fma in [false, true] {
                    let got = run(Op::Ldexp, fma, &a, &n, &a);
                    for i in 0..a.len() {
                        let want = nearest(a[i] as f64, n[i] as i64, &$FORMAT) as $T;
                        assert_same(Op::Ldexp, fma, &(a[i], n[i]), got[i], want);
                    }
                }
            }

            /// Values halfway between two of a narrow format and next to that, at every exponent.
            #[test]
            fn halves_of_narrow_formats() {
                let mut random = Random(41);
                for (op, format) in [(Op::RoundF16, &HALF), (Op::RoundBf16, &BRAIN)] {
                    let halves: Vec<f64> = (0..200_000)
                        .map(|_| {
                            let place = format.least - 2
                                + (random.bits() % (format.beyond - format.least) as u64) as i64;
                            let odd = (random.bits() >> (64 - format.precision)) * 2 + 1;
                            nearest(odd as f64, place, &DOUBLE)
                        })
                        .collect();
                    let around = |x: $T| [x, x.next_up(), x.next_down(), -x, -x.next_up(), -x.next_down()];
                    let x: Vec<$T> = halves.iter().flat_map(|&x| around(x as $T)).collect();
                    compare(op, &x, &x, &x);
                }
            }

            #[test]
            fn sign_bits() {
                let a: Vec<$T> = $points(Op::SignBit, 0, 5_000, &mut Random(3));
                let (kernel, mut got) =
                    (oracle(Op::SignBit, Compute::$COMPUTE, true).unwrap(), vec![2u8; a.len()]);
                // SAFETY: as many elements each.
                unsafe {
                    kernel(a.len(), got.as_mut_ptr(), a.as_ptr().cast(), std::ptr::null(), std::ptr::null())
                };
                for (a, got) in a.iter().zip(got) {
                    assert_eq!(got, a.is_sign_negative() as u8, "the sign of {a:e}");
                }
            }
        }
    };
}

check!(double_precision, f64, i64, F64, floats, DOUBLE);
check!(single_precision, f32, i32, F32, singles, SINGLE);
