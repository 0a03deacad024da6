//! The one way to make a graph: nodes are hash-consed as they are added, and literals folded.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use numfuse_kernels::Op;
use smallvec::SmallVec;

use super::{
    Args, Axes, Contraction, Graph, InputId, Node, NodeId, Reduce, Reduction, Region, RegionId, RegionKind,
    Source, Supplied, View, fold,
};
use crate::arena::Id;
use crate::dtype::{DType, Literal, Scalar};
use crate::error::Result;

/// Builds a [`Graph`]; both fronts use it, so that equal expressions are equal graphs.
#[derive(Default)]
pub struct Builder {
    graph: Graph,
    seen: HashMap<Key, NodeId>,
    names: HashMap<Arc<str>, InputId>,
    span: Option<Range<u32>>,
}

/// A node with the equality of hash-consing: by bits, so that 0.0 and -0.0 stay two.
struct Key(Node);

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        match (&self.0, &other.0) {
            (Node::Literal(a), Node::Literal(b)) => a.key() == b.key(),
            (Node::Scalar(a), Node::Scalar(b)) => a.same(*b),
            (a, b) => a == b,
        }
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(&self.0).hash(state);
        match &self.0 {
            Node::Input(id) => id.hash(state),
            Node::Literal(value) => value.key().hash(state),
            Node::Scalar(value) => (value.dtype(), value.to_bytes()).hash(state),
            Node::Text(bytes) => bytes.hash(state),
            Node::Apply(op, args) => (op, args).hash(state),
            Node::Call(function, args) => (function, args).hash(state),
            Node::Truth(of) => of.hash(state),
            Node::Cast(dtype, of) => (dtype, of).hash(state),
            Node::Reduce(how, args) => (how, args).hash(state),
            Node::Scan { kind, of, axis, dtype } => (kind, of, axis, dtype).hash(state),
            Node::View(view, of) => (view, of).hash(state),
            Node::Source(source, args) => (source, args).hash(state),
            Node::Select(args) => args.hash(state),
            Node::Take(args, axis) => (args, axis).hash(state),
            Node::Contract(how, args) => (how, args).hash(state),
            Node::Param(region, k) => (region, k).hash(state),
            Node::Repeat(region) => region.hash(state),
            Node::Result(of, k) => (of, k).hash(state),
        }
    }
}

impl Builder {
    /// A builder for an expression with no text.
    pub fn new() -> Self {
        Self::default()
    }

    /// A builder for an expression of this text.
    pub fn of_text(source: Arc<str>) -> Self {
        let mut builder = Self::default();
        builder.graph.source = Some(source);
        builder
    }

    /// Where in the text the next nodes stand.
    pub fn at(&mut self, span: Range<usize>) {
        self.span = Some(span.start as u32..span.end as u32); // the limit on source bytes is far below 2^32
    }

    fn add(&mut self, node: Node) -> NodeId {
        let next = NodeId::new(self.graph.nodes.len());
        let id = *self.seen.entry(Key(node.clone())).or_insert(next);
        if id == next {
            self.graph.nodes.push(node);
            self.graph.spans.push(self.span.clone());
        }
        id
    }

    /// The input of this name; the same one for the same name.
    pub fn input(&mut self, name: &str) -> NodeId {
        let id = match self.names.get(name) {
            Some(id) => *id,
            None => {
                let name: Arc<str> = name.into();
                let id = self.graph.inputs.push(name.clone());
                self.names.insert(name, id);
                id
            }
        };
        self.add(Node::Input(id))
    }

    /// Whether there is an input of this name so far.
    pub(crate) fn has_input(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// A weak number.
    pub fn literal(&mut self, value: Literal) -> NodeId {
        self.add(Node::Literal(value))
    }

    /// A weak number that the text calls by this name.
    pub fn constant(&mut self, name: &'static str, value: f64) -> NodeId {
        if !self.graph.constants.contains(&name) {
            self.graph.constants.push(name);
        }
        self.literal(Literal::Float(value))
    }

    /// The value of a node that is a literal.
    pub fn literal_of(&self, node: NodeId) -> Option<Literal> {
        match self.graph.nodes[node] {
            Node::Literal(value) => Some(value),
            _ => None,
        }
    }

    /// A number of its own type.
    pub fn scalar(&mut self, value: Scalar) -> NodeId {
        self.add(Node::Scalar(value))
    }

    /// A byte string. Zeros at its end do not count, as in NumPy.
    pub fn text(&mut self, bytes: &[u8]) -> NodeId {
        let length = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        self.add(Node::Text(bytes[..length].into()))
    }

    /// An operator. On literals alone it is a literal again, as in Python.
    ///
    /// # Errors
    /// Where Python refuses: a literal division by zero, a result beyond 128 bits.
    pub fn operator(&mut self, op: Op, args: &[NodeId]) -> Result<NodeId> {
        let literals: Option<SmallVec<[Literal; 3]>> = args.iter().map(|id| self.literal_of(*id)).collect();
        match literals {
            Some(values) => match fold::fold(op, &values)? {
                Some(value) => Ok(self.literal(value)),
                None => Ok(self.apply(op, args)),
            },
            None => Ok(self.apply(op, args)),
        }
    }

    /// A function of the op table. `args` are as many as the operation's parameters.
    pub fn apply(&mut self, op: Op, args: &[NodeId]) -> NodeId {
        let mut all: Args = [args[0]; 3];
        all[..args.len()].copy_from_slice(args);
        self.add(Node::Apply(op, all))
    }

    /// A function that the user supplies. `args` are as many as it takes.
    pub fn call(&mut self, function: &Supplied, args: &[NodeId]) -> NodeId {
        let mut all: Args = [args[0]; 3];
        all[..args.len()].copy_from_slice(args);
        self.add(Node::Call(function.clone(), all))
    }

    /// An operand that must be boolean.
    pub fn truth(&mut self, of: NodeId) -> NodeId {
        self.add(Node::Truth(of))
    }

    /// A conversion.
    pub fn cast(&mut self, dtype: DType, of: NodeId) -> NodeId {
        self.add(Node::Cast(dtype, of))
    }

    /// A reduction of what a mask leaves, if there is one.
    pub fn reduce(&mut self, how: Reduce, of: NodeId, mask: Option<NodeId>) -> NodeId {
        self.add(Node::Reduce(how, std::iter::once(of).chain(mask).collect()))
    }

    /// A plain reduction.
    pub fn fold(&mut self, kind: Reduction, of: NodeId, axes: Axes, keep: bool) -> NodeId {
        self.reduce(Reduce { axes, keep, ..Reduce::of(kind) }, of, None)
    }

    /// A running sum or product.
    pub fn scan(&mut self, kind: Reduction, of: NodeId, axis: Option<i32>, dtype: Option<DType>) -> NodeId {
        self.add(Node::Scan { kind, of, axis, dtype })
    }

    /// A view.
    pub fn view(&mut self, view: View, of: NodeId) -> NodeId {
        self.add(Node::View(view, of))
    }

    /// An array that follows from its indices.
    pub fn source(&mut self, source: Source, mut args: Vec<NodeId>) -> NodeId {
        if source == Source::Arange {
            // a start of 0 and steps of 1 are what a range has that names none
            if args.len() == 3 && self.literal_of(args[2]) == Some(Literal::Int(1)) {
                args.pop();
            }
            if args.len() == 2 && self.literal_of(args[0]) == Some(Literal::Int(0)) {
                args.remove(0);
            }
        }
        self.add(Node::Source(source, args))
    }

    /// The elements where a mask holds.
    pub fn select(&mut self, of: NodeId, mask: NodeId) -> NodeId {
        self.add(Node::Select([of, mask]))
    }

    /// Elements by their places along an axis.
    pub fn take(&mut self, of: NodeId, index: NodeId, axis: Option<i32>) -> NodeId {
        self.add(Node::Take([of, index], axis))
    }

    /// A sum of products over shared axes.
    pub fn contract(&mut self, how: Contraction, args: Vec<NodeId>) -> NodeId {
        self.add(Node::Contract(how, args))
    }

    /// Opens the body of a loop; [`close`](Self::close) completes it.
    pub fn open(
        &mut self,
        kind: RegionKind,
        parent: Option<RegionId>,
        bound: NodeId,
        init: Vec<NodeId>,
    ) -> RegionId {
        self.graph.regions.push(Region { kind, parent, bound, next: init.clone(), init, go_on: bound })
    }

    /// The k-th variable inside a loop's body.
    pub fn param(&mut self, region: RegionId, k: u32) -> NodeId {
        self.add(Node::Param(region, k))
    }

    /// Completes a loop's body, and answers the loop, whose k-th value is `result(loop, k)`.
    pub fn close(&mut self, region: RegionId, go_on: NodeId, next: Vec<NodeId>) -> NodeId {
        self.graph.regions[region].go_on = go_on;
        self.graph.regions[region].next = next;
        self.add(Node::Repeat(region))
    }

    /// A node added before.
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.graph.nodes[id]
    }

    /// The body of a loop as far as it is complete.
    pub(crate) fn region(&self, id: RegionId) -> &Region {
        &self.graph.regions[id]
    }

    /// The k-th value of a node that has several.
    pub fn result(&mut self, of: NodeId, k: u32) -> NodeId {
        self.add(Node::Result(of, k))
    }

    /// How many nodes there are so far.
    pub fn node_count(&self) -> usize {
        self.graph.nodes.len()
    }

    /// What the results are called, in the order in which [`finish`](Self::finish) gets them; those beyond the last
    /// name have none.
    pub fn name_results(&mut self, names: impl IntoIterator<Item = Option<Arc<str>>>) {
        self.graph.names = names.into_iter().collect();
    }

    /// The finished graph, which computes `results`. Nodes that nothing uses are dropped, the others numbered in
    /// the order in which the results need them: equal expressions are equal graphs, whichever front built them.
    pub fn finish(self, results: Vec<NodeId>) -> Graph {
        let mut finished = renumber(self.graph, &results);
        finished.inputs_in_use();
        finished.find_known();
        debug_assert_eq!(finished.verify(), Ok(()));
        finished
    }
}

/// Visits nodes depth first, without recursion: an expression may be a chain of a million operations.
fn renumber(old: Graph, results: &[NodeId]) -> Graph {
    let mut new =
        Graph { inputs: old.inputs, source: old.source, constants: old.constants, ..Graph::default() };
    let mut number: Vec<Option<NodeId>> = vec![None; old.nodes.len()];
    let mut stack: Vec<(NodeId, bool)> = results.iter().rev().map(|r| (*r, false)).collect();
    while let Some((id, ready)) = stack.pop() {
        if number[id.index()].is_some() {
            continue;
        }
        let node = &old.nodes[id];
        if !ready {
            stack.push((id, true));
            let body = match node {
                Node::Repeat(region) => Some(&old.regions[*region]),
                _ => None,
            };
            stack.extend(body.into_iter().flat_map(Region::reads).rev().map(|read| (read, false)));
            stack.extend(node.args().iter().rev().map(|arg| (*arg, false)));
            continue;
        }
        let renamed = |id: NodeId| number[id.index()].unwrap_or(id);
        let id_now = new.nodes.push(node.renamed(renamed));
        new.spans.push(old.spans[id.index()].clone());
        number[id.index()] = Some(id_now);
    }
    let renamed = |id: NodeId| number[id.index()].unwrap_or(id);
    // loops that no result needs are gone, and with them the bodies that nothing belongs to any more; a variable that has
    // left its loop keeps a body, for a message
    let mut loops: Vec<Option<RegionId>> = vec![None; old.regions.len()];
    for (_, node) in new.nodes.iter() {
        if let Node::Repeat(region) | Node::Param(region, _) = node {
            loops[region.index()] = Some(*region);
        }
    }
    for (id, region) in old.regions.iter() {
        if loops[id.index()].is_some() {
            let parent = region.parent.and_then(|parent| loops[parent.index()]);
            loops[id.index()] = Some(new.regions.push(Region { parent, ..region.renamed(renamed) }));
        }
    }
    for id in new.nodes.ids() {
        if let Node::Repeat(region) | Node::Param(region, _) = &mut new.nodes[id]
            && let Some(now) = loops[region.index()]
        {
            *region = now;
        }
    }
    new.names = old.names;
    new.names.resize(results.len(), None);
    new.results = results.iter().map(|r| renamed(*r)).collect();
    new
}
