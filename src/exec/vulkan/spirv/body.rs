//! A loop's body as instructions: values are computed once, once a position of the kept axes, or once an element.

use std::collections::BTreeMap;

use numfuse_kernels::Compute;
use numfuse_kernels::record::{self, Node, Recording};
use rspirv::spirv::{Op, Word};
use smallvec::{SmallVec, smallvec};

use super::super::abilities::Abilities;
use super::super::nest::{Nest, NestAxis, Source};
use super::arguments::{Argument, Buffer, Group, Reached, Reaching, Shader, open};
use super::control::{Control, Writes};
use super::levels::{Level, Levels};
use super::module::{Module, Type};
use super::wide::Together;
use crate::arena::Id;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{BlockId, Def, Inst, Loop, Value, ValueId};

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
    levels: Levels,
    /// By access: whether this shader reaches its memory, or counts its indices.
    reaches: Vec<bool>,
    /// By value: whether it meets elements in single instructions alone.
    plain: Vec<bool>,
    /// What computes a value.
    recordings: BTreeMap<usize, Recording>,
    /// By value: its word, or as many as there are copies of the element.
    values: Vec<SmallVec<[Word; 4]>>,
    /// The variables of elementwise loops, by block and copy of the element: in the loop, and after it.
    pub(super) variables: BTreeMap<(usize, usize), Vec<Word>>,
    /// By access: its place at the current position of the kept axes.
    pub(super) places: Vec<Option<Word>>,
    pushes: bool,
    /// Set where copies are elements that are read together.
    pub(super) together: Option<Together>,
}

impl<'a> Writes<'a> for Kernel<'a> {
    fn module(&mut self) -> &mut Module<'a> {
        &mut self.module
    }
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
            levels: Levels::of(body),
            reaches: reaches(nest, body),
            plain: Vec::new(),
            recordings: BTreeMap::new(),
            values: vec![SmallVec::new(); count],
            variables: BTreeMap::new(),
            places: vec![None; nest.reaches.len()],
            pushes: true,
            together: None,
        };
        kernel.module.declare_corrections()?;
        for (id, value) in body.body.values.iter() {
            if let Some(recording) = kernel.recording_of(value)? {
                kernel.declare(id, &recording)?;
                kernel.recordings.insert(id.index(), recording);
            }
        }
        kernel.plain = plain(body, &kernel.recordings);
        Ok(kernel)
    }

    fn declare(&mut self, id: ValueId, recording: &Recording) -> Result<()> {
        self.module.declare(recording).map_err(|error| named(&self.body.body.values[id], error))
    }

    pub(super) fn compute(&self, id: ValueId) -> Compute {
        self.body.body.values[id].compute
    }

    /// What computes a value from others.
    fn recording_of(&self, value: &Value) -> Result<Option<Recording>> {
        Ok(match &value.def {
            Def::Op(op, operands) => {
                let recording = operation(self.body, *op, operands);
                Some(recording.expect("inference gives operations types they have"))
            }
            Def::Convert(of) => record::record_conversion(self.compute(*of), value.compute),
            Def::Load(access) | Def::Gather(access, _) => {
                self.nest.reaches[access.index()].dtype.storage().map(record::record_load)
            }
            Def::Const(_) | Def::Count(_) | Def::Param(..) | Def::Of(..) => None,
            Def::Call(function, ..) => match function.kernels() {
                Some(own) => own.record(value.compute, false),
                None => {
                    let name = function.name();
                    let message = format!("`{name}` is a closure, and no graphics device calls one");
                    return Err(Error::new(ErrorKind::Unsupported, message));
                }
            },
            Def::Bytes(op, _) => {
                let message = format!("{op} of byte strings does not run on a graphics device");
                return Err(Error::new(ErrorKind::Unsupported, message));
            }
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
            if !self.reaches[access] {
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
                // an array without axes is a number, too, where elements are taken of what repeats it
                Def::Load(access) | Def::Gather(access, _) => {
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

    /// Whether an access's stride along an axis is told: a stride of nothing, and of one word, is part of the shader.
    fn has_stride(&self, axis: &NestAxis, access: usize) -> bool {
        axis.strides[access] != 0 && axis.strides[access] != self.step(access)
    }

    /// The stride of what lies side by side.
    pub(super) fn step(&self, access: usize) -> isize {
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
            let mut insts = self.body.body.blocks.iter().flat_map(|(_, block)| &block.insts);
            let checks = insts.any(|inst| matches!(inst, Inst::Check(..)));
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
            if !self.reaches[access] {
                continue;
            }
            let begin = self.argument(Argument::Begin(access));
            self.places[access] = Some(self.moved(access, begin, Group::Kept, &indices.kept)?);
        }
        self.compute_level(Level::Position, std::slice::from_ref(indices))
    }

    /// Computes the values of a level, for each of some copies of an element.
    pub(super) fn compute_level(&mut self, level: Level, copies: &[Indices]) -> Result<()> {
        let body = self.body;
        for inst in &body.body.blocks[BlockId::new(0)].insts {
            if self.levels.of_inst(inst) == level {
                self.inst(inst, copies, 0)?;
            }
        }
        Ok(())
    }

    /// Does what an instruction says, for some copies of an element; the number of the first.
    pub(super) fn inst(&mut self, inst: &'a Inst, copies: &[Indices], first: usize) -> Result<()> {
        match inst {
            Inst::Let(id) => {
                let mut words: SmallVec<[Word; 4]> = smallvec![];
                for (copy, indices) in copies.iter().enumerate() {
                    let word = self.value(*id, first + copy, indices);
                    words.push(word.map_err(|error| named(&self.body.body.values[*id], error))?);
                }
                self.values[id.index()] = words;
            }
            Inst::Check(bad, check) => {
                for copy in 0..copies.len() {
                    let (bad, check) = (self.word(*bad, first + copy), check.index() as u32);
                    let Kernel { module, reached, .. } = self;
                    module.when(bad, |module| reached.lower_status(module, check))?;
                }
            }
            Inst::Repeat { bound, init, body } => {
                for (copy, indices) in copies.iter().enumerate() {
                    self.elementwise_loop((*bound, init, *body), first + copy, indices)?;
                }
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
            Def::Load(access) => self.load(id, access.index(), copy, indices, None),
            Def::Gather(access, place) => {
                let place = self.word(*place, copy);
                self.load(id, access.index(), copy, indices, Some(place))
            }
            Def::Const(scalar) => {
                let mut bits = [0; 8];
                bits[..value.compute.size()].copy_from_slice(&scalar.to_bytes()[..value.compute.size()]);
                let (of, bits) = (Type::from(value.compute), u64::from_le_bytes(bits));
                // a zero among them, or made of them, no driver is to see
                let sign = if of == Type::F64 { 1 << 63 } else { 1 << 31 };
                let is_zero = bits == 0 || of.is_float() && bits == sign;
                match self.plain[id.index()] && !is_zero {
                    true => self.module.constant(of, bits),
                    false => self.module.unknown(of, bits),
                }
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
                let converted = match self.recordings.contains_key(&id.index()) {
                    true => self.recorded(id, &[word])?,
                    false => word,
                };
                let (from, to) = (Type::from(self.compute(*of)), Type::from(value.compute));
                match to.is_float() && !from.is_float() {
                    true => self.module.unknown_float(to, converted),
                    false => Ok(converted),
                }
            }
            Def::Call(function, operands, _) => {
                let operands = &operands[..function.arity()];
                let words: SmallVec<[Word; 3]> =
                    operands.iter().map(|operand| self.word(*operand, copy)).collect();
                self.recorded(id, &words)
            }
            Def::Param(block, k) | Def::Of(block, k) => {
                Ok(self.variables[&(block.index(), copy)][*k as usize])
            }
            Def::Bytes(..) => unreachable!("refused where the shader begins"),
        }
    }

    pub(super) fn recorded(&mut self, id: ValueId, words: &[Word]) -> Result<Word> {
        let recording = &self.recordings[&id.index()];
        // as with the loop's own constants: of `ones_like` nobody is to make a zero that is known
        match recording.nodes[recording.results[0].0 as usize] {
            (Node::Constant(bits), of) => self.module.unknown(of.into(), bits),
            _ => Ok(self.module.run(recording, words)?[0]),
        }
    }

    /// Whether an element is so little work that several are computed side by side.
    pub(super) fn is_cheap(&self) -> bool {
        const FEW: usize = 96;
        if self.body.body.blocks.len() > 1 {
            return false;
        }
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

/// The recording of an operation on values of a body.
pub(super) fn operation(body: &Loop, op: numfuse_kernels::Op, operands: &[ValueId; 3]) -> Option<Recording> {
    // the condition of `where` is always bool
    let typed = if op == numfuse_kernels::Op::Where { operands[1] } else { operands[0] };
    record::record(op, body.body.values[typed].compute, false)
}

/// By access: whether the shader of this body reaches its memory, or counts its indices.
fn reaches(nest: &Nest, body: &Loop) -> Vec<bool> {
    let mut reaches = vec![false; nest.reaches.len()];
    let read = body.body.values.iter().filter_map(|(_, value)| match &value.def {
        Def::Load(access) | Def::Gather(access, _) => Some(*access),
        _ => None,
    });
    let operands = body.product.iter().flat_map(|product| [product.a, product.b]);
    for access in read.chain(operands).chain(body.written_accesses()) {
        let is_number = matches!(nest.reaches[access.index()].source, Source::Number(..));
        reaches[access.index()] = !is_number;
    }
    reaches
}

/// By value: whether it meets elements in single instructions alone. Of a constant that does, and of other constants,
/// nothing is made. (What a variable begins with a driver that peels off the first turn of a loop would know in it.)
fn plain(body: &Loop, recordings: &BTreeMap<usize, Recording>) -> Vec<bool> {
    let mut plain = vec![true; body.body.values.len()];
    for (user, value) in body.body.values.iter() {
        match &value.def {
            Def::Op(op, operands) => {
                let single = recordings.get(&user.index()).is_some_and(|r| r.nodes.len() <= 3);
                let meets = single && !value.varies.is_empty();
                operands[..op.info().arity()].iter().for_each(|operand| plain[operand.index()] &= meets);
            }
            Def::Call(function, operands, _) => {
                operands[..function.arity()].iter().for_each(|operand| plain[operand.index()] = false);
            }
            Def::Convert(of) => plain[of.index()] = false,
            _ => {}
        }
    }
    for (_, block) in body.body.blocks.iter() {
        let begun = block.insts.iter().flat_map(|inst| match inst {
            Inst::Repeat { init, .. } => &init[..],
            Inst::Let(_) | Inst::Check(..) => &[],
        });
        begun.chain(&block.yields).for_each(|value| plain[value.index()] = false);
    }
    plain
}

/// Whether operations of a loop's body have loops of their own, for some elements at least.
pub(in super::super) fn has_loops(body: &Loop) -> bool {
    body.body.values.iter().any(|(_, value)| match &value.def {
        Def::Op(op, operands) => operation(body, *op, operands)
            .is_some_and(|recording| !recording.bodies.is_empty() || !recording.loops.is_empty()),
        Def::Call(function, ..) => function
            .kernels()
            .and_then(|own| own.record(value.compute, false))
            .is_some_and(|recording| !recording.bodies.is_empty() || !recording.loops.is_empty()),
        _ => false,
    })
}

/// An error with the operation that it is about.
fn named(value: &Value, error: Error) -> Error {
    let what = match &value.def {
        Def::Op(op, _) => format!("`{op}` of {}", value.compute),
        Def::Load(_) | Def::Gather(..) => format!("reading an array as {}", value.compute),
        Def::Convert(_) => format!("a conversion to {}", value.compute),
        _ => format!("a value of type {}", value.compute),
    };
    Error::new(error.kind(), format!("{what}: {}", error.message()))
}
