//! Contractions: every one is a broadcast product summed over the axes that the result does not have.

use smallvec::SmallVec;

use numfuse_kernels::Op;

use super::map::{Map, Term};
use super::shape::Dims;
use super::view::split;
use super::{AxisSet, Dim, Inference, Operand, TypedId};
use crate::arena::Id;
use crate::dtype::{DType, Kind};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Contraction, Einsum, NodeId, Reduction};

/// An axis of a contraction: operands that have it run along it together.
type Label = u32;

/// The axes of the operands and of the result, by labels.
struct Labels {
    operands: Vec<Vec<Label>>,
    result: Vec<Label>,
}

impl Inference<'_> {
    pub(super) fn contract(&mut self, how: &Contraction, args: &[NodeId]) -> Result<Operand> {
        let mut nodes = args.iter().map(|arg| self.whole(*arg)).collect::<Result<Vec<_>>>()?;
        let operands: Vec<Operand> = args.iter().map(|arg| self.operands[arg.index()]).collect();
        let dtype = self.common(&operands)?.dtype;
        if dtype.kind() == Kind::Bytes {
            let message = format!("{}, and a product is of numbers", self.describe(args[0]));
            return Err(Error::new(ErrorKind::Type, message));
        }
        for (node, operand) in nodes.iter_mut().zip(&operands) {
            *node = self.resolve(*operand, dtype)?;
        }
        let ranks: Vec<usize> = nodes.iter().map(|node| self.typed.shape(*node).len()).collect();
        let labels = match how {
            Contraction::MatMul => matmul(&ranks)?,
            Contraction::Dot if ranks.contains(&0) => elementwise(&ranks),
            Contraction::Dot => summed(ranks[0], ranks[1], &[ranks[0] - 1], &[ranks[1].saturating_sub(2)]),
            Contraction::Inner if ranks.contains(&0) => elementwise(&ranks),
            Contraction::Inner => summed(ranks[0], ranks[1], &[ranks[0] - 1], &[ranks[1] - 1]),
            Contraction::Outer => {
                // NumPy's takes its operands as rows of numbers
                for node in &mut nodes {
                    let count = self.typed.extents(*node).iter().product();
                    let dim = self.typed.dim(count);
                    *node = self.typed.reshape(*node, Dims::from_slice(&[dim]));
                }
                summed(1, 1, &[], &[])
            }
            Contraction::Tensordot(a, b) => {
                let a = a
                    .iter()
                    .map(|axis| self.axis_of(args[0], nodes[0], *axis))
                    .collect::<Result<Vec<_>>>()?;
                let b = b
                    .iter()
                    .map(|axis| self.axis_of(args[1], nodes[1], *axis))
                    .collect::<Result<Vec<_>>>()?;
                if a.len() != b.len() {
                    let message = "tensordot sums over as many axes of the one operand as of the other";
                    return Err(Error::new(ErrorKind::Axis, message));
                }
                summed(ranks[0], ranks[1], &a, &b)
            }
            Contraction::TensordotLast(count) => {
                let count = *count as usize;
                if count > ranks[0] || count > ranks[1] {
                    let message = format!("tensordot over {count} axes, and an operand has fewer");
                    return Err(Error::new(ErrorKind::Axis, message));
                }
                let last: Vec<usize> = (ranks[0] - count..ranks[0]).collect();
                summed(ranks[0], ranks[1], &last, &(0..count).collect::<Vec<_>>())
            }
            Contraction::Einsum(einsum) => self.einsum(einsum, args, &ranks)?,
        };
        let stretches = matches!(how, Contraction::Einsum(_));
        let node = self.sum_of_products(&labels, args, &nodes, dtype, stretches)?;
        Ok(Operand::strong(node))
    }

    fn einsum(&self, einsum: &Einsum, args: &[NodeId], ranks: &[usize]) -> Result<Labels> {
        if einsum.operands.len() != args.len() {
            let message = format!("{} operands in the notation, {} given", einsum.operands.len(), args.len());
            return Err(Error::new(ErrorKind::Arity, message));
        }
        // letters are labels of their own; what `...` stands for is aligned at its last axis
        let letter = |letter: char| letter as Label;
        let rest = |k: usize| 0x1_0000 + k as Label;
        let (mut operands, mut most) = (Vec::new(), 0);
        for ((axes, rank), arg) in einsum.operands.iter().zip(ranks).zip(args) {
            let named = axes.iter().flatten().count();
            let has_rest = named < axes.len();
            if named > *rank || (!has_rest && named != *rank) {
                let message = format!("{}: the notation has {named} axes for it", self.describe(*arg));
                return Err(Error::new(ErrorKind::Axis, message));
            }
            let left = rank - named;
            most = most.max(left);
            let labels = axes.iter().flat_map(|axis| match axis {
                Some(name) => vec![letter(*name)],
                None => (0..left).rev().map(rest).collect(),
            });
            operands.push(labels.collect());
        }
        let result = einsum.result.iter().flat_map(|axis| match axis {
            Some(name) => vec![letter(*name)],
            None => (0..most).rev().map(rest).collect(),
        });
        Ok(Labels { operands, result: result.collect() })
    }

    /// The sum, over the labels that the result lacks, of the products of the operands. An axis of extent 1 goes along
    /// with any; one that is summed over only if it `stretches`, as in NumPy's `einsum`.
    fn sum_of_products(
        &mut self,
        labels: &Labels,
        args: &[NodeId],
        nodes: &[TypedId],
        dtype: DType,
        stretches: bool,
    ) -> Result<TypedId> {
        let mut order = labels.result.clone();
        for label in labels.operands.iter().flatten() {
            if !order.contains(label) {
                order.push(*label);
            }
        }
        if order.len() > AxisSet::MAX_RANK {
            let message = format!("a contraction over {} axes, more than {}", order.len(), AxisSet::MAX_RANK);
            return Err(Error::new(ErrorKind::Limit, message));
        }
        let place = |label: &Label| order.iter().position(|other| other == label).unwrap_or(0);
        // the extent of each label
        let mut dims: Dims = order.iter().map(|_| Dim::ONE).collect();
        let mut whose: Vec<Option<NodeId>> = vec![None; order.len()];
        for ((own, node), arg) in labels.operands.iter().zip(nodes).zip(args) {
            for (label, dim) in own.iter().zip(self.typed.shape(*node)) {
                let k = place(label);
                let ones = *dim == Dim::ONE || whose[k].is_none() || dims[k] == Dim::ONE;
                let may_stretch = stretches || k < labels.result.len() || whose[k].is_none();
                if dims[k] != *dim && !(ones && may_stretch) {
                    let other = whose[k].unwrap_or(*arg);
                    let message = format!(
                        "{} and {}: the axes that are summed over together differ in length",
                        self.describe(other),
                        self.describe(*arg)
                    );
                    return Err(Error::new(ErrorKind::Shape, message));
                }
                if *dim != Dim::ONE || whose[k].is_none() {
                    (dims[k], whose[k]) = (*dim, Some(*arg));
                }
            }
        }
        if let Some(product) = self.matrix_product(labels, nodes, &order, &dims, dtype) {
            return Ok(product);
        }
        let mut product: Option<TypedId> = None;
        for (own, node) in labels.operands.iter().zip(nodes) {
            let shape = Dims::from_slice(self.typed.shape(*node));
            let moves = |k: &usize| shape[*k] != Dim::ONE;
            let terms =
                (0..own.len()).filter(moves).map(|k| Term { axis: place(&own[k]), buffer_axis: k, step: 1 });
            let map = Map::new(terms.collect::<SmallVec<[Term; 4]>>(), []);
            let varies = map.varies();
            let mut seen = dims.clone();
            for axis in (0..seen.len()).filter(|axis| !varies.contains(*axis)) {
                seen[axis] = Dim::ONE;
            }
            let factor = self.typed.view(*node, map, seen);
            product = Some(match product {
                None => factor,
                Some(before) => {
                    let op = if dtype == DType::Bool { Op::And } else { Op::Mul };
                    self.typed.apply(op, dtype, [before, factor, before])
                }
            });
        }
        let product = product.unwrap_or(nodes[0]);
        let summed = (labels.result.len()..order.len()).fold(AxisSet::EMPTY, AxisSet::with);
        if summed.is_empty() {
            return Ok(product);
        }
        // integers keep their type, as NumPy's products of matrices do
        let (kind, wide) = match dtype.kind() {
            Kind::Bool => (Reduction::Any, dtype),
            Kind::Int if dtype.is_unsigned() => (Reduction::Sum, DType::U64),
            Kind::Int => (Reduction::Sum, DType::I64),
            Kind::Float | Kind::Complex | Kind::Bytes => (Reduction::Sum, dtype),
        };
        let product = self.typed.cast(wide, product);
        let sum = self.typed.reduce(kind, product, summed, false);
        Ok(self.typed.cast(dtype, sum))
    }
}

/// A product of matrices of fewer multiplications, or of a shorter side, is a loop like any other contraction.
const WORTH_A_KERNEL: usize = 32 * 32 * 32;
const SHORTEST_SIDE: usize = 8;

impl Inference<'_> {
    /// A contraction of two operands that is a product of matrices, as one: axes that both keep, axes of either, and
    /// axes that are summed over. `order` are its labels, the result's first, `dims` their extents.
    fn matrix_product(
        &mut self,
        labels: &Labels,
        nodes: &[TypedId],
        order: &[Label],
        dims: &Dims,
        dtype: DType,
    ) -> Option<TypedId> {
        let ([left, right], [a, b]) = (&labels.operands[..], nodes) else { return None };
        if !matches!(dtype, DType::F32 | DType::F64) {
            return None;
        }
        let extent = |this: &Self, k: usize| this.typed.extent(dims[k]);
        let (mut batch, mut rows, mut columns, mut summed) = (vec![], vec![], vec![], vec![]);
        for (k, label) in order.iter().enumerate() {
            match (left.contains(label), right.contains(label), k < labels.result.len()) {
                (true, true, true) => batch.push(k),
                (true, false, true) => rows.push(k),
                (false, true, true) => columns.push(k),
                (true, true, false) => summed.push(k),
                _ => return None,
            }
        }
        let sides = [&rows, &columns, &summed]
            .map(|axes| axes.iter().try_fold(1usize, |n, k| n.checked_mul(extent(self, *k))));
        let [Some(m), Some(n), Some(k)] = sides else { return None };
        let work = m.checked_mul(n).and_then(|mn| mn.checked_mul(k)).unwrap_or(usize::MAX);
        if [&rows, &columns, &summed].iter().any(|axes| axes.is_empty())
            || m.min(n).min(k) < SHORTEST_SIDE
            || work < WORTH_A_KERNEL
        {
            return None;
        }
        let a = self.as_matrices(*a, left, order, dims, [&batch, &rows, &summed]);
        let b = self.as_matrices(*b, right, order, dims, [&batch, &summed, &columns]);
        let product = self.typed.matmul(a, b);
        // each axis again by itself, then in the result's order
        let own: Vec<usize> = batch.iter().chain(&rows).chain(&columns).copied().collect();
        let apart: Dims = own.iter().map(|k| dims[*k]).collect();
        let product = self.split_into(product, apart);
        let result: Dims = dims[..labels.result.len()].into();
        let terms = own.iter().enumerate().map(|(axis, k)| Term { axis: *k, buffer_axis: axis, step: 1 });
        let moves = terms.filter(|term| result[term.axis] != Dim::ONE);
        let map = Map::new(moves.collect::<SmallVec<[Term; 4]>>(), []);
        Some(self.typed.view(product, map, result))
    }

    /// An operand with its axes in groups: those of the batch by themselves, the rows as one, the columns as one.
    fn as_matrices(
        &mut self,
        node: TypedId,
        own: &[Label],
        order: &[Label],
        dims: &Dims,
        [batch, rows, columns]: [&[usize]; 3],
    ) -> TypedId {
        let node = self.somewhere(node);
        let axes: Vec<usize> = batch.iter().chain(rows).chain(columns).copied().collect();
        let shape = Dims::from_slice(self.typed.shape(node));
        let place = |label: &Label| axes.iter().position(|k| order[*k] == *label).unwrap_or(0);
        let moves = (0..own.len()).filter(|k| shape[*k] != Dim::ONE);
        let terms = moves.map(|k| Term { axis: place(&own[k]), buffer_axis: k, step: 1 });
        let map = Map::new(terms.collect::<SmallVec<[Term; 4]>>(), []);
        let varies = map.varies();
        let one = self.typed.dim(1);
        // an axis of extent 1 that meets a longer one stands for all of it, in the batch; elsewhere it is repeated
        let seen = |(axis, k): (usize, &usize)| match axis < batch.len() && !varies.contains(axis) {
            true => one,
            false => dims[*k],
        };
        let seen: Dims = axes.iter().enumerate().map(seen).collect();
        let view = self.typed.view(node, map, seen.clone());
        if rows.len() == 1 && columns.len() == 1 {
            return view;
        }
        let extent = |this: &mut Self, axes: &[usize]| {
            let count = axes.iter().map(|k| this.typed.extent(dims[*k])).product();
            this.typed.dim(count)
        };
        let mut matrix: Dims = seen[..batch.len()].into();
        matrix.extend([extent(self, rows), extent(self, columns)]);
        self.typed.reshape(view, matrix)
    }

    /// A node's last axes as the axes that they are made of.
    fn split_into(&mut self, node: TypedId, apart: Dims) -> TypedId {
        let (old, new): (SmallVec<[usize; 4]>, SmallVec<[usize; 4]>) =
            (self.typed.extents(node), apart.iter().map(|dim| self.typed.extent(*dim)).collect());
        match split(&old, &new) {
            Some(terms) => self.typed.view(node, Map::new(terms, []), apart),
            None => self.typed.reshape(node, apart),
        }
    }
}

/// Labels of `a @ b`.
fn matmul(ranks: &[usize]) -> Result<Labels> {
    let (a, b) = (ranks[0], ranks[1]);
    if a == 0 || b == 0 {
        let error = Error::new(ErrorKind::Shape, "a matrix product is of arrays with axes");
        return Err(error.with_help("a number times an array is written `*`"));
    }
    const ROW: Label = 0;
    const SUM: Label = 1;
    const COLUMN: Label = 2;
    let batch = |count: usize| (0..count).rev().map(|k| 3 + k as Label);
    let (mut left, mut right): (Vec<Label>, Vec<Label>) =
        (batch(a.saturating_sub(2)).collect(), batch(b.saturating_sub(2)).collect());
    let mut result: Vec<Label> = batch(a.max(b).saturating_sub(2)).collect();
    if a > 1 {
        left.push(ROW);
        result.push(ROW);
    }
    left.push(SUM);
    right.push(SUM);
    if b > 1 {
        right.push(COLUMN);
        result.push(COLUMN);
    }
    Ok(Labels { operands: vec![left, right], result })
}

/// Labels of a product that broadcasts, where an operand has no axes.
fn elementwise(ranks: &[usize]) -> Labels {
    let labels = |rank: usize| (0..rank as Label).collect::<Vec<_>>();
    Labels {
        operands: ranks.iter().map(|rank| labels(*rank)).collect(),
        result: labels(ranks[0].max(ranks[1])),
    }
}

/// Labels of a sum over some axes of a with as many of b; the result has the others, a's first.
fn summed(a: usize, b: usize, over_a: &[usize], over_b: &[usize]) -> Labels {
    let left: Vec<Label> = (0..a as Label).collect();
    let mut right: Vec<Label> = (0..b).map(|k| (a + k) as Label).collect();
    for (x, y) in over_a.iter().zip(over_b) {
        right[*y] = *x as Label;
    }
    let mut result: Vec<Label> = left.iter().copied().filter(|l| !over_a.contains(&(*l as usize))).collect();
    result.extend((0..b).filter(|k| !over_b.contains(k)).map(|k| right[k]));
    Labels { operands: vec![left, right], result }
}
