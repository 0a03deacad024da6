//! Threads: the calling one works, detached tasks of the current rayon pool help.
//!
//! `rayon::join` and parallel iterators hand the work to the pool and wait, which costs an outside caller 30 µs.
//! Here the caller starts at once; helpers join when the pool wakes, and claim chunks from the same counter. A
//! helper that comes too late finds the job closed and touches nothing. The caller leaves, also by a panic, only
//! when every helper that entered has left: that is what makes it sound to lend helpers the caller's borrows.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Set in [`Job::state`] once no helper may enter any more; the other bits count those inside.
const CLOSED: usize = 1 << (usize::BITS - 1);

/// Chunks not yet claimed; shared by all threads of a job.
pub(super) struct Claims {
    next: AtomicUsize,
    chunks: usize,
}

impl Claims {
    /// The next chunk that nobody has, or `None` when all are taken.
    pub(super) fn next(&self) -> Option<usize> {
        // chunks is far below usize::MAX / threads, so the counter cannot wrap
        let chunk = self.next.fetch_add(1, Ordering::Relaxed);
        (chunk < self.chunks).then_some(chunk)
    }
}

type Work<'a> = dyn Fn(&Claims) + Sync + 'a;

struct Job {
    claims: Claims,
    state: AtomicUsize,
    /// The caller's closure, its lifetime erased: valid until `state` is `CLOSED` with nobody inside.
    work: *const Work<'static>,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

// SAFETY: `work` points to a `Sync` closure, and is followed only by threads that `enter` has let in.
unsafe impl Send for Job {}
// SAFETY: as above; everything else in it is `Sync` by itself.
unsafe impl Sync for Job {}

impl Job {
    fn enter(&self) -> bool {
        self.state
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, |s| (s & CLOSED == 0).then_some(s + 1))
            .is_ok()
    }

    fn help(&self) {
        if !self.enter() {
            return;
        }
        // SAFETY: `enter` succeeded, so the caller waits for this thread before the closure's borrows end.
        let work = unsafe { &*self.work };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(&self.claims))) {
            self.panic.lock().unwrap_or_else(|e| e.into_inner()).get_or_insert(panic);
        }
        self.state.fetch_sub(1, Ordering::Release);
    }
}

/// Closes the job and waits for the helpers inside, on every way out of the caller's frame.
struct Close<'a>(&'a Job);

impl Drop for Close<'_> {
    fn drop(&mut self) {
        self.0.state.fetch_or(CLOSED, Ordering::AcqRel);
        let mut spins = 0u32;
        while self.0.state.load(Ordering::Acquire) != CLOSED {
            // a helper inside is at its last chunk: tens of microseconds
            spins += 1;
            if spins < 1 << 12 { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
    }
}

/// Runs `work` on the calling thread and up to `threads - 1` others; each claims chunks until none is left.
///
/// # Panics
/// A panic in a helper is raised again here; none starts in this function.
pub(super) fn run(threads: usize, chunks: usize, work: &Work<'_>) {
    let claims = Claims { next: AtomicUsize::new(0), chunks };
    let helpers = threads.min(chunks).saturating_sub(1);
    if helpers == 0 {
        return work(&claims);
    }
    // SAFETY: only the lifetime changes. The job outlives this frame, but `Close` lets no thread follow the
    // pointer after it.
    let work_static = unsafe { std::mem::transmute::<*const Work<'_>, *const Work<'static>>(work) };
    let job =
        Arc::new(Job { claims, state: AtomicUsize::new(0), work: work_static, panic: Mutex::new(None) });
    {
        // before the first helper: a spawn that panics must not leave one behind
        let _close = Close(&job);
        for _ in 0..helpers {
            let job = job.clone();
            rayon::spawn(move || job.help());
        }
        work(&job.claims);
    }
    let panic = job.panic.lock().unwrap_or_else(|e| e.into_inner()).take();
    if let Some(panic) = panic {
        resume_unwind(panic);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;

    #[test]
    fn every_chunk_is_done_once() {
        for threads in [1, 2, 7] {
            let done: Vec<AtomicU32> = (0..1000).map(|_| AtomicU32::new(0)).collect();
            run(threads, done.len(), &|claims| {
                while let Some(chunk) = claims.next() {
                    done[chunk].fetch_add(1, Ordering::Relaxed);
                }
            });
            assert!(done.iter().all(|d| d.load(Ordering::Relaxed) == 1));
        }
    }

    #[test]
    fn a_panic_reaches_the_caller_and_leaves_the_pool_usable() {
        for _ in 0..20 {
            let caught = catch_unwind(|| {
                run(4, 64, &|claims| {
                    while let Some(chunk) = claims.next() {
                        assert!(chunk != 40, "chunk 40");
                    }
                });
            });
            assert!(caught.is_err());
        }
        every_chunk_is_done_once();
    }

    #[test]
    fn jobs_may_run_inside_jobs() {
        let total = AtomicU32::new(0);
        run(3, 8, &|claims| {
            while claims.next().is_some() {
                run(3, 8, &|inner| {
                    while inner.next().is_some() {
                        total.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(total.into_inner(), 64);
    }
}
