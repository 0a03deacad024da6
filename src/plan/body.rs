//! A loop's body: typed nodes become values, and reads of memory become accesses.

use std::collections::HashMap;

use numfuse_kernels::Fold;

use super::{
    Access, AccessId, Block, BlockId, Body, BufferId, Def, Inst, Loop, Plane, Reduce, Store, Term, Value,
    ValueId,
};
use crate::arena::{Arena, Id};
use crate::infer::{AxisSet, Dim, TypedGraph, TypedId, TypedOp};

/// Builds one [`Loop`].
pub(super) struct Emitter<'a, Stored: Fn(TypedId) -> Option<BufferId>> {
    graph: &'a TypedGraph,
    /// The buffer to read a node from, if it lies in one.
    stored: Stored,
    values: HashMap<TypedId, ValueId>,
    nest: Loop,
}

impl<'a, Stored: Fn(TypedId) -> Option<BufferId>> Emitter<'a, Stored> {
    pub(super) fn new(graph: &'a TypedGraph, dims: Vec<Dim>, stored: Stored) -> Self {
        let mut body = Body::default();
        body.blocks.push(Block::default());
        let nest = Loop {
            dims,
            reduced: AxisSet::EMPTY,
            accesses: Arena::new(),
            body,
            stores: Vec::new(),
            reduces: Vec::new(),
        };
        Self { graph, stored, values: HashMap::new(), nest }
    }

    pub(super) fn finish(self) -> Loop {
        self.nest
    }

    /// Writes a node over the whole space.
    pub(super) fn store(&mut self, id: TypedId, buffer: BufferId) {
        let value = self.value(id);
        let access = self.access(buffer, self.graph.shape(id));
        self.nest.stores.push(Store { value, access });
    }

    /// Reduces a node over axes of the space.
    pub(super) fn reduce(&mut self, fold: Fold, of: TypedId, axes: AxisSet, keep: bool, buffer: BufferId) {
        let value = self.value(of);
        self.nest.reduced = axes;
        let mut terms = Vec::new();
        let mut buffer_axis = 0;
        for axis in 0..self.nest.dims.len() {
            if axes.contains(axis) {
                buffer_axis += usize::from(keep);
                continue;
            }
            if self.nest.dims[axis] != Dim::ONE {
                terms.push(Term { axis, buffer_axis, step: 1 });
            }
            buffer_axis += 1;
        }
        let access = Access { buffer, plane: Plane::Whole, terms, offsets: Vec::new() };
        let access = self.nest.accesses.push(access);
        self.nest.reduces.push(Reduce { fold, value, access });
    }

    fn access(&mut self, buffer: BufferId, shape: &[Dim]) -> AccessId {
        let missing = self.nest.dims.len() - shape.len();
        let along = shape.iter().enumerate().filter(|(_, dim)| **dim != Dim::ONE);
        let terms = along.map(|(k, _)| Term { axis: missing + k, buffer_axis: k, step: 1 }).collect();
        self.nest.accesses.push(Access { buffer, plane: Plane::Whole, terms, offsets: Vec::new() })
    }

    /// Reads a node from memory.
    fn load(&mut self, id: TypedId, buffer: BufferId) {
        let access = self.access(buffer, self.graph.shape(id));
        let mut varies = AxisSet::EMPTY;
        for term in &self.nest.accesses[access].terms {
            varies = varies.with(term.axis);
        }
        self.push(id, varies, Def::Load(access));
    }

    fn push(&mut self, id: TypedId, varies: AxisSet, def: Def) {
        let compute = self.graph.nodes()[id].dtype.compute();
        let value = self.nest.body.values.push(Value { compute, varies, def });
        self.inst(Inst::Let(value));
        self.values.insert(id, value);
    }

    fn inst(&mut self, inst: Inst) {
        self.nest.body.blocks[BlockId::new(0)].insts.push(inst);
    }

    /// The value of a node: loaded if it lies in memory, else computed from what it needs, without recursion: a
    /// sum may have 100,000 terms.
    fn value(&mut self, root: TypedId) -> ValueId {
        let mut stack = vec![(root, false)];
        while let Some((id, ready)) = stack.pop() {
            if self.values.contains_key(&id) {
                continue;
            }
            if let Some(buffer) = (self.stored)(id) {
                self.load(id, buffer);
            } else if ready {
                self.emit(id);
            } else {
                stack.push((id, true));
                stack.extend(self.graph.nodes()[id].args().iter().rev().map(|arg| (*arg, false)));
            }
        }
        self.values[&root]
    }

    /// Computes a node from its arguments.
    fn emit(&mut self, id: TypedId) {
        let node = self.graph.nodes()[id];
        let args = node.args();
        let varies = args
            .iter()
            .fold(AxisSet::EMPTY, |set, arg| set.union(self.nest.body.values[self.values[arg]].varies));
        let def = match node.op {
            TypedOp::Const(value) => Def::Const(value),
            TypedOp::Apply(op, args) => {
                let count = op.info().params.len();
                let mut operands = [self.values[&args[0]]; 3];
                for k in 1..count {
                    operands[k] = self.values[&args[k]];
                }
                Def::Op(op, operands)
            }
            TypedOp::Cast(of) => Def::Convert(self.values[&of]),
            TypedOp::Count(shape, axes) => {
                let dims = self.graph.dims(shape);
                Def::Count(axes.iter().map(|axis| dims[axis]).filter(|d| *d != Dim::ONE).collect())
            }
            TypedOp::Check { value, bad, check } => {
                let (value, bad) = (self.values[&value], self.values[&bad]);
                self.inst(Inst::Check(bad, check));
                self.values.insert(id, value);
                return;
            }
            TypedOp::Input(_) | TypedOp::Reduce { .. } => unreachable!("{id} lies in memory and is loaded"),
        };
        self.push(id, varies, def);
    }
}
