//! How exact sums are: errors against exact arithmetic, beside those of NumPy's pairwise summation.

use ndarray::{Array1, Array2, ArrayView1, Axis};
use numfuse::{Program, inputs};

/// Numbers are integers times 2^-SCALE, so that their exact sum fits 128 bits.
const SCALE: i32 = 60;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Either sign, 53 bits, within `span` powers of two.
    fn number(&mut self, span: u64) -> f64 {
        let mantissa = (self.next() >> 11 | 1 << 52) as f64;
        let sign = if self.next().is_multiple_of(2) { 1.0 } else { -1.0 };
        sign * mantissa * 2f64.powi((self.next() % span) as i32 - SCALE)
    }
}

/// Numbers of very different sizes, of which nearly all cancel: the sum is small, its terms are not.
fn ill_conditioned(count: usize, random: &mut Random) -> Vec<f64> {
    let mut numbers = Vec::with_capacity(count);
    for _ in 0..count / 2 {
        let number = random.number(40);
        numbers.extend([number, -number]);
    }
    numbers.resize_with(count, || random.number(2));
    for k in (1..count).rev() {
        numbers.swap(k, random.next() as usize % (k + 1));
    }
    numbers
}

/// The sum as a multiple of 2^-SCALE.
fn exact(numbers: impl Iterator<Item = f64>) -> i128 {
    numbers.map(scaled).sum()
}

/// A number as a multiple of 2^-SCALE, of which it has to be one.
fn scaled(number: f64) -> i128 {
    let (bits, sign) = (number.abs().to_bits(), if number < 0.0 { -1 } else { 1 });
    let (mantissa, exponent) = ((bits & ((1 << 52) - 1) | 1 << 52) as i128, (bits >> 52) as i32 - 1075);
    let shift = exponent + SCALE;
    let integer = if shift >= 0 { mantissa << shift } else { mantissa >> -shift };
    assert_eq!(
        if shift < 0 { integer << -shift } else { integer >> shift },
        mantissa,
        "{number} has lower bits"
    );
    sign * integer
}

/// How far a computed sum is from the exact one.
fn error(got: f64, exact: i128) -> f64 {
    let whole = got * 2f64.powi(SCALE);
    (whole as i128 - exact) as f64 + (whole - whole.trunc())
}

/// NumPy's summation of contiguous doubles: eight accumulators within 128 elements, halves beyond.
fn pairwise(numbers: &[f64]) -> f64 {
    match numbers.len() {
        0..8 => numbers.iter().fold(-0.0, |sum, x| sum + x),
        8..=128 => {
            let mut lanes: [f64; 8] = std::array::from_fn(|k| numbers[k]);
            let chunks = numbers[8..].chunks_exact(8);
            let rest = chunks.remainder();
            for chunk in chunks {
                lanes.iter_mut().zip(chunk).for_each(|(lane, x)| *lane += x);
            }
            let [a, b, c, d, e, f, g, h] = lanes;
            rest.iter().fold(((a + b) + (c + d)) + ((e + f) + (g + h)), |sum, x| sum + x)
        }
        count => {
            let half = count / 2 - count / 2 % 8;
            pairwise(&numbers[..half]) + pairwise(&numbers[half..])
        }
    }
}

/// The root of the mean of squares.
fn typical(errors: &[f64]) -> f64 {
    (errors.iter().map(|e| e * e).sum::<f64>() / errors.len() as f64).sqrt()
}

#[test]
fn rows_are_summed_as_exactly_as_pairwise() {
    let program = Program::compile("sum(x)").unwrap();
    let mut random = Random(7);
    for count in [1000usize, 4096, 20_000, 100_003] {
        let (mut ours, mut numpys, mut naive) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..60 {
            let x = ill_conditioned(count, &mut random);
            let expected = exact(x.iter().copied());
            ours.push(error(program.run::<f64>(inputs! { x }).unwrap(), expected));
            numpys.push(error(pairwise(&x), expected));
            naive.push(error(x.iter().sum(), expected));
        }
        let [ours, numpys, naive] = [ours, numpys, naive].map(|errors| typical(&errors));
        // a lane adds 16 elements of 512 one after the other, NumPy's 16 of 128
        assert!(ours <= 1.1 * numpys, "{count}: {:.2} times the errors of NumPy's", ours / numpys);
        assert!(
            ours < 0.5 * naive,
            "{count}: {:.2} times the errors of one element after the other",
            ours / naive
        );
    }
}

#[test]
fn columns_are_summed_more_exactly_than_by_numpy() {
    let program = Program::compile("sum(x, axis=0)").unwrap();
    let mut random = Random(8);
    for rows in [500usize, 3000] {
        let (mut ours, mut numpys) = (Vec::new(), Vec::new());
        for _ in 0..10 {
            let columns: Vec<Vec<f64>> = (0..7).map(|_| ill_conditioned(rows, &mut random)).collect();
            let x = Array2::from_shape_fn((rows, 7), |(i, j)| columns[j][i]);
            let sums: Array1<f64> = program.run(inputs! { x }).unwrap();
            // NumPy adds one row after the other
            let numpy = x
                .axis_iter(Axis(0))
                .fold(Array1::zeros(7), |sum: Array1<f64>, row: ArrayView1<f64>| sum + row);
            for (j, column) in columns.iter().enumerate() {
                let expected = exact(column.iter().copied());
                ours.push(error(sums[j], expected));
                numpys.push(error(numpy[j], expected));
            }
        }
        let ratio = typical(&ours) / typical(&numpys);
        assert!(ratio < 1.1, "{rows} rows: {ratio:.2} times the errors of NumPy's");
    }
}
