//! Arrays to the device and back, through staging buffers of awkward sizes.

use std::time::Instant;

use super::{download, forced, gpu, plain, silent, upload};
use crate::exec::vulkan::runtime::Forced;

fn byte(seed: u64, at: u64) -> u8 {
    ((at.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed.wrapping_mul(0xff51_afd7_ed55_8ccd)) >> 37) as u8
}

#[test]
fn bytes_come_back_as_they_went() {
    for staging_bytes in [16, 100, 4096] {
        let limits = Forced { staging_bytes: Some(staging_bytes), ..Forced::default() };
        let Some(gpu) = gpu(forced(limits)) else { return };
        let size = staging_bytes as u64;
        let sizes = [0, 1, 3, 4, 15, 16, 17, size - 1, size, size + 1, 3 * size, 7 * size + 5, 20 * size];
        for (seed, bytes) in sizes.into_iter().enumerate() {
            let seed = seed as u64;
            let memory = gpu.allocate(bytes).unwrap();
            let fill = &mut |offset, part: &mut [u8]| {
                (offset..).zip(part).for_each(|(at, place)| *place = byte(seed, at));
            };
            gpu.upload(&memory, bytes, fill).unwrap();
            let mut taken = 0;
            let take = &mut |offset, part: &[u8]| {
                assert_eq!(offset, taken);
                assert!(
                    (offset..).zip(part).all(|(at, &found)| found == byte(seed, at)),
                    "{bytes}: {offset}"
                );
                taken += part.len() as u64;
            };
            gpu.download(&memory, bytes, take).unwrap();
            assert_eq!(taken, bytes);
        }
        silent(&gpu);
    }
}

#[test]
fn many_small_uploads_are_all_seen() {
    let limits = Forced { staging_bytes: Some(256), ..Forced::default() };
    let Some(gpu) = gpu(forced(limits)) else { return };
    let arrays: Vec<_> = (0..300).map(|i| upload(&gpu, &[i, i + 1])).collect();
    for (i, array) in (0..).zip(&arrays) {
        assert_eq!(download(array, 2), [i, i + 1]);
    }
    silent(&gpu);
}

#[test]
fn a_callback_may_transfer_itself() {
    let limits = Forced { staging_bytes: Some(64), ..Forced::default() };
    let Some(gpu) = gpu(forced(limits)) else { return };
    let outer = gpu.allocate(1000).unwrap();
    gpu.upload(&outer, 1000, &mut |_, part| {
        let inner = upload(&gpu, &[7; 50]);
        part.fill(download(&inner, 50)[49] as u8);
    })
    .unwrap();
    assert_eq!(download(&outer, 250), [0x0707_0707; 250]);
    silent(&gpu);
}

#[test]
fn a_callback_may_panic() {
    let limits = Forced { staging_bytes: Some(64), ..Forced::default() };
    let Some(gpu) = gpu(forced(limits)) else { return };
    let memory = upload(&gpu, &[3; 100]);
    for _ in 0..5 {
        let panics =
            std::panic::AssertUnwindSafe(|| gpu.download(&memory, 400, &mut |_, _| panic!("as it should")));
        assert!(std::panic::catch_unwind(panics).is_err());
        let panics =
            std::panic::AssertUnwindSafe(|| gpu.upload(&memory, 400, &mut |_, _| panic!("as it should")));
        assert!(std::panic::catch_unwind(panics).is_err());
    }
    assert_eq!(download(&memory, 100), [3; 100]);
    silent(&gpu);
}

/// Not a test of speed; prints what transfers reach.
#[test]
fn transfers_are_timed() {
    let Some(gpu) = gpu(plain()) else { return };
    let bytes = 64 << 20;
    let source = vec![1_u8; bytes];
    let mut target = vec![0_u8; bytes];
    let memory = gpu.allocate(bytes as u64).unwrap();
    for _ in 0..3 {
        let start = Instant::now();
        let fill = &mut |offset, part: &mut [u8]| {
            part.copy_from_slice(&source[offset as usize..offset as usize + part.len()]);
        };
        gpu.upload(&memory, bytes as u64, fill).unwrap();
        gpu.synchronize().unwrap();
        let up = start.elapsed();
        let start = Instant::now();
        let take = &mut |offset, part: &[u8]| {
            target[offset as usize..offset as usize + part.len()].copy_from_slice(part);
        };
        gpu.download(&memory, bytes as u64, take).unwrap();
        let down = start.elapsed();
        let speed = |time: std::time::Duration| bytes as f64 / time.as_secs_f64() / 1e9;
        println!("up {:.1} GB/s, down {:.1} GB/s", speed(up), speed(down));
    }
    assert_eq!(source, target);
}
