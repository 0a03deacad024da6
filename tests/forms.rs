//! The graph's loops: checked, printed, numbered; the types of their variables.

use numfuse::internals::{Array, Builder, Graph, Op, RegionKind, evaluate, infer, lower, plan, simplify};
use numfuse::{DType, Input, Literal};

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
    let change = b.apply(Op::Sub, &[root, next]);
    let change = b.apply(Op::Abs, &[change]);
    let small = b.literal(Literal::Float(1e-12));
    let go_on = b.apply(Op::Lt, &[small, error]);
    let repeat = b.close(region, go_on, vec![next, change]);
    let result = b.result(repeat, 0);
    b.finish(vec![result])
}

/// `z = 0j; n = 0; repeat 50 while abs2(z) <= 4 { z = z*z + x; n += 1 }; n`
fn mandelbrot() -> Graph {
    let mut b = Builder::new();
    let (x, bound) = (b.input("x"), b.literal(Literal::Int(50)));
    let (zero, one) = (b.literal(Literal::Int(0)), b.literal(Literal::Int(1)));
    let origin = b.literal(Literal::Complex(numfuse::Complex::new(0.0, 0.0)));
    let region = b.open(RegionKind::Elements, None, bound, vec![origin, zero]);
    let (z, n) = (b.param(region, 0), b.param(region, 1));
    let square = b.apply(Op::Mul, &[z, z]);
    let next = b.apply(Op::Add, &[square, x]);
    let count = b.apply(Op::Add, &[n, one]);
    let size = b.apply(Op::Abs2, &[z]);
    let four = b.literal(Literal::Int(4));
    let go_on = b.apply(Op::Le, &[size, four]);
    let repeat = b.close(region, go_on, vec![next, count]);
    let result = b.result(repeat, 1);
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
fn a_loop_of_each_element_by_itself() {
    let x = [2.0, 9.0, 100.0, 0.25];
    let inputs = [Input::from(&x)];
    let typed = infer(&newton(), &numfuse::internals::signature(&inputs)).unwrap();
    let whole = evaluate(&typed, &inputs, true).unwrap();
    let lowered = lower(&simplify(&typed));
    let roots: Vec<f64> = whole[0]
        .elements
        .iter()
        .map(|e| match e {
            numfuse::Scalar::F64(v) => *v,
            other => panic!("{other:?}"),
        })
        .collect();
    for (root, x) in roots.iter().zip(x) {
        assert!((root * root - x).abs() < 1e-9, "{root} {x}");
    }
    assert!(evaluate(&lowered, &inputs, true).unwrap()[0].same(&whole[0]));
    let plan = plan(&lowered);
    println!("{plan}");
    assert_eq!(plan.loops.len(), 1);
}

#[test]
fn complex_variables_and_counts() {
    let x = [0.0f32, -1.0, 1.0, 0.3, -0.75, 2.0];
    let inputs = [Input::from(&x)];
    let typed = infer(&mandelbrot(), &numfuse::internals::signature(&inputs)).unwrap();
    println!("{typed}");
    let counts = |graph| -> Array { evaluate(graph, &inputs, true).unwrap().remove(0) };
    let whole = counts(&typed);
    assert_eq!(whole.dtype, DType::I64);
    let expected = [50i64, 50, 3, 12, 50, 2].map(numfuse::Scalar::I64);
    assert_eq!(whole.elements, expected);
    let lowered = lower(&simplify(&typed));
    println!("{}", plan(&lowered));
    assert!(counts(&lowered).same(&whole));
    let run: ndarray::Array1<i64> = numfuse::internals::program(mandelbrot()).run(&inputs[..]).unwrap();
    assert_eq!(run.to_vec(), [50, 50, 3, 12, 50, 2]);
    for n in [0, 1, 15, 16, 127, 128, 129, 511, 512, 513, 5000] {
        let x = ndarray::Array1::from_shape_fn(n, |k| (k % 37) as f32 * 0.1 - 2.0);
        let all: ndarray::Array1<i64> =
            numfuse::internals::program(mandelbrot()).run(&[Input::from(&x)][..]).unwrap();
        let inputs = [Input::from(&x)];
        let typed = infer(&mandelbrot(), &numfuse::internals::signature(&inputs)).unwrap();
        let whole = evaluate(&typed, &inputs, true).unwrap().remove(0);
        for (k, n) in all.iter().enumerate() {
            assert_eq!(numfuse::Scalar::I64(*n), whole.elements[k], "{k}");
        }
    }
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

#[test]
fn a_variable_has_no_meaning_outside_of_its_loop() {
    use numfuse::Lazy;
    let x = [1.0, 2.0];
    let mut outside = None;
    let [r] = Lazy::repeat(3, [Lazy::new(&x)], |[r]| {
        outside = Some(r.clone());
        [r * 2.0]
    });
    for leaked in [outside.clone().unwrap(), r.clone() + outside.clone().unwrap()] {
        let error = leaked.eval::<ndarray::Array1<f64>>().unwrap_err();
        assert_eq!(error.message(), "a loop's variable is read outside of its loop");
    }
    assert_eq!(r.eval::<ndarray::Array1<f64>>().unwrap(), ndarray::array![8.0, 16.0]);
    let other = outside.unwrap();
    let [s] = Lazy::repeat(3, [Lazy::new(&x)], |[s]| [s + &other]);
    assert!(s.eval::<ndarray::Array1<f64>>().is_err());
}
