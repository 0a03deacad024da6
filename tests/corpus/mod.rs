//! Reads the conformance corpus: cases in JSON, with inputs of any layout and exact floats.
//!
//! One object a line: `expr`; `inputs`, name → `{dtype, shape, data}` and perhaps a `layout`; `tol`; `expect`, which is
//! `{dtype, shape, values}`, `{"error": hint}` or `{"any": true}`. Floats are C99 hex text, so that nothing is lost.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use numfuse::{Complex, DType, Kind, Literal, Scalar};
use serde_json::Value as Json;

use crate::stored::{Layout, Stored};

/// One expression, its inputs and what NumPy says.
pub struct Case {
    pub id: String,
    pub group: String,
    pub text: String,
    pub inputs: BTreeMap<String, Stored>,
    pub tolerance: Tolerance,
    pub expected: Expected,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Tolerance {
    /// The bits; any NaN is any other.
    Exact,
    /// Relative, of 64 and of 32 bits.
    Relative(f64, f64),
}

pub enum Expected {
    /// This array.
    Array { dtype: DType, shape: Vec<usize>, values: Vec<Scalar> },
    /// An array of a type that numfuse has none for.
    Foreign(String),
    /// A clean error, of this cause.
    Error(String),
    /// An array or a clean error.
    Any,
}

/// The cases of `NUMFUSE_CORPUS`, or those of `tests/data/numpy.jsonl`.
pub fn read() -> Vec<Case> {
    match std::env::var_os("NUMFUSE_CORPUS") {
        Some(path) => read_file(&PathBuf::from(path)),
        None => read_own("numpy.jsonl"),
    }
}

/// The cases of a file in `tests/data`.
pub fn read_own(name: &str) -> Vec<Case> {
    read_file(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name))
}

fn read_file(path: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let cases = text.lines().filter(|line| !line.trim().is_empty()).enumerate();
    let case = |(k, line): (usize, &str)| {
        let json = serde_json::from_str(line).unwrap_or_else(|e| panic!("{}:{}: {e}", path.display(), k + 1));
        Case::new(&json)
    };
    cases.map(case).collect()
}

impl Case {
    fn new(json: &Json) -> Case {
        let text = |key: &str| json[key].as_str().unwrap_or_else(|| panic!("{key} of {json}")).to_owned();
        let inputs = json["inputs"].as_object().expect("inputs");
        Case {
            id: text("id"),
            group: text("group"),
            text: text("expr"),
            inputs: inputs.iter().map(|(name, input)| (name.clone(), operand(input))).collect(),
            tolerance: Tolerance::new(&text("tol")),
            expected: Expected::new(&json["expect"]),
        }
    }
}

impl Tolerance {
    fn new(name: &str) -> Tolerance {
        match name {
            "exact" => Tolerance::Exact,
            "ulp" => Tolerance::Relative(1e-13, 1e-5),
            "reduction" => Tolerance::Relative(1e-12, 1e-4),
            "half" => Tolerance::Relative(1e-3, 1e-3),
            other => panic!("no tolerance `{other}`"),
        }
    }
}

impl Expected {
    fn new(json: &Json) -> Expected {
        if json["any"] == true {
            return Expected::Any;
        }
        if let Some(hint) = json["error"].as_str() {
            return Expected::Error(hint.to_owned());
        }
        let name = json["dtype"].as_str().expect("dtype");
        match DType::from_name(name) {
            None => Expected::Foreign(name.to_owned()),
            Some(dtype) => {
                let shape = extents(&json["shape"]);
                let mut values = Vec::new();
                flatten(&json["values"], shape.len(), &mut |value| values.push(scalar(value, dtype)));
                Expected::Array { dtype, shape, values }
            }
        }
    }
}

/// A type by NumPy's name, byte strings too.
fn dtype(name: &str) -> DType {
    let bytes = || name.strip_prefix('S').and_then(|length| length.parse().ok()).map(DType::Bytes);
    DType::from_name(name).or_else(bytes).unwrap_or_else(|| panic!("no type {name}"))
}

fn operand(json: &Json) -> Stored {
    let dtype = dtype(json["dtype"].as_str().expect("dtype"));
    let shape = extents(&json["shape"]);
    if dtype.kind() == Kind::Bytes {
        let mut elements = Vec::new();
        flatten(&json["data"], shape.len(), &mut |value| elements.push(bytes(value)));
        return Stored::of_bytes(dtype, &shape, &elements, None, &Layout::c_order(&shape));
    }
    let mut elements = Vec::new();
    flatten(&json["data"], shape.len(), &mut |value| elements.push(scalar(value, dtype)));
    let layout = match json.get("layout") {
        None => Layout::c_order(&shape),
        Some(layout) => layout_of(layout, dtype),
    };
    Stored::new(dtype, &shape, &elements, &layout)
}

fn bytes(json: &Json) -> Vec<u8> {
    let text = json["hex"].as_str().expect("hex");
    let byte = |k: usize| u8::from_str_radix(&text[k..k + 2], 16).expect("two hexadecimal digits");
    (0..text.len()).step_by(2).map(byte).collect()
}

fn layout_of(json: &Json, dtype: DType) -> Layout {
    let number = |json: &Json| json.as_i64().expect("an integer");
    let order = json["byteorder"].as_str().expect("byteorder");
    Layout {
        steps: json["strides"]
            .as_array()
            .expect("strides")
            .iter()
            .map(|step| number(step) as isize)
            .collect(),
        offset: number(&json["offset"]) as usize,
        length: number(&json["base_len"]) as usize,
        gap: Some(scalar(&json["gap"], dtype)),
        swapped: order == if cfg!(target_endian = "big") { "<" } else { ">" },
        skew: 0,
    }
}

fn extents(json: &Json) -> Vec<usize> {
    let list = json.as_array().expect("a shape");
    list.iter().map(|extent| extent.as_u64().expect("an extent") as usize).collect()
}

/// Every element of lists that are `depth` deep.
fn flatten(json: &Json, depth: usize, each: &mut impl FnMut(&Json)) {
    match depth {
        0 => each(json),
        _ => json.as_array().expect("a list").iter().for_each(|item| flatten(item, depth - 1, each)),
    }
}

fn scalar(json: &Json, dtype: DType) -> Scalar {
    let integer = || match (json.as_i64(), json.as_u64()) {
        (Some(value), _) => i128::from(value),
        (_, Some(value)) => i128::from(value),
        _ => panic!("{json} as {dtype}"),
    };
    let literal = match dtype.kind() {
        Kind::Bool => Literal::Bool(json.as_bool().expect("a truth value")),
        Kind::Int => Literal::Int(integer()),
        Kind::Float => Literal::Float(float(json)),
        Kind::Complex => Literal::Complex(Complex::new(float(&json[0]), float(&json[1]))),
        Kind::Bytes => panic!("a byte string is no number"),
    };
    literal.to_scalar(dtype).unwrap_or_else(|| panic!("{json} as {dtype}"))
}

fn float(json: &Json) -> f64 {
    match json.as_str() {
        None => json.as_f64().expect("a number"),
        Some("nan") => f64::NAN,
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        Some(text) => hexadecimal(text).unwrap_or_else(|| panic!("{text} is no float")),
    }
}

/// C99's form: `-0x1.8p+1` is -3.
fn hexadecimal(text: &str) -> Option<f64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let (mantissa, exponent) = digits.strip_prefix("0x")?.split_once('p')?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let bits = u64::from_str_radix(&format!("{whole}{fraction}"), 16).ok()?;
    let exponent = exponent.parse::<i32>().ok()? - 4 * fraction.len() as i32;
    // in two steps, of which the first leaves the number normal: 2^-1074 itself is no factor for 2^-1126
    let half = exponent / 2;
    Some(sign * (bits as f64 * 2f64.powi(half)) * 2f64.powi(exponent - half))
}
