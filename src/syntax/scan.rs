//! One look over the bytes before the parser sees them: characters, strings, and how deep brackets nest.
//!
//! The parser recurses with the brackets, so their depth is limited here, in one pass that does not. What is found on
//! the way (an invisible character, a bracket that is never closed) makes better messages than a parser's.

use super::Limits;
use super::ast::Span;
use crate::error::{Error, ErrorKind, Result, is_invisible};
use std::borrow::Cow;

/// Checks the text's characters and brackets. The errors have a place, but not yet the text.
///
/// Answers the text for the parser: comments are blanked, which keeps every place, so that the grammar need not look
/// for one behind every token.
pub(super) fn scan<'t>(text: &'t str, limits: &Limits) -> Result<Cow<'t, str>> {
    let bytes = text.as_bytes();
    let mut open: Vec<(u8, usize)> = Vec::new();
    let (mut blanked, mut kept) = (String::new(), 0);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'(' | b'[' | b'{' if open.len() >= limits.nesting => {
                let limit = limits.nesting;
                let message = format!("brackets nest deeper than the limit of {limit} levels");
                return Err(Error::new(ErrorKind::Limit, message).at(at..at + 1));
            }
            b'(' | b'[' | b'{' => open.push((byte, at)),
            b')' | b']' | b'}' => close(open.pop(), byte, at)?,
            b'\'' | b'"' => {
                at = string_end(text, at)?;
                continue;
            }
            b'#' => {
                let end = comment_end(text, at)?;
                blanked.push_str(&text[kept..at]);
                blanked.extend(std::iter::repeat_n(' ', end - at));
                kept = end;
                at = end;
                continue;
            }
            b'\t' | b'\n' | b'\r' | b' '..=b'~' => {}
            0..=0x1f | 0x7f..=0xff => return Err(foreign(text, at)),
        }
        at += 1;
    }
    match open.pop() {
        None if blanked.is_empty() => Ok(Cow::Borrowed(text)),
        None => Ok(Cow::Owned(blanked + &text[kept..])),
        Some((bracket, at)) => {
            let message = format!("this `{}` is never closed", char::from(bracket));
            Err(Error::new(ErrorKind::Syntax, message).at(at..at + 1))
        }
    }
}

fn close(open: Option<(u8, usize)>, close: u8, at: usize) -> Result<()> {
    let message = match open {
        Some((b'(', _)) if close == b')' => return Ok(()),
        Some((b'[', _)) if close == b']' => return Ok(()),
        Some((b'{', _)) if close == b'}' => return Ok(()),
        Some((open, _)) => format!("`{}` cannot close `{}`", char::from(close), char::from(open)),
        None => format!("this `{}` closes nothing", char::from(close)),
    };
    Err(Error::new(ErrorKind::Syntax, message).at(at..at + 1))
}

/// The end of the string whose opening quote is at `start`.
fn string_end(text: &str, start: usize) -> Result<usize> {
    let quote = char::from(text.as_bytes()[start]);
    let mut characters = text[start + 1..].char_indices();
    while let Some((at, character)) = characters.next() {
        let at = start + 1 + at;
        match character {
            _ if character == quote => return Ok(at + 1),
            '\n' | '\r' => break,
            // Whatever it is, an escaped character does not close the string; what it means is decided later.
            '\\' => match characters.next() {
                None | Some((_, '\n' | '\r')) => break,
                Some((_, escaped)) if is_foreign(escaped) => return Err(foreign(text, at + 1)),
                Some(_) => {}
            },
            _ if is_foreign(character) => return Err(foreign(text, at)),
            _ => {}
        }
    }
    Err(Error::new(ErrorKind::Syntax, "this string is never closed").at(start..start + 1))
}

fn comment_end(text: &str, start: usize) -> Result<usize> {
    let end = text[start..].find('\n').map_or(text.len(), |length| start + length);
    match text[start..end].trim_end_matches('\r').char_indices().find(|&(_, character)| is_foreign(character))
    {
        None => Ok(end),
        Some((at, _)) => Err(foreign(text, start + at)),
    }
}

/// Strings and comments may hold any character that can be seen.
fn is_foreign(character: char) -> bool {
    character != '\t' && is_invisible(character)
}

/// The error for a character that is not of the language.
fn foreign(text: &str, at: usize) -> Error {
    let character = text[at..].chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
    let code = u32::from(character);
    let span = at..at + character.len_utf8();
    let name = match (character, is_invisible(character) || character.is_whitespace()) {
        ('\0', _) => "NUL (U+0000)".to_owned(),
        ('\u{a0}', _) => "the no-break space U+00A0".to_owned(),
        ('\u{200b}', _) => "the zero-width space U+200B".to_owned(),
        ('\u{2028}', _) => "the line separator U+2028".to_owned(),
        ('\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}', _) => format!("the direction mark U+{code:04X}"),
        ('\u{feff}', _) => "the byte order mark U+FEFF".to_owned(),
        (_, true) => format!("the character U+{code:04X}"),
        (_, false) => format!("`{character}` (U+{code:04X})"),
    };
    let error = Error::new(ErrorKind::Syntax, format!("{name} is not part of the language")).at(span);
    match spelled_as(character) {
        Some(spelling) => error.with_help(format!("write `{spelling}`")),
        None if is_invisible(character) => error.with_help("it may have come with a copied text: delete it"),
        None if character.is_whitespace() => error.with_help("use the plain space"),
        None => error.with_help("names are made of the letters a to z, A to Z, digits and `_`"),
    }
}

/// How the language writes what keyboards and word processors make a character of its own.
fn spelled_as(character: char) -> Option<&'static str> {
    Some(match character {
        '×' | '·' | '⋅' | '∗' => "*",
        '÷' | '∕' => "/",
        '−' | '–' | '—' => "-",
        '≤' => "<=",
        '≥' => ">=",
        '≠' => "!=",
        '¬' => "~",
        '∧' => "&",
        '∨' => "|",
        '²' => "**2",
        '³' => "**3",
        '√' => "sqrt(…)",
        'π' => "pi",
        '∞' => "inf",
        '‘' | '’' | '“' | '”' => "'",
        _ => return None,
    })
}

/// The span of the whole text.
pub(super) fn whole(text: &str) -> Span {
    Span { start: 0, end: text.len() as u32 }
}
