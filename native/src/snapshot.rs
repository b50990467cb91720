//! Heaps that the build made ahead: the runtime, its context and a verb's modules, evaluated. The build appends them
//! to the executable; starting from one spares reading the bytecode and setting up QuickJS. Where anything is not as
//! it should be, the program boots as if there were none.
//!
//! A heap lies at the same address in every process. What points into the executable, whose address differs each
//! time, is listed beside the heap and moved by the difference.
use crate::{arena, engine};
use rquickjs::qjs::*;
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::ptr::null_mut;

const MAGIC: u64 = 0x31_50_41_45_48_54_52_43; // "CRTHEAP1"

/// So many heaps an executable may have.
const MOST: usize = 64;

/// What a heap is entered by. Written by `write`, read by scripts/build/heaps.mjs and, with the numbers that it
/// fills in, by `restore`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Entry {
    context: *mut JSContext,
    main: JSValue,
    /// An address in the executable.
    reference: u64,
    /// The stack at the time, whose addresses in the heap are zeroed.
    stack: [u64; 2],
    /// The heap's bytes.
    size: u64,
    parts: arena::Parts,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Listed {
    /// `main/runt.js cli/runt/run.js`, then NULs.
    name: [u8; 96],
    entry: Entry,
    /// Places in the file: of the heap, a multiple of the page size, and of the list of words to move.
    heap: u64,
    moved: u64,
    moved_count: u64,
}

impl Listed {
    fn name(&self) -> &str {
        std::str::from_utf8(self.name.split(|byte| *byte == 0).next().unwrap_or(&[])).unwrap_or("")
    }
}

/// The last bytes of the executable.
#[repr(C)]
struct Footer {
    magic: u64,
    list: u64,
    count: u64,
}

fn reference() -> u64 {
    engine::run as *const () as u64
}

/// Writes the entry and the heap to standard output, for the build.
///
/// # Safety
/// The values belong to the context of the arena's runtime.
pub unsafe fn write(context: *mut JSContext, main: JSValue, parts: arena::Parts) -> c_int {
    let here = &raw const context as u64;
    let heap = arena::used();
    let stack = [here - engine::STACK - (64 << 10), here + (64 << 10)];
    let entry = Entry { context, main, reference: reference(), stack, size: heap.len() as u64, parts };
    // SAFETY: an Entry is plain words; padding of none of them is read by the other side.
    let head = unsafe { std::slice::from_raw_parts((&raw const entry).cast::<u8>(), size_of::<Entry>()) };
    for mut part in [head, heap] {
        while !part.is_empty() {
            // SAFETY: the slice is live.
            let written = unsafe { libc::write(1, part.as_ptr().cast(), part.len()) };
            if written <= 0 {
                return 1;
            }
            part = &part[written as usize..];
        }
    }
    0
}

/// The heap for the program and the first of the arguments that names a verb with one: its context, and `main`.
pub fn restore(program: &str, args: &[*const c_char]) -> Option<(*mut JSContext, JSValue)> {
    // SAFETY: a path and flags; the descriptor is closed below.
    let fd = unsafe { libc::open(c"/proc/self/exe".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) };
    if fd < 0 {
        return None;
    }
    let found = choose(fd, program, args).and_then(|listed| map(fd, &listed));
    // SAFETY: ours; the mapping stays.
    unsafe { libc::close(fd) };
    found.map(|entry| (entry.context, entry.main))
}

/// Never part of its caller, which a monitor never leaves: the list is three pages of the stack.
#[inline(never)]
fn choose(fd: c_int, program: &str, args: &[*const c_char]) -> Option<Listed> {
    // SAFETY: plain system call.
    let end = unsafe { libc::lseek(fd, 0, libc::SEEK_END) } as u64;
    // SAFETY: plain words, for which any bytes are valid.
    let footer: Footer = unsafe { read(fd, end.checked_sub(size_of::<Footer>() as u64)?)? };
    if footer.magic != MAGIC || footer.count > MOST as u64 {
        return None;
    }
    let mut list = MaybeUninit::<[Listed; MOST]>::uninit();
    let length = footer.count as usize * size_of::<Listed>();
    // SAFETY: the buffer has room for MOST, and what is read of it below was filled.
    let list = unsafe {
        if libc::pread(fd, list.as_mut_ptr().cast(), length, footer.list as i64) != length as isize {
            return None;
        }
        std::slice::from_raw_parts(list.as_ptr().cast::<Listed>(), footer.count as usize)
    };
    let folder = program.strip_prefix("main/")?.strip_suffix(".js")?;
    let mut chosen: Option<(usize, &Listed)> = None;
    for listed in list {
        let rank = listed.name().strip_prefix(program).and_then(|verb| rank(verb, folder, args));
        if let Some(rank) = rank
            && chosen.as_ref().is_none_or(|(best, _)| rank < *best)
        {
            chosen = Some((rank, listed));
        }
    }
    chosen.map(|(_, listed)| *listed)
}

/// How early the command line names the verb of ` cli/FOLDER/VERB.js`; last for a heap without a verb.
fn rank(verb: &str, folder: &str, args: &[*const c_char]) -> Option<usize> {
    if verb.is_empty() {
        return Some(usize::MAX);
    }
    let verb = verb.strip_prefix(" cli/")?.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(".js")?;
    // SAFETY: the C library's arguments are C strings.
    args.iter().skip(1).take(32).position(|argument| unsafe { CStr::from_ptr(*argument) }.to_bytes() == verb.as_bytes())
}

/// # Safety
/// Any bytes are a valid T.
unsafe fn read<T>(fd: c_int, place: u64) -> Option<T> {
    let mut value = MaybeUninit::<T>::uninit();
    // SAFETY: the buffer has the size that is read; the caller's promise makes it a T.
    unsafe {
        let length = libc::pread(fd, value.as_mut_ptr().cast(), size_of::<T>(), place as i64);
        if length == size_of::<T>() as isize { Some(value.assume_init()) } else { None }
    }
}

fn map(fd: c_int, listed: &Listed) -> Option<Entry> {
    let entry = listed.entry;
    let bytes = listed.moved_count as usize * 4;
    let page = listed.moved & !4095;
    // SAFETY: a private read-only view of the list of words; unmapped below.
    let view = unsafe {
        let length = bytes + (listed.moved - page) as usize;
        let view = libc::mmap(null_mut(), length.max(1), libc::PROT_READ, libc::MAP_PRIVATE, fd, page as i64);
        if view == libc::MAP_FAILED {
            return None;
        }
        std::slice::from_raw_parts(view.cast::<u8>(), length)
    };
    let base = arena::adopt(fd, listed.heap, entry.size as usize, &entry.parts);
    let moved =
        view[(listed.moved - page) as usize..].chunks_exact(4).map(|b| u32::from_ne_bytes([b[0], b[1], b[2], b[3]]));
    let difference = reference().wrapping_sub(entry.reference);
    if let Some(base) = base {
        for offset in moved {
            // SAFETY: the build listed words of this very heap.
            unsafe {
                let word = (base as *mut u64).add(offset as usize);
                *word = (*word).wrapping_add(difference);
            }
        }
        // SAFETY: the runtime of the context; its stack is this thread's.
        unsafe { JS_UpdateStackTop(JS_GetRuntime(entry.context)) };
    }
    // SAFETY: made above, and no longer read.
    unsafe { libc::munmap(view.as_ptr() as *mut c_void, view.len()) };
    base.map(|_| entry)
}
