//! The bodies of elementwise loops in a typed graph.

use smallvec::SmallVec;

use super::form::{TypedGraph, TypedId, TypedOp};
use crate::arena::{Arena, Id};
use crate::graph::RegionId;

/// The body of an elementwise loop: what it computes of its variables, the [`TypedOp::Param`]s. A node belongs to the
/// innermost region whose variables it reaches; everything else is computed before the loop.
#[derive(Clone, PartialEq, Debug)]
pub struct TypedRegion {
    /// The region around it.
    pub parent: Option<RegionId>,
    /// How many turns at most: one `i64`.
    pub bound: TypedId,
    /// The variables' first values, of the variables' types; they broadcast to the variables' shapes.
    pub init: Vec<TypedId>,
    /// Asked before each turn; a bool.
    pub go_on: TypedId,
    /// The variables' next values.
    pub next: Vec<TypedId>,
}

impl TypedRegion {
    /// Everything that a loop reads, what comes before it first.
    pub fn reads(&self) -> impl Iterator<Item = TypedId> + '_ {
        let before = std::iter::once(self.bound).chain(self.init.iter().copied());
        before.chain(std::iter::once(self.go_on)).chain(self.next.iter().copied())
    }
}

/// What of a graph its results need.
pub struct Needed {
    /// By node.
    pub nodes: Vec<bool>,
    /// By region and variable.
    pub variables: Arena<RegionId, Vec<bool>>,
}

impl TypedGraph {
    /// What its results need: of a loop's variables, those that are read after it, or that others in need read.
    pub fn needed(&self) -> Needed {
        let mut nodes = vec![false; self.nodes.len()];
        let mut variables: Arena<RegionId, Vec<bool>> = Arena::new();
        for (_, region) in self.regions.iter() {
            variables.push(vec![false; region.init.len()]);
        }
        let mut stack: Vec<TypedId> = self.results.clone();
        while let Some(id) = stack.pop() {
            if std::mem::replace(&mut nodes[id.index()], true) {
                continue;
            }
            let variable = match self.nodes[id].op {
                TypedOp::Param(region, k) => Some((region, k as usize)),
                TypedOp::Result(of, k) => match self.nodes[of].op {
                    TypedOp::Repeat(region) => Some((region, k as usize)),
                    _ => None,
                },
                TypedOp::Repeat(region) => {
                    let region = &self.regions[region];
                    stack.extend([region.bound, region.go_on]);
                    continue;
                }
                _ => None,
            };
            if let Some((region, k)) = variable
                && !std::mem::replace(&mut variables[region][k], true)
            {
                stack.extend([self.regions[region].init[k], self.regions[region].next[k]]);
            }
            stack.extend(self.reads(id));
        }
        Needed { nodes, variables }
    }

    /// The bodies of its loops.
    pub fn regions(&self) -> &Arena<RegionId, TypedRegion> {
        &self.regions
    }

    /// The nodes that a node needs, those of a loop's body with the loop.
    pub fn reads(&self, id: TypedId) -> SmallVec<[TypedId; 3]> {
        match self.nodes[id].op {
            TypedOp::Repeat(region) => self.regions[region].reads().collect(),
            TypedOp::Steps(steps) => self.steps[steps].args.iter().copied().collect(),
            _ => self.nodes[id].args(),
        }
    }

    /// Whether `region` is `around`, or lies in it.
    pub fn is_within(&self, mut region: Option<RegionId>, around: RegionId) -> bool {
        while let Some(own) = region {
            if own == around {
                return true;
            }
            region = self.regions[own].parent;
        }
        false
    }

    /// The region that each node belongs to.
    pub fn homes(&self) -> Vec<Option<RegionId>> {
        let mut homes: Vec<Option<RegionId>> = Vec::with_capacity(self.nodes.len());
        for (_, node) in self.nodes.iter() {
            let home = match node.op {
                TypedOp::Param(region, _) => Some(region),
                TypedOp::Repeat(region) => self.regions[region].parent,
                _ if self.regions.is_empty() => None,
                _ => node.args().iter().fold(None, |home, arg| self.inner(home, homes[arg.index()])),
            };
            homes.push(home);
        }
        homes
    }

    /// The inner one of two regions of which one lies in the other.
    fn inner(&self, a: Option<RegionId>, b: Option<RegionId>) -> Option<RegionId> {
        match a {
            Some(around) if !self.is_within(b, around) => a,
            _ => b,
        }
    }
}
