//! Stage 3a: rewriting the typed graph into a cheaper one with the same bits.
//!
//! Takes and gives a [`TypedGraph`]. Only exact rules stand here: the result is the same bit for bit (a NaN's sign
//! and payload are not promised, see the semantics). `x + 0 → x` is not one of them: -0 + 0 is +0.

use numfuse_kernels::Op;

use crate::arena::Id;
use crate::dtype::{DType, Kind, Scalar};
use crate::infer::{TypedBuilder, TypedGraph, TypedId, TypedNode, TypedOp, TypedSteps};

/// A rewrite: what it is called, and the node that may stand for `op` of `args`, if it applies.
pub struct Rule {
    /// What it is called.
    pub name: &'static str,
    rewrite: fn(&mut TypedBuilder, Op, DType, [TypedId; 3]) -> Option<TypedId>,
}

static RULES: [Rule; 8] = [
    Rule { name: "divide by a power of two", rewrite: divide_by_power_of_two },
    Rule { name: "negated factor", rewrite: negated_factor },
    Rule { name: "times one", rewrite: times_one },
    Rule { name: "times minus one", rewrite: times_minus_one },
    Rule { name: "minus zero", rewrite: minus_zero },
    Rule { name: "twice undone", rewrite: twice_undone },
    Rule { name: "known condition", rewrite: known_condition },
    Rule { name: "operands in order", rewrite: operands_in_order },
];

/// Every rule, in the order in which they are tried.
pub fn rules() -> &'static [Rule] {
    &RULES
}

/// Applies the rules until none does, arguments first.
pub fn simplify(graph: &TypedGraph) -> TypedGraph {
    let mut builder = TypedBuilder::new(graph.signature().clone());
    builder.open_all(graph);
    let mut renamed: Vec<TypedId> = Vec::with_capacity(graph.nodes().len());
    for (_, node) in graph.nodes().iter() {
        let id = match node.op {
            TypedOp::Apply(op, args) => apply(&mut builder, op, node.dtype, args.map(|a| renamed[a.index()])),
            TypedOp::Steps(steps) => {
                let steps = &graph.steps()[steps];
                let args = steps.args.iter().map(|a| renamed[a.index()]).collect();
                let body = simplify(&steps.body).into();
                builder.steps(TypedSteps { args, body, ..*steps })
            }
            _ => builder.copy(graph, node, |a| renamed[a.index()]),
        };
        renamed.push(id);
    }
    let results = graph.results().iter().map(|r| renamed[r.index()]).collect();
    builder.finish(results)
}

fn apply(builder: &mut TypedBuilder, op: Op, dtype: DType, args: [TypedId; 3]) -> TypedId {
    match RULES.iter().find_map(|rule| (rule.rewrite)(builder, op, dtype, args)) {
        Some(id) => id,
        None => builder.apply(op, dtype, args),
    }
}

fn constant(builder: &TypedBuilder, id: TypedId) -> Option<f64> {
    match builder[id].op {
        TypedOp::Const(Scalar::F32(v)) => Some(v.into()),
        TypedOp::Const(Scalar::F64(v)) => Some(v),
        TypedOp::Const(Scalar::I32(v)) => Some(v.into()),
        // beyond 2^53 no rule's number is met
        TypedOp::Const(Scalar::I64(v)) => Some(v as f64),
        _ => None,
    }
}

fn float(value: f64, dtype: DType) -> Scalar {
    if dtype == DType::F32 { Scalar::F32(value as f32) } else { Scalar::F64(value) }
}

/// The operation that a node is, with its arguments.
fn applied(builder: &TypedBuilder, id: TypedId) -> Option<(Op, [TypedId; 3])> {
    match builder[id] {
        TypedNode { op: TypedOp::Apply(op, args), .. } => Some((op, args)),
        _ => None,
    }
}

/// x / 2^k = x · 2^-k: the same real number, rounded once either way.
fn divide_by_power_of_two(
    b: &mut TypedBuilder,
    op: Op,
    dtype: DType,
    [x, c, _]: [TypedId; 3],
) -> Option<TypedId> {
    if op != Op::Div {
        return None;
    }
    let value = constant(b, c)?;
    let inverse = 1.0 / value;
    let least = if dtype == DType::F32 { f64::from(f32::MIN_POSITIVE) } else { f64::MIN_POSITIVE };
    let power = value.to_bits() << 12 == 0 && value.abs() >= least && inverse.abs() >= least;
    if !power || !inverse.is_finite() {
        return None;
    }
    let inverse = b.constant(float(inverse, dtype));
    Some(apply(b, Op::Mul, dtype, [x, inverse, x]))
}

/// (-x) · c = x · (-c).
fn negated_factor(b: &mut TypedBuilder, op: Op, dtype: DType, [x, y, _]: [TypedId; 3]) -> Option<TypedId> {
    if op != Op::Mul || dtype.kind() != Kind::Float {
        return None;
    }
    let (x, c) = if constant(b, y).is_some() { (x, y) } else { (y, x) };
    let value = constant(b, c)?;
    let (Op::Neg, [inner, ..]) = applied(b, x)? else { return None };
    let negated = b.constant(float(-value, dtype));
    Some(apply(b, Op::Mul, dtype, [inner, negated, inner]))
}

/// x · 1 = x.
fn times_one(b: &mut TypedBuilder, op: Op, _: DType, [x, y, _]: [TypedId; 3]) -> Option<TypedId> {
    match (op, constant(b, x), constant(b, y)) {
        (Op::Mul, _, Some(1.0)) => Some(x),
        (Op::Mul, Some(1.0), _) => Some(y),
        _ => None,
    }
}

/// x · (-1) = -x.
fn times_minus_one(b: &mut TypedBuilder, op: Op, dtype: DType, [x, y, _]: [TypedId; 3]) -> Option<TypedId> {
    let of = match (op, constant(b, x), constant(b, y)) {
        (Op::Mul, _, Some(-1.0)) => x,
        (Op::Mul, Some(-1.0), _) => y,
        _ => return None,
    };
    Some(apply(b, Op::Neg, dtype, [of; 3]))
}

/// x - (+0) = x, for -0 too.
fn minus_zero(b: &mut TypedBuilder, op: Op, _: DType, [x, y, _]: [TypedId; 3]) -> Option<TypedId> {
    match (op, constant(b, y)) {
        (Op::Sub, Some(zero)) if zero.to_bits() == 0 => Some(x),
        _ => None,
    }
}

/// -(-x) = x, ~(~x) = x.
fn twice_undone(b: &mut TypedBuilder, op: Op, _: DType, [x, ..]: [TypedId; 3]) -> Option<TypedId> {
    match (op, applied(b, x)?) {
        (Op::Neg, (Op::Neg, [inner, ..])) | (Op::Not, (Op::Not, [inner, ..])) => Some(inner),
        _ => None,
    }
}

/// where(True, x, y) = x, where nothing broadcasts, and y cannot fail: both branches are computed, as in NumPy.
fn known_condition(b: &mut TypedBuilder, op: Op, _: DType, [c, x, y]: [TypedId; 3]) -> Option<TypedId> {
    let TypedOp::Const(Scalar::Bool(condition)) = b[c].op else { return None };
    let (chosen, other) = if condition { (x, y) } else { (y, x) };
    (op == Op::Where && b[x].shape == b[y].shape && !b.may_fail(other)).then_some(chosen)
}

/// a + b = b + a, so that both are one node.
fn operands_in_order(b: &mut TypedBuilder, op: Op, dtype: DType, [x, y, _]: [TypedId; 3]) -> Option<TypedId> {
    let commutes = matches!(
        op,
        Op::Add
            | Op::Mul
            | Op::And
            | Op::Or
            | Op::Xor
            | Op::Eq
            | Op::Ne
            | Op::Minimum
            | Op::Maximum
            | Op::Fmin
            | Op::Fmax
            | Op::Gcd
            | Op::Lcm
    );
    (commutes && y < x).then(|| b.apply(op, dtype, [y, x, y]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infer::Signature;

    #[test]
    fn rules_have_names_of_their_own() {
        for (k, rule) in RULES.iter().enumerate() {
            assert!(RULES[..k].iter().all(|other| other.name != rule.name), "{}", rule.name);
        }
    }

    #[test]
    fn division_becomes_a_product_only_where_the_bits_stay() {
        for (value, exact) in [
            (2.0, true),
            (-0.5, true),
            (3.0, false),
            (0.0, false),
            (2f64.powi(1023), false),
            (f64::INFINITY, false),
        ] {
            let mut signature = Signature::new();
            signature.push(DType::F64, None, &[5]);
            let mut b = TypedBuilder::new(signature);
            let x = b.input(crate::graph::InputId::new(0));
            let c = b.constant(Scalar::F64(value));
            let divided = apply(&mut b, Op::Div, DType::F64, [x, c, x]);
            let is_product = applied(&b, divided).is_some_and(|(op, _)| op == Op::Mul);
            assert_eq!(is_product, exact, "x / {value}");
        }
    }
}
