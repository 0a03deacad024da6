//! Texts and arrays made to hang, to crash, or to take all memory: an answer or a clean error, and soon.

use std::time::{Duration, Instant};

use numfuse::ndarray::{ArrayD, ArrayView, ArrayViewD, IxDyn, arr0};
use numfuse::{DType, Error, ErrorKind, Input, Limits, Program, Value};

/// Far more than any of these takes, in a build without optimisation on a busy machine; far less than a hang.
const SOON: Duration = Duration::from_secs(60);

/// The value of an expression of `a`, which is 1, 2, 3, or the error.
fn answer(text: &str) -> Result<Value, Error> {
    let start = Instant::now();
    let a = [1.0f64, 2.0, 3.0];
    let answer = Program::compile(text).and_then(|program| program.run([("a", Input::from(&a))]));
    let shown = &text[..text.len().min(60)];
    assert!(start.elapsed() < SOON, "{shown}: {:?}", start.elapsed());
    if let Err(error) = &answer {
        assert_ne!(error.kind(), ErrorKind::Internal, "{shown}: {error}");
        // a message is for a terminal, whatever the text
        assert!(error.to_string().len() < 2000, "{shown}: a message of {} bytes", error.to_string().len());
    }
    answer
}

#[track_caller]
fn refused(text: &str, kind: ErrorKind) {
    match answer(text) {
        Ok(value) => panic!("{} is {value}", &text[..text.len().min(60)]),
        Err(error) => assert_eq!(error.kind(), kind, "{error}"),
    }
}

#[track_caller]
fn is_first(text: &str, expected: f64) {
    match answer(text) {
        Ok(Value::F64(array)) => assert_eq!(array.first(), Some(&expected)),
        Ok(other) => panic!("{other}"),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_megabyte_of_one_thing() {
    let megabyte = 1 << 20;
    refused(&"(".repeat(megabyte), ErrorKind::Limit);
    refused(&")".repeat(megabyte), ErrorKind::Syntax);
    refused(&"-".repeat(megabyte), ErrorKind::Syntax);
    refused(&"1".repeat(megabyte), ErrorKind::Overflow);
    refused(&"a".repeat(megabyte), ErrorKind::UnknownName);
    refused(&"sin(".repeat(megabyte / 4), ErrorKind::Limit);
    refused(&"a".repeat(megabyte + 1), ErrorKind::Limit);
    is_first(&("-".repeat(200_000) + "a"), 1.0);
    is_first(&("a".to_owned() + &" ".repeat(megabyte - 1)), 1.0);
}

#[test]
fn sums_of_many_terms_run() {
    is_first(&vec!["a"; 100_000].join("+"), 100_000.0);
    let different: Vec<String> = (0..30_000).map(|n| format!("a*{n}")).collect();
    is_first(&different.join("+"), (0..30_000).map(f64::from).sum());
    is_first(&vec!["where(a>0,1.,a)"; 10_000].join("+"), 10_000.0);
    is_first(&vec!["a"; 10_000].join("**1*"), 1.0);
    answer(&vec!["a"; 20_000].join("<")).unwrap();
    answer(&vec!["a"; 10_000].join("**")).unwrap();
}

/// As many passes over the data as the text has room for.
#[test]
fn many_reductions_run() {
    let sums: Vec<String> = (0..20_000).map(|n| format!("sum(a+{n})")).collect();
    is_first(&sums.join("+"), (0..20_000).map(|n| 6.0 + 3.0 * f64::from(n)).sum());
    let mut nested = "a".to_owned();
    for _ in 0..120 {
        nested = format!("(a-max({nested}))");
    }
    answer(&nested).unwrap();
}

#[test]
fn brackets_of_every_form_nest_200_levels() {
    for (open, close) in [
        ("(", ")"),
        ("-(", ")"),
        ("abs(", ")"),
        ("(1+", ")"),
        ("(", "+1)"),
        ("where(a>0,", ",a)"),
        ("where(", ">0,a,1)"),
        ("maximum(a,", ")"),
        ("sum(", ",axis=None)"),
        ("f32(", ")"),
        ("(a<", ")*1"),
        ("(", ")**2"),
        ("2**(", ")"),
    ] {
        let text = format!("{}a{}", open.repeat(200), close.repeat(200));
        answer(&text).unwrap_or_else(|error| panic!("{open} … {close}: {error}"));
        // one bracket missing, and one too many
        refused(&format!("{}a{}", open.repeat(200), close.repeat(199)), ErrorKind::Syntax);
        refused(&format!("{}a{}", open.repeat(199), close.repeat(200)), ErrorKind::Syntax);
    }
    for form in [("(", ",)"), ("sum(a,axis=(", "))"), ("a.b(", ")"), ("(a)(", ")")] {
        assert!(answer(&format!("{}a{}", form.0.repeat(100), form.1.repeat(100))).is_err());
    }
}

/// What a program compiles to, soon; nothing runs.
fn compiled(text: &str) -> Result<Program, Error> {
    let start = Instant::now();
    let compiled = Program::compile(text);
    let shown = &text[..text.len().min(60)];
    assert!(start.elapsed() < SOON, "{shown}: {:?}", start.elapsed());
    if let Err(error) = &compiled {
        assert_ne!(error.kind(), ErrorKind::Internal, "{shown}: {error}");
        assert!(error.to_string().len() < 2000, "{shown}: a message of {} bytes", error.to_string().len());
    }
    compiled
}

#[track_caller]
fn is_not_compiled(text: &str, kind: ErrorKind) {
    match compiled(text) {
        Ok(_) => panic!("{} is accepted", &text[..text.len().min(60)]),
        Err(error) => assert_eq!(error.kind(), kind, "{error}"),
    }
}

#[test]
fn programs_of_many_statements() {
    let megabyte = 1 << 20;
    is_not_compiled(&";".repeat(megabyte), ErrorKind::Syntax);
    is_not_compiled(&"\n".repeat(megabyte), ErrorKind::Syntax);
    is_not_compiled(&"{".repeat(megabyte), ErrorKind::Limit);
    is_not_compiled(&"}".repeat(megabyte), ErrorKind::Syntax);
    is_not_compiled(&"a\n".repeat(100_000), ErrorKind::Syntax);
    is_not_compiled(&"#\n".repeat(100_000), ErrorKind::Syntax);
    is_not_compiled(&"repeat ".repeat(100_000), ErrorKind::Syntax);
    is_not_compiled(&"repeat 2 ".repeat(100_000), ErrorKind::Syntax);
    is_not_compiled(&"if a {} else ".repeat(80_000), ErrorKind::Syntax);
    is_not_compiled(&"def f(".repeat(100_000), ErrorKind::Limit);
    is_first(&(";".repeat(1000) + "a" + &" ;\n".repeat(100_000)), 1.0);
    is_first(&format!("{}a", "a += 1\n".repeat(10_000)), 10_001.0);
    is_first(&format!("{}a", "b = a; a = b\n".repeat(10_000)), 1.0);
    let names: Vec<String> = (0..30_000).map(|n| format!("x{n} = a\n")).collect();
    is_first(&(names.concat() + "x7"), 1.0);
    let functions: Vec<String> = (0..20_000).map(|n| format!("def g_{n}(a) = a + {n}\n")).collect();
    is_first(&(functions.concat() + "g_0(a)"), 1.0);
    let chain: Vec<String> =
        (0..20_000).map(|n| format!("def g_{n}(a) = g_{}(a)\n", (n + 1) % 20_000)).collect();
    is_not_compiled(&(chain.concat() + "g_0(a)"), ErrorKind::Syntax);
    let chain: Vec<String> = (0..20_000).map(|n| format!("def g_{n}(a) = g_{}(a)\n", n + 1)).collect();
    is_not_compiled(&(chain.concat() + "def g_20000(a) = a\ng_0(a)"), ErrorKind::Limit);
    let branches = "if a > 1 { a = 1. } else ".repeat(10_000) + "{ a = 2. }; a";
    answer(&branches[..branches.len()])
        .map(|_| ())
        .unwrap_or_else(|error| assert_eq!(error.kind(), ErrorKind::Limit));
    let many: Vec<String> = (0..10_000).map(|n| format!("repeat 3 {{ a += {n} }}\n")).collect();
    compiled(&(many.concat() + "a")).unwrap();
}

/// Each level doubles what the one below is: what the text costs is what it expands to.
#[test]
fn towers_of_functions_end() {
    for body in [
        "g_{n}(a) + g_{n}(a)",
        "g_{n}(a + g_{n}(a))",
        "g_{n}(g_{n}(a))",
        "where(a > 0, g_{n}(a), g_{n}(a + 1))",
    ] {
        let mut text = "def g_0(a) = a\n".to_owned();
        for n in 0..60 {
            text += &format!("def g_{}(a) = {}\n", n + 1, body.replace("{n}", &n.to_string()));
        }
        is_not_compiled(&(text + "g_60(a)"), ErrorKind::Limit);
    }
    let params: Vec<String> = (0..20_000).map(|n| format!("p{n}=1")).collect();
    let definition = format!("def f({}) = p0\n", params.join(", "));
    compiled(&format!("{definition}f({})", params.join(", "))).unwrap();
    is_not_compiled(&format!("{definition}a = {}0; a", "f() + ".repeat(20_000)), ErrorKind::Limit);
}

#[test]
fn blocks_nest_200_levels() {
    for (open, close) in [
        ("repeat 1 { ", " }"),
        ("repeat 1 while a < 9 { ", " }"),
        ("for k in 0..1 { ", " }"),
        ("if a > 0 { ", " }"),
        ("if a > 0 { a = 2. } else { ", " }"),
        ("steps 1 { ", " }"),
    ] {
        let text = format!("{}a += 1{}; a", open.repeat(200), close.repeat(200));
        compiled(&text).unwrap_or_else(|error| panic!("{open}: {error}"));
        is_not_compiled(&format!("{}a b{}; a", open.repeat(200), close.repeat(200)), ErrorKind::Syntax);
        is_not_compiled(&format!("{}a += 1{}; a", open.repeat(200), close.repeat(199)), ErrorKind::Syntax);
        is_not_compiled(&format!("{}a += 1{}; a", open.repeat(300), close.repeat(300)), ErrorKind::Limit);
    }
    // every level carries every name
    let names: String = (0..50_000).map(|n| format!("x{n} = a; ")).collect();
    let text = format!("{names}{}{names}{}; x1", "repeat 1 { ".repeat(100), " }".repeat(100));
    match compiled(&text) {
        Ok(_) => panic!("five million variables"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Limit, "{error}"),
    }
    is_not_compiled("n = 0; repeat 10000 { repeat 10000 { n += 1 } }; n", ErrorKind::Limit);
    is_not_compiled("n = 0; repeat 99999999999999999999999999 { n += 1 }; n", ErrorKind::Limit);
}

#[test]
fn numbers_without_end() {
    refused("9**9**9", ErrorKind::Overflow);
    refused("9**9**9 * a", ErrorKind::Overflow);
    refused("1 << 100000000000", ErrorKind::Overflow);
    refused("i64(a) + 99999999999999999999999999999", ErrorKind::Overflow);
    refused("i64(a) * 2**64", ErrorKind::Overflow);
    refused("2**127 * a", ErrorKind::Overflow);
    is_first("a * 99999999999999999999999999999", 1e29);
    refused("a // (1 - 1) + 1 // 0", ErrorKind::Domain);
    refused("sum(a, axis=9223372036854775807)", ErrorKind::Axis);
    refused("sum(a, axis=-9223372036854775808)", ErrorKind::Axis);
    is_first("a * 1e400", f64::INFINITY);
    is_first("a + 0e999999999", 1.0);
    is_first("a + 1e-999999999", 1.0);
    is_first("a * 2**62", 2f64.powi(62));
    is_first("a + 0x0000000000000000000000000000000000000000001", 2.0);
}

#[test]
fn characters_that_hide_are_refused_and_not_printed() {
    for text in
        ["a\0", "\0", "a\u{202e} + 1", "a # \u{2066}x", "ａ + 1", "a\u{200d}b", "\u{feff}a", "a\u{301}"]
    {
        let error = answer(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Syntax, "{error}");
        let shown = error.to_string();
        assert!(!shown.contains(['\0', '\u{202e}', '\u{2066}', '\u{200d}', '\u{feff}']), "{shown}");
    }
    // names of inputs are the caller's, and may be a stranger's
    let error =
        Program::compile("a + b").unwrap().run::<Value>([("b\u{202e}", Input::from(1.0))]).unwrap_err();
    assert!(!error.to_string().contains('\u{202e}'), "{error}");
}

#[test]
fn names_that_are_not_there_are_suggested() {
    let help = |text: &str, name: &str| {
        let x = [1.0f64];
        let program = Program::compile(text)?;
        program.run::<Value>([(name, Input::from(&x))]).map(|value| panic!("{text} is {value}"))
    };
    let said = |error: Error| (error.kind(), error.help().unwrap_or_default().to_owned());
    let (kind, help_text) = said(help("temprature * 2", "temperature").unwrap_err());
    assert_eq!(kind, ErrorKind::UnknownName);
    assert!(help_text.contains("`temperature`"), "{help_text}");
    let (kind, help_text) = said(help("sqr(x)", "x").unwrap_err());
    assert_eq!(kind, ErrorKind::UnknownFunction);
    assert!(help_text.contains("`sqrt`"), "{help_text}");
    let (kind, help_text) = said(help("zebra", "x").unwrap_err());
    assert_eq!((kind, &help_text[..]), (ErrorKind::UnknownName, ""));
}

/// A megabyte of inputs, given in another order than the expression's.
#[test]
fn many_inputs_are_bound() {
    let names: Vec<String> = (0..8_000).map(|n| format!("x{n}")).collect();
    let ones = [1.0f64];
    let mut inputs: Vec<(&str, Input<'_>)> =
        names.iter().map(|name| (&name[..], Input::from(&ones))).collect();
    let program = Program::compile(&names.join("+")).unwrap();
    let start = Instant::now();
    let value: Value = program.run(&inputs[..]).unwrap();
    inputs.reverse();
    assert_eq!(value, program.run(&inputs[..]).unwrap());
    assert_eq!(value, Value::F64(ArrayD::from_elem(IxDyn(&[1]), 8_000.0)));
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    inputs.remove(0);
    let error = program.run::<Value>(&inputs[..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownName);
    assert!(error.to_string().len() < 2000);
}

/// Shapes that no memory holds, made of one element and strides of 0.
#[test]
fn shapes_beyond_memory_are_refused() {
    let one = arr0(1.5f64);
    let huge = |shape: &[usize]| -> ArrayViewD<'_, f64> {
        let bytes = shape.iter().try_fold(1usize, |n, extent| n.checked_mul(*extent));
        assert!(bytes.is_some_and(|n| n <= isize::MAX as usize), "ndarray itself refuses this");
        one.broadcast(IxDyn(shape)).expect("a broadcast view")
    };
    let long = huge(&[1 << 40]);
    let column = huge(&[1 << 40, 1]);
    let none = ArrayD::<f64>::zeros(IxDyn(&[1, 1 << 40, 0]));
    let program = |text: &str| Program::compile(text).unwrap();
    let refused = |text: &str, inputs: &[(&str, Input<'_>)]| {
        let start = Instant::now();
        let error = program(text).run::<Value>(inputs).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Limit | ErrorKind::Overflow), "{text}: {error}");
        assert!(start.elapsed() < SOON);
    };
    refused("x + 1", &[("x", Input::from(&long))]);
    refused("x + y", &[("x", Input::from(&long)), ("y", Input::from(&column))]);
    refused("sum(x*y)", &[("x", Input::from(&long)), ("y", Input::from(&column))]);
    refused("sum(x*y, axis=0)", &[("x", Input::from(&long)), ("y", Input::from(&column))]);
    refused("exp(x)*y", &[("x", Input::from(&long)), ("y", Input::from(&column))]);
    refused("x*y", &[("x", Input::from(&huge(&[1 << 40, 1, 1]))), ("y", Input::from(&none))]);

    let cells = [0u8; 8];
    let raw = |dtype: DType, shape: &[usize]| {
        // SAFETY: every stride is 0, so there is one element, of at most 8 bytes.
        unsafe { Input::from_raw(cells.as_ptr(), dtype, shape, &vec![0; shape.len()], false) }
    };
    for dtype in DType::ALL {
        for shape in
            [&[1usize << 40, 1 << 40] as &[usize], &[usize::MAX], &[usize::MAX, usize::MAX], &[1 << 62, 4]]
        {
            for text in ["x == x", "where(x > 1, x, x)", "x + y"] {
                refused(text, &[("x", raw(dtype, shape)), ("y", raw(DType::F64, &[]))]);
            }
        }
        for text in ["sum(x)", "prod(x)", "any(x)", "mean(x, axis=0)", "x - sum(x)"] {
            refused(text, &[("x", raw(dtype, &[1 << 40, 1 << 40]))]);
        }
        // no element, but nor a shape that ndarray has
        refused("x == x", &[("x", raw(dtype, &[1 << 40, 0, 1 << 40]))]);
        let empty: Value = program("x == x").run([("x", raw(dtype, &[1 << 40, 0]))]).unwrap();
        assert_eq!(empty.shape(), [1 << 40, 0]);
    }
}

#[test]
fn many_axes() {
    let cells = [2.0f64];
    let view = |rank: usize| ArrayView::from_shape(IxDyn(&vec![1; rank]), &cells).unwrap();
    let run = |text: &str, rank: usize| {
        Program::compile(text).unwrap().run::<Value>([("x", Input::from(&view(rank)))])
    };
    for text in ["x*x", "sum(x)", "sum(x, axis=-1)", "max(x, axis=0, keepdims=True) + x"] {
        for rank in [0, 1, 31, 32] {
            let value = run(text, rank);
            match value {
                Ok(Value::F64(array)) => assert!(array.len() == 1, "{text} of {rank} axes"),
                Ok(other) => panic!("{other}"),
                Err(error) => panic!("{text} of {rank} axes: {error}"),
            }
        }
        assert_eq!(run(text, 33).unwrap_err().kind(), ErrorKind::Limit);
    }
    let many: Vec<String> = (0..40).map(|axis| axis.to_string()).collect();
    assert_eq!(run(&format!("sum(x, axis=({}))", many.join(",")), 32).unwrap_err().kind(), ErrorKind::Axis);
}

#[test]
fn limits_are_the_callers() {
    let mut limits = Limits::default();
    limits.nodes = 10;
    let kind = |text: &str| Program::compile_with(text, &limits).map(|_| ()).map_err(|error| error.kind());
    assert_eq!(kind("a+b+c+d"), Ok(()));
    assert_eq!(kind("a+b+c+d+e+f+g"), Err(ErrorKind::Limit));
}

/// A stranger's text must not overflow the stack of a thread that has little of it.
#[test]
fn a_small_stack_is_enough() {
    let run = || {
        answer(&vec!["a"; 50_000].join("+")).unwrap();
        let functions: String = (0..60).map(|n| format!("def g_{}(a) = g_{n}(a) + 1\n", n + 1)).collect();
        answer(&format!("def g_0(a) = a\n{functions}g_60(a)")).unwrap();
        compiled(&format!("{}a += 1{}; a", "repeat 1 { ".repeat(100), " }".repeat(100))).map(|_| ()).unwrap();
        answer(&format!("{}a{}", "abs(".repeat(200), ")".repeat(200)))
            .map(|_| ())
            .map_err(|error| error.kind())
    };
    let result = std::thread::Builder::new().stack_size(512 << 10).spawn(run).unwrap().join().unwrap();
    assert!(matches!(result, Ok(()) | Err(ErrorKind::Limit)), "{result:?}");
}
