//! `%` and `//` of floats: an exact fmod in integers under NumPy's rules, and Python's own answers.

mod points;

use numfuse_kernels::{Compute, Op, oracle};
use points::{Random, floats, singles};

/// A finite double's magnitude as mantissa and exponent.
fn parts(x: f64) -> (u128, i32) {
    let (field, fraction) = ((x.to_bits() >> 52 & 0x7ff) as i32, (x.to_bits() & ((1 << 52) - 1)) as u128);
    if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) }
}

/// C's fmod by modular arithmetic: the mantissa times a power of 2, modulo the divisor's mantissa.
fn exact_fmod(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() || x.is_infinite() || y == 0.0 {
        return f64::NAN;
    }
    if y.is_infinite() || x.abs() < y.abs() {
        return x;
    }
    let ((dividend, above), (divisor, unit)) = (parts(x), parts(y));
    let (mut power, mut base, mut places) = (1 % divisor, 2 % divisor, (above - unit) as u32);
    while places > 0 {
        if places & 1 == 1 {
            power = power * base % divisor;
        }
        base = base * base % divisor;
        places >>= 1;
    }
    let rest = (dividend % divisor) * power % divisor;
    // Both steps are exact: the rest has the divisor's last place, and fits.
    let (half, other) = (unit / 2, unit - unit / 2);
    (rest as f64 * 2f64.powi(half) * 2f64.powi(other)).copysign(x)
}

/// NumPy's npy_divmod over that fmod, in the type's own arithmetic.
macro_rules! divmod {
    ($name:ident, $T:ident) => {
        fn $name(a: $T, b: $T) -> ($T, $T) {
            let fmod = exact_fmod(a as f64, b as f64) as $T;
            if b == 0.0 {
                return (fmod, a / b);
            }
            let (mut rest, mut quotient) = (fmod, (a - fmod) / b);
            if rest == 0.0 {
                rest = (0.0 as $T).copysign(b);
            } else if (b < 0.0) != (rest < 0.0) {
                rest += b;
                quotient -= 1.0;
            }
            let floored = if quotient == 0.0 {
                (0.0 as $T).copysign(a / b)
            } else if quotient - quotient.floor() > 0.5 {
                quotient.floor() + 1.0
            } else {
                quotient.floor()
            };
            (rest, floored)
        }
    };
}
divmod!(divmod64, f64);
divmod!(divmod32, f32);

macro_rules! check {
    ($T:ident, $compute:expr, $a:expr, $b:expr, $want:ident) => {
        for fma in [false, true] {
            for (op, part) in [(Op::Rem, 0), (Op::FloorDiv, 1)] {
                let mut got: Vec<$T> = vec![0.0; $a.len()];
                let kernel = oracle(op, $compute, fma).unwrap();
                // SAFETY: as many elements each.
                unsafe {
                    kernel(
                        got.len(),
                        got.as_mut_ptr().cast(),
                        $a.as_ptr().cast(),
                        $b.as_ptr().cast(),
                        std::ptr::null(),
                    )
                };
                for (i, &got) in got.iter().enumerate() {
                    let want = [$want($a[i], $b[i]).0, $want($a[i], $b[i]).1][part];
                    let right = got.to_bits() == want.to_bits() || got.is_nan() && want.is_nan();
                    assert!(right, "{op:?} of {:e}, {:e}, fused {fma}: {got:e}, not {want:e}", $a[i], $b[i]);
                }
            }
        }
    };
}

#[test]
fn floats_are_numpys() {
    let mut random = Random(99);
    let (a, b) = (floats(Op::Rem, 0, 60_000, &mut random), floats(Op::Rem, 1, 60_000, &mut random));
    check!(f64, Compute::F64, a, b, divmod64);
    let (a, b) = (singles(Op::Rem, 0, 60_000, &mut random), singles(Op::Rem, 1, 60_000, &mut random));
    check!(f32, Compute::F32, a, b, divmod32);
}

/// Quotients next to integers, where the vector path's quotient rounds up, and next to its limit.
#[test]
fn near_multiples() {
    let mut random = Random(31);
    let (mut a, mut b) = (vec![], vec![]);
    for i in 0..60_000u64 {
        let divisor = random.uniform(0.5, 4.0) * 2f64.powi((random.bits() % 200) as i32 - 100);
        let n = (random.bits() >> (10 + i % 50)) as f64;
        a.push(f64::from_bits((n * divisor).to_bits().wrapping_add(i % 7).wrapping_sub(3)));
        b.push(divisor);
    }
    check!(f64, Compute::F64, a, b, divmod64);
}

/// (a, b, a % b, a // b) as CPython 3 gives them, whose rules are NumPy's.
const PYTHON: [(f64, f64, f64, f64); 19] = [
    (1e300, 0.1, 0.00011215964963492975, 1e301),
    (-1e300, 0.1, 0.09988784035036508, -1e301),
    (1e300, -0.1, -0.09988784035036508, -1e301),
    (5.5, 2.0, 1.5, 2.0),
    (-5.5, 2.0, 0.5, -3.0),
    (5.5, -2.0, -0.5, -3.0),
    (-0.0, 3.0, 0.0, -0.0),
    (0.0, -3.0, -0.0, -0.0),
    (-1.0, f64::INFINITY, f64::INFINITY, -1.0),
    (1.0, f64::INFINITY, 1.0, 0.0),
    (1.0, f64::NEG_INFINITY, f64::NEG_INFINITY, -1.0),
    (1.7976931348623157e308, 3e-05, 2.1486508541495228e-05, f64::INFINITY),
    (-3e-320, 7e-322, 1.7e-322, -43.0),
    (0.3, 0.1, 0.09999999999999998, 2.0),
    (1.0, 0.1, 0.09999999999999995, 9.0),
    (-1e-300, 1e300, 1e300, -1.0),
    (6.0, 3.0, 0.0, 2.0),
    (-6.0, 3.0, 0.0, -2.0),
    (1.7976931348623157e308, 3.3e300, 1.7862315775769953e300, 54475549.0),
];

#[test]
fn floats_are_pythons() {
    for (a, b, rest, quotient) in PYTHON {
        let same = |x: f64, y: f64| x.to_bits() == y.to_bits();
        let (exact_rest, exact_quotient) = divmod64(a, b);
        assert!(
            same(exact_rest, rest) && same(exact_quotient, quotient),
            "the model of {a:e}, {b:e}: {exact_rest:e}, {exact_quotient:e}"
        );
        let (a, b) = ([a], [b]);
        check!(f64, Compute::F64, a, b, divmod64);
    }
}
