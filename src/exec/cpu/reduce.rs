//! Reductions, in their one order: 32 lanes within blocks of 4096, blocks pairwise by index; rows in runs of 128,
//! runs pairwise.
//!
//! A thread takes whole positions of the result, or, where those are few, an aligned power of two of blocks or runs:
//! a subtree, whose result is the same whoever computes it. So the bits do not depend on the threads.

use numfuse_kernels::{BLOCK, Compute, Fold, FoldKernels, Kernel, LANES, RUN, Rows, STEP};

use super::gather;
use super::memory::Aligned;
use super::runner::{Runner, tile_at};
use super::schedule::{Inner, Schedule};
use super::tape::Folded;
use crate::dtype::Scalar;

/// Bytes of the widest accumulator: the moments of doubles.
const WIDEST: usize = 24;

/// The result of `count` leaves, merged pairwise by index: after each leaf as many merges as its number has trailing
/// ones in binary, at the end the rest from the right. The state is one accumulator (or tile of
/// them, in planes) per level.
struct Pairwise {
    /// Bit l is set while level l waits for its right half.
    waiting: usize,
}

impl Pairwise {
    const fn new() -> Self {
        Self { waiting: 0 }
    }

    /// Takes in the leaf at level 0 of `levels`, where `stride` bytes are between levels.
    ///
    /// # Safety
    /// `levels` has one level more than the leaves' count has bits, each of `n` accumulators.
    unsafe fn push(&mut self, folded: &Folded, levels: *mut u8, stride: usize, n: usize) {
        let mut level = 0;
        // the new leaf is in the slot before level 0
        let mut leaf = levels;
        while self.waiting >> level & 1 == 1 {
            // SAFETY: both have n accumulators. Left is merged with right: merge(dst, src) = dst with src.
            unsafe {
                let left = levels.add((level + 1) * stride);
                (folded.kernels.merge)(n, left, leaf);
                leaf = left;
            }
            self.waiting &= !(1 << level);
            level += 1;
        }
        // SAFETY: level + 1 is a level of its own.
        unsafe { levels.add((level + 1) * stride).copy_from(leaf, n * folded.accumulator()) };
        self.waiting |= 1 << level;
    }

    /// Merges what waits, and answers where the result is. At least one leaf must have come.
    ///
    /// # Safety
    /// As for [`push`](Self::push).
    unsafe fn finish(&mut self, folded: &Folded, levels: *mut u8, stride: usize, n: usize) -> *mut u8 {
        let mut result: Option<*mut u8> = None;
        for level in 0..usize::BITS as usize {
            if self.waiting >> level & 1 == 0 {
                continue;
            }
            // SAFETY: the level holds n accumulators.
            unsafe {
                let left = levels.add((level + 1) * stride);
                if let Some(right) = result {
                    (folded.kernels.merge)(n, left, right);
                }
                result = Some(left);
            }
        }
        self.waiting = 0;
        result.unwrap_or(levels)
    }
}

/// Levels that `leaves` leaves need, the slot for a new leaf included.
fn levels(leaves: usize) -> usize {
    (usize::BITS - leaves.leading_zeros()) as usize + 2
}

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

/// How the work of a reducing loop is cut.
pub(super) struct Cut {
    /// Positions of the result, or tiles of them.
    pub(super) positions: usize,
    /// Subtrees of each position.
    pub(super) parts: usize,
    /// Leaves (blocks, or runs of rows) of a part, a power of two.
    leaves: usize,
}

/// A subtree is at least this many elements.
const PART: usize = 16 * 1024;
/// At most this many subtrees of one position.
const MOST_PARTS: usize = 1024;
/// Enough positions to keep threads busy without subtrees.
const MANY: usize = 64;

impl Cut {
    /// Cuts by extents alone, never by threads: partial results are part of the order.
    pub(super) fn rows(schedule: &Schedule) -> Cut {
        let blocks = schedule.inner.count.div_ceil(BLOCK).max(1);
        let positions = schedule.outer.count;
        if schedule.middle.count != 1 || positions > MANY {
            return Cut { positions, parts: 1, leaves: blocks.next_power_of_two() };
        }
        let mut leaves = PART / BLOCK;
        while blocks.div_ceil(leaves) > MOST_PARTS {
            leaves *= 2;
        }
        Cut { positions, parts: blocks.div_ceil(leaves), leaves }
    }

    /// Columns: positions are tiles of columns at each outer position.
    pub(super) fn columns(schedule: &Schedule) -> Cut {
        let tile = schedule.tape.elements;
        let positions = schedule.outer.count.saturating_mul(schedule.inner.count.div_ceil(tile));
        let runs = schedule.middle.count.div_ceil(RUN).max(1);
        if positions > MANY {
            return Cut { positions, parts: 1, leaves: runs.next_power_of_two() };
        }
        let mut leaves = (PART / (RUN * schedule.inner.count.min(tile)).max(1)).max(1).next_power_of_two();
        while runs.div_ceil(leaves) > MOST_PARTS / 16 {
            leaves *= 2;
        }
        Cut { positions, parts: runs.div_ceil(leaves), leaves }
    }
}

/// Bytes past the tape's own that a thread needs, per fold and in all.
pub(super) fn extra_bytes(schedule: &Schedule, columns: bool) -> usize {
    per_fold(schedule, columns) * schedule.tape.folds.len()
}

fn per_fold(schedule: &Schedule, columns: bool) -> usize {
    match columns {
        // lanes, then levels of blocks, then levels of runs
        false => LANES * WIDEST + 2 * WIDEST * (usize::BITS as usize + 2),
        true => schedule.tape.elements * WIDEST * (levels(schedule.middle.count.div_ceil(RUN)) + 1),
    }
}

/// Results of subtrees, position by position, fold by fold.
pub(super) struct Partials {
    memory: Aligned,
    parts: usize,
    folds: usize,
    /// Elements of one partial result.
    width: usize,
}

impl Partials {
    pub(super) fn new(schedule: &Schedule, cut: &Cut, columns: bool) -> Partials {
        let width = if columns { schedule.tape.elements } else { 1 };
        let folds = schedule.tape.folds.len();
        let count = if cut.parts == 1 { 0 } else { cut.positions * cut.parts * folds };
        Partials { memory: Aligned::zeroed(count * width * WIDEST), parts: cut.parts, folds, width }
    }

    fn at(&self, position: usize, part: usize, fold: usize) -> *mut u8 {
        let index = (position * self.folds + fold) * self.parts + part;
        self.memory.start().wrapping_add(index * self.width * WIDEST)
    }
}

/// `n` accumulators that have taken in nothing.
///
/// # Safety
/// `to` is writable for them.
unsafe fn clear(folded: &Folded, to: *mut u8, n: usize) {
    // SAFETY: as the caller vouches; every part holds the identity.
    unsafe { gather::fill(folded.kernels.identity.as_ptr(), folded.size, to, n * folded.kernels.parts) }
}

impl Runner<'_> {
    fn fold_memory(&self, fold: usize, columns: bool) -> *mut u8 {
        self.extra().wrapping_add(fold * per_fold(self.schedule, columns))
    }

    /// One part of one position of a loop whose innermost axes are reduced.
    ///
    /// # Safety
    /// As for [`Runner::new`]; no other runner has this part of this position.
    pub(super) unsafe fn rows(&mut self, cut: &Cut, position: usize, part: usize, partials: &Partials) {
        let schedule = self.schedule;
        let (first, last) = (part * cut.leaves * BLOCK, (part + 1).saturating_mul(cut.leaves * BLOCK));
        let end = schedule.inner.count.min(last);
        let folds = schedule.tape.folds.len();
        let mut runs: Vec<(Pairwise, usize)> = Vec::new();
        let whole = cut.parts == 1;
        if schedule.middle.count > 1 {
            runs = (0..folds).map(|_| (Pairwise::new(), 0)).collect();
        }
        let mut trees: smallvec::SmallVec<[Pairwise; 4]> = (0..folds).map(|_| Pairwise::new()).collect();
        for middle in 0..schedule.middle.count {
            // SAFETY: the position is within the schedule; folds have memory of their own past the tape's.
            unsafe {
                self.enter(position, middle);
                self.row_blocks(first, end, &mut trees);
                for (fold, folded) in schedule.tape.folds.iter().enumerate() {
                    let memory = self.fold_memory(fold, false);
                    let block_levels = memory.add(LANES * WIDEST);
                    let value = trees[fold].finish(folded, block_levels, WIDEST, 1);
                    match runs.get_mut(fold) {
                        None if whole => self.write_result(fold, value, 0, 1),
                        None => {
                            let partial = partials.at(position, part, fold);
                            partial.copy_from_nonoverlapping(value, folded.accumulator());
                        }
                        Some((tree, rows)) => {
                            // level 0's leaf slot is the run's accumulator
                            let run_levels = block_levels.add(WIDEST * (usize::BITS as usize + 2));
                            if *rows % RUN == 0 {
                                clear(folded, run_levels, 1);
                            }
                            (folded.kernels.merge)(1, run_levels, value);
                            *rows += 1;
                            if *rows % RUN == 0 || *rows == schedule.middle.count {
                                tree.push(folded, run_levels, WIDEST, 1);
                            }
                        }
                    }
                }
            }
        }
        for (fold, (tree, _)) in runs.iter_mut().enumerate() {
            let folded = &schedule.tape.folds[fold];
            // SAFETY: as above.
            unsafe {
                let run_levels =
                    self.fold_memory(fold, false).add(LANES * WIDEST + WIDEST * (usize::BITS as usize + 2));
                let value = tree.finish(folded, run_levels, WIDEST, 1);
                self.write_result(fold, value, 0, 1);
            }
        }
    }

    /// Folds the blocks of `first..end` of the current row, each into a leaf of its fold's tree.
    unsafe fn row_blocks(&mut self, first: usize, end: usize, trees: &mut [Pairwise]) {
        let schedule = self.schedule;
        let mut block = first;
        while block < end {
            let block_end = end.min(block + BLOCK);
            for (fold, folded) in schedule.tape.folds.iter().enumerate() {
                // SAFETY: a fold's memory begins with room for its lanes.
                unsafe {
                    clear(folded, self.fold_memory(fold, false), LANES);
                }
            }
            let mut at = block;
            while at < block_end {
                let n = tile_at(at, block_end, schedule.tape.elements, LANES);
                // SAFETY: the tile lies within the row, and begins at lane 0.
                unsafe {
                    self.tile(at, n);
                    for (fold, folded) in schedule.tape.folds.iter().enumerate() {
                        (folded.kernels.lanes)(n, self.fold_memory(fold, false), self.value(fold, n));
                    }
                }
                at += n;
            }
            for (fold, folded) in schedule.tape.folds.iter().enumerate() {
                // SAFETY: the block's result is where the lanes were; the tree's levels follow the lanes.
                unsafe {
                    let lanes = self.fold_memory(fold, false);
                    (folded.kernels.finish)(lanes);
                    let block_levels = lanes.add(LANES * WIDEST);
                    block_levels.copy_from_nonoverlapping(lanes, folded.accumulator());
                    trees[fold].push(folded, block_levels, WIDEST, 1);
                }
            }
            block = block_end;
        }
    }

    /// One part of one tile of columns.
    ///
    /// # Safety
    /// As for [`rows`](Self::rows).
    pub(super) unsafe fn columns(&mut self, cut: &Cut, position: usize, part: usize, partials: &Partials) {
        let schedule = self.schedule;
        let tile = schedule.tape.elements;
        let tiles = schedule.inner.count.div_ceil(tile);
        let (outer, first) = (position / tiles, position % tiles * tile);
        let n = tile.min(schedule.inner.count - first);
        let stride = tile * WIDEST;
        let rows = cut.leaves.saturating_mul(RUN);
        let (begin, end) = (part * rows, schedule.middle.count.min((part + 1).saturating_mul(rows)));
        let mut trees: smallvec::SmallVec<[Pairwise; 4]> =
            schedule.tape.folds.iter().map(|_| Pairwise::new()).collect();
        let mut row = begin;
        while row < end {
            let run_end = end.min(row + RUN);
            for (fold, folded) in schedule.tape.folds.iter().enumerate() {
                // SAFETY: a fold's memory begins with a leaf of a tile's room.
                unsafe {
                    clear(folded, self.fold_memory(fold, true), n);
                }
            }
            while row < run_end {
                // SAFETY: the row and the columns are within the schedule.
                unsafe {
                    self.enter(outer, row);
                    self.add_row(first, n);
                }
                row += 1;
            }
            for (fold, folded) in schedule.tape.folds.iter().enumerate() {
                // SAFETY: levels of a tile's room follow the leaf.
                unsafe { trees[fold].push(folded, self.fold_memory(fold, true), stride, n) };
            }
        }
        for (fold, folded) in schedule.tape.folds.iter().enumerate() {
            // SAFETY: as above; the partial result has a tile's room.
            unsafe {
                let value = trees[fold].finish(folded, self.fold_memory(fold, true), stride, n);
                match cut.parts {
                    1 => self.write_result(fold, value, first, n),
                    _ => {
                        let partial = partials.at(position, part, fold);
                        partial.copy_from_nonoverlapping(value, n * folded.accumulator());
                    }
                }
            }
        }
    }

    /// Adds the columns `first..first + n` of the current row to the leaves.
    unsafe fn add_row(&mut self, first: usize, n: usize) {
        let schedule = self.schedule;
        let mut at = first;
        while at < first + n {
            let part = tile_at(at, first + n, schedule.tape.elements, STEP);
            // SAFETY: the part lies within the columns.
            unsafe {
                self.tile(at, part);
                for (fold, folded) in schedule.tape.folds.iter().enumerate() {
                    let leaf = self.fold_memory(fold, true).add((at - first) * folded.size);
                    let row = Rows { count: 1, columns: part, stride: 0, apart: n };
                    (folded.kernels.absorb)(row, leaf, self.value(fold, part));
                }
            }
            at += part;
        }
    }

    /// Merges a position's partial results and writes them.
    ///
    /// # Safety
    /// Every part of the position is computed; no other runner writes it.
    pub(super) unsafe fn merge_parts(
        &mut self,
        cut: &Cut,
        position: usize,
        partials: &Partials,
        columns: bool,
    ) {
        let schedule = self.schedule;
        let tile = schedule.tape.elements;
        let tiles = if columns { schedule.inner.count.div_ceil(tile) } else { 1 };
        let (outer, first) = (position / tiles, position % tiles * tile);
        let n = if columns { tile.min(schedule.inner.count - first) } else { 1 };
        let stride = if columns { tile * WIDEST } else { WIDEST };
        // SAFETY: the position is within the schedule.
        unsafe { self.enter(outer, 0) };
        for (fold, folded) in schedule.tape.folds.iter().enumerate() {
            let mut tree = Pairwise::new();
            // SAFETY: a fold's memory holds the levels of more leaves than there are parts.
            unsafe {
                let levels = self.fold_memory(fold, columns).add(if columns { 0 } else { LANES * WIDEST });
                for part in 0..cut.parts {
                    let partial = partials.at(position, part, fold);
                    levels.copy_from_nonoverlapping(partial, n * folded.accumulator());
                    tree.push(folded, levels, stride, n);
                }
                let value = tree.finish(folded, levels, stride, n);
                self.write_result(fold, value, first, n);
            }
        }
    }

    /// Writes a fold's result for elements `first..first + n` of the innermost parallel axes.
    unsafe fn write_result(&self, fold: usize, value: *const u8, first: usize, n: usize) {
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
                    export(count, n, results.as_mut_ptr(), value.add(at * folded.size));
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

    unsafe fn write_elements(&self, folded: &Folded, value: *const u8, first: usize, n: usize) {
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
