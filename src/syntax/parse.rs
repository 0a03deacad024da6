//! The entry of the stage: looks over the text, runs the grammar, hands its tokens to the builder.

use super::ast::Ast;
use super::build::Builder;
use super::scan::Scanned;
use super::{Limits, diagnose, scan};
use crate::error::{Error, ErrorKind, Result};
use pest::Parser;
use pest::error::{Error as PestError, ErrorVariant, InputLocation};
use std::sync::Arc;

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/numfuse.pest"]
pub(super) struct Grammar;

/// Parses one program.
pub(crate) fn parse(text: &str, limits: &Limits) -> Result<Ast> {
    let limit = limits.source_bytes.min(u32::MAX as usize);
    if text.len() > limit {
        // Without the text: the limit would mean little if every error kept it.
        let message =
            format!("the text of the expression has {} bytes, more than the limit of {limit}", text.len());
        return Err(Error::new(ErrorKind::Limit, message));
    }
    let source: Arc<str> = text.into();
    tree(&source, limits).map_err(|error| error.in_text(source))
}

fn tree(source: &Arc<str>, limits: &Limits) -> Result<Ast> {
    let Scanned { text, has_statements } = scan::scan(source, limits)?;
    // `n += 1` alone has none of the signs of a statement, so what is no formula is tried again
    let formula = if has_statements { None } else { Grammar::parse(Rule::formula, &text).ok() };
    let tokens = match formula {
        Some(tokens) => tokens,
        None => Grammar::parse(Rule::program, &text).map_err(|error| refused(source, error))?,
    };
    let mut builder = Builder::new(source, limits);
    for token in tokens {
        builder.token(token.as_rule(), token.as_span().start(), token.as_str())?;
    }
    builder.finish()
}

fn refused(source: &str, error: PestError<Rule>) -> Error {
    match (error.variant, error.location) {
        (ErrorVariant::ParsingError { .. }, InputLocation::Pos(at) | InputLocation::Span((at, _))) => {
            diagnose::diagnose(source, at)
        }
        // pest stops before the thread's stack runs out.
        (ErrorVariant::CustomError { .. }, _) => {
            Error::new(ErrorKind::Limit, "the brackets nest too deep for the stack of this thread")
                .at(scan::whole(source))
                .with_help("compile the expression in a thread with a larger stack")
        }
    }
}
