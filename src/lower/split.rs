//! Arrays made of pieces, piece by piece: an interior runs at full speed, and borders are loops of their own.
//!
//! Takes and gives a lowered [`TypedGraph`]. Promises: `f(concat(a, b), y)` has become
//! `concat(f(a, y[:k]), f(b, y[k:]))`, so that a [`TypedOp::Concat`] is read by another one, is a result, or is stored:
//! where what needs it reaches across its pieces (windows at a border), or takes it in as a whole (a sum along it).
//! What is stored is no more than is needed of it.
//!
//! Each node is asked for cells of its elements, users first; then each cell is built, arguments first. So there is no
//! recursion, however deep the graph. Loops, and what is in them, are never cut. A node of which overlapping cells are asked is computed whole where it is dear:
//! four shifts of `exp(x)` take one `exp`.

mod cells;

use std::collections::{HashMap, HashSet};

use smallvec::SmallVec;

use self::cells::{Cell, Cuts, Span};
use crate::arena::Id;
use crate::dtype::Kind;
use crate::infer::{AxisSet, Dims, Map, Term, TypedBuilder, TypedGraph, TypedId, TypedNode, TypedOp};

/// More cells in all than this, and nothing is cut: what is made of pieces is stored.
const MOST_ASKED: usize = 1 << 18;
/// More different cells of one node, and it is computed whole: of shifts through shifts each would double them.
const MOST_CELLS_OF_ONE: usize = 128;
/// Up to this many simple operations a node is cheaper to compute again than to store, as the plan has it.
const CHEAP: u32 = 8;
/// Rounds of finding out what is computed whole, each of which leaves fewer cuts.
const ROUNDS: usize = 4;

/// Pulls pieces out of what is computed from them.
pub(super) fn split(graph: TypedGraph) -> TypedGraph {
    if !graph.nodes().iter().any(|(_, node)| matches!(node.op, TypedOp::Concat(..))) {
        return graph;
    }
    let mut split = Split::new(&graph);
    for _ in 0..ROUNDS {
        split.find_cuts();
        if !split.ask() {
            break;
        }
    }
    split.build()
}

/// How a cell of a node is computed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
enum Form {
    /// In one piece.
    Piece,
    /// Piece by piece, between the node's cuts.
    Joined,
    /// As the node is: in one piece, or as a part of the whole node.
    Seen,
}

type Asked = (Form, Cell);

/// What is asked of a node, and what that is computed from.
type Request = (Asked, Vec<(TypedId, Asked)>);

struct Split<'a> {
    graph: &'a TypedGraph,
    extents: Vec<SmallVec<[usize; 4]>>,
    /// Whether a node is made of pieces, or of what is.
    in_pieces: Vec<bool>,
    /// Whether it is computed whole, whichever cells are asked for.
    whole: Vec<bool>,
    /// Whether computing it twice costs more than storing it.
    dear: Vec<bool>,
    cuts: Vec<Cuts>,
    /// By node.
    asked: Vec<Vec<Request>>,
    known: HashSet<(TypedId, Asked)>,
}

impl<'a> Split<'a> {
    fn new(graph: &'a TypedGraph) -> Split<'a> {
        let mut in_pieces: Vec<bool> = Vec::with_capacity(graph.nodes().len());
        let mut costs: Vec<u32> = Vec::with_capacity(graph.nodes().len());
        let mut whole = Vec::with_capacity(graph.nodes().len());
        let homes = graph.homes();
        for (id, node) in graph.nodes().iter() {
            let args = graph.reads(id);
            let below = args.iter().map(|arg| costs[arg.index()]);
            let cost = match node.op {
                TypedOp::Apply(op, _) => op.info().cost + below.sum::<u32>(),
                TypedOp::Concat(..) => below.max().unwrap_or(0),
                TypedOp::Reduce { .. } | TypedOp::Call { .. } => CHEAP + 1,
                _ => below.sum(),
            };
            costs.push(cost.min(CHEAP + 1));
            let is_loop = homes[id.index()].is_some() || is_of_loops(&node.op);
            let pieces = !is_loop && args.iter().any(|arg| in_pieces[arg.index()]);
            in_pieces.push(pieces || matches!(node.op, TypedOp::Concat(..)));
            whole.push(match node.op {
                _ if is_loop => true,
                TypedOp::Input(_) | TypedOp::Const(_) | TypedOp::Text(_) | TypedOp::Index => true,
                TypedOp::Count(..) | TypedOp::Plane(..) | TypedOp::Reshape(_) | TypedOp::Take { .. } => true,
                TypedOp::Scan { .. } | TypedOp::MatMul(..) => true,
                TypedOp::Reduce { .. } => !pieces || node.dtype.kind() == Kind::Complex,
                TypedOp::Apply(..) | TypedOp::Cast(_) | TypedOp::Complex(..) | TypedOp::View(..) => false,
                TypedOp::Check { .. } | TypedOp::Concat(..) | TypedOp::Call { .. } => false,
                TypedOp::Param(..) | TypedOp::Repeat(_) | TypedOp::Result(..) => true,
                TypedOp::Steps(_) | TypedOp::Stepped(..) => true,
            });
        }
        let signature = graph.signature();
        let extents = |id| graph.shape(id).iter().map(|dim| signature.extent(*dim)).collect();
        Split {
            graph,
            extents: graph.nodes().ids().map(extents).collect(),
            in_pieces,
            whole,
            dear: costs.into_iter().map(|cost| cost > CHEAP).collect(),
            cuts: Vec::new(),
            asked: Vec::new(),
            known: HashSet::new(),
        }
    }

    /// Where each node is cut: where its arguments are, and between the parts of a concatenation.
    fn find_cuts(&mut self) {
        self.cuts.clear();
        for (id, node) in self.graph.nodes().iter() {
            let extents = &self.extents[id.index()];
            let mut cuts: Cuts = vec![Vec::new(); extents.len()];
            if self.in_pieces[id.index()] && !extents.contains(&0) {
                for arg in node.args() {
                    let visible = !self.whole[arg.index()];
                    if visible && self.in_pieces[arg.index()] {
                        self.add_cuts(&mut cuts, id, node, arg);
                    }
                }
                if let TypedOp::Concat(a, _, axis) = node.op {
                    cells::add(&mut cuts, axis, [self.extents[a.index()][axis]]);
                }
            }
            self.cuts.push(cells::settled(cuts, &self.extents[id.index()]));
        }
    }

    /// The cuts of an argument, as those of the node that reads it.
    fn add_cuts(&self, cuts: &mut Cuts, id: TypedId, node: &TypedNode, arg: TypedId) {
        let (own, of) = (&self.extents[id.index()], &self.cuts[arg.index()]);
        match node.op {
            TypedOp::View(_, view) => {
                let seen = cells::through_view(self.graph.view(view), own, of);
                seen.into_iter().enumerate().for_each(|(axis, more)| cells::add(cuts, axis, more));
            }
            TypedOp::Concat(_, b, along) => {
                for (axis, more) in of.iter().enumerate() {
                    let first = if axis == along { own[axis] - self.extents[b.index()][axis] } else { 0 };
                    let after = if arg == b { first } else { 0 };
                    cells::add(cuts, axis, more.iter().map(|cut| cut + after));
                }
            }
            // two numbers of one fold are read by their planes
            TypedOp::Reduce { .. } if node.dtype.kind() == Kind::Complex => {}
            TypedOp::Reduce { axes, keep, .. } => {
                for (axis, kept) in kept_axes(of.len(), axes, keep) {
                    cells::add(cuts, kept, of[axis].iter().copied());
                }
            }
            TypedOp::Apply(..)
            | TypedOp::Call { .. }
            | TypedOp::Cast(_)
            | TypedOp::Complex(..)
            | TypedOp::Check { .. } => {
                let missing = own.len() - of.len();
                for (axis, more) in of.iter().enumerate() {
                    cells::add(cuts, missing + axis, more.iter().copied());
                }
            }
            TypedOp::Reshape(_) | TypedOp::Take { .. } | TypedOp::Scan { .. } | TypedOp::MatMul(..) => {}
            TypedOp::Input(_) | TypedOp::Const(_) | TypedOp::Text(_) | TypedOp::Index => {}
            TypedOp::Count(..) | TypedOp::Plane(..) => {}
            TypedOp::Param(..) | TypedOp::Repeat(_) | TypedOp::Result(..) => {}
            TypedOp::Steps(_) | TypedOp::Stepped(..) => {}
        }
    }

    fn all_of(&self, id: TypedId) -> Cell {
        cells::whole(&self.extents[id.index()])
    }

    /// Finds out which cells are needed of each node. Answers whether some node turned out to be computed whole.
    fn ask(&mut self) -> bool {
        let (mut found, mut count) = (false, 0);
        self.asked = vec![Vec::new(); self.graph.nodes().len()];
        self.known.clear();
        for id in self.graph.results() {
            let all = self.all_of(*id);
            self.ask_for(*id, (Form::Joined, all));
        }
        let ids: Vec<TypedId> = self.graph.nodes().ids().collect();
        for id in ids.into_iter().rev() {
            let many = self.asked[id.index()].len() > MOST_CELLS_OF_ONE;
            if !self.whole[id.index()] && (many || self.overlaps(id)) {
                self.whole[id.index()] = true;
                found = true;
            }
            let mut next = 0;
            while let Some(((form, cell), _)) = self.asked[id.index()].get(next).cloned() {
                let needs = self.needs(id, form, &cell);
                needs.iter().for_each(|(arg, asked)| self.ask_for(*arg, asked.clone()));
                self.asked[id.index()][next].1 = needs;
                (next, count) = (next + 1, count + 1);
            }
            if count > MOST_ASKED && !self.whole.iter().all(|whole| *whole) {
                self.whole.fill(true);
                self.cuts.iter_mut().flatten().for_each(Vec::clear);
                self.ask();
                return false;
            }
        }
        found
    }

    fn ask_for(&mut self, id: TypedId, asked: Asked) {
        if self.known.insert((id, asked.clone())) {
            self.asked[id.index()].push((asked, Vec::new()));
        }
    }

    /// Whether the cells that are asked of a node are more than it is, so that elements would be computed twice.
    fn overlaps(&self, id: TypedId) -> bool {
        let computes = match self.graph.nodes()[id].op {
            TypedOp::Apply(..) | TypedOp::Cast(_) | TypedOp::Check { .. } | TypedOp::Reduce { .. } => true,
            TypedOp::Call { .. } => true,
            TypedOp::Complex(..) | TypedOp::View(..) | TypedOp::Concat(..) => false,
            TypedOp::Input(_) | TypedOp::Const(_) | TypedOp::Text(_) | TypedOp::Index => false,
            TypedOp::Count(..) | TypedOp::Plane(..) | TypedOp::Reshape(_) | TypedOp::Take { .. } => false,
            TypedOp::Scan { .. } | TypedOp::MatMul(..) => false,
            TypedOp::Param(..) | TypedOp::Repeat(_) | TypedOp::Result(..) => false,
            TypedOp::Steps(_) | TypedOp::Stepped(..) => false,
        };
        let own = cells::volume(&self.all_of(id));
        let asked = self.asked[id.index()].iter().map(|((_, cell), _)| cells::volume(cell)).sum::<u128>();
        match self.in_pieces[id.index()] {
            // the plan finds out whether it pays to store it
            false => computes && asked > own,
            // a little of it twice is no matter
            true => computes && self.dear[id.index()] && asked > own + own / 4,
        }
    }

    /// What a cell of a node is computed from: cells of its own in another form, or of its arguments.
    fn needs(&mut self, id: TypedId, form: Form, cell: &Cell) -> Vec<(TypedId, Asked)> {
        match form {
            Form::Seen if self.whole[id.index()] => vec![(id, (Form::Joined, self.all_of(id)))],
            Form::Seen => vec![(id, (Form::Piece, cell.clone()))],
            Form::Joined => {
                let (cells, _) = cells::grid(cell, &self.cuts[id.index()]);
                cells.into_iter().map(|cell| (id, (Form::Piece, cell))).collect()
            }
            Form::Piece => self.reads(id, cell),
        }
    }

    /// What one piece of a node is computed from.
    fn reads(&mut self, id: TypedId, cell: &Cell) -> Vec<(TypedId, Asked)> {
        let node = &self.graph.nodes()[id];
        match node.op {
            TypedOp::Input(_) | TypedOp::Const(_) | TypedOp::Text(_) => vec![],
            TypedOp::Index | TypedOp::Count(..) => vec![],
            TypedOp::Plane(..) | TypedOp::Reshape(_) | TypedOp::Take { .. } => self.all_args(id),
            TypedOp::Scan { .. } | TypedOp::MatMul(..) => self.all_args(id),
            TypedOp::Param(..) | TypedOp::Repeat(_) | TypedOp::Result(..) => self.all_args(id),
            TypedOp::Steps(_) | TypedOp::Stepped(..) => self.all_args(id),
            TypedOp::Apply(..)
            | TypedOp::Call { .. }
            | TypedOp::Cast(_)
            | TypedOp::Complex(..)
            | TypedOp::Check { .. } => {
                let operand = |arg: TypedId| (arg, (Form::Seen, operand(cell, &self.extents[arg.index()])));
                let reads: Vec<_> = node.args().into_iter().map(operand).collect();
                for (arg, (_, part)) in &reads {
                    // repeated along an axis: once for every cell, and every element of one
                    let repeated = self.dear[arg.index()] && cells::volume(part) < cells::volume(cell);
                    self.whole[arg.index()] |= repeated && !part.is_empty();
                }
                reads
            }
            TypedOp::View(of, view) => {
                let shown = cells::seen(self.graph.view(view), cell, &self.extents[of.index()]);
                vec![(of, (Form::Seen, shown))]
            }
            TypedOp::Reduce { of, axes, keep, .. } => {
                let mut part = self.all_of(of);
                kept_axes(part.len(), axes, keep).for_each(|(axis, kept)| part[axis] = cell[kept]);
                let cuts = &self.cuts[of.index()];
                // a fold of pairs reads them from two arrays
                let is_pair = self.graph.nodes()[of].dtype.kind() == Kind::Complex;
                let is_cut = !self.whole[of.index()] && axes.iter().any(|axis| !cuts[axis].is_empty());
                vec![(of, (if is_cut && !is_pair { Form::Joined } else { Form::Seen }, part))]
            }
            TypedOp::Concat(a, b, axis) => {
                let first = self.extents[a.index()][axis];
                let parts = halves(cell, axis, first);
                [a, b]
                    .into_iter()
                    .zip(parts)
                    .filter_map(|(of, part)| Some((of, (Form::Seen, part?))))
                    .collect()
            }
        }
    }

    fn all_args(&self, id: TypedId) -> Vec<(TypedId, Asked)> {
        self.graph.reads(id).into_iter().map(|arg| (arg, (Form::Joined, self.all_of(arg)))).collect()
    }

    /// Builds what has been asked for.
    fn build(mut self) -> TypedGraph {
        let mut builder = TypedBuilder::new(self.graph.signature().clone());
        builder.open_all(self.graph);
        let mut built: HashMap<(TypedId, Asked), TypedId> = HashMap::new();
        let ids: Vec<TypedId> = self.graph.nodes().ids().collect();
        for id in ids {
            let mut asked = std::mem::take(&mut self.asked[id.index()]);
            // pieces before what they are joined to, and that before what looks at it
            asked.sort_by_key(|((form, _), _)| *form);
            for ((form, cell), reads) in asked {
                let made: Vec<TypedId> = reads.into_iter().map(|read| built[&read]).collect();
                let dims: Dims = cell.iter().map(|span| builder.dim(span.len)).collect();
                let node = match form {
                    Form::Piece => self.piece(&mut builder, id, &cell, dims, &made),
                    Form::Joined => {
                        let (_, counts) = cells::grid(&cell, &self.cuts[id.index()]);
                        join(&mut builder, made, &counts)
                    }
                    Form::Seen if self.whole[id.index()] => part(&mut builder, made[0], &cell, dims),
                    Form::Seen => made[0],
                };
                built.insert((id, (form, cell)), node);
            }
        }
        let results = self.graph.results().iter();
        let results = results.map(|id| built[&(*id, (Form::Joined, self.all_of(*id)))]).collect();
        builder.finish(results)
    }

    /// One piece of a node, from what it reads.
    fn piece(
        &self,
        builder: &mut TypedBuilder,
        id: TypedId,
        cell: &Cell,
        dims: Dims,
        args: &[TypedId],
    ) -> TypedId {
        let node = &self.graph.nodes()[id];
        match node.op {
            TypedOp::Apply(op, _) => {
                let mut all = [args[0]; 3];
                all[..args.len()].copy_from_slice(args);
                builder.apply(op, node.dtype, all)
            }
            TypedOp::View(of, view) => {
                let map = self.graph.view(view);
                let shown = cells::seen(map, cell, &self.extents[of.index()]);
                builder.view(args[0], cells::within(map, cell, &shown), dims)
            }
            TypedOp::Concat(_, _, axis) => match *args {
                [a, b] => builder.concat(a, b, axis),
                _ => args[0],
            },
            _ => {
                let old = self.graph.reads(id);
                let rename = |arg| old.iter().position(|old| *old == arg).map_or(args[0], |k| args[k]);
                builder.copy(self.graph, node, rename)
            }
        }
    }
}

/// Whether an operation is of a loop, or of steps.
fn is_of_loops(op: &TypedOp) -> bool {
    matches!(
        op,
        TypedOp::Param(..)
            | TypedOp::Repeat(_)
            | TypedOp::Result(..)
            | TypedOp::Steps(_)
            | TypedOp::Stepped(..)
    )
}

/// The axes that a reduction keeps: of its operand, and of its result.
fn kept_axes(rank: usize, axes: AxisSet, keep: bool) -> impl Iterator<Item = (usize, usize)> {
    let kept = (0..rank).filter(move |axis| !axes.contains(*axis));
    kept.enumerate().map(move |(k, axis)| (axis, if keep { axis } else { k }))
}

/// The cell of an operand of these extents that broadcasts to a cell.
fn operand(cell: &Cell, extents: &[usize]) -> Cell {
    let missing = cell.len() - extents.len();
    let along = extents.iter().zip(&cell[missing..]);
    along.map(|(extent, span)| if *extent == 1 { Span { start: 0, len: 1 } } else { *span }).collect()
}

/// What of a cell lies before a place along an axis, and what after it, each counted from its own beginning.
fn halves(cell: &Cell, axis: usize, place: usize) -> [Option<Cell>; 2] {
    let Span { start, len } = cell[axis];
    let end = start + len;
    let with = |span: Span| {
        let mut cell = cell.clone();
        cell[axis] = span;
        cell
    };
    let before = Span { start, len: end.min(place).saturating_sub(start) };
    let first = start.max(place);
    let after = Span { start: first - place, len: end.saturating_sub(first) };
    // of nothing, nothing of either is enough
    match (before.len, after.len) {
        (0, 0) if start <= place && end <= place => [Some(with(before)), None],
        (0, _) => [None, Some(with(after))],
        (_, 0) => [Some(with(before)), None],
        _ => [Some(with(before)), Some(with(after))],
    }
}

/// A part of a node.
fn part(builder: &mut TypedBuilder, of: TypedId, cell: &Cell, dims: Dims) -> TypedId {
    let terms = (0..cell.len()).map(|axis| Term { axis, buffer_axis: axis, step: 1 });
    let map = Map::new(terms, cell.iter().map(|span| span.start as i64));
    builder.view(of, map, dims)
}

/// Pieces in C order, so many along each axis, as one array.
fn join(builder: &mut TypedBuilder, mut pieces: Vec<TypedId>, counts: &[usize]) -> TypedId {
    for (axis, count) in counts.iter().enumerate().rev() {
        let rows = pieces.chunks(*count);
        let one = |row: &[TypedId]| {
            let rest = row[1..].iter();
            rest.fold(row[0], |joined, piece| builder.concat(joined, *piece, axis))
        };
        pieces = rows.map(one).collect();
    }
    pieces[0]
}
