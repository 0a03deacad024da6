//! Statements in their order: what is evaluated next, what names become, what the results are.
//!
//! A machine with a place in the text and stacks of its own, since neither blocks nor calls of functions may cost the
//! thread's stack.

use numfuse_kernels::Op;

use super::functions::is_settable;
use super::loops::Loop;
use super::scope::{Bound, Changes};
use super::{Lowering, MOST_RESULTS, Value};
use crate::dtype::Literal;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Graph, NodeId, RegionId};
use crate::names;
use crate::syntax::{Computed, Expr, ExprId, Form, List, Span};

/// Where in loops and branches the program is being read.
#[derive(Clone, Copy)]
pub(super) struct Flow {
    /// The innermost loop.
    pub(super) region: Option<RegionId>,
    /// Whether a loop of elements is around.
    pub(super) in_elements: bool,
    /// What holds for an element that comes by, within the innermost loop; nothing is known without.
    pub(super) path: Option<NodeId>,
    /// Whether an element has left the innermost loop in this turn.
    pub(super) left: Option<NodeId>,
    /// The turns of the loops around, as far as they are written out.
    pub(super) turns: u64,
}

/// A block whose end is still to come.
pub(super) struct Open<'a> {
    /// Before it.
    pub(super) flow: Flow,
    pub(super) mark: usize,
    pub(super) what: What<'a>,
}

pub(super) enum What<'a> {
    Function,
    Loop(Loop<'a>),
    If {
        condition: NodeId,
        /// What the first branch changed, once the second is being read.
        then: Option<Branch<'a>>,
    },
}

/// What a branch leaves behind.
pub(super) struct Branch<'a> {
    changes: Changes<'a>,
    left: Option<NodeId>,
}

/// What the program computes.
type Results<'a> = Vec<(Option<&'a str>, NodeId)>;

impl<'a> Lowering<'a> {
    /// The whole program.
    pub(super) fn run(mut self) -> Result<Graph> {
        let ast = self.ast;
        self.go_to(0);
        while self.at < ast.statements().len() {
            match self.nodes.next() {
                Some(id) => self.evaluate(id)?,
                None => {
                    let span = ast.statements()[self.at].span;
                    self.builder.at(span.into());
                    self.execute().map_err(|error| placed(error, span))?;
                    self.check_size()?;
                }
            }
        }
        let (names, results): (Vec<_>, Vec<_>) = std::mem::take(&mut self.results)
            .into_iter()
            .map(|(name, node)| (name.map(Into::into), node))
            .unzip();
        self.builder.name_results(names);
        Ok(self.builder.finish(results))
    }

    fn evaluate(&mut self, id: ExprId) -> Result<()> {
        let span = self.ast.span(id);
        self.builder.at(span.into());
        if !self.calls.is_empty() {
            self.spend(1)?;
        }
        let expr = self.ast.node(id);
        if let Expr::Call { name, args, keywords } = expr
            && let Some(function) = self.functions.get(self.ast.text(name))
        {
            return self.enter(id, function, args, keywords).map_err(|error| placed(error, span));
        }
        self.values[id.index()] = self.value(id, expr).map_err(|error| placed(error, span))?;
        self.check_size()
    }

    fn check_size(&self) -> Result<()> {
        if self.builder.node_count() > self.limits.nodes {
            let message = format!("the expression has more than {} operations", self.limits.nodes);
            return Err(Error::new(ErrorKind::Limit, message));
        }
        Ok(())
    }

    /// Counts what functions and nested blocks make of a short text.
    pub(super) fn spend(&mut self, count: usize) -> Result<()> {
        self.spent = self.spent.saturating_add(count);
        if self.spent > self.limits.nodes {
            let limit = self.limits.nodes;
            let message =
                format!("the functions and loops of the program expand to more than {limit} operations");
            return Err(Error::new(ErrorKind::Limit, message));
        }
        Ok(())
    }

    /// The next statement to read; functions are read where they are called.
    fn go_to(&mut self, mut at: usize) {
        let statements = self.ast.statements();
        while at < statements.len() && matches!(statements[at].form, Form::Define { .. }) {
            at = self.ast.block_end(at) + 1;
        }
        self.at = at;
        if at < statements.len() {
            self.nodes = self.ast.nodes_of(at);
        }
    }

    /// A statement whose expressions have been evaluated.
    fn execute(&mut self) -> Result<()> {
        let ast = self.ast;
        let form = ast.statements()[self.at].form;
        let is_last = self.calls.is_empty() && self.at + 1 == ast.statements().len();
        match form {
            Form::Values(values) if is_last && self.open.is_empty() => self.results(values)?,
            Form::Values(values) => self.assign_all(values)?,
            Form::Update { name, op, value } => {
                let node = self.updated(name, op, value)?;
                self.assign(name, Value::Node(node))?;
                if is_last {
                    self.results = vec![(Some(ast.text(name)), node)];
                }
            }
            Form::Define { params, .. } => {
                self.bind(params);
                let (flow, mark) = (self.flow, self.scope.mark());
                self.open.push(Open { flow, mark, what: What::Function });
            }
            Form::Repeat { bound } => self.open_repeat(bound)?,
            Form::For { name, start, stop } => self.open_for(name, start, stop)?,
            Form::Steps { bound, has_block } => self.open_steps(bound, has_block)?,
            Form::While { condition } => {
                let condition = self.condition(condition)?;
                if let Some(Open { what: What::Loop(open), .. }) = self.open.last_mut() {
                    open.condition = Some(condition);
                }
            }
            Form::If { condition, .. } => {
                let condition = self.condition(condition)?;
                let (flow, mark) = (self.flow, self.scope.mark());
                self.open.push(Open { flow, mark, what: What::If { condition, then: None } });
                self.flow.path = self.both(flow.path, Some(condition));
            }
            Form::Else => self.otherwise(),
            Form::Break { condition } => {
                let leaves = match condition {
                    Some(condition) => self.condition(condition)?,
                    None => self.builder.literal(Literal::Bool(true)),
                };
                self.flow.left = Some(match self.flow.left {
                    Some(left) => self.builder.apply(Op::Or, &[left, leaves]),
                    None => leaves,
                });
            }
            Form::End => {
                if let Some(Open { flow, mark, what }) = self.open.pop() {
                    match what {
                        // it sets the place that comes next by itself
                        What::Function => return self.leave(),
                        What::Loop(open) => {
                            let carried = self.close_loop(open, flow, mark)?;
                            if is_last {
                                self.results =
                                    carried.into_iter().map(|(name, node)| (Some(name), node)).collect();
                            }
                        }
                        What::If { condition, then } => self.merge(condition, then, flow, mark)?,
                    }
                }
            }
        }
        self.go_to(self.at + 1);
        Ok(())
    }

    fn results(&mut self, values: List<Computed>) -> Result<()> {
        let ast = self.ast;
        let mut results: Results<'a> = Vec::with_capacity(values.len());
        if let Some(result) = ast.values(values).get(MOST_RESULTS) {
            let message = format!("the program has more than {MOST_RESULTS} results");
            return Err(Error::new(ErrorKind::Limit, message).at(ast.span(result.value)));
        }
        for result in ast.values(values) {
            if let Some(name) = result.name {
                self.check_settable(name)?;
            }
            results.push((result.name.map(|name| ast.text(name)), self.node(result.value)?));
        }
        self.results = results;
        Ok(())
    }

    /// `u = …, v = …`: all of them from what was before. Without names: the value of a function.
    fn assign_all(&mut self, values: List<Computed>) -> Result<()> {
        for computed in self.ast.values(values) {
            match computed.name {
                Some(name) => self.assign(name, self.values[computed.value.index()])?,
                None => self.give(computed.value)?,
            }
        }
        Ok(())
    }

    fn updated(&mut self, name: Span, op: crate::syntax::BinaryOp, value: ExprId) -> Result<NodeId> {
        let old = self.name(self.ast.text(name)).map_err(|error| placed(error, name))?;
        let old = self.node_of(old, name)?;
        let value = self.node(value)?;
        self.binary(op, old, value)
    }

    fn check_settable(&self, name: Span) -> Result<()> {
        let text = self.ast.text(name);
        is_settable(text).map_err(|error| error.at(name))?;
        let shown = names::shortened(text);
        let error = |message: String, help: &str| {
            Err(Error::new(ErrorKind::Syntax, message).at(name).with_help(help))
        };
        if self.functions.get(text).is_some() {
            return error(format!("`{shown}` is a function"), "give the value another name");
        }
        match self.scope.get(text) {
            Some(Bound::Counter(_)) => {
                error(format!("`{shown}` counts the turns of its loop"), "copy it to change it: `j = k`")
            }
            Some(Bound::Value(_) | Bound::Gone(_)) | None => Ok(()),
        }
    }

    /// Gives a name a value; what has left the loop in this turn keeps the old one.
    fn assign(&mut self, name: Span, value: Value) -> Result<()> {
        self.check_settable(name)?;
        let text = self.ast.text(name);
        let value = match (self.flow.left, self.scope.get(text)) {
            (Some(left), Some(Bound::Value(old))) => {
                let (old, new) = (self.node_of(old, name)?, self.node_of(value, name)?);
                Value::Node(self.builder.apply(Op::Where, &[left, old, new]))
            }
            _ => value,
        };
        self.scope.set(text, Bound::Value(value));
        Ok(())
    }

    /// What an `if`, a `while` or a `break` asks.
    fn condition(&mut self, id: ExprId) -> Result<NodeId> {
        let node = self.node(id)?;
        Ok(self.builder.truth(node))
    }

    /// Both of two conditions, as far as there are any.
    pub(super) fn both(&mut self, a: Option<NodeId>, b: Option<NodeId>) -> Option<NodeId> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.builder.apply(Op::And, &[a, b])),
            (one, other) => one.or(other),
        }
    }

    /// What holds for an element that comes by here, within the innermost loop.
    pub(super) fn alive(&mut self) -> Result<Option<NodeId>> {
        let stays = self.flow.left.map(|left| self.builder.apply(Op::Not, &[left]));
        Ok(self.both(self.flow.path, stays))
    }

    /// `} else {`.
    fn otherwise(&mut self) {
        let Some(Open { flow, mark, what: What::If { condition, then } }) = self.open.last_mut() else {
            return;
        };
        let (flow, condition) = (*flow, *condition);
        let changes = self.scope.take_back(*mark);
        *then = Some(Branch { changes, left: self.flow.left });
        let not = self.builder.apply(Op::Not, &[condition]);
        let path = self.both(flow.path, Some(not));
        self.flow = Flow { path, ..flow };
    }

    /// The end of an `if`: what either branch changed is chosen by the condition.
    fn merge(&mut self, condition: NodeId, then: Option<Branch<'a>>, flow: Flow, mark: usize) -> Result<()> {
        let last = Branch { changes: self.scope.take_back(mark), left: self.flow.left };
        let (then, otherwise) = match then {
            Some(then) => (then, last),
            None => (last, Branch { changes: Vec::new(), left: flow.left }),
        };
        self.flow = flow;
        self.flow.left = match (then.left, otherwise.left) {
            (None, None) => None,
            (a, b) if a == b => a,
            (a, b) => {
                let stays = self.builder.literal(Literal::Bool(false));
                Some(self.builder.apply(Op::Where, &[condition, a.unwrap_or(stays), b.unwrap_or(stays)]))
            }
        };
        self.choose(condition, then.changes, otherwise.changes)
    }
}

/// Where an error of a statement is, unless it says so itself.
pub(super) fn placed(error: Error, span: Span) -> Error {
    match error.span() {
        Some(_) => error,
        None => error.at(span),
    }
}
