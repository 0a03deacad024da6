//! Where a thread stands in its loop: it goes from row to row by adding to addresses, and fills panels where a block of
//! rows begins.

use numfuse_kernels::STEP;

use super::runner::Runner;
use super::schedule::Group;

impl Runner<'_> {
    /// Goes to an outer position, and computes what is computed once there.
    ///
    /// # Safety
    /// The position is within the schedule's groups.
    #[inline]
    pub(super) unsafe fn enter(&mut self, outer: usize, middle: usize) {
        let schedule = self.schedule;
        for (k, reach) in schedule.reaches.iter().enumerate() {
            let offset =
                schedule.outer.offset(outer, &reach.outer) + schedule.middle.offset(middle, &reach.middle);
            // an index has no memory: its address is the number
            self.row[k] = self.bases.0[k].wrapping_offset(offset);
        }
        self.outer = schedule.outer.indices(outer);
        self.middle = schedule.middle.indices(middle);
        // SAFETY: as above.
        unsafe { self.arrive() };
    }

    /// Goes to the first row at an outer position; most often that is the next one.
    ///
    /// # Safety
    /// The position is within the schedule's groups.
    #[inline]
    pub(super) unsafe fn go_to(&mut self, position: usize) {
        // SAFETY: as the caller vouches.
        unsafe {
            match self.at.is_some_and(|at| at + 1 == position) && self.schedule.middle.count == 1 {
                true => self.next_position(),
                false => self.enter(position, 0),
            }
        }
        self.at = Some(position);
    }

    /// Goes to the next outer position.
    ///
    /// # Safety
    /// There is one.
    #[inline]
    pub(super) unsafe fn next_position(&mut self) {
        advance(&self.schedule.outer, &mut self.outer, self.row);
        // SAFETY: as the caller vouches.
        unsafe { self.arrive() };
    }

    /// Goes to the next row at this outer position.
    ///
    /// # Safety
    /// There is one.
    #[inline]
    pub(super) unsafe fn next_row(&mut self) {
        advance(&self.schedule.middle, &mut self.middle, self.row);
        // SAFETY: as the caller vouches.
        unsafe { self.arrive() };
    }

    /// Fills the panels with elements `first..first + n` of this row and those after it.
    ///
    /// # Safety
    /// There are as many rows along the panels' axis; `n` is at most the tape's tile.
    pub(super) unsafe fn fill_panels(&mut self, first: usize, n: usize, rows: usize) {
        for panel in &self.schedule.panels.panels {
            let along = |position: &[usize], strides: &[isize]| -> isize {
                position.iter().zip(strides).map(|(index, stride)| *index as isize * stride).sum()
            };
            let offset = along(&self.outer, &panel.outer) + along(&self.middle, &panel.middle);
            // SAFETY: the access has these elements; the panel has its place in scratch memory.
            unsafe {
                let from = self.bases.0[panel.access].offset(offset + first as isize * panel.along);
                let to = self.scratch.add(panel.offset);
                panel.fill(from, rows, n, to);
                // the first column of the panel is not that of the row
                self.row[panel.access] = to.wrapping_sub(first * panel.size);
            }
        }
    }

    /// Fills the panels where a block of rows begins, or where the first of `left` rows is. Answers how many rows they
    /// hold from here on.
    ///
    /// # Safety
    /// As for [`fill_panels`](Self::fill_panels).
    #[inline]
    pub(super) unsafe fn refill_panels(
        &mut self,
        first: usize,
        n: usize,
        is_first: bool,
        left: usize,
    ) -> usize {
        let panels = &self.schedule.panels;
        if panels.panels.is_empty() {
            return left;
        }
        let index = self.middle.last().copied().unwrap_or(0);
        let rows = (panels.rows - index % panels.rows).min(panels.extent - index).min(left);
        if is_first || index % panels.rows == 0 {
            // SAFETY: as the caller vouches.
            unsafe { self.fill_panels(first, n, rows) };
        }
        rows
    }

    /// How many rows are left on the innermost of the middle axes, the current one included.
    pub(super) fn rows_left(&self) -> usize {
        match (self.schedule.middle.extents.last(), self.middle.last()) {
            (Some(extent), Some(index)) => extent - index,
            _ => 1,
        }
    }

    /// Lets `rows` rows be computed by [`row_steps`](Self::row_steps), if that is all there is to a tile.
    ///
    /// # Safety
    /// As for [`tile`](Self::tile), for as many rows along the innermost of the middle axes.
    #[inline]
    pub(super) unsafe fn begin_rows(&mut self, first: usize, n: usize, rows: usize) -> bool {
        let tape = &self.schedule.tape;
        let Some(moves) = self.schedule.middle.moves.last().filter(|_| tape.plain) else { return false };
        let padded = n.next_multiple_of(STEP);
        for access in tape.in_place.iter().filter(|a| a.load) {
            let here = self.row[access.access].wrapping_add(first * access.size);
            let last = here.wrapping_offset(moves[access.access] * (rows as isize - 1));
            let is_readable = |at: *mut u8| self.is_readable(access.access, at, padded * access.size);
            if padded != n && !(is_readable(here) && is_readable(last)) {
                return false;
            }
        }
        for access in &tape.in_place {
            self.pointers[access.access] = self.row[access.access].wrapping_add(first * access.size);
        }
        true
    }

    /// The steps of a tile of `n` elements in the `row`-th of these rows; they come in their order.
    ///
    /// # Safety
    /// [`begin_rows`](Self::begin_rows) has allowed it.
    #[inline]
    pub(super) unsafe fn row_steps(&mut self, first: usize, n: usize, row: usize) {
        let tape = &self.schedule.tape;
        if row > 0
            && let Some(moves) = self.schedule.middle.moves.last()
        {
            let in_place = tape.in_place.iter().map(|a| a.access);
            for access in in_place.chain(tape.points.iter().copied()) {
                self.pointers[access] = self.pointers[access].wrapping_offset(moves[access]);
            }
        }
        // SAFETY: as the caller vouches.
        unsafe {
            match tape.prefetch {
                true => self.steps_ahead(first, n),
                false => self.steps(&tape.tile, n),
            }
        }
    }

    /// Goes to the last of `rows` rows that were computed.
    pub(super) fn end_rows(&mut self, rows: usize) {
        if let Some(moves) = self.schedule.middle.moves.last() {
            for (here, bytes) in self.row.iter_mut().zip(moves) {
                *here = here.wrapping_offset(*bytes * (rows as isize - 1));
            }
        }
        if let Some(index) = self.middle.last_mut() {
            *index += rows - 1;
        }
    }

    /// Computes what is computed once here.
    #[inline]
    unsafe fn arrive(&mut self) {
        self.point();
        let row = &self.schedule.tape.row;
        if !row.is_empty() {
            // SAFETY: what is computed once a row varies along no innermost axis.
            unsafe { self.single(row) };
        }
    }

    /// Lets kernels find the elements that they read as splats where they lie.
    #[inline]
    pub(super) fn point(&mut self) {
        for access in &self.schedule.tape.points {
            self.pointers[*access] = self.row[*access];
        }
    }
}

/// Goes to the next position of a group.
#[inline]
fn advance(group: &Group, position: &mut [usize], row: &mut [*mut u8]) {
    for axis in (0..position.len()).rev() {
        position[axis] += 1;
        if position[axis] < group.extents[axis] {
            for (here, bytes) in row.iter_mut().zip(&group.moves[axis]) {
                *here = here.wrapping_offset(*bytes);
            }
            return;
        }
        position[axis] = 0;
    }
}
