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

/// What else loops have around them: `c` and `d`, which no loop changes, and `n` and `s`, which are the same for all
/// elements until something that is not is assigned to them.
const SET_BEFORE: &str = "c = x; d = k; n = 0; s = 1.5";

/// Conditions on these.
const CONDITIONS: [&str; 8] =
    ["n < 3", "c > 0", "d != 1", "d > k", "c*s < x", "n*d < i + 2", "n < d", "s < 1.8 and d >= k"];

/// What a turn does with them.
const ASSIGNMENTS: [&str; 10] = [
    "n += 1",
    "s = s*0.5 + n",
    "x = x + s",
    "k += n",
    "i = n*d",
    "s = s + d*0.25",
    "n = n + k % 3",
    "x = where(c > 0, x*2, x - 1)",
    "x = s*c",
    "n += 2; s -= 0.25",
];

/// Programs with an elementwise loop, others inside it.
pub fn loops() -> BoxedStrategy<String> {
    let set = VARIABLES.map(|(name, _)| format!("{name} = {name}")).join("; ") + "; " + SET_BEFORE;
    let left = prop::sample::select(&["n", "s", "n + s*x", "k + n", "x*s - c"][..]).prop_map(str::to_owned);
    (body(2), repetition(), prop_oneof![2 => any_value(2), 1 => left])
        .prop_map(move |(body, repetition, result)| format!("{set}\n{repetition} {{ {body} }}\n{result}"))
        .boxed()
}

/// What the turns of [`nests`] do: few variables, so that most of what is done to them is seen.
const TURNS: [&str; 14] = [
    "p = where(c > 0, p*2, p - 1)",
    "p = p*0.5 + c",
    "p = p + s",
    "t = p*c; p = t - s",
    "a = a + d",
    "a += n",
    "a = where(d > a, d, a - 1)",
    "t = a; a = n + d; n = n + 1; a = a + t % 5",
    "n += 1",
    "n = n + 2; s = s*0.5",
    "s = s + n",
    "if d > 0 { p = p + 1 } else { a -= 1 }",
    "if c > 0 { a = a - d; p = p + c }",
    "p = c, a = a + 1",
];

/// Conditions: some that no turn changes, some the same for all elements.
const WHILE: [&str; 10] = [
    "c > 0",
    "d > a",
    "n*d < 6",
    "n < 3",
    "p < 50",
    "a < 9",
    "d != 1",
    "p*d < 50 + p",
    "s < 4",
    "c > 0 and d > n",
];

/// Loops inside of loops, over few variables.
pub fn nests() -> BoxedStrategy<String> {
    let set = "p = x; a = k; n = 0; s = 1.5; c = u; d = i";
    let results = prop::sample::select(&["p", "a", "n + 0*d", "s + 0*c", "p + 3*a", "a*4 + n"][..]);
    (nest(2), results).prop_map(move |(nest, result)| format!("{set}\n{nest}\n{result}")).boxed()
}

fn nest(depth: u32) -> BoxedStrategy<String> {
    let condition = prop::option::weighted(0.6, prop::sample::select(&WHILE[..]));
    let turn = prop::sample::select(&TURNS[..]).prop_map(str::to_owned);
    let leave = prop::sample::select(&WHILE[..]).prop_map(|condition| format!("break if {condition}"));
    let statement = match depth {
        0 => prop_oneof![8 => turn, 1 => leave].boxed(),
        _ => prop_oneof![4 => turn, 1 => leave, 4 => nest(depth - 1)].boxed(),
    };
    (2..7u32, condition, prop::collection::vec(statement, 1..5))
        .prop_map(|(bound, condition, body)| {
            let condition = condition.map_or(String::new(), |condition| format!(" while {condition}"));
            format!("repeat {bound}{condition} {{ {} }}", body.join("; "))
        })
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
            let set = VARIABLES.map(|(name, _)| format!("{name} = {name}")).join("; ") + "; " + SET_BEFORE;
            format!("{set}\nsteps {count} {{ {} }}\n{result}", body.join("; "))
        })
        .boxed()
}

fn any_value(depth: u32) -> BoxedStrategy<String> {
    let level = elementwise(depth);
    let name = prop::sample::select(&VARIABLES[..]).prop_map(|(name, _)| name.to_owned());
    prop_oneof![3 => name, 1 => level.of(Kind::Float), 1 => level.of(Kind::Int)].boxed()
}

fn condition() -> BoxedStrategy<String> {
    let known = prop::sample::select(&CONDITIONS[..]).prop_map(str::to_owned);
    prop_oneof![2 => elementwise(1).of(Kind::Bool), 1 => known].boxed()
}

fn repetition() -> BoxedStrategy<String> {
    let condition = condition();
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
    let known = prop::sample::select(&ASSIGNMENTS[..]).prop_map(str::to_owned);
    let simple = prop_oneof![4 => assignment(), 3 => known, 1 => leave()].boxed();
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
    condition().prop_map(|condition| format!("break if {condition}")).boxed()
}

fn branch() -> BoxedStrategy<String> {
    let (condition, other) = (condition(), prop::option::of(assignment()));
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
