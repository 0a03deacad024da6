//! A SPIR-V module in the making: types, constants and instructions, each type and constant once, capabilities where
//! something needs them.
//!
//! Version 1.5, which Vulkan 1.2 brings. All integers are declared unsigned: instructions say what is signed, and
//! `OpUMulExtended` wants it so. Every arithmetic instruction on floats is decorated `NoContraction`: a product and a
//! sum round twice.

use std::collections::{BTreeSet, HashMap};

use numfuse_kernels::record::Recording;
use numfuse_kernels::{Compute, record};
use rspirv::binary::Assemble;
use rspirv::dr::{Builder, InsertPoint, Instruction, Operand};
use rspirv::spirv::{
    AddressingModel, BuiltIn, Capability, Decoration, ExecutionMode, ExecutionModel, GlslStd450Op,
    MemoryModel, Op, StorageClass, Word,
};
use smallvec::SmallVec;

use super::super::abilities::{Abilities, FloatControls};
use crate::error::{Error, ErrorKind, Result};

/// The type of a value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(in super::super) enum Type {
    Bool,
    U8,
    U16,
    U32,
    U64,
    /// Two of them: what memory moves best.
    U64x2,
    F32,
    F64,
}

impl Type {
    pub(super) fn is_float(self) -> bool {
        matches!(self, Type::F32 | Type::F64)
    }

    /// Bytes of a word of it in memory; truth values have none.
    pub(super) fn size(self) -> u32 {
        match self {
            Type::Bool | Type::U8 => 1,
            Type::U16 => 2,
            Type::U32 | Type::F32 => 4,
            Type::U64 | Type::F64 => 8,
            Type::U64x2 => 16,
        }
    }

    /// Unsigned words of this many bytes.
    pub(super) fn word(bytes: usize) -> Type {
        match bytes {
            1 => Type::U8,
            2 => Type::U16,
            4 => Type::U32,
            _ => Type::U64,
        }
    }
}

impl From<Compute> for Type {
    fn from(compute: Compute) -> Type {
        match compute {
            Compute::Bool => Type::Bool,
            Compute::I32 => Type::U32,
            Compute::I64 | Compute::U64 => Type::U64,
            Compute::F32 => Type::F32,
            Compute::F64 => Type::F64,
        }
    }
}

impl From<record::Type> for Type {
    fn from(of: record::Type) -> Type {
        match of {
            record::Type::Mask => Type::Bool,
            record::Type::I32 => Type::U32,
            record::Type::I64 => Type::U64,
            record::Type::F32 => Type::F32,
            record::Type::F64 => Type::F64,
        }
    }
}

/// A body that was written as a function.
pub(super) struct Function {
    pub(super) body: Recording,
    pub(super) id: Word,
    pub(super) result: Word,
}

/// A module in the making.
pub(super) struct Module<'a> {
    pub(super) builder: Builder,
    pub(super) abilities: &'a Abilities,
    capabilities: BTreeSet<Capability>,
    types: HashMap<Type, Word>,
    constants: HashMap<(Type, u64), Word>,
    pointers: HashMap<(StorageClass, Word), Word>,
    pub(super) void: Word,
    extended: Word,
    main: Word,
    /// Every global variable: from version 1.4 on the entry point names all.
    interface: Vec<Word>,
    /// The type of three indices.
    indices: Option<Word>,
    /// The number of workgroups, where it is declared.
    groups: Option<Word>,
    /// The block that instructions are added to.
    block: Word,
    pub(super) functions: Vec<Function>,
    /// What f32 division and square roots are, where the device's own are off.
    pub(super) division: Option<Recording>,
    pub(super) sqrt: Option<Recording>,
    /// Tables of constants, the type of their elements, the variables that hold them.
    pub(super) tables: Vec<(&'static [u64], Type, Word)>,
}

impl<'a> Module<'a> {
    pub(super) fn new(abilities: &'a Abilities) -> Module<'a> {
        let mut builder = Builder::new();
        builder.set_version(1, 5);
        let extended = builder.ext_inst_import("GLSL.std.450");
        let void = builder.type_void();
        let main = builder.id();
        Module {
            builder,
            abilities,
            capabilities: BTreeSet::from([Capability::Shader]),
            types: HashMap::new(),
            constants: HashMap::new(),
            pointers: HashMap::new(),
            void,
            extended,
            main,
            interface: Vec::new(),
            indices: None,
            groups: None,
            block: 0,
            functions: Vec::new(),
            division: None,
            sqrt: None,
            tables: Vec::new(),
        }
    }

    pub(super) fn needs(&mut self, capability: Capability) {
        self.capabilities.insert(capability);
    }

    /// A type, if the device has it.
    pub(super) fn ty(&mut self, of: Type) -> Result<Word> {
        if let Some(id) = self.types.get(&of) {
            return Ok(*id);
        }
        let missing = |what: &str| Err(Error::new(ErrorKind::Device, format!("the device has no {what}")));
        let id = match of {
            Type::Bool => self.builder.type_bool(),
            Type::U8 if !self.abilities.bytes => return missing("access to bytes in buffers"),
            Type::U16 if !self.abilities.halves => return missing("access to 16-bit words in buffers"),
            Type::U64 if !self.abilities.int64 => return missing("integers of 64 bits"),
            Type::F64 if !self.abilities.float64 => return missing("floats of 64 bits"),
            Type::U8 => {
                self.needs(Capability::StorageBuffer8BitAccess);
                self.builder.type_int(8, 0)
            }
            Type::U16 => {
                self.needs(Capability::StorageBuffer16BitAccess);
                self.builder.type_int(16, 0)
            }
            Type::U32 => self.builder.type_int(32, 0),
            Type::U64 => {
                self.needs(Capability::Int64);
                self.builder.type_int(64, 0)
            }
            Type::U64x2 => {
                let long = self.ty(Type::U64)?;
                self.builder.type_vector(long, 2)
            }
            Type::F32 => self.builder.type_float(32, None),
            Type::F64 => {
                self.needs(Capability::Float64);
                self.builder.type_float(64, None)
            }
        };
        self.types.insert(of, id);
        Ok(id)
    }

    /// A pointer to something that is not a plain [`Type`], or to one.
    pub(super) fn pointer(&mut self, class: StorageClass, to: Word) -> Word {
        if let Some(id) = self.pointers.get(&(class, to)) {
            return *id;
        }
        let id = self.builder.type_pointer(None, class, to);
        self.pointers.insert((class, to), id);
        id
    }

    /// A constant of these bits.
    pub(super) fn constant(&mut self, of: Type, bits: u64) -> Result<Word> {
        let bits = match of {
            Type::Bool => u64::from(bits & 1 != 0),
            Type::U64 | Type::F64 | Type::U64x2 => bits,
            Type::U8 | Type::U16 | Type::U32 | Type::F32 => bits & 0xffff_ffff,
        };
        if let Some(id) = self.constants.get(&(of, bits)) {
            return Ok(*id);
        }
        let ty = self.ty(of)?;
        let id = match of {
            Type::Bool if bits == 0 => self.builder.constant_false(ty),
            Type::Bool => self.builder.constant_true(ty),
            Type::U64 | Type::F64 => self.builder.constant_bit64(ty, bits),
            Type::U64x2 => unreachable!("two words are read and written, never told"),
            Type::U8 | Type::U16 | Type::U32 | Type::F32 => self.builder.constant_bit32(ty, bits as u32),
        };
        self.constants.insert((of, bits), id);
        Ok(id)
    }

    pub(super) fn u32(&mut self, value: u32) -> Result<Word> {
        self.constant(Type::U32, u64::from(value))
    }

    /// Adds an instruction with a result.
    pub(super) fn add(&mut self, op: Op, result: Word, operands: impl IntoIterator<Item = Operand>) -> Word {
        let id = self.builder.id();
        self.put(Instruction::new(op, Some(result), Some(id), operands.into_iter().collect()));
        id
    }

    /// Adds an instruction to the current block.
    pub(super) fn put(&mut self, instruction: Instruction) {
        let added = self.builder.insert_into_block(InsertPoint::End, instruction);
        added.expect("instructions are added between the beginning and the end of a block");
    }

    /// Adds an instruction on values.
    pub(super) fn op(&mut self, op: Op, result: Type, operands: &[Word]) -> Result<Word> {
        let ty = self.ty(result)?;
        let mut given: SmallVec<[Word; 3]> = operands.into();
        if result.is_float() {
            for operand in &mut given {
                *operand = self.unknown_to_be_zero(*operand)?;
            }
        }
        let id = self.add(op, ty, given.into_iter().map(Operand::IdRef));
        if matches!(op, Op::FAdd | Op::FSub | Op::FMul | Op::FDiv | Op::FNegate | Op::FRem | Op::FMod) {
            self.builder.decorate(id, Decoration::NoContraction, []);
        }
        Ok(id)
    }

    /// In place of a constant zero, of which a float is made, one that the driver cannot know: Mesa's gallivm (22.3) takes
    /// `x + 0` for `x`, `0*x` and `0/x` for zero, and `x/0` for anything, whatever a module says of signed zeros and NaN.
    fn unknown_to_be_zero(&mut self, operand: Word) -> Result<Word> {
        let types = [Type::F32, Type::F64, Type::U32, Type::U64];
        let zero = types.into_iter().find(|of| self.constants.get(&(*of, 0)) == Some(&operand));
        zero.map_or(Ok(operand), |of| self.unknown(of, 0))
    }

    /// A constant that the driver cannot know, nor what is made of it.
    pub(super) fn unknown(&mut self, of: Type, bits: u64) -> Result<Word> {
        let Some(groups) = self.groups else { return self.constant(of, bits) };
        // of two types that a device may lack, its own is the one to name
        self.ty(of)?;
        let (count, places) = (self.first_of(groups)?, self.u32(31)?);
        // fewer than 2^31 groups are ever dispatched
        let zero = self.op(Op::ShiftRightLogical, Type::U32, &[count, places])?;
        let (zero, word) = match of {
            Type::F64 | Type::U64 => (self.op(Op::UConvert, Type::U64, &[zero])?, Type::U64),
            _ => (zero, Type::U32),
        };
        let constant = self.constant(word, bits)?;
        let whole = self.op(Op::BitwiseOr, word, &[zero, constant])?;
        match of {
            Type::Bool => {
                let none = self.u32(0)?;
                self.op(Op::INotEqual, Type::Bool, &[whole, none])
            }
            of if of.is_float() => self.op(Op::Bitcast, of, &[whole]),
            _ => Ok(whole),
        }
    }

    /// A float that was made of integers or of truth values: what a driver knows of those, it is not to know of it.
    pub(super) fn unknown_float(&mut self, of: Type, value: Word) -> Result<Word> {
        let word = Type::word(of.size() as usize);
        let (bits, nothing) = (self.op(Op::Bitcast, word, &[value])?, self.unknown(word, 0)?);
        let bits = self.op(Op::BitwiseOr, word, &[bits, nothing])?;
        self.op(Op::Bitcast, of, &[bits])
    }

    /// A word of 32 bits as one of 64 with the same sign. Not `OpSConvert`: Mesa 22.3 takes comparisons of what that makes
    /// with small constants to be false.
    pub(super) fn extended_sign(&mut self, word: Word) -> Result<Word> {
        let (long, sign) = (self.op(Op::UConvert, Type::U64, &[word])?, self.constant(Type::U64, 1 << 31)?);
        let turned = self.op(Op::BitwiseXor, Type::U64, &[long, sign])?;
        self.op(Op::ISub, Type::U64, &[turned, sign])
    }

    /// Adds an instruction of the extended set.
    pub(super) fn extended(&mut self, op: GlslStd450Op, result: Type, operand: Word) -> Result<Word> {
        let ty = self.ty(result)?;
        let operand = self.unknown_to_be_zero(operand)?;
        let set = [Operand::IdRef(self.extended), Operand::LiteralExtInstInteger(op as u32)];
        Ok(self.add(Op::ExtInst, ty, set.into_iter().chain([Operand::IdRef(operand)])))
    }

    /// A global variable.
    pub(super) fn global(&mut self, class: StorageClass, of: Word, initial: Option<Word>) -> Word {
        let pointer = self.pointer(class, of);
        let id = self.builder.id();
        let operands = std::iter::once(Operand::StorageClass(class)).chain(initial.map(Operand::IdRef));
        let variable = Instruction::new(Op::Variable, Some(pointer), Some(id), operands.collect());
        // `Builder::variable` would put it into the block that is being written, where only a function's own may stand
        self.builder.module_mut().types_global_values.push(variable);
        self.interface.push(id);
        id
    }

    /// Three indices. (The builder would look for the type among all constants, every time.)
    fn vector_of_indices(&mut self) -> Result<Word> {
        let word = self.ty(Type::U32)?;
        Ok(*self.indices.get_or_insert_with(|| self.builder.type_vector(word, 3)))
    }

    /// The first component of a builtin vector of indices.
    pub(super) fn builtin(&mut self, builtin: BuiltIn) -> Result<Word> {
        let vector = self.vector_of_indices()?;
        let variable = self.global(StorageClass::Input, vector, None);
        self.builder.decorate(variable, Decoration::BuiltIn, [Operand::BuiltIn(builtin)]);
        if builtin == BuiltIn::NumWorkgroups {
            self.groups = Some(variable);
        }
        Ok(variable)
    }

    /// Reads [`builtin`](Self::builtin).
    pub(super) fn first_of(&mut self, builtin: Word) -> Result<Word> {
        let word = self.ty(Type::U32)?;
        let vector = self.vector_of_indices()?;
        let whole = self.add(Op::Load, vector, [Operand::IdRef(builtin)]);
        Ok(self.add(Op::CompositeExtract, word, [Operand::IdRef(whole), Operand::LiteralBit32(0)]))
    }

    /// Begins the entry point.
    pub(super) fn begin_main(&mut self) {
        let ty = self.builder.type_function(self.void, []);
        self.begin_function(ty, self.void, Some(self.main));
        self.begin_block(None);
    }

    pub(super) fn begin_function(&mut self, ty: Word, result: Word, id: Option<Word>) -> Word {
        let control = rspirv::spirv::FunctionControl::NONE;
        self.builder.begin_function(result, id, control, ty).expect("no function is open")
    }

    pub(super) fn begin_block(&mut self, label: Option<Word>) {
        self.block = self.builder.begin_block(label).expect("a function is open, and no block");
    }

    pub(super) fn block(&self) -> Word {
        self.block
    }

    /// Ends the entry point, and the module.
    pub(super) fn finish(mut self, group_size: u32) -> Vec<Word> {
        self.builder.ret().expect("a block is open");
        self.builder.end_function().expect("a function is open");
        let main = self.main;
        self.builder.entry_point(
            ExecutionModel::GLCompute,
            main,
            "main",
            std::mem::take(&mut self.interface),
        );
        self.builder.execution_mode(main, ExecutionMode::LocalSize, [group_size, 1, 1]);
        let (of32, of64) = (self.abilities.controls32, self.abilities.controls64);
        self.float_controls(of32, 32);
        if self.types.contains_key(&Type::F64) {
            self.float_controls(of64, 64);
        }
        let addressing = match self.capabilities.contains(&Capability::PhysicalStorageBufferAddresses) {
            true => AddressingModel::PhysicalStorageBuffer64,
            false => AddressingModel::Logical,
        };
        self.builder.memory_model(addressing, MemoryModel::GLSL450);
        for capability in &self.capabilities {
            self.builder.capability(*capability);
        }
        self.builder.module().assemble()
    }

    fn float_controls(&mut self, controls: FloatControls, width: u32) {
        let FloatControls { preserves_specials, rounds_to_even, preserves_subnormals } = controls;
        let modes = [
            (
                preserves_specials,
                ExecutionMode::SignedZeroInfNanPreserve,
                Capability::SignedZeroInfNanPreserve,
            ),
            (rounds_to_even, ExecutionMode::RoundingModeRTE, Capability::RoundingModeRTE),
            (preserves_subnormals, ExecutionMode::DenormPreserve, Capability::DenormPreserve),
        ];
        for (has, mode, capability) in modes {
            if has {
                self.needs(capability);
                self.builder.execution_mode(self.main, mode, [width]);
            }
        }
    }
}
