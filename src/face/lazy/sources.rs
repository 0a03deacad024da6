//! Lazy arrays that no memory holds: their elements follow from their places.

use super::{Lazy, What};
use crate::dtype::DType;
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
}

/// Random numbers, by Philox4x64-10: each is a function of the seed and of where it stands, so they are the same
/// whatever the threads, the tiles and the device, and no memory holds them. Arrays of one kind, shape and seed are the
/// same array; those of different kinds have nothing in common. A seed is an integer from 0 to 2^64 - 1, or an input
/// that is one.
impl<'a> Lazy<'a> {
    /// Evenly distributed from 0 up to 1, without 1: NumPy's `Generator(Philox(key=seed)).random(shape)`, bit for bit.
    ///
    /// ```
    /// use numfuse::Lazy;
    /// // pi by darts, in no memory at all
    /// let (x, y) = (Lazy::random([1_000_000], 1), Lazy::random([1_000_000], 2));
    /// let pi: f64 = (4.0 * (x.powi(2) + y.powi(2)).less(1.0).mean()).eval()?;
    /// assert!((pi - std::f64::consts::PI).abs() < 0.005);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn random<E: Into<Lazy<'a>>>(shape: impl IntoIterator<Item = E>, seed: impl Into<Lazy<'a>>) -> Self {
        Lazy::draw(Source::Random(DType::F64), [seed.into()], shape)
    }

    /// The same as f32: NumPy's `Generator(Philox(key=seed)).random(shape, dtype=float32)`.
    pub fn random_f32<E: Into<Lazy<'a>>>(
        shape: impl IntoIterator<Item = E>,
        seed: impl Into<Lazy<'a>>,
    ) -> Self {
        Lazy::draw(Source::Random(DType::F32), [seed.into()], shape)
    }

    /// Normally distributed around 0 with a standard deviation of 1, f64: sqrt(-2 ln u) cos(2 pi v) of two even draws,
    /// of which u is not 0 (Box and Muller). None is infinite, none beyond 8.6.
    ///
    /// ```
    /// use numfuse::Lazy;
    /// let heights = 1.75 + 0.08 * Lazy::normal([100_000], 7);
    /// assert!((heights.std().eval::<f64>()? - 0.08).abs() < 0.001);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn normal<E: Into<Lazy<'a>>>(shape: impl IntoIterator<Item = E>, seed: impl Into<Lazy<'a>>) -> Self {
        Lazy::draw(Source::Normal, [seed.into(), 0.into(), 1.into()], shape)
    }

    /// Integers from `low` up to `high`, without `high`, i64. Each comes up with a probability that is off by less than
    /// 2^-64.
    ///
    /// ```
    /// use ndarray::Array1;
    /// use numfuse::Lazy;
    /// let dice: Array1<i64> = Lazy::randint(1, 7, [100], 3).eval()?;
    /// assert!(dice.iter().all(|eyes| (1..=6).contains(eyes)));
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn randint<E: Into<Lazy<'a>>>(
        low: impl Into<Lazy<'a>>,
        high: impl Into<Lazy<'a>>,
        shape: impl IntoIterator<Item = E>,
        seed: impl Into<Lazy<'a>>,
    ) -> Self {
        Lazy::draw(Source::RandInt, [seed.into(), low.into(), high.into()], shape)
    }

    fn draw<E: Into<Lazy<'a>>>(
        source: Source,
        of: impl IntoIterator<Item = Lazy<'a>>,
        shape: impl IntoIterator<Item = E>,
    ) -> Self {
        Lazy::source(source, of.into_iter().chain(shape.into_iter().map(E::into)))
    }
}
