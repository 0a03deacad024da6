//! What is refused, with the message as it is shown: `messages.txt` has the programs and their answers.
//!
//! `NUMFUSE_BLESS=1` writes the answers anew, to be read before they are kept.

use std::path::PathBuf;

use super::refused;

#[test]
fn programs_are_refused_in_these_words() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/programs/messages.txt");
    let kept = std::fs::read_to_string(&path).expect("the file of messages");
    let mut written = String::new();
    for case in kept.split("===\n").filter(|case| !case.is_empty()) {
        let (program, _) = case.split_once("\n---\n").expect("a line `---` between a program and its answer");
        written += &format!("{program}\n---\n{}\n===\n", refused(program));
    }
    if std::env::var("NUMFUSE_BLESS").is_ok() {
        return std::fs::write(&path, written).expect("the file of messages can be written");
    }
    for (kept, written) in kept.split("===\n").zip(written.split("===\n")) {
        assert_eq!(written, kept);
    }
}
