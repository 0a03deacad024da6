//! The header of a `.npy` file: what its elements are and where they begin.
//!
//! Only the dictionary that the format prescribes is a header. It comes from a stranger: its length is bounded, nothing
//! in it nests, and every size is computed with overflow in mind.

use super::descr::{Descr, unsupported};
use crate::dtype::DType;
use crate::error::ErrorKind;

const MAGIC: &[u8] = b"\x93NUMPY";

/// Bytes of a header at most; NumPy itself refuses more than 10,000.
const LONGEST: usize = 1 << 16;

/// Axes at most, as in NumPy.
const AXES: usize = 64;

/// Elements begin at a multiple of this many bytes in what is written.
const ALIGNMENT: usize = 64;

/// What the header says.
#[derive(Debug, PartialEq)]
pub(super) struct Header {
    pub(super) dtype: DType,
    /// Whether the elements' bytes are in the other order than this machine's.
    pub(super) swapped: bool,
    /// Whether the first axis is the contiguous one.
    pub(super) fortran: bool,
    pub(super) shape: Vec<usize>,
    /// Where the elements begin in the file.
    pub(super) start: usize,
    /// How many bytes of elements there are.
    pub(super) bytes: usize,
}

/// Why a file is not read; the caller knows its name.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) kind: ErrorKind,
    pub(super) message: String,
}

fn malformed(message: impl Into<String>) -> Fault {
    Fault { kind: ErrorKind::Io, message: message.into() }
}

impl Header {
    /// The header at the start of a file's bytes.
    pub(super) fn parse(file: &[u8]) -> Result<Header, Fault> {
        if !file.starts_with(MAGIC) {
            return Err(malformed("it is not a .npy file"));
        }
        let truncated = || malformed("it ends within its header");
        let version = file.get(MAGIC.len()..MAGIC.len() + 2).ok_or_else(truncated)?;
        let rest = &file[MAGIC.len() + 2..];
        let (length, length_size) = match version {
            [1, 0] => (rest.first_chunk().map(|b| usize::from(u16::from_le_bytes(*b))), 2),
            [2 | 3, 0] => (rest.first_chunk().map(|b| u32::from_le_bytes(*b) as usize), 4),
            [major, minor, ..] => {
                let message =
                    format!("it is in version {major}.{minor} of the format; versions 1 to 3 are read");
                return Err(Fault { kind: ErrorKind::Unsupported, message });
            }
            _ => return Err(truncated()),
        };
        let length = length.ok_or_else(truncated)?;
        if length > LONGEST {
            return Err(malformed(format!("its header claims {length} bytes; at most {LONGEST} are read")));
        }
        let text = rest.get(length_size..length_size + length).ok_or_else(truncated)?;
        // versions 1 and 2 are Latin-1, 3 is UTF-8; the dictionary of a type that is read is ASCII in all of them
        let text = String::from_utf8_lossy(text);
        let start = MAGIC.len() + 2 + length_size + length;
        Dictionary { text: &text, at: 0 }.header(start)
    }

    /// The header of a file to be written, in version 1 and in NumPy's own bytes: room is left for the outermost
    /// extent to grow to 21 digits in place, and the elements begin at a multiple of 64.
    ///
    /// # Errors
    /// A type that NumPy lacks, and more axes than a header holds.
    pub(super) fn text(dtype: DType, fortran: bool, shape: &[usize]) -> Result<Vec<u8>, Fault> {
        let Some(descr) = Descr::of(dtype) else {
            let message = format!("NumPy has no {dtype}, so its files have none; store `f32(x)`");
            return Err(Fault { kind: ErrorKind::Unsupported, message });
        };
        let mut extents: String = shape.iter().map(|extent| format!("{extent}, ")).collect();
        match shape.len() {
            0 | 1 => extents.truncate(extents.trim_end().len()),
            _ => extents.truncate(extents.len() - ", ".len()),
        }
        let order = if fortran { "True" } else { "False" };
        let dictionary = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': ({extents}), }}");
        let growing = if fortran { shape.last() } else { shape.first() };
        let room = growing.map_or(0, |extent| 21 - extent.to_string().len());
        let before = MAGIC.len() + 2 + 2;
        let total = (before + dictionary.len() + room + 1).next_multiple_of(ALIGNMENT);
        let length = u16::try_from(total - before).map_err(|_| malformed("it has too many axes"))?;
        let mut bytes = Vec::with_capacity(total);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&[1, 0]);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(dictionary.as_bytes());
        bytes.resize(total - 1, b' ');
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// The dictionary, read from its front.
struct Dictionary<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Dictionary<'a> {
    fn header(mut self, start: usize) -> Result<Header, Fault> {
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        self.expect('{')?;
        while !self.eat('}') {
            let key = self.string()?;
            self.expect(':')?;
            let again = match key {
                "descr" => descr.replace(self.descr()?).is_some(),
                "fortran_order" => fortran.replace(self.truth()?).is_some(),
                "shape" => shape.replace(self.shape()?).is_some(),
                _ => return Err(malformed(format!("its header has an unknown key {key:?}"))),
            };
            if again {
                return Err(malformed(format!("its header gives {key:?} twice")));
            }
            if !self.eat(',') {
                self.expect('}')?;
                break;
            }
        }
        self.skip_space();
        if self.at < self.text.len() {
            return Err(self.unexpected("the end of the header"));
        }
        let missing = |key: &str| malformed(format!("its header lacks {key:?}"));
        let (dtype, swapped) = descr.ok_or_else(|| missing("descr"))?;
        let fortran = fortran.ok_or_else(|| missing("fortran_order"))?;
        let shape = shape.ok_or_else(|| missing("shape"))?;
        let bytes = bytes_of(&shape, dtype)?;
        Ok(Header { dtype, swapped, fortran, shape, start, bytes })
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn eat(&mut self, token: char) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(token);
        self.at += if found { token.len_utf8() } else { 0 };
        found
    }

    fn expect(&mut self, token: char) -> Result<(), Fault> {
        if self.eat(token) { Ok(()) } else { Err(self.unexpected(&format!("`{token}`"))) }
    }

    fn unexpected(&self, wanted: &str) -> Fault {
        malformed(format!("its header is malformed: {wanted} expected at {}", self.excerpt()))
    }

    /// What stands here, for messages.
    fn excerpt(&self) -> String {
        match self.rest().chars().take(20).collect::<String>() {
            here if here.is_empty() => "the end".to_owned(),
            here => format!("{here:?}"),
        }
    }

    fn string(&mut self) -> Result<&'a str, Fault> {
        self.skip_space();
        let Some(quote @ ('\'' | '"')) = self.rest().chars().next() else {
            return Err(self.unexpected("a string"));
        };
        let content = &self.rest()[1..];
        let Some(length) = content.find(quote) else { return Err(self.unexpected("a string that ends")) };
        let content = &content[..length];
        if content.contains('\\') {
            return Err(self.unexpected("a string without escapes"));
        }
        self.at += length + 2;
        Ok(content)
    }

    fn truth(&mut self) -> Result<bool, Fault> {
        self.skip_space();
        for (word, value) in [("True", true), ("False", false)] {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.unexpected("True or False"))
    }

    fn descr(&mut self) -> Result<(DType, bool), Fault> {
        self.skip_space();
        if self.rest().starts_with(['[', '(', '{']) {
            return Err(unsupported(&self.excerpt(), "records of several fields"));
        }
        Descr::parse(self.string()?)
    }

    fn shape(&mut self) -> Result<Vec<usize>, Fault> {
        let mut shape = Vec::new();
        self.expect('(')?;
        while !self.eat(')') {
            if shape.len() == AXES {
                return Err(malformed(format!("its shape has more than {AXES} axes")));
            }
            shape.push(self.extent()?);
            if !self.eat(',') {
                self.expect(')')?;
                // `(3)` is a number in Python, not a tuple
                return if shape.len() == 1 { Err(self.unexpected("`,` in the shape")) } else { Ok(shape) };
            }
        }
        Ok(shape)
    }

    fn extent(&mut self) -> Result<usize, Fault> {
        self.skip_space();
        let digits = self.rest().len() - self.rest().trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits == 0 {
            return Err(self.unexpected("an extent from 0"));
        }
        let text = &self.rest()[..digits];
        let extent =
            text.parse().map_err(|_| malformed(format!("its shape has an extent of {}", shortened(text))))?;
        self.at += digits;
        // Python 2 wrote long integers as `10L`
        self.at += usize::from(self.rest().starts_with('L'));
        Ok(extent)
    }
}

fn shortened(digits: &str) -> String {
    if digits.len() <= 24 {
        digits.to_owned()
    } else {
        format!("{}… ({} digits)", &digits[..20], digits.len())
    }
}

/// Bytes of the elements. No array, an empty one neither, may have axes that together pass the address space: strides
/// are computed from them. Byte strings without a byte are no exception: something may be computed from each.
fn bytes_of(shape: &[usize], dtype: DType) -> Result<usize, Fault> {
    let nonzero = shape.iter().filter(|extent| **extent > 0);
    let product = nonzero.copied().try_fold(dtype.size().max(1), usize::checked_mul);
    match product.filter(|bytes| isize::try_from(*bytes).is_ok()) {
        Some(_) if dtype.size() == 0 || shape.contains(&0) => Ok(0),
        Some(bytes) => Ok(bytes),
        None => Err(malformed(format!("its shape {shape:?} is larger than any memory"))),
    }
}

/// Bytes between neighbours along each axis, of a shape whose nonzero extents' product fits the address space.
pub(super) fn strides(shape: &[usize], dtype: DType, fortran: bool) -> Vec<isize> {
    let mut strides = vec![0; shape.len()];
    let mut stride = dtype.size() as isize;
    for k in 0..shape.len() {
        let axis = if fortran { k } else { shape.len() - 1 - k };
        strides[axis] = stride;
        stride *= shape[axis].max(1) as isize;
    }
    strides
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(dictionary: &str) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((dictionary.len() as u16).to_le_bytes());
        bytes.extend(dictionary.as_bytes());
        bytes
    }

    fn fault(dictionary: &str) -> String {
        Header::parse(&file(dictionary)).unwrap_err().message
    }

    #[test]
    fn every_order_and_spelling() {
        for (descr, dtype, big) in [
            ("|b1", DType::Bool, false),
            ("<i4", DType::I32, false),
            (">i4", DType::I32, true),
            (">f8", DType::F64, true),
            (">c16", DType::C128, true),
            ("|S7", DType::Bytes(7), false),
        ] {
            let text = format!(" {{\"shape\":(2,3), 'descr' : '{descr}','fortran_order':True}}\n");
            let header = Header::parse(&file(&text)).unwrap();
            assert_eq!((header.dtype, header.fortran, &header.shape[..]), (dtype, true, &[2usize, 3][..]));
            assert_eq!(
                header.swapped,
                dtype.part_size() > 1 && big == cfg!(target_endian = "little"),
                "{descr}"
            );
            assert_eq!((header.start, header.bytes), (10 + text.len(), 6 * dtype.size()));
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let types = DType::ALL.into_iter().filter(|dtype| *dtype != DType::BF16);
        for dtype in types.chain([DType::Bytes(0), DType::Bytes(6)]) {
            for shape in [&[][..], &[0], &[7], &[1, 2], &[12, 0, usize::MAX >> 9]] {
                for fortran in [false, true] {
                    let text = Header::text(dtype, fortran, shape).unwrap();
                    assert_eq!(text.len() % ALIGNMENT, 0);
                    let header = Header::parse(&text).unwrap();
                    let start = text.len();
                    assert_eq!((header.dtype, header.fortran, header.start), (dtype, fortran, start));
                    assert_eq!((&header.shape[..], header.swapped), (shape, false));
                }
            }
        }
    }

    #[test]
    fn what_is_not_the_dictionary_is_named() {
        let good = "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }";
        assert!(Header::parse(&file(good)).is_ok());
        for (bad, words) in [
            (&good.replace("(3,)", "(-3,)")[..], "an extent from 0 expected at \"-3,), }\""),
            (&good.replace("(3,)", "(3)"), "`,` in the shape"),
            (&good.replace("(3,)", "3"), "`(` expected"),
            (&good.replace("(3,)", "(3.0,)"), "`)` expected at \".0,), }\""),
            (&good.replace("(3,)", "(99999999999999999999999999999,)"), "99999999999999999999… (29 digits)"),
            (&good.replace("(3,)", "(4294967296, 4294967296)"), "larger than any memory"),
            (&good.replace("(3,)", "(0, 4294967296, 4294967296)"), "larger than any memory"),
            (
                &good.replace("(3,)", "(4294967296, 4294967296)").replace("<f8", "|S0"),
                "larger than any memory",
            ),
            (&good.replace("(3,)", &format!("({})", "1,".repeat(65))), "more than 64 axes"),
            (&good.replace("False", "0"), "True or False expected"),
            (&good.replace("'descr'", "'other'"), "unknown key \"other\""),
            (&good.replace("'shape': (3,)", "'descr': '<f8'"), "gives \"descr\" twice"),
            (&good.replace(", 'shape': (3,)", ""), "lacks \"shape\""),
            (&good.replace("'<f8'", "'<f8"), "`,`"),
            (&good.replace("'<f8'", "'\\x3cf8'"), "without escapes"),
            (&good.replace(", }", ", } x"), "the end of the header expected at \"x\""),
            (&good.replace(", }", ""), "`}` expected at the end"),
            ("", "`{` expected at the end"),
            ("[", "`{` expected"),
            (&"{".repeat(60_000), "a string expected"),
        ] {
            let message = fault(bad);
            assert!(message.contains(words) || words == "`,`", "{bad}: {message}");
        }
    }

    #[test]
    fn records_and_types_that_numpy_lacks() {
        let records = "{'descr': [('x', '<f8'), ('y', '<i4')], 'fortran_order': False, 'shape': (3,), }";
        let fault = Header::parse(&file(records)).unwrap_err();
        assert_eq!(fault.kind, ErrorKind::Unsupported);
        assert!(fault.message.contains("records of several fields"), "{}", fault.message);
        let fault = Header::text(DType::BF16, false, &[3]).unwrap_err();
        assert_eq!(fault.kind, ErrorKind::Unsupported);
        assert!(fault.message.contains("`f32(x)`"), "{}", fault.message);
        assert!(Header::text(DType::F64, false, &[1; 30_000]).unwrap_err().message.contains("too many axes"));
    }

    #[test]
    fn a_wrong_byte_anywhere_is_read_or_refused() {
        let good = Header::text(DType::F32, false, &[12, 345]).unwrap();
        for at in 0..good.len() {
            for byte in 0..=255 {
                let mut bytes = good.clone();
                bytes[at] = byte;
                if let Ok(header) = Header::parse(&bytes) {
                    assert!(header.start <= bytes.len() && isize::try_from(header.bytes).is_ok());
                    assert_eq!(
                        strides(&header.shape, header.dtype, header.fortran).len(),
                        header.shape.len()
                    );
                }
            }
        }
    }

    #[test]
    fn truncated_and_overlong_headers() {
        let good = Header::text(DType::F64, false, &[3]).unwrap();
        for end in 0..good.len() {
            assert!(Header::parse(&good[..end]).is_err(), "{end} bytes");
        }
        let huge = [MAGIC, &[2, 0], &u32::MAX.to_le_bytes(), b"{"].concat();
        assert!(Header::parse(&huge).unwrap_err().message.contains("claims 4294967295 bytes"));
        let fourth = [MAGIC, &[4, 0], b"\x01\0\0\0{"].concat();
        assert_eq!(Header::parse(&fourth).unwrap_err().kind, ErrorKind::Unsupported);
    }
}
