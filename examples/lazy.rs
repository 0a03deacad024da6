//! Lazy arrays: Rust's operators build the expression, `eval` runs it in one pass.
//!
//! `cargo run --release --example lazy`

use std::time::Instant;

use ndarray::Array1;
use numfuse::{Lazy, Result};

fn main() -> Result<()> {
    let n = 5_000_000;
    let x: Array1<f64> = Array1::linspace(0.0, 10.0, n);
    let y = x.mapv(|x| 3.0 - 0.5 * x + (x * 7.0).sin());

    // the least-squares line through the points, each sum one pass over the data and no array in between
    let start = Instant::now();
    let (a, b) = (Lazy::new(&x), Lazy::new(&y));
    let (mean_x, mean_y) = (a.mean(), b.mean());
    let covariance = ((&a - &mean_x) * (&b - &mean_y)).sum();
    let variance = (&a - &mean_x).powi(2).sum();
    let slope: f64 = (&covariance / &variance).eval()?;
    let intercept: f64 = (&mean_y - slope * &mean_x).eval()?;
    println!("y = {intercept:.4} + {slope:.4} x, fused: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);

    let start = Instant::now();
    let (mean_x, mean_y) = (x.mean().unwrap_or_default(), y.mean().unwrap_or_default());
    let slope = ((&x - mean_x) * (&y - mean_y)).sum() / (&x - mean_x).mapv(|d| d * d).sum();
    let eager = start.elapsed().as_secs_f64() * 1e3;
    println!("y = {:.4} + {slope:.4} x, eager: {eager:.1} ms", mean_y - slope * mean_x);
    Ok(())
}
