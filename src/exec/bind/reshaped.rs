//! Buffers seen in another shape: a layout over the same memory where there is one, a copy in C order where not.

use smallvec::SmallVec;

use super::Layout;
use crate::arena::Id;
use crate::input::{Extents, Strides};
use crate::plan::{BufferId, Place, Plan};

/// A copy of a buffer in C order, because no strides show it in the shape that is asked for.
#[derive(Debug)]
pub(in crate::exec) struct Copied {
    /// The buffer that the copy stands for.
    pub(in crate::exec) alias: BufferId,
    /// The one that is copied.
    pub(in crate::exec) base: BufferId,
    /// The loop before which it is made.
    pub(in crate::exec) before: usize,
    /// How the elements lie: extent and byte stride of each axis.
    pub(in crate::exec) axes: SmallVec<[(usize, isize); 2]>,
    /// Bytes of an element.
    pub(in crate::exec) size: usize,
    pub(in crate::exec) count: usize,
}

impl Copied {
    pub(in crate::exec) fn bytes(&self) -> usize {
        self.count * self.size
    }
}

/// C order.
pub(in crate::exec) fn in_order(shape: &[usize], size: usize) -> Strides {
    let mut strides: Strides = SmallVec::from_elem(0, shape.len());
    let mut step = size as isize;
    for (stride, extent) in strides.iter_mut().zip(shape).rev() {
        *stride = step;
        step = step.saturating_mul(*extent as isize);
    }
    strides
}

/// Lays out the buffers that show, in another shape, what is laid out by now; answers the copies that it takes.
pub(in crate::exec) fn lay_out(
    plan: &Plan,
    extents: &[usize],
    loop_number: usize,
    layouts: &mut [Option<Layout>],
) -> Vec<Copied> {
    let mut copies = Vec::new();
    let shape =
        |id: BufferId| -> Extents { plan.buffers[id].dims.iter().map(|dim| extents[dim.index()]).collect() };
    for (id, buffer) in plan.buffers.iter() {
        let Place::Reshaped(base) = buffer.place else { continue };
        if layouts[id.index()].is_some() {
            continue;
        }
        let Some(layout) = layouts[base.index()].clone() else { continue };
        let (old, new, size) = (shape(base), shape(id), buffer.dtype.size());
        let strides = match strides_for(&old, &layout.strides, &new) {
            Some(strides) => strides,
            None => {
                let axes = old.iter().copied().zip(layout.strides.iter().copied()).collect();
                let count = old.iter().product();
                copies.push(Copied { alias: id, base, before: loop_number, axes, size, count });
                in_order(&new, size)
            }
        };
        layouts[id.index()] = Some(Layout { strides, ..layout });
    }
    copies
}

/// Strides that show an array of shape `old` in shape `new`, element by element in C order, if there are any.
fn strides_for(old: &[usize], strides: &[isize], new: &[usize]) -> Option<Strides> {
    if old.contains(&0) {
        return Some(SmallVec::from_elem(0, new.len()));
    }
    // axes of one element have no say; neighbours that lie as one are one
    let mut merged: SmallVec<[(usize, isize); 4]> = SmallVec::new();
    for (extent, stride) in old.iter().zip(strides).filter(|(extent, _)| **extent != 1) {
        match merged.last_mut() {
            Some((count, outer)) if stride.checked_mul(*extent as isize) == Some(*outer) => {
                *count *= extent;
                *outer = *stride;
            }
            _ => merged.push((*extent, *stride)),
        }
    }
    let mut result: Strides = SmallVec::from_elem(0, new.len());
    let mut axis = new.len();
    for (extent, stride) in merged.into_iter().rev() {
        let (mut left, mut step) = (extent, stride);
        while left > 1 {
            axis = axis.checked_sub(1)?;
            if left % new[axis] != 0 {
                return None;
            }
            result[axis] = step;
            step = step.checked_mul(new[axis] as isize)?;
            left /= new[axis];
        }
    }
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_of_the_same_memory() {
        let strides = |old: &[usize], strides: &[isize], new: &[usize]| {
            strides_for(old, strides, new).map(|s| s.to_vec())
        };
        assert_eq!(strides(&[2, 3], &[24, 8], &[6]), Some(vec![8]));
        assert_eq!(strides(&[2, 3], &[24, 8], &[3, 1, 2]), Some(vec![16, 16, 8]));
        // columns
        assert_eq!(strides(&[3, 2], &[8, 24], &[6]), None);
        // every second row of a matrix: rows stay apart
        assert_eq!(strides(&[4, 6], &[96, 8], &[4, 2, 3]), Some(vec![96, 24, 8]));
        assert_eq!(strides(&[4, 6], &[96, 8], &[8, 3]), None);
        assert_eq!(strides(&[1, 6], &[1000, -8], &[2, 3]), Some(vec![-24, -8]));
        assert_eq!(strides(&[], &[], &[1, 1]), Some(vec![0, 0]));
    }
}
