//! What a run allocates: its output, and little else.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::{Array1, Array2};
use numfuse::{Options, Program, inputs};

/// The system's allocator, with the bytes in use and their peak.
struct Counting;

static USED: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
/// Tests of this file take turns: the counters are the process's.
static TURN: Mutex<()> = Mutex::new(());

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let used = USED.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(used, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        USED.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes at most in use during `run`, beyond those before it.
fn peak_of(run: impl FnOnce()) -> usize {
    let before = USED.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    run();
    PEAK.load(Ordering::Relaxed) - before
}

const THREADS: usize = 2;
/// What a run may take beyond inputs and outputs.
const ALLOWED: usize = THREADS * (2 << 20);

#[test]
fn plans_without_temporaries_take_no_array() {
    let _turn = TURN.lock().unwrap();
    let n = 2_000_000;
    let (x, y) = (Array1::from_elem(n, 1.5), Array1::from_elem(n, 0.5));
    let square = Array2::from_elem((1000, 2000), 0.25);
    for text in [
        "2*(x - y)/(x + y)",
        "0.25*x**3 + 0.75*x**2 - 1.5*x - 2",
        "sin(x)**2 + cos(x)**2",
        "where((x > 1) & (y < 1), exp(x), f32(y))",
        "(x - mean(x))/max(abs(y))",
        "exp(x)/sum(exp(x))",
    ] {
        let program = Program::compile(text).unwrap().with_options(Options::new().threads(THREADS));
        let mut out = Array1::<f64>::zeros(n);
        let peak = peak_of(|| program.run_into(inputs! { x, y }, &mut out).unwrap());
        assert!(peak < ALLOWED, "{text} takes {peak} bytes");
        assert!(out[n / 2] == out[n / 2] && out[0] == out[n - 1], "{text}");
    }
    for text in
        ["sum((x - y)**2)", "mean(x)*max(y)", "sum(sum(square, axis=0)/2)", "max(sum(square, axis=1))"]
    {
        let program = Program::compile(text).unwrap().with_options(Options::new().threads(THREADS));
        let peak = peak_of(|| {
            program.run::<f64>(inputs! { x, y, square }).unwrap();
        });
        assert!(peak < ALLOWED, "{text} takes {peak} bytes");
    }
}

#[test]
fn a_fresh_result_is_all_that_a_run_takes() {
    let _turn = TURN.lock().unwrap();
    let n = 2_000_000;
    let x = Array1::from_elem(n, 1.5);
    let program = Program::compile("x*x - 1").unwrap();
    let peak = peak_of(|| drop(program.run::<Array1<f64>>(inputs! { x }).unwrap()));
    assert!((8 * n..8 * n + ALLOWED).contains(&peak), "{peak} bytes for a result of {}", 8 * n);
}

#[test]
fn repeated_runs_do_not_grow() {
    let _turn = TURN.lock().unwrap();
    let x = Array1::from_elem(1000, 1.5);
    let program = Program::compile("sum(exp(x)*x)").unwrap();
    program.run::<f64>(inputs! { x }).unwrap();
    let before = USED.load(Ordering::Relaxed);
    for _ in 0..10_000 {
        program.run::<f64>(inputs! { x }).unwrap();
    }
    let after = USED.load(Ordering::Relaxed);
    assert!(after <= before + 4096, "{before} bytes before, {after} after");
}
