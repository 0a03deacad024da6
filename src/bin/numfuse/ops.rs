//! `numfuse ops`: every function and operator of the language.

use std::collections::BTreeMap;
use std::io::Write;

use clap::Args;
use numfuse::{Accuracy, DType, Function, FunctionGroup, Kind, functions};
use serde_json::json;

use crate::failure::Failure;

/// List every function and operator: its arguments, types, largest error and domain
#[derive(Args)]
pub struct Arguments {
    /// Print one JSON array
    #[arg(long)]
    json: bool,
    /// Print tables in Markdown
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
}

/// What the words of the list mean.
const LEGEND: &str = "\
Types are those that a function takes and, behind an arrow, what it makes of them if that is another type. Arguments of
different types meet in NumPy's common type first. `f16` and `bf16` are computed as `f32`, and so are results: only a
conversion makes them. `→ floats` is `f32` for types of up to 16 bits and `f64` for wider ones, and for complex numbers
the type of their parts; `→ complex` is the complex type of such parts.

An error is the largest one of a float result, in units in the last place: where multiplication and addition fuse, and
in the strict bits where that differs. `exact` is the exact result, rounded once at most. A function that is made of
others has the errors of its steps, and so has a reduction, which combines its elements in one order everywhere. Of
complex numbers, whose functions are made of those of their parts, it says nothing. `exact` or not, functions of
integers and truth values have no error.
";

pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<(), Failure> {
    if arguments.json {
        let list: Vec<serde_json::Value> = functions().map(|function| json(&function)).collect();
        return Ok(writeln!(out, "{}", serde_json::Value::from(list))?);
    }
    if arguments.markdown {
        write!(out, "# Functions\n\nWhat `numfuse ops --markdown` prints.\n\n{LEGEND}")?;
    }
    for group in FunctionGroup::ALL {
        let mut members = functions().filter(|function| function.group() == group).peekable();
        if members.peek().is_none() {
            continue;
        }
        if arguments.markdown {
            write!(out, "\n## {}\n\n| | types | error | domain | |\n|---|---|---|---|---|\n", group.title())?;
            members.try_for_each(|function| row(&function, out))?;
        } else {
            writeln!(out, "{}\n", group.title())?;
            members.try_for_each(|function| paragraph(&function, out))?;
            writeln!(out)?;
        }
    }
    if !arguments.markdown {
        write!(out, "{LEGEND}")?;
    }
    Ok(())
}

/// Three lines of the list.
fn paragraph(function: &Function, out: &mut impl Write) -> Result<(), Failure> {
    let operator = function.operator().map_or(String::new(), |symbol| format!("  `{symbol}`"));
    let aliases = match function.aliases() {
        [] => String::new(),
        aliases => format!("  also {}", aliases.join(", ")),
    };
    writeln!(out, "{}{operator}{aliases}", function.signature())?;
    writeln!(out, "    {}", function.doc())?;
    let types = types_in_words(function);
    let types = if types.is_empty() { types } else { format!("{types}; ") };
    let domain = match function.domain() {
        None | Some("all") => String::new(),
        Some(domain) => format!("; domain: {domain}"),
    };
    Ok(writeln!(out, "    {types}{}{domain}", function.accuracy())?)
}

/// A row of a table in Markdown.
fn row(function: &Function, out: &mut impl Write) -> Result<(), Failure> {
    let code = |text: &str| format!("`{}`", text.replace('|', "\\|"));
    let mut names = code(&function.signature());
    for other in function.operator().into_iter().chain(function.aliases().iter().copied()) {
        names += &format!(" {}", code(other));
    }
    let cell = |text: &str| text.replace('|', "\\|");
    let (types, doc) = (types_in_words(function), cell(function.doc()));
    let domain = cell(function.domain().unwrap_or(""));
    Ok(writeln!(out, "| {names} | {types} | {} | {domain} | {doc} |", function.accuracy())?)
}

fn json(function: &Function) -> serde_json::Value {
    let kind = match function.group() {
        FunctionGroup::Reductions => "reduction",
        FunctionGroup::Views => "view",
        FunctionGroup::Selection => "selection",
        FunctionGroup::Contractions => "contraction",
        FunctionGroup::Sources => "source",
        FunctionGroup::Conversions => "conversion",
        _ => "elementwise",
    };
    let types: BTreeMap<_, _> = function.types().into_iter().map(|(of, to)| (of.name(), to.name())).collect();
    json!({
        "name": function.name(),
        "aliases": function.aliases(),
        "signature": function.signature(),
        "example": function.example(),
        "operator": function.operator(),
        "group": function.group().title(),
        "kind": kind,
        "types": types,
        "types_in_words": types_in_words(function),
        "error": function.accuracy().to_string(),
        "error_ulp": match function.accuracy() {
            Accuracy::Within(bound) => json!({ "fma": bound.fma, "strict": bound.strict }),
            _ => serde_json::Value::Null,
        },
        "domain": function.domain(),
        "doc": function.doc(),
    })
}

/// `bool, integers → floats; floats, complex`: by families of types where one fares alike, else type by type.
fn types_in_words(function: &Function) -> String {
    let types = function.types();
    // one answer for everything needs no exceptions for the types that it happens to be
    let only = types.first().map(|(_, to)| *to).filter(|only| types.iter().all(|(_, to)| to == only));
    // what becomes of types, and those it becomes of, in the order of their first
    let mut fates: Vec<(String, Vec<&'static str>)> = Vec::new();
    let mut add = |fate: String, name: &'static str| match fates.iter_mut().find(|(known, _)| *known == fate)
    {
        Some((_, names)) => names.push(name),
        None => fates.push((fate, vec![name])),
    };
    for family in FAMILIES {
        let taken: Vec<(DType, DType)> =
            types.iter().copied().filter(|(of, _)| family_of(*of) == family).collect();
        let whole = taken.len() == members(family);
        match change(&taken, only).filter(|_| whole) {
            Some(change) => add(change, family_name(family)),
            None => taken.into_iter().for_each(|(of, to)| {
                add(if of == to { String::new() } else { format!(" → {to}") }, of.name());
            }),
        }
    }
    let phrases = fates.into_iter().map(|(fate, names)| format!("{}{fate}", gathered(&names)));
    phrases.collect::<Vec<_>>().join("; ")
}

/// A kind of types, and whether they lack a sign.
type Family = (Kind, bool);

const FAMILIES: [Family; 6] = [
    (Kind::Bool, false),
    (Kind::Int, false),
    (Kind::Int, true),
    (Kind::Float, false),
    (Kind::Complex, false),
    (Kind::Bytes, false),
];

fn family_of(dtype: DType) -> Family {
    (dtype.kind(), dtype.is_unsigned())
}

/// How many types a family has; of byte strings one stands for all.
fn members(family: Family) -> usize {
    DType::ALL.into_iter().chain([DType::Bytes(1)]).filter(|dtype| family_of(*dtype) == family).count()
}

fn family_name(family: Family) -> &'static str {
    match family {
        (Kind::Bool, _) => "bool",
        (Kind::Int, false) => "signed integers",
        (Kind::Int, true) => "unsigned integers",
        (Kind::Float, _) => "floats",
        (Kind::Complex, _) => "complex",
        (Kind::Bytes, _) => "byte strings",
    }
}

/// What becomes of all of a family, if it is one thing.
fn change(changes: &[(DType, DType)], only: Option<DType>) -> Option<String> {
    let all = |is: fn(DType, DType) -> bool| changes.iter().all(|(of, to)| is(*of, *to));
    let (_, first) = *changes.first()?;
    match () {
        () if only.is_some() => Some(format!(" → {first}")),
        // the 16-bit floats are computed as f32
        () if all(|of, to| of == to || (of.kind() == Kind::Float && of.float() == to)) => Some(String::new()),
        () if all(|of, to| of.real().float() == to) => Some(" → floats".to_owned()),
        () if all(|of, to| of.kind() != Kind::Complex && to.real() == of.float()) => {
            Some(" → complex".to_owned())
        }
        () if changes.iter().all(|(_, to)| *to == first) => Some(format!(" → {first}")),
        () => None,
    }
}

/// The names of families that share a fate, in fewer words.
fn gathered(names: &[&'static str]) -> String {
    let mut words = names.to_vec();
    let mut gather = |parts: &[&'static str], whole: &'static str| {
        if let Some(at) = words.windows(parts.len()).position(|window| window == parts) {
            words.splice(at..at + parts.len(), [whole]);
        }
    };
    gather(&["signed integers", "unsigned integers"], "integers");
    gather(&["bool", "integers", "floats", "complex"], "numbers");
    words.join(", ")
}
