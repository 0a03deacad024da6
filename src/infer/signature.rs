//! What a program knows of its inputs when it is planned: types, ranks, and which extents are equal.

use smallvec::SmallVec;

use super::shape::Dims;
use crate::dtype::DType;

/// An axis's extent, by name: equal extents of one signature are one `Dim`. A plan made for names serves every
/// size, since broadcasting asks only whether extents are equal or 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Dim(u32);

impl Dim {
    /// An extent of 1.
    pub const ONE: Dim = Dim(0);
    /// Where the extent stands in [`Signature::extents`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// How a weak number given at run time behaves.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Weak {
    /// It fits the narrowest type of its kind.
    Fits,
    /// An integer that needs 64 bits.
    Wide,
}

/// One input's type and shape.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct InputType {
    /// The type of its elements.
    pub dtype: DType,
    /// Set for a number that takes the type of what it meets.
    pub weak: Option<Weak>,
    /// Its axes.
    pub shape: Dims,
}

/// The inputs' types and shapes. Two calls with equal signatures, extents aside, share one plan.
#[derive(Clone, Debug, Default)]
pub struct Signature {
    inputs: Vec<InputType>,
    extents: SmallVec<[usize; 8]>,
}

impl Signature {
    /// An empty signature.
    pub fn new() -> Self {
        Self { inputs: Vec::new(), extents: SmallVec::from_slice(&[1]) }
    }

    /// Adds the next input.
    pub fn push(&mut self, dtype: DType, weak: Option<Weak>, shape: &[usize]) {
        let shape = shape.iter().map(|extent| self.dim(*extent)).collect();
        self.inputs.push(InputType { dtype, weak, shape });
    }

    fn dim(&mut self, extent: usize) -> Dim {
        let at = self.extents.iter().position(|e| *e == extent).unwrap_or_else(|| {
            self.extents.push(extent);
            self.extents.len() - 1
        });
        Dim(at as u32)
    }

    /// The inputs, in the program's order.
    pub fn inputs(&self) -> &[InputType] {
        &self.inputs
    }

    /// The extent of every [`Dim`].
    pub fn extents(&self) -> &[usize] {
        &self.extents
    }

    /// The extent of one.
    pub fn extent(&self, dim: Dim) -> usize {
        self.extents[dim.index()]
    }
}

impl PartialEq for Signature {
    /// Equal up to the extents' values.
    fn eq(&self, other: &Signature) -> bool {
        self.inputs == other.inputs
    }
}

impl Eq for Signature {}

impl std::hash::Hash for Signature {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.inputs.hash(state);
    }
}
