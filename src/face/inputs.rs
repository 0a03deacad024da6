//! How a program gets its inputs: by name or by position.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use smallvec::SmallVec;

use super::program::Program;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{self, Graph};
use crate::input::Input;
use crate::names;

/// A program's inputs, by name or by position.
///
/// By name: an array, slice or vector of `(name, input)`, or a map from names to inputs; names that the expression does not use are ignored, but a
/// constant's (`pi e inf nan`) is an error. By position: an array or slice of inputs, in the order of [`Program::inputs`].
pub trait Inputs<'a> {
    /// Calls `run` with the inputs in the program's order.
    #[doc(hidden)]
    fn with<R>(&self, program: &Program, run: impl FnOnce(&[&Input<'a>]) -> Result<R>) -> Result<R>;
}

impl<'a, N: AsRef<str>> Inputs<'a> for [(N, Input<'a>)] {
    fn with<R>(&self, program: &Program, run: impl FnOnce(&[&Input<'a>]) -> Result<R>) -> Result<R> {
        let names = || self.iter().map(|(given, _)| given.as_ref());
        let find = |position: usize, name: &str| {
            // most callers name inputs in the program's order
            let guess = self.get(position).filter(|(given, _)| given.as_ref() == name);
            guess.or_else(|| self.iter().find(|(given, _)| given.as_ref() == name)).map(|(_, input)| input)
        };
        by_name(program, self.len(), names, find, run)
    }
}

impl<'a, N: AsRef<str>, const COUNT: usize> Inputs<'a> for [(N, Input<'a>); COUNT] {
    fn with<R>(&self, program: &Program, run: impl FnOnce(&[&Input<'a>]) -> Result<R>) -> Result<R> {
        self.as_slice().with(program, run)
    }
}

impl<'a, N: AsRef<str>> Inputs<'a> for Vec<(N, Input<'a>)> {
    fn with<R>(&self, program: &Program, run: impl FnOnce(&[&Input<'a>]) -> Result<R>) -> Result<R> {
        self.as_slice().with(program, run)
    }
}

impl<'a, N: Borrow<str> + Eq + Hash, H: BuildHasher> Inputs<'a> for HashMap<N, Input<'a>, H> {
    fn with<R>(&self, program: &Program, run: impl FnOnce(&[&Input<'a>]) -> Result<R>) -> Result<R> {
        by_name(program, self.len(), || self.keys().map(N::borrow), |_, name| self.get(name), run)
    }
}

impl<'a, N: Borrow<str> + Ord> Inputs<'a> for BTreeMap<N, Input<'a>> {
    fn with<R>(&self, program: &Program, run: impl FnOnce(&[&Input<'a>]) -> Result<R>) -> Result<R> {
        by_name(program, self.len(), || self.keys().map(N::borrow), |_, name| self.get(name), run)
    }
}

/// What the program's names stand for, in the program's order.
pub(super) fn ordered<'i, T>(program: &Program, given: &'i [(String, T)]) -> Result<SmallVec<[&'i T; 8]>> {
    let graph = program.graph();
    let mut ordered: SmallVec<[&T; 8]> = SmallVec::new();
    for (id, name) in graph.inputs().iter() {
        match given.iter().find(|(given, _)| *given == **name) {
            Some((_, input)) => ordered.push(input),
            None => return Err(unknown_name(graph, id, given.iter().map(|(given, _)| given.as_str()))),
        }
    }
    if given.len() > ordered.len() {
        given.iter().try_for_each(|(given, _)| no_constant(graph, given))?;
    }
    Ok(ordered)
}

/// Calls `run` with the inputs that `find` has for the program's names; `find` is told the position too.
#[inline]
fn by_name<'i, 'a: 'i, 'n, R, G: Iterator<Item = &'n str>>(
    program: &Program,
    count: usize,
    names: impl Fn() -> G,
    find: impl Fn(usize, &str) -> Option<&'i Input<'a>>,
    run: impl FnOnce(&[&Input<'a>]) -> Result<R>,
) -> Result<R> {
    let graph = program.graph();
    let mut ordered: SmallVec<[&Input<'a>; 8]> = SmallVec::new();
    for (id, name) in graph.inputs().iter() {
        match find(ordered.len(), name) {
            Some(input) => ordered.push(input),
            None => return Err(unknown_name(graph, id, names())),
        }
    }
    if count > ordered.len() {
        names().try_for_each(|given| no_constant(graph, given))?;
    }
    run(&ordered)
}

impl<'a> Inputs<'a> for [Input<'a>] {
    fn with<R>(&self, program: &Program, run: impl FnOnce(&[&Input<'a>]) -> Result<R>) -> Result<R> {
        let wanted = program.graph().inputs().len();
        if self.len() != wanted {
            let names = program.inputs().collect::<Vec<_>>().join(", ");
            let message = format!("the program's inputs are {wanted} ({names}), those given {}", self.len());
            return Err(Error::new(ErrorKind::Input, message));
        }
        run(&self.iter().collect::<SmallVec<[&Input<'a>; 8]>>())
    }
}

impl<'a, const N: usize> Inputs<'a> for [Input<'a>; N] {
    fn with<R>(&self, program: &Program, run: impl FnOnce(&[&Input<'a>]) -> Result<R>) -> Result<R> {
        match N == program.graph().inputs().len() {
            true => run(&self.each_ref()),
            false => self.as_slice().with(program, run),
        }
    }
}

impl<'a> Inputs<'a> for Vec<Input<'a>> {
    fn with<R>(&self, program: &Program, run: impl FnOnce(&[&Input<'a>]) -> Result<R>) -> Result<R> {
        self.as_slice().with(program, run)
    }
}

impl<'a, I: Inputs<'a> + ?Sized> Inputs<'a> for &I {
    fn with<R>(&self, program: &Program, run: impl FnOnce(&[&Input<'a>]) -> Result<R>) -> Result<R> {
        (**self).with(program, run)
    }
}

/// Refuses an input with the name of a constant that the text uses: it would be ignored like any other that is not
/// used, and the text would compute with the constant.
fn no_constant(graph: &Graph, given: &str) -> Result<()> {
    match graph.constants().contains(&given) {
        false => Ok(()),
        true => {
            let message = format!("`{given}` cannot name an input: the expression means the constant");
            Err(Error::new(ErrorKind::Input, message).with_help("give the input another name"))
        }
    }
}

fn unknown_name<'n>(graph: &Graph, id: graph::InputId, given: impl Iterator<Item = &'n str>) -> Error {
    let name = &graph.inputs()[id];
    let error = Error::new(ErrorKind::UnknownName, format!("there is no input `{}`", names::shortened(name)));
    let node = graph.nodes().iter().find(|(_, node)| **node == graph::Node::Input(id));
    let error = match (node.and_then(|(node, _)| graph.span(node)), graph.source()) {
        (Some(span), Some(text)) => error.at(span).in_text(text.clone()),
        _ => error,
    };
    let constants = graph::from_text::CONSTANTS.iter().map(|(constant, _)| *constant);
    match names::nearest(name, given.chain(constants)) {
        Some(near) => error.with_help(format!("did you mean `{near}`?")),
        None => error,
    }
}
