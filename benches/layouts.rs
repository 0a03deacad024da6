//! Shapes and strides: outer differences, transposed operands, windows, narrow axes. A table of medians of interleaved
//! runs, with plain Rust loops as yardsticks.
//!
//! `cargo bench --bench layouts [-- --threads N --runs N --only WORDS]`

use std::hint::black_box;
use std::time::Instant;

use ndarray::{Array1, Array2, ArrayD, Axis};
use numfuse::{DType, Input, Options, Program};

fn main() {
    let flag = |name: &str| {
        let mut words = std::env::args().skip_while(|word| word != name);
        words.nth(1)
    };
    let threads: usize = flag("--threads").map_or(1, |t| t.parse().expect("a number of threads"));
    let runs: usize = flag("--runs").map_or(15, |r| r.parse().expect("a number of runs"));
    let only = flag("--only").unwrap_or_default();
    println!("{threads} thread(s), medians of {runs} interleaved runs, ms; yardsticks have one thread");
    println!("| work | yardstick | numfuse | yardstick | ratio |");
    println!("|---|---|---|---|---|");
    for row in ROWS {
        if row.0.contains(&only) {
            let (work, yardstick) = (row.1)(Bench { runs, threads });
            let [numfuse, other] = work;
            println!("| {} | {yardstick} | {numfuse:.3} | {other:.3} | {:.2} |", row.0, numfuse / other);
        }
    }
}

type Row = (&'static str, fn(Bench) -> ([f64; 2], &'static str));

/// The works by name.
const ROWS: &[Row] = &[
    ("sum(abs(x[:, None] - y[None]), -1), 1000 and 1200 by 50", outer_differences),
    ("sum((x[:, None] - y[None])**2, -1), 1000 and 1200 by 3", |bench| outer_squares(bench, 3)),
    ("sum((x[:, None] - y[None])**2, -1), 1000 and 1200 by 200", |bench| outer_squares(bench, 200)),
    ("sum(abs(x), 0), 4000 by 2500", |bench| sum_of_matrix(bench, "sum(abs(x), axis=0)")),
    ("sum(abs(x), 1), 4000 by 2500", |bench| sum_of_matrix(bench, "sum(abs(x), axis=1)")),
    ("sum((a - b)**2), 1e7", sum_of_squares),
    ("x + x.T, 4000 by 4000", transposed_sum),
    ("a + b*c, 4000 by 2500, b a row, c a column", row_and_column),
    ("sum(w*k, (2, 3)), 5 by 5 windows of 1024 by 1024", windows),
    ("sum(x, 1), 1e5 by 3", |bench| narrow(bench, &[100_000, 3], "sum(x, axis=1)")),
    ("sum(x, 1), 1e5 by 50", |bench| narrow(bench, &[100_000, 50], "sum(x, axis=1)")),
    ("sum(x, 0), 1e6 by 3", |bench| narrow(bench, &[1_000_000, 3], "sum(x, axis=0)")),
    ("sum(x, 0), 3e5 by 10", |bench| narrow(bench, &[300_000, 10], "sum(x, axis=0)")),
    ("sum(x, 0), 1e5 by 33", |bench| narrow(bench, &[100_000, 33], "sum(x, axis=0)")),
    ("mean(x, 2), 1000 by 1000 by 3", |bench| narrow(bench, &[1000, 1000, 3], "mean(x, axis=2)")),
    ("sum(x, 1), 1000 by 100 by 100", |bench| narrow(bench, &[1000, 100, 100], "sum(x, axis=1)")),
    ("sum(g == b'male'), 1e6", byte_strings),
];

struct Bench {
    runs: usize,
    threads: usize,
}

impl Bench {
    /// Median milliseconds of both, by turns.
    fn time(&self, mut numfuse: impl FnMut(), mut other: impl FnMut()) -> [f64; 2] {
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..self.runs {
            let [ours, others] = &mut times;
            ours.push(milliseconds(&mut numfuse));
            others.push(milliseconds(&mut other));
        }
        times.map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        })
    }

    /// Runs a program on these inputs, into a kept result of this shape, against a yardstick.
    fn program(
        &self,
        text: &str,
        inputs: &[(&str, Input<'_>)],
        shape: &[usize],
        other: impl FnMut(),
    ) -> [f64; 2] {
        let options = Options::new().threads(self.threads);
        let program = Program::compile(text).expect("a correct expression").with_options(options);
        let mut out = ArrayD::<f64>::zeros(shape);
        self.time(|| program.run_into(inputs, &mut out).expect("runs"), other)
    }
}

fn milliseconds(run: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_secs_f64() * 1e3
}

/// Numbers in (0.5, 1.5), the same in every run.
fn numbers(seed: u64, n: usize) -> Vec<f64> {
    let bits = |k: usize| (k as u64 + 1 + (seed << 40)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (0..n).map(|k| 0.5 + (bits(k) >> 11) as f64 / (1u64 << 53) as f64).collect()
}

fn matrix(seed: u64, rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_vec((rows, columns), numbers(seed, rows * columns)).expect("as many numbers")
}

/// The same function compiled for AVX-512, where the machine has it.
macro_rules! for_this_machine {
    (fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)? $body:block) => {
        fn $name($($argument: $type),*) $(-> $result)? {
            #[inline(always)]
            fn plain($($argument: $type),*) $(-> $result)? $body
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx512f") {
                #[target_feature(enable = "avx512f")]
                fn avx512($($argument: $type),*) $(-> $result)? {
                    plain($($argument),*)
                }
                // SAFETY: just detected.
                return unsafe { avx512($($argument),*) };
            }
            plain($($argument),*)
        }
    };
}

for_this_machine! {
    fn total(x: &[f64]) -> f64 {
        let mut lanes = [0.0; 64];
        for part in x.chunks_exact(64) {
            for (lane, x) in lanes.iter_mut().zip(part) {
                *lane += x.abs();
            }
        }
        lanes.iter().sum()
    }
}

for_this_machine! {
    fn differences(x: &[f64], turned: &[f64], k: usize, row: &mut [f64], squares: bool) {
        // columns of y side by side, a block of accumulators in registers
        let columns = row.len();
        for first in (0..columns).step_by(32) {
            let n = 32.min(columns - first);
            let mut sums = [0.0; 32];
            for (at, x) in x.iter().enumerate().take(k) {
                let y = &turned[at * columns + first..][..n];
                if n == 32 {
                    for (sum, y) in sums.iter_mut().zip(&y[..32]) {
                        let d = x - y;
                        *sum += if squares { d * d } else { d.abs() };
                    }
                } else {
                    for (sum, y) in sums.iter_mut().zip(y) {
                        let d = x - y;
                        *sum += if squares { d * d } else { d.abs() };
                    }
                }
            }
            row[first..first + n].copy_from_slice(&sums[..n]);
        }
    }
}

fn outer(bench: &Bench, text: &str, k: usize, squares: bool) -> [f64; 2] {
    let (x, y) = (matrix(1, 1000, k), matrix(2, 1200, k));
    let (wide, tall) = (x.view().insert_axis(Axis(1)), y.view().insert_axis(Axis(0)));
    let inputs = [("x", Input::from(&wide)), ("y", Input::from(&tall))];
    let mut out = Array2::<f64>::zeros((1000, 1200));
    bench.program(text, &inputs, &[1000, 1200], || {
        let turned = Array2::from_shape_fn((k, 1200), |(k, j)| y[[j, k]]);
        let (turned, x) = (turned.as_slice().expect("contiguous"), x.as_slice().expect("contiguous"));
        for (row, x) in out.as_slice_mut().expect("contiguous").chunks_mut(1200).zip(x.chunks(k)) {
            differences(x, turned, k, row, squares);
        }
        black_box(&out);
    })
}

fn outer_differences(bench: Bench) -> ([f64; 2], &'static str) {
    (outer(&bench, "sum(abs(x - y), axis=-1)", 50, false), "hand loop")
}

fn outer_squares(bench: Bench, k: usize) -> ([f64; 2], &'static str) {
    (outer(&bench, "sum((x - y)**2, axis=-1)", k, true), "hand loop")
}

fn sum_of_matrix(bench: Bench, text: &str) -> ([f64; 2], &'static str) {
    let x = matrix(1, 4000, 2500);
    let shape = if text.contains("axis=0") { 2500 } else { 4000 };
    let slice = x.as_slice().expect("contiguous");
    (
        bench.program(text, &[("x", Input::from(&x))], &[shape], || {
            black_box(total(slice));
        }),
        "reading it",
    )
}

fn sum_of_squares(bench: Bench) -> ([f64; 2], &'static str) {
    let (a, b) = (numbers(1, 10_000_000), numbers(2, 10_000_000));
    let inputs = [("a", Input::from(&a)), ("b", Input::from(&b))];
    let read = || {
        black_box(total(&a) + total(&b));
    };
    (bench.program("sum((a - b)**2)", &inputs, &[], read), "reading both")
}

fn transposed_sum(bench: Bench) -> ([f64; 2], &'static str) {
    let (x, y) = (matrix(1, 4000, 4000), matrix(2, 4000, 4000));
    let plain =
        Program::compile("x + y").expect("correct").with_options(Options::new().threads(bench.threads));
    let mut out = Array2::<f64>::zeros((4000, 4000));
    let turned = x.t();
    let inputs = [("x", Input::from(&x)), ("y", Input::from(&turned))];
    let straight = [("x", Input::from(&x)), ("y", Input::from(&y))];
    let times = bench.program("x + y", &inputs, &[4000, 4000], || {
        plain.run_into(straight.as_slice(), &mut out).expect("runs");
    });
    (times, "numfuse's x + y")
}

fn row_and_column(bench: Bench) -> ([f64; 2], &'static str) {
    let (a, b, c) = (matrix(1, 4000, 2500), matrix(2, 1, 2500), matrix(3, 4000, 1));
    let plain =
        Program::compile("a + a").expect("correct").with_options(Options::new().threads(bench.threads));
    let mut out = Array2::<f64>::zeros((4000, 2500));
    let inputs = [("a", Input::from(&a)), ("b", Input::from(&b)), ("c", Input::from(&c))];
    let times = bench.program("a + b*c", &inputs, &[4000, 2500], || {
        plain.run_into([("a", Input::from(&a))], &mut out).expect("runs");
    });
    (times, "numfuse's a + a")
}

for_this_machine! {
    fn filter(x: &[f64], k: &[f64], out: &mut [f64]) {
        for (i, out) in out.chunks_mut(1020).enumerate() {
            out.fill(0.0);
            for (at, k) in k.iter().enumerate() {
                let row = &x[(i + at / 5) * 1024 + at % 5..][..1020];
                for (out, x) in out.iter_mut().zip(row) {
                    *out += x * k;
                }
            }
        }
    }
}

fn windows(bench: Bench) -> ([f64; 2], &'static str) {
    let (x, k) = (numbers(1, 1024 * 1024), numbers(2, 25));
    let strides = [1024 * 8, 8, 1024 * 8, 8];
    // SAFETY: the last window ends at the last element.
    let w = unsafe { Input::from_raw(x.as_ptr().cast(), DType::F64, &[1020, 1020, 5, 5], &strides, false) };
    let kernel = Array2::from_shape_vec((5, 5), k.clone()).expect("25 numbers");
    let mut out = vec![0.0; 1020 * 1020];
    let inputs = [("w", w), ("k", Input::from(&kernel))];
    let times = bench.program("sum(w*k, axis=(2, 3))", &inputs, &[1020, 1020], || {
        filter(&x, &k, &mut out);
        black_box(&out);
    });
    (times, "hand loop")
}

fn narrow(bench: Bench, shape: &[usize], text: &str) -> ([f64; 2], &'static str) {
    let n = shape.iter().product();
    let x = Array1::from_vec(numbers(1, n)).into_shape_with_order(shape).expect("as many numbers");
    let slice = x.as_slice().expect("contiguous");
    let axis: usize = text.split("axis=").nth(1).and_then(|a| a[..1].parse().ok()).expect("an axis");
    let kept: Vec<usize> = (0..shape.len()).filter(|k| *k != axis).map(|k| shape[k]).collect();
    (
        bench.program(text, &[("x", Input::from(&x))], &kept, || {
            black_box(total(slice));
        }),
        "reading it",
    )
}

fn byte_strings(bench: Bench) -> ([f64; 2], &'static str) {
    let words: Vec<[u8; 6]> =
        (0..1_000_000).map(|k| if k % 3 == 0 { *b"male\0\0" } else { *b"female" }).collect();
    // SAFETY: a million words of six bytes.
    let g = unsafe { Input::from_raw(words.as_ptr().cast(), DType::Bytes(6), &[1_000_000], &[6], false) };
    let program = Program::compile("sum(g == b'male')").expect("correct");
    let program = program.with_options(Options::new().threads(bench.threads));
    let inputs = [("g", g)];
    let count = || {
        black_box(words.iter().filter(|word| **word == *b"male\0\0").count());
    };
    let run = || {
        black_box(program.run::<i64>(&inputs[..]).expect("runs"));
    };
    (bench.time(run, count), "hand loop")
}
