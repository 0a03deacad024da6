//! Threads that share a device, programs and arrays; runs that follow each other without waiting.

use numfuse::ndarray::{Array1, ArrayD, array};
use numfuse::{DType, Device, DeviceInput, Lazy, Program, Value};

use crate::engine::card;
use crate::programs::{EVERY_LOOP, assert_same, inputs, stored, strictly};

#[test]
fn threads_share_a_device_and_programs() {
    let Some(device) = card::opened(numfuse::internals::vulkan::Config::default()) else { return };
    let texts: Vec<&str> = EVERY_LOOP.iter().copied().step_by(4).collect();
    let inputs = inputs();
    let named = inputs.named();
    let programs: Vec<Program> = texts.iter().map(|text| Program::compile(text).unwrap()).collect();
    let expected: Vec<_> = texts.iter().map(|text| strictly(text, &named)).collect();
    let uploaded: Vec<_> = named.iter().map(|(name, input)| (*name, device.upload(input).unwrap())).collect();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (device, programs, expected, uploaded, texts) =
                (&device, &programs, &expected, &uploaded, &texts);
            scope.spawn(move || {
                for turn in 0..3 * programs.len() {
                    let k = (turn * (thread + 1) + thread) % programs.len();
                    let given = uploaded.iter().map(|(name, array)| (*name, array));
                    let got = programs[k].run_on(device, given).unwrap();
                    let got = crate::engine::array(got.download::<Value>().unwrap());
                    assert_same(&expected[k], &got, &format!("{} on thread {thread}", texts[k]));
                }
            });
        }
    });
}

/// A thousand runs of which each reads what the one before makes.
#[test]
fn runs_follow_each_other_without_waiting() {
    let Some(device) = card::device() else { return };
    let step = Program::compile("x*0.5 + y").unwrap();
    let y = device.upload(&Array1::from_iter((0..1000).map(f64::from))).unwrap();
    let mut x = device.upload(&Array1::<f64>::zeros(1000)).unwrap();
    let mut expected = Array1::<f64>::zeros(1000);
    for _ in 0..1000 {
        x = step.run_on(device, [("x", &x), ("y", &y)]).unwrap();
        expected = expected * 0.5 + Array1::from_iter((0..1000).map(f64::from));
    }
    assert_eq!(x.download::<Array1<f64>>().unwrap(), expected);
}

/// Results are arrays of the device, and inputs of other threads.
#[test]
fn arrays_cross_threads() {
    let Some(device) = card::device() else { return };
    let sum = Program::compile("sum(x)").unwrap();
    let made: Vec<_> = std::thread::scope(|scope| {
        let make = |k: i32| {
            scope.spawn(move || {
                let x = device.upload(&Array1::from_elem(5000, f64::from(k))).unwrap();
                Program::compile("x*2").unwrap().run_on(device, [("x", &x)]).unwrap()
            })
        };
        let started: Vec<_> = (0..6).map(make).collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for (k, array) in made.iter().enumerate() {
        let total = sum.run_on(device, [("x", array)]).unwrap().download::<f64>().unwrap();
        assert_eq!(total, k as f64 * 10_000.0);
    }
}

/// Several results of one program, the same one twice, and an input as a result.
#[test]
fn several_results() {
    let Some(device) = card::device() else { return };
    let x = device.upload(&array![1.0, 2.0, 6.0]).unwrap();
    let program = Program::compile("sum(x), x, x - mean(x), sum(x), x > 1, 7").unwrap();
    let results = program.run_all_on(device, [("x", &x)]).unwrap();
    let values: Vec<Value> = results.iter().map(|array| array.download().unwrap()).collect();
    let expected: Vec<Value> = program.run([("x", numfuse::Input::from(&array![1.0, 2.0, 6.0]))]).unwrap();
    assert_eq!(values, expected);
    assert_eq!(results[2].dtype(), DType::F64);
    assert_eq!(results[2].shape(), [3]);
    assert_eq!(results[0].shape(), [] as [usize; 0]);
    assert!(!results[0].device().is_cpu());
}

/// Lazy arrays are evaluated on a card.
#[test]
fn lazy_arrays_run_on_a_card() {
    let Some(device) = card::device() else { return };
    let x = array![1.0, 2.0, 6.0];
    let a = Lazy::new(&x);
    let centred = &a - a.mean();
    assert_eq!(centred.eval_on::<Array1<f64>>(device).unwrap(), array![-2.0, -1.0, 3.0]);
    let (mean, all): (f64, ArrayD<f64>) = Lazy::together([&a.mean(), &centred]).eval_on(device).unwrap();
    assert_eq!((mean, all), (3.0, array![-2.0, -1.0, 3.0].into_dyn()));
    assert_eq!(centred.eval_on::<Array1<f64>>(&Device::cpu()).unwrap(), array![-2.0, -1.0, 3.0]);
}

/// Numbers may differ from run to run, and host arrays stand beside those of the device.
#[test]
fn numbers_and_host_arrays_beside_arrays_of_the_device() {
    let Some(device) = card::device() else { return };
    let x = device.upload(&array![1.0f32, 2.0]).unwrap();
    let program = Program::compile("x*k + y").unwrap();
    let y = array![0.5f32, 0.25];
    for k in [2i32, -3] {
        let inputs = [
            ("x", DeviceInput::from(&x)),
            ("k", k.into()),
            ("y", DeviceInput::from(numfuse::Input::from(&y))),
        ];
        let got: Array1<f32> = program.run_on(device, inputs).unwrap().download().unwrap();
        assert_eq!(got, array![k as f32 + 0.5, 2.0 * k as f32 + 0.25]);
    }
    let wide = stored(DType::F64, &[2], 3);
    let given = [("x", wide.input()), ("k", numfuse::Input::from(1e300)), ("y", wide.input())];
    assert_same(&strictly("x*k + y", &given), &card::run_on(device, &program, &given).unwrap(), "1e300");
}

/// A device that is open is the same one for whoever asks: arrays of both go together.
#[test]
fn a_device_is_opened_once() {
    let Some(_) = card::device() else { return };
    let (one, other) = (Device::vulkan().unwrap(), Device::vulkan().unwrap());
    let x = one.upload(&array![1.0, 2.0]).unwrap();
    let doubled = Program::compile("2*x").unwrap().run_on(&other, [("x", &x)]).unwrap();
    assert_eq!(doubled.download::<Array1<f64>>().unwrap(), array![2.0, 4.0]);
    // and host arrays beside it, uploaded for the run
    let y = array![10.0, 20.0];
    let inputs = [("x", DeviceInput::from(&x)), ("y", DeviceInput::from(&y)), ("k", 2.into())];
    let sums = Program::compile("k*x + y").unwrap().run_on(&one, inputs).unwrap();
    assert_eq!(sums.download::<Array1<f64>>().unwrap(), array![12.0, 24.0]);
}
