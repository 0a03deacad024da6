//! Programs on a device: a plan's schedules, bound to arrays in its memory, recorded and submitted without waiting.

use std::sync::Arc;

use super::super::bind::{Binding, ResultLayout};
use super::arrays::{NO_ERROR, Resident, Status};
use super::nest::{Nest, NestAxis, NestKind, Reach, Source};
use super::runtime::{Batch, Gpu, Memory};
use super::schedule::{Extent, Part, Schedule, Stage};
use super::spirv::{self, Argument, Buffer, Reaching, Turns, Type};
use super::steps::{Memories, Stepped};
use crate::arena::{Arena, Id};
use crate::dtype::{DType, Scalar};
use crate::error::{Error, ErrorKind, Result};
use crate::exec::bind::Owner;
use crate::infer::AxisSet;
use crate::input::{Input, Strides};
use crate::plan::{
    Access, AccessId, Block, Body, BufferId, Def, Inst, Loop, Plan, Plane, Store, Value, ValueId,
};

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
struct Step {
    body: Loop,
    schedule: Schedule,
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
                    stepped.bindings().iter().for_each(|binding| shaders.extend(binding.shaders()));
                }
            }
        }
        shaders
    }

    /// The type and the shape of a result.
    pub(crate) fn result(&self, k: usize) -> (DType, &[usize]) {
        (self.plan.buffers[self.plan.results[k]].dtype, &self.results[k].shape)
    }

    /// Runs the plan; answers the results at once, while the device is at work.
    pub(crate) fn run(&self, inputs: &[Operand<'_>]) -> Result<Vec<Resident>> {
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
                        prepared: self,
                        inputs,
                        results: &results,
                        temporaries: &temporaries,
                        copies: &copies,
                        status: own.as_ref(),
                    };
                    batch = call.step(step, batch, &mut work)?;
                }
                Pass::Steps(stepped) => {
                    std::mem::replace(&mut batch, self.gpu.batch()).submit()?;
                    work = 0;
                    let (results, temporaries) = (&mut results[..], &mut temporaries[..]);
                    let statuses = &mut statuses;
                    let memories = Memories { results, temporaries, copies: &copies, statuses };
                    stepped.run(inputs, memories)?;
                }
            }
        }
        batch.submit()?;
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
fn of_device(gpu: &Gpu, error: Error) -> Error {
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

/// A run, as its dispatches see it.
struct Call<'a> {
    prepared: &'a Prepared,
    inputs: &'a [Operand<'a>],
    results: &'a [Resident],
    temporaries: &'a [Arc<Memory>],
    copies: &'a [Arc<Memory>],
    status: Option<&'a Arc<Memory>>,
}

/// Partial results of a stage, by reduction.
type Partials = Vec<Arc<Memory>>;

impl Call<'_> {
    /// Records the dispatches of a loop. What would keep the device too long goes into a batch of its own.
    fn step(&self, step: &Step, mut batch: Batch, work: &mut u64) -> Result<Batch> {
        let gpu = &self.prepared.gpu;
        let (group_size, most) = (gpu.abilities().group_size, gpu.abilities().elements);
        let counting = step.schedule.counting.as_ref();
        let turns = counting.map(|counting| counting.turns(&step.body, |access| self.number(step, access)));
        let per_element = turns.as_ref().map_or(1, Turns::per_element);
        for part in &step.schedule.boxes {
            let extents = step.schedule.extents(part, group_size)?;
            let mut partials: Partials = Vec::new();
            for (stage, extent) in step.schedule.stages.iter().zip(&extents) {
                let leaves = std::mem::replace(&mut partials, self.partials(step, extent)?);
                let dispatch =
                    Dispatch { call: self, step, part, stage, extent, leaves: &leaves, partials: &partials };
                // along the axis of a running reduction, or items
                let at_once = stage.at_once(extent, gpu.abilities(), turns.as_ref());
                let (items, along) = at_once.map_err(|error| of_device(gpu, error))?;
                let mut from = 0;
                while from < extent.per_item {
                    let mut first = 0;
                    while first < extent.items {
                        let count = items.min(extent.items - first);
                        let visited = count.saturating_mul(along).saturating_mul(per_element);
                        if *work > 0 && work.saturating_add(visited) > most {
                            std::mem::replace(&mut batch, gpu.batch()).submit()?;
                            *work = 0;
                        }
                        *work = work.saturating_add(visited);
                        dispatch.record(
                            &mut batch,
                            [first, count],
                            [from, extent.per_item.min(from + along)],
                        )?;
                        first += count;
                    }
                    from += along;
                }
            }
        }
        Ok(batch)
    }

    /// The number that an access is, if it is one that the call gives.
    fn number(&self, step: &Step, access: AccessId) -> Option<Scalar> {
        match step.schedule.nest.reaches[access.index()].source {
            Source::Number(input, Plane::Whole) => match self.inputs.get(input) {
                Some(Operand::Number(number)) => number.number(),
                _ => None,
            },
            Source::Number(..) | Source::Memory(_) | Source::Index => None,
        }
    }

    /// Memory for what a stage leaves.
    fn partials(&self, step: &Step, extent: &Extent) -> Result<Partials> {
        if extent.partials == 0 {
            return Ok(Vec::new());
        }
        let bytes = step.body.reduces.iter().map(|reduce| {
            let parts = spirv::recording(&step.body, reduce).parts;
            parts.iter().map(|of| spirv::stored(*of) as u64).sum::<u64>() * extent.partials
        });
        bytes.map(|bytes| self.prepared.gpu.allocate(bytes)).collect()
    }
}

/// One dispatch of a stage, over some of its items.
struct Dispatch<'a> {
    call: &'a Call<'a>,
    step: &'a Step,
    part: &'a Part,
    stage: &'a Stage,
    extent: &'a Extent,
    leaves: &'a Partials,
    partials: &'a Partials,
}

impl Dispatch<'_> {
    fn record(&self, batch: &mut Batch, items: [u64; 2], along: [u64; 2]) -> Result<()> {
        let gpu = &self.call.prepared.gpu;
        let shader = &self.stage.shader;
        let mut words: Vec<u8> = Vec::with_capacity(4 * shader.arguments.len());
        for (argument, count) in &shader.arguments {
            let value = self.argument(*argument, items, along)?;
            words.extend_from_slice(&value.to_le_bytes()[..4 * *count as usize]);
        }
        let mut told = None;
        if !shader.pushes {
            let memory = gpu.allocate(words.len() as u64)?;
            gpu.upload(&memory, words.len() as u64, &mut |offset, part| {
                part.copy_from_slice(&words[offset as usize..][..part.len()]);
            })?;
            words = match shader.reaching {
                Reaching::Bindings => Vec::new(),
                Reaching::Addresses => memory.address().to_le_bytes().to_vec(),
            };
            told = Some(memory);
        }
        let mut buffers = Vec::with_capacity(shader.bindings.len());
        for buffer in &shader.bindings {
            buffers.push(match buffer {
                Buffer::Arguments => told.as_ref().expect("arguments in memory are uploaded"),
                buffer => self.memory(*buffer)?,
            });
        }
        let groups = items[1].div_ceil(self.extent.per_group).min(u64::from(gpu.abilities().groups));
        // what is reached by address is named too: it is kept until the dispatch is in the queue
        if shader.reaching == Reaching::Addresses {
            for (argument, _) in &shader.arguments {
                buffers.extend(self.reached(*argument)?);
            }
            buffers.extend(told.as_ref());
        }
        batch.dispatch(&self.stage.pipeline, &buffers, &words, groups as u32)
    }

    /// The memory that an argument is an address in.
    fn reached(&self, argument: Argument) -> Result<Option<&Arc<Memory>>> {
        match argument {
            Argument::Address(buffer) => self.memory(buffer).map(Some),
            Argument::Begin(access) => match self.step.schedule.nest.reaches[access].source {
                Source::Memory(owner) => Buffer::of(owner).map(|buffer| self.memory(buffer)).transpose(),
                Source::Index | Source::Number(..) => Ok(None),
            },
            _ => Ok(None),
        }
    }

    fn memory(&self, buffer: Buffer) -> Result<&Arc<Memory>> {
        let missing =
            || Error::new(ErrorKind::Internal, "a shader reaches memory that the run does not have");
        match buffer {
            Buffer::Input(k) => match self.call.inputs.get(k) {
                Some(Operand::Array(array)) => Ok(&array.memory),
                _ => Err(missing()),
            },
            Buffer::Result(k) => Ok(&self.call.results[k].memory),
            Buffer::Temporary(k) => Ok(&self.call.temporaries[k]),
            Buffer::Copy(k) => Ok(&self.call.copies[k]),
            Buffer::Leaves(k) => self.leaves.get(k).ok_or_else(missing),
            Buffer::Partials(k) => self.partials.get(k).ok_or_else(missing),
            Buffer::Status => self.call.status.ok_or_else(missing),
            Buffer::Arguments => Err(missing()),
        }
    }

    fn argument(&self, argument: Argument, [first, count]: [u64; 2], [from, to]: [u64; 2]) -> Result<u64> {
        let (schedule, reaching) = (&self.step.schedule, self.stage.shader.reaching);
        let words =
            |access: usize, bytes: i64| match schedule.is_index(access) || reaching == Reaching::Addresses {
                true => bytes,
                false => bytes / schedule.nest.reaches[access].size as i64,
            };
        Ok(match argument {
            Argument::First => first,
            Argument::Count => count,
            Argument::From => from,
            Argument::To => to,
            Argument::Begin(access) => {
                let begin = words(access, schedule.begin(access, self.part)) as u64;
                match self.reached(argument)?.filter(|_| reaching == Reaching::Addresses) {
                    Some(memory) => memory.address().wrapping_add(begin),
                    None => begin,
                }
            }
            Argument::Stride(group, axis, access) => {
                let axes = match group {
                    spirv::Group::Kept => &schedule.nest.kept,
                    spirv::Group::Middle => &schedule.nest.middle,
                    spirv::Group::Inner => &schedule.nest.inner,
                };
                words(access, axes[axis].strides[access] as i64) as u64
            }
            Argument::Place(access) => words(access, schedule.nest.reaches[access].place as i64) as u64,
            Argument::Number(access, of) => {
                let Source::Number(input, plane) = schedule.nest.reaches[access].source else { return Ok(0) };
                let number = match self.call.inputs.get(input) {
                    Some(Operand::Number(number)) => number.number(),
                    _ => None,
                };
                let missing = || Error::new(ErrorKind::Internal, "a number that the run does not have");
                bits(number.ok_or_else(missing)?, plane, of)
            }
            Argument::Product(value, of) => {
                let Def::Count(dims) = &self.step.body.body.values[ValueId::new(value)].def else {
                    return Ok(0);
                };
                let count: f64 =
                    dims.iter().map(|dim| self.call.prepared.extents[dim.index()] as f64).product();
                if of == Type::F32 { u64::from((count as f32).to_bits()) } else { count.to_bits() }
            }
            Argument::Address(buffer) => self.memory(buffer)?.address(),
            argument => {
                let value = schedule.argument(argument, self.part, self.extent);
                value.ok_or_else(|| Error::new(ErrorKind::Internal, "an argument that nothing says"))?
            }
        })
    }
}

/// The bits of a number as a shader computes with it.
fn bits(number: Scalar, plane: Plane, of: Type) -> u64 {
    let part = |re: f64, im: f64| if plane == Plane::Imaginary { im } else { re };
    let float = |value: f64| match of {
        Type::F32 => u64::from((value as f32).to_bits()),
        _ => value.to_bits(),
    };
    match number {
        Scalar::Bool(value) => u64::from(value),
        Scalar::I8(value) => value as i64 as u64,
        Scalar::I16(value) => value as i64 as u64,
        Scalar::I32(value) => value as i64 as u64,
        Scalar::I64(value) => value as u64,
        Scalar::U8(value) => value.into(),
        Scalar::U16(value) => value.into(),
        Scalar::U32(value) => value.into(),
        Scalar::U64(value) => value,
        Scalar::F16(value) => float(value.to_f64()),
        Scalar::BF16(value) => float(value.to_f64()),
        Scalar::F32(value) => float(value.into()),
        Scalar::F64(value) => float(value),
        Scalar::C64(value) => float(part(value.re.into(), value.im.into())),
        Scalar::C128(value) => float(part(value.re, value.im)),
    }
}
