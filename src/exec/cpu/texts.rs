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
}
