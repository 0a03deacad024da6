//! Several norms of a long vector in one pass over it, and of every row of a table.
//!
//! `cargo run --release --example norms`

use std::time::Instant;

use ndarray::{Array1, Array2};
use numfuse::{Result, eval};

fn main() -> Result<()> {
    let v = Array1::from_shape_fn(10_000_000, |k| (k as f64 * 0.37).sin() - 0.1);

    let start = Instant::now();
    let (taxicab, euclidean, largest): (f64, f64, f64) = eval!("norm(v, 1), norm(v), norm(v, inf)", v)?;
    let took = start.elapsed().as_secs_f64() * 1e3;
    println!("three norms {taxicab:.1}, {euclidean:.3}, {largest:.4} in one pass: {took:.1} ms");

    let start = Instant::now();
    let euclidean = v.mapv(|x| x * x).sum().sqrt();
    println!("one of them, {euclidean:.3}, eagerly: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);

    let table = Array2::from_shape_fn((100_000, 30), |(i, k)| (i * 30 + k) as f64 % 97.0);
    let start = Instant::now();
    let rows: Array1<f64> = eval!("norm(table, axis=1)", table)?;
    println!(
        "{} norms of rows, the first {:.3}: {:.1} ms",
        rows.len(),
        rows[0],
        start.elapsed().as_secs_f64() * 1e3
    );
    Ok(())
}
