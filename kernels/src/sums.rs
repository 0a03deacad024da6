//! Sums over rows of what a tile and a number make: filters and distances, whose rows come too fast to be stored between
//! the term and the sum.
//!
//! Sums stay in registers over the rows. Each term and each addition is rounded by itself, in the order of the rows: the
//! bits are those of the operations' kernels followed by the fold's.

use crate::token::{NativeToken, Token};

/// What is added up, of `a` and `b`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Term {
    /// a·b.
    Product,
    /// |a - b|.
    Distance,
    /// (a - b)².
    Square,
}

impl Term {
    /// Every one.
    pub const ALL: [Term; 3] = [Term::Product, Term::Distance, Term::Square];
}

/// `(rows, n, sums, begins, a, a_step, b, b_step)`: for `rows` rows, of which there is one at least, adds the term of
/// the row's `n` elements of `a` and of its one `b` to `n` sums, or begins them with the first row's terms. A row of
/// `a` is `a_step` bytes after the one before it, a `b` `b_step` bytes.
///
/// # Safety
/// `n` is a multiple of [`STEP`](crate::STEP). The rows of `a` and every `b` can be read, `n` sums written, and read
/// unless they begin here. Any alignment; nothing overlaps the sums.
pub type SumOfRows = unsafe fn(
    rows: usize,
    n: usize,
    sums: *mut u8,
    begins: bool,
    a: *const u8,
    a_step: isize,
    b: *const u8,
    b_step: isize,
);

/// A term as a type.
pub(crate) trait TermBody: 'static {
    fn term<S: Token>(s: S, a: S::F, b: S::F) -> S::F;
}

pub(crate) struct Product;
pub(crate) struct Distance;
pub(crate) struct Square;

impl TermBody for Product {
    #[inline(always)]
    fn term<S: Token>(_: S, a: S::F, b: S::F) -> S::F {
        a * b
    }
}

impl TermBody for Distance {
    #[inline(always)]
    fn term<S: Token>(s: S, a: S::F, b: S::F) -> S::F {
        s.abs(a - b)
    }
}

impl TermBody for Square {
    #[inline(always)]
    fn term<S: Token>(_: S, a: S::F, b: S::F) -> S::F {
        let distance = a - b;
        distance * distance
    }
}

/// The rows of an operand: where they begin, and bytes from one to the next.
#[derive(Clone, Copy)]
pub(crate) struct Steps {
    pub(crate) start: *const u8,
    pub(crate) step: isize,
}

/// # Safety
/// As for [`SumOfRows`].
#[inline(always)]
pub(crate) unsafe fn sum<S: NativeToken, T: TermBody>(
    rows: usize,
    n: usize,
    sums: *mut u8,
    begins: bool,
    a: Steps,
    b: Steps,
) {
    let mut i = 0;
    // SAFETY: the caller's promises; a step is whole vectors.
    unsafe {
        while i + 4 * S::LANES <= n {
            columns::<S, T, 4>(rows, i, sums, begins, a, b);
            i += 4 * S::LANES;
        }
        while i < n {
            columns::<S, T, 1>(rows, i, sums, begins, a, b);
            i += S::LANES;
        }
    }
}

/// `W` vectors of columns, from the `i`-th on.
///
/// # Safety
/// As for [`sum`].
#[inline(always)]
unsafe fn columns<S: NativeToken, T: TermBody, const W: usize>(
    rows: usize,
    i: usize,
    sums: *mut u8,
    begins: bool,
    a: Steps,
    b: Steps,
) {
    // SAFETY: the caller's promises.
    unsafe {
        let s = S::token();
        let sums = sums.cast::<S::Float>().add(i);
        let (mut at, mut number) = (a.start.cast::<S::Float>().add(i), b.start);
        let factor = s.splat(number.cast::<S::Float>());
        let mut totals = [s.lit(0.0); W];
        let mut k = 0;
        while k < W {
            let term = T::term(s, s.load(at.add(k * S::LANES)), factor);
            totals[k] = if begins { term } else { s.load(sums.add(k * S::LANES)) + term };
            k += 1;
        }
        let mut r = 1;
        while r < rows {
            (at, number) = (at.byte_offset(a.step), number.offset(b.step));
            let factor = s.splat(number.cast::<S::Float>());
            let mut k = 0;
            while k < W {
                totals[k] = totals[k] + T::term(s, s.load(at.add(k * S::LANES)), factor);
                k += 1;
            }
            r += 1;
        }
        let mut k = 0;
        while k < W {
            s.store(sums.add(k * S::LANES), totals[k]);
            k += 1;
        }
    }
}
