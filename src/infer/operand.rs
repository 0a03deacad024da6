//! Promotion: NumPy 2's rules for arrays, and for numbers that have a kind but no width.

use super::{Inference, TypedId, Weak};
use crate::dtype::{DType, Kind, Literal};
use crate::error::{Error, ErrorKind, Result};

/// What a node of the graph is while types are settled.
#[derive(Clone, Copy)]
pub(super) struct Operand(Form);

#[derive(Clone, Copy)]
enum Form {
    /// Of a type of its own.
    Strong(TypedId),
    /// Known only at run time, held in the kind's default type, takes the type of what it meets.
    Weak(TypedId, Kind, Weak),
    /// Known now.
    Literal(Literal),
}

/// The type that operands meet in, and whether it came from weak numbers alone.
#[derive(Clone, Copy)]
pub(super) struct Width {
    pub dtype: DType,
    pub weak: bool,
}

impl Operand {
    pub fn strong(node: TypedId) -> Self {
        Self(Form::Strong(node))
    }
    pub fn weak(node: TypedId, kind: Kind, fits: Weak) -> Self {
        Self(Form::Weak(node, kind, fits))
    }
    pub fn literal(value: Literal) -> Self {
        Self(Form::Literal(value))
    }
    pub fn as_literal(self) -> Option<Literal> {
        match self.0 {
            Form::Literal(value) => Some(value),
            Form::Strong(_) | Form::Weak(..) => None,
        }
    }
    /// The kind of a weak number, and what it fits.
    pub fn as_weak(self) -> Option<(Kind, Weak)> {
        match self.0 {
            Form::Strong(_) => None,
            Form::Weak(_, kind, weak) => Some((kind, weak)),
            Form::Literal(value) => Some((value.kind(), Weak::of(value))),
        }
    }
    pub fn node(self) -> Option<TypedId> {
        match self.0 {
            Form::Strong(node) | Form::Weak(node, ..) => Some(node),
            Form::Literal(_) => None,
        }
    }
    /// Whether it is a weak integer in the range of `dtype`.
    pub fn fits(self, dtype: DType) -> bool {
        self.weak_kind(dtype).is_some_and(|(_, fits)| fits)
    }
    pub fn is_weak(self) -> bool {
        !matches!(self.0, Form::Strong(_))
    }

    /// The kind of a weak number, and whether it fits `dtype` if that is of its kind.
    fn weak_kind(self, dtype: DType) -> Option<(Kind, bool)> {
        match self.0 {
            Form::Strong(_) => None,
            Form::Weak(_, kind, weak) => Some((kind, kind != Kind::Int || weak.fits(dtype))),
            Form::Literal(value) => Some((value.kind(), value.fits(dtype))),
        }
    }
}

impl Inference<'_> {
    /// The type in which operands meet.
    pub(super) fn common(&self, operands: &[Operand]) -> Result<Width> {
        let strong = operands.iter().filter(|o| !o.is_weak()).map(|o| self.dtype(*o)).reduce(DType::promote);
        let mut dtype = strong.unwrap_or(DType::Bool);
        for operand in operands {
            let Some((kind, fits)) = operand.weak_kind(dtype) else { continue };
            dtype = match kind {
                Kind::Complex if dtype.kind() == Kind::Float => dtype.complex(),
                _ if kind > dtype.kind() => self.dtype(*operand),
                _ if fits => dtype,
                // NumPy refuses; to widen loses nothing
                _ => dtype.promote(self.dtype(*operand)),
            };
        }
        // 16-bit floats are computed as f32, also where they meet nothing else
        let dtype = if dtype.kind() == Kind::Float { dtype.float() } else { dtype };
        Ok(Width { dtype, weak: strong.is_none() })
    }

    /// The operand as a node of `dtype`.
    pub(super) fn resolve(&mut self, operand: Operand, dtype: DType) -> Result<TypedId> {
        match operand.0 {
            Form::Strong(node) | Form::Weak(node, ..) => Ok(self.typed.cast(dtype, node)),
            Form::Literal(value) => match value.to_scalar(dtype) {
                Some(scalar) => Ok(self.typed.constant(scalar)),
                None => Err(Error::new(ErrorKind::Overflow, format!("{value} does not fit an {dtype}"))),
            },
        }
    }

    /// Three operands of one type; where there are fewer, the first stands in.
    pub(super) fn resolve_all(&mut self, operands: &[Operand], dtype: DType) -> Result<[TypedId; 3]> {
        let first = self.resolve(operands[0], dtype)?;
        let mut nodes = [first; 3];
        for (node, operand) in nodes.iter_mut().zip(operands).skip(1) {
            *node = self.resolve(*operand, dtype)?;
        }
        Ok(nodes)
    }

    /// The operand as a node of the type it has when it meets no other.
    pub(super) fn settle(&mut self, operand: Operand) -> Result<TypedId> {
        match operand.node() {
            Some(node) => Ok(node),
            None => self.resolve(operand, self.dtype(operand)),
        }
    }
}
