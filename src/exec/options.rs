//! How to run: threads, instruction set, tile.

use std::num::NonZeroUsize;
use std::sync::OnceLock;

use numfuse_kernels::Isa;

use crate::error::{Error, ErrorKind, Result};

/// How a program runs. The default: every thread of the current rayon pool, the best instruction set of the
/// machine, a tile that fits its first-level cache. Environment variables set other defaults, for tests:
/// `NUMFUSE_THREADS` and `NUMFUSE_ISA=avx512|avx2|portable`.
///
/// No option changes a result's bits, except that `portable` computes without fused multiply-add.
///
/// ```
/// use numfuse::{Isa, Options};
/// let options = Options::new().threads(1).isa(Isa::Portable);
/// assert_eq!(options.resolve()?.threads, Some(1));
/// # Ok::<(), numfuse::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    threads: Option<NonZeroUsize>,
    isa: Option<Isa>,
    tile: Option<NonZeroUsize>,
}

/// Options with every default filled in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Resolved {
    /// How many threads may take part, the calling one included; `None`: as many as the current rayon pool has.
    pub threads: Option<usize>,
    /// The instruction set.
    pub isa: Isa,
    /// Elements in a tile, a power of two from 64; `None` lets each loop choose.
    pub tile: Option<usize>,
}

impl Options {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// At most this many threads, the calling one included; 0 means the default.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = NonZeroUsize::new(threads);
        self
    }

    /// This instruction set. One that the machine lacks is an error when a program runs.
    pub fn isa(mut self, isa: Isa) -> Self {
        self.isa = Some(isa);
        self
    }

    /// Tiles of this many elements, rounded to a power of two from 64 to 4096; 0 means the default.
    pub fn tile(mut self, elements: usize) -> Self {
        self.tile = NonZeroUsize::new(elements);
        self
    }

    /// Fills in the defaults.
    ///
    /// # Errors
    /// An instruction set that the machine lacks, or an environment variable that says nothing sensible.
    pub fn resolve(self) -> Result<Resolved> {
        let environment = match (self.threads, self.isa) {
            (Some(_), Some(_)) => Environment { threads: None, isa: None },
            _ => environment()?,
        };
        let isa = self.isa.or(environment.isa).unwrap_or_else(Isa::detect);
        if !isa.is_available() {
            return Err(Error::new(ErrorKind::Isa, format!("this machine has no {isa}")));
        }
        let threads = self.threads.or(environment.threads).map(NonZeroUsize::get);
        let tile = self.tile.map(|t| t.get().clamp(64, 4096).next_power_of_two());
        Ok(Resolved { threads, isa, tile })
    }
}

#[derive(Clone, Copy)]
struct Environment {
    threads: Option<NonZeroUsize>,
    isa: Option<Isa>,
}

/// The environment's word, read once: a call takes less time than a look into the environment.
fn environment() -> Result<Environment> {
    static READ: OnceLock<Result<Environment>> = OnceLock::new();
    READ.get_or_init(|| {
        let threads = match std::env::var("NUMFUSE_THREADS") {
            Ok(text) => Some(text.parse::<NonZeroUsize>().map_err(|_| {
                Error::new(ErrorKind::Input, format!("NUMFUSE_THREADS is {text:?}, not a number of threads"))
            })?),
            Err(_) => None,
        };
        let isa = match std::env::var("NUMFUSE_ISA") {
            Ok(text) => Some(text.parse::<Isa>().map_err(|_| {
                Error::new(
                    ErrorKind::Isa,
                    format!("NUMFUSE_ISA is {text:?}, not one of avx512, avx2, portable"),
                )
            })?),
            Err(_) => None,
        };
        Ok(Environment { threads, isa })
    })
    .clone()
}
