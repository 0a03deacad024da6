//! The reductions an expression may name.

/// A reduction over axes. What it folds with, and what it does to the fold's result, is settled when lowered.
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
    /// Whether any element is not zero.
    Any,
    /// Whether no element is zero.
    All,
    /// Mean and sum of squared deviations from it, as the parts of a complex number: what variances are made of. No
    /// text names it.
    Moments,
}

impl Reduction {
    /// Every reduction that an expression may name.
    pub const ALL: [Reduction; 7] = [
        Reduction::Sum,
        Reduction::Prod,
        Reduction::Min,
        Reduction::Max,
        Reduction::Mean,
        Reduction::Any,
        Reduction::All,
    ];

    /// The names in text, NumPy's first; of [`Moments`](Reduction::Moments) the one in listings.
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Reduction::Sum => &["sum"],
            Reduction::Prod => &["prod"],
            Reduction::Min => &["min", "amin"],
            Reduction::Max => &["max", "amax"],
            Reduction::Mean => &["mean"],
            Reduction::Any => &["any"],
            Reduction::All => &["all"],
            Reduction::Moments => &["moments"], // in messages and listings; no text has it
        }
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
            Reduction::Any => "Whether any element is not zero.",
            Reduction::All => "Whether no element is zero.",
            Reduction::Moments => "Mean and sum of squared deviations from it.",
        }
    }
}
