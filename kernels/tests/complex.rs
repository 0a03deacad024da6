//! Complex functions, part by part: hard points against arbitrary precision, and the special values of C's annex G.

use numfuse_kernels::{Compute, Op, oracle};

/// Arguments and results in many bits; complex.py, beside it, writes it.
const HARD_POINTS: &str = include_str!("data/complex.txt");

/// The rows of a function's real and imaginary part; the latter of the logarithm is another function's.
fn rows(function: &str) -> [Op; 2] {
    match function {
        "sqrt" => [Op::ComplexSqrtReal, Op::ComplexSqrtImag],
        "exp" => [Op::ComplexExpReal, Op::ComplexExpImag],
        "log" => [Op::ComplexLogReal, Op::ArcTan2],
        "sinh" => [Op::ComplexSinhReal, Op::ComplexSinhImag],
        "cosh" => [Op::ComplexCoshReal, Op::ComplexCoshImag],
        "tanh" => [Op::ComplexTanhReal, Op::ComplexTanhImag],
        "asinh" => [Op::ComplexArcSinhReal, Op::ComplexArcSinhImag],
        "acos" => [Op::ComplexArcCosReal, Op::ComplexArcCosImag],
        "atanh" => [Op::ComplexArcTanhReal, Op::ComplexArcTanhImag],
        other => panic!("no function {other}"),
    }
}

/// One part of a function, computed in doubles or in singles.
fn part(op: Op, compute: Compute, fma: bool, [re, im]: [f64; 2]) -> f64 {
    // arctan2's first argument is the imaginary part
    let [a, b] = if op == Op::ArcTan2 { [im, re] } else { [re, im] };
    let kernel = oracle(op, compute, fma).unwrap();
    if compute == Compute::F64 {
        let mut result = 0.25f64;
        // SAFETY: one element each.
        unsafe {
            kernel(
                1,
                (&raw mut result).cast(),
                (&raw const a).cast(),
                (&raw const b).cast(),
                std::ptr::null(),
            )
        };
        result
    } else {
        let (a, b, mut result) = (a as f32, b as f32, 0.25f32);
        // SAFETY: one element each.
        unsafe {
            kernel(
                1,
                (&raw mut result).cast(),
                (&raw const a).cast(),
                (&raw const b).cast(),
                std::ptr::null(),
            )
        };
        result as f64
    }
}

/// The error of a result in units of the exact one's last place; the exact one is a sum of two doubles.
fn ulps(got: f64, [high, low]: [f64; 2], compute: Compute) -> f64 {
    let (digits, least, greatest) = if compute == Compute::F64 { (52, -1022, 1023) } else { (23, -126, 127) };
    let exponent =
        if high.abs() < f64::MIN_POSITIVE { -1022 } else { (high.to_bits() >> 52 & 0x7ff) as i32 - 1023 };
    if got.is_infinite() {
        return if exponent > greatest && (got > 0.0) == (high > 0.0) { 0.0 } else { f64::INFINITY };
    }
    let half = (exponent.clamp(least, greatest) - digits) / 2; // of the last place; twice, as it may be no float
    ((got - high) - low).abs() / 2f64.powi(half) / 2f64.powi(exponent.clamp(least, greatest) - digits - half)
}

#[test]
fn hard_points_are_within_the_bounds() {
    let (mut worst, mut points) = (std::collections::BTreeMap::new(), [0, 0]);
    for line in HARD_POINTS.lines() {
        let (function, numbers) = line.split_once(' ').unwrap();
        let v: Vec<f64> = numbers.split(' ').map(|v| v.parse().unwrap()).collect();
        for (op, exact) in rows(function).into_iter().zip([[v[2], v[3]], [v[4], v[5]]]) {
            for compute in [Compute::F64, Compute::F32] {
                if compute == Compute::F32 && [v[0], v[1]].iter().any(|&x| x as f32 as f64 != x) {
                    continue;
                }
                points[(compute == Compute::F32) as usize] += 1;
                for fma in [false, true] {
                    let got = part(op, compute, fma, [v[0], v[1]]);
                    let error = ulps(got, exact, compute);
                    let bound = op.info().bound.unwrap();
                    let bound = if fma { bound.fma } else { bound.strict };
                    assert!(
                        error <= bound && got.is_sign_negative() == exact[0].is_sign_negative(),
                        "{op:?} {compute}, fused {fma}: {line} gives {got:e}, {error} ulp"
                    );
                    let worst: &mut f64 = worst.entry((op, compute, fma)).or_default();
                    *worst = worst.max(error);
                }
            }
        }
    }
    for ((op, compute, fma), error) in worst {
        println!("{op:?} {compute}, fused {fma}: {error:.3} ulp");
    }
    assert!(points[0] > 2000 && points[1] > 500, "{points:?}");
}

/// Annex G.6 of C17, by the functions' first quadrant or half plane, and the branch cuts. `~` stands for either sign.
const SPECIAL_VALUES: &str = "
sqrt    0 0         0 0
sqrt    -0 0        0 0
sqrt    1 inf       inf inf
sqrt    -1 inf      inf inf
sqrt    inf inf     inf inf
sqrt    -inf inf    inf inf
sqrt    nan inf     inf inf
sqrt    1 nan       nan nan
sqrt    0 nan       nan nan
sqrt    -inf 1      0 inf
sqrt    inf 1       inf 0
sqrt    -inf nan    nan ~inf
sqrt    inf nan     inf nan
sqrt    nan 1       nan nan
sqrt    nan nan     nan nan
sqrt    -4 0        0 2
sqrt    4 0         2 0
exp     0 0         1 0
exp     -0 0        1 0
exp     1 inf       nan nan
exp     1 nan       nan nan
exp     inf 0       inf 0
exp     -inf 1      0 0
exp     -inf 2      -0 0
exp     inf 1       inf inf
exp     inf 2       -inf inf
exp     -inf inf    ~0 ~0
exp     inf inf     ~inf nan
exp     -inf nan    ~0 ~0
exp     inf nan     ~inf nan
exp     nan 0       nan 0
exp     nan 1       nan nan
exp     nan nan     nan nan
log     -0 0        -inf pi
log     0 0         -inf 0
log     1 inf       inf pi/2
log     1 nan       nan nan
log     -inf 1      inf pi
log     inf 1       inf 0
log     -inf inf    inf 3pi/4
log     inf inf     inf pi/4
log     inf nan     inf nan
log     -inf nan    inf nan
log     nan 1       nan nan
log     nan inf     inf nan
log     nan nan     nan nan
log     -1 0        0 pi
log     1 0         0 0
sinh    0 0         0 0
sinh    0 inf       ~0 nan
sinh    0 nan       ~0 nan
sinh    1 inf       nan nan
sinh    1 nan       nan nan
sinh    inf 0       inf 0
sinh    inf 1       inf inf
sinh    inf 2       -inf inf
sinh    inf inf     ~inf nan
sinh    inf nan     ~inf nan
sinh    nan 0       nan 0
sinh    nan 1       nan nan
sinh    nan nan     nan nan
cosh    0 0         1 0
cosh    0 inf       nan ~0
cosh    0 nan       nan ~0
cosh    1 inf       nan nan
cosh    1 nan       nan nan
cosh    inf 0       inf 0
cosh    inf 1       inf inf
cosh    inf 2       -inf inf
cosh    inf inf     ~inf nan
cosh    inf nan     inf nan
cosh    nan 0       nan ~0
cosh    nan 1       nan nan
cosh    nan nan     nan nan
tanh    0 0         0 0
tanh    0 inf       0 nan
tanh    0 nan       0 nan
tanh    1 inf       nan nan
tanh    100 inf     nan nan
tanh    1 nan       nan nan
tanh    inf 1       1 0
tanh    inf 2       1 -0
tanh    inf inf     1 ~0
tanh    inf nan     1 ~0
tanh    nan 0       nan 0
tanh    nan 1       nan nan
tanh    nan nan     nan nan
asinh   0 0         0 0
asinh   1 inf       inf pi/2
asinh   1 nan       nan nan
asinh   inf 1       inf 0
asinh   inf inf     inf pi/4
asinh   inf nan     inf nan
asinh   nan 0       nan 0
asinh   nan 1       nan nan
asinh   nan inf     ~inf nan
asinh   nan nan     nan nan
asinh   0 1         0 pi/2
acos    0 0         pi/2 -0
acos    -0 0        pi/2 -0
acos    0 nan       pi/2 nan
acos    -0 nan      pi/2 nan
acos    1 inf       pi/2 -inf
acos    -1 inf      pi/2 -inf
acos    1 nan       nan nan
acos    -inf 1      pi -inf
acos    inf 1       0 -inf
acos    -inf inf    3pi/4 -inf
acos    inf inf     pi/4 -inf
acos    inf nan     nan ~inf
acos    -inf nan    nan ~inf
acos    nan 1       nan nan
acos    nan inf     nan -inf
acos    nan nan     nan nan
acos    1 0         0 -0
acos    -1 0        pi -0
atanh   0 0         0 0
atanh   0 nan       0 nan
atanh   1 0         inf 0
atanh   1 inf       0 pi/2
atanh   1 nan       nan nan
atanh   inf 1       0 pi/2
atanh   inf inf     0 pi/2
atanh   inf nan     0 nan
atanh   nan 1       nan nan
atanh   nan 1e36    nan nan
atanh   nan 1e300   nan nan
atanh   nan inf     ~0 pi/2
atanh   nan nan     nan nan
";

fn value(text: &str) -> f64 {
    use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};
    match text.trim_start_matches('~') {
        "pi" => PI,
        "pi/2" => FRAC_PI_2,
        "pi/4" => FRAC_PI_4,
        "3pi/4" => 3.0 * FRAC_PI_4,
        number => number.parse().unwrap(),
    }
}

/// Compares both parts with the table's, times signs.
fn check(function: &str, argument: [f64; 2], want: [&str; 2], signs: [f64; 2]) {
    let single = argument.iter().all(|x| !x.is_finite() || (*x as f32).is_finite());
    let widths = if single { &[Compute::F64, Compute::F32][..] } else { &[Compute::F64] };
    for (k, op) in rows(function).into_iter().enumerate() {
        for &compute in widths {
            for fma in [false, true] {
                let got = part(op, compute, fma, argument);
                let want_value = value(want[k]) * signs[k];
                // the nearest value of the width, or where that is pi's the next
                let close = (got - want_value).abs() <= 2e-7 * want_value.abs();
                let same = if want_value.is_nan() {
                    got.is_nan()
                } else if want[k].starts_with('~') {
                    got.abs() == want_value.abs()
                } else {
                    (got == want_value || close) && got.is_sign_negative() == want_value.is_sign_negative()
                };
                assert!(
                    same,
                    "{op:?} {compute}, fused {fma}, of {argument:?}: {got}, not {}{want_value}",
                    &want[k][..1]
                );
            }
        }
    }
}

#[test]
fn special_values_are_those_of_annex_g() {
    let mut lines = 0;
    for line in SPECIAL_VALUES.lines().filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [function, re, im, real, imaginary] = words[..] else { panic!("{line}") };
        let (re, im, want) = (value(re), value(im), [real, imaginary]);
        check(function, [re, im], want, [1.0, 1.0]);
        check(function, [re, -im], want, [1.0, -1.0]); // f(conj z) = conj f(z)
        match function {
            "sinh" | "tanh" | "asinh" | "atanh" => {
                check(function, [-re, -im], want, [-1.0, -1.0]);
                check(function, [-re, im], want, [-1.0, 1.0]);
            }
            "cosh" => {
                check(function, [-re, -im], want, [1.0, 1.0]);
                check(function, [-re, im], want, [1.0, -1.0]);
            }
            _ => {}
        }
        lines += 1;
    }
    assert!(lines > 110);
}

/// Both sides of each cut, by the sign of zero.
#[test]
fn branch_cuts() {
    for (function, argument, want) in [
        ("sqrt", [-4.0, 0.0], ["0", "2"]),
        ("log", [-1.0, 0.0], ["0", "pi"]),
        ("asinh", [0.0, 2.0], ["1.3169578969248167", "pi/2"]),
        ("acos", [2.0, 0.0], ["0", "-1.3169578969248167"]),
        ("acos", [-2.0, 0.0], ["pi", "-1.3169578969248167"]),
        ("atanh", [2.0, 0.0], ["0.5493061443340549", "pi/2"]),
        ("atanh", [-2.0, 0.0], ["-0.5493061443340549", "pi/2"]),
    ] {
        let [re, im] = argument;
        check(function, argument, want, [1.0, 1.0]);
        check(function, [re, -im], want, [1.0, -1.0]);
        if function == "asinh" {
            check(function, [-re, im], want, [-1.0, 1.0]);
        }
    }
}
