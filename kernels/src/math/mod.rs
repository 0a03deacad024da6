//! The bodies: one per operation and kind of value, over any token. A body has no branch on a value; what only few
//! lanes need goes through [`Token::rare`](crate::token::Token::rare).
//!
//! Where a body is more accurate with a fused multiply-add than without, it may branch on `S::FMA`: there are two sets
//! of bits, fused and strict, and each has its bound in the op table.

#![allow(clippy::excessive_precision)] // constants stand as their sources print them

pub mod angle;
pub mod basic;
pub mod complex;
pub mod complex_exponential;
pub mod complex_inverse;
pub mod conversion;
pub mod corrected;
pub mod divisors;
pub mod error_function;
pub mod exponential;
pub mod fused;
pub mod gamma;
pub mod hyperbolic;
pub mod integer;
pub mod inverse;
pub mod inverse_hyperbolic;
pub mod logarithm;
pub mod logic;
pub mod logistic;
pub mod parts;
pub mod philox;
pub mod polynomial;
pub mod power;
pub mod remainder;
pub mod root;
pub mod rounding;
pub mod storage;
pub mod trigonometry;
pub mod two_words;
pub mod unsigned;
