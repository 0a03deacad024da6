//! The end of assembling a tape: what is stored and folded, and where every slot lies in scratch memory.

use std::sync::atomic::{AtomicU64, Ordering};

use numfuse_kernels::{self as kernels, LANES, fold};

use super::super::super::bind::order::Mode;
use super::super::memory::{Aligned, LINE};
use super::super::reduce::of_nothing;
use super::super::repeat::SLOT;
use super::super::schedule::{Inner, Reach};
use super::super::tape::{Check, Folded, InPlace, Last, Pointer, RowSum, Slot, Stored, Tape, Write};
use super::{Assembly, Place};
use crate::arena::Id;
use crate::plan::Plane;

/// Bytes of first-level cache that live tiles may take.
const L1: usize = 32 << 10;
/// From this many simple operations an element on, arithmetic hides a prefetch; below, memory is the limit anyway.
const WORTH_PREFETCHING: u32 = 4;
/// What has been read so many bytes before is in the second-level cache still.
const SHORTLY: isize = 256 << 10;
/// Bytes of a slot for a value that is one element, or of a tail: a reduction's is up to [`LANES`] of the widest.
const SMALL: usize = LANES * 8;

impl Assembly<'_> {
    /// Lets the parts of complex numbers that lie one after the other be written in one go.
    fn pair(&self, stores: &mut [Stored]) {
        for k in 1..stores.len() {
            let (re, im) = (&self.reaches[stores[k - 1].access], &self.reaches[stores[k].access]);
            let size = re.size as isize;
            // pieces of one array may lie as parts of numbers do
            let planes = [k - 1, k].map(|k| self.nest.accesses[self.nest.stores[k].access].plane);
            let is_pair = |reach: &Reach| match &reach.inner {
                Inner::Strided(strided) => strided.axes.as_slice() == [(strided.axes[0].0, 2 * size)],
                Inner::InPlace | Inner::Splat => false,
            };
            if planes == [Plane::Real, Plane::Imaginary]
                && re.memory == im.memory
                && im.offset == re.offset + size
                && is_pair(re)
                && is_pair(im)
            {
                stores[k - 1].write = Write::Pairs;
                stores[k].write = Write::WithPair;
            }
        }
    }

    fn spread(&mut self, place: Place) -> Option<Pointer> {
        place.splat.then(|| self.slot(true))
    }

    pub(super) fn finish(mut self, mode: Mode, inner: usize, widest: usize) -> Tape {
        let mut stores = Vec::new();
        for store in &self.nest.stores {
            let access = store.access.index();
            let place = match self.reaches[access].storage {
                Some(storage) => self.narrowed(store, storage),
                None => self.place(store.value),
            };
            let in_place = self.reaches[access].inner == Inner::InPlace;
            let write = match place.pointer as usize == access {
                true => Write::Direct,
                false if self.bind.stream && in_place => Write::Stream,
                false => Write::Copy,
            };
            stores.push(Stored { access, value: place.pointer, spread: self.spread(place), write });
        }
        self.pair(&mut stores);
        let mut folds = Vec::new();
        for reduce in &self.nest.reduces {
            let value = &self.nest.body.values[reduce.value];
            let place = self.place(reduce.value);
            let fold = match reduce.imaginary {
                None => fold(self.bind.isa, reduce.fold, value.compute),
                Some(_) => kernels::product_of_pairs(value.compute),
            };
            let fold = fold.expect("inference gives reductions types they have");
            let of_nothing = of_nothing(reduce.fold, value.compute, &fold);
            let imaginary = reduce.imaginary.map(|v| self.place(v));
            let parts = if imaginary.is_some() { 2 } else { 1 };
            let (access, size) = (reduce.access.index(), parts * value.compute.size());
            let spread = match imaginary {
                None => self.spread(place),
                Some(_) => Some(self.slot(true)),
            };
            let imaginary = imaginary.map(|im| (im.pointer, [place.splat, im.splat]));
            let narrow = self.reaches[access].storage.map(|storage| kernels::store(self.bind.isa, storage));
            folds.push(Folded {
                access,
                value: place.pointer,
                imaginary,
                spread,
                kernels: fold,
                size,
                narrow,
                of_nothing,
            });
        }
        for (bad, check) in std::mem::take(&mut self.checks) {
            let Place { pointer, splat } = self.place(bad);
            self.phases[self.when[bad.index()] as usize].checks.push(Check { bad: pointer, splat, check });
        }
        let last = self.take_last(mode, &folds);
        self.lay_out(stores, folds, last, mode, inner, widest)
    }

    /// Whether an access reads what another one has read shortly before, as windows that overlap do.
    fn follows(&self, access: usize, other: usize) -> bool {
        let (this, that) = (&self.reaches[access], &self.reaches[other]);
        let same = this.memory == that.memory && this.inner == that.inner;
        let steps = (&this.outer, &this.middle, &this.along) == (&that.outer, &that.middle, &that.along);
        let ahead = that.offset - this.offset;
        same && steps && (1..=SHORTLY).contains(&ahead)
    }

    /// Gives every slot its place in scratch memory, and chooses the tile so that the live ones stay in L1.
    fn lay_out(
        mut self,
        stores: Vec<Stored>,
        folds: Vec<Folded>,
        (last, row_sum): (Option<Last>, Option<RowSum>),
        mode: Mode,
        inner: usize,
        widest: usize,
    ) -> Tape {
        let streams = self.reaches.iter().filter(|r| r.inner == Inner::InPlace).count();
        let live = self.tiles.len() + streams;
        let worth = match mode {
            Mode::Map => self.cost >= WORTH_PREFETCHING,
            // nothing is stored, and what is read is waited for
            Mode::Rows { .. } | Mode::Columns { .. } => true,
        };
        let prefetch = self.bind.large && worth;
        let tile_size = match mode {
            // a row is a few kernel calls, and none of its values is read again
            Mode::Columns { .. } if !prefetch => 12288,
            // half as long where the next one is asked for ahead: more of its lines are there in time
            Mode::Map | Mode::Rows { .. } if prefetch => 2048,
            Mode::Map | Mode::Rows { .. } | Mode::Columns { .. } => 4096,
        };
        let live = live + folds.len();
        let mut elements = self.bind.tile.unwrap_or(tile_size / widest.max(4));
        while self.bind.tile.is_none() && elements > 128 && elements * widest * live > L1 {
            elements /= 2;
        }
        let grain = match mode {
            Mode::Rows { width } => LANES * width.max(1),
            Mode::Map | Mode::Columns { .. } => LANES,
        };
        let elements = elements.min(inner.max(1)).next_multiple_of(grain);
        let tile_bytes = (elements * widest).next_multiple_of(LINE);
        let mut bytes = 0;
        let mut in_place = Vec::new();
        let loads: Vec<usize> = self.loads().map(|access| access.index()).collect();
        for (access, reach) in self.reaches.iter().enumerate().filter(|(_, r)| r.inner == Inner::InPlace) {
            let load = loads.contains(&access);
            let leads = load && !loads.iter().any(|other| self.follows(access, *other));
            in_place.push(InPlace { access, size: reach.size, load, leads, tail: bytes });
            bytes += tile_bytes;
        }
        let mut slots = Vec::with_capacity(self.smalls.len() + self.tiles.len());
        for pointer in std::mem::take(&mut self.smalls) {
            slots.push(Slot { pointer, offset: bytes });
            bytes += SMALL;
        }
        let loops = std::mem::take(&mut self.loops).into_iter().map(|tape| {
            let offset = bytes;
            bytes += tape.slots * SLOT;
            (tape, offset)
        });
        let loops: Vec<_> = loops.collect();
        let reads_past_ends = in_place.iter().all(|a| !a.load || self.reaches[a.access].end.is_some());
        for pointer in std::mem::take(&mut self.tiles) {
            slots.push(Slot { pointer, offset: bytes });
            bytes += tile_bytes;
        }
        let pool = Aligned::copy_of(&self.pool);
        let [once, row, tile] = self.phases;
        let copies = !tile.reads.is_empty() || !tile.byte_tests.is_empty();
        let plain = row.is_empty()
            && !copies
            && tile.checks.is_empty()
            && stores.is_empty()
            && self.fetches.is_empty()
            && loops.is_empty();
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Tape {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            prefetch,
            once,
            row,
            tile,
            stores,
            folds,
            last,
            row_sum,
            elements,
            pointers: self.next_pointer as usize,
            slots,
            fetches: self.fetches,
            loops,
            calls: self.calls,
            in_place,
            points: self.points,
            plain,
            reads_past_ends,
            bytes,
            constants: self.constants,
            pool,
            cost: self.cost,
        }
    }
}
