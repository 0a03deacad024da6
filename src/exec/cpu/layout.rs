//! Laying out: an array that a loop reads again and again across its rows is copied once, in the order of the loop.

use numfuse_kernels::STEP;
use smallvec::SmallVec;

use super::super::bind::order::{Axis, Walk};
use super::gather::{self, Strided};
use super::memory::LINE;
use super::threads;
use crate::arena::Id;
use crate::plan::AccessId;

/// As often at least must an element be read again.
const WORTH_LAYING_OUT: usize = 4;
/// A loop over fewer elements takes less time than memory for a copy does.
const SMALL: usize = 8192;
/// Columns and rows that are copied in one go: the lines that the columns lie on stay in the first-level cache while
/// the rows go through their elements.
const COLUMNS: usize = 64;
const ROWS: usize = 512;

/// A copy of an access's elements, row by row.
#[derive(Debug)]
pub(super) struct LaidOut {
    pub(super) access: usize,
    /// Extent and byte stride of the axes outside the innermost ones along which the access moves.
    axes: SmallVec<[(usize, isize); 4]>,
    rows: usize,
    /// How many elements a row has, and how they lie in the access's own memory.
    columns: usize,
    elements: Strided,
    /// Bytes from a row of the copy to the next.
    row_bytes: usize,
}

impl LaidOut {
    /// The copy, if it pays; the walk's strides are then the copy's.
    pub(super) fn where_it_pays(walk: &mut Walk, id: AccessId, elements: Strided) -> Option<LaidOut> {
        let access = id.index();
        let outside = || walk.outer.iter().chain(&walk.middle);
        let product = |axes: &mut dyn Iterator<Item = &Axis>| {
            axes.map(|axis| axis.extent).try_fold(1usize, |product, extent| product.checked_mul(extent))
        };
        let read_again = product(&mut outside().filter(|axis| axis.strides[access] == 0))?;
        let rows = product(&mut outside().filter(|axis| axis.strides[access] != 0))?;
        let columns = product(&mut walk.inner.iter())?;
        let everything = rows.checked_mul(columns)?.checked_mul(read_again)?;
        let moves = walk.inner.iter().all(|axis| axis.strides[access] != 0);
        if !moves || read_again < WORTH_LAYING_OUT || everything < SMALL {
            return None;
        }
        let row_bytes = columns.next_multiple_of(STEP).checked_mul(elements.size)?.next_multiple_of(LINE);
        rows.checked_mul(row_bytes).filter(|bytes| *bytes <= isize::MAX as usize)?;
        let axes = outside()
            .map(|axis| (axis.extent, axis.strides[access]))
            .filter(|(_, stride)| *stride != 0)
            .collect();
        let mut step = elements.size;
        for axis in walk.inner.iter_mut().rev() {
            axis.strides[access] = step as isize;
            step *= axis.extent;
        }
        let mut step = row_bytes;
        for axis in walk.outer.iter_mut().chain(&mut walk.middle).rev() {
            if axis.strides[access] != 0 {
                axis.strides[access] = step as isize;
                step *= axis.extent;
            }
        }
        Some(LaidOut { access, axes, rows, columns, elements, row_bytes })
    }

    /// Bytes of the copy.
    pub(super) fn bytes(&self) -> usize {
        self.rows * self.row_bytes
    }

    /// Copies what begins at `from` to `to`.
    ///
    /// # Safety
    /// Every element is readable at its place relative to `from`; `to` is writable for [`bytes`](Self::bytes), and
    /// nobody else's.
    pub(super) unsafe fn copy(&self, from: *const u8, to: *mut u8, threads: usize) {
        let memory = (Shared(from.cast_mut()), Shared(to));
        let across = self.columns.div_ceil(COLUMNS);
        let chunks = across * self.rows.div_ceil(ROWS);
        threads::run(threads, chunks, &|claims| {
            let (Shared(from), Shared(to)) = &memory;
            while let Some(chunk) = claims.next() {
                let (first, column) = (chunk / across * ROWS, chunk % across * COLUMNS);
                for row in first..self.rows.min(first + ROWS) {
                    // SAFETY: the row's elements are readable, as the caller vouches; each chunk is claimed once.
                    unsafe {
                        self.copy_part(from.offset(self.offset(row)), to.add(row * self.row_bytes), column)
                    };
                }
            }
        });
    }

    /// Copies up to [`COLUMNS`] elements of a row. Its last one is repeated up to a whole step, which kernels read.
    unsafe fn copy_part(&self, from: *const u8, to: *mut u8, column: usize) {
        let (size, n) = (self.elements.size, COLUMNS.min(self.columns - column));
        // SAFETY: as the caller vouches; a row of the copy is a multiple of a step.
        unsafe {
            let to = to.add(column * size);
            self.elements.gather(from, column, n, to);
            let end = n.next_multiple_of(STEP);
            if n < end {
                gather::fill(to.add((n - 1) * size), size, to.add(n * size), end - n);
            }
        }
    }

    fn offset(&self, row: usize) -> isize {
        let (mut index, mut offset) = (row, 0);
        for (extent, stride) in self.axes.iter().rev() {
            offset += (index % extent) as isize * stride;
            index /= extent;
        }
        offset
    }
}

/// An address that threads share; what they write there is disjoint.
struct Shared(*mut u8);

// SAFETY: an address; who follows it answers for that.
unsafe impl Sync for Shared {}
