//! Reshapes are done to what lies in memory: of an elementwise expression, to its operands.

use std::collections::HashMap;

use crate::infer::{Dim, Dims, Map, TypedBuilder, TypedId, TypedOp};

/// The elements of `root`, in C order, in the shape `dims`.
pub(super) fn reshape(builder: &mut TypedBuilder, root: TypedId, dims: &Dims) -> TypedId {
    // one element has no order, whatever its axes
    if is_number(builder, root) {
        return builder.view(root, Map::new([], []), dims.clone());
    }
    let Some(inside) = elementwise(builder, root) else {
        return builder.reshape(root, dims.clone());
    };
    // arguments come before their users
    let mut reshaped: HashMap<TypedId, TypedId> = HashMap::new();
    for id in inside {
        let node = builder[id];
        let new = match node.op {
            _ if is_number(builder, id) => id,
            TypedOp::Apply(op, args) => builder.apply(op, node.dtype, args.map(|arg| reshaped[&arg])),
            TypedOp::Cast(of) => builder.cast(node.dtype, reshaped[&of]),
            TypedOp::Complex(re, im) => builder.complex(reshaped[&re], reshaped[&im]),
            _ => builder.reshape(id, dims.clone()),
        };
        reshaped.insert(id, new);
    }
    reshaped[&root]
}

fn is_number(builder: &TypedBuilder, id: TypedId) -> bool {
    builder.shape(id).iter().all(|dim| *dim == Dim::ONE)
}

/// The nodes from which `root` is computed element by element, leaves included, in their order; `None` where one of
/// them is broadcast, for then its elements are not in C order, or lies nowhere.
fn elementwise(builder: &TypedBuilder, root: TypedId) -> Option<Vec<TypedId>> {
    let (mut seen, mut stack) = (Vec::new(), vec![root]);
    let mut known = std::collections::HashSet::new();
    while let Some(id) = stack.pop() {
        if !known.insert(id) {
            continue;
        }
        if !is_number(builder, id) && builder.shape(id) != builder.shape(root) {
            return None;
        }
        seen.push(id);
        match builder[id].op {
            _ if is_number(builder, id) && id != root => {}
            TypedOp::Apply(..) | TypedOp::Cast(_) | TypedOp::Complex(..) => stack.extend(builder[id].args()),
            // no memory holds it, in any shape
            TypedOp::Index => return None,
            _ => {}
        }
    }
    seen.sort_unstable();
    Some(seen)
}
