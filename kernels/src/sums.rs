//! Sums over rows of what a tile and a number make: filters and distances, whose rows come too fast to be stored between
//! the term and the sum. And of the tile alone.
//!
//! Sums stay in registers over the rows. Each term and each addition is rounded by itself, in the order of the rows: the
//! bits are those of the operations' kernels followed by the fold's.

use crate::token::{NativeToken, Token};

/// What is added up, of `a` and `b`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Term {
    /// a, whatever b is.
    Element,
    /// |a|, whatever b is.
    Magnitude,
    /// a·b.
    Product,
    /// |a - b|.
    Distance,
    /// (a - b)².
    Square,
}

impl Term {
    /// Every one.
    pub const ALL: [Term; 5] = [Term::Element, Term::Magnitude, Term::Product, Term::Distance, Term::Square];
}

/// `(n, sums, begins, a, b, rows)`: for each of `rows`, of which there is one at least, adds the term of `n` elements at
/// `a` and of one at `b` to `n` sums, or begins them with the first row's terms. A row says how many bytes after `a` and
/// after `b` its elements are.
///
/// # Safety
/// `n` is a multiple of [`STEP`](crate::STEP). The rows' elements can be read, `n` sums written, and read unless they
/// begin here. Any alignment; nothing overlaps the sums.
pub type SumOfRows =
    unsafe fn(n: usize, sums: *mut u8, begins: bool, a: *const u8, b: *const u8, rows: &[[isize; 2]]);

/// A term as a type.
pub(crate) trait TermBody: 'static {
    fn term<S: Token>(s: S, a: S::F, b: S::F) -> S::F;
}

pub(crate) struct Element;
pub(crate) struct Magnitude;
pub(crate) struct Product;
pub(crate) struct Distance;
pub(crate) struct Square;

impl TermBody for Element {
    #[inline(always)]
    fn term<S: Token>(_: S, a: S::F, _: S::F) -> S::F {
        a
    }
}

impl TermBody for Magnitude {
    #[inline(always)]
    fn term<S: Token>(s: S, a: S::F, _: S::F) -> S::F {
        s.abs(a)
    }
}

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

/// # Safety
/// As for [`SumOfRows`].
#[inline(always)]
pub(crate) unsafe fn sum<S: NativeToken, T: TermBody>(
    n: usize,
    sums: *mut u8,
    begins: bool,
    a: *const u8,
    b: *const u8,
    rows: &[[isize; 2]],
) {
    let mut i = 0;
    // SAFETY: the caller's promises; a step is whole vectors.
    unsafe {
        while i + 4 * S::LANES <= n {
            columns::<S, T, 4>(i, sums, begins, a, b, rows);
            i += 4 * S::LANES;
        }
        while i < n {
            columns::<S, T, 1>(i, sums, begins, a, b, rows);
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
    i: usize,
    sums: *mut u8,
    begins: bool,
    a: *const u8,
    b: *const u8,
    rows: &[[isize; 2]],
) {
    // SAFETY: the caller's promises.
    unsafe {
        let s = S::token();
        let sums = sums.cast::<S::Float>().add(i);
        let a = a.cast::<S::Float>().add(i);
        let [[to_a, to_b], rest @ ..] = rows else { return };
        let (at, factor) = (a.byte_offset(*to_a), s.splat(b.offset(*to_b).cast::<S::Float>()));
        let mut totals = [s.lit(0.0); W];
        let mut k = 0;
        while k < W {
            let term = T::term(s, s.load(at.add(k * S::LANES)), factor);
            totals[k] = if begins { term } else { s.load(sums.add(k * S::LANES)) + term };
            k += 1;
        }
        for [to_a, to_b] in rest {
            let (at, factor) = (a.byte_offset(*to_a), s.splat(b.offset(*to_b).cast::<S::Float>()));
            let mut k = 0;
            while k < W {
                totals[k] = totals[k] + T::term(s, s.load(at.add(k * S::LANES)), factor);
                k += 1;
            }
        }
        let mut k = 0;
        while k < W {
            s.store(sums.add(k * S::LANES), totals[k]);
            k += 1;
        }
    }
}
