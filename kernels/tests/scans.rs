//! Running sums and products, element by element, however a row is cut.

use numfuse_kernels::{Compute, Fold, Isa, Scan, fold, scan};

/// Scans a row in pieces of so many elements, in place.
fn run<T: Copy>(kernel: Scan, identity: [u8; 16], row: &[T], piece: usize) -> Vec<T> {
    let (mut row, mut carry) = (row.to_vec(), identity);
    for piece in row.chunks_mut(piece) {
        let at = piece.as_mut_ptr().cast::<u8>();
        // SAFETY: the piece's elements, and a carry.
        unsafe { kernel(piece.len(), carry.as_mut_ptr(), at, at) };
    }
    row
}

macro_rules! check {
    ($T:ident, $Compute:ident, $value:expr, $add:expr, $multiply:expr) => {
        for (reduction, operation) in [(Fold::Sum, $add as fn($T, $T) -> $T), (Fold::Prod, $multiply)] {
            let kernel = scan(reduction, Compute::$Compute).unwrap();
            let identity = fold(Isa::Portable, reduction, Compute::$Compute).unwrap().identity;
            let row: Vec<$T> = (0..300).map($value).collect();
            let mut total = row[0];
            let mut expected = vec![total];
            for element in &row[1..] {
                total = operation(total, *element);
                expected.push(total);
            }
            for piece in [1, 7, 64, 300] {
                let got = run(kernel, identity, &row, piece);
                let bits = |values: &[$T]| values.iter().flat_map(|v| v.to_ne_bytes()).collect::<Vec<u8>>();
                assert_eq!(bits(&got), bits(&expected), "{reduction:?} of {}", stringify!($T));
            }
        }
    };
}

#[test]
fn scans_go_from_left_to_right() {
    // a row that begins with -0 stays there until something else comes
    let float = |k: i32| if k < 2 { -0.0 } else { f64::from(k * 37 % 101 - 50) * 0.11 };
    check!(f64, F64, float, |a, b| a + b, |a, b| a * b);
    check!(f32, F32, |k| float(k) as f32, |a, b| a + b, |a, b| a * b);
    check!(i64, I64, |k| i64::from(k * 37 % 101 - 50) << 40, i64::wrapping_add, i64::wrapping_mul);
    check!(u64, U64, |k| (k as u64 * 37 % 101 + 1) << 50, u64::wrapping_add, u64::wrapping_mul);
}

#[test]
fn what_has_no_scan() {
    for &reduction in Fold::ALL {
        for compute in Compute::ALL {
            let exists = matches!(reduction, Fold::Sum | Fold::Prod)
                && matches!(compute, Compute::I64 | Compute::U64 | Compute::F32 | Compute::F64);
            assert_eq!(scan(reduction, compute).is_some(), exists, "{reduction:?} {compute}");
        }
    }
}
