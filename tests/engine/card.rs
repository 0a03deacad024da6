//! A graphics card as one more way to run a program, which has to give the strict bits: those of the portable
//! instruction set, and of the interpreter without fused multiplication and addition.
//!
//! One device serves a test process. Where there is none, that is said once, past the capture of a test's output; with
//! `NUMFUSE_REQUIRE_GPU=1` it is a failure.

use numfuse::internals::Array;
use numfuse::{Error, Input, Program};

/// Runs a program on the card, from host arrays to a host array; `None` where there is no card.
#[cfg(feature = "vulkan")]
pub fn run(program: &Program, inputs: &[(&str, Input<'_>)]) -> Option<Result<Array, Error>> {
    device().map(|device| run_on(device, program, inputs))
}

/// As [`run`], of several results.
#[cfg(feature = "vulkan")]
pub fn run_all(program: &Program, inputs: &[(&str, Input<'_>)]) -> Option<Result<Vec<Array>, Error>> {
    let device = device()?;
    let given = inputs.iter().map(|(name, input)| (*name, numfuse::DeviceInput::from(input.clone())));
    let values = program.run_all_on(device, given).and_then(|arrays| {
        let value = |array: &numfuse::DeviceArray| array.download().map(super::array);
        arrays.iter().map(value).collect()
    });
    Some(values)
}

/// Without the feature there is no card to skip.
#[cfg(not(feature = "vulkan"))]
pub fn run_all(_: &Program, _: &[(&str, Input<'_>)]) -> Option<Result<Vec<Array>, Error>> {
    None
}

/// Without the feature there is no card to skip.
#[cfg(not(feature = "vulkan"))]
pub fn run(_: &Program, _: &[(&str, Input<'_>)]) -> Option<Result<Array, Error>> {
    None
}

#[cfg(feature = "vulkan")]
#[allow(unused_imports)] // each test uses its own part
pub use with_feature::{device, opened, run_on, skip};

#[cfg(feature = "vulkan")]
mod with_feature {
    use std::io::Write;
    use std::sync::{Mutex, OnceLock};

    use numfuse::internals::vulkan::{CacheAt, Config, open};
    use numfuse::{Device, DeviceInput, Value};

    use super::{Array, Error, Input, Program};

    /// Runs a program on a device.
    pub fn run_on(device: &Device, program: &Program, inputs: &[(&str, Input<'_>)]) -> Result<Array, Error> {
        let inputs = inputs.iter().map(|(name, input)| (*name, DeviceInput::from(input.clone())));
        program.run_on(device, inputs)?.download::<Value>().map(super::super::array)
    }

    /// The device of this process.
    pub fn device() -> Option<&'static Device> {
        static DEVICE: OnceLock<Option<Device>> = OnceLock::new();
        DEVICE.get_or_init(|| opened(Config::default())).as_ref()
    }

    /// The first device that can run programs, with these settings; compiled shaders are not kept in the user's files.
    pub fn opened(config: Config) -> Option<Device> {
        let config = Config { cache: CacheAt::Nowhere, ..config };
        let found = Device::list();
        let usable = found.iter().flatten().skip(1).position(|info| info.unusable.is_none());
        match usable {
            Some(index) => Some(open(index, config).unwrap_or_else(|error| panic!("{error}"))),
            None => {
                let why = match &found {
                    Ok(devices) => format!("no device of {} runs programs", devices.len() - 1),
                    Err(error) => error.message().to_owned(),
                };
                skip(&why);
                None
            }
        }
    }

    /// Says, once for each reason, that tests are skipped; or fails.
    pub fn skip(why: &str) {
        static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
        let required = std::env::var_os("NUMFUSE_REQUIRE_GPU").is_some_and(|value| value == "1");
        assert!(!required, "NUMFUSE_REQUIRE_GPU=1, and {why}");
        let mut said = SAID.lock().unwrap();
        if !said.iter().any(|other| other == why) {
            // not `eprintln`, which a passing test's output swallows
            let _ = writeln!(std::io::stderr(), "SKIPPED: tests on a graphics card: {why}");
            said.push(why.to_owned());
        }
    }
}
