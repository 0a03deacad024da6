//! Assembling an elementwise loop: a tape of its own for its body, and for those of the loops inside.

use std::collections::{HashMap, HashSet};

use numfuse_kernels::{Compute, Kernel, Op, convert, kernel, load};

use super::super::calls::{Calling, call, remember};
use super::super::combine::{Combined, Sum, combine};
use super::super::gather;
use super::super::repeat::{Copied, Left, LoopBody, LoopTape, Masked, Variable, Work};
use super::super::tape::{Pointer, Step};
use super::calls::COST;
use super::{Assembly, Place};
use crate::arena::Id;
use crate::dtype::Scalar;
use crate::graph::Supplied;
use crate::infer::CheckId;
use crate::plan::{Block, BlockId, Body, Def, Inst, Loop, ValueId};

/// How often a body is thought to run where only data tell, for the estimate of a loop's time.
const USUAL_TURNS: i64 = 16;
/// Most elements leave a loop long before its bound.
const MOST_TURNS: i64 = 64;

/// What a loop, with those inside it, reads from outside, and computes inside.
#[derive(Default)]
pub(super) struct Nest {
    /// Every value of its blocks.
    inside: HashSet<ValueId>,
    /// What it reads, each once.
    pub(super) outside: Vec<ValueId>,
    known: HashSet<ValueId>,
    /// Its gathers.
    pub(super) gathers: Vec<ValueId>,
    /// How many functions of the user's own it calls.
    calls: usize,
    /// How many readers its values have.
    readers: HashMap<ValueId, u32>,
}

impl Nest {
    /// Of the loop that an instruction is.
    pub(super) fn of(body: &Body, inst: &Inst) -> Nest {
        let mut nest = Nest::default();
        nest.visit(body, inst);
        nest
    }

    fn visit(&mut self, body: &Body, inst: &Inst) {
        match inst {
            Inst::Let(value) => {
                self.inside.insert(*value);
                match &body.values[*value].def {
                    Def::Gather(..) => self.gathers.push(*value),
                    Def::Call(function, ..) => self.calls += usize::from(function.kernels().is_none()),
                    _ => {}
                }
                operands(&body.values[*value].def).iter().for_each(|v| self.read(*v));
            }
            Inst::Check(bad, _) => {
                self.read(*bad);
                // it stays where it is
                self.read(*bad);
            }
            Inst::Repeat { bound, init, body: block } => {
                init.iter().chain([bound]).for_each(|v| self.read(*v));
                let Block { insts, go_on, yields, .. } = &body.blocks[*block];
                insts.iter().for_each(|inst| self.visit(body, inst));
                yields.iter().chain(go_on).for_each(|v| {
                    self.read(*v);
                    self.read(*v);
                });
            }
        }
    }

    fn read(&mut self, value: ValueId) {
        *self.readers.entry(value).or_insert(0) += 1;
        if !self.inside.contains(&value) && self.known.insert(value) {
            self.outside.push(value);
        }
    }
}

/// The elementwise loops of a tile's own block.
pub(super) struct Nests<'a> {
    loops: Vec<(&'a Inst, Nest)>,
    by_block: HashMap<BlockId, usize>,
    inside: HashSet<ValueId>,
    /// What variables are after their loops, those of inner loops too.
    left: HashMap<(BlockId, u32), ValueId>,
}

impl<'a> Nests<'a> {
    pub(super) fn of(nest: &'a Loop) -> Self {
        let body = &nest.body;
        let (mut loops, mut by_block, mut inside) = (Vec::new(), HashMap::new(), HashSet::new());
        for inst in &body.blocks[BlockId::new(0)].insts {
            if let Inst::Repeat { body: block, .. } = inst {
                let nest = Nest::of(body, inst);
                inside.extend(&nest.inside);
                by_block.insert(*block, loops.len());
                loops.push((inst, nest));
            }
        }
        let left = body.values.iter().filter_map(|(id, value)| match value.def {
            Def::Of(block, k) => Some(((block, k), id)),
            _ => None,
        });
        Nests { loops, by_block, inside, left: left.collect() }
    }

    /// Whether a loop computes a value.
    pub(super) fn inside(&self, value: ValueId) -> bool {
        self.inside.contains(&value)
    }

    /// A loop, and what it reads and computes.
    pub(super) fn of_block(&self, block: BlockId) -> &(&'a Inst, Nest) {
        &self.loops[self.by_block[&block]]
    }

    /// What a variable is after its loop, if anybody reads that.
    pub(super) fn left(&self, block: BlockId, k: u32) -> Option<ValueId> {
        self.left.get(&(block, k)).copied()
    }

    /// What the loops read.
    pub(super) fn read(&self) -> impl Iterator<Item = ValueId> {
        self.loops.iter().flat_map(|(_, nest)| nest.outside.iter().copied())
    }
}

/// The values that a definition reads.
fn operands(def: &Def) -> &[ValueId] {
    match def {
        Def::Op(op, operands) => &operands[..op.info().params.len()],
        Def::Call(function, operands, _) => &operands[..function.arity()],
        Def::Convert(of) | Def::Gather(_, of) => std::slice::from_ref(of),
        Def::Load(_) | Def::Const(_) | Def::Bytes(..) | Def::Count(_) | Def::Param(..) | Def::Of(..) => &[],
    }
}

/// The values that a block computes, those of loops inside aside.
fn own_values(block: &Block) -> HashSet<ValueId> {
    let own = block.insts.iter().filter_map(|inst| match inst {
        Inst::Let(value) => Some(*value),
        Inst::Check(..) | Inst::Repeat { .. } => None,
    });
    own.collect()
}

pub(super) struct LoopAssembly<'a, 'b> {
    around: &'b Assembly<'a>,
    body: &'a Body,
    nest: &'b Nest,
    tape: LoopTape,
    /// Values that serve all elements as one.
    uniform: HashSet<ValueId>,
    /// Variables that do not.
    varying: HashSet<(BlockId, u32)>,
    /// Loops that elements leave one by one: a variable that is one for all in the loop differs after it.
    left_alone: HashSet<BlockId>,
    entries: HashMap<ValueId, Pointer>,
    free: Vec<Pointer>,
    /// The slots that are given back after their value's last use.
    owned: HashSet<Pointer>,
    fetched: usize,
    /// Sums that are one step with the products in them; and those products.
    combined: HashMap<ValueId, Combined>,
    absorbed: HashSet<ValueId>,
    /// The last instruction of its own block that reads a value.
    last_reads: HashMap<ValueId, (BlockId, usize)>,
    cost: u32,
}

impl<'a, 'b> LoopAssembly<'a, 'b> {
    /// The tape of a loop; `values` are those after it, with their places in the surrounding table. Answers it with
    /// what an element costs.
    pub(super) fn assemble(
        around: &'b Assembly<'a>,
        block: BlockId,
        single: bool,
        context: Pointer,
        values: &[(u32, Pointer, usize)],
    ) -> (LoopTape, u32) {
        let (body, (inst, nest)) = (&around.nest.body, around.nests.of_block(block));
        let mut assembly = LoopAssembly {
            around,
            body,
            nest,
            tape: LoopTape { single, context, ..LoopTape::default() },
            uniform: HashSet::new(),
            varying: HashSet::new(),
            left_alone: HashSet::new(),
            entries: HashMap::new(),
            free: Vec::new(),
            owned: HashSet::new(),
            fetched: 0,
            combined: HashMap::new(),
            absorbed: HashSet::new(),
            last_reads: HashMap::new(),
            cost: 0,
        };
        for value in &nest.outside {
            let Place { pointer, splat } = around.place(*value);
            let entry = assembly.tape.outside.len() as Pointer;
            let size = if splat || single { 0 } else { body.values[*value].compute.size() };
            assembly.tape.outside.push((pointer, size));
            assembly.entries.insert(*value, entry);
            if size == 0 {
                assembly.uniform.insert(*value);
            }
        }
        while assembly.find_varying(inst) {}
        assembly.tape.body = assembly.repeat(inst, None);
        for (k, to, size) in values {
            let variable = &assembly.tape.body.variables[*k as usize];
            let splat = variable.uniform && variable.held.is_none();
            assembly.tape.results.push(Left { from: variable.left(), splat, to: *to, size: *size });
        }
        (assembly.tape, assembly.cost)
    }

    fn is_uniform(&self, value: ValueId) -> bool {
        self.uniform.contains(&value)
    }

    /// Finds out what serves all elements as one: variables do until something that differs is assigned to them.
    /// Answers whether that was news.
    fn find_varying(&mut self, inst: &Inst) -> bool {
        let before = (self.varying.len(), self.left_alone.len());
        match inst {
            Inst::Let(value) => {
                let uniform = match &self.body.values[*value].def {
                    Def::Param(block, k) => !self.varying.contains(&(*block, *k)),
                    Def::Of(block, k) => {
                        !self.varying.contains(&(*block, *k)) && !self.left_alone.contains(block)
                    }
                    Def::Gather(access, place) => {
                        self.is_uniform(*place) && !self.around.moves_in_tile(*access)
                    }
                    def => operands(def).iter().all(|v| self.is_uniform(*v)),
                };
                match uniform {
                    true => self.uniform.insert(*value),
                    false => self.uniform.remove(value),
                };
            }
            Inst::Check(..) => {}
            Inst::Repeat { init, body: block, .. } => {
                let Block { insts, go_on, yields, .. } = &self.body.blocks[*block];
                self.set_varying(*block, init);
                insts.iter().for_each(|inst| {
                    self.find_varying(inst);
                });
                self.set_varying(*block, yields);
                if go_on.is_some_and(|go_on| !self.is_uniform(go_on)) {
                    self.left_alone.insert(*block);
                }
            }
        }
        (self.varying.len(), self.left_alone.len()) != before
    }

    fn set_varying(&mut self, block: BlockId, values: &[ValueId]) {
        let differ = values.iter().enumerate().filter(|(_, v)| !self.is_uniform(**v));
        let differ: Vec<_> = differ.map(|(k, _)| (block, k as u32)).collect();
        self.varying.extend(differ);
    }

    /// An entry of scratch memory that is not given back: not after its value's last use either.
    fn slot(&mut self) -> Pointer {
        let Some(slot) = self.free.pop() else { return self.fresh_slot() };
        self.owned.remove(&slot);
        slot
    }

    /// An entry that no value of any turn has had: what is kept from turn to turn has it alone.
    fn fresh_slot(&mut self) -> Pointer {
        self.tape.slots += 1;
        self.first_slot() + self.tape.slots as Pointer - 1
    }

    fn first_slot(&self) -> Pointer {
        (self.tape.outside.len() + self.nest.gathers.len() + self.nest.calls) as Pointer
    }

    /// A loop; `masked` is the mask of the elements in the one around it.
    fn repeat(&mut self, inst: &'a Inst, masked: Option<Pointer>) -> LoopBody {
        let Inst::Repeat { bound, init, body: id } = inst else { unreachable!("a loop is a repetition") };
        let block: &'a Block = &self.body.blocks[*id];
        // a condition that is known to hold is none
        let go_on = block.go_on.filter(|v| self.body.values[*v].def != Def::Const(Scalar::Bool(true)));
        let leave_alone = go_on.is_some_and(|go_on| !self.is_uniform(go_on));
        let living = leave_alone.then(|| self.slot());
        let (bound, cost_before) = (*bound, self.cost);
        let currents: Vec<Pointer> = init.iter().map(|_| self.slot()).collect();
        for inst in &block.insts {
            if let Inst::Let(value) = inst
                && let Def::Param(_, k) = self.body.values[*value].def
            {
                self.entries.insert(*value, currents[k as usize]);
            }
        }
        self.combine_steps(block);
        self.find_last_reads(*id, block);
        let asked = go_on.map_or(0, |go_on| {
            let place = |inst: &Inst| matches!(inst, Inst::Let(value) if *value == go_on);
            block.insts.iter().position(place).map_or(0, |at| at + 1)
        });
        let inside = living.or(masked);
        let mut works = [Vec::new(), Vec::new()];
        for (at, inst) in block.insts.iter().enumerate() {
            let work = &mut works[usize::from(at >= asked)];
            self.work((*id, at), inst, inside, work);
        }
        let [asked, computed] = works;
        let (own, mut taken) = (own_values(block), HashSet::new());
        let mut variables = Vec::with_capacity(init.len());
        let (mut copies, mut masked_over, mut swaps, mut kept) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (k, (init, next)) in init.iter().zip(&block.yields).enumerate() {
            let is_read = self.around.nests.left(*id, k as u32).is_some();
            let compute = self.body.values[*init].compute;
            let (entry, next_splat) = (self.entries[next], self.is_uniform(*next));
            let uniform = !self.varying.contains(&(*id, k as u32));
            // what is computed in this turn alone, and in no variable's memory, need not be copied; what comes from
            // around the loop is there in the next turn, too
            let is_own = own.contains(next) && self.owned.contains(&entry) && next_splat == uniform;
            let held = (is_read && uniform && living.is_some()).then(|| self.fresh_slot());
            if let Some(held) = held {
                let kernel = self.kernel(Op::Where, compute, 0b10);
                kept.push(Masked { kernel, from: currents[k], to: held });
            }
            let is_masked = living.is_some() && is_read && !uniform;
            let by_way_of = match is_masked {
                true => !self.owned.contains(&entry),
                false => !(is_own && taken.insert(entry)),
            };
            let (mut from, mut from_splat) = (entry, next_splat);
            if by_way_of {
                let to = self.slot();
                copies.push(Copied { from, splat: next_splat, to, size: compute.size(), uniform });
                (from, from_splat) = (to, false);
            }
            match is_masked {
                true => {
                    let kernel = self.kernel(Op::Where, compute, u8::from(from_splat) << 1);
                    masked_over.push(Masked { kernel, from, to: currents[k] });
                }
                false => swaps.push([currents[k], from]),
            }
            variables.push(Variable {
                init: self.entries[init],
                splat: self.is_uniform(*init),
                current: currents[k],
                held,
                size: compute.size(),
                uniform,
            });
        }
        let turns = match self.body.values[bound].def {
            Def::Const(Scalar::I64(turns)) => turns.clamp(1, MOST_TURNS),
            _ => USUAL_TURNS,
        };
        self.cost = cost_before + (self.cost - cost_before).saturating_mul(turns as u32);
        let go_on = go_on.map(|go_on| (self.entries[&go_on], self.is_uniform(go_on)));
        LoopBody {
            bound: self.entries[&bound],
            variables,
            copies,
            masked: masked_over,
            swaps,
            held: kept,
            asked,
            computed,
            go_on,
            living,
            around: masked,
        }
    }

    fn kernel(&self, op: Op, compute: Compute, splats: u8) -> Kernel {
        kernel(self.around.bind.isa, op, compute, splats).expect("inference gives operations types they have")
    }

    /// Finds sums that are one step with the products in them, if nothing else reads those.
    fn combine_steps(&mut self, block: &Block) {
        let own = own_values(block);
        let mut sums = Vec::new();
        for inst in &block.insts {
            if let Inst::Let(value) = inst
                && let Def::Op(op @ (Op::Add | Op::Sub), [x, y, _]) = self.body.values[*value].def
                && !self.is_uniform(*value)
            {
                sums.push(Sum { value: *value, op, operands: [x, y] });
            }
        }
        let product = |v: ValueId| match self.body.values[v].def {
            _ if !own.contains(&v) || self.is_uniform(v) => None,
            Def::Op(Op::Mul, [a, b, _]) => Some([a, b]),
            Def::Op(Op::Square, [a, ..]) => Some([a, a]),
            _ => None,
        };
        let (isa, values) = (self.around.bind.isa, &self.body.values);
        let exists = |op, sum| kernel(isa, op, values[sum].compute, 0).is_some();
        let (combined, absorbed) = combine(&sums, product, |v| self.nest.readers[&v], exists);
        self.combined.extend(combined);
        self.absorbed.extend(absorbed);
    }

    /// Finds out when a block has read each of its own values for the last time; what it ends with it keeps. What it reads
    /// from around it is there in the next turn, too.
    fn find_last_reads(&mut self, id: BlockId, block: &Block) {
        let own = own_values(block);
        for (at, inst) in block.insts.iter().enumerate() {
            let nest;
            let read = match inst {
                // its factors are read by the sum
                Inst::Let(v) if self.absorbed.contains(v) => &[],
                Inst::Let(v) => match self.combined.get(v) {
                    Some(step) => &step.operands[..step.arity],
                    None => operands(&self.body.values[*v].def),
                },
                Inst::Check(bad, _) => std::slice::from_ref(bad),
                Inst::Repeat { .. } => {
                    nest = Nest::of(self.body, inst);
                    &nest.outside[..]
                }
            };
            for value in read.iter().filter(|value| own.contains(value)) {
                self.last_reads.insert(*value, (id, at));
            }
        }
        for value in block.yields.iter().chain(&block.go_on).filter(|value| own.contains(value)) {
            self.last_reads.insert(*value, (id, usize::MAX));
        }
    }

    /// One instruction of a block.
    fn work(&mut self, at: (BlockId, usize), inst: &'a Inst, masked: Option<Pointer>, works: &mut Vec<Work>) {
        match inst {
            Inst::Let(value) if self.absorbed.contains(value) => {}
            Inst::Let(value) => self.compute(at, *value, works),
            Inst::Check(bad, check) => {
                works.push(Work::Check(self.entries[bad], self.is_uniform(*bad), *check));
            }
            Inst::Repeat { body: inner, .. } => {
                let body = self.repeat(inst, masked);
                for (k, variable) in body.variables.iter().enumerate() {
                    if let Some(value) = self.around.nests.left(*inner, k as u32) {
                        self.entries.insert(value, variable.left());
                    }
                }
                works.push(Work::Repeat(Box::new(body)));
            }
        }
    }

    fn compute(&mut self, at: (BlockId, usize), id: ValueId, works: &mut Vec<Work>) {
        let value = &self.body.values[id];
        let uniform = self.is_uniform(id);
        let splat = |this: &Self, v: ValueId| !uniform && this.is_uniform(v);
        let (kernel, read): (Kernel, Vec<ValueId>) = match &value.def {
            Def::Param(..) | Def::Of(..) => return,
            Def::Call(function, operands, check) => {
                let operands = &operands[..function.arity()];
                let splats = operands.iter().enumerate();
                let splats = splats.fold(0, |bits, (j, v)| bits | u8::from(splat(self, *v)) << j);
                let Some(own) = function.kernels() else {
                    return self.call(id, function.clone(), operands, splats, *check, works);
                };
                self.cost += if uniform { 0 } else { own.cost() };
                let kernel = own.kernel(self.around.bind.isa, value.compute, splats);
                (kernel.expect("a body has kernels for floats"), operands.to_vec())
            }
            Def::Op(op, operands) => {
                let (op, operands, arity) = match self.combined.get(&id) {
                    Some(step) => (step.op, step.operands, step.arity),
                    None => (*op, *operands, op.info().params.len()),
                };
                let typed = if op == Op::Where { operands[1] } else { operands[0] };
                let operands = &operands[..arity];
                let splats = operands.iter().enumerate();
                let splats = splats.fold(0, |bits, (j, v)| bits | u8::from(splat(self, *v)) << j);
                self.cost += if uniform { 0 } else { op.info().cost };
                (self.kernel(op, self.body.values[typed].compute, splats), operands.to_vec())
            }
            Def::Convert(of) => {
                self.cost += u32::from(!uniform);
                (convert(self.around.bind.isa, self.body.values[*of].compute, value.compute), vec![*of])
            }
            Def::Gather(access, place) => return self.gather(id, access.index(), *place, works),
            Def::Load(_) | Def::Const(_) | Def::Bytes(..) | Def::Count(_) => {
                unreachable!("{id} does not depend on a loop's variable")
            }
        };
        let pointers: Vec<Pointer> = read.iter().map(|v| self.entries[v]).collect();
        // a kernel may write over an operand whose elements are as large, if nobody reads that again
        let mut target = None;
        for (v, pointer) in read.iter().zip(&pointers) {
            if !self.owned.contains(pointer) || self.last_reads.get(v) != Some(&at) {
                continue;
            }
            let same = self.body.values[*v].compute.size() == value.compute.size();
            match target {
                None if same && self.is_uniform(*v) == uniform => target = Some(*pointer),
                Some(target) if target == *pointer => {}
                _ if self.free.contains(pointer) => {}
                _ => self.free.push(*pointer),
            }
        }
        let target = target.unwrap_or_else(|| {
            let last = self.free.iter().rposition(|slot| !pointers.contains(slot));
            match last {
                Some(last) => self.free.remove(last),
                None => self.fresh_slot(),
            }
        });
        self.owned.insert(target);
        self.entries.insert(id, target);
        let mut operands = [pointers[0]; 3];
        operands[..pointers.len()].copy_from_slice(&pointers);
        works.push(Work::Step(Step { kernel, target, operands }, uniform));
    }

    /// Calls a function of the user's own.
    fn call(
        &mut self,
        id: ValueId,
        function: Supplied,
        operands: &[ValueId],
        splats: u8,
        check: CheckId,
        works: &mut Vec<Work>,
    ) {
        let uniform = self.is_uniform(id);
        let context = (self.tape.outside.len() + self.nest.gathers.len() + self.tape.calls.len()) as Pointer;
        let target = self.slot();
        let entry = |k: usize| self.entries[operands.get(k).unwrap_or(&operands[0])];
        if operands.len() == 3 {
            let step = Step { kernel: remember, target: context, operands: [entry(2); 3] };
            works.push(Work::Step(step, uniform));
        }
        let step = Step { kernel: call, target, operands: [entry(0), entry(1), context] };
        works.push(Work::Step(step, uniform));
        self.cost += if uniform { 0 } else { COST };
        self.tape.calls.push(Calling { function, context, splats, check });
        self.entries.insert(id, target);
    }

    /// Fetches elements from the places that a value says.
    fn gather(&mut self, id: ValueId, access: usize, place: ValueId, works: &mut Vec<Work>) {
        let uniform = self.is_uniform(id);
        let entry = (self.tape.outside.len() + self.fetched) as Pointer;
        self.fetched += 1;
        self.tape.fetches.push((access, self.is_uniform(place)));
        let raw = self.slot();
        let operands = [self.entries[&place], entry, entry];
        works.push(Work::Step(Step { kernel: gather::fetch, target: raw, operands }, uniform));
        self.cost += if uniform { 0 } else { 4 };
        let mut target = raw;
        if let Some(storage) = self.around.reaches[access].storage {
            target = self.slot();
            let step = Step { kernel: load(self.around.bind.isa, storage), target, operands: [raw; 3] };
            works.push(Work::Step(step, uniform));
        }
        self.entries.insert(id, target);
    }
}
