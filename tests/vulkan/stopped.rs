//! Runs on a device that are ended: by their caller, by the clock, and by the limit on turns.

use std::time::Duration;

use ndarray::Array1;
use numfuse::{Cancel, Device, DeviceInput, Error, ErrorKind, Input, Limits, Program, Value};

use crate::engine::card;

/// Texts that keep a device for minutes or more if nobody ends them.
const ENDLESS: [&str; 3] = [
    "u = x; steps 10000000 { u = u*0.5 + mean(u) }; u",
    "max(sum(sin(arange(4000000)[:, None]*x), axis=1))",
    "r = x[:, None]*x; repeat 50000 while r > -1 { r = r*0.5 + 1.25 }; r",
];

fn run(device: &Device, program: &Program) -> Result<Value, Error> {
    let x = Array1::from_elem(5000, 1.0);
    let given = [("x", DeviceInput::from(&x)), ("n", DeviceInput::from(Input::from(101i64)))];
    let given = given.into_iter().filter(|(name, _)| program.inputs().any(|input| input == *name));
    program.run_on(device, given.collect::<Vec<_>>())?.download()
}

fn limited(text: &str, change: impl FnOnce(&mut Limits)) -> Program {
    let mut limits = Limits::default();
    (limits.turns, limits.elements) = (u64::MAX, u64::MAX);
    change(&mut limits);
    Program::compile_with(text, &limits).unwrap()
}

#[test]
fn a_run_ends_when_it_is_cancelled() {
    let Some(device) = card::device() else { return };
    for text in ENDLESS {
        let cancel = Cancel::new();
        let program = limited(text, |_| ()).cancelled_by(&cancel);
        std::thread::scope(|scope| {
            let running = scope.spawn(|| run(device, &program));
            std::thread::sleep(Duration::from_millis(300));
            assert!(!running.is_finished(), "{text}: {:?}", running.join());
            cancel.cancel();
            let error = running.join().unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Cancelled, "{text}: {error}");
        });
    }
}

#[test]
fn a_run_ends_when_its_time_is_over() {
    let Some(device) = card::device() else { return };
    for text in ENDLESS {
        let program = limited(text, |limits| limits.time = Some(Duration::from_millis(200)));
        let error = run(device, &program).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{text}: {error}");
        assert_eq!(error.to_string(), "the run takes longer than the limit of 200ms");
    }
}

#[test]
fn what_can_be_ended_has_the_same_bits() {
    let Some(device) = card::device() else { return };
    for text in ["cumsum(sin(x))", "sum(x/3)", "sin(x[:, None]) + x", "steps(20, x = x*0.5 + mean(x)); x"] {
        let program = limited(text, |_| ());
        let ended = limited(text, |limits| limits.time = Some(Duration::from_secs(3600)));
        assert_eq!(run(device, &program).unwrap(), run(device, &ended).unwrap(), "{text}");
    }
}

#[test]
fn turns_have_their_limit() {
    let Some(device) = card::device() else { return };
    for (text, message) in [
        ("u = x; steps n { u = u*0.5 }; u", "the loops take more turns than the limit of 100"),
        (
            "r = x; repeat n { r = r*0.5 }; r",
            "loops of up to 101 turns, which a device does not count as it goes: the limit is 100",
        ),
    ] {
        let program = limited(text, |limits| limits.turns = 100);
        let error = run(device, &program).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{text}: {error}");
        assert_eq!(error.to_string(), message, "{text}");
        let program = limited(text, |limits| limits.turns = 101);
        run(device, &program).unwrap();
    }
}
