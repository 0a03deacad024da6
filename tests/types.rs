//! The types a user meets: narrow integers, 16-bit floats, complex numbers and byte strings, from text and lazily.

use numfuse::half::{bf16, f16};
use numfuse::ndarray::{Array1, Array2, array};
use numfuse::{Complex, DType, ErrorKind, Input, Lazy, Program, Value, eval, inputs};

#[test]
fn narrow_integers_wrap_in_their_own_type() {
    let (a, b) = (array![200u8, 100, 255], array![100u8, 100, 2]);
    let sum: Array1<u8> = eval!("a + b", a, b).unwrap();
    assert_eq!(sum, array![44, 200, 1]);
    let product: Array1<u8> = eval!("a*b >> 1", a, b).unwrap();
    assert_eq!(product, array![200u8.wrapping_mul(100) >> 1, 100u8.wrapping_mul(100) >> 1, 127]);
    let lazy: Array1<u8> = (Lazy::new(&a) + 1u8).eval().unwrap();
    assert_eq!(lazy, array![201, 101, 0]);
    let c = array![i8::MIN, -1, 127];
    let quotient: Array1<i8> = eval!("c // -1", c).unwrap();
    assert_eq!(quotient, array![i8::MIN, 1, -127]);
    let total: u64 = eval!("sum(a)", a).unwrap();
    let least: i8 = eval!("min(c)", c).unwrap();
    assert_eq!((total, least), (555, i8::MIN));
}

#[test]
fn an_integer_that_does_not_fit_widens() {
    let a = array![1u8, 2];
    for (text, dtype) in
        [("a + 255", DType::U8), ("a + 256", DType::I64), ("a - 1", DType::U8), ("a + -1", DType::I64)]
    {
        let value: Value = Program::compile(text).unwrap().run(inputs! { a }).unwrap();
        assert_eq!(value.dtype(), dtype, "{text}");
    }
    let k = 300;
    let value: Value = eval!("a + k", a, k).unwrap();
    assert_eq!(value.dtype(), DType::I64);
    let value: Value = (Lazy::new(&a) + 7).eval().unwrap();
    assert_eq!(value.dtype(), DType::U8);
}

#[test]
fn integers_of_64_bits_are_exact() {
    let (a, b) = (array![u64::MAX, 1 << 63, 5], array![-1i64, i64::MAX, 5]);
    let less: Array1<bool> = eval!("b < a", a, b).unwrap();
    assert_eq!(less, array![true, true, false]);
    let equal: Array1<bool> = eval!("a == b", a, b).unwrap();
    assert_eq!(equal, array![false, false, true]);
    let half: Array1<u64> = eval!("a // 2", a).unwrap();
    assert_eq!(half, array![u64::MAX / 2, 1 << 62, 2]);
    let big = 9_007_199_254_740_993u64;
    let sum: u64 = (Lazy::new(&array![big, 2]).sum()).eval().unwrap();
    assert_eq!(sum, big + 2);
}

#[test]
fn halves_are_singles_until_they_are_stored() {
    let x = array![1.0f32, 2049.0, 65_519.0, 1e-8].mapv(f16::from_f32);
    let sum: Array1<f32> = eval!("x + 1", x).unwrap();
    assert_eq!(sum[0], 2.0);
    let stored: Array1<f16> = eval!("f16(x*2)", x).unwrap();
    assert_eq!(stored[2], f16::INFINITY);
    let brain: Array1<bf16> = Lazy::new(&array![1.0f64, 1.0 + 1.0 / 256.0]).cast(DType::BF16).eval().unwrap();
    assert_eq!(brain, array![bf16::from_f32(1.0), bf16::from_f32(1.0)]);
    // halfway, and a little more than a single can hold: rounded once
    let y = array![1.0 + 1.0 / 2048.0 + 1e-12];
    let once: Array1<f16> = eval!("astype(y, f16)", y).unwrap();
    assert_eq!(once[0], f16::from_bits(0x3c01));
}

#[test]
fn complex_numbers_go_in_and_out() {
    let z = array![Complex::new(1.0, 2.0), Complex::new(-0.5, 0.0)];
    let doubled: Array1<Complex<f64>> = eval!("2*z + 1j", z).unwrap();
    assert_eq!(doubled, array![Complex::new(2.0, 5.0), Complex::new(-1.0, 1.0)]);
    let turned: Array1<Complex<f64>> = (Complex::new(0.0, 1.0) * Lazy::new(&z)).eval().unwrap();
    assert_eq!(turned[0], Complex::new(-2.0, 1.0));
    let imaginary: Array1<f64> = eval!("z.imag", z).unwrap();
    assert_eq!(imaginary, array![2.0, 0.0]);
    let (re, im) = (array![[1.0f32], [2.0]], array![3.0f32, 4.0]);
    let made: Array2<Complex<f32>> = eval!("complex(re, im)", re, im).unwrap();
    assert_eq!(made[[1, 0]], Complex::new(2.0, 3.0));
    let spread: Array2<f32> = eval!("imag(re + 1j*im)", re, im).unwrap();
    assert_eq!(spread, array![[3.0, 4.0], [3.0, 4.0]]);
    let total: Complex<f64> = Lazy::new(&z).prod().eval().unwrap();
    assert_eq!(total, Complex::new(-0.5, -1.0));
    let mut out = array![Complex::new(0.0, 0.0), Complex::new(0.0, 0.0)];
    Program::compile("conj(z)").unwrap().run_into(inputs! { z }, &mut out).unwrap();
    assert_eq!(out[0], Complex::new(1.0, -2.0));
}

#[test]
fn byte_strings_are_compared_and_searched() {
    let names = Array1::from_vec(vec![*b"foo\0", *b"bar\0", *b"food"]);
    let is_foo: Array1<bool> = eval!("names == 'foo'", names).unwrap();
    assert_eq!(is_foo, array![true, false, false]);
    let found: Array1<bool> = Lazy::new(&names).contains(Lazy::text(b"oo")).eval().unwrap();
    assert_eq!(found, array![true, false, true]);
    for (text, kind) in [
        ("names", ErrorKind::Unsupported),
        ("names + 1", ErrorKind::Type),
        ("names == 1", ErrorKind::Type),
        ("f64(names)", ErrorKind::Type),
        ("sum(names)", ErrorKind::Type),
        ("where(True, names, names)", ErrorKind::Type),
        ("contains(1, names)", ErrorKind::Type),
    ] {
        let error = Program::compile(text).and_then(|p| p.run::<Value>(inputs! { names })).unwrap_err();
        assert_eq!(error.kind(), kind, "{text}: {error}");
    }
}

#[test]
fn what_complex_numbers_do_not_have_is_refused() {
    let z = array![Complex::new(1.0, 2.0)];
    for text in [
        "min(z)",
        "maximum(z, z)",
        "floor(z)",
        "z % 2",
        "z // 2",
        "z & 1",
        "arctan2(z, z)",
        "signbit(z)",
        "~z",
    ] {
        let error = Program::compile(text).and_then(|p| p.run::<Value>(inputs! { z })).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Type, "{text}: {error}");
    }
}

#[test]
fn conversions_have_three_spellings() {
    let x = array![1.9, -1.0, 300.0, f64::NAN];
    let expected = array![1u8, 0, 255, 0];
    for text in ["u8(x)", "astype(x, u8)", "x.astype('uint8')", "x.astype(dtype=uint8)", "uint8(x)"] {
        let got: Array1<u8> = Program::compile(text).unwrap().run(inputs! { x }).unwrap();
        assert_eq!(got, expected, "{text}");
    }
    let error = Program::compile("x.astype(f65)").unwrap_err();
    assert!(error.to_string().contains("there is no type `f65`"), "{error}");
    assert_eq!(Program::compile("astype(x)").unwrap_err().kind(), ErrorKind::Arity);
}

#[test]
fn functions_with_defaults_take_them_by_name() {
    let x = array![-1.5, 0.25, 2.675, f64::NAN, f64::INFINITY];
    let run = |text: &str| {
        let result: Array1<f64> = Program::compile(text).unwrap().run(inputs! { x }).unwrap();
        result.to_vec()
    };
    assert_eq!(run("clip(x, 0, 1)")[..3], [0.0, 0.25, 1.0]);
    assert_eq!(run("clip(x, max=1)")[..3], [-1.5, 0.25, 1.0]);
    assert_eq!(run("round(x, 1)")[..3], [-1.5, 0.2, 2.7]);
    assert_eq!(run("x.round(decimals=-1)")[..3], [-0.0, 0.0, 0.0]);
    assert_eq!(run("nan_to_num(x, nan=7, posinf=9)")[3..], [7.0, 9.0]);
    assert_eq!(run("nan_to_num(x)")[3..], [0.0, f64::MAX]);
    let close: Array1<bool> = eval!("isclose(x, x + 1e-9)", x).unwrap();
    assert_eq!(close, array![true, true, true, false, true]);
    let same: Array1<bool> = eval!("isclose(x, x, equal_nan=True)", x).unwrap();
    assert!(same.iter().all(|close| *close));
    for text in [
        "clip(x, 0, 1, 2)",
        "clip()",
        "round(x, digits=1)",
        "isclose(x, x, rtol=1, rtol=2)",
        "round(x, 1, decimals=1)",
    ] {
        let error = Program::compile(text).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Arity | ErrorKind::Syntax), "{text}: {error}");
    }
    assert_eq!(Program::compile("round(x, x)").unwrap_err().kind(), ErrorKind::Type);
    let lazy: Array1<f64> = Lazy::new(&x).clip(0, 1).nan_to_num().round_to(1).eval().unwrap();
    assert_eq!(lazy, array![0.0, 0.2, 1.0, 0.0, 1.0]);
}

#[test]
fn inputs_say_what_they_are() {
    let z = array![[Complex::new(1.0f32, 0.0)]];
    assert_eq!(Input::from(&z).dtype(), DType::C64);
    assert_eq!(Input::from(&[*b"abcdef"]).dtype(), DType::Bytes(6));
    assert_eq!(Input::from(&array![f16::ONE]).dtype(), DType::F16);
}
