//! Scores of words in documents (tf-idf): how often a word stands in a document, times the logarithm of how rare it is;
//! zero for a word that stands nowhere, where the quotient would be infinite.
//!
//! `cargo run --release --example tfidf`

use std::time::Instant;

use ndarray::{Array1, Array2};
use numfuse::{Result, eval};

fn main() -> Result<()> {
    let (documents, words) = (2_000, 1_000);
    let counts = Array2::from_shape_fn((documents, words), |(d, w)| match (d * 7 + w * 13) % 11 {
        0 if w % 10 != 3 => 1 + ((d + w) % 3) as u16,
        _ => 0,
    });

    let start = Instant::now();
    let found: Array1<i64> = eval!("count_nonzero(counts, axis=0)", counts)?;
    let scores: Array2<f64> = eval!(
        "where(found == 0, 0, counts / sum(counts, axis=1, keepdims=True) * log(n / found))",
        counts,
        found,
        n = documents as i64
    )?;
    let took = start.elapsed().as_secs_f64() * 1e3;
    let nowhere = found.iter().filter(|found| **found == 0).count();
    println!("{documents} documents, {words} words, {nowhere} of them nowhere: {took:.1} ms");
    println!("the largest score is {:.4}", scores.fold(0.0, |a: f64, b| a.max(*b)));
    Ok(())
}
