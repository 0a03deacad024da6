//! Pairwise trees: in which order the results of blocks and of runs are merged, and where they wait for each other.

use super::schedule::Schedule;
use super::tape::Folded;

/// Leaves, merged pairwise by index: after each leaf as many merges as its number has trailing ones in binary, at the
/// end the rest from the right. What waits for its right half lies in slots, the largest subtree first; a new leaf is
/// made in the slot behind them.
pub(super) struct Pairwise {
    leaves: usize,
}

impl Pairwise {
    pub(super) const fn new() -> Self {
        Self { leaves: 0 }
    }

    /// The slot in which the next leaf is made.
    pub(super) fn leaf(&self) -> usize {
        self.leaves.count_ones() as usize
    }

    /// Takes in the leaf that was made, where `stride` bytes are between `slots`.
    ///
    /// # Safety
    /// There are more slots than the leaves' count has bits, each of `n` elements.
    pub(super) unsafe fn push(&mut self, folded: &Folded, slots: *mut u8, stride: usize, n: usize) {
        let mut right = self.leaf();
        for _ in 0..self.leaves.trailing_ones() {
            // SAFETY: both have n elements. merge(dst, src) = dst with src.
            unsafe {
                (folded.kernels.merge)(n, slots.add((right - 1) * stride), slots.add(right * stride));
            }
            right -= 1;
        }
        self.leaves += 1;
    }

    /// Merges what waits; the result is in the first slot. At least one leaf must have come.
    ///
    /// # Safety
    /// As for [`push`](Self::push).
    pub(super) unsafe fn finish(&mut self, folded: &Folded, slots: *mut u8, stride: usize, n: usize) {
        for right in (1..self.leaf()).rev() {
            // SAFETY: as in `push`.
            unsafe {
                (folded.kernels.merge)(n, slots.add((right - 1) * stride), slots.add(right * stride));
            }
        }
        self.leaves = 0;
    }
}

/// A tree of blocks and a tree of runs for each fold, empty between parts.
pub(super) struct Trees {
    pub(super) blocks: Forest,
    pub(super) runs: Forest,
}

/// A tree for each fold.
pub(super) type Forest = smallvec::SmallVec<[Pairwise; 4]>;

impl Trees {
    pub(super) fn new(schedule: &Schedule) -> Trees {
        let forest = || schedule.tape.folds.iter().map(|_| Pairwise::new()).collect();
        Trees { blocks: forest(), runs: forest() }
    }
}

/// Slots that `leaves` leaves need, that of a new leaf included.
pub(super) fn slots(leaves: usize) -> usize {
    (usize::BITS - leaves.leading_zeros()) as usize + 1
}
