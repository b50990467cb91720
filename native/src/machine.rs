//! The instructions that differ from machine to machine, for the host and for the programs without a library.
use core::arch::asm;

/// A raw system call: no errno, no cancellation, the kernel's own -errno.
///
/// # Safety
/// What the kernel does with the registers is the caller's affair.
#[inline(always)]
pub unsafe fn call([number, a, b, c, d, e, f]: [i64; 7]) -> i64 {
    let result;
    // SAFETY: the clobbers are those of each machine's convention for system calls.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        asm!("syscall", inlateout("rax") number => result, in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d,
             in("r8") e, in("r9") f, lateout("rcx") _, lateout("r11") _, options(nostack));
        #[cfg(target_arch = "aarch64")]
        asm!("svc 0", in("x8") number, inlateout("x0") a => result, in("x1") b, in("x2") c, in("x3") d, in("x4") e,
             in("x5") f, options(nostack));
    }
    result
}
