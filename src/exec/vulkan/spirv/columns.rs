//! Reductions of outer axes: an invocation adds up a run of rows at one position, one after the other.

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
use crate::error::Result;
use crate::plan::Loop;

/// The shader of a loop whose innermost axes are kept, in runs of `run` rows. `whole` says that there is one run; else
/// runs become partial results, those of one run side by side.
pub(in super::super) fn columns(
    abilities: &Abilities,
    reaching: Reaching,
    nest: &Nest,
    body: &Loop,
    run: u32,
    whole: bool,
) -> Result<Shader> {
    let buffers: Vec<Buffer> = if whole { Vec::new() } else { Folds::partials(body) };
    let mut kernel = Kernel::new(abilities, reaching, nest, body, buffers.clone())?;
    let folds = Folds::new(&mut kernel)?;
    let invocation = Invocation::declare(&mut kernel)?;
    let mut own = vec![Argument::First, Argument::Count, Argument::Rows];
    if !whole {
        own.extend([Argument::Kept, Argument::Apart]);
    }
    kernel.begin(&own, &buffers)?;
    let rows = kernel.argument(Argument::Rows);
    invocation.for_each(&mut kernel, 1, |kernel, items| {
        let item = items[0];
        let (position, begin, end) = match whole {
            true => (item, kernel.module.u32(0)?, rows),
            false => {
                let kept = kernel.argument(Argument::Kept);
                let module = &mut kernel.module;
                let position = module.op(Op::UMod, Type::U32, &[item, kept])?;
                let number = module.op(Op::UDiv, Type::U32, &[item, kept])?;
                let length = module.u32(run)?;
                let begin = module.op(Op::IMul, Type::U32, &[number, length])?;
                let end = module.op(Op::IAdd, Type::U32, &[begin, length])?;
                let is_whole = module.op(Op::ULessThan, Type::Bool, &[end, rows])?;
                (position, begin, module.op(Op::Select, Type::U32, &[is_whole, end, rows])?)
            }
        };
        let kept = kernel.split(Group::Kept, position)?;
        let indices = Indices { kept, ..Indices::default() };
        kernel.go_to(&indices)?;
        let (identity, one) = (folds.identity(&mut kernel.module)?, kernel.module.u32(1)?);
        let sums = kernel.count([begin, end, one], &identity, |kernel, row, sums| {
            let middle = kernel.split(Group::Middle, row)?;
            let indices = Indices { middle, ..indices.clone() };
            kernel.compute_level(Level::Element, std::slice::from_ref(&indices))?;
            kernel.store(0, &indices)?;
            folds.absorb(kernel, sums, 0)
        })?;
        match whole {
            true => folds.write_results(kernel, &sums, &indices),
            false => folds.write_partials(kernel, &sums, item),
        }
    })?;
    Ok(kernel.finish())
}
