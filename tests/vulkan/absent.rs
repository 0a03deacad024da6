//! A machine without a driver, and one without Vulkan's library: clean errors, and the processor.

use numfuse::{Device, ErrorKind};

use crate::child;

#[test]
fn without_a_driver() {
    const PART: &str = "without a driver";
    if !child::does(PART) {
        let empty = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("no_driver.json");
        std::fs::write(&empty, "").unwrap();
        for file in [empty.to_str().unwrap(), "/nonexistent/driver.json"] {
            let environment = [("VK_ICD_FILENAMES", file), ("VK_DRIVER_FILES", file)];
            child::said("absent::without_a_driver", PART, &environment, "DONE");
        }
        return;
    }
    // with or without the library
    match Device::list() {
        Ok(devices) => assert_eq!(devices.len(), 1, "{devices:?}"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Device),
    }
    clean(&Device::vulkan().unwrap_err());
    clean(&Device::by_name("llvmpipe").unwrap_err());
    assert!(Device::by_index(0).is_err());
    assert!("vulkan".parse::<Device>().is_err());
    assert!(Device::auto().is_cpu());
    println!("DONE");
}

#[test]
fn without_the_library() {
    const PART: &str = "without the library";
    if !child::does(PART) {
        let environment = [("NUMFUSE_VULKAN_LIBRARY", "/nonexistent/libvulkan.so")];
        child::said("absent::without_the_library", PART, &environment, "DONE");
        return;
    }
    for error in [Device::list().unwrap_err(), Device::vulkan().unwrap_err()] {
        clean(&error);
        assert!(error.message().contains("/nonexistent/libvulkan.so"), "{error}");
    }
    assert!(Device::auto().is_cpu());
    assert!("auto".parse::<Device>().unwrap().is_cpu());
    println!("DONE");
}

/// An error of the device that says what helps.
fn clean(error: &numfuse::Error) {
    assert_eq!(error.kind(), ErrorKind::Device, "{error}");
    assert!(error.help().is_some_and(|help| help.contains("driver") || help.contains("device")), "{error}");
}

/// The processor is always there, and first.
#[test]
fn the_processor_is_listed_first() {
    if let Ok(devices) = Device::list() {
        assert_eq!(devices[0].kind, "cpu");
        assert_eq!(devices[0].unusable, None);
    }
    assert!(Device::cpu().is_cpu());
}

#[test]
fn names_and_numbers_of_no_device_are_refused() {
    if crate::engine::card::device().is_none() {
        return;
    }
    let error = Device::by_name("no such card").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Device);
    assert!(error.message().contains("no such card"), "{error}");
    assert!(error.help().is_some_and(|help| help.contains(crate::engine::card::device().unwrap().name())));
    let error = Device::by_index(1000).unwrap_err();
    assert!(error.message().contains("1000"), "{error}");
    for text in ["", "gpu", "vulkan:", "vulkan:1000", "vulkan:no such card", "cpu:0"] {
        match text.parse::<Device>() {
            Err(error) => assert_eq!(error.kind(), ErrorKind::Device, "{text}: {error}"),
            // every name contains nothing
            Ok(_) => assert_eq!(text, "vulkan:"),
        }
    }
}
