//! Memory: scratch for tiles, fresh outputs, stores that bypass the caches.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::ptr::NonNull;

/// A cache line, and the widest vector.
pub(super) const LINE: usize = 64;

/// Bytes aligned to a cache line.
pub(super) struct Aligned {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: it owns its bytes, like a Vec.
unsafe impl Send for Aligned {}
// SAFETY: shared references give out a pointer only; who writes through it answers for that.
unsafe impl Sync for Aligned {}

impl Aligned {
    /// `len` bytes, zero at first.
    pub(super) fn zeroed(len: usize) -> Self {
        let layout = Self::layout(len);
        // SAFETY: the layout's size is not zero.
        let start = unsafe { alloc(layout) };
        let Some(start) = NonNull::new(start) else { handle_alloc_error(layout) };
        // SAFETY: `len` bytes were just allocated there.
        unsafe { start.as_ptr().write_bytes(0, layout.size()) };
        Self { start, len }
    }

    /// A copy of `bytes`.
    pub(super) fn copy_of(bytes: &[u8]) -> Self {
        let aligned = Self::zeroed(bytes.len());
        // SAFETY: as many bytes were just allocated, and nobody else knows of them.
        unsafe { aligned.start().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        aligned
    }

    fn layout(len: usize) -> Layout {
        Layout::from_size_align(len.max(LINE), LINE).expect("a few tiles are far below the address space")
    }

    pub(super) fn start(&self) -> *mut u8 {
        self.start.as_ptr()
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }
}

impl Drop for Aligned {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout in `zeroed`.
        unsafe { dealloc(self.start.as_ptr(), Self::layout(self.len)) };
    }
}

/// What one thread needs to run a tape; kept from call to call.
pub(super) struct Scratch {
    pub(super) bytes: Aligned,
    pub(super) pointers: Vec<*mut u8>,
    /// The tape that `pointers` is filled for, by number; 0 for none.
    pub(super) tape: u64,
}

impl Scratch {
    const fn none() -> Option<Box<Scratch>> {
        None
    }
}

/// More than this is given back after a call: a rare giant must not stay with every thread.
const KEEP: usize = 1 << 20;

/// Calls `run` with this thread's scratch memory of at least `len` bytes.
pub(super) fn with_scratch<R>(len: usize, run: impl FnOnce(&mut Scratch) -> R) -> R {
    thread_local! {
        static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(Scratch::none()) };
    }
    // taken out for the run: a run inside a run finds nothing and allocates its own
    let kept = SCRATCH.try_with(Cell::take).ok().flatten(); // none while the thread is taken down
    let mut scratch = match kept {
        Some(scratch) if scratch.bytes.len() >= len => scratch,
        _ => Box::new(Scratch {
            bytes: Aligned::zeroed(len.next_power_of_two()),
            pointers: Vec::new(),
            tape: 0,
        }),
    };
    let result = run(&mut scratch);
    if scratch.bytes.len() <= KEEP {
        let _ = SCRATCH.try_with(|kept| kept.set(Some(scratch)));
    }
    result
}

/// Below this many bytes huge pages bring nothing.
const HUGE: usize = 4 << 20;

/// Whether the system was asked for huge pages for a fresh array of this size.
pub(crate) fn asks_for_huge_pages(bytes: usize) -> bool {
    cfg!(target_os = "linux") && bytes >= HUGE
}

/// An uninitialised vector's memory, advised to lie on huge pages if it is large: a fresh array of 80 MB costs six
/// times less to touch that way. The advice must come before the first touch.
pub(crate) fn fresh<T>(len: usize) -> Result<Vec<T>, std::collections::TryReserveError> {
    let mut memory: Vec<T> = Vec::new();
    memory.try_reserve_exact(len)?;
    // SAFETY: memory that `memory` owns.
    unsafe { advise(memory.as_mut_ptr().cast(), memory.capacity() * size_of::<T>()) };
    Ok(memory)
}

/// Asks for huge pages under memory that is large.
///
/// # Safety
/// The memory is the caller's.
pub(crate) unsafe fn advise(start: *mut u8, bytes: usize) {
    #[cfg(target_os = "linux")]
    if asks_for_huge_pages(bytes) {
        const PAGE: usize = 4096;
        let start = start as usize;
        let (first, last) = (start.next_multiple_of(PAGE), (start + bytes) / PAGE * PAGE);
        // SAFETY: whole pages inside the caller's memory; the advice changes no contents. A refusal only means that
        // the pages stay small.
        unsafe { libc::madvise(first as *mut libc::c_void, last - first, libc::MADV_HUGEPAGE) };
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (start, bytes);
}

/// Copies `n` bytes past the caches, where the machine can: the destination will not be read soon.
///
/// # Safety
/// `source` is readable and `target` writable for `n` bytes, and they do not overlap. Another thread may read the
/// target only after [`fence`] on this one.
pub(super) unsafe fn stream(target: *mut u8, source: *const u8, n: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_stream_si128};
        let head = target.align_offset(16).min(n);
        let body = (n - head) / 16 * 16;
        // SAFETY: the three parts lie within the `n` bytes that the caller vouches for; the streamed one starts at a
        // multiple of 16. SSE2 is part of x86-64.
        unsafe {
            target.copy_from_nonoverlapping(source, head);
            let mut at = head;
            while at < head + body {
                let line = _mm_loadu_si128(source.add(at).cast::<__m128i>());
                _mm_stream_si128(target.add(at).cast::<__m128i>(), line);
                at += 16;
            }
            target.add(at).copy_from_nonoverlapping(source.add(at), n - at);
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    // SAFETY: the caller vouches for both ends.
    unsafe {
        target.copy_from_nonoverlapping(source, n)
    };
}

/// Asks for a cache line that will be read soon. Any address will do.
#[inline]
pub(super) fn prefetch(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch never faults. SSE is part of x86-64.
    unsafe {
        core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T0 }>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

/// Makes what was [streamed](stream) visible to other threads.
pub(super) fn fence() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: SSE is part of x86-64.
    unsafe {
        core::arch::x86_64::_mm_sfence()
    };
}

/// Bytes of the last-level cache, or a usual size where the system does not say.
pub(super) fn last_level_cache() -> usize {
    use std::sync::OnceLock;
    static SIZE: OnceLock<usize> = OnceLock::new();
    const USUAL: usize = 16 << 20;
    *SIZE.get_or_init(|| {
        let path = "/sys/devices/system/cpu/cpu0/cache/index3/size";
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let kilobytes = text.trim().strip_suffix('K').and_then(|k| k.parse::<usize>().ok());
        kilobytes.map_or(USUAL, |k| k << 10)
    })
}
