//! The public face: programs, lazy arrays, and how arrays go in and come out.

pub(crate) mod explain;
pub(crate) mod input;
mod macros;
pub(crate) mod program;
pub(crate) mod value;
