//! Recordings: every body records, what it records is what `recordings.txt` holds, and interpreting that gives the
//! kernels' bits.
//!
//! `NUMFUSE_BLESS=1 cargo test -p numfuse-kernels --test recordings` writes the file anew.

mod conversions;
mod corrected;
mod folds;
mod interpreter;
#[path = "../points/mod.rs"]
mod points;

use interpreter::{interpret, word};
use numfuse_kernels::{
    Compute, Fold, Op, Storage, oracle,
    record::{
        FoldRecording, Recording, record, record_conversion, record_corrected_division,
        record_corrected_sqrt, record_fold, record_load, record_product_of_pairs, record_store,
    },
};
use points::{Random, operand, operand_type, result_type, same, show};
use std::fmt::Write;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recordings.txt");

/// Bodies worth reading whole: composed primitives, a rare body, a loop, integer division, masks.
const WHOLE: [(Op, Compute, bool); 8] = [
    (Op::MulAdd, Compute::F32, true),
    (Op::Minimum, Compute::F64, false),
    (Op::Where, Compute::Bool, false),
    (Op::FloorDiv, Compute::I32, false),
    (Op::Shr, Compute::I64, false),
    (Op::Pow, Compute::I32, false),
    (Op::Exp, Compute::F32, true),
    (Op::Rem, Compute::F64, false),
];

/// Nodes, those of bodies and loops in brackets.
fn count(recording: &Recording) -> String {
    let mut line = recording.nodes.len().to_string();
    for body in &recording.bodies {
        write!(line, " [body {}]", count(body)).unwrap();
    }
    for repeated in &recording.loops {
        write!(line, " [loop {}: {}, {}]", repeated.limit, count(&repeated.go_on), count(&repeated.next))
            .unwrap();
    }
    line
}

fn fold_line(text: &mut String, name: &str, recording: &FoldRecording) {
    let [absorb, merge, export] = [&recording.absorb, &recording.merge, &recording.export].map(count);
    writeln!(text, "{name:24}{absorb}, {merge}, {export}").unwrap();
}

#[test]
fn recordings_are_as_they_were() {
    let mut text = String::from("Nodes of each recording, fused and strict.\n\n");
    for &op in Op::ALL {
        for compute in Compute::ALL {
            let [fused, strict] = [true, false].map(|fma| record(op, compute, fma));
            assert_eq!(fused.is_some(), oracle(op, compute, true).is_some(), "{op:?} {compute}");
            if let (Some(fused), Some(strict)) = (fused, strict) {
                let (fused, strict) = (count(&fused), count(&strict));
                let both = if fused == strict { strict } else { format!("{fused} | {strict}") };
                writeln!(text, "{:24}{both}", format!("{op:?} {compute}")).unwrap();
            }
        }
    }
    text.push_str("\nReductions: taking in an element, merging, and what is exported.\n\n");
    for compute in Compute::ALL {
        for &fold in Fold::ALL {
            if let Some(recording) = record_fold(fold, compute) {
                fold_line(&mut text, &format!("{fold:?} {compute}"), &recording);
            }
        }
        if let Some(recording) = record_product_of_pairs(compute) {
            fold_line(&mut text, &format!("Prod of pairs of {compute}"), &recording);
        }
    }
    text.push_str("\nConversions between compute types, then from and to memory.\n\n");
    for from in Compute::ALL {
        for to in Compute::ALL {
            if let Some(recording) = record_conversion(from, to) {
                writeln!(text, "{:24}{}", format!("{from} to {to}"), count(&recording)).unwrap();
            }
        }
    }
    for storage in Storage::ALL {
        let (load, store) = (count(&record_load(storage)), count(&record_store(storage)));
        writeln!(text, "{:24}{load}, {store}", format!("{storage:?}")).unwrap();
    }
    let (division, sqrt) = (count(&record_corrected_division()), count(&record_corrected_sqrt()));
    writeln!(text, "\nCorrected f32: division {division}, sqrt {sqrt}").unwrap();
    for (op, compute, fma) in WHOLE {
        let set = if fma { "fused" } else { "strict" };
        write!(text, "\n{op:?} {compute}, {set}\n{}", record(op, compute, fma).unwrap()).unwrap();
    }
    if std::env::var_os("NUMFUSE_BLESS").is_some() {
        std::fs::write(GOLDEN, &text).unwrap();
    }
    let golden = std::fs::read_to_string(GOLDEN).unwrap();
    for (i, (got, want)) in text.lines().zip(golden.lines()).enumerate() {
        assert_eq!(
            got,
            want,
            "line {} of recordings.txt; NUMFUSE_BLESS=1 accepts what is recorded now",
            i + 1
        );
    }
    assert_eq!(text.lines().count(), golden.lines().count(), "recordings.txt has another length");
}

#[test]
fn interpreting_gives_the_bits_of_the_oracle() {
    const N: usize = 3600;
    for &op in Op::ALL {
        for compute in Compute::ALL {
            for fma in [false, true] {
                let (Some(kernel), Some(recording)) = (oracle(op, compute, fma), record(op, compute, fma))
                else {
                    continue;
                };
                let types: Vec<Compute> =
                    (0..op.info().arity()).map(|k| operand_type(op, compute, k)).collect();
                let result = result_type(op, compute);
                let mut random = Random(4242);
                let mut operands: Vec<Vec<u8>> =
                    types.iter().enumerate().map(|(k, &of)| operand(op, of, k, N, &mut random)).collect();
                operands.resize(3, vec![]);
                let mut want = vec![0u8; N * result.size()];
                let at = [0, 1, 2].map(|k: usize| operands[k].as_ptr());
                // SAFETY: N elements each.
                unsafe { kernel(N, want.as_mut_ptr(), at[0], at[1], at[2]) };
                for i in 0..N {
                    let parameters: Vec<u64> =
                        types.iter().enumerate().map(|(k, &of)| word(of, &operands[k], i)).collect();
                    let got = interpret(&recording, &parameters)[0].to_le_bytes();
                    let (got, want) = (&got[..result.size()], &want[i * result.size()..][..result.size()]);
                    assert!(
                        same(result, got, want),
                        "{op:?} {compute}, fused {fma}, of {parameters:x?}: {}, not {}",
                        show(result, got),
                        show(result, want)
                    );
                }
            }
        }
    }
}
