//! Compile once, run often: a moving block of a signal, into the same output every time.
//!
//! `cargo run --release --example reuse`

use std::time::Instant;

use ndarray::{Array1, s};
use numfuse::{ArrayType, DType, Input, Program, Result};

fn main() -> Result<()> {
    let program = Program::compile("gain*tanh(drive*x) + (1 - gain)*x")?;

    // what will happen, before there is any data
    let block = 512;
    let block_type = ArrayType::new(DType::F32, &[block]);
    let number = ArrayType::new(DType::F32, &[]);
    let explanation = program.explain(&[("x", block_type), ("gain", number.clone()), ("drive", number)])?;
    println!(
        "{} pass over the data, {} bytes of temporaries",
        explanation.loops(),
        explanation.stored_bytes()
    );

    let signal = Array1::from_shape_fn(48_000, |k| (k as f32 * 0.05).sin());
    let mut out = Array1::<f32>::zeros(signal.len());
    let start = Instant::now();
    for from in (0..signal.len()).step_by(block) {
        let to = (from + block).min(signal.len());
        let x = signal.slice(s![from..to]);
        // a plain number is weak: beside f32 data it is an f32
        let inputs = [("x", Input::from(&x)), ("gain", 0.7.into()), ("drive", 4.0.into())];
        program.run_into(inputs, &mut out.slice_mut(s![from..to]))?;
    }
    let microseconds = start.elapsed().as_secs_f64() * 1e6;
    println!(
        "one second of sound in {microseconds:.0} µs; peak {:.3}",
        out.fold(0f32, |a, b| a.max(b.abs()))
    );
    Ok(())
}
