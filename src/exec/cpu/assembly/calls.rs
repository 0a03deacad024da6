//! Assembling calls of functions that the user supplies.

use super::super::calls::{Calling, call, remember};
use super::super::tape::{Step, When};
use super::{Assembly, Place};
use crate::arena::Id;
use crate::graph::Supplied;
use crate::infer::CheckId;
use crate::plan::ValueId;

/// In simple operations: a call is one through a pointer, to who knows what.
pub(super) const COST: u32 = 50;

impl Assembly<'_> {
    /// Calls a function for a value's elements.
    pub(super) fn emit_call(
        &mut self,
        k: usize,
        phase: When,
        function: &Supplied,
        operands: [ValueId; 3],
        check: CheckId,
    ) {
        let tile = phase == When::Tile;
        let places = operands.map(|v| self.place(v));
        let arity = function.arity();
        let mut splats = 0u8;
        for (j, place) in places[..arity].iter().enumerate() {
            splats |= u8::from(tile && place.splat) << j;
        }
        let (target, context) = (self.slot(tile), self.pointer());
        let [a, b, c] = places.map(|place| place.pointer);
        let steps = &mut self.phases[phase as usize].steps;
        if arity == 3 {
            steps.push(Step { kernel: remember, target: context, operands: [c; 3] });
        }
        steps.push(Step { kernel: call, target, operands: [a, b, context] });
        self.calls.push(Calling { function: function.clone(), context, splats, check });
        self.cost += if tile { COST } else { 0 };
        for (operand, place) in operands[..arity].iter().zip(places) {
            let v = operand.index();
            self.uses[v] -= 1;
            let own = self.when[v] == phase && self.is_slot(v, place.pointer);
            if self.uses[v] == 0 && !self.pinned[v] && own {
                let free = if tile { &mut self.free_tiles } else { &mut self.free_smalls };
                free.push(place.pointer);
            }
        }
        self.places[k] = Some(Place { pointer: target, splat: !tile });
    }
}
