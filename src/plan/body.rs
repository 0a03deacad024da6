//! A loop's body: typed nodes become values, and reads of memory become accesses.

use std::collections::HashMap;

use numfuse_kernels::{Fold, Op};

use super::{
    Access, AccessId, Block, BlockId, Body, BufferId, Def, Inst, Loop, Plane, Reduce, Store, Term, Text,
    Value, ValueId,
};
use crate::arena::{Arena, Id};
use crate::dtype::Kind;
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
        let parts = match self.graph.nodes()[id].op {
            TypedOp::Complex(re, im) => [(re, Plane::Real), (im, Plane::Imaginary)],
            _ => [(id, Plane::Whole); 2],
        };
        let count = if parts[0] == parts[1] { 1 } else { 2 };
        for (part, plane) in &parts[..count] {
            let value = self.value(*part);
            let access = self.access(buffer, *plane, self.graph.shape(id));
            self.nest.stores.push(Store { value, access });
        }
    }

    /// Reduces a node over axes of the space.
    pub(super) fn reduce(&mut self, fold: Fold, of: TypedId, axes: AxisSet, keep: bool, buffer: BufferId) {
        let (re, im) = match self.graph.nodes()[of].op {
            TypedOp::Complex(re, im) => (re, Some(im)),
            _ => (of, None),
        };
        let value = self.value(re);
        let imaginary = im.map(|im| self.value(im));
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
        self.nest.reduces.push(Reduce { fold, value, imaginary, access });
    }

    fn access(&mut self, buffer: BufferId, plane: Plane, shape: &[Dim]) -> AccessId {
        let missing = self.nest.dims.len() - shape.len();
        let along = shape.iter().enumerate().filter(|(_, dim)| **dim != Dim::ONE);
        let terms = along.map(|(k, _)| Term { axis: missing + k, buffer_axis: k, step: 1 }).collect();
        self.nest.accesses.push(Access { buffer, plane, terms, offsets: Vec::new() })
    }

    /// Reads a node, or a part of its elements, from memory.
    fn load(&mut self, id: TypedId, buffer: BufferId, plane: Plane) {
        let access = self.access(buffer, plane, self.graph.shape(id));
        let varies = self.varies(access);
        self.push(id, varies, Def::Load(access));
    }

    /// The axes along which an access moves.
    fn varies(&self, access: AccessId) -> AxisSet {
        let mut varies = AxisSet::EMPTY;
        for term in &self.nest.accesses[access].terms {
            varies = varies.with(term.axis);
        }
        varies
    }

    /// A comparison of byte strings: they are never values, so it reads them itself.
    fn compare_bytes(&mut self, id: TypedId, op: Op, args: [TypedId; 2]) {
        let mut varies = AxisSet::EMPTY;
        let texts = args.map(|arg| match self.graph.nodes()[arg].op {
            TypedOp::Text(text) => Text::Bytes(self.graph.texts()[text].clone()),
            _ => {
                let buffer = (self.stored)(arg).expect("byte strings are inputs or literals");
                let access = self.access(buffer, Plane::Whole, self.graph.shape(arg));
                varies = varies.union(self.varies(access));
                Text::Element(access)
            }
        });
        self.push(id, varies, Def::Bytes(op, texts));
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
            let node = &self.graph.nodes()[id];
            if let Some(buffer) = (self.stored)(id) {
                self.load(id, buffer, Plane::Whole);
            } else if let TypedOp::Plane(input, plane) = node.op {
                let buffer = (self.stored)(input).expect("a plane is of what lies in memory");
                self.load(id, buffer, plane);
            } else if let TypedOp::Apply(op, [a, b, _]) = node.op
                && self.graph.nodes()[a].dtype.kind() == Kind::Bytes
            {
                self.compare_bytes(id, op, [a, b]);
            } else if ready {
                self.emit(id);
            } else {
                stack.push((id, true));
                stack.extend(node.args().iter().rev().map(|arg| (*arg, false)));
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
            // what is computed alike needs no conversion: it is loaded or stored as another type
            TypedOp::Cast(of) if self.graph.nodes()[of].dtype.compute() == node.dtype.compute() => {
                self.values.insert(id, self.values[&of]);
                return;
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
            TypedOp::Input(_) | TypedOp::Plane(..) | TypedOp::Reduce { .. } => {
                unreachable!("{id} lies in memory and is loaded")
            }
            TypedOp::Text(_) | TypedOp::Complex(..) => unreachable!("{id} is no value of a body"),
        };
        self.push(id, varies, def);
    }
}
