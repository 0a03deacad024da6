//! When each value of a loop's body is computed: once, at each position of the kept axes, or at each element.
//!
//! An elementwise loop is run at one level, whatever its parts are: that of the part that changes most often.

use crate::arena::Id;
use crate::plan::{Block, BlockId, Def, Inst, Loop, Value, ValueId};

/// When a value is computed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Level {
    /// Where the entry point begins.
    Once,
    /// At each position of the kept axes.
    Position,
    /// At each element.
    Element,
}

/// The levels of a body's values and elementwise loops.
pub(super) struct Levels {
    values: Vec<Level>,
    /// By block; the first is of no elementwise loop.
    loops: Vec<Level>,
}

impl Levels {
    pub(super) fn of(body: &Loop) -> Levels {
        let values: Vec<Level> = body.body.values.iter().map(|(_, value)| level(body, value)).collect();
        let mut levels = Levels { loops: vec![Level::Once; body.body.blocks.len()], values };
        if levels.loops.len() > 1 {
            for (id, value) in body.body.values.iter() {
                if let Def::Of(block, _) | Def::Param(block, _) = value.def {
                    levels.raise(block, levels.values[id.index()]);
                }
            }
            levels.visit(body, &body.body.blocks[BlockId::new(0)]);
        }
        levels
    }

    /// The level of an instruction of the first block.
    pub(super) fn of_inst(&self, inst: &Inst) -> Level {
        match inst {
            Inst::Let(value) | Inst::Check(value, _) => self.values[value.index()],
            Inst::Repeat { body, .. } => self.loops[body.index()],
        }
    }

    fn raise(&mut self, block: BlockId, to: Level) {
        let own = &mut self.loops[block.index()];
        *own = to.max(*own);
    }

    /// The level of what a block reads and computes.
    fn visit(&mut self, body: &Loop, block: &Block) -> Level {
        let mut whole = Level::Once;
        for inst in &block.insts {
            if let Inst::Repeat { bound, init, body: inner } = inst {
                let before = init.iter().chain([bound]).map(|value| self.values[value.index()]);
                let before = before.max().unwrap_or(Level::Once);
                self.raise(*inner, before);
                let inside = self.visit(body, &body.body.blocks[*inner]);
                self.raise(*inner, inside);
            }
            if let Inst::Let(id) = inst {
                let reads = match &body.body.values[*id].def {
                    Def::Of(inner, _) => self.loops[inner.index()],
                    def => {
                        let read = operands(def).iter().map(|value| self.values[value.index()]);
                        read.max().unwrap_or(Level::Once)
                    }
                };
                let own = &mut self.values[id.index()];
                *own = reads.max(*own);
            }
            whole = whole.max(self.of_inst(inst));
        }
        let last = block.yields.iter().chain(&block.go_on).map(|value| self.values[value.index()]);
        last.fold(whole, Level::max)
    }
}

/// The values that a definition reads, those of elementwise loops aside.
fn operands(def: &Def) -> &[ValueId] {
    match def {
        Def::Op(op, operands) => &operands[..op.info().arity()],
        Def::Call(function, operands, _) => &operands[..function.arity()],
        Def::Convert(of) | Def::Gather(_, of) => std::slice::from_ref(of),
        Def::Load(_) | Def::Const(_) | Def::Bytes(..) | Def::Count(_) | Def::Param(..) | Def::Of(..) => &[],
    }
}

fn level(body: &Loop, value: &Value) -> Level {
    let reduced = !body.reduces.is_empty();
    match () {
        () if value.varies.is_empty() => Level::Once,
        () if reduced && !value.varies.iter().any(|axis| body.reduced.contains(axis)) => Level::Position,
        () => Level::Element,
    }
}
