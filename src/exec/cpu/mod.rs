//! The CPU: a plan bound to strides, run as tapes over tiles by threads.
//!
//! [`order`] chooses how a loop walks its axes, [`schedule`] binds it to extents and strides, [`layout`] and [`panel`]
//! copy what does not lie in that order, [`assembly`] turns its body into a [`tape`] of kernel calls. [`loops`] cuts the
//! work into chunks, which [`threads`] share; [`runner`] runs them on one thread, from [`position`] to position, and
//! [`reduce`] folds, in the order of its [`tree`]. [`gather`] and [`memory`] touch raw memory.

mod assembly;
mod emit;
mod gather;
mod lanes;
mod layout;
mod loops;
pub(crate) mod memory;
mod order;
mod panel;
mod position;
mod product;
mod reduce;
mod reshaped;
mod runner;
mod scan;
mod schedule;
mod sums;
mod tape;
pub(crate) mod texts;
mod threads;
mod tree;

use std::sync::Arc;

use smallvec::SmallVec;

use self::loops::{CHUNK, run_loop};
use self::memory::LINE;
use self::order::axis_order;
use self::product::MatrixProduct;
use self::reshaped::Copied;
use self::runner::{Bases, Failure, NO_FAILURE};
use self::schedule::{Bind, Layout, Schedule, fresh_layout};
use super::options::Resolved;
use crate::arena::Id;
use crate::error::{Error, ErrorKind, Result};
use crate::input::{Extents, Input, Source, Strides};
use crate::plan::{BufferId, Loop, Place, Plan};

/// A plan bound to extents, strides and options; holds no address, so it serves every call with the same ones.
#[derive(Debug)]
pub(crate) struct Prepared {
    plan: Arc<Plan>,
    schedules: Vec<Schedule>,
    /// By loop: the product of matrices that it is.
    products: Vec<Option<MatrixProduct>>,
    /// By loop, by access: whose memory it reaches.
    owners: Vec<Vec<Owner>>,
    extents: SmallVec<[usize; 8]>,
    results: Vec<ResultLayout>,
    /// Bytes of each stored temporary with memory of its own.
    stored: Vec<(BufferId, usize)>,
    /// Arrays that are copied to be seen in another shape.
    copies: Vec<Copied>,
    stream: bool,
}

/// Whose memory an access reaches.
#[derive(Clone, Copy, Debug)]
enum Owner {
    Input(usize),
    Result(usize),
    /// The k-th of [`Prepared::stored`].
    Temporary(usize),
    /// The k-th of [`Prepared::copies`].
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

impl Prepared {
    /// Binds `plan`. `given` are the strides of the results' memory, where the caller provides it.
    pub(crate) fn new(
        plan: Arc<Plan>,
        extents: &[usize],
        inputs: &[&Input<'_>],
        given: Option<&[Strides]>,
        options: Resolved,
    ) -> Result<Prepared> {
        let mut layouts = known_layouts(&plan, inputs, given);
        let mut copies = Vec::new();
        for (k, nest) in plan.loops.iter().enumerate() {
            copies.extend(reshaped::lay_out(&plan, extents, k, &mut layouts));
            lay_out_targets(&plan, nest, extents, &mut layouts);
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
        let stream = moved > memory::last_level_cache() / 2;
        let bind = Bind { isa: options.isa, tile: options.tile, stream };
        let schedules = plan
            .loops
            .iter()
            .map(|nest| Schedule::new(&plan, nest, extents, &layouts, bind))
            .collect::<Result<Vec<_>>>()?;
        let product = |nest: &Loop| {
            nest.product.map(|product| MatrixProduct::new(&plan, nest, product, extents, &layouts))
        };
        let products = plan.loops.iter().map(product).collect();
        let owner = |memory: BufferId| match plan.buffers[memory].place {
            Place::Input(input) => Owner::Input(input.index()),
            Place::Result(k) => Owner::Result(k as usize),
            Place::Index => Owner::Nobody,
            Place::Reshaped(_) => unreachable!("it has its base's memory"),
            Place::Stored { .. } => {
                // in ascending order, for there may be as many as a stranger's text has reductions
                Owner::Temporary(stored.binary_search_by_key(&memory, |(id, _)| *id).unwrap_or(0))
            }
        };
        let owners = plan.loops.iter().map(|nest| {
            let of_access = |access: &crate::plan::Access| match copies
                .iter()
                .position(|copy: &Copied| copy.alias == access.buffer)
            {
                Some(copy) => Owner::Copy(copy),
                None => owner(plan.memory_of(access.buffer)),
            };
            nest.accesses.iter().map(|(_, access)| of_access(access)).collect()
        });
        let owners = owners.collect();
        let results = results.into_iter().flatten().collect();
        Ok(Prepared {
            plan,
            schedules,
            products,
            owners,
            extents: SmallVec::from_slice(extents),
            results,
            stored,
            copies,
            stream,
        })
    }

    pub(crate) fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    pub(crate) fn extents(&self) -> &[usize] {
        &self.extents
    }

    /// Shape and strides of each result.
    pub(crate) fn results(&self) -> &[ResultLayout] {
        &self.results
    }

    /// Elements in a tile of a loop.
    pub(crate) fn tile(&self, k: usize) -> usize {
        self.schedules[k].tape.elements
    }

    /// Kernel calls a tile of a loop takes.
    pub(crate) fn steps(&self, k: usize) -> usize {
        let tape = &self.schedules[k].tape;
        tape.tile.steps.len() + usize::from(tape.last.is_some())
    }

    /// Bytes of what each loop lays out in its own order before it begins.
    pub(crate) fn laid_out(&self, k: usize) -> impl Iterator<Item = usize> {
        self.schedules[k].laid_out.iter().map(|laid_out| laid_out.bytes())
    }

    /// Whether results are stored past the caches.
    pub(crate) fn streams(&self) -> bool {
        self.stream
    }

    /// Runs the plan.
    ///
    /// # Errors
    /// An error that depends on data, or memory that a temporary does not get; results are then unspecified.
    ///
    /// # Safety
    /// `inputs` have the types, shapes and strides that this was prepared for. `results[k]` is memory for the k-th
    /// result, laid out as [`results`](Self::results) says, writable, and read or written by nobody else.
    pub(crate) unsafe fn run(
        &self,
        inputs: &[&Input<'_>],
        results: &[*mut u8],
        threads: Option<usize>,
    ) -> Result<()> {
        let mut temporaries: Vec<Vec<u64>> = Vec::new();
        for (_, bytes) in &self.stored {
            let temporary =
                memory::fresh(bytes.div_ceil(8)).map_err(|why| out_of_memory(*bytes).with_source(why))?;
            temporaries.push(temporary);
        }
        let failure = Failure::new(NO_FAILURE);
        let mut copied: Vec<Vec<u64>> = Vec::new();
        let loops = self.plan.loops.iter().zip(&self.schedules).zip(&self.owners);
        for (number, ((nest, schedule), owners)) in loops.enumerate() {
            for copy in self.copies.iter().filter(|copy| copy.before == number) {
                let mut memory = memory::fresh::<u64>(copy.bytes().div_ceil(8))
                    .map_err(|why| out_of_memory(copy.bytes()).with_source(why))?;
                let base = self.start_of(copy.base, inputs, results, &mut temporaries);
                // SAFETY: the base is laid out as the copy was prepared for, the copy has as many bytes.
                unsafe { copy.fill(base, memory.as_mut_ptr().cast()) };
                copied.push(memory);
            }
            const FEW: usize = 8; // on the stack: small calls feel it
            let (mut few, mut many) = ([std::ptr::null_mut(); FEW], Vec::new());
            let bases = if owners.len() <= FEW {
                &mut few[..owners.len()]
            } else {
                many.resize(owners.len(), std::ptr::null_mut());
                &mut many[..]
            };
            for (k, reach) in schedule.reaches.iter().enumerate() {
                let start: *mut u8 = match owners[k] {
                    Owner::Input(k) => match &inputs[k].place {
                        Source::Memory(start) => start.cast_mut(),
                        Source::Own(bytes) => bytes.as_ptr().cast_mut(),
                        Source::Nowhere => std::ptr::null_mut(),
                    },
                    Owner::Result(k) => results[k],
                    Owner::Temporary(k) => temporaries[k].as_mut_ptr().cast(),
                    Owner::Copy(k) => copied[k].as_mut_ptr().cast(),
                    Owner::Nobody => std::ptr::null_mut(),
                };
                bases[k] = start.wrapping_offset(reach.offset);
            }
            if let Some(product) = &self.products[number] {
                // SAFETY: the bases are the buffers' memory, which holds what the product reaches.
                unsafe { product.run(&Bases(bases), threads)? };
                continue;
            }
            // SAFETY: the bases are the buffers' memory, which holds what the schedule reaches.
            let _laid_out = unsafe { lay_out(schedule, bases, threads)? };
            // SAFETY: as above; copies live until the end of the loop.
            unsafe { run_loop(nest, schedule, &Bases(bases), &failure, threads)? };
        }
        match failure.into_inner() {
            NO_FAILURE => Ok(()),
            check => {
                let (_, info) = self.plan.checks.iter().nth(check as usize).expect("a check of this plan");
                let error = Error::new(info.kind, info.message.clone());
                Err(match &info.span {
                    Some(span) => error.at(span.clone()),
                    None => error,
                })
            }
        }
    }
}

impl Prepared {
    /// Where a buffer with memory of its own begins.
    fn start_of(
        &self,
        buffer: BufferId,
        inputs: &[&Input<'_>],
        results: &[*mut u8],
        temporaries: &mut [Vec<u64>],
    ) -> *const u8 {
        let memory = self.plan.memory_of(buffer);
        match self.plan.buffers[memory].place {
            Place::Input(input) => match &inputs[input.index()].place {
                Source::Memory(start) => *start,
                Source::Own(bytes) => bytes.as_ptr(),
                Source::Nowhere => std::ptr::null(),
            },
            Place::Result(k) => results[k as usize].cast_const(),
            Place::Stored { .. } => {
                let k = self.stored.binary_search_by_key(&memory, |(id, _)| *id).unwrap_or(0);
                temporaries[k].as_ptr().cast()
            }
            Place::Index | Place::Reshaped(_) => std::ptr::null(),
        }
    }
}

/// Copies what the loop reads again and again, and lets it be read there.
///
/// # Safety
/// `bases` are the memory of the accesses.
unsafe fn lay_out(
    schedule: &Schedule,
    bases: &mut [*mut u8],
    threads: Option<usize>,
) -> Result<SmallVec<[Vec<u64>; 1]>> {
    let mut copies = SmallVec::new();
    for laid_out in &schedule.laid_out {
        let bytes = laid_out.bytes();
        let mut copy: Vec<u64> =
            memory::fresh((bytes + LINE).div_ceil(8)).map_err(|why| out_of_memory(bytes).with_source(why))?;
        // no vector shall lie on two lines
        let to: *mut u8 = copy.as_mut_ptr().cast();
        let to = to.wrapping_add(to.align_offset(LINE));
        let threads = match bytes < CHUNK * 8 {
            true => 1,
            false => threads.unwrap_or_else(rayon::current_num_threads),
        };
        // SAFETY: the caller's promise; the copy has its own memory.
        unsafe { laid_out.copy(bases[laid_out.access], to, threads) };
        bases[laid_out.access] = to;
        copies.push(copy);
    }
    Ok(copies)
}

fn out_of_memory(bytes: usize) -> Error {
    Error::new(ErrorKind::Limit, format!("there is no memory for an array of {bytes} bytes"))
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
                fresh_layout(access, buffer.dims.len(), extent, &order, buffer.dtype.size())
            }
        };
        // what borrows a result's memory lies as the result does
        layouts[memory.index()].get_or_insert_with(|| layout.clone());
        layouts[access.buffer.index()] = Some(layout);
    }
}
