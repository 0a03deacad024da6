//! Order, threads, and that nothing grows.

use std::time::Instant;

use super::{download, gpu, plain, shader, silent, upload};
use crate::error::ErrorKind;

#[test]
fn batches_are_ordered_without_waiting() {
    let Some(gpu) = gpu(plain()) else { return };
    let words: Vec<u32> = (0..1000).map(|i| i * 3).collect();
    let (a, b) = (upload(&gpu, &words), gpu.allocate(4000).unwrap());
    for _ in 0..150 {
        let mut batch = gpu.batch();
        shader::dispatch(&mut batch, &a, &b, 1, 1000);
        shader::dispatch(&mut batch, &b, &a, 10, 1000);
        batch.submit().unwrap();
    }
    let sums: Vec<u32> = words.iter().map(|word| word + 150 * 11).collect();
    assert_eq!(download(&a, 1000), sums);
    silent(&gpu);
}

#[test]
fn memory_may_be_dropped_before_the_device_is_done() {
    let Some(gpu) = gpu(plain()) else { return };
    let words: Vec<u32> = (0..100_000).collect();
    for round in 0..20 {
        let a = upload(&gpu, &words);
        let c = gpu.allocate(400_000).unwrap();
        let mut batch = gpu.batch();
        shader::dispatch(&mut batch, &a, &c, round, 100_000);
        drop(a);
        let other = upload(&gpu, &vec![0; 100_000]);
        batch.submit().unwrap();
        drop(other);
        let over = upload(&gpu, &vec![u32::MAX; 100_000]);
        drop(over);
        assert!(download(&c, 100_000).iter().zip(&words).all(|(sum, word)| *sum == word + round), "{round}");
    }
    silent(&gpu);
}

#[test]
fn fills_are_whole_and_ordered() {
    let Some(gpu) = gpu(plain()) else { return };
    let memory = gpu.allocate(4 * 77 - 1).unwrap();
    let sums = gpu.allocate(4 * 77).unwrap();
    let mut batch = gpu.batch();
    batch.fill(&sums, 0xdead_beef).unwrap();
    batch.fill(&sums, 5).unwrap();
    shader::dispatch(&mut batch, &sums, &sums, 2, 70);
    batch.fill(&memory, 0x0102_0304).unwrap();
    batch.submit().unwrap();
    let mut expected = vec![7; 70];
    expected.extend([5; 7]);
    assert_eq!(download(&sums, 77), expected);
    assert_eq!(download(&memory, 76), vec![0x0102_0304; 76]);
    silent(&gpu);
}

#[test]
fn batches_that_are_dropped_do_nothing() {
    let Some(gpu) = gpu(plain()) else { return };
    let a = upload(&gpu, &[1; 10]);
    for _ in 0..200 {
        let mut batch = gpu.batch();
        batch.fill(&a, 9).unwrap();
        drop(batch);
    }
    gpu.batch().submit().unwrap();
    assert_eq!(download(&a, 10), [1; 10]);
    assert!(gpu.queue().recorders() <= 3, "{}", gpu.queue().recorders());
    silent(&gpu);
}

#[test]
fn nothing_grows_over_many_batches() {
    let Some(gpu) = gpu(plain()) else { return };
    let a = upload(&gpu, &[0; 64]);
    let batches = 50_000;
    for _ in 0..batches {
        let mut batch = gpu.batch();
        shader::dispatch(&mut batch, &a, &a, 1, 64);
        batch.submit().unwrap();
    }
    assert_eq!(download(&a, 64), vec![batches; 64]);
    assert!(gpu.queue().recorders() <= 64, "{}", gpu.queue().recorders());
    silent(&gpu);
}

#[test]
fn a_batch_of_thousands() {
    let Some(gpu) = gpu(plain()) else { return };
    let a = upload(&gpu, &[0; 64]);
    let mut batch = gpu.batch();
    for _ in 0..3000 {
        shader::dispatch(&mut batch, &a, &a, 1, 64);
    }
    batch.submit().unwrap();
    assert_eq!(download(&a, 64), [3000; 64]);
    silent(&gpu);
}

#[test]
fn threads_share_a_device() {
    let Some(gpu) = gpu(plain()) else { return };
    std::thread::scope(|scope| {
        for thread in 0..6_u32 {
            let gpu = &gpu;
            scope.spawn(move || {
                for round in 0..30 {
                    let words: Vec<u32> = (0..3000).map(|i| i ^ thread).collect();
                    let (a, c) = (upload(gpu, &words), gpu.allocate(12_000).unwrap());
                    let mut batch = gpu.batch();
                    shader::dispatch(&mut batch, &a, &c, thread * 1000 + round, 3000);
                    batch.submit().unwrap();
                    let sums: Vec<u32> = words.iter().map(|word| word + thread * 1000 + round).collect();
                    assert_eq!(download(&c, 3000), sums);
                    if round % 10 == 9 {
                        gpu.trim().unwrap();
                    }
                }
            });
        }
    });
    silent(&gpu);
}

#[test]
fn the_last_owner_may_be_anyone() {
    let Some(gpu) = gpu(plain()) else { return };
    let (a, pipeline) = (upload(&gpu, &[1; 8]), gpu.pipeline(&shader::add(), shader::BINDINGS).unwrap());
    let mut batch = gpu.batch();
    shader::dispatch(&mut batch, &a, &a, 1, 8);
    drop((gpu, a));
    batch.submit().unwrap();
    drop(pipeline);
}

#[test]
fn misuse_is_an_error() {
    let (Some(gpu), Some(other)) = (gpu(plain()), gpu(plain())) else { return };
    let (a, far) = (gpu.allocate(100).unwrap(), other.allocate(100).unwrap());
    let pipeline = gpu.pipeline(&shader::add(), shader::BINDINGS).unwrap();
    let mut batch = gpu.batch();
    let errors = [
        batch.dispatch(&pipeline, &[&a], &[0; 8], 1).err(),
        batch.dispatch(&pipeline, &[&a, &a], &[0; 4], 1).err(),
        batch.dispatch(&pipeline, &[&a, &far], &[0; 8], 1).err(),
        other.batch().dispatch(&pipeline, &[&far, &far], &[0; 8], 1).err(),
        batch.fill(&far, 0).err(),
        gpu.upload(&far, 4, &mut |_, _| ()).err(),
        gpu.download(&a, 101, &mut |_, _| ()).err(),
        gpu.pipeline(&[1, 2, 3], shader::BINDINGS).err(),
    ];
    for (at, error) in errors.into_iter().enumerate() {
        assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::Internal), "call {at}");
    }
    batch.dispatch(&pipeline, &[&a, &a], &[0; 8], 0).unwrap();
}

/// Not a test of speed; prints what a small dispatch takes.
#[test]
fn small_dispatches_are_timed() {
    let Some(gpu) = gpu(plain()) else { return };
    let a = upload(&gpu, &[0; 64]);
    let pipeline = gpu.pipeline(&shader::add(), shader::BINDINGS).unwrap();
    let push = [1, 0, 0, 0, 64, 0, 0, 0];
    let round = || {
        let mut batch = gpu.batch();
        batch.dispatch(&pipeline, &[&a, &a], &push, 1).unwrap();
        batch.submit().unwrap();
        gpu.synchronize().unwrap();
    };
    (0..100).for_each(|_| round());
    let mut times: Vec<_> = (0..1000)
        .map(|_| {
            let start = Instant::now();
            round();
            start.elapsed()
        })
        .collect();
    times.sort();
    println!("submit and wait: {:?} at best, {:?} in the middle", times[0], times[500]);
    assert_eq!(download(&a, 64), [1100; 64]);
}
