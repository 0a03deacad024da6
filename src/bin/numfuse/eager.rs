//! The expression as `ndarray` evaluates it: one operation at a time, each into an array of its own. What [`bench`]
//! compares with; nothing else uses it.
//!
//! An operation counts as `ndarray`'s if it is one of its operators on arrays and numbers (`&a + &b`, `&a * 2.0`,
//! broadcasting as `ndarray` does it), a function of one array through `mapv` (its other operand may be a number), or
//! a fold over axes. Comparisons of two arrays, `where`, and powers and extrema of two arrays are none: a user would
//! write a `Zip` by hand, which is fused. Floored division and shifts are none: `ndarray`'s give other answers.
//!
//! Narrow integers and complex numbers count as any others; of the 16-bit floats, which `ndarray` has no operators for,
//! only conversions do.
//!
//! It walks the typed graph, before anything of it is simplified. An array that nothing reads any more is dropped.
//!
//! [`bench`]: crate::bench

mod apply;
mod cast;
mod reduce;

use std::collections::{HashMap, HashSet};

use ndarray::{ArrayD, CowArray, IxDyn, arr0};
use numfuse::half::{bf16, f16};
use numfuse::internals::{self, Signature, TypedGraph, TypedId, TypedOp};
use numfuse::{Complex, Element, Program, Result, Scalar, Value};

/// A node's array: an input's, or its own.
type Held<'a, T> = CowArray<'a, T, IxDyn>;

macro_rules! arrays {
    ($($variant:ident($rust:ty)),*) => {
        /// A node's array of any type.
        enum Array<'a> {
            $($variant(Held<'a, $rust>),)*
        }

        impl Array<'_> {
            fn into_value(self) -> Value {
                match self {
                    $(Array::$variant(array) => Value::$variant(array.into_owned()),)*
                }
            }
        }

        fn view(value: &Value) -> Option<Array<'_>> {
            Some(match value {
                $(Value::$variant(array) => Array::$variant(array.view().into()),)*
                _ => return None,
            })
        }

        fn number<'r>(value: Scalar) -> Option<Array<'r>> {
            Some(match value {
                $(Scalar::$variant(value) => Array::$variant(arr0(value).into_dyn().into()),)*
                _ => return None,
            })
        }
    };
}
arrays! {
    Bool(bool), I8(i8), I16(i16), I32(i32), I64(i64), U8(u8), U16(u16), U32(u32), U64(u64),
    F16(f16), BF16(bf16), F32(f32), F64(f64), C64(Complex<f32>), C128(Complex<f64>)
}

/// An expression and its inputs.
pub struct Eager<'a> {
    typed: TypedGraph,
    inputs: HashMap<TypedId, &'a Value>,
    /// The nodes that each node is the last one to read.
    last_reads: HashMap<TypedId, Vec<TypedId>>,
}

impl<'a> Eager<'a> {
    /// The expression of `program` over `inputs`, which are in its order.
    pub fn new(program: &Program, inputs: &[&'a Value]) -> Result<Eager<'a>> {
        let graph = internals::graph(program);
        let mut signature = Signature::new();
        for value in inputs {
            signature.push(value.dtype(), None, value.shape());
        }
        let typed = internals::infer(graph, &signature)?;
        let values: HashMap<_, _> = graph.inputs().iter().map(|(id, _)| id).zip(inputs).collect();
        let mut given = HashMap::new();
        let mut last_reads: HashMap<TypedId, Vec<TypedId>> = HashMap::new();
        let mut read: HashSet<TypedId> = typed.results().iter().copied().collect();
        for (id, node) in typed.nodes().iter().rev() {
            if let TypedOp::Input(input) = node.op
                && let Some(value) = values.get(&input)
            {
                given.insert(id, **value);
            }
            last_reads.insert(id, node.args().into_iter().filter(|arg| read.insert(*arg)).collect());
        }
        Ok(Eager { typed, inputs: given, last_reads })
    }

    /// Its results; `None` if it has an operation that `ndarray` lacks.
    pub fn run(&self) -> Option<Vec<Value>> {
        let mut arrays: HashMap<TypedId, Array<'_>> = HashMap::new();
        for (id, node) in self.typed.nodes().iter() {
            let arg = |k: usize| arrays.get(node.args().get(k)?);
            let array = match node.op {
                TypedOp::Input(_) => view(self.inputs.get(&id)?)?,
                TypedOp::Const(value) => number(value)?,
                TypedOp::Apply(op, _) if node.args().len() <= 2 => apply::apply(op, arg(0)?, arg(1))?,
                TypedOp::Apply(..) | TypedOp::Call { .. } => return None,
                TypedOp::Cast(_) => cast::cast(arg(0)?, node.dtype)?,
                TypedOp::Reduce { kind, axes, keep, .. } => reduce::reduce(kind, arg(0)?, axes, keep)?,
                TypedOp::Text(_) | TypedOp::Count(..) | TypedOp::Check { .. } => return None,
                TypedOp::Plane(..) | TypedOp::Complex(..) => return None,
                // `ndarray` looks at arrays another way for nothing too: there is nothing to compare
                TypedOp::Scan { .. }
                | TypedOp::MatMul(..)
                | TypedOp::Concat(..)
                | TypedOp::View(..)
                | TypedOp::Reshape(_)
                | TypedOp::Index
                | TypedOp::Param(..)
                | TypedOp::Repeat(_)
                | TypedOp::Result(..)
                | TypedOp::Steps(_)
                | TypedOp::Stepped(..)
                | TypedOp::Take { .. } => {
                    return None;
                }
            };
            arrays.insert(id, array);
            for read in self.last_reads.get(&id)? {
                arrays.remove(read);
            }
        }
        let results = self.typed.results().iter();
        results.map(|result| arrays.remove(result).map(Array::into_value)).collect()
    }
}

/// The number that an array without axes is.
fn as_number<T: Element>(array: &Held<'_, T>) -> Option<T> {
    if array.ndim() == 0 { array.first().copied() } else { None }
}

fn owned<'r, T: Element>(array: ArrayD<T>) -> Held<'r, T> {
    array.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use numfuse::{ArrayType, Input};

    use crate::sample::Random;

    /// Both ways, over `x: f64[6, 4]`, `y: f64[4]`, `i: i64[6, 1]`, `m: bool[6, 4]`, `k: f32` and some of other types.
    fn both(expression: &str) -> (Option<Value>, Value) {
        let program = Program::compile(expression).unwrap();
        let mut random = Random::seeded(3);
        let types = [
            ("x", "f64[6,4]"),
            ("y", "f64[4]"),
            ("i", "i64[6,1]"),
            ("m", "bool[6,4]"),
            ("k", "f32"),
            ("h", "f16[4]"),
            ("b", "bf16[6,4]"),
            ("u", "u8[4]"),
            ("s", "i16[6,4]"),
            ("z", "c128[6,4]"),
            ("w", "c64[4]"),
        ];
        let values: Vec<Value> = program
            .inputs()
            .map(|name| {
                let ty: ArrayType = types.iter().find(|(n, _)| *n == name).unwrap().1.parse().unwrap();
                random.array(&ty).map_err(drop).unwrap()
            })
            .collect();
        let inputs: Vec<Input<'_>> = values.iter().map(Input::from).collect();
        let eager = Eager::new(&program, &values.iter().collect::<Vec<_>>()).unwrap();
        (eager.run().map(|mut results| results.remove(0)), program.run(&inputs).unwrap())
    }

    #[test]
    fn answers_are_the_fused_ones() {
        for expression in [
            "2*x + sin(x)",
            "x - y/3",
            "(x - mean(x, axis=0)) / (max(x, axis=0) - min(x, axis=0))",
            "sum(x*y, axis=1, keepdims=True) - x",
            "sum((x - y)**2)",
            "exp(-x)*k",
            "prod(y) + floor(x*10) - abs(-x)",
            "sum(i) ^ max(i, axis=0)",
            "1 < x",
            "m & (x < 1) | ~m",
            "any(m, axis=1) ^ all(m)",
            "f32(i) * k",
            "x**2.5 + log(y)",
            "x + x",
            "x",
            "h * k + b",
            "f16(x)",
            "u & 15 | s",
            "u8(x * 100) ^ u",
            "f32(u) / 3",
            "max(s, axis=0) > 50",
            "sum(u)",
            "round(x * 10)",
            "z*z - 2*z + 1j",
            "abs(z) + real(z)*imag(z)",
            "exp(-w) / w",
            "sum(z, axis=0)",
            "mean(w)",
            "c64(z) * k",
            "conj(x + 1j)",
            "z != 1j",
            "w",
        ] {
            let (eager, fused) = both(expression);
            let eager = eager.unwrap_or_else(|| panic!("{expression} is not evaluated"));
            assert_eq!((eager.dtype(), eager.shape()), (fused.dtype(), fused.shape()), "{expression}");
            let near = |a: f64, b: f64, ulp: f64| (a - b).abs() <= 100.0 * ulp * b.abs().max(1.0);
            let (single, double) = (f64::from(f32::EPSILON), f64::EPSILON);
            let all = match (&eager, &fused) {
                (Value::F64(a), Value::F64(b)) => a.iter().zip(b).all(|(a, b)| near(*a, *b, double)),
                (Value::F32(a), Value::F32(b)) => {
                    a.iter().zip(b).all(|(a, b)| near((*a).into(), (*b).into(), single))
                }
                (Value::C128(a), Value::C128(b)) => {
                    a.iter().zip(b).all(|(a, b)| near(a.re, b.re, double) && near(a.im, b.im, double))
                }
                (Value::C64(a), Value::C64(b)) => a.iter().zip(b).all(|(a, b)| {
                    near(a.re.into(), b.re.into(), single) && near(a.im.into(), b.im.into(), single)
                }),
                _ => eager == fused,
            };
            assert!(all, "{expression}: {eager} {fused}");
        }
    }

    #[test]
    fn what_ndarray_lacks_is_not_evaluated() {
        for expression in
            ["x < y", "where(m, x, y)", "x ** y", "minimum(x, y)", "i // 3", "i << 1", "z ** z", "abs(u)"]
        {
            assert_eq!(both(expression).0, None, "{expression}");
        }
    }
}
