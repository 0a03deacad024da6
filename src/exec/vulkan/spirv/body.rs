//! A loop's body as instructions: values are computed once, once a position of the kept axes, or once an element.

use std::collections::BTreeMap;

use numfuse_kernels::record::{self, Recording};
use numfuse_kernels::{Compute, Storage};
use rspirv::spirv::{Op, Word};
use smallvec::{SmallVec, smallvec};

use super::super::abilities::Abilities;
use super::super::nest::{Nest, NestAxis, Source, is_written};
use super::arguments::{Argument, Buffer, Group, Reached, Reaching, Shader, open};
use super::control::Control;
use super::module::{Module, Type};
use crate::arena::Id;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{BlockId, Def, Inst, Loop, Store, Value, ValueId};

/// When a value is computed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Level {
    /// Where the entry point begins.
    Once,
    /// At each position of the kept axes.
    Position,
    /// At each element.
    Element,
}

/// Where an invocation stands: an index for each axis.
#[derive(Clone, Default, Debug)]
pub(super) struct Indices {
    pub(super) kept: Vec<Word>,
    pub(super) middle: Vec<Word>,
    pub(super) inner: Vec<Word>,
}

/// The shader of a loop, in the making.
pub(super) struct Kernel<'a> {
    pub(super) module: Module<'a>,
    pub(super) reached: Reached,
    pub(super) nest: &'a Nest,
    pub(super) body: &'a Loop,
    levels: Vec<Level>,
    /// What computes a value.
    recordings: BTreeMap<usize, Recording>,
    /// By value: its word, or as many as there are copies of the element.
    values: Vec<SmallVec<[Word; 4]>>,
    /// By access: its place at the current position of the kept axes.
    places: Vec<Option<Word>>,
    pushes: bool,
}

impl<'a> Kernel<'a> {
    /// Begins a shader that may run this loop's body. `partials` are buffers that it writes beside the loop's own.
    pub(super) fn new(
        abilities: &'a Abilities,
        reaching: Reaching,
        nest: &'a Nest,
        body: &'a Loop,
        partials: Vec<Buffer>,
    ) -> Result<Kernel<'a>> {
        let stored = body.written_accesses().filter_map(|access| match nest.reaches[access.index()].source {
            Source::Memory(owner) => Buffer::of(owner),
            Source::Index | Source::Number(..) => None,
        });
        let written = stored.chain(partials).chain([Buffer::Status]).collect();
        let count = body.body.values.len();
        let mut kernel = Kernel {
            module: Module::new(abilities),
            reached: Reached::new(reaching, written, nest),
            nest,
            body,
            levels: body.body.values.iter().map(|(_, value)| level(body, value)).collect(),
            recordings: BTreeMap::new(),
            values: vec![SmallVec::new(); count],
            places: vec![None; nest.reaches.len()],
            pushes: true,
        };
        kernel.module.declare_corrections()?;
        for (id, value) in body.body.values.iter() {
            if let Some(recording) = kernel.recording_of(value)? {
                kernel.declare(id, &recording)?;
                kernel.recordings.insert(id.index(), recording);
            }
        }
        Ok(kernel)
    }

    fn declare(&mut self, id: ValueId, recording: &Recording) -> Result<()> {
        self.module.declare(recording).map_err(|error| named(&self.body.body.values[id], error))
    }

    fn compute(&self, id: ValueId) -> Compute {
        self.body.body.values[id].compute
    }

    /// What computes a value from others.
    fn recording_of(&self, value: &Value) -> Result<Option<Recording>> {
        Ok(match &value.def {
            Def::Op(op, operands) => {
                // the condition of `where` is always bool
                let typed = if *op == numfuse_kernels::Op::Where { operands[1] } else { operands[0] };
                let recording = record::record(*op, self.compute(typed), false);
                Some(recording.expect("inference gives operations types they have"))
            }
            Def::Convert(of) => record::record_conversion(self.compute(*of), value.compute),
            Def::Load(access) | Def::Gather(access, _) => {
                self.nest.reaches[access.index()].dtype.storage().map(record::record_load)
            }
            Def::Const(_) | Def::Count(_) => None,
            Def::Bytes(op, _) => {
                let message = format!("{op} of byte strings does not run on a graphics device");
                return Err(Error::new(ErrorKind::Unsupported, message));
            }
            Def::Param(..) | Def::Of(..) => unreachable!("inference refuses elementwise loops"),
        })
    }

    /// The arguments that the body needs.
    fn body_arguments(&self) -> Vec<Argument> {
        let mut arguments = Vec::new();
        let groups = [
            (Group::Kept, &self.nest.kept),
            (Group::Middle, &self.nest.middle),
            (Group::Inner, &self.nest.inner),
        ];
        for (group, axes) in groups {
            // the outermost index is what is left of the others
            arguments.extend((1..axes.len()).map(|axis| Argument::Extent(group, axis)));
        }
        for (access, reach) in self.nest.reaches.iter().enumerate() {
            if !self.is_reached(access) {
                continue;
            }
            arguments.push(Argument::Begin(access));
            for (group, axes) in groups {
                let moving = (0..axes.len()).filter(|axis| self.has_stride(&axes[*axis], access));
                arguments.extend(moving.map(|axis| Argument::Stride(group, axis, access)));
            }
            if reach.place != 0 {
                arguments.push(Argument::Place(access));
            }
        }
        for (id, value) in self.body.body.values.iter() {
            match &value.def {
                Def::Load(access) => {
                    if let Source::Number(..) = self.nest.reaches[access.index()].source {
                        arguments.push(Argument::Number(access.index(), value.compute.into()));
                    }
                }
                Def::Count(_) => arguments.push(Argument::Product(id.index(), value.compute.into())),
                _ => {}
            }
        }
        arguments.sort_by_key(|argument| matches!(argument, Argument::Extent(..)));
        let mut seen = std::collections::HashSet::new();
        arguments.retain(|argument| seen.insert(*argument));
        arguments
    }

    /// Whether this shader reaches an access's memory, or counts its indices.
    fn is_reached(&self, access: usize) -> bool {
        let is_read = self.body.body.values.iter().any(|(_, value)| match &value.def {
            Def::Load(id) | Def::Gather(id, _) => id.index() == access,
            _ => false,
        });
        let is_operand = self
            .body
            .product
            .is_some_and(|product| [product.a, product.b].iter().any(|id| id.index() == access));
        let is_number = matches!(self.nest.reaches[access].source, Source::Number(..));
        !is_number && (is_read || is_operand || is_written(self.body, access))
    }

    /// Whether an access's stride along an axis is told: a stride of nothing, and of one word, is part of the shader.
    fn has_stride(&self, axis: &NestAxis, access: usize) -> bool {
        axis.strides[access] != 0 && axis.strides[access] != self.step(access)
    }

    /// The stride of what lies side by side.
    fn step(&self, access: usize) -> isize {
        match self.nest.reaches[access].source {
            Source::Index => 1,
            Source::Memory(_) | Source::Number(..) => self.nest.reaches[access].size as isize,
        }
    }

    /// Begins the entry point: reads `own` arguments and the body's, and computes what is computed once.
    pub(super) fn begin(&mut self, own: &[Argument], buffers: &[Buffer]) -> Result<()> {
        let mut arguments = own.to_vec();
        arguments.extend(self.body_arguments());
        if self.reached.reaching == Reaching::Addresses {
            let checks = self.insts().any(|inst| matches!(inst, Inst::Check(..)));
            let status = checks.then_some(Buffer::Status);
            arguments.extend(buffers.iter().copied().chain(status).map(Argument::Address));
        }
        let abilities = self.module.abilities;
        self.pushes = open(&mut self.module, &mut self.reached, arguments, abilities)?;
        self.compute_level(Level::Once, &[Indices::default()])
    }

    pub(super) fn argument(&self, argument: Argument) -> Word {
        self.reached.argument(argument)
    }

    fn insts(&self) -> impl Iterator<Item = &'a Inst> + use<'a> {
        self.body.body.blocks[BlockId::new(0)].insts.iter()
    }

    /// The indices along axes that a linear index means.
    pub(super) fn split(&mut self, group: Group, linear: Word) -> Result<Vec<Word>> {
        let axes = match group {
            Group::Kept => self.nest.kept.len(),
            Group::Middle => self.nest.middle.len(),
            Group::Inner => self.nest.inner.len(),
        };
        let (mut indices, mut left) = (vec![0; axes], linear);
        for axis in (1..axes).rev() {
            let extent = self.argument(Argument::Extent(group, axis));
            indices[axis] = self.module.op(Op::UMod, Type::U32, &[left, extent])?;
            left = self.module.op(Op::UDiv, Type::U32, &[left, extent])?;
        }
        if let Some(first) = indices.first_mut() {
            *first = left;
        }
        Ok(indices)
    }

    /// Goes to a position of the kept axes.
    pub(super) fn go_to(&mut self, indices: &Indices) -> Result<()> {
        for access in 0..self.nest.reaches.len() {
            if !self.is_reached(access) {
                continue;
            }
            let begin = self.argument(Argument::Begin(access));
            self.places[access] = Some(self.moved(access, begin, Group::Kept, &indices.kept)?);
        }
        self.compute_level(Level::Position, std::slice::from_ref(indices))
    }

    /// Computes the values of a level, for each of some copies of an element.
    pub(super) fn compute_level(&mut self, level: Level, copies: &[Indices]) -> Result<()> {
        for inst in self.insts() {
            match inst {
                Inst::Let(id) if self.levels[id.index()] == level => {
                    let mut words: SmallVec<[Word; 4]> = smallvec![];
                    for (copy, indices) in copies.iter().enumerate() {
                        let word = self.value(*id, copy, indices);
                        words.push(word.map_err(|error| named(&self.body.body.values[*id], error))?);
                    }
                    self.values[id.index()] = words;
                }
                Inst::Check(bad, check) if self.levels[bad.index()] == level => {
                    for copy in 0..copies.len() {
                        let (bad, check) = (self.word(*bad, copy), check.index() as u32);
                        let Kernel { module, reached, .. } = self;
                        module.when(bad, |module| reached.lower_status(module, check))?;
                    }
                }
                Inst::Let(_) | Inst::Check(..) => {}
                Inst::Repeat { .. } => unreachable!("inference refuses elementwise loops"),
            }
        }
        Ok(())
    }

    /// A value's word, of one of the copies if it is of an element.
    pub(super) fn word(&self, id: ValueId, copy: usize) -> Word {
        let words = &self.values[id.index()];
        words[if words.len() == 1 { 0 } else { copy }]
    }

    fn value(&mut self, id: ValueId, copy: usize, indices: &Indices) -> Result<Word> {
        let value = &self.body.body.values[id];
        match &value.def {
            Def::Load(access) => self.load(id, access.index(), indices, None),
            Def::Gather(access, place) => {
                let place = self.word(*place, copy);
                self.load(id, access.index(), indices, Some(place))
            }
            Def::Const(scalar) => {
                let mut bits = [0; 8];
                bits[..value.compute.size()].copy_from_slice(&scalar.to_bytes()[..value.compute.size()]);
                self.module.constant(value.compute.into(), u64::from_le_bytes(bits))
            }
            Def::Count(_) => {
                let of = value.compute.into();
                let bits = self.argument(Argument::Product(id.index(), of));
                self.module.op(Op::Bitcast, of, &[bits])
            }
            Def::Op(op, operands) => {
                let arity = op.info().arity();
                let words: SmallVec<[Word; 3]> =
                    operands[..arity].iter().map(|operand| self.word(*operand, copy)).collect();
                self.recorded(id, &words)
            }
            Def::Convert(of) => {
                let word = self.word(*of, copy);
                match self.recordings.contains_key(&id.index()) {
                    true => self.recorded(id, &[word]),
                    false => Ok(word),
                }
            }
            Def::Bytes(..) | Def::Param(..) | Def::Of(..) => unreachable!("refused where the shader begins"),
        }
    }

    fn recorded(&mut self, id: ValueId, words: &[Word]) -> Result<Word> {
        Ok(self.module.run(&self.recordings[&id.index()], words)?[0])
    }

    /// Where an access is at these indices.
    fn place_of(&mut self, access: usize, indices: &Indices) -> Result<Word> {
        let at = match self.places[access] {
            Some(at) => at,
            None => {
                let begin = self.argument(Argument::Begin(access));
                self.moved(access, begin, Group::Kept, &indices.kept)?
            }
        };
        let at = self.moved(access, at, Group::Middle, &indices.middle)?;
        self.moved(access, at, Group::Inner, &indices.inner)
    }

    /// A place, moved along axes: words, addresses, or numbers.
    fn moved(&mut self, access: usize, from: Word, group: Group, indices: &[Word]) -> Result<Word> {
        let (axes, step) = match group {
            Group::Kept => (&self.nest.kept, self.step(access)),
            Group::Middle => (&self.nest.middle, self.step(access)),
            Group::Inner => (&self.nest.inner, self.step(access)),
        };
        let long = self.is_long(access);
        let of = if long { Type::U64 } else { Type::U32 };
        let mut at = from;
        for (axis, index) in indices.iter().enumerate() {
            let stride = axes[axis].strides[access];
            if stride == 0 {
                continue;
            }
            let index = if long { self.module.op(Op::UConvert, of, &[*index])? } else { *index };
            let offset = match (stride == step, long && step != 1) {
                (true, false) => index,
                (true, true) => {
                    let size = self.module.constant(of, step as u64)?;
                    self.module.op(Op::IMul, of, &[index, size])?
                }
                (false, _) => {
                    let stride = self.argument(Argument::Stride(group, axis, access));
                    self.module.op(Op::IMul, of, &[index, stride])?
                }
            };
            at = self.module.op(Op::IAdd, of, &[at, offset])?;
        }
        Ok(at)
    }

    /// Whether an access's places take 64 bits.
    fn is_long(&self, access: usize) -> bool {
        self.nest.reaches[access].source == Source::Index || self.reached.reaching == Reaching::Addresses
    }

    /// An element as a value.
    fn load(&mut self, id: ValueId, access: usize, indices: &Indices, place: Option<Word>) -> Result<Word> {
        let (nest, of) = (self.nest, Type::from(self.compute(id)));
        let reach = &nest.reaches[access];
        match reach.source {
            Source::Number(..) => {
                let bits = self.argument(Argument::Number(access, of));
                return match of {
                    Type::Bool => {
                        let zero = self.module.u32(0)?;
                        self.module.op(Op::INotEqual, of, &[bits, zero])
                    }
                    of if of.is_float() => self.module.op(Op::Bitcast, of, &[bits]),
                    _ => Ok(bits),
                };
            }
            Source::Index => {
                let number = self.place_of(access, indices)?;
                return match of {
                    // exact: no index reaches 2^53
                    Type::F64 => self.module.op(Op::ConvertSToF, of, &[number]),
                    _ => Ok(number),
                };
            }
            Source::Memory(_) => {}
        }
        let mut at = self.place_of(access, indices)?;
        if let Some(place) = place
            && reach.place != 0
        {
            let (long, step) = (self.is_long(access), self.argument(Argument::Place(access)));
            let index = if long { place } else { self.module.op(Op::UConvert, Type::U32, &[place])? };
            let of = if long { Type::U64 } else { Type::U32 };
            let offset = self.module.op(Op::IMul, of, &[index, step])?;
            at = self.module.op(Op::IAdd, of, &[at, offset])?;
        }
        let (word, bits) = (Type::word(reach.size), self.bits(access, at)?);
        match reach.dtype.storage() {
            Some(storage) => {
                let wide = widened(&mut self.module, storage, word, bits)?;
                self.recorded(id, &[wide])
            }
            None if of == Type::Bool => {
                let byte = self.module.op(Op::UConvert, Type::U32, &[bits])?;
                let zero = self.module.u32(0)?;
                self.module.op(Op::INotEqual, of, &[byte, zero])
            }
            None if of.is_float() => self.module.op(Op::Bitcast, of, &[bits]),
            None => Ok(bits),
        }
    }

    /// A float of an access's memory.
    pub(super) fn element(&mut self, access: usize, of: Type, indices: &Indices) -> Result<Word> {
        let at = self.place_of(access, indices)?;
        let bits = self.bits(access, at)?;
        self.module.op(Op::Bitcast, of, &[bits])
    }

    /// The word of an access's memory at a place.
    fn bits(&mut self, access: usize, at: Word) -> Result<Word> {
        let reach = &self.nest.reaches[access];
        let Source::Memory(owner) = reach.source else { unreachable!("it lies in memory") };
        let buffer = Buffer::of(owner).expect("it lies in memory");
        let word = Type::word(reach.size);
        let at = self.reached.place(&mut self.module, buffer, word, at)?;
        self.reached.load(&mut self.module, at, word)
    }

    /// Writes what the loop stores element by element.
    pub(super) fn store(&mut self, copy: usize, indices: &Indices) -> Result<()> {
        for Store { value, access } in &self.body.stores {
            let word = self.word(*value, copy);
            self.write(access.index(), self.compute(*value), word, indices, 0)?;
        }
        Ok(())
    }

    /// Writes a value where an access is at these indices; `part` of a complex number.
    pub(super) fn write(
        &mut self,
        access: usize,
        compute: Compute,
        value: Word,
        indices: &Indices,
        part: u32,
    ) -> Result<()> {
        let (nest, of) = (self.nest, Type::from(compute));
        let reach = &nest.reaches[access];
        let Source::Memory(owner) = reach.source else { unreachable!("results lie in memory") };
        let whole = reach.dtype.part_size() != reach.size;
        // an accumulator of several parts is written part by part
        let size = if whole { reach.dtype.part_size() } else { reach.size };
        let word = Type::word(size);
        let mut at = self.place_of(access, indices)?;
        if whole && self.reached.reaching == Reaching::Bindings {
            let two = self.module.u32(2)?;
            at = self.module.op(Op::IMul, Type::U32, &[at, two])?;
        }
        if part > 0 {
            let long = self.is_long(access);
            let (kind, step) = if long { (Type::U64, size as u64) } else { (Type::U32, 1) };
            let step = self.module.constant(kind, step * u64::from(part))?;
            at = self.module.op(Op::IAdd, kind, &[at, step])?;
        }
        let bits = match reach.dtype.storage() {
            Some(storage) => {
                let recording = record::record_store(storage);
                let wide = self.module.run(&recording, &[value])?[0];
                self.module.op(Op::UConvert, word, &[wide])?
            }
            None if of == Type::Bool => {
                let (one, zero) = (self.module.u32(1)?, self.module.u32(0)?);
                let number = self.module.op(Op::Select, Type::U32, &[value, one, zero])?;
                self.module.op(Op::UConvert, word, &[number])?
            }
            None if of.is_float() => self.module.op(Op::Bitcast, word, &[value])?,
            None => value,
        };
        let buffer = Buffer::of(owner).expect("results lie in memory");
        let at = self.reached.place(&mut self.module, buffer, word, at)?;
        self.reached.store(&mut self.module, at, word, bits)
    }

    /// Whether an element is so little work that several are computed side by side.
    pub(super) fn is_cheap(&self) -> bool {
        const FEW: usize = 96;
        let nodes = |recording: &Recording| match recording.bodies.is_empty() && recording.loops.is_empty() {
            true => recording.nodes.len(),
            false => FEW,
        };
        self.recordings.values().map(nodes).sum::<usize>() < FEW
    }

    /// The shader.
    pub(super) fn finish(self) -> Shader {
        let Kernel { module, reached, pushes, .. } = self;
        let group_size = module.abilities.group_size;
        let counted = reached.arguments.iter().map(|argument| (*argument, reached.words_of(*argument)));
        let (arguments, bindings) = (counted.collect(), reached.bindings());
        let reaching = reached.reaching;
        Shader { words: module.finish(group_size), arguments, bindings, reaching, pushes }
    }
}

/// A word of a storage type, as its recording takes it.
fn widened(module: &mut Module<'_>, storage: Storage, word: Type, bits: Word) -> Result<Word> {
    match storage {
        Storage::U32 => module.op(Op::UConvert, Type::U64, &[bits]),
        _ if word == Type::U32 => Ok(bits),
        _ => module.op(Op::UConvert, Type::U32, &[bits]),
    }
}

fn level(body: &Loop, value: &Value) -> Level {
    let reduced = !body.reduces.is_empty();
    match () {
        () if value.varies.is_empty() => Level::Once,
        () if reduced && !value.varies.iter().any(|axis| body.reduced.contains(axis)) => Level::Position,
        () => Level::Element,
    }
}

/// An error with the operation that it is about.
fn named(value: &Value, error: Error) -> Error {
    let what = match &value.def {
        Def::Op(op, _) => format!("`{op}` of {}", value.compute),
        Def::Load(_) | Def::Gather(..) => format!("reading an array of {}", value.compute),
        Def::Convert(_) => format!("a conversion to {}", value.compute),
        _ => format!("a value of type {}", value.compute),
    };
    Error::new(error.kind(), format!("{what}: {}", error.message()))
}
