//! Every single there is, of every function of one: hours in all, so what is done is kept in a file and not done again.

use crate::{
    check::{Worst, on_all_processors},
    document,
    libm::double,
    reference::least_place,
    rows::{Row, rows, singles},
    ulps::single_error,
};
use numfuse_kernels::Compute;
use std::{
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::Write as _,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

/// Singles are done in blocks of 2^24, by their upper bits.
const BLOCKS: u32 = 256;

/// Compares with the C library's doubles; `NUMFUSE_STRIDE=97` takes every 97th.
pub fn every_single() {
    let stride =
        std::env::var("NUMFUSE_STRIDE").map_or(1, |n| n.parse().expect("NUMFUSE_STRIDE is a number"));
    let mut failures = vec![];
    for row in rows().into_iter().filter(|row| row.op.info().arity() == 1) {
        let Some(bound) = row.bound else { continue };
        let name = row.op.to_string();
        let function =
            double(&name).unwrap_or_else(|| panic!("`double` in tests/accuracy/libm.rs lacks {name}"));
        let [fused, strict] = sweep(row, function, stride);
        println!("{name} f32: fused {fused}; strict {strict}");
        for (set, worst, bound) in [("fused", &fused, bound.fma), ("strict", &strict, bound.strict)] {
            if worst.ulps > bound {
                failures.push(format!("{name} f32, {set}: {worst}, {bound} stated"));
            }
        }
        let points = u32::MAX as u64 / stride as u64 + 1;
        document::write(row.op, Compute::F32, [&fused, &strict], points);
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// The largest errors of one function.
fn sweep(row: Row, function: fn(f64) -> f64, stride: u32) -> [Worst; 2] {
    let progress = Progress::open(row, stride);
    let (next, progress) = (AtomicU32::new(0), Mutex::new(progress));
    let work = || {
        loop {
            let block = next.fetch_add(1, Ordering::Relaxed);
            if block >= BLOCKS {
                break;
            }
            let done = progress.lock().unwrap().blocks[block as usize].is_some();
            if !done {
                let found = sweep_block(row, function, block, stride);
                progress.lock().unwrap().finish(block, found);
            }
        }
    };
    on_all_processors(work);
    let blocks = progress.into_inner().unwrap().blocks;
    [true, false].map(|fma| {
        let mut worst = Worst::default();
        for (ulps, bits) in blocks.iter().flatten().map(|found| found[if fma { 0 } else { 1 }]) {
            let x = f32::from_bits(bits);
            worst.see(ulps, singles(row.op, fma, &[x])[0] as f64, &[x as f64]);
        }
        worst
    })
}

/// A set's largest error, and the argument's bits.
type Found = [(f64, u32); 2];

fn sweep_block(row: Row, function: fn(f64) -> f64, block: u32, stride: u32) -> Found {
    const BATCH: usize = 1 << 12;
    let name = row.op.to_string();
    let signed_zeros = row.reference.signs_zeros();
    let first = ((block as u64) << 24).next_multiple_of(stride as u64);
    let mut all =
        (first..(block as u64 + 1) << 24).step_by(stride as usize).map(|bits| f32::from_bits(bits as u32));
    let mut found = [(0.0, 0); 2];
    loop {
        let arguments: Vec<f32> = all.by_ref().take(BATCH).collect();
        if arguments.is_empty() {
            return found;
        }
        let got = [true, false].map(|fma| singles(row.op, fma, &arguments));
        for (i, &single) in arguments.iter().enumerate() {
            let x = single as f64;
            let (want, floor) = (function(x), least_place(&name, [x; 3]));
            for (got, found) in got.iter().zip(&mut found) {
                let error = single_error(got[i] as f64, want, floor, signed_zeros);
                if error > found.0 {
                    *found = (error, single.to_bits());
                }
            }
        }
    }
}

/// The blocks that are done, in memory and in a file of the build.
struct Progress {
    blocks: Vec<Option<Found>>,
    file: File,
}

impl Progress {
    /// What an earlier run of the same code and stride has done.
    fn open(row: Row, stride: u32) -> Progress {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("every-single");
        fs::create_dir_all(&folder).expect("a folder in the build's own");
        let path = folder.join(format!("{}.txt", row.op));
        let header = format!("every {stride}th, code {:016x}", fingerprint(row));
        let text = fs::read_to_string(&path).unwrap_or_default();
        let mut lines = text.lines();
        let mut blocks = vec![None; BLOCKS as usize];
        let mut options = OpenOptions::new();
        if lines.next() == Some(header.as_str()) {
            for (block, found) in lines.filter_map(parse) {
                blocks[block] = Some(found);
            }
            return Progress { blocks, file: options.append(true).open(path).expect("a file of progress") };
        }
        let mut file =
            options.write(true).create(true).truncate(true).open(path).expect("a file of progress");
        writeln!(file, "{header}").expect("room for progress");
        Progress { blocks, file }
    }

    fn finish(&mut self, block: u32, found: Found) {
        let mut line = block.to_string();
        for (ulps, bits) in found {
            write!(line, " {ulps} {bits}").expect("strings have room");
        }
        writeln!(self.file, "{line}").expect("room for progress");
        self.blocks[block as usize] = Some(found);
    }
}

/// A line of a file of progress; one that was cut short does not count.
fn parse(line: &str) -> Option<(usize, Found)> {
    let words: Vec<&str> = line.split(' ').collect();
    let [block, fused, at_fused, strict, at_strict] = words.as_slice() else { return None };
    let block = block.parse().ok().filter(|&block| block < BLOCKS as usize)?;
    let found =
        [(fused.parse().ok()?, at_fused.parse().ok()?), (strict.parse().ok()?, at_strict.parse().ok()?)];
    Some((block, found))
}

/// Tells one version of a body from another, by its results on some 200,000 singles.
fn fingerprint(row: Row) -> u64 {
    let arguments: Vec<f32> = (0..u32::MAX).step_by(20_011).map(f32::from_bits).collect();
    let mut hash = 0xcbf2_9ce4_8422_2325u64; // FNV-1a, over words
    for fma in [true, false] {
        for result in singles(row.op, fma, &arguments) {
            let bits = if result.is_nan() { 0 } else { result.to_bits() };
            hash = (hash ^ bits as u64).wrapping_mul(0x100_0000_01b3);
        }
    }
    hash
}
