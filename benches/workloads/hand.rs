//! The expressions as loops written by hand.

use numfuse_kernels::math::{basic, exponential, trigonometry};
use numfuse_kernels::token::{NativeToken, Token};
use numfuse_kernels::{BLOCK, Isa, LANES};

use super::Work;

/// Loops for one instruction set.
#[derive(Clone, Copy)]
pub struct Hand {
    isa: Isa,
}

impl Hand {
    pub fn new(isa: Isa) -> Self {
        assert!(isa.is_available());
        Self { isa }
    }

    /// Computes `work` of `x` and `y` into `out`; a sum goes to its first element.
    pub fn run(self, work: Work, x: &[f64], y: &[f64], out: &mut [f64]) {
        assert!(x.len() == y.len() && (out.len() == x.len() || work == Work::Distance));
        // SAFETY: the machine has the instruction set, and the slices are as long as each other.
        unsafe {
            match self.isa {
                #[cfg(target_arch = "x86_64")]
                Isa::Avx512 => avx512(work, x, y, out),
                #[cfg(target_arch = "x86_64")]
                Isa::Avx2 => avx2(work, x, y, out),
                _ => run::<numfuse_kernels::portable::PortableF64>(work, x, y, out),
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd,avx2,fma,bmi1,bmi2,lzcnt")]
unsafe fn avx512(work: Work, x: &[f64], y: &[f64], out: &mut [f64]) {
    // SAFETY: the caller's.
    unsafe { run::<numfuse_kernels::x86::Avx512F64>(work, x, y, out) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt")]
unsafe fn avx2(work: Work, x: &[f64], y: &[f64], out: &mut [f64]) {
    // SAFETY: the caller's.
    unsafe { run::<numfuse_kernels::x86::Avx2F64>(work, x, y, out) }
}

#[inline(always)]
unsafe fn run<S: NativeToken<Float = f64>>(work: Work, x: &[f64], y: &[f64], out: &mut [f64]) {
    // SAFETY: the caller's.
    unsafe {
        match work {
            Work::Relative => map::<S, Relative>(x, y, out),
            Work::Affine => map::<S, Affine>(x, y, out),
            Work::Polynomial => map::<S, Polynomial>(x, y, out),
            Work::Gauss => map::<S, Gauss>(x, y, out),
            Work::Pythagoras => map::<S, Pythagoras>(x, y, out),
            Work::Distance => out[0] = sum::<S>(x, y),
        }
    }
}

/// An expression of one vector of each input.
trait Expression {
    const INPUTS: usize;
    fn of<S: Token>(s: S, x: S::F, y: S::F) -> S::F;
}

macro_rules! expressions {
    ($($name:ident($s:ident, $x:ident, $y:ident): $inputs:literal => $body:expr;)*) => { $(
        struct $name;
        impl Expression for $name {
            const INPUTS: usize = $inputs;
            #[inline(always)]
            fn of<S: Token>($s: S, $x: S::F, $y: S::F) -> S::F {
                $body
            }
        }
    )* };
}
expressions! {
    Relative(s, x, y): 2 => basic::div(s, basic::mul(s, s.lit(2.0), x - y), x + y);
    Affine(s, x, y): 2 => x * y - s.lit(1.0);
    Polynomial(s, x, _y): 1 => {
        let square = x * x;
        s.lit(0.25) * (square * x) + s.lit(0.75) * square - s.lit(1.5) * x - s.lit(2.0)
    };
    Gauss(s, x, _y): 1 => exponential::exp(s, s.neg(x * x) * s.lit(0.5));
    Pythagoras(s, x, _y): 1 => {
        let (sine, cosine) = (trigonometry::sin(s, x), trigonometry::cos(s, x));
        sine * sine + cosine * cosine
    };
}

#[inline(always)]
unsafe fn map<S: NativeToken<Float = f64>, E: Expression>(x: &[f64], y: &[f64], out: &mut [f64]) {
    // SAFETY: vectors stay within the slices; the rest goes through a padded vector.
    unsafe {
        let s = S::token();
        let whole = out.len() / S::LANES * S::LANES;
        let mut i = 0;
        while i < whole {
            let a = s.load(x.as_ptr().add(i));
            let b = if E::INPUTS == 2 { s.load(y.as_ptr().add(i)) } else { a };
            s.store(out.as_mut_ptr().add(i), E::of(s, a, b));
            i += S::LANES;
        }
        if whole < out.len() {
            let (mut a, mut b) = ([1.0; 16], [1.0; 16]);
            a[..x.len() - whole].copy_from_slice(&x[whole..]);
            b[..y.len() - whole].copy_from_slice(&y[whole..]);
            let mut r = [0.0; 16];
            s.store(r.as_mut_ptr(), E::of(s, s.load(a.as_ptr()), s.load(b.as_ptr())));
            let rest = out.len() - whole;
            out[whole..].copy_from_slice(&r[..rest]);
        }
    }
}

/// The sum of squared differences, in the library's order: 32 lanes, stretches of 512, blocks of 4096, pairwise.
#[inline(always)]
unsafe fn sum<S: NativeToken<Float = f64>>(x: &[f64], y: &[f64]) -> f64 {
    let mut waiting: Vec<Option<f64>> = Vec::new();
    for (x, y) in x.chunks(BLOCK).zip(y.chunks(BLOCK)) {
        // SAFETY: the chunks are as long as each other.
        let mut leaf = unsafe { block::<S>(x, y) };
        let mut level = 0;
        loop {
            if level == waiting.len() {
                waiting.push(None);
            }
            match waiting[level].take() {
                Some(left) => leaf += left,
                None => break waiting[level] = Some(leaf),
            }
            level += 1;
        }
    }
    waiting.into_iter().flatten().reduce(|right, left| left + right).unwrap_or(0.0)
}

/// Elements of a stretch.
const STRETCH: usize = 16 * LANES;

#[inline(always)]
unsafe fn block<S: NativeToken<Float = f64>>(x: &[f64], y: &[f64]) -> f64 {
    // the largest subtree of stretches first
    let mut waiting = [[0.0; LANES]; (BLOCK / STRETCH).ilog2() as usize + 1];
    let mut stretches = 0usize;
    for (x, y) in x.chunks(STRETCH).zip(y.chunks(STRETCH)) {
        let mut slot = stretches.count_ones() as usize;
        // SAFETY: the chunks are as long as each other.
        waiting[slot] = unsafe { stretch::<S>(x, y) };
        for _ in 0..stretches.trailing_ones() {
            slot -= 1;
            add(&mut waiting, slot);
        }
        stretches += 1;
    }
    for left in (0..stretches.count_ones().saturating_sub(1) as usize).rev() {
        add(&mut waiting, left);
    }
    let mut lanes = waiting[0];
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            lanes[lane] += lanes[lane + width];
        }
        width /= 2;
    }
    lanes[0]
}

/// Adds the set of lanes behind the one in slot `left` to it.
#[inline(always)]
fn add(waiting: &mut [[f64; LANES]], left: usize) {
    let right = waiting[left + 1];
    waiting[left].iter_mut().zip(right).for_each(|(left, right)| *left += right);
}

#[inline(always)]
unsafe fn stretch<S: NativeToken<Float = f64>>(x: &[f64], y: &[f64]) -> [f64; LANES] {
    // SAFETY: groups of LANES elements within both slices.
    unsafe {
        let s = S::token();
        let mut lanes = [s.lit(-0.0); LANES];
        let vectors = LANES / S::LANES;
        let groups = x.len() / LANES;
        let mut i = 0;
        while i < groups * LANES {
            let mut v = 0;
            while v < vectors {
                let at = i + v * S::LANES;
                let d = s.load(x.as_ptr().add(at)) - s.load(y.as_ptr().add(at));
                lanes[v] = lanes[v] + d * d;
                v += 1;
            }
            i += LANES;
        }
        let mut last = [0.0f64; LANES];
        let mut v = 0;
        while v < vectors {
            s.store(last.as_mut_ptr().add(v * S::LANES), lanes[v]);
            v += 1;
        }
        for (lane, k) in (groups * LANES..x.len()).enumerate() {
            last[lane] += (x[k] - y[k]) * (x[k] - y[k]);
        }
        last
    }
}
