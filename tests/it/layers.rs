//! The floors of the house: what stands higher may use what stands lower, never the other way.

use std::fs;
use std::path::{Path, PathBuf};

/// From the ground up. Modules of one floor do not use each other.
const FLOORS: &[&[&str]] = &[
    &["assurance", "body_digest", "clock", "config_error", "encoding", "rejection", "trace"],
    &["provider"],
    &["wire"],
    &["scheme"],
    &["plan"],
    &["secret"],
    &["keys"],
    &["handshake"],
    &["store"],
    &["event"],
    &["extract", "providers", "verifier"],
    &["config", "doctor", "testing", "verifiers"],
    &["layer"],
    &["inbox"],
];

/// What `lib.rs` exports at the root, and the module that has it.
const EXPORTS: &[(&str, &str)] =
    &[("Clock", "clock"), ("Event", "event"), ("Verifier", "verifier")];

#[test]
fn no_module_uses_one_that_stands_above_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for file in files(&source) {
        let name = file.strip_prefix(&source).unwrap().to_str().unwrap().to_owned();
        let module = name.split('/').next().unwrap().trim_end_matches(".rs");
        if module == "lib" || name.ends_with("/tests.rs") {
            continue;
        }
        for used in used(&fs::read_to_string(&file).unwrap()) {
            let is_below = floor(&used) < floor(module) || used == module;
            if !is_below {
                wrong.push(format!("src/{name} uses `crate::{used}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn floor(module: &str) -> usize {
    let found = FLOORS.iter().position(|floor| floor.contains(&module));
    found.unwrap_or_else(|| panic!("`{module}` stands on no floor: give it one in this test"))
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let each = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    entries.flat_map(each).collect()
}

/// The modules that the code of a file names, its tests and its comments left out.
fn used(text: &str) -> Vec<String> {
    let code = text.split("\nmod tests {").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let names = lines.flat_map(|line| line.split("crate::").skip(1)).map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = &rest[..end];
        EXPORTS.iter().find(|(export, _)| *export == name).map_or(name, |(_, module)| *module)
    });
    names.map(str::to_owned).collect()
}
