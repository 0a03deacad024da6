//! What a program does, in words and figures.

use std::fmt;
use std::str::FromStr;

use super::binding::signature;
use super::device::{Device, Which};
use super::inputs::Inputs;
use super::program::Program;
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::exec::cpu::Prepared;
use crate::graph::Graph;
use crate::infer::{Dim, TypedGraph, TypedOp, infer};
use crate::input::Input;
use crate::plan::{Def, Loop, Place};

/// The type and shape of an input that need not exist: `f64[1000,3]`, or `f64` for a scalar.
///
/// ```
/// use numfuse::{ArrayType, DType};
/// let ty: ArrayType = "f64[1000,3]".parse()?;
/// assert_eq!(ty, ArrayType::new(DType::F64, &[1000, 3]));
/// # Ok::<(), numfuse::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ArrayType {
    /// The type of its elements.
    pub dtype: DType,
    /// Its extents, outermost axis first.
    pub shape: Vec<usize>,
}

impl ArrayType {
    /// A type and a shape.
    pub fn new(dtype: DType, shape: &[usize]) -> Self {
        Self { dtype, shape: shape.to_vec() }
    }

    /// An input of this type in C order that is never read.
    pub(super) fn stand_in(&self) -> Input<'static> {
        let mut strides = vec![0isize; self.shape.len()];
        let mut step = self.dtype.size() as isize;
        for (stride, extent) in strides.iter_mut().zip(&self.shape).rev() {
            *stride = step;
            step = step.saturating_mul(*extent as isize);
        }
        Input::imagined(self.dtype, &self.shape, &strides)
    }
}

impl FromStr for ArrayType {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            let message = format!("`{text}` is no type; one is `f64`, `i32[1000]` or `bool[20,3]`");
            Error::new(ErrorKind::Input, message)
        };
        let (name, shape) = match text.split_once('[') {
            None => (text, None),
            Some((name, rest)) => (name, Some(rest.strip_suffix(']').ok_or_else(wrong)?)),
        };
        let dtype = name.trim().parse::<DType>().map_err(|_| wrong())?;
        let extents = shape.into_iter().flat_map(|s| s.split(',')).map(str::trim).filter(|s| !s.is_empty());
        let shape = extents.map(|e| e.parse().map_err(|_| wrong())).collect::<Result<_>>()?;
        Ok(ArrayType { dtype, shape })
    }
}

impl fmt::Display for ArrayType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.dtype)?;
        if self.shape.is_empty() { Ok(()) } else { write!(f, "{:?}", self.shape) }
    }
}

/// What a program does with inputs of given types. Its `Display` is what `numfuse explain` prints.
pub struct Explanation {
    graph: String,
    /// Names of the inputs, which typed graph and plan know by number.
    names: Vec<String>,
    typed: TypedGraph,
    prepared: Prepared,
}

/// Work of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// Elementwise operations and reductions, counted by element.
    pub operations: u64,
    /// Bytes read from and written to memory beyond the caches' reach.
    pub bytes: u64,
}

impl Explanation {
    pub(super) fn new(graph: &Graph, typed: TypedGraph, prepared: Prepared) -> Self {
        let names = graph.inputs().iter().map(|(_, name)| name.to_string()).collect();
        Self { graph: graph.to_string(), names, typed, prepared }
    }

    /// A printed form, with inputs called by their names.
    fn named(&self, text: &str) -> String {
        let line = |line: &str| match line
            .rsplit_once(" in")
            .map(|(head, number)| (head, number.parse::<usize>()))
        {
            Some((head, Ok(input))) if input < self.names.len() => format!("{head} {}\n", self.names[input]),
            _ => format!("{line}\n"),
        };
        text.lines().map(line).collect()
    }

    /// Passes over data.
    pub fn loops(&self) -> usize {
        self.prepared.plan().passes()
    }

    /// The plan in words.
    pub fn plan(&self) -> String {
        self.named(&self.prepared.plan().to_string())
    }

    /// Elements of the largest loop's space.
    pub fn elements(&self) -> u64 {
        self.prepared.plan().loops.iter().map(|l| self.space(l)).max().unwrap_or(0)
    }

    /// Type and shape of the result; of several, of the first.
    ///
    /// # Panics
    /// Where there is no result, as of lazy arrays that are none.
    pub fn result(&self) -> ArrayType {
        self.results().swap_remove(0)
    }

    /// Types and shapes of the results.
    pub fn results(&self) -> Vec<ArrayType> {
        let plan = self.prepared.plan();
        let results = plan.results.iter().zip(self.prepared.results());
        results.map(|(buffer, layout)| ArrayType::new(plan.buffers[*buffer].dtype, &layout.shape)).collect()
    }

    /// Bytes of temporaries that are as large as arrays.
    pub fn stored_bytes(&self) -> u64 {
        let plan = self.prepared.plan();
        let own = plan.buffers.iter().filter(|(_, b)| b.place == Place::Stored { reuses: None });
        own.map(|(_, b)| self.count(&b.dims) * b.dtype.size() as u64).sum()
    }

    fn count(&self, dims: &[Dim]) -> u64 {
        dims.iter().fold(1u64, |n, d| n.saturating_mul(self.prepared.extents()[d.index()] as u64))
    }

    fn space(&self, nest: &Loop) -> u64 {
        self.count(&nest.dims)
    }

    /// The work of a fused run.
    pub fn fused(&self) -> Figures {
        let plan = self.prepared.plan();
        let mut figures = Figures::default();
        for nest in &plan.loops {
            for (_, value) in nest.body.values.iter() {
                if let Def::Op(..) | Def::Call(..) | Def::Convert(_) | Def::Gather(..) = value.def {
                    let dims: Vec<Dim> = value.varies.iter().map(|axis| nest.dims[axis]).collect();
                    figures.operations += self.count(&dims);
                }
            }
            figures.operations += nest.reduces.len() as u64 * self.space(nest);
            figures.operations += nest.product.map_or(0, |_| 2 * self.space(nest));
            for (_, access) in nest.accesses.iter() {
                let buffer = &plan.buffers[access.buffer];
                if buffer.place == Place::Index {
                    continue;
                }
                figures.bytes += self.count(&buffer.dims) * buffer.dtype.size() as u64;
            }
        }
        figures
    }

    /// The work of evaluating one operation at a time, each into an array of its own.
    pub fn op_at_a_time(&self) -> Figures {
        let mut figures = Figures::default();
        let bytes = |id| {
            let node = self.typed.nodes()[id];
            match node.op {
                TypedOp::Const(_) | TypedOp::Text(_) | TypedOp::Count(..) => 0,
                // of a view its own elements: who reads it reads no others
                _ => self.count(self.typed.shape(id)) * node.dtype.size() as u64,
            }
        };
        for (id, node) in self.typed.nodes().iter() {
            let operations = match node.op {
                TypedOp::Apply(..) | TypedOp::Call { .. } | TypedOp::Cast(_) => {
                    self.count(self.typed.shape(id))
                }
                TypedOp::Reduce { of, .. } | TypedOp::Scan { of, .. } => self.count(self.typed.shape(of)),
                TypedOp::MatMul(a, _) => {
                    let terms = self.typed.shape(a).last().map_or(1, |dim| self.count(&[*dim]));
                    2 * terms * self.count(self.typed.shape(id))
                }
                TypedOp::Input(_) | TypedOp::Const(_) | TypedOp::Text(_) | TypedOp::Count(..) => continue,
                TypedOp::Check { .. } | TypedOp::Plane(..) | TypedOp::Complex(..) => continue,
                // looking at an array in another way is no work
                TypedOp::View(..) | TypedOp::Reshape(_) => continue,
                // how often a body runs only data tell: it is counted once
                TypedOp::Param(..) | TypedOp::Repeat(_) | TypedOp::Result(..) => continue,
                TypedOp::Steps(_) | TypedOp::Stepped(..) => continue,
                TypedOp::Concat(..) => 0,
                TypedOp::Index | TypedOp::Take { .. } => self.count(self.typed.shape(id)),
            };
            figures.operations += operations;
            figures.bytes += node.args().into_iter().map(bytes).sum::<u64>() + bytes(id);
        }
        figures
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "graph\n{}\ntypes\n{}\nplan\n{}\nloops: {}\n",
            self.graph,
            self.named(&self.typed.to_string()),
            self.plan(),
            self.loops()
        )?;
        let plan = self.prepared.plan();
        for k in 0..plan.loops.len() {
            let (tile, steps) = (self.prepared.tile(k), self.prepared.steps(k));
            let calls = if steps == 1 { "kernel call" } else { "kernel calls" };
            writeln!(f, "loop {k}: tiles of {tile} elements, {steps} {calls} each")?;
            for bytes in self.prepared.laid_out(k) {
                writeln!(f, "loop {k}: {bytes} bytes are laid out in its order first")?;
            }
        }
        writeln!(
            f,
            "results are stored {}",
            if self.prepared.streams() { "past the caches" } else { "through the caches" }
        )?;
        for (id, buffer) in plan.buffers.iter() {
            if let Place::Stored { reuses } = buffer.place {
                let bytes = self.count(&buffer.dims) * buffer.dtype.size() as u64;
                let whose = if reuses.is_some() { "the result's memory" } else { "its own memory" };
                writeln!(f, "stored {id}: {bytes} bytes in {whose}")?;
            }
        }
        let (fused, eager) = (self.fused(), self.op_at_a_time());
        writeln!(f, "fused: {} operations, {} bytes moved", fused.operations, fused.bytes)?;
        writeln!(f, "op at a time: {} operations, {} bytes moved", eager.operations, eager.bytes)
    }
}

impl Program {
    /// The shaders that it runs on a graphics card for inputs of these types (arrays in C order), and with these values
    /// for inputs that are numbers: SPIR-V as assembly to read, in the order in which they run.
    ///
    /// # Errors
    /// As [`run_on`](Self::run_on), data aside; a processor, which runs no shaders.
    ///
    /// ```no_run
    /// use numfuse::{ArrayType, Device, DType, Program};
    /// let program = Program::compile("a*b + 1")?;
    /// let a = ArrayType::new(DType::F32, &[1000]);
    /// let shaders = program.spirv_on(&Device::vulkan()?, &[("a", a.clone()), ("b", a)], &[])?;
    /// assert!(shaders[0].contains("OpFMul"));
    /// # Ok::<(), numfuse::Error>(())
    /// ```
    pub fn spirv_on(
        &self,
        device: &Device,
        types: &[(&str, ArrayType)],
        values: &[(&str, Input<'_>)],
    ) -> Result<Vec<String>> {
        let stand_ins = types.iter().map(|(name, ty)| (*name, ty.stand_in()));
        let inputs: Vec<(&str, Input<'_>)> = values.iter().cloned().chain(stand_ins).collect();
        inputs.with(self, |inputs| {
            infer(self.graph(), &signature(self.graph(), inputs)?)?;
            match &device.0 {
                Which::Cpu => {
                    let error = Error::new(ErrorKind::Device, "the processor runs no shaders");
                    Err(error.with_help("choose a graphics card, as `vulkan`"))
                }
                #[cfg(feature = "vulkan")]
                Which::Vulkan(gpu) => self.prepared_on(gpu, inputs)?.shaders().map(assembly).collect(),
            }
        })
    }
}

/// A module in words.
#[cfg(feature = "vulkan")]
fn assembly(words: &[u32]) -> Result<String> {
    use rspirv::binary::Disassemble;
    let unreadable = |state| Error::new(ErrorKind::Internal, format!("a shader cannot be read: {state}"));
    Ok(rspirv::dr::load_words(words).map_err(unreadable)?.disassemble())
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
