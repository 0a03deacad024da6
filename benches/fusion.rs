//! Fusion against eager evaluation: criterion's view of the six expressions of `workloads`.
//!
//! `cargo bench --bench fusion`. `NUMFUSE_THREADS` and `NUMFUSE_ISA` choose threads (1 by default here) and instruction
//! set. For ratios that a noisy machine does not blur, see the `ratios` bench, which interleaves.

mod workloads;

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::{Array1, Axis};
use numfuse::{Input, Options, Program};
use workloads::{Hand, Work, numbers};

fn fusion(criterion: &mut Criterion) {
    let threads = if std::env::var_os("NUMFUSE_THREADS").is_some() { 0 } else { 1 };
    let options = Options::new().threads(threads);
    let isa = options.resolve().expect("a machine that has what the environment asks for").isa;
    for work in Work::ALL {
        let mut group = criterion.benchmark_group(work.text());
        group
            .measurement_time(Duration::from_secs(2))
            .warm_up_time(Duration::from_millis(500))
            .sample_size(10);
        for n in [100_000, 10_000_000] {
            let (x, y) = (numbers(1, n), numbers(2, n));
            let program = Program::compile(work.text()).expect("a correct expression").with_options(options);
            let given = [("x", Input::from(&x)), ("y", Input::from(&y))];
            let is_sum = work == Work::Distance;
            let mut out = Array1::<f64>::zeros(if is_sum { 1 } else { n });
            group.throughput(Throughput::Elements(n as u64));
            group.bench_function(BenchmarkId::new("fused", n), |bench| {
                bench.iter(|| match is_sum {
                    true => program.run_into(given.as_slice(), &mut out.index_axis_mut(Axis(0), 0)),
                    false => program.run_into(given.as_slice(), &mut out),
                });
            });
            group.bench_function(BenchmarkId::new("fused, fresh output", n), |bench| {
                bench.iter(|| program.run::<numfuse::Value>(given.as_slice()));
            });
            group.bench_function(BenchmarkId::new("hand loop", n), |bench| {
                let hand = Hand::new(isa);
                let (xs, ys) = (x.as_slice().expect("contiguous"), y.as_slice().expect("contiguous"));
                let target = out.as_slice_mut().expect("contiguous");
                bench.iter(|| hand.run(work, xs, ys, target));
            });
            group.bench_function(BenchmarkId::new("eager ndarray", n), |bench| {
                bench.iter(|| work.eager(&x, &y));
            });
        }
        group.finish();
    }
}

fn calls(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("2*(x - y)/(x + y), 10 elements");
    let (x, y) = (numbers(1, 10), numbers(2, 10));
    let program = Program::compile(Work::Relative.text()).expect("a correct expression");
    let mut out = Array1::<f64>::zeros(10);
    group.bench_function("by name, fresh output", |bench| {
        bench.iter(|| program.run::<Array1<f64>>([("x", Input::from(&x)), ("y", Input::from(&y))]));
    });
    group.bench_function("by position, reused output", |bench| {
        bench.iter(|| program.run_into([Input::from(&x), Input::from(&y)], &mut out));
    });
    group.bench_function("text to graph", |bench| {
        bench.iter(|| Program::compile(Work::Relative.text()));
    });
    group.bench_function("text to result", |bench| {
        bench.iter(|| {
            let program = Program::compile(Work::Relative.text())?;
            program.run::<Array1<f64>>([("x", Input::from(&x)), ("y", Input::from(&y))])
        });
    });
    group.finish();
}

criterion_group!(benches, fusion, calls);
criterion_main!(benches);
