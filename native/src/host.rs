// What both executables are made of, with the chunks that build.rs compiled for each.
mod arena;
mod engine;
mod heap_maker;
mod machine;
mod natives;
mod snapshot;
mod sqlite;
mod values;

include!(concat!(env!("OUT_DIR"), "/", env!("CARGO_BIN_NAME"), ".rs"));

/// C's own `main`: Rust's start-up code (SIGPIPE ignored, a signal stack, a poll of the standard descriptors) never runs.
#[unsafe(no_mangle)]
extern "C" fn main(argc: libc::c_int, argv: *const *const libc::c_char) -> libc::c_int {
    // SAFETY: the C library calls main with argc valid pointers in argv.
    engine::run(unsafe { std::slice::from_raw_parts(argv, argc as usize) })
}
