//! Shaders do not know extents: an expression is compiled once for all sizes.

use numfuse::internals::vulkan::{Config, pipelines};
use numfuse::{DType, Program};

use crate::engine::card;
use crate::programs::{assert_same, stored, strictly};

#[test]
fn other_extents_compile_nothing() {
    let Some(device) = card::opened(Config::default()) else { return };
    for (text, sizes) in [
        ("x*y + 0.5", [[40, 50], [41, 7], [300, 2]]),
        ("exp(x)*sin(y)", [[40, 50], [41, 7], [300, 3]]),
        ("sum(x*y)", [[100, 170], [90, 171], [170, 130]]),
        ("sum(x - y, axis=1)", [[40, 200], [41, 270], [30, 1030]]),
        ("sum(x, axis=0) + max(y, axis=0)", [[40, 50], [41, 70], [100, 30]]),
        ("cumsum(x, axis=0)*y", [[40, 50], [41, 7], [300, 2]]),
    ] {
        let program = Program::compile(text).unwrap();
        let mut first = None;
        for shape in sizes {
            let (x, y) = (stored(DType::F64, &shape, 1), stored(DType::F64, &shape, 2));
            let given = [("x", x.input()), ("y", y.input())];
            let got = card::run_on(&device, &program, &given).unwrap();
            assert_same(&strictly(text, &given), &got, &format!("{text} of {shape:?}"));
            let count = pipelines(&device);
            let before = *first.get_or_insert(count);
            assert_eq!(count, before, "{text} of {shape:?} compiles shaders again");
        }
    }
}

/// The same text as another program, and with other numbers, is the same shader.
#[test]
fn other_programs_and_numbers_compile_nothing() {
    let Some(device) = card::opened(Config::default()) else { return };
    let x = stored(DType::F64, &[100], 1);
    let mut first = None;
    for k in [2.0, 3.5, -7.0] {
        let program = Program::compile("x*k + 1").unwrap();
        let given = [("x", x.input()), ("k", numfuse::Input::from(k))];
        let got = card::run_on(&device, &program, &given).unwrap();
        assert_same(&strictly("x*k + 1", &given), &got, "x*k + 1");
        let count = pipelines(&device);
        assert_eq!(count, *first.get_or_insert(count), "k = {k}");
    }
}
