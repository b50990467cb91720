//! The program that becomes a container's payload: `stub PATH ARG0 [ARG...]` executes PATH with ARG0… as its
//! arguments. It is what `/proc/self/exe` names at the moment of the payload's execve(2), so that an interpreter
//! line or a loader that says `/proc/self/exe` reaches these few bytes in a sealed memfd and never the runtime.
//!
//! Entered 16 bytes further on, it loads a seccomp filter before: then execve(2), and capset(2) where a capability
//! was held for the filter alone, are all that the filter ever judges of what isn't the payload's.
#![no_std]
#![no_main]

#[path = "src/machine.rs"]
mod machine;
mod numbers;

use core::arch::{asm, global_asm};
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicIsize, Ordering};
use numbers::*;

// The kernel enters with the argument vector on the stack; the ABI wants it as a pointer and a 16-byte stack.
// src/host/runtime/init/filter-request.ts knows the second entry and the address of the request.
#[cfg(target_arch = "x86_64")]
global_asm!(
    ".balign 16", ".globl _start", "_start:", "xor esi, esi", "jmp 2f",
    ".balign 16", "mov esi, 0x10001000", "2:", "mov rdi, rsp", "and rsp, -16", "call {start}", start = sym start
);
#[cfg(target_arch = "aarch64")]
global_asm!(
    ".balign 16", ".globl _start", "_start:", "mov x1, 0", "b 2f",
    ".balign 16", "movz x1, 0x1000, lsl 16", "movk x1, 0x1000", "2:", "mov x0, sp", "bl {start}", start = sym start
);

const ENOENT: isize = 2;
const EACCES: isize = 13;
const EBUSY: isize = 16;
const EINVAL: isize = 22;

const SET_MODE_FILTER: usize = 1;
const CAPABILITY_VERSION_3: u32 = 0x2008_0522;
const CAP_SYS_ADMIN: u32 = 1 << 21;
const MSG_NOSIGNAL: usize = 0x4000;
/// CLONE_VM, _FS, _FILES, _SIGHAND, _THREAD and _SYSVSEM.
const THREAD: usize = 0x5_0f00;
/// CLONE_PARENT, and SIGCHLD at the end.
const SIBLING: usize = 0x8011;
const TIOCSCTTY: usize = 0x540e;
/// Neither a descriptor nor an error.
const UNDECIDED: isize = isize::MIN;

/// What the runtime wants done before the payload (src/host/runtime/init/filter-request.ts).
#[repr(C)]
struct Request {
    flags: usize,
    /// Those of `flags` that an older kernel may do without.
    optional_flags: usize,
    /// struct sock_fprog
    program: [usize; 2],
    /// Whether CAP_SYS_ADMIN was kept for the filter alone.
    drops_admin: usize,
    inheritable: [u32; 2],
    /// A connected socket that gets the message with the filter's listener; nothing to send if the message is empty.
    socket: usize,
    /// struct iovec
    message: [usize; 2],
    /// A connected socket that gets the pid of a child made here, which goes on when it reads a byte; 0: no child.
    birth: usize,
    /// Whether that child takes its standard input as controlling terminal.
    has_terminal: usize,
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    exit(126)
}

/// A raw system call.
fn call(number: usize, a: usize, b: usize, c: usize) -> isize {
    // SAFETY: every pointer passed is from the kernel's own start-up stack, the request, or a live local value.
    unsafe { machine::call([number as i64, a as i64, b as i64, c as i64, 0, 0, 0]) as isize }
}

/// Whatever a filter says of leaving: an instruction that doesn't exist ends everything.
fn exit(code: usize) -> ! {
    call(EXIT_GROUP, code, 0, 0);
    call(EXIT, code, 0, 0);
    loop {
        // SAFETY: the kernel ends this process.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            asm!("ud2")
        }
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        unsafe {
            asm!("udf 0")
        }
    }
}

fn print(text: &[u8]) {
    call(WRITE, 2, text.as_ptr() as usize, text.len());
}

extern "C" fn start(stack: *const usize, request: *const Request) -> ! {
    // SAFETY: at entry the stack holds argc, argc pointers, NULL, the environment's pointers, NULL.
    let (argc, argv) = unsafe { (*stack, stack.add(1)) };
    // One argument only is what remains when a script names this program as its own interpreter for ever.
    if argc < 2 {
        exit(126);
    }
    // SAFETY: the runtime that chose the second entry put the request there.
    if let Some(request) = unsafe { request.as_ref() } {
        if request.birth != 0 {
            be_born(request);
        }
        if request.program[0] != 0 {
            confine(request);
        }
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
        8 => b": exec format error: made for another machine, or a script without #!\n",
        EACCES => b": permission denied\n",
        _ => b": cannot be executed\n",
    });
    exit(if errno == ENOENT { 127 } else { 126 })
}

/// Goes on as a child of its own parent, in the pid namespace that was joined for children: whoever can look into that
/// never sees the runtime, only these few bytes with the payload's own powers.
fn be_born(request: &Request) {
    let pid = call(CLONE, SIBLING, 0, 0);
    if pid < 0 {
        print(b"fork into the container's pid namespace: refused\n");
        exit(126);
    }
    if pid > 0 {
        call(WRITE, request.birth, &raw const pid as usize, size_of_val(&pid));
        exit(0);
    }
    call(SETSID, 0, 0, 0);
    if request.has_terminal != 0 {
        call(IOCTL, 0, TIOCSCTTY, 0);
    }
    let mut release = 0u8;
    // At its end there is nobody to go on for.
    if call(READ, request.birth, &raw mut release as usize, 1) != 1 {
        exit(126);
    }
    call(CLOSE, request.birth, 0, 0);
}

fn confine(request: &Request) {
    let header: &[u32; 2] = &[CAPABILITY_VERSION_3, 0];
    let header = header.as_ptr() as usize;
    // Effective, permitted and inheritable of the lower 32, then of the upper.
    let sets = &mut [0u32; 6];
    if request.drops_admin != 0 {
        call(CAPGET, header, sets.as_mut_ptr() as usize, 0);
    }
    let result = if request.message[1] == 0 { load(request) } else { load_with_listener(request) };
    if result < 0 {
        print(b"load the seccomp filter: ");
        print(match -result {
            EACCES => b"it needs CAP_SYS_ADMIN or process.noNewPrivileges\n",
            EBUSY => b"a filter before it has a listener already\n",
            EINVAL => b"refused by this kernel\n",
            _ => b"it cannot be loaded, or nobody takes its listener\n",
        });
        exit(126);
    }
    if request.drops_admin != 0 {
        sets[0] &= !CAP_SYS_ADMIN;
        sets[1] &= !CAP_SYS_ADMIN;
        [sets[2], sets[5]] = request.inheritable;
        if call(CAPSET, header, sets.as_mut_ptr() as usize, 0) < 0 {
            print(b"drop CAP_SYS_ADMIN: refused, by the seccomp filter perhaps\n");
            exit(126);
        }
    }
}

fn load(request: &Request) -> isize {
    let program = request.program.as_ptr() as usize;
    let result = call(SECCOMP, SET_MODE_FILTER, request.flags, program);
    if result != -EINVAL || request.optional_flags == 0 {
        return result;
    }
    call(SECCOMP, SET_MODE_FILTER, request.flags & !request.optional_flags, program)
}

struct Hand<'a> {
    request: &'a Request,
    /// The filter's listener, or why there is none.
    listener: AtomicIsize,
    sent: AtomicIsize,
}

/// A filter is over the thread that loads it: another one hands the listener on, and ends with the payload's execve.
/// This one waits without a system call, which the filter might keep waiting for the listener's answer.
fn load_with_listener(request: &Request) -> isize {
    let hand = Hand { request, listener: AtomicIsize::new(UNDECIDED), sent: AtomicIsize::new(UNDECIDED) };
    let mut stack = MaybeUninit::<[u128; 128]>::uninit();
    let started = start_thread(stack.as_mut_ptr() as usize + size_of_val(&stack), &hand);
    if started < 0 {
        return started;
    }
    let listener = load(request);
    hand.listener.store(listener, Ordering::Release);
    loop {
        match hand.sent.load(Ordering::Acquire) {
            UNDECIDED => core::hint::spin_loop(),
            result => return result,
        }
    }
}

fn start_thread(stack: usize, hand: &Hand) -> isize {
    let result: isize;
    // SAFETY: the new thread has a stack of its own and never returns from hand_on; `hand` outlives it, because its
    // owner waits until it has nothing more to do with it.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        asm!(
            "syscall", "test rax, rax", "jnz 2f", "mov rdi, r12", "call {hand_on}", "ud2", "2:",
            hand_on = sym hand_on, inlateout("rax") CLONE as isize => result, in("rdi") THREAD, in("rsi") stack,
            in("rdx") 0, in("r10") 0, in("r8") 0, in("r12") hand, lateout("rcx") _, lateout("r11") _
        );
    }
    // SAFETY: as above.
    #[cfg(target_arch = "aarch64")]
    unsafe {
        asm!(
            "svc 0", "cbnz x0, 2f", "mov x0, x20", "bl {hand_on}", "udf 0", "2:",
            hand_on = sym hand_on, in("x8") CLONE, inlateout("x0") THREAD as isize => result, in("x1") stack,
            in("x2") 0, in("x3") 0, in("x4") 0, in("x20") hand, lateout("x30") _
        );
    }
    result
}

extern "C" fn hand_on(hand: &Hand) -> ! {
    let listener = loop {
        match hand.listener.load(Ordering::Acquire) {
            UNDECIDED => call(SCHED_YIELD, 0, 0, 0),
            listener => break listener,
        };
    };
    let result = if listener < 0 { listener } else { send(hand.request, listener) };
    call(CLOSE, hand.request.socket, 0, 0);
    hand.sent.store(result, Ordering::Release);
    loop {
        call(EXIT, 0, 0, 0);
    }
}

/// sendmsg(2) with SCM_RIGHTS.
fn send(request: &Request, descriptor: isize) -> isize {
    let control = [20, (1 << 32) | 1, descriptor as usize];
    let (vector, control) = (request.message.as_ptr() as usize, control.as_ptr() as usize);
    let header = [0, 0, vector, 1, control, 24, 0];
    call(SENDMSG, request.socket, header.as_ptr() as usize, MSG_NOSIGNAL)
}
