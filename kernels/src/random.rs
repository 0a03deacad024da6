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

/// Words at `n` places; bit k of `SPLATS` says that operand k is one number for all.
///
/// # Safety
/// As [`Kernel`].
#[inline(always)]
unsafe fn words<const SPLATS: u8>(n: usize, dst: *mut u8, a: *const u8, b: *const u8, c: *const u8) {
    let at = |p: *const u8, k: u8, i: usize| {
        let i = if SPLATS >> k & 1 == 1 { 0 } else { i };
        // SAFETY: the caller's promise: one number of a splat, `n` of the others.
        unsafe { p.cast::<u64>().add(i).read_unaligned() }
    };
    let dst = dst.cast::<u64>();
    let mut i = 0;
    while i < n {
        let (place, key) = (at(a, 0, i), [at(b, 1, i), at(c, 2, i)]);
        let block = block((place / BLOCK).wrapping_add(1), key);
        // SAFETY: the caller's promise; `dst` may be an operand, whose numbers at `i` and beyond are still there.
        unsafe {
            let is_whole = SPLATS == 0b110
                && place % BLOCK == 0
                && i + 4 <= n
                && (at(a, 0, i + 1) ^ place) == 1
                && (at(a, 0, i + 2) ^ place) == 2
                && (at(a, 0, i + 3) ^ place) == 3;
            if is_whole {
                dst.add(i).cast::<[u64; 4]>().write_unaligned(block);
                i += 4;
                continue;
            }
            let (first, seed) = (place, key);
            loop {
                let place = at(a, 0, i);
                if place / BLOCK != first / BLOCK || [at(b, 1, i), at(c, 2, i)] != seed {
                    break;
                }
                dst.add(i).write_unaligned(block[(place % BLOCK) as usize]);
                i += 1;
                if i == n {
                    break;
                }
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
forms!(with_mulx, mulx, #[target_feature(enable = "bmi2")]);
forms!(plain, mul);
