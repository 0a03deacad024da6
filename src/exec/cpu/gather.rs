//! Strided memory to tile and back: where a kernel cannot read or write in place.

use smallvec::SmallVec;

use super::schedule::{Group, Schedule};

/// How a run of a loop's innermost elements lies in memory: nested axes, outermost first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::exec) struct Strided {
    /// Extent and byte stride of each axis.
    pub(in crate::exec) axes: SmallVec<[(usize, isize); 2]>,
    /// Bytes of an element.
    pub(in crate::exec) size: usize,
    /// Whether its bytes come in the other order.
    pub(in crate::exec) swapped: bool,
}

/// A stretch of equally spaced elements.
struct Run {
    offset: isize,
    stride: isize,
    len: usize,
}

impl Strided {
    /// The stretches of elements `first..first + n`, in order.
    fn runs(&self, first: usize, n: usize, mut each: impl FnMut(Run)) {
        let Some(((extent, stride), outer)) = self.axes.split_last() else {
            return each(Run { offset: 0, stride: 0, len: n });
        };
        let (mut row, mut column, mut left) = (first / extent, first % extent, n);
        while left > 0 {
            let mut offset = column as isize * stride;
            let mut index = row;
            for (extent, stride) in outer.iter().rev() {
                offset += (index % extent) as isize * stride;
                index /= extent;
            }
            let len = left.min(extent - column);
            each(Run { offset, stride: *stride, len });
            (row, column, left) = (row + 1, 0, left - len);
        }
    }

    /// Elements `first..first + n` into a tile.
    ///
    /// # Safety
    /// Every element is readable at its place relative to `base`; `tile` is writable for `n` of them.
    pub(in crate::exec) unsafe fn gather(&self, base: *const u8, first: usize, n: usize, tile: *mut u8) {
        let mut at = tile;
        self.runs(first, n, |run| {
            // SAFETY: the run's elements are some of the n; the tile has room for all of them.
            unsafe {
                let from = base.offset(run.offset);
                match (self.size, self.swapped) {
                    (_, false) if run.stride == self.size as isize => {
                        at.copy_from_nonoverlapping(from, run.len * self.size);
                    }
                    // a part of complex numbers: a spacing known now makes vectors
                    (4, false) if run.stride == 8 => copy::<4>(from, 8, at, 4, run.len, false),
                    (8, false) if run.stride == 16 => copy::<8>(from, 16, at, 8, run.len, false),
                    (1, _) => copy::<1>(from, run.stride, at, 1, run.len, false),
                    (2, swapped) => copy::<2>(from, run.stride, at, 2, run.len, swapped),
                    (4, swapped) => copy::<4>(from, run.stride, at, 4, run.len, swapped),
                    (16, swapped) => copy::<16>(from, run.stride, at, 16, run.len, swapped),
                    (_, swapped) => copy::<8>(from, run.stride, at, 8, run.len, swapped),
                }
                at = at.add(run.len * self.size);
            }
        });
    }

    /// Indices `first..first + n` into a tile, as i64 or f64: strides count, and `start` is the number at offset 0.
    ///
    /// # Safety
    /// `tile` is writable for `n` elements of 8 bytes.
    pub(super) unsafe fn count(&self, start: i64, float: bool, first: usize, n: usize, tile: *mut u8) {
        let mut at = 0;
        self.runs(first, n, |run| {
            let (begin, step) = (start + run.offset as i64, run.stride as i64);
            // SAFETY: runs make up the n elements; slots are aligned to a cache line.
            unsafe {
                if float {
                    let part = std::slice::from_raw_parts_mut(tile.cast::<f64>().add(at), run.len);
                    // exact: no index reaches 2^53
                    let (begin, step) = (begin as f64, step as f64);
                    for (j, element) in part.iter_mut().enumerate() {
                        *element = begin + f64::from(j as u32) * step;
                    }
                } else {
                    let part = std::slice::from_raw_parts_mut(tile.cast::<i64>().add(at), run.len);
                    for (j, element) in part.iter_mut().enumerate() {
                        *element = begin + j as i64 * step;
                    }
                }
            }
            at += run.len;
        });
    }

    /// A tile into elements `first..first + n`.
    ///
    /// # Safety
    /// Every element is writable at its place relative to `base`; `tile` is readable for `n` of them.
    pub(super) unsafe fn scatter(&self, base: *mut u8, first: usize, n: usize, tile: *const u8) {
        let mut at = tile;
        self.runs(first, n, |run| {
            // SAFETY: as in `gather`, the other way round.
            unsafe {
                let to = base.offset(run.offset);
                match (self.size, self.swapped) {
                    (_, false) if run.stride == self.size as isize => {
                        to.copy_from_nonoverlapping(at, run.len * self.size);
                    }
                    (1, _) => copy::<1>(at, 1, to, run.stride, run.len, false),
                    (2, swapped) => copy::<2>(at, 2, to, run.stride, run.len, swapped),
                    (4, swapped) => copy::<4>(at, 4, to, run.stride, run.len, swapped),
                    (16, swapped) => copy::<16>(at, 16, to, run.stride, run.len, swapped),
                    (_, swapped) => copy::<8>(at, 8, to, run.stride, run.len, swapped),
                }
                at = at.add(run.len * self.size);
            }
        });
    }
}

/// `n` elements of `SIZE` bytes from one spacing to another.
///
/// # Safety
/// All `n` places are readable at `from` and writable at `to`.
#[inline]
unsafe fn copy<const SIZE: usize>(
    from: *const u8,
    from_stride: isize,
    to: *mut u8,
    to_stride: isize,
    n: usize,
    swapped: bool,
) {
    for k in 0..n as isize {
        // SAFETY: the caller vouches for the places; arrays of bytes have no alignment.
        unsafe {
            let mut element = from.offset(k * from_stride).cast::<[u8; SIZE]>().read();
            if swapped {
                element.reverse();
            }
            to.offset(k * to_stride).cast::<[u8; SIZE]>().write(element);
        }
    }
}

/// Where [`fetch`] finds elements.
pub(super) struct Places {
    /// The access's first element of the current row, at place 0.
    pub(super) row: *const u8,
    /// The row's element that the tile begins with.
    pub(super) first: usize,
    /// How many elements the tile has; past them the last is repeated.
    pub(super) n: usize,
    pub(super) inner: *const Group,
    /// Bytes along the innermost axes.
    pub(super) along: *const [isize],
    /// Bytes from a place to the next.
    pub(super) stride: isize,
    pub(super) size: usize,
    pub(super) swapped: bool,
    /// Whether one place serves all elements.
    pub(super) splat: bool,
}

impl Places {
    /// What an access's gathers read; where, is said before each tile.
    pub(super) fn of(schedule: &Schedule, access: usize, splat: bool) -> Places {
        let reach = &schedule.reaches[access];
        Places {
            row: std::ptr::null(),
            first: 0,
            n: 1,
            inner: &schedule.inner,
            along: &reach.along[..],
            stride: reach.place,
            size: reach.size,
            swapped: reach.swapped,
            splat,
        }
    }
}

/// A step of a tape, as kernels are: `n` elements from the places at `places`, i64s.
///
/// # Safety
/// `context` is a [`Places`], whose pointers are valid; every place leads to an element; `to` is writable for `n`
/// elements, which is not less than the context's.
pub(super) unsafe fn fetch(n: usize, to: *mut u8, places: *const u8, context: *const u8, _: *const u8) {
    // SAFETY: as the caller vouches.
    unsafe {
        let context = &*context.cast::<Places>();
        let (inner, along) = (&*context.inner, &*context.along);
        for k in 0..n {
            let k_read = k.min(context.n.saturating_sub(1));
            let place = places.cast::<i64>().add(if context.splat { 0 } else { k_read }).read_unaligned();
            let offset = inner.offset(context.first + k_read, along) + place as isize * context.stride;
            let (from, at) = (context.row.offset(offset), to.add(k * context.size));
            at.copy_from_nonoverlapping(from, context.size);
            if context.swapped {
                std::slice::from_raw_parts_mut(at, context.size).reverse();
            }
        }
    }
}

/// Two parts as `n` pairs; a part marked as a splat is one element.
///
/// # Safety
/// The parts are readable for their elements of `part` bytes, `to` is writable for `n` pairs.
pub(super) unsafe fn interleave(
    parts: [*const u8; 2],
    splats: [bool; 2],
    part: usize,
    to: *mut u8,
    n: usize,
) {
    // SAFETY: as the caller vouches; pairs are two parts apart.
    unsafe {
        match part {
            4 => interleave_parts::<4>(parts, splats, to, n),
            _ => interleave_parts::<8>(parts, splats, to, n),
        }
    }
}

/// # Safety
/// As for [`interleave`].
unsafe fn interleave_parts<const PART: usize>(
    [re, im]: [*const u8; 2],
    splats: [bool; 2],
    to: *mut u8,
    n: usize,
) {
    let (re, im) = (re.cast::<[u8; PART]>(), im.cast::<[u8; PART]>());
    let to = to.cast::<[[u8; PART]; 2]>();
    let step = splats.map(|splat| usize::from(!splat));
    // SAFETY: as the caller of `interleave` vouches; arrays of bytes have no alignment.
    unsafe {
        if splats == [false; 2] {
            for k in 0..n {
                to.add(k).write([re.add(k).read(), im.add(k).read()]);
            }
        } else {
            for k in 0..n {
                to.add(k).write([re.add(k * step[0]).read(), im.add(k * step[1]).read()]);
            }
        }
    }
}

/// Fills `n` places with the element at `from`.
///
/// # Safety
/// `from` is readable for one element, `to` writable for `n`; `from` may be `to`.
pub(super) unsafe fn fill(from: *const u8, size: usize, to: *mut u8, n: usize) {
    // SAFETY: as the caller vouches; one element is read before any is written.
    unsafe {
        match size {
            1 => copy_to_all::<1>(from, to, n),
            2 => copy_to_all::<2>(from, to, n),
            4 => copy_to_all::<4>(from, to, n),
            16 => copy_to_all::<16>(from, to, n),
            _ => copy_to_all::<8>(from, to, n),
        }
    }
}

/// # Safety
/// As for [`fill`].
unsafe fn copy_to_all<const SIZE: usize>(from: *const u8, to: *mut u8, n: usize) {
    // SAFETY: as the caller of `fill` vouches.
    unsafe {
        let element = from.cast::<[u8; SIZE]>().read();
        let to = to.cast::<[u8; SIZE]>();
        for k in 0..n {
            to.add(k).write(element);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gather_and_scatter_are_inverse() {
        let memory: Vec<u32> = (0..60).collect();
        // a 4 by 5 corner of a 6 by 10 array, rows reversed, every other column
        let strided = Strided { axes: smallvec::smallvec![(4, -40), (5, 8)], size: 4, swapped: false };
        let base = 30usize;
        let mut tile = [0u32; 13];
        let mut back = vec![99u32; 60];
        // SAFETY: row 3 down to row 0, columns 0 to 8, all within 60 elements.
        unsafe {
            strided.gather(memory.as_ptr().add(base).cast(), 4, 13, tile.as_mut_ptr().cast());
            strided.scatter(back.as_mut_ptr().add(base).cast(), 4, 13, tile.as_ptr().cast());
        }
        assert_eq!(tile, [38, 20, 22, 24, 26, 28, 10, 12, 14, 16, 18, 0, 2]);
        for k in 0..60u32 {
            let expected = if tile.contains(&k) { k } else { 99 };
            assert_eq!(back[k as usize], expected);
        }
    }

    #[test]
    fn swapped_bytes_are_turned() {
        let memory = [1.5f64.to_be_bytes(), (-0.25f64).to_be_bytes()];
        let strided = Strided { axes: smallvec::smallvec![(2, 8)], size: 8, swapped: true };
        let mut tile = [0.0f64; 2];
        // SAFETY: two elements at both ends.
        unsafe { strided.gather(memory.as_ptr().cast(), 0, 2, tile.as_mut_ptr().cast()) };
        #[cfg(target_endian = "little")]
        assert_eq!(tile, [1.5, -0.25]);
    }
}
