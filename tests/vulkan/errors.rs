//! Errors on a card: those that depend on data come with the download, of the arrays that depend on them; the others at
//! once.

use numfuse::ndarray::{Array1, array};
use numfuse::{Device, DeviceInput, ErrorKind, Input, Program, Value};

use crate::engine::card;

#[test]
fn errors_of_data_come_with_the_download() {
    let Some(device) = card::device() else { return };
    let base = device.upload(&array![2i64, 3, 4]).unwrap();
    let (good, bad) =
        (device.upload(&array![1i64, 2, 3]).unwrap(), device.upload(&array![1i64, -2, 3]).unwrap());
    let power = Program::compile("1 + a**b").unwrap();
    let right = power.run_on(device, [("a", &base), ("b", &good)]).unwrap();
    let wrong = power.run_on(device, [("a", &base), ("b", &bad)]).unwrap();
    let sum = Program::compile("sum(x) + 0*y").unwrap();
    // what is made of it has its error, through any number of runs
    let after = sum.run_on(device, [("x", &wrong), ("y", &right)]).unwrap();
    let later = Program::compile("x*2").unwrap().run_on(device, [("x", &after)]).unwrap();
    let beside = sum.run_on(device, [("x", &right), ("y", &base)]).unwrap();
    assert_eq!(right.download::<Array1<i64>>().unwrap(), array![3, 10, 65]);
    assert_eq!(beside.download::<Array1<i64>>().unwrap(), array![78, 78, 78]);
    let on_cpu = power
        .run::<Value>([("a", Input::from(&array![2i64, 3, 4])), ("b", Input::from(&array![1i64, -2, 3]))])
        .unwrap_err();
    for array in [&wrong, &after, &later] {
        for _ in 0..2 {
            let error = array.download::<Value>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Domain, "{error}");
            assert_eq!(error.message(), on_cpu.message());
            assert_eq!(error.span(), on_cpu.span());
        }
    }
}

/// They point at the text of the program that made them.
#[test]
fn errors_of_data_point_at_the_text() {
    let Some(device) = card::device() else { return };
    let x = device.upload(&array![1.0, 2.0, 3.0]).unwrap();
    for (places, right) in
        [(array![0i64, -3, 2], true), (array![0i64, 3, 1], false), (array![0i64, -4, 1], false)]
    {
        let i = device.upload(&places).unwrap();
        let program = Program::compile("take(x, i)*2").unwrap();
        let got = program.run_on(device, [("x", &x), ("i", &i)]).unwrap().download::<Value>();
        let expected =
            program.run::<Value>([("x", Input::from(&array![1.0, 2.0, 3.0])), ("i", (&places).into())]);
        match (got, expected) {
            (Ok(got), Ok(expected)) => assert!(right && got == expected),
            (Err(got), Err(expected)) => {
                assert!(!right);
                assert_eq!((got.kind(), got.message()), (expected.kind(), expected.message()));
                assert_eq!(got.to_string(), expected.to_string());
            }
            (got, expected) => panic!("{got:?}, and not {expected:?}"),
        }
    }
}

#[test]
fn other_errors_come_at_once() {
    let Some(device) = card::device() else { return };
    let (x, y) = (device.upload(&array![1.0, 2.0]).unwrap(), device.upload(&array![1.0, 2.0, 3.0]).unwrap());
    let run = |text: &str, inputs: [(&str, DeviceInput<'_>); 2]| {
        Program::compile(text).unwrap().run_on(device, inputs).unwrap_err()
    };
    let both = || [("x", DeviceInput::from(&x)), ("y", DeviceInput::from(&y))];
    let error = run("x + y", both());
    assert_eq!(error.kind(), ErrorKind::Shape, "{error}");
    assert!(error.to_string().contains("1 | x + y"), "{error}");
    assert_eq!(run("x + z", both()).kind(), ErrorKind::UnknownName);
    assert_eq!(run("x << 1", both()).kind(), ErrorKind::Type);
    let error = run("x, y", both());
    assert_eq!(error.kind(), ErrorKind::Output, "{error}");
    let empty = device.upload(&Array1::<f64>::zeros(0)).unwrap();
    let error = Program::compile("max(x)").unwrap().run_on(device, [("x", &empty)]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Domain, "{error}");
}

#[test]
fn arrays_of_other_devices_are_refused() {
    let Some(device) = card::device() else { return };
    let other = card::opened(numfuse::internals::vulkan::Config::default()).unwrap();
    let program = Program::compile("x + 1").unwrap();
    let x = array![1.0, 2.0];
    let places = [device.clone(), other, Device::cpu()];
    for (k, to) in places.iter().enumerate() {
        for (l, from) in places.iter().enumerate() {
            let there = from.upload(&x).unwrap();
            match program.run_on(to, [("x", &there)]) {
                Ok(result) => {
                    assert_eq!(k, l);
                    assert_eq!(result.download::<Array1<f64>>().unwrap(), array![2.0, 3.0]);
                }
                Err(error) => {
                    assert_ne!(k, l, "{error}");
                    assert_eq!(error.kind(), ErrorKind::Input);
                    assert!(error.message().contains("another device"), "{error}");
                    // one device, opened twice
                    assert_eq!(
                        error.to_string().contains("clones"),
                        !(to.is_cpu() || from.is_cpu()),
                        "{error}"
                    );
                }
            }
        }
    }
}

#[test]
fn downloads_of_another_type_name_both() {
    let Some(device) = card::device() else { return };
    let x = device.upload(&array![1.0, 2.0]).unwrap();
    let error = x.download::<Array1<f32>>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Output);
    assert!(error.message().contains("f64[2]"), "{error}");
    assert!(x.download::<f64>().is_err());
}

/// Byte strings are the one type that a card does not have; it says so.
#[test]
fn byte_strings_are_refused_by_name() {
    let Some(device) = card::device() else { return };
    let words: [[u8; 3]; 2] = [*b"abc", *b"xyz"];
    // SAFETY: two strings of three bytes, side by side.
    let input =
        unsafe { Input::from_raw(words.as_ptr().cast(), numfuse::DType::Bytes(3), &[2], &[3], false) };
    let error = device.upload(&input).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.message().contains("byte strings"), "{error}");
    let program = Program::compile("s == 'abc'").unwrap();
    let error = program.run_on(device, [("s", DeviceInput::from(input))]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}
