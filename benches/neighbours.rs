//! Borders: what they cost a filter, and steps of the heat equation. Medians of interleaved runs.
//!
//! `cargo bench --bench neighbours [-- --threads N --runs N]`; `neighbours_against_numba.py` times the same steps in Numba.

use std::time::Instant;

use ndarray::Array2;
use numfuse::{Input, Options, Program};

fn main() {
    let flag = |name: &str| {
        let mut words = std::env::args().skip_while(|word| word != name);
        words.nth(1)
    };
    let threads: usize = flag("--threads").map_or(2, |t| t.parse().expect("a number of threads"));
    let runs: usize = flag("--runs").map_or(31, |r| r.parse().expect("a number of runs"));
    println!("{threads} thread(s), medians of {runs} interleaved runs");
    filters(threads, runs);
    heat(threads, runs);
}

/// A program with an array that takes its result.
struct Work {
    program: Program,
    out: Array2<f64>,
    times: Vec<f64>,
}

impl Work {
    fn new(text: &str, shape: (usize, usize), threads: usize) -> Work {
        let options = Options::new().threads(threads);
        let program = Program::compile(text).expect("a correct expression").with_options(options);
        Work { program, out: Array2::zeros(shape), times: Vec::new() }
    }

    fn run(&mut self, inputs: &[(&str, Input<'_>)]) {
        let start = Instant::now();
        self.program.run_into(inputs, &mut self.out).expect("runs");
        self.times.push(start.elapsed().as_secs_f64() * 1e3);
    }

    fn median(&mut self) -> f64 {
        self.times.sort_by(f64::total_cmp);
        self.times[self.times.len() / 2]
    }
}

fn numbers(rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(i, j)| ((i * 31 + j * 17) % 101) as f64 / 101.0)
}

/// A 5×5 filter of 1024×1024 elements, without borders and with each.
fn filters(threads: usize, runs: usize) {
    let (x, w) = (numbers(1024, 1024), numbers(5, 5));
    let inputs = [("x", Input::from(&x)), ("w", Input::from(&w))];
    let borders = ["constant", "nearest", "reflect", "mirror", "wrap"];
    let without = "sum(windows(x, (5, 5))*w, axis=(-2, -1))".to_owned();
    let with = borders.map(|border| format!("sum(windows(x, (5, 5), border='{border}')*w, axis=(-2, -1))"));
    let mut works: Vec<Work> = std::iter::once(Work::new(&without, (1020, 1020), threads))
        .chain(with.iter().map(|text| Work::new(text, (1024, 1024), threads)))
        .collect();
    for _ in 0..runs {
        works.iter_mut().for_each(|work| work.run(&inputs));
    }
    let plain = works[0].median();
    println!("5 by 5 filter, 1024 by 1024, without borders: {plain:.3} ms");
    for (work, border) in works[1..].iter_mut().zip(borders) {
        let time = work.median();
        println!("  {border}: {time:.3} ms, {:.2} times as long", time / plain);
    }
}

/// Steps of the heat equation between two arrays in turn; beside them an addition, which moves as many bytes.
fn heat(threads: usize, runs: usize) {
    const SIDE: usize = 2048;
    for border in ["nearest", "wrap", "constant"] {
        let shifted = |by: &str| format!("shift(u, {by}, '{border}')");
        let around = ["(0, 1)", "(0, -1)", "(1, 0)", "(-1, 0)"].map(shifted).join(" + ");
        let mut step = Work::new(&format!("u + 0.1*({around} - 4*u)"), (SIDE, SIDE), threads);
        let mut twice = Work::new("u + u", (SIDE, SIDE), threads);
        let mut u = numbers(SIDE, SIDE);
        for _ in 0..runs {
            step.run(&[("u", Input::from(&u))]);
            twice.run(&[("u", Input::from(&u))]);
            std::mem::swap(&mut u, &mut step.out);
        }
        let (time, sum) = (step.median(), twice.median());
        println!("heat step, {SIDE} by {SIDE}, {border}: {time:.3} ms; u + u: {sum:.3} ms");
    }
}
