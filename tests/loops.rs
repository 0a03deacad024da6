//! Elementwise loops and steps on whole arrays: every way to run them against the reference interpreter.

mod agreement;
mod engine;
mod generated;
mod stored;

use numfuse::internals::{interpret, interpret_lowered};
use numfuse::ndarray::Array2;
use numfuse::{Input, Isa, Program};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError};

use agreement::difference;
use engine::{Way, card, ways};
use generated::{Pool, loops, nests, pool, steps};

fn compare(text: &str, inputs: &[(&str, Input<'_>)], empty: bool, ways: &[Way]) -> Result<(), TestCaseError> {
    let fused = interpret(text, inputs, true);
    let strict = interpret(text, inputs, false);
    let program = Program::compile(text);
    for way in ways {
        let got = program.clone().and_then(|program| way.run(&program, inputs));
        let expected = if way.isa.has_fma() { &fused } else { &strict };
        if let Some(difference) = difference(expected, &got, empty) {
            return Err(TestCaseError::fail(format!("{text}\n{way:?} {difference}")));
        }
    }
    Ok(())
}

fn compare_pool(text: &str, pool: &Pool, ways: &[Way]) -> Result<(), TestCaseError> {
    compare(text, &pool.inputs(), pool.empty, ways)
}

proptest! {
    #![proptest_config(Config { cases: 512, max_shrink_iters: 400, failure_persistence: None, ..Config::default() })]

    #[test]
    fn loops_agree_with_the_interpreter(text in loops(), pool in pool(1200, false)) {
        compare_pool(&text, &pool, &ways(&[1, 2], &[0, 64]))?;
    }

    #[test]
    fn loops_inside_of_loops_agree_with_the_interpreter(text in nests(), pool in pool(300, false)) {
        compare_pool(&text, &pool, &ways(&[1], &[0]))?;
    }

    #[test]
    fn simplifying_and_lowering_keep_every_bit_of_loops(text in loops(), pool in pool(100, false)) {
        let inputs = pool.inputs();
        let (whole, lowered) = (interpret(&text, &inputs, true), interpret_lowered(&text, &inputs, true));
        if let Some(difference) = difference(&whole, &lowered, pool.empty) {
            return Err(TestCaseError::fail(format!("{text}\nthe lowered graph {difference}")));
        }
    }

    #[test]
    fn steps_agree_with_the_interpreter(text in steps(), pool in pool(600, false)) {
        compare_pool(&text, &pool, &ways(&[1, 2], &[0, 64]))?;
    }
}

/// What a turn does to its values, and loops inside of it do with them.
#[test]
fn values_of_a_turn_are_kept_as_long_as_they_are_read() {
    let x = Array2::from_shape_fn((37, 53), |(i, j)| (i * 53 + j) as f64 * 0.01 - 5.0);
    let k = Array2::from_shape_fn((37, 53), |(i, j)| (i * 7 + j) as i64 % 11 - 5);
    for text in [
        // handed over under a mask, to each other and to two at once
        "a = k; b = k + 1; repeat 5 while a < 40 { a = b, b = a + b }; a + 100*b",
        "a = k; b = 2*k; n = 0; repeat 5 while n < k { a = b, b = a; n += 1 }; a - 3*b",
        "a = k; b = k; n = 0; repeat 5 while b < 9 { n = b*2 + n; a = n; b = b + 1 }; a + n",
        // read by each turn of a loop inside, and after it
        "i = k; repeat 2 { i += k; repeat 6 while k > -9 { k += i } }; i",
        "i = k; for t in 0..3 { u = i*2 + t; repeat 4 while i < u { i += u - 3 }; i -= u }; i",
        "i = k; repeat 3 { u = i + 1; v = u*k; repeat 2 { repeat 2 while i < 50 { i += u*v } }; i = i - v }; i",
        "m = x > 0; repeat 3 while k != 0 { u = x > k; repeat 2 { m ^= u; m = u } }; m",
        // one for all elements, which none leaves before the others
        "s = x; n = 0; repeat 3 { s = s*0.5; n += 1 }; n + 0*s",
        "s = 0.; t = 1.; n = 0; repeat 10 { s += t; n += 1; t = t*x/n }; n*s",
        "s = x; n = 0; repeat 9 while n < 7 { s = s*0.5; n += 2; repeat 2 { s += n } }; s/n",
        "s = 0.; t = 1.; for j in 0..10 { s = s + t*x; t = t/2 }; s + t*x",
        // computed before both loops, and read in the one inside
        "q = k; p = 1.; n = 0; repeat 9 while n < q { repeat 3 { p = where(x > 0, p*2, p - 1) }; n += 1 }; p",
        "z = x; repeat 5 while z*k < 50 + z { repeat 3 while k > 0 { z = 2*z }; z += 1 }; z",
        "y = x; p = 1; for j in 1..5 { repeat 5 while k > p { p = k; break if j >= 5 + y }; y = y + 1 }; p",
        // summed over rows
        "n = 0; z = 0.; repeat 9 while z < 3 { z = z*z + x; n += 1 }; sum(n, axis=0)",
        "n = 0; z = 0.; repeat 9 while z < 3 { z = z*z + x; n += 1 }; sum(z, axis=1)",
    ] {
        let inputs = [("x", Input::from(&x)), ("k", Input::from(&k))];
        let program = Program::compile(text).unwrap();
        let own: Vec<_> =
            inputs.into_iter().filter(|(name, _)| program.inputs().any(|own| own == *name)).collect();
        compare(text, &own, false, &ways(&[1], &[0, 64])).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// A graphics card against the processor's strict bits; software refuses what might take more turns than it does.
fn compare_card(text: &str, pool: &Pool) -> Result<(), TestCaseError> {
    let Ok(program) = Program::compile(text) else { return Ok(()) };
    let Some(got) = card::run(&program, &pool.inputs()) else { return Ok(()) };
    if got.as_ref().is_err_and(|error| error.message().contains("software ends the loops of a shader")) {
        return Ok(());
    }
    let strict = Way { isa: Isa::Portable, threads: 1, tile: 0 };
    match difference(&strict.run(&program, &pool.inputs()), &got, pool.empty) {
        None => Ok(()),
        Some(difference) => Err(TestCaseError::fail(format!("{text}\na card {difference}"))),
    }
}

// fewer cases: each compiles shaders
proptest! {
    #![proptest_config(Config { cases: 64, max_shrink_iters: 40, failure_persistence: None, ..Config::default() })]

    #[test]
    fn loops_agree_on_a_card(text in loops(), pool in pool(3000, false)) {
        compare_card(&text, &pool)?;
    }
}

#[test]
fn most_random_programs_are_programs() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut fine, mut errors) = (0, Vec::new());
    for _ in 0..300 {
        let text = prop_oneof![loops(), steps()].new_tree(&mut runner).unwrap().current();
        let pool = pool(50, false).new_tree(&mut runner).unwrap().current();
        match interpret(&text, &pool.inputs(), true) {
            Ok(_) => fine += 1,
            Err(error) => errors.push(format!("{error}")),
        }
    }
    assert!(fine > 150, "{fine} of 300\n{}", errors[..20.min(errors.len())].join("\n"));
}

#[test]
fn a_loop_over_no_elements_takes_none() {
    let (x, none) = (Array2::from_elem((3, 40), 2.0), ndarray::Array1::<f64>::zeros(0));
    let inputs = [("x", Input::from(&x)), ("p", Input::from(&none))];
    let text = "s = x; for k in 0..len(p) { s = s*x + p[k] }; s";
    assert_eq!(Program::compile(text).unwrap().run::<Array2<f64>>(&inputs[..]).unwrap(), x);
    compare(text, &inputs, false, &ways(&[1, 2], &[0])).unwrap_or_else(|error| panic!("{error}"));
    for text in ["s = x; for k in 0..2 { s += p[k] }; s", "s = x; repeat 2 while s < 5 { s += p[0] }; s"] {
        let error = Program::compile(text).unwrap().run::<Array2<f64>>(&inputs[..]).unwrap_err();
        assert!(error.to_string().contains("along axis 0"), "{text}: {error}");
    }
}

/// What is wrong with the types and shapes of loops, in words.
#[test]
fn what_is_wrong_with_types_is_said_in_words() {
    let (x, y, n) = (ndarray::array![1.0, 2.0, 3.0], ndarray::array![1.0, 2.0], 3i64);
    let names = ndarray::array![1u8, 2, 3];
    let inputs =
        [("x", Input::from(&x)), ("y", Input::from(&y)), ("n", Input::from(n)), ("m", Input::from(&names))];
    let refused = [
        (
            "r = x; repeat 3 { r = r - mean(r) }; r",
            "`mean(r)` looks at other elements, and each one leaves an elementwise loop on its own",
        ),
        (
            "r = x; repeat 3 { r = r + shift(r, 1) }; r",
            "`shift(r, 1)` looks at other elements, and each one leaves an elementwise loop on its own",
        ),
        ("r = x; repeat x { r = r + 1 }; r", "`x` is f64[3], and a loop runs a whole number of times"),
        ("r = x; repeat n/2 { r = r + 1 }; r", "`n/2` is f64, and a loop runs a whole number of times"),
        ("r = x; repeat 5 while r { r = r - 1 }; r", "`r` is f64[3], not boolean"),
        (
            "r = x; repeat 5 { r = r + y }; r",
            "`r` is f64[3] and `y` is f64[2]: these shapes do not broadcast together",
        ),
        ("u = x; steps 3 { u = u[1:] }; u", "a step makes f64[2] of a variable that is f64[3]"),
        ("u = x; steps x { u = u*2 }; u", "`x` is not known before the data are"),
        ("u = x; steps n - 5 { u = u*2 }; u", "-2 is no number of steps"),
        (
            "r = x; repeat 3 { r = where(True, r, y) }; r",
            "`r` is f64[3] and `y` is f64[2]: these shapes do not broadcast together",
        ),
    ];
    for (text, message) in refused {
        let program = Program::compile(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let used: Vec<_> =
            inputs.iter().filter(|(name, _)| program.inputs().any(|input| input == *name)).cloned().collect();
        let error = program.run::<numfuse::Value>(&used[..]).unwrap_err();
        assert_eq!(error.message(), message, "{text}");
        assert!(error.span().is_some(), "{text}: {error}");
    }
}

/// What counts turns is one number in the loop, and kept for each element that leaves: nothing else may be kept there.
#[test]
fn counts_are_kept_beside_what_a_turn_computes() {
    let x = ndarray::Array1::from_shape_fn(700, |k| (k % 61) as f64 * 0.31 + 0.05);
    let inputs = [("x", Input::from(&x))];
    for text in [
        "n = 0; r = x; repeat 30 while (r > 0.1) & (r < 50) { s = r*0.9; m = (s > 1) | (s < 0.3); r = where(m, s*0.8, s + 0.01); n += 1 }; n",
        "n = 0; r = i32(x*7); repeat 90 while (r > 3) & (r % 11 != 0) { r = where((r & 1) == 1, r*3 + 1, r >> 1); n += 2 }; n",
        "n = 0; t = 1.5; r = x; repeat 40 while r*t > 1 { m = (r > 2) ^ (t > 2); r = where(m, r*0.5, r - 0.2); n += 1; t += 0.25 }; n + t",
    ] {
        compare(text, &inputs, false, &ways(&[1, 2], &[0, 64])).unwrap();
    }
}
