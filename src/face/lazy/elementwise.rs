//! Functions of elements as methods: the op table's rows, and what is composed of them.

use numfuse_kernels::{Op, for_each_op};

use super::{Lazy, What};
use crate::dtype::DType;

/// Functions that are other operations put together, and conversions.
impl<'a> Lazy<'a> {
    /// The nearest integers, halves to even; integers stay as they are.
    pub fn round(&self) -> Self {
        self.round_to(0)
    }

    /// Rounded to so many decimals, halves to even; negative ones count before the point.
    pub fn round_to(&self, decimals: i32) -> Self {
        Lazy::composed("round", [self.clone(), decimals.into()])
    }

    /// `self`, but not below `min` and not above `max`. NaN stays.
    pub fn clip(&self, min: impl Into<Lazy<'a>>, max: impl Into<Lazy<'a>>) -> Self {
        Lazy::composed("clip", [self.clone(), min.into(), max.into()])
    }

    /// Whether `self` and `other` differ by no more than 1e-8 and 1e-5 of `other`; see
    /// [`isclose_within`](Self::isclose_within).
    pub fn isclose(&self, other: impl Into<Lazy<'a>>) -> Self {
        Lazy::composed("isclose", [self.clone(), other.into()])
    }

    /// Whether |self - other| <= atol + rtol |other|, infinities being equal only.
    pub fn isclose_within(&self, other: impl Into<Lazy<'a>>, rtol: f64, atol: f64) -> Self {
        Lazy::composed("isclose", [self.clone(), other.into(), rtol.into(), atol.into()])
    }

    /// `self` with 0 for NaN and the extremes of its type for the infinities.
    pub fn nan_to_num(&self) -> Self {
        Lazy::composed("nan_to_num", [self.clone()])
    }

    /// From `self` at t = 0 on the way to `to` at t = 1: self + (to - self) t.
    pub fn lerp(&self, to: impl Into<Lazy<'a>>, t: impl Into<Lazy<'a>>) -> Self {
        Lazy::composed("lerp", [self.clone(), to.into(), t.into()])
    }

    /// `self` to the power of `other`, in double precision at least.
    pub fn float_power(&self, other: impl Into<Lazy<'a>>) -> Self {
        Lazy::composed("float_power", [self.clone(), other.into()])
    }

    /// Whether both are not zero.
    pub fn logical_and(&self, other: impl Into<Lazy<'a>>) -> Self {
        Lazy::composed("logical_and", [self.clone(), other.into()])
    }

    /// Whether either is not zero.
    pub fn logical_or(&self, other: impl Into<Lazy<'a>>) -> Self {
        Lazy::composed("logical_or", [self.clone(), other.into()])
    }

    /// Whether one is zero and the other not.
    pub fn logical_xor(&self, other: impl Into<Lazy<'a>>) -> Self {
        Lazy::composed("logical_xor", [self.clone(), other.into()])
    }

    /// Whether it is zero.
    pub fn logical_not(&self) -> Self {
        Lazy::composed("logical_not", [self.clone()])
    }

    /// Its elements as another type: floats to integers are cut and saturate, NaN becomes 0; of complex numbers to real
    /// types the real part. What `astype` is in text.
    pub fn cast(&self, dtype: DType) -> Self {
        Lazy::of(What::Cast(dtype), [self.clone()])
    }

    /// `self` to a whole power; from -4 to 4 it is repeated products with a rounding each, within 4 ulp as long as none
    /// of them overflows or underflows.
    pub fn powi(&self, n: i32) -> Self {
        self.power(n)
    }

    /// `self` to a power, with the same products as [`powi`](Self::powi) for whole `n` from -4 to 4, and `sqrt` for 0.5.
    pub fn powf(&self, n: f64) -> Self {
        self.power(n)
    }

    /// Whether `self` is greater than `other`.
    pub fn greater(&self, other: impl Into<Lazy<'a>>) -> Self {
        other.into().less(self)
    }

    /// Whether `self` is greater than or equal to `other`.
    pub fn greater_equal(&self, other: impl Into<Lazy<'a>>) -> Self {
        other.into().less_equal(self)
    }
}

/// Methods by the op table's rows, for those that no operator stands for.
macro_rules! lazy_methods {
    ($($op:ident {
        method: $method:tt, names: $names:tt, symbol: $symbol:expr, shape: $shape:ident $args:tt,
        typing: $typing:ident, float: $float:tt, int: $int:tt, uint: $uint:tt, bool: $bool:tt, bound: $bound:expr,
        domain: $domain:literal, cost: $cost:literal, internal: $internal:literal, doc: $doc:literal
    })*) => {
        /// The operations of the op table.
        impl<'a> Lazy<'a> {
            $(lazy_methods!(@ $op $method $args $doc);)*
        }
    };
    (@ $op:ident [] $args:tt $doc:literal) => {};
    (@ $op:ident [$method:ident] ($x:ident) $doc:literal) => {
        #[doc = $doc]
        pub fn $method(&self) -> Self {
            Lazy::apply(Op::$op, [self.clone()])
        }
    };
    (@ $op:ident [$method:ident] ($x:ident $(, $other:ident)+) $doc:literal) => {
        #[doc = $doc]
        #[doc = concat!("\n\n`", stringify!($x), "` is `self`.")]
        pub fn $method(&self $(, $other: impl Into<Lazy<'a>>)+) -> Self {
            Lazy::apply(Op::$op, [self.clone() $(, $other.into())+])
        }
    };
}
for_each_op!(lazy_methods);
