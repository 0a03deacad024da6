//! The operations of numfuse.
