//! Several lazy arrays that are evaluated together.

use super::explain::ArrayType;
use super::lazy::{Lazy, graph};
use super::program::Program;
use super::value::{OutputView, Outputs};
use crate::error::{Error, ErrorKind, Result};
use crate::exec::Options;
use crate::input::Input;
use crate::names;
use std::sync::Arc;

/// Several [`Lazy`] arrays, evaluated together: what they have in common is computed once, and those over the same
/// space share a pass over the data. Made by [`Lazy::together`] and [`Lazy::together_named`].
#[derive(Clone)]
pub struct LazyResults<'a> {
    results: Vec<Lazy<'a>>,
    names: Vec<Option<Arc<str>>>,
}

impl<'a> Lazy<'a> {
    /// Several lazy arrays, to be evaluated together.
    ///
    /// ```
    /// use ndarray::{Array1, array};
    /// use numfuse::Lazy;
    ///
    /// let x = array![1.0, 2.0, 6.0];
    /// let a = Lazy::new(&x);
    /// let centred = &a - a.mean();
    /// let (lowest, highest, centred): (f64, f64, Array1<f64>) = Lazy::together([a.min(), a.max(), centred]).eval()?;
    /// assert_eq!((lowest, highest, centred), (1.0, 6.0, array![-2.0, -1.0, 3.0]));
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn together<L: Into<Lazy<'a>>>(results: impl IntoIterator<Item = L>) -> LazyResults<'a> {
        let results: Vec<Lazy<'a>> = results.into_iter().map(L::into).collect();
        LazyResults { names: vec![None; results.len()], results }
    }

    /// Several lazy arrays with the names that a [compiled](LazyResults::compile) program will have for its results.
    ///
    /// ```
    /// use numfuse::{Lazy, inputs};
    /// let x = Lazy::named("x", &[0.0]);
    /// let program = Lazy::together_named([("low", x.min()), ("high", x.max())])?.compile();
    /// assert!(program.results().eq([Some("low"), Some("high")]));
    /// let x = [3.0, 1.0, 2.0];
    /// assert_eq!(program.run::<(f64, f64)>(inputs! { x })?, (1.0, 3.0));
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    ///
    /// # Errors
    /// A name that is given twice.
    pub fn together_named<N: AsRef<str>, L: Into<Lazy<'a>>>(
        results: impl IntoIterator<Item = (N, L)>,
    ) -> Result<LazyResults<'a>> {
        let mut all = LazyResults { results: Vec::new(), names: Vec::new() };
        for (name, result) in results {
            let name: Arc<str> = name.as_ref().into();
            if all.names.iter().flatten().any(|before| *before == name) {
                let message = format!("the result `{}` is given twice", names::shortened(&name));
                return Err(Error::new(ErrorKind::Output, message));
            }
            all.names.push(Some(name));
            all.results.push(result.into());
        }
        Ok(all)
    }
}

impl<'a> LazyResults<'a> {
    /// Runs the expressions into fresh arrays and numbers: a tuple of as many, or a `Vec<Value>`.
    ///
    /// # Errors
    /// As [`Lazy::eval`], and another number of results than `R` takes.
    pub fn eval<R: Outputs>(&self) -> Result<R> {
        self.eval_with(Options::new())
    }

    /// Runs the expressions on a device: host arrays are uploaded, results are downloaded.
    ///
    /// # Errors
    /// As [`Lazy::eval_on`], and another number of results than `R` takes.
    pub fn eval_on<R: Outputs>(&self, device: &super::device::Device) -> Result<R> {
        let (program, inputs) = self.program();
        program.run_ordered_on(device, &inputs)
    }

    /// Runs the expressions with these options.
    ///
    /// # Errors
    /// As [`eval`](Self::eval).
    pub fn eval_with<R: Outputs>(&self, options: Options) -> Result<R> {
        let (program, inputs) = self.program();
        program.with_options(options).run_ordered(&inputs)
    }

    /// Runs the expressions into memory of the caller's, an array or view for each.
    ///
    /// # Errors
    /// As [`Program::run_into_all`].
    pub fn eval_into<'o, V: Into<OutputView<'o>>>(&self, outs: impl IntoIterator<Item = V>) -> Result<()> {
        let (program, inputs) = self.program();
        let inputs: Vec<Input<'_>> = inputs.into_iter().cloned().collect();
        program.run_into_all(inputs, outs)
    }

    /// The expressions as one program, to be run on other arrays; inputs are called as by [`Lazy::compile`].
    pub fn compile(&self) -> Program {
        self.program().0
    }

    /// Types and shapes of the results.
    ///
    /// # Errors
    /// Types and shapes that do not go together.
    pub fn result_types(&self) -> Result<Vec<ArrayType>> {
        let (program, inputs) = self.program();
        program.result_types(&inputs)
    }

    fn program(&self) -> (Program, Vec<&Input<'a>>) {
        let (graph, inputs) = graph(&self.results, self.names.clone());
        (Program::of_graph(graph), inputs)
    }
}

impl std::fmt::Debug for LazyResults<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LazyResults\n{}", graph(&self.results, self.names.clone()).0)
    }
}
