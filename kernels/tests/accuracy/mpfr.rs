//! Arbitrary precision, correctly rounded: what references need of GNU MPFR, from the system's library.
//!
//! The library is opened at run time, so that building the tests needs no C compiler and no header. The layout of
//! `mpfr_t` is part of its stable interface (the same since MPFR 2).

use libloading::Library;
use std::{
    cmp::Ordering,
    ffi::{c_double, c_float, c_int, c_long, c_ulong, c_void},
    sync::OnceLock,
};

/// `__mpfr_struct`.
#[repr(C)]
struct Raw {
    precision: c_long,
    sign: c_int,
    exponent: c_long,
    limbs: *mut c_void,
}

/// `MPFR_RNDN`: to nearest, halves to even.
const NEAREST: c_int = 0;

type Unary = unsafe extern "C" fn(*mut Raw, *const Raw, c_int) -> c_int;
type Binary = unsafe extern "C" fn(*mut Raw, *const Raw, *const Raw, c_int) -> c_int;
type Test = unsafe extern "C" fn(*const Raw) -> c_int;

/// The functions by their C names, found once, with a method of [`Real`] for each of the uniform ones.
macro_rules! functions {
    (unary: $($unary:ident)*; binary: $($binary:ident)*; test: $($test:ident)*; other: $($other:ident: $Type:ty,)*) => {
        struct Functions {
            $($unary: Unary,)*
            $($binary: Binary,)*
            $($test: Test,)*
            $($other: $Type,)*
            /// Holds the code that the others point at.
            _library: Library,
        }

        impl Functions {
            fn of(library: Library) -> Result<Functions, libloading::Error> {
                // SAFETY: the types are those of mpfr.h.
                unsafe {
                    Ok(Functions {
                        $($unary: *library.get(concat!("mpfr_", stringify!($unary)).as_bytes())?,)*
                        $($binary: *library.get(concat!("mpfr_", stringify!($binary)).as_bytes())?,)*
                        $($test: *library.get(concat!("mpfr_", stringify!($test)).as_bytes())?,)*
                        $($other: *library.get(concat!("mpfr_", stringify!($other)).as_bytes())?,)*
                        _library: library,
                    })
                }
            }
        }

        impl Real {
            $(pub fn $unary(&self) -> Real {
                self.unary(functions().$unary)
            })*
            $(pub fn $binary(&self, other: &Real) -> Real {
                self.binary(functions().$binary, other)
            })*
            $(pub fn $test(&self) -> bool {
                // SAFETY: an initialised number.
                unsafe { (functions().$test)(&self.0) != 0 }
            })*
        }
    };
}

functions! {
    unary: exp exp2 exp10 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh
        erf erfc gamma cbrt sqrt sqr neg abs;
    binary: add sub mul div pow hypot atan2 fmod;
    test: nan_p inf_p zero_p signbit;
    other:
        init2: unsafe extern "C" fn(*mut Raw, c_long),
        clear: unsafe extern "C" fn(*mut Raw),
        set_d: unsafe extern "C" fn(*mut Raw, c_double, c_int) -> c_int,
        get_d: unsafe extern "C" fn(*const Raw, c_int) -> c_double,
        get_flt: unsafe extern "C" fn(*const Raw, c_int) -> c_float,
        get_exp: unsafe extern "C" fn(*const Raw) -> c_long,
        cmp: unsafe extern "C" fn(*const Raw, *const Raw) -> c_int,
        const_pi: unsafe extern "C" fn(*mut Raw, c_int) -> c_int,
        fma: unsafe extern "C" fn(*mut Raw, *const Raw, *const Raw, *const Raw, c_int) -> c_int,
        lgamma: unsafe extern "C" fn(*mut Raw, *mut c_int, *const Raw, c_int) -> c_int,
        ui_div: unsafe extern "C" fn(*mut Raw, c_ulong, *const Raw, c_int) -> c_int,
        mul_2si: unsafe extern "C" fn(*mut Raw, *const Raw, c_long, c_int) -> c_int,
}

fn functions() -> &'static Functions {
    static FUNCTIONS: OnceLock<Functions> = OnceLock::new();
    FUNCTIONS.get_or_init(|| {
        let names = ["libmpfr.so.6", "libmpfr.6.dylib", "libmpfr-6.dll"];
        // SAFETY: MPFR's and GMP's initialisers do nothing unusual.
        let found = names.iter().find_map(|name| unsafe { Library::new(name) }.ok());
        let library = found.unwrap_or_else(|| {
            panic!(
                "the accuracy tests compare with GNU MPFR 4, and none of {names:?} can be opened: install it \
                 (Debian, Ubuntu: apt-get install libmpfr6; Fedora: mpfr; Homebrew: mpfr)"
            )
        });
        Functions::of(library).unwrap_or_else(|e| panic!("this is not MPFR 4: {e}"))
    })
}

/// A number of some precision, in bits. Results have the precision of the operand with more.
pub struct Real(Raw);

impl Real {
    /// A double, exactly.
    pub fn new(value: f64, precision: u32) -> Real {
        let mut real = Real::blank(c_long::from(precision.max(53)));
        // SAFETY: an initialised number.
        unsafe { (functions().set_d)(&mut real.0, value, NEAREST) };
        real
    }

    pub fn pi(precision: u32) -> Real {
        let mut real = Real::blank(c_long::from(precision));
        // SAFETY: an initialised number.
        unsafe { (functions().const_pi)(&mut real.0, NEAREST) };
        real
    }

    fn blank(precision: c_long) -> Real {
        let mut raw = Raw { precision: 0, sign: 0, exponent: 0, limbs: std::ptr::null_mut() };
        // SAFETY: initialises it.
        unsafe { (functions().init2)(&mut raw, precision) };
        Real(raw)
    }

    fn unary(&self, function: Unary) -> Real {
        let mut result = Real::blank(self.0.precision);
        // SAFETY: initialised numbers.
        unsafe { function(&mut result.0, &self.0, NEAREST) };
        result
    }

    fn binary(&self, function: Binary, other: &Real) -> Real {
        let mut result = Real::blank(self.0.precision.max(other.0.precision));
        // SAFETY: initialised numbers.
        unsafe { function(&mut result.0, &self.0, &other.0, NEAREST) };
        result
    }

    /// `self * factor + addend`, rounded once.
    pub fn fma(&self, factor: &Real, addend: &Real) -> Real {
        let mut result = Real::blank(self.0.precision.max(factor.0.precision).max(addend.0.precision));
        // SAFETY: initialised numbers.
        unsafe { (functions().fma)(&mut result.0, &self.0, &factor.0, &addend.0, NEAREST) };
        result
    }

    /// The logarithm of the gamma function's magnitude.
    pub fn lgamma(&self) -> Real {
        let (mut result, mut sign) = (Real::blank(self.0.precision), 0);
        // SAFETY: initialised numbers.
        unsafe { (functions().lgamma)(&mut result.0, &mut sign, &self.0, NEAREST) };
        result
    }

    pub fn reciprocal(&self) -> Real {
        let mut result = Real::blank(self.0.precision);
        // SAFETY: initialised numbers.
        unsafe { (functions().ui_div)(&mut result.0, 1, &self.0, NEAREST) };
        result
    }

    /// `self * 2^n`.
    pub fn scaled(&self, n: i64) -> Real {
        let mut result = Real::blank(self.0.precision);
        // SAFETY: initialised numbers.
        unsafe { (functions().mul_2si)(&mut result.0, &self.0, n as c_long, NEAREST) };
        result
    }

    /// `self + value`.
    pub fn plus(&self, value: f64) -> Real {
        self.add(&Real::new(value, 53))
    }

    /// `self * value`.
    pub fn times(&self, value: f64) -> Real {
        self.mul(&Real::new(value, 53))
    }

    /// The e of magnitudes in [2^e, 2^(e+1)), of a number that is neither zero, infinite nor NaN.
    #[allow(clippy::useless_conversion)] // a long has 32 bits on some systems
    pub fn exponent(&self) -> Option<i64> {
        let regular = !self.zero_p() && !self.inf_p() && !self.nan_p();
        // SAFETY: an initialised number; a mantissa is in [1/2, 1) to MPFR.
        regular.then(|| unsafe { i64::from((functions().get_exp)(&self.0)) - 1 })
    }

    /// The nearest double, subnormals too.
    pub fn to_f64(&self) -> f64 {
        // SAFETY: an initialised number.
        unsafe { (functions().get_d)(&self.0, NEAREST) }
    }

    /// The nearest single, subnormals too.
    pub fn to_f32(&self) -> f32 {
        // SAFETY: an initialised number.
        unsafe { (functions().get_flt)(&self.0, NEAREST) }
    }

    /// NaN is equal to all.
    pub fn compare(&self, other: &Real) -> Ordering {
        // SAFETY: initialised numbers.
        unsafe { (functions().cmp)(&self.0, &other.0) }.cmp(&0)
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        // SAFETY: an initialised number, not used again.
        unsafe { (functions().clear)(&mut self.0) }
    }
}
