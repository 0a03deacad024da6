//! Reductions: their types, masks, variances and places, in terms of plain folds.

use smallvec::SmallVec;

use numfuse_kernels::Op;

use super::map::{Map, Term};
use super::shape::Dims;
use super::{AxisSet, CheckInfo, Dim, Inference, Operand, TypedId, small};
use crate::arena::Id;
use crate::dtype::{DType, Kind, Literal, Scalar};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Axes, NodeId, Reduce, Reduction};

/// The elements where a mask holds: how many they are only data tell, so only a reduction can take them in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Selection {
    /// The mask, of type bool.
    mask: TypedId,
    /// Its axes: the first ones of what it selects from, which it makes one of.
    rank: usize,
}

/// A reduction whose axes and operand are settled.
#[derive(Clone, Copy)]
struct Over {
    of: TypedId,
    axes: AxisSet,
    keep: bool,
}

impl Inference<'_> {
    /// An operand with all of its elements.
    pub(super) fn whole(&mut self, of: NodeId) -> Result<TypedId> {
        if self.selections.contains_key(&of) {
            let message =
                "how many elements a mask selects only data tell: a reduction can take them in, no more";
            let help = "reduce them (`mean(x[mask])`), or keep the shape with `where(mask, x, 0)`";
            return Err(Error::new(ErrorKind::Unsupported, message).with_help(help));
        }
        self.settle(self.operands[of.index()])
    }

    /// `x[mask]`.
    pub(super) fn select(&mut self, id: NodeId, [of, mask]: [NodeId; 2]) -> Result<Operand> {
        let mask_node = self.whole(mask)?;
        // an array of integers picks places
        if self.typed[mask_node].dtype.kind() == Kind::Int {
            return self.take([of, mask], Some(0));
        }
        let node = self.whole(of)?;
        if self.typed[mask_node].dtype != DType::Bool {
            let message = format!("{}, and a mask is boolean", self.describe(mask));
            let help = "places are taken by `take(x, places)`";
            return Err(Error::new(ErrorKind::Type, message).with_help(help));
        }
        let (own, shape) = (self.typed.shape(mask_node), self.typed.shape(node));
        if own.is_empty() || own.len() > shape.len() || own != &shape[..own.len()] {
            let message = format!(
                "{} and {}: a mask has the extents of the axes it selects from",
                self.describe(of),
                self.describe(mask)
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        self.selections.insert(id, Selection { mask: mask_node, rank: own.len() });
        Ok(Operand::strong(node))
    }

    /// A node that is made of another, element by element, has what that one selects.
    pub(super) fn pass_on_selection(&mut self, of: NodeId, to: NodeId) {
        if let Some(selection) = self.selections.get(&of).copied() {
            self.selections.insert(to, selection);
        }
    }

    /// What elementwise operands select, if any does: the same of all that have axes.
    pub(super) fn selection(&self, args: &[NodeId]) -> Result<Option<Selection>> {
        let mut common: Option<(Selection, &[Dim])> = None;
        for arg in args {
            let Some(selection) = self.selections.get(arg) else { continue };
            let shape = self.operands[arg.index()].node().map_or(&[][..], |node| self.typed.shape(node));
            match common {
                Some(other) if other != (*selection, shape) => {
                    return Err(Error::new(ErrorKind::Shape, "operands are selected by different masks"));
                }
                _ => common = Some((*selection, shape)),
            }
        }
        let Some((selection, _)) = common else { return Ok(None) };
        for arg in args.iter().filter(|arg| !self.selections.contains_key(arg)) {
            let axes = self.operands[arg.index()].node().map_or(0, |node| self.typed.shape(node).len());
            if axes > 0 {
                let message = format!("{}, beside elements that a mask selects", self.describe(*arg));
                let help = "select from it too: `x[mask]*y[mask]`";
                return Err(Error::new(ErrorKind::Shape, message).with_help(help));
            }
        }
        Ok(Some(selection))
    }

    pub(super) fn reduce(&mut self, how: &Reduce, args: &[NodeId]) -> Result<Operand> {
        let of = args[0];
        let mut node = self.settle(self.operands[of.index()])?;
        if let Some(dtype) = how.dtype {
            self.check_number(of, how.kind)?;
            node = self.typed.cast(dtype, node);
        }
        let (axes, mask) = match (self.selections.get(&of).copied(), args.get(1)) {
            (Some(_), Some(_)) => {
                let message = "elements that a mask selects take no `where` as well";
                return Err(Error::new(ErrorKind::Unsupported, message).with_help("join the masks with `&`"));
            }
            (Some(selection), None) => {
                let (axes, mask) = self.selected_axes(of, node, selection, how)?;
                (axes, Some(mask))
            }
            (None, Some(mask)) => {
                let axes = self.axes(of, node, &how.axes)?;
                (axes, Some(self.mask(of, node, *mask)?))
            }
            (None, None) => (self.axes(of, node, &how.axes)?, None),
        };
        let dtype = self.operand_type(of, how.kind, self.typed[node].dtype)?;
        let of = self.typed.cast(dtype, node);
        let over = Over { of, axes, keep: how.keep };
        let result = match (how.kind, mask) {
            (Reduction::ArgMin | Reduction::ArgMax, mask) => self.place_of(how, over, mask)?,
            (Reduction::Var | Reduction::Std, None) => self.variance(how, over),
            (Reduction::Var | Reduction::Std, Some(mask)) => self.masked_variance(how, over, mask),
            (kind, None) => self.typed.reduce(kind, of, axes, how.keep),
            (kind, Some(mask)) => self.masked(kind, over, mask, args[0]),
        };
        // integers are added as the widest ones, of which the type asked for takes the low bits
        let result = match (how.kind, how.dtype) {
            (Reduction::Sum | Reduction::Prod, Some(dtype)) => self.typed.cast(dtype, result),
            _ => result,
        };
        Ok(Operand::strong(result))
    }

    /// `cumsum`, `cumprod`: without an axis over all elements in C order.
    pub(super) fn scan(
        &mut self,
        kind: Reduction,
        of: NodeId,
        axis: Option<i32>,
        dtype: Option<DType>,
    ) -> Result<Operand> {
        let mut node = self.whole(of)?;
        self.check_number(of, kind)?;
        node = self.typed.cast(dtype.unwrap_or(self.typed[node].dtype), node);
        let wide = self.operand_type(of, kind, self.typed[node].dtype)?;
        if kind == Reduction::Prod && wide.kind() == Kind::Complex {
            let message = format!("{}: running products are of real numbers", self.describe(of));
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let node = self.typed.cast(wide, node);
        let running = match axis {
            Some(axis) => {
                let axis = self.axis_of(of, node, axis)?;
                self.typed.scan(kind, node, axis)
            }
            None => {
                let count = self.typed.extents(node).iter().product();
                let dim = self.typed.dim(count);
                let row = self.typed.reshape(node, Dims::from_slice(&[dim]));
                self.typed.scan(kind, row, 0)
            }
        };
        // as of `sum`: the low bits of the widest integers
        Ok(Operand::strong(self.typed.cast(dtype.unwrap_or(wide), running)))
    }

    fn check_number(&self, of: NodeId, kind: Reduction) -> Result<()> {
        match self.dtype(self.operands[of.index()]).kind() {
            Kind::Bytes => Err(self.refused(of, kind, "byte strings")),
            _ => Ok(()),
        }
    }

    fn refused(&self, of: NodeId, kind: Reduction, what: &str) -> Error {
        let message = format!("{}: there is no `{}` of {what}", self.describe(of), kind.name());
        Error::new(ErrorKind::Type, message)
    }

    /// The type in which a reduction computes.
    fn operand_type(&self, of: NodeId, kind: Reduction, dtype: DType) -> Result<DType> {
        Ok(match (kind, dtype.kind()) {
            (_, Kind::Bytes) => return Err(self.refused(of, kind, "byte strings")),
            (Reduction::Min | Reduction::Max | Reduction::ArgMin | Reduction::ArgMax, Kind::Complex) => {
                return Err(self.refused(of, kind, "complex numbers"));
            }
            (Reduction::Moments, Kind::Complex) => return Err(self.refused(of, kind, "complex numbers")),
            (Reduction::Sum | Reduction::Prod, Kind::Int) if dtype.is_unsigned() => DType::U64,
            (Reduction::Sum | Reduction::Prod, Kind::Bool | Kind::Int) => DType::I64,
            (
                Reduction::Mean | Reduction::Var | Reduction::Std | Reduction::Moments,
                Kind::Bool | Kind::Int,
            ) => DType::F64,
            (Reduction::Any | Reduction::All, _) => DType::Bool,
            (_, Kind::Float) => dtype.float(),
            (_, Kind::Complex | Kind::Bool | Kind::Int) => dtype,
        })
    }

    /// A mask in the shape of what it masks.
    fn mask(&mut self, of: NodeId, node: TypedId, mask: NodeId) -> Result<TypedId> {
        let mask_node = self.whole(mask)?;
        let dims = Dims::from_slice(self.typed.shape(node));
        let fits =
            super::shape::broadcast(&dims, self.typed.shape(mask_node)).is_some_and(|both| both == dims);
        if self.typed[mask_node].dtype != DType::Bool || !fits {
            let message = format!(
                "{} and {}: a mask is boolean and broadcasts to what it masks",
                self.describe(of),
                self.describe(mask)
            );
            return Err(Error::new(ErrorKind::Type, message));
        }
        Ok(self.typed.broadcast(mask_node, dims))
    }

    /// The axes and the mask of a reduction of selected elements: the mask's axes count as one, the first.
    fn selected_axes(
        &mut self,
        of: NodeId,
        node: TypedId,
        selection: Selection,
        how: &Reduce,
    ) -> Result<(AxisSet, TypedId)> {
        let (rank, of_mask) = (self.typed.shape(node).len(), selection.rank);
        let seen = rank - of_mask + 1;
        let mut axes = AxisSet::EMPTY;
        match &how.axes {
            Axes::All => axes = AxisSet::first(rank),
            Axes::Some(list) => {
                for axis in list {
                    let index = if *axis < 0 { i64::from(*axis) + seen as i64 } else { i64::from(*axis) };
                    match usize::try_from(index) {
                        Ok(0) => axes = axes.union(AxisSet::first(of_mask)),
                        Ok(index) if index < seen => axes = axes.with(index + of_mask - 1),
                        _ => {
                            let message = format!("{}: selected, it has no axis {axis}", self.describe(of));
                            return Err(Error::new(ErrorKind::Axis, message));
                        }
                    }
                }
            }
        }
        if !axes.contains(0) || (how.keep && of_mask > 1) {
            let message = "a reduction of selected elements takes in the axis along which they were selected";
            return Err(Error::new(ErrorKind::Unsupported, message).with_help("name axis 0, or no axis"));
        }
        let dims = Dims::from_slice(self.typed.shape(node));
        let along = (0..of_mask).filter(|k| dims[*k] != Dim::ONE);
        let map = Map::new(along.map(|k| Term { axis: k, buffer_axis: k, step: 1 }), []);
        Ok((axes, self.typed.view(selection.mask, map, dims)))
    }

    /// How many elements of the operand count, as a number of its real type.
    fn count(&mut self, over: Over, mask: Option<TypedId>, dtype: DType) -> TypedId {
        match mask {
            None => self.typed.count(over.of, over.axes, dtype),
            Some(mask) => {
                let ones = self.typed.cast(DType::I64, mask);
                let count = self.typed.reduce(Reduction::Sum, ones, over.axes, over.keep);
                self.typed.cast(dtype, count)
            }
        }
    }

    /// A fold of what a mask leaves: the others are what changes nothing.
    fn masked(&mut self, kind: Reduction, over: Over, mask: TypedId, of: NodeId) -> TypedId {
        let dtype = self.typed[over.of].dtype;
        let number = |value: f64| Literal::Float(value).to_scalar(dtype);
        let least = |least: bool| match dtype.range() {
            Some((low, high)) => Literal::Int(if least { low } else { high }).to_scalar(dtype),
            None if dtype == DType::Bool => Some(Scalar::Bool(!least)),
            None => number(if least { f64::NEG_INFINITY } else { f64::INFINITY }),
        };
        let neutral = match kind {
            // -0 + x is x for every x
            Reduction::Sum | Reduction::Mean if dtype.kind() == Kind::Float => number(-0.0),
            Reduction::Sum | Reduction::Mean if dtype.kind() == Kind::Complex => {
                Literal::Complex(num_complex::Complex::new(-0.0, -0.0)).to_scalar(dtype)
            }
            Reduction::Prod => Literal::Int(1).to_scalar(dtype),
            Reduction::Min => least(false),
            Reduction::Max => least(true),
            Reduction::All => Some(Scalar::Bool(true)),
            Reduction::Sum | Reduction::Mean | Reduction::Any => Literal::Int(0).to_scalar(dtype),
            Reduction::Var | Reduction::Std | Reduction::Moments => {
                unreachable!("a variance has its own way")
            }
            Reduction::ArgMin | Reduction::ArgMax => unreachable!("places have their own way"),
        };
        let neutral = self.typed.constant(neutral.unwrap_or_else(|| small(0, dtype)));
        let kept = self.typed.apply(Op::Where, dtype, [mask, over.of, neutral]);
        let fold = if kind == Reduction::Mean { Reduction::Sum } else { kind };
        let total = self.typed.reduce(fold, kept, over.axes, over.keep);
        match kind {
            Reduction::Sum if matches!(dtype.kind(), Kind::Float | Kind::Complex) => {
                // the sum of nothing is +0
                let zero = self.typed.constant(small(0, dtype));
                self.typed.apply(Op::Add, dtype, [total, zero, total])
            }
            Reduction::Mean => {
                let count = self.count(over, Some(mask), dtype.real());
                let count = self.typed.cast(dtype, count);
                self.typed.apply(Op::Div, dtype, [total, count, total])
            }
            Reduction::Min | Reduction::Max => self.unless_empty(kind, total, over, mask, of),
            _ => total,
        }
    }

    /// A least or greatest element, and an error where a mask left none.
    fn unless_empty(
        &mut self,
        kind: Reduction,
        value: TypedId,
        over: Over,
        mask: TypedId,
        of: NodeId,
    ) -> TypedId {
        let any = self.typed.reduce(Reduction::Any, mask, over.axes, over.keep);
        let none = self.typed.apply(Op::Not, DType::Bool, [any; 3]);
        let message = format!("the {} of no elements does not exist", kind.name());
        let info = CheckInfo { kind: ErrorKind::Domain, message, span: self.graph.span(of) };
        self.typed.check(value, none, info)
    }

    /// The mean of squared distances from the mean, in one pass: of complex numbers the sum of their parts' variances.
    fn variance(&mut self, how: &Reduce, over: Over) -> TypedId {
        let dtype = self.typed[over.of].dtype;
        let parts: SmallVec<[TypedId; 2]> = match dtype.kind() {
            Kind::Complex => {
                let part = |this: &mut Self, op| this.typed.apply(op, dtype.real(), [over.of; 3]);
                smallvec::smallvec![part(self, Op::Real), part(self, Op::Imag)]
            }
            _ => smallvec::smallvec![over.of],
        };
        let real = dtype.real();
        let squares = parts.into_iter().map(|part| {
            let part = self.distance_from_first(part, over.axes);
            let moments = self.typed.reduce(Reduction::Moments, part, over.axes, over.keep);
            self.typed.apply(Op::Imag, real, [moments; 3])
        });
        let squares: SmallVec<[TypedId; 2]> = squares.collect();
        let total = match squares[..] {
            [re, im] => self.typed.apply(Op::Add, real, [re, im, re]),
            _ => squares[0],
        };
        let count = self.count(over, None, real);
        self.spread(how, total, count)
    }

    /// Each element's distance from the first one along the reduced axes. It varies as much as the elements do, and its
    /// mean is near 0 where theirs may be far from it: Welford's recurrence loses as many digits as that mean is greater
    /// than the deviation (Chan, Golub and LeVeque 1983, on shifted data).
    fn distance_from_first(&mut self, of: TypedId, axes: AxisSet) -> TypedId {
        let dtype = self.typed[of].dtype;
        let one = self.typed.dim(1);
        let shape = Dims::from_slice(self.typed.shape(of));
        let dims: Dims =
            shape.iter().enumerate().map(|(k, dim)| if axes.contains(k) { one } else { *dim }).collect();
        let first = self.typed.view(of, Map::aligned(dims.len(), &dims), dims);
        self.typed.apply(Op::Sub, dtype, [of, first, of])
    }

    /// Of what a mask leaves: the mean first, then the distances from it.
    fn masked_variance(&mut self, how: &Reduce, over: Over, mask: TypedId) -> TypedId {
        let dtype = self.typed[over.of].dtype;
        let real = dtype.real();
        let zero = self.typed.constant(small(0, dtype));
        let kept = self.typed.apply(Op::Where, dtype, [mask, over.of, zero]);
        let total = self.typed.reduce(Reduction::Sum, kept, over.axes, true);
        let count = self.count(Over { keep: true, ..over }, Some(mask), real);
        let divisor = self.typed.cast(dtype, count);
        let mean = self.typed.apply(Op::Div, dtype, [total, divisor, total]);
        let distance = self.typed.apply(Op::Sub, dtype, [over.of, mean, over.of]);
        let square = match dtype.kind() {
            Kind::Complex => self.typed.apply(Op::Abs2, real, [distance; 3]),
            _ => self.typed.apply(Op::Mul, real, [distance; 3]),
        };
        let zero = self.typed.constant(small(0, real));
        let square = self.typed.apply(Op::Where, real, [mask, square, zero]);
        let squares = self.typed.reduce(Reduction::Sum, square, over.axes, over.keep);
        let count = self.count(over, Some(mask), real);
        self.spread(how, squares, count)
    }

    /// Variance or deviation of a sum of squared distances. A count not above `ddof` divides by zero, as in NumPy.
    fn spread(&mut self, how: &Reduce, squares: TypedId, count: TypedId) -> TypedId {
        let dtype = self.typed[squares].dtype;
        let divisor = match how.ddof {
            0 => count,
            ddof => {
                let ddof = Literal::Int(ddof.into()).to_scalar(dtype).unwrap_or_else(|| small(0, dtype));
                let ddof = self.typed.constant(ddof);
                let less = self.typed.apply(Op::Sub, dtype, [count, ddof, count]);
                let zero = self.typed.constant(small(0, dtype));
                self.typed.apply(Op::Maximum, dtype, [less, zero, less])
            }
        };
        let variance = self.typed.apply(Op::Div, dtype, [squares, divisor, squares]);
        match how.kind {
            Reduction::Std => self.typed.apply(Op::Sqrt, dtype, [variance; 3]),
            _ => variance,
        }
    }

    /// Where the least or greatest element stands first, in C order of the reduced axes: found by a second look at the
    /// data, for the least of the places that hold it.
    fn place_of(&mut self, how: &Reduce, over: Over, mask: Option<TypedId>) -> Result<TypedId> {
        let name = how.kind.name();
        if mask.is_some() {
            let message = format!("`{name}` takes no mask: the place would be one among the elements left");
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let extents = self.typed.extents(over.of);
        if over.axes.iter().any(|axis| extents[axis] == 0) {
            let message = format!("the {name} of no elements does not exist");
            return Err(Error::new(ErrorKind::Domain, message));
        }
        let dtype = self.typed[over.of].dtype;
        let kind = if how.kind == Reduction::ArgMin { Reduction::Min } else { Reduction::Max };
        let extreme = self.typed.reduce(kind, over.of, over.axes, true);
        let mut hit = self.typed.apply(Op::Eq, DType::Bool, [over.of, extreme, over.of]);
        if dtype.kind() == Kind::Float {
            let nan = self.typed.apply(Op::IsNan, DType::Bool, [over.of; 3]);
            hit = self.typed.apply(Op::Or, DType::Bool, [hit, nan, hit]);
        }
        // places along the reduced axes, as one affine map of 0, 1, 2 …
        let (mut step, mut terms) = (1i64, Vec::new());
        for axis in (0..extents.len()).rev().filter(|axis| over.axes.contains(*axis)) {
            terms.push(Term { axis, buffer_axis: 0, step });
            step = step.saturating_mul(extents[axis] as i64);
        }
        let index = self.typed.index(step as usize, DType::I64);
        let dims = Dims::from_slice(self.typed.shape(over.of));
        let place = self.typed.view(index, Map::new(terms, []), dims);
        let beyond = self.typed.constant(Scalar::I64(i64::MAX));
        let place = self.typed.apply(Op::Where, DType::I64, [hit, place, beyond]);
        Ok(self.typed.reduce(Reduction::Min, place, over.axes, over.keep))
    }

    pub(super) fn axes(&self, of: NodeId, node: TypedId, axes: &Axes) -> Result<AxisSet> {
        let rank = self.typed.shape(node).len();
        let list = match axes {
            Axes::All => return Ok(AxisSet::first(rank)),
            Axes::Some(list) => list,
        };
        let mut set = AxisSet::EMPTY;
        for axis in list {
            let index = if *axis < 0 { i64::from(*axis) + rank as i64 } else { i64::from(*axis) };
            // NumPy lets a scalar have an axis 0 and -1
            if rank == 0 && (-1..=0).contains(axis) {
                continue;
            }
            match usize::try_from(index) {
                Ok(index) if index < rank && !set.contains(index) => set = set.with(index),
                Ok(index) if index < rank => {
                    return Err(Error::new(ErrorKind::Axis, format!("axis {axis} is named twice")));
                }
                _ => {
                    let axes = if rank == 1 { "axis" } else { "axes" };
                    let message = format!("{}: it has {rank} {axes}, and no axis {axis}", self.describe(of));
                    return Err(Error::new(ErrorKind::Axis, message));
                }
            }
        }
        Ok(set)
    }
}
