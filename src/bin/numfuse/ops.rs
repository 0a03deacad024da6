//! `numfuse ops`: every function and operator of the language.

use std::collections::HashMap;
use std::io::Write;

use clap::Args;
use numfuse::internals::Reduction;
use numfuse::{DType, Input, Program, Value};
use numfuse_kernels::{Bound, Op};
use serde_json::json;

use crate::failure::Failure;
use crate::sample::Random;

/// List every function and operator: its arguments, types and largest error
#[derive(Args)]
pub struct Arguments {
    /// Print one JSON array
    #[arg(long)]
    json: bool,
}

/// One line of the list.
struct Entry {
    names: &'static [&'static str],
    params: Vec<&'static str>,
    symbol: Option<&'static str>,
    /// What it makes of arguments of each type that it takes.
    types: Vec<(DType, DType)>,
    bound: Option<Bound>,
    domain: Option<&'static str>,
    doc: &'static str,
    reduction: bool,
}

pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<(), Failure> {
    let operations = Op::ALL.iter().map(|op| op.info()).filter(|info| !info.internal).map(|info| Entry {
        names: info.names,
        params: info.params.to_vec(),
        symbol: info.symbol,
        types: types(info.names[0], info.params.len()),
        bound: info.bound,
        domain: Some(info.domain),
        doc: info.doc,
        reduction: false,
    });
    let reductions = Reduction::ALL.into_iter().map(|reduction| Entry {
        names: reduction.names(),
        params: vec!["x", "axis=None", "keepdims=False"],
        symbol: None,
        types: types(reduction.names()[0], 1),
        bound: None,
        domain: None,
        doc: reduction.doc(),
        reduction: true,
    });
    let entries = operations.chain(reductions);
    if arguments.json {
        let list: Vec<serde_json::Value> = entries.map(|entry| entry.json()).collect();
        return Ok(writeln!(out, "{}", serde_json::Value::from(list))?);
    }
    for entry in entries {
        entry.write(out)?;
    }
    Ok(())
}

/// Asked of the library itself, so that the list cannot say anything else than what it does: the function is run on
/// one element of each type.
fn types(name: &str, arity: usize) -> Vec<(DType, DType)> {
    let names = ["x", "y", "z"];
    let args = &names[..arity.min(names.len())];
    let Ok(program) = Program::compile(&format!("{name}({})", args.join(", "))) else { return vec![] };
    let result = |dtype: DType| {
        let sample = Random::seeded(0).array(&numfuse::ArrayType::new(dtype, &[1])).ok()?;
        let inputs: Vec<Input<'_>> = program.inputs().map(|_| Input::from(&sample)).collect();
        Some((dtype, program.run::<Value>(&inputs).ok()?.dtype()))
    };
    DType::ALL.into_iter().filter_map(result).collect()
}

impl Entry {
    fn signature(&self) -> String {
        format!("{}({})", self.names[0], self.params.join(", "))
    }

    /// `bool, i32, i64 → f64 | f32, f64`: an arrow where the result is of another type.
    fn types(&self) -> String {
        let mut groups: Vec<(Option<DType>, Vec<&str>)> = Vec::new();
        for (from, to) in &self.types {
            let becomes = (from != to).then_some(*to);
            match groups.last_mut() {
                Some((before, group)) if *before == becomes => group.push(from.name()),
                _ => groups.push((becomes, vec![from.name()])),
            }
        }
        let words = groups.into_iter().map(|(becomes, group)| match becomes {
            Some(to) => format!("{} → {to}", group.join(", ")),
            None => group.join(", "),
        });
        words.collect::<Vec<_>>().join(" | ")
    }

    fn error(&self) -> String {
        match self.bound {
            None if self.reduction => "in one order".to_owned(),
            None => "exact".to_owned(),
            Some(Bound { fma, strict }) if fma == strict => format!("{fma} ulp"),
            Some(Bound { fma, strict }) => format!("{fma} ulp, strict {strict}"),
        }
    }

    fn write(&self, out: &mut impl Write) -> Result<(), Failure> {
        let operator = self.symbol.map_or(String::new(), |symbol| format!("  `{symbol}`"));
        let aliases = match self.names {
            [_] | [] => String::new(),
            [_, aliases @ ..] => format!("  also {}", aliases.join(", ")),
        };
        writeln!(out, "{}{operator}{aliases}", self.signature())?;
        writeln!(out, "    {}", self.doc)?;
        let domain =
            self.domain.filter(|domain| *domain != "all").map_or(String::new(), |d| format!("; domain: {d}"));
        Ok(writeln!(out, "    {}; {}{domain}", self.types(), self.error())?)
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "name": self.names[0],
            "aliases": self.names[1..],
            "signature": self.signature(),
            "operator": self.symbol,
            "kind": if self.reduction { "reduction" } else { "elementwise" },
            "types": self.types.iter().map(|(from, to)| (from.name(), to.name())).collect::<HashMap<_, _>>(),
            "error_ulp": self.bound.map(|bound| json!({ "fma": bound.fma, "strict": bound.strict })),
            "domain": self.domain,
            "doc": self.doc,
        })
    }
}
