//! Folds of an operation's results against the operation's kernel and the fold's own, one after the other.

mod points;

use numfuse_kernels::{
    Compute, Fold, FusedKernels, Isa, Kernel, LANES, Op, Rows, STEP, fold, fold_of_op, kernel,
};
use points::{Random, SPECIALS, same, show};

/// What is fused: the operation, and its splats.
const FUSED: [(Op, u8); 8] = [
    (Op::Abs, 0),
    (Op::Square, 0),
    (Op::Mul, 0),
    (Op::Mul, 1),
    (Op::Mul, 2),
    (Op::Where, 0),
    (Op::Where, 2),
    (Op::Where, 4),
];

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

struct Case {
    isa: Isa,
    compute: Compute,
    op: Op,
    splats: u8,
    operands: [Vec<u8>; 3],
}

impl Case {
    fn new(isa: Isa, compute: Compute, (op, splats): (Op, u8), n: usize) -> Case {
        let mut random = Random(n as u64 + 3);
        let whole = n.next_multiple_of(STEP).max(STEP);
        let mut operands = [0; 3].map(|_| floats(compute, whole, &mut random));
        if op == Op::Where {
            operands[0] = (0..whole).map(|_| (random.bits() % 2) as u8).collect();
        }
        Case { isa, compute, op, splats, operands }
    }

    fn check(&self, n: usize) {
        let Case { isa, compute, op, splats, .. } = *self;
        let [a, b, c] = [0, 1, 2].map(|k| self.operands[k].as_ptr());
        let size = compute.size();
        let apply: Kernel = kernel(isa, op, compute, splats).unwrap();
        let sum = fold(isa, Fold::Sum, compute).unwrap();
        let fused: FusedKernels = fold_of_op(isa, Fold::Sum, op, compute, splats).unwrap();
        let mut results = vec![0; n.next_multiple_of(STEP).max(STEP) * size];
        let mut lanes = [0, 1].map(|_| sum.identity[..size].repeat(LANES));
        let mut columns = [0, 1].map(|_| floats(compute, n, &mut Random(1)));
        // SAFETY: whole steps of every operand and of the results, 32 lanes, n accumulators.
        unsafe {
            apply(results.len() / size, results.as_mut_ptr(), a, b, c);
            (sum.lanes)(n, lanes[0].as_mut_ptr(), results.as_ptr());
            (fused.lanes)(n, lanes[1].as_mut_ptr(), a, b, c);
            let row = Rows { count: 1, columns: n, stride: 0, apart: n };
            (sum.absorb)(row, columns[0].as_mut_ptr(), results.as_ptr());
            (fused.absorb)(n, columns[1].as_mut_ptr(), a, b, c);
        }
        for [want, got] in [&lanes, &columns] {
            for (k, (want, got)) in want.chunks(size).zip(got.chunks(size)).enumerate() {
                assert!(
                    same(compute, want, got),
                    "sum of {op:?} {compute} on {isa}, splats {splats:b}, n {n}, accumulator {k}: {}, not {}",
                    show(compute, got),
                    show(compute, want)
                );
            }
        }
    }
}

#[test]
fn fused_folds_are_the_operation_and_the_fold() {
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        for compute in [Compute::F64, Compute::F32] {
            for row in FUSED {
                for n in [0, 1, 5, 15, 16, 31, 32, 33, 64, 100, 512, 531] {
                    Case::new(isa, compute, row, n).check(n);
                }
            }
        }
    }
}

#[test]
fn a_table_says_what_is_fused() {
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        for &reduction in Fold::ALL {
            for &op in Op::ALL {
                for compute in Compute::ALL {
                    for splats in 0..8 {
                        let float = matches!(compute, Compute::F32 | Compute::F64);
                        let expected = float && reduction == Fold::Sum && FUSED.contains(&(op, splats));
                        let fused = fold_of_op(isa, reduction, op, compute, splats);
                        assert_eq!(fused.is_some(), expected, "{reduction:?} of {op:?} {compute} {splats:b}");
                    }
                }
            }
        }
    }
}
