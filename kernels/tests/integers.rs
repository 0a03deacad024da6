//! Integers and booleans: what each operation means, said a second way, in wider integers and plain branches.

mod points;

use numfuse_kernels::{Compute, Op, oracle};
use points::{Random, integers};

/// The meaning of an operation on integers of `bits` bits, before wrapping.
fn meaning(op: Op, bits: u32, a: i128, b: i128, c: i128) -> Option<i128> {
    let width = bits as i128;
    Some(match op {
        Op::Add => a + b,
        Op::Sub => a - b,
        Op::Mul => a.wrapping_mul(b),
        Op::MulAdd => a.wrapping_mul(b).wrapping_add(c),
        Op::MulSub => a.wrapping_mul(b).wrapping_sub(c),
        Op::NegMulAdd => c.wrapping_sub(a.wrapping_mul(b)),
        Op::FloorDiv | Op::Rem if b == 0 => 0,
        Op::FloorDiv => {
            (a - a.rem_euclid(b.abs())) / b - if b < 0 && a.rem_euclid(b.abs()) != 0 { 1 } else { 0 }
        }
        Op::Rem => {
            let rest = a.rem_euclid(b.abs());
            if b < 0 && rest != 0 { rest + b } else { rest }
        }
        Op::Pow if b < 0 => return None,
        Op::Pow => (0..bits).rev().fold(1i128, |power, k| {
            let square = power.wrapping_mul(power) & ((1 << bits) - 1);
            (if b >> k & 1 == 1 { square.wrapping_mul(a) } else { square }) & ((1 << bits) - 1)
        }),
        Op::Neg => -a,
        Op::Abs => a.abs(),
        Op::Square => a.wrapping_mul(a),
        Op::Reciprocal => 1i128.checked_div(a).unwrap_or(0),
        Op::Not => !a,
        Op::And => a & b,
        Op::Or => a | b,
        Op::Xor => a ^ b,
        Op::Shl => {
            if (0..width).contains(&b) {
                a << b
            } else {
                0
            }
        }
        Op::Shr => a >> (if (0..width).contains(&b) { b } else { width }),
        Op::Minimum => a.min(b),
        Op::Maximum => a.max(b),
        Op::Eq => (a == b) as i128,
        Op::Ne => (a != b) as i128,
        Op::Lt => (a < b) as i128,
        Op::Le => (a <= b) as i128,
        Op::Where => {
            if a & 1 == 1 {
                b
            } else {
                c
            }
        }
        Op::Fmod if b == 0 => 0,
        Op::Fmod => a % b,
        Op::Sign => a.signum(),
        Op::Fmin => a.min(b),
        Op::Fmax => a.max(b),
        Op::Gcd => divisor(a.abs(), b.abs()),
        Op::Lcm if a == 0 || b == 0 => 0,
        Op::Lcm => (a.abs() / divisor(a.abs(), b.abs())).wrapping_mul(b.abs()),
        Op::BitCount => a.unsigned_abs().count_ones() as i128,
        Op::Copy | Op::Real | Op::Conj => a,
        Op::OnesLike => 1,
        Op::Imag => 0,
        Op::Abs2 => a.wrapping_mul(a),
        Op::MulHigh => ((a as u128 * b as u128) >> 64) as i128,
        // its words are held to NumPy's
        Op::RandomBits => return None,
        Op::WrapI8 => a as i8 as i128,
        Op::WrapI16 => a as i16 as i128,
        Op::WrapU8 => a as u8 as i128,
        Op::WrapU16 => a as u16 as i128,
        Op::WrapU32 => a as u32 as i128,
        other => panic!("{other:?} has a body for integers, and no meaning is given for it here"),
    })
}

/// The greatest common divisor, by subtraction and halving.
fn divisor(mut a: i128, mut b: i128) -> i128 {
    if a == 0 || b == 0 {
        return a + b;
    }
    let twos = (a | b).trailing_zeros();
    a >>= a.trailing_zeros();
    while b != 0 {
        b >>= b.trailing_zeros();
        (a, b) = (a.min(b), a.abs_diff(b) as i128);
    }
    a << twos
}

macro_rules! check {
    ($name:ident, $T:ident, $compute:expr, $narrow:expr) => {
        #[test]
        fn $name() {
            const N: usize = 20_000;
            let mut random = Random(5);
            let narrow = $narrow;
            let operands =
                [0, 1, 2].map(|k| integers(k, N, &mut random).into_iter().map(narrow).collect::<Vec<$T>>());
            let truth: Vec<u8> = operands[0].iter().map(|a| (*a & 1) as u8).collect();
            for &op in Op::ALL {
                let Some(kernel) = oracle(op, $compute, false) else { continue };
                let [a, b, c] = &operands;
                let comparison = matches!(op, Op::Eq | Op::Ne | Op::Lt | Op::Le);
                let mut bytes = vec![0u8; N];
                let mut values = vec![0 as $T; N];
                let out: *mut u8 = if comparison { bytes.as_mut_ptr() } else { values.as_mut_ptr().cast() };
                let first: *const u8 = if op == Op::Where { truth.as_ptr() } else { a.as_ptr().cast() };
                // SAFETY: N elements each.
                unsafe { kernel(N, out, first, b.as_ptr().cast(), c.as_ptr().cast()) };
                for i in 0..N {
                    let Some(want) = meaning(op, $T::BITS, a[i] as i128, b[i] as i128, c[i] as i128) else {
                        continue;
                    };
                    let got = if comparison { bytes[i] as $T } else { values[i] };
                    assert_eq!(got, want as $T, "{op:?} of {}, {}, {}", a[i], b[i], c[i]);
                }
            }
        }
    };
}
check!(i32s, i32, Compute::I32, |v: i64| v.clamp(i32::MIN as i64, i32::MAX as i64) as i32);
check!(i64s, i64, Compute::I64, |v: i64| v);
check!(u64s, u64, Compute::U64, |v: i64| v as u64);

#[test]
fn booleans() {
    let all: Vec<[u8; 3]> = (0..8).map(|i| [i & 1, i >> 1 & 1, i >> 2]).collect();
    for &op in Op::ALL {
        let Some(kernel) = oracle(op, Compute::Bool, false) else { continue };
        for [a, b, c] in &all {
            let mut got = 2;
            // SAFETY: one element each.
            unsafe { kernel(1, &mut got, a, b, c) };
            let (a, b, c) = (*a == 1, *b == 1, *c == 1);
            let want = match op {
                Op::Not => !a,
                Op::And | Op::Mul | Op::Minimum | Op::Fmin => a & b,
                Op::Or | Op::Add | Op::Maximum | Op::Fmax => a | b,
                Op::Xor | Op::Ne => a != b,
                Op::Copy | Op::Real => a,
                Op::OnesLike => true,
                Op::Imag => false,
                Op::Eq => a == b,
                Op::Lt => !a & b,
                Op::Le => a <= b,
                Op::Where => {
                    if a {
                        b
                    } else {
                        c
                    }
                }
                other => panic!("{other:?} has a body for booleans"),
            };
            assert_eq!(got, want as u8, "{op:?} of {a}, {b}, {c}");
        }
    }
}
