//! Random programs: elementwise loops and steps on whole arrays, over the names of the inputs.

use proptest::prelude::*;

use super::expressions::{Kind, elementwise, expression};

/// What loops assign to: names of inputs, which they shadow.
const VARIABLES: [(&str, Kind); 8] = [
    ("x", Kind::Float),
    ("u", Kind::Float),
    ("k", Kind::Int),
    ("i", Kind::Int),
    ("byte", Kind::Int),
    ("m", Kind::Bool),
    ("z", Kind::Complex),
    ("w", Kind::Complex),
];

/// Programs with an elementwise loop, others inside it.
pub fn loops() -> BoxedStrategy<String> {
    let set = VARIABLES.map(|(name, _)| format!("{name} = {name}")).join("; ");
    (body(2), repetition(), any_value(2))
        .prop_map(move |(body, repetition, result)| format!("{set}\n{repetition} {{ {body} }}\n{result}"))
        .boxed()
}

/// Programs of steps on whole arrays, elementwise loops inside them.
pub fn steps() -> BoxedStrategy<String> {
    let whole = (prop::sample::select(&["x", "u", "k"][..]), expression(2));
    let shaped = whole.prop_map(|(name, of)| format!("{name} = where(m, {of}, {name}) + {name}*0"));
    let border = prop::sample::select(&["nearest", "reflect", "mirror", "wrap", "constant"][..]);
    let neighbours = (prop::sample::select(&["x", "u", "k", "z"][..]), -2..3i32, border)
        .prop_map(|(name, by, border)| format!("{name} = {name} + shift({name}, {by}, border='{border}')"));
    let statement = prop_oneof![2 => neighbours, 4 => shaped, 2 => (repetition(), body(0)).prop_map(|(r, b)| format!("{r} {{ {b} }}"))];
    (prop::collection::vec(statement, 1..3), 0..4u32, any_value(1))
        .prop_map(|(body, count, result)| {
            let set = VARIABLES.map(|(name, _)| format!("{name} = {name}")).join("; ");
            format!("{set}\nsteps {count} {{ {} }}\n{result}", body.join("; "))
        })
        .boxed()
}

fn any_value(depth: u32) -> BoxedStrategy<String> {
    let level = elementwise(depth);
    let name = prop::sample::select(&VARIABLES[..]).prop_map(|(name, _)| name.to_owned());
    prop_oneof![3 => name, 1 => level.of(Kind::Float), 1 => level.of(Kind::Int)].boxed()
}

fn repetition() -> BoxedStrategy<String> {
    let condition = elementwise(1).of(Kind::Bool);
    let repeat =
        (0..7u32, prop::option::weighted(0.7, condition)).prop_map(|(bound, condition)| match condition {
            Some(condition) => format!("repeat {bound} while {condition}"),
            None => format!("repeat {bound}"),
        });
    let counted = (0..3i32, 0..6i32).prop_map(|(start, stop)| format!("for t in {start}..{stop}"));
    prop_oneof![3 => repeat, 1 => counted].boxed()
}

/// Statements of a loop's body.
fn body(depth: u32) -> BoxedStrategy<String> {
    let simple = prop_oneof![6 => assignment(), 1 => leave()].boxed();
    let statement = match depth {
        0 => simple,
        _ => prop_oneof![4 => simple, 1 => branch(), 1 => inner(depth - 1)].boxed(),
    };
    prop::collection::vec(statement, 1..5).prop_map(|all| all.join("; ")).boxed()
}

fn assignment() -> BoxedStrategy<String> {
    let level = elementwise(2);
    let to = move |(name, kind): (&'static str, Kind)| {
        let plain = level.of(kind).prop_map(move |value| format!("{name} = {value}"));
        let added = level.of(kind).prop_map(move |value| match kind {
            Kind::Bool => format!("{name} ^= {value}"),
            _ => format!("{name} += {value}"),
        });
        prop_oneof![2 => plain, 1 => added]
    };
    prop::sample::select(&VARIABLES[..]).prop_flat_map(to).boxed()
}

fn leave() -> BoxedStrategy<String> {
    elementwise(1).of(Kind::Bool).prop_map(|condition| format!("break if {condition}")).boxed()
}

fn branch() -> BoxedStrategy<String> {
    let (condition, other) = (elementwise(1).of(Kind::Bool), prop::option::of(assignment()));
    (condition, assignment(), other)
        .prop_map(|(condition, then, other)| match other {
            Some(other) => format!("if {condition} {{ {then} }} else {{ {other} }}"),
            None => format!("if {condition} {{ {then} }}"),
        })
        .boxed()
}

fn inner(depth: u32) -> BoxedStrategy<String> {
    (repetition(), body(depth)).prop_map(|(repetition, body)| format!("{repetition} {{ {body} }}")).boxed()
}
