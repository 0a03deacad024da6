//! The syntax tree: what the text says, before any name has a meaning.
//!
//! Nodes lie in one `Vec`, arguments before their users, and refer to each other by [`ExprId`]; lists lie in shared
//! `Vec`s, names are spans of the source. A pass over the tree is a loop over [`Ast::iter`], dropping it frees a
//! handful of buffers, and neither recurses however deep the expression is.

use super::statement::{Form, Parameter, Statement};
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

/// A node of an [`Ast`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ExprId(u32);

impl ExprId {
    /// The position among the nodes: passes keep what they know about a node in a `Vec` indexed by it.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// Bytes of the source, from `start` up to `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    /// From the start of `self` to the end of `other`.
    pub(crate) fn to(self, other: Span) -> Span {
        Span { start: self.start, end: other.end }
    }
}

impl From<Span> for Range<usize> {
    fn from(span: Span) -> Self {
        span.start as usize..span.end as usize
    }
}

/// A run of one of the shared vectors of an [`Ast`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct List<T> {
    start: u32,
    end: u32,
    of: PhantomData<T>,
}

impl<T> List<T> {
    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    pub(crate) fn len(self) -> usize {
        self.range().len()
    }
}

impl<T> Copy for List<T> {}
impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        *self
    }
}

/// One node. Numbers are never negative here: a sign is an operator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Expr {
    /// A name; [`Ast::name`] has its text.
    Name,
    Int(i128),
    Float(f64),
    /// `2j`: the imaginary part, the real part being zero.
    Imaginary(f64),
    Bool(bool),
    None,
    /// `'…'`, escapes resolved; [`Ast::string`] has the text.
    Str(List<char>),
    /// `b'…'`, escapes resolved; [`Ast::bytes`] has them.
    Bytes(List<u8>),
    Unary(UnaryOp, ExprId),
    Binary(BinaryOp, ExprId, ExprId),
    Logical(LogicalOp, ExprId, ExprId),
    /// `first op a op b …`: at least one link. A parenthesised comparison is a node of its own, not part of the chain.
    Compare {
        first: ExprId,
        rest: List<Link>,
    },
    /// `name(args…, keyword=value…)`.
    Call {
        name: Span,
        args: List<ExprId>,
        keywords: List<Keyword>,
    },
    /// `of.name`.
    Attribute {
        of: ExprId,
        name: Span,
    },
    /// `()`, `(a,)`, `(a, b)`.
    Tuple(List<ExprId>),
    /// `[]`, `[a]`, `[a, b]`.
    List(List<ExprId>),
    /// `of[items…]`. A tuple in brackets alone is the items themselves, as in Python: `x[(a, b)]` is `x[a, b]`, and
    /// `x[()]` has none.
    Subscript {
        of: ExprId,
        items: List<ExprId>,
    },
    /// `start:stop:step`; only as an item of a subscript.
    Slice {
        start: Option<ExprId>,
        stop: Option<ExprId>,
        step: Option<ExprId>,
    },
    /// `...`; only as an item of a subscript.
    Ellipsis,
}

/// Nodes that follow each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nodes(Range<u32>);

impl Iterator for Nodes {
    type Item = ExprId;

    fn next(&mut self) -> Option<ExprId> {
        self.0.next().map(ExprId)
    }
}

/// An operator before its one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum UnaryOp {
    Plus,
    Minus,
    /// `~`
    Invert,
    Not,
}

/// An operator between two operands, both of them always evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    /// `@`
    MatrixMultiply,
    /// `/`
    Divide,
    /// `//`
    FloorDivide,
    /// `%`
    Remainder,
    /// `**`
    Power,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
}

/// `and`, `or`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LogicalOp {
    And,
    Or,
}

/// An operator of a chain of comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum CompareOp {
    Less,
    LessEqual,
    Equal,
    NotEqual,
    GreaterEqual,
    Greater,
}

/// An operator and its right operand in a chain of comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) op: CompareOp,
    pub(crate) value: ExprId,
}

/// `name=value` in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keyword {
    pub(crate) name: Span,
    pub(crate) value: ExprId,
}

/// What the program computes: `value`, or `name = value`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Computed {
    pub(crate) name: Option<Span>,
    pub(crate) value: ExprId,
}

/// A program as it was written.
#[derive(Clone, Debug)]
pub(crate) struct Ast {
    source: Arc<str>,
    nodes: Vec<Expr>,
    spans: Vec<Span>,
    items: Vec<ExprId>,
    keywords: Vec<Keyword>,
    links: Vec<Link>,
    strings: String,
    bytes: Vec<u8>,
    values: Vec<Computed>,
    params: Vec<Parameter>,
    statements: Vec<Statement>,
}

impl Ast {
    /// The text it was parsed from.
    pub(crate) fn source(&self) -> &Arc<str> {
        &self.source
    }

    /// The number of nodes: at least one once parsed.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The statements in the order of the text: at least one once parsed.
    pub(crate) fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The nodes of a statement, in the order of their use.
    pub(crate) fn nodes_of(&self, statement: usize) -> Nodes {
        let start = match statement {
            0 => 0,
            _ => self.statements[statement - 1].nodes_end,
        };
        Nodes(start..self.statements[statement].nodes_end)
    }

    /// Where the block of a statement ends.
    pub(crate) fn block_end(&self, statement: usize) -> usize {
        self.statements[statement].end as usize
    }

    /// What a statement computes: all of it named or none. A tuple alone is several values, in parentheses or not.
    pub(crate) fn values(&self, list: List<Computed>) -> &[Computed] {
        &self.values[list.range()]
    }

    pub(crate) fn params(&self, list: List<Parameter>) -> &[Parameter] {
        &self.params[list.range()]
    }

    fn last(&self) -> ExprId {
        ExprId(self.nodes.len().saturating_sub(1) as u32)
    }

    pub(crate) fn node(&self, id: ExprId) -> Expr {
        self.nodes[id.index()]
    }

    /// Where the node is in the source, without parentheses around it.
    pub(crate) fn span(&self, id: ExprId) -> Span {
        self.spans[id.index()]
    }

    /// All nodes, arguments before their users.
    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (ExprId, Expr)> + '_ {
        self.nodes.iter().enumerate().map(|(index, &node)| (ExprId(index as u32), node))
    }

    /// A piece of the source: the name in a call, a keyword, an attribute.
    pub(crate) fn text(&self, span: Span) -> &str {
        &self.source[Range::from(span)]
    }

    /// The source of a node; the name, if it is an [`Expr::Name`].
    pub(crate) fn name(&self, id: ExprId) -> &str {
        self.text(self.span(id))
    }

    pub(crate) fn items(&self, list: List<ExprId>) -> &[ExprId] {
        &self.items[list.range()]
    }

    pub(crate) fn keywords(&self, list: List<Keyword>) -> &[Keyword] {
        &self.keywords[list.range()]
    }

    pub(crate) fn links(&self, list: List<Link>) -> &[Link] {
        &self.links[list.range()]
    }

    pub(crate) fn string(&self, list: List<char>) -> &str {
        &self.strings[list.range()]
    }

    pub(crate) fn bytes(&self, list: List<u8>) -> &[u8] {
        &self.bytes[list.range()]
    }
}

/// How the parser builds a tree. Ids and lists are `u32`: the source is shorter than that, and every node, element
/// and character of a literal takes at least one byte of it.
impl Ast {
    pub(super) fn new(source: Arc<str>) -> Self {
        // Enough for the formulas that people write; a long text is no reason to reserve as much before it is parsed.
        let expected = source.len().min(32);
        Self {
            source,
            nodes: Vec::with_capacity(expected),
            spans: Vec::with_capacity(expected),
            items: Vec::new(),
            keywords: Vec::new(),
            links: Vec::new(),
            strings: String::new(),
            bytes: Vec::new(),
            values: Vec::new(),
            params: Vec::new(),
            statements: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, node: Expr, span: Span) -> ExprId {
        self.nodes.push(node);
        self.spans.push(span);
        self.last()
    }

    /// Takes the last node back, if it is `id`: the name of a call is not a node, nor is a tuple of several results.
    pub(super) fn take_back(&mut self, id: ExprId) {
        if id == self.last() {
            self.nodes.pop();
            self.spans.pop();
        }
    }

    /// Adds a statement, whose nodes are those since the last one.
    pub(super) fn add_statement(&mut self, form: Form, span: Span) -> usize {
        let at = self.statements.len();
        self.statements.push(Statement { form, span, nodes_end: self.nodes.len() as u32, end: at as u32 });
        at
    }

    /// Says that the block of the statement `at` ends with the last statement.
    pub(super) fn close(&mut self, at: usize) {
        self.statements[at].end = self.statements.len().saturating_sub(1) as u32;
    }

    pub(super) fn add_values(&mut self, values: impl Iterator<Item = Computed>) -> List<Computed> {
        append(&mut self.values, values)
    }

    pub(super) fn add_params(&mut self, params: impl Iterator<Item = Parameter>) -> List<Parameter> {
        append(&mut self.params, params)
    }

    pub(super) fn add_items(&mut self, items: impl Iterator<Item = ExprId>) -> List<ExprId> {
        append(&mut self.items, items)
    }

    pub(super) fn add_keywords(&mut self, keywords: impl Iterator<Item = Keyword>) -> List<Keyword> {
        append(&mut self.keywords, keywords)
    }

    pub(super) fn add_links(&mut self, links: impl Iterator<Item = Link>) -> List<Link> {
        append(&mut self.links, links)
    }

    pub(super) fn add_string(&mut self, text: &str) -> List<char> {
        let start = self.strings.len() as u32;
        self.strings.push_str(text);
        List { start, end: self.strings.len() as u32, of: PhantomData }
    }

    pub(super) fn add_bytes(&mut self, bytes: &[u8]) -> List<u8> {
        append(&mut self.bytes, bytes.iter().copied())
    }
}

fn append<T>(to: &mut Vec<T>, items: impl Iterator<Item = T>) -> List<T> {
    let start = to.len() as u32;
    to.extend(items);
    List { start, end: to.len() as u32, of: PhantomData }
}
