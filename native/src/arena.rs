//! QuickJS's heap: blocks by size class from one reserved stretch of addresses. musl's own allocator makes
//! JSON.parse twice as slow; this one never gives memory back, which suits processes that live for milliseconds
//! and monitors that replace themselves by execve(2).
#![cfg_attr(feature = "system-heap", allow(dead_code, unused_imports))]
use rquickjs::qjs::*;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

const SIZE: usize = 1 << 30; // addresses reserved, not memory committed

/// Far from where the kernel puts anything by itself. Heaps that the build made ahead must lie where they were made.
/// Neither half looks like a number that a program holds: the build (scripts/build/heap-layout.mjs) takes every word
/// of this gigabyte for an address. Some machines have 39 bits of addresses.
const BASE: usize = if cfg!(target_arch = "x86_64") { 0x2b67_9d60_0000 } else { 0x67_9d60_0000 };

/// Pages are asked for by so many bytes at a time: a fault for each page costs several times as much.
const STEP: usize = 32 << 10;

/// The arena's head, at the start of its first page. scripts/build/heap-blocks.mjs knows it too.
#[repr(C)]
struct Head {
    top: usize,
    populated: usize,
    end: usize,
    /// Where the part of a ready heap begins and ends that waits for `warm`.
    cold: [usize; 2],
    free: [usize; 192],
    #[cfg(feature = "gc-stress")]
    runtime: *mut JSRuntime,
}

static HEAD: AtomicPtr<Head> = AtomicPtr::new(null_mut());

fn head() -> &'static mut Head {
    // SAFETY: `runtime` set it before QuickJS could allocate, and the process has one thread.
    unsafe { &mut *HEAD.load(Relaxed) }
}

/// Each block is 8 bytes of class number, then the payload at a multiple of 16.
fn class_of(size: usize) -> usize {
    let need = size + 8;
    if need <= 1040 {
        return need.div_ceil(16).max(2);
    }
    // Four classes for each power of two, which with its heads, QuickJS's and ours, fills a block.
    let last = need - 16 - 1;
    let shift = usize::BITS as usize - 1 - last.leading_zeros() as usize;
    65 + (shift - 10) * 4 + (last >> (shift - 2)) - 3
}

fn block_size(class: usize) -> usize {
    if class <= 65 { class * 16 } else { ((5 + (class - 66) % 4) << ((class - 66) / 4 + 8)) + 16 }
}

/// # Safety
/// `payload` came from `take`.
unsafe fn class_at(payload: *const c_void) -> *mut usize {
    // SAFETY: every payload has its class number in the 8 bytes before it.
    unsafe { (payload as *mut usize).sub(1) }
}

/// A block, and whether it is still zero as the kernel gave it.
fn take(size: usize) -> (*mut c_void, bool) {
    let (head, class) = (head(), class_of(size));
    #[cfg(feature = "gc-stress")]
    if !head.runtime.is_null() {
        // SAFETY: the runtime lives as long as the process; this only sets a field.
        unsafe { JS_SetGCThreshold(head.runtime, 0) };
    }
    if class >= head.free.len() {
        return (null_mut(), false);
    }
    let reused = head.free[class];
    if reused != 0 {
        // SAFETY: a free block holds the next free block's address in its payload.
        head.free[class] = unsafe { *(reused as *const usize) };
        return (reused as *mut c_void, false);
    }
    let block = block_size(class);
    if block > head.end - head.top {
        return (null_mut(), false);
    }
    let payload = (head.top + 8) as *mut c_void;
    head.top += block;
    if head.top > head.populated {
        populate(head);
    }
    // SAFETY: the block lies inside the reserved stretch.
    unsafe { *class_at(payload) = class };
    (payload, true)
}

/// Asks for the pages up to `top` and the next step's; the first touch does it where the kernel can't (before 5.14).
fn populate(head: &mut Head) {
    let end = (head.top + STEP).next_multiple_of(STEP).min(head.end);
    // SAFETY: the pages lie inside the reserved stretch, and nothing is read from them yet.
    unsafe { libc::madvise(head.populated as *mut c_void, end - head.populated, libc::MADV_POPULATE_WRITE) };
    head.populated = end;
}

unsafe extern "C" fn malloc(_: *mut c_void, size: size_t) -> *mut c_void {
    take(size as usize).0
}

unsafe extern "C" fn calloc(_: *mut c_void, count: size_t, size: size_t) -> *mut c_void {
    let Some(total) = (count as usize).checked_mul(size as usize) else { return null_mut() };
    let (payload, zero) = take(total);
    if !zero && !payload.is_null() {
        // SAFETY: the payload has room for `total` bytes.
        unsafe { libc::memset(payload, 0, total) };
    }
    payload
}

unsafe extern "C" fn free(_: *mut c_void, payload: *mut c_void) {
    if payload.is_null() {
        return;
    }
    // SAFETY: QuickJS frees only what `take` gave it.
    unsafe {
        let (head, class) = (head(), *class_at(payload));
        *(payload as *mut usize) = head.free[class];
        head.free[class] = payload as usize;
    }
}

unsafe extern "C" fn usable(payload: *const c_void) -> size_t {
    // SAFETY: as in `free`.
    unsafe { if payload.is_null() { 0 } else { (block_size(*class_at(payload)) - 8) as size_t } }
}

unsafe extern "C" fn realloc(opaque: *mut c_void, payload: *mut c_void, size: size_t) -> *mut c_void {
    // SAFETY: as in `free`; both blocks have room for what is copied.
    unsafe {
        if payload.is_null() {
            return malloc(opaque, size);
        }
        if size == 0 {
            free(opaque, payload);
            return null_mut();
        }
        let had = usable(payload);
        if size <= had {
            return payload;
        }
        let moved = malloc(opaque, size);
        if !moved.is_null() {
            libc::memcpy(moved, payload, had as usize);
            free(opaque, payload);
        }
        moved
    }
}

/// A runtime on the C library's heap.
#[cfg(feature = "system-heap")]
pub fn runtime() -> *mut JSRuntime {
    // SAFETY: has no conditions.
    unsafe { JS_NewRuntime() }
}

/// A runtime whose heap is the arena.
#[cfg(not(feature = "system-heap"))]
pub fn runtime() -> *mut JSRuntime {
    let functions = JSMallocFunctions {
        js_calloc: Some(calloc),
        js_malloc: Some(malloc),
        js_free: Some(free),
        js_realloc: Some(realloc),
        js_malloc_usable_size: Some(usable),
    };
    // SAFETY: a fresh anonymous mapping; the head lies in its first bytes and is zero, as Head allows.
    unsafe {
        let base = reserve();
        if base.is_null() {
            return null_mut();
        }
        let head = base as *mut Head;
        (*head).top = (base as usize + size_of::<Head>()).next_multiple_of(16) + 8;
        (*head).populated = base as usize;
        (*head).end = base as usize + SIZE;
        HEAD.store(head, Relaxed);
        let runtime = JS_NewRuntime2(&functions, null_mut());
        #[cfg(feature = "gc-stress")]
        {
            (*head).runtime = runtime;
        }
        runtime
    }
}

/// The stretch of addresses, at BASE unless something is there already; NULL without any.
fn reserve() -> *mut c_void {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    let access = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: neither call touches a mapping that exists.
    unsafe {
        let fixed = libc::mmap(BASE as *mut c_void, SIZE, access, flags | libc::MAP_FIXED_NOREPLACE, -1, 0);
        let base = if fixed == libc::MAP_FAILED { libc::mmap(null_mut(), SIZE, access, flags, -1, 0) } else { fixed };
        if base == libc::MAP_FAILED { null_mut() } else { base }
    }
}

/// Gives pages back that were asked for and aren't used.
pub fn trim() {
    let head = head();
    let start = head.top.next_multiple_of(4096);
    if start < head.populated {
        // SAFETY: nothing lies beyond `top`; the pages become zero again.
        unsafe { libc::madvise(start as *mut c_void, head.populated - start, libc::MADV_DONTNEED) };
    }
    head.populated = head.end;
}

/// The heap so far, in whole pages; what comes later lies behind it.
pub fn used() -> &'static [u8] {
    let head = head();
    let base = head as *mut Head as usize;
    head.top = (head.top - 8).next_multiple_of(4096) + 8;
    head.populated = head.top - 8;
    // SAFETY: all of it lies in the stretch and was zero or written.
    unsafe { std::slice::from_raw_parts(base as *const u8, head.top - 8 - base) }
}

/// What of a ready heap every start writes to: the first bytes, and a range; and the range that `warm` asks for.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Parts {
    pub first: u64,
    pub hot: [u64; 2],
    pub cold: [u64; 2],
}

/// Makes `size` bytes of a file, which `used` gave, this process's heap; its address. The pages that are written to
/// soon (counts of references) are taken all at once, which is cheaper than one by one.
pub fn adopt(fd: c_int, place: u64, size: usize, parts: &Parts) -> Option<usize> {
    let base = reserve();
    if base as usize != BASE {
        if !base.is_null() {
            // SAFETY: reserved above and not in use.
            unsafe { libc::munmap(base, SIZE) };
        }
        return None;
    }
    let [first, hot, end] = [parts.first as usize, parts.hot[0] as usize, parts.hot[1] as usize];
    let now = libc::MAP_POPULATE;
    for (start, end, flags) in [(0, first, now), (first, hot, 0), (hot, end, now), (end, size, 0)] {
        if start >= end {
            continue;
        }
        let (at, flags) = ((BASE + start) as *mut c_void, flags | libc::MAP_PRIVATE | libc::MAP_FIXED);
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: replaces a part of the stretch that was reserved above.
        let heap = unsafe { libc::mmap(at, end - start, access, flags, fd, (place + start as u64) as i64) };
        if heap == libc::MAP_FAILED {
            // SAFETY: as above.
            unsafe { libc::munmap(base, SIZE) };
            return None;
        }
    }
    HEAD.store(base as *mut Head, Relaxed);
    head().cold = parts.cold.map(|place| BASE + place as usize);
    Some(BASE)
}

/// Asks for the pages that `adopt` left out, when what lies there is about to run.
pub fn warm() {
    let [start, end] = std::mem::take(&mut head().cold);
    if start < end {
        // SAFETY: the pages are a part of the heap. Where the kernel can't (before 5.14), the first touch does it.
        unsafe { libc::madvise(start as *mut c_void, end - start, libc::MADV_POPULATE_WRITE) };
    }
}
