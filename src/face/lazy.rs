//! Lazy arrays: expressions built by Rust's operators over borrowed or owned arrays.

mod arrays;
mod elementwise;
mod loops;
mod operators;
mod products;
mod reductions;
mod sources;

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use ndarray::{Array, Dimension};
use numfuse_kernels::Op;
use smallvec::SmallVec;

use loops::LoopKey;
pub use reductions::LazyReduction;

use super::program::Program;
use super::value::{Output, OutputView};
use crate::dtype::{DType, Element, Literal, Scalar, Stored};
use crate::error::Result;
use crate::exec::Options;
use crate::graph::{
    Builder, Composed, Compound, Contraction, Graph, NodeId, Reduce, Reduction, RegionId, RegionKind, Source,
    Supplied, View,
};
use crate::input::{Input, Source as Place};

/// An array that is not computed yet: an expression over arrays borrowed for `'a`.
///
/// Operators take lazy arrays by value or by reference, references to arrays and views on the right, and bare numbers
/// on either side (on the left `bool`, `i64` and `f64`); a bare number is *weak*, it takes the type of what it meets:
/// `2.0 * &a` is `f32` for an `f32` array. A function that is generic over all of these takes `impl Into<Lazy<'a>>`.
///
/// Nothing is computed before [`eval`](Self::eval), which runs the whole expression in one pass. Shapes broadcast and
/// types are promoted as in NumPy; what does not go together is an error of `eval`, since operators cannot answer one.
/// Cheap to clone, `Send + Sync`. Borrowed arrays must outlive the expression: declare them before its first `Lazy`, or
/// hand them over with [`from_owned`](Self::from_owned), which makes a `Lazy<'static>`.
///
/// Several expressions are run at once by [`together`](Self::together), which computes what they share once.
///
/// Comparisons are methods ([`less`](Self::less), [`equal`](Self::equal) …): Rust's `<` and `==` must answer a `bool`
/// at once. `!` is NumPy's `~`, and `&`, `|`, `^` combine truth values and bits.
///
/// ```
/// use ndarray::array;
/// use numfuse::Lazy;
///
/// let (x, y) = (array![1.0, 2.0, 3.0], array![0.0, 2.0, 5.0]);
/// let (a, b) = (Lazy::new(&x), Lazy::new(&y));
/// let squares: f64 = (&a - &b).powi(2).sum().eval()?; // one pass, no temporary
/// assert_eq!(squares, 5.0);
///
/// let ratio: ndarray::Array1<f64> = b.equal(0.0).select(0.0, 2.0 * a / b).eval()?;
/// assert_eq!(ratio, array![0.0, 2.0, 1.2]);
/// # Ok::<(), numfuse::Error>(())
/// ```
#[derive(Clone)]
pub struct Lazy<'a> {
    node: Arc<LazyNode<'a>>,
}

struct LazyNode<'a> {
    what: What<'a>,
    args: SmallVec<[Lazy<'a>; 2]>,
}

enum What<'a> {
    Input {
        input: Input<'a>,
        name: Option<Arc<str>>,
        _owner: Option<Arc<dyn Any + Send + Sync>>,
    },
    Literal(Literal),
    Scalar(Scalar),
    Text(Arc<[u8]>),
    Apply(Op),
    Call(Supplied),
    Composed(&'static Composed),
    Cast(DType),
    /// Of the first argument; the second, if there is one, is the mask of what counts.
    Reduce(Reduce),
    /// Likewise; the kind in the options does not count.
    Compound(Compound, Reduce),
    Scan(Reduction, Option<i32>),
    View(View),
    Source(Source),
    Select,
    Take(Option<i32>),
    Contract(Contraction),
    /// Of so many variables; the arguments are the bound, first values, the condition and the next values.
    Loop(RegionKind, LoopKey, usize),
    Variable(LoopKey, u32),
    /// A variable after its loop.
    Left(u32),
}

/// How far a node is that waits on the stack of [`graph`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Asked,
    /// A loop: what comes before it is there.
    Body,
    Ready,
}

impl<'a> Lazy<'a> {
    fn of(what: What<'a>, args: impl IntoIterator<Item = Lazy<'a>>) -> Self {
        Lazy { node: Arc::new(LazyNode { what, args: args.into_iter().collect() }) }
    }

    /// An array, view or slice as it lies in memory.
    pub fn new(input: impl Into<Input<'a>>) -> Self {
        Lazy::of(What::Input { input: input.into(), name: None, _owner: None }, [])
    }

    /// An array with a name, by which a [compiled](Self::compile) program will ask for it.
    pub fn named(name: &str, input: impl Into<Input<'a>>) -> Self {
        Lazy::of(What::Input { input: input.into(), name: Some(name.into()), _owner: None }, [])
    }

    /// An array that the expression keeps.
    ///
    /// ```
    /// use numfuse::Lazy;
    /// fn ramp(n: usize) -> Lazy<'static> {
    ///     Lazy::from_owned(ndarray::Array1::from_iter(0..n as i64)) / 2.0
    /// }
    /// assert_eq!(ramp(5).sum().eval::<f64>()?, 5.0);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn from_owned<T: Stored, D: Dimension + 'static>(array: Array<T, D>) -> Lazy<'static> {
        let owner = Arc::new(array);
        let described = Input::from(&*owner);
        let Place::Memory(start) = described.place else { unreachable!("an array lies in memory") };
        let strides = described.strides.clone();
        let input = Input::described(start, T::DTYPE, owner.shape(), &strides);
        Lazy::of(What::Input { input, name: None, _owner: Some(owner) }, [])
    }

    /// A number of its own type: beside it an `f32` array becomes `f64`, if it is an `f64`.
    pub fn scalar<T: Element>(value: T) -> Self {
        Lazy::of(What::Scalar(value.to_scalar()), [])
    }

    /// A number that takes the type of what it meets, as a bare number in an expression does.
    pub fn weak(value: Literal) -> Self {
        Lazy::of(What::Literal(value), [])
    }

    fn apply(op: Op, args: impl IntoIterator<Item = Lazy<'a>>) -> Self {
        Lazy::of(What::Apply(op), args)
    }

    pub(super) fn supplied(function: &Supplied, args: impl IntoIterator<Item = Lazy<'a>>) -> Self {
        Lazy::of(What::Call(function.clone()), args)
    }

    fn composed(name: &str, args: impl IntoIterator<Item = Lazy<'a>>) -> Self {
        let function = Composed::from_name(name).unwrap_or_else(|| unreachable!("`{name}` is in its table"));
        Lazy::of(What::Composed(function), args)
    }

    /// A byte string, to compare with and to search for.
    pub fn text(bytes: &[u8]) -> Self {
        Lazy::of(What::Text(bytes.into()), [])
    }

    /// Runs the expression in one pass, into a fresh array or number.
    ///
    /// # Errors
    /// Types and shapes that do not go together, errors that depend on data, a result that is not `R`'s type or rank.
    pub fn eval<R: Output>(&self) -> Result<R> {
        self.eval_with(Options::new())
    }

    /// Runs the expression on a device: host arrays are uploaded, the result is downloaded.
    ///
    /// ```
    /// use numfuse::{Device, Lazy};
    /// let (x, y) = ([1.0, 2.0, 3.0], [0.0, 2.0, 5.0]);
    /// let squares: f64 = (Lazy::new(&x) - Lazy::new(&y)).powi(2).sum().eval_on(&Device::auto())?;
    /// assert_eq!(squares, 5.0);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`eval`](Self::eval) and [`Program::run_on`].
    pub fn eval_on<R: Output>(&self, device: &super::device::Device) -> Result<R> {
        let (graph, inputs) = self.graph();
        Program::of_graph(graph).run_ordered_on(device, &inputs)
    }

    /// Runs the expression with these options.
    ///
    /// # Errors
    /// As [`eval`](Self::eval).
    pub fn eval_with<R: Output>(&self, options: Options) -> Result<R> {
        let (graph, inputs) = self.graph();
        Program::of_graph(graph).with_options(options).run_ordered(&inputs)
    }

    /// Runs the expression into memory of the caller's.
    ///
    /// # Errors
    /// As [`eval`](Self::eval), and an output of another type or shape.
    pub fn eval_into<'o>(&self, out: impl Into<OutputView<'o>>) -> Result<()> {
        let (graph, inputs) = self.graph();
        let inputs: Vec<Input<'_>> = inputs.into_iter().cloned().collect();
        Program::of_graph(graph).run_into(inputs, out)
    }

    /// The expression as a program, to be run on other arrays: inputs keep the names that
    /// [`named`](Self::named) gave them, the others are `in0`, `in1` … in the order of their first use.
    ///
    /// ```
    /// use numfuse::{Lazy, inputs};
    /// let program = (Lazy::named("x", &[0.0]) * 2.0).sum().compile();
    /// let x = [1.0, 2.0, 3.0];
    /// assert_eq!(program.run::<f64>(inputs! { x })?, 12.0);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn compile(&self) -> Program {
        Program::of_graph(self.graph().0)
    }

    /// Type and shape of the result.
    ///
    /// # Errors
    /// Types and shapes that do not go together.
    pub fn result_type(&self) -> Result<super::explain::ArrayType> {
        let (graph, inputs) = self.graph();
        Ok(Program::of_graph(graph).result_types(&inputs)?.swap_remove(0))
    }

    fn graph(&self) -> (Graph, Vec<&Input<'a>>) {
        graph(std::slice::from_ref(self), Vec::new())
    }
}

/// The graph of some results, and its inputs in the graph's order. Without recursion: an expression may be a loop's long sum.
pub(super) fn graph<'l, 'a>(
    results: &'l [Lazy<'a>],
    names: Vec<Option<Arc<str>>>,
) -> (Graph, Vec<&'l Input<'a>>) {
    let mut builder = Builder::new();
    let mut done: HashMap<*const LazyNode<'a>, NodeId> = HashMap::new();
    let mut inputs: Vec<(String, &'l Input<'a>)> = Vec::new();
    let asked = |lazy: &'l Lazy<'a>| (lazy, Stage::Asked);
    let mut stack: Vec<(&'l Lazy<'a>, Stage)> = results.iter().rev().map(asked).collect();
    let mut regions: HashMap<LoopKey, RegionId> = HashMap::new();
    let mut open: Vec<RegionId> = Vec::new();
    while let Some((lazy, stage)) = stack.pop() {
        let node = &*lazy.node;
        if done.contains_key(&Arc::as_ptr(&lazy.node)) {
            continue;
        }
        let before = match node.what {
            // the body is built once the variables have their first values
            What::Loop(_, _, variables) => 1 + variables,
            _ => node.args.len(),
        };
        match (stage, &node.what) {
            (Stage::Asked, what) => {
                let next = if matches!(what, What::Loop(..)) { Stage::Body } else { Stage::Ready };
                stack.push((lazy, next));
                stack.extend(node.args[..before].iter().rev().map(asked));
                continue;
            }
            (Stage::Body, What::Loop(kind, key, _)) => {
                let args = node.args[..before].iter().map(|arg| done[&Arc::as_ptr(&arg.node)]);
                let args: Vec<NodeId> = args.collect();
                let region = builder.open(*kind, open.last().copied(), args[0], args[1..].to_vec());
                regions.insert(*key, region);
                open.push(region);
                stack.push((lazy, Stage::Ready));
                stack.extend(node.args[before..].iter().rev().map(asked));
                continue;
            }
            _ => {}
        }
        let args: SmallVec<[NodeId; 3]> = node.args.iter().map(|arg| done[&Arc::as_ptr(&arg.node)]).collect();
        let id = match &node.what {
            What::Input { input, name, .. } => {
                let name = input_name(&mut inputs, input, name.as_deref());
                builder.input(&name)
            }
            What::Literal(value) => builder.literal(*value),
            What::Scalar(value) => builder.scalar(*value),
            What::Text(bytes) => builder.text(bytes),
            What::Apply(op) => builder.apply(*op, &args),
            What::Call(function) => builder.call(function, &args),
            What::Composed(function) => {
                let given: SmallVec<[Option<NodeId>; 4]> = args.iter().copied().map(Some).collect();
                let node = function.build(&mut builder, &given);
                node.unwrap_or_else(|_| unreachable!("its method gives it what it needs"))
            }
            What::Cast(dtype) => builder.cast(*dtype, args[0]),
            What::Reduce(how) => builder.reduce(how.clone(), args[0], args.get(1).copied()),
            What::Compound(compound, how) => compound.build(&mut builder, args[0], how, args.get(1).copied()),
            What::Scan(kind, axis) => builder.scan(*kind, args[0], *axis, None),
            What::View(view) => builder.view(view.clone(), args[0]),
            What::Source(source) => builder.source(*source, args.to_vec()),
            What::Select => builder.select(args[0], args[1]),
            What::Take(axis) => builder.take(args[0], args[1], *axis),
            What::Contract(how) => builder.contract(how.clone(), args.to_vec()),
            What::Loop(_, key, _) => {
                open.pop();
                builder.close(regions[key], args[before], args[before + 1..].to_vec())
            }
            What::Variable(key, k) => {
                // one that has left its loop is refused when types are settled
                let region = *regions.entry(*key).or_insert_with(|| {
                    let zero = builder.literal(Literal::Int(0));
                    builder.open(RegionKind::Elements, None, zero, vec![zero; *k as usize + 1])
                });
                builder.param(region, *k)
            }
            What::Left(k) => builder.result(args[0], *k),
        };
        done.insert(Arc::as_ptr(&lazy.node), id);
    }
    let results = results.iter().map(|result| done[&Arc::as_ptr(&result.node)]).collect();
    builder.name_results(names);
    (builder.finish(results), inputs.into_iter().map(|(_, input)| input).collect())
}

/// The name of an input: one array is one input, however often it was wrapped.
fn input_name<'l, 'a>(
    inputs: &mut Vec<(String, &'l Input<'a>)>,
    input: &'l Input<'a>,
    name: Option<&str>,
) -> String {
    let same = |other: &Input<'_>| other.is_same_array(input);
    if let Some((known, _)) =
        inputs.iter().find(|(known, other)| same(other) && name.is_none_or(|n| n == known))
    {
        return known.clone();
    }
    let mut chosen = name.map_or_else(|| format!("in{}", inputs.len()), str::to_owned);
    while inputs.iter().any(|(known, _)| *known == chosen) {
        chosen.push('_');
    }
    inputs.push((chosen.clone(), input));
    chosen
}

impl Drop for LazyNode<'_> {
    /// Takes long chains apart one by one; the compiler's own drop would recurse through them.
    fn drop(&mut self) {
        let mut left: Vec<Lazy<'_>> = self.args.drain(..).collect();
        while let Some(lazy) = left.pop() {
            if let Some(mut node) = Arc::into_inner(lazy.node) {
                left.extend(node.args.drain(..));
            }
        }
    }
}

impl std::fmt::Debug for Lazy<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lazy\n{}", self.graph().0)
    }
}

const _: () = {
    const fn crosses_threads<T: Send + Sync>() {}
    crosses_threads::<Lazy<'static>>();
};
