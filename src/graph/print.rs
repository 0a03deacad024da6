//! The graph in words, one node a line, as `explain` shows it.

use std::fmt;

use super::{Axes, Graph, Node, NodeId};

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (id, node) in self.nodes.iter() {
            writeln!(f, "{id} = {}", Line(self, node))?;
        }
        for (id, region) in self.regions.iter() {
            let (next, init) = (List(&region.next), List(&region.init));
            writeln!(f, "{id}: at most {}, from {init}, while {}, next {next}", region.bound, region.go_on)?;
        }
        writeln!(f, "result {}", List(&self.results))
    }
}

struct Line<'a>(&'a Graph, &'a Node);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Node::Input(id) => f.write_str(&self.0.inputs[*id]),
            Node::Literal(value) => value.fmt(f),
            Node::Scalar(value) => write!(f, "{}({value})", value.dtype()),
            Node::Text(bytes) => write!(f, "b'{}'", bytes.escape_ascii()),
            Node::Apply(op, _) => write!(f, "{} {}", op.info().names[0], List(self.1.args())),
            Node::Truth(of) => write!(f, "truth {of}"),
            Node::Cast(dtype, of) => write!(f, "{dtype} {of}"),
            Node::Reduce { kind, of, axes, keep } => {
                write!(f, "{} {of}", kind.names()[0])?;
                match axes {
                    Axes::All => {}
                    Axes::Some(axes) => write!(f, " axis={axes:?}")?,
                }
                f.write_str(if *keep { " keepdims" } else { "" })
            }
            Node::Param(region, k) => write!(f, "{region}.{k}"),
            Node::Repeat(region) => write!(f, "repeat {region}"),
            Node::Result(of, k) => write!(f, "{of}.{k}"),
        }
    }
}

struct List<'a>(&'a [NodeId]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, id) in self.0.iter().enumerate() {
            write!(f, "{}{id}", if k > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}
