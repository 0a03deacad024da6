//! Which loops are no passes over data.

use super::{BufferId, Plan};
use crate::arena::Id;
use crate::infer::Dim;

/// Marks the loops that only finish reductions: a mean's division, a deviation's root. They run over what the
/// reductions left, element by element, and are no passes over data.
pub(super) fn mark_finishing(plan: &mut Plan) {
    let mut reduced = vec![false; plan.buffers.len()];
    for nest in &mut plan.loops {
        let targets: Vec<BufferId> =
            nest.stores.iter().map(|store| nest.accesses[store.access].buffer).collect();
        let extents = |dims: &[Dim]| dims.iter().copied().filter(|dim| *dim != Dim::ONE).collect::<Vec<_>>();
        let own = extents(&nest.dims);
        let loads = nest.accesses.iter().filter(|(_, access)| !targets.contains(&access.buffer));
        nest.finishes = nest.reduces.is_empty()
            && nest.steps.is_none()
            && loads.fold(false, |any, (_, access)| any || reduced[access.buffer.index()])
            && nest.accesses.iter().all(|(_, access)| {
                let dims = extents(&plan.buffers[access.buffer].dims);
                targets.contains(&access.buffer)
                    || dims.is_empty()
                    || (reduced[access.buffer.index()] && dims == own)
            });
        for reduce in nest.reduces.iter().filter(|_| !nest.running) {
            reduced[nest.accesses[reduce.access].buffer.index()] = true;
        }
        if nest.finishes {
            targets.iter().for_each(|buffer| reduced[buffer.index()] = true);
        }
    }
}
