//! A plan bound to extents and strides, as far as every device does it alike: how each buffer lies in memory, whose
//! memory it is, and in which [`order`] a loop walks its axes.
//!
//! The order of reductions is decided here, by strides and extents alone: it is why a sum has the same bits on a
//! processor and on a graphics card.

pub(in crate::exec) mod order;
pub(in crate::exec) mod reshaped;

use self::order::axis_order;
use self::reshaped::Copied;
use crate::arena::Id;
use crate::error::{Error, ErrorKind, Result};
use crate::input::{Extents, Input, Strides};
use crate::plan::{Access, BufferId, Loop, Place, Plan};

/// Where every buffer of a plan lies.
#[derive(Debug)]
pub(in crate::exec) struct Binding {
    /// By buffer; all are laid out.
    pub(in crate::exec) layouts: Vec<Option<Layout>>,
    /// By loop, by access: whose memory it reaches.
    pub(in crate::exec) owners: Vec<Vec<Owner>>,
    pub(in crate::exec) results: Vec<ResultLayout>,
    /// Bytes of each stored temporary with memory of its own, in ascending order of the buffers.
    pub(in crate::exec) stored: Vec<(BufferId, usize)>,
    /// Arrays that are copied to be seen in another shape.
    pub(in crate::exec) copies: Vec<Copied>,
    /// Bytes that inputs and results have together.
    pub(in crate::exec) moved: usize,
}

/// Whose memory an access reaches.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in crate::exec) enum Owner {
    Input(usize),
    Result(usize),
    /// The k-th of [`Binding::stored`].
    Temporary(usize),
    /// The k-th of [`Binding::copies`].
    Copy(usize),
    /// Nobody's: an address is an index.
    Nobody,
}

/// Shape and strides of a result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ResultLayout {
    pub(crate) shape: Extents,
    /// In bytes.
    pub(crate) strides: Strides,
}

impl ResultLayout {
    /// C order, of elements of `size` bytes.
    #[cfg(feature = "vulkan")]
    pub(crate) fn in_order(shape: Extents, size: usize) -> ResultLayout {
        let strides = reshaped::in_order(&shape, size);
        ResultLayout { shape, strides }
    }
}

/// How a buffer lies in memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::exec) struct Layout {
    /// Bytes from an element to the next along each axis.
    pub(in crate::exec) strides: Strides,
    /// Whether elements have the other byte order.
    pub(in crate::exec) swapped: bool,
    /// Whether nothing lies there: elements are their indices.
    pub(in crate::exec) counted: bool,
}

impl Binding {
    /// Binds a plan. `given` are the strides of the results' memory, where the caller provides it.
    pub(in crate::exec) fn new(
        plan: &Plan,
        extents: &[usize],
        inputs: &[&Input<'_>],
        given: Option<&[Strides]>,
    ) -> Result<Binding> {
        let mut layouts = known_layouts(plan, inputs, given);
        let mut copies = Vec::new();
        for (k, nest) in plan.loops.iter().enumerate() {
            copies.extend(reshaped::lay_out(plan, extents, k, &mut layouts));
            lay_out_targets(plan, nest, extents, &mut layouts);
        }
        let mut stored = Vec::new();
        let (mut moved, mut results) = (0usize, vec![None; plan.results.len()]);
        for (id, buffer) in plan.buffers.iter() {
            let shape: Extents = buffer.dims.iter().map(|d| extents[d.index()]).collect();
            let bytes = bytes_of(&shape, buffer.dtype.size())?;
            match buffer.place {
                Place::Input(_) => {
                    let strides = layouts[id.index()].iter().flat_map(|layout| &layout.strides);
                    moved = moved.saturating_add(bytes.min(reached(&shape, strides, buffer.dtype.size())));
                }
                Place::Stored { reuses: Some(_) } | Place::Index | Place::Reshaped(_) => {}
                Place::Stored { reuses: None } => stored.push((id, bytes)),
                Place::Result(k) => {
                    moved = moved.saturating_add(bytes);
                    let strides = layouts[id.index()].as_ref().map(|l| l.strides.clone()).unwrap_or_default();
                    results[k as usize] = Some(ResultLayout { shape, strides });
                }
            }
        }
        // a result that is another's node again has that one's layout
        for (k, buffer) in plan.results.iter().enumerate() {
            if let Place::Result(first) = plan.buffers[*buffer].place {
                results[k] = results[first as usize].clone();
            }
        }
        let mut binding = Binding {
            layouts,
            owners: Vec::new(),
            results: results.into_iter().flatten().collect(),
            stored,
            copies,
            moved,
        };
        let owners = plan.loops.iter().map(|nest| {
            nest.accesses.iter().map(|(_, access)| binding.owner_of(plan, access.buffer)).collect()
        });
        binding.owners = owners.collect();
        Ok(binding)
    }

    /// Whose memory a buffer is, or the copy that stands for it.
    fn owner_of(&self, plan: &Plan, buffer: BufferId) -> Owner {
        match self.copies.iter().position(|copy| copy.alias == buffer) {
            Some(copy) => Owner::Copy(copy),
            None => self.memory_of(plan, buffer),
        }
    }

    /// Whose memory a buffer's elements are, a copy of them aside.
    pub(in crate::exec) fn memory_of(&self, plan: &Plan, buffer: BufferId) -> Owner {
        let memory = plan.memory_of(buffer);
        match plan.buffers[memory].place {
            Place::Input(input) => Owner::Input(input.index()),
            Place::Result(k) => Owner::Result(k as usize),
            Place::Index => Owner::Nobody,
            Place::Reshaped(_) => unreachable!("it has its base's memory"),
            Place::Stored { .. } => {
                // there may be as many as a stranger's text has reductions
                Owner::Temporary(self.stored.binary_search_by_key(&memory, |(id, _)| *id).unwrap_or(0))
            }
        }
    }
}

/// Bytes from the first to the last element of an array: fewer than its elements have where they overlap, as in windows
/// or along a stride of 0.
fn reached<'a>(shape: &[usize], strides: impl Iterator<Item = &'a isize>, size: usize) -> usize {
    let along =
        |(extent, stride): (&usize, &isize)| extent.saturating_sub(1).saturating_mul(stride.unsigned_abs());
    shape.iter().zip(strides).map(along).fold(size, usize::saturating_add)
}

/// Of an array without elements too, the other extents must go together: `ndarray` has no shape for it if not.
fn bytes_of(shape: &[usize], size: usize) -> Result<usize> {
    let mut extents = shape.iter().filter(|extent| **extent > 0);
    let bytes = extents.try_fold(size, |product, extent| product.checked_mul(*extent));
    match bytes.filter(|bytes| *bytes <= isize::MAX as usize) {
        Some(bytes) => Ok(if shape.contains(&0) { 0 } else { bytes }),
        None => {
            let message = format!("an array of shape {shape:?} is larger than the address space");
            Err(Error::new(ErrorKind::Limit, message))
        }
    }
}

/// The layouts that the caller's arrays have.
fn known_layouts(plan: &Plan, inputs: &[&Input<'_>], given: Option<&[Strides]>) -> Vec<Option<Layout>> {
    let layout = |(id, buffer): (BufferId, &crate::plan::Buffer)| match buffer.place {
        Place::Input(input) => {
            let Input { strides, swapped, .. } = inputs[input.index()];
            Some(Layout { strides: strides.clone(), swapped: *swapped, counted: false })
        }
        // numbers, one apart
        Place::Index => Some(Layout { strides: Strides::from_slice(&[1]), swapped: false, counted: true }),
        Place::Reshaped(_) => None,
        Place::Result(_) | Place::Stored { .. } => {
            let Place::Result(k) = plan.buffers[plan.memory_of(id)].place else { return None };
            let strides = given?.get(k as usize)?.clone();
            Some(Layout { strides, swapped: false, counted: false })
        }
    };
    plan.buffers.iter().map(layout).collect()
}

/// Lays out what a loop writes and nobody has laid out, in the order in which the loop walks.
fn lay_out_targets(plan: &Plan, nest: &Loop, extents: &[usize], layouts: &mut [Option<Layout>]) {
    if let Some(steps) = &nest.steps {
        for access in steps.writes.iter().flatten() {
            let id = nest.accesses[*access].buffer;
            let (memory, buffer) = (plan.memory_of(id), &plan.buffers[id]);
            let shape: Extents = buffer.dims.iter().map(|dim| extents[dim.index()]).collect();
            let strides = reshaped::in_order(&shape, buffer.dtype.size());
            let layout =
                layouts[memory.index()].get_or_insert(Layout { strides, swapped: false, counted: false });
            let layout = layout.clone();
            layouts[id.index()].get_or_insert(layout);
        }
        return;
    }
    let order = axis_order(nest, extents, layouts);
    let product = nest.product.iter().map(|product| product.result);
    let folded = nest.reduces.iter().map(|r| r.access);
    let targets = nest.stores.iter().map(|s| s.access).chain(folded).chain(product);
    for access in targets.map(|id| &nest.accesses[id]) {
        let memory = plan.memory_of(access.buffer);
        if layouts[access.buffer.index()].is_some() {
            continue;
        }
        let buffer = &plan.buffers[access.buffer];
        let layout = match &layouts[memory.index()] {
            Some(layout) => layout.clone(),
            // what is seen in another shape as well lies in C order
            None if plan.buffers.iter().any(|(_, b)| b.place == Place::Reshaped(access.buffer)) => {
                let shape: Extents = buffer.dims.iter().map(|dim| extents[dim.index()]).collect();
                let strides = reshaped::in_order(&shape, buffer.dtype.size());
                Layout { strides, swapped: false, counted: false }
            }
            None => {
                let extent = |axis: usize| extents[buffer.dims[axis].index()];
                let (rank, size) = (buffer.dims.len(), buffer.dtype.size());
                match largest_piece(plan, nest, access, extents) {
                    Some((nest, access)) => {
                        let order = axis_order(nest, extents, layouts);
                        fresh_layout(access, rank, extent, &order, size)
                    }
                    None => fresh_layout(access, rank, extent, &order, size),
                }
            }
        };
        // what borrows a result's memory lies as the result does
        layouts[memory.index()].get_or_insert_with(|| layout.clone());
        layouts[access.buffer.index()] = Some(layout);
    }
}

/// The loop that writes the largest part of a buffer, of which this access is a part: its order is the one that counts.
fn largest_piece<'p>(
    plan: &'p Plan,
    nest: &Loop,
    access: &Access,
    extents: &[usize],
) -> Option<(&'p Loop, &'p Access)> {
    if !plan.is_piece(nest, access) {
        return None;
    }
    let writes = |nest: &'p Loop| {
        let written = nest.written_accesses().map(move |id| (nest, &nest.accesses[id]));
        written.filter(|(_, other)| other.buffer == access.buffer)
    };
    let elements = |(nest, access): &(&Loop, &Access)| {
        let along = access.terms.iter().map(|term| extents[nest.dims[term.axis].index()]);
        along.fold(1usize, usize::saturating_mul)
    };
    // of equal ones the first
    plan.loops.iter().flat_map(writes).min_by_key(|piece| usize::MAX - elements(piece))
}

/// Strides of a fresh array whose axes lie in the order in which the loop that writes it walks them.
fn fresh_layout(
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
    // pieces of one element along an axis have no order there: it goes outside
    for axis in (0..rank).rev().filter(|axis| extent(*axis) > 1) {
        if strides[axis] == 0 {
            strides[axis] = step;
            step = step.saturating_mul(extent(axis) as isize);
        }
    }
    Layout { strides, swapped: false, counted: false }
}
