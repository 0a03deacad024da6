//! Syntax tree to graph: where names get their meaning.
//!
//! Statement by statement, each one's nodes with arguments first ([`program`]). Functions, constants and casts are
//! looked up here, and names that the program has set ([`scope`]); every other name is an input. The program's own
//! functions are inlined ([`functions`]), loops become regions ([`loops`]).

use num_complex::Complex;
use numfuse_kernels::Op;

mod arrays;
mod calls;
mod functions;
mod index;
mod loops;
mod program;
mod scope;

pub(crate) use arrays::{ArrayFunction, ArrayGroup};

use self::functions::{Activation, Functions};
use self::program::{Flow, Open};
use self::scope::{Bound, Gone, Scope};
use super::{Builder, Contraction, Graph, Item, NodeId, RegionId, Supply, View};
use crate::dtype::{DType, Literal};
use crate::error::{Error, ErrorKind, Result};
use crate::names;
use crate::syntax::{Ast, BinaryOp, CompareOp, Expr, ExprId, Limits, List, LogicalOp, Nodes, Span, UnaryOp};

/// The weak constants that names stand for; no input can take their place.
pub(crate) const CONSTANTS: [(&str, f64); 4] =
    [("pi", std::f64::consts::PI), ("e", std::f64::consts::E), ("inf", f64::INFINITY), ("nan", f64::NAN)];

/// More results are refused: planning takes time in proportion to their square.
const MOST_RESULTS: usize = 1000;

/// What an expression of the tree is.
#[derive(Clone, Copy)]
enum Value {
    Node(NodeId),
    None,
    Tuple(List<ExprId>),
    /// `[a, b]`: a shape, or a short array.
    List(List<ExprId>),
    /// A slice or `...`, inside an index.
    Item(Item),
    /// The name of a type in a function, where no name is an input.
    Type,
}

struct Lowering<'a> {
    ast: &'a Ast,
    limits: &'a Limits,
    /// The functions besides the language's own.
    supply: &'a Supply,
    builder: Builder,
    /// Of every node of the tree that has been evaluated.
    values: Vec<Value>,
    functions: Functions<'a>,
    scope: Scope<'a>,
    flow: Flow,
    /// The statement that is being read, and its nodes that are not evaluated yet.
    at: usize,
    nodes: Nodes,
    calls: Vec<Activation<'a>>,
    open: Vec<Open<'a>>,
    results: Vec<(Option<&'a str>, NodeId)>,
    /// What has been expanded, as the limit on nodes counts.
    spent: usize,
    /// The innermost loop that each of the graph's nodes belongs to, as far as it has been asked.
    owners: Vec<Option<RegionId>>,
}

/// The graph of a syntax tree, which may call the functions of a supply.
///
/// # Errors
/// Unknown functions, wrong numbers or kinds of arguments, literals that Python refuses; all with their place.
pub(crate) fn graph(ast: &Ast, limits: &Limits, supply: &Supply) -> Result<Graph> {
    let lowered = Functions::of(ast, supply).and_then(|functions| {
        let lowering = Lowering {
            ast,
            limits,
            supply,
            builder: Builder::of_text(ast.source().clone()),
            values: vec![Value::None; ast.len()],
            functions,
            scope: Scope::default(),
            flow: Flow { region: None, in_elements: false, path: None, left: None, turns: 1 },
            at: 0,
            nodes: Nodes::default(),
            calls: Vec::new(),
            open: Vec::new(),
            results: Vec::new(),
            spent: 0,
            owners: Vec::new(),
        };
        lowering.run()
    });
    lowered.map_err(|error| error.in_text(ast.source().clone()))
}

impl<'a> Lowering<'a> {
    fn node(&mut self, id: ExprId) -> Result<NodeId> {
        self.node_of(self.values[id.index()], self.ast.span(id))
    }

    /// The node of a value that stands at a place of the text.
    fn node_of(&mut self, value: Value, place: Span) -> Result<NodeId> {
        let what = match value {
            Value::Node(node) => return Ok(node),
            Value::List(items) => return self.array(place, items),
            Value::Type => "a type is no number",
            Value::None => "`None` is no number",
            Value::Tuple(_) => "a tuple is no number",
            Value::Item(_) => "a slice is no number",
        };
        Err(Error::new(ErrorKind::Type, what).at(place))
    }

    fn literal(&mut self, value: Literal) -> Value {
        Value::Node(self.builder.literal(value))
    }

    fn value(&mut self, id: ExprId, expr: Expr) -> Result<Value> {
        Ok(match expr {
            Expr::Name => self.name(self.ast.name(id))?,
            Expr::Int(v) => self.literal(Literal::Int(v)),
            Expr::Float(v) => self.literal(Literal::Float(v)),
            Expr::Bool(v) => self.literal(Literal::Bool(v)),
            Expr::Imaginary(v) => self.literal(Literal::Complex(Complex::new(0.0, v))),
            Expr::None => Value::None,
            Expr::Str(text) => match self.ast.string(text) {
                text if text.is_ascii() => Value::Node(self.builder.text(text.as_bytes())),
                _ => {
                    let message = "a byte string holds ASCII characters and escapes";
                    return Err(Error::new(ErrorKind::Type, message).with_help("write `b'\\xff'` for a byte"));
                }
            },
            Expr::Bytes(bytes) => Value::Node(self.builder.text(self.ast.bytes(bytes))),
            Expr::Tuple(items) => Value::Tuple(items),
            Expr::List(items) => Value::List(items),
            Expr::Subscript { of, items } => Value::Node(self.subscript(of, items)?),
            Expr::Slice { start, stop, step } => {
                let bound = |bound: Option<ExprId>| bound.map(|id| self.integer(id)).transpose();
                Value::Item(Item::Slice { start: bound(start)?, stop: bound(stop)?, step: bound(step)? })
            }
            Expr::Ellipsis => Value::Item(Item::Rest),
            Expr::Unary(op, of) => {
                let of = self.node(of)?;
                Value::Node(self.unary(op, of)?)
            }
            Expr::Binary(op, a, b) => {
                let (a, b) = (self.node(a)?, self.node(b)?);
                Value::Node(self.binary(op, a, b)?)
            }
            Expr::Logical(op, a, b) => {
                let (a, b) = (self.node(a)?, self.node(b)?);
                let args = [self.builder.truth(a), self.builder.truth(b)];
                let op = match op {
                    LogicalOp::And => Op::And,
                    LogicalOp::Or => Op::Or,
                };
                Value::Node(self.builder.operator(op, &args)?)
            }
            Expr::Compare { first, rest } => {
                let mut left = self.node(first)?;
                let mut all = None;
                for link in self.ast.links(rest) {
                    let right = self.node(link.value)?;
                    let one = self.compare(link.op, left, right)?;
                    all = Some(match all {
                        None => one,
                        Some(before) => self.builder.operator(Op::And, &[before, one])?,
                    });
                    left = right;
                }
                Value::Node(all.unwrap_or(left))
            }
            Expr::Call { name, args, keywords } => Value::Node(self.call(name, args, keywords)?),
            Expr::Attribute { of, name } => {
                let of = self.node(of)?;
                Value::Node(match self.ast.text(name) {
                    "real" => self.builder.apply(Op::Real, &[of]),
                    "imag" => self.builder.apply(Op::Imag, &[of]),
                    "T" => self.builder.view(View::Transpose(None), of),
                    other => {
                        let message = format!("there is no attribute `.{}`", names::shortened(other));
                        return Err(Error::new(ErrorKind::Unsupported, message));
                    }
                })
            }
        })
    }

    fn name(&mut self, name: &str) -> Result<Value> {
        match self.scope.get(name) {
            Some(Bound::Value(value)) => return Ok(value),
            Some(Bound::Counter(node)) => return Ok(Value::Node(node)),
            Some(Bound::Gone(why)) => return Err(gone(name, why)),
            None => {}
        }
        if let Some((constant, value)) = CONSTANTS.iter().find(|(constant, _)| *constant == name) {
            return Ok(Value::Node(self.builder.constant(constant, *value)));
        }
        let shown = names::shortened(name);
        if self.functions.get(name).is_some() {
            let error = Error::new(ErrorKind::Type, format!("`{shown}` is a function, and no value"));
            return Err(error.with_help(format!("to call it, write `{shown}(…)`")));
        }
        if self.calls.is_empty() {
            return Ok(Value::Node(self.builder.input(name)));
        }
        if DType::from_name(name).is_some() {
            return Ok(Value::Type);
        }
        let message = format!("`{shown}` is unknown in this function");
        let help = "a function sees its parameters and what it sets itself: give it as a parameter";
        Err(Error::new(ErrorKind::UnknownName, message).with_help(help))
    }

    fn binary(&mut self, op: BinaryOp, a: NodeId, b: NodeId) -> Result<NodeId> {
        match operation(op) {
            Some(op) => self.builder.operator(op, &[a, b]),
            None => Ok(self.builder.contract(Contraction::MatMul, vec![a, b])),
        }
    }

    fn unary(&mut self, op: UnaryOp, of: NodeId) -> Result<NodeId> {
        match op {
            // NumPy's `positive` is the identity where there is a sign to keep
            UnaryOp::Plus => Ok(of),
            UnaryOp::Minus => self.builder.operator(Op::Neg, &[of]),
            UnaryOp::Invert => self.builder.operator(Op::Not, &[of]),
            UnaryOp::Not => {
                let of = self.builder.truth(of);
                Ok(self.builder.apply(Op::Not, &[of]))
            }
        }
    }

    fn compare(&mut self, op: CompareOp, a: NodeId, b: NodeId) -> Result<NodeId> {
        // `a > b` is `b < a`, NaN included: half the kernels
        match op {
            CompareOp::Less => self.builder.operator(Op::Lt, &[a, b]),
            CompareOp::LessEqual => self.builder.operator(Op::Le, &[a, b]),
            CompareOp::Equal => self.builder.operator(Op::Eq, &[a, b]),
            CompareOp::NotEqual => self.builder.operator(Op::Ne, &[a, b]),
            CompareOp::GreaterEqual => self.builder.operator(Op::Le, &[b, a]),
            CompareOp::Greater => self.builder.operator(Op::Lt, &[b, a]),
        }
    }
}

/// The error for a name that only some elements have set.
fn gone(name: &str, why: Gone) -> Error {
    let shown = names::shortened(name);
    let (message, help) = match why {
        Gone::Loop => (
            format!("`{shown}` is set inside of a loop only"),
            format!(
                "set it before the loop, `{shown} = 0`, or `{shown} = {shown}` if it is an input: its last value is then \
                 there behind it"
            ),
        ),
        Gone::Counter => (
            format!("`{shown}` is the variable of a loop, which has ended"),
            format!("copy it in the loop to a name set before: `last = {shown}`"),
        ),
        Gone::Branch => (
            format!("`{shown}` is set in one branch of an `if` only"),
            format!(
                "set it in its `else` as well, `else {{ {shown} = … }}`, or before the `if`: `{shown} = {shown}` if it is an \
                 input"
            ),
        ),
    };
    Error::new(ErrorKind::UnknownName, message).with_help(help)
}

/// The operation of an operator; the product of matrices is none.
fn operation(op: BinaryOp) -> Option<Op> {
    Some(match op {
        BinaryOp::Add => Op::Add,
        BinaryOp::Subtract => Op::Sub,
        BinaryOp::Multiply => Op::Mul,
        BinaryOp::MatrixMultiply => return None,
        BinaryOp::Divide => Op::Div,
        BinaryOp::FloorDivide => Op::FloorDiv,
        BinaryOp::Remainder => Op::Rem,
        BinaryOp::Power => Op::Pow,
        BinaryOp::BitAnd => Op::And,
        BinaryOp::BitOr => Op::Or,
        BinaryOp::BitXor => Op::Xor,
        BinaryOp::ShiftLeft => Op::Shl,
        BinaryOp::ShiftRight => Op::Shr,
    })
}
