//! The native host with the tests' chunks beside the programs': bin/corten-test.
#![no_main]

mod arena;
mod engine;
mod heap_maker;
mod natives;
mod snapshot;
mod sqlite;
mod values;

include!(concat!(env!("OUT_DIR"), "/test-chunks.rs"));

/// As in `main.rs`.
#[unsafe(no_mangle)]
extern "C" fn main(argc: libc::c_int, argv: *const *const libc::c_char) -> libc::c_int {
    // SAFETY: the C library calls main with argc valid pointers in argv.
    engine::run(unsafe { std::slice::from_raw_parts(argv, argc as usize) })
}
