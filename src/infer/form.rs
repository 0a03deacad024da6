//! The typed graph: the form that inference makes, and that simplifying and lowering rewrite.

use std::ops::Range;
use std::sync::Arc;

use numfuse_kernels::Op;

use super::map::Map;
use super::region::TypedRegion;
use super::shape::Dims;
use super::steps::TypedSteps;
use super::{Dim, Signature};
use crate::arena::{Arena, ids};
use crate::dtype::{DType, Scalar};
use crate::error::ErrorKind;
use crate::graph::{InputId, Reduction, RegionId, Supplied};

ids! {
    /// A node of a [`TypedGraph`].
    TypedId = "%";
    /// A shape of a [`TypedGraph`].
    ShapeId = "shape";
    /// An error that depends on data.
    CheckId = "check";
    /// A byte string of a [`TypedGraph`].
    TextId = "text";
    /// A supplied function of a [`TypedGraph`].
    SuppliedId = "function";
    /// A view of a [`TypedGraph`].
    ViewId = "view";
    /// Steps of a [`TypedGraph`].
    StepsId = "steps";
}

/// A set of axes, as bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct AxisSet(pub(super) u32);

impl AxisSet {
    /// No axis.
    pub const EMPTY: AxisSet = AxisSet(0);
    /// How many axes an array may have.
    pub const MAX_RANK: usize = 32;
    /// The first `rank` axes.
    pub fn first(rank: usize) -> AxisSet {
        AxisSet(if rank >= 32 { u32::MAX } else { (1 << rank) - 1 })
    }
    /// Whether it has this axis.
    pub fn contains(self, axis: usize) -> bool {
        self.0 >> axis & 1 == 1
    }
    /// This set and one more axis.
    pub fn with(self, axis: usize) -> AxisSet {
        AxisSet(self.0 | 1 << axis)
    }
    /// The axes of either.
    pub fn union(self, other: AxisSet) -> AxisSet {
        AxisSet(self.0 | other.0)
    }
    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// The axes, outermost first.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..32).filter(move |axis| self.contains(*axis))
    }
}

/// An operation with its type.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum TypedOp {
    /// An input.
    Input(InputId),
    /// A number.
    Const(Scalar),
    /// A byte string.
    Text(TextId),
    /// An elementwise operation; operands have one dtype, except the condition of `where`, which is bool, and the
    /// count of `ldexp`, an integer.
    Apply(Op, [TypedId; 3]),
    /// A function that the user supplies; arguments and values are of one float type, of a closure doubles.
    Call {
        /// Which one.
        function: SuppliedId,
        /// Its arguments; those past its arity repeat the first.
        args: [TypedId; 3],
        /// How many it takes.
        arity: u8,
        /// The error of a panic.
        check: CheckId,
    },
    /// A part of an input of complex numbers, or of their product. Made by lowering.
    Plane(TypedId, Plane),
    /// A complex number of two parts: a result, or what a product is of. Made by lowering.
    Complex(TypedId, TypedId),
    /// Conversion to the node's own dtype.
    Cast(TypedId),
    /// The same elements through a map of their indices.
    View(TypedId, ViewId),
    /// The same elements in C order, in a shape that no map of indices makes of theirs.
    Reshape(TypedId),
    /// Where an element of a one-dimensional array stands: 0, 1, 2 …
    Index,
    /// Elements by their places along an axis; the places are in range.
    Take {
        /// Of what.
        of: TypedId,
        /// The places, of type i64.
        index: TypedId,
        /// Along which axis; the axes of `index` take its place.
        axis: usize,
    },
    /// A reduction; after lowering, never [`Reduction::Mean`].
    Reduce {
        /// Which one.
        kind: Reduction,
        /// Of what.
        of: TypedId,
        /// Over which axes.
        axes: AxisSet,
        /// Whether they stay, with extent 1.
        keep: bool,
    },
    /// A running sum or product along an axis: each element takes in those before it.
    Scan {
        /// Which one.
        kind: Reduction,
        /// Of what.
        of: TypedId,
        /// Along which axis.
        axis: usize,
    },
    /// The product of matrices, `[…, m, k]` and `[…, k, n]`; the axes before the last two broadcast.
    MatMul(TypedId, TypedId),
    /// One array after the other along an axis; their other extents are equal.
    Concat(TypedId, TypedId, usize),
    /// How many elements a reduction over these axes of a shape takes in; known when extents are.
    Count(ShapeId, AxisSet),
    /// The k-th variable of a loop's body.
    Param(RegionId, u32),
    /// An elementwise loop; its values are [`TypedOp::Result`]s, of its shape all of them.
    Repeat(RegionId),
    /// The k-th variable of a loop when an element leaves it.
    Result(TypedId, u32),
    /// Steps on whole arrays; their values are [`TypedOp::Stepped`].
    Steps(StepsId),
    /// The k-th variable after all steps.
    Stepped(TypedId, u32),
    /// `value`, and an error if `bad` holds anywhere.
    Check {
        /// The value passed on.
        value: TypedId,
        /// Where it is wrong.
        bad: TypedId,
        /// Which error.
        check: CheckId,
    },
}

/// Part of an element.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Plane {
    /// All of a real number.
    Whole,
    /// The real part of a complex one.
    Real,
    /// The imaginary part.
    Imaginary,
}

/// A node: an operation, its dtype and its shape.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TypedNode {
    /// What it does.
    pub op: TypedOp,
    /// The type of its elements.
    pub dtype: DType,
    /// Its axes.
    pub shape: ShapeId,
}

/// An error that depends on data.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CheckInfo {
    /// The kind of error.
    pub kind: ErrorKind,
    /// What it says.
    pub message: String,
    /// Where in the text the operation stands.
    pub span: Option<Range<usize>>,
}

/// The typed graph, arguments before users.
#[derive(Clone, Debug)]
pub struct TypedGraph {
    pub(crate) nodes: Arena<TypedId, TypedNode>,
    pub(crate) shapes: Arena<ShapeId, Dims>,
    pub(crate) checks: Arena<CheckId, CheckInfo>,
    pub(crate) texts: Arena<TextId, Arc<[u8]>>,
    pub(crate) views: Arena<ViewId, Map>,
    pub(crate) regions: Arena<RegionId, TypedRegion>,
    pub(crate) steps: Arena<StepsId, TypedSteps>,
    pub(crate) functions: Arena<SuppliedId, Supplied>,
    pub(crate) results: Vec<TypedId>,
    pub(crate) signature: Signature,
}

impl TypedNode {
    /// The nodes it reads; what a loop reads stands in its region, see [`TypedGraph::reads`].
    pub fn args(&self) -> smallvec::SmallVec<[TypedId; 3]> {
        match self.op {
            TypedOp::Input(_) | TypedOp::Const(_) | TypedOp::Text(_) | TypedOp::Count(..) => {
                smallvec::smallvec![]
            }
            TypedOp::Index | TypedOp::Param(..) | TypedOp::Repeat(_) => smallvec::smallvec![],
            TypedOp::Steps(_) => smallvec::smallvec![],
            TypedOp::Result(of, _) | TypedOp::Stepped(of, _) => smallvec::smallvec![of],
            TypedOp::View(of, _) | TypedOp::Reshape(of) => smallvec::smallvec![of],
            TypedOp::MatMul(a, b) | TypedOp::Concat(a, b, _) => smallvec::smallvec![a, b],
            TypedOp::Take { of, index, .. } => smallvec::smallvec![of, index],
            TypedOp::Apply(op, args) => args[..op.info().params.len()].iter().copied().collect(),
            TypedOp::Call { args, arity, .. } => args[..usize::from(arity)].iter().copied().collect(),
            TypedOp::Cast(of) | TypedOp::Plane(of, _) | TypedOp::Reduce { of, .. } => smallvec::smallvec![of],
            TypedOp::Scan { of, .. } => smallvec::smallvec![of],
            TypedOp::Complex(re, im) => smallvec::smallvec![re, im],
            TypedOp::Check { value, bad, .. } => smallvec::smallvec![value, bad],
        }
    }
}

impl TypedGraph {
    /// The nodes, arguments before users.
    pub fn nodes(&self) -> &Arena<TypedId, TypedNode> {
        &self.nodes
    }
    /// What the program computes.
    pub fn results(&self) -> &[TypedId] {
        &self.results
    }
    /// The inputs' types, and the extents the graph was made for.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }
    /// The axes of a node.
    pub fn shape(&self, id: TypedId) -> &[Dim] {
        &self.shapes[self.nodes[id].shape]
    }
    /// The axes of a shape.
    pub fn dims(&self, shape: ShapeId) -> &[Dim] {
        &self.shapes[shape]
    }
    /// The byte strings of the text.
    pub fn texts(&self) -> &Arena<TextId, Arc<[u8]>> {
        &self.texts
    }
    /// A function that the user supplies.
    pub fn function(&self, function: SuppliedId) -> &Supplied {
        &self.functions[function]
    }
    /// What a view maps.
    pub fn view(&self, view: ViewId) -> &Map {
        &self.views[view]
    }
    /// What is done in steps.
    pub fn steps(&self) -> &Arena<StepsId, TypedSteps> {
        &self.steps
    }
    /// The errors that depend on data.
    pub fn checks(&self) -> &Arena<CheckId, CheckInfo> {
        &self.checks
    }
}
