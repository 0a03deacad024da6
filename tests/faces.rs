//! How arrays go in and come out: views, numbers, outputs, and what is refused.

use std::collections::{BTreeMap, HashMap};

use ndarray::{ArcArray1, Array1, Array2, ArrayD, Axis, Ix2, array, s};
use numfuse::{ErrorKind, Input, Options, Program, Value, eval, inputs};

#[test]
fn every_kind_of_array_is_an_input() {
    let owned = array![1.0, 2.0, 3.0];
    let shared: ArcArray1<f64> = owned.to_shared();
    let vector = vec![1.0, 2.0, 3.0];
    let slice: &[f64] = &vector;
    let program = Program::compile("sum(x)").unwrap();
    for input in [
        Input::from(&owned),
        Input::from(owned.view()),
        Input::from(&owned.view()),
        Input::from(&shared),
        Input::from(&vector),
        Input::from(slice),
        Input::from(&[1.0, 2.0, 3.0]),
    ] {
        assert_eq!(program.run::<f64>([input]).unwrap(), 6.0);
    }
    let empty: [Input<'_>; 0] = [];
    assert_eq!(Program::compile("2**10").unwrap().run::<i64>(empty).unwrap(), 1024);
}

#[test]
fn views_of_any_strides_are_read_in_place() {
    let base = Array2::from_shape_fn((7, 9), |(i, j)| (10 * i + j) as f64);
    let expected = |view: ndarray::ArrayView2<'_, f64>| view.mapv(|v| 2.0 * v + 1.0);
    for view in [
        base.view(),
        base.t(),
        base.slice(s![1..;2, ..;-1]),
        base.slice(s![..;-1, 3..4]),
        base.slice(s![2..2, ..]),
        base.row(3).insert_axis(Axis(0)),
        base.column(2).insert_axis(Axis(1)),
    ] {
        let result: Array2<f64> = eval!("2*x + 1", x = view).unwrap();
        assert_eq!(result, expected(view));
    }
    let repeated = base.row(1);
    let repeated = repeated.broadcast((5, 9)).unwrap();
    let result: Array2<f64> = eval!("2*repeated + 1", repeated).unwrap();
    assert_eq!(result, expected(repeated));
}

#[test]
fn results_lie_as_their_inputs_do() {
    let base = Array2::from_shape_fn((40, 30), |(i, j)| (i + j) as f32);
    let transposed = base.t();
    let result: Array2<f32> = eval!("x*2", x = transposed).unwrap();
    assert_eq!(result.strides(), transposed.strides());
    assert_eq!(result, transposed.mapv(|v| v * 2.0));
}

#[test]
fn outputs_may_have_any_strides() {
    let x = Array2::from_shape_fn((6, 8), |(i, j)| (i * 8 + j) as f64);
    let mut memory = Array2::from_elem((16, 12), -1.0);
    {
        let mut out = memory.slice_mut(s![..;2, ..;2]);
        let mut out = out.view_mut().reversed_axes();
        Program::compile("x + 0.5").unwrap().run_into(inputs! { x }, &mut out).unwrap();
        assert_eq!(out, x.mapv(|v| v + 0.5));
    }
    assert_eq!(memory.iter().filter(|v| **v == -1.0).count(), 16 * 12 - 48);
}

#[test]
fn a_wrong_output_is_refused_and_left_alone() {
    let x = array![1.0, 2.0, 3.0];
    let program = Program::compile("x > 1").unwrap();
    let mut floats = array![7.0, 7.0, 7.0];
    let error = program.run_into(inputs! { x }, &mut floats).unwrap_err();
    assert_eq!((error.kind(), floats), (ErrorKind::Output, array![7.0, 7.0, 7.0]));
    let mut short = array![true, true];
    assert_eq!(program.run_into(inputs! { x }, &mut short).unwrap_err().kind(), ErrorKind::Output);
    let mut fitting = array![true, true, true];
    program.run_into(inputs! { x }, &mut fitting).unwrap();
    assert_eq!(fitting, array![false, true, true]);
    // the same shape and strides as before, another type
    let mut again = Array1::<f64>::zeros(3);
    assert!(program.run_into(inputs! { x }, &mut again).is_err());
}

#[test]
fn a_result_of_another_type_is_refused_by_name() {
    let x = array![1i64, 2];
    let error = eval!("x / 2", x).map(|_: Array1<f32>| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Output);
    assert!(error.to_string().contains("f64[2]") && error.to_string().contains("f32"), "{error}");
    let error = eval!("x * 2", x).map(|_: ndarray::Array<i64, Ix2>| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Output);
    let any: Value = eval!("x * 2", x).unwrap();
    assert_eq!(any, Value::I64(array![2i64, 4].into_dyn()));
    let dynamic: ArrayD<i64> = eval!("x * 2", x).unwrap();
    assert_eq!(dynamic.shape(), [2]);
}

#[test]
fn missing_inputs_are_named_with_the_nearest() {
    let temperature = array![1.0];
    let error =
        Program::compile("temprature * 2").unwrap().run::<Value>(inputs! { temperature }).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownName);
    assert!(error.to_string().contains("did you mean `temperature`?"), "{error}");
    let error = Program::compile("a + b").unwrap().run::<Value>([Input::from(1.0)]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
}

#[test]
fn an_input_cannot_hide_behind_a_constant() {
    let e = array![1.0, 2.0];
    let error = eval!("2*e", e).map(|_: Value| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert!(error.to_string().contains("`e` cannot name an input"), "{error}");
}

#[test]
fn what_users_write_instead_is_named_in_the_help() {
    let x = array![1.0f32, 2.0];
    for (text, says) in [
        ("x and True", "`x` is f32[2], not boolean"),
        ("sum(x, axis=1)", "`x` is f32[2]: it has 1 axis, and no axis 1"),
        ("x ^ 2", "`**`"),
        ("x > 1 & x < 2", "(a > 1) & (b < 2)"),
        ("max(x, x)", "`maximum(a, b)`"),
        ("median(x)", "sort a copy"),
        ("x[x > 1]", "where(mask, x, 0)"),
        ("SUM(x)", "did you mean `sum`?"),
    ] {
        let error = Program::compile(text).and_then(|p| p.run::<Value>(inputs! { x })).unwrap_err();
        assert!(error.to_string().contains(says), "{text}: {error}");
    }
}

#[test]
fn numbers_take_the_type_of_what_they_meet() {
    let (single, whole) = (array![1.0f32, 2.0], array![1i32, 2]);
    let k = 2.5;
    let _: Array1<f32> = eval!("k*single", k, single).unwrap();
    let _: Array1<f64> = eval!("k*whole", k, whole).unwrap();
    let _: Array1<i32> = eval!("n*whole", n = 3i64, whole).unwrap();
    let _: Array1<i64> = eval!("n*whole", n = 1i64 << 40, whole).unwrap();
    let strong = Program::compile("k*x").unwrap();
    let _: Array1<f64> = strong.run([("k", Input::scalar(2.5)), ("x", Input::from(&single))]).unwrap();
}

#[test]
fn one_program_serves_many_threads_types_and_shapes() {
    let program = Program::compile("sum(a*b + 1)").unwrap().with_options(Options::new().threads(2));
    std::thread::scope(|scope| {
        for thread in 0..4usize {
            let program = program.clone();
            scope.spawn(move || {
                for n in [0, 1, 31, 513, 20_000 + thread] {
                    let a = Array1::from_elem(n, 2.0);
                    let b = Array1::from_elem(n, 3i32);
                    let sum: f64 = program.run(inputs! { a, b }).unwrap();
                    assert_eq!(sum, 7.0 * n as f64);
                    let sum: i64 = program.run(inputs! { a = b, b }).unwrap();
                    assert_eq!(sum, 10 * n as i64);
                }
            });
        }
    });
}

#[test]
fn a_forced_instruction_set_that_is_missing_is_an_error() {
    let x = array![1.0];
    for isa in numfuse::Isa::ALL {
        let program = Program::compile("x + 1").unwrap().with_options(Options::new().isa(isa));
        match program.run::<Array1<f64>>(inputs! { x }) {
            Ok(result) => assert!(isa.is_available() && result == array![2.0]),
            Err(error) => assert!(!isa.is_available() && error.kind() == ErrorKind::Isa),
        }
    }
}

#[test]
fn vectors_and_fixed_arrays_are_outputs() {
    let x = [1.0, 2.0];
    let program = Program::compile("2*x").unwrap();
    let (mut vector, mut fixed) = (vec![0.0; 2], [0.0; 2]);
    program.run_into(inputs! { x }, &mut vector).unwrap();
    program.run_into(inputs! { x }, &mut fixed).unwrap();
    assert_eq!((vector, fixed), (vec![2.0, 4.0], [2.0, 4.0]));
    assert!(program.run_into(inputs! { x }, &mut [0.0; 3]).is_err());
}

#[test]
fn values_convert_to_arrays_and_back() {
    let value = Value::from(array![1i64, 2]);
    let error = Array1::<f64>::try_from(value.clone()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Output);
    assert!(error.to_string().contains("i64[2]"), "{error}");
    assert_eq!(Array1::<i64>::try_from(value).unwrap(), array![1, 2]);
}

#[test]
fn a_table_of_named_columns_is_an_input() {
    let (price, count) = (array![1.5f32, 2.0], array![2.0f32, 3.0]);
    let columns = [("price".to_owned(), Input::from(&price)), ("count".to_owned(), Input::from(&count))];
    let program = Program::compile("sum(price*count)").unwrap();
    assert_eq!(program.text(), Some("sum(price*count)"));
    assert_eq!(program.run::<f32>(&columns).unwrap(), 9.0);
    assert_eq!(program.run::<f32>(HashMap::from(columns.clone())).unwrap(), 9.0);
    assert_eq!(program.run::<f32>(&BTreeMap::from(columns.clone())).unwrap(), 9.0);
    let error = Program::compile("prise").unwrap().run::<Value>(HashMap::from(columns)).unwrap_err();
    assert!(error.to_string().contains("did you mean `price`?"), "{error}");
}

#[test]
fn an_axis_of_one_element_may_have_any_stride() {
    use ndarray::{ArrayView1, ShapeBuilder};
    let data = [3.0];
    let view = ArrayView1::from_shape((1,).strides((isize::MAX as usize,)), &data).unwrap();
    let result: Array1<f64> = eval!("x + 1", x = view).unwrap();
    assert_eq!(result, array![4.0]);
}
