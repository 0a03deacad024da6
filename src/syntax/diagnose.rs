//! Finds words for what the grammar refuses.
//!
//! pest says how far it came; its rule names would tell a user nothing. So the tokens around that place are read
//! again, by a lexer that also knows what people write by mistake (`&&`, `1.2.3`, `a ? b : c`), and the two decide the
//! message. This runs once, for a text that has failed: it is written for its answers, not for speed.

use super::ast::Span;
use crate::error::{Error, ErrorKind, Result};
use crate::names::shortened;

/// Words that Python keeps for itself. Taking one as a name would surprise whoever reads the expression.
fn keyword_help(word: &str) -> Option<&'static str> {
    Some(match word {
        "if" | "else" => "write `where(condition, value, otherwise)`, or the statement `if condition { … }`",
        "elif" => "write `else if condition { … }`",
        "is" => "write `==` to compare",
        "in" => "compare with each value: `(x == 1) | (x == 2)`",
        "and" | "or" | "not" => "it is an operator",
        "for" => "operations apply to whole arrays: no loop is needed; where one is, `for k in 0..n { … }`",
        "while" => "say how many turns there are at most: `repeat 1000 while … { … }`",
        "break" => "it is a statement: `break if condition`",
        "continue" => "what is to be skipped goes into an `if`",
        "def" | "lambda" => "a function is `def f(a, b) = a*b`, or `def f(a, b) { t = a*b; t + 1 }`",
        "return" | "yield" => "the last expression of a function is its value: `def f(a) { t = 2*a; t + 1 }`",
        "import" | "from" => "all functions are there without it",
        "False" | "None" | "True" | "as" | "assert" | "async" | "await" | "class" | "del" | "except"
        | "finally" | "global" | "nonlocal" | "pass" | "raise" | "try" | "with" => {
            "a program is expressions over its inputs, functions and loops"
        }
        _ => return None,
    })
}

/// Refuses Python's keywords as names.
pub(super) fn check_name(name: &str, span: Span) -> Result<()> {
    match keyword_help(name) {
        None => Ok(()),
        Some(help) => Err(keyword_error(name, help).at(span)),
    }
}

fn keyword_error(word: &str, help: &str) -> Error {
    let message = match word {
        "while" => "`while` needs a bound".to_owned(),
        _ => format!("`{word}` is a keyword of Python, not a name"),
    };
    Error::new(ErrorKind::Syntax, message).with_help(help)
}

/// The error for a call of anything but a name or a method.
pub(super) fn not_a_function(callee: &str, span: Span) -> Error {
    Error::new(ErrorKind::UnknownFunction, format!("`{}` is not a function", shortened(callee)))
        .at(span)
        .with_help("only a name can be called: `sin(x)`; for a product, write `*`")
}

/// The error for a result with a name beside one without.
pub(super) fn results_without_names(span: Span) -> Error {
    Error::new(ErrorKind::Syntax, "some results have names and others have none")
        .at(span)
        .with_help("name all of them, `low = min(x), high = max(x)`, or none; `==` compares")
}

/// The error for a statement of which nothing is kept; `next` is the one behind it.
pub(super) fn unused(span: Span, text: &str, next: &str) -> Error {
    let help = if text.contains("==") {
        "`==` compares; a name is set by `=`"
    } else if next.starts_with(['-', '+', '(', '[', '~']) {
        "the next line is a statement of its own; inside of brackets a line goes on"
    } else {
        "give it a name, `u = …`; only the last statement is a result"
    };
    Error::new(ErrorKind::Syntax, "this value is not used").at(span).with_help(help)
}

/// The error for `steps(…)` as an operand.
pub(super) fn steps_is_a_statement(span: Span) -> Error {
    Error::new(ErrorKind::Syntax, "`steps(…)` is a statement of its own, and no value")
        .at(span)
        .with_help("its variables have their last values behind it: `steps(10, u = 2*u); u + 1`")
}

/// The error for a text that computes nothing.
pub(super) fn no_result(span: Span) -> Error {
    Error::new(ErrorKind::Syntax, "an empty tuple holds no result").at(span)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TokenKind {
    Word,
    /// Anything that begins like a number, however it goes on.
    Number,
    String,
    Symbol,
}

#[derive(Clone, Copy, Debug)]
struct Token<'t> {
    kind: TokenKind,
    text: &'t str,
    start: usize,
}

impl<'t> Token<'t> {
    fn end(self) -> usize {
        self.start + self.text.len()
    }

    fn ends_operand(self) -> bool {
        match self.kind {
            TokenKind::Word => !matches!(self.text, "and" | "or" | "not"),
            TokenKind::Number | TokenKind::String => true,
            TokenKind::Symbol => matches!(self.text, ")" | "]"),
        }
    }

    fn begins_operand(self) -> bool {
        match self.kind {
            TokenKind::Word => !matches!(self.text, "and" | "or"),
            TokenKind::Number | TokenKind::String => true,
            TokenKind::Symbol => matches!(self.text, "(" | "["),
        }
    }

    fn syntax(self, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Syntax, message).at(self.start..self.end())
    }

    fn quoted(self) -> String {
        format!("`{}`", shortened(self.text))
    }
}

/// The first token from `at` on. Brackets, strings and characters have been checked before.
fn token_from(text: &str, mut at: usize) -> Option<Token<'_>> {
    loop {
        let rest = &text[at..];
        let start = at + rest.len() - rest.trim_start().len();
        let rest = &text[start..];
        let first = rest.chars().next()?;
        if first == '#' {
            at = rest.find('\n').map_or(text.len(), |length| start + length);
            continue;
        }
        let (kind, length) = match first {
            'a'..='z' | 'A'..='Z' | '_' => (TokenKind::Word, run(rest, is_word)),
            '\'' | '"' => (TokenKind::String, string_length(rest, first)),
            _ if begins_number(rest) => (TokenKind::Number, number_length(rest)),
            _ => (TokenKind::Symbol, symbol_length(rest, first)),
        };
        return Some(Token { kind, text: &rest[..length], start });
    }
}

fn run(text: &str, of: impl Fn(char) -> bool) -> usize {
    text.find(|character| !of(character)).unwrap_or(text.len())
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

fn begins_number(text: &str) -> bool {
    text.strip_prefix('.').unwrap_or(text).starts_with(|digit: char| digit.is_ascii_digit())
}

fn number_length(text: &str) -> usize {
    let length = run(text, |character| is_word(character) || character == '.');
    let rest = &text[length..];
    // The sign of an exponent, unless the `e` is a hexadecimal digit.
    let is_exponent =
        text[..length].ends_with(['e', 'E']) && !text.starts_with("0x") && rest.starts_with(['+', '-']);
    if is_exponent && begins_number(&rest[1..]) { length + 1 + run(&rest[1..], is_word) } else { length }
}

fn string_length(text: &str, quote: char) -> usize {
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Symbols of other languages are one token as well, so that a message can name them.
fn symbol_length(text: &str, first: char) -> usize {
    const SYMBOLS: [&str; 19] = [
        "...", "**", "//", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "<>", "->", "=>", ":=", "+=",
        "-=", "*=", "/=",
    ];
    SYMBOLS.iter().find(|symbol| text.starts_with(*symbol)).map_or(first.len_utf8(), |symbol| symbol.len())
}

/// The brackets that are open, and how many colons there are in the element that is being read; the word that the
/// statement begins with, if its head is not complete.
#[derive(Default)]
struct Around<'t> {
    open: Vec<(bool, usize)>,
    head: Option<Token<'t>>,
}

impl<'t> Around<'t> {
    fn read(&mut self, token: Token<'t>, before: Option<Token<'t>>, text: &str) {
        let is_first = match before {
            None => true,
            Some(before) => {
                matches!(before.text, ";" | "{" | "}")
                    || self.open.is_empty() && text[before.end()..token.start].contains('\n')
            }
        };
        let words = ["repeat", "for", "if", "else", "def", "steps"];
        if is_first || token.text == "{" {
            self.head = Some(token).filter(|token| words.contains(&token.text));
        }
        if token.kind != TokenKind::Symbol {
            return;
        }
        match token.text {
            "[" => self.open.push((before.is_some_and(Token::ends_operand), 0)),
            "(" => self.open.push((false, 0)),
            ")" | "]" => drop(self.open.pop()),
            "," => self.open.iter_mut().next_back().into_iter().for_each(|(_, colons)| *colons = 0),
            ":" => self.open.iter_mut().next_back().into_iter().for_each(|(_, colons)| *colons += 1),
            _ => {}
        }
    }

    /// Whether a word of Python's is one of the language where it stands.
    fn has_place_for(&self, token: Token, text: &str) -> bool {
        let Some(head) = self.head else { return token.text == "break" };
        if head.start == token.start {
            return true;
        }
        let is_behind = head.end() <= token.start && !text[head.end()..token.start].trim().is_empty();
        match (head.text, token.text) {
            ("for", "in") | ("else", "if") => true,
            ("repeat" | "for", "while") => is_behind,
            _ => false,
        }
    }

    /// In a subscript, the colons so far of its item.
    fn colons(&self) -> Option<usize> {
        self.open.last().filter(|(is_subscript, _)| *is_subscript).map(|(_, colons)| *colons)
    }
}

/// The error for a text that the grammar refuses, having come as far as `position`.
pub(super) fn diagnose(text: &str, position: usize) -> Error {
    let mut before = None;
    let mut around = Around::default();
    let mut at = token_from(text, 0);
    while let Some(token) = at.filter(|token| token.end() <= position) {
        around.read(token, before, text);
        before = Some(token);
        at = token_from(text, token.end());
    }
    let keyword = [before, at]
        .into_iter()
        .flatten()
        .filter(|token| token.kind == TokenKind::Word && !matches!(token.text, "and" | "or" | "not"))
        .filter(|token| {
            !matches!(token.text, "True" | "False" | "None") && !around.has_place_for(*token, text)
        })
        .find_map(|token| Some((token, keyword_help(token.text)?)));
    if let Some((token, help)) = keyword {
        return keyword_error(token.text, help).at(token.start..token.end());
    }
    let after_operand = before.is_some_and(Token::ends_operand);
    if let (Some(Token { text: "}", .. }), Some(at)) = (before, at)
        && at.kind != TokenKind::Symbol
    {
        return at
            .syntax("a statement begins behind a block, on the same line")
            .with_help("put a `;` or a new line before it");
    }
    if let Some(error) = block_missing(text, at, before, &around) {
        return error;
    }
    if let Some(error) = at.and_then(|at| subscript(at, before, &around)) {
        return error;
    }
    match at {
        None => at_end(text, before),
        Some(at) if at.kind == TokenKind::Number && (position > at.start || !after_operand) => {
            at.syntax(format!("{} is not a number", at.quoted()))
        }
        Some(at) if at.kind == TokenKind::Word && text[at.end()..].starts_with(['\'', '"']) => at
            .syntax(format!("{} is not the prefix of a string", at.quoted()))
            .with_help("there are strings `'…'` and byte strings `b'…'`"),
        Some(at) if at.kind == TokenKind::Symbol => symbol(at, before, after_operand),
        Some(at) if after_operand => operator_missing(before, at),
        Some(at) => value_missing(before, at),
    }
}

/// The head of a loop or a function, complete as it seems, without a block.
fn block_missing(text: &str, at: Option<Token>, before: Option<Token>, around: &Around) -> Option<Error> {
    let (head, before) = (around.head?, before?);
    let example = match head.text {
        "repeat" => "repeat 100 while condition { … }",
        "for" => "for k in 0..n { … }",
        "def" => "def f(a) { … }`, or `def f(a) = …",
        "steps" => "steps 100 { … }",
        _ => "if condition { … } else { … }",
    };
    let help = format!("a block is in braces: `{example}`");
    match at {
        Some(at) if head.text == "for" && at.text == "{" => Some(
            at.syntax("the range of this `for` has no end").with_help("write both: `for k in 0..n { … }`"),
        ),
        Some(at) if at.text == ":" && around.open.is_empty() => {
            Some(at.syntax("`:` begins no block").with_help(help))
        }
        _ if !before.ends_operand() || !around.open.is_empty() || before.start == head.start => None,
        Some(at) if at.text != ";" && at.text != "}" && !text[before.end()..at.start].contains('\n') => None,
        // `steps` and `repeat` may as well be names
        _ => Some(head.syntax(format!("the block of this `{}` is missing", head.text)).with_help(help)),
    }
}

fn at_end(text: &str, before: Option<Token>) -> Error {
    let end = text.len();
    match before {
        None => Error::new(ErrorKind::Syntax, "the expression is empty").at(end..end),
        Some(before) if before.text == ";" => {
            Error::new(ErrorKind::Syntax, "the program has no statement").at(end..end)
        }
        Some(before) => {
            let what = if before.text == "." { "the name of an attribute" } else { "a value" };
            Error::new(ErrorKind::Syntax, format!("{what} is missing after {}", before.quoted())).at(end..end)
        }
    }
}

/// What goes wrong with the items of a subscript, and with its symbols elsewhere.
fn subscript(at: Token, before: Option<Token>, around: &Around) -> Option<Error> {
    let previous = before.map_or("", |before| before.text);
    Some(match (at.text, around.colons()) {
        ("]", Some(_)) if previous == "[" => {
            at.syntax("this subscript has no index").with_help("all of `x` is `x[:]`, or just `x`")
        }
        (":", Some(2)) => at.syntax("a slice has three parts at most").with_help("write `start:stop:step`"),
        (_, Some(_)) if previous == "..." => at
            .syntax("`...` is an index of its own")
            .with_help("a comma separates it from the next: `x[..., 0]`"),
        ("...", Some(_)) => at
            .syntax("`...` is an index of its own")
            .with_help("a comma separates it from others: `x[..., 0]`"),
        (":", None) if before.is_some() => at
            .syntax("`:` stands only in a subscript: `x[1:3]`")
            .with_help("for a choice, write `where(condition, value, otherwise)`"),
        (":", None) => at.syntax("`:` stands only in a subscript: `x[1:3]`"),
        ("...", None) => at.syntax("`...` stands only in a subscript: `x[..., 0]`"),
        _ => return None,
    })
}

/// A symbol where it cannot stand: the ones that are not of the language say what to write instead.
fn symbol(at: Token, before: Option<Token>, after_operand: bool) -> Error {
    let foreign =
        |help: &str| at.syntax(format!("{} is not an operator of the language", at.quoted())).with_help(help);
    match at.text {
        "&&" => foreign("write `&`, or `and`"),
        "||" => foreign("write `|`, or `or`"),
        "!" => foreign("write `~x` or `not x`, and `!=` for not equal"),
        "<>" => foreign("write `!=`"),
        "=>" => foreign("write `>=`"),
        "=" if before.is_some_and(|before| matches!(before.text, "==" | "!=")) => {
            foreign("write `==` or `!=`")
        }
        "=" => foreign("write `==` to compare; `name = value` is a statement, or an argument of a call"),
        ":=" => foreign("a name is set by a statement of its own: `u = …`"),
        "+=" | "-=" | "*=" | "/=" => foreign("it stands in a statement of its own, behind a name: `n += 1`"),
        "->" => foreign("a function is `def f(a) = …`"),
        "?" => foreign("for a choice, write `where(condition, value, otherwise)`"),
        ";" if after_operand => {
            at.syntax("`;` cannot stand here").with_help("it ends a statement, whose brackets are closed")
        }
        "{" => at
            .syntax("there are no sets and dictionaries in the language")
            .with_help("a block follows `repeat`, `for`, `if`, `else`, `steps` or `def`"),
        "." if after_operand => at.syntax("the name of an attribute is missing after `.`"),
        "$" | "`" | "\\" => at
            .syntax(match at.text {
                "`" => "a backtick is not part of the language".to_owned(),
                _ => format!("the character {} is not part of the language", at.quoted()),
            })
            .with_help("names are made of the letters a to z, A to Z, digits and `_`"),
        _ if after_operand => operator_missing(before, at),
        _ => value_missing(before, at),
    }
}

fn operator_missing(before: Option<Token>, at: Token) -> Error {
    let Some(before) = before.filter(|_| at.begins_operand()) else {
        return at.syntax(format!("{} cannot stand here", at.quoted()));
    };
    let message = format!("an operator is missing between {} and {}", before.quoted(), at.quoted());
    let error = Error::new(ErrorKind::Syntax, message).at(before.start..at.end());
    match before.kind {
        TokenKind::Word => {
            error.with_help(format!("to call a function, write `{}(…)`", shortened(before.text)))
        }
        TokenKind::Number => error.with_help("a product is written with `*`: `2*x`"),
        TokenKind::String | TokenKind::Symbol => error,
    }
}

fn value_missing(before: Option<Token>, at: Token) -> Error {
    match before {
        None => at.syntax(format!("a value is missing before {}", at.quoted())),
        Some(before) => {
            let message = format!("a value is missing between {} and {}", before.quoted(), at.quoted());
            Error::new(ErrorKind::Syntax, message).at(before.start..at.end())
        }
    }
}
