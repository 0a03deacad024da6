//! Reductions, in their one order: 32 lanes within stretches of 512, the stretches of a block of 4096 pairwise by index,
//! lane by lane, then its lanes; blocks pairwise by index; rows in runs, runs pairwise.
//!
//! A thread takes whole positions of the result, or, where those are few, an aligned power of two of blocks or runs:
//! a subtree, whose result is the same whoever computes it. So the bits do not depend on the threads.

use numfuse_kernels::{BLOCK, Compute, Fold, FoldKernels, Kernel, LANES, RUN, Rows, STEP};

use super::gather;
use super::lanes::SETS;
use super::memory::Aligned;
use super::runner::Runner;
use super::schedule::{Inner, Mode, Schedule};
use super::tape::Folded;
use super::tree::{Forest, Pairwise, Trees, slots};
use crate::dtype::Scalar;

/// Bytes of the widest accumulator: the moments of doubles.
const WIDEST: usize = 24;

/// The bytes of a reduction's result where nothing is reduced; `None` is an error.
pub(super) fn of_nothing(fold: Fold, compute: Compute, kernels: &FoldKernels) -> Option<[u8; 16]> {
    match fold {
        Fold::Min | Fold::Max => None,
        Fold::Sum => Some([0; 16]), // +0, where the lanes' identity is -0
        Fold::Prod | Fold::Any | Fold::All => Some(kernels.identity),
        // a mean that is NaN, and no deviation from it
        Fold::Moments if compute == Compute::F32 => Some(Scalar::F32(f32::NAN).to_bytes()),
        Fold::Moments => Some(Scalar::F64(f64::NAN).to_bytes()),
    }
}

/// `n` accumulators that have taken in nothing.
///
/// # Safety
/// `to` is writable for them.
pub(super) unsafe fn clear(folded: &Folded, to: *mut u8, n: usize) {
    // SAFETY: as the caller vouches; every part holds the identity.
    unsafe { gather::fill(folded.kernels.identity.as_ptr(), folded.size, to, n * folded.kernels.parts) }
}

/// How the work of a reducing loop is cut.
pub(super) struct Cut {
    /// Positions of the result, or pieces of them.
    pub(super) positions: usize,
    /// Subtrees of each position.
    pub(super) parts: usize,
    /// Leaves (blocks, or runs of rows) of a part, a power of two.
    leaves: usize,
    /// Rows of a run.
    pub(super) run: usize,
    /// Elements that are reduced side by side: narrow kept axes, or a piece of the columns.
    pub(super) width: usize,
    columns: bool,
}

/// A subtree is at least this many elements.
const PART: usize = 16 * 1024;
/// At most this many subtrees of one position.
const MOST_PARTS: usize = 1024;
/// Enough positions to keep threads busy without subtrees.
const MANY: usize = 64;
/// At most this many columns are added up side by side where runs are long: rows are then read in long stretches, and
/// the accumulators stay in the first-level cache.
const WIDE: usize = 4096;
/// Bytes of columns that are read again at the next outer position: they stay in the second-level cache. Fewer columns
/// than these are not worth a call of every kernel.
const READ_AGAIN: usize = 512 << 10;
const LEAST: usize = 128;
/// Columns that are read in panels: a few dozen rows of them stay in the second-level cache.
const PANEL: usize = 512;

impl Cut {
    /// Cuts by extents alone, never by threads: partial results are part of the order.
    pub(super) fn new(schedule: &Schedule) -> Cut {
        match schedule.mode {
            Mode::Columns { run } => Cut::columns(schedule, run),
            Mode::Rows { width } => Cut::rows(schedule, width),
            Mode::Map => unreachable!("nothing is reduced"),
        }
    }

    fn rows(schedule: &Schedule, width: usize) -> Cut {
        let blocks = schedule.inner.count.div_ceil(BLOCK * width).max(1);
        let positions = schedule.outer.count;
        let whole = Cut { positions, parts: 1, leaves: blocks, run: RUN, width, columns: false };
        if schedule.middle.count != 1 || positions > MANY {
            return Cut { leaves: blocks.next_power_of_two(), ..whole };
        }
        let mut leaves = (PART / BLOCK / width.next_power_of_two()).max(1);
        while blocks.div_ceil(leaves) > MOST_PARTS {
            leaves *= 2;
        }
        Cut { parts: blocks.div_ceil(leaves), leaves, ..whole }
    }

    /// Columns: positions are pieces of them at each outer position.
    fn columns(schedule: &Schedule, run: usize) -> Cut {
        let (tile, columns) = (schedule.tape.elements, schedule.inner.count);
        let most = match () {
            () if !schedule.panels.panels.is_empty() => tile.min(PANEL),
            () => match schedule.read_again_by_column() {
                0 if run == RUN => tile.max(WIDE),
                bytes => (READ_AGAIN / bytes.max(1)).clamp(LEAST.min(tile), tile),
            },
        };
        let width = columns.div_ceil(columns.div_ceil(most)).next_multiple_of(STEP);
        let positions = schedule.outer.count.saturating_mul(columns.div_ceil(width));
        let runs = schedule.middle.count.div_ceil(run).max(1);
        let whole = Cut { positions, parts: 1, leaves: runs, run, width, columns: true };
        if positions > MANY {
            return Cut { leaves: runs.next_power_of_two(), ..whole };
        }
        let mut leaves = (PART / (run * columns.min(width)).max(1)).max(1).next_power_of_two();
        while runs.div_ceil(leaves) > MOST_PARTS / 16 {
            leaves *= 2;
        }
        Cut { parts: runs.div_ceil(leaves), leaves, ..whole }
    }

    /// The outer position, the first element and the number of elements of a position. Pieces of columns move slowly:
    /// what is read again at each outer position is then still near.
    pub(super) fn place(&self, schedule: &Schedule, position: usize) -> (usize, usize, usize) {
        if !self.columns {
            return (position, 0, self.width);
        }
        let outer = schedule.outer.count;
        let first = position / outer * self.width;
        (position % outer, first, self.width.min(schedule.inner.count - first))
    }

    /// Accumulators of a position of `n` elements, padding included.
    fn apart(&self, n: usize) -> usize {
        if self.columns { n.next_multiple_of(STEP) } else { self.width }
    }

    /// Bytes from a slot of a tree to the next.
    pub(super) fn stride(&self) -> usize {
        self.width * WIDEST
    }

    /// Bytes that a thread needs for a fold: accumulators, slots for a tree of blocks, slots for a tree of runs.
    fn per_fold(&self) -> usize {
        let slots = match self.columns {
            true => slots(self.leaves.max(self.parts)),
            false => LANES * SETS + 2 * TREE,
        };
        self.stride() * slots
    }

    /// Bytes past the tape's own that a thread needs.
    pub(super) fn extra_bytes(&self, schedule: &Schedule) -> usize {
        self.per_fold() * schedule.tape.folds.len()
    }
}

/// Slots of a tree of any number of leaves.
const TREE: usize = usize::BITS as usize + 2;

/// Results of subtrees, position by position, fold by fold.
pub(super) struct Partials {
    memory: Aligned,
    parts: usize,
    folds: usize,
    /// Bytes of one partial result.
    stride: usize,
}

impl Partials {
    pub(super) fn new(schedule: &Schedule, cut: &Cut) -> Partials {
        let folds = schedule.tape.folds.len();
        let count = if cut.parts == 1 { 0 } else { cut.positions * cut.parts * folds };
        Partials {
            memory: Aligned::zeroed(count * cut.stride()),
            parts: cut.parts,
            folds,
            stride: cut.stride(),
        }
    }

    fn at(&self, position: usize, part: usize, fold: usize) -> *mut u8 {
        let index = (position * self.folds + fold) * self.parts + part;
        self.memory.start().wrapping_add(index * self.stride)
    }
}

impl Runner<'_> {
    pub(super) fn fold_memory(&self, cut: &Cut, fold: usize) -> *mut u8 {
        self.extra().wrapping_add(fold * cut.per_fold())
    }

    /// The slots of a fold's tree of blocks: behind those of lanes.
    pub(super) fn block_slots(&self, cut: &Cut, fold: usize) -> *mut u8 {
        self.fold_memory(cut, fold).wrapping_add(LANES * SETS * cut.stride())
    }

    /// One part of one position.
    ///
    /// # Safety
    /// As for [`Runner::new`]; no other runner has this part of this position.
    pub(super) unsafe fn reduce(
        &mut self,
        cut: &Cut,
        position: usize,
        part: usize,
        trees: &mut Trees,
        partials: &Partials,
    ) {
        // SAFETY: as the caller vouches.
        unsafe {
            match cut.columns {
                true => self.columns(cut, position, part, &mut trees.runs, partials),
                false => self.rows(cut, position, part, trees, partials),
            }
        }
    }

    /// One part of one position of a loop whose innermost axes are reduced.
    unsafe fn rows(
        &mut self,
        cut: &Cut,
        position: usize,
        part: usize,
        trees: &mut Trees,
        partials: &Partials,
    ) {
        let (schedule, width, stride) = (self.schedule, cut.width, cut.stride());
        let rows = schedule.middle.count;
        let blocks = cut.leaves.saturating_mul(BLOCK * width);
        let (first, last) = (part * blocks, (part + 1).saturating_mul(blocks));
        let end = schedule.inner.count.min(last);
        for row in 0..rows {
            // SAFETY: the position is within the schedule; folds have memory of their own past the tape's.
            unsafe {
                match row {
                    0 => self.go_to(position),
                    _ => self.next_row(),
                }
                self.row_blocks(cut, first, end, trees);
                for (fold, folded) in schedule.tape.folds.iter().enumerate() {
                    let blocks = self.block_slots(cut, fold);
                    trees.blocks[fold].finish(folded, blocks, stride, [1, width]);
                    if rows == 1 {
                        self.hand_over(cut, position, part, fold, blocks, partials);
                        continue;
                    }
                    let runs = blocks.add(TREE * stride);
                    let tree = &mut trees.runs[fold];
                    let run = runs.add(tree.leaf() * stride);
                    if row % cut.run == 0 {
                        clear(folded, run, width);
                    }
                    (folded.kernels.merge)(width, run, blocks);
                    if (row + 1) % cut.run == 0 || row + 1 == rows {
                        tree.push(folded, runs, stride, [1, width]);
                    }
                }
            }
        }
        if rows > 1 {
            for (fold, folded) in schedule.tape.folds.iter().enumerate() {
                // SAFETY: as above.
                unsafe {
                    let runs = self.block_slots(cut, fold).add(TREE * stride);
                    trees.runs[fold].finish(folded, runs, stride, [1, width]);
                    self.hand_over(cut, position, part, fold, runs, partials);
                }
            }
        }
    }

    /// A part's result: the position's if it is the only one.
    unsafe fn hand_over(
        &self,
        cut: &Cut,
        position: usize,
        part: usize,
        fold: usize,
        value: *const u8,
        partials: &Partials,
    ) {
        let (_, first, n) = cut.place(self.schedule, position);
        let apart = cut.apart(n);
        // SAFETY: the partial result has room for a position's accumulators.
        unsafe {
            match cut.parts {
                1 => self.write_result(fold, value, first, n, apart),
                _ => {
                    let bytes = apart * self.schedule.tape.folds[fold].accumulator();
                    partials.at(position, part, fold).copy_from_nonoverlapping(value, bytes);
                }
            }
        }
    }

    /// One part of one piece of columns.
    unsafe fn columns(
        &mut self,
        cut: &Cut,
        position: usize,
        part: usize,
        trees: &mut Forest,
        partials: &Partials,
    ) {
        let (schedule, stride) = (self.schedule, cut.stride());
        let (outer, first, n) = cut.place(schedule, position);
        let padded = n.next_multiple_of(STEP);
        let rows = cut.leaves.saturating_mul(cut.run);
        let (begin, end) = (part * rows, schedule.middle.count.min((part + 1).saturating_mul(rows)));
        // SAFETY: as the caller vouches; the rows are within the schedule.
        let done = unsafe { self.sum_rows(cut, position, begin..end, trees) };
        let mut row = if done { end } else { begin };
        while row < end {
            let (run, run_end) = (row, end.min(row + cut.run));
            while row < run_end {
                // SAFETY: the row and the columns are within the schedule.
                unsafe {
                    match row == begin {
                        true => self.enter(outer, row),
                        false => self.next_row(),
                    }
                    let same = self.refill_panels(first, n, row == begin, end - row).min(self.rows_left());
                    row += self.add_rows(cut, first, n, same.min(run_end - row), trees, row == run);
                }
            }
            for (fold, folded) in schedule.tape.folds.iter().enumerate() {
                // SAFETY: slots have room for a piece.
                unsafe { trees[fold].push(folded, self.fold_memory(cut, fold), stride, [1, padded]) };
            }
        }
        for (fold, folded) in schedule.tape.folds.iter().enumerate() {
            // SAFETY: as above.
            unsafe {
                let value = self.fold_memory(cut, fold);
                trees[fold].finish(folded, value, stride, [1, padded]);
                self.hand_over(cut, position, part, fold, value, partials);
            }
        }
    }

    /// Adds the columns `first..first + n` of the current row and those after it to the leaves, `most` rows of the same
    /// axis at most; answers how many it took. `begins` says that the row is the first of its run.
    #[inline]
    unsafe fn add_rows(
        &mut self,
        cut: &Cut,
        first: usize,
        n: usize,
        most: usize,
        trees: &[Pairwise],
        begins: bool,
    ) -> usize {
        let apart = cut.apart(n);
        // whole steps: a leaf has room for them, and kernels are slow with what is left over
        let padded = n.next_multiple_of(STEP);
        // SAFETY: the tiles lie within the columns, the rows within the schedule.
        unsafe {
            if most > 1 && n <= self.schedule.tape.elements && self.begin_rows(first, n, most) {
                for row in 0..most {
                    self.row_steps(first, padded, row);
                    self.add_tile(cut, 0, padded, apart, trees, begins && row == 0);
                }
                self.end_rows(most);
                return most;
            }
            for (at, n) in self.pieces(first, first + n, STEP) {
                self.tile(at, n);
                self.add_tile(cut, at - first, n.next_multiple_of(STEP), apart, trees, begins);
            }
        }
        1
    }

    /// Adds a tile of `n` columns to the leaves, from column `at` of the piece on. The first row of a run is its leaf:
    /// the identity would change nothing.
    #[inline]
    unsafe fn add_tile(
        &self,
        cut: &Cut,
        at: usize,
        n: usize,
        apart: usize,
        trees: &[Pairwise],
        begins: bool,
    ) {
        for (fold, folded) in self.schedule.tape.folds.iter().enumerate() {
            // SAFETY: the leaf has room for a piece, the value has `n` elements.
            unsafe {
                let leaf = self.fold_memory(cut, fold).add(trees[fold].leaf() * cut.stride());
                let leaf = leaf.add(at * folded.size);
                if folded.kernels.parts > 1 {
                    if begins && at == 0 {
                        clear(folded, leaf, apart);
                    }
                    let row = Rows { count: 1, columns: n, stride: 0, apart };
                    (folded.kernels.absorb)(row, leaf, self.value(fold, n));
                    continue;
                }
                match (self.last_step(leaf, n, begins), begins) {
                    (true, _) => {}
                    (false, true) => leaf.copy_from_nonoverlapping(self.value(fold, n), n * folded.size),
                    (false, false) => (folded.kernels.merge)(n, leaf, self.value(fold, n)),
                }
            }
        }
    }

    /// Merges a position's partial results and writes them.
    ///
    /// # Safety
    /// Every part of the position is computed; no other runner writes it.
    pub(super) unsafe fn merge_parts(&mut self, cut: &Cut, position: usize, partials: &Partials) {
        let (schedule, stride) = (self.schedule, cut.stride());
        let (outer, first, n) = cut.place(schedule, position);
        let apart = cut.apart(n);
        // SAFETY: the position is within the schedule.
        unsafe { self.enter(outer, 0) };
        for (fold, folded) in schedule.tape.folds.iter().enumerate() {
            let mut tree = Pairwise::new();
            // SAFETY: a fold's memory has more slots than as many leaves as there are parts need.
            unsafe {
                let slots = self.fold_memory(cut, fold);
                for part in 0..cut.parts {
                    let leaf = slots.add(tree.leaf() * stride);
                    let partial = partials.at(position, part, fold);
                    leaf.copy_from_nonoverlapping(partial, apart * folded.accumulator());
                    tree.push(folded, slots, stride, [1, apart]);
                }
                tree.finish(folded, slots, stride, [1, apart]);
                self.write_result(fold, slots, first, n, apart);
            }
        }
    }

    /// Writes a fold's result for elements `first..first + n` of the innermost parallel axes; the parts of accumulators
    /// are `apart` from each other.
    unsafe fn write_result(&self, fold: usize, value: *const u8, first: usize, n: usize, apart: usize) {
        let folded = &self.schedule.tape.folds[fold];
        if let Some(narrow) = folded.narrow {
            // SAFETY: as for this function.
            return unsafe { self.write_narrow(folded, narrow, value, first, n) };
        }
        if let Some(export) = folded.kernels.export {
            let mut results = [0u8; STEP * 16];
            for at in (0..n).step_by(STEP) {
                let count = STEP.min(n - at);
                // SAFETY: `count` of the n accumulators are there, and a step of any type has room.
                unsafe {
                    export(count, apart, results.as_mut_ptr(), value.add(at * folded.size));
                    self.write_elements(folded, results.as_ptr(), first + at, count);
                }
            }
            return;
        }
        // SAFETY: as for this function.
        unsafe { self.write_elements(folded, value, first, n) };
    }

    /// As [`write_result`](Self::write_result), of values that memory has narrower: a step at a time.
    unsafe fn write_narrow(&self, folded: &Folded, narrow: Kernel, value: *const u8, first: usize, n: usize) {
        let none = std::ptr::null();
        let (mut wide, mut stored) = ([0u8; STEP * 8], [0u8; STEP * 8]);
        for at in (0..n).step_by(STEP) {
            let count = STEP.min(n - at);
            // SAFETY: `count` values are there, and a step of any type has room.
            unsafe {
                wide.as_mut_ptr().copy_from_nonoverlapping(value.add(at * folded.size), count * folded.size);
                narrow(STEP, stored.as_mut_ptr(), wide.as_ptr(), none, none);
                self.write_elements(folded, stored.as_ptr(), first + at, count);
            }
        }
    }

    pub(super) unsafe fn write_elements(&self, folded: &Folded, value: *const u8, first: usize, n: usize) {
        let (row, reach) = (self.row(folded.access), &self.schedule.reaches[folded.access]);
        // SAFETY: the result's elements at the current position are this runner's to write.
        unsafe {
            match &reach.inner {
                Inner::InPlace => {
                    row.add(first * reach.size).copy_from_nonoverlapping(value, n * reach.size);
                }
                Inner::Splat => row.copy_from_nonoverlapping(value, reach.size),
                Inner::Strided(strided) => strided.scatter(row, first, n, value),
            }
        }
    }
}
