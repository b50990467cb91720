//! Makes a ready heap, for the build.
use crate::{arena, engine, natives, snapshot};
use rquickjs::qjs::*;
use std::ffi::CString;
use std::ptr::null_mut;

/// `corten-heap PROGRAM [CHUNK...]`, or `corten-heap-apart` for one at another address: writes the heap of a program with
/// its verb's chunk evaluated and then, in a part that not every start touches, others that the verb may ask for.
pub unsafe fn make_heap(program: &str, chunks: Vec<&str>) -> c_int {
    natives::seal();
    // SAFETY: the runtime and its one context live until the process ends.
    unsafe {
        let (ctx, main) = match engine::boot(program) {
            Ok(booted) => booted,
            Err(code) => return code,
        };
        let runtime = JS_GetRuntime(ctx);
        let names: Vec<_> = chunks.iter().map(|name| CString::new(*name).unwrap_or_default()).collect();
        let (global, ready) = (JS_GetGlobalObject(ctx), JS_NewObject(ctx));
        // All places first: a property more would move the object to the part that is to stay untouched.
        for name in &names {
            JS_SetPropertyStr(ctx, ready, name.as_ptr(), JS_UNDEFINED);
        }
        JS_DefinePropertyValueStr(ctx, global, engine::READY.as_ptr(), ready, 0);
        if names.is_empty() {
            make_room(ctx);
        }
        let mut hot = None;
        for (at, name) in names.iter().enumerate() {
            let chunk = engine::namespace(ctx, chunks[at]);
            if JS_IsException(chunk) || JS_SetPropertyStr(ctx, ready, name.as_ptr(), chunk) < 0 {
                return engine::die(ctx);
            }
            JS_RunGC(runtime);
            if at == 0 {
                make_room(ctx);
                hot = (names.len() > 1).then(|| arena::begin_cold());
            }
        }
        if let Some(hot) = hot {
            close_slabs(runtime, hot);
            arena::end_cold();
        }
        snapshot::write(ctx, main, hot)
    }
}

/// QuickJS's table of names grows when it is full, which writes to each: makes room in it for 512 more.
unsafe fn make_room(ctx: *mut JSContext) {
    // SAFETY: `ctx` is the live context; each atom is given back once.
    unsafe {
        let atoms: Vec<_> = (0..512).map(|at| JS_NewAtom(ctx, format!("{at} new\0").as_ptr().cast())).collect();
        atoms.into_iter().rev().for_each(|atom| JS_FreeAtom(ctx, atom));
    }
}

/// QuickJS keeps slabs of small blocks of 16 to 512 bytes, a head of 8 included, and fills the youngest first: takes
/// what is free in those beyond the first `hot` bytes of the heap, so that a start touches none of them.
unsafe fn close_slabs(runtime: *mut JSRuntime, hot: usize) {
    for size in (8..120).step_by(8).chain((120..248).step_by(16)).chain((248..=504).step_by(32)) {
        let mut taken = Vec::new();
        // SAFETY: blocks are given back at most once, and nothing is read from them.
        unsafe {
            let slabs = arena::taken();
            while arena::taken() == slabs {
                taken.push(js_malloc_rt(runtime, size));
            }
            // With the only block of a new slab that goes too.
            js_free_rt(runtime, taken.pop().unwrap_or(null_mut()));
            taken.retain(|block| arena::offset(*block) < hot);
            taken.into_iter().for_each(|block| js_free_rt(runtime, block));
        }
    }
}
