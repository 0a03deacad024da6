//! Host arrays of every layout and type, there and back.

use numfuse::internals::Array;
use numfuse::ndarray::{Array2, ArrayD, IxDyn, array};
use numfuse::{DType, Program, Scalar, Value};

use crate::engine::{array as elements_of, card};
use crate::programs::{assert_same, elements, stored, strictly};
use crate::stored::{Layout, Stored};

/// Layouts of an array of 13 rows and 7 columns.
fn layouts() -> Vec<(&'static str, Layout)> {
    let plain = Layout::c_order(&[13, 7]);
    vec![
        ("C order", plain.clone()),
        ("transposed", Layout { steps: vec![1, 13], ..plain.clone() }),
        ("rows backwards", Layout { steps: vec![-7, 1], offset: 12 * 7, ..plain.clone() }),
        ("columns backwards", Layout { steps: vec![7, -1], offset: 6, ..plain.clone() }),
        ("all backwards, transposed", Layout { steps: vec![-1, -13], offset: 90, ..plain.clone() }),
        ("gaps", Layout { steps: vec![20, 2], length: 13 * 20, ..plain.clone() }),
        ("swapped", Layout { swapped: true, ..plain.clone() }),
        (
            "swapped, transposed, gaps",
            Layout { swapped: true, steps: vec![3, 40], length: 300, ..plain.clone() },
        ),
        ("unaligned", Layout { skew: 1, ..plain.clone() }),
        (
            "unaligned, swapped, backwards",
            Layout { skew: 3, swapped: true, steps: vec![-7, 1], offset: 84, ..plain.clone() },
        ),
    ]
}

#[test]
fn every_layout_of_every_type_goes_there_and_back() {
    let Some(device) = card::device() else { return };
    for dtype in DType::ALL {
        let elements = elements(dtype, 13 * 7, 3);
        for (what, layout) in layouts() {
            let x = Stored::new(dtype, &[13, 7], &elements, &layout);
            let there = device.upload(x.input()).unwrap();
            assert_eq!((there.dtype(), there.shape()), (dtype, &[13usize, 7][..]));
            let back = elements_of(there.download::<Value>().unwrap());
            let expected = Array { dtype, shape: vec![13, 7], elements: elements.clone() };
            assert_same(&expected, &back, &format!("{dtype}, {what}"));
        }
    }
}

#[test]
fn every_layout_of_every_type_is_computed_with() {
    let Some(device) = card::device() else { return };
    let y = stored(DType::F64, &[13, 7], 5);
    for dtype in DType::ALL {
        let elements = elements(dtype, 13 * 7, 3);
        for (what, layout) in layouts() {
            let x = Stored::new(dtype, &[13, 7], &elements, &layout);
            let given = [("x", x.input()), ("y", y.input())];
            for text in ["x + y", "x", "where(x == x[:, :1], y, x)", "sum(x, axis=0)"] {
                let program = Program::compile(text).unwrap();
                let got = card::run_on(device, &program, &given).unwrap();
                assert_same(&strictly(text, &given), &got, &format!("{text} of {dtype}, {what}"));
            }
        }
    }
}

/// A stride of 0, along any axis: elements are there once.
#[test]
fn what_repeats_along_an_axis() {
    let Some(device) = card::device() else { return };
    for (shape, steps, length) in [
        (&[5usize, 9] as &[usize], vec![0isize, 1], 9),
        (&[5, 9], vec![1, 0], 5),
        (&[5, 9], vec![0, 0], 1),
        (&[4, 5, 9], vec![9, 0, 1], 36),
    ] {
        let count: usize = shape.iter().product();
        let mut place = vec![0.0; count];
        for (k, value) in place.iter_mut().enumerate() {
            let (mut rest, mut at) = (k, 0);
            for (extent, step) in shape.iter().zip(&steps).rev() {
                at += (rest % extent) as isize * step;
                rest /= extent;
            }
            *value = at as f64 + 0.5;
        }
        let elements: Vec<Scalar> = place.into_iter().map(Scalar::F64).collect();
        let layout = Layout { steps, length, ..Layout::c_order(shape) };
        let x = Stored::new(DType::F64, shape, &elements, &layout);
        let there = device.upload(x.input()).unwrap();
        let back = elements_of(there.download::<Value>().unwrap());
        let expected = Array { dtype: DType::F64, shape: shape.to_vec(), elements };
        assert_same(&expected, &back, &format!("{shape:?}"));
        for text in ["x*2", "sum(x)", "sum(x, axis=0)", "x + x[::-1]", "max(x, axis=-1)"] {
            let program = Program::compile(text).unwrap();
            let given = [("x", x.input())];
            let got = card::run_on(device, &program, &given).unwrap();
            assert_same(&strictly(text, &given), &got, &format!("{text} of {shape:?}"));
            let resident = program.run_on(device, [("x", &there)]).unwrap();
            let resident = elements_of(resident.download::<Value>().unwrap());
            assert_same(&got, &resident, &format!("{text} of {shape:?}, uploaded"));
        }
    }
}

#[test]
fn arrays_without_elements_or_axes() {
    let Some(device) = card::device() else { return };
    for shape in [&[0usize] as &[usize], &[3, 0], &[0, 3], &[2, 0, 4], &[]] {
        for dtype in [DType::F64, DType::F32, DType::I16, DType::C128, DType::Bool] {
            let x = stored(dtype, shape, 1);
            let given = [("x", x.input())];
            for text in ["x", "x == x", "sum(x)", "prod(x, axis=())", "any(x)", "x.T*True", "mean(x)"] {
                let program = Program::compile(text).unwrap();
                let got = card::run_on(device, &program, &given);
                let got = got.unwrap_or_else(|error| panic!("{text} of {dtype}{shape:?}: {error}"));
                assert_same(&strictly(text, &given), &got, &format!("{text} of {dtype}{shape:?}"));
            }
            for axis in 0..shape.len() {
                let text = format!("sum(x, axis={axis})");
                let program = Program::compile(&text).unwrap();
                let got = card::run_on(device, &program, &given).unwrap();
                assert_same(&strictly(&text, &given), &got, &format!("{text} of {dtype}{shape:?}"));
            }
        }
    }
}

/// A result keeps the memory order that the processor gives it.
#[test]
fn fortran_order_stays() {
    let Some(device) = card::device() else { return };
    let x = Array2::from_shape_fn((3, 4), |(i, j)| (i * 4 + j) as f64);
    let turned = x.t();
    let there = device.upload(turned).unwrap();
    let result = Program::compile("x + 1").unwrap().run_on(device, [("x", &there)]).unwrap();
    let got: Array2<f64> = result.download().unwrap();
    assert_eq!(got, &turned + 1.0);
    let expected: Array2<f64> =
        Program::compile("x + 1").unwrap().run([("x", numfuse::Input::from(&turned))]).unwrap();
    assert_eq!(got.strides(), expected.strides());
}

/// An array without axes is a number, of any type and byte order, also where elements are taken of what repeats it.
#[test]
fn arrays_without_axes_are_numbers_of_any_byte_order() {
    let Some(device) = card::device() else { return };
    for dtype in DType::ALL {
        let elements = elements(dtype, 1, 4);
        for swapped in [false, true] {
            let x = Stored::new(dtype, &[], &elements, &Layout { swapped, ..Layout::c_order(&[]) });
            for text in ["x", "x + x", "take(broadcast_to(x, (3,)), [2, 0])"] {
                let (program, given) = (Program::compile(text).unwrap(), [("x", x.input())]);
                let got = card::run_on(device, &program, &given).unwrap();
                assert_same(&strictly(text, &given), &got, &format!("{text} of {dtype}, swapped: {swapped}"));
            }
        }
    }
}

#[test]
fn numbers_of_no_axes() {
    let Some(device) = card::device() else { return };
    let x = device.upload(&numfuse::ndarray::arr0(2.5f64)).unwrap();
    assert_eq!(x.download::<f64>().unwrap(), 2.5);
    let y = device.upload(&array![[1.0, 2.0]]).unwrap();
    let got = Program::compile("x*y").unwrap().run_on(device, [("x", &x), ("y", &y)]).unwrap();
    let expected = ArrayD::from_shape_vec(IxDyn(&[1, 2]), vec![2.5, 5.0]).unwrap();
    assert_eq!(got.download::<ArrayD<f64>>().unwrap(), expected);
}
