//! Columns of mean 0 and deviation 1, with the means and deviations beside them: several results of one program.
//!
//! `cargo run --release --example normalise`

use std::time::Instant;

use ndarray::{Array1, Array2, Axis};
use numfuse::{Program, Result, inputs};

fn main() -> Result<()> {
    let table = Array2::from_shape_fn((500_000, 8), |(i, k)| ((i * (k + 3)) as f64).sin() * 10.0 + k as f64);

    let program =
        Program::compile("mean(x, axis=0), std(x, axis=0), (x - mean(x, axis=0)) / std(x, axis=0)")?;
    let start = Instant::now();
    let (centre, spread, normal): (Array1<f64>, Array1<f64>, Array2<f64>) =
        program.run(inputs! { x = table })?;
    println!("fused: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    println!("column 3 had mean {:.3} and deviation {:.3}", centre[3], spread[3]);

    let start = Instant::now();
    let eager = (&table - &table.mean_axis(Axis(0)).unwrap_or_default()) / &table.std_axis(Axis(0), 0.0);
    println!("eager: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    println!("largest difference {:.1e}", (&normal - &eager).fold(0.0, |a: f64, b| a.max(b.abs())));
    Ok(())
}
