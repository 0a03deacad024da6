//! One look over the bytes before the parser sees them: characters, strings, and how deep brackets nest.
//!
//! Where statements end is found here as well. The parser recurses with the brackets, so their depth is limited here, in one pass that does not. What is found on
//! the way (an invisible character, a bracket that is never closed) makes better messages than a parser's.

use super::Limits;
use super::ast::Span;
use crate::error::{Error, ErrorKind, Result, is_invisible};
use std::borrow::Cow;

/// The text for the parser.
pub(super) struct Scanned<'t> {
    pub(super) text: Cow<'t, str>,
    /// Whether it may have statements: what tells them from a formula is cheaper to see here than to try there.
    pub(super) has_statements: bool,
}

/// Checks the text's characters and brackets. The errors have a place, but not yet the text.
///
/// Answers the text for the parser, every byte in its place: comments are blanked, so that the grammar need not look
/// for one behind every token, and a new line that ends a statement is a `;`, as only what stands before and behind it
/// tells whether it does.
pub(super) fn scan<'t>(text: &'t str, limits: &Limits) -> Result<Scanned<'t>> {
    let bytes = text.as_bytes();
    let mut open: Vec<(u8, usize)> = Vec::new();
    let mut edited: Option<Vec<u8>> = None;
    let mut has_statements = false;
    // the last byte that is no blank, and the first new line since then
    let (mut last, mut line_end): (Option<usize>, Option<usize>) = (None, None);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte > b' '
            && byte != b'#'
            && let Some(end) = line_end.take()
            && !matches!(open.last(), Some((b'(' | b'[', _)))
            && last.is_some_and(|last| is_complete(bytes, last) && !continues(&bytes[at..]))
        {
            edited.get_or_insert_with(|| bytes.to_vec())[end] = b';';
            has_statements = true;
        }
        match byte {
            b'(' | b'[' | b'{' if open.len() >= limits.nesting => {
                let limit = limits.nesting;
                let message = format!("brackets nest deeper than the limit of {limit} levels");
                return Err(Error::new(ErrorKind::Limit, message).at(at..at + 1));
            }
            b'(' | b'[' | b'{' => {
                has_statements |= byte == b'{';
                open.push((byte, at));
            }
            b')' | b']' | b'}' => close(open.pop(), byte, at)?,
            b'\'' | b'"' => {
                at = string_end(text, at)?;
                last = Some(at - 1);
                continue;
            }
            b'#' => {
                let end = comment_end(text, at)?;
                edited.get_or_insert_with(|| bytes.to_vec())[at..end].fill(b' ');
                at = end;
                continue;
            }
            b'\n' => {
                line_end = line_end.or(Some(at));
                at += 1;
                continue;
            }
            b'\t' | b'\r' | b' ' => {
                at += 1;
                continue;
            }
            b';' => has_statements = true,
            b'!'..=b'~' => {}
            0..=0x1f | 0x7f..=0xff => return Err(foreign(text, at)),
        }
        last = Some(at);
        at += 1;
    }
    if let Some((bracket, at)) = open.pop() {
        let message = format!("this `{}` is never closed", char::from(bracket));
        return Err(Error::new(ErrorKind::Syntax, message).at(at..at + 1));
    }
    let text = match edited.map(String::from_utf8) {
        None => Cow::Borrowed(text),
        Some(Ok(edited)) => Cow::Owned(edited),
        // whole characters have become blanks, byte for byte
        Some(Err(_)) => return Err(Error::new(ErrorKind::Internal, "a comment is no text")),
    };
    Ok(Scanned { text, has_statements })
}

/// Whether a statement may end behind the byte at `last`: not behind an operator or a comma, which want an operand.
fn is_complete(bytes: &[u8], last: usize) -> bool {
    let word = |end: usize| {
        let start = bytes[..end].iter().rposition(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
        &bytes[start.map_or(0, |start| start + 1)..end]
    };
    match bytes[last] {
        b'+' | b'-' | b'*' | b'/' | b'%' | b'@' | b'&' | b'|' | b'^' | b'~' | b'<' | b'>' | b'=' | b'!' => {
            false
        }
        b',' | b':' | b';' | b'(' | b'[' | b'{' => false,
        // `1.` is a number
        b'.' => word(last).first().is_some_and(u8::is_ascii_digit),
        b'd' | b'r' | b't' | b'n' | b'f' | b'e' => {
            !matches!(word(last + 1), b"and" | b"or" | b"not" | b"in" | b"if" | b"while" | b"else")
        }
        _ => true,
    }
}

/// Whether a line begins with what cannot begin a statement: an operator that stands between operands, a block.
fn continues(line: &[u8]) -> bool {
    let is_word = |word: &[u8]| {
        let behind = line.get(word.len()).copied().unwrap_or(b' ');
        line.starts_with(word) && !behind.is_ascii_alphanumeric() && behind != b'_'
    };
    match line[0] {
        // a sign `+` says nothing, and a line that begins with one goes on
        b'+' | b'*' | b'/' | b'%' | b'@' | b'&' | b'|' | b'^' | b'<' | b'>' | b'=' | b'!' => true,
        b',' | b':' | b';' | b')' | b']' | b'}' | b'{' => true,
        b'.' => !line.get(1).is_some_and(u8::is_ascii_digit),
        b'a' => is_word(b"and"),
        b'o' => is_word(b"or"),
        b'e' => is_word(b"else"),
        _ => false,
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
