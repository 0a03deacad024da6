//! Where the interpreter touches raw memory: the elements of an input, and the operands of a kernel.

use numfuse_kernels::{Kernel, Op, oracle};

use crate::dtype::{DType, Kind, Scalar};
use crate::input::{Input, Source};

/// The numbers of an input in C order, whatever its strides and byte order; none of byte strings.
pub(super) fn elements(input: &Input<'_>) -> Vec<Scalar> {
    if let Source::Own(bytes) = input.place {
        return Scalar::from_bytes(input.dtype, bytes).into_iter().collect();
    }
    let number = |element: Vec<u8>| {
        let mut bytes = [0u8; 16];
        bytes.get_mut(..element.len())?.copy_from_slice(&element);
        if input.swapped {
            bytes[..element.len()].chunks_mut(input.dtype.part_size()).for_each(<[u8]>::reverse);
        }
        Scalar::from_bytes(input.dtype, bytes)
    };
    texts(input).into_iter().filter_map(number).collect()
}

/// The bytes of each element of an array, in C order.
pub(super) fn texts(input: &Input<'_>) -> Vec<Vec<u8>> {
    let Source::Memory(start) = input.place else { return Vec::new() };
    let count = input.shape.iter().product::<usize>();
    let size = input.dtype.size();
    let mut elements = Vec::with_capacity(count);
    for k in 0..count {
        let (mut rest, mut offset) = (k, 0isize);
        for (extent, stride) in input.shape.iter().zip(&input.strides).rev() {
            offset += (rest % extent) as isize * stride;
            rest /= extent;
        }
        // SAFETY: whoever made the input promises that every element of its shape and strides can be read; `size`
        // is that of the element.
        elements.push(unsafe { std::slice::from_raw_parts(start.offset(offset), size) }.to_vec());
    }
    elements
}

/// An operation of one element, by the kernels' scalar oracle; `None` where no kernel computes it. The operands are
/// of one type, the result of type `dtype`.
pub(super) fn by_oracle(op: Op, dtype: DType, operands: &[Scalar], fma: bool) -> Option<Scalar> {
    let kind = operands[0].dtype().kind();
    let kernel = oracle(op, operands[0].dtype().compute(), fma).filter(|_| kind != Kind::Complex)?;
    by_kernel(kernel, dtype, operands)
}

/// One element by a kernel of at most three operands of one type, and a result of type `dtype`.
pub(super) fn by_kernel(kernel: Kernel, dtype: DType, operands: &[Scalar]) -> Option<Scalar> {
    let mut bytes = [[0u8; 16]; 3];
    for (bytes, operand) in bytes.iter_mut().zip(operands) {
        *bytes = operand.to_bytes();
    }
    let mut result = [0u8; 16];
    let [a, b, c] = &bytes;
    // SAFETY: the kernel takes at most three operands of the first one's type and writes one element, none of them
    // larger than 16 bytes; its pointers may be unaligned.
    unsafe { kernel(1, result.as_mut_ptr(), a.as_ptr(), b.as_ptr(), c.as_ptr()) };
    Scalar::from_bytes(dtype, result)
}
