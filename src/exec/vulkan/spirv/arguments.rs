//! What a shader is told when it runs: words of 32 bits, in push constants where they fit, else in a buffer; and the
//! memory that it reaches, by binding or by address.

use std::collections::HashMap;

use rspirv::dr::Operand;
use rspirv::spirv::{Capability, Decoration, MemoryAccess, Op, StorageClass, Word};

use super::super::abilities::Abilities;
use super::super::nest::Nest;
use super::module::{Module, Type};
use crate::error::Result;
use crate::exec::bind::Owner;

/// What one or two words say.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in super::super) enum Argument {
    /// The first of the items that this dispatch does.
    First,
    /// How many items it does.
    Count,
    /// An extent of a kept axis, of one of the rows, of one of a row.
    Extent(Group, usize),
    /// How far an access moves along an axis: words where it is bound, bytes where it is addressed.
    Stride(Group, usize, usize),
    /// From one place to the next of a gathering access.
    Place(usize),
    /// Where an access begins: a word of its binding, or an address; an index.
    Begin(usize),
    /// The bits of a number that the call gives: the access, as this type.
    Number(usize, Type),
    /// The product of extents that the value of this number is, as this type.
    Product(usize, Type),
    /// Positions of the kept axes together.
    Kept,
    /// Rows.
    Rows,
    /// Elements of a row.
    Elements,
    /// Blocks of a row; what each tree comes to in this dispatch.
    Parts,
    /// Accumulators from one part to the next in the partial results that this dispatch writes, and in the leaves that
    /// it reads.
    Apart,
    LeavesApart,
    /// Leaves of a tree.
    Leaves,
    /// From a leaf to the next, and from a tree to the next; and the same of what is written.
    LeafStep,
    TreeStep,
    PartStep,
    PartTreeStep,
    /// Where a running reduction begins and ends in this dispatch.
    From,
    To,
    /// The address of a buffer that no access reaches.
    Address(Buffer),
}

/// Axes of a [`Nest`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in super::super) enum Group {
    Kept,
    Middle,
    Inner,
}

/// Memory that a shader reaches.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(in super::super) enum Buffer {
    Input(usize),
    Result(usize),
    Temporary(usize),
    Copy(usize),
    /// Accumulators that a dispatch reads, by reduction.
    Leaves(usize),
    /// Accumulators that it writes, by reduction.
    Partials(usize),
    /// One word: the first error that data have made.
    Status,
    /// These words themselves.
    Arguments,
}

impl Buffer {
    pub(in super::super) fn of(owner: Owner) -> Option<Buffer> {
        match owner {
            Owner::Input(k) => Some(Buffer::Input(k)),
            Owner::Result(k) => Some(Buffer::Result(k)),
            Owner::Temporary(k) => Some(Buffer::Temporary(k)),
            Owner::Copy(k) => Some(Buffer::Copy(k)),
            Owner::Nobody => None,
        }
    }
}

/// How memory is reached.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in super::super) enum Reaching {
    /// Each buffer has a binding.
    Bindings,
    /// Each buffer has an address: there may be any number of them, of any size.
    Addresses,
}

/// A shader, and what it is told.
#[derive(Debug)]
pub(in super::super) struct Shader {
    pub(in super::super) words: Vec<Word>,
    /// Each with how many words it takes.
    pub(in super::super) arguments: Vec<(Argument, u32)>,
    /// By binding.
    pub(in super::super) bindings: Vec<Buffer>,
    pub(in super::super) reaching: Reaching,
    /// Whether the arguments are push constants.
    pub(in super::super) pushes: bool,
}

/// Arguments and memory, as a shader's instructions see them.
pub(super) struct Reached {
    pub(super) reaching: Reaching,
    pub(super) arguments: Vec<Argument>,
    /// The words of an argument that was read.
    values: HashMap<Argument, Word>,
    variables: Vec<(Buffer, Type, Word)>,
    /// What is written: the others can be read past the caches that writes go through.
    written: Vec<Buffer>,
    /// Of indices, whose arguments are numbers whatever the reaching.
    numbers: Vec<usize>,
}

impl Reached {
    pub(super) fn new(reaching: Reaching, written: Vec<Buffer>, nest: &Nest) -> Reached {
        let is_index = |k: &usize| nest.reaches[*k].source == super::super::nest::Source::Index;
        Reached {
            reaching,
            arguments: Vec::new(),
            values: HashMap::new(),
            variables: Vec::new(),
            written,
            numbers: (0..nest.reaches.len()).filter(is_index).collect(),
        }
    }

    /// The type of an argument's value.
    fn type_of(&self, argument: Argument) -> Type {
        let by_address = self.reaching == Reaching::Addresses;
        match argument {
            Argument::Number(_, of) | Argument::Product(_, of) if of.size() == 8 => Type::U64,
            Argument::Begin(access) | Argument::Stride(_, _, access) if self.numbers.contains(&access) => {
                Type::U64
            }
            Argument::Begin(_) | Argument::Stride(..) | Argument::Place(_) if by_address => Type::U64,
            Argument::Address(_) => Type::U64,
            _ => Type::U32,
        }
    }
}

/// Declares the arguments, and reads them all where the entry point begins.
pub(super) fn open(
    module: &mut Module<'_>,
    reached: &mut Reached,
    arguments: Vec<Argument>,
    abilities: &Abilities,
) -> Result<bool> {
    let counts: Vec<u32> = arguments.iter().map(|argument| reached.words_of(*argument)).collect();
    let total: u32 = counts.iter().sum();
    let pushes = total * 4 <= abilities.push_bytes;
    let word = module.ty(Type::U32)?;
    let (block, pointer) = match (pushes, reached.reaching) {
        (true, _) => {
            let length = module.u32(total.max(1))?;
            let array = module.builder.type_array_id(None, word, length);
            (block_of(module, array, Type::U32), StorageClass::PushConstant)
        }
        (false, Reaching::Bindings) => (0, StorageClass::StorageBuffer),
        (false, Reaching::Addresses) => {
            let length = module.u32(2)?;
            let array = module.builder.type_array_id(None, word, length);
            (block_of(module, array, Type::U32), StorageClass::PushConstant)
        }
    };
    let variable = match block {
        0 => reached.variable(module, Buffer::Arguments, Type::U32)?,
        block => module.global(pointer, block, None),
    };
    module.begin_main();
    let in_block = |module: &mut Module<'_>, k: u32| -> Result<Word> {
        let to = module.pointer(pointer, word);
        let (zero, index) = (module.u32(0)?, module.u32(k)?);
        let at = module.add(Op::AccessChain, to, [variable, zero, index].map(Operand::IdRef));
        Ok(module.add(Op::Load, word, [Operand::IdRef(at)]))
    };
    let address = match (pushes, reached.reaching) {
        (false, Reaching::Addresses) => {
            let halves = [in_block(module, 0)?, in_block(module, 1)?];
            Some(module.joined(halves)?)
        }
        _ => None,
    };
    let mut at = 0;
    for (argument, count) in arguments.iter().zip(counts) {
        let mut parts = [0; 2];
        for part in parts.iter_mut().take(count as usize) {
            *part = match address {
                None => in_block(module, at)?,
                Some(address) => {
                    let offset = module.constant(Type::U64, u64::from(at) * 4)?;
                    let place = module.op(Op::IAdd, Type::U64, &[address, offset])?;
                    module.load_at(place, Type::U32)?
                }
            };
            at += 1;
        }
        let value = if count == 2 { module.joined(parts)? } else { parts[0] };
        reached.values.insert(*argument, value);
    }
    reached.arguments = arguments;
    Ok(pushes)
}

/// A struct of one array, laid out.
fn block_of(module: &mut Module<'_>, array: Word, of: Type) -> Word {
    module.builder.decorate(array, Decoration::ArrayStride, [Operand::LiteralBit32(of.size())]);
    let block = module.builder.id();
    let block = module.builder.type_struct_id(Some(block), [array]);
    module.builder.decorate(block, Decoration::Block, []);
    module.builder.member_decorate(block, 0, Decoration::Offset, [Operand::LiteralBit32(0)]);
    block
}

impl Reached {
    /// How many words an argument takes here.
    pub(super) fn words_of(&self, argument: Argument) -> u32 {
        if self.type_of(argument) == Type::U64 { 2 } else { 1 }
    }

    /// The value of an argument.
    pub(super) fn argument(&self, argument: Argument) -> Word {
        self.values[&argument]
    }

    pub(super) fn bindings(&self) -> Vec<Buffer> {
        self.variables.iter().map(|(buffer, ..)| *buffer).collect()
    }

    /// The variable of a buffer of words.
    pub(super) fn variable(&mut self, module: &mut Module<'_>, buffer: Buffer, of: Type) -> Result<Word> {
        if let Some((_, _, variable)) = self.variables.iter().find(|(b, t, _)| (*b, *t) == (buffer, of)) {
            return Ok(*variable);
        }
        let word = module.ty(of)?;
        let array = module.builder.id();
        let array = module.builder.type_runtime_array_id(Some(array), word);
        let block = block_of(module, array, of);
        let variable = module.global(StorageClass::StorageBuffer, block, None);
        let binding = self.variables.len() as u32;
        module.builder.decorate(variable, Decoration::DescriptorSet, [Operand::LiteralBit32(0)]);
        module.builder.decorate(variable, Decoration::Binding, [Operand::LiteralBit32(binding)]);
        if !self.written.contains(&buffer) {
            module.builder.decorate(variable, Decoration::NonWritable, []);
            module.builder.decorate(variable, Decoration::Restrict, []);
        } else {
            module.builder.decorate(variable, Decoration::Aliased, []);
        }
        self.variables.push((buffer, of, variable));
        Ok(variable)
    }

    /// The words of a buffer that no access reaches, from the `index`-th on: a pointer to one.
    fn pointer_to(&mut self, module: &mut Module<'_>, buffer: Buffer, of: Type, index: Word) -> Result<Word> {
        match self.reaching {
            Reaching::Bindings => self.bound(module, buffer, of, index),
            Reaching::Addresses => {
                let begin = self.argument(Argument::Address(buffer));
                let long = module.op(Op::UConvert, Type::U64, &[index])?;
                let size = module.constant(Type::U64, u64::from(of.size()))?;
                let bytes = module.op(Op::IMul, Type::U64, &[long, size])?;
                module.op(Op::IAdd, Type::U64, &[begin, bytes])
            }
        }
    }

    fn bound(&mut self, module: &mut Module<'_>, buffer: Buffer, of: Type, index: Word) -> Result<Word> {
        let variable = self.variable(module, buffer, of)?;
        let word = module.ty(of)?;
        let to = module.pointer(StorageClass::StorageBuffer, word);
        let zero = module.u32(0)?;
        Ok(module.add(Op::AccessChain, to, [variable, zero, index].map(Operand::IdRef)))
    }

    /// Reads a word of a buffer that no access reaches.
    pub(super) fn read(
        &mut self,
        module: &mut Module<'_>,
        buffer: Buffer,
        of: Type,
        index: Word,
    ) -> Result<Word> {
        let at = self.pointer_to(module, buffer, of, index)?;
        self.load(module, at, of)
    }

    /// Writes one.
    pub(super) fn write(
        &mut self,
        module: &mut Module<'_>,
        buffer: Buffer,
        of: Type,
        index: Word,
        value: Word,
    ) -> Result<()> {
        let at = self.pointer_to(module, buffer, of, index)?;
        self.store(module, at, of, value)
    }

    /// A pointer, or an address, of a word of an access's memory: `place` is a word's index, or an address.
    pub(super) fn place(
        &mut self,
        module: &mut Module<'_>,
        buffer: Buffer,
        of: Type,
        place: Word,
    ) -> Result<Word> {
        match self.reaching {
            Reaching::Bindings => self.bound(module, buffer, of, place),
            Reaching::Addresses => Ok(place),
        }
    }

    pub(super) fn load(&self, module: &mut Module<'_>, at: Word, of: Type) -> Result<Word> {
        match self.reaching {
            Reaching::Bindings => {
                let ty = module.ty(of)?;
                Ok(module.add(Op::Load, ty, [Operand::IdRef(at)]))
            }
            Reaching::Addresses => module.load_at(at, of),
        }
    }

    pub(super) fn store(&self, module: &mut Module<'_>, at: Word, of: Type, value: Word) -> Result<()> {
        match self.reaching {
            Reaching::Bindings => module.builder.store(at, value, None, []).expect("a block is open"),
            Reaching::Addresses => {
                let pointer = module.pointer_at(at, of)?;
                let aligned = [Operand::LiteralBit32(of.size())];
                let stored = module.builder.store(pointer, value, Some(MemoryAccess::ALIGNED), aligned);
                stored.expect("a block is open");
            }
        }
        Ok(())
    }

    /// Lowers the status word to `value`, if it is above.
    pub(super) fn lower_status(&mut self, module: &mut Module<'_>, value: u32) -> Result<()> {
        let zero = module.u32(0)?;
        let mut at = self.pointer_to(module, Buffer::Status, Type::U32, zero)?;
        if self.reaching == Reaching::Addresses {
            at = module.pointer_at(at, Type::U32)?;
        }
        let (device, relaxed, value) = (module.u32(1)?, module.u32(0)?, module.u32(value)?);
        let ty = module.ty(Type::U32)?;
        module.add(
            Op::AtomicUMin,
            ty,
            [
                Operand::IdRef(at),
                Operand::IdScope(device),
                Operand::IdMemorySemantics(relaxed),
                Operand::IdRef(value),
            ],
        );
        Ok(())
    }
}

impl Module<'_> {
    /// A pointer to what lies at an address.
    fn pointer_at(&mut self, address: Word, of: Type) -> Result<Word> {
        self.needs(Capability::PhysicalStorageBufferAddresses);
        let ty = self.ty(of)?;
        let pointer = self.pointer(StorageClass::PhysicalStorageBuffer, ty);
        Ok(self.add(Op::ConvertUToPtr, pointer, [Operand::IdRef(address)]))
    }

    fn load_at(&mut self, address: Word, of: Type) -> Result<Word> {
        let pointer = self.pointer_at(address, of)?;
        let ty = self.ty(of)?;
        let aligned = [Operand::LiteralBit32(of.size())];
        let loaded = self.builder.load(ty, None, pointer, Some(MemoryAccess::ALIGNED), aligned);
        Ok(loaded.expect("a block is open"))
    }

    /// 64 bits of two words, the low one first.
    fn joined(&mut self, [low, high]: [Word; 2]) -> Result<Word> {
        let (low, high) =
            (self.op(Op::UConvert, Type::U64, &[low])?, self.op(Op::UConvert, Type::U64, &[high])?);
        let shift = self.u32(32)?;
        let high = self.op(Op::ShiftLeftLogical, Type::U64, &[high, shift])?;
        self.op(Op::BitwiseOr, Type::U64, &[low, high])
    }
}
