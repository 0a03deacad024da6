//! How a device is opened: validation, where compiled pipelines are kept, and limits forced for tests.

use std::env::VarError;
use std::path::PathBuf;

use crate::error::{Error, ErrorKind, Result};

/// How a device is opened.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// What the validation layer checks; it is not loaded unless asked for.
    pub validation: Option<Validation>,
    /// Where compiled pipelines are kept between processes.
    pub cache: CacheAt,
    /// Limits below those of the device.
    pub forced: Forced,
}

/// What the validation layer checks beside the rules of each call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Validation {
    /// Missing barriers.
    Synchronization,
    /// Missing barriers, and accesses out of bounds, found by instrumenting the shaders.
    GpuAssisted,
}

/// Where compiled pipelines are kept between processes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum CacheAt {
    /// In the user's cache directory.
    #[default]
    User,
    /// In memory only.
    Nowhere,
    /// In this directory.
    Directory(PathBuf),
}

/// Limits below those of the device, to test what happens at them.
#[derive(Clone, Debug, Default)]
pub struct Forced {
    /// Buffers that a shader may be bound to.
    pub bindings: Option<u32>,
    /// Bytes of a buffer that a binding may reach.
    pub range: Option<u64>,
    /// Bytes of push constants.
    pub push_bytes: Option<u32>,
    /// Workgroups of a dispatch.
    pub groups: Option<u32>,
    /// Elements that one dispatch may visit.
    pub elements: Option<u64>,
    /// Invocations of a workgroup.
    pub group_size: Option<u32>,
    /// No buffers by address.
    pub no_addresses: bool,
    /// Bytes of one staging buffer.
    pub staging_bytes: Option<usize>,
    /// Bytes of the largest allocation.
    pub allocation: Option<u64>,
    /// Bytes of all allocations together; beyond it memory is exhausted.
    pub memory: Option<u64>,
    /// No doubles.
    pub no_float64: bool,
    /// No integers of 64 bits.
    pub no_int64: bool,
    /// No buffers of bytes and of 16-bit words.
    pub no_narrow: bool,
    /// f32 division and square roots are corrected, whether or not the device's own are right.
    pub corrections: bool,
}

impl Config {
    /// Reads `NUMFUSE_VULKAN_VALIDATION` (`1`, or `gpu` for instrumented shaders) and `NUMFUSE_VULKAN_CACHE` (a
    /// directory, or empty for none).
    pub(crate) fn from_environment() -> Result<Config> {
        let cache = match std::env::var_os("NUMFUSE_VULKAN_CACHE") {
            None => CacheAt::User,
            Some(directory) if directory.is_empty() => CacheAt::Nowhere,
            Some(directory) => CacheAt::Directory(directory.into()),
        };
        let validation = match std::env::var("NUMFUSE_VULKAN_VALIDATION") {
            Ok(text) => validation_of(&text)?,
            Err(VarError::NotPresent) => None,
            Err(VarError::NotUnicode(text)) => validation_of(&text.to_string_lossy())?,
        };
        Ok(Config { validation, cache, forced: Forced::default() })
    }
}

fn validation_of(text: &str) -> Result<Option<Validation>> {
    match text {
        "" | "0" => Ok(None),
        "1" => Ok(Some(Validation::Synchronization)),
        "gpu" => Ok(Some(Validation::GpuAssisted)),
        other => {
            let message = format!("NUMFUSE_VULKAN_VALIDATION is `{other}`, which is no kind of validation");
            Err(Error::new(ErrorKind::Device, message).with_help("use 1, or gpu for instrumented shaders"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_validation() {
        assert_eq!(validation_of("0").unwrap(), None);
        assert_eq!(validation_of("1").unwrap(), Some(Validation::Synchronization));
        assert_eq!(validation_of("gpu").unwrap(), Some(Validation::GpuAssisted));
        let error = validation_of("yes").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Device);
        assert!(error.message().contains("`yes`"), "{error}");
    }
}
