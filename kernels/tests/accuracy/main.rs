//! Every float row within the bound that the table states, fused and strict, against arbitrary precision.
//!
//! `NUMFUSE_OPS=sin,cos` picks rows.

#![allow(clippy::excessive_precision)] // constants stand as their sources print them

mod arguments;
mod check;
mod mpfr;
#[path = "../points/mod.rs"]
mod points;
mod reference;
mod rows;
mod ulps;

#[test]
fn within_the_stated_bounds() {
    check::all_rows(4_000, 2024);
}

#[test]
#[ignore = "half an hour: a million points for each function and type"]
fn within_the_stated_bounds_at_length() {
    check::all_rows(1_000_000, 77);
}
