//! Numbers of the system calls that the programs without a library make (src/host/kernel/numbers.ts has its sources).
#![allow(dead_code)]

const fn of(x86_64: usize, aarch64: usize) -> usize {
    if cfg!(target_arch = "x86_64") { x86_64 } else { aarch64 }
}

pub const READ: usize = of(0, 63);
pub const WRITE: usize = of(1, 64);
pub const CLOSE: usize = of(3, 57);
pub const RT_SIGPROCMASK: usize = of(14, 135);
pub const IOCTL: usize = of(16, 29);
pub const SCHED_YIELD: usize = of(24, 124);
pub const GETPID: usize = of(39, 172);
pub const SENDMSG: usize = of(46, 211);
pub const CLONE: usize = of(56, 220);
pub const EXECVE: usize = of(59, 221);
pub const EXIT: usize = of(60, 93);
pub const WAIT4: usize = of(61, 260);
pub const KILL: usize = of(62, 129);
pub const SETPGID: usize = of(109, 154);
pub const SETSID: usize = of(112, 157);
pub const CAPGET: usize = of(125, 90);
pub const CAPSET: usize = of(126, 91);
pub const RT_SIGTIMEDWAIT: usize = of(128, 137);
pub const EXIT_GROUP: usize = of(231, 94);
pub const SECCOMP: usize = of(317, 277);
