//! What the op table says about an operation.

use crate::ops::Op;

/// How the types of an operation's result and operands follow from its arguments. The rules are the library's; the
/// table only names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Typing {
    /// `+ - *`: the common type.
    Arithmetic,
    /// `/`: the common float type.
    TrueDivide,
    /// `//` and `%`: the common type.
    Modulo,
    /// `**`: the common type.
    Power,
    /// A function of floats: integers become floats.
    Float,
    /// Rounding: floats are rounded, integers stay as they are.
    Rounding,
    /// The absolute value.
    Magnitude,
    /// Unary minus.
    Negate,
    /// `~`: bits of integers, truth of booleans.
    Invert,
    /// `& | ^`.
    Bitwise,
    /// `<< >>`.
    Shift,
    /// Two values make a truth value.
    Comparison,
    /// One float makes a truth value.
    Predicate,
    /// `where`: a truth value picks one of two of the common type.
    Choose,
    /// The lesser or the greater.
    Extremum,
    /// A function of floats or complex numbers: integers become floats.
    Analytic,
    /// A function of any number, of the same type; truth values become i8.
    Numeric,
    /// The value itself, or one like it: of any type, truth values too.
    Same,
    /// A function of integers alone.
    Integral,
    /// The number of bits set, a u8.
    BitCount,
    /// A float and an integer of its width make a float.
    Scale,
    /// `real`, `imag`: of complex numbers the float of their width; of any other type, truth values too, the same.
    /// `angle`: of complex numbers the float of their width, of others as [`Float`](Typing::Float).
    Part,
    /// `conjugate`: any number, of the same type; truth values become i8.
    Conjugate,
    /// `abs2`: of complex numbers the float of their width; of any other number the same type.
    Modulus,
    /// A search in byte strings.
    Search,
    /// `complex`: two floats make a complex number of twice their width; integers become floats.
    MakeComplex,
}

/// The largest error of a float result, in units in the last place of the exact result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// Where multiplication and addition fuse.
    pub fma: f64,
    /// Where they do not: the strict bits.
    pub strict: f64,
}

/// A row of the op table.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    /// The operation.
    pub op: Op,
    /// Its function names in text, NumPy's own first. Empty for operations that only executors make.
    pub names: &'static [&'static str],
    /// Its operator in text.
    pub symbol: Option<&'static str>,
    /// The names of its arguments; their number is its arity.
    pub params: &'static [&'static str],
    /// Its typing rule.
    pub typing: Typing,
    /// The largest error of a float result. `None`: the result is the exact one, rounded at most once per operator
    /// of `doc`'s formula.
    pub bound: Option<Bound>,
    /// The arguments for which the result is neither NaN nor unspecified.
    pub domain: &'static str,
    /// In simple operations: 1 for a sum, 8 for a division.
    pub cost: u32,
    /// One line of documentation.
    pub doc: &'static str,
    /// Whether only executors make it: it has no name in text.
    pub internal: bool,
}

impl OpInfo {
    /// The number of arguments.
    pub const fn arity(&self) -> usize {
        self.params.len()
    }
}

impl Op {
    /// The operation with this function name in text, one of [`OpInfo::names`].
    ///
    /// ```
    /// use numfuse_kernels::Op;
    /// assert_eq!(Op::from_name("true_divide"), Some(Op::Div));
    /// assert_eq!(Op::from_name("frobnicate"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Op> {
        Op::ALL.iter().copied().find(|op| op.info().names.contains(&name))
    }
}

impl core::fmt::Display for Op {
    /// The canonical function name; for internal operations, the variant's.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.info().names.first() {
            Some(name) => f.write_str(name),
            None => write!(f, "{self:?}"),
        }
    }
}
