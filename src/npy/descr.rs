//! The type of a file's elements, as NumPy describes it: `<f8`, `|S6`.

use std::fmt;

use super::header::Fault;
use crate::dtype::DType;
use crate::error::ErrorKind;

/// A type in this machine's byte order, in NumPy's words.
#[derive(Debug)]
pub(super) struct Descr(DType);

impl Descr {
    /// `None` for a type that NumPy lacks.
    pub(super) fn of(dtype: DType) -> Option<Descr> {
        (dtype != DType::BF16).then_some(Descr(dtype))
    }

    /// The type of a description, and whether its bytes are in the other order than this machine's.
    pub(super) fn parse(text: &str) -> Result<(DType, bool), Fault> {
        let (order, code) = match text.strip_prefix(['<', '>', '|', '=']) {
            Some(code) => (text.chars().next(), code),
            None => (None, text),
        };
        // an order is needed where there is one: NumPy always writes it
        let ordered = matches!(order, Some('<' | '>'));
        let dtype = match code {
            "b1" | "?" => DType::Bool,
            "i1" => DType::I8,
            "u1" => DType::U8,
            "i2" if ordered => DType::I16,
            "i4" if ordered => DType::I32,
            "i8" if ordered => DType::I64,
            "u2" if ordered => DType::U16,
            "u4" if ordered => DType::U32,
            "u8" if ordered => DType::U64,
            "f2" if ordered => DType::F16,
            "f4" if ordered => DType::F32,
            "f8" if ordered => DType::F64,
            "c8" if ordered => DType::C64,
            "c16" if ordered => DType::C128,
            _ => match code.strip_prefix('S') {
                Some(length) if is_number(length) => byte_strings(length)?,
                _ => return Err(unsupported(&format!("{text:?}"), kind_of(code))),
            },
        };
        let little = order != Some('>');
        let swapped = dtype.part_size() > 1 && little != cfg!(target_endian = "little");
        Ok((dtype, swapped))
    }
}

impl fmt::Display for Descr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = match self.0.part_size() {
            1 => '|',
            _ if matches!(self.0, DType::Bytes(_)) => '|',
            _ if cfg!(target_endian = "little") => '<',
            _ => '>',
        };
        let letter = match self.0 {
            DType::Bool => 'b',
            DType::I8 | DType::I16 | DType::I32 | DType::I64 => 'i',
            DType::U8 | DType::U16 | DType::U32 | DType::U64 => 'u',
            DType::F16 | DType::BF16 | DType::F32 | DType::F64 => 'f',
            DType::C64 | DType::C128 => 'c',
            DType::Bytes(_) => 'S',
        };
        write!(f, "{order}{letter}{}", self.0.size())
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn byte_strings(length: &str) -> Result<DType, Fault> {
    /// NumPy counts the bytes of an element in a C `int`.
    const LONGEST: u32 = i32::MAX as u32;
    match length.parse() {
        Ok(length @ ..=LONGEST) => Ok(DType::Bytes(length)),
        _ => {
            let message = format!("its byte strings are longer than {LONGEST} bytes");
            Err(Fault { kind: ErrorKind::Io, message })
        }
    }
}

/// The fault of elements that are not read.
pub(super) fn unsupported(descr: &str, what: &str) -> Fault {
    let types = DType::ALL.into_iter().filter(|dtype| *dtype != DType::BF16);
    let names = types.map(DType::name).collect::<Vec<_>>().join(", ");
    let message = format!("it holds {what} ({descr}); {names} and byte strings are read");
    Fault { kind: ErrorKind::Unsupported, message }
}

/// What NumPy calls a type that is not read.
fn kind_of(code: &str) -> &'static str {
    match code {
        "f12" | "f16" => "longdouble",
        "c24" | "c32" => "clongdouble",
        // NumPy has no name for it; `ml_dtypes` adds one, and files get two raw bytes
        "V2" => "raw bytes, or bfloat16 without its name: store it as float32",
        "bfloat16" => "bfloat16, which NumPy has no name for: store it as float32",
        _ => match code.chars().next() {
            Some('U') => "strings",
            Some('T') => "strings of any length",
            Some('O') => "Python objects",
            Some('M') => "dates",
            Some('m') => "time differences",
            Some('V') => "raw bytes",
            _ => "elements of another type",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_in_both_orders() {
        let big = cfg!(target_endian = "big");
        for (descr, dtype, other_order) in [
            ("|b1", DType::Bool, false),
            ("?", DType::Bool, false),
            ("|i1", DType::I8, false),
            (">i1", DType::I8, false),
            ("|u1", DType::U8, false),
            ("<i2", DType::I16, big),
            (">i2", DType::I16, !big),
            ("<i4", DType::I32, big),
            (">i4", DType::I32, !big),
            (">i8", DType::I64, !big),
            ("<u2", DType::U16, big),
            (">u4", DType::U32, !big),
            (">u8", DType::U64, !big),
            ("<f2", DType::F16, big),
            (">f2", DType::F16, !big),
            ("<f4", DType::F32, big),
            (">f8", DType::F64, !big),
            ("<c8", DType::C64, big),
            (">c8", DType::C64, !big),
            (">c16", DType::C128, !big),
            ("|S6", DType::Bytes(6), false),
            (">S1", DType::Bytes(1), false),
            ("|S0", DType::Bytes(0), false),
            ("|S2147483647", DType::Bytes(i32::MAX as u32), false),
        ] {
            assert_eq!(Descr::parse(descr).unwrap(), (dtype, other_order), "{descr}");
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for dtype in DType::ALL.into_iter().chain([0, 1, 6, 1000].map(DType::Bytes)) {
            match Descr::of(dtype) {
                Some(descr) => assert_eq!(Descr::parse(&descr.to_string()).unwrap(), (dtype, false)),
                None => assert_eq!(dtype, DType::BF16),
            }
        }
    }

    #[test]
    fn types_that_are_not_read_are_named() {
        for (descr, words) in [
            ("<f16", "longdouble (\"<f16\")"),
            ("<V2", "bfloat16"),
            ("bfloat16", "bfloat16"),
            ("|V8", "raw bytes (\"|V8\")"),
            ("<U5", "strings"),
            ("|O", "Python objects"),
            ("<M8[ns]", "dates"),
            ("<m8[s]", "time differences"),
            ("f8", "another type (\"f8\")"),
            ("|f8", "another type"),
            ("=f8", "another type"),
            ("<f3", "another type"),
            ("<i16", "another type"),
            ("|S", "another type"),
            ("|S-1", "another type"),
            ("|S+1", "another type"),
            ("", "another type"),
            ("<", "another type"),
        ] {
            let fault = Descr::parse(descr).unwrap_err();
            assert_eq!(fault.kind, ErrorKind::Unsupported);
            assert!(fault.message.contains(words), "{descr}: {}", fault.message);
        }
        for long in ["|S2147483648", "|S99999999999999999999"] {
            let fault = Descr::parse(long).unwrap_err();
            assert_eq!(fault.kind, ErrorKind::Io);
            assert!(fault.message.contains("longer than 2147483647 bytes"), "{}", fault.message);
        }
    }
}
