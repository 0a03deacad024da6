//! Broadcasting.

use smallvec::SmallVec;

use numfuse_kernels::Op;

use super::{Dim, Inference, TypedId};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::NodeId;

/// The axes of a shape, outermost first.
pub type Dims = SmallVec<[Dim; 4]>;

/// NumPy's rule: aligned at the last axis, equal extents or 1. `None` where the shapes do not go together.
pub(super) fn broadcast(a: &[Dim], b: &[Dim]) -> Option<Dims> {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let mut result = Dims::from_slice(long);
    let offset = long.len() - short.len();
    for (dim, other) in result[offset..].iter_mut().zip(short) {
        match (*dim, *other) {
            (x, y) if x == y => {}
            (_, Dim::ONE) => {}
            (Dim::ONE, y) => *dim = y,
            _ => return None,
        }
    }
    Some(result)
}

impl Inference<'_> {
    /// Refuses operands whose shapes do not broadcast, naming them.
    pub(super) fn check_broadcast(&self, op: Op, args: &[NodeId], nodes: &[TypedId; 3]) -> Result<()> {
        self.broadcasts(&args[..op.info().params.len()], nodes)
    }

    /// Whether nodes, as many as there are arguments, broadcast together.
    pub(super) fn broadcasts(&self, args: &[NodeId], nodes: &[TypedId; 3]) -> Result<()> {
        let count = args.len();
        let mut shape = Dims::from_slice(self.typed.shape(nodes[0]));
        for k in 1..count {
            match broadcast(&shape, self.typed.shape(nodes[k])) {
                Some(both) => shape = both,
                None => {
                    // the first earlier operand that does not go with this one
                    let clash = |j: &usize| {
                        broadcast(self.typed.shape(nodes[*j]), self.typed.shape(nodes[k])).is_none()
                    };
                    let j = (0..k).find(clash).unwrap_or(0);
                    let (a, b) = (self.describe(args[j]), self.describe(args[k]));
                    let message = format!("{a} and {b}: these shapes do not broadcast together");
                    let help = "aligned at the last axis, extents must be equal or 1";
                    return Err(Error::new(ErrorKind::Shape, message).with_help(help));
                }
            }
        }
        Ok(())
    }
}
