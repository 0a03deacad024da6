//! Lazy arrays: expressions built by Rust's operators over borrowed or owned arrays.

use std::any::Any;
use std::collections::HashMap;
use std::iter::{Product, Sum};
use std::ops::{
    Add, AddAssign, BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Div, DivAssign,
};
use std::ops::{Mul, MulAssign, Neg, Not, Rem, RemAssign, Shl, ShlAssign, Shr, ShrAssign, Sub, SubAssign};
use std::sync::Arc;

use ndarray::{Array, ArrayBase, ArrayView, Data, Dimension};
use num_complex::Complex;
use numfuse_kernels::{Op, for_each_op};
use smallvec::SmallVec;

use super::program::Program;
use super::value::{Output, OutputView};
use crate::dtype::{DType, Element, Literal, Scalar, Stored};
use crate::error::Result;
use crate::exec::Options;
use crate::graph::{Axes, Builder, Composed, Graph, NodeId, Reduction};
use crate::input::{Input, Source};

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
    Input { input: Input<'a>, name: Option<Arc<str>>, _owner: Option<Arc<dyn Any + Send + Sync>> },
    Literal(Literal),
    Scalar(Scalar),
    Text(Arc<[u8]>),
    Apply(Op),
    Composed(&'static Composed),
    Cast(DType),
    Reduce { kind: Reduction, axes: Axes, keep: bool },
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
        let Source::Memory(start) = described.place else { unreachable!("an array lies in memory") };
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

    fn composed(name: &str, args: impl IntoIterator<Item = Lazy<'a>>) -> Self {
        let function = Composed::from_name(name).unwrap_or_else(|| unreachable!("`{name}` is in its table"));
        Lazy::of(What::Composed(function), args)
    }

    /// A byte string, to compare with and to search for.
    pub fn text(bytes: &[u8]) -> Self {
        Lazy::of(What::Text(bytes.into()), [])
    }

    /// The nearest integers, halves to even; integers stay as they are.
    pub fn round(&self) -> Self {
        self.round_to(0)
    }

    /// Rounded to so many decimals, halves to even; negative ones count before the point.
    pub fn round_to(&self, decimals: i32) -> Self {
        Lazy::composed("round", [self.clone(), decimals.into()])
    }

    /// `self`, but not below `min` and not above `max`. NaN stays.
    pub fn clip(&self, min: impl Into<Lazy<'a>>, max: impl Into<Lazy<'a>>) -> Self {
        Lazy::composed("clip", [self.clone(), min.into(), max.into()])
    }

    /// Whether `self` and `other` differ by no more than 1e-8 and 1e-5 of `other`; see
    /// [`isclose_within`](Self::isclose_within).
    pub fn isclose(&self, other: impl Into<Lazy<'a>>) -> Self {
        Lazy::composed("isclose", [self.clone(), other.into()])
    }

    /// Whether |self - other| <= atol + rtol |other|, infinities being equal only.
    pub fn isclose_within(&self, other: impl Into<Lazy<'a>>, rtol: f64, atol: f64) -> Self {
        Lazy::composed("isclose", [self.clone(), other.into(), rtol.into(), atol.into()])
    }

    /// `self` with 0 for NaN and the extremes of its type for the infinities.
    pub fn nan_to_num(&self) -> Self {
        Lazy::composed("nan_to_num", [self.clone()])
    }

    /// From `self` at t = 0 on the way to `to` at t = 1: self + (to - self) t.
    pub fn lerp(&self, to: impl Into<Lazy<'a>>, t: impl Into<Lazy<'a>>) -> Self {
        Lazy::composed("lerp", [self.clone(), to.into(), t.into()])
    }

    /// `self` to the power of `other`, in double precision at least.
    pub fn float_power(&self, other: impl Into<Lazy<'a>>) -> Self {
        Lazy::composed("float_power", [self.clone(), other.into()])
    }

    /// Whether both are not zero.
    pub fn logical_and(&self, other: impl Into<Lazy<'a>>) -> Self {
        Lazy::composed("logical_and", [self.clone(), other.into()])
    }

    /// Whether either is not zero.
    pub fn logical_or(&self, other: impl Into<Lazy<'a>>) -> Self {
        Lazy::composed("logical_or", [self.clone(), other.into()])
    }

    /// Whether one is zero and the other not.
    pub fn logical_xor(&self, other: impl Into<Lazy<'a>>) -> Self {
        Lazy::composed("logical_xor", [self.clone(), other.into()])
    }

    /// Whether it is zero.
    pub fn logical_not(&self) -> Self {
        Lazy::composed("logical_not", [self.clone()])
    }

    /// Its elements as another type: floats to integers are cut and saturate, NaN becomes 0; of complex numbers to real
    /// types the real part. What `astype` is in text.
    pub fn cast(&self, dtype: DType) -> Self {
        Lazy::of(What::Cast(dtype), [self.clone()])
    }

    /// `self` to a whole power; from -4 to 4 it is repeated products with a rounding each, within 4 ulp as long as none
    /// of them overflows or underflows.
    pub fn powi(&self, n: i32) -> Self {
        self.power(n)
    }

    /// `self` to a power, with the same products as [`powi`](Self::powi) for whole `n` from -4 to 4, and `sqrt` for 0.5.
    pub fn powf(&self, n: f64) -> Self {
        self.power(n)
    }

    /// Whether `self` is greater than `other`.
    pub fn greater(&self, other: impl Into<Lazy<'a>>) -> Self {
        other.into().less(self)
    }

    /// Whether `self` is greater than or equal to `other`.
    pub fn greater_equal(&self, other: impl Into<Lazy<'a>>) -> Self {
        other.into().less_equal(self)
    }

    /// A reduction over some axes, negative ones counted from the end; `None` is all of them. With `keepdims` reduced
    /// axes stay, with extent 1.
    pub fn reduce(&self, kind: Reduction, axes: Option<&[i32]>, keepdims: bool) -> Self {
        let axes = axes.map_or(Axes::All, |axes| Axes::Some(axes.to_vec()));
        Lazy::of(What::Reduce { kind, axes, keep: keepdims }, [self.clone()])
    }

    /// Runs the expression in one pass, into a fresh array or number.
    ///
    /// # Errors
    /// Types and shapes that do not go together, errors that depend on data, a result that is not `R`'s type or rank.
    pub fn eval<R: Output>(&self) -> Result<R> {
        self.eval_with(Options::new())
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
    let mut stack: Vec<(&'l Lazy<'a>, bool)> = results.iter().rev().map(|result| (result, false)).collect();
    while let Some((lazy, ready)) = stack.pop() {
        let node = &*lazy.node;
        if done.contains_key(&Arc::as_ptr(&lazy.node)) {
            continue;
        }
        if !ready {
            stack.push((lazy, true));
            stack.extend(node.args.iter().rev().map(|arg| (arg, false)));
            continue;
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
            What::Composed(function) => {
                let given: SmallVec<[Option<NodeId>; 4]> = args.iter().copied().map(Some).collect();
                let node = function.build(&mut builder, &given);
                node.unwrap_or_else(|_| unreachable!("its method gives it what it needs"))
            }
            What::Cast(dtype) => builder.cast(*dtype, args[0]),
            What::Reduce { kind, axes, keep } => builder.fold(*kind, args[0], axes.clone(), *keep),
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

/// Methods by the op table's rows, for those that no operator stands for.
macro_rules! lazy_methods {
    ($($op:ident {
        method: $method:tt, names: $names:tt, symbol: $symbol:expr, shape: $shape:ident $args:tt,
        typing: $typing:ident, float: $float:tt, int: $int:tt, uint: $uint:tt, bool: $bool:tt, bound: $bound:expr,
        domain: $domain:literal, cost: $cost:literal, internal: $internal:literal, doc: $doc:literal
    })*) => {
        /// The operations of the op table.
        impl<'a> Lazy<'a> {
            $(lazy_methods!(@ $op $method $args $doc);)*
        }
    };
    (@ $op:ident [] $args:tt $doc:literal) => {};
    (@ $op:ident [$method:ident] ($x:ident) $doc:literal) => {
        #[doc = $doc]
        pub fn $method(&self) -> Self {
            Lazy::apply(Op::$op, [self.clone()])
        }
    };
    (@ $op:ident [$method:ident] ($x:ident $(, $other:ident)+) $doc:literal) => {
        #[doc = $doc]
        #[doc = concat!("\n\n`", stringify!($x), "` is `self`.")]
        pub fn $method(&self $(, $other: impl Into<Lazy<'a>>)+) -> Self {
            Lazy::apply(Op::$op, [self.clone() $(, $other.into())+])
        }
    };
}
for_each_op!(lazy_methods);

macro_rules! lazy_reductions {
    ($($method:ident $axis:ident $kind:ident $doc:literal;)*) => {
        /// Reductions over every axis, and over one.
        impl<'a> Lazy<'a> { $(
            #[doc = $doc]
            pub fn $method(&self) -> Self {
                self.reduce(Reduction::$kind, None, false)
            }
            #[doc = concat!("[`", stringify!($method), "`](Self::", stringify!($method), ") along one axis; a negative one counts from the end.")]
            pub fn $axis(&self, axis: i32) -> Self {
                self.reduce(Reduction::$kind, Some(&[axis]), false)
            }
        )* }
    };
}
lazy_reductions! {
    sum sum_axis Sum "Sum of all elements; integers and truth values as `i64`.";
    prod prod_axis Prod "Product of all elements; integers and truth values as `i64`.";
    min min_axis Min "Smallest element; NaN if there is one; of nothing an error.";
    max max_axis Max "Largest element; NaN if there is one; of nothing an error.";
    mean mean_axis Mean "Arithmetic mean; of integers an `f64`; of nothing NaN.";
    any any_axis Any "Whether any element is not zero.";
    all all_axis All "Whether no element is zero.";
}

impl<'a> From<&Lazy<'a>> for Lazy<'a> {
    fn from(lazy: &Lazy<'a>) -> Self {
        lazy.clone()
    }
}

impl<'a> From<Input<'a>> for Lazy<'a> {
    fn from(input: Input<'a>) -> Self {
        Lazy::new(input)
    }
}

impl<'a, T: Stored, S: Data<Elem = T>, D: Dimension> From<&'a ArrayBase<S, D>> for Lazy<'a> {
    fn from(array: &'a ArrayBase<S, D>) -> Self {
        Lazy::new(array)
    }
}

impl<'a, T: Stored, D: Dimension> From<ArrayView<'a, T, D>> for Lazy<'a> {
    fn from(view: ArrayView<'a, T, D>) -> Self {
        Lazy::new(view)
    }
}

/// The expression that adds the terms up from the left; of no terms a weak 0.
impl<'a, L: Into<Lazy<'a>>> Sum<L> for Lazy<'a> {
    fn sum<I: Iterator<Item = L>>(terms: I) -> Self {
        terms.map(L::into).reduce(|sum, term| sum + term).unwrap_or_else(|| Lazy::from(0))
    }
}

/// The expression that multiplies the factors from the left; of no factors a weak 1.
impl<'a, L: Into<Lazy<'a>>> Product<L> for Lazy<'a> {
    fn product<I: Iterator<Item = L>>(factors: I) -> Self {
        factors.map(L::into).reduce(|product, factor| product * factor).unwrap_or_else(|| Lazy::from(1))
    }
}

macro_rules! weak_numbers {
    ($($rust:ty => $literal:ident as $wide:ty),*) => { $(
        impl From<$rust> for Lazy<'_> {
            fn from(value: $rust) -> Self {
                Lazy::weak(Literal::$literal(<$wide>::from(value)))
            }
        }
    )* };
}
weak_numbers!(
    bool => Bool as bool, i8 => Int as i128, i16 => Int as i128, i32 => Int as i128, i64 => Int as i128,
    u8 => Int as i128, u16 => Int as i128, u32 => Int as i128, u64 => Int as i128,
    f32 => Float as f64, f64 => Float as f64, Complex<f64> => Complex as Complex<f64>
);

macro_rules! operators {
    ($($Trait:ident $method:ident $Assign:ident $assign:ident),*) => { $(
        impl<'a, R: Into<Lazy<'a>>> $Trait<R> for Lazy<'a> {
            type Output = Lazy<'a>;
            fn $method(self, other: R) -> Lazy<'a> {
                Lazy::apply(Op::$Trait, [self, other.into()])
            }
        }
        impl<'a, R: Into<Lazy<'a>>> $Trait<R> for &Lazy<'a> {
            type Output = Lazy<'a>;
            fn $method(self, other: R) -> Lazy<'a> {
                Lazy::apply(Op::$Trait, [self.clone(), other.into()])
            }
        }
        impl<'a, R: Into<Lazy<'a>>> $Assign<R> for Lazy<'a> {
            fn $assign(&mut self, other: R) {
                *self = Lazy::apply(Op::$Trait, [self.clone(), other.into()]);
            }
        }
        // one float and one integer: of two, rustc could not tell which one the 2.0 of `2.0 * &a` is
        operators!(@ $Trait $method bool, i64, f64, Complex<f64>);
    )* };
    (@ $Trait:ident $method:ident $($number:ty),*) => { $(
        impl<'a> $Trait<Lazy<'a>> for $number {
            type Output = Lazy<'a>;
            fn $method(self, other: Lazy<'a>) -> Lazy<'a> {
                Lazy::apply(Op::$Trait, [self.into(), other])
            }
        }
        impl<'a> $Trait<&Lazy<'a>> for $number {
            type Output = Lazy<'a>;
            fn $method(self, other: &Lazy<'a>) -> Lazy<'a> {
                Lazy::apply(Op::$Trait, [self.into(), other.clone()])
            }
        }
    )* };
}
use {BitAnd as And, BitOr as Or, BitXor as Xor};
operators! {
    Add add AddAssign add_assign, Sub sub SubAssign sub_assign, Mul mul MulAssign mul_assign,
    Div div DivAssign div_assign, Rem rem RemAssign rem_assign, And bitand BitAndAssign bitand_assign,
    Or bitor BitOrAssign bitor_assign, Xor bitxor BitXorAssign bitxor_assign,
    Shl shl ShlAssign shl_assign, Shr shr ShrAssign shr_assign
}

impl<'a> Neg for Lazy<'a> {
    type Output = Lazy<'a>;
    fn neg(self) -> Lazy<'a> {
        Lazy::apply(Op::Neg, [self])
    }
}

impl<'a> Neg for &Lazy<'a> {
    type Output = Lazy<'a>;
    fn neg(self) -> Lazy<'a> {
        Lazy::apply(Op::Neg, [self.clone()])
    }
}

impl<'a> Not for Lazy<'a> {
    type Output = Lazy<'a>;
    fn not(self) -> Lazy<'a> {
        Lazy::apply(Op::Not, [self])
    }
}

impl<'a> Not for &Lazy<'a> {
    type Output = Lazy<'a>;
    fn not(self) -> Lazy<'a> {
        Lazy::apply(Op::Not, [self.clone()])
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
