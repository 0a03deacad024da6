//! Random texts of expressions.

use numfuse::internals::{Op, Typing};
use proptest::prelude::*;
use proptest::strategy::Union;

/// What an expression is made to be.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Kind {
    Float,
    Int,
    Bool,
    Complex,
}

/// Expressions of each kind, up to some depth.
#[derive(Clone)]
pub struct Level {
    /// Whether operations may look at other elements than their own.
    whole: bool,
    float: BoxedStrategy<String>,
    int: BoxedStrategy<String>,
    bool: BoxedStrategy<String>,
    complex: BoxedStrategy<String>,
}

impl Level {
    pub fn of(&self, kind: Kind) -> BoxedStrategy<String> {
        match kind {
            Kind::Float => self.float.clone(),
            Kind::Int => self.int.clone(),
            Kind::Bool => self.bool.clone(),
            Kind::Complex => self.complex.clone(),
        }
    }

    fn any(&self) -> BoxedStrategy<String> {
        prop_oneof![
            6 => self.float.clone(),
            4 => self.int.clone(),
            2 => self.bool.clone(),
            1 => self.complex.clone()
        ]
        .boxed()
    }
}

/// Expressions of operations nested up to `depth` levels.
pub fn expression(depth: u32) -> BoxedStrategy<String> {
    levels(depth, true).any()
}

/// Expressions of elementwise operations alone, nested up to `depth` levels.
pub fn elementwise(depth: u32) -> Level {
    levels(depth, false)
}

fn levels(depth: u32, whole: bool) -> Level {
    let leaves = Level {
        whole,
        float: prop_oneof![
            6 => select(&["x", "y", "u", "v", "half", "brain"]),
            1 => select(&["2.0", "0.5", "1e300", "pi", "p", "3e-310", "1.5", "-0.0"]),
            1 => select(&["nan", "inf", "2", "0"]),
        ]
        .boxed(),
        int: prop_oneof![
            4 => select(&["k", "l", "i", "j"]),
            4 => select(&["byte", "short", "octet", "word", "double_word", "quad_word"]),
            1 => select(&["2", "3", "q", "0", "1", "2147483648", "-7", "200", "70000"]),
        ]
        .boxed(),
        bool: prop_oneof![6 => select(&["m", "n"]), 1 => select(&["True", "False"])].boxed(),
        complex: prop_oneof![4 => select(&["z", "w"]), 1 => select(&["2j", "-1.5j", "(1 + 1j)"])].boxed(),
    };
    let mut level = leaves.clone();
    for _ in 0..depth {
        level = Level {
            whole,
            float: deeper(Kind::Float, &leaves, &level),
            int: deeper(Kind::Int, &leaves, &level),
            bool: deeper(Kind::Bool, &leaves, &level),
            complex: deeper(Kind::Complex, &leaves, &level),
        };
    }
    level
}

fn select(words: &'static [&'static str]) -> BoxedStrategy<String> {
    prop::sample::select(words).prop_map(str::to_owned).boxed()
}

/// One operation more. The leaves come first: that is what a failing expression shrinks to.
fn deeper(kind: Kind, leaves: &Level, below: &Level) -> BoxedStrategy<String> {
    let mut operations = Vec::new();
    for op in Op::ALL {
        operations.extend(operation(*op, kind, below));
    }
    let operations = Union::new(operations);
    let mut others = vec![(2, cast(kind, below))];
    if below.whole {
        others.extend([(4, reduction(kind, below)), (1, view(kind, below))]);
        others.extend(masked(kind, below).map(|masked| (1, masked)));
    }
    if kind == Kind::Bool {
        others.push((4, logic(below)));
    }
    let others = Union::new_weighted(others);
    prop_oneof![2 => leaves.of(kind), 6 => operations, 2 => others].boxed()
}

/// Calls of `op` whose result is of this kind, if there are any.
fn operation(op: Op, kind: Kind, below: &Level) -> Option<BoxedStrategy<String>> {
    let info = op.info();
    // the sign of a NaN is not promised, and these two would show it
    if info.internal || matches!(op, Op::CopySign | Op::SignBit) {
        return None;
    }
    let same = || below.of(kind);
    let numbers = || prop_oneof![4 => below.of(kind), 1 => below.any()].boxed();
    let (first, second) = match (info.typing, kind) {
        (Typing::Arithmetic, _) => (same(), numbers()),
        (Typing::Extremum, Kind::Float | Kind::Int | Kind::Bool) => (same(), numbers()),
        (Typing::Numeric, Kind::Float | Kind::Int | Kind::Complex) => (same(), same()),
        (Typing::Same | Typing::Conjugate, _) => (same(), same()),
        (Typing::Integral, Kind::Int) => (same(), numbers()),
        (Typing::BitCount, Kind::Int) => (same(), same()),
        (Typing::Scale, Kind::Float) => (same(), below.of(Kind::Int)),
        (Typing::Part | Typing::Modulus, Kind::Float) => (below.any(), below.any()),
        (Typing::MakeComplex, Kind::Complex) => (below.of(Kind::Float), below.of(Kind::Float)),
        (Typing::Analytic, Kind::Complex) => (same(), same()),
        (Typing::Analytic, Kind::Float) => (same(), same()),
        (Typing::Power, Kind::Complex) => (same(), prop_oneof![exponents(), below.any()].boxed()),
        (Typing::TrueDivide | Typing::Negate, Kind::Complex) => (same(), numbers()),
        (Typing::Modulo, Kind::Float | Kind::Int) => (same(), numbers()),
        (Typing::TrueDivide, Kind::Float) => (below.any(), below.any()),
        (Typing::Float, Kind::Float) => {
            let floats = prop_oneof![4 => below.of(Kind::Float), 1 => below.any()].boxed();
            (floats.clone(), floats)
        }
        (Typing::Power, Kind::Float) => (same(), prop_oneof![exponents(), below.any()].boxed()),
        (Typing::Power, Kind::Int) => (same(), prop_oneof![3 => exponents(), 1 => same()].boxed()),
        (Typing::Rounding | Typing::Magnitude, Kind::Float | Kind::Int | Kind::Bool) => (same(), same()),
        (Typing::Negate, Kind::Float | Kind::Int) => (same(), same()),
        (Typing::Invert | Typing::Bitwise, Kind::Int | Kind::Bool) => (same(), same()),
        (Typing::Shift, Kind::Int) => (same(), same()),
        (Typing::Comparison | Typing::Predicate, Kind::Bool) => (below.any(), below.any()),
        (Typing::Choose, _) => (below.of(Kind::Bool), same()),
        _ => return None,
    };
    let name = prop::sample::select(info.names);
    let symbol = info.symbol;
    Some(match info.params.len() {
        1 => (name, first, any::<bool>())
            .prop_map(move |(name, x, infix)| match symbol {
                Some(symbol) if infix => format!("({symbol}{x})"),
                _ => format!("{name}({x})"),
            })
            .boxed(),
        2 => (name, first, second, any::<bool>())
            .prop_map(move |(name, a, b, infix)| match symbol {
                Some(symbol) if infix => format!("({a} {symbol} {b})"),
                _ => format!("{name}({a}, {b})"),
            })
            .boxed(),
        3 => {
            (name, first, second, same()).prop_map(|(name, a, b, c)| format!("{name}({a}, {b}, {c})")).boxed()
        }
        more => panic!("{op} has {more} arguments"),
    })
}

/// What the op table has no row for: chained comparisons, and words.
fn logic(below: &Level) -> BoxedStrategy<String> {
    let comparison = || select(&["<", "<=", ">", ">=", "==", "!="]);
    let (a, b, c) = (below.any(), below.any(), below.any());
    let chain = (a, comparison(), b, comparison(), c)
        .prop_map(|(a, first, b, second, c)| format!("({a} {first} {b} {second} {c})"));
    let words = (below.of(Kind::Bool), select(&["and", "or", "and not", "or not"]), below.of(Kind::Bool))
        .prop_map(|(a, word, b)| format!("({a} {word} {b})"));
    prop_oneof![chain, words].boxed()
}

/// Exponents for which powers have rules of their own, and some for which they have none.
fn exponents() -> BoxedStrategy<String> {
    select(&["2", "3", "4", "1", "0", "0.5", "5", "-1", "-2", "17", "2.5", "2.0", "-0.5", "-4.0"])
}

fn cast(kind: Kind, below: &Level) -> BoxedStrategy<String> {
    let types = match kind {
        Kind::Float => select(&["f64", "f32", "float64", "float32", "f16", "bf16"]),
        Kind::Int => select(&["i64", "i32", "int64", "int32", "i8", "u8", "i16", "u16", "u32", "u64"]),
        Kind::Complex => select(&["c64", "c128"]),
        Kind::Bool => select(&["bool"]),
    };
    (types, below.any()).prop_map(|(to, of)| format!("{to}({of})")).boxed()
}

/// Reductions, mostly such that their results broadcast with what they were made of.
fn reduction(kind: Kind, below: &Level) -> BoxedStrategy<String> {
    let (names, of) = match kind {
        Kind::Float => (select(&["sum", "mean", "min", "max", "prod"]), below.of(kind)),
        Kind::Int => (select(&["sum", "prod", "min", "max"]), below.of(kind)),
        Kind::Bool => (select(&["any", "all"]), below.any()),
        Kind::Complex => (select(&["sum", "mean", "prod"]), below.of(kind)),
    };
    let axes = prop_oneof![
        3 => select(&["", ", keepdims=True"]),
        4 => select(&[", axis=0, keepdims=True", ", axis=-1, keepdims=True", ", axis=(0, -1), keepdims=True"]),
        2 => select(&[", axis=0", ", axis=-1", ", axis=1", ", axis=(1, 2)", ", axis=(0, 2)", ", axis=()"]),
    ];
    (names, of, axes).prop_map(|(name, of, axes)| format!("{name}({of}{axes})")).boxed()
}

/// Views that keep the shape, but for axes of extent 1.
fn view(kind: Kind, below: &Level) -> BoxedStrategy<String> {
    let of = below.of(kind);
    let forms = [
        ["(", ")[::-1]"],
        ["(", ")[..., ::-1]"],
        ["(", ")[None]"],
        ["flip(", ", -1)"],
        ["(", ").T.T"],
        ["squeeze(expand_dims(", ", 0), 0)"],
        ["transpose(", ").T"],
    ];
    let views = (prop::sample::select(forms.to_vec()), of)
        .prop_map(|([before, after], x)| format!("{before}{x}{after}"));
    if kind != Kind::Int {
        return views.boxed();
    }
    let places = (below.any(), select(&["0", "-1", "1"])).prop_map(|(x, axis)| format!("index({x}, {axis})"));
    prop_oneof![2 => views, 1 => places].boxed()
}

/// Reductions of what a mask leaves, of what is no NaN, and places.
fn masked(kind: Kind, below: &Level) -> Option<BoxedStrategy<String>> {
    let names = match kind {
        Kind::Float => select(&["sum", "mean", "std", "var"]),
        Kind::Int => select(&["sum", "prod"]),
        Kind::Bool => select(&["any", "all"]),
        Kind::Complex => return None,
    };
    let axes = || select(&["", ", axis=0", ", axis=-1, keepdims=True", ", axis=(0, -1)"]);
    let masked = (names, below.of(kind), below.of(Kind::Bool), axes(), any::<bool>());
    let masked = masked.prop_map(|(name, x, mask, axes, selected)| match selected {
        true => format!("{name}(({x})[{mask}])"),
        false => format!("{name}({x}{axes}, where={mask})"),
    });
    let others = match kind {
        Kind::Float => select(&["nansum", "nanmean", "nanmax", "nanmin", "nanstd", "ptp", "norm"]),
        Kind::Int => select(&["argmin", "argmax", "count_nonzero"]),
        Kind::Bool | Kind::Complex => return Some(masked.boxed()),
    };
    let others = (others, below.of(Kind::Float), select(&["", ", axis=0", ", axis=-1"]))
        .prop_map(|(name, x, axes)| format!("{name}({x}{axes})"));
    Some(prop_oneof![1 => masked, 1 => others].boxed())
}
