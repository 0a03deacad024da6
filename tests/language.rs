//! The programs in `docs/language.md` compute what stands behind their arrows, and are refused as it says.

use numfuse::{Program, Value};

const PAGE: &str = include_str!("../docs/language.md");

fn values(text: &str) -> Result<Vec<Value>, numfuse::Error> {
    let nothing: [(&str, numfuse::Input<'static>); 0] = [];
    Program::compile(text)?.run(nothing)
}

/// Whether two results are the same arrays, of the same shape, up to roundings.
fn is_close(got: &Value, wanted: &Value) -> bool {
    let equal = Program::compile("all(isclose(f64(got), f64(wanted), rtol=1e-14, atol=0))").unwrap();
    got.shape() == wanted.shape() && equal.run([("got", got.into()), ("wanted", wanted.into())]).unwrap()
}

#[test]
fn the_programs_of_the_page_do_what_it_says() {
    let (mut answered, mut refused) = (0, 0);
    for block in PAGE.split("```nf\n").skip(1) {
        let program = block.split("```").next().unwrap();
        if let Some((_, wanted)) = program.split_once("→ ") {
            let got = values(program).unwrap_or_else(|error| panic!("{program}\n{error}"));
            let wanted = values(wanted.trim()).unwrap();
            let same = got.len() == wanted.len() && got.iter().zip(&wanted).all(|(a, b)| is_close(a, b));
            assert!(same, "{program}\nis {got:?}");
            answered += 1;
        } else {
            let (_, wanted) =
                program.split_once("# error: ").unwrap_or_else(|| panic!("{program}\nsays nothing"));
            let error = values(program).unwrap_err();
            assert_eq!(error.message(), wanted.trim(), "{program}");
            refused += 1;
        }
    }
    assert!(answered >= 8 && refused >= 3, "{answered} answered, {refused} refused");
}
