//! Arrays that the command makes up.

use ndarray::{ArrayD, IxDyn};
use numfuse::half::{bf16, f16};
use numfuse::{ArrayType, Complex, DType, Element, Value};

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

    /// The same as an `f32`: rounding may reach either end.
    fn single(&mut self) -> f32 {
        (self.float() as f32).clamp(0.5f32.next_up(), 1.5f32.next_down())
    }

    fn half(&mut self) -> f16 {
        let (above, below) = (f16::from_f32(0.5).to_bits() + 1, f16::from_f32(1.5).to_bits() - 1);
        f16::from_f64(self.float()).clamp(f16::from_bits(above), f16::from_bits(below))
    }

    fn brain_half(&mut self) -> bf16 {
        let (above, below) = (bf16::from_f32(0.5).to_bits() + 1, bf16::from_f32(1.5).to_bits() - 1);
        bf16::from_f64(self.float()).clamp(bf16::from_bits(above), bf16::from_bits(below))
    }

    /// Uniform from 1 to 100: every integer type has them.
    fn integer(&mut self) -> u8 {
        1 + (self.next() % 100) as u8
    }

    fn coin(&mut self) -> bool {
        self.next() & 1 == 1
    }

    /// An array of a type: floats and both parts of complex numbers in (0.5, 1.5), integers from 1 to 100, truth values
    /// by coin.
    pub fn array(&mut self, ty: &ArrayType) -> Result<Value, Failure> {
        let shape = &ty.shape;
        match ty.dtype {
            DType::Bool => array(shape, || self.coin()),
            DType::I8 => array(shape, || self.integer() as i8),
            DType::I16 => array(shape, || i16::from(self.integer())),
            DType::I32 => array(shape, || i32::from(self.integer())),
            DType::I64 => array(shape, || i64::from(self.integer())),
            DType::U8 => array(shape, || self.integer()),
            DType::U16 => array(shape, || u16::from(self.integer())),
            DType::U32 => array(shape, || u32::from(self.integer())),
            DType::U64 => array(shape, || u64::from(self.integer())),
            DType::F16 => array(shape, || self.half()),
            DType::BF16 => array(shape, || self.brain_half()),
            DType::F32 => array(shape, || self.single()),
            DType::F64 => array(shape, || self.float()),
            DType::C64 => array(shape, || Complex::new(self.single(), self.single())),
            DType::C128 => array(shape, || Complex::new(self.float(), self.float())),
            other => Err(lacking(other)),
        }
    }
}

/// Zeros.
pub fn zeros(ty: &ArrayType) -> Result<Value, Failure> {
    let shape = &ty.shape;
    match ty.dtype {
        DType::Bool => array(shape, || false),
        DType::I8 => array(shape, || 0i8),
        DType::I16 => array(shape, || 0i16),
        DType::I32 => array(shape, || 0i32),
        DType::I64 => array(shape, || 0i64),
        DType::U8 => array(shape, || 0u8),
        DType::U16 => array(shape, || 0u16),
        DType::U32 => array(shape, || 0u32),
        DType::U64 => array(shape, || 0u64),
        DType::F16 => array(shape, || f16::ZERO),
        DType::BF16 => array(shape, || bf16::ZERO),
        DType::F32 => array(shape, || 0f32),
        DType::F64 => array(shape, || 0f64),
        DType::C64 => array(shape, Complex::<f32>::default),
        DType::C128 => array(shape, Complex::<f64>::default),
        other => Err(lacking(other)),
    }
}

/// What cannot be timed: no result is of byte strings, and an input's length says little about its text.
fn lacking(dtype: DType) -> Failure {
    Failure::Mistake(format!("there are no samples of type {dtype}: give a .npy file"))
}

/// An array of what `element` answers, or an error where there is no memory for it.
fn array<T: Element>(shape: &[usize], mut element: impl FnMut() -> T) -> Result<Value, Failure>
where
    Value: From<ArrayD<T>>,
{
    let refused = || Failure::Mistake(format!("there is no memory for an array {}{shape:?}", T::DTYPE));
    let count = shape.iter().try_fold(1usize, |n, extent| n.checked_mul(*extent)).ok_or_else(refused)?;
    let mut elements = Vec::new();
    elements.try_reserve_exact(count).map_err(|_| refused())?;
    elements.resize_with(count, &mut element);
    ArrayD::from_shape_vec(IxDyn(shape), elements).map(Value::from).map_err(|_| refused())
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
        let within = |v: f64| 0.5 < v && v < 1.5;
        for dtype in DType::ALL {
            let value = random.array(&ArrayType::new(dtype, &[50, 40])).map_err(drop).unwrap();
            match &value {
                Value::Bool(a) => assert!((800..1200).contains(&a.iter().filter(|v| **v).count())),
                Value::I8(a) => assert!(a.iter().all(|v| (1..=100).contains(v))),
                Value::I16(a) => assert!(a.iter().all(|v| (1..=100).contains(v))),
                Value::I32(a) => assert!(a.iter().all(|v| (1..=100).contains(v))),
                Value::I64(a) => assert!(a.iter().all(|v| (1..=100).contains(v))),
                Value::U8(a) => assert!(a.iter().all(|v| (1..=100).contains(v))),
                Value::U16(a) => assert!(a.iter().all(|v| (1..=100).contains(v))),
                Value::U32(a) => assert!(a.iter().all(|v| (1..=100).contains(v))),
                Value::U64(a) => assert!(a.iter().all(|v| (1..=100).contains(v))),
                Value::F16(a) => assert!(a.iter().all(|v| within(v.to_f64()))),
                Value::BF16(a) => assert!(a.iter().all(|v| within(v.to_f64()))),
                Value::F32(a) => assert!(a.iter().all(|v| within(f64::from(*v)))),
                Value::F64(a) => assert!(a.iter().all(|v| within(*v))),
                Value::C64(a) => assert!(a.iter().all(|v| within(v.re.into()) && within(v.im.into()))),
                Value::C128(a) => assert!(a.iter().all(|v| within(v.re) && within(v.im))),
                other => panic!("{other}"),
            }
            let zeros = zeros(&ArrayType::new(dtype, &[3])).map_err(drop).unwrap();
            assert_eq!((zeros.dtype(), zeros.shape()), (dtype, &[3usize][..]));
            assert_eq!((value.dtype(), value.shape()), (dtype, &[50usize, 40][..]));
        }
        assert!(random.array(&ArrayType::new(DType::Bytes(3), &[2])).is_err());
    }
}
