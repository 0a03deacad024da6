//! Panels: a strided access is read in square blocks, where its elements lie side by side along another axis.
//!
//! A column of a transposed operand has its elements on as many cache lines, but each line holds neighbours that the
//! next rows read. So a block of rows and columns is copied in one go, turned, and the rows then read it in place.

use smallvec::SmallVec;

use super::super::bind::order::{Axis, Mode, Walk};
use super::memory::{self, LINE};
use crate::input::Strides;

/// Bytes of a column of a block: a few lines that lie one after the other.
const COLUMN: usize = 512;
/// All rows make one block if a column of them has at most this many bytes.
const WHOLE_COLUMN: usize = 512;
/// Columns that are turned together: what they write of a row is a line of the panel.
const TURNED: usize = 8;
/// How many columns ahead lines are asked for: no stretch is long enough for the processor to see where it goes on.
const AHEAD: usize = 2 * TURNED;
/// Fewer rows of a block are no gain over reading one after the other.
const LEAST_ROWS: usize = 4;

/// The accesses that a loop reads through panels. All of them share the axis of a block's rows: the innermost of the
/// reduced axes outside the innermost ones, or of the outer ones where nothing is reduced.
#[derive(Debug, Default)]
pub(super) struct Panels {
    pub(super) panels: SmallVec<[Panel; 2]>,
    /// Rows of a block, and extent of the axis that is cut into them.
    pub(super) rows: usize,
    pub(super) extent: usize,
}

/// How one access fills its panel.
#[derive(Debug)]
pub(super) struct Panel {
    pub(super) access: usize,
    pub(super) size: usize,
    swapped: bool,
    /// Bytes between neighbours along a row and along a column in the access's own memory.
    pub(super) along: isize,
    down: isize,
    /// Strides of the access along the outer and the middle axes.
    pub(super) outer: Strides,
    pub(super) middle: Strides,
    /// Where it lies in scratch memory, and bytes from a row to the next.
    pub(super) offset: usize,
    row_bytes: usize,
}

/// An access that may be read through a panel.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    pub(super) access: usize,
    pub(super) size: usize,
    pub(super) swapped: bool,
}

impl Panels {
    /// Chooses the axis whose rows make blocks, lets it be the innermost of its group, and lets each access that is
    /// read through a panel seem to lie in the order of the loop.
    pub(super) fn choose(walk: &mut Walk, candidates: &[Candidate]) -> Panels {
        // which of the reduced axes is the innermost decides about bits
        let (reduced, first) = match walk.mode {
            Mode::Map => (false, 0),
            Mode::Columns { .. } => (true, walk.middle.len().saturating_sub(1)),
            Mode::Rows { .. } => return Panels::default(),
        };
        let [inner] = walk.inner.as_mut_slice() else { return Panels::default() };
        let is_down = |axis: &Axis, Candidate { access, size, .. }: Candidate, inner: &Axis| {
            let (down, along) = (axis.strides[access].unsigned_abs(), inner.strides[access].unsigned_abs());
            axis.extent >= LEAST_ROWS && down > 0 && down < LINE && along >= 2 * down && along >= 4 * size
        };
        let group = if reduced { &mut walk.middle } else { &mut walk.outer };
        let count = |axis: &Axis| candidates.iter().filter(|of| is_down(axis, **of, inner)).count();
        let best = (first..group.len()).max_by_key(|k| count(&group[*k]));
        let Some(axis) = best.filter(|best| count(&group[*best]) > 0).map(|best| group.remove(best)) else {
            return Panels::default();
        };
        let chosen: SmallVec<[Candidate; 2]> =
            candidates.iter().filter(|of| is_down(&axis, **of, inner)).copied().collect();
        let mut panels = Panels { panels: SmallVec::new(), rows: usize::MAX, extent: axis.extent };
        group.push(axis);
        for Candidate { access, size, swapped } in chosen {
            let strides = |axes: &[Axis]| axes.iter().map(|axis| axis.strides[access]).collect::<Strides>();
            let (outer, middle) = (strides(&walk.outer), strides(&walk.middle));
            let down = if reduced { middle.last() } else { outer.last() };
            let Some(down) = down.copied() else { continue };
            let along = std::mem::replace(&mut inner.strides[access], size as isize);
            let whole = panels.extent.saturating_mul(size) <= WHOLE_COLUMN;
            panels.rows = panels.rows.min(if whole { panels.extent } else { COLUMN / size });
            panels.panels.push(Panel {
                access,
                size,
                swapped,
                along,
                down,
                outer,
                middle,
                offset: 0,
                row_bytes: 0,
            });
        }
        panels
    }

    /// Gives each panel its place behind the first `bytes` of scratch memory, for rows of `elements`. Answers the bytes
    /// with them.
    pub(super) fn place(&mut self, bytes: usize, elements: usize) -> usize {
        let rows = self.rows;
        self.panels.iter_mut().fold(bytes, |bytes, panel| {
            // one line more: rows a multiple of a page apart would want the same lines of the cache
            panel.row_bytes = (elements * panel.size).next_multiple_of(LINE) + LINE;
            panel.offset = bytes;
            bytes + rows * panel.row_bytes
        })
    }
}

impl Panel {
    /// Bytes from a row to the next.
    pub(super) fn row_bytes(&self) -> isize {
        self.row_bytes as isize
    }

    /// Fills `rows` rows of `columns` elements, of which the first lies at `from`.
    ///
    /// # Safety
    /// The elements are readable; `to` is writable for as many rows of the panel.
    pub(super) unsafe fn fill(&self, from: *const u8, rows: usize, columns: usize, to: *mut u8) {
        // SAFETY: as the caller vouches.
        unsafe {
            match (self.size, self.swapped) {
                (1, _) => self.turn(from, rows, columns, to, |element: u8| element),
                (2, false) => self.turn(from, rows, columns, to, |element: u16| element),
                (2, true) => self.turn(from, rows, columns, to, u16::swap_bytes),
                (4, false) => self.turn(from, rows, columns, to, |element: u32| element),
                (4, true) => self.turn(from, rows, columns, to, u32::swap_bytes),
                (16, false) => self.turn(from, rows, columns, to, |element: u128| element),
                (16, true) => self.turn(from, rows, columns, to, u128::swap_bytes),
                (_, false) => self.turn(from, rows, columns, to, |element: u64| element),
                (_, true) => self.turn(from, rows, columns, to, u64::swap_bytes),
            }
        }
    }

    /// Asks for the lines of the columns that are turned together from here on.
    #[inline]
    fn prefetch(&self, from: *const u8, rows: usize) {
        let lines = (rows as isize * self.down.abs()) / LINE as isize + 1;
        for k in 0..TURNED as isize {
            for line in 0..lines {
                let down = line * LINE as isize * self.down.signum();
                memory::prefetch(from.wrapping_offset(k * self.along + down));
            }
        }
    }

    /// # Safety
    /// As for [`fill`](Self::fill); elements are as large as `T`.
    #[inline]
    unsafe fn turn<T: Copy>(
        &self,
        from: *const u8,
        rows: usize,
        columns: usize,
        to: *mut u8,
        order: impl Fn(T) -> T,
    ) {
        let (along, down, row_bytes) = (self.along, self.down, self.row_bytes);
        for column in (0..columns).step_by(TURNED) {
            let n = TURNED.min(columns - column);
            self.prefetch(from.wrapping_offset((column + AHEAD) as isize * along), rows);
            for row in 0..rows {
                // SAFETY: row and column are within the block.
                unsafe {
                    let from = from.offset(column as isize * along + row as isize * down);
                    let to = to.add(row * row_bytes + column * size_of::<T>()).cast::<T>();
                    let element =
                        |k: usize| order(from.offset(k as isize * along).cast::<T>().read_unaligned());
                    if n == TURNED {
                        let [a, b, c, d] = [element(0), element(1), element(2), element(3)];
                        let [e, f, g, h] = [element(4), element(5), element(6), element(7)];
                        to.cast::<[T; TURNED]>().write_unaligned([a, b, c, d, e, f, g, h]);
                    } else {
                        for k in 0..n {
                            to.add(k).write_unaligned(element(k));
                        }
                    }
                }
            }
        }
    }
}
