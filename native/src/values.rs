//! Between JavaScript's values and Rust's.
use rquickjs::qjs::*;
use std::ops::Range;
use std::ptr::slice_from_raw_parts_mut;

pub type Native = unsafe extern "C" fn(*mut JSContext, JSValue, c_int, *mut JSValue) -> JSValue;

/// An integer, as a double where 31 bits don't hold it.
pub fn int(number: i64) -> JSValue {
    if number == number as i32 as i64 { JS_MKVAL(JS_TAG_INT, number as i32) } else { __JS_NewFloat64(number as f64) }
}

/// The arguments of a native function.
///
/// # Safety
/// `argv` has `argc` values, as QuickJS calls natives.
pub unsafe fn arguments<'a>(argc: c_int, argv: *mut JSValue) -> &'a [JSValue] {
    // SAFETY: the caller's promise; QuickJS may pass NULL for no arguments.
    unsafe { if argc <= 0 { &[] } else { std::slice::from_raw_parts(argv, argc as usize) } }
}

/// The bytes of an ArrayBuffer or of any typed array. They do not move while the value lives.
///
/// # Safety
/// `ctx` is the live context.
pub unsafe fn bytes_of(ctx: *mut JSContext, value: JSValue) -> Option<*mut [u8]> {
    let (mut offset, mut len, mut item, mut total) = (0, 0, 0, 0);
    // SAFETY: the calls only read the value; the view keeps its buffer alive after our reference is given back.
    let data = unsafe {
        if JS_GetTypedArrayType(value) >= 0 {
            let buffer = JS_GetTypedArrayBuffer(ctx, value, &mut offset, &mut len, &mut item);
            if JS_IsException(buffer) {
                return None;
            }
            let data = JS_GetArrayBuffer(ctx, &mut total, buffer);
            JS_FreeValue(ctx, buffer);
            data
        } else if JS_IsArrayBuffer(value) {
            JS_GetArrayBuffer(ctx, &mut len, value)
        } else {
            return None;
        }
    };
    if data.is_null() && len > 0 {
        return None; // detached
    }
    Some(slice_from_raw_parts_mut(data.wrapping_add(offset as usize), len as usize))
}

/// A buffer argument, or throws.
///
/// # Safety
/// `ctx` is the live context.
pub unsafe fn buffer(ctx: *mut JSContext, value: Option<&JSValue>) -> Option<*mut [u8]> {
    // SAFETY: the caller's promise.
    unsafe {
        let found = value.and_then(|v| bytes_of(ctx, *v));
        if found.is_none() {
            JS_ThrowTypeError(ctx, c"not a buffer".as_ptr());
        }
        found
    }
}

/// Optional start and end arguments from `at` on, checked against `len`; None when an exception is pending.
///
/// # Safety
/// `ctx` is the live context.
pub unsafe fn range(ctx: *mut JSContext, args: &[JSValue], at: usize, len: usize) -> Option<Range<usize>> {
    let mut ends = [0, len as i64];
    // SAFETY: the caller's promise.
    unsafe {
        for (k, slot) in ends.iter_mut().enumerate() {
            if let Some(v) = args.get(at + k)
                && !JS_IsUndefined(*v)
                && JS_ToInt64(ctx, slot, *v) != 0
            {
                return None;
            }
        }
        if ends[0] < 0 || ends[1] < ends[0] || ends[1] as usize > len {
            JS_ThrowRangeError(ctx, c"start and end lie outside the buffer".as_ptr());
            return None;
        }
    }
    Some(ends[0] as usize..ends[1] as usize)
}

/// A string argument as UTF-8, freed with its scope.
pub struct Text {
    ctx: *mut JSContext,
    chars: *const c_char,
    len: usize,
}

impl Text {
    /// None when an exception is pending.
    ///
    /// # Safety
    /// `ctx` is the live context and outlives the text.
    pub unsafe fn of(ctx: *mut JSContext, value: JSValue) -> Option<Text> {
        let mut len = 0;
        // SAFETY: the caller's promise.
        let chars = unsafe { JS_ToCStringLen(ctx, &mut len, value) };
        if chars.is_null() { None } else { Some(Text { ctx, chars, len: len as usize }) }
    }

    pub fn pointer(&self) -> *const c_char {
        self.chars
    }

    pub fn bytes(&self) -> &[u8] {
        // SAFETY: QuickJS gave `len` bytes that live until they are freed.
        unsafe { std::slice::from_raw_parts(self.chars.cast(), self.len) }
    }

    pub fn str(&self) -> &str {
        std::str::from_utf8(self.bytes()).unwrap_or("")
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        // SAFETY: `of` got it from this context.
        unsafe { JS_FreeCString(self.ctx, self.chars) }
    }
}

/// A JavaScript string of UTF-8 bytes.
///
/// # Safety
/// `ctx` is the live context.
pub unsafe fn string(ctx: *mut JSContext, bytes: &[u8]) -> JSValue {
    // SAFETY: the caller's promise; QuickJS copies the bytes.
    unsafe { JS_NewStringLen(ctx, bytes.as_ptr().cast(), bytes.len() as _) }
}
