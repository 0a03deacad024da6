//! The fold that variances are made of, over every set of axes, at the sizes where the order changes: bit for bit
//! against the reference interpreter, before lowering and after, and on a graphics card.

mod agreement;
mod engine;
mod stored;

use numfuse::internals::{evaluate, graph, infer, lower, signature, simplify};
use numfuse::{DType, Input, Lazy, Program, Reduction, Scalar};

use agreement::difference;
use engine::{card, ways};
use stored::{Layout, Stored};

/// Elements of many magnitudes about a mean that is none of them.
fn rough(dtype: DType, count: usize) -> Vec<Scalar> {
    let value = |k: usize| {
        let bits = (k as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let float = 7.0 + ((bits >> 11) as f64 / (1u64 << 53) as f64 - 0.5) * 10f64.powi((bits % 5) as i32);
        match dtype {
            DType::I32 => Scalar::I32((bits >> 40) as i32 - (1 << 23)),
            DType::F32 => Scalar::F32(float as f32),
            _ => Scalar::F64(float),
        }
    };
    (0..count).map(value).collect()
}

fn check_elements(dtype: DType, shape: &[usize], axes: Option<&[i32]>, elements: &[Scalar]) {
    let x = Stored::new(dtype, shape, elements, &Layout::c_order(shape));
    let array = Lazy::named("x", x.input());
    let (moments, kept) = [false, true].map(|keep| array.reduce(Reduction::Moments, axes, keep)).into();
    // the pair, and both parts at full size
    for result in [moments, (&array - kept.real()) * (&array * kept.imag())] {
        check_program(&result.compile(), &x, &format!("{dtype}{shape:?}, axes {axes:?}"));
    }
}

fn check_program(program: &Program, x: &Stored, what: &str) {
    let inputs: Vec<Input<'_>> = vec![x.input()];
    let typed = infer(graph(program), &signature(&inputs)).unwrap();
    typed.verify().unwrap();
    let lowered = lower(&simplify(&typed));
    lowered.verify().unwrap();
    let mut expected = evaluate(&typed, &inputs, true).unwrap();
    let expected = Ok(expected.remove(0));
    let again = evaluate(&lowered, &inputs, true).map(|mut arrays| arrays.remove(0));
    assert_eq!(difference(&expected, &again, false), None, "lowered, {what}");
    for way in ways(&[1, 7], &[0, 64]) {
        let got = way.run(program, &[("x", x.input())]);
        if let Some(difference) = difference(&expected, &got, false) {
            panic!("{what}, {way:?}: {difference}");
        }
    }
    if let Some(got) = card::run(program, &[("x", x.input())]) {
        let strict = evaluate(&typed, &inputs, false).map(|mut arrays| arrays.remove(0));
        assert_eq!(difference(&strict, &got, false), None, "on a card, {what}");
    }
}

fn check(dtype: DType, shape: &[usize], axes: Option<&[i32]>) {
    check_elements(dtype, shape, axes, &rough(dtype, shape.iter().product()));
}

#[test]
fn rows_change_at_lanes_tiles_and_blocks() {
    for length in [0, 1, 2, 31, 32, 33, 65, 511, 513, 1025, 4095, 4096, 4097, 8193, 3 * 4096 + 1] {
        check(DType::F64, &[length], None);
        check(DType::F32, &[3, length], Some(&[1]));
    }
}

#[test]
fn columns_change_at_runs() {
    for rows in [1, 2, 127, 128, 129, 256, 257, 128 * 5 + 7] {
        check(DType::F64, &[rows, 33], Some(&[0]));
        check(DType::F32, &[rows, 3], Some(&[0]));
    }
    check(DType::F64, &[129, 600], Some(&[0])); // more than a tile of columns
}

#[test]
fn any_axes_of_any_array() {
    let shapes: [&[usize]; 7] =
        [&[], &[3, 5], &[129, 33], &[2, 130, 3], &[2, 1, 260], &[2, 3, 129, 5], &[3, 0, 2]];
    for shape in shapes {
        check(DType::F64, shape, Some(&[]));
        for set in 1..1usize << shape.len() {
            let axes: Vec<i32> = (0..shape.len() as i32).filter(|axis| set >> axis & 1 == 1).collect();
            check(DType::F64, shape, Some(&axes));
            check(DType::F32, shape, Some(&axes));
        }
    }
}

/// Blocks and runs that several threads take, and partial results that are merged at the end.
#[test]
fn large_arrays_are_cut_in_parts() {
    check(DType::F64, &[9 * 4096 + 5], None);
    check(DType::F64, &[128 * 10 + 3, 40], Some(&[0]));
    check(DType::F32, &[3, 20_000], Some(&[1]));
}

#[test]
fn what_is_not_finite_is_seen_wherever_it_stands() {
    for special in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, -0.0] {
        for shape in [&[70usize, 2] as &[usize], &[2, 70], &[1, 1], &[5000, 1]] {
            let mut elements = rough(DType::F64, shape.iter().product());
            let middle = elements.len() / 2;
            elements[middle] = Scalar::F64(special);
            for axes in [&[0] as &[i32], &[1], &[0, 1], &[]] {
                check_elements(DType::F64, shape, Some(axes), &elements);
            }
        }
    }
}

#[test]
fn of_nothing_the_mean_is_nan() {
    let nothing: [f64; 0] = [];
    let moments = Lazy::new(&nothing).reduce(Reduction::Moments, None, false);
    assert!(moments.real().eval::<f64>().unwrap().is_nan());
    assert_eq!(moments.imag().eval::<f64>().unwrap(), 0.0);
}

#[test]
fn moments_of_integers_are_those_of_floats() {
    check(DType::I32, &[100], None);
    check(DType::I32, &[130, 3], Some(&[0]));
}

#[test]
fn complex_numbers_have_no_moments() {
    let z = [numfuse::Complex::new(1.0, 2.0)];
    let error = Lazy::new(&z).reduce(Reduction::Moments, None, false).eval::<f64>().unwrap_err();
    assert!(error.message().contains("complex numbers"), "{error}");
}
