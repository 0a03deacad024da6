//! Loops and branches as the graph has them: what a body sets and was set before is carried from turn to turn; what it
//! only reads comes from outside as it is.
//!
//! An element that a `break` takes out of a turn keeps what it had from there on, and does not begin the next turn. It
//! needs no place in memory of its own but one: whether it has left.

use std::collections::HashMap;

use numfuse_kernels::Op;

use super::program::{Open, What};
use super::scope::{Bound, Changes, Gone};
use super::{Lowering, Value};
use crate::arena::Id;
use crate::dtype::{DType, Literal, Scalar};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Node, NodeId, RegionId, RegionKind, Source};
use crate::syntax::{Expr, ExprId, Form, Span};

/// A loop whose body is being read.
pub(super) struct Loop<'a> {
    region: RegionId,
    kind: RegionKind,
    /// The variables, and where the text sets them first.
    carried: Vec<(&'a str, Span)>,
    /// The variable of a `for`.
    counter: Option<NodeId>,
    /// Whether an element has left, as the turn begins.
    left: Option<NodeId>,
    /// What `while` asks.
    pub(super) condition: Option<NodeId>,
}

/// A name that a body sets.
struct Assigned<'a> {
    name: &'a str,
    span: Span,
    /// Whether the body reads it before, in the order of the text.
    is_read_first: bool,
}

impl<'a> Lowering<'a> {
    pub(super) fn open_repeat(&mut self, bound: ExprId) -> Result<()> {
        let node = self.turns(bound)?;
        self.count_turns(node, bound)?;
        self.open_loop(RegionKind::Elements, node, None, false)
    }

    /// `for k in start..stop`: as many turns as there are integers, and one more variable.
    pub(super) fn open_for(&mut self, name: Span, start: ExprId, stop: ExprId) -> Result<()> {
        self.check_counter(name)?;
        let (first, last) = (self.turns(start)?, self.turns(stop)?);
        let zero = self.builder.literal(Literal::Int(0));
        let difference = |this: &mut Self, last| match first == zero {
            true => Ok(last),
            false => this.builder.operator(Op::Sub, &[last, first]),
        };
        let (starts_at, ends_at) = (self.builder.literal_of(first), self.builder.literal_of(last));
        let bound = match (starts_at, ends_at) {
            (Some(Literal::Int(start)), Some(Literal::Int(stop))) => {
                self.builder.literal(Literal::Int(stop.saturating_sub(start).max(0)))
            }
            _ if first == zero && matches!(self.builder.node(last), Node::Source(Source::Len, _)) => last,
            _ => {
                // no less than the first: then only a count of more than 64 bits is negative
                let last = self.builder.apply(Op::Maximum, &[last, first]);
                let count = difference(self, last)?;
                match starts_at {
                    Some(Literal::Int(start)) if start >= 0 => count,
                    _ => {
                        // then either end is at least half as far from 0: nobody sees the end of so many turns
                        let is_beyond = self.builder.operator(Op::Lt, &[count, zero])?;
                        let one = self.builder.literal(Literal::Int(1));
                        let next = self.builder.operator(Op::Add, &[first, one])?;
                        let before_zero = self.builder.operator(Op::Neg, &[next])?;
                        let far = self.builder.apply(Op::Maximum, &[last, before_zero]);
                        self.builder.apply(Op::Where, &[is_beyond, far, count])
                    }
                }
            }
        };
        self.count_turns(bound, stop)?;
        let first = match self.builder.literal_of(first) {
            Some(Literal::Int(value)) => {
                let value = i64::try_from(value).map_err(|_| {
                    Error::new(ErrorKind::Overflow, "a loop counts in 64 bits").at(self.ast.span(start))
                })?;
                self.builder.scalar(Scalar::I64(value))
            }
            _ => self.builder.cast(DType::I64, first),
        };
        self.open_loop(RegionKind::Elements, bound, Some((name, first)), false)
    }

    /// `steps n { … }`, `steps(n, u = …)`.
    pub(super) fn open_steps(&mut self, bound: ExprId, has_block: bool) -> Result<()> {
        if self.flow.in_elements {
            return Err(Error::new(ErrorKind::Syntax, "`steps` inside of a loop over elements").with_help(
                "each element of a `repeat` or `for` goes its own way, while `steps` looks at whole arrays; \
                 a `repeat` inside of `steps` is fine",
            ));
        }
        let node = self.turns(bound)?;
        self.count_turns(node, bound)?;
        self.open_loop(RegionKind::Steps, node, None, !has_block)
    }

    /// A number of turns, or an end of a range.
    fn turns(&mut self, id: ExprId) -> Result<NodeId> {
        let node = self.node(id)?;
        match self.builder.literal_of(node) {
            None | Some(Literal::Int(_)) => Ok(node),
            Some(other) => {
                let message = format!("a number of turns is an integer, not {other}");
                Err(Error::new(ErrorKind::Type, message).at(self.ast.span(id)))
            }
        }
    }

    fn count_turns(&mut self, bound: NodeId, place: ExprId) -> Result<()> {
        if let Some(Literal::Int(count)) = self.builder.literal_of(bound) {
            let turns = u64::try_from(count.max(1)).unwrap_or(u64::MAX).saturating_mul(self.flow.turns);
            if turns > self.limits.turns {
                let limit = self.limits.turns;
                let message = format!("the loops take more turns than the limit of {limit}");
                return Err(Error::new(ErrorKind::Limit, message).at(self.ast.span(place)));
            }
        }
        Ok(())
    }

    fn check_counter(&self, name: Span) -> Result<()> {
        super::functions::is_settable(self.ast.text(name)).map_err(|error| error.at(name))
    }

    fn open_loop(
        &mut self,
        kind: RegionKind,
        bound: NodeId,
        counter: Option<(Span, NodeId)>,
        are_all_carried: bool,
    ) -> Result<()> {
        let (assigned, breaks) = self.assigned()?;
        let (mut carried, mut init) = (Vec::new(), Vec::new());
        for Assigned { name, span, is_read_first } in assigned {
            let first = match self.scope.get(name) {
                Some(Bound::Value(value)) => self.node_of(value, span)?,
                // the error is the assignment's
                Some(Bound::Counter(node)) => node,
                None if self.calls.is_empty() && (is_read_first || are_all_carried) => {
                    match self.name(name)? {
                        Value::Node(node) => node,
                        _ => continue,
                    }
                }
                Some(Bound::Gone(_)) | None if are_all_carried => {
                    let value = self.name(name).map_err(|error| error.at(span))?;
                    self.node_of(value, span)?
                }
                Some(Bound::Gone(_)) | None => continue,
            };
            carried.push((name, span));
            init.push(first);
        }
        init.extend(counter.map(|(_, first)| first));
        if breaks {
            init.push(self.builder.literal(Literal::Bool(false)));
        }
        let (flow, mark) = (self.flow, self.scope.mark());
        let count = match self.builder.literal_of(bound) {
            Some(Literal::Int(count)) => u64::try_from(count.max(1)).unwrap_or(u64::MAX),
            _ => 1,
        };
        let variables = init.len() as u32;
        let region = self.builder.open(kind, flow.region, bound, init);
        for (k, (name, span)) in carried.iter().enumerate() {
            // messages call it by its name
            self.builder.at((*span).into());
            let node = self.builder.param(region, k as u32);
            self.scope.set(name, Bound::Value(Value::Node(node)));
        }
        let left = breaks.then(|| self.builder.param(region, variables - 1));
        let counter = counter.map(|(name, _)| {
            self.builder.at(name.into());
            let node = self.builder.param(region, carried.len() as u32);
            self.scope.set(self.ast.text(name), Bound::Counter(node));
            node
        });
        self.flow.region = Some(region);
        self.flow.in_elements = matches!(kind, RegionKind::Elements);
        self.flow.path = None;
        self.flow.left = None;
        self.flow.turns = flow.turns.saturating_mul(count);
        let what = What::Loop(Loop { region, kind, carried, counter, left, condition: None });
        self.open.push(Open { flow, mark, what });
        Ok(())
    }

    /// What the body of the loop here sets, in the order of the text, and whether a `break` leaves it.
    fn assigned(&mut self) -> Result<(Vec<Assigned<'a>>, bool)> {
        let ast = self.ast;
        let mut seen: HashMap<&str, Option<usize>> = HashMap::new();
        let mut assigned: Vec<Assigned<'a>> = Vec::new();
        let mut inner_end = self.at;
        let mut breaks = false;
        for at in self.at + 1..ast.block_end(self.at) {
            self.spend(1)?;
            let mut read = Vec::new();
            for id in ast.nodes_of(at) {
                self.spend(1)?;
                if matches!(ast.node(id), Expr::Name) {
                    read.push(ast.name(id));
                }
            }
            let mut set: Vec<Span> = Vec::new();
            match ast.statements()[at].form {
                Form::Values(values) => set.extend(ast.values(values).iter().filter_map(|value| value.name)),
                Form::Update { name, .. } => {
                    read.push(ast.text(name));
                    set.push(name);
                }
                Form::Repeat { .. } | Form::For { .. } | Form::Steps { .. } => {
                    inner_end = inner_end.max(ast.block_end(at));
                }
                Form::Break { .. } => breaks |= at > inner_end,
                Form::Define { .. } | Form::While { .. } | Form::If { .. } | Form::Else | Form::End => {}
            }
            for name in read {
                seen.entry(name).or_insert(None);
            }
            for span in set {
                let name = ast.text(span);
                let is_read_first = match seen.get(name) {
                    Some(Some(_)) => continue,
                    Some(None) => true,
                    None => false,
                };
                seen.insert(name, Some(assigned.len()));
                assigned.push(Assigned { name, span, is_read_first });
            }
            // the variable of a loop inside is that loop's
            if let Form::For { name, .. } = ast.statements()[at].form {
                seen.entry(ast.text(name)).or_insert(Some(usize::MAX));
            }
        }
        Ok((assigned, breaks))
    }

    /// The end of a loop: answers its variables with their last values.
    pub(super) fn close_loop(
        &mut self,
        open: Loop<'a>,
        flow: super::program::Flow,
        mark: usize,
    ) -> Result<Vec<(&'a str, NodeId)>> {
        let mut next = Vec::with_capacity(open.carried.len() + 2);
        for (name, span) in &open.carried {
            let value = self.name(name).map_err(|error| error.at(*span))?;
            next.push(self.node_of(value, *span)?);
        }
        if let Some(counter) = open.counter {
            let one = self.builder.literal(Literal::Int(1));
            next.push(self.builder.apply(Op::Add, &[counter, one]));
        }
        if open.left.is_some() {
            let never = self.builder.literal(Literal::Bool(false));
            next.push(self.flow.left.unwrap_or(never));
        }
        let stays = open.left.map(|left| self.builder.apply(Op::Not, &[left]));
        self.flow = flow;
        let alive = match open.kind {
            RegionKind::Elements => self.alive()?,
            RegionKind::Steps => None,
        };
        let asked = self.both(open.condition, stays);
        let go_on = match self.both(asked, alive) {
            Some(go_on) => go_on,
            None => self.builder.literal(Literal::Bool(true)),
        };
        let node = self.builder.close(open.region, go_on, next);
        for (name, bound) in self.scope.take_back(mark) {
            // what only the body has set is no value behind it, and no input either
            if self.scope.get(name).is_none() {
                let why = match bound {
                    Bound::Counter(_) => Gone::Counter,
                    Bound::Value(_) | Bound::Gone(_) => Gone::Loop,
                };
                self.scope.set(name, Bound::Gone(why));
            }
        }
        let mut results = Vec::with_capacity(open.carried.len());
        for (k, (name, _)) in open.carried.into_iter().enumerate() {
            let result = self.builder.result(node, k as u32);
            self.scope.set(name, Bound::Value(Value::Node(result)));
            results.push((name, result));
        }
        Ok(results)
    }

    /// What names are behind two branches.
    pub(super) fn choose(
        &mut self,
        condition: NodeId,
        then: Changes<'a>,
        otherwise: Changes<'a>,
    ) -> Result<()> {
        let mut others: HashMap<&str, Bound> = otherwise.iter().copied().collect();
        let mut both: Vec<(&'a str, Option<Bound>, Option<Bound>)> = Vec::new();
        for (name, bound) in then {
            let other = others.remove(name).or_else(|| self.scope.get(name));
            both.push((name, Some(bound), other));
        }
        for (name, bound) in otherwise {
            if others.remove(name).is_some() {
                both.push((name, self.scope.get(name), Some(bound)));
            }
        }
        for (name, then, otherwise) in both {
            let [then, otherwise] = [then, otherwise].map(|bound| bound.or_else(|| self.read_before(name)));
            let bound = match (then, otherwise) {
                (Some(Bound::Value(then)), Some(Bound::Value(otherwise))) => {
                    let place = self.ast.statements()[self.at].span;
                    let (then, otherwise) = (self.node_of(then, place)?, self.node_of(otherwise, place)?);
                    match then == otherwise {
                        true => Bound::Value(Value::Node(then)),
                        false => Bound::Value(Value::Node(
                            self.builder.apply(Op::Where, &[condition, then, otherwise]),
                        )),
                    }
                }
                (Some(Bound::Gone(why)), _) | (_, Some(Bound::Gone(why))) => Bound::Gone(why),
                (Some(Bound::Counter(node)), _) | (_, Some(Bound::Counter(node))) => Bound::Counter(node),
                (None, _) | (_, None) => Bound::Gone(Gone::Branch),
            };
            self.scope.set(name, bound);
        }
        Ok(())
    }

    /// The input of a name that no statement has set before, if the program has read it as one.
    fn read_before(&mut self, name: &str) -> Option<Bound> {
        let is_input = self.calls.is_empty() && self.builder.has_input(name);
        is_input.then(|| Bound::Value(Value::Node(self.builder.input(name))))
    }

    /// Whether a node changes with the turns of a loop of elements around.
    pub(super) fn varies(&mut self, node: NodeId) -> bool {
        if !self.flow.in_elements {
            return false;
        }
        while self.owners.len() <= node.index() {
            let owner = self.owner(NodeId::new(self.owners.len()));
            self.owners.push(owner);
        }
        let owner = self.owners[node.index()];
        owner.is_some_and(|region| matches!(self.builder.region(region).kind, RegionKind::Elements))
    }

    /// The innermost loop that a node belongs to; of a loop inside of another, at most the one around it.
    fn owner(&self, node: NodeId) -> Option<RegionId> {
        match self.builder.node(node) {
            Node::Param(region, _) => Some(*region),
            Node::Repeat(region) => self.builder.region(*region).parent,
            node => node.args().iter().filter_map(|arg| self.owners[arg.index()]).max(),
        }
    }
}
