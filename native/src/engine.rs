//! A QuickJS runtime and context, and the chunks embedded in the executable.
use crate::values::{Text, arguments, string};
use crate::{MAPS, MODULES, arena, heap_maker, natives, snapshot};
use rquickjs::qjs::*;
use std::ffi::{CStr, CString};
use std::ptr::null_mut;

/// About 1,700 JavaScript frames; deeper is a RangeError.
pub const STACK: u64 = 1 << 20;

/// Files that build.rs embedded: for each, sorted by name, where its name lies in `names` and its bytes in `bytes`,
/// as place and length.
pub struct Table {
    pub names: &'static str,
    pub bytes: &'static [u8],
    pub index: &'static [[u32; 4]],
}

impl Table {
    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.index.iter().map(|row| self.name(row))
    }

    fn name(&self, [at, length, ..]: &[u32; 4]) -> &'static str {
        &self.names[*at as usize..][..*length as usize]
    }

    /// By a name in parts: a start that allocates nothing of the C library's is two pages smaller.
    fn row(&self, name: &[&str]) -> Option<&'static [u32; 4]> {
        let at =
            self.index.binary_search_by(|row| self.name(row).bytes().cmp(name.iter().flat_map(|part| part.bytes())));
        Some(&self.index[at.ok()?])
    }

    fn find(&self, name: &[&str]) -> Option<&'static [u8]> {
        let [_, _, at, length] = self.row(name)?;
        Some(&self.bytes[*at as usize..][..*length as usize])
    }
}

/// `cli/runt/../../x.js` as `x.js`: how the chunks' relative imports name each other.
unsafe extern "C" fn normalize(
    ctx: *mut JSContext,
    base: *const c_char,
    name: *const c_char,
    _: *mut c_void,
) -> *mut c_char {
    // SAFETY: QuickJS passes C strings; the result is its to free.
    unsafe {
        let (base, name) = (CStr::from_ptr(base).to_str().unwrap_or(""), CStr::from_ptr(name).to_str().unwrap_or(""));
        let mut parts: Vec<&str> = base.split('/').collect();
        parts.pop();
        for part in name.split('/') {
            match part {
                "." => {}
                ".." => drop(parts.pop()),
                other => parts.push(other),
            }
        }
        let path = parts.join("/");
        js_strndup(ctx, path.as_ptr().cast(), path.len() as _)
    }
}

/// The bytecode is trusted, as part of the executable: QuickJS does not verify it.
unsafe fn read(ctx: *mut JSContext, code: &'static [u8]) -> JSValue {
    // SAFETY: `code` is bytecode that build.rs wrote with this very QuickJS.
    unsafe { JS_ReadObject(ctx, code.as_ptr(), code.len() as _, JS_READ_OBJ_BYTECODE as i32) }
}

/// Called for each `import` between chunks.
unsafe extern "C" fn import(ctx: *mut JSContext, name: *const c_char, _: *mut c_void) -> *mut JSModuleDef {
    // SAFETY: QuickJS passes a C string and the live context; the module table keeps what is read.
    unsafe {
        let Some(code) = MODULES.find(&[CStr::from_ptr(name).to_str().unwrap_or("")]) else {
            JS_ThrowReferenceError(ctx, c"no chunk %s in the executable".as_ptr(), name);
            return null_mut();
        };
        let module = read(ctx, code);
        if JS_IsException(module) {
            return null_mut();
        }
        let definition = JS_VALUE_GET_PTR(module) as *mut JSModuleDef;
        JS_FreeValue(ctx, module);
        definition
    }
}

/// A chunk's namespace, evaluated now; JS_EXCEPTION if that fails. A chunk has no top-level await.
pub unsafe fn namespace(ctx: *mut JSContext, name: &str) -> JSValue {
    // SAFETY: `ctx` is the live context; every value is either given back or returned.
    unsafe {
        let Some(code) = MODULES.find(&[name]) else {
            return JS_ThrowReferenceError(ctx, c"no such chunk in the executable".as_ptr());
        };
        let module = read(ctx, code);
        if JS_IsException(module) || JS_ResolveModule(ctx, module) < 0 {
            return JS_EXCEPTION;
        }
        let definition = JS_VALUE_GET_PTR(module) as *mut JSModuleDef;
        let promise = JS_EvalFunction(ctx, module);
        if JS_IsException(promise) {
            return JS_EXCEPTION;
        }
        if JS_PromiseState(ctx, promise) == JSPromiseStateEnum_JS_PROMISE_REJECTED {
            return JS_Throw(ctx, JS_PromiseResult(ctx, promise));
        }
        JS_FreeValue(ctx, promise);
        JS_GetModuleNamespace(ctx, definition)
    }
}

/// `load(chunk)`: its namespace. What is rarely needed need not be read at start.
pub unsafe extern "C" fn load(ctx: *mut JSContext, _: JSValue, argc: c_int, argv: *mut JSValue) -> JSValue {
    // SAFETY: QuickJS calls natives with a live context and argc values.
    unsafe {
        let Some(name) = arguments(argc, argv).first().and_then(|v| Text::of(ctx, *v)) else { return JS_EXCEPTION };
        let ready = ready_chunks(ctx);
        let chunk = CString::new(name.str()).unwrap_or_default();
        let found = if JS_IsObject(ready) { JS_GetPropertyStr(ctx, ready, chunk.as_ptr()) } else { JS_UNDEFINED };
        JS_FreeValue(ctx, ready);
        if JS_IsUndefined(found) {
            return namespace(ctx, name.str());
        }
        // What all but the verb's own write to is the heap's cold part.
        if name.str().ends_with(".chunk.js") {
            arena::warm();
        }
        found
    }
}

/// A property of the global object.
pub const READY: &CStr = c"ready chunks";

/// Where a ready heap keeps its verb's chunk and those that the verb may ask for: an object, or undefined.
unsafe fn ready_chunks(ctx: *mut JSContext) -> JSValue {
    // SAFETY: `ctx` is the live context.
    unsafe {
        let global = JS_GetGlobalObject(ctx);
        let found = JS_GetPropertyStr(ctx, global, READY.as_ptr());
        JS_FreeValue(ctx, global);
        found
    }
}

/// `sourceMap(chunk)`: the JSON text of its source map, or undefined.
pub unsafe extern "C" fn source_map(ctx: *mut JSContext, _: JSValue, argc: c_int, argv: *mut JSValue) -> JSValue {
    // SAFETY: as in `load`.
    unsafe {
        let name = arguments(argc, argv).first().and_then(|v| Text::of(ctx, *v));
        let Some(name) = name else { return JS_EXCEPTION };
        MAPS.find(&[name.str(), ".map"]).map_or(JS_UNDEFINED, |map| string(ctx, map))
    }
}

/// `chunks()`: the names of all chunks.
pub unsafe extern "C" fn chunks(ctx: *mut JSContext, _: JSValue, _: c_int, _: *mut JSValue) -> JSValue {
    // SAFETY: as in `load`; the array takes the strings over.
    unsafe {
        let array = JS_NewArray(ctx);
        for (at, name) in MODULES.names().enumerate() {
            JS_SetPropertyUint32(ctx, array, at as u32, string(ctx, name.as_bytes()));
        }
        array
    }
}

/// Writes the pending exception to standard error; the exit code.
pub unsafe fn die(ctx: *mut JSContext) -> c_int {
    // SAFETY: `ctx` is the live context; the process ends soon, so nothing is given back.
    unsafe {
        let error = JS_GetException(ctx);
        for value in [error, JS_GetPropertyStr(ctx, error, c"stack".as_ptr())] {
            if let Some(text) = Text::of(ctx, value) {
                libc::write(2, text.pointer().cast(), text.bytes().len());
                libc::write(2, c"\n".as_ptr().cast(), 1);
            }
        }
        125
    }
}

/// A fresh heap: runtime, context, natives, the program's chunk evaluated; its exported `main`.
pub unsafe fn boot(program: &str) -> Result<(*mut JSContext, JSValue), c_int> {
    // SAFETY: the runtime and its one context live until the process ends.
    unsafe {
        let runtime = arena::runtime();
        if runtime.is_null() {
            libc::write(2, c"corten: no memory for the JavaScript heap\n".as_ptr().cast(), 42);
            return Err(125);
        }
        JS_SetMaxStackSize(runtime, STACK as _);
        // Reference counting frees nearly all; cycles wait for gc() or, in resident processes, gcThreshold().
        #[cfg(not(feature = "gc-stress"))]
        JS_SetGCThreshold(runtime, usize::MAX as _);
        JS_SetModuleLoaderFunc(runtime, Some(normalize), Some(import), null_mut());
        // Neither eval nor Function nor a shared clock: only what the programs use.
        let ctx = JS_NewContextRaw(runtime);
        JS_AddIntrinsicBaseObjects(ctx);
        JS_AddIntrinsicJSON(ctx);
        JS_AddIntrinsicMapSet(ctx);
        JS_AddIntrinsicTypedArrays(ctx);
        JS_AddIntrinsicPromise(ctx);
        JS_AddIntrinsicDate(ctx);
        JS_AddIntrinsicRegExp(ctx);
        natives::install(ctx);
        let namespace = namespace(ctx, program);
        if JS_IsException(namespace) {
            return Err(die(ctx));
        }
        Ok((ctx, JS_GetPropertyStr(ctx, namespace, c"main".as_ptr())))
    }
}

/// Multi-call: the program is the name it was called by.
pub fn run(args: &[*const c_char]) -> c_int {
    // SAFETY: the C library's arguments are C strings; the context lives until the process ends.
    unsafe {
        let words = args.iter().map(|a| CStr::from_ptr(*a).to_str().unwrap_or(""));
        let name = words.clone().next().unwrap_or("").rsplit('/').next().unwrap_or("");
        if name == "corten-heap" {
            return heap_maker::make_heap(words.clone().nth(1).unwrap_or(""), words.skip(2).collect());
        }
        // What is put in runc's place is runt.
        let name = if name == "runc" { "runt" } else { name };
        let program = MODULES.row(&["main/", name, ".js"]).map_or("main/corten.js", |row| MODULES.name(row));
        let (ctx, main) = match snapshot::restore(program, args) {
            Some(restored) => restored,
            None => match boot(program) {
                Ok(booted) => booted,
                Err(code) => return code,
            },
        };
        natives::set_arguments(ctx, args);
        let result = JS_Call(ctx, main, JS_UNDEFINED, 0, null_mut());
        if JS_IsException(result) {
            return die(ctx);
        }
        // No teardown: the kernel frees it all.
        let mut code = 0;
        if JS_ToInt32(ctx, &mut code, result) != 0 { die(ctx) } else { code }
    }
}
