//! The rows that are compared, and their kernels run on arguments.

use crate::reference::{Reference, reference};
use numfuse_kernels::{Bound, Compute, Isa, Op, STEP, Typing, kernel, oracle};

/// A row of floats and what its results are compared with.
#[derive(Clone, Copy)]
pub struct Row {
    pub op: Op,
    pub reference: Reference,
    /// `None`: rounded once.
    pub bound: Option<Bound>,
}

/// NumPy's `%` and `//` are compared with exact arithmetic in tests/remainder.rs.
const ELSEWHERE: [Op; 2] = [Op::Rem, Op::FloorDiv];

/// All rows that make floats of floats, users' and those that state a bound, or those that `NUMFUSE_OPS` names.
///
/// # Panics
/// If a row has no reference.
pub fn rows() -> Vec<Row> {
    let chosen = std::env::var("NUMFUSE_OPS").ok();
    let wanted = |op: Op| chosen.as_ref().is_none_or(|names| names.split(',').any(|n| n == op.to_string()));
    let mut rows = vec![];
    for &op in Op::ALL.iter().filter(|&&op| wanted(op) && !ELSEWHERE.contains(&op)) {
        let info = op.info();
        let chooses = matches!(info.typing, Typing::Comparison | Typing::Predicate | Typing::Choose);
        if (!info.internal || info.bound.is_some()) && !chooses && oracle(op, Compute::F64, true).is_some() {
            let reference = reference(&op.to_string()).unwrap_or_else(|| {
                panic!("{op} has no reference: `reference` in tests/accuracy/reference.rs does not know it")
            });
            rows.push(Row { op, reference, bound: info.bound });
        }
    }
    assert!(!rows.is_empty(), "NUMFUSE_OPS={} names no row", chosen.unwrap_or_default());
    rows
}

/// One set of bits of an operation on the arguments of one type.
pub fn results(op: Op, compute: Compute, fma: bool, arguments: &[[f64; 3]]) -> Vec<f64> {
    let kernel = oracle(op, compute, fma).expect("a row of floats");
    let operands = [0, 1, 2].map(|k| {
        let values = arguments.iter().map(|point| point[k]);
        let integers = op.info().typing == Typing::Scale && k == 1;
        match (compute, integers) {
            (Compute::F32, false) => values.flat_map(|x| (x as f32).to_ne_bytes()).collect::<Vec<u8>>(),
            (Compute::F32, true) => values.flat_map(|x| (x as i32).to_ne_bytes()).collect(),
            (_, false) => values.flat_map(f64::to_ne_bytes).collect(),
            (_, true) => values.flat_map(|x| (x as i64).to_ne_bytes()).collect(),
        }
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

/// The same of a function of one single, by the kernel of an instruction set where there is one with such bits.
pub fn singles(op: Op, fma: bool, x: &[f32]) -> Vec<f32> {
    let set = Isa::ALL.into_iter().find(|isa| isa.is_available() && isa.has_fma() == fma);
    let kernel = set.map_or_else(|| oracle(op, Compute::F32, fma), |isa| kernel(isa, op, Compute::F32, 0));
    let kernel = kernel.expect("a row of floats");
    let mut padded = x.to_vec();
    padded.resize(x.len().next_multiple_of(STEP), 1.0);
    let mut out = vec![0f32; padded.len()];
    let nothing = std::ptr::null();
    // SAFETY: whole steps, as many elements each, and no second operand; the instruction set is available.
    unsafe { kernel(padded.len(), out.as_mut_ptr().cast(), padded.as_ptr().cast(), nothing, nothing) };
    out.truncate(x.len());
    out
}
