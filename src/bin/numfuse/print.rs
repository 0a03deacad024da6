//! Arrays as NumPy prints them, so that nobody has to learn a second way to read one.
//!
//! The rules are those of `numpy.array2string` with its defaults (`numpy/_core/arrayprint.py`, NumPy 2.4): eight digits
//! after the point at most, one form for all of an array's elements, three elements at either end of an axis once there
//! are more than 1000, lines of 75 columns. An array without axes is printed like a number, to its last digit.

mod float;

use std::fmt::Write;

use ndarray::{ArrayD, ArrayRef, Axis, Dimension};
use numfuse::half::{bf16, f16};
use numfuse::{Complex, Element, Value};

use self::float::{Float, Sign};

/// More elements than these are summarised.
const THRESHOLD: usize = 1000;
/// Elements shown at either end of an axis, then.
const EDGE: usize = 3;
/// Columns of a line.
const LINE: usize = 75;

/// An element that can be printed.
trait Printed: Element {
    /// The words for an array's elements, all of the width that they share.
    fn words(elements: &[Self]) -> Vec<String>;
    /// The word for an element by itself.
    fn word(self) -> String;
}

impl Printed for bool {
    fn words(elements: &[Self]) -> Vec<String> {
        elements.iter().map(|v| format!("{:>5}", v.word())).collect()
    }
    fn word(self) -> String {
        (if self { "True" } else { "False" }).to_owned()
    }
}

macro_rules! integers {
    ($($integer:ident),*) => { $(
        impl Printed for $integer {
            fn words(elements: &[Self]) -> Vec<String> {
                let width = elements.iter().map(|v| v.word().len()).max().unwrap_or(0);
                elements.iter().map(|v| format!("{v:width$}")).collect()
            }
            fn word(self) -> String {
                self.to_string()
            }
        }
    )* };
}
integers!(i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! floats {
    ($($float:ident),*) => { $(
        impl Printed for $float {
            fn words(elements: &[Self]) -> Vec<String> {
                float::words(elements, Sign::Minus, "")
            }
            fn word(self) -> String {
                float::word(self)
            }
        }
    )* };
}
floats!(f16, bf16, f32, f64);

impl<T: Float + Element> Printed for Complex<T>
where
    Complex<T>: Element,
{
    /// Each part in a form of its own.
    fn words(elements: &[Self]) -> Vec<String> {
        let (re, im): (Vec<T>, Vec<T>) = elements.iter().map(|v| (v.re, v.im)).unzip();
        let parts = float::words(&re, Sign::Minus, "").into_iter().zip(float::words(&im, Sign::Both, "j"));
        parts.map(|(re, im)| re + &im).collect()
    }
    /// As Python: `2j`, `(1.5-2j)`.
    fn word(self) -> String {
        let (re, im) = (float::digits(self.re), float::digits(self.im));
        match () {
            () if re == "0" => format!("{im}j"),
            () if im.starts_with('-') => format!("({re}{im}j)"),
            () => format!("({re}+{im}j)"),
        }
    }
}

/// A result in NumPy's words.
pub fn value(value: &Value) -> String {
    match value {
        Value::Bool(array) => text(array),
        Value::I8(array) => text(array),
        Value::I16(array) => text(array),
        Value::I32(array) => text(array),
        Value::I64(array) => text(array),
        Value::U8(array) => text(array),
        Value::U16(array) => text(array),
        Value::U32(array) => text(array),
        Value::U64(array) => text(array),
        Value::F16(array) => text(array),
        Value::BF16(array) => text(array),
        Value::F32(array) => text(array),
        Value::F64(array) => text(array),
        Value::C64(array) => text(array),
        Value::C128(array) => text(array),
        other => other.to_string(),
    }
}

/// An array in NumPy's words.
fn text<T: Printed, D: Dimension>(array: &ArrayRef<T, D>) -> String {
    if let (0, Some(element)) = (array.ndim(), array.first()) {
        return element.word();
    }
    if array.is_empty() {
        return "[]".to_owned();
    }
    let cut = array.len() > THRESHOLD;
    let (shown, shape) = shown(array, cut);
    let words = T::words(&shown.iter().copied().collect::<Vec<_>>());
    let axes: Vec<Shown> = array
        .shape()
        .iter()
        .zip(&shape)
        .map(|(all, shown)| Shown { extent: *shown, cut: shown < all })
        .collect();
    let mut text = String::new();
    layout(&mut text, &axes, &words, 0);
    text
}

/// One axis of what is printed.
struct Shown {
    extent: usize,
    /// Whether `...` stands in its middle.
    cut: bool,
}

/// The elements that are printed, and their extents.
fn shown<T: Printed, D: Dimension>(array: &ArrayRef<T, D>, cut: bool) -> (ArrayD<T>, Vec<usize>) {
    let mut view = array.view().into_dyn();
    let mut ends: Option<ArrayD<T>> = None;
    for axis in 0..array.ndim() {
        let extent = array.shape()[axis];
        if cut && extent > 2 * EDGE {
            let indices: Vec<usize> = (0..EDGE).chain(extent - EDGE..extent).collect();
            // the first selection reads the edges of a large array, the others those of what is left
            let source = ends.as_ref().map_or(view.view(), |ends| ends.view());
            ends = Some(source.select(Axis(axis), &indices));
        }
    }
    if let Some(ends) = &ends {
        view = ends.view();
    }
    (view.to_owned(), view.shape().to_vec())
}

/// Writes the words of the innermost axes, in brackets. `depth` brackets are open already.
fn layout(text: &mut String, axes: &[Shown], words: &[String], depth: usize) {
    let [axis, inner @ ..] = axes else {
        text.extend(words.iter().map(String::as_str));
        return;
    };
    if inner.is_empty() {
        return row(text, axis, words, depth);
    }
    let indent = " ".repeat(depth + 1);
    let between = "\n".repeat(inner.len());
    text.push('[');
    for (k, words) in words.chunks(words.len() / axis.extent).enumerate() {
        if k > 0 {
            let _ = write!(text, "{between}{indent}");
        }
        if axis.cut && k == EDGE {
            let _ = write!(text, "...{between}{indent}");
        }
        layout(text, inner, words, depth + 1);
    }
    text.push(']');
}

/// Writes a row, in as many lines as it takes.
fn row(text: &mut String, axis: &Shown, words: &[String], depth: usize) {
    let indent = depth + 1;
    // every bracket that is still to be closed takes a column
    let width = LINE.saturating_sub(depth + 1);
    let (before, after) = words.split_at(if axis.cut { EDGE } else { words.len() });
    let dots = axis.cut.then_some("...");
    let words = before.iter().map(String::as_str).chain(dots).chain(after.iter().map(String::as_str));
    text.push('[');
    let mut used = indent;
    for (k, word) in words.enumerate() {
        if k > 0 {
            used += 1;
            if used + word.len() > width {
                text.truncate(text.trim_end().len());
                text.push('\n');
                text.push_str(&" ".repeat(indent));
                used = indent;
            } else {
                text.push(' ');
            }
        }
        text.push_str(word);
        used += word.len();
    }
    text.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array;
    use numfuse::DType;

    /// A number of `printed.txt`.
    trait Number: Printed {
        fn read(text: &str) -> Self;
        /// The k-th of a ramp.
        fn ramp(start: &str, step: &str, k: usize) -> Self;
    }

    macro_rules! numbers {
        ($($number:ident, $wide:ident, |$v:ident| $narrowed:expr;)*) => { $(
            impl Number for $number {
                fn read(text: &str) -> Self {
                    let $v = text.parse::<$wide>().unwrap();
                    $narrowed
                }
                fn ramp(start: &str, step: &str, k: usize) -> Self {
                    let $v = (f64::read(start) + f64::read(step) * k as f64) as $wide;
                    $narrowed
                }
            }
        )* };
    }
    numbers! {
        i8, i8, |v| v; i16, i16, |v| v; i32, i32, |v| v; i64, i64, |v| v;
        u8, u8, |v| v; u16, u16, |v| v; u32, u32, |v| v; u64, u64, |v| v;
        f16, f64, |v| f16::from_f64(v); f32, f64, |v| v as f32; f64, f64, |v| v;
    }

    impl Number for bool {
        fn read(text: &str) -> Self {
            text != "0"
        }
        fn ramp(start: &str, step: &str, k: usize) -> Self {
            i64::ramp(start, step, k) != 0
        }
    }

    /// Written as its parts: `1.5,-2`.
    impl<T: Number + Float> Number for Complex<T>
    where
        Complex<T>: Printed,
    {
        fn read(text: &str) -> Self {
            let (re, im) = text.split_once(',').unwrap();
            Complex::new(T::read(re), T::read(im))
        }
        fn ramp(start: &str, step: &str, k: usize) -> Self {
            let ((re, im), (re_step, im_step)) =
                (start.split_once(',').unwrap(), step.split_once(',').unwrap());
            Complex::new(T::ramp(re, re_step, k), T::ramp(im, im_step, k))
        }
    }

    /// One array of `printed.txt`, printed here.
    fn printed(dtype: DType, shape: &[usize], values: &str) -> String {
        fn of<T: Number>(shape: &[usize], values: &str) -> String {
            let values: Vec<&str> = values.split_whitespace().collect();
            let elements = match values.as_slice() {
                ["from", start, "step", step] => {
                    (0..shape.iter().product()).map(|k| T::ramp(start, step, k)).collect()
                }
                values => values.iter().map(|v| T::read(v)).collect(),
            };
            text(&Array::from_shape_vec(shape, elements).unwrap())
        }
        match dtype {
            DType::Bool => of::<bool>(shape, values),
            DType::I8 => of::<i8>(shape, values),
            DType::I16 => of::<i16>(shape, values),
            DType::I32 => of::<i32>(shape, values),
            DType::I64 => of::<i64>(shape, values),
            DType::U8 => of::<u8>(shape, values),
            DType::U16 => of::<u16>(shape, values),
            DType::U32 => of::<u32>(shape, values),
            DType::U64 => of::<u64>(shape, values),
            DType::F16 => of::<f16>(shape, values),
            DType::F32 => of::<f32>(shape, values),
            DType::F64 => of::<f64>(shape, values),
            DType::C64 => of::<Complex<f32>>(shape, values),
            DType::C128 => of::<Complex<f64>>(shape, values),
            other => panic!("{other} is not in printed.txt"),
        }
    }

    #[test]
    fn arrays_look_as_numpy_prints_them() {
        let mut cases = 0;
        for case in include_str!("print/printed.txt").split("\n== ").skip(1) {
            let (header, wanted) = case.split_once('\n').unwrap();
            let (ty, values) = header.split_once(']').unwrap();
            let (dtype, shape) = ty.split_once('[').unwrap();
            let shape: Vec<usize> =
                shape.split(", ").filter(|s| !s.is_empty()).map(|s| s.parse().unwrap()).collect();
            let got = printed(DType::from_name(dtype).unwrap(), &shape, values);
            assert_eq!(got, wanted.trim_end_matches('\n'), "{}", &header[..header.len().min(200)]);
            cases += 1;
        }
        assert!(cases > 100);
    }
}
