//! Elementwise loops on tiles: the body is a tape of its own, run on a part of a tile until no element goes on.
//!
//! A part is [`PART`] elements: few enough that all of them tend to leave within some turns, and many enough that a
//! kernel's call costs little beside them. An element that has left is computed on with the others of its part, and
//! what it comes to is not kept: only variables that are read after the loop are written under the mask of those that
//! go on. A step of the surrounding tape runs all parts of its tile ([`run`]).

use numfuse_kernels::{Kernel, STEP};

use super::calls::{Callee, Calling};
use super::gather::{self, Places};
use super::runner::Failure;
use super::schedule::Schedule;
use super::tape::{Pointer, Step};
use crate::infer::CheckId;

/// Elements that stay in a loop as long as one of them does.
pub(super) const PART: usize = 128;
/// So many turns go by before a part asks whether it is to end.
const PATIENCE: u32 = 1024;
/// Bytes of a part's slot: of the widest elements, and a line, so that equal places of slots are not a page apart. A read
/// would wait for a write to the same place of another page.
pub(super) const SLOT: usize = PART * 8 + 64;

/// An elementwise loop of a tape, with those inside it. Its pointers are entries of a table of its own.
#[derive(Debug, Default)]
pub(super) struct LoopTape {
    /// The outermost loop.
    pub(super) body: LoopBody,
    /// Entries of the surrounding table, which the first entries of its own stand for: bytes of an element, 0 for
    /// one that serves all.
    pub(super) outside: Vec<(Pointer, usize)>,
    /// What its gathers read, by entry after those: the access, and whether one place serves all.
    pub(super) fetches: Vec<(usize, bool)>,
    /// The functions of the user's own that it calls, by entry after those.
    pub(super) calls: Vec<Calling>,
    /// How many slots of scratch memory the last entries have.
    pub(super) slots: usize,
    /// Where values go after the loop.
    pub(super) results: Vec<Left>,
    /// The entry of the surrounding table that leads to the frame.
    pub(super) context: Pointer,
    /// Whether one element serves all: a loop outside of the tiles.
    pub(super) single: bool,
}

/// What a variable is after the loop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Left {
    /// An entry of the loop's own table, and whether it is one element.
    pub(super) from: Pointer,
    pub(super) splat: bool,
    /// An entry of the surrounding table.
    pub(super) to: Pointer,
    pub(super) size: usize,
}

/// A loop.
#[derive(Debug, Default)]
pub(super) struct LoopBody {
    pub(super) bound: Pointer,
    pub(super) variables: Vec<Variable>,
    /// What a turn ends with, in this order: next values that are copied to a slot first, those that are written over the
    /// current ones where the mask holds, and slots that change places.
    pub(super) copies: Vec<Copied>,
    pub(super) masked: Vec<Masked>,
    pub(super) swaps: Vec<[Pointer; 2]>,
    /// What is kept when elements leave.
    pub(super) held: Vec<Masked>,
    /// What the condition takes, and the rest of a turn.
    pub(super) asked: Vec<Work>,
    pub(super) computed: Vec<Work>,
    /// Whether an element goes on; none if all do until the bound. The flag: whether all agree.
    pub(super) go_on: Option<(Pointer, bool)>,
    /// The mask of the elements in the loop, where they leave one by one.
    pub(super) living: Option<Pointer>,
    /// The mask of the loop around it.
    pub(super) around: Option<Pointer>,
}

/// A variable of a loop, as it begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variable {
    pub(super) init: Pointer,
    /// Whether the first value is one element.
    pub(super) splat: bool,
    /// The entry that the body reads.
    pub(super) current: Pointer,
    /// Where it is kept as it was when each element left: it is one for all elements that are in the loop.
    pub(super) held: Option<Pointer>,
    pub(super) size: usize,
    /// Whether it is one element for all.
    pub(super) uniform: bool,
}

impl Variable {
    /// The entry of what it is after the loop.
    pub(super) fn left(&self) -> Pointer {
        self.held.unwrap_or(self.current)
    }
}

/// A next value on its way: another variable's current value is not there any more once that one has stepped on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Copied {
    pub(super) from: Pointer,
    /// Whether it is one element there.
    pub(super) splat: bool,
    pub(super) to: Pointer,
    pub(super) size: usize,
    /// Whether it is one element for all.
    pub(super) uniform: bool,
}

/// A value that is written over another where a mask holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Masked {
    pub(super) kernel: Kernel,
    pub(super) from: Pointer,
    pub(super) to: Pointer,
}

/// What a turn does.
#[derive(Debug)]
pub(super) enum Work {
    /// A kernel's call, of one element for all or of a part.
    Step(Step, bool),
    /// An error if this holds for an element in the loop; whether it is one element.
    Check(Pointer, bool, CheckId),
    /// A loop inside.
    Repeat(Box<LoopBody>),
}

impl LoopTape {
    /// How many elements take turns together, and how many kernels a turn calls, with one turn of the loops inside.
    pub(super) fn turn(&self) -> (usize, usize) {
        (if self.single { 1 } else { PART }, self.body.calls())
    }
}

impl LoopBody {
    fn calls(&self) -> usize {
        let calls = |work: &Work| match work {
            Work::Step(..) => 1,
            Work::Check(..) => 0,
            Work::Repeat(body) => body.calls(),
        };
        self.asked.iter().chain(&self.computed).map(calls).sum()
    }
}

/// A loop's tape in the hands of a thread.
pub(super) struct Frame<'a> {
    tape: &'a LoopTape,
    failure: &'a Failure<'a>,
    /// Turns that the part may still take, and those until it asks whether the run is to end.
    left: u64,
    unasked: u32,
    table: Vec<*mut u8>,
    places: Vec<Places>,
    callees: Vec<Callee<'a>>,
    /// The surrounding table; set before each tile.
    outside: *const *mut u8,
    /// Where the tile begins in its row, and how many elements it has.
    first: usize,
    count: usize,
}

impl<'a> Frame<'a> {
    /// A frame whose slots lie at `scratch`.
    ///
    /// # Safety
    /// `scratch` has [`SLOT`] bytes for each of the tape's slots, for as long as the frame lives, and nobody else uses
    /// them.
    pub(super) unsafe fn new(
        tape: &'a LoopTape,
        schedule: &'a Schedule,
        failure: &'a Failure<'a>,
        scratch: *mut u8,
    ) -> Self {
        let first = tape.outside.len() + tape.fetches.len() + tape.calls.len();
        let mut table = vec![std::ptr::null_mut(); first + tape.slots];
        for (k, entry) in table[first..].iter_mut().enumerate() {
            // SAFETY: within the slots.
            *entry = unsafe { scratch.add(k * SLOT) };
        }
        let places = tape.fetches.iter().map(|(access, splat)| Places::of(schedule, *access, *splat));
        let places = places.collect();
        let callees = tape.calls.iter().map(|call| Callee::new(call, failure)).collect();
        Frame {
            tape,
            failure,
            left: 0,
            unasked: 0,
            table,
            places,
            callees,
            outside: std::ptr::null(),
            first: 0,
            count: 0,
        }
    }

    /// Tells the frame where the tile is: `row` has the address of each access's current row.
    pub(super) fn aim(&mut self, outside: *const *mut u8, row: &[*mut u8], first: usize, count: usize) {
        (self.outside, self.first, self.count) = (outside, first, count);
        for ((access, _), places) in self.tape.fetches.iter().zip(&mut self.places) {
            places.row = row[*access];
        }
    }

    /// Runs the parts of a tile of `n` elements, of which the last may stand for none of the tile's own.
    ///
    /// # Safety
    /// As for [`Kernel`], for every step of the tape; the frame has been aimed.
    unsafe fn tile(&mut self, n: usize) {
        let part = if self.tape.single { STEP } else { PART };
        for begin in (0..n).step_by(part) {
            let (n, real) = (part.min(n - begin), self.count.saturating_sub(begin).min(part));
            for (k, (pointer, size)) in self.tape.outside.iter().enumerate() {
                // SAFETY: the tile's elements; one that serves all stays where it is.
                self.table[k] = unsafe { (*self.outside.add(*pointer as usize)).add(begin * size) };
            }
            for (k, places) in self.places.iter_mut().enumerate() {
                (places.first, places.n) = (self.first + begin, real.max(1));
                self.table[self.tape.outside.len() + k] = std::ptr::from_mut(places).cast();
            }
            for (call, callee) in self.tape.calls.iter().zip(&mut self.callees) {
                self.table[call.context as usize] = std::ptr::from_mut(callee).cast();
            }
            self.left = self.failure.stop.turns();
            // SAFETY: as the caller vouches; results are tiles of the surrounding tape.
            unsafe {
                self.repeat(&self.tape.body, n);
                for Left { from, splat, to, size } in &self.tape.results {
                    let to = (*self.outside.add(*to as usize)).add(begin * size);
                    self.take(self.at(*from), *splat, to, *size, n);
                }
            }
        }
    }

    /// # Safety
    /// As for [`tile`](Self::tile), of a part.
    unsafe fn repeat(&mut self, body: &'a LoopBody, n: usize) {
        // SAFETY: as the caller vouches: every entry has as many elements as the tape says.
        unsafe {
            let bound = self.at(body.bound).cast::<i64>().read_unaligned();
            for variable in &body.variables {
                let (from, to) = (self.at(variable.init), self.at(variable.current));
                self.take(from, variable.splat, to, variable.size, if variable.uniform { STEP } else { n });
                if let Some(held) = variable.held {
                    self.take(from, variable.splat, self.at(held), variable.size, n);
                }
            }
            if let Some(living) = body.living {
                match body.around {
                    Some(around) => self.at(living).copy_from_nonoverlapping(self.at(around), n),
                    None => self.at(living).write_bytes(1, n),
                }
            }
            for _ in 0..bound {
                if self.is_to_end() {
                    break;
                }
                self.work(&body.asked, body, n);
                match (body.go_on, body.living) {
                    (Some((go_on, true)), _) if *self.at(go_on) == 0 => break,
                    (Some((go_on, false)), Some(living)) if !self.leave(body, living, go_on, n) => break,
                    _ => {}
                }
                self.work(&body.computed, body, n);
                self.step_on(body, n);
            }
            if let Some(living) = body.living {
                self.hold(body, self.at(living), n);
            }
        }
    }

    /// Takes those out of the living who do not go on; answers whether any is left.
    unsafe fn leave(&self, body: &LoopBody, living: Pointer, go_on: Pointer, n: usize) -> bool {
        let (living, go_on) = (self.at(living), self.at(go_on));
        // SAFETY: as for `repeat`; masks are slots.
        unsafe {
            if all_go_on(living, go_on, n) {
                return true;
            }
            let mut leaving = Truths([0; PART]);
            let any = leave(living, go_on, leaving.0.as_mut_ptr(), n);
            self.hold(body, leaving.0.as_ptr(), n);
            any
        }
    }

    /// Keeps what is one for all elements in the loop for those that `leaving` says.
    unsafe fn hold(&self, body: &LoopBody, leaving: *const u8, n: usize) {
        for Masked { kernel, from, to } in &body.held {
            let (from, to) = (self.at(*from), self.at(*to));
            // SAFETY: as for `repeat`.
            unsafe { kernel(n, to, leaving, from, to) };
        }
    }

    /// Counts a turn. Whether the run has been ended: then nobody reads what it has computed.
    fn is_to_end(&mut self) -> bool {
        let stop = self.failure.stop;
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None => stop.end_turning(),
        }
        self.unasked += 1;
        if self.unasked >= PATIENCE {
            self.unasked = 0;
            return stop.is_asked();
        }
        stop.has_ended()
    }

    /// Gives the variables their next values, all at once.
    unsafe fn step_on(&mut self, body: &LoopBody, n: usize) {
        // SAFETY: as for `repeat`.
        unsafe {
            for copy in &body.copies {
                let count = if copy.uniform { STEP } else { n };
                self.take(self.at(copy.from), copy.splat, self.at(copy.to), copy.size, count);
            }
            if let Some(living) = body.living {
                for Masked { kernel, from, to } in &body.masked {
                    let (from, to) = (self.at(*from), self.at(*to));
                    kernel(n, to, self.at(living), from, to);
                }
            }
        }
        for [current, next] in &body.swaps {
            self.table.swap(*current as usize, *next as usize);
        }
    }

    unsafe fn work(&mut self, work: &'a [Work], body: &LoopBody, n: usize) {
        for work in work {
            // SAFETY: as for `repeat`.
            unsafe {
                match work {
                    Work::Step(step, uniform) => {
                        let [a, b, c] = step.operands.map(|p| self.at(p).cast_const());
                        (step.kernel)(if *uniform { STEP } else { n }, self.at(step.target), a, b, c);
                    }
                    Work::Check(bad, uniform, check) => self.check(*bad, *uniform, *check, body, n),
                    Work::Repeat(inside) => self.repeat(inside, n),
                }
            }
        }
    }

    /// Raises an error where it holds for an element that is in the loop.
    unsafe fn check(&self, bad: Pointer, uniform: bool, check: CheckId, body: &LoopBody, n: usize) {
        let living = body.living.or(body.around);
        // SAFETY: truth values are bytes of their slots.
        let holds = unsafe {
            let bad = self.at(bad);
            match living {
                None => any(bad, if uniform { 1 } else { n }),
                Some(_) if uniform && *bad == 0 => false,
                Some(living) if uniform => any(self.at(living), n),
                Some(living) => {
                    let living = self.at(living);
                    (0..n).any(|k| *bad.add(k) & *living.add(k) != 0)
                }
            }
        };
        if holds {
            self.failure.raise(check);
        }
    }

    #[inline]
    fn at(&self, pointer: Pointer) -> *mut u8 {
        debug_assert!((pointer as usize) < self.table.len(), "a pointer is an entry of the table");
        // SAFETY: assembly gives a tape pointers that are entries of its table.
        unsafe { *self.table.get_unchecked(pointer as usize) }
    }

    unsafe fn take(&self, from: *mut u8, splat: bool, to: *mut u8, size: usize, n: usize) {
        // SAFETY: as for `repeat`.
        unsafe {
            match splat {
                true => gather::fill(from, size, to, n),
                false => to.copy_from(from, n * size),
            }
        }
    }
}

/// A step of a tape, as kernels are: runs a loop on `n` elements.
///
/// # Safety
/// `context` is a [`Frame`] that has been aimed at the tile.
pub(super) unsafe fn run(n: usize, _: *mut u8, context: *const u8, _: *const u8, _: *const u8) {
    // SAFETY: as the caller vouches; the frame is the thread's own.
    unsafe { (*context.cast_mut().cast::<Frame<'_>>()).tile(n) };
}

/// Truth values of a part, on a line of the cache.
#[repr(align(64))]
struct Truths([u8; PART]);

/// Whether all of `n` elements that are in the loop go on. Truth values are 0 and 1.
unsafe fn all_go_on(living: *const u8, go_on: *const u8, n: usize) -> bool {
    debug_assert_eq!(n % STEP, 0, "tiles are whole steps");
    // SAFETY: `n` bytes of each, which are whole words.
    let gone = |k| unsafe { word(living, k) & !word(go_on, k) };
    (0..n / size_of::<u64>()).fold(0, |gone_before, k| gone_before | gone(k)) == 0
}

/// Takes those out of `n` elements that do not go on, and says who they are; answers whether any is left. Truth values are
/// 0 and 1.
unsafe fn leave(living: *mut u8, go_on: *const u8, leaving: *mut u8, n: usize) -> bool {
    let mut any = 0;
    for k in 0..n / size_of::<u64>() {
        // SAFETY: `n` bytes of each, which are whole words.
        unsafe {
            let (before, go_on) = (word(living, k), word(go_on, k));
            living.cast::<u64>().add(k).write_unaligned(before & go_on);
            leaving.cast::<u64>().add(k).write_unaligned(before & !go_on);
            any |= before & go_on;
        }
    }
    any != 0
}

/// Eight truth values.
unsafe fn word(truths: *const u8, k: usize) -> u64 {
    // SAFETY: the caller vouches for the bytes.
    unsafe { truths.cast::<u64>().add(k).read_unaligned() }
}

/// Whether one of `n` truth values holds.
unsafe fn any(truths: *const u8, n: usize) -> bool {
    const WORD: usize = size_of::<u64>();
    let mut all = 0u64;
    let mut k = 0;
    // SAFETY: `n` bytes are readable.
    unsafe {
        while k + WORD <= n {
            all |= truths.add(k).cast::<u64>().read_unaligned();
            k += WORD;
        }
        while k < n {
            all |= u64::from(*truths.add(k));
            k += 1;
        }
    }
    all != 0
}
