//! Lazy arrays that no memory holds: their elements follow from their places.

use super::{Lazy, What};
use crate::graph::Source;

/// Arrays that follow from their indices. What their shapes depend on is a number, or an input that is one.
impl<'a> Lazy<'a> {
    fn source(source: Source, args: impl IntoIterator<Item = Lazy<'a>>) -> Self {
        Lazy::of(What::Source(source), args)
    }

    /// 0, 1, 2 … below `stop`.
    ///
    /// ```
    /// use numfuse::Lazy;
    /// // pi by Leibniz's series, in no memory at all
    /// let k = Lazy::arange(1_000_000);
    /// let quarter = (1.0 / (4.0 * &k + 1.0) - 1.0 / (4.0 * &k + 3.0)).sum();
    /// assert!((4.0 * quarter.eval::<f64>()? - std::f64::consts::PI).abs() < 1e-6);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn arange(stop: impl Into<Lazy<'a>>) -> Self {
        Lazy::source(Source::Arange, [stop.into()])
    }

    /// From `start` up to `stop`, without it.
    pub fn arange_from(start: impl Into<Lazy<'a>>, stop: impl Into<Lazy<'a>>) -> Self {
        Lazy::source(Source::Arange, [start.into(), stop.into()])
    }

    /// From `start` up to `stop`, without it, by steps.
    pub fn arange_by(
        start: impl Into<Lazy<'a>>,
        stop: impl Into<Lazy<'a>>,
        step: impl Into<Lazy<'a>>,
    ) -> Self {
        Lazy::source(Source::Arange, [start.into(), stop.into(), step.into()])
    }

    /// So many numbers at equal distances, both ends among them.
    ///
    /// ```
    /// use ndarray::{Array1, array};
    /// let x: Array1<f64> = numfuse::Lazy::linspace(0.0, 1.0, 5).powi(2).eval()?;
    /// assert_eq!(x, array![0.0, 0.0625, 0.25, 0.5625, 1.0]);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn linspace(
        start: impl Into<Lazy<'a>>,
        stop: impl Into<Lazy<'a>>,
        count: impl Into<Lazy<'a>>,
    ) -> Self {
        Lazy::source(Source::Linspace, [start.into(), stop.into(), count.into()])
    }

    /// The unit matrix of n rows, f64.
    pub fn eye(n: impl Into<Lazy<'a>>) -> Self {
        let n = n.into();
        Lazy::eye_of(n.clone(), n, 0)
    }

    /// Ones on the k-th diagonal of a matrix, zeros elsewhere; f64.
    pub fn eye_of(rows: impl Into<Lazy<'a>>, columns: impl Into<Lazy<'a>>, k: impl Into<Lazy<'a>>) -> Self {
        Lazy::source(Source::Eye, [rows.into(), columns.into(), k.into()])
    }

    /// One number as an array of a shape, whose extents are numbers or inputs that are.
    pub fn full<E: Into<Lazy<'a>>>(shape: impl IntoIterator<Item = E>, value: impl Into<Lazy<'a>>) -> Self {
        let value = std::iter::once(value.into());
        Lazy::source(Source::Full, value.chain(shape.into_iter().map(E::into)))
    }

    /// Zeros, f64.
    pub fn zeros<E: Into<Lazy<'a>>>(shape: impl IntoIterator<Item = E>) -> Self {
        Lazy::full(shape, 0.0)
    }

    /// Ones, f64.
    pub fn ones<E: Into<Lazy<'a>>>(shape: impl IntoIterator<Item = E>) -> Self {
        Lazy::full(shape, 1.0)
    }

    /// Where an element stands along an axis, as an array that broadcasts with this one.
    ///
    /// ```
    /// use ndarray::array;
    /// use numfuse::Lazy;
    /// let x = array![2.0, 2.0, 4.0];
    /// let a = Lazy::new(&x);
    /// let centroid: f64 = ((&a * a.index(0)).sum() / a.sum()).eval()?;
    /// assert_eq!(centroid, 1.25);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn index(&self, axis: i32) -> Self {
        Lazy::source(Source::Index(axis), [self.clone()])
    }

    /// The extent of the first axis, as `len` of an array in Python: not the number of all elements.
    ///
    /// ```
    /// use ndarray::Array2;
    /// use numfuse::Lazy;
    /// let rows = Array2::<f32>::zeros((3, 4));
    /// assert_eq!(Lazy::new(&rows).len().eval::<i64>()?, 3);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn len(&self) -> Self {
        Lazy::source(Source::Len, [self.clone()])
    }
}
