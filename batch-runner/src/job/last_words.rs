//! **Last words** are the last lines that a runner and its engine wrote before the runner was killed. They are read before
//! the next runner writes to the same files, and go into the reason of a trial that no runner survived.

use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::error::single_line;

/// Bytes that are read at the end of a file.
const BYTES: u64 = 8 << 10;
/// Lines of each file.
const LINES: usize = 5;

/// What was left by the runner before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastWords {
    /// Its last lines.
    pub runner: Option<String>,
    /// Those of its engine.
    pub engine: Option<String>,
}

impl LastWords {
    /// Reads what there is.
    #[must_use]
    pub fn read(runner: Option<&Path>, engine: Option<&Path>) -> Self {
        Self { runner: runner.and_then(last_lines), engine: engine.and_then(last_lines) }
    }
}

/// `; the engine's last lines: ...; the runner's last lines: ...`
impl fmt::Display for LastWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (whose, lines) in [("engine", &self.engine), ("runner", &self.runner)] {
            if let Some(lines) = lines {
                write!(f, "; the {whose}'s last lines: {lines}")?;
            }
        }
        Ok(())
    }
}

/// The last lines of a file as one line; nothing when it is not there or empty.
fn last_lines(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(BYTES))).ok()?;
    let mut bytes = Vec::new();
    file.take(BYTES).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.get(lines.len().saturating_sub(LINES)..)?.join("\n");
    Some(single_line(&last)).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_of_both_are_told_where_there_are_any() {
        let folder = tempfile::tempdir().unwrap();
        let [runner, engine, away] = ["r.log", "e.log", "away"].map(|name| folder.path().join(name));
        let lines: String = (1..=5000).map(|n| format!("line {n}\n")).collect();
        std::fs::write(&runner, lines).unwrap();
        std::fs::write(&engine, "").unwrap();
        let words = LastWords::read(Some(&runner), Some(&engine));
        let last = "line 4996 | line 4997 | line 4998 | line 4999 | line 5000";
        assert_eq!(words.to_string(), format!("; the runner's last lines: {last}"));
        assert_eq!(LastWords::read(Some(&away), None).to_string(), "");
    }
}
