//! Arrays as NumPy prints them, so that nobody has to learn a second way to read one.
//!
//! The rules are those of `numpy.array2string` with its defaults (`numpy/_core/arrayprint.py`, NumPy 2.4): eight digits
//! after the point at most, one form for all of an array's elements, three elements at either end of an axis once there
//! are more than 1000, lines of 75 columns. An array without axes is printed like a number, to its last digit.

mod float;

use std::fmt::Write;

use ndarray::{ArrayD, ArrayRef, Axis, Dimension};
use numfuse::{Element, Value};

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
integers!(i32, i64);

macro_rules! floats {
    ($($float:ident),*) => { $(
        impl Printed for $float {
            fn words(elements: &[Self]) -> Vec<String> {
                float::words(elements)
            }
            fn word(self) -> String {
                float::word(self)
            }
        }
    )* };
}
floats!(f32, f64);

/// A result in NumPy's words.
pub fn value(value: &Value) -> String {
    match value {
        Value::Bool(array) => text(array),
        Value::I32(array) => text(array),
        Value::I64(array) => text(array),
        Value::F32(array) => text(array),
        Value::F64(array) => text(array),
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

    /// One array of `printed.txt`, printed here.
    fn printed(dtype: DType, shape: &[usize], values: &str) -> String {
        let values: Vec<&str> = values.split_whitespace().collect();
        let number = |text: &str| text.parse::<f64>().unwrap();
        let integer = |text: &str| text.parse::<i64>().unwrap();
        let n = shape.iter().product();
        let (floats, integers): (Vec<f64>, Vec<i64>) = match (values.as_slice(), dtype) {
            (["from", start, "step", step], _) => {
                let ramp = |i: usize| number(start) + number(step) * i as f64;
                (0..n).map(|i| (ramp(i), ramp(i) as i64)).unzip()
            }
            (_, DType::F32 | DType::F64) => (values.iter().map(|v| number(v)).collect(), vec![]),
            _ => (vec![], values.iter().map(|v| integer(v)).collect()),
        };
        fn of<T: Printed>(shape: &[usize], elements: impl Iterator<Item = T>) -> String {
            text(&Array::from_shape_vec(shape, elements.collect()).unwrap())
        }
        match dtype {
            DType::Bool => of(shape, integers.iter().map(|v| *v != 0)),
            DType::I32 => of(shape, integers.iter().map(|v| *v as i32)),
            DType::I64 => of(shape, integers.into_iter()),
            DType::F32 => of(shape, floats.iter().map(|v| *v as f32)),
            DType::F64 => of(shape, floats.into_iter()),
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
