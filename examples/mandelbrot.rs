//! The Mandelbrot set by an elementwise loop, with a picture, and how long Python takes for it.
//!
//! `cargo run --release --example mandelbrot`

#[path = "picture/mod.rs"]
mod picture;

use std::error::Error;
use std::process::Command;
use std::time::Instant;

use ndarray::{Array1, Array2, Axis};
use numfuse::{Program, inputs};

const POINTS: usize = 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let x = Array1::linspace(-2.0, 1.0, POINTS);
    let y = Array1::linspace(-1.5, 1.5, POINTS).insert_axis(Axis(1));
    let program = Program::compile(
        "c = x + 1j*y
         z = 0j; n = 0
         repeat most while abs2(z) <= 4 { z = z*z + c; n += 1 }
         n",
    )?;
    let mut turns = Array2::<i64>::zeros((POINTS, POINTS));
    for most in [20i64, 200] {
        let mut best = f64::INFINITY;
        for _ in 0..5 {
            let start = Instant::now();
            program.run_into(inputs! { x, y, most }, &mut turns)?;
            best = best.min(start.elapsed().as_secs_f64());
        }
        let inside = turns.iter().filter(|n| **n == most).count();
        println!("{POINTS}x{POINTS}, {most} turns at most: {:.1} ms, {inside} points stay", best * 1e3);
        compare(most, best);
    }
    let shades: Array2<f32> = numfuse::eval!("f32(log1p(n)/log1p(200))", n = turns)?;
    println!("the picture is {}", picture::write_shades("mandelbrot.png", shades.view())?.display());
    Ok(())
}

/// Times Python, if there is one with NumPy: `PYTHON` names it.
fn compare(most: i64, seconds: f64) {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mandelbrot.py");
    let output = Command::new(&python).args([script, &POINTS.to_string(), &most.to_string()]).output();
    let Some(output) = output.ok().filter(|output| output.status.success()) else {
        println!("  no `{python}` with NumPy to compare with");
        return;
    };
    let times: Vec<(String, f64)> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| {
            line.split_once(' ').and_then(|(name, time)| Some((name.to_owned(), time.parse().ok()?)))
        })
        .collect();
    let python = times.iter().find(|(name, _)| name == "CPython").map(|(_, time)| *time);
    for (name, time) in &times {
        println!("  {:.1} times as fast as {name} ({:.1} ms)", time / seconds, time * 1e3);
    }
    if let Some(python) = python {
        let faster = |name: &str| {
            let time = times.iter().find(|(other, _)| other == name);
            time.map_or("not measured".to_owned(), |(_, time)| format!("{:.0}", python / time))
        };
        println!(
            "  over CPython: NumPy {} (13 in the literature), Numba {} (120), numfuse {:.0}",
            faster("NumPy"),
            faster("Numba"),
            python / seconds
        );
    }
}
