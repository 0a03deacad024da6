//! AVX2 with FMA. A mask is a vector of all-ones and all-zeros lanes; what 64-bit integers lack is composed.

use super::{divide_lanes, fused_rare, instructions, maximum_of_pmax, memory, minimum_of_pmin, vector};
use crate::{
    rare::rare_of_vector,
    token::{NativeToken, Rare, Token, float_of_halves, int_of_halves},
};
use core::{arch::x86_64::*, ops::Not};

vector! {
    /// Four `f64`.
    Avx2Doubles(__m256d): Add add _mm256_add_pd, Sub sub _mm256_sub_pd, Mul mul _mm256_mul_pd, Div div _mm256_div_pd
}
vector! {
    /// Eight `f32`.
    Avx2Singles(__m256): Add add _mm256_add_ps, Sub sub _mm256_sub_ps, Mul mul _mm256_mul_ps, Div div _mm256_div_ps
}
vector! {
    /// Four `i64`.
    Avx2Longs(__m256i): Add add _mm256_add_epi64, Sub sub _mm256_sub_epi64,
    BitAnd bitand _mm256_and_si256, BitOr bitor _mm256_or_si256, BitXor bitxor _mm256_xor_si256
}
vector! {
    /// Eight `i32`.
    Avx2Ints(__m256i): Add add _mm256_add_epi32, Sub sub _mm256_sub_epi32,
    BitAnd bitand _mm256_and_si256, BitOr bitor _mm256_or_si256, BitXor bitxor _mm256_xor_si256
}
vector! {
    /// Lanes of all ones or all zeros.
    Avx2Mask(__m256i):
    BitAnd bitand _mm256_and_si256, BitOr bitor _mm256_or_si256, BitXor bitxor _mm256_xor_si256
}

impl Not for Avx2Mask {
    type Output = Avx2Mask;
    #[inline(always)]
    fn not(self) -> Avx2Mask {
        // SAFETY: the value's token vouches for the instruction.
        unsafe { Avx2Mask(_mm256_xor_si256(self.0, _mm256_set1_epi32(-1))) }
    }
}

/// Four `f64` at a time, AVX2.
#[derive(Clone, Copy)]
pub struct Avx2F64(());

/// Eight `f32` at a time, AVX2.
#[derive(Clone, Copy)]
pub struct Avx2F32(());

const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
const DOWN: i32 = _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC;
const UP: i32 = _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC;
const ZERO: i32 = _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC;

impl Token for Avx2F64 {
    type F = Avx2Doubles;
    type I = Avx2Longs;
    type M = Avx2Mask;
    const BITS: u32 = 64;
    const FMA: bool = true;

    instructions! {
        lit(self, value: f64) -> Self::F { Avx2Doubles(_mm256_set1_pd(value)) }
        int(self, value: i64) -> Self::I { Avx2Longs(_mm256_set1_epi64x(value)) }
        mul_add(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F { Avx2Doubles(_mm256_fmadd_pd(a.0, b.0, c.0)) }
        sqrt(self, a: Self::F) -> Self::F { Avx2Doubles(_mm256_sqrt_pd(a.0)) }
        bits(self, a: Self::F) -> Self::I { Avx2Longs(_mm256_castpd_si256(a.0)) }
        float(self, a: Self::I) -> Self::F { Avx2Doubles(_mm256_castsi256_pd(a.0)) }
        from_int(self, a: Self::I) -> Self::F { float_of_halves(self, a) }
        to_int(self, a: Self::F) -> Self::I { int_of_halves(self, a) }
        shl(self, a: Self::I, n: u32) -> Self::I { Avx2Longs(_mm256_sll_epi64(a.0, _mm_cvtsi32_si128(n as i32))) }
        shr(self, a: Self::I, n: u32) -> Self::I { Avx2Longs(_mm256_srl_epi64(a.0, _mm_cvtsi32_si128(n as i32))) }
        shl_by(self, a: Self::I, n: Self::I) -> Self::I { Avx2Longs(_mm256_sllv_epi64(a.0, n.0)) }
        shr_by(self, a: Self::I, n: Self::I) -> Self::I { Avx2Longs(_mm256_srlv_epi64(a.0, n.0)) }
        imul(self, a: Self::I, b: Self::I) -> Self::I { Avx2Longs(multiply_longs(a.0, b.0)) }
        idiv(self, a: Self::I, b: Self::I) -> Self::I { Avx2Longs(divide_lanes!(a.0, b.0, __m256i, 4)) }
        lt(self, a: Self::F, b: Self::F) -> Avx2Mask { Avx2Mask(_mm256_castpd_si256(_mm256_cmp_pd::<_CMP_LT_OQ>(a.0, b.0))) }
        le(self, a: Self::F, b: Self::F) -> Avx2Mask { Avx2Mask(_mm256_castpd_si256(_mm256_cmp_pd::<_CMP_LE_OQ>(a.0, b.0))) }
        eq(self, a: Self::F, b: Self::F) -> Avx2Mask { Avx2Mask(_mm256_castpd_si256(_mm256_cmp_pd::<_CMP_EQ_OQ>(a.0, b.0))) }
        ilt(self, a: Self::I, b: Self::I) -> Avx2Mask { Avx2Mask(_mm256_cmpgt_epi64(b.0, a.0)) }
        ieq(self, a: Self::I, b: Self::I) -> Avx2Mask { Avx2Mask(_mm256_cmpeq_epi64(a.0, b.0)) }
        select(self, m: Avx2Mask, a: Self::F, b: Self::F) -> Self::F { Avx2Doubles(_mm256_blendv_pd(b.0, a.0, _mm256_castsi256_pd(m.0))) }
        iselect(self, m: Avx2Mask, a: Self::I, b: Self::I) -> Self::I { Avx2Longs(_mm256_blendv_epi8(b.0, a.0, m.0)) }
        pmin(self, a: Self::F, b: Self::F) -> Self::F { Avx2Doubles(_mm256_min_pd(a.0, b.0)) }
        pmax(self, a: Self::F, b: Self::F) -> Self::F { Avx2Doubles(_mm256_max_pd(a.0, b.0)) }
        minimum(self, a: Self::F, b: Self::F) -> Self::F { minimum_of_pmin(self, a, b) }
        maximum(self, a: Self::F, b: Self::F) -> Self::F { maximum_of_pmax(self, a, b) }
        round(self, x: Self::F) -> Self::F { Avx2Doubles(_mm256_round_pd::<NEAREST>(x.0)) }
        floor(self, x: Self::F) -> Self::F { Avx2Doubles(_mm256_round_pd::<DOWN>(x.0)) }
        ceil(self, x: Self::F) -> Self::F { Avx2Doubles(_mm256_round_pd::<UP>(x.0)) }
        trunc(self, x: Self::F) -> Self::F { Avx2Doubles(_mm256_round_pd::<ZERO>(x.0)) }
    }

    fused_rare!(Avx2Longs, Avx2Mask);
}

/// The low halves of the products: AVX2 multiplies 32 by 32 bits only.
///
/// # Safety
/// The processor has AVX2.
#[inline(always)]
unsafe fn multiply_longs(a: __m256i, b: __m256i) -> __m256i {
    // SAFETY: the caller's promise.
    unsafe {
        let cross = _mm256_add_epi64(
            _mm256_mul_epu32(_mm256_srli_epi64::<32>(a), b),
            _mm256_mul_epu32(a, _mm256_srli_epi64::<32>(b)),
        );
        _mm256_add_epi64(_mm256_mul_epu32(a, b), _mm256_slli_epi64::<32>(cross))
    }
}

impl NativeToken for Avx2F64 {
    const LANES: usize = 4;
    memory!(
        f64,
        i64,
        Avx2Doubles,
        Avx2Longs,
        __m256i,
        _mm256_loadu_pd,
        _mm256_storeu_pd,
        _mm256_set1_pd,
        _mm256_set1_epi64x
    );

    #[inline(always)]
    unsafe fn token() -> Self {
        Avx2F64(())
    }
    #[inline(always)]
    unsafe fn load_mask(self, p: *const u8) -> Avx2Mask {
        // SAFETY: the caller's promise, and the token's.
        unsafe {
            let bytes = _mm_cvtsi32_si128(p.cast::<i32>().read_unaligned());
            Avx2Mask(_mm256_cmpgt_epi64(_mm256_cvtepu8_epi64(bytes), _mm256_setzero_si256()))
        }
    }
    #[inline(always)]
    unsafe fn store_mask(self, p: *mut u8, m: Avx2Mask) {
        // Packing and not PDEP: that instruction takes hundreds of cycles on AMD processors before Zen 3.
        // SAFETY: the caller's promise, and the token's.
        unsafe {
            let halves = _mm_packs_epi32(_mm256_castsi256_si128(m.0), _mm256_extracti128_si256::<1>(m.0));
            let pick = _mm_setr_epi8(0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
            let bytes = _mm_and_si128(_mm_shuffle_epi8(halves, pick), _mm_set1_epi8(1));
            p.cast::<i32>().write_unaligned(_mm_cvtsi128_si32(bytes));
        }
    }
    #[inline(always)]
    fn mask_bits(self, m: Avx2Mask) -> u32 {
        // SAFETY: the token vouches for the instruction.
        unsafe { _mm256_movemask_pd(_mm256_castsi256_pd(m.0)) as u32 }
    }
}

impl Token for Avx2F32 {
    type F = Avx2Singles;
    type I = Avx2Ints;
    type M = Avx2Mask;
    const BITS: u32 = 32;
    const FMA: bool = true;

    instructions! {
        lit(self, value: f64) -> Self::F { Avx2Singles(_mm256_set1_ps(value as f32)) }
        int(self, value: i64) -> Self::I { Avx2Ints(_mm256_set1_epi32(value as i32)) }
        mul_add(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F { Avx2Singles(_mm256_fmadd_ps(a.0, b.0, c.0)) }
        sqrt(self, a: Self::F) -> Self::F { Avx2Singles(_mm256_sqrt_ps(a.0)) }
        bits(self, a: Self::F) -> Self::I { Avx2Ints(_mm256_castps_si256(a.0)) }
        float(self, a: Self::I) -> Self::F { Avx2Singles(_mm256_castsi256_ps(a.0)) }
        from_int(self, a: Self::I) -> Self::F { Avx2Singles(_mm256_cvtepi32_ps(a.0)) }
        to_int(self, a: Self::F) -> Self::I { Avx2Ints(_mm256_cvttps_epi32(a.0)) }
        shl(self, a: Self::I, n: u32) -> Self::I { Avx2Ints(_mm256_sll_epi32(a.0, _mm_cvtsi32_si128(n as i32))) }
        shr(self, a: Self::I, n: u32) -> Self::I { Avx2Ints(_mm256_srl_epi32(a.0, _mm_cvtsi32_si128(n as i32))) }
        sar(self, a: Self::I, n: u32) -> Self::I { Avx2Ints(_mm256_sra_epi32(a.0, _mm_cvtsi32_si128(n as i32))) }
        shl_by(self, a: Self::I, n: Self::I) -> Self::I { Avx2Ints(_mm256_sllv_epi32(a.0, n.0)) }
        shr_by(self, a: Self::I, n: Self::I) -> Self::I { Avx2Ints(_mm256_srlv_epi32(a.0, n.0)) }
        sar_by(self, a: Self::I, n: Self::I) -> Self::I { Avx2Ints(_mm256_srav_epi32(a.0, n.0)) }
        imul(self, a: Self::I, b: Self::I) -> Self::I { Avx2Ints(_mm256_mullo_epi32(a.0, b.0)) }
        idiv(self, a: Self::I, b: Self::I) -> Self::I { Avx2Ints(divide_ints(a.0, b.0)) }
        imin(self, a: Self::I, b: Self::I) -> Self::I { Avx2Ints(_mm256_min_epi32(a.0, b.0)) }
        imax(self, a: Self::I, b: Self::I) -> Self::I { Avx2Ints(_mm256_max_epi32(a.0, b.0)) }
        lt(self, a: Self::F, b: Self::F) -> Avx2Mask { Avx2Mask(_mm256_castps_si256(_mm256_cmp_ps::<_CMP_LT_OQ>(a.0, b.0))) }
        le(self, a: Self::F, b: Self::F) -> Avx2Mask { Avx2Mask(_mm256_castps_si256(_mm256_cmp_ps::<_CMP_LE_OQ>(a.0, b.0))) }
        eq(self, a: Self::F, b: Self::F) -> Avx2Mask { Avx2Mask(_mm256_castps_si256(_mm256_cmp_ps::<_CMP_EQ_OQ>(a.0, b.0))) }
        ilt(self, a: Self::I, b: Self::I) -> Avx2Mask { Avx2Mask(_mm256_cmpgt_epi32(b.0, a.0)) }
        ieq(self, a: Self::I, b: Self::I) -> Avx2Mask { Avx2Mask(_mm256_cmpeq_epi32(a.0, b.0)) }
        select(self, m: Avx2Mask, a: Self::F, b: Self::F) -> Self::F { Avx2Singles(_mm256_blendv_ps(b.0, a.0, _mm256_castsi256_ps(m.0))) }
        iselect(self, m: Avx2Mask, a: Self::I, b: Self::I) -> Self::I { Avx2Ints(_mm256_blendv_epi8(b.0, a.0, m.0)) }
        pmin(self, a: Self::F, b: Self::F) -> Self::F { Avx2Singles(_mm256_min_ps(a.0, b.0)) }
        pmax(self, a: Self::F, b: Self::F) -> Self::F { Avx2Singles(_mm256_max_ps(a.0, b.0)) }
        minimum(self, a: Self::F, b: Self::F) -> Self::F { minimum_of_pmin(self, a, b) }
        maximum(self, a: Self::F, b: Self::F) -> Self::F { maximum_of_pmax(self, a, b) }
        round(self, x: Self::F) -> Self::F { Avx2Singles(_mm256_round_ps::<NEAREST>(x.0)) }
        floor(self, x: Self::F) -> Self::F { Avx2Singles(_mm256_round_ps::<DOWN>(x.0)) }
        ceil(self, x: Self::F) -> Self::F { Avx2Singles(_mm256_round_ps::<UP>(x.0)) }
        trunc(self, x: Self::F) -> Self::F { Avx2Singles(_mm256_round_ps::<ZERO>(x.0)) }
    }

    fused_rare!(Avx2Ints, Avx2Mask);
}

/// The truncated quotient by way of `f64`; see the AVX-512 form for why it is exact.
///
/// # Safety
/// The processor has AVX2.
#[inline(always)]
unsafe fn divide_ints(a: __m256i, b: __m256i) -> __m256i {
    // SAFETY: the caller's promise.
    unsafe {
        let (a_low, b_low) = (_mm256_castsi256_si128(a), _mm256_castsi256_si128(b));
        let (a_high, b_high) = (_mm256_extracti128_si256::<1>(a), _mm256_extracti128_si256::<1>(b));
        let first = _mm256_cvttpd_epi32(_mm256_div_pd(_mm256_cvtepi32_pd(a_low), _mm256_cvtepi32_pd(b_low)));
        let second =
            _mm256_cvttpd_epi32(_mm256_div_pd(_mm256_cvtepi32_pd(a_high), _mm256_cvtepi32_pd(b_high)));
        let by_zero = _mm256_cmpeq_epi32(b, _mm256_setzero_si256());
        _mm256_andnot_si256(by_zero, _mm256_set_m128i(second, first))
    }
}

impl NativeToken for Avx2F32 {
    const LANES: usize = 8;
    memory!(
        f32,
        i32,
        Avx2Singles,
        Avx2Ints,
        __m256i,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_set1_ps,
        _mm256_set1_epi32
    );

    #[inline(always)]
    unsafe fn token() -> Self {
        Avx2F32(())
    }
    #[inline(always)]
    unsafe fn load_mask(self, p: *const u8) -> Avx2Mask {
        // SAFETY: the caller's promise, and the token's.
        unsafe {
            let bytes = _mm_loadl_epi64(p.cast());
            Avx2Mask(_mm256_cmpgt_epi32(_mm256_cvtepu8_epi32(bytes), _mm256_setzero_si256()))
        }
    }
    #[inline(always)]
    unsafe fn store_mask(self, p: *mut u8, m: Avx2Mask) {
        // SAFETY: the caller's promise, and the token's.
        unsafe {
            let halves = _mm_packs_epi32(_mm256_castsi256_si128(m.0), _mm256_extracti128_si256::<1>(m.0));
            let bytes = _mm_and_si128(_mm_packs_epi16(halves, halves), _mm_set1_epi8(1));
            _mm_storel_epi64(p.cast(), bytes);
        }
    }
    #[inline(always)]
    fn mask_bits(self, m: Avx2Mask) -> u32 {
        // SAFETY: the token vouches for the instruction.
        unsafe { _mm256_movemask_ps(_mm256_castsi256_ps(m.0)) as u32 }
    }
}
