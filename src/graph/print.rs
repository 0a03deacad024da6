//! The graph in words, one node a line, as `explain` shows it.

use std::fmt;

use super::{Axes, Graph, Node, NodeId, RegionKind};

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (id, node) in self.nodes.iter() {
            writeln!(f, "{id} = {}", Line(self, node))?;
        }
        for (id, region) in self.regions.iter() {
            let (next, init) = (List(&region.next), List(&region.init));
            match region.kind {
                RegionKind::Elements => {
                    write!(f, "{id}: at most {}, from {init}, while {}", region.bound, region.go_on)?;
                }
                RegionKind::Steps => write!(f, "{id}: {} steps, from {init}", region.bound)?,
            }
            writeln!(f, ", next {next}")?;
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
            Node::Apply(op, _) => write!(f, "{op} {}", List(self.1.args())),
            Node::Call(function, _) => write!(f, "call {function:?} {}", List(self.1.args())),
            Node::Truth(of) => write!(f, "truth {of}"),
            Node::Cast(dtype, of) => write!(f, "{dtype} {of}"),
            Node::Reduce(how, args) => {
                write!(f, "{} {}", how.kind.name(), args[0])?;
                match &how.axes {
                    Axes::All => {}
                    Axes::Some(axes) => write!(f, " axis={axes:?}")?,
                }
                f.write_str(if how.keep { " keepdims" } else { "" })?;
                if how.ddof != 0 {
                    write!(f, " ddof={}", how.ddof)?;
                }
                if let Some(dtype) = how.dtype {
                    write!(f, " dtype={dtype}")?;
                }
                args.get(1).map_or(Ok(()), |mask| write!(f, " where={mask}"))
            }
            Node::Scan { kind, of, axis, dtype } => {
                write!(f, "running {} {of}", kind.name())?;
                if let Some(axis) = axis {
                    write!(f, " axis={axis}")?;
                }
                dtype.map_or(Ok(()), |dtype| write!(f, " dtype={dtype}"))
            }
            Node::View(view, of) => write!(f, "view {of} {view:?}"),
            Node::Source(source, args) => write!(f, "{} {}", source.name(), List(args)),
            Node::Select([of, mask]) => write!(f, "select {of} where {mask}"),
            Node::Take([of, index], axis) => write!(f, "take {of} at {index} axis={axis:?}"),
            Node::Contract(how, args) => write!(f, "{how} {}", List(args)),
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
