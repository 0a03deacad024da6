//! `numfuse devices`: where programs can run; and `--device`, which chooses among them.

use std::io::Write;

use clap::Args;
use numfuse::{Device, DeviceInfo};
use serde_json::json;

use crate::failure::{Failure, say};

/// List the devices that programs can run on: this processor, and what Vulkan reaches
///
/// The first column is what --device takes.
#[derive(Args)]
pub struct Arguments {
    /// Print one JSON array
    #[arg(long)]
    json: bool,
}

/// Where to run.
#[derive(Args)]
pub struct DeviceArgument {
    /// Where to run: cpu, vulkan (the best graphics card), vulkan:NAME (a part of its name), vulkan:INDEX, or auto: a
    /// graphics card if there is one, else cpu
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    device: String,
}

impl DeviceArgument {
    /// The device; of `auto` standard error is told which it is.
    pub fn open(&self) -> Result<Device, Failure> {
        open(&self.device)
    }
}

/// The device of this name, as `--device` takes it; standard error is told what is peculiar about it.
pub fn open(name: &str) -> Result<Device, Failure> {
    let device: Device = name.parse()?;
    if name == "auto" {
        say(&format!("device: {}", device.name()));
    }
    for deviation in device.deviations() {
        say(&format!("note: {}: {deviation}", device.name()));
    }
    Ok(device)
}

pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<(), Failure> {
    let devices = Device::list().unwrap_or_else(|_| vec![Device::cpu().info()]);
    if let [_] = devices[..]
        && let Err(why) = Device::vulkan()
    {
        say(&format!("there is the processor alone: {why}"));
    }
    if arguments.json {
        let list: Vec<serde_json::Value> = devices.iter().enumerate().map(json).collect();
        return Ok(writeln!(out, "{}", serde_json::Value::from(list))?);
    }
    table(&devices, out)?;
    for (k, device) in devices.iter().enumerate() {
        if let Some(why) = &device.unusable {
            writeln!(out, "{} cannot run programs: {why}", argument(k))?;
        }
    }
    Ok(())
}

/// What `--device` calls the k-th of the list.
fn argument(k: usize) -> String {
    match k.checked_sub(1) {
        None => "cpu".to_owned(),
        Some(index) => format!("vulkan:{index}"),
    }
}

fn json((k, device): (usize, &DeviceInfo)) -> serde_json::Value {
    json!({
        "device": argument(k),
        "name": device.name,
        "kind": device.kind,
        "driver": device.driver,
        "vulkan": Some(&device.api).filter(|api| !api.is_empty()),
        "memory_bytes": Some(device.memory).filter(|bytes| *bytes > 0),
        "unusable": device.unusable,
    })
}

/// Columns as wide as what they hold.
fn table(devices: &[DeviceInfo], out: &mut impl Write) -> Result<(), Failure> {
    let head = ["device", "name", "kind", "driver", "Vulkan", "memory"].map(str::to_owned);
    let rows = devices.iter().enumerate().map(|(k, device)| {
        let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
        [
            argument(k),
            device.name.clone(),
            device.kind.to_owned(),
            or_dash(&device.driver),
            or_dash(&device.api),
            memory(device.memory),
        ]
    });
    let rows: Vec<[String; 6]> = std::iter::once(head).chain(rows).collect();
    for row in &rows {
        let mut line = String::new();
        for (column, text) in row.iter().enumerate() {
            let width = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
            line.push_str(&format!("{text:width$}  "));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// In units that suit; the machine's own memory is nobody's figure.
fn memory(bytes: u64) -> String {
    match bytes {
        0 => "-".to_owned(),
        b if b < 1 << 30 => format!("{:.0} MiB", b as f64 / f64::from(1 << 20)),
        b => format!("{:.1} GiB", b as f64 / f64::from(1 << 30)),
    }
}
