//! Embeds the page where `ui/dist` has one, so that `assay up` serves it from the program alone. `make page` builds it;
//! without it the program is built all the same, and says on `/` how to build the page.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let own = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let dist = own.join("../ui/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut paths = Vec::new();
    collect(&dist, &mut paths)?;
    paths.sort();
    let mut list = String::from("&[\n");
    for path in &paths {
        let Some(name) = path.strip_prefix(&dist).ok().and_then(Path::to_str) else { continue };
        if name.starts_with('.') || compressed(name) {
            continue;
        }
        let beside = |ending: &str| {
            let path = PathBuf::from(format!("{}.{ending}", path.display()));
            if path.exists() { format!("Some({})", include(&path)) } else { "None".to_owned() }
        };
        let (bytes, gzip, brotli) = (include(path), beside("gz"), beside("br"));
        let _ =
            writeln!(list, "PageFile {{ name: {name:?}, bytes: {bytes}, gzip: {gzip}, brotli: {brotli} }},");
    }
    list.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("page_files.rs"), list)
}

fn include(path: &Path) -> String {
    format!("include_bytes!({:?})", path.display().to_string())
}

/// Another form of the file beside it.
fn compressed(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending == "gz" || ending == "br")
}

/// Every file below a folder; none where there is no folder.
fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}
