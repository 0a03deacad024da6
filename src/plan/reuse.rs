//! Temporaries that live in a result's memory.

use std::collections::HashMap;

use super::{Access, BufferId, Loop, Place, Plan};
use crate::infer::{TypedGraph, TypedId};

/// Lets a temporary live in a result of its own shape and type that is written after its last reader, or by it,
/// element by element: `exp(x)/sum(exp(x))` needs no memory but its result. The loop that writes the temporary
/// comes before the result's: one that wrote both would leave either in the memory.
pub(super) fn reuse_results(graph: &TypedGraph, plan: &mut Plan, buffers: &HashMap<TypedId, BufferId>) {
    let mut taken: Vec<u32> = Vec::new();
    for (id, node) in graph.nodes().iter() {
        let Some(buffer) = buffers.get(&id).copied() else { continue };
        if plan.buffers[buffer].place != (Place::Stored { reuses: None }) || graph.shape(id).is_empty() {
            continue;
        }
        let readers = plan.loops.iter().enumerate();
        let reads = |l: &Loop| l.accesses.iter().any(|(_, a)| a.buffer == buffer);
        let last = readers.filter(|(_, l)| reads(l)).map(|(k, _)| k).max();
        let writes = |l: &Loop, to: BufferId| targets(l).any(|access| access.buffer == to);
        let written = plan.loops.iter().rposition(|l| writes(l, buffer));
        for (r, result) in plan.results.iter().enumerate() {
            let (r, target) = (r as u32, &plan.buffers[*result]);
            let stores = |l: &Loop| l.stores.iter().any(|s| l.accesses[s.access].buffer == *result);
            let writer = plan.loops.iter().position(stores);
            let in_step = |l: &Loop| {
                let place = targets(l).find(|access| access.buffer == *result);
                let mut read = l.accesses.iter().filter(|(_, a)| a.buffer == buffer);
                read.all(|(_, a)| place.is_some_and(|p| (&a.terms, &a.offsets) == (&p.terms, &p.offsets)))
            };
            let touched = plan.loops.iter().position(|l| l.accesses.iter().any(|(_, a)| a.buffer == *result));
            let fits = target.place == Place::Result(r)
                && target.dtype == node.dtype
                && target.dims == plan.buffers[buffer].dims
                && !taken.contains(&r)
                && writer.is_some()
                && touched == writer
                && writer.is_some_and(|k| plan.loops[k].steps.is_none())
                && written < writer
                && (last < writer || writer == last && writer.is_some_and(|k| in_step(&plan.loops[k])));
            if fits {
                taken.push(r);
                plan.buffers[buffer].place = Place::Stored { reuses: Some(r) };
                break;
            }
        }
    }
}

/// Where a loop writes.
fn targets(nest: &Loop) -> impl Iterator<Item = &Access> {
    nest.written_accesses().map(|access| &nest.accesses[access])
}
