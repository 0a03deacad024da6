//! `numfuse explain`: what an expression would do.

use std::io::Write;

use clap::Args;
use numfuse::Program;

use crate::failure::Failure;
use crate::{RunArguments, devices, given};

/// Show what an expression does: its graph, types, loops, temporaries and bytes moved
#[derive(Args)]
pub struct Arguments {
    /// The expression
    #[arg(value_name = "EXPR", allow_hyphen_values = true)]
    expression: String,
    /// An input's type and shape, as f64[1000,3] or f64, a .npy file that has them, or a number
    #[arg(value_name = "NAME=TYPE|FILE.npy|NUMBER")]
    inputs: Vec<String>,
    /// Show the shaders that a graphics card would run instead, as SPIR-V assembly
    #[arg(long)]
    spirv: bool,
    /// Whose shaders: vulkan (the best graphics card), vulkan:NAME or vulkan:INDEX
    #[arg(long, value_name = "DEVICE", default_value = "vulkan", requires = "spirv")]
    device: String,
    #[command(flatten)]
    run: RunArguments,
}

pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<(), Failure> {
    let program = Program::compile(&arguments.expression)?.with_options(arguments.run.options());
    let given = given::assignments(&arguments.inputs)?;
    let given = given::Subjects::read(&given)?;
    if arguments.spirv {
        let device = devices::open(&arguments.device)?;
        let shaders = program.spirv_on(&device, &given.types, &given.numbers)?;
        let count = shaders.len();
        for (k, shader) in shaders.iter().enumerate() {
            writeln!(out, "{}; shader {} of {count}\n{shader}", if k > 0 { "\n" } else { "" }, k + 1)?;
        }
        return Ok(());
    }
    let explanation = program.explain_with(&given.types, &given.numbers)?;
    Ok(write!(out, "{explanation}")?)
}
