//! Powers: which are products, which are `sqrt`, and which are errors. The rules of meaning, not of speed: they
//! decide the bits, so every executor and the reference interpreter see their outcome.

use std::ops::Range;

use numfuse_kernels::Op;

use super::typing::{Types, types};
use super::{CheckInfo, Inference, Operand, TypedId, small};
use crate::dtype::{DType, Kind, Literal};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::NodeId;

/// Up to this exponent a power is repeated products.
const PRODUCTS: i8 = 4;

impl Inference<'_> {
    pub(super) fn power(&mut self, args: &[NodeId], operands: &[Operand]) -> Result<Operand> {
        let (base, exponent) = (operands[0], operands[1]);
        let mut width = self.common(operands)?;
        let bool_base = !base.is_weak() && self.dtype(base) == DType::Bool;
        // NumPy has no powers of truth values, and casts them to the least of its integers
        if bool_base && exponent.is_weak() && exponent.fits(DType::I8) && width.dtype.kind() == Kind::Int {
            width.dtype = DType::I8;
        }
        let Types { operands: dtype, .. } = types(Op::Pow, width.dtype)?;
        let x = self.resolve(base, dtype)?;
        let literal = exponent.as_literal().filter(|n| n.kind() != Kind::Complex).map(Literal::as_f64);
        let node = match (dtype.kind(), literal) {
            (Kind::Int, Some(n)) if n < 0.0 => return Err(negative_exponent()),
            (Kind::Float | Kind::Complex, Some(0.5)) => self.typed.apply(Op::Sqrt, dtype, [x; 3]),
            (kind, Some(n))
                if n.fract() == 0.0 && n != 0.0 && n.abs() <= f64::from(PRODUCTS)
                // NumPy's negative power of a complex zero is no quotient
                && (kind != Kind::Complex || n > 0.0) =>
            {
                self.products(x, n as i8, dtype)
            }
            _ => {
                let n = self.resolve(exponent, dtype)?;
                self.check_broadcast(Op::Pow, args, &[x, n, x])?;
                let power = self.typed.apply(Op::Pow, dtype, [x, n, x]);
                match (dtype.kind(), literal) {
                    (Kind::Int, None) if !dtype.is_unsigned() => {
                        self.checked(power, n, dtype, self.graph.span(args[1]))
                    }
                    _ => power,
                }
            }
        };
        Ok(self.with_width(node, width, true))
    }

    /// x, x·x, (x·x)·x, (x·x)·(x·x), or one over it.
    fn products(&mut self, x: TypedId, n: i8, dtype: DType) -> TypedId {
        let product = match n.abs() {
            1 => x,
            n => {
                let square = self.typed.apply(Op::Mul, dtype, [x; 3]);
                match n {
                    2 => square,
                    3 => self.typed.apply(Op::Mul, dtype, [square, x, square]),
                    _ => self.typed.apply(Op::Mul, dtype, [square; 3]),
                }
            }
        };
        if n > 0 {
            return product;
        }
        let one = self.typed.constant(small(1, dtype));
        self.typed.apply(Op::Div, dtype, [one, product, one])
    }

    /// An integer power whose exponents are known at run time only.
    fn checked(
        &mut self,
        power: TypedId,
        exponent: TypedId,
        dtype: DType,
        span: Option<Range<usize>>,
    ) -> TypedId {
        let zero = self.typed.constant(small(0, dtype));
        let negative = self.typed.apply(Op::Lt, DType::Bool, [exponent, zero, exponent]);
        let error = negative_exponent();
        let info = CheckInfo { kind: error.kind(), message: error.message().to_owned(), span };
        self.typed.check(power, negative, info)
    }
}

fn negative_exponent() -> Error {
    let message = "an integer to a negative integer power is not an integer";
    Error::new(ErrorKind::Domain, message).with_help("make the base a float: `f64(x)**n`")
}
