//! Stage 3b: what no kernel knows becomes what kernels know.
//!
//! Takes and gives a [`TypedGraph`]. Promises: every reduction left is a fold of the kernels' own; every operation is
//! done in a type that tiles compute with. Narrow integers wrap by an operation of their own before one that sees more
//! than their low bits ([`narrow`]), complex numbers are two real ones ([`complex`]).
//!
//! What remains of other types: inputs and the reductions to the least and greatest, read by a [`TypedOp::Cast`] to
//! the type they are computed as; and results, which are such a cast the other way, or a [`TypedOp::Complex`]. Between
//! types that are computed alike a cast is no operation: the executor widens and narrows at loads and stores.

mod complex;
mod narrow;
mod repeat;
mod reshape;
mod split;

use numfuse_kernels::{Fold, Op, Typing};

use self::repeat::Variables;
use self::reshape::reshape;
use self::split::split;
use crate::arena::Id;
use crate::dtype::{DType, Kind, Literal, Scalar};
use crate::graph::Reduction;
use crate::infer::{
    AxisSet, Dims, Map, Plane, TypedBuilder, TypedGraph, TypedId, TypedNode, TypedOp, TypedSteps,
};

/// Rewrites a typed graph for kernels.
pub fn lower(graph: &TypedGraph) -> TypedGraph {
    let mut builder = TypedBuilder::new(graph.signature().clone());
    builder.open_all(graph);
    let mut users = vec![0u32; graph.nodes().len()];
    for id in graph.nodes().ids() {
        graph.reads(id).iter().for_each(|arg| users[arg.index()] += 1);
    }
    let (variables, values) = (Variables::new(graph), Vec::with_capacity(graph.nodes().len()));
    let mut lowering = Lowering { graph, builder, users, variables, values };
    for (id, node) in graph.nodes().iter() {
        let value = match lowering.variables.needs(id) {
            true => lowering.node(node),
            // nobody asks what has become of it
            false => Value::Real(TypedId::new(0)),
        };
        lowering.values.push(value);
    }
    let results = graph.results().iter().map(|id| lowering.result(*id)).collect();
    split(lowering.builder.finish(results))
}

/// What a node has become.
#[derive(Clone, Copy)]
enum Value {
    /// A number, in the type it is computed as.
    Real(TypedId),
    /// An integer of a narrow type whose low bits are right: it has not wrapped yet.
    Loose(TypedId, DType),
    /// The parts of a complex one.
    Complex(Pair),
}

/// A complex number: its real and its imaginary part.
type Pair = (TypedId, TypedId);

struct Lowering<'a> {
    graph: &'a TypedGraph,
    builder: TypedBuilder,
    /// How many nodes read each node.
    users: Vec<u32>,
    variables: Variables,
    values: Vec<Value>,
}

impl Lowering<'_> {
    fn node(&mut self, node: &TypedNode) -> Value {
        match node.op {
            TypedOp::Input(input) => {
                let id = self.builder.input(input);
                self.input(id, node.dtype)
            }
            TypedOp::Const(scalar) => self.constant(scalar),
            TypedOp::Text(text) => Value::Real(self.builder.text(&self.graph.texts()[text])),
            TypedOp::Apply(op, args) => self.apply(op, node.dtype, args),
            TypedOp::Cast(of) => {
                let from = self.graph.nodes()[of].dtype;
                match self.values[of.index()] {
                    Value::Real(_) | Value::Loose(..) => {
                        let value = self.real(of);
                        self.cast(from, node.dtype, value)
                    }
                    Value::Complex(parts) => self.cast_complex(node.dtype, parts),
                }
            }
            TypedOp::Call { function, args, check, .. } => {
                let info = self.graph.checks()[check].clone();
                let args = args.map(|arg| self.real(arg));
                Value::Real(self.builder.call(self.graph.function(function), args, info))
            }
            TypedOp::Reduce { kind, of, axes, keep } => self.reduce(kind, of, axes, keep),
            TypedOp::MatMul(a, b) => {
                let (a, b) = (self.real(a), self.real(b));
                Value::Real(self.builder.matmul(a, b))
            }
            TypedOp::Concat(a, b, axis) => self.concat(a, b, axis),
            TypedOp::Scan { kind, of, axis } => match self.values[of.index()] {
                Value::Complex((re, im)) => {
                    let (re, im) = (self.whole(re, im), self.whole(im, re));
                    Value::Complex((self.builder.scan(kind, re, axis), self.builder.scan(kind, im, axis)))
                }
                Value::Real(_) | Value::Loose(..) => {
                    let value = self.real(of);
                    Value::Real(self.builder.scan(kind, value, axis))
                }
            },
            TypedOp::Check { value, bad, check } => {
                let info = self.graph.checks()[check].clone();
                let bad = self.real(bad);
                match self.values[value.index()] {
                    Value::Real(value) => Value::Real(self.builder.check(value, bad, info)),
                    Value::Loose(value, dtype) => Value::Loose(self.builder.check(value, bad, info), dtype),
                    Value::Complex((re, im)) => Value::Complex((self.builder.check(re, bad, info), im)),
                }
            }
            TypedOp::View(of, view) => {
                let (map, dims) = (self.graph.view(view).clone(), self.graph.dims(node.shape).into());
                self.each_part(of, |builder, part| builder.view(part, Map::clone(&map), Dims::clone(&dims)))
            }
            TypedOp::Reshape(of) => {
                let dims: Dims = self.graph.dims(node.shape).into();
                // what others read as well is computed once, and stored
                match self.users[of.index()] {
                    1 => self.each_part(of, |builder, part| reshape(builder, part, &dims)),
                    _ => self.each_part(of, |builder, part| builder.reshape(part, dims.clone())),
                }
            }
            TypedOp::Index => Value::Real(self.builder.copy(self.graph, node, |id| id)),
            TypedOp::Take { of, index, axis } => {
                let index = self.real(index);
                self.each_part(of, |builder, part| builder.take(part, index, axis))
            }
            TypedOp::Count(shape, axes) => {
                let count = TypedNode { op: TypedOp::Count(shape, axes), ..*node };
                Value::Real(self.builder.copy(self.graph, &count, |id| id))
            }
            TypedOp::Param(region, k) => self.param(node, region, k),
            TypedOp::Repeat(region) => self.repeat(node, region),
            TypedOp::Result(of, k) => self.left(node, of, k),
            TypedOp::Steps(steps) => {
                let steps = &self.graph.steps()[steps];
                // what goes in lies in memory, as results do
                let args = steps.args.iter().map(|arg| self.result(*arg)).collect();
                let body = lower(&steps.body).into();
                Value::Real(self.builder.steps(TypedSteps { args, body, ..*steps }))
            }
            TypedOp::Stepped(of, k) => {
                let of = self.real(of);
                let id = self.builder.stepped(of, k);
                self.input(id, node.dtype)
            }
            TypedOp::Plane(..) | TypedOp::Complex(..) => unreachable!("made by lowering alone"),
        }
    }

    /// What lies in memory.
    fn input(&mut self, id: TypedId, dtype: DType) -> Value {
        match dtype.kind() {
            Kind::Complex => Value::Complex((
                self.builder.plane(id, Plane::Real),
                self.builder.plane(id, Plane::Imaginary),
            )),
            Kind::Bytes => Value::Real(id),
            _ => Value::Real(self.builder.cast(dtype.computed(), id)),
        }
    }

    fn concat(&mut self, a: TypedId, b: TypedId, axis: usize) -> Value {
        match (self.values[a.index()], self.values[b.index()]) {
            (Value::Complex(x), Value::Complex(y)) => {
                let part = |s: &mut Self, [x, y]: [TypedId; 2]| s.builder.concat(x, y, axis);
                let re = [self.whole(x.0, x.1), self.whole(y.0, y.1)];
                let im = [self.whole(x.1, x.0), self.whole(y.1, y.0)];
                Value::Complex((part(self, re), part(self, im)))
            }
            _ => {
                let (a, b) = (self.real(a), self.real(b));
                Value::Real(self.builder.concat(a, b, axis))
            }
        }
    }

    /// The same of each part of a value.
    fn each_part(&mut self, of: TypedId, change: impl Fn(&mut TypedBuilder, TypedId) -> TypedId) -> Value {
        match self.values[of.index()] {
            Value::Real(value) => Value::Real(change(&mut self.builder, value)),
            Value::Loose(value, dtype) => Value::Loose(change(&mut self.builder, value), dtype),
            Value::Complex((re, im)) => {
                let (re, im) = (self.whole(re, im), self.whole(im, re));
                Value::Complex((change(&mut self.builder, re), change(&mut self.builder, im)))
            }
        }
    }

    fn result(&mut self, id: TypedId) -> TypedId {
        let dtype = self.graph.nodes()[id].dtype;
        match self.values[id.index()] {
            Value::Complex((re, im)) => match (self.builder[re].op, self.builder[im].op) {
                (TypedOp::Plane(x, Plane::Real), TypedOp::Plane(y, Plane::Imaginary))
                    if x == y && matches!(self.builder[x].op, TypedOp::Reduce { .. }) =>
                {
                    x
                }
                _ => self.builder.complex(re, im),
            },
            // an input that is a result is stored as it is loaded
            // to store narrows, and takes the low bits
            Value::Loose(value, dtype) => self.builder.cast(dtype, value),
            Value::Real(value) => match self.builder[value].op {
                TypedOp::Cast(of) if self.builder[of].dtype == dtype => of,
                _ => self.builder.cast(dtype, value),
            },
        }
    }

    /// A real value, in its range.
    fn real(&mut self, id: TypedId) -> TypedId {
        match self.values[id.index()] {
            Value::Real(value) | Value::Complex((value, _)) => value,
            Value::Loose(value, dtype) => self.wrap(dtype, value),
        }
    }

    fn constant(&mut self, scalar: Scalar) -> Value {
        let mut number = |literal: Literal, dtype| {
            let scalar =
                literal.to_scalar(dtype).expect("every type a tile computes with holds its own numbers");
            self.builder.constant(scalar)
        };
        let dtype = scalar.dtype().computed();
        Value::Real(match scalar {
            Scalar::I8(v) => number(Literal::Int(v.into()), dtype),
            Scalar::I16(v) => number(Literal::Int(v.into()), dtype),
            Scalar::U8(v) => number(Literal::Int(v.into()), dtype),
            Scalar::U16(v) => number(Literal::Int(v.into()), dtype),
            Scalar::U32(v) => number(Literal::Int(v.into()), dtype),
            Scalar::F16(v) => number(Literal::Float(v.to_f64()), dtype),
            Scalar::BF16(v) => number(Literal::Float(v.to_f64()), dtype),
            Scalar::C64(v) => {
                return Value::Complex((
                    number(Literal::Float(v.re.into()), dtype),
                    number(Literal::Float(v.im.into()), dtype),
                ));
            }
            Scalar::C128(v) => {
                return Value::Complex((
                    number(Literal::Float(v.re), dtype),
                    number(Literal::Float(v.im), dtype),
                ));
            }
            Scalar::Bool(_) | Scalar::I32(_) | Scalar::I64(_) => self.builder.constant(scalar),
            Scalar::U64(_) | Scalar::F32(_) | Scalar::F64(_) => self.builder.constant(scalar),
        })
    }

    fn apply(&mut self, op: Op, result: DType, args: [TypedId; 3]) -> Value {
        let arity = op.info().arity();
        let is_complex = |id: &TypedId| matches!(self.values[id.index()], Value::Complex(_));
        if op.info().typing == Typing::MakeComplex {
            let (re, im) = (self.real(args[0]), self.real(args[1]));
            return Value::Complex((re, im));
        }
        if args[..arity].iter().any(is_complex) {
            return self.apply_complex(op, result, args);
        }
        match op {
            Op::Copy | Op::Real | Op::Conj => self.values[args[0].index()],
            _ => self.apply_real(op, result, args),
        }
    }

    fn reduce(&mut self, kind: Reduction, of: TypedId, axes: AxisSet, keep: bool) -> Value {
        let dtype = self.graph.nodes()[of].dtype;
        match (kind, self.values[of.index()]) {
            (Reduction::Mean, Value::Real(_) | Value::Loose(..)) => {
                let value = self.real(of);
                let count = self.builder.count(value, axes, dtype.computed());
                Value::Real(self.mean(value, count, axes, keep))
            }
            (Reduction::Mean, Value::Complex((re, im))) => {
                let (re, im) = (self.whole(re, im), self.whole(im, re));
                let count = self.builder.count(re, axes, dtype.real());
                Value::Complex((self.mean(re, count, axes, keep), self.mean(im, count, axes, keep)))
            }
            (Reduction::Prod, Value::Complex((re, im))) => {
                // its parts need each other: the one fold of pairs
                let pairs = self.builder.complex(re, im);
                let product = self.builder.reduce(kind, pairs, axes, keep);
                self.planes(product)
            }
            (Reduction::Moments, Value::Real(_) | Value::Loose(..)) => {
                let value = self.real(of);
                let moments = self.builder.reduce(kind, value, axes, keep);
                self.planes(moments)
            }
            (Reduction::Moments, Value::Complex(_)) => {
                unreachable!("inference refuses moments of complex numbers")
            }
            (_, Value::Complex((re, im))) => {
                let (re, im) = (self.whole(re, im), self.whole(im, re));
                Value::Complex((
                    self.builder.reduce(kind, re, axes, keep),
                    self.builder.reduce(kind, im, axes, keep),
                ))
            }
            (_, Value::Real(_) | Value::Loose(..)) => {
                let value = self.real(of);
                // the least of narrow integers is one: it is stored as narrow as they are
                let value = self.builder.cast(dtype, value);
                let least = self.builder.reduce(kind, value, axes, keep);
                Value::Real(self.builder.cast(dtype.computed(), least))
            }
        }
    }

    /// Two numbers of one fold.
    fn planes(&mut self, pair: TypedId) -> Value {
        Value::Complex((self.builder.plane(pair, Plane::Real), self.builder.plane(pair, Plane::Imaginary)))
    }

    fn mean(&mut self, value: TypedId, count: TypedId, axes: AxisSet, keep: bool) -> TypedId {
        let sum = self.builder.reduce(Reduction::Sum, value, axes, keep);
        let dtype = self.builder[sum].dtype;
        self.builder.apply(Op::Div, dtype, [sum, count, sum])
    }
}

/// The fold of a lowered reduction; `None` for one that lowering replaces.
pub fn fold_of(kind: Reduction) -> Option<Fold> {
    Some(match kind {
        Reduction::Sum => Fold::Sum,
        Reduction::Prod => Fold::Prod,
        Reduction::Min => Fold::Min,
        Reduction::Max => Fold::Max,
        Reduction::Any => Fold::Any,
        Reduction::All => Fold::All,
        Reduction::Moments => Fold::Moments,
        Reduction::Mean | Reduction::Var | Reduction::Std => return None,
        Reduction::ArgMin | Reduction::ArgMax => return None,
    })
}
