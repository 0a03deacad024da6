//! Every row of the op table on every type, on every instruction set and a graphics card, against the reference interpreter: bit for bit,
//! or the same refusal. Conversions between all types and reductions of all types likewise.

mod agreement;
mod engine;
mod stored;

use numfuse::internals::{Op, Typing, interpret};
use numfuse::{Complex, DType, ErrorKind, Input, Kind, Literal, Program, Reduction, Scalar};

use agreement::difference;
use engine::{card, ways};
use stored::{Layout, Stored};

/// Elements: whole steps, and a tail.
const N: usize = 75;

/// A random number, by xorshift.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn float(&mut self) -> f64 {
        const SPECIAL: [f64; 16] = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.5,
            2.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            1e-310,
            1e300,
            -1e300,
            65520.0,
            3.0e-5,
            1.0e-7,
            255.5,
        ];
        match self.bits() % 4 {
            0 => SPECIAL[self.bits() as usize % SPECIAL.len()],
            1 => (self.bits() as i64 >> (self.bits() % 63)) as f64,
            _ => (self.bits() as i64) as f64 / (1u64 << (40 + self.bits() % 23)) as f64,
        }
    }

    fn scalar(&mut self, dtype: DType) -> Scalar {
        let literal = match dtype.kind() {
            Kind::Bool => Literal::Bool(self.bits().is_multiple_of(2)),
            Kind::Int => {
                // small numbers, large ones, and the extremes
                let shifted = self.bits() >> (self.bits() % 64);
                let mut bytes = [0u8; 16];
                bytes[..8].copy_from_slice(
                    &(if self.bits().is_multiple_of(8) { u64::MAX } else { shifted }).to_ne_bytes(),
                );
                return Scalar::from_bytes(dtype, bytes).unwrap();
            }
            Kind::Float => Literal::Float(self.float()),
            Kind::Complex => Literal::Complex(Complex::new(self.float(), self.float())),
            Kind::Bytes => panic!("no byte strings here"),
        };
        literal.to_scalar(dtype).unwrap()
    }

    /// An array of a type; swapped, and with a gap between elements, now and then.
    fn array(&mut self, dtype: DType, shape: &[usize]) -> Stored {
        let elements: Vec<Scalar> = (0..shape.iter().product()).map(|_| self.scalar(dtype)).collect();
        let mut layout = Layout::c_order(shape);
        layout.swapped = self.bits().is_multiple_of(5);
        if self.bits().is_multiple_of(3) {
            layout.steps.iter_mut().for_each(|step| *step *= 2);
            layout.length *= 2;
        }
        layout.skew = (self.bits() % 5 / 4) as usize;
        Stored::new(dtype, shape, &elements, &layout)
    }
}

/// Compares every way to run a text with the interpreter.
fn check(text: &str, inputs: &[(&str, Input<'_>)]) {
    let program = Program::compile(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let expected = [false, true].map(|fma| interpret(text, inputs, fma));
    for way in ways(&[1], &[0, 32]) {
        let got = way.run(&program, inputs);
        let expected = &expected[usize::from(way.isa.has_fma())];
        let types: Vec<String> = inputs.iter().map(|(_, input)| input.dtype().to_string()).collect();
        if let Some(difference) = difference(expected, &got, false) {
            panic!("{text} of {} on {way:?} {difference}", types.join(", "));
        }
    }
    if let Some(got) = card::run(&program, inputs) {
        let bytes = inputs.iter().any(|(_, input)| input.dtype().kind() == Kind::Bytes);
        if bytes && got.as_ref().is_err_and(|error| error.kind() == ErrorKind::Unsupported) {
            return; // the one type that a card does not have
        }
        if let Some(difference) = difference(&expected[0], &got, false) {
            let types: Vec<String> = inputs.iter().map(|(_, input)| input.dtype().to_string()).collect();
            panic!("{text} of {} on a card {difference}", types.join(", "));
        }
    }
}

/// The rows that texts can name.
fn rows() -> impl Iterator<Item = Op> {
    Op::ALL.iter().copied().filter(|op| !op.info().internal && op.info().typing != Typing::Search)
}

#[test]
fn every_row_on_every_type() {
    let mut random = Random(2026);
    for op in rows() {
        let (info, arity) = (op.info(), op.info().arity());
        let names = &["a", "b", "c"][..arity];
        let text = format!("{}({})", info.names[0], names.join(", "));
        for dtype in DType::ALL {
            let others = DType::ALL[random.bits() as usize % DType::ALL.len()];
            for other in [dtype, others] {
                let types = match info.typing {
                    Typing::Choose => [DType::Bool, dtype, other],
                    _ => [dtype, other, dtype],
                };
                let arrays: Vec<Stored> = types[..arity].iter().map(|t| random.array(*t, &[N])).collect();
                let inputs: Vec<(&str, Input<'_>)> =
                    names.iter().copied().zip(arrays.iter().map(Stored::input)).collect();
                check(&text, &inputs);
            }
        }
    }
}

#[test]
fn every_conversion() {
    let mut random = Random(7);
    for from in DType::ALL {
        let array = random.array(from, &[N]);
        for to in DType::ALL {
            check(&format!("{to}(a)"), &[("a", array.input())]);
            // a conversion in the middle rounds, wraps and saturates as one that is stored
            check(&format!("{to}(a) == {to}(a) + 0"), &[("a", array.input())]);
        }
    }
}

#[test]
fn every_reduction_of_every_type() {
    let mut random = Random(99);
    for kind in Reduction::ALL {
        for dtype in DType::ALL {
            for shape in [&[N][..], &[5, 40], &[40, 3], &[0, 3]] {
                let array = random.array(dtype, shape);
                for axis in ["", ", axis=0", ", axis=-1, keepdims=True"] {
                    check(&format!("{}(a{axis})", kind.names()[0]), &[("a", array.input())]);
                }
            }
        }
    }
}

#[test]
fn scalars_and_rows_of_every_type() {
    let mut random = Random(5);
    for dtype in DType::ALL.into_iter().filter(|dtype| *dtype != DType::Bool) {
        let (matrix, row, scalar) =
            (random.array(dtype, &[4, N]), random.array(dtype, &[N]), random.array(dtype, &[]));
        let column = random.array(dtype, &[4, 1]);
        let inputs =
            [("m", matrix.input()), ("r", row.input()), ("s", scalar.input()), ("c", column.input())];
        for text in
            ["m + r*s", "s", "c*s", "m", "r - c", "ones_like(m) + s*s*c", "copy(c)", "where(m == r, s, c)"]
        {
            check(text, &inputs);
        }
    }
}

#[test]
fn byte_strings_compare_and_are_searched() {
    let words = ["", "a", "ab", "abc", "b", "ba", "abab", "zz", "a b"];
    let stored = |length: u32, shift: usize, shape: &[usize]| {
        let count = shape.iter().product();
        let element = |k: usize| {
            let mut bytes = words[(k * 7 + shift) % words.len()].as_bytes().to_vec();
            bytes.resize(length as usize, 0);
            bytes.truncate(length as usize);
            bytes
        };
        let elements: Vec<Vec<u8>> = (0..count).map(element).collect();
        let mut layout = Layout::c_order(shape);
        layout.skew = shift;
        Stored::of_bytes(DType::Bytes(length), shape, &elements, None, &layout)
    };
    let (long, short, column) = (stored(6, 0, &[4, N]), stored(3, 3, &[N]), stored(4, 1, &[4, 1]));
    let inputs = [("s", long.input()), ("t", short.input()), ("c", column.input())];
    for op in ["==", "!=", "<", "<=", ">", ">="] {
        check(&format!("s {op} t"), &inputs);
        check(&format!("c {op} b'ab'"), &inputs);
        check(&format!("(c {op} t) | (s {op} 'b')"), &inputs);
    }
    for text in
        ["contains(s, t)", "contains(s, 'b')", "contains('abab', t)", "contains(c, t)", "contains(s, b'')"]
    {
        check(text, &inputs);
    }
}
