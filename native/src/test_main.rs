//! The native host with the tests' chunks beside the programs': bin/corten-test.
#![no_main]
include!("host.rs");
