//! What a device can do, and which of its features are switched on.

use vulkano::device::physical::PhysicalDevice;
use vulkano::device::physical::ShaderFloatControlsIndependence as Independence;
use vulkano::device::{DeviceExtensions, DeviceFeatures};

use super::config::{Config, Forced, Validation};
use super::discovery::{self, Kind};
use crate::exec::vulkan::abilities::{Abilities, FloatControls};

/// Buffers in one descriptor set, however many more a device may have: no loop needs them, and pools are sized by it.
pub(super) const MOST_BINDINGS: u32 = 64;

/// The abilities of a device, less what the configuration forbids.
pub(super) fn abilities(device: &PhysicalDevice, forced: &Forced) -> Abilities {
    let features = device.supported_features();
    let properties = device.properties();
    let bindings = properties
        .max_per_stage_descriptor_storage_buffers
        .min(properties.max_per_stage_resources)
        .min(properties.max_descriptor_set_storage_buffers)
        .min(MOST_BINDINGS);
    let group_size =
        properties.max_compute_work_group_invocations.min(properties.max_compute_work_group_size[0]).min(256);
    // Windows ends a dispatch of two seconds; software takes a nanosecond or more for every element.
    let elements = match discovery::kind(device) {
        Kind::Cpu => 1 << 28,
        Kind::Discrete | Kind::Integrated | Kind::Virtual | Kind::Other => 1 << 31,
    };
    let (controls32, controls64) = float_controls(device);
    Abilities {
        float64: features.shader_float64 && !forced.no_float64,
        int64: features.shader_int64 && !forced.no_int64,
        bytes: features.storage_buffer8_bit_access && !forced.no_narrow,
        halves: features.storage_buffer16_bit_access && !forced.no_narrow,
        // addresses have 64 bits
        addresses: features.buffer_device_address
            && features.shader_int64
            && !forced.no_addresses
            && !forced.no_int64,
        controls32,
        controls64,
        bindings: at_most(bindings, forced.bindings),
        // bindings end with a whole piece of 16 bytes
        range: at_most(u64::from(properties.max_storage_buffer_range), forced.range) / 16 * 16,
        push_bytes: at_most(properties.max_push_constants_size.min(256), forced.push_bytes),
        group_size: power_of_two_below(at_most(group_size, forced.group_size)),
        groups: at_most(properties.max_compute_work_group_count[0], forced.groups),
        elements: at_most(elements, forced.elements),
        software: discovery::kind(device) == Kind::Cpu && !forced.hardware,
        corrects_division: forced.corrections,
        corrects_sqrt: forced.corrections,
    }
}

fn at_most<T: Ord>(has: T, forced: Option<T>) -> T {
    match forced {
        Some(forced) => has.min(forced),
        None => has,
    }
}

fn power_of_two_below(value: u32) -> u32 {
    1 << value.max(1).ilog2()
}

fn float_controls(device: &PhysicalDevice) -> (FloatControls, FloatControls) {
    let properties = device.properties();
    let has = |property: Option<bool>| property.unwrap_or(false);
    let mut single = FloatControls {
        preserves_specials: has(properties.shader_signed_zero_inf_nan_preserve_float32),
        rounds_to_even: has(properties.shader_rounding_mode_rte_float32),
        preserves_subnormals: has(properties.shader_denorm_preserve_float32),
    };
    let mut double = FloatControls {
        preserves_specials: has(properties.shader_signed_zero_inf_nan_preserve_float64),
        rounds_to_even: has(properties.shader_rounding_mode_rte_float64),
        preserves_subnormals: has(properties.shader_denorm_preserve_float64),
    };
    // Where the widths depend on each other, asking for one and not for the other is invalid.
    if !independent(properties.rounding_mode_independence) {
        let both = single.rounds_to_even && double.rounds_to_even;
        (single.rounds_to_even, double.rounds_to_even) = (both, both);
    }
    if !independent(properties.denorm_behavior_independence) {
        let both = single.preserves_subnormals && double.preserves_subnormals;
        (single.preserves_subnormals, double.preserves_subnormals) = (both, both);
    }
    (single, double)
}

fn independent(property: Option<Independence>) -> bool {
    matches!(property, Some(Independence::Float32Only | Independence::All))
}

/// The features that shaders within `abilities` and this runtime use, and no others.
pub(super) fn features(abilities: &Abilities, config: &Config) -> DeviceFeatures {
    // The instrumentation of shaders writes what it finds from every stage.
    let instrumented = config.validation == Some(Validation::GpuAssisted);
    DeviceFeatures {
        shader_float64: abilities.float64,
        shader_int64: abilities.int64,
        storage_buffer8_bit_access: abilities.bytes,
        storage_buffer16_bit_access: abilities.halves,
        buffer_device_address: abilities.addresses,
        timeline_semaphore: true,
        fragment_stores_and_atomics: instrumented,
        vertex_pipeline_stores_and_atomics: instrumented,
        ..DeviceFeatures::empty()
    }
}

/// The extensions that a device must be opened with.
pub(super) fn extensions(device: &PhysicalDevice) -> DeviceExtensions {
    DeviceExtensions {
        khr_portability_subset: device.supported_extensions().khr_portability_subset,
        ..DeviceExtensions::empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn group_sizes_are_powers_of_two() {
        assert_eq!([0, 1, 3, 64, 255, 256].map(power_of_two_below), [1, 1, 2, 64, 128, 256]);
    }
}
