//! Why the command ends without an answer, and the exit code that says whose fault it was.

use std::io;
use std::process::ExitCode;

use numfuse::{Error, ErrorKind};

/// Exit code of a mistake in what was given: the program, a file, a type.
const MISTAKE: u8 = 2;
/// Exit code of everything else.
const OTHER: u8 = 1;

/// What went wrong.
pub enum Failure {
    /// The library refused the program, its inputs, or what the data made of them.
    Refused(Error),
    /// The command line says nothing sensible.
    Mistake(String),
    /// The result could not be stored.
    Unwritten(Error),
    /// Standard output could not be written.
    Output(io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Refused(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

impl Failure {
    /// Says what went wrong, on standard error, and where in the file that the program stands in, if it does in one.
    pub fn report(self, file: Option<String>) -> ExitCode {
        let place = self.place(file);
        let (message, code) = match self {
            // whoever reads has seen enough, as `head` has
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
            Failure::Output(error) => (format!("cannot write to standard output: {error}"), OTHER),
            Failure::Mistake(message) => (message, MISTAKE),
            Failure::Unwritten(error) => (error.to_string(), OTHER),
            Failure::Refused(error) => {
                let ours = matches!(error.kind(), ErrorKind::Internal | ErrorKind::Panic);
                (error.to_string(), if ours { OTHER } else { MISTAKE })
            }
        };
        say(&format!("error: {place}{message}"));
        ExitCode::from(code)
    }

    /// `program.nf:3:8: ` for an error at a place of the program, as editors read it; lines and columns count from 1.
    fn place(&self, file: Option<String>) -> String {
        let (Failure::Refused(error), Some(file)) = (self, file) else { return String::new() };
        let (Some(text), Some(span)) = (error.source_text(), error.span()) else { return String::new() };
        let before = text.get(..span.start).unwrap_or(text);
        let line = 1 + before.matches('\n').count();
        let column = 1 + before.rsplit('\n').next().map_or(0, |start| start.chars().count());
        format!("{file}:{line}:{column}: ")
    }
}

/// Writes a line to standard error. Not with `eprintln!`, which panics where that is closed.
pub fn say(line: &str) {
    let _ = io::Write::write_all(&mut io::stderr(), format!("{line}\n").as_bytes());
}
