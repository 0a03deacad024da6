//! Arrays that the command makes up.

use ndarray::{ArrayD, IxDyn};
use numfuse::{ArrayType, DType, Element, Value};

use crate::failure::Failure;

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014): enough for benchmarks,
/// and the same numbers everywhere.
pub struct Random(u64);

impl Random {
    pub fn seeded(seed: u64) -> Random {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in (0.5, 1.5).
    fn float(&mut self) -> f64 {
        0.5 + ((self.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Uniform from 1 to 100.
    fn integer(&mut self) -> i32 {
        1 + (self.next() % 100) as i32
    }

    fn coin(&mut self) -> bool {
        self.next() & 1 == 1
    }

    /// An array of a type: floats in (0.5, 1.5), integers from 1 to 100, truth values by coin.
    pub fn array(&mut self, ty: &ArrayType) -> Result<Value, Failure> {
        Ok(match ty.dtype {
            DType::Bool => Value::Bool(array(&ty.shape, || self.coin())?),
            DType::I32 => Value::I32(array(&ty.shape, || self.integer())?),
            DType::I64 => Value::I64(array(&ty.shape, || self.integer().into())?),
            // rounding may reach either end
            DType::F32 => {
                let float = || (self.float() as f32).clamp(0.5f32.next_up(), 1.5f32.next_down());
                Value::F32(array(&ty.shape, float)?)
            }
            DType::F64 => Value::F64(array(&ty.shape, || self.float())?),
            other => return Err(Failure::Mistake(format!("there are no samples of type {other}"))),
        })
    }
}

/// Zeros.
pub fn zeros(ty: &ArrayType) -> Result<Value, Failure> {
    Ok(match ty.dtype {
        DType::Bool => Value::Bool(array(&ty.shape, || false)?),
        DType::I32 => Value::I32(array(&ty.shape, || 0)?),
        DType::I64 => Value::I64(array(&ty.shape, || 0)?),
        DType::F32 => Value::F32(array(&ty.shape, || 0.0)?),
        DType::F64 => Value::F64(array(&ty.shape, || 0.0)?),
        other => return Err(Failure::Mistake(format!("there are no samples of type {other}"))),
    })
}

/// An array of what `element` answers, or an error where there is no memory for it.
fn array<T: Element>(shape: &[usize], mut element: impl FnMut() -> T) -> Result<ArrayD<T>, Failure> {
    let refused = || Failure::Mistake(format!("there is no memory for an array {}{shape:?}", T::DTYPE));
    let count = shape.iter().try_fold(1usize, |n, extent| n.checked_mul(*extent)).ok_or_else(refused)?;
    let mut elements = Vec::new();
    elements.try_reserve_exact(count).map_err(|_| refused())?;
    elements.resize_with(count, &mut element);
    ArrayD::from_shape_vec(IxDyn(shape), elements).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_splitmix64() {
        // the first outputs for seed 1234567, as the authors' C code gives them
        let mut random = Random::seeded(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn samples_stay_in_their_ranges() {
        let mut random = Random::seeded(1);
        for dtype in DType::ALL {
            let value = random.array(&ArrayType::new(dtype, &[50, 40])).map_err(drop).unwrap();
            match &value {
                Value::Bool(a) => assert!((800..1200).contains(&a.iter().filter(|v| **v).count())),
                Value::I32(a) => assert!(a.iter().all(|v| (1..=100).contains(v))),
                Value::I64(a) => assert!(a.iter().all(|v| (1..=100).contains(v))),
                Value::F32(a) => assert!(a.iter().all(|v| 0.5 < *v && *v < 1.5)),
                Value::F64(a) => assert!(a.iter().all(|v| 0.5 < *v && *v < 1.5)),
                other => panic!("{other}"),
            }
            assert_eq!((value.dtype(), value.shape()), (dtype, &[50usize, 40][..]));
        }
    }
}
