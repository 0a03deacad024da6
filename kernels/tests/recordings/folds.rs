//! Recordings of reductions, against their kernels.

use crate::{
    interpreter::{interpret, word},
    points::{Random, SPECIALS, same},
};
use numfuse_kernels::{
    Compute, Fold, FoldKernels, Isa, LANES, fold, product_of_pairs,
    record::{FoldRecording, record_fold, record_product_of_pairs},
};

/// One reduction: its kernels, its recordings, and what its elements are of.
struct Reduction {
    name: String,
    compute: Compute,
    kernels: FoldKernels,
    recording: FoldRecording,
    /// Parts of an element, which lie together in memory.
    element: usize,
}

fn reductions() -> Vec<Reduction> {
    let mut all = vec![];
    for compute in Compute::ALL {
        for &reduction in Fold::ALL {
            let kernels = fold(Isa::Portable, reduction, compute);
            let recording = record_fold(reduction, compute);
            let name = format!("{reduction:?} {compute}");
            assert_eq!(kernels.is_some(), recording.is_some(), "{name}");
            if let (Some(kernels), Some(recording)) = (kernels, recording) {
                all.push(Reduction { name, compute, kernels, recording, element: 1 });
            }
        }
        let (kernels, recording) = (product_of_pairs(compute), record_product_of_pairs(compute));
        assert_eq!(kernels.is_some(), recording.is_some(), "pairs of {compute}");
        if let (Some(kernels), Some(recording)) = (kernels, recording) {
            let name = format!("Prod of pairs of {compute}");
            all.push(Reduction { name, compute, kernels, recording, element: 2 });
        }
    }
    all
}

impl Reduction {
    /// A part's bytes.
    fn bytes(&self, bits: u64) -> Vec<u8> {
        bits.to_le_bytes()[..self.compute.size()].to_vec()
    }

    fn identity(&self) -> Vec<u64> {
        self.recording.identity.clone()
    }

    /// Accumulators as memory has them: planes of moments, pairs of complex numbers.
    fn memory(&self, accumulators: &[Vec<u64>]) -> Vec<u8> {
        if self.element == 2 {
            accumulators.iter().flatten().flat_map(|&part| self.bytes(part)).collect()
        } else {
            let parts = self.recording.parts.len();
            (0..parts).flat_map(|k| accumulators.iter().flat_map(move |a| self.bytes(a[k]))).collect()
        }
    }

    fn element(&self, random: &mut Random, specials: bool) -> Vec<u64> {
        let float = if specials {
            SPECIALS[random.bits() as usize % SPECIALS.len()]
        } else {
            random.uniform(-3.0, 3.0)
        };
        let bits = match self.compute {
            Compute::Bool => u64::from(random.bits().is_multiple_of(40)),
            Compute::I32 => (random.bits() as i32 >> (random.bits() % 32)) as u32 as u64,
            Compute::I64 | Compute::U64 => (random.bits() as i64 >> (random.bits() % 64)) as u64,
            Compute::F32 => (float as f32).to_bits().into(),
            Compute::F64 => float.to_bits(),
        };
        if self.element == 1 {
            return vec![bits];
        }
        // ones among pairs, which are what the product looks for
        let one = self.identity()[0];
        match random.bits() % 5 {
            0 => vec![one, 0],
            1 => vec![one, bits],
            2 => vec![bits, 0],
            _ => vec![bits, one ^ bits >> 3],
        }
    }

    fn compare(&self, got: &[u8], want: &[u8], what: &str) {
        let size = self.compute.size();
        assert_eq!(got.len(), want.len());
        for (k, (got, want)) in got.chunks(size).zip(want.chunks(size)).enumerate() {
            assert!(same(self.compute, got, want), "{}, {what}, {k}: {got:x?}, not {want:x?}", self.name);
        }
    }

    /// The lanes after these elements, by the recording.
    fn lanes(&self, elements: &[Vec<u64>]) -> Vec<Vec<u64>> {
        let mut lanes = vec![self.identity(); LANES];
        for (i, element) in elements.iter().enumerate() {
            let lane = &mut lanes[i % LANES];
            *lane = interpret(&self.recording.absorb, &[lane.clone(), element.clone()].concat());
        }
        lanes
    }

    fn merged(&self, left: &[u64], right: &[u64]) -> Vec<u64> {
        interpret(&self.recording.merge, &[left, right].concat())
    }

    fn check(&self, n: usize, specials: bool) {
        let mut random = Random(3 + n as u64);
        let elements: Vec<Vec<u64>> = (0..n).map(|_| self.element(&mut random, specials)).collect();
        let source: Vec<u8> = elements.iter().flatten().flat_map(|&part| self.bytes(part)).collect();
        let what = format!("{n} elements, specials {specials}");
        let mut memory = self.memory(&vec![self.identity(); LANES]);
        // SAFETY: n elements, and 32 lanes.
        unsafe { (self.kernels.lanes)(n, memory.as_mut_ptr(), source.as_ptr()) };
        let mut lanes = self.lanes(&elements);
        self.compare(&self.memory(&lanes), &memory, &format!("{what}, lanes"));

        let mut others = lanes.clone();
        others.reverse();
        let (mut merged, right) = (memory.clone(), self.memory(&others));
        // SAFETY: 32 accumulators each.
        unsafe { (self.kernels.merge)(LANES, merged.as_mut_ptr(), right.as_ptr()) };
        let want: Vec<Vec<u64>> = lanes.iter().zip(&others).map(|(a, b)| self.merged(a, b)).collect();
        self.compare(&self.memory(&want), &merged, &format!("{what}, merged"));
        self.check_export(&lanes, &memory, &what);

        // SAFETY: 32 lanes.
        unsafe { (self.kernels.finish)(memory.as_mut_ptr()) };
        for half in [16, 8, 4, 2, 1] {
            for lane in 0..half {
                lanes[lane] = self.merged(&lanes[lane], &lanes[lane + half]);
            }
        }
        let single = self.memory(&lanes[..1]);
        self.compare(&single, &memory[..single.len()], &format!("{what}, finished"));
    }

    fn check_export(&self, lanes: &[Vec<u64>], memory: &[u8], what: &str) {
        let exported: Vec<Vec<u64>> =
            lanes.iter().map(|lane| interpret(&self.recording.export, lane)).collect();
        let Some(export) = self.kernels.export else {
            assert_eq!(exported, lanes, "{}, {what}", self.name);
            return;
        };
        let got: Vec<u8> = exported.iter().flatten().flat_map(|&part| self.bytes(part)).collect();
        let mut want = vec![0u8; got.len()];
        // SAFETY: 32 accumulators in planes of 32, and as many results, of two parts.
        unsafe { export(LANES, LANES, want.as_mut_ptr(), memory.as_ptr()) };
        self.compare(&got, &want, &format!("{what}, exported"));
    }
}

#[test]
fn reductions_have_the_bits_of_their_kernels() {
    for reduction in reductions() {
        for n in [0, 1, 31, 32, 33, 100, 1000] {
            for specials in [false, true] {
                reduction.check(n, specials);
            }
        }
    }
}

#[test]
fn identities_are_those_of_the_kernels() {
    for reduction in reductions() {
        let Reduction { name, kernels, recording, .. } = &reduction;
        assert_eq!(recording.parts.len(), recording.identity.len(), "{name}");
        let size = reduction.compute.size();
        for (k, &part) in recording.identity.iter().enumerate() {
            // each part of moments has the same; a pair has its own, one after the other
            let at = if reduction.element == 2 { k } else { 0 };
            assert_eq!(word(reduction.compute, &kernels.identity, at), part, "{name}");
            assert!(size == 8 || part >> (8 * size) == 0, "{name}");
        }
    }
}
