//! Views of lazy arrays, and elements picked from them: nothing is copied before the expression runs.

use ndarray::SliceInfoElem;

use super::{Lazy, What};
use crate::graph::{Axes, Border, Item, View};

/// The same elements, looked at another way.
impl<'a> Lazy<'a> {
    fn view(&self, view: View) -> Self {
        Lazy::of(What::View(view), [self.clone()])
    }

    /// A part of the array, by `ndarray`'s [`s!`](ndarray::s): ranges, their steps, indices and new axes mean what they
    /// mean there, a negative step a range read from its end. Axes at the end that no item speaks of are taken whole;
    /// a range beyond the array is an error of `eval`. What is left out is not computed, and does not fail.
    ///
    /// ```
    /// use ndarray::{Array2, array, s};
    /// use numfuse::Lazy;
    ///
    /// let image = array![[0.0, 0.0, 0.0, 0.0], [0.0, 4.0, 8.0, 0.0], [0.0, 0.0, 0.0, 0.0]];
    /// let p = Lazy::new(&image);
    /// let cross = p.slice(s![..-2, 1..-1]) + p.slice(s![2.., 1..-1]) + p.slice(s![1..-1, ..-2]) + p.slice(s![1..-1, 2..]);
    /// let edges: Array2<f64> = (p.slice(s![1..-1, 1..-1]) - cross / 4.0).eval()?;
    /// assert_eq!(edges, array![[2.0, 7.0]]);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn slice(&self, items: impl AsRef<[SliceInfoElem]>) -> Self {
        let item = |item: &SliceInfoElem| match *item {
            // all of an axis, whatever it is: such a plan serves every extent
            SliceInfoElem::Slice { start: 0, end: None, step: 1 } => {
                Item::Slice { start: None, stop: None, step: None }
            }
            SliceInfoElem::Slice { start, end, step } => {
                Item::Range { start: start as i64, end: end.map(|end| end as i64), step: step as i64 }
            }
            SliceInfoElem::Index(index) => Item::At(index as i64),
            SliceInfoElem::NewAxis => Item::New,
        };
        self.view(View::Index(items.as_ref().iter().map(item).collect()))
    }

    /// The axes in reverse order.
    ///
    /// ```
    /// use ndarray::{Array2, array};
    /// use numfuse::Lazy;
    /// let x = array![[1.0, 2.0], [3.0, 4.0]];
    /// let a = Lazy::new(&x);
    /// let symmetric: Array2<f64> = ((&a + a.t()) / 2.0).eval()?;
    /// assert_eq!(symmetric, array![[1.0, 2.5], [2.5, 4.0]]);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn t(&self) -> Self {
        self.view(View::Transpose(None))
    }

    /// The axes in this order; negative ones count from the end.
    pub fn permuted_axes(&self, order: &[i32]) -> Self {
        self.view(View::Transpose(Some(order.to_vec())))
    }

    /// Two axes in each other's place.
    pub fn swap_axes(&self, a: i32, b: i32) -> Self {
        self.view(View::Swap(a, b))
    }

    /// One axis in another place, the others in their order.
    pub fn move_axis(&self, from: i32, to: i32) -> Self {
        self.view(View::Move(from, to))
    }

    /// A new axis of extent 1, where the result has it.
    ///
    /// ```
    /// use ndarray::{Array2, array};
    /// use numfuse::Lazy;
    /// // distances of every point of p from every point of q
    /// let (p, q) = (array![[0.0, 0.0], [3.0, 4.0]], array![[0.0, 0.0], [3.0, 0.0]]);
    /// let apart = Lazy::new(&p).insert_axis(1) - Lazy::new(&q).insert_axis(0);
    /// let distances: Array2<f64> = apart.powi(2).sum_axis(-1).sqrt().eval()?;
    /// assert_eq!(distances, array![[0.0, 3.0], [5.0, 4.0]]);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn insert_axis(&self, axis: i32) -> Self {
        self.view(View::Expand(vec![axis]))
    }

    /// Without these axes of extent 1; `..` are all of that extent.
    pub fn squeeze(&self, axes: impl Into<Axes>) -> Self {
        self.view(View::Squeeze(axes.into()))
    }

    /// The same elements in C order in another shape; one extent may be -1. Copied only where no strides do.
    pub fn reshape(&self, shape: &[i64]) -> Self {
        self.view(View::Reshape(shape.to_vec()))
    }

    /// All elements in C order, along one axis.
    pub fn ravel(&self) -> Self {
        self.reshape(&[-1])
    }

    /// The array repeated along new axes and axes of extent 1.
    pub fn broadcast_to(&self, shape: &[usize]) -> Self {
        self.view(View::Broadcast(shape.to_vec()))
    }

    /// The elements backwards along an axis, along several, or along all of them: `flip(0)`, `flip(&[0, 1])`, `flip(..)`.
    pub fn flip(&self, axes: impl Into<Axes>) -> Self {
        self.view(View::Flip(axes.into()))
    }

    /// Every window of a shape with as many axes as the array; the windows' axes come last.
    ///
    /// ```
    /// use ndarray::{Array2, array};
    /// use numfuse::Lazy;
    /// let image = array![[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 1.0, 2.0, 3.0]];
    /// let means: Array2<f64> = Lazy::new(&image).windows(&[3, 3]).reduction(numfuse::Reduction::Mean).axes(&[-2, -1]).eval()?;
    /// assert_eq!(means, array![[4.0, 4.0]]);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn windows(&self, shape: &[usize]) -> Self {
        self.windows_along(shape, ..)
    }

    /// Every window of a shape along these axes, one extent for each; the windows' axes come last.
    pub fn windows_along(&self, shape: &[usize], axes: impl Into<Axes>) -> Self {
        self.view(View::Windows(shape.to_vec(), axes.into()))
    }

    /// A window of a shape around every element, reaching into the border; the windows' axes come last. The middle of
    /// an even extent is the later of two, as in `scipy.ndimage.correlate`.
    ///
    /// ```
    /// use ndarray::{Array1, array};
    /// use numfuse::{Border, Lazy};
    /// let x = array![1.0, 5.0, 6.0, 9.0];
    /// let smooth: Array1<f64> = Lazy::new(&x).windows_with(&[3], Border::Reflect).sum_axis(-1).eval()?;
    /// assert_eq!(smooth, array![7.0, 12.0, 20.0, 24.0]);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn windows_with(&self, shape: &[usize], border: Border) -> Self {
        self.windows_along_with(shape, .., border)
    }

    /// A window around every element along these axes, one extent for each, reaching into the border.
    pub fn windows_along_with(&self, shape: &[usize], axes: impl Into<Axes>, border: Border) -> Self {
        self.view(View::WindowsAround(shape.to_vec(), axes.into(), border))
    }

    /// The elements so many places further along each axis; one number counts for every axis. Element `i` of the result
    /// is element `i - by` of this array, or of the border around it.
    ///
    /// ```
    /// use ndarray::{Array1, array};
    /// use numfuse::{Border, Lazy};
    /// let x = array![1.0, 4.0, 9.0, 16.0];
    /// let a = Lazy::new(&x);
    /// let rise: Array1<f64> = (&a - a.shift(&[1], Border::Constant(0.0))).eval()?;
    /// assert_eq!(rise, array![1.0, 3.0, 5.0, 7.0]);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn shift(&self, by: &[i64], border: Border) -> Self {
        let around = by.iter().copied().map(Border::around);
        self.view(View::Extend(around.collect(), Axes::All, border))
    }

    /// With so many elements of the border before and after the array along each axis, a pair for each; one pair counts
    /// for every axis, and negative numbers leave elements out.
    ///
    /// ```
    /// use ndarray::{Array1, array};
    /// use numfuse::{Border, Lazy};
    /// let x = array![1, 2, 3];
    /// let padded: Array1<i32> = Lazy::new(&x).pad(&[[1, 2]], Border::Nearest).eval()?;
    /// assert_eq!(padded, array![1, 1, 2, 3, 3, 3]);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn pad(&self, widths: &[[i64; 2]], border: Border) -> Self {
        self.view(View::Extend(widths.to_vec(), Axes::All, border))
    }

    /// The diagonal so far above the main one of the first two axes, as the last axis.
    pub fn diagonal(&self, offset: i64) -> Self {
        self.diagonal_of(offset, [0, 1])
    }

    /// The diagonal so far above the main one of two axes, as the last axis.
    pub fn diagonal_of(&self, offset: i64, axes: [i32; 2]) -> Self {
        self.view(View::Diagonal { offset, axes })
    }
}

/// Elements picked by a mask or by their places.
impl<'a> Lazy<'a> {
    /// The elements where a mask holds, for a reduction to take in; `x[mask]` in text. The mask has the extents of the
    /// first axes of what it selects from.
    ///
    /// ```
    /// use ndarray::array;
    /// use numfuse::Lazy;
    /// let x = array![3.0, -1.0, 5.0];
    /// let a = Lazy::new(&x);
    /// let positive = a.compress(a.greater(0.0));
    /// assert_eq!((positive.mean().eval::<f64>()?, positive.max().eval::<f64>()?), (4.0, 5.0));
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn compress(&self, mask: impl Into<Lazy<'a>>) -> Self {
        Lazy::of(What::Select, [self.clone(), mask.into()])
    }

    /// Elements by their places along an axis, or in C order for `None`; negative ones count from the end. A place out
    /// of range is an error.
    ///
    /// ```
    /// use ndarray::{Array1, array};
    /// use numfuse::Lazy;
    /// let (table, code) = (array![0.5, 1.0, 2.0], array![2, 0, 0, -1]);
    /// let values: Array1<f64> = Lazy::new(&table).take(&code, 0).eval()?;
    /// assert_eq!(values, array![2.0, 0.5, 0.5, 2.0]);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn take(&self, places: impl Into<Lazy<'a>>, axis: impl Into<Option<i32>>) -> Self {
        Lazy::of(What::Take(axis.into()), [self.clone(), places.into()])
    }
}
