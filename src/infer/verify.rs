//! What later stages may rely on of a typed graph, and the graph in words.

use std::fmt;

use numfuse_kernels::Op;

use super::InputType;
use super::form::{TypedGraph, TypedId, TypedOp};
use super::region::TypedRegion;
use super::steps::TypedSteps;
use crate::arena::Id;
use crate::dtype::{DType, Kind};
use crate::graph::{Reduction, RegionId};

impl TypedGraph {
    /// Type and shape in words: `f64[1000, 3]`.
    pub fn type_text(&self, id: TypedId) -> String {
        let extents = self.shape(id).iter().map(|d| self.signature.extent(*d).to_string());
        let shape = extents.collect::<Vec<_>>().join(", ");
        match self.shape(id).is_empty() {
            true => self.nodes[id].dtype.to_string(),
            false => format!("{}[{shape}]", self.nodes[id].dtype),
        }
    }

    /// Checks the form's promises; an error is a bug in the pass that made it.
    pub fn verify(&self) -> Result<(), String> {
        for (id, node) in self.nodes.iter() {
            let args = self.reads(id);
            if let Some(late) = args.iter().find(|a| a.index() >= id.index()) {
                return Err(format!("{id} reads {late}, which comes later"));
            }
            let dtype = |k: usize| self.nodes[args[k]].dtype;
            let typed = match node.op {
                TypedOp::Apply(Op::Where, _) => {
                    dtype(0) == DType::Bool && dtype(1) == node.dtype && dtype(2) == node.dtype
                }
                TypedOp::Apply(Op::Ldexp, _) => dtype(0) == node.dtype && dtype(1).kind() == Kind::Int,
                // byte strings keep their lengths
                TypedOp::Apply(..) if dtype(0).kind() == Kind::Bytes => {
                    args.len() == 2 && dtype(1).kind() == Kind::Bytes && node.dtype == DType::Bool
                }
                TypedOp::Apply(..) => (1..args.len()).all(|k| dtype(k) == dtype(0)),
                TypedOp::Call { .. } => {
                    matches!(node.dtype, DType::F32 | DType::F64)
                        && (0..args.len()).all(|k| dtype(k) == node.dtype)
                }
                TypedOp::Cast(_) => dtype(0) != node.dtype,
                TypedOp::Reduce { kind: Reduction::Moments, .. } => dtype(0).complex() == node.dtype,
                TypedOp::Reduce { .. } | TypedOp::View(..) | TypedOp::Reshape(_) => dtype(0) == node.dtype,
                TypedOp::Scan { .. } => dtype(0) == node.dtype,
                TypedOp::Concat(..) => dtype(0) == node.dtype && dtype(1) == node.dtype,
                TypedOp::MatMul(..) => {
                    dtype(0) == node.dtype
                        && dtype(1) == node.dtype
                        && matches!(node.dtype, DType::F32 | DType::F64)
                }
                TypedOp::Take { .. } => dtype(0) == node.dtype && dtype(1) == DType::I64,
                TypedOp::Index => matches!(node.dtype, DType::I64 | DType::U64 | DType::F64),
                TypedOp::Check { .. } => dtype(0) == node.dtype && dtype(1) == DType::Bool,
                TypedOp::Const(value) => value.dtype() == node.dtype,
                TypedOp::Plane(..) => dtype(0).kind() == Kind::Complex && dtype(0).real() == node.dtype,
                TypedOp::Complex(..) => dtype(0) == node.dtype.real() && dtype(1) == dtype(0),
                TypedOp::Repeat(region) => self.verify_loop(region)?,
                TypedOp::Input(_) | TypedOp::Text(_) | TypedOp::Count(..) => true,
                TypedOp::Param(..) | TypedOp::Result(..) | TypedOp::Stepped(..) => true,
                TypedOp::Steps(steps) => self.verify_steps(&self.steps[steps])?,
            };
            if !typed {
                return Err(format!("{id} has operands of the wrong types"));
            }
        }
        match self.results.iter().find(|r| r.index() >= self.nodes.len()) {
            Some(missing) => Err(format!("result {missing} does not exist")),
            None => Ok(()),
        }
    }
}

impl TypedGraph {
    /// Whether a loop's variables keep their types.
    fn verify_loop(&self, region: RegionId) -> Result<bool, String> {
        let TypedRegion { bound, init, go_on, next, .. } = &self.regions[region];
        if init.len() != next.len() {
            return Err(format!("{region} carries {} variables in and {} out", init.len(), next.len()));
        }
        let dtype = |id: TypedId| self.nodes[id].dtype;
        let kept = init.iter().zip(next).all(|(init, next)| dtype(*init) == dtype(*next));
        Ok(kept && dtype(*bound) == DType::I64 && dtype(*go_on) == DType::Bool)
    }
}

impl TypedGraph {
    /// Whether a step makes of its variables what they are.
    fn verify_steps(&self, steps: &TypedSteps) -> Result<bool, String> {
        steps.body.verify()?;
        let inputs = steps.body.signature().inputs();
        if inputs.len() != steps.args.len() || steps.body.results().len() != steps.variables {
            return Err("a step has other inputs or results than variables".to_owned());
        }
        let is_kept = |(result, input): (&TypedId, &InputType)| {
            let node = steps.body.nodes()[*result];
            node.dtype == input.dtype && steps.body.dims(node.shape) == &input.shape[..]
        };
        Ok(steps.body.results().iter().zip(inputs).all(is_kept))
    }
}

impl fmt::Display for TypedGraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (id, node) in self.nodes.iter() {
            let list = self.reads(id).iter().map(|a| format!(" {a}")).collect::<Vec<_>>().join(",");
            let name = match node.op {
                TypedOp::Input(input) => input.to_string(),
                TypedOp::Const(value) => value.to_string(),
                TypedOp::Text(text) => format!("b'{}'", self.texts[text].escape_ascii()),
                TypedOp::View(_, view) => format!("view {}", self.views[view]),
                TypedOp::Reshape(_) => "reshape".to_owned(),
                TypedOp::Index => "index".to_owned(),
                TypedOp::Take { axis, .. } => format!("take along {axis}"),
                TypedOp::Plane(_, plane) => format!("{plane:?}").to_lowercase(),
                TypedOp::Complex(..) => "complex".to_owned(),
                TypedOp::Apply(op, _) => op.to_string(),
                TypedOp::Call { function, .. } => format!("call {:?}", self.functions[function]),
                TypedOp::Cast(_) => "cast".to_owned(),
                TypedOp::Reduce { kind, .. } => kind.name().to_owned(),
                TypedOp::MatMul(..) => "matmul".to_owned(),
                TypedOp::Scan { kind, axis, .. } => format!("running {} along {axis}", kind.name()),
                TypedOp::Concat(_, _, axis) => format!("concat along {axis}"),
                TypedOp::Count(..) => "count".to_owned(),
                TypedOp::Check { check, .. } => check.to_string(),
                TypedOp::Param(region, k) => format!("{region}.{k}"),
                TypedOp::Repeat(region) => format!("repeat {region}"),
                TypedOp::Result(_, k) | TypedOp::Stepped(_, k) => format!("value {k} of"),
                TypedOp::Steps(steps) => format!("{steps}, {} of", self.steps[steps].turns),
            };
            let axes = match node.op {
                TypedOp::Reduce { axes, .. } | TypedOp::Count(_, axes) => {
                    format!(" axes {:?}", axes.iter().collect::<Vec<_>>())
                }
                _ => String::new(),
            };
            writeln!(f, "{id}: {} = {name}{list}{axes}", self.type_text(id))?;
        }
        for (id, steps) in self.steps.iter() {
            writeln!(f, "{id}:")?;
            for line in steps.body.to_string().lines() {
                writeln!(f, "  {line}")?;
            }
        }
        let results = self.results.iter().map(|r| r.to_string()).collect::<Vec<_>>().join(", ");
        writeln!(f, "result {results}")
    }
}
