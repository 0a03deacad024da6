//! Shapes and strides that the executor treats in ways of their own: outer differences, transposed operands, windows,
//! narrow axes, rows with tails. Bit for bit against the reference interpreter, for every way to run, on a graphics card
//! too.

mod agreement;
mod engine;
mod stored;

use numfuse::internals::interpret;
use numfuse::{DType, Input, Program, Scalar};

use agreement::difference;
use engine::{card, ways};
use stored::{Layout, Stored};

fn elements(dtype: DType, count: usize, seed: u64) -> Vec<Scalar> {
    let value = |k: usize| {
        let bits = (k as u64 + 1 + (seed << 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let float = ((bits >> 11) as f64 / (1u64 << 53) as f64 - 0.5) * 10f64.powi((bits % 7) as i32);
        match dtype {
            DType::F32 => Scalar::F32(float as f32),
            DType::I16 => Scalar::I16((bits >> 48) as i16),
            DType::I64 => Scalar::I64(bits as i64 >> 20),
            DType::C128 => Scalar::C128(numfuse::Complex::new(float, 1.0 - float)),
            DType::Bool => Scalar::Bool(bits.is_multiple_of(3)),
            _ => Scalar::F64(float),
        }
    };
    (0..count).map(value).collect()
}

/// An array whose axes lie in memory in this order, outermost first, with room for `gap` more elements along each.
fn ordered(dtype: DType, shape: &[usize], order: &[usize], gap: usize, seed: u64) -> Stored {
    let mut layout = Layout::c_order(shape);
    let mut step = 1;
    for axis in order.iter().rev() {
        layout.steps[*axis] = step as isize;
        step *= shape[*axis] + gap;
    }
    layout.length = step;
    Stored::new(dtype, shape, &elements(dtype, shape.iter().product(), seed), &layout)
}

fn c_order(dtype: DType, shape: &[usize], seed: u64) -> Stored {
    let order: Vec<usize> = (0..shape.len()).collect();
    ordered(dtype, shape, &order, 0, seed)
}

/// Runs each text in many ways, where seven threads are there to help.
fn check(texts: &[&str], inputs: &[(&str, &Stored)]) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(7).build().unwrap();
    pool.install(|| {
        let inputs: Vec<(&str, Input<'_>)> = inputs.iter().map(|(name, x)| (*name, x.input())).collect();
        for text in texts {
            let answers = [true, false].map(|fused| interpret(text, &inputs, fused));
            let program = Program::compile(text).unwrap();
            for way in ways(&[1, 7], &[0, 64]) {
                let expected = &answers[usize::from(!way.isa.has_fma())];
                if let Some(difference) = difference(expected, &way.run(&program, &inputs), false) {
                    panic!("{text}, {way:?}: {difference}");
                }
            }
            if let Some(got) = card::run(&program, &inputs)
                && let Some(difference) = difference(&answers[1], &got, false)
            {
                panic!("{text}, on a card: {difference}");
            }
        }
    });
}

#[test]
fn outer_differences_are_reduced_along_any_axes() {
    for (m, n, k) in [(5, 70, 3), (40, 33, 50), (37, 130, 8), (3, 9, 300), (20, 17, 129), (70, 5, 128)] {
        let (x, y) = (c_order(DType::F64, &[m, 1, k], 1), c_order(DType::F64, &[1, n, k], 2));
        let weights = c_order(DType::F32, &[k], 3);
        check(
            &[
                "sum(abs(x - y), axis=-1)",
                "sum((x - y)**2*w, axis=-1)",
                "max(x*y + w, axis=2)",
                "sum(x*y, axis=(0, 2))",
                "mean(x - y, axis=1)",
                "sum(where(x > y, x, w), axis=(1, 2))",
                "prod(1 + x*y/1e9, axis=0)",
            ],
            &[("x", &x), ("y", &y), ("w", &weights)],
        );
    }
}

#[test]
fn other_types_are_laid_out_too() {
    for (dtype, other) in [
        (DType::F32, DType::I16),
        (DType::I16, DType::I16),
        (DType::C128, DType::F64),
        (DType::Bool, DType::I64),
    ] {
        let (x, y) = (c_order(dtype, &[30, 1, 20], 1), c_order(other, &[1, 45, 20], 2));
        check(&["sum(x*y, axis=-1)", "sum(y + x, axis=(0, 2))", "x + y"], &[("x", &x), ("y", &y)]);
    }
    let swapped = Layout { swapped: true, ..Layout::c_order(&[1, 45, 20]) };
    let y = Stored::new(DType::F64, &[1, 45, 20], &elements(DType::F64, 900, 2), &swapped);
    let x = c_order(DType::F64, &[30, 1, 20], 1);
    check(&["sum(abs(x - y), axis=-1)", "x*y"], &[("x", &x), ("y", &y)]);
}

/// Nothing is summed in another order here, so that memory order has no say.
#[test]
fn transposed_operands_are_read_in_blocks() {
    for shape in [[70usize, 70], [33, 129], [530, 37], [4, 1000], [1000, 3]] {
        for dtype in [DType::F64, DType::F32, DType::I16, DType::C128, DType::Bool] {
            let x = c_order(dtype, &shape, 1);
            for gap in [0, 3] {
                let y = ordered(dtype, &shape, &[1, 0], gap, 2);
                let (row, column) =
                    (c_order(DType::F64, &shape[1..], 3), c_order(DType::F64, &[shape[0], 1], 4));
                let inputs = [("x", &x), ("y", &y), ("r", &row), ("c", &column)];
                check(&["x + y", "x*y + r*c", "where(x == y, r, c) + y"], &inputs);
            }
        }
    }
    let shape = [9usize, 40, 35];
    let x = c_order(DType::F64, &shape, 1);
    for order in [[0usize, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (y, z) =
            (ordered(DType::F64, &shape, &order, 0, 2), ordered(DType::F32, &shape, &[2, 1, 0], 1, 3));
        check(
            &["x - y", "x*y + z", "max(x*y + z, axis=1)", "min(y, axis=(0, 2))"],
            &[("x", &x), ("y", &y), ("z", &z)],
        );
    }
}

#[test]
fn windows_overlap() {
    let (rows, columns) = (37usize, 141);
    for (high, wide) in [(5usize, 5usize), (3, 1), (1, 7), (11, 11)] {
        let shape = [rows - high + 1, columns - wide + 1, high, wide];
        let image = elements(DType::F64, rows * columns, 1);
        let strides = [columns as isize, 1, columns as isize, 1];
        let value = |k: usize| {
            let (mut rest, mut place) = (k, 0);
            for (extent, stride) in shape.iter().zip(strides).rev() {
                place += (rest % extent) * stride as usize;
                rest /= extent;
            }
            image[place]
        };
        let seen: Vec<Scalar> = (0..shape.iter().product()).map(value).collect();
        let layout = Layout { steps: strides.to_vec(), length: rows * columns, ..Layout::c_order(&shape) };
        let windows = Stored::new(DType::F64, &shape, &seen, &layout);
        let weights = c_order(DType::F64, &[high, wide], 2);
        check(&["sum(x*w, axis=(2, 3))", "max(x, axis=(2, 3))"], &[("x", &windows), ("w", &weights)]);
    }
}

#[test]
fn narrow_axes_are_kept_inside() {
    let shapes: [&[usize]; 9] = [
        &[1000, 3],
        &[129, 2],
        &[128, 2],
        &[4100, 16],
        &[4100, 17],
        &[9000, 5],
        &[7, 300, 4],
        &[3, 130, 2, 5],
        &[50, 40, 3],
    ];
    for shape in shapes {
        let x = c_order(DType::F64, shape, 1);
        let weights = c_order(DType::F64, &shape[shape.len() - 1..], 2);
        let texts = ["sum(x, axis=0)", "mean(x*w, axis=-2)", "sum(x - w, axis=-1)", "x - mean(x, axis=0)"];
        check(&texts, &[("x", &x), ("w", &weights)]);
        for dtype in [DType::F32, DType::I16, DType::C128, DType::Bool] {
            let x = c_order(dtype, shape, 3);
            check(&["sum(x, axis=-2)", "prod(x, axis=-1)", "sum(x)"], &[("x", &x)]);
        }
    }
}

#[test]
fn rows_with_tails_are_whole() {
    for columns in [1usize, 15, 17, 500, 513, 1030, 2500] {
        let shape = [9usize, columns];
        let plain = c_order(DType::F64, &shape, 1);
        let gaps = ordered(DType::F64, &shape, &[0, 1], 5, 1);
        let narrow = c_order(DType::I16, &shape, 4);
        let (row, column) = (c_order(DType::F64, &shape[1..], 2), c_order(DType::F64, &[9, 1], 3));
        for x in [&plain, &gaps] {
            let inputs = [("x", x), ("n", &narrow), ("r", &row), ("c", &column)];
            check(&["x + r*c", "sqrt(abs(x))*c + n", "sum(x*r + c, axis=1)", "sum(x*c, axis=0)"], &inputs);
        }
    }
}
