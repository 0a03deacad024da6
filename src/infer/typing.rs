//! The typing rules that the op table names: in which type an operation is done, and what it gives.

use numfuse_kernels::{Op, Typing};

use crate::dtype::{DType, Kind};
use crate::error::{Error, ErrorKind, Result};

/// What an operation does with operands that meet in one type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Types {
    /// What its operands become.
    pub(super) operands: DType,
    /// What it gives.
    pub(super) result: DType,
}

/// How messages call an operation: its operator, or its name.
pub(super) fn symbol(op: Op) -> &'static str {
    op.info().symbol.unwrap_or(op.info().names[0])
}

/// The types of an operation whose operands meet in `dtype`.
///
/// # Errors
/// A kind of values that the operation is not defined for.
pub(super) fn types(op: Op, dtype: DType) -> Result<Types> {
    let typing = op.info().typing;
    let kind = dtype.kind();
    let same = |dtype: DType| Ok(Types { operands: dtype, result: dtype });
    // NumPy has no loops over truth values here, and casts them to the least of its integers
    let whole = if kind == Kind::Bool { DType::I8 } else { dtype };
    if kind == Kind::Bytes {
        return match typing {
            Typing::Comparison | Typing::Search => Ok(Types { operands: dtype, result: DType::Bool }),
            _ => Err(refusal(op, "byte strings: they are compared and searched, no more")),
        };
    }
    match typing {
        Typing::Arithmetic if op == Op::Sub && kind == Kind::Bool => {
            Err(Error::new(ErrorKind::Type, "truth values cannot be subtracted; use `^`"))
        }
        Typing::Negate if kind == Kind::Bool => {
            Err(Error::new(ErrorKind::Type, "truth values have no negative; use `~`"))
        }
        Typing::Arithmetic | Typing::Negate | Typing::Same => same(dtype),
        Typing::TrueDivide => match kind {
            Kind::Bool | Kind::Int => same(DType::F64),
            _ => same(dtype),
        },
        Typing::Modulo => match kind {
            Kind::Complex => Err(refusal(op, "complex numbers: they have no quotient rounded down")),
            _ => same(whole),
        },
        Typing::Power => same(whole),
        Typing::Float => match kind {
            Kind::Complex => Err(refusal(op, "complex numbers")),
            _ => same(dtype.float()),
        },
        Typing::Analytic => same(dtype.float()),
        Typing::Numeric => match kind {
            Kind::Bool if op == Op::Sign => Err(refusal(op, "truth values")),
            _ => same(whole),
        },
        Typing::Rounding => match kind {
            // NumPy's `round`, unlike its `floor`, makes 16-bit floats of truth values
            Kind::Bool if op == Op::Round => same(DType::F32),
            Kind::Complex if op != Op::Finite => Err(refusal(op, "complex numbers")),
            _ => same(dtype),
        },
        Typing::Part if op == Op::Angle => {
            Ok(Types { operands: dtype.float(), result: dtype.float().real() })
        }
        Typing::Magnitude | Typing::Part => Ok(Types { operands: dtype, result: dtype.real() }),
        Typing::Modulus => Ok(Types { operands: whole, result: whole.real() }),
        Typing::Conjugate => same(whole),
        Typing::MakeComplex => match kind {
            // of complex ones it takes the real parts, as a conversion does
            _ => Ok(Types { operands: dtype.complex().real(), result: dtype.complex() }),
        },
        Typing::Invert | Typing::Bitwise | Typing::Shift => match kind {
            Kind::Bool if typing == Typing::Shift => same(DType::I8),
            Kind::Bool | Kind::Int => same(dtype),
            _ => Err(not_bits(op, dtype)),
        },
        Typing::Integral => match kind {
            Kind::Bool | Kind::Int => same(whole),
            _ => Err(refusal(op, "anything but integers")),
        },
        Typing::BitCount => match kind {
            Kind::Bool | Kind::Int => Ok(Types { operands: whole, result: DType::U8 }),
            _ => Err(not_bits(op, dtype)),
        },
        Typing::Extremum => match kind {
            Kind::Complex => Err(refusal(op, "complex numbers: take it of `real(z)` or of `abs(z)`")),
            _ => same(dtype),
        },
        Typing::Comparison => Ok(Types { operands: dtype, result: DType::Bool }),
        Typing::Predicate => match kind {
            Kind::Complex if op == Op::SignBit => Err(refusal(op, "complex numbers: they have two signs")),
            _ => Ok(Types { operands: dtype, result: DType::Bool }),
        },
        Typing::Search => Err(refusal(op, "anything but byte strings")),
        Typing::Choose | Typing::Scale => unreachable!("typed by rules of their own"),
    }
}

fn refusal(op: Op, what: &str) -> Error {
    Error::new(ErrorKind::Type, format!("`{}` is not defined for {what}", symbol(op)))
}

fn not_bits(op: Op, dtype: DType) -> Error {
    let error = Error::new(ErrorKind::Type, format!("`{}` works on bits, not on {dtype}", symbol(op)));
    match op {
        Op::Xor => error.with_help("a power is written `**`"),
        Op::And | Op::Or => error.with_help("it binds more tightly than comparisons: `(a > 1) & (b < 2)`"),
        _ => error,
    }
}
