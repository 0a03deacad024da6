//! Elements by their places.

use numfuse_kernels::Op;

use super::shape::Dims;
use super::{CheckInfo, Inference, Operand, TypedId, TypedOp, small};
use crate::arena::Id;
use crate::dtype::{DType, Kind, Literal, Scalar};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::NodeId;

impl Inference<'_> {
    /// `take(x, places, axis)`; without an axis places count in C order. Negative ones count from the end.
    pub(super) fn take(&mut self, [of, places]: [NodeId; 2], axis: Option<i32>) -> Result<Operand> {
        let mut node = self.whole(of)?;
        let index = self.whole(places)?;
        if !matches!(self.typed[index].dtype.kind(), Kind::Int) {
            let message = format!("{}, and places are integers", self.describe(places));
            return Err(Error::new(ErrorKind::Type, message));
        }
        if self.typed[node].dtype.kind() == Kind::Bytes {
            let message = format!("{}: byte strings are compared and searched, no more", self.describe(of));
            return Err(Error::new(ErrorKind::Type, message));
        }
        let axis = match axis {
            Some(axis) => self.axis_of(of, node, axis)?,
            None => {
                let count = self.typed.extents(node).iter().product();
                let dim = self.typed.dim(count);
                node = self.typed.reshape(node, Dims::from_slice(&[dim]));
                0
            }
        };
        node = self.somewhere(node);
        let extent = self.typed.extents(node)[axis] as i64;
        let wanted = self.typed.extents(index).iter().all(|n| *n > 0);
        // a loop over no elements takes no turn, and none of them
        let in_loop = self.loops.homes[places.index()].is_some() && self.typed.extents(node).len() == 1;
        if extent == 0 && wanted && !in_loop {
            let message = format!("{}: there is nothing to take along axis {axis}", self.describe(of));
            return Err(Error::new(ErrorKind::Shape, message));
        }
        // unsigned places beyond i64 are beyond any array as well
        let unsigned = self.typed[index].dtype == DType::U64;
        let index = self.typed.cast(DType::I64, index);
        let int = |this: &mut Self, value| this.typed.constant(Scalar::I64(value));
        let (zero, end, least) =
            (int(self, 0), int(self, extent), int(self, if unsigned { 0 } else { -extent }));
        let mut apply = |op, dtype, args| self.typed.apply(op, dtype, args);
        let before = apply(Op::Lt, DType::Bool, [index, least, index]);
        let after = apply(Op::Le, DType::Bool, [end, index, end]);
        let bad = apply(Op::Or, DType::Bool, [before, after, before]);
        let negative = apply(Op::Lt, DType::Bool, [index, zero, index]);
        let from_end = apply(Op::Add, DType::I64, [index, end, index]);
        let place = apply(Op::Where, DType::I64, [negative, from_end, index]);
        // a wrong place is an error, and nothing is read there
        let place = apply(Op::Where, DType::I64, [bad, zero, place]);
        let message = format!("a place is not within the {extent} elements along axis {axis}");
        let info = CheckInfo { kind: ErrorKind::Domain, message, span: self.graph.span(places) };
        let place = self.typed.check(place, bad, info);
        if extent == 0 && wanted {
            let dtype = self.typed[node].dtype;
            return Ok(Operand::strong(self.typed.cast(dtype, place)));
        }
        Ok(Operand::strong(self.typed.take(node, place, axis)))
    }

    /// A node that can lie in memory: what follows from its place alone is computed first.
    pub(super) fn somewhere(&mut self, node: TypedId) -> TypedId {
        let mut base = node;
        while let TypedOp::View(of, _) = self.typed[base].op {
            base = of;
        }
        if !matches!(self.typed[base].op, TypedOp::Index | TypedOp::Const(_)) {
            return node;
        }
        let dtype = self.typed[node].dtype;
        // no rule of simplifying undoes these: x - 0 it would
        let (op, none) = match dtype.kind() {
            Kind::Bool => (Op::Or, Scalar::Bool(false)),
            _ => (Op::Add, neutral(dtype)),
        };
        let none = self.typed.constant(none);
        self.typed.apply(op, dtype, [node, none, node])
    }
}

/// What added to any number of a type is that number, -0 too.
fn neutral(dtype: DType) -> Scalar {
    let zero = match dtype.kind() {
        Kind::Float => Literal::Float(-0.0),
        Kind::Complex => Literal::Complex(num_complex::Complex::new(-0.0, -0.0)),
        Kind::Bool | Kind::Int | Kind::Bytes => Literal::Int(0),
    };
    zero.to_scalar(dtype).unwrap_or_else(|| small(0, dtype))
}
