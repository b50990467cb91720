//! The native host: QuickJS, one `syscall` primitive, a few memory helpers, SQLite. No policy: everything that
//! decides is TypeScript.
#![no_main]

mod arena;
mod engine;
mod heap_maker;
mod natives;
mod snapshot;
mod sqlite;
mod values;

include!(concat!(env!("OUT_DIR"), "/chunks.rs"));

/// C's own `main`: Rust's start-up code (SIGPIPE ignored, a signal stack, a poll of the standard descriptors) never runs.
#[unsafe(no_mangle)]
extern "C" fn main(argc: libc::c_int, argv: *const *const libc::c_char) -> libc::c_int {
    // SAFETY: the C library calls main with argc valid pointers in argv.
    engine::run(unsafe { std::slice::from_raw_parts(argv, argc as usize) })
}
