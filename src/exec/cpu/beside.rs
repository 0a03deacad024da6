//! Loops side by side: short ones that need nothing of one another, as those of borders, are shared out among threads
//! while a long one runs.

use std::ops::Range;

use super::product::MatrixProduct;
use super::schedule::Schedule;
use super::steps::Stepped;
use crate::arena::Id;
use crate::exec::bind::Owner;
use crate::exec::bind::reshaped::Copied;
use crate::plan::{BufferId, Loop, Plan};

/// From this much estimated work on a loop has chunks for all threads by itself.
const LONG_NS: f64 = 1_000_000.0;

/// More loops are not looked through for what they touch.
const MOST: usize = 64;

/// What a loop touches.
struct Touched {
    reads: Vec<Owner>,
    writes: Vec<(Owner, BufferId)>,
}

impl Touched {
    fn of(nest: &Loop, owners: &[Owner]) -> Touched {
        let written: Vec<_> = nest.written_accesses().collect();
        let mut touched = Touched { reads: Vec::new(), writes: Vec::new() };
        for (id, access) in nest.accesses.iter() {
            match written.contains(&id) {
                true => touched.writes.push((owners[id.index()], access.buffer)),
                false => touched.reads.push(owners[id.index()]),
            }
        }
        touched
    }

    /// Whether either needs the other to be done, or not to have begun. Pieces of one buffer are apart.
    fn meets(&self, other: &Touched) -> bool {
        let read = |a: &Touched, b: &Touched| a.writes.iter().any(|(owner, _)| b.reads.contains(owner));
        let both = |(owner, buffer): &(Owner, BufferId)| {
            other.writes.iter().any(|(other, its)| owner == other && buffer != its)
        };
        read(self, other) || read(other, self) || self.writes.iter().any(both)
    }
}

/// Cuts a plan's loops into groups, in their order: those of a group may run at the same time.
pub(super) fn groups(
    plan: &Plan,
    schedules: &[Schedule],
    owners: &[Vec<Owner>],
    products: &[Option<MatrixProduct>],
    steps: &[Option<Box<Stepped>>],
    copies: &[Copied],
) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut touched: Vec<Touched> = Vec::new();
    let alone = |k: usize| products[k].is_some() || steps[k].is_some();
    for (k, (nest, owners)) in plan.loops.iter().zip(owners).enumerate() {
        let own = Touched::of(nest, owners);
        let follows = match groups.last() {
            None => false,
            Some(group) => {
                let copied = copies.iter().any(|copy| copy.before == k);
                let long = schedules[k].estimated_ns >= LONG_NS;
                let few = group.len() < MOST;
                few && !copied
                    && !long
                    && !alone(k)
                    && !alone(group.start)
                    && !touched.iter().any(|t| t.meets(&own))
            }
        };
        match groups.last_mut().filter(|_| follows) {
            Some(group) => group.end = k + 1,
            None => {
                groups.push(k..k + 1);
                touched.clear();
            }
        }
        touched.push(own);
    }
    groups
}
