//! What it costs to compute a node again.

use crate::arena::Id;
use crate::infer::{TypedGraph, TypedOp};

/// Up to this many simple operations a producer is cheaper to compute again than to store and to load.
const CHEAP: u32 = 8;
/// What it costs to fetch an element from anywhere.
const GATHER: u32 = 4;
/// An operation of this cost is never computed twice: a division, a call.
const DEAR: u32 = 8;

/// Whether computing a node again costs less than storing it, leaves aside.
pub(super) fn cheap(graph: &TypedGraph) -> Vec<bool> {
    let mut costs: Vec<u32> = Vec::with_capacity(graph.nodes().len());
    for (_, node) in graph.nodes().iter() {
        let own = match node.op {
            TypedOp::Apply(op, _) if op.info().cost >= DEAR => CHEAP + 1,
            TypedOp::Apply(op, _) => op.info().cost,
            TypedOp::Cast(of) => u32::from(graph.nodes()[of].dtype.compute() != node.dtype.compute()),
            TypedOp::Call { .. } => CHEAP + 1,
            TypedOp::Check { .. } => 1,
            TypedOp::Input(_) | TypedOp::Const(_) | TypedOp::Text(_) | TypedOp::Plane(..) => 0,
            TypedOp::Complex(..) | TypedOp::Count(..) | TypedOp::Reduce { .. } | TypedOp::Scan { .. } => 0,
            TypedOp::View(..) | TypedOp::Reshape(_) | TypedOp::Index | TypedOp::MatMul(..) => 0,
            TypedOp::Concat(..) => 0,
            TypedOp::Take { .. } => GATHER,
            TypedOp::Repeat(_) | TypedOp::Steps(_) => CHEAP + 1,
            TypedOp::Stepped(..) => 0,
            TypedOp::Param(..) | TypedOp::Result(..) => 0,
        };
        let below: u32 = match node.op {
            TypedOp::Reduce { .. } | TypedOp::Scan { .. } | TypedOp::Reshape(_) | TypedOp::MatMul(..) => 0,
            TypedOp::Stepped(..) => 0,
            TypedOp::Concat(..) => 0,
            TypedOp::Take { index, .. } => costs[index.index()],
            _ => node.args().iter().map(|a| costs[a.index()]).sum(),
        };
        costs.push((own + below).min(CHEAP + 1));
    }
    costs.into_iter().map(|cost| cost <= CHEAP).collect()
}
