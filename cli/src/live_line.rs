//! The **live line** tells on standard error how far something is: rewritten in place on a terminal, else told now and then
//! as a line of its own.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// How often it is told where it cannot be rewritten.
const TOLD_EVERY: Duration = Duration::from_secs(30);

/// Widest that it is.
const WIDTH: usize = 80;

/// A line that is told again and again.
pub struct LiveLine {
    is_terminal: bool,
    shown: String,
    told_at: Instant,
}

impl LiveLine {
    /// On standard error.
    pub fn new() -> Self {
        Self { is_terminal: std::io::stderr().is_terminal(), shown: String::new(), told_at: Instant::now() }
    }

    /// What it says now.
    pub fn show(&mut self, line: &str) {
        if line == self.shown {
            return;
        }
        if self.is_terminal {
            self.shown = line.to_owned();
            self.draw();
        } else if self.told_at.elapsed() >= TOLD_EVERY {
            self.shown = line.to_owned();
            self.told_at = Instant::now();
            write(&format!("{line}\n"));
        }
    }

    /// Tells something else, above it.
    pub fn say(&mut self, text: impl std::fmt::Display) {
        self.clear();
        write(&format!("{text}\n"));
        self.draw();
    }

    /// Takes it away.
    pub fn clear(&self) {
        if self.is_terminal {
            write("\r\x1b[2K");
        }
    }

    fn draw(&self) {
        if self.is_terminal {
            let line: String = self.shown.chars().take(WIDTH - 1).collect();
            write(&format!("\r\x1b[2K{line}"));
        }
    }
}

/// Its reader may be gone, which changes nothing.
fn write(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}
