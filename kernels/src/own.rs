//! Bodies that other crates write: kernels for every instruction set, an oracle and a recording follow from them as
//! from a row of the table. They are compiled where they are written, with that crate's optimisation.

use crate::{
    Compute, Isa,
    kernel::{Kernel, forms_of_row},
    oracle::oracle_of_row,
    record::{Recording, record_row},
    row::{Absent, Binary, Float, Kind, Row, Shape, Ternary, Unary},
    token::Token,
};
use core::marker::PhantomData;

/// A function of `N` floats, one to three, written once over any [`Token`]: doubles and singles, vectors, one lane, and
/// the recorder.
///
/// No branch may depend on a value: [`Token::select`] chooses. Helpers of a body are `#[inline(always)]`, and neither
/// closures nor iterators: what is not inlined is compiled without the vectors' instructions.
///
/// ```
/// use numfuse_kernels::{Body, Compute, Isa, OwnKernels, STEP, token::Token};
///
/// struct Cubed;
/// impl Body<1> for Cubed {
///     #[inline(always)]
///     fn apply<S: Token>(_: S, [x]: [S::F; 1]) -> S::F {
///         x * x * x
///     }
/// }
///
/// let kernel = OwnKernels::of(Cubed).kernel(Isa::detect(), Compute::F64, 0).unwrap();
/// let (x, mut y) = ([2.0f64; STEP], [0.0f64; STEP]);
/// // SAFETY: a step of doubles each; the instruction set was detected.
/// unsafe { kernel(STEP, y.as_mut_ptr().cast(), x.as_ptr().cast(), std::ptr::null(), std::ptr::null()) };
/// assert_eq!(y, [8.0; STEP]);
/// ```
pub trait Body<const N: usize>: 'static {
    /// About how many simple operations it takes: 1 for a sum, 8 for a division. From 9 on its forms share a loop.
    const COST: u32 = 30;

    /// The function.
    fn apply<S: Token>(s: S, x: [S::F; N]) -> S::F;
}

/// What follows from a [`Body`].
#[derive(Clone, Copy, Debug)]
pub struct OwnKernels {
    cost: u32,
    forms: fn(Isa, Compute) -> Option<&'static [Option<Kernel>; 8]>,
    oracle: fn(Compute, bool) -> Option<Kernel>,
    record: fn(Compute, bool) -> Option<Recording>,
}

impl OwnKernels {
    /// Those of a body.
    pub fn of<const N: usize, B: Body<N>>(_: B) -> OwnKernels
    where
        Adapter<B, N>: Adapted,
    {
        Adapter::<B, N>::kernels()
    }

    /// As [`kernel`](crate::kernel()); the body's types are `f64` and `f32`.
    pub fn kernel(&self, isa: Isa, compute: Compute, splats: u8) -> Option<Kernel> {
        *(self.forms)(isa, compute)?.get(splats as usize)?
    }

    /// As [`oracle`](crate::oracle()).
    pub fn oracle(&self, compute: Compute, fma: bool) -> Option<Kernel> {
        (self.oracle)(compute, fma)
    }

    /// As [`record`](crate::record::record).
    pub fn record(&self, compute: Compute, fma: bool) -> Option<Recording> {
        (self.record)(compute, fma)
    }

    /// As the body says.
    pub fn cost(&self) -> u32 {
        self.cost
    }
}

/// A body as a row.
#[doc(hidden)]
pub struct Adapter<B, const N: usize>(PhantomData<B>);

/// The adapters of bodies: those of one to three arguments.
#[doc(hidden)]
pub trait Adapted {
    fn kernels() -> OwnKernels;
}

fn kernels_of<R: Row>() -> OwnKernels {
    OwnKernels {
        cost: R::COST,
        forms: forms_of_row::<R>,
        oracle: oracle_of_row::<R>,
        record: record_row::<R>,
    }
}

type Value<S, K> = <K as Kind>::V<S>;

macro_rules! adapters {
    ($($N:literal $Row:ident($($x:ident),*; $A:ty, $B:ty, $C:ty; $a:pat, $b:pat, $c:pat);)*) => {
        $(impl<B: Body<$N>> Row for Adapter<B, $N> {
            type Shape = $Row<Float>;
            const COST: u32 = B::COST;
            #[inline(always)]
            fn apply<S: Token>(
                s: S, $a: Value<S, $A>, $b: Value<S, $B>, $c: Value<S, $C>,
            ) -> Value<S, <$Row<Float> as Shape>::R> {
                B::apply(s, [$($x),*])
            }
        }

        impl<B: Body<$N>> Adapted for Adapter<B, $N> {
            fn kernels() -> OwnKernels {
                kernels_of::<Self>()
            }
        })*
    };
}

adapters! {
    1 Unary(x; Float, Absent, Absent; x, (), ());
    2 Binary(x, y; Float, Float, Absent; x, y, ());
    3 Ternary(x, y, z; Float, Float, Float; x, y, z);
}
