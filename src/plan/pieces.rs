//! Arrays made of pieces: which loops write them, each into its own part of one buffer.
//!
//! A [`TypedOp::Concat`] that anything but another one needs is one buffer. A piece that nothing else needs is computed
//! where it belongs: a reduction writes its results there too. Others are copied.

use std::collections::{HashMap, HashSet};

use smallvec::SmallVec;

use crate::arena::Id;
use crate::infer::{TypedGraph, TypedId, TypedOp};

/// Where a piece begins, along each axis.
pub(super) type Start = SmallVec<[i64; 4]>;

/// A part of an array.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Piece {
    pub(super) node: TypedId,
    /// The array that it is a part of.
    pub(super) whole: TypedId,
    pub(super) start: Start,
}

/// What a loop writes.
#[derive(Clone, Copy)]
pub(super) enum Target<'p> {
    /// A node, into a buffer of its own.
    Node(TypedId),
    /// A node, into the array of which it is a piece.
    Home(&'p Piece),
    /// The copy of a node, into an array of which it is a piece.
    Copy(&'p Piece),
}

impl<'p> Target<'p> {
    pub(super) fn node(self) -> TypedId {
        match self {
            Target::Node(id) => id,
            Target::Home(piece) | Target::Copy(piece) => piece.node,
        }
    }

    pub(super) fn piece(self) -> Option<&'p Piece> {
        match self {
            Target::Node(_) => None,
            Target::Home(piece) | Target::Copy(piece) => Some(piece),
        }
    }
}

/// The arrays made of pieces.
#[derive(Default)]
pub(super) struct Pieces {
    /// By array.
    of: HashMap<TypedId, Vec<Piece>>,
    /// By piece, those that are computed where they belong.
    home: HashMap<TypedId, Piece>,
}

impl Pieces {
    pub(super) fn find(graph: &TypedGraph) -> Pieces {
        let nodes = graph.nodes();
        if !nodes.iter().any(|(_, node)| is_concat(&node.op)) {
            return Pieces::default();
        }
        let (mut live, mut read_alone) = (vec![false; nodes.len()], vec![true; nodes.len()]);
        for id in graph.results() {
            live[id.index()] = true;
            read_alone[id.index()] = false;
        }
        let mut wholes = HashSet::new();
        for (id, node) in nodes.iter().rev() {
            if !live[id.index()] {
                continue;
            }
            for arg in graph.reads(id) {
                live[arg.index()] = true;
                read_alone[arg.index()] &= is_concat(&node.op);
            }
            if is_concat(&node.op) && !read_alone[id.index()] {
                wholes.insert(id);
            }
        }
        let mut pieces = Pieces::default();
        let mut places: HashMap<TypedId, usize> = HashMap::new();
        for whole in &wholes {
            let all = flattened(graph, *whole, &wholes);
            all.iter().for_each(|piece| *places.entry(piece.node).or_default() += 1);
            pieces.of.insert(*whole, all);
        }
        for piece in pieces.of.values().flatten() {
            let once = places[&piece.node] == 1 && read_alone[piece.node.index()];
            if once && is_computed(&nodes[piece.node].op) {
                pieces.home.insert(piece.node, piece.clone());
            }
        }
        pieces
    }

    /// The pieces of an array; none of one that is a part of another, or is not made of pieces.
    pub(super) fn of(&self, id: TypedId) -> &[Piece] {
        self.of.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Where a node is computed that is a piece, and nothing else.
    pub(super) fn home(&self, id: TypedId) -> Option<&Piece> {
        self.home.get(&id)
    }

    /// The pieces of an array that are copied to where they belong.
    pub(super) fn copies(&self, id: TypedId) -> impl Iterator<Item = &Piece> {
        self.of(id).iter().filter(|piece| self.home(piece.node).is_none())
    }

    /// The nodes that are computed where they belong, in no order.
    pub(super) fn homes(&self) -> impl Iterator<Item = &Piece> {
        self.home.values()
    }
}

fn is_concat(op: &TypedOp) -> bool {
    matches!(op, TypedOp::Concat(..))
}

/// Whether a loop can write a node's elements wherever they belong.
fn is_computed(op: &TypedOp) -> bool {
    match op {
        TypedOp::Apply(..) | TypedOp::Cast(_) | TypedOp::Complex(..) | TypedOp::Check { .. } => true,
        TypedOp::View(..) | TypedOp::Reduce { .. } | TypedOp::Take { .. } => true,
        TypedOp::Input(_) | TypedOp::Const(_) | TypedOp::Text(_) | TypedOp::Index => false,
        TypedOp::Plane(..) | TypedOp::Count(..) | TypedOp::Reshape(_) => false,
        TypedOp::Result(..) | TypedOp::Call { .. } => true,
        TypedOp::Param(..) | TypedOp::Repeat(_) | TypedOp::Steps(_) | TypedOp::Stepped(..) => false,
        TypedOp::Scan { .. } | TypedOp::MatMul(..) | TypedOp::Concat(..) => false,
    }
}

/// What an array is made of, from its beginning to its end; what is itself an array of pieces is one piece.
fn flattened(graph: &TypedGraph, whole: TypedId, wholes: &HashSet<TypedId>) -> Vec<Piece> {
    let (mut all, mut stack) = (Vec::new(), vec![(whole, Start::from_elem(0, graph.shape(whole).len()))]);
    while let Some((node, start)) = stack.pop() {
        match graph.nodes()[node].op {
            TypedOp::Concat(a, b, axis) if node == whole || !wholes.contains(&node) => {
                let mut after = start.clone();
                after[axis] += graph.signature().extent(graph.shape(a)[axis]) as i64;
                stack.extend([(b, after), (a, start)]);
            }
            _ => all.push(Piece { node, whole, start }),
        }
    }
    all
}
