//! The public face: programs, lazy arrays, and how arrays go in and come out.

pub(crate) mod input;
