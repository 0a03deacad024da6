//! Recordings: every body records, what it records is what `recordings.txt` holds, and interpreting that gives the
//! scalar oracle's bits.
//!
//! `NUMFUSE_BLESS=1 cargo test -p numfuse-kernels --test recordings` writes the file anew.

mod points;

use numfuse_kernels::{
    Compute, Op, oracle,
    record::{BinaryOp, Node, Recording, Type, UnaryOp, ValueId, record},
};
use points::{Random, operand, operand_type, result_type, same, show};
use std::fmt::Write;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recordings.txt");

/// Bodies worth reading whole: composed primitives, a rare body, a loop, integer division, masks.
const WHOLE: [(Op, Compute, bool); 8] = [
    (Op::MulAdd, Compute::F32, true),
    (Op::Minimum, Compute::F64, false),
    (Op::Where, Compute::Bool, false),
    (Op::FloorDiv, Compute::I32, false),
    (Op::Shr, Compute::I64, false),
    (Op::Pow, Compute::I32, false),
    (Op::Exp, Compute::F32, true),
    (Op::Rem, Compute::F64, false),
];

/// Nodes, those of bodies and loops in brackets.
fn count(recording: &Recording) -> String {
    let mut line = recording.nodes.len().to_string();
    for body in &recording.bodies {
        write!(line, " [body {}]", count(body)).unwrap();
    }
    for repeated in &recording.loops {
        write!(line, " [loop {}: {}, {}]", repeated.limit, count(&repeated.go_on), count(&repeated.next))
            .unwrap();
    }
    line
}

#[test]
fn recordings_are_as_they_were() {
    let mut text = String::from("Nodes of each recording, fused and strict.\n\n");
    for &op in Op::ALL {
        for compute in Compute::ALL {
            let [fused, strict] = [true, false].map(|fma| record(op, compute, fma));
            assert_eq!(fused.is_some(), oracle(op, compute, true).is_some(), "{op:?} {compute}");
            if let (Some(fused), Some(strict)) = (fused, strict) {
                let (fused, strict) = (count(&fused), count(&strict));
                let both = if fused == strict { strict } else { format!("{fused} | {strict}") };
                writeln!(text, "{:24}{both}", format!("{op:?} {compute}")).unwrap();
            }
        }
    }
    for (op, compute, fma) in WHOLE {
        let set = if fma { "fused" } else { "strict" };
        write!(text, "\n{op:?} {compute}, {set}\n{}", record(op, compute, fma).unwrap()).unwrap();
    }
    if std::env::var_os("NUMFUSE_BLESS").is_some() {
        std::fs::write(GOLDEN, &text).unwrap();
    }
    let golden = std::fs::read_to_string(GOLDEN).unwrap();
    for (i, (got, want)) in text.lines().zip(golden.lines()).enumerate() {
        assert_eq!(
            got,
            want,
            "line {} of recordings.txt; NUMFUSE_BLESS=1 accepts what is recorded now",
            i + 1
        );
    }
    assert_eq!(text.lines().count(), golden.lines().count(), "recordings.txt has another length");
}

/// The results of a recording for one element, bits in the low end of words.
fn interpret(recording: &Recording, parameters: &[u64]) -> Vec<u64> {
    let mut values: Vec<u64> = vec![];
    let mut groups: Vec<Vec<u64>> = vec![];
    for &(node, of) in &recording.nodes {
        let at = |id: ValueId| values[id.0 as usize];
        let type_of = |id: ValueId| recording.nodes[id.0 as usize].1;
        let all = |ids: &[ValueId]| ids.iter().map(|&id| at(id)).collect::<Vec<u64>>();
        let mut group = vec![];
        values.push(match node {
            Node::Parameter(k) => parameters[k as usize],
            Node::Constant(bits) => bits,
            Node::Unary(op, a) => unary(op, type_of(a), of, at(a)),
            Node::Binary(op, a, b) => binary(op, type_of(a), at(a), at(b)),
            Node::MulAdd(a, b, c) => {
                float3(of, at(a), at(b), at(c), |a, b, c| a.mul_add(b, c), |a, b, c| a.mul_add(b, c))
            }
            Node::Select(m, a, b) => at(if at(m) != 0 { a } else { b }),
            Node::Table(k, i) => truncate(of, recording.tables[k as usize][at(i) as usize]),
            Node::Rare(k) => {
                let call = &recording.rares[k as usize];
                group = if at(call.mask) != 0 {
                    interpret(&recording.bodies[call.body], &all(&call.arguments))
                } else {
                    all(&call.otherwise)
                };
                0
            }
            Node::Repeat(k) => {
                let repeated = &recording.loops[k as usize];
                group = all(&repeated.state);
                let mut turns = 0;
                while turns < repeated.limit && interpret(&repeated.go_on, &group)[0] != 0 {
                    group = interpret(&repeated.next, &group);
                    turns += 1;
                }
                0
            }
            Node::Part(a, k) => groups[a.0 as usize][k as usize],
        });
        groups.push(group);
    }
    recording.results.iter().map(|&id| values[id.0 as usize]).collect()
}

fn truncate(of: Type, bits: u64) -> u64 {
    match of {
        Type::F64 | Type::I64 => bits,
        Type::F32 | Type::I32 => bits as u32 as u64,
        Type::Mask => bits & 1,
    }
}

fn signed(of: Type, bits: u64) -> i64 {
    if of == Type::I32 { bits as i32 as i64 } else { bits as i64 }
}

fn float3(of: Type, a: u64, b: u64, c: u64, f: fn(f64, f64, f64) -> f64, g: fn(f32, f32, f32) -> f32) -> u64 {
    if of == Type::F64 {
        f(f64::from_bits(a), f64::from_bits(b), f64::from_bits(c)).to_bits()
    } else {
        g(f32::from_bits(a as u32), f32::from_bits(b as u32), f32::from_bits(c as u32)).to_bits() as u64
    }
}

fn unary(op: UnaryOp, from: Type, to: Type, a: u64) -> u64 {
    let float = |f: fn(f64) -> f64, g: fn(f32) -> f32| {
        if to == Type::F64 {
            f(f64::from_bits(a)).to_bits()
        } else {
            g(f32::from_bits(a as u32)).to_bits() as u64
        }
    };
    match op {
        UnaryOp::Sqrt => float(f64::sqrt, f32::sqrt),
        UnaryOp::Floor => float(f64::floor, f32::floor),
        UnaryOp::Ceil => float(f64::ceil, f32::ceil),
        UnaryOp::Trunc => float(f64::trunc, f32::trunc),
        UnaryOp::Round => float(f64::round_ties_even, f32::round_ties_even),
        UnaryOp::BitCast => a,
        UnaryOp::FromInt if to == Type::F64 => (signed(from, a) as f64).to_bits(),
        UnaryOp::FromInt => (signed(from, a) as f32).to_bits() as u64,
        UnaryOp::ToInt if from == Type::F64 => f64::from_bits(a) as i64 as u64,
        UnaryOp::ToInt => f32::from_bits(a as u32) as i32 as u32 as u64,
        UnaryOp::Not => a ^ 1,
    }
}

fn binary(op: BinaryOp, of: Type, a: u64, b: u64) -> u64 {
    let float = matches!(of, Type::F64 | Type::F32);
    // Singles are compared as doubles, which hold them; arithmetic rounds in its own width.
    let wide =
        |bits: u64| if of == Type::F64 { f64::from_bits(bits) } else { f32::from_bits(bits as u32) as f64 };
    let arithmetic = |f: fn(f64, f64) -> f64, g: fn(f32, f32) -> f32, i: fn(i64, i64) -> i64| match of {
        Type::F64 => f(f64::from_bits(a), f64::from_bits(b)).to_bits(),
        Type::F32 => g(f32::from_bits(a as u32), f32::from_bits(b as u32)).to_bits() as u64,
        Type::I64 | Type::I32 | Type::Mask => truncate(of, i(signed(of, a), signed(of, b)) as u64),
    };
    let bits = if of == Type::I64 { 64 } else { 32 };
    match op {
        BinaryOp::Add => arithmetic(|a, b| a + b, |a, b| a + b, i64::wrapping_add),
        BinaryOp::Sub => arithmetic(|a, b| a - b, |a, b| a - b, i64::wrapping_sub),
        BinaryOp::Mul => arithmetic(|a, b| a * b, |a, b| a * b, i64::wrapping_mul),
        // A plain division: guards are the recording's business, and what slips through them panics here.
        BinaryOp::Div => arithmetic(|a, b| a / b, |a, b| a / b, |a, b| a / b),
        BinaryOp::MulHigh => truncate(of, ((a as u128 * b as u128) >> bits) as u64),
        BinaryOp::And => a & b,
        BinaryOp::Or => a | b,
        BinaryOp::Xor => a ^ b,
        BinaryOp::ShiftLeft => {
            assert!(b < bits, "a shift by {b}");
            truncate(of, a << b)
        }
        BinaryOp::ShiftRight => {
            assert!(b < bits, "a shift by {b}");
            a >> b
        }
        BinaryOp::Lt => (if float { wide(a) < wide(b) } else { signed(of, a) < signed(of, b) }) as u64,
        BinaryOp::Le => (if float { wide(a) <= wide(b) } else { signed(of, a) <= signed(of, b) }) as u64,
        BinaryOp::Eq => (if float { wide(a) == wide(b) } else { a == b }) as u64,
    }
}

fn word(compute: Compute, bytes: &[u8], i: usize) -> u64 {
    let mut word = [0; 8];
    word[..compute.size()].copy_from_slice(&bytes[i * compute.size()..][..compute.size()]);
    u64::from_le_bytes(word)
}

#[test]
fn interpreting_gives_the_bits_of_the_oracle() {
    const N: usize = 3600;
    for &op in Op::ALL {
        for compute in Compute::ALL {
            for fma in [false, true] {
                let (Some(kernel), Some(recording)) = (oracle(op, compute, fma), record(op, compute, fma))
                else {
                    continue;
                };
                let types: Vec<Compute> =
                    (0..op.info().arity()).map(|k| operand_type(op, compute, k)).collect();
                let result = result_type(op, compute);
                let mut random = Random(4242);
                let mut operands: Vec<Vec<u8>> =
                    types.iter().enumerate().map(|(k, &of)| operand(op, of, k, N, &mut random)).collect();
                operands.resize(3, vec![]);
                let mut want = vec![0u8; N * result.size()];
                let at = [0, 1, 2].map(|k: usize| operands[k].as_ptr());
                // SAFETY: N elements each.
                unsafe { kernel(N, want.as_mut_ptr(), at[0], at[1], at[2]) };
                for i in 0..N {
                    let parameters: Vec<u64> =
                        types.iter().enumerate().map(|(k, &of)| word(of, &operands[k], i)).collect();
                    let got = interpret(&recording, &parameters)[0].to_le_bytes();
                    let (got, want) = (&got[..result.size()], &want[i * result.size()..][..result.size()]);
                    assert!(
                        same(result, got, want),
                        "{op:?} {compute}, fused {fma}, of {parameters:x?}: {}, not {}",
                        show(result, got),
                        show(result, want)
                    );
                }
            }
        }
    }
}
