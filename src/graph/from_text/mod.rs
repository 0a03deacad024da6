//! Syntax tree to graph: where names get their meaning.
//!
//! One loop over the tree's nodes, arguments first. Functions, constants and casts are looked up here; every
//! other name is an input.

use num_complex::Complex;
use numfuse_kernels::Op;

mod arrays;
mod calls;
mod index;

pub(crate) use arrays::{ArrayFunction, ArrayGroup};

use super::{Builder, Contraction, Graph, Item, NodeId, Supply, View};
use crate::dtype::Literal;
use crate::error::{Error, ErrorKind, Result};
use crate::names;
use crate::syntax::{Ast, BinaryOp, CompareOp, Expr, ExprId, Limits, List, LogicalOp, UnaryOp};

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
}

struct Lowering<'a> {
    ast: &'a Ast,
    /// The functions besides the language's own.
    supply: &'a Supply,
    builder: Builder,
    values: Vec<Value>,
}

/// The graph of a syntax tree, which may call the functions of a supply.
///
/// # Errors
/// Unknown functions, wrong numbers or kinds of arguments, literals that Python refuses; all with their place.
pub(crate) fn graph(ast: &Ast, limits: &Limits, supply: &Supply) -> Result<Graph> {
    let mut lowering = Lowering {
        ast,
        supply,
        builder: Builder::of_text(ast.source().clone()),
        values: Vec::with_capacity(ast.len()),
    };
    for (id, expr) in ast.iter() {
        lowering.builder.at(ast.span(id).into());
        let value = lowering.value(id, expr).map_err(|e| match e.span() {
            Some(_) => e,
            None => e.at(ast.span(id)),
        });
        lowering.values.push(value.map_err(|e| e.in_text(ast.source().clone()))?);
        if lowering.builder.node_count() > limits.nodes {
            let message = format!("the expression has more than {} operations", limits.nodes);
            return Err(Error::new(ErrorKind::Limit, message));
        }
    }
    lowering.results().map_err(|e| e.in_text(ast.source().clone()))
}

impl Lowering<'_> {
    /// The graph, once all nodes are in it.
    fn results(mut self) -> Result<Graph> {
        let mut results = Vec::with_capacity(self.ast.results().len());
        let mut names = Vec::with_capacity(self.ast.results().len());
        if let Some(result) = self.ast.results().get(MOST_RESULTS) {
            let message = format!("the program has more than {MOST_RESULTS} results");
            return Err(Error::new(ErrorKind::Limit, message).at(self.ast.span(result.value)));
        }
        for result in self.ast.results() {
            let name = result.name.map(|name| (self.ast.text(name), name));
            if let Some((text, span)) = name
                && CONSTANTS.iter().any(|(constant, _)| *constant == text)
            {
                let message = format!("`{text}` is a constant of the language, and no name for a result");
                return Err(Error::new(ErrorKind::Syntax, message).at(span));
            }
            results.push(self.node(result.value)?);
            names.push(name.map(|(text, _)| text.into()));
        }
        self.builder.name_results(names);
        Ok(self.builder.finish(results))
    }

    fn node(&mut self, id: ExprId) -> Result<NodeId> {
        let what = match self.values[id.index()] {
            Value::Node(node) => return Ok(node),
            Value::List(items) => return self.array(id, items),
            Value::None => "`None` is no number",
            Value::Tuple(_) => "a tuple is no number",
            Value::Item(_) => "a slice is no number",
        };
        Err(Error::new(ErrorKind::Type, what).at(self.ast.span(id)))
    }

    fn literal(&mut self, value: Literal) -> Value {
        Value::Node(self.builder.literal(value))
    }

    fn value(&mut self, id: ExprId, expr: Expr) -> Result<Value> {
        Ok(match expr {
            Expr::Name => self.name(self.ast.name(id)),
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
                let args = [self.node(a)?, self.node(b)?];
                Value::Node(match operation(op) {
                    Some(op) => self.builder.operator(op, &args)?,
                    None => self.builder.contract(Contraction::MatMul, args.to_vec()),
                })
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

    fn name(&mut self, name: &str) -> Value {
        match CONSTANTS.iter().find(|(constant, _)| *constant == name) {
            Some((constant, value)) => Value::Node(self.builder.constant(constant, *value)),
            None => Value::Node(self.builder.input(name)),
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
