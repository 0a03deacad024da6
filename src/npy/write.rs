//! Results as `.npy` files.

use std::io::{self, Write};
use std::path::Path;

use ndarray::{ArrayRef, Dimension};

use super::header::{Fault, Header};
use super::replace::Replacement;
use crate::dtype::{Stored, for_each_element};
use crate::error::{Error, ErrorKind, Result};
use crate::face::value::Value;

macro_rules! write_values {
    ($($rust:ty => $variant:ident),*) => {
        /// Writes a result as a `.npy` file, as [`write_array`] does.
        ///
        /// # Errors
        /// As [`write_array`].
        pub fn write(path: impl AsRef<Path>, value: &Value) -> Result<()> {
            match value {
                $(Value::$variant(array) => write_array(path, array),)*
            }
        }
    };
}
for_each_element!(write_values);

/// Writes an array of any strides as a `.npy` file: in Fortran order if it lies so, else in C order.
///
/// The file appears under its name when it is complete and on the disk; until then, and after an error, what was there
/// before is untouched. A path that is a pipe or a device is written to directly.
///
/// Arrays of `[u8; 6]` are NumPy's byte strings, `S6`.
///
/// # Errors
/// [`Io`](ErrorKind::Io) where the system refuses, [`Unsupported`](ErrorKind::Unsupported) for `bf16`, which NumPy
/// lacks.
pub fn write_array<T: Stored, D: Dimension>(path: impl AsRef<Path>, array: &ArrayRef<T, D>) -> Result<()> {
    let path = path.as_ref();
    let fortran = !array.is_standard_layout() && array.t().is_standard_layout();
    let header =
        Header::text(T::DTYPE, fortran, array.shape()).map_err(|fault| indescribable(path, &fault))?;
    let written = (|| {
        let mut file = Replacement::create(path)?;
        file.write_all(&header)?;
        if fortran {
            elements(&mut file, &array.t())?
        } else {
            elements(&mut file, array)?
        }
        file.commit()
    })();
    written.map_err(|e: io::Error| unwritable(path, &e.to_string()).with_source(e))
}

pub(super) fn unwritable(path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::Io, format!("cannot write `{}`: {why}", path.display()))
}

/// A result that no header can describe.
pub(super) fn indescribable(path: &Path, fault: &Fault) -> Error {
    Error::new(fault.kind, format!("cannot write `{}`: {}", path.display(), fault.message))
}

/// Writes the elements, the last axis's first.
fn elements<T: Stored, D: Dimension>(file: &mut impl Write, array: &ArrayRef<T, D>) -> io::Result<()> {
    if let Some(slice) = array.as_slice() {
        return file.write_all(bytes_of(slice));
    }
    const AT_ONCE: usize = 1 << 14;
    let mut some = Vec::with_capacity(AT_ONCE);
    let mut elements = array.iter().copied();
    loop {
        some.extend(elements.by_ref().take(AT_ONCE));
        if some.is_empty() {
            return Ok(());
        }
        file.write_all(bytes_of(&some))?;
        some.clear();
    }
}

fn bytes_of<T: Stored>(elements: &[T]) -> &[u8] {
    // SAFETY: `Stored` is sealed: bool, integers, floats, two floats of one type side by side, and arrays of bytes, none
    // of which has padding. Bytes have no alignment, and the slice is borrowed as long as the bytes are.
    unsafe { std::slice::from_raw_parts(elements.as_ptr().cast(), size_of_val(elements)) }
}
