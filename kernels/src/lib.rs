//! The operations of numfuse: one table, one body each, on every instruction set.
//!
//! A leaf crate, and the only place with SIMD. [`ops`] is the table of operations; the bodies are in [`math`], written
//! once over the traits of [`token`]. From a row and its body follow the kernels of every instruction set
//! ([`kernel()`]), their scalar oracle ([`oracle()`]), and a recording for other code generators ([`record`]).
//! [`fold()`] are the reductions, [`sum_of_rows()`] sums over rows of products and distances, [`scan()`] running ones;
//! [`convert()`] the conversions between types, [`load()`] and [`store()`] those from and to types that only memory has.
//!
//! Everything leaves this crate as pointers to monomorphic functions, never as generics: it is compiled once, with
//! optimisation, whatever the build of its users.

#![warn(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]

mod compute;
mod convert;
mod fold;
mod isa;
mod kernel;
mod lanes;
pub mod math;
mod moments;
mod op;
pub mod ops;
mod oracle;
mod own;
mod pairs;
pub mod portable;
mod random;
mod rare;
pub mod record;
mod row;
pub mod scalar;
mod scan;
mod storage;
mod sums;
mod table;
pub mod token;
#[cfg(target_arch = "x86_64")]
pub mod x86;

pub use compute::Compute;
pub use fold::{BLOCK, Fold, FoldKernels, LANES, RUN, Rows};
pub use isa::{Isa, UnknownIsa};
pub use kernel::{Kernel, STEP, convert, fold, kernel, load, store, sum_of_rows};
pub use op::{Bound, OpInfo, Typing};
pub use ops::Op;
pub use oracle::{oracle, strict_f64};
pub use own::{Adapted, Adapter, Body, OwnKernels};
pub use pairs::product_of_pairs;
pub use scan::{Scan, scan};
pub use storage::Storage;
pub use sums::{SumOfRows, Term};
