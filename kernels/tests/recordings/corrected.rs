//! The corrected division and square root of f32, on devices whose own are off: correctly rounded all the same.

use crate::{
    interpreter::interpret_off_by,
    points::{Random, SPECIALS},
};
use numfuse_kernels::record::{
    BinaryOp, Node, Recording, Type, UnaryOp, record_corrected_division, record_corrected_sqrt,
    record_rounding,
};

/// How far off the devices are, in units of 2^-23.
const OFF: [i64; 11] = [0, 1, -1, 2, -2, 3, -3, 4, -4, 6, -6];

fn same(got: u64, want: f32) -> bool {
    got == u64::from(want.to_bits()) || f32::from_bits(got as u32).is_nan() && want.is_nan()
}

/// Specials, the ends of the normal and the subnormal numbers, mantissas at their ends, and random bits.
fn operands() -> Vec<f32> {
    let mut all: Vec<f32> = SPECIALS.iter().map(|&x| x as f32).collect();
    for bits in
        [1, 2, 3, 0x7f_ffff, 0x80_0000, 0x80_0001, 0x3f7f_ffff, 0x3fff_ffff, 0x7f7f_ffff, 0x7fa0_0000u32]
    {
        all.extend([f32::from_bits(bits), f32::from_bits(bits | 1 << 31)]);
    }
    all
}

fn check_division(division: &Recording, a: f32, b: f32) {
    for off in OFF {
        let got = interpret_off_by(division, &[a.to_bits().into(), b.to_bits().into()], off)[0];
        let shown = f32::from_bits(got as u32);
        assert!(same(got, a / b), "{a:e} / {b:e}, off by {off}: {shown:e}, not {:e}", a / b);
    }
}

fn check_sqrt(sqrt: &Recording, a: f32) {
    for off in OFF {
        let got = interpret_off_by(sqrt, &[a.to_bits().into()], off)[0];
        let shown = f32::from_bits(got as u32);
        assert!(same(got, a.sqrt()), "sqrt {a:e}, off by {off}: {shown:e}, not {:e}", a.sqrt());
    }
}

#[test]
fn division_is_correctly_rounded() {
    let (division, mut random) = (record_corrected_division(), Random(77));
    for &a in &operands() {
        for &b in &operands() {
            check_division(&division, a, b);
        }
    }
    for i in 0..20_000 {
        let [a, b] = [0, 0].map(|_| f32::from_bits(random.bits() as u32));
        check_division(&division, a, b);
        // quotients near and among the subnormals
        let shift = (random.bits() % 40) as i32;
        check_division(&division, f32::from_bits(random.bits() as u32 >> 9), 2f32.powi(shift - 20) * 1.7);
        // mantissas close to each other
        let near = 1.0f32.to_bits() + (random.bits() as u32 >> 9);
        check_division(&division, f32::from_bits(near), f32::from_bits(near + i % 7));
        check_division(&division, f32::from_bits(near + i % 7), f32::from_bits(near));
    }
}

/// Quotients that are exactly halfway between two subnormals.
#[test]
fn ties_among_subnormals_go_to_even() {
    let division = record_corrected_division();
    for odd in (1..4096u32).step_by(2) {
        check_division(&division, f32::from_bits(odd), 2.0);
        check_division(&division, f32::from_bits(odd) * 0.5f32.powi(-40), -(2f32.powi(41)));
    }
}

#[test]
fn square_root_is_correctly_rounded() {
    let (sqrt, mut random) = (record_corrected_sqrt(), Random(78));
    for a in operands() {
        check_sqrt(&sqrt, a);
    }
    for i in 0..50_000 {
        check_sqrt(&sqrt, f32::from_bits(random.bits() as u32 >> 1));
        check_sqrt(&sqrt, f32::from_bits(random.bits() as u32 >> 9)); // subnormals
        let root = (i * 331 % (1 << 12)) as f32;
        check_sqrt(&sqrt, root * root);
        check_sqrt(&sqrt, f32::from_bits((root * root).to_bits().wrapping_sub(1)));
    }
}

/// The device's operation is there once, and no other of its floats' operations has to round.
#[test]
fn the_device_divides_once() {
    for (recording, divisions, roots) in
        [(record_corrected_division(), 1, 0), (record_corrected_sqrt(), 0, 1)]
    {
        let floats = |wanted: fn(Node) -> bool| {
            recording.nodes.iter().filter(|&&(node, of)| of == Type::F32 && wanted(node)).count()
        };
        assert_eq!(floats(|node| matches!(node, Node::Binary(BinaryOp::Div, ..))), divisions);
        assert_eq!(floats(|node| matches!(node, Node::Unary(UnaryOp::Sqrt, _))), roots);
        assert_eq!(floats(|node| matches!(node, Node::Binary(BinaryOp::Add | BinaryOp::Sub, ..))), 0);
        assert!(recording.nodes.iter().all(|&(_, of)| !matches!(of, Type::F64 | Type::I64)));
    }
}

#[test]
fn rounding_by_sums_is_rounding() {
    let want = |op: UnaryOp, x: f64| match op {
        UnaryOp::Floor => x.floor(),
        UnaryOp::Ceil => x.ceil(),
        UnaryOp::Trunc => x.trunc(),
        _ => x.round_ties_even(),
    };
    let mut random = Random(78);
    let mut operands = SPECIALS.to_vec();
    operands.extend([0.5, 1.5, 2.5, 4503599627370495.5, 4503599627370496.0, 9007199254740993.0, 5e-324]);
    operands.extend((0..20_000).map(|k| match k % 2 {
        0 => f64::from_bits(random.bits()),
        _ => (random.bits() as i64 >> (random.bits() % 60)) as f64 / 4.0,
    }));
    for op in [UnaryOp::Floor, UnaryOp::Ceil, UnaryOp::Trunc, UnaryOp::Round] {
        let recording = record_rounding(op).expect("it rounds");
        let is_rounding = |(node, _): &(Node, Type)| matches!(node, Node::Unary(unary, _) if *unary == op);
        assert!(!recording.nodes.iter().any(is_rounding), "{op:?} is made of itself");
        for x in operands.iter().flat_map(|x| [*x, -*x]) {
            let got = f64::from_bits(interpret_off_by(&recording, &[x.to_bits()], 0)[0]);
            let same = got.to_bits() == want(op, x).to_bits() || got.is_nan() && x.is_nan();
            assert!(same, "{op:?} of {x:e}: {got:e}, not {:e}", want(op, x));
        }
    }
    assert_eq!(record_rounding(UnaryOp::Sqrt), None);
}
