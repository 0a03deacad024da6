//! The reductions of a loop: their accumulators side by side, as words in registers or in buffers of partial results.

use numfuse_kernels::Fold;
use numfuse_kernels::record::{self, FoldRecording};
use rspirv::spirv::{Op, Word};

use super::arguments::{Argument, Buffer};
use super::body::{Indices, Kernel};
use super::control::Typed;
use super::module::{Module, Type};
use crate::arena::Id;
use crate::error::Result;
use crate::plan::{Loop, Reduce};

/// The reductions of a loop.
pub(super) struct Folds {
    folds: Vec<(Reduce, FoldRecording)>,
}

/// The recording of a reduction.
pub(in super::super) fn recording(body: &Loop, reduce: &Reduce) -> FoldRecording {
    let compute = body.body.values[reduce.value].compute;
    let recording = match reduce.imaginary {
        None => record::record_fold(reduce.fold, compute),
        Some(_) => record::record_product_of_pairs(compute),
    };
    recording.expect("inference gives reductions types they have")
}

/// How a part of an accumulator lies in a buffer: truth values as numbers.
pub(in super::super) fn stored(of: record::Type) -> usize {
    match of {
        record::Type::F64 | record::Type::I64 => 8,
        record::Type::F32 | record::Type::I32 | record::Type::Mask => 4,
    }
}

impl Folds {
    /// The reductions of a loop, whose functions are declared here.
    pub(super) fn new(kernel: &mut Kernel<'_>) -> Result<Folds> {
        let body = kernel.body;
        let folds: Vec<_> = body.reduces.iter().map(|reduce| (*reduce, recording(body, reduce))).collect();
        for (_, fold) in &folds {
            for part in [&fold.absorb, &fold.merge, &fold.export] {
                kernel.module.declare(part)?;
            }
        }
        Ok(Folds { folds })
    }

    /// The types of all parts of all accumulators.
    pub(super) fn types(&self) -> Vec<Type> {
        self.folds.iter().flat_map(|(_, fold)| fold.parts.iter().map(|of| Type::from(*of))).collect()
    }

    /// Accumulators that have taken in nothing.
    pub(super) fn identity(&self, module: &mut Module<'_>) -> Result<Vec<Typed>> {
        let parts = self.folds.iter().flat_map(|(_, fold)| fold.parts.iter().zip(&fold.identity));
        parts.map(|(of, bits)| Ok(((*of).into(), module.constant((*of).into(), *bits)?))).collect()
    }

    /// Accumulators that have taken in an element, of one of the copies.
    pub(super) fn absorb(&self, kernel: &mut Kernel<'_>, into: &[Word], copy: usize) -> Result<Vec<Word>> {
        let (mut at, mut all) = (0, Vec::with_capacity(into.len()));
        for (reduce, fold) in &self.folds {
            let parts = fold.parts.len();
            let mut parameters = into[at..at + parts].to_vec();
            parameters.push(kernel.word(reduce.value, copy));
            parameters.extend(reduce.imaginary.map(|imaginary| kernel.word(imaginary, copy)));
            all.extend(kernel.module.run(&fold.absorb, &parameters)?);
            at += parts;
        }
        Ok(all)
    }

    /// Two accumulators as one.
    pub(super) fn merge(&self, module: &mut Module<'_>, left: &[Word], right: &[Word]) -> Result<Vec<Word>> {
        let (mut at, mut all) = (0, Vec::with_capacity(left.len()));
        for (_, fold) in &self.folds {
            let parts = at..at + fold.parts.len();
            let parameters = [&left[parts.clone()], &right[parts.clone()]].concat();
            all.extend(module.run(&fold.merge, &parameters)?);
            at = parts.end;
        }
        Ok(all)
    }

    /// `then` where the condition holds, else `otherwise`.
    pub(super) fn select(
        &self,
        module: &mut Module<'_>,
        condition: Word,
        then: &[Word],
        otherwise: &[Word],
    ) -> Result<Vec<Word>> {
        let parts = self.types().into_iter().zip(then.iter().zip(otherwise));
        parts.map(|(of, (a, b))| module.op(Op::Select, of, &[condition, *a, *b])).collect()
    }

    /// Writes what accumulators come to where the results are.
    pub(super) fn write_results(
        &self,
        kernel: &mut Kernel<'_>,
        all: &[Word],
        indices: &Indices,
    ) -> Result<()> {
        let mut at = 0;
        for (reduce, fold) in &self.folds {
            let parts = at..at + fold.parts.len();
            let results = kernel.module.run(&fold.export, &all[parts.clone()])?;
            let compute = kernel.body.body.values[reduce.value].compute;
            for (part, word) in results.into_iter().enumerate() {
                kernel.write(reduce.access.index(), compute, word, indices, part as u32)?;
            }
            at = parts.end;
        }
        Ok(())
    }

    /// Writes what a reduction of no elements is.
    pub(super) fn write_nothing(&self, kernel: &mut Kernel<'_>, indices: &Indices) -> Result<()> {
        for (reduce, fold) in &self.folds {
            let compute = kernel.body.body.values[reduce.value].compute;
            let of = Type::from(compute);
            let not_a_number = if of == Type::F64 { f64::NAN.to_bits() } else { f32::NAN.to_bits().into() };
            let words: Vec<u64> = match reduce.fold {
                // +0, where accumulators begin with -0
                Fold::Sum => vec![0],
                // a mean that is NaN, and no deviation from it
                Fold::Moments => vec![not_a_number, 0],
                Fold::Prod | Fold::Min | Fold::Max | Fold::Any | Fold::All => fold.identity.clone(),
            };
            for (part, bits) in words.into_iter().enumerate() {
                let word = kernel.module.constant(of, bits)?;
                kernel.write(reduce.access.index(), compute, word, indices, part as u32)?;
            }
        }
        Ok(())
    }

    /// The buffers of accumulators that are written.
    pub(super) fn partials(body: &Loop) -> Vec<Buffer> {
        (0..body.reduces.len()).map(Buffer::Partials).collect()
    }

    /// The buffers of accumulators that are read.
    pub(super) fn leaves(body: &Loop) -> Vec<Buffer> {
        (0..body.reduces.len()).map(Buffer::Leaves).collect()
    }

    /// Writes accumulators to buffers of partial results.
    pub(super) fn write_partials(&self, kernel: &mut Kernel<'_>, all: &[Word], index: Word) -> Result<()> {
        let apart = kernel.argument(Argument::Apart);
        let mut words = all.iter();
        for (number, (_, fold)) in self.folds.iter().enumerate() {
            let mut at = index;
            for (part, (of, word)) in fold.parts.iter().zip(&mut words).enumerate() {
                if part > 0 {
                    at = kernel.module.op(Op::IAdd, Type::U32, &[at, apart])?;
                }
                let (of, width) = (Type::from(*of), Type::word(stored(*of)));
                let bits = match of {
                    Type::Bool => {
                        let (one, zero) = (kernel.module.u32(1)?, kernel.module.u32(0)?);
                        kernel.module.op(Op::Select, width, &[*word, one, zero])?
                    }
                    of if of.is_float() => kernel.module.op(Op::Bitcast, width, &[*word])?,
                    _ => *word,
                };
                let Kernel { module, reached, .. } = kernel;
                reached.write(module, Buffer::Partials(number), width, at, bits)?;
            }
        }
        Ok(())
    }

    /// Reads accumulators that an earlier dispatch has left, or this loop's earlier one.
    pub(super) fn read_leaves(
        &self,
        kernel: &mut Kernel<'_>,
        buffer: fn(usize) -> Buffer,
        apart: Argument,
        index: Word,
    ) -> Result<Vec<Word>> {
        let apart = kernel.argument(apart);
        let mut all = Vec::new();
        for (number, (_, fold)) in self.folds.iter().enumerate() {
            let mut at = index;
            for (part, of) in fold.parts.iter().enumerate() {
                if part > 0 {
                    at = kernel.module.op(Op::IAdd, Type::U32, &[at, apart])?;
                }
                let (of, width) = (Type::from(*of), Type::word(stored(*of)));
                let Kernel { module, reached, .. } = kernel;
                let bits = reached.read(module, buffer(number), width, at)?;
                all.push(match of {
                    Type::Bool => {
                        let zero = module.u32(0)?;
                        module.op(Op::INotEqual, of, &[bits, zero])?
                    }
                    of if of.is_float() => module.op(Op::Bitcast, of, &[bits])?,
                    _ => bits,
                });
            }
        }
        Ok(all)
    }
}

/// A pairwise tree in registers: a slot for each level.
pub(super) struct Slots {
    levels: usize,
    width: usize,
}

impl Slots {
    /// A tree of up to `2^levels` leaves, whose accumulators have `width` words together.
    pub(super) fn new(levels: usize, width: usize) -> Slots {
        Slots { levels, width }
    }

    /// Slots that hold nothing yet.
    pub(super) fn empty(&self, identity: &[Typed]) -> Vec<Typed> {
        identity.iter().copied().cycle().take((self.levels + 1) * self.width).collect()
    }

    /// Takes in the leaf of number `index`: it goes up as many levels as its number has trailing ones.
    pub(super) fn push(
        &self,
        module: &mut Module<'_>,
        folds: &Folds,
        slots: &[Word],
        index: Word,
        leaf: Vec<Word>,
    ) -> Result<Vec<Word>> {
        let mut next = slots.to_vec();
        let mut node = leaf;
        // whether the node has come up to this level
        let mut arrives: Option<Word> = None;
        for level in 0..=self.levels {
            let slot = level * self.width..(level + 1) * self.width;
            let (bit, zero) = (module.u32(1 << level)?, module.u32(0)?);
            let masked = module.op(Op::BitwiseAnd, Type::U32, &[index, bit])?;
            let is_left = module.op(Op::IEqual, Type::Bool, &[masked, zero])?;
            let stays = match arrives {
                None => is_left,
                Some(arrives) => module.op(Op::LogicalAnd, Type::Bool, &[arrives, is_left])?,
            };
            let kept = folds.select(module, stays, &node, &slots[slot.clone()])?;
            next[slot.clone()].copy_from_slice(&kept);
            if level < self.levels {
                node = folds.merge(module, &slots[slot], &node)?;
                let is_right = module.op(Op::LogicalNot, Type::Bool, &[is_left])?;
                arrives = Some(match arrives {
                    None => is_right,
                    Some(arrives) => module.op(Op::LogicalAnd, Type::Bool, &[arrives, is_right])?,
                });
            }
        }
        Ok(next)
    }

    /// What `count` leaves come to: what waits is merged from the right.
    pub(super) fn finish(
        &self,
        module: &mut Module<'_>,
        folds: &Folds,
        slots: &[Word],
        count: Word,
    ) -> Result<Vec<Word>> {
        let mut result = slots[..self.width].to_vec();
        let mut any: Option<Word> = None;
        for level in 0..=self.levels {
            let slot = &slots[level * self.width..(level + 1) * self.width];
            let (bit, zero) = (module.u32(1 << level)?, module.u32(0)?);
            let masked = module.op(Op::BitwiseAnd, Type::U32, &[count, bit])?;
            let waits = module.op(Op::INotEqual, Type::Bool, &[masked, zero])?;
            let Some(before) = any else {
                any = Some(waits);
                continue;
            };
            let merged = folds.merge(module, slot, &result)?;
            let joined = folds.select(module, before, &merged, slot)?;
            result = folds.select(module, waits, &joined, &result)?;
            any = Some(module.op(Op::LogicalOr, Type::Bool, &[before, waits])?);
        }
        Ok(result)
    }
}
