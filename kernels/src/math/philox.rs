//! Philox4x64-10: the random number generator that is a function of where a number stands.
//!
//! J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011: ten
//! rounds of a bijection of a counter of four words, under a key of two. The constants are the paper's. Words are
//! numbered as NumPy's `Philox` gives them out: word k is word k % 4 of the block of counter k / 4 + 1.

use crate::token::{Rare, SlowToken, Token};

/// What a round multiplies by.
pub(crate) const MULTIPLIERS: [u64; 2] = [0xd2e7_470e_e14c_6c93, 0xca5a_8263_9512_1157];
/// What the key grows by from round to round: the golden ratio, and the square root of 3 less 1.
pub(crate) const WEYL: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xbb67_ae85_84ca_a73b];
/// How many rounds there are.
pub(crate) const ROUNDS: u32 = 10;

/// [place, seed, stream] → [word].
#[derive(Clone, Copy)]
struct WordAt;

impl Rare<3, 1> for WordAt {
    #[inline(always)]
    fn body<S: SlowToken>(s: S, [place, seed, stream]: [S::I; 3]) -> [S::I; 1] {
        let [x, y, z, w] = block(s, s.shr(place, 2) + s.int(1), [seed, stream]);
        let (odd, upper) = (s.ieq(place & s.int(1), s.int(1)), s.ieq(place & s.int(2), s.int(2)));
        [s.iselect(upper, s.iselect(odd, w, z), s.iselect(odd, y, x))]
    }
}

/// The four words of a counter under a key.
#[inline(always)]
fn block<S: SlowToken>(s: S, counter: S::I, mut key: [S::I; 2]) -> [S::I; 4] {
    let (first, second) = (s.int(MULTIPLIERS[0] as i64), s.int(MULTIPLIERS[1] as i64));
    let mut words = [counter, s.int(0), s.int(0), s.int(0)];
    let mut round = 0;
    while round < ROUNDS {
        let (high, low) = s.mul_wide(words[0], first);
        let (other_high, other_low) = s.mul_wide(words[2], second);
        words = [other_high ^ words[1] ^ key[0], other_low, high ^ words[3] ^ key[1], low];
        key = [key[0] + s.int(WEYL[0] as i64), key[1] + s.int(WEYL[1] as i64)];
        round += 1;
    }
    words
}

/// The word at a place of a stream. (Vectors have no product of 128 bits: each lane is left to the scalar token. Where
/// places follow each other, [`kernel`](crate::kernel()) makes whole blocks instead.)
#[inline(always)]
pub fn word<S: Token>(s: S, place: S::I, seed: S::I, stream: S::I) -> S::I {
    s.rare(WordAt, s.ieq(place, place), [place, seed, stream], [place])[0]
}
