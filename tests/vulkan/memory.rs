//! Memory: many evaluations take no more of it, and what is dropped is given back.

use numfuse::ndarray::Array1;
use numfuse::{Device, DeviceArray, DeviceInput, Program};

use crate::child;
use crate::engine::card;

/// Pages of this process that are in memory, in bytes.
#[cfg(target_os = "linux")]
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = text.split_whitespace().nth(1).unwrap().parse().unwrap();
    pages * 4096
}

/// In a process of its own: other tests take memory.
#[cfg(target_os = "linux")]
#[test]
fn many_evaluations_do_not_grow() {
    const PART: &str = "many evaluations";
    if !child::does(PART) {
        if card::device().is_some() {
            child::said("memory::many_evaluations_do_not_grow", PART, &[], "DONE");
        }
        return;
    }
    const COUNT: usize = 200_000;
    let device = card::device().expect("the process that asks has a device");
    let x = device.upload(&Array1::from(vec![1.0, 2.0, 3.0])).unwrap();
    let program = Program::compile("x*k + 1").unwrap();
    let run =
        |k: usize| program.run_on(device, [("x", DeviceInput::from(&x)), ("k", (k as f64).into())]).unwrap();
    let evaluate = |from: usize, to: usize| {
        for k in from..to {
            let result = run(k);
            if k % 1000 == 0 {
                let got: Array1<f64> = result.download().unwrap();
                assert_eq!(got[2], 3.0 * k as f64 + 1.0);
            }
        }
        device.synchronize().unwrap();
    };
    // pools, caches and the allocator settle first
    evaluate(0, 10_000);
    let (before, held, start) = (resident(), device.memory(), std::time::Instant::now());
    evaluate(10_000, COUNT);
    let (grown, seconds) = (resident().saturating_sub(before), start.elapsed().as_secs_f64());
    assert!(grown < 4 << 20, "{COUNT} evaluations took {grown} bytes");
    assert_eq!(device.memory().held, held.held);
    assert!(device.memory().pooled <= held.pooled + (1 << 20), "{:?}, {held:?} before", device.memory());
    println!("DONE in {seconds:.1} s, {grown} bytes more");
}

/// A device of this test's alone.
fn own_device() -> Option<Device> {
    card::opened(numfuse::internals::vulkan::Config::default())
}

#[test]
fn dropped_arrays_are_given_back() {
    let Some(device) = own_device() else { return };
    let nothing = device.memory().held;
    let x = device.upload(&vec![1.0f64; 1 << 17]).unwrap();
    let one = device.memory().held;
    assert!(one >= nothing + (1 << 20), "{one} bytes, {nothing} before");
    let copies: Vec<DeviceArray> = (0..5).map(|_| x.clone()).collect();
    assert_eq!(device.memory().held, one, "a clone shares its elements");
    let result = Program::compile("x + 1").unwrap().run_on(&device, [("x", &x)]).unwrap();
    assert!(device.memory().held >= one + (1 << 20));
    drop(result);
    device.synchronize().unwrap();
    assert_eq!(device.memory().held, one);
    drop((x, copies));
    device.synchronize().unwrap();
    assert_eq!(device.memory().held, nothing);
    device.trim().unwrap();
    assert_eq!(device.memory().pooled, 0);
}

/// What a run needs for itself is given back when it is done.
#[test]
fn temporaries_are_given_back() {
    let Some(device) = own_device() else { return };
    let x = device.upload(&vec![0.25f64; 300 * 400]).unwrap();
    let program = Program::compile("sum(exp(x)/sum(exp(x)) + x[::-1])").unwrap();
    let run = || program.run_on(&device, [("x", &x)]).unwrap().download::<f64>().unwrap();
    let first = run();
    let held = device.memory().held;
    for _ in 0..50 {
        assert_eq!(run().to_bits(), first.to_bits());
    }
    assert_eq!(device.memory().held, held);
}

/// A result that is dropped before it is computed does not disturb what follows.
#[test]
fn results_may_be_dropped_before_they_are_computed() {
    let Some(device) = own_device() else { return };
    let x = device.upload(&vec![2.0f64; 50_000]).unwrap();
    let (square, sum) = (Program::compile("x*x").unwrap(), Program::compile("sum(x)").unwrap());
    for _ in 0..200 {
        drop(square.run_on(&device, [("x", &x)]).unwrap());
        let squares = square.run_on(&device, [("x", &x)]).unwrap();
        let total = sum.run_on(&device, [("x", &squares)]).unwrap();
        drop(squares);
        drop(square.run_on(&device, [("x", &x)]).unwrap());
        assert_eq!(total.download::<f64>().unwrap(), 200_000.0);
    }
}
