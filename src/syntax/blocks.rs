//! Statements of the tokens: heads, blocks, and what a program or a function ends with.

use super::ast::{Computed, Expr, ExprId, Span};
use super::build::{Bracket, Builder, Enclosed, unbalanced};
use super::operators::Infix;
use super::statement::{Form, Parameter};
use super::{diagnose, scan};
use crate::error::{Error, ErrorKind, Result};
use std::ops::Range;

/// A statement whose head is being read.
#[derive(Clone, Copy)]
pub(super) enum Head {
    Update { name: Span, op: Span },
    Define(Function),
    Repeat,
    For { name: Span, start: Option<ExprId> },
    While,
    If { is_chained: bool },
    Else,
    Break { has_condition: bool },
    Steps,
}

/// What has been read of a function: its name and parameters.
#[derive(Clone, Copy)]
pub(super) struct Function {
    name: Span,
    params: super::List<Parameter>,
}

/// A statement whose end is still to come.
#[derive(Clone, Copy)]
pub(super) struct Opened {
    /// Which statement.
    at: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Function,
    /// `def f(a) = …`: the end of its one expression is its own.
    Formula,
    Loop,
    If {
        is_chained: bool,
    },
    Steps,
}

/// What a statement begins or goes on with, as tokens of the grammar.
#[derive(Clone, Copy)]
pub(super) enum Word {
    Repeat,
    For,
    While,
    If,
    ElseIf,
    Else,
    Break,
    BreakIf,
    Steps,
}

impl Builder<'_> {
    /// A word that begins a statement, or goes on with one.
    pub(super) fn word(&mut self, word: Word, span: Span) -> Result<()> {
        let head = match word {
            Word::Repeat => Head::Repeat,
            Word::Steps => Head::Steps,
            Word::If => Head::If { is_chained: false },
            Word::For => Head::For { name: self.second_word(span)?, start: None },
            Word::While => {
                self.open_block(span)?;
                self.head = Some((Head::While, span));
                return Ok(());
            }
            Word::ElseIf | Word::Else => {
                self.is_if_closed = false;
                self.state(Form::Else, span)?;
                if matches!(word, Word::Else) { Head::Else } else { Head::If { is_chained: true } }
            }
            Word::Break | Word::BreakIf => {
                self.check_break(span)?;
                Head::Break { has_condition: matches!(word, Word::BreakIf) }
            }
        };
        self.head = Some((head, span));
        Ok(())
    }

    /// `name +=`.
    pub(super) fn update(&mut self, span: Span) -> Result<()> {
        let name = self.leading_name(span)?;
        let text = &self.text(span)[(name.end - name.start) as usize..];
        let blanks = (text.len() - text.trim_ascii_start().len()) as u32;
        let op = Span { start: name.end + blanks, end: span.end - 1 };
        self.head = Some((Head::Update { name, op }, span));
        Ok(())
    }

    /// `def name(`.
    pub(super) fn define(&mut self, span: Span) -> Result<()> {
        let name = self.second_word(span)?;
        if let Some(opened) = self.opened.last() {
            let inside = self.ast.statements()[opened.at].span;
            return Err(Error::new(ErrorKind::Syntax, "a function is defined inside of a block")
                .at(name)
                .with_help(format!("put it before the `{}`", first_word(self.text(inside)))));
        }
        self.open(Enclosed::Define(name), span.start);
        Ok(())
    }

    /// The closing parenthesis of a function's parameters.
    pub(super) fn defined(&mut self, bracket: &Bracket, name: Span, span: Span) -> Result<()> {
        let params = std::mem::take(&mut self.params);
        self.check_twice(params.iter().map(|param| param.name), "the parameter")?;
        let params = self.ast.add_params(params.into_iter());
        self.head =
            Some((Head::Define(Function { name, params }), Span { start: bracket.start, end: span.end }));
        Ok(())
    }

    /// A parameter of a function, `name` or `name=default`.
    pub(super) fn parameter(&mut self, keyword: Option<Span>, value: ExprId, outer: Span) -> Result<()> {
        let param = match (keyword, self.ast.node(value)) {
            (Some(name), _) => Parameter { name, default: Some(value) },
            (None, Expr::Name) if self.ast.span(value) == outer => {
                self.ast.take_back(value);
                Parameter { name: outer, default: None }
            }
            (None, _) => {
                return Err(
                    Error::new(ErrorKind::Syntax, "a parameter is a name, or `name=default`").at(outer)
                );
            }
        };
        if param.default.is_none() && self.params.last().is_some_and(|last| last.default.is_some()) {
            let message = "a parameter without a default comes after one with a default";
            return Err(Error::new(ErrorKind::Syntax, message).at(outer));
        }
        self.params.push(param);
        Ok(())
    }

    /// The `=` of `def f(a) = a`.
    pub(super) fn equals(&mut self, span: Span) -> Result<()> {
        match self.head.take() {
            Some((Head::Define(function), head)) => {
                let Function { name, params } = function;
                let at = self.state(Form::Define { name, params, has_block: false }, head.to(span))?;
                self.opened.push(Opened { at, kind: Kind::Formula });
                Ok(())
            }
            _ => Err(unbalanced()),
        }
    }

    /// The `..` of a range.
    pub(super) fn dots(&mut self) -> Result<()> {
        let value = self.head_value()?;
        match &mut self.head {
            Some((Head::For { start, .. }, _)) => {
                *start = Some(value.0);
                Ok(())
            }
            _ => Err(unbalanced()),
        }
    }

    /// The end of an expression in a head.
    fn head_value(&mut self) -> Result<(ExprId, Span)> {
        self.reduce(None)?;
        let value = self.pop()?;
        Ok((value.id, value.outer))
    }

    /// The head of a statement with a block is complete, but for a `while`.
    fn open_block(&mut self, behind: Span) -> Result<()> {
        let (head, span) = self.head.take().ok_or_else(unbalanced)?;
        let (form, kind, span) = match head {
            Head::Else => return Ok(()),
            Head::Define(Function { name, params }) => {
                (Form::Define { name, params, has_block: true }, Kind::Function, span)
            }
            Head::Update { .. } | Head::Break { .. } => return Err(unbalanced()),
            Head::Repeat | Head::For { .. } | Head::While | Head::If { .. } | Head::Steps => {
                let (value, outer) = self.head_value()?;
                let span = span.to(outer);
                match head {
                    Head::For { name, start: Some(start) } => {
                        (Form::For { name, start, stop: value }, Kind::Loop, span)
                    }
                    Head::If { is_chained } => {
                        (Form::If { condition: value, is_chained }, Kind::If { is_chained }, span)
                    }
                    Head::Steps => (Form::Steps { bound: value, has_block: true }, Kind::Steps, span),
                    Head::Repeat => (Form::Repeat { bound: value }, Kind::Loop, span),
                    Head::While => {
                        self.state(Form::While { condition: value }, span)?;
                        return Ok(());
                    }
                    _ => return Err(unbalanced().at(behind)),
                }
            }
        };
        let at = self.state(form, span)?;
        self.opened.push(Opened { at, kind });
        Ok(())
    }

    /// `{`.
    pub(super) fn block_open(&mut self, span: Span) -> Result<()> {
        self.open_block(span)?;
        self.open(Enclosed::Block, span.start);
        Ok(())
    }

    /// `}`.
    pub(super) fn block_close(&mut self, span: Span) -> Result<()> {
        self.end_statement()?;
        let bracket = self.brackets.pop().ok_or_else(unbalanced)?;
        let opened = *self.opened.last().ok_or_else(unbalanced)?;
        let block = Span { start: bracket.start, end: span.end };
        if !bracket.has_statement {
            return Err(Error::new(ErrorKind::Syntax, "this block is empty").at(block));
        }
        match (opened.kind, bracket.value) {
            (Kind::Function, Some(_)) => self.end_block(span),
            (Kind::Function, None) => {
                let message = "this function has no value";
                let help = "the last statement of its block is an expression: `{ t = a*b; t + 1 }`";
                Err(Error::new(ErrorKind::Syntax, message)
                    .at(self.ast.statements()[opened.at].span)
                    .with_help(help))
            }
            (Kind::Loop | Kind::If { .. } | Kind::Steps, Some(value)) => {
                Err(diagnose::unused(value, self.text(value), ""))
            }
            (Kind::If { .. }, None) => {
                self.is_if_closed = true;
                Ok(())
            }
            (Kind::Loop | Kind::Steps, None) => self.end_block(span),
            (Kind::Formula, _) => Err(unbalanced()),
        }
    }

    fn end_block(&mut self, span: Span) -> Result<()> {
        let opened = self.opened.pop().ok_or_else(unbalanced)?;
        self.ast.add_statement(Form::End, span);
        self.ast.close(opened.at);
        Ok(())
    }

    /// Behind a block of an `if` comes no other one: the `if`s of its chain end.
    fn end_chain(&mut self) -> Result<()> {
        self.is_if_closed = false;
        while let Some(Opened { at, kind: Kind::If { is_chained } }) = self.opened.last().copied() {
            self.end_block(self.ast.statements()[at].span)?;
            if !is_chained {
                break;
            }
        }
        Ok(())
    }

    /// A `;`, a `}` or the end of the text: what has been read since the last one is a statement, if it is anything.
    pub(super) fn end_statement(&mut self) -> Result<()> {
        self.is_steps_closed = false;
        if self.is_if_closed {
            return self.end_chain();
        }
        let Some((head, span)) = self.head.take() else { return self.end_values() };
        match head {
            Head::Update { name, op } => {
                let (value, outer) = self.head_value()?;
                let op = match Infix::from_symbol(self.text(op)) {
                    Some(Infix::Binary(op)) => op,
                    Some(Infix::Logical(_) | Infix::Compare(_)) | None => return Err(unbalanced()),
                };
                self.state(Form::Update { name, op, value }, span.to(outer))?;
            }
            Head::Break { has_condition: true } => {
                let (value, outer) = self.head_value()?;
                self.state(Form::Break { condition: Some(value) }, span.to(outer))?;
            }
            Head::Break { has_condition: false } => {
                self.state(Form::Break { condition: None }, span)?;
            }
            Head::Define(_) | Head::Repeat | Head::For { .. } | Head::While => return Err(unbalanced()),
            Head::If { .. } | Head::Else | Head::Steps => return Err(unbalanced()),
        }
        Ok(())
    }

    /// The end of a statement that is values, if there are any.
    fn end_values(&mut self) -> Result<()> {
        self.element()?;
        let bracket = self.brackets.last().ok_or_else(unbalanced)?;
        let (items, keywords, has_comma) = (bracket.items, bracket.keywords, bracket.has_comma);
        if self.items.len() == items && self.keywords.len() == keywords {
            return Ok(());
        }
        self.check_twice(self.keywords[keywords..].iter().map(|keyword| keyword.name), "the result")?;
        let mut values: Vec<Computed> = self.keywords.drain(keywords..).map(Computed::from).collect();
        let mut span = values.first().and_then(|first| first.name);
        match self.tuple_alone(items, has_comma) {
            Some(list) => {
                if list.len() == 0 {
                    return Err(diagnose::no_result(scan::whole(self.source)));
                }
                let list = self.ast.items(list).iter();
                values.extend(list.map(|&value| Computed { name: None, value }));
            }
            None => values.extend(self.items.drain(items..).map(|value| Computed { name: None, value })),
        }
        for value in &values {
            let own = self.ast.span(value.value);
            span = Some(span.map_or(own, |span| span.to(own)));
        }
        let span = span.ok_or_else(unbalanced)?;
        let is_named = values[0].name.is_some();
        let is_formula = matches!(self.opened.last(), Some(Opened { kind: Kind::Formula, .. }));
        let in_function = matches!(self.opened.last(), Some(Opened { kind: Kind::Function, .. }));
        let is_single = values.len() == 1;
        let values = self.ast.add_values(values.into_iter());
        if (is_formula || in_function) && !is_named && !is_single {
            return Err(Error::new(ErrorKind::Syntax, "a function has one value").at(span));
        }
        if is_formula {
            self.ast.add_statement(Form::Values(values), span);
            return self.end_block(span);
        }
        self.state(Form::Values(values), span)?;
        let bracket = self.brackets.last_mut().ok_or_else(unbalanced)?;
        bracket.has_comma = false;
        bracket.value = (!is_named).then_some(span);
        Ok(())
    }

    /// Adds a statement, which nothing without an effect may precede.
    fn state(&mut self, form: Form, span: Span) -> Result<usize> {
        if let Some(bracket) = self.brackets.last_mut() {
            bracket.has_statement = true;
            if let Some(value) = bracket.value.take() {
                let [text, next] = [value, span].map(|span| &self.source[Range::from(span)]);
                return Err(diagnose::unused(value, text, next));
            }
        }
        Ok(self.ast.add_statement(form, span))
    }

    /// Whether a call here is a statement: nothing of another one has been read.
    pub(super) fn is_at_start(&self) -> bool {
        self.brackets.last().is_some_and(|bracket| {
            matches!(bracket.form, Enclosed::Program | Enclosed::Block)
                && self.head.is_none()
                && self.operands.len() == bracket.operands
                && self.operators.len() == bracket.operators
                && self.items.len() == bracket.items
                && self.keywords.len() == bracket.keywords
                && bracket.keyword.is_none()
                && !matches!(self.opened.last(), Some(Opened { kind: Kind::Formula, .. }))
        })
    }

    /// The first comma of `steps(n, …)`: the number is complete.
    pub(super) fn steps_bound(&mut self) -> Result<()> {
        let bracket = self.brackets.last().ok_or_else(unbalanced)?;
        let (items, keywords, start) = (bracket.items, bracket.keywords, bracket.start);
        if self.items.len() == items + 1 && self.keywords.len() == keywords {
            let bound = self.items.pop().ok_or_else(unbalanced)?;
            let span = Span { start, end: start }.to(self.ast.span(bound));
            // the statement belongs to what is around the bracket
            let bracket = self.brackets.pop().ok_or_else(unbalanced)?;
            let at = self.state(Form::Steps { bound, has_block: false }, span)?;
            self.brackets.push(bracket);
            self.opened.push(Opened { at, kind: Kind::Steps });
            self.brackets.last_mut().ok_or_else(unbalanced)?.has_statement = true;
        }
        Ok(())
    }

    /// The closing parenthesis of `steps(n, u = …)`.
    pub(super) fn steps_close(&mut self, bracket: &Bracket, span: Span) -> Result<()> {
        let outer = Span { start: bracket.start, end: span.end };
        let is_complete = bracket.has_statement
            && self.items.len() == bracket.items
            && self.keywords.len() > bracket.keywords;
        if !is_complete {
            return Err(Error::new(ErrorKind::Syntax, "`steps` takes their number, then what changes")
                .at(outer)
                .with_help("steps(100, u = u + 0.1*f(u))"));
        }
        self.check_twice(
            self.keywords[bracket.keywords..].iter().map(|keyword| keyword.name),
            "the variable",
        )?;
        let values = self.keywords.drain(bracket.keywords..).map(Computed::from);
        let values = self.ast.add_values(values);
        self.ast.add_statement(Form::Values(values), outer);
        self.is_steps_closed = true;
        self.end_block(span)
    }

    /// The end of the text.
    pub(super) fn end_program(&mut self) -> Result<()> {
        self.end_statement()?;
        self.brackets.pop().ok_or_else(unbalanced)?;
        let Some(last) = self.ast.statements().last() else { return Err(unbalanced()) };
        let (span, what) = match last.form {
            Form::Values(_) | Form::Update { .. } => return Ok(()),
            Form::End => {
                let ends = (self.ast.statements().len() - 1) as u32;
                let statements = self.ast.statements().iter();
                // the outermost of those that end here
                match statements.clone().find(|statement| statement.end == ends && statement.form.opens()) {
                    Some(statement) if matches!(statement.form, Form::Steps { .. }) => return Ok(()),
                    Some(statement) => (statement.span, first_word(self.text(statement.span))),
                    None => (last.span, ""),
                }
            }
            _ => (last.span, first_word(self.text(last.span))),
        };
        Err(Error::new(ErrorKind::Syntax, "the last statement gives no result")
            .at(span)
            .with_help(format!("behind the `{what}`, name what the program computes: `n`, or `a, b`")))
    }

    fn check_break(&self, span: Span) -> Result<()> {
        let around = self.opened.iter().rev().find(|opened| !matches!(opened.kind, Kind::If { .. }));
        match around.map(|opened| opened.kind) {
            Some(Kind::Loop) => Ok(()),
            Some(Kind::Steps) => Err(Error::new(ErrorKind::Syntax, "`break` cannot leave `steps`")
                .at(span)
                .with_help("all elements take the same steps; `repeat` lets each leave on its own")),
            Some(Kind::Function | Kind::Formula | Kind::If { .. }) | None => {
                Err(Error::new(ErrorKind::Syntax, "`break` outside of a loop").at(span))
            }
        }
    }

    /// The name in `def name(` and `for name in`.
    fn second_word(&self, span: Span) -> Result<Span> {
        let text = self.text(span);
        let start = text.find(|character: char| character.is_ascii_whitespace()).unwrap_or(0);
        let start = start + text[start..].len() - text[start..].trim_ascii_start().len();
        self.leading_name(Span { start: span.start + start as u32, end: span.end })
    }

    /// The name that a token begins with.
    pub(super) fn leading_name(&self, span: Span) -> Result<Span> {
        let length = first_word(self.text(span)).len();
        let name = Span { start: span.start, end: span.start + length as u32 };
        diagnose::check_name(self.text(name), name)?;
        Ok(name)
    }
}

fn first_word(text: &str) -> &str {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    &text[..text.find(|character| !is_word(character)).unwrap_or(text.len())]
}
