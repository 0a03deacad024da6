//! Elementwise loops: complex variables become two, and those that nobody needs are left out.

use super::{Lowering, Value};
use crate::arena::Id;
use crate::dtype::{DType, Kind};
use crate::graph::RegionId;
use crate::infer::{Needed, TypedGraph, TypedId, TypedNode, TypedOp, TypedRegion};

/// What of a graph with loops is needed, and where each variable stands once lowered.
pub(super) struct Variables {
    /// By node; empty where everything is.
    needed: Vec<bool>,
    /// By region and variable; `None` where nobody needs it.
    places: Vec<Vec<Option<u32>>>,
}

impl Variables {
    pub(super) fn new(graph: &TypedGraph) -> Self {
        if graph.regions().is_empty() {
            return Variables { needed: Vec::new(), places: Vec::new() };
        }
        let Needed { nodes, variables: carried } = graph.needed();
        let places = carried.iter().map(|(region, carried)| {
            let mut next = 0;
            let place = |(k, carried): (usize, &bool)| {
                carried.then(|| {
                    let here = next;
                    let dtype = graph.nodes()[graph.regions()[region].init[k]].dtype;
                    next += if dtype.kind() == Kind::Complex { 2 } else { 1 };
                    here
                })
            };
            carried.iter().enumerate().map(place).collect()
        });
        Variables { places: places.collect(), needed: nodes }
    }

    /// Whether anything needs a node.
    pub(super) fn needs(&self, id: TypedId) -> bool {
        self.needed.is_empty() || self.needed[id.index()]
    }

    fn place(&self, region: RegionId, k: u32) -> u32 {
        self.places[region.index()][k as usize].expect("who reads a variable needs it")
    }
}

impl Lowering<'_> {
    /// A variable inside its loop: in its range, whatever its type.
    pub(super) fn param(&mut self, node: &TypedNode, region: RegionId, k: u32) -> Value {
        let dims: crate::infer::Dims = self.graph.dims(node.shape).into();
        let place = self.variables.place(region, k);
        let mut part = |k, dtype: DType| self.builder.param(region, k, dtype, dims.clone());
        match node.dtype.kind() {
            Kind::Complex => {
                let dtype = node.dtype.real();
                Value::Complex((part(place, dtype), part(place + 1, dtype)))
            }
            _ => Value::Real(part(place, node.dtype.computed())),
        }
    }

    pub(super) fn repeat(&mut self, node: &TypedNode, region: RegionId) -> Value {
        let TypedRegion { parent, bound, init, go_on, next } = &self.graph.regions()[region];
        let carried = |ids: &[TypedId]| -> Vec<TypedId> {
            let places = self.variables.places[region.index()].iter();
            ids.iter().zip(places).filter(|(_, place)| place.is_some()).map(|(id, _)| *id).collect()
        };
        let (init, next) = (carried(init), carried(next));
        let (bound, go_on) = (self.real(*bound), self.real(*go_on));
        let (init, next) = (self.parts_of(&init), self.parts_of(&next));
        let body = TypedRegion { parent: *parent, bound, init, go_on, next };
        Value::Real(self.builder.repeat(region, body, self.graph.dims(node.shape).into()))
    }

    /// A variable after its loop.
    pub(super) fn left(&mut self, node: &TypedNode, of: TypedId, k: u32) -> Value {
        let TypedOp::Repeat(region) = self.graph.nodes()[of].op else {
            unreachable!("{of} is a loop");
        };
        let (repeat, place) = (self.real(of), self.variables.place(region, k));
        match node.dtype.kind() {
            Kind::Complex => {
                Value::Complex((self.builder.result(repeat, place), self.builder.result(repeat, place + 1)))
            }
            _ => Value::Real(self.builder.result(repeat, place)),
        }
    }

    fn parts_of(&mut self, ids: &[TypedId]) -> Vec<TypedId> {
        let mut parts = Vec::with_capacity(ids.len());
        for id in ids {
            match self.values[id.index()] {
                Value::Complex((re, im)) => parts.extend([re, im]),
                Value::Real(_) | Value::Loose(..) => parts.push(self.real(*id)),
            }
        }
        parts
    }
}
