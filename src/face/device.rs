//! Where programs run: the processor, or a graphics card through Vulkan.

use std::fmt;
use std::str::FromStr;
#[cfg(feature = "vulkan")]
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::device_array::DeviceArray;
use super::value::Value;
use crate::error::{Error, ErrorKind, Result};
#[cfg(feature = "vulkan")]
use crate::exec::vulkan::{self, Config, Gpu};
use crate::input::Input;

/// Where programs run: this processor, or a device that Vulkan 1.2 or newer reaches (with the feature `vulkan`; a build
/// without it knows the processor alone). Cheap to clone, and shared between threads.
///
/// Arrays are [uploaded](Self::upload) once and stay there; [programs](crate::Program::run_on) make others of them
/// without waiting, until one is [downloaded](DeviceArray::download).
///
/// ```
/// use numfuse::ndarray::{Array1, array};
/// use numfuse::{Device, Program};
///
/// let device = Device::auto(); // a graphics card if there is one
/// let (a, b) = (device.upload(&array![1.0, 2.0])?, device.upload(&array![3.0, 5.0])?);
/// let product = Program::compile("a*b - 1")?;
/// let c = product.run_on(&device, [("a", &a), ("b", &b)])?;
/// let squares = Program::compile("c**2")?.run_on(&device, [("c", &c)])?; // no transfer, no wait
/// assert_eq!(squares.download::<Array1<f64>>()?, array![4.0, 81.0]);
/// # Ok::<(), numfuse::Error>(())
/// ```
#[derive(Clone)]
pub struct Device(pub(super) Which);

#[derive(Clone)]
pub(super) enum Which {
    Cpu,
    #[cfg(feature = "vulkan")]
    Vulkan(Arc<Gpu>),
}

/// A device that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct DeviceInfo {
    /// Its name, as its driver gives it.
    pub name: String,
    /// What it is: `cpu`, `discrete`, `integrated`, `virtual`, `software` or `other`.
    pub kind: &'static str,
    /// The driver, and its version.
    pub driver: String,
    /// The version of Vulkan; empty for the processor itself.
    pub api: String,
    /// Bytes of its own memory, 0 where it uses the machine's.
    pub memory: u64,
    /// Why programs cannot run there.
    pub unusable: Option<String>,
}

/// Memory of a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct DeviceMemory {
    /// Bytes of arrays and of what runs need.
    pub held: u64,
    /// Bytes that are kept for the next ones; [`Device::trim`] returns them.
    pub pooled: u64,
}

impl Device {
    /// This processor.
    pub fn cpu() -> Device {
        Device(Which::Cpu)
    }

    /// The best device that Vulkan reaches: a discrete card before an integrated one, software last. While it is open,
    /// whoever asks again gets the same one.
    ///
    /// # Errors
    /// A machine without Vulkan, or without a device that can run programs; a build without the feature `vulkan`.
    pub fn vulkan() -> Result<Device> {
        let devices = Device::list()?;
        let usable = devices.iter().skip(1).position(|info| info.unusable.is_none());
        match (usable, devices.get(1)) {
            (Some(index), _) => Device::open(index),
            (None, Some(first)) => Err(unusable(first)),
            (None, None) => {
                let error = Error::new(ErrorKind::Device, "Vulkan reaches no device");
                Err(error.with_help("install a driver; `mesa-vulkan-drivers` runs on any processor"))
            }
        }
    }

    /// A device that Vulkan reaches, by a part of its name, in any case.
    ///
    /// # Errors
    /// As [`vulkan`](Self::vulkan), and a name that no device has.
    pub fn by_name(name: &str) -> Result<Device> {
        let devices = Device::list()?;
        let wanted = name.to_lowercase();
        let called = |info: &DeviceInfo| info.name.to_lowercase().contains(&wanted);
        let position = |usable: bool| {
            let mut named = devices.iter().skip(1);
            named.position(|info| called(info) && (!usable || info.unusable.is_none()))
        };
        // of several one that can run programs; else one that says why it cannot
        match position(true).or_else(|| position(false)) {
            Some(index) => Device::open(index),
            None => {
                let names: Vec<String> =
                    devices.iter().skip(1).map(|info| format!("`{}`", info.name)).collect();
                let error = Error::new(ErrorKind::Device, format!("no device is called `{name}`"));
                Err(match names.is_empty() {
                    true => error.with_help("Vulkan reaches no device"),
                    false => error.with_help(format!("there is {}", names.join(", "))),
                })
            }
        }
    }

    /// The `index`-th device that Vulkan reaches, in the order of [`list`](Self::list), from 0 on.
    ///
    /// # Errors
    /// As [`vulkan`](Self::vulkan), and an index past the last device.
    pub fn by_index(index: usize) -> Result<Device> {
        let count = Device::list()?.len() - 1;
        match index < count {
            true => Device::open(index),
            false => {
                let message = format!("there is no device {index}: Vulkan reaches {count}");
                Err(Error::new(ErrorKind::Device, message))
            }
        }
    }

    /// The best graphics card, or this processor where there is none: software that only plays one is not chosen.
    /// [`name`](Self::name) says which it is.
    pub fn auto() -> Device {
        let card = || -> Result<Option<Device>> {
            let devices = Device::list()?;
            let is_card = |info: &DeviceInfo| info.unusable.is_none() && info.kind != "software";
            devices.iter().skip(1).position(is_card).map(Device::open).transpose()
        };
        card().ok().flatten().unwrap_or_else(Device::cpu)
    }

    /// Every device: this processor first, then what Vulkan reaches, the best first.
    ///
    /// # Errors
    /// A machine without Vulkan; a build without the feature `vulkan`.
    pub fn list() -> Result<Vec<DeviceInfo>> {
        let mut all = vec![processor()];
        all.extend(found()?);
        Ok(all)
    }

    /// A device that is open already is the same one: arrays of both go together.
    #[cfg(feature = "vulkan")]
    fn open(index: usize) -> Result<Device> {
        static OPENED: Mutex<Vec<(usize, Weak<Gpu>)>> = Mutex::new(Vec::new());
        let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
        opened.retain(|(_, gpu)| gpu.upgrade().is_some_and(|gpu| gpu.is_alive()));
        let known = opened.iter().find(|(k, _)| *k == index).and_then(|(_, gpu)| gpu.upgrade());
        if let Some(gpu) = known {
            return Ok(Device(Which::Vulkan(gpu)));
        }
        let device = Device::open_with(index, Config::from_environment()?)?;
        if let Which::Vulkan(gpu) = &device.0 {
            opened.push((index, Arc::downgrade(gpu)));
        }
        Ok(device)
    }

    /// The `index`-th device that Vulkan reaches, with settings that only tests have.
    #[cfg(feature = "vulkan")]
    pub(crate) fn open_with(index: usize, config: Config) -> Result<Device> {
        let mut gpu = Gpu::open(index, config)?;
        super::self_test::test(&mut gpu)?;
        Ok(Device(Which::Vulkan(gpu)))
    }

    /// How many pipelines are kept.
    #[cfg(feature = "vulkan")]
    pub(crate) fn pipelines(&self) -> usize {
        match &self.0 {
            Which::Cpu => 0,
            Which::Vulkan(gpu) => gpu.pipelines(),
        }
    }

    /// What the validation layer has said, where it was asked for.
    #[cfg(feature = "vulkan")]
    pub(crate) fn messages(&self) -> Vec<String> {
        match &self.0 {
            Which::Cpu => Vec::new(),
            Which::Vulkan(gpu) => gpu.messages(),
        }
    }

    #[cfg(not(feature = "vulkan"))]
    fn open(_: usize) -> Result<Device> {
        Err(not_built())
    }

    /// Its name: `cpu`, or what its driver says.
    pub fn name(&self) -> &str {
        match &self.0 {
            Which::Cpu => "cpu",
            #[cfg(feature = "vulkan")]
            Which::Vulkan(gpu) => &gpu.found().name,
        }
    }

    /// What is known of it, as [`list`](Self::list) has it; of this processor without asking for Vulkan.
    pub fn info(&self) -> DeviceInfo {
        match &self.0 {
            Which::Cpu => processor(),
            #[cfg(feature = "vulkan")]
            Which::Vulkan(gpu) => described(gpu.found().clone()),
        }
    }

    /// Whether it is this processor.
    pub fn is_cpu(&self) -> bool {
        matches!(self.0, Which::Cpu)
    }

    /// How its arithmetic differs from IEEE 754, as a test at its opening has found: nothing for most. Results are then
    /// not the processor's bit for bit where it matters.
    pub fn deviations(&self) -> &[String] {
        match &self.0 {
            Which::Cpu => &[],
            #[cfg(feature = "vulkan")]
            Which::Vulkan(gpu) => gpu.deviations(),
        }
    }

    /// Copies an array to the device, where it stays until the [`DeviceArray`] is dropped.
    ///
    /// # Errors
    /// Memory that is exhausted, a device that was lost, an array of byte strings.
    pub fn upload<'a>(&self, input: impl Into<Input<'a>>) -> Result<DeviceArray> {
        DeviceArray::upload(self, &input.into())
    }

    /// Waits until everything that was given to the device is done.
    ///
    /// # Errors
    /// A device that was lost.
    pub fn synchronize(&self) -> Result<()> {
        match &self.0 {
            Which::Cpu => Ok(()),
            #[cfg(feature = "vulkan")]
            Which::Vulkan(gpu) => gpu.synchronize(),
        }
    }

    /// Returns memory that no array holds, and that was kept for the next ones.
    ///
    /// # Errors
    /// A device that was lost.
    pub fn trim(&self) -> Result<()> {
        match &self.0 {
            Which::Cpu => Ok(()),
            #[cfg(feature = "vulkan")]
            Which::Vulkan(gpu) => gpu.trim(),
        }
    }

    /// How much of the device's memory is in use.
    pub fn memory(&self) -> DeviceMemory {
        match &self.0 {
            Which::Cpu => DeviceMemory { held: 0, pooled: 0 },
            #[cfg(feature = "vulkan")]
            Which::Vulkan(gpu) => {
                let of = gpu.memory_use();
                DeviceMemory { held: of.held, pooled: of.pooled }
            }
        }
    }
}

/// `cpu`, `vulkan`, `vulkan:NAME` (a part of a name) or `vulkan:INDEX`; `auto`.
///
/// ```
/// let device: numfuse::Device = "cpu".parse()?;
/// assert!(device.is_cpu());
/// assert!("tpu".parse::<numfuse::Device>().is_err() && "vulkan:".parse::<numfuse::Device>().is_err());
/// # Ok::<(), numfuse::Error>(())
/// ```
impl FromStr for Device {
    type Err = Error;

    fn from_str(text: &str) -> Result<Device> {
        match text.split_once(':') {
            None if text == "cpu" => Ok(Device::cpu()),
            None if text == "auto" => Ok(Device::auto()),
            None if text == "vulkan" => Device::vulkan(),
            Some(("vulkan", which)) if !which.is_empty() => match which.parse::<usize>() {
                Ok(index) => Device::by_index(index),
                Err(_) => Device::by_name(which),
            },
            _ => {
                let error = Error::new(ErrorKind::Device, format!("`{text}` is no device"));
                Err(error.with_help("there is cpu, auto, vulkan, vulkan:NAME and vulkan:INDEX"))
            }
        }
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Device({:?})", self.name())
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn processor() -> DeviceInfo {
    DeviceInfo {
        name: format!("{} threads, {}", threads(), numfuse_kernels::Isa::detect()),
        kind: "cpu",
        driver: format!("numfuse {}", env!("CARGO_PKG_VERSION")),
        api: String::new(),
        memory: 0,
        unusable: None,
    }
}

fn unusable(info: &DeviceInfo) -> Error {
    let why = info.unusable.as_deref().unwrap_or_default();
    Error::new(ErrorKind::Device, format!("`{}` cannot run programs: {why}", info.name))
}

#[cfg(not(feature = "vulkan"))]
fn not_built() -> Error {
    let error = Error::new(ErrorKind::Device, "this build of numfuse knows no graphics card");
    error.with_help("build it with the feature `vulkan`")
}

#[cfg(not(feature = "vulkan"))]
fn found() -> Result<Vec<DeviceInfo>> {
    Err(not_built())
}

#[cfg(feature = "vulkan")]
fn found() -> Result<Vec<DeviceInfo>> {
    Ok(vulkan::devices()?.into_iter().map(described).collect())
}

#[cfg(feature = "vulkan")]
fn described(found: vulkan::Found) -> DeviceInfo {
    DeviceInfo {
        name: found.name,
        kind: match found.kind {
            vulkan::Kind::Discrete => "discrete",
            vulkan::Kind::Integrated => "integrated",
            vulkan::Kind::Virtual => "virtual",
            vulkan::Kind::Cpu => "software",
            vulkan::Kind::Other => "other",
        },
        driver: found.driver,
        api: found.api,
        memory: found.memory,
        unusable: found.usable.err(),
    }
}

const _: () = {
    const fn crosses_threads<T: Send + Sync>() {}
    crosses_threads::<Device>();
    crosses_threads::<DeviceArray>();
    crosses_threads::<Value>();
};
