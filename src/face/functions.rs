//! The functions of the language as data: for lists, completion and help beside a field for formulas.
//!
//! Nothing is written down here a second time: names, arguments, bounds and words come from the op table, the composed
//! functions, the functions over arrays, the reductions and the types, and what becomes of types is asked of inference.

mod types;

use std::fmt;

use numfuse_kernels::{Bound, Op, OpInfo, Typing};

use crate::dtype::DType;
use crate::graph::from_text::{ArrayFunction, ArrayGroup};
use crate::graph::{Composed, Param, Reduction};

/// Every function that an expression may call: operators by their NumPy names too, reductions, conversions.
///
/// ```
/// let names: Vec<&str> = numfuse::functions().map(|function| function.name()).collect();
/// assert!(["add", "exp", "clip", "sum", "f32"].iter().all(|name| names.contains(name)));
/// ```
pub fn functions() -> impl Iterator<Item = Function> {
    let rows = Op::ALL.iter().map(|op| op.info()).filter(|info| !info.internal).map(What::Row);
    let composed = Composed::all().iter().map(What::Composed);
    let reductions = Reduction::ALL.into_iter().map(What::Reduction);
    let conversions = std::iter::once(What::AsType).chain(DType::ALL.into_iter().map(What::Cast));
    let arrays = ArrayFunction::all().map(What::Array).chain(std::iter::once(What::Einsum));
    rows.chain(composed).chain(reductions).chain(arrays).chain(conversions).map(|what| Function { what })
}

/// A function of the language.
///
/// ```
/// use numfuse::{DType, Function};
/// let divide = Function::from_name("true_divide").expect("NumPy has it");
/// assert_eq!((divide.name(), divide.operator()), ("divide", Some("/")));
/// assert_eq!(divide.signature(), "divide(a, b)");
/// assert_eq!(divide.result(&[DType::I32, DType::F32]), Some(DType::F64));
/// assert_eq!(divide.result(&[DType::Bytes(3), DType::F32]), None);
/// assert_eq!(divide.accuracy().to_string(), "exact");
/// ```
#[derive(Clone, Copy)]
pub struct Function {
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Row(&'static OpInfo),
    Composed(&'static Composed),
    Reduction(Reduction),
    Array(&'static ArrayFunction),
    Einsum,
    AsType,
    Cast(DType),
}

/// What a function takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parameter {
    /// Its name, by which a function with defaults takes it too.
    pub name: &'static str,
    /// What stands for it when it is not given, as an expression; `None` where it must be.
    pub default: Option<String>,
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.default {
            Some(default) => write!(f, "{}={default}", self.name),
            None => f.write_str(self.name),
        }
    }
}

/// What a function is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum FunctionGroup {
    /// What an operator stands for.
    Operators,
    /// Functions of real numbers, most of them of complex ones too.
    Mathematics,
    /// Parts of complex numbers.
    Complex,
    /// Functions of integers alone.
    Integers,
    /// Questions that a truth value answers.
    Truth,
    /// Folds over axes.
    Reductions,
    /// The same elements looked at another way.
    Views,
    /// Elements picked by a mask or by their places.
    Selection,
    /// Sums of products over shared axes.
    Contractions,
    /// Arrays that follow from their indices.
    Sources,
    /// Changes of type.
    Conversions,
}

impl FunctionGroup {
    /// Every group.
    pub const ALL: [FunctionGroup; 11] = [
        FunctionGroup::Operators,
        FunctionGroup::Mathematics,
        FunctionGroup::Complex,
        FunctionGroup::Integers,
        FunctionGroup::Truth,
        FunctionGroup::Reductions,
        FunctionGroup::Views,
        FunctionGroup::Selection,
        FunctionGroup::Contractions,
        FunctionGroup::Sources,
        FunctionGroup::Conversions,
    ];

    /// A heading.
    pub const fn title(self) -> &'static str {
        match self {
            FunctionGroup::Operators => "Operators",
            FunctionGroup::Mathematics => "Mathematics",
            FunctionGroup::Complex => "Complex numbers",
            FunctionGroup::Integers => "Integers",
            FunctionGroup::Truth => "Truth values",
            FunctionGroup::Reductions => "Reductions",
            FunctionGroup::Views => "Views",
            FunctionGroup::Selection => "Selection",
            FunctionGroup::Contractions => "Contractions",
            FunctionGroup::Sources => "Sources",
            FunctionGroup::Conversions => "Conversions",
        }
    }
}

/// How far a float result may be from the exact one.
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub enum Accuracy {
    /// Not at all, or by one rounding.
    Exact,
    /// By so many units in the last place.
    Within(Bound),
    /// By what the functions differ that it is made of.
    Steps,
}

impl fmt::Display for Accuracy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Accuracy::Exact => f.write_str("exact"),
            Accuracy::Within(Bound { fma, strict }) if fma == strict => write!(f, "{fma} ulp"),
            Accuracy::Within(Bound { fma, strict }) => write!(f, "{fma} ulp, strict {strict}"),
            Accuracy::Steps => f.write_str("that of its steps"),
        }
    }
}

impl Function {
    /// The function of a name in an expression, its own or another one.
    pub fn from_name(name: &str) -> Option<Function> {
        functions().find(|function| function.names().any(|known| known == name))
    }

    /// Its name, NumPy's.
    pub fn name(&self) -> &'static str {
        match self.what {
            What::Row(row) => row.names[0],
            What::Composed(function) => function.names[0],
            What::Reduction(reduction) => reduction.names()[0],
            What::Array(function) => function.names[0],
            What::Einsum => "einsum",
            What::AsType => "astype",
            What::Cast(dtype) => dtype.name(),
        }
    }

    /// Other names that mean the same.
    pub fn aliases(&self) -> &'static [&'static str] {
        match self.what {
            What::Row(row) => &row.names[1..],
            What::Composed(function) => &function.names[1..],
            What::Reduction(reduction) => &reduction.names()[1..],
            What::Array(function) => &function.names[1..],
            What::Einsum | What::AsType => &[],
            What::Cast(dtype) => match dtype {
                DType::Bool | DType::Bytes(_) => &[],
                DType::I8 => &["int8"],
                DType::I16 => &["int16"],
                DType::I32 => &["int32"],
                DType::I64 => &["int64"],
                DType::U8 => &["uint8"],
                DType::U16 => &["uint16"],
                DType::U32 => &["uint32"],
                DType::U64 => &["uint64"],
                DType::F16 => &["float16"],
                DType::BF16 => &["bfloat16"],
                DType::F32 => &["float32"],
                DType::F64 => &["float64"],
                DType::C64 => &["complex64"],
                DType::C128 => &["complex128"],
            },
        }
    }

    /// Its name and the others.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name()).chain(self.aliases().iter().copied())
    }

    /// The operator that means the same.
    pub fn operator(&self) -> Option<&'static str> {
        match self.what {
            What::Row(row) => row.symbol,
            // `a > b` is `b < a` with its operands in their places, and no row of the table
            What::Composed(_) => match self.name() {
                "greater" => Some(">"),
                "greater_equal" => Some(">="),
                "positive" => Some("+"),
                _ => None,
            },
            What::Array(_) if self.name() == "matmul" => Some("@"),
            What::Reduction(_) | What::Array(_) | What::Einsum | What::AsType | What::Cast(_) => None,
        }
    }

    /// What it takes, in this order.
    pub fn parameters(&self) -> Vec<Parameter> {
        let required = |name: &&'static str| Parameter { name, default: None };
        let folds = |params: &[Param]| {
            let parameter = |p: &Param| Parameter { name: p.name, default: p.default.map(str::to_owned) };
            params.iter().map(parameter).collect()
        };
        match self.what {
            What::Row(row) => row.params.iter().map(required).collect(),
            What::Composed(function) => {
                let names = function.params.iter().map(|parameter| parameter.name);
                let parameter = |(name, text): (&'static str, String)| Parameter {
                    name,
                    default: text.split_once('=').map(|(_, default)| default.to_owned()),
                };
                names.zip(function.signature()).map(parameter).collect()
            }
            What::Reduction(reduction) => folds(reduction.params()),
            What::Array(function) => folds(function.params),
            What::Einsum => ["notation", "*operands"].iter().map(required).collect(),
            What::AsType => ["x", "dtype"].iter().map(required).collect(),
            What::Cast(_) => vec![required(&"x")],
        }
    }

    /// How it is called: `clip(x, min=None, max=None)`.
    pub fn signature(&self) -> String {
        let parameters: Vec<String> = self.parameters().iter().map(Parameter::to_string).collect();
        format!("{}({})", self.name(), parameters.join(", "))
    }

    /// One line on what it does.
    pub fn doc(&self) -> &'static str {
        match self.what {
            What::Row(row) => row.doc,
            What::Composed(function) => function.doc,
            What::Reduction(reduction) => reduction.doc(),
            What::Array(function) => function.doc,
            What::Einsum => {
                "The sum of products over axes by letters, `einsum('ij,jk->ik', a, b)`; `...` are all other axes."
            }
            What::AsType => {
                "x as the type of this name, `astype(x, f32)`; also written `x.astype('float32')`."
            }
            What::Cast(dtype) => match dtype {
                DType::Bool => "Whether x is not zero.",
                DType::F16 => "x rounded to 16 bits, IEEE's binary16, for storage.",
                DType::BF16 => "x rounded to the upper half of an f32, for storage.",
                DType::F32 | DType::F64 => "x as a float; of a complex number the real part.",
                DType::C64 | DType::C128 => "x as a complex number.",
                DType::Bytes(_) => "",
                _ => "x as an integer: floats are cut and saturate, NaN becomes 0, integers wrap.",
            },
        }
    }

    /// What it is about.
    pub fn group(&self) -> FunctionGroup {
        match self.what {
            _ if self.operator().is_some() => FunctionGroup::Operators,
            What::Row(row) => match row.typing {
                Typing::Comparison | Typing::Predicate | Typing::Search => FunctionGroup::Truth,
                Typing::Integral | Typing::BitCount => FunctionGroup::Integers,
                Typing::Invert | Typing::Bitwise | Typing::Shift => FunctionGroup::Integers,
                Typing::Part | Typing::Conjugate | Typing::Modulus => FunctionGroup::Complex,
                Typing::MakeComplex => FunctionGroup::Complex,
                Typing::Arithmetic | Typing::TrueDivide | Typing::Modulo => FunctionGroup::Mathematics,
                Typing::Power | Typing::Float | Typing::Analytic => FunctionGroup::Mathematics,
                Typing::Rounding | Typing::Magnitude | Typing::Negate => FunctionGroup::Mathematics,
                Typing::Choose | Typing::Extremum | Typing::Numeric => FunctionGroup::Mathematics,
                Typing::Same | Typing::Scale => FunctionGroup::Mathematics,
            },
            What::Composed(_) => match self.types().as_slice() {
                [] => FunctionGroup::Mathematics,
                types if types.iter().all(|(_, to)| *to == DType::Bool) => FunctionGroup::Truth,
                _ => FunctionGroup::Mathematics,
            },
            What::Reduction(_) => FunctionGroup::Reductions,
            What::Array(function) => match function.group {
                ArrayGroup::Reduction => FunctionGroup::Reductions,
                ArrayGroup::View => FunctionGroup::Views,
                ArrayGroup::Source => FunctionGroup::Sources,
                ArrayGroup::Contraction => FunctionGroup::Contractions,
                ArrayGroup::Selection => FunctionGroup::Selection,
            },
            What::Einsum => FunctionGroup::Contractions,
            What::AsType | What::Cast(_) => FunctionGroup::Conversions,
        }
    }

    /// How far a float result may be from the exact one.
    pub fn accuracy(&self) -> Accuracy {
        match self.what {
            What::Row(row) => row.bound.map_or(Accuracy::Exact, Accuracy::Within),
            What::Composed(_) => Accuracy::Steps,
            What::Reduction(reduction) => match reduction {
                Reduction::Sum | Reduction::Prod | Reduction::Mean => Accuracy::Steps,
                Reduction::Var | Reduction::Std | Reduction::Moments => Accuracy::Steps,
                Reduction::Min | Reduction::Max | Reduction::Any | Reduction::All => Accuracy::Exact,
                Reduction::ArgMin | Reduction::ArgMax => Accuracy::Exact,
            },
            What::Array(function) => match function.group {
                ArrayGroup::View | ArrayGroup::Selection => Accuracy::Exact,
                ArrayGroup::Source | ArrayGroup::Reduction | ArrayGroup::Contraction => match self.name() {
                    "arange" | "linspace" | "normal" | "ptp" | "norm" | "trace" => Accuracy::Steps,
                    name if function.group == ArrayGroup::Source || name == "outer" => Accuracy::Exact,
                    "nanmin" | "nanmax" | "count_nonzero" => Accuracy::Exact,
                    _ => Accuracy::Steps,
                },
            },
            What::Einsum => Accuracy::Steps,
            What::AsType | What::Cast(_) => Accuracy::Exact,
        }
    }

    /// The arguments for which the result is neither NaN nor unspecified; `None` where its steps decide.
    pub fn domain(&self) -> Option<&'static str> {
        match self.what {
            What::Row(row) => Some(row.domain),
            What::Composed(_) | What::Reduction(_) | What::Array(_) | What::Einsum => None,
            What::AsType | What::Cast(_) => Some("all"),
        }
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.signature())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_name_means_one_function() {
        let mut names = HashSet::new();
        for function in functions() {
            assert!(function.names().all(|name| names.insert(name)), "{function:?}");
            assert_eq!(
                Function::from_name(function.name()).map(|f| f.signature()),
                Some(function.signature())
            );
        }
        assert!(Function::from_name("frobnicate").is_none());
    }

    #[test]
    fn conversions_have_every_name_of_their_types() {
        for dtype in DType::ALL {
            let names = Function { what: What::Cast(dtype) };
            assert!(names.names().all(|name| DType::from_name(name) == Some(dtype)), "{dtype}");
            let numpys = ["int", "uint", "float", "bfloat", "complex"]
                .map(|kind| format!("{kind}{}", dtype.size() * 8));
            let known: Vec<&String> = numpys.iter().filter(|n| DType::from_name(n) == Some(dtype)).collect();
            assert_eq!(known, names.aliases(), "{dtype}");
        }
    }

    #[test]
    fn every_function_says_what_it_is() {
        for function in functions() {
            assert!(function.doc().ends_with('.') && !function.doc().contains('\n'), "{function:?}");
            assert!(FunctionGroup::ALL.contains(&function.group()));
            assert_ne!(function.domain(), Some(""), "{function:?}");
            // what a mask selects has no type before a reduction takes it in
            let takes_types = match function.name() {
                "astype" | "compress" => false,
                "index" | "len" => true,
                _ => function.group() != FunctionGroup::Sources,
            };
            assert_eq!(!function.types().is_empty(), takes_types, "{function:?}");
        }
    }

    #[test]
    fn types_are_those_of_numpy() {
        let result = |name: &str, arguments: &[DType]| Function::from_name(name).unwrap().result(arguments);
        assert_eq!(result("add", &[DType::U8, DType::I8]), Some(DType::I16));
        assert_eq!(result("abs", &[DType::C64]), Some(DType::F32));
        assert_eq!(result("sum", &[DType::U16]), Some(DType::U64));
        assert_eq!(result("clip", &[DType::I8]), Some(DType::I8));
        assert_eq!(result("clip", &[DType::I8, DType::F32]), Some(DType::F32));
        assert_eq!(result("lerp", &[DType::F32]), None, "arguments are missing");
        assert_eq!(result("round", &[DType::F32, DType::F32]), None, "decimals are a literal");
        assert_eq!(result("contains", &[DType::Bytes(5), DType::Bytes(2)]), Some(DType::Bool));
        assert_eq!(result("sin", &[DType::Bytes(1)]), None);
        assert_eq!(result("sin", &[]), None);
    }
}
