//! SQLite for TypeScript: open, query, close. Statements, transactions and schema are SQL text from src/pure/store.
use crate::values::{Text, arguments, bytes_of, int, string};
use rquickjs::qjs::*;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OpenFlags};
use std::cell::RefCell;

thread_local! {
    static CONNECTIONS: RefCell<Vec<Option<Connection>>> = const { RefCell::new(Vec::new()) };
}

unsafe fn throw(ctx: *mut JSContext, message: &str) -> JSValue {
    let text = std::ffi::CString::new(message.replace('\0', " ")).unwrap_or_default();
    // SAFETY: `ctx` is the live context; QuickJS copies the text.
    unsafe { JS_ThrowPlainError(ctx, c"SQLite: %s".as_ptr(), text.as_ptr()) }
}

/// sqliteOpen(path, flags): a connection's number. No checkpoint at close: the last of several short-lived
/// connections would pay for it each time.
pub unsafe extern "C" fn open(ctx: *mut JSContext, _: JSValue, argc: c_int, argv: *mut JSValue) -> JSValue {
    // SAFETY: QuickJS calls natives with a live context and argc values.
    unsafe {
        let args = arguments(argc, argv);
        let mut flags = 0;
        let path = args.first().and_then(|v| Text::of(ctx, *v));
        let Some(path) = path else { return JS_EXCEPTION };
        if args.get(1).is_some_and(|v| JS_ToInt32(ctx, &mut flags, *v) != 0) {
            return JS_EXCEPTION;
        }
        let opened = Connection::open_with_flags(path.str(), OpenFlags::from_bits_truncate(flags));
        let ready = opened.and_then(|db| {
            db.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
            Ok(db)
        });
        match ready {
            Ok(db) => CONNECTIONS.with_borrow_mut(|all| {
                all.push(Some(db));
                int(all.len() as i64 - 1)
            }),
            Err(error) => throw(ctx, &error.to_string()),
        }
    }
}

/// A parameter's value; None when it is of no type that SQLite has.
unsafe fn parameter(ctx: *mut JSContext, value: JSValue) -> Option<Value> {
    // SAFETY: `ctx` is the live context.
    unsafe {
        Some(match value.tag as i32 {
            JS_TAG_NULL | JS_TAG_UNDEFINED => Value::Null,
            JS_TAG_INT | JS_TAG_BOOL => Value::Integer(JS_VALUE_GET_INT(value) as i64),
            JS_TAG_FLOAT64 => {
                let mut number = 0.0;
                JS_ToFloat64(ctx, &mut number, value);
                if number.fract() == 0.0 && number.abs() < 9e15 {
                    Value::Integer(number as i64)
                } else {
                    Value::Real(number)
                }
            }
            JS_TAG_BIG_INT | JS_TAG_SHORT_BIG_INT => {
                let mut number = 0;
                JS_ToBigInt64(ctx, &mut number, value);
                Value::Integer(number)
            }
            JS_TAG_STRING | JS_TAG_STRING_ROPE => Value::Text(Text::of(ctx, value)?.str().into()),
            _ => Value::Blob((*bytes_of(ctx, value)?).to_vec()),
        })
    }
}

unsafe fn result(ctx: *mut JSContext, value: ValueRef) -> JSValue {
    // SAFETY: `ctx` is the live context; QuickJS copies texts and blobs.
    unsafe {
        match value {
            ValueRef::Null => JS_NULL,
            ValueRef::Integer(n) if n.unsigned_abs() < 1 << 53 => int(n),
            ValueRef::Integer(n) => JS_NewBigInt64(ctx, n),
            ValueRef::Real(n) => __JS_NewFloat64(n),
            ValueRef::Text(text) => string(ctx, text),
            ValueRef::Blob(bytes) => JS_NewUint8ArrayCopy(ctx, bytes.as_ptr(), bytes.len() as _),
        }
    }
}

unsafe fn rows(ctx: *mut JSContext, db: &Connection, sql: &str, params: Vec<Value>) -> rusqlite::Result<JSValue> {
    let mut statement = db.prepare(sql)?;
    let columns = statement.column_count();
    let mut found = statement.query(rusqlite::params_from_iter(params))?;
    // SAFETY: `ctx` is the live context; the arrays take their elements over.
    unsafe {
        let (array, mut count) = (JS_NewArray(ctx), 0);
        while let Some(row) = found.next()? {
            let cells = JS_NewArray(ctx);
            for column in 0..columns {
                JS_SetPropertyUint32(ctx, cells, column as u32, result(ctx, row.get_ref(column)?));
            }
            JS_SetPropertyUint32(ctx, array, count, cells);
            count += 1;
        }
        Ok(array)
    }
}

/// sqliteQuery(connection, sql, params): rows
pub unsafe extern "C" fn query(ctx: *mut JSContext, _: JSValue, argc: c_int, argv: *mut JSValue) -> JSValue {
    // SAFETY: as in `open`; array elements are given back after they are copied.
    unsafe {
        let args = arguments(argc, argv);
        let (mut number, mut length) = (-1, 0);
        let [connection, sql, list] = args else { return throw(ctx, "sqliteQuery takes three arguments") };
        if JS_ToInt32(ctx, &mut number, *connection) != 0 || JS_GetLength(ctx, *list, &mut length) != 0 {
            return JS_EXCEPTION;
        }
        let Some(sql) = Text::of(ctx, *sql) else { return JS_EXCEPTION };
        let mut params = Vec::new();
        for at in 0..length as u32 {
            let value = JS_GetPropertyUint32(ctx, *list, at);
            let converted = parameter(ctx, value);
            JS_FreeValue(ctx, value);
            let Some(converted) = converted else { return throw(ctx, "a parameter is of no type that SQLite has") };
            params.push(converted);
        }
        CONNECTIONS.with_borrow(|all| match all.get(number as usize).and_then(Option::as_ref) {
            Some(db) => rows(ctx, db, sql.str(), params).unwrap_or_else(|error| throw(ctx, &error.to_string())),
            None => throw(ctx, "the connection is closed"),
        })
    }
}

/// sqliteClose(connection)
pub unsafe extern "C" fn close(ctx: *mut JSContext, _: JSValue, argc: c_int, argv: *mut JSValue) -> JSValue {
    // SAFETY: as in `open`.
    unsafe {
        let mut number = -1;
        if arguments(argc, argv).first().is_none_or(|v| JS_ToInt32(ctx, &mut number, *v) != 0) {
            return JS_EXCEPTION;
        }
        CONNECTIONS.with_borrow_mut(|all| {
            if let Some(slot) = all.get_mut(number as usize) {
                *slot = None;
            }
        });
        JS_UNDEFINED
    }
}
