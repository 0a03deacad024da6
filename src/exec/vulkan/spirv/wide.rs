//! Several elements in one read, and in one write: up to 16 bytes of each array that lie side by side.
//!
//! Cards move memory fastest in such pieces, and software spends its time per piece, not per byte.

use std::collections::BTreeMap;

use rspirv::dr::Operand;
use rspirv::spirv::{Op, Word};

use super::super::nest::Source;
use super::arguments::{Buffer, Reaching};
use super::body::{Indices, Kernel};
use super::module::Type;
use crate::arena::Id;
use crate::error::Result;
use crate::plan::{Store, ValueId};

/// Elements that come together.
pub(super) struct Together {
    /// How many.
    count: usize,
    /// By value: all that was read at the first one's turn.
    read: BTreeMap<usize, Vec<Word>>,
}

impl Kernel<'_> {
    /// From here on, copies are elements that come `count` at a time.
    pub(super) fn begin_together(&mut self, count: u32) {
        self.together = Some(Together { count: count as usize, read: BTreeMap::new() });
    }

    /// Whether an access's elements are read together.
    pub(super) fn comes_together(&self, access: usize) -> bool {
        self.together.is_some() && self.nest.kept[0].strides[access] != 0
    }

    /// The bits of an element that others are read with.
    pub(super) fn one_of(&mut self, id: ValueId, access: usize, copy: usize, at: Word) -> Result<Word> {
        let Some(Together { count, read }) = &self.together else { return self.bits(access, at) };
        let (count, k) = (*count, copy % *count);
        if let (1.., Some(elements)) = (k, read.get(&id.index())) {
            return Ok(elements[k]);
        }
        let (word, at) = self.wide_place(access, at, count)?;
        let whole = self.reached.load(&mut self.module, at, word)?;
        let elements = self.taken_apart(whole, word, self.nest.reaches[access].size)?;
        let first = elements[0];
        if let Some(Together { read, .. }) = &mut self.together {
            read.insert(id.index(), elements);
        }
        Ok(first)
    }

    /// Writes the elements that begin with a copy.
    pub(super) fn store_together(&mut self, copy: usize, indices: &Indices) -> Result<()> {
        let count = self.together.as_ref().map_or(1, |together| together.count);
        for Store { value, access } in &self.body.stores {
            let (access, compute) = (access.index(), self.compute(*value));
            let mut elements = Vec::with_capacity(count);
            for k in 0..count {
                let word = self.word(*value, copy + k);
                elements.push(self.stored(access, compute, word)?);
            }
            let at = self.place_of(access, indices)?;
            let (word, at) = self.wide_place(access, at, count)?;
            let whole = self.put_together(&elements, word, self.nest.reaches[access].size)?;
            self.reached.store(&mut self.module, at, word, whole)?;
        }
        Ok(())
    }

    /// Where `count` elements are one word, and its type.
    fn wide_place(&mut self, access: usize, at: Word, count: usize) -> Result<(Type, Word)> {
        let Source::Memory(owner) = self.nest.reaches[access].source else {
            unreachable!("it lies in memory")
        };
        let buffer = Buffer::of(owner).expect("it lies in memory");
        let word = if self.nest.reaches[access].size * count == 16 { Type::U64x2 } else { Type::U64 };
        let at = match self.reached.reaching {
            Reaching::Addresses => at,
            Reaching::Bindings => {
                let shift = self.module.u32(count.ilog2())?;
                self.module.op(Op::ShiftRightLogical, Type::U32, &[at, shift])?
            }
        };
        Ok((word, self.reached.place(&mut self.module, buffer, word, at)?))
    }

    /// The elements of `size` bytes that a word holds.
    fn taken_apart(&mut self, whole: Word, word: Type, size: usize) -> Result<Vec<Word>> {
        let long = self.module.ty(Type::U64)?;
        let longs = match word {
            Type::U64x2 => [0, 1].map(|k| {
                let operands = [Operand::IdRef(whole), Operand::LiteralBit32(k)];
                self.module.add(Op::CompositeExtract, long, operands)
            }),
            _ => [whole; 2],
        };
        let longs = if word == Type::U64x2 { &longs[..] } else { &longs[..1] };
        if size == 8 {
            return Ok(longs.to_vec());
        }
        let (shift, mut halves) = (self.module.u32(32)?, Vec::with_capacity(4));
        for long in longs {
            halves.push(self.module.op(Op::UConvert, Type::U32, &[*long])?);
            let high = self.module.op(Op::ShiftRightLogical, Type::U64, &[*long, shift])?;
            halves.push(self.module.op(Op::UConvert, Type::U32, &[high])?);
        }
        Ok(halves)
    }

    /// A word of elements of `size` bytes.
    fn put_together(&mut self, elements: &[Word], word: Type, size: usize) -> Result<Word> {
        let mut longs = elements.to_vec();
        if size == 4 {
            let shift = self.module.u32(32)?;
            longs.clear();
            for pair in elements.chunks(2) {
                let low = self.module.op(Op::UConvert, Type::U64, &[pair[0]])?;
                let high = self.module.op(Op::UConvert, Type::U64, &[pair[1]])?;
                let high = self.module.op(Op::ShiftLeftLogical, Type::U64, &[high, shift])?;
                longs.push(self.module.op(Op::BitwiseOr, Type::U64, &[low, high])?);
            }
        }
        if word == Type::U64 {
            return Ok(longs[0]);
        }
        let ty = self.module.ty(word)?;
        Ok(self.module.add(Op::CompositeConstruct, ty, longs.into_iter().map(Operand::IdRef)))
    }
}
