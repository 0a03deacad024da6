//! The values of literals. The grammar has seen to their form; what is left are values that do not fit.

use super::ast::{Ast, Expr};
use crate::error::{Error, ErrorKind, Result};
use std::borrow::Cow;

/// The value of a number: `12`, `0xff`, `1_000.5e-3`, `2j`.
pub(super) fn number(text: &str) -> Result<Expr> {
    match text.as_bytes() {
        [digit @ b'0'..=b'9'] => Ok(Expr::Int(i128::from(digit - b'0'))),
        [b'0', b'x' | b'X', ..] => integer(&text[2..], 16),
        [b'0', b'o' | b'O', ..] => integer(&text[2..], 8),
        [b'0', b'b' | b'B', ..] => integer(&text[2..], 2),
        [.., b'j' | b'J'] => float(&text[..text.len() - 1]).map(Expr::Imaginary),
        bytes if bytes.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')) => float(text).map(Expr::Float),
        [b'0', ..] if text.contains(|digit: char| !matches!(digit, '0' | '_')) => {
            let error = Error::new(ErrorKind::Syntax, "an integer does not begin with 0");
            Err(error.with_help("drop the zeros, or write `0o` before the digits of an octal number"))
        }
        _ => integer(text, 10),
    }
}

/// Integers are wider than any array's here: `-9223372036854775808` is an operator and a literal.
fn integer(digits: &str, radix: u32) -> Result<Expr> {
    digits
        .chars()
        .filter_map(|character| character.to_digit(radix))
        .try_fold(0i128, |value, digit| value.checked_mul(radix.into())?.checked_add(digit.into()))
        .map(Expr::Int)
        .ok_or_else(|| {
            Error::new(ErrorKind::Overflow, "this integer is too large")
                .with_help("a decimal point makes it a float: `1e40`, `12.0`")
        })
}

/// Correctly rounded; too large is infinity, too small is zero, as in Python.
fn float(text: &str) -> Result<f64> {
    let digits = if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
    digits.parse().map_err(|_| Error::new(ErrorKind::Internal, "the parser let a malformed number pass"))
}

/// The value of a string with its prefix and quotes.
pub(super) fn string(ast: &mut Ast, text: &str) -> Result<Expr> {
    let is_bytes = text.starts_with(['b', 'B']);
    let quoted = if is_bytes { &text[1..] } else { text };
    let content = &quoted[1..quoted.len() - 1];
    if is_bytes {
        let bytes = unescape(content, |value: &mut Vec<u8>, character| {
            let byte = u8::try_from(u32::from(character)).map_err(|_| not_a_byte(character))?;
            value.push(byte);
            Ok(())
        })?;
        // An escape may make any byte, but what stands there as it is must be ASCII, whose bytes are unambiguous.
        match content.chars().find(|character| !character.is_ascii()) {
            Some(character) => Err(not_a_byte(character)),
            None => Ok(Expr::Bytes(ast.add_bytes(&bytes))),
        }
    } else {
        let string = unescape(content, |value: &mut String, character| {
            value.push(character);
            Ok(())
        })?;
        Ok(Expr::Str(ast.add_string(&string)))
    }
}

fn not_a_byte(character: char) -> Error {
    let code = u32::from(character);
    Error::new(ErrorKind::Syntax, format!("`{character}` (U+{code:04X}) is not an ASCII character"))
        .with_help("a byte string holds ASCII characters and escapes: `b'\\xff'`")
}

/// Resolves the escapes of Python that name one character; octal and named ones are left out.
fn unescape<T: Default>(content: &str, push: impl Fn(&mut T, char) -> Result<()>) -> Result<T> {
    let mut value = T::default();
    let mut characters = content.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            push(&mut value, character)?;
            continue;
        }
        let rest = characters.as_str();
        let escape = characters.next();
        let resolved = match escape {
            Some('\\' | '\'' | '"') => escape,
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            // `\01` is one character in Python, and two in other languages.
            Some('0') if !characters.as_str().starts_with(|digit: char| digit.is_ascii_digit()) => Some('\0'),
            Some('x') => {
                let code = rest.get(1..3).filter(|code| code.bytes().all(|digit| digit.is_ascii_hexdigit()));
                characters = rest.get(3..).unwrap_or_default().chars();
                code.and_then(|code| u8::from_str_radix(code, 16).ok()).map(char::from)
            }
            Some(_) | None => None,
        };
        let Some(resolved) = resolved else {
            let shown: String = escape.into_iter().collect();
            return Err(Error::new(
                ErrorKind::Syntax,
                format!("`\\{shown}` is not an escape of the language"),
            )
            .with_help("the escapes are \\\\ \\' \\\" \\n \\r \\t \\0 and \\x with two hexadecimal digits"));
        };
        push(&mut value, resolved)?;
    }
    Ok(value)
}
