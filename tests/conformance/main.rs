//! Grades numfuse by a corpus of expressions with NumPy's answers, `tests/data/numpy.jsonl`, or another file of its
//! form named by `NUMFUSE_CORPUS`. The last line printed sums it up; a wrong answer fails the test.

#[path = "../corpus/mod.rs"]
mod corpus;
#[path = "../engine/mod.rs"]
mod engine;
mod judge;
#[path = "../stored/mod.rs"]
mod stored;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use numfuse::internals::{Array, interpret};
use numfuse::{Error, Input, Program};

use corpus::Case;
use engine::{Way, ways};
use judge::{Verdict, judge};

/// Cases whose expected answer is not what a user of numfuse should get, with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[(
    "reduce-inside-60e4348c8c",
    "a float32 sum inside a float64 result: sums of float32 in NumPy's order and in the reproducible one differ in the \
     last of their 24 bits, which a tolerance for 64 bits does not allow",
)];

/// No case is large: one that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() {
    let cases = corpus::read();
    let (mut passed, mut failed, mut exceptions) = (0, 0, 0);
    let mut unsupported: BTreeMap<String, usize> = BTreeMap::new();
    for case in &cases {
        match grade(case) {
            Verdict::Passed => passed += 1,
            Verdict::Unsupported(why) => *unsupported.entry(why).or_default() += 1,
            Verdict::Failed(why) => match EXCEPTIONS.iter().find(|(id, _)| *id == case.id) {
                Some((id, reason)) => {
                    exceptions += 1;
                    println!("exception {id}: {reason}");
                }
                None => {
                    failed += 1;
                    println!("FAILED {} ({}): `{}`: {why}", case.id, case.group, shortened(&case.text));
                }
            },
        }
    }
    for (why, count) in &unsupported {
        println!("unsupported, {count} cases: {}", shortened(why));
    }
    let unsupported: usize = unsupported.values().sum();
    println!(
        "conformance: {passed} passed, {failed} failed, {exceptions} exceptions, {unsupported} unsupported of {}",
        cases.len()
    );
    std::process::exit(if failed > 0 { 1 } else { 0 });
}

/// Who answers: the interpreter, with or without fused multiplication and addition, or the library.
#[derive(Clone, Copy, Debug)]
enum Engine {
    Interpreter { fma: bool },
    Library(Way),
}

/// The verdict of every engine: the first failure, if there is one.
fn grade(case: &Case) -> Verdict {
    let mut engines = vec![Engine::Interpreter { fma: true }, Engine::Interpreter { fma: false }];
    engines.extend(ways(&[1, 2], &[0]).into_iter().map(Engine::Library));
    let mut verdict = Verdict::Passed;
    for engine in engines {
        let start = Instant::now();
        let run = catch_unwind(AssertUnwindSafe(|| run(case, engine)));
        let this = match run {
            _ if start.elapsed() > PATIENCE => Verdict::Failed(format!("takes {:?}", start.elapsed())),
            Err(_) => Verdict::Failed("panics".to_owned()),
            Ok(answer) => judge(&answer, &case.expected, case.tolerance),
        };
        match this {
            Verdict::Failed(why) => return Verdict::Failed(format!("{why} ({engine:?})")),
            Verdict::Unsupported(_) | Verdict::Passed => verdict = this,
        }
    }
    verdict
}

fn run(case: &Case, engine: Engine) -> Result<Array, Error> {
    let program = Program::compile(&case.text)?;
    let inputs: Vec<(&str, Input<'_>)> =
        case.inputs.iter().map(|(name, stored)| (name.as_str(), stored.input())).collect();
    match engine {
        Engine::Interpreter { fma } => interpret(&case.text, &inputs, fma),
        Engine::Library(way) => way.run(&program, &inputs),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
