//! Arrays with a border: along an axis a border is a few views of the array, one after the other.

use smallvec::SmallVec;

use super::map::{Map, Term};
use super::shape::Dims;
use super::{Inference, Operand, TypedBuilder, TypedId};
use crate::dtype::{DType, Kind, Literal, Scalar};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Axes, Border, NodeId};

/// So many stretches an axis may have: shifts and windows have a handful, but padding repeats an array as often as it
/// is asked to.
const MOST_STRETCHES: usize = 1024;

/// Neighbouring elements of an extended axis.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stretch {
    /// So many that lie one `step` apart, from this place on.
    Along { from: i64, step: i64, len: usize },
    /// So many of the border's value.
    Value { len: usize },
}

impl Inference<'_> {
    /// An array with more elements, or fewer, before and after it along some axes.
    pub(super) fn extend(
        &mut self,
        of: NodeId,
        around: &[[i64; 2]],
        axes: &Axes,
        border: Border,
    ) -> Result<Operand> {
        let node = self.whole(of)?;
        let (rank, axes) = (self.typed.shape(node).len(), self.bordered_axes(of, node, axes)?);
        let each: SmallVec<[[i64; 2]; 4]> = match around {
            [one] => axes.iter().map(|_| *one).collect(),
            all if all.len() == axes.len() => all.into(),
            all => {
                let message = format!("{}: {} numbers for {} axes", self.describe(of), all.len(), axes.len());
                let help = "give one an axis, or one number for all of them";
                return Err(Error::new(ErrorKind::Shape, message).with_help(help));
            }
        };
        let mut all: SmallVec<[[i64; 2]; 4]> = SmallVec::from_elem([0, 0], rank);
        axes.iter().zip(each).for_each(|(axis, around)| all[*axis] = around);
        Ok(Operand::strong(self.extended(of, node, &all, border)?))
    }

    /// An array whose ends meet, turned by so many places.
    pub(super) fn roll(&mut self, of: NodeId, by: &[i64], axes: &Axes) -> Result<Operand> {
        let around: Vec<[i64; 2]> = by.iter().copied().map(Border::around).collect();
        if let Axes::Some(_) = axes {
            return self.extend(of, &around, axes, Border::Wrap);
        }
        let node = self.whole(of)?;
        self.bordered_axes(of, node, axes)?;
        let shape: Vec<i64> = self.typed.extents(node).iter().map(|extent| *extent as i64).collect();
        let mut line = self.reshape(of, node, &[-1])?;
        for around in around {
            line = self.extended(of, line, &[around], Border::Wrap)?;
        }
        Ok(Operand::strong(self.reshape(of, line, &shape)?))
    }

    /// A window of a shape around every element. The middle of an even extent is the later of two, as SciPy has it.
    pub(super) fn windows_around(
        &mut self,
        of: NodeId,
        shape: &[usize],
        axes: &Axes,
        border: Border,
    ) -> Result<Operand> {
        let node = self.whole(of)?;
        let extents = self.typed.extents(node);
        let mut around: SmallVec<[[i64; 2]; 4]> = SmallVec::from_elem([0, 0], extents.len());
        let list = self.bordered_axes(of, node, axes)?;
        // where their numbers differ, windows say so
        for (axis, window) in list.iter().zip(shape).filter(|(_, window)| **window > 0) {
            let before = i64::try_from(window / 2).unwrap_or(i64::MAX);
            around[*axis] = [before, i64::try_from(window - 1).unwrap_or(i64::MAX) - before];
        }
        // no window stands where there is no element, whatever lies around it
        let border = if extents.contains(&0) { Border::Constant(0.0) } else { border };
        let extended = self.extended(of, node, &around, border)?;
        let extents = self.typed.extents(extended);
        let windows = self.windows(of, extended, &extents, shape, axes)?;
        Ok(Operand::strong(self.looked_at(extended, windows)?))
    }

    fn bordered_axes(&self, of: NodeId, node: TypedId, axes: &Axes) -> Result<Vec<usize>> {
        if self.typed[node].dtype.kind() == Kind::Bytes {
            let message = format!("{}: byte strings have no border", self.describe(of));
            return Err(Error::new(ErrorKind::Type, message));
        }
        match axes {
            Axes::All => Ok((0..self.typed.shape(node).len()).collect()),
            Axes::Some(list) => self.axis_list(of, node, list),
        }
    }

    /// An array with so many elements more before and after it along each axis.
    fn extended(
        &mut self,
        of: NodeId,
        node: TypedId,
        around: &[[i64; 2]],
        border: Border,
    ) -> Result<TypedId> {
        let value = match border {
            Border::Constant(value) => Some(number(value, self.typed[node].dtype).ok_or_else(|| {
                let message = format!("{}, which cannot hold the border's {value}", self.describe(of));
                Error::new(ErrorKind::Type, message)
            })?),
            Border::Nearest | Border::Reflect | Border::Mirror | Border::Wrap => None,
        };
        let mut extended = node;
        for (axis, around) in around.iter().enumerate().filter(|(_, around)| **around != [0, 0]) {
            let extent = self.typed.extents(extended)[axis];
            let stretches = stretches(extent, *around, border).map_err(|why| {
                let message = format!("{}: axis {axis} {why}", self.describe(of));
                Error::new(ErrorKind::Shape, message)
            })?;
            extended = join(&mut self.typed, extended, axis, &stretches, value);
        }
        Ok(extended)
    }
}

/// A border's value in an array's type.
fn number(value: f64, dtype: DType) -> Option<Scalar> {
    let whole = value.fract() == 0.0 && value.abs() < 2f64.powi(65);
    match dtype.kind() {
        Kind::Bool => [0.0, 1.0].contains(&value).then_some(Scalar::Bool(value == 1.0)),
        Kind::Int if whole => {
            let value = Literal::Int(value as i128);
            value.fits(dtype).then(|| value.to_scalar(dtype))?
        }
        Kind::Int | Kind::Bytes => None,
        Kind::Float | Kind::Complex => Literal::Float(value).to_scalar(dtype),
    }
}

/// One stretch after the other along an axis.
fn join(
    typed: &mut TypedBuilder,
    of: TypedId,
    axis: usize,
    stretches: &[Stretch],
    value: Option<Scalar>,
) -> TypedId {
    let whole: Dims = typed.shape(of).into();
    let mut joined = None;
    for stretch in stretches {
        let mut dims = whole.clone();
        let part = match (*stretch, value) {
            (Stretch::Along { from, step, len }, _) => {
                dims[axis] = typed.dim(len);
                let step = |k: usize| if k == axis { step } else { 1 };
                let terms = (0..dims.len()).map(|k| Term { axis: k, buffer_axis: k, step: step(k) });
                let offsets = (0..dims.len()).map(|k| if k == axis { from } else { 0 });
                typed.view(of, Map::new(terms, offsets), dims)
            }
            (Stretch::Value { len }, Some(value)) => {
                dims[axis] = typed.dim(len);
                let value = typed.constant(value);
                typed.broadcast(value, dims)
            }
            (Stretch::Value { .. }, None) => continue,
        };
        joined = Some(joined.map_or(part, |joined| typed.concat(joined, part, axis)));
    }
    joined.unwrap_or_else(|| {
        let mut dims = whole;
        dims[axis] = typed.dim(0);
        let map = Map::aligned(dims.len(), typed.shape(of));
        typed.view(of, map, dims)
    })
}

/// What an axis with elements before and after it is made of. The words of an error follow the axis.
fn stretches(
    extent: usize,
    [before, after]: [i64; 2],
    border: Border,
) -> std::result::Result<Vec<Stretch>, String> {
    let n = extent as i128;
    let (mut at, end) = (-i128::from(before), n + i128::from(after));
    let mut all = Vec::new();
    if extent == 0 && at < end && !matches!(border, Border::Constant(_)) {
        return Err("has no element that a border could repeat".to_owned());
    }
    while at < end {
        if all.len() == MOST_STRETCHES {
            return Err(format!("is repeated more than {MOST_STRETCHES} times by its border"));
        }
        // beyond the last element, or before the first, all is alike
        let side = if at < 0 { end.min(0) } else { end };
        let period = |period: i128| (at.div_euclid(period), (at.div_euclid(period) + 1) * period);
        let (from, step, until) = match border {
            _ if (0..n).contains(&at) => (at, 1, n),
            Border::Constant(_) => (0, 0, side),
            Border::Nearest => (if at < 0 { 0 } else { n - 1 }, 0, side),
            Border::Mirror if n == 1 => (0, 0, side),
            Border::Wrap => (at.rem_euclid(n), 1, period(n).1),
            Border::Reflect => match period(n) {
                (k, until) if k % 2 == 0 => (at.rem_euclid(n), 1, until),
                (_, until) => (until - 1 - at, -1, until),
            },
            Border::Mirror => match period(n - 1) {
                (k, until) if k % 2 == 0 => (at.rem_euclid(n - 1), 1, until),
                (_, until) => (until - at, -1, until),
            },
        };
        let until = until.min(end);
        let len = usize::try_from(until - at).map_err(|_| "has too many elements".to_owned())?;
        all.push(match border {
            Border::Constant(_) if !(0..n).contains(&at) => Stretch::Value { len },
            _ => Stretch::Along { from: from as i64, step, len },
        });
        at = until;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places of an array of `extent` elements that an extended axis shows; -1 is the border's value.
    fn places(extent: usize, around: [i64; 2], border: Border) -> Vec<i64> {
        let stretches = stretches(extent, around, border).unwrap();
        let elements = stretches.into_iter().flat_map(|stretch| match stretch {
            Stretch::Along { from, step, len } => {
                (0..len as i64).map(|k| from + k * step).collect::<Vec<_>>()
            }
            Stretch::Value { len } => vec![-1; len],
        });
        elements.collect()
    }

    #[test]
    fn borders_are_scipys() {
        assert_eq!(places(3, [2, 2], Border::Constant(7.0)), [-1, -1, 0, 1, 2, -1, -1]);
        assert_eq!(places(3, [2, 2], Border::Nearest), [0, 0, 0, 1, 2, 2, 2]);
        assert_eq!(places(3, [4, 5], Border::Reflect), [2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1]);
        assert_eq!(places(3, [4, 5], Border::Mirror), [0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1]);
        assert_eq!(places(3, [4, 5], Border::Wrap), [2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1]);
        assert_eq!(places(1, [2, 2], Border::Mirror), [0; 5]);
        // a shift by more than the array
        assert_eq!(places(4, [9, -9], Border::Wrap), [3, 0, 1, 2]);
        assert_eq!(places(4, [-9, 9], Border::Constant(0.0)), [-1; 4]);
        assert_eq!(places(4, [i64::MIN + 1, i64::MAX], Border::Wrap), [3, 0, 1, 2]);
        assert!(stretches(0, [1, 0], Border::Wrap).is_err());
        assert!(stretches(2, [1 << 40, 0], Border::Wrap).is_err());
        assert!(stretches(0, [3, -3], Border::Wrap).unwrap().is_empty());
    }
}
