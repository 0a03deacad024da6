//! Stage 1: the expression graph. What text and lazy arrays both build.
//!
//! Takes: operations in the order of their use, from [`from_text`] or from `Lazy`. Promises: nodes are flat,
//! arguments before users, and equal nodes are one node (hash-consing), so a common subexpression is computed
//! once. Leaves to [`infer`](crate::infer): types, shapes, and every error that depends on them.

mod border;
mod build;
mod composed;
mod contraction;
pub(crate) mod fold;
pub(crate) mod from_text;
mod print;
mod reduction;
mod steps;
mod supplied;
mod verify;
mod view;

use std::ops::Range;
use std::sync::Arc;

use numfuse_kernels::Op;
use smallvec::SmallVec;

pub use border::Border;
pub use build::Builder;
pub(crate) use composed::{Composed, Compound};
pub use contraction::{Contraction, Einsum};
pub(crate) use reduction::Param;
pub use reduction::{Reduce, Reduction};
pub(crate) use supplied::{CALL, Supply};
pub use supplied::{ScalarFunction, Supplied};
pub use view::{Axes, Item, Source, View};

use crate::arena::{Arena, Id, ids};
use crate::dtype::{DType, Literal, Scalar};

ids! {
    /// A node of the [`Graph`].
    NodeId = "%";
    /// An input of the program, in the order of first use.
    InputId = "in";
    /// The body of a loop.
    RegionId = "region";
}

/// The arguments of an operation; its arity says how many of them count, the rest repeat the first.
pub type Args = [NodeId; 3];

/// One operation of the graph, untyped.
#[derive(Clone, PartialEq, Debug)]
pub enum Node {
    /// An array or scalar given at run time.
    Input(InputId),
    /// A weak number: it takes the type of what it meets.
    Literal(Literal),
    /// A number of a type of its own.
    Scalar(Scalar),
    /// A byte string.
    Text(Arc<[u8]>),
    /// An elementwise operation of the op table.
    Apply(Op, Args),
    /// A function that the user supplies; its arity says how many of the arguments count.
    Call(Supplied, Args),
    /// An operand of `and`, `or` and `not`, which must be boolean.
    Truth(NodeId),
    /// Conversion to a type.
    Cast(DType, NodeId),
    /// A reduction over some axes: of what, and the mask of what counts, if there is one.
    Reduce(Reduce, SmallVec<[NodeId; 2]>),
    /// A running sum or product along an axis, or of all elements in C order.
    Scan {
        /// Which one.
        kind: Reduction,
        /// Of what.
        of: NodeId,
        /// Along which axis.
        axis: Option<i32>,
        /// The type to compute in, where it is not the operand's.
        dtype: Option<DType>,
    },
    /// A view.
    View(View, NodeId),
    /// An array that follows from its indices.
    Source(Source, Vec<NodeId>),
    /// `x[mask]`: the elements where a mask holds, for a reduction to take in. Of what, and the mask.
    Select([NodeId; 2]),
    /// Elements by their places along an axis, or in C order. Of what, and the places.
    Take([NodeId; 2], Option<i32>),
    /// A sum of products over shared axes.
    Contract(Contraction, Vec<NodeId>),
    /// The k-th variable of a loop's body.
    Param(RegionId, u32),
    /// A loop; its values are [`Node::Result`]s.
    Repeat(RegionId),
    /// The k-th value of a node that has several.
    Result(NodeId, u32),
}

/// The body of a loop, with block arguments: a node belongs to the innermost region whose [`Node::Param`] it reaches, so
/// what does not depend on the loop is outside it without further ado.
#[derive(Clone, PartialEq, Debug)]
pub struct Region {
    /// What is repeated.
    pub kind: RegionKind,
    /// The region around it.
    pub parent: Option<RegionId>,
    /// How many turns at most: an integer scalar outside the loop.
    pub bound: NodeId,
    /// The variables' first values.
    pub init: Vec<NodeId>,
    /// Asked before each turn: an element goes on while this holds for it. Steps always go on.
    pub go_on: NodeId,
    /// The variables' next values.
    pub next: Vec<NodeId>,
}

/// What a loop repeats.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RegionKind {
    /// An elementwise computation: each element leaves on its own.
    Elements,
    /// A computation on whole arrays, which may look at other elements: all of them take the same steps.
    Steps,
}

/// An expression: flat nodes, arguments before users.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: Arena<NodeId, Node>,
    regions: Arena<RegionId, Region>,
    inputs: Arena<InputId, Arc<str>>,
    results: Vec<NodeId>,
    names: Vec<Option<Arc<str>>>,
    spans: Vec<Option<Range<u32>>>,
    source: Option<Arc<str>>,
    constants: Vec<&'static str>,
    /// Inputs whose values a shape depends on.
    known: Vec<InputId>,
    sized: bool,
}

impl Graph {
    /// The nodes, arguments before users.
    pub fn nodes(&self) -> &Arena<NodeId, Node> {
        &self.nodes
    }
    /// The names of the inputs.
    pub fn inputs(&self) -> &Arena<InputId, Arc<str>> {
        &self.inputs
    }
    /// The bodies of the loops.
    pub fn regions(&self) -> &Arena<RegionId, Region> {
        &self.regions
    }
    /// What the program computes.
    pub fn results(&self) -> &[NodeId] {
        &self.results
    }
    /// The results' names, for each of [`results`](Self::results).
    pub fn names(&self) -> &[Option<Arc<str>>] {
        &self.names
    }
    /// The names of constants in its text.
    pub fn constants(&self) -> &[&'static str] {
        &self.constants
    }
    /// The inputs whose values shapes depend on: a plan is made for these values, not for types alone.
    pub fn known_inputs(&self) -> &[InputId] {
        &self.known
    }
    /// Whether its shapes follow from more than which extents are equal: a plan is then made for these extents.
    pub fn is_sized(&self) -> bool {
        self.sized
    }
    /// The text it came from, if it came from text.
    pub fn source(&self) -> Option<&Arc<str>> {
        self.source.as_ref()
    }
    /// Where in the text a node stands.
    pub fn span(&self, node: NodeId) -> Option<Range<usize>> {
        self.spans.get(node.index())?.clone().map(|s| s.start as usize..s.end as usize)
    }
}

impl Node {
    /// The nodes it reads. A loop reads its first values and bound; its body stands in the region.
    pub fn args(&self) -> &[NodeId] {
        match self {
            Node::Input(_) | Node::Literal(_) | Node::Scalar(_) | Node::Text(_) => &[],
            Node::Param(..) | Node::Repeat(_) => &[],
            Node::Apply(op, args) => &args[..op.info().params.len()],
            Node::Call(function, args) => &args[..function.arity()],
            Node::Truth(of) | Node::Cast(_, of) | Node::Result(of, _) => std::slice::from_ref(of),
            Node::View(_, of) | Node::Scan { of, .. } => std::slice::from_ref(of),
            Node::Reduce(_, args) => args,
            Node::Source(_, args) | Node::Contract(_, args) => args,
            Node::Select(args) | Node::Take(args, _) => args,
        }
    }

    fn renamed(&self, name: impl Fn(NodeId) -> NodeId) -> Node {
        match self {
            Node::Apply(op, args) => Node::Apply(*op, args.map(name)),
            Node::Call(function, args) => Node::Call(function.clone(), args.map(name)),
            Node::Truth(of) => Node::Truth(name(*of)),
            Node::Cast(dtype, of) => Node::Cast(*dtype, name(*of)),
            Node::Reduce(how, args) => Node::Reduce(how.clone(), args.iter().map(|arg| name(*arg)).collect()),
            Node::Scan { kind, of, axis, dtype } => {
                Node::Scan { kind: *kind, of: name(*of), axis: *axis, dtype: *dtype }
            }
            Node::View(view, of) => Node::View(view.clone(), name(*of)),
            Node::Source(source, args) => Node::Source(*source, args.iter().map(|arg| name(*arg)).collect()),
            Node::Select(args) => Node::Select(args.map(name)),
            Node::Take(args, axis) => Node::Take(args.map(name), *axis),
            Node::Contract(how, args) => {
                Node::Contract(how.clone(), args.iter().map(|arg| name(*arg)).collect())
            }
            Node::Result(of, k) => Node::Result(name(*of), *k),
            Node::Input(_) | Node::Literal(_) | Node::Scalar(_) | Node::Text(_) => self.clone(),
            Node::Param(..) | Node::Repeat(_) => self.clone(),
        }
    }
}

impl Region {
    /// Every node that the loop needs computed before it stands complete, the variables' first values before the body.
    fn reads(&self) -> impl DoubleEndedIterator<Item = NodeId> + '_ {
        let before = std::iter::once(self.bound).chain(self.init.iter().copied());
        before.chain(std::iter::once(self.go_on)).chain(self.next.iter().copied())
    }

    fn renamed(&self, name: impl Fn(NodeId) -> NodeId) -> Region {
        let all = |ids: &[NodeId]| ids.iter().map(|id| name(*id)).collect();
        Region {
            kind: self.kind,
            parent: self.parent,
            bound: name(self.bound),
            init: all(&self.init),
            go_on: name(self.go_on),
            next: all(&self.next),
        }
    }
}

impl Graph {
    /// Drops the inputs that no node reads any more; the others keep their order.
    fn inputs_in_use(&mut self) {
        let mut used = vec![false; self.inputs.len()];
        for (_, node) in self.nodes.iter() {
            if let Node::Input(id) = node {
                used[id.index()] = true;
            }
        }
        let mut kept = Arena::new();
        let mut number = Vec::with_capacity(used.len());
        for (id, name) in self.inputs.iter() {
            number.push(InputId::new(kept.len()));
            if used[id.index()] {
                kept.push(name.clone());
            }
        }
        self.inputs = kept;
        for id in self.nodes.ids() {
            if let Node::Input(input) = &mut self.nodes[id] {
                *input = number[input.index()];
            }
        }
    }

    /// Finds out what shapes depend on beyond the inputs' types.
    fn find_known(&mut self) {
        self.known.clear();
        let mut asked = vec![false; self.nodes.len()];
        for (id, node) in self.nodes.iter().rev() {
            match node {
                Node::Source(source, args) => {
                    self.sized = true;
                    for (k, arg) in args.iter().enumerate() {
                        asked[arg.index()] |= source.known().contains(&k);
                    }
                }
                Node::Repeat(region) if self.regions[*region].kind == RegionKind::Steps => {
                    // the body is a plan of its own, for the extents that it meets
                    self.sized = true;
                    asked[self.regions[*region].bound.index()] = true;
                }
                Node::View(view, _) => self.sized |= view.is_sized(),
                Node::Take(..) | Node::Contract(..) | Node::Select(_) | Node::Scan { .. } => {
                    self.sized = true
                }
                Node::Reduce(how, _) => self.sized |= how.kind.is_of_places(),
                Node::Apply(..) if asked[id.index()] => {
                    node.args().iter().for_each(|arg| asked[arg.index()] = true);
                }
                Node::Input(input) if asked[id.index()] => self.known.push(*input),
                Node::Input(_) | Node::Literal(_) | Node::Scalar(_) | Node::Text(_) | Node::Apply(..) => {}
                Node::Call(..)
                | Node::Truth(_)
                | Node::Cast(..)
                | Node::Param(..)
                | Node::Repeat(_)
                | Node::Result(..) => {}
            }
        }
    }
}
