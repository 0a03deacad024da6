//! The open device as everything else here holds it: its functions, and whether it was lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ash::vk;
use vulkano::device::{Device, DeviceFunctions};
use vulkano::{VulkanError, VulkanObject};

use crate::error::{Error, ErrorKind, Result};

/// An open device.
pub(super) struct Connection {
    device: Arc<Device>,
    name: String,
    lost: AtomicBool,
}

impl Connection {
    pub(super) fn new(device: Arc<Device>, name: String) -> Arc<Self> {
        Arc::new(Self { device, name, lost: AtomicBool::new(false) })
    }

    pub(super) fn device(&self) -> &Arc<Device> {
        &self.device
    }

    pub(super) fn handle(&self) -> vk::Device {
        self.device.handle()
    }

    pub(super) fn functions(&self) -> &DeviceFunctions {
        self.device.fns()
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// An error if the device was lost before.
    pub(super) fn alive(&self) -> Result<()> {
        if self.lost.load(Ordering::Relaxed) { Err(self.lost_error()) } else { Ok(()) }
    }

    /// Treats the device as lost from now on.
    pub(super) fn lose(&self) {
        self.lost.store(true, Ordering::Relaxed);
    }

    /// What a raw call returned; `doing` completes "… failed while …".
    pub(super) fn check(&self, result: vk::Result, doing: &str) -> Result<()> {
        match result {
            vk::Result::SUCCESS => Ok(()),
            vk::Result::ERROR_DEVICE_LOST => {
                self.lose();
                Err(self.lost_error())
            }
            vk::Result::ERROR_OUT_OF_HOST_MEMORY | vk::Result::ERROR_OUT_OF_DEVICE_MEMORY => {
                Err(Error::new(ErrorKind::Limit, format!("{} ran out of memory while {doing}", self.name)))
            }
            other => {
                Err(Error::new(ErrorKind::Device, format!("{} failed while {doing}: {other:?}", self.name)))
            }
        }
    }

    /// The error for one of vulkano's.
    pub(super) fn error(&self, error: VulkanError, doing: &str) -> Error {
        match error {
            VulkanError::DeviceLost => {
                self.lose();
                self.lost_error()
            }
            VulkanError::OutOfHostMemory | VulkanError::OutOfDeviceMemory => {
                Error::new(ErrorKind::Limit, format!("{} ran out of memory while {doing}", self.name))
            }
            other => Error::new(ErrorKind::Device, format!("{} failed while {doing}: {other}", self.name)),
        }
    }

    fn lost_error(&self) -> Error {
        Error::new(ErrorKind::Device, format!("{} was lost", self.name))
            .with_help("its driver gave up, often after a dispatch that took too long: open the device anew")
    }
}
