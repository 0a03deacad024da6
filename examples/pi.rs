//! Pi from an integral and from a series, each of millions of terms of which none is stored.
//!
//! `cargo run --release --example pi`

use std::f64::consts::PI;
use std::time::Instant;

use numfuse::{Program, Result, inputs};

fn main() -> Result<()> {
    for (name, text) in [
        ("integral of 4/(1 + x²)", "sum(4/(1 + ((arange(n) + 0.5)/n)**2))/n"),
        ("Leibniz's series", "4*sum((1 - 2*(arange(n) % 2)) / (2*arange(n) + 1))"),
    ] {
        let program = Program::compile(text)?;
        for n in [1_000i64, 1_000_000, 20_000_000] {
            let start = Instant::now();
            let pi: f64 = program.run(inputs! { n })?;
            let took = start.elapsed().as_secs_f64() * 1e3;
            println!("{name}, {n} terms: {pi:.12}, off by {:.0e}: {took:.1} ms", (pi - PI).abs());
        }
    }
    Ok(())
}
