//! Sums over rows that one kernel computes: the terms of a filter or of a distance never reach memory.

use std::ops::Range;

use numfuse_kernels::{STEP, SumOfRows};

use super::panel::Panels;
use super::reduce::Cut;
use super::runner::Runner;
use super::schedule::{Group, Reach};
use super::tape::{Pointer, Tape};
use super::tree::Forest;

/// Rows that are read side by side: more would be more streams than a processor follows.
const SIDE_BY_SIDE: usize = 8;
/// No more rows than this have their steps kept.
const MOST_ROWS: usize = 4096;

/// What a tape's [`RowSum`](super::tape::RowSum) is for the rows of a schedule.
#[derive(Debug)]
pub(super) struct RowSums {
    kernel: SumOfRows,
    /// An access that is read where it lies.
    a: usize,
    b: Factor,
    /// By row: bytes from the first row's elements, of both.
    steps: Vec<[isize; 2]>,
    /// The greatest of a's.
    furthest: isize,
}

/// One number a row.
#[derive(Clone, Copy, Debug)]
enum Factor {
    Access(usize),
    /// The same for every row.
    Number(Pointer),
}

impl RowSums {
    /// `None` where rows take more than one kernel, or are read from panels.
    pub(super) fn new(tape: &Tape, middle: &Group, reaches: &[Reach], panels: &Panels) -> Option<RowSums> {
        let sum =
            tape.row_sum.filter(|_| tape.plain && panels.panels.is_empty() && middle.count <= MOST_ROWS)?;
        let (a, b) = (sum.a as usize, sum.b as usize);
        let step = |row: usize, access: usize| {
            reaches.get(access).map_or(0, |reach| middle.offset(row, &reach.middle))
        };
        let steps: Vec<[isize; 2]> = (0..middle.count).map(|row| [step(row, a), step(row, b)]).collect();
        let furthest = steps.iter().map(|[to_a, _]| *to_a).max()?;
        let b = if b < reaches.len() { Factor::Access(b) } else { Factor::Number(sum.b) };
        Some(RowSums { kernel: sum.kernel, a, b, steps, furthest })
    }
}

impl Runner<'_> {
    /// The leaves of these rows by one kernel, where there is one and it may read whole steps. Answers whether.
    ///
    /// # Safety
    /// As for [`Runner::new`]; the rows are within the schedule, and nobody else has this part of the position.
    pub(super) unsafe fn sum_rows(
        &mut self,
        cut: &Cut,
        position: usize,
        rows: Range<usize>,
        trees: &mut Forest,
    ) -> bool {
        let schedule = self.schedule;
        let Some(sums) = &schedule.row_sums else { return false };
        let (outer, first, n) = cut.place(schedule, position);
        let padded = n.next_multiple_of(STEP);
        // SAFETY: as the caller vouches; the leaf has room for a piece.
        unsafe {
            self.enter(outer, 0);
            let size = schedule.reaches[sums.a].size;
            let a = self.row(sums.a).wrapping_add(first * size);
            if padded != n && !self.is_readable(sums.a, a.wrapping_offset(sums.furthest), padded * size) {
                return false;
            }
            let b = match sums.b {
                Factor::Access(b) => self.row(b),
                Factor::Number(b) => self.pointers[b as usize],
            };
            for run in rows.clone().step_by(cut.run) {
                let leaf = self.fold_memory(cut, 0).add(trees[0].leaf() * cut.stride());
                let steps = &sums.steps[run..rows.end.min(run + cut.run)];
                for (k, steps) in steps.chunks(SIDE_BY_SIDE).enumerate() {
                    (sums.kernel)(padded, leaf, k == 0, a, b, steps);
                }
                trees[0].push(&schedule.tape.folds[0], self.fold_memory(cut, 0), cut.stride(), [1, padded]);
            }
        }
        true
    }
}
