//! What a tape has for each value of a body, before it has a place; and what takes fewer steps, or fewer copies.

use numfuse_kernels::{Compute, Fold, Op, OwnKernels, Storage, Term, kernel, sum_of_rows};

use super::assembly::Assembly;
use super::combine::{Combined, Sum, combine};
use super::schedule::{Inner, Mode};
use super::tape::{Folded, Last, Pointer, RowSum, When};
use crate::arena::Id;
use crate::graph::Supplied;
use crate::infer::CheckId;
use crate::plan::{BlockId, Inst, Text, ValueId};

/// What is emitted for a value.
pub(super) enum Emit {
    /// Nothing: it lies in an access or in the pool, or another value's step computes it.
    Nothing,
    /// An access whose elements are copied to a slot.
    Read(usize),
    /// An access of which kernels read one element where it lies.
    Point(usize),
    /// An access whose elements are widened: where they lie, or from a slot.
    Widen(usize, Storage),
    /// Elements at places that a value says, widened if memory has them narrower.
    Gather(usize, ValueId, Option<Storage>),
    /// A comparison of byte strings.
    Bytes(Op, [Text; 2]),
    /// A kernel of the op table: its type, its operands and how many they are.
    Op(Op, Compute, [ValueId; 3], usize),
    /// A function that the user supplies; a panic is this error.
    Call(Supplied, [ValueId; 3], CheckId),
    /// Kernels that the user supplies: their type, their operands and how many they are.
    Own(OwnKernels, Compute, [ValueId; 3], usize),
    /// A conversion from this type.
    Convert(Compute, ValueId),
    /// Nothing: an elementwise loop computes it as often as it runs.
    Inside,
    /// A variable of this elementwise loop when elements leave it.
    Left(BlockId),
}

impl Emit {
    /// The values it reads.
    pub(super) fn operands(&self) -> &[ValueId] {
        match self {
            Emit::Nothing | Emit::Read(_) | Emit::Point(_) | Emit::Widen(..) | Emit::Bytes(..) => &[],
            // the loop's operands are kept for it
            Emit::Inside | Emit::Left(..) => &[],
            Emit::Op(_, _, operands, arity) => &operands[..*arity],
            Emit::Own(_, _, operands, arity) => &operands[..*arity],
            Emit::Call(function, operands, _) => &operands[..function.arity()],
            Emit::Convert(_, of) | Emit::Gather(_, of, _) => std::slice::from_ref(of),
        }
    }
}

impl Assembly<'_> {
    /// One element for a whole row is read where it lies, if kernels of tiles alone read it: others take more copies
    /// of it.
    pub(super) fn point_at_splats(&mut self) {
        let mut copied = vec![false; self.emits.len()];
        for (emit, when) in self.emits.iter().zip(&self.when) {
            emit.operands().iter().for_each(|v| copied[v.index()] |= *when != When::Tile);
        }
        for store in self.nest.stores.iter().filter(|s| self.reaches[s.access.index()].storage.is_some()) {
            copied[store.value.index()] = true;
        }
        self.read_by_loops().for_each(|v| copied[v.index()] = true);
        for (k, emit) in self.emits.iter_mut().enumerate() {
            if let Emit::Read(access) = *emit
                && !copied[k]
                && self.reaches[access].inner == Inner::Splat
                && !self.reaches[access].swapped
                && self.reaches[access].counted.is_none()
            {
                *emit = Emit::Point(access);
                self.points.push(access);
            }
        }
    }

    /// Sums with products in them become one step each.
    pub(super) fn combine_steps(&mut self) {
        let mut readers = vec![0u32; self.emits.len()];
        for emit in &self.emits {
            emit.operands().iter().for_each(|v| readers[v.index()] += 1);
        }
        self.nest.written().for_each(|v| readers[v.index()] += 2);
        for inst in self.insts() {
            if let Inst::Check(bad, _) = inst {
                readers[bad.index()] += 2;
            }
        }
        self.read_by_loops().for_each(|v| readers[v.index()] += 2);
        let mut sums = Vec::new();
        for (k, emit) in self.emits.iter().enumerate() {
            if let (Emit::Op(op @ (Op::Add | Op::Sub), _, [x, y, _], _), When::Tile) = (emit, self.when[k]) {
                sums.push(Sum { value: ValueId::new(k), op: *op, operands: [*x, *y] });
            }
        }
        let product = |v: ValueId| match self.emits[v.index()] {
            _ if self.when[v.index()] != When::Tile => None,
            Emit::Op(Op::Mul, _, [a, b, _], _) => Some([a, b]),
            Emit::Op(Op::Square, _, [a, ..], _) => Some([a, a]),
            _ => None,
        };
        let compute = |v: ValueId| self.nest.body.values[v].compute;
        let exists = |op, sum| kernel(self.bind.isa, op, compute(sum), 0).is_some();
        let (steps, absorbed) = combine(&sums, product, |v| readers[v.index()], exists);
        for (value, Combined { op, operands, arity }) in steps {
            self.emits[value.index()] = Emit::Op(op, self.nest.body.values[value].compute, operands, arity);
        }
        for value in absorbed {
            self.emits[value.index()] = Emit::Nothing;
        }
    }

    /// The last step of a tile, where columns of its values are added up and it does nothing else. Of products, the sum
    /// takes the same step with two roundings.
    pub(super) fn take_last(&mut self, mode: Mode, folds: &[Folded]) -> (Option<Last>, Option<RowSum>) {
        let ([folded], [reduce], Mode::Columns { .. }) = (folds, self.nest.reduces.as_slice(), mode) else {
            return (None, None);
        };
        let tile = &mut self.phases[When::Tile as usize];
        // accumulators that are elements, and no step of a running sum, which is written as well
        let plain = folded.imaginary.is_none() && folded.kernels.parts == 1 && !self.nest.running;
        let alone = self.nest.stores.is_empty() && tile.checks.is_empty() && plain;
        let Some(step) = tile.steps.pop_if(|step| alone && step.target == folded.value) else {
            let plain = alone && tile.steps.is_empty();
            return (None, self.sum_of_elements().filter(|_| plain));
        };
        let fused = match (&self.emits[reduce.value.index()], reduce.fold) {
            (Emit::Op(Op::Mul, compute, [a, b, _], _), Fold::Sum) => {
                let splat = |v: &ValueId| u8::from(self.when[v.index()] != When::Tile);
                kernel(self.bind.isa, Op::MulAdd, *compute, splat(a) | splat(b) << 1)
            }
            _ => None,
        };
        (Some(Last { step, fused }), self.row_sum())
    }

    /// The sum over rows of an access itself.
    fn sum_of_elements(&self) -> Option<RowSum> {
        let [reduce] = self.nest.reduces.as_slice() else { return None };
        let compute = self.nest.body.values[reduce.value].compute;
        self.sum_of_one(Term::Element, compute, reduce.value)
    }

    /// The sum over rows of a term of one access.
    fn sum_of_one(&self, term: Term, compute: Compute, of: ValueId) -> Option<RowSum> {
        let [reduce] = self.nest.reduces.as_slice() else { return None };
        let place = self.place(of);
        let is_access = (place.pointer as usize) < self.reaches.len() && !place.splat;
        let kernel =
            sum_of_rows(self.bind.isa, term, compute).filter(|_| is_access && reduce.fold == Fold::Sum)?;
        Some(RowSum { kernel, a: place.pointer, b: place.pointer })
    }

    /// The sum over rows that all of a tile's steps come to, the last one having been taken.
    fn row_sum(&self) -> Option<RowSum> {
        let [reduce] = self.nest.reduces.as_slice() else { return None };
        let left = self.phases[When::Tile as usize].steps.len();
        let op = |v: ValueId| match &self.emits[v.index()] {
            Emit::Op(op, compute, [a, b, _], _) => Some((*op, *compute, *a, *b)),
            _ => None,
        };
        let difference = |v: ValueId| op(v).filter(|(op, ..)| *op == Op::Sub && left == 1);
        let (term, compute, x, y) = match op(reduce.value)? {
            (Op::Mul, compute, x, y) if x != y && left == 0 => (Term::Product, compute, x, y),
            (Op::Mul, compute, x, y) if x == y => {
                let (_, _, x, y) = difference(x)?;
                (Term::Square, compute, x, y)
            }
            (Op::Square, compute, x, _) => {
                let (_, _, x, y) = difference(x)?;
                (Term::Square, compute, x, y)
            }
            (Op::Abs, compute, x, _) if left == 0 => return self.sum_of_one(Term::Magnitude, compute, x),
            (Op::Abs, compute, x, _) => {
                let (_, _, x, y) = difference(x)?;
                (Term::Distance, compute, x, y)
            }
            _ => return None,
        };
        // of either order: a product and a distance are the same
        let tile = |v: ValueId| self.when[v.index()] == When::Tile;
        let (a, b) = match (tile(x), tile(y)) {
            (true, false) => (x, y),
            (false, true) => (y, x),
            _ => return None,
        };
        let (a, b) = (self.place(a).pointer, self.place(b).pointer);
        let is_access = |pointer: Pointer| (pointer as usize) < self.reaches.len();
        let is_number = self.constants.iter().any(|(pointer, _)| *pointer == b);
        if reduce.fold != Fold::Sum || !is_access(a) || !(is_access(b) || is_number) {
            return None;
        }
        Some(RowSum { kernel: sum_of_rows(self.bind.isa, term, compute)?, a, b })
    }
}
