//! The runtime on whatever device there is. Where there is none these tests say so and pass, unless
//! `NUMFUSE_REQUIRE_GPU=1`.

mod addresses;
mod memory;
mod pipelines;
mod queue;
mod shader;
mod transfer;

use std::sync::Arc;
use std::time::Instant;

use vulkano::VulkanObject;

use super::{CacheAt, Config, Forced, Gpu, Memory, Validation, devices};
use crate::error::ErrorKind;

/// Nothing forced, nothing written to the user's files.
pub(super) fn plain() -> Config {
    let config = Config::from_environment().unwrap();
    Config { cache: CacheAt::Nowhere, ..config }
}

pub(super) fn forced(forced: Forced) -> Config {
    Config { forced, ..plain() }
}

/// The first device that can be used.
pub(super) fn gpu(config: Config) -> Option<Arc<Gpu>> {
    let found = devices();
    let usable = found.iter().flatten().position(|device| device.usable.is_ok());
    let Some(index) = usable else {
        assert!(
            std::env::var_os("NUMFUSE_REQUIRE_GPU").is_none_or(|value| value != "1"),
            "NUMFUSE_REQUIRE_GPU=1, and there is no usable Vulkan device"
        );
        println!("SKIPPED: there is no usable Vulkan device ({found:?})");
        return None;
    };
    Some(Gpu::open(index, config).unwrap())
}

pub(super) fn upload(gpu: &Arc<Gpu>, words: &[u32]) -> Arc<Memory> {
    let bytes = words.len() as u64 * 4;
    let memory = gpu.allocate(bytes).unwrap();
    gpu.upload(&memory, bytes, &mut |offset, part| {
        for (i, byte) in part.iter_mut().enumerate() {
            let at = offset as usize + i;
            *byte = words[at / 4].to_le_bytes()[at % 4];
        }
    })
    .unwrap();
    memory
}

pub(super) fn download(memory: &Arc<Memory>, words: usize) -> Vec<u32> {
    let mut bytes = Vec::new();
    let take = &mut |offset: u64, part: &[u8]| {
        assert_eq!(offset, bytes.len() as u64, "parts come in order");
        bytes.extend_from_slice(part);
    };
    memory.gpu().download(memory, words as u64 * 4, take).unwrap();
    let word = |bytes: &[u8]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    bytes.chunks_exact(4).map(word).collect()
}

/// No complaints of the validation layer, where it is on.
pub(super) fn silent(gpu: &Gpu) {
    let messages = gpu.messages();
    assert!(messages.is_empty(), "{}", messages.join("\n"));
}

#[test]
fn devices_cross_threads() {
    fn shared<T: Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<Gpu>();
    shared::<Memory>();
    shared::<super::Pipeline>();
    sent::<super::Batch>();
}

#[test]
fn opening_is_timed() {
    let start = Instant::now();
    let found = devices();
    let listed = start.elapsed();
    drop(found);
    let start = Instant::now();
    let Some(gpu) = gpu(plain()) else { return };
    let opened = start.elapsed().saturating_sub(listed);
    drop(gpu);
    println!("listing devices: {listed:?}; opening one: about {opened:?}");
}

#[test]
fn devices_are_described() {
    let Some(gpu) = gpu(plain()) else { return };
    let found = gpu.found();
    assert!(!found.name.is_empty() && !found.driver.is_empty() && found.memory > 0, "{found:?}");
    let listed = devices().unwrap();
    assert!(listed.is_sorted_by_key(|device| device.kind), "{listed:?}");
    assert!(listed.iter().any(|device| device.name == found.name));
    let abilities = gpu.abilities();
    assert!(abilities.int64 && abilities.bindings >= 4 && abilities.push_bytes >= 128, "{abilities:?}");
    assert!(abilities.group_size.is_power_of_two() && abilities.range >= 1 << 27, "{abilities:?}");
    assert_ne!(gpu.id(), Gpu::open(0, plain()).map_or(0, |other| other.id()));
    println!("{found:?}\n{abilities:?}");
}

#[test]
fn limits_can_be_forced_down_and_not_up() {
    let limits = Forced {
        bindings: Some(3),
        range: Some(1024),
        push_bytes: Some(32),
        groups: Some(7),
        elements: Some(99),
        group_size: Some(48),
        no_addresses: true,
        ..Forced::default()
    };
    let Some(gpu) = gpu(forced(limits)) else { return };
    let abilities = gpu.abilities();
    assert_eq!((abilities.bindings, abilities.range, abilities.push_bytes), (3, 1024, 32));
    assert_eq!((abilities.groups, abilities.elements, abilities.group_size), (7, 99, 32));
    assert!(!abilities.addresses);
    assert_eq!(gpu.allocate(100).unwrap().address(), 0);
    let most = Forced { bindings: Some(u32::MAX), group_size: Some(u32::MAX), ..Forced::default() };
    let Some(gpu) = self::gpu(forced(most)) else { return };
    assert!(gpu.abilities().bindings <= 64 && gpu.abilities().group_size <= 256);
}

#[test]
fn a_device_that_is_not_there() {
    let Some(_) = gpu(plain()) else { return };
    let error = Gpu::open(1000, plain()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Device);
    assert!(error.message().contains("no device 1000"), "{error}");
}

#[test]
fn a_library_that_is_not_there() {
    let file = std::ffi::OsStr::new("no/such/libvulkan.so");
    let error = super::discovery::instance(Some(file), None).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Device);
    assert!(error.message().contains("no/such/libvulkan.so"), "{error}");
    assert!(error.help().is_some_and(|help| help.contains("libvulkan1")), "{error}");
}

#[test]
fn a_lost_device_stays_lost() {
    let Some(gpu) = gpu(plain()) else { return };
    let held = upload(&gpu, &[1, 2, 3]);
    let mut batch = gpu.batch();
    batch.fill(&held, 7).unwrap();
    gpu.connection().lose();
    let errors = [
        batch.submit().err(),
        gpu.allocate(5).err(),
        gpu.synchronize().err(),
        gpu.trim().err(),
        gpu.batch().fill(&held, 1).err(),
        gpu.batch().submit().err(),
        gpu.upload(&held, 12, &mut |_, _| ()).err(),
        gpu.download(&held, 12, &mut |_, _| ()).err(),
        gpu.pipeline(&shader::add(), shader::BINDINGS).err(),
    ];
    for (at, error) in errors.into_iter().enumerate() {
        let error = error.unwrap_or_else(|| panic!("call {at} succeeds"));
        assert_eq!(error.kind(), ErrorKind::Device, "call {at}: {error}");
        assert!(error.message().ends_with("was lost"), "call {at}: {error}");
    }
    drop(held);
    drop(gpu);
}

/// Everything once, under each kind of validation.
#[test]
fn the_validation_layer_has_no_complaint() {
    for validation in [Validation::Synchronization, Validation::GpuAssisted] {
        if let Err(error) = super::discovery::instance(None, Some(validation)) {
            println!("SKIPPED: {error}");
            return;
        }
        let limits = Forced { staging_bytes: Some(1000), ..Forced::default() };
        let config = Config { validation: Some(validation), ..forced(limits) };
        let Some(gpu) = gpu(config) else { return };
        let words: Vec<u32> = (0..5000).collect();
        let (a, c) = (upload(&gpu, &words), gpu.allocate(words.len() as u64 * 4).unwrap());
        for round in 0..70 {
            let mut batch = gpu.batch();
            batch.fill(&c, 0).unwrap();
            for _ in 0..40 {
                shader::dispatch(&mut batch, &a, &c, round, words.len() as u32);
            }
            batch.submit().unwrap();
            drop(gpu.allocate(1000));
        }
        let sums: Vec<u32> = words.iter().map(|word| word + 69).collect();
        assert_eq!(download(&c, words.len()), sums);
        drop(a);
        gpu.trim().unwrap();
        silent(&gpu);
        let messages = gpu.message_store();
        drop(c);
        drop(gpu);
        let messages = super::lock(&messages);
        assert!(messages.is_empty(), "closing: {}", messages.join("\n"));
    }
}

/// Silence means something: the layer is heard.
#[test]
fn the_validation_layer_is_heard() {
    if let Err(error) = super::discovery::instance(None, Some(Validation::Synchronization)) {
        println!("SKIPPED: {error}");
        return;
    }
    let Some(gpu) = gpu(Config { validation: Some(Validation::Synchronization), ..plain() }) else { return };
    let (a, c) = (upload(&gpu, &[0; 100]), gpu.allocate(400).unwrap());
    let recorder = gpu.queue().recorder().unwrap();
    let region = ash::vk::BufferCopy { src_offset: 0, dst_offset: 0, size: 400 };
    recorder.copy(a.buffer().handle(), c.buffer().handle(), region);
    silent(&gpu);
    recorder.copy(a.buffer().handle(), c.buffer().handle(), region);
    let messages = gpu.messages();
    assert!(messages.iter().any(|message| message.contains("HAZARD-WRITE-AFTER-WRITE")), "{messages:?}");
    gpu.queue().give_back(recorder);
}
