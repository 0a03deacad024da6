//! A row of the op table as a type: what kinds of values it takes and its body, ready for any token.

use crate::{
    record::{RecordToken, Type, ValueId},
    token::{MaskOps, NativeToken, Token},
};

/// What an operand or a result is made of.
pub(crate) trait Kind {
    /// Its values on a token.
    type V<S: Token>: Copy;
    /// A value to stand where none is read.
    fn blank<S: Token>(s: S) -> Self::V<S>;
    /// # Safety
    /// The vector that starts at element `i` of `p` can be read.
    unsafe fn load<S: NativeToken>(s: S, p: *const u8, i: usize) -> Self::V<S>;
    /// # Safety
    /// The vector that starts at element `i` of `p` can be written.
    unsafe fn store<S: NativeToken>(s: S, p: *mut u8, i: usize, value: Self::V<S>);
    /// # Safety
    /// One element can be read at `p`.
    unsafe fn splat<S: NativeToken>(s: S, p: *const u8) -> Self::V<S>;
    /// A parameter of a recording.
    fn parameter<'a, S: RecordToken<'a>>(s: S) -> Self::V<S>;
    /// A result of a recording: one node, or none.
    fn ids<'a, S: RecordToken<'a>>(value: Self::V<S>) -> Vec<ValueId>;
}

/// Floats of the token's width.
pub(crate) struct Float;
/// Integers of the token's width.
pub(crate) struct Integer;
/// Truth values, a byte each in memory.
pub(crate) struct Mask;
/// An operand that the row does not have.
pub(crate) struct Absent;

impl Kind for Float {
    type V<S: Token> = S::F;
    #[inline(always)]
    fn blank<S: Token>(s: S) -> S::F {
        s.lit(0.0)
    }
    #[inline(always)]
    unsafe fn load<S: NativeToken>(s: S, p: *const u8, i: usize) -> S::F {
        // SAFETY: the caller's promise.
        unsafe { s.load(p.cast::<S::Float>().add(i)) }
    }
    #[inline(always)]
    unsafe fn store<S: NativeToken>(s: S, p: *mut u8, i: usize, value: S::F) {
        // SAFETY: the caller's promise.
        unsafe { s.store(p.cast::<S::Float>().add(i), value) }
    }
    #[inline(always)]
    unsafe fn splat<S: NativeToken>(s: S, p: *const u8) -> S::F {
        // SAFETY: the caller's promise.
        unsafe { s.splat(p.cast()) }
    }
    fn parameter<'a, S: RecordToken<'a>>(s: S) -> S::F {
        s.recorder().parameter(S::FLOAT)
    }
    fn ids<'a, S: RecordToken<'a>>(value: S::F) -> Vec<ValueId> {
        vec![value.id()]
    }
}

impl Kind for Integer {
    type V<S: Token> = S::I;
    #[inline(always)]
    fn blank<S: Token>(s: S) -> S::I {
        s.int(0)
    }
    #[inline(always)]
    unsafe fn load<S: NativeToken>(s: S, p: *const u8, i: usize) -> S::I {
        // SAFETY: the caller's promise.
        unsafe { s.load_int(p.cast::<S::Integer>().add(i)) }
    }
    #[inline(always)]
    unsafe fn store<S: NativeToken>(s: S, p: *mut u8, i: usize, value: S::I) {
        // SAFETY: the caller's promise.
        unsafe { s.store_int(p.cast::<S::Integer>().add(i), value) }
    }
    #[inline(always)]
    unsafe fn splat<S: NativeToken>(s: S, p: *const u8) -> S::I {
        // SAFETY: the caller's promise.
        unsafe { s.splat_int(p.cast()) }
    }
    fn parameter<'a, S: RecordToken<'a>>(s: S) -> S::I {
        s.recorder().parameter(S::INTEGER)
    }
    fn ids<'a, S: RecordToken<'a>>(value: S::I) -> Vec<ValueId> {
        vec![value.id()]
    }
}

impl Kind for Mask {
    type V<S: Token> = S::M;
    #[inline(always)]
    fn blank<S: Token>(s: S) -> S::M {
        s.ieq(s.int(0), s.int(0))
    }
    #[inline(always)]
    unsafe fn load<S: NativeToken>(s: S, p: *const u8, i: usize) -> S::M {
        // SAFETY: the caller's promise.
        unsafe { s.load_mask(p.add(i)) }
    }
    #[inline(always)]
    unsafe fn store<S: NativeToken>(s: S, p: *mut u8, i: usize, value: S::M) {
        // SAFETY: the caller's promise.
        unsafe { s.store_mask(p.add(i), value) }
    }
    #[inline(always)]
    unsafe fn splat<S: NativeToken>(s: S, p: *const u8) -> S::M {
        // SAFETY: the caller's promise.
        !s.ieq(s.int(unsafe { *p } as i64), s.int(0))
    }
    fn parameter<'a, S: RecordToken<'a>>(s: S) -> S::M {
        s.recorder().parameter(Type::Mask)
    }
    fn ids<'a, S: RecordToken<'a>>(value: S::M) -> Vec<ValueId> {
        vec![value.id()]
    }
}

impl Kind for Absent {
    type V<S: Token> = ();
    #[inline(always)]
    fn blank<S: Token>(_: S) {}
    #[inline(always)]
    unsafe fn load<S: NativeToken>(_: S, _: *const u8, _: usize) {}
    #[inline(always)]
    unsafe fn store<S: NativeToken>(_: S, _: *mut u8, _: usize, (): ()) {}
    #[inline(always)]
    unsafe fn splat<S: NativeToken>(_: S, _: *const u8) {}
    fn parameter<'a, S: RecordToken<'a>>(_: S) {}
    fn ids<'a, S: RecordToken<'a>>((): ()) -> Vec<ValueId> {
        vec![]
    }
}

/// The kinds of a row's operands and result.
pub(crate) trait Shape {
    type A: Kind;
    type B: Kind;
    type C: Kind;
    type R: Kind;
    const ARITY: usize;
}

macro_rules! shapes {
    ($($(#[$doc:meta])* $Shape:ident<V>($A:ty, $B:ty, $C:ty) -> $R:ty, $arity:literal;)*) => {
        $($(#[$doc])*
        pub(crate) struct $Shape<V>(core::marker::PhantomData<V>);
        impl<V: Kind> Shape for $Shape<V> {
            type A = $A;
            type B = $B;
            type C = $C;
            type R = $R;
            const ARITY: usize = $arity;
        })*
    };
}

shapes! {
    /// One value makes one.
    Unary<V>(V, Absent, Absent) -> V, 1;
    /// Two values make one.
    Binary<V>(V, V, Absent) -> V, 2;
    /// Three values make one.
    Ternary<V>(V, V, V) -> V, 3;
    /// Two values make a truth value.
    Comparison<V>(V, V, Absent) -> Mask, 2;
    /// One value makes a truth value.
    Predicate<V>(V, Absent, Absent) -> Mask, 1;
    /// A truth value picks one of two values.
    Choice<V>(Mask, V, V) -> V, 3;
    /// A value and an integer of its width make a value.
    Scale<V>(V, Integer, Absent) -> V, 2;
}

type A<R> = <<R as Row>::Shape as Shape>::A;
type B<R> = <<R as Row>::Shape as Shape>::B;
type C<R> = <<R as Row>::Shape as Shape>::C;
type Out<R> = <<R as Row>::Shape as Shape>::R;

/// A row with a body over floats or integers.
pub(crate) trait Row: 'static {
    type Shape: Shape;
    /// In simple operations.
    const COST: u32;
    fn apply<S: Token>(
        s: S,
        a: <A<Self> as Kind>::V<S>,
        b: <B<Self> as Kind>::V<S>,
        c: <C<Self> as Kind>::V<S>,
    ) -> <Out<Self> as Kind>::V<S>;
}

/// A row with a body over truth values: all its operands are masks, and so is its result.
pub(crate) trait MaskRow: 'static {
    const ARITY: usize;
    fn apply<M: MaskOps>(a: M, b: M, c: M) -> M;
}

/// Up to this cost, loops are unrolled; above it, the splat forms of a row share one loop.
const CHEAP: u32 = 8;

/// Whether the splat forms of a row share one loop, which then asks per vector what is a splat. For a long body the
/// question costs nothing, and the machine code is there once instead of three or seven times.
pub(crate) const fn shares_loop<R: Row>() -> bool {
    R::COST > CHEAP && <R::Shape as Shape>::ARITY > 1
}

/// The loop of a kernel: `n` elements, a multiple of [`STEP`](crate::STEP), vector by vector.
///
/// # Safety
/// As [`Kernel`](crate::Kernel); the processor has the instructions of `S`.
#[inline(always)]
pub(crate) unsafe fn sweep<S: NativeToken, R: Row>(
    splats: u8,
    n: usize,
    dst: *mut u8,
    a: *const u8,
    b: *const u8,
    c: *const u8,
) {
    // Four vectors a turn hide the loop's own instructions; more only cost code.
    let vectors = if S::LANES == 1 || R::COST > CHEAP { 1 } else { 4 };
    let (splat_a, splat_b, splat_c) = (splats & 1 != 0, splats & 2 != 0, splats & 4 != 0);
    // SAFETY: the caller's promises; every access is to one of the `n` elements, or to the one of a splat.
    unsafe {
        let s = S::token();
        let a0 = if splat_a { A::<R>::splat(s, a) } else { A::<R>::blank(s) };
        let b0 = if splat_b { B::<R>::splat(s, b) } else { B::<R>::blank(s) };
        let c0 = if splat_c { C::<R>::splat(s, c) } else { C::<R>::blank(s) };
        let mut i = 0;
        // (Not for one vector a turn: the loop below does that, and a long body need not be there twice.)
        while vectors > 1 && i + vectors * S::LANES <= n {
            let mut k = 0;
            while k < vectors {
                let x = if splat_a { a0 } else { A::<R>::load(s, a, i) };
                let y = if splat_b { b0 } else { B::<R>::load(s, b, i) };
                let z = if splat_c { c0 } else { C::<R>::load(s, c, i) };
                Out::<R>::store(s, dst, i, R::apply(s, x, y, z));
                i += S::LANES;
                k += 1;
            }
        }
        while i < n {
            let x = if splat_a { a0 } else { A::<R>::load(s, a, i) };
            let y = if splat_b { b0 } else { B::<R>::load(s, b, i) };
            let z = if splat_c { c0 } else { C::<R>::load(s, c, i) };
            Out::<R>::store(s, dst, i, R::apply(s, x, y, z));
            i += S::LANES;
        }
    }
}

/// Eight truth values a word, as bytes 0 and 1: compilers make vectors of this on every target.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<const WORDS: usize>([u64; WORDS]);

/// A one in every byte.
const ONES: u64 = 0x0101_0101_0101_0101;

macro_rules! bytewise {
    ($Trait:ident $method:ident |$a:ident, $b:ident| $result:expr) => {
        impl<const WORDS: usize> core::ops::$Trait for Bytes<WORDS> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                let (mut words, mut i) = ([0; WORDS], 0);
                while i < WORDS {
                    let ($a, $b) = (self.0[i], other.0[i]);
                    words[i] = $result;
                    i += 1;
                }
                Bytes(words)
            }
        }
    };
}
bytewise!(BitAnd bitand |a, b| a & b);
bytewise!(BitOr bitor |a, b| a | b);
bytewise!(BitXor bitxor |a, b| a ^ b);

impl<const WORDS: usize> core::ops::Not for Bytes<WORDS> {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        self ^ Bytes([ONES; WORDS])
    }
}

impl<const WORDS: usize> Bytes<WORDS> {
    /// # Safety
    /// `8 * WORDS` bytes can be read at `p`.
    #[inline(always)]
    pub(crate) unsafe fn load(p: *const u8) -> Self {
        // SAFETY: the caller's promise.
        Bytes(unsafe { p.cast::<[u64; WORDS]>().read_unaligned() })
    }
    /// # Safety
    /// `8 * WORDS` bytes can be written at `p`.
    #[inline(always)]
    pub(crate) unsafe fn store(self, p: *mut u8) {
        // SAFETY: the caller's promise.
        unsafe { p.cast::<[u64; WORDS]>().write_unaligned(self.0) }
    }
    #[inline(always)]
    const fn splat(byte: u8) -> Self {
        Bytes([byte as u64 * ONES; WORDS])
    }
}

/// The loop of a kernel over truth values.
///
/// # Safety
/// As [`Kernel`](crate::Kernel).
#[inline(always)]
pub(crate) unsafe fn sweep_mask<R: MaskRow, const SPLATS: u8>(
    n: usize,
    dst: *mut u8,
    a: *const u8,
    b: *const u8,
    c: *const u8,
) {
    const WHOLE: usize = 4;
    const STEP_WORDS: usize = crate::STEP / 8;
    let whole = n / (8 * WHOLE) * (8 * WHOLE);
    // SAFETY: the caller's promises; both parts lie within the `n` bytes.
    unsafe {
        sweep_words::<R, SPLATS, WHOLE>(0, whole, dst, a, b, c);
        sweep_words::<R, SPLATS, STEP_WORDS>(whole, n, dst, a, b, c);
    }
}

/// Elements `first..end` of [`sweep_mask`], `8 * WORDS` at a time.
///
/// # Safety
/// As [`Kernel`](crate::Kernel); `end - first` is a multiple of `8 * WORDS`.
#[inline(always)]
unsafe fn sweep_words<R: MaskRow, const SPLATS: u8, const WORDS: usize>(
    first: usize,
    end: usize,
    dst: *mut u8,
    a: *const u8,
    b: *const u8,
    c: *const u8,
) {
    // SAFETY: the caller's promises; every access is to one of the elements, or to the one of a splat.
    unsafe {
        let blank = Bytes::<WORDS>::splat(0);
        let a0 = if SPLATS & 1 != 0 { Bytes::splat(*a) } else { blank };
        let b0 = if SPLATS & 2 != 0 { Bytes::splat(*b) } else { blank };
        let c0 = if SPLATS & 4 != 0 { Bytes::splat(*c) } else { blank };
        let mut i = first;
        while i < end {
            let x = if SPLATS & 1 != 0 { a0 } else { Bytes::load(a.add(i)) };
            let y = if R::ARITY < 2 || SPLATS & 2 != 0 { b0 } else { Bytes::load(b.add(i)) };
            let z = if R::ARITY < 3 || SPLATS & 4 != 0 { c0 } else { Bytes::load(c.add(i)) };
            R::apply(x, y, z).store(dst.add(i));
            i += 8 * WORDS;
        }
    }
}
