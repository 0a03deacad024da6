//! Complex numbers as two real ones, by the formulas of NumPy and of C's annex G.
//!
//! Products and sums are NumPy's, without a search for infinities that a NaN hides; quotients are Smith's (Algorithm
//! 116, 1962), which does not overflow before its result does. The functions have a kernel for each part; those of
//! the other trigonometric family follow by a rotation: sin z = -i sinh(iz).

use numfuse_kernels::Op;

use super::{Lowering, Pair, Value};
use crate::dtype::DType;
use crate::infer::{TypedId, TypedOp};

/// Up to this power a whole exponent is repeated squaring, as in NumPy.
const SQUARED: f64 = 100.0;

impl Lowering<'_> {
    /// A complex number of anything.
    fn pair(&mut self, id: TypedId) -> Pair {
        match self.values[crate::arena::Id::index(id)] {
            Value::Complex(parts) => parts,
            Value::Real(value) | Value::Loose(value, _) => {
                let dtype = self.builder[value].dtype;
                (value, self.number(0.0, dtype))
            }
        }
    }

    /// A conversion of a complex number: to a real type its real part, to truth whether either part is not zero.
    pub(super) fn cast_complex(&mut self, to: DType, (re, im): Pair) -> Value {
        let from = self.builder[re].dtype;
        match to {
            DType::Bool => {
                let (re, im) = (self.builder.cast(to, re), self.builder.cast(to, im));
                Value::Real(self.truth(Op::Or, re, im))
            }
            DType::C64 | DType::C128 => {
                Value::Complex((self.builder.cast(to.real(), re), self.builder.cast(to.real(), im)))
            }
            _ => {
                let re = self.whole(re, im);
                self.cast(from, to, re)
            }
        }
    }

    /// A part with the shape of its number: the parts of a sum of real and complex numbers may have different ones.
    pub(super) fn whole(&mut self, part: TypedId, other: TypedId) -> TypedId {
        let pair = self.builder.complex(part, other);
        if self.builder[pair].shape == self.builder[part].shape {
            return part;
        }
        let ones = self.op1(Op::OnesLike, other);
        self.op2(Op::Mul, part, ones)
    }

    fn one_like(&mut self, (re, im): Pair) -> Pair {
        let (re, zero) = (self.whole(re, im), self.like(0.0, im));
        (self.op1(Op::OnesLike, re), zero)
    }

    /// An operation of which an operand is complex.
    pub(super) fn apply_complex(&mut self, op: Op, result: DType, args: [TypedId; 3]) -> Value {
        let condition = args[0];
        if op == Op::Where {
            let condition = self.real(condition);
            let (a, b) = (self.pair(args[1]), self.pair(args[2]));
            return Value::Complex(self.choose(condition, a, b));
        }
        let (a, b) = (self.pair(args[0]), self.pair(args[1]));
        let (re, im) = a;
        Value::Complex(match op {
            Op::Add | Op::Sub => (self.op2(op, re, b.0), self.op2(op, im, b.1)),
            Op::Mul => self.product(a, b),
            Op::Square => self.product(a, a),
            Op::Div => self.quotient(a, b),
            Op::Reciprocal => {
                let one = self.real_number(1.0, re);
                self.quotient(one, a)
            }
            Op::Neg => (self.op1(Op::Neg, re), self.op1(Op::Neg, im)),
            Op::Pow => self.power(a, b),
            Op::Conj => (re, self.op1(Op::Neg, im)),
            Op::Copy => a,
            Op::OnesLike => self.one_like(a),
            Op::Finite => (self.op1(op, re), self.op1(op, im)),
            Op::Sign => self.sign(a),
            Op::Real => return Value::Real(self.whole(re, im)),
            Op::Imag => return Value::Real(self.whole(im, re)),
            Op::Abs => return Value::Real(self.op2(Op::Hypot, re, im)),
            Op::Angle => return Value::Real(self.op2(Op::ArcTan2, im, re)),
            Op::Abs2 => {
                let (x, y) = (self.op2(Op::Mul, re, re), self.op2(Op::Mul, im, im));
                return Value::Real(self.op2(Op::Add, x, y));
            }
            Op::IsNan | Op::IsInf | Op::IsFinite => {
                let of = |s: &mut Self, part| s.builder.apply(op, DType::Bool, [part; 3]);
                let (x, y) = (of(self, re), of(self, im));
                let join = if op == Op::IsFinite { Op::And } else { Op::Or };
                return Value::Real(self.truth(join, x, y));
            }
            Op::Eq | Op::Ne | Op::Lt | Op::Le => return Value::Real(self.compare(op, a, b)),
            _ => match self.function(op, a) {
                Some(parts) => parts,
                None => unreachable!("inference refuses {op} of {result}"),
            },
        })
    }

    /// The analytic functions.
    fn function(&mut self, op: Op, z: Pair) -> Option<Pair> {
        use Op::*;
        let (re, im) = z;
        Some(match op {
            Sqrt => self.parts(ComplexSqrtReal, ComplexSqrtImag, z),
            Exp => self.parts(ComplexExpReal, ComplexExpImag, z),
            Log => self.log(z),
            Log2 | Log10 => {
                let scale = if op == Log2 { std::f64::consts::LOG2_E } else { std::f64::consts::LOG10_E };
                let (log, scale) = (self.log(z), self.like(scale, re));
                (self.op2(Mul, log.0, scale), self.op2(Mul, log.1, scale))
            }
            Exp2 => {
                let scale = self.like(std::f64::consts::LN_2, re);
                let scaled = (self.op2(Mul, re, scale), self.op2(Mul, im, scale));
                self.parts(ComplexExpReal, ComplexExpImag, scaled)
            }
            Expm1 => self.expm1(z),
            Log1p => self.log1p(z),
            Sinh => self.parts(ComplexSinhReal, ComplexSinhImag, z),
            Cosh => self.parts(ComplexCoshReal, ComplexCoshImag, z),
            Tanh => self.parts(ComplexTanhReal, ComplexTanhImag, z),
            ArcSinh => self.parts(ComplexArcSinhReal, ComplexArcSinhImag, z),
            ArcTanh => self.parts(ComplexArcTanhReal, ComplexArcTanhImag, z),
            ArcCos => self.parts(ComplexArcCosReal, ComplexArcCosImag, z),
            Sin => self.rotated(ComplexSinhReal, ComplexSinhImag, z),
            Tan => self.rotated(ComplexTanhReal, ComplexTanhImag, z),
            ArcSin => self.rotated(ComplexArcSinhReal, ComplexArcSinhImag, z),
            ArcTan => self.rotated(ComplexArcTanhReal, ComplexArcTanhImag, z),
            Cos => {
                let down = self.op1(Neg, im);
                self.parts(ComplexCoshReal, ComplexCoshImag, (down, re))
            }
            ArcCosh => {
                // ± i arccos z, with the sign that makes the real part positive
                let (x, y) = self.parts(ComplexArcCosReal, ComplexArcCosImag, z);
                let below = self.builder.apply(SignBit, DType::Bool, [im; 3]);
                let (minus_x, minus_y) = (self.op1(Neg, x), self.op1(Neg, y));
                self.choose(below, (y, minus_x), (minus_y, x))
            }
            _ => return None,
        })
    }

    fn op1(&mut self, op: Op, x: TypedId) -> TypedId {
        let dtype = self.builder[x].dtype;
        self.builder.apply(op, dtype, [x; 3])
    }

    fn op2(&mut self, op: Op, x: TypedId, y: TypedId) -> TypedId {
        let dtype = self.builder[x].dtype;
        self.builder.apply(op, dtype, [x, y, x])
    }

    fn truth(&mut self, op: Op, x: TypedId, y: TypedId) -> TypedId {
        self.builder.apply(op, DType::Bool, [x, y, x])
    }

    fn where_(&mut self, condition: TypedId, x: TypedId, y: TypedId) -> TypedId {
        let dtype = self.builder[x].dtype;
        self.builder.apply(Op::Where, dtype, [condition, x, y])
    }

    fn choose(&mut self, condition: TypedId, a: Pair, b: Pair) -> Pair {
        (self.where_(condition, a.0, b.0), self.where_(condition, a.1, b.1))
    }

    /// A number of the type of `part`.
    fn like(&mut self, value: f64, part: TypedId) -> TypedId {
        let dtype = self.builder[part].dtype;
        self.number(value, dtype)
    }

    fn real_number(&mut self, value: f64, part: TypedId) -> Pair {
        (self.like(value, part), self.like(0.0, part))
    }

    fn parts(&mut self, re: Op, im: Op, (x, y): Pair) -> Pair {
        (self.op2(re, x, y), self.op2(im, x, y))
    }

    /// -i f(iz), given the parts of f.
    fn rotated(&mut self, re: Op, im: Op, (x, y): Pair) -> Pair {
        let down = self.op1(Op::Neg, y);
        let (a, b) = self.parts(re, im, (down, x));
        (b, self.op1(Op::Neg, a))
    }

    fn product(&mut self, (a, b): Pair, (c, d): Pair) -> Pair {
        let (ac, bd) = (self.op2(Op::Mul, a, c), self.op2(Op::Mul, b, d));
        let (ad, cb) = (self.op2(Op::Mul, a, d), self.op2(Op::Mul, c, b));
        let im = if ad == cb {
            // of a square: the same bits as their sum
            let two = self.like(2.0, ad);
            self.op2(Op::Mul, ad, two)
        } else {
            self.op2(Op::Add, ad, cb)
        };
        (self.op2(Op::Sub, ac, bd), im)
    }

    fn quotient(&mut self, (a, b): Pair, (c, d): Pair) -> Pair {
        let (abs_c, abs_d) = (self.op1(Op::Abs, c), self.op1(Op::Abs, d));
        let real = self.truth(Op::Le, abs_d, abs_c);
        let (greater, less) = (self.where_(real, c, d), self.where_(real, d, c));
        let ratio = self.op2(Op::Div, less, greater);
        let part = self.op2(Op::Mul, less, ratio);
        let divisor = self.op2(Op::Add, greater, part);
        let one = self.like(1.0, c);
        let scale = self.op2(Op::Div, one, divisor);
        let (p, q) = (self.where_(real, a, b), self.where_(real, b, a));
        let (p_ratio, q_ratio) = (self.op2(Op::Mul, p, ratio), self.op2(Op::Mul, q, ratio));
        let x = self.op2(Op::Add, p, q_ratio);
        let (y, minus_y) = (self.op2(Op::Sub, q, p_ratio), self.op2(Op::Sub, p_ratio, q));
        let y = self.where_(real, y, minus_y);
        let quotient = (self.op2(Op::Mul, x, scale), self.op2(Op::Mul, y, scale));
        let by_zero = (self.op2(Op::Div, a, abs_c), self.op2(Op::Div, b, abs_c));
        let zero = self.like(0.0, c);
        let (no_c, no_d) = (self.truth(Op::Eq, c, zero), self.truth(Op::Eq, d, zero));
        let nothing = self.truth(Op::And, no_c, no_d);
        self.choose(nothing, by_zero, quotient)
    }

    /// z / |z|; of an infinite part alone its direction; of zero zero.
    fn sign(&mut self, (x, y): Pair) -> Pair {
        let modulus = self.op2(Op::Hypot, x, y);
        let (re, im) = (self.op2(Op::Div, x, modulus), self.op2(Op::Div, y, modulus));
        let zero = self.like(0.0, x);
        let none = self.truth(Op::Eq, modulus, zero);
        let infinity = self.like(f64::INFINITY, x);
        let (abs_x, abs_y) = (self.op1(Op::Abs, x), self.op1(Op::Abs, y));
        let (x_inf, y_inf) = (self.truth(Op::Eq, abs_x, infinity), self.truth(Op::Eq, abs_y, infinity));
        let one_only = self.truth(Op::Xor, x_inf, y_inf);
        let not_a_number = {
            let (nx, ny) = (self.truth(Op::Ne, x, x), self.truth(Op::Ne, y, y));
            self.truth(Op::Or, nx, ny)
        };
        let number = self.builder.apply(Op::Not, DType::Bool, [not_a_number; 3]);
        let direction = self.truth(Op::And, one_only, number);
        let one = self.like(1.0, x);
        let (unit_x, unit_y) = (self.op2(Op::CopySign, one, x), self.op2(Op::CopySign, one, y));
        let (dx, dy) = (self.where_(x_inf, unit_x, zero), self.where_(y_inf, unit_y, zero));
        let finite = self.choose(none, (zero, zero), (re, im));
        self.choose(direction, (dx, dy), finite)
    }

    /// NumPy's order: by real parts, then by imaginary ones; what holds a NaN is neither less nor equal.
    fn compare(&mut self, op: Op, a: Pair, b: Pair) -> TypedId {
        let (re, im) = (self.truth(Op::Eq, a.0, b.0), self.truth(Op::Eq, a.1, b.1));
        match op {
            Op::Eq => self.truth(Op::And, re, im),
            Op::Ne => {
                let (re, im) = (self.truth(Op::Ne, a.0, b.0), self.truth(Op::Ne, a.1, b.1));
                self.truth(Op::Or, re, im)
            }
            _ => {
                let less = self.truth(Op::Lt, a.0, b.0);
                let (x, y) = (self.truth(Op::Eq, a.1, a.1), self.truth(Op::Eq, b.1, b.1));
                let numbers = self.truth(Op::And, x, y);
                let by_real = self.truth(Op::And, less, numbers);
                let imaginary = self.truth(op, a.1, b.1);
                let by_imaginary = self.truth(Op::And, re, imaginary);
                self.truth(Op::Or, by_real, by_imaginary)
            }
        }
    }

    fn log(&mut self, (x, y): Pair) -> Pair {
        (self.op2(Op::ComplexLogReal, x, y), self.op2(Op::ArcTan2, y, x))
    }

    /// (e^x - 1) cos y - 2 sin²(y/2), e^x sin y: NumPy's, without cancellation near 0.
    fn expm1(&mut self, (x, y): Pair) -> Pair {
        let half = self.like(0.5, y);
        let half_y = self.op2(Op::Mul, y, half);
        let sine = self.op1(Op::Sin, half_y);
        let square = self.op2(Op::Mul, sine, sine);
        let twice = self.op2(Op::Add, square, square);
        let (grown, cosine) = (self.op1(Op::Expm1, x), self.op1(Op::Cos, y));
        let product = self.op2(Op::Mul, grown, cosine);
        let re = self.op2(Op::Sub, product, twice);
        (re, self.op2(Op::ComplexExpImag, x, y))
    }

    /// log|1 + z| by way of log1p(x (2 + x) + y²) where z is small, and the angle of 1 + z.
    fn log1p(&mut self, (x, y): Pair) -> Pair {
        let (one, two, half) = (self.like(1.0, x), self.like(2.0, x), self.like(0.5, x));
        let shifted = self.op2(Op::Add, x, one);
        let far = self.op2(Op::ComplexLogReal, shifted, y);
        let sum = self.op2(Op::Add, x, two);
        let (x_part, y_part) = (self.op2(Op::Mul, x, sum), self.op2(Op::Mul, y, y));
        let excess = self.op2(Op::Add, x_part, y_part);
        let near = self.op1(Op::Log1p, excess);
        let near = self.op2(Op::Mul, near, half);
        let modulus = self.op2(Op::Hypot, x, y);
        let is_near = self.truth(Op::Lt, modulus, half);
        (self.where_(is_near, near, far), self.op2(Op::ArcTan2, y, shifted))
    }

    /// Whole literal exponents by repeated squaring, others as exp(b log a).
    fn power(&mut self, a: Pair, b: Pair) -> Pair {
        if let Some(n) = self.whole_number(b) {
            return self.whole_power(a, n);
        }
        let (c, d) = b;
        let (log, angle) = self.log(a);
        let (modulus, zero) = (self.op2(Op::Hypot, a.0, a.1), self.like(0.0, c));
        let (grown, turned) = (self.op2(Op::Pow, modulus, c), self.op2(Op::Mul, d, angle));
        let shrunk = self.op1(Op::Neg, turned);
        let shrunk = self.op1(Op::Exp, shrunk);
        let radius = self.op2(Op::Mul, grown, shrunk);
        let (first, second) = (self.op2(Op::Mul, c, angle), self.op2(Op::Mul, d, log));
        let turn = self.op2(Op::Add, first, second);
        let (cosine, sine) = (self.op1(Op::Cos, turn), self.op1(Op::Sin, turn));
        let power = (self.op2(Op::Mul, radius, cosine), self.op2(Op::Mul, radius, sine));
        // of zero: 1 for no exponent, 0 for one with a positive real part, and no number otherwise
        let nan = self.like(f64::NAN, c);
        let (one, grows) = (self.real_number(1.0, c), self.truth(Op::Lt, zero, c));
        let of_zero = self.choose(grows, (zero, zero), (nan, nan));
        let is_zero = self.truth(Op::Eq, modulus, zero);
        let power = self.choose(is_zero, of_zero, power);
        let (no_c, no_d) = (self.truth(Op::Eq, c, zero), self.truth(Op::Eq, d, zero));
        let no_exponent = self.truth(Op::And, no_c, no_d);
        self.choose(no_exponent, one, power)
    }

    /// The exponent, if it is a small whole number that is known.
    fn whole_number(&self, (re, im): Pair) -> Option<i32> {
        let number = |id: TypedId| match self.builder[id].op {
            TypedOp::Const(crate::dtype::Scalar::F64(v)) => Some(v),
            TypedOp::Const(crate::dtype::Scalar::F32(v)) => Some(v.into()),
            _ => None,
        };
        let n = number(re)?;
        (number(im)? == 0.0 && n.fract() == 0.0 && n.abs() < SQUARED).then_some(n as i32)
    }

    fn whole_power(&mut self, a: Pair, n: i32) -> Pair {
        let one = self.real_number(1.0, a.0);
        let (mut product, mut square, mut left) = (None, a, n.unsigned_abs());
        while left > 0 {
            if left % 2 == 1 {
                product = Some(match product {
                    None => square,
                    Some(product) => self.product(product, square),
                });
            }
            left /= 2;
            if left > 0 {
                square = self.product(square, square);
            }
        }
        match product {
            None => self.one_like(a),
            Some(product) if n > 0 => product,
            Some(product) => {
                // NumPy's: neither part of a negative power of zero is a number
                let (inverse, zero) = (self.quotient(one, product), self.like(0.0, a.0));
                let nan = self.like(f64::NAN, a.0);
                let (no_re, no_im) = (self.truth(Op::Eq, a.0, zero), self.truth(Op::Eq, a.1, zero));
                let nothing = self.truth(Op::And, no_re, no_im);
                self.choose(nothing, (nan, nan), inverse)
            }
        }
    }
}
