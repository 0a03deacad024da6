//! Reductions, in the one order that every executor keeps. Written from the rule, not from the kernels:
//!
//! > Element i of a row belongs to lane i mod 32 of its stretch of 512. The stretches of a block of 4096 are combined
//! > pairwise, by index, lane by lane; then the lanes 16-8-4-2-1; blocks pairwise, by index. Outer axes: runs of 128
//! > rows, then pairwise.
//!
//! Moments: a count, a mean and a sum of squares take in an element by Welford's recurrence, and another such triple by
//! Chan's formula, in the same order. An element of a row of one is taken in as it is.
//!
//! A *row* is what the reduced axes that stand innermost hold together; axes of extent 1 stand nowhere, and kept axes
//! that hold at most 16 elements together count as if they stood outermost, where there are reduced ones further out.
//! Rows of at most 128 elements are none, unless everything is reduced: their elements, those of all reduced axes,
//! are taken in runs of 8, and the runs pairwise. Memory order is taken to be C order.

use num_complex::Complex;
use numfuse_kernels::Op;

use super::elementwise::{apply, convert, convert_integer};
use super::{Array, complex};
use crate::dtype::{DType, Kind, Scalar};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::Reduction;
use crate::infer::AxisSet;

const LANES: usize = 32;
const STRETCH: usize = 512;
const BLOCK: usize = 4096;
const RUN: usize = 128;
/// Elements of a run of short rows, elements of the longest short row, and of the most narrow kept axes.
const SHORT_RUN: usize = 8;
const SHORT_ROW: usize = 128;
const NARROW: usize = 16;

/// The `count` elements that a reduction of `of` over `axes` leaves.
pub(super) fn reduce(kind: Reduction, of: &Array, axes: AxisSet, count: usize) -> Result<Vec<Scalar>> {
    let fold = Fold::new(kind, of.dtype);
    let (kept, reduced): (Vec<Axis>, Vec<Axis>) =
        axes_of(&of.shape).into_iter().partition(|a| !axes.contains(a.number));
    let taken_in: usize = reduced.iter().map(|axis| axis.extent).product();
    let (row, outer) = rows(&kept, &reduced);
    let length: usize = row.iter().map(|axis| axis.extent).product();
    let short = !row.is_empty() && length <= SHORT_ROW && kept.iter().any(|axis| axis.extent > 1);
    let (row, outer) = if short { (Vec::new(), reduced) } else { (row, outer) };

    let (row, outer) = (places(&row), places(&outer));
    let mut results = Vec::with_capacity(count);
    for start in places(&kept) {
        if taken_in == 0 {
            results.push(fold.of_nothing()?);
            continue;
        }
        let elements = |first: &usize| row.iter().map(|place| of.elements[start + first + place]).collect();
        let rows: Vec<Vec<Scalar>> = outer.iter().map(elements).collect();
        let total = fold.rows(&rows, if short { SHORT_RUN } else { RUN })?;
        results.push(fold.finish(total, taken_in)?);
    }
    Ok(results)
}

/// A running sum or product along an axis: one element after the other.
pub(super) fn scan(kind: Reduction, of: &Array, axis: usize) -> Result<Vec<Scalar>> {
    let fold = Fold::new(kind, of.dtype);
    let step: usize = of.shape[axis + 1..].iter().product();
    let mut elements = of.elements.clone();
    for k in 0..elements.len() {
        // the first along the axis stands for itself
        if !(k / step).is_multiple_of(of.shape[axis]) {
            elements[k] = fold.combine(elements[k - step], elements[k])?;
        }
    }
    Ok(elements)
}

/// The reduced axes that form rows, and those outside them.
fn rows(kept: &[Axis], reduced: &[Axis]) -> (Vec<Axis>, Vec<Axis>) {
    let (kept, reduced) = (longer_than_one(kept), longer_than_one(reduced));
    let inside = |axis: &Axis| reduced.iter().all(|reduced| reduced.number < axis.number);
    let innermost: usize = kept.iter().filter(|axis| inside(axis)).map(|axis| axis.extent).product();
    let last_kept =
        kept.iter().filter(|axis| !inside(axis) || innermost > NARROW).map(|axis| axis.number).max();
    reduced.into_iter().partition(|axis| last_kept.is_none_or(|kept| axis.number > kept))
}

fn longer_than_one(axes: &[Axis]) -> Vec<Axis> {
    axes.iter().filter(|axis| axis.extent > 1).copied().collect()
}

/// An axis of an array in C order.
#[derive(Clone, Copy)]
struct Axis {
    number: usize,
    extent: usize,
    stride: usize,
}

fn axes_of(shape: &[usize]) -> Vec<Axis> {
    let stride = |number: usize| shape[number + 1..].iter().product();
    shape
        .iter()
        .enumerate()
        .map(|(number, extent)| Axis { number, extent: *extent, stride: stride(number) })
        .collect()
}

/// Where the elements along some axes stand, the innermost axis running fastest; `[0]` for no axis.
fn places(axes: &[Axis]) -> Vec<usize> {
    axes.iter().fold(vec![0], |places, axis| {
        let along = |place: usize| (0..axis.extent).map(move |index| place + index * axis.stride);
        places.into_iter().flat_map(along).collect()
    })
}

/// What a reduction knows of the elements it has taken in.
#[derive(Clone, Copy)]
enum Total {
    /// They are combined.
    Value(Scalar),
    /// Their moments: count, mean and sum of squares.
    Moments([f64; 3]),
}

/// How a reduction combines two elements of its type.
struct Fold {
    kind: Reduction,
    op: Op,
    identity: Scalar,
}

impl Fold {
    fn new(kind: Reduction, dtype: DType) -> Self {
        let extreme = |float: f64| match dtype.range() {
            Some((least, greatest)) => convert_integer(if float > 0.0 { greatest } else { least }, dtype),
            None if dtype == DType::Bool => Scalar::Bool(float > 0.0),
            None => convert(Scalar::F64(float), dtype),
        };
        let minus_zero = match dtype {
            DType::C64 => Scalar::C64(Complex::new(-0.0, -0.0)),
            DType::C128 => Scalar::C128(Complex::new(-0.0, -0.0)),
            _ => convert(Scalar::F64(-0.0), dtype),
        };
        let (op, identity) = match kind {
            // -0 + x is x for every x, +0 + -0 is not
            Reduction::Sum | Reduction::Mean => (Op::Add, minus_zero),
            Reduction::Prod => (Op::Mul, convert(Scalar::I32(1), dtype)),
            Reduction::Min => (Op::Minimum, extreme(f64::INFINITY)),
            Reduction::Max => (Op::Maximum, extreme(f64::NEG_INFINITY)),
            Reduction::Any => (Op::Or, Scalar::Bool(false)),
            Reduction::All => (Op::And, Scalar::Bool(true)),
            // combined by formulas of their own; the type is what this says
            Reduction::Moments => (Op::Add, minus_zero),
            Reduction::Var | Reduction::Std | Reduction::ArgMin | Reduction::ArgMax => {
                unreachable!("inference makes plain folds of them")
            }
        };
        Self { kind, op, identity }
    }

    fn combine(&self, a: Scalar, b: Scalar) -> Result<Scalar> {
        // 1 + 0j changes nothing, not even an infinity, which the product of complex numbers would
        let is_complex = self.identity.dtype().kind() == Kind::Complex;
        match (is_complex && self.kind == Reduction::Prod, self.identity) {
            (true, one) if b.same(one) => return Ok(a),
            (true, one) if a.same(one) => return Ok(b),
            _ => {}
        }
        apply(self.op, self.identity.dtype(), &[a, b], false)
    }

    fn empty(&self) -> Total {
        match self.kind {
            Reduction::Moments => Total::Moments([0.0; 3]),
            _ => Total::Value(self.identity),
        }
    }

    fn absorb(&self, total: Total, element: Scalar) -> Result<Total> {
        match (total, element) {
            (Total::Value(total), element) => Ok(Total::Value(self.combine(total, element)?)),
            (Total::Moments(total), Scalar::F32(x)) => {
                // the sum, product or quotient of two floats, rounded to double and then to single, is rounded once
                Ok(Total::Moments(absorbed(total, x.into(), |x| x as f32 as f64)))
            }
            (Total::Moments(total), Scalar::F64(x)) => Ok(Total::Moments(absorbed(total, x, |x| x))),
            (Total::Moments(_), _) => unreachable!("moments are of floats"),
        }
    }

    fn merge(&self, a: Total, b: Total) -> Result<Total> {
        match (a, b) {
            (Total::Value(a), Total::Value(b)) => Ok(Total::Value(self.combine(a, b)?)),
            (Total::Moments(a), Total::Moments(b)) => Ok(Total::Moments(match self.identity.dtype() {
                DType::F32 => merged(a, b, |x| x as f32 as f64),
                _ => merged(a, b, |x| x),
            })),
            (Total::Value(_), Total::Moments(_)) | (Total::Moments(_), Total::Value(_)) => {
                unreachable!("a reduction has totals of one kind")
            }
        }
    }

    /// Blocks of a row, combined pairwise.
    fn row(&self, elements: &[Scalar]) -> Result<Total> {
        let blocks = elements.chunks(BLOCK).map(|block| self.block(block)).collect::<Result<Vec<_>>>()?;
        self.pairwise(blocks)
    }

    /// Stretches of a block, combined pairwise lane by lane, and then the lanes.
    fn block(&self, elements: &[Scalar]) -> Result<Total> {
        let stretches = elements.chunks(STRETCH).map(|stretch| self.lanes(stretch));
        let stretches = stretches.collect::<Result<Vec<_>>>()?;
        let lane = |lane| self.pairwise(stretches.iter().map(|lanes| lanes[lane]).collect());
        let mut lanes = (0..LANES).map(lane).collect::<Result<Vec<_>>>()?;
        for half in [16, 8, 4, 2, 1] {
            for lane in 0..half {
                lanes[lane] = self.merge(lanes[lane], lanes[lane + half])?;
            }
        }
        Ok(lanes[0])
    }

    fn lanes(&self, elements: &[Scalar]) -> Result<[Total; LANES]> {
        let mut lanes = [self.empty(); LANES];
        for (i, element) in elements.iter().enumerate() {
            lanes[i % LANES] = self.absorb(lanes[i % LANES], *element)?;
        }
        Ok(lanes)
    }

    /// Rows in runs, one after the other, and the runs pairwise.
    fn rows(&self, rows: &[Vec<Scalar>], length: usize) -> Result<Total> {
        let next = |total: Total, row: &Vec<Scalar>| match row[..] {
            // what 31 lanes of the identity would leave as it is: columns consist of such rows
            [element] => self.absorb(total, element),
            _ => self.merge(total, self.row(row)?),
        };
        let run = |run: &[Vec<Scalar>]| run.iter().try_fold(self.empty(), next);
        self.pairwise(rows.chunks(length).map(run).collect::<Result<Vec<_>>>()?)
    }

    /// Neighbours by index, level by level; the odd one out goes up as it is.
    fn pairwise(&self, mut values: Vec<Total>) -> Result<Total> {
        while values.len() > 1 {
            let pair = |pair: &[Total]| match *pair {
                [a, b] => self.merge(a, b),
                _ => Ok(pair[0]),
            };
            values = values.chunks(2).map(pair).collect::<Result<_>>()?;
        }
        Ok(values.first().copied().unwrap_or(self.empty()))
    }

    fn finish(&self, total: Total, taken_in: usize) -> Result<Scalar> {
        let total = match total {
            Total::Value(total) => total,
            Total::Moments([_, mean, squares]) => {
                // no sum of squares is negative, but where a deviation has overflowed
                return Ok(self.pair(mean, if squares < 0.0 { f64::NAN } else { squares }));
            }
        };
        match self.kind {
            Reduction::Mean => {
                let dtype = total.dtype();
                let count = convert(Scalar::I64(taken_in as i64), dtype.real());
                // each part of a complex number by itself
                let divide = |part| apply(Op::Div, dtype.real(), &[part, count], false);
                match total {
                    Scalar::C64(z) => {
                        Ok(complex::of_parts(divide(Scalar::F32(z.re))?, divide(Scalar::F32(z.im))?))
                    }
                    Scalar::C128(z) => {
                        Ok(complex::of_parts(divide(Scalar::F64(z.re))?, divide(Scalar::F64(z.im))?))
                    }
                    total => divide(total),
                }
            }
            Reduction::Sum
            | Reduction::Prod
            | Reduction::Min
            | Reduction::Max
            | Reduction::Any
            | Reduction::All
            | Reduction::Var
            | Reduction::Std
            | Reduction::ArgMin
            | Reduction::ArgMax
            | Reduction::Moments => Ok(total),
        }
    }

    fn of_nothing(&self) -> Result<Scalar> {
        match self.kind {
            Reduction::Min | Reduction::Max => {
                let name = self.kind.names()[0];
                Err(Error::new(ErrorKind::Domain, format!("the {name} of no elements")))
            }
            // +0.0, as NumPy has it
            Reduction::Sum => Ok(convert(Scalar::I32(0), self.identity.dtype())),
            Reduction::Mean => Ok(match self.identity.dtype() {
                DType::C64 => Scalar::C64(Complex::new(f32::NAN, f32::NAN)),
                DType::C128 => Scalar::C128(Complex::new(f64::NAN, f64::NAN)),
                dtype => convert(Scalar::F64(f64::NAN), dtype),
            }),
            Reduction::Moments => Ok(self.pair(f64::NAN, 0.0)),
            _ => Ok(self.identity),
        }
    }

    /// Moments as the parts of a complex number.
    fn pair(&self, mean: f64, squares: f64) -> Scalar {
        match self.identity.dtype() {
            DType::F32 => Scalar::C64(Complex::new(mean as f32, squares as f32)),
            _ => Scalar::C128(Complex::new(mean, squares)),
        }
    }
}

/// Welford's recurrence: moments that take in an element.
fn absorbed([count, mean, squares]: [f64; 3], x: f64, round: impl Fn(f64) -> f64) -> [f64; 3] {
    let count = round(count + 1.0);
    let delta = round(x - mean);
    let next = round(mean + round(delta * round(1.0 / count)));
    [count, next, round(squares + round(delta * round(x - next)))]
}

/// Chan's formula: the moments of two sets of elements as those of one.
fn merged(a: [f64; 3], b: [f64; 3], round: impl Fn(f64) -> f64) -> [f64; 3] {
    let count = round(a[0] + b[0]);
    if count == 0.0 {
        return a;
    }
    let (weight, delta) = (round(b[0] / count), round(b[1] - a[1]));
    // no element changes no mean, not even an infinite one
    let mean = if b[0] == 0.0 { a[1] } else { round(a[1] + round(delta * weight)) };
    let between = round(delta * round(delta * round(a[0] * weight)));
    [count, mean, round(round(a[2] + b[2]) + between)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(shape: &[usize], axes: AxisSet, values: impl Iterator<Item = f64>) -> Vec<f64> {
        let elements: Vec<Scalar> = values.map(Scalar::F64).collect();
        let array = Array { dtype: DType::F64, shape: shape.to_vec(), elements };
        let count = shape.iter().enumerate().filter(|(k, _)| !axes.contains(*k)).map(|(_, n)| n).product();
        let results = reduce(Reduction::Sum, &array, axes, count).unwrap();
        results.into_iter().map(|r| if let Scalar::F64(v) = r { v } else { panic!("{r}") }).collect()
    }

    #[test]
    fn lanes_are_summed_apart() {
        // 1e16 swallows a 1 that follows in its lane, not one that meets it last
        let mut row = vec![0.0; 64];
        (row[0], row[32], row[16], row[48]) = (1e16, 1.0, -1e16, 1.0);
        assert_eq!(sum(&[64], AxisSet::first(1), row.iter().copied()), [0.0]);
        (row[32], row[48], row[1]) = (0.0, 0.0, 1.0);
        assert_eq!(sum(&[64], AxisSet::first(1), row.iter().copied()), [1.0]);
        // what follows in the lane of another stretch is lost in it as well: lanes meet after stretches
        let mut row = vec![0.0; 2 * STRETCH];
        (row[0], row[16], row[STRETCH]) = (1e16, -1e16, 1.0);
        assert_eq!(sum(&[row.len()], AxisSet::first(1), row.into_iter()), [0.0]);
    }

    #[test]
    fn stretches_are_pairs() {
        let ones_at = |places: [usize; 2]| {
            let mut row = vec![0.0; 5 * STRETCH];
            (row[0], row[16]) = (1e16, -1e16);
            places.into_iter().for_each(|place| row[place] = 1.0);
            sum(&[row.len()], AxisSet::first(1), row.into_iter())[0]
        };
        assert_eq!(ones_at([STRETCH - 64, STRETCH - 32]), 0.0, "one after the other within a stretch");
        assert_eq!(ones_at([STRETCH, 2 * STRETCH - 32]), 2.0, "of one stretch, which joins the first");
        assert_eq!(ones_at([STRETCH, 2 * STRETCH]), 0.0, "the second joins the first alone");
        assert_eq!(ones_at([2 * STRETCH, 3 * STRETCH]), 2.0, "the third and the fourth are a pair");
        assert_eq!(ones_at([3 * STRETCH, 4 * STRETCH]), 0.0, "the fifth is the odd one out");
    }

    #[test]
    fn blocks_and_runs_are_pairs() {
        // three blocks: (first + second) + third
        let mut row = vec![-0.0; 2 * BLOCK + 1];
        (row[0], row[BLOCK], row[2 * BLOCK]) = (1e16, 1.0, -1e16);
        assert_eq!(sum(&[row.len()], AxisSet::first(1), row.into_iter()), [0.0]);
        // rows 0..128 make one run: what joins a run is lost in it, what starts the next is not
        let mut rows = vec![0.0; 129 * 17];
        (rows[0], rows[1], rows[127 * 17], rows[128 * 17], rows[128 * 17 + 1]) = (1e16, 1.0, 1.0, -1e16, 2.0);
        let sums = sum(&[129, 17], AxisSet::first(1), rows.into_iter());
        assert_eq!(sums[..3], [0.0, 3.0, 0.0]);
    }

    #[test]
    fn short_rows_are_taken_in_runs_of_eight() {
        // of 2 by 128 elements in two rows: elements 0..8 make one run
        let mut rows = vec![0.0; 2 * 128];
        (rows[0], rows[7], rows[8]) = (1e16, 1.0, -1e16);
        (rows[128], rows[128 + 8], rows[128 + 15]) = (1e16, 1.0, 1.0);
        assert_eq!(sum(&[2, 128], AxisSet::EMPTY.with(1), rows.iter().copied()), [0.0, 1e16 + 2.0]);
        // one element more, and it is 32 lanes
        let longer: Vec<f64> = rows.chunks(128).flat_map(|row| [row, &[0.0]].concat()).collect();
        assert_eq!(sum(&[2, 129], AxisSet::EMPTY.with(1), longer.into_iter()), [1.0, 1e16]);
    }

    #[test]
    fn narrow_kept_axes_are_as_if_outside() {
        for width in [1, 3, 16] {
            let mut rows = vec![0.0; 200 * width];
            (rows[0], rows[width], rows[32 * width], rows[16 * width]) = (1e16, 1.0, 1.0, -1e16);
            let sums = sum(&[200, width], AxisSet::first(1), rows.into_iter());
            assert_eq!(
                sums[0], 1.0,
                "{width} columns: lane 0 has 1e16 + 1, lane 16 -1e16, lane 1 the other 1"
            );
        }
    }

    #[test]
    fn signs_of_zero() {
        assert!(sum(&[3], AxisSet::first(1), [-0.0; 3].into_iter())[0].is_sign_negative());
        assert!(sum(&[0], AxisSet::first(1), std::iter::empty())[0].is_sign_positive());
    }
}
