//! Filters of a photograph, right up to its border: sharpened, and its edges by Sobel's operator.
//!
//! `cargo run --release --example photo`

#[path = "picture/mod.rs"]
mod picture;

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use ndarray::{Array2, Array3};
use numfuse::{Program, inputs};

fn main() -> Result<(), Box<dyn Error>> {
    let photo = picture::read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/temple.png")))?;
    let blur = Array2::from_shape_fn((5, 5), |(i, j)| {
        let weights = [1.0f32, 4.0, 6.0, 4.0, 1.0];
        weights[i] * weights[j] / 256.0
    });
    let sharpen = Program::compile(
        "smooth = sum(windows(photo, (5, 5), axis=(0, 1), border='reflect') * blur, axis=(-2, -1))
         clip(photo + 1.5*(photo - smooth), 0, 1)",
    )?;
    let start = Instant::now();
    let sharp: Array3<f32> = sharpen.run(inputs! { photo, blur })?;
    println!("sharpened {:?}: {:.1} ms", photo.shape(), start.elapsed().as_secs_f64() * 1e3);
    println!("the picture is {}", picture::write("sharp.png", sharp.view())?.display());

    let edges = Program::compile(
        "def at(g, i, j) = shift(g, (i, j), border='reflect')
         def across(g) = at(g, -1, -1) + 2*at(g, 0, -1) + at(g, 1, -1) - at(g, -1, 1) - 2*at(g, 0, 1) - at(g, 1, 1)
         def down(g) = at(g, -1, -1) + 2*at(g, -1, 0) + at(g, -1, 1) - at(g, 1, -1) - 2*at(g, 1, 0) - at(g, 1, 1)
         grey = 0.299*photo[:, :, 0] + 0.587*photo[:, :, 1] + 0.114*photo[:, :, 2]
         hypot(across(grey), down(grey))",
    )?;
    let start = Instant::now();
    let steep: Array2<f32> = edges.run(inputs! { photo })?;
    println!("its edges: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    println!("the picture is {}", picture::write_shades("edges.png", (&steep / 2.0).view())?.display());
    Ok(())
}
