//! Stage 2: types and shapes. Graph and the inputs' types in, [`TypedGraph`] out.
//!
//! Takes: the untyped graph and a [`Signature`]. Promises: every node has a dtype and a shape, every conversion is
//! a node of its own, operands of an operation have one dtype, weak numbers are gone. Every error about types,
//! shapes and axes is found here, with its place in the text. Leaves to [`simplify`](crate::simplify): anything
//! that would make it faster.

mod form;
mod operand;
mod power;
mod shape;
mod signature;

pub use form::{AxisSet, CheckId, CheckInfo, ShapeId, TypedBuilder, TypedGraph, TypedId, TypedNode, TypedOp};
pub use signature::{Dim, InputType, Signature, Weak};

use numfuse_kernels::{Op, Typing};

use self::operand::{Operand, Width};
use crate::arena::Id;
use crate::dtype::{DType, Kind, Scalar};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Axes, Graph, Node, NodeId, Reduction};
use crate::names::shortened;

/// Gives every node of `graph` a type and a shape.
///
/// # Errors
/// Types and shapes that do not go together, axes that do not exist, numbers that fit no type; with their place.
pub fn infer(graph: &Graph, signature: &Signature) -> Result<TypedGraph> {
    let mut inference = Inference {
        graph,
        signature,
        typed: TypedBuilder::new(signature.clone()),
        operands: Vec::with_capacity(graph.nodes().len()),
    };
    for (id, node) in graph.nodes().iter() {
        let operand = inference.node(id, node).map_err(|error| inference.place(error, id))?;
        inference.operands.push(operand);
    }
    let mut results = Vec::with_capacity(graph.results().len());
    for id in graph.results() {
        let operand = inference.operands[id.index()];
        results.push(inference.settle(operand).map_err(|error| inference.place(error, *id))?);
    }
    Ok(inference.typed.finish(results))
}

struct Inference<'a> {
    graph: &'a Graph,
    signature: &'a Signature,
    typed: TypedBuilder,
    operands: Vec<Operand>,
}

impl Inference<'_> {
    fn place(&self, error: Error, id: NodeId) -> Error {
        let error = match (error.span(), self.graph.span(id)) {
            (None, Some(span)) => error.at(span),
            _ => error,
        };
        match self.graph.source() {
            Some(text) => error.in_text(text.clone()),
            None => error,
        }
    }

    fn node(&mut self, id: NodeId, node: &Node) -> Result<Operand> {
        Ok(match node {
            Node::Input(input) => self.input(*input),
            Node::Literal(value) => Operand::literal(*value),
            Node::Scalar(value) => Operand::strong(self.typed.constant(*value)),
            Node::Apply(op, _) => self.apply(*op, node.args())?,
            Node::Truth(of) => {
                let operand = self.operands[of.index()];
                if self.dtype(operand) != DType::Bool {
                    let message = format!("{}, not boolean", self.describe(*of));
                    let help = "`and`, `or` and `not` work on booleans; `&`, `|` and `~` on bits";
                    return Err(Error::new(ErrorKind::Type, message).with_help(help));
                }
                operand
            }
            Node::Cast(dtype, of) => {
                let of = self.operands[of.index()];
                // a literal is rounded once, to the type asked for, if that holds its kind
                let node = match of.as_literal() {
                    Some(value) if value.kind() <= dtype.kind() && value.fits(*dtype) => {
                        self.resolve(of, *dtype)?
                    }
                    _ => {
                        let node = self.settle(of)?;
                        self.typed.cast(*dtype, node)
                    }
                };
                Operand::strong(node)
            }
            Node::Reduce { kind, of, axes, keep } => self.reduce(*kind, *of, axes, *keep)?,
            Node::Param(..) | Node::Repeat(_) | Node::Result(..) => {
                let message = format!("elementwise loops are not executed ({id})");
                return Err(Error::new(ErrorKind::Unsupported, message));
            }
        })
    }

    fn input(&mut self, input: crate::graph::InputId) -> Operand {
        let ty = &self.signature.inputs()[input.index()];
        let node = self.typed.input(input);
        match ty.weak {
            None => Operand::strong(node),
            Some(weak) => Operand::weak(node, ty.dtype.kind(), weak),
        }
    }

    fn apply(&mut self, op: Op, args: &[NodeId]) -> Result<Operand> {
        let info = op.info();
        let operands: Operands = args.iter().map(|a| self.operands[a.index()]).collect();
        let width = match info.typing {
            Typing::Power => return self.power(args, &operands),
            Typing::Choose => return self.choose(op, args, &operands),
            _ => self.common(&operands)?,
        };
        let dtype = width.dtype;
        let refuse = |kind: ErrorKind, why: &str| Err(Error::new(kind, why));
        let (operand_type, result_type) = match (info.typing, dtype.kind()) {
            (Typing::Arithmetic, Kind::Bool) if op == Op::Sub => {
                return refuse(ErrorKind::Type, "truth values cannot be subtracted; use `^`");
            }
            (Typing::Negate, Kind::Bool) => {
                return refuse(ErrorKind::Type, "truth values have no negative; use `~`");
            }
            (Typing::Modulo | Typing::Shift, Kind::Bool) => {
                let message =
                    format!("`{}` of two truth values is an int8, which is not supported", symbol(op));
                return refuse(ErrorKind::Unsupported, &message);
            }
            (Typing::Invert | Typing::Bitwise | Typing::Shift, Kind::Float) => {
                let message = format!("`{}` works on bits, not on {dtype}", symbol(op));
                let error = Error::new(ErrorKind::Type, message);
                return Err(if op == Op::Xor {
                    error.with_help("a power is written `**`")
                } else if op == Op::And || op == Op::Or {
                    error.with_help("it binds more tightly than comparisons: `(a > 1) & (b < 2)`")
                } else {
                    error
                });
            }
            // NumPy's `round`, unlike its `floor`, makes 16-bit floats of truth values
            (Typing::Rounding, Kind::Bool) if op == Op::Round => (DType::F32, DType::F32),
            (Typing::Rounding | Typing::Magnitude, Kind::Bool) => (dtype, dtype),
            (Typing::Arithmetic | Typing::Negate | Typing::Modulo | Typing::Extremum, _)
            | (Typing::Invert | Typing::Bitwise | Typing::Shift, _)
            | (Typing::Rounding | Typing::Magnitude, _) => (dtype, dtype),
            (Typing::TrueDivide, Kind::Bool | Kind::Int) => (DType::F64, DType::F64),
            (Typing::Float | Typing::Analytic, Kind::Bool) => (DType::F32, DType::F32), // NumPy answers in 16 bits
            (Typing::Float | Typing::Analytic, Kind::Int) => (DType::F64, DType::F64),
            (Typing::TrueDivide | Typing::Float | Typing::Analytic, Kind::Float) => (dtype, dtype),
            (Typing::Numeric | Typing::Same | Typing::Integral, _) => (dtype, dtype),
            (Typing::Comparison | Typing::Predicate, _) => (dtype, DType::Bool),
            (Typing::Power | Typing::Choose | Typing::BitCount | Typing::Scale, _) => {
                unreachable!("typed above")
            }
        };
        let mut nodes = self.resolve_all(&operands, operand_type)?;
        self.check_broadcast(op, args, &nodes)?;
        let node = match (info.typing, dtype.kind()) {
            // whole numbers are their own floor, truth values their own magnitude
            (Typing::Rounding, Kind::Bool | Kind::Int) | (Typing::Magnitude, Kind::Bool) => nodes[0],
            // no integer is NaN or infinite, and every integer equals itself
            (Typing::Predicate, Kind::Bool | Kind::Int) => {
                let answer = if op == Op::IsFinite { Op::Eq } else { Op::Ne };
                nodes = [nodes[0]; 3];
                self.typed.apply(answer, DType::Bool, nodes)
            }
            _ => self.typed.apply(op, result_type, nodes),
        };
        Ok(self.with_width(node, width, info.symbol.is_some()))
    }

    /// An operator on weak numbers given at run time is weak if it is a float; integers have left their range.
    fn with_width(&self, node: TypedId, width: Width, operator: bool) -> Operand {
        let dtype = self.typed[node].dtype;
        match width.weak && operator && dtype.kind() == Kind::Float {
            true => Operand::weak(node, Kind::Float, Weak::Fits),
            false => Operand::strong(node),
        }
    }

    fn choose(&mut self, op: Op, args: &[NodeId], operands: &[Operand]) -> Result<Operand> {
        let width = self.common(&operands[1..])?;
        let condition = self.truth(operands[0])?;
        let chosen = self.resolve_all(&operands[1..], width.dtype)?;
        let nodes = [condition, chosen[0], chosen[1]];
        self.check_broadcast(op, args, &nodes)?;
        Ok(Operand::strong(self.typed.apply(op, width.dtype, nodes)))
    }

    /// What is not zero.
    fn truth(&mut self, operand: Operand) -> Result<TypedId> {
        let node = self.settle(operand)?;
        Ok(self.typed.cast(DType::Bool, node))
    }

    fn reduce(&mut self, kind: Reduction, of: NodeId, axes: &Axes, keep: bool) -> Result<Operand> {
        let operand = self.operands[of.index()];
        let node = self.settle(operand)?;
        let dtype = self.typed[node].dtype;
        let axes = self.axes(of, node, axes)?;
        let operand_type = match (kind, dtype.kind()) {
            (Reduction::Sum | Reduction::Prod, Kind::Bool | Kind::Int) => DType::I64,
            (Reduction::Mean, Kind::Bool | Kind::Int) => DType::F64,
            (Reduction::Any | Reduction::All, _) => DType::Bool,
            (Reduction::Sum | Reduction::Prod | Reduction::Mean, Kind::Float)
            | (Reduction::Min | Reduction::Max, _) => dtype,
        };
        let node = self.typed.cast(operand_type, node);
        Ok(Operand::strong(self.typed.reduce(kind, node, axes, keep)))
    }

    fn axes(&self, of: NodeId, node: TypedId, axes: &Axes) -> Result<AxisSet> {
        let rank = self.typed.shape(node).len();
        let list = match axes {
            Axes::All => return Ok(AxisSet::first(rank)),
            Axes::Some(list) => list,
        };
        let mut set = AxisSet::EMPTY;
        for axis in list {
            let index = if *axis < 0 { i64::from(*axis) + rank as i64 } else { i64::from(*axis) };
            // NumPy lets a scalar have an axis 0 and -1
            if rank == 0 && (-1..=0).contains(axis) {
                continue;
            }
            match usize::try_from(index) {
                Ok(index) if index < rank && !set.contains(index) => set = set.with(index),
                Ok(index) if index < rank => {
                    return Err(Error::new(ErrorKind::Axis, format!("axis {axis} is named twice")));
                }
                _ => {
                    let axes = if rank == 1 { "axis" } else { "axes" };
                    let message = format!("{}: it has {rank} {axes}, and no axis {axis}", self.describe(of));
                    return Err(Error::new(ErrorKind::Axis, message));
                }
            }
        }
        Ok(set)
    }

    fn dtype(&self, operand: Operand) -> DType {
        match (operand.as_literal(), operand.node()) {
            (Some(value), _) => value.kind().default_dtype(),
            (None, Some(node)) => self.typed[node].dtype,
            (None, None) => unreachable!("an operand is a literal or a node"),
        }
    }

    /// A node in words: its text, its type and its shape.
    fn describe(&self, id: NodeId) -> String {
        let operand = self.operands[id.index()];
        let ty = match operand.node() {
            Some(node) => self.typed.type_text(node),
            None => self.dtype(operand).to_string(),
        };
        match self.text_of(id) {
            Some(text) => format!("`{text}` is {ty}"),
            None => format!("an operand is {ty}"),
        }
    }

    fn text_of(&self, id: NodeId) -> Option<String> {
        const LONGEST: usize = 40; // more would hide what is wrong with it
        if let Node::Input(input) = &self.graph.nodes()[id] {
            return Some(shortened(&self.graph.inputs()[*input]));
        }
        let text = self.graph.source()?.get(self.graph.span(id)?)?;
        (text.len() <= LONGEST && !text.contains('\n')).then(|| text.to_owned())
    }
}

type Operands = smallvec::SmallVec<[Operand; 3]>;

/// How messages call an operation: its operator, or its name.
fn symbol(op: Op) -> &'static str {
    op.info().symbol.unwrap_or(op.info().names[0])
}

/// The constant of a type, for rules that need a small number.
fn small(value: i8, dtype: DType) -> Scalar {
    match dtype {
        DType::Bool => Scalar::Bool(value != 0),
        DType::I32 => Scalar::I32(value.into()),
        DType::I64 => Scalar::I64(value.into()),
        DType::F32 => Scalar::F32(value.into()),
        DType::F64 => Scalar::F64(value.into()),
    }
}
