//! The work of a run, counted on its plan, and that of the same one operation at a time, counted on its graph.

use std::collections::HashMap;

use crate::infer::{Dim, Signature, Term, TypedGraph, TypedOp};
use crate::plan::{Access, Buffer, BufferId, Def, Inst, Loop, Place, Plan, Plane};

/// Work of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// Elementwise operations and reductions, counted by element.
    pub operations: u64,
    /// Bytes read from and written to memory beyond the caches' reach.
    pub bytes: u64,
}

impl Figures {
    fn add(&mut self, times: u64, other: Figures) {
        self.operations = self.operations.saturating_add(times.saturating_mul(other.operations));
        self.bytes = self.bytes.saturating_add(times.saturating_mul(other.bytes));
    }
}

/// Passes over data; of steps those of one.
pub(super) fn passes(plan: &Plan) -> usize {
    let steps = plan.loops.iter().filter_map(|nest| nest.steps.as_ref());
    // steps count as a pass in the plan they stand in
    steps.fold(plan.passes(), |sum, steps| sum + passes(&steps.plan) - 1)
}

/// Elements of the largest loop's space.
pub(super) fn elements(plan: &Plan) -> u64 {
    let space = |nest: &Loop| match &nest.steps {
        Some(steps) => elements(&steps.plan),
        None => count(&plan.signature, &nest.dims),
    };
    plan.loops.iter().map(space).max().unwrap_or(0)
}

/// Whether there are loops over elements.
pub(super) fn has_turns(plan: &Plan) -> bool {
    let turns = |inst: &Inst| match inst {
        Inst::Repeat { .. } => true,
        Inst::Let(_) | Inst::Check(..) => false,
    };
    plan.loops.iter().any(|nest| match &nest.steps {
        Some(steps) => has_turns(&steps.plan),
        None => nest.body.blocks.iter().any(|(_, block)| block.insts.iter().any(turns)),
    })
}

pub(super) fn bytes(plan: &Plan, buffer: &Buffer) -> u64 {
    count(&plan.signature, &buffer.dims) * buffer.dtype.size() as u64
}

fn count(signature: &Signature, dims: &[Dim]) -> u64 {
    dims.iter().fold(1u64, |n, dim| n.saturating_mul(signature.extent(*dim) as u64))
}

/// The work of a fused run.
pub(super) fn fused(plan: &Plan) -> Figures {
    let mut figures = Figures::default();
    for nest in &plan.loops {
        match &nest.steps {
            Some(steps) => figures.add(steps.turns, fused(&steps.plan)),
            None => figures.add(1, of_loop(plan, nest)),
        }
    }
    figures
}

fn of_loop(plan: &Plan, nest: &Loop) -> Figures {
    let count = |dims: &[Dim]| count(&plan.signature, dims);
    let mut figures = Figures::default();
    for (_, value) in nest.body.values.iter() {
        if let Def::Op(..) | Def::Call(..) | Def::Convert(_) | Def::Gather(..) = value.def {
            let dims: Vec<Dim> = value.varies.iter().map(|axis| nest.dims[axis]).collect();
            figures.operations += count(&dims);
        }
    }
    figures.operations += nest.reduces.len() as u64 * count(&nest.dims);
    figures.operations += nest.product.map_or(0, |_| 2 * count(&nest.dims));
    // what is walked alike from several places, as an array and itself shifted, is in the caches the second time
    let mut walked: HashMap<(BufferId, Plane, &[Term]), u64> = HashMap::new();
    for (_, access) in nest.accesses.iter().filter(|(_, a)| plan.buffers[a.buffer].place != Place::Index) {
        let buffer = &plan.buffers[access.buffer];
        let whole = bytes(plan, buffer);
        let reached = match access.taken.is_empty() {
            true => count(&reached(nest, access)).saturating_mul(buffer.dtype.size() as u64),
            false => whole,
        };
        let sum = walked.entry((access.buffer, access.plane, &access.terms)).or_default();
        *sum = sum.saturating_add(reached).min(whole);
    }
    figures.bytes = walked.values().sum();
    figures
}

/// The axes along which an access moves: it reaches no more elements than they have.
fn reached(nest: &Loop, access: &Access) -> Vec<Dim> {
    let mut axes: Vec<usize> = access.terms.iter().map(|term| term.axis).collect();
    axes.sort_unstable();
    axes.dedup();
    axes.into_iter().map(|axis| nest.dims[axis]).collect()
}

/// The work of evaluating one operation at a time, each into an array of its own.
pub(super) fn op_at_a_time(typed: &TypedGraph) -> Figures {
    let mut figures = Figures::default();
    let count = |dims: &[Dim]| count(typed.signature(), dims);
    let bytes = |id| {
        let node = typed.nodes()[id];
        match node.op {
            TypedOp::Const(_) | TypedOp::Text(_) | TypedOp::Count(..) => 0,
            // of a view its own elements: who reads it reads no others
            _ => count(typed.shape(id)) * node.dtype.size() as u64,
        }
    };
    for (id, node) in typed.nodes().iter() {
        let operations = match node.op {
            TypedOp::Apply(..) | TypedOp::Call { .. } | TypedOp::Cast(_) => count(typed.shape(id)),
            TypedOp::Reduce { of, .. } | TypedOp::Scan { of, .. } => count(typed.shape(of)),
            TypedOp::MatMul(a, _) => {
                let terms = typed.shape(a).last().map_or(1, |dim| count(&[*dim]));
                2 * terms * count(typed.shape(id))
            }
            TypedOp::Steps(steps) => {
                let steps = &typed.steps()[steps];
                figures.add(steps.turns, op_at_a_time(&steps.body));
                continue;
            }
            TypedOp::Input(_) | TypedOp::Const(_) | TypedOp::Text(_) | TypedOp::Count(..) => continue,
            TypedOp::Check { .. } | TypedOp::Plane(..) | TypedOp::Complex(..) => continue,
            // looking at an array in another way is no work
            TypedOp::View(..) | TypedOp::Reshape(_) => continue,
            // how often a body runs only data tell: it is counted once
            TypedOp::Param(..) | TypedOp::Repeat(_) | TypedOp::Result(..) => continue,
            TypedOp::Stepped(..) => continue,
            TypedOp::Concat(..) => 0,
            TypedOp::Index | TypedOp::Take { .. } => count(typed.shape(id)),
        };
        figures.add(
            1,
            Figures { operations, bytes: node.args().into_iter().map(bytes).sum::<u64>() + bytes(id) },
        );
    }
    figures
}
