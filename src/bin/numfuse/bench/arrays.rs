//! What is timed: the inputs of a program, and memory for its results.

use numfuse::npy::NpyFile;
use numfuse::{ArrayType, DType, Device, DeviceArray, DeviceInput, Error, Input, Program, Value, internals};

use crate::failure::Failure;
use crate::given::Subjects;
use crate::sample::{Random, zeros};

/// A program's inputs, in its order, and memory for its results.
pub struct Arrays<'a> {
    names: Vec<String>,
    inputs: Vec<Held<'a>>,
    outputs: Vec<Value>,
}

/// An input.
enum Held<'a> {
    /// An array in memory.
    Value(Value),
    /// A number, or byte strings in their file: no value can be those.
    Input(Input<'a>),
}

impl Held<'_> {
    fn as_input(&self) -> Input<'_> {
        match self {
            Held::Value(value) => Input::from(value),
            Held::Input(input) => input.clone(),
        }
    }

    fn as_value(&self) -> Option<&Value> {
        match self {
            Held::Value(value) => Some(value),
            Held::Input(_) => None,
        }
    }
}

impl<'a> Arrays<'a> {
    /// What was given, of every axis `most` elements at most.
    pub fn new(program: &Program, given: &'a Subjects<'_>, most: usize) -> Result<Arrays<'a>, Failure> {
        let mut random = Random::seeded(0);
        let (mut names, mut inputs) = (Vec::new(), Vec::new());
        for name in program.inputs() {
            let number = given.numbers.iter().find(|(given, _)| *given == name);
            let file = given.files.iter().find(|(given, _)| *given == name);
            let ty = given.types.iter().find(|(given, _)| *given == name);
            inputs.push(match (number, file, ty) {
                (Some((_, number)), ..) => Held::Input(number.clone()),
                (None, Some((_, file)), _) => of_file(file, most)?,
                (None, None, Some((_, ty))) => Held::Value(random.array(&cut(ty, most))?),
                // what is missing has been complained of
                (None, None, None) => continue,
            });
            names.push(name.to_owned());
        }
        let types: Vec<_> = given.types.iter().map(|(name, ty)| (*name, cut(ty, most))).collect();
        let results = program.explain_with(&types, &given.numbers)?.results();
        let outputs = results.iter().map(zeros).collect::<Result<_, Failure>>()?;
        Ok(Arrays { names, inputs, outputs })
    }

    /// The inputs by position.
    pub fn bound(&self) -> Vec<Input<'_>> {
        self.inputs.iter().map(Held::as_input).collect()
    }

    /// The inputs by name.
    pub fn named(&self) -> Vec<(&str, Input<'_>)> {
        self.names.iter().map(String::as_str).zip(self.bound()).collect()
    }

    /// The inputs, where all of them are arrays of numbers.
    pub fn values(&self) -> Option<Vec<&Value>> {
        self.inputs.iter().map(Held::as_value).collect()
    }

    /// The inputs that are arrays, copied to a device; the others are numbers, or what a device does not take.
    pub fn uploaded(&self, device: &Device) -> Result<Vec<Option<DeviceArray>>, Failure> {
        let upload = |held: &Held<'_>| held.as_value().map(|value| device.upload(value)).transpose();
        Ok(self.inputs.iter().map(upload).collect::<Result<_, Error>>()?)
    }

    /// The inputs by name, of which those are on a device.
    pub fn resident<'r>(&'r self, uploaded: &'r [Option<DeviceArray>]) -> Vec<(&'r str, DeviceInput<'r>)> {
        let input = |(held, array): (&'r Held<'a>, &'r Option<DeviceArray>)| match array {
            Some(array) => DeviceInput::Device(array),
            None => DeviceInput::Host(held.as_input()),
        };
        self.names.iter().map(String::as_str).zip(self.inputs.iter().zip(uploaded).map(input)).collect()
    }

    /// Bytes of the inputs that are arrays.
    pub fn bytes(&self) -> usize {
        let bytes = |value: &Value| value.shape().iter().product::<usize>() * value.dtype().size();
        self.inputs.iter().filter_map(Held::as_value).map(bytes).sum()
    }

    /// Memory for the results.
    pub fn outputs(&self) -> Vec<Value> {
        self.outputs.clone()
    }
}

/// A type with every longer axis cut.
fn cut(ty: &ArrayType, most: usize) -> ArrayType {
    let shape: Vec<usize> = ty.shape.iter().map(|extent| most.min(*extent)).collect();
    ArrayType::new(ty.dtype, &shape)
}

/// Numbers of a file are copied to memory: files are not what is timed.
fn of_file(file: &NpyFile, most: usize) -> Result<Held<'_>, Failure> {
    let input = internals::corner(&file.as_input(), most);
    match file.dtype() {
        DType::Bytes(_) => Ok(Held::Input(input)),
        _ => Ok(Held::Value(Program::compile("x")?.run([input])?)),
    }
}
