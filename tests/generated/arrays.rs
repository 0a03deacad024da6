//! Random expressions over arrays of known shapes: views of inputs and of expressions, sources, masks, places,
//! contractions, running sums, and reductions of them all.
//!
//! An expression is made from the shape of its result inwards: what a view looks at follows from what it has to show,
//! so that every shape fits. Choices are read from a list of numbers, which proptest shortens; where it ends, only
//! leaves are made.

use numfuse::{Complex, DType, Input, Literal, Scalar};
use proptest::prelude::*;

use crate::generated::inputs::{Form, random, scramble};
use crate::stored::Stored;

/// An expression and its inputs.
#[derive(Clone, Debug)]
pub struct OverArrays {
    pub text: String,
    arrays: Vec<(String, Stored)>,
    /// Whether some input has no element.
    pub empty: bool,
}

impl OverArrays {
    /// The inputs by name.
    pub fn inputs(&self) -> Vec<(&str, Input<'_>)> {
        self.arrays.iter().map(|(name, stored)| (name.as_str(), stored.input())).collect()
    }
}

/// What an expression may compute, so that no order in which it is computed shows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Arithmetic {
    /// Any function; of floats no sums.
    Any,
    /// Whole numbers so small that their sums are exact.
    Whole,
}

/// Expressions over arrays that may lie in memory in any order.
pub fn over_arrays(arithmetic: Arithmetic) -> BoxedStrategy<OverArrays> {
    let choices = prop::collection::vec(any::<u16>(), 0..120);
    (choices, any::<u64>())
        .prop_map(move |(choices, seed)| Maker::new(arithmetic, choices, seed).make())
        .boxed()
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Kind {
    Float,
    Int,
    Bool,
    Complex,
}

/// No array on the way has more elements, or more axes.
const MOST_ELEMENTS: usize = 2500;
const MOST_AXES: usize = 6;
const DEPTH: u32 = 6;

struct Maker {
    arithmetic: Arithmetic,
    choices: Vec<u16>,
    next: usize,
    seed: u64,
    /// Names, types and shapes of the inputs so far.
    inputs: Vec<(String, DType, Vec<usize>)>,
    /// What has been made, to be used again.
    made: Vec<(Kind, Vec<usize>, String)>,
    /// Sums of floats so far: each makes numbers larger.
    sums: u32,
}

impl Maker {
    fn new(arithmetic: Arithmetic, choices: Vec<u16>, seed: u64) -> Maker {
        Maker { arithmetic, choices, next: 0, seed, inputs: Vec::new(), made: Vec::new(), sums: 0 }
    }

    fn make(mut self) -> OverArrays {
        let kind = [Kind::Float, Kind::Float, Kind::Int, Kind::Bool, Kind::Complex][self.below(5)];
        let rank = self.below(5);
        let shape: Vec<usize> = (0..rank).map(|_| self.extent()).collect();
        let text = self.expression(kind, &shape, DEPTH);
        let arrays = self.inputs.iter().enumerate().map(|(k, (name, dtype, shape))| {
            let seed = scramble(self.seed.wrapping_add(k as u64));
            let arithmetic = self.arithmetic;
            let value = move |at: u64| match arithmetic {
                Arithmetic::Any => random(*dtype, seed % 3, seed.wrapping_add(at)),
                Arithmetic::Whole => whole(*dtype, seed.wrapping_add(at)),
            };
            (name.clone(), form(seed).stored_of(*dtype, shape, value(u64::MAX), value))
        });
        let empty = self.inputs.iter().any(|(_, _, shape)| shape.contains(&0));
        OverArrays { text, arrays: arrays.collect(), empty }
    }

    /// One of `n` choices; the first when there are none left.
    fn below(&mut self, n: usize) -> usize {
        let choice = self.choices.get(self.next).copied().unwrap_or(0);
        self.next += 1;
        choice as usize % n
    }

    fn one_of<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words[self.below(words.len())]
    }

    fn extent(&mut self) -> usize {
        [3, 2, 4, 1, 5, 7, 33, 3, 2, 1, 4, 0][self.below(12)]
    }

    fn few(&mut self) -> usize {
        [2, 3, 1, 4, 9][self.below(5)]
    }

    fn expression(&mut self, kind: Kind, shape: &[usize], depth: u32) -> String {
        if depth == 0 {
            return self.leaf(kind, shape);
        }
        // the outermost one is no leaf
        let choice = if depth == DEPTH { 2 + self.below(6) } else { self.below(8) };
        let text = match choice {
            0 => return self.leaf(kind, shape),
            1 => {
                let same =
                    |(other, dims, _): &&(Kind, Vec<usize>, String)| (*other, &dims[..]) == (kind, shape);
                let found: Vec<String> =
                    self.made.iter().filter(same).map(|(_, _, text)| text.clone()).collect();
                match found.len() {
                    0 => self.leaf(kind, shape),
                    n => found[self.below(n)].clone(),
                }
            }
            2 | 3 => self.operation(kind, shape, depth - 1),
            4..=6 => self.view(kind, shape, depth - 1),
            _ => self.reduction(kind, shape, depth - 1),
        };
        self.made.push((kind, shape.to_vec(), text.clone()));
        text
    }

    fn leaf(&mut self, kind: Kind, shape: &[usize]) -> String {
        let count: usize = shape.iter().product();
        if kind == Kind::Int && self.below(4) == 3 {
            return match shape.len() {
                1 => format!("arange({count})"),
                _ => format!("reshape(arange({count}), {})", tuple(shape)),
            };
        }
        if kind == Kind::Float && self.below(12) == 11 {
            return format!("full({}, 3.0)", tuple(shape));
        }
        let dtypes: &[DType] = match (kind, self.arithmetic) {
            (Kind::Float, Arithmetic::Any) => &[DType::F64, DType::F32, DType::F64],
            (Kind::Float, Arithmetic::Whole) => &[DType::F64],
            (Kind::Int, _) => &[DType::I64, DType::I32, DType::I16],
            (Kind::Bool, _) => &[DType::Bool],
            (Kind::Complex, Arithmetic::Any) => &[DType::C128, DType::C64],
            (Kind::Complex, Arithmetic::Whole) => &[DType::C128],
        };
        let dtype = dtypes[self.below(dtypes.len())];
        if self.below(3) < 2 {
            let found = self.inputs.iter().find(|(_, other, dims)| (*other, &dims[..]) == (dtype, shape));
            if let Some((name, ..)) = found {
                return name.clone();
            }
        }
        let name = format!("a{}", self.inputs.len());
        self.inputs.push((name.clone(), dtype, shape.to_vec()));
        name
    }

    /// A shape that broadcasts to this one.
    fn lesser(&mut self, shape: &[usize]) -> Vec<usize> {
        let skip = [0, 0, 0, 1, 2][self.below(5)].min(shape.len());
        let extent = |maker: &mut Maker, extent: usize| if maker.below(4) == 3 { 1 } else { extent };
        shape[skip..].iter().map(|n| extent(self, *n)).collect()
    }

    /// An operand of full shape and one that broadcasts with it, in either order.
    fn pair(&mut self, kinds: [Kind; 2], shape: &[usize], depth: u32) -> [String; 2] {
        let other = self.lesser(shape);
        let (first, second) = if self.below(2) == 0 { (shape, &other[..]) } else { (&other[..], shape) };
        [self.expression(kinds[0], first, depth), self.expression(kinds[1], second, depth)]
    }

    fn operation(&mut self, kind: Kind, shape: &[usize], depth: u32) -> String {
        let any = self.arithmetic == Arithmetic::Any;
        if self.below(6) == 5 {
            let condition = self.lesser(shape);
            let condition = self.expression(Kind::Bool, &condition, depth);
            let [a, b] = self.pair([kind; 2], shape, depth);
            return format!("where({condition}, {a}, {b})");
        }
        match kind {
            Kind::Float if self.below(3) == 2 => {
                let functions: &[&str] = if any {
                    &["abs", "exp", "sin", "sqrt", "floor", "-"]
                } else {
                    &["abs", "-", "floor", "2*"]
                };
                let function = self.one_of(functions);
                let x = self.expression(Kind::Float, shape, depth);
                format!("({function}({x}))")
            }
            Kind::Float => {
                let symbol = self.one_of(if any { &["+", "-", "*", "/"] } else { &["+", "-"] });
                let second = if self.below(5) == 4 { Kind::Int } else { Kind::Float };
                let [a, b] = self.pair([Kind::Float, second], shape, depth);
                match self.below(5) {
                    4 => format!("{}({a}, {b})", self.one_of(&["minimum", "maximum"])),
                    _ => format!("({a} {symbol} {b})"),
                }
            }
            Kind::Int => {
                let symbol = self.one_of(if any { &["+", "-", "*", "%", "|"] } else { &["+", "-"] });
                let [a, b] = self.pair([Kind::Int; 2], shape, depth);
                match self.below(5) {
                    4 if !shape.is_empty() => {
                        let axis = self.below(shape.len());
                        format!("({a} + 0*{b} + index({a} + {b}, {axis}))")
                    }
                    _ => format!("({a} {symbol} {b})"),
                }
            }
            Kind::Bool if self.below(2) == 0 => {
                let symbol = self.one_of(&["<", "<=", "==", "!=", ">"]);
                let of = if self.below(3) == 2 { Kind::Int } else { Kind::Float };
                let [a, b] = self.pair([of; 2], shape, depth);
                format!("({a} {symbol} {b})")
            }
            Kind::Bool => {
                let symbol = self.one_of(&["&", "|", "^"]);
                let [a, b] = self.pair([Kind::Bool; 2], shape, depth);
                format!("({a} {symbol} ~{b})")
            }
            Kind::Complex if self.below(3) == 2 => {
                let z = self.expression(Kind::Complex, shape, depth);
                format!("conj({z})")
            }
            Kind::Complex => {
                let symbol = self.one_of(if any { &["+", "-", "*"] } else { &["+", "-"] });
                let second = if self.below(4) == 3 { Kind::Float } else { Kind::Complex };
                let [a, b] = self.pair([Kind::Complex, second], shape, depth);
                format!("({a} {symbol} {b})")
            }
        }
    }

    /// A reduction whose result has this shape, or a sum of products.
    fn reduction(&mut self, kind: Kind, shape: &[usize], depth: u32) -> String {
        let may_sum = self.arithmetic == Arithmetic::Whole && self.sums < 3;
        let extremes = ["min", "max", "nanmin", "nanmax"];
        let (names, of): (&[&str], Kind) = match (kind, self.below(3)) {
            (Kind::Float | Kind::Complex, 2) if may_sum && self.sums == 0 && shape.len() >= 2 => {
                return self.product(kind, shape);
            }
            (Kind::Float, 0 | 1) if may_sum => (&["sum", "nansum"], Kind::Float),
            (Kind::Float, _) => (&extremes, Kind::Float),
            (Kind::Complex, _) if may_sum => (&["sum"], Kind::Complex),
            (Kind::Complex, _) => return self.leaf(kind, shape),
            (Kind::Int, 0) => (&["sum", "min", "max"], Kind::Int),
            (Kind::Int, 1) => (&["argmin", "argmax", "count_nonzero"], Kind::Float),
            (Kind::Int, _) => (&["sum"], Kind::Bool),
            (Kind::Bool, 0) => (&["any", "all"], Kind::Float),
            (Kind::Bool, _) => (&["any", "all"], Kind::Bool),
        };
        let name = self.one_of(names);
        if name.contains("sum") && matches!(kind, Kind::Float | Kind::Complex) {
            self.sums += 1;
        }
        // where the axes are that it takes in
        let places_of_one = name.starts_with("arg");
        let (mut inner, mut axes) = (shape.to_vec(), Vec::new());
        let keep = shape.contains(&1) && self.below(3) == 2;
        if keep {
            axes.extend((0..shape.len()).filter(|axis| shape[*axis] == 1));
            axes.truncate(if places_of_one { 1 } else { 3 });
            axes.iter().for_each(|axis| inner[*axis] = 2 + axis % 2);
        } else {
            for _ in 0..if places_of_one { 1 } else { 1 + self.below(2) } {
                let axis = self.below(inner.len() + 1);
                axes.iter_mut().filter(|other| **other >= axis).for_each(|other| *other += 1);
                axes.push(axis);
                let extent = self.few();
                inner.insert(axis, extent);
            }
        }
        if !fits(&inner) {
            return self.leaf(kind, shape);
        }
        // an axis counts from the end as well
        let last = self.below(2) == 1;
        let number = |axis: usize| if last { axis as i64 - inner.len() as i64 } else { axis as i64 };
        let axes_text = match axes[..] {
            [axis] => number(axis).to_string(),
            _ => format!("({})", axes.iter().map(|a| number(*a).to_string()).collect::<Vec<_>>().join(", ")),
        };
        let x = self.expression(of, &inner, depth);
        let keep = if keep { ", keepdims=True" } else { "" };
        let masked = matches!(name, "sum" | "any" | "all");
        match self.below(4) {
            2 if masked => {
                let mask = self.lesser(&inner);
                let mask = self.expression(Kind::Bool, &mask, depth);
                format!("{name}({x}, axis={axes_text}{keep}, where={mask})")
            }
            3 if masked && axes == [0] && keep.is_empty() => {
                let mask = self.expression(Kind::Bool, &inner[..1], depth);
                format!("{name}({x}[{mask}], axis=0)")
            }
            _ => format!("{name}({x}, axis={axes_text}{keep})"),
        }
    }

    /// A product of matrices.
    fn product(&mut self, kind: Kind, shape: &[usize]) -> String {
        self.sums = 3;
        let (rows, columns) = (shape[shape.len() - 2], shape[shape.len() - 1]);
        let inner = self.few();
        let batch = &shape[..shape.len() - 2];
        let other = self.lesser(batch);
        let (a, b) = ([batch, &[rows, inner]].concat(), [&other[..], &[inner, columns]].concat());
        if !fits(&[shape, &[inner]].concat()) {
            return self.leaf(kind, shape);
        }
        let (a, b) = (self.view(kind, &a, 0), self.view(kind, &b, 0));
        match self.below(2) {
            0 => format!("({a} @ {b})"),
            _ => format!("einsum('...ij,...jk->...ik', {a}, {b})"),
        }
    }

    /// A running sum or product. Its order is that of the elements, however they lie: floats of any values may be added.
    fn running(&mut self, kind: Kind, shape: &[usize], depth: u32) -> String {
        let name = match (self.arithmetic, kind) {
            (_, Kind::Bool) => return self.leaf(kind, shape),
            (Arithmetic::Any, Kind::Float | Kind::Int) => self.one_of(&["cumsum", "cumprod"]),
            (Arithmetic::Any, Kind::Complex) | (Arithmetic::Whole, Kind::Int) => "cumsum",
            (Arithmetic::Whole, Kind::Float | Kind::Complex) if self.sums < 3 => {
                self.sums += 1;
                "cumsum"
            }
            (Arithmetic::Whole, Kind::Float | Kind::Complex) => return self.leaf(kind, shape),
        };
        let axis = self.below(2 * shape.len()) as i64 - shape.len() as i64;
        // of integers a sum of truth values too
        let of = if kind == Kind::Int && self.below(4) == 3 { Kind::Bool } else { kind };
        let x = self.expression(of, shape, depth);
        match shape {
            [_] if self.below(2) == 1 => format!("{name}({x})"),
            _ => format!("{name}({x}, axis={axis})"),
        }
    }

    /// A view that shows this shape.
    fn view(&mut self, kind: Kind, shape: &[usize], depth: u32) -> String {
        let choice = self.below(11);
        let (inner, show) = match choice {
            0 => self.slice(shape),
            1 => {
                let turned: Vec<usize> = shape.iter().rev().copied().collect();
                (turned, Box::new(|x: String| format!("{x}.T")) as Show)
            }
            2 => self.transpose(shape),
            3 => self.reshape(shape),
            4 => {
                let axis = self.below(shape.len() + 1);
                let axes = if axis == shape.len() { "None".to_owned() } else { axis.to_string() };
                (shape.to_vec(), Box::new(move |x| format!("flip({x}, {axes})")) as Show)
            }
            5 => self.windows(shape),
            6 => self.diagonal(shape),
            7 => {
                let (lesser, to) = (self.lesser(shape), tuple(shape));
                (lesser, Box::new(move |x| format!("broadcast_to({x}, {to})")) as Show)
            }
            8 => return self.take(kind, shape, depth),
            9 if !shape.is_empty() => return self.running(kind, shape, depth),
            _ => self.squeeze(shape),
        };
        match fits(&inner) {
            true => {
                let x = self.expression(kind, &inner, depth);
                show(x)
            }
            false => self.leaf(kind, shape),
        }
    }

    fn slice(&mut self, shape: &[usize]) -> (Vec<usize>, Show) {
        let (mut inner, mut items) = (Vec::new(), Vec::new());
        for extent in shape {
            if self.below(8) == 7 {
                let extent = self.few();
                let place = self.below(2 * extent) as i64 - extent as i64;
                inner.push(extent);
                items.push(place.to_string());
            }
            let (step, before, after) = ([1i64, -1, 2, -2, 1][self.below(5)], self.below(3), self.below(2));
            let within = extent.saturating_sub(1) * step.unsigned_abs() as usize;
            match extent {
                1 if self.below(3) == 2 => items.push("None".to_owned()),
                0 => {
                    inner.push(2);
                    items.push("1:1".to_owned());
                }
                _ => {
                    inner.push(before + within + 1 + after);
                    items.push(match (step > 0, before) {
                        (true, _) => format!("{before}:{}:{step}", before + within + 1),
                        (false, 0) => format!("{within}::{step}"),
                        (false, _) => format!("{}:{}:{step}", before + within, before - 1),
                    });
                }
            }
        }
        let text = if items.is_empty() { "...".to_owned() } else { items.join(", ") };
        (inner, Box::new(move |x| format!("{x}[{text}]")))
    }

    fn transpose(&mut self, shape: &[usize]) -> (Vec<usize>, Show) {
        let mut order: Vec<usize> = (0..shape.len()).collect();
        for k in (1..order.len()).rev() {
            let other = self.below(k + 1);
            order.swap(k, other);
        }
        let mut inner = vec![0; shape.len()];
        order.iter().zip(shape).for_each(|(axis, extent)| inner[*axis] = *extent);
        let order = tuple(&order);
        (inner, Box::new(move |x| format!("transpose({x}, {order})")))
    }

    /// Neighbouring axes as one, or one axis as two.
    fn reshape(&mut self, shape: &[usize]) -> (Vec<usize>, Show) {
        let to = tuple(shape);
        let mut inner = shape.to_vec();
        if inner.len() > 1 && self.below(3) > 0 {
            let at = self.below(inner.len() - 1);
            let product = inner[at] * inner[at + 1];
            inner.splice(at..at + 2, [product]);
        }
        if !inner.is_empty() && self.below(3) > 0 {
            let at = self.below(inner.len());
            let factors: Vec<usize> = (1..=inner[at]).filter(|d| inner[at].is_multiple_of(*d)).collect();
            if !factors.is_empty() {
                let factor = factors[self.below(factors.len())];
                inner.splice(at..=at, [factor, inner[at] / factor]);
            }
        }
        (inner, Box::new(move |x| format!("reshape({x}, {to})")))
    }

    /// The last axis lies within windows along another.
    fn windows(&mut self, shape: &[usize]) -> (Vec<usize>, Show) {
        let Some((width, kept)) = shape.split_last().filter(|(width, kept)| **width > 0 && !kept.is_empty())
        else {
            return self.slice(shape);
        };
        let axis = self.below(kept.len());
        if kept[axis] == 0 {
            return self.slice(shape);
        }
        let (mut inner, width) = (kept.to_vec(), *width);
        inner[axis] += width - 1;
        (inner, Box::new(move |x| format!("windows({x}, {width}, {axis})")))
    }

    fn diagonal(&mut self, shape: &[usize]) -> (Vec<usize>, Show) {
        let Some((count, kept)) = shape.split_last().filter(|(count, _)| **count > 0) else {
            return self.slice(shape);
        };
        let (offset, more) = (self.below(5) as i64 - 2, self.below(2));
        let (above, below) = (offset.max(0) as usize, (-offset).max(0) as usize);
        let (mut inner, count) = (kept.to_vec(), *count);
        let first = self.below(inner.len() + 1);
        inner.insert(first, count + below);
        let second = first + 1 + self.below(inner.len() - first);
        inner.insert(second, count + above + if below == 0 { 0 } else { more });
        (inner, Box::new(move |x| format!("diagonal({x}, {offset}, {first}, {second})")))
    }

    fn squeeze(&mut self, shape: &[usize]) -> (Vec<usize>, Show) {
        let mut inner = shape.to_vec();
        match shape.iter().position(|extent| *extent == 1) {
            Some(axis) if self.below(2) == 0 => {
                inner.remove(axis);
                (inner, Box::new(move |x| format!("expand_dims({x}, {axis})")))
            }
            _ => {
                let axis = self.below(shape.len() + 1);
                inner.insert(axis, 1);
                (inner, Box::new(move |x| format!("squeeze({x}, {axis})")))
            }
        }
    }

    /// Elements at places that are computed, all of them valid.
    fn take(&mut self, kind: Kind, shape: &[usize], depth: u32) -> String {
        let mut inner = shape.to_vec();
        let axis = self.below(shape.len() + 1);
        // so many axes of the result come of the places
        let of_places = self.below(3).min(shape.len() - axis);
        let extent = self.few();
        inner.splice(axis..axis + of_places, [extent]);
        if !fits(&inner) {
            return self.leaf(kind, shape);
        }
        let x = self.expression(kind, &inner, depth);
        let places = self.expression(Kind::Int, &shape[axis..axis + of_places], depth);
        let from_end = if self.below(3) == 2 { format!(" - {extent}") } else { String::new() };
        format!("take({x}, i64({places}) % {extent}{from_end}, axis={axis})")
    }
}

/// Writes a view of an expression.
type Show = Box<dyn Fn(String) -> String>;

fn fits(shape: &[usize]) -> bool {
    shape.len() <= MOST_AXES && shape.iter().product::<usize>() <= MOST_ELEMENTS
}

fn tuple(items: &[usize]) -> String {
    let items: Vec<String> = items.iter().map(usize::to_string).collect();
    format!("({}{})", items.join(", "), if items.len() == 1 { "," } else { "" })
}

/// A small whole number, or a value that no sum changes.
fn whole(dtype: DType, seed: u64) -> Scalar {
    let bits = scramble(seed);
    let part = |bits: u64| match bits % 64 {
        0 => f64::NAN,
        1 => f64::INFINITY,
        2..5 => -0.0,
        _ => (bits / 64 % 17) as f64 - 8.0,
    };
    let literal = match dtype {
        DType::Bool => Literal::Bool(bits.is_multiple_of(2)),
        DType::C64 | DType::C128 => Literal::Complex(Complex::new(part(bits), part(scramble(bits)))),
        DType::F32 | DType::F64 => Literal::Float(part(bits)),
        _ => Literal::Int(i128::from(bits % 17) - 8),
    };
    literal.to_scalar(dtype).unwrap_or_else(|| panic!("{literal} as {dtype}"))
}

/// A layout that keeps the full shape.
fn form(seed: u64) -> Form {
    let bits = scramble(seed ^ 4);
    let one_in = |n: u64, salt: u64| scramble(bits ^ salt).is_multiple_of(n);
    let gaps = [bits % 3, bits / 3 % 2, bits / 6 % 2, bits / 12 % 2].map(|gap| gap as usize);
    Form {
        missing: 0,
        single: 0,
        reversed: if one_in(3, 1) { (bits >> 8) as u8 } else { 0 },
        gaps: if one_in(3, 2) { gaps } else { [0; 4] },
        rotated: if one_in(3, 3) { 1 + (bits >> 16) as usize % 3 } else { 0 },
        constant: 0,
        swapped: one_in(12, 5),
        skew: if one_in(8, 6) { (bits >> 24) as usize % 8 } else { 0 },
        special: 0,
        seed,
    }
}
