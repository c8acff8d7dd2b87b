//! The **log tail** is the last part of what an engine printed. It is bounded, and its last lines go into
//! the error when the engine fails. A file can have them too, for whoever comes after a runner that was killed.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::out_of_memory;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Lines that are kept.
const MAX_LINES: usize = 200;
/// Bytes that are kept of a line.
const MAX_LINE_BYTES: usize = 400;
/// Lines that go into an error.
const ERROR_LINES: usize = 5;
/// Bytes of the file. At the most it begins anew with the lines that are kept.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The last lines of both outputs of a program. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct LogTail {
    lines: Arc<Mutex<VecDeque<String>>>,
    file: Option<Arc<Mutex<File>>>,
}

impl LogTail {
    /// One that a file has too, from its beginning. Where it cannot be written there is none.
    #[must_use]
    pub fn kept_in(path: Option<&Path>) -> Self {
        let create = |path: &Path| {
            File::create(path)
                .inspect_err(
                    |error| tracing::warn!(path = %path.display(), %error, "the engine's log is not kept"),
                )
                .ok()
        };
        Self { lines: Arc::default(), file: path.and_then(create).map(|file| Arc::new(Mutex::new(file))) }
    }

    /// Reads an output to its end.
    pub async fn follow(self, mut output: impl AsyncRead + Unpin) {
        let mut chunk = [0_u8; 4096];
        let mut line = Vec::new();
        while let Ok(count @ 1..) = output.read(&mut chunk).await {
            for &byte in chunk.iter().take(count) {
                match byte {
                    // A progress bar writes its line again and again after a carriage return.
                    b'\n' | b'\r' => self.push(&std::mem::take(&mut line)),
                    _ if line.len() < MAX_LINE_BYTES => line.push(byte),
                    _ => {}
                }
            }
        }
        self.push(&line);
    }

    fn push(&self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end();
        if text.is_empty() {
            return;
        }
        tracing::debug!(target: "engine", "{text}");
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == MAX_LINES {
            lines.pop_front();
        }
        lines.push_back(text.to_owned());
        if let Some(file) = &self.file {
            // A line that cannot be kept costs no trial.
            let _ = write(&mut file.lock().unwrap_or_else(PoisonError::into_inner), &lines);
        }
    }

    /// The last line.
    #[must_use]
    pub fn last(&self) -> Option<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).back().cloned()
    }

    /// The line that says that memory did not suffice, if there is one among those kept.
    #[must_use]
    pub fn shortage(&self) -> Option<String> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        out_of_memory::said(lines.make_contiguous()).map(str::to_owned)
    }

    /// The last few lines as one line, for an error.
    #[must_use]
    pub fn summary(&self) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.is_empty() {
            return "it printed nothing".to_owned();
        }
        let skipped = lines.len().saturating_sub(ERROR_LINES);
        let last: Vec<&str> = lines.iter().skip(skipped).map(|line| line.trim()).collect();
        format!("its last lines: {}", last.join(" | "))
    }
}

/// Writes the last line to the file, or all that are kept when it has become too large.
fn write(file: &mut File, lines: &VecDeque<String>) -> std::io::Result<()> {
    let mut skipped = lines.len().saturating_sub(1);
    if file.stream_position()? > MAX_FILE_BYTES {
        file.set_len(0)?;
        file.rewind()?;
        skipped = 0;
    }
    let text: String = lines.iter().skip(skipped).map(|line| format!("{line}\n")).collect();
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_has_the_last_lines_and_does_not_grow_without_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("engine.log");
        let log = LogTail::kept_in(Some(&path));
        let lines = (0..10_000).map(|n| format!("{n} {}\n", "x".repeat(300)));
        log.clone().follow(lines.collect::<String>().as_bytes()).await;
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.lines().last().unwrap().starts_with("9999 xxx"));
        assert!(text.len() as u64 <= MAX_FILE_BYTES + 400 && text.lines().count() >= MAX_LINES);
        // The next engine begins anew.
        LogTail::kept_in(Some(&path)).follow(&b"ready\n"[..]).await;
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "ready\n");
        LogTail::kept_in(Some(&folder.path().join("away/engine.log"))).follow(&b"ready\n"[..]).await;
    }

    #[tokio::test]
    async fn the_last_lines_are_kept_and_long_ones_cut() {
        let log = LogTail::default();
        let mut text: String = (0..300).map(|n| format!("line {n}\n")).collect();
        text.push_str("10%\r 20%\r\n\n");
        text.push_str(&"x".repeat(10_000));
        log.clone().follow(text.as_bytes()).await;
        assert_eq!(log.lines.lock().unwrap().len(), MAX_LINES);
        assert_eq!(log.last().unwrap().len(), MAX_LINE_BYTES);
        let summary = log.summary();
        assert!(summary.starts_with("its last lines: line 298 | line 299 | 10% | 20% | xxx"), "{summary}");
    }

    #[test]
    fn silence_is_told() {
        assert_eq!(LogTail::default().summary(), "it printed nothing");
    }
}
