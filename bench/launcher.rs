//! `launcher OUT COMMAND [ARG...]` runs COMMAND with /dev/null as its standard streams and writes to OUT what it
//! took: "wall-ns user-us sys-us maxrss-KB status". A child's peak memory starts at its parent's size before
//! exec, so the parent must be a program of a few pages, and no Node or libc.
#![no_std]
#![no_main]

use core::arch::{asm, global_asm};

global_asm!(".globl _start", "_start:", "mov rdi, rsp", "and rsp, -16", "call {start}", start = sym start);

const WRITE: usize = 1;
const OPEN: usize = 2;
const DUP2: usize = 33;
const FORK: usize = 57;
const EXECVE: usize = 59;
const WAIT4: usize = 61;
const CLOCK_GETTIME: usize = 228;
const EXIT_GROUP: usize = 231;
const CLOCK_MONOTONIC: usize = 1;
const O_RDWR: usize = 2;
const O_WRONLY_CREAT_TRUNC_CLOEXEC: usize = 0o1 | 0o100 | 0o1000 | 0o2000000;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    exit(127)
}

// The precompiled core refers to it, although nothing unwinds here.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

fn call(number: usize, arguments: [usize; 4]) -> isize {
    let result;
    // SAFETY: the callers pass pointers to live memory of the sizes that the kernel expects.
    unsafe {
        asm!("syscall", inlateout("rax") number as isize => result, in("rdi") arguments[0], in("rsi") arguments[1],
             in("rdx") arguments[2], in("r10") arguments[3], lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    result
}

fn exit(code: usize) -> ! {
    loop {
        call(EXIT_GROUP, [code, 0, 0, 0]);
    }
}

fn now() -> u64 {
    let mut time = [0u64; 2];
    call(CLOCK_GETTIME, [CLOCK_MONOTONIC, time.as_mut_ptr() as usize, 0, 0]);
    time[0] * 1_000_000_000 + time[1]
}

/// Writes a number and a space to the descriptor.
fn print(fd: usize, mut number: u64) {
    let mut text = [b' '; 24];
    let mut at = 23;
    loop {
        at -= 1;
        text[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    call(WRITE, [fd, text.as_ptr() as usize + at, 24 - at, 0]);
}

extern "C" fn start(stack: *const usize) -> ! {
    // SAFETY: at entry the stack holds argc, argc pointers, NULL, the environment's pointers, NULL.
    let (argc, argv) = unsafe { (*stack, stack.add(1)) };
    if argc < 3 {
        exit(2);
    }
    // SAFETY: argc >= 3.
    let (path, command, environment) = unsafe { (*argv.add(1), *argv.add(2), argv.add(argc + 1) as usize) };
    let out = call(OPEN, [path, O_WRONLY_CREAT_TRUNC_CLOEXEC, 0o600, 0]) as usize;
    let null = call(OPEN, [c"/dev/null".as_ptr() as usize, O_RDWR, 0, 0]) as usize;
    for stream in 0..3 {
        call(DUP2, [null, stream, 0, 0]);
    }
    let before = now();
    let pid = call(FORK, [0; 4]);
    if pid == 0 {
        // SAFETY: argv[2] exists.
        call(EXECVE, [command, unsafe { argv.add(2) } as usize, environment, 0]);
        exit(127);
    }
    let (mut status, mut usage) = (0u64, [0u64; 18]);
    let pointers = [pid as usize, &raw mut status as usize, 0, usage.as_mut_ptr() as usize];
    call(WAIT4, pointers);
    let wall = now() - before;
    for number in [wall, usage[0] * 1_000_000 + usage[1], usage[2] * 1_000_000 + usage[3], usage[4], status & 0xffff] {
        print(out, number);
    }
    exit(0)
}
