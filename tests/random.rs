//! Random numbers: NumPy's bits where its generator is the model, and the same bits whatever draws them.

mod engine;

use ndarray::{Array1, Array2, ArrayD};
use numfuse::internals::{Array, interpret};
use numfuse::{ArrayType, DType, ErrorKind, Input, Isa, Lazy, Program, Value, inputs};

use engine::{Way, array, card, ways};

/// What NumPy drew: written by `tests/data/philox.py`.
const RECORDED: &str = include_str!("data/philox.txt");

const NOTHING: [(&str, Input<'static>); 0] = [];

fn compile(text: &str) -> Program {
    Program::compile(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn value(text: &str) -> Value {
    compile(text).run(NOTHING).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn doubles_and_singles_are_those_of_numpy() {
    let mut lines = 0;
    for line in RECORDED.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        let [seed, place, dtype, bits @ ..] = words.as_slice() else { panic!("{line}") };
        let place: u64 = place.parse().unwrap();
        // only what is looked at is drawn
        let text = format!("random({}, seed={seed}, dtype={dtype})[{place}:]", place + 8);
        let got: Vec<u64> = match value(&text) {
            Value::F64(array) => array.iter().map(|x| x.to_bits()).collect(),
            Value::F32(array) => array.iter().map(|x| x.to_bits().into()).collect(),
            other => panic!("{text} is {}", other.dtype()),
        };
        let wanted: Vec<u64> = bits.iter().map(|word| u64::from_str_radix(word, 16).unwrap()).collect();
        assert_eq!(got, wanted, "{text}");
        lines += 1;
    }
    assert_eq!(lines, 80);
}

/// Draws in every order that places can come in: runs, pairs, rows and columns, backwards, with gaps, one by one, a
/// block over two tiles.
const DRAWS: [&str; 22] = [
    "random(40_003, seed=1)",
    "random(40_003, seed=1, dtype=f32)",
    "random((301, 257), seed=2)",
    "random((301, 257), seed=2).T",
    "random((301, 257), seed=2)[::-1, 3::7]",
    "random((301, 257), seed=2, dtype=f32)[1:, ::-1]",
    "random((40, 5, 6), seed=2**64 - 1)",
    "random((3, 20_000), seed=3)[:, 1:] - random((3, 20_000), seed=3)[:, :-1]",
    "random((), seed=5)",
    "random((0, 3), seed=5)",
    "normal(40_003, seed=1)",
    "normal((301, 257), seed=2, loc=3, scale=1/2)",
    "randint(-3, 4, 40_003, seed=1)",
    "randint(0, 2**62, (301, 257), seed=9)",
    "randint(-2**63, 2**63 - 1, 1000, seed=9)",
    "randint(1, 7, seed=9)",
    "sum(random((301, 257), seed=2), axis=0)",
    "sum(random((301, 257), seed=2), axis=1)",
    "mean(random(70_000, seed=1)**2 + random(70_000, seed=2)**2 < 1)",
    "std(normal(70_000, seed=1))",
    "cumsum(normal((3, 20_000), seed=4), axis=1)",
    "take(random(1000, seed=1), [5, -1, 0, 5, 6])",
];

#[test]
fn threads_tiles_and_instruction_sets_draw_the_same_bits() {
    for text in DRAWS {
        let program = compile(text);
        for fma in [true, false] {
            let mut expected: Option<Array> = None;
            for way in ways(&[1, 2, 5], &[0, 64, 4096]).into_iter().filter(|way| way.isa.has_fma() == fma) {
                let got = way.run(&program, &[]).unwrap_or_else(|error| panic!("{text}: {error}"));
                let expected = expected.get_or_insert_with(|| interpret(text, &[], fma).unwrap());
                assert!(expected.same(&got), "{text}, {way:?}");
            }
        }
    }
}

#[test]
fn a_card_draws_the_same_bits() {
    for text in DRAWS {
        let program = compile(text);
        let strict = Way { isa: Isa::Portable, threads: 1, tile: 0 };
        if let Some(got) = card::run(&program, &[]) {
            let got = got.unwrap_or_else(|error| panic!("{text}: {error}"));
            assert!(strict.run(&program, &[]).unwrap().same(&got), "{text}");
        }
    }
}

/// An element is numbered in C order, whatever of its array is looked at.
#[test]
fn elements_are_numbered_in_c_order() {
    let Value::F64(flat) = value("random(60, seed=7)") else { panic!("no doubles") };
    for text in ["random((3, 4, 5), seed=7)", "random((60, 1), seed=7)", "random((1, 60, 1), seed=7)"] {
        let Value::F64(shaped) = value(text) else { panic!("no doubles") };
        assert_eq!(shaped.iter().collect::<Vec<_>>(), flat.iter().collect::<Vec<_>>(), "{text}");
    }
    assert_eq!(value("random((3, 4, 5), seed=7)[2, 1:, 3]"), value("random(60, seed=7)[48::5][:3]"));
    assert_eq!(value("reshape(random((3, 20), seed=7), (4, 15))"), value("random((4, 15), seed=7)"));
    assert_eq!(value("ravel(random((3, 20), seed=7))"), value("random(60, seed=7)"));
}

#[test]
fn lazy_arrays_draw_what_text_does() {
    let drawn = |lazy: Lazy<'_>| lazy.eval::<Value>().unwrap();
    assert_eq!(drawn(Lazy::random([3, 5], 1)), value("random((3, 5), seed=1)"));
    assert_eq!(drawn(Lazy::random_f32([3, 5], 1)), value("random((3, 5), seed=1, dtype='float32')"));
    assert_eq!(drawn(Lazy::normal([15], 1)), value("normal(15, seed=1)"));
    assert_eq!(drawn(2.0 + 3.0 * Lazy::normal([15], 1)), value("2 + 3*normal(15, 1)"));
    assert_eq!(drawn(Lazy::randint(-1, 7, [3, 5], 1)), value("randint(-1, 7, (3, 5), seed=1)"));
    assert_eq!(drawn(Lazy::random([4], u64::MAX)), value("random(4, seed=2**64 - 1)"));
}

/// No more is stored than a sum, and what is drawn twice is computed once.
#[test]
fn draws_are_fused() {
    let explained =
        |text: &str| compile(text).explain(&[("x", ArrayType::new(DType::F64, &[300, 200]))]).unwrap();
    for (text, loops) in [
        ("4*mean(random(1_000_000_000, seed=1)**2 + random(1_000_000_000, seed=2)**2 < 1)", 1),
        ("x + random((300, 200), seed=1)*normal((300, 200), seed=1)", 1),
        ("sum(x*normal((300, 200), seed=1), axis=0)", 1),
        ("where(random((300, 200), seed=1) < 0.5, x, random((300, 200), seed=1))", 1),
    ] {
        let explained = explained(text);
        let plan = explained.plan();
        assert!(explained.loops() == loops && explained.stored_bytes() <= 8, "{plan}");
    }
    let plan = explained("x*(random((300, 200), seed=1) + random((300, 200), seed=1))").plan();
    assert_eq!(plan.matches("RandomBits").count(), 1, "{plan}");
}

#[test]
fn seeds_and_shapes_come_with_the_data() {
    let program = compile("random((n, 3), seed=s)");
    for (n, s) in [(2i64, 1u64), (5, 1), (5, u64::MAX)] {
        let got: Array2<f64> = program.run(inputs! { n, s }).unwrap();
        assert_eq!(got.dim(), (n as usize, 3));
        assert_eq!(Value::F64(got.into_dyn()), value(&format!("random(({n}, 3), seed={s})")));
    }
    // another type of integer, and one that an expression makes
    let got: Value = program.run(inputs! { n = 2, s = 7i8 }).unwrap();
    assert_eq!(got, value("random((2, 3), seed=7)"));
    let later: Value = compile("random(4, seed=s + 1)").run(inputs! { s = 41i64 }).unwrap();
    assert_eq!(later, value("random(4, seed=42)"));
    let error = program.run::<Value>(inputs! { n = 2, s = -1i64 }).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Domain);
    assert!(error.message().contains("negative"), "{error}");
    let bounds: Array1<i64> = compile("randint(a, b, 1000, seed=3)").run(inputs! { a = -2, b = 3 }).unwrap();
    assert_eq!(Value::I64(bounds.into_dyn()), value("randint(-2, 3, 1000, seed=3)"));
}

#[test]
fn what_cannot_be_drawn_says_why() {
    for (text, kind, says) in [
        ("random(3)", ErrorKind::Arity, "takes shape, seed, dtype="),
        ("random(3, dtype=f32)", ErrorKind::Arity, "needs its argument `seed`"),
        ("random(3, seed=-1)", ErrorKind::Domain, "0 to 2^64 - 1, not -1"),
        ("random(3, seed=2**64)", ErrorKind::Domain, "0 to 2^64 - 1, not 18446744073709551616"),
        ("random(3, seed=0.5)", ErrorKind::Type, "a seed is an integer, not 0.5"),
        ("random(3, seed=True)", ErrorKind::Type, "a seed is an integer, not"),
        ("random(3, seed=x)", ErrorKind::Type, "`x` is f64[2]"),
        ("random(3, seed=y)", ErrorKind::Type, "`y` is f64, and a seed is an integer"),
        ("random(3, seed=1, dtype=i32)", ErrorKind::Type, "draws f32 or f64, not i32"),
        ("random(-3, seed=1)", ErrorKind::Shape, "-3 is no number of elements"),
        ("random(x, seed=1)", ErrorKind::Type, "not known before the data are"),
        ("random((2**40, 2**40), seed=1)", ErrorKind::Limit, "elements"),
        ("normal(3, seed=1, loc=x)", ErrorKind::Type, "where a number is needed"),
        ("normal(3, seed=1, scale=1j)", ErrorKind::Type, "where a real number is needed"),
        ("randint(3, 3, 5, seed=1)", ErrorKind::Domain, "no integer from 3 up to 3"),
        ("randint(4, 3, 5, seed=1)", ErrorKind::Domain, "no integer from 4 up to 3"),
        ("randint(0, 1.5, 5, seed=1)", ErrorKind::Type, "both are integers"),
        ("randint(0, 2**63 + 1, 5, seed=1)", ErrorKind::Overflow, "not all of them are i64"),
        ("randint(-2**63, 2**63, 5, seed=1)", ErrorKind::Overflow, "or all i64 are"),
        ("randint(0, x, 5, seed=1)", ErrorKind::Type, "not known before the data are"),
    ] {
        let x = ndarray::array![1.0, 2.0];
        let given = [("x", Input::from(&x)), ("y", Input::from(1.5))];
        let ran = Program::compile(text).and_then(|program| {
            let names: Vec<String> = program.inputs().map(str::to_owned).collect();
            program.run::<Value>(
                given.iter().filter(|(name, _)| names.iter().any(|n| n == name)).cloned().collect::<Vec<_>>(),
            )
        });
        let error = ran.expect_err(text);
        assert_eq!(error.kind(), kind, "{text}: {error}");
        assert!(error.message().contains(says), "{text}: {error}");
    }
}

/// Moments and extremes of what is drawn, within five standard deviations of their own.
#[test]
fn draws_are_distributed_as_they_should_be() {
    const N: f64 = 1e6;
    let number = |text: &str| -> f64 { compile(&text.replace('N', "1_000_000")).run(NOTHING).unwrap() };
    let near = |text: &str, expected: f64, deviation: f64| {
        let got = number(text);
        assert!((got - expected).abs() < 5.0 * deviation / N.sqrt(), "{text}: {got}, not {expected}");
    };
    near("mean(random(N, seed=11))", 0.5, (1.0f64 / 12.0).sqrt());
    near("mean(f64(random(N, seed=11, dtype=f32))**2)", 1.0 / 3.0, (4.0f64 / 45.0).sqrt());
    near("mean(normal(N, seed=11))", 0.0, 1.0);
    near("mean(normal(N, seed=11)**2)", 1.0, 2f64.sqrt());
    near("mean(normal(N, seed=11)**4)", 3.0, 96f64.sqrt());
    near("mean(abs(normal(N, seed=11)) > 2)", 0.04550026389635842, 0.0455f64.sqrt());
    near("mean(normal(N, seed=11)*random(N, seed=11))", 0.0, (1.0f64 / 3.0).sqrt());
    near("mean(normal(N, seed=11)[1:]*normal(N, seed=11)[:-1])", 0.0, 1.0);
    near("mean(randint(0, 6, N, seed=11) == 5)", 1.0 / 6.0, (5.0f64 / 36.0).sqrt());
    assert_eq!(
        (number("min(f64(randint(-3, 4, N, seed=1)))"), number("max(f64(randint(-3, 4, N, seed=1)))")),
        (-3.0, 3.0)
    );
    assert!(
        number("min(random(N, seed=1))") >= 0.0 && number("f64(max(random(N, seed=1, dtype=f32)))") < 1.0
    );
}

/// A large shape costs what is looked at, and a slice of it is the same numbers.
#[test]
fn a_part_of_many_costs_a_part() {
    let part: ArrayD<f64> = compile("random(2**50, seed=1)[2**49:2**49 + 5]").run(NOTHING).unwrap();
    let all: Vec<Value> = (0..5).map(|k| value(&format!("random(2**50, seed=1)[2**49 + {k}]"))).collect();
    for (one, of) in all.iter().zip(&part) {
        assert_eq!(array(one.clone()).elements, [numfuse::Scalar::F64(*of)]);
    }
}
