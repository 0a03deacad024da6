//! Compares what numfuse answers with what the corpus expects.

use numfuse::internals::Array;
use numfuse::{Error, ErrorKind, Scalar};

use crate::corpus::{Expected, Tolerance};

/// What a case comes to.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    Passed,
    Failed(String),
    /// The library has no way to express what the case needs; why.
    Unsupported(String),
}

/// Grades an answer. What is unsupported is decided by the answer itself and by what was expected; a wrong array is
/// never unsupported.
pub fn judge(answer: &Result<Array, Error>, expected: &Expected, tolerance: Tolerance) -> Verdict {
    match (answer, expected) {
        (Err(error), _) if matches!(error.kind(), ErrorKind::Internal | ErrorKind::Panic) => {
            Verdict::Failed(format!("no clean error: {error}"))
        }
        (_, Expected::Any) => Verdict::Passed,
        (Err(error), Expected::Error(hint)) => judge_error(error, hint),
        (Ok(array), Expected::Error(hint)) => {
            Verdict::Failed(format!("is {}, where an error of kind {hint} was expected", brief(array)))
        }
        (Err(error), Expected::Array { .. }) => match error.kind() {
            ErrorKind::Unsupported => Verdict::Unsupported(error.message().to_owned()),
            ErrorKind::UnknownFunction => Verdict::Unsupported("a function that is not there".to_owned()),
            kind => Verdict::Failed(format!("an error ({kind:?}: {})", error.message())),
        },
        (Err(_), Expected::Foreign(dtype)) => Verdict::Unsupported(format!("results of type {dtype}")),
        (Ok(array), Expected::Foreign(dtype)) => {
            Verdict::Failed(format!("is {}, expected {dtype}", brief(array)))
        }
        (Ok(array), Expected::Array { dtype, shape, values }) => {
            let expected = Array { dtype: *dtype, shape: shape.clone(), elements: values.clone() };
            judge_array(array, &expected, tolerance)
        }
    }
}

/// Whether an error has the cause that the corpus names. `forbidden` things are those that the language has no words
/// for: any clean error is right.
fn judge_error(error: &Error, hint: &str) -> Verdict {
    use ErrorKind::*;
    let right: &[ErrorKind] = match hint {
        // what NumPy's side cannot parse may have a form here, and be refused for what it means: `a.shape`, `()`
        "syntax" => &[Syntax, Unsupported, Type],
        // a program that has a feature left out says so, which is as clear
        "type" => &[Type, Unsupported, UnknownFunction],
        "shape" => &[Shape],
        "axis" => &[Axis],
        "arity" => &[Arity, Syntax, UnknownFunction],
        "unknown_name" => &[UnknownName],
        "unknown_function" => &[UnknownFunction],
        "domain" => &[Domain],
        // `'a' * 10000000000`: there is no text to repeat
        "overflow" => &[Overflow, Limit, Unsupported, Type],
        "forbidden" => return Verdict::Passed,
        other => {
            return Verdict::Failed(format!(
                "the corpus expects an error of kind {other}, which is not known"
            ));
        }
    };
    match right.contains(&error.kind()) {
        true => Verdict::Passed,
        false => Verdict::Failed(format!(
            "an error of kind {:?} ({}), expected {hint}",
            error.kind(),
            error.message()
        )),
    }
}

fn judge_array(got: &Array, expected: &Array, tolerance: Tolerance) -> Verdict {
    if (got.dtype, &got.shape) != (expected.dtype, &expected.shape) {
        return Verdict::Failed(format!("is {}, expected {}", brief(got), brief(expected)));
    }
    if got.elements.len() != expected.elements.len() {
        return Verdict::Failed(format!(
            "has {} elements, expected {}",
            got.elements.len(),
            expected.elements.len()
        ));
    }
    let wrong = |(got, want): &(&Scalar, &Scalar)| !near(**got, **want, tolerance);
    let mut pairs = got.elements.iter().zip(&expected.elements);
    match pairs.clone().position(|pair| wrong(&pair)) {
        None => Verdict::Passed,
        Some(at) => {
            let count = pairs.by_ref().filter(wrong).count();
            let (got, want) = (got.elements[at], expected.elements[at]);
            Verdict::Failed(format!("element {at} is {got}, expected {want} ({count} differ)"))
        }
    }
}

/// `|got - want| <= tol·|want|`, infinities equal; an expected 0 wants a zero of either sign, except where bits count.
fn near(got: Scalar, want: Scalar, tolerance: Tolerance) -> bool {
    let close = |got: f64, want: f64, tolerance: f64| {
        got == want || (got.is_nan() && want.is_nan()) || (got - want).abs() <= tolerance * want.abs()
    };
    match (got, want, tolerance) {
        (Scalar::F64(got), Scalar::F64(want), Tolerance::Relative(tolerance, _)) => {
            close(got, want, tolerance)
        }
        (Scalar::F32(got), Scalar::F32(want), Tolerance::Relative(_, tolerance)) => {
            close(got.into(), want.into(), tolerance)
        }
        (Scalar::C128(got), Scalar::C128(want), _) => {
            near(Scalar::F64(got.re), Scalar::F64(want.re), tolerance)
                && near(Scalar::F64(got.im), Scalar::F64(want.im), tolerance)
        }
        (Scalar::C64(got), Scalar::C64(want), _) => {
            near(Scalar::F32(got.re), Scalar::F32(want.re), tolerance)
                && near(Scalar::F32(got.im), Scalar::F32(want.im), tolerance)
        }
        (Scalar::F64(got), Scalar::F64(want), Tolerance::Exact) if got.is_nan() => want.is_nan(),
        (Scalar::F32(got), Scalar::F32(want), Tolerance::Exact) if got.is_nan() => want.is_nan(),
        (got, want, Tolerance::Exact | Tolerance::Relative(..)) => got.same(want),
    }
}

fn brief(array: &Array) -> String {
    let first: Vec<String> = array.elements.iter().take(3).map(ToString::to_string).collect();
    let rest = if array.elements.len() > 3 { ", …" } else { "" };
    format!("{}{:?} = {}{rest}", array.dtype, array.shape, first.join(", "))
}
