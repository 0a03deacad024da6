//! What ends a run before it is done: its caller, a clock, or a loop that turns too often.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Instant;

use crate::error::{Error, ErrorKind, Result};
use crate::syntax::Limits;

/// Ends runs from another thread, within milliseconds. Clones are the same one.
///
/// ```
/// use numfuse::{Cancel, ErrorKind, Program, inputs};
/// let cancel = Cancel::new();
/// let program = Program::compile("r = x; repeat 1000000 { r = r*1.5 % 7 }; r")?.cancelled_by(&cancel);
/// let x = vec![1.0; 10_000];
/// std::thread::scope(|scope| {
///     let run = scope.spawn(|| program.run::<numfuse::Value>(inputs! { x }));
///     cancel.cancel();
///     assert_eq!(run.join().unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
/// });
/// # Ok::<(), numfuse::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// One that has not been cancelled.
    pub fn new() -> Cancel {
        Cancel::default()
    }

    /// Ends the runs that it was given to, and those that it will be.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it has been cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

const RUNNING: u8 = 0;
const CANCELLED: u8 = 1;
const LATE: u8 = 2;
const TURNING: u8 = 3;

/// One run's: shared by its threads.
#[derive(Debug)]
pub(crate) struct Stop<'a> {
    why: Why<'a>,
    cancel: Option<&'a Cancel>,
    deadline: Option<Instant>,
    limits: Option<&'a Limits>,
    /// How often an element's loops may turn, all together.
    turns: u64,
}

/// Why a run has ended: its own, or that of the run that it is a part of.
#[derive(Debug)]
enum Why<'a> {
    Own(AtomicU8),
    Shared(&'a AtomicU8),
}

impl<'a> Stop<'a> {
    /// For a run that begins now.
    #[inline]
    pub(crate) fn new(limits: Option<&'a Limits>, cancel: Option<&'a Cancel>) -> Stop<'a> {
        // a clock is asked only where somebody cares
        let deadline =
            limits.and_then(|limits| limits.time).and_then(|time| Instant::now().checked_add(time));
        let turns = limits.map_or(u64::MAX, |limits| limits.turns);
        Stop { why: Why::Own(AtomicU8::new(RUNNING)), cancel, deadline, limits, turns }
    }

    /// For a part of the run that is gone through so often: its loops have so much fewer turns each time.
    pub(crate) fn within(&self, times: u64) -> Stop<'_> {
        let turns = if self.turns == u64::MAX { u64::MAX } else { self.turns / times.max(1) };
        Stop { why: Why::Shared(self.why()), turns, ..*self }
    }

    fn why(&self) -> &AtomicU8 {
        match &self.why {
            Why::Own(why) => why,
            Why::Shared(why) => why,
        }
    }

    /// Whether the run has ended already: cheap enough to be asked for each tile.
    #[inline]
    pub(crate) fn has_ended(&self) -> bool {
        self.why().load(Ordering::Relaxed) != RUNNING
    }

    /// Whether anything but its own loops can end the run.
    #[cfg(feature = "vulkan")]
    pub(crate) fn can_be_asked(&self) -> bool {
        self.cancel.is_some() || self.deadline.is_some()
    }

    /// Whether the run is to end: asks its caller and the clock.
    pub(crate) fn is_asked(&self) -> bool {
        if self.has_ended() {
            return true;
        }
        if self.cancel.is_some_and(Cancel::is_cancelled) {
            return self.end(CANCELLED);
        }
        match self.deadline {
            Some(deadline) if Instant::now() > deadline => self.end(LATE),
            _ => false,
        }
    }

    fn end(&self, why: u8) -> bool {
        let _ = self.why().compare_exchange(RUNNING, why, Ordering::Relaxed, Ordering::Relaxed);
        true
    }

    /// How often an element's loops may turn, all together.
    pub(crate) fn turns(&self) -> u64 {
        self.turns
    }

    /// Ends the run for a loop that has turned more often.
    pub(crate) fn end_turning(&self) {
        self.end(TURNING);
    }

    /// The error that a run that was ended comes to.
    pub(crate) fn result(&self) -> Result<()> {
        let (kind, message) = match self.why().load(Ordering::Relaxed) {
            RUNNING => return Ok(()),
            CANCELLED => (ErrorKind::Cancelled, "the run has been cancelled".to_owned()),
            LATE => {
                let time = self.limits.and_then(|limits| limits.time).unwrap_or_default();
                (ErrorKind::Limit, format!("the run takes longer than the limit of {time:?}"))
            }
            _ => {
                let turns = self.limits.map_or(u64::MAX, |limits| limits.turns);
                (ErrorKind::Limit, format!("the loops take more turns than the limit of {turns}"))
            }
        };
        Err(Error::new(kind, message))
    }
}
