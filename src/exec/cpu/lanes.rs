//! The lanes of rows: element i of a row belongs to lane i mod 32 of its stretch of 512. The stretches of a block of 4096
//! are merged pairwise by index, lane by lane; then the lanes 16, 8, 4, 2 and 1 apart.

use numfuse_kernels::{BLOCK, LANES, Rows};

use super::reduce::{Cut, clear};
use super::runner::Runner;
use super::tape::Folded;
use super::tree::{Pairwise, Trees, slots};

/// Elements of a stretch: its lanes add 16 one after the other, which is as exact as NumPy's eight sums of 16.
const STRETCH: usize = 16 * LANES;
/// Slots of a tree of a block's stretches, each a set of lanes: the last of them is merged as soon as it is made.
pub(super) const SETS: usize = slots(BLOCK / STRETCH - 1);

impl Runner<'_> {
    /// Folds the blocks of `first..end` of the current row, each into a leaf of its fold's tree.
    pub(super) unsafe fn row_blocks(&mut self, cut: &Cut, first: usize, end: usize, trees: &mut Trees) {
        let (schedule, width) = (self.schedule, cut.width);
        let mut block = first;
        while block < end {
            let block_end = end.min(block + BLOCK * width);
            for (fold, folded) in schedule.tape.folds.iter().enumerate() {
                // SAFETY: a fold's memory begins with room for its sets of lanes.
                unsafe { clear(folded, self.fold_memory(cut, fold), LANES * width) };
            }
            let mut into = 0;
            for (at, n) in self.pieces(block, block_end, LANES * width) {
                // SAFETY: the tile lies within the row, and begins at lane 0.
                unsafe {
                    self.tile(at, n);
                    for (fold, tree) in trees.stretches.iter_mut().enumerate() {
                        self.add_to_lanes(cut, fold, n, into, at + n == block_end, tree);
                    }
                }
                into += n;
                while into >= STRETCH * width {
                    into -= STRETCH * width;
                }
            }
            for (fold, folded) in schedule.tape.folds.iter().enumerate() {
                // SAFETY: a fold's memory begins with room for its sets of lanes, and slots of blocks follow.
                unsafe {
                    let lanes = self.fold_memory(cut, fold);
                    let set = LANES * width * folded.accumulator();
                    trees.stretches[fold].finish(folded, lanes, set, groups(folded, width));
                    finish_lanes(folded, width, lanes);
                    let (blocks, tree) = (self.block_slots(cut, fold), &mut trees.blocks[fold]);
                    let leaf = blocks.add(tree.leaf() * cut.stride());
                    leaf.copy_from_nonoverlapping(lanes, width * folded.accumulator());
                    tree.push(folded, blocks, cut.stride(), [1, width]);
                }
            }
            block = block_end;
        }
    }

    /// Takes in a tile of `n` elements that begins `into` elements past the beginning of a stretch. A stretch that is
    /// complete becomes a leaf of the tree of stretches; so does what there is of one if the tile `ends` its block.
    /// The lanes of the next one are cleared at once: a kernel that reads them waits for narrower stores just before.
    #[inline]
    unsafe fn add_to_lanes(
        &self,
        cut: &Cut,
        fold: usize,
        n: usize,
        mut into: usize,
        ends: bool,
        tree: &mut Pairwise,
    ) {
        let folded = &self.schedule.tape.folds[fold];
        let (stretch, lanes_width) = (STRETCH * cut.width, LANES * cut.width);
        let set = lanes_width * folded.accumulator();
        // SAFETY: a fold's memory begins with room for its sets of lanes; the value has `n` elements.
        unsafe {
            let (sets, mut value, mut left) = (self.fold_memory(cut, fold), self.value(fold, n), n);
            while left > 0 {
                let count = left.min(stretch - into);
                take_in(folded, cut.width, count, sets.add(tree.leaf() * set), value);
                (value, left, into) = (value.add(count * folded.size), left - count, into + count);
                let ends = ends && left == 0;
                if into == stretch || ends {
                    tree.push(folded, sets, set, groups(folded, cut.width));
                    into = 0;
                    if !ends {
                        clear(folded, sets.add(tree.leaf() * set), lanes_width);
                    }
                }
            }
        }
    }
}

/// How 32 lanes of `width` accumulators lie: groups, and the accumulators of each. Lanes of one part lie side by side,
/// and those of a single accumulator, of which kernels take 32; else each lane has its parts together, for half of the
/// lanes would not be a group.
fn groups(folded: &Folded, width: usize) -> [usize; 2] {
    match folded.kernels.parts == 1 || width == 1 {
        true => [1, LANES * width],
        false => [LANES, width],
    }
}

/// Takes `n` elements into lanes of `width` accumulators, the first of them into lane 0.
///
/// # Safety
/// They can be read at `value`, and there are 32 lanes.
#[inline]
unsafe fn take_in(folded: &Folded, width: usize, n: usize, lanes: *mut u8, value: *const u8) {
    if width == 1 {
        // SAFETY: as the caller vouches.
        return unsafe { (folded.kernels.lanes)(n, lanes, value) };
    }
    let [_, step] = groups(folded, width);
    for from in (0..n).step_by(step) {
        let columns = step.min(n - from);
        let lane = from % (LANES * width) / width;
        let row = Rows { count: 1, columns, stride: 0, apart: step };
        // SAFETY: as the caller vouches.
        unsafe {
            let lanes = lanes.add(lane * folded.accumulator() * width);
            (folded.kernels.absorb)(row, lanes, value.add(from * folded.size));
        }
    }
}

/// Merges lanes of `width` accumulators 16, 8, 4, 2 and 1 apart.
///
/// # Safety
/// There are 32 lanes.
unsafe fn finish_lanes(folded: &Folded, width: usize, lanes: *mut u8) {
    if width == 1 {
        // SAFETY: as the caller vouches.
        return unsafe { (folded.kernels.finish)(lanes) };
    }
    let lane = width * folded.accumulator();
    let mut half = LANES / 2;
    while half > 0 {
        let (count, each) = match groups(folded, width) {
            [1, _] => (1, half * width),
            [_, each] => (half, each),
        };
        for left in 0..count {
            // SAFETY: left + half is one of the lanes.
            unsafe { (folded.kernels.merge)(each, lanes.add(left * lane), lanes.add((left + half) * lane)) };
        }
        half /= 2;
    }
}
