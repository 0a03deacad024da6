//! The body of steps on whole arrays, as a graph of its own.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Graph, InputId, Node, NodeId, Region, RegionId, RegionKind};
use crate::arena::Id;

impl Graph {
    /// What one step computes: a graph whose first inputs are the variables of `region`, whose others are what the body
    /// reads from outside, and whose results are the variables' next values. Answers it with the nodes outside. `homes`
    /// is the region that each node belongs to.
    pub(crate) fn body_of(&self, region: RegionId, homes: &[Option<RegionId>]) -> (Graph, Vec<NodeId>) {
        let mut body = Extraction {
            from: self,
            region,
            homes,
            graph: Graph {
                source: self.source.clone(),
                constants: self.constants.clone(),
                ..Graph::default()
            },
            numbers: HashMap::new(),
            outside: Vec::new(),
        };
        for k in 0..self.regions[region].init.len() {
            body.graph.inputs.push(self.variable_name(region, k as u32));
        }
        for (_, inner) in self.regions.iter() {
            body.graph.regions.push(inner.clone());
        }
        let next = &self.regions[region].next;
        next.iter().for_each(|root| body.add(*root));
        body.graph.results = next.iter().map(|id| body.numbers[id]).collect();
        body.graph.names = vec![None; next.len()];
        let numbers = body.numbers;
        for id in body.graph.regions.ids() {
            let inner = &body.graph.regions[id];
            let is_inside = inner.reads().all(|read| numbers.contains_key(&read)) && id != region;
            let parent = inner.parent.filter(|parent| *parent != region);
            let renamed = match is_inside {
                true => inner.renamed(|id| numbers[&id]),
                // a region outside has no node here
                false => Region { init: vec![], next: vec![], ..inner.clone() },
            };
            body.graph.regions[id] = Region { parent, ..renamed };
        }
        body.graph.find_known();
        (body.graph, body.outside)
    }

    /// What the text calls a variable, if a node reads it.
    fn variable_name(&self, region: RegionId, k: u32) -> Arc<str> {
        let param = self.nodes.iter().find(|(_, node)| **node == Node::Param(region, k));
        let span = param.and_then(|(id, _)| self.span(id));
        match span.zip(self.source.as_ref()).and_then(|(span, text)| text.get(span)) {
            Some(text) => text.into(),
            None => format!("variable {}", k + 1).into(),
        }
    }

    /// Whether a region is, or lies in, the body of steps.
    pub(crate) fn is_in_steps(&self, mut region: Option<RegionId>) -> bool {
        while let Some(own) = region {
            if self.regions[own].kind == RegionKind::Steps {
                return true;
            }
            region = self.regions[own].parent;
        }
        false
    }

    fn is_within(&self, mut region: Option<RegionId>, around: RegionId) -> bool {
        while let Some(own) = region {
            if own == around {
                return true;
            }
            region = self.regions[own].parent;
        }
        false
    }

    /// The graph with these conversions and extents of its results; `None` leaves one as it is.
    pub(crate) fn with_results(mut self, changes: Vec<Vec<Node>>) -> Graph {
        for (result, nodes) in self.results.iter_mut().zip(changes) {
            for node in nodes {
                let of = *result;
                let span = self.spans[of.index()].clone();
                *result = self.nodes.push(node.renamed(|_| of));
                self.spans.push(span);
            }
        }
        self.find_known();
        self
    }
}

struct Extraction<'a> {
    from: &'a Graph,
    region: RegionId,
    homes: &'a [Option<RegionId>],
    graph: Graph,
    /// By node of the whole graph.
    numbers: HashMap<NodeId, NodeId>,
    outside: Vec<NodeId>,
}

impl Extraction<'_> {
    /// Copies a node and what it reads, without recursion.
    fn add(&mut self, root: NodeId) {
        let mut stack = vec![(root, false)];
        while let Some((id, ready)) = stack.pop() {
            if self.numbers.contains_key(&id) {
                continue;
            }
            let node = &self.from.nodes[id];
            let copy = match node {
                Node::Param(of, k) if *of == self.region => Node::Input(InputId::new(*k as usize)),
                Node::Literal(_) | Node::Scalar(_) | Node::Text(_) => node.clone(),
                _ if !self.from.is_within(self.homes[id.index()], self.region) => {
                    self.outside.push(id);
                    Node::Input(self.graph.inputs.push(self.name(id)))
                }
                _ if !ready => {
                    stack.push((id, true));
                    if let Node::Repeat(region) = node {
                        let reads: Vec<NodeId> = self.from.regions[*region].reads().collect();
                        stack.extend(reads.into_iter().rev().map(|read| (read, false)));
                    }
                    stack.extend(node.args().iter().rev().map(|arg| (*arg, false)));
                    continue;
                }
                _ => node.renamed(|id| self.numbers[&id]),
            };
            let number = self.graph.nodes.push(copy);
            self.graph.spans.push(self.from.spans[id.index()].clone());
            self.numbers.insert(id, number);
        }
    }

    fn name(&self, id: NodeId) -> Arc<str> {
        let text = self.from.source.as_ref().zip(self.from.span(id));
        match &self.from.nodes[id] {
            Node::Input(input) => self.from.inputs[*input].clone(),
            _ => match text.and_then(|(text, span)| text.get(span)) {
                Some(text) => text.into(),
                None => "a value".into(),
            },
        }
    }
}
