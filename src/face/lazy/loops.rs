//! Loops of lazy arrays: elementwise ones, and steps on whole arrays.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{Lazy, What};
use crate::graph::RegionKind;

/// A loop's identity: no other's, ever.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct LoopKey(u64);

/// Loops. The closures are called once, to build what a turn does: they are given the variables, and answer what these
/// become. A variable's type is the one in which all that it is given meets, its shape that to which all of it
/// broadcasts. Only inside its closure has a variable a meaning: elsewhere it is an error of `eval`.
impl<'a> Lazy<'a> {
    /// Repeats an elementwise computation `bound` times; answers the variables after it.
    ///
    /// ```
    /// use ndarray::{Array1, array};
    /// use numfuse::Lazy;
    /// let x = array![1.0, 4.0, 9.0];
    /// let x = Lazy::new(&x);
    /// // Newton's method for the square root
    /// let [root] = Lazy::repeat(8, [x.clone()], |[r]| [(&r + &x / &r) / 2.0]);
    /// let roots: Array1<f64> = root.eval()?;
    /// assert_eq!(roots, array![1.0, 2.0, 3.0]);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn repeat<const N: usize>(
        bound: impl Into<Lazy<'a>>,
        init: [Lazy<'a>; N],
        turn: impl FnOnce([Lazy<'a>; N]) -> [Lazy<'a>; N],
    ) -> [Lazy<'a>; N] {
        Lazy::repeat_while(bound, init, |variables| (Lazy::from(true), turn(variables)))
    }

    /// Repeats an elementwise computation, for each element as long as a condition holds for it, at most `bound` times.
    /// The closure answers the condition, which is asked before each turn, and what the variables become.
    ///
    /// ```
    /// use ndarray::{Array2, array};
    /// use numfuse::{Complex, Lazy};
    /// let (x, y) = (array![-2.0, -0.5, 0.5], array![[0.0], [0.5]]);
    /// let c = Lazy::new(&x) + Lazy::from(Complex::new(0.0, 1.0)) * Lazy::new(&y);
    /// let start = [Lazy::from(Complex::new(0.0, 0.0)), Lazy::from(0)];
    /// let [_, turns] = Lazy::repeat_while(50, start, |[z, n]| {
    ///     (z.abs2().less_equal(4.0), [&z * &z + &c, n + 1])
    /// });
    /// let turns: Array2<i64> = turns.eval()?;
    /// assert_eq!(turns, array![[50, 50, 5], [1, 50, 5]]);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn repeat_while<const N: usize>(
        bound: impl Into<Lazy<'a>>,
        init: [Lazy<'a>; N],
        turn: impl FnOnce([Lazy<'a>; N]) -> (Lazy<'a>, [Lazy<'a>; N]),
    ) -> [Lazy<'a>; N] {
        Lazy::looped(RegionKind::Elements, bound.into(), init, turn)
    }

    /// Takes steps on whole arrays, which may look at other elements: at sums, at neighbours. `count` is a number, or
    /// an input that is one.
    ///
    /// ```
    /// use ndarray::{Array1, array};
    /// use numfuse::Lazy;
    /// let x = array![8.0, 0.0, 0.0, 0.0];
    /// // each element takes half of what its neighbour on the left has
    /// let [u] = Lazy::steps(2, [Lazy::new(&x)], |[u]| {
    ///     let left = u.take(Lazy::new(&[3, 0, 1, 2]), 0);
    ///     [(u + left) / 2.0]
    /// });
    /// assert_eq!(u.eval::<Array1<f64>>()?, array![2.0, 4.0, 2.0, 0.0]);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn steps<const N: usize>(
        count: impl Into<Lazy<'a>>,
        init: [Lazy<'a>; N],
        step: impl FnOnce([Lazy<'a>; N]) -> [Lazy<'a>; N],
    ) -> [Lazy<'a>; N] {
        Lazy::looped(RegionKind::Steps, count.into(), init, |variables| (Lazy::from(true), step(variables)))
    }

    fn looped<const N: usize>(
        kind: RegionKind,
        bound: Lazy<'a>,
        init: [Lazy<'a>; N],
        turn: impl FnOnce([Lazy<'a>; N]) -> (Lazy<'a>, [Lazy<'a>; N]),
    ) -> [Lazy<'a>; N] {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let key = LoopKey(NEXT.fetch_add(1, Ordering::Relaxed));
        let variables = std::array::from_fn(|k| Lazy::of(What::Variable(key, k as u32), []));
        let (go_on, next) = turn(variables);
        let args = std::iter::once(bound).chain(init).chain([go_on]).chain(next);
        let whole = Lazy::of(What::Loop(kind, key, N), args);
        std::array::from_fn(|k| Lazy::of(What::Left(k as u32), [whole.clone()]))
    }
}
