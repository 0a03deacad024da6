//! Elementwise loops and steps on whole arrays: every way to run them against the reference interpreter.

mod agreement;
mod engine;
mod generated;
mod stored;

use numfuse::internals::{interpret, interpret_lowered};
use numfuse::ndarray::{Array1, Array2, array};
use numfuse::{ErrorKind, Input, Program};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError};

use agreement::difference;
use engine::{Way, ways};
use generated::{Pool, loops, pool, steps};

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
    #![proptest_config(Config { cases: 256, max_shrink_iters: 400, failure_persistence: None, ..Config::default() })]

    #[test]
    fn loops_agree_with_the_interpreter(text in loops(), pool in pool(1200, false)) {
        compare_pool(&text, &pool, &ways(&[1, 2], &[0, 64]))?;
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
