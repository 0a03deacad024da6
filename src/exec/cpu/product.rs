//! Products of matrices, by a crate of kernels for them.
//!
//! Threads take rows: an element's sum goes over the same terms in the same order whichever rows it is computed with.

use std::ops::Range;

use smallvec::SmallVec;

use super::super::Stop;
use super::super::bind::order::stride;
use super::gather::Strided;
use super::loops::WORTH_A_THREAD_NS;
use super::memory;
use super::out_of_memory;
use super::runner::Bases;
use super::schedule::{Group, Layout};
use super::threads;
use crate::arena::Id;
use crate::dtype::DType;
use crate::error::Result;
use crate::input::Strides;
use crate::plan::{AccessId, Loop, Plan, Product};

/// Products and sums that a thread does in a nanosecond, about: it only decides whether a second one is woken.
const FLOPS_A_NS: f64 = 20.0;
/// Rows that a kernel takes at a time: threads take multiples of them.
const ROWS: usize = 8;
/// Rows, columns and terms of a block: between two of them a run may end, some 50 ms after it is asked to. The crate
/// goes over columns and terms in blocks of its own, of which these are multiples, so that they cost nothing;
/// fewer rows cost 7 %, for the columns are laid out for each block.
const BLOCK: [usize; 3] = [512, 1024, 2048];

/// A product of matrices, bound to extents and strides.
#[derive(Debug)]
pub(super) struct MatrixProduct {
    dtype: DType,
    /// The axes along which there are many such products.
    batch: Group,
    rows: usize,
    columns: usize,
    terms: usize,
    a: Matrix,
    b: Matrix,
    result: Matrix,
}

/// How a matrix lies in memory, in bytes.
#[derive(Debug)]
struct Matrix {
    access: usize,
    batch: Strides,
    row: isize,
    column: isize,
    swapped: bool,
}

impl MatrixProduct {
    pub(super) fn new(
        plan: &Plan,
        nest: &Loop,
        product: Product,
        extents: &[usize],
        layouts: &[Option<Layout>],
    ) -> MatrixProduct {
        let extent = |axis: usize| extents[nest.dims[axis].index()];
        let rank = nest.dims.len() - 1;
        let (row, column, term) = (rank - 2, rank - 1, rank);
        let matrix = |id: AccessId, row: usize, column: usize| {
            let access = &nest.accesses[id];
            let layout = layouts[access.buffer.index()].as_ref().expect("every buffer is laid out by now");
            let along = |axis: usize| stride(access, layout, axis);
            Matrix {
                access: id.index(),
                batch: (0..rank - 2).map(along).collect(),
                row: along(row),
                column: along(column),
                swapped: layout.swapped,
            }
        };
        let batch: SmallVec<[usize; 4]> = (0..rank - 2).map(extent).collect();
        MatrixProduct {
            dtype: plan.buffers[nest.accesses[product.result].buffer].dtype,
            batch: Group { count: batch.iter().product(), extents: batch, ..Group::default() },
            rows: extent(row),
            columns: extent(column),
            terms: extent(term),
            a: matrix(product.a, row, term),
            b: matrix(product.b, term, column),
            result: matrix(product.result, row, column),
        }
    }

    /// Computes it.
    ///
    /// # Safety
    /// `bases` are where the accesses begin, in memory that holds what they reach; nobody else touches the result.
    pub(super) unsafe fn run(
        &self,
        bases: &Bases<'_>,
        threads: Option<usize>,
        stop: &Stop<'_>,
    ) -> Result<()> {
        let work = 2.0 * self.rows as f64 * self.columns as f64 * self.terms as f64;
        let threads = match work < WORTH_A_THREAD_NS * FLOPS_A_NS {
            true => 1,
            false => threads.unwrap_or_else(rayon::current_num_threads),
        };
        let share = self.rows.div_ceil(threads).next_multiple_of(ROWS);
        for position in 0..self.batch.count {
            let start = |matrix: &Matrix| {
                bases.0[matrix.access].wrapping_offset(self.batch.offset(position, &matrix.batch))
            };
            let (a, b, result) = (start(&self.a), start(&self.b), start(&self.result));
            let a = self.operand(&self.a, a, [self.rows, self.terms])?;
            let b = self.operand(&self.b, b, [self.terms, self.columns])?;
            let (a, b, result) = (&a, &b, Shared(result));
            let result = &result;
            threads::run(threads, self.rows.div_ceil(share), &|claims| {
                while let Some(claimed) = claims.next() {
                    let rows = claimed * share..self.rows.min((claimed + 1) * share);
                    // SAFETY: the operands are readable, the result's rows are this thread's.
                    unsafe { self.rows(a, b, result, rows, stop) };
                }
            });
            stop.result()?;
        }
        Ok(())
    }

    /// Computes some of the rows, block by block, until the run is to end.
    ///
    /// # Safety
    /// As for [`run`](Self::run).
    unsafe fn rows(&self, a: &Operand, b: &Operand, to: &Shared, rows: Range<usize>, stop: &Stop<'_>) {
        let blocks = |all: Range<usize>, size: usize| {
            let end = all.end;
            all.step_by(size).map(move |first| first..end.min(first + size))
        };
        // without terms the result is still written
        let terms =
            || blocks(0..self.terms.max(1), BLOCK[2]).map(|terms| terms.start..terms.end.min(self.terms));
        for columns in blocks(0..self.columns, BLOCK[1]) {
            for rows in blocks(rows.clone(), BLOCK[0]) {
                for terms in terms() {
                    if stop.is_asked() {
                        return;
                    }
                    // SAFETY: as the caller vouches.
                    unsafe { self.multiply(a, b, to, [&rows, &columns, &terms]) };
                }
            }
        }
    }

    /// An operand as kernels read it: where it lies, or a copy of one whose elements are not where or as they must be.
    fn operand(&self, matrix: &Matrix, start: *mut u8, [rows, columns]: [usize; 2]) -> Result<Operand> {
        let size = self.dtype.size() as isize;
        let straight =
            matrix.row % size == 0 && matrix.column % size == 0 && start.addr().is_multiple_of(size as usize);
        if straight && !matrix.swapped {
            return Ok(Operand {
                start,
                row: matrix.row / size,
                column: matrix.column / size,
                _copy: Vec::new(),
            });
        }
        let bytes = rows * columns * size as usize;
        let mut copy =
            memory::fresh::<u64>(bytes.div_ceil(8)).map_err(|why| out_of_memory(bytes).with_source(why))?;
        let axes = SmallVec::from_slice(&[(rows, matrix.row), (columns, matrix.column)]);
        let from = Strided { axes, size: size as usize, swapped: matrix.swapped };
        let to: *mut u8 = copy.as_mut_ptr().cast();
        // SAFETY: the operand's elements are readable, and the copy has room for them.
        unsafe { from.gather(start, 0, rows * columns, to) };
        Ok(Operand { start: to, row: columns as isize, column: 1, _copy: copy })
    }

    /// Adds the products of some terms to the sums of some rows and columns; the first terms begin them.
    ///
    /// # Safety
    /// As for [`run`](Self::run).
    unsafe fn multiply(&self, a: &Operand, b: &Operand, to: &Shared, block: [&Range<usize>; 3]) {
        let size = self.dtype.size() as isize;
        let [first_row, first_column, first_term] = block.map(|range| range.start as isize);
        let [rows, columns, terms] = block.map(|range| range.len());
        let at = |operand: &Operand, i: isize, j: isize| {
            operand.start.wrapping_offset((i * operand.row + j * operand.column) * size)
        };
        let (a_start, b_start) = (at(a, first_row, first_term), at(b, first_term, first_column));
        let to = to.0.wrapping_offset(first_row * self.result.row + first_column * self.result.column);
        let (row, column) = (self.result.row / size, self.result.column / size);
        let kept = if first_term == 0 { 0.0 } else { 1.0 };
        // SAFETY: as the caller vouches; strides count elements, and with a factor of 0 the result is only written.
        unsafe {
            match self.dtype {
                DType::F32 => matrixmultiply::sgemm(
                    rows,
                    terms,
                    columns,
                    1.0,
                    a_start.cast(),
                    a.row,
                    a.column,
                    b_start.cast(),
                    b.row,
                    b.column,
                    kept as f32,
                    to.cast(),
                    row,
                    column,
                ),
                _ => matrixmultiply::dgemm(
                    rows,
                    terms,
                    columns,
                    1.0,
                    a_start.cast(),
                    a.row,
                    a.column,
                    b_start.cast(),
                    b.row,
                    b.column,
                    kept,
                    to.cast(),
                    row,
                    column,
                ),
            }
        }
    }
}

/// A matrix with strides in elements.
struct Operand {
    start: *mut u8,
    row: isize,
    column: isize,
    /// Its memory, where it is a copy.
    _copy: Vec<u64>,
}

// SAFETY: it is only read while threads share it.
unsafe impl Sync for Operand {}

/// Where the result begins.
struct Shared(*mut u8);

// SAFETY: threads write disjoint rows.
unsafe impl Sync for Shared {}
