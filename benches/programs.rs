//! Elementwise loops and steps on whole arrays: the Mandelbrot set, and the heat equation over many steps. Medians.
//!
//! `cargo bench --bench programs [-- --threads N --runs N --only NAME]`; where `PYTHON` names a Python with Numba, its times are taken by
//! turns with these, and the ratios printed.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ndarray::{Array1, Array2, Axis};
use numfuse::{Input, Options, Program};

/// A program, its inputs, and the name by which the script knows the work.
struct Work {
    name: &'static str,
    program: Program,
    inputs: Vec<(&'static str, Input<'static>)>,
    run: fn(&mut Work),
    turns: Array2<i64>,
}

fn main() {
    let flag = |name: &str| std::env::args().skip_while(|word| word != name).nth(1);
    let threads: usize = flag("--threads").map_or(2, |t| t.parse().expect("a number of threads"));
    let runs: usize = flag("--runs").map_or(15, |r| r.parse().expect("a number of runs"));
    println!("{threads} thread(s), medians of {runs} runs by turns");
    let compile = |text: &str| {
        let program = Program::compile(text).expect("a correct program");
        program.with_options(Options::new().threads(threads))
    };
    let set =
        compile("c = x + 1j*y; z = 0j; n = 0; repeat most while abs2(z) <= 4 { z = z*z + c; n += 1 }; n");
    let heat = compile(
        "def beside(u) = shift(u, (0, 1), 'nearest') + shift(u, (0, -1), 'nearest') \
                       + shift(u, (1, 0), 'nearest') + shift(u, (-1, 0), 'nearest')
         steps(100, u = u + 0.1*(beside(u) - 4*u)); u",
    );
    let x: &'static Array1<f64> = Box::leak(Box::new(Array1::linspace(-2.0, 1.0, 1024)));
    let y: &'static Array2<f64> = Box::leak(Box::new(Array1::linspace(-1.5, 1.5, 1024).insert_axis(Axis(1))));
    let u: &'static Array2<f64> = Box::leak(Box::new(Array2::from_shape_fn((2048, 2048), |(i, j)| {
        ((i * 31 + j * 17) % 101) as f64 / 101.0
    })));
    let points = |most: i64| vec![("x", Input::from(x)), ("y", Input::from(y)), ("most", Input::from(most))];
    // into an array that is there, as Numba does
    let count: fn(&mut Work) = |work| work.program.run_into(&work.inputs[..], &mut work.turns).expect("runs");
    let spread: fn(&mut Work) = |work| drop(work.program.run::<Array2<f64>>(&work.inputs[..]).expect("runs"));
    let turns = || Array2::zeros((1024, 1024));
    let mut works = [
        Work { name: "mandelbrot-20", program: set.clone(), inputs: points(20), run: count, turns: turns() },
        Work { name: "mandelbrot-200", program: set, inputs: points(200), run: count, turns: turns() },
        Work {
            name: "heat-100",
            program: heat,
            inputs: vec![("u", Input::from(u))],
            run: spread,
            turns: turns(),
        },
    ];
    let mut peer = Peer::start(threads);
    let only = std::env::args().skip_while(|word| word != "--only").nth(1);
    for work in works.iter_mut().filter(|work| only.as_ref().is_none_or(|only| work.name == only)) {
        let (mut own, mut theirs) = (Vec::new(), Vec::new());
        (work.run)(work);
        for _ in 0..if work.name == "heat-100" { runs.div_ceil(3) } else { runs } {
            // Numba's threads go on waiting for work for a while, and keep the processors busy
            std::thread::sleep(Duration::from_millis(300));
            let start = Instant::now();
            (work.run)(work);
            own.push(start.elapsed().as_secs_f64() * 1e3);
            theirs.extend(peer.as_mut().and_then(|peer| peer.time(work.name)));
        }
        let own = median(&mut own);
        match theirs.is_empty() {
            true => println!("{}: {own:.2} ms", work.name),
            false => {
                let theirs = median(&mut theirs);
                println!(
                    "{}: {own:.2} ms, numba {theirs:.2} ms: {:.2} times as fast",
                    work.name,
                    theirs / own
                );
            }
        }
    }
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// A Python that is asked for one run after the other.
struct Peer(Child, BufReader<std::process::ChildStdout>);

impl Peer {
    fn start(threads: usize) -> Option<Peer> {
        let python = std::env::var("PYTHON").ok()?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/programs_against_numba.py");
        let mut child = Command::new(python)
            .arg(script)
            .env("NUMBA_NUM_THREADS", threads.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let output = BufReader::new(child.stdout.take()?);
        Some(Peer(child, output))
    }

    /// Milliseconds of a run.
    fn time(&mut self, name: &str) -> Option<f64> {
        writeln!(self.0.stdin.as_mut()?, "{name}").ok()?;
        let mut line = String::new();
        self.1.read_line(&mut line).ok()?;
        line.trim().parse().ok()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.0.stdin.take();
        let _ = self.0.wait();
    }
}
