//! Text and lazy arrays are two fronts of one graph.

use ndarray::{Array1, Array2, ArrayD, NewAxis, array, s};
use numfuse::internals::graph;
use numfuse::{DType, ErrorKind, Lazy, Program, Reduction};

/// Asserts that a text and a lazy expression are the same graph, node for node.
#[track_caller]
fn same_graph(text: &str, lazy: &Lazy<'_>) {
    let (text_program, lazy_program) = (Program::compile(text).unwrap(), lazy.compile());
    assert_eq!(graph(&text_program).to_string(), graph(&lazy_program).to_string(), "{text}");
}

#[test]
fn both_fronts_build_the_same_graph() {
    let data = array![1.0, 2.0];
    let (x, y) = (Lazy::named("x", &data), Lazy::named("y", &[3.0, 4.0]));
    same_graph("2*(x - y)/(x + y)", &(2 * (&x - &y) / (&x + &y)));
    same_graph("x*y - 1", &(&x * &y - 1));
    same_graph("sum((x - y)**2)", &(&x - &y).powi(2).sum());
    same_graph("exp(-(x*x)/2)", &(-(&x * &x) / 2).exp());
    same_graph("sin(x)**2 + cos(x)**2", &(x.sin().powi(2) + x.cos().powi(2)));
    same_graph("where(y == 0, 0, x/y)", &y.equal(0).select(0, &x / &y));
    same_graph("(x > 1) & ~(y <= x) | (x != y)", &((x.greater(1) & !y.less_equal(&x)) | x.not_equal(&y)));
    same_graph("mean(f32(x), axis=-1) % 3", &(x.cast(DType::F32).mean_axis(-1) % 3));
    same_graph("maximum(x, 2.5)**0.5", &x.maximum(2.5).powf(0.5));
    same_graph("floor_divide(x, y) + abs(x)", &(x.floor_divide(&y) + x.abs()));
}

#[test]
fn both_fronts_look_at_arrays_alike() {
    let data = Array2::<f64>::zeros((0, 0));
    let (x, y) = (Lazy::named("x", &data), Lazy::named("y", &[3.0, 4.0]));
    let n = Lazy::named("n", 5);
    same_graph("x[:, None, 2]", &x.slice(s![.., NewAxis, 2]));
    same_graph("x.T @ y", &x.t().matmul(&y));
    same_graph("transpose(x, (1, 0)) + moveaxis(x, 0, -1)", &(x.permuted_axes(&[1, 0]) + x.move_axis(0, -1)));
    same_graph("windows(x, 3, axis=1)", &x.windows_along(&[3], 1));
    same_graph("diagonal(x, 1, -1, -2)", &x.diagonal_of(1, [-1, -2]));
    same_graph("squeeze(flip(x, (0, 1)), 0)", &x.flip(&[0, 1]).squeeze(0));
    same_graph("sum(x[x > 0])", &x.compress(x.greater(0)).sum());
    same_graph("take(y, x, axis=0) + take(y, x)", &(y.take(&x, 0) + y.take(&x, None)));
    same_graph("norm(x, 1) + norm(x, inf, axis=0)", &(x.norm(1.0) + x.norm_axis(f64::INFINITY, 0)));
    same_graph("norm(x, 3, axis=(0, 1))", &x.norm_axis(3.0, &[0, 1]));
    same_graph("ptp(x, axis=1) + nanmin(x, axis=1)", &(x.ptp_axis(1) + x.nanmin_axis(1)));
    let variance = x.reduction(Reduction::Var).axes(0).keepdims().ddof(1);
    same_graph("var(x, axis=0, keepdims=True, ddof=1)", &variance.clone().lazy());
    same_graph("nanvar(x, axis=0, keepdims=True, ddof=1)", &variance.without_nan().lazy());
    let mean = x.reduction(Reduction::Mean).masked(x.greater(0)).dtype(DType::F32);
    same_graph("mean(x, where=x > 0, dtype=f32)", &mean.lazy());
    same_graph("cumsum(x, 1) + cumprod(x)", &(x.cumsum(1) + x.cumprod(None)));
    same_graph("arange(n) + arange(1, n) + arange(0, n, 2)", &{
        Lazy::arange(&n) + Lazy::arange_from(1, &n) + Lazy::arange_by(0, &n, 2)
    });
    same_graph("arange(0, n, 1)", &Lazy::arange_by(0, &n, 1));
    same_graph("eye(n, 3, k=-1) + full((n, 3), y[0])", &{
        Lazy::eye_of(&n, 3, -1) + Lazy::full([n.clone(), 3.into()], y.slice(s![0]))
    });
    same_graph("tensordot(x, y, ([1], [0]))", &x.tensordot_along(&y, &[1], &[0]));
    same_graph("einsum('ij,j', x, y)", &Lazy::einsum("ij,j->i", [&x, &y]).unwrap());
}

/// `ndarray`'s slices differ from Python's: its panics are errors here, and a negative step reads a range backwards.
#[test]
#[allow(clippy::reversed_empty_ranges)] // negative ends count from the end
fn slices_are_those_of_ndarray() {
    let x = Array2::from_shape_fn((5, 7), |(i, j)| (10 * i + j) as f64);
    let a = Lazy::new(&x);
    macro_rules! check {
        ($($items:tt)*) => {
            let want = x.slice(s![$($items)*]).to_owned().into_dyn();
            assert_eq!(a.slice(s![$($items)*]).eval::<ArrayD<f64>>().unwrap(), want, stringify!($($items)*));
        };
    }
    check!(.., ..);
    check!(1..-1, ..;2);
    check!(..;-1, 2..6;-3);
    check!(-3.., 4);
    check!(2..2, NewAxis, ..=3);
    for (beyond, kind) in
        [(a.slice(s![..6, ..]), ErrorKind::Shape), (a.slice(s![.., .., ..]), ErrorKind::Axis)]
    {
        assert_eq!(beyond.eval::<ArrayD<f64>>().unwrap_err().kind(), kind);
    }
}

#[test]
fn what_no_operator_can_refuse_is_an_error_of_eval() {
    let (x, three, places) = (array![[1.0, 2.0]], array![1.0, 2.0, 3.0], array![7]);
    let a = Lazy::new(&x);
    for (wrong, kind) in [
        (a.reshape(&[3]), ErrorKind::Shape),
        (a.matmul(&three), ErrorKind::Shape),
        (a.swap_axes(0, 2), ErrorKind::Axis),
        (a.compress(a.greater(1.0)), ErrorKind::Unsupported),
        (a.take(&places, 1), ErrorKind::Domain),
        (Lazy::arange(-1.5).reshape(&[-1, 0]), ErrorKind::Shape),
    ] {
        assert_eq!(wrong.eval::<ArrayD<f64>>().unwrap_err().kind(), kind);
    }
    assert_eq!(Lazy::einsum("ij->ii", [&a]).unwrap_err().kind(), ErrorKind::Syntax);
    assert_eq!(Lazy::einsum("ij,jk", [&a]).unwrap_err().kind(), ErrorKind::Arity);
}

#[test]
fn an_array_wrapped_twice_is_one_input() {
    let data = array![1.0, 2.0, 3.0];
    let product = Lazy::new(&data) * Lazy::new(&data);
    assert_eq!(product.compile().inputs().count(), 1);
    assert_eq!(product.sum().eval::<f64>().unwrap(), 14.0);
}

#[test]
fn common_subexpressions_are_one_node() {
    let program = Program::compile("exp(x + y) / (1 + exp(x + y))").unwrap();
    let text = graph(&program).to_string();
    assert_eq!(text.matches("exp").count(), 1, "{text}");
}

#[test]
fn bare_numbers_are_weak_and_scalars_are_not() {
    let single = array![1.0f32, 2.0];
    let lazy = Lazy::new(&single);
    assert_eq!((2.0 * &lazy).result_type().unwrap().dtype, DType::F32);
    assert_eq!((&lazy * Lazy::scalar(2.0f64)).result_type().unwrap().dtype, DType::F64);
    let whole = array![1i32, 2];
    assert_eq!((Lazy::new(&whole) * 2).result_type().unwrap().dtype, DType::I32);
    assert_eq!((Lazy::new(&whole) * 2.5).result_type().unwrap().dtype, DType::F64);
    assert_eq!((Lazy::new(&whole) + (1i64 << 40)).result_type().unwrap().dtype, DType::I64);
}

#[test]
fn a_sum_of_many_terms_is_built_run_and_dropped() {
    let data = array![1.0, 2.0];
    let x = Lazy::new(&data);
    let mut total = x.clone();
    for _ in 1..100_000 {
        total += &x * 1.0;
    }
    let sum: Array1<f64> = total.eval().unwrap();
    assert_eq!(sum, array![100_000.0, 200_000.0]);
    drop(total);
}

#[test]
fn lazy_arrays_cross_threads() {
    let lazy = Lazy::from_owned(Array2::from_elem((30, 40), 0.5)).sum_axis(0);
    let sums: Array1<f64> = std::thread::spawn(move || lazy.eval()).join().unwrap().unwrap();
    assert_eq!(sums, Array1::from_elem(40, 15.0));
}

#[test]
fn errors_of_lazy_arrays_come_at_eval() {
    let (short, long) = (array![1.0, 2.0], array![1.0, 2.0, 3.0]);
    let error = (Lazy::new(&short) + Lazy::new(&long)).eval::<Array1<f64>>().unwrap_err();
    assert_eq!(error.kind(), numfuse::ErrorKind::Shape);
    assert!(error.to_string().contains("f64[2]") && error.to_string().contains("f64[3]"), "{error}");
}

#[test]
fn arrays_are_operands_and_arguments() {
    let (x, y) = (array![1.0f32, 4.0], array![3.0f32, 2.0]);
    fn larger<'a>(a: impl Into<Lazy<'a>>, b: impl Into<Lazy<'a>>) -> Lazy<'a> {
        a.into().maximum(b)
    }
    let a = Lazy::new(&x);
    assert_eq!((&a * &y).eval::<Array1<f32>>().unwrap(), array![3.0, 8.0]);
    assert_eq!((a - y.view()).eval::<Array1<f32>>().unwrap(), array![-2.0, 2.0]);
    assert_eq!(larger(&x, y.slice(ndarray::s![..;-1])).eval::<Array1<f32>>().unwrap(), array![2.0, 4.0]);
    assert_eq!(larger(&x, 2).eval::<Array1<f32>>().unwrap(), array![2.0, 4.0]);
}

#[test]
fn assigning_operators_and_sums_of_iterators_build_expressions() {
    let (x, bits) = (array![1.0f32, 4.0], array![1i32, 6]);
    let mut a = Lazy::new(&x);
    a += 1.0;
    a *= &x;
    a -= Lazy::new(&x);
    a /= 2;
    assert_eq!(a.eval::<Array1<f32>>().unwrap(), array![0.5, 8.0]);
    let mut b = Lazy::new(&bits);
    b <<= 2;
    b |= 1;
    b &= 7;
    assert_eq!(b.eval::<Array1<i32>>().unwrap(), array![5, 1]);
    let terms = [Lazy::new(&x), Lazy::new(&x) * 2.0];
    assert_eq!(terms.iter().sum::<Lazy<'_>>().eval::<Array1<f32>>().unwrap(), array![3.0, 12.0]);
    assert_eq!(terms.into_iter().product::<Lazy<'_>>().eval::<Array1<f32>>().unwrap(), array![2.0, 32.0]);
    assert_eq!([0i32; 0].into_iter().sum::<Lazy<'_>>().eval::<i64>().unwrap(), 0);
}

#[test]
fn small_powers_stay_within_their_bound() {
    let x = Array1::<f32>::from_shape_fn(100_000, |i| 1.0 + i as f32 * 1e-5);
    for n in [-4, -3, -2, -1, 2, 3, 4] {
        let powers: Array1<f32> = Lazy::new(&x).powi(n).eval().unwrap();
        for (x, power) in x.iter().zip(&powers) {
            let exact = f64::from(*x).powi(n);
            let ulp = f64::from((exact as f32).next_up() - exact as f32);
            assert!((f64::from(*power) - exact).abs() <= 4.0 * ulp, "{x}**{n} is {power}, not {exact}");
        }
    }
}
