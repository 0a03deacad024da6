//! Reductions as data: what a reduction does with an element, and with another accumulator. Their order is not
//! here; see [`Fold`].

use super::{Node, RecordToken, Recorded, Recorder, Recording, Type, ValueId, token::apart};
use crate::{
    Compute,
    fold::{Combine, Fold, FoldVisitor, MaskCombine},
    kernel::value_kind,
    moments::{self, State},
    pairs,
    row::Kind,
    token::Token,
};
use core::marker::PhantomData;

/// A reduction of one type as data.
#[derive(Clone, PartialEq, Debug)]
pub struct FoldRecording {
    /// The types of an accumulator's parts. One part; or three floats, for [`Fold::Moments`]: the count, the mean and the
    /// sum of squared deviations; or two, for products of complex numbers.
    pub parts: Vec<Type>,
    /// What each part of an accumulator that has taken in nothing holds: bits, the low ones for narrow types.
    pub identity: Vec<u64>,
    /// `(accumulator parts…, element parts…)` → accumulator parts: takes in an element.
    pub absorb: Recording,
    /// `(left parts…, right parts…)` → parts.
    pub merge: Recording,
    /// `(parts…)` → what memory holds of the result, part by part: of moments the mean and the sum of squares, else the
    /// accumulator itself.
    pub export: Recording,
}

/// A reduction of values of type `compute`; `None` where [`fold()`](crate::fold()) has no kernels.
///
/// ```
/// use numfuse_kernels::{Compute, Fold, record::record_fold};
/// let sum = record_fold(Fold::Sum, Compute::F64).unwrap();
/// assert_eq!(sum.identity, [(-0.0f64).to_bits()]);
/// assert_eq!(sum.merge.to_string(), "%0 = f64 parameter 0\n%1 = f64 parameter 1\n%2 = f64 add %0 %1\nresult %2\n");
/// ```
pub fn record_fold(fold: Fold, compute: Compute) -> Option<FoldRecording> {
    match compute {
        Compute::I32 if fold.widens() => None,
        Compute::F64 | Compute::I64 | Compute::U64 => {
            fold.visit(value_kind(compute), RecordFold::<f64>(PhantomData))
        }
        Compute::F32 | Compute::I32 | Compute::Bool => {
            fold.visit(value_kind(compute), RecordFold::<f32>(PhantomData))
        }
    }
}

/// The product of complex numbers with parts of type `compute`, elements and accumulators being `(re, im)`; `None` where
/// that is no float.
pub fn record_product_of_pairs(compute: Compute) -> Option<FoldRecording> {
    match compute {
        Compute::F64 => Some(product_of_pairs::<f64>(1.0f64.to_bits())),
        Compute::F32 => Some(product_of_pairs::<f32>(1.0f32.to_bits().into())),
        Compute::Bool | Compute::I32 | Compute::I64 | Compute::U64 => None,
    }
}

fn product_of_pairs<T>(one: u64) -> FoldRecording
where
    for<'a> Recorded<'a, T, false>: RecordToken<'a>,
{
    let float = <Recorded<'_, T, false> as RecordToken>::FLOAT;
    let merge = apart([float; 4], |recorder, [a, b, c, d]| {
        let s = Recorded::<'_, T, false>::new(recorder);
        ids(pairs::product(s, [a, b], [c, d]))
    });
    absorbing_itself(vec![float; 2], vec![one, 0], merge)
}

fn ids<const N: usize>(values: [super::Value<'_>; N]) -> Vec<ValueId> {
    values.map(super::Value::id).to_vec()
}

/// A reduction that takes in an element as it merges an accumulator.
fn absorbing_itself(parts: Vec<Type>, identity: Vec<u64>, merge: Recording) -> FoldRecording {
    let export = Recording {
        nodes: parts.iter().enumerate().map(|(k, &of)| (Node::Parameter(k as u32), of)).collect(),
        results: (0..parts.len() as u32).map(ValueId).collect(),
        parameters: parts.clone(),
        ..Recording::default()
    };
    FoldRecording { parts, identity, absorb: merge.clone(), merge, export }
}

/// Records the reductions it visits, on the token of `T`.
struct RecordFold<T>(PhantomData<T>);

impl<T: 'static> FoldVisitor for RecordFold<T>
where
    for<'a> Recorded<'a, T, false>: RecordToken<'a>,
{
    type Output = FoldRecording;

    fn value<C: Combine>(self) -> FoldRecording {
        let bits = <Recorded<'_, T, false> as Token>::BITS;
        let recorder = Recorder::new();
        let s = Recorded::<'_, T, false>::new(&recorder);
        let (a, b) = (C::K::parameter(s), C::K::parameter(s));
        let results = C::K::ids(C::combine(s, a, b));
        let merge = recorder.finish(results);
        absorbing_itself(vec![merge.parameters[0]], vec![low_word(C::identity(bits), bits)], merge)
    }

    fn mask<C: MaskCombine>(self) -> FoldRecording {
        let merge = apart([Type::Mask; 2], |_, [a, b]| vec![C::combine(a, b).id()]);
        absorbing_itself(vec![Type::Mask], vec![C::IDENTITY.into()], merge)
    }

    fn moments(self) -> FoldRecording {
        let float = <Recorded<'_, T, false> as RecordToken>::FLOAT;
        FoldRecording {
            parts: vec![float; 3],
            identity: vec![0; 3],
            absorb: apart([float; 4], |recorder, [count, mean, squares, x]| {
                let s = Recorded::<'_, T, false>::new(recorder);
                let State { count, mean, squares } = moments::absorbed(s, State { count, mean, squares }, x);
                ids([count, mean, squares])
            }),
            merge: apart(
                [float; 6],
                |recorder, [count, mean, squares, others, other_mean, other_squares]| {
                    let s = Recorded::<'_, T, false>::new(recorder);
                    let other = State { count: others, mean: other_mean, squares: other_squares };
                    let State { count, mean, squares } =
                        moments::merged(s, State { count, mean, squares }, other);
                    ids([count, mean, squares])
                },
            ),
            export: apart([float; 3], |recorder, [count, mean, squares]| {
                ids(moments::result(Recorded::<'_, T, false>::new(recorder), State { count, mean, squares }))
            }),
        }
    }
}

/// The element that these bytes begin with.
fn low_word(bytes: [u8; 16], bits: u32) -> u64 {
    let low: [u8; 8] = core::array::from_fn(|i| bytes[i]);
    if bits == 64 {
        u64::from_ne_bytes(low)
    } else {
        u32::from_ne_bytes([low[0], low[1], low[2], low[3]]).into()
    }
}
