//! The pool, and what happens when memory ends.

use std::time::Instant;

use super::{download, forced, gpu, plain, silent, upload};
use crate::error::ErrorKind;
use crate::exec::vulkan::runtime::Forced;
use crate::exec::vulkan::runtime::memory::MemoryUse;

#[test]
fn dropped_memory_is_used_again() {
    let Some(gpu) = gpu(plain()) else { return };
    let first = gpu.allocate(1000).unwrap();
    assert_eq!((first.bytes(), gpu.memory_use().pooled), (1000, 0));
    let (address, held) = (first.address(), gpu.memory_use().held);
    assert!((1000..1300).contains(&held), "{held}");
    assert_eq!(address != 0, gpu.abilities().addresses);
    drop(first);
    assert_eq!(gpu.memory_use(), MemoryUse { held: 0, pooled: held });
    let second = gpu.allocate(999).unwrap();
    assert_eq!((second.bytes(), second.address()), (999, address));
    let third = gpu.allocate(0).unwrap();
    assert_eq!(third.bytes(), 1);
    drop((second, third));
    gpu.trim().unwrap();
    assert_eq!(gpu.memory_use(), MemoryUse::default());
    silent(&gpu);
}

#[test]
fn pooled_memory_is_cheap() {
    let Some(gpu) = gpu(plain()) else { return };
    drop(gpu.allocate(5000));
    let start = Instant::now();
    for _ in 0..200_000 {
        drop(gpu.allocate(5000).unwrap());
    }
    println!("allocate and drop: {:?}", start.elapsed() / 200_000);
    assert!(gpu.memory_use().pooled < 10_000);
}

#[test]
fn exhausted_memory_is_an_error_and_passes() {
    let limits = Forced { memory: Some(1 << 20), ..Forced::default() };
    let Some(gpu) = gpu(forced(limits)) else { return };
    let held: Vec<_> = (0..3).map(|_| gpu.allocate(256 << 10).unwrap()).collect();
    let error = gpu.allocate(300 << 10).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Limit);
    for part in ["307200 bytes", "786432 of 1048576"] {
        assert!(error.message().contains(part), "{error}");
    }
    assert!(error.help().is_some());
    drop(held);
    // All of it is pooled in other sizes now, and is freed for this one.
    let whole = gpu.allocate(1 << 20).unwrap();
    assert_eq!(gpu.memory_use(), MemoryUse { held: 1 << 20, pooled: 0 });
    drop(whole);
    let again = upload(&gpu, &[5; 1000]);
    assert_eq!(download(&again, 1000), [5; 1000]);
    silent(&gpu);
}

#[test]
fn too_much_at_once_is_an_error() {
    let limits = Forced { allocation: Some(1 << 20), ..Forced::default() };
    let Some(gpu) = gpu(forced(limits)) else { return };
    gpu.allocate(1 << 20).unwrap();
    for bytes in [(1 << 20) + 1, 1 << 40, u64::MAX] {
        let error = gpu.allocate(bytes).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert!(error.message().contains("1048576"), "{error}");
    }
    let Some(gpu) = self::gpu(plain()) else { return };
    for bytes in [1 << 40, 1 << 50, u64::MAX] {
        assert_eq!(gpu.allocate(bytes).err().map(|error| error.kind()), Some(ErrorKind::Limit));
    }
    assert_eq!(gpu.memory_use().held, 0);
}

#[test]
fn sizes_that_do_not_come_again_do_not_stay() {
    let limits = Forced { memory: Some(8 << 20), ..Forced::default() };
    let Some(gpu) = gpu(forced(limits)) else { return };
    for step in 0..400 {
        drop(gpu.allocate(1000 + step * 5000).unwrap());
        assert!(gpu.memory_use().pooled <= 5 << 20, "{:?}", gpu.memory_use());
    }
}

#[test]
fn threads_share_the_last_of_the_memory() {
    let limits = Forced { memory: Some(1 << 20), ..Forced::default() };
    let Some(gpu) = gpu(forced(limits)) else { return };
    std::thread::scope(|scope| {
        for thread in 0..3 {
            let gpu = &gpu;
            scope.spawn(move || {
                for round in 0..100 {
                    // At most 240 KiB each, of sizes that push each other out of the pool.
                    let words = 10_000 + (thread * 31 + round * 17) % 50 * 1000;
                    let memory = upload(gpu, &vec![round as u32; words]);
                    assert_eq!(download(&memory, words), vec![round as u32; words]);
                }
            });
        }
    });
    assert!(gpu.memory_use().pooled <= 1 << 20);
    silent(&gpu);
}
