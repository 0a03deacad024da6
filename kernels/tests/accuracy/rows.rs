//! The rows that are compared, and their kernels run on arguments.

use crate::reference::{Reference, reference};
use numfuse_kernels::{Bound, Compute, Op, Typing, oracle};

/// A row of floats and what its results are compared with.
#[derive(Clone, Copy)]
pub struct Row {
    pub op: Op,
    pub reference: Reference,
    /// `None`: rounded once.
    pub bound: Option<Bound>,
}

/// All rows with a reference, or those that `NUMFUSE_OPS` names.
///
/// # Panics
/// If a row states a bound and has no reference.
pub fn rows() -> Vec<Row> {
    let chosen = std::env::var("NUMFUSE_OPS").ok();
    let wanted = |op: Op| chosen.as_ref().is_none_or(|names| names.split(',').any(|n| n == op.to_string()));
    let mut rows = vec![];
    for &op in Op::ALL.iter().filter(|&&op| wanted(op) && oracle(op, Compute::F64, true).is_some()) {
        let bound = op.info().bound;
        match reference(&op.to_string()) {
            Some(reference) => rows.push(Row { op, reference, bound }),
            None => assert!(
                bound.is_none() || op.info().internal,
                "{op} states a bound, and `reference` in tests/accuracy/reference.rs does not know it"
            ),
        }
    }
    assert!(!rows.is_empty(), "NUMFUSE_OPS={} names no row that has a reference", chosen.unwrap_or_default());
    rows
}

/// One set of bits of an operation on the arguments of one type.
pub fn results(op: Op, compute: Compute, fma: bool, arguments: &[[f64; 3]]) -> Vec<f64> {
    let kernel = oracle(op, compute, fma).expect("a row of floats");
    let operands = [0, 1, 2].map(|k| {
        let integers = op.info().typing == Typing::Scale && k == 1;
        arguments.iter().flat_map(|values| element(values[k], compute, integers)).collect::<Vec<u8>>()
    });
    let mut out = vec![0u8; arguments.len() * compute.size()];
    let [x, y, z] = operands.each_ref().map(|bytes| bytes.as_ptr());
    // SAFETY: as many elements each.
    unsafe { kernel(arguments.len(), out.as_mut_ptr(), x, y, z) };
    if compute == Compute::F32 {
        out.as_chunks().0.iter().map(|&bytes| f32::from_ne_bytes(bytes) as f64).collect()
    } else {
        out.as_chunks().0.iter().map(|&bytes| f64::from_ne_bytes(bytes)).collect()
    }
}

/// A value's bytes in an operand.
fn element(value: f64, compute: Compute, integer: bool) -> Vec<u8> {
    match (compute, integer) {
        (Compute::F32, false) => (value as f32).to_ne_bytes().into(),
        (Compute::F32, true) => (value as i32).to_ne_bytes().into(),
        (_, false) => value.to_ne_bytes().into(),
        (_, true) => (value as i64).to_ne_bytes().into(),
    }
}
