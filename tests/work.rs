//! Fusion never multiplies work: operations of a fused run, counted by `explain`, are no more than evaluating one
//! operation at a time takes, of the elements that are looked at.

use numfuse::{ArrayType, Program};

fn operations(text: &str, inputs: &[(&str, &str)]) -> u64 {
    let types: Vec<(&str, ArrayType)> =
        inputs.iter().map(|(name, ty)| (*name, ty.parse().expect("a type"))).collect();
    Program::compile(text)
        .unwrap()
        .explain(&types)
        .unwrap_or_else(|e| panic!("{text}: {e}"))
        .fused()
        .operations
}

/// What is dear is computed as often as it has elements, whatever repeats it.
#[test]
fn dear_operations_are_not_repeated() {
    // rows, columns, and elements of both
    const M: u64 = 300;
    const N: u64 = 400;
    const ALL: u64 = M * N;
    let inputs = [
        ("x", "f64[300,400]"),
        ("square", "f64[300,300]"),
        ("row", "f64[400]"),
        ("col", "f64[300,1]"),
        ("line", "f64[300]"),
        ("i", "i64[50]"),
    ];
    let cases = [
        ("exp(row)*col", N + ALL),
        ("exp(row)*exp(col)", N + M + ALL),
        ("x + exp(row)", N + ALL),
        ("x/sum(x, axis=1, keepdims=True)", 2 * ALL),
        // the mean is a quotient made once
        ("(x - mean(x))**2", 3 * ALL + 1),
        ("(x - mean(x, axis=0))**2", 3 * ALL + N),
        ("exp(x)/sum(exp(x))", 3 * ALL),
        ("exp(row)[1:] - exp(row)[:-1]", N + N - 1),
        ("exp(x)[::2, :10]", 150 * 10),
        ("exp(x)[0]", N),
        ("exp(x)[7, 9]", 1),
        ("windows(exp(row), 5)*2", N + 5 * (N - 4)),
        ("sum(windows(exp(row), 5), axis=-1)", N + 5 * (N - 4)),
        ("broadcast_to(exp(row), (300, 400))*2", N + ALL),
        ("broadcast_to(exp(row), (300, 400))", N),
        ("exp(square) + exp(square).T", 2 * M * M),
        ("exp(square) + flip(exp(square))", 2 * M * M),
        ("exp(x)[:, ::-1]*exp(x)", 2 * ALL),
        ("exp(line)[:, None] - exp(line)", M + M * M),
        ("sum(abs(exp(line)[:, None] - exp(row)), axis=1)", M + N + 3 * ALL),
        ("exp(x) @ row", 3 * ALL),
        ("exp(square) @ x", M * M + 2 * M * M * N),
        ("sum(exp(row)*x, axis=1)", N + 2 * ALL),
        ("reshape(exp(x), (400, 300)).T*col", 2 * ALL),
        ("sum(exp(x), axis=0) + exp(x)", 3 * ALL),
        ("min(exp(x)), max(exp(x))", 3 * ALL),
        ("exp(line)*line + exp(line)[::-1]", 3 * M),
    ];
    for (text, most) in cases {
        let got = operations(text, &inputs);
        assert!(got <= most, "{text} makes {got} operations, more than {most}");
    }
}

/// Places are checked once for each, not for each element that is taken there.
#[test]
fn places_are_computed_once() {
    let inputs = [("x", "f64[1000,400]"), ("i", "i64[50]")];
    let (alone, rows) = (operations("take(x[:, 0], i)", &inputs), operations("take(x, i, axis=0)", &inputs));
    // a gather for each element
    assert_eq!(rows - 50 * 400, alone - 50);
    assert!(operations("take(exp(x[:, 0]), i)", &inputs) <= alone + 1000);
}

/// Cheap operations are repeated rather than stored, at most once for each time they are seen.
#[test]
fn cheap_operations_are_repeated_within_bounds() {
    let inputs = [("x", "f64[1000]"), ("y", "f64[1000]"), ("square", "f64[100,100]")];
    for text in [
        "(x*y)[1:] - (x*y)[:-1]",
        "(x + y)*(x + y)[::-1]",
        "(square*2) - (square*2).T",
        "sum(windows(x*y, 3), axis=-1)",
        "(x - y)/max(x - y)",
    ] {
        let types: Vec<(&str, ArrayType)> =
            inputs.iter().map(|(name, ty)| (*name, ty.parse().unwrap())).collect();
        let explanation = Program::compile(text).unwrap().explain(&types).unwrap();
        let (fused, eager) = (explanation.fused().operations, explanation.op_at_a_time().operations);
        assert!(fused <= 3 * eager, "{text} makes {fused} operations, and {eager} one at a time");
    }
}

/// One operation at a time reads the elements that a view shows, however few or many the array has.
#[test]
fn views_are_read_one_operation_at_a_time() {
    let moved = |text: &str| {
        let types = [("x", "f64[100,100]".parse::<ArrayType>().unwrap())];
        Program::compile(text).unwrap().explain(&types).unwrap().op_at_a_time().bytes
    };
    assert_eq!(moved("exp(x)"), 2 * 80_000);
    assert_eq!(moved("exp(x.T)"), 2 * 80_000);
    assert_eq!(moved("exp(x[::2])"), 2 * 40_000);
    assert_eq!(moved("exp(broadcast_to(x, (3, 100, 100)))"), 2 * 240_000);
    assert_eq!(moved("exp(ravel(x.T))"), 2 * 80_000);
}
