//! The rows of the functions that look beyond an array's ends, and the borders' names.

use super::super::Lowering;
use super::{Arguments, ArrayFunction, ArrayGroup};
use crate::dtype::Literal;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Axes, Border, Param, View};
use crate::names;
use crate::syntax::{Expr, ExprId};

const X: Param = Param::required("x");

pub(super) static BORDERED: [ArrayFunction; 3] = [
    ArrayFunction {
        names: &["shift"],
        params: &[X, Param::required("by"), Param::or("border", "\"constant\""), Param::or("value", "0")],
        group: ArrayGroup::View,
        doc: "Element i is x[i - by], or the border's: \"constant\" (`value`), \"nearest\", \"reflect\", \"mirror\" or \
              \"wrap\", as in scipy.ndimage.",
        example: Some("shift(a, 1)"),
        build: |lowering, args| {
            let by = lowering.integers(args.required(1)?)?;
            let border = lowering.border(args, 2, 3)?.unwrap_or(Border::Constant(0.0));
            let around = by.into_iter().map(Border::around).collect();
            lowering.view(args, View::Extend(around, Axes::All, border))
        },
    },
    ArrayFunction {
        names: &["roll"],
        params: &[X, Param::required("shift"), Param::or("axis", "None")],
        group: ArrayGroup::View,
        doc: "Shifted along an axis, along several, or in C order; what leaves at one end comes back at the other.",
        example: Some("roll(a, 1)"),
        build: |lowering, args| {
            let by = lowering.integers(args.required(1)?)?;
            let axes = args.given(2).map_or(Ok(Axes::All), |axes| lowering.axes(axes))?;
            lowering.view(args, View::Roll(by, axes))
        },
    },
    ArrayFunction {
        names: &["pad"],
        params: &[
            X,
            Param::required("pad_width"),
            Param::or("mode", "\"constant\""),
            Param::or("constant_values", "0"),
        ],
        group: ArrayGroup::View,
        doc: "With more elements before and after it: `n`, `(before, after)`, or a pair an axis. Modes are NumPy's: \
              \"constant\", \"edge\", \"reflect\", \"symmetric\", \"wrap\".",
        example: Some("pad(a, 1)"),
        build: |lowering, args| {
            let widths = lowering.widths(args.required(1)?)?;
            let value = lowering.border_value(args, 3)?;
            let border = match args.given(2) {
                Some(mode) => lowering.border_of(mode, "mode", &Border::PAD_MODES, value)?,
                None => Border::Constant(value),
            };
            lowering.view(args, View::Extend(widths, Axes::All, border))
        },
    },
];

impl Lowering<'_> {
    /// The border that an argument names, with the value that another gives; `None` where it is not given.
    pub(super) fn border(&self, args: &Arguments, border: usize, value: usize) -> Result<Option<Border>> {
        let number = self.border_value(args, value)?;
        match (args.some(self, border), args.given(value)) {
            (Some(id), _) => self.border_of(id, "border", &Border::NAMES, number).map(Some),
            (None, Some(_)) if border < value && args.given(border).is_none() => {
                Ok(Some(Border::Constant(number)))
            }
            (None, _) => Ok(None),
        }
    }

    fn border_of(&self, id: ExprId, what: &str, known: &[(&str, Border)], value: f64) -> Result<Border> {
        let name = match self.ast.node(id) {
            Expr::Str(text) => self.ast.string(text),
            _ => "",
        };
        match known.iter().find(|(known, _)| *known == name) {
            Some((_, Border::Constant(_))) => Ok(Border::Constant(value)),
            Some((_, border)) => Ok(*border),
            None => {
                let message = match name {
                    "" => format!("a {what} is a name in quotes"),
                    _ => format!("there is no {what} `{}`", names::shortened(name)),
                };
                let names: Vec<String> = known.iter().map(|(name, _)| format!("\"{name}\"")).collect();
                let error = Error::new(ErrorKind::Type, message).at(self.ast.span(id));
                Err(error.with_help(format!("there are {}", names.join(", "))))
            }
        }
    }

    /// The number of a constant border.
    fn border_value(&self, args: &Arguments, k: usize) -> Result<f64> {
        let Some(id) = args.given(k) else { return Ok(0.0) };
        match self.literal_at(id) {
            Some(Literal::Complex(_)) | None => {
                let message = "a border's value is a real number, written out";
                Err(Error::new(ErrorKind::Type, message).at(self.ast.span(id)))
            }
            Some(number) => Ok(number.as_f64()),
        }
    }

    /// NumPy's widths: a number, a pair for every axis, or a pair for each.
    fn widths(&self, id: ExprId) -> Result<Vec<[i64; 2]>> {
        let wrong = || {
            let message =
                "a width is a number, `(before, after)`, or such a pair for each axis; none is negative";
            Error::new(ErrorKind::Type, message).at(self.ast.span(id))
        };
        let pair = |widths: &[i64]| match *widths {
            _ if widths.iter().any(|width| *width < 0) => Err(wrong()),
            [both] => Ok([both, both]),
            [before, after] => Ok([before, after]),
            _ => Err(wrong()),
        };
        let items = self.listed(&id);
        let is_pair = |item: &ExprId| self.listed(item) != std::slice::from_ref(item);
        match items.iter().any(is_pair) {
            true => items.iter().map(|item| pair(&self.integers(*item)?)).collect(),
            false => Ok(vec![pair(&self.integers(id)?)?]),
        }
    }
}
