//! Structured control flow: selections and loops whose values pass through phis. What runs inside is written by closures
//! over the module, or over a kernel that has one.

use rspirv::spirv::{LoopControl, Op, SelectionControl, Word};

use super::module::{Module, Type};
use crate::error::Result;

/// Values with their types.
pub(super) type Typed = (Type, Word);

/// Where a loop is left for.
#[derive(Clone, Copy)]
pub(super) struct Exit(Word);

/// What writes instructions.
pub(super) trait Writes<'a> {
    fn module(&mut self) -> &mut Module<'a>;
}

impl<'a> Writes<'a> for Module<'a> {
    fn module(&mut self) -> &mut Module<'a> {
        self
    }
}

impl<'a, W: Writes<'a>> Control<'a> for W {}

/// Selections and loops.
pub(super) trait Control<'a>: Writes<'a> + Sized {
    /// Runs `then` where the condition holds.
    fn when(&mut self, condition: Word, then: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.choose(condition, &[], |this| then(this).map(|()| Vec::new())).map(|_| ())
    }

    /// The values that `then` makes where the condition holds, elsewhere `otherwise`.
    fn choose(
        &mut self,
        condition: Word,
        otherwise: &[Typed],
        then: impl FnOnce(&mut Self) -> Result<Vec<Word>>,
    ) -> Result<Vec<Word>> {
        let module = self.module();
        let (inside, merge, before) = (module.builder.id(), module.builder.id(), module.block());
        module.builder.selection_merge(merge, SelectionControl::NONE).expect("a block is open");
        module.branch_if(condition, inside, merge);
        module.begin_block(Some(inside));
        let values = then(self)?;
        let module = self.module();
        let after = module.block();
        module.branch(merge);
        module.begin_block(Some(merge));
        let pairs = values.into_iter().zip(otherwise);
        pairs.map(|(value, (of, other))| module.phi(*of, [(value, after), (*other, before)])).collect()
    }

    /// `state = turn(state)` until a turn [leaves](Self::leave_unless); answers the state that it began with.
    fn turns(
        &mut self,
        state: &[Typed],
        turn: impl FnOnce(&mut Self, &[Word], Exit) -> Result<Vec<Word>>,
    ) -> Result<Vec<Word>> {
        let module = self.module();
        let [head, body, latch, merge] = [(); 4].map(|()| module.builder.id());
        let before = module.block();
        module.branch(head);
        module.begin_block(Some(head));
        let nexts: Vec<Word> = state.iter().map(|_| module.builder.id()).collect();
        let mut current = Vec::with_capacity(state.len());
        for ((of, first), next) in state.iter().zip(&nexts) {
            current.push(module.phi(*of, [(*first, before), (*next, latch)])?);
        }
        module.builder.loop_merge(merge, latch, LoopControl::NONE, []).expect("a block is open");
        module.branch(body);
        module.begin_block(Some(body));
        let values = turn(self, &current, Exit(merge))?;
        let module = self.module();
        let end = module.block();
        module.branch(latch);
        module.begin_block(Some(latch));
        // a phi of one parent gives the value the name that the head's phis know it by
        for (((of, _), next), value) in state.iter().zip(&nexts).zip(values) {
            let ty = module.ty(*of)?;
            module.builder.phi(ty, Some(*next), [(value, end)]).expect("a block is open");
        }
        module.branch(head);
        module.begin_block(Some(merge));
        Ok(current)
    }

    /// Leaves a loop, of whose turn this is a part outside of selections, unless the condition holds.
    fn leave_unless(&mut self, condition: Word, exit: Exit) {
        let module = self.module();
        let stays = module.builder.id();
        module.branch_if(condition, stays, exit.0);
        module.begin_block(Some(stays));
    }

    /// `state = next(state)` while `go_on(state)`; answers the last state.
    fn repeat(
        &mut self,
        state: &[Typed],
        go_on: impl FnOnce(&mut Self, &[Word]) -> Result<Word>,
        next: impl FnOnce(&mut Self, &[Word]) -> Result<Vec<Word>>,
    ) -> Result<Vec<Word>> {
        self.turns(state, |this, state, exit| {
            let holds = go_on(this, state)?;
            this.leave_unless(holds, exit);
            next(this, state)
        })
    }

    /// Runs `body` for `index` from `start` while it is below `end`, in steps; its values are those of the last turn.
    fn count(
        &mut self,
        [start, end, step]: [Word; 3],
        carried: &[Typed],
        body: impl FnOnce(&mut Self, Word, &[Word]) -> Result<Vec<Word>>,
    ) -> Result<Vec<Word>> {
        let state: Vec<Typed> = [(Type::U32, start)].into_iter().chain(carried.iter().copied()).collect();
        let mut last = self.repeat(
            &state,
            |this, state| this.module().op(Op::ULessThan, Type::Bool, &[state[0], end]),
            |this, state| {
                let mut values = body(this, state[0], &state[1..])?;
                values.insert(0, this.module().op(Op::IAdd, Type::U32, &[state[0], step])?);
                Ok(values)
            },
        )?;
        last.remove(0);
        Ok(last)
    }
}

impl Module<'_> {
    fn branch(&mut self, label: Word) {
        self.builder.branch(label).expect("a block is open");
    }

    fn branch_if(&mut self, condition: Word, then: Word, otherwise: Word) {
        self.builder.branch_conditional(condition, then, otherwise, []).expect("a block is open");
    }

    fn phi(&mut self, of: Type, parents: [(Word, Word); 2]) -> Result<Word> {
        let ty = self.ty(of)?;
        Ok(self.builder.phi(ty, None, parents).expect("a block is open"))
    }
}
