//! k-means: the step that assigns each point to the nearest of the centres, by turns with the one that moves them.
//!
//! `cargo run --release --example kmeans`

use std::time::Instant;

use ndarray::{Array1, Array2, Axis};
use numfuse::{Program, Result, inputs};

fn main() -> Result<()> {
    let assign = Program::compile(
        "squares = sum((points[:, None] - centres)**2, axis=-1)
         nearest = argmin(squares, axis=1), inertia = sum(min(squares, axis=1))",
    )?;
    // the mean of the points of each centre
    let gather = Program::compile(
        "own = nearest == arange(k)[:, None]
         sum(where(own[:, :, None], points, 0.0), axis=1)/sum(own, axis=1)[:, None]",
    )?;
    // four clouds
    let noise: Array2<f64> = Program::compile("normal((n, 2), seed=7)")?.run(inputs! { n = 200_000i64 })?;
    let points = Array2::from_shape_fn(noise.dim(), |(k, axis)| {
        let cloud = [[0.0, 0.0], [6.0, 1.0], [2.0, 7.0], [-5.0, 4.0]][k % 4];
        cloud[axis] + noise[[k, axis]]
    });
    let k = 4i64;
    let mut centres = points.select(Axis(0), &[0, 1, 2, 3]);
    for turn in 0..6 {
        let start = Instant::now();
        let (nearest, inertia): (Array1<i64>, f64) = assign.run(inputs! { points, centres })?;
        let assigned = start.elapsed().as_secs_f64() * 1e3;
        centres = gather.run(inputs! { nearest, points, k })?;
        println!("turn {turn}: {assigned:.1} ms to assign {} points, inertia {inertia:.0}", points.nrows());
    }
    println!("centres\n{centres:.2}");
    Ok(())
}
