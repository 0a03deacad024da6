//! Sums over rows against the operations' kernels and the fold's, one row after the other.

mod points;

use numfuse_kernels::{Compute, Fold, Isa, Op, Rows, STEP, Term, fold, kernel, sum_of_rows};
use points::{Random, SPECIALS, same, show};

fn floats(compute: Compute, n: usize, random: &mut Random) -> Vec<u8> {
    (0..n)
        .flat_map(|_| {
            let x = match random.bits() % 50 {
                0 => SPECIALS[random.bits() as usize % SPECIALS.len()],
                _ => random.uniform(-2.0, 2.0),
            };
            if compute == Compute::F32 { (x as f32).to_ne_bytes().to_vec() } else { x.to_ne_bytes().to_vec() }
        })
        .collect()
}

fn check(isa: Isa, compute: Compute, term: Term, n: usize, rows: usize) {
    let (mut random, size) = (Random((n + rows) as u64), compute.size());
    // rows of a a little apart, b backwards
    let apart = n + 3;
    let (a, b) = (floats(compute, apart * rows, &mut random), floats(compute, 2 * rows, &mut random));
    let last = 2 * (rows - 1) * size;
    let (a_step, b_step) = ((apart * size) as isize, -2 * size as isize);
    let sum = sum_of_rows(isa, term, compute).unwrap();
    let add = fold(isa, Fold::Sum, compute).unwrap();
    let two = |op| kernel(isa, op, compute, if op == Op::Abs || op == Op::Square { 0 } else { 2 }).unwrap();
    for begins in [true, false] {
        let mut want = match begins {
            true => add.identity[..size].repeat(n),
            false => floats(compute, n, &mut Random(7)),
        };
        let mut got = want.clone();
        let mut term_of_row = vec![0u8; n * size];
        for row in 0..rows {
            let (x, y) = (a[row * apart * size..].as_ptr(), b[last - 2 * row * size..].as_ptr());
            let terms = term_of_row.as_mut_ptr();
            // SAFETY: n elements of every operand and result, which are whole steps.
            unsafe {
                match term {
                    Term::Element => terms.copy_from_nonoverlapping(x, n * size),
                    Term::Magnitude => two(Op::Abs)(n, terms, x, x, x),
                    Term::Product => two(Op::Mul)(n, terms, x, y, y),
                    Term::Distance => {
                        two(Op::Sub)(n, terms, x, y, y);
                        two(Op::Abs)(n, terms, terms, terms, terms);
                    }
                    Term::Square => {
                        two(Op::Sub)(n, terms, x, y, y);
                        two(Op::Square)(n, terms, terms, terms, terms);
                    }
                }
                (add.absorb)(Rows { count: 1, columns: n, stride: 0, apart: n }, want.as_mut_ptr(), terms);
            }
        }
        let steps: Vec<[isize; 2]> = (0..rows as isize).map(|row| [row * a_step, row * b_step]).collect();
        // SAFETY: as above; the last b comes first.
        unsafe { sum(n, got.as_mut_ptr(), begins, a.as_ptr(), b[last..].as_ptr(), &steps) };
        for (k, (want, got)) in want.chunks(size).zip(got.chunks(size)).enumerate() {
            assert!(
                same(compute, want, got),
                "{term:?} {compute} on {isa}, {rows} rows of {n}, begins {begins}, sum {k}: {}, not {}",
                show(compute, got),
                show(compute, want)
            );
        }
    }
}

#[test]
fn sums_of_rows_are_the_operations_and_the_fold() {
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        for compute in [Compute::F64, Compute::F32] {
            for term in Term::ALL {
                for n in [1, 2, 3, 4, 5, 32].map(|steps| steps * STEP) {
                    for rows in [1, 2, 5, 8, 50] {
                        check(isa, compute, term, n, rows);
                    }
                }
            }
        }
        assert!(sum_of_rows(isa, Term::Product, Compute::I64).is_none());
    }
}
