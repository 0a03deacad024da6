//! Functions that are other operations put together: one row each, for text and lazy arrays alike.

mod folds;

use numfuse_kernels::Op;

use super::{Builder, NodeId};
use crate::dtype::{DType, Literal};
use crate::error::{Error, ErrorKind, Result};

pub(crate) use folds::Compound;

/// A function without a kernel of its own.
pub(crate) struct Composed {
    /// Its names in text, NumPy's first.
    pub(crate) names: &'static [&'static str],
    pub(crate) params: &'static [Parameter],
    /// One line for the list of functions.
    pub(crate) doc: &'static str,
    build: fn(&mut Builder, &[Option<NodeId>]) -> Result<NodeId>,
}

/// What a function takes.
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(super) default: Missing,
}

/// What stands for an argument that is not given.
#[derive(Clone, Copy)]
pub(super) enum Missing {
    /// It must be.
    Error,
    /// A number.
    Number(Literal),
    /// Nothing: the function does without.
    Nothing,
}

const fn required(name: &'static str) -> Parameter {
    Parameter { name, default: Missing::Error }
}

const fn optional(name: &'static str) -> Parameter {
    Parameter { name, default: Missing::Nothing }
}

const fn number(name: &'static str, default: Literal) -> Parameter {
    Parameter { name, default: Missing::Number(default) }
}

static COMPOSED: [Composed; 13] = [
    Composed {
        names: &["clip"],
        params: &[required("x"), optional("min"), optional("max")],
        doc: "x, but not below min and not above max; either may be None. NaN stays.",
        build: |b, args| {
            let mut x = given(args, 0)?;
            if let Some(low) = args[1] {
                x = b.apply(Op::Maximum, &[x, low]);
            }
            if let Some(high) = args[2] {
                x = b.apply(Op::Minimum, &[x, high]);
            }
            Ok(x)
        },
    },
    Composed {
        names: &["float_power"],
        params: &[required("a"), required("b")],
        doc: "a to the power of b, in double precision at least.",
        build: |b, args| {
            let one = b.scalar(crate::dtype::Scalar::F64(1.0));
            let (x, y) = (given(args, 0)?, given(args, 1)?);
            // one is strong: it widens and changes nothing else
            let x = b.apply(Op::Mul, &[x, one]);
            Ok(b.apply(Op::Pow, &[x, y]))
        },
    },
    Composed {
        names: &["isclose"],
        params: &[
            required("a"),
            required("b"),
            number("rtol", Literal::Float(1e-5)),
            number("atol", Literal::Float(1e-8)),
            number("equal_nan", Literal::Bool(false)),
        ],
        doc: "Whether |a - b| <= atol + rtol |b|, infinities being equal only.",
        build: is_close,
    },
    Composed {
        names: &["nan_to_num"],
        params: &[required("x"), number("nan", Literal::Int(0)), optional("posinf"), optional("neginf")],
        doc: "x with numbers for NaN and the infinities: 0 and the extremes of the type unless others are given.",
        build: nan_to_num,
    },
    Composed {
        names: &["round", "around"],
        params: &[required("x"), number("decimals", Literal::Int(0))],
        doc: "x rounded to so many decimals, halves to even; negative ones count before the point.",
        build: round_to,
    },
    Composed {
        names: &["lerp"],
        params: &[required("a"), required("b"), required("t")],
        doc: "a + (b - a) t: from a at t = 0 on the way to b at t = 1.",
        build: |b, args| {
            let (from, to, t) = (given(args, 0)?, given(args, 1)?, given(args, 2)?);
            let way = b.apply(Op::Sub, &[to, from]);
            let part = b.apply(Op::Mul, &[way, t]);
            Ok(b.apply(Op::Add, &[from, part]))
        },
    },
    Composed {
        names: &["logical_and"],
        params: &[required("a"), required("b")],
        doc: "Whether both are not zero.",
        build: |b, args| truths(b, Op::And, args),
    },
    Composed {
        names: &["logical_or"],
        params: &[required("a"), required("b")],
        doc: "Whether either is not zero.",
        build: |b, args| truths(b, Op::Or, args),
    },
    Composed {
        names: &["logical_xor"],
        params: &[required("a"), required("b")],
        doc: "Whether one is zero and the other not.",
        build: |b, args| truths(b, Op::Xor, args),
    },
    Composed {
        names: &["logical_not"],
        params: &[required("x")],
        doc: "Whether x is zero.",
        build: |b, args| {
            let x = given(args, 0)?;
            let truth = b.cast(DType::Bool, x);
            Ok(b.apply(Op::Not, &[truth]))
        },
    },
    Composed {
        names: &["greater"],
        params: &[required("a"), required("b")],
        doc: "Whether a is greater than b.",
        build: |b, args| {
            let (x, y) = (given(args, 0)?, given(args, 1)?);
            Ok(b.apply(Op::Lt, &[y, x]))
        },
    },
    Composed {
        names: &["greater_equal"],
        params: &[required("a"), required("b")],
        doc: "Whether a is greater than or equal to b.",
        build: |b, args| {
            let (x, y) = (given(args, 0)?, given(args, 1)?);
            Ok(b.apply(Op::Le, &[y, x]))
        },
    },
    Composed {
        names: &["positive"],
        params: &[required("x")],
        doc: "x itself.",
        build: |b, args| {
            let x = given(args, 0)?;
            Ok(b.apply(Op::Copy, &[x]))
        },
    },
];

impl Composed {
    pub(crate) fn all() -> &'static [Composed] {
        &COMPOSED
    }

    pub(crate) fn from_name(name: &str) -> Option<&'static Composed> {
        COMPOSED.iter().find(|function| function.names.contains(&name))
    }

    /// The parameters as a user writes them: `x, min=None, max=None`.
    pub(crate) fn signature(&self) -> Vec<String> {
        let text = |parameter: &Parameter| match parameter.default {
            Missing::Error => parameter.name.to_owned(),
            Missing::Number(value) => format!("{}={value}", parameter.name),
            Missing::Nothing => format!("{}=None", parameter.name),
        };
        self.params.iter().map(text).collect()
    }

    /// The function of these arguments, in the order of its parameters; defaults stand for what is missing.
    ///
    /// # Errors
    /// An argument that must be given and is not, or that must be a literal and is none.
    pub(crate) fn build(&self, builder: &mut Builder, args: &[Option<NodeId>]) -> Result<NodeId> {
        let mut all = Vec::with_capacity(self.params.len());
        for (k, parameter) in self.params.iter().enumerate() {
            let given = args.get(k).copied().flatten();
            all.push(match (given, parameter.default) {
                (None, Missing::Number(value)) => Some(builder.literal(value)),
                (None, Missing::Error) => {
                    let message = format!("`{}` needs its argument `{}`", self.names[0], parameter.name);
                    return Err(Error::new(ErrorKind::Arity, message));
                }
                (given, _) => given,
            });
        }
        (self.build)(builder, &all)
    }
}

fn given(args: &[Option<NodeId>], k: usize) -> Result<NodeId> {
    args[k].ok_or_else(|| Error::new(ErrorKind::Type, "None stands where a number is needed"))
}

fn truths(b: &mut Builder, op: Op, args: &[Option<NodeId>]) -> Result<NodeId> {
    let (x, y) = (given(args, 0)?, given(args, 1)?);
    let (x, y) = (b.cast(DType::Bool, x), b.cast(DType::Bool, y));
    Ok(b.apply(op, &[x, y]))
}

fn is_close(b: &mut Builder, args: &[Option<NodeId>]) -> Result<NodeId> {
    let (x, y) = (given(args, 0)?, given(args, 1)?);
    let (relative, absolute) = (given(args, 2)?, given(args, 3)?);
    let difference = b.apply(Op::Sub, &[x, y]);
    let (difference, magnitude) = (b.apply(Op::Abs, &[difference]), b.apply(Op::Abs, &[y]));
    let slack = b.apply(Op::Mul, &[relative, magnitude]);
    let slack = b.apply(Op::Add, &[absolute, slack]);
    let near = b.apply(Op::Le, &[difference, slack]);
    let finite = b.apply(Op::IsFinite, &[y]);
    let near = b.apply(Op::And, &[near, finite]);
    let equal = b.apply(Op::Eq, &[x, y]);
    let close = b.apply(Op::Or, &[near, equal]);
    match b.literal_of(given(args, 4)?) {
        Some(Literal::Bool(false)) => Ok(close),
        Some(Literal::Bool(true)) => {
            let (x, y) = (b.apply(Op::IsNan, &[x]), b.apply(Op::IsNan, &[y]));
            let both = b.apply(Op::And, &[x, y]);
            Ok(b.apply(Op::Or, &[close, both]))
        }
        _ => Err(Error::new(ErrorKind::Type, "equal_nan is `True` or `False`")),
    }
}

fn nan_to_num(b: &mut Builder, args: &[Option<NodeId>]) -> Result<NodeId> {
    let (x, nan) = (given(args, 0)?, given(args, 1)?);
    let zero = b.literal_of(nan) == Some(Literal::Int(0));
    if zero && args[2].is_none() && args[3].is_none() {
        return Ok(b.apply(Op::Finite, &[x]));
    }
    let finite = b.apply(Op::Finite, &[x]);
    let mut value = finite;
    for (replacement, infinity) in [(args[2], f64::INFINITY), (args[3], f64::NEG_INFINITY)] {
        if let Some(replacement) = replacement {
            let infinity = b.literal(Literal::Float(infinity));
            let is_it = b.apply(Op::Eq, &[x, infinity]);
            value = b.apply(Op::Where, &[is_it, replacement, value]);
        }
    }
    let is_nan = b.apply(Op::IsNan, &[x]);
    Ok(b.apply(Op::Where, &[is_nan, nan, value]))
}

/// NumPy's way: a power of ten times x is rounded and divided again, with three roundings in all.
fn round_to(b: &mut Builder, args: &[Option<NodeId>]) -> Result<NodeId> {
    /// More would be beyond every float.
    const MOST: u32 = 308;
    let x = given(args, 0)?;
    let decimals = match b.literal_of(given(args, 1)?) {
        Some(Literal::Int(decimals)) => decimals,
        _ => return Err(Error::new(ErrorKind::Type, "the decimals of `round` are an integer literal")),
    };
    if decimals == 0 {
        return Ok(b.apply(Op::Round, &[x]));
    }
    let digits = decimals.unsigned_abs().min(MOST.into()) as i32;
    let scale = b.literal(Literal::Float(10f64.powi(digits)));
    let (there, back) = if decimals > 0 { (Op::Mul, Op::Div) } else { (Op::Div, Op::Mul) };
    let scaled = b.apply(there, &[x, scale]);
    let rounded = b.apply(Op::Round, &[scaled]);
    Ok(b.apply(back, &[rounded, scale]))
}
