//! Programs from files and standard input, and the limits of their runs.

use std::fs;
use std::process::{Command, Stdio};

use ndarray::array;
use numfuse::npy::write_array;

use super::{Folder, NUMFUSE, text};

/// A program stands on the command line, in a file, or comes from standard input; errors in a file name its line.
#[test]
fn programs_stand_in_files() {
    let folder = Folder::new("programs");
    write_array(folder.0.join("x.npy"), &array![3.0, 0.3]).unwrap();
    let program = "# how far\ndef far(a, b) = hypot(a, b)  # a function\n\nr = far(x, 4)\nlow = min(r), high = max(r)\n";
    fs::write(folder.0.join("far.nf"), program).unwrap();
    let wanted = "low:\n4.011234224026316\nf64\n\nhigh:\n5.0\nf64\n";
    assert_eq!(folder.printed(&["eval", "--file", "far.nf", "x=x.npy"]), wanted);
    assert_eq!(folder.printed(&["eval", "x=x.npy", "-f", "far.nf"]), wanted);
    assert_eq!(folder.printed(&["eval", program, "x=x.npy"]), wanted);
    assert_eq!(folder.printed(&["eval", "-f", "far.nf", "x=x.npy", "-o", "{}.npy"]), "");
    assert_eq!(folder.names(), ["far.nf", "high.npy", "low.npy", "x.npy"]);
    assert!(folder.printed(&["explain", "--file", "far.nf", "x=f64[7]"]).contains("\nloops: 1\n"));
    let printed = folder.printed(&["bench", "--json", "--file", "far.nf", "x=f64[70]"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap()["elements"], 70);

    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mandelbrot.nf");
    let printed =
        folder.printed(&["eval", "--file", example, "n=4", "most=50", "--time", "60", "--turns", "1000"]);
    assert_eq!(printed, "[[ 1  2  2  2]\n [ 1  5 50  2]\n [ 1  5 50  2]\n [ 1  2  2  2]]\ni64[4, 4]\n");

    // what Windows writes
    fs::write(folder.0.join("windows.nf"), "\u{feff}u = 2*k\r\nu + 1\r\n").unwrap();
    assert_eq!(folder.printed(&["eval", "-f", "windows.nf", "k=3"]), "7\ni64\n");

    fs::write(folder.0.join("typo.nf"), "a = k +\n    2\nb = ä*sqr(k)\nb").unwrap();
    fs::write(folder.0.join("shapes.nf"), "# one\nk + x\n").unwrap();
    fs::write(folder.0.join("latin.nf"), b"x # \xe9t\xe9").unwrap();
    fs::write(folder.0.join("long.nf"), vec![b' '; (1 << 20) + 1]).unwrap();
    for (arguments, says) in [
        (&["eval", "-f", "typo.nf", "k=3"][..], "error: typo.nf:3:5: "),
        (&["explain", "-f", "shapes.nf", "k=f64[3]", "x=x.npy"], "error: shapes.nf:2:1: `k` is f64[3] and"),
        (&["explain", "-f", "shapes.nf", "k=f64[3]", "x=x.npy"], "\n2 | k + x\n  | ~~~~~\n"),
        (&["bench", "-f", "shapes.nf", "k=f64[3]", "x=x.npy"], "error: shapes.nf:2:1: "),
        (&["eval", "-f", "missing.nf"], "cannot read `missing.nf`: "),
        (&["eval", "-f", "latin.nf", "x=1"], "`latin.nf` is no text in UTF-8"),
        (&["eval", "-f", "long.nf"], "`long.nf` is longer than the limit of 1048576 bytes"),
        (&["eval", "-f", "far.nf", "x + 1"], "`x + 1` is not of the form NAME="),
        (&["eval"], "PROGRAM"),
    ] {
        let (code, message) = folder.refused(arguments);
        assert!(code == Some(2) && message.contains(says), "{arguments:?}: {message}");
    }

    let mut child = Command::new(NUMFUSE)
        .args(["eval", "--file", "-", "k=3"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"u = 2*k; u + 1").unwrap();
    assert_eq!(text(&child.wait_with_output().unwrap().stdout), "7\ni64\n");
}

#[test]
fn runs_and_loops_have_limits() {
    let folder = Folder::new("limits");
    let refused = |arguments: &[&str], says: &str| {
        let (code, message) = folder.refused(arguments);
        assert!(code == Some(2) && message.contains(says), "{arguments:?}: {message}");
    };
    let long = "r = x; repeat n { r = r*1.5 % 7 }; r";
    let literal = "r = x; repeat 20 { r = r + 1 }; r";
    assert_eq!(folder.printed(&["eval", literal, "x=1.5", "--time", "60", "--turns", "20"]), "21.5\nf64\n");
    refused(&["eval", literal, "x=1.5", "--turns", "19"], "more turns than the limit of 19");
    refused(&["eval", long, "x=1.5", "n=1000", "--turns", "999"], "more turns than the limit of 999");
    let endless = ["eval", long, "x=1.5", "n=1000000000000", "--turns", "1000000000000", "--time", "0.05"];
    refused(&endless, "the run takes longer than the limit of 50ms");
    refused(&[&endless[..], &["-o", "r.npy"]].concat(), "the run takes longer than the limit of 50ms");
    refused(&["eval", "1", "--time", "soon"], "it is no number");
    refused(&["eval", "1", "--time", "inf"], "it is no time");
    assert_eq!(folder.names(), [""; 0]);
}
