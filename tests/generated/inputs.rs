//! Random inputs: awkward shapes, layouts and values.

use numfuse::{Complex, DType, Input, Kind, Literal, Scalar};
use proptest::prelude::*;

use super::{ARRAYS, NUMBERS};
use crate::stored::{Layout, Stored};

/// An input for every name.
#[derive(Clone, Debug)]
pub struct Pool {
    arrays: Vec<(&'static str, Stored)>,
    weak_float: f64,
    weak_int: i64,
    /// Whether some array's axes lie in memory in another order than C's.
    pub permuted: bool,
    /// Whether some array has no element.
    pub empty: bool,
}

impl Pool {
    /// The inputs by name.
    pub fn inputs(&self) -> Vec<(&str, Input<'_>)> {
        let mut inputs: Vec<(&str, Input<'_>)> =
            self.arrays.iter().map(|(name, stored)| (*name, stored.input())).collect();
        inputs.push((NUMBERS[0], Input::from(self.weak_float)));
        inputs.push((NUMBERS[1], Input::from(self.weak_int)));
        inputs
    }
}

/// Inputs that broadcast together, of at most `elements` elements each. `permuted` ones may be transposed, and be
/// constant along an axis.
pub fn pool(elements: usize, permuted: bool) -> BoxedStrategy<Pool> {
    let arrays = move |shape: Vec<usize>| {
        let each = prop::collection::vec(form(permuted), ARRAYS.len());
        (Just(shape), each, -3.0..3.0f64, -3..40i64)
    };
    shape(elements)
        .prop_flat_map(arrays)
        .prop_map(|(shape, forms, weak_float, weak_int)| {
            let stored =
                |((name, dtype), form): (&(&'static str, DType), &Form)| (*name, form.stored(*dtype, &shape));
            let arrays = ARRAYS.iter().zip(&forms).map(stored).collect();
            let (permuted, empty) = (forms.iter().any(Form::is_permuted), shape.contains(&0));
            Pool { arrays, weak_float, weak_int, permuted, empty }
        })
        .boxed()
}

/// Shapes around everything that the executor cuts at: lanes, tiles, blocks.
fn shape(elements: usize) -> BoxedStrategy<Vec<usize>> {
    let short = prop::sample::select(vec![1usize, 2, 3, 0, 5, 7, 33]);
    let long = prop::sample::select(vec![
        8usize, 31, 32, 33, 63, 65, 127, 128, 129, 255, 257, 511, 512, 513, 1023, 1024, 1025, 4095, 4096,
        4097,
    ]);
    let any = prop_oneof![short.clone(), long.clone()];
    let shapes = prop_oneof![
        1 => Just(vec![]),
        4 => any.clone().prop_map(|n| vec![n]),
        4 => (any.clone(), short.clone()).prop_map(|(a, b)| vec![a, b]),
        4 => (short.clone(), any.clone()).prop_map(|(a, b)| vec![a, b]),
        2 => (short.clone(), any, short.clone()).prop_map(|(a, b, c)| vec![a, b, c]),
        1 => (short.clone(), short.clone(), short.clone(), short).prop_map(|(a, b, c, d)| vec![a, b, c, d]),
    ];
    let fits = move |shape: &Vec<usize>| shape.iter().product::<usize>() <= elements;
    shapes.prop_filter("small enough", fits).boxed()
}

/// How one array differs from the plain one of the full shape.
#[derive(Clone, Debug)]
pub struct Form {
    /// Axes left out at the front.
    pub missing: usize,
    /// Axes of extent 1, as bits.
    pub single: u8,
    /// Axes that run backwards, as bits.
    pub reversed: u8,
    /// Elements between neighbours along each axis, less one.
    pub gaps: [usize; 4],
    /// Rotates the order of the axes in memory.
    pub rotated: usize,
    /// Axes with a step of 0, as bits.
    pub constant: u8,
    pub swapped: bool,
    pub skew: usize,
    /// How many of 16 values are special ones.
    pub special: u64,
    pub seed: u64,
}

fn form(permuted: bool) -> impl Strategy<Value = Form> {
    let missing = prop_oneof![5 => Just(0usize), 1 => 0..4usize];
    let bits = || prop_oneof![3 => Just(0u8), 1 => 0..16u8];
    let gaps = prop_oneof![3 => Just([0usize; 4]), 1 => [0..3usize, 0..2, 0..2, 0..3usize]];
    let rotated = if permuted { (0..3usize).boxed() } else { Just(0).boxed() };
    let constant = if permuted { bits().boxed() } else { Just(0).boxed() };
    let skew = prop_oneof![5 => Just(0usize), 1 => 0..8usize];
    let special = prop::sample::select(vec![0u64, 1, 8]);
    let place = (missing, bits(), bits(), gaps, rotated, constant);
    (place, prop::bool::weighted(0.1), skew, special, any::<u64>()).prop_map(
        |(place, swapped, skew, special, seed)| {
            let (missing, single, reversed, gaps, rotated, constant) = place;
            Form { missing, single, reversed, gaps, rotated, constant, swapped, skew, special, seed }
        },
    )
}

impl Form {
    fn is_permuted(&self) -> bool {
        self.rotated > 0 || self.constant > 0
    }

    fn stored(&self, dtype: DType, full: &[usize]) -> Stored {
        let value = |at| random(dtype, self.special, self.seed.wrapping_add(at));
        self.stored_of(dtype, full, random(dtype, self.special, self.seed), value)
    }

    /// An array of these values by their number, with `gap` where none is.
    pub fn stored_of(
        &self,
        dtype: DType,
        full: &[usize],
        gap: Scalar,
        value: impl Fn(u64) -> Scalar,
    ) -> Stored {
        let has = |bits: u8, axis: usize| bits >> axis & 1 == 1;
        let kept = &full[self.missing.min(full.len())..];
        let extent = |(axis, extent): (usize, &usize)| if has(self.single, axis) { 1 } else { *extent };
        let shape: Vec<usize> = kept.iter().enumerate().map(extent).collect();

        // from the innermost axis in memory outwards
        let mut layout = Layout { swapped: self.swapped, skew: self.skew, ..Layout::c_order(&shape) };
        layout.gap = Some(gap);
        let (mut step, mut last) = (1 + self.gaps[3], 0);
        for turn in 0..shape.len() {
            let axis = (shape.len() - 1 - turn + self.rotated) % shape.len();
            match has(self.constant, axis) {
                true => layout.steps[axis] = 0,
                false => {
                    let along = step * shape[axis].saturating_sub(1);
                    let reversed = has(self.reversed, axis);
                    layout.steps[axis] = if reversed { -(step as isize) } else { step as isize };
                    layout.offset += if reversed { along } else { 0 };
                    last += along;
                    step = step * shape[axis] + self.gaps[turn % 4];
                }
            }
        }
        layout.length = last + 1;
        let element = |k: usize| value(self.index(&shape, k));
        let elements: Vec<Scalar> = (0..shape.iter().product()).map(element).collect();
        Stored::new(dtype, &shape, &elements, &layout)
    }

    /// The number of the `k`-th element; the same along constant axes.
    fn index(&self, shape: &[usize], k: usize) -> u64 {
        let (mut rest, mut index, mut step) = (k, 0, 1);
        for (axis, extent) in shape.iter().enumerate().rev() {
            index += if self.constant >> axis & 1 == 1 { 0 } else { rest % extent * step };
            step *= extent;
            rest /= extent;
        }
        index as u64
    }
}

/// A value, special in `special` of 16 cases. The same for the same seed.
pub fn random(dtype: DType, special: u64, seed: u64) -> Scalar {
    let bits = scramble(seed);
    let small = (scramble(bits) % 2001) as i64 - 1000;
    let is_special = bits % 16 < special;
    let pick = scramble(bits ^ 1) as usize;
    let literal = match dtype.kind() {
        Kind::Bool => Literal::Bool(pick.is_multiple_of(2)),
        Kind::Int => {
            let width = 8 * dtype.size() as i128;
            // the extremes lie at either end of the bits; what an unsigned type has none of wraps
            let values =
                [0, -1, 1 << (width - 1), (1 << (width - 1)) - 1, width - 1, width, -width, bits as i128];
            let value = if is_special { values[pick % 8] } else { (small / 50).into() };
            return Scalar::from_bytes(dtype, value.to_ne_bytes()).expect("no byte string");
        }
        Kind::Float if is_special => {
            let any = match dtype {
                DType::F64 => f64::from_bits(bits),
                _ => f32::from_bits(bits as u32).into(),
            };
            Literal::Float(special_float(dtype, pick).unwrap_or(any))
        }
        Kind::Float => Literal::Float(small as f64 / 64.0 + (bits % 1024) as f64 / 1048576.0),
        Kind::Complex => {
            let part = |seed| match random(dtype_of_part(dtype), special, seed) {
                Scalar::F32(value) => f64::from(value),
                Scalar::F64(value) => value,
                other => panic!("{other} is no part"),
            };
            Literal::Complex(Complex::new(part(bits ^ 2), part(bits ^ 3)))
        }
        Kind::Bytes => panic!("no byte strings here"),
    };
    literal.to_scalar(dtype).unwrap_or_else(|| panic!("{literal} as {dtype}"))
}

fn dtype_of_part(dtype: DType) -> DType {
    if dtype == DType::C64 { DType::F32 } else { DType::F64 }
}

fn special_float(dtype: DType, pick: usize) -> Option<f64> {
    let (least, normal, greatest) = match dtype {
        DType::F64 => (f64::from_bits(1), f64::MIN_POSITIVE, f64::MAX),
        DType::F16 => (2f64.powi(-24), 2f64.powi(-14), 65504.0),
        _ => (f32::from_bits(1).into(), f32::MIN_POSITIVE.into(), f32::MAX.into()),
    };
    let values = [0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, least, greatest, normal];
    values.get(pick % 10).copied()
}

/// SplitMix64's output function.
pub fn scramble(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
