//! Affine maps between indices: what a view is, and how a loop reaches an array.

use std::fmt;

use smallvec::SmallVec;

use super::form::AxisSet;
use super::signature::Dim;

/// `step` times the index along `axis` is added to the array's index along `buffer_axis`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Term {
    /// Axis of the loop, or of the view.
    pub axis: usize,
    /// Axis of the array.
    pub buffer_axis: usize,
    /// Step along it.
    pub step: i64,
}

/// Indices of one space to indices of an array: sums of terms, and an offset along each axis of the array. Axes of
/// extent 1 have no term. Two equal maps have equal terms.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Map {
    terms: SmallVec<[Term; 4]>,
    offsets: SmallVec<[i64; 2]>,
}

impl Map {
    /// A map of these terms and offsets.
    pub fn new(terms: impl IntoIterator<Item = Term>, offsets: impl IntoIterator<Item = i64>) -> Map {
        let mut map = Map { terms: terms.into_iter().collect(), offsets: offsets.into_iter().collect() };
        map.terms.sort_unstable_by_key(|t| (t.buffer_axis, t.axis));
        map.terms.dedup_by(|next, kept| {
            let same = (next.axis, next.buffer_axis) == (kept.axis, kept.buffer_axis);
            if same {
                kept.step = kept.step.saturating_add(next.step);
            }
            same
        });
        map.terms.retain(|term| term.step != 0);
        while map.offsets.last() == Some(&0) {
            map.offsets.pop();
        }
        map
    }

    /// An array of axes `own` as it broadcasts to `rank` axes: aligned at the last.
    pub fn aligned(rank: usize, own: &[Dim]) -> Map {
        let missing = rank - own.len();
        let along = own.iter().enumerate().filter(|(_, dim)| **dim != Dim::ONE);
        Map::new(along.map(|(k, _)| Term { axis: missing + k, buffer_axis: k, step: 1 }), [])
    }

    /// The summands of the array's indices.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// What is added to the array's indices, by axis; axes past the end add 0.
    pub fn offsets(&self) -> &[i64] {
        &self.offsets
    }

    /// What is added to the array's index along an axis.
    pub fn offset(&self, axis: usize) -> i64 {
        self.offsets.get(axis).copied().unwrap_or(0)
    }

    /// The map from the same indices to those of the array that a view looks at, where this one leads to the view.
    pub fn through(&self, view: &Map, rank: usize) -> Map {
        let terms = view.terms.iter().flat_map(|outer| {
            let inner = self.terms.iter().filter(|inner| inner.buffer_axis == outer.axis);
            inner.map(|inner| Term {
                axis: inner.axis,
                buffer_axis: outer.buffer_axis,
                step: inner.step.saturating_mul(outer.step),
            })
        });
        let offset = |axis: usize| {
            let own = view.terms.iter().filter(|t| t.buffer_axis == axis);
            let moved: i64 = own.map(|t| t.step.saturating_mul(self.offset(t.axis))).sum();
            view.offset(axis).saturating_add(moved)
        };
        Map::new(terms, (0..rank).map(offset))
    }

    /// The map to an operand, where this one leads to an array of `rank` axes that the operand is broadcast to.
    pub fn to_operand(&self, rank: usize, own: &[Dim]) -> Map {
        self.through(&Map::aligned(rank, own), own.len())
    }

    /// The axes along which it moves.
    pub fn varies(&self) -> AxisSet {
        self.terms.iter().fold(AxisSet::EMPTY, |set, term| set.with(term.axis))
    }

    /// Whether it reaches no element twice, from a space of these axes.
    pub fn is_injective(&self, space: &[Dim]) -> bool {
        let varies = self.varies();
        let moves = space.iter().enumerate().all(|(axis, dim)| *dim == Dim::ONE || varies.contains(axis));
        moves && self.terms.windows(2).all(|pair| pair[0].buffer_axis != pair[1].buffer_axis)
    }

    /// The least and the greatest index along an axis of the array, from a space of these extents, none of them 0.
    pub fn range(&self, axis: usize, extent: impl Fn(usize) -> usize) -> (i64, i64) {
        let offset = self.offset(axis);
        let along = self.terms.iter().filter(|term| term.buffer_axis == axis);
        along.fold((offset, offset), |(low, high), term| {
            let way = term.step.saturating_mul(i64::try_from(extent(term.axis)).unwrap_or(i64::MAX) - 1);
            (low.saturating_add(way.min(0)), high.saturating_add(way.max(0)))
        })
    }
}

impl fmt::Display for Map {
    /// Index by index of the array: `[2·i1 + 1, i0]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let axes = self.terms.last().map_or(0, |t| t.buffer_axis + 1).max(self.offsets.len());
        f.write_str("[")?;
        for axis in 0..axes {
            let mut parts: Vec<String> = Vec::new();
            for term in self.terms.iter().filter(|t| t.buffer_axis == axis) {
                parts.push(match term.step {
                    1 => format!("i{}", term.axis),
                    step => format!("{step}·i{}", term.axis),
                });
            }
            if self.offset(axis) != 0 || parts.is_empty() {
                parts.push(self.offset(axis).to_string());
            }
            write!(f, "{}{}", if axis > 0 { ", " } else { "" }, parts.join(" + "))?;
        }
        f.write_str("]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_of_views_are_views() {
        // x[1::2].T of a matrix, then its row 3 backwards from 4
        let rows = Map::new(
            [Term { axis: 1, buffer_axis: 0, step: 2 }, Term { axis: 0, buffer_axis: 1, step: 1 }],
            [1, 0],
        );
        let row = Map::new([Term { axis: 0, buffer_axis: 1, step: -1 }], [3, 4]);
        let both = row.through(&rows, 2);
        assert_eq!(both, Map::new([Term { axis: 0, buffer_axis: 0, step: -2 }], [9, 3]));
        assert_eq!(both.range(0, |_| 5), (1, 9));
    }

    #[test]
    fn windows_reach_elements_twice() {
        let mut signature = super::super::Signature::new();
        signature.push(crate::dtype::DType::F64, None, &[5, 3]);
        let space = signature.inputs()[0].shape.clone();
        let window = Map::new([0, 1].map(|axis| Term { axis, buffer_axis: 0, step: 1 }), []);
        assert!(!window.is_injective(&space));
        assert!(!Map::new([Term { axis: 1, buffer_axis: 0, step: 1 }], []).is_injective(&space));
        assert!(Map::aligned(2, &space).is_injective(&space));
    }
}
