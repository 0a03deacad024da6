//! Programs on a device: a plan's schedules, bound to arrays in its memory, recorded and submitted without waiting.

use std::sync::Arc;

use super::super::Stop;
use super::super::bind::{Binding, ResultLayout};
use super::arrays::{NO_ERROR, Resident, Status};
use super::dispatch::{Call, submit};
use super::nest::{Nest, NestAxis, NestKind, Reach, Source};
use super::runtime::Gpu;
use super::schedule::Schedule;
use super::steps::{Memories, Stepped};
use crate::arena::{Arena, Id};
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::exec::bind::Owner;
use crate::infer::AxisSet;
use crate::input::{Input, Strides};
use crate::plan::{Access, AccessId, Block, Body, BufferId, Def, Inst, Loop, Plan, Plane, Store, Value};

/// A plan bound to a device, to extents and strides; holds no address, so it serves every call with the same ones.
pub(crate) struct Prepared {
    gpu: Arc<Gpu>,
    plan: Arc<Plan>,
    results: Vec<ResultLayout>,
    /// Bytes of each stored temporary, and of each copy.
    stored: Vec<u64>,
    copies: Vec<u64>,
    /// In their order.
    passes: Vec<Pass>,
    /// The value of each extent.
    extents: Vec<usize>,
    checks: bool,
    /// The program's, for errors that data make.
    text: Option<Arc<str>>,
}

/// What is done in one go.
enum Pass {
    /// A loop.
    Loop(Box<Step>),
    /// Steps on whole arrays.
    Steps(Box<Stepped>),
}

/// A schedule, and the loop that it is of.
pub(super) struct Step {
    pub(super) body: Loop,
    pub(super) schedule: Schedule,
}

/// Runs whose errors an array may still turn out to have, before they are asked for.
const MOST_STATUSES: usize = 32;

/// What a program is given on a device.
#[derive(Clone, Copy)]
pub(crate) enum Operand<'a> {
    Array(&'a Resident),
    Number(&'a Input<'a>),
}

impl Prepared {
    /// Binds a plan. `inputs` say types, shapes and strides; those that are numbers are told to shaders as such.
    pub(crate) fn new(
        gpu: &Arc<Gpu>,
        plan: Arc<Plan>,
        extents: &[usize],
        inputs: &[&Input<'_>],
    ) -> Result<Prepared> {
        Prepared::with_layouts(gpu, plan, extents, inputs, None)
    }

    /// As [`new`](Self::new), with results of these strides.
    pub(super) fn with_layouts(
        gpu: &Arc<Gpu>,
        plan: Arc<Plan>,
        extents: &[usize],
        inputs: &[&Input<'_>],
        given: Option<&[Strides]>,
    ) -> Result<Prepared> {
        let binding = Binding::new(&plan, extents, inputs, given)?;
        let largest = largest(&plan, extents);
        // before anything is cut into parts: of what no device holds there might be more parts than fit the host
        let results = plan.results.iter().zip(&binding.results).map(|(buffer, layout)| {
            layout.shape.iter().product::<usize>() * plan.buffers[*buffer].dtype.size()
        });
        let stored = binding.stored.iter().map(|(_, bytes)| *bytes);
        let copies = binding.copies.iter().map(|copy| copy.bytes());
        results.chain(stored).chain(copies).try_for_each(|bytes| gpu.can_hold(bytes as u64))?;
        let mut passes = Vec::new();
        for (number, nest) in plan.loops.iter().enumerate() {
            for (k, copy) in binding.copies.iter().enumerate().filter(|(_, copy)| copy.before == number) {
                let from = binding.memory_of(&plan, copy.base);
                let (body, nest) = copying(plan.buffers[copy.base].dtype, copy, [from, Owner::Copy(k)])?;
                passes.extend(Step::new(gpu, body, nest, largest)?.map(|step| Pass::Loop(Box::new(step))));
            }
            if let Some(steps) = &nest.steps {
                let stepped = Stepped::new(gpu, &plan, number, steps, (extents, &binding, inputs))?;
                passes.push(Pass::Steps(Box::new(stepped)));
                continue;
            }
            let bound = Nest::new(&plan, number, extents, &binding, inputs)?;
            let step = Step::new(gpu, nest.clone(), bound, largest)?;
            passes.extend(step.map(|step| Pass::Loop(Box::new(step))));
        }
        let checks = plan.loops.iter().any(|nest| {
            let mut insts = nest.body.blocks.iter().flat_map(|(_, block)| &block.insts);
            insts.any(|inst| matches!(inst, Inst::Check(..)))
        });
        Ok(Prepared {
            gpu: gpu.clone(),
            stored: binding.stored.iter().map(|(_, bytes)| *bytes as u64).collect(),
            copies: binding.copies.iter().map(|copy| copy.bytes() as u64).collect(),
            results: binding.results,
            plan,
            passes,
            extents: extents.to_vec(),
            checks,
            text: None,
        })
    }

    /// With the program's text, which errors point at.
    pub(crate) fn in_text(self, text: Option<&Arc<str>>) -> Prepared {
        let with_text = |pass| match pass {
            Pass::Steps(stepped) => Pass::Steps(Box::new(stepped.in_text(text))),
            Pass::Loop(_) => pass,
        };
        let passes = self.passes.into_iter().map(with_text).collect();
        Prepared { text: text.cloned(), passes, ..self }
    }

    /// The shaders, in the order in which they run.
    pub(crate) fn shaders(&self) -> Vec<&[u32]> {
        let mut shaders = Vec::new();
        for pass in &self.passes {
            match pass {
                Pass::Loop(step) => {
                    shaders.extend(step.schedule.stages.iter().map(|stage| &stage.shader.words[..]));
                }
                Pass::Steps(stepped) => {
                    stepped.bindings().for_each(|binding| shaders.extend(binding.shaders()));
                }
            }
        }
        shaders
    }

    /// The type and the shape of a result.
    pub(crate) fn result(&self, k: usize) -> (DType, &[usize]) {
        (self.plan.buffers[self.plan.results[k]].dtype, &self.results[k].shape)
    }

    /// Runs the plan; answers the results while the device is at work: at once, unless the run can be ended.
    pub(crate) fn run(&self, inputs: &[Operand<'_>], stop: &Stop<'_>) -> Result<Vec<Resident>> {
        let allocate = |bytes: u64| self.gpu.allocate(bytes.max(16));
        let memory_of = |layout: &ResultLayout, dtype: DType| {
            let elements: usize = layout.shape.iter().product();
            allocate((elements * dtype.size()) as u64)
        };
        let mut results: Vec<Resident> = Vec::with_capacity(self.results.len());
        for (buffer, layout) in self.plan.results.iter().zip(&self.results) {
            let dtype = self.plan.buffers[*buffer].dtype;
            let first = self.plan.results.iter().position(|other| other == buffer);
            let memory = match first.filter(|first| *first < results.len()) {
                // a node that is a result again is written once
                Some(first) => results[first].memory.clone(),
                None => memory_of(layout, dtype)?,
            };
            let (shape, strides) = (layout.shape.clone(), layout.strides.clone());
            results.push(Resident { memory, dtype, shape, strides, statuses: Vec::new() });
        }
        let mut temporaries = self.stored.iter().map(|bytes| allocate(*bytes)).collect::<Result<Vec<_>>>()?;
        let copies = self.copies.iter().map(|bytes| allocate(*bytes)).collect::<Result<Vec<_>>>()?;
        let mut statuses: Vec<Arc<Status>> = Vec::new();
        for input in inputs {
            let Operand::Array(array) = input else { continue };
            let new = array.statuses.iter().filter(|status| !statuses.iter().any(|s| Arc::ptr_eq(s, status)));
            let new: Vec<_> = new.cloned().collect();
            statuses.extend(new);
        }
        if statuses.len() > MOST_STATUSES {
            // a long chain of runs: what is known to be right needs no further care
            statuses.iter().try_for_each(|status| status.check())?;
            statuses.clear();
        }
        let mut batch = self.gpu.batch();
        let own = match self.checks {
            false => None,
            true => {
                let word = allocate(4)?;
                batch.fill(&word, NO_ERROR)?;
                Some(word)
            }
        };
        let mut work = 0;
        for pass in &self.passes {
            match pass {
                Pass::Loop(step) => {
                    let call = Call {
                        gpu: &self.gpu,
                        extents: &self.extents,
                        inputs,
                        results: &results,
                        temporaries: &temporaries,
                        copies: &copies,
                        status: own.as_ref(),
                        stop,
                    };
                    batch = call.step(step, batch, &mut work)?;
                }
                Pass::Steps(stepped) => {
                    submit(std::mem::replace(&mut batch, self.gpu.batch()), stop)?;
                    work = 0;
                    let (results, temporaries) = (&mut results[..], &mut temporaries[..]);
                    let statuses = &mut statuses;
                    let memories = Memories { results, temporaries, copies: &copies, statuses };
                    stepped.run(inputs, memories, stop)?;
                }
            }
        }
        submit(batch, stop)?;
        for k in 1..results.len() {
            let first = self.plan.results.iter().position(|buffer| *buffer == self.plan.results[k]);
            if let Some(first) = first.filter(|first| *first < k) {
                results[k].memory = results[first].memory.clone();
            }
        }
        statuses.extend(own.map(|word| Arc::new(Status::new(word, self.errors()))));
        results.iter_mut().for_each(|result| result.statuses.clone_from(&statuses));
        Ok(results)
    }

    fn errors(&self) -> Vec<Error> {
        let error = |info: &crate::infer::CheckInfo| {
            let error = Error::new(info.kind, info.message.clone());
            match (&info.span, &self.text) {
                (Some(span), Some(text)) => error.at(span.clone()).in_text(text.clone()),
                (Some(span), None) => error.at(span.clone()),
                (None, _) => error,
            }
        };
        self.plan.checks.iter().map(|(_, info)| error(info)).collect()
    }
}

impl Step {
    fn new(gpu: &Arc<Gpu>, body: Loop, nest: Nest, largest: u64) -> Result<Option<Step>> {
        let schedule = Schedule::new(gpu, &body, nest, largest).map_err(|error| of_device(gpu, error))?;
        Ok(schedule.map(|schedule| Step { body, schedule }))
    }
}

/// An error with the device that it is about.
pub(super) fn of_device(gpu: &Gpu, error: Error) -> Error {
    match error.kind() {
        ErrorKind::Device | ErrorKind::Limit => {
            let named = Error::new(error.kind(), format!("on `{}`: {}", gpu.found().name, error.message()));
            match error.help() {
                Some(help) => named.with_help(help),
                None => named,
            }
        }
        _ => error,
    }
}

/// Bytes of the largest array.
fn largest(plan: &Plan, extents: &[usize]) -> u64 {
    let bytes = plan.buffers.iter().map(|(_, buffer)| {
        let elements: u64 = buffer.dims.iter().map(|dim| extents[dim.index()] as u64).product();
        elements.saturating_mul(buffer.dtype.size() as u64)
    });
    bytes.max().unwrap_or(0)
}

/// The loop that copies a buffer in C order.
fn copying(
    dtype: DType,
    copy: &crate::exec::bind::reshaped::Copied,
    owners: [Owner; 2],
) -> Result<(Loop, Nest)> {
    if matches!(dtype, DType::Bytes(_)) {
        return Err(Error::new(ErrorKind::Unsupported, "byte strings are not compared on a graphics device"));
    }
    let planes = match dtype.part_size() == dtype.size() {
        true => &[Plane::Whole][..],
        false => &[Plane::Real, Plane::Imaginary],
    };
    let mut body = Body::default();
    let mut block = Block::default();
    let (mut accesses, mut stores, mut reaches) = (Arena::new(), Vec::new(), Vec::new());
    for (k, plane) in planes.iter().enumerate() {
        for owner in owners {
            let (buffer, none) = (BufferId::new(0), Vec::new());
            let access = Access { buffer, plane: *plane, terms: vec![], offsets: none, taken: vec![] };
            accesses.push(access);
            let size = dtype.part_size();
            let offset = (k * size) as isize;
            reaches.push(Reach { source: Source::Memory(owner), dtype, size, offset, place: 0 });
        }
        let varies = AxisSet::EMPTY.with(0);
        let (from, to) = (AccessId::new(2 * k), AccessId::new(2 * k + 1));
        let value = body.values.push(Value { compute: dtype.compute(), varies, def: Def::Load(from) });
        block.insts.push(Inst::Let(value));
        stores.push(Store { value, access: to });
    }
    body.blocks.push(block);
    let shape: Vec<usize> = copy.axes.iter().map(|(extent, _)| *extent).collect();
    let target = crate::exec::bind::reshaped::in_order(&shape, dtype.size());
    let kept = copy.axes.iter().zip(target).map(|((extent, from), to)| {
        let strides = planes.iter().flat_map(|_| [*from, to]).collect();
        NestAxis { extent: *extent, strides }
    });
    let nest = Nest {
        kind: NestKind::Map,
        kept: kept.collect(),
        middle: Vec::new(),
        inner: Vec::new(),
        reaches,
        in_pieces: false,
    };
    let body = Loop {
        dims: Vec::new(),
        reduced: AxisSet::EMPTY,
        accesses,
        body,
        stores,
        reduces: Vec::new(),
        product: None,
        steps: None,
        running: false,
        finishes: false,
    };
    Ok((body, nest))
}
