//! Arrays in a device's memory: how host arrays get there and back.
//!
//! On the device elements lie without gaps, in the memory order of the axes that the host's array has: that order says
//! in which order a reduction goes. What repeats along an axis is there once.

use std::sync::{Arc, OnceLock};

use super::super::bind::reshaped::in_order;
use super::super::cpu::gather::Strided;
use super::runtime::{Gpu, Memory};
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::input::{Extents, Input, Source, Strides};

/// An array in a device's memory.
#[derive(Clone)]
pub(crate) struct Resident {
    pub(super) memory: Arc<Memory>,
    pub(crate) dtype: DType,
    pub(crate) shape: Extents,
    /// In bytes.
    pub(crate) strides: Strides,
    /// What may turn out to be an error of the runs that made it, or made what it was made of.
    pub(super) statuses: Vec<Arc<Status>>,
}

/// A word in which a run leaves the first error that data have made.
pub(super) struct Status {
    word: Arc<Memory>,
    /// By check.
    errors: Vec<Error>,
    /// What it came to, once somebody has asked.
    known: OnceLock<Result<()>>,
}

/// The status word of a run without an error.
pub(super) const NO_ERROR: u32 = u32::MAX;

impl Resident {
    /// The device whose memory it is.
    pub(crate) fn gpu(&self) -> &Arc<Gpu> {
        self.memory.gpu()
    }

    /// What a program is told of it.
    pub(crate) fn description(&self) -> Input<'static> {
        Input::imagined(self.dtype, &self.shape, &self.strides)
    }

    /// Bytes of its elements, each once.
    fn bytes(&self) -> usize {
        extent_of(&self.shape, &self.strides, self.dtype.size())
    }

    /// Copies a host array to the device.
    pub(crate) fn upload(gpu: &Arc<Gpu>, input: &Input<'_>) -> Result<Resident> {
        let size = input.dtype.size();
        if input.dtype.part_size() == 0 || matches!(input.dtype, DType::Bytes(_)) {
            let message = "byte strings are not compared on a graphics device";
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let (mut axes, strides) = packed(&input.shape, &input.strides, size);
        let resident = |memory| Resident {
            memory,
            dtype: input.dtype,
            shape: input.shape.clone(),
            strides: strides.clone(),
            statuses: Vec::new(),
        };
        let bytes = extent_of(&input.shape, &strides, size);
        let memory = gpu.allocate(bytes.max(size) as u64)?;
        if bytes == 0 {
            return Ok(resident(memory));
        }
        let start = match &input.place {
            Source::Memory(start) => *start,
            Source::Own(own) => own.as_ptr(),
            Source::Nowhere => {
                return Err(Error::new(ErrorKind::Internal, "an array without elements to upload"));
            }
        };
        // bytes of complex numbers come in another order part by part
        let part = input.dtype.part_size();
        if part != size {
            axes.push((2, part as isize));
        }
        let from = Strided { axes, size: part, swapped: input.swapped };
        let mut fill = |offset: u64, to: &mut [u8]| {
            let (first, count) = (offset as usize / part, to.len() / part);
            // SAFETY: the input's elements are readable for as long as it lives; the slice has room for them.
            unsafe { from.gather(start, first, count, to.as_mut_ptr()) };
        };
        gpu.upload(&memory, bytes as u64, &mut fill)?;
        Ok(resident(memory))
    }

    /// Copies it to memory of the host, of the same strides; waits until it is computed.
    ///
    /// # Errors
    /// Those of the data of the runs that made it.
    ///
    /// # Safety
    /// `to` is writable from its first element on, as far as shape and strides reach.
    pub(crate) unsafe fn download(&self, to: *mut u8) -> Result<()> {
        self.check()?;
        let bytes = self.bytes();
        if bytes == 0 {
            return Ok(());
        }
        self.gpu().download(&self.memory, bytes as u64, &mut |offset, part| {
            // SAFETY: the caller's promise; parts lie within the bytes.
            unsafe { to.add(offset as usize).copy_from_nonoverlapping(part.as_ptr(), part.len()) };
        })
    }

    /// Copies it to memory in C order; waits until it is computed.
    ///
    /// # Errors
    /// As [`download`](Self::download).
    ///
    /// # Safety
    /// `to` is writable for its elements.
    pub(crate) unsafe fn download_in_order(&self, to: *mut u8) -> Result<()> {
        let size = self.dtype.size();
        if self.strides == in_order(&self.shape, size) {
            // SAFETY: the caller's promise.
            return unsafe { self.download(to) };
        }
        let mut packed = vec![0u8; self.bytes()];
        // SAFETY: as many bytes as the strides reach; then the caller's promise.
        unsafe {
            self.download(packed.as_mut_ptr())?;
            let axes = self.shape.iter().copied().zip(self.strides.iter().copied()).collect();
            let from = Strided { axes, size, swapped: false };
            from.gather(packed.as_ptr(), 0, self.shape.iter().product(), to);
        }
        Ok(())
    }

    /// A copy, made by the device without a shader.
    pub(crate) fn copied(&self) -> Result<Resident> {
        let memory = self.gpu().allocate(self.memory.bytes())?;
        let mut batch = self.gpu().batch();
        batch.copy(&self.memory, &memory)?;
        batch.submit()?;
        Ok(Resident { memory, ..self.clone() })
    }

    /// Whether its elements lie without gaps, each at a place of its own.
    pub(crate) fn is_dense(&self) -> bool {
        let elements: usize = self.shape.iter().product();
        self.bytes() == elements * self.dtype.size()
    }

    /// Waits for it, and answers the error that data have made of it.
    pub(crate) fn check(&self) -> Result<()> {
        self.statuses.iter().try_for_each(|status| status.check())
    }
}

impl Status {
    pub(super) fn new(word: Arc<Memory>, errors: Vec<Error>) -> Status {
        Status { word, errors, known: OnceLock::new() }
    }

    /// Waits for the run, and answers the error that data have made of it.
    pub(super) fn check(&self) -> Result<()> {
        if let Some(known) = self.known.get() {
            return known.clone();
        }
        let mut word = [0u8; 4];
        let mut take = |offset: u64, part: &[u8]| {
            word[offset as usize..][..part.len()].copy_from_slice(part);
        };
        self.word.gpu().download(&self.word, 4, &mut take)?;
        let known = match u32::from_ne_bytes(word) {
            NO_ERROR => Ok(()),
            check => {
                let internal = || Error::new(ErrorKind::Internal, "a check that the plan does not have");
                Err(self.errors.get(check as usize).cloned().unwrap_or_else(internal))
            }
        };
        self.known.get_or_init(|| known).clone()
    }
}

/// Bytes from the first to the end of the last element, of positive strides.
fn extent_of(shape: &[usize], strides: &[isize], size: usize) -> usize {
    if shape.contains(&0) {
        return 0;
    }
    let along = shape.iter().zip(strides).map(|(extent, stride)| (extent - 1) * stride.unsigned_abs());
    along.fold(size, |bytes, along| bytes + along)
}

/// The axes of an array that is packed, outermost first, as they lie in its own memory, and the strides that it then has.
fn packed(
    shape: &[usize],
    strides: &[isize],
    size: usize,
) -> (smallvec::SmallVec<[(usize, isize); 2]>, Strides) {
    let mut order: Vec<usize> =
        (0..shape.len()).filter(|axis| shape[*axis] != 1 && strides[*axis] != 0).collect();
    order.sort_by_key(|axis| std::cmp::Reverse(strides[*axis].unsigned_abs()));
    let mut packed: Strides = std::iter::repeat_n(0, shape.len()).collect();
    let mut step = size as isize;
    for axis in order.iter().rev() {
        packed[*axis] = step;
        step = step.saturating_mul(shape[*axis].max(1) as isize);
    }
    let mut axes: smallvec::SmallVec<[(usize, isize); 2]> = smallvec::SmallVec::new();
    for (extent, stride) in order.iter().map(|axis| (shape[*axis], strides[*axis])) {
        match axes.last_mut() {
            // neighbours that lie as one are one
            Some((count, outer)) if stride.checked_mul(extent as isize) == Some(*outer) => {
                (*count, *outer) = (*count * extent, stride);
            }
            _ => axes.push((extent, stride)),
        }
    }
    (axes, packed)
}
