//! `numfuse explain`: what a program would do.

use std::io::Write;

use clap::Args;

use crate::failure::Failure;
use crate::program::ProgramArguments;
use crate::{RunArguments, devices, given};

/// Show what a program does: its graph, types, loops, temporaries and bytes moved
#[derive(Args)]
#[command(override_usage = "numfuse explain [OPTIONS] PROGRAM [NAME=TYPE|FILE.npy|NUMBER]...
       numfuse explain [OPTIONS] --file PROGRAM.nf [NAME=TYPE|FILE.npy|NUMBER]...")]
pub struct Arguments {
    #[command(flatten)]
    pub program: ProgramArguments,
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
    let (source, inputs) = arguments.program.read(&arguments.inputs)?;
    let program = source.compile()?.with_options(arguments.run.options());
    let given = given::assignments(&inputs)?;
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
