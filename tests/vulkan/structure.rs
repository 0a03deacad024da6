//! What a module has to look like so that its arithmetic is exact, and nothing is asked of a device in vain.

use std::collections::BTreeSet;

use rspirv::dr::{Instruction, Module, Operand};
use rspirv::spirv::{Capability, Decoration, Op, StorageClass};

/// Why a module is not as it has to be.
pub fn check(words: &[u32]) -> Result<(), String> {
    let module = rspirv::dr::load_words(words).map_err(|error| format!("it does not parse: {error}"))?;
    not_contracted(&module)?;
    no_functions_of_the_driver(&module)?;
    little_memory_of_workgroups(&module)?;
    capabilities_are_used(&module)
}

fn instructions(module: &Module) -> impl Iterator<Item = &Instruction> {
    module.functions.iter().flat_map(|function| function.blocks.iter().flat_map(|block| &block.instructions))
}

/// Every operation that a driver might contract or reorder says that it must not be.
fn not_contracted(module: &Module) -> Result<(), String> {
    let exact: BTreeSet<u32> = module
        .annotations
        .iter()
        .filter(|one| one.operands.contains(&Operand::Decoration(Decoration::NoContraction)))
        .filter_map(|one| match one.operands.first() {
            Some(Operand::IdRef(id)) => Some(*id),
            _ => None,
        })
        .collect();
    for one in instructions(module) {
        let arithmetic = matches!(
            one.class.opcode,
            Op::FAdd | Op::FSub | Op::FMul | Op::FDiv | Op::FNegate | Op::FRem | Op::FMod | Op::Dot
        );
        let id = one.result_id.unwrap_or_default();
        if arithmetic && !exact.contains(&id) {
            return Err(format!("{:?} %{id} may be contracted", one.class.opcode));
        }
    }
    Ok(())
}

/// GLSL.std.450's functions are not exact, and have no f64: from Radians (11) to Log2 (30) none is called, nor are the
/// minimum and maximum that leave NaN open (37 to 45).
fn no_functions_of_the_driver(module: &Module) -> Result<(), String> {
    for one in instructions(module).filter(|one| one.class.opcode == Op::ExtInst) {
        let Some(Operand::LiteralExtInstInteger(number)) = one.operands.get(1) else {
            return Err("a function of the driver without a number".to_owned());
        };
        if matches!(number, 11..=30 | 37..=45) {
            return Err(format!("it calls the driver's function {number}"));
        }
    }
    Ok(())
}

/// Every device has 16 KiB of memory for a workgroup; who needs more has to ask for the limit.
fn little_memory_of_workgroups(module: &Module) -> Result<(), String> {
    let known = |id: u32| module.types_global_values.iter().find(|one| one.result_id == Some(id));
    let operand = |one: &Instruction, k: usize| match one.operands.get(k) {
        Some(Operand::IdRef(id)) => known(*id),
        _ => None,
    };
    let literal = |one: &Instruction| match one.operands.first() {
        Some(Operand::LiteralBit32(bits)) => u64::from(*bits),
        _ => 32, // truth values have no size of their own
    };
    let shared = module.types_global_values.iter().filter(|one| {
        one.class.opcode == Op::Variable
            && one.operands.first() == Some(&Operand::StorageClass(StorageClass::Workgroup))
    });
    let mut bytes = 0;
    for variable in shared {
        let array = variable.result_type.and_then(known).and_then(|pointer| operand(pointer, 1));
        let Some((element, length)) = array.and_then(|array| Some((operand(array, 0)?, operand(array, 1)?)))
        else {
            return Err("memory of a workgroup that is no array".to_owned());
        };
        bytes += literal(element) / 8 * literal(length);
    }
    match bytes <= 16 << 10 {
        true => Ok(()),
        false => Err(format!("a workgroup needs {bytes} bytes of memory")),
    }
}

/// Every capability that is declared is needed by something in the module.
fn capabilities_are_used(module: &Module) -> Result<(), String> {
    let types = &module.types_global_values;
    let width = |op: Op, bits: u32| {
        types
            .iter()
            .any(|one| one.class.opcode == op && one.operands.first() == Some(&Operand::LiteralBit32(bits)))
    };
    let pointer = |class: StorageClass| {
        types.iter().any(|one| {
            one.class.opcode == Op::TypePointer && one.operands.first() == Some(&Operand::StorageClass(class))
        })
    };
    let mode = |name: &str| {
        let says = |one: &Instruction| format!("{:?}", one.operands).contains(name);
        module.execution_modes.iter().any(says)
    };
    for one in &module.capabilities {
        let Some(Operand::Capability(capability)) = one.operands.first() else { continue };
        let used = match capability {
            Capability::Shader => true,
            Capability::Float64 => width(Op::TypeFloat, 64),
            Capability::Int64 => width(Op::TypeInt, 64),
            Capability::StorageBuffer8BitAccess | Capability::Int8 => width(Op::TypeInt, 8),
            Capability::StorageBuffer16BitAccess | Capability::Int16 => width(Op::TypeInt, 16),
            Capability::PhysicalStorageBufferAddresses => pointer(StorageClass::PhysicalStorageBuffer),
            Capability::SignedZeroInfNanPreserve => mode("SignedZeroInfNanPreserve"),
            Capability::RoundingModeRTE => mode("RoundingModeRTE"),
            Capability::DenormPreserve => mode("DenormPreserve"),
            other => return Err(format!("it asks for {other:?}, which this test does not expect")),
        };
        if !used {
            return Err(format!("it asks for {capability:?} and does not use it"));
        }
    }
    Ok(())
}

/// An addition that may be contracted is seen, and so is a capability that nothing uses.
#[test]
fn the_checks_can_fail() {
    use rspirv::binary::Assemble;
    use rspirv::dr::Builder;
    let module = |exact: bool, spare: bool| {
        let mut b = Builder::new();
        b.capability(Capability::Shader);
        if spare {
            b.capability(Capability::Float64);
        }
        let (void, float) = (b.type_void(), b.type_float(32, None));
        let (one, of) = (b.constant_bit32(float, 1f32.to_bits()), b.type_function(void, []));
        b.begin_function(void, None, rspirv::spirv::FunctionControl::NONE, of).unwrap();
        b.begin_block(None).unwrap();
        let sum = b.f_add(float, None, one, one).unwrap();
        b.ret().unwrap();
        b.end_function().unwrap();
        if exact {
            b.decorate(sum, Decoration::NoContraction, []);
        }
        b.module().assemble()
    };
    assert_eq!(check(&module(true, false)), Ok(()));
    assert!(check(&module(false, false)).unwrap_err().contains("contracted"));
    assert!(check(&module(true, true)).unwrap_err().contains("Float64"));
}
