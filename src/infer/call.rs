//! Calls of functions that the user supplies: closures take doubles and make doubles, kernels are functions of floats as
//! the language's own are.

use super::{CheckInfo, Inference, Operand, Operands};
use crate::arena::Id;
use crate::dtype::{DType, Kind};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{NodeId, Supplied};

impl Inference<'_> {
    pub(super) fn call(&mut self, id: NodeId, function: &Supplied, args: &[NodeId]) -> Result<Operand> {
        for arg in args {
            let of = self.whole(*arg)?;
            if matches!(self.typed[of].dtype.kind(), Kind::Complex | Kind::Bytes) {
                let message =
                    format!("{}, and `{}` takes real numbers", self.describe(*arg), function.name());
                return Err(Error::new(ErrorKind::Type, message));
            }
        }
        let operands: Operands = args.iter().map(|arg| self.operands[arg.index()]).collect();
        let dtype = match function.kernels() {
            None => DType::F64,
            Some(_) => self.common(&operands)?.dtype.float(),
        };
        let nodes = match function.kernels() {
            // any number is a double to a closure, a literal that is none too
            None => {
                let mut nodes = [self.settle(operands[0])?; 3];
                for (node, operand) in nodes.iter_mut().zip(&operands) {
                    *node = self.settle(*operand)?;
                }
                nodes.map(|node| self.typed.cast(dtype, node))
            }
            Some(_) => self.resolve_all(&operands, dtype)?,
        };
        self.broadcasts(args, &nodes)?;
        let (kind, message) = function.panicked();
        let info = CheckInfo { kind, message, span: self.graph.span(id) };
        Ok(Operand::strong(self.typed.call(function, nodes, info)))
    }
}
