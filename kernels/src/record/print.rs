//! A recording as text, a node per line; bodies and loops indented below.

use super::{BinaryOp, Node, Recording, Type, UnaryOp, ValueId};
use std::fmt::{self, Display, Formatter};

impl Display for Type {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::F64 => "f64",
            Type::F32 => "f32",
            Type::I64 => "i64",
            Type::I32 => "i32",
            Type::Mask => "mask",
        })
    }
}

impl Display for ValueId {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.0)
    }
}

impl Display for UnaryOp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UnaryOp::Sqrt => "sqrt",
            UnaryOp::Floor => "floor",
            UnaryOp::Ceil => "ceil",
            UnaryOp::Trunc => "trunc",
            UnaryOp::Round => "round",
            UnaryOp::BitCast => "bitcast",
            UnaryOp::FromInt => "from_int",
            UnaryOp::ToInt => "to_int",
            UnaryOp::Not => "not",
            UnaryOp::Extend => "extend",
            UnaryOp::Truncate => "truncate",
            UnaryOp::ToDouble => "to_double",
            UnaryOp::ToSingle => "to_single",
        })
    }
}

impl Display for BinaryOp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BinaryOp::Add => "add",
            BinaryOp::Sub => "sub",
            BinaryOp::Mul => "mul",
            BinaryOp::Div => "div",
            BinaryOp::MulHigh => "mul_high",
            BinaryOp::And => "and",
            BinaryOp::Or => "or",
            BinaryOp::Xor => "xor",
            BinaryOp::ShiftLeft => "shl",
            BinaryOp::ShiftRight => "shr",
            BinaryOp::Lt => "lt",
            BinaryOp::Le => "le",
            BinaryOp::Eq => "eq",
        })
    }
}

/// Values between commas.
struct List<'a>(&'a [ValueId]);

impl Display for List<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (k, id) in self.0.iter().enumerate() {
            write!(f, "{}{id}", if k == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl Display for Recording {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.listing(f, "")
    }
}

impl Recording {
    fn listing(&self, f: &mut Formatter<'_>, indent: &str) -> fmt::Result {
        for (i, &(node, of)) in self.nodes.iter().enumerate() {
            write!(f, "{indent}%{i} = ")?;
            self.node(f, node, of)?;
            writeln!(f)?;
        }
        writeln!(f, "{indent}result {}", List(&self.results))?;
        let deeper = format!("{indent}    ");
        for (k, body) in self.bodies.iter().enumerate() {
            writeln!(f, "{indent}  body {k}:")?;
            body.listing(f, &deeper)?;
        }
        for (k, repeated) in self.loops.iter().enumerate() {
            writeln!(f, "{indent}  loop {k}, while:")?;
            repeated.go_on.listing(f, &deeper)?;
            writeln!(f, "{indent}  loop {k}, next:")?;
            repeated.next.listing(f, &deeper)?;
        }
        Ok(())
    }

    fn node(&self, f: &mut Formatter<'_>, node: Node, of: Type) -> fmt::Result {
        match node {
            Node::Parameter(k) => write!(f, "{of} parameter {k}"),
            Node::Constant(bits) => match of {
                Type::F64 => write!(f, "f64 {:?}", f64::from_bits(bits)),
                Type::F32 => write!(f, "f32 {:?}", f32::from_bits(bits as u32)),
                Type::I64 => write!(f, "i64 {:#x}", bits),
                Type::I32 => write!(f, "i32 {:#x}", bits as u32),
                Type::Mask => write!(f, "mask {}", bits != 0),
            },
            Node::Unary(op, a) => write!(f, "{of} {op} {a}"),
            Node::Binary(op, a, b) => write!(f, "{of} {op} {a} {b}"),
            Node::MulAdd(a, b, c) => write!(f, "{of} mul_add {a} {b} {c}"),
            Node::Select(m, a, b) => write!(f, "{of} select {m} {a} {b}"),
            Node::Table(k, i) => write!(f, "{of} table {k} of {} words, {i}", self.tables[k as usize].len()),
            Node::Rare(k) => {
                let call = &self.rares[k as usize];
                let (arguments, otherwise) = (List(&call.arguments), List(&call.otherwise));
                write!(f, "body {} where {} of ({arguments}) else ({otherwise})", call.body, call.mask)
            }
            Node::Repeat(k) => {
                let repeated = &self.loops[k as usize];
                write!(f, "loop {k} from ({}), at most {} turns", List(&repeated.state), repeated.limit)
            }
            Node::Part(a, k) => write!(f, "{of} part {k} of {a}"),
        }
    }
}
