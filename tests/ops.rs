//! Functions that the user supplies: what they are told and asked, what refuses them, and what a panic inside one does.

mod engine;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::{Array1, Array2, ArrayD, array};
use numfuse::internals::graph;
use numfuse::kernel::{Body, Token, math};
use numfuse::{DType, Device, ErrorKind, Input, Isa, Lazy, Limits, Ops, Options, Program, Value, inputs};

use engine::{Way, card, ways};

fn elu(x: f64) -> f64 {
    if x > 0.0 { x } else { x.exp_m1() }
}

fn some() -> Ops {
    let mut ops = Ops::new();
    ops.register("elu", elu).unwrap();
    ops.register("first", |x: f64, _: f64| x).unwrap();
    ops.register("blend", |x: f64, y: f64, t: f64| x + (y - x) * t).unwrap();
    ops
}

fn compile(text: &str, ops: &Ops) -> Program {
    Program::compile_with_ops(text, &Limits::default(), ops).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn functions_take_elements_wherever_they_lie() {
    let ops = some();
    let x = Array2::from_shape_fn((37, 53), |(i, j)| ((i * 53 + j) as f64 * 0.37).sin());
    let (row, column) = (x.row(3).to_owned(), x.column(5).to_owned().insert_axis(ndarray::Axis(1)));
    let narrow = x.mapv(|x| (x * 100.0) as i16);
    let given = [
        ("x", Input::from(&x)),
        ("r", Input::from(&row)),
        ("c", Input::from(&column)),
        ("n", Input::from(&narrow)),
        ("t", Input::from(0.25)),
    ];
    let blend = |x: f64, y: f64, t: f64| x + (y - x) * t;
    type Wanted<'a> = (&'a str, Box<dyn Fn(usize, usize) -> f64 + 'a>);
    let wanted: [Wanted<'_>; 9] = [
        ("elu(x)", Box::new(|i, j| elu(x[[i, j]]))),
        ("1 + elu(-x*2)", Box::new(|i, j| 1.0 + elu(-x[[i, j]] * 2.0))),
        ("elu(x.T).T", Box::new(|i, j| elu(x[[i, j]]))),
        ("elu(x[::-1, ::-1])[::-1, ::-1]", Box::new(|i, j| elu(x[[i, j]]))),
        ("elu(n)", Box::new(|i, j| elu(f64::from(narrow[[i, j]])))),
        ("first(x, r) + first(c, x)", Box::new(|i, j| x[[i, j]] + column[[i, 0]])),
        ("blend(x, r, c)", Box::new(|i, j| blend(x[[i, j]], row[j], column[[i, 0]]))),
        (
            "blend(r, c, x)*blend(t, x, 3)",
            Box::new(|i, j| blend(row[j], column[[i, 0]], x[[i, j]]) * blend(0.25, x[[i, j]], 3.0)),
        ),
        (
            "blend(x, x, x > 0) + elu(t) + first(c, t)",
            Box::new(|i, j| {
                blend(x[[i, j]], x[[i, j]], f64::from(x[[i, j]] > 0.0)) + elu(0.25) + column[[i, 0]]
            }),
        ),
    ];
    for (text, want) in wanted {
        let program = compile(text, &ops);
        let named: Vec<_> =
            given.iter().filter(|(name, _)| program.inputs().any(|n| n == *name)).cloned().collect();
        for way in ways(&[1, 3], &[0, 64]) {
            let program = program.with_options(way.options());
            let got: Array2<f64> = program.run(named.as_slice()).unwrap();
            assert_eq!(got, Array2::from_shape_fn((37, 53), |(i, j)| want(i, j)), "{text}, {way:?}");
            // memory of the caller's, with gaps
            let mut wide = Array2::<f64>::zeros((37, 106));
            program.run_into(named.as_slice(), &mut wide.slice_mut(ndarray::s![.., ..;2])).unwrap();
            assert_eq!(wide.slice(ndarray::s![.., ..;2]), got, "{text}, {way:?}");
        }
    }
}

#[test]
fn functions_are_part_of_reductions_and_of_one_loop() {
    let ops = some();
    let x = Array2::from_shape_fn((300, 40), |(i, j)| (i as f64 - 7.0 * j as f64).cos());
    for text in ["sum(elu(x))", "sum(elu(x), axis=0)", "max(first(x, 1), axis=1)", "mean(blend(x, 1, 0.5))"] {
        let plain = text.replace("elu(x)", "s").replace("first(x, 1)", "x").replace("blend(x, 1, 0.5)", "b");
        let (s, b) = (x.mapv(elu), x.mapv(|x| x + (1.0 - x) * 0.5));
        let given = [("x", Input::from(&x)), ("s", Input::from(&s)), ("b", Input::from(&b))];
        let run = |program: Program| -> ArrayD<f64> {
            let named: Vec<_> =
                given.iter().filter(|(name, _)| program.inputs().any(|n| n == *name)).cloned().collect();
            let value: Value = program.run(named).unwrap();
            let Value::F64(array) = value else { panic!("{text} is {}", value.dtype()) };
            array
        };
        assert_eq!(run(compile(text, &ops)), run(compile(&plain, &ops)), "{text}");
    }
    let program = compile("sum(exp(-elu(x))*elu(x))", &ops);
    let explained = program.explain(&[("x", numfuse::ArrayType::new(DType::F64, &[300, 40]))]).unwrap();
    assert_eq!((explained.loops(), explained.plan().matches("call elu").count()), (1, 1), "{explained}");
}

#[test]
fn nothing_calls_for_an_empty_array() {
    let mut ops = Ops::new();
    ops.register("never", |_: f64| panic!("called")).unwrap();
    let x = Array1::<f64>::zeros(0);
    assert_eq!(compile("never(x)", &ops).run::<Array1<f64>>(inputs! { x }).unwrap().len(), 0);
}

#[test]
fn both_fronts_build_the_same_graph() {
    let mut ops = Ops::new();
    let blend = ops.register("blend", |x: f64, y: f64, t: f64| x + (y - x) * t).unwrap();
    let (x, y) = (array![1.0, 2.0], array![3.0, 5.0]);
    let (a, b) = (Lazy::named("x", &x), Lazy::named("y", &y));
    let lazy = blend.of([a.clone(), 2 * b, Lazy::weak(numfuse::Literal::Float(0.5))]) + a;
    assert_eq!(
        graph(&lazy.compile()).to_string(),
        graph(&compile("blend(x, 2*y, 0.5) + x", &ops)).to_string()
    );
    assert_eq!(lazy.eval::<Array1<f64>>().unwrap(), array![1.0 + 3.5, 2.0 + 6.0]);
    assert_eq!((blend.name(), format!("{blend:?}").as_str()), ("blend", "blend of 3"));
}

#[test]
fn a_panic_is_an_error_of_the_run() {
    let calls = Arc::new(AtomicUsize::new(0));
    let mut ops = Ops::new();
    let counted = calls.clone();
    ops.register("picky", move |x: f64| {
        counted.fetch_add(1, Ordering::Relaxed);
        assert!(x < 1e6, "a million is too much");
        x
    })
    .unwrap();
    let program = compile("2*picky(x) + 1", &ops);
    for threads in [1, 4] {
        let program = program.with_options(Options::new().threads(threads));
        let mut x = Array1::from_iter((0..200_000).map(f64::from));
        assert_eq!(program.run::<Array1<f64>>(inputs! { x }).unwrap()[7], 15.0);
        x[150_000] = 1e6;
        let error = program.run::<Array1<f64>>(inputs! { x }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panic);
        assert_eq!(error.message(), "the function `picky` panicked");
        assert_eq!(error.span(), Some(2..10));
        // nothing is poisoned
        x[150_000] = 0.0;
        assert_eq!(program.run::<Array1<f64>>(inputs! { x }).unwrap()[150_000], 1.0);
    }
    assert!(calls.load(Ordering::Relaxed) >= 5 * 200_000);
}

#[test]
fn names_and_arguments_that_do_not_go_together_are_refused() {
    let mut ops = some();
    for (name, says) in [
        ("sin", "is a function or a constant of the language already"),
        ("sum", "is a function or a constant of the language already"),
        ("random", "is a function or a constant of the language already"),
        ("f32", "is a function or a constant of the language already"),
        ("pi", "is a function or a constant of the language already"),
        ("elu", "is registered already"),
        ("", "is no name"),
        ("2x", "is no name"),
        ("a b", "is no name"),
        ("repeat", "is no name"),
    ] {
        let error = ops.register(name, |x: f64| x).unwrap_err();
        assert!(error.message().contains(says), "{name}: {error}");
    }
    assert_eq!(ops.names().collect::<Vec<_>>(), ["elu", "first", "blend"]);
    let refused = |text: &str, kind: ErrorKind, says: &str| {
        let x = array![1.0, 2.0];
        let y = array![1.0, 2.0, 3.0];
        let given = [("x", Input::from(&x)), ("y", Input::from(&y))];
        let ran = Program::compile_with_ops(text, &Limits::default(), &ops).and_then(|program| {
            let named: Vec<_> =
                given.iter().filter(|(name, _)| program.inputs().any(|n| n == *name)).cloned().collect();
            program.run::<Value>(named)
        });
        let error = ran.expect_err(text);
        assert_eq!(error.kind(), kind, "{text}: {error}");
        assert!(error.to_string().contains(says), "{text}: {error}");
    };
    refused("elu(x, y)", ErrorKind::Arity, "`elu` takes one argument, not 2");
    refused("blend(x)", ErrorKind::Arity, "`blend` takes 3 arguments, not 1");
    refused("elu(x=x)", ErrorKind::Syntax, "takes no keyword arguments");
    refused("el(x)", ErrorKind::UnknownFunction, "did you mean `elu`?");
    refused("elu(1j*x)", ErrorKind::Type, "and `elu` takes real numbers");
    refused("elu('a')", ErrorKind::Type, "and `elu` takes real numbers");
    refused("first(x, y)", ErrorKind::Shape, "do not broadcast together");
    let Err(alone) = Program::compile("elu(x)") else { panic!("it is not the language's") };
    assert_eq!(alone.kind(), ErrorKind::UnknownFunction);
}

/// x² (3 - 2x) below 1, and w exp(-x²) above.
struct Bump;

impl Body<2> for Bump {
    #[inline(always)]
    fn apply<S: Token>(s: S, [x, w]: [S::F; 2]) -> S::F {
        let inside = x * x * (s.lit(3.0) - s.lit(2.0) * x);
        let tail = w * math::exponential::exp(s, s.lit(0.0) - x * x);
        s.select(s.lt(x, s.lit(1.0)), inside, tail)
    }
}

struct Third;

impl Body<3> for Third {
    const COST: u32 = 2;

    #[inline(always)]
    fn apply<S: Token>(_: S, [x, y, z]: [S::F; 3]) -> S::F {
        x * y - z
    }
}

/// Kernels are functions like the language's own: the same bits as an expression of the same operations, of every type,
/// on every instruction set, and on a graphics device.
#[test]
fn kernels_give_the_bits_of_their_operations() {
    let mut ops = Ops::new();
    ops.register_kernel("bump", Bump).unwrap();
    ops.register_kernel("third", Third).unwrap();
    let x = Array2::from_shape_fn((37, 53), |(i, j)| (i * 53 + j) as f64 / 700.0 - 0.4);
    let (single, narrow) = (x.mapv(|x| x as f32), x.mapv(|x| (x * 3.0) as i8));
    let column = x.column(7).to_owned().insert_axis(ndarray::Axis(1));
    let given = [
        ("x", Input::from(&x)),
        ("s", Input::from(&single)),
        ("n", Input::from(&narrow)),
        ("c", Input::from(&column)),
    ];
    for (text, plain) in [
        ("bump(x, 2)", "where(x < 1, x*x*(3 - 2*x), 2*exp(0 - x*x))"),
        ("bump(s, 2)", "where(s < 1, s*s*(3 - 2*s), 2*exp(0 - s*s))"),
        ("bump(s, c)", "where(f64(s) < 1, f64(s)*s*(3 - 2*f64(s)), c*exp(0 - f64(s)*s))"),
        ("bump(n, x)", "where(n < 1, f64(n)*n*(3 - 2*f64(n)), x*exp(0 - f64(n)*n))"),
        ("third(x, c, 2) + third(2, x, c)", "x*c - 2 + (2*x - c)"),
        ("sum(third(s, s, s), axis=0)", "sum(s*s - s, axis=0)"),
        ("bump(0.5, 2)*x", "0.5*x"),
    ] {
        let (own, plain) = (compile(text, &ops), compile(plain, &ops));
        let named = |program: &Program| -> Vec<(&str, Input<'_>)> {
            given.iter().filter(|(name, _)| program.inputs().any(|n| n == *name)).cloned().collect()
        };
        for way in ways(&[1, 3], &[0, 64]) {
            let (got, want) =
                (way.run(&own, &named(&own)).unwrap(), way.run(&plain, &named(&plain)).unwrap());
            assert!(got.same(&want), "{text}, {way:?}");
        }
        if let Some(got) = card::run(&own, &named(&own)) {
            let strict = Way { isa: Isa::Portable, threads: 1, tile: 0 };
            assert!(got.unwrap().same(&strict.run(&own, &named(&own)).unwrap()), "{text} on a card");
        }
    }
}

#[test]
fn a_graphics_device_refuses() {
    let Ok(device) = Device::vulkan() else { return };
    let program = compile("elu(x) + 1", &some());
    let error = program.run_on(&device, [("x", &array![1.0, 2.0])]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.message().contains("`elu`"), "{error}");
}

#[test]
fn loops_call_functions_too() {
    struct Halved;
    impl Body<1> for Halved {
        fn apply<S: Token>(s: S, [x]: [S::F; 1]) -> S::F {
            x * s.lit(0.5)
        }
    }
    let mut ops = Ops::new();
    ops.register("bump", |x: f64| x + 1.0).unwrap();
    ops.register("mixed", |a: f64, b: f64, c: f64| a + 2.0 * b + 3.0 * c).unwrap();
    ops.register_kernel("halved", Halved).unwrap();
    let text = "r = x; t = 0.0
                repeat 4 while r < 60 { r = mixed(bump(r), x, t) + halved(r); t = bump(t) }
                r + t";
    let program = Program::compile_with_ops(text, &Limits::default(), &ops).unwrap();
    let x = ndarray::Array1::from_shape_fn(700, |k| (k % 23) as f64);
    let got: ndarray::Array1<f64> = program.run([("x", Input::from(&x))]).unwrap();
    for (x, got) in x.iter().zip(&got) {
        let (mut r, mut t) = (*x, 0.0);
        for _ in 0..4 {
            if r < 60.0 {
                (r, t) = ((r + 1.0) + 2.0 * x + 3.0 * t + r * 0.5, t + 1.0);
            }
        }
        assert_eq!(*got, r + t);
    }
    ops.register("fussy", |x: f64| if x > 3.0 { panic!("no") } else { x + 1.0 }).unwrap();
    let program =
        Program::compile_with_ops("r = x; repeat 9 { r = fussy(r) }; r", &Limits::default(), &ops).unwrap();
    let error = program.run::<ndarray::Array1<f64>>([("x", Input::from(&x))]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panic);
}
