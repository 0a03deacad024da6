//! Running sums and products: one element after the other along an axis, so threads take different rows, never parts
//! of one.

use numfuse_kernels::{STEP, scan};

use super::memory::{self, with_scratch};
use super::runner::{Bases, Failure, Runner};
use super::schedule::{Mode, Schedule};
use super::threads;
use crate::plan::Loop;

/// Columns that run side by side.
const WIDE: usize = 2048;
/// Bytes of the widest element.
const WIDEST: usize = 8;

/// # Safety
/// As for [`Runner::new`]; every extent is more than 0.
pub(super) unsafe fn run(
    nest: &Loop,
    schedule: &Schedule,
    bases: &Bases<'_>,
    failure: &Failure<'_>,
    threads: usize,
) {
    let columns = matches!(schedule.mode, Mode::Columns { .. });
    let width = match columns {
        true => schedule.inner.count.min(WIDE).next_multiple_of(STEP),
        false => schedule.tape.elements,
    };
    let positions = match columns {
        true => schedule.outer.count.saturating_mul(schedule.inner.count.div_ceil(width)),
        false => schedule.outer.count,
    };
    let bytes = schedule.tape.bytes + width * WIDEST * schedule.tape.folds.len();
    threads::run(threads, positions, &|claims| {
        with_scratch(bytes, |scratch| {
            // SAFETY: as the caller vouches; each position is claimed once.
            unsafe {
                let mut runner = Runner::new(schedule, bases, failure, scratch);
                while let Some(position) = claims.next()
                    && !failure.stop.is_asked()
                {
                    match columns {
                        true => runner.run_down(position, width),
                        false => runner.run_along(nest, position, width),
                    }
                }
            }
        });
        if schedule.tape.streams() {
            memory::fence();
        }
    });
}

impl Runner<'_> {
    /// Scratch memory for a fold's results.
    fn running(&self, fold: usize, width: usize) -> *mut u8 {
        self.extra().wrapping_add(fold * width * WIDEST)
    }

    /// A row whose elements lie along the innermost axes.
    unsafe fn run_along(&mut self, nest: &Loop, position: usize, width: usize) {
        let schedule = self.schedule;
        let folds = &schedule.tape.folds;
        let mut carries: smallvec::SmallVec<[[u8; 16]; 2]> =
            folds.iter().map(|folded| folded.kernels.identity).collect();
        // SAFETY: the position is within the schedule; a fold's memory has room for a tile.
        unsafe {
            self.enter(position, 0);
            for (at, n) in self.pieces(0, schedule.inner.count, STEP) {
                if self.is_to_end() {
                    return;
                }
                self.tile(at, n);
                for (fold, folded) in folds.iter().enumerate() {
                    let reduce = &nest.reduces[fold];
                    let compute = nest.body.values[reduce.value].compute;
                    let scan = scan(reduce.fold, compute).expect("inference widens what runs");
                    let results = self.running(fold, width);
                    scan(n, carries[fold].as_mut_ptr(), results, self.value(fold, n));
                    self.write_elements(folded, results, at, n);
                }
            }
        }
    }

    /// A piece of columns, whose elements lie along an outer axis: each row is the one before it and the new elements.
    unsafe fn run_down(&mut self, position: usize, width: usize) {
        let schedule = self.schedule;
        let (folds, outer) = (&schedule.tape.folds, schedule.outer.count);
        let first = position / outer * width;
        let n = width.min(schedule.inner.count - first);
        let rows = schedule.middle.count;
        // SAFETY: the position is within the schedule; a fold's memory has room for a piece, padding included.
        unsafe {
            for (fold, folded) in folds.iter().enumerate() {
                let identity = folded.kernels.identity.as_ptr();
                super::gather::fill(identity, folded.size, self.running(fold, width), width);
            }
            for row in 0..rows {
                match row {
                    0 => self.enter(position % outer, 0),
                    _ => self.next_row(),
                }
                if self.is_to_end() {
                    return;
                }
                self.refill_panels(first, n, row == 0, rows - row);
                for (at, n) in self.pieces(first, first + n, STEP) {
                    let padded = n.next_multiple_of(STEP);
                    self.tile(at, n);
                    for (fold, folded) in folds.iter().enumerate() {
                        let results = self.running(fold, width).add((at - first) * folded.size);
                        (folded.kernels.merge)(padded, results, self.value(fold, padded));
                        self.write_elements(folded, results, at, n);
                    }
                }
            }
        }
    }
}
