//! What stands as NAME=… on the command line.

use std::str::FromStr;

use numfuse::npy::NpyFile;
use numfuse::{ArrayType, Complex, DType, Input, Literal, Program, Scalar};

use crate::failure::Failure;

/// A name and what is given for it, unread.
pub struct Assignment<'a> {
    name: &'a str,
    text: &'a str,
}

/// Splits what was given into names and values.
pub fn assignments<'a>(arguments: &[&'a str]) -> Result<Vec<Assignment<'a>>, Failure> {
    let mut all: Vec<Assignment<'_>> = Vec::new();
    for argument in arguments {
        let assignment = Assignment::of(argument).map_err(Failure::Mistake)?;
        if all.iter().any(|before| before.name == assignment.name) {
            return Err(Failure::Mistake(format!("`{}` is given twice", assignment.name)));
        }
        all.push(assignment);
    }
    Ok(all)
}

impl<'a> Assignment<'a> {
    fn of(argument: &'a str) -> Result<Self, String> {
        let Some((name, text)) = argument.split_once('=') else {
            return Err(format!("`{argument}` is not of the form NAME=…"));
        };
        // a name is what the language takes for one: neither a constant nor a keyword
        let is_name = Program::compile(name).is_ok_and(|program| program.inputs().eq([name]));
        match () {
            () if !is_name => {
                Err(format!("`{name}` cannot name an input: it is a constant, a keyword or no word"))
            }
            () if text.is_empty() => Err(format!("nothing is given for `{name}`")),
            () => Ok(Assignment { name, text }),
        }
    }

    /// A number is a number, everything else a path.
    fn read(&self) -> Result<Given, Failure> {
        if let Some(number) = number(self.text)? {
            return Ok(Given::Number(number));
        }
        match NpyFile::open(self.text) {
            Ok(file) => Ok(Given::File(file)),
            Err(error) if self.text.ends_with(".npy") => Err(error.into()),
            Err(error) => {
                let help =
                    "a value is a .npy file, a number (2.5, 3, 1+2j, True) or one with a type (f32:2.5)";
                Err(Failure::Mistake(format!("{error}\n  = help: {help}")))
            }
        }
    }

    /// A file or a number is itself, everything else a type.
    fn subject(&self) -> Result<Subject, Failure> {
        match number(self.text)? {
            Some(number) => Ok(Subject::Number(number)),
            None if self.text.ends_with(".npy") => Ok(Subject::File(NpyFile::open(self.text)?)),
            None => Ok(Subject::Type(self.text.parse()?)),
        }
    }
}

/// What stands for an input that need not be there.
enum Subject {
    Type(ArrayType),
    File(NpyFile),
    Number(Input<'static>),
}

/// A value that was given.
enum Given {
    /// A mapped file.
    File(NpyFile),
    /// A number.
    Number(Input<'static>),
}

impl Given {
    fn as_input(&self) -> Input<'_> {
        match self {
            Given::File(file) => file.as_input(),
            Given::Number(input) => input.clone(),
        }
    }
}

/// The values that were given, by name.
pub struct Values<'a>(Vec<(&'a str, Given)>);

impl<'a> Values<'a> {
    /// Reads the numbers, and opens the files.
    pub fn read(assignments: &[Assignment<'a>]) -> Result<Values<'a>, Failure> {
        Ok(Values(assignments.iter().map(|a| Ok((a.name, a.read()?))).collect::<Result<_, Failure>>()?))
    }

    /// As the inputs of a program.
    pub fn inputs(&self) -> Vec<(&'a str, Input<'_>)> {
        self.0.iter().map(|(name, given)| (*name, given.as_input())).collect()
    }
}

/// What is given: types (`f64[1000,3]`, and those of the files), files, and numbers.
pub struct Subjects<'a> {
    pub types: Vec<(&'a str, ArrayType)>,
    pub files: Vec<(&'a str, NpyFile)>,
    pub numbers: Vec<(&'a str, Input<'static>)>,
}

impl<'a> Subjects<'a> {
    pub fn read(assignments: &[Assignment<'a>]) -> Result<Subjects<'a>, Failure> {
        let mut subjects = Subjects { types: Vec::new(), files: Vec::new(), numbers: Vec::new() };
        for assignment in assignments {
            match assignment.subject()? {
                Subject::Type(ty) => subjects.types.push((assignment.name, ty)),
                Subject::File(file) => {
                    subjects.types.push((assignment.name, ArrayType::new(file.dtype(), file.shape())));
                    subjects.files.push((assignment.name, file));
                }
                Subject::Number(number) => subjects.numbers.push((assignment.name, number)),
            }
        }
        Ok(subjects)
    }
}

/// A number: weak, or with its type before it. `None` for what does not look like one.
fn number(text: &str) -> Result<Option<Input<'static>>, Failure> {
    if let Some((ty, value)) = text.split_once(':')
        && let Some(dtype) = DType::from_name(ty)
    {
        return match strong(dtype, value) {
            Some(input) => Ok(Some(input)),
            None => Err(Failure::Mistake(format!("`{value}` is no number of type {dtype}"))),
        };
    }
    let Some(literal) = literal(text) else { return Ok(None) };
    match Input::weak(literal) {
        Some(input) => Ok(Some(input)),
        None => Err(Failure::Mistake(format!("`{text}` does not fit 64 bits"))),
    }
}

/// A number of exactly this type.
fn strong(dtype: DType, text: &str) -> Option<Input<'static>> {
    // NumPy, too, rounds the text to an f64 before it rounds that to 16 bits
    match dtype {
        DType::Bool => match literal(text)? {
            Literal::Bool(value) => Some(Input::scalar(value)),
            Literal::Int(_) | Literal::Float(_) | Literal::Complex(_) => None,
        },
        DType::I8 => text.parse::<i8>().ok().map(Input::scalar),
        DType::I16 => text.parse::<i16>().ok().map(Input::scalar),
        DType::I32 => text.parse::<i32>().ok().map(Input::scalar),
        DType::I64 => text.parse::<i64>().ok().map(Input::scalar),
        DType::U8 => text.parse::<u8>().ok().map(Input::scalar),
        DType::U16 => text.parse::<u16>().ok().map(Input::scalar),
        DType::U32 => text.parse::<u32>().ok().map(Input::scalar),
        DType::U64 => text.parse::<u64>().ok().map(Input::scalar),
        DType::F16 | DType::BF16 => match Literal::Float(text.parse().ok()?).to_scalar(dtype)? {
            Scalar::F16(value) => Some(Input::scalar(value)),
            Scalar::BF16(value) => Some(Input::scalar(value)),
            _ => None,
        },
        DType::F32 => text.parse::<f32>().ok().map(Input::scalar),
        DType::F64 => text.parse::<f64>().ok().map(Input::scalar),
        DType::C64 => complex::<f32>(text).map(Input::scalar),
        DType::C128 => complex::<f64>(text).map(Input::scalar),
        _ => None,
    }
}

/// `1+2j`, `2j` or `1`, in brackets or not: what Python prints.
fn complex<T: FromStr + Default>(text: &str) -> Option<Complex<T>> {
    let text = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(text);
    let Some(text) = text.strip_suffix(['j', 'J']) else {
        return Some(Complex { re: text.parse().ok()?, im: T::default() });
    };
    // the sign between the parts, not a part's own and not an exponent's
    let is_sign = |(k, byte): (usize, u8)| matches!(byte, b'+' | b'-') && k > 0;
    let between = text
        .bytes()
        .enumerate()
        .rev()
        .find(|(k, byte)| is_sign((*k, *byte)) && !matches!(text.as_bytes()[k - 1], b'e' | b'E'));
    let (re, im) = text.split_at(between.map_or(0, |(k, _)| k));
    let re = if re.is_empty() { T::default() } else { re.parse().ok()? };
    Some(Complex { re, im: im.parse().ok()? })
}

fn literal(text: &str) -> Option<Literal> {
    match text {
        "True" => return Some(Literal::Bool(true)),
        "False" => return Some(Literal::Bool(false)),
        _ => {}
    }
    let digits = text.trim_start_matches(['+', '-']);
    match text.parse::<i128>() {
        Ok(value) => Some(Literal::Int(value)),
        // too long for 128 bits: an integer still, and refused as one
        Err(_) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            Some(Literal::Int(i128::MAX))
        }
        Err(_) => match text.parse::<f64>() {
            Ok(value) => Some(Literal::Float(value)),
            Err(_) => complex(text).map(Literal::Complex),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_python_s_and_everything_else_is_a_path() {
        for (text, wanted) in [
            ("3", Some(Literal::Int(3))),
            ("-3", Some(Literal::Int(-3))),
            ("9223372036854775808", Some(Literal::Int(1 << 63))),
            ("99999999999999999999999999999999999999999999", Some(Literal::Int(i128::MAX))),
            ("2.5", Some(Literal::Float(2.5))),
            ("-1e-3", Some(Literal::Float(-1e-3))),
            ("inf", Some(Literal::Float(f64::INFINITY))),
            ("True", Some(Literal::Bool(true))),
            ("2j", Some(Literal::Complex(Complex::new(0.0, 2.0)))),
            ("-2J", Some(Literal::Complex(Complex::new(0.0, -2.0)))),
            ("1+2j", Some(Literal::Complex(Complex::new(1.0, 2.0)))),
            ("(1.5-2j)", Some(Literal::Complex(Complex::new(1.5, -2.0)))),
            ("-1e-3-2.5e+4j", Some(Literal::Complex(Complex::new(-1e-3, -2.5e4)))),
            ("inf-infj", Some(Literal::Complex(Complex::new(f64::INFINITY, f64::NEG_INFINITY)))),
            ("x.npy", None),
            ("3.npy", None),
            ("j", None),
            ("1+j", None),
            ("1+2j+3j", None),
            ("1 + 2j", None),
            ("1+2j.npy", None),
            ("./3", None),
            ("true", None),
        ] {
            assert_eq!(literal(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_type_before_a_number_makes_it_strong() {
        let given = |text: &str| number(text).map_err(drop).map(|input| input.map(|i| i.dtype()));
        assert_eq!(given("f32:2.5"), Ok(Some(DType::F32)));
        assert_eq!(given("int32:-7"), Ok(Some(DType::I32)));
        assert_eq!(given("bool:True"), Ok(Some(DType::Bool)));
        assert_eq!(given("2.5"), Ok(Some(DType::F64)));
        assert_eq!(given("u8:200"), Ok(Some(DType::U8)));
        assert_eq!(given("u64:18446744073709551615"), Ok(Some(DType::U64)));
        assert_eq!(given("bf16:0.1"), Ok(Some(DType::BF16)));
        assert_eq!(given("c64:1+2j"), Ok(Some(DType::C64)));
        assert_eq!(given("complex128:2.5"), Ok(Some(DType::C128)));
        assert_eq!(given("1+2j"), Ok(Some(DType::C128)));
        assert_eq!(given("9223372036854775808"), Ok(Some(DType::U64)));
        for dtype in DType::ALL {
            let one = if dtype == DType::Bool { "True" } else { "1" };
            let text = format!("{dtype}:{one}");
            assert_eq!(given(&text), Ok(Some(dtype)));
        }
        for wrong in ["i32:2.5", "i32:3000000000", "u8:256", "u8:-1", "bool:1", "f64:", "f64:1+2j", "c64:x"] {
            assert_eq!(given(wrong), Err(()), "{wrong}");
        }
        assert_eq!(given("18446744073709551616"), Err(()));
        assert_eq!(given("c:x.npy"), Ok(None), "a path on some systems");
    }

    #[test]
    fn names_are_the_language_s() {
        assert!(Assignment::of("x=3").is_ok());
        for wrong in ["x", "=3", "x=", "pi=3", "True=1", "2x=3", "a b=3", "a+b=3", "not=1"] {
            assert!(Assignment::of(wrong).is_err(), "{wrong}");
        }
    }
}
