//! Filters of an image: every window of 5 by 5 times a kernel, and what is brighter than its surroundings.
//!
//! `cargo run --release --example filter`

use std::time::Instant;

use ndarray::Array2;
use numfuse::{Result, eval};

fn main() -> Result<()> {
    // rings around a centre, on a slope
    let image = Array2::from_shape_fn((1024, 1024), |(i, j)| {
        let (y, x) = (i as f64 - 400.0, j as f64 - 600.0);
        (x.hypot(y) * 0.1).sin() + 0.001 * y
    });
    let blur = Array2::from_shape_fn((5, 5), |(i, j)| {
        let weights = [1.0, 4.0, 6.0, 4.0, 1.0];
        weights[i] * weights[j] / 256.0
    });

    let start = Instant::now();
    let smooth: Array2<f64> = eval!("sum(windows(image, (5, 5)) * blur, axis=(-2, -1))", image, blur)?;
    let took = start.elapsed().as_secs_f64() * 1e3;
    println!("{:?} blurred to {:?}: {took:.1} ms", image.shape(), smooth.shape());

    // how much brighter a point is than its neighbours, without an array for any of them
    let start = Instant::now();
    let edges: Array2<f64> =
        eval!("abs(4*s[1:-1, 1:-1] - s[:-2, 1:-1] - s[2:, 1:-1] - s[1:-1, :-2] - s[1:-1, 2:])", s = smooth)?;
    let (share, most): (f64, f64) = eval!("mean(edges > 0.005), max(edges)", edges)?;
    let took = start.elapsed().as_secs_f64() * 1e3;
    println!("{:.1} % of the points lie on edges, the steepest {most:.4}: {took:.1} ms", 100.0 * share);
    Ok(())
}
