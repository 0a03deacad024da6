//! Programs as text: statements, functions, loops and steps as the graph has them, and what is refused.

use numfuse::internals::graph;
use numfuse::ndarray::{Array1, array};
use numfuse::{Error, ErrorKind, Input, Limits, Program, Value};

fn shown(text: &str) -> String {
    match Program::compile(text) {
        Ok(program) => graph(&program).to_string(),
        Err(error) => panic!("{text}: {error}"),
    }
}

/// Two texts are one graph.
#[track_caller]
fn same(text: &str, other: &str) {
    assert_eq!(shown(text), shown(other), "{text}");
}

#[test]
fn look() {
    for text in [
        "c = x + 1j*y\nz = 0j; n = 0\nrepeat 200 while abs2(z) <= 4 { z = z*z + c; n += 1 }\nn",
        "s = 0.0\nfor k in 0..len(p) { s = s*x + p[k] }\ns",
        "steps(10, u = u + d*v, v = v - u)",
        "steps 10 { f = u*2; u = u + f }",
        "n = 0; repeat 5 { break if x > n; n += 1; if n == 3 { n = n*2 } else if n > 7 { break } }; n",
        "def f(a, k=2) { t = a*k; t + 1 }; f(x) + f(y, k=3)",
    ] {
        println!("{text}\n{}", shown(text));
    }
}
