//! `numfuse bench`: what an expression costs, beside the same one operation at a time.

use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use clap::Args;
use numfuse::{ArrayType, Input, Options, Program, Value};
use serde_json::json;

use crate::RunArguments;
use crate::eager::Eager;
use crate::failure::Failure;
use crate::given;
use crate::sample::{Random, zeros};

/// Time an expression on random arrays, fused and one `ndarray` operation at a time
///
/// Floats and both parts of complex numbers are uniform in (0.5, 1.5), integers from 1 to 100, truth values by coin. Every
/// figure is the median of at least 9 samples, taken in turn; short runs are timed in batches of a millisecond.
#[derive(Args)]
pub struct Arguments {
    /// The expression
    #[arg(value_name = "EXPR", allow_hyphen_values = true)]
    expression: String,
    /// An input's type and shape, as f64[10000000], or a .npy file that has them
    #[arg(value_name = "NAME=TYPE|FILE.npy")]
    inputs: Vec<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    run: RunArguments,
}

/// Samples of each figure at least.
const SAMPLES: usize = 9;
/// More are taken while they take less than this together.
const ENOUGH: Duration = Duration::from_millis(300);
/// And at most so many.
const MOST: usize = 101;
/// A sample takes at least so long: the clock's grain and cost vanish in it.
const SAMPLE: Duration = Duration::from_millis(1);
/// Extents of the arrays whose calls are timed: what is left is the cost of a call.
const FEW: usize = 10;
/// From this size on the library asks the system for huge pages.
const HUGE: usize = 4 << 20;

pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<(), Failure> {
    let options = arguments.run.options();
    let program = Program::compile(&arguments.expression)?.with_options(options);
    if program.results().len() != 1 {
        let message = format!("one result is timed, and the program has {}", program.results().len());
        return Err(Failure::Mistake(message));
    }
    let types = given::types(&given::assignments(&arguments.inputs)?)?;
    let explanation = program.explain(&types)?;
    let resolved = options.resolve()?;
    let whole = Arrays::new(&program, &types, explanation.result())?;
    let cut: Vec<(&str, ArrayType)> = types.iter().map(|(name, ty)| (*name, few(ty))).collect();
    let small = Arrays::new(&program, &cut, program.explain(&cut)?.result())?;

    let (fused, fresh, eager) = time_whole(&program, whole)?;
    let (named, bound) = time_calls(&program, options, &small)?;
    let compile = time_compiling(&arguments.expression, options, &small)?;
    let result = explanation.result();
    let bytes = |ty: &ArrayType| ty.shape.iter().product::<usize>() * ty.dtype.size();
    let read = types.iter().filter(|(name, _)| program.inputs().any(|used| used == *name));
    let moved = read.map(|(_, ty)| bytes(ty)).sum::<usize>() + bytes(&result);
    let report = Report {
        expression: &arguments.expression,
        threads: resolved.threads.unwrap_or_else(rayon::current_num_threads),
        isa: resolved.isa.to_string(),
        elements: explanation.elements(),
        loops: explanation.loops(),
        fused,
        fresh,
        eager,
        compile,
        named,
        bound,
        gigabytes: moved as f64 / fused / 1e9,
        huge_pages: bytes(&result) >= HUGE && system_grants_huge_pages(),
    };
    if arguments.json { report.write_json(out) } else { report.write_table(out) }
}

/// The type with every long axis cut.
fn few(ty: &ArrayType) -> ArrayType {
    let shape: Vec<usize> = ty.shape.iter().map(|extent| (*extent).min(FEW)).collect();
    ArrayType::new(ty.dtype, &shape)
}

/// A program's inputs, in its order, and memory for its result.
struct Arrays {
    names: Vec<String>,
    inputs: Vec<Value>,
    output: Value,
}

impl Arrays {
    fn new(program: &Program, types: &[(&str, ArrayType)], result: ArrayType) -> Result<Arrays, Failure> {
        let mut random = Random::seeded(0);
        let (mut names, mut inputs) = (Vec::new(), Vec::new());
        for name in program.inputs() {
            if let Some((_, ty)) = types.iter().find(|(given, _)| *given == name) {
                names.push(name.to_owned());
                inputs.push(random.array(ty)?);
            }
        }
        Ok(Arrays { names, inputs, output: zeros(&result)? })
    }

    fn bound(&self) -> Vec<Input<'_>> {
        self.inputs.iter().map(Input::from).collect()
    }

    fn named(&self) -> Vec<(&str, Input<'_>)> {
        self.names.iter().map(String::as_str).zip(self.bound()).collect()
    }
}

/// Something to be timed.
type Contender<'a> = Box<dyn FnMut() -> Result<(), Failure> + 'a>;

/// Seconds of a run into memory that is there, into fresh memory, and of the eager one if there is one.
fn time_whole(program: &Program, arrays: Arrays) -> Result<(f64, f64, Option<f64>), Failure> {
    let Arrays { inputs, mut output, .. } = arrays;
    let eager = Eager::new(program, &inputs.iter().collect::<Vec<_>>())?;
    let inputs: Vec<Input<'_>> = inputs.iter().map(Input::from).collect();
    let mut contenders: Vec<Contender<'_>> = vec![
        Box::new(|| Ok(program.run_into(&inputs, &mut output)?)),
        Box::new(|| {
            black_box(program.run::<Value>(&inputs)?);
            Ok(())
        }),
    ];
    if eager.run().is_some() {
        contenders.push(Box::new(|| {
            black_box(eager.run());
            Ok(())
        }));
    }
    let medians = time_in_turn(&mut contenders)?;
    Ok((medians[0], medians[1], medians.get(2).copied()))
}

/// Seconds of a call by name with a fresh output, and of one by position into memory that is there.
fn time_calls(program: &Program, options: Options, arrays: &Arrays) -> Result<(f64, f64), Failure> {
    let (named, bound) = (arrays.named(), arrays.bound());
    let mut output = arrays.output.clone();
    // two programs: each keeps the binding of its last call, as it would in a loop
    let (by_name, by_position) = (program.with_options(options), program.with_options(options));
    let mut contenders: Vec<Contender<'_>> = vec![
        Box::new(|| {
            black_box(by_name.run::<Value>(&named)?);
            Ok(())
        }),
        Box::new(|| Ok(by_position.run_into(&bound, &mut output)?)),
    ];
    let medians = time_in_turn(&mut contenders)?;
    Ok((medians[0], medians[1]))
}

/// Seconds from a text to the end of its first call: parsing, typing, planning, and a run over a few elements.
fn time_compiling(text: &str, options: Options, arrays: &Arrays) -> Result<f64, Failure> {
    let bound = arrays.bound();
    let mut output = arrays.output.clone();
    let mut contenders: Vec<Contender<'_>> = vec![Box::new(|| {
        let program = Program::compile(text)?.with_options(options);
        Ok(program.run_into(&bound, &mut output)?)
    })];
    Ok(time_in_turn(&mut contenders)?[0])
}

/// The median seconds of one run of each, sampled in turn, so that what the machine does meanwhile hits all alike.
fn time_in_turn(contenders: &mut [Contender<'_>]) -> Result<Vec<f64>, Failure> {
    let mut batches = Vec::new();
    for run in contenders.iter_mut() {
        batches.push(batch(run)?);
    }
    let mut samples = vec![Vec::new(); contenders.len()];
    let start = Instant::now();
    for taken in 0..MOST {
        if taken >= SAMPLES && start.elapsed() > ENOUGH {
            break;
        }
        for ((run, batch), samples) in contenders.iter_mut().zip(&batches).zip(&mut samples) {
            samples.push(time(run, *batch)?.as_secs_f64() / f64::from(*batch));
        }
    }
    Ok(samples.into_iter().map(median).collect())
}

/// How many runs make a sample. Warms up on the way.
fn batch(run: &mut Contender<'_>) -> Result<u32, Failure> {
    let mut runs = 1;
    loop {
        let took = time(run, runs)?;
        if took >= SAMPLE || runs >= 1 << 24 {
            return Ok(runs);
        }
        runs *= 2;
    }
}

fn time(run: &mut Contender<'_>, runs: u32) -> Result<Duration, Failure> {
    let start = Instant::now();
    for _ in 0..runs {
        run()?;
    }
    Ok(start.elapsed())
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    let middle = samples.len() / 2;
    if samples.len() % 2 == 1 { samples[middle] } else { (samples[middle - 1] + samples[middle]) / 2.0 }
}

/// Whether the system gives huge pages to who asks.
fn system_grants_huge_pages() -> bool {
    let setting = std::fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled");
    setting.is_ok_and(|text| !text.contains("[never]"))
}

/// What was measured; times in seconds.
struct Report<'a> {
    expression: &'a str,
    threads: usize,
    isa: String,
    elements: u64,
    loops: usize,
    fused: f64,
    fresh: f64,
    eager: Option<f64>,
    compile: f64,
    named: f64,
    bound: f64,
    gigabytes: f64,
    huge_pages: bool,
}

impl Report<'_> {
    fn write_json(&self, out: &mut impl Write) -> Result<(), Failure> {
        let object = json!({
            "expr": self.expression,
            "threads": self.threads,
            "isa": self.isa,
            "elements": self.elements,
            "loops": self.loops,
            "fused_s": self.fused,
            "fused_fresh_s": self.fresh,
            "eager_s": self.eager,
            "compile_s": self.compile,
            "call_10_elements_ns": self.named * 1e9,
            "call_bound_ns": self.bound * 1e9,
            "gb_per_s": self.gigabytes,
            "huge_pages": self.huge_pages,
        });
        Ok(writeln!(out, "{object}")?)
    }

    fn write_table(&self, out: &mut impl Write) -> Result<(), Failure> {
        let Report { elements, loops, threads, isa, .. } = self;
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        writeln!(out, "{}", self.expression)?;
        writeln!(
            out,
            "{elements} elements, {loops} loop{}, {threads} thread{}, {isa}",
            plural(*loops),
            plural(*threads)
        )?;
        let pages = if self.huge_pages { ", on huge pages" } else { "" };
        writeln!(out, "  fused              {:>10}   {:.1} GB/s", seconds(self.fused), self.gigabytes)?;
        writeln!(out, "  fused, new output  {:>10}{pages}", seconds(self.fresh))?;
        match self.eager {
            Some(eager) => {
                let times = eager / self.fused;
                writeln!(
                    out,
                    "  one at a time      {:>10}   {times:.1} times the fused run",
                    seconds(eager)
                )?;
            }
            None => writeln!(out, "  one at a time               -   `ndarray` lacks an operation")?,
        }
        writeln!(out, "  compilation        {:>10}", seconds(self.compile))?;
        writeln!(out, "  call, {FEW} elements  {:>10}", seconds(self.named))?;
        Ok(writeln!(out, "  the same, bound    {:>10}", seconds(self.bound))?)
    }
}

/// Three digits or more, in a unit that suits.
fn seconds(value: f64) -> String {
    let (scaled, unit) = match value {
        v if v < 1e-6 => (v * 1e9, "ns"),
        v if v < 1e-3 => (v * 1e6, "µs"),
        v if v < 1.0 => (v * 1e3, "ms"),
        v => (v, "s"),
    };
    let places = if scaled < 10.0 { 2 } else { 1 };
    format!("{scaled:.places$} {unit}")
}
