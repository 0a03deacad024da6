//! Buffers that a shader reaches by address.

use rspirv::binary::Assemble;
use rspirv::dr::{Builder, Operand};
use rspirv::spirv::{
    AddressingModel, BuiltIn, Capability, Decoration, ExecutionMode, ExecutionModel, FunctionControl,
    MemoryAccess, MemoryModel, StorageClass,
};

use super::{download, gpu, plain, silent, upload};
use crate::exec::vulkan::runtime::{Bindings, Config, Validation};

/// c[i] = a[i] + a[i], with the addresses of a and c pushed; as many elements as invocations.
fn double() -> Vec<u32> {
    let mut b = Builder::new();
    b.set_version(1, 3);
    for capability in [Capability::Shader, Capability::Int64, Capability::PhysicalStorageBufferAddresses] {
        b.capability(capability);
    }
    b.extension("SPV_KHR_physical_storage_buffer");
    b.memory_model(AddressingModel::PhysicalStorageBuffer64, MemoryModel::GLSL450);
    let (void, word, address) = (b.type_void(), b.type_int(32, 0), b.type_int(64, 0));
    let vector = b.type_vector(word, 3);
    let words = b.type_runtime_array(word);
    b.decorate(words, Decoration::ArrayStride, [Operand::LiteralBit32(4)]);
    let array = b.type_struct([words]);
    b.decorate(array, Decoration::Block, []);
    b.member_decorate(array, 0, Decoration::Offset, [Operand::LiteralBit32(0)]);
    let pushed = b.type_struct([address, address]);
    b.decorate(pushed, Decoration::Block, []);
    b.member_decorate(pushed, 0, Decoration::Offset, [Operand::LiteralBit32(0)]);
    b.member_decorate(pushed, 1, Decoration::Offset, [Operand::LiteralBit32(8)]);
    let to_array = b.type_pointer(None, StorageClass::PhysicalStorageBuffer, array);
    let to_stored = b.type_pointer(None, StorageClass::PhysicalStorageBuffer, word);
    let to_pushed = b.type_pointer(None, StorageClass::PushConstant, pushed);
    let to_address = b.type_pointer(None, StorageClass::PushConstant, address);
    let to_vector = b.type_pointer(None, StorageClass::Input, vector);
    let push = b.variable(to_pushed, None, StorageClass::PushConstant, None);
    let invocation = b.variable(to_vector, None, StorageClass::Input, None);
    b.decorate(invocation, Decoration::BuiltIn, [Operand::BuiltIn(BuiltIn::GlobalInvocationId)]);
    let (zero, one) = (b.constant_bit32(word, 0), b.constant_bit32(word, 1));

    let function_type = b.type_function(void, []);
    let main = b.begin_function(void, None, FunctionControl::NONE, function_type).unwrap();
    b.entry_point(ExecutionModel::GLCompute, main, "main", [invocation]);
    b.execution_mode(main, ExecutionMode::LocalSize, [64, 1, 1]);
    b.begin_block(None).unwrap();
    let ids = b.load(vector, None, invocation, None, []).unwrap();
    let i = b.composite_extract(word, None, ids, [0]).unwrap();
    let [from, to] = [zero, one].map(|member| {
        let at = b.access_chain(to_address, None, push, [member]).unwrap();
        let start = b.load(address, None, at, None, []).unwrap();
        let array = b.convert_u_to_ptr(to_array, None, start).unwrap();
        b.access_chain(to_stored, None, array, [zero, i]).unwrap()
    });
    let aligned = [Operand::LiteralBit32(4)];
    let value = b.load(word, None, from, Some(MemoryAccess::ALIGNED), aligned.clone()).unwrap();
    let sum = b.i_add(word, None, value, value).unwrap();
    b.store(to, sum, Some(MemoryAccess::ALIGNED), aligned).unwrap();
    b.ret().unwrap();
    b.end_function().unwrap();
    b.module().assemble()
}

#[test]
fn shaders_reach_memory_by_address() {
    let validations = [None, Some(Validation::Synchronization), Some(Validation::GpuAssisted)];
    for validation in validations {
        if let Err(error) = crate::exec::vulkan::runtime::discovery::instance(None, validation) {
            println!("SKIPPED: {error}");
            continue;
        }
        let Some(gpu) = gpu(Config { validation, ..plain() }) else { return };
        if !gpu.abilities().addresses {
            println!("SKIPPED: {} has no buffers by address", gpu.found().name);
            return;
        }
        let words: Vec<u32> = (0..6400).collect();
        let (a, c) = (upload(&gpu, &words), gpu.allocate(25_600).unwrap());
        let pipeline = gpu.pipeline(&double(), Bindings { buffers: 0, push_bytes: 16 }).unwrap();
        let mut push = a.address().to_le_bytes().to_vec();
        push.extend(c.address().to_le_bytes());
        let mut batch = gpu.batch();
        batch.dispatch(&pipeline, &[&a, &c], &push, 100).unwrap();
        drop(a);
        batch.submit().unwrap();
        let sums: Vec<u32> = words.iter().map(|word| 2 * word).collect();
        assert_eq!(download(&c, 6400), sums);
        silent(&gpu);
    }
}
