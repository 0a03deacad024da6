//! Which nodes share a loop, and which are stored.
//!
//! Fusion never multiplies work. A producer that several loops read, or that is repeated along an axis it does not
//! have, is recomputed if that is cheap and stored once if not. Everything else lives in tiles.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::body::{Emitter, Loops};
use super::cost::cheap;
use super::finishing::mark_finishing;
use super::maps::{MapId, Maps, memory_of};
use super::pieces::{Pieces, Target};
use super::reuse::reuse_results;
use super::{Buffer, BufferId, Loop, Place, Plan};
use crate::arena::{Arena, Id};
use crate::infer::{AxisSet, Dim, Plane, ShapeId, TypedGraph, TypedId, TypedOp};
use crate::lower::fold_of;

/// When, and over which space, a node is computed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Site {
    time: u32,
    space: ShapeId,
}

/// What keeps targets over one space in loops of their own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Folding {
    /// Reductions over different axes.
    Over(AxisSet),
    /// What is written step by step along an axis.
    Along(usize),
    /// A product of matrices.
    Product(TypedId),
    /// Steps on whole arrays.
    Steps(TypedId),
}

/// Where a node's users are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Demand {
    Nowhere,
    /// In one loop, through one map.
    In(Site, MapId),
    InSeveral,
}

/// What the planner finds out about each node.
struct Fusion<'a> {
    graph: &'a TypedGraph,
    maps: Maps,
    /// Whether it is written to memory: a result, a reduction, or a temporary that pays.
    stored: Vec<bool>,
    /// The earliest time at which its loop can run.
    time: Vec<u32>,
    /// The same of a loop that copies it into an array of which it is a piece.
    copied: Vec<u32>,
    /// Whether anything needs it.
    needed: Vec<bool>,
    cheap: Vec<bool>,
    loops: Loops,
    pieces: Pieces,
}

/// Cuts a lowered graph into loops.
pub fn plan(graph: &TypedGraph) -> Plan {
    let count = graph.nodes().len();
    let mut fusion = Fusion {
        graph,
        maps: Maps::default(),
        stored: vec![false; count],
        time: vec![0; count],
        copied: vec![0; count],
        needed: vec![false; count],
        cheap: cheap(graph),
        loops: Loops::new(graph),
        pieces: Pieces::find(graph),
    };
    fusion.pieces.homes().for_each(|piece| fusion.stored[piece.node.index()] = true);
    for id in graph.results() {
        fusion.stored[id.index()] = true;
    }
    for (id, node) in graph.nodes().iter() {
        fusion.stored[id.index()] |= match node.op {
            TypedOp::Concat(..) => !fusion.pieces.of(id).is_empty(),
            op => makes_memory(&op),
        };
        // what is gathered from, or seen in another shape, lies in memory
        if let TypedOp::MatMul(a, b) = node.op {
            for operand in [a, b] {
                let memory = multiplied(graph, operand);
                fusion.stored[memory.index()] |= !lies_in_memory(&graph.nodes()[memory].op);
            }
        }
        if let TypedOp::Steps(steps) = node.op {
            for arg in &graph.steps()[steps].args {
                fusion.stored[arg.index()] |= !lies_in_memory(&graph.nodes()[*arg].op);
            }
        }
        if let TypedOp::Reshape(of) | TypedOp::Take { of, .. } = node.op {
            let of = match node.op {
                TypedOp::Take { .. } => memory_of(graph, of),
                _ => reshaped(graph, of).0,
            };
            fusion.stored[of.index()] |= !lies_in_memory(&graph.nodes()[of].op);
        }
    }
    // to store a node moves its readers to a later loop, which may split what others share: repeat until none moves
    loop {
        fusion.set_times();
        if !fusion.store_what_pays() {
            break;
        }
    }
    fusion.into_plan()
}

fn is_leaf(op: &TypedOp) -> bool {
    match op {
        TypedOp::Input(_)
        | TypedOp::Const(_)
        | TypedOp::Text(_)
        | TypedOp::Plane(..)
        | TypedOp::Index
        | TypedOp::Param(..)
        | TypedOp::Count(..) => true,
        TypedOp::View(..) | TypedOp::Reshape(_) | TypedOp::Take { .. } => false,
        TypedOp::Repeat(_) | TypedOp::Result(..) | TypedOp::Steps(_) | TypedOp::Stepped(..) => false,
        TypedOp::Apply(..) | TypedOp::Call { .. } | TypedOp::Cast(_) | TypedOp::Complex(..) => false,
        TypedOp::Reduce { .. } | TypedOp::Scan { .. } | TypedOp::Check { .. } | TypedOp::MatMul(..) => false,
        TypedOp::Concat(..) => false,
    }
}

/// Whether a node is written by a loop of its kind, or by several, and read by later ones only.
fn makes_memory(op: &TypedOp) -> bool {
    matches!(
        op,
        TypedOp::Reduce { .. }
            | TypedOp::Scan { .. }
            | TypedOp::MatMul(..)
            | TypedOp::Stepped(..)
            | TypedOp::Concat(..)
    )
}

/// Whether it lies in memory as it is, and can be read there in any order.
fn lies_in_memory(op: &TypedOp) -> bool {
    match op {
        TypedOp::Index | TypedOp::Const(_) | TypedOp::Text(_) | TypedOp::Count(..) | TypedOp::Param(..) => {
            false
        }
        TypedOp::Reshape(_) => true,
        op => is_leaf(op),
    }
}

/// The node that must lie in memory for a product of matrices to read an operand: what a view looks at.
fn multiplied(graph: &TypedGraph, mut id: TypedId) -> TypedId {
    while let TypedOp::View(of, _) = graph.nodes()[id].op {
        id = of;
    }
    id
}

/// The node whose memory a reshape looks at, and which part of its elements.
fn reshaped(graph: &TypedGraph, of: TypedId) -> (TypedId, Plane) {
    match graph.nodes()[of].op {
        TypedOp::Plane(whole, plane) => (whole, plane),
        TypedOp::Cast(inner)
            if matches!(graph.nodes()[inner].op, TypedOp::Input(_))
                && graph.nodes()[inner].dtype.compute() == graph.nodes()[of].dtype.compute() =>
        {
            (inner, Plane::Whole)
        }
        _ => (of, Plane::Whole),
    }
}

impl Fusion<'_> {
    /// When the loop of each stored node can run. A loop may compute what it stores and use it at once, over the
    /// same space; what is stored over another space, and every reduction, must come from an earlier loop. So the
    /// time of an operation depends on the space in which it is computed.
    fn set_times(&mut self) {
        let nodes = self.graph.nodes();
        let mut spaces: Vec<ShapeId> =
            nodes.iter().filter(|(id, _)| self.stored[id.index()]).map(|(id, _)| self.space(id)).collect();
        spaces.sort_unstable();
        spaces.dedup();
        // the last column is that of elements other than the one computed: what a view reaches must be there already
        let elsewhere = spaces.len();
        let columns = elsewhere + 1;
        let mut times = vec![0u32; nodes.len() * columns];
        for (id, node) in nodes.iter() {
            let own = self.space(id);
            if let TypedOp::Concat(..) = node.op {
                self.set_time_of_pieces(id, |piece| times[piece.index() * columns + elsewhere]);
                continue;
            }
            let moves = matches!(
                node.op,
                TypedOp::View(..)
                    | TypedOp::Reshape(_)
                    | TypedOp::Take { .. }
                    | TypedOp::MatMul(..)
                    | TypedOp::Steps(_)
            );
            for column in 0..columns {
                let space = spaces.get(column).copied().filter(|_| !moves);
                let after = |arg: &TypedId| {
                    let argument = &nodes[*arg];
                    let waits = match argument.op {
                        // a number that a step reads is written first, too
                        _ if matches!(node.op, TypedOp::Steps(_)) && self.stored[arg.index()] => Some(1),
                        _ if !self.stored[arg.index()] || is_leaf(&argument.op) => None,
                        _ if makes_memory(&argument.op) => Some(1),
                        _ => Some(u32::from(Some(argument.shape) != space)),
                    };
                    match waits {
                        Some(wait) => self.time[arg.index()] + wait,
                        None if moves => times[arg.index() * columns + elsewhere],
                        None => times[arg.index() * columns + column],
                    }
                };
                let time = self.graph.reads(id).iter().map(after).max().unwrap_or(0);
                times[id.index() * columns + column] = time;
                if spaces.get(column) == Some(&own) {
                    self.time[id.index()] = time;
                }
            }
        }
    }

    /// When an array of pieces is complete. `available` tells when what is copied could be computed.
    fn set_time_of_pieces(&mut self, id: TypedId, available: impl Fn(TypedId) -> u32) {
        let copies: Vec<TypedId> = self.pieces.copies(id).map(|piece| piece.node).collect();
        for node in copies {
            self.copied[node.index()] = match self.stored[node.index()] {
                true if !is_leaf(&self.graph.nodes()[node].op) => self.time[node.index()] + 1,
                _ => available(node),
            };
        }
        let written = self.pieces.of(id).iter().map(|piece| match self.pieces.home(piece.node) {
            Some(_) => self.time[piece.node.index()],
            None => self.copied[piece.node.index()],
        });
        self.time[id.index()] = written.max().unwrap_or(0);
    }

    /// The loop that copies a piece to where it belongs.
    fn copy_site(&self, piece: TypedId) -> Site {
        Site { time: self.copied[piece.index()], space: self.graph.nodes()[piece].shape }
    }

    /// The space of the loop that would write a node: its operand's if it is a reduction.
    fn space(&self, id: TypedId) -> ShapeId {
        match self.graph.nodes()[id].op {
            TypedOp::Reduce { of, .. } | TypedOp::Stepped(of, _) => self.graph.nodes()[of].shape,
            _ => self.graph.nodes()[id].shape,
        }
    }

    /// The loop that writes a stored node.
    fn site(&self, id: TypedId) -> Site {
        Site { time: self.time[id.index()], space: self.space(id) }
    }

    /// Marks one more round of nodes to store, users first, so that the largest shared expression is the one
    /// stored. Answers whether there was any.
    fn store_what_pays(&mut self) -> bool {
        let mut demand = vec![Demand::Nowhere; self.graph.nodes().len()];
        let mut found = false;
        for (id, node) in self.graph.nodes().iter().rev() {
            let k = id.index();
            self.needed[k] = demand[k] != Demand::Nowhere || self.graph.results().contains(&id);
            if !self.needed[k] {
                continue;
            }
            if let TypedOp::Concat(..) = node.op {
                for piece in self.pieces.of(id) {
                    let site = match self.pieces.home(piece.node) {
                        Some(_) => self.site(piece.node),
                        None => self.copy_site(piece.node),
                    };
                    let here = Demand::In(site, self.maps.own(self.graph, piece.node));
                    let known = &mut demand[piece.node.index()];
                    *known = self.both(piece.node, *known, here);
                }
                continue;
            }
            let dear = !self.stored[k] && !is_leaf(&node.op) && !self.cheap[k];
            if dear && self.loops.homes[k].is_none() && self.is_repeated(id, demand[k]) {
                found |= self.store(id);
            }
            let (site, map) = match demand[k] {
                Demand::In(site, map) if !self.stored[k] => (Some(site), map),
                // cheap enough for several loops: what it reads is read in all of them
                Demand::InSeveral if !self.stored[k] => (None, self.maps.own(self.graph, id)),
                _ => (Some(self.site(id)), self.maps.own(self.graph, id)),
            };
            let map = match node.op {
                TypedOp::Reduce { of, .. } => self.maps.own(self.graph, of),
                _ => map,
            };
            let reads = match node.op {
                TypedOp::Reduce { of, .. } => smallvec::smallvec![(of, map)],
                _ => self.maps.reads(self.graph, id, map),
            };
            for (arg, map) in reads {
                let here = site.map_or(Demand::InSeveral, |site| Demand::In(site, map));
                demand[arg.index()] = self.both(arg, demand[arg.index()], here);
            }
        }
        found
    }

    /// Marks a node to be stored; a loop's values are those of its results. Answers whether that is news.
    fn store(&mut self, id: TypedId) -> bool {
        if !matches!(self.graph.nodes()[id].op, TypedOp::Repeat(_)) {
            return !std::mem::replace(&mut self.stored[id.index()], true);
        }
        let mut found = false;
        for (result, node) in self.graph.nodes().iter() {
            if matches!(node.op, TypedOp::Result(of, _) if of == id) && self.needed[result.index()] {
                found |= !std::mem::replace(&mut self.stored[result.index()], true);
            }
        }
        found
    }

    /// The demands of a node's users so far and of one more.
    fn both(&self, id: TypedId, before: Demand, next: Demand) -> Demand {
        match (before, next) {
            (Demand::Nowhere, demand) => demand,
            (before, next) if before == next => before,
            // what looks at a slice computes little of it again
            (before, next) if self.is_slice(id, next) => before,
            (before, next) if self.is_slice(id, before) => next,
            _ => Demand::InSeveral,
        }
    }

    /// Whether a demand is for elements at one index of an axis, none of them twice: the more such slices there are, the
    /// less each of them is of the whole.
    fn is_slice(&self, id: TypedId, demand: Demand) -> bool {
        let Demand::In(site, map) = demand else { return false };
        let (map, dims) = (self.maps.get(map), self.graph.shape(id));
        let moves = |axis: usize| map.terms().iter().any(|term| term.buffer_axis == axis);
        let is_part = dims.iter().enumerate().any(|(axis, dim)| *dim != Dim::ONE && !moves(axis));
        is_part && (map.terms().is_empty() || map.is_injective(self.graph.dims(site.space)))
    }

    /// Whether fusing this node into its users would compute an element of it more than once.
    fn is_repeated(&self, id: TypedId, demand: Demand) -> bool {
        let dims = self.graph.shape(id);
        // a scalar is computed once a call wherever it stands
        if dims.iter().all(|d| *d == Dim::ONE) {
            return false;
        }
        match demand {
            Demand::Nowhere => false,
            Demand::InSeveral => true,
            // one element is computed once a call
            Demand::In(_, map) if self.maps.get(map).terms().is_empty() => false,
            Demand::In(site, map) => !self.maps.get(map).is_injective(self.graph.dims(site.space)),
        }
    }

    fn into_plan(mut self) -> Plan {
        let mut plan = Plan {
            loops: Vec::new(),
            buffers: Arena::new(),
            results: Vec::new(),
            checks: self.graph.checks().clone(),
            signature: self.graph.signature().clone(),
        };
        let buffers = self.buffers(&mut plan);
        let pieces = std::mem::take(&mut self.pieces);
        for (site, targets) in self.groups(&pieces) {
            let nest = self.emit(site, &targets, &buffers, &plan.buffers);
            plan.loops.push(nest);
        }
        mark_finishing(&mut plan);
        for (k, id) in self.graph.results().iter().enumerate() {
            let shared = plan.results.iter().zip(self.graph.results()).find(|(_, other)| *other == id);
            let place = Place::Result(k as u32);
            let buffer = match shared {
                None => plan.buffers.iter().find(|(_, b)| b.place == place).map(|(b, _)| b),
                Some((first, _)) => Some(*first),
            };
            plan.results.push(buffer.expect("every result has a buffer"));
        }
        reuse_results(self.graph, &mut plan, &buffers);
        debug_assert_eq!(plan.verify(), Ok(()));
        plan
    }

    /// A buffer for every input and stored node; a node that is twice a result has the first one's.
    fn buffers(&self, plan: &mut Plan) -> HashMap<TypedId, BufferId> {
        let mut buffers = HashMap::new();
        for (id, node) in self.graph.nodes().iter() {
            let k = id.index();
            let dims = self.graph.shape(id).to_vec();
            let result = self.graph.results().iter().position(|r| *r == id);
            match node.op {
                TypedOp::Input(input) if self.needed[k] => {
                    let place = Place::Input(input);
                    buffers.insert(
                        id,
                        plan.buffers.push(Buffer { place, dtype: node.dtype, dims: dims.clone() }),
                    );
                }
                TypedOp::Index if self.needed[k] => {
                    let place = Place::Index;
                    buffers.insert(
                        id,
                        plan.buffers.push(Buffer { place, dtype: node.dtype, dims: dims.clone() }),
                    );
                }
                TypedOp::Reshape(of) if self.needed[k] => {
                    let base = buffers[&reshaped(self.graph, of).0];
                    let (place, dtype) = (Place::Reshaped(base), plan.buffers[base].dtype);
                    buffers.insert(id, plan.buffers.push(Buffer { place, dtype, dims: dims.clone() }));
                }
                _ => {}
            }
            if !self.stored[k] || !self.needed[k] || self.pieces.home(id).is_some() {
                continue;
            }
            let place = match result {
                Some(r) => Place::Result(r as u32),
                None => Place::Stored { reuses: None },
            };
            let buffer = plan.buffers.push(Buffer { place, dtype: node.dtype, dims });
            // what reads an input goes on reading the input, result or not
            buffers.entry(id).or_insert(buffer);
        }
        for piece in self.pieces.homes() {
            if let Some(buffer) = buffers.get(&piece.whole).copied() {
                buffers.insert(piece.node, buffer);
            }
        }
        buffers
    }

    /// Loops with what each writes, in the order of execution. Reductions over different axes of one space are
    /// different loops; elementwise results join the first loop over their space.
    fn groups<'p>(&self, pieces: &'p Pieces) -> Vec<(Site, Vec<Target<'p>>)> {
        let mut groups: Vec<(Site, Option<Folding>, Vec<Target<'p>>)> = Vec::new();
        let mut known: HashMap<(Site, Option<Folding>), usize> = HashMap::new();
        for (id, node) in self.graph.nodes().iter() {
            if !self.stored[id.index()] || !self.needed[id.index()] {
                continue;
            }
            let mut join = |site: Site, axes: Option<Folding>, target: Target<'p>| {
                let group = *known.entry((site, axes)).or_insert_with(|| {
                    groups.push((site, axes, Vec::new()));
                    groups.len() - 1
                });
                groups[group].2.push(target);
            };
            let axes = match node.op {
                TypedOp::Concat(..) => {
                    for piece in pieces.copies(id) {
                        join(self.copy_site(piece.node), None, Target::Copy(piece));
                    }
                    continue;
                }
                TypedOp::Reduce { axes, .. } => Some(Folding::Over(axes)),
                TypedOp::Scan { axis, .. } => Some(Folding::Along(axis)),
                TypedOp::MatMul(..) => Some(Folding::Product(id)),
                TypedOp::Stepped(of, _) => Some(Folding::Steps(of)),
                _ => None,
            };
            join(self.site(id), axes, pieces.home(id).map_or(Target::Node(id), Target::Home));
        }
        let mut merged: Vec<(Site, Vec<Target<'p>>)> = Vec::new();
        let mut first: HashMap<Site, usize> = HashMap::new();
        // reducing loops first, so that the elementwise results find one to join
        groups.sort_by_key(|(site, axes, _)| (site.time, axes.is_none()));
        for (site, axes, targets) in groups {
            match (axes, first.get(&site)) {
                (None, Some(group)) => merged[*group].1.extend(targets),
                // nothing joins a product, or steps
                (Some(Folding::Product(_) | Folding::Steps(_)), _) => merged.push((site, targets)),
                _ => {
                    first.entry(site).or_insert(merged.len());
                    merged.push((site, targets));
                }
            }
        }
        merged
    }

    fn emit(
        &mut self,
        site: Site,
        targets: &[Target<'_>],
        buffers: &HashMap<TypedId, BufferId>,
        places: &Arena<BufferId, Buffer>,
    ) -> Loop {
        let mut dims = self.graph.dims(site.space).to_vec();
        if let [Target::Node(id)] = targets
            && let TypedOp::MatMul(a, _) = self.graph.nodes()[*id].op
        {
            dims.extend(self.graph.shape(a).last());
        }
        // what is copied is loaded if it lies in memory
        let computed = targets.iter().filter(|target| !matches!(target, Target::Copy(_)));
        let stores: HashSet<TypedId> = computed.map(|target| target.node()).collect();
        let graph = self.graph;
        let stored = |id: TypedId| match graph.nodes()[id].op {
            TypedOp::Const(_) | TypedOp::Text(_) | TypedOp::Plane(..) | TypedOp::Count(..) => None,
            TypedOp::Input(_) | TypedOp::Reduce { .. } | TypedOp::Scan { .. } => buffers.get(&id).copied(),
            TypedOp::Index | TypedOp::Reshape(_) => buffers.get(&id).copied(),
            // what this loop stores, it computes
            _ if stores.contains(&id) => None,
            TypedOp::Apply(..) | TypedOp::Call { .. } | TypedOp::Cast(_) | TypedOp::Check { .. } => {
                buffers.get(&id).copied()
            }
            TypedOp::View(..) | TypedOp::Take { .. } | TypedOp::MatMul(..) => buffers.get(&id).copied(),
            TypedOp::Result(..) | TypedOp::Stepped(..) => buffers.get(&id).copied(),
            // what steps begin with
            TypedOp::Steps(_) => None,
            TypedOp::Concat(..) => buffers.get(&id).copied(),
            TypedOp::Complex(..) | TypedOp::Param(..) | TypedOp::Repeat(_) => None,
        };
        let mut emitter = Emitter::new(graph, &self.loops, &mut self.maps, dims, stored);
        if let TypedOp::Stepped(of, _) = graph.nodes()[targets[0].node()].op
            && let TypedOp::Steps(steps) = graph.nodes()[of].op
        {
            let steps = &graph.steps()[steps];
            let mut written = vec![None; steps.variables];
            for id in targets.iter().map(|target| target.node()) {
                if let TypedOp::Stepped(_, k) = graph.nodes()[id].op {
                    written[k as usize] = Some(buffers[&id]);
                }
            }
            let read: Vec<BufferId> = steps.args.iter().map(|arg| buffers[arg]).collect();
            emitter.steps(steps.turns, Arc::new(plan(&steps.body)), &read, &written);
            return emitter.finish();
        }
        for target in targets {
            let (id, piece) = (&target.node(), target.piece());
            let node = graph.nodes()[*id];
            let start = piece.map_or(&[][..], |piece| &piece.start);
            let result = graph.results().iter().position(|r| r == id);
            // a result may be an input as well, which is read where it is and written where it belongs
            let own = result.and_then(|r| places.iter().find(|(_, b)| b.place == Place::Result(r as u32)));
            let buffer = match piece {
                Some(piece) => buffers[&piece.whole],
                None => own.map_or_else(|| buffers[id], |(b, _)| b),
            };
            match node.op {
                _ if matches!(target, Target::Copy(_)) => emitter.store(*id, buffer, start),
                TypedOp::Reduce { kind, of, axes, keep } => {
                    let fold = fold_of(kind).expect("lowering has replaced every other reduction");
                    emitter.reduce(fold, of, axes, keep, buffer, start);
                }
                TypedOp::MatMul(a, b) => emitter.product(*id, [a, b], buffer),
                TypedOp::Scan { kind, of, axis } => {
                    let fold = fold_of(kind).expect("running sums and products are folds");
                    emitter.scan(fold, of, axis, buffer);
                }
                _ => emitter.store(*id, buffer, start),
            }
        }
        emitter.finish()
    }
}
