//! Where a function's arguments are worth trying: by canonical name, so that this knows functions before the table does.

#![allow(clippy::excessive_precision)] // constants stand as their sources print them

use super::Random;
use numfuse_kernels::Compute;
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, LN_2, LOG10_2, PI};

/// A way to draw arguments.
#[derive(Clone, Copy)]
pub enum Range {
    /// Any bits at all.
    Bits,
    /// Evenly from an interval.
    Between(f64, f64),
    /// Either sign, with an exponent evenly from an interval.
    Sized(i32, i32),
    /// The same, but positive.
    Positive(i32, i32),
    /// A value from which any of the lower bits differ, down to the last.
    Near(f64),
    /// n times a step, n an integer from an interval, from which low bits differ.
    Multiples(f64, i64, i64),
    /// Integers from an interval.
    Whole(i64, i64),
}

use Range::{Between, Bits, Multiples, Near, Positive, Sized, Whole};

impl Range {
    /// A value of the type.
    pub fn draw(self, compute: Compute, random: &mut Random) -> f64 {
        let single = compute == Compute::F32;
        let sign = if random.bits() >> 63 == 1 { -1.0 } else { 1.0 };
        let value = match self {
            Bits if single => f32::from_bits(random.bits() as u32) as f64,
            Bits => f64::from_bits(random.bits()),
            Between(low, high) => random.uniform(low, high),
            Sized(low, high) => sign * power_of_two(low, high, random),
            Positive(low, high) => power_of_two(low, high, random),
            Near(value) => value * (1.0 + sign * low_bits(single, random)),
            Multiples(step, low, high) => {
                random.uniform(low as f64, high as f64).round()
                    * step
                    * (1.0 + sign * low_bits(single, random))
            }
            Whole(low, high) => random.uniform(low as f64, high as f64).round(),
        };
        if single { value as f32 as f64 } else { value }
    }
}

/// A magnitude with an exponent from an interval, subnormal if need be.
fn power_of_two(low: i32, high: i32, random: &mut Random) -> f64 {
    let exponent = random.uniform(low as f64, high as f64).floor() as i32;
    let half = exponent / 2;
    random.uniform(1.0, 2.0) * 2f64.powi(half) * 2f64.powi(exponent - half)
}

/// 0, or some power of two below 1 times something near 1: as relative distance to a value, down to its last bits.
fn low_bits(single: bool, random: &mut Random) -> f64 {
    let last = if single { 25.0 } else { 54.0 };
    let distance = random.uniform(1.0, 2.0) * 2f64.powi(-(random.uniform(2.0, last) as i32));
    if random.bits().is_multiple_of(8) { 0.0 } else { distance }
}

/// How an operation's arguments are drawn, one entry after the other in turn.
pub fn ranges(name: &str, compute: Compute) -> Vec<[Range; 3]> {
    if name == "fma" {
        return triples(compute);
    }
    let binary = pairs(name, compute);
    if !binary.is_empty() {
        return binary.iter().map(|&[x, y]| [x, y, Bits]).collect();
    }
    let any = if compute == Compute::F32 { Sized(-149, 127) } else { Sized(-1074, 1023) };
    let mut all = vec![Bits, any];
    all.extend(interesting(name, compute));
    all.into_iter().map(|range| [range; 3]).collect()
}

/// Arguments of functions of one, beside random bits.
fn interesting(name: &str, compute: Compute) -> Vec<Range> {
    let single = compute == Compute::F32;
    let pick = |wide: f64, narrow: f64| if single { narrow } else { wide };
    // The logarithms of the greatest, the least normal and half the least value.
    let (top, normal, bottom) = (pick(1024.0, 128.0), pick(-1022.0, -126.0), pick(-1075.0, -150.0));
    let exponentials = |unit: f64| {
        vec![
            Between(bottom * unit, top * unit),
            Between(-2.0, 2.0),
            Sized(-60, 1),
            Near(top * unit),
            Near(normal * unit),
            Near(bottom * unit),
            Multiples(unit / 2.0, -40, 40),
            Multiples(unit / 2.0, 2 * bottom as i64, 2 * top as i64),
        ]
    };
    let angles = vec![
        Between(-10.0, 10.0),
        Between(-1e4, 1e4),
        Sized(-30, 3),
        Sized(3, pick(1023.0, 127.0) as i32),
        Multiples(FRAC_PI_4, -40, 40),
        Multiples(FRAC_PI_2, 0, 550_000),
        Multiples(FRAC_PI_2, 0, 1 << 40),
    ];
    let logarithms = vec![
        Between(0.25, 4.0),
        Between(0.9, 1.1),
        Near(1.0),
        Positive(bottom as i32, normal as i32),
        Positive(bottom as i32, top as i32),
        Multiples(std::f64::consts::FRAC_1_SQRT_2, 1, 4),
        Whole(1, 1000),
    ];
    match name {
        "exp" => exponentials(LN_2),
        "expm1" => [exponentials(LN_2), vec![Between(-40.0, 1.0), Near(-LN_2), Near(LN_2 / 2.0)]].concat(),
        "exp2" => [exponentials(1.0), vec![Whole(bottom as i64, top as i64)]].concat(),
        "exp10" => [exponentials(LOG10_2), vec![Whole(-325, 309)]].concat(),
        "sinh" | "cosh" => {
            [exponentials(LN_2), vec![Near((top + 1.0) * LN_2), Near(-(top + 1.0) * LN_2)]].concat()
        }
        "tanh" => {
            vec![Between(-22.0, 22.0), Between(-1.0, 1.0), Sized(-60, 4), Multiples(LN_2 / 2.0, -60, 60)]
        }
        "expit" | "softplus" => {
            [exponentials(LN_2), vec![Between(-45.0, 45.0), Near(37.0), Near(18.0)]].concat()
        }
        "logit" => {
            vec![Between(0.0, 1.0), Near(0.5), Near(1.0), Positive(bottom as i32, 0), Between(0.2, 0.8)]
        }
        "log" | "log2" | "log10" => {
            [logarithms, vec![Multiples(10.0, 1, 10), Multiples(1000.0, 1, 1)]].concat()
        }
        "log1p" => vec![
            Between(-1.0, 1.0),
            Between(-0.1, 0.1),
            Near(-1.0),
            Sized(-60, 0),
            Positive(-30, top as i32),
            Near(-0.5),
            Near(LN_2 / 2.0),
            Near(0.41421356237309503),
            Near(-0.29289321881345254),
        ],
        "sin" | "cos" | "tan" => angles,
        "arcsin" | "arccos" | "arctanh" => vec![
            Between(-1.0, 1.0),
            Near(1.0),
            Near(-1.0),
            Near(0.5),
            Near(-0.5),
            Sized(-60, 0),
            Near(std::f64::consts::FRAC_1_SQRT_2),
        ],
        "arctan" => vec![
            Between(-3.0, 3.0),
            Near(1.0),
            Sized(-60, 60),
            Near(0.41421356237309503),
            Near(-2.414213562373095),
            Multiples(1.0 / 16.0, -80, 80),
        ],
        "arcsinh" => vec![Between(-3.0, 3.0), Sized(-60, 60), Near(1.0), Near(-0.5), Sized(-2, 2)],
        "arccosh" => {
            vec![Near(1.0), Between(1.0, 2.0), Between(1.0, 100.0), Positive(0, 60), Near(2.0), Near(1.5)]
        }
        "sinc" => {
            vec![
                Between(-10.0, 10.0),
                Multiples(1.0, -60, 60),
                Multiples(0.5, -60, 60),
                Sized(-60, 2),
                Sized(2, 60),
            ]
        }
        "erf" => vec![Between(-6.5, 6.5), Between(-1.0, 1.0), Sized(-60, 2), Multiples(0.125, -56, 56)],
        "erfc" => vec![
            Between(-6.5, 6.5),
            Between(0.0, pick(28.0, 11.0)),
            Sized(-60, 4),
            Multiples(0.25, -28, 112),
            Between(pick(26.0, 9.0), pick(27.3, 10.2)),
        ],
        "ndtr" => vec![
            Between(-9.0, 9.0),
            Between(pick(-39.0, -15.0), 0.0),
            Sized(-60, 4),
            Multiples(0.25, -160, 40),
            Between(pick(-38.6, -14.4), pick(-37.0, -13.0)),
        ],
        "gamma" => vec![
            Between(pick(-185.0, -43.0), pick(172.0, 36.0)),
            Between(-8.0, 8.0),
            Multiples(0.5, -80, 80),
            Multiples(1.0, pick(-180.0, -42.0) as i64, pick(171.0, 35.0) as i64),
            Sized(bottom as i32, 1),
            Near(pick(171.62437695630272, 35.04010009765625)),
        ],
        "lgamma" => vec![
            Between(0.0, 4.0),
            Between(0.0, 100.0),
            Near(1.0),
            Near(2.0),
            Positive(-60, top as i32),
            Between(-20.0, 0.0),
            Multiples(0.5, -80, 80),
            Multiples(1.0, -60, 0),
        ],
        "cbrt" => vec![Between(-30.0, 30.0), Sized(-10, 10), Positive(bottom as i32, normal as i32)],
        "degrees" | "radians" => {
            vec![Between(-400.0, 400.0), Multiples(PI / 12.0, -40, 40), Whole(-360, 360)]
        }
        _ => {
            vec![Between(-10.0, 10.0), Between(-1e6, 1e6), Multiples(0.5, -40, 40), Sized(-60, 60), Near(1.0)]
        }
    }
}

/// Arguments of functions of two: each pair by turns. Empty where one list serves both.
fn pairs(name: &str, compute: Compute) -> Vec<[Range; 2]> {
    let single = compute == Compute::F32;
    let top = if single { 127 } else { 1023 };
    let bottom = if single { -149 } else { -1074 };
    match name {
        "power" => vec![
            [Bits, Bits],
            [Positive(bottom, top), Sized(-12, 8)],
            [Between(0.0, 100.0), Between(-30.0, 30.0)],
            [Between(0.1, 10.0), Between(-300.0, 300.0)],
            [Between(-20.0, 20.0), Whole(-20, 20)],
            [Near(1.0), Sized(0, if single { 30 } else { 62 })],
            [Whole(2, 20), Whole(-340, 340)],
            [Positive(bottom, -1), Multiples(0.5, -8, 8)],
        ],
        "hypot" | "arctan2" => vec![
            [Bits, Bits],
            [Between(-2.0, 2.0), Between(-2.0, 2.0)],
            [Sized(-30, 30), Sized(-30, 30)],
            [Sized(top - 3, top), Sized(top - 30, top)],
            [Sized(bottom, bottom + 30), Sized(bottom, bottom + 60)],
            [Near(1.0), Near(-1.0)],
            [Whole(-100, 100), Whole(-100, 100)],
            [Sized(-1, 1), Sized(-30, -20)],
            [Sized(top - 10, top), Sized(bottom, bottom + 60)],
        ],
        "logaddexp" | "logaddexp2" => vec![
            [Bits, Bits],
            [Between(-10.0, 10.0), Between(-10.0, 10.0)],
            [Between(-800.0, 800.0), Between(-800.0, 800.0)],
            [Near(-LN_2), Near(-LN_2)],
            [Near(-1.0), Near(-1.0)],
            [Sized(-60, 2), Between(-40.0, 0.0)],
            [Near(-1.0), Near(LN_2 - 1.9)],
            [Near(100.0), Near(100.0)],
        ],
        "xlogy" | "xlog1py" => vec![
            [Bits, Bits],
            [Between(-10.0, 10.0), Between(-1.0, 10.0)],
            [Between(-10.0, 10.0), Near(1.0)],
            [Sized(bottom, top), Positive(-30, 30)],
            [Sized(-30, 30), Sized(-60, 0)],
            [Whole(-3, 3), Positive(bottom, top)],
            [Sized(-30, 30), Near(-1.0)],
        ],
        "ldexp" => vec![
            [Bits, Whole(-2200, 2200)],
            [Sized(-4, 4), Whole(-1100, 1100)],
            [Sized(-30, 30), Whole(-160, 160)],
        ],
        "remainder" | "floor_divide" | "fmod" => vec![
            [Bits, Bits],
            [Sized(0, 62), Sized(0, 62)],
            [Sized(bottom, top), Sized(bottom, top)],
            [Whole(-1 << 53, 1 << 53), Sized(bottom, top)],
            [Sized(-100, 100), Sized(-100, 100)],
            [Between(-1e6, 1e6), Between(-10.0, 10.0)],
            [Multiples(0.25, -40, 40), Multiples(0.25, -40, 40)],
        ],
        _ if name.starts_with("Complex") => vec![
            [Bits, Bits],
            [Between(-3.0, 3.0), Between(-3.0, 3.0)],
            [Near(1.0), Sized(-60, 0)],
            [Near(-1.0), Sized(bottom, 0)],
            [Sized(-60, 0), Near(1.0)],
            [Sized(bottom, 0), Near(-1.0)],
            // on the unit circle, where the logarithm vanishes
            [Near(0.6), Near(0.8)],
            [Near(-28.0 / 53.0), Near(45.0 / 53.0)],
            [Sized(-30, 30), Sized(-30, 30)],
            [Sized(bottom, top), Sized(bottom, top)],
            [Between(-750.0, 750.0), Between(-10.0, 10.0)],
            [Between(-90.0, 90.0), Multiples(FRAC_PI_2, -40, 40)],
            [Sized(top - 2, top), Sized(top - 2, top)],
            [Sized(bottom, bottom + 30), Sized(bottom, bottom + 60)],
        ],
        "nextafter" => vec![[Bits, Bits], [Near(1.0), Near(1.0)], [Whole(-2, 2), Whole(-2, 2)]],
        _ => vec![],
    }
}

/// Arguments of a * b + c: sums that cancel, products that underflow or overflow before the sum.
fn triples(compute: Compute) -> Vec<[Range; 3]> {
    let (top, bottom) = if compute == Compute::F32 { (127, -149) } else { (1023, -1074) };
    vec![
        [Bits, Bits, Bits],
        [Between(-10.0, 10.0), Between(-10.0, 10.0), Between(-100.0, 100.0)],
        [Near(1.0), Near(1.0), Near(-1.0)],
        [Sized(bottom / 2, top / 2), Sized(bottom / 2, top / 2), Sized(bottom, top)],
        [
            Sized(bottom / 2 - 9, bottom / 2 + 30),
            Sized(bottom / 2 - 9, bottom / 2 + 30),
            Sized(bottom, bottom + 60),
        ],
        [Sized(top / 2 - 5, top / 2 + 5), Sized(top / 2 - 5, top / 2 + 5), Sized(top - 5, top)],
        [Multiples(0.25, -40, 40), Multiples(0.25, -40, 40), Multiples(0.0625, -400, 400)],
    ]
}
