//! Every elementwise operation over many points, in f32 and f64: the processor's strict bits, whose errors the tests of
//! the kernels hold to the stated bounds.

use std::f64::consts::{FRAC_PI_2, LN_2, PI};

use numfuse::internals::{Op, Typing};
use numfuse::{DType, Program, Scalar};

use crate::engine::card;
use crate::programs::{assert_same, strictly};
use crate::stored::{Layout, Stored};

/// SplitMix64.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.bits() >> 11) as f64 / (1u64 << 53) as f64)
    }
}

/// Where functions change, in either type: zeros, subnormals, extremes, thresholds of exponentials, halves, and the
/// double that lies closest to a multiple of pi/2 (Muller, Elementary Functions, 3rd ed., table 11.1).
const SPECIALS: [f64; 44] = [
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
    2.2250738585072014e-308,
    2.225073858507201e-308,
    f64::MAX,
    f64::MIN,
    1e300,
    1e22,
    5.319372648326541e255,
    LN_2,
    FRAC_PI_2,
    PI,
    9007199254740993.0,
    4503599627370497.5,
    709.782712893384,
    -745.1332191019411,
    3.4028234663852886e38,
    1e-40,
    88.72283,
    -103.97208,
    2147483648.0,
    9223372036854775808.0,
    16777217.0,
    1.0000000000000002,
    0.6249999,
    1e-45,
];

/// One of several ways to draw an argument, by turns: any bits, any exponent, intervals that functions are defined on,
/// what lies next to one, to a multiple of pi/2 and to powers, whole numbers, halves.
fn draw(turn: u64, single: bool, random: &mut Random) -> f64 {
    let sign = if random.bits().is_multiple_of(2) { 1.0 } else { -1.0 };
    let near = |random: &mut Random| 1.0 + random.between(-1.0, 1.0) * 2f64.powf(random.between(-52.0, -3.0));
    let exponent = |random: &mut Random, low: f64, high: f64| {
        let half = random.between(low, high).floor() as i32;
        sign * random.between(1.0, 2.0) * 2f64.powi(half / 2) * 2f64.powi(half - half / 2)
    };
    match turn {
        0 if single => f32::from_bits(random.bits() as u32).into(),
        0 => f64::from_bits(random.bits()),
        1 if single => exponent(random, -149.0, 128.0),
        1 => exponent(random, -1074.0, 1024.0),
        2 => random.between(-1.0, 1.0),
        3 => random.between(-10.0, 10.0),
        4 => random.between(-800.0, 800.0),
        5 => sign * near(random),
        6 => near(random) * FRAC_PI_2 * random.between(-500_000.0, 500_000.0).round(),
        7 => exponent(random, 20.0, if single { 127.0 } else { 1023.0 }),
        8 => random.between(-200.0, 200.0).round(),
        9 => random.between(-90.0, 90.0).round() / 2.0,
        10 => near(random) * LN_2 * random.between(-40.0, 40.0).round(),
        _ => exponent(random, -30.0, 3.0),
    }
}

fn points(dtype: DType, operand: usize, count: usize) -> Vec<Scalar> {
    let mut random = Random(17 + operand as u64);
    let specials = SPECIALS.len();
    let number = |k: usize| match k < specials * specials {
        true => SPECIALS[[k % specials, k / specials, (k * 7 + k / specials) % specials][operand]],
        // operands by turns that do not keep step
        false => draw((k / 12usize.pow(operand as u32) % 12) as u64, dtype == DType::F32, &mut random),
    };
    (0..count)
        .map(number)
        .map(|x| if dtype == DType::F32 { Scalar::F32(x as f32) } else { Scalar::F64(x) })
        .collect()
}

fn check(of: DType) {
    let Some(device) = card::device() else { return };
    const COUNT: usize = 30_000;
    let stored = |dtype: DType, elements: &[Scalar]| {
        Stored::new(dtype, &[COUNT], elements, &Layout::c_order(&[COUNT]))
    };
    let floats = [0, 1, 2].map(|operand| stored(of, &points(of, operand, COUNT)));
    let mut random = Random(3);
    let masks: Vec<Scalar> = (0..COUNT).map(|_| Scalar::Bool(random.bits().is_multiple_of(2))).collect();
    let shifts: Vec<Scalar> =
        (0..COUNT).map(|_| Scalar::I32(random.between(-2200.0, 2200.0) as i32)).collect();
    let (masks, shifts) = (stored(DType::Bool, &masks), stored(DType::I32, &shifts));
    let mut compared = 0;
    for op in Op::ALL.iter().copied() {
        let info = op.info();
        if info.internal || info.typing == Typing::Search {
            continue;
        }
        let names = ["a", "b", "c"];
        let text = format!("{}({})", info.names[0], names[..info.arity()].join(", "));
        let operand = |k: usize| match (info.typing, k) {
            (Typing::Choose, 0) => &masks,
            (Typing::Scale, 1) => &shifts,
            _ => &floats[k],
        };
        let given: Vec<_> = (0..info.arity()).map(|k| (names[k], operand(k).input())).collect();
        let program = Program::compile(&text).unwrap();
        match card::run_on(device, &program, &given) {
            Ok(got) => {
                assert_same(&strictly(&text, &given), &got, &format!("{text} of {of}"));
                compared += 1;
            }
            // an operation of integers, which the processor refuses too
            Err(error) => assert!(crate::programs::strict(&program, &given).is_err(), "{text}: {error}"),
        }
    }
    assert!(compared > 60, "{compared} operations of {of}");
}

#[test]
fn every_operation_of_doubles_has_the_strict_bits() {
    check(DType::F64);
}

#[test]
fn every_operation_of_singles_has_the_strict_bits() {
    check(DType::F32);
}

/// Drivers fold operations on a zero that they know as if there were no NaN, infinity or sign: they are told of none.
#[test]
fn zeros_that_are_known_are_zeros() {
    let Some(device) = card::device() else { return };
    let specials: Vec<Scalar> = SPECIALS.into_iter().map(Scalar::F64).collect();
    let shape = [specials.len()];
    let x = Stored::new(DType::F64, &shape, &specials, &Layout::c_order(&shape));
    for text in [
        "x + 0.0",
        "x*0.0",
        "x/0.0",
        "0.0/x",
        "f32(x)*f32(0)",
        "x*f64(False)",
        "xlogy(tanh(0), x)",
        "x*log(1.0)",
        "x/(2 + 0j)",
        "x*arange(1) + 0.0",
        "i64(i32(x)) < 0",
        "sign(log(reciprocal(erf(f64(False))))) + x",
        "mean(i32(x)*0)",
        "sum(fractional(ones_like(i64(x))))",
        "sum(imag(i64(x))*1.0)",
        "remainder(imag(x), x - x)",
        "mean(square(imag(x > 3)))",
    ] {
        let (program, given) = (Program::compile(text).unwrap(), [("x", x.input())]);
        let got = card::run_on(device, &program, &given).unwrap();
        assert_same(&strictly(text, &given), &got, text);
    }
}
