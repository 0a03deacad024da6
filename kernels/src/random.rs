//! The kernels of [`Op::RandomBits`](crate::Op::RandomBits): places that follow each other share blocks of four words.
//!
//! Scalar code for every instruction set. A block is twenty products of 64 by 64 bits, one a cycle; of AVX-512's
//! 32-bit products it would take 80 for eight blocks, with three times as many instructions around them.

use crate::{
    kernel::Kernel,
    math::philox::{MULTIPLIERS, ROUNDS, WEYL},
};

/// Words of a block.
const BLOCK: u64 = 4;

/// The four words of a counter under a key.
#[inline(always)]
fn block(counter: u64, mut key: [u64; 2]) -> [u64; BLOCK as usize] {
    let mut words = [counter, 0, 0, 0];
    let mut round = 0;
    while round < ROUNDS {
        let first = u128::from(words[0]) * u128::from(MULTIPLIERS[0]);
        let second = u128::from(words[2]) * u128::from(MULTIPLIERS[1]);
        words = [
            (second >> 64) as u64 ^ words[1] ^ key[0],
            second as u64,
            (first >> 64) as u64 ^ words[3] ^ key[1],
            first as u64,
        ];
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
        round += 1;
    }
    words
}

/// A word of a block, all of whose words stay in registers.
#[inline(always)]
fn word_of([first, second, third, fourth]: [u64; 4], k: usize) -> u64 {
    let (low, high) = if k & 1 == 0 { (first, third) } else { (second, fourth) };
    if k & 2 == 0 { low } else { high }
}

/// Whether `n` places follow each other.
///
/// # Safety
/// `n` numbers can be read at `places`.
#[inline(always)]
unsafe fn is_run(n: usize, places: *const u64) -> bool {
    let (mut differ, mut i) = (0, 0);
    // SAFETY: the caller's promise.
    unsafe {
        let first = places.read_unaligned();
        while i < n {
            differ |= places.add(i).read_unaligned() ^ first.wrapping_add(i as u64);
            i += 1;
        }
    }
    differ == 0
}

/// Words at `n` places that follow each other.
///
/// # Safety
/// `n` words can be written at `dst`.
#[inline(always)]
unsafe fn run(n: usize, dst: *mut u64, first: u64, key: [u64; 2]) {
    let mut i = 0;
    while i < n {
        let place = first.wrapping_add(i as u64);
        let words = block((place / BLOCK).wrapping_add(1), key);
        let from = (place % BLOCK) as usize;
        // SAFETY: the caller's promise.
        unsafe {
            if from == 0 && i + 4 <= n {
                // word by word: as an array they go through the stack, whose parts no wide load is forwarded
                dst.add(i).write_unaligned(words[0]);
                dst.add(i + 1).write_unaligned(words[1]);
                dst.add(i + 2).write_unaligned(words[2]);
                dst.add(i + 3).write_unaligned(words[3]);
                i += 4;
                continue;
            }
            let mut k = from;
            while k < 4 && i < n {
                dst.add(i).write_unaligned(word_of(words, k));
                (k, i) = (k + 1, i + 1);
            }
        }
    }
}

/// Words at `n` places; bit k of `SPLATS` says that operand k is one number for all.
///
/// # Safety
/// As [`Kernel`].
#[inline(always)]
unsafe fn words<const SPLATS: u8>(n: usize, dst: *mut u8, a: *const u8, b: *const u8, c: *const u8) {
    let (dst, [a, b, c]) = (dst.cast::<u64>(), [a, b, c].map(<*const u8>::cast::<u64>));
    // SAFETY: the caller's promise: one number of a splat, `n` of the others. `dst` may be an operand; its numbers at
    // `i` and beyond are still there when they are read.
    unsafe {
        let at =
            |p: *const u64, k: u8, i: usize| p.add(if SPLATS >> k & 1 == 1 { 0 } else { i }).read_unaligned();
        if SPLATS == 0b110 && n > 0 && is_run(n, a) {
            return run(n, dst, a.read_unaligned(), [b.read_unaligned(), c.read_unaligned()]);
        }
        let mut i = 0;
        while i < n {
            let (first, key) = (at(a, 0, i), [at(b, 1, i), at(c, 2, i)]);
            let words = block((first / BLOCK).wrapping_add(1), key);
            // neighbours may ask for the same block: halves of words do
            while i < n {
                let place = at(a, 0, i);
                if place / BLOCK != first / BLOCK || [at(b, 1, i), at(c, 2, i)] != key {
                    break;
                }
                dst.add(i).write_unaligned(word_of(words, (place % BLOCK) as usize));
                i += 1;
            }
        }
    }
}

macro_rules! forms {
    ($name:ident, $kernel:ident $(, #[$features:meta])?) => {
        $(#[$features])?
        unsafe fn $kernel<const SPLATS: u8>(n: usize, dst: *mut u8, a: *const u8, b: *const u8, c: *const u8) {
            // SAFETY: the caller's promises.
            unsafe { words::<SPLATS>(n, dst, a, b, c) }
        }

        /// The kernel of a form.
        pub(crate) fn $name(splats: u8) -> Option<Kernel> {
            let forms: [Kernel; 7] =
                [$kernel::<0>, $kernel::<1>, $kernel::<2>, $kernel::<3>, $kernel::<4>, $kernel::<5>, $kernel::<6>];
            forms.get(splats as usize).copied()
        }
    };
}

// `mulx` takes its result where it is wanted, and `mul` in two registers of its own
#[cfg(target_arch = "x86_64")]
forms!(with_mulx, mulx, #[target_feature(enable = "avx2,bmi2")]);
forms!(plain, mul);
