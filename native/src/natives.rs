//! The primitives that TypeScript sees as globals (src/host/native.d.ts).
#[cfg(not(feature = "system-heap"))]
use crate::arena;
use crate::values::{Native, Text, arguments, buffer, bytes_of, int, range, string};
use crate::{STUB, engine, machine, sqlite};
use rquickjs::qjs::*;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Whether the heap is being made ahead: what it holds must not depend on this process.
static SEALED: AtomicBool = AtomicBool::new(false);

/// From now on system calls and the environment are refused, and time stands still.
pub fn seal() {
    SEALED.store(true, Relaxed);
}

/// In the place of the C library's: QuickJS seeds its hashes with the time.
///
/// # Safety
/// `time` is a timeval or NULL.
#[unsafe(no_mangle)]
unsafe extern "C" fn gettimeofday(time: *mut libc::timeval, _: *mut c_void) -> c_int {
    let mut now = libc::timespec { tv_sec: 1 << 30, tv_nsec: 0 };
    // SAFETY: both are live; the caller's promise.
    unsafe {
        if !SEALED.load(Relaxed) {
            libc::clock_gettime(libc::CLOCK_REALTIME, &mut now);
        }
        if !time.is_null() {
            *time = libc::timeval { tv_sec: now.tv_sec, tv_usec: now.tv_nsec / 1000 };
        }
    }
    0
}

/// syscall(nr, ...args): numbers and BigInts as they are, strings as C strings, buffers as pointers, null as 0.
unsafe extern "C" fn syscall(ctx: *mut JSContext, _: JSValue, argc: c_int, argv: *mut JSValue) -> JSValue {
    // SAFETY: QuickJS calls natives with a live context and argc values; strings live until after the call.
    unsafe {
        let args = arguments(argc, argv);
        let (mut registers, mut strings): ([i64; 7], [Option<Text>; 7]) = ([0; 7], Default::default());
        if SEALED.load(Relaxed) {
            return JS_ThrowTypeError(ctx, c"syscall: none while a module is evaluated".as_ptr());
        }
        if args.len() > 7 {
            return JS_ThrowRangeError(ctx, c"syscall: more than six arguments".as_ptr());
        }
        for (at, value) in args.iter().enumerate() {
            match value.tag as i32 {
                JS_TAG_INT | JS_TAG_BOOL => registers[at] = JS_VALUE_GET_INT(*value) as i64,
                JS_TAG_NULL | JS_TAG_UNDEFINED => {}
                JS_TAG_FLOAT64 | JS_TAG_BIG_INT | JS_TAG_SHORT_BIG_INT => {
                    if JS_ToInt64Ext(ctx, &mut registers[at], *value) != 0 {
                        return JS_EXCEPTION;
                    }
                }
                JS_TAG_STRING | JS_TAG_STRING_ROPE => {
                    let Some(text) = Text::of(ctx, *value) else { return JS_EXCEPTION };
                    if memchr::memchr(0, text.bytes()).is_some() {
                        return JS_ThrowTypeError(ctx, c"syscall: NUL in a string argument".as_ptr());
                    }
                    registers[at] = text.pointer() as i64;
                    strings[at] = Some(text);
                }
                _ => match bytes_of(ctx, *value) {
                    Some(bytes) => registers[at] = bytes as *mut u8 as i64,
                    None => {
                        return JS_ThrowTypeError(
                            ctx,
                            c"syscall: argument %d is of no usable type".as_ptr(),
                            at as c_int,
                        );
                    }
                },
            }
        }
        int(machine::call(registers))
    }
}

/// addr(buffer): its address; below 2^47, so exact as a number. The caller keeps the buffer alive.
unsafe extern "C" fn addr(ctx: *mut JSContext, _: JSValue, argc: c_int, argv: *mut JSValue) -> JSValue {
    // SAFETY: as in `syscall`.
    unsafe { buffer(ctx, arguments(argc, argv).first()).map_or(JS_EXCEPTION, |b| int(b as *mut u8 as i64)) }
}

/// utf8(buffer, start?, end?): string
unsafe extern "C" fn utf8(ctx: *mut JSContext, _: JSValue, argc: c_int, argv: *mut JSValue) -> JSValue {
    // SAFETY: as in `syscall`; the range lies inside the buffer.
    unsafe {
        let args = arguments(argc, argv);
        let Some(b) = buffer(ctx, args.first()) else { return JS_EXCEPTION };
        let Some(r) = range(ctx, args, 1, b.len()) else { return JS_EXCEPTION };
        JS_NewStringLen(ctx, (b as *const c_char).wrapping_add(r.start), r.len() as _)
    }
}

/// bytes(string): Uint8Array with a NUL at the end
unsafe extern "C" fn bytes(ctx: *mut JSContext, _: JSValue, argc: c_int, argv: *mut JSValue) -> JSValue {
    // SAFETY: as in `syscall`; a C string's NUL lies behind its bytes.
    unsafe {
        let text = arguments(argc, argv).first().and_then(|v| Text::of(ctx, *v));
        text.map_or(JS_EXCEPTION, |t| JS_NewUint8ArrayCopy(ctx, t.pointer().cast(), t.bytes().len() as u64 + 1))
    }
}

/// indexOf(buffer, byte, start?, end?): index or -1
unsafe extern "C" fn index_of(ctx: *mut JSContext, _: JSValue, argc: c_int, argv: *mut JSValue) -> JSValue {
    // SAFETY: as in `utf8`.
    unsafe {
        let (args, mut byte) = (arguments(argc, argv), 0);
        let Some(b) = buffer(ctx, args.first()) else { return JS_EXCEPTION };
        let Some(wanted) = args.get(1) else { return JS_ThrowTypeError(ctx, c"indexOf needs a byte".as_ptr()) };
        if JS_ToInt32(ctx, &mut byte, *wanted) != 0 {
            return JS_EXCEPTION;
        }
        let Some(r) = range(ctx, args, 2, b.len()) else { return JS_EXCEPTION };
        let part = if r.is_empty() { &[] } else { std::slice::from_raw_parts((b as *const u8).add(r.start), r.len()) };
        int(memchr::memchr(byte as u8, part).map_or(-1, |at| (r.start + at) as i64))
    }
}

/// copy(to, at, from, start?, end?): memmove; the end in `to`
unsafe extern "C" fn copy(ctx: *mut JSContext, _: JSValue, argc: c_int, argv: *mut JSValue) -> JSValue {
    // SAFETY: as in `utf8`; the target's room is checked below.
    unsafe {
        let (args, mut at) = (arguments(argc, argv), 0);
        let (Some(to), Some(from)) = (buffer(ctx, args.first()), buffer(ctx, args.get(2))) else { return JS_EXCEPTION };
        if JS_ToInt64(ctx, &mut at, args[1]) != 0 {
            return JS_EXCEPTION;
        }
        let Some(r) = range(ctx, args, 3, from.len()) else { return JS_EXCEPTION };
        if at < 0 || (at as usize).saturating_add(r.len()) > to.len() {
            return JS_ThrowRangeError(ctx, c"copy: the target is too small".as_ptr());
        }
        std::ptr::copy((from as *const u8).wrapping_add(r.start), (to as *mut u8).wrapping_add(at as usize), r.len());
        int(at + r.len() as i64)
    }
}

/// gc(): collects cycles
unsafe extern "C" fn gc(ctx: *mut JSContext, _: JSValue, _: c_int, _: *mut JSValue) -> JSValue {
    // SAFETY: as in `syscall`.
    unsafe { JS_RunGC(JS_GetRuntime(ctx)) };
    JS_UNDEFINED
}

/// gcThreshold(bytes): collect by itself once so much is allocated; -1 for never
unsafe extern "C" fn gc_threshold(ctx: *mut JSContext, _: JSValue, argc: c_int, argv: *mut JSValue) -> JSValue {
    // SAFETY: as in `syscall`.
    unsafe {
        let (args, mut bytes) = (arguments(argc, argv), -1);
        if args.first().is_some_and(|v| JS_ToInt64(ctx, &mut bytes, *v) != 0) {
            return JS_EXCEPTION;
        }
        JS_SetGCThreshold(JS_GetRuntime(ctx), bytes as _);
        JS_UNDEFINED
    }
}

/// trim(): for a process that stays: spare pages of heap and stack go back, and the heap's later ones come one by one
unsafe extern "C" fn trim(_: *mut JSContext, _: JSValue, _: c_int, _: *mut JSValue) -> JSValue {
    #[cfg(not(feature = "system-heap"))]
    arena::trim();
    let here = 0_u8;
    let end = (&raw const here as usize & !4095) - 4096;
    // SAFETY: nothing lives that far below this frame; what isn't mapped is passed over.
    unsafe { libc::madvise((end - (128 << 10)) as *mut c_void, 128 << 10, libc::MADV_DONTNEED) };
    JS_UNDEFINED
}

/// environ(): string[]
unsafe extern "C" fn environment(ctx: *mut JSContext, _: JSValue, _: c_int, _: *mut JSValue) -> JSValue {
    unsafe extern "C" {
        static environ: *const *const c_char;
    }
    if SEALED.load(Relaxed) {
        // SAFETY: as in `syscall`.
        return unsafe { JS_ThrowTypeError(ctx, c"environ: none while a module is evaluated".as_ptr()) };
    }
    // SAFETY: the C library's environment is a vector of C strings that ends with NULL, or NULL itself.
    unsafe {
        let (array, mut at) = (JS_NewArray(ctx), 0);
        while !environ.is_null() && !(*environ.add(at)).is_null() {
            let text = std::ffi::CStr::from_ptr(*environ.add(at)).to_bytes();
            JS_SetPropertyUint32(ctx, array, at as u32, string(ctx, text));
            at += 1;
        }
        array
    }
}

/// stub(): the program that becomes a container's payload (native/stub.rs)
unsafe extern "C" fn stub(ctx: *mut JSContext, _: JSValue, _: c_int, _: *mut JSValue) -> JSValue {
    // SAFETY: as in `syscall`; the bytes are copied.
    unsafe { JS_NewUint8ArrayCopy(ctx, STUB.as_ptr(), STUB.len() as _) }
}

/// # Safety
/// `ctx` is the live context.
pub unsafe fn install(ctx: *mut JSContext) {
    const FUNCTIONS: &[(&std::ffi::CStr, Native, c_int)] = &[
        (c"syscall", syscall, 7),
        (c"addr", addr, 1),
        (c"utf8", utf8, 3),
        (c"bytes", bytes, 1),
        (c"indexOf", index_of, 4),
        (c"copy", copy, 5),
        (c"gc", gc, 0),
        (c"gcThreshold", gc_threshold, 1),
        (c"trim", trim, 0),
        (c"environ", environment, 0),
        (c"load", engine::load, 1),
        (c"sourceMap", engine::source_map, 1),
        (c"chunks", engine::chunks, 0),
        (c"stub", stub, 0),
        (c"sqliteOpen", sqlite::open, 2),
        (c"sqliteQuery", sqlite::query, 3),
        (c"sqliteClose", sqlite::close, 1),
    ];
    // SAFETY: the caller's promise; the global object takes the functions over.
    unsafe {
        let global = JS_GetGlobalObject(ctx);
        for (name, function, argc) in FUNCTIONS {
            let f = JS_NewCFunction2(ctx, Some(*function), name.as_ptr(), *argc, JSCFunctionEnum_JS_CFUNC_generic, 0);
            JS_SetPropertyStr(ctx, global, name.as_ptr(), f);
        }
        JS_FreeValue(ctx, global);
    }
}

/// `argv`: string[]
///
/// # Safety
/// `ctx` is the live context, `args` are C strings.
pub unsafe fn set_arguments(ctx: *mut JSContext, args: &[*const c_char]) {
    // SAFETY: the caller's promise; the global object takes the array over.
    unsafe {
        let (global, array) = (JS_GetGlobalObject(ctx), JS_NewArray(ctx));
        for (at, argument) in args.iter().enumerate() {
            let text = std::ffi::CStr::from_ptr(*argument).to_bytes();
            JS_SetPropertyUint32(ctx, array, at as u32, string(ctx, text));
        }
        JS_SetPropertyStr(ctx, global, c"argv".as_ptr(), array);
        JS_FreeValue(ctx, global);
    }
}
