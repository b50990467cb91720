//! The payload of the image `hello`: a static program of a kilobyte that says what has just happened.
#![no_std]
#![no_main]

use core::arch::global_asm;
use numbers::*;

#[path = "src/machine.rs"]
mod machine;
mod numbers;

#[cfg(target_arch = "x86_64")]
global_asm!(".globl _start", "_start:", "and rsp, -16", "call {start}", start = sym start);
#[cfg(target_arch = "aarch64")]
global_asm!(".globl _start", "_start:", "bl {start}", start = sym start);

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
fn call(number: usize, a: usize, b: usize, c: usize) -> i64 {
    // SAFETY: the only pointer passed is that of a static text, with its length.
    unsafe { machine::call([number as i64, a as i64, b as i64, c as i64, 0, 0, 0]) }
}

extern "C" fn start() -> ! {
    let written = call(WRITE, 1, TEXT.as_ptr() as usize, TEXT.len());
    loop {
        call(EXIT_GROUP, (written < 0) as usize, 0, 0);
    }
}
