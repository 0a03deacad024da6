//! What a tape has for each value of a body, before it has a place.

use numfuse_kernels::{Compute, Op, Storage};

use crate::plan::{Text, ValueId};

/// What is emitted for a value.
pub(super) enum Emit {
    /// Nothing: it lies in an access or in the pool, or another value's step computes it.
    Nothing,
    /// An access whose elements are copied to a slot.
    Read(usize),
    /// An access whose elements are widened: where they lie, or from a slot.
    Widen(usize, Storage),
    /// Elements at places that a value says, widened if memory has them narrower.
    Gather(usize, ValueId, Option<Storage>),
    /// A comparison of byte strings.
    Bytes(Op, [Text; 2]),
    /// A kernel of the op table: its type, its operands and how many they are.
    Op(Op, Compute, [ValueId; 3], usize),
    /// A conversion from this type.
    Convert(Compute, ValueId),
}

impl Emit {
    /// The values it reads.
    pub(super) fn operands(&self) -> &[ValueId] {
        match self {
            Emit::Nothing | Emit::Read(_) | Emit::Widen(..) | Emit::Bytes(..) => &[],
            Emit::Op(_, _, operands, arity) => &operands[..*arity],
            Emit::Convert(_, of) | Emit::Gather(_, of, _) => std::slice::from_ref(of),
        }
    }
}
