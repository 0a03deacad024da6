//! The validation layer has nothing to say: of barriers over every kind of loop, and of accesses, with instrumented
//! shaders, over some.

use numfuse::internals::vulkan::{Config, Forced, Validation, messages};
use numfuse::{DeviceInput, Program, Value};

use crate::engine::card;
use crate::programs::{EVERY_LOOP, inputs};

/// Whether the layer is installed.
fn has_layer() -> bool {
    let folders = [
        "/usr/share/vulkan/explicit_layer.d",
        "/etc/vulkan/explicit_layer.d",
        "/usr/local/share/vulkan/explicit_layer.d",
    ];
    let by_path = std::env::var("VK_LAYER_PATH").ok().into_iter().flat_map(|paths| {
        std::env::split_paths(&paths).map(|path| path.display().to_string()).collect::<Vec<_>>()
    });
    let mut folders = folders.map(str::to_owned).into_iter().chain(by_path);
    let found =
        folders.any(|folder| std::path::Path::new(&folder).join("VkLayer_khronos_validation.json").exists());
    if !found {
        card::skip("there is no validation layer (vulkan-validationlayers on Debian)");
    }
    found
}

fn silent(validation: Validation, forced: Forced, step: usize) {
    if !has_layer() {
        return;
    }
    let config = Config { validation: Some(validation), forced, ..Config::default() };
    let Some(device) = card::opened(config) else { return };
    let inputs = inputs();
    let named = inputs.named();
    let uploaded: Vec<_> = named.iter().map(|(name, input)| (*name, device.upload(input).unwrap())).collect();
    for text in EVERY_LOOP.iter().step_by(step) {
        let program = Program::compile(text).unwrap();
        let given = || uploaded.iter().map(|(name, array)| (*name, DeviceInput::from(array)));
        // twice without waiting, and a run of what they made
        let first = program.run_all_on(&device, given()).unwrap();
        let second = program.run_all_on(&device, given()).unwrap();
        let chain = Program::compile("a == b").unwrap();
        let same = chain.run_on(&device, [("a", &first[0]), ("b", &second[0])]).unwrap();
        drop((first, second));
        same.download::<Value>().unwrap();
        let said = messages(&device);
        assert!(said.is_empty(), "{text}: {}", said.join("\n"));
    }
    drop(uploaded);
    device.trim().unwrap();
    let said = messages(&device);
    assert!(said.is_empty(), "{}", said.join("\n"));
}

#[test]
fn every_kind_of_loop_has_its_barriers() {
    silent(Validation::Synchronization, Forced::default(), 1);
}

#[test]
fn barriers_by_address_and_in_parts() {
    let forced = Forced {
        bindings: Some(1),
        elements: Some(1000),
        push_bytes: Some(16),
        staging_bytes: Some(4096),
        ..Forced::default()
    };
    silent(Validation::Synchronization, forced, 3);
}

#[test]
fn no_access_is_out_of_bounds() {
    silent(Validation::GpuAssisted, Forced::default(), 4);
}
