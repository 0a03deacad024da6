//! Stage 3b: what no kernel knows becomes what kernels know.
//!
//! Takes and gives a [`TypedGraph`]. Promises that every reduction left is a fold of the kernels' own.

use numfuse_kernels::{Fold, Op};

use crate::arena::Id;
use crate::graph::Reduction;
use crate::infer::{TypedBuilder, TypedGraph, TypedId, TypedOp};

/// Replaces means by sums over counts.
pub fn lower(graph: &TypedGraph) -> TypedGraph {
    let mut builder = TypedBuilder::new(graph.signature().clone());
    let mut renamed: Vec<TypedId> = Vec::with_capacity(graph.nodes().len());
    for (_, node) in graph.nodes().iter() {
        let id = match node.op {
            TypedOp::Reduce { kind: Reduction::Mean, of, axes, keep } => {
                let of = renamed[of.index()];
                let sum = builder.reduce(Reduction::Sum, of, axes, keep);
                let count = builder.count(of, axes, node.dtype);
                builder.apply(Op::Div, node.dtype, [sum, count, sum])
            }
            _ => builder.copy(graph, node, |a| renamed[a.index()]),
        };
        renamed.push(id);
    }
    let results = graph.results().iter().map(|r| renamed[r.index()]).collect();
    builder.finish(results)
}

/// The fold of a lowered reduction; `None` for one that lowering replaces.
pub fn fold_of(kind: Reduction) -> Option<Fold> {
    Some(match kind {
        Reduction::Sum => Fold::Sum,
        Reduction::Prod => Fold::Prod,
        Reduction::Min => Fold::Min,
        Reduction::Max => Fold::Max,
        Reduction::Any => Fold::Any,
        Reduction::All => Fold::All,
        Reduction::Mean => return None,
    })
}
