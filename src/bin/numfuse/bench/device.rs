//! What an expression costs on a graphics card: with its arrays there, and what bringing them there costs.

use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use numfuse::{Device, DeviceArray, Explanation, Program, Value};
use serde_json::json;

use super::arrays::Arrays;
use super::{Contender, seconds, time_in_turn};
use crate::failure::Failure;

/// What was measured; times in seconds.
pub struct Report {
    expression: String,
    device: String,
    elements: u64,
    loops: usize,
    /// The run that makes the shaders.
    first: f64,
    run: f64,
    upload: f64,
    download: f64,
    uploaded_bytes: usize,
    downloaded_bytes: usize,
}

/// Times runs over arrays on the device, and the ways there and back. Every sample ends with the device idle: what was
/// only begun takes no time.
pub fn measure(
    program: &Program,
    device: &Device,
    arrays: &Arrays<'_>,
    explanation: &Explanation,
) -> Result<Report, Failure> {
    let uploaded = arrays.uploaded(device)?;
    device.synchronize()?;
    let run = || -> Result<Vec<DeviceArray>, Failure> {
        let results = program.run_all_on(device, arrays.resident(&uploaded))?;
        device.synchronize()?;
        Ok(results)
    };
    let start = Instant::now();
    let results = run()?;
    let first = start.elapsed().as_secs_f64();
    let mut contenders: Vec<Contender<'_>> = vec![
        Box::new(|| run().map(drop)),
        Box::new(|| {
            black_box(arrays.uploaded(device)?);
            Ok(device.synchronize()?)
        }),
        Box::new(|| {
            for array in &results {
                black_box(array.download::<Value>()?);
            }
            Ok(())
        }),
    ];
    let medians = time_in_turn(&mut contenders)?;
    let bytes = |array: &DeviceArray| array.shape().iter().product::<usize>() * array.dtype().size();
    Ok(Report {
        expression: program.text().unwrap_or_default().to_owned(),
        device: device.name().to_owned(),
        elements: explanation.elements(),
        loops: explanation.loops(),
        first,
        run: medians[0],
        upload: medians[1],
        download: medians[2],
        uploaded_bytes: arrays.bytes(),
        downloaded_bytes: results.iter().map(bytes).sum(),
    })
}

impl Report {
    pub fn write_json(&self, out: &mut impl Write) -> Result<(), Failure> {
        let object = json!({
            "expr": self.expression,
            "device": self.device,
            "elements": self.elements,
            "loops": self.loops,
            "first_run_s": self.first,
            "run_s": self.run,
            "gb_per_s": gigabytes(self.uploaded_bytes + self.downloaded_bytes, self.run),
            "upload_s": self.upload,
            "upload_gb_per_s": gigabytes(self.uploaded_bytes, self.upload),
            "download_s": self.download,
            "download_gb_per_s": gigabytes(self.downloaded_bytes, self.download),
        });
        Ok(writeln!(out, "{object}")?)
    }

    pub fn write_table(&self, out: &mut impl Write) -> Result<(), Failure> {
        let Report { elements, loops, device, uploaded_bytes, downloaded_bytes, .. } = self;
        writeln!(out, "{}", self.expression)?;
        writeln!(out, "{elements} elements, {loops} loop{}, {device}", if *loops == 1 { "" } else { "s" })?;
        let rate = |bytes, time| match bytes {
            0 => String::new(),
            bytes => format!("   {:.1} GB/s", gigabytes(bytes, time)),
        };
        writeln!(out, "  first run          {:>10}", seconds(self.first))?;
        let moved = rate(uploaded_bytes + downloaded_bytes, self.run);
        writeln!(out, "  later runs         {:>10}{moved}", seconds(self.run))?;
        match uploaded_bytes {
            0 => writeln!(out, "  upload                      -")?,
            bytes => writeln!(
                out,
                "  upload             {:>10}{}",
                seconds(self.upload),
                rate(*bytes, self.upload)
            )?,
        }
        let rate = rate(*downloaded_bytes, self.download);
        Ok(writeln!(out, "  download           {:>10}{rate}", seconds(self.download))?)
    }
}

fn gigabytes(bytes: usize, seconds: f64) -> f64 {
    bytes as f64 / seconds / 1e9
}
