//! The recording token and its values.

use super::{BinaryOp, Node, RareCall, Recorder, RepeatLoop, Type, UnaryOp, ValueId};
use crate::token::{Rare, Repeat, SlowToken, Token};
use core::{marker::PhantomData, ops};
use std::any::TypeId;

/// A recorded value: a node, and where it is.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    pub(super) recorder: &'a Recorder,
    pub(super) id: ValueId,
}

impl<'a> Value<'a> {
    /// Its node.
    pub fn id(self) -> ValueId {
        self.id
    }

    pub(super) fn unary(self, op: UnaryOp, of: Type) -> Value<'a> {
        self.recorder.node(Node::Unary(op, self.id), of)
    }

    fn binary(self, op: BinaryOp, other: Value<'a>) -> Value<'a> {
        self.recorder.node(Node::Binary(op, self.id, other.id), self.recorder.at(self.id).1)
    }

    fn compare(self, op: BinaryOp, other: Value<'a>) -> Value<'a> {
        self.recorder.node(Node::Binary(op, self.id, other.id), Type::Mask)
    }
}

macro_rules! operators {
    ($($Trait:ident $method:ident $Op:ident),*) => {
        $(impl<'a> ops::$Trait for Value<'a> {
            type Output = Value<'a>;
            fn $method(self, other: Value<'a>) -> Value<'a> {
                self.binary(BinaryOp::$Op, other)
            }
        })*
    };
}
operators!(Add add Add, Sub sub Sub, Mul mul Mul, Div div Div, BitAnd bitand And, BitOr bitor Or, BitXor bitxor Xor);

impl<'a> ops::Not for Value<'a> {
    type Output = Value<'a>;
    fn not(self) -> Value<'a> {
        self.unary(UnaryOp::Not, Type::Mask)
    }
}

/// The token that records bodies of the width of `T`, fused or strict.
pub struct Recorded<'a, T, const FMA: bool>(&'a Recorder, PhantomData<T>);

impl<T, const FMA: bool> Clone for Recorded<'_, T, FMA> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T, const FMA: bool> Copy for Recorded<'_, T, FMA> {}

impl<'a, T, const FMA: bool> Recorded<'a, T, FMA> {
    /// A token that writes to `recorder`.
    pub fn new(recorder: &'a Recorder) -> Self {
        Recorded(recorder, PhantomData)
    }

    fn constant(self, bits: u64, of: Type) -> Value<'a> {
        self.0.node(Node::Constant(bits), of)
    }

    /// A bit cast: of a constant it is a constant, of a bit cast it undoes that.
    fn cast(self, a: Value<'a>, to: Type) -> Value<'a> {
        match self.0.at(a.id).0 {
            Node::Constant(bits) => self.constant(bits, to),
            Node::Unary(UnaryOp::BitCast, of) if self.0.at(of).1 == to => Value { recorder: self.0, id: of },
            _ => a.unary(UnaryOp::BitCast, to),
        }
    }

    fn parts<const N: usize>(self, of: Value<'a>, types: Type) -> [Value<'a>; N] {
        core::array::from_fn(|k| self.0.node(Node::Part(of.id, k as u32), types))
    }
}

/// A token whose values are all recorded.
pub trait RecordToken<'a>: SlowToken<F = Value<'a>, I = Value<'a>, M = Value<'a>> {
    /// The type of its floats.
    const FLOAT: Type;
    /// The type of its integers.
    const INTEGER: Type;
    /// Where it records.
    fn recorder(self) -> &'a Recorder;
}

/// A body recorded by itself, with parameters of these types.
pub(super) fn apart<const N: usize>(
    types: [Type; N],
    body: impl FnOnce(&Recorder, [Value<'_>; N]) -> Vec<ValueId>,
) -> super::Recording {
    let recorder = Recorder::new();
    let parameters = types.map(|of| recorder.parameter(of));
    let results = body(&recorder, parameters);
    recorder.finish(results)
}

macro_rules! recorded {
    ($Float:ident, $Unsigned:ident, $bits:literal, $FLOAT:ident, $INTEGER:ident) => {
        impl<'a, const FUSE: bool> Token for Recorded<'a, $Float, FUSE> {
            type F = Value<'a>;
            type I = Value<'a>;
            type M = Value<'a>;
            const BITS: u32 = $bits;
            const FMA: bool = FUSE;

            fn lit(self, value: f64) -> Value<'a> {
                self.constant((value as $Float).to_bits() as u64, Type::$FLOAT)
            }
            fn int(self, value: i64) -> Value<'a> {
                self.constant(value as $Unsigned as u64, Type::$INTEGER)
            }
            fn mul_add(self, a: Value<'a>, b: Value<'a>, c: Value<'a>) -> Value<'a> {
                if FUSE { self.0.node(Node::MulAdd(a.id, b.id, c.id), Type::$FLOAT) } else { a * b + c }
            }
            fn sqrt(self, a: Value<'a>) -> Value<'a> {
                a.unary(UnaryOp::Sqrt, Type::$FLOAT)
            }
            fn bits(self, a: Value<'a>) -> Value<'a> {
                self.cast(a, Type::$INTEGER)
            }
            fn float(self, a: Value<'a>) -> Value<'a> {
                self.cast(a, Type::$FLOAT)
            }
            fn from_int(self, a: Value<'a>) -> Value<'a> {
                a.unary(UnaryOp::FromInt, Type::$FLOAT)
            }
            fn to_int(self, a: Value<'a>) -> Value<'a> {
                a.unary(UnaryOp::ToInt, Type::$INTEGER)
            }
            fn shl(self, a: Value<'a>, n: u32) -> Value<'a> {
                a.binary(BinaryOp::ShiftLeft, self.int(n as i64))
            }
            fn shr(self, a: Value<'a>, n: u32) -> Value<'a> {
                a.binary(BinaryOp::ShiftRight, self.int(n as i64))
            }
            fn shl_by(self, a: Value<'a>, n: Value<'a>) -> Value<'a> {
                // The count is masked, because devices and languages leave larger ones undefined.
                a.binary(BinaryOp::ShiftLeft, n & self.int($bits - 1))
            }
            fn shr_by(self, a: Value<'a>, n: Value<'a>) -> Value<'a> {
                a.binary(BinaryOp::ShiftRight, n & self.int($bits - 1))
            }
            fn imul(self, a: Value<'a>, b: Value<'a>) -> Value<'a> {
                a * b
            }
            fn idiv(self, a: Value<'a>, b: Value<'a>) -> Value<'a> {
                // Division by 0, and of the least integer by -1, traps on x86 and is undefined in SPIR-V.
                let (zero, one, minus_one) = (self.int(0), self.int(1), self.int(-1));
                let (by_zero, by_minus_one) = (self.ieq(b, zero), self.ieq(b, minus_one));
                let quotient = a / self.iselect(by_zero | by_minus_one, one, b);
                self.iselect(by_zero, zero, self.iselect(by_minus_one, zero - a, quotient))
            }
            fn lt(self, a: Value<'a>, b: Value<'a>) -> Value<'a> {
                a.compare(BinaryOp::Lt, b)
            }
            fn le(self, a: Value<'a>, b: Value<'a>) -> Value<'a> {
                a.compare(BinaryOp::Le, b)
            }
            fn eq(self, a: Value<'a>, b: Value<'a>) -> Value<'a> {
                a.compare(BinaryOp::Eq, b)
            }
            fn ilt(self, a: Value<'a>, b: Value<'a>) -> Value<'a> {
                a.compare(BinaryOp::Lt, b)
            }
            fn ieq(self, a: Value<'a>, b: Value<'a>) -> Value<'a> {
                a.compare(BinaryOp::Eq, b)
            }
            fn select(self, m: Value<'a>, a: Value<'a>, b: Value<'a>) -> Value<'a> {
                self.0.node(Node::Select(m.id, a.id, b.id), Type::$FLOAT)
            }
            fn iselect(self, m: Value<'a>, a: Value<'a>, b: Value<'a>) -> Value<'a> {
                self.0.node(Node::Select(m.id, a.id, b.id), Type::$INTEGER)
            }
            fn floor(self, x: Value<'a>) -> Value<'a> {
                x.unary(UnaryOp::Floor, Type::$FLOAT)
            }
            fn ceil(self, x: Value<'a>) -> Value<'a> {
                x.unary(UnaryOp::Ceil, Type::$FLOAT)
            }
            fn trunc(self, x: Value<'a>) -> Value<'a> {
                x.unary(UnaryOp::Trunc, Type::$FLOAT)
            }
            fn round(self, x: Value<'a>) -> Value<'a> {
                x.unary(UnaryOp::Round, Type::$FLOAT)
            }
            fn rare<const A: usize, const R: usize, B: Rare<A, R>>(
                self,
                _: B,
                m: Value<'a>,
                x: [Value<'a>; A],
                y: [Value<'a>; R],
            ) -> [Value<'a>; R] {
                let key = TypeId::of::<B>();
                let known = self.0.inner.borrow().body_types.iter().position(|&t| t == key);
                let body = known.unwrap_or_else(|| {
                    let recording = apart([Type::$INTEGER; A], |recorder, parameters| {
                        B::body(Recorded::<'_, $Float, FUSE>::new(recorder), parameters)
                            .map(Value::id)
                            .to_vec()
                    });
                    let mut inner = self.0.inner.borrow_mut();
                    inner.body_types.push(key);
                    inner.recording.bodies.push(recording);
                    inner.recording.bodies.len() - 1
                });
                let call = RareCall {
                    mask: m.id,
                    arguments: x.map(Value::id).to_vec(),
                    otherwise: y.map(Value::id).to_vec(),
                    body,
                };
                let index = {
                    let rares = &mut self.0.inner.borrow_mut().recording.rares;
                    rares.push(call);
                    rares.len() as u32 - 1
                };
                self.parts(self.0.node(Node::Rare(index), Type::Mask), Type::$INTEGER)
            }
        }

        impl<'a, const FUSE: bool> SlowToken for Recorded<'a, $Float, FUSE> {
            fn table(self, words: &'static [u64], i: Value<'a>) -> Value<'a> {
                let index = {
                    let tables = &mut self.0.inner.borrow_mut().recording.tables;
                    tables.iter().position(|t| core::ptr::eq(*t, words)).unwrap_or_else(|| {
                        tables.push(words);
                        tables.len() - 1
                    })
                };
                self.0.node(Node::Table(index as u32, i.id), Type::$INTEGER)
            }
            fn mul_wide(self, a: Value<'a>, b: Value<'a>) -> (Value<'a>, Value<'a>) {
                (a.binary(BinaryOp::MulHigh, b), a * b)
            }
            fn repeat<const N: usize, B: Repeat<N>>(self, _: B, state: [Value<'a>; N]) -> [Value<'a>; N] {
                let repeated = RepeatLoop {
                    state: state.map(Value::id).to_vec(),
                    limit: B::limit::<Self>(),
                    go_on: apart([Type::$INTEGER; N], |recorder, state| {
                        vec![B::go_on(Recorded::<'_, $Float, FUSE>::new(recorder), state).id()]
                    }),
                    next: apart([Type::$INTEGER; N], |recorder, state| {
                        B::next(Recorded::<'_, $Float, FUSE>::new(recorder), state).map(Value::id).to_vec()
                    }),
                };
                let index = {
                    let loops = &mut self.0.inner.borrow_mut().recording.loops;
                    loops.push(repeated);
                    loops.len() as u32 - 1
                };
                self.parts(self.0.node(Node::Repeat(index), Type::Mask), Type::$INTEGER)
            }
        }

        impl<'a, const FUSE: bool> RecordToken<'a> for Recorded<'a, $Float, FUSE> {
            const FLOAT: Type = Type::$FLOAT;
            const INTEGER: Type = Type::$INTEGER;
            fn recorder(self) -> &'a Recorder {
                self.0
            }
        }
    };
}

recorded!(f64, u64, 64, F64, I64);
recorded!(f32, u32, 32, F32, I32);
