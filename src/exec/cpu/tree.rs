//! Pairwise trees: in which order the results of stretches, of blocks and of runs are merged, and where they wait for
//! each other.

use super::schedule::Schedule;
use super::tape::Folded;

/// Leaves, merged pairwise by index: after each leaf as many merges as its number has trailing ones in binary, at the
/// end the rest from the right. What waits for its right half lies in slots, the largest subtree first; a new leaf is
/// made in the slot behind them.
pub(super) struct Pairwise {
    leaves: usize,
    /// Slots in use: the ones of that number, kept because counting them takes a dozen instructions on the least x86-64.
    waiting: usize,
}

impl Pairwise {
    pub(super) const fn new() -> Self {
        Self { leaves: 0, waiting: 0 }
    }

    /// The slot in which the next leaf is made.
    pub(super) fn leaf(&self) -> usize {
        self.waiting
    }

    /// Takes in the leaf that was made, where `stride` bytes are between `slots`. Each slot has some groups of some
    /// accumulators, the parts of a group together.
    ///
    /// # Safety
    /// There are more slots than the leaves' count has bits, each with room for its groups.
    pub(super) unsafe fn push(&mut self, folded: &Folded, slots: *mut u8, stride: usize, groups: [usize; 2]) {
        let mut right = self.leaf();
        for _ in 0..self.leaves.trailing_ones() {
            // SAFETY: both slots have the groups.
            unsafe { merge(folded, groups, slots.add((right - 1) * stride), slots.add(right * stride)) };
            right -= 1;
        }
        self.leaves += 1;
        self.waiting = right + 1;
    }

    /// Merges what waits; the result is in the first slot. At least one leaf must have come.
    ///
    /// # Safety
    /// As for [`push`](Self::push).
    pub(super) unsafe fn finish(
        &mut self,
        folded: &Folded,
        slots: *mut u8,
        stride: usize,
        groups: [usize; 2],
    ) {
        for right in (1..self.leaf()).rev() {
            // SAFETY: as in `push`.
            unsafe { merge(folded, groups, slots.add((right - 1) * stride), slots.add(right * stride)) };
        }
        (self.leaves, self.waiting) = (0, 0);
    }
}

/// `left` becomes it with `right`, in some groups of `n` accumulators.
///
/// # Safety
/// Both have them.
#[inline]
unsafe fn merge(folded: &Folded, [groups, n]: [usize; 2], left: *mut u8, right: *const u8) {
    let bytes = n * folded.accumulator();
    for group in 0..groups {
        // SAFETY: as the caller vouches.
        unsafe { (folded.kernels.merge)(n, left.add(group * bytes), right.add(group * bytes)) };
    }
}

/// A tree of each kind for each fold: of a block's stretches, empty between blocks, of blocks and of runs, empty between
/// parts.
pub(super) struct Trees {
    pub(super) stretches: Forest,
    pub(super) blocks: Forest,
    pub(super) runs: Forest,
}

/// A tree for each fold.
pub(super) type Forest = smallvec::SmallVec<[Pairwise; 4]>;

impl Trees {
    pub(super) fn new(schedule: &Schedule) -> Trees {
        let forest = || schedule.tape.folds.iter().map(|_| Pairwise::new()).collect();
        Trees { stretches: forest(), blocks: forest(), runs: forest() }
    }
}

/// Slots that `leaves` leaves need, that of a new leaf included.
pub(super) const fn slots(leaves: usize) -> usize {
    (usize::BITS - leaves.leading_zeros()) as usize + 1
}
