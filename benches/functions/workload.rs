//! Arguments to time functions on: where they are at work, and nothing special.

use numfuse_kernels::Compute;

/// Elements: in and out they fit the second-level cache. A multiple of the kernels' step.
pub const N: usize = 10_000;

/// The intervals of a function's operands.
fn intervals(name: &str) -> [(f64, f64); 3] {
    let one = match name {
        "exp" | "expit" | "softplus" | "logaddexp" | "logaddexp2" => (-20.0, 20.0),
        "exp2" | "exp10" => (-20.0, 20.0),
        "expm1" | "sinh" | "cosh" | "tanh" => (-5.0, 5.0),
        "log" | "log2" | "log10" | "sqrt" | "xlogy" | "cbrt" => (0.01, 100.0),
        "log1p" | "xlog1py" => (-0.9, 10.0),
        "logit" => (0.001, 0.999),
        "sin" | "cos" | "tan" => (-100.0, 100.0),
        "arcsin" | "arccos" | "arctanh" => (-0.999, 0.999),
        "arccosh" => (1.0, 100.0),
        "erf" | "ndtr" => (-3.0, 3.0),
        "erfc" => (-3.0, 6.0),
        "gamma" => (0.5, 30.0),
        "lgamma" => (0.5, 100.0),
        _ => (-10.0, 10.0),
    };
    match name {
        "power" => [(0.1, 10.0), (-5.0, 5.0), one],
        _ => [one; 3],
    }
}

/// Three operands of a function, as bytes.
pub fn operands(name: &str, compute: Compute) -> [Vec<u8>; 3] {
    let mut state = 1u64;
    intervals(name)
        .map(|(low, high)| bytes((0..N).map(|_| low + (high - low) * uniform(&mut state)), compute))
}

/// Angles of every size from 1e10 (1e4 in f32) up, as bytes.
pub fn huge_angles(compute: Compute) -> Vec<u8> {
    let mut state = 7u64;
    let (low, high) = if compute == Compute::F32 { (4.0, 38.0) } else { (10.0, 300.0) };
    bytes((0..N).map(|_| 10f64.powf(low + (high - low) * uniform(&mut state))), compute)
}

fn bytes(values: impl Iterator<Item = f64>, compute: Compute) -> Vec<u8> {
    if compute == Compute::F32 {
        values.flat_map(|x| (x as f32).to_ne_bytes()).collect()
    } else {
        values.flat_map(f64::to_ne_bytes).collect()
    }
}

/// The values of some bytes.
pub fn values(bytes: &[u8], compute: Compute) -> Vec<f64> {
    if compute == Compute::F32 {
        bytes.as_chunks().0.iter().map(|&b| f64::from(f32::from_ne_bytes(b))).collect()
    } else {
        bytes.as_chunks().0.iter().map(|&b| f64::from_ne_bytes(b)).collect()
    }
}

/// From 0 to 1 (xorshift64*, Vigna 2016).
fn uniform(state: &mut u64) -> f64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1u64 << 53) as f64
}
