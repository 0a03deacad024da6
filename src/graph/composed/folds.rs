//! Reductions that are other operations put together, for text and lazy arrays alike.

use numfuse_kernels::Op;

use crate::dtype::{DType, Literal};
use crate::graph::{Builder, NodeId, Reduce, Reduction};

/// A reduction without a fold of its own.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Compound {
    /// A reduction of what is not NaN: `nansum`, `nanmin` and their kin.
    WithoutNan(Reduction),
    /// How many elements are not zero.
    CountNonzero,
    /// The largest element less the smallest.
    PeakToPeak,
    /// (sum of |x|^order)^(1/order).
    Norm(f64),
}

/// What is reduced: of what, over which axes, what of it counts.
struct Over<'a> {
    x: NodeId,
    how: &'a Reduce,
    mask: Option<NodeId>,
}

impl Over<'_> {
    /// A reduction of something in the place of x.
    fn fold(&self, b: &mut Builder, kind: Reduction, of: NodeId) -> NodeId {
        b.reduce(Reduce { kind, ..self.how.clone() }, of, self.mask)
    }
}

impl Compound {
    /// The reduction of `x` over the axes and with the options of `how`, whose own kind does not count.
    pub(crate) fn build(self, b: &mut Builder, x: NodeId, how: &Reduce, mask: Option<NodeId>) -> NodeId {
        let over = Over { x, how, mask };
        match self {
            Compound::WithoutNan(Reduction::Min) => extreme(b, &over, Reduction::Min, f64::INFINITY),
            Compound::WithoutNan(Reduction::Max) => extreme(b, &over, Reduction::Max, f64::NEG_INFINITY),
            Compound::WithoutNan(kind) => {
                let nan = b.apply(Op::IsNan, &[x]);
                let mut counts = b.apply(Op::Not, &[nan]);
                if let Some(mask) = mask {
                    counts = b.apply(Op::And, &[mask, counts]);
                }
                b.reduce(Reduce { kind, ..how.clone() }, x, Some(counts))
            }
            Compound::CountNonzero => {
                let truth = b.cast(DType::Bool, x);
                over.fold(b, Reduction::Sum, truth)
            }
            Compound::PeakToPeak => {
                let high = over.fold(b, Reduction::Max, x);
                let low = over.fold(b, Reduction::Min, x);
                b.apply(Op::Sub, &[high, low])
            }
            Compound::Norm(order) => norm(b, &over, order),
        }
    }
}

/// The least or greatest number among NaNs: they are replaced by what loses, and it by NaN if all of them are.
fn extreme(b: &mut Builder, over: &Over<'_>, kind: Reduction, loses: f64) -> NodeId {
    let (loses, nan) = (b.literal(Literal::Float(loses)), b.literal(Literal::Float(f64::NAN)));
    let is_nan = b.apply(Op::IsNan, &[over.x]);
    let number = b.apply(Op::Where, &[is_nan, loses, over.x]);
    let extreme = over.fold(b, kind, number);
    let none = over.fold(b, Reduction::All, is_nan);
    b.apply(Op::Where, &[none, nan, extreme])
}

fn norm(b: &mut Builder, over: &Over<'_>, order: f64) -> NodeId {
    if order == 0.0 {
        let truth = b.cast(DType::Bool, over.x);
        let count = over.fold(b, Reduction::Sum, truth);
        let one = b.literal(Literal::Float(1.0));
        return b.apply(Op::Mul, &[count, one]);
    }
    if order == 2.0 {
        let square = b.apply(Op::Abs2, &[over.x]);
        let sum = over.fold(b, Reduction::Sum, square);
        return b.apply(Op::Sqrt, &[sum]);
    }
    let size = b.apply(Op::Abs, &[over.x]);
    if order == 1.0 {
        return over.fold(b, Reduction::Sum, size);
    }
    if order.is_infinite() {
        return over.fold(b, if order > 0.0 { Reduction::Max } else { Reduction::Min }, size);
    }
    let (order, inverse) = (b.literal(Literal::Float(order)), b.literal(Literal::Float(1.0 / order)));
    let power = b.apply(Op::Pow, &[size, order]);
    let sum = over.fold(b, Reduction::Sum, power);
    b.apply(Op::Pow, &[sum, inverse])
}
