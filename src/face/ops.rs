//! Functions of the user's own, callable from text and from lazy arrays.

use std::fmt;

use numfuse_kernels::{Adapted, Adapter, Body, OwnKernels};

use super::lazy::Lazy;
use crate::error::Result;
use crate::graph::{ScalarFunction, Supplied, Supply};

/// Functions of numbers that expressions may call besides the built-in ones: closures of one to three `f64`.
///
/// Closures run on the CPU, for one element after the other; a graphics device refuses an expression that calls one. For
/// functions that are vectorised, and run there too, see [`register_kernel`](Self::register_kernel).
/// Arguments of any real type are converted to `f64`, broadcast, and the value is `f64`. A closure is called as often and
/// in whatever order it suits the evaluation, from several threads at once, also for elements that nobody asked for:
/// that its value follows from its arguments alone is the user's promise. A panic inside one is an error of the run,
/// of kind [`ErrorKind::Panic`](crate::ErrorKind::Panic), once the panic hook has had its say.
///
/// ```
/// use ndarray::array;
/// use numfuse::{Lazy, Limits, Ops, Program, inputs};
///
/// let mut ops = Ops::new();
/// let elu = ops.register("elu", |x: f64| if x > 0.0 { x } else { x.exp_m1() })?;
/// ops.register("between", |x: f64, low: f64, high: f64| f64::from(low <= x && x < high))?;
///
/// let x = array![-1.0, 0.0, 1.0];
/// let program = Program::compile_with_ops("sum(elu(2*x)*between(x, -1.5, 0.5))", &Limits::default(), &ops)?;
/// assert_eq!(program.run::<f64>(inputs! { x })?, (-2f64).exp_m1());
///
/// // the same from Rust: a function knows how many arguments it takes
/// let lazy = elu.of([2.0 * Lazy::new(&x)]).max();
/// assert_eq!(lazy.eval::<f64>()?, 2.0);
/// # Ok::<(), numfuse::Error>(())
/// ```
#[derive(Clone, Default, Debug)]
pub struct Ops(pub(super) Supply);

impl Ops {
    /// None yet.
    pub fn new() -> Ops {
        Ops::default()
    }

    /// Makes a closure callable by a name. Its arguments' types have to be written out: `|x: f64|`.
    ///
    /// # Errors
    /// A name that an expression cannot call, that of a built-in function or constant, and one that is taken.
    pub fn register<const N: usize>(
        &mut self,
        name: &str,
        function: impl ScalarFunction<N>,
    ) -> Result<OwnFunction<N>> {
        Ok(OwnFunction(self.0.add(name, function)?))
    }

    /// Makes a [`Body`] callable by a name: written once over any instruction set, it is vectorised like the built-in
    /// functions and runs on graphics devices as well. Floats keep their type, integers become `f64`. It is compiled
    /// with the crate that it stands in: without optimisation it is slow.
    ///
    /// ```
    /// use ndarray::array;
    /// use numfuse::kernel::{Body, Token, math};
    /// use numfuse::{Limits, Ops, Program, inputs};
    ///
    /// /// exp(-(x/w)²)
    /// struct Bell;
    /// impl Body<2> for Bell {
    ///     #[inline(always)]
    ///     fn apply<S: Token>(s: S, [x, width]: [S::F; 2]) -> S::F {
    ///         let ratio = x / width;
    ///         math::exponential::exp(s, s.lit(0.0) - ratio * ratio)
    ///     }
    /// }
    ///
    /// let mut ops = Ops::new();
    /// ops.register_kernel("bell", Bell)?;
    /// let program = Program::compile_with_ops("sum(bell(x, 2))", &Limits::default(), &ops)?;
    /// let x = array![0.0f32, 2.0];
    /// assert_eq!(program.run::<f32>(inputs! { x })?, 1.0 + (-1f32).exp());
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`register`](Self::register).
    pub fn register_kernel<const N: usize, B: Body<N>>(
        &mut self,
        name: &str,
        body: B,
    ) -> Result<OwnFunction<N>>
    where
        Adapter<B, N>: Adapted,
    {
        Ok(OwnFunction(self.0.add_kernels::<N>(name, OwnKernels::of(body))?))
    }

    /// The names, in the order in which they were registered.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.names()
    }
}

/// A function of `N` numbers that was [registered](Ops::register), for lazy arrays.
#[derive(Clone)]
pub struct OwnFunction<const N: usize>(Supplied);

impl<const N: usize> OwnFunction<N> {
    /// Its name in text.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Its values.
    pub fn of<'a, A: Into<Lazy<'a>>>(&self, arguments: [A; N]) -> Lazy<'a> {
        Lazy::supplied(&self.0, arguments.map(A::into))
    }
}

impl<const N: usize> fmt::Debug for OwnFunction<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {N}", self.name())
    }
}
