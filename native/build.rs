//! Compiles JavaScript chunks to QuickJS bytecode and writes the tables that the two executables embed.
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Context, Ctx, Error, Module, Result, Runtime, WriteOptions};
use std::path::{Path, PathBuf};
use std::{env, fs};

struct Chunks(PathBuf);

impl Resolver for Chunks {
    fn resolve(&mut self, _: &Ctx, base: &str, name: &str, _: Option<ImportAttributes>) -> Result<String> {
        Ok(normal(&Path::new(base).parent().unwrap_or(Path::new("")).join(name)))
    }
}

impl Loader for Chunks {
    fn load<'js>(&mut self, ctx: &Ctx<'js>, name: &str, _: Option<ImportAttributes>) -> Result<Module<'js, Declared>> {
        let source = fs::read(self.0.join(name)).map_err(|e| Error::new_loading_message(name, e.to_string()))?;
        Module::declare(ctx.clone(), name, source)
    }
}

/// `cli/runt/../../x.js` as `x.js`.
fn normal(path: &Path) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.to_str().expect("a chunk's name is ASCII").split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            other => parts.push(other),
        }
    }
    parts.join("/")
}

fn compile(dir: &Path, name: &str) -> Vec<u8> {
    let runtime = Runtime::new().expect("a QuickJS runtime");
    runtime.set_loader(Chunks(dir.into()), Chunks(dir.into()));
    Context::full(&runtime).expect("a QuickJS context").with(|ctx| {
        let source = fs::read(dir.join(name)).expect("a chunk can be read");
        let module =
            Module::declare(ctx.clone(), name, source).unwrap_or_else(|e| panic!("{name}: {e} {:?}", ctx.catch()));
        // The debug information stays: stack traces need it.
        module.write(WriteOptions { strip_source: true, ..Default::default() }).expect("bytecode can be written")
    })
}

fn list(dir: &Path, base: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(dir).expect("the folder of chunks can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            list(&path, base, names);
        } else {
            names.push(path.strip_prefix(base).expect("below the base").to_str().expect("ASCII").into());
        }
    }
}

/// Files by name, without a pointer in the table: each would be a word to move at every start. The files lie in a section
/// of their own: between the constants that a start reads they would make them many pages, of which the kernel maps 16
/// at a time.
#[derive(Default)]
struct Table {
    names: String,
    bytes: Vec<u8>,
    index: Vec<[usize; 4]>,
}

impl Table {
    fn add(&mut self, name: &str, bytes: &[u8]) {
        self.index.push([self.names.len(), name.len(), self.bytes.len(), bytes.len()]);
        self.names += name;
        self.bytes.extend_from_slice(bytes);
    }

    fn source(&self, name: &str, path: &Path) -> String {
        fs::write(path, &self.bytes).expect("the files can be stored");
        format!(
            "#[unsafe(link_section = \".chunks\")]\nstatic {name}_BYTES: [u8; {}] = *include_bytes!({path:?});\n\
             pub static {name}: engine::Table = engine::Table {{ names: {:?}, bytes: &{name}_BYTES, index: &{:?} }};\n",
            self.bytes.len(),
            self.names,
            self.index
        )
    }
}

/// Writes the table of one folder of chunks as Rust source.
fn embed(variable: &str, out: &Path, table: &str) {
    println!("cargo:rerun-if-env-changed={variable}");
    let hint = format!("{variable} names a folder of chunks: use `npm run build`");
    let chunks = PathBuf::from(env::var_os(variable).expect(&hint));
    println!("cargo:rerun-if-changed={}", chunks.display());
    for entry in fs::read_dir(out).expect("cargo's folder can be read").flatten() {
        if entry.file_name().to_string_lossy().starts_with(&format!("{table}!")) {
            fs::remove_file(entry.path()).expect("bytecode of before can be removed");
        }
    }
    let mut names = Vec::new();
    list(&chunks, &chunks, &mut names);
    names.sort();
    let (mut modules, mut maps) = (Table::default(), Table::default());
    for name in names {
        if name.ends_with(".map") {
            maps.add(&name, &fs::read(chunks.join(&name)).expect("a map can be read"));
        } else {
            let code = compile(&chunks, &name);
            fs::write(out.join(format!("{table}!{}.qbc", name.replace('/', "!"))), &code).expect("it can be stored");
            modules.add(&name, &code);
        }
    }
    let tables = modules.source("MODULES", &out.join(format!("{table}.modules")))
        + &maps.source("MAPS", &out.join(format!("{table}.maps")));
    let stub = env::var("CORTEN_STUB").expect("CORTEN_STUB names the stub: use `npm run build`");
    println!("cargo:rerun-if-env-changed=CORTEN_STUB");
    println!("cargo:rerun-if-changed={stub}");
    let stub = format!("pub static STUB: &[u8] = include_bytes!({stub:?});\n");
    fs::write(out.join(table), tables + &stub).expect("the table can be stored");
}

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    embed("CORTEN_CHUNKS", &out, "corten-host.rs");
    embed("CORTEN_TEST_CHUNKS", &out, "corten-test-host.rs");
}
