//! Calls: functions by their names, arguments by position and by name.

use numfuse_kernels::Op;
use smallvec::SmallVec;

use super::arrays::ArrayFunction;
use super::functions::Functions;
use super::{Lowering, Value};
use crate::dtype::{DType, Literal};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::composed::Missing;
use crate::graph::{Axes, Composed, NodeId, Reduce, Reduction, Source, Supply};
use crate::names;
use crate::syntax::{Expr, ExprId, Keyword, List, Span};

/// Functions of NumPy's that a pass over data does not compute, with what there is instead.
const MISSING: [(&str, &str); 4] = [
    ("median", "the middle element needs all of them in order: sort a copy, or take `mean`"),
    ("percentile", "it needs all elements in order: sort a copy"),
    ("sort", "the order of elements is not one pass's to find"),
    ("concatenate", "an expression has one shape: run one for each part, with `run_into`"),
];

impl Lowering<'_> {
    pub(super) fn call(&mut self, name: Span, args: List<ExprId>, keywords: List<Keyword>) -> Result<NodeId> {
        let (text, args, keywords) = (self.ast.text(name), self.ast.items(args), self.ast.keywords(keywords));
        if let Some(kind) = Reduction::from_name(text) {
            return self.reduction(kind, text, args, keywords);
        }
        if let Some(function) = ArrayFunction::from_name(text) {
            return self.array_function(function, text, args, keywords);
        }
        if let Some(function) = Composed::from_name(text) {
            return self.composed(function, text, args, keywords);
        }
        if text == "einsum" && keywords.is_empty() {
            return self.einsum(args);
        }
        if text == "len" {
            let [of] = args else { return Err(arity("len", &["x"], args.len() + keywords.len())) };
            if let Some(keyword) = keywords.first() {
                let message = "`len` takes no keyword arguments";
                return Err(Error::new(ErrorKind::Syntax, message).at(keyword.name));
            }
            let of = self.node(*of)?;
            return Ok(self.builder.source(Source::Len, vec![of]));
        }
        if text == "astype" {
            return self.astype(args, keywords);
        }
        if let Some(function) = self.supply.find(text) {
            if let Some(keyword) = keywords.first() {
                let message = format!("`{text}` takes no keyword arguments");
                return Err(Error::new(ErrorKind::Syntax, message).at(keyword.name));
            }
            if args.len() != function.arity() {
                return Err(arity(text, &["x", "y", "z"][..function.arity()], args.len()));
            }
            let nodes = args.iter().map(|a| self.node(*a)).collect::<Result<Vec<_>>>()?;
            return Ok(self.builder.call(function, &nodes));
        }
        let op = Op::from_name(text);
        let dtype = DType::from_name(text);
        let params = match (op, dtype) {
            (Some(op), _) => op.info().params,
            (None, Some(_)) => &["x"],
            (None, None) => return Err(unknown_function(text, &self.functions, self.supply).at(name)),
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
        let params: SmallVec<[(&str, bool); 6]> =
            function.params.iter().map(|p| (p.name, matches!(p.default, Missing::Error))).collect();
        let given = self.arguments(text, &params, &signature, args, keywords)?;
        let mut nodes: Vec<Option<NodeId>> = Vec::with_capacity(given.len());
        for arg in given {
            nodes.push(match arg {
                Some(id) if self.is_none(id) => None,
                Some(id) => Some(self.node(id)?),
                None => None,
            });
        }
        function.build(&mut self.builder, &nodes)
    }

    /// What each parameter is given, by position or by name. `params` are names, and whether they must be given.
    pub(super) fn arguments(
        &self,
        text: &str,
        params: &[(&str, bool)],
        signature: &[String],
        args: &[ExprId],
        keywords: &[Keyword],
    ) -> Result<Vec<Option<ExprId>>> {
        let required = params.iter().filter(|(_, required)| *required).count();
        let words: Vec<&str> = signature.iter().map(String::as_str).collect();
        if args.len() > params.len() || (keywords.is_empty() && args.len() < required) {
            return Err(arity(text, &words, args.len()));
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
            match params.iter().position(|(parameter, _)| *parameter == name) {
                None => {
                    let message = format!("`{text}` has no argument `{}`", names::shortened(name));
                    return Err(error(message).with_help(format!("{text}({})", words.join(", "))));
                }
                Some(k) if given[k].is_some() => {
                    return Err(error(format!("`{text}` gets its argument `{name}` twice")));
                }
                Some(k) => given[k] = Some(keyword.value),
            }
        }
        Ok(given)
    }

    /// `astype(x, f32)`, `x.astype('float32')`.
    fn astype(&mut self, args: &[ExprId], keywords: &[Keyword]) -> Result<NodeId> {
        let (of, dtype) = match (args, keywords) {
            ([of, dtype], []) => (*of, *dtype),
            ([of], [keyword]) if self.ast.text(keyword.name) == "dtype" => (*of, keyword.value),
            _ => return Err(arity("astype", &["x", "dtype"], args.len() + keywords.len())),
        };
        let dtype = self.dtype(dtype, "astype")?;
        let of = self.node(of)?;
        Ok(self.builder.cast(dtype, of))
    }

    /// The type that an argument names.
    pub(super) fn dtype(&self, id: ExprId, function: &str) -> Result<DType> {
        let name = match self.ast.node(id) {
            Expr::Name => self.ast.name(id),
            Expr::Str(text) => self.ast.string(text),
            _ => "",
        };
        DType::from_name(name).ok_or_else(|| {
            let message = match name {
                "" => format!("`{function}` takes the name of a type"),
                _ => format!("there is no type `{}`", names::shortened(name)),
            };
            let names = DType::ALL.map(DType::name).join(", ");
            let error = Error::new(ErrorKind::Type, message).at(self.ast.span(id));
            error.with_help(format!("the types are {names}"))
        })
    }

    fn reduction(
        &mut self,
        kind: Reduction,
        text: &str,
        args: &[ExprId],
        keywords: &[Keyword],
    ) -> Result<NodeId> {
        let mut how = Reduce::of(kind);
        let mut mask = None;
        let mut given: SmallVec<[(&str, Span, ExprId); 4]> = SmallVec::new();
        if args.is_empty() || args.len() > 2 {
            let params: Vec<String> = kind.params().iter().map(|p| p.text()).collect();
            return Err(arity(text, &params.iter().map(String::as_str).collect::<Vec<_>>(), args.len()));
        }
        let of = self.node(args[0])?;
        if let Some(axis) = args.get(1) {
            given.push(("axis", self.ast.span(*axis), *axis));
        }
        let ast = self.ast; // keywords borrow from it, not from the lowering
        for keyword in keywords {
            let name = ast.text(keyword.name);
            if given.iter().any(|(other, ..)| *other == name) {
                let message = format!("`{text}` gets its {name} twice");
                return Err(Error::new(ErrorKind::Arity, message).at(keyword.name));
            }
            given.push((name, keyword.name, keyword.value));
        }
        for (name, span, value) in given {
            if !kind.params().iter().any(|parameter| parameter.name == name) {
                let message = format!("`{text}` has no argument `{}`", names::shortened(name));
                let names: Vec<&str> = kind.params()[1..].iter().map(|p| p.name).collect();
                let help = format!("it takes `{}`", names.join("`, `"));
                return Err(Error::new(ErrorKind::Arity, message).at(span).with_help(help));
            }
            match name {
                "axis" => {
                    how.axes = self.axes(value).map_err(|error| match kind {
                        Reduction::Min => error.with_help("the smaller of two values is `minimum(a, b)`"),
                        Reduction::Max => error.with_help("the larger of two values is `maximum(a, b)`"),
                        _ => error,
                    })?;
                    if kind.is_of_places()
                        && let Axes::Some(list) = &how.axes
                        && list.len() != 1
                    {
                        let message = format!("`{text}` takes one axis, or none");
                        return Err(Error::new(ErrorKind::Axis, message).at(span));
                    }
                }
                "keepdims" => how.keep = self.truth_literal(value, "keepdims")?,
                "where" => {
                    let node = self.node(value)?;
                    // everything counts, as if nothing were said
                    mask = Some(node).filter(|n| self.builder.literal_of(*n) != Some(Literal::Bool(true)));
                }
                "ddof" => how.ddof = self.integer(value)? as i32,
                _ if self.is_none(value) => {}
                _ => how.dtype = Some(self.dtype(value, text)?),
            }
        }
        Ok(self.builder.reduce(how, of, mask))
    }

    /// A tuple or list of literals, or one of them.
    pub(super) fn listed<'s>(&'s self, id: &'s ExprId) -> &'s [ExprId] {
        match self.values[id.index()] {
            Value::Tuple(items) | Value::List(items) => self.ast.items(items),
            Value::Node(_) | Value::None | Value::Item(_) | Value::Type => std::slice::from_ref(id),
        }
    }

    pub(super) fn axes(&self, id: ExprId) -> Result<Axes> {
        if matches!(self.values[id.index()], Value::None) {
            return Ok(Axes::All);
        }
        Ok(Axes::Some(self.axis_list(id)?))
    }

    pub(super) fn axis_list(&self, id: ExprId) -> Result<Vec<i32>> {
        self.listed(&id).iter().map(|axis| self.axis(*axis)).collect()
    }

    pub(super) fn axis(&self, id: ExprId) -> Result<i32> {
        match self.literal_at(id) {
            Some(Literal::Int(v)) => i32::try_from(v).map_err(|_| {
                Error::new(ErrorKind::Axis, format!("there is no axis {v}")).at(self.ast.span(id))
            }),
            _ => Err(Error::new(ErrorKind::Type, "an axis is an integer literal, a tuple of them, or None")
                .at(self.ast.span(id))),
        }
    }

    pub(super) fn literal_at(&self, id: ExprId) -> Option<Literal> {
        match self.values[id.index()] {
            Value::Node(node) => self.builder.literal_of(node),
            Value::None | Value::Tuple(_) | Value::List(_) | Value::Item(_) | Value::Type => None,
        }
    }

    /// An integer literal; as far as no array reaches, the nearest there is.
    pub(super) fn integer(&self, id: ExprId) -> Result<i64> {
        match self.literal_at(id) {
            Some(Literal::Int(v)) => Ok(v.clamp(i64::MIN.into(), i64::MAX.into()) as i64),
            _ => Err(Error::new(ErrorKind::Type, "an integer literal is needed").at(self.ast.span(id))),
        }
    }

    /// Integer literals: one, or a tuple or list of them.
    pub(super) fn integers(&self, id: ExprId) -> Result<Vec<i64>> {
        self.listed(&id).iter().map(|item| self.integer(*item)).collect()
    }

    /// Extents of a shape.
    pub(super) fn extents(&self, id: ExprId) -> Result<Vec<usize>> {
        let extent = |n: i64| {
            usize::try_from(n).map_err(|_| {
                Error::new(ErrorKind::Shape, format!("{n} is no number of elements")).at(self.ast.span(id))
            })
        };
        self.integers(id)?.into_iter().map(extent).collect()
    }

    /// Nodes that a shape depends on: one, or a tuple or list of them.
    pub(super) fn shape_nodes(&mut self, id: ExprId) -> Result<Vec<NodeId>> {
        let items = self.listed(&id).to_vec();
        items.into_iter().map(|item| self.node(item)).collect()
    }

    pub(super) fn truth_literal(&self, id: ExprId, what: &str) -> Result<bool> {
        match self.literal_at(id) {
            Some(Literal::Bool(v)) => Ok(v),
            _ => {
                Err(Error::new(ErrorKind::Type, format!("{what} is `True` or `False`")).at(self.ast.span(id)))
            }
        }
    }

    pub(super) fn is_none(&self, id: ExprId) -> bool {
        matches!(self.values[id.index()], Value::None)
    }
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

/// The error for a call of what is neither the language's nor the program's.
pub(super) fn unknown_function(name: &str, own: &Functions<'_>, supply: &Supply) -> Error {
    if name == "steps" {
        return Error::new(ErrorKind::Syntax, "`steps(…)` is a statement of its own, and no value")
            .with_help("its variables have their last values behind it: `steps(10, u = 2*u); u + 1`");
    }
    let functions = Op::ALL.iter().filter(|op| !op.info().internal).flat_map(|op| op.info().names);
    let reductions = Reduction::ALL.iter().flat_map(|r| r.names());
    let casts = DType::ALL.map(DType::name);
    let composed = Composed::all().iter().flat_map(|function| function.names);
    let arrays = ArrayFunction::all().flat_map(|function| function.names);
    let known = functions.chain(composed).chain(arrays).chain(reductions).copied().chain(casts);
    let known = known.chain(own.names()).chain(supply.names()).chain(["len"]);
    let error =
        Error::new(ErrorKind::UnknownFunction, format!("there is no function `{}`", names::shortened(name)));
    if let Some((_, why)) = MISSING.iter().find(|(other, _)| *other == name) {
        return error.with_help(*why);
    }
    match names::nearest(name, known) {
        Some(near) => error.with_help(format!("did you mean `{near}`?")),
        None => error,
    }
}
