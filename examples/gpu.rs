//! Arrays that stay on a graphics card: uploaded once, taken through three programs, and only the answer comes back.
//!
//! `cargo run --release --features vulkan --example gpu`: the best card, or the processor where there is none. With the
//! argument `vulkan` the best device that Vulkan reaches, one in software too; any other is named as in `vulkan:NAME`.

use std::time::Instant;

use ndarray::Array1;
use numfuse::{Device, DeviceInput, Program, Result};

fn main() -> Result<()> {
    let device: Device = std::env::args().nth(1).unwrap_or_else(|| "auto".to_owned()).parse()?;
    let n = 1 << 21;
    let (price, strike) = (Array1::linspace(20f32, 180.0, n), Array1::from_elem(n, 100f32));
    let processor = Device::cpu();
    let on_processor = value(&processor, &price, &strike)?;
    if !device.is_cpu() {
        let there = value(&device, &price, &strike)?;
        println!("{:.0e} apart", (there - on_processor).abs() / on_processor);
    }
    Ok(())
}

/// The mean of the values of options by Black and Scholes.
fn value(device: &Device, price: &Array1<f32>, strike: &Array1<f32>) -> Result<f64> {
    println!("{} options on {}", price.len(), device.name());
    let moneyness =
        Program::compile("(log(price/strike) + (rate + volatility**2/2)*years) / (volatility*sqrt(years))")?;
    let value = Program::compile("price*ndtr(d) - strike*exp(-rate*years)*ndtr(d - volatility*sqrt(years))")?;
    let mean = Program::compile("mean(f64(value))")?;

    let start = Instant::now();
    let (price, strike) = (device.upload(price)?, device.upload(strike)?);
    device.synchronize()?;
    took("upload", start);

    let numbers = [("rate", 0.02.into()), ("volatility", 0.25.into()), ("years", 1.5.into())];
    let run = || {
        let arrays = [("price", DeviceInput::from(&price)), ("strike", (&strike).into())];
        let d = moneyness.run_on(device, arrays.iter().cloned().chain(numbers.clone()))?;
        let inputs = arrays.into_iter().chain(numbers.clone()).chain([("d", (&d).into())]);
        let values = value.run_on(device, inputs)?; // `d` never leaves the device
        mean.run_on(device, [("value", &values)])
    };
    let start = Instant::now();
    run()?;
    device.synchronize()?;
    took("first run", start);

    let start = Instant::now();
    for _ in 1..5 {
        run()?; // begins at once: nobody waits for the one before
    }
    let mean = run()?;
    device.synchronize()?;
    took("five later ones", start);

    let start = Instant::now();
    let mean = mean.download()?;
    took("download", start);
    println!("  mean value {mean:.6}");
    Ok(mean)
}

fn took(what: &str, since: Instant) {
    println!("  {what:16} {:8.2} ms", since.elapsed().as_secs_f64() * 1e3);
}
