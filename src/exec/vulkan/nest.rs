//! A loop bound to extents and strides, as shaders walk it: which axes are kept, which reduced, and how far each access
//! moves along each.
//!
//! The order of its reductions is the one that every device keeps ([`crate::exec::bind::order`]); invocations take
//! positions of the kept axes, and lanes, blocks and runs of the reduced ones.

use numfuse_kernels::BLOCK;
use smallvec::SmallVec;

use super::super::bind::order::{Axis, Mode, Walk, axis_order, merged};
use super::super::bind::{Binding, Owner};
use crate::arena::Id;
use crate::dtype::{DType, Kind};
use crate::error::{Error, ErrorKind, Result};
use crate::input::Input;
use crate::plan::{Loop, Plan, Plane};

/// A loop, bound.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Nest {
    pub(super) kind: NestKind,
    /// Axes of the results, outermost first.
    pub(super) kept: Vec<NestAxis>,
    /// Reduced axes outside the innermost ones: rows.
    pub(super) middle: Vec<NestAxis>,
    /// The reduced axes whose elements go to lanes.
    pub(super) inner: Vec<NestAxis>,
    /// By access.
    pub(super) reaches: Vec<Reach>,
    /// Whether it writes parts of arrays whose other parts are written elsewhere.
    pub(super) in_pieces: bool,
}

/// What the axes are for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum NestKind {
    /// Nothing is reduced.
    Map,
    /// Rows become numbers, block by block, lane by lane.
    Rows,
    /// Rows are added up element by element, `run` of them one after the other.
    Columns { run: u32 },
    /// A running reduction along the one axis of `middle`.
    Running,
    /// A product of matrices: `kept` are batches, rows and columns, `inner` is what is summed over.
    Product,
}

/// An axis, and how far each access moves along it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct NestAxis {
    pub(super) extent: usize,
    /// In bytes; numbers where nothing lies in memory.
    pub(super) strides: SmallVec<[isize; 8]>,
}

/// What an access reaches.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Reach {
    pub(super) source: Source,
    pub(super) dtype: DType,
    /// Bytes of what is reached of an element.
    pub(super) size: usize,
    /// Bytes from the beginning of the memory to the first element.
    pub(super) offset: isize,
    /// Bytes from a place to the next, where a value says the place.
    pub(super) place: isize,
}

/// Where elements come from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Source {
    /// From memory.
    Memory(Owner),
    /// They are their own indices.
    Index,
    /// A number that the call gives.
    Number(usize, Plane),
}

impl Nest {
    pub(super) fn new(
        plan: &Plan,
        number: usize,
        extents: &[usize],
        binding: &Binding,
        inputs: &[&Input<'_>],
    ) -> Result<Nest> {
        let nest = &plan.loops[number];
        let layouts = &binding.layouts;
        let reaches: Vec<Reach> = nest
            .accesses
            .iter()
            .map(|(id, access)| {
                let layout =
                    layouts[access.buffer.index()].as_ref().expect("every buffer is laid out by now");
                let dtype = plan.buffers[access.buffer].dtype;
                let size = match access.plane {
                    Plane::Whole => dtype.size(),
                    Plane::Real | Plane::Imaginary => dtype.part_size(),
                };
                let strides = |axis: usize| layout.strides[axis];
                let from = access.offsets.iter().enumerate().map(|(axis, k)| *k as isize * strides(axis));
                let plane = if access.plane == Plane::Imaginary { size as isize } else { 0 };
                let owner = binding.owners[number][id.index()];
                let source = match owner {
                    Owner::Nobody => Source::Index,
                    Owner::Input(k) if inputs[k].is_number() => Source::Number(k, access.plane),
                    Owner::Input(_) | Owner::Result(_) | Owner::Temporary(_) | Owner::Copy(_) => {
                        Source::Memory(owner)
                    }
                };
                let place = access.taken.iter().map(|(axis, step)| *step as isize * strides(*axis)).sum();
                Reach { source, dtype, size, offset: from.sum::<isize>() + plane, place }
            })
            .collect();
        if nest.accesses.iter().any(|(_, access)| plan.buffers[access.buffer].dtype.kind() == Kind::Bytes) {
            let message = "byte strings are not compared on a graphics device";
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let bound = |axes: Vec<Axis>| {
            let axis = |axis: Axis| NestAxis { extent: axis.extent, strides: axis.strides };
            axes.into_iter().map(axis).collect::<Vec<NestAxis>>()
        };
        let in_pieces = nest.written_accesses().any(|id| plan.is_piece(nest, &nest.accesses[id]));
        if nest.product.is_some() {
            // as they are: the last three are rows, columns, and what is summed over
            let order: SmallVec<[usize; 4]> = (0..nest.dims.len()).collect();
            let axes = order.iter().flat_map(|axis| merged(nest, extents, layouts, &[*axis]));
            let mut kept = bound(axes.collect());
            let inner = kept.pop().into_iter().collect();
            return Ok(Nest { kind: NestKind::Product, kept, middle: Vec::new(), inner, reaches, in_pieces });
        }
        let order = axis_order(nest, extents, layouts);
        let axes = merged(nest, extents, layouts, &order);
        if nest.running {
            let (middle, kept): (Vec<Axis>, Vec<Axis>) = axes.into_iter().partition(|axis| axis.reduced);
            let (kept, middle) = (bound(kept), bound(middle));
            return Ok(Nest { kind: NestKind::Running, kept, middle, inner: Vec::new(), reaches, in_pieces });
        }
        let walk = Walk::new(axes, !nest.reduces.is_empty(), |_| 0);
        let kind = match walk.mode {
            Mode::Map => NestKind::Map,
            Mode::Rows { .. } => NestKind::Rows,
            Mode::Columns { run } => NestKind::Columns { run: run as u32 },
        };
        let (inner, narrow): (Vec<Axis>, Vec<Axis>) = walk.inner.into_iter().partition(|axis| axis.reduced);
        let kept = bound(walk.outer.into_iter().chain(narrow).collect());
        Ok(Nest { kind, kept, middle: bound(walk.middle), inner: bound(inner), reaches, in_pieces })
    }

    /// Elements of the kept axes together, of the rows, and of a row.
    pub(super) fn counts(&self) -> Result<[u64; 3]> {
        let mut counts = [0; 3];
        for (count, axes) in counts.iter_mut().zip([&self.kept, &self.middle, &self.inner]) {
            let extents = axes.iter().map(|axis| axis.extent as u64);
            let product = match axes.iter().any(|axis| axis.extent == 0) {
                true => Some(0),
                false => extents.into_iter().try_fold(1u64, |product, extent| product.checked_mul(extent)),
            };
            *count = product.filter(|count| *count < 1 << 63).ok_or_else(|| {
                let message = "an iteration space has more elements than the device can count";
                Error::new(ErrorKind::Limit, message)
            })?;
        }
        Ok(counts)
    }
}

/// Blocks of a row.
pub(super) fn blocks(elements: u64) -> u64 {
    elements.div_ceil(BLOCK as u64).max(1)
}

/// Whether a loop writes through an access.
pub(super) fn is_written(nest: &Loop, access: usize) -> bool {
    nest.written_accesses().any(|id| id.index() == access)
}
