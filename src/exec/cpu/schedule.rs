//! A loop bound to extents and strides: which axis is innermost, what a tile is, what is read in place.
//!
//! Cheap to make and kept from call to call; holds no address. The order of the axes follows from the strides of
//! what the loop reads, and with it the order of its reductions: threads and tiles never enter into it.

use numfuse_kernels::{Isa, Storage};
use smallvec::SmallVec;

use super::gather::Strided;
use super::tape::Tape;
use crate::arena::Id;
use crate::dtype::{DType, Kind};
use crate::error::{Error, ErrorKind, Result};
use crate::infer::Dim;
use crate::input::Strides;
use crate::plan::{Access, AccessId, BufferId, Loop, Place, Plan, Plane};

/// How a buffer lies in memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Layout {
    /// Bytes from an element to the next along each axis.
    pub(super) strides: Strides,
    /// Whether elements have the other byte order.
    pub(super) swapped: bool,
    /// Whether nothing lies there: elements are their indices.
    pub(super) counted: bool,
}

/// What the innermost axes do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mode {
    /// Nothing is reduced.
    Map,
    /// The innermost axes are reduced: a row becomes a number.
    Rows,
    /// The innermost axes are parallel, others reduced: rows are added up element by element.
    Columns,
}

/// Axes walked together, outermost first.
#[derive(Clone, Default, Debug)]
pub(super) struct Group {
    pub(super) extents: SmallVec<[usize; 4]>,
    /// Their product.
    pub(super) count: usize,
}

impl Group {
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
    pub(super) tape: Tape,
    /// A guess at the loop's time on one thread.
    pub(super) estimated_ns: f64,
}

/// Innermost axes shorter than this are walked together with the next.
const SHORT: usize = 512;

/// An axis of the loop with a stride for each access.
struct Axis {
    extent: usize,
    reduced: bool,
    strides: SmallVec<[isize; 8]>,
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
        let reducing = !nest.reduces.is_empty();
        let mode = match axes.last() {
            _ if !reducing => Mode::Map,
            Some(axis) if !axis.reduced => Mode::Columns,
            _ => Mode::Rows,
        };
        let split = inner_axes(&axes, mode);
        let (outside, inside) = axes.split_at(split);
        let outer = group(outside.iter().filter(|a| !a.reduced))?;
        let middle = group(outside.iter().filter(|a| a.reduced))?;
        let inner = group(inside.iter())?;
        let reaches: Vec<Reach> = nest
            .accesses
            .iter()
            .map(|(id, access)| {
                let layout =
                    layouts[access.buffer.index()].as_ref().expect("every buffer is laid out by now");
                let dtype = plan.buffers[access.buffer].dtype;
                let counted = plan.buffers[access.buffer].place == Place::Index;
                let size = match access.plane {
                    Plane::Whole => dtype.size(),
                    Plane::Real | Plane::Imaginary => dtype.part_size(),
                };
                let along = |reduced| {
                    let axes = outside.iter().filter(move |a| a.reduced == reduced);
                    axes.map(|a| a.strides[id.index()]).collect()
                };
                Reach {
                    memory: plan.memory_of(access.buffer),
                    size,
                    storage: dtype.storage(),
                    offset: offset(access, layout)
                        + if access.plane == Plane::Imaginary { size as isize } else { 0 },
                    outer: along(false),
                    middle: along(true),
                    inner: match inner_reach(inside, id, size, layout.swapped) {
                        // read one by one where they lie
                        // a step of 8 looks like elements of 8 bytes
                        Inner::InPlace if counted => Inner::Strided(Strided {
                            axes: SmallVec::from_slice(&[(inner.count, size as isize)]),
                            size,
                            swapped: false,
                        }),
                        Inner::InPlace if dtype.kind() == Kind::Bytes => {
                            Inner::Strided(Strided { axes: SmallVec::new(), size, swapped: false })
                        }
                        inner => inner,
                    },
                    along: inside.iter().map(|a| a.strides[id.index()]).collect(),
                    swapped: layout.swapped,
                    counted: counted.then_some(dtype == DType::F64),
                    place: access
                        .taken
                        .iter()
                        .map(|(axis, step)| *step as isize * layout.strides[*axis])
                        .sum(),
                }
            })
            .collect();
        let widest = nest.body.values.iter().map(|(_, v)| v.compute.size()).max().unwrap_or(8);
        let pairs = nest.reduces.iter().any(|reduce| reduce.imaginary.is_some());
        let widest = if pairs { 2 * widest } else { widest };
        let tape = Tape::new(nest, extents, &reaches, inner.count, widest, bind);
        let mut schedule = Schedule { mode, outer, middle, inner, reaches, tape, estimated_ns: 0.0 };
        schedule.estimated_ns = schedule.estimate();
        Ok(schedule)
    }

    /// A simple operation on an element in L1, and its bytes through the caches: 0.1 ns and 0.03 ns on AVX-512. It
    /// only decides whether a second thread is worth waking.
    fn estimate(&self) -> f64 {
        let bytes: usize = self.reaches.iter().filter(|r| r.inner != Inner::Splat).map(|r| r.size).sum();
        self.elements() as f64 * (0.1 * f64::from(self.tape.cost) + 0.03 * bytes as f64)
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
    pub(super) stream: bool,
}

/// The loop's axes of more than one element, outermost first: an axis along which most accesses have the smaller
/// stride goes inside; ties keep the order of the expression.
pub(super) fn axis_order(nest: &Loop, extents: &[usize], layouts: &[Option<Layout>]) -> SmallVec<[usize; 4]> {
    let strides: Vec<SmallVec<[isize; 8]>> = nest
        .accesses
        .iter()
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
fn stride(access: &Access, layout: &Layout, axis: usize) -> isize {
    let terms = access.terms.iter().filter(|t| t.axis == axis);
    terms.map(|t| t.step as isize * layout.strides[t.buffer_axis]).sum()
}

fn offset(access: &Access, layout: &Layout) -> isize {
    access.offsets.iter().zip(&layout.strides).map(|(index, stride)| *index as isize * stride).sum()
}

/// The axes in order, neighbours made one where every access steps through both as through one.
fn merged(nest: &Loop, extents: &[usize], layouts: &[Option<Layout>], order: &[usize]) -> Vec<Axis> {
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

/// Where the innermost group begins.
fn inner_axes(axes: &[Axis], mode: Mode) -> usize {
    let reduced = mode == Mode::Rows;
    let mut split = axes.len();
    let mut count = 1usize;
    while split > 0 && axes[split - 1].reduced == reduced && (mode == Mode::Rows || count < SHORT) {
        split -= 1;
        count = count.saturating_mul(axes[split].extent);
    }
    split
}

fn group<'a>(axes: impl Iterator<Item = &'a Axis>) -> Result<Group> {
    let extents: SmallVec<[usize; 4]> = axes.map(|a| a.extent).collect();
    let count = if extents.contains(&0) {
        Some(0)
    } else {
        extents.iter().try_fold(1usize, |product, extent| product.checked_mul(*extent))
    };
    match count.filter(|c| *c <= isize::MAX as usize) {
        Some(count) => Ok(Group { extents, count }),
        None => {
            let message =
                format!("an iteration space of {extents:?} elements is more than the machine can count");
            Err(Error::new(ErrorKind::Limit, message))
        }
    }
}

fn inner_reach(inside: &[Axis], id: AccessId, size: usize, swapped: bool) -> Inner {
    // this access's own view of the group: axes it steps through as through one are one
    let mut axes: SmallVec<[(usize, isize); 2]> = SmallVec::new();
    for axis in inside {
        let stride = axis.strides[id.index()];
        match axes.last_mut() {
            Some((extent, outer)) if stride.checked_mul(axis.extent as isize) == Some(*outer) => {
                *extent *= axis.extent;
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

/// Strides of a fresh array whose axes lie in the order in which the loop that writes it walks them.
pub(super) fn fresh_layout(
    access: &Access,
    rank: usize,
    extent: impl Fn(usize) -> usize,
    order: &[usize],
    size: usize,
) -> Layout {
    let mut strides: Strides = std::iter::repeat_n(0, rank).collect();
    let mut step = size as isize;
    for axis in order.iter().rev() {
        if let Some(term) = access.terms.iter().find(|t| t.axis == *axis) {
            strides[term.buffer_axis] = step;
            step = step.saturating_mul(extent(term.buffer_axis) as isize);
        }
    }
    Layout { strides, swapped: false, counted: false }
}
