//! The `numfuse` command as a user meets it: what it prints, stores and refuses, and its exit codes.

mod devices;
mod programs;

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use ndarray::{Array1, ShapeBuilder, array};
use numfuse::npy::{NpyFile, write_array};
use numfuse::{DType, Program, Value};

const NUMFUSE: &str = env!("CARGO_BIN_EXE_numfuse");

/// A folder of its own that the command runs in, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("numfuse-command-{test}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Output {
        Command::new(NUMFUSE).args(arguments).current_dir(&self.0).output().unwrap()
    }

    /// What a run prints that succeeds.
    fn printed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        assert_eq!(text(&output.stderr), "", "{arguments:?}");
        text(&output.stdout)
    }

    /// The exit code and the message of a run that fails.
    fn refused(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.run(arguments);
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
        (output.status.code(), text(&output.stderr))
    }

    /// The elements of a file.
    fn floats(&self, name: &str) -> Vec<f64> {
        let file = NpyFile::open(self.0.join(name)).unwrap();
        let value: Array1<f64> = Program::compile("x").unwrap().run([file.as_input()]).unwrap();
        value.to_vec()
    }

    /// Names of the files in it, in order.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn eval_prints_as_numpy_with_type_and_shape() {
    let folder = Folder::new("prints");
    write_array(folder.0.join("x.npy"), &array![[1.0, 2.5], [-3.0, 4.0]]).unwrap();
    write_array(folder.0.join("n.npy"), &Array1::from_iter(0..2000i32)).unwrap();
    let printed = |arguments: &[&str]| folder.printed(arguments);
    assert_eq!(printed(&["eval", "2*3"]), "6\ni64\n");
    assert_eq!(
        printed(&["eval", "x/3", "x=x.npy"]),
        "[[ 0.33333333  0.83333333]\n [-1.          1.33333333]]\nf64[2, 2]\n"
    );
    assert_eq!(printed(&["eval", "sum(x)/3", "x=x.npy"]), "1.5\nf64\n");
    assert_eq!(printed(&["eval", "x > 1", "x=x.npy"]), "[[False  True]\n [False  True]]\nbool[2, 2]\n");
    assert_eq!(printed(&["eval", "n*2", "n=n.npy"]), "[   0    2    4 ... 3994 3996 3998]\ni32[2000]\n");
    assert_eq!(printed(&["eval", "-a", "a=2"]), "-2\ni64\n", "an expression may begin with a sign");
    assert_eq!(printed(&["eval", "--", "-o", "o=2"]), "-2\ni64\n");
}

#[test]
fn several_results_are_printed_with_their_names_or_stored_in_files() {
    let folder = Folder::new("several");
    write_array(folder.0.join("x.npy"), &array![1.0, 2.0, 6.0]).unwrap();
    let printed = |arguments: &[&str]| folder.printed(&[&["eval"], arguments, &["x=x.npy"]].concat());
    assert_eq!(printed(&["mean(x), x > 1"]), "1:\n3.0\nf64\n\n2:\n[False  True  True]\nbool[3]\n");
    assert_eq!(printed(&["m = mean(x), top = max(x)"]), "m:\n3.0\nf64\n\ntop:\n6.0\nf64\n");
    assert_eq!(printed(&["m = mean(x)"]), "m:\n3.0\nf64\n");
    assert_eq!(printed(&["x - mean(x), -x, x", "-o", "{}.npy"]), "");
    assert_eq!(folder.floats("1.npy"), [-2.0, -1.0, 3.0]);
    assert_eq!(folder.floats("2.npy"), [-1.0, -2.0, -6.0]);
    assert_eq!(folder.floats("3.npy"), [1.0, 2.0, 6.0]);
    assert_eq!(printed(&["low = x - 1, high = x + 1", "-o", "out-{}.npy"]), "");
    assert_eq!(folder.floats("out-low.npy"), [0.0, 1.0, 5.0]);
    assert_eq!(folder.floats("out-high.npy"), [2.0, 3.0, 7.0]);
    assert_eq!(printed(&["x*2, x*3", "-o", "a.npy", "-o", "b.npy"]), "");
    assert_eq!(
        (folder.floats("a.npy"), folder.floats("b.npy")),
        (vec![2.0, 4.0, 12.0], vec![3.0, 6.0, 18.0])
    );
    assert_eq!(printed(&["x", "-o", "{}"]), "", "one result goes where it is told");
    let refused = |arguments: &[&str], says: &str| {
        let (code, message) = folder.refused(&[&["eval"], arguments, &["x=x.npy"]].concat());
        assert!(code == Some(2) && message.contains(says), "{arguments:?}: {message}");
    };
    refused(&["x, -x", "-o", "c.npy"], "there are 2 results, and 1 -o");
    refused(&["x", "-o", "c.npy", "-o", "d.npy"], "there is 1 result, and there are 2 -o");
    refused(&["x, -x", "-o", "c.npy", "-o", "c.npy"], "two results cannot be stored in `c.npy`");
    refused(&["x, bf16(x)", "-o", "c{}.npy"], "NumPy has no bf16");
    let names =
        ["1.npy", "2.npy", "3.npy", "a.npy", "b.npy", "c1.npy", "out-high.npy", "out-low.npy", "x.npy", "{}"];
    assert_eq!(folder.names(), names);
}

/// Results too large to be made in memory first are written to the mapped files themselves.
#[test]
fn large_results_go_to_files_of_their_own() {
    let folder = Folder::new("large");
    let x = Array1::from_iter((0..(3 << 20)).map(f64::from));
    write_array(folder.0.join("x.npy"), &x).unwrap();
    folder.printed(&[
        "eval",
        "y = x + 1, total = sum(x), z = x > 1, again = x + 1",
        "x=x.npy",
        "-o",
        "{}.npy",
    ]);
    let y = folder.floats("y.npy");
    assert!(y.len() == 3 << 20 && y.iter().zip(&x).all(|(y, x)| *y == x + 1.0));
    assert_eq!(folder.floats("again.npy"), y);
    let file = NpyFile::open(folder.0.join("total.npy")).unwrap();
    let total: f64 = Program::compile("x").unwrap().run([file.as_input()]).unwrap();
    assert_eq!(total, (x.len() as f64 - 1.0) * x.len() as f64 / 2.0);
    let file = NpyFile::open(folder.0.join("z.npy")).unwrap();
    assert_eq!((file.dtype(), file.shape()), (DType::Bool, &[3 << 20][..]));
    // an error leaves nothing behind
    let (code, _) = folder.refused(&["eval", "x + 1, bf16(x)", "x=x.npy", "-o", "e{}.npy"]);
    assert_eq!(code, Some(2));
    assert_eq!(folder.names(), ["again.npy", "total.npy", "x.npy", "y.npy", "z.npy"]);
}

#[test]
fn numbers_are_weak_unless_they_have_a_type() {
    let folder = Folder::new("weak");
    write_array(folder.0.join("x.npy"), &array![1.0f32, 2.0]).unwrap();
    let ends = |k: &str, ty: &str| {
        let printed = folder.printed(&["eval", "k*x", "x=x.npy", k]);
        assert!(printed.ends_with(&format!("\n{ty}[2]\n")), "{k}: {printed}");
    };
    ends("k=2.5", "f32");
    ends("k=3", "f32");
    ends("k=True", "f32");
    ends("k=f64:2.5", "f64");
    ends("k=i32:3", "f64");
    ends("k=float32:2.5", "f32");
    ends("k=u8:200", "f32");
    ends("k=u32:200", "f64");
    ends("k=f16:2.5", "f32");
    ends("k=1+2j", "c64");
    ends("k=-2j", "c64");
    ends("k=c64:1+2j", "c64");
    ends("k=complex128:1", "c128");
    assert_eq!(folder.printed(&["eval", "k + 100", "k=u8:200"]), "44\nu8\n", "a u8 wraps");
    assert_eq!(folder.printed(&["eval", "z*z", "z=1+2j"]), "(-3+4j)\nc128\n");
    assert_eq!(folder.printed(&["eval", "x*z", "x=x.npy", "z=c64:1.5-2j"]), "[1.5-2.j 3. -4.j]\nc64[2]\n");
}

/// Files of narrow and complex numbers and of byte strings, as NumPy stores them, and what NumPy prints of the results.
#[test]
fn files_of_every_type() {
    let folder = Folder::new("types");
    let file = |name: &str, descr: &str, elements: &[u8]| {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (3,)}}\n");
        let length = (header.len() as u16).to_le_bytes();
        let bytes = [b"\x93NUMPY\x01\0", &length[..], header.as_bytes(), elements].concat();
        fs::write(folder.0.join(name), bytes).unwrap();
    };
    file("b.npy", "|i1", &[1, 0x80, 0x7f]);
    file("h.npy", ">f2", &[0x2e, 0x66, 0x3c, 0, 0x7b, 0xff]);
    file("s.npy", "|S4", b"ab\0\0abc\0\0\0\0\0");
    file("z.npy", ">c8", &[1f32, 2.0, -1.5, -0.25, 0.0, 0.0].map(f32::to_be_bytes).concat());
    file("u.npy", "<u8", &[1, u64::MAX, 7].map(u64::to_le_bytes).concat());
    let printed = |arguments: &[&str]| folder.printed(&[&["eval"], arguments].concat());
    assert_eq!(printed(&["b + 1", "b=b.npy"]), "[   2 -127 -128]\ni8[3]\n");
    assert_eq!(printed(&["f16(h)", "h=h.npy"]), "[1.00e-01 1.00e+00 6.55e+04]\nf16[3]\n");
    assert_eq!(printed(&["h", "h=h.npy"]).lines().last(), Some("f32[3]"), "computed as f32");
    assert_eq!(printed(&["s == 'abc'", "s=s.npy"]), "[False  True False]\nbool[3]\n");
    assert_eq!(printed(&["sum(contains(s, 'b'))", "s=s.npy"]), "2\ni64\n");
    assert_eq!(printed(&["z", "z=z.npy"]), "[ 1. +2.j   -1.5-0.25j  0. +0.j  ]\nc64[3]\n");
    assert_eq!(printed(&["sum(z)*2j", "z=z.npy"]), "(-3.5-1j)\nc64\n");
    assert_eq!(
        printed(&["u", "u=u.npy"]),
        "[                   1 18446744073709551615                    7]\nu64[3]\n"
    );
    let (code, message) = folder.refused(&["eval", "s", "s=s.npy"]);
    assert_eq!(code, Some(2), "{message}");
    let (code, message) = folder.refused(&["eval", "bf16(b)", "b=b.npy", "-o", "out.npy"]);
    assert_eq!(code, Some(2), "{message}");
    assert!(
        message.contains("cannot write `out.npy`: NumPy has no bf16") && message.contains("f32(x)"),
        "{message}"
    );
    assert_eq!(printed(&["bf16(b)", "b=b.npy"]), "[   1. -128.  127.]\nbf16[3]\n");
    let explained = folder.printed(&["explain", "(s == 'ab') & (z != 0)", "s=s.npy", "z=z.npy"]);
    assert!(explained.contains("S4[3]") && explained.contains("\nloops: 1\n"), "{explained}");
    folder.printed(&["eval", "z*z", "z=z.npy", "-o", "out.npy"]);
    assert_eq!(printed(&["z", "z=out.npy"]).lines().last(), Some("c64[3]"));
}

#[test]
fn files_of_every_order_go_in_and_results_come_out() {
    let folder = Folder::new("files");
    let fortran = ndarray::Array2::from_shape_fn((2, 3).f(), |(i, j)| (10 * i + j) as f64);
    write_array(folder.0.join("f.npy"), &fortran).unwrap();
    // NumPy's bytes of array([1.5, -2.0, 1e300], dtype='>f8'), at an odd place
    let header = "{'descr': '>f8', 'fortran_order': False, 'shape': (3,)}\n";
    let elements = [1.5f64, -2.0, 1e300].iter().flat_map(|v| v.to_be_bytes());
    let length = (header.len() as u16).to_le_bytes();
    let file: Vec<u8> =
        b"\x93NUMPY\x01\0".iter().copied().chain(length).chain(header.bytes()).chain(elements).collect();
    fs::write(folder.0.join("big.npy"), file).unwrap();
    assert_eq!(folder.printed(&["eval", "a*f", "f=f.npy", "a=big.npy", "-o", "out.npy"]), "");
    let file = NpyFile::open(folder.0.join("out.npy")).unwrap();
    let value: Value = Program::compile("x").unwrap().run([file.as_input()]).unwrap();
    assert_eq!(value, Value::F64(array![[0.0, -2.0, 2e300], [15.0, -22.0, 12e300]].into_dyn()));
    // the file that is read may be the one that is written
    folder.printed(&["eval", "sum(x, axis=0) + 1", "x=out.npy", "-o", "out.npy"]);
    assert_eq!(folder.floats("out.npy"), [16.0, -23.0, 14e300]);
    assert_eq!(folder.names(), ["big.npy", "f.npy", "out.npy"]);
}

#[test]
fn truth_values_of_a_file_are_0_or_1() {
    let folder = Folder::new("bool");
    let header = "{'descr': '|b1', 'fortran_order': False, 'shape': (4,)}\n";
    let length = (header.len() as u16).to_le_bytes();
    let bytes = [b"\x93NUMPY\x01\0", &length[..], header.as_bytes(), &[0, 1, 2, 255]].concat();
    fs::write(folder.0.join("m.npy"), bytes).unwrap();
    assert_eq!(folder.printed(&["eval", "m", "m=m.npy"]), "[False  True  True  True]\nbool[4]\n");
    assert_eq!(folder.printed(&["eval", "sum(m) + sum(~m)*10", "m=m.npy"]), "13\ni64\n");
    folder.printed(&["eval", "m", "m=m.npy", "-o", "n.npy"]);
    assert!(fs::read(folder.0.join("n.npy")).unwrap().ends_with(&[0, 1, 1, 1]));
}

#[test]
fn mistakes_are_named_and_exit_with_2() {
    let folder = Folder::new("mistakes");
    write_array(folder.0.join("x.npy"), &array![1.0, 2.0]).unwrap();
    write_array(folder.0.join("y.npy"), &array![1.0, 2.0, 3.0]).unwrap();
    fs::write(folder.0.join("bad.npy"), "not an array").unwrap();
    for (arguments, words) in [
        (&["eval", "x +* 2", "x=x.npy"][..], "\n1 | x +* 2\n  |   ~~\n"),
        (&["eval", "tmep*2", "temp=x.npy"], "\n1 | tmep*2\n  | ~~~~\n  = help: did you mean `temp`?\n"),
        (&["eval", "sqr(x)", "x=x.npy"], "did you mean `sqrt`?"),
        (&["eval", "x + y", "x=x.npy", "y=y.npy"], "`x` is f64[2] and `y` is f64[3]"),
        (&["eval", "x + y", "x=x.npy"], "there is no input `y`"),
        (&["eval", "x", "x=missing.npy"], "cannot read `missing.npy`: "),
        (&["eval", "x", "x=missing"], "= help: a value is a .npy file, a number"),
        (&["eval", "x", "x=bad.npy"], "cannot read `bad.npy`: it is not a .npy file"),
        (&["eval", "x", "x=."], "is not a regular file"),
        (&["eval", "x", "x"], "`x` is not of the form NAME="),
        (&["eval", "x", "x=1", "x=2"], "`x` is given twice"),
        (&["eval", "pi", "pi=3"], "`pi` cannot name an input"),
        (&["eval", "x", "x=i32:2.5"], "`2.5` is no number of type i32"),
        (&["eval", "x", "x=u8:256"], "`256` is no number of type u8"),
        (&["eval", "x", "x=f64:1+2j"], "`1+2j` is no number of type f64"),
        (&["eval", "x", "x=99999999999999999999"], "does not fit 64 bits"),
        (&["eval", "x", "x=1", "--isa", "mmx"], "`mmx` is no instruction set"),
        (&["eval", "x", "x=1", "--threads", "0"], "--threads"),
        (&["eval", "a**b", "a=i64:2", "b=i64:-1"], "negative"),
        (&["explain", "x", "x=f65[3]"], "`f65[3]` is no type"),
        (&["explain", "x + y", "x=f64[3]", "y=f64[4]"], "do not broadcast"),
        (&["bench", "x", "x=f64[1000000000,1000000000]"], ""),
        (&["eval", "x", "x=1", "--device", "tpu"], "`tpu` is no device"),
        (&["bench", "x", "x=f64[3]", "--device", "metal:0"], "`metal:0` is no device"),
        (&["explain", "x", "x=f64[3]", "--device", "vulkan"], "--spirv"),
        (&["frobnicate"], "frobnicate"),
    ] {
        let (code, message) = folder.refused(arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {message}");
        assert!(message.starts_with("error: ") && message.contains(words), "{arguments:?}: {message}");
        assert!(!message.contains("panicked"), "{message}");
    }
}

#[test]
fn a_failed_run_leaves_the_output_untouched() {
    let folder = Folder::new("untouched");
    fs::write(folder.0.join("out.npy"), "precious").unwrap();
    write_array(folder.0.join("a.npy"), &Array1::from_elem(100_000, 2i64)).unwrap();
    let mut exponents = Array1::from_elem(100_000, 3i64);
    exponents[99_999] = -1;
    write_array(folder.0.join("b.npy"), &exponents).unwrap();
    // an error that only the data shows, at the end of it
    let (code, message) = folder.refused(&["eval", "a**b", "a=a.npy", "b=b.npy", "-o", "out.npy"]);
    assert_eq!(code, Some(2), "{message}");
    assert_eq!(fs::read(folder.0.join("out.npy")).unwrap(), b"precious");
    assert_eq!(folder.names(), ["a.npy", "b.npy", "out.npy"]);
    let (code, message) = folder.refused(&["eval", "a", "a=a.npy", "-o", "missing/out.npy"]);
    assert_eq!(code, Some(1), "{message}");
    assert!(message.starts_with("error: cannot write `missing/out.npy`: "), "{message}");
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let mut child = Command::new(NUMFUSE)
        .args(["ops", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}

#[test]
fn how_it_runs_does_not_change_what_comes_out() {
    let folder = Folder::new("options");
    let x = Array1::from_shape_fn(300_000, |i| f64::from(i as u32) * 1e-3 - 100.0);
    write_array(folder.0.join("x.npy"), &x).unwrap();
    let one = folder.printed(&["eval", "sum(x*x - 2*x)", "x=x.npy", "--threads", "1", "--isa", "portable"]);
    for threads in ["2", "7"] {
        let printed = folder.printed(&["eval", "sum(x*x - 2*x)", "x=x.npy", "--threads", threads]);
        assert_eq!(printed, one, "{threads} threads");
    }
}

#[test]
fn explain_shows_the_plan() {
    let folder = Folder::new("explain");
    let printed = folder.printed(&["explain", "sum((a - b)**2, axis=1)", "a=f64[1000,3]", "b=f64[3]"]);
    assert!(printed.contains("\nloops: 1\n") && printed.contains("f64[1000, 3]"), "{printed}");
    write_array(folder.0.join("a.npy"), &array![[1i32, 2]]).unwrap();
    let printed = folder.printed(&["explain", "a + 1", "a=a.npy"]);
    assert!(printed.contains("i32[1, 2]"), "{printed}");
    let heat = "steps(n, u = u + k*(shift(u, 1) + shift(u, -1) - 2*u)); u";
    let printed = folder.printed(&["explain", heat, "u=f64[1000]", "n=100", "k=f64"]);
    for line in [
        "loop 0, 100 steps from in0 = b0, in1 = b1 to result 0 = b2",
        // the other array of the variable
        "loop 0: 100 steps of 1 loop, 8000 bytes between them",
        // 998 elements in the middle, and one at each end, where a shift is the border's 0
        "fused: 500000 operations, 1604800 bytes moved",
        "op at a time: 500000 operations, 13600800 bytes moved",
    ] {
        assert!(printed.lines().any(|printed| printed == line), "{line}\n{printed}");
    }
    let printed = folder.printed(&["explain", "repeat 9 while x > 1 { x = x/2 }; x", "x=f64[1000]"]);
    assert!(
        printed.contains("loop 0: a repeat in it, 128 elements at a time, 2 kernel calls a turn\n"),
        "{printed}"
    );
    assert!(printed.contains("\nof loops over elements one turn is counted:\n"), "{printed}");
    let printed = folder.printed(&["explain", "sum(x * arange(n))", "x=f32[1000]", "n=1000"]);
    assert!(printed.contains("f64[1000]") && printed.contains("\nloops: 1\n"), "{printed}");
}

#[test]
fn bench_reports_one_object() {
    let folder = Folder::new("bench");
    let arguments = ["bench", "2*a + b", "a=f64[300,40]", "b=f64[40]", "--threads", "1", "--json"];
    let report: serde_json::Value = serde_json::from_str(&folder.printed(&arguments)).unwrap();
    let keys: Vec<&str> = report.as_object().unwrap().keys().map(String::as_str).collect();
    let mut wanted = [
        "expr",
        "threads",
        "isa",
        "elements",
        "loops",
        "fused_s",
        "fused_fresh_s",
        "eager_s",
        "compile_s",
        "call_10_elements_ns",
        "call_bound_ns",
        "gb_per_s",
        "huge_pages",
    ];
    wanted.sort();
    assert_eq!(keys, wanted);
    assert_eq!((&report["expr"], &report["threads"]), (&"2*a + b".into(), &1.into()));
    assert_eq!((&report["elements"], &report["loops"]), (&12_000.into(), &1.into()));
    assert_eq!(report["huge_pages"], false, "96 kB are no reason for huge pages");
    let seconds = |key: &str| report[key].as_f64().unwrap();
    let times = ["fused_s", "fused_fresh_s", "eager_s", "compile_s"].map(seconds);
    assert!(times.iter().all(|s| (1e-9..10.0).contains(s)), "{report}");
    let gigabytes = (12_000.0 * 2.0 + 40.0) * 8.0 / seconds("fused_s") / 1e9;
    assert!((seconds("gb_per_s") / gigabytes - 1.0).abs() < 1e-9, "{report}");
    let lacking = ["bench", "where(a < b, a, b)", "a=f32[100]", "b=f32[100]", "--json"];
    let report: serde_json::Value = serde_json::from_str(&folder.printed(&lacking)).unwrap();
    assert!(report["eager_s"].is_null() && report["call_bound_ns"].as_f64().unwrap() > 0.0, "{report}");
    let typed = |expression: &str, dtype: DType| {
        let (a, b) = (format!("a={dtype}[100]"), format!("b={dtype}[100]"));
        let arguments = ["bench", expression, &a, &b, "--threads", "1", "--json"];
        serde_json::from_str::<serde_json::Value>(&folder.printed(&arguments)).unwrap()
    };
    for dtype in [DType::U8, DType::BF16, DType::C128] {
        let report = typed("a == b", dtype);
        assert!(
            report["fused_s"].as_f64().unwrap() > 0.0 && report["eager_s"].is_null(),
            "{dtype}: {report}"
        );
    }
    let (_, message) = folder.refused(&["bench", "s == 'a'", "s=S6[100]"]);
    assert!(message.contains("no samples of type S6"), "{message}");
    assert!(typed("a*b", DType::C64)["eager_s"].as_f64().unwrap() > 0.0, "`ndarray` has complex numbers");
    assert!(typed("a & b", DType::U8)["eager_s"].as_f64().unwrap() > 0.0);
    assert!(typed("a*b", DType::F16)["eager_s"].as_f64().unwrap() > 0.0, "computed as f32, by hand too");
    let table = folder.printed(&["bench", "a & b", "a=bool[100]", "b=bool[100]"]);
    assert!(table.contains("100 elements, 1 loop, ") && table.contains("times the fused run"), "{table}");
}

/// What is not made up: files, byte strings among them, and numbers that say how large arrays are.
#[test]
fn bench_takes_files_numbers_and_several_results() {
    let folder = Folder::new("bench-given");
    let report = |arguments: &[&str]| {
        let printed = folder.printed(&[&["bench", "--json", "--threads", "1"], arguments].concat());
        serde_json::from_str::<serde_json::Value>(&printed).unwrap()
    };
    let words = "male  femalemale  ".repeat(20);
    fs::write(folder.0.join("g.npy"), npy_of_words(words.as_bytes(), 6)).unwrap();
    write_array(folder.0.join("x.npy"), &Array1::linspace(1.0, 60.0, 60)).unwrap();
    write_array(folder.0.join("i.npy"), &Array1::from_elem(30, 59i64)).unwrap();
    let masked = report(&["mean(x[g == b'male'])", "x=x.npy", "g=g.npy"]);
    assert!(masked["elements"] == 60 && masked["call_bound_ns"].as_f64().unwrap() > 0.0, "{masked}");
    assert!(masked["eager_s"].is_null(), "{masked}");
    let several = report(&["low = min(x), high = max(x), more = x + 1", "x=x.npy"]);
    assert!(several["call_10_elements_ns"].as_f64().unwrap() > 0.0, "{several}");
    assert!(several["eager_s"].as_f64().unwrap() > 0.0, "{several}");
    // the arrays are as large as the number says, in every call
    let sized = report(&["sum(4/(1 + arange(n)))", "n=5000"]);
    assert!(sized["elements"] == 5000 && sized["fused_s"].as_f64().unwrap() > 0.0, "{sized}");
    for key in ["compile_s", "call_10_elements_ns", "call_bound_ns"] {
        assert!(sized[key].is_null(), "{sized}");
    }
    // neither does the first tenth of an array have this shape, or hold these places
    for text in ["reshape(x, (6, 10))", "take(x, i)"] {
        let report = report(&[text, "x=x.npy", "i=i.npy"]);
        assert!(report["fused_s"].as_f64().unwrap() > 0.0 && report["call_bound_ns"].is_null(), "{report}");
    }
    let table = folder.printed(&["bench", "x * arange(n) * k", "x=f32[20]", "n=20", "k=2.5"]);
    assert!(table.contains("20 elements, 1 loop, "), "{table}");
}

/// A file of byte strings of one length.
fn npy_of_words(words: &[u8], length: usize) -> Vec<u8> {
    let count = words.len() / length;
    let header = format!("{{'descr': '|S{length}', 'fortran_order': False, 'shape': ({count},), }}");
    let header = format!("{header:117}\n");
    [b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), words].concat()
}

#[test]
fn ops_lists_every_function_with_its_types() {
    let folder = Folder::new("ops");
    let list: serde_json::Value = serde_json::from_str(&folder.printed(&["ops", "--json"])).unwrap();
    let find = |name: &str| list.as_array().unwrap().iter().find(|entry| entry["name"] == name).unwrap();
    assert_eq!(find("divide")["operator"], "/");
    assert_eq!(find("divide")["types"]["i32"], "f64");
    assert_eq!(find("less")["types"]["f32"], "bool");
    assert_eq!(find("sum")["types"]["bool"], "i64");
    assert_eq!(find("sum")["kind"], "reduction");
    assert_eq!(find("var")["signature"], "var(x, axis=None, keepdims=False, where=True, dtype=None, ddof=0)");
    assert_eq!(find("windows")["kind"], "view");
    assert_eq!(find("einsum")["example"], "einsum('ij,jk->ik', a, b)");
    assert_eq!(find("where")["signature"], "where(condition, a, b)");
    assert_eq!(find("less")["types_in_words"], "numbers, byte strings → bool");
    assert_eq!(find("divide")["types_in_words"], "bool, integers → f64; floats, complex");
    assert_eq!(
        find("sum")["types_in_words"],
        "bool, signed integers → i64; unsigned integers → u64; floats, complex"
    );
    assert_eq!(find("clip")["signature"], "clip(x, min=None, max=None)");
    assert_eq!(find("clip")["types"]["u8"], "u8");
    assert_eq!(find("f32")["kind"], "conversion");
    assert_eq!(find("f32")["aliases"][0], "float32");
    assert_eq!(find("contains")["types"]["S"], "bool");
    assert_eq!(find("sqrt")["domain"], "x >= 0");
    assert!(find("exp")["error_ulp"]["strict"].as_f64().is_some_and(|ulp| ulp <= 2.0));
    assert!(find("add")["error_ulp"].is_null(), "exact");
    let table = folder.printed(&["ops"]);
    for entry in list.as_array().unwrap() {
        assert!(
            table.contains(entry["signature"].as_str().unwrap())
                && table.contains(entry["doc"].as_str().unwrap())
        );
        let types = entry["types"].as_object().unwrap();
        let takes_none =
            entry["kind"] == "source" || entry["name"] == "compress" || entry["name"] == "astype";
        assert!(!types.is_empty() || takes_none, "{entry}");
        assert!(types.keys().all(|ty| ty == "S" || DType::from_name(ty).is_some()));
    }
}

/// The commands in `examples/data/README.md` print what stands there.
#[test]
#[cfg(unix)]
fn the_examples_say_what_they_print() {
    let folder = Folder::new("examples");
    let examples = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/data");
    for file in ["co2.npy", "year.npy"] {
        fs::copy(examples.join(file), folder.0.join(file)).unwrap();
    }
    let readme = fs::read_to_string(examples.join("README.md")).unwrap();
    let mut commands = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for command in block.split("$ ").skip(1) {
            let (command, wanted) = command.split_once('\n').unwrap();
            let command = command.replacen("numfuse", NUMFUSE, 1);
            let output = Command::new("sh").args(["-c", &command]).current_dir(&folder.0).output().unwrap();
            assert_eq!(
                (text(&output.stdout).trim_end(), text(&output.stderr)),
                (wanted.trim_end(), String::new())
            );
            commands += 1;
        }
    }
    assert_eq!(commands, 4);
}

/// Real NumPy reads what is stored, where there is one.
#[test]
fn numpy_reads_what_is_stored() {
    let folder = Folder::new("numpy");
    let python = |code: &str| Command::new("python3").args(["-c", code]).current_dir(&folder.0).output();
    if !python("import numpy").is_ok_and(|output| output.status.success()) {
        println!("skipped: there is no python3 with numpy");
        return;
    }
    let code =
        "import numpy as np; np.save('x.npy', np.asfortranarray(np.arange(12.).reshape(3, 4).astype('>f4')))";
    assert!(python(code).unwrap().status.success());
    folder.printed(&["eval", "x*2 + y", "x=x.npy", "y=i32:1", "-o", "out.npy"]);
    let code = "import numpy as np; x = np.load('out.npy'); w = np.arange(12.).reshape(3, 4) * 2 + 1
assert x.dtype == 'f8' and x.shape == (3, 4) and (x == w).all(), x
np.save('same.npy', x); assert open('same.npy', 'rb').read() == open('out.npy', 'rb').read()
print(x)";
    let output = python(code).unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(folder.printed(&["eval", "o", "o=out.npy"]), text(&output.stdout) + "f64[3, 4]\n");
}
