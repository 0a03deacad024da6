//! The operations: what the rows of the table ([`for_each_op`](crate::for_each_op)) come to, as values and as types.

use crate::{
    math::{
        angle, basic, complex, complex_exponential, complex_inverse, divisors, error_function, exponential,
        fused, gamma, hyperbolic, integer, inverse, inverse_hyperbolic, logarithm, logic, logistic, parts,
        philox, power, remainder, root, rounding, storage, trigonometry, unsigned,
    },
    op::{Bound, OpInfo, Typing},
    row::{
        Binary, Choice, Comparison, Float, Integer, Kind, MaskRow, Predicate, Row, Scale, Shape, Ternary,
        Unary,
    },
    token::{MaskOps, Token},
};

/// Exact, or rounded once.
const EXACT: Option<Bound> = None;

/// Within so many units in the last place, with FMA and without.
const fn ulp(fma: f64, strict: f64) -> Option<Bound> {
    Some(Bound { fma, strict })
}

/// What asks for a row as a type: a table of kernels, a recording.
pub(crate) trait Visitor {
    type Output;
    /// A row with a body over floats or integers.
    fn value<R: Row>(self) -> Self::Output;
    /// A row with a body over truth values.
    fn mask<R: MaskRow>(self) -> Self::Output;
}

/// The kinds of values that bodies are written for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueKind {
    Float,
    Integer,
    /// Integers without a sign.
    Unsigned,
    Bool,
}

/// The names of a row's arguments.
macro_rules! params {
    (($($param:ident),*)) => { &[$(stringify!($param)),*] };
}

/// A body called with as many operands as the row has.
macro_rules! call {
    ($body:path, ($a:ident), $($first:expr),*; $x:expr, $y:expr, $z:expr) => {{ let _ = ($y, $z); $body($($first,)* $x) }};
    ($body:path, ($a:ident, $b:ident), $($first:expr),*; $x:expr, $y:expr, $z:expr) => {{ let _ = $z; $body($($first,)* $x, $y) }};
    ($body:path, ($a:ident, $b:ident, $c:ident), $($first:expr),*; $x:expr, $y:expr, $z:expr) => { $body($($first,)* $x, $y, $z) };
}

/// A visit to a row that may have no body.
macro_rules! visit {
    ($visitor:ident.$method:ident, $Row:ty, []) => {
        None
    };
    ($visitor:ident.$method:ident, $Row:ty, [$body:path]) => {
        Some($visitor.$method::<$Row>())
    };
}

/// The row as a type, where it has a body over this kind of value.
macro_rules! value_row {
    ($Op:ident, $Kind:ident, $shape:ident $args:tt, $cost:literal, []) => {};
    ($Op:ident, $Kind:ident, $shape:ident $args:tt, $cost:literal, [$body:path]) => {
        pub(crate) struct $Op;
        impl Row for $Op {
            type Shape = $shape<$Kind>;
            const COST: u32 = $cost;
            #[inline(always)]
            fn apply<S: Token>(
                s: S,
                a: <<$shape<$Kind> as Shape>::A as Kind>::V<S>,
                b: <<$shape<$Kind> as Shape>::B as Kind>::V<S>,
                c: <<$shape<$Kind> as Shape>::C as Kind>::V<S>,
            ) -> <<$shape<$Kind> as Shape>::R as Kind>::V<S> {
                call!($body, $args, s; a, b, c)
            }
        }
    };
}

macro_rules! mask_row {
    ($Op:ident, $args:tt, []) => {};
    ($Op:ident, $args:tt, [$body:path]) => {
        pub(crate) struct $Op;
        impl MaskRow for $Op {
            const ARITY: usize = { const PARAMS: &[&str] = params!($args); PARAMS.len() };
            #[inline(always)]
            fn apply<M: MaskOps>(a: M, b: M, c: M) -> M {
                call!($body, $args, ; a, b, c)
            }
        }
    };
}

macro_rules! define {
    ($($Op:ident {
        method: $method:tt, names: [$($name:literal),*], symbol: $symbol:expr, shape: $shape:ident $args:tt, typing: $typing:ident,
        float: $float:tt, int: $int:tt, uint: $uint:tt, bool: $bool:tt,
        bound: $bound:expr, domain: $domain:literal, cost: $cost:literal, internal: $internal:literal,
        doc: $doc:literal
    })*) => {
        /// An elementwise operation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Op {
            $(#[doc = $doc] $Op,)*
        }

        impl Op {
            /// Every operation, in the order of the table.
            pub const ALL: &'static [Op] = &[$(Op::$Op),*];

            /// The operation's row in the table.
            pub fn info(self) -> &'static OpInfo {
                match self {
                    $(Op::$Op => {
                        const INFO: OpInfo = OpInfo {
                            op: Op::$Op, names: &[$($name),*], symbol: $symbol, params: params!($args),
                            typing: Typing::$typing, bound: $bound, domain: $domain, cost: $cost, doc: $doc,
                            internal: $internal,
                        };
                        &INFO
                    })*
                }
            }

            /// Calls the visitor with the row as a type; `None` where it has no body over this kind of value.
            pub(crate) fn visit<V: Visitor>(self, kind: ValueKind, visitor: V) -> Option<V::Output> {
                match (self, kind) {
                    $((Op::$Op, ValueKind::Float) => visit!(visitor.value, float_rows::$Op, $float),)*
                    $((Op::$Op, ValueKind::Integer) => visit!(visitor.value, integer_rows::$Op, $int),)*
                    $((Op::$Op, ValueKind::Unsigned) => visit!(visitor.value, unsigned_rows::$Op, $uint),)*
                    $((Op::$Op, ValueKind::Bool) => visit!(visitor.mask, bool_rows::$Op, $bool),)*
                }
            }
        }

        pub(crate) mod float_rows {
            use super::*;
            $(value_row!($Op, Float, $shape $args, $cost, $float);)*
        }
        mod integer_rows {
            use super::*;
            $(value_row!($Op, Integer, $shape $args, $cost, $int);)*
        }
        mod unsigned_rows {
            use super::*;
            $(value_row!($Op, Integer, $shape $args, $cost, $uint);)*
        }
        mod bool_rows {
            use super::*;
            $(mask_row!($Op, $args, $bool);)*
        }
    };
}

crate::for_each_op!(define);
