//! Compiled expressions: text in, plans kept, arrays out.

use std::sync::Arc;

use super::binding::{Bindings, Call, signature};
use super::explain::{ArrayType, Explanation};
use super::inputs::Inputs;
use super::value::{Memory, Output, OutputView, Value, check_output};
use crate::error::{Error, ErrorKind, Result};
use crate::exec::Options;
use crate::exec::cpu::Prepared;
use crate::graph::{self, Graph};
use crate::infer::infer;
use crate::input::Input;
use crate::plan::plan;
use crate::syntax::{self, Limits};
use crate::{lower, simplify};

/// A compiled expression. Cheap to clone, and shared between threads without copies.
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
    bindings: Bindings,
}

impl Program {
    /// Compiles the text of an expression, within the default [`Limits`].
    ///
    /// # Errors
    /// Syntax, unknown functions and wrong arguments, with their place in the text. Types and shapes are checked when
    /// the program runs.
    pub fn compile(text: &str) -> Result<Program> {
        Program::compile_with(text, &Limits::default())
    }

    /// Compiles the text of an expression within `limits`: a stranger's text is bounded in size and in what it
    /// makes the compiler do.
    ///
    /// # Errors
    /// As [`compile`](Self::compile), and a text beyond the limits.
    pub fn compile_with(text: &str, limits: &Limits) -> Result<Program> {
        let ast = syntax::parse(text, limits)?;
        Ok(Program::of_graph(graph::from_text::graph(&ast, limits)?))
    }

    pub(crate) fn of_graph(graph: Graph) -> Program {
        let core = Core { graph: Arc::new(graph), options: Options::new(), bindings: Bindings::new() };
        Program { core: Arc::new(core) }
    }

    /// The same program, run with these options.
    pub fn with_options(&self, options: Options) -> Program {
        let core = Core { graph: self.core.graph.clone(), options, bindings: Bindings::new() };
        Program { core: Arc::new(core) }
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

    /// Type and shape of its result for these inputs.
    pub(super) fn result_type(&self, inputs: &[&Input<'_>]) -> Result<ArrayType> {
        let typed = infer(&self.core.graph, &signature(inputs)?)?;
        let result = typed.results()[0];
        let shape: Vec<usize> = typed.shape(result).iter().map(|d| typed.signature().extent(*d)).collect();
        Ok(ArrayType::new(typed.nodes()[result].dtype, &shape))
    }

    /// Runs it, into a fresh array.
    ///
    /// # Errors
    /// Inputs that are missing, types and shapes that do not go together, errors that depend on data, and a result
    /// whose type or rank is not `R`'s.
    pub fn run<'a, R: Output>(&self, inputs: impl Inputs<'a>) -> Result<R> {
        inputs.with(self, |inputs| self.run_ordered(inputs))
    }

    pub(crate) fn run_ordered<R: Output>(&self, inputs: &[&Input<'_>]) -> Result<R> {
        self.bound(inputs, None, |call| {
            let (plan, layout) = (call.prepared.plan(), &call.prepared.results()[0]);
            let dtype = plan.buffers[plan.results[0]].dtype;
            check_output::<R>(dtype, &layout.shape)?;
            let mut memory = Memory::new(dtype, layout)?;
            // SAFETY: the call was prepared for these inputs, and `memory` for its result; a run without an error has
            // written every element of it.
            let value = unsafe {
                call.prepared.run(inputs, &[memory.start()], call.options.threads)?;
                memory.into_value(layout)
            };
            R::take(value).ok_or_else(|| Error::new(ErrorKind::Internal, "a checked result did not fit"))
        })
    }

    /// Calls `run` with the plan bound to these inputs and this output; an error that depends on data gets its text.
    fn bound<R>(
        &self,
        inputs: &[&Input<'_>],
        output: Option<&OutputView<'_>>,
        run: impl FnOnce(&Call) -> Result<R>,
    ) -> Result<R> {
        let Core { graph, options, bindings } = &*self.core;
        if graph.results().len() != 1 {
            let message = format!("the program has {} results, not one", graph.results().len());
            return Err(Error::new(ErrorKind::Output, message));
        }
        bindings.with(graph, *options, inputs, output, run).map_err(|error| {
            match (error.span(), graph.source()) {
                (Some(_), Some(text)) if error.source_text().is_none() => error.in_text(text.clone()),
                _ => error,
            }
        })
    }

    /// Runs it into memory of the caller's: an array or view of the result's type and shape, of any strides.
    ///
    /// # Errors
    /// As [`run`](Self::run); a wrong type or shape of `out` leaves it untouched, after an error that depends on
    /// data its contents are unspecified.
    pub fn run_into<'a, 'o>(&self, inputs: impl Inputs<'a>, out: impl Into<OutputView<'o>>) -> Result<()> {
        let out = out.into();
        inputs.with(self, |inputs| {
            self.bound(inputs, Some(&out), |call| {
                // SAFETY: the call was prepared for these inputs and this output, which the view borrows mutably.
                unsafe { call.prepared.run(inputs, &[out.start], call.options.threads) }
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
        let inputs: Vec<(&str, Input<'_>)> = types.iter().map(|(name, ty)| (*name, ty.stand_in())).collect();
        inputs.with(self, |inputs| {
            let signature = signature(inputs)?;
            let typed = infer(&self.core.graph, &signature)?;
            let simple = simplify::simplify(&typed);
            let plan = Arc::new(plan(&lower::lower(&simple)));
            let prepared =
                Prepared::new(plan, signature.extents(), inputs, None, self.core.options.resolve()?)?;
            Ok(Explanation::new(&self.core.graph, simple, prepared))
        })
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
