//! How operators are spelled and how tightly they bind: one table for the parser and the printer.

use super::ast::{BinaryOp, CompareOp, Expr, LogicalOp, UnaryOp};

/// How tightly an expression holds together, loosest first: Python's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Power {
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
    /// Operands without operators, and what follows them directly: calls and attributes.
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

    pub(super) fn power(self) -> Power {
        match self {
            Infix::Binary(op) => op.power(),
            Infix::Logical(op) => op.power(),
            Infix::Compare(_) => Power::Compare,
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

    pub(super) fn power(self) -> Power {
        match self {
            UnaryOp::Plus | UnaryOp::Minus | UnaryOp::Invert => Power::Sign,
            UnaryOp::Not => Power::Not,
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

    pub(super) fn power(self) -> Power {
        match self {
            BinaryOp::BitOr => Power::BitOr,
            BinaryOp::BitXor => Power::BitXor,
            BinaryOp::BitAnd => Power::BitAnd,
            BinaryOp::ShiftLeft | BinaryOp::ShiftRight => Power::Shift,
            BinaryOp::Add | BinaryOp::Subtract => Power::Sum,
            BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::FloorDivide | BinaryOp::Remainder => {
                Power::Product
            }
            BinaryOp::Power => Power::Power,
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

    pub(super) fn power(self) -> Power {
        match self {
            LogicalOp::And => Power::And,
            LogicalOp::Or => Power::Or,
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
    pub(super) fn power(&self) -> Power {
        match self {
            Expr::Unary(op, _) => op.power(),
            Expr::Binary(op, ..) => op.power(),
            Expr::Logical(op, ..) => op.power(),
            Expr::Compare { .. } => Power::Compare,
            Expr::Name | Expr::Int(_) | Expr::Float(_) | Expr::Imaginary(_) | Expr::Bool(_) | Expr::None => {
                Power::Primary
            }
            Expr::Str(_) | Expr::Bytes(_) | Expr::Call { .. } | Expr::Attribute { .. } | Expr::Tuple(_) => {
                Power::Primary
            }
        }
    }
}
