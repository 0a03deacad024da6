//! Calls of functions that the user supplies, as steps of a tape.
//!
//! A kernel has no room for more than three operands, and one of them says what to call. A function of three numbers
//! therefore takes two steps: the first leaves the third operand where the second finds it.

use super::runner::Failure;
use super::tape::Pointer;
use crate::graph::{CALL, Supplied};
use crate::infer::CheckId;

/// A call of a tape.
#[derive(Clone, Debug)]
pub(super) struct Calling {
    pub(super) function: Supplied,
    /// Where [`call`] finds a runner's [`Callee`].
    pub(super) context: Pointer,
    /// Bit k: operand k is one number for all elements.
    pub(super) splats: u8,
    /// The error of a panic.
    pub(super) check: CheckId,
}

/// What a runner calls.
pub(super) struct Callee<'a> {
    function: &'a Supplied,
    splats: u8,
    check: CheckId,
    failure: &'a Failure<'a>,
    third: *const u8,
}

impl<'a> Callee<'a> {
    pub(super) fn new(calling: &'a Calling, failure: &'a Failure<'a>) -> Callee<'a> {
        let Calling { function, splats, check, .. } = calling;
        Callee { function, splats: *splats, check: *check, failure, third: std::ptr::null() }
    }
}

/// Leaves an operand in a callee.
///
/// # Safety
/// `callee` points to a [`Callee`] that nobody else reads meanwhile.
pub(super) unsafe fn remember(_: usize, callee: *mut u8, a: *const u8, _: *const u8, _: *const u8) {
    // SAFETY: the caller's promise.
    unsafe { (*callee.cast::<Callee<'_>>()).third = a }
}

/// Calls a function for `n` elements. After a panic, here or before, it makes NaN.
///
/// # Safety
/// As for a kernel of doubles; `callee` points to a [`Callee`], whose third operand is valid where it has one.
pub(super) unsafe fn call(n: usize, dst: *mut u8, a: *const u8, b: *const u8, callee: *const u8) {
    // SAFETY: the caller's promise.
    let callee = unsafe { &*callee.cast::<Callee<'_>>() };
    let operands = [a, b, callee.third];
    let operands = &operands[..callee.function.arity()];
    let mut arguments = [[0.0; CALL]; 3];
    for first in (0..n).step_by(CALL) {
        let count = CALL.min(n - first);
        for (k, (column, operand)) in arguments.iter_mut().zip(operands).enumerate() {
            let is_splat = callee.splats >> k & 1 == 1;
            for (i, element) in column[..count].iter_mut().enumerate() {
                let at = if is_splat { 0 } else { first + i };
                // SAFETY: the caller's promise: `n` elements, or one, wherever they lie.
                *element = unsafe { operand.cast::<f64>().add(at).read_unaligned() };
            }
        }
        let mut values = [f64::NAN; CALL];
        if callee.function.fill(&arguments, &mut values[..count]).is_none() {
            callee.failure.raise(callee.check);
        }
        // SAFETY: the caller's promise: `n` elements; the closure has seen copies, so that `dst` may be an operand.
        unsafe {
            let to = dst.add(first * size_of::<f64>());
            to.copy_from_nonoverlapping(values.as_ptr().cast(), count * size_of::<f64>());
        }
    }
}
