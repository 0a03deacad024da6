//! Floats in the one form that suits all of an array: positional, or with exponents.

use std::fmt::{Display, LowerExp};

/// Digits after the point at most.
const PRECISION: usize = 8;

/// What `f32` and `f64` have in common here. `Display` and `LowerExp` write the shortest digits that read back as the
/// same value, or the exact value rounded where a precision is given: NumPy's Dragon4 does either.
pub trait Float: Copy + Into<f64> + Display + LowerExp {}
impl Float for f32 {}
impl Float for f64 {}

/// An element by itself: with an exponent below 1e-4, and from 1e16 (as Python), an `f32` from 1e6.
pub fn word<T: Float>(value: T) -> String {
    let wide: f64 = value.into();
    let large = if size_of::<T>() == size_of::<f32>() { 1e6 } else { 1e16 };
    match () {
        () if !wide.is_finite() => nonfinite(wide),
        () if wide != 0.0 && !(1e-4..large).contains(&wide.abs()) => {
            let text = format!("{value:e}");
            let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            format!("{digits}e{}", signed(exponent, 2))
        }
        () => {
            let text = value.to_string();
            if text.contains('.') { text } else { text + ".0" }
        }
    }
}

/// An array's elements, all in one width.
pub fn words<T: Float>(elements: &[T]) -> Vec<String> {
    let words = if needs_exponents(elements) { with_exponents(elements) } else { positional(elements) };
    let width = words.iter().map(String::len).max().unwrap_or(0);
    words.into_iter().map(|word| format!("{word:>width$}")).collect()
}

fn nonfinite(value: f64) -> String {
    match () {
        () if value.is_nan() => "nan",
        () if value < 0.0 => "-inf",
        () => "inf",
    }
    .to_owned()
}

/// Whether the magnitudes are too large, too small or too different to be written without exponents.
fn needs_exponents<T: Float>(elements: &[T]) -> bool {
    let single = size_of::<T>() == size_of::<f32>();
    let magnitudes = elements.iter().map(|v| (*v).into().abs()).filter(|v| v.is_finite() && *v != 0.0);
    let (least, greatest) = magnitudes.fold((f64::INFINITY, 0.0f64), |(a, b), v| (a.min(v), b.max(v)));
    if greatest == 0.0 {
        return false;
    }
    // an f32 has 6 digits to be sure of, and NumPy compares within the type
    let rounded = |v: f64| if single { f64::from(v as f32) } else { v };
    let large = if single { 1e6 } else { 1e8 };
    greatest >= large || least < rounded(1e-4) || rounded(greatest / least) > 1000.0
}

/// `1.5`, `12.`: points under points.
fn positional<T: Float>(elements: &[T]) -> Vec<String> {
    let parts: Vec<(String, String)> = elements.iter().map(|v| split(*v)).collect();
    let finite =
        || elements.iter().zip(&parts).filter(|(v, _)| (**v).into().is_finite()).map(|(_, parts)| parts);
    let left = finite().map(|(whole, _)| whole.len()).max().unwrap_or(0);
    let right = finite().map(|(_, fraction)| fraction.len()).max().unwrap_or(0);
    let written = |(v, (whole, fraction)): (&T, &(String, String))| match (*v).into() {
        v if v.is_finite() => format!("{whole:>left$}.{fraction:<right$}"),
        _ => whole.clone(),
    };
    elements.iter().zip(&parts).map(written).collect()
}

/// What stands before and after the point; of what is not finite, the word and nothing.
fn split<T: Float>(value: T) -> (String, String) {
    let wide: f64 = value.into();
    if !wide.is_finite() {
        return (nonfinite(wide), String::new());
    }
    let shortest = value.to_string();
    let fits = shortest.split_once('.').is_none_or(|(_, fraction)| fraction.len() <= PRECISION);
    let text = if fits { shortest } else { format!("{value:.PRECISION$}") };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    (whole.to_owned(), fraction.trim_end_matches('0').to_owned())
}

/// `1.50e+10`: as many digits after the point as the longest needs. They are the exact value's, beyond the shortest
/// that would do as well: beside `1.23456789e+10` an `f32` of 0.1 is `1.00000001e-01`.
fn with_exponents<T: Float>(elements: &[T]) -> Vec<String> {
    let finite = || elements.iter().copied().filter(|v| (*v).into().is_finite());
    let precision = finite().map(fraction_digits).max().unwrap_or(0);
    let digits = finite().map(|v| scientific(v, precision).1.len() - 1).max().unwrap_or(0);
    let written = |v: &T| match (*v).into() {
        wide if wide.is_finite() => {
            let (mantissa, exponent) = scientific(*v, precision);
            format!("{mantissa}e{}", signed(&exponent, digits))
        }
        wide => nonfinite(wide),
    };
    elements.iter().map(written).collect()
}

/// Digits after the point that the value needs, or may have.
fn fraction_digits<T: Float>(value: T) -> usize {
    let significant = |text: &str| {
        let mantissa = text.split_once('e').map_or(text, |(mantissa, _)| mantissa);
        mantissa.trim_end_matches('0').bytes().filter(u8::is_ascii_digit).count()
    };
    let shortest = significant(&format!("{value:e}")).saturating_sub(1);
    // rounding may leave zeros at the end
    if shortest <= PRECISION {
        shortest
    } else {
        significant(&format!("{value:.PRECISION$e}")).saturating_sub(1)
    }
}

/// The value with so many digits after the point, and its exponent with a sign.
fn scientific<T: Float>(value: T, precision: usize) -> (String, String) {
    let text = format!("{value:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let point = if precision == 0 { "." } else { "" };
    (format!("{mantissa}{point}"), signed(exponent, 2))
}

/// An exponent with its sign and at least so many digits.
fn signed(exponent: &str, digits: usize) -> String {
    let (sign, number) = match exponent.strip_prefix('-') {
        Some(number) => ('-', number),
        None => ('+', exponent.trim_start_matches('+')),
    };
    format!("{sign}{number:0>digits$}")
}
