//! What happens at a device's limits, forced small: more arrays than a shader may be bound to, arrays longer than a
//! binding reaches, more groups than are counted, dispatches that a watchdog would end, little staging and little memory.
//! The bits stay those of the processor.

use numfuse::internals::vulkan::{Config, Forced};
use numfuse::{Device, ErrorKind, Input, Program, Scalar, Value};

use crate::engine::card;
use crate::programs::{EVERY_LOOP, assert_same, inputs, stored, strictly};

fn opened(forced: Forced) -> Option<Device> {
    card::opened(Config { forced, ..Config::default() })
}

/// Every `step`-th kind of loop from one on, on a device with these limits.
fn runs(forced: Forced, first: usize, step: usize) {
    let Some(device) = opened(forced.clone()) else { return };
    let inputs = inputs();
    for text in EVERY_LOOP.iter().skip(first).step_by(step) {
        let program = Program::compile(text).unwrap();
        let given = inputs.named();
        let expected = strictly(text, &given);
        let got = card::run_on(&device, &program, &given)
            .unwrap_or_else(|error| panic!("{text} with {forced:?}: {error}"));
        assert_same(&expected, &got, &format!("{text} with {forced:?}"));
    }
}

#[test]
fn nothing_forced() {
    runs(Forced::default(), 0, 1);
}

#[test]
fn few_bindings() {
    for bindings in 1..=3 {
        runs(Forced { bindings: Some(bindings), ..Forced::default() }, bindings as usize - 1, 2);
    }
}

#[test]
fn short_bindings() {
    runs(Forced { range: Some(1024), ..Forced::default() }, 0, 2);
}

#[test]
fn few_groups() {
    runs(Forced { groups: Some(2), ..Forced::default() }, 0, 2);
    runs(Forced { groups: Some(1), group_size: Some(32), ..Forced::default() }, 1, 3);
}

#[test]
fn short_dispatches() {
    runs(Forced { elements: Some(1000), ..Forced::default() }, 0, 1);
    runs(Forced { elements: Some(1), group_size: Some(64), ..Forced::default() }, 36, 4);
}

#[test]
fn small_groups() {
    runs(Forced { group_size: Some(32), ..Forced::default() }, 1, 2);
    runs(Forced { group_size: Some(64), ..Forced::default() }, 0, 2);
}

#[test]
fn arguments_in_memory() {
    runs(Forced { push_bytes: Some(16), ..Forced::default() }, 0, 2);
    runs(Forced { push_bytes: Some(16), bindings: Some(1), ..Forced::default() }, 1, 2);
}

#[test]
fn little_staging() {
    runs(Forced { staging_bytes: Some(4096), ..Forced::default() }, 0, 4);
}

#[test]
fn all_at_once() {
    let forced = Forced {
        bindings: Some(1),
        range: Some(1024),
        push_bytes: Some(16),
        groups: Some(2),
        elements: Some(700),
        group_size: Some(32),
        staging_bytes: Some(4800),
        ..Forced::default()
    };
    runs(forced, 0, 1);
}

/// Without addresses there is nothing to split with: an error that says the numbers.
#[test]
fn what_only_addresses_reach_is_refused_without_them() {
    let forced = Forced { no_addresses: true, bindings: Some(3), ..Forced::default() };
    if let Some(device) = opened(forced) {
        let arrays: Vec<_> = (0..4).map(|seed| stored(numfuse::DType::F64, &[40], seed)).collect();
        let given: Vec<_> = ["a", "b", "c", "d"].into_iter().zip(arrays.iter().map(|a| a.input())).collect();
        let program = Program::compile("a*b + c*d").unwrap();
        let error = card::run_on(&device, &program, &given).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
        assert!(error.message().contains("5 arrays"), "{error}");
        assert!(error.message().contains("reaches 3"), "{error}");
        let two = Program::compile("a*b").unwrap();
        let got = card::run_on(&device, &two, &given[..2]).unwrap();
        assert_same(&strictly("a*b", &given[..2]), &got, "what three bindings reach");
    }
    let forced = Forced { no_addresses: true, range: Some(1 << 16), ..Forced::default() };
    if let Some(device) = opened(forced) {
        let x = stored(numfuse::DType::F64, &[10_000], 1);
        let program = Program::compile("sum(x)").unwrap();
        let error = card::run_on(&device, &program, &[("x", x.input())]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
        assert!(error.message().contains("80000 bytes"), "{error}");
        assert!(error.message().contains("65536"), "{error}");
    }
}

/// Memory that is exhausted is an error, after which there is as much as before.
#[test]
fn a_device_recovers_from_exhausted_memory() {
    let Some(device) = opened(Forced { memory: Some(4 << 20), ..Forced::default() }) else { return };
    let x = vec![1.5f64; 200_000];
    let program = Program::compile("x*2 + x[::-1]").unwrap();
    for _ in 0..3 {
        let mut arrays = Vec::new();
        let error = loop {
            assert!(arrays.len() < 10, "16 MB in memory of 4 MiB");
            match device.upload(&x) {
                Ok(array) => arrays.push(array),
                Err(error) => break error,
            }
        };
        assert!(matches!(error.kind(), ErrorKind::Limit | ErrorKind::Device), "{error}");
        assert!(error.message().contains("memory"), "{error}");
        // as much is missing where a run needs it
        let error = program.run_on(&device, [("x", &arrays[0])]);
        assert!(error.is_err(), "a result beyond the budget");
        arrays.truncate(1);
        let result = program.run_on(&device, [("x", &arrays[0])]).unwrap();
        assert_eq!(
            result.download::<Value>().unwrap(),
            Value::F64(numfuse::ndarray::ArrayD::from_elem(numfuse::ndarray::IxDyn(&[200_000]), 4.5))
        );
    }
}

/// An array longer than the largest allocation names its size.
#[test]
fn an_array_longer_than_an_allocation_is_refused() {
    let Some(device) = opened(Forced { allocation: Some(1 << 20), ..Forced::default() }) else { return };
    let error = device.upload(&vec![0.0f64; 1 << 18]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Limit | ErrorKind::Device), "{error}");
    let small = device.upload(&vec![1.0f64; 1 << 10]).unwrap();
    let program = Program::compile("sum(x)").unwrap();
    assert_eq!(program.run_on(&device, [("x", &small)]).unwrap().download::<f64>().unwrap(), 1024.0);
}

/// Of what is too large by far, parts are not even counted: there are more than fit into the host's memory.
#[test]
fn what_no_device_holds_is_refused_before_it_is_cut() {
    let forced = Forced { allocation: Some(1 << 20), elements: Some(1000), ..Forced::default() };
    let Some(device) = opened(forced) else { return };
    for text in [
        "arange(n)",
        "sum(cumsum(arange(n)))",
        "max(arange(n)[::-1].reshape(2, -1), axis=1)[None] + arange(n)[:, None]",
    ] {
        let program = Program::compile(text).unwrap();
        let error = program.run_on(&device, [("n", 1i64 << 34)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{text}: {error}");
        assert!(error.message().contains("1048576 bytes at once"), "{text}: {error}");
    }
}

/// Arrays of a dozen inputs in one loop, and a hundred results.
#[test]
fn many_arrays_in_one_loop() {
    let Some(device) = card::device() else { return };
    let names: Vec<String> = (0..60).map(|k| format!("a{k}")).collect();
    let arrays: Vec<_> = (0..60).map(|seed| stored(numfuse::DType::F32, &[300], seed)).collect();
    let given: Vec<(&str, Input<'_>)> =
        names.iter().map(String::as_str).zip(arrays.iter().map(|array| array.input())).collect();
    let text = names.join(" + ");
    let program = Program::compile(&text).unwrap();
    let got = card::run_on(device, &program, &given).unwrap();
    assert_same(&strictly(&text, &given), &got, "sixty inputs");
    let results: Vec<String> = (0..100).map(|k| format!("a0*{k} + a1")).collect();
    let program = Program::compile(&results.join(", ")).unwrap();
    let pair = given[..2].iter().map(|(name, input)| (*name, numfuse::DeviceInput::from(input.clone())));
    let got = program.run_all_on(device, pair).unwrap();
    for (array, text) in got.iter().zip(&results) {
        let got = crate::engine::array(array.download::<Value>().unwrap());
        assert_same(&strictly(text, &given[..2]), &got, text);
    }
}

/// Shaders as a card gets them, whatever runs them here.
#[test]
fn written_for_hardware() {
    runs(Forced { hardware: true, ..Forced::default() }, 0, 2);
    runs(Forced { hardware: true, bindings: Some(1), push_bytes: Some(16), ..Forced::default() }, 1, 2);
}

/// f32 divided, and its roots taken, as on a device whose own are off: the same bits.
#[test]
fn corrected_division_and_roots() {
    runs(Forced { corrections: true, ..Forced::default() }, 0, 3);
    let Some(device) = opened(Forced { corrections: true, ..Forced::default() }) else { return };
    let x = stored(numfuse::DType::F32, &[5000], 3);
    let y = stored(numfuse::DType::F32, &[5000], 4);
    let given = [("x", x.input()), ("y", y.input())];
    for text in ["x/y", "sqrt(abs(x))", "tan(x)/y", "hypot(x, y)", "mean(x)", "var(x)", "x % y"] {
        let got = card::run_on(&device, &Program::compile(text).unwrap(), &given).unwrap();
        assert_same(&strictly(text, &given), &got, &format!("{text}, corrected"));
    }
}

/// Mesa's software ends loops after 65,535 turns: what takes more is more dispatches, or is refused.
#[test]
fn more_turns_than_software_takes() {
    let Some(device) = opened(Forced { groups: Some(1), group_size: Some(32), ..Forced::default() }) else {
        return;
    };
    let x = stored(numfuse::DType::F64, &[3, 150_000], 5);
    let given = [("x", x.input())];
    for text in ["cumsum(x, axis=1)", "cumsum(x % 7, axis=1)", "x*2", "max(x)", "sum(x, axis=0)"] {
        let got = card::run_on(&device, &Program::compile(text).unwrap(), &given).unwrap();
        assert_same(&strictly(text, &given), &got, &format!("{text} of many"));
    }
    let (a, b) = (stored(numfuse::DType::F64, &[8, 70_000], 6), stored(numfuse::DType::F64, &[70_000, 8], 7));
    let given = [("a", a.input()), ("b", b.input())];
    let got = card::run_on(&device, &Program::compile("a @ b").unwrap(), &given).unwrap();
    let expected = strictly("a @ b", &given);
    let sums = strictly("abs(a) @ abs(b)", &given);
    for ((got, want), sum) in got.elements.iter().zip(&expected.elements).zip(&sums.elements) {
        let (Scalar::F64(got), Scalar::F64(want), Scalar::F64(sum)) = (got, want, sum) else {
            panic!("a product of doubles is one")
        };
        assert!((got - want).abs() <= 1e-12 * sum || got.is_nan() && want.is_nan(), "{got:e}, not {want:e}");
    }
    let (a, b) =
        (stored(numfuse::DType::F32, &[8, 300_000], 6), stored(numfuse::DType::F32, &[300_000, 8], 7));
    let error =
        card::run_on(&device, &Program::compile("a @ b").unwrap(), &[("a", a.input()), ("b", b.input())]);
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
    assert!(error.message().contains("300000 terms"), "{error}");
}

/// A device without doubles, long integers or bytes runs what needs none of them, and says what does.
#[test]
fn a_device_of_few_types() {
    let forced = Forced { no_float64: true, no_int64: true, no_narrow: true, ..Forced::default() };
    let Some(device) = opened(forced) else { return };
    let (f, i) = (stored(numfuse::DType::F32, &[300], 1), stored(numfuse::DType::I32, &[300], 2));
    let (d, b) = (stored(numfuse::DType::F64, &[300], 3), stored(numfuse::DType::Bool, &[300], 4));
    let given = [("f", f.input()), ("i", i.input()), ("d", d.input()), ("b", b.input())];
    let of = |text: &str| {
        let program = Program::compile(text).unwrap();
        let names: Vec<String> = program.inputs().map(str::to_owned).collect();
        let own: Vec<_> = given.iter().filter(|(name, _)| names.iter().any(|n| n == name)).cloned().collect();
        (card::run_on(&device, &program, &own), own)
    };
    for text in [
        "exp(f) + sin(f)",
        "f**2.5",
        "f % 0.3",
        "sum(f)",
        "var(f)",
        "cumsum(f)",
        "i*2 - 7",
        "max(i)",
        "f[::-2]",
    ] {
        let (got, own) = of(text);
        let got = got.unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_same(&strictly(text, &own), &got, &format!("{text} with few types"));
    }
    for (text, what) in [
        ("d + 1", "floats of 64 bits"),
        ("f64(f)", "floats of 64 bits"),
        ("sum(i)", "integers of 64 bits"),
        ("where(b, f, 1)", "bytes"),
        ("f > 1", "bytes"),
    ] {
        let error = of(text).0.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Device, "{text}: {error}");
        assert!(error.message().contains(what) && error.message().contains(device.name()), "{text}: {error}");
    }
}
