//! Conversions as data: between compute types, and from and to what memory has. Here widths meet, which they never do
//! in a body: bodies of [`conversion`] for the one width and the other, with the nodes that lead between them.

use super::{Recorded, Recording, Type, UnaryOp, Value, token::apart};
use crate::{
    Compute, Storage,
    math::{
        conversion::{self, Layout},
        storage,
        two_words::sign_where,
    },
    token::{Token, float_of_halves},
};

/// The tokens of both widths.
#[derive(Clone, Copy)]
struct Widths<'a> {
    double: Recorded<'a, f64, false>,
    single: Recorded<'a, f32, false>,
}

impl<'a> Widths<'a> {
    fn extend(self, a: Value<'a>) -> Value<'a> {
        a.unary(UnaryOp::Extend, Type::I64)
    }

    fn truncate(self, a: Value<'a>) -> Value<'a> {
        a.unary(UnaryOp::Truncate, Type::I32)
    }

    /// The bits of a float as a 64-bit integer.
    fn long_bits(self, x: Value<'a>, of: Layout) -> Value<'a> {
        if of == Layout::DOUBLE { self.double.bits(x) } else { self.extend(self.single.bits(x)) }
    }

    fn convert(self, from: Compute, to: Compute, x: Value<'a>) -> Value<'a> {
        match to {
            Compute::Bool => self.to_bool(from, x),
            Compute::I32 => self.to_int(from, x),
            Compute::I64 => self.to_long(from, x),
            Compute::U64 => self.to_unsigned(from, x),
            Compute::F32 => self.to_single(from, x),
            Compute::F64 => self.to_double(from, x),
        }
    }

    fn to_bool(self, from: Compute, x: Value<'a>) -> Value<'a> {
        let Widths { double, single } = self;
        match from {
            Compute::Bool => x,
            Compute::I32 => !single.ieq(x, single.int(0)),
            Compute::I64 | Compute::U64 => !double.ieq(x, double.int(0)),
            Compute::F32 => conversion::is_true(single, x),
            Compute::F64 => conversion::is_true(double, x),
        }
    }

    fn to_int(self, from: Compute, x: Value<'a>) -> Value<'a> {
        let Widths { double, single } = self;
        match from {
            Compute::Bool => single.iselect(x, single.int(1), single.int(0)),
            Compute::I32 => x,
            Compute::I64 | Compute::U64 => self.truncate(x),
            Compute::F32 => conversion::saturating_int(single, x),
            Compute::F64 => self.truncate(conversion::saturating_low_half(double, x)),
        }
    }

    fn to_long(self, from: Compute, x: Value<'a>) -> Value<'a> {
        let double = self.double;
        match from {
            Compute::Bool => double.iselect(x, double.int(1), double.int(0)),
            Compute::I32 => self.extend(x),
            Compute::I64 | Compute::U64 => x,
            Compute::F32 => {
                let bits = self.long_bits(x, Layout::SINGLE);
                conversion::signed_of_bits(double, bits, Layout::SINGLE)
            }
            Compute::F64 => conversion::saturating_int(double, x),
        }
    }

    fn to_unsigned(self, from: Compute, x: Value<'a>) -> Value<'a> {
        let of_float = |of| conversion::unsigned_of_bits(self.double, self.long_bits(x, of), of);
        match from {
            Compute::F32 => of_float(Layout::SINGLE),
            Compute::F64 => of_float(Layout::DOUBLE),
            Compute::Bool | Compute::I32 | Compute::I64 | Compute::U64 => self.to_long(from, x),
        }
    }

    fn to_single(self, from: Compute, x: Value<'a>) -> Value<'a> {
        let Widths { double, single } = self;
        match from {
            Compute::Bool => single.select(x, single.lit(1.0), single.lit(0.0)),
            Compute::I32 => single.from_int(x),
            Compute::I64 => {
                let flip = double.sar(x, 63);
                let magnitude = single.bits(self.single_of_unsigned((x ^ flip) - flip));
                single.float(magnitude | sign_where(single, double.ilt(x, double.int(0))))
            }
            Compute::U64 => self.single_of_unsigned(x),
            Compute::F32 => x,
            Compute::F64 => x.unary(UnaryOp::ToSingle, Type::F32),
        }
    }

    fn single_of_unsigned(self, x: Value<'a>) -> Value<'a> {
        let (high, low, large) = conversion::cut(self.double, x);
        conversion::single_of_cut(self.single, self.truncate(high), self.truncate(low), large)
    }

    fn to_double(self, from: Compute, x: Value<'a>) -> Value<'a> {
        let double = self.double;
        match from {
            Compute::Bool => double.select(x, double.lit(1.0), double.lit(0.0)),
            Compute::I32 => x.unary(UnaryOp::FromInt, Type::F64),
            Compute::I64 => float_of_halves(double, x),
            Compute::U64 => conversion::double_of_unsigned(double, x),
            Compute::F32 => x.unary(UnaryOp::ToDouble, Type::F64),
            Compute::F64 => x,
        }
    }
}

/// The type of a compute type's values.
fn type_of(compute: Compute) -> Type {
    match compute {
        Compute::Bool => Type::Mask,
        Compute::I32 => Type::I32,
        Compute::I64 | Compute::U64 => Type::I64,
        Compute::F32 => Type::F32,
        Compute::F64 => Type::F64,
    }
}

/// A recording of one parameter and one result, on the tokens of both widths.
fn recorded(from: Type, body: impl FnOnce(Widths<'_>, Value<'_>) -> super::ValueId) -> Recording {
    apart([from], |recorder, [x]| {
        let widths = Widths { double: Recorded::new(recorder), single: Recorded::new(recorder) };
        vec![body(widths, x)]
    })
}

/// The conversion between two compute types, with the values of [`convert()`](crate::convert()); `None` where the types
/// are the same. One parameter, one result.
///
/// None has a type but its own two, the integers as wide as its floats, and i32 on the way from 64-bit integers to f32: a
/// device without doubles converts between those, and one without 64-bit integers does without them elsewhere.
///
/// ```
/// use numfuse_kernels::{Compute, record::record_conversion};
/// let widened = record_conversion(Compute::I32, Compute::I64).unwrap();
/// assert_eq!(widened.to_string(), "%0 = i32 parameter 0\n%1 = i64 extend %0\nresult %1\n");
/// ```
pub fn record_conversion(from: Compute, to: Compute) -> Option<Recording> {
    (from != to).then(|| recorded(type_of(from), |widths, x| widths.convert(from, to, x).id()))
}

/// The type of a storage type's bits, zero-extended.
fn bits_of(storage: Storage) -> Type {
    match storage {
        Storage::I8 | Storage::I16 | Storage::U8 | Storage::U16 | Storage::F16 | Storage::BF16 => Type::I32,
        Storage::U32 => Type::I64,
    }
}

/// A storage type's element, widened: the parameter is its bits, zero-extended, as I32 (of a U32 as I64), the result a
/// value of [`Storage::compute`].
pub fn record_load(storage: Storage) -> Recording {
    recorded(bits_of(storage), |Widths { single, .. }, bits| {
        let value = match storage {
            Storage::I8 => storage::wrap_i8(single, bits),
            Storage::I16 => storage::wrap_i16(single, bits),
            Storage::U8 | Storage::U16 | Storage::U32 => bits,
            Storage::F16 => storage::widen_f16(single, bits),
            Storage::BF16 => storage::widen_bf16(single, bits),
        };
        value.id()
    })
}

/// A value of [`Storage::compute`], narrowed: the result is the element's bits, zero-extended, as I32 (of a U32 as I64).
/// Integers lose their high bits; floats are values that the storage type has.
pub fn record_store(storage: Storage) -> Recording {
    recorded(type_of(storage.compute()), |Widths { double, single }, x| {
        let bits = match storage {
            Storage::I8 | Storage::U8 => storage::wrap_u8(single, x),
            Storage::I16 | Storage::U16 => storage::wrap_u16(single, x),
            Storage::U32 => storage::wrap_u32(double, x),
            Storage::F16 => storage::narrow_f16(single, x),
            Storage::BF16 => storage::narrow_bf16(single, x),
        };
        bits.id()
    })
}
