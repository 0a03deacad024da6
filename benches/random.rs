//! Random numbers a second: pi by darts, where nothing is stored, and arrays filled with draws.
//!
//! `cargo bench --bench random`; `NUMFUSE_THREADS` and `NUMFUSE_ISA` choose threads (1 by default here) and instruction
//! set. `-- --darts N [--threads N]` runs the darts once and prints the time, for `random_against_numpy.py`.

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput};
use numfuse::{Input, Options, Program, Value};

/// Draws of each kind, one array of `n`.
const DRAWS: [&str; 4] =
    ["random(n, seed=1)", "random(n, seed=1, dtype=f32)", "normal(n, seed=1)", "randint(1, 7, n, seed=1)"];

/// Two draws a dart.
const DARTS: &str = "4*mean(random(n, seed=1)**2 + random(n, seed=2)**2 < 1)";

fn main() {
    let flag = |name: &str| {
        let mut words = std::env::args().skip_while(|word| word != name);
        words.nth(1).map(|word| word.parse::<usize>().expect("a number"))
    };
    match flag("--darts") {
        Some(darts) => throw(darts, flag("--threads").unwrap_or(0)),
        None => {
            let mut criterion = Criterion::default().configure_from_args();
            compare(&mut criterion);
            criterion.final_summary();
        }
    }
}

/// Throws darts once; prints seconds, and pi.
fn throw(darts: usize, threads: usize) {
    let program = compile(DARTS, threads);
    // threads start, and the program is planned
    run(&program, 1_000_000);
    let start = Instant::now();
    let pi = run(&program, darts);
    println!("{} {pi}", start.elapsed().as_secs_f64());
}

fn compare(criterion: &mut Criterion) {
    let threads = if std::env::var_os("NUMFUSE_THREADS").is_some() { 0 } else { 1 };
    let n = 10_000_000;
    for (text, draws) in DRAWS.map(|text| (text, n)).into_iter().chain([(DARTS, 2 * n)]) {
        let program = compile(text, threads);
        let mut group = criterion.benchmark_group(text);
        group
            .measurement_time(Duration::from_secs(2))
            .warm_up_time(Duration::from_millis(500))
            .sample_size(10);
        group.throughput(Throughput::Elements(draws as u64));
        group.bench_function(BenchmarkId::from_parameter(n), |bench| bench.iter(|| run(&program, n)));
        group.finish();
    }
}

fn compile(text: &str, threads: usize) -> Program {
    Program::compile(text).expect("a correct expression").with_options(Options::new().threads(threads))
}

fn run(program: &Program, n: usize) -> Value {
    program.run([("n", Input::from(n as i64))]).expect("draws need nothing but memory")
}
