//! The program's own functions: defined anywhere at its top, inlined where they are called.
//!
//! None can be inside of itself, which is found before the first call. So the values of its nodes are kept where those
//! of all nodes are: there is never more than one use of a function at a time.

use std::collections::HashMap;

use numfuse_kernels::Op;

use super::arrays::ArrayFunction;
use super::program::Flow;
use super::scope::{Bound, Scope};
use super::{CONSTANTS, Lowering, Value, calls};
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Composed, Reduction, Supply};
use crate::names;
use crate::syntax::{Ast, Expr, ExprId, Form, Keyword, List, Nodes, Parameter, Span};

/// The statements that define the functions, by name.
#[derive(Default)]
pub(super) struct Functions<'a>(HashMap<&'a str, usize>);

/// A call of a function that is being inlined: what goes on behind it.
pub(super) struct Activation<'a> {
    /// The call, whose value the function's is.
    call: ExprId,
    at: usize,
    nodes: Nodes,
    scope: Scope<'a>,
    flow: Flow,
    /// What the call gives the parameters.
    given: Vec<Option<Value>>,
    /// The value, once it is known.
    returned: Option<Value>,
}

impl<'a> Functions<'a> {
    /// Finds the functions and checks what they call, used or not.
    pub(super) fn of(ast: &'a Ast, supply: &Supply) -> Result<Self> {
        let mut functions = HashMap::new();
        for (at, statement) in ast.statements().iter().enumerate() {
            let Form::Define { name, params, .. } = statement.form else { continue };
            let text = ast.text(name);
            let error = |message: String| Error::new(ErrorKind::Syntax, message).at(name);
            if is_known(text) || supply.find(text).is_some() {
                let help = "a function of the program's own has a name of its own";
                return Err(error(format!("`{text}` is a function of the language")).with_help(help));
            }
            if functions.insert(text, at).is_some() {
                return Err(error(format!("the function `{}` is defined twice", names::shortened(text))));
            }
            for param in ast.params(params) {
                is_settable(ast.text(param.name)).map_err(|error| error.at(param.name))?;
            }
        }
        let functions = Functions(functions);
        functions.check(ast, supply)?;
        Ok(functions)
    }

    pub(super) fn get(&self, name: &str) -> Option<usize> {
        if self.0.is_empty() { None } else { self.0.get(name).copied() }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.0.keys().copied()
    }

    /// Every function called is there, and none calls itself, however many lie between: a search in depth, with a
    /// stack of its own.
    fn check(&self, ast: &'a Ast, supply: &Supply) -> Result<()> {
        #[derive(Clone, Copy, PartialEq)]
        enum State {
            Open,
            Done,
        }
        let mut states: HashMap<usize, State> = HashMap::new();
        let mut all: Vec<usize> = self.0.values().copied().collect();
        all.sort_unstable();
        for first in all {
            if states.contains_key(&first) {
                continue;
            }
            states.insert(first, State::Open);
            let mut path = vec![(first, self.callees(ast, first, supply)?.into_iter())];
            while let Some((function, callees)) = path.last_mut() {
                let Some((callee, span)) = callees.next() else {
                    states.insert(*function, State::Done);
                    path.pop();
                    continue;
                };
                match states.get(&callee) {
                    Some(State::Done) => {}
                    Some(State::Open) => {
                        let chain: Vec<usize> = path.iter().map(|(function, _)| *function).collect();
                        let start = chain.iter().position(|function| *function == callee).unwrap_or(0);
                        return Err(recursion(ast, &chain[start..]).at(span));
                    }
                    None => {
                        states.insert(callee, State::Open);
                        path.push((callee, self.callees(ast, callee, supply)?.into_iter()));
                    }
                }
            }
        }
        Ok(())
    }

    /// The program's functions that a function calls, and where.
    fn callees(&self, ast: &'a Ast, function: usize, supply: &Supply) -> Result<Vec<(usize, Span)>> {
        let mut callees = Vec::new();
        for statement in function..=ast.block_end(function) {
            for id in ast.nodes_of(statement) {
                let Expr::Call { name, .. } = ast.node(id) else { continue };
                match self.get(ast.text(name)) {
                    Some(callee) => callees.push((callee, name)),
                    None if is_known(ast.text(name)) || supply.find(ast.text(name)).is_some() => {}
                    None => return Err(calls::unknown_function(ast.text(name), self, supply).at(name)),
                }
            }
        }
        Ok(callees)
    }
}

/// Whether the language has a function of this name.
fn is_known(name: &str) -> bool {
    Op::from_name(name).is_some()
        || DType::from_name(name).is_some()
        || Reduction::from_name(name).is_some()
        || ArrayFunction::from_name(name).is_some()
        || Composed::from_name(name).is_some()
        || matches!(name, "einsum" | "astype" | "len" | "steps" | "repeat")
}

/// Refuses the names of constants.
pub(super) fn is_settable(name: &str) -> Result<()> {
    if CONSTANTS.iter().any(|(constant, _)| *constant == name) {
        let message = format!("`{name}` is a constant of the language, and no name for anything else");
        return Err(Error::new(ErrorKind::Syntax, message));
    }
    Ok(())
}

fn recursion(ast: &Ast, chain: &[usize]) -> Error {
    const SHOWN: usize = 8;
    let name = |at: usize| match ast.statements()[at].form {
        Form::Define { name, .. } => names::shortened(ast.text(name)),
        _ => String::new(),
    };
    let message = match chain {
        [one] => format!("the function `{}` calls itself", name(*one)),
        _ => {
            let mut names: Vec<String> = chain.iter().take(SHOWN).map(|at| name(*at)).collect();
            if chain.len() > SHOWN {
                names.push("…".to_owned());
            }
            names.push(name(chain[0]));
            format!("these functions call each other without an end: `{}`", names.join(" → "))
        }
    };
    Error::new(ErrorKind::Syntax, message)
        .with_help("there is no recursion; what repeats is a loop: `repeat 100 while … { … }`")
}

impl<'a> Lowering<'a> {
    /// Begins to inline a call.
    pub(super) fn enter(
        &mut self,
        call: ExprId,
        function: usize,
        args: List<ExprId>,
        keywords: List<Keyword>,
    ) -> Result<()> {
        let ast = self.ast;
        let Form::Define { name, params, .. } = ast.statements()[function].form else {
            return Err(Error::new(ErrorKind::Internal, "a call of what is no function"));
        };
        if self.calls.len() >= self.limits.calls {
            let message = format!("functions call each other more than {} levels deep", self.limits.calls);
            return Err(Error::new(ErrorKind::Limit, message));
        }
        let params = ast.params(params);
        self.spend(params.len())?;
        let given = self.given(ast.text(name), params, ast.items(args), ast.keywords(keywords))?;
        let outer = self.flow;
        self.flow.path = self.alive()?;
        self.flow.left = None;
        self.calls.push(Activation {
            call,
            at: self.at,
            nodes: std::mem::replace(&mut self.nodes, ast.nodes_of(function)),
            scope: std::mem::take(&mut self.scope),
            flow: outer,
            given,
            returned: None,
        });
        self.at = function;
        Ok(())
    }

    fn given(
        &mut self,
        function: &str,
        params: &[Parameter],
        args: &[ExprId],
        keywords: &[Keyword],
    ) -> Result<Vec<Option<Value>>> {
        let ast = self.ast;
        let function = names::shortened(function);
        let error = |message: String| {
            let shown = params.iter().take(12).map(|param| match param.default {
                None => names::shortened(ast.text(param.name)),
                Some(_) => format!("{}=…", names::shortened(ast.text(param.name))),
            });
            let mut shown: Vec<String> = shown.collect();
            shown.extend((params.len() > 12).then(|| "…".to_owned()));
            Error::new(ErrorKind::Arity, message).with_help(format!("{function}({})", shown.join(", ")))
        };
        let required = params.iter().filter(|param| param.default.is_none()).count();
        if args.len() > params.len() || keywords.is_empty() && args.len() < required {
            let count = match (params.len(), required) {
                (0, _) => "no arguments".to_owned(),
                (1, 1) => "one argument".to_owned(),
                (n, required) if n == required => format!("{n} arguments"),
                (n, required) => format!("{required} to {n} arguments"),
            };
            return Err(error(format!("`{function}` takes {count}, not {}", args.len())));
        }
        let mut given: Vec<Option<Value>> = vec![None; params.len()];
        for (place, arg) in given.iter_mut().zip(args) {
            *place = Some(self.values[arg.index()]);
        }
        let places: HashMap<&str, usize> = match keywords {
            [] => HashMap::new(),
            _ => params.iter().enumerate().map(|(k, param)| (ast.text(param.name), k)).collect(),
        };
        for keyword in keywords {
            let name = ast.text(keyword.name);
            let shown = names::shortened(name);
            match places.get(name) {
                None => {
                    return Err(error(format!("`{function}` has no argument `{shown}`")).at(keyword.name));
                }
                Some(k) if given[*k].is_some() => {
                    let message = format!("`{function}` gets its argument `{shown}` twice");
                    return Err(error(message).at(keyword.name));
                }
                Some(k) => given[*k] = Some(self.values[keyword.value.index()]),
            }
        }
        match params.iter().zip(&given).find(|(param, given)| param.default.is_none() && given.is_none()) {
            None => Ok(given),
            Some((param, _)) => {
                let name = names::shortened(ast.text(param.name));
                Err(error(format!("`{function}` needs its argument `{name}`")))
            }
        }
    }

    /// The head of a function: its parameters become names.
    pub(super) fn bind(&mut self, params: List<Parameter>) {
        let given = self.calls.last_mut().map(|call| std::mem::take(&mut call.given)).unwrap_or_default();
        for (param, given) in self.ast.params(params).iter().zip(given) {
            let default = param.default.map(|id| self.values[id.index()]);
            if let Some(value) = given.or(default) {
                self.scope.set(self.ast.text(param.name), Bound::Value(value));
            }
        }
    }

    /// The last statement of a function.
    pub(super) fn give(&mut self, value: ExprId) -> Result<()> {
        let node = self.node(value)?;
        if let Some(call) = self.calls.last_mut() {
            call.returned = Some(Value::Node(node));
        }
        Ok(())
    }

    /// The end of a function: on behind the call.
    pub(super) fn leave(&mut self) -> Result<()> {
        let call = self.calls.pop();
        let Some(Activation { call, at, nodes, scope, flow, returned: Some(value), .. }) = call else {
            return Err(Error::new(ErrorKind::Internal, "a function without a value"));
        };
        (self.at, self.nodes, self.scope, self.flow) = (at, nodes, scope, flow);
        self.values[call.index()] = value;
        Ok(())
    }
}
