//! The `numfuse` command: programs over `.npy` files, from a shell.
//!
//! One file per subcommand: [`eval`], [`explain`], [`bench`], [`devices`], [`ops`]. The program's text comes from [`program`], what is
//! given on the command line becomes inputs in [`given`]; arrays are printed by [`print`]; every error leaves through
//! [`failure`].

mod bench;
mod devices;
mod eager;
mod eval;
mod explain;
mod failure;
mod given;
mod ops;
mod print;
mod program;
mod sample;

use std::io::{self, BufWriter, Write};
use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use numfuse::{Isa, Options};

use failure::Failure;
use program::ProgramArguments;

/// Evaluates array expressions, and programs made of them, over .npy files, in fused passes.
#[derive(Parser)]
#[command(version, after_help = "A program that begins with `-` may need `--` before it.")]
struct Command {
    #[command(subcommand)]
    subcommand: Subcommands,
}

#[derive(Subcommand)]
enum Subcommands {
    Eval(eval::Arguments),
    Explain(explain::Arguments),
    Bench(bench::Arguments),
    Devices(devices::Arguments),
    Ops(ops::Arguments),
}

/// How to run.
#[derive(Args)]
struct RunArguments {
    /// Threads of the processor that take part
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Instruction set of the processor: avx512, avx2 or portable
    #[arg(long)]
    isa: Option<Isa>,
}

impl RunArguments {
    fn options(&self) -> Options {
        let mut options = Options::new();
        if let Some(threads) = self.threads {
            // a pool of its own size: by default there are as many helpers as processors, whatever is asked for. That
            // there is a pool already is no error
            let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global();
            options = options.threads(threads.get());
        }
        match self.isa {
            Some(isa) => options.isa(isa),
            None => options,
        }
    }
}

fn main() -> ExitCode {
    let command = Command::parse();
    let mut out = BufWriter::new(io::stdout().lock());
    let done = run(&command.subcommand, &mut out).and_then(|()| Ok(out.flush()?));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(command.subcommand.program().and_then(ProgramArguments::file_name)),
    }
}

impl Subcommands {
    /// Those that take a program.
    fn program(&self) -> Option<&ProgramArguments> {
        match self {
            Subcommands::Eval(arguments) => Some(&arguments.program),
            Subcommands::Explain(arguments) => Some(&arguments.program),
            Subcommands::Bench(arguments) => Some(&arguments.program),
            Subcommands::Devices(_) | Subcommands::Ops(_) => None,
        }
    }
}

fn run(subcommand: &Subcommands, out: &mut impl Write) -> Result<(), Failure> {
    match subcommand {
        Subcommands::Eval(arguments) => eval::run(arguments, out),
        Subcommands::Explain(arguments) => explain::run(arguments, out),
        Subcommands::Bench(arguments) => bench::run(arguments, out),
        Subcommands::Devices(arguments) => devices::run(arguments, out),
        Subcommands::Ops(arguments) => ops::run(arguments, out),
    }
}
