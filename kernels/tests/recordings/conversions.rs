//! Recordings of conversions and of storage types, against their kernels.

use crate::{
    interpreter::{interpret, word},
    points::{Random, SPECIALS, integers, operand, same, show},
};
use numfuse_kernels::{
    Compute, Isa, Kernel, Op, STEP, Storage, convert, load,
    record::{Type, record_conversion, record_load, record_store},
    store,
};

/// What a kernel makes of elements of `size` bytes.
fn converted(kernel: Kernel, source: &[u8], size: usize, to: usize) -> Vec<u8> {
    let n = source.len() / size;
    assert!(n.is_multiple_of(STEP));
    let (mut result, none) = (vec![0u8; n * to], std::ptr::null());
    // SAFETY: n elements each, of a portable kernel.
    unsafe { kernel(n, result.as_mut_ptr(), source.as_ptr(), none, none) };
    result
}

/// Integers whose conversion to a float is a tie, or next to one.
fn near_ties() -> Vec<i64> {
    let mut all = vec![];
    for bits in 24..64 {
        for (places, odd) in [(24, 1), (24, 3), (53, 1), (53, 3)] {
            if bits >= places {
                let tie = (1u64 << bits) + (odd << (bits - places));
                all.extend(
                    [tie - 1, tie, tie + 1, (tie - 1).wrapping_neg(), tie.wrapping_neg()].map(|x| x as i64),
                );
            }
        }
        all.extend([(1u64 << bits) - 1, u64::MAX << bits, u64::MAX << bits >> 1].map(|x| x as i64));
    }
    all
}

/// Floats on both sides of the ends of the integers, and with exponents of every size.
fn near_ends() -> Vec<f64> {
    let mut all = SPECIALS.to_vec();
    for exponent in -3..70 {
        for mantissa in
            [1.0, 1.0 + f64::EPSILON, 1.0 + f64::from(f32::EPSILON), 1.5, 2.0 - f64::EPSILON, 1.999_999_9]
        {
            all.extend([2f64.powi(exponent) * mantissa, -(2f64.powi(exponent)) * mantissa]);
        }
        all.extend([2f64.powi(exponent) - 0.5, 0.5 - 2f64.powi(exponent)]);
    }
    // halfway between two singles, beside them, and at the ends of their range
    for exponent in [-150, -149, -148, -130, -127, -126, 0, 100, 127] {
        for units in [0.5, 1.0, 1.5, 2.5, 16777215.5] {
            let tie = units * 2f64.powi(exponent - 23);
            all.extend([tie, tie * (1.0 + f64::EPSILON), -tie * (1.0 - f64::EPSILON)]);
        }
    }
    all
}

fn source(from: Compute) -> Vec<u8> {
    let mut random = Random(31);
    // divisors reach beyond the integers on both sides
    let mut bytes = operand(Op::Rem, from, 0, 8192, &mut random);
    match from {
        Compute::Bool => {}
        Compute::I32 => {
            bytes.extend(integers(0, 4096, &mut random).iter().flat_map(|&x| (x as i32).to_ne_bytes()))
        }
        Compute::I64 | Compute::U64 => bytes.extend(near_ties().iter().flat_map(|x| x.to_ne_bytes())),
        Compute::F32 => {
            bytes.extend(near_ends().iter().flat_map(|&x| (x as f32).to_ne_bytes()));
            bytes.extend((0..4096).flat_map(|_| (random.bits() as u32).to_ne_bytes()));
        }
        Compute::F64 => {
            bytes.extend(near_ends().iter().flat_map(|x| x.to_ne_bytes()));
            bytes.extend((0..4096).flat_map(|_| random.bits().to_ne_bytes()));
        }
    }
    bytes.truncate(bytes.len() / (STEP * from.size()) * STEP * from.size());
    bytes
}

#[test]
fn conversions_have_the_bits_of_their_kernels() {
    for from in Compute::ALL {
        let source = source(from);
        for to in Compute::ALL {
            let recording = record_conversion(from, to);
            assert_eq!(recording.is_none(), from == to);
            let Some(recording) = recording else { continue };
            let want = converted(convert(Isa::Portable, from, to), &source, from.size(), to.size());
            for (i, want) in want.chunks(to.size()).enumerate() {
                let got = interpret(&recording, &[word(from, &source, i)])[0].to_ne_bytes();
                let got = &got[..to.size()];
                assert!(
                    same(to, got, want),
                    "{} from {from} to {to}: {}, not {}",
                    show(from, &source[i * from.size()..][..from.size()]),
                    show(to, got),
                    show(to, want)
                );
            }
        }
    }
}

/// A device without doubles converts everything else, and one without 64-bit integers what has no 64 bits.
#[test]
fn conversions_keep_to_their_widths() {
    for from in Compute::ALL {
        for to in Compute::ALL {
            if let Some(recording) = record_conversion(from, to) {
                let has = |wanted: Type| recording.nodes.iter().any(|&(_, of)| of == wanted);
                assert_eq!(has(Type::F64), from == Compute::F64 || to == Compute::F64, "{from} to {to}");
                assert!(!has(Type::I64) || from.size() == 8 || to.size() == 8, "{from} to {to}");
            }
        }
    }
}

#[test]
fn storage_types_have_the_bits_of_their_kernels() {
    for storage in Storage::ALL {
        let (size, compute) = (storage.size(), storage.compute());
        let elements: Vec<u32> = match size {
            1 => (0..1 << 8).collect(),
            2 => (0..1 << 16).collect(),
            _ => (0..1 << 14)
                .map(|i: u32| i.wrapping_mul(0x9e37_79b1))
                .chain((0..16).map(|i| u32::MAX - i))
                .collect(),
        };
        let memory: Vec<u8> = elements.iter().flat_map(|bits| bits.to_le_bytes()[..size].to_vec()).collect();
        let wide = converted(load(Isa::Portable, storage), &memory, size, compute.size());
        let narrow = converted(store(Isa::Portable, storage), &wide, compute.size(), size);
        let (widen, narrowed) = (record_load(storage), record_store(storage));
        for (i, (&bits, want)) in elements.iter().zip(narrow.chunks(size)).enumerate() {
            let got = interpret(&widen, &[bits.into()])[0].to_ne_bytes();
            let element = &wide[i * compute.size()..][..compute.size()];
            assert!(same(compute, &got[..compute.size()], element), "{storage:?} {bits:#x}");
            let back = interpret(&narrowed, &[word(compute, &wide, i)])[0];
            assert_eq!(back.to_le_bytes()[..size], *want, "{storage:?} {bits:#x} stored");
            assert_eq!(back >> (8 * size), 0, "{storage:?} {bits:#x} is not zero-extended");
        }
    }
}
