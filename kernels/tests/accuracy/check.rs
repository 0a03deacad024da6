//! Rows against their references, and what is wrong with them in words.

use crate::{
    arguments::arguments,
    document,
    mpfr::Real,
    reference::{Reference, least_place},
    rows::{Row, results, rows},
    ulps::Format,
};
use numfuse_kernels::{Bound, Compute};
use std::{
    fmt,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

/// The largest error over some points, and where.
#[derive(Clone, Default)]
pub struct Worst {
    pub ulps: f64,
    /// The arguments, in words.
    pub at: String,
    pub got: f64,
}

impl Worst {
    /// Takes an error into account.
    pub fn see(&mut self, ulps: f64, got: f64, arguments: &[f64]) {
        if ulps > self.ulps {
            let words: Vec<String> = arguments.iter().map(|x| format!("{x:e}")).collect();
            *self = Worst { ulps, at: words.join(", "), got };
        }
    }
}

impl fmt::Display for Worst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ulps == 0.0 {
            return f.write_str("exact");
        }
        write!(f, "{:.4} ulp at {}, which gives {:e}", self.ulps, self.at, self.got)
    }
}

/// What came of one row and type.
pub struct Outcome {
    pub fused: Worst,
    pub strict: Worst,
    pub points: u64,
    /// The first few wrong signs and inexact results.
    pub wrong: Vec<String>,
}

/// Compares every row with `n` points beside the hard ones, on all processors; fails with all that is wrong at once.
/// What is found may go into the document, save for singles of one argument: every one of those is measured elsewhere.
pub fn all_rows(n: usize, seed: u64, document: bool) {
    let both = |row| [Compute::F64, Compute::F32].map(|compute| (row, compute));
    let tasks: Vec<(Row, Compute)> = rows().into_iter().flat_map(both).collect();
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(vec![]));
    let work = || {
        while let Some(&(row, compute)) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let outcome = compare(row, compute, n, seed);
            println!("{} {compute}: fused {}; strict {}", row.op, outcome.fused, outcome.strict);
            failures.lock().unwrap().extend(complaints(row, compute, &outcome));
            if document && (compute == Compute::F64 || row.op.info().arity() > 1) {
                document::write(row.op, compute, [&outcome.fused, &outcome.strict], outcome.points);
            }
        }
    };
    on_all_processors(work);
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// Runs the same on every processor, until all are done.
pub fn on_all_processors(work: impl Fn() + Sync) {
    let processors = std::thread::available_parallelism().map_or(1, |n| n.get());
    std::thread::scope(|scope| (0..processors).for_each(|_| drop(scope.spawn(&work))));
}

/// Where an outcome breaks what the row states.
fn complaints(row: Row, compute: Compute, outcome: &Outcome) -> Vec<String> {
    let mut complaints = outcome.wrong.clone();
    // rounded once, whether or not MPFR knows the bits
    let bound = row.bound.unwrap_or(Bound { fma: 0.5, strict: 0.5 });
    for (set, worst, bound) in
        [("fused", &outcome.fused, bound.fma), ("strict", &outcome.strict, bound.strict)]
    {
        if worst.ulps > bound {
            complaints.push(format!("{set}: {worst}, {bound} stated"));
        }
    }
    complaints.iter().map(|what| format!("{} {compute}, {what}", row.op)).collect()
}

/// One row on all points of one type.
fn compare(row: Row, compute: Compute, n: usize, seed: u64) -> Outcome {
    /// At a time, so that a million points need little memory.
    const BATCH: usize = 1 << 16;
    let arity = row.op.info().arity();
    let points = arguments(&row.op.to_string(), arity, compute, n, seed);
    let (mut strict, mut fused, mut wrong) = (Worst::default(), Worst::default(), vec![]);
    for points in points.chunks(BATCH) {
        let [plain, with_fma] = [false, true].map(|fma| results(row.op, compute, fma, points));
        for (i, point) in points.iter().enumerate() {
            let judge = Judge::new(row, compute, *point);
            for (got, worst, set) in [(plain[i], &mut strict, "strict"), (with_fma[i], &mut fused, "fused")] {
                worst.see(judge.error(got), got, &point[..arity]);
                if let Some(fault) = judge.fault(got)
                    && wrong.len() < 5
                {
                    wrong.push(format!("{set}: {:?} gives {got:e} {fault}", &point[..arity]));
                }
            }
        }
    }
    Outcome { fused, strict, points: points.len() as u64, wrong }
}

/// The truth about one point.
pub struct Judge {
    exact: Real,
    /// The bits, of rows that are rounded once.
    rounded: Option<f64>,
    /// Whether a zero's sign is known.
    signed_zeros: bool,
    format: Format,
    least_place: Option<i64>,
}

impl Judge {
    pub fn new(row: Row, compute: Compute, point: [f64; 3]) -> Judge {
        let exact = row.reference.exact(compute, point);
        let rounded = match row.reference {
            Reference::Bits(_) | Reference::Exact(_) | Reference::Native(_) => {
                Some(if compute == Compute::F32 { exact.to_f32() as f64 } else { exact.to_f64() })
            }
            Reference::Unary(_) | Reference::Binary(_) | Reference::Formula(_) | Reference::Part(_) => None,
        };
        Judge {
            rounded,
            signed_zeros: row.reference.signs_zeros(),
            format: Format::of(compute),
            least_place: least_place(&row.op.to_string(), point),
            exact,
        }
    }

    pub fn error(&self, got: f64) -> f64 {
        self.format.error(got, &self.exact, self.least_place)
    }

    /// A wrong sign, or wrong bits where they are known.
    fn fault(&self, got: f64) -> Option<String> {
        if let Some(want) = self.rounded {
            let right = got.to_bits() == want.to_bits() || got.is_nan() && want.is_nan();
            return (!right).then(|| format!("and not {want:e}"));
        }
        let known = !self.exact.nan_p() && (self.signed_zeros || !self.exact.zero_p());
        // An error of several units may cross a function's zero where they are not those of the result itself.
        let wrong = known
            && self.least_place.is_none()
            && !got.is_nan()
            && got.is_sign_negative() != self.exact.signbit();
        wrong.then(|| "with the wrong sign".to_owned())
    }
}
