//! Why the command ends without an answer, and the exit code that says whose fault it was.

use std::io;
use std::process::ExitCode;

use numfuse::{Error, ErrorKind};

/// Exit code of a mistake in what was given: the expression, a file, a type.
const MISTAKE: u8 = 2;
/// Exit code of everything else.
const OTHER: u8 = 1;

/// What went wrong.
pub enum Failure {
    /// The library refused the expression, its inputs, or what the data made of them.
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
    /// Says what went wrong, on standard error.
    pub fn report(self) -> ExitCode {
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
        say(&format!("error: {message}"));
        ExitCode::from(code)
    }
}

/// Writes a line to standard error. Not with `eprintln!`, which panics where that is closed.
pub fn say(line: &str) {
    let _ = io::Write::write_all(&mut io::stderr(), format!("{line}\n").as_bytes());
}
