//! The plan in words: what `explain` shows and the golden tests compare.

use std::fmt;

use super::{Access, AccessId, BlockId, Buffer, Def, Inst, Loop, Place, Plan, Plane, Text, ValueId};
use crate::arena::Id;
use crate::infer::{Dim, Map};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (id, buffer) in self.buffers.iter() {
            let place = match buffer.place {
                Place::Input(input) => format!("input {input}"),
                Place::Result(k) => format!("result {k}"),
                Place::Index => "indices".to_owned(),
                Place::Reshaped(of) => format!("{of} reshaped"),
                Place::Stored { reuses: None } => "stored".to_owned(),
                Place::Stored { reuses: Some(k) } => format!("stored in the memory of result {k}"),
            };
            writeln!(f, "{id}: {} {place}", self.type_text(buffer))?;
        }
        for (k, nest) in self.loops.iter().enumerate() {
            if let Some(steps) = &nest.steps {
                let buffers = |accesses: &mut dyn Iterator<Item = AccessId>| -> String {
                    accesses
                        .map(|access| nest.accesses[access].buffer.to_string())
                        .collect::<Vec<_>>()
                        .join(", ")
                };
                let (from, to) =
                    (&mut steps.reads.iter().copied(), &mut steps.writes.iter().flatten().copied());
                writeln!(f, "loop {k}, {} steps from {} to {}", steps.turns, buffers(from), buffers(to))?;
                for line in steps.plan.to_string().lines() {
                    writeln!(f, "  {line}")?;
                }
                continue;
            }
            write!(f, "loop {k} over {}", self.extents_text(&nest.dims))?;
            match nest.reduces.is_empty() {
                true if let Some(product) = nest.product => {
                    let [a, b] = [product.a, product.b].map(|access| nest.accesses[access].buffer);
                    let result = nest.accesses[product.result].buffer;
                    writeln!(f, ", {result} = {a} @ {b}")?;
                }
                true if nest.finishes => writeln!(f, ", finishes reductions")?,
                true => writeln!(f)?,
                false if nest.running => {
                    writeln!(f, ", runs along axis {:?}", nest.reduced.iter().collect::<Vec<_>>())?
                }
                false => writeln!(f, ", reduces axes {:?}", nest.reduced.iter().collect::<Vec<_>>())?,
            }
            self.write_loop(f, nest)?;
        }
        Ok(())
    }
}

impl Plan {
    /// Type and shape of a buffer: `f64[1000, 3]`.
    pub fn type_text(&self, buffer: &Buffer) -> String {
        match buffer.dims.is_empty() {
            true => buffer.dtype.to_string(),
            false => format!("{}{}", buffer.dtype, self.extents_text(&buffer.dims)),
        }
    }

    fn extents_text(&self, dims: &[Dim]) -> String {
        let extents: Vec<usize> = dims.iter().map(|d| self.signature.extent(*d)).collect();
        format!("{extents:?}")
    }

    fn write_loop(&self, f: &mut fmt::Formatter<'_>, nest: &Loop) -> fmt::Result {
        self.write_block(f, nest, BlockId::new(0), 1)?;
        for store in &nest.stores {
            let access = &nest.accesses[store.access];
            write!(f, "  store {} in {}{}", store.value, access.buffer, plane_text(access.plane))?;
            self.write_start(f, access)?;
        }
        for reduce in &nest.reduces {
            let fold = format!("{:?}", reduce.fold).to_lowercase();
            let imaginary = reduce.imaginary.map_or(String::new(), |value| format!(" + {value}j"));
            let access = &nest.accesses[reduce.access];
            write!(f, "  {fold} {}{imaginary} into {}", reduce.value, access.buffer)?;
            self.write_start(f, access)?;
        }
        Ok(())
    }

    /// A block, those within it further to the right.
    fn write_block(
        &self,
        f: &mut fmt::Formatter<'_>,
        nest: &Loop,
        block: BlockId,
        depth: usize,
    ) -> fmt::Result {
        let indent = 2 * depth;
        for inst in &nest.body.blocks[block].insts {
            write!(f, "{:indent$}", "")?;
            match inst {
                Inst::Let(value) => self.write_value(f, nest, *value)?,
                Inst::Check(bad, check) => writeln!(f, "error `{}` if {bad}", self.checks[*check].message)?,
                Inst::Repeat { bound, init, body } => {
                    writeln!(f, "repeat {body} at most {bound} times from {}", list(init))?;
                    self.write_block(f, nest, *body, depth + 1)?;
                    let block = &nest.body.blocks[*body];
                    let go_on = block.go_on.map_or(String::new(), |v| format!("while {v}, "));
                    writeln!(f, "{:indent$}  {go_on}next {}", "", list(&block.yields))?;
                }
            }
        }
        Ok(())
    }

    fn write_value(&self, f: &mut fmt::Formatter<'_>, nest: &Loop, id: ValueId) -> fmt::Result {
        let value = &nest.body.values[id];
        write!(f, "{id}: {} = ", value.compute.name())?;
        match &value.def {
            Def::Load(access) => {
                let access = &nest.accesses[*access];
                write!(f, "load {}{}", access.buffer, plane_text(access.plane))?;
                self.write_map(f, nest, access)?;
            }
            Def::Gather(access, place) => {
                let access = &nest.accesses[*access];
                write!(f, "take {}{} at {place}", access.buffer, plane_text(access.plane))?;
                self.write_map(f, nest, access)?;
            }
            Def::Const(value) => write!(f, "{value}")?,
            Def::Bytes(op, texts) => {
                write!(f, "{op} ")?;
                for (k, text) in texts.iter().enumerate() {
                    f.write_str(if k > 0 { ", " } else { "" })?;
                    match text {
                        Text::Element(access) => {
                            let access = &nest.accesses[*access];
                            write!(f, "{}", access.buffer)?;
                            self.write_map(f, nest, access)?;
                        }
                        Text::Bytes(bytes) => write!(f, "b'{}'", bytes.escape_ascii())?,
                    }
                }
            }
            Def::Op(op, operands) => {
                let operands = operands[..op.info().params.len()].iter().map(ToString::to_string);
                write!(f, "{op} {}", operands.collect::<Vec<_>>().join(", "))?;
            }
            Def::Call(function, operands, _) => {
                let operands = operands[..function.arity()].iter().map(ToString::to_string);
                write!(f, "call {} {}", function.name(), operands.collect::<Vec<_>>().join(", "))?;
            }
            Def::Convert(of) => write!(f, "convert {of}")?,
            Def::Count(dims) => write!(f, "count {}", self.extents_text(dims))?,
            Def::Param(block, k) | Def::Of(block, k) => write!(f, "{block}.{k}")?,
        }
        let axes: Vec<usize> = value.varies.iter().collect();
        let all = (0..nest.dims.len()).filter(|k| nest.dims[*k] != Dim::ONE).eq(axes.iter().copied());
        match (all, axes.is_empty()) {
            (false, true) => writeln!(f, "  # once"),
            (false, false) => writeln!(f, "  # along {axes:?}"),
            (true, _) => writeln!(f),
        }
    }

    /// Where what is written begins, if it is a later piece of its buffer.
    fn write_start(&self, f: &mut fmt::Formatter<'_>, access: &Access) -> fmt::Result {
        if access.offsets.is_empty() {
            return writeln!(f);
        }
        let mut start = access.offsets.clone();
        start.resize(self.buffers[access.buffer].dims.len(), 0);
        writeln!(f, " from {start:?}")
    }

    /// The index map, where it is not the plain one: aligned at the last axis.
    fn write_map(&self, f: &mut fmt::Formatter<'_>, nest: &Loop, access: &Access) -> fmt::Result {
        let missing = nest.dims.len().saturating_sub(self.buffers[access.buffer].dims.len());
        let plain = |t: &super::Term| t.step == 1 && t.axis == t.buffer_axis + missing;
        if access.offsets.is_empty() && access.terms.iter().all(plain) {
            return Ok(());
        }
        write!(f, " {}", Map::new(access.terms.iter().copied(), access.offsets.iter().copied()))
    }
}

fn list(values: &[ValueId]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn plane_text(plane: Plane) -> &'static str {
    match plane {
        Plane::Whole => "",
        Plane::Real => ".real",
        Plane::Imaginary => ".imag",
    }
}
