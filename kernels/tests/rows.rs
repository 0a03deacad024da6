//! What every row of the op table must say, so that listings, the documentation and the methods of lazy arrays have it.

use numfuse_kernels::{Compute, Op, oracle};
use std::collections::BTreeMap;

/// The methods of the rows, which only macros see.
macro_rules! methods {
    ($($Op:ident {
        method: [$($method:ident)?], names: $names:tt, symbol: $symbol:expr, shape: $shape:ident $args:tt, typing: $typing:ident,
        float: $float:tt, int: $int:tt, uint: $uint:tt, bool: $bool:tt,
        bound: $bound:expr, domain: $domain:literal, cost: $cost:literal, internal: $internal:literal,
        doc: $doc:literal
    })*) => {
        /// The operation's name on lazy arrays; `None` where an operator stands for it.
        fn method(op: Op) -> Option<&'static str> {
            match op {
                $(Op::$Op => [$(stringify!($method),)? ""].into_iter().next().filter(|name| !name.is_empty()),)*
            }
        }
    };
}
numfuse_kernels::for_each_op!(methods);

/// What a row fails to say.
fn gaps(op: Op) -> Vec<&'static str> {
    let info = op.info();
    let floats = oracle(op, Compute::F64, false).is_some();
    let named = !info.names.is_empty();
    let bound_is_sound =
        info.bound.is_none_or(|bound| [bound.fma, bound.strict].iter().all(|b| (0.5..=8.0).contains(b)));
    let word = |name: &&str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let rules = [
        (info.domain.trim().is_empty() || info.domain.ends_with('.'), "a domain, without a full stop"),
        (
            info.doc.trim().is_empty() || info.doc.contains('\n') || !info.doc.ends_with('.'),
            "a line of documentation",
        ),
        (info.cost == 0, "a cost"),
        (!(1..=3).contains(&info.arity()), "one to three arguments"),
        (!bound_is_sound, "a bound from 0.5 to 8 ulp, or `EXACT`"),
        (info.bound.is_some() && !floats, "a body over floats that its bound could be of"),
        (named == info.internal, "a name if users may call it, and none if not"),
        (!info.names.iter().all(word), "names that are words of the language"),
        (info.internal && (info.symbol.is_some() || method(op).is_some()), "privacy: it is internal"),
        (
            !info.internal && info.symbol.is_none() && method(op).is_none(),
            "a method, or an operator in its place",
        ),
    ];
    rules.into_iter().filter_map(|(lacks, what)| lacks.then_some(what)).collect()
}

#[test]
fn every_row_is_complete() {
    let incomplete: Vec<String> = Op::ALL
        .iter()
        .flat_map(|&op| gaps(op).into_iter().map(move |what| format!("{op:?} lacks {what}")))
        .collect();
    assert!(incomplete.is_empty(), "\n{}", incomplete.join("\n"));
}

/// A method has one of the function's names, so that text and Rust read alike; `where` is a word of Rust's own.
#[test]
fn methods_are_names() {
    for &op in Op::ALL {
        if let Some(method) = method(op) {
            let known = op.info().names.contains(&method) || (op, method) == (Op::Where, "select");
            assert!(known, "{op:?}: `{method}` is none of its names in text");
        }
    }
}

#[test]
fn names_are_not_used_twice() {
    let mut owners = BTreeMap::new();
    for &op in Op::ALL {
        for name in op.info().names.iter().copied().chain(method(op).filter(|m| !op.info().names.contains(m)))
        {
            if let Some(other) = owners.insert(name, op) {
                panic!("`{name}` is both {other:?} and {op:?}");
            }
        }
        assert!(op.info().names.iter().all(|name| Op::from_name(name) == Some(op)));
    }
}
