//! `written-pages BASE FILE COMMAND [ARG...]`: runs a command and writes into a file which pages from the address BASE
//! on it and its descendants wrote to: `PLACE STAGE PAGE...`, where PLACE is that of the mapping in its file and STAGE
//! says when: `fork` before a child of its own began, `shared` while that had not executed anything yet, `child` before
//! that did, `exec` before any other did, `exit` before it ended. Without arguments it waits to be killed: a program
//! for containers to run meanwhile. Sources: ptrace(2), Documentation/admin-guide/mm/pagemap.rst.
use std::collections::HashMap;
use std::ffi::{c_int, c_long, c_void};
use std::fs::{File, read_to_string};
use std::io::{Error, Write};
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, exit};

unsafe extern "C" {
    fn ptrace(request: c_long, pid: c_int, address: *mut c_void, data: *mut c_void) -> c_long;
    fn waitpid(pid: c_int, status: *mut c_int, options: c_int) -> c_int;
}

const TRACEME: c_long = 0;
const SYSCALL: c_long = 24;
const SETOPTIONS: c_long = 0x4200;
const GET_SYSCALL_INFO: c_long = 0x420e;
/// Good system call stops, forks, vforks, clones, executions, exits; whoever is followed ends with us.
const OPTIONS: usize = 1 | 2 | 4 | 8 | 16 | 64 | 0x10_0000;
const WALL: c_int = 0x4000_0000;
const SIGTRAP: c_int = 5;
const SIGSTOP: c_int = 19;
const EVENT_FORK: c_int = 1;
const EVENT_CLONE: c_int = 3;
const EVENT_EXIT: c_int = 6;
/// struct ptrace_syscall_info: what stop it is, and the number of the call.
const ENTRY: u8 = 1;
#[cfg(target_arch = "x86_64")]
const EXECVE: [u64; 2] = [59, 322];
#[cfg(target_arch = "aarch64")]
const EXECVE: [u64; 2] = [221, 281];

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let [_, base, file, program, rest @ ..] = words.as_slice() else { wait() };
    let base = usize::from_str_radix(base, 16).unwrap_or_default();
    let file = File::create(file).unwrap_or_else(|error| fail(file, &error));
    let mut command = Command::new(program);
    command.args(rest);
    // SAFETY: one system call between fork and exec.
    unsafe {
        command.pre_exec(|| {
            ptrace(TRACEME, 0, std::ptr::null_mut(), std::ptr::null_mut());
            Ok(())
        });
    }
    match command.spawn() {
        Ok(child) => exit(Tracer { base, file, parents: HashMap::new() }.follow(child.id() as c_int)),
        Err(error) => fail(program, &error),
    }
}

fn wait() -> ! {
    loop {
        std::thread::park();
    }
}

fn fail(name: &str, error: &Error) -> ! {
    eprintln!("written-pages: {name}: {error}");
    exit(1)
}

struct Tracer {
    base: usize,
    file: File,
    /// Of each process that has not executed anything yet.
    parents: HashMap<c_int, c_int>,
}

impl Tracer {
    fn follow(&mut self, first: c_int) -> c_int {
        let (mut code, mut is_first) = (1, true);
        loop {
            let mut status = 0;
            // SAFETY: the status is a live value.
            let pid = unsafe { waitpid(-1, &mut status, WALL) };
            if pid < 0 {
                return code;
            }
            if status & 0xff != 0x7f {
                if pid == first {
                    code = if status & 0x7f == 0 { status >> 8 & 0xff } else { 128 };
                }
                continue;
            }
            if std::mem::take(&mut is_first) {
                request(SETOPTIONS, pid, 0, OPTIONS);
            }
            let signal = self.stopped(pid, status >> 8 & 0xff, status >> 16);
            request(SYSCALL, pid, 0, signal as usize);
        }
    }

    /// The signal to go on with.
    fn stopped(&mut self, pid: c_int, signal: c_int, event: c_int) -> c_int {
        match (signal, event) {
            (SIGTRAP, EVENT_FORK..=EVENT_CLONE) => {
                let mut child: usize = 0;
                request(0x4201, pid, 0, &raw mut child as usize);
                self.parents.insert(child as c_int, pid);
                self.report(pid, "fork", false);
            }
            (SIGTRAP, EVENT_EXIT) => self.report(pid, "exit", false),
            (0x85, _) => self.called(pid),
            (SIGTRAP, _) | (SIGSTOP, _) => {}
            _ => return signal,
        }
        0
    }

    fn called(&mut self, pid: c_int) {
        let mut info = [0u64; 16];
        request(GET_SYSCALL_INFO, pid, size_of_val(&info), info.as_mut_ptr() as usize);
        if info[0] as u8 != ENTRY || !EXECVE.contains(&info[3]) {
            return;
        }
        let Some(parent) = self.parents.remove(&pid) else { return self.report(pid, "exec", false) };
        self.report(pid, "child", true);
        self.report(parent, "shared", true);
    }

    /// Pages that are the process's own, or nobody else's either.
    fn report(&self, pid: c_int, stage: &str, is_exclusive: bool) {
        let Some((place, pages)) = self.mapping(pid) else { return };
        let Ok(pagemap) = File::open(format!("/proc/{pid}/pagemap")) else { return };
        let mut entries = vec![0u8; pages * 8];
        if pagemap.read_exact_at(&mut entries, (self.base / 4096 * 8) as u64).is_err() {
            return;
        }
        let entries = entries.chunks_exact(8).map(|entry| u64::from_ne_bytes(entry.try_into().unwrap_or_default()));
        let is_written = |entry: u64| entry >> 63 == 1 && entry >> 61 & 1 == 0 && (!is_exclusive || entry >> 56 & 1 == 1);
        let written = entries.enumerate().filter(|(_, entry)| is_written(*entry)).map(|(page, _)| format!(" {page}"));
        if let Err(error) = writeln!(&self.file, "{place} {stage}{}", written.collect::<String>()) {
            fail("the list of pages", &error);
        }
    }

    /// Where in its file the mapping at the base begins, and for how many pages files are mapped from there on.
    fn mapping(&self, pid: c_int) -> Option<(u64, usize)> {
        let maps = read_to_string(format!("/proc/{pid}/maps")).ok()?;
        let (mut place, mut end) = (None, self.base);
        for line in maps.lines() {
            let mut words = line.split_ascii_whitespace();
            let (from, to) = words.next()?.split_once('-')?;
            let (from, to) = (usize::from_str_radix(from, 16).ok()?, usize::from_str_radix(to, 16).ok()?);
            let (offset, inode) = (words.nth(1)?, words.nth(1)?);
            if from == end && inode != "0" {
                place = place.or(u64::from_str_radix(offset, 16).ok());
                end = to;
            }
        }
        Some((place?, (end - self.base) / 4096))
    }
}

fn request(number: c_long, pid: c_int, address: usize, data: usize) {
    // SAFETY: what a request writes to is live, and as long as it says.
    unsafe { ptrace(number, pid, address as *mut c_void, data as *mut c_void) };
}
