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
        let size = arena::used().len() as u64;
        // Memory counts more than time in a process that stays.
        let first = if engine::RESIDENT.contains(&program) { 0 } else { size };
        snapshot::write(ctx, main, arena::Parts { first, hot: [size; 2], cold: [size; 2] })
    }
}
