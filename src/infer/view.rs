//! Views: what is written of axes and indices, as an affine map for the shape at hand.

use smallvec::SmallVec;

use super::map::{Map, Term};
use super::shape::Dims;
use super::{AxisSet, Inference, Operand, TypedId};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Axes, Item, NodeId, View};

/// A view in the making: axes of the result with their extents, and where each leads.
#[derive(Default)]
pub(super) struct Indices {
    extents: SmallVec<[usize; 4]>,
    terms: Vec<Term>,
    offsets: Vec<i64>,
}

impl Indices {
    fn of_rank(rank: usize) -> Indices {
        Indices { offsets: vec![0; rank], ..Indices::default() }
    }

    /// A new axis of the result, by steps along an axis of the array.
    fn push(&mut self, extent: usize, buffer_axis: usize, step: i64) {
        self.terms.push(Term { axis: self.extents.len(), buffer_axis, step });
        self.extents.push(extent);
    }

    /// A new axis of the result along which nothing moves.
    fn push_still(&mut self, extent: usize) {
        self.extents.push(extent);
    }
}

impl Inference<'_> {
    /// The view of an operand.
    pub(super) fn view(&mut self, view: &View, of: NodeId) -> Result<Operand> {
        match view {
            View::Extend(around, axes, border) => return self.extend(of, around, axes, *border),
            View::Roll(by, axes) => return self.roll(of, by, axes),
            View::WindowsAround(shape, axes, border) => {
                return self.windows_around(of, shape, axes, *border);
            }
            _ => {}
        }
        let node = self.whole(of)?;
        let rank = self.typed.shape(node).len();
        if let View::Reshape(shape) = view {
            return Ok(Operand::strong(self.reshape(of, node, shape)?));
        }
        let extents = self.typed.extents(node);
        let axes = match view {
            View::Index(items) => self.index(of, &extents, items)?,
            View::Transpose(order) => {
                let order = match order {
                    None => (0..rank).rev().collect(),
                    Some(order) => {
                        let order = self.axis_list(of, node, order)?;
                        if order.len() != rank {
                            let message =
                                format!("{}: an order names each of its axes once", self.describe(of));
                            return Err(Error::new(ErrorKind::Axis, message));
                        }
                        order
                    }
                };
                permuted(&extents, &order)
            }
            View::Swap(a, b) => {
                let mut order: Vec<usize> = (0..rank).collect();
                let (a, b) = (self.axis_of(of, node, *a)?, self.axis_of(of, node, *b)?);
                order.swap(a, b);
                permuted(&extents, &order)
            }
            View::Move(from, to) => {
                let mut order: Vec<usize> = (0..rank).collect();
                let (from, to) = (self.axis_of(of, node, *from)?, self.axis_of(of, node, *to)?);
                let axis = order.remove(from);
                order.insert(to, axis);
                permuted(&extents, &order)
            }
            View::Broadcast(shape) => self.broadcast_to(of, &extents, shape)?,
            View::Flip(axes) => {
                let flipped = self.axes(of, node, axes)?;
                let mut result = Indices::of_rank(rank);
                for (axis, extent) in extents.iter().enumerate() {
                    if flipped.contains(axis) {
                        result.offsets[axis] = *extent as i64 - 1;
                        result.push(*extent, axis, -1);
                    } else {
                        result.push(*extent, axis, 1);
                    }
                }
                result
            }
            View::Windows(shape, axes) => self.windows(of, node, &extents, shape, axes)?,
            View::Diagonal { offset, axes } => {
                let [a, b] = [self.axis_of(of, node, axes[0])?, self.axis_of(of, node, axes[1])?];
                if a == b {
                    return Err(Error::new(ErrorKind::Axis, "a diagonal runs along two different axes"));
                }
                diagonal(&extents, *offset, a, b)
            }
            View::Expand(places) => {
                let all = rank + places.len();
                let mut new = AxisSet::EMPTY;
                for place in places {
                    let index = if *place < 0 { i64::from(*place) + all as i64 } else { i64::from(*place) };
                    match usize::try_from(index) {
                        Ok(index) if index < all && index < AxisSet::MAX_RANK && !new.contains(index) => {
                            new = new.with(index);
                        }
                        _ => {
                            let message =
                                format!("the result has {all} axes, and no place {place} for another");
                            return Err(Error::new(ErrorKind::Axis, message));
                        }
                    }
                }
                let (mut result, mut next) = (Indices::of_rank(rank), 0);
                for axis in 0..all {
                    if new.contains(axis) {
                        result.push_still(1);
                    } else {
                        result.push(extents[next], next, 1);
                        next += 1;
                    }
                }
                result
            }
            View::Squeeze(axes) => {
                let gone = match axes {
                    Axes::All => extents
                        .iter()
                        .enumerate()
                        .fold(AxisSet::EMPTY, |set, (k, n)| if *n == 1 { set.with(k) } else { set }),
                    Axes::Some(_) => self.axes(of, node, axes)?,
                };
                if let Some(axis) = gone.iter().find(|axis| extents[*axis] != 1) {
                    let message = format!("{}: axis {axis} has more than one element", self.describe(of));
                    return Err(Error::new(ErrorKind::Shape, message));
                }
                let mut result = Indices::of_rank(rank);
                for (axis, extent) in extents.iter().enumerate().filter(|(k, _)| !gone.contains(*k)) {
                    result.push(*extent, axis, 1);
                }
                result
            }
            View::Reshape(_) | View::Extend(..) | View::Roll(..) | View::WindowsAround(..) => {
                unreachable!("it has left above")
            }
        };
        Ok(Operand::strong(self.looked_at(node, axes)?))
    }

    pub(super) fn looked_at(&mut self, node: TypedId, axes: Indices) -> Result<TypedId> {
        if axes.extents.len() > AxisSet::MAX_RANK {
            let message = format!("a view of {} axes, more than {}", axes.extents.len(), AxisSet::MAX_RANK);
            return Err(Error::new(ErrorKind::Limit, message));
        }
        let dims: Dims = axes.extents.iter().map(|extent| self.typed.dim(*extent)).collect();
        Ok(self.typed.view(node, Map::new(axes.terms, axes.offsets), dims))
    }

    /// NumPy's basic indexing.
    fn index(&self, of: NodeId, extents: &[usize], items: &[Item]) -> Result<Indices> {
        let named = items.iter().filter(|item| !matches!(item, Item::New | Item::Rest)).count();
        let rests = items.iter().filter(|item| **item == Item::Rest).count();
        if rests > 1 {
            return Err(Error::new(ErrorKind::Axis, "an index has one `...` at most"));
        }
        if named > extents.len() {
            let axes = if extents.len() == 1 { "axis" } else { "axes" };
            let message = format!(
                "{}: it has {} {axes}, and the index speaks of {named}",
                self.describe(of),
                extents.len()
            );
            return Err(Error::new(ErrorKind::Axis, message));
        }
        let left_out = extents.len() - named;
        let (mut result, mut axis) = (Indices::of_rank(extents.len()), 0);
        let whole = |result: &mut Indices, axis: &mut usize| {
            for _ in 0..left_out {
                result.push(extents[*axis], *axis, 1);
                *axis += 1;
            }
        };
        for item in items {
            match *item {
                Item::New => result.push_still(1),
                Item::Rest => whole(&mut result, &mut axis),
                Item::At(index) => {
                    let extent = extents[axis];
                    let place = if index < 0 { index.saturating_add(extent as i64) } else { index };
                    if place < 0 || place >= extent as i64 {
                        let message =
                            format!("{}: there is no index {index} along axis {axis}", self.describe(of));
                        return Err(Error::new(ErrorKind::Shape, message));
                    }
                    result.offsets[axis] = place;
                    axis += 1;
                }
                Item::Slice { start, stop, step } => {
                    let (start, count, step) = sliced(extents[axis], start, stop, step)?;
                    result.offsets[axis] = start;
                    result.push(count, axis, step);
                    axis += 1;
                }
                Item::Range { start, end, step } => {
                    let (start, count, step) = ranged(extents[axis], start, end, step)?;
                    result.offsets[axis] = start;
                    result.push(count, axis, step);
                    axis += 1;
                }
            }
        }
        if rests == 0 {
            whole(&mut result, &mut axis);
        }
        Ok(result)
    }

    fn broadcast_to(&self, of: NodeId, extents: &[usize], shape: &[usize]) -> Result<Indices> {
        let wrong = || {
            let message = format!("{}: it does not broadcast to {shape:?}", self.describe(of));
            Error::new(ErrorKind::Shape, message)
        };
        let missing = shape.len().checked_sub(extents.len()).ok_or_else(wrong)?;
        let mut result = Indices::of_rank(extents.len());
        for (axis, extent) in shape.iter().enumerate() {
            match axis.checked_sub(missing).map(|own| (own, extents[own])) {
                Some((own, n)) if n == *extent => result.push(*extent, own, 1),
                Some((_, 1)) | None => result.push_still(*extent),
                Some(_) => return Err(wrong()),
            }
        }
        Ok(result)
    }

    pub(super) fn windows(
        &self,
        of: NodeId,
        node: TypedId,
        extents: &[usize],
        shape: &[usize],
        axes: &Axes,
    ) -> Result<Indices> {
        let axes = match axes {
            Axes::All => (0..extents.len()).collect(),
            Axes::Some(list) => self.axis_list(of, node, list)?,
        };
        if axes.len() != shape.len() {
            let message = format!("a window of {} axes over {} of the array's", shape.len(), axes.len());
            let help = "give it one extent an axis, or name the axes: `windows(x, (5, 5), axis=(0, 1))`";
            return Err(Error::new(ErrorKind::Shape, message).with_help(help));
        }
        let mut left: SmallVec<[usize; 4]> = SmallVec::from_slice(extents);
        for (axis, window) in axes.iter().zip(shape) {
            if *window == 0 || *window > extents[*axis] {
                let message = format!("{}: no window of {window} fits axis {axis}", self.describe(of));
                return Err(Error::new(ErrorKind::Shape, message));
            }
            left[*axis] = extents[*axis] - window + 1;
        }
        let mut result = Indices::of_rank(extents.len());
        for (axis, extent) in left.iter().enumerate() {
            result.push(*extent, axis, 1);
        }
        for (axis, window) in axes.iter().zip(shape) {
            result.push(*window, *axis, 1);
        }
        Ok(result)
    }

    /// The same elements in C order: a view where each new axis lies within an old one.
    pub(super) fn reshape(&mut self, of: NodeId, node: TypedId, shape: &[i64]) -> Result<TypedId> {
        let old = self.typed.extents(node);
        let wrong = |this: &Self| {
            let message = format!("{}: its elements do not make up the shape {shape:?}", this.describe(of));
            Error::new(ErrorKind::Shape, message)
        };
        let count = product(old.iter().copied()).ok_or_else(|| wrong(self))?;
        let given = product(shape.iter().filter(|n| **n >= 0).map(|n| *n as usize));
        let given = given.ok_or_else(|| wrong(self))?;
        let unknown = shape.iter().filter(|extent| **extent < 0).count();
        let missing = match (unknown, given) {
            (0, _) => 1,
            (1, 1..) if shape.contains(&-1) && count % given == 0 => count / given,
            _ => return Err(wrong(self)),
        };
        let new: SmallVec<[usize; 4]> =
            shape.iter().map(|n| if *n < 0 { missing } else { *n as usize }).collect();
        if new.len() > AxisSet::MAX_RANK || given.checked_mul(missing) != Some(count) {
            return Err(wrong(self));
        }
        let dims: Dims = new.iter().map(|extent| self.typed.dim(*extent)).collect();
        Ok(match split(&old, &new) {
            Some(terms) if count > 0 => self.typed.view(node, Map::new(terms, []), dims),
            _ => {
                let node = self.somewhere(node);
                self.typed.reshape(node, dims)
            }
        })
    }

    /// Axes as written, each of them once.
    pub(super) fn axis_list(&self, of: NodeId, node: TypedId, list: &[i32]) -> Result<Vec<usize>> {
        self.axes(of, node, &Axes::Some(list.to_vec()))?; // none twice
        list.iter().map(|axis| self.axis_of(of, node, *axis)).collect()
    }

    /// One axis as written.
    pub(super) fn axis_of(&self, of: NodeId, node: TypedId, axis: i32) -> Result<usize> {
        let set = self.axes(of, node, &Axes::Some(vec![axis]))?;
        set.iter().next().ok_or_else(|| Error::new(ErrorKind::Axis, "a number has no axes"))
    }
}

/// The product of extents, if it can be counted.
fn product(mut extents: impl Iterator<Item = usize>) -> Option<usize> {
    extents.try_fold(1usize, |product, extent| product.checked_mul(extent))
}

fn permuted(extents: &[usize], order: &[usize]) -> Indices {
    let mut result = Indices::of_rank(extents.len());
    for axis in order {
        result.push(extents[*axis], *axis, 1);
    }
    result
}

fn diagonal(extents: &[usize], offset: i64, a: usize, b: usize) -> Indices {
    let mut result = Indices::of_rank(extents.len());
    for (axis, extent) in extents.iter().enumerate().filter(|(k, _)| *k != a && *k != b) {
        result.push(*extent, axis, 1);
    }
    let skip = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
    let (rows, columns) = match offset >= 0 {
        true => (extents[a], extents[b].saturating_sub(skip)),
        false => (extents[a].saturating_sub(skip), extents[b]),
    };
    let count = rows.min(columns);
    if count > 0 {
        result.offsets[if offset >= 0 { b } else { a }] = skip as i64;
    }
    let axis = result.extents.len();
    result.push(count, a, 1);
    result.terms.push(Term { axis, buffer_axis: b, step: 1 });
    result
}

/// Python's slice of so many elements: its first index, how many it has, and the step.
fn sliced(
    extent: usize,
    start: Option<i64>,
    stop: Option<i64>,
    step: Option<i64>,
) -> Result<(i64, usize, i64)> {
    let (extent, step) = (extent as i64, step.unwrap_or(1));
    if step == 0 || step == i64::MIN {
        return Err(Error::new(ErrorKind::Shape, "a slice has a step other than zero"));
    }
    let (least, most) = if step > 0 { (0, extent) } else { (-1, extent - 1) };
    let clamped = |bound: i64| {
        let bound = if bound < 0 { bound.saturating_add(extent) } else { bound };
        bound.clamp(least, most)
    };
    let start = start.map_or(if step > 0 { least } else { most }, clamped);
    let stop = stop.map_or(if step > 0 { most } else { least }, clamped);
    let way = if step > 0 { stop - start } else { start - stop };
    let count = if way > 0 { (way - 1) / step.abs() + 1 } else { 0 };
    Ok((if count > 0 { start } else { 0 }, count as usize, step))
}

/// `ndarray`'s slice: the range, then every so many of its elements, from its end if the step is negative.
fn ranged(extent: usize, start: i64, end: Option<i64>, step: i64) -> Result<(i64, usize, i64)> {
    let size = extent as i64;
    let absolute = |bound: i64| if bound < 0 { bound.saturating_add(size) } else { bound };
    let (start, end) = (absolute(start), end.map_or(size, absolute));
    if step == 0 || step == i64::MIN || start < 0 || end > size || start > size {
        let message = format!("the slice {start}..{end} with step {step} is not within {extent} elements");
        return Err(Error::new(ErrorKind::Shape, message));
    }
    let count = if end > start { (end - start - 1) / step.abs() + 1 } else { 0 };
    let first = match count {
        0 => 0,
        _ if step > 0 => start,
        _ => end - 1,
    };
    Ok((first, count as usize, step))
}

/// The terms of a reshape whose every new axis lies within an old one; `None` where one spans several.
pub(super) fn split(old: &[usize], new: &[usize]) -> Option<Vec<Term>> {
    let mut terms = Vec::new();
    let mut next = 0;
    for (buffer_axis, extent) in old.iter().enumerate().filter(|(_, extent)| **extent != 1) {
        // the new axes that make up this one
        let (first, mut product) = (next, 1usize);
        while product < *extent && next < new.len() {
            product = product.checked_mul(new[next])?;
            next += 1;
        }
        if product != *extent {
            return None;
        }
        let mut step = 1i64;
        for axis in (first..next).rev() {
            terms.push(Term { axis, buffer_axis, step });
            step *= new[axis] as i64;
        }
    }
    Some(terms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_pythons() {
        // [start:stop:step] of 10 elements, as Python's slice.indices has it
        let cases = [
            ((None, None, None), (0, 10, 1)),
            ((Some(1), Some(-1), None), (1, 8, 1)),
            ((None, None, Some(-1)), (9, 10, -1)),
            ((Some(-100), Some(100), Some(3)), (0, 4, 3)),
            ((Some(7), Some(2), Some(-2)), (7, 3, -2)),
            ((Some(5), Some(2), None), (0, 0, 1)),
            ((Some(20), None, Some(-4)), (9, 3, -4)),
        ];
        for ((start, stop, step), expected) in cases {
            assert_eq!(sliced(10, start, stop, step).unwrap(), expected, "{start:?}:{stop:?}:{step:?}");
        }
        assert!(sliced(10, None, None, Some(0)).is_err());
    }

    #[test]
    fn ranges_are_ndarrays() {
        use ndarray::Array1;
        let x = Array1::from_iter(0..10i64);
        for (start, end, step) in
            [(1, Some(-1), 2), (0, None, -1), (2, Some(9), -3), (-4, None, 1), (3, Some(3), 1)]
        {
            let slice = ndarray::Slice::new(start as isize, end.map(|e| e as isize), step as isize);
            let expected: Vec<i64> = x.slice_axis(ndarray::Axis(0), slice).to_vec();
            let (first, count, by) = ranged(10, start, end, step).unwrap();
            let got: Vec<i64> = (0..count as i64).map(|k| first + k * by).collect();
            assert_eq!(got, expected, "{start}..{end:?};{step}");
        }
    }

    #[test]
    fn axes_split_but_do_not_merge_by_a_map() {
        let term = |axis, buffer_axis, step| Term { axis, buffer_axis, step };
        assert_eq!(split(&[6, 4], &[2, 3, 4]), Some(vec![term(1, 0, 1), term(0, 0, 3), term(2, 1, 1)]));
        assert_eq!(split(&[1, 4], &[4]), Some(vec![term(0, 1, 1)]));
        assert_eq!(split(&[6, 4], &[24]), None);
        assert_eq!(split(&[6, 4], &[4, 6]), None);
    }
}
