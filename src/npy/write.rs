//! Results as `.npy` files.

use std::io::{self, Write};
use std::path::Path;

use ndarray::{ArrayRef, Dimension};

use super::header::Header;
use super::replace::Replacement;
use crate::dtype::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::face::value::Value;

/// Writes a result as a `.npy` file, as [`write_array`] does.
///
/// # Errors
/// [`Io`](ErrorKind::Io) where the system refuses.
pub fn write(path: impl AsRef<Path>, value: &Value) -> Result<()> {
    match value {
        Value::Bool(array) => write_array(path, array),
        Value::I32(array) => write_array(path, array),
        Value::I64(array) => write_array(path, array),
        Value::F32(array) => write_array(path, array),
        Value::F64(array) => write_array(path, array),
    }
}

/// Writes an array of any strides as a `.npy` file: in Fortran order if it lies so, else in C order.
///
/// The file appears under its name when it is complete and on the disk; until then, and after an error, what was there
/// before is untouched. A path that is a pipe or a device is written to directly.
///
/// # Errors
/// [`Io`](ErrorKind::Io) where the system refuses.
pub fn write_array<T: Element, D: Dimension>(path: impl AsRef<Path>, array: &ArrayRef<T, D>) -> Result<()> {
    let path = path.as_ref();
    let fortran = !array.is_standard_layout() && array.t().is_standard_layout();
    let Some(header) = Header::text(T::DTYPE, fortran, array.shape()) else {
        return Err(unwritable(path, "it has too many axes"));
    };
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

/// Writes the elements, the last axis's first.
fn elements<T: Element, D: Dimension>(file: &mut impl Write, array: &ArrayRef<T, D>) -> io::Result<()> {
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

fn bytes_of<T: Element>(elements: &[T]) -> &[u8] {
    // SAFETY: `Element` is sealed: bool, and integers and floats of 4 and 8 bytes, none of which has padding. Bytes
    // have no alignment, and the slice is borrowed as long as the bytes are.
    unsafe { std::slice::from_raw_parts(elements.as_ptr().cast(), size_of_val(elements)) }
}
