//! The types of the values in tiles.

/// A type that kernels compute in. Narrower storage types are converted at load and store and never reach a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compute {
    /// One byte per element, 0 or 1.
    Bool,
    /// Signed 32-bit integers; arithmetic wraps.
    I32,
    /// Signed 64-bit integers; arithmetic wraps.
    I64,
    /// Unsigned 64-bit integers; arithmetic wraps.
    U64,
    /// IEEE binary32.
    F32,
    /// IEEE binary64.
    F64,
}

impl Compute {
    /// Every compute type.
    pub const ALL: [Compute; 6] =
        [Compute::Bool, Compute::I32, Compute::I64, Compute::U64, Compute::F32, Compute::F64];

    /// Bytes per element.
    pub const fn size(self) -> usize {
        match self {
            Compute::Bool => 1,
            Compute::I32 | Compute::F32 => 4,
            Compute::I64 | Compute::U64 | Compute::F64 => 8,
        }
    }

    /// The name in messages and listings: `bool`, `i32`, `i64`, `u64`, `f32`, `f64`.
    pub const fn name(self) -> &'static str {
        match self {
            Compute::Bool => "bool",
            Compute::I32 => "i32",
            Compute::I64 => "i64",
            Compute::U64 => "u64",
            Compute::F32 => "f32",
            Compute::F64 => "f64",
        }
    }
}

impl core::fmt::Display for Compute {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}
