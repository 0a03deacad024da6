//! A tree as text: the fewest parentheses that parse to the same tree.

use super::ast::{Ast, BinaryOp, Computed, Expr, ExprId};
use super::operators::Binding;
use std::fmt::{self, Write};

/// What is still to be written. A stack of these, not recursion: a tree is as deep as its text is long.
enum Step<'a> {
    Text(&'a str),
    /// A node, in parentheses if it binds less tightly than this.
    Node(ExprId, Binding),
    /// The same, also in parentheses if it binds as tightly: the right operand of an operator that groups to the left.
    Tighter(ExprId, Binding),
}

/// The fewest parentheses that parse to the same tree; spaces around operators.
impl fmt::Display for Ast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut steps = Vec::new();
        let results = self.results().iter();
        list(
            &mut steps,
            results.map(|result| (result.name.map(|name| self.text(name)), result.value)),
            " = ",
        );
        // Without the comma, a tuple that is the one result would be several.
        if let [Computed { name: None, value }] = self.results()
            && matches!(self.node(*value), Expr::Tuple(_))
        {
            steps.push(Step::Text(","));
        }
        steps.reverse();
        while let Some(step) = steps.pop() {
            let (id, enclosed) = match step {
                Step::Text(text) => {
                    f.write_str(text)?;
                    continue;
                }
                Step::Node(id, binding) => (id, self.node(id).binding() < binding),
                Step::Tighter(id, binding) => (id, self.node(id).binding() <= binding),
            };
            let mark = steps.len();
            if enclosed {
                f.write_str("(")?;
            }
            expand(self, id, &mut steps, f)?;
            if enclosed {
                steps.push(Step::Text(")"));
            }
            steps[mark..].reverse();
        }
        Ok(())
    }
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
