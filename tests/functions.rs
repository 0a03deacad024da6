//! A function is everywhere or nowhere: in text, on lazy arrays, in the public list, in `numfuse ops`, in the docs.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use ndarray::array;
use numfuse::internals::{self, Node};
use numfuse::{DType, Function, Input, Lazy, Program, Reduction, Value, functions};
use numfuse_kernels::{Op, for_each_op};

/// The expression as nodes in words, which are equal for equal expressions however they came about.
fn nodes(program: &Program) -> Vec<String> {
    let graph = internals::graph(program);
    let word = |node: &Node| match node {
        Node::Input(id) => graph.inputs()[*id].to_string(),
        node => format!("{node:?}"),
    };
    graph.nodes().iter().map(|(_, node)| word(node)).collect()
}

fn text(call: &str) -> Vec<String> {
    nodes(&Program::compile(call).unwrap_or_else(|error| panic!("{call}: {error}")))
}

/// `name(in0, in1)`.
fn call(name: &str, arity: usize) -> String {
    let args: Vec<String> = (0..arity).map(|k| format!("in{k}")).collect();
    format!("{name}({})", args.join(", "))
}

fn inputs() -> [Lazy<'static>; 3] {
    ["in0", "in1", "in2"].map(|name| Lazy::named(name, &[0.0; 0]))
}

macro_rules! methods {
    ($($op:ident {
        method: $method:tt, names: $names:tt, symbol: $symbol:expr, shape: $shape:ident $args:tt,
        typing: $typing:ident, float: $float:tt, int: $int:tt, uint: $uint:tt, bool: $bool:tt, bound: $bound:expr,
        domain: $domain:literal, cost: $cost:literal, internal: $internal:literal, doc: $doc:literal
    })*) => {
        /// What the method of a row's own makes of inputs.
        fn method(op: Op, a: Lazy<'static>, b: Lazy<'static>, c: Lazy<'static>) -> Option<Lazy<'static>> {
            match op {
                $(Op::$op => methods!(@ a b c $method $args),)*
            }
        }
    };
    (@ $a:ident $b:ident $c:ident [] $args:tt) => { None };
    (@ $a:ident $b:ident $c:ident [$method:ident] ($x:ident)) => { Some($a.$method()) };
    (@ $a:ident $b:ident $c:ident [$method:ident] ($x:ident, $y:ident)) => { Some($a.$method($b)) };
    (@ $a:ident $b:ident $c:ident [$method:ident] ($x:ident, $y:ident, $z:ident)) => { Some($a.$method($b, $c)) };
}
for_each_op!(methods);

/// What Rust's operator makes of inputs, where it has the row's.
fn operator(op: Op, a: Lazy<'static>, b: Lazy<'static>) -> Option<Lazy<'static>> {
    Some(match (op.info().symbol?, op.info().arity()) {
        ("+", 2) => a + b,
        ("-", 2) => a - b,
        ("-", 1) => -a,
        ("*", 2) => a * b,
        ("/", 2) => a / b,
        ("%", 2) => a % b,
        ("&", 2) => a & b,
        ("|", 2) => a | b,
        ("^", 2) => a ^ b,
        ("~", 1) => !a,
        ("<<", 2) => a << b,
        (">>", 2) => a >> b,
        _ => return None,
    })
}

#[test]
fn every_row_is_in_text_and_on_lazy_arrays() {
    for op in Op::ALL.iter().copied().filter(|op| !op.info().internal) {
        let [a, b, c] = inputs();
        let lazy = method(op, a.clone(), b.clone(), c).or_else(|| operator(op, a, b));
        let lazy = lazy.unwrap_or_else(|| panic!("`{op}` is no method and no operator of `Lazy`"));
        for name in op.info().names {
            assert_eq!(nodes(&lazy.compile()), text(&call(name, op.info().arity())), "{name}");
        }
    }
}

type Method = fn([Lazy<'static>; 3]) -> Lazy<'static>;

/// The composed functions' methods, with the number of arguments that they give.
const COMPOSED: [(&str, usize, Method); 13] = [
    ("clip", 3, |[a, b, c]| a.clip(b, c)),
    ("float_power", 2, |[a, b, _]| a.float_power(b)),
    ("isclose", 2, |[a, b, _]| a.isclose(b)),
    ("nan_to_num", 1, |[a, ..]| a.nan_to_num()),
    ("round", 1, |[a, ..]| a.round()),
    ("lerp", 3, |[a, b, c]| a.lerp(b, c)),
    ("logical_and", 2, |[a, b, _]| a.logical_and(b)),
    ("logical_or", 2, |[a, b, _]| a.logical_or(b)),
    ("logical_xor", 2, |[a, b, _]| a.logical_xor(b)),
    ("logical_not", 1, |[a, ..]| a.logical_not()),
    ("greater", 2, |[a, b, _]| a.greater(b)),
    ("greater_equal", 2, |[a, b, _]| a.greater_equal(b)),
    ("positive", 1, |[a, ..]| a.copy()),
];

const REDUCTIONS: [(Reduction, Method); 11] = [
    (Reduction::Sum, |[a, ..]| a.sum()),
    (Reduction::Prod, |[a, ..]| a.prod()),
    (Reduction::Min, |[a, ..]| a.min()),
    (Reduction::Max, |[a, ..]| a.max()),
    (Reduction::Mean, |[a, ..]| a.mean()),
    (Reduction::Var, |[a, ..]| a.var()),
    (Reduction::Std, |[a, ..]| a.std()),
    (Reduction::Any, |[a, ..]| a.any()),
    (Reduction::All, |[a, ..]| a.all()),
    (Reduction::ArgMin, |[a, ..]| a.argmin()),
    (Reduction::ArgMax, |[a, ..]| a.argmax()),
];

/// The methods that look at arrays as wholes, each with what its function's example in the list says.
const ARRAYS: [(&str, Method); 42] = [
    ("nansum", |[a, ..]| a.nansum()),
    ("nanprod", |[a, ..]| a.nanprod()),
    ("nanmin", |[a, ..]| a.nanmin()),
    ("nanmax", |[a, ..]| a.nanmax()),
    ("nanmean", |[a, ..]| a.nanmean()),
    ("nanvar", |[a, ..]| a.nanvar()),
    ("nanstd", |[a, ..]| a.nanstd()),
    ("count_nonzero", |[a, ..]| a.count_nonzero()),
    ("ptp", |[a, ..]| a.ptp()),
    ("norm", |[a, ..]| a.norm(2.0)),
    ("cumsum", |[a, ..]| a.cumsum(None)),
    ("cumprod", |[a, ..]| a.cumprod(None)),
    ("transpose", |[a, ..]| a.t()),
    ("swapaxes", |[a, ..]| a.swap_axes(0, 1)),
    ("moveaxis", |[a, ..]| a.move_axis(0, 1)),
    ("reshape", |[a, ..]| a.reshape(&[1, -1])),
    ("ravel", |[a, ..]| a.ravel()),
    ("broadcast_to", |[a, ..]| a.broadcast_to(&[3, 1, 1])),
    ("flip", |[a, ..]| a.flip(..)),
    ("windows", |[a, ..]| a.windows(&[1, 1])),
    ("diagonal", |[a, ..]| a.diagonal(0)),
    ("trace", |[a, ..]| a.trace()),
    ("expand_dims", |[a, ..]| a.insert_axis(0)),
    ("squeeze", |[a, ..]| a.squeeze(..)),
    ("arange", |_| Lazy::arange(3)),
    ("linspace", |_| Lazy::linspace(0, 1, 50)),
    ("eye", |_| Lazy::eye(3)),
    ("full", |_| Lazy::full([2, 3], 1)),
    ("zeros", |_| Lazy::zeros([2, 3])),
    ("ones", |_| Lazy::ones([2, 3])),
    ("random", |_| Lazy::random([2, 3], 1)),
    ("normal", |_| Lazy::normal([2, 3], 1)),
    ("randint", |_| Lazy::randint(1, 7, [] as [i64; 0], 1)),
    ("index", |[a, ..]| a.index(0)),
    ("matmul", |[a, b, _]| a.matmul(b)),
    ("dot", |[a, b, _]| a.dot(b)),
    ("inner", |[a, b, _]| a.inner(b)),
    ("outer", |[a, b, _]| a.outer(b)),
    ("tensordot", |[a, b, _]| a.tensordot(b, 2)),
    ("einsum", |[a, b, _]| Lazy::einsum("ij,jk->ik", [a, b]).unwrap()),
    ("compress", |[a, b, _]| b.compress(a).sum()),
    ("take", |[a, b, _]| a.take(b, None)),
];

#[test]
fn every_function_over_arrays_is_on_lazy_arrays() {
    for (name, method) in ARRAYS {
        let function = Function::from_name(name).unwrap_or_else(|| panic!("`{name}` is not in the list"));
        let lazy = method(["a", "b", "c"].map(|name| Lazy::named(name, &[0.0; 0])));
        for name in function.names() {
            let example = function.example().replacen(function.name(), name, 1);
            assert_eq!(nodes(&lazy.compile()), text(&example), "{example}");
        }
    }
}

#[test]
fn every_reduction_and_conversion_is_in_text_and_on_lazy_arrays() {
    assert_eq!(REDUCTIONS.map(|(reduction, _)| reduction), Reduction::ALL);
    for (reduction, method) in REDUCTIONS {
        for name in reduction.names() {
            assert_eq!(nodes(&method(inputs()).compile()), text(&call(name, 1)), "{name}");
        }
    }
    for dtype in DType::ALL {
        let lazy = nodes(&inputs()[0].cast(dtype).compile());
        for name in Function::from_name(dtype.name()).unwrap().names() {
            assert_eq!(lazy, text(&call(name, 1)), "{name}");
            assert_eq!(lazy, text(&format!("astype(in0, {name})")), "{name}");
        }
    }
}

#[test]
fn every_composed_function_is_on_lazy_arrays() {
    for function in functions() {
        let other = Op::from_name(function.name()).is_some()
            || Reduction::from_name(function.name()).is_some()
            || DType::from_name(function.name()).is_some()
            || ARRAYS.iter().any(|(name, _)| *name == function.name())
            || function.name() == "astype";
        let entry = COMPOSED.iter().find(|(name, ..)| *name == function.name());
        match entry {
            _ if other => {}
            None => panic!("`{}` is no method of `Lazy`, or none that stands in this test", function.name()),
            Some((_, arity, method)) => {
                for name in function.names() {
                    assert_eq!(nodes(&method(inputs()).compile()), text(&call(name, *arity)), "{name}");
                }
            }
        }
    }
}

/// The names that text knows, from where it looks them up.
fn names_in_text() -> BTreeSet<&'static str> {
    let rows = Op::ALL.iter().filter(|op| !op.info().internal).map(|op| op.info().names[0]);
    let reductions = Reduction::ALL.into_iter().map(|reduction| reduction.names()[0]);
    let conversions = DType::ALL.into_iter().map(DType::name).chain(["astype"]);
    let methods = COMPOSED.map(|(name, ..)| name).into_iter().chain(ARRAYS.map(|(name, _)| name));
    rows.chain(methods).chain(reductions).chain(conversions).collect()
}

#[test]
fn the_lists_are_complete_and_every_call_in_them_compiles() {
    let listed: BTreeSet<&str> = functions().map(|function| function.name()).collect();
    assert_eq!(listed, names_in_text(), "`functions()`");
    let printed: serde_json::Value = serde_json::from_str(&ops("--json")).unwrap();
    let printed: BTreeSet<&str> =
        printed.as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap()).collect();
    assert_eq!(printed, listed, "`numfuse ops --json`");
    for function in functions() {
        let required = function.parameters().iter().filter(|p| p.default.is_none()).count();
        let example = function.example();
        for name in function.names() {
            assert!(Program::compile(&example.replacen(function.name(), name, 1)).is_ok(), "{name}");
        }
        // defaults are expressions, and stand where they say
        let defaults = function.parameters().into_iter().filter_map(|p| Some((p.name, p.default?)));
        for (name, default) in defaults {
            let call = format!("{}, {name}={default})", example.strip_suffix(')').unwrap());
            assert_eq!(text(&call), text(&example), "{call}");
        }
        let written = match (function.operator(), required) {
            (Some(symbol), 2) => format!("a {symbol} b"),
            // unary plus is nothing at all, where `positive` copies
            (Some(symbol), 1) if symbol != "+" => format!("{symbol}a"),
            _ => continue,
        };
        assert_eq!(text(&written), text(&example), "{written}");
    }
}

/// What `numfuse ops` prints.
fn ops(option: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_numfuse")).args(["ops", option]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The docs are what the command prints; with `NUMFUSE_BLESS=1` they are written.
#[test]
fn the_docs_list_every_function() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/functions.md");
    let printed = ops("--markdown");
    if std::env::var_os("NUMFUSE_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, &printed).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    for function in functions() {
        let row = written.lines().find(|line| line.starts_with(&format!("| `{}`", function.signature())));
        let row = row.unwrap_or_else(|| {
            panic!("{function:?} is not in docs/functions.md (NUMFUSE_BLESS=1 writes it)")
        });
        assert!(function.aliases().iter().all(|alias| row.contains(&format!("`{alias}`"))), "{row}");
    }
    assert!(written == printed, "docs/functions.md is out of date; NUMFUSE_BLESS=1 writes it");
}

/// One element of a type, with two axes for the functions that look at them.
fn one(dtype: DType) -> Value {
    Program::compile(&format!("{dtype}(full((1, 1), 1))")).unwrap().run([] as [Input<'_>; 0]).unwrap()
}

#[test]
fn types_are_those_of_a_run() {
    let bytes = [*b"a"];
    for function in functions() {
        let program = Program::compile(&function.example()).unwrap();
        let count = program.inputs().len();
        for (of, to) in function.types() {
            if of == DType::Bytes(1) {
                let inputs = vec![Input::from(&bytes); count];
                assert_eq!(
                    program.run::<Value>(&inputs).unwrap().dtype(),
                    to,
                    "{function:?} of byte strings"
                );
                continue;
            }
            let mut values = vec![one(of); count];
            match function.name() {
                "where" => values[0] = one(DType::Bool),
                "ldexp" => values[1] = one(DType::I32),
                "take" => values[1] = Value::from(array![[0i64]]),
                _ => {}
            }
            let inputs: Vec<(&str, Input<'_>)> =
                ["a", "b", "c"].into_iter().zip(values.iter().map(Input::from)).collect();
            let result =
                program.run::<Value>(&inputs).unwrap_or_else(|e| panic!("{function:?} of {of}: {e}"));
            assert_eq!(result.dtype(), to, "{function:?} of {of}");
            let arguments: Vec<DType> = values.iter().map(Value::dtype).collect();
            assert_eq!(function.result(&arguments), Some(to), "{function:?} of {of}");
        }
    }
}
