//! Views and sources as they are written: what they mean for a shape is settled by inference.

use std::ops::RangeFull;

use super::border::Border;
use crate::dtype::DType;

/// Another way to look at an array's elements: nothing is computed, nothing is copied.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum View {
    /// `x[1:-1, ::2, None]`: one item an axis, `None` aside; missing ones take all.
    Index(Vec<Item>),
    /// `x.T`, `transpose(x, axes)`: the axes in another order; reversed where none is given.
    Transpose(Option<Vec<i32>>),
    /// `swapaxes(x, a, b)`.
    Swap(i32, i32),
    /// `moveaxis(x, from, to)`.
    Move(i32, i32),
    /// `reshape(x, shape)`: the same elements in C order; one extent may be -1.
    Reshape(Vec<i64>),
    /// `broadcast_to(x, shape)`.
    Broadcast(Vec<usize>),
    /// `flip(x, axis)`: these axes backwards.
    Flip(Axes),
    /// `shift(x, by, border)`, `pad(x, widths, border)`: so many elements more before and after the array along each of
    /// these axes, one pair for each; negative ones are left out.
    Extend(Vec<[i64; 2]>, Axes, Border),
    /// `roll(x, by, axis)`: so many places further along each of these axes, and around; of all elements in C order where
    /// no axis is named.
    Roll(Vec<i64>, Axes),
    /// `windows(x, shape, axis, border)`: a window around every element.
    WindowsAround(Vec<usize>, Axes, Border),
    /// `windows(x, shape, axis)`, NumPy's `sliding_window_view`: axes are added at the end, within the windows.
    Windows(Vec<usize>, Axes),
    /// `diagonal(x, offset, axis1, axis2)`: two axes become the last one.
    Diagonal {
        /// How far above the main diagonal.
        offset: i64,
        /// The two axes.
        axes: [i32; 2],
    },
    /// `expand_dims(x, axis)`: new axes of extent 1, where the result has them.
    Expand(Vec<i32>),
    /// `squeeze(x, axis)`: without these axes of extent 1, or without all of them.
    Squeeze(Axes),
}

/// What an index says of an axis.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Item {
    /// `i`: this element; the axis goes away. Negative ones count from the end.
    At(i64),
    /// `start:stop:step`, Python's slices.
    Slice {
        /// From here.
        start: Option<i64>,
        /// Up to here.
        stop: Option<i64>,
        /// By this much.
        step: Option<i64>,
    },
    /// `ndarray`'s slices: the range first, then its elements by steps, from its end if those are negative.
    Range {
        /// From here.
        start: i64,
        /// Up to here.
        end: Option<i64>,
        /// By this much.
        step: i64,
    },
    /// `None`: a new axis of extent 1.
    New,
    /// `...`: all axes that no other item speaks of.
    Rest,
}

/// Axes of a reduction or a view: negative ones count from the end. One is written `0`, several `&[0, -1]`, all `..`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Axes {
    /// Every axis.
    All,
    /// These.
    Some(Vec<i32>),
}

/// An array that no memory holds: its elements follow from their places. Its arguments are numbers known when the
/// program meets its inputs' types: literals, or whole inputs that are numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Source {
    /// `arange(start, stop, step)`.
    Arange,
    /// `linspace(start, stop, n)`.
    Linspace,
    /// `eye(n, m, k)`.
    Eye,
    /// `full(value, shape…)`: the value is any scalar.
    Full,
    /// `random(seed, shape…)`: doubles, or singles; the seed is any scalar.
    Random(DType),
    /// `normal(seed, loc, scale, shape…)`: the first three are any scalars.
    Normal,
    /// `randint(seed, low, high, shape…)`: the seed is any scalar.
    RandInt,
    /// `index(x, axis)`: where along that axis an element of `x` stands, as an array that broadcasts with `x`.
    Index(i32),
    /// `len(x)`: how many elements `x` has along its first axis; a number.
    Len,
}

impl From<i32> for Axes {
    fn from(axis: i32) -> Axes {
        Axes::Some(vec![axis])
    }
}

impl From<&[i32]> for Axes {
    fn from(axes: &[i32]) -> Axes {
        Axes::Some(axes.to_vec())
    }
}

impl<const N: usize> From<&[i32; N]> for Axes {
    fn from(axes: &[i32; N]) -> Axes {
        Axes::from(axes.as_slice())
    }
}

impl From<RangeFull> for Axes {
    fn from(_: RangeFull) -> Axes {
        Axes::All
    }
}

impl View {
    /// Whether the result depends on extents: a plan then serves one shape only.
    pub(super) fn is_sized(&self) -> bool {
        match self {
            View::Index(items) => !items.iter().all(|item| match item {
                Item::New | Item::Rest => true,
                Item::Slice { start, stop, step } => start.is_none() && stop.is_none() && step.is_none(),
                Item::At(_) | Item::Range { .. } => false,
            }),
            View::Transpose(_) | View::Swap(..) | View::Move(..) | View::Expand(_) => false,
            View::Reshape(_) | View::Broadcast(_) | View::Flip(_) | View::Windows(..) => true,
            View::Extend(..) | View::Roll(..) | View::WindowsAround(..) => true,
            View::Diagonal { .. } | View::Squeeze(_) => true,
        }
    }
}

impl Source {
    /// Which of its arguments must be known: the others are values like any.
    pub(super) fn known(self) -> std::ops::RangeFrom<usize> {
        match self {
            Source::Arange | Source::Eye => 0..,
            Source::Linspace => 2..,
            Source::Full | Source::Random(_) | Source::RandInt => 1..,
            Source::Normal => 3..,
            Source::Index(_) | Source::Len => usize::MAX..,
        }
    }

    /// Its name in text.
    pub const fn name(self) -> &'static str {
        match self {
            Source::Arange => "arange",
            Source::Linspace => "linspace",
            Source::Eye => "eye",
            Source::Full => "full",
            Source::Random(_) => "random",
            Source::Normal => "normal",
            Source::RandInt => "randint",
            Source::Index(_) => "index",
            Source::Len => "len",
        }
    }
}
