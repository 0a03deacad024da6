//! A shader for the tests: c[i] = a[i] + k for i < n, with k and n pushed.

use std::sync::Arc;

use rspirv::binary::Assemble;
use rspirv::dr::{Builder, Operand};
use rspirv::spirv::{
    AddressingModel, BuiltIn, Capability, Decoration, ExecutionMode, ExecutionModel, FunctionControl,
    MemoryModel, SelectionControl, StorageClass,
};

use crate::exec::vulkan::runtime::{Batch, Bindings, Memory};

pub(super) const BINDINGS: Bindings = Bindings { buffers: 2, push_bytes: 8 };

const GROUP: u32 = 64;

/// The module.
pub(super) fn add() -> Vec<u32> {
    module(0)
}

/// Adds `more` on top: a different module for every value.
pub(super) fn module(more: u32) -> Vec<u32> {
    let mut b = Builder::new();
    b.set_version(1, 3);
    b.capability(Capability::Shader);
    b.memory_model(AddressingModel::Logical, MemoryModel::GLSL450);
    let (void, word, bool_) = (b.type_void(), b.type_int(32, 0), b.type_bool());
    let vector = b.type_vector(word, 3);
    let words = b.type_runtime_array(word);
    b.decorate(words, Decoration::ArrayStride, [Operand::LiteralBit32(4)]);
    let array = b.type_struct([words]);
    b.decorate(array, Decoration::Block, []);
    b.member_decorate(array, 0, Decoration::Offset, [Operand::LiteralBit32(0)]);
    let pushed = b.type_struct([word, word]);
    b.decorate(pushed, Decoration::Block, []);
    b.member_decorate(pushed, 0, Decoration::Offset, [Operand::LiteralBit32(0)]);
    b.member_decorate(pushed, 1, Decoration::Offset, [Operand::LiteralBit32(4)]);

    let to_array = b.type_pointer(None, StorageClass::StorageBuffer, array);
    let to_stored = b.type_pointer(None, StorageClass::StorageBuffer, word);
    let to_pushed = b.type_pointer(None, StorageClass::PushConstant, pushed);
    let to_constant = b.type_pointer(None, StorageClass::PushConstant, word);
    let to_vector = b.type_pointer(None, StorageClass::Input, vector);
    let [a, c] = [0, 1].map(|binding| {
        let variable = b.variable(to_array, None, StorageClass::StorageBuffer, None);
        b.decorate(variable, Decoration::DescriptorSet, [Operand::LiteralBit32(0)]);
        b.decorate(variable, Decoration::Binding, [Operand::LiteralBit32(binding)]);
        variable
    });
    let push = b.variable(to_pushed, None, StorageClass::PushConstant, None);
    let invocation = b.variable(to_vector, None, StorageClass::Input, None);
    b.decorate(invocation, Decoration::BuiltIn, [Operand::BuiltIn(BuiltIn::GlobalInvocationId)]);
    let (zero, one) = (b.constant_bit32(word, 0), b.constant_bit32(word, 1));
    let more = b.constant_bit32(word, more);

    let function_type = b.type_function(void, []);
    let main = b.begin_function(void, None, FunctionControl::NONE, function_type).unwrap();
    b.entry_point(ExecutionModel::GLCompute, main, "main", [invocation]);
    b.execution_mode(main, ExecutionMode::LocalSize, [GROUP, 1, 1]);
    b.begin_block(None).unwrap();
    let ids = b.load(vector, None, invocation, None, []).unwrap();
    let i = b.composite_extract(word, None, ids, [0]).unwrap();
    let at = b.access_chain(to_constant, None, push, [one]).unwrap();
    let n = b.load(word, None, at, None, []).unwrap();
    let inside = b.u_less_than(bool_, None, i, n).unwrap();
    let (body, end) = (b.id(), b.id());
    b.selection_merge(end, SelectionControl::NONE).unwrap();
    b.branch_conditional(inside, body, end, []).unwrap();
    b.begin_block(Some(body)).unwrap();
    let at = b.access_chain(to_constant, None, push, [zero]).unwrap();
    let k = b.load(word, None, at, None, []).unwrap();
    let at = b.access_chain(to_stored, None, a, [zero, i]).unwrap();
    let value = b.load(word, None, at, None, []).unwrap();
    let sum = b.i_add(word, None, value, k).unwrap();
    let sum = b.i_add(word, None, sum, more).unwrap();
    let at = b.access_chain(to_stored, None, c, [zero, i]).unwrap();
    b.store(at, sum, None, []).unwrap();
    b.branch(end).unwrap();
    b.begin_block(Some(end)).unwrap();
    b.ret().unwrap();
    b.end_function().unwrap();
    b.module().assemble()
}

/// c = a + k, over n words.
pub(super) fn dispatch(batch: &mut Batch, a: &Arc<Memory>, c: &Arc<Memory>, k: u32, n: u32) {
    let pipeline = a.gpu().pipeline(&add(), BINDINGS).unwrap();
    let mut push = k.to_le_bytes().to_vec();
    push.extend(n.to_le_bytes());
    batch.dispatch(&pipeline, &[a, c], &push, n.div_ceil(GROUP)).unwrap();
}
