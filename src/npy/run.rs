//! Running a program whose result goes to a file.
//!
//! A large result is written to the mapped file itself: no array of its size is made, and the system writes back what
//! memory does not hold. That needs the space on the disk to be reserved first, since a full disk shows as `SIGBUS`
//! where mapped pages are written: on Linux, where `fallocate` says no instead. Elsewhere, and where a file system
//! cannot reserve, the result is made in memory and written.

use std::path::Path;

use super::write::write;
use crate::error::Result;
use crate::face::inputs::Inputs;
use crate::face::program::Program;
use crate::face::value::Value;

/// Runs a program and stores its result as a `.npy` file, as [`write()`] does; results larger than memory, too.
///
/// ```
/// # let folder = std::env::temp_dir().join(format!("numfuse-run-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let (input, output) = (folder.join("x.npy"), folder.join("y.npy"));
/// use numfuse::npy::{NpyFile, run_to_file, write_array};
/// use numfuse::Program;
/// write_array(&input, &ndarray::array![1.0, 2.0, 3.0])?;
/// let file = NpyFile::open(&input)?;
/// run_to_file(&Program::compile("2*x + 1")?, [("x", file.as_input())], &output)?;
/// assert_eq!(NpyFile::open(&output)?.shape(), [3]);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Program::run`], and as [`write()`] where the result cannot be stored. After either there is no file, or the one
/// that was there.
pub fn run_to_file<'a>(program: &Program, inputs: impl Inputs<'a>, path: impl AsRef<Path>) -> Result<()> {
    let path = path.as_ref();
    #[cfg(target_os = "linux")]
    if let Some(done) = mapped::run(program, &inputs, path) {
        return done;
    }
    let value: Value = program.run(inputs)?;
    write(path, &value)
}

#[cfg(target_os = "linux")]
mod mapped {
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd;

    use memmap2::{MmapMut, MmapOptions};

    use super::*;
    use crate::dtype::DType;
    use crate::face::value::OutputView;
    use crate::infer::{AxisSet, Signature, infer};
    use crate::input::Input;
    use crate::npy::header::{Header, strides};
    use crate::npy::replace::Replacement;
    use crate::npy::write::{indescribable, unwritable};

    /// Smaller results are made in memory: mapping costs a page fault for every 4 KiB.
    const LARGE: usize = 16 << 20;

    /// What the result will be.
    struct Target {
        dtype: DType,
        shape: Vec<usize>,
        bytes: usize,
        fortran: bool,
    }

    /// Runs into a mapped file; `None` where that is not the way, and nothing has happened.
    pub(super) fn run<'a>(program: &Program, inputs: &impl Inputs<'a>, path: &Path) -> Option<Result<()>> {
        let target = inputs.with(program, |inputs| Ok(target(program, inputs))).ok()??;
        let Target { dtype, shape, bytes, fortran } = &target;
        let header = match Header::text(*dtype, *fortran, shape) {
            Ok(header) => header,
            Err(fault) => return Some(Err(indescribable(path, &fault))),
        };
        let refused = |error: io::Error| unwritable(path, &error.to_string()).with_source(error);
        let file = match Replacement::create(path) {
            Ok(file) => file,
            Err(error) => return Some(Err(refused(error))),
        };
        let mut map = match map(file.as_regular_file()?, header.len().checked_add(*bytes)?) {
            Ok(map) => map?,
            Err(error) => return Some(Err(refused(error))),
        };
        map[..header.len()].copy_from_slice(&header);
        // SAFETY: the header and `bytes` bytes behind it are mapped, which is what the shape takes; the map is borrowed
        // mutably by nothing else and lives until after the run. The file has no name, or one that nobody knows.
        let output = unsafe {
            let start = map.as_mut_ptr().add(header.len());
            OutputView::from_raw(start, *dtype, shape, &strides(shape, *dtype, *fortran))
        };
        let done = program.run_into(inputs, output);
        drop(map);
        Some(done.and_then(|()| file.commit().map_err(refused)))
    }

    /// Type and shape of a large result. `None` for a small one, and for what cannot run: the run says why.
    fn target(program: &Program, inputs: &[&Input<'_>]) -> Option<Target> {
        let mut signature = Signature::new();
        for input in inputs {
            if input.shape.len() > AxisSet::MAX_RANK {
                return None;
            }
            signature.push(input.dtype, input.weak, &input.shape);
        }
        let typed = infer(program.graph(), &signature).ok()?;
        let result = *typed.results().first()?;
        let dtype = typed.nodes()[result].dtype;
        let shape: Vec<usize> = typed.shape(result).iter().map(|dim| signature.extent(*dim)).collect();
        let bytes = shape.iter().try_fold(dtype.size(), |n, extent| n.checked_mul(*extent))?;
        let fortran = lies_in_fortran_order(inputs, &shape);
        (bytes >= LARGE && isize::try_from(bytes).is_ok()).then_some(Target { dtype, shape, bytes, fortran })
    }

    /// Whether every input of the result's shape lies in Fortran order, and there is one: the file is then read and
    /// written from front to back.
    fn lies_in_fortran_order(inputs: &[&Input<'_>], shape: &[usize]) -> bool {
        let in_order = |input: &Input<'_>, fortran| *input.strides == *strides(shape, input.dtype, fortran);
        let mut whole = inputs.iter().filter(|input| *input.shape == *shape).peekable();
        whole.peek().is_some() && whole.all(|input| in_order(input, true) && !in_order(input, false))
    }

    /// The file of so many bytes, mapped; `None` where its file system cannot reserve space or map.
    fn map(file: &File, bytes: usize) -> io::Result<Option<MmapMut>> {
        let Ok(length) = libc::off_t::try_from(bytes) else { return Ok(None) };
        // SAFETY: a call on a descriptor that `file` keeps open.
        if unsafe { libc::fallocate(file.as_raw_fd(), 0, 0, length) } != 0 {
            let error = io::Error::last_os_error();
            return match error.raw_os_error() {
                Some(libc::EOPNOTSUPP | libc::ENOSYS) => Ok(None),
                _ => Err(error),
            };
        }
        // SAFETY: the file is ours, its space is reserved, and nobody else can shorten it.
        Ok(unsafe { MmapOptions::new().len(bytes).map_mut(file) }.ok())
    }
}
