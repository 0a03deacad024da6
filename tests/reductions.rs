//! Every reduction over every set of axes, at the sizes where its order changes: lanes, tiles, blocks, runs, and the
//! parts that threads take. Bit for bit against the reference interpreter, on a graphics card too.

mod agreement;
mod engine;
mod stored;

use numfuse::internals::interpret;
use numfuse::{DType, Input, Program, Scalar};

use agreement::difference;
use engine::{card, ways};
use stored::{Layout, Stored};

/// Elements whose sum shows every change of order: of all magnitudes, and of both signs.
fn rough(dtype: DType, count: usize) -> Vec<Scalar> {
    let value = |k: usize| {
        let bits = (k as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let float = ((bits >> 11) as f64 / (1u64 << 53) as f64 - 0.5) * 10f64.powi((bits % 9) as i32);
        match dtype {
            DType::Bool => Scalar::Bool(bits.is_multiple_of(3)),
            DType::I32 => Scalar::I32((bits >> 40) as i32 - (1 << 23)),
            DType::I64 => Scalar::I64(bits as i64),
            DType::F32 => Scalar::F32(float as f32),
            _ => Scalar::F64(float),
        }
    };
    (0..count).map(value).collect()
}

/// Checks one array with each of these expressions of `x`.
fn check(dtype: DType, shape: &[usize], texts: &[String]) {
    let elements = rough(dtype, shape.iter().product());
    let x = Stored::new(dtype, shape, &elements, &Layout::c_order(shape));
    let inputs = [("x", x.input())];
    for text in texts {
        let expected = interpret(text, &inputs, true);
        let program = Program::compile(text).unwrap();
        for way in ways(&[1, 2, 7], &[0, 64]) {
            let got = way.run(&program, &inputs);
            if let Some(difference) = difference(&expected, &got, false) {
                panic!("{text} of {dtype}{shape:?}, {way:?}: {difference}");
            }
        }
        if let Some(got) = card::run(&program, &inputs)
            && let Some(difference) = difference(&interpret(text, &inputs, false), &got, false)
        {
            panic!("{text} of {dtype}{shape:?}, on a card: {difference}");
        }
    }
}

/// Every non-empty set of the axes of an array of this rank, as text.
fn axis_sets(rank: usize) -> Vec<String> {
    let list = |set: usize| {
        let axes: Vec<String> =
            (0..rank).filter(|axis| set >> axis & 1 == 1).map(|axis| axis.to_string()).collect();
        format!("({},)", axes.join(", "))
    };
    (1..1 << rank).map(list).collect()
}

#[test]
fn rows_change_at_lanes_tiles_and_blocks() {
    let lengths = [
        0,
        1,
        2,
        15,
        16,
        17,
        31,
        32,
        33,
        63,
        64,
        65,
        511,
        512,
        513,
        1023,
        1024,
        1025,
        4063,
        4095,
        4096,
        4097,
        4129,
        8191,
        8192,
        8193,
        3 * 4096,
        3 * 4096 + 1,
        5 * 4096 + 33,
    ];
    let texts = ["sum(x)", "mean(x)"].map(str::to_owned);
    for length in lengths {
        for dtype in [DType::F64, DType::F32] {
            check(dtype, &[length], &texts);
        }
    }
}

#[test]
fn outer_axes_change_at_runs() {
    let texts = ["sum(x, axis=0)", "mean(x*0.5, axis=0, keepdims=True)"].map(str::to_owned);
    for rows in [1, 2, 127, 128, 129, 255, 256, 257, 128 * 3 + 1, 128 * 5 + 7] {
        for columns in [2, 33] {
            check(DType::F64, &[rows, columns], &texts);
        }
        check(DType::F32, &[rows, 3], &texts);
    }
}

#[test]
fn any_axes_of_any_array() {
    let shapes: [&[usize]; 9] = [
        &[],
        &[7],
        &[3, 5],
        &[129, 33],
        &[2, 130, 3],
        &[131, 2, 34],
        &[2, 1, 260],
        &[2, 3, 129, 5],
        &[3, 0, 2],
    ];
    for shape in shapes {
        let axes = axis_sets(shape.len());
        let texts: Vec<String> = axes
            .iter()
            .flat_map(|axes| {
                [format!("sum(x, axis={axes})"), format!("sum(x - 1, axis={axes}, keepdims=True) + x")]
            })
            .chain(["sum(x, axis=())".to_owned()])
            .collect();
        check(DType::F64, shape, &texts);
        check(DType::F32, shape, &texts);
    }
}

#[test]
fn every_reduction_of_every_type() {
    for shape in [&[300usize] as &[usize], &[140, 33], &[0, 3], &[3, 0]] {
        for name in ["sum", "prod", "min", "max", "mean", "any", "all"] {
            let texts: Vec<String> =
                ["", ", axis=0", ", axis=-1, keepdims=True"].map(|axes| format!("{name}(x{axes})")).into();
            for dtype in DType::ALL {
                check(dtype, shape, &texts);
            }
        }
    }
}

/// Blocks and runs that several threads take, and partial results that are merged at the end.
#[test]
fn large_arrays_are_cut_in_parts() {
    check(DType::F64, &[70 * 4096 + 5], &["sum(x)".to_owned(), "mean(x*x)".to_owned()]);
    check(DType::F64, &[128 * 30 + 3, 40], &["sum(x, axis=0)".to_owned(), "sum(x)".to_owned()]);
    check(DType::F32, &[3, 50_000], &["sum(x, axis=1)".to_owned(), "sum(x, axis=0)".to_owned()]);
    check(DType::F32, &[100, 1030], &["sum(x, axis=1)".to_owned(), "sum(x, axis=(0, 1))".to_owned()]);
}

/// Axes in another memory order are summed in another order, which moves the last bits alone.
#[test]
fn other_memory_orders_are_as_near() {
    let shape = [5usize, 66, 7];
    for order in [[0usize, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut layout = Layout::c_order(&shape);
        let mut step = 1;
        for axis in order.into_iter().rev() {
            layout.steps[axis] = step;
            step *= shape[axis] as isize;
        }
        let x = Stored::new(DType::F64, &shape, &rough(DType::F64, 5 * 66 * 7), &layout);
        let inputs = [("x", x.input())];
        for axes in axis_sets(3) {
            let text = format!("sum(x, axis={axes})");
            let magnitude = interpret(&format!("sum(abs(x), axis={axes})"), &inputs, true).unwrap();
            let expected = interpret(&text, &inputs, true).unwrap();
            let program = Program::compile(&text).unwrap();
            for way in ways(&[1], &[0, 64]) {
                let got = way.run(&program, &inputs).unwrap();
                assert_eq!(got.shape, expected.shape);
                for ((got, expected), magnitude) in
                    got.elements.iter().zip(&expected.elements).zip(&magnitude.elements)
                {
                    let (Scalar::F64(got), Scalar::F64(expected), Scalar::F64(magnitude)) =
                        (*got, *expected, *magnitude)
                    else {
                        panic!("{text} is not f64");
                    };
                    let error = (got - expected).abs();
                    assert!(
                        error <= 1e-14 * magnitude,
                        "{text} of axes in order {order:?}: {got}, not {expected}"
                    );
                }
            }
        }
    }
}

/// Min and max see every NaN, and -0 below +0, wherever they stand.
#[test]
fn extremes_see_every_element() {
    for length in [1usize, 33, 4097, 5000] {
        for at in [0, length / 2, length - 1] {
            let mut values = vec![1.0f64; length];
            values[at] = f64::NAN;
            for text in ["min(x)", "max(x)"] {
                let program = Program::compile(text).unwrap();
                assert!(
                    program.run::<f64>([("x", Input::from(&values))]).unwrap().is_nan(),
                    "{text} at {at}"
                );
            }
            let mut zeros = vec![0.0f64; length];
            zeros[at] = -0.0;
            let least: f64 = Program::compile("min(x)").unwrap().run([("x", Input::from(&zeros))]).unwrap();
            assert!(least.is_sign_negative());
            let mut zeros = vec![-0.0f64; length];
            zeros[at] = 0.0;
            let most: f64 = Program::compile("max(x)").unwrap().run([("x", Input::from(&zeros))]).unwrap();
            assert!(most.is_sign_positive());
        }
    }
}
