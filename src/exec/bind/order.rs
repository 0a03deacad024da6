//! In which order a loop walks its axes.
//!
//! Two orders are kept apart. The order of *reductions* follows from the strides of what the loop reads, and from
//! extents: it decides about bits, and is the same for every machine. The order of the *walk* is free in the axes that
//! are kept: the innermost is one along which kernels read and write most accesses where they are.

use numfuse_kernels::RUN;
use smallvec::SmallVec;

use super::Layout;
use crate::arena::Id;
use crate::infer::Dim;
use crate::plan::{Access, AccessId, Loop};

/// Innermost axes shorter than this are walked together with the next.
const SHORT: usize = 512;
/// The same of loops that reduce outer axes: what does not move along one of two axes is read in place only if they
/// are apart.
const SLIVER: usize = 32;
/// Reduced rows of at most this many elements are too short for lanes.
const SHORT_ROW: usize = 128;
/// Elements of a run of short rows.
const SHORT_RUN: usize = 8;
/// Kept axes inside the reduced ones are as if they stood outermost, where they hold at most this many elements.
pub(in crate::exec) const NARROW: usize = 16;

/// What the innermost axes do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::exec) enum Mode {
    /// Nothing is reduced.
    Map,
    /// The innermost axes are reduced: a row becomes a number, or as many as lie side by side in a `width` of narrow
    /// kept axes.
    Rows { width: usize },
    /// The innermost axes are parallel, others reduced: rows are added up element by element, `run` of them one after
    /// the other.
    Columns { run: usize },
}

/// An axis of the loop with a stride for each access.
pub(in crate::exec) struct Axis {
    pub(in crate::exec) extent: usize,
    pub(in crate::exec) reduced: bool,
    pub(in crate::exec) strides: SmallVec<[isize; 8]>,
}

/// The axes of a loop as it walks them, each group outermost first.
pub(in crate::exec) struct Walk {
    pub(in crate::exec) mode: Mode,
    /// Parallel axes outside the innermost ones.
    pub(in crate::exec) outer: Vec<Axis>,
    /// Reduced axes outside the innermost ones.
    pub(in crate::exec) middle: Vec<Axis>,
    pub(in crate::exec) inner: Vec<Axis>,
}

impl Walk {
    /// Chooses the walk over axes that come in the order of reductions. `good` says of an axis how many accesses
    /// kernels could read or write where they are, were it the innermost.
    pub(in crate::exec) fn new(axes: Vec<Axis>, reducing: bool, good: impl Fn(&Axis) -> usize) -> Walk {
        let mode = if reducing { mode(&axes) } else { Mode::Map };
        let inside = match mode {
            Mode::Map => innermost(&axes, axes.len(), false, SHORT),
            Mode::Rows { .. } => {
                let narrow = innermost(&axes, axes.len(), false, usize::MAX);
                innermost(&axes, narrow, true, usize::MAX)
            }
            Mode::Columns { .. } => return Walk::of_columns(mode, axes, good),
        };
        let mut walk = Walk { mode, outer: Vec::new(), middle: Vec::new(), inner: Vec::new() };
        for (k, axis) in axes.into_iter().enumerate() {
            match (k >= inside, axis.reduced) {
                (true, _) => walk.inner.push(axis),
                (false, true) => walk.middle.push(axis),
                (false, false) => walk.outer.push(axis),
            }
        }
        walk
    }

    /// The walk of a loop that writes every step of its reductions, along one axis.
    pub(in crate::exec) fn running(mut axes: Vec<Axis>, good: impl Fn(&Axis) -> usize) -> Walk {
        match axes.pop() {
            Some(last) if last.reduced => {
                let mode = Mode::Rows { width: 1 };
                Walk { mode, outer: axes, middle: Vec::new(), inner: vec![last] }
            }
            last => {
                axes.extend(last);
                Walk::of_columns(Mode::Columns { run: RUN }, axes, good)
            }
        }
    }

    fn of_columns(mode: Mode, axes: Vec<Axis>, good: impl Fn(&Axis) -> usize) -> Walk {
        let (middle, mut outer): (Vec<Axis>, Vec<Axis>) = axes.into_iter().partition(|axis| axis.reduced);
        // slivers last: no access that is read in place makes up for a call of every kernel for a few elements
        let rank = |k: usize| (outer[k].extent >= NARROW, good(&outer[k]), k);
        let best = (0..outer.len()).max_by_key(|k| rank(*k));
        let mut inner: Vec<Axis> = best.map(|best| outer.remove(best)).into_iter().collect();
        let mut count = inner.first().map_or(1, |axis| axis.extent);
        while count < SLIVER
            && let Some(axis) = outer.pop()
        {
            count = count.saturating_mul(axis.extent);
            inner.insert(0, axis);
        }
        Walk { mode, outer, middle, inner }
    }
}

/// Where the axes begin that end at `end` and are reduced or not, as many as it takes to hold `enough` elements.
fn innermost(axes: &[Axis], end: usize, reduced: bool, enough: usize) -> usize {
    let (mut split, mut count) = (end, 1usize);
    while split > 0 && axes[split - 1].reduced == reduced && count < enough {
        split -= 1;
        count = count.saturating_mul(axes[split].extent);
    }
    split
}

/// How the elements of a reduction are taken together: a function of extents in the order of reductions.
fn mode(axes: &[Axis]) -> Mode {
    let elements = |axes: &[Axis]| axes.iter().fold(1usize, |n, axis| n.saturating_mul(axis.extent));
    let kept = innermost(axes, axes.len(), false, usize::MAX);
    let width = elements(&axes[kept..]);
    let row = innermost(axes, kept, true, usize::MAX);
    match elements(&axes[row..kept]) {
        _ if axes.is_empty() => Mode::Rows { width: 1 },
        _ if width > NARROW || row == kept => Mode::Columns { run: RUN },
        length if length <= SHORT_ROW && axes.iter().any(|axis| !axis.reduced) => {
            Mode::Columns { run: SHORT_RUN }
        }
        _ => Mode::Rows { width },
    }
}

/// The loop's axes of more than one element, outermost first: an axis along which most accesses have the smaller
/// stride goes inside; ties keep the order of the expression. Where something is reduced, only what is read counts.
pub(in crate::exec) fn axis_order(
    nest: &Loop,
    extents: &[usize],
    layouts: &[Option<Layout>],
) -> SmallVec<[usize; 4]> {
    let written = |id: AccessId| {
        nest.stores.iter().any(|store| store.access == id)
            || nest.reduces.iter().any(|reduce| reduce.access == id)
    };
    let strides: Vec<SmallVec<[isize; 8]>> = nest
        .accesses
        .iter()
        .filter(|(id, _)| nest.reduces.is_empty() || !written(*id))
        .filter_map(|(_, access)| {
            let layout = layouts[access.buffer.index()].as_ref().filter(|layout| !layout.counted)?;
            Some((0..nest.dims.len()).map(|axis| stride(access, layout, axis)).collect())
        })
        .collect();
    let goes_outside = |a: usize, b: usize| {
        let vote = |s: &SmallVec<[isize; 8]>| match (s[a].unsigned_abs(), s[b].unsigned_abs()) {
            (0, _) | (_, 0) => 0,
            (x, y) => (x > y) as i32 - (x < y) as i32,
        };
        strides.iter().map(vote).sum::<i32>() > 0
    };
    let mut order: SmallVec<[usize; 4]> = SmallVec::new();
    for axis in
        (0..nest.dims.len()).filter(|a| nest.dims[*a] != Dim::ONE && extents[nest.dims[*a].index()] != 1)
    {
        let mut at = order.len();
        while at > 0 && goes_outside(axis, order[at - 1]) {
            at -= 1;
        }
        order.insert(at, axis);
    }
    order
}

/// Bytes between neighbours along an axis of the loop.
pub(in crate::exec) fn stride(access: &Access, layout: &Layout, axis: usize) -> isize {
    let terms = access.terms.iter().filter(|t| t.axis == axis);
    terms.map(|t| t.step as isize * layout.strides[t.buffer_axis]).sum()
}

/// The axes in order, neighbours made one where every access steps through both as through one.
pub(in crate::exec) fn merged(
    nest: &Loop,
    extents: &[usize],
    layouts: &[Option<Layout>],
    order: &[usize],
) -> Vec<Axis> {
    let mut axes: Vec<Axis> = Vec::with_capacity(order.len());
    for axis in order {
        let strides = nest.accesses.iter().map(|(_, access)| {
            layouts[access.buffer.index()].as_ref().map_or(0, |layout| stride(access, layout, *axis))
        });
        let next = Axis {
            extent: extents[nest.dims[*axis].index()],
            reduced: nest.reduced.contains(*axis),
            strides: strides.collect(),
        };
        match axes.last_mut() {
            Some(last)
                if last.reduced == next.reduced
                    && last
                        .strides
                        .iter()
                        .zip(&next.strides)
                        .all(|(a, b)| b.checked_mul(next.extent as isize).is_some_and(|step| step == *a))
                    && last.extent.checked_mul(next.extent).is_some() =>
            {
                last.extent *= next.extent;
                last.strides = next.strides;
            }
            _ => axes.push(next),
        }
    }
    axes
}
