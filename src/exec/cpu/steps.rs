//! Steps on whole arrays: a plan of its own, run again and again between two arrays for each variable.
//!
//! The last step writes where the variable belongs, those before it there and into a temporary by turns: how many steps
//! are left says where. Both lie in C order, so that two bindings serve all steps: the first reads what the variables
//! begin with, wherever that is, the others what the step before them has written.

use std::sync::Arc;

use smallvec::SmallVec;

use super::super::Stop;
use super::super::bind::reshaped::in_order;
use super::super::bind::{Layout, ResultLayout};
use super::super::options::Resolved;
use super::gather::Strided;
use super::runner::Bases;
use super::{Prepared, Temporaries};
use crate::arena::Id;
use crate::dtype::DType;
use crate::error::Result;
use crate::input::{Extents, Input, Strides};
use crate::plan::{AccessId, Loop, Plan, Steps};

/// So many steps go by before it is asked whether the run is to end.
const PATIENCE: u64 = 16;

/// Steps bound to the layouts of what they begin with, and of what they end in.
#[derive(Debug)]
pub(super) struct Stepped {
    turns: u64,
    /// None where they are as the others.
    first: Option<Prepared>,
    rest: Prepared,
    /// The arrays that the steps read at first, each with its access.
    reads: Vec<(AccessId, Array)>,
    variables: Vec<Variable>,
}

/// An array as inputs describe it, without its address.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Array {
    dtype: DType,
    shape: Extents,
    strides: Strides,
    swapped: bool,
}

#[derive(Debug)]
struct Variable {
    /// As it lies between steps: in C order.
    array: Array,
    bytes: usize,
    /// Where it goes in the end, and how that lies; `None` where nobody reads it.
    write: Option<(AccessId, ResultLayout)>,
    /// Another variable with the same next value, which is written once.
    same_as: Option<usize>,
}

impl Variable {
    /// Where steps write it themselves: where it goes in the end, if that lies as it does between steps.
    fn target(&self) -> Option<AccessId> {
        let (access, layout) = self.write.as_ref()?;
        (layout.strides == self.array.strides).then_some(*access)
    }
}

impl Array {
    fn of(
        plan: &Plan,
        nest: &Loop,
        access: AccessId,
        extents: &[usize],
        layouts: &[Option<Layout>],
    ) -> Array {
        let id = nest.accesses[access].buffer;
        let buffer = &plan.buffers[id];
        let shape: Extents = buffer.dims.iter().map(|dim| extents[dim.index()]).collect();
        let layout = layouts[id.index()].as_ref().expect("every buffer is laid out before it is reached");
        Array { dtype: buffer.dtype, shape, strides: layout.strides.clone(), swapped: layout.swapped }
    }

    fn at(&self, start: *const u8) -> Input<'static> {
        let mut input = Input::described(start, self.dtype, &self.shape, &self.strides);
        input.swapped = self.swapped;
        input
    }

    fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// How its elements are walked in C order. Each part of a complex one is turned by itself.
    fn walk(&self) -> Strided {
        let part = self.dtype.part_size();
        let mut axes: SmallVec<[(usize, isize); 2]> =
            self.shape.iter().copied().zip(self.strides.iter().copied()).collect();
        if part != self.dtype.size() {
            axes.push((2, part as isize));
        }
        if axes.is_empty() {
            axes.push((1, 0));
        }
        Strided { axes, size: part, swapped: self.swapped }
    }

    /// Parts of its elements.
    fn parts(&self) -> usize {
        self.count() * (self.dtype.size() / self.dtype.part_size())
    }
}

impl Stepped {
    pub(super) fn new(
        plan: &Plan,
        nest: &Loop,
        steps: &Steps,
        extents: &[usize],
        layouts: &[Option<Layout>],
        options: Resolved,
    ) -> Result<Stepped> {
        let array = |access: AccessId| Array::of(plan, nest, access, extents, layouts);
        let reads: Vec<(AccessId, Array)> =
            steps.reads.iter().map(|access| (*access, array(*access))).collect();
        let inner = &steps.plan;
        let mut variables = Vec::with_capacity(steps.writes.len());
        for (k, write) in steps.writes.iter().enumerate() {
            let Array { dtype, shape, .. } = reads[k].1.clone();
            let strides = in_order(&shape, dtype.size());
            let array = Array { dtype, shape, strides, swapped: false };
            let write = write.map(|access| {
                let Array { shape, strides, .. } = Array::of(plan, nest, access, extents, layouts);
                (access, ResultLayout { shape, strides })
            });
            let bytes = array.count() * dtype.size();
            let same_as = inner.results[..k].iter().position(|result| *result == inner.results[k]);
            variables.push(Variable { array, bytes, write, same_as });
        }
        let given: Vec<Strides> = variables.iter().map(|v| v.array.strides.clone()).collect();
        let prepare = |arrays: &[&Array]| {
            let inputs: Vec<Input<'_>> = arrays.iter().map(|array| array.at(std::ptr::null())).collect();
            let inputs: Vec<&Input<'_>> = inputs.iter().collect();
            Prepared::new(inner.clone(), inner.signature.extents(), &inputs, Some(&given), options)
        };
        let outside = reads[variables.len()..].iter().map(|(_, array)| array);
        let rest = prepare(&variables.iter().map(|v| &v.array).chain(outside).collect::<Vec<_>>())?;
        // steps inside of steps would have twice as many bindings at each level
        let is_as_the_others = reads.iter().zip(&variables).all(|((_, array), v)| *array == v.array);
        let first = match is_as_the_others {
            true => None,
            false => Some(prepare(&reads.iter().map(|(_, array)| array).collect::<Vec<_>>())?),
        };
        Ok(Stepped { turns: steps.turns, first, rest, reads, variables })
    }

    /// What every step but the first one does.
    pub(super) fn step(&self) -> &Prepared {
        &self.rest
    }

    /// Memory of its own that a run takes.
    pub(super) fn temporary_bytes(&self) -> usize {
        let arrays =
            |variable: &Variable| usize::from(variable.target().is_none()) + usize::from(self.turns > 1);
        self.variables.iter().map(|variable| arrays(variable) * variable.bytes).sum()
    }

    /// Takes the steps.
    ///
    /// # Errors
    /// Those of a step, and memory that a temporary does not get.
    ///
    /// # Safety
    /// `bases` are the memory of the loop's accesses, laid out as this was made for; what is written is nobody else's.
    pub(super) unsafe fn run(
        &self,
        bases: &Bases<'_>,
        threads: Option<usize>,
        stop: &Stop<'_>,
    ) -> Result<()> {
        let base = |access: AccessId| bases.0[access.index()];
        let mut temporaries = Temporaries::default();
        // by variable: where its last value goes, and where the one before that does
        let mut places: Vec<[*mut u8; 2]> = Vec::with_capacity(self.variables.len());
        for variable in &self.variables {
            let last = match variable.target() {
                Some(access) => base(access),
                None => temporaries.push(variable.bytes)?,
            };
            places.push([last, if self.turns > 1 { temporaries.push(variable.bytes)? } else { last }]);
        }
        // SAFETY: places are the variables' bytes, in C order, and the caller vouches for the rest.
        unsafe {
            if self.turns > stop.turns() {
                stop.end_turning();
                return stop.result();
            }
            let within = stop.within(self.turns);
            for turn in 0..self.turns {
                // small steps do not ask by themselves
                if turn % PATIENCE == 0 && stop.is_asked() {
                    return stop.result();
                }
                let to = ((self.turns - 1 - turn) % 2) as usize;
                let from = |k: usize| match turn {
                    0 => base(self.reads[k].0).cast_const(),
                    _ => places[k][1 - to].cast_const(),
                };
                let inputs: SmallVec<[Input<'_>; 8]> = self
                    .reads
                    .iter()
                    .enumerate()
                    .map(|(k, (access, array))| match self.variables.get(k) {
                        Some(variable) if turn > 0 => variable.array.at(from(k)),
                        Some(_) => array.at(from(k)),
                        None => array.at(base(*access)),
                    })
                    .collect();
                let inputs: SmallVec<[&Input<'_>; 8]> = inputs.iter().collect();
                let results: SmallVec<[*mut u8; 4]> = places.iter().map(|place| place[to]).collect();
                let step = self.first.as_ref().filter(|_| turn == 0).unwrap_or(&self.rest);
                step.run(&inputs, &results, threads, &within)?;
                for (k, variable) in self.variables.iter().enumerate() {
                    if let Some(other) = variable.same_as {
                        results[k].copy_from_nonoverlapping(results[other], variable.bytes);
                    }
                }
            }
            for (k, variable) in self.variables.iter().enumerate().filter(|(_, v)| v.bytes > 0) {
                let last = places[k][0];
                if let Some((access, layout)) = &variable.write
                    && layout.strides != variable.array.strides
                {
                    let target = Array { strides: layout.strides.clone(), ..variable.array.clone() };
                    target.walk().scatter(base(*access), 0, target.parts(), last);
                }
            }
        }
        Ok(())
    }
}

/// The steps of a loop, if it takes some.
pub(super) fn of_loop(
    plan: &Arc<Plan>,
    nest: &Loop,
    extents: &[usize],
    layouts: &[Option<Layout>],
    options: Resolved,
) -> Result<Option<Box<Stepped>>> {
    let stepped = nest.steps.as_ref().map(|steps| Stepped::new(plan, nest, steps, extents, layouts, options));
    stepped.transpose().map(|stepped| stepped.map(Box::new))
}
