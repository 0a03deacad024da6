//! A plan's loops as dispatches: recorded, and submitted in batches that keep the device for a short while each.

use std::sync::Arc;

use super::super::Stop;
use super::arrays::Resident;
use super::nest::Source;
use super::run::{Operand, Step, of_device};
use super::runtime::{Batch, Gpu, Memory};
use super::schedule::{Extent, Part, Stage};
use super::spirv::{self, Argument, Buffer, Counting, Reaching, Turns, Type};
use crate::arena::Id;
use crate::dtype::Scalar;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{AccessId, Def, Plane, ValueId};

/// Batches that the device may lag behind a run that can be ended: what it has been given it does.
const AHEAD: u64 = 2;
/// By how much such a run's batches are shorter than those that a watchdog would let pass.
const SHORTER: u64 = 64;

/// Hands a batch to the device, unless the run is to end: then that is the error.
pub(super) fn submit(batch: Batch, stop: &Stop<'_>) -> Result<()> {
    if stop.is_asked() {
        return stop.result();
    }
    match stop.can_be_asked() {
        true => batch.submit_behind(AHEAD),
        false => batch.submit(),
    }
}

/// Refuses elementwise loops that may take more turns than the limit: a device does not count them as it goes.
fn within_limit(turns: u64, limit: u64) -> Result<()> {
    if turns <= limit {
        return Ok(());
    }
    let message = match turns {
        u64::MAX => "a loop whose turns only data tell, which a device does not count".to_owned(),
        turns => format!("loops of up to {turns} turns, which a device does not count as it goes"),
    };
    Err(Error::new(ErrorKind::Limit, format!("{message}: the limit is {limit}")))
}

/// A run, as its dispatches see it.
pub(super) struct Call<'a> {
    pub(super) gpu: &'a Arc<Gpu>,
    /// The value of each extent.
    pub(super) extents: &'a [usize],
    pub(super) inputs: &'a [Operand<'a>],
    pub(super) results: &'a [Resident],
    pub(super) temporaries: &'a [Arc<Memory>],
    pub(super) copies: &'a [Arc<Memory>],
    pub(super) status: Option<&'a Arc<Memory>>,
    pub(super) stop: &'a Stop<'a>,
}

/// Partial results of a stage, by reduction.
type Partials = Vec<Arc<Memory>>;

impl Call<'_> {
    /// Records the dispatches of a loop. What would keep the device too long goes into a batch of its own.
    pub(super) fn step(&self, step: &Step, mut batch: Batch, work: &mut u64) -> Result<Batch> {
        let gpu = self.gpu;
        let (group_size, most) = (gpu.abilities().group_size, gpu.abilities().elements);
        let most = if self.stop.can_be_asked() { (most / SHORTER).max(1) } else { most };
        let counting = step.schedule.counting.as_ref();
        let turns = counting.map(|counting| counting.turns(&step.body, |access| self.number(step, access)));
        let per_element = turns.as_ref().map_or(1, Turns::per_element);
        if counting.is_some() {
            let turns = Counting::of_loops(&step.body, |access| self.number(step, access));
            within_limit(turns, self.stop.turns())?;
        }
        for part in &step.schedule.boxes {
            let extents = step.schedule.extents(part, group_size)?;
            let mut partials: Partials = Vec::new();
            for (stage, extent) in step.schedule.stages.iter().zip(&extents) {
                let leaves = std::mem::replace(&mut partials, self.partials(step, extent)?);
                let dispatch =
                    Dispatch { call: self, step, part, stage, extent, leaves: &leaves, partials: &partials };
                // along the axis of a running reduction, or items
                let at_once = stage.at_once(extent, gpu.abilities(), most, turns.as_ref());
                let (items, along) = at_once.map_err(|error| of_device(gpu, error))?;
                let mut from = 0;
                while from < extent.per_item {
                    let mut first = 0;
                    while first < extent.items {
                        let count = items.min(extent.items - first);
                        let visited = count.saturating_mul(along).saturating_mul(per_element);
                        if *work > 0 && work.saturating_add(visited) > most {
                            submit(std::mem::replace(&mut batch, gpu.batch()), self.stop)?;
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
        bytes.map(|bytes| self.gpu.allocate(bytes)).collect()
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
        let gpu = self.call.gpu;
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
                let count: f64 = dims.iter().map(|dim| self.call.extents[dim.index()] as f64).product();
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
