//! Stage 2: types and shapes. Graph and the inputs' types in, [`TypedGraph`] out.
//!
//! Takes: the untyped graph and a [`Signature`]. Promises: every node has a dtype and a shape, every conversion is
//! a node of its own, operands of an operation have one dtype, weak numbers are gone. Every error about types,
//! shapes and axes is found here, with its place in the text. Leaves to [`simplify`](crate::simplify): anything
//! that would make it faster.

mod border;
mod builder;
mod call;
mod contract;
mod form;
mod map;
mod operand;
mod power;
mod random;
mod reduce;
mod region;
mod repeat;
mod shape;
mod signature;
mod source;
mod steps;
mod take;
mod typing;
mod verify;
mod view;

pub use builder::TypedBuilder;
pub use form::{
    AxisSet, CheckId, CheckInfo, Plane, ShapeId, TypedGraph, TypedId, TypedNode, TypedOp, ViewId,
};
pub use map::{Map, Term};
pub use region::{Needed, TypedRegion};
pub(crate) use shape::Dims;
pub use signature::{Dim, InputType, Signature, Weak};
pub use steps::TypedSteps;

use std::collections::HashMap;

use numfuse_kernels::{Op, Typing};

use self::operand::{Operand, Width};
use self::reduce::Selection;
use self::repeat::{Loops, open_regions};
use self::typing::symbol;
use crate::arena::Id;
use crate::dtype::{DType, Kind, Literal, Scalar};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Graph, Node, NodeId, RegionKind};
use crate::names::shortened;

/// Gives every node of `graph` a type and a shape.
///
/// # Errors
/// Types and shapes that do not go together, axes that do not exist, numbers that fit no type; with their place.
pub fn infer(graph: &Graph, signature: &Signature) -> Result<TypedGraph> {
    let mut loops = Loops::new(graph);
    loop {
        match pass(graph, signature, &mut loops) {
            // a loop's variable is of another type than was thought
            Err(_) if loops.grown => loops.again()?,
            done => return done,
        }
    }
}

/// Once through the graph, with what is known of loops' variables.
fn pass(graph: &Graph, signature: &Signature, loops: &mut Loops) -> Result<TypedGraph> {
    let mut inference = Inference {
        graph,
        signature,
        typed: TypedBuilder::new(signature.clone()),
        operands: Vec::with_capacity(graph.nodes().len()),
        known: Vec::with_capacity(graph.nodes().len()),
        selections: HashMap::new(),
        loops,
        unstepped: HashMap::new(),
    };
    open_regions(graph, &mut inference.typed);
    for (id, node) in graph.nodes().iter() {
        if graph.is_in_steps(inference.loops.homes[id.index()]) {
            // the body of steps is typed with them
            inference.known.push(None);
            inference.operands.push(Operand::literal(Literal::Int(0)));
            continue;
        }
        let operand = inference.node(id, node).map_err(|error| inference.place(error, id))?;
        inference.known.push(inference.find_known(node));
        inference.operands.push(operand);
    }
    let mut results = Vec::with_capacity(graph.results().len());
    for id in graph.results() {
        inference.check_left(*id, None)?;
        let result = inference.whole(*id).and_then(|node| match inference.typed[node].dtype.kind() {
            Kind::Bytes => {
                let message = "byte strings are compared and searched, and are no results";
                Err(Error::new(ErrorKind::Unsupported, message))
            }
            _ => Ok(node),
        });
        results.push(result.map_err(|error| inference.place(error, *id))?);
    }
    Ok(inference.typed.finish(results))
}

struct Inference<'a> {
    graph: &'a Graph,
    signature: &'a Signature,
    typed: TypedBuilder,
    operands: Vec<Operand>,
    /// The values of nodes that are numbers whatever the arrays.
    known: Vec<Option<Literal>>,
    /// The nodes of which a mask leaves some elements only.
    selections: HashMap<NodeId, Selection>,
    /// What loops' variables are, and which nodes depend on them.
    loops: &'a mut Loops,
    /// The variables of steps of which none is taken.
    unstepped: HashMap<NodeId, Vec<TypedId>>,
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
        self.check_elementwise(id, node)?;
        Ok(match node {
            Node::Input(input) => self.input(*input),
            Node::Literal(value) => Operand::literal(*value),
            Node::Scalar(value) => Operand::strong(self.typed.constant(*value)),
            Node::Text(bytes) => Operand::strong(self.typed.text(bytes)),
            Node::Apply(op, _) => {
                if let Some(selection) = self.selection(node.args())? {
                    self.selections.insert(id, selection);
                }
                self.apply(*op, node.args())?
            }
            Node::Call(function, _) => self.call(id, function, node.args())?,
            Node::Truth(of) => {
                self.pass_on_selection(*of, id);
                let operand = self.operands[of.index()];
                if self.dtype(operand) != DType::Bool {
                    let message = format!("{}, not boolean", self.describe(*of));
                    let help = "`and`, `or` and `not` work on booleans; `&`, `|` and `~` on bits";
                    return Err(Error::new(ErrorKind::Type, message).with_help(help));
                }
                operand
            }
            Node::Cast(_, of) if self.dtype(self.operands[of.index()]).kind() == Kind::Bytes => {
                let message = format!("{}, which is no number", self.describe(*of));
                return Err(Error::new(ErrorKind::Type, message));
            }
            Node::Cast(dtype, of) => {
                self.pass_on_selection(*of, id);
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
            Node::Reduce(how, args) => self.reduce(how, args)?,
            Node::Scan { kind, of, axis, dtype } => self.scan(*kind, *of, *axis, *dtype)?,
            Node::View(view, of) => self.view(view, *of)?,
            Node::Source(source, args) => self.source(*source, args)?,
            Node::Select(args) => self.select(id, *args)?,
            Node::Take(args, axis) => self.take(*args, *axis)?,
            Node::Contract(how, args) => self.contract(how, args)?,
            Node::Param(region, k) => self.param(*region, *k)?,
            Node::Repeat(region) => match self.graph.regions()[*region].kind {
                RegionKind::Elements => self.repeat(*region)?,
                RegionKind::Steps => self.steps(id, *region)?,
            },
            Node::Result(of, k) => self.left(*of, *k)?,
        })
    }

    fn input(&mut self, input: crate::graph::InputId) -> Operand {
        let ty = &self.signature.inputs()[input.index()];
        let node = self.typed.input(input);
        // 16-bit floats are computed as f32 from the start, and stay it
        let node = match ty.dtype {
            DType::F16 | DType::BF16 => self.typed.cast(DType::F32, node),
            _ => node,
        };
        match ty.weak {
            None => Operand::strong(node),
            Some(weak) => Operand::weak(node, ty.dtype.kind(), weak),
        }
    }

    fn apply(&mut self, op: Op, args: &[NodeId]) -> Result<Operand> {
        let info = op.info();
        let operands: Operands = args.iter().map(|a| self.operands[a.index()]).collect();
        match info.typing {
            Typing::Power => return self.power(args, &operands),
            Typing::Choose => return self.choose(op, args, &operands),
            Typing::Scale => return self.scale(op, args, &operands),
            Typing::Comparison if self.signs_differ(&operands) => {
                return self.compare_signs(op, args, &operands);
            }
            _ => {}
        }
        let width = self.common(&operands)?;
        let types = typing::types(op, width.dtype)?;
        if width.dtype.kind() == Kind::Bytes {
            return self.search(op, args, &operands);
        }
        let mut nodes = self.resolve_all(&operands, types.operands)?;
        self.check_broadcast(op, args, &nodes)?;
        let node = match (info.typing, types.operands.kind()) {
            // whole numbers are their own floor, real ones their own real part, truth values their own magnitude
            (Typing::Rounding, Kind::Bool | Kind::Int) | (Typing::Magnitude, Kind::Bool) => nodes[0],
            // no integer is NaN or infinite, and every integer equals itself
            (Typing::Predicate, Kind::Bool | Kind::Int) => {
                let answer = match op {
                    Op::IsFinite => Op::Eq,
                    Op::SignBit => {
                        nodes[1] = self.typed.constant(small(0, types.operands));
                        Op::Lt
                    }
                    _ => Op::Ne,
                };
                let other = if op == Op::SignBit { nodes[1] } else { nodes[0] };
                self.typed.apply(answer, DType::Bool, [nodes[0], other, nodes[0]])
            }
            _ => self.typed.apply(op, types.result, nodes),
        };
        Ok(self.with_width(node, width, info.symbol.is_some()))
    }

    /// A comparison of byte strings, or a search in them: their lengths stay their own.
    fn search(&mut self, op: Op, args: &[NodeId], operands: &[Operand]) -> Result<Operand> {
        let mut nodes = [self.settle(operands[0])?; 3];
        nodes[1] = self.settle(operands[1])?;
        for (arg, node) in args.iter().zip(nodes) {
            if self.typed[node].dtype.kind() != Kind::Bytes {
                let message =
                    format!("{}, and `{}` has a byte string beside it", self.describe(*arg), symbol(op));
                return Err(Error::new(ErrorKind::Type, message));
            }
        }
        self.check_broadcast(op, args, &nodes)?;
        Ok(Operand::strong(self.typed.apply(op, DType::Bool, nodes)))
    }

    /// `ldexp`: a float and an integer of its width.
    fn scale(&mut self, op: Op, args: &[NodeId], operands: &[Operand]) -> Result<Operand> {
        let (value, count) = (self.dtype(operands[0]), self.dtype(operands[1]));
        if matches!(value.kind(), Kind::Complex | Kind::Bytes) {
            let message = format!("{}, and `{}` scales real numbers", self.describe(args[0]), symbol(op));
            return Err(Error::new(ErrorKind::Type, message));
        }
        if !matches!(count.kind(), Kind::Bool | Kind::Int) || count == DType::U64 {
            let message = format!(
                "{}, and `{}` scales by powers of two: an i64 says which",
                self.describe(args[1]),
                symbol(op)
            );
            return Err(Error::new(ErrorKind::Type, message));
        }
        let width = self.common(&operands[..1])?;
        let dtype = width.dtype.float();
        let value = self.resolve(operands[0], dtype)?;
        let mut count = self.settle(operands[1])?;
        if dtype == DType::F32 {
            // any count beyond 512 is as good as that
            let limit = self.typed.constant(Scalar::I64(512));
            let least = self.typed.constant(Scalar::I64(-512));
            let wide = self.typed.cast(DType::I64, count);
            let low = self.typed.apply(Op::Minimum, DType::I64, [wide, limit, wide]);
            let both = self.typed.apply(Op::Maximum, DType::I64, [low, least, low]);
            count = self.typed.cast(DType::I32, both);
        } else {
            count = self.typed.cast(DType::I64, count);
        }
        self.check_broadcast(op, args, &[value, count, value])?;
        Ok(Operand::strong(self.typed.apply(op, dtype, [value, count, value])))
    }

    /// Whether a u64 meets an integer with a sign: their common type is f64, in which they cannot be compared.
    fn signs_differ(&self, operands: &[Operand]) -> bool {
        let strong = |k: usize| (!operands[k].is_weak()).then(|| self.dtype(operands[k]));
        let (Some(a), Some(b)) = (strong(0), strong(1)) else { return false };
        let signed = |dtype: DType| dtype.kind() == Kind::Int && !dtype.is_unsigned();
        (a == DType::U64 && signed(b)) || (signed(a) && b == DType::U64)
    }

    /// Compares a u64 with an integer that has a sign, exactly: what is negative is less.
    fn compare_signs(&mut self, op: Op, args: &[NodeId], operands: &[Operand]) -> Result<Operand> {
        let (a, b) = (self.settle(operands[0])?, self.settle(operands[1])?);
        self.check_broadcast(op, args, &[a, b, a])?;
        let signed = if self.typed[a].dtype == DType::U64 { b } else { a };
        let zero = self.typed.constant(small(0, self.typed[signed].dtype));
        let negative = self.typed.apply(Op::Lt, DType::Bool, [signed, zero, signed]);
        let (x, y) = (self.typed.cast(DType::U64, a), self.typed.cast(DType::U64, b));
        let magnitudes = self.typed.apply(op, DType::Bool, [x, y, x]);
        let is_less = signed == a && matches!(op, Op::Lt | Op::Le);
        let node = if is_less || op == Op::Ne {
            self.typed.apply(Op::Or, DType::Bool, [negative, magnitudes, negative])
        } else {
            let natural = self.typed.apply(Op::Not, DType::Bool, [negative; 3]);
            self.typed.apply(Op::And, DType::Bool, [natural, magnitudes, natural])
        };
        Ok(Operand::strong(node))
    }

    /// An operator on weak numbers given at run time is weak if it is no integer; integers have left their range.
    fn with_width(&self, node: TypedId, width: Width, operator: bool) -> Operand {
        let dtype = self.typed[node].dtype;
        match width.weak && operator && matches!(dtype.kind(), Kind::Float | Kind::Complex) {
            true => Operand::weak(node, dtype.kind(), Weak::ANY),
            false => Operand::strong(node),
        }
    }

    fn choose(&mut self, op: Op, args: &[NodeId], operands: &[Operand]) -> Result<Operand> {
        let width = self.common(&operands[1..])?;
        if width.dtype.kind() == Kind::Bytes {
            let message = "`where` is not defined for byte strings: they are compared and searched, no more";
            return Err(Error::new(ErrorKind::Type, message));
        }
        let condition = self.truth(operands[0])?;
        let chosen = self.resolve_all(&operands[1..], width.dtype)?;
        let nodes = [condition, chosen[0], chosen[1]];
        self.check_broadcast(op, args, &nodes)?;
        Ok(Operand::strong(self.typed.apply(op, width.dtype, nodes)))
    }

    /// What is not zero.
    fn truth(&mut self, operand: Operand) -> Result<TypedId> {
        let node = self.settle(operand)?;
        match self.typed[node].dtype.kind() {
            Kind::Bytes => Err(Error::new(ErrorKind::Type, "a byte string is neither true nor false")),
            _ => Ok(self.typed.cast(DType::Bool, node)),
        }
    }

    fn dtype(&self, operand: Operand) -> DType {
        match (operand.as_literal(), operand.node()) {
            (Some(value), _) => value.default_dtype(),
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

/// The constant of a type, for rules that need a small number.
fn small(value: i8, dtype: DType) -> Scalar {
    Literal::Int(value.into()).to_scalar(dtype).unwrap_or(Scalar::I8(value))
}
