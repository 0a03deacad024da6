//! Recorded bodies as instructions: one match over the nodes.
//!
//! Bodies of rare lanes become functions, called from selections; loops stay loops. Functions stand before the entry
//! point, so what a shader will run is [declared](Module::declare) first.

use numfuse_kernels::record::{self, BinaryOp, Node, Recording, UnaryOp, ValueId};
use rspirv::dr::Operand;
use rspirv::spirv::{GlslStd450Op, Op, StorageClass, Word};

use super::control::Control;
use super::module::{Function, Module, Type};
use crate::error::Result;

impl Module<'_> {
    /// Writes the functions that a recording calls.
    pub(super) fn declare(&mut self, recording: &Recording) -> Result<()> {
        for body in &recording.bodies {
            if self.functions.iter().any(|function| function.body == *body) {
                continue;
            }
            self.declare(body)?;
            let function = self.function(body)?;
            self.functions.push(function);
        }
        Ok(())
    }

    /// Writes the functions that stand for f32 division and square roots where the device's own are off. They divide
    /// and take roots themselves, of numbers in range, and correct what comes of it.
    pub(super) fn declare_corrections(&mut self) -> Result<()> {
        let division = self.abilities.corrects_division.then(record::record_corrected_division);
        let sqrt = self.abilities.corrects_sqrt.then(record::record_corrected_sqrt);
        for body in division.iter().chain(&sqrt) {
            self.declare(body)?;
            let function = self.function(body)?;
            self.functions.push(function);
        }
        (self.division, self.sqrt) = (division, sqrt);
        Ok(())
    }

    fn function(&mut self, body: &Recording) -> Result<Function> {
        let of_results = body.results.iter().map(|id| body.nodes[id.0 as usize].1);
        let parameters: Vec<Word> = self.types(body.parameters.iter().copied())?;
        let results: Vec<Word> = self.types(of_results)?;
        let result = self.builder.type_struct(results);
        let ty = self.builder.type_function(result, parameters.iter().copied());
        let id = self.begin_function(ty, result, None);
        let add = |ty: &Word| self.builder.function_parameter(*ty).expect("a function is open");
        let arguments: Vec<Word> = parameters.iter().map(add).collect();
        self.begin_block(None);
        let values = self.run(body, &arguments)?;
        let whole = self.add(Op::CompositeConstruct, result, values.into_iter().map(Operand::IdRef));
        self.builder.ret_value(whole).expect("a block is open");
        self.builder.end_function().expect("a function is open");
        Ok(Function { body: body.clone(), id, result })
    }

    fn types(&mut self, of: impl Iterator<Item = numfuse_kernels::record::Type>) -> Result<Vec<Word>> {
        of.map(|of| self.ty(of.into())).collect()
    }

    /// The results of a recording, whose functions are declared, for these parameters.
    pub(super) fn run(&mut self, recording: &Recording, parameters: &[Word]) -> Result<Vec<Word>> {
        let live = live(recording);
        let mut values: Vec<Vec<Word>> = Vec::with_capacity(recording.nodes.len());
        for (k, (node, of)) in recording.nodes.iter().enumerate() {
            let value = match live[k] {
                true => self.node(recording, *node, (*of).into(), parameters, &values)?,
                false => Vec::new(),
            };
            values.push(value);
        }
        Ok(recording.results.iter().map(|id| values[id.0 as usize][0]).collect())
    }

    /// The value of a node; of a call or a loop, all of its parts.
    fn node(
        &mut self,
        recording: &Recording,
        node: Node,
        of: Type,
        parameters: &[Word],
        values: &[Vec<Word>],
    ) -> Result<Vec<Word>> {
        let at = |id: ValueId| values[id.0 as usize][0];
        let type_of = |id: ValueId| Type::from(recording.nodes[id.0 as usize].1);
        let all = |ids: &[ValueId]| ids.iter().map(|id| at(*id)).collect::<Vec<Word>>();
        Ok(vec![match node {
            Node::Parameter(k) => parameters[k as usize],
            Node::Constant(bits) => self.constant(of, bits)?,
            Node::Unary(op, a) => self.unary(op, type_of(a), of, at(a))?,
            Node::Binary(op, a, b) => self.binary(op, type_of(a), of, at(a), at(b))?,
            // strict recordings have none
            Node::MulAdd(a, b, c) => {
                let product = self.op(Op::FMul, of, &[at(a), at(b)])?;
                self.op(Op::FAdd, of, &[product, at(c)])?
            }
            Node::Select(mask, a, b) => self.op(Op::Select, of, &[at(mask), at(a), at(b)])?,
            Node::Table(table, index) => self.table(recording.tables[table as usize], of, at(index))?,
            Node::Part(whole, k) => values[whole.0 as usize][k as usize],
            Node::Rare(k) => {
                let call = &recording.rares[k as usize];
                let body = &recording.bodies[call.body];
                let otherwise: Vec<_> = call.otherwise.iter().map(|id| (type_of(*id), at(*id))).collect();
                let arguments = all(&call.arguments);
                return self.choose(at(call.mask), &otherwise, |module| module.call(body, &arguments));
            }
            Node::Repeat(k) => {
                let repeated = &recording.loops[k as usize];
                let zero = (Type::U32, self.u32(0)?);
                let state = repeated.state.iter().map(|id| (type_of(*id), at(*id)));
                let state: Vec<_> = [zero].into_iter().chain(state).collect();
                let mut last = self.repeat(
                    &state,
                    |module, state| {
                        let limit = module.u32(repeated.limit)?;
                        let is_left = module.op(Op::ULessThan, Type::Bool, &[state[0], limit])?;
                        let goes_on = module.run(&repeated.go_on, &state[1..])?;
                        module.op(Op::LogicalAnd, Type::Bool, &[is_left, goes_on[0]])
                    },
                    |module, state| {
                        let mut next = module.run(&repeated.next, &state[1..])?;
                        let one = module.u32(1)?;
                        next.insert(0, module.op(Op::IAdd, Type::U32, &[state[0], one])?);
                        Ok(next)
                    },
                )?;
                last.remove(0);
                return Ok(last);
            }
        }])
    }

    fn call(&mut self, body: &Recording, arguments: &[Word]) -> Result<Vec<Word>> {
        let known = self.functions.iter().find(|function| function.body == *body);
        let Function { id, result, .. } = known.expect("what runs is declared before");
        let (id, result) = (*id, *result);
        let operands = [id].into_iter().chain(arguments.iter().copied()).map(Operand::IdRef);
        let whole = self.add(Op::FunctionCall, result, operands);
        let types = body.results.iter().map(|id| Type::from(body.nodes[id.0 as usize].1));
        let parts = types.enumerate().map(|(k, of)| {
            let ty = self.ty(of)?;
            let operands = [Operand::IdRef(whole), Operand::LiteralBit32(k as u32)];
            Ok(self.add(Op::CompositeExtract, ty, operands))
        });
        parts.collect()
    }

    fn unary(&mut self, op: UnaryOp, from: Type, to: Type, a: Word) -> Result<Word> {
        match op {
            UnaryOp::Sqrt if to == Type::F32 && self.sqrt.is_some() => {
                let body = self.sqrt.clone();
                body.map_or(Ok(a), |body| Ok(self.call(&body, &[a])?[0]))
            }
            UnaryOp::Sqrt => self.extended(GlslStd450Op::Sqrt, to, a),
            // RoundEven and its like are wrong for f64 where lavapipe's vectors have 512 bits (Mesa 22.3), and nothing
            // holds a driver to them
            UnaryOp::Floor | UnaryOp::Ceil | UnaryOp::Trunc | UnaryOp::Round if to == Type::F64 => {
                match record::record_rounding(op) {
                    Some(rounding) => Ok(self.run(&rounding, &[a])?[0]),
                    None => Ok(a),
                }
            }
            UnaryOp::Floor => self.extended(GlslStd450Op::Floor, to, a),
            UnaryOp::Ceil => self.extended(GlslStd450Op::Ceil, to, a),
            UnaryOp::Trunc => self.extended(GlslStd450Op::Trunc, to, a),
            UnaryOp::Round => self.extended(GlslStd450Op::RoundEven, to, a),
            UnaryOp::BitCast if from == to => Ok(a),
            UnaryOp::BitCast => self.op(Op::Bitcast, to, &[a]),
            UnaryOp::FromInt => self.op(Op::ConvertSToF, to, &[a]),
            UnaryOp::ToInt => self.op(Op::ConvertFToS, to, &[a]),
            UnaryOp::Extend => self.extended_sign(a),
            UnaryOp::Truncate => self.op(Op::UConvert, to, &[a]),
            UnaryOp::ToDouble | UnaryOp::ToSingle => self.op(Op::FConvert, to, &[a]),
            UnaryOp::Not => self.op(Op::LogicalNot, to, &[a]),
        }
    }

    fn binary(&mut self, op: BinaryOp, operands: Type, to: Type, a: Word, b: Word) -> Result<Word> {
        if op == BinaryOp::Div
            && operands == Type::F32
            && let Some(body) = self.division.clone()
        {
            return Ok(self.call(&body, &[a, b])?[0]);
        }
        let (float, mask) = (operands.is_float(), operands == Type::Bool);
        if op == BinaryOp::Xor && a == b {
            return self.unknown(to, 0);
        }
        if op == BinaryOp::Eq && float && a == b {
            return self.is_number(operands, a);
        }
        let op = match op {
            BinaryOp::Add if float => Op::FAdd,
            BinaryOp::Add => Op::IAdd,
            BinaryOp::Sub if float => Op::FSub,
            BinaryOp::Sub => Op::ISub,
            BinaryOp::Mul if float => Op::FMul,
            BinaryOp::Mul => Op::IMul,
            BinaryOp::Div if float => Op::FDiv,
            BinaryOp::Div => Op::SDiv,
            BinaryOp::MulHigh => return self.high_product(operands, a, b),
            BinaryOp::And if mask => Op::LogicalAnd,
            BinaryOp::And => Op::BitwiseAnd,
            BinaryOp::Or if mask => Op::LogicalOr,
            BinaryOp::Or => Op::BitwiseOr,
            BinaryOp::Xor if mask => Op::LogicalNotEqual,
            BinaryOp::Xor => Op::BitwiseXor,
            BinaryOp::ShiftLeft => Op::ShiftLeftLogical,
            BinaryOp::ShiftRight => Op::ShiftRightLogical,
            BinaryOp::Lt if float => Op::FOrdLessThan,
            BinaryOp::Lt => Op::SLessThan,
            BinaryOp::Le if float => Op::FOrdLessThanEqual,
            BinaryOp::Le => Op::SLessThanEqual,
            BinaryOp::Eq if float => Op::FOrdEqual,
            BinaryOp::Eq if mask => Op::LogicalEqual,
            BinaryOp::Eq => Op::IEqual,
        };
        self.op(op, to, &[a, b])
    }

    /// Whether a float is no NaN, by its bits: a driver that leaves NaN out of account takes what equals itself for true.
    fn is_number(&mut self, of: Type, a: Word) -> Result<Word> {
        let (word, magnitude, infinity) = match of {
            Type::F64 => (Type::U64, i64::MAX as u64, f64::INFINITY.to_bits()),
            _ => (Type::U32, i32::MAX as u64, f32::INFINITY.to_bits().into()),
        };
        let (magnitude, infinity) = (self.constant(word, magnitude)?, self.constant(word, infinity)?);
        let bits = self.op(Op::Bitcast, word, &[a])?;
        let bits = self.op(Op::BitwiseAnd, word, &[bits, magnitude])?;
        self.op(Op::ULessThanEqual, Type::Bool, &[bits, infinity])
    }

    fn high_product(&mut self, of: Type, a: Word, b: Word) -> Result<Word> {
        let ty = self.ty(of)?;
        let both = self.builder.type_struct([ty, ty]);
        let product = self.add(Op::UMulExtended, both, [Operand::IdRef(a), Operand::IdRef(b)]);
        Ok(self.add(Op::CompositeExtract, ty, [Operand::IdRef(product), Operand::LiteralBit32(1)]))
    }

    /// An element of a table of constants, truncated to the type.
    fn table(&mut self, words: &'static [u64], of: Type, index: Word) -> Result<Word> {
        let ty = self.ty(of)?;
        let known =
            self.tables.iter().find(|(table, as_type, _)| std::ptr::eq(*table, words) && *as_type == of);
        let variable = match known {
            Some((_, _, variable)) => *variable,
            None => {
                let constants: Result<Vec<Word>> =
                    words.iter().map(|bits| self.constant(of, *bits)).collect();
                let length = self.u32(words.len() as u32)?;
                let array = self.builder.type_array(ty, length);
                let constant = self.builder.constant_composite(array, constants?);
                let variable = self.global(StorageClass::Private, array, Some(constant));
                self.tables.push((words, of, variable));
                variable
            }
        };
        let pointer = self.pointer(StorageClass::Private, ty);
        let element = self.add(Op::AccessChain, pointer, [Operand::IdRef(variable), Operand::IdRef(index)]);
        Ok(self.add(Op::Load, ty, [Operand::IdRef(element)]))
    }
}

/// Which nodes the results need.
fn live(recording: &Recording) -> Vec<bool> {
    let mut live = vec![false; recording.nodes.len()];
    recording.results.iter().for_each(|id| live[id.0 as usize] = true);
    for k in (0..recording.nodes.len()).rev() {
        if !live[k] {
            continue;
        }
        let mut mark = |id: &ValueId| live[id.0 as usize] = true;
        match &recording.nodes[k].0 {
            Node::Parameter(_) | Node::Constant(_) => {}
            Node::Unary(_, a) | Node::Table(_, a) | Node::Part(a, _) => mark(a),
            Node::Binary(_, a, b) => [a, b].into_iter().for_each(mark),
            Node::MulAdd(a, b, c) | Node::Select(a, b, c) => [a, b, c].into_iter().for_each(mark),
            Node::Rare(call) => {
                let call = &recording.rares[*call as usize];
                mark(&call.mask);
                call.arguments.iter().chain(&call.otherwise).for_each(mark);
            }
            Node::Repeat(number) => recording.loops[*number as usize].state.iter().for_each(mark),
        }
    }
    live
}
