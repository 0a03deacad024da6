//! Moments against their rule, on every instruction set, and against exact arithmetic where cancellation is worst.

mod points;

use numfuse_kernels::{BLOCK, Compute, Fold, FoldKernels, Isa, LANES, Rows, fold};
use points::{Random, SPECIALS};

/// One accumulator, by Welford's recurrence and Chan's formula.
#[derive(Clone, Copy, Default)]
struct Accumulator<T> {
    count: T,
    mean: T,
    squares: T,
}

trait Number: Copy + Default + PartialEq + std::fmt::Debug {
    const COMPUTE: Compute;
    fn of(value: f64) -> Self;
    fn absorb(into: Accumulator<Self>, x: Self) -> Accumulator<Self>;
    fn merge(a: Accumulator<Self>, b: Accumulator<Self>) -> Accumulator<Self>;
    fn result(of: Accumulator<Self>) -> [Self; 2];
    fn same(self, other: Self) -> bool;
}

macro_rules! number {
    ($T:ident, $Compute:ident) => {
        impl Number for $T {
            const COMPUTE: Compute = Compute::$Compute;
            fn of(value: f64) -> $T {
                value as $T
            }
            fn absorb(a: Accumulator<$T>, x: $T) -> Accumulator<$T> {
                let count = a.count + 1.0;
                let mean = a.mean + (x - a.mean) * (1.0 / count);
                Accumulator { count, mean, squares: a.squares + (x - a.mean) * (x - mean) }
            }
            fn merge(a: Accumulator<$T>, b: Accumulator<$T>) -> Accumulator<$T> {
                let count = a.count + b.count;
                if count == 0.0 {
                    return a;
                }
                let (weight, delta) = (b.count / count, b.mean - a.mean);
                let mean = if b.count == 0.0 { a.mean } else { a.mean + delta * weight };
                let between = delta * (delta * (a.count * weight));
                Accumulator { count, mean, squares: a.squares + b.squares + between }
            }
            fn result(of: Accumulator<$T>) -> [$T; 2] {
                [of.mean, if of.squares < 0.0 { $T::NAN } else { of.squares }]
            }
            fn same(self, other: $T) -> bool {
                self.to_bits() == other.to_bits() || self.is_nan() && other.is_nan()
            }
        }
    };
}
number!(f64, F64);
number!(f32, F32);

fn isas() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_available())
}

fn kernels<T: Number>(isa: Isa) -> FoldKernels {
    fold(isa, Fold::Moments, T::COMPUTE).unwrap()
}

fn assert_same<T: Number>(got: &[T], want: &[T], what: &str) {
    assert_eq!(got.len(), want.len());
    for (k, (got, want)) in got.iter().zip(want).enumerate() {
        assert!(got.same(*want), "{what}, element {k}: {got:?}, not {want:?}");
    }
}

/// Accumulators as they lie in memory.
fn planes<T: Number>(accumulators: &[Accumulator<T>]) -> Vec<T> {
    let parts: [fn(&Accumulator<T>) -> T; 3] = [|a| a.count, |a| a.mean, |a| a.squares];
    parts.iter().flat_map(|part| accumulators.iter().map(part)).collect()
}

/// The pair of the elements of one block, cut into tiles of so many elements, by the kernels.
fn block<T: Number>(isa: Isa, values: &[T], tile: usize) -> [T; 3] {
    let kernels = kernels::<T>(isa);
    let mut lanes = vec![T::default(); 3 * LANES];
    for tile in values.chunks(tile) {
        // SAFETY: the tile's elements, and 32 lanes.
        unsafe { (kernels.lanes)(tile.len(), lanes.as_mut_ptr().cast(), tile.as_ptr().cast()) };
    }
    // SAFETY: 32 lanes.
    unsafe { (kernels.finish)(lanes.as_mut_ptr().cast()) };
    [lanes[0], lanes[1], lanes[2]]
}

/// The same by the rule.
fn block_by_rule<T: Number>(values: &[T]) -> Accumulator<T> {
    let mut lanes = [Accumulator::default(); LANES];
    for (i, x) in values.iter().enumerate() {
        lanes[i % LANES] = T::absorb(lanes[i % LANES], *x);
    }
    for half in [16, 8, 4, 2, 1] {
        for lane in 0..half {
            lanes[lane] = T::merge(lanes[lane], lanes[lane + half]);
        }
    }
    lanes[0]
}

fn values<T: Number>(n: usize, random: &mut Random, specials: usize) -> Vec<T> {
    (0..n)
        .map(|_| match random.bits() as usize % 100 {
            k if k < specials => T::of(SPECIALS[random.bits() as usize % SPECIALS.len()]),
            _ => T::of(random.uniform(-1.0, 3.0)),
        })
        .collect()
}

fn check_blocks<T: Number>() {
    for n in [0, 1, 2, 7, 31, 32, 33, 63, 64, 65, 100, 511, 1000, 4095, 4096] {
        for specials in [0, 1, 100] {
            let values = values::<T>(n, &mut Random(n as u64 + 9), specials);
            let want = planes(&[block_by_rule(&values)]);
            for isa in isas() {
                for tile in [32, 96, 512, 4096] {
                    let got = block(isa, &values, tile);
                    assert_same(&got, &want, &format!("{n} elements, tiles of {tile}, {isa}"));
                }
            }
        }
    }
}

#[test]
fn lanes_keep_the_rule_however_tiles_are_cut() {
    check_blocks::<f64>();
    check_blocks::<f32>();
}

fn check_columns<T: Number>() {
    for columns in [1, 2, 3, 4, 5, 7, 8, 9, 16, 19, 33, 64, 71, 150] {
        for rows in [0, 1, 2, 3, 50] {
            let (width, apart) = (columns + 3, columns + 5);
            let values = values::<T>(width * (rows + 1), &mut Random(7), 2);
            let mut want = vec![Accumulator::default(); apart];
            for row in 0..rows {
                for column in 0..columns {
                    want[column] = T::absorb(want[column], values[row * width + column]);
                }
            }
            let other: Vec<Accumulator<T>> =
                (0..apart).map(|k| block_by_rule(&values[..width * rows * k / apart])).collect();
            let merged: Vec<Accumulator<T>> =
                want.iter().zip(&other).map(|(a, b)| T::merge(*a, *b)).collect();
            let pairs: Vec<T> = merged[..columns].iter().flat_map(|a| T::result(*a)).collect();
            for isa in isas() {
                let kernels = kernels::<T>(isa);
                let what = format!("{rows} rows of {columns} on {isa}");
                let (mut got, other) = (vec![T::default(); 3 * apart], planes(&other));
                let stride = (width * size_of::<T>()) as isize;
                let mut result = vec![T::default(); 2 * columns];
                // SAFETY: the rows are there, and accumulators for all columns.
                unsafe {
                    // the rows in two parts
                    let (first, src) = (rows / 3, values.as_ptr());
                    let all = Rows { count: rows, columns, stride, apart };
                    let accumulators = got.as_mut_ptr().cast();
                    (kernels.absorb)(Rows { count: first, ..all }, accumulators, src.cast());
                    let rest = src.add(first * width).cast();
                    (kernels.absorb)(Rows { count: rows - first, ..all }, accumulators, rest);
                    assert_same(&got, &planes(&want), &what);
                    (kernels.merge)(apart, accumulators, other.as_ptr().cast());
                    assert_same(&got, &planes(&merged), &what);
                    let export = kernels.export.unwrap();
                    export(columns, apart, result.as_mut_ptr().cast(), got.as_ptr().cast());
                }
                assert_same(&result, &pairs, &what);
            }
        }
    }
}

#[test]
fn columns_keep_the_rule() {
    check_columns::<f64>();
    check_columns::<f32>();
}

/// The number of elements, the mean and the sum of squares of blocks, merged pairwise.
fn of_row(isa: Isa, values: &[f64]) -> [f64; 3] {
    let mut level: Vec<[f64; 3]> = values.chunks(BLOCK).map(|b| block(isa, b, BLOCK)).collect();
    while level.len() > 1 {
        let merge = |pair: &[[f64; 3]]| {
            let mut left = pair[0];
            if let [_, right] = pair {
                // SAFETY: one accumulator each.
                unsafe { (kernels::<f64>(isa).merge)(1, left.as_mut_ptr().cast(), right.as_ptr().cast()) };
            }
            left
        };
        level = level.chunks(2).map(merge).collect();
    }
    level[0]
}

#[test]
fn equal_elements_have_no_deviation() {
    for isa in isas() {
        for value in [0.0, -0.0, 0.1, -1e-310, 1e8 + 0.1, 1e200, f64::MAX] {
            for n in [1, 2, 3, 31, 33, 100, 5000, 3 * BLOCK] {
                let [count, mean, squares] = of_row(isa, &vec![value; n]);
                assert_eq!((count, mean, squares), (n as f64, value, 0.0), "{value} {n} times on {isa}");
            }
        }
    }
}

#[test]
fn what_is_not_finite_has_no_deviation_either() {
    for isa in isas() {
        for n in [1, 2, 33, 5000] {
            for special in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                for at in [0, n / 2, n - 1] {
                    let mut values = vec![1.5; n];
                    values[at] = special;
                    assert!(of_row(isa, &values)[2].is_nan(), "{special} at {at} of {n} on {isa}");
                }
            }
        }
    }
}

/// Elements of mean 1e8 and deviation about 1, against sums of whole numbers: the relative error of a variance is at
/// most one ulp of the mean, taken relative to the deviation. (Formulas of one pass that subtract squares lose the
/// square of that, all digits. Two passes round the mean once, and are more exact.)
#[test]
fn a_large_mean_costs_what_its_ulp_is() {
    const UNIT: f64 = 1048576.0; // 2^20: elements are multiples of its reciprocal
    let mut random = Random(77);
    let mut worst: f64 = 0.0;
    for n in [2, 10, 31, 100, 1000, 4096, 20_000, 100_000] {
        for _ in 0..20 {
            let whole: Vec<i64> = (0..n)
                .map(|_| ((random.uniform(-1.0, 1.0) + random.uniform(-1.0, 1.0)) * UNIT) as i64)
                .collect();
            let values: Vec<f64> = whole.iter().map(|k| 1e8 + *k as f64 / UNIT).collect();
            let (sum, squares) = whole.iter().fold((0i128, 0i128), |(sum, squares), k| {
                (sum + i128::from(*k), squares + i128::from(*k) * i128::from(*k))
            });
            let exact = (squares * n as i128 - sum * sum) as f64 / n as f64 / (UNIT * UNIT);
            let deviation = (exact / n as f64).sqrt();
            let [count, mean, got] = of_row(Isa::detect(), &values);
            assert_eq!(count, n as f64);
            assert!((mean - (1e8 + sum as f64 / UNIT / n as f64)).abs() <= 2.0 * 1e8 * f64::EPSILON);
            let error = (got - exact).abs() / exact;
            let ulp_of_mean = f64::EPSILON * 1e8 / deviation;
            worst = worst.max(error / ulp_of_mean);
        }
    }
    println!("relative error: {worst} ulp of the mean");
    assert!(worst <= 1.0, "{worst}");
}
