//! `assay key`: API keys.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use serve_api::{ApiKey, NewKey, read_keys};

use super::{progress, say};
use crate::arguments::Key;
use crate::exit::{Exit, Unusable};

/// Makes a key. The key alone goes to standard output.
pub fn key(command: &Key) -> Result<Exit> {
    let Key::New { name, scope, file } = command;
    let new = NewKey::random(name, *scope);
    let mut keys = known(file)?;
    if keys.iter().any(|key| key.name == *name) {
        let mend =
            format!("{} has a key of the name {name}; take another, or remove that one", file.display());
        return Err(Unusable(mend).into());
    }
    keys.push(new.kept);
    // As whoever serves reads it.
    let text = serde_json::to_string_pretty(&keys)?;
    read_keys(&text).map_err(|bad| Unusable(bad.to_string()))?;
    write(file, &text)
        .with_context(|| format!("{} cannot be written; name another with --file", file.display()))?;
    progress(format_args!("{} holds its hash; this is the only time that the key is told", file.display()));
    say(&new.secret)?;
    Ok(Exit::Done)
}

fn known(file: &Path) -> Result<Vec<ApiKey>> {
    match std::fs::read_to_string(file) {
        Ok(text) => {
            let keys = read_keys(&text);
            keys.map_err(|bad| Unusable(format!("{}: {bad}", file.display())).into())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", file.display())),
    }
}

/// Under another name first, so that a server that starts meanwhile reads a whole list.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let new = file.with_extension("json.new");
    let mut out: File = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    std::fs::rename(&new, file)
}
