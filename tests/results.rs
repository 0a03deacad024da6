//! Programs of several results: each is what it would be alone, in whatever order, memory and type they are asked for.

mod engine;

use ndarray::{Array1, Array2, ArrayD, array, s};
use numfuse::internals::{Loop, Place, graph, infer, lower, plan, signature, simplify};
use numfuse::{
    ArrayType, DType, ErrorKind, Input, Isa, Lazy, Options, OutputView, Program, Value, eval, inputs,
};

/// Expressions over `x` and `y` that share parts of each other: temporaries, reductions, results that others read.
const PARTS: [&str; 17] = [
    "x",
    "exp(x)/sum(exp(x))",
    "exp(x)",
    "sum(exp(x))",
    "x - mean(x, axis=0)",
    "(x - mean(x, axis=0))/sqrt(mean((x - mean(x, axis=0))**2, axis=0))",
    "mean(x, axis=0)",
    "max(x, axis=1, keepdims=True)",
    "exp(x - max(x, axis=1, keepdims=True))",
    "exp(x - max(x, axis=1, keepdims=True))/sum(exp(x - max(x, axis=1, keepdims=True)), axis=1, keepdims=True)",
    "x*sum(x, axis=1, keepdims=True)",
    "sum(cumsum(x, axis=0))",
    "cumsum(x - max(x, axis=1, keepdims=True), axis=0)",
    "x > mean(x)",
    "2**10",
    "f32(x)*y",
    "sum(y) + x*0 + (y - mean(y))*1j",
];

fn table() -> (Array2<f64>, Array1<f32>) {
    let x = Array2::from_shape_fn((37, 53), |(i, j)| ((i * 53 + j) as f64 * 0.7).sin());
    (x, Array1::from_shape_fn(53, |j| (j as f32 * 0.3).cos()))
}

#[test]
fn each_result_is_what_it_is_alone() {
    let (x, y) = table();
    let given = [("x", Input::from(&x)), ("y", Input::from(&y))];
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        let compile = |text: &str, threads: usize| {
            Program::compile(text).unwrap().with_options(Options::new().isa(isa).threads(threads))
        };
        let alone = PARTS.map(|text| compile(text, 1).run::<Value>(given.clone()).unwrap());
        let agree = |order: &[usize], values: &[Value], text: &str| {
            assert_eq!(order.len(), values.len());
            for (k, value) in order.iter().zip(values) {
                assert_eq!(*value, alone[*k], "`{}` in {text}", PARTS[*k]);
            }
        };
        for (first, second) in (0..PARTS.len()).flat_map(|k| (0..PARTS.len()).map(move |l| (k, l))) {
            let order = [first, second, (first + 5) % PARTS.len(), first];
            let text = order.map(|k| PARTS[k]).join(", ");
            for threads in [1, 2] {
                let values: Vec<Value> = compile(&text, threads).run(given.clone()).unwrap();
                agree(&order, &values, &text);
            }
            let mut outs: Vec<Value> = order.iter().map(|k| alone[*k].clone()).collect();
            outs.iter_mut().for_each(clear);
            compile(&text, 1).run_into_all(given.clone(), &mut outs).unwrap();
            agree(&order, &outs, &text);
        }
    }
}

/// Several results of one run on a graphics card are what the processor's strict ones are alone.
#[test]
fn each_result_on_a_card_is_what_it_is_alone() {
    let (x, y) = table();
    let given = [("x", Input::from(&x)), ("y", Input::from(&y))];
    let strict = Options::new().isa(Isa::Portable).threads(1);
    for first in 0..PARTS.len() {
        let order = [first, (first + 5) % PARTS.len(), (first + 1) % PARTS.len(), first];
        let program = Program::compile(&order.map(|k| PARTS[k]).join(", ")).unwrap();
        let Some(got) = engine::card::run_all(&program, &given) else { return };
        for (k, got) in order.into_iter().zip(got.unwrap()) {
            let alone = Program::compile(PARTS[k]).unwrap().with_options(strict);
            let alone = engine::array(alone.run::<Value>(given.clone()).unwrap());
            assert!(alone.same(&got), "`{}` in {:?}: {got:?}, and not {alone:?}", PARTS[k], order);
        }
    }
}

/// Overwrites a value, so that what is not written shows.
fn clear(value: &mut Value) {
    match value {
        Value::F64(array) => array.fill(-7.0),
        Value::F32(array) => array.fill(-7.0),
        Value::I64(array) => array.fill(-7),
        Value::Bool(array) => array.mapv_inplace(|v| !v),
        Value::C128(array) => array.fill(numfuse::Complex::new(-7.0, -7.0)),
        other => panic!("no test makes a {}", other.dtype()),
    }
}

/// The memory of a result is a temporary's only from the loop that writes the temporary to one before, or in, the loop
/// that writes the result.
#[test]
fn temporaries_leave_a_result_s_memory_in_time() {
    let (x, y) = table();
    let mut borrowed = 0;
    for first in PARTS {
        for second in PARTS {
            let program = Program::compile(&format!("{first}, {second}")).unwrap();
            let given = |name: &str| if name == "x" { Input::from(&x) } else { Input::from(&y) };
            let inputs: Vec<Input<'_>> = program.inputs().map(given).collect();
            let typed = infer(graph(&program), &signature(&inputs)).unwrap();
            let plan = plan(&lower(&simplify(&typed)));
            for (temporary, buffer) in plan.buffers.iter() {
                let Place::Stored { reuses: Some(result) } = buffer.place else { continue };
                let result = plan.results[result as usize];
                let reaches = |nest: &Loop, of| nest.accesses.iter().any(|(_, access)| access.buffer == of);
                let writes = |nest: &Loop, of| {
                    let stores = nest.stores.iter().map(|store| store.access);
                    let mut targets = stores.chain(nest.reduces.iter().map(|reduce| reduce.access));
                    targets.any(|access| nest.accesses[access].buffer == of)
                };
                let written = |of| plan.loops.iter().position(|nest| writes(nest, of)).unwrap();
                let last = plan.loops.iter().rposition(|nest| reaches(nest, temporary)).unwrap();
                let before = format!("{first}, {second}\n{plan}");
                assert!(written(temporary) < written(result) && last <= written(result), "{before}");
                borrowed += 1;
            }
        }
    }
    assert!(borrowed >= 20, "only {borrowed} temporaries live in a result");
}

#[test]
fn tuples_take_arrays_and_numbers() {
    let x = array![1.0, 2.0, 6.0];
    let (sum, largest): (f64, f64) = eval!("sum(x), max(x)", x).unwrap();
    assert_eq!((sum, largest), (9.0, 6.0));
    let (centred, mask, count): (Array1<f64>, ArrayD<bool>, Value) =
        eval!("centred = x - mean(x), mask = x > 1, count = sum(x > 1)", x).unwrap();
    assert_eq!(centred, array![-2.0, -1.0, 3.0]);
    assert_eq!(mask, array![false, true, true].into_dyn());
    assert_eq!(count.as_scalar(), Some(numfuse::Scalar::I64(2)));
    let (only,): (f64,) = eval!("sum(x),", x).unwrap();
    assert_eq!(only, 9.0);
    type Eight = (f64, f64, f64, f64, f64, f64, f64, i64);
    let eight: Eight = eval!("(min(x), max(x), sum(x), prod(x), mean(x), 0.5, max(-x), 7)", x).unwrap();
    assert_eq!(eight, (1.0, 6.0, 9.0, 12.0, 3.0, 0.5, -1.0, 7));
}

#[test]
fn results_have_their_names() {
    let named = Program::compile("low = min(x), high = max(x)").unwrap();
    assert_eq!(named.results().collect::<Vec<_>>(), [Some("low"), Some("high")]);
    assert_eq!(Program::compile("x, x").unwrap().results().collect::<Vec<_>>(), [None, None]);
    assert_eq!(Program::compile("total = sum(x)").unwrap().results().collect::<Vec<_>>(), [Some("total")]);
    let error = Program::compile("e = sum(x), m = mean(x)").unwrap_err();
    assert!(error.to_string().contains("`e` is a constant of the language"), "{error}");
    let error = Program::compile("(x, y), z").unwrap_err();
    assert!(error.to_string().contains("a tuple is no number"), "{error}");
    let error = Program::compile("u = (x, y)").unwrap_err();
    assert_eq!(error.span(), Some(4..10));
    assert_eq!(Program::compile(&"x+1,".repeat(1001)).unwrap_err().kind(), ErrorKind::Limit);
}

#[test]
fn another_number_of_results_is_refused() {
    let x = array![1.0, 2.0];
    let says = |error: numfuse::Error, message: &str| {
        assert_eq!((error.kind(), error.message()), (ErrorKind::Output, message), "{error}");
    };
    let two = Program::compile("sum(x), max(x)").unwrap();
    says(two.run::<f64>(inputs! { x }).unwrap_err(), "the program has 2 results, and 1 is asked for");
    says(two.run::<Value>(inputs! { x }).unwrap_err(), "the program has 2 results, and 1 is asked for");
    let error = two.run::<(f64, f64, f64)>(inputs! { x }).unwrap_err();
    says(error, "the program has 2 results, and 3 are asked for");
    let mut out = [0.0];
    let error = two.run_into(inputs! { x }, &mut out).unwrap_err();
    says(error, "the program has 2 results, and 1 is given outputs");
    let none: [OutputView<'_>; 0] = [];
    let error = two.run_into_all(inputs! { x }, none).unwrap_err();
    says(error, "the program has 2 results, and 0 are given outputs");
    let one = Program::compile("sum(x)").unwrap();
    let error = one.run::<(f64, f64)>(inputs! { x }).unwrap_err();
    says(error, "the program has 1 result, and 2 are asked for");
    assert_eq!(one.run::<Vec<Value>>(inputs! { x }).unwrap().len(), 1);
}

#[test]
fn a_result_that_does_not_fit_is_named() {
    let x = array![1.0, 2.0];
    let says = |text: &str, message: &str| {
        let error = Program::compile(text).unwrap().run::<(f64, f64)>(inputs! { x }).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Output, message));
    };
    says("sum(x), x", "result 2 is f64[2], not one number as asked for");
    says("a = x > 1, b = sum(x)", "the result `a` is bool[2], not f64 as asked for");
    let program = Program::compile("a = x + 1, b = x > 1").unwrap();
    let (mut sums, mut flags) = (array![7.0, 7.0], [true; 3]);
    let views = [OutputView::from(&mut sums), OutputView::from(&mut flags)];
    let error = program.run_into_all(inputs! { x }, views).unwrap_err();
    assert_eq!(error.message(), "the result `b` is bool[2], and the output bool[3]");
    assert_eq!(sums, array![7.0, 7.0]);
    let mut flags = [1.0f32; 2];
    let views = [OutputView::from(&mut sums), OutputView::from(&mut flags)];
    assert!(program.run_into_all(inputs! { x }, views).is_err());
}

/// The same binding serves outputs of the same strides only, and checks their types each time.
#[test]
fn outputs_may_change_from_call_to_call() {
    let x = Array2::from_shape_fn((4, 6), |(i, j)| (i * 6 + j) as f64);
    let program = Program::compile("x + 1, -x, x + 1").unwrap();
    let expected = (&x + 1.0, -&x);
    let mut memory = Array2::from_elem((24, 18), 0.5);
    for _ in 0..2 {
        let (mut sums, mut negated) = (Array2::zeros((4, 6)), Array2::zeros((6, 4)));
        let mut again = memory.slice_mut(s![..;-6, 1..;3]);
        let mut turned = negated.view_mut().reversed_axes();
        let views =
            [OutputView::from(&mut sums), OutputView::from(&mut turned), OutputView::from(&mut again)];
        program.run_into_all(inputs! { x }, views).unwrap();
        assert_eq!(
            (&sums, &again.to_owned(), &negated.t().to_owned()),
            (&expected.0, &expected.0, &expected.1)
        );
        let mut plain = [0.0; 3].map(|zero: f64| Array2::from_elem((4, 6), zero));
        program.run_into_all(inputs! { x }, &mut plain).unwrap();
        assert_eq!(plain, [expected.0.clone(), expected.1.clone(), expected.0.clone()]);
        let mut wrong = Array2::<i64>::zeros((4, 6));
        let [a, b, _] = &mut plain;
        let views = [OutputView::from(a), OutputView::from(b), OutputView::from(&mut wrong)];
        assert_eq!(program.run_into_all(inputs! { x }, views).unwrap_err().kind(), ErrorKind::Output);
    }
    assert_eq!(memory.iter().filter(|v| **v != 0.5).count(), 24);
}

#[test]
fn results_over_one_space_share_a_pass() {
    let x = ArrayType::new(DType::F64, &[1000]);
    for (text, loops) in [("sum(x), max(x)", 1), ("x + 1, x*2, sum(x)", 1), ("exp(x), exp(x)", 1)] {
        let explained = Program::compile(text).unwrap().explain(&[("x", x.clone())]).unwrap();
        assert_eq!(explained.loops(), loops, "{text}");
    }
    let explained = Program::compile("x > 1, sum(x), x").unwrap().explain(&[("x", x.clone())]).unwrap();
    let types = ["bool[1000]", "f64", "f64[1000]"];
    assert_eq!(explained.results().iter().map(ToString::to_string).collect::<Vec<_>>(), types);
    assert_eq!(explained.result(), ArrayType::new(DType::Bool, &[1000]));
}

/// As many results as there may be, in a time that a stranger's text may take.
#[test]
fn a_thousand_results() {
    let x = Array1::from_iter((0..100).map(f64::from));
    let text: Vec<String> = (0..1000).map(|k| format!("sum(x*{k}) + x")).collect();
    let values: Vec<Value> = Program::compile(&text.join(",")).unwrap().run(inputs! { x }).unwrap();
    for (k, value) in values.iter().enumerate() {
        assert_eq!(*value, Value::F64((&x + k as f64 * 4950.0).into_dyn()), "{k}");
    }
}

#[test]
fn lazy_arrays_are_evaluated_together() {
    let x = array![1.0, 2.0, 6.0];
    let a = Lazy::new(&x);
    let mean = a.mean();
    let centred = &a - &mean;
    let (m, c): (f64, Array1<f64>) = Lazy::together([&mean, &centred]).eval().unwrap();
    assert_eq!((m, c), (3.0, array![-2.0, -1.0, 3.0]));
    let twice: (f64, f64) = Lazy::together([&mean, &mean]).eval_with(Options::new().threads(1)).unwrap();
    assert_eq!(twice, (3.0, 3.0));
    let (mut number, mut array) = ([0.0; 1], [0.0; 3]);
    let mut number = ndarray::ArrayViewMut0::from_shape((), &mut number).unwrap();
    let outs = [OutputView::from(&mut number), OutputView::from(&mut array)];
    Lazy::together([&mean, &centred]).eval_into(outs).unwrap();
    assert_eq!((number.into_scalar(), array), (&mut 3.0, [-2.0, -1.0, 3.0]));
    let error = Lazy::together([&mean]).eval::<(f64, f64)>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Output);
    let types = Lazy::together([&mean, &centred]).result_types().unwrap();
    assert_eq!(types, [ArrayType::new(DType::F64, &[]), ArrayType::new(DType::F64, &[3])]);
    let error = Lazy::together_named([("m", &mean), ("m", &centred)]).unwrap_err();
    assert_eq!(error.message(), "the result `m` is given twice");
    let none: [&Lazy<'_>; 0] = [];
    assert_eq!(Lazy::together(none).eval::<Vec<Value>>().unwrap(), []);
}

#[test]
fn lazy_arrays_and_text_are_the_same_program() {
    let x = Lazy::named("x", &[0.0]);
    let lazy = Lazy::together_named([("m", x.mean()), ("c", &x - x.mean())]).unwrap().compile();
    let text = Program::compile("m = mean(x), c = x - mean(x)").unwrap();
    assert_eq!(lazy.graph().to_string(), text.graph().to_string());
    assert!(lazy.results().eq(text.results()));
}
