//! Syntax tree to graph: where names get their meaning.
//!
//! One loop over the tree's nodes, arguments first. Functions, constants and casts are looked up here; every
//! other name is an input.

use num_complex::Complex;
use numfuse_kernels::Op;

use super::composed::Missing;
use super::{Axes, Builder, Composed, Graph, NodeId, Reduction};
use crate::dtype::{DType, Literal};
use crate::error::{Error, ErrorKind, Result};
use crate::names;
use crate::syntax::{
    Ast, BinaryOp, CompareOp, Expr, ExprId, Keyword, Limits, List, LogicalOp, Span, UnaryOp,
};

/// The weak constants that names stand for; no input can take their place.
pub(crate) const CONSTANTS: [(&str, f64); 4] =
    [("pi", std::f64::consts::PI), ("e", std::f64::consts::E), ("inf", f64::INFINITY), ("nan", f64::NAN)];

/// Functions of NumPy's that the language writes with others: the nearest name would be another function.
const WRITTEN_OUT: [(&str, &str); 3] =
    [("var", "mean((x - mean(x))**2)"), ("std", "sqrt(mean((x - mean(x))**2))"), ("dot", "sum(a*b)")];

/// What an expression of the tree is.
#[derive(Clone, Copy)]
enum Value {
    Node(NodeId),
    None,
    Tuple(List<ExprId>),
}

struct Lowering<'a> {
    ast: &'a Ast,
    builder: Builder,
    values: Vec<Value>,
}

/// The graph of a syntax tree.
///
/// # Errors
/// Unknown functions, wrong numbers or kinds of arguments, literals that Python refuses; all with their place.
pub(crate) fn graph(ast: &Ast, limits: &Limits) -> Result<Graph> {
    let mut lowering = Lowering {
        ast,
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
    let root = lowering.node(ast.root()).map_err(|e| e.in_text(ast.source().clone()))?;
    Ok(lowering.builder.finish(vec![root]))
}

impl Lowering<'_> {
    fn node(&self, id: ExprId) -> Result<NodeId> {
        let (kind, what) = match self.values[id.index()] {
            Value::Node(node) => return Ok(node),
            Value::None => (ErrorKind::Type, "`None` is no number"),
            Value::Tuple(_) => {
                (ErrorKind::Type, "a tuple is no number; several results are not part of the language")
            }
        };
        Err(Error::new(kind, what).at(self.ast.span(id)))
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
            Expr::Unary(op, of) => {
                let of = self.node(of)?;
                Value::Node(self.unary(op, of)?)
            }
            Expr::Binary(op, a, b) => {
                let args = [self.node(a)?, self.node(b)?];
                Value::Node(self.builder.operator(operation(op), &args)?)
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
                let op = match self.ast.text(name) {
                    "real" => Op::Real,
                    "imag" => Op::Imag,
                    other => {
                        let message = format!("there is no attribute `.{}`", names::shortened(other));
                        return Err(unsupported(message));
                    }
                };
                let of = self.node(of)?;
                Value::Node(self.builder.apply(op, &[of]))
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

    fn call(&mut self, name: Span, args: List<ExprId>, keywords: List<Keyword>) -> Result<NodeId> {
        let (text, args, keywords) = (self.ast.text(name), self.ast.items(args), self.ast.keywords(keywords));
        if let Some(kind) = Reduction::from_name(text) {
            return self.reduction(kind, text, args, keywords);
        }
        if let Some(function) = Composed::from_name(text) {
            return self.composed(function, text, args, keywords);
        }
        if text == "astype" {
            return self.astype(args, keywords);
        }
        let op = Op::from_name(text);
        let dtype = DType::from_name(text);
        let params = match (op, dtype) {
            (Some(op), _) => op.info().params,
            (None, Some(_)) => &["x"],
            (None, None) => return Err(unknown_function(text).at(name)),
        };
        if let Some(keyword) = keywords.first() {
            let message = format!("`{text}` takes no keyword arguments");
            return Err(Error::new(ErrorKind::Syntax, message).at(keyword.name));
        }
        if args.len() != params.len() {
            return Err(arity(text, params, args.len()));
        }
        let nodes = args.iter().map(|a| self.node(*a)).collect::<Result<Vec<_>>>()?;
        Ok(match (op, dtype) {
            (Some(op), _) => self.builder.apply(op, &nodes),
            (None, Some(dtype)) => self.builder.cast(dtype, nodes[0]),
            (None, None) => unreachable!("unknown functions have left above"),
        })
    }

    /// A function with defaults: arguments by position or by name.
    fn composed(
        &mut self,
        function: &Composed,
        text: &str,
        args: &[ExprId],
        keywords: &[Keyword],
    ) -> Result<NodeId> {
        let signature = function.signature();
        let params: Vec<&str> = signature.iter().map(String::as_str).collect();
        let required = function.params.iter().filter(|p| matches!(p.default, Missing::Error)).count();
        if args.len() > params.len() || (keywords.is_empty() && args.len() < required) {
            return Err(arity(text, &params, args.len()));
        }
        let mut given: Vec<Option<ExprId>> = vec![None; params.len()];
        for (place, arg) in given.iter_mut().zip(args) {
            *place = Some(*arg);
        }
        for keyword in keywords {
            let name = self.ast.text(keyword.name);
            let error = |message: String| Error::new(ErrorKind::Arity, message).at(keyword.name);
            // a function that takes no defaults takes no keywords either, like a row of the op table
            if required == params.len() {
                let message = format!("`{text}` takes no keyword arguments");
                return Err(Error::new(ErrorKind::Syntax, message).at(keyword.name));
            }
            match function.params.iter().position(|parameter| parameter.name == name) {
                None => {
                    let message = format!("`{text}` has no argument `{}`", names::shortened(name));
                    return Err(error(message).with_help(format!("{text}({})", params.join(", "))));
                }
                Some(k) if given[k].is_some() => {
                    return Err(error(format!("`{text}` gets its argument `{name}` twice")));
                }
                Some(k) => given[k] = Some(keyword.value),
            }
        }
        let node = |arg: Option<ExprId>| match arg {
            Some(id) if matches!(self.values[id.index()], Value::None) => Ok(None),
            Some(id) => self.node(id).map(Some),
            None => Ok(None),
        };
        let nodes = given.into_iter().map(node).collect::<Result<Vec<_>>>()?;
        function.build(&mut self.builder, &nodes)
    }

    /// `astype(x, f32)`, `x.astype('float32')`.
    fn astype(&mut self, args: &[ExprId], keywords: &[Keyword]) -> Result<NodeId> {
        let (of, dtype) = match (args, keywords) {
            ([of, dtype], []) => (*of, *dtype),
            ([of], [keyword]) if self.ast.text(keyword.name) == "dtype" => (*of, keyword.value),
            _ => return Err(arity("astype", &["x", "dtype"], args.len() + keywords.len())),
        };
        let name = match self.ast.node(dtype) {
            Expr::Name => self.ast.name(dtype),
            Expr::Str(text) => self.ast.string(text),
            _ => "",
        };
        let Some(dtype) = DType::from_name(name) else {
            let message = match name {
                "" => "`astype` takes the name of a type".to_owned(),
                _ => format!("there is no type `{}`", names::shortened(name)),
            };
            let names = DType::ALL.map(DType::name).join(", ");
            let error = Error::new(ErrorKind::Type, message).at(self.ast.span(dtype));
            return Err(error.with_help(format!("the types are {names}")));
        };
        let of = self.node(of)?;
        Ok(self.builder.cast(dtype, of))
    }

    fn reduction(
        &mut self,
        kind: Reduction,
        text: &str,
        args: &[ExprId],
        keywords: &[Keyword],
    ) -> Result<NodeId> {
        if args.is_empty() || args.len() > 2 {
            return Err(arity(text, &["x", "axis=None", "keepdims=False"], args.len()));
        }
        let of = self.node(args[0])?;
        let mut axes = match args.get(1) {
            Some(axis) => Some(self.axes(*axis).map_err(|error| match kind {
                Reduction::Min => error.with_help("the smaller of two values is `minimum(a, b)`"),
                Reduction::Max => error.with_help("the larger of two values is `maximum(a, b)`"),
                Reduction::Sum | Reduction::Prod | Reduction::Mean | Reduction::Any | Reduction::All => error,
                Reduction::Moments => error,
            })?),
            None => None,
        };
        let mut keep = false;
        for keyword in keywords {
            match self.ast.text(keyword.name) {
                "axis" if axes.is_some() => {
                    let message = format!("`{text}` gets its axis twice");
                    return Err(Error::new(ErrorKind::Arity, message).at(keyword.name));
                }
                "axis" => axes = Some(self.axes(keyword.value)?),
                "keepdims" => keep = self.keepdims(keyword.value)?,
                other => {
                    let message = format!("`{text}` has no argument `{}`", names::shortened(other));
                    let help = "it takes `axis` and `keepdims`";
                    return Err(Error::new(ErrorKind::Arity, message).at(keyword.name).with_help(help));
                }
            }
        }
        Ok(self.builder.reduce(kind, of, axes.unwrap_or(Axes::All), keep))
    }

    fn axes(&self, id: ExprId) -> Result<Axes> {
        let ids = match self.values[id.index()] {
            Value::None => return Ok(Axes::All),
            Value::Tuple(items) => self.ast.items(items),
            Value::Node(_) => std::slice::from_ref(&id),
        };
        Ok(Axes::Some(ids.iter().map(|axis| self.axis(*axis)).collect::<Result<_>>()?))
    }

    fn axis(&self, id: ExprId) -> Result<i32> {
        match self.values[id.index()] {
            Value::Node(node) => match self.builder.literal_of(node) {
                Some(Literal::Int(v)) => i32::try_from(v).map_err(|_| {
                    Error::new(ErrorKind::Axis, format!("there is no axis {v}")).at(self.ast.span(id))
                }),
                _ => Err(self.not_an_axis(id)),
            },
            Value::None | Value::Tuple(_) => Err(self.not_an_axis(id)),
        }
    }

    fn not_an_axis(&self, id: ExprId) -> Error {
        Error::new(ErrorKind::Type, "an axis is an integer literal, a tuple of them, or None")
            .at(self.ast.span(id))
    }

    fn keepdims(&self, id: ExprId) -> Result<bool> {
        match self.values[id.index()] {
            Value::Node(node) => match self.builder.literal_of(node) {
                Some(Literal::Bool(v)) => Ok(v),
                _ => Err(Error::new(ErrorKind::Type, "keepdims is `True` or `False`").at(self.ast.span(id))),
            },
            _ => Err(Error::new(ErrorKind::Type, "keepdims is `True` or `False`").at(self.ast.span(id))),
        }
    }
}

fn operation(op: BinaryOp) -> Op {
    match op {
        BinaryOp::Add => Op::Add,
        BinaryOp::Subtract => Op::Sub,
        BinaryOp::Multiply => Op::Mul,
        BinaryOp::Divide => Op::Div,
        BinaryOp::FloorDivide => Op::FloorDiv,
        BinaryOp::Remainder => Op::Rem,
        BinaryOp::Power => Op::Pow,
        BinaryOp::BitAnd => Op::And,
        BinaryOp::BitOr => Op::Or,
        BinaryOp::BitXor => Op::Xor,
        BinaryOp::ShiftLeft => Op::Shl,
        BinaryOp::ShiftRight => Op::Shr,
    }
}

fn unsupported(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unsupported, message)
}

fn arity(name: &str, params: &[&str], given: usize) -> Error {
    let message = match params.len() {
        1 => format!("`{name}` takes one argument, not {given}"),
        n if params[n - 1].contains('=') => {
            format!("`{name}` takes {} arguments, not {given}", params.join(", "))
        }
        n => format!("`{name}` takes {n} arguments, not {given}"),
    };
    Error::new(ErrorKind::Arity, message).with_help(format!("{name}({})", params.join(", ")))
}

fn unknown_function(name: &str) -> Error {
    let functions = Op::ALL.iter().filter(|op| !op.info().internal).flat_map(|op| op.info().names);
    let reductions = Reduction::ALL.iter().flat_map(|r| r.names());
    let casts = DType::ALL.map(DType::name);
    let composed = Composed::all().iter().flat_map(|function| function.names);
    let known = functions.chain(composed).chain(reductions).copied().chain(casts);
    let error =
        Error::new(ErrorKind::UnknownFunction, format!("there is no function `{}`", names::shortened(name)));
    if let Some((_, text)) = WRITTEN_OUT.iter().find(|(other, _)| *other == name) {
        return error.with_help(format!("write `{text}`"));
    }
    match names::nearest(name, known) {
        Some(near) => error.with_help(format!("did you mean `{near}`?")),
        None => error,
    }
}
