//! Nanoseconds per element of every kernel, on 512 elements that stay in L1: `cargo run --release --example speed
//! [name of operations or parts of one]`.

use numfuse_kernels::{
    BLOCK, Compute, Fold, Isa, LANES, Op, Rows, STEP, Term, Typing, convert, fold, kernel, sum_of_rows,
};
use std::{hint::black_box, time::Instant};

const N: usize = 512;

/// The least of many runs: interruptions only ever add.
fn nanoseconds(mut run: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..15 {
        let start = Instant::now();
        for _ in 0..200 {
            run();
        }
        best = best.min(start.elapsed().as_nanos() as f64 / (200 * N) as f64);
    }
    best
}

fn values(compute: Compute, k: usize) -> Vec<u8> {
    let number = |i: usize| ((i * 37 + k * 11) % 101) as f64 * 0.11 + 0.2;
    (0..N)
        .flat_map(|i| match compute {
            Compute::Bool => vec![(i / 3 % 2) as u8],
            Compute::I32 => (number(i) as i32 + 1).to_ne_bytes().to_vec(),
            Compute::I64 => (number(i) as i64 + 1).to_ne_bytes().to_vec(),
            Compute::U64 => (number(i) as u64 + 1).to_ne_bytes().to_vec(),
            Compute::F32 => (number(i) as f32).to_ne_bytes().to_vec(),
            Compute::F64 => number(i).to_ne_bytes().to_vec(),
        })
        .collect()
}

/// Gigabytes a second that folds take from memory on one thread: 256 MiB, a block at a time, the best of a few passes.
/// A sum has next to nothing to do but to read.
fn from_memory(isas: &[Isa]) {
    let values: Vec<f64> = (0..1 << 25).map(|i| (i % 101) as f64 * 0.11).collect();
    let gigabytes = |pass: &dyn Fn()| {
        let seconds = (0..5).map(|_| {
            let start = Instant::now();
            pass();
            start.elapsed().as_secs_f64()
        });
        size_of_val(&values[..]) as f64 * 1e-9 / seconds.fold(f64::MAX, f64::min)
    };
    for reduction in [Fold::Sum, Fold::Moments] {
        let mut line = String::new();
        for &isa in isas {
            let kernels = fold(isa, reduction, Compute::F64).expect("defined for f64");
            let speed = gigabytes(&|| {
                for block in values.chunks(BLOCK) {
                    let mut lanes = [0.0f64; 3 * LANES];
                    // SAFETY: a block's elements, and room for 32 accumulators of any reduction.
                    unsafe {
                        let lanes = black_box(lanes.as_mut_ptr().cast());
                        (kernels.lanes)(block.len(), lanes, block.as_ptr().cast());
                        (kernels.finish)(lanes);
                    }
                }
            });
            line += &format!("{speed:10.1}");
        }
        println!("{:24}{line}", format!("{reduction:?} f64, GB/s"));
    }
}

/// Sums over rows of terms, by element.
fn sums(isas: &[Isa]) {
    const ROWS: usize = 8;
    let (a, b) = (values(Compute::F64, 0), values(Compute::F64, 1));
    let mut sums = vec![0u8; 8 * N / ROWS];
    for term in Term::ALL {
        let mut line = String::new();
        for &isa in isas {
            let sum = sum_of_rows(isa, term, Compute::F64).expect("floats have one");
            let n = N / ROWS / STEP * STEP;
            let rows: Vec<[isize; 2]> =
                (0..ROWS as isize).map(|row| [8 * n as isize * row, 8 * row]).collect();
            // SAFETY: rows of n elements, as many numbers, n sums.
            let time = nanoseconds(|| unsafe {
                let sums = black_box(sums.as_mut_ptr());
                sum(n, sums, true, a.as_ptr(), b.as_ptr(), &rows)
            });
            line += &format!("{time:10.3}");
        }
        println!("{:24}{line}", format!("Sum of {term:?} f64"));
    }
}

/// Short reduced axes, and few columns: rows absorbed at once.
fn rows(isas: &[Isa]) {
    let mut accumulators = vec![0u8; 24 * N];
    let a = values(Compute::F64, 0);
    for reduction in [Fold::Sum, Fold::Max, Fold::Moments] {
        for columns in [1, 3, 8, 64] {
            let mut line = String::new();
            for &isa in isas {
                let kernels = fold(isa, reduction, Compute::F64).expect("defined for f64");
                let rows = Rows { count: N / columns, columns, stride: 8 * columns as isize, apart: columns };
                accumulators.fill(0);
                // SAFETY: no more than N elements, and as many accumulators.
                let time = nanoseconds(|| unsafe {
                    (kernels.absorb)(rows, black_box(accumulators.as_mut_ptr()), a.as_ptr())
                });
                line += &format!("{time:10.3}");
            }
            println!("{:24}{line}", format!("{reduction:?} f64, {columns} columns"));
        }
    }
}

fn main() {
    let part = std::env::args().nth(1).unwrap_or_default();
    let isas: Vec<Isa> = Isa::ALL.into_iter().filter(|isa| isa.is_available()).collect();
    println!("{:24}{}", "ns per element", isas.iter().map(|isa| format!("{isa:>10}")).collect::<String>());
    let mut out = vec![0u8; 8 * N];
    for &op in Op::ALL.iter().filter(|op| format!("{op:?}").contains(&part)) {
        for compute in Compute::ALL {
            for splats in [0, 2] {
                let mut line = String::new();
                for &isa in &isas {
                    let Some(kernel) = kernel(isa, op, compute, splats) else { continue };
                    let first = if op.info().typing == Typing::Choose { Compute::Bool } else { compute };
                    let (a, b, c) = (values(first, 0), values(compute, 1), values(compute, 2));
                    // SAFETY: N elements of every operand and of the result; the set is available.
                    let time = nanoseconds(|| unsafe {
                        kernel(N, black_box(out.as_mut_ptr()), a.as_ptr(), b.as_ptr(), c.as_ptr())
                    });
                    line += &format!("{time:10.3}");
                }
                if !line.is_empty() {
                    println!(
                        "{:24}{line}",
                        format!("{op:?} {compute}{}", if splats == 2 { " splat" } else { "" })
                    );
                }
            }
        }
    }
    for from in Compute::ALL.into_iter().filter(|_| "convert".contains(&part)) {
        for to in Compute::ALL.into_iter().filter(|&to| to != from) {
            let a = values(from, 0);
            let mut line = String::new();
            for &isa in &isas {
                let kernel = convert(isa, from, to);
                // SAFETY: as above.
                let time = nanoseconds(|| unsafe {
                    kernel(N, black_box(out.as_mut_ptr()), a.as_ptr(), a.as_ptr(), a.as_ptr())
                });
                line += &format!("{time:10.3}");
            }
            println!("{:24}{line}", format!("{from} to {to}"));
        }
    }
    for &reduction in Fold::ALL.iter().filter(|_| "fold".contains(&part)) {
        for compute in Compute::ALL {
            let a = values(compute, 0);
            let mut line = String::new();
            for &isa in &isas {
                let Some(kernels) = fold(isa, reduction, compute) else { continue };
                out.fill(0);
                // SAFETY: N elements at `a`, 32 lanes at `out`.
                let time =
                    nanoseconds(|| unsafe { (kernels.lanes)(N, black_box(out.as_mut_ptr()), a.as_ptr()) });
                line += &format!("{time:10.3}");
            }
            if !line.is_empty() {
                println!("{:24}{line}", format!("{reduction:?} {compute}"));
            }
        }
    }
    if "sums".contains(&part) {
        sums(&isas);
    }
    if "rows".contains(&part) {
        rows(&isas);
    }
    if "memory".contains(&part) {
        from_memory(&isas);
    }
}
