//! Tests that need a process of their own: the test binary runs itself, and only one of its tests, with an environment.

use std::process::{Command, Output};

/// Names the part of a test that a child process does.
const PART: &str = "NUMFUSE_TEST_CHILD";

/// Whether this process is the child that does this part.
pub fn does(part: &str) -> bool {
    std::env::var_os(PART).is_some_and(|value| value == part)
}

/// Runs `test`, named with its module, in a process of its own, as the child that does this part.
pub fn run(test: &str, part: &str, environment: &[(&str, &str)]) -> Output {
    let binary = std::env::current_exe().expect("the path of this test");
    let mut command = Command::new(binary);
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]).env(PART, part);
    command.envs(environment.iter().copied());
    command.output().expect("this test runs again")
}

/// As [`run`], of a test that passes there; answers what it printed behind `marker`.
pub fn said(test: &str, part: &str, environment: &[(&str, &str)], marker: &str) -> String {
    let output = run(test, part, environment);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{test} with {environment:?}:\n{out}\n{err}");
    let line = out.lines().find_map(|line| line.split_once(marker));
    let (_, said) = line.unwrap_or_else(|| panic!("{test} says nothing behind {marker}:\n{out}"));
    said.trim().to_owned()
}
