//! How the loops of a plan reach the nodes of the graph: the affine maps, each known by a number.

use std::collections::HashMap;

use crate::arena::{Arena, ids};
use crate::infer::{Map, ShapeId, Term, TypedGraph, TypedId, TypedOp, ViewId};

ids! {
    /// A map from a loop's indices to a node's.
    MapId = "map";
}

/// The maps met so far, and what follows from them.
#[derive(Default)]
pub(super) struct Maps {
    maps: Arena<MapId, Map>,
    known: HashMap<Map, MapId>,
    steps: HashMap<(MapId, Step), MapId>,
}

/// From a node to one that it reads.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Step {
    Operand(ShapeId, ShapeId),
    View(ViewId, ShapeId),
    /// The places that a `take` along an axis reads, which are of so many axes.
    Places(usize, usize),
    /// What it takes them from.
    Taken(usize, usize),
}

impl Maps {
    pub(super) fn get(&self, map: MapId) -> &Map {
        &self.maps[map]
    }

    /// The number of a map.
    pub(super) fn add(&mut self, map: Map) -> MapId {
        self.intern(map)
    }

    fn intern(&mut self, map: Map) -> MapId {
        let maps = &mut self.maps;
        *self.known.entry(map.clone()).or_insert_with(|| maps.push(map))
    }

    /// From a loop over a node's own axes to that node.
    pub(super) fn own(&mut self, graph: &TypedGraph, id: TypedId) -> MapId {
        let dims = graph.shape(id);
        self.intern(Map::aligned(dims.len(), dims))
    }

    /// From a loop to an operand of a node that it reaches through `map`.
    pub(super) fn operand(&mut self, graph: &TypedGraph, map: MapId, node: TypedId, arg: TypedId) -> MapId {
        let (from, to) = (graph.nodes()[node].shape, graph.nodes()[arg].shape);
        if from == to {
            return map;
        }
        self.step(map, Step::Operand(from, to), |map| map.to_operand(graph.dims(from).len(), graph.dims(to)))
    }

    /// From a loop to what a view looks at, where it reaches the view through `map`.
    pub(super) fn through(&mut self, graph: &TypedGraph, map: MapId, view: ViewId, of: TypedId) -> MapId {
        let shape = graph.nodes()[of].shape;
        self.step(map, Step::View(view, shape), |map| map.through(graph.view(view), graph.dims(shape).len()))
    }

    /// From a loop to the places of a `take` that it reaches through `map`.
    pub(super) fn places(&mut self, graph: &TypedGraph, map: MapId, axis: usize, index: TypedId) -> MapId {
        let rank = graph.shape(index).len();
        self.step(map, Step::Places(axis, rank), |map| {
            let terms = (0..rank).map(|k| Term { axis: axis + k, buffer_axis: k, step: 1 });
            map.through(&Map::new(terms, []), rank)
        })
    }

    /// From a loop to what a `take` reads, at place 0 along its axis.
    pub(super) fn taken(
        &mut self,
        graph: &TypedGraph,
        map: MapId,
        axis: usize,
        of: TypedId,
        index: TypedId,
    ) -> MapId {
        let (rank, places) = (graph.shape(of).len(), graph.shape(index).len());
        self.step(map, Step::Taken(axis, places * 64 + rank), |map| {
            let terms = (0..rank).filter(|k| *k != axis).map(|k| {
                let from = if k < axis { k } else { k + places - 1 };
                Term { axis: from, buffer_axis: k, step: 1 }
            });
            map.through(&Map::new(terms, []), rank)
        })
    }

    fn step(&mut self, map: MapId, step: Step, make: impl FnOnce(&Map) -> Map) -> MapId {
        if let Some(known) = self.steps.get(&(map, step)) {
            return *known;
        }
        let made = make(&self.maps[map]);
        let id = self.intern(made);
        self.steps.insert((map, step), id);
        id
    }

    /// The nodes that `id` reads where a loop reaches it through `map`, each with the map to it.
    pub(super) fn reads(
        &mut self,
        graph: &TypedGraph,
        id: TypedId,
        map: MapId,
    ) -> smallvec::SmallVec<[(TypedId, MapId); 3]> {
        let node = &graph.nodes()[id];
        match node.op {
            TypedOp::View(of, view) => smallvec::smallvec![(of, self.through(graph, map, view, of))],
            // whole, whatever the loop needs of it
            TypedOp::MatMul(a, b) => smallvec::smallvec![(a, self.own(graph, a)), (b, self.own(graph, b))],
            TypedOp::Reshape(of) => smallvec::smallvec![(of, self.own(graph, of))],
            TypedOp::Stepped(of, _) => smallvec::smallvec![(of, self.own(graph, of))],
            TypedOp::Steps(steps) => {
                graph.steps()[steps].args.iter().map(|arg| (*arg, self.own(graph, *arg))).collect()
            }
            TypedOp::Take { of, index, axis } => {
                smallvec::smallvec![(of, self.own(graph, of)), (index, self.places(graph, map, axis, index))]
            }
            _ => graph.reads(id).iter().map(|arg| (*arg, self.operand(graph, map, id, *arg))).collect(),
        }
    }
}

/// What holds the elements of a node that is reshaped or gathered from: the node without the views on it and without
/// conversions that loads do.
pub(super) fn memory_of(graph: &TypedGraph, mut id: TypedId) -> TypedId {
    loop {
        let node = &graph.nodes()[id];
        id = match node.op {
            TypedOp::View(of, _) => of,
            TypedOp::Cast(of) if graph.nodes()[of].dtype.compute() == node.dtype.compute() => {
                match graph.nodes()[of].op {
                    TypedOp::Input(_) | TypedOp::Reduce { .. } | TypedOp::Scan { .. } | TypedOp::View(..) => {
                        of
                    }
                    _ => return id,
                }
            }
            _ => return id,
        };
    }
}
