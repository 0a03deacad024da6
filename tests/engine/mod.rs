//! The ways to run a program that must agree, and results in the interpreter's form.

#![allow(dead_code)] // each test uses its own part

pub mod card;

use numfuse::internals::Array;
use numfuse::{Element, Error, Input, Isa, Options, Program, Value};

/// A way to run a program.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub isa: Isa,
    pub threads: usize,
    /// Elements in a tile; 0 lets the executor choose.
    pub tile: usize,
}

impl Way {
    /// The options that ask for it.
    pub fn options(self) -> Options {
        Options::new().isa(self.isa).threads(self.threads).tile(self.tile)
    }

    /// Runs a program this way.
    pub fn run(self, program: &Program, inputs: &[(&str, Input<'_>)]) -> Result<Array, Error> {
        program.with_options(self.options()).run(inputs).map(array)
    }
}

/// Every instruction set of this machine, with each of these numbers of threads and each of these tiles.
pub fn ways(threads: &[usize], tiles: &[usize]) -> Vec<Way> {
    let mut ways = Vec::new();
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        for threads in threads {
            ways.extend(tiles.iter().map(|tile| Way { isa, threads: *threads, tile: *tile }));
        }
    }
    ways
}

/// A result in the interpreter's form.
pub fn array(value: Value) -> Array {
    fn elements<T: Element>(array: &numfuse::ndarray::ArrayD<T>) -> Vec<numfuse::Scalar> {
        array.iter().map(|element| element.to_scalar()).collect()
    }
    let (dtype, shape) = (value.dtype(), value.shape().to_vec());
    macro_rules! of_any_type {
        ($($variant:ident)*) => {
            match &value {
                $(Value::$variant(array) => elements(array),)*
                other => panic!("no elements of type {}", other.dtype()),
            }
        };
    }
    let elements = of_any_type!(Bool I8 I16 I32 I64 U8 U16 U32 U64 F16 BF16 F32 F64 C64 C128);
    Array { dtype, shape, elements }
}
