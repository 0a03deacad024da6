//! Elementwise loops: a structured loop of the invocation, which leaves on its own.
//!
//! The variables are phis at the loop's head, and what they are there is what they are in the body and after the loop.
//! A turn asks for the bound, then computes what the condition takes, asks for that, and computes the rest: what comes
//! after a question is not done where the answer is no, so that an element that has left raises no error.

use rspirv::spirv::{Op, Word};

use super::body::{Indices, Kernel};
use super::control::{Control, Typed};
use super::module::Type;
use crate::arena::Id;
use crate::dtype::Scalar;
use crate::error::Result;
use crate::plan::{BlockId, Def, Inst, ValueId};

/// What counts a loop's turns: its type, and the comparison with the bound.
struct Counter {
    of: Type,
    below: Op,
    bound: Word,
}

impl<'a> Kernel<'a> {
    /// Runs an elementwise loop: its bound, the first values of its variables, and its body.
    pub(super) fn elementwise_loop(
        &mut self,
        (bound, init, id): (ValueId, &'a [ValueId], BlockId),
        copy: usize,
        indices: &Indices,
    ) -> Result<()> {
        let body = self.body;
        let block = &body.body.blocks[id];
        let counter = self.counter(bound, copy)?;
        let mut state: Vec<Typed> = vec![(counter.of, self.module.constant(counter.of, 0)?)];
        state.extend(init.iter().map(|value| (self.compute(*value).into(), self.word(*value, copy))));
        // a condition that is known to hold is none
        let go_on =
            block.go_on.filter(|value| body.body.values[*value].def != Def::Const(Scalar::Bool(true)));
        let asked = go_on.map_or(0, |go_on| {
            let place = |inst: &Inst| matches!(inst, Inst::Let(value) if *value == go_on);
            block.insts.iter().position(place).map_or(0, |at| at + 1)
        });
        let here = std::slice::from_ref(indices);
        self.turns(&state, |kernel, state, exit| {
            let (turn, variables) = (state[0], &state[1..]);
            let is_left = kernel.module.op(counter.below, Type::Bool, &[turn, counter.bound])?;
            kernel.leave_unless(is_left, exit);
            kernel.variables.insert((id.index(), copy), variables.to_vec());
            let (condition, rest) = block.insts.split_at(asked);
            condition.iter().try_for_each(|inst| kernel.inst(inst, here, copy))?;
            if let Some(go_on) = go_on {
                let goes_on = kernel.word(go_on, copy);
                kernel.leave_unless(goes_on, exit);
            }
            rest.iter().try_for_each(|inst| kernel.inst(inst, here, copy))?;
            let one = kernel.module.constant(counter.of, 1)?;
            let mut next = vec![kernel.module.op(Op::IAdd, counter.of, &[turn, one])?];
            next.extend(block.yields.iter().map(|value| kernel.word(*value, copy)));
            Ok(next)
        })?;
        Ok(())
    }

    /// Cards have no integers of 64 bits and count in pairs of words: few turns are counted in one.
    fn counter(&mut self, bound: ValueId, copy: usize) -> Result<Counter> {
        let known = match self.body.body.values[bound].def {
            Def::Const(Scalar::I64(bound)) => u32::try_from(bound.max(0)).ok(),
            _ => None,
        };
        Ok(match known {
            Some(bound) => Counter { of: Type::U32, below: Op::ULessThan, bound: self.module.u32(bound)? },
            None => Counter { of: Type::U64, below: Op::SLessThan, bound: self.word(bound, copy) },
        })
    }
}
