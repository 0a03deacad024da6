//! Steps on whole arrays: the body is a graph of its own, typed by itself until its variables' types are settled.

use std::sync::Arc;

use super::form::TypedGraph;
use super::shape::{Dims, broadcast};
use super::{Inference, InputType, Operand, Signature, TypedId, Weak, infer};
use crate::arena::Id;
use crate::dtype::{DType, Kind, Literal};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Graph, Node, NodeId, RegionId, View};

/// More steps than this take days on the least of arrays.
const MOST_STEPS: i128 = 1 << 40;
/// Types of variables settle within so many passes: each of them can only grow a few times.
const MOST_PASSES: usize = 64;

/// Steps on whole arrays.
#[derive(Clone, Debug)]
pub struct TypedSteps {
    /// How many; more than none.
    pub turns: u64,
    /// How many variables there are.
    pub variables: usize,
    /// Their first values, and after them what the body reads from outside: the body's inputs, in their order.
    pub args: Vec<TypedId>,
    /// One step: its results are the variables' next values, of their types and shapes.
    pub body: Arc<TypedGraph>,
}

/// What a variable holds between steps.
struct Held {
    dtype: DType,
    /// Set while it has only held a number without a type of its own.
    weak: Option<Kind>,
    extents: Vec<usize>,
}

impl Inference<'_> {
    pub(super) fn steps(&mut self, id: NodeId, region: RegionId) -> Result<Operand> {
        if self.loops.homes[id.index()].is_some() {
            let message = "steps on whole arrays cannot be taken by each element on its own";
            return Err(Error::new(ErrorKind::Type, message).with_help("take them outside of `repeat`"));
        }
        let whole = self.graph.regions()[region].clone();
        let turns = match self.known(whole.bound)? {
            Literal::Int(turns) if (0..=MOST_STEPS).contains(&turns) => turns as u64,
            other => {
                let error = Error::new(ErrorKind::Type, format!("{other} is no number of steps"));
                return Err(self.place(error, whole.bound));
            }
        };
        let (mut graph, outside) = self.graph.body_of(region, &self.loops.homes);
        let mut held = Vec::with_capacity(whole.init.len());
        for init in &whole.init {
            self.whole(*init)?;
            let operand = self.operands[init.index()];
            if self.dtype(operand).kind() == Kind::Bytes {
                let message = "byte strings are compared and searched, and are no variables of a loop";
                return Err(self.place(Error::new(ErrorKind::Type, message), *init));
            }
            let extents = operand.node().map_or(vec![], |node| self.typed.extents(node).to_vec());
            held.push(Held {
                dtype: self.dtype(operand),
                weak: operand.as_weak().map(|(kind, _)| kind),
                extents,
            });
        }
        let body = self.settle_steps(&mut graph, &mut held, &outside, &whole.next)?;
        let mut args = Vec::with_capacity(whole.init.len() + outside.len());
        for (init, held) in whole.init.iter().zip(&held) {
            let node = self.resolve(self.operands[init.index()], held.dtype)?;
            let dims: Dims = held.extents.iter().map(|extent| self.typed.dim(*extent)).collect();
            let node = self.typed.broadcast(node, dims);
            args.push(self.somewhere(node));
        }
        for id in outside {
            let node = self.whole(id)?;
            args.push(self.somewhere(node));
        }
        if turns == 0 {
            // the variables are what they begin as
            args.truncate(whole.init.len());
            self.unstepped.insert(id, args);
            return Ok(Operand::literal(Literal::Int(0)));
        }
        let steps = TypedSteps { turns, variables: whole.init.len(), args, body: Arc::new(body) };
        Ok(Operand::strong(self.typed.steps(steps)))
    }

    /// Types the body until what it makes of its variables is what they hold.
    fn settle_steps(
        &mut self,
        graph: &mut Graph,
        held: &mut [Held],
        outside: &[NodeId],
        next: &[NodeId],
    ) -> Result<TypedGraph> {
        for _ in 0..MOST_PASSES {
            let signature = self.signature_of_body(held, outside)?;
            let typed = infer(graph, &signature)?;
            let mut grown = false;
            for ((held, result), next) in held.iter_mut().zip(typed.results()).zip(next) {
                let made = typed.nodes()[*result].dtype;
                let extents: Vec<usize> =
                    typed.shape(*result).iter().map(|dim| typed.signature().extent(*dim)).collect();
                let dtype = match held.weak {
                    Some(kind) if kind <= made.kind() => made,
                    _ => held.dtype.promote(made),
                };
                let Some(both) = broadcast_extents(&held.extents, &extents) else {
                    let (was, is) = (&held.extents, &extents);
                    let message = format!("a step makes {made}{is:?} of a variable that is {dtype}{was:?}");
                    return Err(self.place(Error::new(ErrorKind::Shape, message), *next));
                };
                grown |= (dtype, &both) != (held.dtype, &held.extents) || held.weak.is_some();
                *held = Held { dtype, weak: None, extents: both };
            }
            if grown {
                continue;
            }
            let mut changes = Vec::with_capacity(held.len());
            for (held, result) in held.iter().zip(typed.results()) {
                let mut nodes = Vec::new();
                if typed.nodes()[*result].dtype != held.dtype {
                    nodes.push(Node::Cast(held.dtype, NodeId::new(0)));
                }
                if typed.shape(*result).len() != held.extents.len()
                    || typed
                        .shape(*result)
                        .iter()
                        .zip(&held.extents)
                        .any(|(dim, n)| typed.signature().extent(*dim) != *n)
                {
                    nodes.push(Node::View(View::Broadcast(held.extents.clone()), NodeId::new(0)));
                }
                changes.push(nodes);
            }
            if changes.iter().all(Vec::is_empty) {
                return Ok(typed);
            }
            *graph = std::mem::take(graph).with_results(changes);
        }
        Err(Error::new(ErrorKind::Shape, "a variable grows with each step"))
    }

    fn signature_of_body(&mut self, held: &[Held], outside: &[NodeId]) -> Result<Signature> {
        let mut signature = Signature::new();
        for held in held {
            signature.push(held.dtype, held.weak.map(|_| Weak::ANY), &held.extents);
        }
        for (k, id) in outside.iter().enumerate() {
            let node = self.whole(*id)?;
            let weak = self.operands[id.index()].as_weak().map(|(_, weak)| weak);
            let dtype = self.typed[node].dtype;
            signature.push(dtype, weak, &self.typed.extents(node));
            if let Some(value) = self.known[id.index()].and_then(|value| value.to_scalar(dtype)) {
                signature.set_value(held.len() + k, value);
            }
        }
        debug_assert!(signature.inputs().iter().all(|InputType { shape, .. }| shape.len() <= 32));
        Ok(signature)
    }
}

/// NumPy's broadcasting of extents.
fn broadcast_extents(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let mut names = Signature::new();
    let mut dims = |extents: &[usize]| -> Dims { extents.iter().map(|extent| names.dim(*extent)).collect() };
    let both = broadcast(&dims(a), &dims(b))?;
    Some(both.iter().map(|dim| names.extent(*dim)).collect())
}
