//! How operators are spelled and how tightly they bind: one table for the parser and the printer.

use super::ast::{BinaryOp, CompareOp, Expr, LogicalOp, UnaryOp};

/// How tightly an expression holds together, loosest first: Python's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Binding {
    Or,
    And,
    Not,
    Compare,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Sum,
    Product,
    Sign,
    Power,
    /// Operands without operators, and what follows them directly: calls, attributes and subscripts.
    Primary,
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Infix {
    Binary(BinaryOp),
    Logical(LogicalOp),
    Compare(CompareOp),
}

impl Infix {
    pub(super) fn from_symbol(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "+" => Infix::Binary(BinaryOp::Add),
            "-" => Infix::Binary(BinaryOp::Subtract),
            "*" => Infix::Binary(BinaryOp::Multiply),
            "@" => Infix::Binary(BinaryOp::MatrixMultiply),
            "/" => Infix::Binary(BinaryOp::Divide),
            "//" => Infix::Binary(BinaryOp::FloorDivide),
            "%" => Infix::Binary(BinaryOp::Remainder),
            "**" => Infix::Binary(BinaryOp::Power),
            "&" => Infix::Binary(BinaryOp::BitAnd),
            "|" => Infix::Binary(BinaryOp::BitOr),
            "^" => Infix::Binary(BinaryOp::BitXor),
            "<<" => Infix::Binary(BinaryOp::ShiftLeft),
            ">>" => Infix::Binary(BinaryOp::ShiftRight),
            "and" => Infix::Logical(LogicalOp::And),
            "or" => Infix::Logical(LogicalOp::Or),
            "<" => Infix::Compare(CompareOp::Less),
            "<=" => Infix::Compare(CompareOp::LessEqual),
            "==" => Infix::Compare(CompareOp::Equal),
            "!=" => Infix::Compare(CompareOp::NotEqual),
            ">=" => Infix::Compare(CompareOp::GreaterEqual),
            ">" => Infix::Compare(CompareOp::Greater),
            _ => return None,
        })
    }

    pub(super) fn binding(self) -> Binding {
        match self {
            Infix::Binary(op) => op.binding(),
            Infix::Logical(op) => op.binding(),
            Infix::Compare(_) => Binding::Compare,
        }
    }
}

impl UnaryOp {
    pub(super) fn from_symbol(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "+" => UnaryOp::Plus,
            "-" => UnaryOp::Minus,
            "~" => UnaryOp::Invert,
            "not" => UnaryOp::Not,
            _ => return None,
        })
    }

    /// As it is written, for messages and for printing.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            UnaryOp::Plus => "+",
            UnaryOp::Minus => "-",
            UnaryOp::Invert => "~",
            UnaryOp::Not => "not",
        }
    }

    pub(super) fn binding(self) -> Binding {
        match self {
            UnaryOp::Plus | UnaryOp::Minus | UnaryOp::Invert => Binding::Sign,
            UnaryOp::Not => Binding::Not,
        }
    }
}

impl BinaryOp {
    /// As it is written, for messages and for printing.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::MatrixMultiply => "@",
            BinaryOp::Divide => "/",
            BinaryOp::FloorDivide => "//",
            BinaryOp::Remainder => "%",
            BinaryOp::Power => "**",
            BinaryOp::BitAnd => "&",
            BinaryOp::BitOr => "|",
            BinaryOp::BitXor => "^",
            BinaryOp::ShiftLeft => "<<",
            BinaryOp::ShiftRight => ">>",
        }
    }

    pub(super) fn binding(self) -> Binding {
        match self {
            BinaryOp::BitOr => Binding::BitOr,
            BinaryOp::BitXor => Binding::BitXor,
            BinaryOp::BitAnd => Binding::BitAnd,
            BinaryOp::ShiftLeft | BinaryOp::ShiftRight => Binding::Shift,
            BinaryOp::Add | BinaryOp::Subtract => Binding::Sum,
            BinaryOp::Multiply | BinaryOp::MatrixMultiply | BinaryOp::Divide => Binding::Product,
            BinaryOp::FloorDivide | BinaryOp::Remainder => Binding::Product,
            BinaryOp::Power => Binding::Power,
        }
    }
}

impl LogicalOp {
    /// As it is written, for messages and for printing.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            LogicalOp::And => "and",
            LogicalOp::Or => "or",
        }
    }

    pub(super) fn binding(self) -> Binding {
        match self {
            LogicalOp::And => Binding::And,
            LogicalOp::Or => Binding::Or,
        }
    }
}

impl CompareOp {
    /// As it is written, for messages and for printing.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            CompareOp::Less => "<",
            CompareOp::LessEqual => "<=",
            CompareOp::Equal => "==",
            CompareOp::NotEqual => "!=",
            CompareOp::GreaterEqual => ">=",
            CompareOp::Greater => ">",
        }
    }
}

impl Expr {
    /// How tightly the node holds together as it is printed.
    pub(super) fn binding(&self) -> Binding {
        match self {
            Expr::Unary(op, _) => op.binding(),
            Expr::Binary(op, ..) => op.binding(),
            Expr::Logical(op, ..) => op.binding(),
            Expr::Compare { .. } => Binding::Compare,
            Expr::Name | Expr::Int(_) | Expr::Float(_) | Expr::Imaginary(_) | Expr::Bool(_) | Expr::None => {
                Binding::Primary
            }
            Expr::Str(_) | Expr::Bytes(_) | Expr::Call { .. } | Expr::Attribute { .. } => Binding::Primary,
            Expr::Tuple(_) | Expr::List(_) | Expr::Subscript { .. } => Binding::Primary,
            // Never an operand: they stand in a subscript, which prints its items without parentheses.
            Expr::Slice { .. } | Expr::Ellipsis => Binding::Or,
        }
    }
}
