//! Draws the line of the text that an error is about, and underlines the part to blame.
//!
//! The text may come from a stranger and may be one line of a megabyte, so the line is cut to a window around the
//! span, and every character that would take no column, or would move the ones after it, is drawn as its escape.

use std::fmt::{self, Write};
use std::ops::Range;

/// Columns of the text that are shown of a long line: with the margin it fits in 80.
const WINDOW: usize = 72;
/// Columns of it that come before the span.
const BEFORE: usize = 24;

/// Writes `text` with what is invisible escaped, except for line breaks.
pub(super) fn write_visible(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for character in text.chars() {
        if character == '\n' || !is_invisible(character) {
            f.write_char(character)?;
        } else {
            write!(f, "{}", character.escape_unicode())?;
        }
    }
    Ok(())
}

/// Writes the line that `span` begins in, underlined; answers the columns that line numbers take.
pub(super) fn write_frame(
    f: &mut fmt::Formatter<'_>,
    text: &str,
    span: Range<usize>,
) -> Result<usize, fmt::Error> {
    let start = floor_boundary(text, span.start);
    let end = floor_boundary(text, span.end).max(start);
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = match text[start..].find('\n') {
        // The carriage return of a line break is not a character that anyone typed.
        Some(length) => start + text[start..start + length].trim_end_matches('\r').len(),
        None => text.len(),
    };
    let number = (1 + text[..line_start].matches('\n').count()).to_string();
    let margin = number.len();

    let line =
        Window::around(&text[line_start..line_end], start - line_start..end.min(line_end) - line_start);
    let gap = if line.shown.is_empty() { "" } else { " " };
    write!(f, "\n{:margin$} |\n{number} |{gap}{}", "", line.shown)?;
    write!(f, "\n{:margin$} | {:indent$}{:~<width$}", "", "", "", indent = line.indent, width = line.width)?;
    Ok(margin)
}

/// The part of a line that is drawn.
struct Window {
    shown: String,
    /// Columns before the underlined part.
    indent: usize,
    /// Columns underlined: at least one, so that the end of the text can be pointed at.
    width: usize,
}

impl Window {
    fn around(line: &str, span: Range<usize>) -> Self {
        let (left, left_width) = line[..span.start]
            .char_indices()
            .rev()
            .scan(0, |used, (at, character)| {
                *used += columns(character);
                (*used <= BEFORE).then_some((at, *used))
            })
            .last()
            .unwrap_or((span.start, 0));
        // A short line is shown whole, wherever the span is in it.
        let whole = line.chars().take(WINDOW + 1).map(columns).sum::<usize>() <= WINDOW;
        let left = if whole { 0 } else { left };
        let indent = if whole { line[..span.start].chars().map(columns).sum() } else { left_width };

        let mut window = Self { shown: String::new(), indent, width: 0 };
        if left > 0 {
            window.shown.push('…');
            window.indent += 1;
        }
        let mut used = 0;
        for (at, character) in line[left..].char_indices().map(|(at, character)| (left + at, character)) {
            if used + columns(character) > WINDOW {
                window.shown.push('…');
                break;
            }
            used += columns(character);
            window.width += if span.contains(&at) { columns(character) } else { 0 };
            window.push(character);
        }
        window.width = window.width.max(1);
        window
    }

    fn push(&mut self, character: char) {
        match character {
            '\t' => self.shown.push(' '),
            _ if is_invisible(character) => self.shown.extend(character.escape_unicode()),
            _ => self.shown.push(character),
        }
    }
}

/// The columns a character takes as it is drawn. East Asian wide characters count one: a table of widths is too
/// much for a language whose names are ASCII.
fn columns(character: char) -> usize {
    if character != '\t' && is_invisible(character) { character.escape_unicode().count() } else { 1 }
}

/// Whether a character takes no column of its own, or changes how a terminal draws others: controls, Unicode's
/// format characters (category Cf: joiners, direction marks, tags), line separators, combining marks in the blocks
/// made for them, and variation selectors.
pub(crate) fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
            | '\u{8e2}' | '\u{180b}'..='\u{180f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The last character boundary at or before `at`. Spans come from the parser and are boundaries already; an error
/// message is the wrong place to find out that one is not.
fn floor_boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use crate::error::{Error, ErrorKind};
    use std::ops::Range;

    fn drawn(text: &str, span: Range<usize>) -> String {
        Error::new(ErrorKind::Shape, "wrong").at(span).in_text(text).to_string()
    }

    #[test]
    fn underlines_the_span_and_ends_with_the_hint() {
        let message = "`temp` is f64[1000, 3] and `w` is f64[4]: these shapes do not broadcast together";
        let error = Error::new(ErrorKind::Shape, message)
            .at(4..12)
            .in_text("sum(temp * w, axis=1)")
            .with_help("the last axes must be equal or 1");
        assert_eq!(
            error.to_string(),
            format!(
                "{message}\n  |\n1 | sum(temp * w, axis=1)\n  |     ~~~~~~~~\n  \
                 = help: the last axes must be equal or 1"
            )
        );
    }

    #[test]
    fn shows_the_line_of_the_span() {
        assert_eq!(drawn("a +\nb * c\n", 4..9), "wrong\n  |\n2 | b * c\n  | ~~~~~");
        assert_eq!(drawn("(a +\r\n b)", 0..9), "wrong\n  |\n1 | (a +\n  | ~~~~");
        let twelve = "\n".repeat(11) + "x";
        assert_eq!(drawn(&twelve, 11..12), "wrong\n   |\n12 | x\n   | ~");
    }

    #[test]
    fn the_end_of_the_text_can_be_pointed_at() {
        assert_eq!(drawn("a +", 3..3), "wrong\n  |\n1 | a +\n  |    ~");
        assert_eq!(drawn("", 0..0), "wrong\n  |\n1 |\n  | ~");
        assert_eq!(drawn("a\n", 2..2), "wrong\n  |\n2 |\n  | ~");
    }

    #[test]
    fn long_lines_are_cut_around_the_span() {
        let text = format!("{}BAD{}", "x".repeat(500_000), "y".repeat(500_000));
        let (x, y) = ("x".repeat(24), "y".repeat(45));
        let expected = format!("wrong\n  |\n1 | …{x}BAD{y}…\n  | {}~~~", " ".repeat(25));
        assert_eq!(drawn(&text, 500_000..500_003), expected);
        let whole = drawn(&text, 0..text.len());
        assert!(whole.ends_with(&format!("x…\n  | {}", "~".repeat(72))), "{whole}");
    }

    #[test]
    fn invisible_characters_are_escaped_and_keep_the_columns() {
        assert_eq!(
            drawn("a\u{202e}+\u{200b}b", 4..5),
            "wrong\n  |\n1 | a\\u{202e}+\\u{200b}b\n  |          ~"
        );
        assert_eq!(drawn("a\u{202e}b", 1..4), "wrong\n  |\n1 | a\\u{202e}b\n  |  ~~~~~~~~");
        assert_eq!(drawn("\ta\0", 1..2), "wrong\n  |\n1 |  a\\u{0}\n  |  ~");
        assert_eq!(drawn("a\r", 1..2), "wrong\n  |\n1 | a\\u{d}\n  |  ~~~~~");
    }

    #[test]
    fn spans_that_are_off_do_not_panic() {
        for (start, end) in [(0, 99), (99, 99), (1, 2), (2, 1), (3, 0)] {
            assert!(drawn("é×", start..end).contains('~'));
        }
    }
}
