//! Sources: arrays whose elements follow from their places.

use numfuse_kernels::Op;
use smallvec::SmallVec;

use super::map::{Map, Term};
use super::shape::Dims;
use super::{AxisSet, Inference, Operand, TypedId};
use crate::arena::Id;
use crate::dtype::{DType, Kind, Literal, Scalar};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Node, NodeId, Source, fold};

/// More elements than this no index counts exactly as a double, and no machine visits.
const MOST: u64 = 1 << 53;

impl Inference<'_> {
    pub(super) fn source(&mut self, source: Source, args: &[NodeId]) -> Result<Operand> {
        match source {
            Source::Arange => self.arange(args),
            Source::Linspace => self.linspace(args),
            Source::Eye => self.eye(args),
            Source::Full => self.full(args),
            Source::Len => {
                let node = self.whole(args[0])?;
                match self.typed.extents(node).first() {
                    Some(extent) => Ok(Operand::strong(self.typed.constant(Scalar::I64(*extent as i64)))),
                    None => {
                        let message = format!("{}, and a number has no length", self.describe(args[0]));
                        Err(Error::new(ErrorKind::Shape, message))
                    }
                }
            }
            Source::Random(dtype) => self.random(dtype, args),
            Source::Normal => self.normal(args),
            Source::RandInt => self.randint(args),
            Source::Index(axis) => {
                let node = self.whole(args[0])?;
                let axis = self.axis_of(args[0], node, axis)?;
                let extents = self.typed.extents(node);
                let index = self.typed.index(extents[axis], DType::I64);
                let one = self.typed.dim(1);
                let own = self.typed.shape(index)[0];
                let dims: Dims = (0..extents.len()).map(|k| if k == axis { own } else { one }).collect();
                let along = Map::new([Term { axis, buffer_axis: 0, step: 1 }], []);
                Ok(Operand::strong(self.typed.view(index, along, dims)))
            }
        }
    }

    /// The value of a number that a shape depends on: a literal, an input that is a number, or operators on these.
    pub(super) fn known(&self, id: NodeId) -> Result<Literal> {
        self.known[id.index()].ok_or_else(|| {
            let message = match self.text_of(id) {
                Some(text) => format!("`{text}` is not known before the data are"),
                None => "a number that a shape depends on is not known before the data are".to_owned(),
            };
            let help = "shapes follow from literals and from inputs that are numbers";
            Error::new(ErrorKind::Type, message).with_help(help)
        })
    }

    /// The value of the next node, if it does not depend on arrays.
    pub(super) fn find_known(&self, node: &Node) -> Option<Literal> {
        match node {
            Node::Literal(value) => Some(*value),
            Node::Scalar(value) => Literal::of(*value),
            Node::Input(input) => self.signature.inputs()[input.index()].value.and_then(Literal::of),
            Node::Source(Source::Len, args) => {
                let extents = self.typed.extents(self.operands[args[0].index()].node()?);
                Some(Literal::Int(*extents.first()? as i128))
            }
            Node::Apply(op, _) => {
                let values = node.args().iter().map(|arg| self.known[arg.index()]);
                let values = values.collect::<Option<SmallVec<[Literal; 3]>>>()?;
                fold::fold(*op, &values).ok().flatten()
            }
            _ => None,
        }
    }

    /// A number of elements.
    fn extent(&self, id: NodeId) -> Result<usize> {
        match self.known(id)? {
            Literal::Int(n) if (0..=MOST.into()).contains(&n) => Ok(n as usize),
            other => {
                let message = format!("{other} is no number of elements");
                Err(Error::new(ErrorKind::Shape, message))
            }
        }
    }

    /// `arange(stop)`, `arange(start, stop, step)`: integers if all of them are.
    fn arange(&mut self, args: &[NodeId]) -> Result<Operand> {
        let values = args.iter().map(|arg| self.known(*arg)).collect::<Result<Vec<_>>>()?;
        let (start, stop, step) = match values[..] {
            [stop] => (Literal::Int(0), stop, Literal::Int(1)),
            [start, stop] => (start, stop, Literal::Int(1)),
            [start, stop, step] => (start, stop, step),
            _ => unreachable!("the fronts give it one to three numbers"),
        };
        let zero = || Error::new(ErrorKind::Shape, "a range has a step other than zero");
        match (start, stop, step) {
            (Literal::Int(start), Literal::Int(stop), Literal::Int(step)) => {
                if step == 0 {
                    return Err(zero());
                }
                let way = if step > 0 { stop - start } else { start - stop };
                let count = if way > 0 { (way - 1) / step.abs() + 1 } else { 0 };
                let fits = |v: i128| i64::try_from(v).ok();
                let end = start.saturating_add(count.saturating_mul(step));
                let (Some(first), Some(_), Some(step)) = (fits(start), fits(end), fits(step)) else {
                    return Err(Error::new(ErrorKind::Overflow, "a range beyond the integers of 64 bits"));
                };
                let index = self.counted(count, DType::I64)?;
                let step = self.typed.constant(Scalar::I64(step));
                let moved = self.typed.apply(Op::Mul, DType::I64, [index, step, index]);
                let first = self.typed.constant(Scalar::I64(first));
                Ok(Operand::strong(self.typed.apply(Op::Add, DType::I64, [moved, first, moved])))
            }
            _ => {
                if [start, stop, step].iter().any(|value| matches!(value, Literal::Complex(_))) {
                    return Err(Error::new(ErrorKind::Type, "a range of complex numbers does not exist"));
                }
                let (start, stop, step) = (start.as_f64(), stop.as_f64(), step.as_f64());
                if step == 0.0 {
                    return Err(zero());
                }
                let count = ((stop - start) / step).ceil();
                if !count.is_finite() || count > MOST as f64 {
                    return Err(Error::new(ErrorKind::Shape, "a range without an end, or longer than 2^53"));
                }
                let index = self.counted(count.max(0.0) as i128, DType::I64)?;
                let index = self.typed.cast(DType::F64, index);
                // NumPy's own step is the distance of its first two elements
                let step = self.typed.constant(Scalar::F64((start + step) - start));
                let moved = self.typed.apply(Op::Mul, DType::F64, [index, step, index]);
                let start = self.typed.constant(Scalar::F64(start));
                Ok(Operand::strong(self.typed.apply(Op::Add, DType::F64, [moved, start, moved])))
            }
        }
    }

    /// The numbers from 0 up to `count`.
    pub(super) fn counted(&mut self, count: i128, dtype: DType) -> Result<TypedId> {
        match u64::try_from(count).ok().filter(|count| *count <= MOST) {
            Some(count) => Ok(self.typed.index(count as usize, dtype)),
            None => Err(Error::new(ErrorKind::Limit, format!("a range of {count} elements"))),
        }
    }

    /// `linspace(start, stop, n)`: evenly spaced, both ends among them; the last is `stop` itself.
    fn linspace(&mut self, args: &[NodeId]) -> Result<Operand> {
        let count = self.extent(args[2])?;
        let mut ends = [self.number(args[0])?, self.number(args[1])?];
        let width = self.common(&[self.operands[args[0].index()], self.operands[args[1].index()]])?;
        let dtype = width.dtype.float().promote(DType::F64);
        for end in &mut ends {
            *end = self.typed.cast(dtype, *end);
        }
        let [start, stop] = ends;
        let index = self.typed.index(count, DType::I64);
        let place = self.typed.cast(dtype, index);
        let parts = self.typed.constant(Scalar::F64(count.saturating_sub(1).max(1) as f64));
        let parts = self.typed.cast(dtype, parts);
        let way = self.typed.apply(Op::Sub, dtype, [stop, start, stop]);
        let step = self.typed.apply(Op::Div, dtype, [way, parts, way]);
        let moved = self.typed.apply(Op::Mul, dtype, [place, step, place]);
        let value = self.typed.apply(Op::Add, dtype, [moved, start, moved]);
        if count < 2 {
            return Ok(Operand::strong(value));
        }
        let last = self.typed.constant(Scalar::I64(count as i64 - 1));
        let is_last = self.typed.apply(Op::Eq, DType::Bool, [index, last, index]);
        Ok(Operand::strong(self.typed.apply(Op::Where, dtype, [is_last, stop, value])))
    }

    /// An operand without axes.
    pub(super) fn number(&mut self, id: NodeId) -> Result<TypedId> {
        let node = self.whole(id)?;
        match (self.typed.shape(node).is_empty(), self.typed[node].dtype.kind()) {
            (true, Kind::Bool | Kind::Int | Kind::Float | Kind::Complex) => Ok(node),
            _ => {
                let message = format!("{}, where a number is needed", self.describe(id));
                Err(Error::new(ErrorKind::Type, message))
            }
        }
    }

    /// `eye(n, m, k)`: ones on the k-th diagonal.
    fn eye(&mut self, args: &[NodeId]) -> Result<Operand> {
        let rows = self.extent(args[0])?;
        let columns = self.extent(args[1])?;
        let Literal::Int(k) = self.known(args[2])? else {
            return Err(Error::new(ErrorKind::Type, "the diagonal of `eye` is an integer"));
        };
        let k = i64::try_from(k).unwrap_or(i64::MAX);
        let (row, column) = (self.typed.index(rows, DType::I64), self.typed.index(columns, DType::I64));
        let (own, one) = (self.typed.shape(row)[0], self.typed.dim(1));
        let down = Map::new([Term { axis: 0, buffer_axis: 0, step: 1 }], []);
        let row = self.typed.view(row, down, Dims::from_slice(&[own, one]));
        let k = self.typed.constant(Scalar::I64(k));
        let row = self.typed.apply(Op::Add, DType::I64, [row, k, row]);
        let on = self.typed.apply(Op::Eq, DType::Bool, [row, column, row]);
        Ok(Operand::strong(self.typed.cast(DType::F64, on)))
    }

    /// `full(value, shape…)`: a number as if it were an array.
    fn full(&mut self, args: &[NodeId]) -> Result<Operand> {
        let value = self.number(args[0])?;
        let dims = self.dims_of(&args[1..])?;
        Ok(Operand::strong(self.typed.broadcast(value, dims)))
    }

    /// The axes of a shape that numbers say.
    pub(super) fn dims_of(&mut self, args: &[NodeId]) -> Result<Dims> {
        let extents = args.iter().map(|arg| self.extent(*arg)).collect::<Result<Vec<_>>>()?;
        if extents.len() > AxisSet::MAX_RANK {
            let message = format!("an array of {} axes, more than {}", extents.len(), AxisSet::MAX_RANK);
            return Err(Error::new(ErrorKind::Limit, message));
        }
        Ok(extents.iter().map(|extent| self.typed.dim(*extent)).collect())
    }
}
