//! Types that are stored and not computed with: what keeps their values in their range.

use numfuse_kernels::{Op, Typing};

use super::{Lowering, Value};
use crate::arena::Id;
use crate::dtype::{DType, Kind, Literal};
use crate::infer::TypedId;

impl Lowering<'_> {
    /// An operation on real numbers, in the type its operands are computed as.
    pub(super) fn apply_real(&mut self, op: Op, result: DType, args: [TypedId; 3]) -> Value {
        let is_narrow = result.kind() == Kind::Int && result.storage().is_some();
        let low_bits = if is_narrow { of_low_bits(op) } else { [false; 3] };
        let (mut operands, mut in_range) = (args, stays_in_range(op));
        for (operand, low) in operands.iter_mut().zip(low_bits).take(op.info().arity()) {
            *operand = match self.values[operand.index()] {
                Value::Loose(value, _) if low => {
                    in_range = false;
                    value
                }
                _ => self.real(*operand),
            };
        }
        if op.info().typing == Typing::BitCount {
            let operand = self.builder[operands[0]].dtype;
            let count = self.builder.apply(op, operand, operands);
            return Value::Real(self.builder.cast(result.computed(), count));
        }
        let value = self.builder.apply(op, result.computed(), operands);
        if is_narrow && !in_range { Value::Loose(value, result) } else { Value::Real(value) }
    }

    /// The low bits of an integer, as a value of `dtype`; other types have nothing to lose.
    pub(super) fn wrap(&mut self, dtype: DType, value: TypedId) -> TypedId {
        let op = match dtype {
            DType::I8 => Op::WrapI8,
            DType::I16 => Op::WrapI16,
            DType::U8 => Op::WrapU8,
            DType::U16 => Op::WrapU16,
            DType::U32 => Op::WrapU32,
            _ => return value,
        };
        self.builder.apply(op, dtype.computed(), [value; 3])
    }

    /// A conversion between real types, or from one to a complex one.
    pub(super) fn cast(&mut self, from: DType, to: DType, value: TypedId) -> Value {
        if to.kind() == Kind::Complex {
            let part = to.real();
            let Value::Real(re) = self.cast(from, part, value) else { unreachable!("a part is real") };
            return Value::Complex((re, self.number(0.0, part)));
        }
        Value::Real(match (from.kind(), to) {
            (_, DType::F16 | DType::BF16) => {
                // rounded once, from the widest type that holds the value
                let float = if from.kind() == Kind::Int { DType::F64 } else { from.float().computed() };
                let value = self.builder.cast(float, value);
                let op = if to == DType::F16 { Op::RoundF16 } else { Op::RoundBf16 };
                let rounded = self.builder.apply(op, float, [value; 3]);
                self.builder.cast(DType::F32, rounded)
            }
            (Kind::Float, _) if to.storage().is_some() => {
                let whole = self.builder.cast(to.computed(), value);
                let (least, greatest) = to.range().expect("the other stored types are integers");
                let low = self.limit(least, to);
                let high = self.limit(greatest, to);
                let value = self.builder.apply(Op::Minimum, to.computed(), [whole, high, whole]);
                self.builder.apply(Op::Maximum, to.computed(), [value, low, value])
            }
            _ => {
                let value = self.builder.cast(to.computed(), value);
                if to.storage().is_some() && !holds(to, from) {
                    return Value::Loose(value, to);
                }
                value
            }
        })
    }

    fn limit(&mut self, value: i128, dtype: DType) -> TypedId {
        let scalar = Literal::Int(value).to_scalar(dtype.computed()).expect("a wider type holds it");
        self.builder.constant(scalar)
    }

    /// A constant of a float type.
    pub(super) fn number(&mut self, value: f64, dtype: DType) -> TypedId {
        let scalar = Literal::Float(value).to_scalar(dtype).expect("floats are floats");
        self.builder.constant(scalar)
    }
}

/// Whether every value of `from` is one of `to`.
fn holds(to: DType, from: DType) -> bool {
    match (to.range(), from.range()) {
        (Some((least, greatest)), Some((low, high))) => least <= low && high <= greatest,
        _ => from.kind() == Kind::Bool || to.range().is_none(),
    }
}

/// The operands of which an operation's low bits see only the low bits.
fn of_low_bits(op: Op) -> [bool; 3] {
    match op {
        Op::Add | Op::Sub | Op::Mul | Op::Neg | Op::Square | Op::Abs2 => [true; 3],
        Op::And | Op::Or | Op::Xor | Op::Not => [true; 3],
        Op::Shl | Op::Pow => [true, false, false],
        Op::Where => [false, true, true],
        _ => [false; 3],
    }
}

/// Whether an operation on integers in their range never leaves it.
fn stays_in_range(op: Op) -> bool {
    match op.info().typing {
        Typing::Extremum | Typing::Choose | Typing::Comparison | Typing::Predicate => true,
        Typing::Same | Typing::Rounding => true,
        _ => matches!(op, Op::And | Op::Or | Op::Xor | Op::Rem | Op::Fmod | Op::Shr | Op::Sign),
    }
}
