//! Programs as text: statements, functions, loops and steps as the graph has them.

mod messages;

use numfuse::internals::graph;
use numfuse::ndarray::{Array1, array};
use numfuse::{Error, ErrorKind, Input, Limits, Program, Value};

fn shown(text: &str) -> String {
    match Program::compile(text) {
        Ok(program) => graph(&program).to_string(),
        Err(error) => panic!("{text}: {error}"),
    }
}

/// Two texts are one graph.
#[track_caller]
fn same(text: &str, other: &str) {
    assert_eq!(shown(text), shown(other), "{text}");
}

/// A text is this graph.
#[track_caller]
fn gives(text: &str, lines: &[&str]) {
    assert_eq!(shown(text).lines().collect::<Vec<_>>(), lines, "{text}");
}

/// The results of a program over `x` = 1, 2, 3 and `y` = 4, 5, 6.
fn answer(text: &str) -> Vec<Value> {
    let (x, y) = (array![1.0, 2.0, 3.0], array![4.0, 5.0, 6.0]);
    let run = || {
        let program = Program::compile(text)?;
        let inputs = [("x", Input::from(&x)), ("y", Input::from(&y))];
        let used = |name: &str| program.inputs().any(|used| used == name);
        let inputs: Vec<_> = inputs.iter().filter(|(name, _)| used(name)).cloned().collect();
        program.run::<Vec<Value>>(&inputs[..])
    };
    run().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn first(text: &str) -> Array1<f64> {
    match answer(text).into_iter().next() {
        Some(Value::F64(value)) => Array1::from_iter(value),
        other => panic!("{text}: {other:?}"),
    }
}

fn refused(text: &str) -> Error {
    match Program::compile(text) {
        Ok(program) => panic!("{text} is accepted as\n{}", graph(&program)),
        Err(error) => error,
    }
}

#[track_caller]
fn names(text: &str, expected: &[Option<&str>]) {
    let program = Program::compile(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(program.results().collect::<Vec<_>>(), expected, "{text}");
}

#[test]
fn names_are_their_values() {
    assert_eq!(first("r = x*y\nr + 1"), array![5.0, 11.0, 19.0]);
    assert_eq!(first("x = x + 1; x = x*2; x"), array![4.0, 6.0, 8.0]);
    assert_eq!(first("x += 1; x **= 2; x"), array![4.0, 9.0, 16.0]);
    same("r = x*y\nr + 1", "x*y + 1");
    // all of one statement from what was before
    same("x = y, y = x; x - y", "y - x");
    same("u = x*y; u, u + x", "x*y, x*y + x");
    // a tuple has a name as well
    same("axes = (0, 1); sum(x, axis=axes)", "sum(x, axis=(0, 1))");
    same("w = [1, 2]; w*x", "[1, 2]*x");
}

#[test]
fn the_last_statement_is_the_result() {
    names("r = x*y; r", &[None]);
    names("r = x*y; r, x", &[None, None]);
    names("r = x*y; u = r, v = r + 1", &[Some("u"), Some("v")]);
    names("r = x*y; u = r", &[Some("u")]);
    names("u = x; u *= 2", &[Some("u")]);
    names("n += 1", &[Some("n")]);
    names("steps(10, u = u + v, v = v - u)", &[Some("u"), Some("v")]);
    names("steps 10 { f = 2*u; u = f - v }", &[Some("u")]);
    names(";;\n; x ;;\n", &[None]);
    names("sum = sum(x), mean = mean(x)", &[Some("sum"), Some("mean")]);
}

#[test]
fn lines_end_where_a_statement_is_complete() {
    for (text, one_line) in [
        ("r = x\nr*y", "r = x; r*y"),
        ("r = x\r\nr*y\r\n", "r = x; r*y"),
        ("r = (x\n-y\n)\nr", "r = (x - y); r"),
        ("r = x -\ny\nr", "r = x - y; r"),
        ("r = x # the first\n\n# and the second\n\nr*y", "r = x; r*y"),
        ("r = x\n  + y\nr", "r = x + y; r"),
        ("r = x\n  *y\nr", "r = x*y; r"),
        ("r =\nx\nr", "r = x; r"),
        ("u = x,\nv = y", "u = x, v = y"),
        ("r = x > 1 and\nnot\ny > 1\nr", "r = x > 1 and not y > 1; r"),
        ("r = x > 1\n or y > 1\nr", "r = x > 1 or y > 1; r"),
        ("r = 1.\ns = .5\nr + s", "r = 1.; s = .5; r + s"),
        ("r = x\n.T\nr", "r = x.T; r"),
        ("r = x\n-r", "r = x; -r"),
        ("r = x\n(r)", "r = x; (r)"),
        ("r = x\n[r, r]", "r = x; [r, r]"),
        ("r = x\n~(r > 1)", "r = x; ~(r > 1)"),
        ("android = x\nandroid", "android = x; android"),
        ("n = 0\nrepeat 5\n{\nn += 1\n}\nn", "n = 0; repeat 5 { n += 1 }; n"),
        (
            "n = x\nif x > 1 {\nn = y\n}\nelse if y > 2 {\nn = 1\n} else {\nn = 2 }\nn",
            "n = x; if x > 1 { n = y } else if y > 2 { n = 1 } else { n = 2 }; n",
        ),
        ("def f(\na,\nb\n) = a*\nb\nf(x,\ny)", "def f(a, b) = a*b; f(x, y)"),
    ] {
        assert_eq!(shown(text), shown(one_line), "{text}");
    }
    let error = refused("x\n- y");
    assert_eq!(error.message(), "this value is not used");
    assert!(error.help().is_some_and(|help| help.contains("inside of brackets")), "{error}");
}

#[test]
fn words_are_names_where_they_begin_no_statement() {
    same("repeat + steps", "steps2 = steps; repeat + steps2");
    same("steps = x; steps*2", "x*2");
    same("repeat = x; repeat*2", "x*2");
    same("len = x; len*2", "x*2");
    same("repeat -1", "repeat - 1");
}

#[test]
fn functions_are_inlined() {
    same("def rel(a, b) = 2*(a - b)/(a + b)\nrel(x, y)", "2*(x - y)/(x + y)");
    same("def f(a) { t = a*a; u = t + 1; t*u }; f(x) + f(y)", "x*x*(x*x + 1) + y*y*(y*y + 1)");
    same("def f(a, k=2) = a*k; f(x) + f(x, 3) + f(x, k=4) + f(k=5, a=x)", "x*2 + x*3 + x*4 + x*5");
    // in any order, one in the other
    same(
        "def g(a) = f(a) + f(a + 1); def f(a) = a*3; g(g(x))",
        "def f(a) = a*3; g = f(x) + f(x + 1); f(g) + f(g + 1)",
    );
    same("r = f(x); def f(a) = a + pi; r", "x + pi");
    // names of its own
    same("t = y; def f(a) { t = a; t + 1 }; f(x) + t", "x + 1 + y");
    same("def m(a, axis) = mean(a, axis=axis); m(x, (0, 1))", "mean(x, axis=(0, 1))");
    same("def half(a) = astype(a, f32)/2; half(x)", "f32(x)/2");
    same("def f() = 3; x*f()", "x*3");
    same("def rel(a, b) = a/b; x.rel(y)", "x/y");
    assert_eq!(first("def f(a) { if a > 1 { r = a } else { r = -a }; r }; f(x)"), array![-1.0, 2.0, 3.0]);
}

#[test]
fn branches_are_choices() {
    assert_eq!(first("r = y; if x > 1 { r = x }; r"), array![4.0, 2.0, 3.0]);
    assert_eq!(first("if x > 1 { r = x } else { r = y }; r"), array![4.0, 2.0, 3.0]);
    assert_eq!(
        first("r = 0.; if x > 2 { r = 1. } else if x > 1 { r = 2. } else { r = 3. }; r"),
        array![3.0, 2.0, 1.0]
    );
    assert_eq!(first("r = x; if x > 1 { r += 1; if y > 5 { r *= 2; t = 1 } }; r"), array![1.0, 3.0, 8.0]);
    // what a branch has not changed stays
    assert_eq!(first("a = x; b = y; if x > 1 { a = b } else { b = a }; a - b"), array![0.0, 0.0, 0.0]);
    // an input that has been read is there before
    assert_eq!(first("if x > 1 { x = 0*x }; x"), array![1.0, 0.0, 0.0]);
}

#[test]
fn a_loop_carries_what_it_sets() {
    gives(
        "c = x + y\nz = 0.; n = 0\nrepeat 200 while z <= 4 { z = z*z + c; n += 1 }\nn",
        &[
            "%0 = 200",
            "%1 = 0.0",
            "%2 = 0",
            "%3 = region0.0",
            "%4 = 4",
            "%5 = less_equal %3, %4",
            "%6 = truth %5",
            "%7 = multiply %3, %3",
            "%8 = x",
            "%9 = y",
            "%10 = add %8, %9",
            "%11 = add %7, %10",
            "%12 = region0.1",
            "%13 = 1",
            "%14 = add %12, %13",
            "%15 = repeat region0",
            "%16 = %15.1",
            "region0: at most %0, from %1, %2, while %6, next %11, %14",
            "result %16",
        ],
    );
    // an input that is set is carried from its value on; what is set first is the turn's own
    same("repeat 3 { t = x*2; x = t + 1 }; x", "z = x; repeat 3 { z = z*2 + 1 }; z");
    same("t = y; repeat 3 { t = x*2; x = t + 1 }; x", "t = y; u = x; repeat 3 { t = u*2; u = t + 1 }; u");
    // what no result needs is no loop of the graph
    same("z = x; repeat 3 { z = z*2 }; y", "y");
    same("z = x; repeat n { repeat n { z = z*2 }; w = z }; y", "y");
}

#[test]
fn a_range_counts_in_64_bits() {
    gives(
        "s = 0.\nfor k in 0..len(p) { s = s*x + p[k] }\ns",
        &[
            "%0 = p",
            "%1 = len %0",
            "%2 = 0.0",
            "%3 = i64(0)",
            "%4 = True",
            "%5 = region0.0",
            "%6 = x",
            "%7 = multiply %5, %6",
            "%8 = region0.1",
            "%9 = take %0 at %8 axis=Some(0)",
            "%10 = add %7, %9",
            "%11 = 1",
            "%12 = add %8, %11",
            "%13 = repeat region0",
            "%14 = %13.0",
            "region0: at most %1, from %2, %3, while %4, next %10, %12",
            "result %14",
        ],
    );
    let bound = |text: &str| {
        let shown = shown(text);
        let region = shown.lines().find(|line| line.starts_with("region0:")).expect("a loop").to_owned();
        let node = region["region0: at most ".len()..].split(',').next().expect("a bound").to_owned();
        let line =
            shown.lines().find(|line| line.starts_with(&format!("{node} = "))).expect("a node").to_owned();
        line.split(" = ").nth(1).expect("a value").to_owned()
    };
    assert_eq!(bound("s = 0; for k in 3..10 { s += k }; s"), "7");
    assert_eq!(bound("s = 0; for k in 10..-3 { s += k }; s"), "0");
    assert!(bound("s = 0; for k in 1..n { s += k }; s").starts_with("subtract "));
    assert!(bound("s = 0; for k in m..n { s += k }; s").starts_with("where "));
    // masks outside of loops stay masks, and so do arrays of places
    assert!(shown("s = 0.; for k in 0..3 { s += k*sum(x[x > 1]) }; s").contains("select"));
    assert!(shown("s = 0.; for k in 0..3 { s += x[k, 0]*x[k+1, 1] }; s").matches("take").count() == 2);
    assert!(shown("u = x; steps 3 { u = u*sum(u[u > 1]) }; u").contains("select"));
}

#[test]
fn a_break_keeps_what_an_element_had() {
    gives(
        "n = 0; repeat 5 { n += 1; break if n > x; n += 2 }; n",
        &[
            "%0 = 5",
            "%1 = 0",
            "%2 = False",
            "%3 = region0.1",
            "%4 = invert %3",
            "%5 = x",
            "%6 = region0.0",
            "%7 = 1",
            "%8 = add %6, %7",
            "%9 = less %5, %8",
            "%10 = truth %9",
            "%11 = 2",
            "%12 = add %8, %11",
            "%13 = where %10, %8, %12",
            "%14 = repeat region0",
            "%15 = %14.0",
            "region0: at most %0, from %1, %2, while %4, next %13, %10",
            "result %15",
        ],
    );
    // a loop inside does not begin for what has left; its own `break` is its own
    let nested = shown("n = x; repeat 5 { break if n > 9; repeat 3 { break if n > 7; n += 1 } }; n");
    assert!(nested.contains("region1: at most") && nested.contains("bitwise_and"), "{nested}");
    shown("n = x; repeat 5 { if n > 3 { n += 1; break } else { n += 2 } }; n");
}

#[test]
fn steps_read_what_was_before() {
    gives(
        "steps(10, u = u + v, v = v - u)",
        &[
            "%0 = 10",
            "%1 = u",
            "%2 = v",
            "%3 = True",
            "%4 = region0.0",
            "%5 = region0.1",
            "%6 = add %4, %5",
            "%7 = subtract %5, %4",
            "%8 = repeat region0",
            "%9 = %8.0",
            "%10 = %8.1",
            "region0: %0 steps, from %1, %2, next %6, %7",
            "result %9, %10",
        ],
    );
    // in a block, one after the other
    same("steps 10 { u = u + v; v = v - u }; u", "steps(10, u = u + v, v = v - (u + v)); u");
    same("u = x; steps(n, u = u*2); u + 1", "u = x; steps n { u *= 2 }; u + 1");
    same("def step(a) = a*2; steps(3, u = step(u)); u", "steps(3, u = u*2); u");
    let inside = shown("steps 10 { repeat 3 while u < 4 { u += 1 } }; u");
    assert!(inside.contains("region1: at most"), "{inside}");
}

#[test]
fn lengths_are_known() {
    assert_eq!(first("x*len(y)"), array![3.0, 6.0, 9.0]);
    assert_eq!(first("arange(len(x)) + 0.5"), array![0.5, 1.5, 2.5]);
    let error = Program::compile("len(x)").unwrap().run::<Value>([("x", Input::from(1.5))]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape, "{error}");
    assert_eq!(refused("len(x, y)").kind(), ErrorKind::Arity);
    assert_eq!(refused("len(x=3)").kind(), ErrorKind::Syntax);
}

#[test]
fn limits_are_counted_before_anything_runs() {
    let limits = |change: &dyn Fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        move |text: &str| Program::compile_with(text, &limits).map(|_| ()).map_err(|error| error.kind())
    };
    let turns = limits(&|limits| limits.turns = 100);
    assert_eq!(turns("n = 0; repeat 100 { n += x }; n"), Ok(()));
    assert_eq!(turns("n = 0; repeat 101 { n += x }; n"), Err(ErrorKind::Limit));
    assert_eq!(turns("n = 0; repeat 10 { repeat 10 { n += x } }; n"), Ok(()));
    assert_eq!(turns("n = 0; repeat 10 { for k in 5..16 { n += x } }; n"), Err(ErrorKind::Limit));
    assert_eq!(turns("def f(a) { repeat 11 { a += 1 }; a }; steps(10, u = f(u))"), Err(ErrorKind::Limit));
    assert_eq!(turns("n = 0; repeat 99 { n += x }; repeat 99 { n += x }; n"), Ok(()));
    let calls = limits(&|limits| limits.calls = 2);
    assert_eq!(calls("def f(a) = g(a); def g(a) = a; f(x)"), Ok(()));
    assert_eq!(calls("def f(a) = g(a); def g(a) = h(a); def h(a) = a; f(x)"), Err(ErrorKind::Limit));
    let nodes = limits(&|limits| limits.nodes = 100);
    assert_eq!(nodes("def f(a) = a + a; def g(a) = f(a) + f(a); def h(a) = g(a) + g(a); h(x)"), Ok(()));
    let doubled =
        "def f(a) = a + a; def g(a) = f(f(f(a))); def h(a) = g(g(g(a))); def i(a) = h(h(h(a))); i(x)";
    assert_eq!(nodes(doubled), Err(ErrorKind::Limit));
}
