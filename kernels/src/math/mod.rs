//! The bodies: one per operation and kind of value, over any token. A body has no branch on a value; what only few
//! lanes need goes through [`Token::rare`](crate::token::Token::rare).

pub mod basic;
pub mod conversion;
pub mod integer;
pub mod logic;
pub mod rounding;
