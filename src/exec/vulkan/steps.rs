//! Steps on whole arrays on a device: a plan of its own, run again and again. What a step writes is new memory, from the
//! pool that the step before the last has given its own back to.

use std::sync::Arc;

use super::super::Stop;
use super::super::bind::reshaped::in_order;
use super::super::bind::{Binding, Owner};
use super::arrays::{Resident, Status};
use super::run::{Operand, Prepared};
use super::runtime::{Gpu, Memory};
use crate::arena::Id;
use crate::dtype::DType;
use crate::error::Result;
use crate::input::{Extents, Input, Source, Strides};
use crate::plan::{AccessId, Loop, Plan, Steps};

/// Steps bound to the layouts of what they begin with.
pub(super) struct Stepped {
    turns: u64,
    /// None where they are as the others.
    first: Option<Prepared>,
    rest: Prepared,
    /// What the steps read at first: whose it is, and how it lies.
    reads: Vec<(Owner, Array)>,
    /// Whose memory each variable is in the end.
    writes: Vec<Option<Owner>>,
}

struct Array {
    dtype: DType,
    shape: Extents,
    strides: Strides,
}

/// The memory of a call, which steps exchange for what they have made.
pub(super) struct Memories<'m> {
    pub(super) results: &'m mut [Resident],
    pub(super) temporaries: &'m mut [Arc<Memory>],
    pub(super) copies: &'m [Arc<Memory>],
    pub(super) statuses: &'m mut Vec<Arc<Status>>,
}

impl Stepped {
    /// Binds the steps of the `number`-th loop.
    pub(super) fn new(
        gpu: &Arc<Gpu>,
        plan: &Plan,
        number: usize,
        steps: &Steps,
        (extents, binding, inputs): (&[usize], &Binding, &[&Input<'_>]),
    ) -> Result<Stepped> {
        let nest: &Loop = &plan.loops[number];
        let owner = |access: AccessId| binding.owners[number][access.index()];
        let array = |access: AccessId| {
            let id = nest.accesses[access].buffer;
            let buffer = &plan.buffers[id];
            let shape = buffer.dims.iter().map(|dim| extents[dim.index()]).collect();
            let layout = binding.layouts[id.index()].as_ref().expect("every buffer is laid out");
            Array { dtype: buffer.dtype, shape, strides: layout.strides.clone() }
        };
        let reads: Vec<(Owner, Array)> = steps.reads.iter().map(|id| (owner(*id), array(*id))).collect();
        let variables = steps.writes.len();
        let given: Vec<Strides> =
            reads[..variables].iter().map(|(_, array)| in_order(&array.shape, array.dtype.size())).collect();
        let describe = |(of, Array { dtype, shape, strides }): &(Owner, Array)| match of {
            Owner::Input(k) => inputs[*k].clone(),
            _ => Input::imagined(*dtype, shape, strides),
        };
        let first: Vec<Input<'_>> = reads.iter().map(describe).collect();
        let stepped = reads[..variables].iter().zip(&given);
        let stepped =
            stepped.map(|((_, array), strides)| Input::imagined(array.dtype, &array.shape, strides));
        let rest: Vec<Input<'_>> = stepped.chain(first[variables..].iter().cloned()).collect();
        let prepare = |inputs: &[Input<'_>]| {
            let inputs: Vec<&Input<'_>> = inputs.iter().collect();
            let extents = steps.plan.signature.extents();
            Prepared::with_layouts(gpu, steps.plan.clone(), extents, &inputs, Some(&given))
        };
        // steps inside of steps would have twice as many bindings at each level
        let is_as_the_others = reads[..variables].iter().zip(&given).all(|((of, array), strides)| {
            let is_array = match of {
                Owner::Input(k) => matches!(inputs[*k].place, Source::Nowhere),
                _ => true,
            };
            array.strides == *strides && is_array
        });
        Ok(Stepped {
            turns: steps.turns,
            first: if is_as_the_others { None } else { Some(prepare(&first)?) },
            rest: prepare(&rest)?,
            writes: steps.writes.iter().map(|write| write.map(owner)).collect(),
            reads,
        })
    }

    /// The two bindings of a step.
    pub(super) fn bindings(&self) -> impl Iterator<Item = &Prepared> {
        self.first.iter().chain([&self.rest])
    }

    /// The same with the program's text, which errors point at.
    pub(super) fn in_text(self, text: Option<&Arc<str>>) -> Stepped {
        Stepped { first: self.first.map(|first| first.in_text(text)), rest: self.rest.in_text(text), ..self }
    }

    /// Takes the steps; answers while the device is at work.
    pub(super) fn run(&self, inputs: &[Operand<'_>], memories: Memories<'_>, stop: &Stop<'_>) -> Result<()> {
        if self.turns > stop.turns() {
            stop.end_turning();
            return stop.result();
        }
        let Memories { results, temporaries, copies, statuses } = memories;
        let resident = |owner: Owner, Array { dtype, shape, strides }: &Array| {
            let memory = match owner {
                Owner::Result(k) => results[k].memory.clone(),
                Owner::Temporary(k) => temporaries[k].clone(),
                Owner::Copy(k) => copies[k].clone(),
                Owner::Input(_) | Owner::Nobody => return None,
            };
            let (shape, strides) = (shape.clone(), strides.clone());
            Some(Resident { memory, dtype: *dtype, shape, strides, statuses: Vec::new() })
        };
        let read: Vec<Option<Resident>> =
            self.reads.iter().map(|(owner, array)| resident(*owner, array)).collect();
        let mut made: Vec<Resident> = Vec::new();
        let within = stop.within(self.turns);
        for turn in 0..self.turns {
            let operands: Vec<Operand<'_>> = (0..read.len())
                .map(|k| match (made.get(k), &read[k], self.reads[k].0) {
                    (Some(array), ..) => Operand::Array(array),
                    (None, Some(array), _) => Operand::Array(array),
                    (None, None, Owner::Input(input)) => inputs[input],
                    (None, None, _) => unreachable!("what steps read is an input, or lies in memory"),
                })
                .collect();
            let step = self.first.as_ref().filter(|_| turn == 0).unwrap_or(&self.rest);
            made = step.run(&operands, &within)?;
        }
        for (array, write) in made.into_iter().zip(&self.writes) {
            let new = array.statuses.iter().filter(|status| !statuses.iter().any(|s| Arc::ptr_eq(s, status)));
            let new: Vec<_> = new.cloned().collect();
            statuses.extend(new);
            match write {
                Some(Owner::Result(k)) => results[*k].memory = array.memory,
                Some(Owner::Temporary(k)) => temporaries[*k] = array.memory,
                Some(Owner::Input(_) | Owner::Copy(_) | Owner::Nobody) | None => {}
            }
        }
        Ok(())
    }
}
