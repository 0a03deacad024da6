//! Reductions against the stated order, element by element, on every instruction set. Moments have a file of their
//! own.

mod points;

use numfuse_kernels::{Compute, Fold, FoldKernels, Isa, LANES, Rows, fold, product_of_pairs};
use points::{Random, SPECIALS, same, show};

/// Two elements combined, by the rules of the standard library and IEEE 754-2019.
fn combine(reduction: Fold, compute: Compute, a: &[u8], b: &[u8]) -> Vec<u8> {
    macro_rules! number {
        ($T:ident, $sum:expr, $product:expr, $min:expr, $max:expr) => {{
            let (a, b) = ($T::from_ne_bytes(a.try_into().unwrap()), $T::from_ne_bytes(b.try_into().unwrap()));
            match reduction {
                Fold::Sum => $sum(a, b),
                Fold::Prod => $product(a, b),
                Fold::Min => $min(a, b),
                Fold::Max => $max(a, b),
                Fold::Any | Fold::All | Fold::Moments => panic!("{reduction:?} of numbers"),
            }
            .to_ne_bytes()
            .to_vec()
        }};
    }
    macro_rules! float {
        ($T:ident) => {
            number!(
                $T,
                |a: $T, b: $T| a + b,
                |a: $T, b: $T| a * b,
                |a: $T, b: $T| if a.is_nan() || b.is_nan() {
                    $T::NAN
                } else if a < b || a == b && a.is_sign_negative() {
                    a
                } else {
                    b
                },
                |a: $T, b: $T| if a.is_nan() || b.is_nan() {
                    $T::NAN
                } else if a > b || a == b && a.is_sign_positive() {
                    a
                } else {
                    b
                }
            )
        };
    }
    match compute {
        Compute::Bool => vec![match reduction {
            Fold::Any | Fold::Max => a[0] | b[0],
            Fold::All | Fold::Min => a[0] & b[0],
            Fold::Sum | Fold::Prod | Fold::Moments => panic!("{reduction:?} of booleans"),
        }],
        Compute::I32 => number!(i32, i32::wrapping_add, i32::wrapping_mul, Ord::min, Ord::max),
        Compute::I64 => number!(i64, i64::wrapping_add, i64::wrapping_mul, Ord::min, Ord::max),
        Compute::U64 => number!(u64, u64::wrapping_add, u64::wrapping_mul, Ord::min, Ord::max),
        Compute::F32 => float!(f32),
        Compute::F64 => float!(f64),
    }
}

fn values(compute: Compute, n: usize, specials: bool, random: &mut Random) -> Vec<u8> {
    (0..n)
        .flat_map(|_| {
            let x = if specials {
                SPECIALS[random.bits() as usize % SPECIALS.len()]
            } else {
                random.uniform(-3.0, 3.0)
            };
            match compute {
                Compute::Bool => vec![(random.bits().is_multiple_of(40)) as u8],
                Compute::I32 => (random.bits() as i32 >> (random.bits() % 32)).to_ne_bytes().to_vec(),
                Compute::I64 => (random.bits() as i64 >> (random.bits() % 64)).to_ne_bytes().to_vec(),
                Compute::U64 => (random.bits() >> (random.bits() % 64)).to_ne_bytes().to_vec(),
                Compute::F32 => (x as f32).to_ne_bytes().to_vec(),
                Compute::F64 => x.to_ne_bytes().to_vec(),
            }
        })
        .collect()
}

fn check(isa: Isa, reduction: Fold, compute: Compute, n: usize, specials: bool) {
    let kernels = fold(isa, reduction, compute).unwrap();
    let size = compute.size();
    let identity = &kernels.identity[..size];
    let mut random = Random(1 + n as u64);
    // One byte off, so that nothing is aligned.
    let source = [vec![0], values(compute, n, specials, &mut random)].concat();
    let mut got = [vec![0], identity.repeat(LANES)].concat();
    let mut want: Vec<Vec<u8>> = vec![identity.to_vec(); LANES];
    let compare = |got: &[u8], want: &[u8], what: &str| {
        assert!(
            same(compute, got, want),
            "{reduction:?} {compute} on {isa}, n {n}, {what}: {}, not {}",
            show(compute, got),
            show(compute, want)
        );
    };
    // SAFETY: n elements at the source, 32 lanes at `got`.
    unsafe { (kernels.lanes)(n, got[1..].as_mut_ptr(), source[1..].as_ptr()) };
    for (i, element) in source[1..].chunks(size).enumerate() {
        want[i % LANES] = combine(reduction, compute, &want[i % LANES], element);
    }
    for (lane, want) in want.iter().enumerate() {
        compare(&got[1 + lane * size..][..size], want, &format!("lane {lane}"));
    }
    for half in [16, 8, 4, 2, 1] {
        for lane in 0..half {
            want[lane] = combine(reduction, compute, &want[lane], &want[lane + half]);
        }
    }
    // SAFETY: 32 lanes.
    unsafe { (kernels.finish)(got[1..].as_mut_ptr()) };
    compare(&got[1..][..size], &want[0], "finished");

    let other = [vec![0], values(compute, n, specials, &mut random)].concat();
    let mut merged = source.clone();
    // SAFETY: n elements each.
    unsafe { (kernels.merge)(n, merged[1..].as_mut_ptr(), other[1..].as_ptr()) };
    for i in 0..n {
        let at = 1 + i * size..1 + (i + 1) * size;
        let want = combine(reduction, compute, &source[at.clone()], &other[at.clone()]);
        compare(&merged[at], &want, &format!("merged element {i}"));
    }
}

/// Which reductions there are: narrow integers and booleans are widened before they are summed.
fn exists(reduction: Fold, compute: Compute) -> bool {
    match reduction {
        Fold::Sum | Fold::Prod => {
            matches!(compute, Compute::I64 | Compute::U64 | Compute::F32 | Compute::F64)
        }
        Fold::Min | Fold::Max => true,
        Fold::Any | Fold::All => compute == Compute::Bool,
        Fold::Moments => matches!(compute, Compute::F32 | Compute::F64),
    }
}

/// Rows that columns absorb at once are as good as rows merged one by one.
fn check_rows(kernels: &FoldKernels, size: usize, count: usize, columns: usize, source: &[u8], what: &str) {
    let stride = source.len() / count.max(1);
    let row = |k: usize| &source[k * stride..k * stride + columns * size];
    let empty = [vec![0], kernels.identity[..size].repeat(columns), vec![0]].concat();
    let mut want = empty.clone();
    for k in 0..count {
        // SAFETY: as many elements as columns.
        unsafe { (kernels.merge)(columns, want[1..].as_mut_ptr(), row(k).as_ptr()) };
    }
    let mut got = empty;
    let rows = Rows { count, columns, stride: stride as isize, apart: columns };
    // SAFETY: the rows are there, and an accumulator for each column.
    unsafe { (kernels.absorb)(rows, got[1..].as_mut_ptr(), source.as_ptr()) };
    assert!(got == want, "{count} rows of {columns}: {what}");
    if count == 0 {
        return;
    }
    // from the last to the first
    let rows = Rows { stride: -rows.stride, ..rows };
    let (mut down, mut want) = (want.clone(), want);
    for k in (0..count).rev() {
        // SAFETY: as above.
        unsafe { (kernels.merge)(columns, want[1..].as_mut_ptr(), row(k).as_ptr()) };
    }
    // SAFETY: as above.
    unsafe { (kernels.absorb)(rows, down[1..].as_mut_ptr(), row(count - 1).as_ptr()) };
    assert!(down == want, "{count} rows of {columns} from the last: {what}");
}

#[test]
fn rows_are_absorbed_as_they_are_merged() {
    for columns in [0, 1, 2, 3, 4, 7, 8, 11, 16, 31, 32, 45, 64, 130] {
        for count in [0, 1, 2, 5, 40] {
            let mut random = Random(5);
            for compute in Compute::ALL {
                // a gap of three elements between rows
                let source = values(compute, count * (columns + 3), false, &mut random);
                for &reduction in Fold::ALL.iter().filter(|r| exists(**r, compute) && **r != Fold::Moments) {
                    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
                        let kernels = fold(isa, reduction, compute).unwrap();
                        let what = format!("{reduction:?} {compute} on {isa}");
                        check_rows(&kernels, compute.size(), count, columns, &source, &what);
                    }
                }
            }
            let source = values(Compute::F64, count * (columns + 3) * 2, false, &mut random);
            let pairs = product_of_pairs(Compute::F64).unwrap();
            check_rows(&pairs, 16, count, columns, &source, "product of pairs");
        }
    }
}

#[test]
fn every_reduction_keeps_the_order() {
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        for &reduction in Fold::ALL {
            for compute in Compute::ALL {
                assert_eq!(
                    fold(isa, reduction, compute).is_some(),
                    exists(reduction, compute),
                    "{reduction:?} {compute}"
                );
                if exists(reduction, compute) && reduction != Fold::Moments {
                    for n in [0, 1, 7, 31, 32, 33, 63, 64, 65, 100, 511, 4096] {
                        check(isa, reduction, compute, n, false);
                        check(isa, reduction, compute, n, true);
                    }
                }
            }
        }
    }
}

#[test]
fn the_empty_sum_of_floats_is_a_negative_zero() {
    let sum = fold(Isa::Portable, Fold::Sum, Compute::F64).unwrap();
    assert_eq!(sum.identity[..8], (-0.0f64).to_ne_bytes());
    let min = fold(Isa::Portable, Fold::Min, Compute::F32).unwrap();
    assert_eq!(min.identity[..4], f32::INFINITY.to_ne_bytes());
}
