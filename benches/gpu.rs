//! Programs on a graphics card against the card's own memory, in one run: arrays are resident, runs are submitted one
//! after the other and waited for at the end; medians, interleaved with a copy from device memory to device memory.
//!
//! `cargo bench --features vulkan --bench gpu [-- --device vulkan:NAME --n N --runs N]` prints the tables. The share is
//! that of the bytes per second that the copy moves, reads and writes counted. On software the processor's own time is
//! beside it: one thread of the portable instruction set.

use std::time::Instant;

use ndarray::Array1;
use numfuse::internals::vulkan::copy;
use numfuse::{Device, DeviceArray, DeviceInput, Input, Isa, Options, Program, Value};

fn main() {
    let flag = |name: &str| std::env::args().skip_while(|word| word != name).nth(1);
    let device = flag("--device").unwrap_or_else(|| "vulkan".to_owned());
    let device: Device = match device.parse() {
        Ok(device) => device,
        Err(error) => return println!("skipped: {error}"),
    };
    let devices = Device::list().expect("there is a device");
    let info = devices.iter().find(|info| info.name == device.name());
    let software = info.is_none_or(|info| info.kind == "software");
    let number = |name: &str, default| flag(name).map_or(default, |n| n.parse().expect("a number"));
    let n = number("--n", if software { 4_000_000 } else { 100_000_000 });
    let runs = number("--runs", if software { 7 } else { 21 });
    let driver = info.map_or(String::new(), |info| info.driver.clone());
    println!("{} ({driver}), {n} elements, medians of {runs} interleaved runs", device.name());
    bandwidth(&device, n, runs, software);
    latency(&device);
}

/// Expressions over resident arrays.
const TEXTS: [&str; 5] = ["a*b - 1", "2*(a - b)/(a + b)", "exp(-(a*a)/2)", "sum((a - b)**2)", "sum(a)"];

fn bandwidth(device: &Device, n: usize, runs: usize, software: bool) {
    println!(
        "| expression | type | copy GB/s | program GB/s | share |{}",
        if software { " one CPU thread GB/s |" } else { "" }
    );
    println!("|---|---|---|---|---|{}", if software { "---|" } else { "" });
    for text in TEXTS {
        for size in [4usize, 8] {
            let (a, b) = (numbers(1, n), numbers(2, n));
            let (a, b) = match size {
                4 => (Value::from(a.mapv(|x| x as f32)), Value::from(b.mapv(|x| x as f32))),
                _ => (Value::from(a), Value::from(b)),
            };
            row(device, text, [&a, &b], size, runs, software);
        }
    }
}

fn row(device: &Device, text: &str, arrays: [&Value; 2], size: usize, runs: usize, software: bool) {
    let n = arrays[0].shape()[0];
    let program = Program::compile(text).expect("a correct expression");
    let count = program.inputs().len();
    let host: Vec<(&str, Input<'_>)> =
        ["a", "b"].into_iter().zip(arrays.map(Input::from)).take(count).collect();
    let resident: Vec<DeviceArray> = match host.iter().map(|(_, input)| device.upload(input)).collect() {
        Ok(resident) => resident,
        Err(error) => return println!("| `{text}` | f{} | {error} |", 8 * size),
    };
    let inputs = || ["a", "b"].into_iter().zip(resident.iter().map(DeviceInput::from));
    if let Err(error) = program.run_on(device, inputs()) {
        return println!("| `{text}` | f{} | {error} |", 8 * size);
    }
    let reduces = text.starts_with("sum");
    let portable = program.with_options(Options::new().threads(1).isa(Isa::Portable));
    let mut out = vec![0u64; n];
    let (mut copies, mut programs, mut hosts) = (Vec::new(), Vec::new(), Vec::new());
    // enough at a time that waiting for the last is little beside it
    let repeats = if software { 1 } else { 10 };
    for _ in 0..runs {
        copies.push(time(device, repeats, || drop(copy(&resident[0]).expect("there is memory"))));
        programs.push(time(device, repeats, || drop(program.run_on(device, inputs()).expect("it runs"))));
        if software {
            let start = Instant::now();
            on_host(&portable, &host, size, reduces, &mut out);
            hosts.push(start.elapsed().as_secs_f64());
        }
    }
    let copied = 2.0 * (n * size) as f64 / median(copies);
    let bytes = (n * size * (count + usize::from(!reduces))) as f64;
    let reached = bytes / median(programs);
    print!(
        "| `{text}` | f{} | {:.1} | {:.1} | {:.0} % |",
        8 * size,
        copied / 1e9,
        reached / 1e9,
        100.0 * reached / copied
    );
    match software {
        true => println!(" {:.1} |", bytes / median(hosts) / 1e9),
        false => println!(),
    }
}

/// Runs a program on the processor, into memory that is there.
fn on_host(program: &Program, host: &[(&str, Input<'_>)], size: usize, reduces: bool, out: &mut [u64]) {
    let run = match (reduces, size) {
        (true, _) => program.run::<Value>(host).map(drop),
        (false, 4) => {
            // SAFETY: as many floats as there are words, half as wide.
            let out = unsafe { std::slice::from_raw_parts_mut(out.as_mut_ptr().cast::<f32>(), out.len()) };
            program.run_into(host, out)
        }
        (false, _) => {
            // SAFETY: as many doubles as there are words.
            let out = unsafe { std::slice::from_raw_parts_mut(out.as_mut_ptr().cast::<f64>(), out.len()) };
            program.run_into(host, out)
        }
    };
    run.expect("it runs");
}

/// Seconds a run.
fn time(device: &Device, repeats: usize, run: impl Fn()) -> f64 {
    device.synchronize().expect("the device is there");
    let start = Instant::now();
    (0..repeats).for_each(|_| run());
    device.synchronize().expect("the device is there");
    start.elapsed().as_secs_f64() / repeats as f64
}

fn latency(device: &Device) {
    let x = device.upload(&Array1::from_elem(1000, 1.5f32)).expect("there is memory");
    let program = Program::compile("x*2 + 1").expect("a correct expression");
    let run = || program.run_on(device, [("x", &x)]).and_then(|y| device.synchronize().map(|()| y));
    run().expect("it runs");
    let times = (0..2000).map(|_| {
        let start = Instant::now();
        run().expect("it runs");
        start.elapsed().as_secs_f64()
    });
    let submitted = median(times.collect());
    let mut firsts = Vec::new();
    for k in 0..15 {
        let text = format!("x*{k}.25 + exp(x - {k})");
        let program = Program::compile(&text).expect("a correct expression");
        let start = Instant::now();
        let first = program.run_on(device, [("x", &x)]).and_then(|_| device.synchronize());
        first.expect("it runs");
        firsts.push(start.elapsed().as_secs_f64());
    }
    println!("\n| | median |\n|---|---|");
    println!("| submit and wait, 1000 elements | {:.1} µs |", submitted * 1e6);
    println!("| first evaluation of a new expression | {:.1} ms |", median(firsts) * 1e3);
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Numbers between 0.5 and 2.
fn numbers(seed: u64, n: usize) -> Array1<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    Array1::from_shape_fn(n, |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        0.5 + 1.5 * (state >> 11) as f64 / (1u64 << 53) as f64
    })
}
