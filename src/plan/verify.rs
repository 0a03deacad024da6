//! What every executor may rely on.

use super::{Access, BlockId, BufferId, Def, Inst, Loop, Place, Plan, Plane, Text, ValueId};
use crate::arena::Id;
use crate::dtype::DType;
use crate::infer::{Dim, Map};

impl Plan {
    /// Checks the plan's promises; an error is a bug in the planner.
    pub fn verify(&self) -> Result<(), String> {
        let mut written: Vec<bool> =
            self.buffers.iter().map(|(_, b)| matches!(b.place, Place::Input(_) | Place::Index)).collect();
        for (k, nest) in self.loops.iter().enumerate() {
            self.verify_loop(nest, &mut written).map_err(|why| format!("loop {k}: {why}"))?;
        }
        match self.results.iter().find(|r| !written[r.index()]) {
            Some(result) => Err(format!("result {result} is never written")),
            None => Ok(()),
        }
    }

    fn verify_loop(&self, nest: &Loop, written: &mut [bool]) -> Result<(), String> {
        for (id, access) in nest.accesses.iter() {
            let buffer = &self.buffers[access.buffer];
            for term in &access.terms {
                if term.axis >= nest.dims.len() || term.buffer_axis >= buffer.dims.len() {
                    return Err(format!("{id} maps an axis that does not exist"));
                }
            }
            let extent = |dim: Dim| self.signature.extent(dim);
            // a loop over nothing reaches nothing
            if nest.dims.iter().any(|dim| extent(*dim) == 0) || nest.steps.is_some() {
                continue;
            }
            let map = Map::new(access.terms.iter().copied(), access.offsets.iter().copied());
            for (axis, dim) in buffer.dims.iter().enumerate() {
                let (least, most) = map.range(axis, |axis| extent(nest.dims[axis]));
                if least < 0 || most >= i64::try_from(extent(*dim)).unwrap_or(i64::MAX) {
                    return Err(format!("{id} runs out of axis {axis} of its buffer"));
                }
            }
        }
        let mut known = vec![false; nest.body.values.len()];
        self.verify_block(nest, BlockId::new(0), &mut known, written)?;
        for store in &nest.stores {
            let access = &nest.accesses[store.access];
            let unmapped = (0..nest.dims.len())
                .find(|axis| nest.dims[*axis] != Dim::ONE && !access.terms.iter().any(|t| t.axis == *axis));
            if let Some(axis) = unmapped {
                return Err(format!("{} is written again along axis {axis}", access.buffer));
            }
        }
        for reduce in nest.reduces.iter().filter(|_| !nest.running) {
            if nest.accesses[reduce.access].terms.iter().any(|t| nest.reduced.contains(t.axis)) {
                return Err("a reduction keeps an axis that it reduces".to_owned());
            }
        }
        if let Some(steps) = &nest.steps {
            steps.plan.verify()?;
            let late = steps.reads.iter().map(|read| nest.accesses[*read].buffer).find(|buffer| {
                let memory = self.reshaped(*buffer);
                !written[memory.index()]
            });
            if let Some(buffer) = late {
                return Err(format!("steps begin with {buffer} before it is written"));
            }
        }
        for access in nest.written_accesses() {
            let Access { buffer, plane, .. } = nest.accesses[access];
            let again = std::mem::replace(&mut written[buffer.index()], true);
            // the second part of complex numbers joins the first, and pieces of an array one another
            if again && plane != Plane::Imaginary && !self.is_piece(nest, &nest.accesses[access]) {
                return Err(format!("{buffer} is written twice"));
            }
        }
        Ok(())
    }

    fn verify_block(
        &self,
        nest: &Loop,
        id: BlockId,
        known: &mut [bool],
        written: &[bool],
    ) -> Result<(), String> {
        for inst in &nest.body.blocks[id].insts {
            match inst {
                Inst::Let(value) => {
                    self.verify_value(nest, *value, known, written)?;
                    known[value.index()] = true;
                }
                Inst::Check(bad, check) => {
                    if !known[bad.index()] || check.index() >= self.checks.len() {
                        return Err(format!("{id} checks {bad}, which it does not compute"));
                    }
                }
                Inst::Repeat { bound, init, body } => {
                    let late = init.iter().chain([bound]).find(|v| !known[v.index()]);
                    if let Some(value) = late {
                        return Err(format!("{id} repeats from {value}, which it does not compute"));
                    }
                    let block = &nest.body.blocks[*body];
                    if block.params as usize != init.len() || block.yields.len() != init.len() {
                        return Err(format!("{body} carries other variables than it is given"));
                    }
                    self.verify_block(nest, *body, known, written)?;
                    let late = block.yields.iter().chain(&block.go_on).find(|v| !known[v.index()]);
                    if let Some(value) = late {
                        return Err(format!("{body} ends with {value}, which it does not compute"));
                    }
                }
            }
        }
        Ok(())
    }

    /// The buffer whose elements a buffer has.
    fn reshaped(&self, buffer: BufferId) -> BufferId {
        match self.buffers[buffer].place {
            Place::Reshaped(of) => of,
            Place::Input(_) | Place::Result(_) | Place::Index | Place::Stored { .. } => buffer,
        }
    }

    /// Whether an access reaches a part of its buffer only.
    pub(crate) fn is_piece(&self, nest: &Loop, access: &Access) -> bool {
        self.buffers[access.buffer].dims.iter().enumerate().any(|(axis, dim)| {
            let term = access.terms.iter().find(|term| term.buffer_axis == axis);
            *dim != Dim::ONE && term.is_none_or(|term| nest.dims[term.axis] != *dim)
        })
    }

    fn verify_value(&self, nest: &Loop, id: ValueId, known: &[bool], written: &[bool]) -> Result<(), String> {
        let value = &nest.body.values[id];
        match &value.def {
            Def::Load(access) | Def::Gather(access, _) => {
                let buffer = nest.accesses[*access].buffer;
                let memory = self.reshaped(buffer);
                if !written[memory.index()] {
                    return Err(format!("{id} reads {buffer} before it is written"));
                }
                if self.buffers[buffer].dtype.compute() != value.compute {
                    return Err(format!("{id} loads another type than {buffer} stores"));
                }
            }
            Def::Op(op, operands) => {
                let operands = &operands[..op.info().params.len()];
                if let Some(late) = operands.iter().find(|v| !known[v.index()]) {
                    return Err(format!("{id} uses {late} before it is computed"));
                }
            }
            Def::Call(function, operands, _) => {
                if let Some(late) = operands[..function.arity()].iter().find(|v| !known[v.index()]) {
                    return Err(format!("{id} uses {late} before it is computed"));
                }
            }
            Def::Convert(of) => {
                if !known[of.index()] || nest.body.values[*of].compute == value.compute {
                    return Err(format!("{id} converts {of} in vain"));
                }
            }
            Def::Bytes(_, texts) => {
                for text in texts {
                    if let Text::Element(access) = text
                        && !matches!(self.buffers[nest.accesses[*access].buffer].dtype, DType::Bytes(_))
                    {
                        return Err(format!("{id} reads byte strings where there are none"));
                    }
                }
            }
            Def::Const(_) | Def::Count(_) | Def::Param(..) | Def::Of(..) => {}
        }
        Ok(())
    }
}
