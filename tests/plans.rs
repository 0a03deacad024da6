//! Golden plans: what is fused, stored and hoisted, for the expressions of `tests/plans/*.nf`.
//!
//! A file is a comment, the expression, its inputs, and after `---` the plan that `explain` shows, how many passes over
//! data it makes, and how many bytes it stores. A lost fusion is a changed number. `NUMFUSE_BLESS=1` writes the files
//! anew: read the difference before it is committed.

use std::fs;
use std::path::{Path, PathBuf};

use numfuse::{ArrayType, Program};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "nf"));
    files.sort();
    files
}

/// The part of a file before its `---`, and the part after.
fn halves(text: &str) -> (&str, &str) {
    text.split_once("---\n").expect("a line `---` between the question and the answer")
}

/// What a file should hold after its `---`.
fn answer(question: &str) -> String {
    let (mut expression, mut inputs) = (None, Vec::new());
    for line in question.lines() {
        match line.split_once(": ") {
            _ if line.starts_with('#') => {}
            Some(("expression", text)) => expression = Some(text),
            Some(("input", input)) => {
                let (name, ty) = input.split_once(' ').expect("`input: name type`");
                inputs.push((name, ty.parse::<ArrayType>().unwrap()));
            }
            _ => panic!("`{line}` is no line of a golden plan"),
        }
    }
    let program = Program::compile(expression.expect("an expression")).unwrap();
    let explanation = program.explain(&inputs).unwrap();
    format!(
        "{}loops: {}\nstored: {} bytes\n",
        explanation.plan(),
        explanation.loops(),
        explanation.stored_bytes()
    )
}

#[test]
fn plans_are_as_written() {
    let bless = std::env::var_os("NUMFUSE_BLESS").is_some_and(|value| value == "1");
    let mut changed = Vec::new();
    let files = files();
    assert!(files.len() >= 50, "the golden plans are gone");
    for path in &files {
        let text = fs::read_to_string(path).unwrap();
        let (question, expected) = halves(&text);
        let got = answer(question);
        if got == expected {
            continue;
        }
        if bless {
            fs::write(path, format!("{question}---\n{got}")).unwrap();
        } else {
            changed.push(format!("{}\n{question}expected\n{expected}\ngot\n{got}", path.display()));
        }
    }
    assert!(changed.is_empty(), "{}\nNUMFUSE_BLESS=1 accepts them", changed.join("\n"));
}
