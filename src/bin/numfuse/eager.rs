//! The expression as `ndarray` evaluates it: one operation at a time, each into an array of its own. What [`bench`]
//! compares with; nothing else uses it.
//!
//! An operation counts as `ndarray`'s if it is one of its operators on arrays and numbers (`&a + &b`, `&a * 2.0`,
//! broadcasting as `ndarray` does it), a function of one array through `mapv` (its other operand may be a number), or
//! a fold over axes. Comparisons of two arrays, `where`, and powers and extrema of two arrays are none: a user would
//! write a `Zip` by hand, which is fused. Floored division and shifts are none: `ndarray`'s give other answers.
//!
//! It walks the typed graph, before anything of it is simplified. An array that nothing reads any more is dropped.
//!
//! [`bench`]: crate::bench

mod apply;
mod reduce;

use std::collections::{HashMap, HashSet};

use ndarray::{ArrayD, CowArray, IxDyn, arr0};
use numfuse::internals::{self, Signature, TypedGraph, TypedId, TypedOp};
use numfuse::{DType, Element, Program, Result, Scalar, Value};

use self::apply::Apply;

/// A node's array: an input's, or its own.
type Held<'a, T> = CowArray<'a, T, IxDyn>;

/// A node's array of any type.
enum Array<'a> {
    Bool(Held<'a, bool>),
    I32(Held<'a, i32>),
    I64(Held<'a, i64>),
    F32(Held<'a, f32>),
    F64(Held<'a, f64>),
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

    /// Evaluates it; `None` if it has an operation that `ndarray` lacks.
    pub fn run(&self) -> Option<Value> {
        let mut arrays: HashMap<TypedId, Array<'_>> = HashMap::new();
        for (id, node) in self.typed.nodes().iter() {
            let arg = |k: usize| arrays.get(node.args().get(k)?);
            let array = match node.op {
                TypedOp::Input(_) => view(self.inputs.get(&id)?)?,
                TypedOp::Const(value) => number(value),
                TypedOp::Apply(op, _) if node.args().len() <= 2 => apply::apply(op, arg(0)?, arg(1))?,
                TypedOp::Apply(..) => return None,
                TypedOp::Cast(_) => cast(arg(0)?, node.dtype)?,
                TypedOp::Reduce { kind, axes, keep, .. } => reduce::reduce(kind, arg(0)?, axes, keep)?,
                TypedOp::Count(..) | TypedOp::Check { .. } => return None,
            };
            arrays.insert(id, array);
            for read in self.last_reads.get(&id)? {
                arrays.remove(read);
            }
        }
        arrays.remove(self.typed.results().first()?).map(Array::into_value)
    }
}

impl Array<'_> {
    fn into_value(self) -> Value {
        match self {
            Array::Bool(array) => Value::Bool(array.into_owned()),
            Array::I32(array) => Value::I32(array.into_owned()),
            Array::I64(array) => Value::I64(array.into_owned()),
            Array::F32(array) => Value::F32(array.into_owned()),
            Array::F64(array) => Value::F64(array.into_owned()),
        }
    }
}

fn view(value: &Value) -> Option<Array<'_>> {
    Some(match value {
        Value::Bool(array) => Array::Bool(array.view().into()),
        Value::I32(array) => Array::I32(array.view().into()),
        Value::I64(array) => Array::I64(array.view().into()),
        Value::F32(array) => Array::F32(array.view().into()),
        Value::F64(array) => Array::F64(array.view().into()),
        _ => return None,
    })
}

fn number<'r>(value: Scalar) -> Array<'r> {
    fn of<'r, T: Apply>(value: T) -> Array<'r> {
        T::array(arr0(value).into_dyn())
    }
    match value {
        Scalar::Bool(value) => of(value),
        Scalar::I32(value) => of(value),
        Scalar::I64(value) => of(value),
        Scalar::F32(value) => of(value),
        Scalar::F64(value) => of(value),
    }
}

fn cast<'r>(of: &Array<'_>, to: DType) -> Option<Array<'r>> {
    /// Rust's `as` saturates, as a cast does.
    macro_rules! cast_number {
        ($array:ident, $zero:literal) => {
            match to {
                DType::Bool => bool::array($array.mapv(|v| v != $zero)),
                DType::I32 => i32::array($array.mapv(|v| v as i32)),
                DType::I64 => i64::array($array.mapv(|v| v as i64)),
                DType::F32 => f32::array($array.mapv(|v| v as f32)),
                DType::F64 => f64::array($array.mapv(|v| v as f64)),
                _ => return None,
            }
        };
    }
    Some(match of {
        Array::Bool(array) => return cast(&as_integers(array), to),
        Array::I32(array) => cast_number!(array, 0),
        Array::I64(array) => cast_number!(array, 0),
        Array::F32(array) => cast_number!(array, 0.0),
        Array::F64(array) => cast_number!(array, 0.0),
    })
}

/// Truth values as numbers.
fn as_integers<'r>(array: &Held<'_, bool>) -> Array<'r> {
    i32::array(array.mapv(i32::from))
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

    /// Both ways, over `x: f64[6, 4]`, `y: f64[4]`, `i: i64[6, 1]`, `m: bool[6, 4]`, `k: f32`.
    fn both(expression: &str) -> (Option<Value>, Value) {
        let program = Program::compile(expression).unwrap();
        let mut random = Random::seeded(3);
        let types = [("x", "f64[6,4]"), ("y", "f64[4]"), ("i", "i64[6,1]"), ("m", "bool[6,4]"), ("k", "f32")];
        let values: Vec<Value> = program
            .inputs()
            .map(|name| {
                let ty: ArrayType = types.iter().find(|(n, _)| *n == name).unwrap().1.parse().unwrap();
                random.array(&ty).map_err(drop).unwrap()
            })
            .collect();
        let inputs: Vec<Input<'_>> = values.iter().map(Input::from).collect();
        let eager = Eager::new(&program, &values.iter().collect::<Vec<_>>()).unwrap();
        (eager.run(), program.run(&inputs).unwrap())
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
        ] {
            let (eager, fused) = both(expression);
            let eager = eager.unwrap_or_else(|| panic!("{expression} is not evaluated"));
            assert_eq!((eager.dtype(), eager.shape()), (fused.dtype(), fused.shape()), "{expression}");
            match (&eager, &fused) {
                (Value::F64(a), Value::F64(b)) => {
                    let near = |a: &f64, b: &f64| (a - b).abs() <= 1e-12 * b.abs().max(1.0);
                    assert!(a.iter().zip(b).all(|(a, b)| near(a, b)), "{expression}: {a} {b}");
                }
                (Value::F32(a), Value::F32(b)) => {
                    let near = |a: &f32, b: &f32| (a - b).abs() <= 1e-5 * b.abs().max(1.0);
                    assert!(a.iter().zip(b).all(|(a, b)| near(a, b)), "{expression}: {a} {b}");
                }
                _ => assert_eq!(eager, fused, "{expression}"),
            }
        }
    }

    #[test]
    fn what_ndarray_lacks_is_not_evaluated() {
        for expression in ["x < y", "where(m, x, y)", "x ** y", "minimum(x, y)", "i // 3", "i << 1"] {
            assert_eq!(both(expression).0, None, "{expression}");
        }
    }
}
