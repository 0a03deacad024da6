//! Every function of floats, on every instruction set, beside glibc's vector functions: nanoseconds and errors.
//!
//! `cargo bench --bench functions [-- sin cos --isa avx512 --type f64 --runs 15]`. One thread, 10,000 elements; the
//! contenders of a row take turns, and medians count. Errors are the largest over those elements, in ulp, by MPFR.
//! `over` marks a row that is slower, compared with libmvec, than [`goal`] allows.

#[path = "../../kernels/tests/accuracy/complex.rs"]
mod complex;
mod libmvec;
#[path = "../../kernels/tests/accuracy/mpfr.rs"]
#[allow(dead_code)]
mod mpfr;
#[path = "../../kernels/tests/special_values/native.rs"]
mod native;
#[path = "../../kernels/tests/accuracy/reference.rs"]
#[allow(dead_code)]
mod reference;
#[path = "../../kernels/tests/accuracy/ulps.rs"]
#[allow(dead_code)]
mod ulps;
mod workload;

use std::{hint::black_box, time::Instant};

use libmvec::{Libmvec, Sweep};
use numfuse_kernels::{Compute, Isa, Op, Typing, kernel};
use ulps::Format;
use workload::{N, huge_angles, operands, values};

unsafe extern "C" {
    safe fn sin(x: f64) -> f64;
    safe fn cos(x: f64) -> f64;
    safe fn tan(x: f64) -> f64;
    safe fn sinf(x: f32) -> f32;
    safe fn cosf(x: f32) -> f32;
    safe fn tanf(x: f32) -> f32;
}

/// What the command line asks for.
struct Request {
    names: Vec<String>,
    isas: Vec<Isa>,
    types: Vec<Compute>,
    runs: usize,
}

impl Request {
    fn parse() -> Request {
        let mut request = Request {
            names: vec![],
            isas: Isa::ALL.into_iter().filter(|isa| isa.is_available()).collect(),
            types: vec![Compute::F64, Compute::F32],
            runs: 15,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().unwrap_or_else(|| panic!("{word} wants a value"));
            match word.as_str() {
                "--bench" => {} // cargo's
                "--isa" => {
                    let isa: Isa = value().parse().expect("avx512, avx2 or portable");
                    assert!(isa.is_available(), "this processor lacks {isa}");
                    request.isas = vec![isa];
                }
                "--type" => {
                    let name = value();
                    request.types.retain(|compute| compute.name() == name);
                    assert!(!request.types.is_empty(), "{name} is neither f64 nor f32");
                }
                "--runs" => request.runs = value().parse().expect("a number of runs"),
                name => {
                    assert!(Op::from_name(name).is_some(), "{name} is no function");
                    request.names.push(name.to_owned());
                }
            }
        }
        request
    }

    fn wants(&self, op: Op) -> bool {
        self.names.is_empty() || op.info().names.iter().any(|name| self.names.iter().any(|n| n == name))
    }
}

fn main() {
    let request = Request::parse();
    let library = Libmvec::open();
    if library.is_none() {
        println!("libmvec.so.1 cannot be opened here (it is glibc's, for x86-64): its columns stay empty");
    }
    println!("{N} elements, one thread, medians of {} runs by turns", request.runs);
    println!("| function | type | set | ns | libmvec, ns | ratio | ulp | libmvec, ulp | |");
    println!("|---|---|---|---|---|---|---|---|---|");
    for &op in Op::ALL.iter().filter(|&&op| request.wants(op) && takes_floats_alone(op)) {
        for &compute in &request.types {
            row(op, compute, &request, library.as_ref());
        }
    }
    println!();
    println!("Huge angles, 1e10 to 1e300 (f32: 1e4 to 1e38), beside glibc's scalar functions:");
    println!("| function | type | set | ns | glibc, ns | ratio | |");
    println!("|---|---|---|---|---|---|---|");
    for name in ["sin", "cos", "tan"] {
        if let Some(op) = Op::from_name(name).filter(|&op| request.wants(op)) {
            for &compute in &request.types {
                huge(op, compute, &request);
            }
        }
    }
}

/// Whether a row is for users, and all its operands are floats.
fn takes_floats_alone(op: Op) -> bool {
    let info = op.info();
    let mixed = matches!(info.typing, Typing::Choose | Typing::Scale);
    !info.internal && !mixed && kernel(Isa::Portable, op, Compute::F64, 0).is_some()
}

/// How many times libmvec's time a function may take: it allows itself 4 ulp, these are within 1.
fn goal(name: &str, isa: Isa) -> f64 {
    match (isa, name) {
        (Isa::Avx512, "exp" | "log" | "power") => 1.0,
        (Isa::Avx512, "sin" | "cos" | "tan" | "hypot") | (Isa::Avx2, _) => 2.0,
        (Isa::Avx512, _) => 1.5,
        (Isa::Portable, _) => f64::INFINITY, // strict, and without FMA: no goal is set
    }
}

/// Something to be timed.
type Contender<'a> = Box<dyn FnMut() + 'a>;

fn row(op: Op, compute: Compute, request: &Request, library: Option<&Libmvec>) {
    let name = op.to_string();
    let operands = operands(&name, compute);
    let [x, y, z] = operands.each_ref().map(|bytes| bytes.as_ptr());
    let theirs: Vec<Option<Sweep>> =
        request.isas.iter().map(|&isa| library.and_then(|l| l.sweep(&name, isa, compute))).collect();
    let mut outputs = vec![vec![0u8; 8 * N]; 2 * request.isas.len()];
    let (ours_out, theirs_out) = outputs.split_at_mut(request.isas.len());
    let mut contenders: Vec<Contender<'_>> = vec![];
    let outputs_by_set = ours_out.iter_mut().zip(theirs_out);
    for ((&isa, sweep), (our_out, their_out)) in request.isas.iter().zip(&theirs).zip(outputs_by_set) {
        let kernel = kernel(isa, op, compute, 0).expect("a row of floats");
        // SAFETY: N elements of every operand and of the result; the set is available.
        contenders.push(Box::new(move || unsafe { kernel(N, black_box(our_out.as_mut_ptr()), x, y, z) }));
        if let Some(sweep) = sweep {
            contenders.push(Box::new(move || sweep(N, black_box(their_out.as_mut_ptr()), x, y)));
        }
    }
    let mut times = medians(&mut contenders, request.runs).into_iter();
    drop(contenders);
    let exact = Exact::new(op, compute, &operands);
    for (i, &isa) in request.isas.iter().enumerate() {
        let ours = times.next().expect("a time");
        let (their_time, ratio, their_error, over) = match &theirs[i] {
            Some(_) => {
                let time = times.next().expect("a time");
                let over = if ours / time > goal(&name, isa) { "over" } else { "" };
                let error = exact.error(&outputs[request.isas.len() + i]);
                (format!("{time:.3}"), format!("{:.2}", ours / time), error, over)
            }
            None => (String::new(), String::new(), String::new(), ""),
        };
        let error = exact.error(&outputs[i]);
        println!(
            "| {name} | {compute} | {isa} | {ours:.3} | {their_time} | {ratio} | {error} | {their_error} | {over} |"
        );
    }
}

fn huge(op: Op, compute: Compute, request: &Request) {
    let angles = huge_angles(compute);
    let x = angles.as_ptr();
    let scalar = scalar(&op.to_string());
    let mut outputs = vec![vec![0u8; 8 * N]; request.isas.len() + 1];
    let mut contenders: Vec<Contender<'_>> = vec![];
    for (i, out) in outputs.iter_mut().enumerate() {
        if let Some(&isa) = request.isas.get(i) {
            let kernel = kernel(isa, op, compute, 0).expect("a row of floats");
            // SAFETY: N elements of the operand and of the result; the set is available.
            contenders.push(Box::new(move || unsafe { kernel(N, black_box(out.as_mut_ptr()), x, x, x) }));
        } else {
            contenders.push(Box::new(|| scalar(compute, black_box(&angles), out)));
        }
    }
    let times = medians(&mut contenders, request.runs);
    let glibc = times[request.isas.len()];
    for (&isa, &ours) in request.isas.iter().zip(&times) {
        let over = if ours >= glibc && isa != Isa::Portable { "over" } else { "" };
        println!("| {op} | {compute} | {isa} | {ours:.2} | {glibc:.2} | {:.2} | {over} |", ours / glibc);
    }
}

/// glibc's function, element by element.
fn scalar(name: &str) -> impl Fn(Compute, &[u8], &mut [u8]) + use<> {
    let (wide, narrow): (extern "C" fn(f64) -> f64, extern "C" fn(f32) -> f32) = match name {
        "sin" => (sin, sinf),
        "cos" => (cos, cosf),
        _ => (tan, tanf),
    };
    move |compute, angles, out| {
        if compute == Compute::F32 {
            for (&x, y) in angles.as_chunks().0.iter().zip(out.as_chunks_mut().0) {
                *y = narrow(f32::from_ne_bytes(x)).to_ne_bytes();
            }
        } else {
            for (&x, y) in angles.as_chunks().0.iter().zip(out.as_chunks_mut().0) {
                *y = wide(f64::from_ne_bytes(x)).to_ne_bytes();
            }
        }
    }
}

/// Nanoseconds per element of each: medians of samples taken by turns, so that what the machine does hits all alike.
fn medians(contenders: &mut [Contender<'_>], runs: usize) -> Vec<f64> {
    /// A sample lasts so long at least: the clock's grain and cost vanish in it.
    const SAMPLE: f64 = 2e-4;
    let time = |run: &mut Contender<'_>, batch: u32| {
        let start = Instant::now();
        (0..batch).for_each(|_| run());
        start.elapsed().as_secs_f64()
    };
    let batches: Vec<u32> = contenders
        .iter_mut()
        .map(|run| {
            time(run, 1);
            (SAMPLE / time(run, 1).max(1e-7)).ceil() as u32
        })
        .collect();
    let mut samples = vec![vec![]; contenders.len()];
    for _ in 0..runs {
        for ((run, &batch), samples) in contenders.iter_mut().zip(&batches).zip(&mut samples) {
            samples.push(time(run, batch) / f64::from(batch) / N as f64 * 1e9);
        }
    }
    samples
        .into_iter()
        .map(|mut times: Vec<f64>| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        })
        .collect()
}

/// The exact results of a row, where there is a reference, and the least exponent whose last place counts.
struct Exact {
    results: Vec<(mpfr::Real, Option<i64>)>,
    compute: Compute,
}

impl Exact {
    fn new(op: Op, compute: Compute, operands: &[Vec<u8>; 3]) -> Exact {
        let name = op.to_string();
        let truth = matches!(op.info().typing, Typing::Comparison | Typing::Predicate);
        let [x, y, z] = operands.each_ref().map(|bytes| values(bytes, compute));
        let points = (0..N).map(|i| [x[i], y[i], z[i]]);
        let reference = reference::reference(&name).filter(|_| !truth);
        let results = reference.map_or(vec![], |r| {
            points.map(|point| (r.exact(compute, point), reference::least_place(&name, point))).collect()
        });
        Exact { results, compute }
    }

    /// The largest error of these results, in words.
    fn error(&self, results: &[u8]) -> String {
        let format = Format::of(self.compute);
        let pairs = values(results, self.compute).into_iter().zip(&self.results);
        let worst = pairs.map(|(got, (exact, floor))| format.error(got, exact, *floor)).reduce(f64::max);
        worst.map_or(String::new(), |ulps| format!("{ulps:.2}"))
    }
}
