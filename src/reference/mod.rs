//! The reference interpreter: what an expression means, one whole array after the other.
//!
//! Takes: a [`TypedGraph`] as inference makes it, before anything is simplified, lowered or fused, and the inputs.
//! Promises: the bits that every executor must give. It has no tiles, no threads and no SIMD, and computes each node
//! for all elements before the next: slow, and simple enough to be checked against the rules by reading. What tests
//! compare the executors with; programs have no use for it.
//!
//! - [`elementwise`]: operations and conversions, written on Rust's own numbers; the functions that are defined by
//!   their kernel's bits (`exp`, `pow`) are asked of the kernels' scalar oracle;
//! - [`reduction`]: the order of sums;
//! - [`repeat`]: elementwise loops, turn by turn over all elements;
//! - [`memory`]: the inputs' elements, whatever their layout, and the call of the oracle.

mod complex;
mod elementwise;
mod memory;
mod reduction;
mod repeat;

use std::collections::HashMap;

use crate::arena::Id;
use numfuse_kernels::Op;

use crate::dtype::{DType, Kind, Scalar};
use crate::error::{Error, ErrorKind, Result};
use crate::exec::cpu::texts;
use crate::graph::{CALL, Graph, RegionId, Supply, from_text};
use crate::infer::{
    Map, Needed, Plane, Signature, TypedGraph, TypedId, TypedNode, TypedOp, TypedSteps, infer,
};
use crate::input::Input;
use crate::lower::lower;
use crate::names;
use crate::simplify::simplify;
use crate::syntax::{Limits, parse};

/// More elements than this in one node are refused: every element takes 16 bytes, and every node is kept.
const MOST_ELEMENTS: usize = 1 << 24;

/// A whole array, in C order.
#[derive(Clone, PartialEq, Debug)]
pub struct Array {
    /// The type of its elements.
    pub dtype: DType,
    /// Its extents, outermost axis first.
    pub shape: Vec<usize>,
    /// As many as the extents' product.
    pub elements: Vec<Scalar>,
}

impl Array {
    /// Whether two arrays have the same type, shape and bits; any NaN is the same as any other.
    pub fn same(&self, other: &Array) -> bool {
        let elements = || self.elements.iter().zip(&other.elements);
        self.dtype == other.dtype && self.shape == other.shape && elements().all(|(a, b)| same(*a, *b))
    }
}

fn is_nan(value: Scalar) -> bool {
    match value {
        Scalar::F32(v) => v.is_nan(),
        Scalar::F64(v) => v.is_nan(),
        Scalar::F16(v) => v.is_nan(),
        Scalar::BF16(v) => v.is_nan(),
        _ => false,
    }
}

/// Whether two elements are the same bits, each part of a complex number by itself; any NaN is any other.
fn same(a: Scalar, b: Scalar) -> bool {
    let parts = |z: Scalar| match z {
        Scalar::C64(z) => [Scalar::F32(z.re), Scalar::F32(z.im)],
        Scalar::C128(z) => [Scalar::F64(z.re), Scalar::F64(z.im)],
        _ => [z; 2],
    };
    a.dtype() == b.dtype()
        && parts(a).into_iter().zip(parts(b)).all(|(a, b)| a.same(b) || (is_nan(a) && is_nan(b)))
}

/// The value of an expression; `inputs` may hold more than it reads. `fma` chooses the bits of the functions that
/// come in two: those of instruction sets that fuse multiplication and addition, or the strict ones.
///
/// # Errors
/// Those of parsing and typing, inputs that are missing, and errors that depend on data.
pub fn interpret(text: &str, inputs: &[(&str, Input<'_>)], fma: bool) -> Result<Array> {
    interpret_after(|typed| typed, text, inputs, fma)
}

/// As [`interpret`], of the graph that the executors are given: simplified and lowered. Tells whether it is one of
/// those passes that changes an answer, or the execution.
///
/// # Errors
/// As [`interpret`].
pub fn interpret_lowered(text: &str, inputs: &[(&str, Input<'_>)], fma: bool) -> Result<Array> {
    interpret_after(|typed| lower(&simplify(&typed)), text, inputs, fma)
}

fn interpret_after(
    passes: impl FnOnce(TypedGraph) -> TypedGraph,
    text: &str,
    inputs: &[(&str, Input<'_>)],
    fma: bool,
) -> Result<Array> {
    let limits = Limits::default();
    let graph = from_text::graph(&parse(text, &limits)?, &limits, &Supply::default())?;
    let bound = bind(&graph, inputs)?;
    let mut types = signature(&bound);
    for input in graph.known_inputs() {
        if let Some(number) = bound[input.index()].number() {
            types.set_value(input.index(), number);
        }
    }
    let typed = passes(infer(&graph, &types)?);
    let result = evaluate(&typed, &bound, fma)?.into_iter().next();
    result.ok_or_else(|| Error::new(ErrorKind::Internal, "the expression has no result"))
}

/// The inputs in the order of the graph.
fn bind<'a>(graph: &Graph, inputs: &[(&str, Input<'a>)]) -> Result<Vec<Input<'a>>> {
    let find = |name: &str| match inputs.iter().find(|(given, _)| *given == name) {
        Some((_, input)) => Ok(input.clone()),
        None => {
            let error =
                Error::new(ErrorKind::UnknownName, format!("`{}` is not known", names::shortened(name)));
            Err(match names::nearest(name, inputs.iter().map(|(given, _)| *given)) {
                Some(near) => error.with_help(format!("did you mean `{near}`?")),
                None => error,
            })
        }
    };
    graph.inputs().iter().map(|(_, name)| find(name)).collect()
}

/// The types and shapes of these inputs.
pub fn signature(inputs: &[Input<'_>]) -> Signature {
    let mut signature = Signature::new();
    for input in inputs {
        signature.push(input.dtype, input.weak, &input.shape);
    }
    signature
}

/// The results of a typed graph, given its inputs in their order.
///
/// # Errors
/// Errors that depend on data, operations that no kernel exists for, and arrays too large to interpret.
pub fn evaluate(graph: &TypedGraph, inputs: &[Input<'_>], fma: bool) -> Result<Vec<Array>> {
    evaluate_given(graph, Given::Inputs(inputs), fma)
}

fn evaluate_given(graph: &TypedGraph, inputs: Given<'_>, fma: bool) -> Result<Vec<Array>> {
    let nothing = || Array { dtype: DType::Bool, shape: Vec::new(), elements: Vec::new() };
    let arrays = graph.nodes().iter().map(|_| nothing()).collect();
    let (homes, needed, loops) = (graph.homes(), graph.needed(), HashMap::new());
    let mut interpreter = Interpreter { graph, inputs, fma, arrays, homes, needed, loops, living: None };
    for id in graph.nodes().ids() {
        // a loop's body is computed with the loop
        if interpreter.homes[id.index()].is_none() && interpreter.needed.nodes[id.index()] {
            interpreter.compute(id)?;
        }
    }
    Ok(graph.results().iter().map(|id| interpreter.arrays[id.index()].clone()).collect())
}

/// What a graph reads: the caller's arrays, or those that a step has made.
#[derive(Clone, Copy)]
enum Given<'a> {
    Inputs(&'a [Input<'a>]),
    Arrays(&'a [Array]),
}

struct Interpreter<'a> {
    graph: &'a TypedGraph,
    inputs: Given<'a>,
    fma: bool,
    arrays: Vec<Array>,
    /// The region that each node belongs to.
    homes: Vec<Option<RegionId>>,
    /// What nobody reads of a loop is not computed: it may not end in an error.
    needed: Needed,
    /// The values of loops that have been run.
    loops: HashMap<TypedId, Vec<Array>>,
    /// Inside a loop: which elements have not left it.
    living: Option<Array>,
}

impl Interpreter<'_> {
    fn compute(&mut self, id: TypedId) -> Result<()> {
        let node = self.graph.nodes()[id];
        self.arrays[id.index()] = match node.op {
            TypedOp::Repeat(region) => {
                let values = self.repeat(id, region)?;
                self.loops.insert(id, values);
                return Ok(());
            }
            TypedOp::Steps(steps) => {
                let values = self.steps(&self.graph.steps()[steps])?;
                self.loops.insert(id, values);
                return Ok(());
            }
            TypedOp::Result(of, k) | TypedOp::Stepped(of, k) => self.loops[&of][k as usize].clone(),
            // the loop has set it
            TypedOp::Param(..) => return Ok(()),
            _ => self.node(id, &node)?,
        };
        Ok(())
    }

    fn node(&self, id: TypedId, node: &TypedNode) -> Result<Array> {
        let shape = self.extents(self.graph.shape(id));
        let count = element_count(&shape)?;
        let array = |elements| Array { dtype: node.dtype, shape: shape.clone(), elements };
        Ok(match node.op {
            TypedOp::Input(input) => match self.inputs {
                Given::Inputs(inputs) => array(memory::elements(&inputs[input.index()])),
                Given::Arrays(arrays) => arrays[input.index()].clone(),
            },
            TypedOp::Const(value) => array(vec![value]),
            // read by what compares them
            TypedOp::Text(_) => array(Vec::new()),
            TypedOp::Plane(of, plane) => {
                let part = |z: &Scalar| {
                    let op = if plane == Plane::Imaginary { Op::Imag } else { Op::Real };
                    elementwise::apply(op, node.dtype, &[*z], self.fma)
                };
                array(self.arrays[of.index()].elements.iter().map(part).collect::<Result<_>>()?)
            }
            TypedOp::Complex(re, im) => {
                let (re, im) = (&self.arrays[re.index()], &self.arrays[im.index()]);
                let number = |k| complex::of_parts(re.at(k, &shape), im.at(k, &shape));
                array((0..count).map(number).collect())
            }
            TypedOp::Apply(op, [a, b, _]) if self.graph.nodes()[a].dtype.kind() == Kind::Bytes => {
                let (a, b) = (self.texts(a, &shape), self.texts(b, &shape));
                array(a.iter().zip(&b).map(|(a, b)| Scalar::Bool(texts::holds(op, a, b))).collect())
            }
            TypedOp::Apply(Op::Pow, [base, exponent, _])
                if node.dtype.kind() == Kind::Complex
                    && let TypedOp::Const(exponent) = self.graph.nodes()[exponent].op
                    && let Some(n) = complex::whole_exponent(exponent) =>
            {
                let base = &self.arrays[base.index()];
                array((0..count).map(|k| complex::whole_power(base.at(k, &shape), n)).collect())
            }
            TypedOp::Apply(op, _) => {
                let arguments = node.args();
                let value = |k| {
                    let operands = arguments.iter().map(|a| self.arrays[a.index()].at(k, &shape));
                    elementwise::apply(op, node.dtype, &operands.collect::<Vec<_>>(), self.fma)
                };
                array((0..count).map(value).collect::<Result<_>>()?)
            }
            TypedOp::Call { function, check, .. } => {
                let (arguments, function) = (node.args(), self.graph.function(function));
                if let Some(own) = function.kernels() {
                    let value = |k| {
                        let operands = arguments.iter().map(|a| self.arrays[a.index()].at(k, &shape));
                        let operands: Vec<Scalar> = operands.collect();
                        let kernel = own.oracle(node.dtype.compute(), self.fma)?;
                        memory::by_kernel(kernel, node.dtype, &operands)
                    };
                    let internal = || Error::new(ErrorKind::Internal, "a body has an oracle for floats");
                    return Ok(array((0..count).map(value).collect::<Option<_>>().ok_or_else(internal)?));
                }
                let mut values = Vec::with_capacity(count);
                for k in 0..count {
                    let mut columns = [[0.0; CALL]; 3];
                    for (column, of) in columns.iter_mut().zip(&arguments) {
                        if let Scalar::F64(x) = self.arrays[of.index()].at(k, &shape) {
                            column[0] = x;
                        }
                    }
                    let mut value = [0.0];
                    if function.fill(&columns, &mut value).is_none() {
                        let info = &self.graph.checks()[check];
                        return Err(Error::new(info.kind, info.message.clone()));
                    }
                    values.push(Scalar::F64(value[0]));
                }
                array(values)
            }
            TypedOp::View(of, view) => {
                let of = &self.arrays[of.index()];
                let places = seen(self.graph.view(view), &of.shape, &shape);
                // where there is nothing to look at, nobody looks: a reduction of nothing takes no element
                let nothing = elementwise::convert(Scalar::I32(0), node.dtype);
                array(places.map(|place| of.elements.get(place).copied().unwrap_or(nothing)).collect())
            }
            TypedOp::Reshape(of) => array(self.arrays[of.index()].elements.clone()),
            TypedOp::Index => {
                array((0..count).map(|k| elementwise::convert(Scalar::I64(k as i64), node.dtype)).collect())
            }
            TypedOp::Take { of, index, axis } => {
                let (of, index) = (&self.arrays[of.index()], &self.arrays[index.index()]);
                array(taken(of, index, axis))
            }
            TypedOp::Cast(of) => {
                let convert = |value: &Scalar| elementwise::convert(*value, node.dtype);
                array(self.arrays[of.index()].elements.iter().map(convert).collect())
            }
            TypedOp::Reduce { kind, of, axes, .. } => {
                array(reduction::reduce(kind, &self.arrays[of.index()], axes, count)?)
            }
            TypedOp::MatMul(a, b) => {
                let (a, b) = (&self.arrays[a.index()], &self.arrays[b.index()]);
                array(self.matmul(a, b, &shape)?)
            }
            TypedOp::Scan { kind, of, axis } => array(reduction::scan(kind, &self.arrays[of.index()], axis)?),
            TypedOp::Concat(a, b, axis) => {
                array(joined(&self.arrays[a.index()], &self.arrays[b.index()], axis))
            }
            TypedOp::Count(of, axes) => {
                let extents = self.extents(self.graph.dims(of));
                let taken_in: usize = axes.iter().map(|axis| extents[axis]).product();
                array(vec![elementwise::convert(Scalar::I64(taken_in as i64), node.dtype)])
            }
            TypedOp::Check { value, bad, check } => {
                // a check is of the elements that are computed, and an empty array has none
                if count > 0 && self.is_living(&self.arrays[bad.index()]) {
                    let info = &self.graph.checks()[check];
                    return Err(Error::new(info.kind, info.message.clone()));
                }
                self.arrays[value.index()].clone()
            }
            TypedOp::Param(..) | TypedOp::Repeat(_) | TypedOp::Result(..) => {
                unreachable!("{id} is no node by itself")
            }
            TypedOp::Steps(_) | TypedOp::Stepped(..) => unreachable!("{id} is no node by itself"),
        })
    }

    /// The variables after all steps.
    fn steps(&self, steps: &TypedSteps) -> Result<Vec<Array>> {
        let mut arrays: Vec<Array> = steps.args.iter().map(|arg| self.arrays[arg.index()].clone()).collect();
        for _ in 0..steps.turns {
            let next = evaluate_given(&steps.body, Given::Arrays(&arrays), self.fma)?;
            arrays.splice(..steps.variables, next);
        }
        arrays.truncate(steps.variables);
        Ok(arrays)
    }

    /// The product of matrices, each element a sum from the first product to the last.
    fn matmul(&self, a: &Array, b: &Array, shape: &[usize]) -> Result<Vec<Scalar>> {
        let (rank, terms) = (shape.len(), a.shape[a.shape.len() - 1]);
        let zero = elementwise::convert(Scalar::I32(0), a.dtype);
        let mut elements = Vec::new();
        for k in 0..shape.iter().product() {
            let (batch, row, column) = (
                k / (shape[rank - 2] * shape[rank - 1]),
                k / shape[rank - 1] % shape[rank - 2],
                k % shape[rank - 1],
            );
            let mut sum = zero;
            for term in 0..terms {
                let at = |of: &Array, row: usize, column: usize| {
                    let (rows, columns) = (of.shape[of.shape.len() - 2], of.shape[of.shape.len() - 1]);
                    let place = place(&of.shape[..of.shape.len() - 2], batch, &shape[..rank - 2]);
                    of.elements[(place * rows + row) * columns + column]
                };
                let factors = [at(a, row, term), at(b, term, column)];
                let product = elementwise::apply(Op::Mul, a.dtype, &factors, self.fma)?;
                sum = elementwise::apply(Op::Add, a.dtype, &[sum, product], self.fma)?;
            }
            elements.push(sum);
        }
        Ok(elements)
    }

    /// The byte strings of an input or of the text, broadcast to a shape.
    fn texts(&self, id: TypedId, shape: &[usize]) -> Vec<Vec<u8>> {
        let count = shape.iter().product::<usize>();
        match self.graph.nodes()[id].op {
            TypedOp::Text(text) => vec![self.graph.texts()[text].to_vec(); count],
            TypedOp::Input(input) => {
                let Given::Inputs(inputs) = self.inputs else {
                    unreachable!("steps carry no byte strings");
                };
                let input = &inputs[input.index()];
                let texts = memory::texts(input);
                (0..count).map(|k| texts::trimmed(&texts[place(&input.shape, k, shape)]).to_vec()).collect()
            }
            TypedOp::View(of, view) => {
                let (inner, own) = (self.extents(self.graph.shape(of)), self.extents(self.graph.shape(id)));
                let texts = self.texts(of, &inner);
                let places: Vec<usize> = seen(self.graph.view(view), &inner, &own).collect();
                (0..count).map(|k| texts[places[place(&own, k, shape)]].clone()).collect()
            }
            _ => unreachable!("byte strings are inputs or literals"),
        }
    }

    fn extents(&self, dims: &[crate::infer::Dim]) -> Vec<usize> {
        dims.iter().map(|dim| self.graph.signature().extent(*dim)).collect()
    }
}

impl Array {
    /// The element that stands at place `k` of an array of `shape`, to which this one is broadcast.
    fn at(&self, k: usize, shape: &[usize]) -> Scalar {
        self.elements[place(&self.shape, k, shape)]
    }
}

/// Where the element for place `k` of `shape` stands in an array of shape `own`, in C order.
fn place(own: &[usize], k: usize, shape: &[usize]) -> usize {
    let (mut rest, mut place, mut step) = (k, 0, 1);
    for (extent, own) in shape.iter().rev().zip(own.iter().rev()) {
        let index = rest % extent;
        rest /= extent;
        // an axis of extent 1 gives its one element to every index
        place += if *own == 1 { 0 } else { index * step };
        step *= own;
    }
    place
}

/// Where the elements of a view of `shape` stand in an array of shape `of`, in C order.
fn seen<'m>(map: &'m Map, of: &[usize], shape: &[usize]) -> impl Iterator<Item = usize> + use<'m> {
    let (of, shape) = (of.to_vec(), shape.to_vec());
    (0..shape.iter().product()).map(move |k: usize| {
        let (mut rest, mut indices) = (k, vec![0i64; shape.len()]);
        for (index, extent) in indices.iter_mut().zip(&shape).rev() {
            *index = (rest % extent) as i64;
            rest /= extent;
        }
        of.iter().enumerate().fold(0, |place, (axis, extent)| {
            let terms = map.terms().iter().filter(|term| term.buffer_axis == axis);
            let index = map.offset(axis) + terms.map(|term| term.step * indices[term.axis]).sum::<i64>();
            place * extent + index as usize
        })
    })
}

/// The elements of `of` at the places `index` along an axis.
fn taken(of: &Array, index: &Array, axis: usize) -> Vec<Scalar> {
    let before: usize = of.shape[..axis].iter().product();
    let after: usize = of.shape[axis + 1..].iter().product();
    let mut elements = Vec::new();
    for outer in 0..before {
        for place in &index.elements {
            let Scalar::I64(place) = place else { unreachable!("places are i64") };
            let first = (outer * of.shape[axis] + *place as usize) * after;
            elements.extend_from_slice(&of.elements[first..first + after]);
        }
    }
    elements
}

/// The elements of `a` and, after them along an axis, those of `b`.
fn joined(a: &Array, b: &Array, axis: usize) -> Vec<Scalar> {
    let before: usize = a.shape[..axis].iter().product();
    let row = |of: &Array| of.shape[axis..].iter().product::<usize>();
    let (first, second) = (row(a), row(b));
    let rows = |k: usize| {
        let (a, b) = (&a.elements[k * first..][..first], &b.elements[k * second..][..second]);
        a.iter().chain(b).copied()
    };
    (0..before).flat_map(rows).collect()
}

fn element_count(shape: &[usize]) -> Result<usize> {
    let count = match shape.contains(&0) {
        true => Some(0),
        false => shape.iter().try_fold(1usize, |count, extent| count.checked_mul(*extent)),
    };
    match count {
        Some(count) if count <= MOST_ELEMENTS => Ok(count),
        _ => Err(Error::new(
            ErrorKind::Limit,
            format!("an array of shape {shape:?} is too large to interpret"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, inputs: &[(&str, Input<'_>)]) -> Array {
        interpret(text, inputs, true).unwrap()
    }

    #[test]
    fn arrays_broadcast_and_keep_their_order() {
        let (row, column) = (ndarray::array![1i32, 2, 3], ndarray::array![[10i32], [20]]);
        let sum = value("a + b", &[("a", Input::from(&row)), ("b", Input::from(&column))]);
        assert_eq!((sum.dtype, &sum.shape[..]), (DType::I32, &[2usize, 3][..]));
        assert_eq!(sum.elements, [11, 12, 13, 21, 22, 23].map(Scalar::I32));
        let transposed = value("a - 1", &[("a", Input::from(&ndarray::array![[1i64, 2], [3, 4]].t()))]);
        assert_eq!(transposed.elements, [0, 2, 1, 3].map(Scalar::I64));
    }

    #[test]
    fn simplifying_keeps_the_errors_of_a_branch_not_taken() {
        let (base, exponent, nothing) = ([2i64, 3], [1i64, -1], [0i64; 0]);
        let inputs = [("a", Input::from(&base)), ("n", Input::from(&exponent)), ("z", Input::from(&nothing))];
        for text in ["where(True, a, a ** n)", "where(False, a ** n + 1, a)", "where(True, sum(a), max(z))"] {
            for run in [interpret, interpret_lowered] {
                assert_eq!(run(text, &inputs, true).unwrap_err().kind(), ErrorKind::Domain, "{text}");
            }
        }
        assert_eq!(
            interpret_lowered("where(True, a, n)", &inputs, true).unwrap().elements[1],
            Scalar::I64(3)
        );
    }

    #[test]
    fn truth_values_round_to_floats_and_have_a_floor_of_their_own() {
        let truths = [true, false];
        let inputs = [("m", Input::from(&truths))];
        assert_eq!(value("round(m)", &inputs).elements, [1.0, 0.0].map(Scalar::F32));
        assert_eq!(value("floor(m)", &inputs).elements, truths.map(Scalar::Bool));
    }

    #[test]
    fn errors_that_depend_on_data_are_found() {
        let (base, exponent) = ([2i64, 3], [1i64, -1]);
        let inputs = [("a", Input::from(&base)), ("n", Input::from(&exponent))];
        assert_eq!(interpret("a ** n", &inputs, true).unwrap_err().kind(), ErrorKind::Domain);
        let nothing: [f64; 0] = [];
        let inputs = [("a", Input::from(&nothing))];
        assert_eq!(interpret("max(a)", &inputs, true).unwrap_err().kind(), ErrorKind::Domain);
        assert_eq!(interpret("sum(aa)", &inputs, true).unwrap_err().help(), Some("did you mean `a`?"));
    }
}
