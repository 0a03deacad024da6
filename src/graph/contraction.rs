//! Contractions: sums of products over shared axes, as they are written.

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};

/// A sum of products over shared axes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Contraction {
    /// `a @ b`: the last axis of a with the last but one of b; the axes before them broadcast.
    MatMul,
    /// `dot(a, b)`: the last axis of a with the last but one of b, or its only one; the others do not meet.
    Dot,
    /// `inner(a, b)`: the last axes of both.
    Inner,
    /// `outer(a, b)`: every product of an element of a with one of b.
    Outer,
    /// `tensordot(a, b, axes)`: these axes of a with those of b.
    Tensordot(Vec<i32>, Vec<i32>),
    /// `tensordot(a, b, n)`: the last n axes of a with the first n of b.
    TensordotLast(u32),
    /// `einsum("ij,jk->ik", a, b)`.
    Einsum(Arc<Einsum>),
}

/// Axes by letters: those of each operand, and of the result; `None` stands for `...`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Einsum {
    /// Of each operand.
    pub operands: Vec<Vec<Option<char>>>,
    /// Of the result.
    pub result: Vec<Option<char>>,
}

impl Einsum {
    /// Reads the notation for so many operands.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and another number of operands in the notation.
    pub fn of(text: &str, operands: usize) -> Result<Einsum> {
        let einsum = Einsum::parse(text)?;
        if einsum.operands.len() != operands {
            let named = einsum.operands.len();
            let message = format!("the notation of `einsum` has {named} operands, and {operands} are given");
            return Err(Error::new(ErrorKind::Arity, message));
        }
        Ok(einsum)
    }

    /// Reads the notation: `ij,jk->ik`, `...i->...`, and without an arrow the letters that stand once, in their order.
    ///
    /// # Errors
    /// Characters that are no letters, a letter of the result that no operand has, or that the result has twice.
    pub fn parse(text: &str) -> Result<Einsum> {
        fn wrong<T>(message: String) -> Result<T> {
            Err(Error::new(ErrorKind::Syntax, message))
        }
        let (left, right) = match text.split_once("->") {
            Some((left, right)) => (left, Some(right)),
            None => (text, None),
        };
        let axes = |text: &str| {
            let text = text.replace(' ', "").replace("...", "…");
            let mut axes = Vec::new();
            for character in text.chars() {
                match character {
                    '…' if axes.contains(&None) => {
                        return wrong("`...` stands twice in an operand".to_owned());
                    }
                    '…' => axes.push(None),
                    letter if letter.is_ascii_alphabetic() => axes.push(Some(letter)),
                    other => return wrong(format!("`{other}` names no axis: letters do, and `...`")),
                }
            }
            Ok(axes)
        };
        let operands = left.split(',').map(axes).collect::<Result<Vec<_>>>()?;
        let result = match right {
            Some(right) => axes(right)?,
            None => {
                let count = |axis: &Option<char>| operands.iter().flatten().filter(|a| *a == axis).count();
                let mut once: Vec<Option<char>> = operands.iter().flatten().copied().collect();
                once.sort_unstable(); // `...` first, then the letters in their order
                once.dedup();
                once.retain(|axis| axis.is_none() || count(axis) == 1);
                once
            }
        };
        for (k, axis) in result.iter().enumerate() {
            let name = axis.map_or("...".to_owned(), String::from);
            if result[..k].contains(axis) {
                return wrong(format!("the result has the axis `{name}` twice"));
            }
            if axis.is_some() && !operands.iter().any(|operand| operand.contains(axis)) {
                return wrong(format!("no operand has the result's axis `{name}`"));
            }
        }
        Ok(Einsum { operands, result })
    }
}

impl fmt::Display for Contraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Contraction::MatMul => f.write_str("matmul"),
            Contraction::Dot => f.write_str("dot"),
            Contraction::Inner => f.write_str("inner"),
            Contraction::Outer => f.write_str("outer"),
            Contraction::Tensordot(a, b) => write!(f, "tensordot {a:?} {b:?}"),
            Contraction::TensordotLast(n) => write!(f, "tensordot {n}"),
            Contraction::Einsum(einsum) => einsum.fmt(f),
        }
    }
}

impl fmt::Display for Einsum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |axes: &[Option<char>]| {
            axes.iter().map(|axis| axis.map_or("...".to_owned(), String::from)).collect::<String>()
        };
        let operands: Vec<String> = self.operands.iter().map(|axes| text(axes)).collect();
        write!(f, "einsum {}->{}", operands.join(","), text(&self.result))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_read() {
        let text = |text: &str| Einsum::parse(text).map(|e| e.to_string());
        assert_eq!(text("ij,jk->ik").unwrap(), "einsum ij,jk->ik");
        assert_eq!(text("ij, jk").unwrap(), "einsum ij,jk->ik");
        assert_eq!(text("ba").unwrap(), "einsum ba->ab");
        assert_eq!(text("...i,i").unwrap(), "einsum ...i,i->...");
        for wrong in ["ij->k", "ii->ii", "i1", "......"] {
            assert!(text(wrong).is_err(), "{wrong}");
        }
    }
}
