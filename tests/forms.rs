//! The graph's forms that no executor runs yet are checked, printed and refused with a reason.

use numfuse::internals::{Builder, Graph, Op, RegionKind, Signature, infer};
use numfuse::{DType, ErrorKind, Literal};

/// Newton's method for a square root, at most 20 turns while the square is off: two carried variables.
fn newton() -> Graph {
    let mut b = Builder::new();
    let (x, two, bound) = (b.input("x"), b.literal(Literal::Float(2.0)), b.literal(Literal::Int(20)));
    let one = b.literal(Literal::Float(1.0));
    let region = b.open(RegionKind::Elements, None, bound, vec![x, one]);
    let (root, error) = (b.param(region, 0), b.param(region, 1));
    let quotient = b.apply(Op::Div, &[x, root]);
    let sum = b.apply(Op::Add, &[root, quotient]);
    let next = b.apply(Op::Div, &[sum, two]);
    let change = b.apply(Op::Sub, &[next, root]);
    let small = b.literal(Literal::Float(1e-12));
    let go_on = b.apply(Op::Lt, &[small, error]);
    let repeat = b.close(region, go_on, vec![next, change]);
    let result = b.result(repeat, 0);
    b.finish(vec![result])
}

#[test]
fn an_elementwise_loop_is_a_graph_that_verifies_and_prints() {
    let graph = newton();
    assert_eq!(graph.verify(), Ok(()));
    let text = graph.to_string();
    assert!(text.contains("repeat region0") && text.contains("region0: at most"), "{text}");
    assert!(text.contains("region0.1"), "{text}");
}

#[test]
fn an_elementwise_loop_is_refused_by_name() {
    let mut signature = Signature::new();
    signature.push(DType::F64, None, &[3]);
    let error = infer(&newton(), &signature).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("loops are not executed"), "{error}");
}

#[test]
fn equal_graphs_are_numbered_alike_whatever_the_order_of_building() {
    let mut forwards = Builder::new();
    let (x, y) = (forwards.input("x"), forwards.input("y"));
    let dead = forwards.apply(Op::Exp, &[y]);
    let sum = forwards.apply(Op::Add, &[x, y]);
    assert_ne!(dead, sum);
    let mut backwards = Builder::new();
    let (a, b) = (backwards.input("x"), backwards.input("y"));
    let total = backwards.apply(Op::Add, &[a, b]);
    let _ = backwards.apply(Op::Log, &[total]);
    assert_eq!(forwards.finish(vec![sum]).to_string(), backwards.finish(vec![total]).to_string());
}
