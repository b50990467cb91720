//! The program that becomes a container's payload: `stub PATH ARG0 [ARG...]` executes PATH with ARG0… as its
//! arguments. It is what `/proc/self/exe` names at the moment of the payload's execve(2), so that an interpreter
//! line or a loader that says `/proc/self/exe` reaches these few bytes in a sealed memfd and never the runtime.
#![no_std]
#![no_main]

use core::arch::{asm, global_asm};

// The kernel enters with the argument vector on the stack; the ABI wants it as a pointer and a 16-byte stack.
global_asm!(".globl _start", "_start:", "mov rdi, rsp", "and rsp, -16", "call {start}", start = sym start);

const WRITE: isize = 1;
const EXECVE: isize = 59;
const EXIT_GROUP: isize = 231;
const ENOENT: isize = 2;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    exit(126)
}

/// A raw system call.
fn call(number: isize, a: usize, b: usize, c: usize) -> isize {
    let result;
    // SAFETY: every pointer passed is from the kernel's own start-up stack or a static slice of the given length.
    unsafe {
        asm!("syscall", inlateout("rax") number => result, in("rdi") a, in("rsi") b, in("rdx") c,
             lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    result
}

fn exit(code: usize) -> ! {
    loop {
        call(EXIT_GROUP, code, 0, 0);
    }
}

fn print(text: &[u8]) {
    call(WRITE, 2, text.as_ptr() as usize, text.len());
}

extern "C" fn start(stack: *const usize) -> ! {
    // SAFETY: at entry the stack holds argc, argc pointers, NULL, the environment's pointers, NULL.
    let (argc, argv) = unsafe { (*stack, stack.add(1)) };
    // One argument only is what remains when a script names this program as its own interpreter for ever.
    if argc < 2 {
        exit(126);
    }
    // SAFETY: argc >= 2, so argv[0], argv[1] and the environment behind argv's NULL exist.
    let (path, arguments, environment) = unsafe { (*argv, argv.add(1) as usize, argv.add(argc + 1) as usize) };
    let errno = -call(EXECVE, path, arguments, environment);
    print(b"exec ");
    let mut length = 0;
    // SAFETY: path is a string that ends with NUL, from the kernel. Volatile, or the loop becomes a call of strlen.
    unsafe {
        while (path as *const u8).add(length).read_volatile() != 0 {
            length += 1;
        }
        print(core::slice::from_raw_parts(path as *const u8, length));
    }
    print(match errno {
        ENOENT => b": not found, or its interpreter or loader is missing\n",
        8 => b": not an executable format of this machine\n",
        13 => b": permission denied\n",
        _ => b": cannot be executed\n",
    });
    exit(if errno == ENOENT { 127 } else { 126 })
}
