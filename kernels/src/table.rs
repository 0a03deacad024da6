//! The table of operations: one row each, in the form of a macro that hands all rows to another.
//!
//! To add a function, write a row here and a body in `math/`; nothing else. A row's `shape` names its operands and says
//! what they are: `Unary`, `Binary` and `Ternary` make a value of values, `Comparison` and `Predicate` make a truth
//! value, `Choice` takes one first, `Scale` an integer second. `method` is its name on lazy arrays, `[]` where an operator stands for it. `float`, `int` and `bool` are its bodies over each kind of value; `[]` is none.

#[doc(hidden)]
#[macro_export]
macro_rules! for_each_op {
    ($then:ident) => {
        $then! {
            Add { method: [], names: ["add"], symbol: Some("+"), shape: Binary(a, b), typing: Arithmetic,
                float: [basic::add], int: [integer::add], uint: [integer::add], bool: [logic::or],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "Sum. Of booleans: or." }
            Sub { method: [], names: ["subtract"], symbol: Some("-"), shape: Binary(a, b), typing: Arithmetic,
                float: [basic::sub], int: [integer::sub], uint: [integer::sub], bool: [],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "Difference." }
            Mul { method: [], names: ["multiply"], symbol: Some("*"), shape: Binary(a, b), typing: Arithmetic,
                float: [basic::mul], int: [integer::mul], uint: [integer::mul], bool: [logic::and],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "Product. Of booleans: and." }
            Div { method: [], names: ["divide", "true_divide"], symbol: Some("/"), shape: Binary(a, b), typing: TrueDivide,
                float: [basic::div], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all; x / 0 is infinite", cost: 8, internal: false,
                doc: "Quotient." }
            FloorDiv { method: [floor_divide], names: ["floor_divide"], symbol: Some("//"), shape: Binary(a, b), typing: Modulo,
                float: [remainder::floor_div], int: [integer::floor_div], uint: [unsigned::floor_div], bool: [],
                bound: EXACT, domain: "all; integers: x // 0 = 0", cost: 30, internal: false,
                doc: "Quotient, rounded down." }
            Rem { method: [], names: ["remainder", "mod"], symbol: Some("%"), shape: Binary(a, b), typing: Modulo,
                float: [remainder::remainder], int: [integer::remainder], uint: [unsigned::remainder], bool: [],
                bound: EXACT, domain: "floats: b != 0, a finite; integers: all, x % 0 = 0", cost: 24, internal: false,
                doc: "Remainder with the divisor's sign." }
            Fmod { method: [fmod], names: ["fmod"], symbol: None, shape: Binary(a, b), typing: Modulo,
                float: [remainder::fmod], int: [integer::fmod], uint: [unsigned::remainder], bool: [],
                bound: EXACT, domain: "floats: b != 0, a finite; integers: all, fmod(x, 0) = 0", cost: 20, internal: false,
                doc: "C's remainder, with the dividend's sign." }
            Pow { method: [power], names: ["power", "pow"], symbol: Some("**"), shape: Binary(a, b), typing: Power,
                float: [power::pow], int: [integer::power], uint: [integer::power], bool: [],
                bound: ulp(0.95, 0.85), domain: "floats: a >= 0, or b an integer; integers: b >= 0", cost: 60, internal: false,
                doc: "a to the power of b. A literal b from -4 to 4 is repeated products, with a rounding each; 0.5 is sqrt." }
            Neg { method: [], names: ["negative"], symbol: Some("-"), shape: Unary(x), typing: Negate,
                float: [basic::neg], int: [integer::neg], uint: [integer::neg], bool: [],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "The other sign." }
            Abs { method: [abs], names: ["absolute", "abs"], symbol: None, shape: Unary(x), typing: Magnitude,
                float: [basic::abs], int: [integer::abs], uint: [unsigned::same], bool: [],
                bound: EXACT, domain: "all; the least integer stays", cost: 1, internal: false,
                doc: "Absolute value." }
            Sign { method: [sign], names: ["sign"], symbol: None, shape: Unary(x), typing: Numeric,
                float: [parts::sign], int: [integer::sign], uint: [unsigned::sign], bool: [],
                bound: EXACT, domain: "all", cost: 4, internal: false,
                doc: "-1, 0 or 1 by the sign of x." }
            SignBit { method: [signbit], names: ["signbit"], symbol: None, shape: Predicate(x), typing: Predicate,
                float: [parts::sign_bit], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "Whether the sign bit is set: of -0 too." }
            CopySign { method: [copysign], names: ["copysign"], symbol: None, shape: Binary(a, b), typing: Float,
                float: [parts::copy_sign], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 2, internal: false,
                doc: "|a| with the sign of b." }
            NextAfter { method: [nextafter], names: ["nextafter"], symbol: None, shape: Binary(a, b), typing: Float,
                float: [parts::next_after], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 8, internal: false,
                doc: "The next float from a towards b." }
            Spacing { method: [spacing], names: ["spacing"], symbol: None, shape: Unary(x), typing: Float,
                float: [parts::spacing], int: [], uint: [], bool: [],
                bound: EXACT, domain: "finite", cost: 4, internal: false,
                doc: "The distance to the next float further from zero, with the sign of x." }
            Ldexp { method: [ldexp], names: ["ldexp"], symbol: None, shape: Scale(x, n), typing: Scale,
                float: [parts::scale_by_power], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 20, internal: false,
                doc: "x times 2 to the power of n, rounded once." }
            Heaviside { method: [heaviside], names: ["heaviside"], symbol: None, shape: Binary(x, h), typing: Float,
                float: [parts::heaviside], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 4, internal: false,
                doc: "0 where x is negative, 1 where positive, h where 0." }
            Gcd { method: [gcd], names: ["gcd"], symbol: None, shape: Binary(a, b), typing: Integral,
                float: [], int: [divisors::gcd], uint: [divisors::gcd_unsigned], bool: [],
                bound: EXACT, domain: "all", cost: 100, internal: false,
                doc: "The greatest common divisor." }
            Lcm { method: [lcm], names: ["lcm"], symbol: None, shape: Binary(a, b), typing: Integral,
                float: [], int: [divisors::lcm], uint: [divisors::lcm_unsigned], bool: [],
                bound: EXACT, domain: "all; wraps", cost: 120, internal: false,
                doc: "The least common multiple." }
            BitCount { method: [bitwise_count], names: ["bitwise_count"], symbol: None, shape: Unary(x), typing: BitCount,
                float: [], int: [integer::bit_count], uint: [unsigned::bit_count], bool: [],
                bound: EXACT, domain: "all", cost: 12, internal: false,
                doc: "The number of bits set in |x|." }
            Not { method: [], names: ["invert", "bitwise_not", "bitwise_invert"], symbol: Some("~"), shape: Unary(x), typing: Invert,
                float: [], int: [integer::not], uint: [integer::not], bool: [logic::not],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "Every bit the other way. Of booleans: not." }
            And { method: [], names: ["bitwise_and"], symbol: Some("&"), shape: Binary(a, b), typing: Bitwise,
                float: [], int: [integer::and], uint: [integer::and], bool: [logic::and],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "Bits in both. Of booleans: and." }
            Or { method: [], names: ["bitwise_or"], symbol: Some("|"), shape: Binary(a, b), typing: Bitwise,
                float: [], int: [integer::or], uint: [integer::or], bool: [logic::or],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "Bits in either. Of booleans: or." }
            Xor { method: [], names: ["bitwise_xor"], symbol: Some("^"), shape: Binary(a, b), typing: Bitwise,
                float: [], int: [integer::xor], uint: [integer::xor], bool: [logic::xor],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "Bits in one only. Of booleans: exclusive or." }
            Shl { method: [], names: ["left_shift", "bitwise_left_shift"], symbol: Some("<<"), shape: Binary(a, n), typing: Shift,
                float: [], int: [integer::shl], uint: [integer::shl], bool: [],
                bound: EXACT, domain: "all; 0 if n is negative or the width or more", cost: 2, internal: false,
                doc: "Bits moved up by n." }
            Shr { method: [], names: ["right_shift", "bitwise_right_shift"], symbol: Some(">>"), shape: Binary(a, n), typing: Shift,
                float: [], int: [integer::shr], uint: [unsigned::shr], bool: [],
                bound: EXACT, domain: "all; the sign if n is negative or the width or more", cost: 2, internal: false,
                doc: "Bits moved down by n, the sign kept." }
            Eq { method: [equal], names: ["equal"], symbol: Some("=="), shape: Comparison(a, b), typing: Comparison,
                float: [basic::eq], int: [integer::eq], uint: [integer::eq], bool: [logic::eq],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "Whether a equals b." }
            Ne { method: [not_equal], names: ["not_equal"], symbol: Some("!="), shape: Comparison(a, b), typing: Comparison,
                float: [basic::ne], int: [integer::ne], uint: [integer::ne], bool: [logic::xor],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "Whether a differs from b." }
            Lt { method: [less], names: ["less"], symbol: Some("<"), shape: Comparison(a, b), typing: Comparison,
                float: [basic::lt], int: [integer::lt], uint: [unsigned::lt], bool: [logic::lt],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "Whether a is less than b." }
            Le { method: [less_equal], names: ["less_equal"], symbol: Some("<="), shape: Comparison(a, b), typing: Comparison,
                float: [basic::le], int: [integer::le], uint: [unsigned::le], bool: [logic::le],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "Whether a is less than or equal to b." }
            Where { method: [select], names: ["where"], symbol: None, shape: Choice(condition, a, b), typing: Choose,
                float: [basic::choose], int: [integer::choose], uint: [integer::choose], bool: [logic::choose],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "a where the condition holds, else b." }
            Minimum { method: [minimum], names: ["minimum"], symbol: None, shape: Binary(a, b), typing: Extremum,
                float: [basic::minimum], int: [integer::minimum], uint: [unsigned::minimum], bool: [logic::and],
                bound: EXACT, domain: "all", cost: 2, internal: false,
                doc: "The lesser; NaN if either is, -0 below +0." }
            Maximum { method: [maximum], names: ["maximum"], symbol: None, shape: Binary(a, b), typing: Extremum,
                float: [basic::maximum], int: [integer::maximum], uint: [unsigned::maximum], bool: [logic::or],
                bound: EXACT, domain: "all", cost: 2, internal: false,
                doc: "The greater; NaN if either is, +0 above -0." }
            Fmin { method: [fmin], names: ["fmin"], symbol: None, shape: Binary(a, b), typing: Extremum,
                float: [basic::minimum_number], int: [integer::minimum], uint: [unsigned::minimum], bool: [logic::and],
                bound: EXACT, domain: "all", cost: 4, internal: false,
                doc: "The lesser; NaN only if both are, -0 below +0." }
            Fmax { method: [fmax], names: ["fmax"], symbol: None, shape: Binary(a, b), typing: Extremum,
                float: [basic::maximum_number], int: [integer::maximum], uint: [unsigned::maximum], bool: [logic::or],
                bound: EXACT, domain: "all", cost: 4, internal: false,
                doc: "The greater; NaN only if both are, +0 above -0." }
            Square { method: [square], names: ["square"], symbol: None, shape: Unary(x), typing: Numeric,
                float: [basic::square], int: [integer::square], uint: [integer::square], bool: [],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "x times x." }
            Reciprocal { method: [reciprocal], names: ["reciprocal"], symbol: None, shape: Unary(x), typing: Numeric,
                float: [basic::reciprocal], int: [integer::reciprocal], uint: [unsigned::reciprocal], bool: [],
                bound: EXACT, domain: "all; of an integer 0 it is 0", cost: 8, internal: false,
                doc: "1 / x; of integers without its fraction." }
            Sqrt { method: [sqrt], names: ["sqrt"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [basic::sqrt], int: [], uint: [], bool: [],
                bound: EXACT, domain: "x >= 0", cost: 8, internal: false,
                doc: "Square root." }
            Cbrt { method: [cbrt], names: ["cbrt"], symbol: None, shape: Unary(x), typing: Float,
                float: [root::cbrt], int: [], uint: [], bool: [],
                bound: ulp(0.51, 0.51), domain: "all", cost: 36, internal: false,
                doc: "Cube root." }
            Hypot { method: [hypot], names: ["hypot"], symbol: None, shape: Binary(a, b), typing: Float,
                float: [root::hypot], int: [], uint: [], bool: [],
                bound: ulp(0.9, 0.75), domain: "all", cost: 30, internal: false,
                doc: "Square root of a * a + b * b, without needless overflow or underflow." }
            Floor { method: [floor], names: ["floor"], symbol: None, shape: Unary(x), typing: Rounding,
                float: [rounding::floor], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "The greatest integer not above x." }
            Ceil { method: [ceil], names: ["ceil"], symbol: None, shape: Unary(x), typing: Rounding,
                float: [rounding::ceil], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "The least integer not below x." }
            Trunc { method: [trunc], names: ["trunc", "fix"], symbol: None, shape: Unary(x), typing: Rounding,
                float: [rounding::trunc], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "The integer part of x." }
            Rint { method: [rint], names: ["rint"], symbol: None, shape: Unary(x), typing: Float,
                float: [rounding::round], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "The nearest integer, halves to even, as a float." }
            Round { method: [], names: [], symbol: None, shape: Unary(x), typing: Rounding,
                float: [rounding::round], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 1, internal: true,
                doc: "The nearest integer, halves to even." }
            Fractional { method: [fractional], names: ["fractional"], symbol: None, shape: Unary(x), typing: Float,
                float: [parts::fractional], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 4, internal: false,
                doc: "What trunc(x) leaves of x, with the sign of x: the first part of modf." }
            Exp { method: [exp], names: ["exp"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [exponential::exp], int: [], uint: [], bool: [],
                bound: ulp(0.95, 0.8), domain: "all", cost: 20, internal: false,
                doc: "e to the power of x." }
            Exp2 { method: [exp2], names: ["exp2"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [exponential::exp2], int: [], uint: [], bool: [],
                bound: ulp(0.9, 0.8), domain: "all", cost: 20, internal: false,
                doc: "2 to the power of x; exact for integers." }
            Exp10 { method: [exp10], names: ["exp10"], symbol: None, shape: Unary(x), typing: Float,
                float: [exponential::exp10], int: [], uint: [], bool: [],
                bound: ulp(0.85, 0.8), domain: "all", cost: 26, internal: false,
                doc: "10 to the power of x." }
            Expm1 { method: [expm1], names: ["expm1"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [exponential::expm1], int: [], uint: [], bool: [],
                bound: ulp(0.95, 0.95), domain: "all", cost: 30, internal: false,
                doc: "e to the power of x, less 1; accurate near 0 too." }
            Log { method: [log], names: ["log"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [logarithm::log], int: [], uint: [], bool: [],
                bound: ulp(0.95, 0.95), domain: "x >= 0", cost: 24, internal: false,
                doc: "Natural logarithm." }
            Log2 { method: [log2], names: ["log2"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [logarithm::log2], int: [], uint: [], bool: [],
                bound: ulp(0.95, 1.0), domain: "x >= 0", cost: 34, internal: false,
                doc: "Base-2 logarithm; exact for powers of 2." }
            Log10 { method: [log10], names: ["log10"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [logarithm::log10], int: [], uint: [], bool: [],
                bound: ulp(0.9, 0.95), domain: "x >= 0", cost: 34, internal: false,
                doc: "Base-10 logarithm; exact for powers of 10." }
            Log1p { method: [log1p], names: ["log1p"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [logarithm::log1p], int: [], uint: [], bool: [],
                bound: ulp(0.9, 0.95), domain: "x >= -1", cost: 46, internal: false,
                doc: "Logarithm of 1 + x; accurate near 0 too." }
            LogAddExp { method: [logaddexp], names: ["logaddexp"], symbol: None, shape: Binary(a, b), typing: Float,
                float: [logistic::logaddexp], int: [], uint: [], bool: [],
                bound: ulp(1.5, 1.5), domain: "all", cost: 90, internal: false,
                doc: "log(exp(a) + exp(b)), without needless overflow; next to its zeros, to the ulp of the greater argument." }
            LogAddExp2 { method: [logaddexp2], names: ["logaddexp2"], symbol: None, shape: Binary(a, b), typing: Float,
                float: [logistic::logaddexp2], int: [], uint: [], bool: [],
                bound: ulp(1.5, 1.5), domain: "all", cost: 100, internal: false,
                doc: "log2(2**a + 2**b), without needless overflow; next to its zeros, to the ulp of the greater argument." }
            Xlogy { method: [xlogy], names: ["xlogy"], symbol: None, shape: Binary(x, y), typing: Float,
                float: [logarithm::xlogy], int: [], uint: [], bool: [],
                bound: ulp(1.0, 1.5), domain: "y >= 0", cost: 44, internal: false,
                doc: "x * log(y), 0 where x is 0." }
            Xlog1py { method: [xlog1py], names: ["xlog1py"], symbol: None, shape: Binary(x, y), typing: Float,
                float: [logarithm::xlog1py], int: [], uint: [], bool: [],
                bound: ulp(1.0, 1.5), domain: "y >= -1", cost: 56, internal: false,
                doc: "x * log(1 + y), 0 where x is 0." }
            Expit { method: [expit], names: ["expit", "sigmoid"], symbol: None, shape: Unary(x), typing: Float,
                float: [logistic::expit], int: [], uint: [], bool: [],
                bound: ulp(0.8, 0.8), domain: "all", cost: 46, internal: false,
                doc: "The logistic function, 1 / (1 + exp(-x))." }
            Logit { method: [logit], names: ["logit"], symbol: None, shape: Unary(p), typing: Float,
                float: [logistic::logit], int: [], uint: [], bool: [],
                bound: ulp(0.95, 0.95), domain: "0 <= p <= 1", cost: 56, internal: false,
                doc: "log(p / (1 - p)), the inverse of expit." }
            Softplus { method: [softplus], names: ["softplus"], symbol: None, shape: Unary(x), typing: Float,
                float: [logistic::softplus], int: [], uint: [], bool: [],
                bound: ulp(0.95, 1.0), domain: "all", cost: 80, internal: false,
                doc: "log(1 + exp(x))." }
            Sin { method: [sin], names: ["sin"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [trigonometry::sin], int: [], uint: [], bool: [],
                bound: ulp(1.0, 1.0), domain: "finite", cost: 30, internal: false,
                doc: "Sine of an angle in radians." }
            Cos { method: [cos], names: ["cos"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [trigonometry::cos], int: [], uint: [], bool: [],
                bound: ulp(1.0, 1.0), domain: "finite", cost: 30, internal: false,
                doc: "Cosine of an angle in radians." }
            Tan { method: [tan], names: ["tan"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [trigonometry::tan], int: [], uint: [], bool: [],
                bound: ulp(1.0, 1.0), domain: "finite", cost: 40, internal: false,
                doc: "Tangent of an angle in radians." }
            ArcSin { method: [arcsin], names: ["arcsin", "asin"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [inverse::arcsin], int: [], uint: [], bool: [],
                bound: ulp(1.0, 1.0), domain: "-1 <= x <= 1", cost: 40, internal: false,
                doc: "Inverse sine, in radians." }
            ArcCos { method: [arccos], names: ["arccos", "acos"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [inverse::arccos], int: [], uint: [], bool: [],
                bound: ulp(1.0, 1.0), domain: "-1 <= x <= 1", cost: 40, internal: false,
                doc: "Inverse cosine, in radians." }
            ArcTan { method: [arctan], names: ["arctan", "atan"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [inverse::arctan], int: [], uint: [], bool: [],
                bound: ulp(1.0, 1.0), domain: "all", cost: 40, internal: false,
                doc: "Inverse tangent, in radians." }
            ArcTan2 { method: [arctan2], names: ["arctan2", "atan2"], symbol: None, shape: Binary(y, x), typing: Float,
                float: [inverse::arctan2], int: [], uint: [], bool: [],
                bound: ulp(1.0, 1.0), domain: "all", cost: 50, internal: false,
                doc: "Angle of the point (x, y), in radians, from -pi to pi." }
            Sinc { method: [sinc], names: ["sinc"], symbol: None, shape: Unary(x), typing: Float,
                float: [angle::sinc], int: [], uint: [], bool: [],
                bound: ulp(1.0, 1.0), domain: "finite", cost: 40, internal: false,
                doc: "sin(pi x) / (pi x), and 1 at 0." }
            Degrees { method: [degrees], names: ["degrees", "rad2deg"], symbol: None, shape: Unary(x), typing: Float,
                float: [angle::degrees], int: [], uint: [], bool: [],
                bound: ulp(0.82, 0.82), domain: "all", cost: 1, internal: false,
                doc: "Radians as degrees." }
            Radians { method: [radians], names: ["radians", "deg2rad"], symbol: None, shape: Unary(x), typing: Float,
                float: [angle::radians], int: [], uint: [], bool: [],
                bound: ulp(0.66, 0.66), domain: "all", cost: 1, internal: false,
                doc: "Degrees as radians." }
            Sinh { method: [sinh], names: ["sinh"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [hyperbolic::sinh], int: [], uint: [], bool: [],
                bound: ulp(0.85, 0.8), domain: "all", cost: 34, internal: false,
                doc: "Hyperbolic sine." }
            Cosh { method: [cosh], names: ["cosh"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [hyperbolic::cosh], int: [], uint: [], bool: [],
                bound: ulp(0.85, 0.8), domain: "all", cost: 32, internal: false,
                doc: "Hyperbolic cosine." }
            Tanh { method: [tanh], names: ["tanh"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [hyperbolic::tanh], int: [], uint: [], bool: [],
                bound: ulp(0.95, 0.85), domain: "all", cost: 40, internal: false,
                doc: "Hyperbolic tangent." }
            ArcSinh { method: [arcsinh], names: ["arcsinh", "asinh"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [inverse_hyperbolic::arcsinh], int: [], uint: [], bool: [],
                bound: ulp(0.7, 0.7), domain: "all", cost: 90, internal: false,
                doc: "Inverse hyperbolic sine." }
            ArcCosh { method: [arccosh], names: ["arccosh", "acosh"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [inverse_hyperbolic::arccosh], int: [], uint: [], bool: [],
                bound: ulp(0.9, 0.95), domain: "x >= 1", cost: 90, internal: false,
                doc: "Inverse hyperbolic cosine." }
            ArcTanh { method: [arctanh], names: ["arctanh", "atanh"], symbol: None, shape: Unary(x), typing: Analytic,
                float: [inverse_hyperbolic::arctanh], int: [], uint: [], bool: [],
                bound: ulp(0.95, 0.95), domain: "-1 <= x <= 1", cost: 60, internal: false,
                doc: "Inverse hyperbolic tangent." }
            Erf { method: [erf], names: ["erf"], symbol: None, shape: Unary(x), typing: Float,
                float: [error_function::erf], int: [], uint: [], bool: [],
                bound: ulp(1.2, 1.5), domain: "all", cost: 50, internal: false,
                doc: "Error function." }
            Erfc { method: [erfc], names: ["erfc"], symbol: None, shape: Unary(x), typing: Float,
                float: [error_function::erfc], int: [], uint: [], bool: [],
                bound: ulp(1.9, 2.0), domain: "all", cost: 80, internal: false,
                doc: "Complementary error function, 1 - erf(x)." }
            Ndtr { method: [ndtr], names: ["ndtr"], symbol: None, shape: Unary(x), typing: Float,
                float: [error_function::ndtr], int: [], uint: [], bool: [],
                bound: ulp(1.9, 2.2), domain: "all", cost: 80, internal: false,
                doc: "Normal distribution function: the part of a standard normal variable below x." }
            Gamma { method: [gamma], names: ["gamma", "tgamma"], symbol: None, shape: Unary(x), typing: Float,
                float: [gamma::gamma], int: [], uint: [], bool: [],
                bound: ulp(1.0, 1.0), domain: "all but 0, -1, -2 …", cost: 160, internal: false,
                doc: "Gamma function." }
            LogGamma { method: [lgamma], names: ["lgamma", "gammaln"], symbol: None, shape: Unary(x), typing: Float,
                float: [gamma::lgamma], int: [], uint: [], bool: [],
                bound: ulp(2.0, 2.0), domain: "all; below 0 the error is in units of 1 where the result is smaller", cost: 160, internal: false,
                doc: "Logarithm of the gamma function's magnitude." }
            IsNan { method: [isnan], names: ["isnan"], symbol: None, shape: Predicate(x), typing: Predicate,
                float: [basic::is_nan], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "Whether x is not a number." }
            IsInf { method: [isinf], names: ["isinf"], symbol: None, shape: Predicate(x), typing: Predicate,
                float: [basic::is_inf], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "Whether x is infinite." }
            IsFinite { method: [isfinite], names: ["isfinite"], symbol: None, shape: Predicate(x), typing: Predicate,
                float: [basic::is_finite], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "Whether x is neither infinite nor NaN." }
            Contains { method: [contains], names: ["contains"], symbol: None, shape: Comparison(text, part), typing: Search,
                float: [], int: [], uint: [], bool: [],
                bound: EXACT, domain: "byte strings", cost: 20, internal: false,
                doc: "Whether a byte string holds another one." }
            Finite { method: [], names: [], symbol: None, shape: Unary(x), typing: Rounding,
                float: [basic::finite], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 4, internal: true,
                doc: "x with 0 for NaN and the extremes of the type for the infinities." }
            Copy { method: [copy], names: ["copy"], symbol: None, shape: Unary(x), typing: Same,
                float: [basic::same], int: [unsigned::same], uint: [unsigned::same], bool: [logic::same],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "x itself." }
            OnesLike { method: [ones_like], names: ["ones_like"], symbol: None, shape: Unary(x), typing: Same,
                float: [basic::one], int: [integer::one], uint: [integer::one], bool: [logic::one],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "1, of the type and shape of x." }
            Real { method: [real], names: ["real"], symbol: None, shape: Unary(x), typing: Part,
                float: [basic::same], int: [unsigned::same], uint: [unsigned::same], bool: [logic::same],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "The real part." }
            Imag { method: [imag], names: ["imag"], symbol: None, shape: Unary(x), typing: Part,
                float: [basic::zero], int: [integer::zero], uint: [integer::zero], bool: [logic::zero],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "The imaginary part: of a real number 0." }
            Conj { method: [conjugate], names: ["conjugate", "conj"], symbol: None, shape: Unary(x), typing: Conjugate,
                float: [basic::same], int: [unsigned::same], uint: [unsigned::same], bool: [],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "The number with the imaginary part negated." }
            Angle { method: [angle], names: ["angle"], symbol: None, shape: Unary(x), typing: Part,
                float: [parts::angle], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 2, internal: false,
                doc: "The angle in the complex plane, in radians: of a real number 0, or pi if its sign bit is set." }
            Abs2 { method: [abs2], names: ["abs2"], symbol: None, shape: Unary(x), typing: Modulus,
                float: [basic::square], int: [integer::square], uint: [integer::square], bool: [],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "The square of the absolute value." }
            Complex { method: [complex], names: ["complex"], symbol: None, shape: Binary(re, im), typing: MakeComplex,
                float: [], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 1, internal: false,
                doc: "The complex number of a real and an imaginary part." }
            Fma { method: [fma], names: ["fma"], symbol: None, shape: Ternary(a, b, c), typing: Float,
                float: [fused::fma], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 10, internal: false,
                doc: "(a * b) + c, rounded once." }
            MulAdd { method: [], names: [], symbol: None, shape: Ternary(a, b, c), typing: Arithmetic,
                float: [basic::mul_then_add], int: [integer::mul_then_add], uint: [integer::mul_then_add], bool: [],
                bound: EXACT, domain: "all", cost: 2, internal: true,
                doc: "(a * b) + c, two roundings." }
            MulSub { method: [], names: [], symbol: None, shape: Ternary(a, b, c), typing: Arithmetic,
                float: [basic::mul_then_sub], int: [integer::mul_then_sub], uint: [integer::mul_then_sub], bool: [],
                bound: EXACT, domain: "all", cost: 2, internal: true,
                doc: "(a * b) - c, two roundings." }
            NegMulAdd { method: [], names: [], symbol: None, shape: Ternary(a, b, c), typing: Arithmetic,
                float: [basic::sub_product], int: [integer::sub_product], uint: [integer::sub_product], bool: [],
                bound: EXACT, domain: "all", cost: 2, internal: true,
                doc: "c - (a * b), two roundings." }
            AddSquares { method: [], names: [], symbol: None, shape: Binary(a, b), typing: Float,
                float: [basic::add_squares], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 3, internal: true,
                doc: "(a * a) + (b * b), three roundings." }
            SubSquares { method: [], names: [], symbol: None, shape: Binary(a, b), typing: Float,
                float: [basic::sub_squares], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 3, internal: true,
                doc: "(a * a) - (b * b), three roundings." }
            ComplexSqrtReal { method: [], names: [], symbol: None, shape: Binary(re, im), typing: Float,
                float: [complex::sqrt_real], int: [], uint: [], bool: [],
                bound: ulp(2.8, 2.8), domain: "all", cost: 40, internal: true,
                doc: "The real part of the square root of a complex number." }
            ComplexSqrtImag { method: [], names: [], symbol: None, shape: Binary(re, im), typing: Float,
                float: [complex::sqrt_imag], int: [], uint: [], bool: [],
                bound: ulp(2.8, 2.8), domain: "all", cost: 40, internal: true,
                doc: "The imaginary part of the square root of a complex number." }
            ComplexLogReal { method: [], names: [], symbol: None, shape: Binary(re, im), typing: Float,
                float: [complex::log_real], int: [], uint: [], bool: [],
                bound: ulp(2.0, 2.3), domain: "all", cost: 60, internal: true,
                doc: "The real part of the logarithm of a complex number; the imaginary one is arctan2(im, re)." }
            ComplexExpReal { method: [], names: [], symbol: None, shape: Binary(re, im), typing: Float,
                float: [complex_exponential::exp_real], int: [], uint: [], bool: [],
                bound: ulp(3.5, 3.5), domain: "im finite", cost: 60, internal: true,
                doc: "The real part of the exponential of a complex number." }
            ComplexExpImag { method: [], names: [], symbol: None, shape: Binary(re, im), typing: Float,
                float: [complex_exponential::exp_imag], int: [], uint: [], bool: [],
                bound: ulp(3.5, 3.5), domain: "im finite", cost: 60, internal: true,
                doc: "The imaginary part of the exponential of a complex number." }
            ComplexSinhReal { method: [], names: [], symbol: None, shape: Binary(re, im), typing: Float,
                float: [complex_exponential::sinh_real], int: [], uint: [], bool: [],
                bound: ulp(3.6, 3.6), domain: "im finite", cost: 80, internal: true,
                doc: "The real part of the hyperbolic sine of a complex number." }
            ComplexSinhImag { method: [], names: [], symbol: None, shape: Binary(re, im), typing: Float,
                float: [complex_exponential::sinh_imag], int: [], uint: [], bool: [],
                bound: ulp(3.5, 3.5), domain: "im finite", cost: 80, internal: true,
                doc: "The imaginary part of the hyperbolic sine of a complex number." }
            ComplexCoshReal { method: [], names: [], symbol: None, shape: Binary(re, im), typing: Float,
                float: [complex_exponential::cosh_real], int: [], uint: [], bool: [],
                bound: ulp(3.5, 3.5), domain: "im finite", cost: 80, internal: true,
                doc: "The real part of the hyperbolic cosine of a complex number." }
            ComplexCoshImag { method: [], names: [], symbol: None, shape: Binary(re, im), typing: Float,
                float: [complex_exponential::cosh_imag], int: [], uint: [], bool: [],
                bound: ulp(3.9, 3.9), domain: "im finite", cost: 80, internal: true,
                doc: "The imaginary part of the hyperbolic cosine of a complex number." }
            ComplexTanhReal { method: [], names: [], symbol: None, shape: Binary(re, im), typing: Float,
                float: [complex_exponential::tanh_real], int: [], uint: [], bool: [],
                bound: ulp(7.0, 7.0), domain: "im finite", cost: 100, internal: true,
                doc: "The real part of the hyperbolic tangent of a complex number." }
            ComplexTanhImag { method: [], names: [], symbol: None, shape: Binary(re, im), typing: Float,
                float: [complex_exponential::tanh_imag], int: [], uint: [], bool: [],
                bound: ulp(7.5, 7.5), domain: "im finite", cost: 100, internal: true,
                doc: "The imaginary part of the hyperbolic tangent of a complex number." }
            ComplexArcSinhReal { method: [], names: [], symbol: None, shape: Binary(re, im), typing: Float,
                float: [complex_inverse::arcsinh_real], int: [], uint: [], bool: [],
                bound: ulp(4.6, 4.6), domain: "all", cost: 100, internal: true,
                doc: "The real part of the inverse hyperbolic sine of a complex number." }
            ComplexArcSinhImag { method: [], names: [], symbol: None, shape: Binary(re, im), typing: Float,
                float: [complex_inverse::arcsinh_imag], int: [], uint: [], bool: [],
                bound: ulp(4.2, 4.2), domain: "all", cost: 100, internal: true,
                doc: "The imaginary part of the inverse hyperbolic sine of a complex number." }
            ComplexArcCosReal { method: [], names: [], symbol: None, shape: Binary(re, im), typing: Float,
                float: [complex_inverse::arccos_real], int: [], uint: [], bool: [],
                bound: ulp(4.2, 4.2), domain: "all", cost: 100, internal: true,
                doc: "The real part of the inverse cosine of a complex number." }
            ComplexArcCosImag { method: [], names: [], symbol: None, shape: Binary(re, im), typing: Float,
                float: [complex_inverse::arccos_imag], int: [], uint: [], bool: [],
                bound: ulp(4.6, 4.6), domain: "all", cost: 100, internal: true,
                doc: "The imaginary part of the inverse cosine of a complex number." }
            ComplexArcTanhReal { method: [], names: [], symbol: None, shape: Binary(re, im), typing: Float,
                float: [complex_inverse::arctanh_real], int: [], uint: [], bool: [],
                bound: ulp(4.0, 4.0), domain: "all", cost: 80, internal: true,
                doc: "The real part of the inverse hyperbolic tangent of a complex number." }
            ComplexArcTanhImag { method: [], names: [], symbol: None, shape: Binary(re, im), typing: Float,
                float: [complex_inverse::arctanh_imag], int: [], uint: [], bool: [],
                bound: ulp(3.0, 3.0), domain: "all", cost: 80, internal: true,
                doc: "The imaginary part of the inverse hyperbolic tangent of a complex number." }
            RandomBits { method: [], names: [], symbol: None, shape: Ternary(place, seed, stream), typing: Integral,
                float: [], int: [], uint: [philox::word], bool: [],
                bound: EXACT, domain: "all", cost: 24, internal: true,
                doc: "The word at a place of a stream of random bits, Philox4x64-10 under the key of seed and stream." }
            MulHigh { method: [], names: [], symbol: None, shape: Binary(a, b), typing: Integral,
                float: [], int: [], uint: [unsigned::high_product], bool: [],
                bound: EXACT, domain: "all", cost: 12, internal: true,
                doc: "The upper half of the product of two numbers without a sign." }
            WrapI8 { method: [], names: [], symbol: None, shape: Unary(x), typing: Integral,
                float: [], int: [storage::wrap_i8], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 2, internal: true,
                doc: "The low 8 bits, sign-extended: a stored i8." }
            WrapI16 { method: [], names: [], symbol: None, shape: Unary(x), typing: Integral,
                float: [], int: [storage::wrap_i16], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 2, internal: true,
                doc: "The low 16 bits, sign-extended: a stored i16." }
            WrapU8 { method: [], names: [], symbol: None, shape: Unary(x), typing: Integral,
                float: [], int: [storage::wrap_u8], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 1, internal: true,
                doc: "The low 8 bits, zero-extended: a stored u8." }
            WrapU16 { method: [], names: [], symbol: None, shape: Unary(x), typing: Integral,
                float: [], int: [storage::wrap_u16], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 1, internal: true,
                doc: "The low 16 bits, zero-extended: a stored u16." }
            WrapU32 { method: [], names: [], symbol: None, shape: Unary(x), typing: Integral,
                float: [], int: [storage::wrap_u32], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 1, internal: true,
                doc: "The low 32 bits, zero-extended: a stored u32." }
            RoundF16 { method: [], names: [], symbol: None, shape: Unary(x), typing: Float,
                float: [storage::round_f16], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 10, internal: true,
                doc: "The nearest value of IEEE binary16, halves to even." }
            RoundBf16 { method: [], names: [], symbol: None, shape: Unary(x), typing: Float,
                float: [storage::round_bf16], int: [], uint: [], bool: [],
                bound: EXACT, domain: "all", cost: 8, internal: true,
                doc: "The nearest value of bfloat16, halves to even." }
        }
    };
}
