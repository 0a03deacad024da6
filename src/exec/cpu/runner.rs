//! One thread at work on a loop: it fills its table of pointers and runs the tape, tile by tile.

use std::sync::atomic::{AtomicU32, Ordering};

use numfuse_kernels::STEP;
use smallvec::SmallVec;

use super::calls::{Callee, Calling};
use super::gather;
use super::gather::Places;
use super::memory::{LINE, Scratch, prefetch, stream};
use super::repeat::Frame;
use super::schedule::{Inner, Mode, Schedule};
use super::tape::{ByteTest, Check, Fetch, Phase, Write};
use super::texts;
use crate::arena::Id;
use crate::exec::Stop;
use crate::infer::CheckId;
use crate::plan::Text;

/// What a run may come to but its results, shared by its threads.
pub(super) struct Failure<'a> {
    /// The first error that depends on data, by check.
    check: AtomicU32,
    pub(super) stop: &'a Stop<'a>,
}

const NO_FAILURE: u32 = u32::MAX;

impl<'a> Failure<'a> {
    pub(super) fn new(stop: &'a Stop<'a>) -> Self {
        Failure { check: AtomicU32::new(NO_FAILURE), stop }
    }

    /// Notes an error.
    pub(super) fn raise(&self, check: CheckId) {
        self.check.fetch_min(check.index() as u32, Ordering::Relaxed);
    }

    /// The first error there was.
    pub(super) fn check(&self) -> Option<CheckId> {
        let check = self.check.load(Ordering::Relaxed);
        (check != NO_FAILURE).then(|| CheckId::new(check as usize))
    }
}

/// So many tiles and rows go by before a thread asks whether it is to end.
const PATIENCE: u32 = 64;

/// Where a loop's accesses begin, in their order.
pub(super) struct Bases<'a>(pub(super) &'a [*mut u8]);

// SAFETY: addresses of memory that the call has borrowed; threads write disjoint parts of it.
unsafe impl Sync for Bases<'_> {}

pub(super) struct Runner<'a> {
    pub(super) schedule: &'a Schedule,
    pub(super) bases: &'a Bases<'a>,
    failure: &'a Failure<'a>,
    /// Tiles and rows since the thread has asked whether it is to end.
    unasked: u32,
    pub(super) pointers: &'a mut [*mut u8],
    pub(super) scratch: *mut u8,
    /// Where each access begins at the current outer position.
    pub(super) row: &'a mut [*mut u8],
    /// The current position along the outer and the middle axes.
    pub(super) outer: SmallVec<[usize; 4]>,
    pub(super) middle: SmallVec<[usize; 4]>,
    /// What the tape's fetches read, by fetch.
    places: Vec<Places>,
    /// The tape's elementwise loops.
    frames: Vec<Frame<'a>>,
    /// What the tape's calls call, by call: steps reach it through the table of pointers.
    _callees: Vec<Callee<'a>>,
    /// Where [`go_to`](Self::go_to) went.
    pub(super) at: Option<usize>,
}

impl<'a> Runner<'a> {
    /// Prepares a thread, and computes what is computed once.
    ///
    /// # Safety
    /// For as long as the runner lives: `bases` point to memory that holds every element the schedule reaches,
    /// initialised where the loop reads it, not accessed by anyone else where the loop writes it, except by runners
    /// of the same loop at other positions. `scratch` has the tape's bytes.
    pub(super) unsafe fn new(
        schedule: &'a Schedule,
        bases: &'a Bases<'a>,
        failure: &'a Failure<'a>,
        scratch: &'a mut Scratch,
    ) -> Self {
        let tape = &schedule.tape;
        let start = scratch.bytes.start();
        let needed = tape.pointers + bases.0.len();
        if scratch.pointers.len() < needed {
            scratch.pointers.resize(needed, std::ptr::null_mut());
        }
        let (pointers, row) = scratch.pointers[..needed].split_at_mut(tape.pointers);
        // a thread that runs the same tape again finds its table as it left it; accesses are set tile by tile
        if std::mem::replace(&mut scratch.tape, tape.id) != tape.id {
            // SAFETY: the tape's offsets lie within its bytes of scratch memory and within its pool.
            unsafe {
                for slot in &tape.slots {
                    pointers[slot.pointer as usize] = start.add(slot.offset);
                }
                for (pointer, offset) in &tape.constants {
                    pointers[*pointer as usize] = tape.pool.start().add(*offset);
                }
            }
        }
        for (here, base) in row.iter_mut().zip(bases.0) {
            *here = *base;
        }
        let (outer, middle) = (SmallVec::new(), SmallVec::new());
        let places = |fetch: &Fetch| Places::of(schedule, fetch.access, fetch.splat);
        let mut places: Vec<Places> = tape.fetches.iter().map(places).collect();
        for (fetch, place) in tape.fetches.iter().zip(&mut places) {
            // the vector's elements stay where they are for as long as the runner lives
            pointers[fetch.context as usize] = std::ptr::from_mut(place).cast();
        }
        // SAFETY: the tape has given each loop as many bytes of scratch memory as its slots take.
        let frames = tape
            .loops
            .iter()
            .map(|(tape, offset)| unsafe { Frame::new(tape, schedule, failure, start.add(*offset)) });
        let mut frames: Vec<Frame<'_>> = frames.collect();
        for ((tape, _), frame) in tape.loops.iter().zip(&mut frames) {
            pointers[tape.context as usize] = std::ptr::from_mut(frame).cast();
        }
        let callee = |call: &'a Calling| Callee::new(call, failure);
        let mut callees: Vec<Callee<'a>> = tape.calls.iter().map(callee).collect();
        for (call, callee) in tape.calls.iter().zip(&mut callees) {
            // as the places above
            pointers[call.context as usize] = std::ptr::from_mut(callee).cast();
        }
        let mut runner = Runner {
            schedule,
            bases,
            failure,
            unasked: 0,
            pointers,
            scratch: start,
            row,
            outer,
            middle,
            places,
            frames,
            _callees: callees,
            at: None,
        };
        runner.point();
        if !tape.once.is_empty() {
            // SAFETY: the caller vouches for the memory; what is computed once varies along no axis.
            unsafe { runner.single(&tape.once) };
        }
        runner
    }

    /// Tells the fetches and the elementwise loops where the tile is.
    fn aim(&mut self, first: usize, n: usize) {
        for (fetch, places) in self.schedule.tape.fetches.iter().zip(&mut self.places) {
            (places.row, places.first, places.n) = (self.row[fetch.access], first, n);
        }
        for frame in &mut self.frames {
            frame.aim(self.pointers.as_ptr(), self.row, first, n);
        }
    }

    /// Runs a phase on single elements, each stored [`STEP`] times over.
    pub(super) unsafe fn single(&mut self, phase: &Phase) {
        self.aim(0, 1);
        for read in &phase.reads {
            let reach = &self.schedule.reaches[read.access];
            let slot = self.pointers[read.slot as usize];
            // SAFETY: the access has an element here, the slot room for STEP of the widest.
            unsafe {
                let mut element = [0u8; 8]; // a plane of a complex number at most
                match reach.counted {
                    None => element.as_mut_ptr().copy_from_nonoverlapping(self.row[read.access], reach.size),
                    Some(float) => {
                        let number = self.row[read.access].addr() as i64;
                        element = if float { (number as f64).to_ne_bytes() } else { number.to_ne_bytes() };
                    }
                }
                if reach.swapped {
                    element[..reach.size].reverse();
                }
                gather::fill(element.as_ptr(), reach.size, slot, STEP);
            }
        }
        for test in &phase.byte_tests {
            // SAFETY: the byte strings have an element here, the slot room for STEP truth values.
            unsafe { self.byte_test(test, 0, 1, STEP) };
        }
        // SAFETY: operands and targets are slots of STEP elements.
        unsafe { self.steps(phase, STEP) };
        for check in &phase.checks {
            // SAFETY: a truth value is a byte of its slot.
            unsafe { self.check(check, 1) };
        }
    }

    #[inline]
    pub(super) unsafe fn steps(&self, phase: &Phase, n: usize) {
        for step in &phase.steps {
            let [a, b, c] = step.operands.map(|p| self.pointers[p as usize].cast_const());
            // SAFETY: the tape gives each kernel operands and a target of its types, `n` elements each, or one where
            // it is a splat; they overlap only as kernels allow.
            unsafe { (step.kernel)(n, self.pointers[step.target as usize], a, b, c) };
        }
    }

    /// The tile's steps, with inputs that are read soon on their way meanwhile: between two steps the processor's own
    /// prefetching sees no reads from memory to run ahead of. Those are the next tile's, or in columns the next row's.
    pub(super) unsafe fn steps_ahead(&self, first: usize, n: usize) {
        let (schedule, tape) = (self.schedule, &self.schedule.tape);
        let (columns, row) = match schedule.mode {
            Mode::Columns { .. } if schedule.inner.count <= tape.elements => {
                (n, schedule.middle.moves.last())
            }
            Mode::Map | Mode::Rows { .. } | Mode::Columns { .. } => (tape.elements, None),
        };
        for k in 0..tape.tile.steps.len().max(1) {
            for access in tape.in_place.iter().filter(|a| a.leads) {
                let bytes = columns * access.size;
                let share = bytes.div_ceil(tape.tile.steps.len().max(1)).next_multiple_of(LINE);
                let begin = match row {
                    Some(moves) => self.pointers[access.access].wrapping_offset(moves[access.access]),
                    None => self.row[access.access].wrapping_add((first + n) * access.size),
                };
                for at in (k * share..bytes.min((k + 1) * share)).step_by(LINE) {
                    prefetch(begin.wrapping_add(at));
                }
            }
            if let Some(step) = tape.tile.steps.get(k) {
                let [a, b, c] = step.operands.map(|p| self.pointers[p as usize].cast_const());
                // SAFETY: as in `steps`.
                unsafe { (step.kernel)(n, self.pointers[step.target as usize], a, b, c) };
            }
        }
    }

    /// Compares elements `first..first + n`, and repeats the last truth value up to `padded`.
    ///
    /// # Safety
    /// The accesses have these elements; the slot has room for `padded` truth values.
    unsafe fn byte_test<'t>(&self, test: &'t ByteTest, first: usize, n: usize, padded: usize) {
        let slot = self.pointers[test.slot as usize];
        if let [Text::Element(access), Text::Bytes(bytes)] | [Text::Bytes(bytes), Text::Element(access)] =
            &test.texts
        {
            let reach = &self.schedule.reaches[access.index()];
            if let [stride] = *reach.along.as_slice() {
                // SAFETY: as the caller vouches.
                unsafe {
                    let start = self.row[access.index()].offset(first as isize * stride);
                    if texts::compare_all(test.op, (start, stride, reach.size), bytes, slot, n) {
                        return pad(slot, 1, n, padded);
                    }
                }
            }
        }
        // SAFETY: as the caller vouches.
        unsafe {
            let text = |text: &'t Text, k: usize| -> &'t [u8] {
                match text {
                    Text::Bytes(bytes) => bytes,
                    Text::Element(access) => {
                        let reach = &self.schedule.reaches[access.index()];
                        let offset = self.schedule.inner.offset(k, &reach.along);
                        let start = self.row[access.index()].offset(offset);
                        texts::trimmed(std::slice::from_raw_parts(start, reach.size))
                    }
                }
            };
            for k in 0..n {
                let [a, b] = [&test.texts[0], &test.texts[1]].map(|t| text(t, first + k));
                slot.add(k).write(texts::holds(test.op, a, b).into());
            }
            pad(slot, 1, n, padded);
        }
    }

    /// Whether the run has been ended: then nobody reads what it has computed.
    #[inline]
    pub(super) fn is_to_end(&mut self) -> bool {
        self.unasked += 1;
        if self.unasked >= PATIENCE {
            self.unasked = 0;
            return self.failure.stop.is_asked();
        }
        self.failure.stop.has_ended()
    }

    /// # Safety
    /// The check's value has `n` elements.
    unsafe fn check(&self, check: &Check, n: usize) {
        let n = if check.splat { 1 } else { n };
        // SAFETY: as the caller vouches.
        let bytes = unsafe { std::slice::from_raw_parts(self.pointers[check.bad as usize], n) };
        if bytes.iter().any(|b| *b != 0) {
            self.failure.raise(check.check);
        }
    }

    /// Computes elements `first..first + n` of the innermost axes and stores what is stored; reductions take the
    /// values with [`value`](Self::value).
    ///
    /// # Safety
    /// `first + n` is at most the innermost group's count, `n` at most the tape's tile.
    #[inline]
    pub(super) unsafe fn tile(&mut self, first: usize, n: usize) {
        if self.is_to_end() {
            return;
        }
        let tape = &self.schedule.tape;
        let padded = n.next_multiple_of(STEP);
        for access in &tape.in_place {
            // SAFETY: elements first..first + n lie one after the other here; a tail slot has a tile's room.
            self.pointers[access.access] = unsafe {
                let here = self.row[access.access].wrapping_add(first * access.size);
                if padded == n || access.load && self.is_readable(access.access, here, padded * access.size) {
                    here
                } else {
                    let tail = self.scratch.add(access.tail);
                    if access.load {
                        tail.copy_from_nonoverlapping(here, n * access.size);
                        pad(tail, access.size, n, padded);
                    }
                    tail
                }
            };
        }
        for read in &tape.tile.reads {
            let slot = self.pointers[read.slot as usize];
            if let Inner::Strided(strided) = &self.schedule.reaches[read.access].inner {
                // SAFETY: the access has these elements, the slot a tile's room.
                unsafe {
                    match self.schedule.reaches[read.access].counted {
                        None => strided.gather(self.row[read.access], first, n, slot),
                        Some(float) => {
                            strided.count(self.row[read.access].addr() as i64, float, first, n, slot);
                        }
                    }
                    pad(slot, strided.size, n, padded);
                }
            }
        }
        self.aim(first, n);
        for test in &tape.tile.byte_tests {
            // SAFETY: the byte strings have these elements, the slot a tile's room.
            unsafe { self.byte_test(test, first, n, padded) };
        }
        // SAFETY: every operand has `padded` elements.
        unsafe {
            match tape.prefetch {
                true => self.steps_ahead(first, padded),
                false => self.steps(&tape.tile, padded),
            }
        }
        for check in &tape.tile.checks {
            // SAFETY: the value is a tile.
            unsafe { self.check(check, n) };
        }
        // SAFETY: as for this function.
        unsafe { self.store(first, n, padded != n) };
    }

    /// Whether elements of an access lie in all of these bytes, so that kernels may read past those they are for.
    #[inline]
    pub(super) fn is_readable(&self, access: usize, here: *const u8, bytes: usize) -> bool {
        self.schedule.reaches[access].end.is_some_and(|end| {
            let left = end - (here as isize).wrapping_sub(self.bases.0[access] as isize);
            bytes as isize <= left
        })
    }

    unsafe fn store(&mut self, first: usize, n: usize, tail: bool) {
        for (k, store) in self.schedule.tape.stores.iter().enumerate() {
            if store.write == Write::WithPair {
                continue;
            }
            let reach = &self.schedule.reaches[store.access];
            let (row, bytes) = (self.row[store.access], n * reach.size);
            let mut value = self.pointers[store.value as usize];
            // SAFETY: the value has `n` elements, or one and a tile to be spread over; the target's elements
            // first..first + n are this runner's to write.
            unsafe {
                if let Some(spread) = store.spread {
                    let tile = self.pointers[spread as usize];
                    gather::fill(value, reach.size, tile, n);
                    value = tile;
                }
                match (store.write, &reach.inner) {
                    (Write::Direct, _) if !tail => {}
                    (Write::Pairs, _) => {
                        let other = &self.schedule.tape.stores[k + 1];
                        let mut imaginary = self.pointers[other.value as usize];
                        if let Some(spread) = other.spread {
                            let tile = self.pointers[spread as usize];
                            gather::fill(imaginary, reach.size, tile, n);
                            imaginary = tile;
                        }
                        let to = row.add(2 * first * reach.size);
                        gather::interleave(
                            [value.cast_const(), imaginary.cast_const()],
                            [false; 2],
                            reach.size,
                            to,
                            n,
                        );
                    }
                    (Write::WithPair, _) => {}
                    (Write::Stream, _) => stream(row.add(first * reach.size), value, bytes),
                    (_, Inner::Strided(strided)) => strided.scatter(row, first, n, value),
                    (Write::Direct | Write::Copy, Inner::InPlace) => {
                        row.add(first * reach.size).copy_from_nonoverlapping(value, bytes);
                    }
                    (Write::Direct | Write::Copy, Inner::Splat) => {
                        row.copy_from_nonoverlapping(value, reach.size);
                    }
                }
            }
        }
    }

    /// Runs `first..end` of the innermost axes in tiles.
    ///
    /// # Safety
    /// As for [`tile`](Self::tile).
    #[inline]
    pub(super) unsafe fn tiles(&mut self, first: usize, end: usize) {
        for (at, n) in self.pieces(first, end, STEP) {
            // SAFETY: at + n is at most end.
            unsafe { self.tile(at, n) };
        }
    }

    /// Cuts `first..end` in tiles that are about as large as each other, and whole steps but for the last. A
    /// reduction's step are its lanes, so that every tile begins with the first.
    #[inline]
    pub(super) fn pieces(&self, first: usize, end: usize, step: usize) -> Pieces {
        let (tape, len) = (&self.schedule.tape, end - first);
        let size = match len <= tape.elements {
            true => len,
            false => len.div_ceil(len.div_ceil(tape.elements)).next_multiple_of(step),
        };
        Pieces { at: first, end, size, step, whole: !tape.reads_past_ends }
    }

    /// Computes what a reduction over columns takes, if that was left to it: a run's first row where it belongs. Answers
    /// whether it is added to the accumulators at `leaf` then.
    ///
    /// # Safety
    /// The rest of a tile of `n` elements was just computed; there are as many accumulators.
    #[inline]
    pub(super) unsafe fn last_step(&self, leaf: *mut u8, n: usize, begins: bool) -> bool {
        let Some(last) = &self.schedule.tape.last else { return false };
        let [a, b, c] = last.step.operands.map(|p| self.pointers[p as usize].cast_const());
        // SAFETY: as in `steps`; what is fused adds to its third operand, which may be its target.
        unsafe {
            match (begins, last.fused) {
                (true, _) => (last.step.kernel)(n, leaf, a, b, c),
                (false, Some(fused)) => fused(n, leaf, a, b, leaf),
                (false, None) => {
                    (last.step.kernel)(n, self.pointers[last.step.target as usize], a, b, c);
                    return false;
                }
            }
        }
        true
    }

    /// A tile's value for a reduction: `n` elements.
    ///
    /// # Safety
    /// A tile of `n` elements was just computed.
    pub(super) unsafe fn value(&self, fold: usize, n: usize) -> *const u8 {
        let folded = &self.schedule.tape.folds[fold];
        let value = self.pointers[folded.value as usize];
        match (folded.spread, folded.imaginary) {
            (None, _) => value,
            (Some(spread), Some((imaginary, splats))) => {
                let (tile, part) = (self.pointers[spread as usize], folded.size / 2);
                let parts = [value.cast_const(), self.pointers[imaginary as usize].cast_const()];
                // SAFETY: both parts have `n` elements, or one; the slot has room for a tile of pairs.
                unsafe { gather::interleave(parts, splats, part, tile, n) };
                tile
            }
            (Some(spread), None) => {
                let tile = self.pointers[spread as usize];
                // SAFETY: the value has one element, the slot a tile's room.
                unsafe { gather::fill(value, folded.size, tile, n) };
                tile
            }
        }
    }

    /// Where an access begins at the current outer position.
    pub(super) fn row(&self, access: usize) -> *mut u8 {
        self.row[access]
    }

    /// Scratch memory past the tape's own.
    pub(super) fn extra(&self) -> *mut u8 {
        self.scratch.wrapping_add(self.schedule.tape.bytes)
    }
}

/// The tiles of a stretch: where each begins, and its elements.
pub(super) struct Pieces {
    at: usize,
    end: usize,
    size: usize,
    step: usize,
    /// Whether what is no whole step is a tile of its own.
    whole: bool,
}

impl Iterator for Pieces {
    type Item = (usize, usize);
    #[inline]
    fn next(&mut self) -> Option<(usize, usize)> {
        let (at, left) = (self.at, self.end - self.at);
        if left == 0 {
            return None;
        }
        let n = match left.min(self.size) {
            n if self.whole && !n.is_multiple_of(STEP) && n > self.step => n / self.step * self.step,
            n => n,
        };
        self.at += n;
        Some((at, n))
    }
}

/// Repeats a tile's last element up to a whole step: zeros would be a case of their own for some functions.
unsafe fn pad(tile: *mut u8, size: usize, n: usize, padded: usize) {
    if n < padded && n > 0 {
        // SAFETY: the tile has room for `padded` elements and n of them are there.
        unsafe { gather::fill(tile.add((n - 1) * size), size, tile.add(n * size), padded - n) };
    }
}
