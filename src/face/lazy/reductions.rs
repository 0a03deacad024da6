//! Reductions of lazy arrays: short forms, and one with every option.

use super::{Lazy, What};
use crate::dtype::DType;
use crate::error::Result;
use crate::face::value::Output;
use crate::graph::{Axes, Compound, Reduce, Reduction};

/// A reduction of a [`Lazy`] array and its options, all of which may be left out. Made by [`Lazy::reduction`];
/// [`lazy`](Self::lazy) ends it.
///
/// ```
/// use ndarray::{Array1, Array2, array};
/// use numfuse::{Lazy, Reduction};
///
/// let x = array![[1.0, 2.0], [3.0, 6.0], [f64::NAN, 100.0]];
/// let a = Lazy::new(&x);
/// let variances: Array1<f64> = a.reduction(Reduction::Var).axes(0).ddof(1).without_nan().masked(a.less(50.0)).eval()?;
/// assert_eq!(variances, array![2.0, 8.0]);
///
/// // rows of mean 0 and deviation 1
/// let b = a.slice(ndarray::s![..2, ..]);
/// let [mean, deviation] = [Reduction::Mean, Reduction::Std].map(|kind| b.reduction(kind).axes(1).keepdims().lazy());
/// let standard: Array2<f64> = ((&b - mean) / deviation).eval()?;
/// assert_eq!(standard, array![[-1.0, 1.0], [-1.0, 1.0]]);
/// # Ok::<(), numfuse::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a reduction is part of an expression once `lazy` ends it"]
pub struct LazyReduction<'a> {
    of: Lazy<'a>,
    how: Reduce,
    mask: Option<Lazy<'a>>,
    without_nan: bool,
}

impl<'a> LazyReduction<'a> {
    /// Over these axes, negative ones counted from the end: `axes(0)`, `axes(&[0, -1])`; `..` are all, as if nothing
    /// were said.
    pub fn axes(mut self, axes: impl Into<Axes>) -> Self {
        self.how.axes = axes.into();
        self
    }

    /// Reduced axes stay, with extent 1, so that the result broadcasts with what it was made of.
    pub fn keepdims(mut self) -> Self {
        self.how.keep = true;
        self
    }

    /// A variance divides by the count less this; other reductions do not mind it.
    pub fn ddof(mut self, ddof: i32) -> Self {
        self.how.ddof = ddof;
        self
    }

    /// In this type.
    pub fn dtype(mut self, dtype: DType) -> Self {
        self.how.dtype = Some(dtype);
        self
    }

    /// Of the elements where a mask holds, which broadcasts to what it masks: `where=` in text. Of several masks all
    /// have to hold.
    pub fn masked(mut self, mask: impl Into<Lazy<'a>>) -> Self {
        let mask = mask.into();
        self.mask = Some(match self.mask.take() {
            None => mask,
            Some(before) => before & mask,
        });
        self
    }

    /// Of what is not NaN: `nansum`, `nanmin` and their kin in text.
    pub fn without_nan(mut self) -> Self {
        self.without_nan = true;
        self
    }

    /// The reduction as a lazy array.
    pub fn lazy(self) -> Lazy<'a> {
        let what = match self.without_nan {
            true => What::Compound(Compound::WithoutNan(self.how.kind), self.how),
            false => What::Reduce(self.how),
        };
        Lazy::of(what, std::iter::once(self.of).chain(self.mask))
    }

    /// Runs it, as [`Lazy::eval`] does.
    ///
    /// # Errors
    /// As [`Lazy::eval`].
    pub fn eval<R: Output>(self) -> Result<R> {
        self.lazy().eval()
    }
}

impl<'a> From<LazyReduction<'a>> for Lazy<'a> {
    fn from(reduction: LazyReduction<'a>) -> Self {
        reduction.lazy()
    }
}

impl<'a> Lazy<'a> {
    /// A reduction whose options follow: `x.reduction(Reduction::Var).axes(0).ddof(1).lazy()`.
    pub fn reduction(&self, kind: Reduction) -> LazyReduction<'a> {
        LazyReduction { of: self.clone(), how: Reduce::of(kind), mask: None, without_nan: false }
    }

    /// A reduction over some axes, negative ones counted from the end; `None` is all of them. With `keepdims` reduced
    /// axes stay, with extent 1. [`reduction`](Self::reduction) has more options.
    pub fn reduce(&self, kind: Reduction, axes: Option<&[i32]>, keepdims: bool) -> Self {
        let axes = axes.map_or(Axes::All, Axes::from);
        Lazy::of(What::Reduce(Reduce { axes, keep: keepdims, ..Reduce::of(kind) }), [self.clone()])
    }

    fn compound(&self, compound: Compound, axes: Axes) -> Self {
        Lazy::of(What::Compound(compound, Reduce { axes, ..Reduce::of(Reduction::Sum) }), [self.clone()])
    }

    /// (sum of |x|^order)^(1/order) of all elements; infinity: the largest |x|, negative infinity the smallest; 0: how
    /// many are not zero.
    ///
    /// ```
    /// use ndarray::array;
    /// use numfuse::Lazy;
    /// let x = array![3.0, -4.0];
    /// let norms = [1.0, 2.0, f64::INFINITY].map(|order| Lazy::new(&x).norm(order).eval::<f64>());
    /// assert_eq!([7.0, 5.0, 4.0], [norms[0].clone()?, norms[1].clone()?, norms[2].clone()?]);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn norm(&self, order: f64) -> Self {
        self.norm_axis(order, ..)
    }

    /// [`norm`](Self::norm) along one axis, or over several.
    pub fn norm_axis(&self, order: f64, axes: impl Into<Axes>) -> Self {
        self.compound(Compound::Norm(order), axes.into())
    }

    /// From peak to peak: the largest element less the smallest.
    pub fn ptp(&self) -> Self {
        self.ptp_axis(..)
    }

    /// [`ptp`](Self::ptp) along one axis, or over several.
    pub fn ptp_axis(&self, axes: impl Into<Axes>) -> Self {
        self.compound(Compound::PeakToPeak, axes.into())
    }

    /// How many elements are not zero.
    pub fn count_nonzero(&self) -> Self {
        self.count_nonzero_axis(..)
    }

    /// [`count_nonzero`](Self::count_nonzero) along one axis, or over several.
    pub fn count_nonzero_axis(&self, axes: impl Into<Axes>) -> Self {
        self.compound(Compound::CountNonzero, axes.into())
    }

    /// Running sum along an axis, or over all elements in C order for `None`.
    pub fn cumsum(&self, axis: impl Into<Option<i32>>) -> Self {
        Lazy::of(What::Scan(Reduction::Sum, axis.into()), [self.clone()])
    }

    /// Running product along an axis, or over all elements in C order for `None`.
    pub fn cumprod(&self, axis: impl Into<Option<i32>>) -> Self {
        Lazy::of(What::Scan(Reduction::Prod, axis.into()), [self.clone()])
    }
}

macro_rules! lazy_reductions {
    ($($method:ident $axis:ident $kind:ident $doc:literal;)*) => {
        /// Reductions over every axis, and over one.
        impl<'a> Lazy<'a> { $(
            #[doc = $doc]
            pub fn $method(&self) -> Self {
                self.reduction(Reduction::$kind).lazy()
            }
            #[doc = concat!("[`", stringify!($method), "`](Self::", stringify!($method), ") along one axis; a negative one counts from the end.")]
            pub fn $axis(&self, axis: i32) -> Self {
                self.reduction(Reduction::$kind).axes(axis).lazy()
            }
        )* }
    };
}
lazy_reductions! {
    sum sum_axis Sum "Sum of all elements; integers and truth values as `i64`.";
    prod prod_axis Prod "Product of all elements; integers and truth values as `i64`.";
    min min_axis Min "Smallest element; NaN if there is one; of nothing an error.";
    max max_axis Max "Largest element; NaN if there is one; of nothing an error.";
    mean mean_axis Mean "Arithmetic mean; of integers an `f64`; of nothing NaN.";
    var var_axis Var "Variance: the mean of the squared distances from the mean; of integers an `f64`.";
    std std_axis Std "Standard deviation: the root of the variance.";
    any any_axis Any "Whether any element is not zero.";
    all all_axis All "Whether no element is zero.";
    argmin argmin_axis ArgMin "Where the smallest element stands first, or the first NaN, in C order.";
    argmax argmax_axis ArgMax "Where the largest element stands first, or the first NaN, in C order.";
}

macro_rules! without_nan {
    ($($method:ident $axis:ident $kind:ident $doc:literal;)*) => {
        /// Reductions of what is not NaN.
        impl<'a> Lazy<'a> { $(
            #[doc = $doc]
            pub fn $method(&self) -> Self {
                self.reduction(Reduction::$kind).without_nan().lazy()
            }
            #[doc = concat!("[`", stringify!($method), "`](Self::", stringify!($method), ") along one axis; a negative one counts from the end.")]
            pub fn $axis(&self, axis: i32) -> Self {
                self.reduction(Reduction::$kind).without_nan().axes(axis).lazy()
            }
        )* }
    };
}
without_nan! {
    nansum nansum_axis Sum "Sum of what is not NaN.";
    nanprod nanprod_axis Prod "Product of what is not NaN.";
    nanmin nanmin_axis Min "Smallest element that is not NaN; NaN if all are.";
    nanmax nanmax_axis Max "Largest element that is not NaN; NaN if all are.";
    nanmean nanmean_axis Mean "Mean of what is not NaN.";
    nanvar nanvar_axis Var "Variance of what is not NaN.";
    nanstd nanstd_axis Std "Standard deviation of what is not NaN.";
}
