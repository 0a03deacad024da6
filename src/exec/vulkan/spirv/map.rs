//! Loops that reduce nothing: an invocation takes a few elements a workgroup's width apart.

use rspirv::spirv::{BuiltIn, Op, Word};

use super::super::abilities::Abilities;
use super::super::nest::Nest;
use super::arguments::{Argument, Group, Reaching, Shader};
use super::body::{Indices, Kernel};
use super::control::Control;
use super::levels::Level;
use super::module::Type;
use crate::error::Result;
use crate::plan::Loop;

/// Elements that an invocation computes side by side, where that is little work: reads of the next ones do not wait for
/// writes of the ones before.
pub(in super::super) const SIDE_BY_SIDE: u32 = 4;

/// The shader of a loop that stores elements.
pub(in super::super) fn map(
    abilities: &Abilities,
    reaching: Reaching,
    nest: &Nest,
    body: &Loop,
) -> Result<Shader> {
    let mut kernel = Kernel::new(abilities, reaching, nest, body, Vec::new())?;
    let invocation = Invocation::declare(&mut kernel)?;
    kernel.begin(&[Argument::First, Argument::Count], &[])?;
    let copies = copies(&kernel);
    invocation.for_each(&mut kernel, copies, |kernel, items| {
        let mut indices = Vec::with_capacity(items.len());
        for item in items {
            let kept = kernel.split(Group::Kept, *item)?;
            indices.push(Indices { kept, ..Indices::default() });
        }
        kernel.compute_level(Level::Element, &indices)?;
        indices.iter().enumerate().try_for_each(|(copy, indices)| kernel.store(copy, indices))
    })?;
    Ok(kernel.finish())
}

/// The shader of a loop over elements that lie side by side: an item is `count` of them, which are read and written
/// together. Where they do not come out even, some more are computed, in the memory that fills up the last piece.
pub(in super::super) fn wide(
    abilities: &Abilities,
    reaching: Reaching,
    nest: &Nest,
    body: &Loop,
    count: u32,
) -> Result<Shader> {
    let mut kernel = Kernel::new(abilities, reaching, nest, body, Vec::new())?;
    let invocation = Invocation::declare(&mut kernel)?;
    kernel.begin(&[Argument::First, Argument::Count], &[])?;
    let copies = copies(&kernel).div_ceil(count);
    invocation.for_each(&mut kernel, copies, |kernel, items| {
        kernel.begin_together(count);
        let mut indices = Vec::with_capacity(count as usize * items.len());
        for item in items {
            let width = kernel.module.u32(count)?;
            let first = kernel.module.op(Op::IMul, Type::U32, &[*item, width])?;
            for k in 0..count {
                let apart = kernel.module.u32(k)?;
                let kept = vec![kernel.module.op(Op::IAdd, Type::U32, &[first, apart])?];
                indices.push(Indices { kept, ..Indices::default() });
            }
        }
        kernel.compute_level(Level::Element, &indices)?;
        let firsts = (0..indices.len()).step_by(count as usize);
        firsts.into_iter().try_for_each(|copy| kernel.store_together(copy, &indices[copy]))
    })?;
    Ok(kernel.finish())
}

/// How many elements an invocation computes side by side.
pub(super) fn copies(kernel: &Kernel<'_>) -> u32 {
    // software runs invocations side by side in vectors already, and spills what more it is given
    if kernel.is_cheap() && !kernel.module.abilities.software { SIDE_BY_SIDE } else { 1 }
}

/// Which of the items an invocation takes.
pub(super) struct Invocation {
    local: Word,
    group: Word,
    groups: Word,
}

impl Invocation {
    pub(super) fn declare(kernel: &mut Kernel<'_>) -> Result<Invocation> {
        Ok(Invocation {
            local: kernel.module.builtin(BuiltIn::LocalInvocationId)?,
            group: kernel.module.builtin(BuiltIn::WorkgroupId)?,
            groups: kernel.module.builtin(BuiltIn::NumWorkgroups)?,
        })
    }

    /// Its number in its workgroup, the workgroup's, and how many there are.
    pub(super) fn read(&self, kernel: &mut Kernel<'_>) -> Result<[Word; 3]> {
        let module = &mut kernel.module;
        Ok([module.first_of(self.local)?, module.first_of(self.group)?, module.first_of(self.groups)?])
    }

    /// Runs `each` for all items of the dispatch, `copies` at a time where as many are left.
    pub(super) fn for_each<'a>(
        &self,
        kernel: &mut Kernel<'a>,
        copies: u32,
        mut each: impl FnMut(&mut Kernel<'a>, &[Word]) -> Result<()>,
    ) -> Result<()> {
        let [local, group, groups] = self.read(kernel)?;
        let (first, count) = (kernel.argument(Argument::First), kernel.argument(Argument::Count));
        let module = &mut kernel.module;
        let width = module.abilities.group_size;
        let (size, step) = (module.u32(width)?, module.u32(width * copies)?);
        let begin = module.op(Op::IMul, Type::U32, &[group, step])?;
        let stride = module.op(Op::IMul, Type::U32, &[groups, step])?;
        kernel.count([begin, count, stride], &[], |kernel, chunk, _| {
            let own = kernel.module.op(Op::IAdd, Type::U32, &[chunk, local])?;
            if copies > 1 {
                let left = kernel.module.op(Op::ISub, Type::U32, &[count, chunk])?;
                let whole = kernel.module.op(Op::UGreaterThanEqual, Type::Bool, &[left, step])?;
                kernel.when(whole, |kernel| {
                    let mut items = Vec::with_capacity(copies as usize);
                    for copy in 0..copies {
                        let apart = kernel.module.u32(copy * width)?;
                        let item = kernel.module.op(Op::IAdd, Type::U32, &[own, apart])?;
                        items.push(kernel.module.op(Op::IAdd, Type::U32, &[item, first])?);
                    }
                    each(kernel, &items)
                })?;
                let part = kernel.module.op(Op::LogicalNot, Type::Bool, &[whole])?;
                kernel.when(part, |kernel| {
                    let one = |kernel: &mut Kernel<'a>, item, _: &[Word]| {
                        let item = kernel.module.op(Op::IAdd, Type::U32, &[item, first])?;
                        each(kernel, &[item]).map(|()| Vec::new())
                    };
                    kernel.count([own, count, size], &[], one).map(|_| ())
                })?;
            } else {
                let within = kernel.module.op(Op::ULessThan, Type::Bool, &[own, count])?;
                kernel.when(within, |kernel| {
                    let item = kernel.module.op(Op::IAdd, Type::U32, &[own, first])?;
                    each(kernel, &[item])
                })?;
            }
            Ok(Vec::new())
        })?;
        Ok(())
    }
}
