//! A loop's body as a tape: kernel calls over tiles, each tile a slot of a thread's scratch memory.
//!
//! Values fall into three phases. What varies along no axis is computed *once* a call, what does not vary along the
//! innermost axes once a *row*, the rest once a *tile*. A value of the first two is one element, which kernels read
//! in their splat forms; it is stored [`STEP`] times over, so that kernels can compute it like a small tile.

#[cfg(doc)]
use numfuse_kernels::STEP;
use numfuse_kernels::{FoldKernels, Kernel, Op, SumOfRows};

use super::calls::Calling;
use super::memory::Aligned;
use super::repeat::LoopTape;
use crate::infer::CheckId;
use crate::plan::Text;

/// When a value is computed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum When {
    Once,
    Row,
    Tile,
}

/// An entry of a thread's table of pointers. The first ones are the accesses, in their order: the address of the
/// current elements, where they are read or written in place.
pub(super) type Pointer = u32;

/// One kernel call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) kernel: Kernel,
    pub(super) target: Pointer,
    pub(super) operands: [Pointer; 3],
}

/// A copy of elements to a slot before a phase's first step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Read {
    pub(super) access: usize,
    pub(super) slot: Pointer,
}

/// A comparison of byte strings before a phase's first step: its truth values go to a slot.
#[derive(Clone, Debug)]
pub(super) struct ByteTest {
    pub(super) op: Op,
    pub(super) texts: [Text; 2],
    pub(super) slot: Pointer,
}

/// A step that fetches elements from places which a value says: its second operand is a [`Places`](super::gather::Places).
#[derive(Clone, Copy, Debug)]
pub(super) struct Fetch {
    pub(super) access: usize,
    pub(super) context: Pointer,
    /// Whether one place serves all elements.
    pub(super) splat: bool,
}

/// An error to raise where a truth value holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Check {
    pub(super) bad: Pointer,
    pub(super) splat: bool,
    pub(super) check: CheckId,
}

/// What a phase does.
#[derive(Default, Debug)]
pub(super) struct Phase {
    pub(super) reads: Vec<Read>,
    pub(super) byte_tests: Vec<ByteTest>,
    pub(super) steps: Vec<Step>,
    pub(super) checks: Vec<Check>,
}

impl Phase {
    /// Whether it does nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.reads.is_empty() && self.byte_tests.is_empty() && self.steps.is_empty() && self.checks.is_empty()
    }
}

/// How a tile reaches the memory it is stored in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Write {
    /// Its kernel has written it there.
    Direct,
    /// Copied.
    Copy,
    /// Copied past the caches.
    Stream,
    /// Its elements take turns with those of the next value: the parts of complex numbers, one after the other.
    Pairs,
    /// Written with the value before it.
    WithPair,
}

/// An elementwise result.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stored {
    pub(super) access: usize,
    pub(super) value: Pointer,
    /// Where a value that is one element is spread over a tile first.
    pub(super) spread: Option<Pointer>,
    pub(super) write: Write,
}

/// A reduction's part.
#[derive(Clone)]
pub(super) struct Folded {
    pub(super) access: usize,
    pub(super) value: Pointer,
    /// The imaginary part of complex numbers, and whether each part is one element.
    pub(super) imaginary: Option<(Pointer, [bool; 2])>,
    /// Where a value that is one element, or two parts, is spread over a tile first.
    pub(super) spread: Option<Pointer>,
    pub(super) kernels: FoldKernels,
    /// Bytes of an element while it is folded, and of a part of an accumulator.
    pub(super) size: usize,
    /// How results narrow as they are stored.
    pub(super) narrow: Option<Kernel>,
    /// The bytes of the result where nothing is reduced; `None` is an error.
    pub(super) of_nothing: Option<[u8; 16]>,
}

impl Folded {
    /// Bytes of an accumulator.
    pub(super) fn accumulator(&self) -> usize {
        self.size * self.kernels.parts
    }
}

/// The step that computes what a reduction over columns takes, left out of the tile's: it writes a run's first row to
/// the accumulators.
#[derive(Clone, Copy, Debug)]
pub(super) struct Last {
    pub(super) step: Step,
    /// Adds what it computes of the other rows to them.
    pub(super) fused: Option<Kernel>,
}

/// A whole tile in one kernel, for any number of rows: the sum over columns of a term of one access and one number.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowSum {
    pub(super) kernel: SumOfRows,
    /// An access that kernels read where it lies.
    pub(super) a: Pointer,
    /// An access of one element a row, or a number.
    pub(super) b: Pointer,
}

/// A slot of scratch memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) pointer: Pointer,
    pub(super) offset: usize,
}

/// An access whose elements kernels read or write where they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct InPlace {
    pub(super) access: usize,
    /// Bytes of an element.
    pub(super) size: usize,
    /// Whether it is read.
    pub(super) load: bool,
    /// Whether nothing else reads the same memory shortly before: then it is worth asking for ahead.
    pub(super) leads: bool,
    /// Scratch memory that stands in for it when a tile is not whole steps.
    pub(super) tail: usize,
}

/// The program of one loop for one thread.
pub(super) struct Tape {
    /// No other tape's, ever; not 0.
    pub(super) id: u64,
    pub(super) once: Phase,
    pub(super) row: Phase,
    pub(super) tile: Phase,
    pub(super) stores: Vec<Stored>,
    pub(super) folds: Vec<Folded>,
    pub(super) last: Option<Last>,
    pub(super) row_sum: Option<RowSum>,
    /// Elements in a tile, a multiple of a reduction's lanes.
    pub(super) elements: usize,
    /// How many pointers the table has.
    pub(super) pointers: usize,
    pub(super) slots: Vec<Slot>,
    pub(super) fetches: Vec<Fetch>,
    /// Elementwise loops, each with the offset of its scratch memory.
    pub(super) loops: Vec<(LoopTape, usize)>,
    pub(super) calls: Vec<Calling>,
    pub(super) in_place: Vec<InPlace>,
    /// Accesses of which kernels read one element where it lies, for a whole row.
    pub(super) points: Vec<usize>,
    /// Whether a tile is kernel calls on elements in place alone, so that from one row to the next only addresses change.
    pub(super) plain: bool,
    /// Whether tiles at the end of a row are read in place beyond it.
    pub(super) reads_past_ends: bool,
    /// Bytes of scratch memory.
    pub(super) bytes: usize,
    /// Numbers, by pointer.
    pub(super) constants: Vec<(Pointer, usize)>,
    pub(super) pool: Aligned,
    /// Whether inputs come from memory and are asked for a tile ahead.
    pub(super) prefetch: bool,
    /// Simple operations an element costs.
    pub(super) cost: u32,
}

impl std::fmt::Debug for Tape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tape of {} steps a tile of {} elements", self.tile.steps.len(), self.elements)
    }
}

impl Tape {
    /// Whether it stores past the caches.
    pub(super) fn streams(&self) -> bool {
        self.stores.iter().any(|s| s.write == Write::Stream)
    }
}
