//! Which devices there are, and which of them can be used.

use std::ffi::OsStr;
use std::fmt;
use std::sync::{Arc, Mutex};

use vulkano::device::QueueFlags;
use vulkano::device::physical::{PhysicalDevice, PhysicalDeviceType};
use vulkano::instance::debug::{
    DebugUtilsMessageSeverity, DebugUtilsMessageType, DebugUtilsMessenger, DebugUtilsMessengerCallback,
    DebugUtilsMessengerCreateInfo, ValidationFeatureEnable,
};
use vulkano::instance::{Instance, InstanceCreateFlags, InstanceCreateInfo};
use vulkano::library::DynamicLibraryLoader;
use vulkano::memory::MemoryHeapFlags;
use vulkano::{Validated, Version, VulkanError, VulkanLibrary};

use super::config::Validation;
use super::lock;
use crate::error::{Error, ErrorKind, Result};

const LAYER: &str = "VK_LAYER_KHRONOS_validation";

/// Messages that are kept: a shader at fault may cause one for every invocation.
const MOST_MESSAGES: usize = 1000;

/// A device that was found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Its name.
    pub(crate) name: String,
    /// What it is.
    pub(crate) kind: Kind,
    /// Name and version of its driver.
    pub(crate) driver: String,
    /// The version of Vulkan that it has.
    pub(crate) api: String,
    /// Bytes of its largest heap of its own.
    pub(crate) memory: u64,
    /// Why it cannot be used, if so.
    pub(crate) usable: std::result::Result<(), String>,
}

/// What a device is. Devices are listed in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    /// A card with memory of its own.
    Discrete,
    /// Part of the processor.
    Integrated,
    /// Part of a virtual machine.
    Virtual,
    /// Something else.
    Other,
    /// Software.
    Cpu,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Discrete => "discrete",
            Kind::Integrated => "integrated",
            Kind::Virtual => "virtual",
            Kind::Other => "other",
            Kind::Cpu => "cpu",
        })
    }
}

/// The devices of this machine, the likely fastest first; empty where there is a library without devices.
///
/// `NUMFUSE_VULKAN_LIBRARY` names another file of the library than the system's.
pub(crate) fn devices() -> Result<Vec<Found>> {
    let instance = instance(std::env::var_os("NUMFUSE_VULKAN_LIBRARY").as_deref(), None)?;
    Ok(match instance {
        Some(instance) => physical_devices(&instance.instance)?.iter().map(|device| found(device)).collect(),
        None => Vec::new(),
    })
}

/// An instance, and what the validation layer says of it.
pub(super) struct Watched {
    pub(super) instance: Arc<Instance>,
    /// The messenger given at the creation of an instance covers only that; this one lives on.
    pub(super) messenger: Option<DebugUtilsMessenger>,
    pub(super) messages: Arc<Mutex<Vec<String>>>,
}

/// Loads the library and makes an instance; none where no driver is installed.
pub(super) fn instance(file: Option<&OsStr>, validation: Option<Validation>) -> Result<Option<Watched>> {
    let library = library(file)?;
    let mut info = InstanceCreateInfo { max_api_version: Some(Version::V1_3), ..Default::default() };
    if library.supported_extensions().khr_portability_enumeration {
        // Vulkan on top of Metal is listed only to those who ask.
        info.flags |= InstanceCreateFlags::ENUMERATE_PORTABILITY;
        info.enabled_extensions.khr_portability_enumeration = true;
    }
    let messages = Arc::new(Mutex::new(Vec::new()));
    if let Some(validation) = validation {
        ask_for_validation(&library, validation, &mut info)?;
        info.debug_utils_messengers = vec![collect_into(&messages)];
    }
    let instance = match Instance::new(library, info) {
        Ok(instance) => instance,
        Err(Validated::Error(VulkanError::IncompatibleDriver)) => return Ok(None),
        Err(error) => {
            return Err(Error::new(ErrorKind::Device, format!("Vulkan does not start: {}", sentence(error))));
        }
    };
    let messenger =
        match validation {
            Some(_) => Some(DebugUtilsMessenger::new(instance.clone(), collect_into(&messages)).map_err(
                |error| Error::new(ErrorKind::Device, format!("Vulkan does not report: {}", sentence(error))),
            )?),
            None => None,
        };
    Ok(Some(Watched { instance, messenger, messages }))
}

fn library(file: Option<&OsStr>) -> Result<Arc<VulkanLibrary>> {
    let (library, name) = match file {
        // SAFETY: who names a file of the library vouches for it, as who installs one does.
        Some(file) => (
            unsafe { DynamicLibraryLoader::new(file) }.and_then(VulkanLibrary::with_loader),
            format!("the Vulkan library `{}`", file.to_string_lossy()),
        ),
        None => (VulkanLibrary::new(), "the Vulkan library".to_owned()),
    };
    library.map_err(|error| {
        Error::new(ErrorKind::Device, format!("{name} cannot be loaded: {error}"))
            .with_help("install the Vulkan loader (libvulkan1 on Debian, vulkan-1.dll with Windows drivers, MoltenVK on macOS) and a driver")
    })
}

fn ask_for_validation(
    library: &VulkanLibrary,
    validation: Validation,
    info: &mut InstanceCreateInfo,
) -> Result<()> {
    let refused = |why: String| {
        Error::new(ErrorKind::Device, format!("Vulkan cannot be validated: {why}"))
            .with_help(format!("install {LAYER} (vulkan-validationlayers on Debian)"))
    };
    let mut layers = library.layer_properties().map_err(|error| refused(error.to_string()))?;
    if !layers.any(|layer| layer.name() == LAYER) {
        return Err(refused(format!("{LAYER} is missing")));
    }
    let offered =
        library.supported_extensions_with_layers([LAYER]).map_err(|error| refused(error.to_string()))?;
    if !offered.ext_debug_utils || !offered.ext_validation_features {
        return Err(refused(format!("{LAYER} lacks VK_EXT_debug_utils or VK_EXT_validation_features")));
    }
    info.enabled_layers.push(LAYER.to_owned());
    info.enabled_extensions.ext_debug_utils = true;
    info.enabled_extensions.ext_validation_features = true;
    info.enabled_validation_features = match validation {
        Validation::Synchronization => vec![ValidationFeatureEnable::SynchronizationValidation],
        Validation::GpuAssisted => vec![
            ValidationFeatureEnable::SynchronizationValidation,
            ValidationFeatureEnable::GpuAssisted,
            ValidationFeatureEnable::GpuAssistedReserveBindingSlot,
        ],
    };
    Ok(())
}

fn collect_into(messages: &Arc<Mutex<Vec<String>>>) -> DebugUtilsMessengerCreateInfo {
    let messages = std::panic::AssertUnwindSafe(messages.clone());
    // SAFETY: the callback only pushes a text.
    let callback = unsafe {
        DebugUtilsMessengerCallback::new(move |severity, _, data| {
            let messages = &messages;
            let mut messages = lock(messages);
            if messages.len() < MOST_MESSAGES {
                messages.push(format!("{severity:?}: {}", data.message));
            }
        })
    };
    DebugUtilsMessengerCreateInfo {
        message_severity: DebugUtilsMessageSeverity::ERROR | DebugUtilsMessageSeverity::WARNING,
        message_type: DebugUtilsMessageType::VALIDATION | DebugUtilsMessageType::PERFORMANCE,
        ..DebugUtilsMessengerCreateInfo::user_callback(callback)
    }
}

/// What an error of vulkano says, which says for itself only which of two kinds it is.
pub(super) fn sentence(error: Validated<VulkanError>) -> String {
    match error {
        Validated::Error(error) => error.to_string(),
        Validated::ValidationError(error) => error.to_string(),
    }
}

/// The devices of an instance in the order of [`devices`].
pub(super) fn physical_devices(instance: &Arc<Instance>) -> Result<Vec<Arc<PhysicalDevice>>> {
    let mut devices: Vec<_> = match instance.enumerate_physical_devices() {
        Ok(devices) => devices.collect(),
        // What loaders say where every driver refuses to start.
        Err(VulkanError::InitializationFailed | VulkanError::IncompatibleDriver) => Vec::new(),
        Err(error) => {
            return Err(Error::new(ErrorKind::Device, format!("Vulkan lists no devices: {error}")));
        }
    };
    devices.sort_by_key(|device| kind(device)); // stable
    Ok(devices)
}

pub(super) fn kind(device: &PhysicalDevice) -> Kind {
    match device.properties().device_type {
        PhysicalDeviceType::DiscreteGpu => Kind::Discrete,
        PhysicalDeviceType::IntegratedGpu => Kind::Integrated,
        PhysicalDeviceType::VirtualGpu => Kind::Virtual,
        PhysicalDeviceType::Cpu => Kind::Cpu,
        _ => Kind::Other,
    }
}

/// The family of the queue that everything goes through: one that computes, and better not one that also draws,
/// which the desktop competes for.
pub(super) fn queue_family(device: &PhysicalDevice) -> Option<u32> {
    let families = device.queue_family_properties().iter().zip(0..);
    families
        .filter(|(family, _)| family.queue_flags.contains(QueueFlags::COMPUTE))
        .min_by_key(|(family, _)| family.queue_flags.contains(QueueFlags::GRAPHICS))
        .map(|(_, index)| index)
}

pub(super) fn found(device: &PhysicalDevice) -> Found {
    let properties = device.properties();
    let driver = match (&properties.driver_name, &properties.driver_info) {
        (Some(name), Some(info)) => format!("{name} {info}"),
        (Some(name), None) => format!("{name} {:#x}", properties.driver_version),
        (None, _) => format!("{:#x}", properties.driver_version),
    };
    Found {
        name: properties.device_name.clone(),
        kind: kind(device),
        driver,
        // What the device has; what may be used is at most what the instance asked for.
        api: properties.api_version.to_string(),
        memory: local_memory(device),
        usable: usable(device),
    }
}

fn local_memory(device: &PhysicalDevice) -> u64 {
    let heaps = device.memory_properties().memory_heaps.iter();
    let local = heaps.filter(|heap| heap.flags.intersects(MemoryHeapFlags::DEVICE_LOCAL));
    local.map(|heap| heap.size).max().unwrap_or(0)
}

fn usable(device: &PhysicalDevice) -> std::result::Result<(), String> {
    if device.api_version() < Version::V1_2 {
        return Err(format!("it has Vulkan {}, and 1.2 is needed", device.api_version()));
    }
    if queue_family(device).is_none() {
        return Err("it does not compute".to_owned());
    }
    let features = device.supported_features();
    for (has, feature) in
        [(features.shader_int64, "shaderInt64"), (features.timeline_semaphore, "timelineSemaphore")]
    {
        if !has {
            return Err(format!("it lacks the feature {feature}"));
        }
    }
    Ok(())
}
