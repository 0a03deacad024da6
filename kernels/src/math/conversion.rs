//! Conversion of floats to integers, total.

use crate::token::Token;

/// The integer part; saturates, and NaN gives 0.
#[inline(always)]
pub fn saturating_int<S: Token>(s: S, x: S::F) -> S::I {
    let limit = s.pick(9223372036854775808.0, 2147483648.0);
    let (least, greatest) = (s.ipick(i64::MIN, i32::MIN as i64), s.ipick(i64::MAX, i32::MAX as i64));
    let within = s.iselect(s.lt(x, s.neg(limit)), least, s.to_int(x));
    let within = s.iselect(s.le(limit, x), greatest, within);
    s.iselect(s.eq(x, x), within, s.int(0))
}
