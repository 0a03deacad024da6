//! Examples of functions, and what they make of types, which is asked of inference.

use numfuse_kernels::Typing;

use super::{Function, What};
use crate::dtype::DType;
use crate::graph::from_text::ArrayGroup;
use crate::graph::{self, Axes, Builder, Graph, Supply};
use crate::infer::{Signature, infer};
use crate::syntax::{self, Limits};

impl Function {
    /// A call of it, as an expression over inputs `a`, `b` and `c`, in the order of its parameters. What must be written
    /// out, as a shape, is written; what has a default is left out.
    pub fn example(&self) -> String {
        let operands = |count: usize| ["a", "b", "c"][..count].join(", ");
        let required = self.parameters().iter().filter(|p| p.default.is_none()).count();
        match self.what {
            What::Array(function) => match function.example {
                Some(example) => example.to_owned(),
                None => format!("{}({})", self.name(), operands(required)),
            },
            What::Einsum => "einsum('ij,jk->ik', a, b)".to_owned(),
            What::AsType => "astype(a, f32)".to_owned(),
            What::Row(_) | What::Composed(_) | What::Reduction(_) | What::Cast(_) => {
                format!("{}({})", self.name(), operands(required))
            }
        }
    }

    /// The type of its result for arrays of these types, one for each argument that is given; of functions over whole
    /// arrays for the inputs of [`example`](Self::example). `None` where it refuses them, and where more than types
    /// decides, as for `astype`.
    pub fn result(&self, arguments: &[DType]) -> Option<DType> {
        let graph = match self.what {
            What::Array(function) if function.is_untyped() => return None,
            What::Array(_) | What::Einsum => {
                let limits = Limits::default();
                graph::from_text::graph(
                    &syntax::parse(&self.example(), &limits).ok()?,
                    &limits,
                    &Supply::default(),
                )
                .ok()?
            }
            What::AsType => return None,
            What::Row(_) | What::Composed(_) | What::Reduction(_) | What::Cast(_) => self.call(arguments)?,
        };
        if graph.inputs().len() != arguments.len() {
            return None;
        }
        let shape: &[usize] = if matches!(self.what, What::Array(_) | What::Einsum) { &[1, 1] } else { &[1] };
        let mut signature = Signature::new();
        for (_, used) in graph.inputs().iter() {
            let k = INPUTS.iter().position(|name| *name == &**used)?;
            signature.push(*arguments.get(k)?, None, shape);
        }
        let typed = infer(&graph, &signature).ok()?;
        Some(typed.nodes()[typed.results()[0]].dtype)
    }

    /// The graph of a call with so many arguments.
    fn call(&self, arguments: &[DType]) -> Option<Graph> {
        let mut builder = Builder::new();
        let names = INPUTS.get(..arguments.len())?;
        let args: Vec<_> = names.iter().map(|name| builder.input(name)).collect();
        let result = match (self.what, args.as_slice()) {
            (What::Row(row), args) if args.len() == row.arity() => builder.apply(row.op, args),
            (What::Composed(function), args) if args.len() <= function.params.len() => {
                let args: Vec<_> = args.iter().copied().map(Some).collect();
                function.build(&mut builder, &args).ok()?
            }
            (What::Reduction(reduction), [of]) => builder.fold(reduction, *of, Axes::All, false),
            (What::Cast(dtype), [of]) => builder.cast(dtype, *of),
            _ => return None,
        };
        Some(builder.finish(vec![result]))
    }

    /// The types it takes, each with that of the result where its arguments are of this type (`where`'s condition is
    /// `bool`, `ldexp`'s exponent `i32`, `take`'s places `i64`). Byte strings stand as `S1`. Sources take none, and
    /// what `compress` selects has a type once a reduction takes it in.
    pub fn types(&self) -> Vec<(DType, DType)> {
        let required = self.parameters().iter().filter(|p| p.default.is_none()).count();
        let arguments = |dtype: DType| match self.what {
            What::Row(row) => match row.typing {
                Typing::Choose => vec![DType::Bool, dtype, dtype],
                Typing::Scale => vec![dtype, DType::I32],
                _ => vec![dtype; row.arity()],
            },
            What::Composed(_) => vec![dtype; required],
            What::Array(function) => match function.names[0] {
                "take" => vec![dtype, DType::I64],
                _ if function.group == ArrayGroup::Contraction && required > 1 => vec![dtype; required],
                _ => vec![dtype],
            },
            What::Einsum => vec![dtype; 2],
            What::Reduction(_) | What::AsType | What::Cast(_) => vec![dtype],
        };
        let types = DType::ALL.into_iter().chain([DType::Bytes(1)]);
        types.filter_map(|dtype| Some((dtype, self.result(&arguments(dtype))?))).collect()
    }
}

/// The names of the inputs of [`Function::example`]: `isclose` takes the most.
const INPUTS: [&str; 5] = ["a", "b", "c", "d", "f"];
