//! Rounding f64 to whole numbers, in sums and selections.
//!
//! `RoundEven` and its like are wrong for f64 where lavapipe's vectors have 512 bits (Mesa 22.3), and nothing holds a
//! driver to them: adding 2^52 and taking it away again rounds by the one rule that every device keeps.

use rspirv::spirv::{Op, Word};

use super::module::{Module, Type};
use crate::error::Result;

/// 2^52, from which on every f64 is whole; the bit of its sign.
const WHOLE: u64 = 0x4330_0000_0000_0000;
const SIGN: u64 = 1 << 63;
const ONE: u64 = 0x3ff0_0000_0000_0000;

impl Module<'_> {
    /// To nearest, halves to even; a zero keeps its sign.
    pub(super) fn rounded_to_even(&mut self, x: Word) -> Result<Word> {
        let (size, sign) = self.size_and_sign(x)?;
        let (large, whole) = (self.constant(Type::F64, WHOLE)?, self.op(Op::Bitcast, Type::F64, &[size])?);
        let sum = self.op(Op::FAdd, Type::F64, &[whole, large])?;
        let nearest = self.op(Op::FSub, Type::F64, &[sum, large])?;
        let signed = self.with_sign(nearest, sign)?;
        // NaN, too, stays what it is
        let has_fraction = self.op(Op::FOrdLessThan, Type::Bool, &[whole, large])?;
        self.op(Op::Select, Type::F64, &[has_fraction, signed, x])
    }

    /// Down; up is the negative of what its negative is rounded down to.
    pub(super) fn rounded_down(&mut self, x: Word) -> Result<Word> {
        let (nearest, one) = (self.rounded_to_even(x)?, self.constant(Type::F64, ONE)?);
        let less = self.op(Op::FSub, Type::F64, &[nearest, one])?;
        let is_above = self.op(Op::FOrdLessThan, Type::Bool, &[x, nearest])?;
        self.op(Op::Select, Type::F64, &[is_above, less, nearest])
    }

    /// Up; of -0.5 to -0.
    pub(super) fn rounded_up(&mut self, x: Word) -> Result<Word> {
        let negative = self.negative(x)?;
        let down = self.rounded_down(negative)?;
        self.negative(down)
    }

    /// Towards zero, keeping the sign.
    pub(super) fn rounded_towards_zero(&mut self, x: Word) -> Result<Word> {
        let (size, sign) = self.size_and_sign(x)?;
        let size = self.op(Op::Bitcast, Type::F64, &[size])?;
        let down = self.rounded_down(size)?;
        self.with_sign(down, sign)
    }

    /// The bits without the sign, and the sign's.
    fn size_and_sign(&mut self, x: Word) -> Result<(Word, Word)> {
        let bits = self.op(Op::Bitcast, Type::U64, &[x])?;
        let (all_but_sign, sign) = (self.constant(Type::U64, !SIGN)?, self.constant(Type::U64, SIGN)?);
        Ok((
            self.op(Op::BitwiseAnd, Type::U64, &[bits, all_but_sign])?,
            self.op(Op::BitwiseAnd, Type::U64, &[bits, sign])?,
        ))
    }

    fn with_sign(&mut self, x: Word, sign: Word) -> Result<Word> {
        let bits = self.op(Op::Bitcast, Type::U64, &[x])?;
        let signed = self.op(Op::BitwiseOr, Type::U64, &[bits, sign])?;
        self.op(Op::Bitcast, Type::F64, &[signed])
    }

    fn negative(&mut self, x: Word) -> Result<Word> {
        let (bits, sign) = (self.op(Op::Bitcast, Type::U64, &[x])?, self.constant(Type::U64, SIGN)?);
        let turned = self.op(Op::BitwiseXor, Type::U64, &[bits, sign])?;
        self.op(Op::Bitcast, Type::F64, &[turned])
    }
}
