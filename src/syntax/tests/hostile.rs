//! Texts made to hang, to crash, or to hide something.

use super::*;

const MEGABYTE: usize = 1_000_000;

#[track_caller]
fn is_refused(text: &str, kind: ErrorKind) -> Error {
    let error = refused(text);
    assert_eq!(error.kind(), kind, "{error}");
    error
}

#[test]
fn a_lot_of_one_thing() {
    is_refused(&"(".repeat(MEGABYTE), ErrorKind::Limit);
    is_refused(&"-".repeat(MEGABYTE), ErrorKind::Syntax);
    is_refused(&"not ".repeat(100_000), ErrorKind::Syntax);
    is_refused(&"a ".repeat(100_000), ErrorKind::Syntax);
    is_refused(&"()".repeat(100_000), ErrorKind::UnknownFunction);
    is_refused(&"'".repeat(MEGABYTE + 1), ErrorKind::Syntax);
    is_refused(&"1".repeat(MEGABYTE), ErrorKind::Overflow);
    is_refused(&"a.".repeat(100_000), ErrorKind::Syntax);
    is_refused(&" ".repeat(MEGABYTE), ErrorKind::Syntax);
    is_refused(&"[".repeat(MEGABYTE), ErrorKind::Limit);
    is_refused(&"[]".repeat(100_000), ErrorKind::Syntax);
    is_refused(&format!("x[{}]", ":".repeat(100_000)), ErrorKind::Syntax);
    is_refused(&format!("x[{}]", "...".repeat(100_000)), ErrorKind::Syntax);
    is_refused(&"a,".repeat(100_000).replace(",a,a", ",,a"), ErrorKind::Syntax);
    assert_eq!(parsed(&("x".to_owned() + &"[0]".repeat(20_000))).len(), 40_001);
    assert_eq!(parsed(&format!("x[{}]", ":,".repeat(20_000))).len(), 20_002);
    assert_eq!(results(&parsed(&"a,".repeat(20_000))).len(), 20_000);
    let names: Vec<String> = (0..20_000).map(|n| format!("k{n}=a")).collect();
    assert_eq!(results(&parsed(&names.join(","))).len(), 20_000);
    is_refused(&"#\n".repeat(100_000), ErrorKind::Syntax);
    is_refused(&"x".repeat(2 << 20), ErrorKind::Limit);
    let keywords: Vec<String> = (0..20_000).map(|n| format!("k{n}=a")).collect();
    assert_eq!(parsed(&format!("f({})", keywords.join(","))).len(), 20_001);
    assert_eq!(parsed(&"x".repeat(MEGABYTE)).len(), 1);
}

#[test]
fn operators_use_no_stack() {
    let signs = "-".repeat(200_000) + "a";
    assert_eq!(parsed(&signs).len(), 200_001);
    assert_eq!(parsed(&signs).to_string(), signs);
    for operator in ["**", "+", " and ", "<"] {
        let terms = vec!["a"; 20_000].join(operator);
        let ast = parsed(&terms);
        assert_eq!(ast.len(), if operator == "<" { 20_001 } else { 39_999 }, "{operator}");
        assert_eq!(parsed(&ast.to_string()).len(), ast.len());
    }
    let sum: Vec<String> = (0..100_000).map(|n| format!("x{n}")).collect();
    assert_eq!(parsed(&sum.join("+")).len(), 199_999);
    assert_eq!(parsed(&("a".to_owned() + &".b".repeat(20_000))).len(), 20_001);
}

/// A grammar that tries a bracket's content twice takes 2²⁰⁰ steps for these.
#[test]
fn brackets_nest_200_levels() {
    let forms = [
        ("(", ")"),
        ("f(", ")"),
        ("(a, ", ")"),
        ("(", ",)"),
        ("(a, b, ", ",)"),
        ("f(a, ", ")"),
        ("f(", ",)"),
        ("f(k=", ")"),
        ("f(a, k = ", ", l=b)"),
        ("-(", ")**2"),
        ("not (", ") and b"),
        ("(a < ", " < b).real"),
        ("f((", ",), k=b)"),
        ("[", "]"),
        ("[a, ", ",]"),
        ("x[", "]"),
        ("x[a, ", ",]"),
        ("x[", ":]"),
        ("x[:", "]"),
        ("x[a:", ":b]"),
        ("x[::", ", ...]"),
        ("x[..., ", "]"),
        ("x[", "][0]"),
        ("x[[", "]]"),
        ("x[(", ",)]"),
        ("f(x)[g(", ")].T"),
        ("-x[", ":]**2"),
    ];
    for (open, close) in forms {
        let levels =
            if open.matches(['(', '[']).count() > 1 { 200 / open.matches(['(', '[']).count() } else { 200 };
        let text = format!("{}a{}", open.repeat(levels), close.repeat(levels));
        let ast = parsed(&text);
        assert_eq!(grouped(&parsed(&ast.to_string())), grouped(&ast), "{open}");
        // What fails in the middle is not tried in another way either.
        let broken = format!("{}a b{}", open.repeat(levels), close.repeat(levels));
        is_refused(&broken, ErrorKind::Syntax);
    }
    let mixed: String = forms.iter().cycle().take(170).map(|(open, _)| *open).collect();
    let closing: String = forms
        .iter()
        .cycle()
        .take(170)
        .map(|(_, close)| *close)
        .collect::<Vec<_>>()
        .iter()
        .rev()
        .copied()
        .collect();
    parsed(&format!("{mixed}a{closing}"));
}

#[test]
fn limits_hold_where_they_are_set() {
    let nested = |levels: usize| "(".repeat(levels) + "a" + &")".repeat(levels);
    parsed(&nested(256));
    let error = is_refused(&nested(257), ErrorKind::Limit);
    assert_eq!(error.span(), Some(256..257));
    let nested = |levels: usize| "x[".repeat(levels) + "a" + &"]".repeat(levels);
    parsed(&nested(256));
    let error = is_refused(&nested(257), ErrorKind::Limit);
    assert_eq!(error.span(), Some(513..514));

    let limits = Limits { nodes: 5, nesting: 1, source_bytes: 11, ..Limits::default() };
    let kind = |text: &str| parse(text, &limits).map_err(|error| error.kind()).map(|ast| ast.len());
    assert_eq!(kind("a+b+c"), Ok(5));
    assert_eq!(kind("a+b+c+d"), Err(ErrorKind::Limit));
    assert_eq!(kind("(a)+(b)"), Ok(3));
    assert_eq!(kind("((a))"), Err(ErrorKind::Limit));
    assert_eq!(kind("a + b + ccc"), Ok(5));
    assert_eq!(kind("a + b + cccc"), Err(ErrorKind::Limit));
}

#[test]
fn a_small_stack_is_an_error() {
    let limits = Limits { nesting: 100_000, ..Limits::default() };
    let text = "(".repeat(100_000) + "a" + &")".repeat(100_000);
    let thread = std::thread::Builder::new().stack_size(512 << 10);
    let result =
        thread.spawn(move || parse(&text, &limits).map(|ast| ast.len()).map_err(|error| error.kind()));
    assert_eq!(result.unwrap().join().unwrap(), Err(ErrorKind::Limit));
}

#[test]
fn characters_that_hide_are_named() {
    for (text, name) in [
        ("a\0", "NUL (U+0000)"),
        ("a + \x07", "U+0007"),
        ("a\u{202e}+b", "direction mark U+202E"),
        ("a\u{200b} + 1", "zero-width space U+200B"),
        ("\u{feff}a", "byte order mark U+FEFF"),
        ("a\u{a0}+ 1", "no-break space U+00A0"),
        ("a\u{2028}+ b", "line separator U+2028"),
        ("a×b", "`×` (U+00D7)"),
        ("１ + 1", "`１` (U+FF11)"),
        ("siń(a)", "`ń` (U+0144)"),
        ("'a\u{202e}'", "direction mark U+202E"),
        ("'a\\\u{202e}'", "direction mark U+202E"),
        ("a # \u{202e}\n", "direction mark U+202E"),
        ("a\u{b}+b", "U+000B"),
    ] {
        let error = is_refused(text, ErrorKind::Syntax);
        assert!(error.message().contains(name), "{error}");
        assert!(!error.to_string().contains(['\0', '\x07', '\u{202e}', '\u{200b}', '\u{feff}']), "{error}");
    }
}
