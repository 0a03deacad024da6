//! glibc's vector functions, from the system's libmvec, called with the vectors of each instruction set.

use libloading::Library;
use numfuse_kernels::{Compute, Isa};

/// Runs a function over `n` elements, a multiple of 16, of one or two operands.
pub type Sweep = Box<dyn Fn(usize, *mut u8, *const u8, *const u8)>;

/// The library, where there is one.
pub struct Libmvec(Library);

impl Libmvec {
    pub fn open() -> Option<Libmvec> {
        // SAFETY: the library has no initialisers.
        unsafe { Library::new("libmvec.so.1") }.ok().map(Libmvec)
    }

    /// The function with this canonical name of ours, on vectors of the set's width; the portable set's are SSE's.
    pub fn sweep(&self, name: &str, isa: Isa, compute: Compute) -> Option<Sweep> {
        let (c_name, arity) = c_name(name)?;
        let single = compute == Compute::F32;
        let (letter, lanes) = match isa {
            Isa::Avx512 => ('e', if single { 16 } else { 8 }),
            Isa::Avx2 => ('d', if single { 8 } else { 4 }),
            Isa::Portable => ('b', if single { 4 } else { 2 }),
        };
        // the vector ABI's mangling: class, unmasked, lanes, a v for each operand
        let suffix = if single { "f" } else { "" };
        let symbol = format!("_ZGV{letter}N{lanes}{}_{c_name}{suffix}", &"vv"[..arity]);
        vectors::sweep(&self.0, symbol.as_bytes(), isa, single, arity)
    }
}

/// The C name and the number of operands of what libmvec has.
fn c_name(name: &str) -> Option<(&'static str, usize)> {
    Some(match name {
        "arccos" => ("acos", 1),
        "arccosh" => ("acosh", 1),
        "arcsin" => ("asin", 1),
        "arcsinh" => ("asinh", 1),
        "arctan" => ("atan", 1),
        "arctan2" => ("atan2", 2),
        "arctanh" => ("atanh", 1),
        "cbrt" => ("cbrt", 1),
        "cos" => ("cos", 1),
        "cosh" => ("cosh", 1),
        "erf" => ("erf", 1),
        "erfc" => ("erfc", 1),
        "exp" => ("exp", 1),
        "exp10" => ("exp10", 1),
        "exp2" => ("exp2", 1),
        "expm1" => ("expm1", 1),
        "hypot" => ("hypot", 2),
        "log" => ("log", 1),
        "log10" => ("log10", 1),
        "log1p" => ("log1p", 1),
        "log2" => ("log2", 1),
        "power" => ("pow", 2),
        "sin" => ("sin", 1),
        "sinh" => ("sinh", 1),
        "tan" => ("tan", 1),
        "tanh" => ("tanh", 1),
        _ => return None,
    })
}

#[cfg(target_arch = "x86_64")]
mod vectors {
    #![allow(improper_ctypes_definitions)] // in C these have a register each; only Rust's own layout is not settled

    use super::Sweep;
    use core::arch::x86_64::{__m128, __m128d, __m256, __m256d, __m512, __m512d};
    use libloading::Library;
    use numfuse_kernels::Isa;

    /// Loops over vectors of one type, for functions of one and of two operands.
    macro_rules! loops {
        ($unary:ident, $binary:ident, $V:ty, $features:literal) => {
            #[target_feature(enable = $features)]
            unsafe fn $unary(f: unsafe extern "C" fn($V) -> $V, bytes: usize, out: *mut u8, x: *const u8) {
                for at in (0..bytes).step_by(size_of::<$V>()) {
                    // SAFETY: the caller's promise, of `bytes` bytes each and a processor that has the features.
                    unsafe {
                        out.add(at).cast::<$V>().write_unaligned(f(x.add(at).cast::<$V>().read_unaligned()))
                    };
                }
            }

            #[target_feature(enable = $features)]
            unsafe fn $binary(
                f: unsafe extern "C" fn($V, $V) -> $V,
                bytes: usize,
                out: *mut u8,
                x: *const u8,
                y: *const u8,
            ) {
                for at in (0..bytes).step_by(size_of::<$V>()) {
                    // SAFETY: as above.
                    unsafe {
                        let (x, y) = (
                            x.add(at).cast::<$V>().read_unaligned(),
                            y.add(at).cast::<$V>().read_unaligned(),
                        );
                        out.add(at).cast::<$V>().write_unaligned(f(x, y));
                    }
                }
            }
        };
    }
    loops!(unary_e64, binary_e64, __m512d, "avx512f");
    loops!(unary_e32, binary_e32, __m512, "avx512f");
    loops!(unary_d64, binary_d64, __m256d, "avx2,fma");
    loops!(unary_d32, binary_d32, __m256, "avx2,fma");
    loops!(unary_b64, binary_b64, __m128d, "sse2");
    loops!(unary_b32, binary_b32, __m128, "sse2");

    pub fn sweep(library: &Library, symbol: &[u8], isa: Isa, single: bool, arity: usize) -> Option<Sweep> {
        macro_rules! found {
            ($unary:ident, $binary:ident, $V:ty) => {
                // SAFETY: the vector ABI's types, by the symbol's mangling; callers hold n elements each, and the
                // instruction set was found available.
                unsafe {
                    if arity == 1 {
                        let f = *library.get::<unsafe extern "C" fn($V) -> $V>(symbol).ok()?;
                        Some(Box::new(move |n, out, x, _| $unary(f, n * if single { 4 } else { 8 }, out, x)))
                    } else {
                        let f = *library.get::<unsafe extern "C" fn($V, $V) -> $V>(symbol).ok()?;
                        Some(Box::new(move |n, out, x, y| $binary(f, n * if single { 4 } else { 8 }, out, x, y)))
                    }
                }
            };
        }
        match (isa, single) {
            (Isa::Avx512, false) => found!(unary_e64, binary_e64, __m512d),
            (Isa::Avx512, true) => found!(unary_e32, binary_e32, __m512),
            (Isa::Avx2, false) => found!(unary_d64, binary_d64, __m256d),
            (Isa::Avx2, true) => found!(unary_d32, binary_d32, __m256),
            (Isa::Portable, false) => found!(unary_b64, binary_b64, __m128d),
            (Isa::Portable, true) => found!(unary_b32, binary_b32, __m128),
        }
    }
}

/// There is no libmvec elsewhere that has these names.
#[cfg(not(target_arch = "x86_64"))]
mod vectors {
    use super::Sweep;
    use libloading::Library;
    use numfuse_kernels::Isa;

    pub fn sweep(_: &Library, _: &[u8], _: Isa, _: bool, _: usize) -> Option<Sweep> {
        None
    }
}
