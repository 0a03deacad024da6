//! Where the interpreter touches raw memory: the elements of an input, and the operands of a kernel.

use numfuse_kernels::{Op, oracle};

use crate::dtype::{DType, Scalar};
use crate::input::{Input, Source};

/// The elements of an input in C order, whatever its strides and byte order.
pub(super) fn elements(input: &Input<'_>) -> Vec<Scalar> {
    let start = match input.place {
        Source::Own(bytes) => return vec![Scalar::from_bytes(input.dtype, bytes)],
        Source::Memory(start) => start,
    };
    let count = input.shape.iter().product::<usize>();
    let size = input.dtype.size();
    let mut elements = Vec::with_capacity(count);
    for k in 0..count {
        let (mut rest, mut offset) = (k, 0isize);
        for (extent, stride) in input.shape.iter().zip(&input.strides).rev() {
            offset += (rest % extent) as isize * stride;
            rest /= extent;
        }
        let mut bytes = [0u8; 8];
        // SAFETY: whoever made the input promises that every element of its shape and strides can be read; `size`
        // is that of the element, at most 8.
        unsafe { std::ptr::copy_nonoverlapping(start.offset(offset), bytes.as_mut_ptr(), size) };
        if input.swapped {
            bytes[..size].reverse();
        }
        elements.push(Scalar::from_bytes(input.dtype, bytes));
    }
    elements
}

/// An operation of one element, by the kernels' scalar oracle; `None` where no kernel computes it. The operands are
/// of one type, the result of type `dtype`.
pub(super) fn by_oracle(op: Op, dtype: DType, operands: &[Scalar], fma: bool) -> Option<Scalar> {
    let kernel = oracle(op, operands[0].dtype().compute(), fma)?;
    let mut bytes = [[0u8; 8]; 3];
    for (bytes, operand) in bytes.iter_mut().zip(operands) {
        *bytes = operand.to_bytes();
    }
    let mut result = [0u8; 8];
    let [a, b, c] = &bytes;
    // SAFETY: the kernel takes at most three operands of the first one's type and writes one element, none of them
    // larger than 8 bytes; its pointers may be unaligned.
    unsafe { kernel(1, result.as_mut_ptr(), a.as_ptr(), b.as_ptr(), c.as_ptr()) };
    Some(Scalar::from_bytes(dtype, result))
}
