//! Stage 4: the plan. Which loops run, what each reads, computes and writes.
//!
//! Takes: the lowered graph. Promises: the loops in an order that computes everything before it is read, no
//! producer computed more often than it pays ([`fuse`]), every stored temporary listed. Independent of the device,
//! of extents and of strides: a schedule binds those.

mod body;
mod cost;
mod finishing;
mod fuse;
mod maps;
mod pieces;
mod print;
mod reuse;
mod verify;

use std::sync::Arc;

use numfuse_kernels::{Compute, Fold, Op};

pub use fuse::plan;

use crate::arena::{Arena, ids};
use crate::dtype::{DType, Scalar};
use crate::graph::{InputId, Supplied};
use crate::infer::{AxisSet, CheckId, CheckInfo, Dim, Signature};
pub use crate::infer::{Plane, Term};

ids! {
    /// A buffer of a [`Plan`].
    BufferId = "b";
    /// How a [`Loop`] reaches a buffer.
    AccessId = "a";
    /// A value of a [`Body`].
    ValueId = "v";
    /// A block of a [`Body`].
    BlockId = "block";
}

/// What is fused.
#[derive(Clone, Debug)]
pub struct Plan {
    /// In the order of execution.
    pub loops: Vec<Loop>,
    /// Everything that lies in memory.
    pub buffers: Arena<BufferId, Buffer>,
    /// The buffers of the results.
    pub results: Vec<BufferId>,
    /// The errors that depend on data.
    pub checks: Arena<CheckId, CheckInfo>,
    /// The inputs' types, and the extents the plan was made with.
    pub signature: Signature,
}

/// An array in memory.
#[derive(Clone, PartialEq, Debug)]
pub struct Buffer {
    /// Whose it is.
    pub place: Place,
    /// The type of its elements.
    pub dtype: DType,
    /// Its axes.
    pub dims: Vec<Dim>,
}

/// Whose memory a buffer is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The caller's, read only.
    Input(InputId),
    /// The k-th result.
    Result(u32),
    /// Nobody's: its k-th element is k.
    Index,
    /// Another buffer's elements, in C order, as an array of other axes.
    Reshaped(BufferId),
    /// A stored temporary, in memory of its own or, before that is written, in a result's.
    Stored {
        /// The result whose memory it borrows.
        reuses: Option<u32>,
    },
}

/// One pass over an iteration space.
#[derive(Clone, Debug)]
pub struct Loop {
    /// The space, outermost axis first.
    pub dims: Vec<Dim>,
    /// The axes that the loop's reductions run over; the others are parallel.
    pub reduced: AxisSet,
    /// What it reaches, and how.
    pub accesses: Arena<AccessId, Access>,
    /// What it computes.
    pub body: Body,
    /// What it writes element by element.
    pub stores: Vec<Store>,
    /// What it reduces.
    pub reduces: Vec<Reduce>,
    /// Set where it multiplies matrices, and does nothing else: its last axes are rows, columns, and what is summed.
    pub product: Option<Product>,
    /// Set where it takes steps on whole arrays, and does nothing else.
    pub steps: Option<Steps>,
    /// Whether its reductions are running ones: they write what they come to at each element along the reduced axis,
    /// of which there is one.
    pub running: bool,
    /// Whether it only does what is left to do with results of reductions.
    pub finishes: bool,
}

/// How a loop's indices become a buffer's: an affine map, into which views are composed.
#[derive(Clone, PartialEq, Debug)]
pub struct Access {
    /// The buffer.
    pub buffer: BufferId,
    /// Which plane of a complex array.
    pub plane: Plane,
    /// Summands of the buffer's indices.
    pub terms: Vec<Term>,
    /// Constants added to the buffer's indices, by axis; axes past the end add 0.
    pub offsets: Vec<i64>,
    /// Axes of the buffer along which places known only to data are added, with their steps; none for a load.
    pub taken: Vec<(usize, i64)>,
}

/// Values in blocks; the first block is the loop's own, the others are bodies of elementwise loops.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// Operands before users.
    pub values: Arena<ValueId, Value>,
    /// What is done in which order.
    pub blocks: Arena<BlockId, Block>,
}

/// A value of one element.
#[derive(Clone, PartialEq, Debug)]
pub struct Value {
    /// Its type.
    pub compute: Compute,
    /// The axes along which it changes. No inner axis: computed once a row; none: once a call.
    pub varies: AxisSet,
    /// What it is.
    pub def: Def,
}

/// What a value is.
#[derive(Clone, PartialEq, Debug)]
pub enum Def {
    /// An element of a buffer.
    Load(AccessId),
    /// An element of a buffer at a place that a value says.
    Gather(AccessId, ValueId),
    /// A number.
    Const(Scalar),
    /// An operation.
    Op(Op, [ValueId; 3]),
    /// A function that the user supplies, of floats of one type; a closure's panic is this error.
    Call(Supplied, [ValueId; 3], CheckId),
    /// A comparison of byte strings, or a search in them.
    Bytes(Op, [Text; 2]),
    /// A conversion to the value's own type.
    Convert(ValueId),
    /// The product of these extents, known when they are.
    Count(Vec<Dim>),
    /// A variable of an elementwise loop's body.
    Param(BlockId, u32),
    /// The k-th value of an elementwise loop.
    Of(BlockId, u32),
}

/// A byte string.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Text {
    /// An element of a buffer, zeros at its end not counted.
    Element(AccessId),
    /// These bytes.
    Bytes(Arc<[u8]>),
}

/// Instructions.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Block {
    /// How many variables a loop's body carries.
    pub params: u32,
    /// What is done.
    pub insts: Vec<Inst>,
    /// A loop goes on while this holds.
    pub go_on: Option<ValueId>,
    /// The variables' next values.
    pub yields: Vec<ValueId>,
}

/// One instruction.
#[derive(Clone, PartialEq, Debug)]
pub enum Inst {
    /// Computes a value.
    Let(ValueId),
    /// Sets an error if this holds.
    Check(ValueId, CheckId),
    /// Runs a block on every element until it stops for it.
    Repeat {
        /// How often at most.
        bound: ValueId,
        /// First values of its variables.
        init: Vec<ValueId>,
        /// What is repeated.
        body: BlockId,
    },
}

/// An elementwise result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Store {
    /// What is written.
    pub value: ValueId,
    /// Where.
    pub access: AccessId,
}

/// The product of two matrices.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Product {
    /// Rows, and what is summed over.
    pub a: AccessId,
    /// What is summed over, and columns.
    pub b: AccessId,
    /// Rows and columns.
    pub result: AccessId,
}

/// Steps on whole arrays: a plan that is run again and again, on what it came to the time before.
#[derive(Clone, Debug)]
pub struct Steps {
    /// How often.
    pub turns: u64,
    /// What a step computes. Its first inputs are the variables, its results what they become.
    pub plan: Arc<Plan>,
    /// The variables' first values, and the plan's other inputs.
    pub reads: Vec<AccessId>,
    /// Where each variable goes after the last step; `None` where nobody reads it.
    pub writes: Vec<Option<AccessId>>,
}

/// A reduction over the loop's reduced axes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reduce {
    /// How.
    pub fold: Fold,
    /// What; of complex numbers the real part.
    pub value: ValueId,
    /// The imaginary part of complex numbers.
    pub imaginary: Option<ValueId>,
    /// Into what; its map has no term for a reduced axis.
    pub access: AccessId,
}

impl Loop {
    /// The values that it stores or reduces.
    pub fn written(&self) -> impl Iterator<Item = ValueId> {
        let stored = self.stores.iter().map(|store| store.value);
        stored.chain(self.reduces.iter().flat_map(|reduce| [Some(reduce.value), reduce.imaginary]).flatten())
    }

    /// The accesses through which it writes.
    pub fn written_accesses(&self) -> impl Iterator<Item = AccessId> {
        let stored = self.stores.iter().map(|store| store.access);
        let reduced = self.reduces.iter().map(|reduce| reduce.access);
        let stepped = self.steps.iter().flat_map(|steps| steps.writes.iter().flatten().copied());
        stored.chain(reduced).chain(self.product.iter().map(|product| product.result)).chain(stepped)
    }

    /// Whether it runs over no axis at all: a few operations on scalars.
    pub fn is_scalar(&self) -> bool {
        self.dims.iter().all(|dim| *dim == Dim::ONE) && self.steps.is_none()
    }
}

impl Plan {
    /// The buffer in whose memory a buffer lies: itself, or the result it borrows from.
    pub fn memory_of(&self, buffer: BufferId) -> BufferId {
        match self.buffers[buffer].place {
            Place::Stored { reuses: Some(k) } => self.results[k as usize],
            Place::Reshaped(of) => self.memory_of(of),
            Place::Input(_) | Place::Result(_) | Place::Index | Place::Stored { reuses: None } => buffer,
        }
    }

    /// Passes over data: loops that are more than a few operations on scalars or on what reductions left.
    pub fn passes(&self) -> usize {
        self.loops.iter().filter(|l| !l.is_scalar() && !l.finishes).count()
    }
}
