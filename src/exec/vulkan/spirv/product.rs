//! Products of matrices: an invocation sums up one element, in stretches, whose sums are added up in turn.

use rspirv::spirv::{Op, Word};

use super::super::abilities::Abilities;
use super::super::nest::Nest;
use super::arguments::{Argument, Group, Reaching, Shader};
use super::body::{Indices, Kernel};
use super::control::Control;
use super::map::Invocation;
use super::module::Type;
use crate::arena::Id;
use crate::error::Result;
use crate::plan::{Loop, Product};

/// Terms of a stretch: the error of a sum grows with the stretches and the terms of one, not with all terms.
const STRETCH: u32 = 64;
/// Terms that are added in a turn of the loop.
const AT_ONCE: u32 = 8;

/// The shader of a loop that multiplies matrices whose elements have this type.
pub(in super::super) fn product(
    abilities: &Abilities,
    reaching: Reaching,
    nest: &Nest,
    body: &Loop,
    product: Product,
) -> Result<Shader> {
    let mut kernel = Kernel::new(abilities, reaching, nest, body, Vec::new())?;
    let invocation = Invocation::declare(&mut kernel)?;
    kernel.begin(&[Argument::First, Argument::Count, Argument::Elements], &[])?;
    let compute = nest.reaches[product.result.index()].dtype.compute();
    let of = Type::from(compute);
    let terms = kernel.argument(Argument::Elements);
    invocation.for_each(&mut kernel, 1, |kernel, items| {
        let kept = kernel.split(Group::Kept, items[0])?;
        let indices = Indices { kept, ..Indices::default() };
        kernel.go_to(&indices)?;
        let (zero, stretch) = (kernel.module.u32(0)?, kernel.module.u32(STRETCH)?);
        let (nothing, one) = (kernel.module.constant(of, 0)?, kernel.module.u32(1)?);
        let total = kernel.count([zero, terms, stretch], &[(of, nothing)], |kernel, begin, total| {
            let module = &mut kernel.module;
            let end = module.op(Op::IAdd, Type::U32, &[begin, stretch])?;
            let is_whole = module.op(Op::ULessThanEqual, Type::Bool, &[end, terms])?;
            let end = module.op(Op::Select, Type::U32, &[is_whole, end, terms])?;
            let add = |kernel: &mut Kernel<'_>, sum: Word, term: Word| {
                let indices = Indices { inner: vec![term], ..indices.clone() };
                let a = kernel.element(product.a.index(), of, &indices)?;
                let b = kernel.element(product.b.index(), of, &indices)?;
                let product = kernel.module.op(Op::FMul, of, &[a, b])?;
                kernel.module.op(Op::FAdd, of, &[sum, product])
            };
            let whole = kernel.choose(is_whole, &[(of, nothing)], |kernel| {
                let step = kernel.module.u32(AT_ONCE)?;
                kernel.count([begin, end, step], &[(of, nothing)], |kernel, first, sum| {
                    let mut sum = sum[0];
                    for k in 0..AT_ONCE {
                        let apart = kernel.module.u32(k)?;
                        let term = kernel.module.op(Op::IAdd, Type::U32, &[first, apart])?;
                        sum = add(kernel, sum, term)?;
                    }
                    Ok(vec![sum])
                })
            })?;
            let is_part = kernel.module.op(Op::LogicalNot, Type::Bool, &[is_whole])?;
            let sum = kernel.choose(is_part, &[(of, whole[0])], |kernel| {
                kernel.count([begin, end, one], &[(of, nothing)], |kernel, term, sum| {
                    Ok(vec![add(kernel, sum[0], term)?])
                })
            })?;
            Ok(vec![kernel.module.op(Op::FAdd, of, &[total[0], sum[0]])?])
        })?;
        let result: Word = total[0];
        kernel.write(product.result.index(), compute, result, &indices, 0)
    })?;
    Ok(kernel.finish())
}
