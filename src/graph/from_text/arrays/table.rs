//! The rows of the functions over arrays.

use super::super::{Lowering, Value};
use super::{Arguments, ArrayFunction, ArrayGroup};
use crate::dtype::{DType, Literal};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Axes, Compound, Contraction, NodeId, Param, Reduce, Reduction, Source, View};

const X: Param = Param::required("x");
const A: Param = Param::required("a");
const B: Param = Param::required("b");
const AXIS: Param = Param::or("axis", "None");
const KEEP: Param = Param::or("keepdims", "False");
const SHAPE: Param = Param::required("shape");
const SEED: Param = Param::required("seed");

/// A reduction that leaves NaN out.
macro_rules! without_nan {
    ($($name:literal $kind:ident $params:tt $doc:literal;)*) => {
        [$(ArrayFunction {
            names: &[$name],
            params: &$params,
            group: ArrayGroup::Reduction,
            doc: $doc,
            example: None,
            build: |lowering, args| {
                let x = lowering.node(args.required(0)?)?;
                let mut how = lowering.over(args)?;
                if let Some(ddof) = args.given(3) {
                    how.ddof = lowering.integer(ddof)? as i32;
                }
                Ok(Compound::WithoutNan(Reduction::$kind).build(&mut lowering.builder, x, &how, None))
            },
        }),*]
    };
}

pub(super) static WITHOUT_NAN: [ArrayFunction; 7] = without_nan! {
    "nansum" Sum [X, AXIS, KEEP] "Sum of what is not NaN.";
    "nanprod" Prod [X, AXIS, KEEP] "Product of what is not NaN.";
    "nanmin" Min [X, AXIS, KEEP] "Smallest element that is not NaN; NaN if all are.";
    "nanmax" Max [X, AXIS, KEEP] "Largest element that is not NaN; NaN if all are.";
    "nanmean" Mean [X, AXIS, KEEP] "Mean of what is not NaN.";
    "nanvar" Var [X, AXIS, KEEP, Param::or("ddof", "0")] "Variance of what is not NaN.";
    "nanstd" Std [X, AXIS, KEEP, Param::or("ddof", "0")] "Standard deviation of what is not NaN.";
};

pub(super) static ARRAYS: [ArrayFunction; 34] = [
    ArrayFunction {
        names: &["count_nonzero"],
        params: &[X, AXIS, KEEP],
        group: ArrayGroup::Reduction,
        doc: "How many elements are not zero.",
        example: None,
        build: |lowering, args| lowering.compound(args, Compound::CountNonzero),
    },
    ArrayFunction {
        names: &["ptp"],
        params: &[X, AXIS, KEEP],
        group: ArrayGroup::Reduction,
        doc: "From peak to peak: the largest element less the smallest.",
        example: None,
        build: |lowering, args| lowering.compound(args, Compound::PeakToPeak),
    },
    ArrayFunction {
        names: &["norm", "vector_norm"],
        params: &[X, Param::or("ord", "2"), AXIS, KEEP],
        group: ArrayGroup::Reduction,
        doc: "The ord-norm (sum of |x|^ord)^(1/ord) of all elements, or along axes; inf: the largest |x|; 0: how many \
              are not zero.",
        example: None,
        build: norm,
    },
    ArrayFunction {
        names: &["cumsum", "cumulative_sum"],
        params: &[X, AXIS, Param::or("dtype", "None")],
        group: ArrayGroup::Reduction,
        doc: "Running sum along an axis, or over all elements in C order.",
        example: None,
        build: |lowering, args| lowering.scan(args, Reduction::Sum),
    },
    ArrayFunction {
        names: &["cumprod", "cumulative_prod"],
        params: &[X, AXIS, Param::or("dtype", "None")],
        group: ArrayGroup::Reduction,
        doc: "Running product along an axis, or over all elements in C order.",
        example: None,
        build: |lowering, args| lowering.scan(args, Reduction::Prod),
    },
    ArrayFunction {
        names: &["transpose", "permute_dims"],
        params: &[X, Param::or("axes", "None")],
        group: ArrayGroup::View,
        doc: "The axes in another order; reversed where none is given. `x.T` is transpose(x).",
        example: None,
        build: |lowering, args| {
            let order = args.some(lowering, 1).map(|axes| lowering.axis_list(axes)).transpose()?;
            lowering.view(args, View::Transpose(order))
        },
    },
    ArrayFunction {
        names: &["swapaxes"],
        params: &[X, Param::required("axis1"), Param::required("axis2")],
        group: ArrayGroup::View,
        doc: "Two axes in each other's place.",
        example: Some("swapaxes(a, 0, 1)"),
        build: |lowering, args| {
            let [a, b] = [lowering.axis(args.required(1)?)?, lowering.axis(args.required(2)?)?];
            lowering.view(args, View::Swap(a, b))
        },
    },
    ArrayFunction {
        names: &["moveaxis"],
        params: &[X, Param::required("source"), Param::required("destination")],
        group: ArrayGroup::View,
        doc: "One axis in another place, the others in their order.",
        example: Some("moveaxis(a, 0, 1)"),
        build: |lowering, args| {
            let [from, to] = [lowering.axis(args.required(1)?)?, lowering.axis(args.required(2)?)?];
            lowering.view(args, View::Move(from, to))
        },
    },
    ArrayFunction {
        names: &["reshape"],
        params: &[X, SHAPE],
        group: ArrayGroup::View,
        doc: "The same elements in C order in another shape; one extent may be -1. Copied only where no strides do.",
        example: Some("reshape(a, (1, -1))"),
        build: |lowering, args| {
            let shape = lowering.integers(args.required(1)?)?;
            lowering.view(args, View::Reshape(shape))
        },
    },
    ArrayFunction {
        names: &["ravel", "flatten"],
        params: &[X],
        group: ArrayGroup::View,
        doc: "All elements in C order, along one axis.",
        example: None,
        build: |lowering, args| lowering.view(args, View::Reshape(vec![-1])),
    },
    ArrayFunction {
        names: &["broadcast_to"],
        params: &[X, SHAPE],
        group: ArrayGroup::View,
        doc: "The array repeated along new axes and axes of extent 1.",
        example: Some("broadcast_to(a, (3, 1, 1))"),
        build: |lowering, args| {
            let shape = lowering.extents(args.required(1)?)?;
            lowering.view(args, View::Broadcast(shape))
        },
    },
    ArrayFunction {
        names: &["flip"],
        params: &[X, AXIS],
        group: ArrayGroup::View,
        doc: "The elements backwards along an axis, along several, or along all.",
        example: None,
        build: |lowering, args| {
            let axes = args.given(1).map_or(Ok(Axes::All), |axes| lowering.axes(axes))?;
            lowering.view(args, View::Flip(axes))
        },
    },
    ArrayFunction {
        names: &["windows", "sliding_window_view"],
        params: &[X, SHAPE, AXIS, Param::or("border", "None"), Param::or("value", "0")],
        group: ArrayGroup::View,
        doc: "Every window of a shape; its axes come last. With a border there is one around every element.",
        example: Some("windows(a, (1, 1))"),
        build: |lowering, args| {
            let shape = lowering.extents(args.required(1)?)?;
            let axes = args.given(2).map_or(Ok(Axes::All), |axes| lowering.axes(axes))?;
            let view = match lowering.border(args, 3, 4)? {
                Some(border) => View::WindowsAround(shape, axes, border),
                None => View::Windows(shape, axes),
            };
            lowering.view(args, view)
        },
    },
    ArrayFunction {
        names: &["diagonal"],
        params: &[X, Param::or("offset", "0"), Param::or("axis1", "0"), Param::or("axis2", "1")],
        group: ArrayGroup::View,
        doc: "A diagonal of two axes, as the last axis.",
        example: None,
        build: |lowering, args| {
            let (offset, axes) = lowering.diagonal(args)?;
            lowering.view(args, View::Diagonal { offset, axes })
        },
    },
    ArrayFunction {
        names: &["trace"],
        params: &[X, Param::or("offset", "0"), Param::or("axis1", "0"), Param::or("axis2", "1")],
        group: ArrayGroup::Contraction,
        doc: "The sum of a diagonal.",
        example: None,
        build: |lowering, args| {
            let (offset, axes) = lowering.diagonal(args)?;
            let diagonal = lowering.view(args, View::Diagonal { offset, axes })?;
            Ok(lowering.builder.fold(Reduction::Sum, diagonal, Axes::Some(vec![-1]), false))
        },
    },
    ArrayFunction {
        names: &["expand_dims"],
        params: &[X, Param::required("axis")],
        group: ArrayGroup::View,
        doc: "New axes of extent 1, where the result has them. `x[None]` adds one in front.",
        example: Some("expand_dims(a, 0)"),
        build: |lowering, args| {
            let places = lowering.axis_list(args.required(1)?)?;
            lowering.view(args, View::Expand(places))
        },
    },
    ArrayFunction {
        names: &["squeeze"],
        params: &[X, AXIS],
        group: ArrayGroup::View,
        doc: "Without axes of extent 1: all of them, or those named.",
        example: None,
        build: |lowering, args| {
            let axes = args.given(1).map_or(Ok(Axes::All), |axes| lowering.axes(axes))?;
            lowering.view(args, View::Squeeze(axes))
        },
    },
    ArrayFunction {
        names: &["arange"],
        params: &[Param::required("start"), Param::or("stop", "None"), Param::or("step", "1")],
        group: ArrayGroup::Source,
        doc: "From start up to stop by steps, or from 0 up to the one number given; no memory holds it.",
        example: Some("arange(3)"),
        build: |lowering, args| {
            let mut numbers = vec![lowering.node(args.required(0)?)?];
            if let Some(stop) = args.some(lowering, 1) {
                numbers.push(lowering.node(stop)?);
            }
            if let Some(step) = args.some(lowering, 2) {
                if numbers.len() == 1 {
                    numbers.insert(0, lowering.builder.literal(Literal::Int(0)));
                }
                numbers.push(lowering.node(step)?);
            }
            Ok(lowering.builder.source(Source::Arange, numbers))
        },
    },
    ArrayFunction {
        names: &["linspace"],
        params: &[Param::required("start"), Param::required("stop"), Param::or("num", "50")],
        group: ArrayGroup::Source,
        doc: "So many numbers at equal distances, both ends among them.",
        example: Some("linspace(0, 1)"),
        build: |lowering, args| {
            let (start, stop) = (lowering.node(args.required(0)?)?, lowering.node(args.required(1)?)?);
            let count = match args.given(2) {
                Some(count) => lowering.node(count)?,
                None => lowering.builder.literal(Literal::Int(50)),
            };
            Ok(lowering.builder.source(Source::Linspace, vec![start, stop, count]))
        },
    },
    ArrayFunction {
        names: &["eye", "identity"],
        params: &[Param::required("n"), Param::or("m", "None"), Param::or("k", "0")],
        group: ArrayGroup::Source,
        doc: "Ones on the k-th diagonal of n rows and m columns, zeros elsewhere; f64.",
        example: Some("eye(3)"),
        build: |lowering, args| {
            let rows = lowering.node(args.required(0)?)?;
            let columns = args.some(lowering, 1).map_or(Ok(rows), |columns| lowering.node(columns))?;
            let k = match args.given(2) {
                Some(k) => lowering.node(k)?,
                None => lowering.builder.literal(Literal::Int(0)),
            };
            Ok(lowering.builder.source(Source::Eye, vec![rows, columns, k]))
        },
    },
    ArrayFunction {
        names: &["full"],
        params: &[SHAPE, Param::required("value")],
        group: ArrayGroup::Source,
        doc: "One number as an array of a shape.",
        example: Some("full((2, 3), 1)"),
        build: |lowering, args| {
            let value = lowering.node(args.required(1)?)?;
            lowering.full(args, value)
        },
    },
    ArrayFunction {
        names: &["zeros"],
        params: &[SHAPE],
        group: ArrayGroup::Source,
        doc: "Zeros, f64.",
        example: Some("zeros((2, 3))"),
        build: |lowering, args| {
            let zero = lowering.builder.literal(Literal::Float(0.0));
            lowering.full(args, zero)
        },
    },
    ArrayFunction {
        names: &["ones"],
        params: &[SHAPE],
        group: ArrayGroup::Source,
        doc: "Ones, f64.",
        example: Some("ones((2, 3))"),
        build: |lowering, args| {
            let one = lowering.builder.literal(Literal::Float(1.0));
            lowering.full(args, one)
        },
    },
    ArrayFunction {
        names: &["random"],
        params: &[SHAPE, SEED, Param::or("dtype", "float64")],
        group: ArrayGroup::Source,
        doc: "Evenly distributed from 0 up to 1, without 1: NumPy's Generator(Philox(key=seed)).random(shape, dtype), bit \
              for bit. The same seed and shape are the same numbers, also twice in one expression.",
        example: Some("random((2, 3), seed=1)"),
        build: |lowering, args| {
            let dtype = match args.given(2) {
                None => DType::F64,
                Some(id) => match lowering.dtype(id, "random")? {
                    dtype @ (DType::F32 | DType::F64) => dtype,
                    other => {
                        let message = format!("`random` draws f32 or f64, not {other}");
                        return Err(Error::new(ErrorKind::Type, message).at(lowering.ast.span(id)));
                    }
                },
            };
            lowering.draw(args.given(0), args.required(1)?, Source::Random(dtype), &[])
        },
    },
    ArrayFunction {
        names: &["normal"],
        params: &[SHAPE, SEED, Param::or("loc", "0"), Param::or("scale", "1")],
        group: ArrayGroup::Source,
        doc: "Normally distributed around loc, with the standard deviation scale, f64: loc + scale sqrt(-2 ln u) cos(2 pi v) \
              (Box and Muller), where u and v are even draws of streams of their own, and u is not 0. None is infinite, \
              none more than 8.6 scale from loc.",
        example: Some("normal((2, 3), seed=1)"),
        build: |lowering, args| {
            let number = |lowering: &mut Lowering<'_>, k, default| match args.given(k) {
                Some(id) => lowering.node(id),
                None => Ok(lowering.builder.literal(Literal::Int(default))),
            };
            let (loc, scale) = (number(lowering, 2, 0)?, number(lowering, 3, 1)?);
            lowering.draw(args.given(0), args.required(1)?, Source::Normal, &[loc, scale])
        },
    },
    ArrayFunction {
        names: &["randint"],
        params: &[Param::required("low"), Param::required("high"), Param::or("shape", "()"), SEED],
        group: ArrayGroup::Source,
        doc: "Integers from low up to high, without high, i64: low + the upper half of a random word times (high - low). Any \
              of them comes up with a probability that is off by less than 2^-64.",
        example: Some("randint(1, 7, seed=1)"),
        build: |lowering, args| {
            let (low, high) = (lowering.node(args.required(0)?)?, lowering.node(args.required(1)?)?);
            lowering.draw(args.given(2), args.required(3)?, Source::RandInt, &[low, high])
        },
    },
    ArrayFunction {
        names: &["index"],
        params: &[X, Param::or("axis", "0")],
        group: ArrayGroup::Source,
        doc: "Where an element of x stands along an axis, as an array that broadcasts with x.",
        example: None,
        build: |lowering, args| {
            let x = lowering.node(args.required(0)?)?;
            let axis = args.given(1).map_or(Ok(0), |axis| lowering.axis(axis))?;
            Ok(lowering.builder.source(Source::Index(axis), vec![x]))
        },
    },
    ArrayFunction {
        names: &["matmul"],
        params: &[A, B],
        group: ArrayGroup::Contraction,
        doc: "The product of matrices, `a @ b`; axes before the last two broadcast.",
        example: None,
        build: |lowering, args| lowering.contract(args, Contraction::MatMul),
    },
    ArrayFunction {
        names: &["dot"],
        params: &[A, B],
        group: ArrayGroup::Contraction,
        doc: "The sum of products over a's last axis and b's last but one, or its only one.",
        example: None,
        build: |lowering, args| lowering.contract(args, Contraction::Dot),
    },
    ArrayFunction {
        names: &["inner"],
        params: &[A, B],
        group: ArrayGroup::Contraction,
        doc: "The sum of products over the last axes of both.",
        example: None,
        build: |lowering, args| lowering.contract(args, Contraction::Inner),
    },
    ArrayFunction {
        names: &["outer"],
        params: &[A, B],
        group: ArrayGroup::Contraction,
        doc: "Every product of an element of a with one of b.",
        example: None,
        build: |lowering, args| lowering.contract(args, Contraction::Outer),
    },
    ArrayFunction {
        names: &["tensordot"],
        params: &[A, B, Param::or("axes", "2")],
        group: ArrayGroup::Contraction,
        doc: "The sum of products over so many of a's last and b's first axes, or over two lists of axes.",
        example: None,
        build: |lowering, args| {
            let how = match args.given(2) {
                None => Contraction::TensordotLast(2),
                Some(id) => match lowering.values[id.index()] {
                    Value::Tuple(items) | Value::List(items) => match *lowering.ast.items(items) {
                        [a, b] => Contraction::Tensordot(lowering.axis_list(a)?, lowering.axis_list(b)?),
                        _ => {
                            let message = "the axes of tensordot are a number, or two lists of them";
                            return Err(Error::new(ErrorKind::Type, message).at(lowering.ast.span(id)));
                        }
                    },
                    _ => match u32::try_from(lowering.integer(id)?) {
                        Ok(count) => Contraction::TensordotLast(count),
                        Err(_) => {
                            let message = "tensordot sums over a number of axes";
                            return Err(Error::new(ErrorKind::Axis, message).at(lowering.ast.span(id)));
                        }
                    },
                },
            };
            lowering.contract(args, how)
        },
    },
    ArrayFunction {
        names: &["compress", "extract"],
        params: &[Param::required("mask"), X],
        group: ArrayGroup::Selection,
        doc: "The elements where a mask holds, for a reduction to take in. `x[mask]` is compress(mask, x).",
        example: Some("sum(compress(a, b))"),
        build: |lowering, args| {
            let mask = lowering.node(args.required(0)?)?;
            let x = lowering.node(args.required(1)?)?;
            Ok(lowering.builder.select(x, mask))
        },
    },
    ArrayFunction {
        names: &["take"],
        params: &[X, Param::required("indices"), AXIS],
        group: ArrayGroup::Selection,
        doc: "Elements by their places along an axis, or in C order; negative ones count from the end. A place out of \
              range is an error.",
        example: None,
        build: |lowering, args| {
            let x = lowering.node(args.required(0)?)?;
            let places = lowering.node(args.required(1)?)?;
            let axis = args.some(lowering, 2).map(|axis| lowering.axis(axis)).transpose()?;
            Ok(lowering.builder.take(x, places, axis))
        },
    },
];

/// `norm(x, ord, axis, keepdims)`.
fn norm(lowering: &mut Lowering<'_>, args: &Arguments) -> Result<NodeId> {
    let x = lowering.node(args.required(0)?)?;
    let axes = args.given(2).map_or(Ok(Axes::All), |axes| lowering.axes(axes))?;
    let keep = args.given(3).map_or(Ok(false), |keep| lowering.truth_literal(keep, "keepdims"))?;
    let order = match args.some(lowering, 1) {
        None => 2.0,
        Some(id) => {
            let node = lowering.node(id)?;
            match lowering.builder.literal_of(node) {
                Some(literal @ (Literal::Int(_) | Literal::Float(_))) => literal.as_f64(),
                _ => {
                    let message = "the order of a norm is a literal number";
                    return Err(Error::new(ErrorKind::Type, message).at(lowering.ast.span(id)));
                }
            }
        }
    };
    let how = Reduce { axes, keep, ..Reduce::of(Reduction::Sum) };
    Ok(Compound::Norm(order).build(&mut lowering.builder, x, &how, None))
}
