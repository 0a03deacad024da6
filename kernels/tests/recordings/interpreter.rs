//! An interpreter of recordings, one element at a time: what each node means.

use numfuse_kernels::{
    Compute,
    record::{BinaryOp, Node, Recording, Type, UnaryOp, ValueId},
};

/// The results of a recording for one element, bits in the low end of words.
pub fn interpret(recording: &Recording, parameters: &[u64]) -> Vec<u64> {
    interpret_off_by(recording, parameters, 0)
}

/// The same on a device whose divisions and square roots of f32 are off by so many units of 2^-23.
pub fn interpret_off_by(recording: &Recording, parameters: &[u64], off: i64) -> Vec<u64> {
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
            Node::Unary(op @ UnaryOp::Sqrt, a) if of == Type::F32 => shifted(unary(op, of, of, at(a)), off),
            Node::Unary(op, a) => unary(op, type_of(a), of, at(a)),
            Node::Binary(op @ BinaryOp::Div, a, b) if of == Type::F32 => {
                shifted(binary(op, of, at(a), at(b)), off)
            }
            Node::Binary(op, a, b) => binary(op, type_of(a), at(a), at(b)),
            Node::MulAdd(a, b, c) => {
                float3(of, at(a), at(b), at(c), |a, b, c| a.mul_add(b, c), |a, b, c| a.mul_add(b, c))
            }
            Node::Select(m, a, b) => at(if at(m) != 0 { a } else { b }),
            Node::Table(k, i) => truncate(of, recording.tables[k as usize][at(i) as usize]),
            Node::Rare(k) => {
                let call = &recording.rares[k as usize];
                group = if at(call.mask) != 0 {
                    interpret_off_by(&recording.bodies[call.body], &all(&call.arguments), off)
                } else {
                    all(&call.otherwise)
                };
                0
            }
            Node::Repeat(k) => {
                let repeated = &recording.loops[k as usize];
                group = all(&repeated.state);
                let mut turns = 0;
                while turns < repeated.limit && interpret_off_by(&repeated.go_on, &group, off)[0] != 0 {
                    group = interpret_off_by(&repeated.next, &group, off);
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

/// An f32 moved by units of 2^-23.
fn shifted(bits: u64, off: i64) -> u64 {
    if off == 0 {
        return bits;
    }
    let moved = f64::from(f32::from_bits(bits as u32)) + off as f64 / 8388608.0;
    (moved as f32).to_bits().into()
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
        UnaryOp::Extend => signed(from, a) as u64,
        UnaryOp::Truncate => truncate(to, a),
        UnaryOp::ToDouble => f64::from(f32::from_bits(a as u32)).to_bits(),
        UnaryOp::ToSingle => (f64::from_bits(a) as f32).to_bits().into(),
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

/// Element `i` of an array, its bits in the low end of a word.
pub fn word(compute: Compute, bytes: &[u8], i: usize) -> u64 {
    let mut word = [0; 8];
    word[..compute.size()].copy_from_slice(&bytes[i * compute.size()..][..compute.size()]);
    u64::from_le_bytes(word)
}
