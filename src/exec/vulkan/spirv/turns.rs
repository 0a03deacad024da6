//! How often an invocation goes round its loops at most: software ends loops after some turns, and no card may be kept
//! busy for long.
//!
//! Counted are passes of loops' heads, of which a loop has one more than turns; those of elementwise loops, and of the
//! loops that operations have of their own. A bound is known where it is a constant, a number that the call gives, or
//! made of those.

use numfuse_kernels::{Compute, Op, record::Recording};

use super::body::operation;
use super::levels::{Level, Levels};
use crate::arena::Id;
use crate::dtype::Scalar;
use crate::plan::{AccessId, BlockId, Def, Inst, Loop, Value};

/// What the count of a body's turns takes, whatever numbers it is given.
pub(in super::super) struct Counting {
    levels: Levels,
    /// By value: passes in what computes it.
    recorded: Vec<u64>,
}

/// Passes at most, by level. `u64::MAX` where nothing known bounds them.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(in super::super) struct Turns {
    pub(in super::super) once: u64,
    pub(in super::super) position: u64,
    pub(in super::super) element: u64,
}

impl Counting {
    /// For a body with elementwise loops; others have none to count.
    pub(in super::super) fn of(body: &Loop) -> Option<Counting> {
        (body.body.blocks.len() > 1).then(|| {
            let recorded = body.body.values.iter().map(|(_, value)| match &value.def {
                Def::Op(op, operands) => operation(body, *op, operands).as_ref().map_or(0, passes),
                _ => 0,
            });
            Counting { levels: Levels::of(body), recorded: recorded.collect() }
        })
    }

    /// The turns, with the numbers that accesses are.
    pub(in super::super) fn turns(&self, body: &Loop, number: impl Fn(AccessId) -> Option<Scalar>) -> Turns {
        let known = known(body, number);
        let mut turns = Turns::default();
        for inst in &body.body.blocks[BlockId::new(0)].insts {
            let at = match self.levels.of_inst(inst) {
                Level::Once => &mut turns.once,
                Level::Position => &mut turns.position,
                Level::Element => &mut turns.element,
            };
            *at = at.saturating_add(self.of_inst(body, inst, &known));
        }
        turns
    }

    fn of_inst(&self, body: &Loop, inst: &Inst, known: &[Option<i64>]) -> u64 {
        match inst {
            Inst::Let(value) => self.recorded[value.index()],
            Inst::Check(..) => 0,
            Inst::Repeat { bound, body: inner, .. } => {
                let bound = known[bound.index()].map_or(u64::MAX, |bound| bound.max(0) as u64);
                let insts = body.body.blocks[*inner].insts.iter();
                let turn = insts.fold(1u64, |sum, inst| sum.saturating_add(self.of_inst(body, inst, known)));
                bound.saturating_mul(turn).saturating_add(1)
            }
        }
    }
}

impl Turns {
    /// Passes for an element, and one of the loop over elements.
    pub(in super::super) fn per_element(&self) -> u64 {
        self.element.saturating_add(1)
    }
}

/// Passes of the loops in what computes an operation.
fn passes(recording: &Recording) -> u64 {
    let loops = recording.loops.iter().map(|repeated| {
        let turn = 1 + passes(&repeated.go_on) + passes(&repeated.next);
        1 + u64::from(repeated.limit).saturating_mul(turn)
    });
    let rares = recording.rares.iter().map(|call| passes(&recording.bodies[call.body]));
    loops.chain(rares).fold(0, u64::saturating_add)
}

/// The whole numbers among a body's values that are known before it runs.
fn known(body: &Loop, number: impl Fn(AccessId) -> Option<Scalar>) -> Vec<Option<i64>> {
    let mut known: Vec<Option<i64>> = Vec::with_capacity(body.body.values.len());
    for (_, value) in body.body.values.iter() {
        let whole = match &value.def {
            Def::Const(scalar) => whole(*scalar),
            Def::Load(access) => number(*access).and_then(whole),
            Def::Convert(of) => known[of.index()],
            Def::Op(op, operands) => {
                let [a, b] = [operands[0], operands[1]].map(|operand| known[operand.index()]);
                a.zip(b).and_then(|(a, b)| computed(*op, a, b))
            }
            Def::Gather(..) | Def::Bytes(..) | Def::Count(_) | Def::Param(..) | Def::Of(..) => None,
        };
        known.push(whole.filter(|whole| fits(value, *whole)));
    }
    known
}

fn whole(scalar: Scalar) -> Option<i64> {
    Some(match scalar {
        Scalar::Bool(value) => value.into(),
        Scalar::I8(value) => value.into(),
        Scalar::I16(value) => value.into(),
        Scalar::I32(value) => value.into(),
        Scalar::I64(value) => value,
        Scalar::U8(value) => value.into(),
        Scalar::U16(value) => value.into(),
        Scalar::U32(value) => value.into(),
        Scalar::U64(value) => i64::try_from(value).ok()?,
        Scalar::F16(_) | Scalar::BF16(_) | Scalar::F32(_) | Scalar::F64(_) => return None,
        Scalar::C64(_) | Scalar::C128(_) => return None,
    })
}

/// What bounds are made with; what would wrap is not known.
fn computed(op: Op, a: i64, b: i64) -> Option<i64> {
    match op {
        Op::Add => a.checked_add(b),
        Op::Sub => a.checked_sub(b),
        Op::Mul => a.checked_mul(b),
        Op::Minimum => Some(a.min(b)),
        Op::Maximum => Some(a.max(b)),
        _ => None,
    }
}

fn fits(value: &Value, whole: i64) -> bool {
    match value.compute {
        Compute::I64 => true,
        Compute::U64 => whole >= 0,
        Compute::I32 => i32::try_from(whole).is_ok(),
        Compute::Bool => whole == 0 || whole == 1,
        Compute::F32 | Compute::F64 => false,
    }
}
