//! Elementwise loops on a card: the strict bits of the processor and of the interpreter, for whatever an element does until
//! it leaves; what has left raises no error; more turns than software takes are refused.

use numfuse::internals::vulkan::{Config, Forced};
use numfuse::internals::{
    Array, Axes, Builder, Graph, NodeId, Op, Reduction, RegionId, RegionKind, evaluate, infer, program,
    signature,
};
use numfuse::{Complex, DType, Device, DeviceInput, ErrorKind, Input, Isa, Literal, Program, Scalar, Value};

use crate::engine::{Way, card};
use crate::programs::{assert_same, stored, strict};
use crate::stored::{Layout, Stored};

/// A graph in the making, in few words.
struct Written(Builder);

impl Written {
    fn new() -> Written {
        Written(Builder::new())
    }

    fn input(&mut self, name: &str) -> NodeId {
        self.0.input(name)
    }

    fn int(&mut self, value: i128) -> NodeId {
        self.0.literal(Literal::Int(value))
    }

    fn float(&mut self, value: f64) -> NodeId {
        self.0.literal(Literal::Float(value))
    }

    fn op(&mut self, op: Op, args: &[NodeId]) -> NodeId {
        self.0.apply(op, args)
    }

    /// A loop of at most `bound` turns over variables that begin with `init`: the values after it. `body` answers the
    /// condition and the next values.
    fn repeat(
        &mut self,
        parent: Option<RegionId>,
        bound: NodeId,
        init: &[NodeId],
        body: impl FnOnce(&mut Written, RegionId, &[NodeId]) -> (NodeId, Vec<NodeId>),
    ) -> Vec<NodeId> {
        let region = self.0.open(RegionKind::Elements, parent, bound, init.to_vec());
        let variables: Vec<NodeId> = (0..init.len() as u32).map(|k| self.0.param(region, k)).collect();
        let (go_on, next) = body(self, region, &variables);
        let whole = self.0.close(region, go_on, next);
        (0..init.len() as u32).map(|k| self.0.result(whole, k)).collect()
    }

    fn always(&mut self) -> NodeId {
        self.0.literal(Literal::Bool(true))
    }

    fn all_of(&mut self, kind: Reduction, of: NodeId) -> NodeId {
        self.0.fold(kind, of, Axes::All, false)
    }
}

/// `root = x; off = 1; repeat 20 while off > 1e-12 { next = (root + x/root)/2; off = abs(root - next); root = next }`
fn newton() -> Graph {
    let mut b = Written::new();
    let (x, bound, one) = (b.input("x"), b.int(20), b.float(1.0));
    let values = b.repeat(None, bound, &[x, one], |b, _, v| {
        let (two, small) = (b.float(2.0), b.float(1e-12));
        let quotient = b.op(Op::Div, &[x, v[0]]);
        let sum = b.op(Op::Add, &[v[0], quotient]);
        let next = b.op(Op::Div, &[sum, two]);
        let change = b.op(Op::Sub, &[v[0], next]);
        let change = b.op(Op::Abs, &[change]);
        (b.op(Op::Lt, &[small, v[1]]), vec![next, change])
    });
    b.0.finish(values)
}

/// `z = 0j; n = 0; repeat bound while abs2(z) <= 4 { z = z*z + x; n += 1 }`: `n` and `z`.
fn escape(b: &mut Written, x: NodeId, bound: i128) -> [NodeId; 2] {
    let (bound, zero, one) = (b.int(bound), b.int(0), b.int(1));
    let origin = b.0.literal(Literal::Complex(Complex::new(0.0, 0.0)));
    let values = b.repeat(None, bound, &[origin, zero], |b, _, v| {
        let square = b.op(Op::Mul, &[v[0], v[0]]);
        let (next, count) = (b.op(Op::Add, &[square, x]), b.op(Op::Add, &[v[1], one]));
        let (size, four) = (b.op(Op::Abs2, &[v[0]]), b.int(4));
        (b.op(Op::Le, &[size, four]), vec![next, count])
    });
    [values[1], values[0]]
}

/// What of Mandelbrot's set is asked for.
#[derive(Clone, Copy)]
enum Asked {
    Both,
    Mean,
    Rows,
    Columns,
    Running,
}

fn mandelbrot(bound: i128, asked: Asked) -> Graph {
    let mut b = Written::new();
    let x = b.input("z");
    let [n, z] = escape(&mut b, x, bound);
    let results = match asked {
        Asked::Both => vec![n, z],
        Asked::Mean => vec![b.all_of(Reduction::Mean, n), b.all_of(Reduction::Max, n)],
        Asked::Rows => vec![b.0.fold(Reduction::Sum, n, Axes::Some(vec![1]), false)],
        Asked::Columns => vec![b.0.fold(Reduction::Sum, n, Axes::Some(vec![0]), false)],
        Asked::Running => vec![b.0.scan(Reduction::Sum, n, Some(1), None)],
    };
    b.0.finish(results)
}

/// `s = 0*x; repeat 6 while s < 50 { t = s; repeat 4 while t < y { t = t*1.5 + 1 }; s = s + t }`
fn nested() -> Graph {
    let mut b = Written::new();
    let (x, y, zero, bound) = (b.input("x"), b.input("c"), b.float(0.0), b.int(6));
    let begin = b.op(Op::Mul, &[x, zero]);
    let values = b.repeat(None, bound, &[begin], |b, region, v| {
        let (four, fifty) = (b.int(4), b.int(50));
        let inner = b.repeat(Some(region), four, &[v[0]], |b, _, t| {
            let (factor, one) = (b.float(1.5), b.int(1));
            let product = b.op(Op::Mul, &[t[0], factor]);
            (b.op(Op::Lt, &[t[0], y]), vec![b.op(Op::Add, &[product, one])])
        });
        (b.op(Op::Lt, &[v[0], fifty]), vec![b.op(Op::Add, &[v[0], inner[0]])])
    });
    b.0.finish(values)
}

/// The sum of a loop of three, each as long as the one around it says: `repeat 5 { i += 1; repeat i { s += x } }`.
fn triangle() -> Graph {
    let mut b = Written::new();
    let (x, bound, zero) = (b.input("x"), b.int(5), b.float(0.0));
    let first = b.0.scalar(Scalar::I64(0));
    let values = b.repeat(None, bound, &[first, zero], |b, region, v| {
        let (one, always) = (b.int(1), b.always());
        let next = b.op(Op::Add, &[v[0], one]);
        let inner = b.repeat(Some(region), next, &[v[1]], |b, _, s| {
            let always = b.always();
            (always, vec![b.op(Op::Add, &[s[0], x])])
        });
        (always, vec![next, inner[0]])
    });
    b.0.finish(vec![values[1]])
}

/// Leaves by a flag, and hands two flags over at once: `on = True; a = x < 0; c = not a; repeat 30 while on { … }`.
fn flags() -> Graph {
    let mut b = Written::new();
    let (x, n, bound, zero) = (b.input("x"), b.input("n"), b.int(30), b.int(0));
    let float = b.float(0.0);
    let (on, first) = (b.always(), b.op(Op::Lt, &[x, float]));
    let second = b.op(Op::Not, &[first]);
    let values = b.repeat(None, bound, &[zero, on, first, second], |b, _, v| {
        let one = b.int(1);
        let next = b.op(Op::Add, &[v[0], one]);
        let seven = b.int(7);
        let most = b.op(Op::And, &[n, seven]);
        (v[1], vec![next, b.op(Op::Lt, &[next, most]), v[3], v[2]])
    });
    b.0.finish(values)
}

/// `s = 0; for k in 0..bound { s = s*x + p[k] }`
fn horner(bound: impl FnOnce(&mut Written) -> NodeId) -> Graph {
    let mut b = Written::new();
    let (x, p, zero) = (b.input("x"), b.input("p"), b.float(0.0));
    let (bound, first) = (bound(&mut b), b.0.scalar(Scalar::I64(0)));
    let values = b.repeat(None, bound, &[zero, first], |b, _, v| {
        let coefficient = b.0.take(p, v[1], Some(0));
        let product = b.op(Op::Mul, &[v[0], x]);
        let (one, always) = (b.int(1), b.always());
        (always, vec![b.op(Op::Add, &[product, coefficient]), b.op(Op::Add, &[v[1], one])])
    });
    b.0.finish(vec![values[0]])
}

/// Collatz' turns, and the greatest common divisor by Euclid, whose variables step at once.
fn integers(of: &str) -> Graph {
    let mut b = Written::new();
    let (x, bound, zero, one) = (b.input(of), b.int(90), b.int(0), b.int(1));
    let small = b.int(1 << 20);
    let size = b.op(Op::Rem, &[x, small]);
    let begin = b.op(Op::Add, &[size, one]);
    let turns = b.repeat(None, bound, &[begin, zero], |b, _, v| {
        let (one, two, three) = (b.int(1), b.int(2), b.int(3));
        let odd = b.op(Op::And, &[v[0], one]);
        let odd = b.op(Op::Eq, &[odd, one]);
        let up = b.op(Op::Mul, &[v[0], three]);
        let up = b.op(Op::Add, &[up, one]);
        let half = b.op(Op::FloorDiv, &[v[0], two]);
        let next = b.op(Op::Where, &[odd, up, half]);
        (b.op(Op::Lt, &[one, v[0]]), vec![next, b.op(Op::Add, &[v[1], one])])
    });
    let (other, bound) = (b.int(360_360), b.int(60));
    let euclid = b.repeat(None, bound, &[x, other], |b, _, v| {
        let zero = b.int(0);
        let rest = b.op(Op::Rem, &[v[0], v[1]]);
        (b.op(Op::Ne, &[v[1], zero]), vec![v[1], rest])
    });
    b.0.finish(vec![turns[0], turns[1], euclid[0]])
}

/// `s = 0; k = 0; repeat 100 while k < n { s += p[k]; k += 1 }`: an error where `n` is beyond the coefficients.
fn as_many_as_asked() -> Graph {
    let mut b = Written::new();
    let (n, p, zero, bound) = (b.input("t"), b.input("p"), b.float(0.0), b.int(100));
    let first = b.0.scalar(Scalar::I64(0));
    let values = b.repeat(None, bound, &[zero, first], |b, _, v| {
        let coefficient = b.0.take(p, v[1], Some(0));
        let one = b.int(1);
        let go_on = b.op(Op::Lt, &[v[1], n]);
        (go_on, vec![b.op(Op::Add, &[v[0], coefficient]), b.op(Op::Add, &[v[1], one])])
    });
    b.0.finish(vec![values[0]])
}

/// `k = 0; repeat len while p[k] < x { k += 1 }`: the condition of a turn that is not taken would read beyond the end.
fn search(bound: i128) -> Graph {
    let mut b = Written::new();
    let (x, p, bound) = (b.input("x"), b.input("p"), b.int(bound));
    let first = b.0.scalar(Scalar::I64(0));
    let values = b.repeat(None, bound, &[first], |b, _, v| {
        let (here, one) = (b.0.take(p, v[0], Some(0)), b.int(1));
        (b.op(Op::Lt, &[here, x]), vec![b.op(Op::Add, &[v[0], one])])
    });
    b.0.finish(values)
}

/// Loops that are the same for all elements, and for those of a row, beside what is not: `sum(x*f(c)*f(g), axis=1)`.
fn hoisted() -> Graph {
    let mut b = Written::new();
    let (x, c, g) = (b.input("x"), b.input("c"), b.input("g"));
    let root = |b: &mut Written, of: NodeId| {
        let (bound, one) = (b.int(4), b.float(1.0));
        let begin = b.op(Op::Abs, &[of]);
        let values = b.repeat(None, bound, &[one], |b, _, v| {
            let quotient = b.op(Op::Div, &[begin, v[0]]);
            let (sum, half, always) = (b.op(Op::Add, &[v[0], quotient]), b.float(0.5), b.always());
            (always, vec![b.op(Op::Mul, &[sum, half])])
        });
        values[0]
    };
    let (one, all) = (root(&mut b, c), root(&mut b, g));
    let product = b.op(Op::Mul, &[x, one]);
    let product = b.op(Op::Mul, &[product, all]);
    let sum = b.0.fold(Reduction::Sum, product, Axes::Some(vec![1]), false);
    b.0.finish(vec![sum, product])
}

/// A turn of operations that have selections and loops of their own: `repeat 3 while x > -1e6 { x = sin(x*1e9) % 0.3 + x }`.
fn large_turns() -> Graph {
    let mut b = Written::new();
    let (x, bound) = (b.input("x"), b.int(3));
    let values = b.repeat(None, bound, &[x], |b, _, v| {
        let (large, step, least) = (b.float(1e9), b.float(0.3), b.float(-1e6));
        let angle = b.op(Op::Mul, &[v[0], large]);
        let sine = b.op(Op::Sin, &[angle]);
        let rest = b.op(Op::Rem, &[sine, step]);
        (b.op(Op::Lt, &[least, v[0]]), vec![b.op(Op::Add, &[rest, v[0]])])
    });
    b.0.finish(values)
}

/// `repeat bound { x = x*0.5 + 1 }`, and what it comes to in the mean.
fn plain(bound: i128, mean: bool) -> Graph {
    let mut b = Written::new();
    let (x, bound) = (b.input("x"), b.int(bound));
    let values = b.repeat(None, bound, &[x], |b, _, v| {
        let (half, one, always) = (b.float(0.5), b.int(1), b.always());
        let product = b.op(Op::Mul, &[v[0], half]);
        (always, vec![b.op(Op::Add, &[product, one])])
    });
    let results = if mean { vec![b.all_of(Reduction::Mean, values[0])] } else { values };
    b.0.finish(results)
}

/// Inputs by name: matrices of doubles `x`, integers `n` and `u`, complex numbers `z`; a column `c`, coefficients `p`,
/// numbers `g` and `m`, and places within `p`.
pub fn inputs() -> Vec<(&'static str, Stored)> {
    inputs_of(&[37, 53], DType::F64)
}

fn inputs_of(shape: &[usize], float: DType) -> Vec<(&'static str, Stored)> {
    let complex = if float == DType::F32 { DType::C64 } else { DType::C128 };
    let count: usize = shape.iter().product();
    let grid = |k: usize| Complex::new((k % 41) as f64 * 0.07 - 2.0, (k / 41) as f64 * 0.05 - 1.2);
    let grid = (0..count).map(|k| match complex {
        DType::C64 => Scalar::C64(Complex::new(grid(k).re as f32, grid(k).im as f32)),
        _ => Scalar::C128(grid(k)),
    });
    let order = Layout::c_order(shape);
    let places: Vec<Scalar> = (0..count).map(|k| Scalar::I64(k as i64 % 9)).collect();
    let increasing: Vec<Scalar> = (0..8).map(|k| Scalar::F64(f64::from(k) * 2.5 - 9.0)).collect();
    let column = [shape[0], 1];
    let number = |scalar: Scalar| Stored::new(scalar.dtype(), &[], &[scalar], &Layout::c_order(&[]));
    vec![
        ("x", stored(float, shape, 1)),
        ("n", stored(DType::I32, shape, 4)),
        ("l", stored(DType::I64, shape, 5)),
        ("u", stored(DType::U64, shape, 6)),
        ("z", Stored::new(complex, shape, &grid.collect::<Vec<_>>(), &order)),
        ("c", stored(float, &column, 7)),
        ("t", Stored::new(DType::I64, shape, &places, &order)),
        ("p", Stored::new(DType::F64, &[8], &increasing, &Layout::c_order(&[8]))),
        ("g", number(Scalar::F64(7.25))),
        ("m", number(Scalar::I64(6))),
    ]
}

/// Programs with every kind of loop.
pub fn every_program() -> Vec<(&'static str, Graph)> {
    vec![
        ("newton", newton()),
        ("mandelbrot", mandelbrot(60, Asked::Both)),
        ("mean of mandelbrot", mandelbrot(60, Asked::Mean)),
        ("rows of mandelbrot", mandelbrot(60, Asked::Rows)),
        ("columns of mandelbrot", mandelbrot(60, Asked::Columns)),
        ("running sums of mandelbrot", mandelbrot(60, Asked::Running)),
        ("nested", nested()),
        ("triangle", triangle()),
        ("flags", flags()),
        ("horner", horner(|b| b.int(8))),
        ("horner of a number of terms", horner(|b| b.input("m"))),
        ("integers of 32 bits", integers("n")),
        ("integers of 64 bits", integers("l")),
        ("natural numbers", integers("u")),
        ("search", search(8)),
        ("as many as asked", as_many_as_asked()),
        ("hoisted", hoisted()),
        ("large turns", large_turns()),
        ("no turn", plain(0, false)),
        ("less than no turn", plain(-3, true)),
    ]
}

/// The inputs that a program reads.
pub fn given<'a>(program: &Program, all: &'a [(&'static str, Stored)]) -> Vec<(&'a str, Input<'a>)> {
    let named = |name: &str| all.iter().find(|(own, _)| *own == name).map(|(own, of)| (*own, of.input()));
    program.inputs().map(|name| named(name).unwrap_or_else(|| panic!("no input {name}"))).collect()
}

fn on_card(
    device: &Device,
    program: &Program,
    given: &[(&str, Input<'_>)],
) -> Result<Vec<Array>, numfuse::Error> {
    let given = given.iter().map(|(name, input)| (*name, DeviceInput::from(input.clone())));
    let arrays = program.run_all_on(device, given)?;
    arrays.iter().map(|array| array.download::<Value>().map(crate::engine::array)).collect()
}

fn interpreted(graph: &Graph, given: &[(&str, Input<'_>)]) -> Vec<Array> {
    let inputs: Vec<Input<'_>> = given.iter().map(|(_, input)| input.clone()).collect();
    let typed = infer(graph, &signature(&inputs)).unwrap_or_else(|error| panic!("{error}"));
    evaluate(&typed, &inputs, false).unwrap_or_else(|error| panic!("{error}"))
}

/// Holds a card to the strict bits of the processor, result by result.
fn holds(device: &Device, what: &str, graph: &Graph, inputs: &[(&'static str, Stored)]) {
    let whole = program(graph.clone());
    let given = given(&whole, inputs);
    let got = on_card(device, &whole, &given).unwrap_or_else(|error| panic!("{what}: {error}"));
    let strict = Way { isa: Isa::Portable, threads: 1, tile: 0 }.options();
    let expected: Vec<Value> =
        whole.with_options(strict).run(&given[..]).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(got.len(), expected.len());
    for (k, (got, expected)) in got.iter().zip(expected).enumerate() {
        assert_same(&crate::engine::array(expected), got, &format!("{what}, result {k}"));
    }
}

/// And to the interpreter's, one rounding for each operation.
fn holds_to_the_interpreter(device: &Device, what: &str, graph: &Graph, inputs: &[(&'static str, Stored)]) {
    holds(device, what, graph, inputs);
    let whole = program(graph.clone());
    let given = given(&whole, inputs);
    let got = on_card(device, &whole, &given).unwrap_or_else(|error| panic!("{what}: {error}"));
    for (k, (got, expected)) in got.iter().zip(interpreted(graph, &given)).enumerate() {
        assert_same(&expected, got, &format!("{what}, result {k}, by the interpreter"));
    }
}

fn on_software(device: &Device) -> bool {
    device.info().kind == "software"
}

/// Holds all programs to the processor, or to the interpreter too, on arrays of one shape.
fn all_hold(device: &Device, shape: &[usize], float: DType, interpreted: bool) {
    let inputs = inputs_of(shape, float);
    for (what, graph) in every_program() {
        let what = format!("{what} of {float}{shape:?}");
        match interpreted {
            true => holds_to_the_interpreter(device, &what, &graph, &inputs),
            false => holds(device, &what, &graph, &inputs),
        }
    }
}

#[test]
fn the_strict_bits() {
    let Some(device) = card::device() else { return };
    for float in [DType::F64, DType::F32] {
        all_hold(device, &[7, 23], float, true);
        all_hold(device, &[1, 3], float, true);
        all_hold(device, &[37, 53], float, false);
    }
    // blocks, lanes and runs that do not come out even
    all_hold(device, &[3, 4500], DType::F64, false);
    all_hold(device, &[300, 5], DType::F32, false);
}

#[test]
fn arrays_of_nothing() {
    let Some(device) = card::device() else { return };
    let inputs = inputs_of(&[0, 7], DType::F64);
    for (what, graph) in [
        ("newton", newton()),
        ("mandelbrot", mandelbrot(60, Asked::Both)),
        ("sums", mandelbrot(60, Asked::Rows)),
        ("columns", mandelbrot(60, Asked::Columns)),
        ("mean", plain(7, true)),
    ] {
        holds(device, what, &graph, &inputs);
    }
}

#[test]
fn at_limits_forced_small() {
    for forced in [
        Forced { bindings: Some(1), push_bytes: Some(16), ..Forced::default() },
        Forced { groups: Some(2), group_size: Some(32), ..Forced::default() },
        Forced { elements: Some(700), ..Forced::default() },
        Forced { hardware: true, ..Forced::default() },
        Forced { corrections: true, ..Forced::default() },
    ] {
        let Some(device) = card::opened(Config { forced, ..Config::default() }) else { return };
        all_hold(&device, &[17, 53], DType::F32, false);
    }
}

/// An element that has left the loop raises nothing: only those that are in it.
#[test]
fn errors_are_of_elements_in_the_loop() {
    let Some(device) = card::device() else { return };
    let coefficients =
        Stored::new(DType::F64, &[3], &[1.5, 2.5, 4.0].map(Scalar::F64), &Layout::c_order(&[3]));
    for (counts, right) in [([0i64, 3, 1, 2], true), ([0, 4, 1, 2], false), ([-5, 0, 0, 3], true)] {
        let counts = Stored::new(DType::I64, &[4], &counts.map(Scalar::I64), &Layout::c_order(&[4]));
        let (whole, graph) = (program(as_many_as_asked()), as_many_as_asked());
        let given = [("t", counts.input()), ("p", coefficients.input())];
        let (got, expected) = (on_card(device, &whole, &given), strict(&whole, &given));
        match (got, expected) {
            (Ok(got), Ok(expected)) => {
                assert!(right);
                assert_same(&expected, &got[0], "within");
                assert_same(&interpreted(&graph, &given)[0], &got[0], "within");
            }
            (Err(got), Err(expected)) => {
                assert!(!right);
                assert_eq!((got.kind(), got.message()), (expected.kind(), expected.message()));
            }
            (got, expected) => panic!("{got:?}, and not {expected:?}"),
        }
    }
    // the condition is not asked once the bound is reached
    let far = Stored::new(DType::F64, &[2], &[1e9, 2.0].map(Scalar::F64), &Layout::c_order(&[2]));
    for (bound, right) in [(3, true), (4, false)] {
        let whole = program(search(bound));
        let got = on_card(device, &whole, &[("x", far.input()), ("p", coefficients.input())]);
        assert_eq!(got.is_ok(), right, "{bound} turns: {got:?}");
    }
}

/// Software ends a shader's loops after 65,535 turns, without a word: here as many as are allowed are all taken, and more
/// are refused.
#[test]
fn more_turns_than_software_takes() {
    let Some(device) = card::device() else { return };
    let x = stored(DType::F64, &[10], 1);
    let inputs = [("x", x)];
    holds(device, "many turns", &plain(65_000, false), &inputs);
    let refused = |graph: Graph, inputs: &[(&'static str, Stored)], words: &[&str]| {
        let whole = program(graph);
        let got = on_card(device, &whole, &given(&whole, inputs));
        if !on_software(device) {
            return assert!(got.is_ok(), "{got:?}");
        }
        let error = got.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
        for word in words.iter().chain(&["65535", device.name()]) {
            assert!(error.message().contains(word), "{word}: {error}");
        }
        assert!(error.help().is_some_and(|help| help.contains("processor")), "{error}");
    };
    refused(plain(70_000, false), &inputs, &["70001 turns"]);
    let long = [("x", stored(DType::F64, &[9000], 1))];
    holds(device, "many turns of blocks", &plain(500, true), &long);
    refused(plain(1000, true), &long, &["1001 turns", "128 elements one after the other"]);
    // a number that the call gives
    let all = inputs_of(&[37, 53], DType::F64);
    let with = |bound: i64| {
        let number = Stored::new(DType::I64, &[], &[Scalar::I64(bound)], &Layout::c_order(&[]));
        let rest = ["x", "p"].map(|name| (name, all.iter().find(|(own, _)| *own == name).unwrap().1.clone()));
        rest.into_iter().chain([("m", number)]).collect::<Vec<_>>()
    };
    holds(device, "a bound that is given", &horner(|b| b.input("m")), &with(8));
    refused(horner(|b| b.input("m")), &with(1 << 40), &["1099511627777 turns"]);
    let of_data = horner(|b| {
        let n = b.input("t");
        b.all_of(Reduction::Max, n)
    });
    refused(of_data, &all, &["without a known bound"]);
}
