//! Floats in the one form that suits all of an array: positional, or with exponents.

use numfuse::half::{bf16, f16};
use numfuse::{DType, Literal, Scalar};

/// Digits after the point at most.
const PRECISION: usize = 8;

/// A float that can be printed.
pub trait Float: Copy + Into<f64> {
    /// From here on numbers by themselves have exponents.
    const LARGE: f64;
    /// Decimal digits to be sure of: of arrays, numbers of more digits than these (and than 8) have exponents.
    const DIGITS: i32;
    /// The nearest value of this type. NumPy compares within the type.
    fn nearest(wide: f64) -> f64;
    /// The fewest digits that are read back as this value, with an exponent: `1.5e-7`.
    fn shortest(self) -> String;
    /// The same digits without an exponent: `0.00000015`.
    fn positional(self) -> String;
}

/// Rust writes the shortest digits, as NumPy's Dragon4 does, but of two that are equally near the greater ones, Dragon4
/// the even ones: what Rust makes of a value that it is to round.
macro_rules! floats {
    ($($float:ident $large:literal $digits:literal),*) => { $(
        impl Float for $float {
            const LARGE: f64 = $large;
            const DIGITS: i32 = $digits;
            fn nearest(wide: f64) -> f64 {
                wide as $float as f64
            }
            fn shortest(self) -> String {
                let text = format!("{self:e}");
                let mantissa = text.split_once('e').map_or("", |(mantissa, _)| mantissa);
                let precision = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len());
                let even = format!("{self:.precision$e}");
                if even.parse() == Ok(self) { even } else { text }
            }
            fn positional(self) -> String {
                let text = self.to_string();
                let precision = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
                let even = format!("{self:.precision$}");
                if even.parse() == Ok(self) { even } else { text }
            }
        }
    )* };
}
floats!(f32 1e6 6, f64 1e16 15);

/// `half` writes the digits that an `f32` needs; of digits that do, a 16-bit float needs five at most. NumPy has no
/// `bf16`: it looks like the `f16` that it is as narrow as.
macro_rules! halves {
    ($($float:ident $variant:ident),*) => { $(
        impl Float for $float {
            const LARGE: f64 = 1e3;
            const DIGITS: i32 = 3;
            fn nearest(wide: f64) -> f64 {
                // not `from_f64`, which rounds twice
                match Literal::Float(wide).to_scalar(DType::$variant) {
                    Some(Scalar::$variant(value)) => value.into(),
                    _ => wide,
                }
            }
            fn shortest(self) -> String {
                shortest(self.into(), 4, Self::nearest)
            }
            fn positional(self) -> String {
                // the digits are few enough for an f64 to have them as its own shortest ones
                let digits = self.shortest();
                digits.parse::<f64>().map_or(digits, |v| v.to_string())
            }
        }
    )* };
}
halves!(f16 F16, bf16 BF16);

/// The fewest digits that `nearest` takes back to `value`: with an exponent, and at most so many after the point.
fn shortest(value: f64, most: usize, nearest: impl Fn(f64) -> f64) -> String {
    let reads_back = |text: &String| text.parse().is_ok_and(|read: f64| nearest(read) == value);
    let exponent = value.abs().log10().floor() as i32;
    let written = |precision: usize| {
        // above a power of two the neighbour is twice as far as below: what is rounded up may do where the nearest of so
        // many digits does not
        let half_a_step = 0.5 * 10f64.powi(exponent - precision as i32);
        [value, value + half_a_step.copysign(value)].map(|v| format!("{v:.precision$e}"))
    };
    (0..most).flat_map(written).find(reads_back).unwrap_or_else(|| format!("{value:.most$e}"))
}

/// An element by itself: with an exponent below 1e-4 and from [`LARGE`](Float::LARGE) on.
pub fn word<T: Float>(value: T) -> String {
    let text = digits(value);
    if value.into().is_finite() && !text.contains(['.', 'e']) { text + ".0" } else { text }
}

/// The same without `.0`, as in a complex number.
pub fn digits<T: Float>(value: T) -> String {
    let wide: f64 = value.into();
    match () {
        () if !wide.is_finite() => nonfinite(wide),
        () if wide != 0.0 && !(1e-4..T::LARGE).contains(&wide.abs()) => {
            let text = value.shortest();
            let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            format!("{digits}e{}", signed(exponent, 2))
        }
        () => value.positional(),
    }
}

/// An array's elements, all in one width; on demand each with its sign, and with a letter behind its last digit.
pub fn words<T: Float>(elements: &[T], sign: Sign, suffix: &str) -> Vec<String> {
    let words =
        if needs_exponents(elements) { with_exponents(elements, sign) } else { positional(elements, sign) };
    let width = words.iter().map(String::len).max().unwrap_or(0);
    let written = |word: String| {
        let end = word.trim_end().len();
        format!("{:>width$}{suffix}{}", &word[..end], "", width = width - (word.len() - end)) + &word[end..]
    };
    words.into_iter().map(written).collect()
}

/// When a sign stands before a number.
#[derive(Clone, Copy, PartialEq)]
pub enum Sign {
    /// Before negative ones.
    Minus,
    /// Always.
    Both,
}

impl Sign {
    fn before(self, word: String) -> String {
        if self == Sign::Both && !word.starts_with('-') { format!("+{word}") } else { word }
    }
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
    let magnitudes = elements.iter().map(|v| (*v).into().abs()).filter(|v| v.is_finite() && *v != 0.0);
    let (least, greatest) = magnitudes.fold((f64::INFINITY, 0.0f64), |(a, b), v| (a.min(v), b.max(v)));
    if greatest == 0.0 {
        return false;
    }
    let large = 10f64.powi(T::DIGITS.min(8));
    greatest >= large || least < T::nearest(1e-4) || T::nearest(greatest / least) > 1000.0
}

/// `1.5`, `12.`: points under points.
fn positional<T: Float>(elements: &[T], sign: Sign) -> Vec<String> {
    let parts: Vec<(String, String)> = elements
        .iter()
        .map(|v| {
            let (whole, fraction) = split(*v);
            (sign.before(whole), fraction)
        })
        .collect();
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
    let shortest = value.positional();
    let fits = shortest.split_once('.').is_none_or(|(_, fraction)| fraction.len() <= PRECISION);
    let text = if fits { shortest } else { format!("{wide:.PRECISION$}") };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    (whole.to_owned(), fraction.trim_end_matches('0').to_owned())
}

/// `1.50e+10`: as many digits after the point as the longest needs. They are the exact value's, beyond the shortest
/// that would do as well: beside `1.23456789e+10` an `f32` of 0.1 is `1.00000001e-01`.
fn with_exponents<T: Float>(elements: &[T], sign: Sign) -> Vec<String> {
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
    elements.iter().map(|v| sign.before(written(v))).collect()
}

/// Digits after the point that the value needs, or may have.
fn fraction_digits<T: Float>(value: T) -> usize {
    let significant = |text: &str| {
        let mantissa = text.split_once('e').map_or(text, |(mantissa, _)| mantissa);
        mantissa.trim_end_matches('0').bytes().filter(u8::is_ascii_digit).count()
    };
    let shortest = significant(&value.shortest()).saturating_sub(1);
    // rounding may leave zeros at the end
    if shortest <= PRECISION {
        shortest
    } else {
        significant(&format!("{:.PRECISION$e}", value.into())).saturating_sub(1)
    }
}

/// The value with so many digits after the point, and its exponent with a sign.
fn scientific<T: Float>(value: T, precision: usize) -> (String, String) {
    let text = format!("{:.precision$e}", value.into());
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
