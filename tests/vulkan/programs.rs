//! Programs of every kind of loop, and inputs for them.

use numfuse::internals::{Array, Op, Typing};
use numfuse::{Complex, DType, Input, Isa, Program, Reduction, Scalar};

use crate::agreement::difference;
use crate::engine::Way;
use crate::stored::{Layout, Stored};

/// Inputs by name.
pub struct Inputs(Vec<(&'static str, Stored)>);

impl Inputs {
    pub fn named(&self) -> Vec<(&str, Input<'_>)> {
        self.0.iter().map(|(name, stored)| (*name, stored.input())).collect()
    }
}

/// Numbers of many sizes, of either sign.
pub fn elements(dtype: DType, count: usize, seed: u64) -> Vec<Scalar> {
    let value = |k: usize| {
        let bits = (k as u64 + 1 + (seed << 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let bits = (bits ^ bits >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let float = ((bits >> 11) as f64 / (1u64 << 53) as f64 - 0.5) * 10f64.powi((bits % 4) as i32);
        match dtype {
            DType::Bool => Scalar::Bool(bits.is_multiple_of(3)),
            DType::I8 => Scalar::I8(bits as i8),
            DType::I16 => Scalar::I16(bits as i16),
            DType::I32 => Scalar::I32((bits >> 40) as i32 - (1 << 23)),
            DType::I64 => Scalar::I64(bits as i64 >> (bits % 50)),
            DType::U8 => Scalar::U8(bits as u8),
            DType::U16 => Scalar::U16(bits as u16),
            DType::U32 => Scalar::U32(bits as u32),
            DType::U64 => Scalar::U64(bits),
            DType::F16 => Scalar::F16(numfuse::half::f16::from_f64(float)),
            DType::BF16 => Scalar::BF16(numfuse::half::bf16::from_f64(float)),
            DType::F32 => Scalar::F32(float as f32),
            DType::F64 => Scalar::F64(float),
            DType::C64 => Scalar::C64(Complex::new(float as f32, 1.0 - float as f32)),
            DType::C128 => Scalar::C128(Complex::new(float, 0.5 + float / 3.0)),
            other => panic!("no numbers of type {other}"),
        }
    };
    (0..count).map(value).collect()
}

/// An array in C order.
pub fn stored(dtype: DType, shape: &[usize], seed: u64) -> Stored {
    Stored::new(dtype, shape, &elements(dtype, shape.iter().product(), seed), &Layout::c_order(shape))
}

/// What [`EVERY_LOOP`] reads: `x` and `y` are matrices of f64, `u` of f32, `n` and `m` of integers and booleans, `z` of
/// complex numbers; `r` is a row, `c` a column, `t` places, `long` a vector, `deep` an array of three axes.
pub fn inputs() -> Inputs {
    let places = (0..9).map(|k| Scalar::I64((k * 7) % 37 - 5)).collect::<Vec<_>>();
    Inputs(vec![
        ("x", stored(DType::F64, &[37, 53], 1)),
        ("y", stored(DType::F64, &[37, 53], 2)),
        ("u", stored(DType::F32, &[37, 53], 3)),
        ("n", stored(DType::I32, &[37, 53], 4)),
        ("s", stored(DType::I16, &[37, 53], 5)),
        ("m", stored(DType::Bool, &[37, 53], 6)),
        ("z", stored(DType::C128, &[37, 53], 7)),
        ("h", stored(DType::F16, &[37, 53], 8)),
        ("r", stored(DType::F64, &[53], 9)),
        ("c", stored(DType::F32, &[37, 1], 10)),
        ("t", Stored::new(DType::I64, &[9], &places, &Layout::c_order(&[9]))),
        ("long", stored(DType::F64, &[9000], 11)),
        ("tall", stored(DType::F32, &[700, 3], 12)),
        ("deep", stored(DType::F64, &[5, 140, 6], 13)),
    ])
}

/// Every kind of loop: maps, rows that are reduced in one part, in several and over several axes, columns, trees of
/// partial results, running sums, contractions, places, planes of complex numbers, moments, checks, sources, elementwise
/// loops.
pub const EVERY_LOOP: [&str; 47] = [
    "x*y + 0.5",
    "exp(x)*sin(u) + tanh(r)*c",
    "where(m, x, u) - n",
    "s*s + 7",
    "h + s",
    "(n << 3) ^ (n >> 2) | ~n",
    "x.T[::-1, 3:] + 1",
    "sum(x)",
    "sum(u)",
    "mean(x*y)",
    "sum(long)",
    "max(long) - min(long)",
    "sum(x, axis=0)",
    "sum(tall, axis=0)",
    "prod(1 + u/1e4, axis=0)",
    "sum(x - y, axis=1)",
    "sum(deep, axis=(0, 2))",
    "sum(deep, axis=1)",
    "sum(deep, axis=(1, 2))",
    "sum(deep[:, ::2], axis=(0, 1))",
    "any(m, axis=0) & all(x < 9, axis=0)",
    "argmax(x, axis=1)",
    "argmin(u)",
    "std(x)",
    "var(u, axis=0)",
    "var(deep, axis=(0, 2))",
    "var(long)",
    "sum(n) + min(s)*max(x) - mean(u)",
    "exp(x)/sum(exp(x), axis=1, keepdims=True)",
    "(x - mean(x, axis=0))/std(x, axis=0)",
    "cumsum(x, axis=0)",
    "cumsum(x*y, axis=1)",
    "cumprod(1 + u/1e4, axis=1)",
    "cumsum(n)",
    "x[:9] @ y[:11].T",
    "einsum('ij,ij->i', x, u)",
    "sum(abs(x[:, None] - y[None, :7]), axis=-1)",
    "take(x, t, axis=0)*2",
    "take(exp(r), t)",
    "z*z/(z + 2.5)",
    "sum(z, axis=0) + mean(z)",
    "abs(z)*exp(z/1e3)",
    "arange(37)[:, None]*x + index(x, 1)",
    "random((37, 53), seed=1)*x + normal(53, seed=2) + randint(-5, 9, (37, 1), seed=3)",
    "n**(n & 3)",
    "w = 0j; k = 0; repeat 40 while abs2(w) <= 4 { w = w*w + z/250; k += 1 }; k + mean(k)",
    "s = 0*u; for k in 0..len(t) { repeat k while s < 90 { s += 3 }; s = s/2 + t[k]; break if s > c }; s",
];

/// Every row of the table of operations on every compute type that it takes, as text with one input for each argument.
pub fn rows() -> Vec<(String, Vec<DType>)> {
    let types = [DType::Bool, DType::I32, DType::I64, DType::U64, DType::F32, DType::F64, DType::C128];
    let mut all = Vec::new();
    for op in Op::ALL.iter().copied() {
        let (info, names) = (op.info(), ["a", "b", "c"]);
        if info.internal || info.typing == Typing::Search {
            continue;
        }
        let text = format!("{}({})", info.names[0], names[..info.arity()].join(", "));
        for dtype in types {
            let first = if info.typing == Typing::Choose { DType::Bool } else { dtype };
            let second = match (info.typing, dtype) {
                (Typing::Scale, DType::F32) => DType::I32,
                (Typing::Scale, _) => DType::I64,
                _ => dtype,
            };
            all.push((text.clone(), [first, second, dtype][..info.arity()].to_vec()));
        }
    }
    all
}

/// Conversions between all types, and reductions of them.
pub fn conversions_and_reductions() -> Vec<(String, Vec<DType>)> {
    let mut all = Vec::new();
    for from in DType::ALL {
        all.extend(DType::ALL.iter().map(|to| (format!("{to}(a)"), vec![from])));
        let reduced = |kind: &Reduction| (format!("{}(a, axis=0)", kind.names()[0]), vec![from]);
        all.extend(Reduction::ALL.iter().filter(|kind| !kind.names().is_empty()).map(reduced));
    }
    all
}

/// What the processor answers with the strict bits.
pub fn strict(program: &Program, inputs: &[(&str, Input<'_>)]) -> Result<Array, numfuse::Error> {
    Way { isa: Isa::Portable, threads: 1, tile: 0 }.run(program, inputs)
}

/// As [`strict`], compiled here, of a program that fails at nothing.
pub fn strictly(text: &str, inputs: &[(&str, Input<'_>)]) -> Array {
    let program = Program::compile(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    strict(&program, inputs).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Panics where two answers are not the same bits.
pub fn assert_same(expected: &Array, got: &Array, what: &str) {
    assert_eq!((expected.dtype, &expected.shape), (got.dtype, &got.shape), "{what}");
    if let Some(difference) = difference(&Ok(expected.clone()), &Ok(got.clone()), false) {
        panic!("{what} {difference}");
    }
}
