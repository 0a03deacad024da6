//! Byte strings: what a comparison and a search answer. They are read where they lie, and leave a truth value.

use numfuse_kernels::Op;

/// A string without the zeros at its end, which do not count.
pub(crate) fn trimmed(bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &bytes[..length]
}

/// Whether a relation holds between two strings: the order is that of their bytes.
pub(crate) fn holds(op: Op, a: &[u8], b: &[u8]) -> bool {
    match op {
        Op::Eq => a == b,
        Op::Ne => a != b,
        Op::Lt => a < b,
        Op::Le => a <= b,
        Op::Contains => b.is_empty() || a.windows(b.len()).any(|part| part == b),
        _ => unreachable!("inference refuses {op} of byte strings"),
    }
}

/// Whether each of `n` strings of `width` bytes, `stride` bytes apart, is the same as `constant`, or differs from it:
/// a truth value each at `to`. Answers false, and writes nothing, where it has no loop for this width.
///
/// # Safety
/// The strings are readable, `to` is writable for `n` truth values.
pub(super) unsafe fn compare_all(
    op: Op,
    (start, stride, width): (*const u8, isize, usize),
    constant: &[u8],
    to: *mut u8,
    n: usize,
) -> bool {
    let same = match op {
        Op::Eq => true,
        Op::Ne => false,
        _ => return false,
    };
    let constant = trimmed(constant);
    if constant.len() > width {
        // SAFETY: as the caller vouches.
        unsafe { to.write_bytes(u8::from(!same), n) };
        return true;
    }
    // zeros at the end do not count, so it is as long as the others
    let mut padded = [0u8; 16];
    match padded.get_mut(..constant.len()) {
        Some(bytes) => bytes.copy_from_slice(constant),
        None => return false,
    }
    macro_rules! of_width {
        ($($width:literal)*) => {
            match width {
                // SAFETY: as the caller vouches.
                $($width => unsafe { compare_words::<$width>(start, stride, padded, same, to, n) },)*
                _ => return false,
            }
        };
    }
    of_width!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);
    true
}

/// # Safety
/// As for [`compare_all`].
unsafe fn compare_words<const WIDTH: usize>(
    start: *const u8,
    stride: isize,
    constant: [u8; 16],
    same: bool,
    to: *mut u8,
    n: usize,
) {
    let constant: [u8; WIDTH] = std::array::from_fn(|k| constant[k]);
    for k in 0..n {
        // SAFETY: as the caller vouches; arrays of bytes have no alignment.
        unsafe {
            let text = start.offset(k as isize * stride).cast::<[u8; WIDTH]>().read();
            to.add(k).write(u8::from((text == constant) == same));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_at_the_end_do_not_count() {
        assert_eq!(trimmed(b"ab\0c\0\0"), b"ab\0c");
        assert_eq!(trimmed(b"\0\0"), b"");
        assert!(holds(Op::Lt, b"ab", b"ab\x01") && !holds(Op::Lt, b"b", b"ab"));
        assert!(holds(Op::Contains, b"foobar", b"oba") && holds(Op::Contains, b"", b""));
        assert!(!holds(Op::Contains, b"fo", b"foo"));
    }

    #[test]
    fn a_constant_is_compared_with_many() {
        for width in 1..=17usize {
            let texts: Vec<u8> =
                (0..20 * width).map(|k| if k / width % 3 == 0 { b'a' } else { (k % 2) as u8 }).collect();
            for length in 0..=18 {
                let constant = vec![b'a'; length];
                for op in [Op::Eq, Op::Ne, Op::Lt] {
                    let mut truths = [7u8; 20];
                    // SAFETY: twenty strings and twenty truth values.
                    let done = unsafe {
                        let texts = (texts.as_ptr(), width as isize, width);
                        compare_all(op, texts, &constant, truths.as_mut_ptr(), 20)
                    };
                    assert!(done || op == Op::Lt || width == 17);
                    for (truth, text) in truths.iter().zip(texts.chunks(width)).filter(|_| done) {
                        assert_eq!(*truth == 1, holds(op, trimmed(text), &constant), "{op} {width} {length}");
                    }
                }
            }
        }
    }
}
