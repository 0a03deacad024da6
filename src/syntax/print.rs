//! A tree as text: the fewest parentheses that parse to the same tree.

use super::ast::{Ast, BinaryOp, Computed, Expr, ExprId};
use super::operators::Binding;
use super::statement::Form;
use std::fmt::{self, Write};

/// What is still to be written. A stack of these, not recursion: a tree is as deep as its text is long.
enum Step<'a> {
    Text(&'a str),
    /// A node, in parentheses if it binds less tightly than this.
    Node(ExprId, Binding),
    /// The same, also in parentheses if it binds as tightly: the right operand of an operator that groups to the left.
    Tighter(ExprId, Binding),
}

/// The fewest parentheses that parse to the same tree; spaces around operators; a line for each statement.
impl fmt::Display for Ast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Lines { ast: self, open: Vec::new(), depth: 0, is_inline: true };
        let forms = || self.statements().iter().map(|statement| statement.form);
        let next = forms().skip(1).map(Some).chain([None]);
        forms().zip(next).try_for_each(|(form, next)| lines.write(form, next, f))
    }
}

/// Statements as lines.
struct Lines<'a> {
    ast: &'a Ast,
    /// The statements whose end is still to come.
    open: Vec<Form>,
    /// How many braces are open.
    depth: usize,
    /// Whether the next statement goes on with the last line.
    is_inline: bool,
}

impl<'a> Lines<'a> {
    fn write(&mut self, form: Form, next: Option<Form>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match form {
            Form::End => return self.end(f),
            Form::Else => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if !std::mem::replace(&mut self.is_inline, false) {
            write!(f, "\n{:width$}", "", width = 4 * self.depth)?;
        }
        let mut steps = Vec::new();
        self.line(form, &mut steps);
        // what follows on the same line says how it begins
        self.is_inline = match (form, next) {
            (Form::Repeat { .. } | Form::For { .. }, Some(Form::While { .. })) => true,
            (Form::Else, Some(Form::If { is_chained: true, .. })) => {
                steps.push(Step::Text(" "));
                true
            }
            (Form::Define { has_block, .. } | Form::Steps { has_block, .. }, _) => !has_block,
            _ => false,
        };
        let is_head = form.opens() || matches!(form, Form::While { .. } | Form::Else);
        if is_head && !self.is_inline {
            steps.push(Step::Text(" {"));
            self.depth += 1;
        }
        if form.opens() {
            self.open.push(form);
        }
        write_steps(self.ast, steps, f)
    }

    fn end(&mut self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.open.pop() {
            Some(Form::Define { has_block: false, .. } | Form::If { is_chained: true, .. }) => Ok(()),
            Some(Form::Steps { has_block: false, .. }) => f.write_str(")"),
            _ => {
                self.depth = self.depth.saturating_sub(1);
                write!(f, "\n{:width$}}}", "", width = 4 * self.depth)
            }
        }
    }

    /// A statement without what its block takes.
    fn line(&self, form: Form, steps: &mut Vec<Step<'a>>) {
        let ast = self.ast;
        let value = |id: ExprId| Step::Node(id, Binding::Or);
        match form {
            Form::Values(values) => self.values(ast.values(values), steps),
            Form::Update { name, op, value: of } => {
                steps.extend([ast.text(name), " ", op.symbol(), "= "].map(Step::Text));
                steps.push(value(of));
            }
            Form::Define { name, params, has_block } => {
                steps.extend(["def ", ast.text(name), "("].map(Step::Text));
                let params = ast.params(params).iter();
                for (k, param) in params.enumerate() {
                    steps.extend((k > 0).then_some(Step::Text(", ")));
                    steps.push(Step::Text(ast.text(param.name)));
                    steps.extend(param.default.iter().flat_map(|&of| [Step::Text("="), value(of)]));
                }
                steps.push(Step::Text(if has_block { ")" } else { ") = " }));
            }
            Form::Repeat { bound } => steps.extend([Step::Text("repeat "), value(bound)]),
            Form::For { name, start, stop } => {
                steps.extend(["for ", ast.text(name), " in "].map(Step::Text));
                steps.extend([value(start), Step::Text(".."), value(stop)]);
            }
            Form::While { condition } => steps.extend([Step::Text(" while "), value(condition)]),
            Form::If { condition, .. } => steps.extend([Step::Text("if "), value(condition)]),
            Form::Else => steps.push(Step::Text("} else")),
            Form::Break { condition } => {
                steps.push(Step::Text("break"));
                steps.extend(condition.iter().flat_map(|&of| [Step::Text(" if "), value(of)]));
            }
            Form::Steps { bound, has_block: true } => steps.extend([Step::Text("steps "), value(bound)]),
            Form::Steps { bound, has_block: false } => {
                steps.extend([Step::Text("steps("), value(bound), Step::Text(", ")]);
            }
            Form::End => {}
        }
    }

    fn values(&self, values: &[Computed], steps: &mut Vec<Step<'a>>) {
        let ast = self.ast;
        let inner = self.open.last();
        let equals = if matches!(inner, Some(Form::Steps { has_block: false, .. })) { "=" } else { " = " };
        // Without the comma, a tuple that is the one value would be several.
        let is_tuple =
            matches!(values, [Computed { name: None, value }] if matches!(ast.node(*value), Expr::Tuple(_)));
        let is_formula = matches!(inner, Some(Form::Define { has_block: false, .. }));
        steps.extend((is_tuple && is_formula).then_some(Step::Text("(")));
        list(steps, values.iter().map(|value| (value.name.map(|name| ast.text(name)), value.value)), equals);
        steps.extend(is_tuple.then_some(Step::Text(if is_formula { ",)" } else { "," })));
    }
}

/// Writes what is listed, in reading order.
fn write_steps<'a>(ast: &'a Ast, mut steps: Vec<Step<'a>>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    steps.reverse();
    while let Some(step) = steps.pop() {
        let (id, enclosed) = match step {
            Step::Text(text) => {
                f.write_str(text)?;
                continue;
            }
            Step::Node(id, binding) => (id, ast.node(id).binding() < binding),
            Step::Tighter(id, binding) => (id, ast.node(id).binding() <= binding),
        };
        let mark = steps.len();
        if enclosed {
            f.write_str("(")?;
        }
        expand(ast, id, &mut steps, f)?;
        if enclosed {
            steps.push(Step::Text(")"));
        }
        steps[mark..].reverse();
    }
    Ok(())
}

/// Writes a node without parts, or adds the parts of one, in reading order.
fn expand<'a>(
    ast: &'a Ast,
    id: ExprId,
    steps: &mut Vec<Step<'a>>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let node = ast.node(id);
    let binding = node.binding();
    match node {
        Expr::Name => f.write_str(ast.name(id)),
        Expr::Int(value) => write!(f, "{value}"),
        Expr::Float(value) => write_float(f, value),
        Expr::Imaginary(value) => {
            write_float(f, value)?;
            f.write_str("j")
        }
        Expr::Bool(true) => f.write_str("True"),
        Expr::Bool(false) => f.write_str("False"),
        Expr::None => f.write_str("None"),
        Expr::Str(text) => write_quoted(f, ast.string(text).chars()),
        Expr::Bytes(bytes) => {
            f.write_str("b")?;
            write_quoted(f, ast.bytes(bytes).iter().map(|&byte| char::from(byte)))
        }
        Expr::Unary(op, of) => {
            f.write_str(op.symbol())?;
            f.write_str(if binding == Binding::Not { " " } else { "" })?;
            steps.push(Step::Node(of, binding));
            Ok(())
        }
        Expr::Binary(BinaryOp::Power, base, exponent) => {
            steps.extend([
                Step::Tighter(base, binding),
                Step::Text(" ** "),
                Step::Node(exponent, Binding::Sign),
            ]);
            Ok(())
        }
        Expr::Binary(op, left, right) => {
            steps.extend([Step::Node(left, binding), Step::Text(" ")]);
            steps.extend([Step::Text(op.symbol()), Step::Text(" "), Step::Tighter(right, binding)]);
            Ok(())
        }
        Expr::Logical(op, left, right) => {
            steps.extend([Step::Node(left, binding), Step::Text(" ")]);
            steps.extend([Step::Text(op.symbol()), Step::Text(" "), Step::Tighter(right, binding)]);
            Ok(())
        }
        Expr::Compare { first, rest } => {
            steps.push(Step::Tighter(first, binding));
            for link in ast.links(rest) {
                steps.extend([Step::Text(" "), Step::Text(link.op.symbol()), Step::Text(" ")]);
                steps.push(Step::Tighter(link.value, binding));
            }
            Ok(())
        }
        Expr::Call { name, args, keywords } => {
            f.write_str(ast.text(name))?;
            steps.push(Step::Text("("));
            elements(steps, ast.items(args));
            if args.len() > 0 && keywords.len() > 0 {
                steps.push(Step::Text(", "));
            }
            list(
                steps,
                ast.keywords(keywords).iter().map(|keyword| (Some(ast.text(keyword.name)), keyword.value)),
                "=",
            );
            steps.push(Step::Text(")"));
            Ok(())
        }
        Expr::Attribute { of, name } => {
            // `1.real` would begin like a float.
            let is_int = matches!(ast.node(of), Expr::Int(_));
            steps.push(if is_int {
                Step::Tighter(of, Binding::Primary)
            } else {
                Step::Node(of, Binding::Primary)
            });
            steps.extend([Step::Text("."), Step::Text(ast.text(name))]);
            Ok(())
        }
        Expr::Tuple(items) => {
            steps.push(Step::Text("("));
            elements(steps, ast.items(items));
            steps.push(Step::Text(if items.len() == 1 { ",)" } else { ")" }));
            Ok(())
        }
        Expr::List(items) => {
            steps.push(Step::Text("["));
            elements(steps, ast.items(items));
            steps.push(Step::Text("]"));
            Ok(())
        }
        Expr::Subscript { of, items } => {
            steps.extend([Step::Node(of, Binding::Primary), Step::Text("[")]);
            elements(steps, ast.items(items));
            steps.push(Step::Text(match ast.items(items) {
                [] => "()]",
                // Without the comma, the tuple would be the items.
                [item] if matches!(ast.node(*item), Expr::Tuple(_)) => ",]",
                _ => "]",
            }));
            Ok(())
        }
        Expr::Slice { start, stop, step } => {
            steps.extend(start.map(|part| Step::Node(part, Binding::Or)));
            steps.push(Step::Text(":"));
            steps.extend(stop.map(|part| Step::Node(part, Binding::Or)));
            steps.extend(step.iter().flat_map(|&part| [Step::Text(":"), Step::Node(part, Binding::Or)]));
            Ok(())
        }
        Expr::Ellipsis => f.write_str("..."),
    }
}

/// Values with commas between them.
fn elements(steps: &mut Vec<Step<'_>>, values: &[ExprId]) {
    list(steps, values.iter().map(|&value| (None, value)), "");
}

/// Values and `name=value`s with commas between them.
fn list<'a>(
    steps: &mut Vec<Step<'a>>,
    values: impl Iterator<Item = (Option<&'a str>, ExprId)>,
    equals: &'static str,
) {
    for (index, (name, value)) in values.enumerate() {
        if index > 0 {
            steps.push(Step::Text(", "));
        }
        if let Some(name) = name {
            steps.extend([Step::Text(name), Step::Text(equals)]);
        }
        steps.push(Step::Node(value, Binding::Or));
    }
}

/// The shortest digits that are read as the same value; there is no literal for infinity but one too large.
fn write_float(f: &mut fmt::Formatter<'_>, value: f64) -> fmt::Result {
    if value.is_infinite() { f.write_str("1e999") } else { write!(f, "{value:?}") }
}

/// A string in quotes, with the escapes of the language.
fn write_quoted(f: &mut fmt::Formatter<'_>, characters: impl Iterator<Item = char>) -> fmt::Result {
    f.write_char('\'')?;
    for character in characters {
        match character {
            '\'' | '\\' => write!(f, "\\{character}")?,
            // Bytes above ASCII have no other spelling; a string's letters may as well look the same.
            '\0'..='\x1f' | '\x7f'..='\u{ff}' => write!(f, "\\x{:02x}", u32::from(character))?,
            _ => f.write_char(character)?,
        }
    }
    f.write_char('\'')
}
