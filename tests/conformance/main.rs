//! Grades numfuse by two corpora of expressions with NumPy's answers: `tests/data/arrays.jsonl` over whole arrays, and
//! `tests/data/numpy.jsonl`, or another file of its form named by `NUMFUSE_CORPUS`; on the processor and on a graphics card. A line sums up each, the second's
//! is the last one printed; a wrong answer fails the test.

#[path = "../corpus/mod.rs"]
mod corpus;
#[path = "../engine/mod.rs"]
mod engine;
mod judge;
#[path = "../stored/mod.rs"]
mod stored;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use numfuse::internals::{Array, interpret};
use numfuse::{Error, ErrorKind, Input, Isa, Program};

use corpus::Case;
use engine::{Way, card, ways};
use judge::{Verdict, judge};

/// Cases whose expected answer is not what a user of numfuse should get, with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "reduce-inside-60e4348c8c",
        "a float32 sum inside a float64 result: sums of float32 in NumPy's order and in the reproducible one differ in \
         the last of their 24 bits, which a tolerance for 64 bits does not allow",
    ),
    (
        "complex-35c5e2c771",
        "a power of a complex number with a NaN: NumPy keeps the other part if the exponent is 1",
    ),
    ("op-same-b0ca65ccba", "as the one before"),
    ("func1-69e1c62cb8", "expm1(inf+0j): C99's exp(inf+0j) is inf+0j, NumPy multiplies infinity by zero"),
    (
        "func2-9f939e2ebf",
        "nextafter of float16 arrays: they are computed as float32, and so is their neighbour",
    ),
    ("err-type-b0a4b9247f", "sign of truth values: NumPy refuses it, numexpr makes floats of them"),
    ("err-syntax-5cdeb9a934", "`a = b` is a result with a name; numexpr refuses it"),
    ("literal-2f0573fa15", "9223372036854775808 is a uint64, as in NumPy; numexpr knows none"),
    ("string-a5e78e53ff", "a byte string as a result: they are compared and searched, no more"),
];

/// Cases of byte strings, which graphics cards do not have: a card has to say so, and is graded as the processor is.
static BYTE_STRINGS: AtomicUsize = AtomicUsize::new(0);

/// No case is large: one that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() {
    let arrays = grade_all("arrays", &corpus::read_own("arrays.jsonl"));
    let neighbours = grade_all("neighbours", &corpus::read_own("neighbours.jsonl"));
    let conformance = grade_all("conformance", &corpus::read());
    std::process::exit(if arrays && neighbours && conformance { 0 } else { 1 });
}

/// Grades a corpus and prints what it comes to; whether nothing failed.
fn grade_all(name: &str, cases: &[Case]) -> bool {
    let (mut passed, mut failed, mut exceptions) = (0, 0, 0);
    let mut unsupported: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases {
        match grade(case) {
            Verdict::Passed => passed += 1,
            Verdict::Unsupported(why) | Verdict::Failed(why) if exception(case).is_some() => {
                let reason = exception(case).unwrap_or_default();
                exceptions += 1;
                println!("exception {}: {reason} ({})", case.id, shortened(&why));
            }
            Verdict::Unsupported(why) => *unsupported.entry(why).or_default() += 1,
            Verdict::Failed(why) => {
                failed += 1;
                println!("FAILED {} ({}): `{}`: {why}", case.id, case.group, shortened(&case.text));
            }
        }
    }
    for (why, count) in &unsupported {
        println!("unsupported, {count} cases: {}", shortened(why));
    }
    let unsupported: usize = unsupported.values().sum();
    match BYTE_STRINGS.swap(0, Ordering::Relaxed) {
        0 => {}
        count => println!("exceptions on a graphics card, {count} cases: byte strings do not run there"),
    }
    println!(
        "{name}: {passed} passed, {failed} failed, {exceptions} exceptions, {unsupported} unsupported of {}",
        cases.len()
    );
    failed + unsupported == 0
}

/// Why another answer than the expected one is right.
fn exception(case: &Case) -> Option<&'static str> {
    EXCEPTIONS.iter().find(|(id, _)| *id == case.id).map(|(_, reason)| *reason)
}

/// Who answers: the interpreter, with or without fused multiplication and addition, or the library.
#[derive(Clone, Copy, Debug)]
enum Engine {
    Interpreter {
        fma: bool,
    },
    Library(Way),
    /// On a graphics card, where there is one.
    Card,
}

/// The verdict of every engine: the first failure, if there is one.
fn grade(case: &Case) -> Verdict {
    let mut engines = vec![Engine::Interpreter { fma: true }, Engine::Interpreter { fma: false }];
    engines.extend(ways(&[1, 2], &[0]).into_iter().map(Engine::Library));
    engines.push(Engine::Card);
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
        Engine::Card => on_card(&program, &inputs),
    }
}

/// A graphics card's answer, which has to be the processor's strict one, bit for bit: it is graded as that one is.
fn on_card(program: &Program, inputs: &[(&str, Input<'_>)]) -> Result<Array, Error> {
    let strict = Way { isa: Isa::Portable, threads: 1, tile: 0 }.run(program, inputs);
    let Some(got) = card::run(program, inputs) else { return strict };
    match (&strict, &got) {
        // byte strings do not run there, which it says by name
        (_, Err(error))
            if error.kind() == ErrorKind::Unsupported && error.message().contains("byte strings") =>
        {
            BYTE_STRINGS.fetch_add(1, Ordering::Relaxed);
            strict
        }
        (Ok(strict), Ok(card)) if strict.same(card) => got,
        (Err(strict), Err(card)) if strict.kind() == card.kind() => got,
        _ => panic!("{got:?} on a card, and {strict:?} on the processor"),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
