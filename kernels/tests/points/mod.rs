//! Test points for every type: specials and their pairs, hard points, random bits and random values.

#![allow(dead_code)] // each test file uses its own part

mod ranges;

use numfuse_kernels::{Compute, Op, Typing};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2, LN_2, PI};

pub use ranges::ranges;

/// A small generator of good enough numbers (xorshift64*, Vigna 2016): tests repeat exactly, and need no dependency.
pub struct Random(pub u64);

impl Random {
    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.bits() >> 11) as f64 / (1u64 << 53) as f64)
    }
}

/// Values where functions change: zeros, subnormals, extremes, thresholds, halves, and arguments next to a multiple of
/// pi/2 (5.319372648326541e255 is the double closest to one: Muller, Elementary Functions, 3rd ed., table 11.1).
pub const SPECIALS: [f64; 54] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    2.0,
    -2.0,
    2.5,
    3.0,
    -3.0,
    0.1,
    7.0,
    -7.5,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    5e-324,
    -5e-324,
    3e-320,
    2.2250738585072014e-308,
    2.225073858507201e-308,
    f64::MAX,
    f64::MIN,
    1e300,
    -1e300,
    1e22,
    5.319372648326541e255,
    LN_2,
    FRAC_PI_2,
    PI,
    9007199254740992.0,
    9007199254740993.0,
    4503599627370497.5,
    2251799813685248.5,
    0.6249999,
    709.782712893384,
    709.7827128933841,
    -745.1332191019411,
    -745.1332191019412,
    1e-310,
    FRAC_1_SQRT_2,
    3.4028234663852886e38,
    1e-40,
    1e30,
    88.72283,
    -103.97208,
    2147483648.0,
    -2147483649.0,
    9223372036854775808.0,
    -9223372036854775808.0,
    16777217.0,
    1.0000000000000002,
];

/// Floats for an operation's operand `k` of 0, 1, 2: all pairs of specials, then the ranges that suit it.
pub fn floats(op: Op, k: usize, n: usize, random: &mut Random) -> Vec<f64> {
    values(op, Compute::F64, k, n, random)
}

/// The same for f32.
pub fn singles(op: Op, k: usize, n: usize, random: &mut Random) -> Vec<f32> {
    values(op, Compute::F32, k, n, random).into_iter().map(|x| x as f32).collect()
}

fn values(op: Op, compute: Compute, k: usize, n: usize, random: &mut Random) -> Vec<f64> {
    let (specials, ranges) = (SPECIALS.len(), ranges(&op.to_string(), compute));
    (0..n)
        .map(|i| {
            if i < specials * specials {
                SPECIALS[[i % specials, i / specials, (i * 7 + i / specials) % specials][k]]
            } else {
                ranges[i % ranges.len()][k].draw(compute, random)
            }
        })
        .collect()
}

const INTEGERS: [i64; 24] = [
    0,
    1,
    -1,
    2,
    -2,
    3,
    7,
    -7,
    10,
    31,
    32,
    33,
    63,
    64,
    65,
    i32::MAX as i64,
    i32::MIN as i64,
    i32::MIN as i64 + 1,
    i64::MAX,
    i64::MIN,
    i64::MIN + 1,
    1 << 53,
    (1 << 53) + 1,
    0x7fff_ffff_ffff_fc00,
];

/// Integers: all pairs of specials, then random ones of every size.
pub fn integers(k: usize, n: usize, random: &mut Random) -> Vec<i64> {
    let specials = INTEGERS.len();
    (0..n)
        .map(|i| {
            if i < specials * specials {
                INTEGERS[[i % specials, i / specials, (i * 5 + i / specials) % specials][k]]
            } else {
                random.bits() as i64 >> (random.bits() % 64)
            }
        })
        .collect()
}

/// The type of operand `k` of an operation on `compute`.
pub fn operand_type(op: Op, compute: Compute, k: usize) -> Compute {
    match (op.info().typing, k, compute) {
        (Typing::Choose, 0, _) => Compute::Bool,
        (Typing::Scale, 1, Compute::F64) => Compute::I64,
        (Typing::Scale, 1, Compute::F32) => Compute::I32,
        _ => compute,
    }
}

/// The type of the result of an operation on `compute`.
pub fn result_type(op: Op, compute: Compute) -> Compute {
    match op.info().typing {
        Typing::Comparison | Typing::Predicate => Compute::Bool,
        _ => compute,
    }
}

/// The operand's bytes, `n` elements of a type.
pub fn operand(op: Op, compute: Compute, k: usize, n: usize, random: &mut Random) -> Vec<u8> {
    match compute {
        Compute::Bool => {
            (0..n).map(|i| if i < 8 { (i >> k & 1) as u8 } else { (random.bits() >> 40 & 1) as u8 }).collect()
        }
        Compute::I32 => integers(k, n, random)
            .iter()
            .enumerate()
            .flat_map(|(i, &v)| {
                if i % 3 == 0 { v.clamp(i32::MIN as i64, i32::MAX as i64) as i32 } else { v as i32 }
                    .to_ne_bytes()
            })
            .collect(),
        Compute::I64 | Compute::U64 => integers(k, n, random).iter().flat_map(|v| v.to_ne_bytes()).collect(),
        Compute::F32 => singles(op, k, n, random).iter().flat_map(|v| v.to_ne_bytes()).collect(),
        Compute::F64 => floats(op, k, n, random).iter().flat_map(|v| v.to_ne_bytes()).collect(),
    }
}

/// Whether two elements are the same bits, any NaN like any other.
pub fn same(compute: Compute, a: &[u8], b: &[u8]) -> bool {
    a == b
        || match compute {
            Compute::F32 => {
                f32::from_ne_bytes(a.try_into().unwrap()).is_nan()
                    && f32::from_ne_bytes(b.try_into().unwrap()).is_nan()
            }
            Compute::F64 => {
                f64::from_ne_bytes(a.try_into().unwrap()).is_nan()
                    && f64::from_ne_bytes(b.try_into().unwrap()).is_nan()
            }
            Compute::Bool | Compute::I32 | Compute::I64 | Compute::U64 => false,
        }
}

/// An element in words.
pub fn show(compute: Compute, bytes: &[u8]) -> String {
    match compute {
        Compute::Bool => format!("{}", bytes[0]),
        Compute::I32 => format!("{}", i32::from_ne_bytes(bytes.try_into().unwrap())),
        Compute::U64 => format!("{}", u64::from_ne_bytes(bytes.try_into().unwrap())),
        Compute::I64 => format!("{}", i64::from_ne_bytes(bytes.try_into().unwrap())),
        Compute::F32 => {
            let x = f32::from_ne_bytes(bytes.try_into().unwrap());
            format!("{x:e} ({:#010x})", x.to_bits())
        }
        Compute::F64 => {
            let x = f64::from_ne_bytes(bytes.try_into().unwrap());
            format!("{x:e} ({:#018x})", x.to_bits())
        }
    }
}
