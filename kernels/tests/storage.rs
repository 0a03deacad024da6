//! Types that only memory has: every value of each comes back as it was, and means what it should.

use numfuse_kernels::{Isa, Storage, load, store};

/// The value of a half, from the definition of the format.
fn half(bits: u16) -> f32 {
    let (exponent, mantissa) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023));
    let magnitude = match exponent {
        0 => mantissa * 2f32.powi(-24),
        31 if mantissa == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + mantissa) * 2f32.powi(exponent - 25),
    };
    if bits & 0x8000 != 0 { -magnitude } else { magnitude }
}

/// What an element is in a tile.
fn meaning(storage: Storage, bits: u32) -> Vec<u8> {
    match storage {
        Storage::I8 => i32::from(bits as i8).to_ne_bytes().to_vec(),
        Storage::I16 => i32::from(bits as i16).to_ne_bytes().to_vec(),
        Storage::U8 => i32::from(bits as u8).to_ne_bytes().to_vec(),
        Storage::U16 => i32::from(bits as u16).to_ne_bytes().to_vec(),
        Storage::U32 => i64::from(bits).to_ne_bytes().to_vec(),
        Storage::F16 => half(bits as u16).to_ne_bytes().to_vec(),
        Storage::BF16 => f32::from_bits(bits << 16).to_ne_bytes().to_vec(),
    }
}

fn is_nan(tile: &[u8]) -> bool {
    f32::from_ne_bytes(tile.try_into().unwrap()).is_nan()
}

#[test]
fn every_element_means_itself_and_comes_back() {
    const N: usize = 1 << 16;
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        for storage in Storage::ALL {
            let (size, wide) = (storage.size(), storage.compute().size());
            let bits = |i: usize| if storage == Storage::U32 { i as u32 * 65_537 } else { i as u32 };
            let memory: Vec<u8> = (0..N).flat_map(|i| bits(i).to_ne_bytes()[..size].to_vec()).collect();
            let (mut tile, mut back) = (vec![0u8; N * wide], vec![0u8; N * size]);
            let none = std::ptr::null();
            // SAFETY: N elements each; the instruction set is available.
            unsafe {
                load(isa, storage)(N, tile.as_mut_ptr(), memory.as_ptr(), none, none);
                store(isa, storage)(N, back.as_mut_ptr(), tile.as_ptr(), none, none);
            }
            let float = matches!(storage, Storage::F16 | Storage::BF16);
            for (i, got) in tile.chunks(wide).enumerate() {
                let want = meaning(storage, bits(i));
                if float && is_nan(&want) {
                    assert!(is_nan(got), "{isa} {storage:?} {:#x}", bits(i));
                    let mut again = vec![0u8; 16 * wide];
                    let stored = back[i * size..][..size].repeat(16);
                    // SAFETY: 16 elements each.
                    unsafe { load(isa, storage)(16, again.as_mut_ptr(), stored.as_ptr(), none, none) };
                    assert!(is_nan(&again[..wide]), "{isa} {storage:?} {:#x} is stored as a number", bits(i));
                    continue;
                }
                assert_eq!(got, want, "{isa} {storage:?} {:#x}", bits(i));
                assert_eq!(
                    back[i * size..][..size],
                    memory[i * size..][..size],
                    "{isa} {storage:?} {:#x}",
                    bits(i)
                );
            }
        }
    }
}
