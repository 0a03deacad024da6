//! When an executor's answer is the reference interpreter's.

use numfuse::internals::Array;
use numfuse::{Error, ErrorKind};

/// How two answers differ: in their bits, or in their kinds of error. `None` if they do not.
///
/// `empty` says that some input has no element. The interpreter computes, and checks, every operation by itself; an
/// executor computes no element of what is only used in an empty loop, and then finds nothing wrong with it.
pub fn difference(
    expected: &Result<Array, Error>,
    got: &Result<Array, Error>,
    empty: bool,
) -> Option<String> {
    match (expected, got) {
        (_, Err(error)) if matches!(error.kind(), ErrorKind::Internal | ErrorKind::Panic) => {
            Some(format!("is no clean error: {error}"))
        }
        (Err(error), Ok(_)) if empty && error.message().contains("negative integer power") => None,
        (Ok(expected), Ok(got)) if expected.same(got) => None,
        (Ok(expected), Ok(got)) => Some(of_arrays(expected, got)),
        (Err(expected), Err(got)) if expected.kind() == got.kind() => None,
        _ => Some(format!("is {got:?}, and not {expected:?}")),
    }
}

fn of_arrays(expected: &Array, got: &Array) -> String {
    if (expected.dtype, &expected.shape) != (got.dtype, &got.shape) {
        return format!("is {}{:?}, and not {}{:?}", got.dtype, got.shape, expected.dtype, expected.shape);
    }
    let one = |array: &Array, k: usize| Array {
        dtype: array.dtype,
        shape: vec![],
        elements: vec![array.elements[k]],
    };
    let differ: Vec<usize> =
        (0..got.elements.len()).filter(|k| !one(expected, *k).same(&one(got, *k))).collect();
    let first = differ[0];
    let (got, expected) = (got.elements[first], expected.elements[first]);
    format!("has {got:?} at {first}, and not {expected:?}; {} elements differ", differ.len())
}
