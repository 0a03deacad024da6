//! `.npy` files against the bytes that NumPy writes, and against files that are not what they say.

use std::fs;
use std::path::{Path, PathBuf};

use ndarray::{Array, Array0, Array2, Array3, ShapeBuilder, array};
use numfuse::half::{bf16, f16};
use numfuse::npy::{NpyFile, run_to_file, write, write_array};
use numfuse::{Complex, DType, ErrorKind, Program, Value};

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("numfuse-npy-{test}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Names of the files in it.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A file as NumPy 2.4 writes it: its dictionary is padded with blanks until the elements begin at byte 128.
fn numpy_file(dictionary: &str, elements: &[u8]) -> Vec<u8> {
    let header = format!("{dictionary:<117}\n");
    [b"\x93NUMPY\x01\0v\0", header.as_bytes(), elements].concat()
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

#[test]
#[cfg(target_endian = "little")]
fn what_is_written_is_numpys_file_byte_for_byte() {
    let folder = Folder::new("bytes");
    let path = folder.0.join("x.npy");
    let check = |dictionary: &str, elements: &str| {
        assert_eq!(fs::read(&path).unwrap(), numpy_file(dictionary, &hex(elements)), "{dictionary}");
    };
    write_array(&path, &array![[true, false, true], [false, false, true]]).unwrap();
    check("{'descr': '|b1', 'fortran_order': False, 'shape': (2, 3), }", "010001000001");
    let fortran = array![[-3, 0], [-2, 1], [-1, 2]].reversed_axes();
    write_array(&path, &fortran).unwrap();
    check(
        "{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }",
        "fdffffff00000000feffffff01000000ffffffff02000000",
    );
    write_array(&path, &Array0::from_elem((), 2.5f32)).unwrap();
    check("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "00002040");
    write_array(&path, &Array::<f64, _>::zeros((0, 3))).unwrap();
    check("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 3), }", "");
    let gaps = array![[1i64, 9, -2], [9, 9, 9], [1 << 40, 9, 0]];
    write_array(&path, &gaps.slice(ndarray::s![..;2, ..;-2])).unwrap();
    check(
        "{'descr': '<i8', 'fortran_order': False, 'shape': (2, 2), }",
        "feffffffffffffff010000000000000000000000000000000000000000010000",
    );
    assert_eq!(folder.names(), ["x.npy"], "nothing else stays behind");
}

/// The bytes of `numpy.array([1, 200, -3], dtype)` and the like, in both orders; the result of `x`, or of what makes a
/// number of it, as NumPy says it.
#[test]
fn every_type_in_both_byte_orders() {
    let folder = Folder::new("types");
    let check = |descr: &str, elements: &str, text: &str, wanted: &Value| {
        let dictionary = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (3,), }}");
        let file = NpyFile::open(folder.file("x.npy", &numpy_file(&dictionary, &hex(elements)))).unwrap();
        assert_eq!(file.shape(), [3]);
        let got: Value = Program::compile(text).unwrap().run([file.as_input()]).unwrap();
        assert_eq!(&got, wanted, "{descr}");
    };
    let both = |descr: &str, little: &str, big: &str, wanted: Value| {
        check(&descr.replace('?', "<"), little, "x", &wanted);
        check(&descr.replace('?', ">"), big, "x", &wanted);
        // through a conversion: the bytes are turned before they are widened
        check(&descr.replace('?', ">"), big, &format!("{}(x)", wanted.dtype()), &wanted);
    };
    check("|i1", "01c8fd", "x", &array![1i8, -56, -3].into());
    check("|u1", "01c8fd", "x", &array![1u8, 200, 253].into());
    both("?i2", "0100c800fdff", "000100c8fffd", array![1i16, 200, -3].into());
    both("?u2", "0100c80000ff", "000100c8ff00", array![1u16, 200, 65280].into());
    both("?i4", "01000000c8000000fdffffff", "00000001000000c8fffffffd", array![1i32, 200, -3].into());
    both(
        "?u4",
        "01000000c8000000000000ff",
        "00000001000000c8ff000000",
        array![1u32, 200, 0xff00_0000].into(),
    );
    let (little, big) = (
        "0100000000000000c800000000000000fdffffffffffffff",
        "000000000000000100000000000000c8fffffffffffffffd",
    );
    both("?i8", little, big, array![1i64, 200, -3].into());
    both("?u8", little, big, array![1u64, 200, u64::MAX - 2].into());
    let halves = [1.0, 0.333, -65504.0].map(f16::from_f64);
    check("<f2", "003c5435fffb", "f16(x)", &array![halves[0], halves[1], halves[2]].into());
    check(">f2", "3c003554fbff", "f16(x)", &array![halves[0], halves[1], halves[2]].into());
    check(">f2", "3c003554fbff", "x * 2", &ndarray::arr1(&halves.map(|v| v.to_f32() * 2.0)).into());
    both(
        "?f4",
        "0000803fdb0f494000000080",
        "3f80000040490fdb80000000",
        array![1f32, std::f32::consts::PI, -0.0].into(),
    );
    both(
        "?c8",
        "0000803f000000400000003f0000c0bf0000000000008040",
        "3f800000400000003f000000bfc000000000000040800000",
        array![Complex::new(1f32, 2.0), Complex::new(0.5, -1.5), Complex::new(0.0, 4.0)].into(),
    );
    both(
        "?c16",
        "000000000000f03f00000000000000c0182d4454fb210940000000000000e03f00000000000000000000000000000840",
        "3ff0000000000000c000000000000000400921fb54442d183fe000000000000000000000000000004008000000000000",
        array![Complex::new(1f64, -2.0), Complex::new(std::f64::consts::PI, 0.5), Complex::new(0.0, 3.0)]
            .into(),
    );
    // b'ab', b'abc', b'' in elements of four bytes
    let texts = "616200006162630000000000";
    check("|S4", texts, "x == 'ab'", &array![true, false, false].into());
    check("|S4", texts, "contains(x, b'bc')", &array![false, true, false].into());
    check(">S4", texts, "x < 'abc'", &array![true, false, true].into());
    check("|S0", "", "x == ''", &array![true, true, true].into());
}

/// A result of each type is written in NumPy's words for it, and read back as it was.
#[test]
#[cfg(target_endian = "little")]
fn results_of_every_type_are_files() {
    let folder = Folder::new("results");
    let path = folder.0.join("x.npy");
    for (dtype, descr, two) in [
        (DType::Bool, "|b1", "01"),
        (DType::I8, "|i1", "02"),
        (DType::I16, "<i2", "0200"),
        (DType::I32, "<i4", "02000000"),
        (DType::I64, "<i8", "0200000000000000"),
        (DType::U8, "|u1", "02"),
        (DType::U16, "<u2", "0200"),
        (DType::U32, "<u4", "02000000"),
        (DType::U64, "<u8", "0200000000000000"),
        (DType::F16, "<f2", "0040"),
        (DType::F32, "<f4", "00000040"),
        (DType::F64, "<f8", "0000000000000040"),
        (DType::C64, "<c8", "0000004000000000"),
        (DType::C128, "<c16", "00000000000000400000000000000000"),
    ] {
        let value: Value = Program::compile(&format!("{dtype}(2)")).unwrap().run([("x", 0.into())]).unwrap();
        write(&path, &value).unwrap();
        let dictionary = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (), }}");
        assert_eq!(fs::read(&path).unwrap(), numpy_file(&dictionary, &hex(two)), "{dtype}");
        let file = NpyFile::open(&path).unwrap();
        assert_eq!(file.dtype(), dtype);
        let back: Value = Program::compile(&format!("{dtype}(x)")).unwrap().run([file.as_input()]).unwrap();
        assert_eq!(back, value);
    }
    write_array(&path, &array![[*b"ab", *b"c\0"], [*b"\0\0", *b"de"]].reversed_axes()).unwrap();
    let dictionary = "{'descr': '|S2', 'fortran_order': True, 'shape': (2, 2), }";
    assert_eq!(fs::read(&path).unwrap(), numpy_file(dictionary, b"abc\0\0\0de"));
    assert_eq!(NpyFile::open(&path).unwrap().dtype(), DType::Bytes(2));
}

#[test]
fn what_numpy_lacks_is_not_written() {
    let folder = Folder::new("bf16");
    let path = folder.file("x.npy", b"precious");
    let refused = |error: numfuse::Error| {
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.message().contains("bf16") && error.message().contains("`f32(x)`"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"precious");
    };
    refused(write_array(&path, &array![bf16::ONE]).unwrap_err());
    let program = Program::compile("bf16(x)").unwrap();
    // small, and large enough for a mapped file
    for count in [3, 1 << 24] {
        let x = vec![1u8; count];
        refused(run_to_file(&program, [("x", (&x).into())], &path).unwrap_err());
    }
    assert_eq!(folder.names(), ["x.npy"]);
}

#[test]
fn long_arrays_of_any_layout() {
    let folder = Folder::new("long");
    let path = folder.0.join("x.npy");
    let all = Array3::from_shape_fn((30, 40, 50).f(), |(i, j, k)| (i * 2000 + j * 50 + k) as f64);
    for view in [all.view(), all.view().permuted_axes([1, 0, 2]), all.view().reversed_axes()] {
        write_array(&path, &view).unwrap();
        let bytes = fs::read(&path).unwrap();
        let fortran = bytes.windows(6).any(|w| w == b": True");
        let order: Vec<f64> =
            if fortran { view.t().iter().copied().collect() } else { view.iter().copied().collect() };
        let elements = bytes[128..].chunks(8).map(|b| f64::from_ne_bytes(b.try_into().unwrap()));
        assert!(elements.eq(order));
        let file = NpyFile::open(&path).unwrap();
        assert_eq!((file.dtype(), file.shape()), (DType::F64, view.shape()));
    }
}

fn refused(path: &Path, kind: ErrorKind, words: &str) {
    let error = NpyFile::open(path).unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.message().contains(words), "{error}");
    assert!(error.message().starts_with("cannot read `"), "{error}");
}

#[test]
fn files_that_are_not_what_they_say() {
    let folder = Folder::new("refused");
    let good = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }";
    refused(&folder.0.join("missing.npy"), ErrorKind::Io, "missing.npy");
    refused(&folder.0, ErrorKind::Io, "not a regular file");
    refused(&folder.file("empty.npy", b""), ErrorKind::Io, "not a .npy file");
    refused(&folder.file("zip.npz", b"PK\x03\x04"), ErrorKind::Io, "not a .npy file");
    let file = numpy_file(good, &[0; 48]);
    refused(&folder.file("header.npy", &file[..60]), ErrorKind::Io, "ends within its header");
    let short = "f64 of shape [2, 3] take 48 bytes, and it has 47";
    refused(&folder.file("short.npy", &file[..file.len() - 1]), ErrorKind::Io, short);
    refused(&folder.file("nothing.npy", &file[..128]), ErrorKind::Io, "and it has 0");
    let huge = good.replace("(2, 3)", "(1099511627776, 99)");
    refused(&folder.file("huge.npy", &numpy_file(&huge, &[0; 48])), ErrorKind::Io, "and it has 48");
    let overflow = good.replace("(2, 3)", "(4294967296, 4294967296)");
    refused(&folder.file("over.npy", &numpy_file(&overflow, &[])), ErrorKind::Io, "larger than any memory");
    let of = |descr: &str, bytes: usize| numpy_file(&good.replace("<f8", descr), &vec![0; bytes]);
    refused(&folder.file("date.npy", &of("<M8[s]", 48)), ErrorKind::Unsupported, "dates");
    refused(&folder.file("str.npy", &of("<U2", 48)), ErrorKind::Unsupported, "strings");
    refused(&folder.file("brain.npy", &of("<V2", 12)), ErrorKind::Unsupported, "bfloat16");
    refused(&folder.file("short.npy", &of("<c16", 95)), ErrorKind::Io, "c128 of shape [2, 3] take 96 bytes");
    refused(&folder.file("text.npy", &of("|S5", 29)), ErrorKind::Io, "S5 of shape [2, 3] take 30 bytes");
    refused(&folder.file("wide.npy", &of("|S4294967296", 48)), ErrorKind::Io, "longer than 2147483647 bytes");
}

#[test]
fn more_bytes_than_the_shape_takes_are_left_alone() {
    let folder = Folder::new("longer");
    let good = "{'descr': '>i4', 'fortran_order': True, 'shape': (0, 3), }";
    let file = NpyFile::open(folder.file("x.npy", &numpy_file(good, b"trailing"))).unwrap();
    assert_eq!((file.dtype(), file.shape(), file.as_input().shape()), (DType::I32, &[0, 3][..], &[0, 3][..]));
}

#[test]
fn a_failed_write_leaves_what_was_there() {
    let folder = Folder::new("failed");
    let error = write_array(folder.0.join("missing/x.npy"), &array![1.0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.message().starts_with("cannot write `"), "{error}");
    assert!(write_array(&folder.0, &array![1.0]).is_err(), "a folder is not replaced");
    assert!(write_array(folder.0.join(".."), &array![1.0]).is_err());
    assert_eq!(folder.names(), [""; 0]);
}

/// Runs `text` over a file `x`, to a file.
fn run(text: &str, x: &Path, out: &Path) -> numfuse::Result<()> {
    let x = NpyFile::open(x)?;
    run_to_file(&Program::compile(text)?, [("x", x.as_input())], out)
}

/// The same, large enough for a mapped file, and small enough for one that is written.
#[test]
fn results_that_run_into_a_file() {
    let folder = Folder::new("run");
    let (input, output) = (folder.0.join("x.npy"), folder.0.join("y.npy"));
    for rows in [3, 3000] {
        let array = Array2::from_shape_fn((rows, 1000), |(i, j)| (i * 1000 + j) as f64);
        for (view, order) in [(array.view(), ": False"), (array.t(), ": True")] {
            write_array(&input, &view).unwrap();
            run("2*x - 1", &input, &output).unwrap();
            let bytes = fs::read(&output).unwrap();
            assert!(bytes[..128].windows(order.len()).any(|w| w == order.as_bytes()), "{rows} rows, {order}");
            assert_eq!(bytes.len(), 128 + array.len() * 8);
            let file = NpyFile::open(&output).unwrap();
            let result: Array2<f64> = Program::compile("y").unwrap().run([file.as_input()]).unwrap();
            assert_eq!(result, view.mapv(|v| 2.0 * v - 1.0));
        }
        let error = run("i64(x) ** i64(x - 5)", &input, &output).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Domain, "{error}");
        let before = NpyFile::open(&output).unwrap();
        assert_eq!((before.dtype(), before.shape()), (DType::F64, &[1000, rows][..]), "the last one stays");
        let error = run("2*x", &input, &folder.0.join("missing/y.npy")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        run("x > 5", &input, &output).unwrap();
        assert_eq!(NpyFile::open(&output).unwrap().dtype(), DType::Bool);
    }
    // the input may be the output
    run("x + 1", &output, &output).unwrap();
    assert_eq!(NpyFile::open(&output).unwrap().dtype(), DType::I64);
    assert!(run("y", &input, &output).is_err());
    if cfg!(unix) {
        run("x", &input, Path::new("/dev/null")).unwrap();
    }
    let mut names = folder.names();
    names.sort();
    assert_eq!(names, ["x.npy", "y.npy"]);
}

/// Types that are not computed with, into a mapped file, from foreign bytes that lie at an odd place.
#[test]
fn narrow_and_complex_results_that_run_into_a_file() {
    let folder = Folder::new("narrow");
    let output = folder.0.join("y.npy");
    let count = 1 << 21;
    let header = format!("{{'descr': '>i2', 'fortran_order': False, 'shape': ({count},)}}\n");
    let header = if header.len() % 2 == 0 { header.replace('\n', " \n") } else { header };
    let length = (header.len() as u16).to_le_bytes();
    let elements = (0..count).flat_map(|k: i32| (k as i16).to_be_bytes());
    let bytes = b"\x93NUMPY\x01\0"
        .iter()
        .copied()
        .chain(length)
        .chain(header.bytes())
        .chain(elements)
        .collect::<Vec<_>>();
    let input = folder.file("x.npy", &bytes);
    run("complex(x, 1)", &input, &output).unwrap();
    let file = NpyFile::open(&output).unwrap();
    assert_eq!((file.dtype(), file.shape()), (DType::C64, &[count as usize][..]));
    let y: ndarray::Array1<Complex<f32>> = Program::compile("y").unwrap().run([file.as_input()]).unwrap();
    assert!(y.iter().enumerate().all(|(k, v)| *v == Complex::new(f32::from(k as i16), 1.0)));
    run("i8(x) + i8(x)", &input, &output).unwrap();
    let file = NpyFile::open(&output).unwrap();
    let y: ndarray::Array1<i8> = Program::compile("y").unwrap().run([file.as_input()]).unwrap();
    assert!(y.iter().enumerate().all(|(k, v)| *v == (k as i8).wrapping_mul(2)));
}

#[test]
#[cfg(unix)]
fn links_permissions_and_devices() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::new("links");
    let real = folder.file("real.npy", b"old");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    let link = folder.0.join("link.npy");
    symlink("real.npy", &link).unwrap();
    // a file that is mapped stays as it was when it is replaced
    write_array(&link, &array![1.0, 2.0]).unwrap();
    let before = NpyFile::open(&link).unwrap();
    write_array(&link, &array![7i32]).unwrap();
    assert_eq!((before.dtype(), before.shape()), (DType::F64, &[2usize][..]));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink(), "a link stays a link");
    assert_eq!(NpyFile::open(&real).unwrap().dtype(), DType::I32);
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    write_array("/dev/null", &array![1.0]).unwrap();
    assert!(!fs::metadata("/dev/null").unwrap().is_file(), "a device is written to, not replaced");
}
