//! A loop bound to extents and strides: which axis is innermost, what a tile is, what is read in place.
//!
//! Cheap to make and kept from call to call; holds no address. The order of the axes follows from the strides of
//! what the loop reads, and with it the order of its reductions: threads and tiles never enter into it.

use numfuse_kernels::{Isa, Storage};
use smallvec::SmallVec;

use super::gather::Strided;
use super::layout::LaidOut;

use super::super::bind::order::{Axis, Walk, axis_order, merged};
pub(super) use super::super::bind::{Layout, order::Mode};
use super::panel::{Candidate, Panels};
use super::sums::RowSums;
use super::tape::Tape;
use crate::arena::Id;
use crate::dtype::{DType, Kind};
use crate::error::{Error, ErrorKind, Result};
use crate::input::Strides;
use crate::plan::{Access, AccessId, BufferId, Def, Loop, Plan, Plane, ValueId};

/// Axes walked together, outermost first.
#[derive(Clone, Default, Debug)]
pub(super) struct Group {
    pub(super) extents: SmallVec<[usize; 4]>,
    /// Their product.
    pub(super) count: usize,
    /// By axis, by access: how many bytes it moves where this axis goes one on, and those inside it begin again.
    pub(super) moves: Vec<SmallVec<[isize; 8]>>,
}

impl Group {
    /// The `index`-th position, axis by axis.
    pub(super) fn indices(&self, index: usize) -> SmallVec<[usize; 4]> {
        let mut indices: SmallVec<[usize; 4]> = self.extents.iter().map(|_| 0).collect();
        let mut rest = index;
        for (index, extent) in indices.iter_mut().zip(&self.extents).rev() {
            (*index, rest) = (rest % extent, rest / extent);
        }
        indices
    }

    /// The byte offset of the `index`-th position.
    pub(super) fn offset(&self, index: usize, strides: &[isize]) -> isize {
        match strides {
            [] => 0,
            [stride] => index as isize * stride,
            _ => {
                let (mut index, mut offset) = (index, 0);
                for (extent, stride) in self.extents.iter().zip(strides).rev() {
                    offset += (index % extent) as isize * stride;
                    index /= extent;
                }
                offset
            }
        }
    }
}

/// How the loop reaches one of its accesses' buffers.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    /// The buffer whose memory it is: a temporary may borrow a result's.
    pub(super) memory: BufferId,
    /// Bytes of an element, or of the part of it that is reached.
    pub(super) size: usize,
    /// How an element lies in memory, where a tile has it wider.
    pub(super) storage: Option<Storage>,
    /// Bytes from the buffer's start to the first element.
    pub(super) offset: isize,
    /// Byte strides along the outer parallel axes.
    pub(super) outer: Strides,
    /// Byte strides along the outer reduced axes.
    pub(super) middle: Strides,
    pub(super) inner: Inner,
    /// Byte strides along the innermost axes.
    pub(super) along: Strides,
    /// Whether elements have the other byte order.
    pub(super) swapped: bool,
    /// Set where elements are their own indices: strides count, and an address is a number. Whether as a float.
    pub(super) counted: Option<bool>,
    /// Bytes from a place to the next, where elements are fetched from places that a value says.
    pub(super) place: isize,
    /// Where what is reached ends, in bytes from the first element, if there are no gaps before: so far may kernels
    /// read, whatever they make of it.
    pub(super) end: Option<isize>,
}

/// How a run of innermost elements lies in memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Inner {
    /// One after the other, in the machine's byte order: kernels read and write them where they are.
    InPlace,
    /// One element, the same for all.
    Splat,
    /// Otherwise: copied to a tile and back.
    Strided(Strided),
}

/// How to run a loop.
#[derive(Debug)]
pub(super) struct Schedule {
    pub(super) mode: Mode,
    /// Parallel axes outside the innermost ones.
    pub(super) outer: Group,
    /// Reduced axes outside the innermost ones.
    pub(super) middle: Group,
    /// Axes along which tiles move.
    pub(super) inner: Group,
    /// By access.
    pub(super) reaches: Vec<Reach>,
    /// What is copied before the loop begins, in the order in which it is read.
    pub(super) laid_out: Vec<LaidOut>,
    pub(super) panels: Panels,
    pub(super) tape: Tape,
    pub(super) row_sums: Option<RowSums>,
    /// A guess at the loop's time on one thread.
    pub(super) estimated_ns: f64,
}

impl Schedule {
    /// Binds a loop. `layouts` has an entry for every buffer; `stream` asks for stores past the caches.
    pub(super) fn new(
        plan: &Plan,
        nest: &Loop,
        extents: &[usize],
        layouts: &[Option<Layout>],
        bind: Bind,
    ) -> Result<Schedule> {
        let order = axis_order(nest, extents, layouts);
        let axes = merged(nest, extents, layouts, &order);
        let described: Vec<Described> =
            nest.accesses.iter().map(|(_, access)| Described::new(plan, access, layouts)).collect();
        let good = |axis: &Axis| {
            let in_place = |(stride, is): (&isize, &Described)| {
                *stride == 0 || (*stride == is.size as isize && !is.layout.swapped)
            };
            axis.strides.iter().zip(&described).filter(|of| in_place(*of)).count()
        };
        let mut walk = match nest.running {
            true => Walk::running(axes, good),
            false => Walk::new(axes, !nest.reduces.is_empty(), good),
        };
        for axes in [&walk.outer, &walk.middle, &walk.inner] {
            count(axes)?;
        }
        let laid_out = lay_out(plan, nest, &mut walk, &described);
        let mut panels = Panels::choose(&mut walk, &candidates(plan, nest, &described, &laid_out));
        let mut outer = group(&walk.outer)?;
        let mut middle = group(&walk.middle)?;
        let inner = group(&walk.inner)?;
        let written: SmallVec<[BufferId; 4]> =
            nest.written_accesses().map(|id| plan.memory_of(nest.accesses[id].buffer)).collect();
        let reaches: Vec<Reach> = described
            .iter()
            .zip(nest.accesses.iter())
            .map(|(is, (id, access))| {
                let laid_out = laid_out.iter().find(|laid_out| laid_out.access == id.index());
                let in_panel = panels.panels.iter().any(|panel| panel.access == id.index());
                let swapped = is.layout.swapped && laid_out.is_none() && !in_panel;
                let along = |axes: &[Axis]| axes.iter().map(|a| a.strides[id.index()]).collect();
                Reach {
                    memory: plan.memory_of(access.buffer),
                    size: is.size,
                    storage: plan.buffers[access.buffer].dtype.storage(),
                    offset: offset(access, is.layout)
                        + if access.plane == Plane::Imaginary { is.size as isize } else { 0 },
                    outer: along(&walk.outer),
                    middle: along(&walk.middle),
                    inner: match inner_reach(&walk.inner, id, is.size, swapped) {
                        // a step of 8 looks like elements of 8 bytes
                        Inner::InPlace if is.layout.counted => Inner::Strided(Strided {
                            axes: SmallVec::from_slice(&[(inner.count, is.size as isize)]),
                            size: is.size,
                            swapped: false,
                        }),
                        // read one by one where they lie
                        Inner::InPlace if is.kind == Kind::Bytes => {
                            Inner::Strided(Strided { axes: SmallVec::new(), size: is.size, swapped: false })
                        }
                        // what is folded is read after what is stored: not where that was written
                        Inner::InPlace if is_stored_over(plan, nest, id) => Inner::Strided(Strided {
                            axes: SmallVec::from_slice(&[(inner.count, is.size as isize)]),
                            size: is.size,
                            swapped,
                        }),
                        inner => inner,
                    },
                    along: along(&walk.inner),
                    swapped,
                    counted: is.layout.counted.then_some(plan.buffers[access.buffer].dtype == DType::F64),
                    place: access
                        .taken
                        .iter()
                        .map(|(axis, step)| *step as isize * is.layout.strides[*axis])
                        .sum(),
                    end: match laid_out {
                        Some(laid_out) => Some(laid_out.bytes() as isize),
                        // a panel has whole tiles, wherever it lies
                        None if in_panel => Some(isize::MAX / 2),
                        None if written.contains(&plan.memory_of(access.buffer)) => None,
                        None if is.layout.counted || !access.taken.is_empty() => None,
                        None => end_without_gaps(&walk, id, is.size),
                    },
                }
            })
            .collect();
        let widest = nest.body.values.iter().map(|(_, v)| v.compute.size()).max().unwrap_or(8);
        let pairs = nest.reduces.iter().any(|reduce| reduce.imaginary.is_some());
        let widest = if pairs { 2 * widest } else { widest };
        let mut tape = Tape::new(nest, extents, &reaches, walk.mode, inner.count, widest, bind);
        tape.bytes = panels.place(tape.bytes, tape.elements);
        let rows = if middle.extents.is_empty() { &mut outer } else { &mut middle };
        for panel in &panels.panels {
            rows.moves.iter_mut().for_each(|moves| moves[panel.access] = panel.row_bytes());
        }
        let mode = walk.mode;
        let row_sums = RowSums::new(&tape, &middle, &reaches, &panels);
        let estimated_ns = 0.0;
        let mut schedule =
            Schedule { mode, outer, middle, inner, reaches, laid_out, panels, tape, row_sums, estimated_ns };
        schedule.estimated_ns = schedule.estimate();
        Ok(schedule)
    }

    /// A simple operation on an element in L1, and its bytes through the caches: 0.1 ns and 0.03 ns on AVX-512. It
    /// only decides whether a second thread is worth waking.
    fn estimate(&self) -> f64 {
        let bytes: usize = self.reaches.iter().filter(|r| r.inner != Inner::Splat).map(|r| r.size).sum();
        self.elements() as f64 * (0.1 * f64::from(self.tape.cost) + 0.03 * bytes as f64)
    }

    /// Bytes of a column of what is read again along an outer axis.
    pub(super) fn read_again_by_column(&self) -> usize {
        let again = |reach: &&Reach| reach.inner == Inner::InPlace && reach.outer.contains(&0);
        let column = |reach: &Reach| {
            let extents = self.middle.extents.iter().zip(&reach.middle);
            let rows = extents.filter(|(_, stride)| **stride != 0).map(|(extent, _)| *extent);
            rows.fold(reach.size, usize::saturating_mul)
        };
        self.reaches.iter().filter(again).map(column).fold(0, usize::saturating_add)
    }

    /// How many elements the loop visits.
    pub(super) fn elements(&self) -> usize {
        self.outer.count.saturating_mul(self.middle.count).saturating_mul(self.inner.count)
    }
}

/// What a schedule depends on beyond plan and layouts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bind {
    pub(super) isa: Isa,
    pub(super) tile: Option<usize>,
    /// Whether what the plan moves does not stay in the caches.
    pub(super) large: bool,
    /// Whether results are stored past the caches.
    pub(super) stream: bool,
}

/// What is known of an access before its loop has an order.
struct Described<'a> {
    layout: &'a Layout,
    /// Bytes of what is reached of an element.
    size: usize,
    kind: Kind,
}

impl<'a> Described<'a> {
    fn new(plan: &Plan, access: &Access, layouts: &'a [Option<Layout>]) -> Self {
        let layout = layouts[access.buffer.index()].as_ref().expect("every buffer is laid out by now");
        let dtype = plan.buffers[access.buffer].dtype;
        let size = match access.plane {
            Plane::Whole => dtype.size(),
            Plane::Real | Plane::Imaginary => dtype.part_size(),
        };
        Self { layout, size, kind: dtype.kind() }
    }
}

/// Chooses what is copied before the loop begins, and lets its strides be those of the copies.
fn lay_out(plan: &Plan, nest: &Loop, walk: &mut Walk, described: &[Described<'_>]) -> Vec<LaidOut> {
    let written: SmallVec<[AccessId; 4]> = nest.written_accesses().collect();
    let memory = |id: AccessId| plan.memory_of(nest.accesses[id].buffer);
    let mut laid_out = Vec::new();
    for (id, _) in nest.accesses.iter() {
        let is = &described[id.index()];
        let nowhere = is.layout.counted || !nest.accesses[id].taken.is_empty();
        if nowhere || is.kind == Kind::Bytes || written.iter().any(|other| memory(*other) == memory(id)) {
            continue;
        }
        if let Inner::Strided(elements) = inner_reach(&walk.inner, id, is.size, is.layout.swapped) {
            laid_out.extend(LaidOut::where_it_pays(walk, id, elements));
        }
    }
    laid_out
}

/// The accesses that are read, and not in place.
fn candidates(plan: &Plan, nest: &Loop, described: &[Described<'_>], laid_out: &[LaidOut]) -> Vec<Candidate> {
    let memory = |id: AccessId| plan.memory_of(nest.accesses[id].buffer);
    let written: SmallVec<[BufferId; 4]> = nest.written_accesses().map(memory).collect();
    let accesses = nest.accesses.iter().map(|(id, _)| id).zip(described);
    accesses
        .filter(|(id, is)| {
            is.kind != Kind::Bytes
                && !is.layout.counted
                && nest.accesses[*id].taken.is_empty()
                && !written.contains(&memory(*id))
                && laid_out.iter().all(|laid_out| laid_out.access != id.index())
        })
        .map(|(id, is)| Candidate { access: id.index(), size: is.size, swapped: is.layout.swapped })
        .collect()
}

fn offset(access: &Access, layout: &Layout) -> isize {
    access.offsets.iter().zip(&layout.strides).map(|(index, stride)| *index as isize * stride).sum()
}

fn group(axes: &[Axis]) -> Result<Group> {
    let extents: SmallVec<[usize; 4]> = axes.iter().map(|a| a.extent).collect();
    let moves = (0..axes.len()).map(|k| moves(&axes[k], &axes[k + 1..])).collect();
    Ok(Group { extents, count: count(axes)?, moves })
}

/// How many positions axes have together.
fn count(axes: &[Axis]) -> Result<usize> {
    if axes.iter().any(|axis| axis.extent == 0) {
        return Ok(0);
    }
    let count = axes.iter().try_fold(1usize, |product, axis| product.checked_mul(axis.extent));
    count.filter(|count| *count <= isize::MAX as usize).ok_or_else(|| {
        let extents: Vec<usize> = axes.iter().map(|axis| axis.extent).collect();
        let message =
            format!("an iteration space of {extents:?} elements is more than the machine can count");
        Error::new(ErrorKind::Limit, message)
    })
}

/// How far each access moves where `axis` goes one on and those inside it go from their last element to the first.
fn moves(axis: &Axis, inside: &[Axis]) -> SmallVec<[isize; 8]> {
    let back = |id: usize| {
        let along = inside.iter().map(|a| (a.extent as isize - 1).wrapping_mul(a.strides[id]));
        along.fold(0isize, isize::wrapping_add)
    };
    axis.strides.iter().enumerate().map(|(id, stride)| stride.wrapping_sub(back(id))).collect()
}

/// Whether a reduction takes an access's elements as they are, from memory of a result that the loop writes as well.
fn is_stored_over(plan: &Plan, nest: &Loop, id: AccessId) -> bool {
    let memory = |id: AccessId| plan.memory_of(nest.accesses[id].buffer);
    let is_loaded = |value: ValueId| matches!(nest.body.values[value].def, Def::Load(of) if of == id);
    let folded = nest.reduces.iter().any(|r| is_loaded(r.value) || r.imaginary.is_some_and(is_loaded));
    folded && nest.written_accesses().any(|written| memory(written) == memory(id))
}

/// The end of what an access reaches, if its elements leave no gap.
fn end_without_gaps(walk: &Walk, id: AccessId, size: usize) -> Option<isize> {
    let mut axes: SmallVec<[(usize, isize); 8]> = [&walk.outer, &walk.middle, &walk.inner]
        .into_iter()
        .flatten()
        .map(|axis| (axis.extent, axis.strides[id.index()]))
        .filter(|(_, stride)| *stride != 0)
        .collect();
    axes.sort_unstable_by_key(|(_, stride)| stride.unsigned_abs());
    let (mut whole, mut end) = (size, size as isize);
    for (extent, stride) in axes {
        let steps = extent.checked_sub(1)?;
        if stride.unsigned_abs() > whole {
            return None;
        }
        whole = stride.unsigned_abs().checked_mul(steps)?.checked_add(whole)?;
        end = end.checked_add(stride.max(0).checked_mul(steps as isize)?)?;
    }
    Some(end)
}

fn inner_reach(inside: &[Axis], id: AccessId, size: usize, swapped: bool) -> Inner {
    // this access's own view of the group: axes it steps through as through one are one
    let mut axes: SmallVec<[(usize, isize); 2]> = SmallVec::new();
    for axis in inside {
        let stride = axis.strides[id.index()];
        match axes.last_mut() {
            Some((extent, outer)) if stride.checked_mul(axis.extent as isize) == Some(*outer) => {
                *extent = extent.saturating_mul(axis.extent);
                *outer = stride;
            }
            _ => axes.push((axis.extent, stride)),
        }
    }
    match axes.as_slice() {
        axes if axes.iter().all(|(_, stride)| *stride == 0) => Inner::Splat,
        [(_, stride)] if *stride == size as isize && !swapped => Inner::InPlace,
        _ => Inner::Strided(Strided { axes, size, swapped }),
    }
}
