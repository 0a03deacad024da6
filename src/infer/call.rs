//! Calls of functions that the user supplies: they take doubles, and make doubles.

use super::{CheckInfo, Inference, Operand};
use crate::dtype::{DType, Kind};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{NodeId, Supplied};

impl Inference<'_> {
    pub(super) fn call(&mut self, id: NodeId, function: &Supplied, args: &[NodeId]) -> Result<Operand> {
        let mut nodes = [self.whole(args[0])?; 3];
        for (node, arg) in nodes.iter_mut().zip(args) {
            let of = self.whole(*arg)?;
            if matches!(self.typed[of].dtype.kind(), Kind::Complex | Kind::Bytes) {
                let message =
                    format!("{}, and `{}` takes real numbers", self.describe(*arg), function.name());
                return Err(Error::new(ErrorKind::Type, message));
            }
            *node = self.typed.cast(DType::F64, of);
        }
        let first = nodes[0];
        nodes[args.len()..].fill(first);
        self.broadcasts(args, &nodes)?;
        let (kind, message) = function.panicked();
        let info = CheckInfo { kind, message, span: self.graph.span(id) };
        Ok(Operand::strong(self.typed.call(function, nodes, info)))
    }
}
