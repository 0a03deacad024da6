//! The words of table.txt.
//!
//! A line is `function: arguments = result; ...`, and goes on where the next is indented. Numbers are as in Rust, or
//! `inf`, `nan`, `max` (the greatest), `tiny` (the least subnormal; `3tiny` is three of them), each with a sign or not;
//! `a|b` is a for f64 and b for f32. An argument may also be a set, and stands for each of its members. A result may be an
//! argument (`x`, `y`, `|x|`), or a zero of any sign (`±0`); `~` allows the last two places to differ.

use numfuse_kernels::Compute;

const TABLE: &str = include_str!("table.txt");

/// What a case wants.
#[derive(Clone, Copy, Debug)]
pub enum Want {
    /// These bits.
    Is(f64),
    /// Within two places.
    Near(f64),
    /// A zero of either sign.
    Zero,
}

/// Arguments and what they give.
pub type Case = ([f64; 3], Want);

/// The cases of a function, for one type; empty if the table lacks it.
pub fn cases(function: &str, compute: Compute) -> Vec<Case> {
    let text: String =
        TABLE.lines().filter(|line| !line.starts_with('#')).flat_map(|line| [line, "\n"]).collect();
    let joined = text.replace("\n ", " ");
    let Some(entries) = joined.lines().find_map(|line| line.strip_prefix(function)?.strip_prefix(':')) else {
        return vec![];
    };
    entries.split(';').flat_map(|entry| entry_cases(function, entry, compute)).collect()
}

fn entry_cases(function: &str, entry: &str, compute: Compute) -> Vec<Case> {
    let (arguments, result) =
        entry.split_once('=').unwrap_or_else(|| panic!("table.txt, {function}: `{entry}` has no ="));
    let words: Vec<&str> = arguments.split_whitespace().collect();
    let sets: Vec<Vec<f64>> = words.iter().map(|word| set(word, compute)).collect();
    let seconds = sets.get(1).map_or(&[0.0][..], |set| set);
    let pairs = sets[0].iter().flat_map(|&x| seconds.iter().map(move |&y| [x, y, 0.0]));
    pairs.map(|point| (point, want(result.trim(), point, compute))).collect()
}

fn want(result: &str, [x, y, _]: [f64; 3], compute: Compute) -> Want {
    match result {
        "x" => Want::Is(x),
        "y" => Want::Is(y),
        "|x|" => Want::Is(x.abs()),
        "|y|" => Want::Is(y.abs()),
        "±0" => Want::Zero,
        _ => match result.strip_prefix('~') {
            Some(near) => Want::Near(number(near, compute)),
            None => Want::Is(number(result, compute)),
        },
    }
}

/// The numbers that stand for all in tests.
pub fn samples(compute: Compute) -> Vec<f64> {
    set("any", compute)
}

/// The members of a set, or a number alone.
fn set(word: &str, compute: Compute) -> Vec<f64> {
    let numbers = |words: &str| words.split(' ').map(|word| number(word, compute)).collect::<Vec<f64>>();
    let any = "0 -0 1 -1 inf -inf nan max -max tiny -tiny 0.5 -0.5 2 -2 3 -3";
    let of = |keep: fn(f64) -> bool| numbers(any).into_iter().filter(|&x| keep(x)).collect();
    match word {
        "any" => numbers(any),
        "number" => of(|x| !x.is_nan()),
        "finite" => of(f64::is_finite),
        "nonzero" => of(|x| x != 0.0 && !x.is_nan()),
        "pos" => of(|x| x > 0.0 && x.is_finite()),
        "neg" => of(|x| x < 0.0 && x.is_finite()),
        "zero" => numbers("0 -0"),
        "unit" => numbers("1 -1"),
        "infinite" => numbers("inf -inf"),
        "integer" => numbers("0 1 -1 5000 -5000 2147483647 -2147483648"),
        _ => vec![number(word, compute)],
    }
}

/// A number in the type.
pub fn number(word: &str, compute: Compute) -> f64 {
    let single = compute == Compute::F32;
    let word = word.split_once('|').map_or(word, |(wide, narrow)| if single { narrow } else { wide });
    let (sign, magnitude) = word.strip_prefix('-').map_or((1.0, word), |rest| (-1.0, rest));
    let tiny = if single { f32::from_bits(1) as f64 } else { f64::from_bits(1) };
    let parse = |digits: &str| -> f64 {
        let value: f64 = digits.parse().unwrap_or_else(|_| panic!("table.txt: `{word}` is no number"));
        if single { value as f32 as f64 } else { value }
    };
    sign * match magnitude {
        "max" if single => f32::MAX as f64,
        "max" => f64::MAX,
        "tiny" => tiny,
        _ => magnitude.strip_suffix("tiny").map_or_else(|| parse(magnitude), |times| parse(times) * tiny),
    }
}
