//! Borders: what lies beyond an array's ends, as `scipy.ndimage` names it.

use std::hash::{Hash, Hasher};

/// What an array holds beyond its ends, for shifts, windows and padding. The names are those of `scipy.ndimage`.
///
/// ```
/// use ndarray::{Array1, array};
/// use numfuse::{Border, Lazy};
///
/// let x = array![1.0, 2.0, 3.0, 4.0];
/// let before: Array1<f64> = Lazy::new(&x).shift(&[1], Border::Wrap).eval()?;
/// assert_eq!(before, array![4.0, 1.0, 2.0, 3.0]);
/// # Ok::<(), numfuse::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Border {
    /// This number: `k k k | a b c d | k k k`.
    Constant(f64),
    /// The last element: `a a a | a b c d | d d d`.
    Nearest,
    /// The array backwards, its last element too: `c b a | a b c d | d c b`.
    Reflect,
    /// The array backwards, around its last element: `d c b | a b c d | c b a`.
    Mirror,
    /// The array again: `b c d | a b c d | a b c`.
    Wrap,
}

/// By bits, so that 0.0 and -0.0 stay two, and a NaN is itself.
impl PartialEq for Border {
    fn eq(&self, other: &Border) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Border {}

impl Hash for Border {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl Border {
    fn key(self) -> (u8, u64) {
        match self {
            Border::Constant(value) => (0, value.to_bits()),
            Border::Nearest => (1, 0),
            Border::Reflect => (2, 0),
            Border::Mirror => (3, 0),
            Border::Wrap => (4, 0),
        }
    }

    /// What a shift by so many places leaves out and takes in: the elements before, and those after.
    pub(crate) fn around(by: i64) -> [i64; 2] {
        let by = by.max(-i64::MAX);
        [by, -by]
    }

    /// SciPy's names; those with `grid-` are what its `shift` calls a border that begins at the last element's edge.
    pub(crate) const NAMES: [(&str, Border); 8] = [
        ("constant", Border::Constant(0.0)),
        ("nearest", Border::Nearest),
        ("reflect", Border::Reflect),
        ("mirror", Border::Mirror),
        ("wrap", Border::Wrap),
        ("grid-constant", Border::Constant(0.0)),
        ("grid-mirror", Border::Reflect),
        ("grid-wrap", Border::Wrap),
    ];

    /// NumPy's names for the same in `pad`.
    pub(crate) const PAD_MODES: [(&str, Border); 5] = [
        ("constant", Border::Constant(0.0)),
        ("edge", Border::Nearest),
        ("symmetric", Border::Reflect),
        ("reflect", Border::Mirror),
        ("wrap", Border::Wrap),
    ];
}
