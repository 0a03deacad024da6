//! Ratios in one run: hand loops, fused programs and eager `ndarray`, interleaved, medians.
//!
//! `cargo bench --bench ratios [-- --threads N --isa NAME --tile N --runs N --svg FILE]` prints a table, and draws the
//! times of the large arrays.

mod workloads;

use std::time::Instant;

use ndarray::Array1;
use numfuse::{Input, Isa, Options, Program};
use workloads::chart::{self, Bars};
use workloads::{Hand, Work, numbers};

fn main() {
    let flag = |name: &str| {
        let mut words = std::env::args().skip_while(|word| word != name);
        words.nth(1)
    };
    let threads: usize = flag("--threads").map_or(1, |t| t.parse().expect("a number of threads"));
    let isa: Isa = flag("--isa").map_or_else(Isa::detect, |i| i.parse().expect("avx512, avx2 or portable"));
    let runs: usize = flag("--runs").map_or(15, |r| r.parse().expect("a number of runs"));
    let tile: usize = flag("--tile").map_or(0, |t| t.parse().expect("a number of elements"));
    println!("{isa}, {threads} thread(s), medians of {runs} interleaved runs; the hand loop has one thread");
    println!("| expression | n | hand | fused | fresh | eager | fused/hand | eager/fresh |");
    println!("|---|---|---|---|---|---|---|---|");
    let mut bars = Vec::new();
    for work in Work::ALL {
        for n in [100_000, LARGE] {
            let [fresh, eager] = row(work, n, Options::new().threads(threads).isa(isa).tile(tile), isa, runs);
            if n == LARGE {
                bars.push(Bars { label: work.text(), eager, fused: fresh });
            }
        }
    }
    if let Some(file) = flag("--svg") {
        let title = format!("Nanoseconds per element, 10 million f64, {threads} thread(s), {isa}");
        std::fs::write(&file, chart::svg(&title, &bars)).expect("a file that can be written");
    }
}

/// Elements of arrays that no cache holds.
const LARGE: usize = 10_000_000;

/// Prints a row of the table; answers nanoseconds an element, fused into a fresh output and eager.
fn row(work: Work, n: usize, options: Options, isa: Isa, runs: usize) -> [f64; 2] {
    let (x, y) = (numbers(1, n), numbers(2, n));
    let program = Program::compile(work.text()).expect("a correct expression").with_options(options);
    let given = [("x", Input::from(&x)), ("y", Input::from(&y))];
    let sum = work == Work::Distance;
    let mut out = Array1::<f64>::zeros(if sum { 1 } else { n });
    let mut by_hand = vec![0.0; out.len()];
    let hand = Hand::new(isa);
    let batch = if n < 1_000_000 { 20 } else { 1 };
    let mut times = [const { Vec::new() }; 4];
    for _ in 0..runs {
        let (xs, ys) = (x.as_slice().expect("contiguous"), y.as_slice().expect("contiguous"));
        times[0].push(per_run(batch, || hand.run(work, xs, ys, &mut by_hand)));
        times[1].push(per_run(batch, || {
            if sum {
                program
                    .run_into(given.as_slice(), &mut out.index_axis_mut(ndarray::Axis(0), 0))
                    .expect("runs");
            } else {
                program.run_into(given.as_slice(), &mut out).expect("runs");
            }
        }));
        times[2].push(per_run(batch, || {
            if sum {
                std::hint::black_box(program.run::<f64>(given.as_slice()).expect("runs"));
            } else {
                std::hint::black_box(program.run::<Array1<f64>>(given.as_slice()).expect("runs"));
            }
        }));
        times[3].push(per_run(1, || {
            std::hint::black_box(work.eager(&x, &y));
        }));
    }
    let worst = by_hand.iter().zip(&out).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst == 0.0, "{}: the hand loop and the program differ by {worst}", work.text());
    let [hand, fused, fresh, eager] = times.map(|mut t| {
        t.sort_by(f64::total_cmp);
        t[t.len() / 2]
    });
    let ns = |seconds: f64| format!("{:.3} ns", seconds * 1e9 / n as f64);
    println!(
        "| `{}` | {n:.0e} | {} | {} | {} | {} | {:.2} | {:.1} |",
        work.text(),
        ns(hand),
        ns(fused),
        ns(fresh),
        ns(eager),
        fused / hand,
        eager / fresh,
        n = n as f64,
    );
    [fresh, eager].map(|seconds| seconds * 1e9 / n as f64)
}

fn per_run(batch: u32, mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..batch {
        run();
    }
    start.elapsed().as_secs_f64() / f64::from(batch)
}
