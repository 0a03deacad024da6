//! Running a loop: its work is cut into chunks, which threads claim.

use numfuse_kernels::STEP;

use super::memory::{self, with_scratch};
use super::reduce::{Cut, Partials};
use super::runner::{Bases, Failure, Runner};
use super::schedule::{Inner, Mode, Schedule};
use super::tree::Trees;
use super::{scan, threads};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::Loop;

/// Below this much estimated work a second thread costs more than it brings.
pub(super) const WORTH_A_THREAD_NS: f64 = 50_000.0;
/// Elements that a thread claims at a time.
pub(super) const CHUNK: usize = 16 * 1024;

/// The same where elements go through loops of their own, some a few times and some very often.
const CHUNK_OF_TURNS: usize = 2 * 1024;

/// # Safety
/// As for [`Runner::new`].
pub(super) unsafe fn run_loop(
    nest: &Loop,
    schedule: &Schedule,
    bases: &Bases<'_>,
    failure: &Failure<'_>,
    threads: Option<usize>,
) -> Result<()> {
    let (kept, reduced) = match schedule.mode {
        Mode::Map => (schedule.inner.count, 1),
        Mode::Rows { width } => (width, schedule.middle.count.saturating_mul(schedule.inner.count)),
        Mode::Columns { .. } => (schedule.inner.count, schedule.middle.count),
    };
    if schedule.outer.count == 0 || kept == 0 {
        return Ok(());
    }
    if reduced == 0 && nest.running {
        return Ok(());
    }
    if reduced == 0 {
        // SAFETY: as the caller vouches.
        return unsafe { of_nothing(nest, schedule, bases, kept) };
    }
    // asking rayon starts its pool, so small work never asks
    let threads = match schedule.estimated_ns < WORTH_A_THREAD_NS {
        true => 1,
        false => threads.unwrap_or_else(rayon::current_num_threads),
    };
    // SAFETY: as the caller vouches; chunks, parts and positions are disjoint.
    unsafe {
        match schedule.mode {
            Mode::Map => run_map(schedule, bases, failure, threads),
            _ if nest.running => scan::run(nest, schedule, bases, failure, threads),
            Mode::Rows { .. } | Mode::Columns { .. } => run_reduction(schedule, bases, failure, threads),
        }
    }
    Ok(())
}

/// The results of a loop that reduces no element.
unsafe fn of_nothing(nest: &Loop, schedule: &Schedule, bases: &Bases<'_>, columns: usize) -> Result<()> {
    for (folded, reduce) in schedule.tape.folds.iter().zip(&nest.reduces) {
        let Some(bytes) = folded.of_nothing else {
            let name = format!("{:?}", reduce.fold).to_lowercase();
            let message = format!("the {name} of no elements does not exist");
            return Err(Error::new(ErrorKind::Domain, message));
        };
        let reach = &schedule.reaches[folded.access];
        for position in 0..schedule.outer.count {
            for column in 0..columns {
                // SAFETY: one element of the result, within its groups.
                unsafe {
                    let row = bases.0[folded.access].offset(schedule.outer.offset(position, &reach.outer));
                    match &reach.inner {
                        Inner::InPlace => {
                            row.add(column * reach.size).copy_from_nonoverlapping(bytes.as_ptr(), reach.size);
                        }
                        Inner::Splat => row.copy_from_nonoverlapping(bytes.as_ptr(), reach.size),
                        Inner::Strided(strided) => strided.scatter(row, column, 1, bytes.as_ptr()),
                    }
                }
            }
        }
    }
    Ok(())
}

/// # Safety
/// As for [`Runner::new`].
unsafe fn run_map(schedule: &Schedule, bases: &Bases<'_>, failure: &Failure<'_>, threads: usize) {
    let (outer, inner) = (schedule.outer.count, schedule.inner.count);
    if outer == 1 && inner <= schedule.tape.elements {
        // a few elements: what it takes to share them out would cost more than they do
        return with_scratch(schedule.tape.bytes, |scratch| {
            // SAFETY: as the caller vouches.
            unsafe {
                let mut runner = Runner::new(schedule, bases, failure, scratch);
                if !schedule.tape.row.is_empty() {
                    runner.enter(0, 0);
                }
                runner.tiles(0, inner);
            }
            if schedule.tape.streams() {
                memory::fence();
            }
        });
    }
    if !schedule.panels.panels.is_empty() {
        // SAFETY: as the caller vouches.
        return unsafe { run_blocks(schedule, bases, failure, threads) };
    }
    let claimed_at_once = if schedule.tape.loops.is_empty() { CHUNK } else { CHUNK_OF_TURNS };
    let chunk = claimed_at_once.next_multiple_of(schedule.tape.elements);
    let per_row = inner.div_ceil(chunk);
    let rows = if per_row > 1 { 1 } else { (chunk / inner).max(1) };
    let chunks = if per_row > 1 { outer * per_row } else { outer.div_ceil(rows) };
    threads::run(threads, chunks, &|claims| {
        with_scratch(schedule.tape.bytes, |scratch| {
            // SAFETY: as the caller vouches; each chunk is claimed once.
            unsafe {
                let mut runner = Runner::new(schedule, bases, failure, scratch);
                while let Some(claimed) = claims.next()
                    && !failure.stop.is_asked()
                {
                    if per_row > 1 {
                        let (row, part) = (claimed / per_row, claimed % per_row);
                        runner.enter(row, 0);
                        runner.tiles(part * chunk, inner.min((part + 1) * chunk));
                    } else {
                        runner.enter(claimed * rows, 0);
                        runner.tiles(0, inner);
                        for _ in claimed * rows + 1..outer.min((claimed + 1) * rows) {
                            runner.next_position();
                            runner.tiles(0, inner);
                        }
                    }
                }
            }
        });
        if schedule.tape.streams() {
            memory::fence();
        }
    });
}

/// Runs a loop in blocks of rows and columns.
///
/// # Safety
/// As for [`Runner::new`].
unsafe fn run_blocks(schedule: &Schedule, bases: &Bases<'_>, failure: &Failure<'_>, threads: usize) {
    let (panels, inner) = (&schedule.panels, schedule.inner.count);
    let width = inner.div_ceil(inner.div_ceil(schedule.tape.elements)).next_multiple_of(STEP);
    let (across, down) = (inner.div_ceil(width), panels.extent.div_ceil(panels.rows));
    let chunks = schedule.outer.count / panels.extent * down * across;
    threads::run(threads, chunks, &|claims| {
        with_scratch(schedule.tape.bytes, |scratch| {
            // SAFETY: as the caller vouches; each block is claimed once.
            unsafe {
                let mut runner = Runner::new(schedule, bases, failure, scratch);
                while let Some(claimed) = claims.next()
                    && !failure.stop.is_asked()
                {
                    let (block, first) = (claimed / across, claimed % across * width);
                    let (position, row) = (block / down * panels.extent, block % down * panels.rows);
                    let (n, rows) = (width.min(inner - first), panels.rows.min(panels.extent - row));
                    runner.enter(position + row, 0);
                    runner.fill_panels(first, n, rows);
                    runner.tile(first, n);
                    for _ in 1..rows {
                        runner.next_position();
                        runner.tile(first, n);
                    }
                }
            }
        });
        if schedule.tape.streams() {
            memory::fence();
        }
    });
}

/// # Safety
/// As for [`Runner::new`].
unsafe fn run_reduction(schedule: &Schedule, bases: &Bases<'_>, failure: &Failure<'_>, threads: usize) {
    let cut = Cut::new(schedule);
    let partials = Partials::new(schedule, &cut);
    let bytes = schedule.tape.bytes + cut.extra_bytes(schedule);
    let work = |claims: &threads::Claims, merge: bool, share: usize, count: usize| {
        with_scratch(bytes, |scratch| {
            // SAFETY: as the caller vouches; each part of each position is claimed once.
            unsafe {
                let mut runner = Runner::new(schedule, bases, failure, scratch);
                let mut trees = Trees::new(schedule);
                while let Some(claimed) = claims.next()
                    && !failure.stop.is_asked()
                {
                    for k in claimed * share..count.min((claimed + 1) * share) {
                        match merge {
                            true => runner.merge_parts(&cut, k, &partials),
                            false => runner.reduce(&cut, k / cut.parts, k % cut.parts, &mut trees, &partials),
                        }
                    }
                }
            }
        });
        if schedule.tape.streams() {
            memory::fence();
        }
    };
    let count = cut.positions * cut.parts;
    // short rows are claimed together
    let share = (CHUNK * count / schedule.elements().max(1)).clamp(1, count.max(1));
    threads::run(threads, count.div_ceil(share), &|claims| work(claims, false, share, count));
    if cut.parts > 1 && !failure.stop.has_ended() {
        threads::run(1, cut.positions, &|claims| work(claims, true, 1, cut.positions));
    }
}
