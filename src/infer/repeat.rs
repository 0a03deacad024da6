//! Elementwise loops: the types of their variables, as a fixed point.
//!
//! A variable begins with the type of its first value. Where its next value is of another, the variable is of the type
//! that both meet in, and inference begins again: types only grow, and there are few. Shapes likewise. A variable that
//! is a number, and that nobody reads after the loop, stays one: all elements that are still in the loop agree on it.

use numfuse_kernels::Op;

use super::region::TypedRegion;
use super::shape::{Dims, broadcast};
use super::{Inference, Operand, TypedId, Weak};
use crate::arena::{Arena, Id};
use crate::dtype::{DType, Kind, Scalar};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Graph, Node, NodeId, Region, RegionId, RegionKind};

/// Types and shapes of all variables settle within so many passes, unless a shape grows at each turn.
const MOST_PASSES: usize = 256;

const LEFT: &str = "a loop's variable is read outside of its loop";

/// What a loop's variable is.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Variable {
    dtype: DType,
    /// Set while nothing but numbers without a type of their own has been assigned to it.
    weak: Option<(Kind, Weak)>,
    dims: Dims,
}

/// What is known of the loops: more with each pass.
pub(super) struct Loops {
    /// By region and variable, once its first value has been seen.
    variables: Vec<Vec<Option<Variable>>>,
    /// By region and variable: whether it is read after the loop.
    is_read: Vec<Vec<bool>>,
    /// By region: whether its loop is there. A variable may have left it.
    is_looped: Vec<bool>,
    /// The region that each node belongs to.
    pub(super) homes: Vec<Option<RegionId>>,
    /// Whether a variable has grown in this pass.
    pub(super) grown: bool,
    passes: usize,
}

impl Loops {
    pub(super) fn new(graph: &Graph) -> Self {
        let sizes = || graph.regions().iter().map(|(_, region)| region.init.len());
        let mut is_read: Vec<Vec<bool>> = sizes().map(|n| vec![false; n]).collect();
        for (_, node) in graph.nodes().iter() {
            if let Node::Result(of, k) = node
                && let Node::Repeat(region) = graph.nodes()[*of]
            {
                is_read[region.index()][*k as usize] = true;
            }
        }
        let mut is_looped = vec![false; graph.regions().len()];
        for (_, node) in graph.nodes().iter() {
            if let Node::Repeat(region) = node {
                is_looped[region.index()] = true;
            }
        }
        let homes = if graph.regions().is_empty() { vec![None; graph.nodes().len()] } else { graph.homes() };
        let variables = sizes().map(|n| vec![None; n]).collect();
        Loops { variables, is_read, is_looped, homes, grown: false, passes: 0 }
    }

    /// Another pass.
    ///
    /// # Errors
    /// Where it would never end.
    pub(super) fn again(&mut self) -> Result<()> {
        self.passes += 1;
        self.grown = false;
        match self.passes < MOST_PASSES {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Shape, "a loop's variable grows with each turn")),
        }
    }
}

impl Graph {
    /// The region that each node belongs to: the innermost one whose variables it reads.
    pub(super) fn homes(&self) -> Vec<Option<RegionId>> {
        let depths = self.depths();
        let depth = |home: Option<RegionId>| home.map_or(0, |region| depths[region.index()]);
        let mut homes: Vec<Option<RegionId>> = Vec::with_capacity(self.nodes().len());
        for (_, node) in self.nodes().iter() {
            homes.push(match node {
                Node::Param(region, _) => Some(*region),
                Node::Repeat(region) => self.regions()[*region].parent,
                _ => {
                    let args = node.args().iter().map(|arg| homes[arg.index()]);
                    args.fold(None, |home, arg| if depth(arg) > depth(home) { arg } else { home })
                }
            });
        }
        homes
    }

    /// How many regions lie around each region, itself counted. A region is opened after those around it.
    fn depths(&self) -> Vec<usize> {
        let mut depths: Vec<usize> = Vec::with_capacity(self.regions().len());
        for (_, region) in self.regions().iter() {
            depths.push(1 + region.parent.map_or(0, |parent| depths[parent.index()]));
        }
        depths
    }
}

impl Inference<'_> {
    /// A loop's variable inside the loop.
    pub(super) fn param(&mut self, region: RegionId, k: u32) -> Result<Operand> {
        if !self.loops.is_looped[region.index()] {
            return Err(Error::new(ErrorKind::Type, LEFT));
        }
        let known = self.loops.variables[region.index()][k as usize].clone();
        let variable = match known {
            Some(variable) => variable,
            None => {
                let init = self.graph.regions()[region].init[k as usize];
                self.whole(init)?;
                let variable = self.variable(self.operands[init.index()]);
                self.loops.variables[region.index()][k as usize] = Some(variable.clone());
                variable
            }
        };
        let node = self.typed.param(region, k, variable.dtype, variable.dims);
        Ok(match variable.weak {
            Some((kind, weak)) => Operand::weak(node, kind, weak),
            None => Operand::strong(node),
        })
    }

    fn variable(&self, operand: Operand) -> Variable {
        let dims = operand.node().map_or(Dims::new(), |node| Dims::from_slice(self.typed.shape(node)));
        Variable { dtype: self.dtype(operand), weak: operand.as_weak(), dims }
    }

    /// A whole loop; where a variable turns out to be of another type than was thought, the pass is void.
    pub(super) fn repeat(&mut self, region: RegionId) -> Result<Operand> {
        let Region { parent, bound, init, go_on, next, .. } = self.graph.regions()[region].clone();
        for id in [go_on].iter().chain(&next) {
            self.check_left(*id, Some(region))?;
        }
        let bound = self.bound_of(bound)?;
        let condition = self.condition_of(go_on)?;
        let mut space = Dims::from_slice(self.typed.shape(condition));
        let mut wanted = Vec::with_capacity(next.len());
        for (k, next) in next.iter().enumerate() {
            let variable = self.met(region, k, init[k], *next)?;
            space = self.both(&space, &variable.dims, *next)?;
            wanted.push(variable);
        }
        for (k, variable) in wanted.iter_mut().enumerate() {
            if self.loops.is_read[region.index()][k] {
                variable.dims = space.clone();
            }
            let known = &mut self.loops.variables[region.index()][k];
            self.loops.grown |= known.as_ref() != Some(variable);
            *known = Some(variable.clone());
        }
        if self.loops.grown {
            return Err(Error::new(ErrorKind::Internal, "types are not settled in this pass"));
        }
        let mut resolve = |ids: &[NodeId]| -> Result<Vec<TypedId>> {
            let typed = ids.iter().zip(&wanted);
            typed.map(|(id, variable)| self.resolve(self.operands[id.index()], variable.dtype)).collect()
        };
        let (init, next) = (resolve(&init)?, resolve(&next)?);
        let body = TypedRegion { parent, bound, init, go_on: condition, next };
        Ok(Operand::strong(self.typed.repeat(region, body, space)))
    }

    /// Refuses a node that reads variables of other loops than `region` and those around it.
    pub(super) fn check_left(&self, id: NodeId, region: Option<RegionId>) -> Result<()> {
        let Some(home) = self.loops.homes[id.index()] else { return Ok(()) };
        let mut around = region;
        while let Some(own) = around {
            if own == home {
                return Ok(());
            }
            around = self.graph.regions()[own].parent;
        }
        let error = Error::new(ErrorKind::Type, LEFT);
        Err(self.place(error, id))
    }

    /// A loop's variable after the loop.
    pub(super) fn left(&mut self, of: NodeId, k: u32) -> Result<Operand> {
        let Node::Repeat(region) = self.graph.nodes()[of] else {
            return Err(Error::new(ErrorKind::Internal, format!("{of} has one value")));
        };
        if let Some(variables) = self.unstepped.get(&of) {
            return Ok(Operand::strong(variables[k as usize]));
        }
        let repeat = self.settle(self.operands[of.index()])?;
        if self.graph.regions()[region].kind == RegionKind::Steps {
            return Ok(Operand::strong(self.typed.stepped(repeat, k)));
        }
        let node = self.typed.result(repeat, k);
        let variable = &self.loops.variables[region.index()][k as usize];
        Ok(match variable.as_ref().and_then(|variable| variable.weak) {
            Some((kind, weak)) => Operand::weak(node, kind, weak),
            None => Operand::strong(node),
        })
    }

    /// What a variable is that takes this value, too. Its first one may have grown since it was thought of: it may be
    /// another loop's variable.
    fn met(&mut self, region: RegionId, k: usize, init: NodeId, next: NodeId) -> Result<Variable> {
        self.whole(next)?;
        let before = self.param(region, k as u32)?;
        let (init, after) = (self.operands[init.index()], self.operands[next.index()]);
        if [before, after].iter().any(|operand| self.dtype(*operand).kind() == Kind::Bytes) {
            let message = "byte strings are compared and searched, and are no variables of a loop";
            return Err(self.place(Error::new(ErrorKind::Type, message), next));
        }
        let width = self.common(&[init, before, after])?;
        // whole numbers may leave any range, turn by turn
        let weak = match width.dtype.kind() {
            Kind::Float | Kind::Complex if width.weak => Some((width.dtype.kind(), Weak::ANY)),
            _ => None,
        };
        let [first, own, other] = [init, before, after].map(|operand| self.variable(operand).dims);
        let dims = self.both(&self.both(&first, &own, next)?, &other, next)?;
        Ok(Variable { dtype: width.dtype, weak, dims })
    }

    fn both(&self, a: &[super::Dim], b: &[super::Dim], of: NodeId) -> Result<Dims> {
        broadcast(a, b).ok_or_else(|| {
            let extents = |dims: &[super::Dim]| -> Vec<usize> {
                dims.iter().map(|dim| self.typed.extent(*dim)).collect()
            };
            let (value, other) = (self.describe(of), extents(if self.is_of(of, b) { a } else { b }));
            let message = format!("{value}, and the loop is over {other:?}: they do not broadcast together");
            self.place(Error::new(ErrorKind::Shape, message), of)
        })
    }

    fn is_of(&self, id: NodeId, dims: &[super::Dim]) -> bool {
        self.operands[id.index()].node().is_some_and(|node| self.typed.shape(node) == dims)
    }

    /// How often at most: one integer.
    fn bound_of(&mut self, id: NodeId) -> Result<TypedId> {
        let bound = self.whole(id)?;
        if self.typed[bound].dtype.kind() != Kind::Int || !self.typed.shape(bound).is_empty() {
            let message = format!("{}, and a loop runs a whole number of times", self.describe(id));
            let error = self.place(Error::new(ErrorKind::Type, message), id);
            return Err(match self.typed.shape(bound).is_empty() {
                true => error,
                false => error.with_help(
                    "the bound is one number for all elements: take the largest of theirs, `max(…)`, and count the turns of \
                     each in the condition",
                ),
            });
        }
        if self.typed[bound].dtype != DType::U64 {
            return Ok(self.typed.cast(DType::I64, bound));
        }
        // more turns than an i64 holds nobody sees the end of
        let most = self.typed.constant(Scalar::U64(i64::MAX as u64));
        let bound = self.typed.apply(Op::Minimum, DType::U64, [bound, most, bound]);
        Ok(self.typed.cast(DType::I64, bound))
    }

    fn condition_of(&mut self, id: NodeId) -> Result<TypedId> {
        let condition = self.whole(id)?;
        if self.typed[condition].dtype != DType::Bool {
            let message = format!("{}, and a loop goes on while something is true", self.describe(id));
            return Err(self.place(Error::new(ErrorKind::Type, message), id));
        }
        Ok(condition)
    }

    /// Refuses what looks at other elements inside an elementwise loop: some may have left it.
    pub(super) fn check_elementwise(&self, id: NodeId, node: &Node) -> Result<()> {
        let home = |id: NodeId| self.loops.homes[id.index()];
        if home(id).is_none() {
            return Ok(());
        }
        let allowed = match node {
            Node::Take([of, index], _) | Node::Select([of, index]) => {
                let rank = |id: NodeId| {
                    self.operands[id.index()].node().map_or(0, |node| self.typed.shape(node).len())
                };
                home(*of).is_none() && (rank(*of) == 1 || rank(*index) == 0)
            }
            Node::Reduce(..) | Node::Scan { .. } | Node::View(..) | Node::Source(..) | Node::Contract(..) => {
                false
            }
            Node::Input(_) | Node::Literal(_) | Node::Scalar(_) | Node::Text(_) | Node::Apply(..) => true,
            Node::Call(..) => true,
            Node::Truth(_) | Node::Cast(..) | Node::Param(..) | Node::Repeat(_) | Node::Result(..) => true,
        };
        if allowed {
            return Ok(());
        }
        let what = self.text_of(id).map_or("an operation".to_owned(), |text| format!("`{text}`"));
        let message =
            format!("{what} looks at other elements, and each one leaves an elementwise loop on its own");
        let help = "`steps` repeats what is done to whole arrays";
        Err(Error::new(ErrorKind::Type, message).with_help(help))
    }
}

/// Regions of the same names as a graph's.
pub(super) fn open_regions(graph: &Graph, typed: &mut super::TypedBuilder) {
    let regions: &Arena<RegionId, Region> = graph.regions();
    for (_, region) in regions.iter() {
        typed.open(region.parent);
    }
}
