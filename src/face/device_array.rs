//! Arrays that stay on a device, and programs that are run on them there.

use std::fmt;

use ndarray::{ArrayBase, Data as Elements, Dimension};
use smallvec::SmallVec;

use super::device::{Device, Which};
use super::explain::ArrayType;
use super::inputs::ordered;
use super::program::Program;
#[cfg(feature = "vulkan")]
use super::value::Memory;
use super::value::{Output, Outputs, Value, check_output};
use crate::dtype::{DType, Stored};
use crate::error::{Error, ErrorKind, Result};
#[cfg(feature = "vulkan")]
use crate::exec::cpu::ResultLayout;
#[cfg(feature = "vulkan")]
use crate::exec::vulkan::{Gpu, Operand, Prepared, Resident};
use crate::input::Input;

/// An array in a [`Device`]'s memory, which dropping it frees. Cheap to clone: the elements are shared.
///
/// Made by [`Device::upload`] and [`Program::run_on`]. It may not be computed yet: [`download`](Self::download) waits.
#[derive(Clone)]
pub struct DeviceArray(Data);

#[derive(Clone)]
enum Data {
    Host(std::sync::Arc<Value>),
    #[cfg(feature = "vulkan")]
    Resident(Resident),
}

impl DeviceArray {
    pub(super) fn upload(device: &Device, input: &Input<'_>) -> Result<DeviceArray> {
        Ok(DeviceArray(match &device.0 {
            Which::Cpu => Data::Host(std::sync::Arc::new(Value::copy_of(input)?)),
            #[cfg(feature = "vulkan")]
            Which::Vulkan(gpu) => Data::Resident(Resident::upload(gpu, input)?),
        }))
    }

    /// The device that holds it.
    pub fn device(&self) -> Device {
        Device(match &self.0 {
            Data::Host(_) => Which::Cpu,
            #[cfg(feature = "vulkan")]
            Data::Resident(array) => Which::Vulkan(array.gpu().clone()),
        })
    }

    /// The type of its elements.
    pub fn dtype(&self) -> DType {
        match &self.0 {
            Data::Host(value) => value.dtype(),
            #[cfg(feature = "vulkan")]
            Data::Resident(array) => array.dtype,
        }
    }

    /// Its extents, outermost axis first.
    pub fn shape(&self) -> &[usize] {
        match &self.0 {
            Data::Host(value) => value.shape(),
            #[cfg(feature = "vulkan")]
            Data::Resident(array) => &array.shape,
        }
    }

    /// Copies it to the host, once it is computed: into an `ndarray` array of its type and rank, a number where it is
    /// 0-d, or a [`Value`].
    ///
    /// # Errors
    /// A result whose type or rank is not the one that `R` asks for; errors that depend on the data of the runs that
    /// made it; a device that was lost.
    pub fn download<R: Output>(&self) -> Result<R> {
        check_output::<R>(&|| "the array".to_owned(), self.dtype(), self.shape())?;
        let internal = || Error::new(ErrorKind::Internal, "a checked result did not fit");
        R::take(self.value()?).ok_or_else(internal)
    }

    fn value(&self) -> Result<Value> {
        match &self.0 {
            Data::Host(value) => Ok((**value).clone()),
            #[cfg(feature = "vulkan")]
            Data::Resident(array) => value_of(array),
        }
    }

    /// A copy that the device's own copying makes, without a shader: what benches compare with.
    #[cfg(feature = "vulkan")]
    pub(crate) fn copied(&self) -> Result<DeviceArray> {
        Ok(DeviceArray(match &self.0 {
            Data::Host(value) => Data::Host(std::sync::Arc::new((**value).clone())),
            Data::Resident(array) => Data::Resident(array.copied()?),
        }))
    }

    /// What a program is told of it.
    fn description(&self) -> Input<'_> {
        match &self.0 {
            Data::Host(value) => Input::from(&**value),
            #[cfg(feature = "vulkan")]
            Data::Resident(array) => array.description(),
        }
    }
}

impl fmt::Debug for DeviceArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = ArrayType::new(self.dtype(), self.shape());
        write!(f, "DeviceArray({of} on {:?})", self.device().name())
    }
}

/// The elements of an array on a graphics card, in the memory order that they have there.
#[cfg(feature = "vulkan")]
pub(super) fn value_of(array: &Resident) -> Result<Value> {
    let (shape, strides) = (array.shape.clone(), array.strides.clone());
    let layout = match array.is_dense() {
        true => ResultLayout { shape, strides },
        false => ResultLayout::in_order(shape, array.dtype.size()),
    };
    let mut memory = Memory::new(array.dtype, &layout)?;
    // SAFETY: the memory has as many elements as the layout, and each of them is written.
    unsafe {
        match array.is_dense() {
            true => array.download(memory.start())?,
            false => array.download_in_order(memory.start())?,
        }
        Ok(memory.into_value(&layout))
    }
}

/// What a program is given on a device: an array there, a number, or an array of the host's, which is uploaded for the
/// run.
#[derive(Clone)]
#[non_exhaustive]
pub enum DeviceInput<'a> {
    /// An array on the device.
    Device(&'a DeviceArray),
    /// A number, or an array of the host's.
    Host(Input<'a>),
}

impl<'a> From<&'a DeviceArray> for DeviceInput<'a> {
    fn from(array: &'a DeviceArray) -> Self {
        DeviceInput::Device(array)
    }
}

impl<'a> From<Input<'a>> for DeviceInput<'a> {
    fn from(input: Input<'a>) -> Self {
        DeviceInput::Host(input)
    }
}

impl<'a, T: Stored, S: Elements<Elem = T>, D: Dimension> From<&'a ArrayBase<S, D>> for DeviceInput<'a> {
    fn from(array: &'a ArrayBase<S, D>) -> Self {
        DeviceInput::Host(Input::from(array))
    }
}

macro_rules! numbers {
    ($($rust:ty),*) => { $(
        impl From<$rust> for DeviceInput<'_> {
            fn from(value: $rust) -> Self {
                DeviceInput::Host(Input::from(value))
            }
        }
    )* };
}
numbers!(bool, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, num_complex::Complex<f64>);

/// A program's inputs on a device, by name: an array or vector of `(name, input)`, whose inputs are [`DeviceArray`]s,
/// numbers, or [`DeviceInput`]s.
pub trait DeviceInputs<'a> {
    /// The names and what they stand for.
    #[doc(hidden)]
    fn named(self) -> Vec<(String, DeviceInput<'a>)>;
}

impl<'a, N: AsRef<str>, V: Into<DeviceInput<'a>>, I: IntoIterator<Item = (N, V)>> DeviceInputs<'a> for I {
    fn named(self) -> Vec<(String, DeviceInput<'a>)> {
        self.into_iter().map(|(name, input)| (name.as_ref().to_owned(), input.into())).collect()
    }
}

impl Program {
    /// Runs it on a device: answers an array there, which may be computed later. The inputs are arrays on that device
    /// and numbers; host arrays are uploaded first.
    ///
    /// ```
    /// use numfuse::ndarray::array;
    /// use numfuse::{Device, DeviceInput, Program};
    /// let device = Device::cpu();
    /// let x = device.upload(&array![1.0, 2.0, 3.0])?;
    /// let scaled = Program::compile("k*x")?.run_on(&device, [("x", DeviceInput::from(&x)), ("k", 2.0.into())])?;
    /// let sum = Program::compile("sum(x)")?.run_on(&device, [("x", &scaled)])?;
    /// assert_eq!(sum.download::<f64>()?, 12.0);
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`run`](Self::run); an operation or a type that the device does not have, by its name; memory that is
    /// exhausted; a device that was lost; an array of another device. Errors that depend on data come with the
    /// [download](DeviceArray::download). A program of several results: [`run_all_on`](Self::run_all_on).
    pub fn run_on<'a>(&self, device: &Device, inputs: impl DeviceInputs<'a>) -> Result<DeviceArray> {
        super::program::check_count(self.graph(), 1, "asked for")?;
        let mut results = self.run_all_on(device, inputs)?;
        results.pop().ok_or_else(|| Error::new(ErrorKind::Internal, "a program without a result"))
    }

    /// Runs it on a device: answers an array for each result.
    ///
    /// ```
    /// use numfuse::{Device, Program};
    /// let device = Device::auto();
    /// let x = device.upload(&[1.0, 2.0, 6.0])?;
    /// let results = Program::compile("min(x), max(x)")?.run_all_on(&device, [("x", &x)])?;
    /// assert_eq!((results[0].download::<f64>()?, results[1].download::<f64>()?), (1.0, 6.0));
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`run_on`](Self::run_on).
    pub fn run_all_on<'a>(&self, device: &Device, inputs: impl DeviceInputs<'a>) -> Result<Vec<DeviceArray>> {
        let named = inputs.named();
        let inputs: SmallVec<[&DeviceInput<'a>; 8]> = ordered(self, &named)?;
        match &device.0 {
            Which::Cpu => {
                let mut described: SmallVec<[Input<'_>; 8]> = SmallVec::new();
                for input in &inputs {
                    described.push(match input {
                        DeviceInput::Device(array) if array.device().is_cpu() => array.description(),
                        DeviceInput::Device(array) => return Err(elsewhere(device, array)),
                        DeviceInput::Host(input) => input.clone(),
                    });
                }
                let inputs: SmallVec<[&Input<'_>; 8]> = described.iter().collect();
                let values: Vec<Value> = self.run_ordered(&inputs)?;
                Ok(values.into_iter().map(|value| DeviceArray(Data::Host(value.into()))).collect())
            }
            #[cfg(feature = "vulkan")]
            Which::Vulkan(gpu) => {
                let (described, uploaded) = resident(device, gpu, &inputs)?;
                let results = self.on_device(gpu, &described, &uploaded, |_| Ok(()))?;
                Ok(results.into_iter().map(|array| DeviceArray(Data::Resident(array))).collect())
            }
        }
    }

    /// Runs it on a device, from host arrays to host arrays.
    pub(super) fn run_ordered_on<R: Outputs>(&self, device: &Device, inputs: &[&Input<'_>]) -> Result<R> {
        match &device.0 {
            Which::Cpu => self.run_ordered(inputs),
            #[cfg(feature = "vulkan")]
            Which::Vulkan(gpu) => {
                if let Some(count) = R::COUNT {
                    super::program::check_count(self.graph(), count, "asked for")?;
                }
                let mut uploaded: SmallVec<[Option<Resident>; 8]> = SmallVec::new();
                let mut described: SmallVec<[Input<'_>; 8]> = SmallVec::new();
                for (k, input) in inputs.iter().enumerate() {
                    let known = inputs[..k].iter().position(|other| other.is_same_array(input));
                    let (array, description) = match (input.as_number(), known) {
                        (Some(number), _) => (None, number),
                        (None, Some(known)) => (uploaded[known].clone(), described[known].clone()),
                        (None, None) => {
                            let array = Resident::upload(gpu, input)?;
                            let description = array.description();
                            (Some(array), description)
                        }
                    };
                    uploaded.push(array);
                    described.push(description);
                }
                let check = |prepared: &Prepared| {
                    for k in 0..self.graph().results().len() {
                        let (dtype, shape) = prepared.result(k);
                        R::check(k, &|| super::binding::which(self.graph(), k), dtype, shape)?;
                    }
                    Ok(())
                };
                let results = self.on_device(gpu, &described, &uploaded, check)?;
                let values = results.iter().map(value_of).collect::<Result<Vec<Value>>>();
                let values = values.map_err(|error| self.in_text(error))?;
                let internal = || Error::new(ErrorKind::Internal, "a checked result did not fit");
                R::take_all(&mut values.into_iter()).ok_or_else(internal)
            }
        }
    }

    /// The SPIR-V modules that it runs on a device for these inputs, in their order; none on the processor.
    #[cfg(feature = "vulkan")]
    pub(crate) fn shaders_on<'a>(
        &self,
        device: &Device,
        inputs: impl DeviceInputs<'a>,
    ) -> Result<Vec<Vec<u32>>> {
        let named = inputs.named();
        let inputs: SmallVec<[&DeviceInput<'a>; 8]> = ordered(self, &named)?;
        let Which::Vulkan(gpu) = &device.0 else { return Ok(Vec::new()) };
        let (described, _) = resident(device, gpu, &inputs)?;
        let described: SmallVec<[&Input<'_>; 8]> = described.iter().collect();
        let prepared = self.prepared_on(gpu, &described)?;
        Ok(prepared.shaders().into_iter().map(<[u32]>::to_vec).collect())
    }

    #[cfg(feature = "vulkan")]
    fn on_device(
        &self,
        gpu: &std::sync::Arc<Gpu>,
        described: &[Input<'_>],
        arrays: &[Option<Resident>],
        check: impl FnOnce(&Prepared) -> Result<()>,
    ) -> Result<Vec<Resident>> {
        let inputs: SmallVec<[&Input<'_>; 8]> = described.iter().collect();
        let prepared = self.prepared_on(gpu, &inputs)?;
        check(&prepared)?;
        let operands: SmallVec<[Operand<'_>; 8]> = arrays
            .iter()
            .zip(described)
            .map(|(array, number)| match array {
                Some(array) => Operand::Array(array),
                None => Operand::Number(number),
            })
            .collect();
        prepared.run(&operands, &self.stop())
    }
}

/// What a program is told of its inputs, and those that are arrays: host arrays are uploaded.
#[cfg(feature = "vulkan")]
#[allow(clippy::type_complexity)]
fn resident<'i>(
    device: &Device,
    gpu: &std::sync::Arc<Gpu>,
    inputs: &[&'i DeviceInput<'_>],
) -> Result<(SmallVec<[Input<'i>; 8]>, SmallVec<[Option<Resident>; 8]>)> {
    let (mut described, mut arrays) = (SmallVec::new(), SmallVec::new());
    for input in inputs {
        let (description, array) = match input {
            DeviceInput::Device(DeviceArray(Data::Resident(array))) if array.gpu().id() == gpu.id() => {
                (array.description(), Some(array.clone()))
            }
            DeviceInput::Device(array) => return Err(elsewhere(device, array)),
            DeviceInput::Host(input) => match input.as_number() {
                Some(number) => (number, None),
                None => {
                    let array = Resident::upload(gpu, input)?;
                    (array.description(), Some(array))
                }
            },
        };
        described.push(description);
        arrays.push(array);
    }
    Ok((described, arrays))
}

fn elsewhere(device: &Device, array: &DeviceArray) -> Error {
    let (here, there) = (device, array.device());
    let message = format!(
        "an input lies on another device, `{}`, than `{}`, where the program runs",
        there.name(),
        here.name()
    );
    // cards of one name, or one card that was opened twice
    Error::new(ErrorKind::Input, message).with_help(match here.name() == there.name() {
        true => "arrays are shared by clones of one `Device`, not by devices that were opened apart",
        false => "download it, and upload it there",
    })
}
