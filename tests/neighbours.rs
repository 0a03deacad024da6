//! Shifts, padding and windows with borders: what they mean, every way to run them against the reference interpreter,
//! and the plans that keep an interior in one loop.
//!
//! The interpreter joins an array's pieces before anything reads them; executors pull the pieces out of what is computed
//! from them. So each checks the other. SciPy's and NumPy's own answers are among the conformance tests
//! (`tests/data/neighbours.jsonl`).

mod agreement;
mod engine;

use numfuse::internals::interpret;
use numfuse::ndarray::{ArrayD, IxDyn};
use numfuse::{Input, Program, inputs};
use proptest::test_runner::TestCaseError;

use agreement::difference;
use engine::{card, ways};

/// Every way to run an expression gives the interpreter's bits.
fn compare(text: &str, inputs: &[(&str, Input<'_>)]) -> Result<(), TestCaseError> {
    let (fused, strict) = (interpret(text, inputs, true), interpret(text, inputs, false));
    let program = Program::compile(text);
    let same = |expected: &_, got: &_, way: &str| match difference(expected, got, false) {
        None => Ok(()),
        Some(difference) => Err(TestCaseError::fail(format!("{text}\n{way} {difference}"))),
    };
    for way in ways(&[1, 3], &[0, 64]) {
        let got = program.clone().and_then(|program| way.run(&program, inputs));
        same(if way.isa.has_fma() { &fused } else { &strict }, &got, &format!("{way:?}"))?;
    }
    if let Ok(program) = &program
        && let Some(got) = card::run(program, inputs)
    {
        same(&strict, &got, "the card")?;
    }
    Ok(())
}

fn check(text: &str, inputs: &[(&str, Input<'_>)]) {
    if let Err(error) = compare(text, inputs) {
        panic!("{error}");
    }
}

/// Eighths, of which every sum of a few is exact.
fn eighths(shape: &[usize]) -> ArrayD<f64> {
    let mut state = 7u64;
    let elements = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        f64::from((state >> 33) as u32 % 161) / 8.0 - 10.0
    });
    let elements = elements.take(shape.iter().product()).collect();
    ArrayD::from_shape_vec(IxDyn(shape), elements).unwrap()
}

const BORDERS: [&str; 5] = ["constant", "nearest", "reflect", "mirror", "wrap"];

#[test]
fn stencils_agree_in_every_way() {
    for shape in [[9, 7], [1, 5], [2, 3], [40, 70], [0, 4]] {
        let (u, w) = (eighths(&shape), eighths(&[5, 3]));
        let z = u.mapv(|x| numfuse::Complex::new(x, x * 0.5 - 1.0));
        let s = u.mapv(|x| (x * 8.0) as i16);
        let v = eighths(&shape[1..]);
        let inputs = inputs! { u, w, z, s, v };
        for border in BORDERS {
            for text in [
                "shift(u, (1, 0), border=B)",
                "shift(u, (0, -1), B) + shift(u, (0, 1), B) + shift(u, (1, 0), B) + shift(u, (-1, 0), B) - 4*u",
                "sum(windows(u, (5, 3), border=B) * w, axis=(-2, -1))",
                "max(windows(u*2 + 1, (2, 3), border=B), axis=(-2, -1)) - min(windows(u, (3, 1), border=B), axis=(2, 3))",
                "exp(shift(exp(u/8), (1, 1), B)) - shift(exp(u/8), (-1, 0), B)",
                "shift(shift(u, (2, 1), B), (-1, 1), B) * u",
                "sum(shift(u, (1, 2), B) * u)",
                "sum(shift(u, (1, 2), B) * u, axis=0)",
                "mean(shift(u, (1, 2), B), axis=1, keepdims=True) * u",
                "shift(z, (1, -2), B) * z",
                "shift(s, (1, -2), B) * s + shift(s + s, 1, B)",
                "shift(u, (1, 1), B)[::-1, ::2] + u[:, ::2]",
                "shift(v, 1, B) + u",
                "exp(shift(v, 1, B)) * u",
                "cumsum(shift(u, (1, 0), B), axis=1)",
                "shift(u, (1, 0), B).T @ shift(u, (0, 1), B)",
                "reshape(shift(u, (1, 0), B), (-1,)) * 2",
                "where(shift(u, 1, B) > u, u, shift(u, 1, B))",
                "sqrt(abs(shift(u, 1, B))) * shift(sqrt(abs(u)), -1, B) + exp(u/4)",
                "var(shift(u, 1, B) + 1, axis=1)",
                "prod(shift(z, 1, B)/8 + 1, axis=0)",
                "windows(shift(u, (1, 0), B), (3, 3), border=B)[..., 1, 1]",
            ] {
                if shape[0] == 0 && text.starts_with("max") {
                    continue;
                }
                check(&text.replace('B', &format!("'{border}'")), &inputs);
            }
        }
    }
}
