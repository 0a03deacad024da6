//! Shifts, padding and windows with borders: what they mean, every way to run them against the reference interpreter,
//! and the plans that keep an interior in one loop.
//!
//! The interpreter joins an array's pieces before anything reads them; executors pull the pieces out of what is computed
//! from them. So each checks the other. SciPy's and NumPy's own answers are among the conformance tests
//! (`tests/data/neighbours.jsonl`).

mod agreement;
mod engine;

use numfuse::internals::interpret;
use numfuse::ndarray::{Array1, Array2, ArrayD, Axis, Ix2, IxDyn};
use numfuse::{ArrayType, Border, DType, ErrorKind, Input, Lazy, Program, inputs};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use agreement::difference;
use engine::{card, ways};

/// Every way to run an expression gives the interpreter's bits.
fn compare(
    text: &str,
    inputs: &[(&str, Input<'_>)],
    threads: &[usize],
    tiles: &[usize],
) -> Result<(), TestCaseError> {
    let (fused, strict) = (interpret(text, inputs, true), interpret(text, inputs, false));
    let program = Program::compile(text);
    let same = |expected: &_, got: &_, way: &str| match difference(expected, got, false) {
        None => Ok(()),
        Some(difference) => Err(TestCaseError::fail(format!("{text}\n{way} {difference}"))),
    };
    for way in ways(threads, tiles) {
        let got = program.clone().and_then(|program| way.run(&program, inputs));
        same(if way.isa.has_fma() { &fused } else { &strict }, &got, &format!("{way:?}"))?;
    }
    if let Ok(program) = &program
        && let Some(got) = card::run(program, inputs)
    {
        same(&strict, &got, "the card")?;
    }
    Ok(())
}

fn check(text: &str, inputs: &[(&str, Input<'_>)]) {
    if let Err(error) = compare(text, inputs, &[3], &[0]) {
        panic!("{error}");
    }
}

/// Eighths, of which every sum of a few is exact.
fn eighths(shape: &[usize]) -> ArrayD<f64> {
    let mut state = 7u64;
    let elements = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        f64::from((state >> 33) as u32 % 161) / 8.0 - 10.0
    });
    let elements = elements.take(shape.iter().product()).collect();
    ArrayD::from_shape_vec(IxDyn(shape), elements).unwrap()
}

const BORDERS: [&str; 5] = ["constant", "nearest", "reflect", "mirror", "wrap"];

#[test]
fn stencils_agree_in_every_way() {
    for shape in [[9, 7], [1, 5], [2, 3], [40, 70], [0, 4]] {
        let (u, w) = (eighths(&shape), eighths(&[5, 3]));
        let z = u.mapv(|x| numfuse::Complex::new(x, x * 0.5 - 1.0));
        let s = u.mapv(|x| (x * 8.0) as i16);
        let v = eighths(&shape[1..]);
        let inputs = inputs! { u, w, z, s, v };
        for border in BORDERS {
            for text in [
                "shift(u, (1, 0), border=B)",
                "shift(u, (0, -1), B) + shift(u, (0, 1), B) + shift(u, (1, 0), B) + shift(u, (-1, 0), B) - 4*u",
                "sum(windows(u, (5, 3), border=B) * w, axis=(-2, -1))",
                "max(windows(u*2 + 1, (2, 3), border=B), axis=(-2, -1)) - min(windows(u, (3, 1), border=B), axis=(2, 3))",
                "exp(shift(exp(u/8), (1, 1), B)) - shift(exp(u/8), (-1, 0), B)",
                "shift(shift(u, (2, 1), B), (-1, 1), B) * u",
                "sum(shift(u, (1, 2), B) * u)",
                "sum(shift(u, (1, 2), B) * u, axis=0)",
                "mean(shift(u, (1, 2), B), axis=1, keepdims=True) * u",
                "shift(z, (1, -2), B) * z",
                "shift(s, (1, -2), B) * s + shift(s + s, 1, B)",
                "shift(u, (1, 1), B)[::-1, ::2] + u[:, ::2]",
                "shift(v, 1, B) + u",
                "exp(shift(v, 1, B)) * u",
                "cumsum(shift(u, (1, 0), B), axis=1)",
                "shift(u, (1, 0), B).T @ shift(u, (0, 1), B)",
                "reshape(shift(u, (1, 0), B), (-1,)) * 2",
                "where(shift(u, 1, B) > u, u, shift(u, 1, B))",
                "sqrt(abs(shift(u, 1, B))) * shift(sqrt(abs(u)), -1, B) + exp(u/4)",
                "var(shift(u, 1, B) + 1, axis=1)",
                "prod(shift(z, 1, B)/8 + 1, axis=0)",
                "windows(shift(u, (1, 0), B), (3, 3), border=B)[..., 1, 1]",
            ] {
                if shape[0] == 0 && text.starts_with("max") {
                    continue;
                }
                check(&text.replace('B', &format!("'{border}'")), &inputs);
            }
        }
    }
}

/// An expression over `u` and `v`, of one shape, that looks at neighbours: a few operations deep.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![Just("u".to_owned()), Just("v".to_owned()), Just("u.T.T".to_owned())];
    leaf.prop_recursive(4, 12, 3, |inner| {
        let border = || prop::sample::select(&BORDERS[..]);
        let by = || (-4i64..5, -4i64..5);
        prop_oneof![
            (inner.clone(), by(), border())
                .prop_map(|(x, by, border)| format!("shift({x}, {by:?}, '{border}')")),
            (inner.clone(), by()).prop_map(|(x, by)| format!("roll({x}, {by:?}, axis=(0, 1))")),
            (inner.clone(), 1usize..4, 1usize..4, border()).prop_map(|(x, rows, columns, border)| {
                format!("max(windows({x}, ({rows}, {columns}), border='{border}'), axis=(2, 3))")
            }),
            (inner.clone(), border()).prop_map(|(x, border)| format!(
                "sum(windows({x}/16, 3, axis=1, border='{border}'), axis=-1)"
            )),
            inner.clone().prop_map(|x| format!("{x}[::-1, ::-1]")),
            inner.clone().prop_map(|x| format!("sqrt(abs({x}))")),
            inner.clone().prop_map(|x| format!("({x} - max({x}, axis=0))")),
            (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("minimum({x}, 2*{y})")),
            (inner.clone(), inner).prop_map(|(x, y)| format!("({x} + {y})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn random_stencils_agree(
        text in expression(),
        rows in prop::sample::select(&[1usize, 2, 5, 33][..]),
        columns in prop::sample::select(&[1usize, 3, 8, 40][..]),
        flipped in any::<bool>(),
    ) {
        let (u, v) = (eighths(&[rows, columns]), eighths(&[columns, rows]).reversed_axes());
        let u = if flipped { u.slice_each_axis(|axis| numfuse::ndarray::Slice::new(0, None, if axis.axis == Axis(0) { -1 } else { 1 })).to_owned() } else { u };
        compare(&text, &inputs! { u, v }, &[1, 3], &[0])?;
    }
}

#[test]
fn lazy_arrays_are_the_text() {
    let x = eighths(&[4, 6]).into_dimensionality::<Ix2>().unwrap();
    let a = Lazy::new(&x);
    let of_text = |text: &str| -> Array2<f64> { Program::compile(text).unwrap().run(inputs! { x }).unwrap() };
    let shifted: Array2<f64> = a.shift(&[1, -2], Border::Mirror).eval().unwrap();
    assert_eq!(shifted, of_text("shift(x, (1, -2), 'mirror')"));
    let everywhere: Array2<f64> = a.shift(&[1], Border::Constant(2.5)).eval().unwrap();
    assert_eq!(everywhere, of_text("shift(x, 1, value=2.5)"));
    let padded: Array2<f64> = a.pad(&[[1, 0], [2, 2]], Border::Reflect).eval().unwrap();
    assert_eq!(padded, of_text("pad(x, ((1, 0), (2, 2)), 'symmetric')"));
    let cropped: Array2<f64> = a.pad(&[[-1, 0], [0, -2]], Border::Wrap).eval().unwrap();
    assert_eq!(cropped, of_text("x[1:, :-2]"));
    let least: Array2<f64> = a
        .windows_with(&[2, 3], Border::Nearest)
        .reduction(numfuse::Reduction::Min)
        .axes(&[-2, -1])
        .eval()
        .unwrap();
    assert_eq!(least, of_text("min(windows(x, (2, 3), border='nearest'), axis=(2, 3))"));
}

#[test]
fn results_go_where_they_are_wanted() {
    let x = eighths(&[30, 40]).into_dimensionality::<Ix2>().unwrap();
    let program = Program::compile("shift(x, (1, 2), 'reflect') - x").unwrap();
    let expected: Array2<f64> = program.run(inputs! { x }).unwrap();
    let mut wide = Array2::<f64>::from_elem((60, 80), 7.0);
    let mut view = wide.slice_mut(numfuse::ndarray::s![1..;2, ..;2]);
    program.run_into(inputs! { x }, &mut view).unwrap();
    assert_eq!(view, expected);
    assert!(wide.slice(numfuse::ndarray::s![..;2, ..]).iter().all(|element| *element == 7.0));
    let mut columns = Array2::<f64>::zeros((40, 30)).reversed_axes();
    program.run_into(inputs! { x }, &mut columns).unwrap();
    assert_eq!(columns, expected);
}

#[test]
fn many_shifts_stay_within_bounds() {
    let x = Array1::from_iter((0..1000).map(f64::from));
    let a = Lazy::new(&x);
    // one through the other
    let through = (0..500).fold(a.clone(), |x, _| x.shift(&[1], Border::Wrap));
    let turned: Array1<f64> = through.eval().unwrap();
    assert_eq!((turned[499], turned[500]), (999.0, 0.0));
    // each of the one before, and of its neighbour
    let steps = (0..200).fold(a.clone(), |x, _| (&x + x.shift(&[1], Border::Nearest)) / 2.0);
    let smooth: Array1<f64> = steps.eval().unwrap();
    assert_eq!((smooth[0], smooth[900]), (0.0, 800.0));
    // side by side
    let beside = (1..150).fold(a.clone(), |sum, k| sum + a.shift(&[k], Border::Constant(0.0)));
    let sums: Array1<f64> = beside.eval().unwrap();
    assert_eq!(sums[999], (850..1000).map(f64::from).sum::<f64>());
}

#[test]
fn loops_of_borders_run_beside_that_of_the_interior() {
    let image = ArrayType::new(DType::F64, &[1024, 1024]);
    let beside = |text: &str| {
        let program = Program::compile(text).unwrap();
        let explained = program.explain(&[("x", image.clone())]).unwrap().to_string();
        let lines = explained.lines().filter(|line| line.ends_with("run side by side"));
        lines.map(|line| line.trim_end_matches(" run side by side").to_owned()).collect::<Vec<_>>()
    };
    let filter = beside("sum(windows(x, (5, 5), border='reflect')*2, axis=(-2, -1))");
    assert_eq!(
        filter,
        ["loops 0 to 8", "loops 9 to 11"],
        "borders are reduced from what is laid beside them"
    );
    // the mean comes first, and two long loops have chunks enough
    assert!(beside("x - mean(x)").is_empty());
    assert!(beside("a = cumsum(sin(x), axis=0), b = cumsum(cos(x), axis=1)").is_empty());
}

#[test]
fn errors_say_what_is_wrong() {
    let x = eighths(&[3, 4]);
    let i = x.mapv(|x| x as i32);
    let cases = [
        ("shift(x, 1, 'mirrored')", ErrorKind::Type, "there is no border `mirrored`"),
        ("shift(x, (1, 2, 3))", ErrorKind::Shape, "`x` is f64[3, 4]: 3 numbers for 2 axes"),
        ("shift(i, 1, value=0.5)", ErrorKind::Type, "`i` is i32[3, 4], which cannot hold the border's 0.5"),
        (
            "pad(x[:0], 1, 'wrap')",
            ErrorKind::Shape,
            "`x[:0]` is f64[0, 4]: axis 0 has no element that a border could repeat",
        ),
        ("pad(x, 1, 'nearest')", ErrorKind::Type, "there is no mode `nearest`"),
        (
            "pad(x, 100000, 'wrap')",
            ErrorKind::Shape,
            "`x` is f64[3, 4]: axis 0 is repeated more than 1024 times by its border",
        ),
        ("windows(x, (0, 3), border='wrap')", ErrorKind::Shape, "no window of 0 fits axis 0"),
    ];
    for (text, kind, message) in cases {
        let error = interpret(text, &inputs! { x, i }, true).unwrap_err();
        assert_eq!(error.kind(), kind, "{text}");
        assert!(error.message().contains(message), "{text}: {}", error.message());
    }
    let error = Program::compile("shift(x, 1, 'mirrored')").unwrap_err();
    assert!(error.help().is_some_and(|help| help.contains("\"mirror\", \"wrap\"")), "{error}");
}
