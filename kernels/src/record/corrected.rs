//! Division and square root of f32, for devices whose own are not correctly rounded.

use super::{Recorded, Recording, Type, token::apart};
use crate::math::corrected;

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
