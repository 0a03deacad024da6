//! The functions that look at arrays as wholes: views, sources, contractions, and reductions made of others. One row
//! each, with a build from the arguments as they are written.

mod borders;
mod table;

use super::Lowering;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Axes, Compound, Contraction, Einsum, NodeId, Param, Reduce, Reduction, Source, View};
use crate::syntax::{Expr, ExprId, Keyword};

/// A function over whole arrays.
pub(crate) struct ArrayFunction {
    /// Its names in text, NumPy's first.
    pub(crate) names: &'static [&'static str],
    pub(crate) params: &'static [Param],
    pub(crate) group: ArrayGroup,
    /// One line for the list of functions.
    pub(crate) doc: &'static str,
    /// A call, where arguments that must be given are to be written out.
    pub(crate) example: Option<&'static str>,
    build: fn(&mut Lowering<'_>, &Arguments) -> Result<NodeId>,
}

/// What a function over arrays does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ArrayGroup {
    /// It folds over axes.
    Reduction,
    /// It looks at the same elements another way.
    View,
    /// It makes an array of nothing but a shape.
    Source,
    /// It sums products over shared axes.
    Contraction,
    /// It picks elements.
    Selection,
}

/// What each parameter is given.
pub(super) struct Arguments(Vec<Option<ExprId>>);

impl Arguments {
    /// An argument, `None` counting as one.
    fn given(&self, k: usize) -> Option<ExprId> {
        self.0.get(k).copied().flatten()
    }

    fn required(&self, k: usize) -> Result<ExprId> {
        self.given(k).ok_or_else(|| Error::new(ErrorKind::Arity, "an argument is missing"))
    }

    /// An argument other than `None`.
    fn some(&self, lowering: &Lowering<'_>, k: usize) -> Option<ExprId> {
        self.given(k).filter(|id| !lowering.is_none(*id))
    }
}

impl ArrayFunction {
    /// Whether no array's type decides that of its result: numbers do, or what takes the result in.
    pub(crate) fn is_untyped(&self) -> bool {
        match self.group {
            ArrayGroup::Source => self.names[0] != "index",
            ArrayGroup::Selection => self.names[0] == "compress",
            ArrayGroup::Reduction | ArrayGroup::View | ArrayGroup::Contraction => false,
        }
    }

    pub(crate) fn all() -> impl Iterator<Item = &'static ArrayFunction> {
        table::ARRAYS.iter().chain(&table::WITHOUT_NAN).chain(&borders::BORDERED)
    }

    pub(crate) fn from_name(name: &str) -> Option<&'static ArrayFunction> {
        Self::all().find(|function| function.names.contains(&name))
    }
}

impl Lowering<'_> {
    pub(super) fn array_function(
        &mut self,
        function: &ArrayFunction,
        text: &str,
        args: &[ExprId],
        keywords: &[Keyword],
    ) -> Result<NodeId> {
        let signature: Vec<String> = function.params.iter().map(Param::text).collect();
        let params: Vec<(&str, bool)> =
            function.params.iter().map(|p| (p.name, p.default.is_none())).collect();
        // `x.transpose(0, 1)` and `x.reshape(2, 3)` spread what is one argument
        let last = function.params.len() - 1;
        let spreads = matches!(function.names[0], "reshape" | "transpose") && args.len() > last + 1;
        if spreads && keywords.is_empty() {
            let x = self.node(args[0])?;
            let view = match function.names[0] {
                "reshape" => {
                    View::Reshape(args[1..].iter().map(|id| self.integer(*id)).collect::<Result<_>>()?)
                }
                _ => View::Transpose(Some(args[1..].iter().map(|id| self.axis(*id)).collect::<Result<_>>()?)),
            };
            return Ok(self.builder.view(view, x));
        }
        let given = self.arguments(text, &params, &signature, args, keywords)?;
        for (parameter, given) in function.params.iter().zip(&given) {
            if parameter.default.is_none() && given.is_none() {
                let message = format!("`{text}` needs its argument `{}`", parameter.name);
                return Err(Error::new(ErrorKind::Arity, message));
            }
        }
        (function.build)(self, &Arguments(given))
    }

    /// The axes and `keepdims` of a reduction: its second and third arguments.
    fn over(&self, args: &Arguments) -> Result<Reduce> {
        let axes = args.given(1).map_or(Ok(Axes::All), |axes| self.axes(axes))?;
        let keep = args.given(2).map_or(Ok(false), |keep| self.truth_literal(keep, "keepdims"))?;
        Ok(Reduce { axes, keep, ..Reduce::of(Reduction::Sum) })
    }

    fn view(&mut self, args: &Arguments, view: View) -> Result<NodeId> {
        let x = self.node(args.required(0)?)?;
        Ok(self.builder.view(view, x))
    }

    fn diagonal(&self, args: &Arguments) -> Result<(i64, [i32; 2])> {
        let offset = args.given(1).map_or(Ok(0), |offset| self.integer(offset))?;
        let a = args.given(2).map_or(Ok(0), |axis| self.axis(axis))?;
        let b = args.given(3).map_or(Ok(1), |axis| self.axis(axis))?;
        Ok((offset, [a, b]))
    }

    fn full(&mut self, args: &Arguments, value: NodeId) -> Result<NodeId> {
        let mut all = vec![value];
        all.extend(self.shape_nodes(args.required(0)?)?);
        Ok(self.builder.source(Source::Full, all))
    }

    /// Random numbers of a shape and a seed; without a shape, one.
    fn draw(&mut self, shape: Option<ExprId>, seed: ExprId, source: Source, of: &[NodeId]) -> Result<NodeId> {
        let mut all = vec![self.node(seed)?];
        all.extend(of);
        if let Some(shape) = shape {
            all.extend(self.shape_nodes(shape)?);
        }
        Ok(self.builder.source(source, all))
    }

    fn contract(&mut self, args: &Arguments, how: Contraction) -> Result<NodeId> {
        let operands = vec![self.node(args.required(0)?)?, self.node(args.required(1)?)?];
        Ok(self.builder.contract(how, operands))
    }

    fn scan(&mut self, args: &Arguments, kind: Reduction) -> Result<NodeId> {
        let x = self.node(args.required(0)?)?;
        let axis = args.some(self, 1).map(|axis| self.axis(axis)).transpose()?;
        let name = if kind == Reduction::Prod { "cumprod" } else { "cumsum" };
        let dtype = args.some(self, 2).map(|dtype| self.dtype(dtype, name)).transpose()?;
        Ok(self.builder.scan(kind, x, axis, dtype))
    }

    fn compound(&mut self, args: &Arguments, compound: Compound) -> Result<NodeId> {
        let x = self.node(args.required(0)?)?;
        let how = self.over(args)?;
        Ok(compound.build(&mut self.builder, x, &how, None))
    }

    /// `einsum("ij,jk->ik", a, b)`: as many operands as the notation has.
    pub(super) fn einsum(&mut self, args: &[ExprId]) -> Result<NodeId> {
        let notation = args.first().map(|id| (self.ast.node(*id), *id));
        let Some((Expr::Str(text), id)) = notation else {
            let message = "`einsum` takes its notation first, as text";
            return Err(Error::new(ErrorKind::Type, message).with_help("einsum('ij,jk->ik', a, b)"));
        };
        let operands = args[1..].iter().map(|arg| self.node(*arg)).collect::<Result<Vec<_>>>()?;
        let notation = self.ast.string(text);
        let einsum = Einsum::of(notation, operands.len()).map_err(|error| error.at(self.ast.span(id)))?;
        Ok(self.builder.contract(Contraction::Einsum(einsum.into()), operands))
    }
}
