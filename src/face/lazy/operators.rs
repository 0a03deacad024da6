//! Operators, and what turns into a lazy array beside them.

use std::iter::{Product, Sum};
use std::ops::{
    Add, AddAssign, BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Div, DivAssign,
};
use std::ops::{Mul, MulAssign, Neg, Not, Rem, RemAssign, Shl, ShlAssign, Shr, ShrAssign, Sub, SubAssign};

use ndarray::{ArrayBase, ArrayView, Data, Dimension};
use num_complex::Complex;
use numfuse_kernels::Op;

use super::Lazy;
use crate::dtype::{Literal, Stored};
use crate::input::Input;

impl<'a> From<&Lazy<'a>> for Lazy<'a> {
    fn from(lazy: &Lazy<'a>) -> Self {
        lazy.clone()
    }
}

impl<'a> From<Input<'a>> for Lazy<'a> {
    fn from(input: Input<'a>) -> Self {
        Lazy::new(input)
    }
}

impl<'a, T: Stored, S: Data<Elem = T>, D: Dimension> From<&'a ArrayBase<S, D>> for Lazy<'a> {
    fn from(array: &'a ArrayBase<S, D>) -> Self {
        Lazy::new(array)
    }
}

impl<'a, T: Stored, D: Dimension> From<ArrayView<'a, T, D>> for Lazy<'a> {
    fn from(view: ArrayView<'a, T, D>) -> Self {
        Lazy::new(view)
    }
}

/// The expression that adds the terms up from the left; of no terms a weak 0.
impl<'a, L: Into<Lazy<'a>>> Sum<L> for Lazy<'a> {
    fn sum<I: Iterator<Item = L>>(terms: I) -> Self {
        terms.map(L::into).reduce(|sum, term| sum + term).unwrap_or_else(|| Lazy::from(0))
    }
}

/// The expression that multiplies the factors from the left; of no factors a weak 1.
impl<'a, L: Into<Lazy<'a>>> Product<L> for Lazy<'a> {
    fn product<I: Iterator<Item = L>>(factors: I) -> Self {
        factors.map(L::into).reduce(|product, factor| product * factor).unwrap_or_else(|| Lazy::from(1))
    }
}

macro_rules! weak_numbers {
    ($($rust:ty => $literal:ident as $wide:ty),*) => { $(
        impl From<$rust> for Lazy<'_> {
            fn from(value: $rust) -> Self {
                Lazy::weak(Literal::$literal(<$wide>::from(value)))
            }
        }
    )* };
}
weak_numbers!(
    bool => Bool as bool, i8 => Int as i128, i16 => Int as i128, i32 => Int as i128, i64 => Int as i128,
    u8 => Int as i128, u16 => Int as i128, u32 => Int as i128, u64 => Int as i128,
    f32 => Float as f64, f64 => Float as f64, Complex<f64> => Complex as Complex<f64>
);

macro_rules! operators {
    ($($Trait:ident $method:ident $Assign:ident $assign:ident),*) => { $(
        impl<'a, R: Into<Lazy<'a>>> $Trait<R> for Lazy<'a> {
            type Output = Lazy<'a>;
            fn $method(self, other: R) -> Lazy<'a> {
                Lazy::apply(Op::$Trait, [self, other.into()])
            }
        }
        impl<'a, R: Into<Lazy<'a>>> $Trait<R> for &Lazy<'a> {
            type Output = Lazy<'a>;
            fn $method(self, other: R) -> Lazy<'a> {
                Lazy::apply(Op::$Trait, [self.clone(), other.into()])
            }
        }
        impl<'a, R: Into<Lazy<'a>>> $Assign<R> for Lazy<'a> {
            fn $assign(&mut self, other: R) {
                *self = Lazy::apply(Op::$Trait, [self.clone(), other.into()]);
            }
        }
        // one float and one integer: of two, rustc could not tell which one the 2.0 of `2.0 * &a` is
        operators!(@ $Trait $method bool, i64, f64, Complex<f64>);
    )* };
    (@ $Trait:ident $method:ident $($number:ty),*) => { $(
        impl<'a> $Trait<Lazy<'a>> for $number {
            type Output = Lazy<'a>;
            fn $method(self, other: Lazy<'a>) -> Lazy<'a> {
                Lazy::apply(Op::$Trait, [self.into(), other])
            }
        }
        impl<'a> $Trait<&Lazy<'a>> for $number {
            type Output = Lazy<'a>;
            fn $method(self, other: &Lazy<'a>) -> Lazy<'a> {
                Lazy::apply(Op::$Trait, [self.into(), other.clone()])
            }
        }
    )* };
}
use {BitAnd as And, BitOr as Or, BitXor as Xor};
operators! {
    Add add AddAssign add_assign, Sub sub SubAssign sub_assign, Mul mul MulAssign mul_assign,
    Div div DivAssign div_assign, Rem rem RemAssign rem_assign, And bitand BitAndAssign bitand_assign,
    Or bitor BitOrAssign bitor_assign, Xor bitxor BitXorAssign bitxor_assign,
    Shl shl ShlAssign shl_assign, Shr shr ShrAssign shr_assign
}

impl<'a> Neg for Lazy<'a> {
    type Output = Lazy<'a>;
    fn neg(self) -> Lazy<'a> {
        Lazy::apply(Op::Neg, [self])
    }
}

impl<'a> Neg for &Lazy<'a> {
    type Output = Lazy<'a>;
    fn neg(self) -> Lazy<'a> {
        Lazy::apply(Op::Neg, [self.clone()])
    }
}

impl<'a> Not for Lazy<'a> {
    type Output = Lazy<'a>;
    fn not(self) -> Lazy<'a> {
        Lazy::apply(Op::Not, [self])
    }
}

impl<'a> Not for &Lazy<'a> {
    type Output = Lazy<'a>;
    fn not(self) -> Lazy<'a> {
        Lazy::apply(Op::Not, [self.clone()])
    }
}
