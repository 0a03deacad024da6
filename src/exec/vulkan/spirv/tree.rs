//! What becomes of partial results: an invocation merges some of a position's, pairwise by index or one after the other,
//! until one is left and is the result.

use rspirv::spirv::Op;

use super::super::abilities::Abilities;
use super::super::nest::Nest;
use super::arguments::{Argument, Buffer, Group, Reaching, Shader};
use super::body::{Indices, Kernel};
use super::control::Control;
use super::folds::{Folds, Slots};
use super::map::Invocation;
use super::module::Type;
use crate::arena::Arena;
use crate::error::Result;
use crate::plan::{BlockId, Body, Loop};

/// How leaves are merged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) enum Merging {
    /// Pairwise by index.
    Pairwise,
    /// One after the other, as many as a run has.
    Run(u32),
}

/// Levels of a pairwise tree that one invocation does.
const LEVELS: usize = 4;

impl Merging {
    /// Leaves that one invocation merges.
    pub(in super::super) fn leaves(self) -> u32 {
        match self {
            Merging::Pairwise => 1 << LEVELS,
            Merging::Run(length) => length,
        }
    }
}

/// The shader that merges leaves. `whole` says that each tree comes to one accumulator, the result; else to partial
/// results again.
pub(in super::super) fn tree(
    abilities: &Abilities,
    reaching: Reaching,
    nest: &Nest,
    body: &Loop,
    merging: Merging,
    whole: bool,
) -> Result<Shader> {
    let body = &results_alone(body);
    let mut buffers = Folds::leaves(body);
    let partials = if whole { Vec::new() } else { Folds::partials(body) };
    let mut kernel = Kernel::new(abilities, reaching, nest, body, partials.clone())?;
    buffers.extend(partials);
    let folds = Folds::new(&mut kernel)?;
    let invocation = Invocation::declare(&mut kernel)?;
    let mut own = vec![Argument::First, Argument::Count, Argument::Leaves, Argument::LeavesApart];
    own.extend([Argument::LeafStep, Argument::TreeStep]);
    if !whole {
        own.extend([Argument::Parts, Argument::Apart, Argument::PartStep, Argument::PartTreeStep]);
    }
    kernel.begin(&own, &buffers)?;
    let leaves = kernel.argument(Argument::Leaves);
    let (leaf_step, tree_step) = (kernel.argument(Argument::LeafStep), kernel.argument(Argument::TreeStep));
    invocation.for_each(&mut kernel, 1, |kernel, items| {
        let item = items[0];
        let module = &mut kernel.module;
        let (zero, one, most) = (module.u32(0)?, module.u32(1)?, module.u32(merging.leaves())?);
        let (tree, part) = match whole {
            true => (item, zero),
            false => {
                let parts = kernel.argument(Argument::Parts);
                let module = &mut kernel.module;
                (
                    module.op(Op::UDiv, Type::U32, &[item, parts])?,
                    module.op(Op::UMod, Type::U32, &[item, parts])?,
                )
            }
        };
        let module = &mut kernel.module;
        let begin = module.op(Op::IMul, Type::U32, &[part, most])?;
        let left = module.op(Op::ISub, Type::U32, &[leaves, begin])?;
        let is_whole = module.op(Op::ULessThan, Type::Bool, &[most, left])?;
        let count = module.op(Op::Select, Type::U32, &[is_whole, most, left])?;
        let tree_begin = module.op(Op::IMul, Type::U32, &[tree, tree_step])?;
        let identity = folds.identity(module)?;
        let slots = Slots::new(LEVELS, identity.len());
        let carried = match merging {
            Merging::Pairwise => slots.empty(&identity),
            Merging::Run(_) => identity,
        };
        let merged = kernel.count([zero, count, one], &carried, |kernel, index, state| {
            let module = &mut kernel.module;
            let leaf = module.op(Op::IAdd, Type::U32, &[begin, index])?;
            let at = module.op(Op::IMul, Type::U32, &[leaf, leaf_step])?;
            let at = module.op(Op::IAdd, Type::U32, &[at, tree_begin])?;
            let leaf = folds.read_leaves(kernel, Buffer::Leaves, Argument::LeavesApart, at)?;
            match merging {
                Merging::Pairwise => slots.push(&mut kernel.module, &folds, state, index, leaf),
                Merging::Run(_) => folds.merge(&mut kernel.module, state, &leaf),
            }
        })?;
        let merged = match merging {
            Merging::Pairwise => slots.finish(&mut kernel.module, &folds, &merged, count)?,
            Merging::Run(_) => merged,
        };
        if whole {
            let kept = kernel.split(Group::Kept, tree)?;
            let indices = Indices { kept, ..Indices::default() };
            return folds.write_results(kernel, &merged, &indices);
        }
        let (step, tree_step) =
            (kernel.argument(Argument::PartStep), kernel.argument(Argument::PartTreeStep));
        let module = &mut kernel.module;
        let at = module.op(Op::IMul, Type::U32, &[part, step])?;
        let tree = module.op(Op::IMul, Type::U32, &[tree, tree_step])?;
        let at = module.op(Op::IAdd, Type::U32, &[at, tree])?;
        folds.write_partials(kernel, &merged, at)
    })?;
    Ok(kernel.finish())
}

/// The loop without what it computes: its values keep their types.
fn results_alone(body: &Loop) -> Loop {
    let mut blocks: Arena<BlockId, crate::plan::Block> = Arena::new();
    blocks.push(crate::plan::Block::default());
    let mut values = body.body.values.clone();
    for id in body.body.values.ids() {
        values[id].def = crate::plan::Def::Const(crate::dtype::Scalar::Bool(false));
    }
    Loop { body: Body { values, blocks }, stores: Vec::new(), ..body.clone() }
}

/// The shader of a loop that reduces no element.
pub(in super::super) fn nothing(
    abilities: &Abilities,
    reaching: Reaching,
    nest: &Nest,
    body: &Loop,
) -> Result<Shader> {
    let body = &results_alone(body);
    let mut kernel = Kernel::new(abilities, reaching, nest, body, Vec::new())?;
    let folds = Folds::new(&mut kernel)?;
    let invocation = Invocation::declare(&mut kernel)?;
    kernel.begin(&[Argument::First, Argument::Count], &[])?;
    invocation.for_each(&mut kernel, 1, |kernel, items| {
        let kept = kernel.split(Group::Kept, items[0])?;
        folds.write_nothing(kernel, &Indices { kept, ..Indices::default() })
    })?;
    Ok(kernel.finish())
}
