//! The one error type of the library: what went wrong, where in the text, and what to do about it.
//!
//! Every stage builds its errors here, so that text from a user gets the same kind of answer whichever stage
//! finds the fault: a sentence that names the operands, the place in the text, and a hint where there is one.
//! How the place is drawn is the business of [`frame`].

mod frame;

pub(crate) use frame::is_invisible;

use std::error::Error as StdError;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// What the functions of this library return.
pub type Result<T> = std::result::Result<T, Error>;

/// The cause of an [`Error`], for programs that act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text is not an expression of the language.
    Syntax,
    /// A name is neither an input nor a constant.
    UnknownName,
    /// What is called is not a function of the language.
    UnknownFunction,
    /// A function got too few or too many arguments, or a keyword that it does not have.
    Arity,
    /// An operation is not defined for the types of its operands.
    Type,
    /// The shapes of the operands do not fit together.
    Shape,
    /// An axis does not exist, or is named twice.
    Axis,
    /// A value lies outside of what an operation accepts.
    Domain,
    /// A value or a size does not fit its type.
    Overflow,
    /// A limit set for the text or for the run is exceeded.
    Limit,
    /// The run has been cancelled.
    Cancelled,
    /// An input is missing, unexpected, or not what the program was compiled for.
    Input,
    /// An output does not have the shape or the type of the result.
    Output,
    /// The expression is well formed, but the language or the executor leaves the feature out.
    Unsupported,
    /// The instruction set asked for is unknown, or this machine lacks it.
    Isa,
    /// A graphics device is missing, cannot do what is asked, or was lost.
    Device,
    /// A file could not be read or written.
    Io,
    /// A thread that took part in the evaluation panicked.
    Panic,
    /// A fault of the library itself.
    Internal,
}

/// What went wrong, where, and what to do about it.
///
/// `Display` writes the message, then the place in the text and a hint, where they are known. It uses no colours,
/// and shows control characters and other invisible ones of the text escaped, so that it is safe to print:
///
/// ```text
/// `temp` is f64[1000, 3] and `w` is f64[4]: these shapes do not broadcast together
///   |
/// 1 | sum(temp * w, axis=1)
///   |     ~~~~~~~~
///   = help: aligned at the last axis, extents must be equal or 1
/// ```
#[derive(Clone)]
pub struct Error(Box<Report>);

#[derive(Clone)]
struct Report {
    kind: ErrorKind,
    message: String,
    span: Option<Range<usize>>,
    text: Option<Arc<str>>,
    help: Option<String>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// The cause, for programs that act on it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The sentence that says what is wrong, without the place and the hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The part of the text that is to blame, in bytes of [`source_text`](Self::source_text).
    pub fn span(&self) -> Option<Range<usize>> {
        self.0.span.clone()
    }

    /// The text of the expression, where the error comes from text.
    pub fn source_text(&self) -> Option<&str> {
        self.0.text.as_deref()
    }

    /// What to do about it, where something can be said.
    pub fn help(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(Box::new(Report { kind, message, span: None, text: None, help: None, source: None }))
    }

    /// Says which bytes of the text are to blame; [`in_text`](Self::in_text) says which text.
    pub(crate) fn at(mut self, span: impl Into<Range<usize>>) -> Self {
        self.0.span = Some(span.into());
        self
    }

    pub(crate) fn in_text(mut self, text: impl Into<Arc<str>>) -> Self {
        self.0.text = Some(text.into());
        self
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// Keeps the error that caused this one, for [`StdError::source`].
    pub(crate) fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { message, span, text, help, .. } = &*self.0;
        frame::write_visible(f, message)?;
        let margin = match (text, span) {
            (Some(text), Some(span)) => frame::write_frame(f, text, span.clone())?,
            (Some(_), None) | (None, Some(_)) | (None, None) => 1,
        };
        if let Some(help) = help {
            write!(f, "\n{:margin$} = help: ", "")?;
            frame::write_visible(f, help)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The text may be a megabyte: `unwrap` on such an error should still print something readable.
        let Report { kind, message, span, help, source, text: _ } = &*self.0;
        f.debug_struct("Error")
            .field("kind", kind)
            .field("message", message)
            .field("span", span)
            .field("help", help)
            .field("source", source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_one_word_and_crosses_threads() {
        fn crosses<T: Send + Sync + Clone + StdError + 'static>() {}
        crosses::<Error>();
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }

    #[test]
    fn display_without_a_place_is_the_message_and_the_hint() {
        let error = Error::new(ErrorKind::Input, "`x` is missing");
        assert_eq!(error.to_string(), "`x` is missing");
        let error = error.with_help("give it a value");
        assert_eq!(error.to_string(), "`x` is missing\n  = help: give it a value");
        assert_eq!((error.kind(), error.help()), (ErrorKind::Input, Some("give it a value")));
    }

    #[test]
    fn the_cause_is_kept_in_copies() {
        let error = Error::new(ErrorKind::Io, "cannot open `a.npy`");
        let error = error.with_source(std::io::Error::from(std::io::ErrorKind::NotFound)).clone();
        assert!(error.source().is_some_and(|source| source.to_string().contains("not found")));
    }

    #[test]
    fn names_of_inputs_cannot_steer_the_terminal() {
        let error = Error::new(ErrorKind::UnknownName, "`a\u{1b}[2J` is unknown");
        assert_eq!(error.to_string(), "`a\\u{1b}[2J` is unknown");
    }
}
