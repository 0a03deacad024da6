//! Contractions of lazy arrays: sums of products over shared axes.

use super::{Lazy, What};
use crate::error::Result;
use crate::graph::{Contraction, Einsum};

/// Sums of products over shared axes.
impl<'a> Lazy<'a> {
    fn contract(&self, how: Contraction, other: Lazy<'a>) -> Self {
        Lazy::of(What::Contract(how), [self.clone(), other])
    }

    /// The product of matrices, `a @ b` in text; axes before the last two broadcast.
    ///
    /// ```
    /// use ndarray::{Array2, array};
    /// use numfuse::Lazy;
    /// let (x, y) = (array![[1.0, 2.0], [3.0, 4.0]], array![[0.0, 1.0], [1.0, 0.0]]);
    /// let product: Array2<f64> = Lazy::new(&x).matmul(&y).eval()?;
    /// assert_eq!(product, array![[2.0, 1.0], [4.0, 3.0]]);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn matmul(&self, other: impl Into<Lazy<'a>>) -> Self {
        self.contract(Contraction::MatMul, other.into())
    }

    /// The sum of products over this one's last axis and the other's last but one, or its only one.
    ///
    /// ```
    /// use ndarray::array;
    /// use numfuse::Lazy;
    /// let (x, y) = (array![1.0, 2.0], array![3.0, 4.0]);
    /// assert_eq!(Lazy::new(&x).dot(&y).eval::<f64>()?, 11.0);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn dot(&self, other: impl Into<Lazy<'a>>) -> Self {
        self.contract(Contraction::Dot, other.into())
    }

    /// The sum of products over the last axes of both.
    pub fn inner(&self, other: impl Into<Lazy<'a>>) -> Self {
        self.contract(Contraction::Inner, other.into())
    }

    /// Every product of an element of this one with one of the other.
    pub fn outer(&self, other: impl Into<Lazy<'a>>) -> Self {
        self.contract(Contraction::Outer, other.into())
    }

    /// The sum of products over so many of this one's last axes and the other's first.
    pub fn tensordot(&self, other: impl Into<Lazy<'a>>, axes: u32) -> Self {
        self.contract(Contraction::TensordotLast(axes), other.into())
    }

    /// The sum of products over these axes of this one and those of the other.
    pub fn tensordot_along(&self, other: impl Into<Lazy<'a>>, own: &[i32], others: &[i32]) -> Self {
        self.contract(Contraction::Tensordot(own.to_vec(), others.to_vec()), other.into())
    }

    /// The sum of a diagonal of the first two axes.
    pub fn trace(&self) -> Self {
        self.diagonal(0).sum_axis(-1)
    }

    /// Sums of products by letters for axes: `ij,jk->ik` is the product of matrices. Without an arrow the result has
    /// the letters that stand once, in their order; `...` stands for all other axes.
    ///
    /// Notation is text, and what is wrong with it is an error at once; that shapes do not go with it is one of `eval`.
    ///
    /// ```
    /// use ndarray::{Array1, array};
    /// use numfuse::Lazy;
    /// let (x, y) = (array![[1.0, 2.0], [3.0, 4.0]], array![[5.0, 6.0], [7.0, 8.0]]);
    /// let row_products: Array1<f64> = Lazy::einsum("ij,ij->i", [&x, &y])?.eval()?;
    /// assert_eq!(row_products, array![17.0, 53.0]);
    /// assert!(Lazy::einsum("ij,jk->il", [&x, &y]).is_err());
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    ///
    /// # Errors
    /// Characters that name no axis, an axis of the result that no operand has, another number of operands.
    pub fn einsum<L: Into<Lazy<'a>>>(
        notation: &str,
        operands: impl IntoIterator<Item = L>,
    ) -> Result<Lazy<'a>> {
        let operands: Vec<Lazy<'a>> = operands.into_iter().map(L::into).collect();
        let einsum = Einsum::of(notation, operands.len())?;
        Ok(Lazy::of(What::Contract(Contraction::Einsum(einsum.into())), operands))
    }
}
