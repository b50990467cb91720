//! The small init of `corten run --init`: runs a program as its child, passes signals on to it, and reaps whatever
//! else ends. `corten-init -- PROGRAM [ARG...]`, found as execvp(3) finds it; ends with the program's own code. Without
//! a word it only reaps: the first process of a pod's containers that share their processes.
#![no_std]
#![no_main]

use core::arch::global_asm;
use core::mem::MaybeUninit;
use numbers::*;

#[path = "src/machine.rs"]
mod machine;
mod numbers;

#[cfg(target_arch = "x86_64")]
global_asm!(".globl _start", "_start:", "mov rdi, rsp", "and rsp, -16", "call {start}", start = sym start);
#[cfg(target_arch = "aarch64")]
global_asm!(".globl _start", "_start:", "mov x0, sp", "bl {start}", start = sym start);

const SIG_BLOCK: usize = 0;
const SIG_SETMASK: usize = 2;
const SIGCHLD: isize = 17;
const SIGTTIN: isize = 21;
const SIGTTOU: isize = 22;
const TIOCSPGRP: usize = 0x5410;
const WNOHANG: usize = 1;
const ENOENT: isize = -2;
const ENOTDIR: isize = -20;

const LONGEST_PATH: usize = 4096;
const DEFAULT_PATH: &[u8] = b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\0";

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    exit(126)
}

/// A raw system call.
fn call(number: usize, a: usize, b: usize, c: usize, d: usize) -> isize {
    // SAFETY: every pointer passed is from the kernel's own start-up stack, a static, or a live local value.
    unsafe { machine::call([number as i64, a as i64, b as i64, c as i64, d as i64, 0, 0]) as isize }
}

fn exit(code: usize) -> ! {
    loop {
        call(EXIT_GROUP, code, 0, 0, 0);
    }
}

fn print(text: &[u8]) {
    call(WRITE, 2, text.as_ptr() as usize, text.len(), 0);
}

extern "C" fn start(stack: *const usize) -> ! {
    // SAFETY: at entry the stack holds argc, argc pointers, NULL, the environment's pointers, NULL.
    let (argc, argv) = unsafe { (*stack, stack.add(1)) };
    let all: u64 = !0;
    if argc == 1 {
        call(RT_SIGPROCMASK, SIG_BLOCK, &all as *const u64 as usize, 0, 8);
        serve(0, all);
    }
    if argc < 3 {
        print(b"corten-init: usage: corten-init -- PROGRAM [ARG...]\n");
        exit(126);
    }
    let mut before: u64 = 0;
    call(RT_SIGPROCMASK, SIG_BLOCK, &all as *const u64 as usize, &mut before as *mut u64 as usize, 8);
    let child = call(CLONE, SIGCHLD as usize, 0, 0, 0);
    if child == 0 {
        // SAFETY: argc > 2, so argv[2] exists, and the environment lies behind argv's NULL.
        unsafe { become_program(argv.add(2), argv.add(argc + 1), before) }
    }
    if child < 0 {
        print(b"corten-init: no process can be made\n");
        exit(126);
    }
    serve(child, all)
}

/// Passes signals on to the child, if there is one, until it has ended.
fn serve(child: isize, all: u64) -> ! {
    loop {
        let signal = call(RT_SIGTIMEDWAIT, &all as *const u64 as usize, 0, 0, 8);
        match signal {
            SIGCHLD => reap(child),
            SIGTTIN | SIGTTOU => {}
            1.. if child > 0 => {
                call(KILL, child as usize, signal as usize, 0, 0);
            }
            _ => {}
        }
    }
}

fn reap(child: isize) {
    loop {
        let mut status: u32 = 0;
        let ended = call(WAIT4, usize::MAX, &mut status as *mut u32 as usize, WNOHANG, 0);
        if ended <= 0 {
            return;
        }
        if ended == child {
            let signal = status & 0x7f;
            exit(if signal == 0 { (status >> 8) & 0xff } else { 128 + signal } as usize);
        }
    }
}

/// In a process group of its own, which has the terminal if there is one; with the signals that we were started with.
unsafe fn become_program(argv: *const usize, environment: *const usize, mask: u64) -> ! {
    call(SETPGID, 0, 0, 0, 0);
    let group = call(GETPID, 0, 0, 0, 0) as u32;
    // SIGTTOU is blocked here, so that a process in the background may do this.
    call(IOCTL, 0, TIOCSPGRP, &group as *const u32 as usize, 0);
    call(RT_SIGPROCMASK, SIG_SETMASK, &mask as *const u64 as usize, 0, 8);
    // SAFETY: the caller's; each is a string that ends with NUL, from the kernel.
    unsafe {
        let name = *argv as *const u8;
        let error = execute(name, argv, environment);
        let is_missing = error == ENOENT || error == ENOTDIR;
        print(b"corten-init: the program ");
        call(WRITE, 2, name as usize, length(name, 0), 0);
        print(if is_missing { b" is not found\n" } else { b" cannot be executed\n" });
        exit(if is_missing { 127 } else { 126 })
    }
}

/// As execvp(3).
unsafe fn execute(name: *const u8, argv: *const usize, environment: *const usize) -> isize {
    let run = |path: *const u8| call(EXECVE, path as usize, argv as usize, environment as usize, 0);
    // SAFETY: the caller's strings end with NUL; what is written stays within the buffer.
    unsafe {
        let name_length = length(name, 0);
        if length(name, b'/') < name_length {
            return run(name);
        }
        let mut room = MaybeUninit::<[u8; LONGEST_PATH]>::uninit();
        let buffer = room.as_mut_ptr() as *mut u8;
        let mut folder = path_of(environment);
        let mut last = ENOENT;
        loop {
            let size = length(folder, b':');
            if size + name_length + 3 <= LONGEST_PATH {
                let start = if size == 0 { put(buffer, b".".as_ptr(), 1) } else { put(buffer, folder, size) };
                let end = put(put(start, b"/".as_ptr(), 1), name, name_length);
                end.write_volatile(0);
                let error = run(buffer);
                if error != ENOENT && error != ENOTDIR {
                    last = error;
                }
            }
            if folder.add(size).read_volatile() == 0 {
                return last;
            }
            folder = folder.add(size + 1);
        }
    }
}

/// Copies bytes; where the next go. Volatile, or the loop becomes a call of memcpy.
unsafe fn put(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    // SAFETY: the caller's.
    unsafe {
        let mut at = 0;
        while at < count {
            to.add(at).write_volatile(from.add(at).read_volatile());
            at += 1;
        }
        to.add(count)
    }
}

/// The value of PATH, or what stands for it.
unsafe fn path_of(mut environment: *const usize) -> *const u8 {
    // SAFETY: the vector ends with NULL, its strings with NUL.
    unsafe {
        while *environment != 0 {
            let variable = *environment as *const u8;
            if length(variable, b'=') == 4 && (variable as *const u32).read_unaligned() == u32::from_le_bytes(*b"PATH") {
                return variable.add(5);
            }
            environment = environment.add(1);
        }
    }
    DEFAULT_PATH.as_ptr()
}

/// How many bytes come before `end` or the NUL. Volatile, or the loop becomes a call of strlen.
unsafe fn length(start: *const u8, end: u8) -> usize {
    let mut count = 0;
    // SAFETY: the string ends with NUL.
    unsafe {
        loop {
            let byte = start.add(count).read_volatile();
            if byte == 0 || byte == end {
                return count;
            }
            count += 1;
        }
    }
}
