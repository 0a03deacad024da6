//! What a program does, in words and figures.

mod figures;

use std::fmt;
use std::str::FromStr;

pub use figures::Figures;

use super::binding::signature;
use super::device::{Device, Which};
use super::inputs::Inputs;
use super::program::Program;
use crate::dtype::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::exec::cpu::Prepared;
use crate::graph::Graph;
use crate::infer::{TypedGraph, infer};
use crate::input::Input;
use crate::plan::{Buffer, Place};

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

impl Explanation {
    pub(super) fn new(graph: &Graph, typed: TypedGraph, prepared: Prepared) -> Self {
        let names = graph.inputs().iter().map(|(_, name)| name.to_string()).collect();
        Self { graph: graph.to_string(), names, typed, prepared }
    }

    /// A printed form, with inputs called by their names. Those of steps, which are indented, are the steps' own.
    fn named(&self, text: &str) -> String {
        let line = |line: &str| match line
            .rsplit_once(" in")
            .map(|(head, number)| (head, number.parse::<usize>()))
        {
            Some((head, Ok(input))) if input < self.names.len() && !line.starts_with(' ') => {
                format!("{head} {}\n", self.names[input])
            }
            _ => format!("{line}\n"),
        };
        text.lines().map(line).collect()
    }

    /// Passes over data; of steps on whole arrays those of one step.
    pub fn loops(&self) -> usize {
        figures::passes(self.prepared.plan())
    }

    /// The plan in words.
    pub fn plan(&self) -> String {
        self.named(&self.prepared.plan().to_string())
    }

    /// Elements of the largest loop's space.
    pub fn elements(&self) -> u64 {
        figures::elements(self.prepared.plan())
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

    /// Bytes of temporaries that are as large as arrays. Steps on whole arrays have one for each of their variables.
    pub fn stored_bytes(&self) -> u64 {
        stored_bytes(&self.prepared)
    }

    /// The work of a fused run. Of loops over elements, whose turns only data tell, one turn is counted; of steps on
    /// whole arrays all of them.
    pub fn fused(&self) -> Figures {
        figures::fused(self.prepared.plan())
    }

    /// The work of evaluating one operation at a time, each into an array of its own; turns and steps as in
    /// [`fused`](Self::fused).
    pub fn op_at_a_time(&self) -> Figures {
        figures::op_at_a_time(&self.typed)
    }
}

fn stored_bytes(prepared: &Prepared) -> u64 {
    let own = |(_, buffer): &(_, &Buffer)| buffer.place == Place::Stored { reuses: None };
    let plan = prepared.plan();
    let stored: u64 = plan.buffers.iter().filter(own).map(|(_, b)| figures::bytes(plan, b)).sum();
    let stepped = (0..plan.loops.len()).filter_map(|k| prepared.stepped(k));
    stored + stepped.map(|(step, bytes)| stored_bytes(step) + bytes as u64).sum::<u64>()
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
        write_schedules(f, &self.prepared, 0)?;
        if figures::has_turns(self.prepared.plan()) {
            writeln!(f, "of loops over elements one turn is counted:")?;
        }
        let (fused, eager) = (self.fused(), self.op_at_a_time());
        writeln!(f, "fused: {} operations, {} bytes moved", fused.operations, fused.bytes)?;
        writeln!(f, "op at a time: {} operations, {} bytes moved", eager.operations, eager.bytes)
    }
}

/// How the loops of a plan run, those of steps further to the right; what it stores.
fn write_schedules(f: &mut fmt::Formatter<'_>, prepared: &Prepared, indent: usize) -> fmt::Result {
    let plan = prepared.plan();
    let times = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    for (k, nest) in plan.loops.iter().enumerate() {
        if let (Some(steps), Some((step, bytes))) = (&nest.steps, prepared.stepped(k)) {
            let (passes, turns) = (times(steps.plan.passes(), "loop"), steps.turns);
            writeln!(f, "{:indent$}loop {k}: {turns} steps of {passes}, {bytes} bytes between them", "")?;
            write_schedules(f, step, indent + 2)?;
            continue;
        }
        let (tile, calls) = (prepared.tile(k), times(prepared.steps(k), "kernel call"));
        writeln!(f, "{:indent$}loop {k}: tiles of {tile} elements, {calls} each", "")?;
        for (elements, calls) in prepared.turns(k) {
            let calls = times(calls, "kernel call");
            writeln!(
                f,
                "{:indent$}loop {k}: a repeat in it, {elements} elements at a time, {calls} a turn",
                ""
            )?;
        }
        for bytes in prepared.laid_out(k) {
            writeln!(f, "{:indent$}loop {k}: {bytes} bytes are laid out in its order first", "")?;
        }
    }
    for group in prepared.groups().iter().filter(|group| group.len() > 1) {
        writeln!(f, "{:indent$}loops {} to {} run side by side", "", group.start, group.end - 1)?;
    }
    let stored = if prepared.streams() { "past the caches" } else { "through the caches" };
    writeln!(f, "{:indent$}results are stored {stored}", "")?;
    for (id, buffer) in plan.buffers.iter() {
        if let Place::Stored { reuses } = buffer.place {
            let bytes = figures::bytes(plan, buffer);
            let whose = if reuses.is_some() { "the result's memory" } else { "its own memory" };
            writeln!(f, "{:indent$}stored {id}: {bytes} bytes in {whose}", "")?;
        }
    }
    Ok(())
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
                Which::Vulkan(gpu) => {
                    self.prepared_on(gpu, inputs)?.shaders().into_iter().map(assembly).collect()
                }
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
