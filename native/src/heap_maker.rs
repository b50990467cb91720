//! Makes a ready heap, for the build.
use crate::{arena, engine, natives, snapshot};
use rquickjs::qjs::*;
use std::ffi::CString;

/// `corten-heap PROGRAM [CHUNK...]`: writes the heap of a program with its verb's chunk evaluated and then others that
/// the verb may ask for.
pub unsafe fn make_heap(program: &str, chunks: Vec<&str>) -> c_int {
    natives::seal();
    // SAFETY: the runtime and its one context live until the process ends.
    unsafe {
        let (ctx, main) = match engine::boot(program) {
            Ok(booted) => booted,
            Err(code) => return code,
        };
        let (global, ready) = (JS_GetGlobalObject(ctx), JS_NewObject(ctx));
        JS_DefinePropertyValueStr(ctx, global, engine::READY.as_ptr(), ready, 0);
        for name in chunks {
            let (chunk, property) = (engine::namespace(ctx, name), CString::new(name).unwrap_or_default());
            if JS_IsException(chunk) || JS_SetPropertyStr(ctx, ready, property.as_ptr(), chunk) < 0 {
                return engine::die(ctx);
            }
            JS_RunGC(JS_GetRuntime(ctx));
        }
        make_room(ctx);
        let size = arena::used().len() as u64;
        snapshot::write(ctx, main, arena::Parts { first: size, hot: [size; 2], cold: [size; 2] })
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
