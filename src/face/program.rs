//! Compiled programs: text in, plans kept, arrays out.

use std::sync::Arc;

use smallvec::SmallVec;

use super::binding::{Bindings, Call, signature, which};
use super::explain::{ArrayType, Explanation};
use super::inputs::Inputs;
use super::ops::Ops;
use super::value::{Memory, OutputView, Outputs, Value};
use crate::error::{Error, ErrorKind, Result};
use crate::exec::cpu::Prepared;
use crate::exec::{Cancel, Options, Stop};
use crate::graph::{self, Graph};
use crate::infer::infer;
use crate::input::Input;
use crate::plan::plan;
use crate::syntax::{self, Limits};
use crate::{lower, simplify};

/// A compiled expression, or a whole program of statements. Cheap to clone, and shared between threads without copies.
///
/// ```
/// use ndarray::{Array1, array};
/// use numfuse::{Program, inputs};
///
/// let program = Program::compile("where(idf == 0, 0, tf/idf)")?;
/// let (tf, idf) = (array![3.0, 1.0, 4.0], array![2.0, 0.0, 0.5]);
/// let scores: Array1<f64> = program.run(inputs! { tf, idf })?;
/// assert_eq!(scores, array![1.5, 0.0, 8.0]);
///
/// let mut out = Array1::<f64>::zeros(3);
/// program.run_into(inputs! { tf, idf }, &mut out)?; // no allocation
/// assert_eq!(out, scores);
/// # Ok::<(), numfuse::Error>(())
/// ```
#[derive(Clone)]
pub struct Program {
    core: Arc<Core>,
}

struct Core {
    graph: Arc<Graph>,
    options: Options,
    /// None for what the caller has built himself.
    limits: Option<Limits>,
    cancel: Option<Cancel>,
    bindings: Bindings,
}

impl Program {
    /// Compiles a text within the default [`Limits`]: an expression, several with commas between them, or statements
    /// with functions, named values and loops, of which the last one is the result.
    ///
    /// ```
    /// use numfuse::{Program, inputs};
    /// let program = Program::compile(
    ///     "def step(r, x) = (r + x/r)/2              # Newton's, for a square root
    ///      r = x
    ///      repeat 50 while abs(r*r - x) > 1e-12*x { r = step(r, x) }
    ///      r",
    /// )?;
    /// let root: f64 = program.run(inputs! { x = 2.0f64 })?;
    /// assert!((root - 2f64.sqrt()).abs() < 1e-12);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    ///
    /// # Errors
    /// Syntax, unknown functions and wrong arguments, with their place in the text. Types and shapes are checked when
    /// the program runs.
    pub fn compile(text: &str) -> Result<Program> {
        Program::compile_with(text, &Limits::default())
    }

    /// Compiles a text within `limits`: a stranger's text is bounded in size, in what it makes the compiler do, and in
    /// what its runs do, which [`cancelled_by`](Self::cancelled_by) can end as well.
    ///
    /// ```
    /// use numfuse::{ErrorKind, Limits, Program};
    /// let mut limits = Limits::default();
    /// limits.turns = 1000;
    /// let text = "n = 0; repeat 100 { repeat 100 { n += 1 } }; n";
    /// let error = Program::compile_with(text, &limits).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Limit);
    /// ```
    ///
    /// # Errors
    /// As [`compile`](Self::compile), and a text beyond the limits.
    pub fn compile_with(text: &str, limits: &Limits) -> Result<Program> {
        Program::compile_with_ops(text, limits, &Ops::new())
    }

    /// Compiles a text that may call functions of the user's own.
    ///
    /// # Errors
    /// As [`compile_with`](Self::compile_with).
    pub fn compile_with_ops(text: &str, limits: &Limits, ops: &Ops) -> Result<Program> {
        let ast = syntax::parse(text, limits)?;
        let graph = graph::from_text::graph(&ast, limits, &ops.0)?;
        Ok(Program::of(Arc::new(graph), Options::new(), Some(limits.clone()), None))
    }

    fn of(graph: Arc<Graph>, options: Options, limits: Option<Limits>, cancel: Option<Cancel>) -> Program {
        let bindings = Bindings::new(limits.as_ref().map_or(u64::MAX, |limits| limits.elements));
        Program { core: Arc::new(Core { graph, options, limits, cancel, bindings }) }
    }

    pub(crate) fn of_graph(graph: Graph) -> Program {
        Program::of(Arc::new(graph), Options::new(), None, None)
    }

    /// The same program, run with these options.
    pub fn with_options(&self, options: Options) -> Program {
        let Core { graph, limits, cancel, .. } = &*self.core;
        Program::of(graph.clone(), options, limits.clone(), cancel.clone())
    }

    /// The same program, whose runs on the CPU end with an error of the kind
    /// [`Cancelled`](crate::ErrorKind::Cancelled) once `cancel` is.
    pub fn cancelled_by(&self, cancel: &Cancel) -> Program {
        let Core { graph, options, limits, .. } = &*self.core;
        Program::of(graph.clone(), *options, limits.clone(), Some(cancel.clone()))
    }

    /// What ends a run that begins now.
    pub(super) fn stop(&self) -> Stop<'_> {
        Stop::new(self.core.limits.as_ref(), self.core.cancel.as_ref())
    }

    /// The names of its inputs, in the order in which the expression first uses them.
    pub fn inputs(&self) -> impl ExactSizeIterator<Item = &str> {
        self.core.graph.inputs().iter().map(|(_, name)| &**name)
    }

    /// The text it was compiled from; `None` for a program of lazy arrays.
    pub fn text(&self) -> Option<&str> {
        self.core.graph.source().map(|text| &**text)
    }

    /// The graph it computes.
    #[doc(hidden)]
    pub fn graph(&self) -> &Graph {
        &self.core.graph
    }

    /// The names of its results, in order: `Some` for those of `low = min(x), high = max(x)`, `None` for those of
    /// `min(x), max(x)`.
    ///
    /// ```
    /// let program = numfuse::Program::compile("low = min(x), high = max(x)")?;
    /// assert!(program.results().eq([Some("low"), Some("high")]));
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn results(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        self.core.graph.names().iter().map(Option::as_deref)
    }

    /// Types and shapes of its results for these inputs.
    pub(super) fn result_types(&self, inputs: &[&Input<'_>]) -> Result<Vec<ArrayType>> {
        let typed = infer(&self.core.graph, &signature(&self.core.graph, inputs)?)?;
        let extents = |result| typed.shape(result).iter().map(|d| typed.signature().extent(*d)).collect();
        let array_type = |result| {
            let shape: Vec<usize> = extents(result);
            ArrayType::new(typed.nodes()[result].dtype, &shape)
        };
        Ok(typed.results().iter().copied().map(array_type).collect())
    }

    /// Runs it, into a fresh array; several results, in one pass where their shapes allow it, into a tuple of arrays
    /// and numbers or a `Vec<Value>`.
    ///
    /// ```
    /// use ndarray::Array1;
    /// use numfuse::{Program, Value, inputs};
    /// let program = Program::compile("x - mean(x), max(x)")?;
    /// let x = [1.0, 2.0, 6.0];
    /// let (centred, largest): (Array1<f64>, f64) = program.run(inputs! { x })?;
    /// assert_eq!((centred[0], largest), (-2.0, 6.0));
    /// let values: Vec<Value> = program.run(inputs! { x })?;
    /// assert_eq!(values.len(), 2);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    ///
    /// # Errors
    /// Inputs that are missing, types and shapes that do not go together, errors that depend on data, another number of
    /// results than `R` takes, and a result whose type or rank is not the one that `R` asks for.
    pub fn run<'a, R: Outputs>(&self, inputs: impl Inputs<'a>) -> Result<R> {
        inputs.with(self, |inputs| self.run_ordered(inputs))
    }

    pub(crate) fn run_ordered<R: Outputs>(&self, inputs: &[&Input<'_>]) -> Result<R> {
        let graph = &*self.core.graph;
        if let Some(count) = R::COUNT {
            check_count(graph, count, "asked for")?;
        }
        self.bound(inputs, None, |call| {
            let (plan, layouts) = (call.prepared.plan(), call.prepared.results());
            let mut memories: SmallVec<[Memory; 1]> = SmallVec::new();
            for (k, (buffer, layout)) in plan.results.iter().zip(layouts).enumerate() {
                let dtype = plan.buffers[*buffer].dtype;
                R::check(k, &|| which(graph, k), dtype, &layout.shape)?;
                memories.push(Memory::new(dtype, layout)?);
            }
            let starts: SmallVec<[*mut u8; 1]> = memories.iter_mut().map(Memory::start).collect();
            let first = |k: usize| plan.results.iter().position(|buffer| *buffer == plan.results[k]);
            // SAFETY: the call was prepared for these inputs, and the memories for its results.
            unsafe { call.prepared.run(inputs, &starts, call.options.threads, &self.stop())? };
            let mut values: SmallVec<[Value; 1]> = SmallVec::new();
            for (k, (memory, layout)) in memories.into_iter().zip(layouts).enumerate() {
                values.push(match first(k) {
                    // a node that is a result again has been written once
                    Some(first) if first < k => values[first].clone(),
                    // SAFETY: a run without an error has written every element of it.
                    _ => unsafe { memory.into_value(layout) },
                });
            }
            let internal = || Error::new(ErrorKind::Internal, "a checked result did not fit");
            R::take_all(&mut values.into_iter()).ok_or_else(internal)
        })
    }

    /// Calls `run` with the plan bound to these inputs and outputs; an error that depends on data gets its text.
    fn bound<R>(
        &self,
        inputs: &[&Input<'_>],
        outputs: Option<&[OutputView<'_>]>,
        run: impl FnOnce(&Call) -> Result<R>,
    ) -> Result<R> {
        let Core { graph, options, bindings, .. } = &*self.core;
        bindings.with(graph, *options, inputs, outputs, run).map_err(|error| self.in_text(error))
    }

    /// An error with the text that its place is in.
    pub(super) fn in_text(&self, error: Error) -> Error {
        match (error.span(), self.core.graph.source()) {
            (Some(_), Some(text)) if error.source_text().is_none() => error.in_text(text.clone()),
            _ => error,
        }
    }

    /// The plan bound to a device and to inputs that are described.
    #[cfg(feature = "vulkan")]
    pub(super) fn prepared_on(
        &self,
        gpu: &Arc<crate::exec::vulkan::Gpu>,
        inputs: &[&Input<'_>],
    ) -> Result<Arc<crate::exec::vulkan::Prepared>> {
        let Core { graph, bindings, .. } = &*self.core;
        bindings.on_device(graph, gpu, inputs).map_err(|error| self.in_text(error))
    }

    /// Runs it into memory of the caller's: an array or view of the result's type and shape, of any strides. For a
    /// program of several results there is [`run_into_all`](Self::run_into_all).
    ///
    /// # Errors
    /// As [`run`](Self::run); a wrong type or shape of `out` leaves it untouched, after an error that depends on
    /// data its contents are unspecified.
    pub fn run_into<'a, 'o>(&self, inputs: impl Inputs<'a>, out: impl Into<OutputView<'o>>) -> Result<()> {
        self.run_into_views(inputs, &[out.into()])
    }

    /// Runs it into memory of the caller's, an array or view for each result. Those of different types become one list
    /// as [`OutputView`]s.
    ///
    /// ```
    /// use ndarray::array;
    /// use numfuse::{OutputView, Program, inputs};
    /// let program = Program::compile("x + 1, x > 1")?;
    /// let (x, mut sums, mut flags) = ([1.0, 2.0], array![0.0, 0.0], [false; 2]);
    /// program.run_into_all(inputs! { x }, [OutputView::from(&mut sums), OutputView::from(&mut flags)])?;
    /// assert_eq!((sums, flags), (array![2.0, 3.0], [false, true]));
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`run_into`](Self::run_into), and another number of outputs than there are results.
    pub fn run_into_all<'a, 'o, V: Into<OutputView<'o>>>(
        &self,
        inputs: impl Inputs<'a>,
        outs: impl IntoIterator<Item = V>,
    ) -> Result<()> {
        let views: SmallVec<[OutputView<'o>; 4]> = outs.into_iter().map(V::into).collect();
        self.run_into_views(inputs, &views)
    }

    fn run_into_views<'a>(&self, inputs: impl Inputs<'a>, views: &[OutputView<'_>]) -> Result<()> {
        check_count(&self.core.graph, views.len(), "given outputs")?;
        inputs.with(self, |inputs| {
            self.bound(inputs, Some(views), |call| {
                let threads = call.options.threads;
                if let [view] = views {
                    // SAFETY: the call was prepared for these inputs and this output, which the view borrows mutably.
                    return unsafe { call.prepared.run(inputs, &[view.start], threads, &self.stop()) };
                }
                let starts: SmallVec<[*mut u8; 4]> = views.iter().map(|view| view.start).collect();
                // SAFETY: as above, for each of the views.
                unsafe { call.prepared.run(inputs, &starts, threads, &self.stop())? };
                let results = &call.prepared.plan().results;
                for (k, buffer) in results.iter().enumerate() {
                    let first = results.iter().position(|other| other == buffer).unwrap_or(k);
                    if first < k {
                        // SAFETY: the run has written the first; both views are borrowed mutably, so they are apart.
                        unsafe { views[first].copy_to(&views[k]) };
                    }
                }
                Ok(())
            })
        })
    }

    /// What the program does with inputs of these types: its graph, its loops, what they cost.
    ///
    /// # Errors
    /// As [`run`](Self::run), data aside.
    ///
    /// ```
    /// use numfuse::{ArrayType, DType, Program};
    /// let program = Program::compile("sum((a - b)**2)")?;
    /// let a = ArrayType::new(DType::F64, &[1000]);
    /// let explanation = program.explain(&[("a", a.clone()), ("b", a)])?;
    /// assert_eq!(explanation.loops(), 1);
    /// println!("{explanation}");
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn explain(&self, types: &[(&str, ArrayType)]) -> Result<Explanation> {
        self.explain_with(types, &[])
    }

    /// What the program does with inputs of these types, and with these values for inputs whose values shapes depend on.
    ///
    /// # Errors
    /// As [`explain`](Self::explain).
    ///
    /// ```
    /// use numfuse::{ArrayType, DType, Program, inputs};
    /// let program = Program::compile("x * arange(n)")?;
    /// let x = ArrayType::new(DType::F32, &[1000]);
    /// let explanation = program.explain_with(&[("x", x)], &inputs! { n = 1000 })?;
    /// assert_eq!(explanation.result(), ArrayType::new(DType::F64, &[1000]));
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn explain_with(
        &self,
        types: &[(&str, ArrayType)],
        values: &[(&str, Input<'_>)],
    ) -> Result<Explanation> {
        let stand_ins = types.iter().map(|(name, ty)| (*name, ty.stand_in()));
        let inputs: Vec<(&str, Input<'_>)> = values.iter().cloned().chain(stand_ins).collect();
        inputs.with(self, |inputs| {
            let typed = infer(&self.core.graph, &signature(&self.core.graph, inputs)?)?;
            let simple = simplify::simplify(&typed);
            let plan = Arc::new(plan(&lower::lower(&simple)));
            let extents: Vec<usize> = plan.signature.extents().to_vec();
            let prepared = Prepared::new(plan, &extents, inputs, None, self.core.options.resolve()?)?;
            Ok(Explanation::new(&self.core.graph, simple, prepared))
        })
    }
}

/// Refuses another number of outputs than there are results.
#[inline]
pub(super) fn check_count(graph: &Graph, count: usize, are: &str) -> Result<()> {
    if graph.results().len() == count { Ok(()) } else { Err(another_count(graph, count, are)) }
}

#[cold]
fn another_count(graph: &Graph, count: usize, are: &str) -> Error {
    let results = graph.results().len();
    let has = if results == 1 { "1 result".to_owned() } else { format!("{results} results") };
    let verb = if count == 1 { "is" } else { "are" };
    let error = Error::new(ErrorKind::Output, format!("the program has {has}, and {count} {verb} {are}"));
    match results {
        1 => error,
        _ => error.with_help("ask for a tuple of as many, or a `Vec<Value>`; give outputs to `run_into_all`"),
    }
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.core.graph.source() {
            Some(text) => write!(f, "Program({text:?})"),
            None => write!(f, "Program of {} nodes", self.core.graph.nodes().len()),
        }
    }
}

const _: () = {
    const fn crosses_threads<T: Send + Sync>() {}
    crosses_threads::<Program>();
    crosses_threads::<Value>();
};
