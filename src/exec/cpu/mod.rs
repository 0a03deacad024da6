//! The CPU: a plan bound to strides, run as tapes over tiles by threads.
//!
//! [`schedule`] binds a loop to extents and strides, [`layout`] and [`panel`] copy what does not lie in its order,
//! [`assembly`] turns its body into a [`tape`] of kernel calls. [`loops`] cuts the
//! work into chunks, which [`threads`] share, short loops [`beside`] long ones; [`runner`] runs them on one thread, from [`position`] to position, and
//! [`reduce`] folds, in the order of its [`tree`]. [`gather`] and [`memory`] touch raw memory.

mod assembly;
mod beside;
mod calls;
mod combine;
mod emit;
pub(in crate::exec) mod gather;
mod lanes;
mod layout;
mod loops;
pub(crate) mod memory;
mod panel;
mod position;
mod product;
mod reduce;
mod repeat;
mod runner;
mod scan;
mod schedule;
mod steps;
mod sums;
mod tape;
pub(crate) mod texts;
mod threads;
mod tree;

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use smallvec::SmallVec;

use self::loops::{CHUNK, WORTH_A_THREAD_NS, run_loop};
use self::memory::LINE;
use self::product::MatrixProduct;
use self::runner::{Bases, Failure};
use self::schedule::{Bind, Schedule};
use self::steps::Stepped;
use super::Stop;
pub(crate) use super::bind::ResultLayout;
use super::bind::reshaped::Copied;
use super::bind::{Binding, Layout, Owner};
use super::options::Resolved;
use crate::arena::Id;
use crate::error::{Error, ErrorKind, Result};
use crate::input::{Input, Source, Strides};
use crate::plan::{BufferId, Loop, Place, Plan};

/// A plan bound to extents, strides and options; holds no address, so it serves every call with the same ones.
#[derive(Debug)]
pub(crate) struct Prepared {
    plan: Arc<Plan>,
    schedules: Vec<Schedule>,
    /// By loop: the product of matrices that it is.
    products: Vec<Option<MatrixProduct>>,
    /// By loop: the steps that it takes.
    steps: Vec<Option<Box<Stepped>>>,
    /// By loop, by access: whose memory it reaches.
    owners: Vec<Vec<Owner>>,
    results: Vec<ResultLayout>,
    /// Bytes of each stored temporary with memory of its own.
    stored: Vec<(BufferId, usize)>,
    /// Arrays that are copied to be seen in another shape.
    copies: Vec<Copied>,
    /// The loops that may run at the same time.
    groups: Vec<Range<usize>>,
    stream: bool,
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
        let binding = Binding::new(&plan, extents, inputs, given)?;
        let Binding { layouts, owners, results, stored, copies, moved } = binding;
        let large = moved > memory::last_level_cache() / 2;
        let bind = |nest: &Loop| {
            let stream = large && !leaves_gaps(&plan, nest, extents, &layouts);
            Bind { isa: options.isa, tile: options.tile, large, stream }
        };
        let schedules = plan
            .loops
            .iter()
            .map(|nest| Schedule::new(&plan, nest, extents, &layouts, bind(nest)))
            .collect::<Result<Vec<_>>>()?;
        let product = |nest: &Loop| {
            nest.product.map(|product| MatrixProduct::new(&plan, nest, product, extents, &layouts))
        };
        let products = plan.loops.iter().map(product).collect::<Vec<_>>();
        let steps = plan
            .loops
            .iter()
            .map(|nest| steps::of_loop(&plan, nest, extents, &layouts, options))
            .collect::<Result<Vec<_>>>()?;
        let groups = beside::groups(&plan, &schedules, &owners, &products, &steps, &copies);
        Ok(Prepared {
            plan,
            schedules,
            products,
            steps,
            owners,
            results,
            stored,
            copies,
            groups,
            stream: large,
        })
    }

    pub(crate) fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Shape and strides of each result.
    pub(crate) fn results(&self) -> &[ResultLayout] {
        &self.results
    }

    /// The loops that may run at the same time.
    pub(crate) fn groups(&self) -> &[Range<usize>] {
        &self.groups
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

    /// How the loops over elements run that a loop has: on so many elements at a time, with so many kernel calls a turn.
    pub(crate) fn turns(&self, k: usize) -> impl Iterator<Item = (usize, usize)> {
        self.schedules[k].tape.loops.iter().map(|(tape, _)| tape.turn())
    }

    /// A step of a loop that takes some, and bytes of temporaries between steps.
    pub(crate) fn stepped(&self, k: usize) -> Option<(&Prepared, usize)> {
        self.steps[k].as_deref().map(|stepped| (stepped.step(), stepped.temporary_bytes()))
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
    /// An error that depends on data, memory that a temporary does not get, or the end of a run that is asked for; results
    /// are then unspecified.
    ///
    /// # Safety
    /// `inputs` have the types, shapes and strides that this was prepared for. `results[k]` is memory for the k-th
    /// result, laid out as [`results`](Self::results) says, writable, and read or written by nobody else.
    pub(crate) unsafe fn run(
        &self,
        inputs: &[&Input<'_>],
        results: &[*mut u8],
        threads: Option<usize>,
        stop: &Stop<'_>,
    ) -> Result<()> {
        let mut temporaries = Temporaries::default();
        for (_, bytes) in &self.stored {
            temporaries.push(*bytes)?;
        }
        let failure = Failure::new(stop);
        let mut copied = Temporaries::default();
        for group in &self.groups {
            for copy in self.copies.iter().filter(|copy| copy.before == group.start) {
                let base = self.start_of(copy.base, inputs, results, &temporaries);
                let to = copied.push(copy.bytes())?;
                // SAFETY: the base is laid out as the copy was prepared for, the copy has as many bytes.
                unsafe { fill_copy(copy, base, to) };
            }
            let start = |owner: &Owner| -> *mut u8 {
                match *owner {
                    Owner::Input(k) => match &inputs[k].place {
                        Source::Memory(start) => start.cast_mut(),
                        Source::Own(bytes) => bytes.as_ptr().cast_mut(),
                        Source::Nowhere => std::ptr::null_mut(),
                    },
                    Owner::Result(k) => results[k],
                    Owner::Temporary(k) => temporaries.starts[k],
                    Owner::Copy(k) => copied.starts[k],
                    Owner::Nobody => std::ptr::null_mut(),
                }
            };
            let starts = |number: usize| -> Starts {
                let reaches = self.schedules[number].reaches.iter();
                let owners = self.owners[number].iter();
                owners.zip(reaches).map(|(owner, reach)| start(owner).wrapping_offset(reach.offset)).collect()
            };
            match group.len() {
                // SAFETY: the addresses are the buffers' memory, which holds what the loop reaches.
                1 => unsafe { self.run_loop(group.start, &mut starts(group.start), &failure, threads)? },
                // SAFETY: as above; the group's loops need nothing of one another.
                _ => unsafe { self.run_group(group, &starts, &failure, threads)? },
            }
        }
        stop.result()?;
        match failure.check() {
            None => Ok(()),
            Some(check) => {
                let info = &self.plan.checks[check];
                let error = Error::new(info.kind, info.message.clone());
                Err(match &info.span {
                    Some(span) => error.at(span.clone()),
                    None => error,
                })
            }
        }
    }
}

/// Whether a loop writes rows of an array that do not follow one another, as the interior of one with borders: past the
/// caches that takes three times as long, for the ends of a row are parts of lines that other loops have written.
fn leaves_gaps(plan: &Plan, nest: &Loop, extents: &[usize], layouts: &[Option<Layout>]) -> bool {
    nest.written_accesses().map(|id| &nest.accesses[id]).filter(|access| plan.is_piece(nest, access)).any(
        |access| {
            let dims = &plan.buffers[access.buffer].dims;
            let Some(layout) = &layouts[access.buffer.index()] else { return false };
            let extent = |axis: usize| extents[dims[axis].index()];
            let is_cut = |axis: usize| {
                let term = access.terms.iter().find(|term| term.buffer_axis == axis);
                term.is_none_or(|term| nest.dims[term.axis] != dims[axis])
            };
            let inside = |axis: usize| {
                let stride = |axis: usize| layout.strides[axis].unsigned_abs();
                (0..dims.len()).any(|other| extent(other) > 1 && stride(other) > stride(axis))
            };
            (0..dims.len()).any(|axis| extent(axis) > 1 && is_cut(axis) && inside(axis))
        },
    )
}

/// Where a loop's accesses begin.
type Starts = SmallVec<[*mut u8; 8]>;

impl Prepared {
    /// Runs a loop.
    ///
    /// # Safety
    /// `starts` are the memory of its accesses, which holds what they reach; what it writes nobody else touches.
    unsafe fn run_loop(
        &self,
        number: usize,
        starts: &mut [*mut u8],
        failure: &Failure<'_>,
        threads: Option<usize>,
    ) -> Result<()> {
        let (nest, schedule) = (&self.plan.loops[number], &self.schedules[number]);
        // SAFETY: as the caller vouches; copies live until the end of the loop.
        unsafe {
            if let Some(product) = &self.products[number] {
                return product.run(&Bases(starts), threads, failure.stop);
            }
            if let Some(steps) = &self.steps[number] {
                return steps.run(&Bases(starts), threads, failure.stop);
            }
            let _laid_out = lay_out(schedule, starts, threads)?;
            run_loop(nest, schedule, &Bases(starts), failure, threads)
        }
    }

    /// Runs loops side by side; the error is that of the first one that has one.
    ///
    /// # Safety
    /// As for [`run_loop`](Self::run_loop), of every loop; none touches what another one writes.
    unsafe fn run_group(
        &self,
        group: &Range<usize>,
        starts: &impl Fn(usize) -> Starts,
        failure: &Failure<'_>,
        threads: Option<usize>,
    ) -> Result<()> {
        let work: f64 = self.schedules[group.clone()].iter().map(|schedule| schedule.estimated_ns).sum();
        let at_once = match work < WORTH_A_THREAD_NS {
            true => 1,
            false => threads.unwrap_or_else(rayon::current_num_threads),
        };
        if at_once == 1 {
            // SAFETY: as the caller vouches.
            let mut run = |number| unsafe { self.run_loop(number, &mut starts(number), failure, threads) };
            return group.clone().try_for_each(&mut run);
        }
        let all: Vec<Shared> = group.clone().map(|number| Shared(starts(number))).collect();
        let errors = Mutex::new(Vec::new());
        threads::run(at_once, group.len(), &|claims| {
            while let Some(k) = claims.next() {
                let number = group.start + k;
                // SAFETY: as the caller vouches.
                if let Err(error) = unsafe { self.run_loop(number, &mut all[k].0.clone(), failure, threads) }
                {
                    errors.lock().unwrap_or_else(PoisonError::into_inner).push((number, error));
                }
            }
        });
        let errors = errors.into_inner().unwrap_or_else(PoisonError::into_inner);
        errors.into_iter().min_by_key(|(number, _)| *number).map_or(Ok(()), |(_, error)| Err(error))
    }

    /// Where a buffer with memory of its own begins.
    fn start_of(
        &self,
        buffer: BufferId,
        inputs: &[&Input<'_>],
        results: &[*mut u8],
        temporaries: &Temporaries,
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
                temporaries.starts[k]
            }
            Place::Index | Place::Reshaped(_) => std::ptr::null(),
        }
    }
}

/// Memory that a run needs for itself, and where each piece begins.
#[derive(Default)]
struct Temporaries {
    memory: Vec<Vec<u64>>,
    starts: Vec<*mut u8>,
}

impl Temporaries {
    fn push(&mut self, bytes: usize) -> Result<*mut u8> {
        let memory = memory::fresh::<u64>(bytes.div_ceil(8));
        let mut memory = memory.map_err(|why| out_of_memory(bytes).with_source(why))?;
        let start: *mut u8 = memory.as_mut_ptr().cast();
        self.memory.push(memory);
        self.starts.push(start);
        Ok(start)
    }
}

/// Addresses that threads share.
struct Shared(Starts);

// SAFETY: of memory that the call has borrowed; loops side by side touch nothing that another one writes.
unsafe impl Sync for Shared {}

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

/// Makes a copy in C order.
///
/// # Safety
/// `base` is the first element of what is copied, `to` is writable for as many bytes as the copy has.
unsafe fn fill_copy(copy: &Copied, base: *const u8, to: *mut u8) {
    // bytes stay in their order: the layout says which that is
    let from = gather::Strided { axes: copy.axes.clone(), size: copy.size, swapped: false };
    // SAFETY: as the caller vouches.
    unsafe { from.gather(base, 0, copy.count, to) };
}
