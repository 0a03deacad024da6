//! Random expressions over random inputs: every executor against the reference interpreter, bit for bit.

mod generated;
mod stored;

use numfuse::internals::{interpret, interpret_lowered};
use proptest::prelude::*;
use proptest::test_runner::Config;

use generated::{expression, pool};

proptest! {
    #![proptest_config(Config { max_shrink_iters: 2000, ..Config::default() })]

    /// Rules of simplifying and lowering are exact.
    #[test]
    fn simplifying_and_lowering_keep_every_bit(text in expression(3), pool in pool(600, false)) {
        let inputs = pool.inputs();
        let (before, after) = (interpret(&text, &inputs, true), interpret_lowered(&text, &inputs, true));
        match (&before, &after) {
            (Ok(before), Ok(after)) => prop_assert!(before.same(after), "{text}: {before:?} is now {after:?}"),
            (Err(before), Err(after)) => prop_assert_eq!(before.kind(), after.kind(), "{}", text),
            _ => prop_assert!(false, "{text}: {before:?} is now {after:?}"),
        }
    }
}
