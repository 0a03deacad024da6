//! `numfuse eval`: files and numbers in, a file or a printed array out.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use numfuse::{ArrayType, ErrorKind, Program, Value, npy};

use crate::failure::Failure;
use crate::given::{self, Values};
use crate::{RunArguments, print};

/// Evaluate an expression
///
/// Without -o the result is printed as NumPy prints it, and below it its type and shape. With -o the file appears when
/// it is complete; until then, and after an error, an existing one is untouched.
#[derive(Args)]
pub struct Arguments {
    /// What to compute, in NumPy's spelling: '2*a + sin(b)'
    #[arg(value_name = "EXPR", allow_hyphen_values = true)]
    expression: String,
    /// An input: a .npy file, a number that takes the type of what it meets (2.5, 3, 1+2j, True), or one with a type of
    /// its own (f32:2.5, u8:200, c64:1+2j)
    #[arg(value_name = "NAME=FILE.npy|VALUE")]
    inputs: Vec<String>,
    /// Store the result here instead of printing it
    #[arg(short, long, value_name = "OUT.npy")]
    output: Option<PathBuf>,
    #[command(flatten)]
    run: RunArguments,
}

pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<(), Failure> {
    let program = Program::compile(&arguments.expression)?.with_options(arguments.run.options());
    let values = Values::read(&given::assignments(&arguments.inputs)?)?;
    let Some(path) = &arguments.output else {
        let result: Value = program.run(values.inputs())?;
        writeln!(out, "{}", print::value(&result))?;
        return Ok(writeln!(out, "{}", ArrayType::new(result.dtype(), result.shape()))?);
    };
    npy::run_to_file(&program, values.inputs(), path).map_err(|error| match error.kind() {
        ErrorKind::Io => Failure::Unwritten(error),
        _ => Failure::Refused(error),
    })
}
