//! Arrays in memory, laid out in any way that numfuse reads: strides of any sign, gaps, either byte order, unaligned.

use numfuse::{DType, Input, Kind, Scalar};

/// An array in a buffer of its own.
#[derive(Clone, Debug)]
pub struct Stored {
    dtype: DType,
    shape: Vec<usize>,
    /// In bytes.
    strides: Vec<isize>,
    /// Of the element with index 0 along every axis, in bytes.
    start: usize,
    bytes: Vec<u8>,
    swapped: bool,
}

/// How an array is laid out.
#[derive(Clone, Debug)]
pub struct Layout {
    /// From an element to the next along each axis, in elements.
    pub steps: Vec<isize>,
    /// Of the element with index 0 along every axis, in elements.
    pub offset: usize,
    /// Elements in the buffer.
    pub length: usize,
    /// What stands where no element does.
    pub gap: Option<Scalar>,
    /// Whether elements have the byte order that is not the machine's.
    pub swapped: bool,
    /// Bytes before the buffer's first element.
    pub skew: usize,
}

impl Layout {
    /// The plain one: the last axis runs fastest, without gaps.
    pub fn c_order(shape: &[usize]) -> Layout {
        let step = |k: usize| shape[k + 1..].iter().product::<usize>() as isize;
        Layout {
            steps: (0..shape.len()).map(step).collect(),
            offset: 0,
            length: shape.iter().product(),
            gap: None,
            swapped: false,
            skew: 0,
        }
    }

    /// Where the `k`-th element in C order stands.
    fn place(&self, shape: &[usize], k: usize) -> usize {
        let (mut rest, mut place) = (k, self.offset as isize);
        for (extent, step) in shape.iter().zip(&self.steps).rev() {
            place += (rest % extent) as isize * step;
            rest /= extent;
        }
        usize::try_from(place).expect("a place in the buffer")
    }
}

impl Stored {
    /// Lays out elements that are given in C order. Where a step is 0, the last one stays.
    pub fn new(dtype: DType, shape: &[usize], elements: &[Scalar], layout: &Layout) -> Stored {
        let element = |value: &Scalar| {
            let mut bytes = value.to_bytes()[..dtype.size()].to_vec();
            if layout.swapped {
                let parts = if dtype.kind() == Kind::Complex { 2 } else { 1 };
                let part = dtype.size() / parts;
                bytes.chunks_mut(part).for_each(<[u8]>::reverse);
            }
            bytes
        };
        let gap = layout.gap.as_ref().map(element);
        let elements: Vec<Vec<u8>> = elements.iter().map(element).collect();
        Stored::of_bytes(dtype, shape, &elements, gap.as_deref(), layout)
    }

    /// As [`new`](Self::new), of the bytes of each element.
    pub fn of_bytes(
        dtype: DType,
        shape: &[usize],
        elements: &[Vec<u8>],
        gap: Option<&[u8]>,
        layout: &Layout,
    ) -> Stored {
        let size = dtype.size();
        let mut bytes = vec![0u8; layout.skew + layout.length * size];
        let mut put = |place: usize, value: &[u8]| {
            let at = layout.skew + place * size;
            bytes[at..at + value.len()].copy_from_slice(value);
        };
        if let Some(gap) = gap {
            (0..layout.length).for_each(|place| put(place, gap));
        }
        for (k, value) in elements.iter().enumerate() {
            put(layout.place(shape, k), value);
        }
        Stored {
            dtype,
            shape: shape.to_vec(),
            strides: layout.steps.iter().map(|step| step * size as isize).collect(),
            start: layout.skew + layout.offset * size,
            bytes,
            swapped: layout.swapped,
        }
    }

    /// The array, as numfuse reads it.
    pub fn input(&self) -> Input<'_> {
        let start = self.bytes[self.start.min(self.bytes.len())..].as_ptr();
        // SAFETY: every element was written at its place in `bytes`, with bounds checked; bools as 0 and 1.
        unsafe { Input::from_raw(start, self.dtype, &self.shape, &self.strides, self.swapped) }
    }
}
