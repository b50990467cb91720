//! The native host: QuickJS, one `syscall` primitive, a few memory helpers, SQLite. No policy: everything that
//! decides is TypeScript.
#![no_main]
include!("host.rs");
