//! Steps on whole arrays on the device, against the CPU's strict bits.

use ndarray::{Array1, Array2};
use numfuse::{Device, Input, Isa, Options, Program, Value};

use crate::engine::{array, card};

const PROGRAMS: [&str; 8] = [
    "steps(7, u = u + 0.2*(shift(u, (0, 1), border='nearest') + shift(u, (1, 0), border='wrap') - 2*u)); u",
    "steps(1, u = u*2); u",
    "steps(0, u = u*2); u + 1",
    "steps(n, u = u*0.5 + row); u",
    "v = row; steps 4 { u = u + v; v = v*0.5 + k }; u*v",
    "steps(3, u = v, v = u); u - 2*v",
    "z = u*1j; steps(5, z = z*z*0.25 + u); z",
    "x = u; s = 0; steps 6 { x = x*1.25 - floor(x); s = s + sum(x > 0) }; x + s",
];

#[test]
fn steps_agree_with_the_processor() {
    let Some(device) = card::device() else { return };
    let u = Array2::from_shape_fn((33, 20), |(i, j)| ((i * 20 + j) as f64 * 0.37).sin());
    let v = u.mapv(|u| u * 3.0 - 1.0);
    let row = Array1::from_shape_fn(20, |k| k as f64 * 0.25 - 2.0);
    let (k, n) = (0.5, 9i64);
    for text in PROGRAMS {
        let program = Program::compile(text).unwrap();
        let given = [
            ("u", Input::from(&u)),
            ("v", Input::from(&v)),
            ("row", Input::from(&row)),
            ("k", Input::from(k)),
            ("n", Input::from(n)),
        ];
        let used: Vec<_> =
            given.iter().filter(|(name, _)| program.inputs().any(|input| input == *name)).cloned().collect();
        let strict = program.with_options(Options::new().isa(Isa::Portable));
        let expected: Value = strict.run(&used[..]).unwrap();
        let got = on(device, &program, &used);
        assert!(array(got).same(&array(expected)), "{text}");
    }
}

fn on(device: &Device, program: &Program, inputs: &[(&str, Input<'_>)]) -> Value {
    let given = inputs.iter().map(|(name, input)| (*name, numfuse::DeviceInput::from(input.clone())));
    program.run_on(device, given.collect::<Vec<_>>()).unwrap().download().unwrap()
}

#[test]
fn an_error_of_a_step_comes_with_the_result() {
    let Some(device) = card::device() else { return };
    let x = Array1::from_shape_fn(50, |k| k as i64);
    let program = Program::compile("steps(3, x = (x + 1)**(40 - x)); x").unwrap();
    let on_device = program.run_on(device, [("x", numfuse::DeviceInput::from(&x))]).unwrap();
    let error = on_device.download::<Array1<i64>>().unwrap_err();
    let here = program.run::<Array1<i64>>([("x", Input::from(&x))]).unwrap_err();
    assert_eq!(error.to_string(), here.to_string());
}
