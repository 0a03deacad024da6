//! How often an invocation goes round its loops at most: software ends loops after some turns, and no card may be kept
//! busy for long.
//!
//! Counted are passes of loops' heads, of which a loop has one more than turns; those of elementwise loops, and of the
//! loops that operations have of their own. A bound is known where it is a constant, a number that the call gives, a
//! variable that counts the turns of a loop around, or made of those.

use numfuse_kernels::{Compute, Op, record::Recording};

use super::body::operation;
use super::levels::{Level, Levels};
use crate::arena::Id;
use crate::dtype::Scalar;
use crate::plan::{AccessId, BlockId, Def, Inst, Loop, Value, ValueId};

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
                Def::Call(function, ..) => {
                    let recorded = function.kernels().and_then(|own| own.record(value.compute, false));
                    recorded.as_ref().map_or(0, passes)
                }
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

    /// The turns of elementwise loops alone, for an element: those of loops inside multiplied. `u64::MAX` where nothing
    /// known bounds them.
    pub(in super::super) fn of_loops(body: &Loop, number: impl Fn(AccessId) -> Option<Scalar>) -> u64 {
        let known = known(body, number);
        let insts = body.body.blocks[BlockId::new(0)].insts.iter();
        insts.fold(0, |sum, inst| sum.saturating_add(turns_of(body, inst, &known)))
    }

    fn of_inst(&self, body: &Loop, inst: &Inst, known: &[Option<Range>]) -> u64 {
        match inst {
            Inst::Let(value) => self.recorded[value.index()],
            Inst::Check(..) => 0,
            Inst::Repeat { bound, body: inner, .. } => {
                let insts = body.body.blocks[*inner].insts.iter();
                let turn = insts.fold(1u64, |sum, inst| sum.saturating_add(self.of_inst(body, inst, known)));
                most(*bound, known).saturating_mul(turn).saturating_add(1)
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

/// Turns of an elementwise loop, and of those inside.
fn turns_of(body: &Loop, inst: &Inst, known: &[Option<Range>]) -> u64 {
    let Inst::Repeat { bound, body: inner, .. } = inst else { return 0 };
    let insts = body.body.blocks[*inner].insts.iter();
    let turn = insts.fold(1u64, |sum, inst| sum.saturating_add(turns_of(body, inst, known)));
    most(*bound, known).saturating_mul(turn)
}

/// How many turns a bound allows.
fn most(bound: ValueId, known: &[Option<Range>]) -> u64 {
    known[bound.index()].map_or(u64::MAX, |bound| bound.most.max(0) as u64)
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

/// Whole numbers from one to another.
#[derive(Clone, Copy)]
struct Range {
    least: i64,
    most: i64,
}

impl Range {
    fn of(a: i64, b: i64) -> Range {
        Range { least: a.min(b), most: a.max(b) }
    }

    fn with(self, other: Range) -> Range {
        Range { least: self.least.min(other.least), most: self.most.max(other.most) }
    }
}

/// What the whole numbers among a body's values may be, as far as is known before it runs.
fn known(body: &Loop, number: impl Fn(AccessId) -> Option<Scalar>) -> Vec<Option<Range>> {
    let mut known: Vec<Option<Range>> = Vec::with_capacity(body.body.values.len());
    let loops = loops(body);
    for (id, value) in body.body.values.iter() {
        let range = match &value.def {
            Def::Const(scalar) => whole(*scalar).map(|whole| Range::of(whole, whole)),
            Def::Load(access) => number(*access).and_then(whole).map(|whole| Range::of(whole, whole)),
            Def::Convert(of) => known[of.index()],
            Def::Op(op, operands) => {
                let [a, b, c] = operands.map(|operand| known.get(operand.index()).copied().flatten());
                match op {
                    Op::Where => b.zip(c).map(|(b, c)| b.with(c)),
                    _ => a.zip(b).and_then(|(a, b)| computed(*op, a, b)),
                }
            }
            Def::Param(block, k) => loops[block.index()].and_then(|(bound, init)| {
                counted(body, id, known[bound.index()]?, known[init[*k as usize].index()]?)
            }),
            Def::Gather(..) | Def::Call(..) | Def::Bytes(..) | Def::Count(_) | Def::Of(..) => None,
        };
        let fits = |range: &Range| [range.least, range.most].iter().all(|whole| fits(value, *whole));
        known.push(range.filter(fits));
    }
    known
}

/// By block, the bound and the first values of its loop.
fn loops(body: &Loop) -> Vec<Option<(ValueId, &[ValueId])>> {
    let mut loops = vec![None; body.body.blocks.len()];
    for inst in body.body.blocks.iter().flat_map(|(_, block)| &block.insts) {
        if let Inst::Repeat { bound, init, body } = inst {
            loops[body.index()] = Some((*bound, &init[..]));
        }
    }
    loops
}

/// What a variable is that a constant is added to in each turn: `for k in 0..n`.
fn counted(body: &Loop, id: ValueId, bound: Range, first: Range) -> Option<Range> {
    let values = &body.body.values;
    let Def::Param(block, k) = values[id].def else { return None };
    let Def::Op(Op::Add, [a, b, _]) = values[body.body.blocks[block].yields[k as usize]].def else {
        return None;
    };
    let step = if a == id { b } else { a };
    let (Def::Const(step), true) = (&values[step].def, a == id || b == id) else { return None };
    let way = whole(*step)?.checked_mul(bound.most.max(0))?;
    let last = Range { least: first.least.checked_add(way)?, most: first.most.checked_add(way)? };
    Some(first.with(last))
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

/// What bounds are made with; what might wrap is not known.
fn computed(op: Op, a: Range, b: Range) -> Option<Range> {
    Some(match op {
        Op::Add => Range { least: a.least.checked_add(b.least)?, most: a.most.checked_add(b.most)? },
        Op::Sub => Range { least: a.least.checked_sub(b.most)?, most: a.most.checked_sub(b.least)? },
        Op::Mul => {
            let one = |a: i64| Some(Range::of(a.checked_mul(b.least)?, a.checked_mul(b.most)?));
            one(a.least)?.with(one(a.most)?)
        }
        Op::Minimum => Range { least: a.least.min(b.least), most: a.most.min(b.most) },
        Op::Maximum => Range { least: a.least.max(b.least), most: a.most.max(b.most) },
        _ => return None,
    })
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
