//! Random expressions over random inputs: every way to run them against the reference interpreter, bit for bit, and a
//! graphics card against the strict bits.
//!
//! The interpreter takes memory order to be C order. Where axes are permuted, sums of floats may differ in their last
//! bits, and what is made of them in more; everything else is the same there too.

mod agreement;
#[path = "generated/arrays.rs"]
mod arrays;
mod engine;
mod generated;
mod stored;

use numfuse::internals::{Array, interpret, interpret_lowered};
use numfuse::ndarray::{ArrayD, ArrayViewMutD, Axis, IxDyn, Slice};
use numfuse::{Complex, DType, Element, Error, ErrorKind, Input, Isa, Literal, Program, Scalar, Value};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError};

use agreement::difference;
use arrays::{Arithmetic, OverArrays, over_arrays};
use engine::{Way, array, card, ways};
use generated::{Pool, depends_on_memory_order, expression, pool};

/// Two answers are the same: the same bits, or the same kind of error.
fn agree(
    text: &str,
    empty: bool,
    expected: &Result<Array, Error>,
    got: &Result<Array, Error>,
    what: &str,
) -> Result<(), TestCaseError> {
    match difference(expected, got, empty) {
        None => Ok(()),
        Some(difference) => Err(TestCaseError::fail(format!("{text}\n{what} {difference}"))),
    }
}

/// The interpreter's answers, with and without fused multiplication and addition.
struct Answers {
    fused: Result<Array, Error>,
    strict: Result<Array, Error>,
}

impl Answers {
    fn new(text: &str, inputs: &[(&str, Input<'_>)]) -> Answers {
        Answers { fused: interpret(text, inputs, true), strict: interpret(text, inputs, false) }
    }

    fn of(&self, way: Way) -> &Result<Array, Error> {
        if way.isa.has_fma() { &self.fused } else { &self.strict }
    }
}

fn compare(text: &str, pool: &Pool, ways: &[Way]) -> Result<(), TestCaseError> {
    compare_with(text, &pool.inputs(), pool.empty, ways)
}

fn compare_with(
    text: &str,
    inputs: &[(&str, Input<'_>)],
    empty: bool,
    ways: &[Way],
) -> Result<(), TestCaseError> {
    let answers = Answers::new(text, inputs);
    let program = Program::compile(text);
    for way in ways {
        let got = program.clone().and_then(|program| way.run(&program, inputs));
        agree(text, empty, answers.of(*way), &got, &format!("{way:?}"))?;
    }
    Ok(())
}

/// Expressions that are made of shapes that fit are no errors, but for those of data.
fn compare_over(over: &OverArrays) -> Result<(), TestCaseError> {
    let inputs = over.inputs();
    if let Err(error) = interpret(&over.text, &inputs, true) {
        prop_assert!(error.kind() == ErrorKind::Domain, "{}\n{error}", over.text);
    }
    let lowered = interpret_lowered(&over.text, &inputs, true);
    agree(&over.text, over.empty, &interpret(&over.text, &inputs, true), &lowered, "the lowered graph")?;
    compare_with(&over.text, &inputs, over.empty, &ways(&[1, 2, 7], &[0, 64, 1024]))
}

/// A graphics card against the processor's strict bits, in whatever memory order the inputs are: the interpreter has told
/// whether those are right.
fn compare_card(text: &str, inputs: &[(&str, Input<'_>)], empty: bool) -> Result<(), TestCaseError> {
    let Ok(program) = Program::compile(text) else { return Ok(()) };
    let Some(got) = card::run(&program, inputs) else { return Ok(()) };
    let strict = Way { isa: Isa::Portable, threads: 1, tile: 0 };
    agree(text, empty, &strict.run(&program, inputs), &got, "a card")
}

// fewer cases: each compiles shaders
proptest! {
    #![proptest_config(Config { cases: 64, max_shrink_iters: 40, failure_persistence: None, ..Config::default() })]

    #[test]
    fn cards_agree(text in expression(3), pool in pool(5000, false)) {
        compare_card(&text, &pool.inputs(), pool.empty)?;
    }

    #[test]
    fn cards_agree_on_deep_expressions(text in expression(6), pool in pool(200, false)) {
        compare_card(&text, &pool.inputs(), pool.empty)?;
    }

    #[test]
    fn cards_agree_in_any_memory_order(text in expression(3), pool in pool(5000, true)) {
        compare_card(&text, &pool.inputs(), pool.empty)?;
    }

    #[test]
    fn cards_keep_plans_for_other_inputs(text in expression(3), pools in prop::collection::vec(pool(300, false), 3)) {
        for pool in pools.iter().chain(&pools) {
            compare_card(&text, &pool.inputs(), pool.empty)?;
        }
    }

    #[test]
    fn cards_agree_over_arrays(over in over_arrays(Arithmetic::Any)) {
        compare_card(&over.text, &over.inputs(), over.empty)?;
    }

    #[test]
    fn cards_sum_over_arrays(over in over_arrays(Arithmetic::Whole)) {
        compare_card(&over.text, &over.inputs(), over.empty)?;
    }
}

proptest! {
    #![proptest_config(Config { max_shrink_iters: 1000, failure_persistence: None, ..Config::default() })]

    /// Rules of simplifying and lowering are exact.
    #[test]
    fn simplifying_and_lowering_keep_every_bit(text in expression(3), pool in pool(600, false)) {
        let inputs = pool.inputs();
        let lowered = interpret_lowered(&text, &inputs, true);
        agree(&text, pool.empty, &interpret(&text, &inputs, true), &lowered, "the lowered graph")?;
    }

    /// Every instruction set, number of threads and tile.
    #[test]
    fn executors_agree_with_the_interpreter(text in expression(3), pool in pool(5000, false)) {
        compare(&text, &pool, &ways(&[1, 2, 7], &[0, 64, 1024]))?;
    }

    /// Deeper expressions, over arrays that a few tiles hold.
    #[test]
    fn executors_agree_on_deep_expressions(text in expression(6), pool in pool(200, false)) {
        compare(&text, &pool, &ways(&[1], &[0, 64]))?;
    }

    /// One program keeps its plans, and uses them for inputs of other extents and layouts.
    #[test]
    fn kept_plans_serve_other_inputs(text in expression(3), pools in prop::collection::vec(pool(300, false), 5)) {
        if let Ok(program) = Program::compile(&text) {
            for way in ways(&[1], &[0]) {
                let program = program.with_options(way.options());
                for pool in pools.iter().chain(&pools) {
                    let inputs = pool.inputs();
                    let expected = interpret(&text, &inputs, way.isa.has_fma());
                    let got = program.run(&inputs[..]).map(array);
                    agree(&text, pool.empty, &expected, &got, "with kept plans")?;
                }
            }
        }
    }

    /// Views, sources, masks, places and reductions of each other, of any values.
    #[test]
    fn expressions_over_arrays_agree(over in over_arrays(Arithmetic::Any)) {
        compare_over(&over)?;
    }

    /// The same with sums of floats, exact ones.
    #[test]
    fn sums_over_arrays_agree(over in over_arrays(Arithmetic::Whole)) {
        compare_over(&over)?;
    }

    /// Inputs whose axes lie in any order, or repeat.
    #[test]
    fn memory_order_matters_to_sums_alone(text in expression(3), pool in pool(5000, true)) {
        let inputs = pool.inputs();
        if pool.permuted && depends_on_memory_order(&text) {
            let (expected, got) = (interpret(&text, &inputs, true), ways(&[1], &[0])[0]);
            let got = Program::compile(&text).and_then(|program| got.run(&program, &inputs));
            match (expected, got) {
                (Ok(expected), Ok(got)) => {
                    prop_assert_eq!((expected.dtype, &expected.shape), (got.dtype, &got.shape), "{}", text);
                }
                (Err(expected), Err(got)) => prop_assert_eq!(expected.kind(), got.kind(), "{}", text),
                (expected, got) => prop_assert!(false, "{text}: {got:?}, and not {expected:?}"),
            }
        } else {
            compare(&text, &pool, &ways(&[1], &[0, 64]))?;
        }
    }

    /// Results written to the caller's memory, with gaps, backwards, or transposed.
    #[test]
    fn outputs_of_any_strides_are_written(
        text in expression(3), pool in pool(3000, false), place in any::<Place>(), tile in prop::sample::select(vec![0usize, 64]),
    ) {
        let inputs = pool.inputs();
        let answers = Answers::new(&text, &inputs);
        for way in ways(&[1], &[tile]) {
            let expected = answers.of(way);
            let Ok(Array { dtype, shape, .. }) = expected else { continue };
            let program = Program::compile(&text)?.with_options(way.options());
            macro_rules! written_as {
                ($($rust:ty => $variant:ident),*) => {
                    match *dtype {
                        $(DType::$variant => {
                            let result = written::<$rust>(&program, &inputs, shape, &place);
                            result.map(|a| array(Value::$variant(a)))
                        })*
                        other => panic!("no results of type {other}"),
                    }
                };
            }
            let got = written_as!(
                bool => Bool, i8 => I8, i16 => I16, i32 => I32, i64 => I64, u8 => U8, u16 => U16, u32 => U32,
                u64 => U64, numfuse::half::f16 => F16, numfuse::half::bf16 => BF16, f32 => F32, f64 => F64,
                Complex<f32> => C64, Complex<f64> => C128
            );
            agree(&text, pool.empty, expected, &got, &format!("{way:?}, written {place:?}"))?;
        }
    }
}

/// How an output lies in its memory.
#[derive(Clone, Debug)]
struct Place {
    /// Every how manieth element along each axis is written.
    steps: [usize; 4],
    reversed: [bool; 4],
    transposed: bool,
}

impl Place {
    /// The part of an array that is written.
    fn part<'v, T>(&self, whole: &'v mut ArrayD<T>) -> ArrayViewMutD<'v, T> {
        let mut part = if self.transposed { whole.view_mut().reversed_axes() } else { whole.view_mut() };
        for axis in 0..part.ndim() {
            let step = self.steps[axis % 4] as isize;
            let step = if self.reversed[axis % 4] { -step } else { step };
            part.slice_axis_inplace(Axis(axis), Slice::new(0, None, step));
        }
        part
    }
}

impl Arbitrary for Place {
    type Parameters = ();
    type Strategy = BoxedStrategy<Place>;
    fn arbitrary_with((): ()) -> BoxedStrategy<Place> {
        let steps = prop_oneof![Just([1usize; 4]), [1..4usize, 1..3, 1..3, 1..4usize]];
        (steps, any::<[bool; 4]>(), prop::bool::weighted(0.3))
            .prop_map(|(steps, reversed, transposed)| Place { steps, reversed, transposed })
            .boxed()
    }
}

/// The result written to a part of a larger array; panics where something else of it was written to.
fn written<T: Element>(
    program: &Program,
    inputs: &[(&str, Input<'_>)],
    shape: &[usize],
    place: &Place,
) -> Result<ArrayD<T>, Error>
where
    for<'o, 'v> &'o mut ArrayViewMutD<'v, T>: Into<numfuse::OutputView<'o>>,
{
    let mut extents: Vec<usize> =
        shape.iter().enumerate().map(|(axis, n)| n * place.steps[axis % 4]).collect();
    if place.transposed {
        extents.reverse();
    }
    let untouched = T::from_scalar(marker(T::DTYPE)).expect("a marker of this type");
    let mut whole = ArrayD::from_elem(IxDyn(&extents), untouched);
    let mut part = place.part(&mut whole);
    assert_eq!(part.shape(), shape);
    program.run_into(inputs, &mut part)?;
    let result = part.to_owned();
    part.fill(untouched);
    assert!(whole.iter().all(|element| *element == untouched), "a gap of the output was written to");
    Ok(result)
}

fn marker(dtype: DType) -> Scalar {
    let literal = if dtype == DType::Bool { Literal::Bool(true) } else { Literal::Int(77) };
    literal.to_scalar(dtype).expect("every type of numbers holds 77")
}
