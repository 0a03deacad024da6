//! What the command does with devices: those of this machine, and a machine without Vulkan.

use std::fs;
use std::process::Command;

use ndarray::{Array1, array};
use numfuse::npy::write_array;

use super::{Folder, NUMFUSE, text};

#[test]
fn devices_are_listed() {
    let folder = Folder::new("devices");
    let printed = text(&folder.run(["devices"]).stdout);
    let (head, rows) = printed.split_once('\n').unwrap();
    assert!(head.starts_with("device ") && rows.starts_with("cpu "), "{printed}");
    let list = folder.run(["devices", "--json"]);
    let list: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!((&list[0]["device"], &list[0]["kind"]), (&"cpu".into(), &"cpu".into()));
    assert!(list[0]["vulkan"].is_null() && list[0]["unusable"].is_null(), "{list}");
    for (k, device) in list.as_array().unwrap().iter().enumerate().skip(1) {
        assert_eq!(device["device"], format!("vulkan:{}", k - 1));
        assert!(printed.contains(device["name"].as_str().unwrap()), "{printed}");
    }
}

#[test]
fn without_a_vulkan_library_there_is_the_processor() {
    let folder = Folder::new("no-vulkan");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(NUMFUSE);
        command.args(arguments).current_dir(&folder.0).env("NUMFUSE_VULKAN_LIBRARY", "/nonexistent");
        let output = command.output().unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, list, why) = run(&["devices", "--json"]);
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    assert_eq!((code, list.as_array().unwrap().len()), (Some(0), 1));
    assert!(why.starts_with("there is the processor alone: the Vulkan library `/nonexistent`"), "{why}");
    assert_eq!(run(&["eval", "2*x", "x=3"]), (Some(0), "6\ni64\n".to_owned(), String::new()));
    let chosen = run(&["eval", "2*x", "x=3", "--device", "auto"]);
    assert_eq!(chosen, (Some(0), "6\ni64\n".to_owned(), "device: cpu\n".to_owned()));
    for arguments in [
        &["eval", "2*x", "x=3", "--device", "vulkan"][..],
        &["bench", "2*x", "x=f64[3]", "--device", "vulkan:0"],
        &["explain", "2*x", "x=f64[3]", "--spirv"],
    ] {
        let (code, printed, why) = run(arguments);
        assert_eq!((code, printed), (Some(2), String::new()));
        assert!(why.starts_with("error: the Vulkan library `/nonexistent` cannot be loaded"), "{why}");
    }
}

#[test]
fn without_a_driver_there_is_the_processor() {
    if !has_graphics_card() {
        return;
    }
    let mut command = Command::new(NUMFUSE);
    // both names that loaders know for the list of drivers
    for list in ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] {
        command.env(list, "/nonexistent.json");
    }
    let output = command.arg("devices").output().unwrap();
    let (printed, why) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success() && printed.lines().count() == 2, "{printed}");
    assert!(why.starts_with("there is the processor alone: Vulkan reaches no device"), "{why}");
}

/// Whether there is a device to test with. Where there must be one, it is an error that there is none.
fn has_graphics_card() -> bool {
    let Err(error) = numfuse::Device::vulkan() else { return true };
    let required = std::env::var_os("NUMFUSE_REQUIRE_GPU").is_some_and(|value| value == "1");
    assert!(!required, "NUMFUSE_REQUIRE_GPU=1, and there is no usable Vulkan device: {error}");
    println!("skipped: there is no usable Vulkan device: {error}");
    false
}

#[test]
fn a_graphics_card_answers_as_the_processor_does() {
    if !has_graphics_card() {
        return;
    }
    let folder = Folder::new("card");
    let x = Array1::from_shape_fn(300_000, |i| f64::from(i as u32) * 1e-3 - 100.0);
    write_array(folder.0.join("x.npy"), &x).unwrap();
    write_array(folder.0.join("m.npy"), &array![[1i32, -2, 3], [4, 5, -6]].reversed_axes()).unwrap();
    for expression in [
        "2*x - 1/x",
        "low = min(x), mean = mean(x[x > 0]), far = x > 99",
        "sum(m, axis=0) // k",
        "m.T % 4 + 0.5",
        "sqrt(abs(x)) + k",
        "exp(sin(x))",
    ] {
        // the strict bits, which a card has too
        let on = |device: &str| {
            let arguments = ["eval", expression, "x=x.npy", "m=m.npy", "k=3", "--isa", "portable"];
            folder.printed(&[&arguments[..], &["--device", device]].concat())
        };
        let printed = on("cpu");
        assert!(!printed.is_empty());
        assert_eq!(on("vulkan"), printed, "{expression}");
        assert_eq!(on("vulkan:0"), printed, "{expression}");
    }
    for device in ["cpu", "vulkan"] {
        let output = format!("{device}-{{}}.npy");
        let arguments = ["eval", "x*x + 1, m - 1", "x=x.npy", "m=m.npy", "-o", &output, "--device", device];
        assert_eq!(folder.printed(&arguments), "");
    }
    for k in [1, 2] {
        let file = |device: &str| fs::read(folder.0.join(format!("{device}-{k}.npy"))).unwrap();
        assert!(file("cpu") == file("vulkan"), "result {k}");
    }
    let (code, message) = folder.refused(&["eval", "a**b", "a=i64:2", "b=i64:-1", "--device", "vulkan"]);
    assert!(code == Some(2) && message.contains("negative"), "{message}");
}

#[test]
fn a_graphics_card_is_timed() {
    if !has_graphics_card() {
        return;
    }
    let folder = Folder::new("card-bench");
    let arguments = ["bench", "k*x + sum(y)", "x=f32[20000]", "y=f32[10]", "k=2.5", "--device", "vulkan"];
    let report = folder.printed(&[&arguments[..], &["--json"]].concat());
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let device = numfuse::Device::vulkan().unwrap();
    assert_eq!((&report["device"], &report["elements"]), (&device.name().into(), &20_000.into()));
    let seconds = |key: &str| report[key].as_f64().unwrap();
    for key in ["first_run_s", "run_s", "upload_s", "download_s"] {
        assert!((1e-9..60.0).contains(&seconds(key)), "{key}: {report}");
    }
    assert!(
        (seconds("upload_gb_per_s") / (80_040.0 / seconds("upload_s") / 1e9) - 1.0).abs() < 1e-9,
        "{report}"
    );
    let table = folder.printed(&arguments);
    for line in ["20000 elements, 2 loops, ", "  first run ", "  later runs ", "  upload ", "  download "] {
        assert!(table.contains(line), "{line}: {table}");
    }
}

#[test]
fn shaders_are_shown() {
    let folder = Folder::new("spirv");
    let arguments = ["explain", "x", "x=f64[3]", "--spirv", "--device", "cpu"];
    assert!(folder.refused(&arguments).1.starts_with("error: the processor runs no shaders"));
    if !has_graphics_card() {
        return;
    }
    let arguments = ["explain", "a*k + 1, sum(a)", "a=f32[1000,7000]", "k=2.5", "--spirv"];
    let printed = folder.printed(&arguments);
    assert!(printed.starts_with("; shader 1 of "), "{printed}");
    let shaders: Vec<&str> = printed.split("; shader ").skip(1).collect();
    assert!(shaders.len() > 1 && shaders.iter().all(|shader| shader.contains("OpEntryPoint GLCompute")));
    assert!(printed.contains("OpFMul") && printed.contains("NoContraction"));
    // what stands in a function is the function's own
    for shader in shaders {
        let (globals, function) = shader.split_once(" = OpFunction ").unwrap();
        assert!(globals.contains("OpVariable") && !function.contains("StorageBuffer\n"), "{shader}");
    }
    let (code, message) = folder.refused(&["explain", "x + y", "x=f64[3]", "y=f64[4]", "--spirv"]);
    assert!(code == Some(2) && message.contains("do not broadcast"), "{message}");
}
