//! Every float row within the bound that the table states, fused and strict, against arbitrary precision.
//!
//! `NUMFUSE_OPS=sin,cos` picks rows.

#![allow(clippy::excessive_precision)] // constants stand as their sources print them

mod arguments;
mod check;
mod complex;
mod document;
mod libm;
mod mpfr;
#[path = "../special_values/native.rs"]
mod native;
#[path = "../points/mod.rs"]
mod points;
mod reference;
mod rows;
mod sweep;
mod ulps;

#[test]
fn within_the_stated_bounds() {
    check::all_rows(4_000, 2024, false);
}

#[test]
#[ignore = "half an hour: a million points for each function and type (NUMFUSE_POINTS=n: as many)"]
fn within_the_stated_bounds_at_length() {
    let points =
        std::env::var("NUMFUSE_POINTS").map_or(1_000_000, |n| n.parse().expect("NUMFUSE_POINTS is a number"));
    check::all_rows(points, 77, true);
}

#[test]
fn the_c_library_is_a_reference_for_singles() {
    libm::against_mpfr(2_000);
}

#[test]
#[ignore = "minutes: a million singles for each function"]
fn the_c_library_is_a_reference_for_singles_at_length() {
    libm::against_mpfr(1_000_000);
}

#[test]
#[ignore = "minutes for each function: every single there is (NUMFUSE_STRIDE=97: every 97th); goes on where it was stopped"]
fn every_single() {
    sweep::every_single();
}
