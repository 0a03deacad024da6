//! Boxes of indices, and where an axis is cut into them.

use smallvec::SmallVec;

use crate::infer::Map;

/// Neighbouring indices along an axis.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) len: usize,
}

/// A box of indices of an array: a span along each of its axes.
pub(super) type Cell = SmallVec<[Span; 4]>;

/// Positions along each axis between which an array is one piece; none is 0 or the extent.
pub(super) type Cuts = Vec<Vec<usize>>;

/// More cuts along an axis leave only those around the widest stretch between two of them.
const MOST_CUTS: usize = 8;
/// So many cells an array may be cut into.
const MOST_CELLS: usize = 96;

/// An array of these extents, whole.
pub(super) fn whole(extents: &[usize]) -> Cell {
    extents.iter().map(|len| Span { start: 0, len: *len }).collect()
}

/// How many elements a cell has.
pub(super) fn volume(cell: &Cell) -> u128 {
    cell.iter().map(|span| span.len as u128).product()
}

/// Adds cuts along an axis.
pub(super) fn add(cuts: &mut [Vec<usize>], axis: usize, more: impl IntoIterator<Item = usize>) {
    cuts[axis].extend(more);
}

/// Cuts in order, each once, and no more than there may be.
pub(super) fn settled(mut cuts: Cuts, extents: &[usize]) -> Cuts {
    for (cuts, extent) in cuts.iter_mut().zip(extents) {
        cuts.retain(|cut| (1..*extent).contains(cut));
        cuts.sort_unstable();
        cuts.dedup();
        if cuts.len() > MOST_CUTS {
            *cuts = around_the_widest(cuts, *extent);
        }
    }
    let cells = |cuts: &Cuts| cuts.iter().map(|cuts| cuts.len() + 1).product::<usize>();
    for axis in 0..cuts.len() {
        if cells(&cuts) > MOST_CELLS {
            cuts[axis] = around_the_widest(&cuts[axis], extents[axis]);
        }
    }
    for axis in 0..cuts.len() {
        if cells(&cuts) > MOST_CELLS {
            cuts[axis].clear();
        }
    }
    cuts
}

/// The cuts at either end of the widest stretch between cuts.
fn around_the_widest(cuts: &[usize], extent: usize) -> Vec<usize> {
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    let stretches = starts.zip(cuts.iter().copied().chain([extent]));
    // the first of equal ones
    let widest = stretches.min_by_key(|(start, end)| usize::MAX - (end - start));
    widest.into_iter().flat_map(|(start, end)| [start, end]).filter(|cut| (1..extent).contains(cut)).collect()
}

/// The spans of a cell's axis between cuts.
pub(super) fn spans(span: Span, cuts: &[usize]) -> SmallVec<[Span; 4]> {
    let (start, end) = (span.start, span.start + span.len);
    let inside = cuts.iter().copied().filter(|cut| (start + 1..end).contains(cut));
    let mut from = start;
    let mut all: SmallVec<[Span; 4]> = SmallVec::new();
    for to in inside.chain([end]) {
        all.push(Span { start: from, len: to - from });
        from = to;
    }
    all
}

/// The cells between cuts, in C order, and how many there are along each axis.
pub(super) fn grid(cell: &Cell, cuts: &Cuts) -> (Vec<Cell>, SmallVec<[usize; 4]>) {
    let (mut cells, mut counts) = (vec![Cell::new()], SmallVec::new());
    for (axis, span) in cell.iter().enumerate() {
        let spans = spans(*span, cuts.get(axis).map_or(&[], Vec::as_slice));
        counts.push(spans.len());
        let longer = |cell: &Cell| {
            let cell = cell.clone();
            let spans = spans.clone();
            spans.into_iter().map(move |span| cell.iter().copied().chain([span]).collect())
        };
        cells = cells.iter().flat_map(longer).collect();
    }
    (cells, counts)
}

/// What of an array of these extents a view's cell shows; all of it where there is nothing to see.
pub(super) fn seen(map: &Map, cell: &Cell, of: &[usize]) -> Cell {
    if cell.iter().any(|span| span.len == 0) || of.contains(&0) {
        return whole(of);
    }
    let span = |axis: usize| {
        let (low, high) = map.range(axis, |k| cell[k].len);
        let moved = moved(map, axis, cell);
        Span { start: (low + moved).max(0) as usize, len: (high - low + 1) as usize }
    };
    (0..of.len()).map(span).collect()
}

/// How much further a map leads along an axis of the array from a cell's first index than from the view's.
fn moved(map: &Map, axis: usize, cell: &Cell) -> i64 {
    let terms = map.terms().iter().filter(|term| term.buffer_axis == axis);
    terms.map(|term| term.step * cell[term.axis].start as i64).sum()
}

/// The map from a cell of a view to what it shows.
pub(super) fn within(map: &Map, cell: &Cell, shown: &Cell) -> Map {
    if cell.iter().any(|span| span.len == 0) {
        return map.clone();
    }
    let offset = |axis: usize| map.offset(axis) + moved(map, axis, cell) - shown[axis].start as i64;
    Map::new(map.terms().iter().copied(), (0..shown.len()).map(offset))
}

/// Where a view of these extents is cut by the cuts of what it looks at. Where several of its axes move along one of
/// the array's, as windows do, the longest is cut, at both ends of where the others reach across a cut.
pub(super) fn through_view(map: &Map, extents: &[usize], of: &Cuts) -> Cuts {
    let mut cuts = vec![Vec::new(); extents.len()];
    if extents.contains(&0) {
        return cuts;
    }
    for (axis, positions) in of.iter().enumerate().filter(|(_, positions)| !positions.is_empty()) {
        let terms = || map.terms().iter().filter(|term| term.buffer_axis == axis);
        let Some(longest) = terms().min_by_key(|term| (usize::MAX - extents[term.axis], term.axis)) else {
            continue;
        };
        let (mut low, mut high) = (map.offset(axis), map.offset(axis));
        for term in terms().filter(|term| *term != longest) {
            let way = term.step * (extents[term.axis] as i64 - 1);
            low += way.min(0);
            high += way.max(0);
        }
        let step = longest.step;
        let place = |cut: i64, from: i64| match step > 0 {
            // the first index that leads to the cut or beyond
            true => (cut - from).div_euclid(step) + i64::from((cut - from).rem_euclid(step) > 0),
            // the first that leads before it
            false => (from - cut).div_euclid(-step) + 1,
        };
        for cut in positions {
            let ends = [place(*cut as i64, high), place(*cut as i64, low)];
            add(&mut cuts, longest.axis, ends.into_iter().filter_map(|end| usize::try_from(end).ok()));
        }
    }
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infer::Term;

    #[test]
    fn windows_are_cut_where_they_reach_across() {
        // windows of 5 over pieces [0, 2), [2, 12), [12, 14)
        let windows = Map::new([0, 1].map(|axis| Term { axis, buffer_axis: 0, step: 1 }), []);
        let cuts = settled(through_view(&windows, &[10, 5], &vec![vec![2, 12]]), &[10, 5]);
        assert_eq!(cuts, [vec![2, 8], vec![]]);
        let cell: Cell = [Span { start: 8, len: 2 }, Span { start: 0, len: 5 }].into_iter().collect();
        let shown = seen(&windows, &cell, &[14]);
        assert_eq!(shown[0], Span { start: 8, len: 6 });
        assert_eq!(within(&windows, &cell, &shown), windows);
    }

    #[test]
    fn backward_steps_are_cut() {
        // x[::-2] of 9 elements shows 8, 6, 4, 2, 0; what lies before 5 begins with its third
        let backwards = Map::new([Term { axis: 0, buffer_axis: 0, step: -2 }], [8]);
        assert_eq!(through_view(&backwards, &[5], &vec![vec![5]]), [vec![2, 2]]);
        let forwards = Map::new([Term { axis: 0, buffer_axis: 0, step: 2 }], [1]);
        assert_eq!(through_view(&forwards, &[4], &vec![vec![5]]), [vec![2, 2]]);
        assert_eq!(through_view(&forwards, &[4], &vec![vec![4]]), [vec![2, 2]]);
    }

    #[test]
    fn too_many_cuts_leave_the_widest_stretch() {
        let cuts = settled(vec![(1..20).chain([90, 95]).collect()], &[100]);
        assert_eq!(cuts, [vec![19, 90]]);
        let many = settled(vec![(1..8).collect(); 3], &[100; 3]);
        assert!(many.iter().map(|cuts| cuts.len() + 1).product::<usize>() <= MOST_CELLS);
    }
}
