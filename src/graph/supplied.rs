//! Functions that the user of the library supplies, by the names that expressions call them: closures over numbers, and
//! bodies from which kernels follow.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use numfuse_kernels::{Op, OwnKernels};

use super::from_text::{ArrayFunction, CONSTANTS};
use super::{Composed, Reduction};
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::names;

/// A closure of `N` numbers, one to three, that makes one of them. Implemented for every `Fn(f64) -> f64`,
/// `Fn(f64, f64) -> f64` and `Fn(f64, f64, f64) -> f64` that threads may share.
pub trait ScalarFunction<const N: usize>: Send + Sync + 'static {
    /// Its value.
    fn value(&self, arguments: [f64; N]) -> f64;
}

impl<F: Fn(f64) -> f64 + Send + Sync + 'static> ScalarFunction<1> for F {
    fn value(&self, [x]: [f64; 1]) -> f64 {
        self(x)
    }
}

impl<F: Fn(f64, f64) -> f64 + Send + Sync + 'static> ScalarFunction<2> for F {
    fn value(&self, [x, y]: [f64; 2]) -> f64 {
        self(x, y)
    }
}

impl<F: Fn(f64, f64, f64) -> f64 + Send + Sync + 'static> ScalarFunction<3> for F {
    fn value(&self, [x, y, z]: [f64; 3]) -> f64 {
        self(x, y, z)
    }
}

/// How many elements a call takes at most: what it is told about, and what it answers, lie on the stack meanwhile.
pub(crate) const CALL: usize = 64;

/// A closure of any arity, called for many elements at once.
trait Elements: Send + Sync {
    fn fill(&self, arguments: &[[f64; CALL]; 3], values: &mut [f64]);
}

struct OfNumbers<F, const N: usize>(F);

impl<F: ScalarFunction<N>, const N: usize> Elements for OfNumbers<F, N> {
    fn fill(&self, arguments: &[[f64; CALL]; 3], values: &mut [f64]) {
        for (k, value) in values.iter_mut().enumerate() {
            let mut element = [0.0; N];
            for (of, column) in element.iter_mut().zip(arguments) {
                *of = column[k];
            }
            *value = self.0.value(element);
        }
    }
}

/// A supplied function. Two are equal if they are the same one.
#[derive(Clone)]
pub struct Supplied(Arc<Entry>);

struct Entry {
    name: String,
    arity: usize,
    body: Body,
}

enum Body {
    Closure(Box<dyn Elements>),
    Kernels(OwnKernels),
}

impl Supplied {
    fn new<const N: usize>(name: &str, body: Body) -> Supplied {
        const { assert!(N >= 1 && N <= 3, "a function takes one to three numbers") }
        Supplied(Arc::new(Entry { name: name.to_owned(), arity: N, body }))
    }

    /// Its name in expressions.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// How many arguments it takes.
    pub fn arity(&self) -> usize {
        self.0.arity
    }

    /// Its kernels, if it is no closure.
    pub(crate) fn kernels(&self) -> Option<&OwnKernels> {
        match &self.0.body {
            Body::Closure(_) => None,
            Body::Kernels(kernels) => Some(kernels),
        }
    }

    /// A closure's values for some elements, [`CALL`] at most; `None` where it panicked.
    pub(crate) fn fill(&self, arguments: &[[f64; CALL]; 3], values: &mut [f64]) -> Option<()> {
        let Body::Closure(closure) = &self.0.body else { return None };
        // what a closure leaves behind when it panics is its own affair: it is shared between threads as it is
        catch_unwind(AssertUnwindSafe(|| closure.fill(arguments, values))).ok()
    }

    /// The error of a call that panicked.
    pub(crate) fn panicked(&self) -> (ErrorKind, String) {
        (ErrorKind::Panic, format!("the function `{}` panicked", self.name()))
    }
}

impl PartialEq for Supplied {
    fn eq(&self, other: &Supplied) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Supplied {}

impl Hash for Supplied {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

impl fmt::Debug for Supplied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The supplied functions that a text may call.
#[derive(Clone, Default, Debug)]
pub(crate) struct Supply(Vec<Supplied>);

/// Words of the language that are no names.
const WORDS: [&str; 14] = [
    "and", "or", "not", "in", "if", "else", "for", "while", "repeat", "break", "def", "True", "False", "None",
];

impl Supply {
    /// The function of a name.
    pub(crate) fn find(&self, name: &str) -> Option<&Supplied> {
        self.0.iter().find(|function| function.name() == name)
    }

    /// Every name.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Supplied::name)
    }

    /// Takes in a closure.
    ///
    /// # Errors
    /// A name that expressions cannot call, or that is taken.
    pub(crate) fn add<const N: usize>(
        &mut self,
        name: &str,
        function: impl ScalarFunction<N>,
    ) -> Result<Supplied> {
        self.take_in::<N>(name, Body::Closure(Box::new(OfNumbers(function))))
    }

    /// Takes in kernels of `N` operands.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub(crate) fn add_kernels<const N: usize>(
        &mut self,
        name: &str,
        kernels: OwnKernels,
    ) -> Result<Supplied> {
        self.take_in::<N>(name, Body::Kernels(kernels))
    }

    fn take_in<const N: usize>(&mut self, name: &str, body: Body) -> Result<Supplied> {
        let error = |kind, what: &str| Err(Error::new(kind, format!("`{}` {what}", names::shortened(name))));
        let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let goes_on = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !begins || !goes_on || WORDS.contains(&name) {
            return error(ErrorKind::Syntax, "is no name that an expression can call");
        }
        if is_built_in(name) {
            return error(ErrorKind::Syntax, "is a function or a constant of the language already");
        }
        if self.find(name).is_some() {
            return error(ErrorKind::Syntax, "is registered already");
        }
        let function = Supplied::new::<N>(name, body);
        self.0.push(function.clone());
        Ok(function)
    }
}

fn is_built_in(name: &str) -> bool {
    Op::from_name(name).is_some()
        || Reduction::from_name(name).is_some()
        || ArrayFunction::from_name(name).is_some()
        || Composed::from_name(name).is_some()
        || DType::from_name(name).is_some()
        || matches!(name, "einsum" | "astype")
        || CONSTANTS.iter().any(|(constant, _)| *constant == name)
}
