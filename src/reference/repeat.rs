//! Elementwise loops: each turn computes the body for all elements, and keeps what those had that have left.

use super::{Array, Interpreter, element_count, elementwise, place};
use crate::arena::Id;
use crate::dtype::{DType, Scalar};
use crate::error::Result;
use crate::graph::RegionId;
use crate::infer::{TypedId, TypedOp};

impl Interpreter<'_> {
    /// The values of a loop's variables when the elements leave it.
    pub(super) fn repeat(&mut self, id: TypedId, region: RegionId) -> Result<Vec<Array>> {
        let body = self.graph.regions()[region].clone();
        let shape = self.extents(self.graph.shape(id));
        let count = element_count(&shape)?;
        let truth = |elements| Array { dtype: DType::Bool, shape: shape.clone(), elements };
        let outside = self.living.take();
        // an element of a loop inside may serve several of the one around it, or one several
        let mut living = vec![Scalar::Bool(outside.is_none()); count];
        for k in 0..outside.as_ref().map_or(0, |outside| outside.elements.len().max(count)) {
            let Some(outside) = &outside else { continue };
            let both = if outside.elements.len() < count { &shape } else { &outside.shape };
            if outside.at(k, both) == TRUE {
                living[place(&shape, k, both)] = TRUE;
            }
        }
        self.living = Some(truth(living));
        let mut values: Vec<Array> = body.init.iter().map(|init| self.spread(*init, &shape)).collect();
        let Scalar::I64(bound) = self.arrays[body.bound.index()].elements[0] else {
            unreachable!("a bound is an i64");
        };
        let (asked, computed) = self.halves(region, body.go_on);
        for _ in 0..bound {
            self.set_params(region, &values);
            for id in &asked {
                self.compute(*id)?;
            }
            let goes_on = |k| self.is_on(k, &shape) && self.arrays[body.go_on.index()].at(k, &shape) == TRUE;
            let living = truth((0..count).map(|k| Scalar::Bool(goes_on(k))).collect());
            if !living.elements.contains(&TRUE) {
                break;
            }
            self.living = Some(living);
            for id in &computed {
                self.compute(*id)?;
            }
            let next: Vec<Array> = body.next.iter().map(|next| self.spread(*next, &shape)).collect();
            let carried = &self.needed.variables[region];
            for ((value, next), _) in
                values.iter_mut().zip(next).zip(carried).filter(|(_, carried)| **carried)
            {
                for k in (0..count).filter(|k| self.is_on(*k, &shape)) {
                    value.elements[k] = next.elements[k];
                }
            }
        }
        self.living = outside;
        Ok(values)
    }

    /// Whether an error holds for an element that is still computed.
    pub(super) fn is_living(&self, bad: &Array) -> bool {
        match &self.living {
            None => bad.elements.contains(&TRUE),
            Some(living) => (0..living.elements.len())
                .any(|k| living.elements[k] == TRUE && bad.at(k, &living.shape) == TRUE),
        }
    }

    fn is_on(&self, k: usize, shape: &[usize]) -> bool {
        self.living.as_ref().is_none_or(|living| living.at(k, shape) == TRUE)
    }

    fn spread(&self, id: TypedId, shape: &[usize]) -> Array {
        let of = &self.arrays[id.index()];
        // what nobody reads is not there
        let count = if of.elements.is_empty() { 0 } else { shape.iter().product() };
        let elements = (0..count).map(|k| of.at(k, shape)).collect();
        Array { dtype: of.dtype, shape: shape.to_vec(), elements }
    }

    fn set_params(&mut self, region: RegionId, values: &[Array]) {
        for (id, node) in self.graph.nodes().iter() {
            if let TypedOp::Param(of, k) = node.op
                && of == region
            {
                // elements that share a value agree on it as long as they are in the loop
                let (value, own) = (&values[k as usize], self.extents(self.graph.shape(id)));
                let nothing = elementwise::convert(Scalar::I32(0), value.dtype);
                let mut elements = vec![nothing; own.iter().product()];
                for k in (0..value.elements.len()).filter(|k| self.is_on(*k, &value.shape)) {
                    elements[place(&own, k, &value.shape)] = value.elements[k];
                }
                self.arrays[id.index()] = Array { dtype: value.dtype, shape: own, elements };
            }
        }
    }

    /// The nodes of a loop's body: what its condition takes, and the rest.
    fn halves(&self, region: RegionId, go_on: TypedId) -> (Vec<TypedId>, Vec<TypedId>) {
        let mut asked = vec![false; self.arrays.len()];
        let mut stack = vec![go_on];
        while let Some(id) = stack.pop() {
            if self.homes[id.index()].is_some() && !std::mem::replace(&mut asked[id.index()], true) {
                stack.extend(self.graph.reads(id));
            }
        }
        let of_body = |id: &TypedId| self.homes[id.index()] == Some(region) && self.needed.nodes[id.index()];
        let own = self.graph.nodes().ids().filter(of_body);
        own.partition(|id| asked[id.index()])
    }
}

const TRUE: Scalar = Scalar::Bool(true);
