//! Products of matrices large enough for a kernel of their own: near the exact answer, with the same bits for any number
//! of threads, and of operands that lie in memory in any way.
//!
//! The kernels add up in an order of their own, and a graphics card in another. So a product is compared within a bound, with sums of f64s: an element
//! of `terms` terms is off by at most `terms` roundings of the sum of the terms' sizes, in the kernel and again in what
//! it is compared with.

mod engine;
mod stored;

use numfuse::internals::Array;
use numfuse::{DType, Program, Scalar};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError};

use engine::{card, ways};
use stored::{Layout, Stored};

/// How a matrix lies in memory.
#[derive(Clone, Copy, Debug)]
struct Form {
    transposed: bool,
    reversed: [bool; 2],
    gaps: [usize; 2],
    swapped: bool,
    /// Bytes before the first element: not aligned where they are no multiple of its size.
    skew: usize,
}

impl Form {
    fn layout(self, [batch, rows, columns]: [usize; 3]) -> Layout {
        let (inner, outer) = if self.transposed { (rows, columns) } else { (columns, rows) };
        let near = 1 + self.gaps[0];
        let far = near * inner + self.gaps[1];
        let [row, column] = if self.transposed { [near, far] } else { [far, near] };
        let (mut offset, mut steps) = (0, vec![(far * outer) as isize, row as isize, column as isize]);
        for (axis, extent) in [(1, rows), (2, columns)] {
            if self.reversed[axis - 1] {
                offset += (extent - 1) * steps[axis] as usize;
                steps[axis] = -steps[axis];
            }
        }
        Layout {
            steps,
            offset,
            length: batch * far * outer,
            swapped: self.swapped,
            skew: self.skew,
            ..Layout::c_order(&[batch, rows, columns])
        }
    }
}

fn form() -> impl Strategy<Value = Form> {
    let gap = || prop_oneof![3 => Just(0usize), 1 => 1..3usize];
    let skew = prop_oneof![3 => Just(0usize), 1 => 1..16usize];
    (any::<bool>(), any::<[bool; 2]>(), gap(), gap(), prop::bool::weighted(0.2), skew).prop_map(
        |(transposed, reversed, near, far, swapped, skew)| Form {
            transposed,
            reversed,
            gaps: [near, far],
            swapped,
            skew,
        },
    )
}

/// Numbers of either sign and of sizes that differ, exact in the type.
fn numbers(dtype: DType, count: usize, seed: u64) -> Vec<f64> {
    let number = |k: usize| {
        let bits = (k as u64 + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let bits = (bits ^ bits >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let size = 2f64.powi((bits % 9) as i32 - 4);
        let number = ((bits >> 11) as f64 / (1u64 << 53) as f64 - 0.5) * size;
        if dtype == DType::F32 { f64::from(number as f32) } else { number }
    };
    (0..count).map(number).collect()
}

/// Matrices, `batch` of them, and how they lie.
struct Matrices {
    numbers: Vec<f64>,
    stored: Stored,
}

impl Matrices {
    fn new(dtype: DType, shape: [usize; 3], form: Form, seed: u64) -> Matrices {
        let numbers = numbers(dtype, shape.iter().product(), seed);
        let scalar = |number: &f64| match dtype {
            DType::F32 => Scalar::F32(*number as f32),
            _ => Scalar::F64(*number),
        };
        let elements: Vec<Scalar> = numbers.iter().map(scalar).collect();
        let mut layout = form.layout(shape);
        layout.gap = Some(scalar(&f64::NAN));
        Matrices { stored: Stored::new(dtype, &shape, &elements, &layout), numbers }
    }
}

fn float(scalar: Scalar) -> f64 {
    match scalar {
        Scalar::F32(value) => value.into(),
        Scalar::F64(value) => value,
        other => panic!("{other:?} is an element of no product"),
    }
}

#[derive(Clone, Debug)]
struct Case {
    dtype: DType,
    batch: usize,
    rows: usize,
    terms: usize,
    columns: usize,
    forms: [Form; 2],
    seed: u64,
}

fn case() -> impl Strategy<Value = Case> {
    let side = || prop_oneof![32..40usize, 40..150usize];
    let dtype = prop::sample::select(vec![DType::F64, DType::F32]);
    (dtype, 1..3usize, side(), side(), side(), form(), form(), any::<u64>()).prop_map(
        |(dtype, batch, rows, terms, columns, a, b, seed)| Case {
            dtype,
            batch,
            rows,
            terms,
            columns,
            forms: [a, b],
            seed: seed >> 8,
        },
    )
}

/// An element of the product, and the sum of its terms' sizes.
fn element(case: &Case, a: &[f64], b: &[f64], at: usize) -> (f64, f64) {
    let Case { rows, terms, columns, .. } = *case;
    let (matrix, row, column) = (at / (rows * columns), at / columns % rows, at % columns);
    let term = |k: usize| a[(matrix * rows + row) * terms + k] * b[(matrix * terms + k) * columns + column];
    (0..terms).map(term).fold((0.0, 0.0), |(sum, size), term| (sum + term, size + term.abs()))
}

fn check(case: &Case, a: &[f64], b: &[f64], got: &Array, what: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(&got.shape, &[case.batch, case.rows, case.columns], "{}", what);
    prop_assert_eq!(got.dtype, case.dtype, "{}", what);
    let rounding = if case.dtype == DType::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
    for (at, element_of_it) in got.elements.iter().enumerate() {
        let (got, (wanted, size)) = (float(*element_of_it), element(case, a, b, at));
        let bound = 2.0 * case.terms as f64 * rounding * size;
        prop_assert!((got - wanted).abs() <= bound, "{what}: {got} at {at}, and not {wanted}: {case:?}");
    }
    Ok(())
}

fn compare(case: &Case) -> Result<(), TestCaseError> {
    let Case { dtype, batch, rows, terms, columns, forms, seed } = *case;
    let a = Matrices::new(dtype, [batch, rows, terms], forms[0], seed);
    let b = Matrices::new(dtype, [batch, terms, columns], forms[1], seed + 1_000_003);
    let inputs = [("a", a.stored.input()), ("b", b.stored.input())];
    for text in [
        "a @ b",
        "einsum('nij,njk->nik', a, b)",
        "transpose(swapaxes(b, 1, 2) @ a.transpose(0, 2, 1), (0, 2, 1))",
    ] {
        let program = Program::compile(text).unwrap();
        let mut first = None;
        // the kernels are not ours: no instruction set of ours shows either
        for way in ways(&[1, 2, 7], &[0]) {
            let got = way
                .run(&program, &inputs)
                .map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
            match &first {
                None => {
                    check(case, &a.numbers, &b.numbers, &got, text)?;
                    first = Some(got);
                }
                Some(first) => {
                    prop_assert!(first.same(&got), "{text}: {way:?} gives other bits: {case:?}");
                }
            }
        }
        if let Some(got) = card::run(&program, &inputs) {
            let got = got.map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
            check(case, &a.numbers, &b.numbers, &got, &format!("{text}, on a card"))?;
        }
    }
    Ok(())
}

/// Seven threads are there to help.
fn in_a_pool_of_seven<R: Send>(run: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new().num_threads(7).build().unwrap().install(run)
}

proptest! {
    #![proptest_config(Config { cases: 60, max_shrink_iters: 100, failure_persistence: None, ..Config::default() })]

    /// Operands transposed, backwards, with gaps, of the other byte order, and unaligned.
    #[test]
    fn products_are_near_and_the_same_for_any_threads(case in case()) {
        in_a_pool_of_seven(|| compare(&case))?;
    }
}

/// A side that threads share, and rows that no number of threads divides.
#[test]
fn long_products_are_near_and_the_same_for_any_threads() {
    let plain = Form { transposed: false, reversed: [false; 2], gaps: [0; 2], swapped: false, skew: 0 };
    let turned = Form { transposed: true, ..plain };
    let backwards = Form { reversed: [true, true], ..plain };
    let foreign = Form { swapped: true, skew: 3, ..plain };
    for (k, forms) in
        [[plain, turned], [turned, backwards], [foreign, plain], [backwards, foreign]].into_iter().enumerate()
    {
        for dtype in [DType::F64, DType::F32] {
            let case = Case { dtype, batch: 1, rows: 501, terms: 263, columns: 67, forms, seed: k as u64 };
            in_a_pool_of_seven(|| compare(&case)).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}
