//! `numfuse explain`: what an expression would do.

use std::io::Write;

use clap::Args;
use numfuse::Program;

use crate::RunArguments;
use crate::failure::Failure;
use crate::given;

/// Show what an expression does: its graph, types, loops, temporaries and bytes moved
#[derive(Args)]
pub struct Arguments {
    /// The expression
    #[arg(value_name = "EXPR", allow_hyphen_values = true)]
    expression: String,
    /// An input's type and shape, as f64[1000,3] or f64, a .npy file that has them, or a number
    #[arg(value_name = "NAME=TYPE|FILE.npy|NUMBER")]
    inputs: Vec<String>,
    #[command(flatten)]
    run: RunArguments,
}

pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<(), Failure> {
    let program = Program::compile(&arguments.expression)?.with_options(arguments.run.options());
    let given = given::assignments(&arguments.inputs)?;
    let given = given::Subjects::read(&given)?;
    let explanation = program.explain_with(&given.types, &given.numbers)?;
    Ok(write!(out, "{explanation}")?)
}
