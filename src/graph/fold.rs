//! Operators on literals alone: Python's answers, bounded, and the same on every machine.

use numfuse_kernels::{Op, strict_f64};

use num_complex::Complex;

use crate::dtype::Literal::{self, Bool, Float, Int};
use crate::error::{Error, ErrorKind, Result};

/// The literal that `op` makes of literals; `None` where the operation is better left to the graph.
pub(crate) fn fold(op: Op, args: &[Literal]) -> Result<Option<Literal>> {
    Ok(match *args {
        [a] => unary(op, a)?,
        [Literal::Complex(_), _] | [_, Literal::Complex(_)] => {
            complexes(op, args[0].as_complex(), args[1].as_complex())
        }
        [Float(_), _] | [_, Float(_)] => floats(op, args[0].as_f64(), args[1].as_f64()),
        [Bool(a), Bool(b)] => match truths(op, a, b) {
            Some(value) => Some(value),
            None => integers(op, a.into(), b.into())?,
        },
        [a, b] => integers(op, integer(a), integer(b))?,
        _ => None,
    })
}

fn integer(literal: Literal) -> i128 {
    match literal {
        Bool(v) => v.into(),
        Int(v) => v,
        Float(_) | Literal::Complex(_) => unreachable!("they are told apart by the caller"),
    }
}

fn unary(op: Op, a: Literal) -> Result<Option<Literal>> {
    Ok(match (op, a) {
        (Op::Neg, Float(v)) => Some(Float(-v)),
        (Op::Neg, Literal::Complex(v)) => Some(Literal::Complex(-v)),
        (Op::Neg, _) => Some(Int(checked(integer(a).checked_neg())?)),
        (Op::Not, Bool(_) | Int(_)) => Some(Int(!integer(a))),
        _ => None,
    })
}

fn truths(op: Op, a: bool, b: bool) -> Option<Literal> {
    match op {
        Op::And => Some(Bool(a & b)),
        Op::Or => Some(Bool(a | b)),
        Op::Xor => Some(Bool(a ^ b)),
        _ => None,
    }
}

/// Sums and products, as the graph would compute them; the rest is left to it.
fn complexes(op: Op, a: Complex<f64>, b: Complex<f64>) -> Option<Literal> {
    let value = match op {
        Op::Add => Complex::new(a.re + b.re, a.im + b.im),
        Op::Sub => Complex::new(a.re - b.re, a.im - b.im),
        Op::Mul => Complex::new(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re),
        _ => return None,
    };
    Some(Literal::Complex(value))
}

fn floats(op: Op, a: f64, b: f64) -> Option<Literal> {
    Some(match op {
        Op::Add => Float(a + b),
        Op::Sub => Float(a - b),
        Op::Mul => Float(a * b),
        Op::Div => Float(a / b),
        Op::FloorDiv | Op::Rem | Op::Pow => Float(strict_f64(op, a, b)?),
        Op::Eq => Bool(a == b),
        Op::Ne => Bool(a != b),
        Op::Lt => Bool(a < b),
        Op::Le => Bool(a <= b),
        _ => return None,
    })
}

fn integers(op: Op, a: i128, b: i128) -> Result<Option<Literal>> {
    let zero = || Error::new(ErrorKind::Domain, "a literal division by zero");
    Ok(Some(match op {
        Op::Add => Int(checked(a.checked_add(b))?),
        Op::Sub => Int(checked(a.checked_sub(b))?),
        Op::Mul => Int(checked(a.checked_mul(b))?),
        Op::Div if b == 0 => return Err(zero()),
        Op::Div => Float(a as f64 / b as f64),
        Op::FloorDiv | Op::Rem if b == 0 => return Err(zero()),
        Op::FloorDiv => Int(checked(a.checked_div_euclid(b))?
            .checked_sub(i128::from(b < 0 && a.rem_euclid(b) != 0))
            .ok_or_else(overflow)?),
        Op::Rem => {
            let r = a.checked_rem_euclid(b).ok_or_else(overflow)?;
            Int(if b < 0 && r != 0 { r + b } else { r })
        }
        Op::Pow if b < 0 => match strict_f64(Op::Pow, a as f64, b as f64) {
            Some(value) => Float(value),
            None => return Ok(None),
        },
        Op::Pow => Int(power(a, b)?),
        Op::And => Int(a & b),
        Op::Or => Int(a | b),
        Op::Xor => Int(a ^ b),
        Op::Shl => Int(shift_left(a, b)?),
        Op::Shr if b < 0 => return Err(negative_shift()),
        Op::Shr => Int(a >> b.min(127)),
        Op::Eq => Bool(a == b),
        Op::Ne => Bool(a != b),
        Op::Lt => Bool(a < b),
        Op::Le => Bool(a <= b),
        _ => return Ok(None),
    }))
}

/// `a**b` for `b >= 0`. Beyond 128 bits it is an error, found without computing it: `9**9**9` has 10^8 digits.
fn power(a: i128, b: i128) -> Result<i128> {
    match (a, u32::try_from(b)) {
        (0 | 1, _) if b > 0 => Ok(a),
        (-1, _) => Ok(if b % 2 == 0 { 1 } else { -1 }),
        (_, Ok(exponent)) => checked(a.checked_pow(exponent)),
        (_, Err(_)) => Err(overflow()),
    }
}

fn shift_left(a: i128, b: i128) -> Result<i128> {
    match u32::try_from(b) {
        _ if b < 0 => Err(negative_shift()),
        _ if a == 0 => Ok(0),
        Ok(count) if count < 127 => checked(a.checked_mul(1i128 << count)),
        _ => Err(overflow()),
    }
}

fn checked(value: Option<i128>) -> Result<i128> {
    value.ok_or_else(overflow)
}

fn overflow() -> Error {
    Error::new(ErrorKind::Overflow, "a literal number grows beyond 128 bits")
}

fn negative_shift() -> Error {
    Error::new(ErrorKind::Domain, "a literal shift by a negative count")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(op: Op, a: i128, b: i128) -> Option<i128> {
        match fold(op, &[Int(a), Int(b)]) {
            Ok(Some(Int(v))) => Some(v),
            _ => None,
        }
    }

    #[test]
    fn division_floors_and_the_remainder_has_the_divisors_sign() {
        for (a, b) in [(7, 2), (7, -2), (-7, 2), (-7, -2), (6, 3), (6, -3), (-6, 3), (0, -5)] {
            let (q, r) = (int(Op::FloorDiv, a, b).unwrap(), int(Op::Rem, a, b).unwrap());
            assert_eq!(q, (a as f64 / b as f64).floor() as i128, "{a} // {b}");
            assert_eq!(q * b + r, a, "{a} % {b}");
            assert!(r == 0 || (r < 0) == (b < 0), "{a} % {b}");
        }
    }

    #[test]
    fn powers_are_bounded() {
        assert_eq!(int(Op::Pow, 2, 40), Some(1 << 40));
        assert!(fold(Op::Pow, &[Int(9), Int(387_420_489)]).is_err());
        assert_eq!(int(Op::Pow, -1, i128::MAX), Some(-1));
        assert_eq!(int(Op::Pow, 0, 0), Some(1));
        assert_eq!(fold(Op::Pow, &[Int(10), Int(-2)]).unwrap(), Some(Float(0.01)));
    }

    #[test]
    fn truth_values_are_integers_in_arithmetic() {
        assert_eq!(fold(Op::Mul, &[Bool(true), Int(2)]).unwrap(), Some(Int(2)));
        assert_eq!(fold(Op::And, &[Bool(true), Bool(false)]).unwrap(), Some(Bool(false)));
        assert_eq!(fold(Op::Not, &[Bool(true)]).unwrap(), Some(Int(-2)));
    }
}
