//! Texts nobody wrote: mutations of the corpus, of generated expressions and of whole programs, compiled, planned and run on tiny arrays.
//! Never a panic, a hang, or another answer than the reference interpreter's.
//!
//! A normal test run takes two seconds of it; for more:
//! `NUMFUSE_FUZZ_SECONDS=60 cargo test --release --test fuzz -- --ignored`.

mod agreement;
#[allow(dead_code, reason = "only the texts of the corpus are read here")]
mod corpus;
mod engine;
mod generated;
mod stored;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use numfuse::internals::interpret;
use numfuse::{Input, Program};
use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use agreement::difference;
use engine::{Way, ways};
use generated::{Pool, depends_on_memory_order, expression, pool};

/// Longer than any text of this size and any array of this one takes.
const PATIENCE: Duration = Duration::from_secs(5);

/// Words that mean something, and some that nearly do.
const WORDS: [&str; 76] = [
    "(",
    ")",
    ",",
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "**",
    "<<",
    ">>",
    "&",
    "|",
    "^",
    "~",
    "<",
    "<=",
    "==",
    "!=",
    ">",
    "and",
    "or",
    "not",
    " ",
    ".",
    "=",
    "axis=0",
    "axis=-1",
    "axis=(0,1)",
    "[1:, ::-2]",
    "[:, None]",
    "[x > y]",
    "[k]",
    ".T",
    "@",
    "flip(x)",
    "windows(x, 2)",
    "index(x)",
    "ravel(",
    "arange(5)",
    "where=m",
    "keepdims=True",
    "sum",
    "max",
    "where",
    "sqrt",
    "f32",
    "i64",
    "2",
    "0.5",
    "1e300",
    "-1",
    "9",
    "True",
    "None",
    "nan",
    "x",
    "'a'",
    "\u{e9}",
    ";",
    "\n",
    "{",
    "}",
    "repeat 3 ",
    "while ",
    "for k in 0..3 ",
    "if ",
    " else ",
    "break",
    "def f(a)",
    "f(",
    "steps(2, x=",
    "steps 2 ",
    "+=",
    "len(",
];

/// Other names of the pool's arrays: those that the corpus uses.
const ALIASES: [(&str, &str); 8] =
    [("a", "x"), ("b", "y"), ("c", "u"), ("f", "v"), ("g", "k"), ("z", "i"), ("s", "m"), ("w", "j")];

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides.max(1) as u64) as usize
    }
}

/// Where texts come from.
struct Source {
    corpus: Vec<String>,
    expressions: BoxedStrategy<String>,
    /// Of inputs in C order, and in any.
    pools: [BoxedStrategy<Pool>; 2],
    runner: TestRunner,
    dice: Dice,
}

impl Source {
    fn new(seed: u64) -> Source {
        let short = |case: corpus::Case| (case.text.len() < 300).then_some(case.text);
        let mut bytes = [0u8; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        Source {
            corpus: corpus::read()
                .into_iter()
                .chain(corpus::read_own("arrays.jsonl"))
                .filter_map(short)
                .collect(),
            expressions: expression(4),
            pools: [pool(70, false), pool(70, true)],
            // shapes are drawn until they are small enough, and the runner counts for as long as it lives
            runner: TestRunner::new_with_rng(
                Config { max_local_rejects: u32::MAX, ..Config::default() },
                rng,
            ),
            dice: Dice(seed),
        }
    }

    fn draw<T: std::fmt::Debug>(&mut self, strategy: &BoxedStrategy<T>) -> T {
        strategy.new_tree(&mut self.runner).expect("a strategy that makes values").current()
    }

    fn pool(&mut self) -> Pool {
        let pools = self.pools[self.dice.roll(2)].clone();
        self.draw(&pools)
    }

    fn expression(&mut self) -> String {
        let expressions = self.expressions.clone();
        self.draw(&expressions)
    }

    /// Statements over the pool's arrays, with loops of a few turns.
    fn program(&mut self) -> String {
        const NAMES: [&str; 6] = ["x", "y", "u", "t", "r", "n"];
        let mut text = "def rel(a, b=2) = (a - b)/(a + b)\ndef twice(a) { t = a + a; t }\n".to_owned();
        let mut open = 0;
        for _ in 0..1 + self.dice.roll(6) {
            let name = NAMES[self.dice.roll(NAMES.len())];
            let other = NAMES[self.dice.roll(NAMES.len())];
            let (value, turns) = (self.expression(), self.dice.roll(5));
            text += &match self.dice.roll(12) {
                0..=2 => format!("{name} = {value}\n"),
                3 => format!("{name} = rel({other}, {value}); "),
                4 => format!("{name} += twice({other})\n"),
                5 => format!("{name}, {other} = {value}\n"),
                6 => format!("if {name} > {turns} {{ {other} = {value} }} else {{ {other} = {name} }}\n"),
                7 => format!(
                    "repeat {turns} while {name} < 4 {{ {name} = {name} + 1; break if {other} == 2 }}\n"
                ),
                8 => format!("for k in {turns}..4 {{ {name} = {name}*k }}; "),
                9 => format!("steps({turns}, {name} = {other}, {other} = {name} + 1)\n"),
                10 => {
                    open += 1;
                    format!("repeat {turns} {{ {name} = {other}\n")
                }
                _ if open > 0 => {
                    open -= 1;
                    format!("{name} = {value} }}\n")
                }
                _ => format!("{name} = [1, 2, {turns}]\n"),
            };
        }
        text + &"}".repeat(open) + "\n" + &self.expression()
    }

    fn some_text(&mut self) -> String {
        match self.dice.roll(6) {
            0 => (0..1 + self.dice.roll(12)).map(|_| WORDS[self.dice.roll(WORDS.len())]).collect(),
            1 | 2 => self.corpus[self.dice.roll(self.corpus.len())].clone(),
            3 => self.program(),
            _ => self.expression(),
        }
    }

    /// A text, mutated a few times or not at all.
    fn text(&mut self) -> String {
        let mut text: Vec<char> = self.some_text().chars().collect();
        for _ in 0..self.dice.roll(4) {
            let at = self.dice.roll(text.len() + 1);
            let end = (at + self.dice.roll(6)).min(text.len());
            match self.dice.roll(6) {
                0 => drop(text.drain(at..end)),
                1 => drop(text.splice(at..at, WORDS[self.dice.roll(WORDS.len())].chars())),
                2 => drop(text.splice(at..end, WORDS[self.dice.roll(WORDS.len())].chars())),
                3 => {
                    let piece: Vec<char> = text[at..end].to_vec();
                    let to = self.dice.roll(text.len() + 1);
                    drop(text.splice(to..to, piece));
                }
                4 => {
                    let other: Vec<char> = self.some_text().chars().collect();
                    let from = self.dice.roll(other.len() + 1);
                    drop(text.splice(at.., other[from..].iter().copied()));
                }
                _ => {
                    if let (Some(a), Some(b)) = (text.get(at).copied(), text.get(end).copied()) {
                        (text[at], text[end]) = (b, a);
                    }
                }
            }
        }
        text.into_iter().take(2000).collect()
    }
}

/// What is wrong with a text's answer, if anything is.
fn fault(text: &str, pool: &Pool, way: Way) -> Option<String> {
    let mut inputs: Vec<(&str, Input<'_>)> = pool.inputs();
    for (alias, name) in ALIASES {
        let input = inputs.iter().find(|(known, _)| *known == name).expect("a name of the pool").1.clone();
        inputs.push((alias, input));
    }
    let start = Instant::now();
    let run = catch_unwind(AssertUnwindSafe(|| {
        let got = Program::compile(text).and_then(|program| way.run(&program, &inputs));
        if let Err(error) = &got {
            // messages are made of the text too
            assert!(!error.to_string().is_empty());
        }
        let several = Program::compile(text).is_ok_and(|program| program.results().len() > 1);
        if several || pool.permuted && depends_on_memory_order(text) {
            return None;
        }
        difference(&interpret(text, &inputs, way.isa.has_fma()), &got, pool.empty)
    }));
    match run {
        Err(panic) => {
            let words = panic.downcast_ref::<String>().cloned();
            Some(format!("panics: {}", words.or(panic.downcast_ref::<&str>().map(|s| s.to_string()))?))
        }
        Ok(_) if start.elapsed() > PATIENCE => Some(format!("takes {:?}", start.elapsed())),
        Ok(difference) => difference,
    }
}

/// A shorter text with a fault, by leaving out pieces.
fn shrunk(text: &str, pool: &Pool, way: Way) -> String {
    let mut text: Vec<char> = text.chars().collect();
    let mut piece = text.len() / 2;
    while piece > 0 {
        let mut at = 0;
        while at + piece <= text.len() {
            let less: Vec<char> = [&text[..at], &text[at + piece..]].concat();
            match fault(&less.iter().collect::<String>(), pool, way) {
                Some(_) => text = less,
                None => at += 1,
            }
        }
        piece /= 2;
    }
    text.into_iter().collect()
}

fn fuzz(seed: u64, time: Duration) {
    let mut source = Source::new(seed);
    let every_way = ways(&[1, 2], &[0, 64]);
    let (start, mut count) = (Instant::now(), 0u64);
    while start.elapsed() < time {
        let pool = source.pool();
        for _ in 0..8 {
            let (text, way) = (source.text(), every_way[source.dice.roll(every_way.len())]);
            count += 1;
            if fault(&text, &pool, way).is_some() {
                let less = shrunk(&text, &pool, way);
                let fault = fault(&less, &pool, way).unwrap_or_default();
                panic!("seed {seed}, text {count}: `{less}` {fault}\n{way:?}\n{pool:?}\nfound as `{text}`");
            }
        }
    }
    println!("{count} texts from seed {seed}");
}

#[test]
fn two_seconds_of_texts() {
    fuzz(1, Duration::from_secs(2));
}

#[test]
#[ignore = "takes NUMFUSE_FUZZ_SECONDS, a minute by default"]
fn texts_without_end() {
    let seconds =
        std::env::var("NUMFUSE_FUZZ_SECONDS").ok().map(|text| text.parse().expect("a number of seconds"));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock");
    fuzz(now.as_nanos() as u64, Duration::from_secs(seconds.unwrap_or(60)));
}
