//! What a device can do, as far as shaders and schedules depend on it.

/// Which properties of IEEE arithmetic a shader may ask of a width of floats.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct FloatControls {
    /// Zeros keep their signs, infinities and NaNs are what they are.
    pub(crate) preserves_specials: bool,
    /// Rounding to nearest, ties to even, can be asked for.
    pub(crate) rounds_to_even: bool,
    /// Subnormal numbers can be asked for.
    pub(crate) preserves_subnormals: bool,
}

/// What a device can do.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Abilities {
    /// Doubles.
    pub(crate) float64: bool,
    /// Integers of 64 bits.
    pub(crate) int64: bool,
    /// Buffers of bytes.
    pub(crate) bytes: bool,
    /// Buffers of 16-bit words.
    pub(crate) halves: bool,
    /// Buffers by address, beside buffers by binding.
    pub(crate) addresses: bool,
    /// Of f32.
    pub(crate) controls32: FloatControls,
    /// Of f64.
    pub(crate) controls64: FloatControls,
    /// Buffers that a shader may be bound to.
    pub(crate) bindings: u32,
    /// Bytes of a buffer that a binding may reach.
    pub(crate) range: u64,
    /// Bytes of push constants.
    pub(crate) push_bytes: u32,
    /// Invocations of a workgroup, a power of two of at most 256.
    pub(crate) group_size: u32,
    /// Workgroups of a dispatch.
    pub(crate) groups: u32,
    /// Whether it is software on a processor.
    pub(crate) software: bool,
    /// Whether shaders divide f32, and take square roots, by more instructions than one, because the device's own are
    /// some ulp off: as Vulkan allows.
    pub(crate) corrects_division: bool,
    pub(crate) corrects_sqrt: bool,
    /// Elements that one dispatch may visit before a watchdog might think that the device hangs.
    pub(crate) elements: u64,
}
