//! A `.npy` file as an input: mapped, checked, lent.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use memmap2::Mmap;

use super::header::{Header, strides};
use crate::Input;
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};

/// A `.npy` file, mapped into memory: the system reads what is touched, so a file may be larger than memory.
///
/// Nobody may change the file while it is mapped. One that shrinks makes the system end the program (`SIGBUS`) when
/// the lost part is read; one that is overwritten gives whatever it holds at that moment, and a `bool` file then
/// undefined behaviour. [`write()`](super::write()) replaces a file by a new one, which leaves the mapped one as it is.
///
/// ```
/// # let folder = std::env::temp_dir().join(format!("numfuse-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("x.npy");
/// use numfuse::npy::{NpyFile, write_array};
/// write_array(&path, &ndarray::array![[1.5, 2.5, 3.5]])?;
/// let file = NpyFile::open(&path)?;
/// assert_eq!((file.dtype(), file.shape()), (numfuse::DType::F64, &[1usize, 3][..]));
/// let input = file.as_input(); // to give to a program
/// # drop(input);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct NpyFile {
    elements: Elements,
    header: Header,
    /// In bytes.
    strides: Vec<isize>,
}

#[derive(Debug)]
enum Elements {
    /// From `header.start` on.
    Mapped(Mmap),
    /// A `bool` file's, made 0 and 1.
    Own(Vec<u8>),
}

impl NpyFile {
    /// Maps the file and checks what it says of itself.
    ///
    /// A `bool` file is read once, here: a byte other than 0 and 1 is no truth value, and a file that has one is copied
    /// into memory with 1 in its place, which is what NumPy takes it for.
    ///
    /// # Errors
    /// [`Io`](ErrorKind::Io) if the file cannot be opened or is not a complete `.npy` file,
    /// [`Unsupported`](ErrorKind::Unsupported) if its elements are of a type that the library lacks.
    pub fn open(path: impl AsRef<Path>) -> Result<NpyFile> {
        let path = path.as_ref();
        let map = map(path).map_err(|e| unreadable(path, ErrorKind::Io, &e.to_string()).with_source(e))?;
        let header = Header::parse(&map).map_err(|fault| unreadable(path, fault.kind, &fault.message))?;
        let there = map.len() - header.start;
        if there < header.bytes {
            let shape = &header.shape;
            let message = format!(
                "{} of shape {shape:?} take {} bytes, and it has {there}",
                header.dtype, header.bytes
            );
            return Err(unreadable(path, ErrorKind::Io, &message));
        }
        let strides = strides(&header.shape, header.dtype, header.fortran);
        let elements = match header.dtype {
            DType::Bool => truth_values(map, &header),
            _ => Elements::Mapped(map),
        };
        Ok(NpyFile { elements, header, strides })
    }

    /// The type of the elements.
    pub fn dtype(&self) -> DType {
        self.header.dtype
    }

    /// The extents, outermost axis first.
    pub fn shape(&self) -> &[usize] {
        &self.header.shape
    }

    /// The elements, to give to a program: nothing is read yet.
    pub fn as_input(&self) -> Input<'_> {
        let start = match &self.elements {
            Elements::Mapped(map) => map[self.header.start..].as_ptr(),
            Elements::Own(bytes) => bytes.as_ptr(),
        };
        let Header { dtype, swapped, shape, .. } = &self.header;
        // SAFETY: `open` has seen that `bytes` bytes follow `start`, which is what the shape takes, and the strides are
        // those of that many bytes; they live as long as `self` is borrowed, and its bool bytes are 0 and 1. That no
        // other process writes to the file is asked of the user in the type's documentation.
        unsafe { Input::from_raw(start, *dtype, shape, &self.strides, *swapped) }
    }
}

fn map(path: &Path) -> io::Result<Mmap> {
    // asked before opening: opening a pipe would wait for its other end
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let file = File::open(path)?;
    // SAFETY: what holds of a mapped file is documented with the type. Its bytes become references only while the
    // header and the truth values are looked at; kernels read through raw pointers.
    unsafe { Mmap::map(&file) }
}

fn unreadable(path: &Path, kind: ErrorKind, why: &str) -> Error {
    Error::new(kind, format!("cannot read `{}`: {why}", path.display()))
}

fn truth_values(map: Mmap, header: &Header) -> Elements {
    let bytes = &map[header.start..][..header.bytes];
    // by chunks: `all` on single bytes does not vectorise
    if bytes.chunks(4096).all(|chunk| chunk.iter().fold(0, |any, byte| any | byte) <= 1) {
        return Elements::Mapped(map);
    }
    Elements::Own(bytes.iter().map(|byte| u8::from(*byte != 0)).collect())
}
