//! AVX-512: masks in registers of their own, and an instruction for nearly every method.

use super::{divide_lanes, fused_rare, instructions, maximum_of_pmax, memory, minimum_of_pmin, vector};
use crate::{
    rare::rare_of_vector,
    token::{NativeToken, Rare, Token},
};
use core::arch::x86_64::*;

vector! {
    /// Eight `f64`.
    Avx512Doubles(__m512d): Add add _mm512_add_pd, Sub sub _mm512_sub_pd, Mul mul _mm512_mul_pd, Div div _mm512_div_pd
}
vector! {
    /// Sixteen `f32`.
    Avx512Singles(__m512): Add add _mm512_add_ps, Sub sub _mm512_sub_ps, Mul mul _mm512_mul_ps, Div div _mm512_div_ps
}
vector! {
    /// Eight `i64`.
    Avx512Longs(__m512i): Add add _mm512_add_epi64, Sub sub _mm512_sub_epi64,
    BitAnd bitand _mm512_and_si512, BitOr bitor _mm512_or_si512, BitXor bitxor _mm512_xor_si512
}
vector! {
    /// Sixteen `i32`.
    Avx512Ints(__m512i): Add add _mm512_add_epi32, Sub sub _mm512_sub_epi32,
    BitAnd bitand _mm512_and_si512, BitOr bitor _mm512_or_si512, BitXor bitxor _mm512_xor_si512
}

/// Eight `f64` at a time, AVX-512.
#[derive(Clone, Copy)]
pub struct Avx512F64(());

/// Sixteen `f32` at a time, AVX-512.
#[derive(Clone, Copy)]
pub struct Avx512F32(());

/// Immediates of VRNDSCALE: round to an integer, in the direction of the low bits, without raising inexact.
const NEAREST: i32 = 0x08;
const DOWN: i32 = 0x09;
const UP: i32 = 0x0a;
const ZERO: i32 = 0x0b;

/// What VFIXUPIMM makes of each kind of argument of a logarithm, four bits each from the lowest: a NaN stays (quiet),
/// signaling too; of zeros -infinity; of +1 what was computed; of -infinity NaN; +infinity; of negative values NaN; of
/// positive ones what was computed.
const LOG_EDGES: i32 = 0x0353_0422;

impl Token for Avx512F64 {
    type F = Avx512Doubles;
    type I = Avx512Longs;
    type M = __mmask8;
    const BITS: u32 = 64;
    const FMA: bool = true;

    instructions! {
        lit(self, value: f64) -> Self::F { Avx512Doubles(_mm512_set1_pd(value)) }
        int(self, value: i64) -> Self::I { Avx512Longs(_mm512_set1_epi64(value)) }
        mul_add(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F { Avx512Doubles(_mm512_fmadd_pd(a.0, b.0, c.0)) }
        sqrt(self, a: Self::F) -> Self::F { Avx512Doubles(_mm512_sqrt_pd(a.0)) }
        bits(self, a: Self::F) -> Self::I { Avx512Longs(_mm512_castpd_si512(a.0)) }
        float(self, a: Self::I) -> Self::F { Avx512Doubles(_mm512_castsi512_pd(a.0)) }
        from_int(self, a: Self::I) -> Self::F { Avx512Doubles(_mm512_cvtepi64_pd(a.0)) }
        to_int(self, a: Self::F) -> Self::I { Avx512Longs(_mm512_cvttpd_epi64(a.0)) }
        shl(self, a: Self::I, n: u32) -> Self::I { Avx512Longs(_mm512_sll_epi64(a.0, _mm_cvtsi32_si128(n as i32))) }
        shr(self, a: Self::I, n: u32) -> Self::I { Avx512Longs(_mm512_srl_epi64(a.0, _mm_cvtsi32_si128(n as i32))) }
        sar(self, a: Self::I, n: u32) -> Self::I { Avx512Longs(_mm512_sra_epi64(a.0, _mm_cvtsi32_si128(n as i32))) }
        shl_by(self, a: Self::I, n: Self::I) -> Self::I { Avx512Longs(_mm512_sllv_epi64(a.0, n.0)) }
        shr_by(self, a: Self::I, n: Self::I) -> Self::I { Avx512Longs(_mm512_srlv_epi64(a.0, n.0)) }
        sar_by(self, a: Self::I, n: Self::I) -> Self::I { Avx512Longs(_mm512_srav_epi64(a.0, n.0)) }
        imul(self, a: Self::I, b: Self::I) -> Self::I { Avx512Longs(_mm512_mullo_epi64(a.0, b.0)) }
        idiv(self, a: Self::I, b: Self::I) -> Self::I { Avx512Longs(divide_lanes!(a.0, b.0, __m512i, 8)) }
        imin(self, a: Self::I, b: Self::I) -> Self::I { Avx512Longs(_mm512_min_epi64(a.0, b.0)) }
        imax(self, a: Self::I, b: Self::I) -> Self::I { Avx512Longs(_mm512_max_epi64(a.0, b.0)) }
        lt(self, a: Self::F, b: Self::F) -> __mmask8 { _mm512_cmp_pd_mask::<_CMP_LT_OQ>(a.0, b.0) }
        le(self, a: Self::F, b: Self::F) -> __mmask8 { _mm512_cmp_pd_mask::<_CMP_LE_OQ>(a.0, b.0) }
        eq(self, a: Self::F, b: Self::F) -> __mmask8 { _mm512_cmp_pd_mask::<_CMP_EQ_OQ>(a.0, b.0) }
        ilt(self, a: Self::I, b: Self::I) -> __mmask8 { _mm512_cmplt_epi64_mask(a.0, b.0) }
        ieq(self, a: Self::I, b: Self::I) -> __mmask8 { _mm512_cmpeq_epi64_mask(a.0, b.0) }
        select(self, m: __mmask8, a: Self::F, b: Self::F) -> Self::F { Avx512Doubles(_mm512_mask_blend_pd(m, b.0, a.0)) }
        iselect(self, m: __mmask8, a: Self::I, b: Self::I) -> Self::I { Avx512Longs(_mm512_mask_blend_epi64(m, b.0, a.0)) }
        pmin(self, a: Self::F, b: Self::F) -> Self::F { Avx512Doubles(_mm512_min_pd(a.0, b.0)) }
        pmax(self, a: Self::F, b: Self::F) -> Self::F { Avx512Doubles(_mm512_max_pd(a.0, b.0)) }
        minimum(self, a: Self::F, b: Self::F) -> Self::F { minimum_of_pmin(self, a, b) }
        maximum(self, a: Self::F, b: Self::F) -> Self::F { maximum_of_pmax(self, a, b) }
        round(self, x: Self::F) -> Self::F { Avx512Doubles(_mm512_roundscale_pd::<NEAREST>(x.0)) }
        floor(self, x: Self::F) -> Self::F { Avx512Doubles(_mm512_roundscale_pd::<DOWN>(x.0)) }
        ceil(self, x: Self::F) -> Self::F { Avx512Doubles(_mm512_roundscale_pd::<UP>(x.0)) }
        trunc(self, x: Self::F) -> Self::F { Avx512Doubles(_mm512_roundscale_pd::<ZERO>(x.0)) }
        scale(self, y: Self::F, n: Self::F, _t: Self::F) -> Self::F { Avx512Doubles(_mm512_scalef_pd(y.0, n.0)) }
        log_edges(self, x: Self::F, y: Self::F) -> Self::F {
            Avx512Doubles(_mm512_fixupimm_pd::<0>(y.0, x.0, _mm512_set1_epi64(LOG_EDGES as i64)))
        }
        split_exponent(self, x: Self::F, low: Self::F) -> (Self::F, Self::F) {{
            let exponent = _mm512_getexp_pd(x.0);
            let mantissa = _mm512_getmant_pd::<_MM_MANT_NORM_1_2, _MM_MANT_SIGN_SRC>(x.0);
            let high = _mm512_cmp_pd_mask::<_CMP_LE_OQ>((low + low).0, mantissa);
            let half = _mm512_mask_mul_pd(mantissa, high, mantissa, _mm512_set1_pd(0.5));
            (Avx512Doubles(_mm512_mask_add_pd(exponent, high, exponent, _mm512_set1_pd(1.0))), Avx512Doubles(half))
        }}
    }

    fused_rare!(Avx512Longs, __mmask8);
}

impl NativeToken for Avx512F64 {
    const LANES: usize = 8;
    memory!(
        f64,
        i64,
        Avx512Doubles,
        Avx512Longs,
        __m512i,
        _mm512_loadu_pd,
        _mm512_storeu_pd,
        _mm512_set1_pd,
        _mm512_set1_epi64
    );

    #[inline(always)]
    unsafe fn token() -> Self {
        Avx512F64(())
    }
    #[inline(always)]
    unsafe fn load_mask(self, p: *const u8) -> __mmask8 {
        // SAFETY: the caller's promise, and the token's.
        unsafe {
            let bytes = _mm_loadl_epi64(p.cast());
            _mm_test_epi8_mask(bytes, bytes) as __mmask8
        }
    }
    #[inline(always)]
    unsafe fn store_mask(self, p: *mut u8, m: __mmask8) {
        // SAFETY: the caller's promise, and the token's.
        unsafe { _mm_storel_epi64(p.cast(), _mm_maskz_set1_epi8(m as __mmask16, 1)) }
    }
    #[inline(always)]
    fn mask_bits(self, m: __mmask8) -> u32 {
        m as u32
    }
}

impl Token for Avx512F32 {
    type F = Avx512Singles;
    type I = Avx512Ints;
    type M = __mmask16;
    const BITS: u32 = 32;
    const FMA: bool = true;

    instructions! {
        lit(self, value: f64) -> Self::F { Avx512Singles(_mm512_set1_ps(value as f32)) }
        int(self, value: i64) -> Self::I { Avx512Ints(_mm512_set1_epi32(value as i32)) }
        mul_add(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F { Avx512Singles(_mm512_fmadd_ps(a.0, b.0, c.0)) }
        sqrt(self, a: Self::F) -> Self::F { Avx512Singles(_mm512_sqrt_ps(a.0)) }
        bits(self, a: Self::F) -> Self::I { Avx512Ints(_mm512_castps_si512(a.0)) }
        float(self, a: Self::I) -> Self::F { Avx512Singles(_mm512_castsi512_ps(a.0)) }
        from_int(self, a: Self::I) -> Self::F { Avx512Singles(_mm512_cvtepi32_ps(a.0)) }
        to_int(self, a: Self::F) -> Self::I { Avx512Ints(_mm512_cvttps_epi32(a.0)) }
        shl(self, a: Self::I, n: u32) -> Self::I { Avx512Ints(_mm512_sll_epi32(a.0, _mm_cvtsi32_si128(n as i32))) }
        shr(self, a: Self::I, n: u32) -> Self::I { Avx512Ints(_mm512_srl_epi32(a.0, _mm_cvtsi32_si128(n as i32))) }
        sar(self, a: Self::I, n: u32) -> Self::I { Avx512Ints(_mm512_sra_epi32(a.0, _mm_cvtsi32_si128(n as i32))) }
        shl_by(self, a: Self::I, n: Self::I) -> Self::I { Avx512Ints(_mm512_sllv_epi32(a.0, n.0)) }
        shr_by(self, a: Self::I, n: Self::I) -> Self::I { Avx512Ints(_mm512_srlv_epi32(a.0, n.0)) }
        sar_by(self, a: Self::I, n: Self::I) -> Self::I { Avx512Ints(_mm512_srav_epi32(a.0, n.0)) }
        imul(self, a: Self::I, b: Self::I) -> Self::I { Avx512Ints(_mm512_mullo_epi32(a.0, b.0)) }
        idiv(self, a: Self::I, b: Self::I) -> Self::I { Avx512Ints(divide_ints(a.0, b.0)) }
        imin(self, a: Self::I, b: Self::I) -> Self::I { Avx512Ints(_mm512_min_epi32(a.0, b.0)) }
        imax(self, a: Self::I, b: Self::I) -> Self::I { Avx512Ints(_mm512_max_epi32(a.0, b.0)) }
        lt(self, a: Self::F, b: Self::F) -> __mmask16 { _mm512_cmp_ps_mask::<_CMP_LT_OQ>(a.0, b.0) }
        le(self, a: Self::F, b: Self::F) -> __mmask16 { _mm512_cmp_ps_mask::<_CMP_LE_OQ>(a.0, b.0) }
        eq(self, a: Self::F, b: Self::F) -> __mmask16 { _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(a.0, b.0) }
        ilt(self, a: Self::I, b: Self::I) -> __mmask16 { _mm512_cmplt_epi32_mask(a.0, b.0) }
        ieq(self, a: Self::I, b: Self::I) -> __mmask16 { _mm512_cmpeq_epi32_mask(a.0, b.0) }
        select(self, m: __mmask16, a: Self::F, b: Self::F) -> Self::F { Avx512Singles(_mm512_mask_blend_ps(m, b.0, a.0)) }
        iselect(self, m: __mmask16, a: Self::I, b: Self::I) -> Self::I { Avx512Ints(_mm512_mask_blend_epi32(m, b.0, a.0)) }
        pmin(self, a: Self::F, b: Self::F) -> Self::F { Avx512Singles(_mm512_min_ps(a.0, b.0)) }
        pmax(self, a: Self::F, b: Self::F) -> Self::F { Avx512Singles(_mm512_max_ps(a.0, b.0)) }
        minimum(self, a: Self::F, b: Self::F) -> Self::F { minimum_of_pmin(self, a, b) }
        maximum(self, a: Self::F, b: Self::F) -> Self::F { maximum_of_pmax(self, a, b) }
        round(self, x: Self::F) -> Self::F { Avx512Singles(_mm512_roundscale_ps::<NEAREST>(x.0)) }
        floor(self, x: Self::F) -> Self::F { Avx512Singles(_mm512_roundscale_ps::<DOWN>(x.0)) }
        ceil(self, x: Self::F) -> Self::F { Avx512Singles(_mm512_roundscale_ps::<UP>(x.0)) }
        trunc(self, x: Self::F) -> Self::F { Avx512Singles(_mm512_roundscale_ps::<ZERO>(x.0)) }
        scale(self, y: Self::F, n: Self::F, _t: Self::F) -> Self::F { Avx512Singles(_mm512_scalef_ps(y.0, n.0)) }
        log_edges(self, x: Self::F, y: Self::F) -> Self::F {
            Avx512Singles(_mm512_fixupimm_ps::<0>(y.0, x.0, _mm512_set1_epi32(LOG_EDGES)))
        }
        split_exponent(self, x: Self::F, low: Self::F) -> (Self::F, Self::F) {{
            let exponent = _mm512_getexp_ps(x.0);
            let mantissa = _mm512_getmant_ps::<_MM_MANT_NORM_1_2, _MM_MANT_SIGN_SRC>(x.0);
            let high = _mm512_cmp_ps_mask::<_CMP_LE_OQ>((low + low).0, mantissa);
            let half = _mm512_mask_mul_ps(mantissa, high, mantissa, _mm512_set1_ps(0.5));
            (Avx512Singles(_mm512_mask_add_ps(exponent, high, exponent, _mm512_set1_ps(1.0))), Avx512Singles(half))
        }}
    }

    fused_rare!(Avx512Ints, __mmask16);
}

/// The truncated quotient of 32-bit integers by way of `f64`: with 53 bits the rounded quotient of two of them never
/// reaches the next integer. A quotient that does not fit (MIN / -1) converts to MIN, which is what wrapping asks for.
///
/// # Safety
/// The processor has AVX-512.
#[inline(always)]
unsafe fn divide_ints(a: __m512i, b: __m512i) -> __m512i {
    // SAFETY: the caller's promise.
    unsafe {
        let (a_low, b_low) = (_mm512_castsi512_si256(a), _mm512_castsi512_si256(b));
        let (a_high, b_high) = (_mm512_extracti64x4_epi64::<1>(a), _mm512_extracti64x4_epi64::<1>(b));
        let first = _mm512_cvttpd_epi32(_mm512_div_pd(_mm512_cvtepi32_pd(a_low), _mm512_cvtepi32_pd(b_low)));
        let second =
            _mm512_cvttpd_epi32(_mm512_div_pd(_mm512_cvtepi32_pd(a_high), _mm512_cvtepi32_pd(b_high)));
        let quotient = _mm512_inserti64x4::<1>(_mm512_castsi256_si512(first), second);
        _mm512_maskz_mov_epi32(_mm512_test_epi32_mask(b, b), quotient)
    }
}

impl NativeToken for Avx512F32 {
    const LANES: usize = 16;
    memory!(
        f32,
        i32,
        Avx512Singles,
        Avx512Ints,
        __m512i,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_set1_ps,
        _mm512_set1_epi32
    );

    #[inline(always)]
    unsafe fn token() -> Self {
        Avx512F32(())
    }
    #[inline(always)]
    unsafe fn load_mask(self, p: *const u8) -> __mmask16 {
        // SAFETY: the caller's promise, and the token's.
        unsafe {
            let bytes = _mm_loadu_si128(p.cast());
            _mm_test_epi8_mask(bytes, bytes)
        }
    }
    #[inline(always)]
    unsafe fn store_mask(self, p: *mut u8, m: __mmask16) {
        // SAFETY: the caller's promise, and the token's.
        unsafe { _mm_storeu_si128(p.cast(), _mm_maskz_set1_epi8(m, 1)) }
    }
    #[inline(always)]
    fn mask_bits(self, m: __mmask16) -> u32 {
        m as u32
    }
}
