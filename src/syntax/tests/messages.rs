//! What the grammar refuses, and the words for it.

use super::*;

/// The message begins with `message`, and points at `blamed`.
#[track_caller]
fn says(text: &str, blamed: &str, message: &str) -> Error {
    let error = refused(text);
    let span = error.span().expect("an error of the text has a place");
    assert_eq!((error.message(), &text[span]), (message, blamed), "{text}");
    assert_eq!(error.source_text(), Some(text));
    error
}

#[track_caller]
fn helps(text: &str, help: &str) {
    let error = refused(text);
    assert!(error.help().is_some_and(|found| found.contains(help)), "{text}: {error}");
}

#[test]
fn what_is_missing() {
    for empty in ["", " ", "\n", "# nothing"] {
        assert_eq!(says(empty, "", "the expression is empty").kind(), ErrorKind::Syntax);
    }
    says("a +", "", "a value is missing after `+`");
    says("a.real.", ".", "the name of an attribute is missing after `.`");
    says("* a", "*", "a value is missing before `*`");
    says("a +* b", "+*", "a value is missing between `+` and `*`");
    says("a ** ** b", "** **", "a value is missing between `**` and `**`");
    says("sin(a,,b)", ",,", "a value is missing between `,` and `,`");
    says("f(a=)", "=)", "a value is missing between `=` and `)`");
    says(".a", ".", "a value is missing before `.`");
    says("a b", "a b", "an operator is missing between `a` and `b`");
    says("(a) (b)", "(a)", "`(a)` is not a function");
    says("2 x", "2 x", "an operator is missing between `2` and `x`");
    says("a 'x'", "a 'x'", "an operator is missing between `a` and `'x'`");
    says(", a", ",", "a value is missing before `,`");
    says("a,, b", ",,", "a value is missing between `,` and `,`");
    says("()", "()", "an empty tuple holds no result");
    helps("sin a", "`sin(…)`");
    helps("2 x", "`2*x`");
}

#[test]
fn brackets_and_strings_that_do_not_match() {
    says("(a", "(", "this `(` is never closed");
    says("sin((a)", "(", "this `(` is never closed");
    says("sin)a(", ")", "this `)` closes nothing");
    says("(a]", "]", "`]` cannot close `(`");
    says("'abc", "'", "this string is never closed");
    says("b'abc", "'", "this string is never closed");
    says("'a\nb'", "'", "this string is never closed");
    says("'a\\'", "'", "this string is never closed");
}

#[test]
fn subscripts_that_are_none() {
    says("x[0", "[", "this `[` is never closed");
    says("x[(0]", "]", "`]` cannot close `(`");
    says("x[]", "]", "this subscript has no index");
    says("f(x)[ ]", "]", "this subscript has no index");
    says("x[,]", "[,", "a value is missing between `[` and `,`");
    says("x[0,,]", ",,", "a value is missing between `,` and `,`");
    says("[,]", "[,", "a value is missing between `[` and `,`");
    says("x[1:2:3:4]", ":", "a slice has three parts at most");
    says("x[0, :::]", ":", "a slice has three parts at most");
    says("x[a + :b]", "+ :", "a value is missing between `+` and `:`");
    says("x[a b]", "a b", "an operator is missing between `a` and `b`");
    for text in ["a:b", "(a:b)", "[a:b]", "f(a:b)", "x[(a:b)]", "x[f(a:b)]", ":a", "x[0]:", "x[[:]]"] {
        says(text, ":", "`:` stands only in a subscript: `x[1:3]`");
    }
    for text in ["...", "f(...)", "x + ...", "(..., 0)", "[...]", "x[(...)]"] {
        says(text, "...", "`...` stands only in a subscript: `x[..., 0]`");
    }
    says("x[...:2]", ":", "`...` is an index of its own");
    says("x[a + ...]", "...", "`...` is an index of its own");
    says("x[... 0]", "0", "`...` is an index of its own");
    says("x[a=1]", "=", "`=` is not an operator of the language");
    says("[x for x in (1, 2)]", "for", "`for` is a keyword of Python, not a name");
    helps("[x for x in (1, 2)]", "no loop is needed");
    helps("x[1:2:3:4]", "`start:stop:step`");
    says("x[0](a)", "x[0]", "`x[0]` is not a function");
}

#[test]
fn results_that_are_none() {
    says("low = min(x), max(x)", "max(x)", "some results have names and others have none");
    says("min(x), high = max(x)", "high", "some results have names and others have none");
    says("a = x, b = y, a = z", "a", "the result `a` is given twice");
    says("if = x", "if", "`if` is a keyword of Python, not a name");
    says("a = b = c", "=", "`=` is not an operator of the language");
    says("a =", "", "a value is missing after `=`");
}

#[test]
fn symbols_of_other_languages() {
    for (text, symbol, help) in [
        ("a && b", "&&", "`&`"),
        ("a || b", "||", "`|`"),
        ("!a", "!", "`~x`"),
        ("a ! b", "!", "`!=`"),
        ("a <> b", "<>", "`!=`"),
        ("a => b", "=>", "`>=`"),
        ("(a = b)", "=", "`==`"),
        ("a === b", "=", "`==`"),
        ("a := b", ":=", "`u = …`"),
        ("(a += b)", "+=", "`n += 1`"),
        ("x[0] *= b", "*=", "`n += 1`"),
        ("a -> b", "->", "function"),
        ("a ? b : c", "?", "`where("),
    ] {
        says(text, symbol, &format!("`{symbol}` is not an operator of the language"));
        helps(text, help);
    }
    says("{a: b}", "{", "there are no sets and dictionaries in the language");
    says("`a`", "`", "a backtick is not part of the language");
    says("$a", "$", "the character `$` is not part of the language");
    helps("a × b", "`*`");
    helps("a ≤ b", "`<=`");
}

#[test]
fn keywords_are_not_names() {
    for (text, keyword) in [
        ("x if m else y", "if"),
        ("del a", "del"),
        ("for", "for"),
        ("a is not b", "is"),
        ("a in b", "in"),
        ("import os", "import"),
        ("yield a", "yield"),
        ("(lambda: 1)", "lambda"),
        ("f(lambda=1)", "lambda"),
        ("a.if", "if"),
        ("a + and", "and"),
        ("await a", "await"),
    ] {
        says(text, keyword, &format!("`{keyword}` is a keyword of Python, not a name"));
    }
    helps("x if m else y", "`where(");
    let message = "`not` binds less tightly than the operator before it";
    for text in ["a + not b", "a == not b", "-not a", "f(a ** not b)"] {
        says(text, "not", message);
    }
    groups("f(not a, (not b)) and not c", "[f[[not a] [not b]] and [not c]]");
}

#[test]
fn numbers_and_strings_that_are_none() {
    for text in ["1a", "1e", "1__0", "0b2", "1.2.3", "1.e.5", "1e5.5", "0x", "1_", "1._5", "0_x1"] {
        says(text, text, &format!("`{text}` is not a number"));
        says(&format!("b * {text}"), text, &format!("`{text}` is not a number"));
    }
    says("007", "007", "an integer does not begin with 0");
    says("f'{a}'", "f", "`f` is not the prefix of a string");
    says("a' or '1'='1", "a", "`a` is not the prefix of a string");
    says("1e+", "1e", "`1e` is not a number");
    says("rb'a'", "rb", "`rb` is not the prefix of a string");
    says(r"'\q'", r"'\q'", r"`\q` is not an escape of the language");
    says(r"'\x4'", r"'\x4'", r"`\x` is not an escape of the language");
    says(r"'\01'", r"'\01'", r"`\0` is not an escape of the language");
    says("b'é'", "b'é'", "`é` (U+00E9) is not an ASCII character");
    let digits = "1".repeat(40);
    assert_eq!(says(&digits, &digits, "this integer is too large").kind(), ErrorKind::Overflow);
}

#[test]
fn calls_that_are_none() {
    for (text, blamed) in [
        ("f(a)(b)", "f(a)"),
        ("1(2)", "1"),
        ("(a)(b)", "(a)"),
        ("(a.b)(c)", "(a.b)"),
        ("''('a')", "''"),
        ("True(1)", "True"),
    ] {
        let error = says(text, blamed, &format!("`{blamed}` is not a function"));
        assert_eq!(error.kind(), ErrorKind::UnknownFunction);
    }
    says("f(k=a, b)", "b", "a positional argument comes after a keyword argument");
    says("f(k=a, l=b, k=c)", "k", "the keyword `k` is given twice");
    says("sin(*a)", "(*", "a value is missing between `(` and `*`");
    says("f(1=2)", "=", "`=` is not an operator of the language");
}

#[test]
fn a_message_as_it_is_drawn() {
    assert_eq!(
        refused("a +\n  b && c").to_string(),
        "`&&` is not an operator of the language\n  |\n2 |   b && c\n  |     ~~\n  = help: write `&`, or `and`"
    );
}
