//! Random numbers: arrays whose elements follow from a seed and from their places.
//!
//! What a program draws is ordinary operations on words of bits, and the words are a function of where an element
//! stands ([`Op::RandomBits`]): nothing is carried from one to the next, so nothing depends on threads, tiles or devices.

use numfuse_kernels::Op;

use super::map::{Map, Term};
use super::shape::Dims;
use super::{CheckInfo, Inference, Operand, TypedId};
use crate::arena::Id;
use crate::dtype::{DType, Kind, Literal, Scalar};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::NodeId;

/// Streams of one seed: draws of different kinds have no word in common.
#[derive(Clone, Copy)]
enum Stream {
    /// NumPy's own: its `Philox(key=seed)`.
    Uniform,
    /// How far from the mean.
    Radius,
    /// In which direction.
    Angle,
    Integer,
}

impl Inference<'_> {
    /// `random(shape, seed)`: a double of the upper 53 bits of a word, or a single of the upper 24 of a half.
    pub(super) fn random(&mut self, dtype: DType, args: &[NodeId]) -> Result<Operand> {
        let (seed, dims) = (self.seed(args[0])?, self.dims_of(&args[1..])?);
        Ok(Operand::strong(match dtype {
            DType::F32 => self.singles(seed, dims)?,
            _ => {
                let word = self.words(Stream::Uniform, seed, dims)?;
                let bits = self.shifted(word, 11);
                self.scaled(bits, DType::F64, Scalar::F64(0.5f64.powi(53)))
            }
        }))
    }

    /// Two numbers a word, its lower half first.
    fn singles(&mut self, seed: TypedId, dims: Dims) -> Result<TypedId> {
        let place = self.places(dims)?;
        let [one, five] = [1, 5].map(|k| self.typed.constant(Scalar::U64(k)));
        let pair = self.typed.apply(Op::Shr, DType::U64, [place, one, place]);
        let word = self.word(Stream::Uniform, pair, seed);
        // 32 for odd places: of a word that is moved down by so much, the lower half is wanted
        let odd = self.typed.apply(Op::And, DType::U64, [place, one, place]);
        let half = self.typed.apply(Op::Shl, DType::U64, [odd, five, odd]);
        let word = self.typed.apply(Op::Shr, DType::U64, [word, half, word]);
        let low = self.typed.constant(Scalar::U64(u32::MAX.into()));
        let word = self.typed.apply(Op::And, DType::U64, [word, low, word]);
        let bits = self.shifted(word, 8);
        Ok(self.scaled(bits, DType::F32, Scalar::F32(0.5f32.powi(24))))
    }

    /// `normal(shape, seed, loc, scale)`: Box and Muller's sqrt(-2 ln u) cos(2 pi v), where u is not 0.
    pub(super) fn normal(&mut self, args: &[NodeId]) -> Result<Operand> {
        let (seed, dims) = (self.seed(args[0])?, self.dims_of(&args[3..])?);
        let [loc, scale] = [self.number(args[1])?, self.number(args[2])?];
        for (node, id) in [(loc, args[1]), (scale, args[2])] {
            if self.typed[node].dtype.kind() == Kind::Complex {
                let message = format!("{}, where a real number is needed", self.describe(id));
                return Err(Error::new(ErrorKind::Type, message));
            }
        }
        let float = DType::F64;
        let unit = Scalar::F64(0.5f64.powi(53));
        let word = self.words(Stream::Radius, seed, dims.clone())?;
        let bits = self.shifted(word, 11);
        let one = self.typed.constant(Scalar::U64(1));
        let bits = self.typed.apply(Op::Add, DType::U64, [bits, one, bits]);
        let u = self.scaled(bits, float, unit);
        let log = self.typed.apply(Op::Log, float, [u; 3]);
        let minus_two = self.typed.constant(Scalar::F64(-2.0));
        let square = self.typed.apply(Op::Mul, float, [log, minus_two, log]);
        let radius = self.typed.apply(Op::Sqrt, float, [square; 3]);
        let word = self.words(Stream::Angle, seed, dims)?;
        let bits = self.shifted(word, 11);
        let angle = self.scaled(bits, float, Scalar::F64(std::f64::consts::TAU * 0.5f64.powi(53)));
        let cos = self.typed.apply(Op::Cos, float, [angle; 3]);
        let standard = self.typed.apply(Op::Mul, float, [radius, cos, radius]);
        let [loc, scale] = [self.typed.cast(float, loc), self.typed.cast(float, scale)];
        let wide = self.typed.apply(Op::Mul, float, [standard, scale, standard]);
        Ok(Operand::strong(self.typed.apply(Op::Add, float, [wide, loc, wide])))
    }

    /// `randint(low, high, shape, seed)`: `low` and the upper half of a word times how many integers there are.
    pub(super) fn randint(&mut self, args: &[NodeId]) -> Result<Operand> {
        let (seed, dims) = (self.seed(args[0])?, self.dims_of(&args[3..])?);
        let (low, high) = (self.known(args[1])?, self.known(args[2])?);
        let (Literal::Int(first), Literal::Int(end)) = (low, high) else {
            let message = format!("random integers from {low} up to {high}: both are integers");
            return Err(Error::new(ErrorKind::Type, message));
        };
        if first >= end {
            let message = format!("there is no integer from {first} up to {end}, without that");
            let help = "randint(low, high, shape, seed) draws from low up to high - 1";
            return Err(Error::new(ErrorKind::Domain, message).with_help(help));
        }
        let (Ok(low), Ok(_), Ok(count)) =
            (i64::try_from(first), i64::try_from(end - 1), u64::try_from(end - first))
        else {
            let message =
                format!("random integers from {first} up to {end}: not all of them are i64, or all i64 are");
            return Err(Error::new(ErrorKind::Overflow, message));
        };
        let word = self.words(Stream::Integer, seed, dims)?;
        let count = self.typed.constant(Scalar::U64(count));
        let offset = self.typed.apply(Op::MulHigh, DType::U64, [word, count, word]);
        let offset = self.typed.cast(DType::I64, offset);
        let low = self.typed.constant(Scalar::I64(low));
        Ok(Operand::strong(self.typed.apply(Op::Add, DType::I64, [offset, low, offset])))
    }

    /// A seed: an integer from 0 up to 2^64, known now or at run time.
    fn seed(&mut self, id: NodeId) -> Result<TypedId> {
        let operand = self.operands[id.index()];
        if let Some(value) = operand.as_literal() {
            let seed = if let Literal::Int(seed) = value { Some(seed) } else { None };
            return match seed.map(u64::try_from) {
                Some(Ok(seed)) => Ok(self.typed.constant(Scalar::U64(seed))),
                Some(Err(_)) => {
                    let message = format!("a seed is an integer from 0 to 2^64 - 1, not {value}");
                    Err(Error::new(ErrorKind::Domain, message))
                }
                None => Err(Error::new(ErrorKind::Type, format!("a seed is an integer, not {value}"))),
            };
        }
        let node = self.number(id)?;
        let dtype = self.typed[node].dtype;
        if dtype.kind() != Kind::Int {
            let message = format!("{}, and a seed is an integer", self.describe(id));
            return Err(Error::new(ErrorKind::Type, message));
        }
        if dtype.is_unsigned() {
            return Ok(self.typed.cast(DType::U64, node));
        }
        let node = self.typed.cast(DType::I64, node);
        let zero = self.typed.constant(Scalar::I64(0));
        let negative = self.typed.apply(Op::Lt, DType::Bool, [node, zero, node]);
        let message = "a seed is an integer from 0 to 2^64 - 1, and this one is negative".to_owned();
        let info = CheckInfo { kind: ErrorKind::Domain, message, span: self.graph.span(id) };
        let node = self.typed.check(node, negative, info);
        Ok(self.typed.cast(DType::U64, node))
    }

    /// The numbers of an array's elements in C order.
    fn places(&mut self, dims: Dims) -> Result<TypedId> {
        let extents: Vec<usize> = dims.iter().map(|dim| self.typed.extent(*dim)).collect();
        let mut terms = Vec::with_capacity(dims.len());
        let mut count = 1i128;
        for (axis, extent) in extents.iter().enumerate().rev() {
            let step = i64::try_from(count).unwrap_or(i64::MAX);
            terms.push(Term { axis, buffer_axis: 0, step });
            count = count.saturating_mul(*extent as i128);
        }
        let index = self.counted(count, DType::U64)?;
        Ok(self.typed.view(index, Map::new(terms, []), dims))
    }

    /// A word for every element.
    fn words(&mut self, stream: Stream, seed: TypedId, dims: Dims) -> Result<TypedId> {
        let places = self.places(dims)?;
        Ok(self.word(stream, places, seed))
    }

    fn word(&mut self, stream: Stream, place: TypedId, seed: TypedId) -> TypedId {
        let stream = self.typed.constant(Scalar::U64(stream as u64));
        self.typed.apply(Op::RandomBits, DType::U64, [place, seed, stream])
    }

    /// Words without their lowest bits.
    fn shifted(&mut self, word: TypedId, by: u64) -> TypedId {
        let by = self.typed.constant(Scalar::U64(by));
        self.typed.apply(Op::Shr, DType::U64, [word, by, word])
    }

    /// Integers as floats, times a number.
    fn scaled(&mut self, bits: TypedId, dtype: DType, unit: Scalar) -> TypedId {
        let whole = self.typed.cast(dtype, bits);
        let unit = self.typed.constant(unit);
        self.typed.apply(Op::Mul, dtype, [whole, unit, whole])
    }
}
