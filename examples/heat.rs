//! Heat that spreads in a plate: steps on whole arrays, each of which looks at neighbours; a picture of the end.
//!
//! `cargo run --release --example heat`

#[path = "picture/mod.rs"]
mod picture;

use std::error::Error;
use std::time::Instant;

use ndarray::Array2;
use numfuse::{Program, inputs};

fn main() -> Result<(), Box<dyn Error>> {
    let program = Program::compile(
        "def neighbours(u) = shift(u, (0, 1), border='nearest') + shift(u, (0, -1), border='nearest') \
                          + shift(u, (1, 0), border='nearest') + shift(u, (-1, 0), border='nearest')
         steps(count, u = u + rate*(neighbours(u) - 4*u))
         u",
    )?;
    // three hot bars, and a plate that leads heat worse on the right
    let (rows, columns) = (400, 600);
    let u = Array2::from_shape_fn((rows, columns), |(i, j)| {
        let bar = (i / 40) % 3 == 1 && (100..500).contains(&j);
        if bar { 1.0f32 } else { 0.0 }
    });
    let rate =
        Array2::from_shape_fn((1, columns), |(_, j)| 0.24f32 * (1.0 - 0.9 * j as f32 / columns as f32));
    for count in [0i64, 100, 1000] {
        let start = Instant::now();
        let u: Array2<f32> = program.run(inputs! { u, rate, count })?;
        let took = start.elapsed().as_secs_f64() * 1e3;
        println!(
            "{count} steps on {rows}x{columns}: {took:.1} ms, the mean stays {:.6}",
            u.mean().unwrap_or(0.0)
        );
        if count == 1000 {
            println!("the picture is {}", picture::write_shades("heat.png", u.view())?.display());
        }
    }
    Ok(())
}
