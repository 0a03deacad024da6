//! Elements in memory as values: where they lie, how they are read, and how they are written.

use std::collections::BTreeMap;

use numfuse_kernels::{Compute, Storage, record};
use rspirv::spirv::{Op, Word};

use super::super::nest::Source;
use super::arguments::{Argument, Buffer, Group, Reaching};
use super::body::{Indices, Kernel};
use super::module::{Module, Type};
use crate::arena::Id;
use crate::error::{Error, Result};
use crate::plan::{Store, ValueId};

impl Kernel<'_> {
    /// Where an access is at these indices.
    fn place_of(&mut self, access: usize, indices: &Indices) -> Result<Word> {
        let at = match self.places[access] {
            Some(at) => at,
            None => {
                let begin = self.argument(Argument::Begin(access));
                self.moved(access, begin, Group::Kept, &indices.kept)?
            }
        };
        let at = self.moved(access, at, Group::Middle, &indices.middle)?;
        self.moved(access, at, Group::Inner, &indices.inner)
    }

    /// A place, moved along axes: words, addresses, or numbers.
    pub(super) fn moved(
        &mut self,
        access: usize,
        from: Word,
        group: Group,
        indices: &[Word],
    ) -> Result<Word> {
        let (axes, step) = match group {
            Group::Kept => (&self.nest.kept, self.step(access)),
            Group::Middle => (&self.nest.middle, self.step(access)),
            Group::Inner => (&self.nest.inner, self.step(access)),
        };
        let long = self.is_long(access);
        let of = if long { Type::U64 } else { Type::U32 };
        let mut at = from;
        for (axis, index) in indices.iter().enumerate() {
            let stride = axes[axis].strides[access];
            if stride == 0 {
                continue;
            }
            let index = if long { self.module.op(Op::UConvert, of, &[*index])? } else { *index };
            let offset = match (stride == step, long && step != 1) {
                (true, false) => index,
                (true, true) => {
                    let size = self.module.constant(of, step as u64)?;
                    self.module.op(Op::IMul, of, &[index, size])?
                }
                (false, _) => {
                    let stride = self.argument(Argument::Stride(group, axis, access));
                    self.module.op(Op::IMul, of, &[index, stride])?
                }
            };
            at = self.module.op(Op::IAdd, of, &[at, offset])?;
        }
        Ok(at)
    }

    /// Whether an access's places take 64 bits.
    fn is_long(&self, access: usize) -> bool {
        self.nest.reaches[access].source == Source::Index || self.reached.reaching == Reaching::Addresses
    }

    /// An element as a value.
    pub(super) fn load(
        &mut self,
        id: ValueId,
        access: usize,
        copy: usize,
        indices: &Indices,
        place: Option<Word>,
    ) -> Result<Word> {
        let (nest, of) = (self.nest, Type::from(self.compute(id)));
        let reach = &nest.reaches[access];
        match reach.source {
            Source::Number(..) => {
                let bits = self.argument(Argument::Number(access, of));
                return match of {
                    Type::Bool => {
                        let zero = self.module.u32(0)?;
                        self.module.op(Op::INotEqual, of, &[bits, zero])
                    }
                    of if of.is_float() => self.module.op(Op::Bitcast, of, &[bits]),
                    _ => Ok(bits),
                };
            }
            Source::Index => {
                let number = self.place_of(access, indices)?;
                return match of {
                    // exact: no index reaches 2^53
                    Type::F64 => self.module.op(Op::ConvertSToF, of, &[number]),
                    _ => Ok(number),
                };
            }
            Source::Memory(_) => {}
        }
        let mut at = self.place_of(access, indices)?;
        if let Some(place) = place
            && reach.place != 0
        {
            let (long, step) = (self.is_long(access), self.argument(Argument::Place(access)));
            let index = if long { place } else { self.module.op(Op::UConvert, Type::U32, &[place])? };
            let of = if long { Type::U64 } else { Type::U32 };
            let offset = self.module.op(Op::IMul, of, &[index, step])?;
            at = self.module.op(Op::IAdd, of, &[at, offset])?;
        }
        let word = Type::word(reach.size);
        let bits = match self.pairs.is_some() && self.nest.kept[0].strides[access] != 0 {
            true => self.half(id, access, copy, at)?,
            false => self.bits(access, at)?,
        };
        match reach.dtype.storage() {
            Some(storage) => {
                let wide = widened(&mut self.module, storage, word, bits)?;
                self.recorded(id, &[wide])
            }
            None if of == Type::Bool => {
                let byte = self.module.op(Op::UConvert, Type::U32, &[bits])?;
                let zero = self.module.u32(0)?;
                self.module.op(Op::INotEqual, of, &[byte, zero])
            }
            None if of.is_float() => self.module.op(Op::Bitcast, of, &[bits]),
            None => Ok(bits),
        }
    }

    /// A float of an access's memory.
    pub(super) fn element(&mut self, access: usize, of: Type, indices: &Indices) -> Result<Word> {
        let at = self.place_of(access, indices)?;
        let bits = self.bits(access, at)?;
        self.module.op(Op::Bitcast, of, &[bits])
    }

    /// The word of an access's memory at a place.
    fn bits(&mut self, access: usize, at: Word) -> Result<Word> {
        let reach = &self.nest.reaches[access];
        let Source::Memory(owner) = reach.source else { unreachable!("it lies in memory") };
        let buffer = Buffer::of(owner).expect("it lies in memory");
        let word = Type::word(reach.size);
        let at = self.reached.place(&mut self.module, buffer, word, at)?;
        self.reached.load(&mut self.module, at, word)
    }

    /// From here on elements come in pairs, the first of each at an even place.
    pub(super) fn begin_pairs(&mut self) {
        self.pairs = Some(BTreeMap::new());
    }

    /// One of two elements that are a word together: the first one's turn reads both.
    fn half(&mut self, id: ValueId, access: usize, copy: usize, at: Word) -> Result<Word> {
        let known = self.pairs.as_ref().and_then(|halves| halves.get(&id.index())).copied();
        if let (1, Some(half)) = (copy % 2, known) {
            return Ok(half);
        }
        let (buffer, at) = self.pair_at(access, at)?;
        let at = self.reached.place(&mut self.module, buffer, Type::U64, at)?;
        let both = self.reached.load(&mut self.module, at, Type::U64)?;
        let shift = self.module.u32(32)?;
        let high = self.module.op(Op::ShiftRightLogical, Type::U64, &[both, shift])?;
        let high = self.module.op(Op::UConvert, Type::U32, &[high])?;
        if let Some(halves) = &mut self.pairs {
            halves.insert(id.index(), high);
        }
        self.module.op(Op::UConvert, Type::U32, &[both])
    }

    /// The word that holds a pair: its number, or its address.
    fn pair_at(&mut self, access: usize, at: Word) -> Result<(Buffer, Word)> {
        let Source::Memory(owner) = self.nest.reaches[access].source else {
            unreachable!("it lies in memory")
        };
        let buffer = Buffer::of(owner).expect("it lies in memory");
        let at = match self.reached.reaching {
            Reaching::Addresses => at,
            Reaching::Bindings => {
                let one = self.module.u32(1)?;
                self.module.op(Op::ShiftRightLogical, Type::U32, &[at, one])?
            }
        };
        Ok((buffer, at))
    }

    /// Writes the pair that begins with a copy.
    pub(super) fn store_pair(&mut self, copy: usize, indices: &Indices) -> Result<()> {
        for Store { value, access } in &self.body.stores {
            let compute = self.compute(*value);
            let mut halves = [0; 2];
            for (k, half) in halves.iter_mut().enumerate() {
                let bits = self.word(*value, copy + k);
                let bits = self.stored(access.index(), compute, bits)?;
                *half = self.module.op(Op::UConvert, Type::U64, &[bits])?;
            }
            let shift = self.module.u32(32)?;
            let high = self.module.op(Op::ShiftLeftLogical, Type::U64, &[halves[1], shift])?;
            let both = self.module.op(Op::BitwiseOr, Type::U64, &[halves[0], high])?;
            let at = self.place_of(access.index(), indices)?;
            let (buffer, at) = self.pair_at(access.index(), at)?;
            let at = self.reached.place(&mut self.module, buffer, Type::U64, at)?;
            self.reached.store(&mut self.module, at, Type::U64, both)?;
        }
        Ok(())
    }

    /// Writes what the loop stores element by element.
    pub(super) fn store(&mut self, copy: usize, indices: &Indices) -> Result<()> {
        for Store { value, access } in &self.body.stores {
            let word = self.word(*value, copy);
            self.write(access.index(), self.compute(*value), word, indices, 0)?;
        }
        Ok(())
    }

    /// Writes a value where an access is at these indices; `part` of a complex number.
    pub(super) fn write(
        &mut self,
        access: usize,
        compute: Compute,
        value: Word,
        indices: &Indices,
        part: u32,
    ) -> Result<()> {
        let reach = &self.nest.reaches[access];
        let Source::Memory(owner) = reach.source else { unreachable!("results lie in memory") };
        let whole = reach.dtype.part_size() != reach.size;
        // an accumulator of several parts is written part by part
        let size = if whole { reach.dtype.part_size() } else { reach.size };
        let word = Type::word(size);
        let mut at = self.place_of(access, indices)?;
        if whole && self.reached.reaching == Reaching::Bindings {
            let two = self.module.u32(2)?;
            at = self.module.op(Op::IMul, Type::U32, &[at, two])?;
        }
        if part > 0 {
            let long = self.is_long(access);
            let (kind, step) = if long { (Type::U64, size as u64) } else { (Type::U32, 1) };
            let step = self.module.constant(kind, step * u64::from(part))?;
            at = self.module.op(Op::IAdd, kind, &[at, step])?;
        }
        let bits = self.stored(access, compute, value)?;
        let buffer = Buffer::of(owner).expect("results lie in memory");
        let at = self.reached.place(&mut self.module, buffer, word, at)?;
        self.reached.store(&mut self.module, at, word, bits)
    }

    /// A value as memory has it.
    fn stored(&mut self, access: usize, compute: Compute, value: Word) -> Result<Word> {
        let (reach, of) = (&self.nest.reaches[access], Type::from(compute));
        let word = Type::word(reach.size.min(reach.dtype.part_size()));
        if let Err(error) = self.module.ty(word) {
            let message = format!("writing an array of {}: {}", reach.dtype, error.message());
            return Err(Error::new(error.kind(), message));
        }
        match reach.dtype.storage() {
            Some(storage) => {
                let recording = record::record_store(storage);
                let wide = self.module.run(&recording, &[value])?[0];
                self.module.op(Op::UConvert, word, &[wide])
            }
            None if of == Type::Bool => {
                let (one, zero) = (self.module.u32(1)?, self.module.u32(0)?);
                let number = self.module.op(Op::Select, Type::U32, &[value, one, zero])?;
                self.module.op(Op::UConvert, word, &[number])
            }
            None if of.is_float() => self.module.op(Op::Bitcast, word, &[value]),
            None => Ok(value),
        }
    }
}

/// A word of a storage type, as its recording takes it.
fn widened(module: &mut Module<'_>, storage: Storage, word: Type, bits: Word) -> Result<Word> {
    match storage {
        Storage::U32 => module.op(Op::UConvert, Type::U64, &[bits]),
        _ if word == Type::U32 => Ok(bits),
        _ => module.op(Op::UConvert, Type::U32, &[bits]),
    }
}
