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
    /// An input's type and shape, as f64[1000,3] or f64, or a .npy file that has them
    #[arg(value_name = "NAME=TYPE|FILE.npy")]
    inputs: Vec<String>,
    #[command(flatten)]
    run: RunArguments,
}

pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<(), Failure> {
    let program = Program::compile(&arguments.expression)?.with_options(arguments.run.options());
    let explanation = program.explain(&given::types(&given::assignments(&arguments.inputs)?)?)?;
    Ok(write!(out, "{explanation}")?)
}
