//! The program of a command: its text on the command line, in a file, or from standard input.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use numfuse::{Limits, Program};

use crate::failure::Failure;

/// Which program.
#[derive(Args)]
pub struct ProgramArguments {
    /// What to compute, in NumPy's spelling: '2*a + sin(b)', or statements with `;` or new lines between them
    #[arg(value_name = "PROGRAM", allow_hyphen_values = true, required_unless_present = "file")]
    text: Option<String>,
    /// Read the program from this file, or from standard input where it is `-`
    #[arg(short, long, value_name = "PROGRAM.nf")]
    file: Option<PathBuf>,
    /// How many turns the program's loops may take, those of nested loops multiplied, and how many steps on whole arrays
    #[arg(long, value_name = "N", default_value_t = Limits::default().turns)]
    turns: u64,
}

/// A program's text.
pub struct Source {
    pub text: String,
    pub limits: Limits,
}

impl ProgramArguments {
    /// The text, and what is given on the command line for inputs: with a file that begins where a text would stand.
    pub fn read<'a>(&'a self, inputs: &'a [String]) -> Result<(Source, Vec<&'a str>), Failure> {
        let mut limits = Limits::default();
        limits.turns = self.turns;
        let inputs = inputs.iter().map(String::as_str);
        let (text, inputs) = match (&self.file, &self.text) {
            (Some(file), first) => {
                (read(file, limits.source_bytes)?, first.as_deref().into_iter().chain(inputs).collect())
            }
            (None, text) => (text.clone().unwrap_or_default(), inputs.collect()),
        };
        Ok((Source { text, limits }, inputs))
    }

    /// What errors call the file that the program stands in.
    pub fn file_name(&self) -> Option<String> {
        self.file.as_ref().map(|file| if is_standard_input(file) { "<stdin>".into() } else { shown(file) })
    }
}

impl Source {
    pub fn compile(&self) -> Result<Program, Failure> {
        Ok(Program::compile_with(&self.text, &self.limits)?)
    }
}

fn is_standard_input(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn shown(file: &Path) -> String {
    file.display().to_string()
}

/// The text of a file that holds at most so many bytes: more are not read.
fn read(file: &Path, most: usize) -> Result<String, Failure> {
    let unreadable = |error: io::Error| Failure::Mistake(format!("cannot read `{}`: {error}", shown(file)));
    let mut bytes = Vec::new();
    let limit = most as u64 + 1;
    match is_standard_input(file) {
        true => io::stdin().lock().take(limit).read_to_end(&mut bytes),
        false => File::open(file).and_then(|opened| opened.take(limit).read_to_end(&mut bytes)),
    }
    .map_err(unreadable)?;
    if bytes.len() > most {
        let message = format!("`{}` is longer than the limit of {most} bytes for a program", shown(file));
        return Err(Failure::Mistake(message));
    }
    let not_text = |_| Failure::Mistake(format!("`{}` is no text in UTF-8", shown(file)));
    let text = String::from_utf8(bytes).map_err(not_text)?;
    // what editors on Windows begin a file with
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}
