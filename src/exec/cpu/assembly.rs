//! Assembling a tape: each value gets a kernel and a place, places are used again once nobody reads them.

mod calls;
mod finish;
mod repeat;

use numfuse_kernels::{self as kernels, Compute, Op, STEP, Storage, convert, kernel, load};

use self::repeat::{LoopAssembly, Nests};
use super::calls::Calling;
use super::emit::Emit;
use super::gather;
use super::repeat::LoopTape;
use super::schedule::{Bind, Inner, Mode, Reach};
use super::tape::{ByteTest, Fetch, Phase, Pointer, Read, Step, Tape, When};
use crate::arena::Id;
use crate::dtype::Scalar;
use crate::infer::CheckId;
use crate::plan::{AccessId, BlockId, BufferId, Def, Inst, Loop, Store, Text, ValueId};

impl Tape {
    /// The tape of a loop whose innermost axes have `inner` elements, `widest` bytes each.
    pub(super) fn new(
        nest: &Loop,
        extents: &[usize],
        reaches: &[Reach],
        mode: Mode,
        inner: usize,
        widest: usize,
        bind: Bind,
    ) -> Tape {
        let mut assembly = Assembly::new(nest, extents, reaches, bind);
        assembly.emit();
        assembly.finish(mode, inner, widest)
    }
}

/// Where a value lies.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) pointer: Pointer,
    pub(super) splat: bool,
}

pub(super) struct Assembly<'a> {
    pub(super) nest: &'a Loop,
    extents: &'a [usize],
    pub(super) reaches: &'a [Reach],
    pub(super) bind: Bind,
    pub(super) when: Vec<When>,
    pub(super) emits: Vec<Emit>,
    /// How many later steps of its own phase still use a value; pinned ones stay.
    uses: Vec<u32>,
    pinned: Vec<bool>,
    places: Vec<Option<Place>>,
    next_pointer: Pointer,
    /// Slots of tiles and of single elements: all, and those free now.
    tiles: Vec<Pointer>,
    smalls: Vec<Pointer>,
    free_tiles: Vec<Pointer>,
    free_smalls: Vec<Pointer>,
    pub(super) phases: [Phase; 3],
    pub(super) constants: Vec<(Pointer, usize)>,
    pool: Vec<u8>,
    checks: Vec<(ValueId, CheckId)>,
    fetches: Vec<Fetch>,
    /// The elementwise loops of the tile's own block, what they read and compute, and the tapes of those that have been
    /// assembled.
    nests: Nests<'a>,
    loops: Vec<LoopTape>,
    calls: Vec<Calling>,
    /// Accesses that kernels read as splats where they lie.
    pub(super) points: Vec<usize>,
    cost: u32,
}

impl<'a> Assembly<'a> {
    fn new(nest: &'a Loop, extents: &'a [usize], reaches: &'a [Reach], bind: Bind) -> Self {
        let count = nest.body.values.len();
        let mut assembly = Assembly {
            nest,
            extents,
            reaches,
            bind,
            when: Vec::with_capacity(count),
            emits: Vec::with_capacity(count),
            uses: vec![0; count],
            pinned: vec![false; count],
            places: vec![None; count],
            next_pointer: reaches.len() as Pointer,
            tiles: Vec::new(),
            smalls: Vec::new(),
            free_tiles: Vec::new(),
            free_smalls: Vec::new(),
            phases: Default::default(),
            constants: Vec::new(),
            pool: Vec::new(),
            checks: Vec::new(),
            fetches: Vec::new(),
            nests: Nests::of(nest),
            loops: Vec::new(),
            calls: Vec::new(),
            points: Vec::new(),
            cost: 0,
        };
        assembly.classify();
        assembly.count_uses();
        assembly
    }

    pub(super) fn insts(&self) -> &'a [Inst] {
        &self.nest.body.blocks[BlockId::new(0)].insts
    }

    /// When each value is computed, and by what.
    fn classify(&mut self) {
        for (id, value) in self.nest.body.values.iter() {
            if self.nests.inside(id) {
                self.when.push(When::Once);
                self.emits.push(Emit::Inside);
                continue;
            }
            let after = |ids: &[ValueId], when: &[When]| {
                ids.iter().map(|v| when[v.index()]).max().unwrap_or(When::Once)
            };
            let (when, emit) = match &value.def {
                Def::Load(access) => {
                    let reach = &self.reaches[access.index()];
                    let when = self.moves(*access);
                    let emit = match (reach.storage, &reach.inner) {
                        (Some(storage), _) => Emit::Widen(access.index(), storage),
                        (None, Inner::InPlace) => Emit::Nothing,
                        (None, Inner::Strided(_) | Inner::Splat) => Emit::Read(access.index()),
                    };
                    (when, emit)
                }
                Def::Gather(access, place) => {
                    let when = self.moves(*access).max(self.when[place.index()]);
                    (when, Emit::Gather(access.index(), *place, self.reaches[access.index()].storage))
                }
                Def::Bytes(op, texts) => {
                    let when = |text: &Text| match text {
                        Text::Element(access) => self.moves(*access),
                        Text::Bytes(_) => When::Once,
                    };
                    (texts.iter().map(when).max().unwrap_or(When::Once), Emit::Bytes(*op, texts.clone()))
                }
                Def::Const(_) | Def::Count(_) => (When::Once, Emit::Nothing),
                Def::Op(op, operands) => {
                    let arity = op.info().params.len();
                    // the condition of `where` is always bool
                    let typed = if *op == Op::Where { operands[1] } else { operands[0] };
                    let compute = self.nest.body.values[typed].compute;
                    (after(&operands[..arity], &self.when), Emit::Op(*op, compute, *operands, arity))
                }
                Def::Call(function, operands, check) => {
                    let when = after(&operands[..function.arity()], &self.when);
                    let emit = match function.kernels() {
                        None => Emit::Call(function.clone(), *operands, *check),
                        Some(own) => Emit::Own(*own, value.compute, *operands, function.arity()),
                    };
                    (when, emit)
                }
                Def::Convert(of) => {
                    (after(&[*of], &self.when), Emit::Convert(self.nest.body.values[*of].compute, *of))
                }
                Def::Of(block, _) => {
                    let nest = &self.nests.of_block(*block).1;
                    let gathers = nest.gathers.iter().map(|v| match self.nest.body.values[*v].def {
                        Def::Gather(access, _) => self.moves(access),
                        _ => When::Once,
                    });
                    let after = after(&nest.outside, &self.when).max(gathers.max().unwrap_or(When::Once));
                    (after, Emit::Left(*block))
                }
                Def::Param(..) => unreachable!("a variable is inside its loop"),
            };
            self.when.push(when);
            self.emits.push(emit);
        }
        self.combine_steps();
        self.point_at_splats();
    }

    /// What elementwise loops read.
    pub(super) fn read_by_loops(&self) -> impl Iterator<Item = ValueId> {
        self.nests.read()
    }

    /// Whether an access has another element within a tile.
    fn moves_in_tile(&self, access: AccessId) -> bool {
        self.moves(access) == When::Tile
    }

    /// How often an access has another element.
    fn moves(&self, access: AccessId) -> When {
        let reach = &self.reaches[access.index()];
        let still = reach.outer.iter().chain(&reach.middle).all(|s| *s == 0);
        match reach.inner {
            Inner::InPlace | Inner::Strided(_) => When::Tile,
            Inner::Splat if still => When::Once,
            Inner::Splat => When::Row,
        }
    }

    fn count_uses(&mut self) {
        for k in 0..self.emits.len() {
            for v in self.emits[k].operands().iter().copied() {
                self.uses[v.index()] += 1;
                // what a later phase reads must outlive its own
                self.pinned[v.index()] |= self.when[v.index()] != self.when[k];
            }
        }
        for inst in self.insts() {
            match inst {
                Inst::Check(bad, check) => {
                    self.pinned[bad.index()] = true;
                    self.checks.push((*bad, *check));
                }
                Inst::Let(_) | Inst::Repeat { .. } => {}
            }
        }
        let read: Vec<ValueId> = self.read_by_loops().collect();
        read.iter().for_each(|v| self.pinned[v.index()] = true);
        for v in self.nest.written() {
            self.pinned[v.index()] = true;
        }
    }

    fn pointer(&mut self) -> Pointer {
        self.next_pointer += 1;
        self.next_pointer - 1
    }

    fn slot(&mut self, tile: bool) -> Pointer {
        let free = if tile { &mut self.free_tiles } else { &mut self.free_smalls };
        if let Some(slot) = free.pop() {
            return slot;
        }
        let slot = self.pointer();
        if tile {
            self.tiles.push(slot)
        } else {
            self.smalls.push(slot)
        }
        slot
    }

    /// Emits the phases one after the other, so that what is free after one is free for the next.
    fn emit(&mut self) {
        self.emit_constants();
        self.choose_direct();
        for phase in [When::Once, When::Row, When::Tile] {
            // all reads come before the first step, so no step's slot may be read into
            let mut raw = vec![0; self.emits.len()];
            for (k, raw) in raw.iter_mut().enumerate() {
                if self.when[k] != phase {
                    continue;
                }
                *raw = self.emit_read(k, phase);
            }
            for (k, raw) in raw.iter().enumerate() {
                if let Emit::Widen(access, storage) = self.emits[k]
                    && self.when[k] == phase
                {
                    self.emit_widening(k, access, storage, *raw);
                }
            }
            for k in 0..self.emits.len() {
                if self.when[k] == phase {
                    self.emit_step(k, phase);
                }
            }
        }
    }

    /// Brings an access's elements into a slot, unless kernels read them where they are. Answers where they are then.
    fn emit_read(&mut self, k: usize, phase: When) -> Pointer {
        let tile = phase == When::Tile;
        let (access, widened) = match &self.emits[k] {
            Emit::Read(access) => (*access, false),
            Emit::Widen(access, _) => (*access, true),
            Emit::Bytes(op, texts) => {
                let (op, texts) = (*op, texts.clone());
                let slot = self.slot(tile);
                self.phases[phase as usize].byte_tests.push(ByteTest { op, texts, slot });
                self.places[k] = Some(Place { pointer: slot, splat: !tile });
                return slot;
            }
            Emit::Point(access) => {
                let pointer = *access as Pointer;
                self.places[k] = Some(Place { pointer, splat: true });
                return pointer;
            }
            Emit::Inside | Emit::Left(..) => return 0,
            Emit::Nothing
            | Emit::Op(..)
            | Emit::Own(..)
            | Emit::Call(..)
            | Emit::Convert(..)
            | Emit::Gather(..) => {
                let Def::Load(access) = self.nest.body.values[ValueId::new(k)].def else { return 0 };
                let pointer = access.index() as Pointer;
                self.places[k] = Some(Place { pointer, splat: false });
                return pointer;
            }
        };
        if self.reaches[access].inner == Inner::InPlace {
            return access as Pointer;
        }
        let slot = self.slot(tile);
        self.phases[phase as usize].reads.push(Read { access, slot });
        if !widened {
            self.places[k] = Some(Place { pointer: slot, splat: !tile });
        }
        slot
    }

    /// Widens elements on their way into a tile.
    fn emit_widening(&mut self, k: usize, access: usize, storage: Storage, raw: Pointer) {
        let (phase, tile) = (self.when[k], self.when[k] == When::Tile);
        let target = match self.places[k] {
            Some(place) => place.pointer,
            None => self.slot(tile),
        };
        self.places[k] = Some(Place { pointer: target, splat: !tile });
        self.cost += u32::from(tile);
        let step = Step { kernel: load(self.bind.isa, storage), target, operands: [raw; 3] };
        self.phases[phase as usize].steps.push(step);
        if raw as usize != access {
            let free = if tile { &mut self.free_tiles } else { &mut self.free_smalls };
            free.push(raw);
        }
    }

    /// Numbers lie in a pool of their own. Kernels that read one as a splat want one copy, those that compute single
    /// elements [`STEP`] of them.
    fn emit_constants(&mut self) {
        let mut copies = vec![1usize; self.emits.len()];
        for (k, emit) in self.emits.iter().enumerate() {
            if self.when[k] != When::Tile {
                emit.operands().iter().for_each(|v| copies[v.index()] = STEP);
            }
        }
        for store in self.nest.stores.iter().filter(|s| self.reaches[s.access.index()].storage.is_some()) {
            copies[store.value.index()] = STEP;
        }
        self.read_by_loops().for_each(|v| copies[v.index()] = STEP);
        for (id, value) in self.nest.body.values.iter() {
            let scalar = match &value.def {
                Def::Const(scalar) => *scalar,
                Def::Count(dims) => {
                    let count: f64 = dims.iter().map(|d| self.extents[d.index()] as f64).product();
                    // lowering counts for means only, which are floats
                    if value.compute == Compute::F32 { Scalar::F32(count as f32) } else { Scalar::F64(count) }
                }
                Def::Load(_) | Def::Bytes(..) | Def::Op(..) | Def::Call(..) | Def::Convert(_) => continue,
                Def::Gather(..) | Def::Param(..) | Def::Of(..) => continue,
            };
            let at = self.pool.len();
            for _ in 0..copies[id.index()] {
                self.pool.extend_from_slice(&scalar.to_bytes()[..value.compute.size()]);
            }
            self.pool.resize(self.pool.len().next_multiple_of(8), 0);
            let pointer = self.pointer();
            self.constants.push((pointer, at));
            self.places[id.index()] = Some(Place { pointer, splat: true });
        }
    }

    /// Lets a result's last kernel write it where it belongs: in place, not past the caches, and not over anything
    /// that the loop reads.
    fn choose_direct(&mut self) {
        let loads: Vec<BufferId> = self.loads().map(|access| self.reaches[access.index()].memory).collect();
        for store in &self.nest.stores {
            let (k, reach) = (store.value.index(), &self.reaches[store.access.index()]);
            let computed =
                matches!(self.emits[k], Emit::Op(..) | Emit::Own(..) | Emit::Convert(..) | Emit::Widen(..));
            let direct = !self.bind.stream
                && reach.inner == Inner::InPlace
                && reach.storage.is_none()
                && self.when[k] == When::Tile
                && computed
                && self.places[k].is_none()
                && !loads.contains(&reach.memory);
            if direct {
                self.places[k] = Some(Place { pointer: store.access.index() as Pointer, splat: false });
            }
        }
    }

    fn loads(&self) -> impl Iterator<Item = AccessId> {
        self.nest.body.values.iter().filter_map(|(_, value)| match value.def {
            Def::Load(access) | Def::Gather(access, _) => Some(access),
            Def::Const(_) | Def::Bytes(..) | Def::Op(..) | Def::Call(..) | Def::Convert(_) => None,
            Def::Count(_) | Def::Param(..) | Def::Of(..) => None,
        })
    }

    fn emit_step(&mut self, k: usize, phase: When) {
        let size = self.nest.body.values[ValueId::new(k)].compute.size();
        let tile = phase == When::Tile;
        let (operands, arity) = match &self.emits[k] {
            Emit::Nothing | Emit::Read(_) | Emit::Point(_) => return,
            Emit::Widen(..) | Emit::Bytes(..) | Emit::Inside => return,
            Emit::Left(block) => {
                // with the first of a loop's values come all
                if self.places[k].is_none() {
                    self.emit_loop(*block, phase);
                }
                return;
            }
            Emit::Gather(access, place, storage) => {
                return self.emit_gather(k, phase, *access, *place, *storage);
            }
            Emit::Call(function, operands, check) => {
                let (function, operands, check) = (function.clone(), *operands, *check);
                return self.emit_call(k, phase, &function, operands, check);
            }
            Emit::Op(_, _, operands, arity) | Emit::Own(_, _, operands, arity) => (*operands, *arity),
            Emit::Convert(_, of) => ([*of; 3], 1),
        };
        let places =
            operands.map(|v| self.places[v.index()].expect("operands are emitted before their users"));
        let mut splats = 0u8;
        for (j, place) in places[..arity].iter().enumerate() {
            splats |= u8::from(tile && place.splat) << j;
        }
        let kernel = match self.emits[k] {
            Emit::Op(op, compute, ..) => {
                self.cost += if tile { op.info().cost } else { 0 };
                kernel(self.bind.isa, op, compute, splats)
                    .expect("inference gives operations types they have")
            }
            Emit::Own(own, compute, ..) => {
                self.cost += if tile { own.cost() } else { 0 };
                own.kernel(self.bind.isa, compute, splats).expect("a body has kernels for floats")
            }
            Emit::Convert(from, _) => {
                self.cost += u32::from(tile);
                convert(self.bind.isa, from, self.nest.body.values[ValueId::new(k)].compute)
            }
            Emit::Nothing
            | Emit::Read(_)
            | Emit::Point(_)
            | Emit::Call(..)
            | Emit::Gather(..)
            | Emit::Widen(..)
            | Emit::Inside
            | Emit::Left(..)
            | Emit::Bytes(..) => {
                unreachable!("they have returned above")
            }
        };
        // a kernel may write over an operand whose elements are as large, if nobody reads that again
        let mut freed: Vec<Pointer> = Vec::new();
        let mut target = self.places[k].map(|place| place.pointer);
        for j in 0..arity {
            let v = operands[j].index();
            self.uses[v] -= 1;
            let own = self.when[v] == phase && self.is_slot(v, places[j].pointer);
            if self.uses[v] > 0 || self.pinned[v] || !own {
                continue;
            }
            let same = self.nest.body.values[operands[j]].compute.size() == size;
            match target {
                None if same => target = Some(places[j].pointer),
                _ => freed.push(places[j].pointer),
            }
        }
        let target = target.unwrap_or_else(|| self.slot(tile));
        let free = if tile { &mut self.free_tiles } else { &mut self.free_smalls };
        free.extend(freed);
        self.places[k] = Some(Place { pointer: target, splat: !tile });
        let pointers = places.map(|place| place.pointer);
        self.phases[phase as usize].steps.push(Step { kernel, target, operands: pointers });
    }

    /// Runs an elementwise loop as one step.
    fn emit_loop(&mut self, block: BlockId, phase: When) {
        let tile = phase == When::Tile;
        let context = self.pointer();
        let mut values = Vec::new();
        for k in 0..self.nest.body.blocks[block].params {
            if let Some(id) = self.nests.left(block, k) {
                let slot = self.slot(tile);
                self.places[id.index()] = Some(Place { pointer: slot, splat: !tile });
                values.push((k, slot, self.nest.body.values[id].compute.size()));
            }
        }
        let (tape, cost) = LoopAssembly::assemble(self, block, !tile, context, &values);
        self.loops.push(tape);
        self.cost = self.cost.saturating_add(if tile { cost } else { 0 });
        let step = Step { kernel: super::repeat::run, target: context, operands: [context; 3] };
        self.phases[phase as usize].steps.push(step);
    }

    /// Fetches elements from the places that a value says.
    fn emit_gather(
        &mut self,
        k: usize,
        phase: When,
        access: usize,
        place: ValueId,
        storage: Option<Storage>,
    ) {
        let tile = phase == When::Tile;
        let places = self.place(place);
        let raw = self.slot(tile);
        let context = self.pointer();
        self.fetches.push(Fetch { access, context, splat: places.splat });
        let operands = [places.pointer, context, context];
        let steps = &mut self.phases[phase as usize].steps;
        steps.push(Step { kernel: gather::fetch, target: raw, operands });
        self.cost += if tile { 4 } else { 0 };
        let mut target = raw;
        if let Some(storage) = storage {
            target = self.slot(tile);
            let step = Step { kernel: load(self.bind.isa, storage), target, operands: [raw; 3] };
            self.phases[phase as usize].steps.push(step);
        }
        self.uses[place.index()] -= 1;
        self.places[k] = Some(Place { pointer: target, splat: !tile });
    }

    /// Whether a value's pointer is a slot of its own, to be used again: not an access, not a number.
    fn is_slot(&self, v: usize, pointer: Pointer) -> bool {
        let number = matches!(self.nest.body.values[ValueId::new(v)].def, Def::Const(_) | Def::Count(_));
        !number && pointer as usize >= self.reaches.len()
    }

    pub(super) fn place(&self, v: ValueId) -> Place {
        self.places[v.index()].expect("every value of the body is emitted")
    }

    /// A stored value in the type that memory has: narrowed where it belongs, if nothing there is read again, or into
    /// a slot.
    fn narrowed(&mut self, store: &Store, storage: Storage) -> Place {
        let Place { pointer, splat } = self.place(store.value);
        let reach = &self.reaches[store.access.index()];
        let read = self.loads().any(|access| self.reaches[access.index()].memory == reach.memory);
        let direct = !self.bind.stream && reach.inner == Inner::InPlace && !splat && !read;
        let target = match splat {
            false if direct => store.access.index() as Pointer,
            false => self.slot(true),
            true => {
                // a slot that was free in a later phase would be written over there
                let slot = self.pointer();
                self.smalls.push(slot);
                slot
            }
        };
        let phase = self.when[store.value.index()];
        let kernel = kernels::store(self.bind.isa, storage);
        self.phases[phase as usize].steps.push(Step { kernel, target, operands: [pointer; 3] });
        Place { pointer: target, splat }
    }
}
