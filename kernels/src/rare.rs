//! How a vector runs its rare lanes: one at a time, out of line, on the scalar token of the same bits.

use crate::{
    scalar::Scalar,
    token::{NativeToken, Rare, SlowToken},
};
use core::mem::MaybeUninit;

/// The most words a rare body takes and returns together.
const WORDS: usize = 8;
/// The most lanes of a vector.
const LANES: usize = 16;

/// The loop over the lanes of `mask`: `words` holds `A` argument vectors, then `R` result vectors, of `lanes` each.
///
/// # Safety
/// `words` is valid for `(A + R) * lanes` integers.
#[inline(always)]
unsafe fn lane_loop<S, const A: usize, const R: usize, B>(mask: u32, words: *mut S::Integer, lanes: usize)
where
    S: SlowToken + NativeToken,
    B: Rare<A, R>,
{
    // SAFETY: the scalar token needs what the caller's token has; the indices stay below (A + R) * lanes.
    unsafe {
        let s = S::token();
        let mut lane = 0;
        while lane < lanes {
            if mask >> lane & 1 != 0 {
                let mut x = [s.int(0); A];
                let mut k = 0;
                while k < A {
                    x[k] = s.load_int(words.add(k * lanes + lane));
                    k += 1;
                }
                let result = B::body(s, x);
                let mut k = 0;
                while k < R {
                    s.store_int(words.add((A + k) * lanes + lane), result[k]);
                    k += 1;
                }
            }
            lane += 1;
        }
    }
}

/// # Safety
/// As [`lane_loop`].
#[cold]
#[inline(never)]
unsafe fn strict_lanes<S, const A: usize, const R: usize, B>(mask: u32, words: *mut S::Integer, lanes: usize)
where
    S: SlowToken + NativeToken,
    B: Rare<A, R>,
{
    // SAFETY: as promised by the caller.
    unsafe { lane_loop::<S, A, R, B>(mask, words, lanes) }
}

/// The same with FMA instructions; without them a scalar `mul_add` is a call into the system's library.
///
/// # Safety
/// As [`lane_loop`], and the processor has AVX2 and FMA.
#[cfg(target_arch = "x86_64")]
#[cold]
#[inline(never)]
#[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt")]
unsafe fn fused_lanes<S, const A: usize, const R: usize, B>(mask: u32, words: *mut S::Integer, lanes: usize)
where
    S: SlowToken + NativeToken,
    B: Rare<A, R>,
{
    // SAFETY: as promised by the caller.
    unsafe { lane_loop::<S, A, R, B>(mask, words, lanes) }
}

/// [`Token::rare`](crate::token::Token::rare) for a vector token `S` whose bits are those of `Scalar<_, FMA>`.
#[inline(always)]
pub(crate) fn rare_of_vector<S, const FMA: bool, const A: usize, const R: usize, B>(
    s: S,
    _: B,
    m: S::M,
    x: [S::I; A],
    mut y: [S::I; R],
) -> [S::I; R]
where
    S: NativeToken,
    B: Rare<A, R>,
    Scalar<S::Float, FMA>: SlowToken + NativeToken<Integer = S::Integer>,
{
    const { assert!(A + R <= WORDS && S::LANES <= LANES) }
    let mask = s.mask_bits(m);
    if mask == 0 {
        return y;
    }
    let mut words = [const { MaybeUninit::<S::Integer>::uninit() }; WORDS * LANES];
    let p = words.as_mut_ptr().cast::<S::Integer>();
    // SAFETY: (A + R) * S::LANES words fit, asserted above; every word read was stored first. A token with FMA on
    // x86-64 exists only where AVX2 and FMA were detected.
    unsafe {
        let mut k = 0;
        while k < A {
            s.store_int(p.add(k * S::LANES), x[k]);
            k += 1;
        }
        let mut k = 0;
        while k < R {
            s.store_int(p.add((A + k) * S::LANES), y[k]);
            k += 1;
        }
        #[cfg(target_arch = "x86_64")]
        if FMA {
            fused_lanes::<Scalar<S::Float, FMA>, A, R, B>(mask, p, S::LANES);
        } else {
            strict_lanes::<Scalar<S::Float, FMA>, A, R, B>(mask, p, S::LANES);
        }
        #[cfg(not(target_arch = "x86_64"))]
        strict_lanes::<Scalar<S::Float, FMA>, A, R, B>(mask, p, S::LANES);
        let mut k = 0;
        while k < R {
            y[k] = s.load_int(p.add((A + k) * S::LANES));
            k += 1;
        }
    }
    y
}
