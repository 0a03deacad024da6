//! Running a program whose results go to files.
//!
//! A large result is written to the mapped file itself: no array of its size is made, and the system writes back what
//! memory does not hold. That needs the space on the disk to be reserved first, since a full disk shows as `SIGBUS`
//! where mapped pages are written: on Linux, where `fallocate` says no instead. Elsewhere, and where a file system
//! cannot reserve, the result is made in memory and written.

use std::path::Path;

use super::write::write;
use crate::error::{Error, ErrorKind, Result};
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
    run_to_files(program, inputs, &[path])
}

/// Runs a program and stores each of its results as a `.npy` file, as [`run_to_file`] does: one path for each result,
/// in their order, no two the same.
///
/// # Errors
/// As [`run_to_file`], and another number of paths than of results. Where a file cannot be stored, those before it may
/// have been.
pub fn run_to_files<'a, P: AsRef<Path>>(
    program: &Program,
    inputs: impl Inputs<'a>,
    paths: &[P],
) -> Result<()> {
    let paths: Vec<&Path> = paths.iter().map(P::as_ref).collect();
    let results = program.results().len();
    if results != paths.len() {
        let message = format!("the program has {results} results, and the files given are {}", paths.len());
        return Err(Error::new(ErrorKind::Output, message));
    }
    #[cfg(target_os = "linux")]
    if let Some(done) = mapped::run(program, &inputs, &paths) {
        return done;
    }
    let values: Vec<Value> = program.run(inputs)?;
    paths.iter().zip(&values).try_for_each(|(path, value)| write(path, value))
}

#[cfg(target_os = "linux")]
mod mapped {
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd;

    use memmap2::{MmapMut, MmapOptions};

    use super::*;
    use crate::dtype::DType;
    use crate::face::binding::signature;
    use crate::face::value::OutputView;
    use crate::infer::infer;
    use crate::input::Input;
    use crate::npy::header::{Header, strides};
    use crate::npy::replace::Replacement;
    use crate::npy::write::{indescribable, unwritable};

    /// Where all results are smaller they are made in memory: mapping costs a page fault for every 4 KiB.
    const LARGE: usize = 16 << 20;

    /// What a result will be.
    struct Target {
        dtype: DType,
        shape: Vec<usize>,
        bytes: usize,
        fortran: bool,
    }

    /// A file that a result is written to.
    struct Mapped<'p> {
        path: &'p Path,
        file: Replacement,
        map: MmapMut,
        header: usize,
        target: Target,
    }

    /// Runs into mapped files; `None` where that is not the way, and nothing has happened.
    pub(super) fn run<'a>(
        program: &Program,
        inputs: &impl Inputs<'a>,
        paths: &[&Path],
    ) -> Option<Result<()>> {
        let targets = inputs.with(program, |inputs| Ok(targets(program, inputs))).ok()??;
        let mut files = Vec::with_capacity(paths.len());
        for (path, target) in paths.iter().zip(targets) {
            match Mapped::create(path, target) {
                Ok(file) => files.push(file?),
                Err(error) => return Some(Err(error)),
            }
        }
        let done = program.run_into_all(inputs, files.iter_mut().map(Mapped::output));
        Some(done.and_then(|()| files.into_iter().try_for_each(Mapped::commit)))
    }

    impl<'p> Mapped<'p> {
        fn create(path: &'p Path, target: Target) -> Result<Option<Self>> {
            let Target { dtype, shape, bytes, fortran } = &target;
            let text = Header::text(*dtype, *fortran, shape).map_err(|fault| indescribable(path, &fault))?;
            let refused = |error: io::Error| unwritable(path, &error.to_string()).with_source(error);
            let file = Replacement::create(path).map_err(refused)?;
            let (Some(regular), Some(length)) = (file.as_regular_file(), text.len().checked_add(*bytes))
            else {
                return Ok(None);
            };
            let Some(mut map) = map(regular, length).map_err(refused)? else { return Ok(None) };
            map[..text.len()].copy_from_slice(&text);
            Ok(Some(Mapped { path, file, map, header: text.len(), target }))
        }

        fn output(&mut self) -> OutputView<'_> {
            let Target { dtype, shape, fortran, .. } = &self.target;
            // SAFETY: the header and the target's bytes behind it are mapped, which is what the shape takes; the map is
            // borrowed mutably by nothing else while the view lives. The file has no name, or one that nobody knows.
            unsafe {
                let start = self.map.as_mut_ptr().add(self.header);
                OutputView::from_raw(start, *dtype, shape, &strides(shape, *dtype, *fortran))
            }
        }

        fn commit(self) -> Result<()> {
            let Mapped { path, file, map, .. } = self;
            drop(map);
            file.commit().map_err(|error| unwritable(path, &error.to_string()).with_source(error))
        }
    }

    /// Types and shapes of the results. `None` where all are small, and for what cannot run: the run says why.
    fn targets(program: &Program, inputs: &[&Input<'_>]) -> Option<Vec<Target>> {
        let typed = infer(program.graph(), &signature(program.graph(), inputs).ok()?).ok()?;
        let mut targets = Vec::with_capacity(typed.results().len());
        for result in typed.results() {
            let dtype = typed.nodes()[*result].dtype;
            let shape: Vec<usize> =
                typed.shape(*result).iter().map(|dim| typed.signature().extent(*dim)).collect();
            let bytes = shape.iter().try_fold(dtype.size(), |n, extent| n.checked_mul(*extent))?;
            isize::try_from(bytes).ok()?;
            let fortran = lies_in_fortran_order(inputs, &shape);
            targets.push(Target { dtype, shape, bytes, fortran });
        }
        targets.iter().any(|target| target.bytes >= LARGE).then_some(targets)
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
