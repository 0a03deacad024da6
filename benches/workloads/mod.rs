//! The six expressions of the benches: as text, as a hand-written loop, and one `ndarray` operation at a time.
//!
//! A hand loop is what a careful programmer would write: one pass, the kernels' own bodies inlined by rustc for the
//! same instruction set, and the library's order of summation. It is the limit that fusion is held against.

#[allow(dead_code, reason = "only one of the benches draws")]
pub mod chart;
mod hand;

use ndarray::Array1;

pub use hand::Hand;

/// One of the benched expressions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Work {
    Relative,
    Affine,
    Polynomial,
    Distance,
    Gauss,
    Pythagoras,
}

impl Work {
    pub const ALL: [Work; 6] =
        [Work::Relative, Work::Affine, Work::Polynomial, Work::Distance, Work::Gauss, Work::Pythagoras];

    /// The expression, over `x` and `y`.
    pub fn text(self) -> &'static str {
        match self {
            Work::Relative => "2*(x - y)/(x + y)",
            Work::Affine => "x*y - 1",
            Work::Polynomial => "0.25*x**3 + 0.75*x**2 - 1.5*x - 2",
            Work::Distance => "sum((x - y)**2)",
            Work::Gauss => "exp(-(x*x)/2)",
            Work::Pythagoras => "sin(x)**2 + cos(x)**2",
        }
    }

    /// One `ndarray` operation at a time, each into a fresh array, as one writes it today.
    pub fn eager(self, x: &Array1<f64>, y: &Array1<f64>) -> Array1<f64> {
        match self {
            Work::Relative => 2.0 * (x - y) / (x + y),
            Work::Affine => x * y - 1.0,
            Work::Polynomial => 0.25 * (x * x * x) + 0.75 * (x * x) - 1.5 * x - 2.0,
            Work::Distance => {
                let d = x - y;
                Array1::from_elem(1, (&d * &d).sum())
            }
            Work::Gauss => (-(x * x) / 2.0).mapv(f64::exp),
            Work::Pythagoras => {
                let (s, c) = (x.mapv(f64::sin), x.mapv(f64::cos));
                &s * &s + &c * &c
            }
        }
    }
}

/// Numbers in (0.5, 1.5), the same in every run.
pub fn numbers(seed: u64, n: usize) -> Array1<f64> {
    let mut state = seed;
    Array1::from_shape_simple_fn(n, || {
        // SplitMix64 (Steele, Lea, Flood 2014)
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        0.5 + ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    })
}
