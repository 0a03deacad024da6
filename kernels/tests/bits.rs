//! Every kernel of every instruction set against its scalar oracle, bit for bit.

mod points;

use numfuse_kernels::{Compute, Isa, Kernel, Op, kernel, oracle};
use points::{Random, operand, operand_type, result_type, same, show};

/// Operands as bytes, with their element sizes; a splat is one element long.
struct Operands {
    bytes: [Vec<u8>; 3],
    sizes: [usize; 3],
    splats: u8,
}

impl Operands {
    fn new(op: Op, compute: Compute, n: usize, splats: u8, seed: u64) -> Operands {
        let mut random = Random(seed);
        let mut bytes = [vec![], vec![], vec![]];
        let mut sizes = [1; 3];
        for k in 0..op.info().arity() {
            let of = operand_type(op, compute, k);
            sizes[k] = of.size();
            bytes[k] = operand(op, of, k, n, &mut random);
        }
        Operands { bytes, sizes, splats }
    }

    /// Makes operand `k` its element `i` alone, where it is a splat.
    fn splat(&self, i: usize) -> Operands {
        let mut bytes = self.bytes.clone();
        for (k, operand) in bytes.iter_mut().enumerate() {
            if self.splats >> k & 1 != 0 {
                let size = self.sizes[k];
                let at = (i * (k + 3)) % (operand.len() / size) * size;
                *operand = operand[at..at + size].to_vec();
            }
        }
        Operands { bytes, ..*self }
    }

    /// Every operand at full length.
    fn expanded(&self, n: usize) -> Operands {
        let mut bytes = self.bytes.clone();
        for (k, operand) in bytes.iter_mut().enumerate() {
            if self.splats >> k & 1 != 0 {
                *operand = operand.repeat(n);
            }
        }
        Operands { bytes, splats: 0, ..*self }
    }

    fn run(&self, kernel: Kernel, tile: usize, n: usize, result: Compute) -> Vec<u8> {
        let mut out = vec![0xa5; n * result.size()];
        for start in (0..n).step_by(tile) {
            let at = |k: usize| {
                let offset = if self.splats >> k & 1 != 0 || self.bytes[k].is_empty() {
                    0
                } else {
                    start * self.sizes[k]
                };
                self.bytes[k][offset..].as_ptr()
            };
            // SAFETY: tiles are whole, operands as long as their splats say, and the set was found available.
            unsafe { kernel(tile, out[start * result.size()..].as_mut_ptr(), at(0), at(1), at(2)) };
        }
        out
    }
}

fn compare(op: Op, compute: Compute, isa: Isa, operands: &Operands, got: &[u8], want: &[u8]) {
    let result = result_type(op, compute);
    for (i, (g, w)) in got.chunks(result.size()).zip(want.chunks(result.size())).enumerate() {
        if !same(result, g, w) {
            let args: Vec<String> = (0..op.info().arity())
                .map(|k| {
                    show(
                        operand_type(op, compute, k),
                        &operands.bytes[k][i * operands.sizes[k]..][..operands.sizes[k]],
                    )
                })
                .collect();
            panic!(
                "{op:?} {compute} on {isa}, element {i}: ({}) gave {}, not {}",
                args.join(", "),
                show(result, g),
                show(result, w)
            );
        }
    }
}

fn available() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_available())
}

#[test]
fn tiles() {
    const N: usize = 16 * 512;
    for &op in Op::ALL {
        for compute in Compute::ALL {
            let Some(strict) = oracle(op, compute, false) else { continue };
            let fused = oracle(op, compute, true).unwrap();
            let operands = Operands::new(op, compute, N, 0, 12345);
            let want = [strict, fused].map(|kernel| operands.run(kernel, N, N, result_type(op, compute)));
            for isa in available() {
                let kernel = kernel(isa, op, compute, 0).unwrap();
                for tile in [32, 64, 512] {
                    let got = operands.run(kernel, tile, N, result_type(op, compute));
                    compare(op, compute, isa, &operands, &got, &want[isa.has_fma() as usize]);
                }
            }
        }
    }
}

#[test]
fn splats() {
    const N: usize = 512;
    for &op in Op::ALL {
        for compute in Compute::ALL {
            let Some(strict) = oracle(op, compute, false) else { continue };
            let fused = oracle(op, compute, true).unwrap();
            for splats in 1..(1u8 << op.info().arity()) - 1 {
                let operands = Operands::new(op, compute, 4 * N, splats, 54321 + splats as u64);
                for i in 0..40 {
                    let one = operands.splat(i * 13);
                    let full = one.expanded(N);
                    let want = [strict, fused].map(|kernel| full.run(kernel, N, N, result_type(op, compute)));
                    for isa in available() {
                        let kernel = kernel(isa, op, compute, splats).unwrap();
                        let got = one.run(kernel, N, N, result_type(op, compute));
                        compare(op, compute, isa, &full, &got, &want[isa.has_fma() as usize]);
                    }
                }
            }
        }
    }
}

/// A kernel exists in all its forms or in none, on every set, and its oracle with it.
#[test]
fn forms() {
    for &op in Op::ALL {
        for compute in Compute::ALL {
            let exists = oracle(op, compute, false).is_some();
            let forms = if op.info().arity() == 1 { 1 } else { (1 << op.info().arity()) - 1 };
            for isa in available() {
                for splats in 0..=8u8 {
                    let form = exists && splats < forms;
                    assert_eq!(
                        kernel(isa, op, compute, splats).is_some(),
                        form,
                        "{op:?} {compute} {splats} on {isa}"
                    );
                }
            }
        }
    }
}

/// The result may take the place of an operand of its size, and nothing need be aligned.
#[test]
fn in_place_and_unaligned() {
    const N: usize = 128;
    for &op in Op::ALL {
        for compute in Compute::ALL {
            let result = result_type(op, compute);
            let Some(oracle) = oracle(op, compute, true) else { continue };
            let operands = Operands::new(op, compute, N, 0, 777);
            for isa in available().filter(|isa| isa.has_fma()) {
                let kernel = kernel(isa, op, compute, 0).unwrap();
                let want = operands.run(oracle, N, N, result);
                for place in (0..op.info().arity()).filter(|&k| operands.sizes[k] == result.size()) {
                    let mut shifted = operands.bytes.clone().map(|bytes| [vec![0], bytes].concat());
                    let at = shifted.each_mut().map(|bytes| bytes[1..].as_mut_ptr());
                    // SAFETY: N elements of each operand, one byte past wherever the allocation starts.
                    unsafe { kernel(N, at[place], at[0], at[1], at[2]) };
                    compare(op, compute, isa, &operands, &shifted[place][1..], &want);
                }
            }
        }
    }
}
