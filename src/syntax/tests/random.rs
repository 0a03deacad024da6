//! Random trees survive printing and parsing; random texts are answered.

use super::ast::Link;
use super::*;
use proptest::prelude::*;
use std::sync::Arc;

const BINARY: [BinaryOp; 13] = [
    BinaryOp::Add,
    BinaryOp::Subtract,
    BinaryOp::Multiply,
    BinaryOp::MatrixMultiply,
    BinaryOp::Divide,
    BinaryOp::FloorDivide,
    BinaryOp::Remainder,
    BinaryOp::Power,
    BinaryOp::BitAnd,
    BinaryOp::BitOr,
    BinaryOp::BitXor,
    BinaryOp::ShiftLeft,
    BinaryOp::ShiftRight,
];
const UNARY: [UnaryOp; 4] = [UnaryOp::Plus, UnaryOp::Minus, UnaryOp::Invert, UnaryOp::Not];
const COMPARE: [CompareOp; 6] = [
    CompareOp::Less,
    CompareOp::LessEqual,
    CompareOp::Equal,
    CompareOp::NotEqual,
    CompareOp::GreaterEqual,
    CompareOp::Greater,
];

/// The names of random trees lie in a source of their own.
const NAMES: &str = "a bb sin axis nota _x1";

fn name(pick: u64) -> Span {
    let names: Vec<&str> = NAMES.split(' ').collect();
    let start = names[..pick as usize % names.len()].iter().map(|name| name.len() + 1).sum::<usize>() as u32;
    Span { start, end: start + names[pick as usize % names.len()].len() as u32 }
}

/// Builds a tree as a stack machine would compute it: each step takes what it needs off the stack. What is left are
/// the results, up to three.
fn tree(steps: &[(u8, u64)]) -> Ast {
    let mut ast = Ast::new(Arc::from(NAMES));
    let mut stack: Vec<ExprId> = Vec::new();
    for &(form, pick) in steps {
        let (node, span) = step(&mut ast, &mut stack, form, pick);
        stack.push(ast.push(node, span));
    }
    while stack.len() > 3 {
        let (node, span) = step(&mut ast, &mut stack, 10, 3);
        stack.push(ast.push(node, span));
    }
    let is_named = steps.len().is_multiple_of(3);
    let results = (0..).zip(stack).map(|(k, value)| Computed { name: is_named.then(|| name(k)), value });
    let values = ast.add_values(results);
    ast.add_statement(Form::Values(values), name(0));
    ast
}

/// The items of a subscript: some are slices with parts of their own.
fn subscript_items(ast: &mut Ast, values: Vec<ExprId>, pick: u64) -> Vec<ExprId> {
    let mut values = values.into_iter();
    let mut items = Vec::new();
    for kind in [pick, pick / 8, pick / 64].map(|kind| kind % 8) {
        let mut part = |bit: u64| if pick & bit != 0 { values.next() } else { None };
        match kind {
            0..=2 => items.extend(values.next()),
            3..=5 => {
                let slice = Expr::Slice { start: part(512), stop: part(1024), step: part(2048) };
                items.push(ast.push(slice, name(0)));
            }
            6 => items.push(ast.push(Expr::Ellipsis, name(0))),
            _ => {}
        }
    }
    items
}

fn step(ast: &mut Ast, stack: &mut Vec<ExprId>, form: u8, pick: u64) -> (Expr, Span) {
    let span = name(pick);
    let index = pick as usize;
    let many = |stack: &mut Vec<ExprId>, count: usize| stack.split_off(stack.len() - count.min(stack.len()));
    let node = match form {
        8..=9 if !stack.is_empty() => Expr::Unary(UNARY[index % 4], many(stack, 1)[0]),
        10..=13 if stack.len() >= 2 => {
            let operands = many(stack, 2);
            Expr::Binary(BINARY[index % 13], operands[0], operands[1])
        }
        14 if stack.len() >= 2 => {
            let operands = many(stack, 2);
            let op = [LogicalOp::And, LogicalOp::Or][index % 2];
            Expr::Logical(op, operands[0], operands[1])
        }
        15..=16 if stack.len() >= 2 => {
            let operands = many(stack, 2 + index % 2);
            let links = operands[1..].iter().enumerate();
            let links = links.map(|(k, &value)| Link { op: COMPARE[(index / 2 + k) % 6], value });
            Expr::Compare { first: operands[0], rest: ast.add_links(links) }
        }
        17 => {
            let args = many(stack, index % 3);
            let values = many(stack, index / 3 % 3);
            let args = ast.add_items(args.into_iter());
            let named = (0..).map(|k| name(pick + k)).zip(values);
            let keywords = ast.add_keywords(named.map(|(name, value)| Keyword { name, value }));
            Expr::Call { name: span, args, keywords }
        }
        18 if !stack.is_empty() => Expr::Attribute { of: many(stack, 1)[0], name: span },
        19 => {
            let items = many(stack, index % 4);
            Expr::Tuple(ast.add_items(items.into_iter()))
        }
        20..=21 if !stack.is_empty() => {
            let of = many(stack, 1)[0];
            let values = many(stack, index / 4096 % 5);
            let items = subscript_items(ast, values, pick);
            Expr::Subscript { of, items: ast.add_items(items.into_iter()) }
        }
        22 => {
            let items = many(stack, index % 4);
            Expr::List(ast.add_items(items.into_iter()))
        }
        form => leaf(ast, form, pick),
    };
    (node, span)
}

fn leaf(ast: &mut Ast, form: u8, pick: u64) -> Expr {
    let float = f64::from_bits(pick).abs();
    let float = if float.is_nan() { 0.0 } else { float };
    match form % 8 {
        0 => Expr::Int((u128::from(pick) << (pick % 64)) as i128),
        1 => Expr::Float(float),
        2 => Expr::Imaginary(float),
        3 => [Expr::None, Expr::Bool(false), Expr::Bool(true)][pick as usize % 3],
        4 => Expr::Bytes(ast.add_bytes(&pick.to_le_bytes()[..pick as usize % 9])),
        5 => {
            let text: String =
                pick.to_be_bytes().iter().map(|&byte| char::from(byte)).chain("é×'\"".chars()).collect();
            Expr::Str(ast.add_string(&text))
        }
        _ => Expr::Name,
    }
}

/// A program of random statements, whose blocks are closed at its end.
fn program(picks: &[(u8, u64)]) -> String {
    let value = |pick: u64| {
        ["a", "-b", "(a, b)", "f(a)", "a < b", "x[1:2]", "2.5", "not a", "a + 1,", "u = a, v = b"]
            [pick as usize % 10]
    };
    let alone = |pick: u64| value(pick % 8);
    let (mut text, mut open, mut loops) = (String::new(), Vec::new(), 0);
    for &(form, pick) in picks {
        let (one, other) = (alone(pick), alone(pick / 16));
        text += match pick / 256 % 4 {
            0 => "\n",
            1 => " ; # or\n\n",
            _ => "; ",
        };
        match form {
            0 | 1 => text += &format!("u = {one}"),
            2 => text += &format!("u = {one}, v = {other}"),
            3 => text += &format!("n {}= {one}", BINARY[pick as usize % 13].symbol()),
            4 if open.is_empty() => text += &format!("def f{pick}(a, b={one}) = {}", alone(pick / 16 % 2)),
            5 if open.is_empty() => {
                text += &format!("def f{pick}(a, b) {{ t = {one}; {} }}", alone(pick / 16 % 2))
            }
            6 | 7 => {
                let condition = if pick & 1 == 0 { format!(" while {other}") } else { String::new() };
                let head =
                    if form == 6 { format!("repeat {one}") } else { format!("for k in {one}..{other}") };
                text += &format!("{head}{condition} {{ w = {one}");
                open.push(true);
                loops += 1;
            }
            8 => {
                text += &format!("if {one} {{ w = {other} }} else if {other} {{ w = {one} }} else {{ w = 1");
                open.push(false);
            }
            9 if loops > 0 => text += ["break", "break if a"][pick as usize % 2],
            10 => text += &format!("steps({one}, u={other}, v = {one})"),
            11 => text += &format!("steps {one} {{ u = {other} }}"),
            _ if open.is_empty() => text += "u = 1",
            _ => {
                loops -= usize::from(open.pop() == Some(true));
                text += "u = 2 }";
            }
        }
    }
    text + &" }".repeat(open.len()) + "; " + value(picks.len() as u64)
}

fn tokens() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "a",
        "b",
        "sin",
        "not",
        "and",
        "or",
        "if",
        "None",
        "1",
        "1.5",
        "0x",
        "1e",
        "2j",
        "'s'",
        "b'",
        "'",
        "\"",
        "f'",
        "(",
        ")",
        "(",
        ")",
        "[",
        "]",
        "{",
        ",",
        ".",
        "=",
        "==",
        "<",
        "!",
        "+",
        "-",
        "*",
        "**",
        "/",
        "//",
        "&",
        "&&",
        "@",
        ":",
        "#",
        "\n",
        " ",
        " ",
        "\t",
        "\\",
        "$",
        "\0",
        "é",
        "\u{202e}",
        "_",
        "k=",
        "%",
        ";",
        "{",
        "}",
        "{",
        "}",
        "repeat ",
        "while ",
        "for k in ",
        "0..",
        "def f(",
        "steps(",
        "break",
        "else ",
        "+=",
        "\n",
        "steps ",
        "if ",
        "=",
        "...",
        "[:",
        "x[",
        "]",
        "]",
        ":",
        "~",
        "^",
        "|",
        ">>",
    ]);
    prop::collection::vec(token, 0..24).prop_map(|tokens| tokens.concat())
}

/// A tree or an error that has its place in the text and is no fault of the library.
fn is_answered(text: &str) -> Result<(), TestCaseError> {
    match parse(text, &Limits::default()) {
        Ok(ast) => prop_assert_eq!(grouped(&parsed(&ast.to_string())), grouped(&ast)),
        Err(error) => {
            prop_assert_ne!(error.kind(), ErrorKind::Internal, "{}", error);
            prop_assert!(error.span().is_some_and(|span| text.get(span).is_some()), "{}", error);
            let hides = error.to_string().contains(['\0', '\u{202e}']);
            prop_assert!(!hides);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn printing_and_parsing_gives_the_same_tree(steps in prop::collection::vec((0u8..23, any::<u64>()), 1..40)) {
        let ast = tree(&steps);
        let text = ast.to_string();
        let again = parse(&text, &Limits::default());
        prop_assert!(again.is_ok(), "{}: {}", text, again.unwrap_err());
        prop_assert_eq!(grouped(&again.unwrap()), grouped(&ast), "{}", text);
    }

    #[test]
    fn programs_are_printed_and_read_again(picks in prop::collection::vec((0u8..16, any::<u64>()), 0..16)) {
        let text = program(&picks);
        let ast = parse(&text, &Limits::default());
        prop_assert!(ast.is_ok(), "{}: {}", text, ast.unwrap_err());
        let ast = ast.unwrap();
        let printed = ast.to_string();
        let again = parse(&printed, &Limits::default());
        prop_assert!(again.is_ok(), "{}: {}", printed, again.unwrap_err());
        let again = again.unwrap();
        prop_assert_eq!(grouped(&again), grouped(&ast), "{}", text);
        prop_assert_eq!(again.to_string(), printed);
    }

    #[test]
    fn any_tokens_are_answered(text in tokens()) {
        is_answered(&text)?;
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,16}") {
        is_answered(&text)?;
    }
}
