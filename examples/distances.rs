//! Distances of points: all of them, and the nearest neighbour of each, without an array of differences.
//!
//! `cargo run --release --example distances`

use std::time::Instant;

use ndarray::{Array1, Array2};
use numfuse::{Result, eval};

fn main() -> Result<()> {
    let coordinate = |i: usize, k: usize| ((i * 31 + k * 17) as f64).sin();
    let points = Array2::from_shape_fn((1000, 50), |(i, k)| coordinate(i, k));
    let others = Array2::from_shape_fn((1200, 50), |(i, k)| coordinate(i + 5000, k));

    let start = Instant::now();
    let cityblock: Array2<f64> = eval!("sum(abs(points[:, None] - others), axis=-1)", points, others)?;
    let took = start.elapsed().as_secs_f64() * 1e3;
    println!(
        "{:?} city block distances, the first {:.3}: {took:.1} ms",
        cityblock.shape(),
        cityblock[[0, 0]]
    );

    let start = Instant::now();
    let squared: Array2<f64> = eval!("sum((points[:, None] - others)**2, axis=-1)", points, others)?;
    let took = start.elapsed().as_secs_f64() * 1e3;
    println!("{:?} squared distances, the first {:.3}: {took:.1} ms", squared.shape(), squared[[0, 0]]);

    // the nearest of the others, and how far it is
    let start = Instant::now();
    let (nearest, distance): (Array1<i64>, Array1<f64>) =
        eval!("argmin(squared, axis=1), sqrt(min(squared, axis=1))", squared)?;
    let took = start.elapsed().as_secs_f64() * 1e3;
    println!("point 0 is nearest to {}, {:.3} away: {took:.1} ms", nearest[0], distance[0]);
    Ok(())
}
