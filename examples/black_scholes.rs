//! Prices of options by Black and Scholes, with their derivatives: six results of one pass.
//!
//! `cargo run --release --example black_scholes`

use std::time::Instant;

use ndarray::Array1;
use numfuse::{Program, Result, inputs};

fn main() -> Result<()> {
    let program = Program::compile(
        "def density(x) = exp(-0.5*x**2)/sqrt(2*pi)
         def normal_cdf(x) = 0.5*erfc(-x/sqrt(2))
         root = volatility*sqrt(years)
         d1 = (log(spot/strike) + (rate + 0.5*volatility**2)*years)/root
         d2 = d1 - root
         discounted = strike*exp(-rate*years)
         price = spot*normal_cdf(d1) - discounted*normal_cdf(d2),
         delta = normal_cdf(d1),
         gamma = density(d1)/(spot*root),
         vega = spot*density(d1)*sqrt(years),
         theta = -spot*density(d1)*volatility/(2*sqrt(years)) - rate*discounted*normal_cdf(d2),
         rho = years*discounted*normal_cdf(d2)",
    )?;
    let n = 1_000_000;
    let spot = Array1::linspace(50.0, 150.0, n);
    let strike = Array1::from_elem(n, 100.0);
    let years = Array1::from_shape_fn(n, |k| 0.1 + (k % 100) as f64 * 0.03);
    let (rate, volatility) = (0.03, 0.2);
    let all = inputs! { spot, strike, years, rate, volatility };
    type Six = (Array1<f64>, Array1<f64>, Array1<f64>, Array1<f64>, Array1<f64>, Array1<f64>);
    let _: Six = program.run(&all)?;
    let start = Instant::now();
    let (price, delta, gamma, vega, theta, rho): Six = program.run(&all)?;
    let took = start.elapsed().as_secs_f64() * 1e3;
    println!("{n} options, six results: {took:.1} ms");
    let k = n / 2;
    println!(
        "at the money, {:.2} years: price {:.4}, delta {:.4}, gamma {:.4}, vega {:.3}, theta {:.3}, rho {:.3}",
        years[k], price[k], delta[k], gamma[k], vega[k], theta[k], rho[k]
    );
    Ok(())
}
