//! Pictures in and out: PNG files as arrays of numbers from 0 to 1.

#![allow(dead_code)] // each example uses its own part

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use ndarray::{Array3, ArrayView2, ArrayView3};

/// Red, green and blue of each point, `[rows, columns, 3]`.
pub fn read(path: &Path) -> Result<Array3<f32>, Box<dyn Error>> {
    let mut reader = png::Decoder::new(BufReader::new(File::open(path)?)).read_info()?;
    let mut bytes = vec![0; reader.output_buffer_size().ok_or("the picture is too large")?];
    let info = reader.next_frame(&mut bytes)?;
    if (info.color_type, info.bit_depth) != (png::ColorType::Rgb, png::BitDepth::Eight) {
        return Err("only pictures of 8 bits a colour are read".into());
    }
    let (rows, columns) = (info.height as usize, info.width as usize);
    bytes.truncate(info.buffer_size());
    Ok(Array3::from_shape_vec((rows, columns, 3), bytes)?.mapv(|byte| f32::from(byte) / 255.0))
}

/// Writes colours.
pub fn write(name: &str, colours: ArrayView3<'_, f32>) -> Result<PathBuf, Box<dyn Error>> {
    let path = std::env::temp_dir().join(name);
    let (rows, columns, _) = colours.dim();
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(&path)?), columns as u32, rows as u32);
    encoder.set_color(png::ColorType::Rgb);
    let bytes: Vec<u8> =
        colours.iter().map(|colour| (colour.clamp(0.0, 1.0) * 255.0).round() as u8).collect();
    encoder.write_header()?.write_image_data(&bytes)?;
    Ok(path)
}

/// Writes numbers from 0 to 1 as shades from black over red and yellow to white.
pub fn write_shades(name: &str, shades: ArrayView2<'_, f32>) -> Result<PathBuf, Box<dyn Error>> {
    let (rows, columns) = shades.dim();
    let colours = Array3::from_shape_fn((rows, columns, 3), |(row, column, colour)| {
        3.0 * shades[[row, column]] - colour as f32
    });
    write(name, colours.view())
}
