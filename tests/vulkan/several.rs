//! Programs of several results, whose loops do more than one thing at once.

use numfuse::internals::vulkan::{Config, Forced, shaders};
use numfuse::{DType, Device, DeviceInput, Input, Isa, Options, Program, Value};

use crate::engine::{array, card};
use crate::programs::{assert_same, stored};
use crate::structure;

/// As on the processor, bit by bit.
fn agree(device: &Device, text: &str, given: &[(&str, Input<'_>)]) {
    let program = Program::compile(text).unwrap();
    let strict = program.with_options(Options::new().isa(Isa::Portable).threads(1));
    let expected: Vec<Value> = strict.run(given.to_vec()).unwrap();
    let named = given.iter().map(|(name, input)| (*name, DeviceInput::from(input.clone())));
    let got = program.run_all_on(device, named).unwrap();
    assert_eq!(got.len(), expected.len());
    for (k, (expected, got)) in expected.into_iter().zip(got).enumerate() {
        let got = array(got.download::<Value>().unwrap());
        assert_same(&array(expected), &got, &format!("result {k} of {text}"));
    }
}

#[test]
fn results_of_all_kinds_beside_each_other() {
    for forced in [
        Forced::default(),
        Forced { elements: Some(500), ..Forced::default() },
        Forced { bindings: Some(1), push_bytes: Some(16), ..Forced::default() },
    ] {
        let Some(device) = card::opened(Config { forced, ..Config::default() }) else { return };
        let (x, u) = (stored(DType::F64, &[37, 53], 1), stored(DType::F32, &[37, 53], 2));
        let given = [("x", x.input()), ("u", u.input())];
        for text in [
            // what a loop of running reductions stores as well
            "x*2, cumsum(x*2, axis=0)",
            "cumsum(x - u, axis=1), x - u, cumprod(1 + u/1e4, axis=1)",
            "sum(x), x*2, max(u, axis=0), sum(u, axis=1)",
            "sum(x*u, axis=0), x*u, x*u > 1",
            "x, x, x*1",
            "var(x), mean(x), std(u), argmax(x), any(x > 3)",
        ] {
            agree(&device, text, &given);
        }
    }
}

/// However many reductions a loop has: a workgroup has little memory, and devices refuse, or spoil, what needs more.
#[test]
fn many_reductions_share_the_memory_of_a_workgroup() {
    let Some(device) = card::device() else { return };
    let (x, u) = (stored(DType::F64, &[37, 153], 1), stored(DType::F32, &[37, 153], 2));
    let given = [("x", x.input()), ("u", u.input())];
    for (count, one) in [(70, "sum(x*{})"), (12, "var(x*{} + u), max(u - {}), any(u > {}), sum(i64(u)*{})")] {
        let text: Vec<String> = (1..=count).map(|k| one.replace("{}", &k.to_string())).collect();
        let text = text.join(", ");
        let program = Program::compile(&text).unwrap();
        let named = given.iter().map(|(name, input)| (*name, DeviceInput::from(input.clone())));
        for words in shaders(&program, device, named).unwrap() {
            structure::check(&words).unwrap_or_else(|why| panic!("{text}: {why}"));
        }
        agree(device, &text, &given);
    }
}
