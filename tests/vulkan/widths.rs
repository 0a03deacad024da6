//! The same bits whatever the width of a device's subgroups: lavapipe's is that of the vectors that it is told to use.

use std::hash::{DefaultHasher, Hash, Hasher};

use numfuse::Program;

use crate::child;
use crate::engine::card;
use crate::programs::{EVERY_LOOP, inputs};

const PART: &str = "widths";

/// Prints a hash of what every kind of loop comes to, where it is asked to.
#[test]
fn results_as_a_hash() {
    if !child::does(PART) {
        return;
    }
    let device = card::device().expect("the process that asks has a device");
    let (inputs, mut hasher) = (inputs(), DefaultHasher::new());
    for text in EVERY_LOOP {
        let program = Program::compile(text).unwrap();
        let array = card::run_on(device, &program, &inputs.named()).unwrap();
        for element in &array.elements {
            // a NaN is a NaN: its sign and payload are not promised
            let text = element.to_string().to_lowercase();
            if text.contains("nan") { text.hash(&mut hasher) } else { element.to_bytes().hash(&mut hasher) }
        }
    }
    println!("HASH {:016x}", hasher.finish());
}

#[test]
fn every_width_gives_the_same_bits() {
    if card::device().is_none() {
        return;
    }
    let hash = |width: &str| {
        // what other widths have compiled is not read back
        let environment = [("LP_NATIVE_VECTOR_WIDTH", width), ("MESA_SHADER_CACHE_DISABLE", "true")];
        child::said("widths::results_as_a_hash", PART, &environment, "HASH")
    };
    let hashes = ["128", "256", "512"].map(hash);
    assert!(hashes.iter().all(|hash| *hash == hashes[0]), "{hashes:?}");
}
