//! An expression that is known only at run time: a formula from the user, evaluated over arrays.
//!
//! `cargo run --release --example text -- "where(idf == 0, 0, tf/idf)"`

use ndarray::Array2;
use numfuse::{Input, Program, Result, Value};

fn main() -> Result<()> {
    let text = std::env::args().nth(1).unwrap_or_else(|| "where(idf == 0, 0, tf/idf)".to_owned());

    // term frequencies of five documents, inverse document frequencies of four terms
    let tf = Array2::from_shape_fn((5, 4), |(document, term)| ((document * 7 + term * 3) % 5) as f64);
    let idf = ndarray::array![0.0, 0.5, 1.0, 2.0];

    let program = match Program::compile(&text) {
        Ok(program) => program,
        Err(error) => {
            println!("error: {error}"); // with the place in the text
            return Ok(());
        }
    };
    println!("{text} reads {}", program.inputs().collect::<Vec<_>>().join(" and "));
    match program.run::<Value>([("tf", Input::from(&tf)), ("idf", Input::from(&idf))]) {
        Ok(value) => println!("{value}\n{}{:?}", value.dtype(), value.shape()),
        Err(error) => println!("error: {error}"),
    }
    Ok(())
}
