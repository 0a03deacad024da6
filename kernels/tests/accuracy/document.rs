//! docs/accuracy.md: what was measured, beside what is stated.

use crate::check::Worst;
use numfuse_kernels::{Compute, Op};
use std::{collections::BTreeMap, fs, path::PathBuf, sync::Mutex};

const HEAD: &str =
    "| function | type | points | stated, fused | largest | at | stated, strict | largest | at |";

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/accuracy.md")
}

/// With `NUMFUSE_WRITE_ACCURACY=1`, puts what was measured of a row, fused and strict, in the place of what the document
/// has on it.
pub fn write(op: Op, compute: Compute, worst: [&Worst; 2], points: u64) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let Some(bound) = op.info().bound.filter(|_| std::env::var("NUMFUSE_WRITE_ACCURACY").is_ok()) else {
        return;
    };
    let _guard = ONE_AT_A_TIME.lock().unwrap();
    let text = fs::read_to_string(path()).expect("docs/accuracy.md");
    let points = if points == 1 << 32 { "all".to_owned() } else { grouped(points) };
    let half = |stated: f64, worst: &Worst| format!("{stated} | {:.3} | {}", worst.ulps, worst.at);
    let (fused, strict) = (half(bound.fma, worst[0]), half(bound.strict, worst[1]));
    let mut rows = rows_of(&text);
    rows.insert((op, compute), format!("| `{op}` | {compute} | {points} | {fused} | {strict} |"));
    let (prose, _) = text.split_once(HEAD).expect("the table of docs/accuracy.md");
    let rule = "---|".repeat(HEAD.matches('|').count() - 1);
    let lines: String = rows.into_values().map(|row| row + "\n").collect();
    fs::write(path(), format!("{prose}{HEAD}\n|{rule}\n{lines}")).expect("docs/accuracy.md");
}

/// The lines of the table, by row and type; those of rows that are no more are left out.
fn rows_of(text: &str) -> BTreeMap<(Op, Compute), String> {
    let lines = text.lines().filter(|line| line.starts_with("| `"));
    lines
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let name = cells.get(1)?.trim_matches('`');
            let op = Op::ALL.iter().copied().find(|op| op.to_string() == name)?;
            let compute = Compute::ALL.into_iter().find(|c| cells.get(2) == Some(&c.name()))?;
            Some(((op, compute), line.to_owned()))
        })
        .collect()
}

/// 1234567 as 1,234,567.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    groups.map(|group| str::from_utf8(group).expect("digits")).collect::<Vec<_>>().join(",")
}

/// The document says what the table says, of every function that it has.
#[test]
fn the_document_states_the_bounds_of_the_table() {
    let text = fs::read_to_string(path()).expect("docs/accuracy.md");
    for ((op, compute), line) in rows_of(&text) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let stated = op.info().bound.map(|bound| [bound.fma.to_string(), bound.strict.to_string()]);
        assert_eq!(
            stated.as_ref().map(|[fused, strict]| [fused.as_str(), strict.as_str()]),
            Some([cells[4], cells[7]]),
            "{op} {compute} in docs/accuracy.md: measure it again, as it says there"
        );
    }
}
