//! The flat row of tokens to a tree, in one loop.
//!
//! The loop is Dijkstra's shunting-yard algorithm: operators wait on a stack until one that binds less tightly, or
//! the end of their bracket, shows that their right operand is complete. pest's own `PrattParser` recurses with every
//! operator that associates to the right and every prefix, which a stranger's text can make a million deep.

use super::ast::{Ast, BinaryOp, CompareOp, Expr, ExprId, Keyword, Link, LogicalOp, Span, UnaryOp};
use super::blocks::{Head, Opened, Word};
use super::operators::{Binding, Infix};
use super::parse::Rule;
use super::statement::Parameter;
use super::{Limits, List, diagnose, literal};
use crate::error::{Error, ErrorKind, Result};
use crate::names;
use smallvec::SmallVec;
use std::ops::Range;
use std::sync::Arc;

/// An operand that waits for its operator.
#[derive(Clone, Copy)]
pub(super) struct Operand {
    pub(super) id: ExprId,
    /// With the parentheses around it, which the node's own span leaves out.
    pub(super) outer: Span,
}

/// An operator that waits for its right operand.
pub(super) enum Waiting {
    Unary(UnaryOp, Span),
    Binary(BinaryOp),
    Logical(LogicalOp),
    /// The last operator of a chain so far, whose earlier links lie on `Builder::links` from `links` on.
    Compare {
        op: CompareOp,
        links: usize,
    },
}

impl Waiting {
    fn binding(&self) -> Binding {
        match self {
            Waiting::Unary(op, _) => op.binding(),
            Waiting::Binary(op) => op.binding(),
            Waiting::Logical(op) => op.binding(),
            Waiting::Compare { .. } => Binding::Compare,
        }
    }
}

/// What a bracket makes of its elements.
#[derive(Clone, Copy)]
pub(super) enum Enclosed {
    /// No bracket: the statements of the whole text.
    Program,
    /// Statements in braces.
    Block,
    /// The parameters of the function of this name.
    Define(Span),
    /// `steps(n, u = …)`, which is a statement.
    Steps,
    /// Parentheses around an operand, or a tuple.
    Group,
    List,
    /// The call of the function of this name.
    Call(Span),
    Subscript(Operand),
}

/// The parts of a slice that have been read: those before the last colon so far.
struct Slice {
    parts: SmallVec<[Option<ExprId>; 3]>,
    span: Span,
}

/// A bracket that is not closed yet: where it begins on the builder's stacks.
pub(super) struct Bracket {
    pub(super) form: Enclosed,
    pub(super) start: u32,
    pub(super) operands: usize,
    pub(super) operators: usize,
    pub(super) items: usize,
    pub(super) keywords: usize,
    /// The keyword whose value is being read.
    pub(super) keyword: Option<Span>,
    /// The slice that is being read.
    slice: Option<Slice>,
    pub(super) has_comma: bool,
    /// Of a block: whether it has a statement.
    pub(super) has_statement: bool,
    /// Of a block: where its last statement stands, if that is values without names.
    pub(super) value: Option<Span>,
}

pub(super) struct Builder<'a> {
    pub(super) source: &'a str,
    pub(super) ast: Ast,
    node_limit: usize,
    pub(super) operands: Vec<Operand>,
    pub(super) operators: Vec<Waiting>,
    pub(super) brackets: Vec<Bracket>,
    pub(super) items: Vec<ExprId>,
    pub(super) keywords: Vec<Keyword>,
    links: Vec<Link>,
    pub(super) params: Vec<Parameter>,
    /// The statement whose head is being read, and the head so far.
    pub(super) head: Option<(Head, Span)>,
    pub(super) opened: Vec<Opened>,
    /// Right behind a block of an `if`: an `else` may follow.
    pub(super) is_if_closed: bool,
    /// Right behind `steps(…)`: nothing of the same statement may follow.
    pub(super) is_steps_closed: bool,
}

impl<'a> Builder<'a> {
    pub(super) fn new(source: &'a Arc<str>, limits: &Limits) -> Self {
        Self {
            source,
            ast: Ast::new(Arc::clone(source)),
            node_limit: limits.nodes.min(u32::MAX as usize),
            operands: Vec::new(),
            operators: Vec::new(),
            brackets: Vec::new(),
            items: Vec::new(),
            keywords: Vec::new(),
            links: Vec::new(),
            params: Vec::new(),
            head: None,
            opened: Vec::new(),
            is_if_closed: false,
            is_steps_closed: false,
        }
    }

    pub(super) fn text(&self, span: Span) -> &'a str {
        &self.source[Range::from(span)]
    }

    /// Takes the next token of the grammar, with the blanks after it.
    pub(super) fn token(&mut self, rule: Rule, start: usize, text: &str) -> Result<()> {
        let span = Span { start: start as u32, end: (start + text.trim_ascii_end().len()) as u32 };
        if self.is_steps_closed && !matches!(rule, Rule::separator | Rule::block_close | Rule::EOI) {
            return Err(diagnose::steps_is_a_statement(span));
        }
        match rule {
            Rule::name => self.name(span),
            Rule::number => {
                let value = literal::number(self.text(span)).map_err(|error| error.at(span))?;
                self.operand(value, span)
            }
            Rule::string => {
                let text = self.text(span);
                let value = literal::string(&mut self.ast, text).map_err(|error| error.at(span))?;
                self.operand(value, span)
            }
            Rule::prefixes => self.prefixes(span),
            Rule::infix => self.infix(span),
            Rule::group_open => {
                self.open(Enclosed::Group, span.start);
                Ok(())
            }
            Rule::list_open => {
                self.open(Enclosed::List, span.start);
                Ok(())
            }
            Rule::subscript_open => {
                let of = self.pop()?;
                self.open(Enclosed::Subscript(of), of.outer.start);
                Ok(())
            }
            Rule::call_open => self.call(),
            Rule::keyword => self.keyword(span),
            Rule::comma => self.comma(),
            Rule::colon => self.colon(span),
            Rule::ellipsis => self.operand(Expr::Ellipsis, span),
            Rule::close | Rule::list_close => self.close(span),
            Rule::attribute => self.attribute(span),
            Rule::start => {
                self.open(Enclosed::Program, 0);
                Ok(())
            }
            Rule::separator => self.end_statement(),
            Rule::block_open => self.block_open(span),
            Rule::block_close => self.block_close(span),
            Rule::define => self.define(span),
            Rule::equals => self.equals(span),
            Rule::dots => self.dots(),
            Rule::update => self.update(span),
            Rule::repeat => self.word(Word::Repeat, span),
            Rule::while_ => self.word(Word::While, span),
            Rule::for_ => self.word(Word::For, span),
            Rule::if_ => self.word(Word::If, span),
            Rule::else_if => self.word(Word::ElseIf, span),
            Rule::else_ => self.word(Word::Else, span),
            Rule::break_if => self.word(Word::BreakIf, span),
            Rule::break_ => self.word(Word::Break, span),
            Rule::steps => self.word(Word::Steps, span),
            Rule::EOI => self.end_program(),
            // Silent: they give no tokens.
            Rule::formula
            | Rule::program
            | Rule::statements
            | Rule::statement
            | Rule::values
            | Rule::block
            | Rule::define_form
            | Rule::repeat_form
            | Rule::for_form
            | Rule::if_form
            | Rule::break_form
            | Rule::steps_form
            | Rule::update_form
            | Rule::expression
            | Rule::operand
            | Rule::primary
            | Rule::group
            | Rule::call
            | Rule::argument
            | Rule::list
            | Rule::subscript
            | Rule::item
            | Rule::slice
            | Rule::word
            | Rule::based
            | Rule::digits
            | Rule::blank => Err(unbalanced()),
        }
    }

    fn add(&mut self, node: Expr, span: Span) -> Result<ExprId> {
        if self.ast.len() >= self.node_limit {
            let message = format!("the expression has more than the limit of {} operations", self.node_limit);
            return Err(Error::new(ErrorKind::Limit, message).at(span));
        }
        Ok(self.ast.push(node, span))
    }

    fn operand(&mut self, node: Expr, span: Span) -> Result<()> {
        let id = self.add(node, span)?;
        self.operands.push(Operand { id, outer: span });
        Ok(())
    }

    pub(super) fn pop(&mut self) -> Result<Operand> {
        self.operands.pop().ok_or_else(unbalanced)
    }

    fn name(&mut self, span: Span) -> Result<()> {
        let node = match self.text(span) {
            "True" => Expr::Bool(true),
            "False" => Expr::Bool(false),
            "None" => Expr::None,
            name => {
                diagnose::check_name(name, span)?;
                Expr::Name
            }
        };
        self.operand(node, span)
    }

    fn prefixes(&mut self, span: Span) -> Result<()> {
        let text = self.text(span);
        let mut at = 0;
        while at < text.len() {
            let length = if text[at..].starts_with("not") { 3 } else { 1 };
            let start = span.start + at as u32;
            self.prefix(Span { start, end: start + length as u32 })?;
            at += length;
            at += text[at..].len() - text[at..].trim_ascii_start().len();
        }
        Ok(())
    }

    fn prefix(&mut self, span: Span) -> Result<()> {
        let op = UnaryOp::from_symbol(self.text(span)).ok_or_else(unbalanced)?;
        let base = self.brackets.last().map_or(0, |bracket| bracket.operators);
        if op == UnaryOp::Not
            && let Some(operator) = self.operators[base..].last()
            && operator.binding() > Binding::Not
        {
            return Err(Error::new(
                ErrorKind::Syntax,
                "`not` binds less tightly than the operator before it",
            )
            .at(span)
            .with_help("put it in parentheses: `(not …)`"));
        }
        self.operators.push(Waiting::Unary(op, span));
        Ok(())
    }

    fn infix(&mut self, span: Span) -> Result<()> {
        let infix = Infix::from_symbol(self.text(span)).ok_or_else(unbalanced)?;
        self.reduce(Some(infix))?;
        match infix {
            Infix::Binary(op) => self.operators.push(Waiting::Binary(op)),
            Infix::Logical(op) => self.operators.push(Waiting::Logical(op)),
            Infix::Compare(op) => {
                let base = self.brackets.last().map_or(0, |bracket| bracket.operators);
                let chain = match self.operators[base..].last_mut() {
                    Some(Waiting::Compare { op: last, .. }) => Some(std::mem::replace(last, op)),
                    Some(Waiting::Unary(..) | Waiting::Binary(_) | Waiting::Logical(_)) | None => None,
                };
                match chain {
                    Some(op) => {
                        let value = self.pop()?.id;
                        self.links.push(Link { op, value });
                    }
                    None => self.operators.push(Waiting::Compare { op, links: self.links.len() }),
                }
            }
        }
        Ok(())
    }

    /// Builds the nodes of the operators whose right operand is complete now that `next` (or the end) is read.
    pub(super) fn reduce(&mut self, next: Option<Infix>) -> Result<()> {
        let base = self.brackets.last().map_or(0, |bracket| bracket.operators);
        while self.operators.len() > base
            && let Some(operator) = self.operators.pop()
        {
            let waits = match next {
                None => false,
                // `**` is the one operator that associates to the right; comparisons form a chain.
                Some(next @ (Infix::Binary(BinaryOp::Power) | Infix::Compare(_))) => {
                    operator.binding() <= next.binding()
                }
                Some(next) => operator.binding() < next.binding(),
            };
            if waits {
                self.operators.push(operator);
                break;
            }
            self.apply(operator)?;
        }
        Ok(())
    }

    fn apply(&mut self, operator: Waiting) -> Result<()> {
        let right = self.pop()?;
        let (node, span) = match operator {
            Waiting::Unary(op, span) => (Expr::Unary(op, right.id), span.to(right.outer)),
            Waiting::Binary(op) => {
                let left = self.pop()?;
                (Expr::Binary(op, left.id, right.id), left.outer.to(right.outer))
            }
            Waiting::Logical(op) => {
                let left = self.pop()?;
                (Expr::Logical(op, left.id, right.id), left.outer.to(right.outer))
            }
            Waiting::Compare { op, links } => {
                let first = self.pop()?;
                self.links.push(Link { op, value: right.id });
                let rest = self.ast.add_links(self.links.drain(links..));
                (Expr::Compare { first: first.id, rest }, first.outer.to(right.outer))
            }
        };
        self.operand(node, span)
    }

    pub(super) fn open(&mut self, form: Enclosed, start: u32) {
        self.brackets.push(Bracket {
            form,
            start,
            operands: self.operands.len(),
            operators: self.operators.len(),
            items: self.items.len(),
            keywords: self.keywords.len(),
            keyword: None,
            slice: None,
            has_comma: false,
            has_statement: false,
            value: None,
        });
    }

    /// The opening parenthesis of a call: the operand before it is the name of a function, a method of an operand, or
    /// nothing that can be called.
    fn call(&mut self) -> Result<()> {
        let callee = self.pop()?;
        match self.ast.node(callee.id) {
            Expr::Name if self.ast.span(callee.id) == callee.outer => {
                self.ast.take_back(callee.id);
                let is_steps = self.text(callee.outer) == "steps" && self.is_at_start();
                let form = if is_steps { Enclosed::Steps } else { Enclosed::Call(callee.outer) };
                self.open(form, callee.outer.start);
                Ok(())
            }
            // `x.f(y)` is `f(x, y)`
            Expr::Attribute { of, name } if self.ast.span(callee.id) == callee.outer => {
                self.ast.take_back(callee.id);
                self.open(Enclosed::Call(name), callee.outer.start);
                self.items.push(of);
                Ok(())
            }
            _ => Err(diagnose::not_a_function(self.text(callee.outer), callee.outer)),
        }
    }

    fn keyword(&mut self, span: Span) -> Result<()> {
        let name = self.leading_name(span)?;
        self.brackets.last_mut().ok_or_else(unbalanced)?.keyword = Some(name);
        Ok(())
    }

    fn comma(&mut self) -> Result<()> {
        self.element()?;
        let bracket = self.brackets.last_mut().ok_or_else(unbalanced)?;
        bracket.has_comma = true;
        if matches!(bracket.form, Enclosed::Steps) && !bracket.has_statement {
            self.steps_bound()
        } else {
            Ok(())
        }
    }

    /// The colon of a slice: what was read since the last one, if anything, is one of its parts.
    fn colon(&mut self, span: Span) -> Result<()> {
        self.reduce(None)?;
        let bracket = self.brackets.last_mut().ok_or_else(unbalanced)?;
        let part = if self.operands.len() > bracket.operands { self.operands.pop() } else { None };
        let start = part.map_or(span, |part| part.outer);
        let slice = bracket.slice.get_or_insert_with(|| Slice { parts: SmallVec::new(), span: start });
        slice.parts.push(part.map(|part| part.id));
        slice.span = slice.span.to(span);
        Ok(())
    }

    /// Completes an argument or an element, if there is one: not in `()`, and not after the last comma.
    pub(super) fn element(&mut self) -> Result<()> {
        self.reduce(None)?;
        let bracket = self.brackets.last_mut().ok_or_else(unbalanced)?;
        let value = if self.operands.len() > bracket.operands { self.operands.pop() } else { None };
        let keyword = bracket.keyword.take();
        let after_keyword = self.keywords.len() > bracket.keywords;
        if let Some(slice) = bracket.slice.take() {
            let id = self.slice(slice, value)?;
            self.items.push(id);
            return Ok(());
        }
        let Some(value) = value else { return Ok(()) };
        let is_program = matches!(bracket.form, Enclosed::Program | Enclosed::Block);
        if matches!(bracket.form, Enclosed::Define(_)) {
            return self.parameter(keyword, value.id, value.outer);
        }
        match keyword {
            Some(name) if is_program && self.items.len() > bracket.items => {
                return Err(diagnose::results_without_names(name));
            }
            Some(name) => self.keywords.push(Keyword { name, value: value.id }),
            None if after_keyword && is_program => {
                return Err(diagnose::results_without_names(value.outer));
            }
            None if after_keyword => {
                let message = "a positional argument comes after a keyword argument";
                return Err(Error::new(ErrorKind::Syntax, message)
                    .at(value.outer)
                    .with_help("put `name=value` arguments last"));
            }
            None => self.items.push(value.id),
        }
        Ok(())
    }

    fn slice(&mut self, slice: Slice, last: Option<Operand>) -> Result<ExprId> {
        let span = last.map_or(slice.span, |last| slice.span.to(last.outer));
        let mut parts = slice.parts.into_iter().chain([last.map(|last| last.id)]);
        let mut part = || parts.next().flatten();
        let node = Expr::Slice { start: part(), stop: part(), step: part() };
        self.add(node, span)
    }

    fn close(&mut self, span: Span) -> Result<()> {
        self.element()?;
        let bracket = self.brackets.pop().ok_or_else(unbalanced)?;
        let outer = Span { start: bracket.start, end: span.end };
        let is_one = self.items.len() == bracket.items + 1 && !bracket.has_comma;
        let node = match bracket.form {
            Enclosed::Call(name) => {
                self.check_twice(
                    self.keywords[bracket.keywords..].iter().map(|keyword| keyword.name),
                    "the keyword",
                )?;
                let args = self.ast.add_items(self.items.drain(bracket.items..));
                let keywords = self.ast.add_keywords(self.keywords.drain(bracket.keywords..));
                Expr::Call { name, args, keywords }
            }
            Enclosed::Group if is_one => {
                let id = self.items.pop().ok_or_else(unbalanced)?;
                self.operands.push(Operand { id, outer });
                return Ok(());
            }
            Enclosed::Group => Expr::Tuple(self.ast.add_items(self.items.drain(bracket.items..))),
            Enclosed::List => Expr::List(self.ast.add_items(self.items.drain(bracket.items..))),
            Enclosed::Subscript(of) => {
                let items = match self.tuple_alone(bracket.items, bracket.has_comma) {
                    Some(items) => items,
                    None => self.ast.add_items(self.items.drain(bracket.items..)),
                };
                Expr::Subscript { of: of.id, items }
            }
            Enclosed::Define(name) => return self.defined(&bracket, name, span),
            Enclosed::Steps => return self.steps_close(&bracket, span),
            Enclosed::Program | Enclosed::Block => return Err(unbalanced()),
        };
        self.operand(node, outer)
    }

    /// The elements of a tuple that is all there is from `from` on, without a comma after it. The tuple is then no
    /// node: the commas alone would have said the same.
    pub(super) fn tuple_alone(&mut self, from: usize, has_comma: bool) -> Option<List<ExprId>> {
        let &[id] = &self.items[from..] else { return None };
        let Expr::Tuple(items) = self.ast.node(id) else { return None };
        if has_comma {
            return None;
        }
        self.ast.take_back(id);
        self.items.truncate(from);
        Some(items)
    }

    /// No name twice; sorted, as a stranger's call may have 100,000 of them.
    pub(super) fn check_twice(&self, names: impl Iterator<Item = Span>, what: &str) -> Result<()> {
        let mut names: Vec<Span> = names.collect();
        names.sort_by_key(|&name| self.text(name));
        match names.windows(2).find(|pair| self.text(pair[0]) == self.text(pair[1])) {
            None => Ok(()),
            Some(pair) => {
                let message = format!("{what} `{}` is given twice", names::shortened(self.text(pair[1])));
                Err(Error::new(ErrorKind::Syntax, message).at(pair[1]))
            }
        }
    }

    fn attribute(&mut self, span: Span) -> Result<()> {
        let text = self.text(span);
        let length = text.len() - text.rfind(|character| !is_word(character)).map_or(0, |at| at + 1);
        let name = Span { start: span.end - length as u32, end: span.end };
        diagnose::check_name(self.text(name), name)?;
        let of = self.pop()?;
        self.operand(Expr::Attribute { of: of.id, name }, of.outer.to(span))
    }

    /// The tree, once all tokens are in.
    pub(super) fn finish(self) -> Result<Ast> {
        let is_complete = self.operands.is_empty() && self.operators.is_empty() && self.brackets.is_empty();
        if is_complete && !self.ast.statements().is_empty() { Ok(self.ast) } else { Err(unbalanced()) }
    }
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// The grammar pairs brackets and operands, so this is never seen.
pub(super) fn unbalanced() -> Error {
    Error::new(ErrorKind::Internal, "the grammar and the parser of the text disagree")
}
