//! Reads the conformance corpus: cases in JSON, with inputs of any layout and exact floats.
//!
//! One object a line: `expr`; `inputs`, name → `{dtype, shape, data}` and perhaps a `layout`; `tol`; `expect`, which is
//! `{dtype, shape, values}`, `{"error": hint}` or `{"any": true}`. Floats are C99 hex text, so that nothing is lost.

use std::collections::BTreeMap;
use std::path::PathBuf;

use numfuse::{DType, Scalar};
use serde_json::Value as Json;

use crate::stored::{Layout, Stored};

/// One expression, its inputs and what NumPy says.
pub struct Case {
    pub id: String,
    pub group: String,
    pub text: String,
    pub inputs: BTreeMap<String, Operand>,
    pub tolerance: Tolerance,
    pub expected: Expected,
}

/// An input.
pub enum Operand {
    Array(Stored),
    /// Of a type that numfuse has none for.
    Foreign(String),
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

/// The cases of `NUMFUSE_CORPUS`, or the ones that come with the tests.
pub fn read() -> Vec<Case> {
    let path = match std::env::var_os("NUMFUSE_CORPUS") {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/numpy.jsonl"),
    };
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
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
            inputs: inputs.iter().map(|(name, input)| (name.clone(), Operand::new(input))).collect(),
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
                let mut values = Vec::new();
                flatten(&json["values"], &mut |value| values.push(scalar(value, dtype)));
                Expected::Array { dtype, shape: extents(&json["shape"]), values }
            }
        }
    }
}

impl Operand {
    fn new(json: &Json) -> Operand {
        let name = json["dtype"].as_str().expect("dtype");
        let Some(dtype) = DType::from_name(name) else { return Operand::Foreign(name.to_owned()) };
        let shape = extents(&json["shape"]);
        let mut elements = Vec::new();
        flatten(&json["data"], &mut |value| elements.push(scalar(value, dtype)));
        let layout = match json.get("layout") {
            None => Layout::c_order(&shape),
            Some(layout) => layout_of(layout, dtype),
        };
        Operand::Array(Stored::new(dtype, &shape, &elements, &layout))
    }
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

fn flatten(json: &Json, each: &mut impl FnMut(&Json)) {
    match json.as_array() {
        Some(list) => list.iter().for_each(|item| flatten(item, each)),
        None => each(json),
    }
}

fn scalar(json: &Json, dtype: DType) -> Scalar {
    let integer = || json.as_i64().unwrap_or_else(|| panic!("{json} as {dtype}"));
    match dtype {
        DType::Bool => Scalar::Bool(json.as_bool().expect("a truth value")),
        DType::I32 => Scalar::I32(i32::try_from(integer()).expect("an int32")),
        DType::I64 => Scalar::I64(integer()),
        DType::F32 => Scalar::F32(float(json) as f32),
        DType::F64 => Scalar::F64(float(json)),
        other => panic!("the corpus has no {other}"),
    }
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
