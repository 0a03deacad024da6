//! What a program knows of its inputs when it is planned: types, ranks, and which extents are equal.

use smallvec::SmallVec;

use super::shape::Dims;
use crate::dtype::{DType, Literal, Scalar};

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

/// Which integer types hold a weak number given at run time, as bits; its value is no part of a signature.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Weak(u8);

impl Weak {
    const INTEGERS: [DType; 8] =
        [DType::I8, DType::I16, DType::I32, DType::I64, DType::U8, DType::U16, DType::U32, DType::U64];
    /// Fits whatever it meets.
    pub const ANY: Weak = Weak(u8::MAX);

    /// The class of a number.
    pub fn of(value: Literal) -> Weak {
        let fits = Self::INTEGERS.iter().enumerate().filter(|(_, dtype)| value.fits(**dtype));
        Weak(fits.fold(0, |bits, (k, _)| bits | 1 << k))
    }

    /// Whether it lies in the range of an integer type.
    pub fn fits(self, dtype: DType) -> bool {
        Self::INTEGERS.iter().position(|integer| *integer == dtype).is_none_or(|k| self.0 >> k & 1 == 1)
    }
}

/// One input's type and shape.
#[derive(Clone, Debug)]
pub struct InputType {
    /// The type of its elements.
    pub dtype: DType,
    /// Set for a number that takes the type of what it meets.
    pub weak: Option<Weak>,
    /// Its value, if it is a number that a shape depends on, as bits.
    pub value: Option<Scalar>,
    /// Its axes.
    pub shape: Dims,
}

impl PartialEq for InputType {
    fn eq(&self, other: &InputType) -> bool {
        let value = match (self.value, other.value) {
            (Some(a), Some(b)) => a.same(b),
            (a, b) => a.is_none() && b.is_none(),
        };
        value && (self.dtype, self.weak, &self.shape) == (other.dtype, other.weak, &other.shape)
    }
}

impl Eq for InputType {}

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
        self.inputs.push(InputType { dtype, weak, value: None, shape });
    }

    /// Makes a number's value part of the signature.
    pub fn set_value(&mut self, input: usize, value: Scalar) {
        self.inputs[input].value = Some(value);
    }

    /// The name of an extent.
    pub(crate) fn dim(&mut self, extent: usize) -> Dim {
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
