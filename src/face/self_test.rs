//! What a device's arithmetic is like: a program is run there when the device is opened, and compared with what IEEE 754
//! says, which is what the processor does.
//!
//! Vulkan allows a division of f32 to be 2.5 ulp off, subnormal numbers to be zero, and leaves open much about NaN.
//! Division and square roots are corrected where that shows; flushed subnormals are told; a device whose sums or
//! products are not rounded right is refused, for nothing that the library promises would hold there.

use std::sync::Arc;

use super::program::Program;
use super::value::Value;
use crate::error::{Error, ErrorKind, Result};
use crate::exec::Options;
use crate::exec::Stop;
use crate::exec::vulkan::{Gpu, Operand, Resident};
use crate::input::Input;

/// What is compared: floats alone, for a device may have no truth values in memory. In the order of [`NAMES`].
const TEXTS: [&str; 11] = [
    "a + b",
    "a - b",
    "a*b",
    "a/b",
    "sqrt(a)",
    "where(a < b, a, b)",
    "where(isnan(a), b, a)",
    "minimum(a, b)",
    "floor(a)",
    "rint(a)",
    "trunc(a)",
];

const NAMES: [&str; 11] = [
    "sums",
    "differences",
    "products",
    "division",
    "square roots",
    "comparisons",
    "tests for NaN",
    "minima",
    "rounding down",
    "rounding to even",
    "truncation",
];
const DIVISION: usize = 3;
const SQRT: usize = 4;

/// Tests a device that was opened just now, and takes note of what it needs.
pub(super) fn test(gpu: &mut Arc<Gpu>) -> Result<()> {
    let singles = operands(f32::from_bits, |bits| bits as u32, f32::MIN_POSITIVE, f32::MAX, f32::EPSILON);
    let single = compare(gpu, [Value::from(singles.0), Value::from(singles.1)])?;
    let double = match gpu.abilities().float64 && gpu.abilities().int64 {
        false => Vec::new(),
        true => {
            let doubles = operands(f64::from_bits, |bits| bits, f64::MIN_POSITIVE, f64::MAX, f64::EPSILON);
            compare(gpu, [Value::from(doubles.0), Value::from(doubles.1)])?
        }
    };
    let mut deviations = Vec::new();
    for (type_name, found) in [("f32", &single), ("f64", &double)] {
        for (k, verdict) in found.iter().enumerate() {
            let corrected = type_name == "f32" && (k == DIVISION || k == SQRT);
            match verdict {
                Verdict::Equal => {}
                Verdict::Flushed => {
                    deviations.push(format!("{} of {type_name}: subnormal numbers are zero", NAMES[k]))
                }
                Verdict::Different if corrected => {
                    deviations.push(format!(
                        "{} of {type_name} take more instructions than one: the device's own are off",
                        NAMES[k]
                    ));
                }
                Verdict::Different if k == DIVISION || k == SQRT => {
                    deviations.push(format!("{} of {type_name} may be some ulp off", NAMES[k]));
                }
                Verdict::Different => {
                    let message = format!(
                        "`{}` does not compute {} of {type_name} as IEEE 754 says",
                        gpu.found().name,
                        NAMES[k]
                    );
                    return Err(Error::new(ErrorKind::Device, message));
                }
            }
        }
    }
    let off = |k: usize| single.get(k).is_some_and(|verdict| *verdict == Verdict::Different);
    let (division, sqrt) = (off(DIVISION), off(SQRT));
    let shared = || Error::new(ErrorKind::Internal, "a device is in use before its test is over");
    Arc::get_mut(gpu).ok_or_else(shared)?.note(division, sqrt, deviations);
    Ok(())
}

/// How an operation does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verdict {
    Equal,
    /// Zeros in place of subnormal operands or results, and right otherwise.
    Flushed,
    Different,
}

/// Runs all operations there and here: at once, unless a shader reaches too few arrays.
fn compare(gpu: &Arc<Gpu>, operands: [Value; 2]) -> Result<Vec<Verdict>> {
    let results = match gpu.abilities().addresses {
        true => TEXTS.len(),
        false => (gpu.abilities().bindings as usize).saturating_sub(operands.len()).clamp(1, TEXTS.len()),
    };
    let parts = TEXTS.chunks(results).map(|texts| compare_some(gpu, &texts.join(", "), &operands));
    Ok(parts.collect::<Result<Vec<_>>>()?.concat())
}

fn compare_some(gpu: &Arc<Gpu>, text: &str, [a, b]: &[Value; 2]) -> Result<Vec<Verdict>> {
    let program = Program::compile(text)?;
    let of_subnormals = operands_are_subnormal(a, b);
    let here: Vec<Value> = {
        let strict = program.with_options(Options::new().threads(1).isa(numfuse_kernels::Isa::Portable));
        strict.run_ordered(&[&Input::from(a), &Input::from(b)])?
    };
    let arrays = [Resident::upload(gpu, &Input::from(a))?, Resident::upload(gpu, &Input::from(b))?];
    let described = arrays.each_ref().map(Resident::description);
    let prepared = program.prepared_on(gpu, &described.each_ref())?;
    let there = prepared.run(&arrays.each_ref().map(Operand::Array), &Stop::new(None, None))?;
    let mut verdicts = Vec::with_capacity(there.len());
    for (here, there) in here.iter().zip(&there) {
        let there = super::device_array::value_of(there)?;
        verdicts.push(match (here, &there) {
            (Value::F32(x), Value::F32(y)) => verdict(
                x.iter().zip(y).map(|(x, y)| {
                    (x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan(), x.is_subnormal(), *y == 0.0)
                }),
                of_subnormals.clone(),
            ),
            (Value::F64(x), Value::F64(y)) => verdict(
                x.iter().zip(y).map(|(x, y)| {
                    (x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan(), x.is_subnormal(), *y == 0.0)
                }),
                of_subnormals.clone(),
            ),
            _ => Verdict::Different,
        });
    }
    Ok(verdicts)
}

/// Elements as (equal, a subnormal here, a zero there), and whether an operand was subnormal.
fn verdict(elements: impl Iterator<Item = (bool, bool, bool)>, of_subnormals: Vec<bool>) -> Verdict {
    let mut verdict = Verdict::Equal;
    for ((equal, subnormal, zero), of_subnormal) in elements.zip(of_subnormals) {
        match (equal, subnormal && zero || of_subnormal) {
            (true, _) => {}
            (false, true) => verdict = Verdict::Flushed,
            (false, false) => return Verdict::Different,
        }
    }
    verdict
}

fn operands_are_subnormal(a: &Value, b: &Value) -> Vec<bool> {
    match (a, b) {
        (Value::F32(a), Value::F32(b)) => {
            a.iter().zip(b).map(|(a, b)| a.is_subnormal() || b.is_subnormal()).collect()
        }
        (Value::F64(a), Value::F64(b)) => {
            a.iter().zip(b).map(|(a, b)| a.is_subnormal() || b.is_subnormal()).collect()
        }
        _ => Vec::new(),
    }
}

/// Numbers of every kind with each other, then random bits.
fn operands<T, B>(
    from_bits: fn(B) -> T,
    truncate: fn(u64) -> B,
    least: T,
    greatest: T,
    epsilon: T,
) -> (ndarray::Array1<T>, ndarray::Array1<T>)
where
    T: num_traits::Float,
{
    let (one, two) = (T::one(), T::one() + T::one());
    let third = one / (two + one);
    let edges = [
        T::zero(),
        one,
        one + epsilon,
        one - epsilon / two,
        third,
        two,
        least,
        least / two,
        least * two,
        greatest,
        greatest / two,
        epsilon,
        T::infinity(),
        T::nan(),
        one / two,
        one + one / two,
        two + one / two,
    ];
    let signed: Vec<T> = edges.iter().flat_map(|x| [*x, -*x]).collect();
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for x in &signed {
        for y in &signed {
            a.push(*x);
            b.push(*y);
        }
    }
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for k in 0..4096 {
        // of like size, so that division has something to round
        let near =
            |bits: T| if k % 2 == 0 { bits } else { one + third * (bits - bits.floor()).abs().min(one) };
        let (x, y) = (near(from_bits(truncate(next()))), near(from_bits(truncate(next()))));
        a.push(x);
        b.push(y);
    }
    (a.into(), b.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Elements that are (equal, a subnormal here, a zero there), of these operands.
    fn of(elements: &[(bool, bool, bool)], subnormal: bool) -> Verdict {
        verdict(elements.iter().copied(), vec![subnormal; elements.len()])
    }

    #[test]
    fn verdicts_tell_flushed_subnormals_from_errors() {
        assert_eq!(of(&[(true, false, false), (true, true, false)], false), Verdict::Equal);
        // a subnormal result became zero
        assert_eq!(of(&[(true, false, false), (false, true, true)], false), Verdict::Flushed);
        // a subnormal operand was taken for zero
        assert_eq!(of(&[(false, false, false)], true), Verdict::Flushed);
        // a subnormal result became another number
        assert_eq!(of(&[(false, true, false)], false), Verdict::Different);
        assert_eq!(of(&[(false, true, true), (false, false, false)], false), Verdict::Different);
    }

    #[test]
    fn operands_meet_what_devices_get_wrong() {
        let (a, b) = operands(f32::from_bits, |bits| bits as u32, f32::MIN_POSITIVE, f32::MAX, f32::EPSILON);
        assert_eq!(a.len(), b.len());
        let some = |is: fn(f32) -> bool| a.iter().any(|x| is(*x)) && b.iter().any(|x| is(*x));
        assert!(some(f32::is_nan) && some(f32::is_infinite) && some(f32::is_subnormal));
        assert!(some(|x| x == 0.0 && x.is_sign_negative()));
        // quotients of like size, which a reciprocal gets wrong
        let near = a.iter().zip(&b).filter(|(a, b)| (1.0..2.0).contains(*a) && (1.0..2.0).contains(*b));
        assert!(near.count() > 1000);
    }
}
