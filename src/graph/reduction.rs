//! The reductions an expression may name.

use super::Axes;
use crate::dtype::DType;

/// A reduction over axes. What it folds with, and what it does to the fold's result, is settled by inference and when
/// it is lowered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reduction {
    /// Sum; integers and truth values add up as `i64`.
    Sum,
    /// Product; integers and truth values multiply as `i64`.
    Prod,
    /// Smallest element; NaN if there is one.
    Min,
    /// Largest element; NaN if there is one.
    Max,
    /// Arithmetic mean; of integers and truth values an `f64`.
    Mean,
    /// Variance: the mean of the squared distances from the mean; of integers an `f64`.
    Var,
    /// Standard deviation: the root of the variance.
    Std,
    /// Whether any element is not zero.
    Any,
    /// Whether no element is zero.
    All,
    /// Where the smallest element stands first.
    ArgMin,
    /// Where the largest element stands first.
    ArgMax,
    /// Mean and sum of squared distances from it, as the parts of a complex number: what inference makes of a
    /// variance, and no name of the language.
    Moments,
}

/// A reduction and its options.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Reduce {
    /// Which one.
    pub kind: Reduction,
    /// Over which axes.
    pub axes: Axes,
    /// Whether reduced axes stay, with extent 1.
    pub keep: bool,
    /// What is taken off the count by which a variance is divided.
    pub ddof: i32,
    /// The type to reduce in, where it is not the operand's.
    pub dtype: Option<DType>,
}

impl Reduce {
    /// Of all elements, as they are.
    pub fn of(kind: Reduction) -> Reduce {
        Reduce { kind, axes: Axes::All, keep: false, ddof: 0, dtype: None }
    }
}

impl Reduction {
    /// Every reduction that has a name.
    pub const ALL: [Reduction; 11] = [
        Reduction::Sum,
        Reduction::Prod,
        Reduction::Min,
        Reduction::Max,
        Reduction::Mean,
        Reduction::Var,
        Reduction::Std,
        Reduction::Any,
        Reduction::All,
        Reduction::ArgMin,
        Reduction::ArgMax,
    ];

    /// The names in text, NumPy's first.
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Reduction::Sum => &["sum"],
            Reduction::Prod => &["prod"],
            Reduction::Min => &["min", "amin"],
            Reduction::Max => &["max", "amax"],
            Reduction::Mean => &["mean"],
            Reduction::Var => &["var"],
            Reduction::Std => &["std"],
            Reduction::Any => &["any"],
            Reduction::All => &["all"],
            Reduction::ArgMin => &["argmin"],
            Reduction::ArgMax => &["argmax"],
            Reduction::Moments => &[],
        }
    }

    /// What to call it.
    pub fn name(self) -> &'static str {
        self.names().first().copied().unwrap_or("moments")
    }

    /// Whether its result is a place.
    pub(crate) const fn is_of_places(self) -> bool {
        matches!(self, Reduction::ArgMin | Reduction::ArgMax)
    }

    /// Whether it divides by a count less `ddof`.
    pub const fn has_ddof(self) -> bool {
        matches!(self, Reduction::Var | Reduction::Std)
    }

    /// The reduction of a name.
    pub fn from_name(name: &str) -> Option<Reduction> {
        Reduction::ALL.into_iter().find(|r| r.names().contains(&name))
    }

    /// One line for the list of functions.
    pub const fn doc(self) -> &'static str {
        match self {
            Reduction::Sum => "Sum; integers and bool as i64.",
            Reduction::Prod => "Product; integers and bool as i64.",
            Reduction::Min => "Smallest element; NaN if there is one; of nothing an error.",
            Reduction::Max => "Largest element; NaN if there is one; of nothing an error.",
            Reduction::Mean => "Arithmetic mean; of integers an f64; of nothing NaN.",
            Reduction::Var => {
                "Variance: squared distances from the mean over count - ddof; of integers an f64."
            }
            Reduction::Std => "Standard deviation: the root of the variance.",
            Reduction::Any => "Whether any element is not zero.",
            Reduction::All => "Whether no element is zero.",
            Reduction::ArgMin => "Where the smallest element stands first, or the first NaN.",
            Reduction::ArgMax => "Where the largest element stands first, or the first NaN.",
            Reduction::Moments => "Mean and sum of squared distances from it.",
        }
    }
}

/// What a function over axes takes: a name, and what stands for it where it is not given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) default: Option<&'static str>,
}

impl Param {
    pub(crate) const fn required(name: &'static str) -> Param {
        Param { name, default: None }
    }

    pub(crate) const fn or(name: &'static str, default: &'static str) -> Param {
        Param { name, default: Some(default) }
    }

    /// As a user writes it: `axis=None`.
    pub(crate) fn text(&self) -> String {
        match self.default {
            None => self.name.to_owned(),
            Some(default) => format!("{}={default}", self.name),
        }
    }
}

impl Reduction {
    /// What it takes.
    pub(crate) const fn params(self) -> &'static [Param] {
        const X: Param = Param::required("x");
        const AXIS: Param = Param::or("axis", "None");
        const KEEP: Param = Param::or("keepdims", "False");
        const MASK: Param = Param::or("where", "True");
        const DTYPE: Param = Param::or("dtype", "None");
        const DDOF: Param = Param::or("ddof", "0");
        match self {
            Reduction::Sum | Reduction::Prod | Reduction::Mean => &[X, AXIS, KEEP, MASK, DTYPE],
            Reduction::Var | Reduction::Std => &[X, AXIS, KEEP, MASK, DTYPE, DDOF],
            Reduction::Min | Reduction::Max | Reduction::Any | Reduction::All => &[X, AXIS, KEEP, MASK],
            Reduction::ArgMin | Reduction::ArgMax => &[X, AXIS, KEEP],
            Reduction::Moments => &[X],
        }
    }
}
