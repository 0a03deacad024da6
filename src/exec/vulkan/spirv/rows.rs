//! Reductions of rows: 32 invocations are the lanes of a block of 4096 elements.
//!
//! Each lane adds 16 elements of a stretch of 512, one after the other; a block's stretches go into a tree in
//! registers, lane by lane; then the lanes merge 16, 8, 4, 2 and 1 apart, through the memory of the workgroup. A
//! workgroup does as many blocks as it has 32 invocations, each from wherever it is.

use std::collections::BTreeSet;

use numfuse_kernels::{BLOCK, LANES};
use rspirv::dr::Operand;
use rspirv::spirv::{MemorySemantics, Op, Scope, StorageClass, Word};

use super::super::abilities::Abilities;
use super::super::nest::Nest;
use super::arguments::{Argument, Buffer, Group, Reaching, Shader};
use super::body::{Indices, Kernel};
use super::control::Control;
use super::folds::{Folds, Slots};
use super::levels::Level;
use super::map::{Invocation, copies};
use super::module::Type;
use crate::error::Result;
use crate::plan::Loop;

/// Elements that a lane takes in before it begins another stretch.
const DEPTH: u32 = 16;
const STRETCH: u32 = DEPTH * LANES as u32;
/// Levels of the tree of a block's stretches.
const LEVELS: usize = (BLOCK as u32 / STRETCH).ilog2() as usize;

/// The shader of a loop whose innermost reduced axes are rows. `whole` says that a block is all that there is of a
/// result; else blocks become partial results.
pub(in super::super) fn rows(
    abilities: &Abilities,
    reaching: Reaching,
    nest: &Nest,
    body: &Loop,
    whole: bool,
) -> Result<Shader> {
    let buffers: Vec<Buffer> = if whole { Vec::new() } else { Folds::partials(body) };
    let mut kernel = Kernel::new(abilities, reaching, nest, body, buffers.clone())?;
    let folds = Folds::new(&mut kernel)?;
    let invocation = Invocation::declare(&mut kernel)?;
    let lanes = Shared::declare(&mut kernel, &folds)?;
    let mut own = vec![Argument::First, Argument::Count, Argument::Elements];
    if !whole {
        own.extend([Argument::Rows, Argument::Parts, Argument::Apart]);
    }
    kernel.begin(&own, &buffers)?;
    let [local, group, groups] = invocation.read(&mut kernel)?;
    let (first, count) = (kernel.argument(Argument::First), kernel.argument(Argument::Count));
    let module = &mut kernel.module;
    let (width, side) = (module.u32(LANES as u32)?, abilities.group_size / LANES as u32);
    let lane = module.op(Op::UMod, Type::U32, &[local, width])?;
    let in_group = module.op(Op::UDiv, Type::U32, &[local, width])?;
    let per_group = module.u32(side)?;
    let begin = module.op(Op::IMul, Type::U32, &[group, per_group])?;
    let step = module.op(Op::IMul, Type::U32, &[groups, per_group])?;
    let identity = folds.identity(module)?;
    // the whole workgroup takes every turn: it meets at barriers
    kernel.count([begin, count, step], &[], |kernel, chunk, _| {
        let module = &mut kernel.module;
        let item = module.op(Op::IAdd, Type::U32, &[chunk, in_group])?;
        let within = module.op(Op::ULessThan, Type::Bool, &[item, count])?;
        let item = module.op(Op::IAdd, Type::U32, &[item, first])?;
        let mut indices = Indices::default();
        let mine = kernel.choose(within, &identity, |kernel| {
            let block = place(kernel, item, whole, &mut indices)?;
            kernel.go_to(&indices)?;
            block_of_lane(kernel, &folds, &indices, block, lane)
        })?;
        let merged = lanes.merge(kernel, &folds, mine, local, lane)?;
        let module = &mut kernel.module;
        let zero = module.u32(0)?;
        let is_first = module.op(Op::IEqual, Type::Bool, &[lane, zero])?;
        let writes = module.op(Op::LogicalAnd, Type::Bool, &[within, is_first])?;
        kernel.when(writes, |kernel| match whole {
            false => folds.write_partials(kernel, &merged, item),
            true => {
                let mut indices = Indices::default();
                place(kernel, item, whole, &mut indices)?;
                kernel.go_to(&indices)?;
                indices.middle.clear();
                folds.write_results(kernel, &merged, &indices)
            }
        })?;
        Ok(Vec::new())
    })?;
    Ok(kernel.finish())
}

/// The position, the row and the block that an item is.
fn place(kernel: &mut Kernel<'_>, item: Word, whole: bool, indices: &mut Indices) -> Result<Word> {
    if whole {
        indices.kept = kernel.split(Group::Kept, item)?;
        return kernel.module.u32(0);
    }
    let (blocks, rows) = (kernel.argument(Argument::Parts), kernel.argument(Argument::Rows));
    let module = &mut kernel.module;
    let block = module.op(Op::UMod, Type::U32, &[item, blocks])?;
    let left = module.op(Op::UDiv, Type::U32, &[item, blocks])?;
    let row = module.op(Op::UMod, Type::U32, &[left, rows])?;
    let position = module.op(Op::UDiv, Type::U32, &[left, rows])?;
    indices.middle = kernel.split(Group::Middle, row)?;
    indices.kept = kernel.split(Group::Kept, position)?;
    Ok(block)
}

/// What a lane makes of its elements of a block.
fn block_of_lane<'a>(
    kernel: &mut Kernel<'a>,
    folds: &Folds,
    indices: &Indices,
    block: Word,
    lane: Word,
) -> Result<Vec<Word>> {
    let elements = kernel.argument(Argument::Elements);
    let module = &mut kernel.module;
    let (size, stretch, one) = (module.u32(BLOCK as u32)?, module.u32(STRETCH)?, module.u32(1)?);
    let begin = module.op(Op::IMul, Type::U32, &[block, size])?;
    let left = module.op(Op::ISub, Type::U32, &[elements, begin])?;
    let is_whole = module.op(Op::UGreaterThan, Type::Bool, &[left, size])?;
    let count = module.op(Op::Select, Type::U32, &[is_whole, size, left])?;
    let rounded = module.u32(STRETCH - 1)?;
    let stretches = module.op(Op::IAdd, Type::U32, &[count, rounded])?;
    let stretches = module.op(Op::UDiv, Type::U32, &[stretches, stretch])?;
    let identity = folds.identity(module)?;
    let slots = Slots::new(LEVELS, identity.len());
    let zero = module.u32(0)?;
    let side_by_side = copies(kernel);
    let carried = slots.empty(&identity);
    let full = kernel.count([zero, stretches, one], &carried, |kernel, index, tree| {
        let module = &mut kernel.module;
        let from = module.op(Op::IMul, Type::U32, &[index, stretch])?;
        let end = module.op(Op::IAdd, Type::U32, &[from, stretch])?;
        let is_whole = module.op(Op::ULessThanEqual, Type::Bool, &[end, count])?;
        let end = module.op(Op::Select, Type::U32, &[is_whole, end, count])?;
        let own = module.op(Op::IAdd, Type::U32, &[from, lane])?;
        let leaf = match side_by_side {
            1 => absorb(kernel, folds, indices, begin, [own, end], &identity, 1)?,
            _ => {
                let fast = kernel.choose(is_whole, &identity, |kernel| {
                    absorb(kernel, folds, indices, begin, [own, end], &identity, side_by_side)
                })?;
                let is_part = kernel.module.op(Op::LogicalNot, Type::Bool, &[is_whole])?;
                let fast: Vec<_> = identity.iter().zip(fast).map(|((of, _), word)| (*of, word)).collect();
                kernel.choose(is_part, &fast, |kernel| {
                    absorb(kernel, folds, indices, begin, [own, end], &identity, 1)
                })?
            }
        };
        slots.push(&mut kernel.module, folds, tree, index, leaf)
    })?;
    slots.finish(&mut kernel.module, folds, &full, stretches)
}

/// Takes in the elements from `own` on that are a lane's, before `end` of the block that begins at `begin`.
fn absorb<'a>(
    kernel: &mut Kernel<'a>,
    folds: &Folds,
    indices: &Indices,
    begin: Word,
    [own, end]: [Word; 2],
    identity: &[(Type, Word)],
    copies: u32,
) -> Result<Vec<Word>> {
    let step = kernel.module.u32(LANES as u32 * copies)?;
    kernel.count([own, end, step], identity, |kernel, element, sums| {
        let mut at = Vec::with_capacity(copies as usize);
        for copy in 0..copies {
            let module = &mut kernel.module;
            let apart = module.u32(copy * LANES as u32)?;
            let element = module.op(Op::IAdd, Type::U32, &[element, apart])?;
            let element = module.op(Op::IAdd, Type::U32, &[element, begin])?;
            let inner = kernel.split(Group::Inner, element)?;
            at.push(Indices { inner, ..indices.clone() });
        }
        kernel.compute_level(Level::Element, &at)?;
        let mut sums = sums.to_vec();
        for (copy, indices) in at.iter().enumerate() {
            kernel.store(copy, indices)?;
            sums = folds.absorb(kernel, &sums, copy)?;
        }
        Ok(sums)
    })
}

/// Memory of a workgroup that every device has, in bytes.
const SHARED: u32 = 16 << 10;

/// The accumulators of a workgroup's lanes, in its own memory.
struct Shared {
    /// Parts of accumulators that pass through the memory at once, by turn: the number, the array, the type.
    turns: Vec<Vec<(usize, Word, Type)>>,
    parts: usize,
}

impl Shared {
    /// A loop may have any number of reductions: of each type as many arrays as there is memory for, which take turns.
    fn declare(kernel: &mut Kernel<'_>, folds: &Folds) -> Result<Shared> {
        let module = &mut kernel.module;
        let group_size = module.abilities.group_size;
        let types = folds.types();
        let distinct: BTreeSet<Type> = types.iter().copied().collect();
        let one_of_each: u32 = distinct.iter().map(|of| of.size().max(4) * group_size).sum();
        let at_once = (SHARED / one_of_each.max(1)).max(1) as usize;
        let mut turns: Vec<Vec<(usize, Word, Type)>> = Vec::new();
        for of in distinct {
            let (ty, length) = (module.ty(of)?, module.u32(group_size)?);
            let array = module.builder.type_array(ty, length);
            let parts: Vec<usize> = (0..types.len()).filter(|part| types[*part] == of).collect();
            let count = at_once.min(parts.len());
            let arrays: Vec<Word> =
                (0..count).map(|_| module.global(StorageClass::Workgroup, array, None)).collect();
            turns.resize_with(turns.len().max(parts.len().div_ceil(count)), Vec::new);
            for (turn, some) in turns.iter_mut().zip(parts.chunks(count)) {
                turn.extend(some.iter().zip(&arrays).map(|(part, array)| (*part, *array, of)));
            }
        }
        Ok(Shared { turns, parts: types.len() })
    }

    /// Merges each lane with the one 16 further, then 8, 4, 2 and 1: lane 0 has the result.
    fn merge(
        &self,
        kernel: &mut Kernel<'_>,
        folds: &Folds,
        mine: Vec<Word>,
        local: Word,
        lane: Word,
    ) -> Result<Vec<Word>> {
        let module = &mut kernel.module;
        let mask = module.u32(LANES as u32 - 1)?;
        let first = module.op(Op::ISub, Type::U32, &[local, lane])?;
        let mut merged = mine;
        let mut half = LANES as u32 / 2;
        while half > 0 {
            let apart = module.u32(half)?;
            let other = module.op(Op::IAdd, Type::U32, &[lane, apart])?;
            let other = module.op(Op::BitwiseAnd, Type::U32, &[other, mask])?;
            let other = module.op(Op::IAdd, Type::U32, &[first, other])?;
            let mut words = vec![0; self.parts];
            for turn in &self.turns {
                for (part, array, of) in turn {
                    let ty = module.ty(*of)?;
                    let pointer = module.pointer(StorageClass::Workgroup, ty);
                    let at = module.add(Op::AccessChain, pointer, [*array, local].map(Operand::IdRef));
                    module.builder.store(at, merged[*part], None, []).expect("a block is open");
                }
                barrier(module)?;
                for (part, array, of) in turn {
                    let ty = module.ty(*of)?;
                    let pointer = module.pointer(StorageClass::Workgroup, ty);
                    let at = module.add(Op::AccessChain, pointer, [*array, other].map(Operand::IdRef));
                    words[*part] = module.add(Op::Load, ty, [Operand::IdRef(at)]);
                }
                barrier(module)?;
            }
            merged = folds.merge(module, &merged, &words)?;
            half /= 2;
        }
        Ok(merged)
    }
}

/// Lets a workgroup's invocations see what the others have written to its memory.
fn barrier(module: &mut super::module::Module<'_>) -> Result<()> {
    let group = module.u32(Scope::Workgroup as u32)?;
    let ordered = MemorySemantics::ACQUIRE_RELEASE | MemorySemantics::WORKGROUP_MEMORY;
    let ordered = module.u32(ordered.bits())?;
    module.builder.control_barrier(group, group, ordered).expect("a block is open");
    Ok(())
}
