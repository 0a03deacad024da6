//! Making a typed graph: every node once, with its type and shape.

use std::collections::HashMap;
use std::ops::Index;
use std::sync::Arc;

use numfuse_kernels::Op;
use smallvec::SmallVec;

use super::form::{
    AxisSet, CheckId, CheckInfo, Plane, ShapeId, TextId, TypedGraph, TypedId, TypedNode, TypedOp, ViewId,
};
use super::map::Map;
use super::region::TypedRegion;
use super::shape::{Dims, broadcast};
use super::steps::TypedSteps;
use super::{Dim, Signature};
use crate::arena::{Arena, Id};
use crate::dtype::{DType, Scalar};
use crate::graph::{InputId, Reduction, RegionId, Supplied};

/// Makes a [`TypedGraph`]: hash-consed like the untyped one, shapes too.
pub struct TypedBuilder {
    graph: TypedGraph,
    seen: HashMap<TypedKey, TypedId>,
    /// By node: whether it, or what it reads, may end in an error that depends on data.
    may_fail: Vec<bool>,
    shape_ids: HashMap<Dims, ShapeId>,
    check_ids: HashMap<CheckInfo, CheckId>,
    text_ids: HashMap<Arc<[u8]>, TextId>,
    view_ids: HashMap<Map, ViewId>,
}

#[derive(PartialEq, Eq, Hash)]
struct TypedKey(std::mem::Discriminant<TypedOp>, [u64; 5], DType, ShapeId);

impl TypedKey {
    fn new(node: &TypedNode) -> Self {
        let id = |id: TypedId| id.index() as u64;
        let words = match node.op {
            TypedOp::Input(input) => [input.index() as u64, 0, 0, 0, 0],
            TypedOp::Const(value) => {
                let bits = u128::from_ne_bytes(value.to_bytes());
                [bits as u64, (bits >> 64) as u64, 0, 0, 0]
            }
            TypedOp::Text(text) => [text.index() as u64, 0, 0, 0, 0],
            TypedOp::Plane(of, plane) => [id(of), plane as u64, 0, 0, 0],
            TypedOp::Complex(re, im) => [id(re), id(im), 0, 0, 0],
            TypedOp::View(of, view) => [id(of), view.index() as u64, 0, 0, 0],
            TypedOp::Reshape(of) => [id(of), 0, 0, 0, 0],
            TypedOp::MatMul(a, b) => [id(a), id(b), 0, 0, 0],
            TypedOp::Index => [0; 5],
            TypedOp::Take { of, index, axis } => [id(of), id(index), axis as u64, 0, 0],
            TypedOp::Apply(op, args) => [op as u64, id(args[0]), id(args[1]), id(args[2]), 0],
            TypedOp::Call { function, args, check, .. } => {
                let [a, b, c] = args.map(id);
                [function.index() as u64, a, b, c, check.index() as u64]
            }
            TypedOp::Cast(of) => [id(of), 0, 0, 0, 0],
            TypedOp::Reduce { kind, of, axes, keep } => [kind as u64, id(of), axes.0.into(), keep.into(), 0],
            TypedOp::Scan { kind, of, axis } => [kind as u64, id(of), axis as u64, 0, 0],
            TypedOp::Concat(a, b, axis) => [id(a), id(b), axis as u64, 0, 0],
            TypedOp::Count(shape, axes) => [shape.index() as u64, axes.0.into(), 0, 0, 0],
            TypedOp::Check { value, bad, check } => [id(value), id(bad), check.index() as u64, 0, 0],
            TypedOp::Param(region, k) => [region.index() as u64, k.into(), 0, 0, 0],
            TypedOp::Repeat(region) => [region.index() as u64, 0, 0, 0, 0],
            TypedOp::Result(of, k) | TypedOp::Stepped(of, k) => [id(of), k.into(), 0, 0, 0],
            TypedOp::Steps(steps) => [steps.index() as u64, 0, 0, 0, 0],
        };
        Self(std::mem::discriminant(&node.op), words, node.dtype, node.shape)
    }
}

impl Index<TypedId> for TypedBuilder {
    type Output = TypedNode;
    fn index(&self, id: TypedId) -> &TypedNode {
        &self.graph.nodes[id]
    }
}

impl TypedBuilder {
    /// A builder for inputs of these types.
    pub fn new(signature: Signature) -> Self {
        let graph = TypedGraph {
            nodes: Arena::new(),
            shapes: Arena::new(),
            checks: Arena::new(),
            texts: Arena::new(),
            views: Arena::new(),
            regions: Arena::new(),
            steps: Arena::new(),
            functions: Arena::new(),
            results: Vec::new(),
            signature,
        };
        let mut builder = Self {
            graph,
            seen: HashMap::new(),
            may_fail: Vec::new(),
            shape_ids: HashMap::new(),
            check_ids: HashMap::new(),
            text_ids: HashMap::new(),
            view_ids: HashMap::new(),
        };
        builder.shape_id(Dims::new());
        builder
    }

    /// The axes of a node.
    pub fn shape(&self, id: TypedId) -> &[Dim] {
        self.graph.shape(id)
    }

    /// Type and shape in words: `f64[1000, 3]`.
    pub fn type_text(&self, id: TypedId) -> String {
        self.graph.type_text(id)
    }

    /// The name of an extent.
    pub fn dim(&mut self, extent: usize) -> Dim {
        self.graph.signature.dim(extent)
    }

    /// The extent that a name stands for.
    pub fn extent(&self, dim: Dim) -> usize {
        self.graph.signature.extent(dim)
    }

    /// The extents of a node.
    pub fn extents(&self, id: TypedId) -> SmallVec<[usize; 4]> {
        self.shape(id).iter().map(|dim| self.graph.signature.extent(*dim)).collect()
    }

    fn shape_id(&mut self, dims: Dims) -> ShapeId {
        match self.shape_ids.get(&dims) {
            Some(id) => *id,
            None => {
                let id = self.graph.shapes.push(dims.clone());
                self.shape_ids.insert(dims, id);
                id
            }
        }
    }

    fn add(&mut self, op: TypedOp, dtype: DType, shape: ShapeId) -> TypedId {
        let node = TypedNode { op, dtype, shape };
        let next = TypedId::new(self.graph.nodes.len());
        let id = *self.seen.entry(TypedKey::new(&node)).or_insert(next);
        if id == next {
            let fails = match op {
                TypedOp::Check { .. } => true,
                TypedOp::Steps(steps) => {
                    let body = &self.graph.steps[steps].body;
                    !body.checks().is_empty()
                }
                TypedOp::Call { function, .. } => self.graph.functions[function].kernels().is_none(),
                // of no elements
                TypedOp::Reduce { kind, .. } => matches!(kind, Reduction::Min | Reduction::Max),
                TypedOp::Input(_)
                | TypedOp::Const(_)
                | TypedOp::Text(_)
                | TypedOp::Plane(..)
                | TypedOp::Complex(..)
                | TypedOp::Apply(..)
                | TypedOp::Cast(_)
                | TypedOp::View(..)
                | TypedOp::Concat(..)
                | TypedOp::Reshape(_)
                | TypedOp::Index
                | TypedOp::Take { .. }
                | TypedOp::Scan { .. }
                | TypedOp::MatMul(..)
                | TypedOp::Count(..)
                | TypedOp::Param(..)
                | TypedOp::Repeat(_)
                | TypedOp::Result(..)
                | TypedOp::Stepped(..) => false,
            };
            self.graph.nodes.push(node);
            let reads = self.graph.reads(id);
            self.may_fail.push(fails || reads.iter().any(|arg| self.may_fail(*arg)));
        }
        id
    }

    /// Whether a node, or what it reads, may end in an error that depends on data.
    pub fn may_fail(&self, id: TypedId) -> bool {
        self.may_fail[id.index()]
    }

    /// An input.
    pub fn input(&mut self, input: InputId) -> TypedId {
        let ty = &self.graph.signature.inputs()[input.index()];
        let (dtype, dims) = (ty.dtype, ty.shape.clone());
        let shape = self.shape_id(dims);
        self.add(TypedOp::Input(input), dtype, shape)
    }

    /// A number.
    pub fn constant(&mut self, value: Scalar) -> TypedId {
        self.add(TypedOp::Const(value), value.dtype(), ShapeId::new(0))
    }

    /// A byte string.
    pub fn text(&mut self, bytes: &Arc<[u8]>) -> TypedId {
        let texts = &mut self.graph.texts;
        let text = *self.text_ids.entry(bytes.clone()).or_insert_with(|| texts.push(bytes.clone()));
        self.add(TypedOp::Text(text), DType::Bytes(bytes.len() as u32), ShapeId::new(0))
    }

    /// A part of a complex input, or of a product.
    pub fn plane(&mut self, input: TypedId, plane: Plane) -> TypedId {
        let TypedNode { dtype, shape, .. } = self[input];
        self.add(TypedOp::Plane(input, plane), dtype.real(), shape)
    }

    /// A complex number of two parts, whose shapes broadcast.
    pub fn complex(&mut self, re: TypedId, im: TypedId) -> TypedId {
        let shape = self.common_shape(&[re, im]);
        self.add(TypedOp::Complex(re, im), self[re].dtype.complex(), shape)
    }

    /// The shape to which nodes broadcast together.
    fn common_shape(&mut self, nodes: &[TypedId]) -> ShapeId {
        let mut shape = self[nodes[0]].shape;
        for node in &nodes[1..] {
            let other = self[*node].shape;
            if other != shape {
                let both = broadcast(&self.graph.shapes[shape], &self.graph.shapes[other]);
                shape = self.shape_id(both.expect("inference has checked that the shapes broadcast"));
            }
        }
        shape
    }

    /// An elementwise operation with this result type. The operands' shapes must broadcast.
    pub fn apply(&mut self, op: Op, dtype: DType, args: [TypedId; 3]) -> TypedId {
        let count = op.info().params.len();
        let shape = self.common_shape(&args[..count]);
        // arguments past the arity repeat the first, so that equal nodes are equal
        let mut padded = [args[0]; 3];
        padded[..count].copy_from_slice(&args[..count]);
        self.add(TypedOp::Apply(op, padded), dtype, shape)
    }

    /// A function that the user supplies, of floats of one type whose shapes broadcast.
    pub fn call(&mut self, function: &Supplied, args: [TypedId; 3], info: CheckInfo) -> TypedId {
        let arity = function.arity();
        let shape = self.common_shape(&args[..arity]);
        let functions = &mut self.graph.functions;
        let known = functions.iter().find(|(_, other)| *other == function).map(|(id, _)| id);
        let function = known.unwrap_or_else(|| functions.push(function.clone()));
        let check = self.check_of(info);
        let dtype = self[args[0]].dtype;
        self.add(TypedOp::Call { function, args, arity: arity as u8, check }, dtype, shape)
    }

    fn check_of(&mut self, info: CheckInfo) -> CheckId {
        let checks = &mut self.graph.checks;
        *self.check_ids.entry(info.clone()).or_insert_with(|| checks.push(info))
    }

    /// The elements of `of` through a map from indices of an array of axes `dims` to its own.
    pub fn view(&mut self, of: TypedId, map: Map, dims: Dims) -> TypedId {
        // axes of extent 1 are reached at index 0 whatever the step
        let one = |axis: usize| dims[axis] == Dim::ONE;
        let terms = map.terms().iter().filter(|t| !one(t.axis)).copied();
        let map = Map::new(terms, map.offsets().iter().copied());
        let (mut of, mut map) = (of, map);
        while let TypedOp::View(inner, view) = self[of].op {
            map = map.through(&self.graph.views[view], self.shape(inner).len());
            of = inner;
        }
        if self.shape(of) == &dims[..] && map == Map::aligned(dims.len(), &dims) {
            return of;
        }
        let dtype = self[of].dtype;
        let views = &mut self.graph.views;
        let view = *self.view_ids.entry(map.clone()).or_insert_with(|| views.push(map));
        let shape = self.shape_id(dims);
        self.add(TypedOp::View(of, view), dtype, shape)
    }

    /// A node as it broadcasts to more axes or greater extents.
    pub fn broadcast(&mut self, of: TypedId, dims: Dims) -> TypedId {
        let map = Map::aligned(dims.len(), self.shape(of));
        self.view(of, map, dims)
    }

    /// The same elements in C order in another shape of as many.
    pub fn reshape(&mut self, of: TypedId, dims: Dims) -> TypedId {
        if self.shape(of) == &dims[..] {
            return of;
        }
        let of = match self[of].op {
            TypedOp::Reshape(inner) => inner,
            _ => of,
        };
        let shape = self.shape_id(dims);
        self.add(TypedOp::Reshape(of), self[of].dtype, shape)
    }

    /// 0, 1, 2 … as an i64 or a u64, or an f64 where every one of them is exact.
    pub fn index(&mut self, extent: usize, dtype: DType) -> TypedId {
        let dim = self.dim(extent);
        let shape = self.shape_id(Dims::from_slice(&[dim]));
        self.add(TypedOp::Index, dtype, shape)
    }

    /// Elements of `of` at places along an axis, all of them in range.
    pub fn take(&mut self, of: TypedId, index: TypedId, axis: usize) -> TypedId {
        let (whole, places) = (self.shape(of), self.shape(index));
        let dims: Dims = whole[..axis].iter().chain(places).chain(&whole[axis + 1..]).copied().collect();
        let (shape, dtype) = (self.shape_id(dims), self[of].dtype);
        self.add(TypedOp::Take { of, index, axis }, dtype, shape)
    }

    /// A conversion; none where the type is right already.
    pub fn cast(&mut self, dtype: DType, of: TypedId) -> TypedId {
        if self[of].dtype == dtype {
            return of;
        }
        let shape = self[of].shape;
        self.add(TypedOp::Cast(of), dtype, shape)
    }

    /// A reduction; its dtype is its operand's, which inference has widened.
    pub fn reduce(&mut self, kind: Reduction, of: TypedId, axes: AxisSet, keep: bool) -> TypedId {
        let dims = self.graph.shape(of).iter().enumerate();
        let dims: Dims = match keep {
            true => dims.map(|(k, dim)| if axes.contains(k) { Dim::ONE } else { *dim }).collect(),
            false => dims.filter(|(k, _)| !axes.contains(*k)).map(|(_, dim)| *dim).collect(),
        };
        let shape = self.shape_id(dims);
        let dtype = match kind {
            Reduction::Moments => self[of].dtype.complex(),
            _ => self[of].dtype,
        };
        self.add(TypedOp::Reduce { kind, of, axes, keep }, dtype, shape)
    }

    /// The product of matrices whose extents agree.
    pub fn matmul(&mut self, a: TypedId, b: TypedId) -> TypedId {
        let (left, right) = (self.shape(a), self.shape(b));
        let rank = left.len() - 2;
        let mut dims = broadcast(&left[..rank], &right[..rank]).expect("inference has checked the extents");
        dims.extend([left[rank], right[rank + 1]]);
        let (shape, dtype) = (self.shape_id(dims), self[a].dtype);
        self.add(TypedOp::MatMul(a, b), dtype, shape)
    }

    /// Two arrays of one type, one after the other along an axis; their other extents are equal.
    pub fn concat(&mut self, a: TypedId, b: TypedId, axis: usize) -> TypedId {
        let mut dims: Dims = self.shape(a).into();
        let extent = self.extent(dims[axis]) + self.extent(self.shape(b)[axis]);
        dims[axis] = self.dim(extent);
        let (shape, dtype) = (self.shape_id(dims), self[a].dtype);
        self.add(TypedOp::Concat(a, b, axis), dtype, shape)
    }

    /// A running sum or product along an axis.
    pub fn scan(&mut self, kind: Reduction, of: TypedId, axis: usize) -> TypedId {
        let TypedNode { dtype, shape, .. } = self[of];
        self.add(TypedOp::Scan { kind, of, axis }, dtype, shape)
    }

    /// How many elements of `of` a reduction over `axes` takes in.
    pub fn count(&mut self, of: TypedId, axes: AxisSet, dtype: DType) -> TypedId {
        let shape = self[of].shape;
        self.add(TypedOp::Count(shape, axes), dtype, ShapeId::new(0))
    }

    /// A region for the body of a loop, which [`repeat`](Self::repeat) completes.
    pub fn open(&mut self, parent: Option<RegionId>) -> RegionId {
        let nothing = TypedId::new(0);
        let region = TypedRegion { parent, bound: nothing, init: vec![], go_on: nothing, next: vec![] };
        self.graph.regions.push(region)
    }

    /// The k-th variable of a loop's body.
    pub fn param(&mut self, region: RegionId, k: u32, dtype: DType, dims: Dims) -> TypedId {
        let shape = self.shape_id(dims);
        self.add(TypedOp::Param(region, k), dtype, shape)
    }

    /// The loop whose body is `body`, over a space of axes `dims`.
    pub fn repeat(&mut self, region: RegionId, body: TypedRegion, dims: Dims) -> TypedId {
        self.graph.regions[region] = body;
        let shape = self.shape_id(dims);
        self.add(TypedOp::Repeat(region), DType::Bool, shape)
    }

    /// The k-th variable of a loop when an element leaves it.
    pub fn result(&mut self, repeat: TypedId, k: u32) -> TypedId {
        let TypedOp::Repeat(region) = self[repeat].op else { unreachable!("{repeat} is a loop") };
        let dtype = self[self.graph.regions[region].next[k as usize]].dtype;
        let shape = self[repeat].shape;
        self.add(TypedOp::Result(repeat, k), dtype, shape)
    }

    /// Steps on whole arrays.
    pub fn steps(&mut self, steps: TypedSteps) -> TypedId {
        let steps = self.graph.steps.push(steps);
        self.add(TypedOp::Steps(steps), DType::Bool, ShapeId::new(0))
    }

    /// The k-th variable after all steps.
    pub fn stepped(&mut self, of: TypedId, k: u32) -> TypedId {
        let TypedOp::Steps(steps) = self[of].op else { unreachable!("{of} are steps") };
        let body = self.graph.steps[steps].body.clone();
        let result = body.results()[k as usize];
        let extents = body.shape(result).iter().map(|dim| body.signature().extent(*dim));
        let dims: Dims = extents.map(|extent| self.dim(extent)).collect();
        let shape = self.shape_id(dims);
        self.add(TypedOp::Stepped(of, k), body.nodes()[result].dtype, shape)
    }

    /// `value`, with an error where `bad` holds.
    pub fn check(&mut self, value: TypedId, bad: TypedId, info: CheckInfo) -> TypedId {
        let check = self.check_of(info);
        let TypedNode { dtype, shape, .. } = self[value];
        self.add(TypedOp::Check { value, bad, check }, dtype, shape)
    }

    /// Opens a region for each one of another graph, of the same names.
    pub fn open_all(&mut self, from: &TypedGraph) {
        for (_, region) in from.regions.iter() {
            self.open(region.parent);
        }
    }

    /// Copies a node of another graph, whose arguments have become `args`.
    pub fn copy(
        &mut self,
        from: &TypedGraph,
        node: &TypedNode,
        rename: impl Fn(TypedId) -> TypedId,
    ) -> TypedId {
        match node.op {
            TypedOp::Input(input) => self.input(input),
            TypedOp::Const(value) => self.constant(value),
            TypedOp::Text(text) => self.text(&from.texts[text]),
            TypedOp::View(of, view) => {
                let dims = from.shapes[node.shape].clone();
                self.view(rename(of), from.views[view].clone(), dims)
            }
            TypedOp::Reshape(of) => self.reshape(rename(of), from.shapes[node.shape].clone()),
            TypedOp::Index => {
                let shape = self.shape_id(from.shapes[node.shape].clone());
                self.add(TypedOp::Index, node.dtype, shape)
            }
            TypedOp::Take { of, index, axis } => self.take(rename(of), rename(index), axis),
            TypedOp::Plane(of, plane) => self.plane(rename(of), plane),
            TypedOp::Complex(re, im) => self.complex(rename(re), rename(im)),
            TypedOp::Apply(op, args) => self.apply(op, node.dtype, args.map(rename)),
            TypedOp::Call { function, args, check, .. } => {
                let info = from.checks[check].clone();
                self.call(&from.functions[function], args.map(rename), info)
            }
            TypedOp::Cast(of) => self.cast(node.dtype, rename(of)),
            TypedOp::Reduce { kind, of, axes, keep } => self.reduce(kind, rename(of), axes, keep),
            TypedOp::Scan { kind, of, axis } => self.scan(kind, rename(of), axis),
            TypedOp::MatMul(a, b) => self.matmul(rename(a), rename(b)),
            TypedOp::Concat(a, b, axis) => self.concat(rename(a), rename(b), axis),
            TypedOp::Count(shape, axes) => {
                let shape = self.shape_id(from.shapes[shape].clone());
                self.add(TypedOp::Count(shape, axes), node.dtype, ShapeId::new(0))
            }
            TypedOp::Param(region, k) => self.param(region, k, node.dtype, from.shapes[node.shape].clone()),
            TypedOp::Repeat(region) => {
                let body = &from.regions[region];
                let all = |ids: &[TypedId]| ids.iter().map(|id| rename(*id)).collect();
                let renamed = TypedRegion {
                    parent: body.parent,
                    bound: rename(body.bound),
                    init: all(&body.init),
                    go_on: rename(body.go_on),
                    next: all(&body.next),
                };
                self.repeat(region, renamed, from.shapes[node.shape].clone())
            }
            TypedOp::Result(of, k) => self.result(rename(of), k),
            TypedOp::Steps(steps) => {
                let steps = from.steps[steps].clone();
                let args = steps.args.iter().map(|arg| rename(*arg)).collect();
                self.steps(TypedSteps { args, ..steps })
            }
            TypedOp::Stepped(of, k) => self.stepped(rename(of), k),
            TypedOp::Check { value, bad, check } => {
                let info = from.checks[check].clone();
                self.check(rename(value), rename(bad), info)
            }
        }
    }

    /// The finished graph.
    pub fn finish(mut self, results: Vec<TypedId>) -> TypedGraph {
        self.graph.results = results;
        debug_assert_eq!(self.graph.verify(), Ok(()));
        self.graph
    }
}
