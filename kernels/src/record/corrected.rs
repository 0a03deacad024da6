//! Division and square root of f32, and rounding of f64, for devices whose own are off.

use super::{Recorded, Recording, Type, UnaryOp, token::apart};
use crate::math::corrected;
use crate::token::{Token, by_sums};

/// `(a, b)` → `a / b` of f32, correctly rounded where the device's division, on operands in `[1, 4)`, is less than 8 ulp
/// off. One `Div` of floats, and otherwise integers of 32 bits: zeros, infinities, NaNs and subnormals are right
/// whatever the device makes of them.
///
/// ```
/// use numfuse_kernels::record::{BinaryOp, Node, Type, record_corrected_division};
/// let division = record_corrected_division();
/// let is_division = |&&(node, of): &&(Node, Type)| matches!(node, Node::Binary(BinaryOp::Div, ..)) && of == Type::F32;
/// assert_eq!(division.nodes.iter().filter(is_division).count(), 1);
/// ```
pub fn record_corrected_division() -> Recording {
    apart([Type::F32; 2], |recorder, [a, b]| {
        vec![corrected::division(Recorded::<'_, f32, false>::new(recorder), a, b).id()]
    })
}

/// `(a)` → `sqrt(a)` of f32, correctly rounded where the device's root, of operands in `[1, 4)`, is less than 8 ulp off.
pub fn record_corrected_sqrt() -> Recording {
    apart([Type::F32], |recorder, [a]| {
        vec![corrected::sqrt(Recorded::<'_, f32, false>::new(recorder), a).id()]
    })
}

/// Rounding of f64 by sums and selections: what `Floor`, `Ceil`, `Trunc` or `Round` does, for devices whose own is wrong.
/// `None` of other operations.
pub fn record_rounding(op: UnaryOp) -> Option<Recording> {
    fn floor<S: Token>(s: S, x: S::F) -> S::F {
        by_sums::floor(s, x, by_sums::round(s, x))
    }
    let known = matches!(op, UnaryOp::Floor | UnaryOp::Ceil | UnaryOp::Trunc | UnaryOp::Round);
    known.then(|| {
        apart([Type::F64], |recorder, [x]| {
            let s = Recorded::<'_, f64, false>::new(recorder);
            let rounded = match op {
                UnaryOp::Floor => floor(s, x),
                UnaryOp::Ceil => s.neg(floor(s, s.neg(x))),
                UnaryOp::Trunc => by_sums::trunc(s, x, floor(s, s.abs(x))),
                _ => by_sums::round(s, x),
            };
            vec![rounded.id()]
        })
    })
}
