//! Conversions between all types, on every instruction set, against Rust's `as`, which saturates and rounds once.

mod points;

use numfuse_kernels::{Compute, Isa, Op, convert};
use points::{Random, operand, same, show};

fn converted(from: Compute, to: Compute, bytes: &[u8]) -> Vec<u8> {
    macro_rules! number {
        ($T:ident, $is_true:expr) => {{
            let x = $T::from_ne_bytes(bytes.try_into().unwrap());
            match to {
                Compute::Bool => vec![$is_true(x) as u8],
                Compute::I32 => (x as i32).to_ne_bytes().to_vec(),
                Compute::I64 => (x as i64).to_ne_bytes().to_vec(),
                Compute::U64 => (x as u64).to_ne_bytes().to_vec(),
                Compute::F32 => (x as f32).to_ne_bytes().to_vec(),
                Compute::F64 => (x as f64).to_ne_bytes().to_vec(),
            }
        }};
    }
    match from {
        Compute::Bool => number!(u8, |x| x != 0),
        Compute::I32 => number!(i32, |x| x != 0),
        Compute::I64 => number!(i64, |x| x != 0),
        Compute::U64 => number!(u64, |x| x != 0),
        Compute::F32 => number!(f32, |x| x != 0.0),
        Compute::F64 => number!(f64, |x| x != 0.0),
    }
}

#[test]
fn every_pair() {
    const N: usize = 8192;
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        for from in Compute::ALL {
            // Divisors reach beyond the integers on both sides.
            let source = operand(Op::Rem, from, 0, N, &mut Random(8));
            for to in Compute::ALL.into_iter().filter(|&to| to != from) {
                let kernel = convert(isa, from, to);
                let mut got = vec![0xa5u8; N * to.size() + 1];
                for start in (0..N).step_by(32) {
                    // SAFETY: 32 elements each, of whole arrays; the result is one byte off any alignment.
                    unsafe {
                        kernel(
                            32,
                            got[1 + start * to.size()..].as_mut_ptr(),
                            source[start * from.size()..].as_ptr(),
                            std::ptr::null(),
                            std::ptr::null(),
                        )
                    };
                }
                for (from_bytes, got) in source.chunks(from.size()).zip(got[1..].chunks(to.size())) {
                    let want = converted(from, to, from_bytes);
                    assert!(
                        same(to, got, &want),
                        "{} from {from} to {to} on {isa}: {}, not {}",
                        show(from, from_bytes),
                        show(to, got),
                        show(to, &want)
                    );
                }
            }
        }
    }
}

/// Where source and result have one size, the result may take the source's place.
#[test]
fn in_place() {
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        for (from, to) in [
            (Compute::F64, Compute::I64),
            (Compute::I64, Compute::F64),
            (Compute::F32, Compute::I32),
            (Compute::I32, Compute::F32),
        ] {
            let source = operand(Op::Rem, from, 0, 64, &mut Random(8));
            let mut got = source.clone();
            // SAFETY: 64 elements.
            unsafe {
                convert(isa, from, to)(64, got.as_mut_ptr(), got.as_ptr(), std::ptr::null(), std::ptr::null())
            };
            for (from_bytes, got) in source.chunks(from.size()).zip(got.chunks(to.size())) {
                assert_eq!(got, converted(from, to, from_bytes), "{} on {isa}", show(from, from_bytes));
            }
        }
    }
}
