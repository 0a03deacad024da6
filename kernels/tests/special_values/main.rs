//! Zeros, infinities, NaN, ones and extremes in every float row: what C's Annex F or NumPy gives for them.

mod native;
mod notation;

use native::native;
use notation::{Case, Want, cases, samples};
use numfuse_kernels::{Compute, Op, Typing, oracle};

/// The rows that users can name and that make something of floats.
fn float_rows() -> impl Iterator<Item = Op> {
    let rows = Op::ALL.iter().copied();
    rows.filter(|&op| !op.info().internal && oracle(op, Compute::F64, false).is_some())
}

/// The cases of a row: the table's, or all combinations of samples for what Rust's own operators do.
fn all_cases(op: Op, compute: Compute) -> Vec<Case> {
    let name = op.to_string();
    let Some(function) = native(&name) else { return cases(&name, compute) };
    let samples = samples(compute);
    let round = |x: f64| if compute == Compute::F32 { x as f32 as f64 } else { x };
    let several = |k: usize| if op.info().arity() > k { samples.clone() } else { vec![0.0] };
    let mut all = vec![];
    for &x in &samples {
        for &y in &several(1) {
            for &z in &several(2) {
                // a truth value stands for what is compared with 0
                let x = if op.info().typing == Typing::Choose { f64::from(u8::from(x > 0.0)) } else { x };
                all.push(([x, y, z], Want::Is(round(function([x, y, z])))));
            }
        }
    }
    all
}

#[test]
fn as_annex_f_has_them() {
    let mut wrong = vec![];
    for op in float_rows() {
        for compute in [Compute::F64, Compute::F32] {
            let cases = all_cases(op, compute);
            for (fma, set) in [(true, "fused"), (false, "strict")] {
                let got = results(op, compute, fma, &cases);
                for ((arguments, want), got) in cases.iter().zip(got) {
                    if !agrees(*want, got, compute) {
                        let arguments = &arguments[..op.info().arity()];
                        wrong.push(format!(
                            "{op} {compute}, {set}: {arguments:?} gives {got:e}, not {want:?}"
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Whatever a row is, it has cases for these.
#[test]
fn no_row_lacks_any() {
    let compute = Compute::F64;
    let of = |words: &str| words.split(' ').map(|word| notation::number(word, compute)).collect::<Vec<f64>>();
    let (few, more) = (of("0 -0 1 -1 inf -inf nan"), of("0 -0 1 -1 inf -inf nan max -max tiny -tiny"));
    let integers = of("0 1 -1 5000 -5000 2147483647 -2147483648");
    let mut missing = vec![];
    for op in float_rows() {
        let cases = all_cases(op, compute);
        let scales = op.info().typing == Typing::Scale;
        let wanted: Vec<[f64; 2]> = match op.info().arity() {
            1 => more.iter().map(|&x| [x, 0.0]).collect(),
            2 => few
                .iter()
                .flat_map(|&x| if scales { &integers } else { &few }.iter().map(move |&y| [x, y]))
                .collect(),
            _ => continue, // these are combined from samples
        };
        let is_there = |point: &[f64; 2]| {
            cases
                .iter()
                .any(|([x, y, _], _)| same(*x, point[0]) && (op.info().arity() == 1 || same(*y, point[1])))
        };
        let lacks: Vec<_> = wanted.into_iter().filter(|point| !is_there(point)).collect();
        if !lacks.is_empty() {
            missing.push(format!(
                "{op}: {:?}",
                lacks.iter().map(|p| &p[..op.info().arity()]).collect::<Vec<_>>()
            ));
        }
    }
    assert!(missing.is_empty(), "no special values in table.txt for\n{}", missing.join("\n"));
}

fn same(x: f64, y: f64) -> bool {
    x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan()
}

fn agrees(want: Want, got: f64, compute: Compute) -> bool {
    match want {
        Want::Is(value) => same(got, value),
        Want::Zero => got == 0.0,
        Want::Near(value) if compute == Compute::F32 => {
            ((got as f32).to_bits() as i64 - (value as f32).to_bits() as i64).abs() <= 2
        }
        Want::Near(value) => (got.to_bits() as i64).wrapping_sub(value.to_bits() as i64).unsigned_abs() <= 2,
    }
}

/// A row's results; truth values as 0 and 1.
fn results(op: Op, compute: Compute, fma: bool, cases: &[Case]) -> Vec<f64> {
    let kernel = oracle(op, compute, fma).expect("a row of floats");
    let truth = matches!(op.info().typing, Typing::Comparison | Typing::Predicate);
    let operands = [0, 1, 2].map(|k| {
        let kind = match op.info().typing {
            Typing::Choose if k == 0 => Compute::Bool,
            Typing::Scale if k == 1 && compute == Compute::F32 => Compute::I32,
            Typing::Scale if k == 1 => Compute::I64,
            _ => compute,
        };
        cases.iter().flat_map(|(arguments, _)| bytes(arguments[k], kind)).collect::<Vec<u8>>()
    });
    let size = if truth { 1 } else { compute.size() };
    let mut out = vec![0u8; cases.len() * size];
    let [x, y, z] = operands.each_ref().map(|bytes| bytes.as_ptr());
    // SAFETY: as many elements each, of the row's own types.
    unsafe { kernel(cases.len(), out.as_mut_ptr(), x, y, z) };
    out.chunks(size)
        .map(|bytes| match size {
            1 => bytes[0] as f64,
            4 => f32::from_ne_bytes(bytes.try_into().expect("four bytes")) as f64,
            _ => f64::from_ne_bytes(bytes.try_into().expect("eight bytes")),
        })
        .collect()
}

fn bytes(value: f64, kind: Compute) -> Vec<u8> {
    match kind {
        Compute::Bool => vec![u8::from(value != 0.0)],
        Compute::I32 => (value as i32).to_ne_bytes().into(),
        Compute::I64 | Compute::U64 => (value as i64).to_ne_bytes().into(),
        Compute::F32 => (value as f32).to_ne_bytes().into(),
        Compute::F64 => value.to_ne_bytes().into(),
    }
}
