//! The same bits for any number of threads, any tile, and any layout with the axes in the same order; over arrays
//! large enough that threads do take part. A graphics card gives the strict bits.

mod engine;
mod stored;

use numfuse::internals::{Array, interpret};
use numfuse::{DType, Input, Isa, Program, Scalar};

use engine::{Way, array, card, ways};
use stored::{Layout, Stored};

/// Loops of every sort: elementwise, with a row or a column, rows and columns reduced, several passes, running sums.
const TEXTS: [&str; 16] = [
    "x*y + 0.5",
    "exp(x)*sin(y) + tanh(x*y)",
    "where(x > y, sqrt(abs(x)), x**3)",
    "exp(max(x, axis=0))*y",
    "sum(x)",
    "mean(x*y)",
    "sum(x*y, axis=0)",
    "sum(x - y, axis=-1)",
    "prod(1 + x/1e6, axis=0, keepdims=True)",
    "exp(x)/sum(exp(x))",
    "(x - mean(x, axis=0))/(max(x, axis=0) - min(x, axis=0))",
    "sum((x - mean(x))**2)/sum(y > 0)",
    "cumsum(x*y)",
    "cumsum(exp(x), axis=0)",
    "cumsum(x - y, axis=-1)*y",
    "cumprod(1 + x/1e6, axis=0)",
];

/// Views, masks, places and contractions, of arrays of any rank.
const OVER_ARRAYS: [&str; 16] = [
    "x[::-1] + y",
    "exp(x)[1:] - exp(x)[:-1]",
    "flip(exp(x))*y",
    "sum(x[x > y])",
    "mean(x, where=y > 0, axis=0)",
    "sum(x[::-2]*x[::2][::-1])",
    "sum(ravel(x*y))",
    "sum(x.T)",
    "std(x)",
    "var(x*y, axis=0)",
    "argmax(x*y, axis=0)",
    "take(exp(x), [0, -1, 1], axis=0)",
    "sum(x*index(x, 0))",
    "sum(windows(x, 5, 0), axis=-1)",
    "einsum('i...,i...->...', x, x)",
    "sum(abs(x[:4, None] - x[None, :3]), axis=0)",
];

/// Of these no order shows.
const WITHOUT_SUMS: [&str; 12] = [
    "exp(x)*y + x.T[0, 0]",
    "x[::-1, 1:] + y[:, :-1]",
    "exp(x)[1:] - exp(x)[:-1]",
    "max(x*y, axis=0)",
    "min(exp(x), axis=1)",
    "argmin(x, axis=1)",
    "count_nonzero(x > y, axis=0)",
    "sum(i64(x*100), axis=1)",
    "any(x > y, axis=0) & all(y < 9, axis=0)",
    "take(x, [5, -3], axis=1)",
    "ravel(x)*2",
    "max(windows(x, (2, 3)), axis=(2, 3))",
];

const SHAPES: [&[usize]; 4] = [&[200_003], &[503, 257], &[30_001, 5], &[6, 25_003]];

fn elements(dtype: DType, count: usize, seed: u64) -> Vec<Scalar> {
    let value = |k: usize| {
        let bits = (k as u64 + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let float = ((bits >> 11) as f64 / (1u64 << 53) as f64 - 0.5) * 20.0;
        if dtype == DType::F32 { Scalar::F32(float as f32) } else { Scalar::F64(float) }
    };
    (0..count).map(value).collect()
}

fn c_order(dtype: DType, shape: &[usize], seed: u64) -> Stored {
    Stored::new(dtype, shape, &elements(dtype, shape.iter().product(), seed), &Layout::c_order(shape))
}

/// Runs `test` where seven threads are there to help.
fn in_a_pool_of_seven(test: impl FnOnce() + Send) {
    rayon::ThreadPoolBuilder::new().num_threads(7).build().unwrap().install(test);
}

fn assert_same(text: &str, expected: &Array, got: &Array, what: &str) {
    assert_eq!((expected.dtype, &expected.shape), (got.dtype, &got.shape), "{text}, {what}");
    let differ = expected.elements.iter().zip(&got.elements).filter(|(a, b)| !a.same(**b)).count();
    assert!(expected.same(got), "{text}, {what}: {differ} of {} elements differ", got.elements.len());
}

#[test]
fn threads_and_tiles_do_not_change_a_bit() {
    in_a_pool_of_seven(|| {
        for (shape, dtype) in SHAPES.into_iter().zip([DType::F64, DType::F32, DType::F64, DType::F32]) {
            let (x, y) = (c_order(dtype, shape, 1), c_order(DType::F64, shape, 2));
            let inputs = [("x", x.input()), ("y", y.input())];
            for text in TEXTS.into_iter().chain(OVER_ARRAYS) {
                let program = Program::compile(text).unwrap();
                let first = Way { isa: Isa::detect(), threads: 1, tile: 0 };
                let expected = first.run(&program, &inputs).unwrap();
                // the interpreter takes what it sums to lie in C order, and these views do not
                let reordered = ["x.T", "windows", "einsum"].iter().any(|word| text.contains(word));
                if shape == [503, 257] && !reordered {
                    let interpreted = interpret(text, &inputs, first.isa.has_fma()).unwrap();
                    assert_same(text, &interpreted, &expected, "interpreted");
                }
                for (threads, tile) in [(2, 0), (7, 0), (7, 64), (2, 4096)] {
                    let way = Way { threads, tile, ..first };
                    assert_same(
                        text,
                        &expected,
                        &way.run(&program, &inputs).unwrap(),
                        &format!("{shape:?} {way:?}"),
                    );
                }
                if let Some(got) = card::run(&program, &inputs) {
                    let strict = Way { isa: Isa::Portable, ..first }.run(&program, &inputs).unwrap();
                    assert_same(text, &strict, &got.unwrap(), &format!("{shape:?} on a card"));
                }
            }
        }
    });
}

#[test]
fn instruction_sets_that_fuse_agree() {
    let (x, y) = (c_order(DType::F64, &[123, 457], 1), c_order(DType::F32, &[457], 2));
    let inputs = [("x", x.input()), ("y", y.input())];
    for text in TEXTS.into_iter().chain(OVER_ARRAYS) {
        let program = Program::compile(text).unwrap();
        let runs = ways(&[1], &[0]).into_iter().map(|way| (way, way.run(&program, &inputs).unwrap()));
        let (fused, _): (Vec<_>, Vec<_>) = runs.partition(|(way, _)| way.isa.has_fma());
        for (way, got) in fused.iter().skip(1) {
            assert_same(text, &fused[0].1, got, &format!("{way:?}"));
        }
    }
}

#[test]
fn gaps_directions_and_alignment_do_not_change_a_bit() {
    in_a_pool_of_seven(|| {
        let shape = [403usize, 131];
        let (ones, twos) = (elements(DType::F64, 403 * 131, 1), elements(DType::F64, 403 * 131, 2));
        let plain = Layout::c_order(&shape);
        let gap = Some(Scalar::F64(f64::NAN));
        let layouts = [
            Layout { skew: 3, ..plain.clone() },
            Layout { swapped: true, ..plain.clone() },
            Layout { steps: vec![140, 1], length: 403 * 140, gap, ..plain.clone() },
            Layout { steps: vec![300, 2], length: 403 * 300, gap, ..plain.clone() },
            Layout { steps: vec![131, -1], offset: 130, ..plain.clone() },
            Layout { steps: vec![-131, 1], offset: 402 * 131, ..plain.clone() },
        ];
        let stored = |values: &[Scalar], layout: &Layout| Stored::new(DType::F64, &shape, values, layout);
        let (x, y) = (stored(&ones, &plain), stored(&twos, &plain));
        let ways = [1, 7].map(|threads| Way { isa: Isa::detect(), threads, tile: 0 });
        for text in TEXTS {
            let program = Program::compile(text).unwrap();
            let expected = ways[0].run(&program, &[("x", x.input()), ("y", y.input())]).unwrap();
            for layout in &layouts {
                let laid = stored(&ones, layout);
                for way in ways {
                    let got = way.run(&program, &[("x", laid.input()), ("y", y.input())]).unwrap();
                    assert_same(text, &expected, &got, &format!("{layout:?} {way:?}"));
                }
                if let Some(got) = card::run(&program, &[("x", laid.input()), ("y", y.input())]) {
                    let plain = card::run(&program, &[("x", x.input()), ("y", y.input())]).unwrap();
                    assert_same(text, &plain.unwrap(), &got.unwrap(), &format!("{layout:?} on a card"));
                }
            }
        }
    });
}

/// Fortran's order is another order of sums, and of nothing else.
#[test]
fn the_order_of_axes_in_memory_shows_in_sums_alone() {
    let shape = [203usize, 131];
    let fortran = Layout { steps: vec![1, 203], ..Layout::c_order(&shape) };
    let whole: Vec<Scalar> =
        (0..203 * 131).map(|k| Scalar::F64(f64::from(k * 7919 % 1021) - 500.0)).collect();
    let any = elements(DType::F64, 203 * 131, 1);
    let y = c_order(DType::F64, &shape, 2);
    // sums of whole numbers are exact in any order
    let exact = [
        "sum(x)",
        "sum(x, axis=0)",
        "sum(x.T, axis=0)",
        "x @ ones(131)",
        "sum(x[::-1, ::3], axis=1)",
        "mean(x)",
    ];
    let texts = WITHOUT_SUMS.into_iter().map(|text| (text, &any)).chain(exact.map(|text| (text, &whole)));
    for (text, values) in texts {
        let program = Program::compile(text).unwrap();
        let [c, f] = [&Layout::c_order(&shape), &fortran].map(|l| Stored::new(DType::F64, &shape, values, l));
        for way in ways(&[1, 2], &[0, 64]) {
            let run = |x: &Stored| way.run(&program, &[("x", x.input()), ("y", y.input())]).unwrap();
            assert_same(text, &run(&c), &run(&f), &format!("Fortran's order, {way:?}"));
        }
    }
}

/// A transposed array is another memory order, and its own transpose's bits: what is reduced is the same rows.
#[test]
fn a_transposed_array_is_reduced_as_it_lies() {
    let shape = [1003usize, 257];
    let values = elements(DType::F64, 1003 * 257, 5);
    let x = Stored::new(DType::F64, &shape, &values, &Layout::c_order(&shape));
    let transposed = {
        let turned = [257usize, 1003];
        let value = |k: usize| values[k % 1003 * 257 + k / 1003];
        let turned_values: Vec<Scalar> = (0..values.len()).map(value).collect();
        let layout = Layout { steps: vec![1, 257], ..Layout::c_order(&turned) };
        Stored::new(DType::F64, &turned, &turned_values, &layout)
    };
    for (plain, turned) in [("sum(x, axis=0)", "sum(x, axis=1)"), ("sum(x*x, axis=1)", "sum(x*x, axis=0)")] {
        let run = |text: &str, input: Input<'_>| {
            array(Program::compile(text).unwrap().run([("x", input)]).unwrap())
        };
        assert_same(turned, &run(plain, x.input()), &run(turned, transposed.input()), "transposed");
    }
    let all = |input: Input<'_>| array(Program::compile("sum(x)").unwrap().run([("x", input)]).unwrap());
    assert_same("sum(x)", &all(x.input()), &all(transposed.input()), "transposed");
}

/// Arrays that no cache holds are stored past the caches; whole, wherever they begin and end.
#[test]
fn results_larger_than_the_caches_are_whole() {
    in_a_pool_of_seven(|| {
        const COUNT: usize = 5_000_011;
        let x: Vec<f64> = (0..COUNT).map(|k| k as f64 * 0.25 - 1e5).collect();
        let program = Program::compile("x*2 + 1").unwrap();
        let mut memory = vec![0.0f64; COUNT + 8];
        for skip in [0, 1, 3] {
            memory.fill(-0.5);
            let out = &mut memory[skip..skip + COUNT];
            let options = numfuse::Options::new().threads(7);
            program.with_options(options).run_into([("x", Input::from(&x))], out).unwrap();
            let wrong = (0..COUNT).find(|k| memory[skip + k] != x[*k] * 2.0 + 1.0);
            assert_eq!(wrong, None, "behind {skip} elements");
            assert!(memory[..skip].iter().chain(&memory[skip + COUNT..]).all(|v| *v == -0.5));
        }
    });
}

/// One program, used by many threads at once with inputs of different shapes and types.
#[test]
fn a_program_is_shared() {
    let program = Program::compile("exp(x)/sum(exp(x)) + y").unwrap();
    let way = Way { isa: Isa::detect(), threads: 2, tile: 0 };
    let cases: Vec<(Stored, Stored)> =
        [(DType::F64, 50_000), (DType::F32, 50_000), (DType::F64, 3), (DType::F32, 4097)]
            .map(|(dtype, count)| (c_order(dtype, &[count], 7), c_order(dtype, &[1], 8)))
            .into();
    let run = |(x, y): &(Stored, Stored)| way.run(&program, &[("x", x.input()), ("y", y.input())]).unwrap();
    let expected: Vec<Array> = cases.iter().map(run).collect();
    std::thread::scope(|scope| {
        for offset in 0..4 {
            let (cases, expected, run) = (&cases, &expected, &run);
            scope.spawn(move || {
                for turn in 0..20 {
                    let k = (turn + offset) % cases.len();
                    assert_same("shared", &expected[k], &run(&cases[k]), "shared");
                }
            });
        }
    });
}
