//! What a stranger's text may do, and runs that are ended from outside.

use std::time::Duration;

use numfuse::ndarray::{Array1, Array2};
use numfuse::{Cancel, Error, ErrorKind, Input, Limits, Options, Program, Scalar, Value};

fn run(program: &Program, inputs: &[(&str, Input<'_>)]) -> Result<Value, Error> {
    program.run(inputs)
}

fn limited(text: &str, change: impl FnOnce(&mut Limits)) -> Program {
    let mut limits = Limits::default();
    change(&mut limits);
    Program::compile_with(text, &limits).unwrap()
}

/// Texts that take hours, or many seconds, if nobody ends them, each in another part of the executor.
const ENDLESS: [&str; 9] = [
    "r = x; repeat 10000000 while r > -1 { r = r*1.5 % 7; repeat 10000 { r = r*1.25 % 5 } }; r",
    "n = 0; repeat 10000000 { repeat 100000 { n = (n*3 + 1) % 17 } }; n",
    "u = x; steps 10000000 { u = u*0.5 + mean(u) }; u",
    "u = x[:3]; steps 10000000000 { u = u*0.5 + 1 }; u",
    "sum(sin(arange(50000000000)*x[0]))",
    "sum(sin(arange(30000000)[:, None]*x[:, None, None]), axis=0)[0, 0]",
    "m = x[:, None]*arange(300); a = m @ m.T; a @ a @ a @ a @ a @ a @ a @ a @ a @ a @ a @ a",
    "cumsum(gamma(erf(lgamma(gamma(erf(sin(arange(50000000)*x[0])))))))",
    "cumsum(gamma(erf(lgamma(gamma(erf(sin(arange(10000)[:, None]*x)))))), axis=0)[-1]",
];

fn within(text: &str) -> Program {
    limited(text, |limits| {
        limits.turns = u64::MAX;
        limits.elements = u64::MAX;
    })
}

#[test]
fn a_run_ends_when_it_is_cancelled() {
    let x = Array1::from_elem(5000, 1.0);
    for text in ENDLESS {
        for threads in [1, 2] {
            let cancel = Cancel::new();
            let program = within(text).with_options(Options::new().threads(threads)).cancelled_by(&cancel);
            std::thread::scope(|scope| {
                let running = scope.spawn(|| run(&program, &[("x", Input::from(&x))]));
                std::thread::sleep(Duration::from_millis(30));
                assert!(!running.is_finished(), "{text}: {:?}", running.join());
                cancel.cancel();
                let error = running.join().unwrap().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Cancelled, "{text}: {error}");
                assert_eq!(error.to_string(), "the run has been cancelled");
            });
            assert!(cancel.is_cancelled());
        }
    }
}

#[test]
fn a_run_ends_when_its_time_is_over() {
    let x = Array1::from_elem(5000, 1.0);
    for text in ENDLESS {
        let mut limits = Limits::default();
        (limits.turns, limits.elements) = (u64::MAX, u64::MAX);
        limits.time = Some(Duration::from_millis(20));
        let program = Program::compile_with(text, &limits).unwrap();
        let error = run(&program, &[("x", Input::from(&x))]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert_eq!(error.to_string(), "the run takes longer than the limit of 20ms");
    }
}

#[test]
fn what_ends_in_time_is_no_error() {
    let program =
        limited("r = x; repeat 10 { r = r*1.5 }; r", |limits| limits.time = Some(Duration::from_secs(3600)));
    let cancel = Cancel::new();
    let x = Array1::from_elem(100_000, 1.0);
    let value: Array1<f64> = program.cancelled_by(&cancel).run([("x", Input::from(&x))]).unwrap();
    assert_eq!(value[99_999], 1.5f64.powi(10));
}

#[test]
fn loops_that_data_bound_are_counted_as_they_run() {
    let x = Array1::from_elem(100, 1.0);
    let inputs = |n: i64| [("x", Input::from(&x)), ("n", Input::from(n))];
    let program = limited("r = x; repeat n { repeat n { r = r + 1 } }; r", |limits| limits.turns = 1000);
    assert!(run(&program, &inputs(30)).is_ok());
    let error = run(&program, &inputs(1_000_000)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert_eq!(error.to_string(), "the loops take more turns than the limit of 1000");
    let program = limited("u = x; steps n { u = u + 1 }; u", |limits| limits.turns = 1000);
    assert!(run(&program, &inputs(1000)).is_ok());
    assert_eq!(run(&program, &inputs(1001)).unwrap_err().kind(), ErrorKind::Limit);
    // a negative number of turns is none
    let program = Program::compile("r = x; repeat n { r = r + 1 }; r").unwrap();
    let value: Array1<f64> = program.run(&inputs(-5)[..]).unwrap();
    assert_eq!(value, x);
}

#[test]
fn turns_inside_of_steps_are_multiplied() {
    let x = Array1::from_elem(50, 1.0);
    for text in ["steps 30 { repeat k { x += 1 } }; x", "steps 30 { steps k { x = x + 1 } }; x"] {
        let program = limited(text, |limits| limits.turns = 3000);
        let with = |k: i64| run(&program, &[("x", Input::from(&x)), ("k", Input::from(k))]);
        assert_eq!(with(100).unwrap(), Value::from(&x + 3000.0), "{text}");
        let error = with(101).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{text}");
        assert_eq!(error.to_string(), "the loops take more turns than the limit of 3000");
    }
}

#[test]
fn steps_inside_of_steps_cost_no_more_at_each_level() {
    let depth = 60;
    let text = format!("{}x = x + 1{}; x", "steps 1 { ".repeat(depth), " }".repeat(depth));
    let x = Array2::from_elem((3, 5), 1.0);
    // laid out otherwise than what lies between steps
    let turned = x.view().reversed_axes();
    for x in [x.view().into_dyn(), turned.into_dyn()] {
        assert_eq!(run(&within(&text), &[("x", Input::from(&x))]).unwrap(), Value::from(&x + 1.0));
    }
}

#[test]
fn bounds_beyond_64_bits_are_not_taken_for_others() {
    let run = |text: &str, a: i64, b: i64| {
        let program = limited(text, |limits| limits.turns = 1000);
        run(&program, &[("a", Input::from(a)), ("b", Input::from(b))])
    };
    let count = "n = 0; for k in a..b { n += 1 }; n";
    for (a, b, turns) in
        [(-3, 5, 8), (5, -3, 0), (i64::MAX, -2, 0), (i64::MAX, i64::MIN, 0), (i64::MIN, i64::MIN + 7, 7)]
    {
        assert_eq!(run(count, a, b).unwrap().as_scalar(), Some(Scalar::I64(turns)), "{a}..{b}");
    }
    for (a, b) in [(i64::MIN, i64::MAX), (i64::MIN, 0), (-1, i64::MAX), (0, i64::MAX)] {
        assert_eq!(run(count, a, b).unwrap_err().kind(), ErrorKind::Limit, "{a}..{b}");
    }
    let program = Program::compile("n = 0; repeat m { n += 1 }; n").unwrap();
    let error = program.run::<Value>([("m", Input::from(1u64 << 63))]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
}

#[test]
fn arrays_are_as_large_as_the_limits_say() {
    let error = run(&Program::compile("sum(arange(1000000000000))").unwrap(), &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert_eq!(
        error.to_string(),
        "a loop runs over 1000000000000 elements, more than the limit of 68719476736"
    );
    let (row, column) = (Array2::from_elem((1, 100), 1.0), Array2::from_elem((100, 1), 1.0));
    let inputs = [("a", Input::from(&row)), ("b", Input::from(&column))];
    for text in ["a*b", "sum(a*b)", "u = a*b; steps 3 { u = u + 1 }; sum(u)"] {
        assert!(run(&limited(text, |limits| limits.elements = 10_000), &inputs).is_ok());
        let error = run(&limited(text, |limits| limits.elements = 9_999), &inputs).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{text}");
    }
}
