//! The flat row of tokens to a tree, in one loop.
//!
//! The loop is Dijkstra's shunting-yard algorithm: operators wait on a stack until one that binds less tightly, or
//! the end of their bracket, shows that their right operand is complete. pest's own `PrattParser` recurses with every
//! operator that associates to the right and every prefix, which a stranger's text can make a million deep.

use super::ast::{Ast, BinaryOp, CompareOp, Computed, Expr, ExprId, Keyword, Link, LogicalOp, Span, UnaryOp};
use super::operators::{Binding, Infix};
use super::parse::Rule;
use super::{Limits, List, diagnose, literal, scan};
use crate::error::{Error, ErrorKind, Result};
use crate::names;
use smallvec::SmallVec;
use std::ops::Range;
use std::sync::Arc;

/// An operand that waits for its operator.
#[derive(Clone, Copy)]
struct Operand {
    id: ExprId,
    /// With the parentheses around it, which the node's own span leaves out.
    outer: Span,
}

/// An operator that waits for its right operand.
enum Waiting {
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
enum Form {
    /// No bracket: the results of the whole text.
    Program,
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
struct Bracket {
    form: Form,
    start: u32,
    operands: usize,
    operators: usize,
    items: usize,
    keywords: usize,
    /// The keyword whose value is being read.
    keyword: Option<Span>,
    /// The slice that is being read.
    slice: Option<Slice>,
    has_comma: bool,
}

pub(super) struct Builder<'a> {
    source: &'a str,
    ast: Ast,
    node_limit: usize,
    operands: Vec<Operand>,
    operators: Vec<Waiting>,
    brackets: Vec<Bracket>,
    items: Vec<ExprId>,
    keywords: Vec<Keyword>,
    links: Vec<Link>,
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
        }
    }

    fn text(&self, span: Span) -> &'a str {
        &self.source[Range::from(span)]
    }

    /// Takes the next token of the grammar, with the blanks after it.
    pub(super) fn token(&mut self, rule: Rule, start: usize, text: &str) -> Result<()> {
        let span = Span { start: start as u32, end: (start + text.trim_ascii_end().len()) as u32 };
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
                self.open(Form::Group, span.start);
                Ok(())
            }
            Rule::list_open => {
                self.open(Form::List, span.start);
                Ok(())
            }
            Rule::subscript_open => {
                let of = self.pop()?;
                self.open(Form::Subscript(of), of.outer.start);
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
                self.open(Form::Program, 0);
                Ok(())
            }
            Rule::EOI => self.results(),
            // Silent: they give no tokens.
            Rule::program
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

    fn pop(&mut self) -> Result<Operand> {
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
    fn reduce(&mut self, next: Option<Infix>) -> Result<()> {
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

    fn open(&mut self, form: Form, start: u32) {
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
        });
    }

    /// The opening parenthesis of a call: the operand before it is the name of a function, a method of an operand, or
    /// nothing that can be called.
    fn call(&mut self) -> Result<()> {
        let callee = self.pop()?;
        match self.ast.node(callee.id) {
            Expr::Name if self.ast.span(callee.id) == callee.outer => {
                self.ast.take_back(callee.id);
                self.open(Form::Call(callee.outer), callee.outer.start);
                Ok(())
            }
            // `x.f(y)` is `f(x, y)`
            Expr::Attribute { of, name } if self.ast.span(callee.id) == callee.outer => {
                self.ast.take_back(callee.id);
                self.open(Form::Call(name), callee.outer.start);
                self.items.push(of);
                Ok(())
            }
            _ => Err(diagnose::not_a_function(self.text(callee.outer), callee.outer)),
        }
    }

    fn keyword(&mut self, span: Span) -> Result<()> {
        let text = self.text(span);
        let length = text.find(|character| !is_word(character)).unwrap_or(text.len());
        let name = Span { start: span.start, end: span.start + length as u32 };
        diagnose::check_name(self.text(name), name)?;
        self.brackets.last_mut().ok_or_else(unbalanced)?.keyword = Some(name);
        Ok(())
    }

    fn comma(&mut self) -> Result<()> {
        self.element()?;
        self.brackets.last_mut().ok_or_else(unbalanced)?.has_comma = true;
        Ok(())
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
    fn element(&mut self) -> Result<()> {
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
        let is_program = matches!(bracket.form, Form::Program);
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
            Form::Call(name) => {
                self.check_keywords(bracket.keywords, "the keyword")?;
                let args = self.ast.add_items(self.items.drain(bracket.items..));
                let keywords = self.ast.add_keywords(self.keywords.drain(bracket.keywords..));
                Expr::Call { name, args, keywords }
            }
            Form::Group if is_one => {
                let id = self.items.pop().ok_or_else(unbalanced)?;
                self.operands.push(Operand { id, outer });
                return Ok(());
            }
            Form::Group => Expr::Tuple(self.ast.add_items(self.items.drain(bracket.items..))),
            Form::List => Expr::List(self.ast.add_items(self.items.drain(bracket.items..))),
            Form::Subscript(of) => {
                let items = match self.tuple_alone(bracket.items, bracket.has_comma) {
                    Some(items) => items,
                    None => self.ast.add_items(self.items.drain(bracket.items..)),
                };
                Expr::Subscript { of: of.id, items }
            }
            Form::Program => return Err(unbalanced()),
        };
        self.operand(node, outer)
    }

    /// The elements of a tuple that is all there is from `from` on, without a comma after it. The tuple is then no
    /// node: the commas alone would have said the same.
    fn tuple_alone(&mut self, from: usize, has_comma: bool) -> Option<List<ExprId>> {
        let &[id] = &self.items[from..] else { return None };
        let Expr::Tuple(items) = self.ast.node(id) else { return None };
        if has_comma {
            return None;
        }
        self.ast.take_back(id);
        self.items.truncate(from);
        Some(items)
    }

    /// The end of the text: what has been read are the results.
    fn results(&mut self) -> Result<()> {
        self.element()?;
        let bracket = self.brackets.pop().ok_or_else(unbalanced)?;
        self.check_keywords(bracket.keywords, "the result")?;
        let named = self.keywords.drain(bracket.keywords..);
        let mut results: Vec<Computed> =
            named.map(|result| Computed { name: Some(result.name), value: result.value }).collect();
        match self.tuple_alone(bracket.items, bracket.has_comma) {
            Some(items) if items.len() == 0 => return Err(diagnose::no_result(scan::whole(self.source))),
            Some(items) => {
                let values = self.ast.items(items).iter();
                results.extend(values.map(|&value| Computed { name: None, value }));
            }
            None => results.extend(self.items.drain(..).map(|value| Computed { name: None, value })),
        }
        self.ast.set_results(results);
        Ok(())
    }

    /// No name twice; sorted, as a stranger's call may have 100,000 of them.
    fn check_keywords(&self, from: usize, what: &str) -> Result<()> {
        let mut names: Vec<Span> = self.keywords[from..].iter().map(|keyword| keyword.name).collect();
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
        if is_complete && !self.ast.results().is_empty() { Ok(self.ast) } else { Err(unbalanced()) }
    }
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// The grammar pairs brackets and operands, so this is never seen.
fn unbalanced() -> Error {
    Error::new(ErrorKind::Internal, "the grammar and the parser of the text disagree")
}
