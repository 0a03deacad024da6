//! `numfuse bench`: what a program costs, beside the same one operation at a time.

mod arrays;
mod device;

use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use clap::Args;
use numfuse::{ArrayType, Input, Inputs, Options, Program, Value, internals};
use serde_json::json;

use crate::RunArguments;
use crate::devices::DeviceArgument;
use crate::eager::Eager;
use crate::failure::Failure;
use crate::given::{self, Subjects};
use crate::program::{ProgramArguments, Source};

use arrays::Arrays;

/// Time a program, fused and one `ndarray` operation at a time
///
/// Arrays are those of the files that are given, and random ones of the types. Of these floats and both parts of complex numbers are uniform in (0.5, 1.5), integers from 1 to 100, truth values by coin. Every
/// figure is the median of at least 9 samples, taken in turn; short runs are timed in batches of a millisecond.
///
/// On a graphics card the arrays stay there, and every run is waited for. The first one makes the shaders, unless an
/// earlier process has; copying to the card and back is timed by itself.
#[derive(Args)]
#[command(override_usage = "numfuse bench [OPTIONS] PROGRAM [NAME=TYPE|FILE.npy|NUMBER]...
       numfuse bench [OPTIONS] --file PROGRAM.nf [NAME=TYPE|FILE.npy|NUMBER]...")]
pub struct Arguments {
    #[command(flatten)]
    pub program: ProgramArguments,
    /// An input's type and shape, as f64[10000000], a .npy file, or a number
    #[arg(value_name = "NAME=TYPE|FILE.npy|NUMBER")]
    inputs: Vec<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    device: DeviceArgument,
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
    let (source, inputs) = arguments.program.read(&arguments.inputs)?;
    let program = source.compile()?.with_options(options);
    let given = Subjects::read(&given::assignments(&inputs)?)?;
    let explanation = program.explain_with(&given.types, &given.numbers)?;
    let resolved = options.resolve()?;
    let device = arguments.device.open()?;
    let whole = Arrays::new(&program, &given, usize::MAX)?;
    if !device.is_cpu() {
        let report = device::measure(&program, &device, &whole, &explanation)?;
        return if arguments.json { report.write_json(out) } else { report.write_table(out) };
    }
    let few = few(&program, &given)?;

    let (fused, fresh, eager) = time_whole(&program, whole)?;
    let calls = few.as_ref().map(|few| time_calls(&program, options, few)).transpose()?;
    let compile = few.as_ref().map(|few| time_compiling(&source, options, few)).transpose()?;
    let bytes = |ty: &ArrayType| ty.shape.iter().product::<usize>() * ty.dtype.size();
    let written: Vec<usize> = explanation.results().iter().map(bytes).collect();
    let report = Report {
        expression: source.text.trim_end(),
        threads: resolved.threads.unwrap_or_else(rayon::current_num_threads),
        isa: resolved.isa.to_string(),
        elements: explanation.elements(),
        loops: explanation.loops(),
        fused,
        fresh,
        eager,
        compile,
        named: calls.map(|(named, _)| named),
        bound: calls.map(|(_, bound)| bound),
        gigabytes: explanation.fused().bytes as f64 / fused / 1e9,
        huge_pages: written.iter().any(|bytes| *bytes >= HUGE) && system_grants_huge_pages(),
    };
    if arguments.json { report.write_json(out) } else { report.write_table(out) }
}

/// The inputs with every long axis cut; `None` where that leaves no sense, or no small call: where a number says how
/// large arrays are, or the expression wants other extents or finds its places gone.
fn few<'a>(program: &Program, given: &'a Subjects<'_>) -> Result<Option<Arrays<'a>>, Failure> {
    if !internals::graph(program).known_inputs().is_empty() {
        return Ok(None);
    }
    match Arrays::new(program, given, FEW) {
        Ok(few) if program.run::<Vec<Value>>(&few.bound()).is_ok() => Ok(Some(few)),
        Ok(_) | Err(Failure::Refused(_)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Something to be timed.
type Contender<'a> = Box<dyn FnMut() -> Result<(), Failure> + 'a>;

/// Runs a program into memory that is there.
fn run_into(program: &Program, inputs: &[Input<'_>], outputs: &mut [Value]) -> Result<(), Failure> {
    match outputs {
        [output] => program.run_into(inputs, output)?,
        _ => program.run_into_all(inputs, outputs)?,
    }
    Ok(())
}

/// Runs a program into fresh memory.
fn run_fresh<'a>(program: &Program, inputs: impl Inputs<'a>) -> Result<(), Failure> {
    match program.results().len() {
        1 => drop(black_box(program.run::<Value>(inputs)?)),
        _ => drop(black_box(program.run::<Vec<Value>>(inputs)?)),
    }
    Ok(())
}

/// Seconds of a run into memory that is there, into fresh memory, and of the eager one if there is one.
fn time_whole(program: &Program, arrays: Arrays<'_>) -> Result<(f64, f64, Option<f64>), Failure> {
    let (inputs, mut outputs) = (arrays.bound(), arrays.outputs());
    let eager = arrays.values().map(|values| Eager::new(program, &values)).transpose()?;
    let eager = eager.filter(|eager| eager.run().is_some());
    let mut contenders: Vec<Contender<'_>> = vec![
        Box::new(|| run_into(program, &inputs, &mut outputs)),
        Box::new(|| run_fresh(program, &inputs[..])),
    ];
    if let Some(eager) = &eager {
        contenders.push(Box::new(|| {
            black_box(eager.run());
            Ok(())
        }));
    }
    let medians = time_in_turn(&mut contenders)?;
    Ok((medians[0], medians[1], medians.get(2).copied()))
}

/// Seconds of a call by name with a fresh output, and of one by position into memory that is there.
fn time_calls(program: &Program, options: Options, arrays: &Arrays<'_>) -> Result<(f64, f64), Failure> {
    let (named, bound, mut outputs) = (arrays.named(), arrays.bound(), arrays.outputs());
    // two programs: each keeps the binding of its last call, as it would in a loop
    let (by_name, by_position) = (program.with_options(options), program.with_options(options));
    let mut contenders: Vec<Contender<'_>> = vec![
        Box::new(|| run_fresh(&by_name, &named[..])),
        Box::new(|| run_into(&by_position, &bound, &mut outputs)),
    ];
    let medians = time_in_turn(&mut contenders)?;
    Ok((medians[0], medians[1]))
}

/// Seconds from a text to the end of its first call: parsing, typing, planning, and a run over a few elements.
fn time_compiling(source: &Source, options: Options, arrays: &Arrays<'_>) -> Result<f64, Failure> {
    let (bound, mut outputs) = (arrays.bound(), arrays.outputs());
    let mut contenders: Vec<Contender<'_>> =
        vec![Box::new(|| run_into(&source.compile()?.with_options(options), &bound, &mut outputs))];
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
    /// This and the calls: `None` where there is no small call.
    compile: Option<f64>,
    named: Option<f64>,
    bound: Option<f64>,
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
            "call_10_elements_ns": self.named.map(|s| s * 1e9),
            "call_bound_ns": self.bound.map(|s| s * 1e9),
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
            None => {
                writeln!(out, "  one at a time               -   `ndarray` lacks an operation or a type")?
            }
        }
        let small = |time: Option<f64>| time.map_or_else(|| "-".to_owned(), seconds);
        writeln!(out, "  compilation        {:>10}", small(self.compile))?;
        writeln!(out, "  call, {FEW} elements  {:>10}", small(self.named))?;
        Ok(writeln!(out, "  the same, bound    {:>10}", small(self.bound))?)
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
