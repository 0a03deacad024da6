mod gather;
mod memory;
mod threads;
