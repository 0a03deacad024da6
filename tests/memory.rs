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

/// What numexpr has no words for and NumPy makes arrays of: each of these would be one of at least 16 MB.
#[test]
fn what_is_written_as_an_array_need_not_be_one() {
    let _turn = TURN.lock().unwrap();
    let points = Array2::from_shape_fn((500, 20), |(i, j)| (i * 7 + j) as f64 % 11.0);
    let others = Array2::from_shape_fn((300, 20), |(i, j)| (i + 3 * j) as f64 % 5.0);
    let picture = Array2::from_shape_fn((1500, 1500), |(i, j)| (i + j) as f64 % 3.0);
    let table = Array2::from_shape_fn((100_000, 20), |(i, j)| (i % 100 + j) as f64);
    let weights = Array2::from_elem((3, 3), 0.25);
    let (long, group) =
        (Array1::from_shape_fn(2_000_000, |k| k as f64), Array1::from_shape_fn(2_000_000, |k| k % 3 == 0));
    let (rows, places) = (Array1::from_elem(20, 0.5), Array1::from_shape_fn(3, |k| k as i64));
    let n = 10_000_000i64;
    let cases: [(&str, &[usize]); 20] = [
        ("sum(abs(points[:, None] - others[None]), axis=-1)", &[500, 300]),
        ("sum((points[:, None] - others[None])**2, axis=-1)", &[500, 300]),
        ("sqrt(sum((points[:, None] - others)**2, axis=-1))", &[500, 300]),
        ("sum(windows(picture[:600, :600], (3, 3))*weights, axis=(2, 3))", &[598, 598]),
        ("(table - min(table, axis=0))/(max(table, axis=0) - min(table, axis=0))", &[100_000, 20]),
        ("(table - mean(table, axis=0))/std(table, axis=0)", &[100_000, 20]),
        ("mean(long[group]) - mean(long[~group])", &[]),
        ("sum(long[(long > 5) & group]**2)", &[]),
        ("sum(4/(1 + ((arange(n) + 0.5)/n)**2))/n", &[]),
        ("picture + picture.T", &[1500, 1500]),
        ("sum(picture*picture.T)", &[]),
        ("long[::-1][1:] - long[:-1]", &[1_999_999]),
        ("argmax(table, axis=0)", &[20]),
        ("table @ rows", &[100_000]),
        ("einsum('ij,j,ij->i', table, rows, table)", &[100_000]),
        ("sum(take(table, places, axis=1), axis=0)", &[3]),
        ("std(table.T, axis=1)*count_nonzero(long)", &[20]),
        ("cumsum(long*2 + 1)", &[2_000_000]),
        ("cumsum(table[::-1]**2, axis=0)", &[100_000, 20]),
        ("cumprod(1/(table + 1), axis=1)", &[100_000, 20]),
    ];
    for (text, shape) in cases {
        let program = Program::compile(text).unwrap().with_options(Options::new().threads(THREADS));
        let given = || inputs! { points, others, picture, table, weights, long, group, rows, places, n };
        let asked: usize = shape.iter().product::<usize>() * 8;
        let mut got = Vec::new();
        let peak = peak_of(|| got = program.run::<numfuse::Value>(given()).unwrap().shape().to_vec());
        assert_eq!(got, shape, "{text}");
        assert!(peak < asked + ALLOWED, "{text} takes {peak} bytes for a result of {asked}");
    }
}

#[test]
fn several_results_take_their_own_memory_alone() {
    let _turn = TURN.lock().unwrap();
    let n = 2_000_000;
    let (x, y) = (Array1::from_shape_fn(n, |k| (k % 1000) as f64), Array1::from_elem(n, 0.5));
    let cases = [
        ("min(x), max(x), mean(x), std(x)", 0),
        ("x - y, x + y", 2),
        ("exp(x/1000), sum(exp(x/1000)), x > y*exp(x/1000)", 2),
        ("x - mean(x), max(abs(y))", 1),
    ];
    for (text, arrays) in cases {
        let program = Program::compile(text).unwrap().with_options(Options::new().threads(THREADS));
        let peak = peak_of(|| drop(program.run::<Vec<numfuse::Value>>(inputs! { x, y }).unwrap()));
        assert!(peak < arrays * 8 * n + ALLOWED, "{text} takes {peak} bytes");
    }
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
