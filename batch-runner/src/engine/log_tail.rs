//! The **log tail** is the last part of what an engine printed. It is bounded, and its last lines go into
//! the error when the engine fails.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::out_of_memory;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Lines that are kept.
const MAX_LINES: usize = 200;
/// Bytes that are kept of a line.
const MAX_LINE_BYTES: usize = 400;
/// Lines that go into an error.
const ERROR_LINES: usize = 5;

/// The last lines of both outputs of a program. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct LogTail {
    lines: Arc<Mutex<VecDeque<String>>>,
}

impl LogTail {
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

#[cfg(test)]
mod tests {
    use super::*;

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
