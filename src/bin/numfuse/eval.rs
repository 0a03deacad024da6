//! `numfuse eval`: files and numbers in, a file or a printed array out.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use numfuse::{ArrayType, Device, Error, ErrorKind, Input, Program, Value, npy};

use crate::devices::DeviceArgument;
use crate::failure::Failure;
use crate::given::{self, Values};
use crate::program::ProgramArguments;
use crate::{RunArguments, print};

/// Evaluate an expression, or a program of several statements
///
/// Without -o the result is printed as NumPy prints it, and below it its type and shape; of several results
/// ('mean(x), max(x)' or 'm = mean(x), top = max(x)') each after a line with its name or number. With -o the file appears
/// when it is complete; until then, and after an error, an existing one is untouched.
#[derive(Args)]
#[command(override_usage = "numfuse eval [OPTIONS] PROGRAM [NAME=FILE.npy|VALUE]...
       numfuse eval [OPTIONS] --file PROGRAM.nf [NAME=FILE.npy|VALUE]...")]
pub struct Arguments {
    #[command(flatten)]
    pub program: ProgramArguments,
    /// An input: a .npy file, a number that takes the type of what it meets (2.5, 3, 1+2j, True), or one with a type of
    /// its own (f32:2.5, u8:200, c64:1+2j)
    #[arg(value_name = "NAME=FILE.npy|VALUE")]
    inputs: Vec<String>,
    /// Store the result here instead of printing it. Of several results: one -o for each, in their order, or one path
    /// with {} where their names or numbers go
    #[arg(short, long, value_name = "OUT.npy")]
    output: Vec<PathBuf>,
    /// How long the processor may take to run it; after that it is an error
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    time: Option<Duration>,
    #[command(flatten)]
    device: DeviceArgument,
    #[command(flatten)]
    run: RunArguments,
}

pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<(), Failure> {
    let (mut source, inputs) = arguments.program.read(&arguments.inputs)?;
    source.limits.time = arguments.time;
    let program = source.compile()?.with_options(arguments.run.options());
    let labels = labels(&program);
    let paths = paths(&arguments.output, &labels)?;
    let values = Values::read(&given::assignments(&inputs)?)?;
    let device = arguments.device.open()?;
    if device.is_cpu() && !paths.is_empty() {
        // what is larger than memory goes to its file while it is computed
        return npy::run_to_files(&program, values.inputs(), &paths).map_err(unwritten);
    }
    let results = results(&program, &device, values.inputs())?;
    match paths.is_empty() {
        true => print_results(&program, &labels, &results, out),
        false => paths
            .iter()
            .zip(&results)
            .try_for_each(|(path, value)| npy::write(path, value))
            .map_err(unwritten),
    }
}

fn results(
    program: &Program,
    device: &Device,
    inputs: Vec<(&str, Input<'_>)>,
) -> Result<Vec<Value>, Failure> {
    if device.is_cpu() {
        return Ok(program.run(inputs)?);
    }
    let arrays = program.run_all_on(device, inputs)?;
    Ok(arrays.iter().map(|array| array.download()).collect::<Result<_, Error>>()?)
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "it is no number".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "it is no time".to_owned())
}

fn unwritten(error: Error) -> Failure {
    match error.kind() {
        ErrorKind::Io => Failure::Unwritten(error),
        _ => Failure::Refused(error),
    }
}

/// What the results are called: their names, or their numbers from 1.
fn labels(program: &Program) -> Vec<String> {
    let label = |(k, name): (usize, Option<&str>)| name.map_or_else(|| (k + 1).to_string(), str::to_owned);
    program.results().enumerate().map(label).collect()
}

fn print_results(
    program: &Program,
    labels: &[String],
    results: &[Value],
    out: &mut impl Write,
) -> Result<(), Failure> {
    let plain = program.results().eq([None]);
    for (k, (result, label)) in results.iter().zip(labels).enumerate() {
        if !plain {
            writeln!(out, "{}{label}:", if k > 0 { "\n" } else { "" })?;
        }
        writeln!(out, "{}", print::value(result))?;
        writeln!(out, "{}", ArrayType::new(result.dtype(), result.shape()))?;
    }
    Ok(())
}

/// The file for each result, or none at all.
fn paths(given: &[PathBuf], labels: &[String]) -> Result<Vec<PathBuf>, Failure> {
    const PLACE: &str = "{}";
    let several = labels.len() > 1;
    if let [pattern] = given
        && several
        && let Some(pattern) = pattern.to_str().filter(|pattern| pattern.contains(PLACE))
    {
        return Ok(labels.iter().map(|label| pattern.replace(PLACE, label).into()).collect());
    }
    if !given.is_empty() && given.len() != labels.len() {
        let (results, files) = (labels.len(), given.len());
        let help = "give one -o for each, or one path with {} where their names or numbers go";
        let message = match results {
            1 => format!("there is 1 result, and there are {files} -o"),
            _ => format!("there are {results} results, and {files} -o\n  = help: {help}"),
        };
        return Err(Failure::Mistake(message));
    }
    match given.iter().enumerate().find(|(k, path)| given[..*k].contains(path)) {
        Some((_, path)) => {
            Err(Failure::Mistake(format!("two results cannot be stored in `{}`", path.display())))
        }
        None => Ok(given.to_vec()),
    }
}
