//! The payload of the image `hello`: a static program of a kilobyte that says what has just happened.
#![no_std]
#![no_main]

use core::arch::{asm, global_asm};

global_asm!(".globl _start", "_start:", "and rsp, -16", "call {start}", start = sym start);

const TEXT: &str = "\
Hello from a container.

To print this, Corten
 1. found the image \"hello\" in its store and made its layers one root file system,
 2. gave this program namespaces, a cgroup and few capabilities of its own,
 3. ran it, wrote what it said into a log, and noted how it ended.
";

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}

/// A raw system call.
fn call(number: isize, a: usize, b: usize, c: usize) -> isize {
    let result;
    // SAFETY: the only pointer passed is that of a static text, with its length.
    unsafe {
        asm!("syscall", inlateout("rax") number => result, in("rdi") a, in("rsi") b, in("rdx") c,
             lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    result
}

extern "C" fn start() -> ! {
    let written = call(1, 1, TEXT.as_ptr() as usize, TEXT.len());
    loop {
        call(231, (written < 0) as usize, 0, 0);
    }
}
