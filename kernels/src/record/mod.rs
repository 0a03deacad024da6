//! The bodies as data: what other code generators (SPIR-V, native code) lower.
//!
//! [`record`] runs a row's body on a token that computes nothing and writes a list of typed nodes, each before its
//! users, equal ones once. Rare lanes become calls of bodies recorded once, loops stay loops. Reductions, conversions
//! and storage types are recorded by functions of their own.

mod conversion;
mod corrected;
mod fold;
mod print;
mod token;

use crate::{
    Compute,
    kernel::value_kind,
    ops::{Op, Visitor},
    row::{Kind, MaskRow, Row, Shape},
};
pub use conversion::{record_conversion, record_load, record_store};
pub use corrected::{record_corrected_division, record_corrected_sqrt, record_rounding};
pub use fold::{FoldRecording, record_fold, record_product_of_pairs};
use std::{any::TypeId, cell::RefCell, collections::HashMap};
pub use token::{RecordToken, Recorded, Value};

/// The type of a recorded value. Booleans, in masks and rows alike, are `Mask`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Type {
    /// IEEE binary64.
    F64,
    /// IEEE binary32.
    F32,
    /// 64 bits.
    I64,
    /// 32 bits.
    I32,
    /// A truth value.
    Mask,
}

/// A node's place in its recording.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ValueId(pub u32);

/// Operations of one operand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOp {
    /// The square root, correctly rounded.
    Sqrt,
    /// Rounds down, keeping the sign of zero.
    Floor,
    /// Rounds up, keeping the sign of zero.
    Ceil,
    /// Rounds towards zero, keeping its sign.
    Trunc,
    /// Rounds to nearest, halves to even, keeping the sign of zero.
    Round,
    /// The same bits as the other kind of value.
    BitCast,
    /// An integer converted to a float of its width, rounded to nearest even; or an i32 to an f64, exactly.
    FromInt,
    /// A float converted to an integer, truncated; anything where it does not fit.
    ToInt,
    /// A mask's complement.
    Not,
    /// An i32 as an i64 of the same value.
    Extend,
    /// The low half of an i64.
    Truncate,
    /// An f32 as an f64 of the same value; any NaN of a NaN.
    ToDouble,
    /// An f64 rounded to nearest even, once, to subnormals and infinities too; any NaN of a NaN.
    ToSingle,
}

/// Operations of two operands; whether of floats, integers or masks, their types say.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BinaryOp {
    /// Sum; integers wrap.
    Add,
    /// Difference; integers wrap.
    Sub,
    /// Product; the low word for integers.
    Mul,
    /// Quotient; of integers truncated, the divisor never 0 nor, for the least integer, -1.
    Div,
    /// The high word of the unsigned product.
    MulHigh,
    /// And.
    And,
    /// Or.
    Or,
    /// Exclusive or.
    Xor,
    /// Shift left; where the count is not below the width, anything.
    ShiftLeft,
    /// Logical shift right; where the count is not below the width, anything.
    ShiftRight,
    /// Less; signed for integers, false for NaN.
    Lt,
    /// Less or equal; of floats, false for NaN.
    Le,
    /// Equal; false for NaN.
    Eq,
}

/// One step of a recording.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Node {
    /// The k-th parameter.
    Parameter(u32),
    /// These bits, the low ones for narrow types.
    Constant(u64),
    /// An operation of one operand.
    Unary(UnaryOp, ValueId),
    /// An operation of two operands.
    Binary(BinaryOp, ValueId, ValueId),
    /// `a * b + c` with one rounding. Only in fused recordings.
    MulAdd(ValueId, ValueId, ValueId),
    /// The second where the first, a mask, holds; else the third.
    Select(ValueId, ValueId, ValueId),
    /// An element of [`Recording::tables`], truncated to the type.
    Table(u32, ValueId),
    /// [`Recording::rares`]: its results are parts of this.
    Rare(u32),
    /// [`Recording::loops`]: its final state is parts of this.
    Repeat(u32),
    /// The k-th result of a `Rare` or a `Repeat`.
    Part(ValueId, u32),
}

/// Lanes of `mask` get the results of a body, the others keep `otherwise`.
#[derive(Clone, PartialEq, Debug)]
pub struct RareCall {
    /// Where the body runs.
    pub mask: ValueId,
    /// What it is given.
    pub arguments: Vec<ValueId>,
    /// The results elsewhere.
    pub otherwise: Vec<ValueId>,
    /// Which of [`Recording::bodies`] it is.
    pub body: usize,
}

/// A bounded loop: `state = next(state)` while `go_on(state)`, at most `limit` times.
#[derive(Clone, PartialEq, Debug)]
pub struct RepeatLoop {
    /// The state at the start.
    pub state: Vec<ValueId>,
    /// No more turns than this.
    pub limit: u32,
    /// One mask of the state.
    pub go_on: Recording,
    /// The next state.
    pub next: Recording,
}

/// A body as a list of nodes.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Recording {
    /// The types of the parameters.
    pub parameters: Vec<Type>,
    /// The nodes and their types, operands first. A `Rare` or `Repeat` node's own type is `Mask` and means nothing.
    pub nodes: Vec<(Node, Type)>,
    /// The results.
    pub results: Vec<ValueId>,
    /// The tables of constants.
    pub tables: Vec<&'static [u64]>,
    /// The calls for rare lanes.
    pub rares: Vec<RareCall>,
    /// What they call, each once.
    pub bodies: Vec<Recording>,
    /// The loops.
    pub loops: Vec<RepeatLoop>,
}

/// Where bodies are recorded: an arena that tokens and values borrow, so that both are `Copy`.
#[derive(Default)]
pub struct Recorder {
    inner: RefCell<Builder>,
}

#[derive(Default)]
struct Builder {
    recording: Recording,
    seen: HashMap<(Node, Type), ValueId>,
    /// The types of the rare bodies, in the order of `Recording::bodies`.
    body_types: Vec<TypeId>,
}

impl Recorder {
    /// An empty recorder.
    pub fn new() -> Recorder {
        Recorder::default()
    }

    /// Adds a parameter.
    pub fn parameter(&self, of: Type) -> Value<'_> {
        let index = self.inner.borrow().recording.parameters.len() as u32;
        self.inner.borrow_mut().recording.parameters.push(of);
        self.node(Node::Parameter(index), of)
    }

    /// Ends the recording with these results.
    pub fn finish(self, results: Vec<ValueId>) -> Recording {
        let mut recording = self.inner.into_inner().recording;
        recording.results = results;
        recording
    }

    /// The node, added unless it is there.
    fn node(&self, node: Node, of: Type) -> Value<'_> {
        let mut inner = self.inner.borrow_mut();
        let next = ValueId(inner.recording.nodes.len() as u32);
        let id = *inner.seen.entry((node, of)).or_insert(next);
        if id == next {
            inner.recording.nodes.push((node, of));
        }
        Value { recorder: self, id }
    }

    fn at(&self, id: ValueId) -> (Node, Type) {
        self.inner.borrow().recording.nodes[id.0 as usize]
    }
}

/// The body of an operation on values of type `compute`, with fused multiply-adds or strict; `None` where it has none.
///
/// ```
/// use numfuse_kernels::{Compute, Op, record::record};
/// let add = record(Op::Add, Compute::F64, false).unwrap();
/// assert_eq!(add.to_string(), "%0 = f64 parameter 0\n%1 = f64 parameter 1\n%2 = f64 add %0 %1\nresult %2\n");
/// ```
pub fn record(op: Op, compute: Compute, fma: bool) -> Option<Recording> {
    let kind = value_kind(compute);
    match (compute, fma) {
        (Compute::F64 | Compute::I64 | Compute::U64, false) => op.visit(kind, Record::<f64, false>::new()),
        (Compute::F64 | Compute::I64 | Compute::U64, true) => op.visit(kind, Record::<f64, true>::new()),
        (Compute::F32 | Compute::I32 | Compute::Bool, false) => op.visit(kind, Record::<f32, false>::new()),
        (Compute::F32 | Compute::I32 | Compute::Bool, true) => op.visit(kind, Record::<f32, true>::new()),
    }
}

/// The body of a row of floats that stands in no table.
pub(crate) fn record_row<R: Row>(compute: Compute, fma: bool) -> Option<Recording> {
    Some(match (compute, fma) {
        (Compute::F64, false) => Record::<f64, false>::new().value::<R>(),
        (Compute::F64, true) => Record::<f64, true>::new().value::<R>(),
        (Compute::F32, false) => Record::<f32, false>::new().value::<R>(),
        (Compute::F32, true) => Record::<f32, true>::new().value::<R>(),
        (Compute::Bool | Compute::I32 | Compute::I64 | Compute::U64, _) => return None,
    })
}

/// Records the rows it visits, on the token of `T`.
struct Record<T, const FMA: bool>(core::marker::PhantomData<T>);

impl<T, const FMA: bool> Record<T, FMA> {
    fn new() -> Self {
        Record(core::marker::PhantomData)
    }
}

impl<T: 'static, const FMA: bool> Visitor for Record<T, FMA>
where
    for<'a> Recorded<'a, T, FMA>: RecordToken<'a>,
{
    type Output = Recording;

    fn value<R: Row>(self) -> Recording {
        let recorder = Recorder::new();
        let s = Recorded::<'_, T, FMA>::new(&recorder);
        let a = <R::Shape as Shape>::A::parameter(s);
        let b = <R::Shape as Shape>::B::parameter(s);
        let c = <R::Shape as Shape>::C::parameter(s);
        let results = <R::Shape as Shape>::R::ids(R::apply(s, a, b, c));
        recorder.finish(results)
    }

    fn mask<R: MaskRow>(self) -> Recording {
        let recorder = Recorder::new();
        let a = recorder.parameter(Type::Mask);
        let b = if R::ARITY > 1 { recorder.parameter(Type::Mask) } else { a };
        let c = if R::ARITY > 2 { recorder.parameter(Type::Mask) } else { a };
        let results = vec![R::apply(a, b, c).id()];
        recorder.finish(results)
    }
}
