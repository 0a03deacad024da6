//! Running reductions: an invocation goes along one position, and writes what it comes to at each element. Long ones are
//! cut into dispatches, which hand accumulators on.

use rspirv::spirv::Op;

use super::super::abilities::Abilities;
use super::super::nest::Nest;
use super::arguments::{Argument, Buffer, Group, Reaching, Shader};
use super::body::{Indices, Kernel};
use super::control::Control;
use super::folds::Folds;
use super::levels::Level;
use super::map::Invocation;
use super::module::Type;
use crate::arena::Id;
use crate::error::Result;
use crate::plan::Loop;

/// The shader of a loop that writes every step of its reductions.
pub(in super::super) fn running(
    abilities: &Abilities,
    reaching: Reaching,
    nest: &Nest,
    body: &Loop,
) -> Result<Shader> {
    let buffers = Folds::partials(body);
    let mut kernel = Kernel::new(abilities, reaching, nest, body, buffers.clone())?;
    let folds = Folds::new(&mut kernel)?;
    let invocation = Invocation::declare(&mut kernel)?;
    let own = [Argument::First, Argument::Count, Argument::From, Argument::To, Argument::Apart];
    kernel.begin(&own, &buffers)?;
    let (from, to) = (kernel.argument(Argument::From), kernel.argument(Argument::To));
    invocation.for_each(&mut kernel, 1, |kernel, items| {
        let position = items[0];
        let kept = kernel.split(Group::Kept, position)?;
        let indices = Indices { kept, ..Indices::default() };
        kernel.go_to(&indices)?;
        let module = &mut kernel.module;
        let (zero, one) = (module.u32(0)?, module.u32(1)?);
        let begun = module.op(Op::INotEqual, Type::Bool, &[from, zero])?;
        let identity = folds.identity(module)?;
        let carries = kernel.choose(begun, &identity, |kernel| {
            folds.read_leaves(kernel, Buffer::Partials, Argument::Apart, position)
        })?;
        let carried: Vec<_> = identity.iter().zip(carries).map(|((of, _), word)| (*of, word)).collect();
        let last = kernel.count([from, to, one], &carried, |kernel, index, sums| {
            let middle = kernel.split(Group::Middle, index)?;
            let indices = Indices { middle, ..indices.clone() };
            kernel.compute_level(Level::Element, std::slice::from_ref(&indices))?;
            kernel.store(0, &indices)?;
            let sums = folds.absorb(kernel, sums, 0)?;
            for (reduce, word) in kernel.body.reduces.iter().zip(&sums) {
                let compute = kernel.body.body.values[reduce.value].compute;
                kernel.write(reduce.access.index(), compute, *word, &indices, 0)?;
            }
            Ok(sums)
        })?;
        folds.write_partials(kernel, &last, position)
    })?;
    Ok(kernel.finish())
}
