//! NumPy's `.npy` files: mapped as inputs, written as results.
//!
//! Takes: a path. Promises of [`NpyFile`]: the file's elements are read in place, never copied (a `bool` file may be,
//! see [`NpyFile::open`]), in either byte order and in C or Fortran order, and a file that is not what it says is an
//! error before anything of it is used. Promises of [`write()`]: a file stands complete under its name or not at all.
//! Every type of numbers that NumPy has goes in and comes out, byte strings go in. [`run_to_file`] puts both together for results that are larger than memory.
//!
//! The format is NumPy's NEP 1, versions 1 to 3: a magic string, the length of a header, a header that is a Python
//! dictionary, and the elements. The parser is our own. `ndarray-npy` refuses mapped data that is unaligned or of the
//! other byte order; `npyz` reads streams into vectors, and maps nothing; both parse the header as any Python literal
//! through a grammar, with a library of big integers. What is wanted here is one fixed dictionary, in bounded time, and
//! a pointer.

mod descr;
mod file;
mod header;
mod replace;
mod run;
mod write;

pub use file::NpyFile;
pub use run::{run_to_file, run_to_files};
pub use write::{write, write_array};
