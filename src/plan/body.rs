//! A loop's body: typed nodes become values, and reads of memory become accesses.

use std::collections::HashMap;
use std::sync::Arc;

use numfuse_kernels::{Fold, Op};

use super::maps::{MapId, Maps};
use super::{
    Access, AccessId, Block, BlockId, Body, BufferId, Def, Inst, Loop, Plan, Plane, Product, Reduce, Steps,
    Store, Text, Value, ValueId,
};
use crate::arena::{Arena, Id};
use crate::dtype::Kind;
use crate::graph::RegionId;
use crate::infer::{AxisSet, Dim, Map, Term, TypedGraph, TypedId, TypedOp};

/// Builds one [`Loop`].
pub(super) struct Emitter<'a, Stored: Fn(TypedId) -> Option<BufferId>> {
    graph: &'a TypedGraph,
    maps: &'a mut Maps,
    /// The buffer to read a node from, if it lies in one.
    stored: Stored,
    /// A node reached through two maps is two values.
    values: HashMap<(TypedId, MapId), ValueId>,
    /// Elementwise loops that have been emitted, and the blocks of those that are being.
    repeats: HashMap<(TypedId, MapId), BlockId>,
    blocks: HashMap<RegionId, BlockId>,
    loops: &'a Loops,
    nest: Loop,
}

/// The elementwise loops of a graph: which region each node belongs to, and the nodes of their variables.
pub(super) struct Loops {
    pub(super) homes: Vec<Option<RegionId>>,
    params: HashMap<(RegionId, u32), TypedId>,
}

impl Loops {
    pub(super) fn new(graph: &TypedGraph) -> Loops {
        let params = graph.nodes().iter().filter_map(|(id, node)| match node.op {
            TypedOp::Param(region, k) => Some(((region, k), id)),
            _ => None,
        });
        Loops { homes: graph.homes(), params: params.collect() }
    }
}

/// How far a node is that waits on the emitter's stack.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing has been asked for.
    Asked,
    /// A loop: what comes before it is there.
    Body,
    /// All that it reads is there.
    Ready,
}

impl<'a, Stored: Fn(TypedId) -> Option<BufferId>> Emitter<'a, Stored> {
    pub(super) fn new(
        graph: &'a TypedGraph,
        loops: &'a Loops,
        maps: &'a mut Maps,
        dims: Vec<Dim>,
        stored: Stored,
    ) -> Self {
        let mut body = Body::default();
        body.blocks.push(Block::default());
        let nest = Loop {
            dims,
            reduced: AxisSet::EMPTY,
            accesses: Arena::new(),
            body,
            stores: Vec::new(),
            reduces: Vec::new(),
            running: false,
            product: None,
            steps: None,
            finishes: false,
        };
        let (values, repeats, blocks) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { graph, maps, stored, values, repeats, blocks, loops, nest }
    }

    pub(super) fn finish(self) -> Loop {
        self.nest
    }

    /// Writes a node over the whole space, from a place of the buffer on.
    pub(super) fn store(&mut self, id: TypedId, buffer: BufferId, start: &[i64]) {
        let own = self.maps.own(self.graph, id);
        let parts = match self.graph.nodes()[id].op {
            TypedOp::Complex(re, im) => {
                let map = |this: &mut Self, part| this.maps.operand(this.graph, own, id, part);
                [(re, map(self, re), Plane::Real), (im, map(self, im), Plane::Imaginary)]
            }
            _ => [(id, own, Plane::Whole); 2],
        };
        let count = if parts[0] == parts[1] { 1 } else { 2 };
        for (part, map, plane) in &parts[..count] {
            let value = self.value(*part, *map);
            let access = self.access(buffer, *plane, own);
            self.nest.accesses[access].offsets = trimmed(start);
            self.nest.stores.push(Store { value, access });
        }
    }

    /// Reduces a node over axes of the space.
    pub(super) fn reduce(
        &mut self,
        fold: Fold,
        of: TypedId,
        axes: AxisSet,
        keep: bool,
        buffer: BufferId,
        start: &[i64],
    ) {
        let own = self.maps.own(self.graph, of);
        let (value, imaginary) = match self.graph.nodes()[of].op {
            TypedOp::Complex(re, im) => {
                let map = |this: &mut Self, part| this.maps.operand(this.graph, own, of, part);
                let maps = (map(self, re), map(self, im));
                (self.value(re, maps.0), Some(self.value(im, maps.1)))
            }
            _ => (self.value(of, own), None),
        };
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
        let access =
            Access { buffer, plane: Plane::Whole, terms, offsets: trimmed(start), taken: Vec::new() };
        let access = self.nest.accesses.push(access);
        self.nest.reduces.push(Reduce { fold, value, imaginary, access });
    }

    /// Runs a fold along an axis of the space, and writes what it comes to at each element.
    pub(super) fn scan(&mut self, fold: Fold, of: TypedId, axis: usize, buffer: BufferId) {
        let own = self.maps.own(self.graph, of);
        let value = self.value(of, own);
        let access = self.access(buffer, Plane::Whole, own);
        self.nest.reduced = AxisSet::EMPTY.with(axis);
        self.nest.running = true;
        self.nest.reduces.push(Reduce { fold, value, imaginary: None, access });
    }

    /// Multiplies matrices: the space is that of the result, and the axis that is summed over.
    pub(super) fn product(&mut self, id: TypedId, [a, b]: [TypedId; 2], buffer: BufferId) {
        let rank = self.graph.shape(id).len();
        let (row, column, sum) = (rank - 2, rank - 1, rank);
        let operand = |this: &mut Self, of: TypedId, last: [usize; 2]| {
            let dims = this.graph.shape(of);
            let missing = rank - dims.len();
            let axis = |k: usize| if k + 2 < dims.len() { missing + k } else { last[k + 2 - dims.len()] };
            let moves = (0..dims.len()).filter(|k| dims[*k] != Dim::ONE);
            let map = Map::new(moves.map(|k| Term { axis: axis(k), buffer_axis: k, step: 1 }), []);
            let map = this.maps.add(map);
            let (buffer, plane, map) = this.in_memory(of, map).expect("what is multiplied is stored");
            this.access(buffer, plane, map)
        };
        let (a, b) = (operand(self, a, [row, sum]), operand(self, b, [sum, column]));
        let own = self.maps.own(self.graph, id);
        let result = self.access(buffer, Plane::Whole, own);
        self.nest.reduced = AxisSet::EMPTY.with(sum);
        self.nest.product = Some(Product { a, b, result });
    }

    /// Takes steps on whole arrays: `plan` is one of them, `read` what they begin with, `written` what takes the
    /// variables.
    pub(super) fn steps(
        &mut self,
        turns: u64,
        plan: Arc<Plan>,
        read: &[BufferId],
        written: &[Option<BufferId>],
    ) {
        let whole = self.maps.add(Map::default());
        let reads = read.iter().map(|buffer| self.access(*buffer, Plane::Whole, whole)).collect();
        let writes = written.iter().map(|buffer| (*buffer).map(|b| self.access(b, Plane::Whole, whole)));
        let writes = writes.collect();
        self.nest.steps = Some(Steps { turns, plan, reads, writes });
    }

    fn access(&mut self, buffer: BufferId, plane: Plane, map: MapId) -> AccessId {
        let map = self.maps.get(map);
        self.nest.accesses.push(Access {
            buffer,
            plane,
            terms: map.terms().to_vec(),
            offsets: map.offsets().to_vec(),
            taken: Vec::new(),
        })
    }

    /// Reads a node, or a part of its elements, from memory.
    fn load(&mut self, id: TypedId, map: MapId, buffer: BufferId, plane: Plane) {
        let varies = self.maps.get(map).varies();
        let access = self.access(buffer, plane, map);
        self.push(id, map, varies, Def::Load(access));
    }

    /// The elements of a node that lies in memory, views on it aside: its buffer, plane and map.
    fn in_memory(&mut self, mut id: TypedId, mut map: MapId) -> Option<(BufferId, Plane, MapId)> {
        loop {
            let node = &self.graph.nodes()[id];
            match node.op {
                _ if (self.stored)(id).is_some() => {
                    let plane = match node.op {
                        TypedOp::Reshape(of) => match self.graph.nodes()[of].op {
                            TypedOp::Plane(_, plane) => plane,
                            _ => Plane::Whole,
                        },
                        _ => Plane::Whole,
                    };
                    return (self.stored)(id).map(|buffer| (buffer, plane, map));
                }
                TypedOp::Plane(whole, plane) => {
                    return (self.stored)(whole).map(|buffer| (buffer, plane, map));
                }
                TypedOp::View(of, view) => {
                    map = self.maps.through(self.graph, map, view, of);
                    id = of;
                }
                TypedOp::Cast(of) if self.graph.nodes()[of].dtype.compute() == node.dtype.compute() => {
                    id = of
                }
                _ => return None,
            }
        }
    }

    /// A comparison of byte strings: they are never values, so it reads them itself.
    fn compare_bytes(&mut self, id: TypedId, map: MapId, op: Op, args: [TypedId; 2]) {
        let mut varies = AxisSet::EMPTY;
        let texts = args.map(|arg| match self.graph.nodes()[arg].op {
            TypedOp::Text(text) => Text::Bytes(self.graph.texts()[text].clone()),
            _ => {
                let map = self.maps.operand(self.graph, map, id, arg);
                let (buffer, _, map) = self.in_memory(arg, map).expect("byte strings are inputs or literals");
                varies = varies.union(self.maps.get(map).varies());
                Text::Element(self.access(buffer, Plane::Whole, map))
            }
        });
        self.push(id, map, varies, Def::Bytes(op, texts));
    }

    /// Elements at places that data say.
    fn gather(&mut self, id: TypedId, map: MapId, of: TypedId, index: TypedId, axis: usize) {
        let places = self.maps.places(self.graph, map, axis, index);
        let place = self.values[&(index, places)];
        let fixed = self.maps.taken(self.graph, map, axis, of, index);
        let (buffer, plane, fixed) = self.in_memory(of, fixed).expect("what is gathered from is stored");
        // where a step along the axis leads in memory
        let along = {
            let rank = self.graph.shape(of).len();
            let terms = [Term { axis: 0, buffer_axis: axis, step: 1 }];
            let single = self.maps.add(Map::new(terms, vec![0; rank]));
            let (_, _, along) = self.in_memory(of, single).expect("as above");
            self.maps.get(along).terms().iter().map(|t| (t.buffer_axis, t.step)).collect()
        };
        let access = self.access(buffer, plane, fixed);
        self.nest.accesses[access].taken = along;
        let varies = self.maps.get(fixed).varies().union(self.nest.body.values[place].varies);
        self.push(id, map, varies, Def::Gather(access, place));
    }

    fn push(&mut self, id: TypedId, map: MapId, varies: AxisSet, def: Def) {
        let compute = self.graph.nodes()[id].dtype.compute();
        let value = self.nest.body.values.push(Value { compute, varies, def });
        self.inst(id, Inst::Let(value));
        self.values.insert((id, map), value);
    }

    /// Adds an instruction to the block that a node belongs to.
    fn inst(&mut self, id: TypedId, inst: Inst) {
        let block = self.loops.homes[id.index()].map_or(BlockId::new(0), |region| self.blocks[&region]);
        self.nest.body.blocks[block].insts.push(inst);
    }

    /// The value of a node reached through a map: loaded if it lies in memory, else computed from what it needs,
    /// without recursion: a sum may have 100,000 terms.
    fn value(&mut self, root: TypedId, map: MapId) -> ValueId {
        let mut stack = vec![(root, map, Stage::Asked)];
        while let Some((id, map, stage)) = stack.pop() {
            if self.values.contains_key(&(id, map)) || self.repeats.contains_key(&(id, map)) {
                continue;
            }
            let node = &self.graph.nodes()[id];
            let ready = stage == Stage::Ready;
            let asked = |(arg, map): (TypedId, MapId)| (arg, map, Stage::Asked);
            let lies_in_memory = (self.stored)(id).is_some() || matches!(node.op, TypedOp::Plane(..));
            if lies_in_memory {
                let (buffer, plane, _) = self.in_memory(id, map).expect("a plane is of what lies in memory");
                self.load(id, map, buffer, plane);
            } else if let TypedOp::Apply(op, [a, b, _]) = node.op
                && self.graph.nodes()[a].dtype.kind() == Kind::Bytes
            {
                self.compare_bytes(id, map, op, [a, b]);
            } else if let TypedOp::Take { of, index, axis } = node.op {
                let places = self.maps.places(self.graph, map, axis, index);
                match ready {
                    true => self.gather(id, map, of, index, axis),
                    false => stack.extend([(id, map, Stage::Ready), (index, places, Stage::Asked)]),
                }
            } else if let TypedOp::Repeat(region) = node.op {
                let reads = self.maps.reads(self.graph, id, map);
                let before = 1 + self.graph.regions()[region].init.len();
                match stage {
                    Stage::Asked => {
                        stack.push((id, map, Stage::Body));
                        stack.extend(reads[..before].iter().rev().copied().map(asked));
                    }
                    Stage::Body => {
                        self.open(id, map, region);
                        stack.push((id, map, Stage::Ready));
                        stack.extend(reads[before..].iter().rev().copied().map(asked));
                    }
                    Stage::Ready => self.close(id, map, region, &reads),
                }
            } else if ready {
                self.emit(id, map);
            } else {
                stack.push((id, map, Stage::Ready));
                let reads = self.maps.reads(self.graph, id, map);
                stack.extend(reads.into_iter().rev().map(asked));
            }
        }
        self.values[&(root, map)]
    }

    /// Begins the body of an elementwise loop.
    fn open(&mut self, id: TypedId, map: MapId, region: RegionId) {
        let count = self.graph.regions()[region].init.len() as u32;
        let block = self.nest.body.blocks.push(Block { params: count, ..Block::default() });
        self.blocks.insert(region, block);
        for k in 0..count {
            // a variable that the body does not read has none
            let Some(param) = self.loops.params.get(&(region, k)).copied() else { continue };
            let own = self.maps.operand(self.graph, map, id, param);
            let varies = self.maps.get(own).varies();
            self.push(param, own, varies, Def::Param(block, k));
        }
    }

    /// Ends the body of an elementwise loop. Its values are of this time round: through another map they are others.
    fn close(&mut self, id: TypedId, map: MapId, region: RegionId, reads: &[(TypedId, MapId)]) {
        let values: Vec<ValueId> = reads.iter().map(|read| self.values[read]).collect();
        let count = self.graph.regions()[region].init.len();
        let block = self.blocks[&region];
        let body = &mut self.nest.body.blocks[block];
        body.go_on = Some(values[1 + count]);
        body.yields = values[2 + count..].to_vec();
        let (bound, init) = (values[0], values[1..=count].to_vec());
        self.inst(id, Inst::Repeat { bound, init, body: block });
        let (graph, homes) = (self.graph, &self.loops.homes);
        let is_outside = |id: &TypedId| !graph.is_within(homes[id.index()], region);
        self.values.retain(|(id, _), _| is_outside(id));
        self.repeats.retain(|(id, _), _| is_outside(id));
        self.repeats.insert((id, map), block);
    }

    /// Computes a node from its arguments.
    fn emit(&mut self, id: TypedId, map: MapId) {
        let node = self.graph.nodes()[id];
        if let TypedOp::Result(of, k) = node.op {
            let block = self.repeats[&(of, map)];
            let varies = self.maps.get(map).varies();
            return self.push(id, map, varies, Def::Of(block, k));
        }
        let reads = self.maps.reads(self.graph, id, map);
        let args: smallvec::SmallVec<[ValueId; 3]> = reads.iter().map(|read| self.values[read]).collect();
        let varies = args.iter().fold(AxisSet::EMPTY, |set, v| set.union(self.nest.body.values[*v].varies));
        let def = match node.op {
            TypedOp::Const(value) => Def::Const(value),
            TypedOp::Apply(op, _) => {
                let mut operands = [args[0]; 3];
                operands[..args.len()].copy_from_slice(&args);
                Def::Op(op, operands)
            }
            TypedOp::Call { function, check, .. } => {
                let mut operands = [args[0]; 3];
                operands[..args.len()].copy_from_slice(&args);
                Def::Call(self.graph.function(function).clone(), operands, check)
            }
            // what is computed alike needs no conversion: it is loaded or stored as another type
            TypedOp::Cast(of) if self.graph.nodes()[of].dtype.compute() == node.dtype.compute() => {
                self.values.insert((id, map), args[0]);
                return;
            }
            TypedOp::Cast(_) => Def::Convert(args[0]),
            TypedOp::View(..) => {
                self.values.insert((id, map), args[0]);
                return;
            }
            TypedOp::Count(shape, axes) => {
                let dims = self.graph.dims(shape);
                Def::Count(axes.iter().map(|axis| dims[axis]).filter(|d| *d != Dim::ONE).collect())
            }
            TypedOp::Check { check, .. } => {
                self.inst(id, Inst::Check(args[1], check));
                self.values.insert((id, map), args[0]);
                return;
            }
            TypedOp::Input(_) | TypedOp::Plane(..) | TypedOp::Reduce { .. } | TypedOp::Scan { .. } => {
                unreachable!("{id} lies in memory and is loaded")
            }
            TypedOp::Index | TypedOp::Reshape(_) => unreachable!("{id} is loaded"),
            TypedOp::Take { .. } => unreachable!("{id} is gathered"),
            TypedOp::MatMul(..) | TypedOp::Concat(..) => unreachable!("{id} lies in memory and is loaded"),
            TypedOp::Param(..) | TypedOp::Repeat(_) | TypedOp::Result(..) => {
                unreachable!("{id} is of a loop's body, or the loop")
            }
            TypedOp::Steps(_) | TypedOp::Stepped(..) => unreachable!("{id} lies in memory and is loaded"),
            TypedOp::Text(_) | TypedOp::Complex(..) => unreachable!("{id} is no value of a body"),
        };
        self.push(id, map, varies, def);
    }
}

/// Offsets without zeros at their end, as maps have them.
fn trimmed(start: &[i64]) -> Vec<i64> {
    let len = start.iter().rposition(|at| *at != 0).map_or(0, |last| last + 1);
    start[..len].to_vec()
}
